//! The same file in two torrents: what one has, the other takes from the disk, and nobody else is asked for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use engine::{
    AddTorrent, ConnId, DiskFault, Engine, Input, OpId, OpenStream, Output, Prepared, StreamId,
    Time, TorrentId, Want,
};
use torrent::{
    BLOCK_LEN, Metainfo, Piece,
    create::{Builder, Version},
    hash::{sha1, sha256},
    wire::{self, Framer, Handshake, Message, Reserved},
};

const OLD: TorrentId = TorrentId(1);
const NEW: TorrentId = TorrentId(2);
const FILM: usize = 20 * BLOCK_LEN as usize + 5;
const PEER: ConnId = ConnId(1);
/// Another one.
const OTHERS_PEER: ConnId = ConnId(3);

fn film() -> Vec<u8> {
    (0..FILM).map(|at| (at / 7 % 251) as u8).collect()
}

/// A torrent with the film, and with something else in front of it if there is any.
fn described(version: Version, piece_len: u32, other: Option<&[u8]>) -> Arc<Metainfo> {
    let mut builder = Builder::folder(if other.is_some() { "both" } else { "alone" });
    (builder.version, builder.piece_len) = (version, Some(piece_len));
    let files = [other.map(|bytes| ("a.txt", bytes.to_vec())), Some(("film.mkv", film()))];
    let files: BTreeMap<&str, Vec<u8>> = files.into_iter().flatten().collect();
    for (name, bytes) in &files {
        builder.file(vec![(*name).into()], bytes.len() as u64);
    }
    let mut hashing = builder.start().expect("good names and lengths");
    while let Some((path, _)) = hashing.next_file() {
        let name = path.last().expect("a name").clone();
        hashing.feed(&files[name.as_str()]).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

/// An engine with a disk.
struct World {
    engine: Engine,
    torrents: BTreeMap<TorrentId, (Arc<Metainfo>, Vec<u8>)>,
    /// What was to be read: the operation, the torrent, the content offset, the length.
    loads: Vec<(OpId, TorrentId, u64, u32)>,
    said: BTreeMap<ConnId, BytesMut>,
    /// How many requests of each peer were answered.
    answered: BTreeMap<ConnId, usize>,
    now: Time,
    /// Whether reads are answered at once.
    reads: bool,
}

impl World {
    fn new() -> Self {
        Self {
            engine: Engine::new(crate::setting::config()),
            torrents: BTreeMap::new(),
            loads: vec![],
            said: BTreeMap::new(),
            answered: BTreeMap::new(),
            now: Time(0),
            reads: true,
        }
    }

    fn add(&mut self, torrent: TorrentId, metainfo: &Arc<Metainfo>) {
        let len = metainfo.info.geometry().content_len();
        self.torrents.insert(torrent, (Arc::clone(metainfo), vec![0; len as usize]));
        self.tell(Input::Add(Box::new(AddTorrent {
            torrent,
            hashes: metainfo.info.hashes(),
            metainfo: Some(Arc::clone(metainfo)),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
    }

    /// The film is on disk, all of it or its first pieces.
    fn holds(&mut self, torrent: TorrentId, pieces: u32) {
        let (metainfo, disk) = self.torrents.get_mut(&torrent).expect("it was added");
        let file = metainfo.info.files().last().expect("the film").offset as usize;
        let end =
            (pieces as usize * metainfo.info.geometry().nominal_piece_len() as usize).min(FILM);
        disk[file..file + end].copy_from_slice(&film()[..end]);
        let first = metainfo.info.geometry().piece_at(file as u64).0;
        let there = first..(first + pieces).min(metainfo.info.geometry().piece_count());
        let pieces = there.map(Piece).collect();
        self.tell(Input::Prepared(torrent, Ok(Prepared { pieces, ..Prepared::default() })));
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle_input(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            if let Some(answer) = self.carry_out(output) {
                self.engine.handle_input(self.now, answer);
            }
        }
    }

    fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send(conn, bytes) => {
                self.said.entry(conn).or_default().extend_from_slice(&bytes);
                Some(Input::Sent(conn, bytes.len()))
            }
            Output::Load { op, torrent, piece, begin, len } => {
                let start = self.torrents[&torrent].0.info.geometry().piece_start(piece);
                self.loads.push((op, torrent, start + u64::from(begin), len));
                self.reads.then(|| self.read(op, torrent, start + u64::from(begin), len))
            }
            Output::Store { op, torrent, block, bytes, leaf, .. } => {
                let (metainfo, disk) = self.torrents.get_mut(&torrent)?;
                let at = metainfo.info.geometry().block_range(block).start as usize;
                disk[at..at + bytes.len()].copy_from_slice(&bytes);
                Some(Input::Stored(op, Ok(leaf.then(|| sha256(&bytes)))))
            }
            Output::Hash { op, torrent, piece, .. } => {
                let (metainfo, disk) = &self.torrents[&torrent];
                let range = metainfo.info.geometry().piece_range(piece);
                Some(Input::Hashed(op, Ok(sha1(&disk[range.start as usize..range.end as usize]))))
            }
            _ => None,
        }
    }

    fn read(&self, op: OpId, torrent: TorrentId, at: u64, len: u32) -> Input {
        let bytes = &self.torrents[&torrent].1[at as usize..at as usize + len as usize];
        Input::Loaded(op, Ok(Bytes::copy_from_slice(bytes)))
    }

    fn have(&self, torrent: TorrentId) -> u64 {
        self.engine.torrent_stats(Time(0), torrent).expect("it is known").have_bytes
    }

    /// Somebody who has all of a torrent calls and lets us ask.
    fn called_by_a_seed_of(&mut self, torrent: TorrentId) {
        self.called_by(PEER, torrent);
    }

    fn called_by(&mut self, peer: ConnId, torrent: TorrentId) {
        let infohash = self.torrents[&torrent].0.info.hashes().wire();
        let reserved = Reserved::NONE.with_fast();
        let handshake = Handshake { reserved, infohash, peer_id: [peer.0 as u8; 20] };
        self.tell(Input::Accepted(peer, ([98, 76, 54, peer.0 as u8], 1).into()));
        self.tell(Input::Received(peer, Bytes::copy_from_slice(&handshake.to_bytes())));
        for message in [Message::HaveAll, Message::Unchoke] {
            self.says(peer, &message);
        }
    }

    fn says(&mut self, peer: ConnId, message: &Message) {
        let mut bytes = BytesMut::new();
        wire::encode(message, &mut bytes);
        self.tell(Input::Received(peer, bytes.freeze()));
    }

    /// The pieces that the seed was asked for.
    fn asked(&self) -> Vec<Piece> {
        self.requests(PEER).into_iter().map(|request| request.piece).collect()
    }

    /// What a seed was asked for.
    fn requests(&self, peer: ConnId) -> Vec<wire::Request> {
        let mut framer = Framer::default();
        framer.push(self.said[&peer].clone().freeze());
        framer.handshake().expect("a handshake").expect("all of it");
        let messages = std::iter::from_fn(|| framer.next().expect("messages"));
        let asked = messages.filter_map(|message| match message {
            Message::Request(request) => Some(request),
            _ => None,
        });
        asked.collect()
    }

    /// Where in the film those parts lie that a seed of a torrent was asked for.
    fn asked_of_film(&self, peer: ConnId, torrent: TorrentId) -> Vec<u64> {
        let info = &self.torrents[&torrent].0.info;
        let film = info.files().last().expect("the film").offset;
        let start = |request: wire::Request| {
            (info.geometry().piece_start(request.piece) + u64::from(request.begin))
                .checked_sub(film)
        };
        self.requests(peer).into_iter().filter_map(start).collect()
    }

    /// A seed answers the request that waits longest; whether there is one.
    fn gives(&mut self, peer: ConnId, torrent: TorrentId) -> bool {
        let answered = self.answered.entry(peer).or_default();
        let at = std::mem::replace(answered, *answered + 1);
        let Some(request) = self.requests(peer).get(at).copied() else {
            self.answered.insert(peer, at);
            return false;
        };
        let wire::Request { piece, begin, len } = request;
        let info = &self.torrents[&torrent].0.info;
        let start = (info.geometry().piece_start(piece) + u64::from(begin)) as usize;
        let mut content = vec![0; info.geometry().content_len() as usize];
        for file in info.files() {
            let bytes = if file.length == FILM as u64 { film() } else { OTHER.to_vec() };
            content[file.offset as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
        let data = Bytes::copy_from_slice(&content[start..start + len as usize]);
        self.says(peer, &Message::Piece { piece, begin, data });
        true
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(next) = self.engine.deadline().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.tell(Input::DeadlinePassed);
        }
        self.now = until;
    }

    /// Two torrents with the film, of which nothing is there, and a seed of each.
    fn fetching(piece_lens: (u32, u32)) -> Self {
        let mut world = Self::new();
        world.add(OLD, &described(Version::V2, piece_lens.0, None));
        world.holds(OLD, 0);
        world.add(NEW, &described(Version::Hybrid, piece_lens.1, Some(OTHER)));
        world.holds(NEW, 0);
        world.called_by(PEER, OLD);
        world.called_by(OTHERS_PEER, NEW);
        world
    }

    fn asked_of_film_by_both(&self) -> (Vec<u64>, Vec<u64>) {
        (self.asked_of_film(PEER, OLD), self.asked_of_film(OTHERS_PEER, NEW))
    }
}

const OTHER: &[u8] = &[3; 100_000];
const BOTH: u64 = (FILM + OTHER.len()) as u64;

#[test]
fn a_file_that_another_torrent_has_is_taken_from_there() {
    for (old, new) in [
        (Version::V2, Version::V2),
        (Version::Hybrid, Version::V2),
        (Version::V2, Version::Hybrid),
        (Version::Hybrid, Version::Hybrid),
    ] {
        for (piece_len, other) in [(16 << 10, 64 << 10), (64 << 10, 16 << 10), (32 << 10, 32 << 10)]
        {
            let mut world = World::new();
            world.add(OLD, &described(old, piece_len, None));
            world.holds(OLD, 1000);
            assert_eq!(world.have(OLD), FILM as u64);
            let metainfo = described(new, other, Some(OTHER));
            world.add(NEW, &metainfo);
            world.holds(NEW, 0);
            assert_eq!(world.have(NEW), FILM as u64, "{old:?} {new:?} {piece_len} {other}");
            let disk = &world.torrents[&NEW].1;
            let at = metainfo.info.files().last().expect("the film").offset as usize;
            assert!(disk[at..at + FILM] == film(), "its bytes lie in its own file");
            let stats = world.engine.torrent_stats(Time(0), NEW).expect("it is known");
            assert_eq!(stats.downloaded, 0, "nothing came from a network");
        }
    }
}

#[test]
fn what_one_torrent_gets_later_the_other_has_too() {
    let mut world = World::new();
    world.add(NEW, &described(Version::V2, 16 << 10, Some(OTHER)));
    world.holds(NEW, 0);
    assert_eq!(world.have(NEW), 0);
    world.add(OLD, &described(Version::V2, 64 << 10, None));
    world.holds(OLD, 2);
    assert_eq!(world.have(OLD), 128 << 10);
    assert_eq!(world.have(NEW), 128 << 10);
}

#[test]
fn peers_are_asked_for_the_rest_alone() {
    let mut world = World::new();
    world.reads = false;
    world.add(OLD, &described(Version::V2, 16 << 10, None));
    world.holds(OLD, 1000);
    let metainfo = described(Version::V2, 16 << 10, Some(OTHER));
    world.add(NEW, &metainfo);
    world.holds(NEW, 0);
    assert_eq!(world.loads.len(), FILM.div_ceil(BLOCK_LEN as usize));
    world.called_by_a_seed_of(NEW);
    let film = metainfo.info.geometry().piece_at(metainfo.info.files()[1].offset);
    assert!(!world.asked().is_empty());
    assert!(world.asked().iter().all(|piece| *piece < film), "{:?}", world.asked());
}

#[test]
fn a_damaged_copy_is_found_and_peers_are_asked_instead() {
    let mut world = World::new();
    world.add(OLD, &described(Version::V2, 16 << 10, None));
    world.holds(OLD, 1000);
    world.torrents.get_mut(&OLD).expect("it was added").1[20_000] ^= 1;
    let metainfo = described(Version::V2, 16 << 10, Some(OTHER));
    world.add(NEW, &metainfo);
    world.holds(NEW, 0);
    let damaged = Piece(metainfo.info.geometry().piece_at(metainfo.info.files()[1].offset).0 + 1);
    assert!(world.have(NEW) < FILM as u64);
    world.called_by_a_seed_of(NEW);
    assert!(world.asked().contains(&damaged), "{:?}", world.asked());
}

#[test]
fn when_the_other_torrent_goes_or_cannot_be_read_peers_are_asked() {
    for goes in [true, false] {
        let mut world = World::new();
        world.reads = false;
        world.add(OLD, &described(Version::V2, 16 << 10, None));
        world.holds(OLD, 1000);
        world.add(NEW, &described(Version::Hybrid, 16 << 10, None));
        world.holds(NEW, 0);
        let loads = std::mem::take(&mut world.loads);
        if goes {
            world.tell(Input::Remove(OLD));
        } else {
            world.tell(Input::Loaded(loads[0].0, Err(DiskFault::Broken)));
        }
        world.called_by_a_seed_of(NEW);
        assert!(!world.asked().is_empty(), "goes: {goes}");
        // What was read all the same changes nothing.
        for (op, torrent, at, len) in loads.into_iter().skip(1) {
            let read = world.read(op, torrent, at, len);
            world.tell(read);
        }
    }
}

#[test]
fn two_torrents_that_fetch_the_same_file_at_one_moment_share_the_work() {
    for turns in 1..4 {
        let mut world = World::fetching((32 << 10, 32 << 10));
        let mut gave = true;
        while gave {
            gave = world.gives(PEER, OLD);
            (0..turns).for_each(|_| gave |= world.gives(OTHERS_PEER, NEW));
        }
        assert_eq!((world.have(OLD), world.have(NEW)), (FILM as u64, BOTH));
        let (old, new) = world.asked_of_film_by_both();
        assert!(!old.is_empty() && !new.is_empty(), "one of them did all the work");
        let blocks: BTreeSet<u64> = old.iter().chain(&new).copied().collect();
        assert_eq!(blocks.len(), FILM.div_ceil(BLOCK_LEN as usize));
        assert_eq!(old.len() + new.len(), blocks.len(), "something was fetched twice");
    }
}

#[test]
fn with_pieces_of_different_lengths_no_more_than_a_few_are_fetched_twice() {
    for piece_lens in [(16 << 10, 64 << 10), (64 << 10, 16 << 10)] {
        let mut world = World::fetching(piece_lens);
        while world.gives(PEER, OLD) | world.gives(OTHERS_PEER, NEW) {}
        assert_eq!((world.have(OLD), world.have(NEW)), (FILM as u64, BOTH));
        let (old, new) = world.asked_of_film_by_both();
        let (all, blocks) = (old.len() + new.len(), FILM.div_ceil(BLOCK_LEN as usize));
        assert!(all < blocks * 3 / 2, "{all} requests for {blocks} blocks");
    }
}

#[test]
fn what_does_not_come_in_another_torrent_is_fetched_here_after_a_while() {
    let mut world = World::fetching((32 << 10, 32 << 10));
    while world.gives(OTHERS_PEER, NEW) {}
    assert!(world.have(NEW) < BOTH, "something is left to the other torrent");
    for _ in 0..70 {
        world.pass(Duration::from_secs(1));
        while world.gives(OTHERS_PEER, NEW) {}
    }
    assert_eq!(world.have(NEW), BOTH);
    assert_eq!(world.have(OLD), FILM as u64, "it has taken it from there");
}

#[test]
fn what_was_left_to_a_torrent_that_goes_or_rests_is_fetched_here_at_once() {
    for end in [Input::Remove(OLD), Input::Pause(OLD, true)] {
        let mut world = World::fetching((32 << 10, 32 << 10));
        while world.gives(OTHERS_PEER, NEW) {}
        assert!(world.have(NEW) < BOTH, "something is left to the other torrent");
        world.tell(end);
        while world.gives(OTHERS_PEER, NEW) {}
        assert_eq!(world.have(NEW), BOTH);
    }
}

#[test]
fn what_a_player_needs_next_is_not_left_to_another_torrent() {
    let mut world = World::fetching((32 << 10, 32 << 10));
    while world.gives(OTHERS_PEER, NEW) {}
    let (old, new) = world.asked_of_film_by_both();
    let position = old.into_iter().find(|at| !new.contains(at)).expect("it is left to the other");
    let file = world.torrents[&NEW].0.info.files().last().expect("the film");
    let (start, end) = (file.offset, file.offset + file.length);
    let position = start + position;
    let stream = StreamId(1);
    world.tell(Input::Open(OpenStream { stream, torrent: NEW, file: start..end, position, end }));
    let (_, asked) = world.asked_of_film_by_both();
    assert!(asked.contains(&(position - start)), "{asked:?}");
}
