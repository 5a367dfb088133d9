//! What the engine asks the driver to do.

use std::{net::SocketAddr, ops::Range, sync::Arc};

use bytes::Bytes;
use torrent::{Block, Metainfo, Piece};

use crate::{
    bans::Ban,
    id::{ConnId, OpId, TorrentId},
    news::{HangUpWhy, News},
    scrape::Whom,
};

/// Something the driver must do. It does so in order, and never decides.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Connect; answer `Dialled` or `Lost`.
    Dial(ConnId, TorrentId, SocketAddr),
    /// Connect over uTP alone to a peer that does the same at this moment (BEP 55); answer `Dialled` or `Lost`.
    Punch(ConnId, TorrentId, SocketAddr),
    /// Write to a connection; answer `Sent` as bytes leave.
    Send(ConnId, Bytes),
    /// Close a connection and forget it.
    HangUp(ConnId, HangUpWhy),

    /// Ask one tracker; answer `Announced`.
    Announce(OpId, Announce),
    /// Ask how many take part in some torrents (BEP 48, 15, 33); answer `Scraped`.
    Scrape {
        /// The operation.
        op: OpId,
        /// Who is asked.
        whom: Whom,
        /// The torrents' names.
        infohashes: Vec<torrent::Sha1Hash>,
    },
    /// Get a content range from a web seed (BEP 19); answer `Fetched`… then `FetchEnded`.
    /// The driver maps content to files and joins what comes from several; padding is not asked for but filled with zeros.
    Fetch {
        /// Its name.
        op: OpId,
        /// The torrent.
        torrent: TorrentId,
        /// Where from.
        url: String,
        /// The content range.
        range: Range<u64>,
    },
    /// Get a metainfo file from a web server; answer `Described`.
    Describe {
        /// Its name.
        op: OpId,
        /// Where it is.
        url: String,
        /// How long it may be, bytes.
        len_max: u32,
    },
    /// Stop a web fetch, of a description as well. No answer.
    StopFetch(OpId),

    /// The metainfo is known: open the storage, read the resume record or hash what is there; answer `Prepared`.
    Prepare {
        /// The torrent.
        torrent: TorrentId,
        /// What is in it.
        metainfo: Arc<Metainfo>,
        /// Whether to hash everything on disk.
        recheck: bool,
    },
    /// Write a block (never verified yet unless `verified`); answer `Stored`, with its SHA-256 if `leaf`.
    Store {
        /// Its name.
        op: OpId,
        /// The torrent.
        torrent: TorrentId,
        /// Which block.
        block: Block,
        /// Its bytes.
        bytes: Bytes,
        /// Whether its SHA-256 is wanted.
        leaf: bool,
        /// Whether somebody waits for its piece: the SHA-1 of that is best gone on with as blocks come.
        soon: bool,
    },
    /// Hash a whole stored piece with SHA-1; answer `Hashed`.
    Hash {
        /// Its name.
        op: OpId,
        /// The torrent.
        torrent: TorrentId,
        /// The piece.
        piece: Piece,
        /// Whether somebody waits for it. If not, it may wait a quarter of a second to be hashed together with others.
        soon: bool,
    },
    /// Read a part of a piece, for a peer or to compare a wrong piece with the right one; answer `Loaded`.
    Load {
        /// Its name.
        op: OpId,
        /// The torrent.
        torrent: TorrentId,
        /// The piece.
        piece: Piece,
        /// Where the part starts in the piece.
        begin: u32,
        /// Its length in bytes.
        len: u32,
    },
    /// This content range is on disk and verified: readers may have it.
    Verified {
        /// The torrent.
        torrent: TorrentId,
        /// The content range.
        range: Range<u64>,
    },
    /// This piece is complete and verified: the resume record may say so after a sync.
    Complete {
        /// The torrent.
        torrent: TorrentId,
        /// The piece.
        piece: Piece,
    },
    /// Give the piece's space back; readers no longer have it, the resume record first.
    Evict {
        /// The torrent.
        torrent: TorrentId,
        /// The piece.
        piece: Piece,
    },

    /// A host is banned. It is to stay so when the program is started anew: what is left then is told with
    /// [`crate::Input::Banned`].
    Banned(Ban),

    /// What goes on in a meeting place ([`crate::Input::Meet`]).
    Gossip(TorrentId, Gossip),

    /// Something a person, a log or a test may want to know.
    Tell(News),
}

/// What goes on in a meeting place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gossip {
    /// A peer that speaks `kn_head` is there; the address is the one at which it can be called.
    Joined(ConnId, SocketAddr),
    /// It said this.
    Said(ConnId, Bytes),
    /// It is gone.
    Left(ConnId),
}

/// One announce to one tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announce {
    /// The torrent.
    pub torrent: TorrentId,
    /// The tracker's URL, a stranger's text.
    pub url: String,
    /// The 20-byte infohash to announce: a hybrid announces both of its names, one announce each.
    pub infohash: torrent::Sha1Hash,
    /// Why now.
    pub event: AnnounceEvent,
    /// Our identity in this swarm.
    pub peer_id: [u8; 20],
    /// Bytes sent to peers since start.
    pub uploaded: u64,
    /// Bytes received and kept since start.
    pub downloaded: u64,
    /// Bytes still missing.
    pub left: u64,
    /// How many peers we would like.
    pub wanted: u32,
}

/// The `event` of an announce (BEP 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnounceEvent {
    /// First one.
    Started,
    /// The download just finished.
    Completed,
    /// We leave.
    Stopped,
    /// None of these.
    Regular,
}
