//! How do ordered bytes cross the internet without anybody in the household noticing?
//!
//! uTP (BEP 29): connections over UDP that give way to other traffic (LEDBAT, RFC 6817). It does no I/O and reads
//! no clock: whoever owns the socket feeds it [`Input`]s with the time they happened and carries out the
//! [`Output`]s. One [`Endpoint`] holds all connections of a socket.
//!
//! | module | question |
//! |---|---|
//! | `packet`, `seq` | what is on the wire? |
//! | `endpoint`, `half_open`, `budget` | whose packet is this, and how much of us may strangers use? |
//! | `connection` | what is due when, and is it over? |
//! | `sending`, `receiving` | what is under way, lost, here, missing? |
//! | `ledbat`, `delay`, `rtt`, `mtu` | how much does the path carry, and does anybody wait because of us? |

mod budget;
mod config;
mod connection;
mod delay;
mod endpoint;
mod half_open;
mod input;
mod ledbat;
mod mtu;
mod output;
mod packet;
mod random;
mod receiving;
mod rtt;
mod sending;
mod seq;
mod slow_start;
mod time;

pub use crate::{
    config::{Config, Limits, TARGET_USUAL, TARGET_WATCHING},
    endpoint::Endpoint,
    input::{ConnId, Input},
    output::{ClosedWhy, Output},
    packet::{BadPacket, Kind, Packet, Sack},
    time::Time,
};
