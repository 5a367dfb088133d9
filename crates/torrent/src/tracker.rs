//! What trackers are asked and how they answer: over HTTP (BEP 3, 7, 23, 24, 48) and UDP (BEP 15, 41).

pub mod http;
pub mod udp;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use thiserror::Error;

use crate::{Sha1Hash, bencode::BadBencode, paths::is_unseen};

/// Peers that are read from one answer; the rest is left out.
pub const MAX_PEERS: usize = 2000;

/// Bytes of an answer that are read.
pub const MAX_ANSWER: usize = 1 << 20;

/// The bounds of how often a tracker may want to hear from us.
const INTERVALS: std::ops::RangeInclusive<u64> = 60..=3600;

/// The interval where a tracker does not say one.
const DEFAULT_INTERVAL: i64 = 1800;

/// What we tell a tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announce {
    /// The torrent, under one of its names.
    pub infohash: Sha1Hash,
    /// Our identity in this swarm.
    pub peer_id: [u8; 20],
    /// The port we listen on.
    pub port: u16,
    /// Bytes sent to peers since the start.
    pub uploaded: u64,
    /// Bytes received and kept since the start.
    pub downloaded: u64,
    /// Bytes still missing.
    pub left: u64,
    /// Why now.
    pub event: Event,
    /// How many peers we would like.
    pub wanted: u32,
    /// Tells the tracker that it is still us when our address changes.
    pub key: u32,
}

/// Why we announce now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Event {
    /// It is time again.
    #[default]
    Regular,
    /// The first announce.
    Started,
    /// The last piece came.
    Completed,
    /// We leave.
    Stopped,
}

/// A tracker's answer to an announce.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Announced {
    /// Peers, both families together, as the tracker says; ports are never 0.
    pub peers: Vec<SocketAddr>,
    /// When the tracker wants to hear from us again: a minute to an hour, whatever it says.
    pub interval: Duration,
    /// Before when it does not; no longer than `interval`.
    pub min_interval: Option<Duration>,
    /// Peers that have everything.
    pub seeders: Option<u32>,
    /// Peers that do not.
    pub leechers: Option<u32>,
    /// Our own address as the tracker sees it (BEP 24).
    pub external_ip: Option<IpAddr>,
    /// To be given back in the next announce.
    pub tracker_id: Option<Vec<u8>>,
    /// What the tracker has to say although all is well; safe to show.
    pub warning: Option<String>,
}

/// What a tracker knows of one torrent (BEP 48).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scraped {
    /// Peers that have everything.
    pub seeders: u32,
    /// Peers that do not.
    pub leechers: u32,
    /// How often the torrent was downloaded to the end.
    pub completed: u32,
}

/// An answer that is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadAnswer {
    /// The tracker said no, in its own words, safe to show.
    #[error("the tracker refuses: {0}")]
    Refused(String),
    /// Not bencoding.
    #[error("the tracker's answer is damaged: {0}")]
    Bencode(#[from] BadBencode),
    /// Something that must be there is not.
    #[error("the tracker's answer has no proper `{0}`")]
    Missing(&'static str),
    /// A packet that is too short for what it says it is.
    #[error("the tracker's answer is only {found} bytes long")]
    Short {
        /// Its length.
        found: usize,
    },
    /// A packet that answers something else than we asked: to be ignored, the answer may still come.
    #[error("a packet that answers nothing we asked")]
    Foreign,
}

/// A tracker's words as they may be shown: one line, no hidden characters.
fn shown(words: &[u8]) -> String {
    let text = String::from_utf8_lossy(&words[..words.len().min(1024)]);
    text.chars().filter(|c| !is_unseen(*c)).take(256).collect()
}

/// An interval within the bounds; nonsense becomes the nearest bound.
fn interval(seconds: i64) -> Duration {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    Duration::from_secs(seconds.clamp(*INTERVALS.start(), *INTERVALS.end()))
}

/// Peers that can be dialled, as many as are read.
fn usable(peers: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    peers.filter(|peer| peer.port() != 0 && !peer.ip().is_unspecified()).take(MAX_PEERS).collect()
}
