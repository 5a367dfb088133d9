//! The sample tables of a track (ISO/IEC 14496-12, 8.6 and 8.7): when each key frame is shown, and where it
//! lies.
//!
//! Tables are walked, never unrolled: memory and time grow with the bytes of the tables, not with the counts
//! that they claim.

use super::{child, time};
use crate::index::{KeyFrame, fields::Fields};

/// The tables of one track, as raw entries.
#[derive(Clone, Copy)]
pub(super) struct SampleTable<'a> {
    scale: u32,
    /// `stts`: runs of (samples, ticks each).
    durations: &'a [u8],
    /// `stss`: one-based numbers of key samples; `None` if every sample is one.
    keys: Option<&'a [u8]>,
    /// `stsc`: (first chunk, samples in each chunk, description).
    chunk_runs: &'a [u8],
    /// `stco` or `co64`.
    chunk_offsets: ChunkOffsets<'a>,
    sizes: Sizes<'a>,
}

#[derive(Clone, Copy)]
enum ChunkOffsets<'a> {
    Narrow(&'a [u8]),
    Wide(&'a [u8]),
}

#[derive(Clone, Copy)]
enum Sizes<'a> {
    Constant(u32),
    Each(&'a [u8]),
}

/// Finds the tables in an `stbl` box; `None` if one is missing, or the film is in fragments and has none.
pub(super) fn table(stbl: &[u8], scale: u32) -> Option<SampleTable<'_>> {
    let chunk_offsets = match child(stbl, b"stco") {
        Some(stco) => ChunkOffsets::Narrow(entries(stco)?),
        None => ChunkOffsets::Wide(entries(child(stbl, b"co64")?)?),
    };
    let mut sizes = Fields(child(stbl, b"stsz")?.get(4..)?);
    let sizes = match sizes.u32()? {
        0 => Sizes::Each(sizes.0.get(4..)?),
        constant => Sizes::Constant(constant),
    };
    let table = SampleTable {
        scale,
        durations: entries(child(stbl, b"stts")?)?,
        keys: child(stbl, b"stss").and_then(entries),
        chunk_runs: entries(child(stbl, b"stsc")?)?,
        chunk_offsets,
        sizes,
    };
    (!chunk_offsets.is_empty()).then_some(table)
}

/// The entries of a table behind its version, flags and count.
fn entries(full_box: &[u8]) -> Option<&[u8]> {
    full_box.get(8..)
}

impl ChunkOffsets<'_> {
    fn get(self, chunk: usize) -> Option<u64> {
        match self {
            Self::Narrow(table) => Fields(table.get(chunk.checked_mul(4)?..)?).u32().map(u64::from),
            Self::Wide(table) => Fields(table.get(chunk.checked_mul(8)?..)?).u64(),
        }
    }

    fn is_empty(self) -> bool {
        self.get(0).is_none()
    }
}

impl Sizes<'_> {
    /// The bytes of the samples `from..to`, both zero-based.
    fn sum(self, from: u64, to: u64) -> Option<u64> {
        match self {
            Self::Constant(size) => u64::from(size).checked_mul(to.checked_sub(from)?),
            Self::Each(table) => {
                let at = |sample: u64| usize::try_from(sample.checked_mul(4)?).ok();
                to.checked_sub(from)?;
                let (quads, _) = table.get(at(from)?..at(to)?)?.as_chunks::<4>();
                Some(quads.iter().map(|&quad| u64::from(u32::from_be_bytes(quad))).sum())
            }
        }
    }
}

/// Follows `stts` to growing sample numbers.
struct Clock<'a> {
    runs: Fields<'a>,
    run_start: u64,
    run_len: u64,
    run_ticks: u64,
    ticks_each: u64,
}

impl<'a> Clock<'a> {
    fn new(table: &SampleTable<'a>) -> Self {
        Self {
            runs: Fields(table.durations),
            run_start: 0,
            run_len: 0,
            run_ticks: 0,
            ticks_each: 0,
        }
    }

    /// When the zero-based sample is decoded, in ticks; samples must be asked for in order.
    fn at(&mut self, sample: u64) -> Option<u64> {
        sample.checked_sub(self.run_start)?;
        while sample >= self.run_start + self.run_len {
            self.run_ticks = self.run_ticks.checked_add(self.run_len * self.ticks_each)?;
            self.run_start += self.run_len;
            self.run_len = u64::from(self.runs.u32()?);
            self.ticks_each = u64::from(self.runs.u32()?);
        }
        self.run_ticks.checked_add((sample - self.run_start) * self.ticks_each)
    }
}

/// A chunk: its first sample, how many it has, where it lies.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    first: u64,
    samples: u64,
    offset: u64,
}

/// All chunks in order; as many as there are offsets.
fn chunks<'a>(table: &SampleTable<'a>) -> impl Iterator<Item = Chunk> + use<'a> {
    let offsets = table.chunk_offsets;
    let mut runs = Fields(table.chunk_runs);
    let mut samples = 0;
    let mut next_run = next_chunk_run(&mut runs);
    let mut first = 0_u64;
    (0..).map_while(move |chunk: usize| {
        let offset = offsets.get(chunk)?;
        while let Some((_, in_each)) = next_run.filter(|&(at, _)| at <= chunk as u64 + 1) {
            samples = in_each;
            next_run = next_chunk_run(&mut runs);
        }
        let found = Chunk { first, samples, offset };
        first += samples;
        Some(found)
    })
}

/// The next run of `stsc`: its first chunk, one-based, and the samples in each of its chunks.
fn next_chunk_run(runs: &mut Fields<'_>) -> Option<(u64, u64)> {
    let (first, samples, _) = (runs.u32()?, runs.u32()?, runs.u32()?);
    Some((u64::from(first.max(1)), u64::from(samples)))
}

/// Where each chunk begins, and when its first sample is decoded.
pub(super) fn chunk_starts(table: &SampleTable<'_>) -> Vec<KeyFrame> {
    let mut clock = Clock::new(table);
    let moment = |chunk: Chunk| {
        Some(KeyFrame { time: time(clock.at(chunk.first)?, table.scale)?, offset: chunk.offset })
    };
    chunks(table).map_while(moment).collect()
}

/// The key frames of a track; the chunks' beginnings if every sample is one.
pub(super) fn key_frames(table: &SampleTable<'_>) -> Vec<KeyFrame> {
    let Some(keys) = table.keys else { return chunk_starts(table) };
    let mut clock = Clock::new(table);
    let mut places = Places::new(table);
    let (numbers, _) = keys.as_chunks::<4>();
    let samples = numbers.iter().map(|&number| u64::from(u32::from_be_bytes(number)));
    samples
        .map_while(|number| {
            let sample = number.checked_sub(1)?;
            let offset = places.at(sample)?;
            Some(KeyFrame { time: time(clock.at(sample)?, table.scale)?, offset })
        })
        .collect()
}

/// Follows chunks and sizes to growing sample numbers, each table entry read once.
struct Places<'a, I> {
    sizes: Sizes<'a>,
    chunks: I,
    current: Option<Chunk>,
    /// The sample reached, and its offset.
    reached: u64,
    offset: u64,
}

impl<'a> Places<'a, ()> {
    fn new(table: &SampleTable<'a>) -> Places<'a, impl Iterator<Item = Chunk> + use<'a>> {
        let chunks = chunks(table);
        Places { sizes: table.sizes, chunks, current: None, reached: 0, offset: 0 }
    }
}

impl<I: Iterator<Item = Chunk>> Places<'_, I> {
    /// The offset of the zero-based sample; samples must be asked for in order.
    fn at(&mut self, sample: u64) -> Option<u64> {
        while self.current.is_none_or(|chunk| sample >= chunk.first + chunk.samples) {
            let chunk = self.chunks.next()?;
            (self.reached, self.offset) = (chunk.first, chunk.offset);
            self.current = Some(chunk);
        }
        self.offset = self.offset.checked_add(self.sizes.sum(self.reached, sample)?)?;
        self.reached = sample;
        Some(self.offset)
    }
}
