//! The index of a publisher's films says what reading all of them says, whatever happened to the channel or to the index.

use std::{collections::BTreeSet, fs, path::PathBuf};

use catalogue::{FileKey, Release, Title, Withdrawal, channel::RecordId};
use channels::{Channels, FilmAdded, IfThere, ListTitle, Own, OwnError, There, publish};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::new_channel;

const FILES: u64 = 12;
const EPISODES: u64 = 8;

/// A publisher without a network, and numbers that are the same in every run of a seed.
struct Publisher {
    _place: TempDir,
    channels: Channels,
    own: Own,
    index: PathBuf,
    seed: u64,
    state: u64,
}

impl Publisher {
    fn new(seed: u64) -> Self {
        let place = TempDir::new().unwrap();
        let channels = Channels::open(place.path()).unwrap();
        let (own, _) = Own::create(&channels, new_channel("Silent films"), None).unwrap();
        let key = own.folder().key().to_string();
        let index = place.path().join(key).join("own").join("films.db");
        Self { _place: place, channels, own, index, seed, state: seed }
    }

    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn release(&mut self, id: &str) -> Value {
        let file = self.below(FILES);
        release(id, file)
    }

    fn film(&mut self, id: u64) -> Title {
        let releases: Vec<_> =
            (0..=self.below(2)).map(|at| self.release(&format!("film-{id}-{at}"))).collect();
        titled(json!({"id": format!("film-{id}"), "kind": "film", "releases": releases}))
    }

    /// Its episodes may have been those of another one.
    fn series(&mut self, id: u64) -> Title {
        let ids: BTreeSet<_> = (0..=self.below(4)).map(|_| self.below(EPISODES)).collect();
        let episodes: Vec<_> = ids
            .into_iter()
            .enumerate()
            .map(|(at, id)| {
                let release = self.release(&format!("episode-{id}-r"));
                json!({"id": format!("episode-{id}"), "number": at + 1, "name": {"en": "Part"},
                    "releases": [release]})
            })
            .collect();
        titled(json!({"id": format!("series-{id}"), "kind": "series",
            "seasons": [{"number": 1, "episodes": episodes}]}))
    }

    fn step(&mut self) {
        let id = self.below(10);
        match self.below(12) {
            0..=2 => {
                let film = self.film(id);
                self.own.add(vec![film]).unwrap();
            }
            3 | 4 => {
                let series = self.series(id % 3);
                self.own.add(vec![series]).unwrap();
            }
            5 => {
                let (film, series) = (self.film(id), self.series(id % 3));
                let listed = [film, series].map(|title| ListTitle { title, has_own_id: false });
                self.own.add_list(listed.to_vec()).unwrap();
            }
            // What is taken back is so for ever: not much of it is.
            6 if id == 0 => self.withdraw(&json!({"id": "film-9", "reason": "rights"})),
            6 if id == 1 => self.withdraw(&json!({"id": "episode-7", "reason": "rights"})),
            6 => {
                let torrent = format!("{:040x}", self.below(FILES) + 1);
                let film = format!("film-{id}");
                self.withdraw(&json!({"id": film, "infohash": torrent, "reason": "rights"}));
            }
            7 => fs::remove_file(&self.index).unwrap_or(()),
            8 => self.damage(),
            _ => drop(publish(&self.channels, *self.own.folder().key()).unwrap()),
        }
    }

    fn withdraw(&self, withdrawal: &Value) {
        let withdrawal: Withdrawal = serde_json::from_value(withdrawal.clone()).unwrap();
        self.own.withdraw(vec![withdrawal]).unwrap();
    }

    /// A version goes by while an older index lies there, or one that is none.
    fn damage(&mut self) {
        let kept = fs::read(&self.index).ok();
        publish(&self.channels, *self.own.folder().key()).unwrap();
        match (kept, self.below(3)) {
            (Some(kept), 0) => fs::write(&self.index, kept).unwrap(),
            // The head says what it was, and the rest is gone.
            (Some(kept), 1) => fs::write(&self.index, &kept[..kept.len().min(4096)]).unwrap(),
            _ => fs::write(&self.index, "no index").unwrap(),
        }
    }

    /// Compares what each file is found in with what all titles say.
    fn compare(&self, step: usize) {
        let all = self.read_all();
        for file in 0..FILES {
            let probe = titled(json!({"id": format!("probe-{file}"), "kind": "film",
                "releases": [release("probe", file)]}));
            let wanted: BTreeSet<_> = probe.releases[0].file_keys().collect();
            let expected = all.iter().filter_map(|(title, waits)| found(title, *waits, &wanted));
            let mut expected: Vec<_> = expected.collect();
            let mut there = match self.own.add_film(probe, IfThere::Tell).unwrap() {
                FilmAdded::There(there) => there,
                FilmAdded::Waits { id, .. } => {
                    assert!(self.own.take_out(&id).unwrap());
                    vec![]
                }
            };
            expected.sort_by_key(|one| one.title);
            there.sort_by_key(|one| one.title);
            assert_eq!(there, expected, "file {file} after step {step} of seed {}", self.seed);
        }
    }

    /// Every title as it will be published next, and whether it waits for that.
    fn read_all(&self) -> Vec<(Title, bool)> {
        let mut all = vec![];
        self.own
            .waiting(|title| {
                all.push((title, true));
                Ok::<_, OwnError>(())
            })
            .unwrap();
        let waiting: BTreeSet<_> = all.iter().map(|(title, _)| RecordId::of(&title.id)).collect();
        let gone = self.own.taken_back().unwrap();
        // Before the first version nothing is published.
        let published = channels::catalogue(self.own.folder()).ok();
        let published = published.iter().flat_map(catalogue::Catalogue::titles).cloned();
        let published = published
            .filter(|one| !waiting.contains(&RecordId::of(&one.id)) && !gone.has(&one.id))
            .map(|one| (one, false));
        all.extend(published);
        all
    }
}

fn release(id: &str, file: u64) -> Value {
    // Some are known by their bytes as well, in whatever torrent.
    let root = file.is_multiple_of(3).then(|| format!("{:064x}", file + 1));
    json!({"id": id, "quality": "720p", "container": "mp4", "size_bytes": 1,
        "path": "film/film.mp4", "pieces_root": root,
        "torrent": {"v1": format!("{:040x}", file + 1)}})
}

fn titled(mut record: Value) -> Title {
    record["name"] = record["id"].as_str().map(|id| json!({"en": id})).unwrap();
    record["licence"] = json!("CC-BY-4.0");
    record["attribution"] = json!("Somebody");
    record["source"] = json!("https://example.org/licence");
    serde_json::from_value(record).unwrap()
}

fn found(title: &Title, is_waiting: bool, wanted: &BTreeSet<FileKey>) -> Option<There> {
    let has_it = |releases: &[Release]| {
        releases.iter().flat_map(Release::file_keys).any(|key| wanted.contains(&key))
    };
    let episode = title.episodes().find(|(_, episode)| has_it(&episode.releases));
    let episode = episode.map(|(_, episode)| RecordId::of(&episode.id));
    let has_it = episode.is_some() || has_it(&title.releases);
    let (id, name) = (RecordId::of(&title.id), title.name.clone());
    has_it.then_some(There { title: id, name, episode, is_waiting })
}

#[test]
fn the_index_of_films_says_what_reading_all_of_them_says_whatever_the_history() {
    for seed in 1..=3 {
        let mut publisher = Publisher::new(seed);
        for step in 0..30 {
            publisher.step();
            publisher.compare(step);
        }
    }
}

#[test]
fn an_index_that_is_kept_follows_each_version_and_is_not_made_again() {
    let mut publisher = Publisher::new(7);
    let key = *publisher.own.folder().key();
    for film in 1..3 {
        let film = publisher.film(film);
        publisher.own.add(vec![film]).unwrap();
        publish(&publisher.channels, key).unwrap();
    }
    assert!(!publisher.index.exists(), "nobody asked");
    publisher.compare(0);
    // Whoever makes it anew puts another file in its place: this name of the old one would stay behind.
    let other_name = publisher.index.with_extension("old");
    fs::hard_link(&publisher.index, &other_name).unwrap();
    for step in 1..6 {
        let (film, series) = (publisher.film(step), publisher.series(step % 2));
        publisher.own.add(vec![film, series]).unwrap();
        publish(&publisher.channels, key).unwrap();
        publisher.compare(0);
    }
    assert_eq!(fs::read(&publisher.index).unwrap(), fs::read(&other_name).unwrap());
}
