//! Which titles have a torrent.

use std::collections::BTreeMap;

use catalogue::channel::Mark;
use rusqlite::Connection;
use torrent::InfoHashes;

use crate::{filters::MARK, store::Library, writer::Failure};

/// The titles that have a torrent, by their rows: those that were withdrawn or are hidden as well.
pub(crate) type TitlesOf = BTreeMap<InfoHashes, Vec<i64>>;

/// What was found until the next import.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What it holds for: the imports that the library knows.
    imports: String,
    titles: TitlesOf,
}

impl Library {
    /// The titles that have each of some torrents. All titles are gone through for those that were not asked about since the
    /// last import: it is asked for a few torrents, and an index over a million titles would cost each of them.
    pub(crate) fn titles_of(
        &self,
        db: &Connection,
        torrents: impl IntoIterator<Item = InfoHashes>,
    ) -> Result<TitlesOf, Failure> {
        let mut known = self.titles_found();
        let imports = imports(db)?;
        // In the middle of an import, what holds now may not hold at its end.
        if self.is_importing() || known.imports != imports {
            *known = Found { imports, ..Found::default() };
        }
        let mut asked: TitlesOf = torrents.into_iter().map(|one| (one, vec![])).collect();
        let is_new = |one: &&InfoHashes| !known.titles.contains_key(*one);
        let new: Vec<_> = asked.keys().filter(is_new).copied().collect();
        known.titles.extend(look(db, &new)?);
        for (torrent, titles) in &mut asked {
            titles.extend(known.titles.get(torrent).into_iter().flatten());
        }
        Ok(asked)
    }
}

fn imports(db: &Connection) -> Result<String, Failure> {
    let sql = "SELECT coalesce(group_concat(source || ':' || imports || ':' || imported_at), '') FROM sources";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn look(db: &Connection, torrents: &[InfoHashes]) -> Result<TitlesOf, Failure> {
    let mut found: TitlesOf = torrents.iter().map(|one| (*one, vec![])).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let named = torrents.iter().flat_map(|one| Mark::of_torrent(*one).map(|mark| (mark.0, *one)));
    let named: BTreeMap<[u8; MARK], InfoHashes> = named.collect();
    let mut statement = db.prepare_cached("SELECT title, marks FROM title_marks")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let marks = row.get_ref(1)?.as_blob().unwrap_or_default().as_chunks::<MARK>().0;
        for torrent in marks.iter().filter_map(|mark| named.get(mark)) {
            found.entry(*torrent).or_default().push(row.get(0)?);
        }
    }
    Ok(found)
}
