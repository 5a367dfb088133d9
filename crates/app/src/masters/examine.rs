//! What is in a film's file, by its own index: nothing is decoded.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::Path,
};

use media::{
    container::{self, Container},
    index::{Index, Parts, Plan, TrackKind, plan},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::{Code, Problem};

/// The longest part of an index that is read, bytes.
const PART_MAX: u64 = 256 << 20;

/// What is in a film.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Facts {
    /// `mp4`, `webm` or `matroska`.
    pub container: String,
    /// The running time, seconds.
    #[schema(required)]
    pub duration_s: Option<u32>,
    /// Picture width, pixels.
    #[schema(required)]
    pub width: Option<u32>,
    /// Picture height, pixels.
    #[schema(required)]
    pub height: Option<u32>,
    /// The video codec.
    #[schema(required)]
    pub video_codec: Option<String>,
    /// The audio codec.
    #[schema(required)]
    pub audio_codec: Option<String>,
    /// Languages spoken in it (BCP 47).
    pub audio_languages: Vec<String>,
    /// Whether every browser is likely to play it.
    pub plays_in_browsers: bool,
    /// Whether the file can be published as it is.
    #[serde(default = "yes")]
    pub goes_as_it_is: bool,
}

/// What was taken in before other films could be converted.
fn yes() -> bool {
    true
}

impl Facts {
    pub(super) fn extension(&self) -> &'static str {
        match self.container.as_str() {
            "webm" => "webm",
            "matroska" => "mkv",
            "mp4" => "mp4",
            // It never leaves this machine.
            _ => "master",
        }
    }

    /// What its quality is called: `720p`.
    #[must_use]
    pub fn quality(&self) -> String {
        format!("{}p", self.height.unwrap_or(0))
    }
}

/// Reads what a film's file says of itself.
///
/// # Errors
/// [`Code::MasterBad`] if it is no MP4, WebM or Matroska file with a picture.
pub(super) fn examine(path: &Path) -> Result<Facts, Problem> {
    let bad = |why: &str| Problem::from(Code::MasterBad).detail(why);
    let index = read_index(path).map_err(|error| bad(&error.to_string()))?;
    let index = index.ok_or_else(|| bad("its index cannot be read"))?;
    let name = match index.container {
        Container::Mp4 => "mp4",
        Container::WebM => "webm",
        Container::Matroska => "matroska",
        _ => return Err(bad("it is neither MP4 nor WebM nor Matroska")),
    };
    let Some(video) = index.track(TrackKind::Video) else { return Err(bad("it has no picture")) };
    let audio = index.track(TrackKind::Audio);
    let word = |codec: &str| codec_word(codec);
    let spoken = index.tracks.iter().filter(|track| track.kind == TrackKind::Audio);
    let mut audio_languages: Vec<_> = spoken.filter_map(|track| track.language.clone()).collect();
    audio_languages.retain(|language| language != "und");
    audio_languages.dedup();
    let video_codec = word(&video.codec);
    let audio_codec = audio.map(|audio| word(&audio.codec));
    let plays = |codec: &str| {
        ["h264", "vp8", "vp9", "av1", "aac", "opus", "vorbis", "mp3"].contains(&codec)
    };
    Ok(Facts {
        container: name.to_owned(),
        duration_s: index.duration.and_then(|length| u32::try_from(length.as_secs()).ok()),
        width: video.dimensions.map(|(width, _)| width),
        height: video.dimensions.map(|(_, height)| height),
        plays_in_browsers: name != "matroska"
            && plays(&video_codec)
            && audio_codec.as_deref().is_none_or(plays),
        video_codec: Some(video_codec),
        audio_codec,
        audio_languages,
        goes_as_it_is: true,
    })
}

/// How long a film is by its own index, seconds.
pub(super) fn length(path: &Path) -> Option<f64> {
    Some(read_index(path).ok()??.duration?.as_secs_f64())
}

/// The longest time between two moments from which a player can start, seconds; none if the file does not say.
pub(super) fn longest_wait(path: &Path) -> Option<f64> {
    let index = read_index(path).ok()??;
    let end = index.duration?;
    let starts: Vec<_> = index.key_frames.iter().map(|frame| frame.time).collect();
    let first = *starts.first()?;
    let ends = starts.iter().skip(1).copied().chain([end]);
    let waits = starts.iter().zip(ends).map(|(start, end)| end.saturating_sub(*start));
    waits.chain([first]).max().map(|wait| wait.as_secs_f64())
}

/// The short names that catalogues use.
fn codec_word(codec: &str) -> String {
    let known = [
        ("avc1", "h264"),
        ("avc3", "h264"),
        ("hvc1", "hevc"),
        ("hev1", "hevc"),
        ("vp09", "vp9"),
        ("vp08", "vp8"),
        ("av01", "av1"),
        ("mp4a", "aac"),
    ];
    let start = codec.split('.').next().unwrap_or(codec).to_lowercase();
    let found = known.iter().find(|(long, _)| *long == start);
    found.map_or(start.clone(), |(_, short)| (*short).to_owned())
}

fn read_index(path: &Path) -> std::io::Result<Option<Index>> {
    let mut file = File::open(path)?;
    let mut head = vec![0; 64 << 10];
    let read = file.read(&mut head)?;
    if container::sniff(&head[..read]).is_none() {
        return Ok(None);
    }
    let mut parts = Parts::new(file.metadata()?.len());
    while let Plan::Need(ranges) = plan(&parts) {
        for range in ranges {
            let Some(bytes) = part(&mut file, range.clone())? else { return Ok(None) };
            parts.insert(range.start, bytes.into());
        }
    }
    Ok(Index::parse(&parts).ok())
}

fn part(file: &mut File, range: Range<u64>) -> std::io::Result<Option<Vec<u8>>> {
    let length = range.end.saturating_sub(range.start);
    if length > PART_MAX {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}
