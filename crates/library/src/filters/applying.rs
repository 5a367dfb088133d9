//! Filters held against titles: which of them a list names, and which are left out for it.

use catalogue::{Title, channel::Mark};
use rusqlite::{Connection, params};

use super::MARK;
use crate::{error::LibraryError, store::Library, works, writer::Failure};

/// How many titles that a filter may name the writer is given at one time.
const FOUND: usize = 1024;
/// How many works are sorted out anew at one time.
const JOINED: usize = 24;
/// Bits of a sieve for each entry, and for how many of them each mark stands: one of a hundred others passes by chance.
const BITS: usize = 10;
const BITS_SET: usize = 7;

impl Library {
    /// Works out which titles a filter names.
    pub(super) fn hold_against_titles(&self, filter: i64) -> Result<(), LibraryError> {
        let run: i64 = self.write(move |db| {
            let sql = "UPDATE filters SET runs = runs + 1 WHERE filter = ?1 RETURNING runs";
            Ok(db.query_row(sql, [filter], |row| row.get(0))?)
        })?;
        self.read(|db| {
            let sieve = Sieve::of(db, filter)?;
            let mut found = Vec::with_capacity(FOUND);
            let mut statement = db.prepare_cached("SELECT title, marks FROM title_marks")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let marks = row.get_ref(1)?.as_blob().unwrap_or_default().as_chunks::<MARK>().0;
                let title: i64 = row.get(0)?;
                found.extend(marks.iter().filter(|mark| sieve.lets(mark)).map(|one| (title, *one)));
                if found.len() >= FOUND {
                    self.note_found(filter, run, std::mem::take(&mut found))?;
                }
            }
            Ok(self.note_found(filter, run, found)?)
        })?;
        self.settle()?;
        self.write(move |db| {
            let sql = "DELETE FROM filtered WHERE filter = ?1 AND run <> ?2";
            Ok(db.execute(sql, [filter, run])?)
        })?;
        self.leave_out()
    }

    /// Writes down what a filter says of titles that passed its sieve, if it names them.
    fn note_found(
        &self,
        filter: i64,
        run: i64,
        found: Vec<(i64, [u8; MARK])>,
    ) -> Result<(), LibraryError> {
        let note = move |db: &Connection| {
            let mut statement = db.prepare_cached(
                "INSERT OR REPLACE INTO filtered SELECT ?1, filter, action, reason, ?4
                 FROM filter_marks WHERE filter = ?2 AND mark = ?3",
            )?;
            for (title, mark) in &found {
                statement.execute(params![title, filter, mark, run])?;
            }
            Ok(())
        };
        self.write_later(note)?.wait()
    }

    /// Hides the titles that filters in force hide, unless somebody wants to see them, and shows all others.
    pub(super) fn leave_out(&self) -> Result<(), LibraryError> {
        let Changed { shown, parted, is_any } = self.write(replace)?;
        for batch in parted.chunks(JOINED) {
            let batch = batch.to_vec();
            let part = move |db: &Connection| {
                batch.iter().try_for_each(|title| works::stand_no_more(db, *title))
            };
            self.write_later(part)?.wait()?;
        }
        for batch in shown.chunks(JOINED) {
            let batch = batch.to_vec();
            let join = move |db: &Connection| {
                batch.iter().try_for_each(|title| works::join_again(db, *title))
            };
            self.write_later(join)?.wait()?;
        }
        if is_any { self.count_facets() } else { Ok(()) }
    }
}

/// What became of titles.
struct Changed {
    /// Those that are shown again.
    shown: Vec<i64>,
    /// Those that are not shown any more and stood for others.
    parted: Vec<i64>,
    is_any: bool,
}

fn replace(db: &Connection) -> Result<Changed, Failure> {
    let titles = |sql: &str| -> Result<Vec<i64>, Failure> {
        let mut statement = db.prepare_cached(sql)?;
        let titles = statement.query_map([], |row| row.get(0))?;
        Ok(titles.collect::<Result<_, _>>()?)
    };
    let shown =
        titles("SELECT title FROM left_out WHERE title NOT IN (SELECT title FROM to_leave_out)")?;
    let parted = titles(
        "SELECT DISTINCT double_of FROM titles INDEXED BY titles_doubles WHERE double_of IS NOT NULL
         AND double_of IN (SELECT title FROM to_leave_out)
         AND double_of NOT IN (SELECT title FROM left_out)",
    )?;
    let mut remove = db.prepare_cached("DELETE FROM left_out WHERE title = ?1")?;
    for title in &shown {
        remove.execute([title])?;
    }
    let added = db.execute("INSERT OR IGNORE INTO left_out SELECT title FROM to_leave_out", [])?;
    Ok(Changed { is_any: added > 0 || !shown.is_empty(), shown, parted })
}

/// Which marks a filter may have: it lets all of those pass, and few others. A tenth of the list's size in memory.
struct Sieve {
    bits: Vec<u64>,
}

impl Sieve {
    fn of(db: &Connection, filter: i64) -> Result<Self, Failure> {
        let sql = "SELECT count(*) FROM filter_marks WHERE filter = ?1";
        let entries: usize = db.prepare_cached(sql)?.query_row([filter], |row| row.get(0))?;
        let mut sieve = Self { bits: vec![0; (entries * BITS).div_ceil(64).max(1)] };
        let mut statement = db.prepare_cached("SELECT mark FROM filter_marks WHERE filter = ?1")?;
        let mut rows = statement.query([filter])?;
        while let Some(row) = rows.next()? {
            let Some(mark) = row.get_ref(0)?.as_blob().ok().and_then(<[u8]>::first_chunk) else {
                continue;
            };
            for (word, bit) in sieve.places(mark) {
                sieve.bits[word] |= bit;
            }
        }
        Ok(sieve)
    }

    fn lets(&self, mark: &[u8; MARK]) -> bool {
        self.places(mark).iter().all(|(word, bit)| self.bits[*word] & bit != 0)
    }

    /// Where the bits of a mark are. Marks are hashes: two halves of one are as good as many hashes of it.
    fn places(&self, mark: &[u8; MARK]) -> [(usize, u64); BITS_SET] {
        let half = |from: usize| u64::from_be_bytes(std::array::from_fn(|at| mark[from + at]));
        let (first, step, all) = (half(0), half(8) | 1, self.bits.len() as u64 * 64);
        std::array::from_fn(|at| {
            let place = first.wrapping_add(step.wrapping_mul(at as u64)) % all;
            (usize::try_from(place / 64).unwrap_or_default(), 1 << (place % 64))
        })
    }
}

/// Notes by what filters may name a title that is new or has changed, and what they say of it.
pub(crate) fn note_title(db: &Connection, row: i64, marks: &[u8]) -> Result<(), Failure> {
    db.prepare_cached("DELETE FROM filtered WHERE title = ?1")?.execute([row])?;
    note_new(db, row, marks)
}

/// The same for a title that is new.
pub(crate) fn note_new(db: &Connection, row: i64, marks: &[u8]) -> Result<(), Failure> {
    db.prepare_cached("INSERT OR REPLACE INTO title_marks VALUES (?1, ?2)")?
        .execute(params![row, marks])?;
    if !db.prepare_cached("SELECT 1 FROM filters")?.exists([])? {
        return Ok(());
    }
    let mut find = db.prepare_cached(
        "INSERT OR REPLACE INTO filtered SELECT ?1, m.filter, m.action, m.reason, l.runs
         FROM filters l CROSS JOIN filter_marks m ON m.filter = l.filter AND m.mark = ?2",
    )?;
    for mark in marks.as_chunks::<MARK>().0 {
        find.execute(params![row, mark])?;
    }
    place(db, row)
}

/// Leaves one title out, or not.
fn place(db: &Connection, row: i64) -> Result<(), Failure> {
    let wanted = "EXISTS (SELECT 1 FROM filtered f CROSS JOIN filters l ON l.filter = f.filter
            WHERE f.title = ?1 AND l.applied AND f.action IN (1, 4))
        AND NOT EXISTS (SELECT 1 FROM titles t CROSS JOIN shown_anyway s ON s.title_id = t.id
            WHERE t.title = ?1)";
    let put = format!("INSERT OR IGNORE INTO left_out SELECT ?1 WHERE {wanted}");
    let take = format!("DELETE FROM left_out WHERE title = ?1 AND NOT ({wanted})");
    db.prepare_cached(&put)?.execute([row])?;
    db.prepare_cached(&take)?.execute([row])?;
    Ok(())
}

/// The marks of a title, one after the other.
pub(crate) fn marks(source: &str, title: &Title) -> Vec<u8> {
    Mark::all_of(source, title).into_iter().flat_map(|mark| mark.0).collect()
}

/// Notes by what filters may name each title that is here already.
pub(crate) fn note_all(db: &Connection) -> Result<(), Failure> {
    let sql = "SELECT t.title, s.id, t.record FROM titles t JOIN sources s USING (source)";
    let mut statement = db.prepare(sql)?;
    let mut insert = db.prepare("INSERT INTO title_marks VALUES (?1, ?2)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let title: Title = serde_json::from_str(&row.get::<_, String>(2)?)?;
        insert.execute(params![row.get::<_, i64>(0)?, marks(&row.get::<_, String>(1)?, &title)])?;
    }
    Ok(())
}
