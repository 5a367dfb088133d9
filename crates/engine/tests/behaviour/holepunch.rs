//! Three engines, two of them behind translators that let nobody in: the third brings them together (BEP 55).

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, Config, ConnId, Engine, Input, LostWhy, Output, PeerSource, Prepared, Secret, Time,
    TorrentId, Want,
};
use torrent::{
    Metainfo, Piece,
    create::Builder,
    wire::{
        self, Framer, Handshake, Message, Reserved,
        extension::{ExtensionHandshake, ExtensionIds, Holepunch, HolepunchError},
    },
};

const TORRENT: TorrentId = TorrentId(1);
/// Who lets everybody in.
const RELAY: usize = 0;

fn config(seed: u64) -> Config {
    Config {
        seed,
        secret: Secret([seed as u8; 32]),
        listen_port: 6881,
        exchange_peers: true,
        punch: true,
        ..crate::setting::config()
    }
}

fn film() -> Arc<Metainfo> {
    let content = [7; 50_000];
    let mut builder = Builder::folder("film");
    builder.piece_len = Some(32 * 1024);
    builder.file(vec!["film.mkv".into()], content.len() as u64);
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        hashing.feed(&content).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

fn addr(node: usize) -> SocketAddr {
    ([198, 51, 100, node as u8 + 1], 6881).into()
}

/// One end of a connection.
type End = (usize, ConnId);

/// A network without delay, in which translators let in whom their owner has sent something.
struct World {
    engines: Vec<Engine>,
    now: Time,
    inputs: VecDeque<(usize, Input)>,
    ends: BTreeMap<End, End>,
    accepted: u64,
    /// Punches whose counterpart has not come.
    knocking: BTreeMap<(usize, usize), ConnId>,
    punches: usize,
}

impl World {
    /// The first has the whole film and lends nothing: its disk never answers. The others call it.
    fn new(count: usize) -> Self {
        let film = film();
        let mut world = Self {
            engines: (0..count).map(|node| Engine::new(config(node as u64 + 1))).collect(),
            now: Time(0),
            inputs: VecDeque::new(),
            ends: BTreeMap::new(),
            accepted: 0,
            knocking: BTreeMap::new(),
            punches: 0,
        };
        for node in 0..count {
            let add = AddTorrent {
                torrent: TORRENT,
                hashes: film.info.hashes(),
                metainfo: Some(Arc::clone(&film)),
                trackers: vec![],
                web_seeds: vec![],
                peers: if node == RELAY { vec![] } else { vec![addr(RELAY)] },
                want: Want::All,
                recheck: false,
            };
            let all = (0..film.info.geometry().piece_count()).map(Piece).collect();
            let pieces = if node == RELAY { all } else { vec![] };
            world.tell(node, Input::Add(Box::new(add)));
            world.tell(node, Input::Prepared(TORRENT, Ok(Prepared { pieces, blocks: vec![] })));
        }
        world.settle();
        world
    }

    fn tell(&mut self, node: usize, input: Input) {
        self.inputs.push_back((node, input));
    }

    fn settle(&mut self) {
        while let Some((node, input)) = self.inputs.pop_front() {
            self.engines[node].handle_input(self.now, input);
            while let Some(output) = self.engines[node].poll_output() {
                self.carry_out(node, output);
            }
        }
    }

    /// Lets time pass until then, deadline by deadline.
    fn run_until(&mut self, end: Time) {
        loop {
            let next = self.engines.iter().filter_map(Engine::deadline).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            for node in 0..self.engines.len() {
                self.tell(node, Input::DeadlinePassed);
            }
            self.settle();
        }
        self.now = end;
    }

    fn carry_out(&mut self, node: usize, output: Output) {
        match output {
            Output::Dial(conn, _, to) if to == addr(RELAY) => self.connect(node, conn, RELAY),
            Output::Dial(conn, ..) => self.tell(node, Input::Lost(conn, LostWhy::NotReached)),
            Output::Punch(conn, _, to) => {
                self.punches += 1;
                let other = (0..self.engines.len()).find(|other| addr(*other) == to);
                let other = other.expect("one of ours");
                match self.knocking.remove(&(other, node)) {
                    // Both calls come through: each sees two connections.
                    Some(theirs) => {
                        self.connect(other, theirs, node);
                        self.connect(node, conn, other);
                    }
                    None => drop(self.knocking.insert((node, other), conn)),
                }
            }
            Output::Send(conn, bytes) => {
                self.tell(node, Input::Sent(conn, bytes.len()));
                if let Some((other, theirs)) = self.ends.get(&(node, conn)).copied() {
                    self.tell(other, Input::Received(theirs, bytes));
                }
            }
            Output::HangUp(conn, _) => {
                if let Some((other, theirs)) = self.ends.remove(&(node, conn)) {
                    self.ends.remove(&(other, theirs));
                    self.tell(other, Input::Lost(theirs, LostWhy::Closed));
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, node: usize, conn: ConnId, to: usize) {
        self.accepted += 2;
        let theirs = ConnId(self.accepted + 1);
        self.ends.insert((node, conn), (to, theirs));
        self.ends.insert((to, theirs), (node, conn));
        self.tell(to, Input::Accepted(theirs, addr(node)));
        self.tell(to, Input::OverDatagrams(theirs));
        self.tell(node, Input::Dialled(conn));
        self.tell(node, Input::OverDatagrams(conn));
    }

    /// How many connections two have with each other.
    fn between(&self, one: usize, other: usize) -> usize {
        let is_theirs = |(from, to): &(&End, &End)| from.0 == one && to.0 == other;
        self.ends.iter().filter(is_theirs).count()
    }
}

#[test]
fn two_whom_nobody_can_call_meet_through_a_third_and_keep_one_connection() {
    let mut world = World::new(3);
    assert_eq!((world.between(1, RELAY), world.between(2, RELAY)), (1, 1));
    assert_eq!(world.between(1, 2), 0, "nobody can call either");
    // Peers are exchanged once a minute.
    world.run_until(Time(120_000_000));
    assert!(world.punches >= 2, "nobody was brought together");
    assert_eq!(world.between(1, 2), 1, "they met, and both kept the same connection");
}

#[test]
fn who_was_not_found_is_asked_for_once_and_not_without_end() {
    let mut world = World::new(2);
    // Told of by nobody who is connected: no third can help.
    let peers = vec![addr(7)];
    world.tell(1, Input::Found { torrent: TORRENT, peers, source: PeerSource::Tracker });
    world.settle();
    world.run_until(Time(300_000_000));
    assert_eq!(world.punches, 0);
}

/// A peer that the test plays, connected to an engine; it speaks the extension under the number 9.
struct Played {
    engine: Engine,
    framer: Framer,
    outputs: Vec<Output>,
    greeted: bool,
    now: Time,
}

const CONN: ConnId = ConnId(1);

impl Played {
    fn new() -> Self {
        let film = film();
        let mut engine = Engine::new(config(1));
        let add = AddTorrent {
            torrent: TORRENT,
            hashes: film.info.hashes(),
            metainfo: Some(Arc::clone(&film)),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        };
        engine.handle_input(Time(0), Input::Add(Box::new(add)));
        engine.handle_input(Time(0), Input::Prepared(TORRENT, Ok(Prepared::default())));
        engine.handle_input(Time(0), Input::Accepted(CONN, addr(20)));
        let infohash = film.info.hashes().wire();
        let reserved = Reserved::NONE.with_extended().with_fast();
        let handshake = Handshake { reserved, infohash, peer_id: [b'p'; 20] };
        let mut played = Self {
            engine,
            framer: Framer::default(),
            outputs: vec![],
            greeted: false,
            now: Time(0),
        };
        played.say_bytes(Bytes::copy_from_slice(&handshake.to_bytes()));
        let ids = ExtensionIds { holepunch: Some(9), ..ExtensionIds::default() };
        let hello = ExtensionHandshake { ids, port: Some(6881), ..ExtensionHandshake::default() };
        played.say(&Message::Extended { id: 0, payload: hello.to_bytes() });
        played.heard();
        played
    }

    fn say_bytes(&mut self, bytes: Bytes) {
        self.engine.handle_input(self.now, Input::Received(CONN, bytes));
        self.outputs.extend(std::iter::from_fn(|| self.engine.poll_output()));
    }

    fn say(&mut self, message: &Message) {
        let mut bytes = BytesMut::new();
        wire::encode(message, &mut bytes);
        self.say_bytes(bytes.freeze());
    }

    fn punch(&mut self, what: Holepunch) {
        let id = ExtensionIds::OURS.holepunch.expect("it has a number");
        self.say(&Message::Extended { id, payload: what.to_bytes() });
    }

    /// Nobody answers the calls that were made.
    fn fail(&mut self) {
        for output in &self.outputs {
            if let Output::Punch(conn, ..) = output {
                self.engine.handle_input(self.now, Input::Lost(*conn, LostWhy::NotReached));
            }
        }
    }

    /// What the engine said about meetings since the last time, and whom it called.
    fn heard(&mut self) -> (Vec<Holepunch>, Vec<SocketAddr>) {
        let (mut said, mut called) = (vec![], vec![]);
        for output in std::mem::take(&mut self.outputs) {
            match output {
                Output::Send(CONN, bytes) => self.framer.push(bytes),
                Output::Punch(_, _, addr) => called.push(addr),
                _ => {}
            }
        }
        // It comes first, once.
        if !std::mem::replace(&mut self.greeted, true) {
            self.framer.handshake().expect("a handshake").expect("all of it");
        }
        while let Ok(Some(message)) = self.framer.next() {
            if let Message::Extended { id: 9, payload } = message {
                said.push(Holepunch::parse(&payload).expect("as specified"));
            }
        }
        (said, called)
    }
}

#[test]
fn a_relay_says_why_it_cannot_help() {
    let mut asker = Played::new();
    asker.punch(Holepunch::Rendezvous(addr(30)));
    assert_eq!(asker.heard().0, [Holepunch::Error(addr(30), HolepunchError::NotConnected)]);
    asker.punch(Holepunch::Rendezvous(addr(20)));
    assert_eq!(asker.heard().0, [Holepunch::Error(addr(20), HolepunchError::NoSelf)]);
}

#[test]
fn nobody_has_us_knock_at_many_doors() {
    let mut relay = Played::new();
    relay.punch(Holepunch::Connect(addr(40)));
    assert_eq!(relay.heard().1, [addr(40)], "who is asked to call calls over uTP");
    relay.punch(Holepunch::Connect(addr(20)));
    assert_eq!(relay.heard().1, [], "not the relay itself");
    for host in 0..100 {
        relay.punch(Holepunch::Connect(([203, 1, 113, host], 8_080).into()));
        relay.fail();
    }
    assert!(relay.heard().1.len() < 25, "it called everybody");
}

#[test]
fn hp_53_nobody_has_us_knock_more_than_once_a_second_nor_at_the_system_s_doors() {
    let mut relay = Played::new();
    let at = |host, port| ([203, 1, 113, host], port).into();
    let mut called = Vec::new();
    for host in 0..50 {
        relay.now = relay.now + Duration::from_millis(200);
        relay.punch(Holepunch::Connect(at(host, 8_080)));
        relay.fail();
        called.extend(relay.heard().1);
    }
    assert_eq!(called, [0, 5, 10, 15].map(|host| at(host, 8_080)), "one a second of twenty");
    let mut relay = Played::new();
    for port in [0, 22, 80, 443, 1_023] {
        relay.punch(Holepunch::Connect(at(1, port)));
    }
    assert_eq!(relay.heard().1, []);
}
