//! What a title's torrent says of its time line: chapters, and small pictures of its moments.

use std::{collections::BTreeMap, time::SystemTime};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use media::{
    image::{self, Size},
    timed_text::{self, PicturePart, TimedText},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Problems,
    bytes::{SMALL_FILE_PATIENCE, Target},
};
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path},
        problem::{Code, Problem},
    },
    masters::{CHAPTERS, PREVIEWS},
    playback::{Playback, read_whole},
    swarm::{FileName, infohash},
};

/// The most sheets of small pictures of a title.
const SHEETS_MAX: usize = 64;
/// Sheets are shown as large as they are: parts of them are named in pixels.
const SHEET: Size = Size { width: 4096, height: 4096 };

/// What is known of a film's time line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Scenes {
    /// Its chapters in order.
    chapters: Vec<SceneChapter>,
    /// Signed paths of the sheets of small pictures.
    sheets: Vec<String>,
    /// Its small pictures in order.
    previews: Vec<Preview>,
}

/// A chapter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SceneChapter {
    /// Where it begins, seconds.
    start_s: f64,
    /// Its name.
    name: String,
}

/// A small picture: a part of a sheet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview {
    /// From when it holds, seconds.
    start_s: f64,
    /// Until when, seconds.
    end_s: f64,
    /// The sheet's place in the list.
    sheet: usize,
    /// Left edge, pixels.
    x: u32,
    /// Upper edge, pixels.
    y: u32,
    /// Width, pixels.
    width: u32,
    /// Height, pixels.
    height: u32,
}

/// Chapters and small pictures that lie beside a film in its torrent; empty lists if there are none. Waits until the
/// torrent's description is known.
#[utoipa::path(get, path = "/api/v1/playbacks/{id}/scenes", tag = "play", params(("id" = String, Path)),
    responses((status = 200, body = Scenes), Problems))]
pub(super) async fn scenes(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Scenes>, Problem> {
    let playback = cinema.playbacks.get(&id).ok_or(Code::PlaybackUnknown)?;
    let folder = folder_of(&cinema, &playback).await?;
    let chapters = list(&cinema, &playback, format!("{folder}{CHAPTERS}")).await?;
    let previews = list(&cinema, &playback, format!("{folder}{PREVIEWS}")).await?;
    let mut sheets = BTreeMap::new();
    let previews = previews.iter().filter_map(|entry| {
        let part = PicturePart::parse(&entry.text)?;
        let next = sheets.len();
        if next == SHEETS_MAX && !sheets.contains_key(&part.file) {
            return None;
        }
        let sheet = *sheets.entry(part.file.clone()).or_insert(next);
        Some(preview(entry, &part, sheet))
    });
    let previews = previews.collect();
    let infohash = infohash(&playback.torrent.hashes());
    let mut paths = vec![String::new(); sheets.len()];
    for (file, place) in sheets {
        let file = FileName::Path(format!("{folder}{file}"));
        let target = Target { infohash: infohash.clone(), file };
        paths[place] = target.sheet_path(&cinema, SystemTime::now());
    }
    let chapter =
        |entry: TimedText| SceneChapter { start_s: entry.start.as_secs_f64(), name: entry.text };
    let chapters = chapters.into_iter().map(chapter).collect();
    Ok(Json(Scenes { chapters, sheets: paths, previews }))
}

/// The folder of the film in its torrent, with a slash behind it if there is one.
async fn folder_of(cinema: &Cinema, playback: &Playback) -> Result<String, Problem> {
    let (torrent, patience) = (playback.torrent.clone(), cinema.metadata_patience);
    let film = cinema.swarm.select(torrent, &playback.file, patience).await?;
    let path = film.metainfo.info.original_path(film.file);
    let folders = path.get(1..path.len().saturating_sub(1)).unwrap_or_default();
    Ok(folders.iter().map(|folder| format!("{folder}/")).collect())
}

async fn list(
    cinema: &Cinema,
    playback: &Playback,
    path: String,
) -> Result<Vec<TimedText>, Problem> {
    let (torrent, patience) = (playback.torrent.clone(), cinema.metadata_patience);
    let Ok(file) = cinema.swarm.select(torrent, &FileName::Path(path), patience).await else {
        return Ok(Vec::new());
    };
    let bytes = read_whole(&file, timed_text::LEN_MAX, SMALL_FILE_PATIENCE).await?;
    Ok(timed_text::read(&bytes))
}

fn preview(entry: &TimedText, part: &PicturePart, sheet: usize) -> Preview {
    Preview {
        start_s: entry.start.as_secs_f64(),
        end_s: entry.end.as_secs_f64(),
        sheet,
        x: part.x,
        y: part.y,
        width: part.width,
        height: part.height,
    }
}

/// A sheet of small pictures out of a torrent, made anew.
pub(super) async fn sheet(cinema: &Cinema, target: &Target) -> Result<Response, Problem> {
    let file = target.select(cinema, cinema.metadata_patience).await?;
    let bytes = read_whole(&file, image::LEN_MAX, SMALL_FILE_PATIENCE).await?;
    let made = tokio::task::spawn_blocking(move || image::poster(&bytes, SHEET)).await;
    let made = made.map_err(|_| Code::Internal)?;
    let made = made.map_err(|bad| Problem::from(Code::ImageUnknown).detail(bad))?;
    let mut response = Response::new(Body::from(made.webp));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(image::MIME));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(response)
}
