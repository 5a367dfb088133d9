//! A filter taken in: its entries take the place of those that it had, and what it hides is worked out.

use catalogue::{
    Multilingual,
    channel::{Mark, Verdict},
};
use rusqlite::{Connection, params};

use crate::{error::LibraryError, store::Library, writer::Failure};

/// How many entries the writer is given at one time: others who write wait for no more than that.
const BATCH: usize = 2048;

/// What a filter is.
#[derive(Debug, Clone)]
pub struct FilterAbout {
    /// The letters of its key.
    pub id: String,
    /// Its name.
    pub name: Multilingual<300>,
    /// What its publisher says of the whole list.
    pub about: Multilingual<4000, true>,
    /// Who publishes it.
    pub publisher: String,
    /// Its version.
    pub revision: u64,
}

/// A filter that is taken in entry by entry. Until it is [finished](Self::finish), titles are shown as they were before.
pub struct TakingFilter<'a> {
    library: &'a Library,
    filter: i64,
    revision: u64,
    is_whole: bool,
    /// The last mark that was written; all up to it are as they should be, if the whole is taken in.
    last: Option<Mark>,
    coming: Vec<(Mark, Option<Verdict>)>,
}

impl Library {
    /// Begins to take in a filter. `is_whole`: entries that are not put leave.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn take_in_filter(
        &self,
        about: FilterAbout,
        is_whole: bool,
    ) -> Result<TakingFilter<'_>, LibraryError> {
        let revision = about.revision;
        let filter = self.write(move |db| begin(db, &about))?;
        let (last, coming) = (None, Vec::with_capacity(BATCH));
        Ok(TakingFilter { library: self, filter, revision, is_whole, last, coming })
    }
}

impl TakingFilter<'_> {
    /// Takes in an entry, or takes one out. Marks come in rising order.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn put(&mut self, mark: Mark, verdict: Option<Verdict>) -> Result<(), LibraryError> {
        self.coming.push((mark, verdict));
        if self.coming.len() < BATCH { Ok(()) } else { self.write(None) }
    }

    /// Writes what came. Of a whole filter, entries between these marks that did not come leave with it: at no time more is
    /// missing than what is written at once.
    fn write(&mut self, until: Option<Mark>) -> Result<(), LibraryError> {
        let batch = std::mem::replace(&mut self.coming, Vec::with_capacity(BATCH));
        let until = until.or_else(|| Some(batch.last()?.0));
        let (filter, is_whole, after) = (self.filter, self.is_whole, self.last);
        self.last = until.or(after);
        let work = move |db: &Connection| {
            if let (true, Some(until)) = (is_whole, until) {
                let (after, all) = (after.map_or([0; 16], |after| after.0), after.is_none());
                let sql = "DELETE FROM filter_marks WHERE filter = ?1 AND (mark > ?2 OR ?4) AND mark <= ?3";
                db.prepare_cached(sql)?.execute(params![filter, after, until.0, all])?;
            }
            batch.iter().try_for_each(|(mark, verdict)| put(db, filter, mark, verdict.as_ref()))
        };
        self.library.write_later(work)?.wait()
    }

    /// Ends it: what the filter says of the titles holds from now on. Returns how many entries it has.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn finish(mut self) -> Result<u64, LibraryError> {
        self.write(self.is_whole.then_some(Mark([0xFF; 16])))?;
        self.library.settle()?;
        let (filter, revision) = (self.filter, self.revision);
        let _alone = self.library.importing();
        let entries = self.library.hold_against_titles(filter)?;
        self.library.write(move |db| {
            let sql = "UPDATE filters SET revision = ?2, entries = ?3 WHERE filter = ?1";
            Ok(db.execute(sql, params![filter, revision, entries])?)
        })?;
        Ok(entries as u64)
    }
}

fn begin(db: &Connection, about: &FilterAbout) -> Result<i64, Failure> {
    let (name, text) = (serde_json::to_string(&about.name)?, serde_json::to_string(&about.about)?);
    let sql =
        "INSERT INTO filters (id, name, about, publisher, revision) VALUES (?1, ?2, ?3, ?4, 0)
               ON CONFLICT (id) DO UPDATE SET name = ?2, about = ?3, publisher = ?4, revision = 0
               RETURNING filter";
    let values = params![about.id, name, text, about.publisher];
    Ok(db.query_row(sql, values, |row| row.get(0))?)
}

fn put(
    db: &Connection,
    filter: i64,
    mark: &Mark,
    verdict: Option<&Verdict>,
) -> Result<(), Failure> {
    match verdict {
        Some(verdict) => {
            let sql = "INSERT OR REPLACE INTO filter_marks VALUES (?1, ?2, ?3, ?4)";
            let (action, reason) = (verdict.action.number(), verdict.reason_number());
            db.prepare_cached(sql)?.execute(params![filter, mark.0, action, reason])?;
        }
        None => {
            let sql = "DELETE FROM filter_marks WHERE filter = ?1 AND mark = ?2";
            db.prepare_cached(sql)?.execute(params![filter, mark.0])?;
        }
    }
    Ok(())
}
