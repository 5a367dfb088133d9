//! Torrents that somebody asked to keep, and what became of them; they survive a restart.

use std::path::PathBuf;

use rusqlite::{
    Connection, OptionalExtension, Row, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

use crate::{error::LibraryError, store::Library, time::Timestamp, writer::Failure};

/// What a download is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadState {
    /// It waits for its turn.
    Queued,
    /// It fetches.
    Fetching,
    /// What is on disk is compared with its hashes.
    Checking,
    /// All that was wanted is there.
    Done,
    /// Somebody paused it.
    Paused,
    /// It stopped with an error.
    Failed,
}

impl DownloadState {
    const ALL: [Self; 6] =
        [Self::Queued, Self::Fetching, Self::Checking, Self::Done, Self::Paused, Self::Failed];

    /// Its name in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Fetching => "fetching",
            Self::Checking => "checking",
            Self::Done => "done",
            Self::Paused => "paused",
            Self::Failed => "failed",
        }
    }
}

impl ToSql for DownloadState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for DownloadState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or(FromSqlError::InvalidType)
    }
}

/// A torrent that somebody asked to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its id, never used again.
    pub id: String,
    /// The film or episode it is for, if it came from a catalogue.
    pub item_id: Option<String>,
    /// The release it is.
    pub release_id: Option<String>,
    /// Its name for people.
    pub name: String,
    /// The torrent's names.
    pub hashes: InfoHashes,
    /// The magnet link, while there is no metainfo.
    pub magnet: Option<String>,
    /// The folder it is stored below.
    pub folder: PathBuf,
    /// The numbers of the files that are wanted; empty for all.
    pub files: Vec<u32>,
    /// What it is doing.
    pub state: DownloadState,
    /// Whether the cache may not evict it.
    pub pinned: bool,
    /// Bytes wanted; 0 until known.
    pub size_bytes: u64,
    /// Bytes there and verified.
    pub done_bytes: u64,
    /// Bytes given to others.
    pub uploaded_bytes: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was asked for.
    pub added_at: Timestamp,
}

/// What somebody asks to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDownload {
    /// As [`Download::item_id`].
    pub item_id: Option<String>,
    /// As [`Download::release_id`].
    pub release_id: Option<String>,
    /// As [`Download::name`].
    pub name: String,
    /// As [`Download::hashes`].
    pub hashes: InfoHashes,
    /// As [`Download::magnet`].
    pub magnet: Option<String>,
    /// As [`Download::folder`].
    pub folder: PathBuf,
    /// As [`Download::files`].
    pub files: Vec<u32>,
    /// As [`Download::size_bytes`].
    pub size_bytes: u64,
    /// As [`Download::pinned`].
    pub pinned: bool,
}

/// What changed about a download; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DownloadChange {
    /// A better name, known with the metainfo.
    pub name: Option<String>,
    /// The new state. The error is kept with `Failed` and forgotten with any other.
    pub state: Option<DownloadState>,
    /// Why it failed.
    pub error: Option<String>,
    /// Pinned or not.
    pub pinned: Option<bool>,
    /// Files that are wanted now.
    pub files: Option<Vec<u32>>,
    /// Bytes wanted.
    pub size_bytes: Option<u64>,
    /// Bytes there.
    pub done_bytes: Option<u64>,
    /// Bytes given.
    pub uploaded_bytes: Option<u64>,
    /// Leave the download alone if somebody paused it meanwhile.
    pub unless_paused: bool,
}

const COLUMNS: &str = "download, item_id, release_id, name, v1, v2, magnet, folder, files, state,
    pinned, size_bytes, done_bytes, uploaded_bytes, error, added_at";

impl Library {
    /// Notes a download as queued. The same release or torrent asked for again is the same download.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn add_download(&self, new: NewDownload) -> Result<Download, LibraryError> {
        self.write(move |db| {
            let (v1, v2) = columns(&new.hashes);
            let known = "SELECT download FROM downloads
                         WHERE (v1 = ?1 OR v2 = ?2) AND release_id IS ?3";
            let known: Option<i64> = db
                .query_row(known, params![v1, v2, new.release_id], |row| row.get(0))
                .optional()?;
            if let Some(known) = known {
                return download_of(db, known);
            }
            db.execute(
                "INSERT INTO downloads (item_id, release_id, name, v1, v2, magnet, folder, files,
                     state, pinned, size_bytes, done_bytes, uploaded_bytes, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, ?12)",
                params![
                    new.item_id,
                    new.release_id,
                    new.name,
                    v1,
                    v2,
                    new.magnet,
                    new.folder.to_string_lossy(),
                    serde_json::to_string(&new.files)?,
                    DownloadState::Queued,
                    new.pinned,
                    new.size_bytes,
                    Timestamp::now()
                ],
            )?;
            download_of(db, db.last_insert_rowid())
        })
    }

    /// All downloads, oldest first.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn downloads(&self) -> Result<Vec<Download>, LibraryError> {
        let sql = format!("SELECT {COLUMNS} FROM downloads ORDER BY download");
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let downloads = statement.query_map([], download_from_row)?;
            Ok(downloads.collect::<Result<_, _>>()?)
        })
    }

    /// One download.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn download(&self, id: &str) -> Result<Option<Download>, LibraryError> {
        let Ok(number) = id.parse::<i64>() else { return Ok(None) };
        self.read(|db| match download_of(db, number) {
            Ok(download) => Ok(Some(download)),
            Err(Failure::Library(LibraryError::NotFound { .. })) => Ok(None),
            Err(failure) => Err(failure),
        })
    }

    /// Changes a download and returns it.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotFound`] if there is none with this id; else as every write.
    pub fn change_download(
        &self,
        id: &str,
        change: DownloadChange,
    ) -> Result<Download, LibraryError> {
        let number = number_of(id)?;
        self.write(move |db| {
            let files = change.files.as_ref().map(serde_json::to_string).transpose()?;
            db.execute(
                "UPDATE downloads SET name = coalesce(?2, name), state = coalesce(?3, state),
                     error = CASE coalesce(?3, state) WHEN 'failed' THEN coalesce(?4, error) END,
                     pinned = coalesce(?5, pinned), files = coalesce(?6, files),
                     size_bytes = coalesce(?7, size_bytes), done_bytes = coalesce(?8, done_bytes),
                     uploaded_bytes = coalesce(?9, uploaded_bytes)
                 WHERE download = ?1 AND NOT (?10 AND state = 'paused')",
                params![
                    number,
                    change.name,
                    change.state,
                    change.error,
                    change.pinned,
                    files,
                    change.size_bytes,
                    change.done_bytes,
                    change.uploaded_bytes,
                    change.unless_paused
                ],
            )?;
            download_of(db, number)
        })
    }

    /// Forgets a download; its files are the caller's matter.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotFound`] if there is none with this id; else as every write.
    pub fn remove_download(&self, id: &str) -> Result<Download, LibraryError> {
        let number = number_of(id)?;
        self.write(move |db| {
            let download = download_of(db, number)?;
            db.execute("DELETE FROM downloads WHERE download = ?1", [number])?;
            Ok(download)
        })
    }
}

/// The names of a torrent as two columns have them.
fn columns(hashes: &InfoHashes) -> (Option<[u8; 20]>, Option<[u8; 32]>) {
    (hashes.v1().map(|hash| hash.0), hashes.v2().map(|hash| hash.0))
}

fn number_of(id: &str) -> Result<i64, LibraryError> {
    id.parse().map_err(|_| not_found(id.to_owned()))
}

fn not_found(id: String) -> LibraryError {
    LibraryError::NotFound { what: "download", id }
}

fn download_of(db: &Connection, number: i64) -> Result<Download, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM downloads WHERE download = ?1");
    let download = db.prepare_cached(&sql)?.query_row([number], download_from_row).optional()?;
    download.ok_or_else(|| not_found(number.to_string()).into())
}

fn download_from_row(row: &Row<'_>) -> rusqlite::Result<Download> {
    let (v1, v2): (Option<[u8; 20]>, Option<[u8; 32]>) = (row.get(4)?, row.get(5)?);
    let hashes = match (v1.map(Sha1Hash), v2.map(Sha256Hash)) {
        (Some(v1), Some(v2)) => InfoHashes::Hybrid(v1, v2),
        (Some(v1), None) => InfoHashes::V1(v1),
        (None, Some(v2)) => InfoHashes::V2(v2),
        (None, None) => return Err(FromSqlError::InvalidType.into()),
    };
    let files: String = row.get(8)?;
    Ok(Download {
        id: row.get::<_, i64>(0)?.to_string(),
        item_id: row.get(1)?,
        release_id: row.get(2)?,
        name: row.get(3)?,
        hashes,
        magnet: row.get(6)?,
        folder: PathBuf::from(row.get::<_, String>(7)?),
        files: serde_json::from_str(&files).map_err(FromSqlError::other)?,
        state: row.get(9)?,
        pinned: row.get(10)?,
        size_bytes: row.get(11)?,
        done_bytes: row.get(12)?,
        uploaded_bytes: row.get(13)?,
        error: row.get(14)?,
        added_at: row.get(15)?,
    })
}
