//! How many take part in torrents that wait: which trackers are asked, how often, and who is not asked about.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use engine::{
    AddTorrent, AnnounceFault, Announced, Config, Engine, Input, Limits, OpId, Output, SwarmSize,
    Time, TorrentId, Want, Whom,
};
use torrent::{InfoHashes, Metainfo, Sha1Hash, Sha256Hash, create::Builder};

const HOUR: Duration = Duration::from_secs(3600);
/// Places that are given to newcomers for a minute.
const WELCOMED: u32 = 8;

/// An engine where nobody but the welcomed takes part, and the questions that were put.
struct Stage {
    engine: Engine,
    now: Time,
    asked: Vec<(Time, String, Vec<Sha1Hash>)>,
    /// What the DHT was asked to count.
    counted: Vec<(Time, Vec<Sha1Hash>)>,
    /// Whether there is a DHT.
    has_dht: bool,
    /// Trackers that answer nothing.
    deaf: Vec<&'static str>,
}

fn name(number: u32) -> Sha1Hash {
    let mut name = [0; 20];
    name[..4].copy_from_slice(&number.to_be_bytes());
    Sha1Hash(name)
}

impl Stage {
    fn new() -> Self {
        let limits = Limits { active_max: Some(1), ..Limits::NONE };
        let config = Config { use_trackers: true, limits, ..crate::setting::config() };
        Self {
            engine: Engine::new(config),
            now: Time(0),
            asked: vec![],
            counted: vec![],
            has_dht: false,
            deaf: vec![],
        }
    }

    fn add(&mut self, number: u32, trackers: &[&str]) {
        self.add_named(number, InfoHashes::V1(name(number)), trackers);
    }

    fn add_named(&mut self, number: u32, hashes: InfoHashes, trackers: &[&str]) {
        self.add_known(number, hashes, trackers, None);
    }

    fn add_known(
        &mut self,
        number: u32,
        hashes: InfoHashes,
        trackers: &[&str],
        metainfo: Option<Arc<Metainfo>>,
    ) {
        self.feed(Input::Add(Box::new(AddTorrent {
            torrent: TorrentId(number),
            hashes,
            metainfo,
            trackers: trackers.iter().map(|url| vec![(*url).to_owned()]).collect(),
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
    }

    fn feed(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            let answer = match output {
                Output::Announce(op, _) => {
                    let interval = HOUR;
                    let (seeders, leechers) = (Some(3), Some(4));
                    let answer = Announced { interval, seeders, leechers, ..Announced::default() };
                    Some(Input::Announced(op, Ok(answer)))
                }
                Output::Scrape { op, whom: Whom::Tracker(url), infohashes } => {
                    self.answer(op, url, infohashes)
                }
                Output::Scrape { op, whom: Whom::Dht, infohashes } => self.count(op, infohashes),
                _ => None,
            };
            if let Some(answer) = answer {
                self.engine.handle_input(self.now, answer);
            }
        }
    }

    /// Of each torrent as many as its number says.
    fn answer(&mut self, op: OpId, url: String, names: Vec<Sha1Hash>) -> Option<Input> {
        self.asked.push((self.now, url.clone(), names.clone()));
        if self.deaf.contains(&url.as_str()) {
            return Some(Input::Scraped(op, Err(AnnounceFault::NotReached)));
        }
        let number =
            |name: &Sha1Hash| u32::from_be_bytes([name.0[0], name.0[1], name.0[2], name.0[3]]);
        let size = |name| SwarmSize { seeds: number(name), leechers: 1, completed: Some(2) };
        let answer = names.iter().map(|name| (*name, size(name))).collect();
        Some(Input::Scraped(op, Ok(answer)))
    }

    /// Seven seeds, whatever the torrent.
    fn count(&mut self, op: OpId, names: Vec<Sha1Hash>) -> Option<Input> {
        let size = SwarmSize { seeds: 7, leechers: 0, completed: None };
        let sizes = names.iter().map(|name| (*name, size)).collect();
        self.counted.push((self.now, names));
        let answer = if self.has_dht { Ok(sizes) } else { Err(AnnounceFault::NotReached) };
        Some(Input::Scraped(op, answer))
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(due) = self.engine.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.feed(Input::DeadlinePassed);
        }
        self.now = until;
    }

    fn size(&self, number: u32) -> Option<SwarmSize> {
        self.engine.torrent_stats(self.now, TorrentId(number)).expect("it is known").swarm
    }

    /// How often each torrent was asked about.
    fn counts(&self) -> BTreeMap<Sha1Hash, usize> {
        let mut counts = BTreeMap::new();
        for name in self.asked.iter().flat_map(|(_, _, names)| names) {
            *counts.entry(*name).or_default() += 1;
        }
        counts
    }
}

const TRACKER: &str = "http://tracker.example/announce";

#[test]
fn trackers_are_asked_about_those_who_wait_many_at_once_and_in_their_time() {
    let mut stage = Stage::new();
    for number in 0..1_000 {
        stage.add(number, &[TRACKER]);
    }
    stage.pass(Duration::from_secs(20 * 60));
    let size = SwarmSize { seeds: 999, leechers: 1, completed: Some(2) };
    assert_eq!(stage.size(999), Some(size));
    let waiting = 1_000 - 1;
    assert_eq!(stage.counts().len(), waiting, "but for the one that takes part");
    assert!(stage.counts().values().all(|count| *count == 1), "once an hour");
    assert!(stage.asked.len() <= waiting.div_ceil(50) + 1, "{} questions", stage.asked.len());
    let times: Vec<Time> = stage.asked.iter().map(|(at, ..)| *at).collect();
    let pauses = times.windows(2).map(|two| two[1].since(two[0]));
    assert!(pauses.min() >= Some(Duration::from_secs(10)), "never two at once");
    // Who takes part heard it with its announce.
    let size = SwarmSize { seeds: 3, leechers: 4, completed: None };
    assert_eq!(stage.size(0), Some(size));
    stage.pass(HOUR);
    assert_eq!(stage.counts()[&name(500)], 2);
}

#[test]
fn who_is_paused_is_not_asked_about_and_nobody_while_each_byte_is_paid_for() {
    let mut stage = Stage::new();
    for number in 0..WELCOMED + 3 {
        stage.add(number, &[TRACKER]);
    }
    stage.feed(Input::Pause(TorrentId(WELCOMED + 1), true));
    stage.pass(Duration::from_secs(30));
    assert_eq!(stage.counts().into_keys().collect::<Vec<_>>(), [name(WELCOMED + 2)]);
    let metered = Limits { active_max: Some(0), ..Limits::NONE };
    stage.feed(Input::Limits(metered));
    let before = stage.asked.len();
    stage.pass(3 * HOUR);
    assert_eq!(stage.asked.len(), before);
}

#[test]
fn a_tracker_that_does_not_tell_is_left_alone_and_the_next_is_asked() {
    let mut stage = Stage::new();
    stage.deaf = vec![TRACKER];
    for number in 0..20 {
        stage.add(number, &[TRACKER, "udp://other.example:1"]);
    }
    stage.pass(Duration::from_secs(30));
    assert_eq!(stage.size(19).map(|size| size.seeds), Some(19), "soon, not in an hour");
    stage.pass(5 * HOUR);
    assert_eq!(stage.asked.iter().filter(|(_, url, _)| url == TRACKER).count(), 1);
}

#[test]
fn both_names_of_a_hybrid_are_asked_about_and_the_greater_swarm_counts() {
    let mut stage = Stage::new();
    for number in 0..=WELCOMED {
        stage.add(number, &[TRACKER]);
    }
    let mut v2 = [0; 32];
    v2[..20].copy_from_slice(&name(70).0);
    let hashes = InfoHashes::Hybrid(name(50), Sha256Hash(v2));
    stage.add_named(50, hashes, &[TRACKER]);
    stage.pass(Duration::from_secs(30));
    assert_eq!(stage.size(50).map(|size| size.seeds), Some(70));
}

#[test]
fn the_dht_counts_one_torrent_at_a_time_and_begins_anew_after_an_hour() {
    let mut stage = Stage::new();
    stage.has_dht = true;
    for number in 0..20 {
        stage.add(number, &[]);
    }
    let waiting = 20 - 1;
    stage.pass(Duration::from_secs(30 * 60));
    assert_eq!(stage.size(19).map(|size| size.seeds), Some(7));
    let counted = stage.counted.clone();
    assert_eq!(counted.len(), waiting, "each of them once");
    assert!(counted.iter().all(|(_, names)| names.len() == 1));
    let pauses = counted.windows(2).map(|two| two[1].0.since(two[0].0));
    assert!(pauses.min() >= Some(Duration::from_secs(10)));
    stage.pass(HOUR);
    assert_eq!(stage.counted.len(), 2 * waiting);
}

#[test]
fn where_there_is_no_dht_it_is_left_alone() {
    let mut stage = Stage::new();
    for number in 0..20 {
        stage.add(number, &[]);
    }
    stage.pass(5 * HOUR);
    assert_eq!((stage.size(19), stage.counted.len()), (None, 1));
}

#[test]
fn the_dht_is_not_asked_about_what_is_private() {
    let mut stage = Stage::new();
    stage.has_dht = true;
    for number in 0..WELCOMED + 1 {
        stage.add(number, &[]);
    }
    let mut builder = Builder::single_file("film.mkv", 20_000);
    builder.private = true;
    let mut hashing = builder.start().expect("a good length");
    hashing.feed(&[7; 20_000]).expect("as many bytes as it has");
    let private = Arc::new(hashing.finish().expect("a valid torrent"));
    let hashes = private.info.hashes();
    stage.add_known(50, hashes, &[], Some(private));
    stage.pass(HOUR);
    let names: Vec<_> = stage.counted.iter().flat_map(|(_, names)| names).copied().collect();
    assert!(!names.is_empty() && !names.contains(&hashes.wire()), "{names:?}");
}
