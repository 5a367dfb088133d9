//! A player that goes elsewhere: what peers hear of it, and what is asked of them meanwhile.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, ConnId, Engine, Input, OpenStream, Output, Prepared, StreamId, Time, TorrentId,
    Want,
};
use torrent::{
    Metainfo,
    create::Builder,
    wire::{self, Framer, Handshake, Message, Request, Reserved},
};

const TORRENT: TorrentId = TorrentId(1);
const PEER: ConnId = ConnId(1);
const BLOCK: u32 = 16 * 1024;
/// Pieces of 16 blocks.
const PIECES: u64 = 32;

fn film() -> Arc<Metainfo> {
    let content = vec![7; 64 * BLOCK as usize];
    let mut builder = Builder::folder("film");
    builder.piece_len = Some(16 * BLOCK);
    builder.file(vec!["film.mkv".into()], PIECES * u64::from(16 * BLOCK));
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        (0..PIECES / 4).for_each(|_| hashing.feed(&content).expect("as many bytes as it has"));
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

/// Somebody watches a film of which nothing is there; one peer has all of it and gives.
struct Stage {
    engine: Engine,
    now: Time,
    outputs: Vec<Output>,
    streams: u64,
}

impl Stage {
    fn new() -> Self {
        let film = film();
        let mut stage = Self {
            engine: Engine::new(crate::setting::config()),
            now: Time(1_000_000),
            outputs: vec![],
            streams: 0,
        };
        let hashes = film.info.hashes();
        stage.tell(Input::Add(Box::new(AddTorrent {
            torrent: TORRENT,
            hashes,
            metainfo: Some(film),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::Nothing,
            recheck: false,
        })));
        stage.tell(Input::Prepared(TORRENT, Ok(Prepared::default())));
        stage.open(0);
        stage.meet(PEER);
        stage
    }

    /// A seed calls, greets after 100 ms, and gives.
    fn meet(&mut self, seed: ConnId) {
        let last = u8::try_from(seed.0).expect("few seeds");
        self.tell(Input::Accepted(seed, SocketAddr::from(([203, 0, 113, last], 6881))));
        let infohash = film().info.hashes().wire();
        let reserved = Reserved::default().with_fast();
        let greeting = Handshake { reserved, infohash, peer_id: [b'p' + last; 20] };
        self.pass(Duration::from_millis(100));
        self.tell(Input::Received(seed, Bytes::copy_from_slice(&greeting.to_bytes())));
        self.say(seed, &Message::HaveAll);
        self.say(seed, &Message::Unchoke);
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            self.outputs.push(output);
        }
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(next) = self.engine.deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.tell(Input::DeadlinePassed);
        }
        self.now = until;
    }

    fn say(&mut self, peer: ConnId, message: &Message) {
        let mut bytes = BytesMut::new();
        wire::encode(message, &mut bytes);
        self.tell(Input::Received(peer, bytes.freeze()));
    }

    fn open(&mut self, position: u64) -> StreamId {
        self.streams += 1;
        let (stream, end) = (StreamId(self.streams), PIECES * u64::from(16 * BLOCK));
        let file = 0..end;
        self.tell(Input::Open(OpenStream { stream, torrent: TORRENT, file, position, end }));
        stream
    }

    /// What the peer heard.
    fn heard(&self) -> Vec<Message> {
        let mut framer = Framer::default();
        let mut is_greeted = false;
        let mut all = vec![];
        for output in &self.outputs {
            let Output::Send(PEER, bytes) = output else { continue };
            framer.push(bytes.clone());
            if !is_greeted {
                is_greeted = framer.handshake().expect("our own handshake").is_some();
            }
            while let Some(message) = framer.next().expect("our own messages") {
                all.push(message);
            }
        }
        all
    }

    fn asked(&self) -> Vec<Request> {
        let requests = self.heard().into_iter().filter_map(|message| match message {
            Message::Request(request) => Some(request),
            _ => None,
        });
        requests.collect()
    }

    fn revoked(&self) -> usize {
        self.heard().iter().filter(|message| matches!(message, Message::Cancel(_))).count()
    }

    /// The peer answers one request over a line of so many bytes per second, a packet after the other.
    fn give(&mut self, request: Request, rate: f64) {
        let header = wire::piece_header(request.piece, request.begin, request.len);
        let bytes = [&header[..], &vec![7; request.len as usize]].concat();
        for packet in bytes.chunks(1448) {
            self.pass(Duration::from_secs_f64(packet.len() as f64 / rate));
            self.tell(Input::Received(PEER, Bytes::copy_from_slice(packet)));
        }
    }
}

#[test]
fn a_player_that_leaves_and_comes_back_elsewhere_costs_nobody_an_unchoke() {
    let mut stage = Stage::new();
    stage.tell(Input::Close(StreamId(1)));
    stage.pass(Duration::from_secs(5));
    assert!(!stage.heard().contains(&Message::NotInterested), "it may come back");
    let stream = stage.open(u64::from(16 * BLOCK) * 20);
    stage.pass(Duration::from_secs(20));
    assert!(!stage.heard().contains(&Message::NotInterested), "it came back");
    stage.tell(Input::Close(stream));
    stage.pass(Duration::from_secs(11));
    assert!(stage.heard().contains(&Message::NotInterested), "it did not come back");
}

#[test]
fn on_a_thin_line_the_next_block_is_asked_for_when_little_is_left_of_the_one_before() {
    const RATE: f64 = 40_000.0;
    let mut stage = Stage::new();
    let mut given = 0;
    // What it was asked for at once, because nobody else is there, and more.
    while given < 100 {
        let next = stage.asked()[given];
        stage.give(next, RATE);
        given += 1;
    }
    // Nothing stands between two blocks: the next one was asked for in time, and no more than that.
    assert_eq!(stage.asked().len(), given + 1, "one is open while it comes");
    let next = stage.asked()[given];
    let header = wire::piece_header(next.piece, next.begin, next.len);
    let bytes = [&header[..], &vec![7; next.len as usize]].concat();
    let (first, rest) = bytes.split_at(bytes.len() / 8);
    stage.tell(Input::Received(PEER, Bytes::copy_from_slice(first)));
    assert_eq!(stage.asked().len(), given + 1, "an eighth is here");
    stage.pass(Duration::from_secs_f64(0.8 * f64::from(BLOCK) / RATE));
    stage.tell(Input::Received(PEER, Bytes::copy_from_slice(&rest[..rest.len() - 2_000])));
    assert_eq!(stage.asked().len(), given + 2, "a round trip before its end");
}

#[test]
fn a_seek_takes_back_what_the_peer_has_not_given_to_its_socket_yet() {
    for (rate, takes_back) in [(40_000.0, false), (20_000_000.0, true)] {
        let mut stage = Stage::new();
        for given in 0..100 {
            let next = stage.asked()[given];
            stage.give(next, rate);
        }
        stage.open(u64::from(16 * BLOCK) * 20);
        assert_eq!(stage.revoked() > 0, takes_back, "at {rate} bytes per second");
    }
}

#[test]
fn who_was_asked_for_much_because_it_was_alone_shares_it_with_the_next_who_gives() {
    let mut stage = Stage::new();
    let asked = stage.asked();
    assert!(
        asked.len() > 32,
        "TCP opens its window only as far as there is something to send: {}",
        asked.len()
    );
    stage.give(asked[0], 100_000.0);
    stage.give(asked[1], 100_000.0);
    assert_eq!(stage.revoked(), 0);
    stage.meet(ConnId(2));
    let kept = stage.asked().len() - stage.revoked() - 2;
    assert!(kept < 8, "it keeps what it brings within a second, not {kept} blocks");
    stage.pass(Duration::from_secs(1));
    assert!(stage.asked().len() <= asked.len() + 2, "and is not asked for so much again");
}
