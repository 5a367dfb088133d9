//! What others hint at, and what an engine makes of it: our address (BEP 24, 40), pieces (BEP 6), DHT nodes (BEP 5).

use std::{net::SocketAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, Config, ConnId, Engine, HangUpWhy, Input, News, Output, Prepared, Time, TorrentId,
    Want,
};
use torrent::{
    Metainfo, Piece,
    create::Builder,
    peer_priority::priority,
    wire::{self, Framer, Handshake, Message, Reserved},
};

const TORRENT: TorrentId = TorrentId(1);
const PORT: u16 = 6881;
const OWN: [u8; 4] = [123, 213, 32, 10];

fn config() -> Config {
    Config {
        listen_port: PORT,
        dht_port: 7000,
        exchange_peers: true,
        connections_max: 20,
        connections_per_torrent_max: 4,
        dials_max: 2,
        ..crate::setting::config()
    }
}

fn film(private: bool) -> Arc<Metainfo> {
    let content = [7; 20 * 16 * 1024];
    let mut builder = Builder::folder("film");
    builder.piece_len = Some(16 * 1024);
    builder.private = private;
    builder.file(vec!["film.mkv".into()], content.len() as u64);
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        hashing.feed(&content).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

fn addr(host: u8) -> SocketAddr {
    ([98, 76, 54, host], PORT).into()
}

/// An engine with a torrent of which nothing is there, and what it asked for.
struct Stage {
    engine: Engine,
    film: Arc<Metainfo>,
    outputs: Vec<Output>,
}

impl Stage {
    fn new(private: bool, peers: &[SocketAddr], seen_at: Option<[u8; 4]>) -> Self {
        let film = film(private);
        let mut stage = Self { engine: Engine::new(config()), film, outputs: vec![] };
        if let Some(ip) = seen_at {
            stage.tell(Input::ExternalAddress(ip.into()));
        }
        let add = AddTorrent {
            torrent: TORRENT,
            hashes: stage.film.info.hashes(),
            metainfo: Some(Arc::clone(&stage.film)),
            trackers: vec![],
            web_seeds: vec![],
            peers: peers.to_vec(),
            want: Want::All,
            recheck: false,
        };
        stage.tell(Input::Add(Box::new(add)));
        stage.tell(Input::Prepared(TORRENT, Ok(Prepared::default())));
        stage
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle_input(Time(0), input);
        while let Some(output) = self.engine.poll_output() {
            if let Output::Send(conn, bytes) = &output {
                self.engine.handle_input(Time(0), Input::Sent(*conn, bytes.len()));
            }
            self.outputs.push(output);
        }
    }

    /// Somebody calls and says hello.
    fn called_by(&mut self, host: u8, reserved: Reserved) -> ConnId {
        let conn = ConnId(u64::from(host) * 2 + 1);
        let infohash = self.film.info.hashes().wire();
        let handshake = Handshake { reserved, infohash, peer_id: [host; 20] };
        self.tell(Input::Accepted(conn, addr(host)));
        self.tell(Input::Received(conn, Bytes::copy_from_slice(&handshake.to_bytes())));
        conn
    }

    fn say(&mut self, conn: ConnId, message: &Message) {
        let mut bytes = BytesMut::new();
        wire::encode(message, &mut bytes);
        self.tell(Input::Received(conn, bytes.freeze()));
    }

    /// All that was said to a peer.
    fn said(&self, conn: ConnId) -> (Handshake, Vec<Message>) {
        let mut framer = Framer::default();
        for output in &self.outputs {
            if let Output::Send(to, bytes) = output
                && *to == conn
            {
                framer.push(bytes.clone());
            }
        }
        let handshake = framer.handshake().expect("a handshake").expect("all of it");
        let messages = std::iter::from_fn(|| framer.next().expect("messages"));
        (handshake, messages.collect())
    }

    fn dialled(&self) -> Vec<SocketAddr> {
        let dial = |output: &Output| match output {
            Output::Dial(_, _, addr) => Some(*addr),
            _ => None,
        };
        self.outputs.iter().filter_map(dial).collect()
    }

    fn hung_up(&self) -> Vec<(ConnId, HangUpWhy)> {
        let end = |output: &Output| match output {
            Output::HangUp(conn, why) => Some((*conn, *why)),
            _ => None,
        };
        self.outputs.iter().filter_map(end).collect()
    }
}

/// Hosts that differ in the bits that count.
const HOSTS: [u8; 12] = [1, 4, 5, 16, 17, 20, 21, 64, 65, 68, 69, 80];

/// Hosts by their priority, the greatest first.
fn by_priority() -> Vec<u8> {
    let own = SocketAddr::from((OWN, PORT));
    let mut hosts = HOSTS.to_vec();
    hosts.sort_by_key(|host| std::cmp::Reverse(priority(own, addr(*host))));
    hosts
}

#[test]
fn who_knows_its_address_calls_by_priority() {
    let peers = HOSTS.map(addr).to_vec();
    let best: Vec<_> = by_priority().into_iter().take(2).map(addr).collect();
    let before = Stage::new(false, &peers, Some(OWN));
    assert_eq!(before.dialled(), best);
    // Our own network's address says nothing.
    let without = Stage::new(false, &peers, Some([192, 168, 0, 7]));
    assert_eq!(without.dialled().len(), 2);
    assert_ne!(without.dialled(), best, "chance has chosen the same");
}

#[test]
fn a_full_torrent_drops_who_has_the_least_priority_for_who_has_more() {
    let mut order = by_priority();
    let (best, worst) = (order.remove(0), order.pop().expect("many"));
    let middle: Vec<_> = order.into_iter().take(3).collect();
    let mut stage = Stage::new(false, &[], Some(OWN));
    let dropped = stage.called_by(worst, Reserved::NONE.with_fast());
    for host in middle {
        stage.called_by(host, Reserved::NONE.with_fast());
    }
    assert_eq!(stage.hung_up(), []);
    stage.called_by(best, Reserved::NONE.with_fast());
    assert_eq!(stage.hung_up(), [(dropped, HangUpWhy::Full)]);
    // Who comes back is the worst of all: it is turned away.
    let again = stage.called_by(worst, Reserved::NONE.with_fast());
    assert_eq!(stage.hung_up().last(), Some(&(again, HangUpWhy::Full)));
}

#[test]
fn a_suggested_piece_is_asked_for_first_if_it_is_as_rare_as_any() {
    for suggested in [3, 11, 17] {
        let mut stage = Stage::new(false, &[], None);
        let conn = stage.called_by(9, Reserved::NONE.with_fast());
        stage.say(conn, &Message::HaveAll);
        stage.say(conn, &Message::Suggest(Piece(suggested)));
        stage.say(conn, &Message::Unchoke);
        let (_, said) = stage.said(conn);
        let first = said.iter().find_map(|message| match message {
            Message::Request(request) => Some(request.piece),
            _ => None,
        });
        assert_eq!(first, Some(Piece(suggested)));
    }
}

#[test]
fn a_suggested_piece_that_many_have_waits_behind_a_rare_one() {
    let mut stage = Stage::new(false, &[], None);
    // Somebody who never unchokes has all but one piece.
    let other = stage.called_by(8, Reserved::NONE.with_fast());
    stage.say(other, &Message::Bitfield(Bytes::from_static(&[0xff, 0xef, 0xf0])));
    let conn = stage.called_by(9, Reserved::NONE.with_fast());
    stage.say(conn, &Message::HaveAll);
    stage.say(conn, &Message::Suggest(Piece(3)));
    stage.say(conn, &Message::Unchoke);
    let (_, said) = stage.said(conn);
    let asked = said.iter().find_map(|message| match message {
        Message::Request(request) => Some(request.piece),
        _ => None,
    });
    assert_eq!(asked, Some(Piece(11)), "the piece that nobody else has");
}

#[test]
fn dht_nodes_are_told_and_heard_of_and_never_in_a_private_torrent() {
    let can = Reserved::NONE.with_fast().with_dht();
    for private in [false, true] {
        let mut stage = Stage::new(private, &[], None);
        let conn = stage.called_by(9, can);
        // The second one is none: a node does not move.
        stage.say(conn, &Message::Port(7001));
        stage.say(conn, &Message::Port(7002));
        let (handshake, said) = stage.said(conn);
        assert_eq!(handshake.reserved.dht(), !private);
        assert_eq!(said.contains(&Message::Port(7000)), !private);
        let nodes: Vec<_> = stage
            .outputs
            .iter()
            .filter(|output| matches!(output, Output::Tell(News::DhtNode(_))))
            .collect();
        let node = Output::Tell(News::DhtNode(([98, 76, 54, 9], 7001).into()));
        assert_eq!(nodes, if private { vec![] } else { vec![&node] });
    }
}
