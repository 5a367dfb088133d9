//! What nodes say to each other: bencoded queries, answers and faults, one per datagram (BEP 5, 32, 42, 43, 44, 51).

mod read;
mod write;

pub(crate) use self::write::refusal;

use std::net::SocketAddr;

use crate::{Family, Id, census::Census, node::Node};

/// A longer datagram is nobody's message: an item of full length with all around it still fits an
/// unfragmented packet of Ethernet.
pub(crate) const DATAGRAM_MAX: usize = 1472;
/// Transaction ids of others are repeated to them; longer ones are not.
pub(crate) const TRANSACTION_MAX: usize = 32;
/// Tokens of others are kept for them; longer ones are not.
pub(crate) const TOKEN_MAX: usize = 64;
/// Nodes of one family that are read from an answer: twice what BEP 5 wants sent.
const NODES_MAX: usize = 16;
/// Peers that are read from an answer: as many as fit.
const PEERS_MAX: usize = 200;
/// Keys that are read from a sample: as many as fit.
const SAMPLES_MAX: usize = 70;

/// One datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// What the asker calls its question; the answer repeats it.
    pub(crate) transaction: Vec<u8>,
    /// The asker answers nothing itself (BEP 43).
    pub(crate) read_only: bool,
    /// Where the answering node sees the asker (BEP 42).
    pub(crate) seen_as: Option<SocketAddr>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Query(Id, Query),
    /// Boxed: most of the fields are for one kind of question only.
    Answer(Box<Answer>),
    Fault(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    Ping,
    FindNode {
        target: Id,
        want: Want,
    },
    GetPeers {
        infohash: Id,
        /// Whether the asker counts peers (BEP 33).
        scrape: bool,
        want: Want,
    },
    Announce {
        infohash: Id,
        port: Port,
        /// Whether the announced peer has everything (BEP 33).
        seed: bool,
        token: Vec<u8>,
    },
    Get {
        target: Id,
        seq: Option<i64>,
        want: Want,
    },
    /// Boxed: far larger than any other question.
    Put {
        token: Vec<u8>,
        put: Box<Put>,
    },
    Sample {
        target: Id,
        want: Want,
    },
}

/// Which families of nodes the answer should have; none named means that of the datagram (BEP 32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Want {
    pub(crate) v4: bool,
    pub(crate) v6: bool,
}

impl Want {
    pub(crate) fn includes(self, family: Family, asked_over: Family) -> bool {
        match family {
            _ if self == Self::default() => family == asked_over,
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }
}

/// Where the announced peer listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    /// At the port that the datagram came from.
    Implied,
    At(u16),
}

/// A put item, not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Put {
    /// Bencoded.
    pub(crate) value: Vec<u8>,
    pub(crate) signed: Option<Signed>,
    pub(crate) cas: Option<i64>,
}

/// What a mutable item has besides its value, not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) key: [u8; 32],
    pub(crate) salt: Vec<u8>,
    pub(crate) seq: i64,
    pub(crate) signature: [u8; 64],
}

/// Everything an answer may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) id: Id,
    pub(crate) nodes: Vec<Node>,
    pub(crate) nodes6: Vec<Node>,
    pub(crate) peers: Vec<SocketAddr>,
    pub(crate) token: Option<Vec<u8>>,
    /// Bencoded.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) key: Option<[u8; 32]>,
    pub(crate) seq: Option<i64>,
    pub(crate) signature: Option<[u8; 64]>,
    pub(crate) sample: Option<Sample>,
    /// BEP 33.
    pub(crate) census: Option<Census>,
}

/// Part of the keys a node has peers for (BEP 51).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) keys: Vec<Id>,
    /// How many keys it has peers for.
    pub(crate) total: u64,
    /// Seconds until another sample differs.
    pub(crate) interval: u64,
}

impl Answer {
    pub(crate) fn new(id: Id) -> Self {
        Self {
            id,
            nodes: Vec::new(),
            nodes6: Vec::new(),
            peers: Vec::new(),
            token: None,
            value: None,
            key: None,
            seq: None,
            signature: None,
            sample: None,
            census: None,
        }
    }

    pub(crate) fn nodes_of(&self, family: Family) -> &[Node] {
        match family {
            Family::V4 => &self.nodes,
            Family::V6 => &self.nodes6,
        }
    }

    pub(crate) fn set_nodes(&mut self, family: Family, nodes: Vec<Node>) {
        match family {
            Family::V4 => self.nodes = nodes,
            Family::V6 => self.nodes6 = nodes,
        }
    }
}

/// Why a query is refused: the code, and its words for people (BEP 5, BEP 44).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Protocol,
    UnknownMethod,
    ValueTooLong,
    Signature,
    SaltTooLong,
    Cas,
    Seq,
    Full,
}

impl Refusal {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Full => 202,
            Self::Protocol => 203,
            Self::UnknownMethod => 204,
            Self::ValueTooLong => 205,
            Self::Signature => 206,
            Self::SaltTooLong => 207,
            Self::Cas => 301,
            Self::Seq => 302,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Full => "no room",
            Self::Protocol => "protocol error",
            Self::UnknownMethod => "method unknown",
            Self::ValueTooLong => "message (v field) too big",
            Self::Signature => "invalid signature",
            Self::SaltTooLong => "salt too big",
            Self::Cas => "CAS mismatch",
            Self::Seq => "sequence number less than current",
        }
    }
}

/// What we would write to say what a datagram says; `None` if it is no message.
///
/// For the tests of doors alone: they reach nothing else of the parser.
#[doc(hidden)]
#[must_use]
pub fn rewritten(datagram: &[u8]) -> Option<Vec<u8>> {
    Message::read(datagram).ok().map(|message| message.write())
}

/// What a datagram turned out to be when it was no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadMessage {
    /// Not a message: not even a fault is sent back.
    Noise,
    /// A query that could be told from noise, but not understood: its transaction and what to say.
    Query(Vec<u8>, Refusal),
}
