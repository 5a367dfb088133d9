//! Opening a torrent's storage: what the record vouches for, and the check of everything else.

use std::collections::BTreeSet;

use engine::Prepared;
use torrent::{Block, Piece};

use super::Record;
use crate::disk::{Content, Progress, check};

/// What is known of the files before anything is hashed.
pub(crate) struct Survey {
    pieces: BTreeSet<Piece>,
    blocks: BTreeSet<Block>,
    /// What only hashing can tell.
    unsure: Vec<Piece>,
    /// Whether there are any files.
    any: bool,
}

impl Survey {
    /// Reads what the record says, and how the files lie there.
    pub(crate) fn new(content: &Content, record: &Record, recheck: bool) -> Self {
        let (pieces, blocks) = if recheck { Trusted::default() } else { trusted(content, record) };
        let left_in_order = !recheck && counts(content, record) && record.closed.is_some();
        let count = content.metainfo().info.geometry().piece_count();
        let all = 0..if left_in_order { 0 } else { count };
        let unsure = all.map(Piece).filter(|piece| !pieces.contains(piece)).collect();
        let any = content.stamps().iter().any(Option::is_some);
        Self { pieces, blocks, unsure, any }
    }

    /// Whether the rest takes more than a moment.
    pub(crate) fn has_to_hash(&self) -> bool {
        self.any && !self.unsure.is_empty()
    }

    /// What is on disk and right. Blocks the thread that calls it for as long as hashing takes.
    pub(crate) fn check(self, content: &Content, workers: usize, progress: &Progress) -> Prepared {
        let mut pieces = self.pieces;
        if !self.unsure.is_empty() {
            pieces.extend(check(content, &self.unsure, workers, progress));
        }
        let blocks = self.blocks.into_iter().filter(|block| !pieces.contains(&block.piece));
        Prepared { blocks: blocks.collect(), pieces: pieces.into_iter().collect() }
    }
}

type Trusted = (BTreeSet<Piece>, BTreeSet<Block>);

/// What the record vouches for, as far as the files are there in full length.
fn trusted(content: &Content, record: &Record) -> Trusted {
    if !counts(content, record) {
        return Trusted::default();
    }
    let info = &content.metainfo().info;
    let stamps = content.stamps();
    let whole = |range| {
        info.slices(range).iter().filter_map(|slice| slice.file).all(|file| {
            let len = stamps.get(file).copied().flatten().map(|stamp| stamp.len);
            len >= Some(info.files()[file].length)
        })
    };
    let geometry = info.geometry();
    let piece_is_whole =
        |piece: &&Piece| geometry.has(**piece) && whole(content.piece_range(**piece));
    let block_is_whole =
        |block: &&Block| geometry.block_len(**block) > 0 && whole(geometry.block_range(**block));
    let pieces = record.pieces.iter().filter(piece_is_whole).copied().collect();
    let blocks = record.blocks.iter().filter(block_is_whole).copied().collect();
    (pieces, blocks)
}

/// Whether the record is about these files as they are now. If the last session ended in good order they
/// must be as it left them; if it did not, it may have written to them after its last word.
fn counts(content: &Content, record: &Record) -> bool {
    let untouched = record.closed.as_ref().is_none_or(|stamps| *stamps == content.stamps());
    record.sound && record.root == content.root() && untouched
}
