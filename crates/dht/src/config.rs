//! Numbers that shape behaviour. `driver` and `app` choose all of them; there is no `Default`.

use crate::Id;

/// How a node is set up for its whole life.
#[derive(Debug, Clone)]
pub struct Config {
    /// The seed of every random choice. Tokens and transaction ids follow from it: nobody may guess it.
    pub seed: [u8; 32],
    /// Our id in both families. `None` takes one that fits our external address, once it is known (BEP 42).
    pub node_id: Option<Id>,
    /// Asks and does not answer (BEP 43): for whom others cannot reach, and whoever does not want to be asked.
    pub read_only: bool,
    /// Whether there is an IPv4 socket.
    pub v4: bool,
    /// Whether there is an IPv6 socket.
    pub v6: bool,
    /// Whether nodes and peers at local addresses count: for networks of our own, and tests.
    pub local_addresses: bool,
    /// The table of an earlier run, from [`crate::Output::Save`]; what cannot be read counts as none.
    pub snapshot: Option<Vec<u8>>,
    /// How much of us others, and we of others, may use.
    pub limits: Limits,
}

/// How much of us others may use, and we of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Queries of ours per second, all lookups together.
    pub queries_per_second: u32,
    /// Queries of ours to one address per second, over ten seconds. Others block who asks more often.
    pub queries_per_node: u32,
    /// Queries answered per source and second, over ten seconds; who asks more is not heard for five minutes.
    pub answers_per_source: u32,
    /// Bytes of answers per second, all sources together.
    pub answer_bytes_per_second: u32,
    /// Infohashes whose peers are kept.
    pub swarms_max: usize,
    /// Peers kept per infohash.
    pub peers_per_swarm_max: usize,
    /// Items kept (BEP 44).
    pub items_max: usize,
    /// Items kept for one address.
    pub items_per_source_max: usize,
    /// Lookups at one time; more wait in line at the asker's.
    pub lookups_max: usize,
}

impl Limits {
    /// What suits a household; the figures for answers are those that libtorrent's nodes have, too.
    pub const USUAL: Self = Self {
        queries_per_second: 120,
        queries_per_node: 4,
        answers_per_source: 5,
        answer_bytes_per_second: 8_000,
        swarms_max: 2_000,
        peers_per_swarm_max: 500,
        items_max: 700,
        items_per_source_max: 64,
        lookups_max: 1_000,
    };
}
