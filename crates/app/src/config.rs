//! What the program was told: defaults < settings file < environment < flags, and where each value came from.
//!
//! These are the settings that must be known before anything starts. What a viewer changes while it runs
//! (limits, quota, language) lies in the library and is changed on the page.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use driver::Proxy;
use driver::Transport;
use engine::{Encryption, Rates};
use serde::Serialize;

use crate::{
    failure::{Exit, Failure},
    timetable::Timetable,
};

/// Where the page is served when nobody asked for another port: "KINO" on a telephone.
pub const DEFAULT_PORT: u16 = 5466;

/// Where a value came from; the order is the order of strength.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Built in.
    Default,
    /// The settings file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// A key that may be set.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file, its section before the dot: `server.port`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    default: &'static str,
    check: fn(&str) -> Result<(), String>,
}

impl Key {
    /// The environment variable that sets it: `KINORA_SERVER_PORT`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("KINORA_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// Every key, in the order in which `kinora config` shows them.
pub const KEYS: &[Key] = &[
    Key {
        name: "data_dir",
        about: "where the library, the cache and the resume records lie; empty is the platform's folder",
        default: "",
        check: anything,
    },
    Key {
        name: "catalogue",
        about: "a catalogue file to show beside the starter channel; empty is none",
        default: "",
        check: anything,
    },
    Key {
        name: "starter",
        about: "whether the starter channel's films are shown",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "starter_channel",
        about: "a bundle of a channel that new households follow, in place of the one in the program",
        default: "",
        check: anything,
    },
    Key {
        name: "server.port",
        about: "the page's port on loopback; 0 picks a free one",
        default: "",
        check: port,
    },
    Key {
        name: "server.names",
        about: "further names under which this server may be called, separated by commas",
        default: "",
        check: anything,
    },
    Key {
        name: "server.open_browser",
        about: "whether `kinora` opens the page",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.consent",
        about: "whether sharing is agreed to without the page asking, for machines without a screen; until somebody agrees nothing is contacted",
        default: "false",
        check: is::<bool>,
    },
    Key {
        name: "network.listen",
        about: "where peers connect to; port 0 picks a free one",
        default: "0.0.0.0:0,[::]:0",
        check: addresses,
    },
    Key {
        name: "network.interface",
        about: "the network interface that all traffic is bound to; empty follows the system's routes",
        default: "",
        check: anything,
    },
    Key {
        name: "network.dns",
        about: "name servers to ask, IP addresses separated by commas, over the bound interface; empty asks the system's",
        default: "",
        check: hosts_by_number,
    },
    Key {
        name: "network.proxy",
        about: "a proxy for all traffic, socks5://… or http://…; then nobody can call, and UDP goes by a SOCKS5 proxy that carries it or not at all",
        default: "",
        check: proxy,
    },
    Key {
        name: "network.port_mapping",
        about: "whether the router is asked to let peers in (UPnP, NAT-PMP, PCP); never with an interface or a proxy, or where peers are listened for on this machine alone",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.ip_filter",
        about: "a file with addresses that are never met: eMule's .dat, PeerGuardian's text, or networks like 192.0.2.0/24",
        default: "",
        check: anything,
    },
    Key {
        name: "network.trackers",
        about: "whether trackers are asked for peers",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.pex",
        about: "whether peers are asked for peers (BEP 11)",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.lsd",
        about: "whether peers are looked for in the local network (BEP 14); never where peers are listened for on this machine alone",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.dht",
        about: "whether peers are looked for in the DHT; never where peers are listened for on this machine alone",
        default: "true",
        check: is::<bool>,
    },
    Key {
        name: "network.dht_bootstrap",
        about: "nodes through which the DHT is entered, HOST:PORT, separated by commas; empty is the usual ones",
        default: "",
        check: hosts,
    },
    Key {
        name: "network.transport",
        about: "how peers are reached: tcp, utp (over UDP, giving way to other traffic), or both, whichever is quicker",
        default: "both",
        check: |text| transport(text).map(drop),
    },
    Key {
        name: "network.encryption",
        about: "whether connections are encrypted: off, prefer (with peers that insist), or require (nothing is ever sent plainly)",
        default: "prefer",
        check: |text| encryption(text).map(drop),
    },
    Key {
        name: "network.local",
        about: "whether trackers, web seeds and peers in the local network may be contacted",
        default: "false",
        check: is::<bool>,
    },
    Key {
        name: "network.down_limit",
        about: "download limit, KiB/s; empty follows the page's settings",
        default: "",
        check: limit,
    },
    Key {
        name: "network.up_limit",
        about: "upload limit, KiB/s, at least 1; empty follows the page's settings",
        default: "",
        check: limit,
    },
    Key {
        name: "sharing.active_max",
        about: "torrents that fetch or give at one time, the others wait for their turn; what is watched always does; empty is no limit",
        default: "100",
        check: number,
    },
    Key {
        name: "sharing.seed_hours",
        about: "hours of giving after which a torrent has given enough, whatever the ratio; empty goes by the ratio alone",
        default: "",
        check: number,
    },
    Key {
        name: "sharing.torrent_down_limit",
        about: "download limit of each torrent, KiB/s; empty is none",
        default: "",
        check: limit,
    },
    Key {
        name: "sharing.torrent_up_limit",
        about: "upload limit of each torrent, KiB/s, at least 1; empty is none",
        default: "",
        check: limit,
    },
    Key {
        name: "sharing.keep_channels",
        about: "whether all pictures and subtitles of followed channels are held for others, whatever the quota, and not only those that were seen here; the limit for channels counts for nothing then",
        default: "false",
        check: is::<bool>,
    },
    Key {
        name: "sharing.metered",
        about: "whether the connection is paid by the byte: then nothing is fetched but what is watched, and little is given",
        default: "false",
        check: is::<bool>,
    },
    Key {
        name: "sharing.timetable",
        about: "limits at other times, separated by commas: `mon-fri 08:00-18:00 down=500 up=50` in KiB/s, `daily 17:00-23:00 rest` as if metered",
        default: "",
        check: is::<Timetable>,
    },
];

fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

fn is<T: FromStr>(text: &str) -> Result<(), String>
where
    T::Err: fmt::Display,
{
    text.parse::<T>().map(drop).map_err(|error| error.to_string())
}

fn port(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { is::<u16>(text) }
}

fn addresses(text: &str) -> Result<(), String> {
    list(text).try_for_each(is::<SocketAddr>)
}

fn hosts(text: &str) -> Result<(), String> {
    let is_host = |host: &str| {
        let (name, port) = host.rsplit_once(':')?;
        (!name.is_empty() && port.parse::<u16>().is_ok_and(|port| port != 0)).then_some(())
    };
    let all = list(text).map(|host| is_host(host).ok_or(format!("`{host}` is not HOST:PORT")));
    all.collect()
}

fn hosts_by_number(text: &str) -> Result<(), String> {
    let is_server = |server: &str| name_server(server).map(drop).ok_or("an IP address".to_owned());
    list(text).try_for_each(is_server)
}

/// A name server: an address, and a port if it listens at another than 53.
fn name_server(text: &str) -> Option<SocketAddr> {
    let usual = |ip: IpAddr| SocketAddr::new(ip, 53);
    text.parse().ok().or_else(|| text.parse().ok().map(usual))
}

fn proxy(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    text.parse::<Proxy>().map(drop).map_err(|why| why.to_string())
}

fn transport(text: &str) -> Result<Transport, String> {
    match text {
        "tcp" => Ok(Transport::Tcp),
        "utp" => Ok(Transport::Utp),
        "both" => Ok(Transport::Both),
        _ => Err("one of tcp, utp, both".into()),
    }
}

fn encryption(text: &str) -> Result<Encryption, String> {
    match text {
        "off" => Ok(Encryption::Off),
        "prefer" => Ok(Encryption::Prefer),
        "require" => Ok(Encryption::Require),
        _ => Err("one of off, prefer, require".into()),
    }
}

fn limit(text: &str) -> Result<(), String> {
    match text.parse::<u64>() {
        _ if text.is_empty() => Ok(()),
        Ok(0) => Err("0 would be none at all; leave it empty for no limit".into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn number(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { is::<u32>(text) }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// One value in force.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its key.
    pub key: &'static str,
    /// The value, as text.
    pub value: String,
    /// Where it came from.
    pub from: Source,
}

impl Entry {
    /// The value as it may be shown to whoever looks over somebody's shoulder or reads a report.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(self.key, &self.value)
    }
}

/// A proxy's password stays between its owner and the proxy.
fn shown(key: &str, value: &str) -> String {
    let Some((login, place)) = value.rsplit_once('@').filter(|_| key == "network.proxy") else {
        return value.to_owned();
    };
    let (scheme, login) = login.split_once("://").unwrap_or(("", login));
    let user = login.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{place}")
}

/// All values in force.
#[derive(Debug, Clone)]
pub struct Config {
    entries: BTreeMap<&'static str, Entry>,
}

impl Config {
    /// Reads the settings file (the platform's, or the one named), the environment and the flags.
    ///
    /// # Errors
    /// A named file that cannot be read, a file that is not TOML, a key that does not exist, a value that
    /// does not fit its key.
    pub fn load(file: Option<&Path>, flags: &[(&'static str, String)]) -> Result<Self, Failure> {
        let environment = std::env::vars().filter(|(name, _)| name.starts_with("KINORA_"));
        let file = match file {
            Some(named) => Some((named.to_owned(), read(named)?)),
            None => platform_file()
                .and_then(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))),
        };
        Self::layer(file, environment, flags)
    }

    fn layer(
        file: Option<(PathBuf, String)>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&'static str, String)],
    ) -> Result<Self, Failure> {
        let entry = |key: &Key| {
            (
                key.name,
                Entry { key: key.name, value: key.default.to_owned(), from: Source::Default },
            )
        };
        let mut config = Self { entries: KEYS.iter().map(entry).collect() };
        if let Some((path, text)) = file {
            for (name, value) in flatten(&path, &text)? {
                config.set(&name, value, Source::File(path.clone()))?;
            }
        }
        let environment: BTreeMap<_, _> = environment.collect();
        for key in KEYS {
            if let Some(value) = environment.get(&key.variable()) {
                config.set(key.name, value.clone(), Source::Environment(key.variable()))?;
            }
        }
        for (name, value) in flags {
            config.set(name, value.clone(), Source::Flag)?;
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: String, from: Source) -> Result<(), Failure> {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            return Err(bad(
                format!("{from} sets `{name}`, which Kinora does not know."),
                "`kinora config` lists every key.",
            ));
        };
        if let Err(why) = (key.check)(&value) {
            return Err(bad(
                format!("`{name}` cannot be `{}` ({from}): {why}.", shown(name, &value)),
                format!("It is {}.", key.about),
            ));
        }
        self.entries.insert(key.name, Entry { key: key.name, value, from });
        Ok(())
    }

    /// Every value with its source, in the order of [`KEYS`].
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        KEYS.iter().filter_map(|key| self.entries.get(key.name))
    }

    fn text(&self, name: &'static str) -> Option<&str> {
        self.entries.get(name).map(|entry| entry.value.as_str()).filter(|value| !value.is_empty())
    }

    fn parsed<T: FromStr>(&self, name: &'static str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// The data folder.
    ///
    /// # Errors
    /// When none is named and the platform has none for this person (no home folder).
    pub fn data_dir(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = self.text("data_dir") {
            return Ok(named.into());
        }
        platform().map(|folders| folders.data_dir().to_owned()).ok_or_else(|| {
            bad("There is no home folder to keep the library in.", "Name one with --data-dir.")
        })
    }

    /// A catalogue file to show, if one is named.
    #[must_use]
    pub fn catalogue(&self) -> Option<PathBuf> {
        self.text("catalogue").map(PathBuf::from)
    }

    /// Whether the starter channel is shown.
    #[must_use]
    pub fn starter(&self) -> bool {
        self.parsed("starter").unwrap_or(true)
    }

    /// A bundle of another starter channel, if one is named.
    #[must_use]
    pub fn starter_channel(&self) -> Option<PathBuf> {
        self.text("starter_channel").map(PathBuf::from)
    }

    /// The page's port, if one was asked for.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.parsed("server.port")
    }

    /// Further names of the server.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        list(self.text("server.names").unwrap_or_default()).map(str::to_owned).collect()
    }

    /// Whether the page is opened at start.
    #[must_use]
    pub fn open_browser(&self) -> bool {
        self.parsed("server.open_browser").unwrap_or(true)
    }

    /// What concerns peers.
    #[must_use]
    pub fn network(&self) -> Network {
        let kib = |name| self.parsed::<u64>(name).map(|kib| kib.saturating_mul(1024));
        Network {
            consent: self.parsed("network.consent").unwrap_or(false),
            listen: list(self.text("network.listen").unwrap_or_default())
                .filter_map(|address| address.parse().ok())
                .collect(),
            interface: self.text("network.interface").map(str::to_owned),
            dns: list(self.text("network.dns").unwrap_or_default())
                .filter_map(name_server)
                .collect(),
            proxy: self.text("network.proxy").and_then(|url| url.parse().ok()),
            port_mapping: self.parsed("network.port_mapping").unwrap_or(true),
            ip_filter: self.text("network.ip_filter").map(PathBuf::from),
            trackers: self.parsed("network.trackers").unwrap_or(true),
            exchange: self.parsed("network.pex").unwrap_or(true),
            local_discovery: self.parsed("network.lsd").unwrap_or(true),
            dht: self.parsed("network.dht").unwrap_or(true),
            dht_bootstrap: list(self.text("network.dht_bootstrap").unwrap_or_default())
                .map(str::to_owned)
                .collect(),
            transport: transport(self.text("network.transport").unwrap_or_default())
                .unwrap_or(Transport::Both),
            encryption: encryption(self.text("network.encryption").unwrap_or_default())
                .unwrap_or(Encryption::Prefer),
            local: self.parsed("network.local").unwrap_or(false),
            down_rate_max: kib("network.down_limit"),
            up_rate_max: kib("network.up_limit"),
            sharing: self.sharing(),
        }
    }

    fn sharing(&self) -> Sharing {
        let kib = |name| self.parsed::<u64>(name).map(|kib| kib.saturating_mul(1024));
        let hours = self.parsed::<u32>("sharing.seed_hours");
        Sharing {
            active_max: self.parsed("sharing.active_max"),
            seed_time_max: hours.map(|hours| Duration::from_secs(3600) * hours),
            each: Rates {
                down_max: kib("sharing.torrent_down_limit"),
                up_max: kib("sharing.torrent_up_limit"),
            },
            keep_channels: self.parsed("sharing.keep_channels").unwrap_or(false),
            metered: self.parsed("sharing.metered").unwrap_or(false),
            timetable: self.parsed("sharing.timetable").unwrap_or_default(),
        }
    }
}

/// What concerns peers, for every command that meets some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Whether sharing is agreed to without the page asking.
    pub consent: bool,
    /// Where peers connect to.
    pub listen: Vec<SocketAddr>,
    /// The interface that all traffic is bound to.
    pub interface: Option<String>,
    /// Name servers to ask.
    pub dns: Vec<SocketAddr>,
    /// Through whom all connections go.
    pub proxy: Option<Proxy>,
    /// Whether the router is asked to let peers in.
    pub port_mapping: bool,
    /// A list of addresses that are never met.
    pub ip_filter: Option<PathBuf>,
    /// Whether trackers are asked.
    pub trackers: bool,
    /// Whether peers are asked for peers (BEP 11).
    pub exchange: bool,
    /// Whether peers are looked for in the local network (BEP 14).
    pub local_discovery: bool,
    /// Whether peers are looked for in the DHT.
    pub dht: bool,
    /// Nodes through which it is entered; none are the usual ones.
    pub dht_bootstrap: Vec<String>,
    /// How peers are reached.
    pub transport: Transport,
    /// Whether connections are encrypted.
    pub encryption: Encryption,
    /// Whether trackers, web seeds and peers may be local.
    pub local: bool,
    /// Download limit, bytes per second.
    pub down_rate_max: Option<u64>,
    /// Upload limit, bytes per second.
    pub up_rate_max: Option<u64>,
    /// How much is given and fetched, when, and by how many at one time.
    pub sharing: Sharing,
}

/// Who takes part when, and with how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Torrents that take part at one time.
    pub active_max: Option<usize>,
    /// How long a torrent gives before it has given enough.
    pub seed_time_max: Option<Duration>,
    /// Limits of each torrent.
    pub each: Rates,
    /// Whether all pictures and subtitles of followed channels are held.
    pub keep_channels: bool,
    /// Whether the connection is paid by the byte.
    pub metered: bool,
    /// Other limits at other times.
    pub timetable: Timetable,
}

fn platform() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("org", "Kinora", "kinora")
}

/// Where the settings file is looked for when none is named.
#[must_use]
pub fn platform_file() -> Option<PathBuf> {
    platform().map(|folders| folders.config_dir().join("kinora.toml"))
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        bad(
            format!("The settings file {} cannot be read: {error}.", path.display()),
            "Check its name and permissions.",
        )
    })
}

/// `[server] port = 1` becomes `server.port = "1"`; lists become text with commas.
fn flatten(path: &Path, text: &str) -> Result<Vec<(String, String)>, Failure> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        bad(
            format!("The settings file {} is not TOML: {}.", path.display(), error.message()),
            "Correct it, or move it away to start with defaults.",
        )
    })?;
    let mut flat = Vec::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(section) => {
                flat.extend(
                    section.into_iter().map(|(key, value)| (format!("{name}.{key}"), plain(value))),
                );
            }
            value => flat.push((name, plain(value))),
        }
    }
    Ok(flat)
}

fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(items) => items.into_iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn bad(message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(Exit::BadInput, "bad_setting", message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layered(
        file: &str,
        environment: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Result<Config, Failure> {
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let flags: Vec<_> =
            flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Config::layer(Some(("k.toml".into(), file.into())), environment, &flags)
    }

    #[test]
    fn flags_win_over_environment_over_file_over_defaults() {
        let file = "[server]\nport = 1\nnames = [\"a\", \"b\"]\n[network]\npex = false";
        let config =
            layered(file, &[("KINORA_SERVER_PORT", "2")], &[("server.port", "3")]).unwrap();
        assert_eq!(config.port(), Some(3));
        assert_eq!(config.names(), ["a", "b"]);
        assert!(!config.network().exchange && config.network().trackers);
        let sources: BTreeMap<_, _> =
            config.entries().map(|entry| (entry.key, &entry.from)).collect();
        assert_eq!(sources["server.port"], &Source::Flag);
        assert_eq!(sources["network.pex"], &Source::File("k.toml".into()));
        assert_eq!(sources["network.trackers"], &Source::Default);
        let config = layered(file, &[("KINORA_SERVER_PORT", "2")], &[]).unwrap();
        assert_eq!(config.port(), Some(2));
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_key_and_its_place() {
        let cases = [
            ("[server]\nport = 70000", "server.port"),
            ("[server]\nprot = 1", "server.prot"),
            ("[network]\nup_limit = 0", "network.up_limit"),
            ("[sharing]\nactive_max = -1", "sharing.active_max"),
            ("[sharing]\ntimetable = [\"mon 8-18 rest\"]", "sharing.timetable"),
            ("[network]\nlisten = \"here\"", "network.listen"),
            ("data_dir = ", "k.toml"),
        ];
        for (file, named) in cases {
            let failure = layered(file, &[], &[]).unwrap_err();
            assert_eq!(failure.exit.code(), 2);
            assert!(failure.message.contains(named), "{failure}");
        }
    }

    #[test]
    fn a_proxys_password_is_not_shown_right_or_wrong() {
        let proxy = |value: &'static str| layered("", &[], &[("network.proxy", value)]);
        for (value, expected) in [
            ("socks5://user:secret@host:1080", "socks5://user:***@host:1080"),
            ("http://user:sec%40ret@host", "http://user:***@host"),
            ("socks5://host:1080", "socks5://host:1080"),
        ] {
            let config = proxy(value).unwrap();
            let entry = config.entries().find(|entry| entry.key == "network.proxy").unwrap();
            assert_eq!(entry.shown(), expected);
        }
        for wrong in ["socks4://user:secret@host", "user:secret@host", "socks5://a:secret@b@:x"] {
            let failure = proxy(wrong).unwrap_err();
            assert!(!failure.to_string().contains("secret"), "{failure}");
        }
    }

    #[test]
    fn every_default_fits_its_key() {
        for key in KEYS {
            assert_eq!((key.check)(key.default), Ok(()), "{}", key.name);
        }
    }
}
