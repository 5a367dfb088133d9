//! Numbers that shape behaviour. `app` chooses all of them; there is no `Default`.

use std::{fmt, time::Duration};

/// How an engine is set up for its whole life.
#[derive(Debug, Clone)]
pub struct Config {
    /// The seed of every random choice.
    pub seed: u64,
    /// What private keys of encrypted handshakes are made of: another one for every start.
    pub secret: Secret,
    /// Whether connections are encrypted.
    pub encryption: Encryption,
    /// The eight bytes that open our peer ids, like `-KN0100-`.
    pub client: [u8; 8],
    /// What we call ourselves in the extension handshake.
    pub client_name: String,
    /// Our listening port, told to peers and trackers; 0 if we do not listen.
    pub listen_port: u16,
    /// Where our DHT node listens, told to peers that have one; 0 if there is none (BEP 5).
    pub dht_port: u16,
    /// Whether peers may be exchanged (BEP 11); never for private torrents.
    pub exchange_peers: bool,
    /// Whether peers that cannot call each other are brought together (BEP 55): for who connects over uTP and
    /// exchanges peers.
    pub punch: bool,
    /// Whether trackers are asked.
    pub use_trackers: bool,
    /// Connections in all.
    pub connections_max: usize,
    /// Connections per torrent.
    pub connections_per_torrent_max: usize,
    /// Dials under way at one time.
    pub dials_max: usize,
    /// How long a handshake may take.
    pub handshake_patience: Duration,
    /// The limits that settings may change later.
    pub limits: Limits,
}

/// Whether what peers say to each other is hidden from those in between (Message Stream Encryption).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Never: encrypted handshakes are neither begun nor answered.
    Off,
    /// With whom a plain call does not reach, and with callers who begin it: their handshake, and what follows
    /// if they insist. A plain call first, for an encrypted one takes two round trips more.
    Prefer,
    /// Everything, always: no byte is sent to whom it cannot be.
    Require,
}

/// Bytes that nobody can guess. They are never shown.
#[derive(Clone)]
pub struct Secret(pub [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Limits of one torrent's rates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Download bytes per second; `None` is no limit.
    pub down_max: Option<u64>,
    /// Upload bytes per second; `None` is no limit.
    pub up_max: Option<u64>,
}

/// Limits that may change at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Download bytes per second, all torrents; `None` is no limit.
    pub down_rate_max: Option<u64>,
    /// Upload bytes per second, all torrents; `None` is no limit. 0 is not offered: sharing is never silently off.
    pub up_rate_max: Option<u64>,
    /// Upload slots per torrent; `None` follows the square-root rule (docs/streaming.md).
    pub upload_slots: Option<usize>,
    /// Bytes on disk, all torrents without pins; `None` is no quota.
    pub cache_quota: Option<u64>,
    /// Torrents that take part at one time; the others wait for a place. What is watched always takes part, and
    /// at 0 nothing else does. `None` is no limit.
    pub active_max: Option<usize>,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        down_rate_max: None,
        up_rate_max: None,
        upload_slots: None,
        cache_quota: None,
        active_max: None,
    };
}
