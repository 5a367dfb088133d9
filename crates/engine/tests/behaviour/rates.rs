//! What torrents may take and give when that is limited, in virtual time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use engine::{
    AddTorrent, ConnId, Input, Limits, LineSample, OpenStream, Output, Prepared, Rates, StreamId,
    Time, TorrentId, Want,
};
use torrent::{
    BLOCK_LEN, Metainfo, Piece,
    create::Version,
    hash::sha1,
    wire::{Framer, Message, Request},
};

use crate::stage::{PIECE_LEN, PIECES, Stage, TORRENT, film_with};

const SECOND: Duration = Duration::from_secs(1);
const BLOCKS: usize = 2 * PIECES as usize;

/// Somebody who asks for the whole film.
fn taker(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    take_all(stage, conn);
    conn
}

fn take_all(stage: &mut Stage, conn: ConnId) {
    stage.say(conn, &Message::HaveNone);
    stage.say(conn, &Message::Interested);
    for at in 0..2 * PIECES {
        let (piece, begin) = (Piece(at / 2), at % 2 * BLOCK_LEN);
        stage.say(conn, &Message::Request(Request { piece, begin, len: BLOCK_LEN }));
    }
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

/// Round trips over TCP become as long as this, and little arrives.
fn fill_line(stage: &mut Stage, rise: Duration) {
    for _ in 0..6 {
        let target = Duration::from_millis(100);
        let sample = LineSample { target, arrived: 100, unsent: 0, rises: vec![rise] };
        stage.feed(Input::Line(sample));
        stage.pass(SECOND / 5);
    }
}

#[test]
fn what_goes_over_tcp_waits_while_the_households_line_has_a_queue() {
    let mut stage = Stage::seed();
    let (conn, block) = (taker(&mut stage), u64::from(BLOCK_LEN));
    fill_line(&mut stage, SECOND);
    carry(&mut stage, conn, 10 * SECOND);
    let slowly = given(&stage);
    assert!((9 * block..=17 * block).contains(&slowly), "the least rate, not nothing: {slowly}");
    stage.feed(Input::OverDatagrams(conn));
    carry(&mut stage, conn, 5 * SECOND);
    assert_eq!(given(&stage), BLOCKS as u64 * block, "uTP sees to itself");
}

#[test]
fn who_is_of_the_household_does_not_wait_for_its_line_and_a_short_queue_limits_nobody() {
    let mut stage = Stage::seed();
    let conn = stage.call_from(([192, 168, 1, 9], 6881).into());
    let greeting = stage.greeting(conn.0);
    stage.say_bytes(conn, greeting);
    take_all(&mut stage, conn);
    fill_line(&mut stage, SECOND);
    carry(&mut stage, conn, 3 * SECOND);
    let all = BLOCKS as u64 * u64::from(BLOCK_LEN);
    assert_eq!(given(&stage), all);
    let mut stage = Stage::seed();
    let conn = taker(&mut stage);
    fill_line(&mut stage, SECOND / 20);
    carry(&mut stage, conn, 3 * SECOND);
    assert_eq!(given(&stage), all);
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

/// Pieces of the films that share a limit.
const LONG: u32 = 512;
/// Pieces that a taker asks for at one time.
const AHEAD: u32 = 32;
/// How long a peer takes to answer.
const STEP: Duration = Duration::from_millis(50);
/// The media's rate, in bytes per second.
const MEDIA_RATE: u64 = 64 * 1024;
const READER: StreamId = StreamId(1);

/// A peer: of which torrent, what it heard, and whether that began with a handshake.
struct Other {
    torrent: TorrentId,
    framer: Framer,
    greeted: bool,
}

/// Several torrents under one limit, and peers that are quicker than it.
struct Household {
    stage: Stage,
    films: Vec<Arc<Metainfo>>,
    peers: BTreeMap<ConnId, Other>,
    /// Outputs that were carried out.
    carried: usize,
    /// What may be read of the torrent that was added last, by where it starts.
    verified: BTreeMap<u64, u64>,
}

impl Household {
    fn new(limits: Limits) -> Self {
        let mut stage = Stage::seed();
        stage.feed(Input::Remove(TORRENT));
        stage.feed(Input::Limits(limits));
        let carried = stage.done.len();
        let (films, peers, verified) = Default::default();
        Self { stage, films, peers, carried, verified }
    }

    /// One more torrent, of which so many pieces are there.
    fn add(&mut self, want: Want, pieces: u32) -> TorrentId {
        let torrent = TorrentId(self.films.len() as u32);
        let film = Arc::new(film_with(Version::V1, torrent.0 as u8, LONG));
        self.films.push(Arc::clone(&film));
        self.stage.feed(Input::Add(Box::new(AddTorrent {
            torrent,
            hashes: film.info.hashes(),
            metainfo: Some(film),
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want,
            recheck: false,
        })));
        let pieces = (0..pieces).map(Piece).collect();
        self.stage.feed(Input::Prepared(torrent, Ok(Prepared { pieces, blocks: vec![] })));
        torrent
    }

    fn greet(&mut self, torrent: TorrentId) -> ConnId {
        self.stage.film = Arc::clone(&self.films[torrent.0 as usize]);
        let conn = self.stage.greet();
        self.peers.insert(conn, Other { torrent, framer: Framer::default(), greeted: false });
        conn
    }

    /// Somebody has all of a torrent and gives it.
    fn giver(&mut self, torrent: TorrentId) {
        let conn = self.greet(torrent);
        self.stage.say(conn, &Message::HaveAll);
        self.stage.say(conn, &Message::Unchoke);
    }

    /// Somebody takes a torrent's first pieces again and again.
    fn taker(&mut self, torrent: TorrentId) {
        let conn = self.greet(torrent);
        self.stage.say(conn, &Message::HaveNone);
        self.stage.say(conn, &Message::Interested);
        for piece in (0..AHEAD).map(Piece) {
            self.stage.say(conn, &Message::Request(Request { piece, begin: 0, len: BLOCK_LEN }));
        }
    }

    /// Somebody begins to watch a film here.
    fn open(&mut self, torrent: TorrentId, position: u64) {
        self.stage.feed(Input::MediaRate(torrent, MEDIA_RATE));
        let end = u64::from(LONG * PIECE_LEN);
        let stream = READER;
        self.stage.feed(Input::Open(OpenStream { stream, torrent, file: 0..end, position, end }));
    }

    fn pass(&mut self, span: Duration) {
        let until = self.stage.now + span;
        while self.stage.now < until {
            self.stage.pass(STEP);
            self.carry();
        }
    }

    /// What was asked of the disk and of peers since the last time is done.
    fn carry(&mut self) {
        for output in self.stage.done.split_off(self.carried) {
            match output {
                Output::Send(conn, bytes) => self.hear(conn, bytes),
                Output::Store { op, .. } => self.stage.feed(Input::Stored(op, Ok(None))),
                Output::Hash { op, torrent, .. } => {
                    let hash = sha1(&vec![torrent.0 as u8; PIECE_LEN as usize]);
                    self.stage.feed(Input::Hashed(op, Ok(hash)));
                }
                Output::Load { op, len, .. } => {
                    let bytes = Bytes::from(vec![0; len as usize]);
                    self.stage.feed(Input::Loaded(op, Ok(bytes)));
                }
                Output::Verified { torrent, range }
                    if torrent.0 as usize + 1 == self.films.len() =>
                {
                    self.verified.insert(range.start, range.end);
                }
                _ => (),
            }
        }
    }

    fn hear(&mut self, conn: ConnId, bytes: Bytes) {
        self.stage.feed(Input::Sent(conn, bytes.len()));
        let Some(other) = self.peers.get_mut(&conn) else { return };
        let byte = other.torrent.0 as u8;
        other.framer.push(bytes);
        if !std::mem::replace(&mut other.greeted, true) {
            other.framer.handshake().expect("it greets well").expect("it greets first");
        }
        while let Some(message) = self.peers.get_mut(&conn).and_then(next) {
            match message {
                Message::Request(Request { piece, begin, len }) => {
                    let data = Bytes::from(vec![byte; len as usize]);
                    self.stage.say(conn, &Message::Piece { piece, begin, data });
                }
                Message::Piece { piece, begin, data } => {
                    let len = data.len() as u32;
                    // Not the same again: nobody is given that for long.
                    let piece = Piece((piece.0 + AHEAD) % (LONG / 2));
                    self.stage.say(conn, &Message::Request(Request { piece, begin, len }));
                }
                _ => (),
            }
        }
    }

    /// How far the torrent that was added last can be read.
    fn ready(&self) -> u64 {
        let next = |at: &u64| self.verified.get(at).copied();
        std::iter::successors(Some(0), next).last().unwrap_or(0)
    }

    fn taken(&self, torrent: TorrentId) -> u64 {
        self.stage.engine.torrent_stats(self.stage.now, torrent).expect("known").downloaded
    }

    fn given(&self, torrent: TorrentId) -> u64 {
        self.stage.engine.torrent_stats(self.stage.now, torrent).expect("known").uploaded
    }
}

fn next(other: &mut Other) -> Option<Message> {
    other.framer.next().expect("it speaks well")
}

fn about(part: u64, whole: u64, percent: std::ops::RangeInclusive<u64>) -> bool {
    percent.contains(&(100 * part / whole))
}

#[test]
fn torrents_that_nobody_watches_share_a_download_limit() {
    let down = 4 * MEDIA_RATE;
    let mut home = Household::new(Limits { down_rate_max: Some(down), ..Limits::NONE });
    let torrents: Vec<_> = (0..3).map(|_| home.add(Want::All, 0)).collect();
    for torrent in &torrents {
        home.giver(*torrent);
    }
    // Nor is more had by whoever has more peers.
    home.giver(torrents[1]);
    home.pass(60 * SECOND);
    let taken: Vec<_> = torrents.iter().map(|torrent| home.taken(*torrent)).collect();
    let all = taken.iter().sum::<u64>();
    assert!(about(all, 60 * down, 90..=105), "{all} bytes in all");
    assert!(taken.iter().all(|taken| about(*taken, all, 30..=36)), "{taken:?}");
}

#[test]
fn a_film_that_is_begun_while_others_fetch_gets_what_it_needs_and_leaves_them_the_rest() {
    let down = 2 * MEDIA_RATE;
    let mut home = Household::new(Limits { down_rate_max: Some(down), ..Limits::NONE });
    let others: Vec<_> = (0..2).map(|_| home.add(Want::All, 0)).collect();
    others.iter().for_each(|torrent| home.giver(*torrent));
    home.pass(10 * SECOND);
    let before: u64 = others.iter().map(|torrent| home.taken(*torrent)).sum();

    let film = home.add(Want::Nothing, 0);
    home.giver(film);
    home.open(film, 0);
    let opened = home.stage.now;
    for second in 1..=120 {
        home.pass(SECOND);
        let (played, ready) = (play(&mut home, opened), home.ready());
        assert!(second < 5 || played + 4 * MEDIA_RATE < ready, "{ready} at {played}");
        let taken = home.taken(film);
        assert!(second != 10 || about(taken, 10 * down, 80..=105), "{taken} bytes at first");
    }
    let rest: u64 = others.iter().map(|torrent| home.taken(*torrent)).sum::<u64>() - before;
    assert!(about(rest, 120 * down, 20..=50), "{rest} bytes of what nobody watches");
    let each: Vec<_> = others.iter().map(|torrent| home.taken(*torrent)).collect();
    assert!(each[0].abs_diff(each[1]) < 16 * u64::from(BLOCK_LEN), "{each:?}");
}

/// The player reads at the media's rate; up to where it is.
fn play(home: &mut Household, opened: Time) -> u64 {
    let played = home.stage.now.since(opened).as_secs() * MEDIA_RATE;
    home.stage.feed(Input::Read(READER, played));
    played
}

#[test]
fn a_film_that_nobody_has_leaves_others_the_download_limit() {
    let down = 2 * MEDIA_RATE;
    let mut home = Household::new(Limits { down_rate_max: Some(down), ..Limits::NONE });
    let other = home.add(Want::All, 0);
    home.giver(other);
    let film = home.add(Want::Nothing, 0);
    let idle = home.greet(film);
    home.stage.say(idle, &Message::HaveNone);
    home.stage.say(idle, &Message::Unchoke);
    home.open(film, 0);
    home.pass(30 * SECOND);
    let taken = home.taken(other);
    assert!(about(taken, 30 * down, 90..=105), "{taken} bytes");
}

#[test]
fn torrents_share_an_upload_limit() {
    let up = 4 * MEDIA_RATE;
    let mut home = Household::new(Limits { up_rate_max: Some(up), ..Limits::NONE });
    let torrents: Vec<_> = (0..3).map(|_| home.add(Want::All, LONG)).collect();
    torrents.iter().for_each(|torrent| home.taker(*torrent));
    home.taker(torrents[1]);
    home.pass(60 * SECOND);
    let given: Vec<_> = torrents.iter().map(|torrent| home.given(*torrent)).collect();
    let all = given.iter().sum::<u64>();
    assert!(about(all, 60 * up, 90..=105), "{all} bytes in all");
    assert!(given.iter().all(|given| about(*given, all, 30..=36)), "{given:?}");
}

#[test]
fn a_film_whose_viewer_has_little_ahead_gives_half_and_leaves_others_half() {
    let up = 4 * MEDIA_RATE;
    let mut home = Household::new(Limits { up_rate_max: Some(up), ..Limits::NONE });
    let others: Vec<_> = (0..4).map(|_| home.add(Want::All, LONG)).collect();
    let film = home.add(Want::Nothing, LONG / 2);
    others.iter().for_each(|torrent| home.taker(*torrent));
    home.taker(film);
    home.open(film, u64::from(LONG / 2 * PIECE_LEN));
    home.pass(60 * SECOND);
    let all = 60 * up;
    assert!(about(home.given(film), all, 48..=65), "{}", home.given(film));
    let given: Vec<_> = others.iter().map(|torrent| home.given(*torrent)).collect();
    assert!(given.iter().all(|given| about(*given, all, 8..=13)), "{given:?}");
}
