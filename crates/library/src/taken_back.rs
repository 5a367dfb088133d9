//! Which torrents their publishers took back.

use std::collections::BTreeSet;

use catalogue::{Title, Withdrawal};
use rusqlite::{Connection, OptionalExtension, params};
use torrent::InfoHashes;

use crate::{error::LibraryError, import::global_id, store::Library, writer::Failure};

impl Library {
    /// Those of some torrents that a publisher took back, with their title, their episode or alone, and that no
    /// catalogue shows.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn taken_back(
        &self,
        torrents: &[InfoHashes],
    ) -> Result<BTreeSet<InfoHashes>, LibraryError> {
        self.read(|db| {
            let mut left = BTreeSet::new();
            for (torrent, titles) in self.titles_of(db, marked(db, torrents)?)? {
                if !is_any_shown(db, &titles)? {
                    left.insert(torrent);
                }
            }
            Ok(left)
        })
    }
}

/// Those that some publisher took back.
fn marked(db: &Connection, torrents: &[InfoHashes]) -> Result<BTreeSet<InfoHashes>, Failure> {
    let mut marked = db.prepare_cached("SELECT 1 FROM torrents_taken_back WHERE torrent = ?1")?;
    let mut found = BTreeSet::new();
    for torrent in torrents {
        for name in torrent.names() {
            if marked.exists([&name.0[..]])? {
                found.insert(*torrent);
            }
        }
    }
    Ok(found)
}

fn is_any_shown(db: &Connection, titles: &[i64]) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM titles WHERE title = ?1 AND withdrawn IS NULL";
    let mut shown = db.prepare_cached(sql)?;
    for title in titles {
        if shown.exists([title])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks the torrents of titles that are known here and of which withdrawals take something back. Before the titles
/// change: a withdrawal of a torrent that its title never had says nothing.
pub(crate) fn mark(
    db: &Connection,
    (source, source_id): (i64, &str),
    withdrawals: &[Withdrawal],
) -> Result<(), Failure> {
    let mut record = db.prepare_cached(
        "SELECT record FROM titles WHERE id = ?1
         UNION ALL SELECT record FROM titles t JOIN episodes e ON e.title = t.title WHERE e.id = ?1",
    )?;
    let mut put = db.prepare_cached("INSERT OR IGNORE INTO torrents_taken_back VALUES (?1, ?2)")?;
    for withdrawal in withdrawals {
        let id = global_id(source_id, &withdrawal.id);
        let found: Option<String> = record.query_row([id], |row| row.get(0)).optional()?;
        let Some(found) = found else { continue };
        let title: Title = serde_json::from_str(&found)?;
        for torrent in withdrawal.taken_from(&title).filter_map(|link| link.hashes()) {
            for name in torrent.names() {
                put.execute(params![source, &name.0[..]])?;
            }
        }
    }
    Ok(())
}
