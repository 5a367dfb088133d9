//! Publishing and reading back: the same titles, small changes that cost little, histories that end in one state.

use std::collections::BTreeMap;

use catalogue::{
    Withdrawal, WithdrawalReason,
    channel::{
        Changes, Edition, Family, FileRef, Manifest, Publication, RecordId, Where, family_state,
        folded, head_torrent, records,
    },
};
use proptest::prelude::*;
use serde_json::json;

use crate::publisher::{NOW, Publisher, film, manifest, parsed, series};

#[test]
fn a_title_comes_back_as_it_was_published_but_for_ids_and_trackers() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a")]);
    let seen = publisher.seen();
    assert_eq!(seen.rejected(), []);
    let [title] = seen.titles() else { panic!("{:?}", seen.titles()) };
    let mut expected = parsed(film("a"));
    assert_eq!(*title.id, RecordId::of(&expected.id).to_string());
    assert_ne!(title.releases[0].id, expected.releases[0].id);
    expected.id = title.id.clone();
    expected.releases[0].id = title.releases[0].id.clone();
    expected.releases[0].torrent.trackers.clear();
    assert_eq!(*title, expected);
    assert_eq!(&*seen.id().to_string(), "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy");
    assert_eq!((seen.publisher(), seen.contact()), ("Somebody", Some("mailto:rights@example.org")));
}

#[test]
fn a_series_is_one_record_for_itself_and_one_for_each_episode() {
    let mut publisher = Publisher::new();
    publisher.put(&[series("s", 3)]);
    let seen = publisher.seen();
    assert_eq!(seen.rejected(), []);
    let seasons = &seen.titles()[0].seasons;
    assert_eq!(seasons[0].name.get("en"), Some("The first"));
    assert_eq!(seasons[0].episodes.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3]);
    let edition = publisher.put(&[series("s", 4)]);
    let deltas: u64 =
        edition.publication.manifest.segments[1..].iter().map(|one| one.records).sum();
    assert!(deltas >= 2, "the other episodes are not written again");
    let titles = edition.written.iter().find(|(file, _)| {
        let segments = &edition.publication.manifest.segments;
        segments.iter().any(|one| one.file == *file && one.family == Family::Titles)
    });
    let titles = titles.expect("a delta of titles");
    let segment = catalogue::channel::Segment::read(&titles.1[..]).unwrap();
    assert_eq!(segment.records(), 1, "one more episode is one more record");
    assert_eq!(publisher.seen().titles()[0].seasons[0].episodes.len(), 4);
}

#[test]
fn an_id_that_was_read_is_the_same_id_when_it_is_published_again() {
    let id = RecordId::of(&parsed(film("a")).id);
    let again = serde_json::from_value(json!(id.to_string())).unwrap();
    assert_eq!(RecordId::of(&again), id);
}

#[test]
fn the_publishers_order_is_kept() {
    let mut publisher = Publisher::new();
    let mut changes = Changes::default();
    for (rank, id) in ["c", "a", "b"].into_iter().enumerate() {
        changes.put(records(&parsed(film(id)), rank as u64));
    }
    publisher.publish(changes);
    let names: Vec<_> = publisher
        .seen()
        .titles()
        .iter()
        .map(|title| title.name.get("en").unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Film c", "Film a", "Film b"]);
}

fn withdrawal(id: &str, infohash: Option<&str>) -> Withdrawal {
    let infohash = infohash.map(|hash| serde_json::from_value(json!(hash)).unwrap());
    Withdrawal {
        id: serde_json::from_value(json!(id)).unwrap(),
        infohash,
        reason: WithdrawalReason::Licence,
        note: serde_json::from_value(json!({"en": "The author asked."})).unwrap(),
    }
}

#[test]
fn a_withdrawn_title_goes_and_stays_gone_even_if_it_is_put_again() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a"), film("b")]);
    let mut changes = Changes::default();
    changes.withdraw(&withdrawal("a", None), NOW);
    publisher.publish(changes);
    let seen = publisher.seen();
    assert_eq!(seen.titles().len(), 1);
    assert_eq!(seen.withdrawn().len(), 1);
    assert_eq!(seen.withdrawn()[0].note.get("en"), Some("The author asked."));
    publisher.put(&[film("a")]);
    assert_eq!(publisher.seen().titles().len(), 1, "a title that was taken back needs a new id");
}

#[test]
fn a_withdrawn_torrent_or_episode_takes_only_itself_away() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a"), series("s", 2)]);
    let mut changes = Changes::default();
    changes.withdraw(&withdrawal("a", Some("dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c")), NOW);
    changes.withdraw(&withdrawal("s-1", None), NOW);
    publisher.publish(changes);
    let seen = publisher.seen();
    assert_eq!(seen.titles().len(), 1, "the film had that torrent alone");
    assert_eq!(seen.titles()[0].episodes().count(), 1);
}

#[test]
fn nothing_changed_is_nothing_written() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a")]);
    let again = publisher.put(&[film("a")]);
    assert_eq!(again.written, []);
    assert_eq!(again.publication.manifest.version, 2);
    assert_eq!(publisher.seen().titles().len(), 1);
}

#[test]
fn sixteen_deltas_are_folded_and_the_removed_are_forgotten() {
    let mut publisher = Publisher::new();
    for n in 0..40 {
        publisher.put(&[film(&format!("f{n}"))]);
        let mut changes = Changes::default();
        changes.remove(RecordId::of(&parsed(film(&format!("f{}", n / 2))).id));
        publisher.publish(changes);
    }
    assert!(publisher.publication.manifest.segments.len() < 40);
    assert_eq!(publisher.seen().titles().len(), 20);
}

#[test]
fn a_large_segment_has_a_torrent_of_its_own_and_small_ones_ride_in_the_head() {
    let mut publisher = Publisher::new();
    let noise = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b'a' + (state % 26) as u8)
        };
        (0..3900).map(next).collect::<String>()
    };
    let mut changes = Changes::default();
    for n in 0..600 {
        let mut title = film(&format!("f{n}"));
        title["synopsis"] = json!({"en": noise(n + 1)});
        changes.put(records(&parsed(title), n));
    }
    let edition = publisher.publish(changes);
    let places = |family| {
        let segments = edition.publication.manifest.segments.iter();
        segments.filter(move |one| one.family == family).map(|one| one.file.place.clone())
    };
    assert!(places(Family::Titles).all(|place| matches!(place, Where::Head(_))));
    assert!(places(Family::Details).all(|place| matches!(place, Where::Torrent(_))));
    assert_eq!(publisher.seen().titles().len(), 600);
}

#[test]
fn a_head_torrent_is_the_same_whenever_it_is_made() {
    let files: BTreeMap<_, _> =
        [("m", vec![1; 20_000]), ("1-1-0", vec![2; 10]), ("r", vec![3; 40_000])]
            .map(|(name, bytes)| (name.to_owned(), bytes))
            .into();
    let torrent = head_torrent(&files).unwrap();
    assert_eq!(torrent.info.hashes(), head_torrent(&files).unwrap().info.hashes());
    assert_eq!(torrent.info.name(), "kinora-channel");
    assert_eq!(torrent.info.geometry().nominal_piece_len(), 16 << 10);
}

#[test]
fn a_manifest_comes_back_as_it_was_sealed() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a"), series("s", 2)]);
    let (_, read) = Manifest::open(&publisher.sealed).unwrap();
    assert_eq!(read, publisher.publication.manifest);
    assert_eq!(read.previous, [0; 32]);
    let first = publisher.publication.manifest_hash;
    publisher.put(&[film("b")]);
    assert_eq!(publisher.publication.manifest.previous, first);
}

/// A step of a channel's history.
#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Remove(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let put = (0..12_u8, any::<u8>()).prop_map(|(id, text)| Step::Put(id, text));
    prop::collection::vec(prop_oneof![3 => put, 1 => (0..12_u8).prop_map(Step::Remove)], 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// D5: whoever followed every change and whoever came at the end have the same, and the commitment says so.
    #[test]
    fn every_history_ends_in_the_state_that_a_fresh_publish_would_have(steps in steps()) {
        let mut publisher = Publisher { publication: Publication::new(manifest()), ..Publisher::new() };
        let mut last = BTreeMap::new();
        for step in steps {
            let mut changes = Changes::default();
            match step {
                Step::Put(id, text) => {
                    let mut title = film(&format!("t{id}"));
                    title["content_rating"] = json!(format!("r{text}"));
                    changes.put(records(&parsed(title.clone()), 0));
                    last.insert(id, title);
                }
                Step::Remove(id) => {
                    changes.remove(RecordId::of(&parsed(film(&format!("t{id}"))).id));
                    last.remove(&id);
                }
            }
            publisher.publish(changes);
        }
        let mut fresh = Publisher::new();
        fresh.put(&last.into_values().collect::<Vec<_>>());
        let (followed, late) = (publisher.seen(), fresh.seen());
        prop_assert_eq!(followed.titles(), late.titles());
        for family in Family::OF_A_CATALOGUE {
            prop_assert_eq!(&publisher.publication.live[&family], &fresh.publication.live[&family]);
            let (ours, theirs) = (&publisher.publication.manifest, &fresh.publication.manifest);
            prop_assert_eq!(ours.tally(family), theirs.tally(family));
        }
    }
}

#[test]
fn a_family_that_nobody_has_is_empty() {
    let publisher = Publisher::new();
    let state = family_state(Family::Titles, &publisher.publication.manifest, &[], |_, _| {});
    assert_eq!(state, Ok(vec![]));
}

/// Files of a version that somebody has to fetch who has the version before and folds as its publisher does.
fn fetched(before: &Publisher, edition: &Edition) -> usize {
    let folded = match before.publication.manifest.version {
        0 => vec![],
        _ => folded(&before.publication.manifest, &before.disk).unwrap(),
    };
    let is_made = |file: &FileRef| folded.iter().any(|(made, _)| made == file);
    edition.written.iter().filter(|(file, _)| !is_made(file)).map(|(_, bytes)| bytes.len()).sum()
}

#[test]
fn a_follower_folds_as_the_publisher_does_and_fetches_only_what_is_new() {
    let mut publisher = Publisher::new();
    let mut written = 0;
    for n in 0..300 {
        let before = publisher.clone();
        let edition = publisher.put(&[film(&format!("f{n}"))]);
        let new = fetched(&before, &edition);
        let shelves = edition.publication.manifest.shelves.iter();
        let shelves: u64 = shelves.map(|file| file.length).sum();
        assert!(new as u64 <= 2000 + shelves, "publish {n}: {new} bytes");
        written += edition.written.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() - new;
    }
    assert!(written > 0, "something was folded");
    let levels: Vec<_> =
        publisher.publication.manifest.segments.iter().map(|one| one.level).collect();
    assert!(levels.contains(&2), "{levels:?}");
}

/// D1: head item, info dictionary, manifest and deltas of ten changed titles. The manifest grows with the number of
/// segments, not of titles.
#[test]
fn ten_changed_titles_cost_a_follower_less_than_24_kib() {
    let mut publisher = Publisher::new();
    let films: Vec<_> = (0..3000).map(|n| film(&format!("f{n}"))).collect();
    publisher.put(&films);
    for n in 0..20 {
        publisher.put(&[film(&format!("more{n}"))]);
    }
    let changed = |n: usize| {
        let mut title = films[n * 300].clone();
        title["synopsis"] = json!({"en": format!("Another text, number {n}.")});
        title["runtime_s"] = json!(100 + n);
        title
    };
    let edition = publisher.put(&(0..10).map(changed).collect::<Vec<_>>());
    let deltas: usize = edition.written.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut files = BTreeMap::from([("m".to_owned(), edition.sealed.clone())]);
    for segment in &edition.publication.manifest.segments {
        if let Where::Head(name) = &segment.file.place {
            let bytes = publisher.disk.0[&segment.file.sha256].clone();
            files.insert((**name).to_owned(), bytes);
        }
    }
    let description = head_torrent(&files).unwrap().to_bytes().len();
    let total = 1000 + edition.sealed.len() + deltas + description;
    assert!(total <= 24 << 10, "{total} bytes, {deltas} of them deltas");
}
