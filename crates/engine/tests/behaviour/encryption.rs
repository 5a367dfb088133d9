//! Two engines and the wire between them, under every pair of policies: who meets whom, and what an observer
//! of the wire sees.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use engine::{
    AddTorrent, Config, ConnId, Encryption, Engine, Input, LostWhy, News, Output, Prepared, Secret,
    Time, TorrentId, Want,
};
use torrent::{
    Metainfo, Piece,
    create::{Builder, Version},
    hash::{sha1, sha256},
};

const TORRENT: TorrentId = TorrentId(1);
/// Bytes of content: three pieces of two blocks and a rest.
const CONTENT_LEN: usize = 100_003;
/// What an observer looks for in every block.
const SAMPLE: usize = 16;
/// Virtual time after which nothing more is expected.
const HORIZON: Time = Time(60_000_000);

const POLICIES: [Encryption; 3] = [Encryption::Off, Encryption::Prefer, Encryption::Require];

/// An engine and its disk.
struct End {
    engine: Engine,
    disk: Vec<u8>,
    metainfo: Arc<Metainfo>,
    complete: bool,
    finished: bool,
    /// All bytes it sent.
    sent: Vec<u8>,
    dials: u32,
}

/// What is on its way to one of the two ends.
type Delivery = (usize, Input);

struct Wire {
    now: Time,
    ends: [End; 2],
    on_its_way: VecDeque<Delivery>,
    content: Vec<u8>,
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let next = |_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    };
    (0..len).map(next).collect()
}

fn described(version: Version, content: &[u8]) -> Arc<Metainfo> {
    let mut builder = Builder::folder("film");
    builder.version = version;
    builder.piece_len = Some(32 * 1024);
    builder.file(vec!["film.mkv".into()], content.len() as u64);
    let mut hashing = builder.start().expect("good names and lengths");
    while hashing.next_file().is_some() {
        hashing.feed(content).expect("as many bytes as it has");
    }
    Arc::new(hashing.finish().expect("a valid torrent"))
}

fn config(number: u8, encryption: Encryption) -> Config {
    Config {
        seed: u64::from(number),
        secret: Secret([number; 32]),
        encryption,
        ..crate::setting::config()
    }
}

fn address(end: usize) -> SocketAddr {
    ([198, 51, 100, 1 + end as u8], 1000).into()
}

impl Wire {
    /// The first end wants what the second one has, and calls it.
    fn between(caller: Encryption, called: Encryption, version: Version) -> Self {
        let content = noise(CONTENT_LEN);
        let metainfo = described(version, &content);
        let end = |number: u8, encryption, complete| End {
            engine: Engine::new(config(number, encryption)),
            disk: if complete { content.clone() } else { vec![0; content.len()] },
            metainfo: Arc::clone(&metainfo),
            complete,
            finished: false,
            sent: Vec::new(),
            dials: 0,
        };
        let ends = [end(1, caller, false), end(2, called, true)];
        let mut wire =
            Self { now: Time(0), ends, on_its_way: VecDeque::new(), content: content.clone() };
        for number in [1, 0] {
            wire.add(number);
        }
        wire
    }

    fn add(&mut self, number: usize) {
        let metainfo = Arc::clone(&self.ends[number].metainfo);
        let peers = if number == 0 { vec![address(1)] } else { vec![] };
        self.on_its_way.push_back((
            number,
            Input::Add(Box::new(AddTorrent {
                torrent: TORRENT,
                hashes: metainfo.info.hashes(),
                metainfo: Some(metainfo),
                trackers: vec![],
                web_seeds: vec![],
                peers,
                want: Want::All,
                recheck: false,
            })),
        ));
    }

    /// Lets both go on until everything has arrived or nothing happens any more.
    fn run(&mut self) -> bool {
        while self.now < HORIZON && !self.ends[0].finished {
            match self.on_its_way.pop_front() {
                Some((number, input)) => self.feed(number, input),
                None => {
                    let due = self.ends.iter().filter_map(|end| end.engine.deadline()).min();
                    self.now = due.unwrap_or(HORIZON).max(self.now + Duration::from_millis(1));
                    [0, 1].into_iter().for_each(|number| self.feed(number, Input::DeadlinePassed));
                }
            }
        }
        self.ends[0].finished
    }

    fn feed(&mut self, number: usize, input: Input) {
        self.ends[number].engine.handle_input(self.now, input);
        while let Some(output) = self.ends[number].engine.poll_output() {
            let answers = self.ends[number].carry_out(number, output);
            self.on_its_way.extend(answers);
        }
    }

    /// Whether what an end sent shows the protocol to an observer.
    fn shows_protocol(&self, number: usize) -> bool {
        let name = self.ends[number].metainfo.info.hashes().wire();
        [&b"BitTorrent protocol"[..], b"-KN0000-", b"Kinora", &name.0]
            .iter()
            .any(|plain| contains(&self.ends[number].sent, plain))
    }

    /// Whether what an end sent shows the content to an observer.
    fn shows_content(&self, number: usize) -> bool {
        let blocks = self.content.chunks(16 * 1024);
        blocks.into_iter().any(|block| contains(&self.ends[number].sent, &block[..SAMPLE]))
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl End {
    fn carry_out(&mut self, number: usize, output: Output) -> Vec<Delivery> {
        let other = 1 - number;
        let own = |input| vec![(number, input)];
        match output {
            Output::Dial(conn, ..) => {
                self.dials += 1;
                vec![
                    (number, Input::Dialled(conn)),
                    (other, Input::Accepted(far(conn), address(number))),
                ]
            }
            Output::Send(conn, bytes) => {
                self.sent.extend_from_slice(&bytes);
                let sent = Input::Sent(conn, bytes.len());
                // Copied, as a network does: the sender's buffer stays its own.
                let bytes = Bytes::copy_from_slice(&bytes);
                vec![(number, sent), (other, Input::Received(far(conn), bytes))]
            }
            Output::HangUp(conn, _) => vec![(other, Input::Lost(far(conn), LostWhy::Closed))],
            Output::Tell(News::Finished(_)) => {
                self.finished = true;
                vec![]
            }
            Output::Prepare { torrent, .. } => {
                let count = self.metainfo.info.geometry().piece_count();
                let pieces = (0..count).filter(|_| self.complete).map(Piece).collect();
                own(Input::Prepared(torrent, Ok(Prepared { pieces, blocks: vec![] })))
            }
            Output::Store { op, block, bytes, leaf, .. } => {
                let at = self.metainfo.info.geometry().block_range(block).start as usize;
                self.disk[at..at + bytes.len()].copy_from_slice(&bytes);
                own(Input::Stored(op, Ok(leaf.then(|| sha256(&bytes)))))
            }
            Output::Hash { op, piece, .. } => {
                let range = self.metainfo.info.geometry().piece_range(piece);
                let bytes = &self.disk[range.start as usize..range.end as usize];
                own(Input::Hashed(op, Ok(sha1(bytes))))
            }
            Output::Load { op, piece, begin, len, .. } => {
                let range = self.metainfo.info.geometry().piece_range(piece);
                let at = range.start as usize + begin as usize;
                let bytes = Bytes::copy_from_slice(&self.disk[at..at + len as usize]);
                own(Input::Loaded(op, Ok(bytes)))
            }
            _ => vec![],
        }
    }
}

/// The other end's name for a connection that the first one dialled (even), and back (odd).
fn far(conn: ConnId) -> ConnId {
    ConnId(conn.0 ^ 1)
}

#[test]
fn policies_meet_unless_one_forbids_what_the_other_demands() {
    for caller in POLICIES {
        for called in POLICIES {
            let demanded = [caller, called].contains(&Encryption::Require);
            let forbidden = [caller, called].contains(&Encryption::Off);
            for version in [Version::V1, Version::V2, Version::Hybrid] {
                let mut wire = Wire::between(caller, called, version);
                let arrived = wire.run();
                let pair = format!("{caller:?} calls {called:?}, {version:?}");
                assert_eq!(arrived, !(demanded && forbidden), "{pair}");
                assert_eq!(arrived, wire.ends[0].disk == wire.content, "{pair}");
            }
        }
    }
}

#[test]
fn who_requires_encryption_sends_no_plain_byte_and_takes_none() {
    for other in POLICIES {
        for (caller, called, bound) in
            [(Encryption::Require, other, 0), (other, Encryption::Require, 1)]
        {
            let mut wire = Wire::between(caller, called, Version::V1);
            let arrived = wire.run();
            let pair = format!("{caller:?} calls {called:?}");
            assert!(!wire.shows_protocol(bound) && !wire.shows_content(bound), "{pair}");
            let tried_plainly = caller == Encryption::Prefer;
            assert!(!arrived || wire.shows_protocol(1 - bound) == tried_plainly, "{pair}");
            assert!(!wire.shows_content(0) && !wire.shows_content(1), "{pair}");
        }
    }
}

#[test]
fn two_who_prefer_speed_do_not_pay_for_a_key_exchange() {
    let mut wire = Wire::between(Encryption::Prefer, Encryption::Prefer, Version::V1);
    assert!(wire.run());
    assert!(wire.shows_protocol(0) && wire.shows_protocol(1));
    assert_eq!(wire.ends[0].dials, 1);
}

#[test]
fn who_is_cut_off_when_it_calls_plainly_calls_again_encrypted_and_at_once() {
    let mut wire = Wire::between(Encryption::Prefer, Encryption::Require, Version::V1);
    assert!(wire.run());
    assert_eq!((wire.ends[0].dials, wire.now < Time(5_000_000)), (2, true));
    assert!(!wire.shows_content(1));
}

#[test]
fn who_does_not_know_encryption_is_spoken_to_plainly() {
    for (caller, called) in
        [(Encryption::Prefer, Encryption::Off), (Encryption::Off, Encryption::Prefer)]
    {
        let mut wire = Wire::between(caller, called, Version::V1);
        assert!(wire.run());
        assert!(wire.shows_protocol(0) && wire.shows_protocol(1) && wire.ends[0].dials == 1);
    }
}
