//! One disk thread: does the jobs of its pieces in order and answers each.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    ops::ControlFlow,
    sync::{
        Arc,
        mpsc::{Receiver, RecvError, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use engine::{DiskFault, Input, TorrentId};
use tokio::sync::mpsc::UnboundedSender;
use torrent::{BLOCK_LEN, Piece, Sha1Hash, Sha256Hash, hash};

use super::{
    Content, Job,
    check::hash_on,
    content::fault,
    later::{Later, Waiting},
    prefix::{Prefix, Prefixes},
    run::{Part, Run},
};
use crate::resume::RecorderQueue;

/// Jobs taken from the queue at one time, a mebibyte of blocks. Their answers leave together, so that the engine's task is
/// woken once for all of them.
const BATCH: usize = 64;
/// Blocks that nobody waits for wait so long for those behind them: what is written at once costs the system less, and
/// nobody is woken for each block.
const GATHERING: Duration = Duration::from_millis(2);

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
    /// Pieces that wait to be hashed together.
    later: Later,
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
            later: Later::default(),
            bytes: Vec::new(),
        }
    }

    /// Does jobs until told to stop.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        let mut batch = VecDeque::new();
        while let Ok(job) = self.next(jobs) {
            batch.extend(job);
            gather(jobs, &mut batch);
            in_order(&mut batch);
            while let Some(job) = batch.pop_front() {
                if self.handle(job, &mut batch).is_break() {
                    return;
                }
            }
            if self.later.is_due() {
                self.hash_those_that_wait();
            }
            for answer in self.done.drain(..) {
                // Nobody listens: the session is ending.
                self.answers.send(answer).ok();
            }
        }
    }

    /// The next job; none came where pieces that wait to be hashed have waited long enough.
    fn next(&mut self, jobs: &Receiver<Job>) -> Result<Option<Job>, RecvError> {
        let Some(patience) = self.later.patience() else { return jobs.recv().map(Some) };
        match jobs.recv_timeout(patience) {
            Ok(job) => Ok(Some(job)),
            Err(RecvTimeoutError::Timeout) => {
                self.hash_those_that_wait();
                Ok(None)
            }
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
        }
    }

    fn handle(&mut self, job: Job, behind: &mut VecDeque<Job>) -> ControlFlow<()> {
        match job {
            Job::Store { content, part } => self.store(&content, Run::begin(part), behind),
            Job::Hash { op, content, piece, soon } => {
                self.hash(Waiting { op, content, piece }, soon);
            }
            Job::Load { op, content, piece, begin, len } => {
                let loaded = load(&content, piece, begin, len);
                self.done.push(Input::Loaded(op, told(&content, loaded)));
            }
            Job::Evict { content, piece } => self.evict(content, piece),
            Job::Punch { content, piece, eviction } => self.punch(&content, piece, eviction),
            Job::Settle { torrent, done } => {
                self.hash_those_that_wait();
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
        let mut leaves = leaves(parts).into_iter();
        parts.iter().filter(|part| !part.leaf).for_each(|part| self.go_on(content, part));
        let written = told(content, content.write(run.offset(content), &run.slices()));
        if written.is_err() {
            self.under_way.take(name);
        }
        for part in parts {
            let leaf = if part.leaf { leaves.next() } else { None };
            self.done.push(Input::Stored(part.op, written.map(|()| leaf)));
        }
    }

    /// Goes on with a piece's SHA-1, unless it is to be hashed together with others.
    fn go_on(&mut self, content: &Content, part: &Part) {
        let (info, block) = (&content.metainfo().info, part.block);
        // Where padding was left out the piece is read from the disk, which has it.
        let is_whole = part.bytes.len() == info.geometry().block_len(block) as usize;
        let waits = !part.soon && content.is_hashed_together();
        if is_whole && !waits && !info.piece_hashes().is_empty() {
            self.under_way.add((content.torrent(), block.piece), block.index, &part.bytes);
        }
    }

    fn hash(&mut self, one: Waiting, soon: bool) {
        let prefix = self.under_way.take((one.content.torrent(), one.piece));
        if prefix.is_some() || soon || !one.content.is_hashed_together() {
            let hashed = self.hash_on(&one.content, one.piece, prefix.unwrap_or_default());
            return self.hashed(&one, hashed);
        }
        if self.later.is_full_for(&one) {
            self.hash_those_that_wait();
        }
        self.later.add(one);
    }

    fn hash_those_that_wait(&mut self) {
        for (one, hashed) in self.later.hash() {
            self.hashed(&one, hashed);
        }
    }

    fn hashed(&mut self, one: &Waiting, hashed: io::Result<Sha1Hash>) {
        self.done.push(Input::Hashed(one.op, told(&one.content, hashed)));
    }

    fn hash_on(&mut self, content: &Content, piece: Piece, prefix: Prefix) -> io::Result<Sha1Hash> {
        let (mut sha1, range) = (prefix.sha1, content.piece_range(piece));
        let begin = range.start + u64::from(prefix.blocks) * u64::from(BLOCK_LEN);
        hash_on(content, begin.min(range.end)..range.end, &mut self.bytes, &mut sha1)?;
        Ok(sha1.finish())
    }

    fn evict(&mut self, content: Arc<Content>, piece: Piece) {
        let name = (content.torrent(), piece);
        if self.later.has(name) {
            self.hash_those_that_wait();
        }
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

/// Takes what else is queued, and once more a moment later where nobody waits for any of it. To be woken by each block in
/// that time would cost more than is gained.
fn gather(jobs: &Receiver<Job>, batch: &mut VecDeque<Job>) {
    batch.extend(jobs.try_iter().take(BATCH - batch.len()));
    if batch.len() < BATCH && !batch.is_empty() && batch.iter().all(Job::may_wait) {
        thread::sleep(GATHERING);
        batch.extend(jobs.try_iter().take(BATCH - batch.len()));
    }
}

/// Puts blocks that came without anything else between them into the order in which they lie: more of them are written at
/// once. Of a block that came twice the later one stays the later.
fn in_order(batch: &mut VecDeque<Job>) {
    let are_blocks = |one: &Job, next: &Job| one.place().is_some() && next.place().is_some();
    let jobs = batch.make_contiguous().chunk_by_mut(are_blocks);
    jobs.for_each(|blocks| blocks.sort_by_key(Job::place));
}

/// The SHA-256 of those blocks of which it is wanted.
fn leaves(parts: &[Part]) -> Vec<Sha256Hash> {
    hash::sha256_each(parts.iter().filter(|part| part.leaf).map(|part| &part.bytes[..]))
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
