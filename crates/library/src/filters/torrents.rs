//! What filters ask for of torrents: not to share them, or not even to fetch them.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::channel::Mark;
use rusqlite::Connection;
use torrent::InfoHashes;

use super::MARK;
use crate::{error::LibraryError, store::Library, writer::Failure};

/// What filters in force ask for of a torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ruling {
    /// It is not shared once it is here.
    NoSeed,
    /// It is neither fetched nor shared.
    Block,
}

impl Library {
    /// What filters in force ask for of those torrents of which they ask for anything: because they name a torrent, or all
    /// titles that have it. Nothing holds for a torrent of a title that somebody wants to see all the same.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn ruled(
        &self,
        torrents: &[InfoHashes],
    ) -> Result<BTreeMap<InfoHashes, Ruling>, LibraryError> {
        self.read(|db| {
            if !db.prepare_cached("SELECT 1 FROM filters WHERE applied")?.exists([])? {
                return Ok(BTreeMap::new());
            }
            let wanted = wanted_here(db)?;
            let asked = if ask_of_titles(db)? { torrents } else { &[] };
            let titles = self.titles_of(db, asked.iter().copied())?;
            let mut ruled = BTreeMap::new();
            for torrent in torrents {
                if Mark::of_torrent(*torrent).any(|mark| wanted.contains(&mark.0)) {
                    continue;
                }
                let titles = titles.get(torrent).map_or(&[][..], Vec::as_slice);
                let mut strongest = mildest(db, titles)?;
                for mark in Mark::of_torrent(*torrent) {
                    strongest = strongest.max(of_mark(db, &mark)?);
                }
                ruled.extend(strongest.map(|ruling| (*torrent, ruling)));
            }
            Ok(ruled)
        })
    }
}

fn ruling(number: Option<u8>) -> Option<Ruling> {
    match number {
        Some(2..) => Some(Ruling::Block),
        Some(1) => Some(Ruling::NoSeed),
        _ => None,
    }
}

/// What filters say of a torrent itself.
fn of_mark(db: &Connection, mark: &Mark) -> Result<Option<Ruling>, Failure> {
    let sql = "SELECT max(CASE m.action WHEN 4 THEN 2 WHEN 3 THEN 1 ELSE 0 END) FROM filters l
               CROSS JOIN filter_marks m ON m.filter = l.filter AND m.mark = ?1 WHERE l.applied";
    Ok(ruling(db.prepare_cached(sql)?.query_row([mark.0], |row| row.get(0))?))
}

/// What filters say of a title; nothing is asked of one that its publisher took back.
fn of_title(db: &Connection, title: i64) -> Result<Option<Option<Ruling>>, Failure> {
    let sql = "SELECT t.withdrawn IS NULL,
                   (SELECT max(CASE f.action WHEN 4 THEN 2 WHEN 3 THEN 1 ELSE 0 END) FROM filtered f
                    CROSS JOIN filters l ON l.filter = f.filter WHERE f.title = t.title AND l.applied)
               FROM titles t WHERE t.title = ?1";
    let (is_shown, number): (bool, Option<u8>) =
        db.prepare_cached(sql)?.query_row([title], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(is_shown.then(|| ruling(number)))
}

/// The mildest that filters say of the titles that have a torrent.
fn mildest(db: &Connection, titles: &[i64]) -> Result<Option<Ruling>, Failure> {
    let mut said = Vec::with_capacity(titles.len());
    for title in titles {
        said.extend(of_title(db, *title)?);
    }
    Ok(said.into_iter().min().flatten())
}

/// Whether filters in force ask anything about torrents of titles that are here.
fn ask_of_titles(db: &Connection) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM filters l CROSS JOIN filtered f INDEXED BY filtered_by_filter
                   ON f.filter = l.filter AND f.action IN (3, 4) WHERE l.applied";
    Ok(db.prepare_cached(sql)?.exists([])?)
}

/// The marks of all titles that somebody here wants to see whatever filters say.
fn wanted_here(db: &Connection) -> Result<BTreeSet<[u8; MARK]>, Failure> {
    let sql = "SELECT m.marks FROM shown_anyway s CROSS JOIN titles t ON t.id = s.title_id
               CROSS JOIN title_marks m ON m.title = t.title";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut wanted = BTreeSet::new();
    while let Some(row) = rows.next()? {
        wanted.extend(row.get_ref(0)?.as_blob().unwrap_or_default().as_chunks::<MARK>().0);
    }
    Ok(wanted)
}
