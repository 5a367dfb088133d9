//! Whom the engine calls: also when it has everything, and not again and again for nothing.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, Config, ConnId, Encryption, Engine, HangUpWhy, Input, Limits, Output, Prepared,
    Secret, Time, TorrentId, Want,
};
use torrent::{
    Metainfo, Piece,
    create::Builder,
    wire::{self, Handshake, Message, Reserved},
};

const TORRENT: TorrentId = TorrentId(1);
const SECOND: Duration = Duration::from_secs(1);

fn peer() -> SocketAddr {
    ([198, 51, 100, 7], 6881).into()
}

fn config() -> Config {
    let limits =
        Limits { down_rate_max: None, up_rate_max: None, upload_slots: None, cache_quota: None };
    Config {
        seed: 1,
        secret: Secret([1; 32]),
        encryption: Encryption::Off,
        client: *b"-KN0000-",
        client_name: "Kinora test".into(),
        listen_port: 1,
        exchange_peers: false,
        use_trackers: false,
        connections_max: 10,
        connections_per_torrent_max: 10,
        dials_max: 10,
        handshake_patience: Duration::from_secs(10),
        limits,
    }
}

fn film() -> Arc<Metainfo> {
    let content = [7; 50_000];
    let mut builder = Builder::folder("film");
    builder.file(vec!["film.mkv".into()], content.len() as u64);
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        hashing.feed(&content).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

fn outputs(engine: &mut Engine) -> Vec<Output> {
    std::iter::from_fn(|| engine.poll_output()).collect()
}

fn calls(outputs: &[Output]) -> Vec<ConnId> {
    let call = |output: &Output| match output {
        Output::Dial(conn, ..) => Some(*conn),
        _ => None,
    };
    outputs.iter().filter_map(call).collect()
}

/// An engine that holds this much of a film and was told of one peer; what it did then.
fn told_of_a_peer(film: &Arc<Metainfo>, pieces: Vec<Piece>, want: Want) -> (Engine, Vec<Output>) {
    let mut engine = Engine::new(config());
    let add = AddTorrent {
        torrent: TORRENT,
        hashes: film.info.hashes(),
        metainfo: Some(Arc::clone(film)),
        trackers: vec![],
        web_seeds: vec![],
        peers: vec![peer()],
        want,
        recheck: false,
    };
    engine.handle_input(Time(0), Input::Add(Box::new(add)));
    // While it is not known what is on disk anybody may be called; what counts is afterwards.
    for conn in calls(&outputs(&mut engine)) {
        engine.handle_input(Time(0), Input::Lost(conn, engine::LostWhy::NotReached));
    }
    let prepared = Prepared { pieces, blocks: vec![] };
    engine.handle_input(Time(0), Input::Prepared(TORRENT, Ok(prepared)));
    let mut done = outputs(&mut engine);
    let later = Time(0) + 60 * SECOND;
    engine.handle_input(later, Input::DeadlinePassed);
    done.extend(outputs(&mut engine));
    (engine, done)
}

fn all_pieces(film: &Metainfo) -> Vec<Piece> {
    (0..film.info.geometry().piece_count()).map(Piece).collect()
}

#[test]
fn who_has_everything_calls_those_who_may_lack_something() {
    let film = film();
    let (_, done) = told_of_a_peer(&film, all_pieces(&film), Want::Nothing);
    assert_eq!(calls(&done).len(), 1, "{done:?}");
}

#[test]
fn who_neither_has_nor_wants_anything_calls_nobody() {
    let (_, done) = told_of_a_peer(&film(), vec![], Want::Nothing);
    assert_eq!(calls(&done), vec![], "{done:?}");
}

#[test]
fn a_seed_leaves_another_seed_alone_for_half_an_hour() {
    let film = film();
    let (mut engine, done) = told_of_a_peer(&film, all_pieces(&film), Want::Nothing);
    let conn = calls(&done)[0];
    let mut now = Time(0) + 61 * SECOND;
    engine.handle_input(now, Input::Dialled(conn));
    engine.handle_input(now, Input::Received(conn, greeting_of_a_seed(&film)));
    let said = outputs(&mut engine);
    assert!(said.contains(&Output::HangUp(conn, HangUpWhy::Useless)), "{said:?}");
    let end = now + 29 * 60 * SECOND;
    while now < end {
        now = now + SECOND;
        engine.handle_input(now, Input::DeadlinePassed);
        assert_eq!(calls(&outputs(&mut engine)), vec![], "called again at {now:?}");
    }
    engine.handle_input(now + 120 * SECOND, Input::DeadlinePassed);
    assert_eq!(calls(&outputs(&mut engine)).len(), 1, "the other may have changed its mind");
}

fn greeting_of_a_seed(film: &Metainfo) -> Bytes {
    let infohash = film.info.hashes().wire();
    let handshake = Handshake {
        reserved: Reserved::NONE.with_fast(),
        infohash,
        peer_id: *b"-XX0000-abcdefghijkl",
    };
    let mut greeting = BytesMut::from(&handshake.to_bytes()[..]);
    wire::encode(&Message::HaveAll, &mut greeting);
    greeting.freeze()
}
