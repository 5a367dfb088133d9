//! How much of the disk followed channels may take: whoever follows many large ones keeps room for something else.
//!
//! What is published here is ours and counts for nothing. Pictures and subtitles are in packs, which make room as films do.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use catalogue::channel::Manifest;

use crate::folder::{Channels, Folder, FolderError};

/// The limit of a household, bytes; none at first.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<AtomicU64>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }
}

impl Room {
    fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A version that would make followed channels larger than they may be together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "with this version followed channels would take {} MiB of the disk, and they may take {} MiB", needed >> 20,
    most >> 20
)]
pub struct NoRoom {
    /// What all of them would take, bytes.
    pub needed: u64,
    /// What they may take, bytes.
    pub most: u64,
}

/// Why it is not known that a version fits, or that it does not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Channels {
    /// Lets followed channels take so many bytes of the disk, all of them together. Nothing that is here goes: versions that
    /// do not fit are not fetched.
    pub fn allow(&self, bytes: u64) {
        self.room().0.store(bytes, Ordering::Relaxed);
    }

    /// What the versions of followed channels take that are here, bytes.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn followed_bytes(&self) -> Result<u64, FolderError> {
        Ok(together(&self.kept()?))
    }
}

impl Folder {
    /// Whether there is room for a version of it. One that is no larger than what is here of it always has room: a limit that
    /// was lowered takes no news away.
    pub(crate) fn has_room_for(&self, version: &Manifest) -> Result<(), Unfit> {
        let most = self.room().bytes();
        let (now, next) = (self.manifest().map_or(0, |now| bytes_of(&now)), bytes_of(version));
        if self.is_own() || most == u64::MAX || next <= now {
            return Ok(());
        }
        let needed = together(&self.others()?).saturating_add(next);
        if needed > most { Err(NoRoom { needed, most }.into()) } else { Ok(()) }
    }
}

/// What those of others take together, bytes.
fn together(folders: &[Folder]) -> u64 {
    let theirs = folders.iter().filter(|one| !one.is_own());
    let bytes = theirs.filter_map(Folder::manifest).map(|one| bytes_of(&one));
    bytes.fold(0, u64::saturating_add)
}

/// What a version takes: its segments, those of the head torrent among them.
fn bytes_of(manifest: &Manifest) -> u64 {
    manifest.segments.iter().fold(0, |sum, one| u64::saturating_add(sum, one.file.length))
}
