//! Numbers that shape behaviour.

use std::time::Duration;

/// Queueing delay that is aimed at while nobody waits (RFC 6817 §2.5 allows no more).
pub const TARGET_USUAL: Duration = Duration::from_millis(100);
/// Queueing delay that is aimed at while a viewer waits for bytes.
pub const TARGET_WATCHING: Duration = Duration::from_millis(25);

/// How an endpoint is set up for its whole life.
#[derive(Clone)]
pub struct Config {
    /// The secret of every random choice.
    pub seed: [u8; 32],
    /// Whether strangers may connect.
    pub accepts: bool,
    /// How much of us others may use.
    pub limits: Limits,
}

/// How much of us others may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Strangers who said that they want to connect and have not shown that they hear us.
    pub half_open: usize,
    /// Bytes of one connection that arrived and were not taken: the receive window.
    pub receive_window: usize,
    /// The same of all connections together.
    pub received: usize,
    /// Packets a second that are answered though they belong to no connection.
    pub strays_per_second: u32,
    /// Packets a second that begin a connection and are answered.
    pub openings_per_second: u32,
    /// After this long without a word a connection is over.
    pub silence: Duration,
}

impl Limits {
    /// What suits a household.
    pub const USUAL: Self = Self {
        connections: 400,
        half_open: 256,
        receive_window: 4 << 20,
        received: 64 << 20,
        strays_per_second: 50,
        openings_per_second: 200,
        silence: Duration::from_secs(240),
    };
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed: _, accepts, limits } = self;
        f.debug_struct("Config")
            .field("accepts", accepts)
            .field("limits", limits)
            .finish_non_exhaustive()
    }
}
