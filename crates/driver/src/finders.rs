//! Who finds peers by itself, beside trackers and other peers.

use std::net::SocketAddr;

use engine::TorrentId;
use torrent::InfoHashes;

use crate::{dht::Dht, neighbours::Neighbours};

/// Those a session makes use of. A private torrent must not be followed (BEP 27).
#[derive(Debug, Clone)]
pub(crate) struct Finders {
    pub(crate) dht: Option<Dht>,
    pub(crate) neighbours: Option<Neighbours>,
}

impl Finders {
    /// Finds a torrent's peers for the engine from now on, and announces us.
    pub(crate) fn follow(&self, torrent: TorrentId, hashes: InfoHashes) {
        if let Some(dht) = &self.dht {
            dht.follow(torrent, hashes);
        }
        if let Some(neighbours) = &self.neighbours {
            neighbours.follow(torrent, hashes);
        }
    }

    /// We have all of a torrent that is followed.
    pub(crate) fn seeds(&self, torrent: TorrentId) {
        if let Some(dht) = &self.dht {
            dht.seeds(torrent, true);
        }
    }

    /// How many take part in a torrent in which we do not.
    pub(crate) fn count(&self, torrent: TorrentId, hashes: InfoHashes) {
        if let Some(dht) = &self.dht {
            dht.count(torrent, hashes);
        }
    }

    /// A peer told of its node in the DHT.
    pub(crate) fn dht_node(&self, addr: SocketAddr) {
        if let Some(dht) = &self.dht {
            dht.node(addr);
        }
    }

    /// No more of that.
    pub(crate) fn leave(&self, torrent: TorrentId) {
        if let Some(dht) = &self.dht {
            dht.leave(torrent);
        }
        if let Some(neighbours) = &self.neighbours {
            neighbours.leave(torrent);
        }
    }
}
