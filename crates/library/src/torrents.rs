//! Metainfo of torrents met before, so that a title starts without asking the swarm for it again.

use rusqlite::{Connection, OptionalExtension, params};
use torrent::InfoHashes;

use crate::{error::LibraryError, store::Library, time::Timestamp, writer::Failure};

/// The largest metainfo that is kept, bytes.
const MAX_BYTES: usize = 10 << 20;
/// How many are kept; the longest unused goes first.
const KEPT: i64 = 5_000;

type Hashes = (Option<[u8; 20]>, Option<[u8; 32]>);

pub(crate) fn columns(hashes: &InfoHashes) -> Hashes {
    (hashes.v1().map(|hash| hash.0), hashes.v2().map(|hash| hash.0))
}

impl Library {
    /// Keeps a torrent's `.torrent` bytes under its infohashes.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Invalid`] above 10 MiB; else as every write.
    pub fn keep_metainfo(&self, hashes: &InfoHashes, bytes: &[u8]) -> Result<(), LibraryError> {
        if bytes.len() > MAX_BYTES {
            return Err(LibraryError::Invalid("a .torrent file has at most 10 MiB".to_owned()));
        }
        let ((v1, v2), bytes) = (columns(hashes), bytes.to_vec());
        self.write(move |db| {
            delete(db, (v1, v2))?;
            let sql = "INSERT INTO metainfo (v1, v2, bytes, used_at) VALUES (?1, ?2, ?3, ?4)";
            db.execute(sql, params![v1, v2, bytes, Timestamp::now()])?;
            let oldest = "DELETE FROM metainfo WHERE metainfo IN
                (SELECT metainfo FROM metainfo ORDER BY used_at DESC, metainfo DESC LIMIT -1 OFFSET ?1)";
            db.execute(oldest, [KEPT])?;
            Ok(())
        })
    }

    /// The `.torrent` bytes of a torrent, by any of its infohashes, if they were kept.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn metainfo(&self, hashes: &InfoHashes) -> Result<Option<Vec<u8>>, LibraryError> {
        let (v1, v2) = columns(hashes);
        self.read(|db| {
            let sql = "SELECT bytes FROM metainfo WHERE v1 = ?1 OR v2 = ?2 LIMIT 1";
            Ok(db.query_row(sql, params![v1, v2], |row| row.get(0)).optional()?)
        })
    }

    /// Forgets a torrent's metainfo.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn forget_metainfo(&self, hashes: &InfoHashes) -> Result<(), LibraryError> {
        let hashes = columns(hashes);
        self.write(move |db| delete(db, hashes))
    }
}

fn delete(db: &Connection, (v1, v2): Hashes) -> Result<(), Failure> {
    db.execute("DELETE FROM metainfo WHERE v1 = ?1 OR v2 = ?2", params![v1, v2])?;
    Ok(())
}
