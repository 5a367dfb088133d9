//! A mirror of a channel or site as a folder of plain files: every torrent of its newest version that is whole on this machine.
//!
//! Each torrent has a folder, and its description beside it, both named by the torrent (docs/channel-format.md). The
//! description is written last, so what it describes is there; nothing that is there is ever changed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use catalogue::{Catalogue, channel::mirror_name};
use channels::{Folder, FollowError};
use torrent::{FileSlice, InfoHashes, Metainfo, Piece, hash::sha1, merkle};

use crate::{
    masters::Masters,
    swarm::{infohash, same},
};

/// Where a household has what a mirror is made of.
pub struct Sources<'a> {
    /// The channel or site.
    pub folder: &'a Folder,
    /// Where its films may be; a site has none.
    pub films: Option<Films<'a>>,
}

/// Where a household has films.
pub struct Films<'a> {
    /// Films that are published here.
    pub masters: &'a Masters,
    /// Films that were played or downloaded, each in a folder named by its torrent.
    pub media: &'a Path,
    /// The descriptions of those.
    pub torrents: &'a Path,
}

/// Why there is no mirror.
#[derive(Debug, thiserror::Error)]
pub enum CannotMirror {
    /// No version of it is here, or what is here is damaged.
    #[error(transparent)]
    Channel(#[from] FollowError),
    /// The disk refuses.
    #[error("{path} cannot be read or written: {source}", path = path.display())]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A mirror that was made or brought up to date.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// The version of the channel or site.
    pub version: u64,
    /// Torrents that are there now, and the bytes of their files.
    pub torrents: usize,
    /// As above.
    pub bytes: u64,
    /// Of these, those that were not there before.
    pub added: usize,
    /// The bytes of their files.
    pub added_bytes: u64,
    /// What is not whole on this machine.
    pub missing: Vec<Missing>,
    /// Files and folders of torrents that the version does not name.
    pub old: Vec<PathBuf>,
}

/// Something of it that is not whole on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// A title's name; nothing for what is not a film.
    pub title: Option<String>,
    /// The torrent's folder on a mirror.
    pub name: String,
}

/// How far it is: bytes that were looked at, and all that are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// So far.
    pub done: u64,
    /// In the end.
    pub total: u64,
}

/// A torrent of the channel.
struct Item {
    title: Option<String>,
    found: Option<Found>,
}

/// Where it is here.
struct Found {
    metainfo: Metainfo,
    root: PathBuf,
    /// Its files stay as they are for as long as they are there: another name for them is a copy.
    stays: bool,
}

/// Makes a mirror of what is here in a folder, or adds to one what is new, and tells how far it is.
///
/// # Errors
/// No version is here, or the disk refuses; what was complete until then stays.
pub fn mirror(
    sources: &Sources<'_>,
    to: &Path,
    mut tell: impl FnMut(Progress),
) -> Result<Mirrored, CannotMirror> {
    let held = sources.folder.held()?;
    let mut items = BTreeMap::new();
    for torrent in held.torrents {
        let name = mirror_name(&torrent.hashes);
        let (root, stays) = (torrent.root, torrent.stays);
        let found = torrent.metainfo.map(|metainfo| Found { metainfo, root, stays });
        items.insert(name, Item { title: None, found });
    }
    if let Some(places) = &sources.films {
        for (title, hashes) in films(&channels::catalogue(sources.folder)?) {
            let find = || Item { title: Some(title), found: places.find(&hashes) };
            items.entry(mirror_name(&hashes)).or_insert_with(find);
        }
    }
    fs::create_dir_all(to).map_err(at(to))?;
    let mut made = Mirrored { version: held.version, ..Mirrored::default() };
    let is_new = |name: &str, found: &Found| !is_there(to, name, found);
    let new: Vec<_> = (items.iter())
        .filter_map(|(name, item)| item.found.as_ref().filter(|found| is_new(name, found)))
        .map(Found::bytes)
        .collect();
    let mut progress = Progress { done: 0, total: new.iter().sum() };
    for (name, item) in &items {
        let whole = match &item.found {
            Some(found) if is_new(name, found) => {
                let mut looked = |bytes| {
                    progress.done += bytes;
                    tell(progress);
                };
                put(to, name, found, &mut looked)?.then_some((found, true))
            }
            Some(found) => Some((found, false)),
            None => None,
        };
        made.note(name, item, whole);
    }
    made.old = old(to, &items)?;
    Ok(made)
}

impl Mirrored {
    fn note(&mut self, name: &str, item: &Item, whole: Option<(&Found, bool)>) {
        let Some((found, is_new)) = whole else {
            self.missing.push(Missing { title: item.title.clone(), name: name.to_owned() });
            return;
        };
        (self.torrents, self.bytes) = (self.torrents + 1, self.bytes + found.bytes());
        if is_new {
            (self.added, self.added_bytes) = (self.added + 1, self.added_bytes + found.bytes());
        }
    }

    /// Deletes what is of no version any more.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn delete_old(&self) -> Result<(), CannotMirror> {
        for path in &self.old {
            let removed =
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.map_err(at(path))?;
        }
        Ok(())
    }
}

impl Films<'_> {
    /// A film, where it was published or else where it was kept.
    fn find(&self, hashes: &InfoHashes) -> Option<Found> {
        if let Some((metainfo, root)) = self.masters.torrent(hashes) {
            return Some(Found { metainfo, root, stays: true });
        }
        let name = infohash(hashes);
        let description = fs::read(self.torrents.join(format!("{name}.torrent"))).ok()?;
        let metainfo = Metainfo::parse(&description).ok()?;
        // Its room may be given to another film: another name for the same file would lose the bytes, too.
        let (root, stays) = (self.media.join(name), false);
        same(&metainfo.info.hashes(), hashes).then_some(Found { metainfo, root, stays })
    }
}

/// The torrents of a channel's films, each with the name of its title.
fn films(catalogue: &Catalogue) -> Vec<(String, InfoHashes)> {
    let mut films = Vec::new();
    for title in catalogue.titles() {
        let name = title.name.pick(&[] as &[&str]).unwrap_or_default();
        let episodes = title.seasons.iter().flat_map(|season| &season.episodes);
        let releases = title.releases.iter().chain(episodes.flat_map(|one| &one.releases));
        let hashes = releases.filter_map(|release| release.torrent.hashes());
        films.extend(hashes.map(|hashes| (name.to_owned(), hashes)));
    }
    films
}

impl Found {
    fn bytes(&self) -> u64 {
        self.metainfo.info.files().iter().map(|file| file.length).sum()
    }

    /// The description as strangers may have it: what the torrent's name proves, and not where this household met others.
    fn description(&self) -> Vec<u8> {
        let mut metainfo = self.metainfo.clone();
        (metainfo.trackers, metainfo.web_seeds, metainfo.nodes) = (vec![], vec![], vec![]);
        (metainfo.comment, metainfo.created_by, metainfo.creation_date) = (None, None, None);
        metainfo.to_bytes()
    }

    /// Paths of its files and their lengths; nothing if a file cannot have the name that web seeds are asked for.
    fn files(&self) -> Option<Vec<(PathBuf, u64)>> {
        let info = &self.metainfo.info;
        let file = |(place, file): (usize, &torrent::File)| {
            let is_plain = info.original_path(place) == file.path;
            is_plain.then(|| (file.path.iter().collect(), file.length))
        };
        info.files().iter().enumerate().map(file).collect()
    }
}

fn description_in(to: &Path, name: &str) -> PathBuf {
    to.join(format!("{name}.torrent"))
}

/// Whether a torrent is on the mirror as a whole.
fn is_there(to: &Path, name: &str, found: &Found) -> bool {
    let described = fs::read(description_in(to, name));
    let has_length = |(path, length): (PathBuf, u64)| {
        fs::metadata(to.join(name).join(path)).is_ok_and(|there| there.len() == length)
    };
    described.is_ok_and(|bytes| bytes == found.description())
        && found.files().is_some_and(|files| files.into_iter().all(has_length))
}

/// Puts a torrent on the mirror, if all of it is here and right. Says whether it is.
fn put(
    to: &Path,
    name: &str,
    found: &Found,
    looked: &mut dyn FnMut(u64),
) -> Result<bool, CannotMirror> {
    let Some(files) = found.files() else { return Ok(false) };
    let folder = to.join(name);
    let is_whole = if found.stays && is_right(found, looked, &mut |_, _| Ok(()))? {
        link(&found.root, &folder, &files) || copy(found, &folder, &files, &mut |_| {})?
    } else {
        !found.stays && copy(found, &folder, &files, looked)?
    };
    if is_whole {
        let (path, part) = (description_in(to, name), to.join(format!("{name}.part")));
        fs::write(&part, found.description()).map_err(at(&part))?;
        fs::rename(&part, &path).map_err(at(&path))?;
    }
    Ok(is_whole)
}

/// Gives files a second name, where that can be.
fn link(root: &Path, folder: &Path, files: &[(PathBuf, u64)]) -> bool {
    files.iter().all(|(path, _)| {
        let target = folder.join(path);
        let made = target.parent().map(fs::create_dir_all);
        // Left by an attempt that was cut off.
        fs::remove_file(&target).ok();
        made.is_some_and(|made| made.is_ok()) && fs::hard_link(root.join(path), target).is_ok()
    })
}

/// Copies a torrent's files, each piece as it was found right; what turns out not to be whole is taken away again.
fn copy(
    found: &Found,
    folder: &Path,
    files: &[(PathBuf, u64)],
    looked: &mut dyn FnMut(u64),
) -> Result<bool, CannotMirror> {
    let mut targets = Vec::new();
    for (path, _) in files {
        let target = folder.join(path);
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(at(parent))?;
        fs::remove_file(&target).ok();
        targets.push(File::create_new(&target).map_err(at(&target))?);
    }
    let mut write = |slice: &FileSlice, bytes: &[u8]| {
        let Some(mut target) = slice.file.and_then(|file| targets.get(file)) else {
            return Ok(());
        };
        target.seek(SeekFrom::Start(slice.offset_in_file))?;
        target.write_all(bytes)
    };
    let copied = is_right(found, looked, &mut write);
    if !matches!(copied, Ok(true)) {
        fs::remove_dir_all(folder).map_err(at(folder))?;
    }
    copied
}

/// Reads a torrent piece by piece and compares each with its hash; `right` has the parts of those that are.
fn is_right(
    found: &Found,
    looked: &mut dyn FnMut(u64),
    right: &mut dyn FnMut(&FileSlice, &[u8]) -> io::Result<()>,
) -> Result<bool, CannotMirror> {
    let info = &found.metainfo.info;
    let mut sources = Vec::new();
    for file in info.files() {
        let path = found.root.join(file.path.iter().collect::<PathBuf>());
        match File::open(&path) {
            Ok(source) if source.metadata().is_ok_and(|one| one.len() == file.length) => {
                sources.push(source);
            }
            _ => return Ok(false),
        }
    }
    for piece in (0..info.geometry().piece_count()).map(Piece) {
        let slices = info.slices(info.geometry().piece_range(piece));
        let mut bytes = Vec::new();
        for slice in &slices {
            let start = bytes.len();
            bytes.resize(start + usize::try_from(slice.len).unwrap_or(0), 0);
            let Some(mut source) = slice.file.and_then(|file| sources.get(file)) else { continue };
            source.seek(SeekFrom::Start(slice.offset_in_file)).map_err(at(&found.root))?;
            source.read_exact(&mut bytes[start..]).map_err(at(&found.root))?;
        }
        looked(bytes.len() as u64);
        if !is_met(&found.metainfo, piece, &bytes) {
            return Ok(false);
        }
        let mut rest = &bytes[..];
        for slice in &slices {
            let (here, behind) = rest.split_at(usize::try_from(slice.len).unwrap_or(rest.len()));
            right(slice, here).map_err(at(&found.root))?;
            rest = behind;
        }
    }
    Ok(true)
}

fn is_met(metainfo: &Metainfo, piece: Piece, bytes: &[u8]) -> bool {
    match metainfo.expected_v2(piece) {
        Some(expected) => {
            let data = metainfo.info.geometry().data_len(piece) as usize;
            let data = bytes.get(..data).unwrap_or(bytes);
            expected.is_met_by(&merkle::leaves(data))
        }
        None => metainfo.info.piece_hashes().get(piece.0 as usize) == Some(&sha1(bytes)),
    }
}

/// What has the name of a torrent and is of none that the channel names. Everything else there is somebody's own.
fn old(to: &Path, items: &BTreeMap<String, Item>) -> Result<Vec<PathBuf>, CannotMirror> {
    let mut old = Vec::new();
    for entry in fs::read_dir(to).map_err(at(to))? {
        let path = entry.map_err(at(to))?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let of_torrent = path.extension().is_none_or(|extension| extension == "torrent")
            && stem.len() == 40
            && stem.bytes().all(|digit| digit.is_ascii_hexdigit());
        if of_torrent && !items.contains_key(stem) {
            old.push(path);
        }
    }
    old.sort();
    Ok(old)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> CannotMirror + use<> {
    let path = path.to_owned();
    move |source| CannotMirror::Disk { path, source }
}
