//! The starter channel: a household that has just begun follows it, as it would any other, until somebody leaves it.

use std::{fs, path::Path};

use catalogue::channel::Key;
use channels::{BundleError, Channels};
use library::{Library, LibraryError};

use crate::failure::{Exit, Failure};

/// Where it is noted which starter channel was offered: one that somebody left does not come back.
const OFFERED: &str = "starter-channel";
/// The name of the catalogue file's titles in the library.
const CURATED: &str = "starter";

/// Follows the starter channel that comes with the program, or the one in a file, unless it was offered before.
///
/// # Errors
/// The file is no bundle of a channel, or the disk refuses.
pub(crate) fn offer(
    root: &Path,
    channels: &Channels,
    library: &Library,
    named: Option<&Path>,
) -> Result<(), Failure> {
    let shipped = catalogue::STARTER_CHANNEL;
    let taken = match named {
        Some(path) => {
            take_in(root, channels, library, &read(path)?).map_err(|why| unusable(path, &why))?
        }
        None if shipped.is_empty() => return show_curated(library),
        None => match take_in(root, channels, library, shipped) {
            Ok(taken) => taken,
            // A wrong clock is enough for that: the films are shown all the same.
            Err(why) => {
                tracing::warn!(%why, "the starter channel is not followed");
                return show_curated(library);
            }
        },
    };
    match library.remove_source(CURATED) {
        Ok(()) | Err(LibraryError::NotFound { .. }) => note(root, &taken),
        Err(error) => Err(crate::serve::library_failure(&error)),
    }
}

/// Follows it, unless that was done before.
fn take_in(
    root: &Path,
    channels: &Channels,
    library: &Library,
    bytes: &[u8],
) -> Result<Key, BundleError> {
    let offered = fs::read_to_string(root.join(OFFERED)).ok();
    match offered.and_then(|text| Key::parse(text.trim())) {
        Some(key) if channels::key_of_bundle(bytes)? == key => Ok(key),
        _ => channels::take_in(channels, library, bytes),
    }
}

fn note(root: &Path, key: &Key) -> Result<(), Failure> {
    let path = root.join(OFFERED);
    fs::write(&path, key.to_string())
        .map_err(|error| crate::folder_lock::denied(&path, &error, "--data-dir"))
}

/// The films of the catalogue file, while the program has no channel of its own.
fn show_curated(library: &Library) -> Result<(), Failure> {
    let starter =
        catalogue::starter().map_err(|error| crate::serve::bad_catalogue(CURATED, &error))?;
    library.import(starter, None).map_err(|error| crate::serve::library_failure(&error))?;
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        let message = format!("The starter channel {} cannot be read: {error}.", path.display());
        Failure::new(Exit::NotFound, "starter_unreadable", message, "Check `starter_channel`.")
    })
}

fn unusable(path: &Path, why: &BundleError) -> Failure {
    let message = format!("{} is no starter channel: {why}.", path.display());
    let hint =
        "Make it with `kinora channel export --format bundle`, or leave `starter_channel` out.";
    Failure::new(Exit::BadInput, "starter_bad", message, hint)
}
