//! Everything that reads, writes and hashes a torrent's bytes: a few threads, each with its own queue.
//!
//! All work on one piece goes to one thread, in order. So nothing is read from a piece after its space was given back, and
//! the SHA-1 of a piece that comes nearly in order is ready when its last block is, without reading anything again.

mod check;
mod content;
mod later;
mod place;
mod positional;
mod prefix;
mod run;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    ops::Range,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread,
};

use bytes::Bytes;
use engine::{DiskFault, Input, OpId, TorrentId};
use tokio::sync::mpsc::UnboundedSender;
use torrent::{Metainfo, Piece};

pub(crate) use self::{
    check::{Progress, check},
    content::{Content, Handles, Stamp, fault},
    run::Part,
};
use crate::resume::RecorderQueue;

/// One thing to do to a piece.
pub(crate) enum Job {
    /// Write a block.
    Store { content: Arc<Content>, part: Part },
    /// Hash a piece; if not `soon`, together with others.
    Hash { op: OpId, content: Arc<Content>, piece: Piece, soon: bool },
    /// Read a part of a piece.
    Load { op: OpId, content: Arc<Content>, piece: Piece, begin: u32, len: u32 },
    /// Have the record forget a piece; its space is given back when the record has.
    Evict { content: Arc<Content>, piece: Piece },
    /// Give a piece's space back, unless it was written to since that eviction.
    Punch { content: Arc<Content>, piece: Piece, eviction: u64 },
    /// Forget what is remembered of a torrent; whoever waits for the sender's end knows that all earlier
    /// jobs are done.
    Settle { torrent: TorrentId, done: tokio::sync::mpsc::Sender<()> },
    /// End the thread.
    Stop,
}

impl Job {
    /// Whether nobody waits for it.
    fn may_wait(&self) -> bool {
        match self {
            Self::Store { part, .. } => !part.soon,
            Self::Hash { soon, .. } => !soon,
            _ => false,
        }
    }

    /// Where the block lies that is to be written.
    fn place(&self) -> Option<(TorrentId, Piece, u32)> {
        match self {
            Self::Store { content, part } => {
                Some((content.torrent(), part.block.piece, part.block.index))
            }
            _ => None,
        }
    }
}

/// The threads. They end when this is dropped, after what is queued.
pub(crate) struct Disk {
    queues: DiskQueues,
    handles: Arc<Handles>,
}

/// Where jobs are handed in.
#[derive(Clone)]
pub(crate) struct DiskQueues(Arc<[Sender<Job>]>);

impl Disk {
    /// Starts `workers` threads that answer into `answers`.
    ///
    /// # Errors
    /// The system gives no threads.
    pub(crate) fn start(
        workers: usize,
        answers: &UnboundedSender<Input>,
        recorder: &RecorderQueue,
    ) -> std::io::Result<Self> {
        let mut queues = Vec::new();
        for _ in 0..workers.max(1) {
            let (queue, jobs) = mpsc::channel();
            let worker = worker::Worker::new(answers.clone(), recorder.clone());
            thread::Builder::new().name("kinora-disk".into()).spawn(move || worker.run(&jobs))?;
            queues.push(queue);
        }
        Ok(Self { queues: DiskQueues(queues.into()), handles: Arc::default() })
    }

    /// Where jobs are handed in.
    pub(crate) fn queues(&self) -> &DiskQueues {
        &self.queues
    }

    /// The place of a torrent's bytes.
    pub(crate) fn content(
        &self,
        torrent: TorrentId,
        metainfo: Arc<Metainfo>,
        root: std::path::PathBuf,
    ) -> Arc<Content> {
        Arc::new(Content::new(torrent, metainfo, root, Arc::clone(&self.handles)))
    }
}

impl DiskQueues {
    /// Hands in a job that concerns one piece.
    pub(crate) fn give(&self, piece: Piece, job: Job) {
        let queue = &self.0[piece.0 as usize % self.0.len()];
        // A thread that has ended means that the session is ending: nobody waits for the answer.
        queue.send(job).ok();
    }

    /// Resolves when all jobs handed in so far are done, and forgets what was remembered of a torrent.
    pub(crate) async fn settle(&self, torrent: TorrentId) {
        let (done, mut all_done) = tokio::sync::mpsc::channel(1);
        for queue in &*self.0 {
            queue.send(Job::Settle { torrent, done: done.clone() }).ok();
        }
        drop(done);
        all_done.recv().await;
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for queue in &*self.queues.0 {
            queue.send(Job::Stop).ok();
        }
    }
}

/// Reads a content range off the disk without keeping the async threads from their work.
pub(crate) async fn read(content: Arc<Content>, range: Range<u64>) -> Result<Bytes, DiskFault> {
    tokio::task::spawn_blocking(move || content.read(range))
        .await
        .map_err(|_| DiskFault::Broken)?
        .map(Bytes::from)
        .map_err(|why| fault(&why))
}
