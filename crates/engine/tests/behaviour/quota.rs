//! A film that is longer than the disk space set aside, read to its end, in virtual time.

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, Limits, OpenStream, Output, PeerSource, StreamId, Want};
use torrent::{
    create::Version,
    wire::{Message, Request},
};

use crate::stage::{PIECE_LEN, Stage, TORRENT, film_with};

const PIECES: u32 = 160;
const STREAM: StreamId = StreamId(1);

/// A reader that knows what the driver would let it have, beside a seed that answers when told to.
struct Reader {
    stage: Stage,
    seed: ConnId,
    answered: usize,
    seen: usize,
    there: BTreeSet<u64>,
    position: u64,
}

impl Reader {
    fn new(quota: u32) -> Self {
        let mut stage = Stage::fetching(film_with(Version::V1, 7, PIECES));
        let cache_quota = Some(u64::from(quota * PIECE_LEN));
        stage.feed(Input::Limits(Limits { cache_quota, ..Limits::NONE }));
        stage.feed(Input::Want(TORRENT, Want::Nothing));
        stage.feed(Input::MediaRate(TORRENT, 8_000));
        let seed = stage.greet();
        stage.say(seed, &Message::HaveAll);
        stage.say(seed, &Message::Unchoke);
        let len = u64::from(PIECES * PIECE_LEN);
        stage.feed(Input::Open(OpenStream {
            stream: STREAM,
            torrent: TORRENT,
            file: 0..len,
            position: 0,
            end: len,
        }));
        Self { stage, seed, answered: 0, seen: 0, there: BTreeSet::new(), position: 0 }
    }

    /// The seed answers all it was asked for; whether that was anything.
    fn answer(&mut self) -> bool {
        let heard = self.stage.heard(self.seed);
        let asked: Vec<Request> = heard.into_iter().filter_map(request).collect();
        for request in &asked[self.answered..] {
            let data = Bytes::from(vec![7; request.len as usize]);
            let (piece, begin) = (request.piece, request.begin);
            self.stage.say(self.seed, &Message::Piece { piece, begin, data });
            self.stage.settle();
        }
        self.look();
        std::mem::replace(&mut self.answered, asked.len()) < asked.len()
    }

    /// What the driver would have noted of the outputs.
    fn look(&mut self) {
        let piece_len = u64::from(PIECE_LEN);
        for output in &self.stage.done[self.seen..] {
            match output {
                Output::Verified { range, .. } => {
                    self.there.extend(range.start / piece_len..range.end.div_ceil(piece_len));
                }
                Output::Evict { piece, .. } => {
                    self.there.remove(&u64::from(piece.0));
                }
                _ => (),
            }
        }
        self.seen = self.stage.done.len();
    }

    /// Reads on over what is there, piece by piece, up to a piece.
    fn read_to(&mut self, until: u32) {
        let piece_len = u64::from(PIECE_LEN);
        while self.position < u64::from(until) * piece_len
            && self.there.contains(&(self.position / piece_len))
        {
            self.position += piece_len;
            self.stage.feed(Input::Read(STREAM, self.position));
            self.look();
        }
    }
}

fn request(message: Message) -> Option<Request> {
    match message {
        Message::Request(request) => Some(request),
        _ => None,
    }
}

#[test]
fn what_was_evicted_before_a_reader_that_slowed_down_is_fetched_again_when_it_goes_on() {
    let mut reader = Reader::new(40);
    // A copy that reads as fast as bytes come reaches far ahead: beyond the quota.
    while reader.position < u64::from(30 * PIECE_LEN) {
        assert!(reader.answer(), "the reader is at {} and nothing is asked for", reader.position);
        reader.read_to(30);
        reader.stage.pass(Duration::from_millis(100));
    }
    // Then it stands still: its window shrinks, and what lies beyond it must go.
    while reader.answer() {}
    let most = reader.there.len();
    for _ in 0..10 {
        reader.stage.pass(Duration::from_secs(60));
        reader.stage.say(reader.seed, &Message::KeepAlive);
    }
    reader.stage.feed(Input::Limits(Limits {
        cache_quota: Some(u64::from(40 * PIECE_LEN)),
        ..Limits::NONE
    }));
    reader.look();
    assert!(reader.there.len() < most, "{most} pieces were there, and none went");
    // And goes on, to the end.
    let end = u64::from(PIECES * PIECE_LEN);
    for _ in 0..1_000 {
        reader.answer();
        reader.read_to(PIECES);
        reader.stage.pass(Duration::from_millis(100));
    }
    assert_eq!(reader.position, end, "it waits for what nobody asks for");
}

#[test]
fn who_had_nothing_for_a_whole_film_is_called_again_when_a_part_of_it_had_to_go() {
    let mut stage = Stage::seed();
    stage.feed(Input::Want(TORRENT, Want::Nothing));
    let seed = ([203, 0, 113, 7], 6881).into();
    stage.feed(Input::Found { torrent: TORRENT, peers: vec![seed], source: PeerSource::Tracker });
    let calls = |stage: &Stage| -> Vec<ConnId> {
        let dials = stage.done.iter().filter_map(|output| match output {
            Output::Dial(conn, _, addr) if *addr == seed => Some(*conn),
            _ => None,
        });
        dials.collect()
    };
    let conn = calls(&stage)[0];
    stage.feed(Input::Dialled(conn));
    let greeting = stage.greeting(conn.0);
    stage.say_bytes(conn, greeting);
    stage.say(conn, &Message::HaveAll);
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Useless), "both have everything");
    // Somebody watches the end of it, and the space for all of it shrinks.
    let len = u64::from(crate::stage::PIECES * PIECE_LEN);
    let position = len - u64::from(PIECE_LEN);
    let (stream, torrent) = (STREAM, TORRENT);
    stage.feed(Input::Open(OpenStream { stream, torrent, file: 0..len, position, end: len }));
    stage.pass(Duration::from_secs(60));
    assert_eq!(calls(&stage).len(), 1, "nothing is missing, nobody is called");
    let cache_quota = Some(u64::from(2 * PIECE_LEN));
    stage.feed(Input::Limits(Limits { cache_quota, ..Limits::NONE }));
    assert!(stage.done.iter().any(|output| matches!(output, Output::Evict { .. })));
    stage.pass(Duration::from_secs(5));
    assert_eq!(calls(&stage).len(), 2, "what is missing can be had there");
}
