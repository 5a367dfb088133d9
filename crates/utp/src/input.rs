//! What happens to an endpoint, and what is asked of it.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;

/// A connection's name between an endpoint and its owner: even if the owner gave it, odd if the endpoint did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Something that happened or is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A datagram that looks like uTP. What is not, is ignored.
    Datagram(SocketAddr, Bytes),
    /// Connect under an even name that was not used before; answered by `Connected` or `Closed`.
    Connect(ConnId, SocketAddr),
    /// Send bytes; answered by `Sent` as they leave.
    Send(ConnId, Bytes),
    /// So many bytes that were `Received` have been used: there is room for more.
    Took(ConnId, usize),
    /// Nothing more will be sent. What comes in is still received.
    Finish(ConnId),
    /// Forget a connection: what was given to `Send` is delivered if that can be done soon, nothing else is told.
    Close(ConnId),
    /// The queueing delay to aim at from now on.
    Target(Duration),
    /// Nothing but the deadline passing.
    DeadlinePassed,
}
