//! What of a channel's packs is on this disk. A pack has holes where nothing was fetched, so nothing counts but the hash.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use catalogue::Digest;
use catalogue::channel::{
    PACK_HEADER, PACK_LINE, PackHeader, PackKind, PackRef, PackSearch, THING_MAX, Thing,
};
use torrent::hash::sha256;

use crate::folder::Folder;

/// A thing that is here: in one of these packs, in one that the channel had before, or waiting to be published.
pub(super) fn find(
    folder: &Folder,
    candidates: &[PackRef],
    kind: PackKind,
    hash: &[u8; 32],
) -> Option<Vec<u8>> {
    let named = candidates.iter().filter_map(|pack| {
        let path = folder.pack_file(&pack.file)?;
        PackFile::open(&path)?.thing(pack.header(), hash)
    });
    let others = all(folder).into_iter().filter_map(|path| {
        let mut file = PackFile::open(&path)?;
        let header = file.header().filter(|header| header.kind == kind)?;
        file.thing(header, hash)
    });
    named.chain(others).next().or_else(|| waiting(folder, kind, hash))
}

/// Where a thing lies that its publisher has and that no pack has yet.
pub(super) fn waiting_path(folder: &Folder, kind: PackKind, hash: &[u8; 32]) -> PathBuf {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.things_root().join(format!("{}-{hex}", kind.number()))
}

/// The thing that waits under a name; nothing for a file that is none.
pub(super) fn thing_of(name: &str) -> Option<(PackKind, [u8; 32])> {
    let (kind, hex) = name.split_once('-')?;
    let kind = PackKind::ALL.into_iter().find(|one| one.number().to_string() == kind)?;
    let hash = Digest::try_from(hex.to_owned()).ok()?;
    Some((kind, hash.0))
}

fn waiting(folder: &Folder, kind: PackKind, hash: &[u8; 32]) -> Option<Vec<u8>> {
    let bytes = fs::read(waiting_path(folder, kind, hash)).ok()?;
    (sha256(&bytes).0 == *hash).then_some(bytes)
}

/// The files of all packs that are on this disk, named by the manifest or not.
pub(super) fn all(folder: &Folder) -> Vec<PathBuf> {
    let inside = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let files = inside(&folder.packs_root()).into_iter().flat_map(|root| inside(&root));
    let is_pack = |path: &PathBuf| path.extension().is_some_and(|word| word == "pack");
    files.filter(is_pack).collect()
}

/// The files of packs that the version which is here does not name, each with what was opened of it.
pub(super) fn left_over(folder: &Folder) -> Vec<(PathBuf, PackKind, Vec<[u8; 32]>)> {
    let Some(manifest) = folder.manifest() else { return vec![] };
    let named: Vec<_> =
        manifest.packs.iter().filter_map(|pack| folder.pack_file(&pack.file)).collect();
    let old = all(folder).into_iter().filter(|path| !named.contains(path));
    let opened = old.filter_map(|path| {
        let mut file = PackFile::open(&path)?;
        // Of one whose header never came nothing can be told.
        let Some(header) = file.header() else { return Some((path, PackKind::Pictures, vec![])) };
        let mut seen = file.things(header);
        seen.retain(|thing| file.bytes(thing).is_some());
        Some((path, header.kind, seen.into_iter().map(|thing| thing.sha256).collect()))
    });
    opened.collect()
}

/// The file of a pack.
pub(super) struct PackFile(File);

impl PackFile {
    pub(super) fn open(path: &Path) -> Option<Self> {
        File::open(path).ok().map(Self)
    }

    pub(super) fn header(&mut self) -> Option<PackHeader> {
        let bytes = self.part(0..PACK_HEADER as u64).ok()?;
        PackHeader::read(bytes.first_chunk()?).ok()
    }

    /// A thing, if it is not in a hole.
    pub(super) fn thing(&mut self, header: PackHeader, hash: &[u8; 32]) -> Option<Vec<u8>> {
        let found = PackSearch::find(header, *hash, |range| self.part(range).ok());
        self.bytes(&found.ok()??)
    }

    /// The bytes at a thing's place, if they are its bytes.
    pub(super) fn bytes(&mut self, thing: &Thing) -> Option<Vec<u8>> {
        let bytes = self.part(thing.start..thing.end()).ok()?;
        (sha256(&bytes).0 == thing.sha256).then_some(bytes)
    }

    /// The lines of the index, as far as they are not in a hole.
    pub(super) fn things(&mut self, header: PackHeader) -> Vec<Thing> {
        let index = self.part(PACK_HEADER as u64..header.data_start()).unwrap_or_default();
        let (lines, _) = index.as_chunks::<PACK_LINE>();
        lines.iter().filter_map(|line| header.thing(line).ok()).collect()
    }

    /// A part of the file. What is asked for is a thing or a part of an index, both of which are bounded.
    fn part(&mut self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let length = range.end.saturating_sub(range.start);
        let most = (catalogue::channel::PACK_MAX).max(THING_MAX.into());
        if length > most || range.end > self.0.metadata()?.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.seek(SeekFrom::Start(range.start))?;
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
