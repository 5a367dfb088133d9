//! What an endpoint asks of its owner, and tells.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::{ConnId, packet::Packet};

/// Something to carry out, or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A packet to send, unfragmented if the system can do that: it may be asking how long a packet may be.
    Send(SocketAddr, Packet),
    /// A connection that was asked for stands.
    Connected(ConnId),
    /// A stranger connected to us, under an odd name.
    Accepted(ConnId, SocketAddr),
    /// Bytes of a connection, in order.
    Received(ConnId, Bytes),
    /// So many bytes given to `Send` have left in packets for the first time.
    Sent(ConnId, usize),
    /// The other side will send no more; all it sent was received.
    Finished(ConnId),
    /// A connection is over; nothing more is told of it.
    Closed(ConnId, ClosedWhy),
}

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedWhy {
    /// Both sides said that they are done, and know it of each other.
    Done,
    /// The other side knows of no such connection, or wants none.
    Reset,
    /// No answer, to the first packet or to a later one.
    TimedOut,
    /// Nothing came for too long.
    Silent,
    /// There are as many connections as there may be.
    Full,
}
