//! Hashes the files of a torrent in the making, byte by byte in order.

use super::{Builder, CannotCreate, dictionary};
use crate::{
    BLOCK_LEN, Info, Metainfo, Sha1Hash, Sha256Hash,
    hash::{Sha1Hasher, Sha256Hasher},
    merkle,
};

/// [`BLOCK_LEN`] as a length in memory.
const BLOCK: usize = BLOCK_LEN as usize;

/// A part of the work that may be done beside the other part.
pub type Half<'a> = &'a mut (dyn FnMut() + Send);

/// A torrent in the making, which waits for the bytes of its files.
#[derive(Debug)]
pub struct Hashing {
    builder: Builder,
    piece_len: u32,
    /// The file whose bytes come next, and how many came.
    current: usize,
    fed: u64,
    v1: PieceHasher,
    v2: FileHasher,
    /// What came out of each file so far.
    trees: Vec<FileTree>,
}

/// The v2 hashes of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct FileTree {
    pub(super) root: Option<Sha256Hash>,
    /// The hashes of its pieces; empty for a file of no more than one piece.
    pub(super) layer: Vec<Sha256Hash>,
}

impl Hashing {
    pub(super) fn new(builder: Builder, piece_len: u32) -> Self {
        let mut hashing = Self {
            v1: PieceHasher { piece_len, ..PieceHasher::default() },
            v2: FileHasher { piece_len, ..FileHasher::default() },
            builder,
            piece_len,
            current: 0,
            fed: 0,
            trees: vec![],
        };
        hashing.end_finished_files();
        hashing
    }

    /// The path (below the torrent's folder) and the length of the file whose bytes are wanted. `None` when all came.
    /// Empty files are not asked for.
    #[must_use]
    pub fn next_file(&self) -> Option<(&[String], u64)> {
        self.builder.files.get(self.current).map(|file| (file.path.as_slice(), file.length))
    }

    /// The length of the pieces, in bytes.
    #[must_use]
    pub fn piece_len(&self) -> u32 {
        self.piece_len
    }

    /// Takes the next bytes of [`Self::next_file`], as many as the caller has.
    ///
    /// # Errors
    /// The file has more bytes than it had.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), CannotCreate> {
        self.feed_with(bytes, |v1, v2| {
            v1();
            v2();
        })
    }

    /// As [`Self::feed`]. `both` has the halves of the work done, SHA-1 and SHA-256, in any order or at the same time.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub fn feed_with(
        &mut self,
        bytes: &[u8],
        both: impl FnOnce(Half<'_>, Half<'_>),
    ) -> Result<(), CannotCreate> {
        if bytes.is_empty() {
            return Ok(());
        }
        let left = self.builder.files.get(self.current).map_or(0, |file| file.length) - self.fed;
        if bytes.len() as u64 > left {
            return Err(self.changed());
        }
        let Self { builder, v1, v2, .. } = self;
        let (has_v1, has_v2) = (builder.version.has_v1(), builder.version.has_v2());
        both(
            &mut || {
                if has_v1 {
                    v1.feed(bytes);
                }
            },
            &mut || {
                if has_v2 {
                    v2.feed(bytes);
                }
            },
        );
        self.fed += bytes.len() as u64;
        self.end_finished_files();
        Ok(())
    }

    /// The torrent, read back by the same rules as a stranger's.
    ///
    /// # Errors
    /// A file had fewer bytes than it had, or there is too much of something.
    pub fn finish(mut self) -> Result<Metainfo, CannotCreate> {
        if self.next_file().is_some() {
            return Err(self.changed());
        }
        let pieces = std::mem::take(&mut self.v1).finish();
        let raw = dictionary::info(&self.builder, self.piece_len, &pieces, &self.trees);
        let mut metainfo = Metainfo::new(Info::parse(raw.into())?);
        let layers = self.trees.into_iter().map(|tree| tree.layer).enumerate();
        for (file, layer) in layers.filter(|(_, layer)| !layer.is_empty()) {
            metainfo.add_piece_layer(file, layer)?;
        }
        let builder = self.builder;
        metainfo.trackers = builder.trackers;
        metainfo.web_seeds = builder.web_seeds;
        metainfo.comment = builder.comment;
        metainfo.created_by = builder.created_by;
        metainfo.creation_date = builder.creation_date;
        Ok(metainfo)
    }

    /// Goes on to the next file that has bytes to come.
    fn end_finished_files(&mut self) {
        while let Some(file) = self.builder.files.get(self.current) {
            if self.fed < file.length {
                return;
            }
            self.trees.push(self.v2.end_file());
            self.current += 1;
            self.fed = 0;
            if self.builder.version == super::Version::Hybrid {
                self.pad();
            }
        }
    }

    /// Fills up to the next piece, if a file with content follows: the same padding as in the file list.
    fn pad(&mut self) {
        let rest = self.builder.files.get(self.current..).unwrap_or_default();
        if rest.first().is_some_and(|file| file.length > 0) {
            self.v1.pad();
        }
    }

    fn changed(&self) -> CannotCreate {
        let file = self.builder.files.get(self.current).or(self.builder.files.last());
        CannotCreate::Changed {
            path: file.map(|file| file.path.join("/")).unwrap_or_default(),
            expected: file.map_or(0, |file| file.length),
        }
    }
}

/// SHA-1 over pieces that go across files.
#[derive(Debug, Default)]
struct PieceHasher {
    piece_len: u32,
    hasher: Sha1Hasher,
    filled: u32,
    pieces: Vec<Sha1Hash>,
}

impl PieceHasher {
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(room(self.piece_len - self.filled, bytes));
            self.hasher.update(now);
            self.filled += count(now);
            bytes = later;
            if self.filled == self.piece_len {
                self.end_piece();
            }
        }
    }

    fn pad(&mut self) {
        const ZEROS: [u8; 4096] = [0; 4096];
        while self.filled > 0 {
            self.feed(&ZEROS[..room(self.piece_len - self.filled, &ZEROS)]);
        }
    }

    fn end_piece(&mut self) {
        self.pieces.push(std::mem::take(&mut self.hasher).finish());
        self.filled = 0;
    }

    fn finish(mut self) -> Vec<Sha1Hash> {
        if self.filled > 0 {
            self.end_piece();
        }
        self.pieces
    }
}

/// SHA-256 over the blocks of one file, and the trees of its pieces.
#[derive(Debug, Default)]
struct FileHasher {
    piece_len: u32,
    hasher: Sha256Hasher,
    filled: u32,
    /// The leaves of the piece in work.
    leaves: Vec<Sha256Hash>,
    layer: Vec<Sha256Hash>,
}

impl FileHasher {
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == 0 {
                let (whole, rest) = bytes.split_at(bytes.len() / BLOCK * BLOCK);
                merkle::leaves(whole).into_iter().for_each(|leaf| self.add(leaf));
                bytes = rest;
            }
            let (now, later) = bytes.split_at(room(BLOCK_LEN - self.filled, bytes));
            self.hasher.update(now);
            self.filled += count(now);
            bytes = later;
            if self.filled == BLOCK_LEN {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let leaf = std::mem::take(&mut self.hasher).finish();
        self.filled = 0;
        self.add(leaf);
    }

    fn add(&mut self, leaf: Sha256Hash) {
        if self.leaves.len() as u64 == merkle::leaf_count(u64::from(self.piece_len)) {
            self.end_piece();
        }
        self.leaves.push(leaf);
    }

    /// A piece is ended by the first block of the next one: a file of one piece has no layer.
    fn end_piece(&mut self) {
        let height = merkle::piece_layer_height(self.piece_len);
        self.layer.push(merkle::root(&self.leaves, height, merkle::PAD_LEAF));
        self.leaves.clear();
    }

    fn end_file(&mut self) -> FileTree {
        if self.filled > 0 {
            self.end_block();
        }
        if self.leaves.is_empty() {
            return FileTree::default();
        }
        if self.layer.is_empty() {
            let root = Some(merkle::root_from_leaves(&self.leaves));
            self.leaves.clear();
            return FileTree { root, layer: vec![] };
        }
        self.end_piece();
        let layer = std::mem::take(&mut self.layer);
        FileTree { root: Some(merkle::root_from_piece_layer(&layer, self.piece_len)), layer }
    }
}

/// How many of these bytes fit.
fn room(left: u32, bytes: &[u8]) -> usize {
    bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX))
}

/// A length that [`room`] has bounded.
fn count(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
