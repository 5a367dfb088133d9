//! One engine, a film, and whoever calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, Config, ConnId, Engine, HangUpWhy, Input, OpenStream, Output, Prepared, StreamId,
    Time, TorrentId, Want,
};
use torrent::{
    BLOCK_LEN, Block, InfoHashes, Metainfo, Piece, Sha1Hash,
    create::{Builder, Version},
    hash::sha1,
    merkle::block_leaf,
    wire::{self, Framer, Handshake, Message, Reserved},
};

pub(crate) const TORRENT: TorrentId = TorrentId(1);
/// Pieces of the film; each has two blocks.
pub(crate) const PIECES: u32 = 12;
pub(crate) const PIECE_LEN: u32 = 32_768;

/// An engine and what it did.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) now: Time,
    pub(crate) film: Arc<Metainfo>,
    /// What callers name, if it is not the film.
    named: Option<Sha1Hash>,
    pub(crate) done: Vec<Output>,
    /// Who takes none of the bytes that are sent to them. With others all have left when time passes.
    pub(crate) deaf: BTreeSet<ConnId>,
    /// Outputs whose bytes have left, or never will.
    left: usize,
    callers: u64,
    disk: BTreeMap<Block, Bytes>,
    /// Outputs that the disk has looked at.
    settled: usize,
}

impl Stage {
    /// It has the whole film.
    pub(crate) fn seed() -> Self {
        Self::seeding(film(Version::V1))
    }

    /// It has the whole of this film.
    pub(crate) fn seeding(film: Metainfo) -> Self {
        let pieces = (0..film.info.geometry().piece_count()).map(Piece).collect();
        Self::new(film, Prepared { pieces, blocks: vec![] })
    }

    /// It has nothing and wants everything.
    pub(crate) fn leecher() -> Self {
        Self::fetching(film(Version::V1))
    }

    /// It has nothing of this film and wants everything.
    pub(crate) fn fetching(film: Metainfo) -> Self {
        Self::new(film, Prepared::default())
    }

    /// It has these blocks of an earlier run, made of this byte, and wants everything.
    pub(crate) fn resuming(film: Metainfo, blocks: Vec<Block>, byte: u8) -> Self {
        let on_disk = Bytes::from(vec![byte; BLOCK_LEN as usize]);
        let disk = blocks.iter().map(|block| (*block, on_disk.clone())).collect();
        Self { disk, ..Self::new(film, Prepared { pieces: vec![], blocks }) }
    }

    /// It knows what the film is called, and nothing else.
    pub(crate) fn magnet(film: Metainfo) -> Self {
        let hashes = film.info.hashes();
        let mut stage = Self::empty(film);
        stage.add(hashes, None);
        stage
    }

    /// It knows this name of something, and nothing else.
    pub(crate) fn knowing(hashes: InfoHashes) -> Self {
        let mut stage = Self::empty(film(Version::V1));
        stage.named = Some(hashes.wire());
        stage.add(hashes, None);
        stage
    }

    fn new(film: Metainfo, prepared: Prepared) -> Self {
        let mut stage = Self::empty(film);
        stage.add(stage.film.info.hashes(), Some(Arc::clone(&stage.film)));
        stage.feed(Input::Prepared(TORRENT, Ok(prepared)));
        stage
    }

    fn empty(film: Metainfo) -> Self {
        Self {
            engine: Engine::new(config()),
            now: Time(1_000_000),
            named: None,
            film: Arc::new(film),
            done: Vec::new(),
            deaf: BTreeSet::new(),
            left: 0,
            callers: 0,
            disk: BTreeMap::new(),
            settled: 0,
        }
    }

    fn add(&mut self, hashes: InfoHashes, metainfo: Option<Arc<Metainfo>>) {
        self.feed(Input::Add(Box::new(AddTorrent {
            torrent: TORRENT,
            hashes,
            metainfo,
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
    }

    /// A player of slow media starts here.
    pub(crate) fn watch(&mut self, position: u64) {
        self.feed(Input::MediaRate(TORRENT, 8_000));
        let end = self.film.info.geometry().content_len();
        let stream = StreamId(1);
        self.feed(Input::Open(OpenStream {
            stream,
            torrent: TORRENT,
            file: 0..end,
            position,
            end,
        }));
    }

    pub(crate) fn feed(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            self.done.push(output);
        }
    }

    /// Time passes, deadline by deadline.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        self.deliver();
        while let Some(next) = self.engine.deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.feed(Input::DeadlinePassed);
            self.deliver();
        }
        self.now = until;
        self.feed(Input::DeadlinePassed);
        self.deliver();
    }

    /// The bytes that were sent leave, but for those to the deaf.
    pub(crate) fn deliver(&mut self) {
        self.left = self.left.min(self.done.len());
        while let Some(output) = self.done.get(self.left) {
            self.left += 1;
            if let Output::Send(conn, bytes) = output
                && !self.deaf.contains(conn)
            {
                let (conn, count) = (*conn, bytes.len());
                self.feed(Input::Sent(conn, count));
            }
        }
    }

    /// Time passes and nobody calls the engine.
    pub(crate) fn sleep(&mut self, span: Duration) {
        self.now = self.now + span;
        self.feed(Input::DeadlinePassed);
    }

    /// Somebody connects from an address of their own.
    pub(crate) fn call(&mut self) -> ConnId {
        let host = (self.callers / 250 + 1) as u8;
        let addr = SocketAddr::from(([203, 0, host, (self.callers % 250) as u8 + 1], 6881));
        self.call_from(addr)
    }

    pub(crate) fn call_from(&mut self, addr: SocketAddr) -> ConnId {
        self.callers += 1;
        let conn = ConnId(self.callers * 2 - 1);
        self.feed(Input::Accepted(conn, addr));
        conn
    }

    /// Somebody connects and greets as they should.
    pub(crate) fn greet(&mut self) -> ConnId {
        let conn = self.call();
        let greeting = self.greeting(conn.0);
        self.say_bytes(conn, greeting);
        conn
    }

    /// A handshake with a peer id made of a number.
    pub(crate) fn greeting(&self, id: u64) -> Bytes {
        let mut peer_id = *b"-XX0000-000000000000";
        peer_id[12..].copy_from_slice(&id.to_be_bytes());
        let mut reserved = Reserved::NONE.with_fast().with_extended();
        if self.film.info.hashes().v2().is_some() {
            reserved = reserved.with_v2();
        }
        let infohash = self.named.unwrap_or_else(|| self.film.info.hashes().wire());
        let handshake = Handshake { reserved, infohash, peer_id };
        Bytes::copy_from_slice(&handshake.to_bytes())
    }

    pub(crate) fn say(&mut self, conn: ConnId, message: &Message) {
        let mut bytes = BytesMut::new();
        wire::encode(message, &mut bytes);
        self.say_bytes(conn, bytes.freeze());
    }

    pub(crate) fn say_bytes(&mut self, conn: ConnId, bytes: Bytes) {
        self.feed(Input::Received(conn, bytes));
    }

    /// Why the engine hung up, if it did.
    pub(crate) fn hung_up(&self, conn: ConnId) -> Option<HangUpWhy> {
        self.done.iter().find_map(|output| match output {
            Output::HangUp(one, why) if *one == conn => Some(*why),
            _ => None,
        })
    }

    /// What the engine said to somebody, its handshake left out.
    pub(crate) fn heard(&self, conn: ConnId) -> Vec<Message> {
        let mut framer = Framer::default();
        for output in &self.done {
            if let Output::Send(one, bytes) = output
                && *one == conn
            {
                framer.push(bytes.clone());
            }
        }
        framer.handshake().expect("it greets well").expect("it greets first");
        std::iter::from_fn(|| framer.next().expect("it speaks well")).collect()
    }

    /// How many messages can be said before the engine hangs up, up to a number.
    pub(crate) fn endures(&mut self, conn: ConnId, message: &Message, most: u32) -> u32 {
        for count in 0..most {
            self.say(conn, message);
            if self.hung_up(conn).is_some() {
                return count;
            }
        }
        most
    }

    /// The disk stores, hashes and reads what it was asked to.
    pub(crate) fn settle(&mut self) {
        while let Some(output) = self.done.get(self.settled).cloned() {
            self.settled += 1;
            let answer = match output {
                Output::Store { op, block, bytes, leaf, .. } => {
                    let leaf = leaf.then(|| block_leaf(&bytes));
                    self.disk.insert(block, bytes);
                    Input::Stored(op, Ok(leaf))
                }
                Output::Hash { op, piece, .. } => Input::Hashed(op, Ok(sha1(&self.stored(piece)))),
                Output::Load { op, piece, begin, len, .. } => {
                    let stored = self.stored(piece);
                    let part = stored[begin as usize..(begin + len) as usize].to_vec();
                    Input::Loaded(op, Ok(part.into()))
                }
                _ => continue,
            };
            self.feed(answer);
        }
    }

    /// The disk of a seed reads what it was asked to: this byte, again and again.
    pub(crate) fn load(&mut self, byte: u8) {
        while let Some(output) = self.done.get(self.settled).cloned() {
            self.settled += 1;
            if let Output::Load { op, len, .. } = output {
                self.feed(Input::Loaded(op, Ok(vec![byte; len as usize].into())));
            }
        }
    }

    /// What is on disk of a piece.
    pub(crate) fn stored(&self, piece: Piece) -> Vec<u8> {
        let blocks = (0..PIECE_LEN / BLOCK_LEN).map(|index| Block { piece, index });
        blocks.filter_map(|block| self.disk.get(&block)).flatten().copied().collect()
    }

    /// How many bytes readers may have.
    pub(crate) fn verified(&self) -> u64 {
        let ranges = self.done.iter().filter_map(|output| match output {
            Output::Verified { range, .. } => Some(range.clone()),
            _ => None,
        });
        let pieces: BTreeSet<u64> =
            ranges.flat_map(|range| (range.start..range.end).step_by(BLOCK_LEN as usize)).collect();
        pieces.len() as u64 * u64::from(BLOCK_LEN)
    }

    /// Reads that were asked of the disk.
    pub(crate) fn loads(&self) -> usize {
        self.done.iter().filter(|output| matches!(output, Output::Load { .. })).count()
    }
}

/// A film all of whose bytes are sevens.
pub(crate) fn film(version: Version) -> Metainfo {
    film_of(version, 7)
}

/// A film of one byte, again and again.
pub(crate) fn film_of(version: Version, byte: u8) -> Metainfo {
    film_with(version, byte, PIECES)
}

/// The same with so many pieces.
pub(crate) fn film_with(version: Version, byte: u8, pieces: u32) -> Metainfo {
    let len = pieces * PIECE_LEN;
    let mut builder = Builder::single_file("film.mkv", u64::from(len));
    builder.version = version;
    builder.piece_len = Some(PIECE_LEN);
    let mut hashing = builder.start().expect("a good length");
    hashing.feed(&vec![byte; len as usize]).expect("as many bytes as it has");
    hashing.finish().expect("a valid torrent")
}

fn config() -> Config {
    Config { connections_max: 400, connections_per_torrent_max: 100, ..crate::setting::config() }
}
