//! What should we ask, of whom, by when, so that the player never waits and the swarm loses nothing?
//!
//! The engine does no I/O and reads no clock. A driver feeds it [`Input`]s with the time they happened and
//! carries out the [`Output`]s it asks for. Any number of inputs may be handled before the outputs are
//! drained; the order of outputs is the order in which they were decided.

mod config;
mod id;
mod input;
mod news;
mod output;
mod time;

use std::collections::VecDeque;

pub use crate::{
    config::{Config, Limits},
    id::{ConnId, OpId, StreamId, TorrentId},
    input::{
        AddTorrent, AnnounceFault, Announced, DiskFault, FetchFault, Input, LostWhy, OpenStream,
        PeerSource, Prepared, Want,
    },
    news::{HangUpWhy, News, StallWhy},
    output::{Announce, AnnounceEvent, Output},
    time::Time,
};

/// All torrents, their swarms and their readers; one owner, no locks.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    outputs: VecDeque<Output>,
}

impl Engine {
    /// An engine without torrents.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, outputs: VecDeque::new() }
    }

    /// Takes in one event and decides what follows from it.
    pub fn handle_input(&mut self, _now: Time, input: Input) {
        if let Input::Limits(limits) = input {
            self.config.limits = limits;
        }
    }

    /// The next thing to do, if any is left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call again with [`Input::DeadlinePassed`] if nothing happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        None
    }

    /// How a torrent is doing, for people; `None` if it is not known.
    #[must_use]
    pub fn torrent_stats(&self, _now: Time, _torrent: TorrentId) -> Option<TorrentStats> {
        None
    }
}

/// How a torrent is doing at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TorrentStats {
    /// Bytes verified and on disk (padding not counted).
    pub have_bytes: u64,
    /// Bytes wanted in all (padding not counted).
    pub wanted_bytes: u64,
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
    /// Bytes received twice or found wrong.
    pub wasted: u64,
    /// Copies of the rarest piece among connected peers.
    pub availability_min: u32,
    /// What a waiting reader waits for.
    pub stall: Option<StallWhy>,
}
