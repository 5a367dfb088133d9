//! How a torrent is doing, for people.

use std::time::Duration;

use crate::{StallWhy, Time, scrape::SwarmSize, torrent::Torrent};

/// How a torrent is doing at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TorrentStats {
    /// Bytes verified and on disk (padding not counted).
    pub have_bytes: u64,
    /// Bytes wanted in all (padding not counted).
    pub wanted_bytes: u64,
    /// Whether every piece is there, wanted or not: it is a seed.
    pub complete: bool,
    /// Connected peers.
    pub peers: u32,
    /// Connected peers that have everything.
    pub seeds: u32,
    /// Peers that let us download.
    pub unchoked: u32,
    /// Web seeds in use.
    pub web_seeds: u32,
    /// Addresses known and not connected.
    pub known_peers: u32,
    /// Bytes per second, 5 s average.
    pub down_rate: u64,
    /// Bytes per second, 5 s average.
    pub up_rate: u64,
    /// Payload bytes received since it was added.
    pub downloaded: u64,
    /// Payload bytes sent since it was added.
    pub uploaded: u64,
    /// How long it took part with nothing left to fetch since it was added.
    pub gave_for: Duration,
    /// Bytes received twice or thrown away because something was wrong with them.
    pub wasted: u64,
    /// Those of them that were thrown away.
    pub wrong: u64,
    /// How many take part in all, if a tracker or the DHT told.
    pub swarm: Option<SwarmSize>,
    /// Copies of the rarest piece among connected peers.
    pub availability_min: u32,
    /// Whether it rests: no traffic until it is told to go on.
    pub paused: bool,
    /// Whether it waits until another torrent makes room ([`crate::Limits::active_max`]).
    pub queued: bool,
    /// What a waiting reader waits for.
    pub stall: Option<StallWhy>,
}

impl Torrent {
    pub(crate) fn stats(&self, now: Time) -> TorrentStats {
        let open = || self.peers.values().filter(|peer| peer.is_open());
        let stalled = self.streams.values().any(|stream| stream.stalled.is_some());
        let content = self.content.as_ref();
        TorrentStats {
            have_bytes: content.map_or(0, |content| content.pieces.have_bytes()),
            wanted_bytes: content.map_or(0, |content| content.progress().0),
            complete: self.is_complete(),
            peers: count(open().count()),
            seeds: count(open().filter(|peer| peer.is_seed()).count()),
            unchoked: count(open().filter(|peer| !peer.choked_by).count()),
            web_seeds: count(self.webs_in_use(now)),
            known_peers: count(self.candidates.idle()),
            down_rate: self.down.rate(now),
            up_rate: self.up.rate(now),
            downloaded: self.down.total,
            uploaded: self.up.total,
            gave_for: self.giving.in_all(now),
            wasted: self.waste.total,
            wrong: self.waste.wrong,
            swarm: self.swarm.greatest(),
            availability_min: content.map_or(0, |content| content.rarity.rarest()),
            paused: self.paused,
            queued: self.waits && !self.paused,
            stall: stalled.then(|| self.stall_why()),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
