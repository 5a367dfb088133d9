//! One disk thread: does the jobs of its pieces in order and answers each.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    ops::ControlFlow,
    sync::{Arc, mpsc::Receiver},
};

use bytes::Bytes;
use engine::{DiskFault, Input, TorrentId};
use tokio::sync::mpsc::UnboundedSender;
use torrent::{BLOCK_LEN, Block, Piece, Sha1Hash, Sha256Hash, hash};

use super::{
    Content, Job,
    check::hash_on,
    content::fault,
    prefix::Prefixes,
    run::{Part, Run},
};
use crate::resume::RecorderQueue;

/// Jobs taken from the queue at one time. Their answers leave together, so that the engine's task is woken
/// once for all of them; more would let the first answer wait.
const BATCH: usize = 16;

/// The state of one disk thread.
pub(super) struct Worker {
    answers: UnboundedSender<Input>,
    /// Answers to the jobs of this batch.
    done: Vec<Input>,
    recorder: RecorderQueue,
    /// The SHA-1 of pieces as far as they came.
    under_way: Prefixes,
    /// Pieces that the record is about to forget, each with the number of its eviction.
    evicting: BTreeMap<(TorrentId, Piece), u64>,
    evictions: u64,
    /// What is read to be hashed goes through here.
    bytes: Vec<u8>,
}

impl Worker {
    pub(super) fn new(answers: UnboundedSender<Input>, recorder: RecorderQueue) -> Self {
        Self {
            answers,
            done: Vec::new(),
            recorder,
            under_way: Prefixes::default(),
            evicting: BTreeMap::new(),
            evictions: 0,
            bytes: Vec::new(),
        }
    }

    /// Does jobs until told to stop.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        let mut batch = VecDeque::new();
        while let Ok(job) = jobs.recv() {
            batch.push_back(job);
            batch.extend(jobs.try_iter().take(BATCH - 1));
            while let Some(job) = batch.pop_front() {
                if self.handle(job, &mut batch).is_break() {
                    return;
                }
            }
            for answer in self.done.drain(..) {
                // Nobody listens: the session is ending.
                self.answers.send(answer).ok();
            }
        }
    }

    fn handle(&mut self, job: Job, behind: &mut VecDeque<Job>) -> ControlFlow<()> {
        match job {
            Job::Store { op, content, block, bytes, leaf } => {
                self.store(&content, Run::begin(op, block, bytes, leaf), behind);
            }
            Job::Hash { op, content, piece } => {
                let hashed = self.hash(&content, piece);
                self.done.push(Input::Hashed(op, told(&content, hashed)));
            }
            Job::Load { op, content, piece, begin, len } => {
                let loaded = load(&content, piece, begin, len);
                self.done.push(Input::Loaded(op, told(&content, loaded)));
            }
            Job::Evict { content, piece } => self.evict(content, piece),
            Job::Punch { content, piece, eviction } => self.punch(&content, piece, eviction),
            Job::Settle { torrent, done } => {
                self.under_way.forget(torrent);
                drop(done);
            }
            Job::Stop => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Writes a block, and at once with it those behind it in the queue that follow it in the piece.
    fn store(&mut self, content: &Content, mut run: Run, behind: &mut VecDeque<Job>) {
        run.gather(content, behind);
        let name = (content.torrent(), run.piece());
        self.evicting.remove(&name);
        // Hashing brings the bytes into the processor's cache while it counts, so that the copy finds them there.
        let parts = run.parts();
        let leaves: Vec<_> = parts.iter().map(|part| self.hashed(content, part)).collect();
        let written = told(content, content.write(run.offset(content), &run.slices()));
        if written.is_err() {
            self.under_way.take(name);
        }
        for (part, leaf) in parts.iter().zip(leaves) {
            self.done.push(Input::Stored(part.op, written.map(|()| leaf)));
        }
    }

    /// Hashes a block: its leaf if that is wanted, else as the next of its piece.
    fn hashed(&mut self, content: &Content, part: &Part) -> Option<Sha256Hash> {
        if part.leaf {
            return Some(hash::sha256(&part.bytes));
        }
        self.go_on(content, part.block, &part.bytes);
        None
    }

    /// Goes on with a piece's SHA-1.
    fn go_on(&mut self, content: &Content, block: Block, bytes: &[u8]) {
        let info = &content.metainfo().info;
        // Where padding was left out the piece is read from the disk, which has it.
        if info.piece_hashes().is_empty()
            || bytes.len() != info.geometry().block_len(block) as usize
        {
            return;
        }
        self.under_way.add((content.torrent(), block.piece), block.index, bytes);
    }

    fn hash(&mut self, content: &Content, piece: Piece) -> io::Result<Sha1Hash> {
        let prefix = self.under_way.take((content.torrent(), piece)).unwrap_or_default();
        let (mut sha1, range) = (prefix.sha1, content.piece_range(piece));
        let begin = range.start + u64::from(prefix.blocks) * u64::from(BLOCK_LEN);
        hash_on(content, begin.min(range.end)..range.end, &mut self.bytes, &mut sha1)?;
        Ok(sha1.finish())
    }

    fn evict(&mut self, content: Arc<Content>, piece: Piece) {
        let name = (content.torrent(), piece);
        self.evictions += 1;
        self.under_way.take(name);
        self.evicting.insert(name, self.evictions);
        self.recorder.evict(content, piece, self.evictions);
    }

    fn punch(&mut self, content: &Content, piece: Piece, eviction: u64) {
        let name = (content.torrent(), piece);
        if self.evicting.get(&name) != Some(&eviction) {
            return;
        }
        self.evicting.remove(&name);
        let punched = content.punch(content.piece_range(piece));
        // The space stays taken; the engine counts it as free and the file system will say so if it is not.
        told(content, punched).ok();
    }
}

fn load(content: &Content, piece: Piece, begin: u32, len: u32) -> io::Result<Bytes> {
    let start = content.piece_range(piece).start + u64::from(begin);
    content.read(start..start + u64::from(len)).map(Bytes::from)
}

/// The engine's word for a failure; the system's own goes to the log.
fn told<T>(content: &Content, result: io::Result<T>) -> Result<T, DiskFault> {
    result.map_err(|why| {
        tracing::warn!(torrent = content.torrent().0, %why, "the disk refuses");
        fault(&why)
    })
}
