//! What a driver tells the node.

use std::net::{IpAddr, SocketAddr};

use crate::{Id, Item};

/// Something that happened. An answer, a fault and noise come the same way.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// A datagram came.
    Datagram(SocketAddr, &'a [u8]),
    /// The program wants something.
    Command(Command),
    /// The time of [`crate::Dht::deadline`] has come.
    DeadlinePassed,
    /// Our address as a trusted source knows it: a port mapping, the user. Nodes' opinions come by themselves.
    ExternalAddress(IpAddr),
}

/// A lookup, named by whoever starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupId(pub u64);

/// What the program may want.
#[derive(Debug, Clone)]
pub enum Command {
    /// Find peers; with a port, also tell the closest nodes that we are one.
    Peers {
        /// Its name.
        lookup: LookupId,
        /// The torrent.
        infohash: Id,
        /// How we are announced; `None` only looks.
        announce: Option<AnnouncedPort>,
    },
    /// Keep finding a torrent's peers, and keep telling the closest nodes that we are one, until cancelled:
    /// there is no `Done`.
    Follow {
        /// Its name.
        lookup: LookupId,
        /// The torrent.
        infohash: Id,
        /// How we are announced; `None` only looks.
        announce: Option<AnnouncedPort>,
    },
    /// Find an item (BEP 44).
    Get {
        /// Its name.
        lookup: LookupId,
        /// What to find.
        what: Wanted,
    },
    /// Give an item to the closest nodes (BEP 44).
    Put {
        /// Its name.
        lookup: LookupId,
        /// What to keep. It may be somebody else's: whoever has a signed item may keep it alive.
        item: Item,
        /// Only where this version is kept, or none.
        cas: Option<i64>,
        /// How many nodes should have it.
        copies: usize,
    },
    /// Ask the nodes around a key which infohashes they have peers for (BEP 51).
    Sample {
        /// Its name.
        lookup: LookupId,
        /// Where to look.
        target: Id,
    },
    /// Count the peers of a torrent without being one (BEP 33).
    Scrape {
        /// Its name.
        lookup: LookupId,
        /// The torrent.
        infohash: Id,
    },
    /// Whether we have all of a torrent that is followed: whoever counts peers wants to know (BEP 33).
    Seeds {
        /// The name by which it is followed.
        lookup: LookupId,
        /// Whether nothing of it is missing.
        all: bool,
    },
    /// End a lookup; no `Done` follows.
    Cancel(LookupId),
    /// Nodes through which the DHT is entered, their names resolved.
    Bootstrap(Vec<SocketAddr>),
    /// A node that may exist: a peer said where its DHT listens (BEP 5, `port`).
    Node(SocketAddr),
}

/// Where others should think that we listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncedPort {
    /// At the port from which our datagrams come.
    Implied,
    /// At this port.
    At(u16),
}

/// An item that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one with this hash.
    Immutable(Id),
    /// The newest one of this key and salt.
    Mutable {
        /// The public key.
        key: [u8; 32],
        /// What tells the items of the key apart.
        salt: Vec<u8>,
        /// The version we have: only newer ones are sent to us. Nodes that have the same are counted.
        have: Option<i64>,
    },
}
