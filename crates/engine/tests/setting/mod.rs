//! How the engines of these tests are set up, but for what a test is about: alone, plain, without limits.

use std::time::Duration;

use engine::{Config, Encryption, Limits, Secret};

/// A quiet engine.
pub(crate) fn config() -> Config {
    Config {
        seed: 1,
        secret: Secret([1; 32]),
        encryption: Encryption::Off,
        client: *b"-KN0000-",
        client_name: "Kinora test".into(),
        listen_port: 1,
        exchange_peers: false,
        dht_port: 0,
        punch: false,
        use_trackers: false,
        connections_max: 10,
        connections_per_torrent_max: 10,
        dials_max: 10,
        handshake_patience: Duration::from_secs(10),
        limits: Limits::NONE,
    }
}
