//! What waits to be published, in `draft.json`: read and written title by title, because many may wait.

use std::{
    cell::Cell,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    fs::File,
    io::{self, BufReader, Write as _},
    marker::PhantomData,
    path::Path,
};

use catalogue::{
    Id, Kind as Sort, Title, Withdrawal,
    channel::{Kind, RecordId},
};
use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess,
        SeqAccess, Visitor,
    },
};
use serde_json::value::RawValue;

use super::{Own, OwnError, spool::Spool};
use crate::{durable::Unfinished, folder::at};

const FILE: &str = "draft.json";
const LENGTH_MAX: u64 = 4 << 30;
/// Bytes of it that are read at one time.
const READ: usize = 256 << 10;

/// What became of titles that were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// How many titles wait now.
    pub waiting: usize,
    /// Those of the titles that do not, because they were taken back.
    pub taken_back: Vec<Id>,
}

/// A title of which nothing but the id is read.
#[derive(Deserialize)]
struct OnlyId {
    id: Id,
}

/// The same with its kind.
#[derive(Deserialize)]
struct IdAndKind {
    id: Id,
    kind: Sort,
}

/// What becomes of a title that waits already.
enum Fate<'a> {
    /// It stays as it is.
    Stays,
    /// Another one takes its place.
    Replaced(&'a Title),
    /// It waits no longer.
    Goes,
}

impl Own {
    /// Shows each title that waits, in the order in which they came, and returns what is taken back.
    ///
    /// # Errors
    /// The file is damaged, or what `show` says.
    pub fn waiting<E: From<OwnError>>(
        &self,
        show: impl FnMut(Title) -> Result<(), E>,
    ) -> Result<Vec<Withdrawal>, E> {
        self.read_waiting(show)
    }

    /// The ids and kinds of the titles that wait, in the order in which they came.
    pub(crate) fn waiting_ids(&self) -> Result<Vec<(RecordId, Sort)>, OwnError> {
        let mut ids = vec![];
        self.read_waiting(|title: IdAndKind| {
            ids.push((RecordId::of(&title.id), title.kind));
            Ok::<_, OwnError>(())
        })?;
        Ok(ids)
    }

    /// How many titles wait, and how many withdrawals; of a filter, how many entries.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn count_waiting(&self) -> Result<(usize, usize), OwnError> {
        if self.kind() == Kind::Filter {
            return Ok((self.waiting_marks()?.len(), 0));
        }
        let mut titles = 0;
        let withdrawn = self.read_waiting(|_: IgnoredAny| {
            titles += 1;
            Ok::<_, OwnError>(())
        })?;
        Ok((titles, withdrawn.len()))
    }

    /// Lets titles wait; one with a known id takes the place of the earlier one. Those that were taken back stay so.
    ///
    /// # Errors
    /// The disk refuses, or the file is damaged.
    pub fn add(&self, titles: Vec<Title>) -> Result<Added, OwnError> {
        self.must_be(Kind::Catalogue)?;
        let known = self.taken_back()?;
        let (gone, titles): (Vec<_>, Vec<_>) =
            titles.into_iter().partition(|title| known.has(&title.id));
        let taken_back = gone.into_iter().map(|title| title.id).collect();
        Ok(Added { taken_back, waiting: self.put(titles)? })
    }

    fn put(&self, titles: Vec<Title>) -> Result<usize, OwnError> {
        let mut fresh: Vec<(Title, Cell<bool>)> = Vec::with_capacity(titles.len());
        let mut known: BTreeMap<RecordId, usize> = BTreeMap::new();
        for title in titles {
            match known.entry(RecordId::of(&title.id)) {
                Entry::Occupied(place) => {
                    fresh[*place.get()].0 = title;
                }
                Entry::Vacant(place) => {
                    place.insert(fresh.len());
                    fresh.push((title, Cell::new(false)));
                }
            }
        }
        let fate = |id: &Id| match known.get(&RecordId::of(id)) {
            Some(place) => {
                let (title, is_placed) = &fresh[*place];
                is_placed.set(true);
                Fate::Replaced(title)
            }
            None => Fate::Stays,
        };
        let rest = fresh.iter().filter(|(_, is_placed)| !is_placed.get()).map(|(title, _)| title);
        self.rewrite(fate, rest, vec![])
    }

    /// Takes titles back with the next version, or torrents of them.
    ///
    /// # Errors
    /// The disk refuses, or the file is damaged.
    pub fn withdraw(&self, withdrawn: Vec<Withdrawal>) -> Result<(), OwnError> {
        self.must_be(Kind::Catalogue)?;
        // One that was published before may be called by the letters of its id.
        let gone = withdrawn.iter().filter(|one| one.infohash.is_none());
        let gone: Vec<_> = gone.map(|one| RecordId::of(&one.id)).collect();
        let fate =
            |id: &Id| if gone.contains(&RecordId::of(id)) { Fate::Goes } else { Fate::Stays };
        self.rewrite(fate, [], withdrawn).map(drop)
    }

    /// Lets a title wait no longer. Says whether it did.
    ///
    /// # Errors
    /// The disk refuses, or the file is damaged.
    pub fn take_out(&self, id: &Id) -> Result<bool, OwnError> {
        let was_there = Cell::new(false);
        let fate = |one: &Id| {
            if one != id {
                return Fate::Stays;
            }
            was_there.set(true);
            Fate::Goes
        };
        self.rewrite(fate, [], vec![])?;
        Ok(was_there.get())
    }

    /// Lets these titles wait in the place of all that did. What is taken back stays so.
    pub(super) fn wait_instead(&self, spool: Spool) -> Result<(), OwnError> {
        let path = self.folder.own().join(FILE);
        let disk = |error| OwnError::from(at(&path)(error));
        let withdrawn = self.read_waiting(|_: IgnoredAny| Ok::<_, OwnError>(()))?;
        let mut writing = Writing::begin(&path).map_err(disk)?;
        spool.show(|title| writing.put_written(title)).map_err(disk)?;
        writing.finish(&withdrawn).map_err(disk).map(drop)
    }

    /// Nothing waits any more.
    pub(crate) fn clear_waiting(&self) -> Result<(), OwnError> {
        if self.kind() == Kind::Filter {
            self.clear_marks()?;
        }
        self.write(FILE, br#"{"titles":[],"withdrawn":[]}"#)
    }

    /// Writes the file anew. Returns how many titles wait then.
    fn rewrite<'a>(
        &self,
        mut fate: impl FnMut(&Id) -> Fate<'a>,
        more: impl IntoIterator<Item = &'a Title>,
        withdrawn: Vec<Withdrawal>,
    ) -> Result<usize, OwnError> {
        let path = self.folder.own().join(FILE);
        let disk = |error| OwnError::from(at(&path)(error));
        let mut writing = Writing::begin(&path).map_err(disk)?;
        let mut taken_back = self.read_waiting(|title: Box<RawValue>| {
            let known: OnlyId = serde_json::from_str(title.get()).map_err(|_| damaged(&path))?;
            let written = match fate(&known.id) {
                Fate::Stays => writing.put(&title),
                Fate::Replaced(other) => writing.put(other),
                Fate::Goes => Ok(()),
            };
            written.map_err(disk)
        })?;
        taken_back.extend(withdrawn);
        more.into_iter().try_for_each(|title| writing.put(title)).map_err(disk)?;
        writing.finish(&taken_back).map_err(disk)
    }

    pub(super) fn read_waiting<T: DeserializeOwned, E: From<OwnError>>(
        &self,
        mut show: impl FnMut(T) -> Result<(), E>,
    ) -> Result<Vec<Withdrawal>, E> {
        let path = self.folder.own().join(FILE);
        let disk = |error| OwnError::from(at(&path)(error));
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            file => file.map_err(disk)?,
        };
        if file.metadata().map_err(disk)?.len() > LENGTH_MAX {
            return Err(damaged(&path).into());
        }
        let mut failed = None;
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(READ, file));
        let waiting = Waiting { show: &mut show, failed: &mut failed, kind: PhantomData };
        let read = waiting.deserialize(&mut json).and_then(|withdrawn| {
            json.end()?;
            Ok(withdrawn)
        });
        match (failed, read) {
            (Some(failed), _) => Err(failed),
            (None, Ok(withdrawn)) => Ok(withdrawn),
            (None, Err(error)) if error.is_io() => Err(disk(error.into()).into()),
            (None, Err(_)) => Err(damaged(&path).into()),
        }
    }
}

fn damaged(path: &Path) -> OwnError {
    OwnError::Damaged { path: path.to_owned() }
}

/// A draft that is being written.
struct Writing {
    file: Unfinished,
    titles: usize,
}

impl Writing {
    fn begin(path: &Path) -> io::Result<Self> {
        let mut file = Unfinished::begin(path)?;
        file.write_all(br#"{"titles":["#)?;
        Ok(Self { file, titles: 0 })
    }

    fn put(&mut self, title: &impl Serialize) -> io::Result<()> {
        self.begin_title()?;
        Ok(serde_json::to_writer(&mut self.file, title)?)
    }

    fn put_written(&mut self, title: &[u8]) -> io::Result<()> {
        self.begin_title()?;
        self.file.write_all(title)
    }

    fn begin_title(&mut self) -> io::Result<()> {
        if self.titles > 0 {
            self.file.write_all(b",")?;
        }
        self.titles += 1;
        Ok(())
    }

    fn finish(mut self, withdrawn: &[Withdrawal]) -> io::Result<usize> {
        self.file.write_all(br#"],"withdrawn":"#)?;
        serde_json::to_writer(&mut self.file, withdrawn)?;
        self.file.write_all(b"}")?;
        self.file.finish()?;
        Ok(self.titles)
    }
}

/// Reads a draft, or the titles in it, without keeping them.
struct Waiting<'a, T, F, E> {
    show: &'a mut F,
    /// Why it was not shown to its end.
    failed: &'a mut Option<E>,
    kind: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, E, F: FnMut(T) -> Result<(), E>> DeserializeSeed<'de>
    for Waiting<'_, T, F, E>
{
    type Value = Vec<Withdrawal>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned, E, F: FnMut(T) -> Result<(), E>> Visitor<'de>
    for Waiting<'_, T, F, E>
{
    type Value = Vec<Withdrawal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what waits to be published")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut withdrawn = vec![];
        while let Some(field) = map.next_key::<String>()? {
            match &*field {
                "titles" => {
                    let (show, failed) = (&mut *self.show, &mut *self.failed);
                    map.next_value_seed(Titles(Waiting { show, failed, kind: PhantomData }))?;
                }
                "withdrawn" => withdrawn = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(withdrawn)
    }
}

/// Reads the titles of a draft.
struct Titles<'a, T, F, E>(Waiting<'a, T, F, E>);

impl<'de, T: DeserializeOwned, E, F: FnMut(T) -> Result<(), E>> DeserializeSeed<'de>
    for Titles<'_, T, F, E>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, E, F: FnMut(T) -> Result<(), E>> Visitor<'de>
    for Titles<'_, T, F, E>
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("titles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut titles: A) -> Result<(), A::Error> {
        while let Some(title) = titles.next_element::<T>()? {
            if let Err(failed) = (self.0.show)(title) {
                *self.0.failed = Some(failed);
                return Err(A::Error::custom("it is not shown to its end"));
            }
        }
        Ok(())
    }
}
