//! Filters: signed lists of what to leave out, which this household follows, and what somebody here wants to see all the
//! same. Our own choice stands above them: to block a title, or to show it.
//!
//! Entries are hashes of things that titles are known by. Those of each title are kept in a row beside it, so that a list
//! of a million entries is held against a million titles by going through both once; what was found is kept as well,
//! and lists and searches look up a number.

mod applying;
mod taking;
mod torrents;

use catalogue::{
    Multilingual, WithdrawalReason,
    channel::{Action, Mark, Verdict},
};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) use self::applying::{marks, note_all, note_new, note_title};
pub use self::{
    taking::{FilterAbout, TakingFilter},
    torrents::Ruling,
};
use crate::{
    card::Languages, error::LibraryError, household::remembered_id, store::Library,
    time::Timestamp, works, writer::Failure,
};

/// Bytes of a mark.
pub(crate) const MARK: usize = size_of::<Mark>();
/// How many marks are taken out at one time: others who write wait for no more than that.
const REMOVED: usize = 4096;

/// A filter that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterList {
    /// The letters of its key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version; 0 until all of it is here.
    pub revision: u64,
    /// How many things it marks.
    pub entries: u64,
    /// Whether it is in force here.
    pub applied: bool,
    /// How many titles here it hides, or would.
    pub hides: u64,
    /// Of how many titles here it warns, or would.
    pub warns: u64,
}

/// What a filter says of a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilteredBy {
    /// The letters of the filter's key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its publisher says of the whole list.
    pub about: Option<String>,
    /// What it asks for.
    pub action: Action,
    /// Why.
    pub reason: Option<WithdrawalReason>,
}

impl Library {
    /// The filters that are followed.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn filters(&self, languages: &Languages) -> Result<Vec<FilterList>, LibraryError> {
        let count = |actions: &str| {
            format!(
                "(SELECT count(DISTINCT f.title) FROM filtered f INDEXED BY filtered_by_filter
                  WHERE f.filter = l.filter AND f.action IN ({actions}))"
            )
        };
        let sql = format!(
            "SELECT l.id, l.name, l.revision, l.entries, l.applied, {}, {} FROM filters l ORDER BY l.filter",
            count("1, 4"),
            count("2")
        );
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut filters = Vec::new();
            while let Some(row) = rows.next()? {
                let name: Multilingual<300> = serde_json::from_str(&row.get::<_, String>(1)?)?;
                filters.push(FilterList {
                    id: row.get(0)?,
                    name: languages.pick(&name).unwrap_or_default(),
                    revision: row.get(2)?,
                    entries: row.get(3)?,
                    applied: row.get(4)?,
                    hides: row.get(5)?,
                    warns: row.get(6)?,
                });
            }
            Ok(filters)
        })
    }

    /// The version of a filter that is here, 0 until all of it is, and how many entries it has; nothing if it is not here.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn held_of_filter(&self, id: &str) -> Result<Option<(u64, u64)>, LibraryError> {
        let sql = "SELECT revision, entries FROM filters WHERE id = ?1";
        self.read(|db| {
            let held =
                db.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(held.optional()?)
        })
    }

    /// Puts a filter into force, or out of it: it is followed all the same.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotFound`] if there is none with this id; else as every write.
    pub fn set_filter_applied(&self, id: &str, applied: bool) -> Result<(), LibraryError> {
        let id = id.to_owned();
        self.write(move |db| {
            let sql = "UPDATE filters SET applied = ?2 WHERE id = ?1";
            match db.execute(sql, params![id, applied])? {
                0 => Err(LibraryError::NotFound { what: "filter", id }.into()),
                _ => Ok(()),
            }
        })?;
        self.leave_out()
    }

    /// Drops a filter: what it hid is shown again.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotFound`] if there is none with this id; else as every write.
    pub fn remove_filter(&self, id: &str) -> Result<(), LibraryError> {
        let _alone = self.importing();
        let missing = LibraryError::NotFound { what: "filter", id: id.to_owned() };
        let id = id.to_owned();
        let filter = self.write(move |db| {
            let gone = "DELETE FROM filters WHERE id = ?1 RETURNING filter";
            let filter = db.query_row(gone, [&id], |row| row.get::<_, i64>(0)).optional()?;
            Ok(filter.ok_or(missing)?)
        })?;
        self.write(move |db| Ok(db.execute("DELETE FROM filtered WHERE filter = ?1", [filter])?))?;
        let marks = move |db: &Connection| {
            let sql = "DELETE FROM filter_marks WHERE filter = ?1 AND mark IN
                       (SELECT mark FROM filter_marks WHERE filter = ?1 LIMIT ?2)";
            Ok(db.prepare_cached(sql)?.execute(params![filter, REMOVED])?)
        };
        while self.write_later(marks)?.wait()? > 0 {}
        self.leave_out()
    }

    /// Shows a title whatever filters say, or as they say again. It holds for the work, in every catalogue.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn set_shown_anyway(&self, title_id: &str, shown: bool) -> Result<(), LibraryError> {
        let title_id = remembered_id(title_id)?;
        self.write(move |db| {
            for id in works::same_items(db, &title_id)? {
                if shown {
                    let sql = "INSERT OR IGNORE INTO shown_anyway VALUES (?1, ?2)";
                    db.prepare_cached(sql)?.execute(params![id, Timestamp::now()])?;
                } else {
                    let sql = "DELETE FROM shown_anyway WHERE title_id = ?1";
                    db.prepare_cached(sql)?.execute([id])?;
                }
            }
            Ok(())
        })?;
        self.leave_out()
    }
}

/// What filters in force say of a title, what hides it first.
pub(crate) fn of_title(
    db: &Connection,
    languages: &Languages,
    title: i64,
) -> Result<Vec<FilteredBy>, Failure> {
    let sql = "SELECT l.id, l.name, l.about, f.action, f.reason FROM filtered f
               CROSS JOIN filters l ON l.filter = f.filter WHERE f.title = ?1 AND l.applied
               ORDER BY f.action = 4 DESC, f.action = 1 DESC, l.filter";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([title])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: Multilingual<300> = serde_json::from_str(&row.get::<_, String>(1)?)?;
        let about: Multilingual<4000, true> = serde_json::from_str(&row.get::<_, String>(2)?)?;
        let Some(verdict) = Verdict::of(row.get(3)?, row.get(4)?) else { continue };
        found.push(FilteredBy {
            id: row.get(0)?,
            name: languages.pick(&name).unwrap_or_default(),
            about: languages.pick(&about),
            action: verdict.action,
            reason: verdict.reason,
        });
    }
    Ok(found)
}

/// Whether somebody here wants to see a title whatever filters say.
pub(crate) fn is_shown_anyway(db: &Connection, title_id: &str) -> Result<bool, Failure> {
    Ok(db.prepare_cached("SELECT 1 FROM shown_anyway WHERE title_id = ?1")?.exists([title_id])?)
}
