//! Torrents as others name them: infohashes and magnet links, and releases made of them.

use serde_json::{Map, Value};
use torrent::{InfoHashes, Magnet};

/// What a list says of one file of a torrent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) magnet: Option<String>,
    pub(super) v1: Option<String>,
    pub(super) v2: Option<String>,
    pub(super) path: Option<String>,
    pub(super) fields: Map<String, Value>,
}

impl Carried {
    /// Sets a field of the release, unless it says nothing.
    pub(super) fn set(&mut self, field: &str, value: Value) {
        if !value.is_null() && value.as_str() != Some("") {
            self.fields.insert(field.to_owned(), value);
        }
    }

    pub(super) fn names_a_torrent(&self) -> bool {
        self.magnet.is_some() || self.v1.is_some() || self.v2.is_some()
    }

    /// The release, as a record in a catalogue file has it. Trackers of a magnet link are left out: records of strangers
    /// must not send anybody to a third party.
    ///
    /// # Errors
    /// The magnet link is none.
    pub(super) fn release(&self) -> Result<Value, String> {
        let (mut v1, mut v2, mut path) = (self.v1.clone(), self.v2.clone(), self.path.clone());
        if let Some(magnet) = &self.magnet {
            let magnet =
                Magnet::parse(magnet.trim()).map_err(|why| format!("its magnet link: {why}"))?;
            let (one, two) = hashes(&magnet.hashes);
            (v1, v2) = (v1.or(one), v2.or(two));
            path = path.or(magnet.name);
        }
        let mut release = self.fields.clone();
        let mut torrent = Map::new();
        for (field, hash) in [("v1", v1), ("v2", v2)] {
            if let Some(hash) = hash.filter(|hash| !hash.trim().is_empty()) {
                torrent.insert(field.to_owned(), hash.trim().to_ascii_lowercase().into());
            }
        }
        let path = path.unwrap_or_default();
        let quality =
            release.get("height").and_then(Value::as_u64).map(|height| format!("{height}p"));
        let container = container(&path);
        release
            .entry("quality")
            .or_insert_with(|| quality.unwrap_or_else(|| "unknown".to_owned()).into());
        release.entry("container").or_insert_with(|| container.into());
        release.entry("size_bytes").or_insert_with(|| 0.into());
        let id = release.get("id").cloned();
        release.insert("id".to_owned(), id.unwrap_or_else(|| release_id(&torrent, &path).into()));
        release.insert("torrent".to_owned(), torrent.into());
        release.insert("path".to_owned(), path.into());
        Ok(release.into())
    }
}

fn hashes(hashes: &InfoHashes) -> (Option<String>, Option<String>) {
    (hashes.v1().map(|hash| hash.to_string()), hashes.v2().map(|hash| hash.to_string()))
}

/// The same for the same file of the same torrent.
fn release_id(torrent: &Map<String, Value>, path: &str) -> String {
    let hash = ["v1", "v2"].iter().find_map(|field| torrent.get(*field)).and_then(Value::as_str);
    let digest = torrent::hash::sha256(format!("{}\0{path}", hash.unwrap_or_default()).as_bytes());
    let hex: String = digest.0[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("r-{hex}")
}

/// The container that a file's name promises.
pub(super) fn container(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "webm" => "webm",
        "mkv" => "matroska",
        "avi" => "avi",
        "ts" | "m2ts" => "mpegts",
        "ogv" | "ogg" => "ogg",
        "mov" => "mov",
        _ => "mp4",
    }
}

/// The infohash of the first of some releases.
pub(super) fn first_hash(releases: &Value) -> String {
    let torrent = &releases[0]["torrent"];
    let hash = torrent["v1"].as_str().or_else(|| torrent["v2"].as_str());
    hash.unwrap_or_default().to_owned()
}

/// A magnet link of hashes in a record, without anybody's address.
pub(super) fn magnet(v1: Option<String>, v2: Option<String>) -> String {
    let topics = v1.map(|v1| format!("xt=urn:btih:{v1}")).into_iter();
    let topics: Vec<_> = topics.chain(v2.map(|v2| format!("xt=urn:btmh:1220{v2}"))).collect();
    format!("magnet:?{}", topics.join("&"))
}
