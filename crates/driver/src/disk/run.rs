//! Blocks of one piece that follow each other and wait together: they are written at once.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;
use engine::OpId;
use torrent::{BLOCK_LEN, Block, Piece};

use super::{Content, Job};

/// A block that is to be written.
pub(crate) struct Part {
    pub(crate) op: OpId,
    pub(crate) block: Block,
    pub(crate) bytes: Bytes,
    /// Whether its SHA-256 is wanted.
    pub(crate) leaf: bool,
    /// Whether the SHA-1 of its piece is gone on with.
    pub(crate) soon: bool,
}

/// At least one block; each begins where the one before it ends.
pub(super) struct Run {
    first: Block,
    parts: Vec<Part>,
}

impl Run {
    /// A run of one block.
    pub(super) fn begin(part: Part) -> Self {
        Self { first: part.block, parts: vec![part] }
    }

    /// Takes the jobs at the front of a queue that go on with it.
    pub(super) fn gather(&mut self, content: &Content, queue: &mut VecDeque<Job>) {
        while let Some(job) = queue.pop_front_if(|job| self.goes_on_with(content, job)) {
            if let Job::Store { part, .. } = job {
                self.parts.push(part);
            }
        }
    }

    fn goes_on_with(&self, content: &Content, job: &Job) -> bool {
        let Job::Store { content: of, part: Part { block, .. } } = job else { return false };
        let next = self.first.index + u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        // Only the last block of a piece is shorter, and where padding was left out nothing follows.
        let whole = self.parts.iter().all(|part| part.bytes.len() == BLOCK_LEN as usize);
        let here = (of.torrent(), block.piece, block.index);
        whole && here == (content.torrent(), self.first.piece, next)
    }

    pub(super) fn piece(&self) -> Piece {
        self.first.piece
    }

    /// Where it begins in the content.
    pub(super) fn offset(&self, content: &Content) -> u64 {
        content.metainfo().info.geometry().block_range(self.first).start
    }

    pub(super) fn slices(&self) -> Vec<IoSlice<'_>> {
        self.parts.iter().map(|part| IoSlice::new(&part.bytes)).collect()
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }
}
