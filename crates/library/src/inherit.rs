//! A catalogue goes on under another id: what people did with its titles goes with it.

use rusqlite::{Connection, params};

use crate::{error::LibraryError, household::remembered_id, store::Library, writer::Failure};

/// What is kept by the ids of titles, episodes and releases.
const KEPT: [(&str, &str); 6] = [
    ("watched", "item_id"),
    ("favourites", "title_id"),
    ("blocked", "title_id"),
    ("shown_anyway", "title_id"),
    ("downloads", "item_id"),
    ("downloads", "release_id"),
];

impl Library {
    /// What was watched, liked, hidden and downloaded of one catalogue belongs to the titles of the same ids in another
    /// from now on. Of two marks for one title the other's stays; of two places in a film, the later one.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Invalid`] for an id of no length or too long; else as every write.
    pub fn inherit(&self, from: &str, to: &str) -> Result<(), LibraryError> {
        let (from, to) = (remembered_id(from)?, remembered_id(to)?);
        self.write(move |db| {
            inherit_progress(db, &from, &to)?;
            inherit_switch(db, &from, &to)?;
            KEPT.iter().try_for_each(|(table, column)| rename(db, table, column, &from, &to))
        })
    }
}

/// The ids of a catalogue start with its own and a dot; a slash comes right after a dot.
fn inherit_progress(db: &Connection, from: &str, to: &str) -> Result<(), Failure> {
    db.execute(
        "INSERT INTO progress
         SELECT ?2 || substr(item_id, length(?1) + 1), position_ms, duration_ms, updated_at FROM progress
         WHERE item_id > ?1 || '.' AND item_id < ?1 || '/'
         ON CONFLICT DO UPDATE SET position_ms = excluded.position_ms, duration_ms = excluded.duration_ms,
         updated_at = excluded.updated_at WHERE excluded.updated_at > progress.updated_at",
        params![from, to],
    )?;
    remove(db, "progress", "item_id", from)
}

/// A filter that was switched off stays so.
fn inherit_switch(db: &Connection, from: &str, to: &str) -> Result<(), Failure> {
    let sql = "UPDATE filters SET applied = 0
               WHERE id = ?2 AND EXISTS (SELECT 1 FROM filters WHERE id = ?1 AND NOT applied)";
    db.execute(sql, params![from, to])?;
    Ok(())
}

fn rename(db: &Connection, table: &str, column: &str, from: &str, to: &str) -> Result<(), Failure> {
    let sql = format!(
        "UPDATE OR IGNORE {table} SET {column} = ?2 || substr({column}, length(?1) + 1)
         WHERE {column} > ?1 || '.' AND {column} < ?1 || '/'"
    );
    db.execute(&sql, params![from, to])?;
    // No two downloads exclude each other, so that none of them is left over.
    if table == "downloads" { Ok(()) } else { remove(db, table, column, from) }
}

fn remove(db: &Connection, table: &str, column: &str, from: &str) -> Result<(), Failure> {
    let sql = format!("DELETE FROM {table} WHERE {column} > ?1 || '.' AND {column} < ?1 || '/'");
    db.execute(&sql, [from])?;
    Ok(())
}
