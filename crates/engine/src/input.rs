//! What happens outside and the engine must hear of.

use std::{
    net::{IpAddr, SocketAddr},
    ops::{Range, RangeInclusive},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use torrent::{Block, InfoHashes, Metainfo, Piece};

use crate::{
    bans::Ban,
    config::{Limits, Rates},
    id::{ConnId, OpId, StreamId, TorrentId},
    mirrors::Mirror,
    scrape::SwarmSize,
};

/// Something that happened outside. Handling one cannot fail.
#[derive(Debug, Clone)]
pub enum Input {
    /// A torrent to take part in. For one that is known, its trackers, web seeds and peers are added.
    Add(Box<AddTorrent>),
    /// A torrent to leave; its connections close, its disk operations are forgotten.
    Remove(TorrentId),
    /// What to fetch without a reader asking for it.
    Want(TorrentId, Want),
    /// The mirrors of a torrent from now on, in place of those before.
    Mirrors(TorrentId, Vec<Mirror>),
    /// Stop (or resume) all traffic of a torrent without forgetting it.
    Pause(TorrentId, bool),
    /// Keep a torrent's bytes whatever the quota says.
    Pin(TorrentId, bool),
    /// Make a torrent a meeting place for as long as it is known: its peers exchange news by the extension `kn_head`,
    /// and nobody has or asks for content.
    Meet(TorrentId),
    /// Tell a peer of a meeting place something.
    Gossip(TorrentId, ConnId, Bytes),
    /// A peer of a meeting place told something that no honest one would: ban it.
    Ban(TorrentId, ConnId),
    /// Bans of an earlier run, as [`crate::Output::Banned`] told of them, with what is left of each.
    Banned(Vec<Ban>),
    /// What one torrent may take and give, beside the limits of all together.
    Rates(TorrentId, Rates),
    /// New limits from the settings.
    Limits(Limits),

    /// A reader opened a part of the content.
    Open(OpenStream),
    /// A reader's next byte is this content offset: everything before it was handed over. Also a seek.
    Read(StreamId, u64),
    /// The container's index or another part that the player will certainly need soon, as content ranges.
    Hint(TorrentId, Vec<Range<u64>>),
    /// The media's bit rate in bytes per second, once somebody knows it.
    MediaRate(TorrentId, u64),
    /// A reader is gone: its demand goes with it.
    Close(StreamId),

    /// Somebody told us of peers.
    Found {
        /// The torrent.
        torrent: TorrentId,
        /// Their addresses.
        peers: Vec<SocketAddr>,
        /// Who told.
        source: PeerSource,
    },
    /// A connection the engine asked for stands; the engine may send.
    Dialled(ConnId),
    /// A stranger connected to us. The driver named the connection (odd number).
    Accepted(ConnId, SocketAddr),
    /// The internet sees us at this address.
    ExternalAddress(IpAddr),
    /// A connection, dialled or accepted before, goes over uTP.
    OverDatagrams(ConnId),
    /// Bytes from a peer, in order, cut anywhere.
    Received(ConnId, Bytes),
    /// This many bytes given by [`crate::Output::Send`] have left for the socket: credit for more.
    Sent(ConnId, usize),
    /// What TCP connections to the internet tell of the line that they share.
    Line(LineSample),
    /// A connection is gone, or a dial failed. Not sent after the engine's own `HangUp`.
    Lost(ConnId, LostWhy),

    /// A tracker's answer to [`crate::Output::Announce`].
    Announced(OpId, Result<Announced, AnnounceFault>),
    /// The answer to [`crate::Output::Scrape`], for those torrents of which anything is known.
    Scraped(OpId, Result<Vec<(torrent::Sha1Hash, SwarmSize)>, AnnounceFault>),
    /// Bytes of a web fetch, in order.
    Fetched(OpId, Bytes),
    /// A web fetch has ended: all bytes came, or not.
    FetchEnded(OpId, Result<(), FetchFault>),
    /// The bytes that [`crate::Output::Describe`] asked for.
    Described(OpId, Result<Bytes, FetchFault>),

    /// The storage of a torrent is ready, with what a recheck or the resume record says is there and right.
    Prepared(TorrentId, Result<Prepared, DiskFault>),
    /// A block was written; `leaf` is its SHA-256 if it was asked for.
    Stored(OpId, Result<Option<torrent::Sha256Hash>, DiskFault>),
    /// A whole piece's SHA-1.
    Hashed(OpId, Result<torrent::Sha1Hash, DiskFault>),
    /// The bytes of a verified block, read for a peer.
    Loaded(OpId, Result<Bytes, DiskFault>),

    /// Nothing but the deadline passing.
    DeadlinePassed,
}

/// What the system says of the TCP connections to the internet over which something was sent since the last time. Such
/// measurements come several times a second while bytes are sent, and not otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineSample {
    /// The queueing delay to aim at.
    pub target: Duration,
    /// Bytes that have arrived since.
    pub arrived: u64,
    /// Bytes that the system was given and has not sent yet.
    pub unsent: u64,
    /// By how much the round trip of each, smoothed, is longer than its shortest one.
    pub rises: Vec<Duration>,
}

/// A torrent as it is added: by its metainfo, or by its names alone (magnet).
#[derive(Debug, Clone)]
pub struct AddTorrent {
    /// Its name between engine and driver.
    pub torrent: TorrentId,
    /// What it is called in swarms.
    pub hashes: InfoHashes,
    /// What is in it; `None` until peers give it (BEP 9).
    pub metainfo: Option<Arc<Metainfo>>,
    /// Trackers in tiers (BEP 12). From the metainfo or the magnet link, and what the user added.
    pub trackers: Vec<Vec<String>>,
    /// Web seeds (BEP 19).
    pub web_seeds: Vec<String>,
    /// Peers given with it (`x.pe`, command line): dialled first.
    pub peers: Vec<SocketAddr>,
    /// What to fetch without a reader.
    pub want: Want,
    /// Ignore the resume record and hash everything on disk.
    pub recheck: bool,
}

/// What to fetch in the background, rarest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Only what readers ask for.
    Nothing,
    /// Everything.
    All,
    /// These files, by index.
    Files(Vec<usize>),
    /// The files in these ranges of indices, as magnet links name them (BEP 53).
    Selected(Vec<RangeInclusive<u32>>),
}

/// A reader of one file.
#[derive(Debug, Clone)]
pub struct OpenStream {
    /// Its name.
    pub stream: StreamId,
    /// The torrent it reads.
    pub torrent: TorrentId,
    /// The file's place in the content.
    pub file: Range<u64>,
    /// The content offset of the first byte it will read.
    pub position: u64,
    /// The content offset where it will stop; an open-ended HTTP range gives the file's end.
    pub end: u64,
}

/// Where a peer's address came from; the order is the order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeerSource {
    /// Given by the user, the magnet link or our own resume record.
    Given,
    /// A tracker.
    Tracker,
    /// Another peer (BEP 11).
    Exchange,
    /// The DHT (BEP 5).
    Dht,
    /// The local network (BEP 14).
    Local,
}

/// Why a connection ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostWhy {
    /// Refused, unreachable, or no answer in time.
    NotReached,
    /// The peer closed it.
    Closed,
    /// It broke.
    Broken,
    /// The address policy or a limit of the driver forbids it.
    Forbidden,
}

/// A tracker's answer (BEP 3, 7, 15, 23, 24).
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// Peers, both families together.
    pub peers: Vec<SocketAddr>,
    /// When the tracker wants to hear from us again.
    pub interval: Duration,
    /// Peers that have everything, if the tracker says.
    pub seeders: Option<u32>,
    /// Peers that do not, if the tracker says.
    pub leechers: Option<u32>,
    /// Where the tracker sees us, if it says (BEP 24).
    pub external_ip: Option<IpAddr>,
}

/// Why an announce failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnounceFault {
    /// Unreachable or silent.
    NotReached,
    /// The tracker said no, in its own words (a stranger's text).
    Refused(String),
    /// The answer was not an answer.
    Garbled,
    /// The address policy forbids this tracker.
    Forbidden,
}

/// Why a web fetch ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchFault {
    /// Unreachable, or no HTTP came of it.
    NotReached,
    /// It was reached, and did not give all of it in the time there is: silent, or a trickle.
    Late,
    /// It was reached, and its answer ended in the middle.
    CutShort,
    /// An HTTP status other than what was asked for; `retry_after` if the server said (503, 429).
    Status {
        /// The status.
        status: u16,
        /// When to come back, if the server said.
        retry_after: Option<Duration>,
    },
    /// The server cannot do ranges, or its file has another length.
    Unfit,
    /// The address policy forbids this server.
    Forbidden,
}

/// What storage holds when it is opened.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    /// Verified pieces.
    pub pieces: Vec<Piece>,
    /// Verified blocks of other pieces (v2: a block can be verified alone).
    pub blocks: Vec<Block>,
}

/// A disk operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// No space left.
    Full,
    /// Not permitted, or a read-only file system.
    Denied,
    /// Anything else.
    Broken,
}
