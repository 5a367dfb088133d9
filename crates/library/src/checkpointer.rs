//! The thread that moves committed pages from the write-ahead log into the database, so that no writer waits for it.

use std::{
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

use crate::{error::LibraryError, store};

/// After so many small transactions the log is emptied: a few megabytes.
const EVERY: u32 = 32;

pub(crate) struct Checkpointer {
    turn: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    commits: AtomicU32,
    path: PathBuf,
}

impl Checkpointer {
    pub(crate) fn start(path: &Path) -> Result<Self, LibraryError> {
        let at = |error: rusqlite::Error| LibraryError::from_sqlite(path, &error);
        let connection = Connection::open(path).map_err(at)?;
        store::configure(&connection).map_err(at)?;
        let (turn, turns) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("library-checkpointer".to_owned())
            .spawn(move || checkpoint_until_closed(&connection, &turns))
            .map_err(|error| LibraryError::CannotOpen {
                path: path.to_owned(),
                why: error.to_string(),
            })?;
        let commits = AtomicU32::new(0);
        Ok(Self { turn: Some(turn), thread: Some(thread), commits, path: path.to_owned() })
    }

    /// Hears of a small transaction that was committed.
    pub(crate) fn committed(&self) {
        let commits = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
        if commits.is_multiple_of(EVERY) {
            self.empty();
        }
    }

    /// Has the log emptied soon: a transaction was committed that may be large.
    pub(crate) fn empty(&self) {
        let Some(turn) = &self.turn else { return };
        // Full: the last turn is still to come, and takes these pages along.
        if let Err(TrySendError::Disconnected(())) = turn.try_send(()) {
            tracing::error!(path = %self.path.display(), "the library's log is no longer emptied");
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.turn = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(path = %self.path.display(), "the library's checkpointer had failed");
        }
    }
}

/// Passive: it waits for nobody and nobody for it.
fn checkpoint_until_closed(connection: &Connection, turns: &Receiver<()>) {
    while turns.recv().is_ok() {
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the library's log was not emptied");
        }
    }
}
