//! The library's file: opened, checked, brought to the newest form, backed up.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    error::{LibraryError, backup_path},
    migrations,
    readers::Readers,
    torrents::Found,
    typos::Vocabulary,
    writer::{Failure, Pending, Writer},
};

/// How long a connection waits for another program's lock.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// Up to this size, bytes, the whole file is checked at every start; beyond, damage shows when it is read.
const CHECKED_AT_START: u64 = 256 << 20;

/// What the household remembers. Clones share one library; the last one to go closes it.
#[derive(Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    readers: Readers,
    writer: Writer,
    vocabulary: Mutex<Option<Arc<Vocabulary>>>,
    /// Held by the one import that runs.
    importing: Mutex<()>,
    titles_found: Mutex<Found>,
}

impl Library {
    /// Opens the library in `folder`, making both if they are not there.
    ///
    /// # Errors
    ///
    /// [`LibraryError`] says what stands in the way; a damaged or newer file is left as it is.
    pub fn open(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join("library.db");
        std::fs::create_dir_all(folder).map_err(|error| cannot_open(folder, &error))?;
        let connection = open_checked(&path).map_err(|error| read_only_or(folder, error))?;
        let writer = Writer::start(&path, connection)?;
        let readers = Readers::new(&path);
        let (vocabulary, importing, titles_found) =
            (Mutex::default(), Mutex::default(), Mutex::default());
        let inner = Inner { path, readers, writer, vocabulary, importing, titles_found };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// As [`backup`](Self::backup), unless the last one is younger than `age`; says whether one was made.
    ///
    /// # Errors
    ///
    /// As [`backup`](Self::backup).
    pub fn backup_if_older(&self, age: Duration) -> Result<bool, LibraryError> {
        let last =
            std::fs::metadata(backup_path(&self.inner.path)).and_then(|file| file.modified());
        // A clock that was set back makes a backup look younger than none at all.
        let is_young = last.is_ok_and(|made| made.elapsed().is_ok_and(|since| since < age));
        if is_young { Ok(false) } else { self.backup().map(|_| true) }
    }

    /// Writes a compact copy beside the library, replacing the last one only when the new one is whole.
    /// Returns its path.
    ///
    /// # Errors
    ///
    /// [`LibraryError`] if the disk is full or not writable; the last backup then stays.
    pub fn backup(&self) -> Result<PathBuf, LibraryError> {
        let target = backup_path(&self.inner.path);
        let unfinished = target.with_extension("unfinished");
        let file_error = |error| cannot_open(&target, &error);
        if unfinished.exists() {
            std::fs::remove_file(&unfinished).map_err(file_error)?;
        }
        let copy = Connection::open(&self.inner.path)
            .and_then(|db| db.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()]));
        copy.map_err(|error| LibraryError::from_sqlite(&self.inner.path, &error))?;
        std::fs::File::open(&unfinished).and_then(|file| file.sync_all()).map_err(file_error)?;
        std::fs::rename(&unfinished, &target).map_err(file_error)?;
        Ok(target)
    }

    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, LibraryError> {
        self.inner.readers.read(read)
    }

    /// Writes what somebody did: it is safe when this returns.
    pub(crate) fn write<T, W>(&self, work: W) -> Result<T, LibraryError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.inner.writer.now(work)
    }

    /// Writes a part of something that can be done again: everything else that is to be written goes first. It is
    /// seen and safe when [`settle`](Self::settle) or the next [`write`](Self::write) returns.
    pub(crate) fn write_later<T, W>(&self, work: W) -> Result<Pending<T>, LibraryError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.inner.writer.later(work)
    }

    /// Returns when readers see all that [`write_later`](Self::write_later) wrote, or it is undone.
    pub(crate) fn settle(&self) -> Result<(), LibraryError> {
        self.inner.writer.settle()
    }

    pub(crate) fn importing(&self) -> MutexGuard<'_, ()> {
        self.inner.importing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an import is under way.
    pub(crate) fn is_importing(&self) -> bool {
        self.inner.importing.try_lock().is_err()
    }

    pub(crate) fn titles_found(&self) -> MutexGuard<'_, Found> {
        self.inner.titles_found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn vocabulary(&self) -> &Mutex<Option<Arc<Vocabulary>>> {
        &self.inner.vocabulary
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

fn cannot_open(path: &Path, error: &std::io::Error) -> LibraryError {
    match error.kind() {
        std::io::ErrorKind::ReadOnlyFilesystem => LibraryError::ReadOnly { path: path.to_owned() },
        std::io::ErrorKind::StorageFull => LibraryError::DiskFull { path: path.to_owned() },
        _ => LibraryError::CannotOpen { path: path.to_owned(), why: error.to_string() },
    }
}

/// SQLite cannot say that a write-ahead log has no place on a read-only disk; a file made beside it can.
fn read_only_or(folder: &Path, error: LibraryError) -> LibraryError {
    let LibraryError::CannotOpen { path, .. } = &error else { return error };
    let probe = folder.join("library.probe");
    match std::fs::write(&probe, []).and_then(|()| std::fs::remove_file(&probe)) {
        Err(refused) if refused.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            LibraryError::ReadOnly { path: path.clone() }
        }
        _ => error,
    }
}

fn open_checked(path: &Path) -> Result<Connection, LibraryError> {
    let at = |error: rusqlite::Error| LibraryError::from_sqlite(path, &error);
    let mut connection = Connection::open(path).map_err(at)?;
    check_whole(path, &connection)?;
    configure(&connection).map_err(at)?;
    migrations::migrate(path, &mut connection)?;
    Ok(connection)
}

fn check_whole(path: &Path, connection: &Connection) -> Result<(), LibraryError> {
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    if size == 0 || size > CHECKED_AT_START {
        return Ok(());
    }
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| LibraryError::from_sqlite(path, &error))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(LibraryError::damaged(path.to_owned(), verdict)),
    }
}

/// The same rules for every connection. `synchronous=FULL` with the write-ahead log syncs each commit, so an
/// acknowledged change survives a power cut; the writer's shared transactions keep that cheap. The log is emptied by
/// the checkpointer; a writer does it only if that one cannot keep up.
pub(crate) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(LOCK_PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?; // what a savepoint keeps is small
    connection.pragma_update(None, "cache_size", -16_384)?; // KiB
    connection.pragma_update(None, "wal_autocheckpoint", 8192)?; // pages of 4 KiB
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?; // bytes, after a large import
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}
