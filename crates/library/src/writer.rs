//! The one thread that writes: what people did goes first, and each is answered after its commit.
//!
//! Waiting jobs of people share a transaction, and so one sync of the disk. Jobs that have time (parts of an import)
//! are begun only when nobody else waits, and share a transaction that stays open for a moment: then the same pages of
//! the indexes are written once for many titles. It is committed as soon as a job of somebody comes, so that nobody
//! waits for more than one part. It is not synced: the next synced commit takes it along, and an import that a power
//! cut shortens is done again at the next start.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior};

use crate::{checkpointer::Checkpointer, error::LibraryError};

/// How many jobs may wait before callers wait themselves.
const QUEUE: usize = 1024;
/// How many jobs share one transaction, and so one sync of the disk.
const BATCH: usize = 256;
/// How long the transaction of jobs that have time stays open: longer, and who comes then waits for its pages.
const OPEN: Duration = Duration::from_millis(60);

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
type NowJob = Box<dyn FnOnce(Result<&Connection, LibraryError>) -> AfterCommit + Send>;
type AfterCommit = Box<dyn FnOnce(Result<(), LibraryError>)>;
/// Given a place to work, does the work, answers, and says whether it was done.
type LaterJob = Box<dyn FnOnce(Result<&Connection, LibraryError>) -> bool + Send>;

enum Job {
    /// Somebody waits for it, and it must survive a power cut.
    Now(NowJob),
    /// It may wait, and may be done again.
    Later(LaterJob),
    /// All that had time is committed, or it is told why not.
    Settle(SyncSender<Result<(), LibraryError>>),
}

/// A job that is under way.
pub(crate) struct Pending<T>(Receiver<Result<T, LibraryError>>);

impl<T> Pending<T> {
    /// Waits for its answer.
    pub(crate) fn wait(self) -> Result<T, LibraryError> {
        self.0.recv().unwrap_or(Err(LibraryError::Closed))
    }
}

pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Writer {
    pub(crate) fn start(path: &Path, connection: Connection) -> Result<Self, LibraryError> {
        let (jobs, coming) = sync_channel(QUEUE);
        let checkpointer = Checkpointer::start(path)?;
        let writing =
            Writing { path: path.to_owned(), connection, checkpointer, open: None, lost: None };
        let thread = std::thread::Builder::new()
            .name("library-writer".to_owned())
            .spawn(move || writing.until_closed(Waiting::new(coming)))
            .map_err(|error| LibraryError::CannotOpen {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), path: path.to_owned() })
    }

    /// Runs `work` in a transaction and returns when it survives a power cut, or is undone.
    pub(crate) fn now<T, W>(&self, work: W) -> Result<T, LibraryError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, wait) = sync_channel(1);
        let path = self.path.clone();
        self.send(Job::Now(Box::new(move |place| {
            let outcome = place.and_then(|connection| in_savepoint(&path, connection, work));
            Box::new(move |commit| {
                // The caller waits for this; if it is gone, there is nobody to tell.
                answer.send(commit.and(outcome)).unwrap_or(());
            })
        })))?;
        Pending(wait).wait()
    }

    /// Lets `work` be done when nobody else waits. It is answered before it is committed: [`settle`](Self::settle) says
    /// whether all of it was. If it fails, what was not committed before it is undone as well.
    pub(crate) fn later<T, W>(&self, work: W) -> Result<Pending<T>, LibraryError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, wait) = sync_channel(1);
        let path = self.path.clone();
        self.send(Job::Later(Box::new(move |place| {
            let outcome = place.and_then(|db| work(db).map_err(|failure| failure.at(&path)));
            let is_done = outcome.is_ok();
            answer.send(outcome).unwrap_or(());
            is_done
        })))?;
        Ok(Pending(wait))
    }

    /// Returns when all that had time is committed.
    pub(crate) fn settle(&self) -> Result<(), LibraryError> {
        let (answer, wait) = sync_channel(1);
        self.send(Job::Settle(answer))?;
        Pending(wait).wait()
    }

    fn send(&self, job: Job) -> Result<(), LibraryError> {
        let jobs = self.jobs.as_ref().ok_or(LibraryError::Closed)?;
        jobs.send(job).map_err(|_| LibraryError::Closed)
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

/// What the next transaction is for.
enum Turn<N, L> {
    Now(Vec<N>),
    Later(L),
}

/// Jobs that came, in the order in which they are done.
struct Waiting {
    coming: Receiver<Job>,
    later: VecDeque<Job>,
}

/// Why there is no job.
#[derive(Debug, PartialEq, Eq)]
enum NoJob {
    Yet,
    Ever,
}

impl Waiting {
    fn new(coming: Receiver<Job>) -> Self {
        Self { coming, later: VecDeque::new() }
    }

    /// The jobs that are next. If there is none, waits for one, until `until` if that is a time.
    fn next(&mut self, until: Option<Instant>) -> Result<Turn<NowJob, Job>, NoJob> {
        let mut now = Vec::new();
        if self.later.is_empty() {
            let first = self.first(until)?;
            self.sort(first, &mut now);
        }
        while now.len() < BATCH
            && let Ok(job) = self.coming.try_recv()
        {
            self.sort(job, &mut now);
        }
        if now.is_empty() {
            return self.later.pop_front().map(Turn::Later).ok_or(NoJob::Yet);
        }
        Ok(Turn::Now(now))
    }

    fn first(&self, until: Option<Instant>) -> Result<Job, NoJob> {
        let Some(until) = until else { return self.coming.recv().map_err(|_| NoJob::Ever) };
        let patience = until.saturating_duration_since(Instant::now());
        self.coming.recv_timeout(patience).map_err(|why| match why {
            RecvTimeoutError::Timeout => NoJob::Yet,
            RecvTimeoutError::Disconnected => NoJob::Ever,
        })
    }

    fn sort(&mut self, job: Job, now: &mut Vec<NowJob>) {
        match job {
            Job::Now(job) => now.push(job),
            later => self.later.push_back(later),
        }
    }
}

/// The writer's own things.
struct Writing {
    path: PathBuf,
    connection: Connection,
    checkpointer: Checkpointer,
    /// Until when the transaction of jobs that have time stays open, if there is one.
    open: Option<Instant>,
    /// Why jobs that were answered are undone all the same; told to whoever comes next with something that has time.
    lost: Option<LibraryError>,
}

impl Writing {
    fn until_closed(mut self, mut waiting: Waiting) {
        loop {
            match waiting.next(self.open) {
                Ok(Turn::Now(jobs)) => {
                    self.close();
                    self.write(jobs);
                }
                Ok(Turn::Later(Job::Settle(answer))) => {
                    self.close();
                    answer.send(self.lost.take().map_or(Ok(()), Err)).unwrap_or(());
                }
                Ok(Turn::Later(Job::Later(job))) => self.work_on(job),
                Ok(Turn::Later(Job::Now(job))) => self.write(vec![job]),
                Err(NoJob::Yet) => self.close(),
                Err(NoJob::Ever) => return self.close(),
            }
            if self.open.is_some_and(|until| until <= Instant::now()) {
                self.close();
            }
        }
    }

    fn error(&self, error: &rusqlite::Error) -> LibraryError {
        LibraryError::from_sqlite(&self.path, error)
    }

    /// Does a job that has time in the transaction of such jobs.
    fn work_on(&mut self, job: LaterJob) {
        if let Some(lost) = self.lost.take() {
            job(Err(lost));
            return;
        }
        if self.open.is_none() {
            let begun = self
                .connection
                .pragma_update(None, "synchronous", "NORMAL")
                .and_then(|()| self.connection.execute_batch("BEGIN IMMEDIATE"));
            if let Err(error) = begun {
                job(Err(self.error(&error)));
                return;
            }
            self.open = Some(Instant::now() + OPEN);
        }
        if !job(Ok(&self.connection)) {
            self.open = None;
            self.undo();
        }
    }

    /// Commits the transaction of jobs that have time.
    fn close(&mut self) {
        if self.open.take().is_none() {
            return;
        }
        if let Err(error) = self.connection.execute_batch("COMMIT") {
            let error = self.error(&error);
            tracing::warn!(%error, "a part of an import was not kept");
            self.lost = Some(error);
            self.undo();
        }
        self.checkpointer.empty();
    }

    /// SQLite has undone it by itself if the disk is full.
    fn undo(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a part of an import was not undone");
        }
    }

    /// Does what people wait for, and answers when it is on the disk.
    fn write(&mut self, jobs: Vec<NowJob>) {
        let path = &self.path;
        let begun = self.connection.pragma_update(None, "synchronous", "FULL").and_then(|()| {
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)
        });
        let transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => {
                let error = LibraryError::from_sqlite(path, &error);
                return jobs.into_iter().for_each(|job| job(Err(error.clone()))(Ok(())));
            }
        };
        let finished: Vec<_> = jobs.into_iter().map(|job| job(Ok(&transaction))).collect();
        let commit = transaction.commit().map_err(|error| LibraryError::from_sqlite(path, &error));
        finished.into_iter().for_each(|after| after(commit.clone()));
        self.checkpointer.committed();
    }
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

    fn numbers(db: &Connection) -> Vec<i64> {
        let mut statement = db.prepare("SELECT n FROM numbers ORDER BY n").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn put(n: i64) -> impl FnOnce(&Connection) -> Result<(), Failure> + Send + 'static {
        move |db| {
            db.execute("INSERT INTO numbers VALUES (?1)", [n])?;
            Ok(())
        }
    }

    /// A writer of numbers, and somebody who reads them.
    fn writer() -> (Writer, Connection, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.db");
        let connection = Connection::open(&path).unwrap();
        crate::store::configure(&connection).unwrap();
        connection.execute_batch("CREATE TABLE numbers (n INTEGER PRIMARY KEY)").unwrap();
        (Writer::start(&path, connection).unwrap(), Connection::open(&path).unwrap(), folder)
    }

    #[test]
    fn what_people_did_goes_before_what_has_time() {
        let (jobs, coming) = sync_channel(8);
        let later = || Job::Later(Box::new(|_| true));
        let now = || Job::Now(Box::new(|_| Box::new(|_| ())));
        for job in [later(), now(), later(), now()] {
            jobs.send(job).unwrap();
        }
        let mut waiting = Waiting::new(coming);
        assert!(matches!(waiting.next(None), Ok(Turn::Now(jobs)) if jobs.len() == 2));
        assert!(matches!(waiting.next(None), Ok(Turn::Later(_))));
        jobs.send(now()).unwrap();
        drop(jobs);
        assert!(matches!(waiting.next(None), Ok(Turn::Now(jobs)) if jobs.len() == 1));
        assert!(matches!(waiting.next(None), Ok(Turn::Later(_))));
        assert!(matches!(waiting.next(None), Err(NoJob::Ever)));
    }

    #[test]
    fn what_has_time_is_seen_once_it_is_settled_or_somebody_writes() {
        let (writer, reader, _folder) = writer();
        writer.later(put(1)).unwrap().wait().unwrap();
        writer.later(put(2)).unwrap().wait().unwrap();
        writer.settle().unwrap();
        assert_eq!(numbers(&reader), [1, 2]);
        writer.later(put(3)).unwrap().wait().unwrap();
        writer.now(put(4)).unwrap();
        assert_eq!(numbers(&reader), [1, 2, 3, 4]);
    }

    #[test]
    fn a_job_that_fails_undoes_what_is_not_committed_and_nothing_of_others() {
        let (writer, reader, _folder) = writer();
        writer.later(put(1)).unwrap().wait().unwrap();
        writer.now(put(2)).unwrap();
        assert!(writer.later(put(2)).unwrap().wait().is_err());
        assert!(writer.now(put(2)).is_err());
        writer.later(put(3)).unwrap().wait().unwrap();
        writer.settle().unwrap();
        assert_eq!(numbers(&reader), [1, 2, 3]);
    }

    #[test]
    fn what_was_answered_and_could_not_be_committed_is_told_to_the_next_that_has_time() {
        let (writer, reader, _folder) = writer();
        writer
            .now(|db| {
                let deferred = "CREATE TABLE parts (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)";
                Ok(db.execute_batch(deferred)?)
            })
            .unwrap();
        let orphan = |db: &Connection| Ok(db.execute_batch("INSERT INTO parts VALUES (9)")?);
        writer.later(orphan).unwrap().wait().unwrap();
        assert!(writer.settle().is_err());
        writer.later(orphan).unwrap().wait().unwrap();
        writer.now(put(1)).unwrap();
        assert!(writer.later(put(2)).unwrap().wait().is_err());
        writer.settle().unwrap();
        assert_eq!(numbers(&reader), [1]);
    }
}
