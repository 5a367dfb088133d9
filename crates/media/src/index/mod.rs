//! The index of a media file: what is in it, and which bytes show which moment.
//!
//! A player needs the index before the first picture, and in many files it lies at the end. [`plan`] finds out
//! where by walking the container's own structure, so that a swarm is asked for those bytes and no others:
//!
//! ```
//! use media::index::{Index, Parts, Plan, plan};
//! # fn fetch(_: std::ops::Range<u64>) -> bytes::Bytes { bytes::Bytes::new() }
//! # fn load() -> Result<(), media::index::BadIndex> {
//! # let file_len = 0;
//! let mut parts = Parts::new(file_len);
//! while let Plan::Need(ranges) = plan(&parts) {
//!     for range in ranges {
//!         parts.insert(range.start, fetch(range));
//!     }
//! }
//! let index = Index::parse(&parts)?;
//! # Ok(()) }
//! ```

mod avi;
mod codec;
mod ebml;
mod fields;
mod matroska;
mod mp4;
mod parts;
mod transport;

use std::{ops::Range, time::Duration};

pub use self::parts::Parts;
use crate::container::{self, Container};

/// What [`plan`] reads first, in bytes.
const HEAD_LEN: u64 = 64 << 10;
/// What is asked for where an element is expected and its length is not known yet, in bytes: one block.
const PROBE_LEN: u64 = 16 << 10;
/// An unknown element so near to the file's end is asked for together with all that follows, in bytes: a
/// round trip to a swarm costs more than these bytes.
const TAIL_LEN: u64 = 256 << 10;
/// An index longer than this is not read, in bytes: ten hours of film need a third of it.
const INDEX_LEN_MAX: u64 = 64 << 20;
/// A plan that has asked so often follows a file that leads it in circles.
const PARTS_MAX: usize = 24;

/// What must be fetched before [`Index::parse`] can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// These file ranges, none of them empty; then ask again.
    Need(Vec<Range<u64>>),
    /// Nothing more: parse.
    Ready,
}

/// Says which bytes of a file its index needs beyond those at hand. Ends after a bounded number of rounds,
/// whatever the file says, if what it asks for is inserted.
#[must_use]
pub fn plan(parts: &Parts) -> Plan {
    if parts.count() >= PARTS_MAX || parts.file_len() == 0 {
        return Plan::Ready;
    }
    let head = 0..parts.file_len().min(HEAD_LEN);
    let Some(bytes) = parts.read(head.clone()) else { return Plan::Need(vec![head]) };
    let wanted = match container::sniff(bytes) {
        Some(Container::Mp4 | Container::Mov) => mp4::plan(parts),
        Some(Container::Matroska | Container::WebM) => matroska::plan(parts),
        Some(Container::Avi) => avi::plan(parts),
        Some(Container::MpegTs) => transport::plan(parts),
        _ => Vec::new(),
    };
    let missing: Vec<_> =
        joined(wanted).into_iter().flat_map(|range| parts.missing(range)).collect();
    if missing.is_empty() { Plan::Ready } else { Plan::Need(missing) }
}

/// Ranges in order, those that touch or overlap made one.
fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let touch = next.start <= last.end;
        if touch {
            last.end = last.end.max(next.end);
        }
        touch
    });
    ranges
}

/// What is asked for where an element of unknown length begins.
fn probe(at: u64, file_len: u64) -> Range<u64> {
    let near_end = file_len.saturating_sub(at) <= TAIL_LEN;
    at..if near_end { file_len } else { at + PROBE_LEN }
}

/// A file's tracks and key frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The container.
    pub container: Container,
    /// The running time, if the file says it.
    pub duration: Option<Duration>,
    /// What can be seen, heard and read.
    pub tracks: Vec<Track>,
    /// Where playing may begin, in the order of time; empty if the file has no table.
    pub key_frames: Vec<KeyFrame>,
    /// The file's length in bytes.
    pub file_len: u64,
}

/// A moment from which a player can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyFrame {
    /// Its time from the film's beginning.
    pub time: Duration,
    /// The file offset of the first byte a player needs for it, sound included.
    pub offset: u64,
}

/// A track: one picture, one sound or one subtitle stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its number in the file.
    pub id: u64,
    /// What it is for.
    pub kind: TrackKind,
    /// Its codec as RFC 6381 names it (`avc1.64001f`), or a short name where that has none (`pgs`).
    pub codec: String,
    /// BCP 47.
    pub language: Option<String>,
    /// Its title; a stranger's text.
    pub name: Option<String>,
    /// Whether players choose it unasked.
    pub default: bool,
    /// Whether it is shown even when subtitles are off.
    pub forced: bool,
    /// Width and height in pixels, of pictures.
    pub dimensions: Option<(u32, u32)>,
    /// Channels, of sound.
    pub channels: Option<u32>,
    /// Samples per second, of sound.
    pub sample_rate: Option<u32>,
}

/// What a track is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Text or pictures of text.
    Subtitle,
    /// Anything else: data, cover pictures, buttons.
    Other,
}

impl Track {
    fn new(id: u64, kind: TrackKind) -> Self {
        Self {
            id,
            kind,
            codec: String::new(),
            language: None,
            name: None,
            default: true,
            forced: false,
            dimensions: None,
            channels: None,
            sample_rate: None,
        }
    }
}

/// A file without a readable index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadIndex {
    /// Not a container we know, or one that carries no index.
    #[error("the file is no container with an index")]
    NoIndex,
    /// Bytes that the index needs are not among the parts.
    #[error("the index is not complete")]
    Incomplete,
    /// The index is longer than any film needs.
    #[error("the index is longer than 64 MiB")]
    TooLong,
    /// Its structure contradicts itself.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
}

impl Index {
    /// Reads the index out of what [`plan`] asked for.
    ///
    /// # Errors
    /// [`BadIndex`] if the file has none, or it is incomplete or damaged.
    pub fn parse(parts: &Parts) -> Result<Self, BadIndex> {
        let container = container::sniff(parts.from(0)).ok_or(BadIndex::NoIndex)?;
        let mut index = match container {
            Container::Mp4 | Container::Mov => mp4::parse(parts, container),
            Container::Matroska | Container::WebM => matroska::parse(parts, container),
            Container::Avi => avi::parse(parts),
            Container::MpegTs => transport::parse(parts),
            _ => Err(BadIndex::NoIndex),
        }?;
        index.key_frames.retain(|frame| frame.offset < parts.file_len());
        index.key_frames.sort_unstable();
        index.key_frames.dedup_by_key(|frame| frame.time);
        Ok(index)
    }

    /// The bytes that show the moment `time`: from the key frame at or before it to the next one. Without a
    /// table, a guess by the mean bit rate with a margin in front.
    #[must_use]
    pub fn byte_range_for(&self, time: Duration) -> Range<u64> {
        if self.key_frames.is_empty() {
            return self.guess_for(time);
        }
        let next = self.key_frames.partition_point(|frame| frame.time <= time);
        let start = self.key_frames[next.saturating_sub(1)].offset;
        // A next frame that lies earlier in the file (odd, and legal) says nothing about the end.
        let later = self.key_frames[next..].iter().map(|frame| frame.offset).find(|&at| at > start);
        start..later.unwrap_or(self.file_len)
    }

    fn guess_for(&self, time: Duration) -> Range<u64> {
        let Some(total) = self.duration.filter(|total| !total.is_zero()) else {
            return 0..self.file_len.min(HEAD_LEN);
        };
        let at = |moment: Duration| {
            let share = (moment.as_secs_f64() / total.as_secs_f64()).clamp(0.0, 1.0);
            (share * self.file_len as f64) as u64
        };
        let margin = Duration::from_secs(4);
        let start = at(time.saturating_sub(margin)).min(self.file_len.saturating_sub(1));
        start..at(time.saturating_add(margin)).clamp(start, self.file_len).max(start + 1)
    }

    /// The mean bit rate of the whole file, in bits per second.
    #[must_use]
    pub fn bit_rate(&self) -> Option<u64> {
        let seconds = self.duration?.as_secs_f64();
        (seconds > 0.0).then(|| (self.file_len as f64 * 8.0 / seconds) as u64)
    }

    /// The first track of a kind that players choose unasked, else the first of that kind.
    #[must_use]
    pub fn track(&self, kind: TrackKind) -> Option<&Track> {
        let mut of_kind = self.tracks.iter().filter(|track| track.kind == kind);
        let first = of_kind.clone().next();
        of_kind.find(|track| track.default).or(first)
    }

    /// The media type with the codecs of the chosen picture and sound, for `canPlayType`.
    #[must_use]
    pub fn mime(&self) -> String {
        let chosen = [TrackKind::Video, TrackKind::Audio].map(|kind| self.track(kind));
        let codecs: Vec<_> = chosen.into_iter().flatten().map(|t| t.codec.as_str()).collect();
        let media_type = container::mime(self.container);
        if codecs.is_empty() {
            return media_type.to_owned();
        }
        format!("{media_type}; codecs=\"{}\"", codecs.join(", "))
    }
}
