//! Filters held against titles: which of them a list names, and which are left out for it.

use catalogue::{Title, channel::Mark};
use rusqlite::{Connection, params};

use super::MARK;
use crate::{error::LibraryError, store::Library, works, writer::Failure};

/// How many titles that a filter may name the writer is given at one time.
const FOUND: usize = 1024;
/// How many works are sorted out anew at one time.
const JOINED: usize = 24;
/// Bits of a sieve for each entry, and how many of them each mark sets: hardly two of a thousand others pass by chance.
const BITS: usize = 16;
const BITS_SET: usize = 7;
/// Words of a block: the bits of a mark are in one, which is a line of the processor's cache.
const BLOCK: usize = 8;
/// Bits that say which bit of a block is meant.
const PLACE_BITS: usize = (BLOCK * 64).ilog2() as usize;

impl Library {
    /// Works out which titles a filter names, and returns how many entries it has.
    pub(super) fn hold_against_titles(&self, filter: i64) -> Result<usize, LibraryError> {
        let run: i64 = self.write(move |db| {
            let sql = "UPDATE filters SET runs = runs + 1 WHERE filter = ?1 RETURNING runs";
            Ok(db.query_row(sql, [filter], |row| row.get(0))?)
        })?;
        let entries = self.read(|db| {
            let entries = entries(db, filter)?;
            let sieve = Sieve::of(db, filter, entries)?;
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
            self.note_found(filter, run, found)?;
            Ok(entries)
        })?;
        self.settle()?;
        self.write(move |db| {
            let sql = "DELETE FROM filtered WHERE filter = ?1 AND run <> ?2";
            Ok(db.execute(sql, [filter, run])?)
        })?;
        self.leave_out()?;
        Ok(entries)
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
                "INSERT INTO filtered SELECT ?1, filter, action, reason, ?4
                 FROM filter_marks WHERE filter = ?2 AND mark = ?3
                 ON CONFLICT DO UPDATE SET reason = excluded.reason, run = excluded.run",
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

fn entries(db: &Connection, filter: i64) -> Result<usize, Failure> {
    let sql = "SELECT count(*) FROM filter_marks WHERE filter = ?1";
    Ok(db.prepare_cached(sql)?.query_row([filter], |row| row.get(0))?)
}

/// Which marks a filter may have: it lets all of those pass, and few others. It takes an eighth of what the list does in
/// memory. (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007.)
struct Sieve {
    blocks: Vec<[u64; BLOCK]>,
}

impl Sieve {
    fn of(db: &Connection, filter: i64, entries: usize) -> Result<Self, Failure> {
        let mut sieve = Self::empty(entries);
        let mut statement = db.prepare_cached("SELECT mark FROM filter_marks WHERE filter = ?1")?;
        let mut rows = statement.query([filter])?;
        while let Some(row) = rows.next()? {
            if let Some(mark) = row.get_ref(0)?.as_blob().ok().and_then(<[u8]>::first_chunk) {
                sieve.put(mark);
            }
        }
        Ok(sieve)
    }

    fn empty(entries: usize) -> Self {
        let blocks = (entries * BITS).div_ceil(BLOCK * 64).max(1);
        Self { blocks: vec![[0; BLOCK]; blocks] }
    }

    fn put(&mut self, mark: &[u8; MARK]) {
        let block = self.block(mark);
        for (word, bit) in places(mark) {
            self.blocks[block][word] |= bit;
        }
    }

    fn lets(&self, mark: &[u8; MARK]) -> bool {
        let block = &self.blocks[self.block(mark)];
        places(mark).all(|(word, bit)| block[word] & bit != 0)
    }

    /// The block of a mark: marks are hashes, and one half of each says which share of all blocks it is in.
    fn block(&self, mark: &[u8; MARK]) -> usize {
        let share = u128::from(half(mark, 0)) * self.blocks.len() as u128;
        usize::try_from(share >> 64).unwrap_or_default()
    }
}

/// The bits of a mark in its block: the other half of it is as good as many hashes.
fn places(mark: &[u8; MARK]) -> impl Iterator<Item = (usize, u64)> + use<> {
    let all = half(mark, MARK / 2);
    (0..BITS_SET).map(move |at| {
        let place = (all >> (at * PLACE_BITS)) as usize % (BLOCK * 64);
        (place / 64, 1 << (place % 64))
    })
}

fn half(mark: &[u8; MARK], from: usize) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|at| mark[from + at]))
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

#[cfg(test)]
mod tests {
    use torrent::hash::sha256;

    use super::*;

    fn mark(number: u32) -> [u8; MARK] {
        let hash = sha256(&number.to_be_bytes()).0;
        std::array::from_fn(|at| hash[at])
    }

    #[test]
    fn a_sieve_lets_all_of_its_entries_pass_and_few_others() {
        const ENTRIES: u32 = 20_000;
        let mut sieve = Sieve::empty(ENTRIES as usize);
        (0..ENTRIES).for_each(|number| sieve.put(&mark(number)));
        assert!((0..ENTRIES).all(|number| sieve.lets(&mark(number))));
        let others = ENTRIES..11 * ENTRIES;
        let passed = others.clone().filter(|number| sieve.lets(&mark(*number))).count();
        assert!(passed * 500 < others.len(), "{passed} of {} others", others.len());
        assert!(!Sieve::empty(0).lets(&mark(1)));
    }
}
