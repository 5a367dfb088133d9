//! MPEG transport streams (ISO/IEC 13818-1): the programme in the head, the running time from the clock
//! references in head and tail. They have no table of key frames.

use std::{ops::Range, time::Duration};

use super::{BadIndex, Index, Track, TrackKind, fields::Fields, parts::Parts};
use crate::container::{self, Container};

/// Bytes in which the programme map surely comes by.
const PROGRAMME_LEN: u64 = 512 << 10;
/// Bytes at the end in which a clock reference surely is.
const CLOCK_LEN: u64 = 256 << 10;
/// Clock references run at this rate, in hertz, and start over after 33 bits.
const CLOCK_RATE: u64 = 90_000;
const CLOCK_WRAP: u64 = 1 << 33;
/// Streams that are read.
const STREAMS_MAX: usize = 64;

/// The ranges that [`parse`] needs.
pub(super) fn plan(parts: &Parts) -> Vec<Range<u64>> {
    let end = parts.file_len();
    vec![0..PROGRAMME_LEN.min(end), end.saturating_sub(CLOCK_LEN)..end]
}

/// Reads the first programme and the clock.
pub(super) fn parse(parts: &Parts) -> Result<Index, BadIndex> {
    let end = parts.file_len();
    let head = parts.read(0..PROGRAMME_LEN.min(end)).ok_or(BadIndex::Incomplete)?;
    let (first, stride) = container::packet_layout(head).ok_or(BadIndex::NoIndex)?;
    let tracks = tracks(head, first, stride).ok_or(BadIndex::Damaged("there is no programme"))?;
    let tail = aligned_tail(parts, first, stride);
    let start = packets(head, first, stride).find_map(clock);
    let stop = tail.and_then(|tail| packets(tail, 0, stride).filter_map(clock).last());
    Ok(Index {
        container: Container::MpegTs,
        duration: start.zip(stop).map(|(start, stop)| elapsed(start, stop)),
        tracks,
        key_frames: Vec::new(),
        file_len: end,
    })
}

fn elapsed(start: u64, stop: u64) -> Duration {
    let ticks = stop.wrapping_sub(start) % CLOCK_WRAP;
    Duration::from_micros(ticks * 1_000_000 / CLOCK_RATE)
}

/// The tail from its first whole packet on.
fn aligned_tail(parts: &Parts, first: usize, stride: usize) -> Option<&[u8]> {
    let from = parts.file_len().saturating_sub(CLOCK_LEN).max(first as u64);
    let into = (from - first as u64) % stride as u64;
    let aligned = if into == 0 { from } else { from + stride as u64 - into };
    parts.read(aligned..parts.file_len())
}

/// A packet: its PID, whether a unit begins in it, its adaptation field, its payload.
struct Packet<'a> {
    pid: u16,
    begins: bool,
    adaptation: &'a [u8],
    payload: &'a [u8],
}

fn packets(bytes: &[u8], first: usize, stride: usize) -> impl Iterator<Item = Packet<'_>> {
    bytes.get(first..).unwrap_or(&[]).chunks(stride).filter_map(|chunk| packet(chunk.get(..188)?))
}

fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    let mut fields = Fields(bytes.strip_prefix(&[0x47])?);
    let pid = fields.u16()?;
    let control = fields.u8()?;
    let adaptation = match control & 0x20 {
        0 => &[][..],
        _ => {
            let len = usize::from(fields.u8()?);
            fields.take(len)?
        }
    };
    let payload = if control & 0x10 == 0 { &[][..] } else { fields.0 };
    Some(Packet { pid: pid & 0x1FFF, begins: pid & 0x4000 != 0, adaptation, payload })
}

/// The packet's programme clock reference, in 90 kHz ticks.
fn clock(packet: Packet<'_>) -> Option<u64> {
    let mut fields = Fields(packet.adaptation);
    if fields.u8()? & 0x10 == 0 {
        return None;
    }
    let high = u64::from(fields.u32()?);
    Some(high << 1 | u64::from(fields.u8()? >> 7))
}

fn tracks(head: &[u8], first: usize, stride: usize) -> Option<Vec<Track>> {
    let section = |pid: u16, table: u8| {
        packets(head, first, stride)
            .filter(|packet| packet.pid == pid && packet.begins)
            .find_map(|packet| section_body(packet.payload, table))
    };
    let programme = programme_pid(section(0, 0x00)?)?;
    streams(section(programme, 0x02)?)
}

/// The body of a section that begins in this payload, its five common bytes and checksum left out.
fn section_body(payload: &[u8], table: u8) -> Option<&[u8]> {
    let mut fields = Fields(payload);
    let pointer = usize::from(fields.u8()?);
    fields.skip(pointer)?;
    if fields.u8()? != table {
        return None;
    }
    let length = usize::from(fields.u16()? & 0x0FFF);
    // A long map continues in the next packet; its first streams are enough.
    let section = fields.take(length.min(fields.0.len()))?;
    section.get(5..section.len().saturating_sub(4))
}

fn programme_pid(association: &[u8]) -> Option<u16> {
    let (entries, _) = association.as_chunks::<4>();
    let pairs = entries.iter().map(|&[n1, n2, p1, p2]| {
        (u16::from_be_bytes([n1, n2]), u16::from_be_bytes([p1, p2]) & 0x1FFF)
    });
    pairs.into_iter().find(|&(number, _)| number != 0).map(|(_, pid)| pid)
}

fn streams(map: &[u8]) -> Option<Vec<Track>> {
    let mut fields = Fields(map);
    fields.skip(2)?;
    let about = usize::from(fields.u16()? & 0x0FFF);
    fields.skip(about)?;
    let mut tracks = Vec::new();
    while let Some(track) = stream(&mut fields) {
        tracks.push(track);
        if tracks.len() == STREAMS_MAX {
            break;
        }
    }
    Some(tracks)
}

fn stream(fields: &mut Fields<'_>) -> Option<Track> {
    let kind = fields.u8()?;
    let pid = fields.u16()? & 0x1FFF;
    let about = usize::from(fields.u16()? & 0x0FFF);
    let descriptors = fields.take(about)?;
    let (kind, codec) = match kind {
        0x01 | 0x02 => (TrackKind::Video, "mpeg2video"),
        0x10 => (TrackKind::Video, "mp4v.20"),
        0x1B => (TrackKind::Video, "avc1"),
        0x24 => (TrackKind::Video, "hvc1"),
        0x03 | 0x04 => (TrackKind::Audio, "mp3"),
        0x0F | 0x11 => (TrackKind::Audio, "mp4a.40.2"),
        0x81 => (TrackKind::Audio, "ac-3"),
        0x87 => (TrackKind::Audio, "ec-3"),
        _ => (TrackKind::Other, "private"),
    };
    let mut track = Track::new(u64::from(pid), kind);
    track.codec = codec.to_owned();
    track.language = language(descriptors);
    Some(track)
}

/// The ISO 639 language descriptor.
fn language(descriptors: &[u8]) -> Option<String> {
    let mut fields = Fields(descriptors);
    loop {
        let (tag, len) = (fields.u8()?, fields.u8()?);
        let body = fields.take(usize::from(len))?;
        if tag == 0x0A {
            return crate::language::from_code(std::str::from_utf8(body.get(..3)?).ok()?);
        }
    }
}
