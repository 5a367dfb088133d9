//! One work that several catalogues have: joined by its files and by the numbers that others gave it, shown once.
//!
//! Each title either stands for its work or is the double of one of another catalogue. Titles of one catalogue are never
//! joined, and a title joins one work at most: a publisher cannot make two works of somebody else look like one.

use catalogue::{Release, Title};
use rusqlite::{Connection, OptionalExtension};
use torrent::hash::sha256;

use crate::{error::LibraryError, store::Library, writer::Failure};

/// Numberings whose numbers name works and not copies of them.
const SCHEMES: [&str; 6] = ["doi", "eidr", "imdb", "isan", "tmdb", "wikidata"];

/// What a title is known by in every catalogue, each as a number. Whoever makes two of them meet on purpose could as well
/// say the same of both.
pub(crate) fn keys(title: &Title) -> Vec<i64> {
    // What one catalogue calls a concert is a film to another.
    let kind = title.kind.broad().as_str();
    let named = title.ids.iter().filter(|(scheme, _)| SCHEMES.contains(&&***scheme));
    let named = named.map(|(scheme, id)| format!("{scheme}:{kind}:{}", id.to_lowercase()));
    let files = title.all_releases().flat_map(Release::file_keys).map(|key| key.to_string());
    let keys = named.chain(files);
    keys.map(|key| number(&key)).collect()
}

/// The first eight bytes of the hash: a million titles meet by chance once in ten million such libraries.
fn number(key: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = sha256(key.as_bytes()).0;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Notes what a title is known by, and finds its work. Those that it stood for look for theirs anew.
pub(crate) fn put(db: &Connection, row: i64, keys: &[i64]) -> Result<(), Failure> {
    forget(db, row)?;
    note(db, row, keys)?;
    let pairs: Vec<_> = keys.iter().map(|key| (*key, row)).collect();
    enter(db, &pairs)?;
    let doubles = doubles_of(db, row)?;
    if doubles.is_empty() { join(db, row, NONE) } else { part(db, &doubles, NONE) }
}

/// Notes what a title is known by that was not there before. Its work is found by [`join_new`].
pub(crate) fn put_new(db: &Connection, row: i64, keys: &[i64]) -> Result<(), Failure> {
    note(db, row, keys)?;
    db.prepare_cached("INSERT INTO works_waiting VALUES (?1)")?.execute([row])?;
    Ok(())
}

fn note(db: &Connection, row: i64, keys: &[i64]) -> Result<(), Failure> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO work_keys VALUES (?1, ?2)")?;
    for key in keys {
        insert.execute([row, *key])?;
    }
    Ok(())
}

fn forget(db: &Connection, row: i64) -> Result<(), Failure> {
    let keys = keys_of(db, row)?;
    let mut delete = db.prepare_cached("DELETE FROM works WHERE key = ?1 AND title = ?2")?;
    for key in keys {
        delete.execute([key, row])?;
    }
    db.prepare_cached("DELETE FROM work_keys WHERE title = ?1")?.execute([row])?;
    db.prepare_cached("DELETE FROM works_waiting WHERE title = ?1")?.execute([row])?;
    Ok(())
}

fn keys_of(db: &Connection, row: i64) -> Result<Vec<i64>, Failure> {
    let mut statement = db.prepare_cached("SELECT key FROM work_keys WHERE title = ?1")?;
    let keys = statement.query_map([row], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// What a title is known by, and the title.
type Pair = (i64, i64);

/// Makes titles be found by what they are known by. Returns those that something else is known by as well.
fn enter(db: &Connection, pairs: &[Pair]) -> Result<Vec<i64>, Failure> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO works VALUES (?1, ?2)")?;
    let mut other =
        db.prepare_cached("SELECT 1 FROM works WHERE key = ?1 AND title <> ?2 LIMIT 1")?;
    let mut meeting = Vec::new();
    for pair in pairs {
        insert.execute(*pair)?;
        if other.exists(*pair)? {
            meeting.push(pair.1);
        }
    }
    Ok(meeting)
}

/// How many titles and numbers are put in at one time: others who write wait for no more than that.
const ENTERED: usize = 512;
/// How many joined titles.
const JOINED: usize = 24;
/// How many titles and numbers are put in order in memory, 16 bytes each.
const SORTED: usize = 1 << 21;

/// Finds the works of titles that are new: in the order of what they are known by, so that neighbours are written together.
pub(crate) fn join_new(library: &Library) -> Result<(), LibraryError> {
    library.settle()?;
    loop {
        let (until, mut pairs) = library.read(waiting)?;
        let Some(until) = until else { return Ok(()) };
        pairs.sort_unstable();
        let mut meeting = Vec::new();
        for batch in pairs.chunks(ENTERED) {
            let batch = batch.to_vec();
            meeting.extend(library.write_later(move |db| enter(db, &batch))?.wait()?);
        }
        meeting.sort_unstable();
        meeting.dedup();
        for batch in meeting.chunks(JOINED) {
            let batch = batch.to_vec();
            let join_all =
                move |db: &Connection| batch.iter().try_for_each(|row| join(db, *row, NONE));
            library.write_later(join_all)?.wait()?;
        }
        let sql = "DELETE FROM works_waiting WHERE title IN
                       (SELECT title FROM works_waiting WHERE title <= ?1 LIMIT ?2)";
        let most = ENTERED * 8;
        let done = move |db: &Connection| Ok(db.prepare_cached(sql)?.execute((until, most))?);
        while library.write_later(done)?.wait()? > 0 {}
        library.settle()?;
    }
}

/// The last of the titles that wait, or of as many as can be put in order in memory, and what they are known by.
fn waiting(db: &Connection) -> Result<(Option<i64>, Vec<Pair>), Failure> {
    let sql =
        "SELECT w.title, k.key FROM works_waiting w LEFT JOIN work_keys k ON k.title = w.title
               ORDER BY w.title";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let (mut last, mut pairs) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let title = row.get(0)?;
        if last != Some(title) && pairs.len() >= SORTED {
            break;
        }
        last = Some(title);
        pairs.extend(row.get::<_, Option<i64>>(1)?.map(|key| (key, title)));
    }
    Ok((last, pairs))
}

/// Notes what each title is known by that is here already.
pub(crate) fn note_all(db: &Connection) -> Result<(), Failure> {
    let mut statement = db.prepare("SELECT title, record FROM titles")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let title: Title = serde_json::from_str(&row.get::<_, String>(1)?)?;
        note(db, row.get(0)?, &keys(&title))?;
    }
    Ok(())
}

/// The titles that one stands for.
fn doubles_of(db: &Connection, row: i64) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT title FROM titles WHERE double_of = ?1 ORDER BY title";
    let mut statement = db.prepare_cached(sql)?;
    let doubles = statement.query_map([row], |row| row.get(0))?;
    Ok(doubles.collect::<Result<_, _>>()?)
}

/// Titles for which another one stood look anew for one that does, and not for the one that they left: the first of
/// them stands for the others.
fn part(db: &Connection, doubles: &[i64], left: i64) -> Result<(), Failure> {
    for row in doubles {
        stand_behind(db, *row, None)?;
        join(db, *row, left)?;
    }
    Ok(())
}

/// A title that is not shown any more stands for nothing.
pub(crate) fn leave(db: &Connection, row: i64) -> Result<(), Failure> {
    let doubles = doubles_of(db, row)?;
    forget(db, row)?;
    stand_behind(db, row, None)?;
    part(db, &doubles, row)
}

/// A title that a filter hides stands for nothing: others have the work still.
pub(crate) fn stand_no_more(db: &Connection, row: i64) -> Result<(), Failure> {
    part(db, &doubles_of(db, row)?, row)
}

/// A title that no filter hides any more finds its work again.
pub(crate) fn join_again(db: &Connection, row: i64) -> Result<(), Failure> {
    join(db, row, NONE)
}

/// No title's number.
const NONE: i64 = 0;

/// Finds the title that stands for the same work, other than `left`.
fn join(db: &Connection, row: i64, left: i64) -> Result<(), Failure> {
    let sql = "SELECT double_of FROM titles WHERE title = ?1 AND withdrawn IS NULL";
    let known = db.prepare_cached(sql)?.query_row([row], |row| row.get::<_, Option<i64>>(0));
    let Some(known) = known.optional()? else { return Ok(()) };
    let work = work_of(db, row, left)?;
    if work == known { Ok(()) } else { stand_behind(db, row, work) }
}

/// A statement that touches a foreign key makes the search index write out what it holds: it is not made for nothing.
fn stand_behind(db: &Connection, row: i64, work: Option<i64>) -> Result<(), Failure> {
    db.prepare_cached("UPDATE titles SET double_of = ?2 WHERE title = ?1")?.execute((row, work))?;
    Ok(())
}

/// The title that stands for the work of one; the one that came first, if there are several.
fn work_of(db: &Connection, row: i64, left: i64) -> Result<Option<i64>, Failure> {
    let sql = "SELECT min(shown.title)
         FROM titles me
         CROSS JOIN work_keys mine ON mine.title = me.title
         CROSS JOIN works theirs ON theirs.key = mine.key AND theirs.title <> mine.title
         CROSS JOIN titles other ON other.title = theirs.title
         CROSS JOIN titles shown ON shown.title = coalesce(other.double_of, other.title)
         WHERE me.title = ?1 AND shown.withdrawn IS NULL
         AND shown.title NOT IN (SELECT title FROM left_out)
         AND (shown.kind = me.kind
             OR (shown.kind NOT IN ('series', 'short') AND me.kind NOT IN ('series', 'short')))
         AND shown.source <> me.source AND shown.title NOT IN (?1, ?2)
         AND NOT EXISTS (SELECT 1 FROM titles own
             WHERE own.double_of = shown.title AND own.source = me.source AND own.title <> ?1)";
    Ok(db.prepare_cached(sql)?.query_row([row, left], |found| found.get(0))?)
}

/// The titles of a work that lists would show, a given one first.
pub(crate) fn of(db: &Connection, row: i64) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT t.title FROM titles me JOIN titles t
                   ON t.title = coalesce(me.double_of, me.title)
                   OR t.double_of = coalesce(me.double_of, me.title)
               WHERE me.title = ?1 AND (t.title = me.title OR (t.withdrawn IS NULL
                   AND t.title NOT IN (SELECT title FROM left_out)
                   AND NOT EXISTS (SELECT 1 FROM blocked b WHERE b.title_id = t.id)))
               ORDER BY t.title <> me.title, t.double_of IS NOT NULL, t.title LIMIT 20";
    let mut statement = db.prepare_cached(sql)?;
    let titles = statement.query_map([row], |row| row.get(0))?;
    Ok(titles.collect::<Result<_, _>>()?)
}

/// The items of a work that are the same to who watches it: a title is the same in every catalogue, an episode has the same
/// number in each. `?1` is the id of one of them, which is among them, whether the library has it or not.
pub(crate) const SAME_ITEMS: &str = "SELECT ?1 AS id
    UNION SELECT o.id FROM titles t
        JOIN titles o ON o.title = coalesce(t.double_of, t.title) OR o.double_of = coalesce(t.double_of, t.title)
        WHERE t.id = ?1
    UNION SELECT oe.id FROM episodes e
        JOIN titles t ON t.title = e.title
        JOIN titles o ON o.title = coalesce(t.double_of, t.title) OR o.double_of = coalesce(t.double_of, t.title)
        JOIN episodes oe ON oe.title = o.title AND oe.season = e.season AND oe.number = e.number
        WHERE e.id = ?1";

/// The ids of [`SAME_ITEMS`].
pub(crate) fn same_items(db: &Connection, item_id: &str) -> Result<Vec<String>, Failure> {
    let mut statement = db.prepare_cached(SAME_ITEMS)?;
    let ids = statement.query_map([item_id], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// All titles of the works that have one among the ids that a query selects as `id`. These are few, and titles many: they
/// are gone through in this order.
macro_rules! titles_of_works_with {
    ($ids:literal) => {
        concat!(
            "(SELECT o.title FROM (",
            $ids,
            ") marked CROSS JOIN titles m ON m.id = marked.id
             CROSS JOIN titles o ON o.title = coalesce(m.double_of, m.title) OR o.double_of = coalesce(m.double_of, m.title))"
        )
    };
}
pub(crate) use titles_of_works_with;
