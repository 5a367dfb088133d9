//! What do we have, what is on its way, and what may be asked for?

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use torrent::{Block, Geometry, Piece, Sha256Hash};

use crate::{OpId, bits::Bits, source::Source};

/// Where every block of a torrent stands.
#[derive(Debug)]
pub(crate) struct Pieces {
    geometry: Geometry,
    have: Bits,
    have_bytes: u64,
    /// Grows with every piece that is complete or given up.
    changes: u64,
    partial: BTreeMap<Piece, Partial>,
    /// Those of which blocks are free.
    open_ended: BTreeSet<Piece>,
    /// Blocks of them that are on disk.
    came: u64,
}

/// A piece of which something was asked for and that is not complete.
#[derive(Debug)]
pub(crate) struct Partial {
    /// Blocks nobody was asked for and that have not come.
    free: Bits,
    /// Blocks that are on disk.
    stored: Bits,
    /// Blocks that are on disk and known to be right (v2: one by one).
    verified: Bits,
    /// Who sent each block, to tell liars apart.
    senders: Vec<Option<Source>>,
    /// The write that puts each block on disk. One that was begun for a block given up since means nothing.
    writes: Vec<Option<OpId>>,
    /// SHA-256 of each stored block, where storing told it.
    pub(crate) leaves: Vec<Option<Sha256Hash>>,
    /// After a wrong piece: the one source whose answer shall decide.
    pub(crate) sole: Option<Source>,
    /// Whether a hash of the whole is being made.
    pub(crate) checking: bool,
}

impl Pieces {
    pub(crate) fn new(geometry: Geometry) -> Self {
        let have = Bits::new(geometry.piece_count());
        Self {
            geometry,
            have,
            have_bytes: 0,
            changes: 0,
            partial: BTreeMap::new(),
            open_ended: BTreeSet::new(),
            came: 0,
        }
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Complete and verified pieces.
    pub(crate) fn have(&self) -> &Bits {
        &self.have
    }

    /// Verified bytes, padding not counted, complete pieces only.
    pub(crate) fn have_bytes(&self) -> u64 {
        self.have_bytes
    }

    /// A number that is another one whenever what we have has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    pub(crate) fn has(&self, piece: Piece) -> bool {
        self.have.has(piece.0)
    }

    pub(crate) fn partial(&self, piece: Piece) -> Option<&Partial> {
        self.partial.get(&piece)
    }

    pub(crate) fn partial_mut(&mut self, piece: Piece) -> Option<&mut Partial> {
        self.partial.get_mut(&piece)
    }

    /// Whether a block is on disk and known to be right.
    pub(crate) fn is_verified(&self, block: Block) -> bool {
        self.has(block.piece)
            || self.partial(block.piece).is_some_and(|partial| partial.verified.has(block.index))
    }

    /// Whether a block exists, has not come, and nobody is asked for it.
    pub(crate) fn is_free(&self, block: Block) -> bool {
        if self.has(block.piece) || block.index >= self.geometry.block_count(block.piece) {
            return false;
        }
        match self.partial(block.piece) {
            Some(partial) => partial.free.has(block.index),
            None => !self.is_padding(block),
        }
    }

    /// Whether a block's bytes have not come yet.
    pub(crate) fn is_missing(&self, block: Block) -> bool {
        if self.has(block.piece) || block.index >= self.geometry.block_count(block.piece) {
            return false;
        }
        match self.partial(block.piece) {
            Some(partial) => {
                partial.senders[block.index as usize].is_none() && !partial.stored.has(block.index)
            }
            None => !self.is_padding(block),
        }
    }

    /// Marks a free block as asked for; opens its piece if it is the first.
    pub(crate) fn ask(&mut self, block: Block) {
        self.alter(block.piece, |partial| partial.free.remove(block.index));
    }

    /// A block that was asked for is not any more: it is free again unless it came.
    pub(crate) fn release(&mut self, block: Block) -> bool {
        self.partial.contains_key(&block.piece)
            && self.is_missing(block)
            && self.alter(block.piece, |partial| partial.free.insert(block.index))
    }

    /// A block's bytes came and go to disk.
    pub(crate) fn arrive(&mut self, block: Block, sender: Source) {
        self.alter(block.piece, |partial| {
            partial.free.remove(block.index);
            partial.senders[block.index as usize] = Some(sender);
        });
    }

    /// A block's bytes are being written.
    pub(crate) fn write(&mut self, block: Block, op: OpId) {
        self.alter(block.piece, |partial| partial.writes[block.index as usize] = Some(op));
    }

    /// Whether this write is the one that a block waits for.
    pub(crate) fn is_written_by(&self, block: Block, op: OpId) -> bool {
        let partial = self.partial(block.piece);
        partial.is_some_and(|partial| partial.writes.get(block.index as usize) == Some(&Some(op)))
    }

    /// A block is on disk.
    pub(crate) fn stored(&mut self, block: Block, leaf: Option<Sha256Hash>) {
        if self.partial.contains_key(&block.piece) {
            self.alter(block.piece, |partial| {
                partial.stored.insert(block.index);
                partial.leaves[block.index as usize] = leaf;
            });
        }
    }

    /// A block on disk was found right.
    pub(crate) fn verify(&mut self, block: Block) {
        self.alter(block.piece, |partial| {
            partial.free.remove(block.index);
            partial.stored.insert(block.index);
            partial.verified.insert(block.index);
        });
    }

    /// A block was found wrong: it is free again. Tells who sent it.
    pub(crate) fn refuse(&mut self, block: Block) -> Option<Source> {
        self.partial(block.piece)?;
        self.alter(block.piece, |partial| {
            partial.stored.remove(block.index);
            partial.free.insert(block.index);
            partial.leaves[block.index as usize] = None;
            partial.writes[block.index as usize] = None;
            partial.senders[block.index as usize].take()
        })
    }

    /// A whole piece is right.
    pub(crate) fn complete(&mut self, piece: Piece) -> Option<Partial> {
        if self.have.insert(piece.0) {
            self.changes += 1;
            self.have_bytes += u64::from(self.geometry.data_len(piece));
        }
        self.close(piece)
    }

    /// A complete piece is given up (evicted, or lost on disk).
    pub(crate) fn forget(&mut self, piece: Piece) {
        if self.have.remove(piece.0) {
            self.changes += 1;
            self.have_bytes -= u64::from(self.geometry.data_len(piece));
        }
        self.close(piece);
    }

    /// Blocks of pieces under way that a source sent and that were not found right one by one.
    pub(crate) fn unproven_from(&self, source: Source) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (piece, partial) in &self.partial {
            let sent =
                partial.senders.iter().zip(0..).filter(|(sender, _)| **sender == Some(source));
            let unproven = sent.filter(|(_, index)| !partial.verified.has(*index));
            blocks.extend(unproven.map(|(_, index)| Block { piece: *piece, index }));
        }
        blocks
    }

    /// Whether there are any.
    pub(crate) fn has_unproven_from(&self, source: Source) -> bool {
        let sent = |partial: &Partial| {
            let mut senders = partial.senders.iter().zip(0..);
            senders.any(|(sender, at)| *sender == Some(source) && !partial.verified.has(at))
        };
        self.partial.values().any(sent)
    }

    /// Everything of a piece is free again, for one source alone if one is named.
    pub(crate) fn restart(&mut self, piece: Piece, sole: Option<Source>) {
        self.close(piece);
        self.alter(piece, |partial| partial.sole = sole);
    }

    /// Pieces under way, ascending.
    pub(crate) fn partials(&self) -> impl Iterator<Item = (Piece, &Partial)> {
        self.partial.iter().map(|(piece, partial)| (*piece, partial))
    }

    /// How many there are.
    pub(crate) fn begun(&self) -> usize {
        self.partial.len()
    }

    /// Those of which blocks may be asked for, ascending.
    pub(crate) fn open_ended(&self) -> impl Iterator<Item = (Piece, &Partial)> {
        self.open_ended.iter().filter_map(|piece| Some((*piece, self.partial.get(piece)?)))
    }

    /// Blocks of pieces under way that are on disk.
    pub(crate) fn came(&self) -> u64 {
        self.came
    }

    /// Those of them in a range.
    pub(crate) fn begun_within(&self, range: Range<u32>) -> impl Iterator<Item = Piece> {
        self.partial.range(Piece(range.start)..Piece(range.end)).map(|(piece, _)| *piece)
    }

    /// The end of the verified run that starts at `from`, looking no further than `until`.
    pub(crate) fn verified_until(&self, from: u64, until: u64) -> u64 {
        let mut at = from;
        while at < until.min(self.geometry.content_len()) {
            let piece = self.geometry.piece_at(at);
            if self.has(piece) {
                at =
                    self.geometry.piece_start(piece) + u64::from(self.geometry.nominal_piece_len());
                continue;
            }
            let block = self.geometry.block_at(at);
            if !self.is_verified(block) {
                break;
            }
            at = self.geometry.block_range(block).end.max(at + 1);
        }
        at.clamp(from, until.max(from))
    }

    /// Whether a block is nothing but padding: zeros that are never asked for.
    fn is_padding(&self, block: Block) -> bool {
        self.geometry.is_padding(&self.geometry.block_range(block))
    }

    /// Changes a piece under way; it is from now on, if it was not.
    fn alter<T>(&mut self, piece: Piece, change: impl FnOnce(&mut Partial) -> T) -> T {
        if !self.partial.contains_key(&piece) {
            let partial = self.fresh(piece);
            self.came += partial.came();
            if partial.free.count() > 0 {
                self.open_ended.insert(piece);
            }
            self.partial.insert(piece, partial);
        }
        let partial = self.partial.get_mut(&piece).expect("it is there, or was just put in");
        let before = (partial.came(), partial.free.count() > 0);
        let result = change(partial);
        let after = (partial.came(), partial.free.count() > 0);
        self.came = self.came - before.0 + after.0;
        match (before.1, after.1) {
            (false, true) => self.open_ended.insert(piece),
            (true, false) => self.open_ended.remove(&piece),
            _ => false,
        };
        result
    }

    /// A piece is not under way any more.
    fn close(&mut self, piece: Piece) -> Option<Partial> {
        let partial = self.partial.remove(&piece)?;
        self.open_ended.remove(&piece);
        self.came -= partial.came();
        Some(partial)
    }

    fn fresh(&self, piece: Piece) -> Partial {
        let blocks = self.geometry.block_count(piece);
        let mut partial = Partial {
            free: Bits::full(blocks),
            stored: Bits::new(blocks),
            verified: Bits::new(blocks),
            senders: vec![None; blocks as usize],
            writes: vec![None; blocks as usize],
            leaves: vec![None; blocks as usize],
            sole: None,
            checking: false,
        };
        for index in (0..blocks).filter(|index| self.is_padding(Block { piece, index: *index })) {
            partial.free.remove(index);
            partial.stored.insert(index);
        }
        partial
    }
}

impl Partial {
    /// The first block that may be asked for.
    pub(crate) fn first_free(&self) -> Option<u32> {
        self.free.first(0..self.free.len())
    }

    /// How many blocks are on disk.
    pub(crate) fn came(&self) -> u64 {
        u64::from(self.stored.count())
    }

    pub(crate) fn is_all_stored(&self) -> bool {
        self.stored.is_full()
    }

    pub(crate) fn is_stored(&self, index: u32) -> bool {
        self.stored.has(index)
    }

    pub(crate) fn is_block_verified(&self, index: u32) -> bool {
        self.verified.has(index)
    }

    /// Whether nothing is on disk or on its way.
    pub(crate) fn is_untouched(&self) -> bool {
        self.free.is_full()
    }

    pub(crate) fn senders(&self) -> &[Option<Source>] {
        &self.senders
    }

    /// Whether some of it was on disk before anybody sent anything.
    pub(crate) fn is_of_old(&self) -> bool {
        let mut senders = self.senders.iter().zip(0..);
        senders.any(|(sender, index)| sender.is_none() && self.verified.has(index))
    }

    /// The SHA-256 of every data block, if all are known.
    pub(crate) fn all_leaves(&self, data_blocks: u32) -> Option<Vec<Sha256Hash>> {
        self.leaves.get(..data_blocks as usize)?.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ConnId;

    fn pieces() -> Pieces {
        let pads = [(81_920, 131_072)].map(|(start, end)| start..end);
        Pieces::new(Geometry::new(65536, 65536 * 4, pads.to_vec(), true))
    }

    fn block(piece: u32, index: u32) -> Block {
        Block { piece: Piece(piece), index }
    }

    #[test]
    fn a_block_is_asked_for_comes_and_is_found_wrong() {
        let mut pieces = pieces();
        let sender = Source::Peer(ConnId(2));
        assert!(pieces.is_free(block(0, 1)));
        pieces.ask(block(0, 1));
        assert!(!pieces.is_free(block(0, 1)) && pieces.is_missing(block(0, 1)));
        pieces.arrive(block(0, 1), sender);
        assert!(!pieces.is_missing(block(0, 1)));
        assert!(!pieces.release(block(0, 1)), "what came is not asked for again");
        pieces.stored(block(0, 1), None);
        assert_eq!(pieces.refuse(block(0, 1)), Some(sender));
        assert!(pieces.is_free(block(0, 1)));
    }

    #[test]
    fn padding_is_never_free() {
        let mut pieces = pieces();
        assert!(pieces.is_free(block(1, 0)));
        assert!(!pieces.is_free(block(1, 1)) && !pieces.is_missing(block(1, 3)));
        pieces.ask(block(1, 0));
        assert_eq!(pieces.partial(Piece(1)).and_then(Partial::first_free), None);
        pieces.stored(block(1, 0), None);
        assert!(pieces.partial(Piece(1)).is_some_and(Partial::is_all_stored));
    }

    #[test]
    fn the_verified_run_ends_where_the_first_unknown_block_starts() {
        let mut pieces = pieces();
        pieces.complete(Piece(0));
        pieces.verify(block(1, 0));
        assert_eq!(pieces.verified_until(100, u64::MAX), 65536 + 16384);
        assert_eq!(pieces.verified_until(100, 200), 200);
        assert_eq!(pieces.verified_until(200_000, u64::MAX), 200_000);
    }
}
