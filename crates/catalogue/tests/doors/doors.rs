//! One function for each door through which strangers' catalogues come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use catalogue::{
    Catalogue, Release, SubtitlePlace, Title,
    channel::{
        Action, Address, BadChannel, Bundle, Directory, Family, FileRef, FirstScreen, Gossip, Key,
        Kind, Ledger, Manifest, PACK_LINE, PackHeader, PackSearch, Reading, RootDocument, Rotation,
        Segment, SegmentRef, Shelves, Standing, Supplied, Tally, Verdict, Where, assemble,
        commitment, entries_in,
    },
    exchange::{
        Entry, Found, Gathering, Intake, Part,
        csv::{Rows, separator},
        json_ld, mrss, nfo,
    },
};
use serde_json::json;
use torrent::{Magnet, hash::sha256};

/// The name of a door and what stands behind it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Every door.
pub(crate) const DOORS: [Door; 5] = [
    ("catalogue", catalogue),
    ("channel_documents", channel_documents),
    ("channel_pack", channel_pack),
    ("channel_segment", channel_segment),
    ("exchange", exchange),
];

/// Lists in others' formats: whatever they say, what comes of them passes our own gate or is dropped.
pub(crate) fn exchange(bytes: &[u8]) {
    let (mut intake, mut series) = (Intake::default(), Gathering::default());
    let mut check = |entry: &Entry| {
        if let Ok(title) = intake.admit(entry) {
            assert!(!title.attribution.is_empty() && title.source.starts_with("https://"));
            assert!(title.all_releases().all(|release| release.torrent.trackers.is_empty()));
        }
    };
    let mut tell = |found: Found| match found {
        Ok(entry) if *entry.part() == Part::Title => check(&entry),
        Ok(entry) => drop(series.take(entry, ())),
        Err(_) => {}
    };
    json_ld::read(bytes, "en", &mut tell).ok();
    mrss::read(bytes, "en", &mut tell).ok();
    let mut rows = Rows::new(separator(bytes), "en");
    if rows.feed(bytes, &mut tell).is_ok() {
        rows.finish(&mut tell).ok();
    }
    nfo::read(bytes, "en", &mut tell).ok();
    let assumed = [("licence", "CC0-1.0"), ("attribution", "A"), ("source", "https://a.test/")];
    let assumed = assumed.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    for gathered in series.finish(&assumed) {
        if let Some(series) = gathered.series.filter(|series| series.waiting.is_empty()) {
            assert!(series.entry.admit().is_ok(), "{:?}", series.entry);
            check(&series.entry);
        }
    }
}

/// Everything of a channel that is signed, and its address: what is accepted is written back as it was read.
pub(crate) fn channel_documents(bytes: &[u8]) {
    if let Ok(standing) = Standing::read(bytes) {
        assert_eq!(standing.to_bytes(), bytes);
    }
    if let Ok(rotation) = Rotation::read(bytes) {
        assert_eq!(rotation.to_bytes(), bytes);
    }
    if let Ok(Some(gossip)) = Gossip::read(bytes) {
        assert_eq!(Gossip::read(&gossip.to_bytes()), Ok(Some(gossip)));
    }
    if let Ok(text) = str::from_utf8(bytes) {
        entries_in(text, Verdict { action: Action::Hide, reason: None }).ok();
    }
    if let Some(address) = str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()) {
        let address: Address = address;
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    if let Ok(directory) = Directory::read(bytes) {
        assert_eq!(Directory::read(&directory.to_bytes()), Ok(directory));
    }
    Bundle::read(bytes, u64::MAX).ok();
    Manifest::open(bytes).ok();
    RootDocument::open(bytes).ok();
}

/// A pack: whatever stands in its index, a search ends soon, and what it finds lies within the pack.
pub(crate) fn channel_pack(bytes: &[u8]) {
    let Some(Ok(header)) = bytes.first_chunk().map(PackHeader::read) else { return };
    assert!(header.things.saturating_mul(PACK_LINE as u64) < header.length);
    let of_index = bytes.get(32..64).and_then(|line| line.try_into().ok());
    for hash in [Some([0; 32]), Some([0x80; 32]), Some([0xff; 32]), of_index].into_iter().flatten()
    {
        let mut steps = 0;
        let found = PackSearch::find(header, hash, |range| {
            steps += 1;
            let part = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
            bytes.get(part).map(<[u8]>::to_vec)
        });
        assert!(steps <= 64, "{steps} readings");
        if let Ok(Some(thing)) = found {
            assert!(thing.sha256 == hash && thing.end() <= header.length);
        }
    }
}

/// A segment or a first screen, and the titles that its records give to a follower whose manifest describes it truly.
pub(crate) fn channel_segment(bytes: &[u8]) {
    if let Ok(shelves) = Shelves::read(bytes) {
        assert_eq!(Shelves::read(&shelves.to_bytes()), Ok(shelves));
    }
    let Ok(segment) = Segment::read(bytes) else { return };
    let Ok(entries) = segment.entries().collect::<Result<Vec<_>, _>>() else { return };
    assert_eq!(entries.len() as u64, segment.records());
    let there = entries.iter().filter_map(|one| Some((one.id, sha256(one.record.as_ref()?).0)));
    let live: Vec<_> = there.collect();
    let (family, place) = (segment.family(), Where::Head(text("s")));
    let file = FileRef { sha256: sha256(bytes).0, length: bytes.len() as u64, place };
    let (level, records) = (segment.level(), segment.records());
    let described = SegmentRef { family, level, records, versions: segment.versions(), file };
    let commitment = commitment(&live);
    let manifest = Manifest {
        kind: Kind::Catalogue,
        version: segment.versions().1,
        issued_ms: 0,
        expires_ms: 0,
        previous: [0; 32],
        name: Default::default(),
        about: Default::default(),
        publisher: text("Somebody"),
        contact: vec![],
        metadata_licence: text("CC0-1.0"),
        tallies: vec![Tally { family, records: live.len() as u64, commitment }],
        segments: vec![],
        shelves: None,
        directory: None,
        domain: None,
        packs: vec![],
        mirrors: vec![],
    };
    if family == Family::Marks {
        return check_marks(
            &Manifest { kind: Kind::Filter, segments: vec![described], ..manifest },
            bytes,
        );
    }
    let mut showing = manifest.clone();
    showing.shelves = Some(described.file.clone());
    if let Ok(screen) = FirstScreen::read(&Key([1; 32]), &showing, bytes) {
        screen.titles.iter().for_each(|(_, title)| check_title(title));
    }
    let supplied = [Supplied { described: &described, bytes }];
    if let Ok(read) = assemble(&Key([1; 32]), &manifest, &supplied) {
        assert!(read.titles().len() + read.rejected().len() <= live.len());
        read.titles().iter().for_each(check_title);
    }
}

/// A filter of one segment: what is shown of it is in order, once each, and no more than it promises.
fn check_marks(manifest: &Manifest, bytes: &[u8]) {
    let Ok(reading) = Reading::open(&Key([1; 32]), manifest, |_| Some(bytes)) else { return };
    let Ok(change) = reading.change(&Ledger::default()) else { return };
    let mut marks = vec![];
    let shown = reading.show_marks(&change, |mark, verdict| {
        marks.push((mark, verdict.expect("all of it is shown")));
        Ok::<_, BadChannel>(())
    });
    assert!(shown.is_ok() && marks.is_sorted_by(|a, b| a.0 < b.0));
    assert!(manifest.tallies.iter().all(|tally| marks.len() as u64 <= tally.records));
    let lines: Vec<_> = marks.iter().map(|(mark, verdict)| mark.line(verdict)).collect();
    let usual = Verdict { action: Action::Hide, reason: None };
    let read = entries_in(&lines.join("\n"), usual).expect("what was written");
    let read: Vec<_> = read.into_iter().map(|entry| (entry.mark, entry.verdict)).collect();
    assert_eq!(read, marks);
}

/// A word that a checked type takes.
fn text<T: TryFrom<String, Error: std::fmt::Debug>>(word: &str) -> T {
    T::try_from(word.to_owned()).expect("a plain word")
}

/// A catalogue file: what is accepted names its licence, attribution and source, leads nowhere else, and reads back
/// as it was read.
pub(crate) fn catalogue(bytes: &[u8]) {
    let Ok(read) = Catalogue::parse(bytes) else { return };
    assert!(read.rejected().len() <= read.rejected_counts().values().sum());
    read.titles().iter().for_each(check_title);
    let again = json!({
        "kinora_catalogue": 1, "id": read.id(), "revision": read.revision(), "name": read.name(),
        "publisher": read.publisher(), "titles": read.titles(), "withdrawn": read.withdrawn(),
    });
    let again = Catalogue::parse(again.to_string().as_bytes()).expect("what we wrote ourselves");
    assert_eq!((again.titles(), again.withdrawn()), (read.titles(), read.withdrawn()));
    assert_eq!(again.rejected(), []);
}

fn check_title(title: &Title) {
    assert!(!title.licence.spdx().is_empty() && !title.attribution.trim().is_empty());
    assert!(title.source.starts_with("https://"));
    for (_, name) in title.name.iter() {
        assert!(!name.contains(char::is_control), "{name:?}");
    }
    title.all_releases().for_each(check_release);
}

fn check_release(release: &Release) {
    let subtitles = release.subtitles.iter().filter_map(|track| match &track.place {
        SubtitlePlace::InTorrent(path) | SubtitlePlace::File(path) => Some(path),
        SubtitlePlace::Sha256(_) => None,
    });
    for path in [&release.path].into_iter().chain(&release.torrent.metainfo).chain(subtitles) {
        let is_name = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        assert!(path.split('/').all(is_name), "{:?}", &**path);
    }
    let link = release.torrent.magnet(&release.path);
    assert!(Magnet::parse(&link).is_ok(), "{link}");
}
