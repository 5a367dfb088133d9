//! Which torrents their publishers took back.

use std::collections::BTreeMap;

use catalogue::Title;
use rusqlite::Connection;
use torrent::InfoHashes;

use crate::{error::LibraryError, store::Library, writer::Failure};

/// What was found out of torrents, until the next import.
#[derive(Debug, Default)]
pub(crate) struct TakenBack {
    /// What the answers hold for: the imports that the library knows, and how many titles are withdrawn.
    stamp: String,
    /// The torrents of withdrawn titles, each with whether no catalogue has it any more, once somebody asked.
    torrents: BTreeMap<InfoHashes, Option<bool>>,
}

impl Library {
    /// Whether a torrent belongs to a title that its publisher withdrew, and no catalogue shows another title with it.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn is_taken_back(&self, hashes: &InfoHashes) -> Result<bool, LibraryError> {
        let mut known = self.taken_back();
        self.read(|db| {
            let stamp = stamp(db)?;
            // In the middle of an import, what holds now may not hold at its end.
            if known.stamp != stamp || self.is_importing() {
                *known = TakenBack { stamp, torrents: torrents_of_withdrawn(db)? };
            }
            let is_it = |(of, _): &(&InfoHashes, &mut Option<bool>)| names_one(of, hashes);
            let Some((of, answer)) = known.torrents.iter_mut().find(is_it) else {
                return Ok(false);
            };
            if answer.is_none() {
                *answer = Some(!is_shown(db, of)?);
            }
            Ok(*answer == Some(true))
        })
    }
}

/// Whether two names are of one torrent.
fn names_one(a: &InfoHashes, b: &InfoHashes) -> bool {
    (a.v1().is_some() && a.v1() == b.v1()) || (a.v2().is_some() && a.v2() == b.v2())
}

fn stamp(db: &Connection) -> Result<String, Failure> {
    let sql = "SELECT (SELECT coalesce(group_concat(source || ':' || imports || ':' || imported_at), '')
                       FROM sources)
               || ' ' || (SELECT count(*) FROM titles INDEXED BY titles_withdrawn WHERE withdrawn IS NOT NULL)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn torrents_of_withdrawn(db: &Connection) -> Result<BTreeMap<InfoHashes, Option<bool>>, Failure> {
    let sql = "SELECT record FROM titles INDEXED BY titles_withdrawn WHERE withdrawn IS NOT NULL";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let record: Title = serde_json::from_str(&row.get::<_, String>(0)?)?;
        let of_episodes = record.episodes().flat_map(|(_, episode)| &episode.releases);
        let releases = record.releases.iter().chain(of_episodes);
        all.extend(releases.filter_map(|one| Some((one.torrent.hashes()?, None))));
    }
    Ok(all)
}

/// Whether a title that is not withdrawn names a torrent. All of them are gone through: it is asked once for a torrent that
/// was withdrawn and is here, and an index over a million titles would cost each of them.
fn is_shown(db: &Connection, hashes: &InfoHashes) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM titles WHERE withdrawn IS NULL
               AND (instr(record, ?1) > 0 OR instr(record, ?2) > 0))";
    let (v1, v2) = (hashes.v1().map(|v1| v1.to_string()), hashes.v2().map(|v2| v2.to_string()));
    Ok(db.prepare_cached(sql)?.query_row((v1, v2), |row| row.get(0))?)
}
