//! The SHA-1 of pieces whose blocks come nearly in order, as they come.
//!
//! A sender that reads its disk with several threads answers a few blocks out of turn. Those wait here, so that the piece
//! need not be read again from the disk for their sake.

use std::collections::BTreeMap;

use engine::TorrentId;
use torrent::{Piece, hash};

/// Pieces under way at one time; beyond it the first of them is read again from the disk.
const UNDER_WAY_MAX: usize = 1024;
/// Blocks that may wait at one time, of all pieces together: a mebibyte for each thread.
const WAITING_MAX: usize = 64;

/// A piece of a torrent.
pub(super) type Name = (TorrentId, Piece);

/// What was hashed of the pieces under way.
#[derive(Default)]
pub(super) struct Prefixes {
    pieces: BTreeMap<Name, Prefix>,
    /// Blocks that wait for one before them.
    waiting: usize,
}

/// The first blocks of a piece.
#[derive(Default)]
pub(super) struct Prefix {
    /// How many of them are hashed.
    pub(super) blocks: u32,
    pub(super) sha1: hash::Sha1Hasher,
    /// Blocks behind one that has not come.
    waiting: BTreeMap<u32, Box<[u8]>>,
    /// One of its blocks could not wait: from there on it is read from the disk.
    is_cut: bool,
}

impl Prefixes {
    /// Takes in a block that was stored.
    pub(super) fn add(&mut self, name: Name, index: u32, bytes: &[u8]) {
        let known = self.pieces.get(&name).map(|prefix| prefix.blocks);
        // A block that was hashed already has been written again: other bytes, another hash.
        if known.is_some_and(|hashed| index < hashed) {
            self.take(name);
            if index > 0 {
                return;
            }
        }
        if known.is_none() && self.pieces.len() >= UNDER_WAY_MAX {
            let first = self.pieces.keys().next().copied();
            first.and_then(|first| self.take(first));
        }
        let prefix = self.pieces.entry(name).or_default();
        let before = prefix.waiting.len();
        if prefix.blocks == index {
            prefix.go_on(bytes);
        } else if prefix.is_cut {
            return;
        } else if self.waiting < WAITING_MAX {
            prefix.waiting.insert(index, bytes.into());
        } else {
            prefix.cut();
        }
        self.waiting = self.waiting + prefix.waiting.len() - before;
    }

    /// What there is of a piece, which is under way no more.
    pub(super) fn take(&mut self, name: Name) -> Option<Prefix> {
        let prefix = self.pieces.remove(&name)?;
        self.waiting -= prefix.waiting.len();
        Some(prefix)
    }

    /// Forgets a torrent.
    pub(super) fn forget(&mut self, torrent: TorrentId) {
        self.pieces.retain(|(of, _), _| *of != torrent);
        self.waiting = self.pieces.values().map(|prefix| prefix.waiting.len()).sum();
    }
}

impl Prefix {
    /// Hashes the next block, and those that waited for it.
    fn go_on(&mut self, bytes: &[u8]) {
        self.sha1.update(bytes);
        self.blocks += 1;
        // What waited and has come once more is in place already: the later bytes are those on the disk.
        while let Some(next) = self.waiting.remove(&self.blocks) {
            self.sha1.update(&next);
            self.blocks += 1;
        }
    }

    /// Nothing more waits.
    fn cut(&mut self) {
        self.waiting.clear();
        self.is_cut = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 16;

    fn bytes(index: u32) -> Vec<u8> {
        vec![index as u8; LEN]
    }

    fn name(piece: u32) -> Name {
        (TorrentId(1), Piece(piece))
    }

    /// How many blocks of a piece are hashed when they come in this order, with the right hash.
    fn hashed(prefixes: &mut Prefixes, piece: u32, order: &[u32]) -> u32 {
        order.iter().for_each(|index| prefixes.add(name(piece), *index, &bytes(*index)));
        let prefix = prefixes.take(name(piece)).unwrap();
        let whole: Vec<u8> = (0..prefix.blocks).flat_map(bytes).collect();
        assert_eq!(prefix.sha1.finish(), hash::sha1(&whole));
        prefix.blocks
    }

    #[test]
    fn blocks_out_of_turn_wait_for_those_before_them() {
        let mut prefixes = Prefixes::default();
        assert_eq!(hashed(&mut prefixes, 0, &[0, 2, 1, 5, 4, 3, 6]), 7);
        assert_eq!(hashed(&mut prefixes, 0, &[3, 2, 1, 0]), 4);
        assert_eq!(hashed(&mut prefixes, 0, &[1, 3, 0]), 2, "2 is missing");
        assert_eq!(prefixes.waiting, 0);
    }

    #[test]
    fn no_more_wait_than_may() {
        let mut prefixes = Prefixes::default();
        let many: Vec<u32> = (1..200).collect();
        for piece in 0..3 {
            many.iter().for_each(|index| prefixes.add(name(piece), *index, &bytes(*index)));
            let held: usize = prefixes.pieces.values().map(|prefix| prefix.waiting.len()).sum();
            assert!(prefixes.waiting == held && held <= WAITING_MAX, "{held} wait");
        }
        assert_eq!(
            hashed(&mut prefixes, 1, &[0, 1, 2]),
            3,
            "a piece that was cut goes on in order"
        );
        prefixes.forget(TorrentId(1));
        assert!(prefixes.pieces.is_empty() && prefixes.waiting == 0);
    }

    #[test]
    fn a_block_written_again_counts_with_its_later_bytes() {
        let mut prefixes = Prefixes::default();
        prefixes.add(name(0), 1, &bytes(9));
        assert_eq!(hashed(&mut prefixes, 0, &[1, 0]), 2, "it waited still");
        assert_eq!(hashed(&mut prefixes, 0, &[0, 1, 0]), 1, "from the beginning");
        [0, 1, 2, 1].iter().for_each(|index| prefixes.add(name(0), *index, &bytes(*index)));
        assert!(prefixes.take(name(0)).is_none(), "the disk is read");
    }

    #[test]
    fn of_too_many_pieces_the_first_is_read_from_the_disk() {
        let mut prefixes = Prefixes::default();
        for piece in 0..=UNDER_WAY_MAX {
            prefixes.add(name(piece as u32), 0, &bytes(0));
        }
        assert!(prefixes.take(name(0)).is_none() && prefixes.take(name(1)).is_some());
    }
}
