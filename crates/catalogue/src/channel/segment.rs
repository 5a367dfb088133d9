//! A segment: a file of records of one family, sorted by id, in compressed blocks with an index behind them.
//!
//! Numbers are written high byte first. Everything that a length or a place says is checked against the file before
//! it is believed, and a block is inflated into exactly the room that the index names.

mod reader;
mod writer;

pub use self::{
    reader::{BadSegment, Parts, Segment, SegmentBytes},
    writer::SegmentWriter,
};
use super::record::{RECORD_MAX, RecordId};

/// The largest segment, bytes.
pub const SEGMENT_MAX: usize = 64 << 20;
const MAGIC: &[u8; 8] = b"KINSEG1\0";
const HEADER: usize = 64;
/// Bytes of a block's line in the index.
const LINE: usize = 40;
/// A block ends with the record that brings it to this size, bytes before compression.
const BLOCK_TARGET: usize = 64 << 10;
/// The largest block, bytes before compression: the record that ends it may be large.
const BLOCK_MAX: usize = BLOCK_TARGET + RECORD_MAX + 64;
/// A block may grow by this factor when it is inflated, no more.
const RATIO_MAX: usize = 50;
/// Bytes of a segment for each block that it may have: one that is as large as it should be takes more, however well it packs.
const BLOCK_LEAST: usize = 1 << 10;
/// How a block lies in the file: as it is, or deflated (RFC 1951).
const STORED: u32 = 0;
const DEFLATED: u32 = 1;

/// What sort of records a segment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// What grids, filters and searches need.
    Titles,
    /// What a title's page shows besides.
    Details,
    /// What was taken back; nothing ever leaves it.
    Withdrawals,
    /// Cards of the first screen: a file of its own beside the segments.
    Shelves,
    /// What a filter marks.
    Marks,
}

impl Family {
    /// Those that a catalogue's segments have, in order.
    pub const OF_A_CATALOGUE: [Self; 3] = [Self::Titles, Self::Details, Self::Withdrawals];
    /// The one that a filter's segments have.
    pub const OF_A_FILTER: [Self; 1] = [Self::Marks];

    /// Its number in files.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Titles => 1,
            Self::Details => 2,
            Self::Withdrawals => 3,
            Self::Shelves => 4,
            Self::Marks => 5,
        }
    }

    /// The family of segments that has a number, if it is known to this program.
    #[must_use]
    pub fn of(number: u64) -> Option<Self> {
        let mut all = Self::OF_A_CATALOGUE.into_iter().chain(Self::OF_A_FILTER);
        all.find(|family| u64::from(family.number()) == number)
    }
}

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose record.
    pub id: RecordId,
    /// The manifest's version that brought the change: the higher one holds.
    pub version: u64,
    /// The record as it is from then on; `None` takes it out.
    pub record: Option<Vec<u8>>,
}
