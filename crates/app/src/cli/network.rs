//! The flags of every command that meets peers.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};

use crate::failure::{Exit, Failure};

/// Whom to meet and how.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct NetworkArgs {
    /// Where peers connect to; port 0 picks a free one (repeatable)
    #[arg(long, value_name = "IP:PORT")]
    pub(super) listen: Vec<SocketAddr>,
    /// A peer to connect to (repeatable)
    #[arg(long, value_name = "IP:PORT")]
    pub(super) peer: Vec<SocketAddr>,
    /// Do not use the DHT
    #[arg(long)]
    pub(super) no_dht: bool,
    /// A node through which to enter the DHT, instead of the usual ones (repeatable)
    #[arg(long, value_name = "HOST:PORT")]
    dht_bootstrap: Vec<String>,
    /// A tracker to ask besides the torrent's own (repeatable)
    #[arg(long, value_name = "URL")]
    pub(super) tracker: Vec<String>,
    /// Do not ask trackers for peers
    #[arg(long)]
    pub(super) no_trackers: bool,
    /// Do not ask peers for peers
    #[arg(long)]
    no_pex: bool,
    /// Do not look for peers in the local network
    #[arg(long)]
    no_lsd: bool,
    /// Do not ask the router to let peers in
    #[arg(long)]
    no_port_mapping: bool,
    /// Whether connections are encrypted [default: prefer]
    #[arg(long, value_name = "WHEN")]
    encryption: Option<Encryption>,
    /// How peers are reached [default: both]
    #[arg(long, value_name = "KIND")]
    transport: Option<Transport>,
    /// The network interface that all traffic is bound to
    #[arg(long, value_name = "NAME")]
    interface: Option<String>,
    /// A name server to ask instead of the system's (repeatable)
    #[arg(long, value_name = "IP")]
    dns: Vec<String>,
    /// A SOCKS5 or HTTP proxy for all traffic
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// A file with addresses that are never met, as eMule or PeerGuardian have them
    #[arg(long, value_name = "FILE")]
    ip_filter: Option<PathBuf>,
    /// Allow trackers and web seeds on this machine and in the local network
    #[arg(long)]
    local: bool,
    /// Download limit in KiB/s; `2M` is 2 MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    down_limit: Option<u64>,
    /// Upload limit in KiB/s; `2M` is 2 MiB/s
    #[arg(long, value_name = "RATE", value_parser = rate)]
    up_limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encryption {
    /// Never
    Off,
    /// With peers that insist on it, or that a plain call does not reach
    Prefer,
    /// Everything; nothing is ever sent plainly
    Require,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Transport {
    /// By TCP alone
    Tcp,
    /// By uTP alone: over UDP, giving way to other traffic
    Utp,
    /// By whichever is quicker
    Both,
}

/// A flag's value as it is named in the settings.
fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl NetworkArgs {
    /// The flags as settings.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let listen = self.listen.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let servers = self.dns.join(",");
        let nodes = self.dht_bootstrap.join(",");
        let number = |limit: Option<u64>| limit.map(|kib| kib.to_string());
        [
            ("network.listen", Some(listen).filter(|listen| !listen.is_empty())),
            ("network.interface", self.interface.clone()),
            ("network.dns", Some(servers).filter(|servers| !servers.is_empty())),
            ("network.proxy", self.proxy.clone()),
            ("network.ip_filter", self.ip_filter.as_ref().map(|path| path.display().to_string())),
            ("network.trackers", self.no_trackers.then(|| "false".to_owned())),
            ("network.pex", self.no_pex.then(|| "false".to_owned())),
            ("network.lsd", self.no_lsd.then(|| "false".to_owned())),
            ("network.port_mapping", self.no_port_mapping.then(|| "false".to_owned())),
            ("network.dht", self.no_dht.then(|| "false".to_owned())),
            ("network.dht_bootstrap", Some(nodes).filter(|nodes| !nodes.is_empty())),
            ("network.encryption", self.encryption.as_ref().map(name)),
            ("network.transport", self.transport.as_ref().map(name)),
            ("network.local", self.local.then(|| "true".to_owned())),
            ("network.down_limit", number(self.down_limit)),
            ("network.up_limit", number(self.up_limit)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// Refuses what protects a person and cannot be kept: going on without it would expose them.
    ///
    /// # Errors
    /// Exit code 2, naming the flag.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Self { transport: Some(Transport::Utp), proxy: Some(_), .. } = self else {
            return Ok(());
        };
        Err(Failure::new(
            Exit::BadInput,
            "not_supported",
            "`--transport utp` cannot be kept with a proxy, which carries TCP alone.".to_owned(),
            "Leave one of the two out; nothing was contacted.",
        ))
    }
}

/// KiB per second: `500`, `500k`, `2M`.
fn rate(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.strip_suffix(['M', 'm']) {
        Some(digits) => (digits, 1024),
        None => (text.strip_suffix(['K', 'k']).unwrap_or(text), 1),
    };
    let number: u64 = digits.parse().map_err(|_| "a number like 500, 500k or 2M".to_owned())?;
    match number.checked_mul(factor) {
        Some(0) => Err("0 would be none at all; leave it out for no limit".to_owned()),
        Some(rate) => Ok(rate),
        None => Err("that is faster than any network".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_kib_unless_they_say_otherwise() {
        assert_eq!(rate("500"), Ok(500));
        assert_eq!(rate("500k"), Ok(500));
        assert_eq!(rate("2M"), Ok(2048));
        for nonsense in ["", "0", "-1", "1.5", "99999999999999999999", "18446744073709551615M"] {
            assert!(rate(nonsense).is_err(), "{nonsense}");
        }
    }
}
