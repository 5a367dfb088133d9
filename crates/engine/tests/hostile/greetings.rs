//! HP-01 to HP-07, HP-13, HP-57, HP-58 and HP-61: connecting and greeting.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use engine::{HangUpWhy, Input, LostWhy};
use torrent::{
    Piece,
    wire::{Message, Request},
};

use crate::stage::Stage;

const SECOND: Duration = Duration::from_secs(1);

/// One host, at a port.
fn host(port: u16) -> SocketAddr {
    ([198, 51, 100, 9], port).into()
}

#[test]
fn hp_01_who_connects_and_says_nothing_is_cut_off_after_ten_seconds() {
    let mut stage = Stage::seed();
    let conn = stage.call();
    stage.pass(9 * SECOND);
    assert_eq!(stage.hung_up(conn), None);
    stage.pass(2 * SECOND);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::HandshakeSlow));
}

#[test]
fn hp_02_a_handshake_of_a_byte_a_second_has_ten_seconds_in_all() {
    let mut stage = Stage::seed();
    let conn = stage.call();
    let greeting = stage.greeting(1);
    for at in 0..11 {
        stage.say_bytes(conn, greeting.slice(at..at + 1));
        stage.pass(SECOND);
    }
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::HandshakeSlow));
}

#[test]
fn hp_03_another_protocol_is_cut_off_at_its_first_wrong_byte() {
    for first in [0, 18, 20, 255] {
        let mut stage = Stage::seed();
        let conn = stage.call();
        stage.say_bytes(conn, Bytes::copy_from_slice(&[first]));
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol), "length {first}");
    }
    let mut stage = Stage::seed();
    let conn = stage.call();
    stage.say_bytes(conn, Bytes::from_static(b"\x13BitTorrent protocoX"));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_04_ten_thousand_unknown_infohashes_are_turned_away_one_by_one() {
    let mut stage = Stage::seed();
    for number in 0..10_000_u32 {
        let conn = stage.call();
        let mut greeting = stage.greeting(u64::from(number)).to_vec();
        greeting[28..32].copy_from_slice(&number.to_be_bytes());
        stage.say_bytes(conn, greeting.into());
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::UnknownTorrent));
        stage.done.clear();
    }
}

#[test]
fn hp_04_who_tries_infohashes_is_not_heard_after_some_until_a_minute_is_over() {
    let mut stage = Stage::seed();
    let mut heard = 0;
    for number in 0..10_000_u32 {
        let conn = stage.call_from(host(1_024 + (number % 60_000) as u16));
        let mut greeting = stage.greeting(1).to_vec();
        greeting[28..32].copy_from_slice(&number.to_be_bytes());
        stage.say_bytes(conn, greeting.into());
        heard += usize::from(stage.hung_up(conn) == Some(HangUpWhy::UnknownTorrent));
        stage.done.clear();
    }
    assert_eq!(heard, 120);
    let other = stage.greet();
    assert_eq!(stage.hung_up(other), None, "others are heard as ever");
    stage.pass(61 * SECOND);
    let later = stage.call_from(host(7_000));
    assert_eq!(stage.hung_up(later), None);
}

#[test]
fn hp_05_a_call_from_ourselves_ends() {
    let mut stage = Stage::seed();
    let conn = stage.greet();
    let ours = stage.done.iter().find_map(|output| match output {
        engine::Output::Send(one, bytes) if *one == conn => Some(bytes.slice(..68)),
        _ => None,
    });
    let conn = stage.call();
    stage.say_bytes(conn, ours.expect("it greets back"));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Ourselves));
}

#[test]
fn hp_06_one_peer_id_from_a_hundred_addresses_stays_once() {
    let mut stage = Stage::seed();
    let greeting = stage.greeting(7);
    let mut stayed = 0;
    for _ in 0..100 {
        let conn = stage.call();
        stage.say_bytes(conn, greeting.clone());
        stayed += usize::from(stage.hung_up(conn).is_none());
    }
    assert_eq!(stayed, 1);
}

#[test]
fn hp_06_of_two_hundred_connections_from_one_host_four_stay() {
    let six = |host: u16| SocketAddr::from(([0x2001, 0xdb8, 0, 7, 0, 0, 0, host], 6_881));
    for at in [host as fn(u16) -> SocketAddr, six] {
        let mut stage = Stage::seed();
        let greets = |stage: &mut Stage, number: u16| {
            let conn = stage.call_from(at(number));
            let greeting = stage.greeting(number.into());
            stage.say_bytes(conn, greeting);
            conn
        };
        let conns: Vec<_> = (2_000..2_200).map(|number| greets(&mut stage, number)).collect();
        let stay =
            |stage: &Stage| conns.iter().filter(|conn| stage.hung_up(**conn).is_none()).count();
        assert_eq!(stay(&stage), 4);
        let honest = stage.greet();
        assert_eq!(stage.hung_up(honest), None);
        stage.feed(Input::Lost(conns[0], LostWhy::Closed));
        stage.pass(61 * SECOND);
        let again = greets(&mut stage, 3_000);
        assert_eq!(stage.hung_up(again), None, "one left: there is room for one");
    }
}

#[test]
fn hp_06_who_shares_this_household_is_not_counted_by_its_address() {
    let mut stage = Stage::seed();
    for number in 0..20 {
        let conn = stage.call_from(([172, 17, 0, 1], 5_000 + number).into());
        let greeting = stage.greeting(number.into());
        stage.say_bytes(conn, greeting);
        assert_eq!(stage.hung_up(conn), None, "caller {number}");
    }
}

#[test]
fn hp_07_a_second_handshake_ends_the_connection() {
    let mut stage = Stage::seed();
    let conn = stage.greet();
    let greeting = stage.greeting(9);
    stage.say_bytes(conn, greeting);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_07_messages_before_the_handshake_end_the_connection() {
    let mut stage = Stage::seed();
    let conn = stage.call();
    stage.say_bytes(conn, Bytes::from_static(&[0, 0, 0, 1, 2]));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Protocol));
}

#[test]
fn hp_13_a_session_may_break_at_every_byte() {
    let session = {
        let stage = Stage::seed();
        let mut bytes = stage.greeting(1).to_vec();
        // have_none, interested, and a request of the first block.
        bytes.extend([0, 0, 0, 1, 15, 0, 0, 0, 1, 2]);
        bytes.extend([0, 0, 0, 13, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0]);
        Bytes::from(bytes)
    };
    let mut stage = Stage::seed();
    for end in 0..=session.len() {
        let conn = stage.call();
        stage.say_bytes(conn, session.slice(..end));
        assert_eq!(stage.hung_up(conn), None, "cut at {end}");
        stage.feed(Input::Lost(conn, LostWhy::Broken));
        stage.done.clear();
    }
    let stats = stage.engine.torrent_stats(stage.now, engine::TorrentId(1));
    assert_eq!(stats.map(|stats| stats.peers), Some(0));
}

#[test]
fn hp_57_who_connects_and_leaves_again_and_again_is_turned_away_and_others_are_served() {
    let mut stage = Stage::seed();
    let guest = stage.greet();
    stage.say(guest, &Message::HaveNone);
    stage.say(guest, &Message::Interested);
    let mut let_in = 0;
    // 500 a second, for ten seconds.
    for number in 0..5_000_u64 {
        let conn = stage.call_from(host(1_024 + number as u16));
        let greeting = stage.greeting(1_000 + number);
        stage.say_bytes(conn, greeting);
        if stage.hung_up(conn).is_none() {
            let_in += 1;
            stage.feed(Input::Lost(conn, LostWhy::Closed));
        }
        stage.pass(SECOND / 500);
    }
    assert_eq!(let_in, 120);
    let request = Request { piece: Piece(0), begin: 0, len: 16_384 };
    stage.say(guest, &Message::Request(request));
    assert!(stage.loads() == 1 && stage.hung_up(guest).is_none());
}

#[test]
fn hp_58_sixteen_half_open_connections_of_one_host_are_held() {
    let mut stage = Stage::seed();
    let conns: Vec<_> = (0..100).map(|number| stage.call_from(host(5_000 + number))).collect();
    let held = conns.iter().filter(|conn| stage.hung_up(**conn).is_none()).count();
    assert_eq!(held, 16);
}

#[test]
fn hp_58_two_thousand_half_open_connections_are_held_within_a_cap_and_end() {
    let mut stage = Stage::seed();
    let conns: Vec<_> = (0..2_000).map(|_| stage.call()).collect();
    let held = conns.iter().filter(|conn| stage.hung_up(**conn).is_none()).count();
    assert!(held <= 256, "{held} are held");
    stage.pass(11 * SECOND);
    assert!(conns.iter().all(|conn| stage.hung_up(*conn).is_some()));
    let honest = stage.greet();
    assert_eq!(stage.hung_up(honest), None, "there is room again");
}

#[test]
fn hp_61_of_two_connections_with_the_same_peer_one_stays() {
    let mut stage = Stage::leecher();
    let (one, two) = (stage.call(), stage.call());
    let greeting = stage.greeting(5);
    stage.say_bytes(one, greeting.clone());
    stage.say_bytes(two, greeting);
    assert_eq!(stage.hung_up(one), None);
    assert_eq!(stage.hung_up(two), Some(HangUpWhy::Twice));
}
