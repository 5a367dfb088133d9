//! A publisher for tests: keys, a root, editions in memory.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{
    Catalogue, Title,
    channel::{
        Changes, Edition, FileRef, Head, Key, Kind, Manifest, Publication, Root, SegmentStore,
        Standing, Supplied, assemble, next_root, public, records,
    },
};
use dht::{MutableItem, SigningKey};
use serde_json::{Value, json};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

/// When the tests play: a date of the vectors, milliseconds since 1970.
pub(crate) const NOW: u64 = 1_790_000_100_000;
pub(crate) const DAY: u64 = 24 * 3600 * 1000;

pub(crate) fn signing(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The root of version `n` that key 1 signs, with the online keys of these seeds.
pub(crate) fn root(version: u64, online: &[u8]) -> MutableItem {
    root_saying(version, online).sign(&signing(1), 0).unwrap()
}

pub(crate) fn root_saying(version: u64, online: &[u8]) -> Root {
    Root {
        version,
        document: [5; 32],
        next: next_root(&public(&signing(3))),
        online: online.iter().map(|seed| public(&signing(*seed))).collect(),
        issued_ms: NOW + version,
        expires_ms: NOW + 365 * DAY,
        unlisted: false,
    }
}

/// A head of version `n` that an online key signs, its time counted from [`NOW`].
pub(crate) fn head(seed: u8, version: u64, after_ms: u64) -> MutableItem {
    head_saying(version, after_ms).sign(&signing(seed), &channel(), None).unwrap()
}

pub(crate) fn head_saying(version: u64, after_ms: u64) -> Head {
    Head {
        torrent: InfoHashes::Hybrid(Sha1Hash([0x11; 20]), Sha256Hash([0x22; 32])),
        manifest: [u8::try_from(version % 251).unwrap(); 32],
        version,
        root_version: 1,
        issued_ms: NOW + after_ms,
        expires_ms: NOW + after_ms + 30 * DAY,
    }
}

/// The channel of key 1.
pub(crate) fn channel() -> Key {
    public(&signing(1))
}

/// A follower that knows root 1 with online key 2.
pub(crate) fn follower() -> Standing {
    let mut standing = Standing::new(channel());
    standing.offer_root(&root(1, &[2]), NOW).unwrap();
    standing
}

/// The bytes of every segment ever written.
#[derive(Debug, Default, Clone)]
pub(crate) struct Disk(pub(crate) BTreeMap<[u8; 32], Vec<u8>>);

impl SegmentStore for Disk {
    fn segment(&self, file: &FileRef) -> Option<Vec<u8>> {
        self.0.get(&file.sha256).cloned()
    }
}

/// A channel and what its publisher has on disk.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    pub(crate) publication: Publication,
    pub(crate) disk: Disk,
    pub(crate) sealed: Vec<u8>,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let manifest = manifest();
        Self { publication: Publication::new(manifest), disk: Disk::default(), sealed: vec![] }
    }

    /// Publishes, and returns what was written.
    pub(crate) fn publish(&mut self, changes: Changes) -> Edition {
        let edition = self.publication.publish(changes, &signing(2), NOW, NOW + DAY, &self.disk);
        let edition = edition.unwrap();
        for (file, bytes) in &edition.written {
            self.disk.0.insert(file.sha256, bytes.clone());
        }
        for file in &edition.dropped {
            self.disk.0.remove(&file.sha256);
        }
        self.publication = edition.publication.clone();
        self.sealed = edition.sealed.clone();
        edition
    }

    pub(crate) fn put(&mut self, titles: &[Value]) -> Edition {
        let mut changes = Changes::default();
        for title in titles {
            changes.put(records(&parsed(title.clone()), 0));
        }
        self.publish(changes)
    }

    /// What a follower with all files sees.
    pub(crate) fn seen(&self) -> Catalogue {
        let (key, manifest) = Manifest::open(&self.sealed).unwrap();
        assert_eq!(key, public(&signing(2)));
        let bytes = |file: &FileRef| &self.disk.0[&file.sha256];
        let supplied: Vec<_> = manifest
            .segments
            .iter()
            .map(|described| Supplied { described, bytes: bytes(&described.file) })
            .collect();
        let names: BTreeSet<_> = manifest.files().map(|file| file.sha256).collect();
        assert_eq!(names, self.disk.0.keys().copied().collect(), "no file too few or too many");
        assemble(&channel(), &manifest, &supplied).unwrap()
    }
}

pub(crate) fn manifest() -> Manifest {
    let text = |json| serde_json::from_value(json).unwrap();
    Manifest {
        kind: Kind::Catalogue,
        version: 0,
        issued_ms: 0,
        expires_ms: 0,
        previous: [0; 32],
        name: text(json!({"en": "A channel", "ar": "قناة"})),
        about: serde_json::from_value(json!({"en": "Films\nand shorts"})).unwrap(),
        publisher: "Somebody".to_owned().try_into().unwrap(),
        contact: vec!["mailto:rights@example.org".to_owned().try_into().unwrap()],
        metadata_licence: "CC0-1.0".to_owned().try_into().unwrap(),
        tallies: vec![],
        segments: vec![],
        shelves: None,
        directory: None,
        domain: None,
        packs: vec![],
        mirrors: vec![],
    }
}

/// A film with a bit of everything.
pub(crate) fn film(id: &str) -> Value {
    json!({
        "id": id, "kind": "film", "name": {"en": format!("Film {id}"), "de": "Ein Film"},
        "original_language": "en", "synopsis": {"en": "What it is about.\nAnd more."},
        "year": 1927, "runtime_s": 5400, "licence": "CC-BY-SA-4.0",
        "attribution": "Somebody", "source": "https://example.org/licence",
        "genres": ["drama", "silent"], "people": [{"name": "Somebody", "role": "director"}],
        "countries": ["NL"], "content_rating": "G", "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
        "poster": {"in_torrent": "poster.jpg"},
        "releases": [release("film.mp4")],
    })
}

pub(crate) fn series(id: &str, episodes: u16) -> Value {
    let episode = |number: u16| {
        json!({"id": format!("{id}-{number}"), "number": number, "name": {"en": "An episode"},
            "runtime_s": 60, "releases": [release(&format!("{number}.mp4"))]})
    };
    let episodes: Vec<_> = (1..=episodes).map(episode).collect();
    let mut series = film(id);
    series["kind"] = json!("series");
    series["releases"] = json!([]);
    series["seasons"] = json!([{"number": 1, "name": {"en": "The first"}, "episodes": episodes}]);
    series
}

fn release(path: &str) -> Value {
    json!({"id": "ignored", "quality": "720p", "width": 1280, "height": 720, "container": "mp4",
        "video_codec": "h264", "audio_codec": "aac", "audio_languages": ["en"],
        "size_bytes": 123_456_789,
        "torrent": {"v1": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c", "v2": "ab".repeat(32),
            "trackers": ["https://tracker.example/announce"]},
        "path": format!("a folder/{path}"), "pieces_root": "5c".repeat(32),
        "subtitles": [{"language": "de", "format": "srt", "role": "sdh", "path": "a/de.srt"}]})
}

pub(crate) fn parsed(title: Value) -> Title {
    serde_json::from_value(title).unwrap()
}
