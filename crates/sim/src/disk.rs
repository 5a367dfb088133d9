//! A disk that keeps what it is given, wrong bytes as well, and remembers right ones without a copy.

use std::{collections::BTreeMap, sync::Arc};

use bytes::{Bytes, BytesMut};
use torrent::{Block, Piece, Sha1Hash, Sha256Hash, hash::sha1, merkle::block_leaf};

use crate::content::Content;

/// One node's disk for one film.
#[derive(Debug)]
pub(crate) struct Disk {
    content: Arc<Content>,
    blocks: BTreeMap<Block, Stored>,
}

#[derive(Debug)]
enum Stored {
    Right,
    Wrong(Bytes),
}

impl Disk {
    pub(crate) fn new(content: Arc<Content>) -> Self {
        Self { content, blocks: BTreeMap::new() }
    }

    /// Puts a whole piece there.
    pub(crate) fn fill(&mut self, piece: Piece) {
        let count = self.content.geometry().block_count(piece);
        let blocks = (0..count).map(|index| (Block { piece, index }, Stored::Right));
        self.blocks.extend(blocks);
    }

    /// Keeps a block and, if asked to, tells its leaf hash.
    pub(crate) fn store(&mut self, block: Block, bytes: Bytes, leaf: bool) -> Option<Sha256Hash> {
        let told = leaf.then(|| block_leaf(&bytes));
        let right = self.content.block(block) == bytes;
        self.blocks.insert(block, if right { Stored::Right } else { Stored::Wrong(bytes) });
        told
    }

    pub(crate) fn hash(&self, piece: Piece) -> Sha1Hash {
        let count = self.content.geometry().block_count(piece);
        let right = |index| self.is_right(Block { piece, index });
        if (0..count).all(right) {
            return self.content.piece_hash(piece);
        }
        sha1(&self.load(piece, 0, self.content.geometry().piece_len(piece)))
    }

    pub(crate) fn load(&self, piece: Piece, begin: u32, len: u32) -> Bytes {
        let geometry = self.content.geometry();
        let first = begin / torrent::BLOCK_LEN;
        let last = (begin + len).div_ceil(torrent::BLOCK_LEN);
        if (first..last).all(|index| self.is_right(Block { piece, index })) {
            return self.content.part(piece, begin, len);
        }
        let mut all = BytesMut::new();
        for index in 0..geometry.block_count(piece) {
            let block = Block { piece, index };
            match self.blocks.get(&block) {
                Some(Stored::Right) => all.extend_from_slice(&self.content.block(block)),
                Some(Stored::Wrong(bytes)) => all.extend_from_slice(bytes),
                None => all.extend(std::iter::repeat_n(0, geometry.block_len(block) as usize)),
            }
        }
        let end = all.len().min((begin + len) as usize);
        all.freeze().slice((begin as usize).min(end)..end)
    }

    pub(crate) fn evict(&mut self, piece: Piece) {
        self.blocks.retain(|block, _| block.piece != piece);
    }

    pub(crate) fn is_right(&self, block: Block) -> bool {
        matches!(self.blocks.get(&block), Some(Stored::Right))
    }
}
