//! A catalogue taken in: its titles replace those it brought before, what people did stays.

mod row;
#[cfg(test)]
mod tests;
mod window;

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::MutexGuard,
};

use catalogue::{Catalogue, Id, Multilingual, Title, Withdrawal};
use rusqlite::{Connection, OptionalExtension, params};

use self::{
    row::Row,
    window::{InOrder, Window},
};
use crate::{
    card::Languages,
    error::LibraryError,
    facets, search,
    store::Library,
    taken_back,
    time::Timestamp,
    works,
    writer::{Failure, Pending},
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
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let mut taking = self.begin(&catalogue, folder, true, catalogue.withdrawn())?;
        for (position, title) in catalogue.titles().iter().enumerate() {
            taking.put_at(position, title)?;
        }
        taking.finish()
    }

    /// Begins to take in a catalogue title by title, without ever holding all of it. `header` says what the catalogue
    /// is; its titles count for nothing. `is_whole`: titles that are not put leave at the end. Titles that are
    /// `withdrawn` are taken back then, unless they were put.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn take_in<'a>(
        &'a self,
        header: &Catalogue,
        is_whole: bool,
        withdrawn: &'a [Withdrawal],
    ) -> Result<TakingIn<'a>, LibraryError> {
        self.begin(header, None, is_whole, withdrawn)
    }

    fn begin<'a>(
        &'a self,
        header: &Catalogue,
        folder: Option<String>,
        is_whole: bool,
        withdrawn: &'a [Withdrawal],
    ) -> Result<TakingIn<'a>, LibraryError> {
        let alone = self.importing();
        let about = About::of(header, folder);
        let about = about.map_err(|error| Failure::from(error).at(self.path()))?;
        let run = self.write(move |db| Run::begin(db, &about))?;
        let source = header.id().to_string();
        for batch in withdrawn.chunks(BATCH) {
            let (batch, id) = (batch.to_vec(), source.clone());
            let mark = move |db: &_| taken_back::mark(db, (run.source, &id), &batch);
            self.write_later(mark)?.wait()?;
        }
        Ok(TakingIn {
            withdrawn,
            library: self,
            _alone: alone,
            run,
            source,
            is_whole,
            coming: None,
            in_order: None,
            under_way: VecDeque::new(),
            done: Imported::default(),
        })
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
            let batch = self.write_later(move |db| remove_batch(db, which, of))?.wait()?;
            removed += batch;
            if batch < BATCH {
                return Ok(removed);
            }
        }
    }

    /// An empty window, beside the library.
    fn window(&self) -> Result<Window, LibraryError> {
        let folder = self.path().parent().unwrap_or(Path::new("."));
        Window::new(folder).map_err(|error| self.disk(&error))
    }

    fn disk(&self, error: &io::Error) -> LibraryError {
        LibraryError::from_disk(self.path(), error)
    }

    /// Counts beside the writer, and writes what was counted.
    pub(crate) fn count_facets(&self) -> Result<(), LibraryError> {
        self.settle()?;
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
    withdrawn: &'a [Withdrawal],
    /// Titles that come, and how many did since a batch was last written.
    coming: Option<(Window, usize)>,
    /// Those that came before them, on their way to the writer.
    in_order: Option<InOrder>,
    /// Batches that the writer has and that were not answered yet.
    under_way: VecDeque<Pending<Imported>>,
    done: Imported,
}

impl TakingIn<'_> {
    /// Takes in a title; a smaller position is shown earlier.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn put(&mut self, position: u64, title: &Title) -> Result<(), LibraryError> {
        self.put_at(usize::try_from(position.min(POSITION_MAX)).unwrap_or(usize::MAX), title)
    }

    fn put_at(&mut self, position: usize, title: &Title) -> Result<(), LibraryError> {
        let library = self.library;
        let row = Row::new(&self.source, position, title);
        let row = row.map_err(|error| Failure::from(error).at(library.path()))?;
        if self.coming.is_none() {
            self.coming = Some((library.window()?, 0));
        }
        let Some((coming, since)) = &mut self.coming else { return Ok(()) };
        coming.put(&row).map_err(|error| library.disk(&error))?;
        *since += 1;
        if coming.is_full() {
            return self.turn();
        }
        if *since == BATCH {
            *since = 0;
            self.write_batch()?;
        }
        Ok(())
    }

    /// Those that came are written from now on, while others come.
    fn turn(&mut self) -> Result<(), LibraryError> {
        while self.write_batch()? {}
        let Some((came, _)) = self.coming.take() else { return Ok(()) };
        self.in_order = Some(came.in_order().map_err(|error| self.library.disk(&error))?);
        Ok(())
    }

    /// Gives the writer the next titles in the publisher's order: the search index need not write out what it holds then,
    /// as it does whenever a place is lower than the one before. Tells whether there were any.
    fn write_batch(&mut self) -> Result<bool, LibraryError> {
        let Some(in_order) = &mut self.in_order else { return Ok(false) };
        let batch = in_order.next(BATCH).map_err(|error| self.library.disk(&error))?;
        if batch.is_empty() {
            self.in_order = None;
            return Ok(false);
        }
        let run = self.run;
        let put = move |db: &Connection| {
            let mut done = Imported::default();
            batch.iter().try_for_each(|row| row.put(db, run).map(|one| done.add(one)))?;
            Ok(done)
        };
        self.under_way.push_back(self.library.write_later(put)?);
        self.hear(UNDER_WAY)?;
        Ok(true)
    }

    /// Waits until no more than so many batches are under way.
    fn hear(&mut self, most: usize) -> Result<(), LibraryError> {
        while self.under_way.len() > most {
            let Some(batch) = self.under_way.pop_front() else { break };
            self.done.add(batch.wait()?);
        }
        Ok(())
    }

    /// Waits until all titles are in.
    fn put_all(&mut self) -> Result<(), LibraryError> {
        self.turn()?;
        while self.write_batch()? {}
        self.hear(0)
    }

    /// Removes titles that the catalogue does not have any more.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn remove(&mut self, ids: &[Id]) -> Result<(), LibraryError> {
        self.put_all()?;
        for batch in ids.chunks(BATCH) {
            let ids: Vec<_> = batch.iter().map(|id| global_id(&self.source, id)).collect();
            let removed = self.library.write_later(move |db| remove_named(db, &ids))?;
            self.done.removed += removed.wait()?;
        }
        Ok(())
    }

    /// Takes titles back, unless they were put since this began.
    fn withdraw(&mut self) -> Result<(), LibraryError> {
        for batch in self.withdrawn.chunks(BATCH) {
            let (batch, source, run) = (batch.to_vec(), self.source.clone(), self.run);
            let done = self.library.write_later(move |db| withdraw(db, &source, &batch, run))?;
            self.done.withdrawn += done.wait()?;
        }
        Ok(())
    }

    /// Ends it. Returns what was done.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn finish(mut self) -> Result<Imported, LibraryError> {
        self.put_all()?;
        self.withdraw()?;
        if self.is_whole {
            let unnamed = "source = ?1 AND seen <> ?2";
            let of = [self.run.source, self.run.number];
            self.done.removed += self.library.remove_titles(unnamed, of)?;
        }
        works::join_new(self.library)?;
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
/// How many titles the writer is given at one time: others who write wait for no more than that.
const BATCH: usize = 24;
/// Batches that wait for the writer.
const UNDER_WAY: usize = 32;

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
    fn begin(db: &Connection, about: &About) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let (source, number) = db.query_row(
            "INSERT INTO sources (id, name, publisher, contact, revision, folder, imports, imported_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2, publisher = ?3, contact = ?4, revision = ?5,
                 folder = ?6, imports = imports + 1, imported_at = ?7
             RETURNING source, imports",
            params![
                about.id,
                about.name,
                about.publisher,
                about.contact,
                about.revision,
                about.folder,
                now
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(Self { source, number, now })
    }
}

/// What is kept of a catalogue besides its titles.
struct About {
    id: String,
    /// JSON: language → text.
    name: String,
    publisher: String,
    contact: Option<String>,
    revision: u64,
    folder: Option<String>,
}

impl About {
    fn of(catalogue: &Catalogue, folder: Option<String>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: catalogue.id().to_string(),
            name: serde_json::to_string(catalogue.name())?,
            publisher: catalogue.publisher().to_owned(),
            contact: catalogue.contact().map(str::to_owned),
            revision: catalogue.revision(),
            folder,
        })
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
