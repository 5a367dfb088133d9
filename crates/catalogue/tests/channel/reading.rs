//! A follower that takes in only what changed must have what one has that reads everything.

use std::collections::BTreeMap;

use catalogue::{
    Id, Title, WithdrawalReason,
    channel::{BadChannel, Change, Changes, Ledger, Manifest, Reading, Shown, records},
};
use serde_json::{Value, json};

use crate::publisher::{self, Publisher, channel, parsed};

fn named(mut title: Value, name: &str) -> Value {
    title["name"] = json!({"en": name});
    title
}

fn film(id: &str, name: &str) -> Value {
    named(publisher::film(id), name)
}

fn series(id: &str, name: &str, episodes: u16) -> Value {
    named(publisher::series(id, episodes), name)
}

/// A follower's titles.
#[derive(Default)]
struct Follower {
    ledger: Ledger,
    titles: BTreeMap<Id, (u64, Title)>,
    /// Titles that were shown to it in the last update.
    shown: usize,
    whole: usize,
}

impl Follower {
    fn take(&mut self, publisher: &Publisher) {
        let (_, manifest) = Manifest::open(&publisher.sealed).unwrap();
        let disk = &publisher.disk.0;
        let supply = |one: &catalogue::channel::SegmentRef| Some(&disk[&one.file.sha256][..]);
        let reading = Reading::open(&channel(), &manifest, supply).unwrap();
        let change = reading.change(&self.ledger).unwrap();
        self.apply(&reading, change);
        // As it lies on disk.
        self.ledger = Ledger::read(&self.ledger.to_bytes()).unwrap();
    }

    fn apply(&mut self, reading: &Reading<&[u8]>, change: Change) {
        if change.is_whole {
            self.titles.clear();
            self.whole += 1;
        }
        self.shown = 0;
        let mut seen = vec![];
        let show = |shown| {
            match shown {
                Shown::Title(rank, title) => {
                    seen.push(title.id.clone());
                    self.titles.insert(title.id.clone(), (rank, *title));
                    self.shown += 1;
                }
                Shown::Dropped(id, _) => drop(id.map(|id| self.titles.remove(&id))),
            }
            Ok::<_, BadChannel>(())
        };
        reading.show(&change, show).unwrap();
        for id in &change.gone {
            self.titles.remove(id);
        }
        for one in &change.withdrawn {
            if !seen.contains(&one.id) {
                self.titles.remove(&one.id);
            }
        }
        self.ledger = change.ledger;
    }

    /// Whether it has what one has that reads everything, in the same order.
    fn sees_all_of(&self, publisher: &Publisher) -> bool {
        let expected = publisher.seen();
        let ranks: Vec<_> = expected
            .titles()
            .iter()
            .filter_map(|title| Some(self.titles.get(&title.id)?.0))
            .collect();
        let same = expected
            .titles()
            .iter()
            .all(|title| self.titles.get(&title.id).is_some_and(|(_, have)| have == title));
        same && ranks.is_sorted() && self.titles.len() == expected.titles().len()
    }
}

/// A small random generator (SplitMix64), so that every run sees the same histories.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)) % limit
    }
}

fn some_title(random: &mut Random) -> Value {
    let (number, name) = (random.below(40), random.below(1000));
    if number < 8 {
        let episodes = 1 + random.below(4) as u16;
        return series(&format!("series-{number}"), &format!("Series {name}"), episodes);
    }
    film(&format!("film-{number}"), &format!("Film {name}"))
}

fn some_changes(random: &mut Random) -> Changes {
    let mut changes = Changes::default();
    for _ in 0..1 + random.below(4) {
        let title = parsed(some_title(random));
        match random.below(10) {
            0 => changes.withdraw(&withdrawal(&title.id, None), 5),
            1 => changes.remove(records(&title, 0)[0].id),
            2 => {
                let infohash = title.releases.first().and_then(|one| one.torrent.v1);
                if let Some(infohash) = infohash {
                    changes.withdraw(&withdrawal(&title.id, Some(infohash)), 5);
                }
            }
            _ => {
                let rank = random.below(100);
                changes.put(records(&title, rank));
            }
        }
    }
    changes
}

fn withdrawal(id: &Id, infohash: Option<catalogue::Digest<20>>) -> catalogue::Withdrawal {
    let (id, reason) = (id.clone(), WithdrawalReason::Rights);
    catalogue::Withdrawal { id, infohash, reason, note: Default::default() }
}

#[test]
fn taking_in_changes_gives_what_reading_everything_gives_whatever_the_history() {
    for seed in 1..3 {
        let mut random = Random(seed);
        let mut publisher = Publisher::new();
        let (mut always, mut sometimes) = (Follower::default(), Follower::default());
        for version in 1..24 {
            publisher.publish(some_changes(&mut random));
            always.take(&publisher);
            assert!(always.sees_all_of(&publisher), "seed {seed}, version {version}");
            if random.below(4) == 0 {
                sometimes.take(&publisher);
                assert!(sometimes.sees_all_of(&publisher), "seed {seed}, at {version}");
            }
        }
    }
}

#[test]
fn a_small_change_of_a_large_channel_shows_only_what_changed() {
    let mut publisher = Publisher::new();
    let numbered = |n: u32, name: &str| film(&format!("film-{n}"), name);
    let many: Vec<_> = (0..2000).map(|n| numbered(n, "A film")).collect();
    publisher.put(&many);
    let mut follower = Follower::default();
    follower.take(&publisher);
    assert_eq!((follower.shown, follower.whole), (2000, 1));
    for n in 0..40 {
        publisher.put(&[numbered(n, "Another name"), numbered(5000 + n, "A new film")]);
        follower.take(&publisher);
        assert_eq!((follower.shown, follower.whole), (2, 1), "publish {n}");
    }
    assert!(follower.sees_all_of(&publisher));
}

#[test]
fn a_state_that_was_not_promised_is_refused_and_a_torn_ledger_reads_everything() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("one", "One"), film("two", "Two")]);
    let (_, mut manifest) = Manifest::open(&publisher.sealed).unwrap();
    manifest.tallies[0].commitment[0] ^= 1;
    let disk = publisher.disk.0.clone();
    let supply = |one: &catalogue::channel::SegmentRef| Some(&disk[&one.file.sha256][..]);
    let reading = Reading::open(&channel(), &manifest, supply).unwrap();
    assert_eq!(reading.change(&Ledger::default()).unwrap_err(), BadChannel::Commitment);
    let missing = Reading::<&[u8]>::open(&channel(), &manifest, |_| None);
    assert_eq!(missing.unwrap_err(), BadChannel::OtherBytes);

    let mut follower = Follower::default();
    follower.take(&publisher);
    publisher.put(&[film("three", "Three")]);
    follower.ledger = Ledger::default();
    follower.ledger.version = 1;
    follower.take(&publisher);
    assert_eq!((follower.whole, follower.titles.len()), (2, 3));
}

#[test]
fn a_title_whose_licence_is_gone_is_dropped_and_not_kept_as_it_was() {
    let mut publisher = Publisher::new();
    publisher.put(&[film("one", "One"), film("two", "Two")]);
    let mut follower = Follower::default();
    follower.take(&publisher);
    let mut bad = records(&parsed(film("one", "One")), 0);
    bad[0].core = vec![0xA0];
    let mut changes = Changes::default();
    changes.put(bad);
    publisher.publish(changes);
    follower.take(&publisher);
    assert_eq!((follower.titles.len(), follower.whole), (1, 1));
    assert!(follower.sees_all_of(&publisher));
}
