//! What was taken from each swarm and given to it, in all runs of the program.

use rusqlite::{OptionalExtension, params};

use crate::{error::LibraryError, store::Library};

/// Bytes of one torrent that came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes received.
    pub taken: u64,
    /// Bytes sent.
    pub given: u64,
    /// Seconds of giving with nothing left to fetch.
    pub gave_s: u64,
}

impl Library {
    /// Adds to what is known of some torrents, each by its infohash in hexadecimal.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn add_traffic(&self, changes: Vec<(String, Traffic)>) -> Result<(), LibraryError> {
        self.write(move |db| {
            let mut statement = db.prepare_cached(
                "INSERT INTO traffic VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET
                 taken = taken + ?2, given = given + ?3, gave_s = gave_s + ?4",
            )?;
            for (infohash, Traffic { taken, given, gave_s }) in changes {
                statement.execute(params![infohash, taken, given, gave_s])?;
            }
            Ok(())
        })
    }

    /// What came and went of a torrent since it was met first.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn traffic(&self, infohash: &str) -> Result<Traffic, LibraryError> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT taken, given, gave_s FROM traffic WHERE infohash = ?1")?;
            let found = statement.query_row([infohash], |row| {
                Ok(Traffic { taken: row.get(0)?, given: row.get(1)?, gave_s: row.get(2)? })
            });
            Ok(found.optional()?.unwrap_or_default())
        })
    }
}
