//! What the engine tells people, logs and tests. The engine logs nothing itself.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use torrent::{BadMetainfo, Metainfo, Piece};

use crate::{
    id::{ConnId, StreamId, TorrentId},
    input::DiskFault,
};

/// Something worth telling.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The metainfo of what was added without it came, from peers or from whoever added it again.
    Metadata(TorrentId, Arc<Metainfo>),
    /// The description has the torrent's hash and cannot be used, and why: the torrent is paused.
    DescriptionRefused(TorrentId, BadMetainfo),
    /// All that is wanted is there.
    Finished(TorrentId),
    /// It takes part from now on: it was added, resumed, or has a place in the queue. Told again when its description came,
    /// which may have another name of it.
    TakesPart(TorrentId),
    /// It rests from now on: it was paused, or waits for a place in the queue.
    Rests(TorrentId),
    /// A peer finished its handshake.
    PeerJoined(TorrentId, ConnId, SocketAddr),
    /// A peer is gone.
    PeerLeft(TorrentId, ConnId, HangUpWhy),
    /// A block that a peer sent was wrong. One alone may be an accident, and is forgiven.
    PeerErred(TorrentId, SocketAddr),
    /// A peer sent bytes that were not the torrent's, and is banned.
    PeerLied(TorrentId, SocketAddr),
    /// A peer promised and did not deliver; it gets probes only.
    PeerSnubbed(TorrentId, ConnId),
    /// A whole piece was wrong; its senders are being told apart.
    PieceWrong(TorrentId, Piece),
    /// A reader waits.
    StallBegan(StreamId, StallWhy),
    /// A reader goes on, after this long.
    StallEnded(StreamId, Duration),
    /// A tracker does not help, and why (a stranger's text may be in it).
    TrackerFailed(TorrentId, String, String),
    /// A web seed does not help, and why.
    WebSeedFailed(TorrentId, String, String),
    /// The disk does not take or give bytes: the torrent is paused until told otherwise.
    DiskFailed(TorrentId, DiskFault),
    /// A peer's DHT node listens there (BEP 5): if it does, it is one more.
    DhtNode(SocketAddr),
    /// A broken promise inside the engine; counted, the film goes on.
    Bug(&'static str),
}

/// Why a reader waits, for the sentence on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StallWhy {
    /// The torrent's description is still being fetched.
    Metadata,
    /// What is on disk is being checked.
    Checking,
    /// Nobody reachable was found yet.
    NoPeers,
    /// Connected, but nobody lets us download.
    Choked,
    /// Peers are there and none of them has this part.
    Missing,
    /// It is on its way.
    Fetching,
}

/// Why the engine hangs up, or why a peer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HangUpWhy {
    /// The peer's bytes break the protocol.
    Protocol,
    /// It speaks plainly, and that is not allowed.
    Unencrypted,
    /// The handshake took too long.
    HandshakeSlow,
    /// Nothing came for too long, or nothing was taken.
    Silent,
    /// It is us.
    Ourselves,
    /// Connected already.
    Twice,
    /// An infohash we do not serve.
    UnknownTorrent,
    /// Both of us have everything.
    Useless,
    /// Banned for bad data.
    Banned,
    /// A limit on connections.
    Full,
    /// Too many requests or messages.
    Flood,
    /// The torrent was removed or paused.
    Removed,
    /// The other side closed or the path broke.
    Lost,
    /// It could not be reached.
    NotReached,
}
