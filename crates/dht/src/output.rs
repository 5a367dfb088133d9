//! What the node asks of its driver, and tells.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{Family, Id, Item, LookupId};

/// Something to carry out, or to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A datagram to send.
    Send(SocketAddr, Vec<u8>),
    /// A lookup found peers that it had not found before.
    Peers {
        /// Which lookup.
        lookup: LookupId,
        /// The peers.
        addrs: Vec<SocketAddr>,
    },
    /// A lookup found an item: a valid one, newer than any it found before.
    Item {
        /// Which lookup.
        lookup: LookupId,
        /// The item.
        item: Item,
    },
    /// A node told part of the infohashes it has peers for.
    Sample {
        /// Which lookup.
        lookup: LookupId,
        /// The node.
        from: SocketAddr,
        /// Some of its infohashes.
        infohashes: Vec<Id>,
        /// How many it has.
        total: u64,
        /// After what time asking again tells others.
        interval: Duration,
    },
    /// About how many peers a torrent has (BEP 33): those that announced themselves to nodes that count.
    Counted {
        /// Which lookup.
        lookup: LookupId,
        /// Addresses of peers that have everything.
        seeds: u32,
        /// Addresses of the others.
        leechers: u32,
    },
    /// A lookup has ended.
    Done {
        /// Which lookup.
        lookup: LookupId,
        /// Why.
        why: DoneWhy,
        /// How it went.
        stats: LookupStats,
    },
    /// Something to know.
    Tell(News),
    /// The table, to be kept for the next run.
    Save(Vec<u8>),
}

/// Why a lookup ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoneWhy {
    /// The closest nodes were found and asked.
    Complete,
    /// No node is known to begin with.
    NoNodes,
    /// Nodes are known, and none answered.
    NoAnswers,
    /// The way was longer than any honest way is.
    CutShort,
    /// There are as many lookups as there may be.
    TooMany,
}

/// How a lookup went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookupStats {
    /// From the beginning to the end.
    pub took: Duration,
    /// From the beginning to the first peer, item or sample.
    pub first_after: Option<Duration>,
    /// Answers on the way to the first peer, item or sample, its own included.
    pub first_hops: u32,
    /// Queries sent.
    pub queries: usize,
    /// Answers received.
    pub answers: usize,
    /// Peers found.
    pub peers: usize,
    /// Nodes that have the newest version of a mutable item that we know of.
    pub copies: usize,
    /// Nodes that took the announce or the item.
    pub stored: usize,
    /// Nodes that refused because they have a newer version (BEP 44: 302).
    pub refused_seq: usize,
    /// Nodes that refused because they have another version than the expected one (BEP 44: 301).
    pub refused_cas: usize,
}

/// What happens in the node, typed: for logs, pages and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Enough nodes are known to find things.
    Joined {
        /// In which of the two DHTs.
        family: Family,
        /// How many nodes are known.
        nodes: usize,
    },
    /// No node that was known or given answered.
    NobodyThere {
        /// In which of the two DHTs.
        family: Family,
    },
    /// Nodes agree on where they see us.
    ExternalAddress(IpAddr),
    /// We took another id, because our address asks for it (BEP 42).
    NewId {
        /// In which of the two DHTs.
        family: Family,
        /// The id.
        id: Id,
    },
    /// A source asks too much and is not heard for a while.
    Blocked(IpAddr),
    /// The snapshot of an earlier run cannot be read.
    BadSnapshot,
}
