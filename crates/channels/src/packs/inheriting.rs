//! Packs that go with a channel which is handed over: its heir names the same ones, so they are the same torrents.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use driver::Session;

use super::sharing;
use crate::{
    durable,
    fetch::FetchError,
    folder::{Folder, FolderError, at},
};

/// What becomes of the packs where they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// They stay there too.
    Both,
    /// They go.
    Heir,
}

/// Gives an heir what is here of the packs. What it has already stays.
///
/// # Errors
/// The disk refuses.
pub(crate) fn link(old: &Folder, heir: &Folder, leaving: Leaving) -> Result<(), FolderError> {
    let is_pack = |path: &PathBuf| path.is_dir() && path.extension().is_none();
    for root in inside(&old.packs_root())?.into_iter().filter(is_pack) {
        let target = heir.packs_root().join(root.file_name().unwrap_or_default());
        if !target.exists() {
            link_files(&root, &target)?;
        }
        if leaving == Leaving::Heir {
            fs::remove_dir_all(&root).map_err(at(&root))?;
        }
    }
    Ok(())
}

/// Gives an heir what waits to be put into packs.
///
/// # Errors
/// The disk refuses.
pub(crate) fn link_waiting(old: &Folder, heir: &Folder) -> Result<(), FolderError> {
    link_files(&old.things_root(), &heir.things_root())
}

/// A follower's packs go with the channel, and are shared from where they are then.
///
/// # Errors
/// The disk or the session refuses.
pub(crate) async fn go_along(
    session: &Session,
    old: &Folder,
    heir: &Folder,
) -> Result<(), FetchError> {
    let leaving = if old.is_own() { Leaving::Both } else { Leaving::Heir };
    if leaving == Leaving::Heir {
        describe(session, old)?;
        sharing::leave_old(session, old, None).await;
    }
    let (from, to) = (old.clone(), heir.clone());
    let work = tokio::task::spawn_blocking(move || link(&from, &to, leaving));
    work.await.unwrap_or(Err(FolderError::Interrupted))?;
    sharing::seed(session, heir, sharing::Holding::Opened).await
}

/// Writes the descriptions of packs beside them: the session forgets those of torrents that it leaves.
fn describe(session: &Session, folder: &Folder) -> Result<(), FolderError> {
    for torrent in session.torrents() {
        let root = folder.pack_root(&torrent.hashes());
        if let Some(metainfo) = torrent.known_metainfo().filter(|_| root.exists()) {
            let path = root.join(sharing::DESCRIPTION);
            durable::write(&path, &metainfo.to_bytes()).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// Links the files of a folder, or copies them where that cannot be. The new folder is there when all of them are.
fn link_files(from: &Path, to: &Path) -> Result<(), FolderError> {
    let files = inside(from)?;
    if files.is_empty() {
        return Ok(());
    }
    let unfinished = to.with_extension("unfinished");
    remove(&unfinished)?;
    durable::create_folder(&unfinished).map_err(at(&unfinished))?;
    for file in files {
        let target = unfinished.join(file.file_name().unwrap_or(OsStr::new("")));
        if fs::hard_link(&file, &target).is_err() {
            fs::copy(&file, &target).map_err(at(&file))?;
        }
    }
    fs::rename(&unfinished, to).map_err(at(to))
}

fn remove(folder: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(at(folder)(error)),
        Ok(entries) => {
            let entries: io::Result<Vec<_>> = entries.collect();
            Ok(entries.map_err(at(folder))?.into_iter().map(|entry| entry.path()).collect())
        }
    }
}
