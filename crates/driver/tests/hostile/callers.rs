//! Those who call a seed and do not want what it gives.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use torrent::{
    Piece,
    wire::{Message, Request},
};

use crate::{
    stage::soon,
    stranger::{Seed, Stranger, encoded, handshake, raw},
};

const LITTLE: Duration = Duration::from_millis(300);

/// Somebody who greeted and has nothing says this, and is left.
async fn left_for(bytes: &[u8]) {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::HaveNone).await;
    stranger.send(bytes).await;
    stranger.until_left().await;
    seed.serves().await;
}

/// Somebody who greeted and has nothing says this again and again, and is left.
async fn left_for_a_flood_of(bytes: &[u8]) {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::HaveNone).await;
    stranger.flood(bytes).await;
    seed.serves().await;
}

fn request(piece: u32, begin: u32, len: u32) -> Request {
    Request { piece: Piece(piece), begin, len }
}

#[tokio::test]
async fn hp_01_who_says_nothing_is_left_after_the_patience_for_handshakes() {
    let seed = Seed::with_patience(LITTLE).await;
    seed.call().await.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_02_who_does_not_finish_a_handshake_is_left_as_well() {
    let seed = Seed::with_patience(LITTLE).await;
    let mut stranger = seed.call().await;
    stranger.send(&handshake(&seed.work.metainfo, 1)[..50]).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_03_who_speaks_another_protocol_is_left() {
    // Those words might be an encrypted handshake, until the patience for it is over.
    let seed = Seed::with_patience(LITTLE).await;
    let mut stranger = seed.call().await;
    stranger.send(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_04_who_names_an_unknown_torrent_is_left() {
    let seed = Seed::new().await;
    let mut bytes = handshake(&seed.work.metainfo, 1);
    bytes[28..48].fill(9);
    let mut stranger = seed.call().await;
    stranger.send(&bytes).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_05_a_call_to_ourselves_brings_no_peer() {
    let seed = Seed::new().await;
    let torrent = seed.party.join(&seed.work.metainfo, &[seed.party.addr()]).await;
    seed.serves().await;
    assert_eq!(torrent.stats().await.expect("it goes on").seeds, 0);
}

#[tokio::test]
async fn hp_06_of_two_callers_with_one_peer_id_the_second_is_left() {
    let seed = Seed::new().await;
    let mut first = seed.greet(7).await;
    first.hear().await.expect("it is welcome");
    seed.greet(7).await.until_left().await;
    first.say(&Message::Interested).await;
    first.hears(|message| matches!(message, Message::Unchoke)).await;
}

#[tokio::test]
async fn hp_07_a_second_handshake_ends_the_connection() {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.send(&handshake(&seed.work.metainfo, 1)).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_08_a_message_longer_than_any_ends_the_connection_at_its_length() {
    left_for(&raw(u32::MAX, &[7])).await;
}

#[tokio::test]
async fn hp_09_a_flood_of_keep_alives_ends() {
    left_for_a_flood_of(&[0; 4]).await;
}

#[tokio::test]
async fn hp_10_too_many_unknown_messages_end_the_connection() {
    left_for_a_flood_of(&raw(1, &[200])).await;
}

#[tokio::test]
async fn hp_11_a_message_of_the_wrong_length_ends_the_connection() {
    left_for(&raw(4, &[4, 0, 0, 0])).await;
}

#[tokio::test]
async fn hp_12_bytes_that_come_one_by_one_are_understood() {
    let seed = Seed::new().await;
    let mut stranger = seed.call().await;
    let mut words = handshake(&seed.work.metainfo, 1);
    words.extend(encoded(&Message::HaveNone));
    words.extend(encoded(&Message::Interested));
    words.extend(encoded(&Message::Request(request(0, 0, 16 << 10))));
    for byte in words {
        stranger.send(&[byte]).await;
    }
    stranger.hears(|message| matches!(message, Message::Unchoke)).await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_13_a_session_may_break_at_every_byte_of_its_beginning() {
    let seed = Seed::new().await;
    let mut words = handshake(&seed.work.metainfo, 1);
    words.extend(encoded(&Message::Interested));
    for len in 0..words.len() {
        seed.call().await.send(&words[..len]).await;
    }
    seed.serves().await;
}

#[tokio::test]
async fn hp_16_a_bitfield_of_the_wrong_length_ends_the_connection() {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::Bitfield(Bytes::from_static(&[0; 99]))).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_17_who_has_all_and_then_none_is_left() {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::HaveAll).await;
    stranger.say(&Message::HaveNone).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_19_a_piece_that_does_not_exist_ends_the_connection() {
    left_for(&encoded(&Message::Have(Piece(u32::MAX)))).await;
}

#[tokio::test]
async fn hp_20_a_flood_of_haves_ends() {
    left_for_a_flood_of(&encoded(&Message::Have(Piece(1)))).await;
}

#[tokio::test]
async fn hp_42_a_flood_of_requests_ends() {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::HaveNone).await;
    stranger.say(&Message::Interested).await;
    stranger.hears(|message| matches!(message, Message::Unchoke)).await;
    let words: Vec<u8> = (0..10_000)
        .flat_map(|at| encoded(&Message::Request(request(at % 9, 0, 8_192 + at))))
        .collect();
    stranger.send(&words).await;
    stranger.until_left().await;
    seed.serves().await;
}

#[tokio::test]
async fn hp_44_requests_without_sense_are_rejected() {
    let seed = Seed::new().await;
    let mut stranger = seed.greet(1).await;
    stranger.say(&Message::HaveNone).await;
    stranger.say(&Message::Interested).await;
    stranger.hears(|message| matches!(message, Message::Unchoke)).await;
    for bad in
        [request(999, 0, 1), request(0, u32::MAX, 9), request(0, 0, 0), request(0, 0, 1 << 30)]
    {
        stranger.say(&Message::Request(bad)).await;
        stranger.hears(|message| *message == Message::Reject(bad)).await;
    }
    seed.serves().await;
}

#[tokio::test]
async fn hp_45_who_asks_without_a_slot_is_rejected_and_then_left() {
    left_for_a_flood_of(&encoded(&Message::Request(request(8, 0, 16 << 10)))).await;
}

#[tokio::test]
async fn hp_46_a_flood_of_cancels_ends() {
    left_for_a_flood_of(&encoded(&Message::Cancel(request(0, 0, 16 << 10)))).await;
}

#[tokio::test]
async fn hp_48_wanting_and_not_wanting_without_end_is_a_flood() {
    let words = [encoded(&Message::Interested), encoded(&Message::NotInterested)].concat();
    left_for_a_flood_of(&words).await;
}

#[tokio::test]
async fn hp_55_a_flood_of_ports_ends() {
    left_for_a_flood_of(&raw(3, &[9, 1, 1])).await;
}

/// More connections at once than there are places: those who greet are let in when the silent ones have had their time.
#[tokio::test]
async fn hp_58_and_59_connections_that_fill_every_place_keep_an_honest_peer_out_for_a_moment_only()
{
    let seed = Seed::with_patience(LITTLE).await;
    let mut silent = Vec::new();
    for _ in 0..150 {
        silent.push(seed.call().await);
    }
    seed.serves().await;
    for stranger in silent {
        stranger.until_left().await;
    }
}

/// Out of file descriptors, nobody can be let in; when there are some again, all goes on.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hp_60_without_descriptors_nobody_is_let_in_and_with_them_everybody_is() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let seed = Seed::new().await;
    let addr: SocketAddr = seed.party.addr();
    let before = getrlimit(Resource::Nofile);
    let open = std::fs::read_dir("/proc/self/fd").expect("Linux has it").count() as u64;
    let few = Rlimit { current: Some(open + 4), maximum: before.maximum };
    setrlimit(Resource::Nofile, few).expect("less is always allowed");
    let mut held = Vec::new();
    // Our own ends take descriptors too: in the end there is none to accept with.
    while let Ok(stream) = std::net::TcpStream::connect(addr) {
        held.push(stream);
    }
    setrlimit(Resource::Nofile, before).expect("as it was");
    drop(held);
    let mut stranger =
        Stranger::over(soon(tokio::net::TcpStream::connect(addr)).await.expect("it listens"));
    stranger.send(&handshake(&seed.work.metainfo, 1)).await;
    stranger.hear().await.expect("it is let in");
    seed.serves().await;
}
