//! What a v2 film needs leaf hashes for, and how it comes without them.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use engine::{ConnId, HangUpWhy, News, Output};
use torrent::{
    BLOCK_LEN, Block, Metainfo, Piece, Sha256Hash,
    create::{Builder, Version},
    merkle::block_leaf,
    wire::{HashRequest, Message, Request},
};

use crate::{
    liars::{Giver, RIGHT, WRONG},
    stage::{PIECE_LEN, PIECES, Stage, film, film_with},
};

/// Pieces of four blocks, so that two peers give parts of one.
const LARGE: u32 = 4 * BLOCK_LEN;

fn film_of_large_pieces() -> Metainfo {
    let len = 4 * LARGE;
    let mut builder = Builder::single_file("film.mkv", u64::from(len));
    (builder.version, builder.piece_len) = (Version::V2, Some(LARGE));
    let mut hashing = builder.start().expect("a good length");
    hashing.feed(&vec![RIGHT; len as usize]).expect("as many bytes as it has");
    hashing.finish().expect("a valid torrent")
}

fn caller(stage: &mut Stage, host: u8) -> Giver {
    Giver::calls(stage, SocketAddr::from(([198, 51, 100, host], 6881)))
}

fn questions(stage: &Stage, conn: ConnId) -> Vec<HashRequest> {
    let asks = |message| match message {
        Message::HashRequest(request) => Some(request),
        _ => None,
    };
    stage.heard(conn).into_iter().filter_map(asks).collect()
}

/// How often somebody was asked for each block of a piece.
fn requests(stage: &Stage, conn: ConnId, piece: Piece) -> Vec<u32> {
    let asks = |message| match message {
        Message::Request(Request { piece: of, begin, .. }) if of == piece => {
            Some(begin / BLOCK_LEN)
        }
        _ => None,
    };
    stage.heard(conn).into_iter().filter_map(asks).collect()
}

/// A piece of four blocks, the first two of a liar and the others of an honest peer; the first one is wrong.
fn spoilt() -> (Stage, Giver, Giver, Piece) {
    let mut stage = Stage::fetching(film_of_large_pieces());
    let mut liar = caller(&mut stage, 9);
    let mut honest = caller(&mut stage, 1);
    let pieces = stage.heard(liar.conn).into_iter().filter_map(|message| match message {
        Message::Request(request) => Some(request.piece),
        _ => None,
    });
    let piece = pieces.into_iter().next().expect("it was asked for something");
    assert_eq!(requests(&stage, liar.conn, piece), [0, 1]);
    assert_eq!(requests(&stage, honest.conn, piece), [2, 3]);
    assert!(honest.answers(&mut stage, RIGHT) && honest.answers(&mut stage, RIGHT));
    assert!(liar.answers(&mut stage, WRONG));
    assert_eq!((questions(&stage, liar.conn), questions(&stage, honest.conn)), (vec![], vec![]));
    assert!(liar.answers(&mut stage, RIGHT));
    (stage, liar, honest, piece)
}

#[test]
fn leaf_hashes_are_asked_for_what_a_player_needs_soon_and_for_nothing_else() {
    let mut stage = Stage::fetching(film_with(Version::V2, RIGHT, 100));
    let mut giver = caller(&mut stage, 1);
    for _ in 0..20 {
        assert!(giver.answers(&mut stage, RIGHT));
    }
    assert_eq!(questions(&stage, giver.conn), [], "nobody waits for anything");
    stage.watch(u64::from(50 * PIECE_LEN));
    while giver.answers(&mut stage, RIGHT) {}
    let asked = questions(&stage, giver.conn);
    let about: BTreeSet<u32> = asked.iter().map(|one| one.index * BLOCK_LEN / PIECE_LEN).collect();
    // 30 s of media at 8 kB/s.
    assert!(!about.is_empty() && about.iter().all(|piece| (50..58).contains(piece)), "{about:?}");
    assert_eq!(stage.verified(), u64::from(100 * PIECE_LEN), "no answer is needed");
}

#[test]
fn what_was_begun_for_the_background_is_judged_block_by_block_once_a_player_needs_it() {
    let mut stage = Stage::fetching(film_of_large_pieces());
    let mut giver = caller(&mut stage, 1);
    let asked = stage.heard(giver.conn).into_iter().find_map(|message| match message {
        Message::Request(request) => Some(request.piece),
        _ => None,
    });
    let piece = asked.expect("it was asked for something");
    assert!(giver.answers(&mut stage, RIGHT));
    assert_eq!((stage.verified(), questions(&stage, giver.conn)), (0, vec![]));
    stage.watch(u64::from(piece.0 * LARGE));
    let request = questions(&stage, giver.conn)[0];
    stage.say(giver.conn, &Message::Hashes { request, hashes: leaves() });
    assert_eq!(stage.verified(), u64::from(BLOCK_LEN));
}

fn leaves() -> Vec<Sha256Hash> {
    vec![block_leaf(&[RIGHT; BLOCK_LEN as usize]); 4]
}

#[test]
fn a_wrong_piece_has_its_liar_named_by_leaf_hashes_and_what_was_right_of_it_is_kept() {
    let (mut stage, liar, mut honest, piece) = spoilt();
    let asked = [liar.conn, honest.conn].map(|conn| (conn, questions(&stage, conn)));
    let (conn, asked) = asked.into_iter().find(|(_, asked)| !asked.is_empty()).expect("a question");
    let request = asked[0];
    assert_eq!(request.index, piece.0 * 4);
    stage.say(conn, &Message::Hashes { request, hashes: leaves() });
    assert_eq!(stage.hung_up(liar.conn), Some(HangUpWhy::Banned));
    while honest.answers(&mut stage, RIGHT) {}
    assert_eq!(stage.verified(), u64::from(4 * LARGE));
    let again = requests(&stage, honest.conn, piece);
    assert_eq!(again.iter().filter(|index| **index >= 2).count(), 2, "{again:?}");
}

#[test]
fn where_nobody_tells_leaf_hashes_a_liar_is_found_by_what_others_send() {
    let (mut stage, mut liar, mut honest, _) = spoilt();
    for _ in 0..100 {
        for conn in [liar.conn, honest.conn] {
            let asked = questions(&stage, conn).into_iter();
            let refused: Vec<_> = asked.map(Message::HashReject).collect();
            refused.iter().for_each(|refusal| stage.say(conn, refusal));
        }
        if stage.hung_up(liar.conn).is_none() {
            liar.answers(&mut stage, WRONG);
        }
        honest.answers(&mut stage, RIGHT);
    }
    assert_eq!(stage.hung_up(liar.conn), Some(HangUpWhy::Banned));
    assert_eq!(stage.verified(), u64::from(4 * LARGE));
}

#[test]
fn whoever_is_silent_about_leaf_hashes_is_asked_no_more_and_the_film_comes() {
    let (mut stage, liar, mut honest, _) = spoilt();
    stage.feed(engine::Input::Lost(liar.conn, engine::LostWhy::Closed));
    for _ in 0..20 {
        stage.pass(Duration::from_secs(4));
        while honest.answers(&mut stage, RIGHT) {}
    }
    assert_eq!(stage.verified(), u64::from(4 * LARGE));
}

#[test]
fn many_who_are_silent_about_leaf_hashes_delay_the_film_by_seconds() {
    let (mut stage, mut liar, mut honest, _) = spoilt();
    for _ in 0..20 {
        let silent = stage.greet();
        stage.say(silent, &Message::HaveAll);
    }
    for _ in 0..12 {
        stage.pass(Duration::from_secs(1));
        while honest.answers(&mut stage, RIGHT) {}
        if stage.hung_up(liar.conn).is_none() {
            liar.answers(&mut stage, WRONG);
        }
    }
    assert_eq!(stage.verified(), u64::from(4 * LARGE));
}

#[test]
fn a_piece_of_which_blocks_were_there_is_complete_when_the_others_come() {
    for version in [Version::V2, Version::Hybrid] {
        let first = Block { piece: Piece(3), index: 0 };
        let mut stage = Stage::resuming(film(version), vec![first], RIGHT);
        let mut giver = caller(&mut stage, 1);
        while giver.answers(&mut stage, RIGHT) {}
        let complete = |output: &Output| matches!(output, Output::Complete { piece: Piece(3), .. });
        assert!(stage.done.iter().any(complete), "{version:?}");
        assert_eq!(requests(&stage, giver.conn, Piece(3)), [1], "{version:?}");
    }
}

#[test]
fn nobody_is_blamed_for_what_the_disk_lost_of_an_earlier_run() {
    let first = Block { piece: Piece(3), index: 0 };
    let mut stage = Stage::resuming(film(Version::V2), vec![first], WRONG);
    let mut giver = caller(&mut stage, 1);
    while giver.answers(&mut stage, RIGHT) {}
    assert_eq!(stage.verified(), u64::from(PIECES * PIECE_LEN));
    let blamed =
        |output: &Output| matches!(output, Output::Tell(News::PeerErred(..) | News::PeerLied(..)));
    assert!(!stage.done.iter().any(blamed));
}
