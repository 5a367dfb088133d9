//! The content of one torrent on disk: content ranges become ranges of files, padding is zeros.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, IoSlice},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use engine::{DiskFault, TorrentId};
use torrent::{
    Metainfo, Piece,
    hash::{self, LANES},
    paths::Os,
};

use super::{place, positional};

/// Whose rules for names this program is built for.
const OS: Os = if cfg!(windows) {
    Os::Windows
} else if cfg!(target_os = "macos") {
    Os::Mac
} else {
    Os::Linux
};
/// Files that a session keeps open.
const HANDLES_MAX: usize = 128;
/// Bytes of all pieces that are hashed together: the system is asked to read them ahead, so that a disk that turns need not
/// go back and forth between them.
const AHEAD_MAX: u64 = 64 << 20;

/// Where a torrent's bytes lie.
#[derive(Debug)]
pub(crate) struct Content {
    torrent: TorrentId,
    metainfo: Arc<Metainfo>,
    root: PathBuf,
    handles: Arc<Handles>,
    /// Whether something was written: files without bytes, which no block will make, are made then.
    begun: AtomicBool,
    hashed_together: bool,
}

impl Content {
    pub(crate) fn new(
        torrent: TorrentId,
        metainfo: Arc<Metainfo>,
        root: PathBuf,
        handles: Arc<Handles>,
    ) -> Self {
        let hashed_together = are_hashed_together(&metainfo);
        Self { torrent, metainfo, root, handles, begun: AtomicBool::new(false), hashed_together }
    }

    pub(crate) fn torrent(&self) -> TorrentId {
        self.torrent
    }

    pub(crate) fn metainfo(&self) -> &Arc<Metainfo> {
        &self.metainfo
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the SHA-1 of several pieces together is had sooner than theirs one by one.
    pub(crate) fn is_hashed_together(&self) -> bool {
        self.hashed_together
    }

    /// The content range of a piece, as long as it is on the wire.
    pub(crate) fn piece_range(&self, piece: Piece) -> Range<u64> {
        let geometry = self.metainfo.info.geometry();
        let start = geometry.piece_start(piece);
        start..start + u64::from(geometry.piece_len(piece))
    }

    /// Reads a content range.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(length(&range)?);
        self.read_into(range, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a content range in place of what `bytes` held. Memory that was read into before is there already, and in
    /// the processor's cache: new memory would cost as much as the reading.
    pub(crate) fn read_into(&self, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        for slice in self.metainfo.info.slices(range) {
            match slice.file {
                Some(file) => {
                    let file = self.open(file, false)?;
                    positional::read(&file, slice.offset_in_file, slice.len, bytes)?;
                }
                None => bytes.resize(bytes.len() + length(&(0..slice.len))?, 0),
            }
        }
        Ok(())
    }

    /// Has the system read a content range ahead, if it can: advice, so nothing is said of failures.
    pub(crate) fn read_ahead(&self, range: Range<u64>) {
        for slice in self.metainfo.info.slices(range) {
            if let Some(Ok(file)) = slice.file.map(|file| self.open(file, false)) {
                positional::read_ahead(&file, slice.offset_in_file, slice.len);
            }
        }
    }

    /// Writes bytes that follow each other at a content offset; what falls on padding is not written.
    pub(crate) fn write(&self, offset: u64, parts: &[IoSlice<'_>]) -> io::Result<()> {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.create_empty_files()?;
        }
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let mut parts = parts.to_vec();
        let mut left = &mut parts[..];
        for slice in self.metainfo.info.slices(offset..offset + len as u64) {
            let len = length(&(0..slice.len))?;
            match slice.file {
                Some(file) => {
                    let file = self.open(file, true)?;
                    positional::write(&file, slice.offset_in_file, &mut left, len)?;
                }
                None => IoSlice::advance_slices(&mut left, len),
            }
        }
        Ok(())
    }

    /// Gives the space of a content range back to the system.
    pub(crate) fn punch(&self, range: Range<u64>) -> io::Result<()> {
        for slice in self.metainfo.info.slices(range) {
            if let Some(file) = slice.file {
                positional::punch(&*self.open(file, true)?, slice.offset_in_file, slice.len)?;
            }
        }
        Ok(())
    }

    /// Whether any byte of a content range may have been written: false only where a file is missing,
    /// too short, or has a hole.
    pub(crate) fn may_hold(&self, range: Range<u64>) -> bool {
        self.metainfo.info.slices(range).iter().any(|slice| {
            let Some(file) = slice.file else { return false };
            self.open(file, false)
                .and_then(|file| positional::has_data(&file, slice.offset_in_file, slice.len))
                .unwrap_or(false)
        })
    }

    /// Makes everything written to the files of some content ranges survive a loss of power.
    pub(crate) fn sync(&self, ranges: impl Iterator<Item = Range<u64>>) -> io::Result<()> {
        let mut files: Vec<usize> = ranges
            .flat_map(|range| self.metainfo.info.slices(range))
            .filter_map(|slice| slice.file)
            .collect();
        files.sort_unstable();
        files.dedup();
        files.into_iter().try_for_each(|file| self.open(file, false)?.sync_data())
    }

    /// The length and the time of last change of every file, as the file system has them; `None` for one
    /// that is not there.
    pub(crate) fn stamps(&self) -> Vec<Option<Stamp>> {
        (0..self.metainfo.info.files().len()).map(|file| self.stamp(file).ok()).collect()
    }

    fn stamp(&self, file: usize) -> io::Result<Stamp> {
        let found = self.open(file, false)?.metadata()?;
        let changed = found
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
        Ok(Stamp { len: found.len(), changed })
    }

    fn create_empty_files(&self) -> io::Result<()> {
        let files = self.metainfo.info.files().iter().enumerate();
        let mut empty = files.filter(|(_, file)| file.length == 0);
        empty.try_for_each(|(file, _)| self.open(file, true).map(drop))
    }

    /// Deletes the torrent's files; those that are not there are no matter.
    pub(crate) fn delete(&self) -> io::Result<()> {
        self.close();
        for file in 0..self.metainfo.info.files().len() {
            match place::delete(&self.root, self.path(file)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
                _ => {}
            }
        }
        Ok(())
    }

    /// Closes the torrent's files.
    pub(crate) fn close(&self) {
        self.handles.forget(self.torrent);
    }

    fn open(&self, file: usize, write: bool) -> io::Result<Arc<File>> {
        self.handles.get((self.torrent, file), write, || {
            if write {
                let len = self.metainfo.info.files().get(file).map_or(0, |file| file.length);
                place::open_to_write(&self.root, self.path(file), len)
            } else {
                place::open_to_read(&self.root, self.path(file))
            }
        })
    }

    fn path(&self, file: usize) -> &[String] {
        self.metainfo.info.file_path(file, OS)
    }
}

/// Where the processor hashes messages side by side, and pieces are not so long that they could not all be read ahead. Of
/// v2 pieces the blocks are hashed, which are many in each.
fn are_hashed_together(metainfo: &Metainfo) -> bool {
    let info = &metainfo.info;
    let together = u64::from(info.geometry().nominal_piece_len()) * LANES as u64;
    !info.version().has_v2() && together <= AHEAD_MAX && hash::sha1_side_by_side_pays()
}

/// What tells that a file was not touched since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Bytes.
    pub(crate) len: u64,
    /// Nanoseconds since 1970.
    pub(crate) changed: u64,
}

fn length(range: &Range<u64>) -> io::Result<usize> {
    usize::try_from(range.end - range.start).map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// What a failure of the file system means to the engine.
pub(crate) fn fault(why: &io::Error) -> DiskFault {
    match why.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            DiskFault::Full
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => DiskFault::Denied,
        _ => DiskFault::Broken,
    }
}

/// The open files of a session: at most [`HANDLES_MAX`], the least recently used closed first.
#[derive(Debug, Default)]
pub(crate) struct Handles(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    /// Counts uses.
    now: u64,
    files: BTreeMap<(TorrentId, usize), Handle>,
}

#[derive(Debug)]
struct Handle {
    file: Arc<File>,
    writable: bool,
    used: u64,
}

impl Handles {
    /// The open file, opened if it is not open yet (or not for writing).
    fn get(
        &self,
        name: (TorrentId, usize),
        write: bool,
        open: impl FnOnce() -> io::Result<File>,
    ) -> io::Result<Arc<File>> {
        if let Some(file) = self.lock().find(name, write) {
            return Ok(file);
        }
        let file = Arc::new(open()?);
        self.lock().keep(name, Arc::clone(&file), write);
        Ok(file)
    }

    /// Closes the files of a torrent.
    fn forget(&self, torrent: TorrentId) {
        self.lock().files.retain(|(of, _), _| *of != torrent);
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn find(&mut self, name: (TorrentId, usize), write: bool) -> Option<Arc<File>> {
        self.now += 1;
        let handle = self.files.get_mut(&name).filter(|handle| handle.writable || !write)?;
        handle.used = self.now;
        Some(Arc::clone(&handle.file))
    }

    fn keep(&mut self, name: (TorrentId, usize), file: Arc<File>, writable: bool) {
        self.files.insert(name, Handle { file, writable, used: self.now });
        while self.files.len() > HANDLES_MAX {
            let oldest = self.files.iter().min_by_key(|(_, handle)| handle.used);
            let Some(oldest) = oldest.map(|(name, _)| *name) else { return };
            self.files.remove(&oldest);
        }
    }
}
