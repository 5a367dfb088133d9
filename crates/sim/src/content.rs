//! Films made of nothing but a seed: real bytes with real hashes, the same every time.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use torrent::{
    Block, Geometry, Metainfo, Piece, Sha1Hash, Sha256Hash,
    create::{Builder, Version},
    hash::sha1,
    merkle::block_leaf,
};

/// A torrent with its bytes and the hashes that its bytes have.
#[derive(Debug)]
pub(crate) struct Content {
    /// Its description.
    pub(crate) metainfo: Arc<Metainfo>,
    bytes: Bytes,
    pieces: Vec<Sha1Hash>,
}

impl Content {
    /// A single file of `len` bytes.
    ///
    /// # Panics
    /// If no torrent can be made with such lengths.
    #[must_use]
    pub(crate) fn new(seed: u64, version: Version, len: u64, piece_len: u32) -> Self {
        let bytes = noise(seed, len);
        let mut builder = Builder::single_file("film.mp4", len);
        builder.version = version;
        builder.piece_len = Some(piece_len);
        let mut hashing = builder.start().expect("the lengths are those of a scenario");
        hashing.feed(&bytes).expect("the file is as long as it says");
        let metainfo = hashing.finish().expect("all bytes were fed");
        let pieces = bytes.chunks(piece_len as usize).map(sha1).collect();
        Self { metainfo: Arc::new(metainfo), bytes, pieces }
    }

    /// How it is cut.
    #[must_use]
    pub(crate) fn geometry(&self) -> &Geometry {
        self.metainfo.info.geometry()
    }

    /// Some of its bytes.
    #[must_use]
    pub(crate) fn slice(&self, range: Range<u64>) -> Bytes {
        let len = self.bytes.len() as u64;
        self.bytes.slice(range.start.min(len) as usize..range.end.min(len) as usize)
    }

    /// The bytes of a part of a piece.
    #[must_use]
    pub(crate) fn part(&self, piece: Piece, begin: u32, len: u32) -> Bytes {
        let start = self.geometry().piece_start(piece) + u64::from(begin);
        self.slice(start..start + u64::from(len))
    }

    /// The bytes of a block.
    #[must_use]
    pub(crate) fn block(&self, block: Block) -> Bytes {
        self.slice(self.geometry().block_range(block))
    }

    /// The SHA-1 of a piece.
    #[must_use]
    pub(crate) fn piece_hash(&self, piece: Piece) -> Sha1Hash {
        self.pieces[piece.0 as usize]
    }

    /// The SHA-256 of a block.
    #[must_use]
    pub(crate) fn leaf(&self, block: Block) -> Sha256Hash {
        block_leaf(&self.block(block))
    }
}

/// Bytes without a pattern.
fn noise(seed: u64, len: u64) -> Bytes {
    let mut random = crate::random::Random::new(seed);
    let words = (0..len.div_ceil(8)).flat_map(|_| random.next().to_le_bytes());
    words.take(len as usize).collect()
}
