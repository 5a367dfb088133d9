//! A version that does not fit: what it takes back goes here all the same, with every title of the version that is here.
//!
//! Titles of two versions are never mixed. Withdrawals are a family of their own, which only grows: those of the newer
//! version stand beside the titles of the older one, and all of it is checked against the two manifests.

use std::path::Path;

use catalogue::channel::{Family, HEAD_NAME, Kind, Manifest};
use library::{Library, LibraryError};
use torrent::InfoHashes;

use crate::{
    durable,
    fetch::{FetchError, Fetching, HeadFiles},
    folder::{Folder, at},
    follow::{FollowError, takes_withdrawals_back},
    import::{Heads, has_all_of, import},
};

/// What the withdrawals of a version that does not fit may take, bytes; some 40,000 of them. Whoever makes a channel large
/// with withdrawals gets no more through.
const WITHDRAWALS_MAX: u64 = 4 << 20;
/// The head torrent of the newest version whose withdrawals are here.
const FILE: &str = "taken-back-of";

/// The titles of the version that is here with what a newer one takes back; nothing if that cannot be, or is too much.
fn united(here: &Manifest, newer: &Manifest) -> Option<Manifest> {
    let fits = withdrawals_of(newer) <= WITHDRAWALS_MAX
        && [here.kind, newer.kind] == [Kind::Catalogue; 2]
        && !takes_withdrawals_back(here, newer);
    let mut united = here.clone();
    let is_kept = |family: Family| family != Family::Withdrawals;
    united.segments.retain(|one| is_kept(one.family));
    united.segments.extend(newer.segments.iter().filter(|one| !is_kept(one.family)).cloned());
    united.tallies.retain(|one| is_kept(one.family));
    united.tallies.extend(newer.tallies.iter().filter(|one| !is_kept(one.family)).cloned());
    fits.then_some(united)
}

fn withdrawals_of(manifest: &Manifest) -> u64 {
    let segments = manifest.segments.iter().filter(|one| one.family == Family::Withdrawals);
    segments.fold(0, |sum, one| sum.saturating_add(one.file.length))
}

/// Fetches what a version takes back that does not fit, if that can be taken in.
///
/// # Errors
/// It does not come.
pub(crate) async fn fetch(
    fetching: &Fetching<'_>,
    files: &HeadFiles,
    newer: &Manifest,
) -> Result<(), FetchError> {
    let here = fetching.folder.manifest();
    match here.and_then(|here| united(&here, newer)) {
        Some(_) => fetching.withdrawals(files, newer).await,
        None => Ok(()),
    }
}

/// Takes in what the version takes back that is known and does not fit, as far as it is here. What is wrong is told to
/// whoever looks for it: all that is here stays as it is.
pub(crate) async fn take_in(folder: &Folder, library: &Library, newer: &InfoHashes) {
    let (folder, library, newer) = (folder.clone(), library.clone(), *newer);
    let channel = folder.key().short();
    let work = move || {
        let known = folder.manifest().zip(folder.coming_manifest()).zip(folder.current_head());
        let Some(((here, coming), titles)) = known else { return Ok(()) };
        let name = newer.wire().to_string();
        let Some(united) = united(&here, &coming) else { return Ok(()) };
        if is_done(&folder, &library, &here, &name)? {
            return Ok(());
        }
        let withdrawals = folder.head_root(&newer).join(HEAD_NAME);
        let heads = Heads { titles: &titles, withdrawals: &withdrawals };
        import(&folder, heads, &library, &united, || Ok(()))?;
        note(&folder, &name)
    };
    let done = tokio::task::spawn_blocking(work).await;
    if let Err(error) = done.unwrap_or(Err(FollowError::Library(LibraryError::Closed))) {
        tracing::warn!(%channel, %error, "what a version takes back that does not fit is not taken in");
    }
}

/// Whether that was done before, and what is here is whole.
fn is_done(
    folder: &Folder,
    library: &Library,
    here: &Manifest,
    head: &str,
) -> Result<bool, FollowError> {
    let path = folder.file(FILE);
    let known = durable::read(&path, 128).map_err(at(&path))?;
    let is_known = known.is_some_and(|known| known == head.as_bytes());
    Ok(is_known && has_all_of(folder, library, here.version)?)
}

fn note(folder: &Folder, head: &str) -> Result<(), FollowError> {
    let path: &Path = &folder.file(FILE);
    Ok(durable::write(path, head.as_bytes()).map_err(at(path))?)
}

#[cfg(test)]
mod tests {
    use catalogue::channel::{FileRef, SegmentRef, Where};
    use serde_json::json;

    use super::*;
    use crate::{Channels, NewChannel, Own};

    fn manifest(kind: Kind) -> Manifest {
        let place = tempfile::TempDir::new().unwrap();
        let channels = Channels::open(place.path()).unwrap();
        let new = NewChannel {
            kind,
            name: serde_json::from_value(json!({"en": "Films"})).unwrap(),
            about: serde_json::from_value(json!({})).unwrap(),
            publisher: "Somebody".to_owned().try_into().unwrap(),
            contact: "mailto:rights@example.org".to_owned().try_into().unwrap(),
        };
        let (own, _) = Own::create(&channels, new, None).unwrap();
        own.publication().unwrap().manifest
    }

    fn segment(family: Family, versions: (u64, u64), length: u64) -> SegmentRef {
        let place = Where::Head(format!("s{}", versions.1).try_into().unwrap());
        let file = FileRef { length, sha256: [0; 32], place };
        SegmentRef { family, level: 0, records: 1, versions, file }
    }

    #[test]
    fn titles_are_those_that_are_here_and_withdrawals_the_newer_ones_unless_they_are_many() {
        let (mut here, mut newer) = (manifest(Kind::Catalogue), manifest(Kind::Catalogue));
        here.segments =
            vec![segment(Family::Titles, (1, 1), 9), segment(Family::Withdrawals, (1, 1), 9)];
        let titles = segment(Family::Titles, (2, 2), 1 << 30);
        let most = segment(Family::Withdrawals, (1, 2), WITHDRAWALS_MAX);
        newer.segments = vec![titles, most.clone()];
        assert_eq!(united(&here, &newer).unwrap().segments, [here.segments[0].clone(), most]);
        newer.segments.push(segment(Family::Withdrawals, (3, 3), 1));
        assert_eq!(united(&here, &newer), None);
        newer.segments.clear();
        assert_eq!(united(&here, &newer).unwrap().segments, here.segments[..1]);
        newer.kind = Kind::Filter;
        assert_eq!(united(&here, &newer), None);
    }
}
