//! Writes a segment: entries in, a file out; the same entries give the same bytes.

use miniz_oxide::deflate::compress_to_vec;

use super::{BLOCK_TARGET, DEFLATED, Entry, Family, HEADER, LINE, MAGIC, RATIO_MAX, STORED};
use crate::{cbor::Value, channel::record::RecordId};

/// How hard blocks are compressed, from 0 to 10. A part of the format only where two programs are to write the same
/// bytes.
const LEVEL: u8 = 9;

/// A segment in the making.
#[derive(Debug)]
pub struct SegmentWriter {
    family: Family,
    level: u8,
    out: Vec<u8>,
    index: Vec<u8>,
    block: Block,
    records: u64,
    versions: Option<(u64, u64)>,
    last: Option<RecordId>,
}

#[derive(Debug, Default)]
struct Block {
    raw: Vec<u8>,
    first: Option<RecordId>,
    records: u32,
}

impl SegmentWriter {
    /// An empty one. The level is how many times its records were merged.
    #[must_use]
    pub fn new(family: Family, level: u8) -> Self {
        Self {
            family,
            level,
            out: vec![0; HEADER],
            index: vec![],
            block: Block::default(),
            records: 0,
            versions: None,
            last: None,
        }
    }

    /// Takes the next entry. Ids must rise; an entry that does not is left out and `false` returned.
    pub fn push(&mut self, entry: &Entry) -> bool {
        if self.last.is_some_and(|last| entry.id <= last) {
            return false;
        }
        self.last = Some(entry.id);
        let (low, high) = self.versions.unwrap_or((entry.version, entry.version));
        self.versions = Some((low.min(entry.version), high.max(entry.version)));
        self.block.push(entry);
        self.records += 1;
        if self.block.raw.len() >= BLOCK_TARGET {
            self.end_block();
        }
        true
    }

    /// How many entries it has.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The lowest and the highest version in it.
    #[must_use]
    pub fn versions(&self) -> (u64, u64) {
        self.versions.unwrap_or_default()
    }

    /// Bytes so far, the last block uncompressed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len() + self.index.len() + self.block.raw.len() + LINE
    }

    /// Whether nothing was put in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.block.records > 0 {
            self.end_block();
        }
        let header = self.header();
        self.out[..HEADER].copy_from_slice(&header);
        self.out.extend_from_slice(&self.index);
        self.out
    }

    fn header(&self) -> [u8; HEADER] {
        let (low, high) = self.versions();
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..10].copy_from_slice(&[self.family.number(), self.level]);
        let numbers = [self.records, self.out.len() as u64, self.index.len() as u64, low, high];
        for (place, number) in header[16..56].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        header
    }

    fn end_block(&mut self) {
        let Block { raw, first, records } = std::mem::take(&mut self.block);
        let deflated = compress_to_vec(&raw, LEVEL);
        let helps = deflated.len() < raw.len() && raw.len() <= deflated.len() * RATIO_MAX;
        let (how, bytes) = if helps { (DEFLATED, &deflated) } else { (STORED, &raw) };
        // A block is far smaller than 4 GiB.
        let small = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
        self.index.extend_from_slice(&first.map_or([0; 16], |id| id.0));
        self.index.extend_from_slice(&(self.out.len() as u64).to_be_bytes());
        self.index.extend([small(bytes.len()), small(raw.len())].concat());
        self.index.extend([records.to_be_bytes(), how.to_be_bytes()].concat());
        self.out.extend_from_slice(bytes);
    }
}

impl Block {
    /// `[id, version, record / null]`.
    fn push(&mut self, entry: &Entry) {
        self.first.get_or_insert(entry.id);
        self.records += 1;
        let line = Value::Array(vec![
            Value::Bytes(&entry.id.0),
            Value::Unsigned(entry.version),
            entry.record.as_deref().map_or(Value::Null, Value::Bytes),
        ]);
        self.raw.extend(line.to_bytes());
    }
}
