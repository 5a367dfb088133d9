//! Reads a segment that a stranger may have made.

use std::{borrow::Cow, ops::Range, sync::Arc};

use miniz_oxide::inflate::decompress_slice_iter_to_slice;

use super::{
    BLOCK_LEAST, BLOCK_MAX, DEFLATED, Entry, Family, HEADER, LINE, MAGIC, RATIO_MAX, SEGMENT_MAX,
    STORED,
};
use crate::{
    cbor::{BadCbor, Limits, Reader, Value},
    channel::record::{RECORD_MAX, RecordId},
};

/// Where the bytes of a segment are: in memory, or in a file of which parts are read when they are needed.
pub trait SegmentBytes: Clone {
    /// How many there are.
    fn length(&self) -> usize;

    /// A part of them; nothing if it is not there any more.
    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>>;
}

impl SegmentBytes for &[u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        self.get(range).map(Cow::Borrowed)
    }
}

/// Bytes of which it is not known before the program runs where they are.
pub trait Parts {
    /// How many there are.
    fn length(&self) -> usize;

    /// A part of them; nothing if it is not there any more.
    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>>;
}

impl Parts for Vec<u8> {
    fn length(&self) -> usize {
        self.len()
    }

    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        self.get(range).map(Cow::Borrowed)
    }
}

impl SegmentBytes for Arc<dyn Parts> {
    fn length(&self) -> usize {
        (**self).length()
    }

    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        (**self).part(range)
    }
}

/// A segment whose header and index hold together.
#[derive(Debug, Clone)]
pub struct Segment<S> {
    bytes: S,
    family: Family,
    level: u8,
    records: u64,
    versions: (u64, u64),
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    first: RecordId,
    start: usize,
    len: usize,
    raw_len: usize,
    records: u32,
    deflated: bool,
}

/// Why bytes are no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSegment {
    /// Over [`SEGMENT_MAX`].
    #[error("it is larger than {} MiB", SEGMENT_MAX >> 20)]
    TooLarge,
    /// A part of it cannot be read.
    #[error("a part of it cannot be read any more")]
    Unreadable,
    /// Another kind of file, or cut short.
    #[error("it is not a segment of format 1")]
    Header,
    /// A family that this program does not know.
    #[error("its records are of a kind that is not known here")]
    Family,
    /// The index contradicts the file or itself.
    #[error("its index does not fit it")]
    Index,
    /// Many blocks with little in them: the index takes more memory than the file pays for.
    #[error("it has more blocks than its size allows")]
    Blocks,
    /// A block would grow beyond all measure.
    #[error("a block of it grows too much when it is unpacked")]
    Bomb,
    /// A block that cannot be unpacked to the length that the index says.
    #[error("a block of it cannot be unpacked")]
    Block,
    /// What is in a block is not well written.
    #[error("an entry of it is not well written: {0}")]
    Cbor(#[from] BadCbor),
    /// An entry is not of its shape, or too large.
    #[error("an entry of it is not of the right form")]
    Entry,
    /// Ids do not rise, or stand twice.
    #[error("its entries are out of order")]
    Unsorted,
    /// A version outside of those that the header names.
    #[error("an entry has a version that its header does not name")]
    Version,
}

impl<S: SegmentBytes> Segment<S> {
    /// Reads header and index; blocks are read when they are asked for.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(bytes: S) -> Result<Self, BadSegment> {
        let length = bytes.length();
        if length > SEGMENT_MAX {
            return Err(BadSegment::TooLarge);
        }
        let header = bytes.part(0..HEADER).ok_or(BadSegment::Header)?;
        let header: &[u8; HEADER] = header.first_chunk().ok_or(BadSegment::Header)?;
        let zeros = header[10..16].iter().chain(&header[56..]).all(|byte| *byte == 0);
        if !header.starts_with(MAGIC) || !zeros {
            return Err(BadSegment::Header);
        }
        let number = |at: usize| u64_at(header, at);
        let place = index_of(length, number(24), number(32))?;
        if place.len() / LINE > 1 + length / BLOCK_LEAST {
            return Err(BadSegment::Blocks);
        }
        let index = bytes.part(place.clone()).ok_or(BadSegment::Index)?;
        let segment = Self {
            bytes: bytes.clone(),
            family: family_of(header[8]).ok_or(BadSegment::Family)?,
            level: header[9],
            records: number(16),
            versions: (number(40), number(48)),
            blocks: index.chunks_exact(LINE).map(block).collect::<Result<_, _>>()?,
        };
        segment.check(place.start)?;
        Ok(segment)
    }

    /// Blocks must follow each other from the header to the index, and hold all records.
    fn check(&self, index: usize) -> Result<(), BadSegment> {
        let mut at = HEADER;
        let mut records = 0;
        let mut last = None;
        for block in &self.blocks {
            let rises = last.is_none_or(|last| last < block.first);
            if block.start != at || block.records == 0 || block.len == 0 || !rises {
                return Err(BadSegment::Index);
            }
            if block.raw_len > BLOCK_MAX || block.raw_len > block.len.saturating_mul(RATIO_MAX) {
                return Err(BadSegment::Bomb);
            }
            at = at.checked_add(block.len).filter(|at| *at <= index).ok_or(BadSegment::Index)?;
            records += u64::from(block.records);
            last = Some(block.first);
        }
        let fits = at == index && records == self.records && self.versions.0 <= self.versions.1;
        if fits { Ok(()) } else { Err(BadSegment::Index) }
    }

    /// What sort of records it has.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// How many times its records were merged.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }

    /// How many entries it says it has.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The lowest and the highest version in it.
    #[must_use]
    pub fn versions(&self) -> (u64, u64) {
        self.versions
    }

    /// All entries in order, a block unpacked at a time. After an error nothing follows.
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry, BadSegment>> + use<S> {
        let segment = self.clone();
        let (mut next, mut last, mut failed) = (0, None, false);
        std::iter::from_fn(move || {
            let at = next;
            next += 1;
            if failed || at >= segment.blocks.len() {
                return None;
            }
            let block = segment.block(at, &mut last);
            failed = block.is_err();
            Some(block)
        })
        .flat_map(|block| match block {
            Ok(entries) => entries.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(why) => vec![Err(why)],
        })
    }

    /// The entry of one record, if it is here: only its block is unpacked.
    ///
    /// # Errors
    /// What is wrong with the block.
    pub fn get(&self, id: RecordId) -> Result<Option<Entry>, BadSegment> {
        let behind = self.blocks.partition_point(|block| block.first <= id);
        let Some(at) = behind.checked_sub(1) else { return Ok(None) };
        let entries = self.block(at, &mut None)?;
        Ok(entries.into_iter().find(|entry| entry.id == id))
    }

    /// The blocks in which records of these ids may be.
    pub(crate) fn blocks_of(&self, first: RecordId, last: RecordId) -> Range<usize> {
        let start = self.blocks.partition_point(|block| block.first <= first).saturating_sub(1);
        start..self.blocks.partition_point(|block| block.first <= last)
    }

    /// All entries of a block.
    pub(crate) fn entries_of(&self, block: usize) -> Result<Vec<Entry>, BadSegment> {
        let mut last = None;
        let entries = self.block(block, &mut last)?;
        let next = self.blocks.get(block + 1).map(|next| next.first);
        let ends = next.is_none_or(|next| last.is_none_or(|last| last < next));
        if ends { Ok(entries) } else { Err(BadSegment::Unsorted) }
    }

    fn block(&self, at: usize, last: &mut Option<RecordId>) -> Result<Vec<Entry>, BadSegment> {
        let block = self.blocks.get(at).ok_or(BadSegment::Index)?;
        let part = self.bytes.part(block.start..block.start + block.len);
        let bytes = part.ok_or(BadSegment::Unreadable)?;
        let raw = if block.deflated { Cow::Owned(inflate(&bytes, block.raw_len)?) } else { bytes };
        let values = (block.records as usize).saturating_mul(4);
        let mut reader = Reader::new(&raw, Limits { bytes: BLOCK_MAX, depth: 1, values })?;
        let mut entries = Vec::new();
        while !reader.is_at_end() {
            let entry = self.entry(reader.value()?)?;
            let opens = entries.is_empty();
            if (opens && entry.id != block.first) || last.is_some_and(|last| entry.id <= last) {
                return Err(BadSegment::Unsorted);
            }
            *last = Some(entry.id);
            entries.push(entry);
        }
        if entries.len() == block.records as usize { Ok(entries) } else { Err(BadSegment::Index) }
    }

    fn entry(&self, value: Value<'_>) -> Result<Entry, BadSegment> {
        let wrong = |_| BadSegment::Entry;
        let [id, version, record] = value.tuple().map_err(wrong)?;
        let version = version.unsigned().map_err(wrong)?;
        if !(self.versions.0..=self.versions.1).contains(&version) {
            return Err(BadSegment::Version);
        }
        let record = match record {
            Value::Null => None,
            Value::Bytes(record) if record.len() <= RECORD_MAX => Some(record.to_vec()),
            _ => return Err(BadSegment::Entry),
        };
        Ok(Entry { id: RecordId(id.array_of().map_err(wrong)?), version, record })
    }
}

fn family_of(number: u8) -> Option<Family> {
    let shelves = (number == Family::Shelves.number()).then_some(Family::Shelves);
    shelves.or_else(|| Family::of(number.into()))
}

fn inflate(bytes: &[u8], len: usize) -> Result<Vec<u8>, BadSegment> {
    let mut raw = vec![0; len];
    let done = decompress_slice_iter_to_slice(&mut raw, std::iter::once(bytes), false, true);
    if done == Ok(len) { Ok(raw) } else { Err(BadSegment::Block) }
}

/// The index lies at the end of the file.
fn index_of(length: usize, start: u64, len: u64) -> Result<Range<usize>, BadSegment> {
    let end = start.checked_add(len).ok_or(BadSegment::Index)?;
    let start = usize::try_from(start).ok().filter(|start| (HEADER..=length).contains(start));
    let start = start.ok_or(BadSegment::Index)?;
    if end == length as u64 && (length - start).is_multiple_of(LINE) {
        Ok(start..length)
    } else {
        Err(BadSegment::Index)
    }
}

fn block(line: &[u8]) -> Result<Block, BadSegment> {
    let line: &[u8; LINE] = line.try_into().map_err(|_| BadSegment::Index)?;
    let place = |number: u64| usize::try_from(number).map_err(|_| BadSegment::Index);
    let small = |at: usize| (u64_at(line, at) >> 32) as u32;
    let block = Block {
        first: RecordId(std::array::from_fn(|at| line[at])),
        start: place(u64_at(line, 16))?,
        len: place(small(24).into())?,
        raw_len: place(small(28).into())?,
        records: small(32),
        deflated: match u32::from_be_bytes([line[36], line[37], line[38], line[39]]) {
            STORED => false,
            DEFLATED => true,
            _ => return Err(BadSegment::Index),
        },
    };
    let stored_whole = block.deflated || block.len == block.raw_len;
    if stored_whole { Ok(block) } else { Err(BadSegment::Index) }
}

/// Eight bytes from a place that the caller knows to be inside.
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
