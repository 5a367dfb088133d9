//! What can go wrong with the library, in words that say what to do next.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

/// Why the library cannot be opened, read or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// The folder or file cannot be made or opened.
    #[error(
        "the library {path} cannot be opened: {why}. Check that the folder exists and may be written"
    )]
    CannotOpen {
        /// The folder or database file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The disk or folder does not take writes.
    #[error(
        "the library {path} is on a read-only disk or folder. Make it writable, or choose another data folder"
    )]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// The disk is full; nothing that was acknowledged before is lost.
    #[error(
        "the disk that holds the library {path} is full. Free some space and try again; nothing saved before is lost"
    )]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// Another program holds the database.
    #[error(
        "the library {path} is in use by another program. Close the other Kinora and try again"
    )]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// The database file is damaged. It is left as it is.
    #[error(
        "the library {path} is damaged ({why}). It was not changed. Move it to {aside} and start again; {restore}",
        restore = restore_hint(backup.as_deref())
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the check found.
        why: String,
        /// A free name to move it to.
        aside: PathBuf,
        /// The last backup, if there is one.
        backup: Option<PathBuf>,
    },
    /// Written by a newer program.
    #[error(
        "the library {path} was written by a newer Kinora. Update this one; the library was not changed"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
    },
    /// The thing that should change is not there.
    #[error("there is no {what} `{id}` in the library")]
    NotFound {
        /// Its sort: title, download…
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A value that does not fit.
    #[error("{0}")]
    Invalid(String),
    /// The library was closed, or its writer died of an earlier error.
    #[error("the library is closed; start Kinora again")]
    Closed,
    /// A failure of the database that none of the others describes: a defect of this program.
    #[error("the library {path} failed unexpectedly: {why}. Please report this")]
    Unexpected {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
}

fn restore_hint(backup: Option<&Path>) -> String {
    match backup {
        Some(backup) => format!("the backup {} can be copied in its place", backup.display()),
        None => "there is no backup beside it".to_owned(),
    }
}

impl LibraryError {
    /// Translates what SQLite said about the database at `path`.
    pub(crate) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let why = error.to_string();
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::damaged(path, why),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::CannotOpen { path, why }
            }
            _ => Self::Unexpected { path, why },
        }
    }

    /// Translates what the disk said beside the database at `path`.
    pub(crate) fn from_disk(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::CannotOpen { path, why: error.to_string() },
        }
    }

    pub(crate) fn damaged(path: PathBuf, why: String) -> Self {
        let aside = free_name(&path);
        let backup = Some(backup_path(&path)).filter(|backup| backup.is_file());
        Self::Damaged { path, why, aside, backup }
    }
}

/// Where the last backup of a database lies.
pub(crate) fn backup_path(database: &Path) -> PathBuf {
    database.with_extension("backup.db")
}

fn free_name(database: &Path) -> PathBuf {
    (1..)
        .map(|n| database.with_extension(format!("damaged-{n}.db")))
        .find(|name| !name.exists())
        .unwrap_or_else(|| database.with_extension("damaged.db"))
}
