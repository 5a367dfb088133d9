//! AVI (RIFF): its header list in front, and `idx1` behind the pictures.

use std::{ops::Range, time::Duration};

use super::{
    BadIndex, HEAD_LEN, INDEX_LEN_MAX, Index, KeyFrame, Track, TrackKind, fields::Fields,
    parts::Parts, probe,
};
use crate::container::Container;

/// Chunks at the top level that are walked.
const TOP_CHUNKS_MAX: usize = 64;
/// Streams that are read.
const STREAMS_MAX: usize = 32;
/// `AVIIF_KEYFRAME` of an index entry.
const KEY_FRAME_FLAG: u32 = 0x10;

/// A chunk at the top level of the RIFF form.
#[derive(Clone, Copy)]
struct Chunk {
    kind: [u8; 4],
    list: [u8; 4],
    body: u64,
    end: u64,
}

fn chunk(parts: &Parts, at: u64) -> Option<Chunk> {
    let mut fields = Fields(parts.from(at));
    let kind = fields.take(4)?.try_into().ok()?;
    let size = u64::from(fields.u32_le()?);
    let list = fields.take(4).and_then(|four| four.try_into().ok()).unwrap_or_default();
    // Chunks begin at even offsets.
    Some(Chunk { kind, list, body: at + 8, end: at + 8 + size + size % 2 })
}

/// Where the header list, the pictures and the index are.
#[derive(Default)]
struct Layout {
    header: Option<Chunk>,
    movie: Option<Chunk>,
    index: Option<Chunk>,
    unknown: Option<u64>,
}

fn layout(parts: &Parts) -> Layout {
    let mut layout = Layout::default();
    let mut at = 12;
    for _ in 0..TOP_CHUNKS_MAX {
        if at + 8 > parts.file_len() {
            break;
        }
        let Some(found) = chunk(parts, at) else {
            layout.unknown = Some(at);
            break;
        };
        match (&found.kind, &found.list) {
            (b"LIST", b"hdrl") => layout.header = Some(found),
            (b"LIST", b"movi") => layout.movie = Some(found),
            (b"idx1", _) => layout.index = Some(found),
            _ => {}
        }
        // A second RIFF form (OpenDML) begins where the first one's index ends.
        if &found.kind == b"RIFF" || layout.index.is_some() {
            break;
        }
        at = found.end;
    }
    layout
}

/// The ranges that [`parse`] needs.
pub(super) fn plan(parts: &Parts) -> Vec<Range<u64>> {
    let layout = layout(parts);
    let whole = |chunk: Chunk| chunk.body - 8..chunk.end;
    let header = layout.header.map(whole).filter(|range| range.end <= HEAD_LEN * 16);
    let index = layout.index.map(whole).filter(|range| range.end - range.start <= INDEX_LEN_MAX);
    let unknown = layout.unknown.map(|at| probe(at, parts.file_len()));
    [header, index, unknown].into_iter().flatten().collect()
}

/// Reads `hdrl`, and `idx1` if there is one.
pub(super) fn parse(parts: &Parts) -> Result<Index, BadIndex> {
    let layout = layout(parts);
    let header = layout.header.ok_or(BadIndex::Incomplete)?;
    let header = parts.read(header.body + 4..header.end).ok_or(BadIndex::Incomplete)?;
    let (frame_time, frames) = main_header(header).ok_or(BadIndex::Damaged("there is no avih"))?;
    let tracks: Vec<_> =
        lists(header, b"strl").take(STREAMS_MAX).zip(0..).filter_map(track).collect();
    let video = tracks.iter().find(|track| track.kind == TrackKind::Video).map(|track| track.id);
    let table =
        layout.index.and_then(|index| parts.read(index.body..index.end.min(parts.file_len())));
    let key_frames = match (table, layout.movie, video) {
        (Some(table), Some(movie), Some(video)) => key_frames(table, movie.body, video, frame_time),
        _ => Vec::new(),
    };
    let duration = frame_time.checked_mul(frames).filter(|time| !time.is_zero());
    Ok(Index {
        container: Container::Avi,
        duration,
        tracks,
        key_frames,
        file_len: parts.file_len(),
    })
}

/// How long each picture is shown, and how many there are.
fn main_header(header: &[u8]) -> Option<(Duration, u32)> {
    let mut avih = Fields(chunks(header).find(|(kind, _)| kind == b"avih")?.1);
    let frame_time = Duration::from_micros(u64::from(avih.u32_le()?));
    avih.skip(12)?;
    Some((frame_time, avih.u32_le()?))
}

/// The chunks in a list's body: kind and body.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let mut fields = Fields(rest);
        let kind = fields.take(4)?.try_into().ok()?;
        let size = usize::try_from(fields.u32_le()?).ok()?;
        let body = fields.take(size)?;
        rest = fields.0.get(size % 2..).unwrap_or(&[]);
        Some((kind, body))
    })
}

fn lists<'a>(body: &'a [u8], name: &'a [u8; 4]) -> impl Iterator<Item = &'a [u8]> {
    chunks(body)
        .filter(|(kind, _)| kind == b"LIST")
        .filter_map(move |(_, list)| list.strip_prefix(&name[..]))
}

fn track((stream, id): (&[u8], u64)) -> Option<Track> {
    let part = |name: &[u8; 4]| chunks(stream).find(|(kind, _)| kind == name).map(|(_, body)| body);
    let header = part(b"strh")?;
    let format = part(b"strf").unwrap_or(&[]);
    let kind = match header.get(..4)? {
        b"vids" => TrackKind::Video,
        b"auds" => TrackKind::Audio,
        b"txts" => TrackKind::Subtitle,
        _ => TrackKind::Other,
    };
    let mut track = Track::new(id, kind);
    match kind {
        TrackKind::Video => describe_video(&mut track, format),
        TrackKind::Audio => describe_audio(&mut track, format),
        TrackKind::Subtitle | TrackKind::Other => Some(()),
    };
    Some(track)
}

/// From a BITMAPINFOHEADER.
fn describe_video(track: &mut Track, format: &[u8]) -> Option<()> {
    let mut fields = Fields(format.get(4..)?);
    // A negative height means that rows run from top to bottom.
    let (width, height) = (fields.u32_le()?, fields.u32_le()?.cast_signed().unsigned_abs());
    track.dimensions = Some((width, height));
    fields.skip(4)?;
    track.codec = String::from_utf8_lossy(fields.take(4)?).trim_end().to_ascii_lowercase();
    Some(())
}

/// From a WAVEFORMATEX.
fn describe_audio(track: &mut Track, format: &[u8]) -> Option<()> {
    let mut fields = Fields(format);
    let tag = fields.u16_le()?;
    track.codec = match tag {
        0x0001 => "pcm".to_owned(),
        0x0055 => "mp3".to_owned(),
        0x00FF => "mp4a.40.2".to_owned(),
        0x2000 => "ac-3".to_owned(),
        0x2001 => "dts".to_owned(),
        other => format!("wav-{other:04x}"),
    };
    track.channels = Some(u32::from(fields.u16_le()?));
    track.sample_rate = Some(fields.u32_le()?);
    Some(())
}

/// The key frames of `idx1`; its offsets count from the file's beginning or from the list's name.
fn key_frames(table: &[u8], movie: u64, video: u64, frame_time: Duration) -> Vec<KeyFrame> {
    let (entries, _) = table.as_chunks::<16>();
    let is_video = |entry: &&[u8; 16]| stream_of(entry) == Some(video);
    let from = match entries.first().and_then(|entry| Fields(&entry[8..]).u32_le()) {
        Some(first) if u64::from(first) >= movie => 0,
        _ => movie,
    };
    let frames = entries.iter().filter(is_video).zip(0_u32..);
    let keys = frames.filter_map(|(entry, number)| {
        let mut fields = Fields(&entry[4..]);
        let is_key = fields.u32_le()? & KEY_FRAME_FLAG != 0;
        let offset = from + u64::from(fields.u32_le()?);
        is_key.then_some(KeyFrame { time: frame_time.checked_mul(number)?, offset })
    });
    keys.collect()
}

/// The stream of a chunk like `00dc`.
fn stream_of(entry: &[u8; 16]) -> Option<u64> {
    std::str::from_utf8(&entry[..2]).ok()?.parse().ok()
}
