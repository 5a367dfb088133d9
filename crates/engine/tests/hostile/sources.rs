//! HP-82: web seeds that trickle. HP-86: a torrent with sources beyond number.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use engine::{AddTorrent, ConnId, FetchFault, Input, News, OpId, Output, Time, Want};
use torrent::{BLOCK_LEN, wire::Message};

use crate::stage::{PIECE_LEN, PIECES, Stage, TORRENT};

const SECOND: Duration = Duration::from_secs(1);
const FILM_LEN: u64 = PIECES as u64 * PIECE_LEN as u64;

/// Web servers that give what they are asked for in portions.
struct Trickle {
    /// Bytes of a portion.
    portion: usize,
    /// How long the next portion takes.
    every: Duration,
    /// What goes on, and when its next portion comes.
    open: BTreeMap<OpId, Time>,
    /// When each fetch began.
    began: Vec<Time>,
    /// How long each was waited for that was called off.
    cut: Vec<Duration>,
    looked: usize,
}

impl Trickle {
    fn new(portion: usize, every: Duration) -> Self {
        let (open, began, cut) = (BTreeMap::new(), vec![], vec![]);
        Self { portion, every, open, began, cut, looked: 0 }
    }

    /// A second passes. What the disk is asked for is done.
    fn pass_second(&mut self, stage: &mut Stage) {
        stage.pass(SECOND);
        stage.settle();
        self.look(stage);
        for (op, at) in &mut self.open {
            if *at <= stage.now {
                *at = stage.now + self.every;
                stage.feed(Input::Fetched(*op, Bytes::from(vec![7; self.portion])));
            }
        }
        stage.settle();
    }

    fn look(&mut self, stage: &Stage) {
        while let Some(output) = stage.done.get(self.looked) {
            self.looked += 1;
            match output {
                Output::Fetch { op, .. } => {
                    self.open.insert(*op, stage.now + self.every);
                    self.began.push(stage.now);
                }
                Output::StopFetch(op) if self.open.remove(op).is_some() => {
                    self.cut.extend(self.began.last().map(|began| stage.now.since(*began)));
                }
                _ => (),
            }
        }
    }
}

/// A torrent that has one web seed and no player.
fn with_a_web_seed() -> Stage {
    with_web_seeds(vec!["http://host.example/".into()])
}

fn with_web_seeds(web_seeds: Vec<String>) -> Stage {
    let mut stage = Stage::leecher();
    stage.feed(Input::Add(Box::new(AddTorrent {
        torrent: TORRENT,
        hashes: stage.film.info.hashes(),
        metainfo: None,
        trackers: vec![],
        web_seeds,
        peers: vec![],
        want: Want::All,
        recheck: false,
    })));
    stage
}

/// A peer answers what it was asked since the last look.
fn answer(stage: &mut Stage, peer: ConnId, answered: &mut usize) {
    let asked: Vec<_> = stage.heard(peer).into_iter().skip(*answered).collect();
    *answered += asked.len();
    for message in asked {
        if let Message::Request(request) = message {
            let data = Bytes::from(vec![7; request.len as usize]);
            stage.say(peer, &Message::Piece { piece: request.piece, begin: request.begin, data });
        }
    }
}

#[test]
fn hp_82_a_web_seed_with_a_byte_a_second_is_cut_off_without_a_player_and_others_are_asked() {
    let mut stage = with_a_web_seed();
    let mut web = Trickle::new(1, SECOND);
    web.pass_second(&mut stage);
    assert_eq!(web.began.len(), 1, "it is asked before anybody else is there");
    let peer = stage.greet();
    stage.say(peer, &Message::HaveAll);
    stage.say(peer, &Message::Unchoke);
    let mut answered = 0;
    for _ in 0..90 {
        web.pass_second(&mut stage);
        answer(&mut stage, peer, &mut answered);
    }
    stage.settle();
    assert_eq!(stage.verified(), FILM_LEN, "the peer gives what the web seed held back");
    assert!(web.cut.iter().all(|cut| *cut <= 61 * SECOND), "{:?}", web.cut);
    assert_eq!(web.cut.len(), web.began.len());
}

#[test]
fn hp_82_a_web_seed_with_a_byte_a_second_that_is_alone_is_asked_eight_times_and_no_more() {
    let mut stage = with_a_web_seed();
    let mut web = Trickle::new(1, SECOND);
    for _ in 0..4 * 3_600 {
        web.pass_second(&mut stage);
    }
    assert_eq!(web.began.len(), 8);
    assert!(web.cut.iter().all(|cut| *cut <= 61 * SECOND), "{:?}", web.cut);
    assert_eq!(web.open.len(), 0, "none goes on");
    let whys = stage.done.iter().filter_map(|output| match output {
        Output::Tell(News::WebSeedFailed(_, _, why)) => Some(why.as_str()),
        _ => None,
    });
    let whys: Vec<_> = whys.collect();
    assert_eq!(whys, ["it gives too little in the time it has"; 8], "it was reached each time");
}

#[test]
fn hp_82_a_slow_web_seed_that_is_alone_brings_the_film_and_no_fetch_lasts_longer_than_five_minutes()
{
    let mut stage = with_a_web_seed();
    // A block in forty seconds.
    let mut web = Trickle::new(BLOCK_LEN as usize / 4, 10 * SECOND);
    let mut seconds = 0;
    while stage.verified() < FILM_LEN {
        web.pass_second(&mut stage);
        seconds += 1;
        assert!(seconds < 3_600, "{} bytes in an hour", stage.verified());
    }
    assert!(!web.cut.is_empty(), "each fetch asks for more than comes in five minutes");
    assert!(web.cut.iter().all(|cut| *cut <= 301 * SECOND), "{:?}", web.cut);
}

#[test]
fn hp_86_of_ten_thousand_web_seeds_sixteen_are_used() {
    let urls = (0..10_000).map(|number| format!("http://host{number}.example/"));
    let mut stage = with_web_seeds(urls.collect());
    let mut used = BTreeSet::new();
    let mut looked = 0;
    for _ in 0..200 {
        while let Some(output) = stage.done.get(looked).cloned() {
            looked += 1;
            if let Output::Fetch { op, url, .. } = output {
                used.insert(url);
                stage.feed(Input::FetchEnded(op, Err(FetchFault::NotReached)));
            }
        }
        stage.pass(Duration::from_secs(60));
    }
    assert!((1..=16).contains(&used.len()), "{} web seeds", used.len());
}
