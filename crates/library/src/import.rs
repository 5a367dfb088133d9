//! A catalogue taken in: its titles replace those it brought before, what people did stays.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, MutexGuard},
    time::{Duration, Instant},
};

use catalogue::{Catalogue, Id, Multilingual, Title, Withdrawal};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    card::{Languages, StoredCard},
    error::LibraryError,
    facets, search,
    store::Library,
    time::Timestamp,
    words, works,
    writer::Failure,
};

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Titles that are new.
    pub added: usize,
    /// Titles whose record changed.
    pub changed: usize,
    /// Titles that were there before and are no longer named.
    pub removed: usize,
    /// Titles that the publisher took back.
    pub withdrawn: usize,
}

impl Imported {
    fn add(&mut self, batch: Self) {
        self.added += batch.added;
        self.changed += batch.changed;
    }
}

/// A catalogue that the library holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who publishes it.
    pub publisher: String,
    /// Where rights questions go.
    pub contact: Option<String>,
    /// Its version.
    pub revision: u64,
    /// The folder of its file.
    pub folder: Option<PathBuf>,
    /// How many titles it brought, withdrawn ones not counted.
    pub titles: u64,
    /// When it was last taken in.
    pub imported_at: Timestamp,
}

/// The id that a title, episode or release of a catalogue has in the library.
pub(crate) fn global_id(source_id: &str, id: &str) -> String {
    format!("{source_id}.{id}")
}

impl Library {
    /// Takes a catalogue in. Its titles replace those that came with the same catalogue id before. `folder` is where
    /// its art and `.torrent` files lie.
    ///
    /// Titles come in small batches, between which others write. An import that is cut short leaves titles of both
    /// versions, each of them whole; titles that are no longer named leave at the end, and the next import does the
    /// rest.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn import(
        &self,
        catalogue: Catalogue,
        folder: Option<&Path>,
    ) -> Result<Imported, LibraryError> {
        let _alone = self.importing();
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let catalogue = Arc::new(catalogue);
        let about = Arc::clone(&catalogue);
        let run = self.write(move |db| Run::begin(db, &about, folder))?;
        let mut done = Imported::default();
        let mut next = 0;
        while next < catalogue.titles().len() {
            let catalogue = Arc::clone(&catalogue);
            let batch;
            (batch, next) = self.write_later(move |db| put_batch(db, &catalogue, run, next))?;
            done.add(batch);
        }
        for range in batches(catalogue.withdrawn().len()) {
            let catalogue = Arc::clone(&catalogue);
            done.withdrawn += self.write_later(move |db| {
                withdraw(db, catalogue.id(), &catalogue.withdrawn()[range], run)
            })?;
        }
        let unnamed = "source = ?1 AND seen <> ?2";
        done.removed = self.remove_titles(unnamed, [run.source, run.number])?;
        self.count_facets()?;
        self.forget_vocabulary();
        Ok(done)
    }

    /// Begins to take in a catalogue title by title, without ever holding all of it. `header` says what the catalogue
    /// is; its titles count for nothing. `is_whole`: titles that are not put leave at the end.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn take_in(
        &self,
        header: &Catalogue,
        is_whole: bool,
    ) -> Result<TakingIn<'_>, LibraryError> {
        let alone = self.importing();
        let (about, source) = (header.clone(), header.id().to_string());
        let run = self.write(move |db| Run::begin(db, &about, None))?;
        let (waiting, done) = (Vec::new(), Imported::default());
        Ok(TakingIn { library: self, _alone: alone, run, source, is_whole, waiting, done })
    }

    /// Drops a catalogue with its titles. What people did with them is kept, should it come back.
    ///
    /// # Errors
    ///
    /// [`LibraryError::NotFound`] if there is none with this id; else as every write.
    pub fn remove_source(&self, source_id: &str) -> Result<(), LibraryError> {
        let _alone = self.importing();
        let id = source_id.to_owned();
        let source = self.write(move |db| {
            let found =
                db.query_row("SELECT source FROM sources WHERE id = ?1", [&id], |row| row.get(0));
            let missing = LibraryError::NotFound { what: "catalogue", id };
            Ok(found.optional()?.ok_or(missing)?)
        })?;
        self.remove_titles("source = ?1 AND ?2 = 0", [source, 0])?;
        self.write(move |db| Ok(db.execute("DELETE FROM sources WHERE source = ?1", [source])?))?;
        self.count_facets()?;
        self.forget_vocabulary();
        Ok(())
    }

    /// Removes titles, a batch at a time, and returns how many.
    fn remove_titles(&self, which: &'static str, of: [i64; 2]) -> Result<usize, LibraryError> {
        let mut removed = 0;
        loop {
            let batch = self.write_later(move |db| remove_batch(db, which, of))?;
            removed += batch;
            if batch < BATCH {
                return Ok(removed);
            }
        }
    }

    /// Counts beside the writer, and writes what was counted.
    fn count_facets(&self) -> Result<(), LibraryError> {
        let counts = self.read(facets::count)?;
        self.write(move |db| facets::keep(db, &counts))
    }

    /// The catalogues that were taken in.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn sources(&self, languages: &Languages) -> Result<Vec<Source>, LibraryError> {
        let sql =
            "SELECT s.id, s.name, s.publisher, s.contact, s.revision, s.folder, s.imported_at,
                   (SELECT count(*) FROM titles t WHERE t.source = s.source AND t.withdrawn IS NULL)
                   FROM sources s ORDER BY s.source";
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut sources = Vec::new();
            while let Some(row) = rows.next()? {
                let name: Multilingual<300> = serde_json::from_str(&row.get::<_, String>(1)?)?;
                sources.push(Source {
                    id: row.get(0)?,
                    name: languages.pick(&name).unwrap_or_default(),
                    publisher: row.get(2)?,
                    contact: row.get(3)?,
                    revision: row.get(4)?,
                    folder: row.get::<_, Option<String>>(5)?.map(PathBuf::from),
                    imported_at: row.get(6)?,
                    titles: row.get(7)?,
                });
            }
            Ok(sources)
        })
    }
}

/// A catalogue that is taken in title by title. If it is dropped before it is [finished](Self::finish), the library has
/// titles of both versions, each of them whole.
pub struct TakingIn<'a> {
    library: &'a Library,
    _alone: MutexGuard<'a, ()>,
    run: Run,
    source: String,
    is_whole: bool,
    waiting: Vec<(usize, Title)>,
    done: Imported,
}

impl TakingIn<'_> {
    /// Takes in a title; a smaller position is shown earlier.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn put(&mut self, position: u64, title: Title) -> Result<(), LibraryError> {
        let position = usize::try_from(position.min(POSITION_MAX)).unwrap_or(usize::MAX);
        self.waiting.push((position, title));
        if self.waiting.len() >= BATCH { self.put_waiting() } else { Ok(()) }
    }

    fn put_waiting(&mut self) -> Result<(), LibraryError> {
        let (mut titles, source, run) =
            (std::mem::take(&mut self.waiting), self.source.clone(), self.run);
        // The search index writes out what it holds whenever a place is lower than the one before.
        titles.sort_by_key(|(position, _)| *position);
        let batch = self.library.write_later(move |db| {
            let mut import = Import { db, source: &source, run, done: Imported::default() };
            titles.iter().try_for_each(|(position, title)| import.put(*position, title))?;
            Ok(import.done)
        })?;
        self.done.add(batch);
        Ok(())
    }

    /// Removes titles that the catalogue does not have any more.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn remove(&mut self, ids: &[Id]) -> Result<(), LibraryError> {
        self.put_waiting()?;
        for batch in ids.chunks(BATCH) {
            let ids: Vec<_> = batch.iter().map(|id| global_id(&self.source, id)).collect();
            self.done.removed += self.library.write_later(move |db| remove_named(db, &ids))?;
        }
        Ok(())
    }

    /// Takes titles back, unless they were put since this began.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn withdraw(&mut self, withdrawn: &[Withdrawal]) -> Result<(), LibraryError> {
        self.put_waiting()?;
        for batch in withdrawn.chunks(BATCH) {
            let (batch, source, run) = (batch.to_vec(), self.source.clone(), self.run);
            let done = self.library.write_later(move |db| withdraw(db, &source, &batch, run))?;
            self.done.withdrawn += done;
        }
        Ok(())
    }

    /// Ends it. Returns what was done.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn finish(mut self) -> Result<Imported, LibraryError> {
        self.put_waiting()?;
        if self.is_whole {
            let unnamed = "source = ?1 AND seen <> ?2";
            let of = [self.run.source, self.run.number];
            self.done.removed += self.library.remove_titles(unnamed, of)?;
        }
        self.library.count_facets()?;
        self.library.forget_vocabulary();
        Ok(self.done)
    }
}

fn remove_named(db: &Connection, ids: &[String]) -> Result<usize, Failure> {
    let mut removed = 0;
    for id in ids {
        let sql = "SELECT title, position FROM titles WHERE id = ?1";
        let found = db.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)));
        if let Some((title, position)) = found.optional()? {
            take_away(db, title, position)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn take_away(db: &Connection, title: i64, position: usize) -> Result<(), Failure> {
    search::take_out(db, position, title)?;
    works::leave(db, title)?;
    db.prepare_cached("DELETE FROM titles WHERE title = ?1")?.execute([title])?;
    Ok(())
}

/// The highest position that the search index can tell apart from others.
const POSITION_MAX: u64 = (1 << 38) - 1;
/// How many titles share a transaction at most: others who write wait for no more than that.
const BATCH: usize = 24;
/// No title is begun in a transaction that took so long already.
const BATCH_TIME: Duration = Duration::from_millis(3);

fn batches(len: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(BATCH).map(move |start| start..(start + BATCH).min(len))
}

/// Takes in some titles from `start` on, and says where to go on.
fn put_batch(
    db: &Connection,
    catalogue: &Catalogue,
    run: Run,
    start: usize,
) -> Result<(Imported, usize), Failure> {
    let begun = Instant::now();
    let mut import = Import { db, source: catalogue.id(), run, done: Imported::default() };
    let end = catalogue.titles().len().min(start + BATCH);
    for position in start..end {
        if position > start && begun.elapsed() >= BATCH_TIME {
            return Ok((import.done, position));
        }
        import.put(position, &catalogue.titles()[position])?;
    }
    Ok((import.done, end))
}

fn remove_batch(db: &Connection, which: &str, of: [i64; 2]) -> Result<usize, Failure> {
    let sql = format!("SELECT title, position FROM titles WHERE {which} LIMIT {BATCH}");
    let batch: Vec<(i64, usize)> = db
        .prepare_cached(&sql)?
        .query_map(of, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (title, position) in &batch {
        take_away(db, *title, *position)?;
    }
    Ok(batch.len())
}

/// One import of one catalogue.
#[derive(Clone, Copy)]
struct Run {
    source: i64,
    number: i64,
    now: Timestamp,
}

impl Run {
    fn begin(
        db: &Connection,
        catalogue: &Catalogue,
        folder: Option<String>,
    ) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let name = serde_json::to_string(catalogue.name())?;
        let (source, number) = db.query_row(
            "INSERT INTO sources (id, name, publisher, contact, revision, folder, imports, imported_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2, publisher = ?3, contact = ?4, revision = ?5,
                 folder = ?6, imports = imports + 1, imported_at = ?7
             RETURNING source, imports",
            params![
                &**catalogue.id(),
                name,
                catalogue.publisher(),
                catalogue.contact(),
                catalogue.revision(),
                folder,
                now
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(Self { source, number, now })
    }
}

/// A title as the library has it before an import.
struct Known {
    row: i64,
    position: usize,
    is_same: bool,
    is_shown: bool,
}

/// One batch of an import.
struct Import<'a> {
    db: &'a Connection,
    /// The catalogue's id.
    source: &'a str,
    run: Run,
    done: Imported,
}

impl Import<'_> {
    fn put(&mut self, position: usize, title: &Title) -> Result<(), Failure> {
        let id = global_id(self.source, &title.id);
        let record = serde_json::to_string(title)?;
        let known = self.known(&id, &record)?;
        if let Some(known) = &known {
            if known.is_same && known.is_shown && known.position == position {
                return self.keep(known.row, position);
            }
            search::take_out(self.db, known.position, known.row)?;
            if known.is_same {
                search::put(self.db, position, known.row, title)?;
                self.keep(known.row, position)?;
                return works::put(self.db, known.row, title);
            }
            self.clear_parts(known.row)?;
            self.done.changed += 1;
        } else {
            self.done.added += 1;
        }
        let card = StoredCard::new(title);
        let row = self.put_row(&id, position, title, &serde_json::to_string(&card)?, &record)?;
        self.put_names(row, title)?;
        self.put_facets(row, title, &card)?;
        self.put_episodes(row, title)?;
        self.put_releases(row, &id, title)?;
        works::put(self.db, row, title)?;
        search::put(self.db, position, row, title)
    }

    fn known(&self, id: &str, record: &str) -> Result<Option<Known>, Failure> {
        let mut statement = self.db.prepare_cached(
            "SELECT title, position, record = ?2, withdrawn IS NULL FROM titles WHERE id = ?1",
        )?;
        let known = statement.query_row(params![id, record], |row| {
            Ok(Known {
                row: row.get(0)?,
                position: row.get(1)?,
                is_same: row.get(2)?,
                is_shown: row.get(3)?,
            })
        });
        Ok(known.optional()?)
    }

    fn clear_parts(&self, row: i64) -> Result<(), Failure> {
        for table in ["title_names", "title_facets", "episodes", "releases"] {
            let sql = format!("DELETE FROM {table} WHERE title = ?1");
            self.db.prepare_cached(&sql)?.execute([row])?;
        }
        Ok(())
    }

    fn keep(&self, row: i64, position: usize) -> Result<(), Failure> {
        self.db
            .prepare_cached(
                "UPDATE titles SET seen = ?2, position = ?3, withdrawn = NULL WHERE title = ?1",
            )?
            .execute(params![row, self.run.number, position])?;
        Ok(())
    }

    fn put_row(
        &self,
        id: &str,
        position: usize,
        title: &Title,
        card: &str,
        record: &str,
    ) -> Result<i64, Failure> {
        let name = title.name.pick(&[] as &[&str]).unwrap_or_default();
        let sql = "INSERT INTO titles (id, source, seen, kind, year, licence, position, sort_name,
                       added_at, card, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET seen = ?3, kind = ?4, year = ?5, licence = ?6,
                 position = ?7, sort_name = ?8, card = ?10, record = ?11, withdrawn = NULL
             RETURNING title";
        let row = self.db.prepare_cached(sql)?.query_row(
            params![
                id,
                self.run.source,
                self.run.number,
                title.kind.as_str(),
                title.year,
                title.licence.spdx(),
                position,
                words::sort_key(name),
                self.run.now,
                card,
                record
            ],
            |row| row.get(0),
        )?;
        Ok(row)
    }

    fn put_names(&self, row: i64, title: &Title) -> Result<(), Failure> {
        let mut statement =
            self.db.prepare_cached("INSERT OR IGNORE INTO title_names VALUES (?1, ?2, ?3)")?;
        for (language, name) in title.name.iter() {
            statement.execute(params![row, language.primary(), words::sort_key(name)])?;
        }
        Ok(())
    }

    fn put_facets(&self, row: i64, title: &Title, card: &StoredCard) -> Result<(), Failure> {
        let mut statement =
            self.db.prepare_cached("INSERT OR IGNORE INTO title_facets VALUES (?1, ?2, ?3)")?;
        let genres: Vec<_> = title.genres.iter().map(ToString::to_string).collect();
        let facets = [
            ("genre", &genres),
            ("language", &card.audio_languages),
            ("subtitle", &card.subtitle_languages),
            ("quality", &card.qualities),
        ];
        for (facet, values) in facets {
            for value in values {
                statement.execute(params![facet, value, row])?;
            }
        }
        Ok(())
    }

    fn put_episodes(&self, row: i64, title: &Title) -> Result<(), Failure> {
        let mut in_order: Vec<_> = title.episodes().collect();
        in_order.sort_by_key(|(season, episode)| (*season == 0, *season, episode.number));
        let mut statement =
            self.db.prepare_cached("INSERT INTO episodes VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (ordinal, (season, episode)) in in_order.into_iter().enumerate() {
            let id = global_id(self.source, &episode.id);
            statement.execute(params![id, row, ordinal, season, episode.number])?;
        }
        Ok(())
    }

    fn put_releases(&self, row: i64, title_id: &str, title: &Title) -> Result<(), Failure> {
        let own = title.releases.iter().map(|release| (title_id.to_owned(), release));
        let of_episodes = title.episodes().flat_map(|(_, episode)| {
            let id = global_id(self.source, &episode.id);
            episode.releases.iter().map(move |release| (id.clone(), release))
        });
        let mut statement =
            self.db.prepare_cached("INSERT INTO releases VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (item_id, release) in own.chain(of_episodes) {
            let (v1, v2) = (release.torrent.v1.map(|h| h.0), release.torrent.v2.map(|h| h.0));
            let id = global_id(self.source, &release.id);
            statement.execute(params![id, row, item_id, v1, v2])?;
        }
        Ok(())
    }
}

/// A withdrawn title that was here before stays known, so that its page can say why; lists and search leave it out.
/// One that the catalogue still lists lost only some of its torrents.
fn withdraw(
    db: &Connection,
    source: &str,
    withdrawals: &[Withdrawal],
    run: Run,
) -> Result<usize, Failure> {
    let mut withdrawn = 0;
    for withdrawal in withdrawals {
        let id = global_id(source, &withdrawal.id);
        let json = serde_json::to_string(withdrawal)?;
        let gone = db
            .prepare_cached(
                "UPDATE titles SET withdrawn = ?2, seen = ?3 WHERE id = ?1 AND seen <> ?3
                 RETURNING title, position",
            )?
            .query_row(params![id, json, run.number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((title, position)) = gone {
            search::take_out(db, position, title)?;
            works::leave(db, title)?;
            withdrawn += 1;
        }
    }
    Ok(withdrawn)
}
