//! What waits to be published: changed title by title, published as if all of it had been in memory.

use std::fs;

use catalogue::{
    Title, Withdrawal,
    channel::{Changes, Family, FileRef, Manifest, Publication, SegmentRef, SegmentStore, records},
};
use channels::{Channels, Opening, Own, OwnError};
use dht::SigningKey;
use serde_json::json;
use tempfile::TempDir;

use crate::stage::{films, new_channel};

/// A publisher who has nothing.
struct Nothing;

impl SegmentStore for Nothing {
    fn segment(&self, _: &FileRef) -> Option<Vec<u8>> {
        None
    }
}

fn publisher() -> (TempDir, Channels, Own) {
    let place = TempDir::new().unwrap();
    let channels = Channels::open(place.path()).unwrap();
    let (own, _) = Own::create(&channels, new_channel("Silent films"), None).unwrap();
    (place, channels, own)
}

fn waiting(own: &Own) -> Vec<Title> {
    let mut titles = vec![];
    own.waiting(|title| {
        titles.push(title);
        Ok::<_, OwnError>(())
    })
    .unwrap();
    titles
}

/// A film that was changed.
fn changed(name: &str, year: u16) -> Title {
    let mut film = films(&[name]).remove(0);
    film.year = Some(year);
    film
}

/// The segments of titles and their details in the first version of a channel, made with all of them in memory.
fn made_in_memory(like: &Manifest, titles: &[Title]) -> Vec<SegmentRef> {
    let nothing =
        Manifest { version: 0, tallies: vec![], segments: vec![], shelves: None, ..like.clone() };
    let mut changes = Changes::default();
    for (place, title) in titles.iter().enumerate() {
        changes.put(records(title, place as u64 + 1));
    }
    let key = SigningKey::from_bytes(&[1; 32]);
    let edition = Publication::new(nothing).publish(changes, &key, 1, 2, &Nothing).unwrap();
    edition.publication.manifest.segments
}

#[test]
fn what_waits_becomes_the_segments_that_titles_in_memory_would() {
    let (_place, channels, own) = publisher();
    let names: Vec<_> = (0..300).map(|number| format!("Film {number}")).collect();
    let all = films(&names.iter().map(String::as_str).collect::<Vec<_>>());
    own.add(all[..200].to_vec()).unwrap();
    // Changed twice at one time, and among others that are new.
    let mut more = all[200..].to_vec();
    more.extend([changed("Film 7", 1921), changed("Film 7", 1922)]);
    assert_eq!(own.add(more).unwrap().waiting, 300);
    assert!(own.take_out(&all[8].id).unwrap());
    assert!(!own.take_out(&all[8].id).unwrap());
    let gone = serde_json::from_value(json!({"id": "film-9", "reason": "rights"})).unwrap();
    own.withdraw(vec![gone]).unwrap();

    let mut expected = all.clone();
    expected[7] = changed("Film 7", 1922);
    expected.drain(8..10);
    assert_eq!(waiting(&own), expected);
    assert_eq!(own.count_waiting().unwrap(), (298, 1));
    let key = *own.folder().key();
    assert_eq!(channels::publish(&channels, key).unwrap().records, 298);
    let manifest = own.folder().manifest().unwrap();
    let is_of_titles = |one: &&SegmentRef| one.family != Family::Withdrawals;
    let published: Vec<_> = manifest.segments.iter().filter(is_of_titles).cloned().collect();
    assert_eq!(published, made_in_memory(&manifest, &expected));
    assert_eq!(own.count_waiting().unwrap(), (0, 0));
}

/// What is in the file of what waits.
fn draft(place: &TempDir, own: &Own) -> String {
    let path = place.path().join(own.folder().key().to_string()).join("own/draft.json");
    fs::read_to_string(path).unwrap()
}

#[test]
fn what_is_handed_over_is_written_as_titles_in_memory_would_be() {
    let (place, channels, own) = publisher();
    let names: Vec<_> = (0..300).map(|number| format!("Film {number}")).collect();
    let all = films(&names.iter().map(String::as_str).collect::<Vec<_>>());
    own.add(all.clone()).unwrap();
    let key = *own.folder().key();
    channels::publish(&channels, key).unwrap();
    // In two versions, so that the places of some are in another segment.
    own.add(vec![changed("Film 250", 1930)]).unwrap();
    channels::publish(&channels, key).unwrap();
    let mut expected = channels::catalogue(own.folder()).unwrap().titles().to_vec();
    assert_eq!(expected.len(), 300);

    let mut more = films(&["Film 300", "Film 301"]);
    more.insert(1, changed("Film 7", 1922));
    own.add(more.clone()).unwrap();
    let gone: Withdrawal =
        serde_json::from_value(json!({"id": "film-9", "reason": "rights"})).unwrap();
    own.withdraw(vec![gone.clone()]).unwrap();
    let heir = own.hand_over(&channels, &Opening::NOTHING).unwrap();
    expected[7] = more.remove(1);
    expected.remove(9);
    expected.extend(more);
    let (titles, withdrawn) =
        (serde_json::to_string(&expected).unwrap(), serde_json::to_string(&[gone]).unwrap());
    let whole = format!(r#"{{"titles":{titles},"withdrawn":{withdrawn}}}"#);
    assert_eq!(draft(&place, &heir), whole);
    let left = place.path().join(heir.folder().key().to_string()).join("own/titles");
    assert!(!left.exists());
}

#[test]
fn a_list_of_what_waits_that_is_damaged_is_told_of_and_stays_as_it_is() {
    let (place, channels, own) = publisher();
    own.add(films(&["Metropolis", "Nosferatu"])).unwrap();
    let path = place.path().join(own.folder().key().to_string()).join("own/draft.json");
    let whole = fs::read(&path).unwrap();
    for torn in [&whole[..whole.len() / 2], b"[]", b"{\"titles\":[{}]}", b"{} more"] {
        fs::write(&path, torn).unwrap();
        let damaged = |outcome: Result<(), OwnError>| {
            assert!(matches!(outcome, Err(OwnError::Damaged { .. })), "{outcome:?}");
        };
        damaged(own.add(films(&["Sunrise"])).map(drop));
        damaged(own.take_out(&films(&["Metropolis"])[0].id).map(drop));
        assert!(channels::publish(&channels, *own.folder().key()).is_err());
        assert_eq!(fs::read(&path).unwrap(), torn);
    }
}
