//! The one thread that writes: what people did goes first, and each is answered after its commit.
//!
//! Waiting jobs of people share a transaction, and so one sync of the disk. A job that has time (a part of an
//! import) has a transaction of its own, is begun only when nobody else waits, and is not synced: the next synced
//! commit takes it along, and an import that a power cut shortens is done again at the next start.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use rusqlite::{Connection, TransactionBehavior};

use crate::{checkpointer::Checkpointer, error::LibraryError};

/// How many jobs may wait before callers wait themselves.
const QUEUE: usize = 1024;
/// How many jobs share one transaction, and so one sync of the disk.
const BATCH: usize = 256;

/// Why a piece of database work stopped, before it is known which file it was.
#[derive(Debug)]
pub(crate) enum Failure {
    Sqlite(rusqlite::Error),
    Library(LibraryError),
}

impl Failure {
    pub(crate) fn at(self, path: &Path) -> LibraryError {
        match self {
            Self::Sqlite(error) => LibraryError::from_sqlite(path, &error),
            Self::Library(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LibraryError> for Failure {
    fn from(error: LibraryError) -> Self {
        Self::Library(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Sqlite(rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    }
}

/// Given a place to work (or why there is none), does the work and returns what to do after the commit.
type Job = Box<dyn FnOnce(Result<&Connection, LibraryError>) -> AfterCommit + Send>;
type AfterCommit = Box<dyn FnOnce(Result<(), LibraryError>)>;

/// How long a job may wait, and how safe it must be when it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Somebody waits for it, and it must survive a power cut.
    Now,
    /// It may wait, and may be done again.
    Later,
}

impl Urgency {
    fn synchronous(self) -> &'static str {
        match self {
            Self::Now => "FULL",
            Self::Later => "NORMAL",
        }
    }
}

pub(crate) struct Writer {
    jobs: Option<SyncSender<(Urgency, Job)>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    pub(crate) fn start(path: &Path, connection: Connection) -> Result<Self, LibraryError> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let own_path = path.to_owned();
        let checkpointer = Checkpointer::start(path)?;
        let thread = std::thread::Builder::new()
            .name("library-writer".to_owned())
            .spawn(move || write_until_closed(&own_path, connection, waiting, &checkpointer))
            .map_err(|error| LibraryError::CannotOpen {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), path: path.to_owned() })
    }

    /// Runs `work` in a transaction and returns when it is as safe as its urgency asks, or undone.
    pub(crate) fn run<T, W>(&self, urgency: Urgency, work: W) -> Result<T, LibraryError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, wait) = sync_channel(1);
        let path = self.path.clone();
        let job: Job = Box::new(move |place| {
            let outcome = place.and_then(|connection| in_savepoint(&path, connection, work));
            Box::new(move |commit| {
                // The caller waits for this; if it is gone, there is nobody to tell.
                answer.send(commit.and(outcome)).unwrap_or(());
            })
        });
        let jobs = self.jobs.as_ref().ok_or(LibraryError::Closed)?;
        jobs.send((urgency, job)).map_err(|_| LibraryError::Closed)?;
        wait.recv().unwrap_or(Err(LibraryError::Closed))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(path = %self.path.display(), "the library's writer had failed");
        }
    }
}

/// Jobs that came, in the order in which they are done.
struct Waiting<J> {
    coming: Receiver<(Urgency, J)>,
    later: VecDeque<J>,
}

impl<J> Waiting<J> {
    fn new(coming: Receiver<(Urgency, J)>) -> Self {
        Self { coming, later: VecDeque::new() }
    }

    /// The jobs of the next transaction; `None` when all are done and no more can come.
    fn next(&mut self) -> Option<(Urgency, Vec<J>)> {
        let mut now = Vec::new();
        if self.later.is_empty() {
            let first = self.coming.recv().ok()?;
            self.sort(first, &mut now);
        }
        while now.len() < BATCH
            && let Ok(job) = self.coming.try_recv()
        {
            self.sort(job, &mut now);
        }
        if now.is_empty() {
            return self.later.pop_front().map(|job| (Urgency::Later, vec![job]));
        }
        Some((Urgency::Now, now))
    }

    fn sort(&mut self, (urgency, job): (Urgency, J), now: &mut Vec<J>) {
        match urgency {
            Urgency::Now => now.push(job),
            Urgency::Later => self.later.push_back(job),
        }
    }
}

fn write_until_closed(
    path: &Path,
    mut connection: Connection,
    coming: Receiver<(Urgency, Job)>,
    checkpointer: &Checkpointer,
) {
    let mut waiting = Waiting::new(coming);
    while let Some((urgency, batch)) = waiting.next() {
        write_batch(path, &mut connection, urgency, batch);
        checkpointer.committed();
    }
}

fn write_batch(path: &Path, connection: &mut Connection, urgency: Urgency, batch: Vec<Job>) {
    let begun = connection
        .pragma_update(None, "synchronous", urgency.synchronous())
        .and_then(|()| connection.transaction_with_behavior(TransactionBehavior::Immediate));
    let transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = LibraryError::from_sqlite(path, &error);
            return batch.into_iter().for_each(|job| job(Err(error.clone()))(Ok(())));
        }
    };
    let finished: Vec<_> = batch.into_iter().map(|job| job(Ok(&transaction))).collect();
    let commit = transaction.commit().map_err(|error| LibraryError::from_sqlite(path, &error));
    finished.into_iter().for_each(|after| after(commit.clone()));
}

/// Keeps a failing job from taking its neighbours' work along.
fn in_savepoint<T>(
    path: &Path,
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, LibraryError> {
    let at = |error: rusqlite::Error| LibraryError::from_sqlite(path, &error);
    connection.execute_batch("SAVEPOINT job").map_err(at)?;
    let outcome = work(connection).map_err(|failure| failure.at(path));
    let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end).map_err(at)?;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_did_goes_before_what_has_time_and_shares_no_transaction_with_it() {
        let (jobs, coming) = sync_channel(8);
        for job in [(Urgency::Later, 1), (Urgency::Later, 2), (Urgency::Now, 3), (Urgency::Now, 4)]
        {
            jobs.send(job).unwrap();
        }
        let mut waiting = Waiting::new(coming);
        assert_eq!(waiting.next(), Some((Urgency::Now, vec![3, 4])));
        assert_eq!(waiting.next(), Some((Urgency::Later, vec![1])));
        jobs.send((Urgency::Now, 5)).unwrap();
        drop(jobs);
        assert_eq!(waiting.next(), Some((Urgency::Now, vec![5])));
        assert_eq!(waiting.next(), Some((Urgency::Later, vec![2])));
        assert_eq!(waiting.next(), None);
    }
}
