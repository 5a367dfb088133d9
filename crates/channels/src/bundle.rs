//! A channel that comes in one file: taken in without a network, and followed like any other from then on.

use std::path::Path;

use catalogue::channel::{BadBundle, Bundle, HEAD_NAME, Key};
use library::Library;

use crate::{
    durable,
    folder::{Channels, Folder, Followed, at},
    follow::{FollowError, now_ms},
    import::{Heads, import},
};

/// Why there is no bundle of a channel, or why one cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The bundle cannot be used, or cannot be made.
    #[error("the bundle cannot be used: {0}")]
    Bad(#[from] BadBundle),
    /// What is kept of the channel cannot be used, or the library refuses.
    #[error(transparent)]
    Follow(#[from] FollowError),
}

/// The version of a channel that is here as a bundle.
///
/// # Errors
/// None is here, or it is too large.
pub fn bundle(folder: &Folder) -> Result<Vec<u8>, BundleError> {
    let manifest = folder.manifest().ok_or(FollowError::Unknown)?;
    let files = folder.head_files().ok_or(FollowError::Unknown)?;
    let standing = folder.standing().map_err(FollowError::from)?;
    Ok(Bundle { standing, manifest, files }.to_bytes()?)
}

/// Whose channel a bundle has, all of it checked.
///
/// # Errors
/// The bundle is not what its publisher signed.
pub fn key_of_bundle(bytes: &[u8]) -> Result<Key, BundleError> {
    Ok(*Bundle::read(bytes, now_ms())?.standing.key())
}

/// Follows the channel of a bundle from now on: its titles are in the library when this returns. A channel that is
/// followed, or our own, stays as it is. Returns its key.
///
/// # Errors
/// The bundle is not what its publisher signed, or it cannot be kept; then it is not followed.
pub fn take_in(channels: &Channels, library: &Library, bytes: &[u8]) -> Result<Key, BundleError> {
    let bundle = Bundle::read(bytes, now_ms())?;
    let key = *bundle.standing.key();
    let folder = channels.folder(key);
    if folder.is_followed() || folder.is_own() || folder.moved_to().is_some() {
        return Ok(key);
    }
    let taken = keep(&folder, library, &bundle);
    if taken.is_err() {
        folder.remove().map_err(FollowError::from)?;
    }
    taken.map(|()| key).map_err(BundleError::from)
}

fn keep(folder: &Folder, library: &Library, bundle: &Bundle) -> Result<(), FollowError> {
    let head = bundle.standing.head().ok_or(FollowError::Unknown)?;
    folder.make()?;
    let path = folder.head_root(&head.torrent).join(HEAD_NAME);
    durable::create_folder(&path).map_err(at(&path))?;
    let write = |path: &Path, bytes: &[u8]| durable::write(path, bytes).map_err(at(path));
    for (name, bytes) in &bundle.files {
        write(&path.join(name), bytes)?;
    }
    folder.merge(&bundle.standing)?;
    folder.set_followed(&Followed::default())?;
    import(folder, Heads::of(&path), library, &bundle.manifest, || {
        Ok(folder.set_current(&head.torrent)?)
    })?;
    Ok(())
}
