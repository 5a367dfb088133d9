//! Who can give us blocks: peers and web seeds, under one name for the scheduler.

use crate::id::ConnId;

/// A giver of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Source {
    /// A peer.
    Peer(ConnId),
    /// A web seed, by its place in the torrent's list.
    Web(usize),
}
