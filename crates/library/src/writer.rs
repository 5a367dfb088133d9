//! The one thread that writes: waiting jobs share a transaction, and each is answered after its commit.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use rusqlite::{Connection, TransactionBehavior};

use crate::error::LibraryError;

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

pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    pub(crate) fn start(path: &Path, connection: Connection) -> Result<Self, LibraryError> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let own_path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("library-writer".to_owned())
            .spawn(move || write_until_closed(&own_path, connection, &waiting))
            .map_err(|error| LibraryError::CannotOpen {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), path: path.to_owned() })
    }

    /// Runs `work` in a transaction and returns when it is durable, or undone.
    pub(crate) fn run<T, W>(&self, work: W) -> Result<T, LibraryError>
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
        jobs.send(job).map_err(|_| LibraryError::Closed)?;
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

fn write_until_closed(path: &Path, mut connection: Connection, waiting: &Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let batch = [first].into_iter().chain(waiting.try_iter().take(BATCH - 1));
        write_batch(path, &mut connection, batch);
    }
}

fn write_batch(path: &Path, connection: &mut Connection, batch: impl Iterator<Item = Job>) {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = LibraryError::from_sqlite(path, &error);
            return batch.for_each(|job| job(Err(error.clone()))(Ok(())));
        }
    };
    let finished: Vec<_> = batch.map(|job| job(Ok(&transaction))).collect();
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
