//! The engine's door: any list of inputs, made of bytes.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, AnnounceFault, Config, ConnId, DiskFault, Encryption, Engine, FetchFault, Input,
    Limits, LineSample, LostWhy, Mirror, News, OpId, OpenStream, Output, PeerSource, Prepared,
    Secret, StreamId, SwarmSize, Time, TorrentId, Want,
};
use torrent::{
    Metainfo, Piece, Sha1Hash, Sha256Hash,
    create::{Builder, Version},
    wire::{self, HashRequest, Message, Reserved},
};

const TORRENT: TorrentId = TorrentId(1);
const SIBLING: TorrentId = TorrentId(9);
const LEN: u32 = 5 * 32_768 + 1_000;

/// Bytes that are used up.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> u8 {
        self.next().unwrap_or(0)
    }

    /// Small most of the time, and as large as a number can be now and then.
    fn number(&mut self) -> u32 {
        match self.byte() {
            255 => u32::MAX,
            254 => 1 << 31,
            small => u32::from(small),
        }
    }

    fn bytes(&mut self) -> Bytes {
        let len = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        Bytes::copy_from_slice(taken)
    }

    fn hashes(&mut self) -> Vec<Sha256Hash> {
        (0..self.byte() % 9).map(|_| Sha256Hash([self.byte(); 32])).collect()
    }
}

/// An engine and the operations it waits for.
struct Stage {
    engine: Engine,
    film: Metainfo,
    now: Time,
    stores: Vec<(OpId, bool)>,
    hashes: Vec<OpId>,
    loads: Vec<(OpId, u32)>,
    fetches: Vec<OpId>,
    descriptions: Vec<OpId>,
    scrapes: Vec<(OpId, Vec<Sha1Hash>)>,
    dialled: Vec<ConnId>,
}

/// Feeds an engine what the bytes say: it neither panics nor finds itself in a state that cannot be.
///
/// # Panics
/// If it does.
pub(crate) fn engine_inputs(bytes: &[u8]) {
    let mut script = Script(bytes);
    let mut stage = Stage::new(script.byte());
    while let Some(step) = script.next() {
        stage.step(step, &mut script);
    }
    stage.pass(Duration::from_secs(600));
}

impl Stage {
    fn new(kind: u8) -> Self {
        let film = film([Version::V1, Version::V2, Version::Hybrid][usize::from(kind % 3)]);
        let mut stage = Self {
            engine: Engine::new(config()),
            film: film.clone(),
            now: Time(1_000_000),
            stores: vec![],
            hashes: vec![],
            loads: vec![],
            fetches: vec![],
            descriptions: vec![],
            scrapes: vec![],
            dialled: vec![],
        };
        if kind & 32 != 0 {
            stage.add_sibling(kind);
        }
        let metainfo = (kind & 8 == 0).then(|| Arc::new(film.clone()));
        stage.add(metainfo);
        let pieces = if kind & 16 == 0 { vec![] } else { (0..6).map(Piece).collect() };
        stage.feed(Input::Prepared(TORRENT, Ok(Prepared { pieces, blocks: vec![] })));
        stage
    }

    /// Another torrent of the same file, of which all or a part is there.
    fn add_sibling(&mut self, kind: u8) {
        let film =
            Arc::new(film([Version::Hybrid, Version::Hybrid, Version::V2][usize::from(kind % 3)]));
        self.feed(Input::Add(Box::new(AddTorrent {
            torrent: SIBLING,
            hashes: film.info.hashes(),
            metainfo: Some(Arc::clone(&film)),
            trackers: vec![vec!["http://tracker/announce".into()]],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
        let count = if kind & 64 == 0 { film.info.geometry().piece_count() } else { 3 };
        let pieces = (0..count).map(Piece).collect();
        self.feed(Input::Prepared(SIBLING, Ok(Prepared { pieces, blocks: vec![] })));
    }

    fn add(&mut self, metainfo: Option<Arc<Metainfo>>) {
        self.feed(Input::Add(Box::new(AddTorrent {
            torrent: TORRENT,
            hashes: self.film.info.hashes(),
            metainfo,
            trackers: vec![vec!["http://tracker/a".into()]],
            web_seeds: vec!["http://web/".into()],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
    }

    fn feed(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Store { op, leaf, .. } => self.stores.push((op, leaf)),
                Output::Hash { op, .. } => self.hashes.push(op),
                Output::Load { op, len, .. } => self.loads.push((op, len)),
                Output::Fetch { op, .. } => self.fetches.push(op),
                Output::Describe { op, .. } => self.descriptions.push(op),
                Output::Dial(conn, ..) => self.dialled.push(conn),
                Output::Scrape { op, infohashes, .. } => self.scrapes.push((op, infohashes)),
                Output::Tell(News::Bug(what)) => panic!("{what}"),
                _ => (),
            }
        }
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        let mut steps = 0;
        while let Some(next) = self.engine.deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.feed(Input::DeadlinePassed);
            steps += 1;
            assert!(steps < 100_000, "deadlines without end");
        }
        self.now = until;
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let conn = match script.byte() {
            dialled if dialled & 128 != 0 && !self.dialled.is_empty() => {
                self.dialled[usize::from(dialled) % self.dialled.len()]
            }
            called => ConnId(u64::from(called % 8) * 2 + 1),
        };
        match step % 20 {
            0 => self.feed(Input::Accepted(conn, addr(script.byte()))),
            1 => self.greet(conn, script),
            2..=7 => self.say(conn, script),
            8 => self.feed(Input::Received(conn, script.bytes())),
            9 => self.feed(Input::Lost(conn, LostWhy::Closed)),
            10 => self.feed(Input::Dialled(conn)),
            11 => self.feed(Input::Sent(conn, script.number() as usize)),
            12 => self.pass(Duration::from_millis(u64::from(script.byte()).pow(2))),
            13 | 14 => self.disk(script),
            15 => self.web(script),
            16 => self.read(script),
            17 => self.settings(script),
            18 => self.feed(Input::Found {
                torrent: TORRENT,
                peers: vec![addr(script.byte())],
                source: PeerSource::Exchange,
            }),
            _ => self.feed(Input::DeadlinePassed),
        }
    }

    fn greet(&mut self, conn: ConnId, script: &mut Script<'_>) {
        let mut reserved = Reserved::NONE.with_fast().with_extended();
        if script.byte() & 1 == 1 {
            reserved = reserved.with_v2();
        }
        let peer_id = [script.byte(); 20];
        let infohash = self.film.info.hashes().wire();
        let handshake = wire::Handshake { reserved, infohash, peer_id };
        self.feed(Input::Received(conn, Bytes::copy_from_slice(&handshake.to_bytes())));
    }

    fn say(&mut self, conn: ConnId, script: &mut Script<'_>) {
        let mut out = BytesMut::new();
        wire::encode(&message(&self.film, script), &mut out);
        self.feed(Input::Received(conn, out.freeze()));
    }

    /// The disk answers the oldest question, rightly or not.
    fn disk(&mut self, script: &mut Script<'_>) {
        let fault = (script.byte() == 0).then_some(DiskFault::Broken);
        if !self.stores.is_empty() {
            let (op, leaf) = self.stores.remove(0);
            let right = torrent::merkle::block_leaf(&[7; 16_384]);
            let answer = fault.map_or(Ok(leaf.then_some(right)), Err);
            return self.feed(Input::Stored(op, answer));
        }
        if !self.hashes.is_empty() {
            let op = self.hashes.remove(0);
            let right = self.film.info.piece_hashes().first().copied();
            let answer = fault.map_or(Ok(right.unwrap_or(Sha1Hash([1; 20]))), Err);
            return self.feed(Input::Hashed(op, answer));
        }
        if !self.loads.is_empty() {
            let (op, len) = self.loads.remove(0);
            let answer = fault.map_or(Ok(Bytes::from(vec![7; len as usize])), Err);
            self.feed(Input::Loaded(op, answer));
        }
    }

    fn web(&mut self, script: &mut Script<'_>) {
        if let Some((op, names)) = self.scrapes.pop() {
            let answer = names.into_iter().map(|name| (name, SwarmSize::default())).collect();
            let answer = if script.byte() == 0 { Err(AnnounceFault::Garbled) } else { Ok(answer) };
            return self.feed(Input::Scraped(op, answer));
        }
        if let Some(op) = self.descriptions.pop() {
            let answer = match script.byte() % 4 {
                0 => Ok(Bytes::from(self.film.to_bytes())),
                1 => Ok(Bytes::from(film(Version::V1).to_bytes())),
                2 => Ok(script.bytes()),
                _ => Err(FetchFault::NotReached),
            };
            return self.feed(Input::Described(op, answer));
        }
        let Some(op) = self.fetches.last().copied() else { return };
        match script.byte() % 3 {
            0 => self.feed(Input::Fetched(op, Bytes::from(vec![7; 20_000]))),
            1 => self.feed(Input::FetchEnded(op, Ok(()))),
            _ => self.feed(Input::FetchEnded(op, Err(FetchFault::Unfit))),
        }
    }

    fn read(&mut self, script: &mut Script<'_>) {
        let stream = StreamId(u64::from(script.byte() % 3));
        let at = u64::from(script.number()) * 1_000;
        let file = 0..u64::from(LEN);
        match script.byte() % 4 {
            0 => self.feed(Input::Open(OpenStream {
                stream,
                torrent: TORRENT,
                file: file.clone(),
                position: at,
                end: file.end,
            })),
            1 => self.feed(Input::Read(stream, at)),
            2 => self.feed(Input::Close(stream)),
            _ => {
                let hinted = std::iter::once(at..at.saturating_add(9_000));
                self.feed(Input::Hint(TORRENT, hinted.collect()));
            }
        }
    }

    fn settings(&mut self, script: &mut Script<'_>) {
        let number = script.number();
        match script.byte() % 8 {
            0 => self.feed(Input::Pause(TORRENT, number & 1 == 1)),
            1 if number % 3 == 2 => self.feed(Input::Line(LineSample {
                target: Duration::from_millis(100),
                arrived: u64::from(number),
                unsent: u64::from(script.number()),
                rises: vec![Duration::from_millis(script.byte().into())],
            })),
            1 => self.feed(Input::Pin(TORRENT, number & 1 == 1)),
            2 => self.feed(Input::Want(TORRENT, Want::Files(vec![number as usize]))),
            3 => self.feed(Input::MediaRate(TORRENT, u64::from(number))),
            4 => self.feed(Input::Limits(Limits {
                down_rate_max: Some(u64::from(number) * 100),
                up_rate_max: Some(u64::from(number) * 100),
                upload_slots: Some(number as usize % 10),
                cache_quota: Some(u64::from(number) * 1_000),
                active_max: number.is_multiple_of(2).then_some(number as usize % 3),
            })),
            5 if number % 5 == 4 => self.feed(Input::Remove(SIBLING)),
            5 if number % 5 == 3 => self.feed(Input::Want(SIBLING, Want::Nothing)),
            5 => self.feed(Input::Remove(TORRENT)),
            6 => self.feed(Input::Mirrors(TORRENT, vec![mirror(number % 3), mirror(number % 5)])),
            _ => self.add(Some(Arc::new(self.film.clone()))),
        }
    }
}

fn message(film: &Metainfo, script: &mut Script<'_>) -> Message {
    let kind = script.byte();
    let piece = Piece(script.number());
    let begin = script.number().saturating_mul(16_384);
    let len = if script.byte() < 250 { 16_384 } else { script.number() };
    let request = wire::Request { piece, begin, len };
    let hashes = HashRequest {
        pieces_root: film.info.files()[0].pieces_root.unwrap_or(Sha256Hash([0; 32])),
        base_layer: piece.0 % 4,
        index: begin / 16_384,
        length: 1 << (len % 6),
        proof_layers: len % 3,
    };
    match kind % 20 {
        0 => Message::KeepAlive,
        1 => Message::Choke,
        2 => Message::Unchoke,
        3 => Message::Interested,
        4 => Message::NotInterested,
        5 => Message::Have(piece),
        6 => Message::Bitfield(script.bytes()),
        7 => Message::HaveAll,
        8 => Message::HaveNone,
        9 => Message::Request(request),
        10 => Message::Cancel(request),
        11..=13 => {
            let data = Bytes::from(vec![7; len.min(20_000) as usize]);
            Message::Piece { piece, begin, data }
        }
        14 => Message::Reject(request),
        15 => Message::AllowedFast(piece),
        16 => Message::Extended { id: script.byte() % 8, payload: script.bytes() },
        17 => Message::HashRequest(hashes),
        18 => Message::Hashes { request: hashes, hashes: script.hashes() },
        _ => Message::HashReject(hashes),
    }
}

fn mirror(number: u32) -> Mirror {
    let base = format!("https://{number}.example/");
    Mirror { files: format!("{base}f/"), description: format!("{base}f.torrent"), base }
}

fn addr(host: u8) -> SocketAddr {
    ([81, 2, 3, host % 16], 6881).into()
}

fn film(version: Version) -> Metainfo {
    let mut builder = Builder::single_file("film.mkv", u64::from(LEN));
    builder.version = version;
    builder.piece_len = Some(32_768);
    let mut hashing = builder.start().expect("a good length");
    hashing.feed(&vec![7; LEN as usize]).expect("as many bytes as it has");
    hashing.finish().expect("a valid torrent")
}

fn config() -> Config {
    Config {
        seed: 1,
        secret: Secret([1; 32]),
        encryption: Encryption::Prefer,
        client: *b"-KN0000-",
        client_name: "Kinora".into(),
        listen_port: 1,
        exchange_peers: true,
        dht_port: 0,
        punch: false,
        use_trackers: true,
        connections_max: 20,
        connections_per_torrent_max: 10,
        dials_max: 4,
        handshake_patience: Duration::from_secs(10),
        limits: Limits::NONE,
    }
}
