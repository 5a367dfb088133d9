//! What trackers are told of us, and when.

use std::sync::Arc;

use engine::{AddTorrent, Config, Engine, Input, Output, Prepared, Time, TorrentId, Want};
use torrent::{Metainfo, Piece, create::Version};

use crate::stage::film;

const TORRENT: TorrentId = TorrentId(1);

/// An engine that was given a torrent, with its description or without.
fn engine(film: &Arc<Metainfo>, described: bool) -> Engine {
    let mut engine = Engine::new(Config { use_trackers: true, ..crate::setting::config() });
    let add = AddTorrent {
        torrent: TORRENT,
        hashes: film.info.hashes(),
        metainfo: described.then(|| Arc::clone(film)),
        trackers: vec![vec!["http://tracker.example/announce".into()]],
        web_seeds: vec![],
        peers: vec![],
        want: Want::All,
        recheck: false,
    };
    engine.handle_input(Time(0), Input::Add(Box::new(add)));
    engine
}

/// How many bytes we said that we lack, each time that a tracker was asked by now.
fn told(engine: &mut Engine, now: Time) -> Vec<u64> {
    engine.handle_input(now, Input::DeadlinePassed);
    let outputs = std::iter::from_fn(|| engine.poll_output());
    let left = outputs.filter_map(|output| match output {
        Output::Announce(_, announce) => Some(announce.left),
        _ => None,
    });
    left.collect()
}

#[test]
fn a_seed_calls_itself_one_from_the_first_announce_on() {
    let film = Arc::new(film(Version::V1));
    let mut engine = engine(&film, true);
    assert_eq!(told(&mut engine, Time(1_000)), [0; 0], "its files are not checked yet");
    let pieces = (0..film.info.geometry().piece_count()).map(Piece).collect();
    let checked = Prepared { pieces, blocks: vec![] };
    engine.handle_input(Time(2_000), Input::Prepared(TORRENT, Ok(checked)));
    assert_eq!(told(&mut engine, Time(2_000)), [0]);
}

#[test]
fn who_has_a_magnet_link_alone_asks_at_once() {
    let film = Arc::new(film(Version::V1));
    let mut engine = engine(&film, false);
    let left = told(&mut engine, Time(1_000));
    assert!(matches!(left[..], [some] if some > 0), "{left:?}");
}
