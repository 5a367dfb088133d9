//! HP-08 to HP-12, HP-16 to HP-22, HP-37, HP-39, HP-40, HP-48, HP-50, HP-55, HP-56 and HP-98: what peers say.

use std::time::Duration;

use bytes::Bytes;
use engine::HangUpWhy;
use torrent::{
    Piece,
    wire::{Message, extension::DontHave},
};

use crate::stage::{PIECES, Stage};

/// The ids under which an engine takes extension messages, as it tells in its handshake.
const DONT_HAVE: u8 = torrent::wire::extension::ExtensionIds::OURS.dont_have.expect("we take it");

fn raw(len: u32, body: &[u8]) -> Bytes {
    [&len.to_be_bytes()[..], body].concat().into()
}

/// A peer that greeted and has nothing.
fn guest(stage: &mut Stage) -> engine::ConnId {
    let conn = stage.greet();
    stage.say(conn, &Message::HaveNone);
    conn
}

#[test]
fn hp_08_a_message_longer_than_any_is_refused_at_its_length() {
    for len in [u32::MAX, 1 << 31, (1 << 20) + 1, (16 << 20) + 1] {
        let mut stage = Stage::leecher();
        let conn = guest(&mut stage);
        stage.say_bytes(conn, raw(len, &[7]));
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol), "length {len}");
    }
}

#[test]
fn hp_09_a_flood_of_keep_alives_ends() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    assert!(stage.endures(conn, &Message::KeepAlive, 100_000) < 100_000);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

#[test]
fn hp_10_unknown_messages_are_passed_over_until_there_are_too_many() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    for id in 30..=129 {
        stage.say_bytes(conn, raw(1, &[id]));
    }
    assert_eq!(stage.hung_up(conn), None);
    stage.say_bytes(conn, raw(1, &[200]));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_11_messages_of_the_wrong_length_end_the_connection() {
    for body in [&[14, 0][..], &[4, 0, 0, 0], &[0, 1], &[6, 0, 0, 0, 0], &[13, 0]] {
        let mut stage = Stage::leecher();
        let conn = stage.greet();
        stage.say_bytes(conn, raw(body.len() as u32, body));
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol), "{body:?}");
    }
}

#[test]
fn hp_12_bytes_that_come_one_by_one_mean_the_same() {
    let session = |stage: &Stage| {
        let mut bytes = stage.greeting(1).to_vec();
        bytes.extend([0, 0, 0, 1, 15, 0, 0, 0, 1, 2]);
        bytes.extend([0, 0, 0, 13, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0].repeat(3));
        Bytes::from(bytes)
    };
    let run = |cut: usize| {
        let mut stage = Stage::seed();
        let conn = stage.call();
        for part in session(&stage).chunks(cut) {
            stage.say_bytes(conn, Bytes::copy_from_slice(part));
        }
        stage.heard(conn)
    };
    assert_eq!(run(1), run(usize::MAX));
}

#[test]
fn hp_16_a_bitfield_of_the_wrong_length_or_with_spare_bits_ends_the_connection() {
    for bits in [&[0xff][..], &[0xff, 0xf0, 0], &[0xff, 0xf8]] {
        let mut stage = Stage::leecher();
        let conn = stage.greet();
        stage.say(conn, &Message::Bitfield(Bytes::copy_from_slice(bits)));
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol), "{bits:?}");
    }
}

#[test]
fn hp_17_who_has_all_and_then_none_is_cut_off() {
    let mut stage = Stage::leecher();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    stage.say(conn, &Message::HaveNone);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_19_a_piece_that_does_not_exist_ends_the_connection() {
    for piece in [PIECES, u32::MAX] {
        let mut stage = Stage::leecher();
        let conn = guest(&mut stage);
        stage.say(conn, &Message::Have(Piece(piece)));
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
    }
}

#[test]
fn hp_20_a_flood_of_haves_ends() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    assert!(stage.endures(conn, &Message::Have(Piece(1)), 1_000_000) < 100_000);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

#[test]
fn hp_21_having_and_not_having_in_turn_leaves_the_last_word_and_ends_when_it_floods() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    let gone = Message::Extended { id: DONT_HAVE, payload: DontHave(Piece(1)).to_bytes() };
    for _ in 0..100 {
        stage.say(conn, &Message::Have(Piece(1)));
        stage.say(conn, &gone);
    }
    assert_eq!(stage.heard(conn).last(), Some(&Message::NotInterested));
    assert!(stage.endures(conn, &gone, 10_000) < 2_000);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

#[test]
fn hp_37_choking_and_unchoking_without_end_is_a_flood() {
    let mut stage = Stage::leecher();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    let mut rounds = 0;
    while stage.hung_up(conn).is_none() && rounds < 5_000 {
        stage.say(conn, &Message::Unchoke);
        stage.say(conn, &Message::Choke);
        stage.pass(Duration::from_millis(1));
        rounds += 1;
    }
    assert!(rounds <= 500, "{rounds} rounds");
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

#[test]
fn hp_39_more_allowed_pieces_than_sixteen_are_not_remembered() {
    let mut stage = Stage::leecher();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    for piece in (PIECES..10_000).chain(0..PIECES) {
        stage.say(conn, &Message::AllowedFast(Piece(piece)));
    }
    let asked = stage.heard(conn);
    let asked = asked.iter().filter(|message| matches!(message, Message::Request(_))).count();
    assert_eq!(asked, 0, "sixteen useless pieces filled the list");
    assert_eq!(stage.hung_up(conn), None);
}

#[test]
fn hp_40_a_flood_of_suggestions_ends() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    assert!(stage.endures(conn, &Message::Suggest(Piece(1)), 100_000) < 100_000);
}

#[test]
fn hp_48_wanting_and_not_wanting_without_end_is_a_flood() {
    let mut stage = Stage::seed();
    let conn = guest(&mut stage);
    let mut rounds = 0;
    while stage.hung_up(conn).is_none() && rounds < 5_000 {
        stage.say(conn, &Message::Interested);
        stage.say(conn, &Message::NotInterested);
        rounds += 1;
    }
    assert!(rounds <= 500, "{rounds} rounds");
}

#[test]
fn hp_50_a_thousand_extension_handshakes_are_a_flood_and_a_deep_one_is_nonsense() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    let payload = Bytes::from_static(b"d1:md11:ut_metadatai2ee13:metadata_sizei-1ee");
    let hello = Message::Extended { id: 0, payload };
    assert!(stage.endures(conn, &hello, 1_000) < 1_000);
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    let payload = Bytes::from([b"d1:a".as_slice(), &b"l".repeat(10_000)].concat());
    stage.say(conn, &Message::Extended { id: 0, payload });
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_98_after_an_hour_asleep_nobody_is_taken_for_silent() {
    let mut stage = Stage::leecher();
    let conns: Vec<_> = (0..20).map(|_| guest(&mut stage)).collect();
    stage.sleep(Duration::from_secs(3_600));
    stage.pass(Duration::from_secs(60));
    assert!(conns.iter().all(|conn| stage.hung_up(*conn).is_none()));
    stage.pass(Duration::from_secs(300));
    assert!(conns.iter().all(|conn| stage.hung_up(*conn) == Some(HangUpWhy::Silent)));
}

#[test]
fn hp_55_a_flood_of_ports_ends() {
    let mut stage = Stage::leecher();
    let conn = guest(&mut stage);
    assert!(stage.endures(conn, &Message::Port(53), 100_000) < 100_000);
}

#[test]
fn hp_56_who_lies_about_itself_is_judged_by_what_it_does() {
    let says = |fields: &[u8]| {
        let payload = [b"d", fields, b"e"].concat().into();
        Message::Extended { id: 0, payload }
    };
    // A seed that is told "I only give" by somebody who has nothing parts from it, and that is all.
    let mut seed = Stage::seed();
    let conn = guest(&mut seed);
    seed.say(conn, &says(b"11:upload_onlyi1e"));
    assert_eq!(seed.hung_up(conn), Some(HangUpWhy::Useless));
    // One who fetches asks nothing of somebody who has nothing, whatever it calls itself.
    let mut leecher = Stage::leecher();
    let conn = guest(&mut leecher);
    for fields in [&b"1:pi0e11:upload_onlyi1e"[..], b"1:pi22e10:share_modei1e", b"4:reqqi0e"] {
        leecher.say(conn, &says(fields));
    }
    leecher.say(conn, &Message::Unchoke);
    let asked = |message: &Message| matches!(message, Message::Request(_));
    assert!(!leecher.heard(conn).iter().any(asked));
    // And of somebody who has everything and says that it takes one request, one.
    let conn = leecher.greet();
    leecher.say(conn, &Message::HaveAll);
    leecher.say(conn, &says(b"4:reqqi1e"));
    leecher.say(conn, &Message::Unchoke);
    assert_eq!(leecher.heard(conn).into_iter().filter(asked).count(), 1);
}
