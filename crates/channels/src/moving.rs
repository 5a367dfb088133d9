//! Going on under another key: a publisher hands a channel over, and its followers go with it.
//!
//! The first root that was seen promised the next key by a hash; a statement that both keys signed fulfils it
//! (`catalogue::channel::Rotation`). What was kept of the old key stays, so that whoever knows only the old address
//! meets somebody who has the statement.

use std::time::Duration;

use catalogue::channel::{Address, Key, Standing};
use driver::Session;
use library::{Library, LibraryError};

use crate::{
    folder::{Channels, Folder, FolderError, Followed, MovedHere},
    follow::{self, FollowError, Tell, Update, now_ms},
    packs::inheriting,
};

/// How often a channel may have been handed over on the way from an address to its newest key.
const HANDS_MAX: usize = 16;

/// Where a channel is now, as far as it is known here.
pub(crate) fn newest(channels: &Channels, address: &Address) -> Result<Address, FolderError> {
    let mut newest = address.clone();
    for _ in 0..HANDS_MAX {
        match successor(&channels.folder(newest.key))? {
            Some(next) => newest.key = next,
            None => break,
        }
    }
    Ok(newest)
}

fn successor(folder: &Folder) -> Result<Option<Key>, FolderError> {
    match folder.standing() {
        Ok(standing) => Ok(standing.rotation().map(|rotation| *rotation.new_key())),
        // Whoever begins anew with a damaged channel is told so where its files are used.
        Err(FolderError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A channel that was handed over has no news any more but that.
pub(crate) fn handed_over(folder: &Folder, standing: &Standing) -> Option<Update> {
    standing.rotation()?;
    Some(follow::as_it_is(folder, standing, folder.manifest().as_ref()))
}

/// Follows what comes after a channel, and leaves the channel to those who know only its address.
pub(crate) async fn move_on(
    session: &Session,
    channels: &Channels,
    library: &Library,
    key: Key,
    patience: Duration,
    tell: Tell<'_>,
) -> Result<Update, FollowError> {
    let folder = channels.folder(key);
    let followed = folder.followed()?.ok_or(FollowError::NotFollowed)?;
    let next = successor(&folder)?.ok_or(FollowError::NotMoved)?;
    let peers = follow::hints(&folder)?;
    let address = Address { peers, mirrors: folder.mirrors(), ..Address::new(next) };
    let update = follow::follow(session, channels, library, &address, patience, tell).await?;
    let _turn = channels.turn(key).await;
    if folder.is_followed() {
        let heir = channels.folder(update.key);
        bring(library, &folder, &heir, followed).await?;
        if let Err(error) = inheriting::go_along(session, &folder, &heir).await {
            // What was opened may be fetched again.
            tracing::warn!(channel = %heir.key().short(), %error, "pictures did not go along");
        }
    }
    Ok(update)
}

/// What people did goes with the titles. Whatever is interrupted here is done again the next time.
async fn bring(
    library: &Library,
    old: &Folder,
    heir: &Folder,
    followed: Followed,
) -> Result<(), FollowError> {
    let moved = MovedHere { from: old.key().to_string(), at_ms: now_ms() };
    heir.set_followed(&Followed { moved: Some(moved), ..followed })?;
    let (giving, from, to) = (library.clone(), old.key().to_string(), heir.key().to_string());
    let given = tokio::task::spawn_blocking(move || giving.inherit(&from, &to)).await;
    given.unwrap_or(Err(LibraryError::Closed))?;
    follow::remove_titles(library, old.key()).await?;
    old.set_moved_to(heir.key())?;
    Ok(old.forget_followed()?)
}

/// Whoever leaves a channel keeps nothing of the keys that it had before.
pub(crate) async fn forget_before(
    session: Option<&Session>,
    channels: &Channels,
    key: &Key,
) -> Result<(), FollowError> {
    let mut left = vec![*key];
    while let Some(key) = left.pop() {
        for folder in channels.kept()? {
            if folder.moved_to() == Some(key) && !folder.is_own() {
                follow::leave(session, &folder).await;
                folder.remove()?;
                left.push(*folder.key());
            }
        }
    }
    Ok(())
}
