//! Large segments of which the disk keeps something else than what came.

use std::{fs, path::PathBuf, time::Duration};

use catalogue::channel::{Key, Where, segment_name};
use torrent::{InfoHashes, hash::sha256};

use crate::{
    PATIENCE,
    cold::long_films,
    packs::follow,
    stage::{Home, network},
};

/// A large segment of a channel: its torrent, and its file here.
fn large(home: &Home, key: Key) -> (InfoHashes, PathBuf) {
    let manifest = home.channels.folder(key).manifest().unwrap();
    let place = home.place().join("channels").join(key.to_string()).join("segments");
    let named = manifest.segments.iter().map(|one| &one.file);
    let mut large = named.filter_map(|file| match file.place {
        Where::Torrent(hashes) => Some((hashes, place.join(segment_name(&file.sha256)))),
        Where::Head(_) => None,
    });
    large.next().expect("the channel is large enough for the test")
}

/// Has every fourth KiB of a file say something else; what it said before.
fn rot(path: &PathBuf) -> [u8; 32] {
    let before = fs::read(path).unwrap();
    let mut bytes = before.clone();
    for place in (0..bytes.len()).step_by(4 << 10) {
        bytes[place] ^= 0xff;
    }
    fs::write(path, bytes).unwrap();
    sha256(&before).0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_segment_that_rots_while_its_channel_is_taken_in_is_fetched_again() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(long_films(300)).await;
    follow(&viewer, key).await;
    let (hashes, path) = large(&viewer, key);
    let before = rot(&path);
    // All of it is read once more.
    viewer.library.remove_source(&key.to_string()).unwrap();
    let refreshed =
        viewer.subscriptions().refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((refreshed.titles, refreshed.version), (300, 1));
    assert_eq!(sha256(&fs::read(&path).unwrap()).0, before);
    assert!(viewer.session.find(&hashes).is_some(), "others can have it from here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_segment_that_rotted_before_the_start_is_fetched_again() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(long_films(300)).await;
    follow(&viewer, key).await;
    let (hashes, path) = large(&viewer, key);
    // What a program that starts knows of it: its file.
    viewer.session.find(&hashes).unwrap().remove(false).await.unwrap();
    let before = rot(&path);
    let _kept = viewer.keep();
    let mended = async {
        while fs::read(&path).map(|bytes| sha256(&bytes).0).ok() != Some(before) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, mended).await.expect("it is fetched again");
}
