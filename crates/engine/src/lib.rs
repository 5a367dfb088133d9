//! What should we ask, of whom, by when, so that the player never waits and the swarm loses nothing?
//!
//! The engine does no I/O and reads no clock. A driver feeds it [`Input`]s with the time they happened and
//! carries out the [`Output`]s it asks for. Any number of inputs may be handled before the outputs are
//! drained; the order of outputs is the order in which they were decided.
//!
//! | module | question |
//! |---|---|
//! | `swarm`, `peer`, `messages`, `candidates`, `calls`, `hosts`, `encryption` | who is there, and what do they say? |
//! | `pieces`, `content`, `siblings`, `verify`, `liars`, `hashes` | what do we have, is it right, and if not, whose fault is it? |
//! | `stream`, `readers` | what does the player want next, and by when? |
//! | `schedule`, `picker`, `estimate`, `givers`, `waste`, `web`, `mirrors` | what should we ask, of whom? |
//! | `serve`, `outbox`, `repeats`, `choke`, `limits`, `turns`, `cache`, `queue` | what do we give, what do we keep, and who has to wait? |
//! | `metadata`, `exchange`, `announce`, `scrape` | how do we learn of the torrent and of others? |
//! | `gossip` | what do peers tell each other where there is no content? |

mod agenda;
mod announce;
mod bans;
pub mod bits;
mod cache;
mod calls;
mod candidates;
mod choke;
mod config;
mod content;
mod context;
mod encryption;
mod engine;
mod estimate;
mod exchange;
mod external;
mod givers;
mod gossip;
mod hashes;
mod holepunch;
mod hosts;
mod id;
mod input;
mod liars;
mod limits;
mod line;
mod messages;
mod metadata;
mod mirrors;
mod news;
mod order;
mod outbox;
mod output;
mod peer;
pub mod picker;
mod pieces;
mod queue;
mod random;
mod readers;
mod repeats;
mod schedule;
mod scrape;
mod serve;
mod siblings;
mod source;
mod stats;
mod stream;
mod superseed;
mod swarm;
mod time;
mod torrent;
mod turns;
mod verify;
mod waste;
mod web;

pub use crate::{
    bans::Ban,
    config::{Config, Encryption, Limits, Rates, Secret},
    engine::Engine,
    id::{ConnId, OpId, StreamId, TorrentId},
    input::{
        AddTorrent, AnnounceFault, Announced, DiskFault, FetchFault, Input, LineSample, LostWhy,
        OpenStream, PeerSource, Prepared, Want,
    },
    mirrors::Mirror,
    news::{HangUpWhy, News, StallWhy},
    order::Order,
    output::{Announce, AnnounceEvent, Gossip, Output},
    scrape::{SwarmSize, Whom},
    stats::TorrentStats,
    time::Time,
};
