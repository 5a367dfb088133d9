//! Holds `docs/channel-format.cddl` against what is really written: each field there, none besides.

use std::collections::BTreeSet;

use serde_json::json;
use torrent::{InfoHashes, Sha256Hash};

use super::{
    Action, Directory, Family, FileRef, Files, Key, Kind, Level, Listed, Manifest, PackKind,
    PackPlan, PagePath, Palette, RootDocument, SegmentRef, Site, SiteChannel, SiteFile, Tally,
    Theme, Typeface, Verdict, Where, records, withdrawal,
};
use crate::{
    cbor::{Limits, Value},
    title::Title,
    withdrawal::{Withdrawal, WithdrawalReason},
};

const CDDL: &str = include_str!("../../../../docs/channel-format.cddl");
const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 8, values: 10_000 };

/// The numbers of a rule's fields, and of those that must be there.
fn rule(name: &str) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let opening = format!("{name} = {{");
    let lines = CDDL.lines().skip_while(|line| *line != opening).skip(1);
    let (mut all, mut mandatory) = (BTreeSet::new(), BTreeSet::new());
    for line in lines.take_while(|line| *line != "}").map(str::trim) {
        let field = line.strip_prefix("? ").unwrap_or(line);
        let Some(number) = field.split(':').next().and_then(|number| number.parse().ok()) else {
            continue;
        };
        all.insert(number);
        if field == line {
            mandatory.insert(number);
        }
    }
    assert!(!all.is_empty(), "the description has no rule {name}");
    (all, mandatory)
}

/// The numbers of the fields of a map.
fn fields(value: &Value<'_>) -> BTreeSet<u64> {
    let Value::Map(entries) = value else { panic!("{value:?}") };
    entries.iter().filter_map(|(key, _)| key.clone().unsigned().ok()).collect()
}

fn field<'a>(value: &Value<'a>, number: u64) -> Value<'a> {
    let Value::Map(entries) = value else { panic!("{value:?}") };
    let wanted = Value::Unsigned(number);
    entries.iter().find(|(key, _)| *key == wanted).expect("the field").1.clone()
}

/// All that was written has the rule's fields: every one occurs, the mandatory ones always.
fn assert_described(name: &str, written: &[Value<'_>]) {
    let (all, mandatory) = rule(name);
    let each: Vec<_> = written.iter().map(fields).collect();
    assert!(each.iter().all(|fields| fields.is_superset(&mandatory)), "{name}: {each:?}");
    let union: BTreeSet<u64> = each.into_iter().flatten().collect();
    assert_eq!(union, all, "{name}");
}

fn read(bytes: &[u8]) -> Value<'_> {
    Value::read(bytes, LIMITS).expect("what we write can be read")
}

/// What is inside a signed document.
fn payload(sealed: &[u8]) -> Vec<u8> {
    let [_, _, payload, _] = read(sealed).tuple().expect("an envelope");
    payload.bytes().expect("a payload").to_vec()
}

fn series() -> Title {
    let release = json!({"id": "r", "quality": "720p", "width": 1, "height": 1, "container": "mp4",
        "video_codec": "h264", "audio_codec": "aac", "audio_languages": ["en"], "size_bytes": 1,
        "torrent": {"v1": "11".repeat(20), "v2": "22".repeat(32)}, "pieces_root": "5c".repeat(32), "path": "a",
        "subtitles": [{"language": "de", "format": "srt", "path": "b"}]});
    let episode = json!({"id": "e", "number": 1, "name": {"en": "One"}, "releases": [release]});
    serde_json::from_value(json!({
        "id": "s", "kind": "series", "name": {"en": "A"}, "original_language": "en",
        "synopsis": {"en": "Text"}, "year": 1927, "runtime_s": 60,
        "licence": "LicenseRef-publisher-own", "licence_statement": "Anybody may share it.",
        "attribution": "Somebody", "source": "https://example.org/", "genres": ["drama"],
        "people": [{"name": "Somebody", "role": "cast"}], "countries": ["NL"],
        "content_rating": "G", "ids": {"imdb": "tt0017136"}, "thumbhash": "AAAA", "poster": {"in_torrent": "p.jpg"},
        "backdrop": {"sha256": "33".repeat(32)},
        "seasons": [{"number": 1, "name": {"en": "First"}, "episodes": [episode]}],
    }))
    .expect("a series")
}

/// A film of a finer kind.
fn concert() -> Title {
    let mut concert = series();
    let release = concert.seasons[0].episodes[0].releases.remove(0);
    concert.seasons.clear();
    Title { kind: crate::Kind::Concert, releases: vec![release], ..concert }
}

#[test]
fn records_have_the_fields_of_their_description() {
    let records = records(&series(), 7);
    let concert = super::records(&concert(), 8);
    let cores: Vec<_> = records.iter().chain(&concert).map(|record| read(&record.core)).collect();
    assert_described("core", &cores);
    let [Value::Map(release)] = &field(&cores[1], 10).list(1).expect("releases")[..] else {
        panic!("a release")
    };
    assert_described("release", &[Value::Map(release.clone())]);
    let details: Vec<_> = records.iter().map(|record| read(&record.detail)).collect();
    assert_described("detail", &details);
    let taken_back = Withdrawal {
        id: series().id,
        infohash: serde_json::from_value(json!("11".repeat(20))).expect("a hash"),
        reason: WithdrawalReason::Rights,
        note: serde_json::from_value(json!({"en": "Note"})).expect("a note"),
    };
    assert_described("withdrawal", &[read(&withdrawal::to_bytes(&taken_back, 1))]);
    let verdict = Verdict { action: Action::Block, reason: Some(WithdrawalReason::Malware) };
    assert_described("verdict", &[read(&verdict.to_bytes())]);
}

#[test]
fn documents_have_the_fields_of_their_description() {
    let key = dht::SigningKey::from_bytes(&[1; 32]);
    let text = |text: &str| text.to_owned();
    let name: crate::Multilingual<300> =
        serde_json::from_value(json!({"en": "A"})).expect("a name");
    let contact = vec![text("mailto:a@example.org").try_into().expect("a contact")];
    let file = FileRef {
        sha256: [1; 32],
        length: 1,
        place: Where::Head(text("1-1-0").try_into().expect("a name")),
    };
    let segment = SegmentRef {
        family: Family::Titles,
        level: 0,
        records: 1,
        versions: (1, 1),
        file: file.clone(),
    };
    let place = Where::Torrent(InfoHashes::V2(Sha256Hash([3; 32])));
    let pack = PackPlan::of(PackKind::Pictures, &[([4; 32], 1)].into()).remove(0);
    let pack = pack.described(FileRef { sha256: [5; 32], length: pack.length(), place });
    let manifest = Manifest {
        kind: Kind::Catalogue,
        version: 1,
        issued_ms: 1,
        expires_ms: 2,
        previous: [0; 32],
        name: name.clone(),
        about: serde_json::from_value(json!({"en": "B"})).expect("a text"),
        publisher: text("Somebody").try_into().expect("a name"),
        contact: contact.clone(),
        metadata_licence: text("CC0-1.0").try_into().expect("a licence"),
        tallies: vec![Tally { family: Family::Titles, records: 1, commitment: [2; 32] }],
        segments: vec![segment],
        shelves: Some(FileRef {
            place: Where::Head(text("1-4-0").try_into().expect("a name")),
            ..file.clone()
        }),
        directory: Some(FileRef {
            place: Where::Head(text("1-channels").try_into().expect("a name")),
            ..file
        }),
        domain: Some(text("example.org").try_into().expect("a domain")),
        packs: vec![pack],
        mirrors: vec![text("https://example.org/").try_into().expect("an address")],
    };
    assert_described("manifest", &[read(&payload(&manifest.seal(&key)))]);
    let listed = Listed {
        key: Key([6; 32]),
        name: name.clone(),
        about: serde_json::from_value(json!({"en": "B"})).expect("a text"),
        languages: vec![text("en").try_into().expect("a language")],
    };
    let mut directory = Directory::default();
    directory.put(listed).expect("room");
    let bytes = directory.to_bytes();
    let [_, listed] = read(&bytes).tuple().expect("a directory");
    assert_described("listed", &listed.list(1).expect("channels"));
    let entry = (PagePath::entry(), SiteFile::of(b"page"));
    let site = Site {
        version: 1,
        issued_ms: 1,
        expires_ms: 2,
        previous: [0; 32],
        name: name.clone(),
        publisher: text("Somebody").try_into().expect("a name"),
        contact: contact.clone(),
        level: Level::Static,
        files: Files::new(&Level::Static, [entry].into()).expect("a page"),
        mirrors: vec![text("https://a.example/pages/").try_into().expect("a mirror")],
        channel: Some(SiteChannel::sign(Key([7; 32]), &key, &Key([8; 32]))),
    };
    let pages = payload(&site.seal(&key));
    let theme = Theme {
        palette: Palette::Sea,
        typeface: Typeface::Serif,
        language: text("fr").try_into().expect("a language"),
    };
    let (level, page) = (Level::Text(theme), text("index.md").try_into().expect("a path"));
    let files = Files::new(&level, [(page, SiteFile::of(b"page"))].into()).expect("a page");
    let bare = Site { level, files, mirrors: vec![], channel: None, ..site };
    let texts = payload(&bare.seal(&key));
    assert_described("site", &[read(&pages), read(&texts)]);
    let (online, next) = (vec![Key([4; 32])], [5; 32]);
    let root = RootDocument { version: 1, issued_ms: 1, name, contact, online, next };
    assert_described("root-document", &[read(&payload(&root.seal(&key)))]);
}
