//! Which torrents their publishers took back.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Title, Withdrawal};
use rusqlite::{Connection, OptionalExtension, params};
use torrent::InfoHashes;

use crate::{error::LibraryError, import::global_id, store::Library, writer::Failure};

/// What was found out of torrents that publishers took back, until the next import.
#[derive(Debug, Default)]
pub(crate) struct TakenBack {
    /// What the answers hold for: the imports that the library knows.
    imports: String,
    /// Whether a catalogue shows a torrent all the same.
    shown: BTreeMap<InfoHashes, bool>,
}

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
        let mut known = self.known_taken_back();
        // In the middle of an import, what holds now may not hold at its end.
        let is_importing = self.is_importing();
        self.read(|db| {
            let imports = imports(db)?;
            if is_importing || known.imports != imports {
                *known = TakenBack { imports, ..TakenBack::default() };
            }
            let mut withdrawn = marked(db, torrents)?;
            let is_new = |one: &&InfoHashes| !known.shown.contains_key(*one);
            let new: Vec<_> = withdrawn.iter().filter(is_new).copied().collect();
            known.shown.extend(are_shown(db, &new)?);
            withdrawn.retain(|one| known.shown.get(one) == Some(&false));
            Ok(withdrawn)
        })
    }
}

fn imports(db: &Connection) -> Result<String, Failure> {
    let sql = "SELECT coalesce(group_concat(source || ':' || imports || ':' || imported_at), '') FROM sources";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
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

/// Whether titles that are not withdrawn name torrents. All titles are gone through: it is asked once for torrents that
/// were withdrawn and are here, and an index over a million titles would cost each of them.
fn are_shown(
    db: &Connection,
    torrents: &[InfoHashes],
) -> Result<BTreeMap<InfoHashes, bool>, Failure> {
    let mut found: BTreeMap<_, _> = torrents.iter().map(|one| (*one, false)).collect();
    if found.is_empty() {
        return Ok(found);
    }
    let spelled = |one: &InfoHashes| {
        let (v1, v2) = (one.v1().map(|v1| v1.to_string()), one.v2().map(|v2| v2.to_string()));
        (*one, v1.into_iter().chain(v2).collect::<Vec<_>>())
    };
    let spelled: Vec<_> = torrents.iter().map(spelled).collect();
    let mut statement = db.prepare_cached("SELECT record FROM titles WHERE withdrawn IS NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let record = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        for (torrent, names) in &spelled {
            if names.iter().any(|name| record.contains(name)) {
                found.insert(*torrent, true);
            }
        }
    }
    Ok(found)
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
