//! Blocks of one piece that follow each other and wait together: they are written at once.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;
use engine::OpId;
use torrent::{BLOCK_LEN, Block, Piece};

use super::{Content, Job};

/// One block of a run.
pub(super) struct Part {
    pub(super) op: OpId,
    pub(super) block: Block,
    pub(super) bytes: Bytes,
    pub(super) leaf: bool,
}

/// At least one block; each begins where the one before it ends.
pub(super) struct Run {
    first: Block,
    parts: Vec<Part>,
}

impl Run {
    /// A run of one block.
    pub(super) fn begin(op: OpId, block: Block, bytes: Bytes, leaf: bool) -> Self {
        Self { first: block, parts: vec![Part { op, block, bytes, leaf }] }
    }

    /// Takes the jobs at the front of a queue that go on with it.
    pub(super) fn gather(&mut self, content: &Content, queue: &mut VecDeque<Job>) {
        while let Some(job) = queue.pop_front_if(|job| self.goes_on_with(content, job)) {
            if let Job::Store { op, block, bytes, leaf, .. } = job {
                self.parts.push(Part { op, block, bytes, leaf });
            }
        }
    }

    fn goes_on_with(&self, content: &Content, job: &Job) -> bool {
        let Job::Store { content: of, block, .. } = job else { return false };
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
