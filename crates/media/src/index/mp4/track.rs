//! One `trak` box: what kind of track it is, its codec, and where its samples are.

use std::time::Duration;

use super::{
    boxes, child, descend,
    samples::{self, SampleTable},
    time,
};
use crate::{
    index::{Track, TrackKind, codec, fields::Fields},
    language,
};

/// Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3).
const VISUAL_ENTRY_LEN: usize = 78;
/// Bytes of an audio sample entry before its boxes (12.2.3), and what QuickTime's versions 1 and 2 add.
const AUDIO_ENTRY_LEN: usize = 28;
const AUDIO_V1_LEN: usize = 16;
const AUDIO_V2_LEN: usize = 36;

/// A track with the table of its samples.
pub(super) struct BoxedTrack<'a> {
    pub(super) track: Track,
    pub(super) duration: Duration,
    pub(super) samples: Option<SampleTable<'a>>,
}

/// A track's header as `tkhd` has it.
struct Header {
    id: u64,
    enabled: bool,
}

/// Reads a `trak` box; `None` if what every track has is missing.
pub(super) fn read(trak: &[u8]) -> Option<BoxedTrack<'_>> {
    let header = header(child(trak, b"tkhd")?)?;
    let media = child(trak, b"mdia")?;
    let (scale, ticks, spoken) = media_header(child(media, b"mdhd")?)?;
    let kind = kind(child(media, b"hdlr")?)?;
    let table = descend(media, &[b"minf", b"stbl"])?;
    let mut track = Track::new(header.id, kind);
    track.default = header.enabled;
    track.language = child(media, b"elng")
        .and_then(|tag| language::from_code(std::str::from_utf8(tag.get(4..)?).ok()?))
        .or_else(|| language::from_code(&spoken));
    describe(&mut track, child(table, b"stsd")?);
    let duration = time(ticks, scale).unwrap_or_default();
    Some(BoxedTrack { track, duration, samples: samples::table(table, scale) })
}

fn header(tkhd: &[u8]) -> Option<Header> {
    let mut fields = Fields(tkhd);
    let version_flags = fields.u32()?;
    fields.skip(if version_flags >> 24 == 1 { 16 } else { 8 })?;
    Some(Header { id: u64::from(fields.u32()?), enabled: version_flags & 1 == 1 })
}

/// Time scale, duration in it, and the ISO 639-2 code packed into 15 bits.
fn media_header(mdhd: &[u8]) -> Option<(u32, u64, String)> {
    let mut fields = Fields(mdhd);
    let wide = fields.u32()? >> 24 == 1;
    fields.skip(if wide { 16 } else { 8 })?;
    let scale = fields.u32()?;
    let ticks = fields.u32_or_u64(wide)?;
    let packed = fields.u16()?;
    let letter = |shift: u32| char::from(0x60 + (packed >> shift & 0x1F) as u8);
    Some((scale, ticks, [10, 5, 0].map(letter).iter().collect()))
}

fn kind(hdlr: &[u8]) -> Option<TrackKind> {
    Some(match hdlr.get(8..12)? {
        b"vide" => TrackKind::Video,
        b"soun" => TrackKind::Audio,
        b"subt" | b"text" | b"sbtl" | b"clcp" | b"subp" => TrackKind::Subtitle,
        _ => TrackKind::Other,
    })
}

/// Fills in codec, dimensions and channels from the first sample entry.
fn describe(track: &mut Track, stsd: &[u8]) {
    let Some((entry, body)) = stsd.get(8..).and_then(|entries| boxes(entries).next()) else {
        return;
    };
    let plain = || String::from_utf8_lossy(&entry).trim_end().to_ascii_lowercase();
    track.codec = match track.kind {
        TrackKind::Video => {
            track.dimensions = dimensions(body);
            body.get(VISUAL_ENTRY_LEN..).and_then(|boxes| visual_codec(entry, boxes))
        }
        TrackKind::Audio => {
            (track.channels, track.sample_rate) = sound_shape(body).unzip();
            audio_boxes(body).and_then(|boxes| audio_codec(track, entry, boxes))
        }
        TrackKind::Subtitle | TrackKind::Other => None,
    }
    .unwrap_or_else(plain);
}

fn dimensions(entry: &[u8]) -> Option<(u32, u32)> {
    let mut fields = Fields(entry.get(24..)?);
    Some((u32::from(fields.u16()?), u32::from(fields.u16()?)))
}

fn sound_shape(entry: &[u8]) -> Option<(u32, u32)> {
    let mut fields = Fields(entry.get(16..)?);
    let channels = u32::from(fields.u16()?);
    fields.skip(6)?;
    Some((channels, fields.u32()? >> 16))
}

fn audio_boxes(entry: &[u8]) -> Option<&[u8]> {
    let version = Fields(entry.get(8..)?).u16()?;
    let extra = match version {
        1 => AUDIO_V1_LEN,
        2 => AUDIO_V2_LEN,
        _ => 0,
    };
    entry.get(AUDIO_ENTRY_LEN + extra..)
}

fn visual_codec(entry: [u8; 4], config: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(&entry).ok()?;
    match &entry {
        b"avc1" | b"avc3" => codec::avc(name, child(config, b"avcC")?),
        b"hvc1" | b"hev1" => codec::hevc(name, child(config, b"hvcC")?),
        b"av01" => codec::av1(child(config, b"av1C")?),
        b"vp09" => codec::vp9(child(config, b"vpcC")?.get(4..)?),
        b"vp08" => Some("vp8".to_owned()),
        b"mp4v" => {
            let stream = codec::elementary_stream(name, child(config, b"esds")?.get(4..)?)?;
            Some(stream.codec)
        }
        _ => None,
    }
}

fn audio_codec(track: &mut Track, entry: [u8; 4], config: &[u8]) -> Option<String> {
    match &entry {
        b"mp4a" => {
            // QuickTime hides the descriptor one box deeper.
            let wave = || child(config, b"wave").and_then(|wave| child(wave, b"esds"));
            let descriptor = child(config, b"esds").or_else(wave)?;
            let stream = codec::elementary_stream("mp4a", descriptor.get(4..)?)?;
            // The sample entry says "two" for whatever is inside.
            track.channels = codec::aac_channels(stream.config).or(track.channels);
            Some(stream.codec)
        }
        b"Opus" => Some("opus".to_owned()),
        b"fLaC" => Some("flac".to_owned()),
        b".mp3" => Some("mp3".to_owned()),
        _ => None,
    }
}
