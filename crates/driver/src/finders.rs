//! Who finds peers by itself, beside trackers and other peers.

use std::net::SocketAddr;

use engine::{AnnounceFault, SwarmSize, TorrentId};
use torrent::{InfoHashes, Sha1Hash};

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

    /// How many peers torrents have, as far as the DHT knows (BEP 33).
    pub(crate) async fn scrape(
        &self,
        infohashes: &[Sha1Hash],
    ) -> Result<Vec<(Sha1Hash, SwarmSize)>, AnnounceFault> {
        let dht = self.dht.as_ref().ok_or(AnnounceFault::NotReached)?;
        let mut sizes = Vec::new();
        for infohash in infohashes {
            let counted = dht.scrape((*infohash).into()).await;
            let (seeds, leechers) = counted.map_err(|_| AnnounceFault::NotReached)?;
            sizes.push((*infohash, SwarmSize { seeds, leechers, completed: None }));
        }
        Ok(sizes)
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
