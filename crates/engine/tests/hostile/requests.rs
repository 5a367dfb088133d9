//! HP-30 to HP-33, HP-35, HP-36, HP-38, HP-42 to HP-47 and HP-66: asking, answering and taking back.

use std::time::Duration;

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, Limits, LostWhy, News, OpenStream, Output, StreamId};
use torrent::{
    Piece,
    create::Version,
    wire::{Message, Request},
};

use crate::stage::{PIECES, Stage, TORRENT, film_with};

const BLOCK: u32 = 16_384;

fn request(piece: u32, begin: u32, len: u32) -> Request {
    Request { piece: Piece(piece), begin, len }
}

/// Somebody who wants what a seed has, and has a slot.
fn taker(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    stage.say(conn, &Message::HaveNone);
    stage.say(conn, &Message::Interested);
    assert!(stage.heard(conn).contains(&Message::Unchoke));
    conn
}

/// Somebody who has everything and lets us download.
fn giver(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    stage.say(conn, &Message::Unchoke);
    conn
}

fn asked(stage: &Stage, conn: ConnId) -> Vec<Request> {
    let said = stage.heard(conn).into_iter();
    said.filter_map(|message| match message {
        Message::Request(request) => Some(request),
        _ => None,
    })
    .collect()
}

fn block(request: Request) -> Message {
    let data = Bytes::from(vec![7; request.len as usize]);
    Message::Piece { piece: request.piece, begin: request.begin, data }
}

#[test]
fn hp_30_blocks_nobody_asked_for_are_dropped_and_end_the_connection() {
    for wrong in [request(3, 0, BLOCK), request(0, 1, BLOCK), request(0, 0, 1), request(99, 0, 9)] {
        let mut stage = Stage::leecher();
        let conn = stage.greet();
        stage.say(conn, &Message::HaveAll);
        let endured = stage.endures(conn, &block(wrong), 10);
        assert_eq!(endured, 3, "{wrong:?}");
        assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
        let stored = stage.done.iter().any(|output| matches!(output, Output::Store { .. }));
        assert!(!stored, "{wrong:?} went to disk");
    }
}

#[test]
fn hp_31_a_block_that_comes_twice_is_stored_once() {
    let mut stage = Stage::leecher();
    let conn = giver(&mut stage);
    let first = asked(&stage, conn)[0];
    stage.say(conn, &block(first));
    stage.say(conn, &block(first));
    let stored = |output: &&Output| matches!(output, Output::Store { block, .. } if block.piece == first.piece && block.index * BLOCK == first.begin);
    assert_eq!(stage.done.iter().filter(stored).count(), 1);
    assert_eq!(stage.hung_up(conn), None);
}

#[test]
fn hp_32_what_a_player_waits_for_and_comes_byte_by_byte_is_asked_of_somebody_else_within_two_seconds()
 {
    let mut stage = Stage::leecher();
    stage.feed(Input::Open(OpenStream {
        stream: StreamId(1),
        torrent: TORRENT,
        file: 0..u64::from(PIECES * 2 * BLOCK),
        position: 0,
        end: u64::from(PIECES * 2 * BLOCK),
    }));
    let slow = giver(&mut stage);
    let first = asked(&stage, slow)[0];
    stage.say_bytes(
        slow,
        torrent::wire::piece_header(first.piece, first.begin, BLOCK)[..].to_vec().into(),
    );
    let quick = giver(&mut stage);
    let mut answered = 0;
    let taken_over = (0..20).find(|_| {
        stage.pass(Duration::from_millis(100));
        stage.say_bytes(slow, Bytes::from_static(&[7]));
        while let Some(next) = asked(&stage, quick).get(answered).copied() {
            stage.say(quick, &block(next));
            answered += 1;
        }
        asked(&stage, quick).contains(&first)
    });
    assert!(taken_over.is_some(), "the first block is left to who gives a byte at a time");
}

#[test]
fn hp_32_who_gives_no_whole_block_for_a_minute_keeps_no_block_from_others() {
    let mut stage = Stage::leecher();
    let slow = giver(&mut stage);
    let first = asked(&stage, slow)[0];
    stage.say_bytes(
        slow,
        torrent::wire::piece_header(first.piece, first.begin, BLOCK)[..].to_vec().into(),
    );
    for _ in 0..61 {
        stage.pass(Duration::from_secs(1));
        stage.say_bytes(slow, Bytes::from_static(&[7]));
    }
    assert!(is_snubbed(&stage, slow));
}

#[test]
fn hp_33_a_peer_that_leaves_within_a_piece_leaves_nothing_stuck() {
    for given in 0..=3 {
        for part in [0, 1, 9_000] {
            let mut stage = Stage::leecher();
            let conn = giver(&mut stage);
            let mut got = Vec::new();
            while got.len() < given {
                let next = asked(&stage, conn)[got.len()];
                stage.say(conn, &block(next));
                got.push(next);
            }
            if part > 0 {
                let header = torrent::wire::piece_header(Piece(0), 0, BLOCK);
                let bytes = [&header[..], &vec![7; part - 1]].concat();
                stage.say_bytes(conn, bytes.into());
            }
            stage.feed(Input::Lost(conn, LostWhy::Broken));
            let other = giver(&mut stage);
            let mut answered = 0;
            while let Some(next) = asked(&stage, other).get(answered).copied() {
                stage.say(other, &block(next));
                got.push(next);
                answered += 1;
            }
            got.sort_by_key(|one| (one.piece, one.begin));
            got.dedup();
            assert_eq!(got.len() as u32, 2 * PIECES, "{given} blocks and {part} bytes");
        }
    }
}

#[test]
fn hp_35_who_rejects_everything_is_left() {
    let mut stage = Stage::leecher();
    let conn = giver(&mut stage);
    let mut rejected = 0;
    while stage.hung_up(conn).is_none() && rejected < 1_000 {
        let Some(next) = asked(&stage, conn).get(rejected).copied() else { break };
        stage.say(conn, &Message::Reject(next));
        rejected += 1;
    }
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood), "after {rejected}");
    assert_eq!(rejected, 51);
}

#[test]
fn hp_35_who_answers_each_withdrawn_request_once_is_kept() {
    let mut stage = Stage::leecher();
    let conn = giver(&mut stage);
    // A choke takes all requests back; those that are being read come all the same (libtorrent).
    for _ in 0..40 {
        stage.say(conn, &Message::Choke);
        stage.say(conn, &Message::Unchoke);
    }
    stage.say(conn, &Message::Choke);
    let asked = asked(&stage, conn);
    assert!(asked.len() > 3 * 2 * PIECES as usize, "many blocks are asked for several times");
    let first = asked[0];
    for (at, request) in asked.into_iter().enumerate() {
        let answer = if at % 2 == 0 { block(request) } else { Message::Reject(request) };
        stage.say(conn, &answer);
        assert_eq!(stage.hung_up(conn), None, "after answer {at}");
    }
    // Each request has had its answer: more of them is what nobody asked for.
    assert_eq!(stage.endures(conn, &block(first), 10), 3);
}

#[test]
fn hp_36_the_fourth_reject_of_what_was_never_asked_ends_the_connection() {
    let mut stage = Stage::leecher();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    assert_eq!(stage.endures(conn, &Message::Reject(request(0, 0, BLOCK)), 1_000), 3);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
}

/// Transmission rejects what is cancelled, also if it has sent it.
#[test]
fn hp_36_who_rejects_what_it_has_sent_already_is_kept() {
    let mut stage = Stage::leecher();
    let conn = giver(&mut stage);
    for at in 0..20 {
        let next = asked(&stage, conn)[at];
        stage.say(conn, &block(next));
        stage.say(conn, &Message::Reject(next));
        stage.say(conn, &Message::Reject(next));
    }
    assert_eq!(stage.hung_up(conn), None);
}

#[test]
fn hp_38_who_takes_its_leave_back_after_each_request_counts_as_silent() {
    let mut stage = Stage::leecher();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    let before = |stage: &Stage| asked(stage, conn).len();
    for round in 0..3 {
        assert!(!is_snubbed(&stage, conn), "after {round} times");
        stage.say(conn, &Message::Unchoke);
        stage.pass(Duration::from_secs(2));
        stage.say(conn, &Message::Choke);
    }
    assert!(is_snubbed(&stage, conn));
    let asked_until = before(&stage);
    stage.say(conn, &Message::Unchoke);
    assert_eq!(before(&stage), asked_until + 1, "it is tried with one block");
    let last = asked(&stage, conn)[asked_until];
    stage.say(conn, &block(last));
    assert!(before(&stage) > asked_until + 2, "who gives is asked as others are");
}

fn is_snubbed(stage: &Stage, conn: ConnId) -> bool {
    let snubbed =
        |output: &Output| matches!(output, Output::Tell(News::PeerSnubbed(_, one)) if *one == conn);
    stage.done.iter().any(snubbed)
}

#[test]
fn hp_42_ten_thousand_requests_are_cut_short_and_end_the_connection() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    let mut sent = 0;
    // Each of another length, so that none is the same as one before.
    while stage.hung_up(conn).is_none() && sent < 10_000 {
        stage.say(conn, &Message::Request(request(sent % PIECES, 0, 8_192 + sent)));
        sent += 1;
    }
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
    assert!(sent < 2_000, "{sent} were taken");
    assert!(stage.loads() <= 8, "{} reads", stage.loads());
}

#[test]
fn hp_43_one_block_asked_for_again_and_again_waits_once() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    for _ in 0..100_000 {
        stage.say(conn, &Message::Request(request(0, 0, BLOCK)));
    }
    assert!(stage.loads() <= 5, "{} reads without one byte having left", stage.loads());
}

#[test]
fn hp_43_one_block_is_given_eight_times_a_minute_and_then_it_is_enough() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    let same = Message::Request(request(0, 0, BLOCK));
    let mut said = 0;
    while stage.hung_up(conn).is_none() && said < 100_000 {
        stage.say(conn, &same);
        stage.load(7);
        stage.deliver();
        said += 1;
    }
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
    assert_eq!((stage.loads(), said), (8, 309));
    // One who asks for everything twice, for a piece came wrong from somebody else, gets it.
    let conn = taker(&mut stage);
    for piece in (0..PIECES).chain(0..PIECES) {
        stage.say(conn, &Message::Request(request(piece, 0, BLOCK)));
        stage.load(7);
        stage.deliver();
    }
    assert_eq!(stage.hung_up(conn), None);
    assert_eq!(stage.loads(), 8 + 2 * PIECES as usize);
}

#[test]
fn hp_44_requests_that_make_no_sense_are_rejected_without_a_read() {
    let wrong = [
        request(0, 0, 0),
        request(0, 0, 131_073),
        request(0, u32::MAX, BLOCK),
        request(0, 32_768, BLOCK),
        request(PIECES, 0, BLOCK),
        request(u32::MAX, 0, BLOCK),
    ];
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    for request in wrong {
        stage.say(conn, &Message::Request(request));
        assert_eq!(stage.heard(conn).last(), Some(&Message::Reject(request)));
    }
    assert_eq!(stage.loads(), 0);
    let mut empty = Stage::leecher();
    let conn = empty.greet();
    empty.say(conn, &Message::HaveNone);
    empty.say(conn, &Message::Interested);
    empty.say(conn, &Message::Request(request(0, 0, BLOCK)));
    assert_eq!(empty.loads(), 0, "a piece we lack");
}

#[test]
fn hp_45_who_asks_without_a_slot_is_rejected_and_then_left() {
    let mut stage = Stage::seed();
    let conn = stage.greet();
    stage.say(conn, &Message::HaveNone);
    let granted = stage.heard(conn).into_iter().filter_map(|message| match message {
        Message::AllowedFast(piece) => Some(piece),
        _ => None,
    });
    let granted: Vec<Piece> = granted.collect();
    let other = (0..PIECES).map(Piece).find(|piece| !granted.contains(piece));
    let other = request(other.expect("not all are granted").0, 0, BLOCK);
    let endured = stage.endures(conn, &Message::Request(other), 1_000);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
    assert!(endured == 100 && stage.loads() == 0);
}

#[test]
fn hp_45_requests_that_were_on_their_way_when_the_slot_was_taken_do_not_count() {
    let mut stage = Stage::seed();
    stage.feed(Input::Limits(Limits { upload_slots: Some(1), ..Limits::NONE }));
    let conn = taker(&mut stage);
    let other = stage.greet();
    stage.say(other, &Message::HaveNone);
    stage.say(other, &Message::Interested);
    while !stage.heard(conn).contains(&Message::Choke) {
        stage.pass(Duration::from_secs(5));
    }
    let granted = stage.heard(conn);
    let free = (0..PIECES).find(|piece| !granted.contains(&Message::AllowedFast(Piece(*piece))));
    let late = Message::Request(request(free.expect("not all are granted"), 0, BLOCK));
    assert_eq!(stage.endures(conn, &late, 1_000), 600, "as many as it may send, and a hundred");
}

#[test]
fn hp_46_a_flood_of_cancels_ends() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    assert!(stage.endures(conn, &Message::Cancel(request(0, 0, BLOCK)), 100_000) < 100_000);
}

#[test]
fn hp_47_who_never_reads_ties_up_a_few_blocks_and_is_hung_up_after_a_minute() {
    let mut stage = Stage::seed();
    let (conn, reader) = (taker(&mut stage), taker(&mut stage));
    stage.deaf.insert(conn);
    for piece in 0..PIECES {
        for begin in [0, BLOCK] {
            stage.say(conn, &Message::Request(request(piece, begin, BLOCK)));
        }
    }
    assert!(stage.loads() <= 5, "{} blocks were read for a full line", stage.loads());
    stage.pass(Duration::from_secs(59));
    assert_eq!(stage.hung_up(conn), None);
    stage.pass(Duration::from_secs(2));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Silent));
    assert_eq!(stage.hung_up(reader), None);
}

#[test]
fn hp_47_who_never_reads_and_goes_on_talking_is_hung_up_after_four_minutes() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    stage.deaf.insert(conn);
    for minute in 0..4 {
        assert_eq!(stage.hung_up(conn), None, "minute {minute}");
        for _ in 0..4 {
            stage.say(conn, &Message::KeepAlive);
            stage.pass(Duration::from_secs(15));
        }
    }
    stage.pass(Duration::from_secs(1));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Silent));
}

/// A line of 500 bytes a second, whose buffer takes a new part each time that half a minute's worth of it has left.
#[test]
fn hp_47_a_slow_reader_is_kept() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    stage.deaf.insert(conn);
    for piece in 0..PIECES {
        stage.say(conn, &Message::Request(request(piece, 0, BLOCK)));
        stage.load(7);
        stage.pass(Duration::from_secs(30));
        stage.feed(Input::Sent(conn, 15_000));
        assert_eq!(stage.hung_up(conn), None, "piece {piece}");
    }
}

#[test]
fn hp_66_who_opens_its_window_by_a_byte_at_a_time_is_hung_up_as_well() {
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    stage.deaf.insert(conn);
    stage.say(conn, &Message::Request(request(0, 0, BLOCK)));
    stage.load(7);
    for _ in 0..59 {
        stage.pass(Duration::from_secs(1));
        stage.feed(Input::Sent(conn, 1));
    }
    assert_eq!(stage.hung_up(conn), None);
    stage.pass(Duration::from_secs(2));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Silent));
}

/// How many requests of a peer are answered.
fn given(stage: &Stage, conn: ConnId) -> usize {
    stage.heard(conn).iter().filter(|message| matches!(message, Message::Piece { .. })).count()
}

/// One that asks for as much as may be asked for at one time, and takes it at once, among others that ask for a little.
#[test]
fn hp_49_who_asks_for_most_gets_no_more_than_its_part_of_what_a_seed_gives() {
    const PIECES: u32 = 600;
    let mut stage = Stage::seeding(film_with(Version::V1, 7, PIECES));
    let limits = Limits { up_rate_max: Some(100_000), ..Limits::NONE };
    stage.feed(Input::Limits(limits));
    let greedy = taker(&mut stage);
    let others: Vec<_> = (0..3).map(|_| taker(&mut stage)).collect();
    let blocks: Vec<_> = (0..PIECES)
        .flat_map(|piece| [0, BLOCK].map(|begin| request(piece, begin, BLOCK)))
        .collect();
    let mut asked: Vec<usize> = vec![0; 4];
    for _ in 0..600 {
        for (at, conn) in [greedy].iter().chain(&others).enumerate() {
            let open = if at == 0 { 250 } else { 4 };
            while asked[at] < given(&stage, *conn) + open {
                stage.say(*conn, &Message::Request(blocks[asked[at]]));
                asked[at] += 1;
            }
        }
        stage.load(7);
        stage.pass(Duration::from_millis(100));
    }
    let got = given(&stage, greedy);
    let rest: Vec<_> = others.iter().map(|conn| given(&stage, *conn)).collect();
    let all = got + rest.iter().sum::<usize>();
    assert!(all > 300, "a minute of 100 kB/s are 366 blocks: {all}");
    assert!(2 * got <= all, "{got} of {all} blocks");
    assert!(rest.iter().all(|one| 5 * one >= all), "{rest:?} of {all} blocks");
}
