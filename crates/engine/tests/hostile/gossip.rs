//! A meeting place: news goes to and fro, and nobody can make much of it who means harm.

use bytes::Bytes;
use engine::{ConnId, Gossip, HangUpWhy, Input, Output};
use torrent::{
    create::Version,
    wire::{
        Message,
        extension::{ExtensionHandshake, ExtensionIds},
    },
};

use crate::stage::{Stage, TORRENT, film};

/// The number under which a caller takes news.
const THEIRS: u8 = 9;
const OURS: u8 = ExtensionIds::OURS.head.expect("we take it");

fn meeting() -> Stage {
    let mut stage = Stage::magnet(film(Version::V1));
    stage.feed(Input::Meet(TORRENT));
    stage
}

fn speaks(head: Option<u8>, port: Option<u16>) -> Message {
    let ids = ExtensionIds { head, ..ExtensionIds::default() };
    let said = ExtensionHandshake { ids, port, ..ExtensionHandshake::default() };
    Message::Extended { id: 0, payload: said.to_bytes() }
}

fn says(words: &'static [u8]) -> Message {
    Message::Extended { id: OURS, payload: Bytes::from_static(words) }
}

fn gossip(stage: &Stage) -> Vec<Gossip> {
    let gossip = stage.done.iter().filter_map(|output| match output {
        Output::Gossip(TORRENT, gossip) => Some(gossip.clone()),
        _ => None,
    });
    gossip.collect()
}

fn joined(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    stage.say(conn, &speaks(Some(THEIRS), Some(7001)));
    conn
}

#[test]
fn news_goes_to_and_fro_where_peers_meet() {
    let mut stage = meeting();
    let conn = joined(&mut stage);
    stage.say(conn, &says(b"news"));
    stage.feed(Input::Gossip(TORRENT, conn, Bytes::from_static(b"more")));
    let told = gossip(&stage);
    assert!(matches!(told[0], Gossip::Joined(one, addr) if one == conn && addr.port() == 7001));
    assert_eq!(told[1], Gossip::Said(conn, Bytes::from_static(b"news")));
    let ours = Message::Extended { id: THEIRS, payload: Bytes::from_static(b"more") };
    assert!(stage.heard(conn).contains(&ours));
    stage.feed(Input::Lost(conn, engine::LostWhy::Closed));
    assert_eq!(gossip(&stage)[2..], [Gossip::Left(conn)]);
}

#[test]
fn whoever_has_no_news_to_exchange_does_not_stay_where_peers_meet() {
    let mut stage = meeting();
    let conn = stage.greet();
    stage.say(conn, &speaks(None, None));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Useless));
    assert_eq!(gossip(&stage), []);
}

#[test]
fn news_is_nothing_but_an_unknown_message_in_a_film_s_swarm() {
    let mut stage = Stage::seed();
    let conn = stage.greet();
    stage.say(conn, &speaks(Some(THEIRS), None));
    stage.say(conn, &says(b"news"));
    stage.feed(Input::Gossip(TORRENT, conn, Bytes::from_static(b"more")));
    assert_eq!(gossip(&stage), []);
    let named = stage.heard(conn).into_iter().find_map(|message| match message {
        Message::Extended { id: 0, payload } => ExtensionHandshake::parse(&payload).ok(),
        _ => None,
    });
    assert_eq!(named.and_then(|said| said.ids.head), None, "it is not offered there");
}

#[test]
fn long_news_and_news_without_end_are_a_flood() {
    let mut stage = meeting();
    let conn = joined(&mut stage);
    stage.say(conn, &Message::Extended { id: OURS, payload: Bytes::from(vec![0; 5000]) });
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
    let conn = joined(&mut stage);
    assert!(stage.endures(conn, &says(b"again"), 10_000) < 1000);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

#[test]
fn who_is_banned_where_peers_meet_does_not_come_back() {
    let mut stage = meeting();
    let from = ([203, 0, 113, 7], 6881).into();
    let conn = stage.call_from(from);
    let greeting = stage.greeting(7);
    stage.say_bytes(conn, greeting);
    stage.say(conn, &speaks(Some(THEIRS), None));
    stage.feed(Input::Ban(TORRENT, conn));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Banned));
    assert_eq!(gossip(&stage).last(), Some(&Gossip::Left(conn)));
    let again = stage.call_from(from);
    assert_eq!(stage.hung_up(again), Some(HangUpWhy::Banned));
}
