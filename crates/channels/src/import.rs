//! Takes a version into the library: only what changed, title by title, from files of which parts are read.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use catalogue::channel::{
    BadChannel, Change, Family, FileRef, FirstScreen, Kind, Ledger, Manifest, Reading, SegmentRef,
    Shown, Where,
};
use library::{FilterAbout, Languages, Library};

use crate::{
    durable,
    folder::{Folder, at},
    follow::FollowError,
    part::Part,
};

/// The largest ledger, bytes: all buckets, and ten million episodes.
const LEDGER_MAX: u64 = 512 << 20;
/// The list of files whose hash was compared, bytes at most.
const COMPARED_MAX: u64 = 1 << 20;

/// What taking a version in did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Titles of the channel in the library; of a filter, its entries.
    pub(crate) titles: usize,
    /// Records that were dropped just now.
    pub(crate) dropped: usize,
}

/// Where the files of head torrents are from which a version is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heads<'a> {
    /// Those of its titles.
    pub(crate) titles: &'a Path,
    /// Those of what is taken back, which may be of a later version.
    pub(crate) withdrawals: &'a Path,
}

impl<'a> Heads<'a> {
    /// All of one version.
    pub(crate) fn of(head: &'a Path) -> Self {
        Self { titles: head, withdrawals: head }
    }

    fn has(self, family: Family) -> &'a Path {
        if family == Family::Withdrawals { self.withdrawals } else { self.titles }
    }
}

/// Checks the version whose head's files are in the folders `heads`, and brings its titles in the library up to date. In
/// between `checked` is told that the version is what its manifest promises.
pub(crate) fn import(
    folder: &Folder,
    heads: Heads<'_>,
    library: &Library,
    manifest: &Manifest,
    checked: impl FnOnce() -> Result<(), FollowError>,
) -> Result<Imported, FollowError> {
    let files = Files::new(folder, heads, manifest)?;
    let reading = Reading::open(folder.key(), manifest, |segment| files.open(segment));
    let reading = reading.map_err(|why| files.blame(why))?;
    let change = reading.change(&ledger(folder, library)?).map_err(|why| files.blame(why))?;
    checked()?;
    let dropped = match manifest.kind {
        Kind::Filter => take_filter(folder, library, manifest, &reading, &change).map(|()| 0)?,
        _ => take_in(library, &reading, &change)?,
    };
    write(folder, "ledger", &change.ledger.to_bytes())?;
    files.note()?;
    let source = sources(library, folder)?;
    let titles = source.map_or(0, |(_, titles)| usize::try_from(titles).unwrap_or(usize::MAX));
    Ok(Imported { titles, dropped })
}

/// Whether a version was taken in to its end. The library alone does not know: it has a version's number from the
/// beginning, and the cards of a first screen have one, too.
pub(crate) fn has_all_of(
    folder: &Folder,
    library: &Library,
    version: u64,
) -> Result<bool, FollowError> {
    let has = sources(library, folder)?.map(|(revision, _)| revision);
    Ok(has == Some(version) && ledger_version(folder) == Some(version))
}

/// The version of the ledger, without reading all of it.
fn ledger_version(folder: &Folder) -> Option<u64> {
    let mut bytes = [0; Ledger::HEAD];
    File::open(folder.file("ledger")).ok()?.read_exact(&mut bytes).ok()?;
    Ledger::version_in(&bytes)
}

/// Puts the titles of a first screen into the library, and says how many. What was remembered of the channel counts no
/// more: the next version is taken in as a whole.
pub(crate) fn show_first(
    folder: &Folder,
    library: &Library,
    screen: FirstScreen,
) -> Result<usize, FollowError> {
    let mut taking = library.take_in(&screen.header, false, &[])?;
    let titles = screen.titles.len();
    for (rank, title) in screen.titles {
        taking.put(rank, &title)?;
    }
    taking.finish()?;
    let path = folder.file("ledger");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path)(error).into()),
        _ => Ok(titles),
    }
}

fn take_in(
    library: &Library,
    reading: &Reading<Part>,
    change: &Change,
) -> Result<usize, FollowError> {
    let mut taking = library.take_in(reading.header(), change.is_whole, &change.withdrawn)?;
    let (mut dropped, mut gone) = (0, change.gone.clone());
    reading.show(change, |shown| {
        match shown {
            Shown::Title(rank, title) => taking.put(rank, &title)?,
            Shown::Dropped(id, _) => {
                dropped += 1;
                gone.extend(id);
            }
        }
        Ok::<_, FollowError>(())
    })?;
    taking.remove(&gone)?;
    taking.finish()?;
    Ok(dropped)
}

fn take_filter(
    folder: &Folder,
    library: &Library,
    manifest: &Manifest,
    reading: &Reading<Part>,
    change: &Change,
) -> Result<(), FollowError> {
    let about = FilterAbout {
        id: folder.key().to_string(),
        name: manifest.name.clone(),
        about: manifest.about.clone(),
        publisher: manifest.publisher.to_string(),
        revision: manifest.version,
    };
    let mut taking = library.take_in_filter(about, change.is_whole)?;
    reading.show_marks(change, |mark, verdict| Ok::<_, FollowError>(taking.put(mark, verdict)?))?;
    taking.finish()?;
    Ok(())
}

/// What is remembered, if the library has just that.
fn ledger(folder: &Folder, library: &Library) -> Result<Ledger, FollowError> {
    let path = folder.file("ledger");
    let bytes = durable::read(&path, LEDGER_MAX).map_err(at(&path))?;
    let ledger = bytes.and_then(|bytes| Ledger::read(&bytes)).unwrap_or_default();
    let has = sources(library, folder)?.map(|(revision, _)| revision);
    Ok(if has == Some(ledger.version) { ledger } else { Ledger::default() })
}

/// The version and the number of titles, or of entries, that the library has of a channel.
fn sources(library: &Library, folder: &Folder) -> Result<Option<(u64, u64)>, FollowError> {
    let id = folder.key().to_string();
    let sources = library.sources(&Languages::one("en"))?;
    let own = sources.into_iter().find(|source| source.id == id);
    match own {
        Some(source) => Ok(Some((source.revision, source.titles))),
        None => Ok(library.held_of_filter(&id)?),
    }
}

fn write(folder: &Folder, name: &str, bytes: &[u8]) -> Result<(), FollowError> {
    let path = folder.file(name);
    Ok(durable::write(&path, bytes).map_err(at(&path))?)
}

/// The files of a version; the hash of a large one is compared once.
struct Files<'a> {
    folder: &'a Folder,
    heads: Heads<'a>,
    named: Vec<FileRef>,
    large: BTreeSet<String>,
    compared: BTreeSet<String>,
}

impl<'a> Files<'a> {
    fn new(folder: &'a Folder, heads: Heads<'a>, manifest: &Manifest) -> Result<Self, FollowError> {
        let named: Vec<_> = manifest.segments.iter().map(|one| one.file.clone()).collect();
        let large = named.iter().filter(|file| is_large(file)).map(name).collect();
        let path = folder.file("compared");
        let bytes = durable::read(&path, COMPARED_MAX).map_err(at(&path))?.unwrap_or_default();
        let compared = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        Ok(Self { folder, heads, named, large, compared })
    }

    fn open(&self, segment: &SegmentRef) -> Option<Part> {
        let file = &segment.file;
        let path = self.folder.place_beside(self.heads.has(segment.family), file);
        let part = Part::open(&path, file.length).ok()?;
        let is_known = is_large(file) && self.compared.contains(&name(file));
        (is_known || part.hash().ok()? == file.sha256).then_some(part)
    }

    /// What is wrong with a version: it is the disk's fault if a file that was compared once has other bytes by now.
    fn blame(&self, why: BadChannel) -> BadChannel {
        let is_as_named = |file: &FileRef| {
            // A large one lies in no head.
            let part = Part::open(&self.folder.place_beside(self.heads.titles, file), file.length);
            part.and_then(|part| part.hash()).is_ok_and(|hash| hash == file.sha256)
        };
        let mut known =
            self.named.iter().filter(|file| is_large(file) && self.compared.contains(&name(file)));
        if known.all(is_as_named) { why } else { BadChannel::OtherBytes }
    }

    /// All of them are what they should be.
    fn note(&self) -> Result<(), FollowError> {
        if self.large == self.compared {
            return Ok(());
        }
        let names: Vec<_> = self.large.iter().map(String::as_str).collect();
        write(self.folder, "compared", names.join("\n").as_bytes())
    }
}

fn is_large(file: &FileRef) -> bool {
    matches!(file.place, Where::Torrent(_))
}

fn name(file: &FileRef) -> String {
    file.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}
