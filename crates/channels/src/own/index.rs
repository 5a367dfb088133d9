//! What the films of the version that is here are found by, so that a title that is added costs the same in a channel of
//! ten titles and of a million. It is made of the segments when it is first needed, follows each version after that, and
//! is made anew if it is missing, damaged, or of another version than the one that is here.
//!
//! A file is found by eight bytes of a hash of what it is known by. Whoever asks reads the titles that are found and
//! compares: the index may name one too many, and leaves none out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use catalogue::{
    FileKey, Title,
    channel::{
        BadChannel, Indexed, Reading, RecordId, SegmentBytes, SegmentRef, SegmentStore as _, Shown,
    },
};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use torrent::hash::sha256;

use super::{Own, OwnError, inheritance::Halt};
use crate::folder::{FolderError, at};

const FILE: &str = "films.db";
/// The form of the file; one of another form is made anew.
const FORM: i64 = 1;
/// Keys that are put in order at one time while an index is made: 24 bytes each.
const SORTED: u64 = 1 << 20;
/// Memory for pages of the file, KiB.
const CACHE: i64 = 16 << 10;

const TABLES: &str = "
    CREATE TABLE version (manifest BLOB NOT NULL);
    CREATE TABLE records (id BLOB PRIMARY KEY, series BLOB, keys BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX episodes ON records (series) WHERE series IS NOT NULL;
    CREATE TABLE files (key INTEGER, record BLOB, PRIMARY KEY (key, record)) WITHOUT ROWID;";

/// An index that is true of one version.
struct Index {
    db: Connection,
    path: PathBuf,
}

/// Why an index cannot be made: its file, or the segments.
enum CannotMake {
    Sqlite(rusqlite::Error),
    Channel,
}

impl From<rusqlite::Error> for CannotMake {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<BadChannel> for CannotMake {
    fn from(_: BadChannel) -> Self {
        Self::Channel
    }
}

impl Index {
    /// The index, if it is there and of the version with this manifest.
    fn open(path: &Path, manifest: &[u8; 32]) -> Option<Self> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
        let form = db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).ok()?;
        db.pragma_update(None, "cache_size", -CACHE).ok()?;
        let of: Vec<u8> =
            db.query_row("SELECT manifest FROM version", [], |row| row.get(0)).ok()?;
        (form == FORM && of == manifest).then(|| Self { db, path: path.to_owned() })
    }

    /// Makes it beside the old one, whose place it takes when it is whole.
    fn make<S: SegmentBytes>(
        path: &Path,
        manifest: &[u8; 32],
        reading: &Reading<S>,
    ) -> Result<Self, CannotMake> {
        let unfinished = path.with_added_extension("unfinished");
        let disk = |error: io::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        remove(&unfinished).map_err(disk)?;
        let db = Connection::open(&unfinished)?;
        // It counts for nothing before it is finished and on the disk.
        db.pragma_update(None, "journal_mode", "OFF")?;
        db.pragma_update(None, "synchronous", "OFF")?;
        db.pragma_update(None, "cache_size", -CACHE)?;
        db.pragma_update(None, "user_version", FORM)?;
        db.execute_batch("BEGIN")?;
        db.execute_batch(TABLES)?;
        db.execute("INSERT INTO version VALUES (?1)", [&manifest[..]])?;
        let mut files = 0;
        reading.show_indexed(|one| {
            files += one.keys.len() as u64;
            put_record(&db, &one, &hashes(&one.keys)).map_err(CannotMake::from)
        })?;
        put_files_in_order(&db, files)?;
        db.execute_batch("COMMIT")?;
        db.close().map_err(|(_, error)| error)?;
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(disk)?;
        // A journal that a kill left would be played back into the new file.
        remove_with_journal(path).map_err(disk)?;
        fs::rename(&unfinished, path).map_err(disk)?;
        Self::open(path, manifest).ok_or(CannotMake::Channel)
    }

    /// Whether a title or episode of this id is there.
    fn has(&self, id: &RecordId) -> rusqlite::Result<bool> {
        let mut statement = self.db.prepare_cached("SELECT 1 FROM records WHERE id = ?1")?;
        statement.exists([&id.0[..]])
    }

    /// The titles that have a file of these, an episode's series in its place; perhaps some more.
    fn titles_with<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a FileKey>,
    ) -> rusqlite::Result<BTreeSet<RecordId>> {
        let mut titles = BTreeSet::new();
        let sql = "SELECT coalesce(r.series, r.id) FROM files f JOIN records r ON r.id = f.record
                   WHERE f.key = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        for key in keys {
            for title in statement.query_map([hash(key)], |row| id_in(row, 0))? {
                titles.insert(title?);
            }
        }
        Ok(titles)
    }

    /// The episodes of a series.
    fn episodes_of(&self, series: &RecordId) -> rusqlite::Result<Vec<RecordId>> {
        let mut statement = self.db.prepare_cached("SELECT id FROM records WHERE series = ?1")?;
        statement.query_map([&series.0[..]], |row| id_in(row, 0))?.collect()
    }

    /// A title or an episode is there from now on, or is another one.
    fn put(&self, one: &Indexed) -> rusqlite::Result<()> {
        self.remove(&one.id)?;
        let hashes = hashes(&one.keys);
        put_record(&self.db, one, &hashes)?;
        let mut statement =
            self.db.prepare_cached("INSERT OR IGNORE INTO files VALUES (?1, ?2)")?;
        for hash in hashes {
            statement.execute(params![hash, &one.id.0[..]])?;
        }
        Ok(())
    }

    /// It is there no more.
    fn remove(&self, id: &RecordId) -> rusqlite::Result<()> {
        let mut statement =
            self.db.prepare_cached("DELETE FROM records WHERE id = ?1 RETURNING keys")?;
        let keys = statement.query_row([&id.0[..]], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        let mut statement =
            self.db.prepare_cached("DELETE FROM files WHERE key = ?1 AND record = ?2")?;
        for hash in hashes_in(&keys.unwrap_or_default()) {
            statement.execute(params![hash, &id.0[..]])?;
        }
        Ok(())
    }

    /// It is made anew when it is needed next.
    fn give_up(self, error: &rusqlite::Error) {
        tracing::warn!(path = %self.path.display(), %error, "an index is made anew when it is needed");
        let Self { db, path } = self;
        drop(db);
        remove_with_journal(&path).unwrap_or_else(
            |error| tracing::warn!(path = %path.display(), %error, "a damaged index stays"),
        );
    }
}

/// The index on its way to the next version, if there is one: a publish does not fail with it. What it was told is kept
/// with [`keep`](Self::keep) alone.
pub(crate) struct Following(Option<Index>);

impl Following {
    /// Of a filter, which has no films.
    pub(crate) const NOBODY: Self = Self(None);

    /// The titles, and their episodes, are there from now on, or are other ones.
    pub(crate) fn put(&mut self, title: &Title) {
        self.follow(|index| Indexed::of(title).try_for_each(|one| index.put(&one)));
    }

    /// A title or an episode is there no more.
    pub(crate) fn remove(&mut self, id: &RecordId) {
        self.follow(|index| index.remove(id));
    }

    /// It is true of the version with this manifest from now on.
    pub(crate) fn keep(mut self, manifest: &[u8; 32]) {
        self.follow(|index| {
            index.db.execute("UPDATE version SET manifest = ?1", [&manifest[..]])?;
            index.db.execute_batch("COMMIT")
        });
    }

    fn follow(&mut self, step: impl FnOnce(&Index) -> rusqlite::Result<()>) {
        let Some(index) = self.0.take() else { return };
        match step(&index) {
            Ok(()) => self.0 = Some(index),
            Err(error) => index.give_up(&error),
        }
    }
}

impl Own {
    /// The index of the version with this manifest, if it was made, on its way to the next one.
    pub(crate) fn following(&self, manifest: &[u8; 32]) -> Following {
        let mut following = Following(Index::open(&self.folder.own().join(FILE), manifest));
        following.follow(|index| index.db.execute_batch("BEGIN IMMEDIATE"));
        following
    }

    /// The index of the version that is here, which is made if it must be. Nothing before the first version.
    fn index(&self) -> Result<Option<Index>, OwnError> {
        let Some((manifest, hash)) = self.folder.sealed_manifest() else { return Ok(None) };
        let path = self.folder.own().join(FILE);
        if let Some(index) = Index::open(&path, &hash) {
            return Ok(Some(index));
        }
        let parts = |segment: &SegmentRef| self.folder.parts(&segment.file);
        let reading = Reading::open(self.folder.key(), &manifest, parts);
        let reading = reading.map_err(|_| OwnError::NothingHere)?;
        let index = Index::make(&path, &hash, &reading).map_err(|why| match why {
            CannotMake::Sqlite(error) => refused(&path, error).into(),
            CannotMake::Channel => OwnError::NothingHere,
        });
        index.map(Some)
    }

    /// What the index says; one that does not answer is made anew and asked again.
    fn ask_index<T>(
        &self,
        ask: impl Fn(&Index) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, OwnError> {
        let Some(index) = self.index()? else { return Ok(None) };
        match ask(&index) {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => index.give_up(&error),
        }
        let Some(index) = self.index()? else { return Ok(None) };
        ask(&index).map(Some).map_err(|error| refused(&index.path, error).into())
    }

    /// The published episodes of these series, each with its series.
    pub(crate) fn published_episodes(
        &self,
        series: &BTreeSet<RecordId>,
    ) -> Result<BTreeMap<RecordId, RecordId>, OwnError> {
        if series.is_empty() {
            return Ok(BTreeMap::new());
        }
        let episodes = self.ask_index(|index| {
            let mut series_of = BTreeMap::new();
            for series in series {
                let episodes = index.episodes_of(series)?.into_iter();
                series_of.extend(episodes.map(|episode| (episode, *series)));
            }
            Ok(series_of)
        })?;
        Ok(episodes.unwrap_or_default())
    }

    /// Which of these are published, titles and episodes.
    pub(super) fn published_of(
        &self,
        ids: &BTreeSet<RecordId>,
    ) -> Result<BTreeSet<RecordId>, OwnError> {
        let known = self.ask_index(|index| {
            let mut known = BTreeSet::new();
            for id in ids {
                if index.has(id)? {
                    known.insert(*id);
                }
            }
            Ok(known)
        })?;
        Ok(known.unwrap_or_default())
    }

    /// Shows the published titles that have a file of these, in the order of their ids; perhaps some more.
    pub(super) fn show_with_files<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a FileKey> + Clone,
        show: impl FnMut(Title) -> Result<(), OwnError>,
    ) -> Result<(), OwnError> {
        let titles = self.ask_index(|index| index.titles_with(keys.clone()))?;
        self.show_chosen(titles.unwrap_or_default(), show)
    }

    /// Shows these published titles, in the order of their ids.
    pub(super) fn show_chosen(
        &self,
        titles: BTreeSet<RecordId>,
        mut show: impl FnMut(Title) -> Result<(), OwnError>,
    ) -> Result<(), OwnError> {
        let Some(manifest) = self.folder.manifest().filter(|_| !titles.is_empty()) else {
            return Ok(());
        };
        let series_of = self.published_episodes(&titles)?;
        let parts = |segment: &SegmentRef| self.folder.parts(&segment.file);
        let read = || {
            let reading = Reading::open(self.folder.key(), &manifest, parts)?;
            let chosen = reading.choose(titles, series_of)?;
            reading.show(&chosen, |shown| match shown {
                Shown::Title(_, title) => show(*title).map_err(Halt::Own),
                Shown::Dropped(..) => Ok(()),
            })
        };
        read().map_err(OwnError::from)
    }
}

fn refused(path: &Path, error: rusqlite::Error) -> FolderError {
    at(path)(io::Error::other(error))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_with_journal(path: &Path) -> io::Result<()> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    remove(path).and_then(|()| remove(Path::new(&journal)))
}

/// What a file is found by.
fn hash(key: &FileKey) -> i64 {
    let hash = sha256(key.to_string().as_bytes()).0;
    i64::from_be_bytes(std::array::from_fn(|at| hash[at]))
}

fn hashes(keys: &[FileKey]) -> Vec<i64> {
    keys.iter().map(hash).collect()
}

fn hashes_in(bytes: &[u8]) -> impl Iterator<Item = i64> {
    bytes.as_chunks().0.iter().map(|bytes| i64::from_be_bytes(*bytes))
}

fn id_in(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<RecordId> {
    row.get(column).map(RecordId)
}

fn put_record(db: &Connection, one: &Indexed, hashes: &[i64]) -> rusqlite::Result<()> {
    let keys: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_be_bytes()).collect();
    let mut statement = db.prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3)")?;
    let series = one.series.map(|series| series.0);
    statement.execute(params![&one.id.0[..], series.as_ref().map(|id| &id[..]), keys])?;
    Ok(())
}

/// Puts the keys of all records in their order, in which a million take no longer than they must: a part of them at a
/// time, which is read out of the records.
fn put_files_in_order(db: &Connection, files: u64) -> rusqlite::Result<()> {
    let parts = i128::from(files.div_ceil(SORTED).max(1));
    let part_of = |hash: i64| ((i128::from(hash) - i128::from(i64::MIN)) * parts) >> 64;
    for part in 0..parts {
        let mut sorted = vec![];
        let mut statement = db.prepare_cached("SELECT id, keys FROM records")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id = id_in(row, 0)?;
            let hashes = hashes_in(row.get_ref(1)?.as_blob()?);
            sorted.extend(hashes.filter(|hash| part_of(*hash) == part).map(|hash| (hash, id)));
        }
        sorted.sort_unstable();
        let mut statement = db.prepare_cached("INSERT OR IGNORE INTO files VALUES (?1, ?2)")?;
        for (hash, id) in sorted {
            statement.execute(params![hash, &id.0[..]])?;
        }
    }
    Ok(())
}
