//! Playing: from a chosen item to an address that a player reads, and how it is doing.

use std::time::{Duration, SystemTime};

use axum::{extract::State, http::StatusCode};
use engine::{StallWhy, TorrentStats};
use media::container;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    bytes::{SubtitleTarget, Target},
    network::SwarmSize,
    titles::{Release, releases},
};
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    masters::{CHAPTERS, PREVIEWS},
    playback::{self, Stage},
    swarm::{FileName, Selected, infohash},
};

/// What somebody wants to watch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlayRequest {
    /// A title or an episode; a series stands for its next episode.
    item_id: String,
    /// Which release; the best that can be played if not given.
    release_id: Option<String>,
    /// Where to start, seconds; where they stopped if not given.
    position_s: Option<f64>,
    /// Codecs that the player knows (`h264`, `vp9`, `aac`…); any if not given.
    can_play: Option<Vec<String>>,
}

/// A subtitle with its address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlaybackSubtitle {
    /// Its id.
    id: String,
    /// Its language (BCP 47).
    language: String,
    /// What tells it from others of the same language.
    #[schema(required)]
    label: Option<String>,
    /// Signed path of its WebVTT.
    url: String,
}

/// A film that is ready to be asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Playback {
    /// Its id.
    id: String,
    /// The film, the episode, or the download's file.
    item_id: String,
    /// The title it belongs to.
    title_id: String,
    /// The release that was chosen.
    release_id: String,
    /// The title's name.
    title: String,
    /// Of an episode, its place and name.
    #[schema(required)]
    episode_label: Option<String>,
    /// Signed path of the bytes.
    stream_url: String,
    /// The same as an absolute address, for players outside the browser.
    external_url: String,
    /// Media type of the bytes.
    mime: String,
    /// Running time, seconds, as far as known.
    #[schema(required)]
    duration_s: Option<f64>,
    /// Where to start, seconds.
    resume_s: f64,
    /// Its subtitles.
    subtitles: Vec<PlaybackSubtitle>,
    /// Every release of the item.
    releases: Vec<Release>,
    /// The episode after it.
    #[schema(required)]
    next_item_id: Option<String>,
    /// Size of the file, bytes.
    size_bytes: u64,
    /// The torrent's name in hexadecimal.
    infohash: String,
}

/// Starts a film or an episode.
#[utoipa::path(post, path = "/api/v1/play", tag = "play", request_body = PlayRequest,
    responses((status = 200, body = Playback), Problems))]
pub(super) async fn play(
    State(cinema): State<Cinema>,
    Json(request): Json<PlayRequest>,
) -> Result<Json<Playback>, Problem> {
    let (languages, id) = (cinema.languages(), request.item_id.clone());
    let (item, title) = cinema
        .library(move |library| {
            let Some(item) = library.item(&id, &languages)? else { return Ok((None, None)) };
            let title = library.title(&item.title_id, &languages)?;
            Ok((Some(item), title))
        })
        .await?;
    let (item, title) = item.zip(title).ok_or(Code::ItemUnknown)?;
    let release = permitted(&cinema, &title, &item, &request)?.clone();
    let claim = cinema.claims.read().await;
    let torrent = cinema.swarm.of_release(&release).await?;
    if !is_stopped(&title) {
        torrent.pause(false).await;
    }
    let resume_s = resume(&item, request.position_s);
    let file = FileName::Path(release.record.path.to_string());
    let resume = Duration::from_secs_f64(resume_s);
    let begun =
        cinema.playbacks.begin(&cinema.swarm, item.id.clone(), torrent, file.clone(), resume)?;
    drop(claim);
    let target = Target { infohash: infohash(&release.hashes), file };
    Ok(Json(of_item(&cinema, &begun, item, release, &target, resume_s)))
}

/// Whether nothing of a title is fetched any more.
fn is_stopped(title: &library::TitleDetail) -> bool {
    title.withdrawn.is_some() || title.is_blocked_by_a_filter()
}

/// What is played, unless it is blocked. Of a title that was withdrawn, or that a filter blocks, nothing is fetched any more: what is whole on disk
/// stays its viewer's.
fn permitted<'a>(
    cinema: &Cinema,
    title: &library::TitleDetail,
    item: &'a library::Item,
    request: &PlayRequest,
) -> Result<&'a library::Release, Problem> {
    match title {
        title if title.blocked => Err(Code::Blocked.into()),
        title if is_stopped(title) => {
            let mut named = item.releases.iter().filter(|release| match &request.release_id {
                Some(id) => release.id == *id,
                None => true,
            });
            let whole = named.find(|release| cinema.swarm.is_whole(release));
            let why = if title.withdrawn.is_some() { Code::Withdrawn } else { Code::Filtered };
            whole.ok_or_else(|| why.into())
        }
        _ => choose(item, request),
    }
}

/// The named release, or the first one whose codecs the player knows, or the first one.
fn choose<'a>(
    item: &'a library::Item,
    request: &PlayRequest,
) -> Result<&'a library::Release, Problem> {
    if let Some(id) = &request.release_id {
        let named = item.releases.iter().find(|release| release.id == *id);
        return named.ok_or_else(|| Code::ReleaseUnknown.into());
    }
    let playable = request.can_play.as_ref().and_then(|known| {
        item.releases.iter().find(|release| {
            let codecs = [&release.record.video_codec, &release.record.audio_codec];
            codecs.into_iter().flatten().all(|codec| known.iter().any(|one| **one == **codec))
        })
    });
    playable.or(item.releases.first()).ok_or_else(|| Code::ReleaseUnknown.into())
}

/// Where to start: as asked; else where they stopped, unless only the credits are left.
fn resume(item: &library::Item, asked: Option<f64>) -> f64 {
    let stopped = item.progress.as_ref().filter(|progress| progress.fraction() < 0.95);
    let at = asked.or(stopped.map(|progress| progress.position_s)).unwrap_or(0.0);
    // Finite and within a day, so that it is a Duration.
    if at.is_finite() { at.clamp(0.0, 86_400.0) } else { 0.0 }
}

fn of_item(
    cinema: &Cinema,
    begun: &playback::Playback,
    item: library::Item,
    release: library::Release,
    target: &Target,
    resume_s: f64,
) -> Playback {
    let now = SystemTime::now();
    let name = release.record.path.rsplit('/').next().unwrap_or_default().to_owned();
    let stream_url = target.stream_path(cinema, &name, now);
    let known = container::by_name(&name).or(container::by_name(&release.record.container));
    let subtitle = |subtitle: &library::Subtitle| {
        let track = &subtitle.track;
        Some(PlaybackSubtitle {
            id: subtitle.id.clone(),
            language: track.language.to_string(),
            label: track.label.as_ref().map(ToString::to_string),
            url: SubtitleTarget::of(&release, track)?.path(cinema, &track.language, now),
        })
    };
    Playback {
        id: begun.id.clone(),
        external_url: format!("{}{stream_url}", cinema.origin),
        stream_url,
        mime: known.map_or("application/octet-stream", container::mime).to_owned(),
        duration_s: item.runtime_s.map(f64::from),
        resume_s,
        subtitles: release.subtitles.iter().filter_map(subtitle).collect(),
        size_bytes: release.record.size_bytes,
        infohash: target.infohash.clone(),
        release_id: release.id,
        episode_label: item.episode.map(|(place, name)| format!("{place} {name}")),
        releases: releases(item.releases, cinema),
        item_id: item.id,
        title_id: item.title_id,
        title: item.title_name,
        next_item_id: item.next_item_id,
    }
}

/// Starts a file of a torrent that somebody handed in.
pub(super) async fn of_file(
    cinema: &Cinema,
    download: &library::Download,
    index: usize,
) -> Result<Playback, Problem> {
    let torrent = cinema.swarm.session()?.find(&download.hashes).ok_or(Code::DownloadUnknown)?;
    let file = FileName::Index(index);
    torrent.pause(false).await;
    let patience = cinema.metadata_patience;
    let selected = cinema.swarm.select(torrent.clone(), &file, patience).await?;
    let container = selected.container().ok_or(Code::NothingPlayable)?;
    let item_id = format!("{}.{index}", download.id);
    let known = item_id.clone();
    let progress = cinema.library(move |library| library.progress(&known)).await?;
    let resume_s = progress.filter(|progress| progress.fraction() < 0.95);
    let resume_s = resume_s.map_or(0.0, |progress| progress.position_s.clamp(0.0, 86_400.0));
    let resume = Duration::from_secs_f64(resume_s);
    let claim = cinema.claims.read().await;
    torrent.pause(false).await;
    let begun =
        cinema.playbacks.begin(&cinema.swarm, item_id.clone(), torrent, file.clone(), resume)?;
    drop(claim);
    let target = Target { infohash: infohash(&download.hashes), file };
    let now = SystemTime::now();
    let stream_url = target.stream_path(cinema, selected.name(), now);
    Ok(Playback {
        id: begun.id.clone(),
        title_id: item_id.clone(),
        release_id: item_id.clone(),
        item_id,
        title: selected.name().to_owned(),
        episode_label: None,
        external_url: format!("{}{stream_url}", cinema.origin),
        stream_url,
        mime: container::mime(container).to_owned(),
        duration_s: None,
        resume_s,
        subtitles: beside(cinema, &selected, &target.infohash, now),
        releases: Vec::new(),
        next_item_id: None,
        size_bytes: selected.length(),
        infohash: target.infohash,
    })
}

/// The subtitle files of the torrent; with several films in it, those that begin with this one's name.
fn beside(
    cinema: &Cinema,
    selected: &Selected,
    infohash: &str,
    now: SystemTime,
) -> Vec<PlaybackSubtitle> {
    let info = &selected.metainfo.info;
    let name = |file: usize| info.original_path(file).last().map_or("", String::as_str);
    let films = (0..info.files().len()).filter(|&file| container::by_name(name(file)).is_some());
    let single = films.count() == 1;
    let stem = selected.name().rsplit_once('.').map_or(selected.name(), |(stem, _)| stem);
    let ours = |file: &usize| {
        media::subtitle::format_by_name(name(*file)).is_some()
            && ![CHAPTERS, PREVIEWS].contains(&name(*file))
            && (single || name(*file).starts_with(stem))
    };
    let subtitle = |file: usize| {
        let language = media::subtitle::describe(name(file)).language;
        let language = language.unwrap_or_else(|| "und".to_owned());
        let target = Target { infohash: infohash.to_owned(), file: FileName::Index(file) };
        PlaybackSubtitle {
            id: file.to_string(),
            url: SubtitleTarget::InTorrent(target).path(cinema, &language, now),
            language,
            label: Some(name(file).to_owned()),
        }
    };
    (0..info.files().len()).filter(ours).map(subtitle).collect()
}

/// How a playback is doing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlaybackState {
    /// Where it stands.
    stage: StageName,
    /// What is waited for, if something is.
    #[schema(required)]
    reason: Option<Reason>,
    /// Connected peers.
    peers: u32,
    /// Connected peers that have everything.
    seeds: u32,
    /// Peers that let us download.
    unchoked: u32,
    /// Web seeds in use.
    web_seeds: u32,
    /// Addresses known and not connected.
    known_peers: u32,
    /// How many take part in all, once a tracker or the DHT told.
    #[schema(required)]
    swarm: Option<SwarmSize>,
    /// Bytes per second.
    down_rate: u64,
    /// Bytes per second.
    up_rate: u64,
    /// Bytes received since the torrent was added.
    downloaded: u64,
    /// Bytes given since the torrent was added.
    uploaded: u64,
    /// Bytes received twice or found wrong.
    wasted: u64,
    /// Those of them that were found wrong, which only somebody's lie or fault explains.
    wrong: u64,
    /// Size of the file, bytes; 0 until known.
    size_bytes: u64,
    /// Bytes of the file that are here and verified.
    on_disk_bytes: u64,
    /// The parts of the file that are here, as fractions of it.
    on_disk: Vec<(f64, f64)>,
    /// Copies of the rarest piece among connected peers.
    availability_min: u32,
    /// Running time as the file itself says it, seconds; once its index is known.
    #[schema(required)]
    duration_s: Option<f64>,
}

/// Where a playback stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// The torrent's description is being fetched.
    Metadata,
    /// Nobody is connected yet.
    Peers,
    /// The container's index is being fetched.
    Index,
    /// The first seconds are being fetched.
    Filling,
    /// The player has what it asks for.
    Ready,
    /// It ran, and waits.
    Stalled,
}

impl From<Stage> for StageName {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Metadata => Self::Metadata,
            Stage::Peers => Self::Peers,
            Stage::Index => Self::Index,
            Stage::Filling => Self::Filling,
            Stage::Ready => Self::Ready,
            Stage::Stalled => Self::Stalled,
        }
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The torrent's description.
    Metadata,
    /// What is on disk is being compared with its hashes.
    Checking,
    /// Nobody reachable was found yet.
    NoPeers,
    /// Peers are connected and none lets us download.
    Choked,
    /// Nobody connected has this part.
    Missing,
    /// It is on its way.
    Fetching,
}

impl From<StallWhy> for Reason {
    fn from(why: StallWhy) -> Self {
        match why {
            StallWhy::Metadata => Self::Metadata,
            StallWhy::Checking => Self::Checking,
            StallWhy::NoPeers => Self::NoPeers,
            StallWhy::Choked => Self::Choked,
            StallWhy::Missing => Self::Missing,
            StallWhy::Fetching => Self::Fetching,
        }
    }
}

impl PlaybackState {
    /// How a playback is doing, given how its torrent does.
    pub(crate) fn new(playback: &playback::Playback, stats: &TorrentStats) -> Self {
        let selected = playback.selected();
        let size = selected.map_or(0, Selected::length);
        let ranges = selected.map(|file| file.torrent.on_disk(file.file)).unwrap_or_default();
        let fraction = |at: u64| if size == 0 { 0.0 } else { at as f64 / size as f64 };
        let duration = playback.index().and_then(|index| index.duration);
        Self {
            stage: playback.stage(stats).into(),
            reason: playback.stall(stats).map(Reason::from),
            peers: stats.peers,
            seeds: stats.seeds,
            unchoked: stats.unchoked,
            web_seeds: stats.web_seeds,
            known_peers: stats.known_peers,
            swarm: stats.swarm.map(SwarmSize::from),
            down_rate: stats.down_rate,
            up_rate: stats.up_rate,
            downloaded: stats.downloaded,
            uploaded: stats.uploaded,
            wasted: stats.wasted,
            wrong: stats.wrong,
            size_bytes: size,
            on_disk_bytes: ranges.iter().map(|range| range.end - range.start).sum(),
            on_disk: ranges.iter().map(|part| (fraction(part.start), fraction(part.end))).collect(),
            availability_min: stats.availability_min,
            duration_s: duration.map(|duration| duration.as_secs_f64()),
        }
    }
}

/// How a playback is doing.
#[utoipa::path(get, path = "/api/v1/playbacks/{id}", tag = "play", params(("id" = String, Path)),
    responses((status = 200, body = PlaybackState), Problems))]
pub(super) async fn state(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<PlaybackState>, Problem> {
    let playback = cinema.playbacks.get(&id).ok_or(Code::PlaybackUnknown)?;
    let stats = playback.torrent.stats().await.map_err(|_| Code::PlaybackUnknown)?;
    Ok(Json(PlaybackState::new(&playback, &stats)))
}

/// Says that nobody watches any more.
#[utoipa::path(delete, path = "/api/v1/playbacks/{id}", tag = "play", params(("id" = String, Path)),
    responses((status = 204), Problems))]
pub(super) async fn end(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    cinema.playbacks.end(&id).ok_or(Code::PlaybackUnknown)?;
    cinema.review_sharing().await?;
    Ok(StatusCode::NO_CONTENT)
}
