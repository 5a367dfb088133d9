//! What a session needs to know before it starts.

use std::{net::SocketAddr, path::PathBuf};

use crate::{port_mapping::PortMappingConfig, proxy::Proxy};

/// How a session is set up for its whole life. `app` chooses every field; there is no `Default`.
#[derive(Debug, Clone)]
pub struct Config {
    /// How the engine behaves. A `listen_port` of 0 is replaced by the port that was bound.
    pub engine: engine::Config,
    /// How peers are reached.
    pub transport: Transport,
    /// Where peers may reach us; empty listens nowhere. Port 0 lets the system choose.
    pub listen: Vec<SocketAddr>,
    /// The network interface that all traffic is bound to; `None` follows the routing table.
    pub interface: Option<String>,
    /// Whom to ask for the addresses of names, port 53, where an interface is bound to or these are given; empty
    /// asks the system's name servers, over that interface.
    pub dns: Vec<SocketAddr>,
    /// Through whom all connections go. With a proxy nothing is listened to: `listen` counts for nothing. Unless it
    /// is a SOCKS5 proxy that carries datagrams none is sent, and `dht` counts for nothing either.
    pub proxy: Option<Proxy>,
    /// How the household's router is asked to let peers in; `None` leaves it alone. It is left alone, too, with an
    /// interface or a proxy, and where nothing is listened to over IPv4.
    pub port_mapping: Option<PortMappingConfig>,
    /// A list of addresses that are never met, called or let in: eMule's `.dat`, PeerGuardian's text, or networks in
    /// CIDR notation. It counts for peers, nodes of the DHT, trackers and web seeds.
    pub ip_filter: Option<PathBuf>,
    /// The folder of the resume records. One session at a time may use it.
    pub data_dir: PathBuf,
    /// Which addresses may be contacted.
    pub address_policy: AddressPolicy,
    /// Whether peers are looked for in the local network (BEP 14), where those that answer may be contacted
    /// whatever the policy says. It needs a port to be listened to.
    pub local_discovery: bool,
    /// How the DHT is taken part in; `None` leaves it alone.
    pub dht: Option<DhtConfig>,
    /// Threads that write, read and hash; at least one is used.
    pub hash_workers: usize,
    /// The `User-Agent` of every HTTP request.
    pub user_agent: String,
}

/// How peers are reached, and reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By TCP alone.
    Tcp,
    /// By uTP alone (BEP 29): connections over UDP that give way to other traffic.
    Utp,
    /// By whichever is quicker.
    Both,
}

/// How a session takes part in the DHT. Its nodes may be at local addresses if peers may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DhtConfig {
    /// Nodes through which it is entered, as `HOST:PORT`. Those of the last run are asked, too.
    pub bootstrap: Vec<String>,
    /// How much of us others may use, and we of them; `None` is what suits a household.
    pub limits: Option<dht::Limits>,
}

/// Whether addresses that are not on the public internet (loopback, private and link-local networks)
/// may be contacted. Torrents come from strangers: with these off none of them can make this machine
/// call a router, a metadata service or a program that listens on loopback only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Trackers at local addresses.
    pub local_trackers: bool,
    /// Web seeds at local addresses.
    pub local_web_seeds: bool,
    /// Peers at local addresses.
    pub local_peers: bool,
}
