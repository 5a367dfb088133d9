//! The first screen: which titles are on it, when followers get another one, and what is refused.

use std::collections::BTreeSet;

use catalogue::{
    Withdrawal,
    channel::{
        BadChannel, BadManifest, BadSegment, CARDS_MAX, Changes, Entry, Family, FileRef,
        FirstScreen, Manifest, RecordId, SegmentWriter, Shelves, Where, records,
    },
};
use serde_json::json;
use torrent::hash::sha256;

use crate::publisher::{NOW, Publisher, channel, film, manifest, parsed, series, signing};

/// Changes that put films with these numbers, which are their places as well.
fn put(numbers: impl IntoIterator<Item = u64>, year: u16) -> Changes {
    let mut changes = Changes::default();
    for number in numbers {
        let mut film = film(&format!("film-{number}"));
        let genre = ["drama", "comedy", "war"][usize::try_from(number % 3).unwrap()];
        film["genres"] = json!([genre]);
        film["year"] = json!(year);
        changes.put(records(&parsed(film), number));
    }
    changes
}

fn screen(publisher: &Publisher) -> FirstScreen {
    let (_, manifest) = Manifest::open(&publisher.sealed).unwrap();
    let file = manifest.shelves.clone().expect("shelves");
    FirstScreen::read(&channel(), &manifest, &publisher.disk.0[&file.sha256]).unwrap()
}

fn places(screen: &FirstScreen) -> BTreeSet<u64> {
    screen.titles.iter().map(|(rank, _)| *rank).collect()
}

#[test]
fn the_first_and_the_newest_titles_and_some_of_each_genre_are_on_the_shelves() {
    let mut publisher = Publisher::new();
    publisher.publish(put(1..=500, 1927));
    let screen = screen(&publisher);
    let places = places(&screen);
    assert!((1..=24).chain(477..=500).all(|rank| places.contains(&rank)), "{places:?}");
    for genre in ["drama", "comedy", "war"] {
        let of_genre = screen.titles.iter().filter(|(_, one)| &*one.genres[0] == genre);
        assert!(of_genre.count() >= 12, "{genre}");
    }
    assert!(places.len() <= CARDS_MAX);
    assert_eq!(screen.header.revision(), 0, "the version itself is still to come");
    let (_, title) = &screen.titles[0];
    assert!(title.poster.is_some() && title.synopsis.is_empty(), "a card and no more");
    let size = publisher.publication.manifest.shelves.as_ref().unwrap().length;
    assert!(size < 24 << 10, "{size} bytes");
}

#[test]
fn a_series_is_on_the_shelves_without_its_episodes() {
    let mut publisher = Publisher::new();
    publisher.put(&[series("s", 3)]);
    let titles = screen(&publisher).titles;
    assert_eq!(titles.len(), 1);
    assert!(titles[0].1.seasons.is_empty());
}

#[test]
fn followers_get_other_shelves_when_a_title_is_gone_or_many_are_others_and_not_for_less() {
    let mut publisher = Publisher::new();
    publisher.publish(put(1..=500, 1927));
    let first = publisher.publication.manifest.shelves.clone();
    publisher.publish(put([3, 4, 5, 250], 1928));
    assert_eq!(publisher.publication.manifest.shelves, first, "three cards are somewhat old");
    publisher.publish(put(6..=24, 1928));
    let second = publisher.publication.manifest.shelves.clone();
    assert_ne!(second, first, "what waited comes with the rest");
    let years = screen(&publisher).titles.into_iter().filter(|(_, one)| one.year == Some(1928));
    assert_eq!(years.count(), 22);
    let mut changes = Changes::default();
    changes.remove(RecordId::of(&parsed(film("film-1")).id));
    publisher.publish(changes);
    assert_ne!(publisher.publication.manifest.shelves, second);
    assert!(!places(&screen(&publisher)).contains(&1));
}

#[test]
fn what_is_taken_back_is_on_no_shelf_even_if_it_is_put_again() {
    for infohash in [None, Some("dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c")] {
        let mut publisher = Publisher::new();
        publisher.publish(put(1..=100, 1927));
        let withdrawal: Withdrawal = serde_json::from_value(
            json!({"id": "film-7", "infohash": infohash, "reason": "rights"}),
        )
        .unwrap();
        let mut changes = Changes::default();
        changes.withdraw(&withdrawal, NOW);
        publisher.publish(changes);
        assert!(!places(&screen(&publisher)).contains(&7));
        publisher.publish(put([7], 1930));
        publisher.publish(put(10..=60, 1930));
        assert!(!places(&screen(&publisher)).contains(&7), "{infohash:?}");
    }
}

#[test]
fn a_channel_without_titles_has_no_shelves_any_more() {
    let mut publisher = Publisher::new();
    publisher.publish(put([1], 1927));
    assert!(publisher.publication.manifest.shelves.is_some());
    let mut changes = Changes::default();
    changes.remove(RecordId::of(&parsed(film("film-1")).id));
    publisher.publish(changes);
    assert_eq!(publisher.publication.manifest.shelves, None);
}

/// A film's core without licence, attribution and source: `{1: 1, 2: {"en": "A"}}`.
const UNLICENSED: [u8; 10] = [0xa2, 1, 1, 2, 0xa1, 0x62, b'e', b'n', 0x61, b'A'];

/// A file of so many cards of one core.
fn shelves(cards: u8, core: &[u8]) -> Vec<u8> {
    let mut writer = SegmentWriter::new(Family::Shelves, 0);
    let length = u8::try_from(core.len()).unwrap();
    for number in 0..cards {
        let record = [&[0x82, 0x58, length], core, &[0xf6]].concat();
        let id = RecordId([number; 16]);
        writer.push(&Entry { id, version: 1, record: Some(record) });
    }
    writer.finish()
}

fn naming(bytes: &[u8]) -> Manifest {
    let place = Where::Head("1-4-0".to_owned().try_into().unwrap());
    let shelves = FileRef { sha256: sha256(bytes).0, length: bytes.len() as u64, place };
    Manifest { version: 1, shelves: Some(shelves), ..manifest() }
}

#[test]
fn what_is_no_file_of_shelves_is_refused_with_its_reason() {
    let (good, long) = (shelves(2, &[0; 30]), shelves(129, &[0; 30]));
    assert_eq!(Shelves::read(&long), Err(BadSegment::Family), "too many cards");
    let read = |manifest, bytes: &[u8]| FirstScreen::read(&channel(), &manifest, bytes);
    assert_eq!(read(naming(&good), &long), Err(BadChannel::OtherBytes));
    assert_eq!(read(manifest(), &good), Err(BadChannel::OtherBytes), "none is named");
    let mut titles = SegmentWriter::new(Family::Titles, 0);
    titles.push(&Entry { id: RecordId([1; 16]), version: 1, record: Some(vec![0x80]) });
    assert_eq!(Shelves::read(&titles.finish()), Err(BadSegment::Family));
    let mut empty = SegmentWriter::new(Family::Shelves, 0);
    empty.push(&Entry { id: RecordId([1; 16]), version: 1, record: None });
    assert_eq!(Shelves::read(&empty.finish()), Err(BadSegment::Entry));
}

#[test]
fn a_card_that_names_no_licence_or_is_no_title_is_left_out() {
    // A field of a later format fills it up.
    let core = [&[0xa3], &UNLICENSED[1..], &[0x18, 100, 0x54], &[0; 20]].concat();
    let bytes = shelves(3, &core);
    assert_eq!(Shelves::read(&bytes).unwrap().to_bytes(), bytes);
    let screen = FirstScreen::read(&channel(), &naming(&bytes), &bytes).unwrap();
    assert_eq!(screen.titles, []);
}

#[test]
fn a_manifest_whose_shelves_are_large_or_elsewhere_is_refused() {
    let bytes = shelves(1, &[0; 30]);
    let mut large = naming(&bytes);
    large.shelves.as_mut().unwrap().length = (256 << 10) + 1;
    let mut elsewhere = naming(&bytes);
    elsewhere.shelves.as_mut().unwrap().place =
        Where::Torrent(torrent::InfoHashes::V1(torrent::Sha1Hash([1; 20])));
    for manifest in [large, elsewhere] {
        let sealed = manifest.seal(&signing(2));
        assert_eq!(Manifest::open(&sealed).unwrap_err(), BadManifest::Shelves);
    }
    assert!(Manifest::open(&naming(&bytes).seal(&signing(2))).is_ok());
}

#[test]
fn the_vector_of_the_format_is_what_is_written() {
    let record = [&[0x82, 0x4a], &UNLICENSED[..], &[0xf6]].concat();
    let mut writer = SegmentWriter::new(Family::Shelves, 0);
    writer.push(&Entry { id: RecordId([7; 16]), version: 1, record: Some(record) });
    let hex: String = writer.finish().iter().map(|byte| format!("{byte:02x}")).collect();
    let described = include_str!("../../../../docs/channel-format.md");
    let vector: String = described
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("4b494e534547"))
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect();
    assert_eq!(hex, vector);
}
