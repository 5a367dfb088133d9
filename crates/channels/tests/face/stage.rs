//! Homes with a library, channels and a session, in a DHT of our own on loopback.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use catalogue::{
    Catalogue, Title,
    channel::{Key, Kind, swarm_name},
};
use channels::{Channels, Keeper, NewChannel, Publisher, Subscriptions, Update};
use driver::{AddressPolicy, Config, DhtConfig, Session, Transport};
use engine::{Encryption, Limits, Secret};
use library::Library;
use serde_json::json;
use tempfile::TempDir;

/// Every session has other random numbers.
pub(crate) static SEED: AtomicU8 = AtomicU8::new(1);

/// All nodes have one address here: what is plenty from one household is little from all of them.
const LIMITS: dht::Limits = dht::Limits {
    answers_per_source: 100_000,
    answer_bytes_per_second: 10 << 20,
    ..dht::Limits::USUAL
};

/// A port that is free.
pub(crate) const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Nodes of the DHT that know nothing of channels.
pub(crate) struct Network {
    nodes: Vec<(Session, TempDir)>,
}

/// One household.
pub(crate) struct Home {
    pub(crate) session: Session,
    pub(crate) library: Library,
    pub(crate) channels: Channels,
    place: TempDir,
}

/// Three nodes that know each other.
pub(crate) async fn network() -> Network {
    let mut network = Network { nodes: vec![] };
    for _ in 0..3 {
        let place = TempDir::new().unwrap();
        let session = session(&place, ANYWHERE, network.doors()).await;
        network.nodes.push((session, place));
    }
    for (node, _) in &network.nodes {
        joined(node, 2).await;
    }
    network
}

impl Network {
    /// Where its nodes are asked.
    pub(crate) fn doors(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|(node, _)| node.dht().unwrap().local_addrs()[0]).collect()
    }
}

impl Home {
    pub(crate) async fn new(network: &Network) -> Self {
        let home = Self::alone(ANYWHERE, network.doors()).await;
        joined(&home.session, 3).await;
        home
    }

    /// One that may know nobody yet.
    pub(crate) async fn alone(listen: SocketAddr, doors: Vec<SocketAddr>) -> Self {
        let place = TempDir::new().unwrap();
        let session = session(&place, listen, doors).await;
        let library = Library::open(place.path()).unwrap();
        let channels = Channels::open(&place.path().join("channels")).unwrap();
        Self { session, library, channels, place }
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher::new(self.channels.clone())
    }

    /// Makes a channel with titles that wait.
    pub(crate) async fn created(&self, titles: Vec<Title>) -> Key {
        let own = self.publisher();
        let key = own.create(new_channel("Silent films"), None).await.unwrap().key;
        own.add(key, titles).await.unwrap();
        key
    }

    /// Makes a channel with titles and publishes it.
    pub(crate) async fn published(&self, titles: Vec<Title>) -> Key {
        let key = self.created(titles).await;
        self.publisher().publish(Some(&self.session), key).await.unwrap();
        key
    }

    pub(crate) fn subscriptions(&self) -> Subscriptions {
        Subscriptions::new(self.channels.clone(), self.library.clone())
    }
}

async fn joined(session: &Session, enough: usize) {
    while session.dht().unwrap().stats().await.unwrap().nodes_v4 < enough {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn session(place: &TempDir, listen: SocketAddr, doors: Vec<SocketAddr>) -> Session {
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    let config = Config {
        engine: engine::Config {
            seed: seed.into(),
            secret: Secret([seed; 32]),
            encryption: Encryption::Prefer,
            client: *b"-KN0000-",
            client_name: "Kinora test".into(),
            listen_port: 0,
            exchange_peers: false,
            dht_port: 0,
            punch: false,
            use_trackers: false,
            connections_max: 100,
            connections_per_torrent_max: 50,
            dials_max: 20,
            handshake_patience: Duration::from_secs(10),
            limits: Limits::NONE,
        },
        transport: Transport::Both,
        listen: vec![listen],
        interface: None,
        dns: vec![],
        port_mapping: None,
        ip_filter: None,
        proxy: None,
        data_dir: place.path().join("records"),
        address_policy: AddressPolicy {
            local_trackers: true,
            local_web_seeds: true,
            local_peers: true,
        },
        local_discovery: false,
        dht: Some(DhtConfig {
            bootstrap: doors.iter().map(ToString::to_string).collect(),
            limits: Some(LIMITS),
        }),
        hash_workers: 1,
        user_agent: "kinora-test".into(),
    };
    Session::start(config).await.unwrap()
}

pub(crate) fn new_channel(name: &str) -> NewChannel {
    NewChannel {
        kind: Kind::Catalogue,
        name: serde_json::from_value(json!({"en": name})).unwrap(),
        about: serde_json::from_value(json!({"en": "What it is about."})).unwrap(),
        publisher: "Somebody".to_owned().try_into().unwrap(),
        contact: "mailto:rights@example.org".to_owned().try_into().unwrap(),
    }
}

/// Films with these names.
pub(crate) fn films(names: &[&str]) -> Vec<Title> {
    let film = |name: &&str| {
        let id = name.to_lowercase().replace(' ', "-");
        json!({
            "id": id, "kind": "film", "name": {"en": name}, "year": 1927, "licence": "CC-BY-4.0",
            "attribution": "Somebody", "source": "https://example.org/licence",
            "releases": [{"id": format!("{id}-r"), "quality": "720p", "container": "mp4",
                "size_bytes": 1, "path": "a/b.mp4",
                "torrent": {"v1": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"}}],
        })
    };
    let titles: Vec<_> = names.iter().map(film).collect();
    let file = json!({"kinora_catalogue": 1, "id": "films", "revision": 1, "name": {"en": "Films"},
        "publisher": "Somebody", "titles": titles});
    let catalogue = Catalogue::parse(file.to_string().as_bytes()).unwrap();
    assert_eq!(catalogue.titles().len(), names.len());
    catalogue.titles().to_vec()
}

/// Channels that are kept alive until this is dropped.
pub(crate) struct Kept {
    work: tokio::task::AbortHandle,
    updates: tokio::sync::mpsc::UnboundedReceiver<Update>,
}

impl Kept {
    /// The next thing that is told.
    pub(crate) async fn next(&mut self) -> Update {
        self.updates.recv().await.expect("it goes on")
    }

    pub(crate) async fn until_version(&mut self, version: u64) -> Update {
        loop {
            let update = self.updates.recv().await.expect("it goes on");
            if update.version >= version {
                return update;
            }
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.work.abort();
    }
}

impl Home {
    /// The folder of everything that it keeps.
    pub(crate) fn place(&self) -> &std::path::Path {
        self.place.path()
    }

    pub(crate) fn keep(&self) -> Kept {
        let (session, channels) = (self.session.clone(), self.channels.clone());
        let (keeper, updates) = Keeper::new(session, channels, self.library.clone());
        Kept { work: tokio::spawn(keeper.run()).abort_handle(), updates }
    }

    /// As [`keep`](Self::keep), with all pictures and subtitles.
    pub(crate) fn keep_all(&self) -> Kept {
        let (session, channels) = (self.session.clone(), self.channels.clone());
        let (keeper, updates) = Keeper::new(session, channels, self.library.clone());
        Kept { work: tokio::spawn(keeper.holding_all().run()).abort_handle(), updates }
    }

    /// Waits until somebody else is met under a channel's name.
    pub(crate) async fn meets_followers(&self, key: Key) {
        let name = torrent::InfoHashes::V1(swarm_name(&key));
        loop {
            if let Some(swarm) = self.session.find(&name)
                && swarm.stats().await.unwrap().peers > 0
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
