//! How a session with peers is set up, for the server and for every command that meets some.

use std::{num::NonZero, path::PathBuf, thread, time::Duration};

use driver::{AddressPolicy, DhtConfig, PortMappingConfig, Session, StartError};
use engine::{Limits, Secret};
use library::Settings;

use crate::{
    config::Network,
    failure::{Exit, Failure},
    timetable::Moment,
};

/// The code of a session that cannot begin because another one has not ended.
pub const IN_USE: &str = "already_running";
/// How we open our peer ids (Azureus style): Kinora and its version.
const CLIENT: [u8; 8] = *b"-KN0100-";
/// Nodes that are there for entering the DHT through them.
const DHT_BOOTSTRAP: [&str; 4] = [
    "dht.libtorrent.org:25401",
    "dht.transmissionbt.com:6881",
    "router.bittorrent.com:6881",
    "router.utorrent.com:6881",
];
/// What is uploaded with sharing turned down, bytes per second: enough to be let in by others, no more.
const TURNED_DOWN: u64 = 16 * 1024;

/// Starts a session that keeps its resume records in `resume`.
///
/// # Errors
/// When a named port is taken or the folder cannot be written.
pub async fn start(network: &Network, resume: PathBuf, limits: Limits) -> Result<Session, Failure> {
    open(config(network, resume, limits)?).await
}

/// Starts a session with a configuration made by [`config`] and changed where a command needs it.
///
/// # Errors
/// When a named port is taken or the folder cannot be written.
pub async fn open(config: driver::Config) -> Result<Session, Failure> {
    Session::start(config).await.map_err(|error| failure(&error))
}

/// What a session is started with.
///
/// # Errors
/// When the system gives no random numbers.
pub fn config(
    network: &Network,
    resume: PathBuf,
    limits: Limits,
) -> Result<driver::Config, Failure> {
    let (seed, secret) = (u64::from_le_bytes(random()?), Secret(random()?));
    Ok(driver::Config {
        engine: engine_config(network, limits, seed, secret),
        transport: network.transport,
        listen: network.listen.clone(),
        interface: network.interface.clone(),
        dns: network.dns.clone(),
        proxy: network.proxy.clone(),
        port_mapping: (network.port_mapping && !listens_here_only(network))
            .then(PortMappingConfig::default),
        ip_filter: network.ip_filter.clone(),
        data_dir: resume,
        address_policy: AddressPolicy {
            local_trackers: network.local,
            local_web_seeds: network.local,
            local_peers: network.local,
        },
        local_discovery: network.local_discovery && !listens_here_only(network),
        dht: dht_config(network),
        hash_workers: thread::available_parallelism().map_or(2, NonZero::get),
        user_agent: format!("Kinora/{}", env!("CARGO_PKG_VERSION")),
    })
}

/// What the viewer's settings mean in numbers at a moment; what was fixed at the start is stronger, and what the
/// timetable says then stronger still.
#[must_use]
pub fn limits(settings: &Settings, fixed: &Network, moment: Moment) -> Limits {
    let kib = |kib: u32| u64::from(kib) * 1024;
    let sharing = &settings.sharing;
    let allowance = fixed.sharing.timetable.at(moment).unwrap_or_default();
    let metered = fixed.sharing.metered || allowance.rest;
    let up = allowance.up_rate_max.or(fixed.up_rate_max);
    let asked = up.or(sharing.up_limit_kib.map(kib));
    let little = asked.map_or(TURNED_DOWN, |asked| asked.min(TURNED_DOWN));
    let turned_down = metered || (up.is_none() && !sharing.enabled);
    let down = allowance.down_rate_max.or(fixed.down_rate_max);
    Limits {
        down_rate_max: down.or(sharing.down_limit_kib.map(kib)),
        up_rate_max: if turned_down { Some(little) } else { asked },
        upload_slots: None,
        cache_quota: Some(u64::from(settings.cache.quota_gib) << 30),
        active_max: if metered { Some(0) } else { fixed.sharing.active_max },
    }
}

/// How the DHT is taken part in. Whoever lets in peers of this machine alone has nothing to say there, unless
/// nodes to enter through are named.
fn dht_config(network: &Network) -> Option<DhtConfig> {
    let named = &network.dht_bootstrap;
    if !network.dht || (named.is_empty() && listens_here_only(network)) {
        return None;
    }
    let usual = || DHT_BOOTSTRAP.map(str::to_owned).to_vec();
    let bootstrap = if named.is_empty() { usual() } else { named.clone() };
    Some(DhtConfig { bootstrap, limits: None })
}

/// Whether nobody beyond this machine can call us.
fn listens_here_only(network: &Network) -> bool {
    network.listen.iter().all(|address| address.ip().is_loopback())
}

fn engine_config(network: &Network, limits: Limits, seed: u64, secret: Secret) -> engine::Config {
    engine::Config {
        seed,
        secret,
        encryption: network.encryption,
        client: CLIENT,
        client_name: format!("Kinora {}", env!("CARGO_PKG_VERSION")),
        listen_port: network.listen.first().map_or(0, |address| address.port()),
        exchange_peers: network.exchange,
        dht_port: 0,
        punch: true,
        use_trackers: network.trackers,
        connections_max: 200,
        connections_per_torrent_max: 80,
        dials_max: 30,
        handshake_patience: Duration::from_secs(10),
        limits,
    }
}

fn random<const LEN: usize>() -> Result<[u8; LEN], Failure> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|error| {
        let message = format!("The operating system gives no random numbers: {error}.");
        Failure::new(Exit::NotFound, "no_randomness", message, "Restart the machine.")
    })?;
    Ok(bytes)
}

fn failure(error: &StartError) -> Failure {
    match error {
        StartError::DataDirInUse { path } => Failure::new(
            Exit::Disk,
            IN_USE,
            format!("Another Kinora uses {}.", path.display()),
            "Wait until it has ended, stop it, or name another folder.",
        ),
        StartError::Listen { addr, source } => Failure::new(
            Exit::BadInput,
            "cannot_listen",
            format!("Peers cannot be listened for at {addr}: {source}."),
            "Name an address of this machine with --listen.",
        ),
        StartError::Interface { name } => Failure::new(
            Exit::BadInput,
            "no_interface",
            format!("There is no network interface {name}, and nothing goes another way."),
            "Connect it first, or name another one with --interface.",
        ),
        StartError::IpFilter { path, source } => Failure::new(
            Exit::BadInput,
            "bad_ip_filter",
            format!("The IP filter {} cannot be used: {source}.", path.display()),
            "Name a list as eMule or PeerGuardian have them, or leave --ip-filter out.",
        ),
        StartError::PortTaken { addr, .. } => Failure::new(
            Exit::BadInput,
            "port_taken",
            format!("The address {addr} for peers is in use by another program."),
            "Name another with --listen, or port 0 for any free one.",
        ),
        other => Failure::new(
            Exit::Disk,
            "session_not_started",
            format!("Peers cannot be met: {other}."),
            "Check the data folder's permissions and the disk.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use driver::Transport;
    use engine::Encryption;

    use super::*;
    use crate::config::Sharing;

    fn network() -> Network {
        Network {
            consent: false,
            listen: Vec::new(),
            interface: None,
            dns: Vec::new(),
            proxy: None,
            port_mapping: true,
            ip_filter: None,
            trackers: true,
            exchange: true,
            local_discovery: true,
            dht: true,
            dht_bootstrap: Vec::new(),
            transport: Transport::Both,
            encryption: Encryption::Prefer,
            local: false,
            down_rate_max: None,
            up_rate_max: None,
            sharing: Sharing::default(),
        }
    }

    #[test]
    fn settings_become_limits_and_the_command_line_is_stronger() {
        let mut settings = Settings::default();
        settings.sharing.up_limit_kib = Some(100);
        settings.sharing.down_limit_kib = Some(200);
        settings.cache.quota_gib = 3;
        let limits_now = limits(&settings, &network(), Moment::now());
        assert_eq!(limits_now.up_rate_max, Some(100 * 1024));
        assert_eq!(limits_now.down_rate_max, Some(200 * 1024));
        assert_eq!(limits_now.cache_quota, Some(3 << 30));
        let fixed = Network { up_rate_max: Some(7), ..network() };
        assert_eq!(limits(&settings, &fixed, Moment::now()).up_rate_max, Some(7));
    }

    #[test]
    fn a_metered_connection_carries_what_is_watched_and_little_else() {
        let sharing = Sharing { metered: true, active_max: Some(9), ..Sharing::default() };
        let metered = Network { sharing, ..network() };
        let limits_now = limits(&Settings::default(), &metered, Moment::now());
        assert_eq!(limits_now.active_max, Some(0));
        assert_eq!(limits_now.up_rate_max, Some(TURNED_DOWN));
    }

    #[test]
    fn what_the_timetable_says_is_stronger_than_all_else() {
        let mut settings = Settings::default();
        settings.sharing.up_limit_kib = Some(100);
        let timetable = "daily 00:00-24:00 up=7".parse().expect("a table");
        let sharing = Sharing { timetable, active_max: Some(9), ..Sharing::default() };
        let fixed = Network { up_rate_max: Some(1), down_rate_max: Some(2), sharing, ..network() };
        let limits_now = limits(&settings, &fixed, Moment::now());
        assert_eq!(limits_now.up_rate_max, Some(7 * 1024));
        assert_eq!(limits_now.down_rate_max, Some(2), "of which the table says nothing");
        assert_eq!(limits_now.active_max, Some(9));
    }

    #[test]
    fn the_dht_is_entered_unless_nobody_could_reach_us_or_it_is_not_wanted() {
        let listen = |address: &str| vec![address.parse().expect("an address")];
        let open = Network { listen: listen("0.0.0.0:0"), ..network() };
        let loopback = Network { listen: listen("127.0.0.1:0"), ..network() };
        let entered = |network: &Network| dht_config(network).map(|dht| dht.bootstrap);
        assert_eq!(entered(&open).map(|nodes| nodes.len()), Some(DHT_BOOTSTRAP.len()));
        assert_eq!(entered(&Network { dht: false, ..open }), None);
        assert_eq!(entered(&loopback), None);
        let named = vec!["127.0.0.1:9".to_owned()];
        let own = Network { dht_bootstrap: named.clone(), ..loopback };
        assert_eq!(entered(&own), Some(named));
    }

    #[test]
    fn sharing_turned_down_is_little_and_never_nothing() {
        let mut settings = Settings::default();
        settings.sharing.enabled = false;
        assert_eq!(limits(&settings, &network(), Moment::now()).up_rate_max, Some(TURNED_DOWN));
        settings.sharing.up_limit_kib = Some(4);
        assert_eq!(limits(&settings, &network(), Moment::now()).up_rate_max, Some(4 * 1024));
    }
}
