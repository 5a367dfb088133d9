//! MP4 and QuickTime (ISO/IEC 14496-12): where `moov` lies, and what it says.

mod samples;
mod track;

use std::{ops::Range, time::Duration};

use self::track::BoxedTrack;
use super::{
    BadIndex, INDEX_LEN_MAX, Index, KeyFrame, TrackKind, fields::Fields, parts::Parts, probe,
};
use crate::container::Container;

/// Boxes at the top level that are walked before giving up: a whole fragmented film stays below it.
const TOP_BOXES_MAX: usize = 4096;
/// Tracks that are read.
const TRACKS_MAX: usize = 128;
/// Sound this far before its picture is fetched with it, in bytes; sound further away is in a file of its own
/// order, where a range that spans both would be the whole film.
const INTERLEAVE_MAX: u64 = 8 << 20;

/// The box header at a file offset: kind, offset of its body, offset of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TopBox {
    kind: [u8; 4],
    start: u64,
    body: u64,
    end: u64,
}

/// What stopped a walk over the top level.
enum Walk {
    /// The boxes that matter were seen.
    Found { moov: TopBox, sidx: Option<TopBox> },
    /// The header of a box that is not at hand.
    Unknown(u64),
    /// There is no `moov`.
    Nothing,
}

fn walk(parts: &Parts) -> Walk {
    let mut at = 0;
    let mut moov = None;
    for _ in 0..TOP_BOXES_MAX {
        let Some(top) = top_box(parts, at) else {
            return match moov {
                // Whatever follows `moov` only helps, and is not worth another question.
                Some(moov) => Walk::Found { moov, sidx: None },
                None if at + 8 > parts.file_len() => Walk::Nothing,
                None => Walk::Unknown(at),
            };
        };
        match (&top.kind, moov) {
            (b"moov", _) => moov = Some(top),
            (b"sidx", Some(moov)) => return Walk::Found { moov, sidx: Some(top) },
            (b"mdat" | b"moof", Some(moov)) => return Walk::Found { moov, sidx: None },
            _ => {}
        }
        if top.end <= at {
            break;
        }
        at = top.end;
    }
    moov.map_or(Walk::Nothing, |moov| Walk::Found { moov, sidx: None })
}

fn top_box(parts: &Parts, at: u64) -> Option<TopBox> {
    let mut fields = Fields(parts.from(at));
    let short = fields.u32()?;
    let kind = fields.take(4)?.try_into().ok()?;
    let (body, end) = match short {
        0 => (at + 8, parts.file_len()),
        1 => (at + 16, at.checked_add(fields.u64()?)?),
        short => (at + 8, at + u64::from(short)),
    };
    Some(TopBox { kind, start: at, body, end: end.max(body).min(parts.file_len()) })
}

/// The ranges that [`parse`] needs.
pub(super) fn plan(parts: &Parts) -> Vec<Range<u64>> {
    match walk(parts) {
        Walk::Found { moov, sidx } => [Some(moov), sidx]
            .into_iter()
            .flatten()
            .filter(|found| found.end - found.start <= INDEX_LEN_MAX)
            .map(|found| found.start..found.end)
            .collect(),
        Walk::Unknown(at) => vec![probe(at, parts.file_len())],
        Walk::Nothing => Vec::new(),
    }
}

/// Reads `moov`, and `sidx` if the film is in fragments.
pub(super) fn parse(parts: &Parts, container: Container) -> Result<Index, BadIndex> {
    let (moov, sidx) = match walk(parts) {
        Walk::Found { moov, sidx } => (moov, sidx),
        Walk::Unknown(_) => return Err(BadIndex::Incomplete),
        Walk::Nothing => return Err(BadIndex::Damaged("there is no moov box")),
    };
    if moov.end - moov.start > INDEX_LEN_MAX {
        return Err(BadIndex::TooLong);
    }
    let movie = parts.read(moov.body..moov.end).ok_or(BadIndex::Incomplete)?;
    let boxed: Vec<_> = children(movie, b"trak").take(TRACKS_MAX).filter_map(track::read).collect();
    if boxed.is_empty() {
        return Err(BadIndex::Damaged("moov has no track"));
    }
    let segments = sidx.and_then(|found| segments(parts, found));
    let longest = || boxed.iter().map(|boxed| boxed.duration).max().filter(|time| !time.is_zero());
    let in_segments = segments.as_ref().map(|(_, end)| *end);
    Ok(Index {
        container,
        duration: duration(movie).or_else(longest).or(in_segments),
        key_frames: segments.map_or_else(|| key_frames(&boxed), |(frames, _)| frames),
        tracks: boxed.into_iter().map(|boxed| boxed.track).collect(),
        file_len: parts.file_len(),
    })
}

/// The running time of `mvhd`, or of `mehd` when the film is in fragments.
fn duration(movie: &[u8]) -> Option<Duration> {
    let mut fields = Fields(child(movie, b"mvhd")?);
    let wide = fields.u32()? >> 24 == 1;
    fields.skip(if wide { 16 } else { 8 })?;
    let scale = fields.u32()?;
    let whole = fields.u32_or_u64(wide)?;
    let in_fragments =
        child(movie, b"mvex").and_then(|mvex| child(mvex, b"mehd")).and_then(|mehd| {
            let mut fields = Fields(mehd);
            let wide = fields.u32()? >> 24 == 1;
            fields.u32_or_u64(wide)
        });
    let ticks = in_fragments.unwrap_or(whole);
    let unknown = ticks == 0 || ticks == u64::from(u32::MAX) || ticks == u64::MAX;
    if unknown { None } else { time(ticks, scale) }
}

/// Ticks of a time scale, rounded to nanoseconds.
fn time(ticks: u64, scale: u32) -> Option<Duration> {
    let scale = u64::from(scale);
    let seconds = ticks.checked_div(scale)?;
    Some(Duration::new(seconds, ((ticks % scale) * 1_000_000_000 / scale) as u32))
}

/// The key frames of the first picture track, each at the offset where its sound begins if that is earlier.
fn key_frames(tracks: &[BoxedTrack<'_>]) -> Vec<KeyFrame> {
    let of_kind = |kind| tracks.iter().find(|boxed| boxed.track.kind == kind);
    let video = of_kind(TrackKind::Video).and_then(|boxed| boxed.samples.as_ref());
    let audio = of_kind(TrackKind::Audio).and_then(|boxed| boxed.samples.as_ref());
    let Some(main) = video.or(audio) else { return Vec::new() };
    let mut frames = samples::key_frames(main);
    let sound = video.and(audio).map(samples::chunk_starts).unwrap_or_default();
    for frame in &mut frames {
        let next = sound.partition_point(|chunk| chunk.time <= frame.time);
        let Some(chunk) = next.checked_sub(1).and_then(|at| sound.get(at)) else { continue };
        if chunk.offset < frame.offset && frame.offset - chunk.offset <= INTERLEAVE_MAX {
            frame.offset = chunk.offset;
        }
    }
    frames
}

/// The segments that a `sidx` box lists (ISO/IEC 14496-12, 8.16.3), and when the last one ends.
fn segments(parts: &Parts, sidx: TopBox) -> Option<(Vec<KeyFrame>, Duration)> {
    let mut fields = Fields(parts.read(sidx.body..sidx.end)?);
    let wide = fields.u32()? >> 24 == 1;
    fields.skip(4)?;
    let scale = fields.u32()?;
    let mut ticks = fields.u32_or_u64(wide)?;
    let mut offset = sidx.end.checked_add(fields.u32_or_u64(wide)?)?;
    fields.skip(2)?;
    let count = fields.u16()?;
    let mut frames = Vec::new();
    for _ in 0..count {
        let (reference, duration, _) = (fields.u32()?, fields.u32()?, fields.u32()?);
        if reference >> 31 == 1 {
            return None;
        }
        frames.push(KeyFrame { time: time(ticks, scale)?, offset });
        ticks = ticks.checked_add(u64::from(duration))?;
        offset = offset.checked_add(u64::from(reference))?;
    }
    Some((frames, time(ticks, scale)?))
}

/// The boxes inside a box: kind and body, until the bytes end or make no sense.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let mut fields = Fields(rest);
        let short = fields.u32()?;
        let kind = fields.take(4)?.try_into().ok()?;
        let length = match short {
            0 => fields.0.len(),
            1 => usize::try_from(fields.u64()?.checked_sub(16)?).ok()?,
            short => usize::try_from(short.checked_sub(8)?).ok()?,
        };
        let body = fields.take(length)?;
        rest = fields.0;
        Some((kind, body))
    })
}

fn children<'a>(body: &'a [u8], kind: &'a [u8; 4]) -> impl Iterator<Item = &'a [u8]> {
    boxes(body).filter(move |(found, _)| found == kind).map(|(_, body)| body)
}

fn child<'a>(body: &'a [u8], kind: &'a [u8; 4]) -> Option<&'a [u8]> {
    children(body, kind).next()
}

/// The body at the end of a path of boxes.
fn descend<'a>(body: &'a [u8], path: &[&'a [u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, kind| child(body, kind))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::index::{Plan, plan};

    fn with_box(file: &mut Vec<u8>, size: u32, kind: &[u8; 4]) {
        file.extend(size.to_be_bytes());
        file.extend(kind);
    }

    fn need(range: Range<u64>) -> Plan {
        Plan::Need(Vec::from([range]))
    }

    /// A file whose media box is followed, far away, by the index.
    fn head_of_late_index(media: u32) -> Vec<u8> {
        let mut head = Vec::new();
        with_box(&mut head, 16, b"ftyp");
        head.extend(b"isom\0\0\0\0");
        with_box(&mut head, media, b"mdat");
        head.resize(64 << 10, 0);
        head
    }

    #[test]
    fn an_index_near_the_end_is_asked_for_with_the_whole_tail() {
        let mut parts = Parts::new(100_000_000);
        parts.insert(0, Bytes::from(head_of_late_index(99_900_000)));
        assert_eq!(plan(&parts), need(99_900_016..100_000_000));
    }

    #[test]
    fn a_long_index_is_asked_for_by_its_header_and_then_exactly() {
        let mut parts = Parts::new(100_000_000);
        parts.insert(0, Bytes::from(head_of_late_index(90_000_000)));
        assert_eq!(plan(&parts), need(90_000_016..90_016_400));
        let mut header = Vec::new();
        with_box(&mut header, 5_000_000, b"moov");
        header.resize(16 << 10, 0);
        parts.insert(90_000_016, Bytes::from(header));
        assert_eq!(plan(&parts), need(90_016_400..95_000_016));
    }

    #[test]
    fn a_film_without_moov_is_damaged() {
        let mut head = head_of_late_index((64 << 10) - 16);
        head.truncate(64 << 10);
        let mut parts = Parts::new(64 << 10);
        parts.insert(0, Bytes::from(head));
        assert_eq!(plan(&parts), Plan::Ready);
        assert_eq!(Index::parse(&parts), Err(BadIndex::Damaged("there is no moov box")));
    }

    #[test]
    fn a_box_as_long_as_it_claims_to_be_impossible_ends_with_the_file() {
        let mut file = Vec::new();
        with_box(&mut file, 16, b"ftyp");
        file.extend(b"isom\0\0\0\0");
        with_box(&mut file, 1, b"mdat");
        file.extend(u64::MAX.to_be_bytes());
        let mut parts = Parts::new(file.len() as u64);
        parts.insert(0, Bytes::from(file));
        assert_eq!(plan(&parts), Plan::Ready);
        assert!(Index::parse(&parts).is_err());
    }
}
