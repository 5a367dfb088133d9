//! How a torrent's bytes are cut into pieces and blocks.
//!
//! The *content* of a torrent is one run of bytes: its files one after the other, with the padding that
//! aligns files to pieces counted in (explicit pad files in v1 and hybrid torrents, implied ones in v2).
//! An offset into that run is called a *content offset* everywhere.

use std::ops::Range;

/// The usual length of a request, and the leaf of a v2 Merkle tree (BEP 3, BEP 52).
pub const BLOCK_LEN: u32 = 16 * 1024;

/// The index of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece(pub u32);

/// One block of a piece: `index` counts blocks of [`BLOCK_LEN`] from the start of the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// The piece it belongs to.
    pub piece: Piece,
    /// Its place in the piece.
    pub index: u32,
}

/// Lengths of pieces and blocks, and which of their bytes are padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geometry {
    piece_len: u32,
    content_len: u64,
    /// Sorted, disjoint content ranges that are zero by definition and lie in no file.
    pads: Vec<Range<u64>>,
    /// Whether padding exists on the wire (v1, hybrid) or pieces end where their file ends (v2 only).
    pads_on_wire: bool,
}

impl Geometry {
    /// Cuts `content_len` bytes into pieces of `piece_len`; `pads` are the padding's content ranges, sorted and disjoint.
    ///
    /// # Panics
    /// If `piece_len` is 0 or there are more than `u32::MAX` pieces: metainfo validation rules that out.
    #[must_use]
    pub fn new(
        piece_len: u32,
        content_len: u64,
        pads: Vec<Range<u64>>,
        pads_on_wire: bool,
    ) -> Self {
        assert!(piece_len > 0, "metainfo validation rejects a piece length of 0");
        assert!(
            content_len.div_ceil(u64::from(piece_len)) <= u64::from(u32::MAX),
            "too many pieces"
        );
        debug_assert!(
            pads.windows(2).all(|two| two[0].end <= two[1].start),
            "pads are sorted and disjoint"
        );
        Self { piece_len, content_len, pads, pads_on_wire }
    }

    /// The length of every piece but the short ones.
    #[must_use]
    pub fn nominal_piece_len(&self) -> u32 {
        self.piece_len
    }

    /// The length of the content, padding included.
    #[must_use]
    pub fn content_len(&self) -> u64 {
        self.content_len
    }

    /// How many pieces there are.
    #[must_use]
    pub fn piece_count(&self) -> u32 {
        u32::try_from(self.content_len.div_ceil(u64::from(self.piece_len))).unwrap_or(u32::MAX)
    }

    /// Whether the torrent has this piece.
    #[must_use]
    pub fn has(&self, piece: Piece) -> bool {
        piece.0 < self.piece_count()
    }

    /// Where a piece starts in the content.
    #[must_use]
    pub fn piece_start(&self, piece: Piece) -> u64 {
        u64::from(piece.0) * u64::from(self.piece_len)
    }

    /// How many bytes of a piece peers ask each other for. 0 for a piece that does not exist.
    #[must_use]
    pub fn piece_len(&self, piece: Piece) -> u32 {
        if self.pads_on_wire { self.span(piece) } else { self.data_len(piece) }
    }

    /// Up to where in a piece peers may ask: without padding on the wire, programs before libtorrent 2.1 still
    /// ask for whole blocks where a file ends, and expect zeros.
    #[must_use]
    pub fn askable_len(&self, piece: Piece) -> u32 {
        if self.pads_on_wire || !self.has(piece) { self.span(piece) } else { self.piece_len }
    }

    /// How many bytes of a piece come before its trailing padding: what a v2 piece hashes (BEP 52).
    #[must_use]
    pub fn data_len(&self, piece: Piece) -> u32 {
        let start = self.piece_start(piece);
        let end = start + u64::from(self.span(piece));
        let at = self.pads.partition_point(|pad| pad.end < end);
        match self.pads.get(at) {
            Some(pad) if pad.start < end && pad.end >= end => {
                u32::try_from(pad.start.max(start) - start).unwrap_or(0)
            }
            _ => self.span(piece),
        }
    }

    /// How many blocks a piece has on the wire.
    #[must_use]
    pub fn block_count(&self, piece: Piece) -> u32 {
        self.piece_len(piece).div_ceil(BLOCK_LEN)
    }

    /// How long a block is on the wire. 0 for a block that does not exist.
    #[must_use]
    pub fn block_len(&self, block: Block) -> u32 {
        let begin = u64::from(block.index) * u64::from(BLOCK_LEN);
        let left = u64::from(self.piece_len(block.piece)).saturating_sub(begin);
        u32::try_from(left.min(u64::from(BLOCK_LEN))).unwrap_or(BLOCK_LEN)
    }

    /// The content range of a block, as long as it is on the wire.
    #[must_use]
    pub fn block_range(&self, block: Block) -> Range<u64> {
        let start = self.piece_start(block.piece) + u64::from(block.index) * u64::from(BLOCK_LEN);
        start..start + u64::from(self.block_len(block))
    }

    /// The content range of a piece, as long as it is on the wire.
    #[must_use]
    pub fn piece_range(&self, piece: Piece) -> Range<u64> {
        let start = self.piece_start(piece);
        start..start + u64::from(self.piece_len(piece))
    }

    /// The piece that holds a content offset. The offset must lie within the content.
    #[must_use]
    pub fn piece_at(&self, offset: u64) -> Piece {
        debug_assert!(offset < self.content_len, "{offset} is past the end");
        Piece(u32::try_from(offset / u64::from(self.piece_len)).unwrap_or(u32::MAX))
    }

    /// The block that holds a content offset. The offset must lie within the content.
    #[must_use]
    pub fn block_at(&self, offset: u64) -> Block {
        let piece = self.piece_at(offset);
        let within = offset - self.piece_start(piece);
        Block { piece, index: u32::try_from(within / u64::from(BLOCK_LEN)).unwrap_or(u32::MAX) }
    }

    /// The pieces that a content range touches.
    #[must_use]
    pub fn pieces_in(&self, range: &Range<u64>) -> Range<u32> {
        let end = range.end.min(self.content_len);
        if range.start >= end {
            return 0..0;
        }
        self.piece_at(range.start).0..self.piece_at(end - 1).0 + 1
    }

    /// The padding, as sorted content ranges.
    #[must_use]
    pub fn pads(&self) -> &[Range<u64>] {
        &self.pads
    }

    /// Whether every byte of a content range is padding: such a block is zeros and is never asked for.
    #[must_use]
    pub fn is_padding(&self, range: &Range<u64>) -> bool {
        let at = self.pads.partition_point(|pad| pad.end <= range.start);
        self.pads.get(at).is_some_and(|pad| pad.start <= range.start && range.end <= pad.end)
    }

    /// The length of a piece with its padding: nominal but for the last one.
    fn span(&self, piece: Piece) -> u32 {
        let left = self.content_len.saturating_sub(self.piece_start(piece));
        u32::try_from(left.min(u64::from(self.piece_len))).unwrap_or(self.piece_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_and_its_last_block_are_short() {
        let geometry = Geometry::new(32768, 32768 * 2 + 20000, vec![], true);
        assert_eq!(geometry.piece_count(), 3);
        assert_eq!(geometry.piece_len(Piece(2)), 20000);
        assert_eq!(geometry.block_count(Piece(2)), 2);
        assert_eq!(geometry.block_len(Block { piece: Piece(2), index: 1 }), 20000 - 16384);
        assert_eq!(geometry.block_len(Block { piece: Piece(3), index: 0 }), 0);
        assert_eq!(geometry.pieces_in(&(32767..32769)), 0..2);
    }

    #[test]
    fn padding_counts_on_the_wire_for_hybrids_and_not_for_v2() {
        // Two files of 20,000 and 40,000 bytes, pieces of 32 KiB, the first file padded to a piece.
        let pad = 20000..32768;
        let hybrid = Geometry::new(32768, 32768 + 40000, vec![pad.clone()], true);
        let v2 = Geometry::new(32768, 32768 + 40000, vec![pad], false);
        assert_eq!((hybrid.piece_len(Piece(0)), hybrid.data_len(Piece(0))), (32768, 20000));
        assert_eq!((v2.piece_len(Piece(0)), v2.data_len(Piece(0))), (20000, 20000));
        assert_eq!(v2.piece_len(Piece(1)), 32768);
        assert_eq!(v2.piece_len(Piece(2)), 40000 - 32768);
        assert!(hybrid.is_padding(&(20000..32768)));
        assert!(!hybrid.is_padding(&(19999..32768)));
    }
}
