//! What one engine says to one peer that a test plays: whom it calls, in which manner, what it asks and answers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, ConnId, DiskFault, Engine, HangUpWhy, Input, LostWhy, News, OpId, OpenStream,
    Output, Prepared, StreamId, Time, TorrentId, Want,
};
use torrent::{
    BLOCK_LEN, Metainfo, Piece, Sha1Hash,
    create::{Builder, Version},
    wire::{self, Framer, Handshake, Message, Reserved},
};

pub(crate) const TORRENT: TorrentId = TorrentId(1);
const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn peer() -> SocketAddr {
    ([198, 51, 100, 7], 6881).into()
}

pub(crate) fn film() -> Arc<Metainfo> {
    described(Version::V1)
}

fn described(version: Version) -> Arc<Metainfo> {
    let content = [7; 50_000];
    let mut builder = Builder::folder("film");
    builder.version = version;
    builder.piece_len = Some(32 * 1024);
    builder.file(vec!["film.mkv".into()], content.len() as u64);
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        hashing.feed(&content).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

pub(crate) fn outputs(engine: &mut Engine) -> Vec<Output> {
    std::iter::from_fn(|| engine.poll_output()).collect()
}

pub(crate) fn calls(outputs: &[Output]) -> Vec<ConnId> {
    let call = |output: &Output| match output {
        Output::Dial(conn, ..) => Some(*conn),
        _ => None,
    };
    outputs.iter().filter_map(call).collect()
}

/// A film, with one peer.
pub(crate) fn added(film: &Arc<Metainfo>, want: Want) -> AddTorrent {
    AddTorrent {
        torrent: TORRENT,
        hashes: film.info.hashes(),
        metainfo: Some(Arc::clone(film)),
        trackers: vec![],
        web_seeds: vec![],
        peers: vec![peer()],
        want,
        recheck: false,
    }
}

/// An engine that holds this much of a film and was told of one peer; what it did then.
pub(crate) fn told_of_a_peer(
    film: &Arc<Metainfo>,
    pieces: Vec<Piece>,
    want: Want,
) -> (Engine, Vec<Output>) {
    let mut engine = Engine::new(crate::setting::config());
    engine.handle_input(Time(0), Input::Add(Box::new(added(film, want))));
    // While it is not known what is on disk anybody may be called; what counts is afterwards.
    for conn in calls(&outputs(&mut engine)) {
        engine.handle_input(Time(0), Input::Lost(conn, LostWhy::NotReached));
    }
    let prepared = Prepared { pieces, blocks: vec![] };
    engine.handle_input(Time(0), Input::Prepared(TORRENT, Ok(prepared)));
    let mut done = outputs(&mut engine);
    let later = Time(0) + 60 * SECOND;
    engine.handle_input(later, Input::DeadlinePassed);
    done.extend(outputs(&mut engine));
    (engine, done)
}

pub(crate) fn all_pieces(film: &Metainfo) -> Vec<Piece> {
    (0..film.info.geometry().piece_count()).map(Piece).collect()
}

/// Households are not seen from outside, whoever says so.
#[test]
fn where_the_internet_sees_us_is_known_when_somebody_tells() {
    let mut engine = Engine::new(crate::setting::config());
    for told in ["192.168.1.7", "127.0.0.1", "fe80::1"] {
        engine.handle_input(Time(0), Input::ExternalAddress(told.parse().expect("an address")));
    }
    assert_eq!(engine.public_addrs().count(), 0);
    for told in ["203.0.113.7", "2001:db8::7"] {
        engine.handle_input(Time(0), Input::ExternalAddress(told.parse().expect("an address")));
    }
    let addrs: Vec<_> = engine.public_addrs().map(|addr| addr.to_string()).collect();
    assert_eq!(addrs, ["203.0.113.7:1", "[2001:db8::7]:1"]);
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

/// A disk is read for a while, and some take half a second to answer a call.
#[test]
fn who_was_called_while_the_disk_was_read_hears_what_is_there_even_before_it_answers() {
    let film = film();
    let mut engine = Engine::new(crate::setting::config());
    engine.handle_input(Time(0), Input::Add(Box::new(added(&film, Want::Nothing))));
    let conn = calls(&outputs(&mut engine))[0];
    said_to_begin(&mut engine, Time(0), conn);
    let prepared = Prepared { pieces: all_pieces(&film), blocks: vec![] };
    engine.handle_input(Time(0) + SECOND, Input::Prepared(TORRENT, Ok(prepared)));
    let heard = messages(said(&outputs(&mut engine), conn));
    assert_eq!(heard, all_pieces(&film).into_iter().map(Message::Have).collect::<Vec<_>>());
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

/// An engine that lacks a film and calls the one peer it knows.
fn calling(film: &Arc<Metainfo>) -> (Engine, ConnId) {
    let (engine, done) = told_of_a_peer(film, vec![], Want::All);
    (engine, calls(&done)[0])
}

/// What was said on a connection, as one run of bytes.
pub(crate) fn said(outputs: &[Output], to: ConnId) -> Vec<u8> {
    let words = |output: &Output| match output {
        Output::Send(conn, bytes) if *conn == to => Some(bytes.to_vec()),
        _ => None,
    };
    outputs.iter().filter_map(words).flatten().collect()
}

pub(crate) fn messages(bytes: Vec<u8>) -> Vec<Message> {
    let mut framer = Framer::default();
    framer.push(bytes.into());
    std::iter::from_fn(|| framer.next().expect("messages")).collect()
}

/// What is said first to a peer on a connection that stands now.
fn said_to_begin(engine: &mut Engine, now: Time, conn: ConnId) -> Vec<u8> {
    engine.handle_input(now, Input::Dialled(conn));
    said(&outputs(engine), conn)
}

/// A peer calls off what it does not understand: at once, or behind its handshake.
fn call_again(heard: Option<Bytes>) {
    let film = film();
    let (mut engine, conn) = calling(&film);
    let now = Time(0) + 61 * SECOND;
    let eager = said_to_begin(&mut engine, now, conn);
    assert!(messages(eager[Handshake::LEN..].to_vec()).contains(&Message::Interested));
    if let Some(bytes) = heard {
        engine.handle_input(now, Input::Received(conn, bytes));
    }
    engine.handle_input(now, Input::Lost(conn, LostWhy::Closed));
    let again = calls(&outputs(&mut engine));
    assert_eq!(again.len(), 1, "at once, and once");
    let terse = said_to_begin(&mut engine, now, again[0]);
    assert_eq!(terse, eager[..Handshake::LEN]);
    engine.handle_input(now, Input::Received(again[0], greeting_of_a_seed(&film)));
    let rest = messages(said(&outputs(&mut engine), again[0]));
    assert!(rest.contains(&Message::Interested) && !rest.contains(&Message::NotInterested));
    engine.handle_input(now, Input::Lost(again[0], LostWhy::Closed));
    let later = now + 10 * SECOND;
    engine.handle_input(later, Input::DeadlinePassed);
    let third = calls(&outputs(&mut engine))[0];
    assert_eq!(said_to_begin(&mut engine, later, third), terse, "what it understood is remembered");
}

#[test]
fn who_hangs_up_on_an_eager_call_is_called_again_with_the_handshake_alone() {
    call_again(None);
}

#[test]
fn who_greets_and_hangs_up_is_called_again_with_the_handshake_alone() {
    call_again(Some(greeting_of_a_seed(&film()).slice(..Handshake::LEN)));
}

/// What is said on behalf of a player to a peer that has everything, gives, and answered under a name with the v2 bit set.
fn said_to_who_answers_as(film: &Arc<Metainfo>, name: Sha1Hash) -> Vec<Message> {
    let (mut engine, conn) = calling(film);
    let now = Time(0) + 61 * SECOND;
    let end = film.info.geometry().content_len();
    let stream = StreamId(1);
    let open = OpenStream { stream, torrent: TORRENT, file: 0..end, position: 0, end };
    engine.handle_input(now, Input::Open(open));
    engine.handle_input(now, Input::Dialled(conn));
    let mut all = said(&outputs(&mut engine), conn)[Handshake::LEN..].to_vec();
    let mut greeting = greeting(name, Reserved::NONE.with_fast().with_v2());
    wire::encode(&Message::Unchoke, &mut greeting);
    engine.handle_input(now, Input::Received(conn, greeting.freeze()));
    all.extend(said(&outputs(&mut engine), conn));
    messages(all)
}

#[test]
fn a_peer_is_asked_for_hashes_only_under_the_v2_name() {
    let film = described(Version::Hybrid);
    let hashes = film.info.hashes();
    let asks_hashes =
        |said: &[Message]| said.iter().any(|it| matches!(it, Message::HashRequest(_)));
    let asks_blocks = |said: &[Message]| said.iter().any(|it| matches!(it, Message::Request(_)));
    let v1 = said_to_who_answers_as(&film, hashes.v1().expect("a hybrid"));
    assert!(asks_blocks(&v1) && !asks_hashes(&v1), "{v1:?}");
    let v2 = said_to_who_answers_as(&film, hashes.v2().expect("a hybrid").truncated());
    assert!(asks_blocks(&v2) && asks_hashes(&v2), "{v2:?}");
}

#[test]
fn who_asks_beyond_the_end_of_a_v2_file_gets_zeros() {
    let film = described(Version::V2);
    let (mut engine, done) = told_of_a_peer(&film, all_pieces(&film), Want::Nothing);
    let (conn, now) = (calls(&done)[0], Time(0) + 61 * SECOND);
    said_to_begin(&mut engine, now, conn);
    let mut words = greeting(film.info.hashes().wire(), Reserved::NONE.with_fast());
    words.truncate(Handshake::LEN);
    wire::encode(&Message::HaveNone, &mut words);
    wire::encode(&Message::Interested, &mut words);
    engine.handle_input(now, Input::Received(conn, words.freeze()));
    assert!(messages(said(&outputs(&mut engine), conn)).contains(&Message::Unchoke));
    // 50,000 bytes in pieces of 32 KiB: the second block of the second one has 848 of them.
    let request = wire::Request { piece: Piece(1), begin: BLOCK_LEN, len: BLOCK_LEN };
    let beyond = wire::Request { begin: 2 * BLOCK_LEN, ..request };
    let mut words = BytesMut::new();
    wire::encode(&Message::Request(request), &mut words);
    wire::encode(&Message::Request(beyond), &mut words);
    engine.handle_input(now, Input::Received(conn, words.freeze()));
    let done = outputs(&mut engine);
    assert_eq!(messages(said(&done, conn)), [Message::Reject(beyond)]);
    let loaded = done.iter().find_map(|output| match output {
        Output::Load { op, len, .. } => Some((*op, *len)),
        _ => None,
    });
    let Some((op, 848)) = loaded else { panic!("{done:?}") };
    engine.handle_input(now, Input::Loaded(op, Ok(Bytes::from(vec![7; 848]))));
    let data = Bytes::from([vec![7; 848], vec![0; BLOCK_LEN as usize - 848]].concat());
    let given = Message::Piece { piece: Piece(1), begin: BLOCK_LEN, data };
    assert_eq!(messages(said(&outputs(&mut engine), conn)), [given]);
}

/// The writes that were asked for.
fn writes(outputs: &[Output]) -> Vec<OpId> {
    let write = |output: &Output| match output {
        Output::Store { op, .. } => Some(*op),
        _ => None,
    };
    outputs.iter().filter_map(write).collect()
}

#[test]
fn a_write_of_before_somebody_resumed_does_not_stop_the_torrent_again() {
    let film = film();
    let (mut engine, conn) = calling(&film);
    let now = Time(0) + 61 * SECOND;
    said_to_begin(&mut engine, now, conn);
    let mut words = BytesMut::from(&greeting_of_a_seed(&film)[..]);
    wire::encode(&Message::Unchoke, &mut words);
    engine.handle_input(now, Input::Received(conn, words.freeze()));
    let asked = messages(said(&outputs(&mut engine), conn));
    let mut words = BytesMut::new();
    for message in asked {
        let Message::Request(wire::Request { piece, begin, len }) = message else { continue };
        let data = vec![7; len as usize].into();
        wire::encode(&Message::Piece { piece, begin, data }, &mut words);
    }
    engine.handle_input(now, Input::Received(conn, words.freeze()));
    let ops = writes(&outputs(&mut engine));
    let [first, rest @ ..] = &ops[..] else { panic!("nothing to write") };
    assert!(!rest.is_empty(), "several blocks are written at once");
    let failed = News::DiskFailed(TORRENT, DiskFault::Broken);
    engine.handle_input(now, Input::Stored(*first, Err(DiskFault::Broken)));
    assert!(outputs(&mut engine).contains(&Output::Tell(failed.clone())));
    engine.handle_input(now, Input::Pause(TORRENT, false));
    for op in rest {
        engine.handle_input(now, Input::Stored(*op, Err(DiskFault::Broken)));
        assert!(!outputs(&mut engine).contains(&Output::Tell(failed.clone())), "{op:?}");
    }
    assert!(!engine.torrent_stats(now, TORRENT).expect("it is there").paused);
}

/// What a peer that has everything is asked for, answered with this byte as long as it is asked; every block, and
/// what the engine did.
fn served(
    engine: &mut Engine,
    now: Time,
    conn: ConnId,
    film: &Metainfo,
    byte: u8,
) -> (Vec<(u32, u32)>, Vec<Output>) {
    let mut words = BytesMut::from(&greeting_of_a_seed(film)[..]);
    wire::encode(&Message::Unchoke, &mut words);
    let (mut asked, mut done) = (Vec::new(), Vec::new());
    let mut begun = 0;
    while !words.is_empty() {
        engine.handle_input(now, Input::Received(conn, words.split().freeze()));
        let new = outputs(engine);
        let said = said(&new, conn);
        // Whoever was called has our handshake already.
        let greeted = if said.starts_with(b"\x13BitTorrent") { Handshake::LEN } else { 0 };
        done.extend(new);
        for message in messages(said[greeted..].to_vec()) {
            let Message::Request(wire::Request { piece, begin, len }) = message else { continue };
            asked.push((piece.0, begin));
            let data = vec![byte; len as usize].into();
            wire::encode(&Message::Piece { piece, begin, data }, &mut words);
        }
        begun += 1;
        assert!(begun < 20, "it ends");
    }
    (asked, done)
}

#[test]
fn a_write_that_ends_after_its_sender_was_banned_leaves_its_block_to_others() {
    let film = film();
    let (mut engine, liar) = calling(&film);
    let now = Time(0) + 61 * SECOND;
    let began = said_to_begin(&mut engine, now, liar);
    assert!(!began.is_empty());
    let (asked, done) = served(&mut engine, now, liar, &film, 8);
    let ops = writes(&done);
    assert_eq!((asked.len(), ops.len()), (4, 4), "all blocks of two pieces come from one");
    let whole = asked.iter().zip(&ops).filter(|((piece, _), _)| *piece == 0);
    for (_, op) in whole {
        engine.handle_input(now, Input::Stored(*op, Ok(None)));
    }
    let hash = outputs(&mut engine).into_iter().find_map(|output| match output {
        Output::Hash { op, .. } => Some(op),
        _ => None,
    });
    let wrong = torrent::hash::sha1(b"something else");
    engine.handle_input(now, Input::Hashed(hash.expect("a whole piece"), Ok(wrong)));
    assert!(outputs(&mut engine).contains(&Output::HangUp(liar, HangUpWhy::Banned)));
    for (_, op) in asked.iter().zip(&ops).filter(|((piece, _), _)| *piece == 1) {
        engine.handle_input(now, Input::Stored(*op, Ok(None)));
    }
    let honest = ConnId(1_001);
    engine.handle_input(now, Input::Accepted(honest, ([203, 0, 113, 9], 6881).into()));
    let (mut asked, _) = served(&mut engine, now, honest, &film, 7);
    asked.sort_unstable();
    let all = [(0, 0), (0, BLOCK_LEN), (1, 0), (1, BLOCK_LEN)];
    assert_eq!(asked, all, "nothing of the liar's is kept");
}

pub(crate) fn greeting_of_a_seed(film: &Metainfo) -> Bytes {
    greeting(film.info.hashes().wire(), Reserved::NONE.with_fast()).freeze()
}

pub(crate) fn greeting(infohash: Sha1Hash, reserved: Reserved) -> BytesMut {
    let handshake = Handshake { reserved, infohash, peer_id: *b"-XX0000-abcdefghijkl" };
    let mut greeting = BytesMut::from(&handshake.to_bytes()[..]);
    wire::encode(&Message::HaveAll, &mut greeting);
    greeting
}
