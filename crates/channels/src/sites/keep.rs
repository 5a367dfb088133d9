//! Sites that are here: shared again after a start, forgiven, and forgotten.

use catalogue::channel::Key;
use driver::Session;

use super::{SiteError, visit};
use crate::{folder::Channels, follow::leave_old, name_swarm};

/// Gives the version of a site that is here to others; nothing happens if none is.
///
/// # Errors
/// Its files are damaged, or the disk refuses.
pub async fn share_site(session: &Session, sites: &Channels, key: Key) -> Result<(), SiteError> {
    visit::seed(session, &sites.folder(key)).await
}

/// Takes updates of a site again whose key signed two different things, because a person says so. Nothing older than what
/// is here is ever taken, and the same pair halts it no more.
///
/// # Errors
/// It is not here, its files are damaged, or the disk refuses.
pub fn forgive_site(sites: &Channels, key: Key) -> Result<(), SiteError> {
    let folder = sites.folder(key);
    if !folder.is_own() && !folder.is_followed() {
        return Err(SiteError::Unknown);
    }
    Ok(folder.forgive()?)
}

/// Forgets a site of others: it is shared no longer, and its files go. Agreed scripts are forgotten with it.
///
/// # Errors
/// It is ours, is not here, or the disk refuses.
pub async fn forget_site(
    session: Option<&Session>,
    sites: &Channels,
    key: Key,
) -> Result<(), SiteError> {
    let folder = sites.folder(key);
    if folder.is_own() {
        return Err(SiteError::Ours);
    }
    if !folder.is_followed() {
        return Err(SiteError::Unknown);
    }
    if let Some(session) = session {
        // No torrent has this name: all of the site's leave.
        leave_old(session, &folder, &torrent::Sha1Hash([0; 20])).await;
        name_swarm::leave(session, &key).await;
    }
    Ok(folder.remove()?)
}
