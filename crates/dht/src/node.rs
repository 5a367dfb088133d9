//! A node: where it is and what it calls itself.

use std::net::{IpAddr, SocketAddr};

use crate::Id;

/// A node of the DHT as others tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// What it calls itself.
    pub id: Id,
    /// Where it answers.
    pub addr: SocketAddr,
}

impl Node {
    /// Whether its id fits its address (BEP 42).
    #[must_use]
    pub fn is_fitting(&self) -> bool {
        self.id.fits(self.addr.ip())
    }
}

/// A family of addresses. Each has its own DHT (BEP 32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address; an IPv4 address in IPv6 clothes is IPv4.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}
