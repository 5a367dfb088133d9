//! A title as the database keeps it: made by whoever brings it, so that the one thread that writes only writes.

use std::borrow::Cow;

use catalogue::{Id, Title};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{card::StoredCard, filters, search, words, works, writer::Failure};

use super::{Imported, Run, global_id};

/// Everything that is written of a title.
#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    /// Its place in the publisher's order.
    pub(super) position: usize,
    id: String,
    kind: Cow<'static, str>,
    year: Option<u16>,
    licence: String,
    sort_name: String,
    card: String,
    record: String,
    /// Language and folded name.
    names: Vec<(String, String)>,
    facets: Vec<(Cow<'static, str>, String)>,
    /// Id, season and number, in the order of watching.
    episodes: Vec<(String, u16, u16)>,
    work: Vec<i64>,
    /// By what filters may name it.
    marks: Vec<u8>,
    searchable: search::Searchable,
}

/// A title as the library has it before an import.
struct Known {
    row: i64,
    position: usize,
    is_same: bool,
    is_shown: bool,
}

impl Row {
    pub(super) fn new(
        source: &str,
        position: usize,
        title: &Title,
    ) -> Result<Self, serde_json::Error> {
        let card = StoredCard::new(title);
        let name = title.name.pick(&[] as &[&str]).unwrap_or_default();
        let names = title.name.iter();
        let names = names.map(|(language, name)| (language.primary(), words::sort_key(name)));
        Ok(Self {
            position,
            id: global_id(source, &title.id),
            kind: title.kind.as_str().into(),
            year: title.year,
            licence: title.licence.spdx().to_owned(),
            sort_name: words::sort_key(name),
            card: serde_json::to_string(&card)?,
            record: serde_json::to_string(title)?,
            names: names.map(|(language, name)| (language.to_owned(), name)).collect(),
            facets: facets(title, card),
            episodes: episodes(source, title),
            work: works::keys(title),
            marks: filters::marks(source, title),
            searchable: search::Searchable::of(title),
        })
    }

    /// Brings the title up to date.
    pub(super) fn put(&self, db: &Connection, run: Run) -> Result<Imported, Failure> {
        let known = self.known(db)?;
        let Some(known) = known else {
            let row = self.insert(db, run)?;
            self.put_parts(db, row)?;
            filters::note_new(db, row, &self.marks)?;
            works::put_new(db, row, &self.work)?;
            search::put(db, self.position, row, &self.searchable)?;
            return Ok(Imported { added: 1, ..Imported::default() });
        };
        let (row, is_same) = (known.row, known.is_same);
        if is_same && known.is_shown && known.position == self.position {
            self.keep(db, row, run)?;
            return Ok(Imported::default());
        }
        search::take_out(db, known.position, row)?;
        if is_same {
            self.keep(db, row, run)?;
        } else {
            clear_parts(db, row)?;
            self.update(db, row, run)?;
            self.put_parts(db, row)?;
            filters::note_title(db, row, &self.marks)?;
        }
        works::put(db, row, &self.work)?;
        search::put(db, self.position, row, &self.searchable)?;
        Ok(Imported { changed: usize::from(!is_same), ..Imported::default() })
    }

    fn known(&self, db: &Connection) -> Result<Option<Known>, Failure> {
        let sql =
            "SELECT title, position, record = ?2, withdrawn IS NULL FROM titles WHERE id = ?1";
        let known = db.prepare_cached(sql)?.query_row(params![self.id, self.record], |row| {
            Ok(Known {
                row: row.get(0)?,
                position: row.get(1)?,
                is_same: row.get(2)?,
                is_shown: row.get(3)?,
            })
        });
        Ok(known.optional()?)
    }

    fn keep(&self, db: &Connection, row: i64, run: Run) -> Result<(), Failure> {
        let sql = "UPDATE titles SET seen = ?2, position = ?3, withdrawn = NULL WHERE title = ?1";
        db.prepare_cached(sql)?.execute(params![row, run.number, self.position])?;
        Ok(())
    }

    fn insert(&self, db: &Connection, run: Run) -> Result<i64, Failure> {
        let sql = "INSERT INTO titles (id, source, seen, kind, year, licence, position, sort_name,
                       added_at, card, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        db.prepare_cached(sql)?.execute(params![
            self.id,
            run.source,
            run.number,
            self.kind,
            self.year,
            self.licence,
            self.position,
            self.sort_name,
            run.now,
            self.card,
            self.record
        ])?;
        Ok(db.last_insert_rowid())
    }

    fn update(&self, db: &Connection, row: i64, run: Run) -> Result<(), Failure> {
        let sql = "UPDATE titles SET seen = ?2, kind = ?3, year = ?4, licence = ?5, position = ?6,
                       sort_name = ?7, card = ?8, record = ?9, withdrawn = NULL WHERE title = ?1";
        db.prepare_cached(sql)?.execute(params![
            row,
            run.number,
            self.kind,
            self.year,
            self.licence,
            self.position,
            self.sort_name,
            self.card,
            self.record
        ])?;
        Ok(())
    }

    fn put_parts(&self, db: &Connection, row: i64) -> Result<(), Failure> {
        let mut name =
            db.prepare_cached("INSERT OR IGNORE INTO title_names VALUES (?1, ?2, ?3)")?;
        for (language, folded) in &self.names {
            name.execute(params![row, language, folded])?;
        }
        let mut facet =
            db.prepare_cached("INSERT OR IGNORE INTO title_facets VALUES (?1, ?2, ?3)")?;
        for (name, value) in &self.facets {
            facet.execute(params![name, value, row])?;
        }
        let mut episode = db.prepare_cached("INSERT INTO episodes VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (ordinal, (id, season, number)) in self.episodes.iter().enumerate() {
            episode.execute(params![id, row, ordinal, season, number])?;
        }
        Ok(())
    }
}

fn clear_parts(db: &Connection, row: i64) -> Result<(), Failure> {
    for table in ["title_names", "title_facets", "episodes"] {
        let sql = format!("DELETE FROM {table} WHERE title = ?1");
        db.prepare_cached(&sql)?.execute([row])?;
    }
    Ok(())
}

fn facets(title: &Title, card: StoredCard) -> Vec<(Cow<'static, str>, String)> {
    let genres = title.genres.iter().map(ToString::to_string).collect();
    let facets = [
        ("genre", genres),
        ("language", card.audio_languages),
        ("subtitle", card.subtitle_languages),
        ("quality", card.qualities),
    ];
    let values = |(facet, values): (&'static str, Vec<_>)| {
        values.into_iter().map(move |one| (facet.into(), one))
    };
    facets.into_iter().flat_map(values).collect()
}

fn episodes(source: &str, title: &Title) -> Vec<(String, u16, u16)> {
    let mut in_order: Vec<_> = title.episodes().collect();
    in_order.sort_by_key(|(season, episode)| (*season == 0, *season, episode.number));
    let id = |id: &Id| global_id(source, id);
    in_order
        .into_iter()
        .map(|(season, episode)| (id(&episode.id), season, episode.number))
        .collect()
}
