//! What somebody keeps: downloads of releases, and torrents that were handed in.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use driver::Source;
use media::container;
use serde::{Deserialize, Serialize};
use torrent::{Magnet, Metainfo};
use utoipa::ToSchema;

use super::{
    Problems,
    network::SwarmSize,
    play::{self, Playback},
};
use crate::{
    cinema::Cinema,
    downloads::Live,
    http::{
        extract::{Json, Path, Query},
        problem::{Code, Problem},
    },
    swarm,
};

/// What a download is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DownloadState {
    /// It waits for its turn.
    Queued,
    /// It fetches.
    Fetching,
    /// What is on disk is compared with its hashes.
    Checking,
    /// All that was wanted is there.
    Done,
    /// Somebody paused it.
    Paused,
    /// It stopped with an error.
    Failed,
}

impl From<library::DownloadState> for DownloadState {
    fn from(state: library::DownloadState) -> Self {
        match state {
            library::DownloadState::Queued => Self::Queued,
            library::DownloadState::Fetching => Self::Fetching,
            library::DownloadState::Checking => Self::Checking,
            library::DownloadState::Done => Self::Done,
            library::DownloadState::Paused => Self::Paused,
            library::DownloadState::Failed => Self::Failed,
        }
    }
}

/// A file of a download.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DownloadFile {
    /// Its place in the torrent.
    index: usize,
    /// Its path, a stranger's text.
    path: String,
    /// Its length, bytes.
    length: u64,
    /// Whether it is a film or sound that Kinora knows.
    playable: bool,
    /// How much of it is here and verified, bytes.
    done_bytes: u64,
}

/// A torrent that somebody asked to keep.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Download {
    /// Its id.
    id: String,
    /// The film or episode it is for, if it came from a catalogue.
    #[schema(required)]
    item_id: Option<String>,
    /// Its name, maybe a stranger's text.
    name: String,
    /// What it is doing.
    state: DownloadState,
    /// Bytes there and verified.
    done_bytes: u64,
    /// Bytes wanted; 0 until known.
    size_bytes: u64,
    /// Bytes per second.
    down_rate: u64,
    /// Bytes per second.
    up_rate: u64,
    /// Connected peers.
    peers: u32,
    /// How many take part in all, once a tracker or the DHT told.
    #[schema(required)]
    swarm: Option<SwarmSize>,
    /// Bytes given per byte taken.
    ratio: f64,
    /// Whether the cache may not evict it.
    pinned: bool,
    /// Its files; empty until known.
    files: Vec<DownloadFile>,
    /// Why it failed.
    #[schema(required)]
    error: Option<Problem>,
}

impl Download {
    /// A download as the library has it, with what its torrent says now.
    pub(crate) fn new(download: library::Download, live: Option<Live>) -> Self {
        let live = live.unwrap_or_default();
        let done_bytes = live.done_bytes.unwrap_or(download.done_bytes);
        let uploaded = download.uploaded_bytes.max(live.stats.uploaded);
        let ratio = if done_bytes == 0 { 0.0 } else { uploaded as f64 / done_bytes as f64 };
        let failed = download.state == library::DownloadState::Failed;
        let error = download.error.filter(|_| failed).map(|code| {
            let code = Code::by_name(&code).unwrap_or(Code::Internal);
            Problem::from(code)
        });
        Self {
            id: download.id,
            item_id: download.item_id,
            name: download.name,
            state: download.state.into(),
            done_bytes,
            size_bytes: download.size_bytes,
            down_rate: live.stats.down_rate,
            up_rate: live.stats.up_rate,
            peers: live.stats.peers,
            swarm: live.stats.swarm.map(SwarmSize::from),
            ratio,
            pinned: download.pinned,
            files: live.files.into_iter().map(DownloadFile::from).collect(),
            error,
        }
    }
}

impl From<crate::downloads::LiveFile> for DownloadFile {
    fn from(file: crate::downloads::LiveFile) -> Self {
        Self {
            playable: container::by_name(&file.path).is_some(),
            index: file.index,
            path: file.path,
            length: file.length,
            done_bytes: file.done_bytes,
        }
    }
}

/// All downloads.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Downloads {
    /// Oldest first.
    downloads: Vec<Download>,
}

/// What is kept and fetched.
#[utoipa::path(get, path = "/api/v1/downloads", tag = "downloads",
    responses((status = 200, body = Downloads), Problems))]
pub(super) async fn list(State(cinema): State<Cinema>) -> Result<Json<Downloads>, Problem> {
    let known = cinema.library(library::Library::downloads).await?;
    let mut downloads = Vec::with_capacity(known.len());
    for download in known {
        downloads.push(cinema.shown(download).await);
    }
    Ok(Json(Downloads { downloads }))
}

/// What to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DownloadRequest {
    /// The film or episode.
    item_id: String,
    /// Its release.
    release_id: String,
}

/// Keeps a release: fetches all of it and never evicts it.
#[utoipa::path(post, path = "/api/v1/downloads", tag = "downloads", request_body = DownloadRequest,
    responses((status = 201, body = Download), Problems))]
pub(super) async fn add(
    State(cinema): State<Cinema>,
    Json(request): Json<DownloadRequest>,
) -> Result<(StatusCode, Json<Download>), Problem> {
    let languages = cinema.languages();
    let item = cinema.library(move |library| library.item(&request.item_id, &languages)).await?;
    let item = item.ok_or(Code::ItemUnknown)?;
    let release = item.releases.iter().find(|release| release.id == request.release_id);
    let release = release.ok_or(Code::ReleaseUnknown)?.clone();
    let download = cinema.keep_release(&item, &release).await?;
    Ok((StatusCode::CREATED, Json(cinema.shown(download).await)))
}

/// What changes about a download.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DownloadPatch {
    /// Whether it rests.
    paused: Option<bool>,
    /// Whether the cache may not evict it.
    pinned: Option<bool>,
}

/// Pauses, resumes, pins or unpins a download.
#[utoipa::path(patch, path = "/api/v1/downloads/{id}", tag = "downloads", request_body = DownloadPatch,
    params(("id" = String, Path)), responses((status = 200, body = Download), Problems))]
pub(super) async fn change(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(patch): Json<DownloadPatch>,
) -> Result<Json<Download>, Problem> {
    if let Some(pinned) = patch.pinned {
        cinema.pin_download(&id, pinned).await?;
    }
    match patch.paused {
        Some(true) => cinema.pause_download(&id).await?,
        Some(false) => cinema.resume_download(&id).await?,
        None => {}
    }
    let download = cinema.library(move |library| library.download(&id)).await?;
    Ok(Json(cinema.shown(download.ok_or(Code::DownloadUnknown)?).await))
}

/// What happens to the files.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Removal {
    /// Whether the files are deleted too; if not, they stay in the cache.
    #[serde(default)]
    delete_files: bool,
}

/// Removes a download.
#[utoipa::path(delete, path = "/api/v1/downloads/{id}", tag = "downloads",
    params(("id" = String, Path), Removal), responses((status = 204), Problems))]
pub(super) async fn remove(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Query(removal): Query<Removal>,
) -> Result<StatusCode, Problem> {
    cinema.remove_download(&id, removal.delete_files).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A magnet link that somebody handed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MagnetRequest {
    /// The link.
    magnet: String,
}

/// Takes a torrent that somebody handed in: a magnet link as JSON, or the bytes of a `.torrent` file.
#[utoipa::path(post, path = "/api/v1/torrents", tag = "downloads",
    request_body(content((MagnetRequest = "application/json"), (Vec<u8> = "application/x-bittorrent"))),
    responses((status = 201, body = Download), Problems))]
pub(super) async fn hand_in(
    State(cinema): State<Cinema>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Download>), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|given| given.to_str().ok());
    let source = match given.and_then(|given| given.split(';').next()).map(str::trim) {
        Some("application/json") => Source::Magnet(parse_magnet(&body)?),
        Some("application/x-bittorrent") => Source::Metainfo(parse_torrent(body).await?),
        _ => return Err(Code::TypeWrong.into()),
    };
    let download = cinema.keep_source(source).await?;
    Ok((StatusCode::CREATED, Json(cinema.shown(download).await)))
}

fn parse_magnet(body: &[u8]) -> Result<Box<Magnet>, Problem> {
    let request: MagnetRequest = serde_json::from_slice(body)
        .map_err(|error| Problem::from(Code::BodyWrong).detail(error))?;
    swarm::parse_magnet(&request.magnet)
}

async fn parse_torrent(body: Bytes) -> Result<Arc<Metainfo>, Problem> {
    tokio::task::spawn_blocking(move || Metainfo::parse(&body))
        .await
        .map_err(|_| Code::Internal)?
        .map(Arc::new)
        .map_err(|bad| Problem::from(Code::TorrentBad).detail(bad))
}

/// Which file of a torrent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRequest {
    /// Its place in the torrent.
    file: usize,
}

/// Plays a file of a torrent that somebody handed in.
#[utoipa::path(post, path = "/api/v1/torrents/{id}/play", tag = "downloads", request_body = FileRequest,
    params(("id" = String, Path)), responses((status = 200, body = Playback), Problems))]
pub(super) async fn play_file(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
    Json(request): Json<FileRequest>,
) -> Result<Json<Playback>, Problem> {
    let download = cinema.library(move |library| library.download(&id)).await?;
    let download = download.ok_or(Code::DownloadUnknown)?;
    play::of_file(&cinema, &download, request.file).await.map(Json)
}
