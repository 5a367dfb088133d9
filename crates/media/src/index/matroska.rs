//! Matroska and WebM (RFC 9559): where SeekHead says that Info, Tracks, Cues and Tags lie, and what they say.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use super::{
    BadIndex, HEAD_LEN, INDEX_LEN_MAX, Index, KeyFrame, Track, TrackKind, codec,
    ebml::{self, element, elements, float, text, unsigned},
    parts::Parts,
    probe,
};
use crate::{container::Container, language};

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CUES: u32 = 0x1C53_BB6B;
const TAGS: u32 = 0x1254_C367;
const CLUSTER: u32 = 0x1F43_B675;

/// Elements before the first cluster that are walked.
const TOP_ELEMENTS_MAX: usize = 256;
/// Tracks that are read.
const TRACKS_MAX: usize = 128;
/// Attachments (fonts) may lie before the tracks; more than this is not fetched to get past them, in bytes.
const SKIP_MAX: u64 = 4 << 20;

/// Where the segment's elements are, as far as they are known.
#[derive(Default)]
struct Layout {
    /// The offset from which positions in the file count.
    segment: u64,
    /// Element id to file offset of its header.
    places: BTreeMap<u32, u64>,
    /// The place where the walk ran out of bytes.
    unknown: Option<u64>,
}

impl Layout {
    fn read(parts: &Parts) -> Option<Self> {
        let ebml = ebml::header(parts.from(0))?;
        let at = ebml.len as u64 + ebml.size?;
        let segment = ebml::header(parts.from(at)).filter(|found| found.id == SEGMENT)?;
        let mut layout = Self { segment: at + segment.len as u64, ..Self::default() };
        layout.walk(parts);
        Some(layout)
    }

    fn walk(&mut self, parts: &Parts) {
        let mut at = self.segment;
        for _ in 0..TOP_ELEMENTS_MAX {
            if at >= parts.file_len() {
                return;
            }
            let Some(header) = ebml::header(parts.from(at)) else {
                self.unknown = Some(at);
                return;
            };
            if header.id == CLUSTER {
                return;
            }
            let Some(size) = header.size else { return };
            let body = at + header.len as u64;
            let Some(end) = body.checked_add(size) else { return };
            match header.id {
                SEEK_HEAD => self.seek(parts.read(body..end)),
                INFO | TRACKS | CUES | TAGS => {
                    self.places.insert(header.id, at);
                }
                _ => {}
            }
            at = end;
        }
    }

    /// Takes over what a SeekHead says; the first word about an element stands.
    fn seek(&mut self, seek_head: Option<&[u8]>) {
        for (_, seek) in elements(seek_head.unwrap_or(&[])).filter(|&(id, _)| id == 0x4DBB) {
            let id = element(seek, 0x53AB).and_then(unsigned).and_then(|id| u32::try_from(id).ok());
            let place = element(seek, 0x53AC).and_then(unsigned);
            let place = place.and_then(|place| place.checked_add(self.segment));
            if let (Some(id), Some(place)) = (id, place) {
                self.places.entry(id).or_insert(place);
            }
        }
    }

    /// The whole element, header included; `Err` holds where to look if its header is not at hand.
    fn range(&self, parts: &Parts, id: u32) -> Option<Result<Range<u64>, u64>> {
        let &at = self.places.get(&id)?;
        if at >= parts.file_len() {
            return None;
        }
        let Some(header) = ebml::header(parts.from(at)) else { return Some(Err(at)) };
        let end = at.checked_add(header.len as u64)?.checked_add(header.size?)?;
        (header.id == id && end - at <= INDEX_LEN_MAX).then(|| Ok(at..end.min(parts.file_len())))
    }

    /// The body of an element that is at hand.
    fn body<'a>(&self, parts: &'a Parts, id: u32) -> Option<&'a [u8]> {
        let bytes = parts.read(self.range(parts, id)?.ok()?)?;
        bytes.get(ebml::header(bytes)?.len..)
    }
}

/// The ranges that [`parse`] needs.
pub(super) fn plan(parts: &Parts) -> Vec<Range<u64>> {
    let Some(layout) = Layout::read(parts) else { return Vec::new() };
    let mut wanted: Vec<_> = [INFO, TRACKS, CUES, TAGS]
        .into_iter()
        .filter_map(|id| layout.range(parts, id))
        .map(|found| found.unwrap_or_else(|at| probe(at, parts.file_len())))
        .collect();
    let tracks_unknown = !layout.places.contains_key(&TRACKS);
    if let Some(at) = layout.unknown.filter(|&at| tracks_unknown && at < HEAD_LEN + SKIP_MAX) {
        wanted.push(at..at + ebml::HEADER_LEN_MAX.max(HEAD_LEN));
    }
    wanted
}

/// Reads Info, Tracks and Cues.
pub(super) fn parse(parts: &Parts, container: Container) -> Result<Index, BadIndex> {
    let layout = Layout::read(parts).ok_or(BadIndex::Damaged("there is no segment"))?;
    let tracks = layout.body(parts, TRACKS).ok_or(BadIndex::Incomplete)?;
    let tracks: Vec<_> = elements(tracks)
        .filter(|&(id, _)| id == 0xAE)
        .take(TRACKS_MAX)
        .filter_map(|(_, entry)| track(entry))
        .collect();
    if tracks.is_empty() {
        return Err(BadIndex::Damaged("there is no track"));
    }
    let info = layout.body(parts, INFO).unwrap_or(&[]);
    let scale = element(info, 0x002A_D7B1)
        .and_then(unsigned)
        .filter(|&scale| scale > 0)
        .unwrap_or(1_000_000);
    let key_frames = layout.body(parts, CUES).map(|cues| {
        let first = tracks.iter().find(|track| track.kind == TrackKind::Video).or(tracks.first());
        key_frames(cues, scale, layout.segment, first.map_or(1, |track| track.id))
    });
    Ok(Index {
        container,
        duration: element(info, 0x4489)
            .and_then(float)
            .and_then(|ticks| running_time(ticks, scale)),
        tracks,
        key_frames: key_frames.unwrap_or_default(),
        file_len: parts.file_len(),
    })
}

fn running_time(ticks: f64, scale: u64) -> Option<Duration> {
    Duration::try_from_secs_f64(ticks * scale as f64 / 1e9).ok().filter(|time| !time.is_zero())
}

/// The cue points of one track: the clusters in which its key frames are.
fn key_frames(cues: &[u8], scale: u64, segment: u64, track: u64) -> Vec<KeyFrame> {
    let points = elements(cues).filter(|&(id, _)| id == 0xBB);
    let moments = points.filter_map(|(_, point)| {
        let ticks = element(point, 0xB3).and_then(unsigned)?;
        let position = elements(point)
            .filter(|&(id, _)| id == 0xB7)
            .find(|(_, at)| element(at, 0xF7).and_then(unsigned) == Some(track))?
            .1;
        let offset = element(position, 0xF1).and_then(unsigned)?.checked_add(segment)?;
        Some(KeyFrame { time: Duration::from_nanos(ticks.checked_mul(scale)?), offset })
    });
    moments.collect()
}

fn track(entry: &[u8]) -> Option<Track> {
    let number = |id| element(entry, id).and_then(unsigned);
    let kind = match number(0x83)? {
        1 => TrackKind::Video,
        2 => TrackKind::Audio,
        17 => TrackKind::Subtitle,
        _ => TrackKind::Other,
    };
    let mut track = Track::new(number(0xD7)?, kind);
    track.default = number(0x88) != Some(0);
    track.forced = number(0x55AA) == Some(1);
    track.name = element(entry, 0x536E).map(text);
    track.language = spoken(entry);
    let id = element(entry, 0x86).map(text).unwrap_or_default();
    let private = element(entry, 0x63A2).unwrap_or(&[]);
    track.codec = codec_string(&id, private).unwrap_or_else(|| id.to_ascii_lowercase());
    if let Some(video) = element(entry, 0xE0) {
        let side = |id| element(video, id).and_then(unsigned).and_then(|n| u32::try_from(n).ok());
        track.dimensions = side(0xB0).zip(side(0xBA));
    }
    if let Some(audio) = element(entry, 0xE1) {
        track.channels =
            element(audio, 0x9F).and_then(unsigned).map_or(Some(1), |n| u32::try_from(n).ok());
        track.sample_rate = element(audio, 0xB5).and_then(float).map(|hertz| hertz as u32);
    }
    Some(track)
}

/// LanguageBCP47 before Language; English if neither is there, as the format says.
fn spoken(entry: &[u8]) -> Option<String> {
    let tag = element(entry, 0x0022_B59D).or_else(|| element(entry, 0x0022_B59C)).map(text);
    language::from_code(tag.as_deref().unwrap_or("eng"))
}

fn codec_string(id: &str, private: &[u8]) -> Option<String> {
    match id {
        "V_MPEG4/ISO/AVC" => codec::avc("avc1", private),
        "V_MPEGH/ISO/HEVC" => codec::hevc("hvc1", private),
        "V_AV1" => codec::av1(private),
        "V_VP9" if !private.is_empty() => codec::vp9_features(private),
        "A_AAC" => codec::aac(private).or_else(|| Some("mp4a.40.2".to_owned())),
        _ if id.starts_with("A_AAC/") => Some("mp4a.40.2".to_owned()),
        _ if id.starts_with("A_DTS") => Some("dts".to_owned()),
        _ => short_name(id).map(str::to_owned),
    }
}

fn short_name(id: &str) -> Option<&'static str> {
    Some(match id {
        "V_VP8" => "vp8",
        "V_VP9" => "vp9",
        "V_THEORA" => "theora",
        "V_MPEG4/ISO/ASP" => "mp4v.20",
        "V_MPEG2" => "mpeg2video",
        "A_OPUS" => "opus",
        "A_VORBIS" => "vorbis",
        "A_FLAC" => "flac",
        "A_MPEG/L3" => "mp3",
        "A_AC3" => "ac-3",
        "A_EAC3" => "ec-3",
        "A_TRUEHD" => "truehd",
        "S_TEXT/UTF8" => "srt",
        "S_TEXT/ASS" | "S_TEXT/SSA" => "ass",
        "S_TEXT/WEBVTT" | "D_WEBVTT/SUBTITLES" => "wvtt",
        "S_HDMV/PGS" => "pgs",
        "S_VOBSUB" => "vobsub",
        "S_DVBSUB" => "dvbsub",
        _ => return None,
    })
}
