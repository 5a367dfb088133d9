//! The starter channel that ships is what was curated, signed.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{
    Catalogue, STARTER_CHANNEL,
    channel::{
        BadBundle, Bundle, Changes, FileRef, Head, MANIFEST_FILE, Publication, Where, head_torrent,
        records,
    },
    starter,
};

use crate::publisher::{DAY, NOW, Publisher, channel, follower, head_saying, signing};

/// What makes a title what it is: trackers, for which channels have no place, and ids aside.
fn told(catalogue: &Catalogue) -> BTreeSet<String> {
    let titles = catalogue.titles().iter();
    let told = titles.map(|title| {
        let files: Vec<_> = title
            .all_releases()
            .map(|release| {
                format!("{:?} {:?} {}", release.torrent.v1, release.torrent.v2, &*release.path)
            })
            .collect();
        let of = (&title.name, &title.licence, &title.attribution, &title.source, files);
        format!("{of:?}")
    });
    told.collect()
}

/// A bundle of these titles, signed by a key that is thrown away.
fn signed(titles: &Catalogue) -> Vec<u8> {
    let mut changes = Changes::default();
    for (rank, title) in (1..).zip(titles.titles()) {
        changes.put(records(title, rank));
    }
    let edition = Publisher::new().publish(changes);
    let name = |file: &FileRef| match &file.place {
        Where::Head(name) => (**name).to_owned(),
        Where::Torrent(_) => panic!("a small channel"),
    };
    let written = edition.written.iter().map(|(file, bytes)| (name(file), bytes.clone()));
    let files: BTreeMap<_, _> =
        written.chain([(MANIFEST_FILE.to_owned(), edition.sealed.clone())]).collect();
    let Publication { manifest, manifest_hash, .. } = edition.publication;
    let torrent = head_torrent(&files).unwrap().info.hashes();
    let head = Head { torrent, manifest: manifest_hash, ..head_saying(1, 0) };
    let mut standing = follower();
    standing.offer_head(&head.sign(&signing(2), &channel(), None).unwrap(), NOW).unwrap();
    Bundle { standing, manifest, files }.to_bytes().unwrap()
}

#[test]
fn a_bundle_has_what_was_signed_and_nothing_else_is_read() {
    let curated = starter().unwrap();
    let bytes = signed(&curated);
    let bundle = Bundle::read(&bytes, NOW).unwrap();
    assert_eq!(told(&bundle.catalogue().unwrap()), told(&curated));
    assert_eq!(bundle.to_bytes().unwrap(), bytes);
    assert!(matches!(Bundle::read(&bytes, NOW - 2 * DAY), Err(BadBundle::Refused(_))));
    for at in (0..bytes.len()).step_by(37) {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(Bundle::read(&other, NOW).is_err(), "byte {at}");
    }
}

/// Empty until whoever releases the program has made it: then it holds what `starter.json` does.
#[test]
fn the_starter_channel_that_ships_has_the_curated_titles() {
    if !STARTER_CHANNEL.is_empty() {
        let bundle = Bundle::read(STARTER_CHANNEL, u64::MAX).unwrap();
        assert_eq!(told(&bundle.catalogue().unwrap()), told(&starter().unwrap()));
    }
}
