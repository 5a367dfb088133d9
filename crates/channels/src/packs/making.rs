//! The publisher's side: what waits is put into packs, and small packs become larger ones.
//!
//! Packs are written once and never changed: whoever has a part of one can give it as long as the channel names it.
//! Eight small ones become one, in which only what some title still shows is left.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use catalogue::{
    Title, Withdrawal,
    channel::{
        BadChannel, Family, FileRef, Manifest, PackKind, PackPlan, PackRef, RecordId,
        SegmentStore as _, Supplied, THING_MAX, Where, family_state, pack_name, pack_torrent,
        packed_things, records,
    },
};
use torrent::{
    Metainfo,
    create::{CannotCreate, Hashing},
    hash::{Sha256Hasher, sha256},
};

use super::here::{self, PackFile, waiting_path};
use crate::{
    durable,
    folder::{Folder, FolderError, at},
    own::OwnError,
    publish::PublishError,
};

/// So many packs of one size become one.
const FOLD: usize = 8;
/// Packs under these sizes are of one size; larger ones stay as they are. Bytes.
const SIZES: [u64; 2] = [2 << 20, 32 << 20];

/// What titles show, of each kind by its hash.
pub(crate) type ShownThings = BTreeSet<(PackKind, [u8; 32])>;
/// Things by their hashes, with their lengths.
type Things = BTreeMap<[u8; 32], u32>;

/// Keeps a picture or subtitle until a version is published whose titles show it, and returns its hash.
///
/// # Errors
/// It is empty or too large, or the disk refuses.
pub(crate) fn keep(folder: &Folder, kind: PackKind, bytes: &[u8]) -> Result<[u8; 32], OwnError> {
    if bytes.is_empty() || bytes.len() > THING_MAX as usize {
        return Err(OwnError::ThingSize);
    }
    let hash = sha256(bytes).0;
    let path = waiting_path(folder, kind, &hash);
    let parent = path.parent().unwrap_or(&path);
    durable::create_folder(parent).map_err(at(parent))?;
    durable::write(&path, bytes).map_err(at(&path))?;
    Ok(hash)
}

/// What the next version changes.
#[derive(Default)]
pub(crate) struct Changing {
    /// Titles that are new or changed.
    pub(crate) titles: Vec<RecordId>,
    /// What is taken back.
    pub(crate) withdrawn: Vec<Withdrawal>,
    /// What those titles show.
    pub(crate) shown: ShownThings,
}

/// The packs of the next version: those of the last one, with a new one for what is new.
///
/// # Errors
/// The disk refuses, or a segment is damaged.
pub(crate) fn packs(
    folder: &Folder,
    last: &Manifest,
    changing: &Changing,
) -> Result<Vec<PackRef>, PublishError> {
    let mut packs = last.packs.clone();
    let is_cleaning = !changing.withdrawn.is_empty() || unclean_path(folder).exists();
    let mut is_clean = true;
    for kind in PackKind::ALL {
        if let Some(folded) = folded(&packs, kind, is_cleaning) {
            let shows = still_shown(folder, last, changing)?;
            is_clean &= fold(folder, &mut packs, &folded, kind, &shows)?;
        }
        let fresh = fresh(folder, &packs, kind, &changing.shown);
        packs.extend(write(folder, kind, &fresh)?);
    }
    if is_cleaning {
        note_clean(folder, is_clean)?;
    }
    Ok(packs)
}

/// There while a pack that is not whole here may have what was taken back.
fn unclean_path(folder: &Folder) -> PathBuf {
    folder.own().join("unclean")
}

/// Packs that could not be looked through, because not all of them is here yet, are looked through with a later version.
fn note_clean(folder: &Folder, is_clean: bool) -> Result<(), FolderError> {
    let path = unclean_path(folder);
    if is_clean {
        ignore(fs::remove_file(&path));
        return Ok(());
    }
    durable::write(&path, b"").map_err(at(&path))
}

/// What waits to be put into packs.
///
/// # Errors
/// The disk refuses.
pub(crate) fn waiting(folder: &Folder) -> Result<ShownThings, FolderError> {
    let root = folder.things_root();
    let entries = match fs::read_dir(&root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ShownThings::new()),
        entries => entries.map_err(at(&root))?,
    };
    let names = entries.map(|entry| Ok(entry.map_err(at(&root))?.file_name()));
    let names: Result<Vec<_>, FolderError> = names.collect();
    Ok(names?.iter().filter_map(|name| here::thing_of(name.to_str()?)).collect())
}

/// Removes what was being written when the program was cut off.
pub(crate) fn clear_unfinished(folder: &Folder) {
    let entries = fs::read_dir(folder.things_root()).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let left = paths.filter(|path| path.extension().is_some_and(|word| word == "unfinished"));
    left.for_each(|path| ignore(fs::remove_file(path)));
}

/// Removes what was put into packs from what waits.
pub(crate) fn clear_waiting(folder: &Folder, shown: &ShownThings) {
    let waiting = shown.iter().map(|(kind, hash)| waiting_path(folder, *kind, hash));
    waiting.for_each(|path| ignore(fs::remove_file(path)));
}

/// Removes the packs of an own channel that its version does not name any more.
pub(crate) fn clear_packs(folder: &Folder) {
    let Some(manifest) = folder.manifest().filter(|_| folder.is_own()) else { return };
    let needed: BTreeSet<_> =
        manifest.packs.iter().filter_map(|pack| folder.pack_file(&pack.file)).collect();
    let old = here::all(folder).into_iter().filter(|path| !needed.contains(path));
    let roots = old.filter_map(|path| Some(path.parent()?.to_owned()));
    roots.for_each(|root| ignore(fs::remove_dir_all(root)));
}

/// What cannot be removed costs space and nothing else.
fn ignore(removed: io::Result<()>) {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::debug!(%error, "what is not needed any more is not removed");
        }
        _ => {}
    }
}

/// What a title shows.
pub(crate) fn shown(title: &Title) -> ShownThings {
    let all = records(title, 0).into_iter();
    all.flat_map(|record| packed_things(&record.detail)).collect()
}

/// Things that are in no pack yet. What waits nowhere cannot be published: a title without its picture is still a title.
fn fresh(folder: &Folder, packs: &[PackRef], kind: PackKind, shown: &ShownThings) -> Things {
    let mut fresh = Things::new();
    for (_, hash) in shown.iter().filter(|(one, _)| *one == kind) {
        let is_packed = packs.iter().filter(|pack| pack.kind == kind && pack.may_have(hash));
        let mut is_packed = is_packed.filter_map(|pack| {
            PackFile::open(&folder.pack_file(&pack.file)?)?.thing(pack.header(), hash)
        });
        let length = || fs::metadata(waiting_path(folder, kind, hash)).ok()?.len().try_into().ok();
        if is_packed.next().is_none()
            && let Some(length) = length()
        {
            fresh.insert(*hash, length);
        }
    }
    fresh
}

/// The packs that are put together: eight of one size, or all small ones if something was taken back, so that
/// nobody goes on sharing its pictures.
fn folded(packs: &[PackRef], kind: PackKind, is_cleaning: bool) -> Option<Vec<PackRef>> {
    let of_kind = || packs.iter().filter(|pack| pack.kind == kind);
    if is_cleaning {
        return Some(of_kind().cloned().collect()).filter(|all: &Vec<_>| !all.is_empty());
    }
    let size = |pack: &&PackRef| SIZES.iter().position(|most| pack.file.length < *most);
    let full =
        (0..SIZES.len()).find(|at| of_kind().filter(|one| size(one) == Some(*at)).count() >= FOLD);
    full.map(|full| of_kind().filter(|one| size(one) == Some(full)).cloned().collect())
}

/// Everything that some title of the next version shows.
fn still_shown(
    folder: &Folder,
    last: &Manifest,
    changing: &Changing,
) -> Result<BTreeSet<(PackKind, [u8; 32])>, PublishError> {
    let gone: BTreeSet<_> = (changing.withdrawn.iter())
        .filter(|one| one.infohash.is_none())
        .map(|one| RecordId::of(&one.id))
        .chain(changing.titles.iter().copied())
        .collect();
    let details = last.segments.iter().filter(|one| one.family == Family::Details);
    let details: Vec<_> = details
        .map(|described| Some((described, folder.segment(&described.file)?)))
        .collect::<Option<_>>()
        .ok_or(catalogue::channel::CannotPublish::Missing)?;
    let supplied: Vec<_> =
        details.iter().map(|(described, bytes)| Supplied { described, bytes }).collect();
    let mut things = changing.shown.clone();
    family_state(Family::Details, last, &supplied, |id, detail| {
        if !gone.contains(&id) {
            things.extend(packed_things(&detail));
        }
    })
    .map_err(|why: BadChannel| catalogue::channel::CannotPublish::from(why))?;
    Ok(things)
}

/// Puts the things of some packs that are still shown into new ones. Packs that are not whole here stay as they are;
/// says whether there were none.
fn fold(
    folder: &Folder,
    packs: &mut Vec<PackRef>,
    folded: &[PackRef],
    kind: PackKind,
    shown: &ShownThings,
) -> Result<bool, PublishError> {
    let mut things = Things::new();
    let mut replaced = vec![];
    for pack in folded {
        let Some(all) = whole(folder, pack) else { continue };
        let left: Vec<_> = all.iter().filter(|(hash, _)| shown.contains(&(kind, **hash))).collect();
        things.extend(left.into_iter().map(|(hash, length)| (*hash, *length)));
        replaced.push(pack.clone());
    }
    let is_all = replaced.len() == folded.len();
    let held: usize = replaced.iter().map(|pack| usize::try_from(pack.things).unwrap_or(0)).sum();
    if replaced.len() <= 1 && held == things.len() {
        return Ok(is_all);
    }
    let written = write(folder, kind, &things)?;
    packs.retain(|pack| !replaced.contains(pack));
    packs.extend(written);
    Ok(is_all)
}

/// Everything in a pack, if all of it is here.
fn whole(folder: &Folder, pack: &PackRef) -> Option<Things> {
    let mut file = PackFile::open(&folder.pack_file(&pack.file)?)?;
    let things = file.things(pack.header());
    let is_whole = things.len() as u64 == pack.things
        && things.iter().all(|thing| file.bytes(thing).is_some());
    is_whole.then(|| things.into_iter().map(|thing| (thing.sha256, thing.length)).collect())
}

/// Writes packs of things that wait or are in other packs.
fn write(folder: &Folder, kind: PackKind, things: &Things) -> Result<Vec<PackRef>, PublishError> {
    let plans = PackPlan::of(kind, things);
    plans.iter().map(|plan| write_one(folder, kind, plan)).collect()
}

fn write_one(folder: &Folder, kind: PackKind, plan: &PackPlan) -> Result<PackRef, PublishError> {
    let unfinished = folder.packs_root().join("unfinished");
    let disk = |error| FolderError::Disk { path: unfinished.clone(), source: error };
    durable::create_folder(&folder.packs_root()).map_err(disk)?;
    let sha256 = write_bytes(folder, kind, plan, &unfinished)?;
    let name = pack_name(&sha256);
    let mut hashing = pack_torrent(&name, plan.length())?;
    feed(&mut hashing, &unfinished).map_err(disk)??;
    let metainfo = hashing.finish()?;
    let place = Where::Torrent(metainfo.info.hashes());
    let root = folder.pack_root(&metainfo.info.hashes());
    durable::create_folder(&root).map_err(disk)?;
    fs::rename(&unfinished, root.join(name)).map_err(disk)?;
    let description = root.join(super::sharing::DESCRIPTION);
    durable::write(&description, &metainfo.to_bytes()).map_err(at(&description))?;
    Ok(plan.described(FileRef { sha256, length: plan.length(), place }))
}

/// Writes the file and returns its hash.
fn write_bytes(
    folder: &Folder,
    kind: PackKind,
    plan: &PackPlan,
    path: &Path,
) -> Result<[u8; 32], PublishError> {
    let disk = |error| FolderError::Disk { path: path.to_owned(), source: error };
    let mut file = io::BufWriter::new(File::create(path).map_err(disk)?);
    let mut hasher = Sha256Hasher::new();
    let mut put = |bytes: &[u8]| {
        hasher.update(bytes);
        file.write_all(bytes)
    };
    put(&plan.head()).map_err(disk)?;
    for thing in plan.things() {
        let bytes = here::find(folder, &[], kind, &thing.sha256);
        let bytes = bytes.filter(|bytes| bytes.len() == thing.length as usize);
        put(&bytes.ok_or(OwnError::ThingGone)?).map_err(disk)?;
    }
    let file = file.into_inner().map_err(|error| disk(error.into_error()))?;
    file.sync_all().map_err(disk)?;
    Ok(hasher.finish().0)
}

/// The description of a pack whose file is here as a whole, made anew.
pub(crate) fn described_anew(folder: &Folder, file: &FileRef) -> Option<Metainfo> {
    let path = folder.pack_file(file)?;
    let mut hashing = pack_torrent(&pack_name(&file.sha256), file.length).ok()?;
    feed(&mut hashing, &path).ok()?.ok()?;
    let made = hashing.finish().ok()?;
    (file.place == Where::Torrent(made.info.hashes())).then_some(made)
}

fn feed(hashing: &mut Hashing, path: &Path) -> io::Result<Result<(), CannotCreate>> {
    let mut file = File::open(path)?;
    let mut part = vec![0; 1 << 20];
    loop {
        let read = io::Read::read(&mut file, &mut part)?;
        if read == 0 {
            return Ok(Ok(()));
        }
        if let Err(error) = hashing.feed(&part[..read]) {
            return Ok(Err(error));
        }
    }
}
