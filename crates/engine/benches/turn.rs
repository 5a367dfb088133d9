//! What a pick costs where it is made: a block comes, it is taken in, and what its peer is to give next is picked and asked
//! for. A download of 100,000 pieces from 1,000 peers and from 50, with a viewer and without. What follows when a piece
//! is whole, telling everybody, is not in it.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, criterion_group, criterion_main};
use engine::{
    AddTorrent, Config, ConnId, Encryption, Engine, Input, Limits, OpenStream, Output, Prepared,
    Secret, StreamId, Time, TorrentId, Want,
};
use torrent::{
    Metainfo, Sha1Hash,
    wire::{self, Framer, Handshake, Message, Request, Reserved},
};

const TORRENT: TorrentId = TorrentId(1);
const PIECES: u32 = 100_000;
const PIECE_LEN: u32 = 256 * 1024;
/// All peers together give a block so often.
const BLOCK_EACH: Duration = Duration::from_micros(200);
/// What the viewer's film takes, bytes per second.
const MEDIA_RATE: u64 = 1_000_000;

/// SplitMix64: the same swarm every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Somebody who gives what it is asked for.
struct Giver {
    conn: ConnId,
    framer: Framer,
    greeted: bool,
    asked: VecDeque<Request>,
}

/// A download in its middle.
struct Download {
    engine: Engine,
    now: Time,
    givers: Vec<Giver>,
    places: BTreeMap<ConnId, usize>,
    /// Whose turn it is to give.
    turn: usize,
    position: u64,
    watched: bool,
}

/// A description of 25 GB whose pieces all have the hash of zeros.
fn film() -> Metainfo {
    let len = u64::from(PIECES) * u64::from(PIECE_LEN);
    let start = format!("d4:infod6:lengthi{len}e4:name4:film12:piece lengthi{PIECE_LEN}e6:pieces");
    let mut bytes = format!("{start}{}:", PIECES * 20).into_bytes();
    bytes.resize(bytes.len() + PIECES as usize * 20, 0);
    bytes.extend(b"ee");
    Metainfo::parse(&bytes).expect("a description")
}

fn config(peers: usize) -> Config {
    Config {
        seed: 1,
        secret: Secret([1; 32]),
        encryption: Encryption::Off,
        client: *b"-KN0000-",
        client_name: "Kinora bench".into(),
        listen_port: 1,
        exchange_peers: false,
        dht_port: 0,
        punch: false,
        use_trackers: false,
        connections_max: peers,
        connections_per_torrent_max: peers,
        dials_max: 1,
        handshake_patience: Duration::from_secs(10),
        limits: Limits::NONE,
    }
}

fn encoded(messages: &[Message]) -> Bytes {
    let mut out = BytesMut::new();
    messages.iter().for_each(|message| wire::encode(message, &mut out));
    out.freeze()
}

/// A bitfield of about so many of a hundred pieces.
fn bitfield(random: &mut Random, share: u64) -> Bytes {
    let mut bits = vec![0; PIECES as usize / 8];
    for bit in (0..PIECES as usize).filter(|_| random.next() % 100 < share) {
        bits[bit / 8] |= 0x80 >> (bit % 8);
    }
    bits.into()
}

impl Download {
    fn new(film: &Arc<Metainfo>, peers: usize, watched: bool) -> Self {
        let mut download = Self {
            engine: Engine::new(config(peers)),
            now: Time(1_000_000),
            givers: vec![],
            places: BTreeMap::new(),
            turn: 0,
            position: 0,
            watched,
        };
        let hashes = film.info.hashes();
        download.feed(Input::Add(Box::new(AddTorrent {
            torrent: TORRENT,
            hashes,
            metainfo: Some(Arc::clone(film)),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
        download.feed(Input::Prepared(TORRENT, Ok(Prepared::default())));
        let mut random = Random(1);
        for place in 0..peers {
            download.join(place, hashes.v1().expect("a v1 torrent"), &mut random);
        }
        if watched {
            download.watch(film.info.geometry().content_len());
        }
        // Every queue is as long as it will be, and nothing is new any more.
        for _ in 0..20 * peers {
            download.give();
        }
        download
    }

    fn join(&mut self, place: usize, infohash: Sha1Hash, random: &mut Random) {
        let conn = ConnId(2 * place as u64 + 1);
        let addr = SocketAddr::from(([1 + (place >> 8) as u8, place as u8, 9, 9], 7000));
        let framer = Framer::new(wire::Limits::default());
        self.places.insert(conn, place);
        self.givers.push(Giver { conn, framer, greeted: false, asked: VecDeque::new() });
        let reserved = Reserved::default().with_fast();
        let mut peer_id = *b"-XX0000-000000000000";
        peer_id[8..16].copy_from_slice(&(place as u64).to_be_bytes());
        let handshake = Handshake { reserved, infohash, peer_id };
        self.feed(Input::Accepted(conn, addr));
        self.feed(Input::Received(conn, Bytes::copy_from_slice(&handshake.to_bytes())));
        let has = if place.is_multiple_of(10) { 100 } else { random.next() % 100 };
        let has = Message::Bitfield(bitfield(random, has));
        self.feed(Input::Received(conn, encoded(&[has, Message::Unchoke])));
    }

    fn watch(&mut self, end: u64) {
        self.feed(Input::MediaRate(TORRENT, MEDIA_RATE));
        let stream = StreamId(1);
        let file = 0..end;
        let open = OpenStream { stream, torrent: TORRENT, file, position: 0, end };
        self.feed(Input::Open(open));
    }

    /// The next peer gives a block; how long the engine takes for it. `None` if it was asked for none.
    fn give(&mut self) -> Option<Duration> {
        self.turn = (self.turn + 1) % self.givers.len();
        self.now = self.now + BLOCK_EACH;
        let giver = &mut self.givers[self.turn];
        let (request, conn) = (giver.asked.pop_front()?, giver.conn);
        let mut bytes = wire::piece_header(request.piece, request.begin, request.len).to_vec();
        bytes.resize(bytes.len() + request.len as usize, 0);
        let took = self.feed(Input::Received(conn, bytes.into()));
        self.play();
        Some(took)
    }

    /// The viewer goes on.
    fn play(&mut self) {
        let due = self.now.since(Time(1_000_000)).as_millis() as u64 * MEDIA_RATE / 1000;
        if self.watched && due >= self.position + 65_536 {
            self.position = due;
            self.feed(Input::Read(StreamId(1), due));
        }
    }

    /// Hands over an event; how long the engine took for it. Then answers for disk and peers.
    #[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
    fn feed(&mut self, input: Input) -> Duration {
        let start = Instant::now();
        self.engine.handle_input(self.now, input);
        let took = start.elapsed();
        while let Some(output) = self.engine.poll_output() {
            if let Some(input) = self.answer(output) {
                self.engine.handle_input(self.now, input);
            }
        }
        if self.engine.deadline().is_some_and(|at| at <= self.now) {
            self.engine.handle_input(self.now, Input::DeadlinePassed);
        }
        took
    }

    fn answer(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Store { op, .. } => Some(Input::Stored(op, Ok(None))),
            Output::Hash { op, .. } => Some(Input::Hashed(op, Ok(Sha1Hash([0; 20])))),
            Output::Send(conn, bytes) => {
                let len = bytes.len();
                self.heard(conn, bytes);
                Some(Input::Sent(conn, len))
            }
            Output::HangUp(conn, why) => panic!("{conn:?} was hung up on: {why:?}"),
            _ => None,
        }
    }

    fn heard(&mut self, conn: ConnId, bytes: Bytes) {
        let giver = &mut self.givers[self.places[&conn]];
        giver.framer.push(bytes);
        if !giver.greeted {
            giver.greeted = giver.framer.handshake().expect("a handshake").is_some();
        }
        while let Some(message) = giver.framer.next().expect("messages") {
            match message {
                Message::Request(request) => giver.asked.push_back(request),
                Message::Cancel(request) => giver.asked.retain(|one| *one != request),
                _ => (),
            }
        }
    }
}

fn turns(c: &mut Criterion) {
    let film = Arc::new(film());
    for (peers, watched) in [(1_000, false), (1_000, true), (50, false), (50, true)] {
        let viewer = if watched { "with a viewer" } else { "nobody watches" };
        c.bench_function(&format!("a block and the next pick, {peers} peers, {viewer}"), |b| {
            let mut download = Download::new(&film, peers, watched);
            b.iter_custom(|turns| {
                let gave = std::iter::repeat_with(|| download.give()).flatten();
                gave.take(turns as usize).sum()
            });
        });
    }
}

criterion_group!(benches, turns);
criterion_main!(benches);
