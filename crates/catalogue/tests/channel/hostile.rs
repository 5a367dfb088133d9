//! Channels of hostile publishers, and files that strangers changed: each is refused, or its records are dropped, with
//! the reason.

use catalogue::{
    Catalogue, Rejection,
    channel::{
        BadChannel, BadManifest, CHANGES_MAX, CannotPublish, Changes, Family, FileRef, Ledger,
        Manifest, RECORDS_MAX, Reading, Record, RecordId, SegmentRef, SegmentWriter, Supplied,
        Tally, WITHDRAWALS_MAX, Where, assemble, records,
    },
};
use proptest::prelude::*;
use torrent::hash::sha256;

use crate::publisher::{DAY, NOW, Publisher, channel, film, parsed, series, signing};

/// The catalogue of a channel that holds these cores, without any details.
fn with_cores(cores: &[(u8, &[u8])]) -> Catalogue {
    let mut publisher = Publisher::new();
    let mut changes = Changes::default();
    for (id, core) in cores {
        let (id, core) = (RecordId([*id; 16]), core.to_vec());
        changes.put([Record { id, core, detail: vec![0xa0] }]);
    }
    publisher.publish(changes);
    publisher.seen()
}

fn dropped(core: &[u8]) -> Rejection {
    let seen = with_cores(&[(1, core)]);
    assert_eq!(seen.titles(), []);
    seen.rejected()[0].why.clone()
}

/// The good core of a film, in the bytes that it has.
fn good() -> Vec<u8> {
    records(&parsed(film("a")), 0).remove(0).core
}

/// The good core with one piece of text replaced by another of the same length.
fn replaced(text: &str, by: &str) -> Vec<u8> {
    assert_eq!(text.len(), by.len());
    let core = good();
    let at = core.windows(text.len()).position(|window| window == text.as_bytes());
    let mut core = core.clone();
    core[at.expect(text)..][..by.len()].copy_from_slice(by.as_bytes());
    core
}

/// A map of a film with only these fields, their values given as CBOR.
fn map(fields: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0xa0 + u8::try_from(fields.len()).unwrap()];
    for (number, value) in fields {
        bytes.push(*number);
        bytes.extend(*value);
    }
    bytes
}

#[test]
fn a_record_without_licence_attribution_or_source_is_dropped_and_counted() {
    let (name, text): (&[u8], &[u8]) = (b"\xa1\x62en\x61x", b"\x61x");
    let (licence, source): (&[u8], &[u8]) = (b"\x67CC0-1.0", b"\x6bhttps://x.y");
    assert_eq!(dropped(&map(&[(1, b"\x01"), (2, name)])), Rejection::NoLicence);
    assert_eq!(
        dropped(&map(&[(1, b"\x01"), (2, name), (7, text), (8, source)])),
        Rejection::NoLicence
    );
    assert_eq!(
        dropped(&map(&[(1, b"\x01"), (2, name), (6, licence), (8, source)])),
        Rejection::NoAttribution
    );
    assert_eq!(
        dropped(&map(&[(1, b"\x01"), (2, name), (6, licence), (7, text)])),
        Rejection::NoSource
    );
    let other = replaced("CC-BY-SA-4.0", "CC-BY-SA-9.0");
    assert_eq!(dropped(&other), Rejection::UnknownLicence("CC-BY-SA-9.0".to_owned()));
    let seen = with_cores(&[(1, &other), (2, &good())]);
    assert_eq!(seen.titles().len(), 1, "the others stay");
    assert_eq!(seen.rejected_counts()["licence"], 1);
}

#[test]
fn sources_that_are_no_web_page_and_paths_that_leave_their_folder_are_dropped() {
    for core in [
        replaced("https://example.org/licence", "javascript:alert(1)//e/lice"),
        replaced("https://example.org/licence", "http://example.org/licencex"),
        replaced("a folder/film.mp4", "../../../film.mp4"),
        replaced("a folder/film.mp4", "/etc/passwd000000"),
        replaced("a folder/film.mp4", "C:\\windows\\0000000"[..17].into()),
    ] {
        assert!(matches!(dropped(&core), Rejection::Malformed(_)));
    }
}

#[test]
fn strangers_text_stays_text_and_loses_what_reorders_or_hides() {
    let tricks =
        ["<script>alert(1)</script>", "a\u{202e}gpj.exe", "\u{1b}[2Jx", "zero\u{200b}width"];
    for trick in tricks {
        let mut title = film("a");
        title["name"] = serde_json::json!({"en": "placeholder"});
        let core = records(&parsed(title), 0).remove(0).core;
        let at = core.windows(11).position(|window| window == b"placeholder").unwrap();
        let len = u8::try_from(trick.len()).unwrap();
        let head = if len < 24 { vec![0x60 + len] } else { vec![0x78, len] };
        let text = [head, trick.as_bytes().to_vec()].concat();
        let core = [core[..at - 1].to_vec(), text, core[at + 11..].to_vec()].concat();
        let seen = with_cores(&[(1, &core)]);
        let name = seen.titles()[0].name.get("en").unwrap().to_owned();
        assert!(!name.chars().any(|c| c.is_control() || matches!(c, '\u{202e}' | '\u{200b}')));
        assert_eq!(name.contains('<'), trick.contains('<'), "markup is shown, not obeyed");
    }
}

#[test]
fn an_episode_without_its_series_and_a_film_with_episodes_are_dropped() {
    let all = records(&parsed(series("s", 2)), 0);
    let mut publisher = Publisher::new();
    let mut changes = Changes::default();
    changes.put(all[1..].to_vec());
    publisher.publish(changes);
    let seen = publisher.seen();
    assert_eq!((seen.titles().len(), seen.rejected().len()), (0, 2));
    let mut changes = Changes::default();
    let film = Record { id: all[0].id, ..records(&parsed(film("s")), 0).remove(0) };
    changes.put([film]);
    publisher.publish(changes);
    assert_eq!(publisher.seen().titles(), []);
}

#[test]
fn two_hundred_thousand_levels_of_nesting_are_one_dropped_record() {
    assert!(matches!(dropped(&[0x81; 60_000]), Rejection::Malformed(_)));
    assert!(matches!(dropped(&[0xff; 100]), Rejection::Malformed(_)));
}

/// A publisher whose manifest was changed before it was sealed again with its own key.
fn refused(change: impl FnOnce(&mut Manifest)) -> BadManifest {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a")]);
    let mut manifest = publisher.publication.manifest;
    change(&mut manifest);
    Manifest::open(&manifest.seal(&signing(2))).unwrap_err()
}

#[test]
fn a_manifest_without_contact_or_with_contradictions_is_refused() {
    assert_eq!(refused(|manifest| manifest.contact.clear()), BadManifest::NoContact);
    let segments = BadManifest::Segments;
    assert_eq!(refused(|manifest| manifest.version = 0), segments);
    assert_eq!(refused(|manifest| manifest.segments[0].versions = (5, 4)), segments);
    assert_eq!(refused(|manifest| manifest.segments[0].versions = (1, 4)), segments);
    assert_eq!(refused(|manifest| manifest.tallies.push(manifest.tallies[0])), segments);
    assert_eq!(refused(|manifest| manifest.segments.push(manifest.segments[0].clone())), segments);
    let huge = refused(|manifest| manifest.segments[0].file.length = 1 << 40);
    assert!(huge.to_string().contains("larger than it may be"), "{huge}");
    let many = refused(|manifest| manifest.segments = vec![manifest.segments[0].clone(); 5000]);
    assert!(matches!(many, BadManifest::Seal(_) | BadManifest::Shape(_)), "{many}");
}

#[test]
fn a_manifest_that_somebody_changed_is_not_signed_any_more() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a")]);
    for at in 0..publisher.sealed.len() {
        let mut changed = publisher.sealed.clone();
        changed[at] ^= 1;
        let opened = Manifest::open(&changed).map(|(key, _)| key);
        assert!(opened.is_err(), "byte {at}");
    }
}

/// A channel with a film, its one segment of titles replaced.
fn assembled(replace: impl Fn(&Supplied<'_>) -> Option<Vec<u8>>) -> Result<Catalogue, BadChannel> {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a"), film("b")]);
    let mut manifest = publisher.publication.manifest.clone();
    let bytes: Vec<_> = (manifest.segments.iter())
        .map(|described| {
            let bytes = &publisher.disk.0[&described.file.sha256];
            let is_titles = described.family == Family::Titles;
            let new = replace(&Supplied { described, bytes }).filter(|_| is_titles);
            new.unwrap_or_else(|| bytes.clone())
        })
        .collect();
    for (segment, bytes) in manifest.segments.iter_mut().zip(&bytes) {
        if segment.family == Family::Titles && segment.file.sha256 != sha256(bytes).0 {
            (segment.file.sha256, segment.file.length) = (sha256(bytes).0, bytes.len() as u64);
        }
    }
    let supplied: Vec<_> = (manifest.segments.iter().zip(&bytes))
        .map(|(described, bytes)| Supplied { described, bytes })
        .collect();
    assemble(&channel(), &manifest, &supplied)
}

#[test]
fn a_segment_that_is_not_as_described_is_refused() {
    assert!(assembled(|_| None).is_ok());
    assert_eq!(
        assembled(|_| Some(SegmentWriter::new(Family::Details, 0).finish())).unwrap_err(),
        BadChannel::OtherSegment
    );
    assert!(matches!(assembled(|_| Some(vec![1, 2, 3])), Err(BadChannel::Segment(_))));
    let fewer = |supplied: &Supplied<'_>| {
        let segment = supplied.open().unwrap();
        let mut writer = SegmentWriter::new(segment.family(), segment.level());
        for entry in segment.entries() {
            let mut entry = entry.unwrap();
            entry.record = None;
            writer.push(&entry);
        }
        Some(writer.finish())
    };
    assert_eq!(
        assembled(fewer).unwrap_err(),
        BadChannel::Commitment,
        "a newer head over older content"
    );
}

#[test]
fn other_bytes_than_the_manifest_names_are_refused() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("a")]);
    let manifest = &publisher.publication.manifest;
    let supplied: Vec<_> =
        manifest.segments.iter().map(|described| Supplied { described, bytes: b"other" }).collect();
    assert_eq!(assemble(&channel(), manifest, &supplied).unwrap_err(), BadChannel::OtherBytes);
    assert_eq!(assemble(&channel(), manifest, &[]).unwrap_err(), BadChannel::Commitment);
}

proptest! {
    #[test]
    fn any_core_is_a_title_or_a_dropped_record(core in prop::collection::vec(any::<u8>(), 0..200)) {
        let seen = with_cores(&[(1, &core)]);
        prop_assert_eq!(seen.titles().len() + seen.rejected().len(), 1);
    }

    #[test]
    fn any_changed_core_is_a_title_or_a_dropped_record(
        at in any::<prop::sample::Index>(), to in any::<u8>()
    ) {
        let mut core = good();
        let at = at.index(core.len());
        core[at] = to;
        let seen = with_cores(&[(1, &core)]);
        prop_assert_eq!(seen.titles().len() + seen.rejected().len(), 1);
    }

    #[test]
    fn any_bytes_are_a_manifest_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        Manifest::open(&bytes).ok();
        let sealed = [&[0x84, 1][..], &bytes].concat();
        Manifest::open(&sealed).ok();
    }
}

/// What a follower says of a channel with so many records of 60,000 bytes whose ids begin alike.
fn alike(records: u16) -> Result<u64, BadChannel> {
    let mut publisher = Publisher::new();
    let mut changes = Changes::default();
    for number in 0..records {
        let mut id = RecordId([7; 16]);
        id.0[14..].copy_from_slice(&number.to_be_bytes());
        changes.put([Record { id, core: vec![0; 60_000], detail: vec![0xa0] }]);
    }
    publisher.publish(changes);
    let (_, manifest) = Manifest::open(&publisher.sealed).unwrap();
    let supply = |one: &SegmentRef| Some(&publisher.disk.0[&one.file.sha256][..]);
    let reading = Reading::open(&channel(), &manifest, supply).unwrap();
    reading.change(&Ledger::default()).map(|change| change.ledger.version)
}

#[test]
fn ids_that_all_begin_alike_are_refused_before_they_fill_the_memory() {
    assert_eq!(alike(250), Ok(1), "far more than hashes give");
    assert_eq!(alike(300), Err(BadChannel::Crowded));
}

#[test]
fn a_manifest_that_promises_more_than_a_reader_has_room_for_is_refused() {
    let promising = |titles, withdrawals, changes: [u64; 2]| {
        let tally = |(family, records)| Tally { family, records, commitment: [0; 32] };
        let segment = |(number, records): (u8, u64)| SegmentRef {
            family: Family::Titles,
            level: 0,
            records,
            versions: (1, 1),
            file: FileRef {
                sha256: [number; 32],
                length: 1,
                place: Where::Head(format!("1-1-{number}").try_into().unwrap()),
            },
        };
        let manifest = Manifest {
            version: 1,
            tallies: [(Family::Titles, titles), (Family::Withdrawals, withdrawals)]
                .map(tally)
                .into(),
            segments: [(1, changes[0]), (2, changes[1])].map(segment).into(),
            ..crate::publisher::manifest()
        };
        Manifest::open(&manifest.seal(&signing(2))).map(drop)
    };
    // A channel of a million titles has room, however often each was changed.
    assert_eq!(promising(1_000_000, 200_000, [30_000_000, 30_000_000]), Ok(()));
    assert_eq!(promising(RECORDS_MAX, WITHDRAWALS_MAX, [CHANGES_MAX, 0]), Ok(()));
    let refused = Err(BadManifest::TooMany);
    assert_eq!(promising(RECORDS_MAX + 1, 0, [0, 0]), refused);
    assert_eq!(promising(0, WITHDRAWALS_MAX + 1, [0, 0]), refused);
    assert_eq!(promising(0, 0, [CHANGES_MAX, 1]), refused);
    assert_eq!(promising(0, 0, [u64::MAX, u64::MAX]), refused);
}

#[test]
fn a_publisher_makes_no_version_that_followers_would_refuse() {
    let mut publication = Publisher::new().publication;
    let id = |number: u64| RecordId(u128::from(number).to_be_bytes());
    let live = (0..=WITHDRAWALS_MAX).map(|number| (id(number), [0; 32])).collect();
    publication.live.insert(Family::Withdrawals, live);
    let disk = Publisher::new().disk;
    let made = publication.publish(Changes::default(), &signing(2), NOW, NOW + DAY, &disk);
    assert!(matches!(made, Err(CannotPublish::TooMany)), "{:?}", made.err());
}
