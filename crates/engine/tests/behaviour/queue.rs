//! Many torrents and few places: who takes part, what who waits does not do, and what one torrent may take.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use engine::{
    AddTorrent, Announced, Config, Engine, Input, Limits, News, OpenStream, Output, Prepared,
    StreamId, Time, TorrentId, Want,
};
use torrent::{Metainfo, Piece, create::Builder};

const MINUTE: Duration = Duration::from_secs(60);
const LEN: u64 = 40_000;

/// An engine and what it did.
struct Stage {
    engine: Engine,
    now: Time,
    films: Vec<Arc<Metainfo>>,
    /// Torrents by what was told of them last.
    active: BTreeSet<u32>,
    announced: BTreeSet<u32>,
    dialled: BTreeSet<u32>,
}

impl Stage {
    fn new(active_max: Option<usize>) -> Self {
        Self {
            engine: Engine::new(config(Limits { active_max, ..Limits::NONE })),
            now: Time(0),
            films: Vec::new(),
            active: BTreeSet::new(),
            announced: BTreeSet::new(),
            dialled: BTreeSet::new(),
        }
    }

    fn feed(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Tell(News::TakesPart(id)) => drop(self.active.insert(id.0)),
                Output::Tell(News::Rests(id)) => drop(self.active.remove(&id.0)),
                Output::Dial(_, id, _) => drop(self.dialled.insert(id.0)),
                Output::Announce(op, announce) => {
                    self.announced.insert(announce.torrent.0);
                    let answer = Announced { interval: 30 * MINUTE, ..Announced::default() };
                    self.engine.handle_input(self.now, Input::Announced(op, Ok(answer)));
                }
                _ => (),
            }
        }
    }

    /// Lets time pass.
    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(due) = self.engine.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.feed(Input::DeadlinePassed);
        }
        self.now = until;
    }

    /// Another torrent, of which nothing or all is here.
    fn add(&mut self, complete: bool) -> TorrentId {
        let torrent = TorrentId(self.films.len() as u32);
        let film = film(torrent.0);
        self.films.push(Arc::clone(&film));
        self.feed(Input::Add(Box::new(AddTorrent {
            torrent,
            hashes: film.info.hashes(),
            metainfo: Some(Arc::clone(&film)),
            trackers: vec![vec!["http://tracker.example/announce".into()]],
            web_seeds: vec![],
            peers: vec![([198, 51, 100, 7], 6881).into()],
            want: Want::All,
            recheck: false,
        })));
        let all = (0..film.info.geometry().piece_count()).map(Piece);
        let pieces = if complete { all.collect() } else { vec![] };
        self.feed(Input::Prepared(torrent, Ok(Prepared { pieces, blocks: vec![] })));
        torrent
    }

    fn add_some(&mut self, count: usize, complete: bool) {
        for _ in 0..count {
            self.add(complete);
        }
    }

    fn open(&mut self, torrent: TorrentId) -> StreamId {
        let stream = StreamId(u64::from(torrent.0));
        let open = OpenStream { stream, torrent, file: 0..LEN, position: 0, end: LEN };
        self.feed(Input::Open(open));
        stream
    }

    fn is_queued(&self, torrent: TorrentId) -> bool {
        self.engine.torrent_stats(self.now, torrent).expect("it is known").queued
    }

    fn active(&self) -> Vec<u32> {
        self.active.iter().copied().collect()
    }
}

fn config(limits: Limits) -> Config {
    Config {
        exchange_peers: true,
        use_trackers: true,
        connections_max: 100,
        limits,
        ..crate::setting::config()
    }
}

fn film(number: u32) -> Arc<Metainfo> {
    let builder = Builder::single_file(format!("film {number}.mkv"), LEN);
    let mut hashing = builder.start().expect("a good name");
    while hashing.next_file().is_some() {
        hashing.feed(&[7; LEN as usize]).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

/// Twelve: two have places, eight are welcomed for a minute, two wait from the start.
fn twelve_with_two_places() -> Stage {
    let mut stage = Stage::new(Some(2));
    stage.add_some(12, false);
    stage
}

#[test]
fn who_waits_neither_calls_nor_asks_trackers() {
    let mut stage = twelve_with_two_places();
    stage.pass(Duration::from_secs(1));
    assert_eq!(stage.active(), (0..10).collect::<Vec<_>>());
    assert!(stage.is_queued(TorrentId(10)) && !stage.is_queued(TorrentId(0)));
    let waits = BTreeSet::from([10, 11]);
    assert!(stage.announced.is_disjoint(&waits) && stage.dialled.is_disjoint(&waits));
    stage.pass(2 * MINUTE);
    assert_eq!(stage.active(), [0, 1], "those who were only welcomed wait, too");
}

#[test]
fn a_stream_takes_part_at_once_and_somebody_makes_room() {
    let mut stage = twelve_with_two_places();
    stage.pass(2 * MINUTE);
    let stream = stage.open(TorrentId(11));
    assert!(stage.active.contains(&11), "before anything else happens");
    stage.pass(MINUTE);
    assert_eq!(stage.active(), [0, 11]);
    stage.feed(Input::Close(stream));
    stage.pass(MINUTE);
    assert_eq!(stage.active(), [0, 11], "it keeps its place for a turn");
}

#[test]
fn with_no_places_only_what_is_watched_takes_part() {
    let mut stage = Stage::new(None);
    stage.add_some(3, false);
    stage.open(TorrentId(1));
    assert_eq!(stage.active(), [0, 1, 2]);
    stage.feed(Input::Limits(Limits { active_max: Some(0), ..Limits::NONE }));
    assert_eq!(stage.active(), [1]);
    stage.feed(Input::Limits(Limits::NONE));
    assert_eq!(stage.active(), [0, 1, 2], "and all do again without a limit");
}

#[test]
fn what_is_finished_makes_room_for_what_is_not() {
    let mut stage = Stage::new(Some(1));
    stage.add_some(10, true);
    let lacks = stage.add(false);
    stage.pass(2 * MINUTE);
    assert_eq!(stage.active(), [lacks.0]);
    stage.feed(Input::Want(lacks, Want::Nothing));
    stage.pass(40 * MINUTE);
    assert_ne!(stage.active(), [lacks.0], "it had its turn");
}

#[test]
fn who_is_paused_holds_no_place_and_asks_for_one_when_it_goes_on() {
    let mut stage = Stage::new(Some(1));
    let [one, other] = [stage.add(false), stage.add(false)];
    stage.pass(2 * MINUTE);
    assert_eq!(stage.active(), [one.0]);
    stage.feed(Input::Pause(one, true));
    stage.pass(MINUTE);
    assert_eq!(stage.active(), [other.0]);
    stage.feed(Input::Pause(one, false));
    stage.pass(MINUTE);
    assert_eq!(stage.active(), [other.0]);
    assert!(stage.is_queued(one));
}

/// Ten thousand that wait cost nothing while they wait: nothing is due for them.
#[test]
fn nothing_is_due_for_those_who_wait() {
    let mut stage = Stage::new(Some(1));
    stage.add_some(50, true);
    stage.pass(2 * MINUTE);
    assert_eq!(stage.active(), [0]);
    stage.feed(Input::Remove(TorrentId(0)));
    stage.feed(Input::Limits(Limits { active_max: Some(0), ..Limits::NONE }));
    stage.pass(MINUTE);
    assert_eq!(stage.engine.deadline(), None);
}

#[test]
fn the_time_of_giving_counts_while_it_takes_part_and_lacks_nothing() {
    let mut stage = Stage::new(Some(1));
    let [seed, fetches] = [stage.add(true), stage.add(false)];
    let gave = |stage: &Stage, id| {
        stage.engine.torrent_stats(stage.now, id).expect("it is known").gave_for
    };
    stage.pass(10 * MINUTE);
    assert_eq!(gave(&stage, fetches), Duration::ZERO);
    let before = gave(&stage, seed);
    assert!(before < 2 * MINUTE, "who fetches has the place: {before:?}");
    stage.feed(Input::Pause(fetches, true));
    stage.pass(10 * MINUTE);
    stage.feed(Input::Pause(seed, true));
    stage.pass(10 * MINUTE);
    let after = gave(&stage, seed) - before;
    assert!(after <= 10 * MINUTE && after > 9 * MINUTE, "{after:?}");
}
