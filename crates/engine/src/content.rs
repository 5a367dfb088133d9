//! What is known once the metainfo is: pieces, who has them, what is wanted, what each must hash to.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use torrent::{Block, Info, Metainfo, Piece, Sha256Hash};

use crate::{
    Want, bits::Bits, hashes::HashQuestions, liars::Trials, peer::Peer, picker::Holdings,
    picker::Rarity, picker::SCARCE_MAX, pieces::Pieces, source::Source,
};

/// Leaf hashes kept for peers that ask, over one torrent: 32 MiB.
const LEAVES_MAX: usize = 1 << 20;

/// The content of a torrent.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) metainfo: Arc<Metainfo>,
    pub(crate) pieces: Pieces,
    pub(crate) rarity: Rarity,
    /// Whether the storage is open and we know what is in it.
    pub(crate) ready: bool,
    /// No space may be taken for anything but what a player needs next.
    pub(crate) full_disk: bool,
    /// Pieces that somebody chose to fetch.
    chosen: Bits,
    /// Pieces to fetch without a reader: those, and the rest of what is watched.
    wanted: Bits,
    /// Missing pieces that another torrent has: nobody else is asked for them.
    copyable: Bits,
    /// Missing pieces that another torrent is fetching: nobody else is asked for them until a player needs them.
    elsewhere: BTreeSet<Piece>,
    /// Pieces of files that are wanted or read, and missing: what peers interest us with.
    lacking: Bits,
    /// Proven leaf hashes of pieces, to judge blocks alone and to give to peers.
    leaves: BTreeMap<Piece, Vec<Sha256Hash>>,
    leaves_kept: usize,
    pub(crate) questions: HashQuestions,
    pub(crate) trials: Trials,
    /// Whether the SHA-1 of a piece was looked at that SHA-256 had found right.
    pub(crate) compared: bool,
}

impl Content {
    pub(crate) fn new(metainfo: Arc<Metainfo>) -> Self {
        let geometry = metainfo.info.geometry().clone();
        let count = geometry.piece_count();
        Self {
            metainfo,
            pieces: Pieces::new(geometry),
            rarity: Rarity::new(count),
            ready: false,
            full_disk: false,
            chosen: Bits::new(count),
            wanted: Bits::new(count),
            copyable: Bits::new(count),
            elsewhere: BTreeSet::new(),
            lacking: Bits::new(count),
            leaves: BTreeMap::new(),
            leaves_kept: 0,
            questions: HashQuestions::default(),
            trials: Trials::default(),
            compared: false,
        }
    }

    pub(crate) fn info(&self) -> &Info {
        &self.metainfo.info
    }

    pub(crate) fn piece_len(&self) -> u32 {
        self.pieces.geometry().nominal_piece_len()
    }

    /// Takes over what somebody chose to fetch, and which files are read: those that are `watched` are fetched
    /// to their end.
    pub(crate) fn want(&mut self, want: &Want, read: &[Range<u64>], watched: &[Range<u64>]) {
        let count = self.pieces.geometry().piece_count();
        self.chosen = match want {
            Want::Nothing => Bits::new(count),
            Want::All => Bits::full(count),
            Want::Files(files) => self.pieces_of(files),
            Want::Selected(ranges) => self.pieces_of(&self.selected(ranges)),
        };
        self.wanted = self.chosen.clone();
        for piece in watched.iter().flat_map(|range| self.pieces.geometry().pieces_in(range)) {
            self.wanted.insert(piece);
        }
        let mut lacking = self.wanted.clone();
        for piece in read.iter().flat_map(|range| self.pieces.geometry().pieces_in(range)) {
            lacking.insert(piece);
        }
        self.pieces.have().iter().for_each(|piece| {
            lacking.remove(piece);
        });
        self.lacking = lacking;
    }

    fn selected(&self, ranges: &[RangeInclusive<u32>]) -> Vec<usize> {
        let is_selected = |file: &usize| {
            u32::try_from(*file).is_ok_and(|file| ranges.iter().any(|range| range.contains(&file)))
        };
        (0..self.info().files().len()).filter(is_selected).collect()
    }

    fn pieces_of(&self, files: &[usize]) -> Bits {
        let mut bits = Bits::new(self.pieces.geometry().piece_count());
        for file in files.iter().filter_map(|file| self.info().files().get(*file)) {
            let range = file.offset..file.offset + file.length;
            self.pieces.geometry().pieces_in(&range).for_each(|piece| {
                bits.insert(piece);
            });
        }
        bits
    }

    /// Puts exactly those pieces on offer that are wanted or in a window, missing and not begun.
    pub(crate) fn offer(&mut self, windows: &[Range<u32>]) {
        for piece in 0..self.pieces.geometry().piece_count() {
            let wanted =
                self.wanted.has(piece) || windows.iter().any(|range| range.contains(&piece));
            if wanted && !self.pieces.has(Piece(piece)) {
                self.offer_piece(Piece(piece));
            } else {
                self.rarity.withdraw(piece);
                self.rarity.ignore(piece);
            }
        }
    }

    /// A missing piece is wanted from now on; whether it can be picked.
    pub(crate) fn offer_piece(&mut self, piece: Piece) -> bool {
        self.rarity.lack(piece.0);
        let fresh = self.pieces.partial(piece).is_none() && !self.is_others(piece);
        if fresh {
            self.rarity.offer(piece.0);
        } else {
            self.rarity.withdraw(piece.0);
        }
        fresh
    }

    /// Whether another torrent has a piece.
    pub(crate) fn is_copyable(&self, piece: Piece) -> bool {
        self.copyable.has(piece.0)
    }

    /// Whether another torrent has a piece or is fetching it.
    pub(crate) fn is_others(&self, piece: Piece) -> bool {
        self.is_copyable(piece) || self.elsewhere.contains(&piece)
    }

    /// Takes over which pieces another torrent is fetching; whether others have to be asked for what no other
    /// torrent is fetching or has any more.
    pub(crate) fn leave_to_others(&mut self, pieces: BTreeSet<Piece>) -> bool {
        let before = std::mem::replace(&mut self.elsewhere, pieces);
        self.elsewhere.iter().for_each(|piece| self.rarity.withdraw(piece.0));
        before.iter().any(|piece| !self.pieces.has(*piece) && !self.is_others(*piece))
    }

    /// Whether another torrent has anything that we lack.
    pub(crate) fn copies_any(&self) -> bool {
        self.lacking.first_common(&self.copyable, 0..self.lacking.len()).is_some()
    }

    /// The blocks that another torrent has and that are fetched without a reader, as far as there is room.
    pub(crate) fn copyable_blocks(&self) -> impl Iterator<Item = Block> {
        let wanted = |piece: &u32| !self.full_disk && self.wanted.has(*piece);
        let pieces = self.lacking.iter().filter(|piece| self.copyable.has(*piece)).filter(wanted);
        pieces.flat_map(|piece| {
            let count = self.pieces.geometry().block_count(Piece(piece));
            (0..count).map(move |index| Block { piece: Piece(piece), index })
        })
    }

    /// Takes over which pieces another torrent has; whether there are fewer of them than before, and others have
    /// to be asked for the rest.
    pub(crate) fn set_copyable(&mut self, bits: Bits) -> bool {
        let before = std::mem::replace(&mut self.copyable, bits);
        self.copyable.iter().for_each(|piece| self.rarity.withdraw(piece));
        let missing = before.iter().filter(|piece| !self.pieces.has(Piece(*piece)));
        let mut lost = missing.filter(|piece| !self.copyable.has(*piece));
        lost.next().is_some()
    }

    /// Whether a piece is fetched without a reader.
    pub(crate) fn is_wanted(&self, piece: Piece) -> bool {
        self.wanted.has(piece.0)
    }

    /// Whether anything is fetched without a reader.
    pub(crate) fn wants_more(&self) -> bool {
        self.wanted.count() > 0
    }

    /// Whether somebody chose to have a piece.
    pub(crate) fn is_chosen(&self, piece: Piece) -> bool {
        self.chosen.has(piece.0)
    }

    /// Bytes chosen in all and those of them that are there, padding not counted.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let geometry = self.pieces.geometry();
        let len = |piece| u64::from(geometry.data_len(Piece(piece)));
        let chosen = self.chosen.iter().map(len).sum();
        let there =
            self.chosen.iter().filter(|piece| self.pieces.has(Piece(*piece))).map(len).sum();
        (chosen, there)
    }

    /// Whether everything that was chosen is there.
    pub(crate) fn is_finished(&self) -> bool {
        self.pieces.have().first_lacking(&self.chosen, 0..self.chosen.len()).is_none()
    }

    /// Bytes that are wanted or read and have not come, rounded up to whole blocks.
    pub(crate) fn left_bytes(&self) -> u64 {
        let geometry = self.pieces.geometry();
        let came = self.pieces.came();
        let all = u64::from(self.lacking.count()) * u64::from(geometry.nominal_piece_len());
        all.saturating_sub(came * u64::from(torrent::BLOCK_LEN))
    }

    /// Whether anything that is wanted or read is missing.
    pub(crate) fn lacks_anything(&self) -> bool {
        self.lacking.count() > 0
    }

    /// Whether the peer has anything we lack.
    pub(crate) fn is_interesting(&self, holdings: &Holdings) -> bool {
        let all = 0..self.lacking.len();
        match holdings {
            Holdings::All => self.lacking.count() > 0,
            Holdings::Some(bits) => self.lacking.first_common(bits, all).is_some(),
        }
    }

    /// Whether a source may be asked for a free block.
    pub(crate) fn may_ask(&self, source: Source, peer: &Peer, block: Block) -> bool {
        peer.gives(block.piece) && self.pieces.is_free(block) && self.may_come_from(source, block)
    }

    /// Whether a source may be asked for a block that another one was asked for.
    pub(crate) fn may_share(&self, source: Source, peer: &Peer, block: Block) -> bool {
        peer.gives(block.piece)
            && self.pieces.is_missing(block)
            && self.may_come_from(source, block)
    }

    /// Whether a peer or a web seed may be asked for a block as far as the others are concerned.
    pub(crate) fn may_come_from(&self, source: Source, block: Block) -> bool {
        !self.is_copyable(block.piece) && self.is_open_to(source, block)
    }

    /// A piece that was wrong is fetched again from other sources, or from one alone.
    pub(crate) fn is_open_to(&self, source: Source, block: Block) -> bool {
        let sole = self.pieces.partial(block.piece).and_then(|partial| partial.sole);
        sole.is_none_or(|sole| sole == source) && self.trials.allow(source, block)
    }

    /// Whether enough sources give a piece that scarce ones are spared. Who has it may not be asked while liars are
    /// told apart: then each source counts.
    pub(crate) fn is_common(&self, piece: Piece) -> bool {
        self.rarity.availability(piece.0) > SCARCE_MAX && !self.trials.is_tried(piece)
    }

    /// A free block of a piece that is begun and that the peer has.
    pub(crate) fn begun(&self, peer: &Peer, scarce: bool) -> Option<Block> {
        self.pieces.open_ended().find_map(|(piece, partial)| {
            let index = partial.first_free()?;
            let rare = !scarce || !self.is_common(piece);
            let block = Block { piece, index };
            (rare && !self.is_others(piece) && self.may_ask(Source::Peer(peer.conn), peer, block))
                .then_some(block)
        })
    }

    /// The first block of a piece that may be asked for.
    pub(crate) fn first_free(&self, piece: Piece) -> Option<Block> {
        let count = self.pieces.geometry().block_count(piece);
        (0..count).map(|index| Block { piece, index }).find(|block| self.pieces.is_free(*block))
    }

    /// The block at a content offset, if the content reaches that far.
    pub(crate) fn block_from(&self, offset: u64) -> Option<Block> {
        let geometry = self.pieces.geometry();
        (offset < geometry.content_len()).then(|| geometry.block_at(offset))
    }

    /// A block is asked for: its piece is begun.
    pub(crate) fn take(&mut self, block: Block) {
        self.pieces.ask(block);
        self.rarity.withdraw(block.piece.0);
    }

    /// A block is not asked for any more; whether it is free now.
    pub(crate) fn release(&mut self, block: Block) -> bool {
        let freed = self.pieces.release(block);
        let untouched = self
            .pieces
            .partial(block.piece)
            .is_some_and(|partial| partial.is_untouched() && partial.sole.is_none());
        if freed && untouched {
            self.pieces.forget(block.piece);
            if !self.is_others(block.piece) {
                self.rarity.offer(block.piece.0);
            }
        }
        freed
    }

    /// A piece is complete and right.
    pub(crate) fn complete(&mut self, piece: Piece) {
        self.pieces.complete(piece);
        self.rarity.withdraw(piece.0);
        self.rarity.ignore(piece.0);
        self.lacking.remove(piece.0);
    }

    /// A piece is given up.
    pub(crate) fn forget(&mut self, piece: Piece, read: bool) {
        self.pieces.forget(piece);
        self.forget_leaves(piece);
        if read || self.is_wanted(piece) {
            self.lacking.insert(piece.0);
        }
        if self.is_wanted(piece) {
            self.offer_piece(piece);
        }
    }

    /// Whether blocks of a piece are judged alone: its leaf hashes are known, or may still come.
    pub(crate) fn leaves(&self, piece: Piece) -> Option<&[Sha256Hash]> {
        self.leaves.get(&piece).map(Vec::as_slice)
    }

    /// Where that starts which a reader gets at once with this block: the block, or its whole piece.
    pub(crate) fn unit_start(&self, block: Block) -> u64 {
        match self.leaves.contains_key(&block.piece) {
            true => self.pieces.geometry().block_range(block).start,
            false => self.pieces.geometry().piece_start(block.piece),
        }
    }

    /// Keeps proven leaf hashes.
    pub(crate) fn keep_leaves(&mut self, piece: Piece, leaves: Vec<Sha256Hash>) {
        self.forget_leaves(piece);
        while self.leaves_kept + leaves.len() > LEAVES_MAX {
            let Some(first) = self.leaves.keys().next().copied() else { break };
            self.forget_leaves(first);
        }
        self.leaves_kept += leaves.len();
        self.leaves.insert(piece, leaves);
    }

    fn forget_leaves(&mut self, piece: Piece) {
        if let Some(gone) = self.leaves.remove(&piece) {
            self.leaves_kept -= gone.len();
        }
    }

    /// Whether what is stored of a piece gets its SHA-256: always where v2 can judge it.
    pub(crate) fn hashes_leaves(&self) -> bool {
        self.info().hashes().v2().is_some()
    }

    /// The content range of a piece without its padding.
    pub(crate) fn data_range(&self, piece: Piece) -> Range<u64> {
        let geometry = self.pieces.geometry();
        let start = geometry.piece_start(piece);
        start..start + u64::from(geometry.data_len(piece))
    }

    /// How many bytes of a block are not padding, where padding is not hashed (v2, hybrid).
    pub(crate) fn data_len(&self, block: Block) -> u32 {
        let geometry = self.pieces.geometry();
        if !self.hashes_leaves() {
            return geometry.block_len(block);
        }
        let begin = block.index.saturating_mul(torrent::BLOCK_LEN);
        geometry.data_len(block.piece).saturating_sub(begin).min(geometry.block_len(block))
    }

    /// How many bytes of a block peers are asked for: padding is not worth a transfer.
    pub(crate) fn asked_len(&self, block: Block) -> u32 {
        match self.data_len(block) {
            0 => self.pieces.geometry().block_len(block),
            len => len,
        }
    }

    /// Whether so many bytes are a block, with its padding or without.
    pub(crate) fn is_block(&self, block: Block, len: u32) -> bool {
        len > 0 && (len == self.asked_len(block) || len == self.pieces.geometry().block_len(block))
    }
}
