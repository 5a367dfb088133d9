//! Channels that a channel names: a small file of the head torrent.

use catalogue::channel::{
    BadDirectory, BadManifest, DIRECTORY_MAX, Directory, FileRef, Key, LISTED_MAX, Listed,
    Manifest, Where,
};
use serde_json::json;

use crate::publisher::{Publisher, film, manifest, signing};

fn listed(number: u8) -> Listed {
    Listed {
        key: Key([number; 32]),
        name: serde_json::from_value(json!({"en": "A"})).unwrap(),
        about: Default::default(),
        languages: vec![],
    }
}

fn full(number: usize) -> Listed {
    let key = std::array::from_fn(|at| number.to_be_bytes().get(at).copied().unwrap_or(0));
    let about = json!({"en": "x".repeat(1000)});
    Listed { key: Key(key), about: serde_json::from_value(about).unwrap(), ..listed(0) }
}

#[test]
fn a_directory_comes_with_a_version_stays_with_others_and_goes_when_it_is_empty() {
    let mut publisher = Publisher::new();
    publisher.publication.directory.put(listed(7)).unwrap();
    let edition = publisher.put(&[film("a")]);
    let file = edition.publication.manifest.directory.clone().unwrap();
    let (_, bytes) = edition.written.iter().find(|(one, _)| *one == file).unwrap();
    assert_eq!(Directory::read(bytes).unwrap().channels(), [listed(7)]);
    let next = publisher.put(&[film("b")]);
    assert_eq!(next.publication.manifest.directory.as_ref(), Some(&file), "nothing to fetch anew");
    assert!(publisher.publication.directory.remove(&Key([7; 32])));
    let last = publisher.put(&[]);
    assert_eq!((last.publication.manifest.directory, last.dropped), (None, vec![file]));
    assert_eq!(publisher.seen().titles().len(), 2);
}

#[test]
fn a_directory_names_each_channel_once_and_has_room_for_so_many() {
    let mut directory = Directory::default();
    for number in 0..LISTED_MAX {
        let name = Listed { about: Default::default(), ..full(number) };
        directory.put(name).unwrap();
    }
    assert_eq!(directory.put(full(LISTED_MAX)), Err(BadDirectory::Full));
    directory.put(full(3)).unwrap();
    assert_eq!(directory.channels()[3], full(3), "it keeps its place");
    assert_eq!(directory.channels().len(), LISTED_MAX);
    let mut large = Directory::default();
    let fits = (0..LISTED_MAX).take_while(|number| large.put(full(*number)).is_ok()).count();
    assert!(fits < LISTED_MAX && large.to_bytes().len() as u64 <= DIRECTORY_MAX, "{fits}");
    assert_eq!(Directory::read(&directory.to_bytes()), Ok(directory));
}

#[test]
fn what_is_no_directory_is_refused_with_its_reason() {
    let mut directory = Directory::default();
    directory.put(listed(7)).unwrap();
    let bytes = directory.to_bytes();
    assert!(matches!(Directory::read(&bytes[..9]), Err(BadDirectory::Shape(_))));
    let other = [&bytes[..3], b"K", &bytes[4..]].concat();
    assert_eq!(Directory::read(&other), Err(BadDirectory::Form));
    // The same entry twice: the list says two and has them.
    let entry = &bytes[bytes.len() - 43..];
    let at = bytes.len() - entry.len() - 1;
    assert_eq!(bytes[at], 0x81, "a list of one");
    let twice = [&bytes[..at], &[0x82], entry, entry].concat();
    assert_eq!(Directory::read(&twice), Err(BadDirectory::Twice));
    let long = [&bytes[..at], &[0x9a, 0xff, 0xff, 0xff, 0xff]].concat();
    assert!(Directory::read(&long).is_err());
}

#[test]
fn a_manifest_whose_directory_is_large_or_elsewhere_is_refused() {
    let place = Where::Head("1-channels".to_owned().try_into().unwrap());
    let file = FileRef { sha256: [1; 32], length: DIRECTORY_MAX, place };
    let naming = |file: FileRef| Manifest { version: 1, directory: Some(file), ..manifest() };
    let large = FileRef { length: DIRECTORY_MAX + 1, ..file.clone() };
    let hashes = torrent::InfoHashes::V1(torrent::Sha1Hash([1; 20]));
    let elsewhere = FileRef { place: Where::Torrent(hashes), ..file.clone() };
    for wrong in [large, elsewhere] {
        let sealed = naming(wrong).seal(&signing(2));
        assert_eq!(Manifest::open(&sealed).unwrap_err(), BadManifest::Directory);
    }
    assert!(Manifest::open(&naming(file).seal(&signing(2))).is_ok());
}

#[test]
fn the_vector_of_the_format_is_what_a_directory_is() {
    let mut directory = Directory::default();
    directory.put(listed(7)).unwrap();
    let hex: String = directory.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let page = include_str!("../../../../docs/channel-format.md");
    let told: String = page.split_whitespace().collect();
    assert!(told.contains(&hex), "{hex}");
}
