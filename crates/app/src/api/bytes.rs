//! Bytes for players and pages: films by range, pictures, subtitles, all under signed paths.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Extension, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use catalogue::{
    Digest, SubtitlePlace, SubtitleTrack,
    channel::{Key, PackKind},
};
use channels::PackError;
use driver::Torrent;
use futures_util::TryStreamExt as _;
use media::{
    image,
    subtitle::{self, Format, Hints},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Problems, scenes};
use crate::{
    bytes::Served,
    cinema::Cinema,
    http::{
        policy::Subject,
        problem::{Code, Problem},
        signed::Scope,
    },
    pictures::Which,
    playback::{Seat, read_whole},
    swarm::{FileName, Selected, infohash},
};

/// How long a film's address works at least.
const STREAM_LIFETIME: Duration = Duration::from_secs(6 * 3600);
/// A player waits so many times as long for a torrent's description as the page: it cannot ask again by itself.
const PLAYER_PATIENCE: u32 = 5;
/// How long a subtitle or a picture out of a torrent may take.
pub(super) const SMALL_FILE_PATIENCE: Duration = Duration::from_secs(20);
/// What begins the subject of an address of a sheet of small pictures; the file follows.
const SHEET_OF: &str = "sheet ";
/// How long a picture or subtitle out of a pack may take.
const PACK_PATIENCE: Duration = Duration::from_secs(120);
/// How long an answer waits for it: a browser asks for few pictures at one time, and again when it shows them again.
const PICTURE_PATIENCE: Duration = Duration::from_secs(20);
/// What RFC 8187 lets stand unencoded in a header parameter, less what a path could trip over.
const NAME: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'!');

/// What a film's or subtitle's address was signed for: `INFOHASH/path` or `INFOHASH#index`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) infohash: String,
    pub(super) file: FileName,
}

impl Target {
    fn subject(&self) -> String {
        match &self.file {
            FileName::Path(path) => format!("{}/{path}", self.infohash),
            FileName::Index(index) => format!("{}#{index}", self.infohash),
        }
    }

    fn parse(subject: &str) -> Option<Self> {
        let place = subject.find(['/', '#'])?;
        let (infohash, file) = subject.split_at(place);
        let file = match file.strip_prefix('#') {
            Some(index) => FileName::Index(index.parse().ok()?),
            None => FileName::Path(file.strip_prefix('/')?.to_owned()),
        };
        Some(Self { infohash: infohash.to_owned(), file })
    }

    /// The address of the film; its last part is only for people and players that look at endings.
    pub(super) fn stream_path(&self, cinema: &Cinema, name: &str, now: SystemTime) -> String {
        let signer = &cinema.guard.signer;
        let word = signer.sign(Scope::Stream, &self.subject(), now, STREAM_LIFETIME);
        let name = if matches!(name, "" | "." | "..") { "film" } else { name };
        let name = name.replace(['/', '\\', '\0'], "_");
        format!("/stream/{word}/{}", utf8_percent_encode(&name, NAME))
    }

    /// The address of a sheet of small pictures.
    pub(super) fn sheet_path(&self, cinema: &Cinema, now: SystemTime) -> String {
        let subject = format!("{SHEET_OF}{}", self.subject());
        format!("/image/{}", cinema.guard.signer.sign(Scope::Image, &subject, now, STREAM_LIFETIME))
    }

    pub(super) async fn select(
        &self,
        cinema: &Cinema,
        patience: Duration,
    ) -> Result<Selected, Problem> {
        let torrent = cinema.swarm.by_name(&self.infohash).ok_or(Code::PlaybackUnknown)?;
        cinema.swarm.select(torrent, &self.file, patience).await
    }
}

/// A film, or a part of it. A read waits until its bytes are verified; it never gets others.
#[utoipa::path(get, path = "/stream/{signed}/{name}", tag = "bytes",
    params(("signed" = String, Path, description = "A signed word"), ("name" = String, Path, description = "Any name")),
    responses((status = 200, description = "The whole file"), (status = 206, description = "The part that Range asked for"),
        (status = 416, description = "The file has no such part"), Problems))]
pub(super) async fn stream(
    State(cinema): State<Cinema>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(Subject(subject)): Extension<Subject>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let target = Target::parse(&subject).ok_or(Code::LinkForged)?;
    let seat = cinema.playbacks.seat(peer.ip(), &subject)?;
    let selected = target.select(&cinema, cinema.metadata_patience * PLAYER_PATIENCE).await?;
    // It may rest since its film was watched last.
    let claim = cinema.claims.read().await;
    selected.torrent.pause(false).await;
    drop(claim);
    let served = Served::new(selected.torrent.clone(), selected.file);
    let served = served.await.map_err(|error| Problem::from(Code::FileUnknown).detail(error))?;
    let mut response = served.answer(&method, &headers);
    if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(unsatisfiable(selected.length()));
    }
    insert(&mut response, header::CONTENT_DISPOSITION, &disposition(selected.name()));
    Ok(response.map(|body| counted(body, cinema, selected.torrent, seat)))
}

fn unsatisfiable(len: u64) -> Response {
    let mut response = Code::RangeWrong.into_response();
    insert(&mut response, header::CONTENT_RANGE, &format!("bytes */{len}"));
    response
}

/// The same body, telling how much of the film was taken. It holds its seat until the player is done or gone.
fn counted(body: Body, cinema: Cinema, torrent: Torrent, seat: Seat) -> Body {
    let taken = body.into_data_stream().inspect_ok(move |bytes| {
        let _held = &seat;
        cinema.playbacks.took(&torrent, bytes.len() as u64);
    });
    Body::from_stream(taken)
}

/// RFC 6266 with the extended form of RFC 8187: nothing a stranger put into a name can end the header.
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._ ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().take(120).map(plain).collect();
    let name: String = name.chars().take(120).collect();
    format!("inline; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, NAME))
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A picture, made anew by Kinora (WebP).
#[utoipa::path(get, path = "/image/{signed}", tag = "bytes",
    params(("signed" = String, Path, description = "A signed word")),
    responses((status = 200, description = "A WebP picture", content_type = "image/webp"), Problems))]
pub(super) async fn picture(
    State(cinema): State<Cinema>,
    Extension(Subject(subject)): Extension<Subject>,
) -> Result<Response, Problem> {
    if let Some(target) = subject.strip_prefix(SHEET_OF) {
        return scenes::sheet(&cinema, &Target::parse(target).ok_or(Code::LinkForged)?).await;
    }
    let (which, id) = Which::of_subject(&subject).ok_or(Code::LinkForged)?;
    let (picture, release) = find_picture(&cinema, which, id.to_owned()).await?;
    let bytes = match (&picture.art, release) {
        (catalogue::Art::InTorrent(path), Some(release)) => {
            let file = FileName::Path(path.to_string());
            let bytes = from_torrent(&cinema, &release, &file).await?;
            cinema.pictures.made_anew(which, move || Ok(bytes.to_vec())).await?
        }
        (catalogue::Art::Sha256(hash), _) => {
            let fetched = from_pack(&cinema, picture.source_id.clone(), PackKind::Pictures, *hash);
            cinema.pictures.of_hash(which, *hash, fetched).await?
        }
        _ => cinema.pictures.of_catalogue(picture, which).await?,
    };
    let mut response = Response::new(Body::from(bytes));
    insert(&mut response, header::CONTENT_TYPE, image::MIME);
    insert(&mut response, header::CACHE_CONTROL, "private, max-age=86400");
    insert(&mut response, header::CONTENT_DISPOSITION, "inline");
    Ok(response)
}

async fn find_picture(
    cinema: &Cinema,
    which: Which,
    id: String,
) -> Result<(library::Picture, Option<library::Release>), Problem> {
    let languages = cinema.languages();
    let found = cinema
        .library(move |library| {
            if which != Which::Still {
                return Ok(library
                    .title(&id, &languages)?
                    .and_then(|title| of_title(title, which)));
            }
            let Some(item) = library.item(&id, &languages)? else { return Ok(None) };
            let series = library.title(&item.title_id, &languages)?;
            Ok(series.and_then(|series| of_episode(series, &id)))
        })
        .await?;
    found.ok_or_else(|| Code::ImageUnknown.into())
}

fn of_title(
    title: library::TitleDetail,
    which: Which,
) -> Option<(library::Picture, Option<library::Release>)> {
    let picture = if which == Which::Backdrop { title.backdrop } else { title.card.poster };
    Some((picture?, title.releases.into_iter().next()))
}

fn of_episode(
    series: library::TitleDetail,
    id: &str,
) -> Option<(library::Picture, Option<library::Release>)> {
    let mut episodes = series.seasons.into_iter().flat_map(|season| season.episodes);
    let episode = episodes.find(|episode| episode.id == id)?;
    Some((episode.still?, episode.releases.into_iter().next()))
}

/// A picture in a torrent is only fetched from torrents that take part already: looking at a grid tells
/// nobody what somebody might watch.
async fn from_torrent(
    cinema: &Cinema,
    release: &library::Release,
    file: &FileName,
) -> Result<Bytes, Problem> {
    let torrent = cinema.swarm.find(&release.hashes).ok_or(Code::ImageUnknown)?;
    let selected = cinema.swarm.select(torrent, file, cinema.metadata_patience).await?;
    read_whole(&selected, image::LEN_MAX, SMALL_FILE_PATIENCE).await
}

/// A picture or subtitle out of a channel's packs. Who gives up waiting does not end the fetching.
pub(crate) async fn from_pack(
    cinema: &Cinema,
    source: String,
    kind: PackKind,
    hash: Digest<32>,
) -> Result<Vec<u8>, Problem> {
    let unknown = match kind {
        PackKind::Pictures => Code::ImageUnknown,
        PackKind::Subtitles => Code::FileUnknown,
    };
    let key = Key::parse(&source).ok_or(unknown)?;
    let (packs, session) = (cinema.packs.clone(), cinema.swarm.session().ok());
    let work =
        tokio::spawn(
            async move { packs.get(session.as_ref(), key, kind, hash.0, PACK_PATIENCE).await },
        );
    let done = tokio::time::timeout(PICTURE_PATIENCE, work).await;
    let done = done.map_err(|_| Code::Late)?.map_err(|_| Code::Internal)?;
    done.map_err(|error| {
        let code = if matches!(error, PackError::Late) { Code::Late } else { unknown };
        Problem::from(code).detail(error)
    })
}

/// What a subtitle's address was signed for: a file of a torrent, or a thing in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SubtitleTarget {
    InTorrent(Target),
    InPack { channel: String, hash: Digest<32>, format: String },
}

impl SubtitleTarget {
    /// What a release of a catalogue names; nothing for what only its publisher has.
    pub(super) fn of(release: &library::Release, track: &SubtitleTrack) -> Option<Self> {
        Some(match &track.place {
            SubtitlePlace::InTorrent(path) => {
                let file = FileName::Path(path.to_string());
                Self::InTorrent(Target { infohash: infohash(&release.hashes), file })
            }
            SubtitlePlace::Sha256(hash) => Self::InPack {
                channel: release.source_id.clone(),
                hash: *hash,
                format: track.format.to_string(),
            },
            SubtitlePlace::File(_) => return None,
        })
    }

    fn subject(&self) -> String {
        match self {
            Self::InTorrent(target) => target.subject(),
            Self::InPack { channel, hash, format } => format!("kinora:{channel} {hash}.{format}"),
        }
    }

    fn parse(subject: &str) -> Option<Self> {
        let Some(pack) = subject.strip_prefix("kinora:") else {
            return Target::parse(subject).map(Self::InTorrent);
        };
        let (channel, name) = pack.split_once(' ')?;
        let (hash, format) = name.split_once('.')?;
        let (channel, format) = (channel.to_owned(), format.to_owned());
        Some(Self::InPack { channel, hash: hash.to_owned().try_into().ok()?, format })
    }

    /// The address of a subtitle as WebVTT, with what is known about it.
    pub(super) fn path(&self, cinema: &Cinema, language: &str, now: SystemTime) -> String {
        let subject = format!("{language} {}", self.subject());
        let signer = &cinema.guard.signer;
        format!("/subtitle/{}.vtt", signer.sign(Scope::Subtitle, &subject, now, STREAM_LIFETIME))
    }

    /// The file's bytes, and its format as its name says it.
    async fn read(self, cinema: &Cinema) -> Result<(Bytes, Option<Format>), Problem> {
        match self {
            Self::InTorrent(target) => {
                let selected = target.select(cinema, cinema.metadata_patience).await?;
                let bytes = read_whole(&selected, subtitle::LEN_MAX, SMALL_FILE_PATIENCE).await?;
                Ok((bytes, subtitle::format_by_name(selected.name())))
            }
            Self::InPack { channel, hash, format } => {
                let bytes = from_pack(cinema, channel, PackKind::Subtitles, hash).await?;
                Ok((bytes.into(), subtitle::format_by_name(&format!("x.{format}"))))
            }
        }
    }
}

/// A subtitle, converted to WebVTT.
#[utoipa::path(get, path = "/subtitle/{signed}", tag = "bytes",
    params(("signed" = String, Path, description = "A signed word and `.vtt`")),
    responses((status = 200, description = "WebVTT", content_type = "text/vtt"), Problems))]
pub(super) async fn subtitle_text(
    State(cinema): State<Cinema>,
    Extension(Subject(subject)): Extension<Subject>,
) -> Result<Response, Problem> {
    let (language, target) = subject.split_once(' ').ok_or(Code::LinkForged)?;
    let language = language.to_owned();
    let target = SubtitleTarget::parse(target).ok_or(Code::LinkForged)?;
    let (bytes, format) = target.read(&cinema).await?;
    let work = move || {
        let hints = Hints { language: Some(&language), format, frame_rate: None };
        subtitle::to_vtt(&bytes, &hints)
    };
    let text = tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Code::Internal)?
        .map_err(|bad| Problem::from(Code::SubtitleBad).detail(bad))?;
    let mut response = Response::new(Body::from(text));
    insert(&mut response, header::CONTENT_TYPE, "text/vtt; charset=utf-8");
    insert(&mut response, header::CONTENT_DISPOSITION, "inline");
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_survives_its_subject() {
        for file in [FileName::Path("a dir/b#1.mkv".into()), FileName::Index(7)] {
            let target = Target { infohash: "00ff".into(), file };
            assert_eq!(Target::parse(&target.subject()), Some(target.clone()));
            let subtitle = SubtitleTarget::InTorrent(target);
            assert_eq!(SubtitleTarget::parse(&subtitle.subject()), Some(subtitle));
        }
        let (channel, format) = ("tkrq".to_owned(), "srt".to_owned());
        let packed = SubtitleTarget::InPack { channel, hash: Digest([7; 32]), format };
        assert_eq!(SubtitleTarget::parse(&packed.subject()), Some(packed));
        assert_eq!(SubtitleTarget::parse("kinora:tkrq 00.srt"), None);
        for bad in ["", "00ff", "00ff#", "00ff#x"] {
            assert_eq!(Target::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_name_can_end_its_header() {
        for name in
            ["a\r\nSet-Cookie: x=1", "a\"; filename=b", "\u{202e}fdp.exe", "ü 漢.mkv", "a;b,c=d"]
        {
            let text = disposition(name);
            assert!(text.is_ascii() && !text.contains(['\r', '\n', '\u{202e}']), "{text}");
            assert_eq!(text.matches('"').count(), 2, "{text}");
            HeaderValue::from_str(&text).unwrap();
        }
        assert!(disposition("ü.mkv").ends_with("filename*=UTF-8''%C3%BC.mkv"));
    }
}
