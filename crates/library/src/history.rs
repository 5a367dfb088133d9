//! What was played when.

use rusqlite::params;

use crate::{error::LibraryError, household::remembered_id, store::Library, time::Timestamp};

/// How many playbacks are remembered.
const KEPT: i64 = 10_000;

/// One time that something was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playback {
    /// The film or episode.
    pub item_id: String,
    /// Its name at the time, so that the line stays readable when the title is gone.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
}

impl Library {
    /// Notes that an item begins to play.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn record_playback(&self, item_id: &str, name: &str) -> Result<(), LibraryError> {
        let item_id = remembered_id(item_id)?;
        let name: String = name.chars().take(600).collect();
        self.write(move |db| {
            let sql = "INSERT INTO history (item_id, name, started_at) VALUES (?1, ?2, ?3)";
            db.execute(sql, params![item_id, name, Timestamp::now()])?;
            let last = db.last_insert_rowid();
            db.execute("DELETE FROM history WHERE playback <= ?1", [last - KEPT])?;
            Ok(())
        })
    }

    /// The last playbacks, newest first.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn history(&self, limit: u32) -> Result<Vec<Playback>, LibraryError> {
        let sql = "SELECT item_id, name, started_at FROM history ORDER BY playback DESC LIMIT ?1";
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let playbacks = statement.query_map([limit], |row| {
                Ok(Playback { item_id: row.get(0)?, name: row.get(1)?, started_at: row.get(2)? })
            })?;
            Ok(playbacks.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets all playbacks.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn clear_history(&self) -> Result<(), LibraryError> {
        self.write(|db| {
            db.execute("DELETE FROM history", [])?;
            Ok(())
        })
    }
}
