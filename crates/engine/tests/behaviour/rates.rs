//! What one torrent may take and give when that is limited, in virtual time.

use std::time::Duration;

use bytes::Bytes;
use engine::{ConnId, Input, Output, Rates};
use torrent::{
    BLOCK_LEN, Piece,
    wire::{Message, Request},
};

use crate::stage::{PIECES, Stage, TORRENT};

const SECOND: Duration = Duration::from_secs(1);
const BLOCKS: usize = 2 * PIECES as usize;

/// Somebody who asks for the whole film.
fn taker(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    stage.say(conn, &Message::HaveNone);
    stage.say(conn, &Message::Interested);
    for at in 0..2 * PIECES {
        let (piece, begin) = (Piece(at / 2), at % 2 * BLOCK_LEN);
        stage.say(conn, &Message::Request(Request { piece, begin, len: BLOCK_LEN }));
    }
    conn
}

/// The disk reads and the line takes everything at once.
fn carry(stage: &mut Stage, conn: ConnId, span: Duration) {
    for _ in 0..(span.as_millis() / 100) {
        for output in std::mem::take(&mut stage.done) {
            match output {
                Output::Load { op, len, .. } => {
                    stage.feed(Input::Loaded(op, Ok(Bytes::from(vec![7; len as usize]))));
                }
                Output::Send(_, bytes) => stage.feed(Input::Sent(conn, bytes.len())),
                _ => (),
            }
        }
        stage.pass(SECOND / 10);
    }
}

fn given(stage: &Stage) -> u64 {
    stage.engine.torrent_stats(stage.now, TORRENT).expect("it is known").uploaded
}

#[test]
fn a_torrent_gives_no_more_than_its_own_limit_and_everything_without_one() {
    let mut stage = Stage::seed();
    let rate = u64::from(BLOCK_LEN);
    stage.feed(Input::Rates(TORRENT, Rates { up_max: Some(rate), down_max: None }));
    let conn = taker(&mut stage);
    carry(&mut stage, conn, 10 * SECOND);
    let slowly = given(&stage);
    assert!((9 * rate..=12 * rate).contains(&slowly), "{slowly} bytes in ten seconds");
    stage.feed(Input::Rates(TORRENT, Rates::default()));
    carry(&mut stage, conn, SECOND);
    assert_eq!(given(&stage), BLOCKS as u64 * rate);
}

#[test]
fn a_torrent_asks_for_no_more_than_its_own_limit() {
    let mut stage = Stage::leecher();
    let rate = u64::from(BLOCK_LEN);
    stage.feed(Input::Rates(TORRENT, Rates { down_max: Some(rate), up_max: None }));
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    stage.say(conn, &Message::Unchoke);
    for _ in 0..100 {
        let before = stage.done.len();
        let asked: Vec<_> = stage.heard(conn).into_iter().filter_map(request).collect();
        for request in asked.into_iter().skip(came(&stage)) {
            let data = Bytes::from(vec![7; request.len as usize]);
            stage.say(conn, &Message::Piece { piece: request.piece, begin: request.begin, data });
        }
        if stage.done.len() == before {
            stage.pass(SECOND / 10);
        }
    }
    let span = 10 * rate;
    let taken = stage.engine.torrent_stats(stage.now, TORRENT).expect("it is known").downloaded;
    assert!(taken <= span + 3 * rate && taken >= 4 * rate, "{taken} bytes");
}

fn came(stage: &Stage) -> usize {
    let stats = stage.engine.torrent_stats(stage.now, TORRENT).expect("it is known");
    (stats.downloaded / u64::from(BLOCK_LEN)) as usize
}

fn request(message: Message) -> Option<Request> {
    match message {
        Message::Request(request) => Some(request),
        _ => None,
    }
}
