//! Who can give us blocks: peers, web seeds and our own disk, under one name for the scheduler.

use crate::id::{ConnId, TorrentId};

/// A giver of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Source {
    /// A peer.
    Peer(ConnId),
    /// A web seed, by its place in the torrent's list.
    Web(usize),
    /// Another torrent, that has the same file.
    Sibling(TorrentId),
}
