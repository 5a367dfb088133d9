//! Whom the engine knows to have everything it asks with its first words.

use std::{collections::VecDeque, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::{
    Announced, Config, ConnId, Engine, Input, LostWhy, OpenStream, Output, Prepared, Secret,
    StreamId, Time, Want,
};
use torrent::{
    Metainfo, Piece,
    wire::{self, Handshake, Message, Reserved},
};

use crate::calling::{
    TORRENT, added, all_pieces, calls, film, greeting, messages, outputs, peer, said,
    told_of_a_peer,
};

const NOW: Time = Time(0);

/// An engine that lacks a film, and heard of one peer from a tracker that counts so many who lack something.
fn announced(film: &std::sync::Arc<Metainfo>, leechers: Option<u32>) -> (Engine, ConnId) {
    let (engine, conns) = announced_with(film, leechers, vec![peer()]);
    (engine, conns[0])
}

/// The same with these peers, all of which are called.
fn announced_with(
    film: &std::sync::Arc<Metainfo>,
    leechers: Option<u32>,
    peers: Vec<std::net::SocketAddr>,
) -> (Engine, Vec<ConnId>) {
    let config = crate::setting::config();
    let config = Config { use_trackers: true, seed: 2, secret: Secret([2; 32]), ..config };
    let mut engine = Engine::new(config);
    let mut add = added(film, Want::All);
    add.peers.clear();
    add.trackers = vec![vec!["http://tracker.test/announce".into()]];
    engine.handle_input(NOW, Input::Add(Box::new(add)));
    let prepared = Prepared { pieces: vec![], blocks: vec![] };
    engine.handle_input(NOW, Input::Prepared(TORRENT, Ok(prepared)));
    let asked = outputs(&mut engine).into_iter().find_map(|output| match output {
        Output::Announce(op, _) => Some(op),
        _ => None,
    });
    let interval = Duration::from_secs(1800);
    let answer = Announced { peers, interval, leechers, seeders: Some(1), ..Announced::default() };
    engine.handle_input(NOW, Input::Announced(asked.expect("it announces"), Ok(answer)));
    let conns = calls(&outputs(&mut engine));
    (engine, conns)
}

/// Somebody begins to watch from the beginning.
fn watch(engine: &mut Engine, film: &Metainfo) {
    let end = film.info.geometry().content_len();
    let open = OpenStream { stream: StreamId(1), torrent: TORRENT, file: 0..end, position: 0, end };
    engine.handle_input(NOW, Input::Open(open));
    outputs(engine);
}

/// The bytes that are said on a new connection, and the requests among them.
fn first_words(engine: &mut Engine, conn: ConnId) -> (Bytes, Vec<wire::Request>) {
    engine.handle_input(NOW, Input::Dialled(conn));
    let words = Bytes::from(said(&outputs(engine), conn));
    let asked = requests(&messages(words[Handshake::LEN..].to_vec()));
    (words, asked)
}

fn requests(messages: &[Message]) -> Vec<wire::Request> {
    let request = |message: &Message| match message {
        Message::Request(request) => Some(*request),
        _ => None,
    };
    messages.iter().filter_map(request).collect()
}

/// Expects that a peer which gives from now on is asked for these, and answers all requests.
fn is_asked_for(engine: &mut Engine, conn: ConnId, wanted: &[wire::Request]) {
    let mut words = BytesMut::new();
    wire::encode(&Message::Unchoke, &mut words);
    let mut asked = vec![];
    while !words.is_empty() {
        for request in requests(&answer(engine, conn, words.split())) {
            let wire::Request { piece, begin, len } = request;
            let data = vec![7; len as usize].into();
            wire::encode(&Message::Piece { piece, begin, data }, &mut words);
            asked.push(request);
        }
    }
    let times = |wanted| asked.iter().filter(|request| **request == wanted).count();
    assert!(wanted.iter().all(|request| times(*request) == 1), "{wanted:?} {asked:?}");
}

/// What it says when it hears this.
fn answer(engine: &mut Engine, conn: ConnId, words: BytesMut) -> Vec<Message> {
    engine.handle_input(NOW, Input::Received(conn, words.freeze()));
    messages(said(&outputs(engine), conn))
}

/// One round trip for the connection, and one from the first word to the first block.
#[test]
fn a_known_seed_gives_its_first_block_within_two_round_trips() {
    let film = film();
    let (mut viewer, call) = announced(&film, Some(0));
    let (mut seed, _) = told_of_a_peer(&film, all_pieces(&film), Want::Nothing);
    let (words, asked) = first_words(&mut viewer, call);
    assert!(!asked.is_empty() && asked.len() <= 4, "{asked:?}");

    let conn = ConnId(1_001);
    seed.handle_input(NOW, Input::Accepted(conn, peer()));
    seed.handle_input(NOW, Input::Received(conn, words));
    let mut done: VecDeque<_> = outputs(&mut seed).into();
    let mut came = vec![];
    while let Some(output) = done.pop_front() {
        match output {
            Output::Send(_, bytes) => came.extend_from_slice(&bytes),
            Output::Load { op, len, .. } => {
                seed.handle_input(NOW, Input::Loaded(op, Ok(vec![7; len as usize].into())));
                done.extend(outputs(&mut seed));
            }
            _ => (),
        }
    }
    viewer.handle_input(NOW, Input::Received(call, came.into()));
    let stored =
        outputs(&mut viewer).iter().filter(|it| matches!(it, Output::Store { .. })).count();
    assert_eq!(stored, asked.len(), "all that was asked for came with the first words");
}

#[test]
fn of_whom_it_is_not_known_nothing_is_asked_before_he_has_spoken() {
    let film = film();
    for leechers in [None, Some(2)] {
        let (mut engine, conn) = announced(&film, leechers);
        assert_eq!(first_words(&mut engine, conn).1, [], "{leechers:?}");
    }
}

/// Most of whom trackers name have everything: who has is asked a round trip sooner, and who has not says so.
#[test]
fn while_somebody_waits_everybody_is_asked_with_the_first_words() {
    let film = film();
    for leechers in [None, Some(1)] {
        let (mut engine, conn) = announced(&film, leechers);
        watch(&mut engine, &film);
        let asked = first_words(&mut engine, conn).1;
        assert!(!asked.is_empty() && asked.len() <= 4, "{leechers:?} {asked:?}");
    }
}

#[test]
fn in_a_swarm_where_most_lack_something_nobody_is_asked_before_he_has_spoken() {
    let film = film();
    let (mut engine, conn) = announced(&film, Some(40));
    watch(&mut engine, &film);
    assert_eq!(first_words(&mut engine, conn).1, []);
}

#[test]
fn who_was_asked_with_the_first_words_and_says_nothing_for_a_second_keeps_nothing_from_others() {
    let film = film();
    let other = ([203, 0, 113, 9], 6881).into();
    let (mut engine, conns) = announced_with(&film, None, vec![peer(), other]);
    watch(&mut engine, &film);
    let (silent, late) = (conns[0], conns[1]);
    let asked = first_words(&mut engine, silent).1;
    assert!(!asked.is_empty());
    engine.handle_input(NOW + Duration::from_millis(1_100), Input::DeadlinePassed);
    let words = messages(said(&outputs(&mut engine), silent));
    let cancelled = |wanted| words.iter().any(|word| *word == Message::Cancel(wanted));
    assert!(asked.iter().all(|request| cancelled(*request)), "{words:?}");
    let of_other = first_words(&mut engine, late).1;
    assert!(of_other.iter().any(|request| asked.contains(request)), "{of_other:?}");
}

/// Without BEP 6 nobody says that a request was dropped.
#[test]
fn who_does_not_know_the_fast_extension_is_asked_again_when_it_unchokes() {
    let film = film();
    let (mut engine, conn) = announced(&film, Some(1));
    let (_, asked) = first_words(&mut engine, conn);
    let mut words = greeting(film.info.hashes().wire(), Reserved::NONE);
    words.truncate(Handshake::LEN);
    let pieces = film.info.geometry().piece_count();
    let all = engine::bits::Bits::full(pieces).to_wire();
    wire::encode(&Message::Bitfield(all.into()), &mut words);
    assert_eq!(requests(&answer(&mut engine, conn, words)), []);
    is_asked_for(&mut engine, conn, &asked);
}

#[test]
fn what_a_peer_without_a_free_slot_rejects_is_asked_for_when_it_has_one() {
    let film = film();
    let (mut engine, conn) = announced(&film, Some(0));
    let (_, asked) = first_words(&mut engine, conn);
    let mut words = greeting(film.info.hashes().wire(), Reserved::NONE.with_fast());
    asked.iter().for_each(|request| wire::encode(&Message::Reject(*request), &mut words));
    assert_eq!(requests(&answer(&mut engine, conn, words)), []);
    is_asked_for(&mut engine, conn, &asked);
}

/// It was no seed after all: its blocks are free for others, and it is asked for what it has when it gives.
#[test]
fn who_lacks_what_it_was_asked_for_keeps_nothing_from_others() {
    let film = film();
    let (mut engine, conn) = announced(&film, Some(0));
    let (_, asked) = first_words(&mut engine, conn);
    let mut words = greeting(film.info.hashes().wire(), Reserved::NONE.with_fast());
    words.truncate(Handshake::LEN);
    wire::encode(&Message::HaveNone, &mut words);
    asked.iter().for_each(|request| wire::encode(&Message::Reject(*request), &mut words));
    wire::encode(&Message::Have(Piece(1)), &mut words);
    wire::encode(&Message::Unchoke, &mut words);
    let again = requests(&answer(&mut engine, conn, words));
    assert!(
        !again.is_empty() && again.iter().all(|request| request.piece == Piece(1)),
        "{again:?}"
    );
    let other = ConnId(1_001);
    engine.handle_input(NOW, Input::Accepted(other, ([203, 0, 113, 9], 6881).into()));
    let mut words = greeting(film.info.hashes().wire(), Reserved::NONE.with_fast());
    words[Handshake::LEN - 1] ^= 1;
    wire::encode(&Message::Unchoke, &mut words);
    engine.handle_input(NOW, Input::Received(other, words.freeze()));
    let said = messages(said(&outputs(&mut engine), other)[Handshake::LEN..].to_vec());
    let of_other = requests(&said);
    assert!(of_other.iter().any(|request| request.piece == Piece(0)), "{of_other:?}");
}

#[test]
fn who_hangs_up_on_a_bold_call_is_not_called_boldly_again() {
    let film = film();
    let (mut engine, conn) = announced(&film, Some(0));
    let (_, asked) = first_words(&mut engine, conn);
    assert!(!asked.is_empty());
    let heard = greeting(film.info.hashes().wire(), Reserved::NONE.with_fast());
    engine.handle_input(NOW, Input::Received(conn, heard.freeze().slice(..Handshake::LEN)));
    engine.handle_input(NOW, Input::Lost(conn, LostWhy::Closed));
    let mut now = NOW;
    // With the handshake alone, and later with all that can be said, but for requests.
    for _ in 0..2 {
        let conn = calls(&outputs(&mut engine))[0];
        engine.handle_input(now, Input::Dialled(conn));
        let words = said(&outputs(&mut engine), conn);
        assert_eq!(requests(&messages(words[Handshake::LEN..].to_vec())), []);
        engine.handle_input(now, Input::Lost(conn, LostWhy::Closed));
        now = now + Duration::from_secs(120);
        engine.handle_input(now, Input::DeadlinePassed);
    }
}
