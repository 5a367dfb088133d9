//! Filters: channels of marks.

use std::collections::BTreeMap;

use catalogue::{
    WithdrawalReason,
    channel::{
        Action, BadChannel, BadManifest, CannotPublish, Changes, Contact, Family, FileName,
        FileRef, Key, Kind, Ledger, MARKS_MAX, Manifest, Mark, Marked, Publication, Reading,
        RecordId, Tally, Verdict, Where, records,
    },
};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

use crate::publisher::{Disk, NOW, Publisher, film, manifest, parsed, signing};

const HIDE: Verdict = Verdict { action: Action::Hide, reason: None };
const BLOCK: Verdict = Verdict { action: Action::Block, reason: Some(WithdrawalReason::Malware) };

fn filter() -> Publisher {
    let manifest = Manifest { kind: Kind::Filter, ..manifest() };
    Publisher { publication: Publication::new(manifest), disk: Disk::default(), sealed: vec![] }
}

fn mark(number: u32) -> Mark {
    let bytes = std::array::from_fn(|at| number.to_be_bytes()[at % 4]);
    Marked::V1(Sha1Hash(bytes)).mark()
}

fn publish(filter: &mut Publisher, marks: &[(u32, Option<Verdict>)]) {
    let mut changes = Changes::default();
    marks.iter().for_each(|(number, verdict)| changes.mark(mark(*number), *verdict));
    filter.publish(changes);
}

/// Marks that a follower is shown, what it remembers then, and whether all were shown.
type Seen = (BTreeMap<Mark, Option<Verdict>>, Ledger, bool);

/// What a follower who remembers a version is shown of the newest.
fn shown(filter: &Publisher, since: &Ledger) -> Result<Seen, BadChannel> {
    let (_, manifest) = Manifest::open(&filter.sealed).unwrap();
    let supply = |hash: &[u8; 32]| filter.disk.0.get(hash).map(Vec::as_slice);
    let reading = Reading::open(&Key([1; 32]), &manifest, |segment| supply(&segment.file.sha256))?;
    let change = reading.change(since)?;
    let mut marks = BTreeMap::new();
    reading.show_marks(&change, |mark, verdict| {
        assert_eq!(marks.insert(mark, verdict), None, "each once");
        Ok::<_, BadChannel>(())
    })?;
    Ok((marks, change.ledger, change.is_whole))
}

#[test]
fn what_changed_of_a_filter_is_shown_and_gives_what_reading_everything_gives() {
    let mut filter = filter();
    let many: Vec<_> = (0..3000).map(|number| (number, Some(HIDE))).collect();
    publish(&mut filter, &many);
    let (first, ledger, is_whole) = shown(&filter, &Ledger::default()).unwrap();
    assert_eq!((first.len(), is_whole), (3000, true));
    publish(&mut filter, &[(7, None), (8, Some(BLOCK)), (9, Some(HIDE)), (4000, Some(BLOCK))]);
    let (change, ledger, is_whole) = shown(&filter, &ledger).unwrap();
    let told = [(mark(7), None), (mark(8), Some(BLOCK)), (mark(4000), Some(BLOCK))];
    assert_eq!((change, is_whole), (told.into(), false), "what is as it was is not told");
    for number in 5000..5017 {
        publish(&mut filter, &[(number, Some(BLOCK))]);
    }
    let (change, followed, is_whole) = shown(&filter, &ledger).unwrap();
    assert_eq!((change.len(), is_whole), (17, false), "it was folded meanwhile");
    let (all, fresh, _) = shown(&filter, &Ledger::default()).unwrap();
    assert_eq!((all.len(), followed), (3017, fresh));
    let filters = filter.publication.manifest.segments.iter();
    assert!(filters.clone().all(|segment| segment.family == Family::Marks));
    assert!(filters.count() < 20, "sixteen become one");
}

#[test]
fn a_filter_has_no_titles_and_a_catalogue_no_marks() {
    let file = FileRef {
        sha256: [1; 32],
        length: 9,
        place: Where::Head(FileName::try_from("1-4-0".to_owned()).unwrap()),
    };
    let filter = Manifest { kind: Kind::Filter, version: 1, ..manifest() };
    let tally = |family| vec![Tally { family, records: 1, commitment: [0; 32] }];
    let opened = |manifest: &Manifest| Manifest::open(&manifest.seal(&signing(2)));
    assert_eq!(opened(&filter).unwrap().1, filter);
    for wrong in [
        Manifest { tallies: tally(Family::Titles), ..filter.clone() },
        Manifest { shelves: Some(file), ..filter.clone() },
        Manifest { kind: Kind::Catalogue, tallies: tally(Family::Marks), ..filter.clone() },
    ] {
        assert_eq!(opened(&wrong).unwrap_err(), BadManifest::OtherParts);
    }
    let site = Manifest { kind: Kind::Site, ..filter.clone() };
    assert_eq!(opened(&site).unwrap_err(), BadManifest::NotFollowed);
    let silent = Manifest { contact: Vec::<Contact>::new(), ..filter.clone() };
    assert_eq!(opened(&silent).unwrap_err(), BadManifest::NoContact);
    let of = |records| Manifest {
        tallies: vec![Tally { family: Family::Marks, records, commitment: [0; 32] }],
        ..filter.clone()
    };
    assert!(opened(&of(MARKS_MAX)).is_ok());
    assert_eq!(opened(&of(MARKS_MAX + 1)).unwrap_err(), BadManifest::TooMany);
}

#[test]
fn a_filter_that_is_not_what_it_promises_is_refused() {
    let mut filter = filter();
    publish(&mut filter, &[(1, Some(HIDE)), (2, Some(BLOCK))]);
    let mut lying = filter.publication.manifest.clone();
    lying.tallies[0].commitment = [0; 32];
    filter.sealed = lying.seal(&signing(2));
    assert_eq!(shown(&filter, &Ledger::default()).unwrap_err(), BadChannel::Commitment);
    lying.tallies[0].records = 1;
    filter.sealed = lying.seal(&signing(2));
    assert_eq!(shown(&filter, &Ledger::default()).unwrap_err(), BadChannel::Commitment);
}

#[test]
fn nobody_publishes_more_than_a_filter_may_have() {
    let filter = filter();
    let mut publication = filter.publication.clone();
    let live = |number: u64| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        (RecordId(id), [0; 32])
    };
    publication.live.insert(Family::Marks, (0..MARKS_MAX).map(live).collect());
    let mut changes = Changes::default();
    changes.mark(Mark([0xFF; 16]), Some(HIDE));
    let published = publication.publish(changes, &signing(2), NOW, NOW, &filter.disk);
    assert_eq!(published.map(drop), Err(CannotPublish::TooMany));
}

#[test]
fn a_verdict_that_a_later_program_wrote_is_none_and_a_later_reason_is_none() {
    assert_eq!(Verdict::read(&[0xa2, 1, 4, 2, 4]), Some(BLOCK));
    assert_eq!(Verdict::read(&[0xa1, 1, 1]), Some(HIDE));
    let later = Verdict { action: Action::Warn, reason: None };
    assert_eq!(Verdict::read(&[0xa3, 1, 2, 2, 9, 3, 1]), Some(later));
    for none in [&[0xa1, 1, 5][..], &[0xa1, 2, 1], &[0xa1, 1, 0x18], &[], &[0xa1, 1, 0x41, 1]] {
        assert_eq!(Verdict::read(none), None, "{none:?}");
    }
    let long = [&[0xa2, 1, 1, 3, 0x58, 100][..], &[0; 100]].concat();
    assert_eq!(Verdict::read(&long), None);
}

#[test]
fn a_title_is_known_by_its_channel_its_id_and_its_torrents() {
    let title = parsed(film("a"));
    let key = Key([7; 32]);
    let id = RecordId::of(&title.id);
    let hashes = title.releases[0].torrent.hashes().unwrap();
    let InfoHashes::Hybrid(v1, v2) = hashes else { panic!("{hashes:?}") };
    let mut told = [Marked::Title(key, id), Marked::Channel(key), Marked::V1(v1), Marked::V2(v2)]
        .map(|marked| marked.mark());
    told.sort_unstable();
    assert_eq!(Mark::all_of(&key.to_string(), &title), told);
    assert_eq!(Mark::all_of("films", &title).len(), 2, "of this machine alone");
    // What a publisher calls it, and what it is called outside of the channel, are one.
    let outside = records(&title, 0)[0].id.to_string();
    assert_eq!(RecordId::of(&outside.try_into().unwrap()), id);
}

#[test]
fn the_vectors_of_the_format_are_what_marks_are() {
    let page = include_str!("../../../../docs/channel-format.md");
    let told: String = page.split_whitespace().collect();
    let key = Key([7; 32]);
    for marked in [
        Marked::V1(Sha1Hash([0x11; 20])),
        Marked::V2(Sha256Hash([0x22; 32])),
        Marked::Title(key, RecordId([9; 16])),
        Marked::Channel(key),
    ] {
        let mark = marked.mark().to_string();
        assert!(told.contains(&mark), "{marked:?} {mark}");
    }
    let mut filter = filter();
    let mut changes = Changes::default();
    changes.mark(Marked::V1(Sha1Hash([0x11; 20])).mark(), Some(BLOCK));
    let edition = filter.publish(changes);
    let hex: String = edition.written[0].1.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(told.contains(&hex), "{hex}");
}
