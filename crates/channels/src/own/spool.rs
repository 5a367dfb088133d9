//! Titles on their way into what waits, in a file: they come in one order and wait in another, and may be many.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use catalogue::{Title, channel::RecordId};

use crate::durable::Unfinished;

/// Where titles are put, until they are shown in order. The file goes with it.
pub(super) struct Spool {
    file: Unfinished,
    path: PathBuf,
    length: u64,
    places: Vec<Place>,
    known: BTreeMap<RecordId, usize>,
}

/// Where a title stands in the order, and in the file.
struct Place {
    order: (Turn, RecordId),
    at: u64,
    length: usize,
}

/// When it is a title's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// By its rank in the version that was published last.
    Published(u64),
    /// After all of these, as the so many-th.
    Waiting(usize),
}

impl Spool {
    pub(super) fn begin(path: PathBuf) -> io::Result<Self> {
        let file = Unfinished::begin(&path)?;
        Ok(Self { file, path, length: 0, places: vec![], known: BTreeMap::new() })
    }

    /// Puts a title that is published.
    pub(super) fn publish(&mut self, rank: u64, title: &Title) -> io::Result<()> {
        self.put(Turn::Published(rank), title)
    }

    /// Puts a title that waits: one that is there already makes way for it, and keeps its turn.
    pub(super) fn wait(&mut self, title: &Title) -> io::Result<()> {
        self.put(Turn::Waiting(self.places.len()), title)
    }

    fn put(&mut self, turn: Turn, title: &Title) -> io::Result<()> {
        let json = serde_json::to_vec(title)?;
        self.file.write_all(&json)?;
        let (id, at, length) = (RecordId::of(&title.id), self.length, json.len());
        self.length += length as u64;
        let next = self.places.len();
        match self.known.entry(id).or_insert(next) {
            place if *place < next => {
                let place = &mut self.places[*place];
                (place.at, place.length) = (at, length);
            }
            _ => self.places.push(Place { order: (turn, id), at, length }),
        }
        Ok(())
    }

    /// Shows every title in order, as it was written.
    pub(super) fn show(mut self, mut show: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.places.sort_unstable_by_key(|place| place.order);
        self.file.finish()?;
        let shown = each(&self.path, &self.places, &mut show);
        fs::remove_file(&self.path)?;
        shown
    }
}

fn each(
    path: &Path,
    places: &[Place],
    show: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut json = vec![];
    let mut stands = 0;
    for place in places {
        // Most come one after the other.
        if stands != place.at {
            file.seek(SeekFrom::Start(place.at))?;
        }
        json.resize(place.length, 0);
        file.read_exact(&mut json)?;
        stands = place.at + place.length as u64;
        show(&json)?;
    }
    Ok(())
}
