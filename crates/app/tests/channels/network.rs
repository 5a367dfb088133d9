//! A DHT of nodes in this process, and commands that enter it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use app::{config::Network, http::client::Client, session};
use driver::{DhtConfig, Session, Transport};
use engine::{Encryption, Limits};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use serde_json::{Value, json};

use crate::program::{Running, kinora};

const NO_LIMITS: Limits = Limits::NONE;
pub(crate) const SERVE: [&str; 6] = ["serve", "--no-open", "--port", "0", "--consent", "--local"];

/// So many nodes that know each other. They keep what others put there and know nothing of channels.
pub(crate) struct World {
    runtime: tokio::runtime::Runtime,
    nodes: Vec<Session>,
    door: String,
    home: tempfile::TempDir,
}

impl World {
    pub(crate) fn new(size: usize) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut nodes: Vec<Session> = Vec::new();
        let mut door = None;
        for place in 0..size {
            let resume = home.path().join(format!("node-{place}"));
            let node = runtime.block_on(node(resume, door.iter().cloned().collect()));
            door.get_or_insert_with(|| node.dht().unwrap().local_addrs()[0].to_string());
            nodes.push(node);
        }
        let world = Self { runtime, nodes, door: door.unwrap_or_default(), home };
        world.wait_until_joined();
        world
    }

    fn wait_until_joined(&self) {
        let enough = 8.min(self.nodes.len().saturating_sub(1));
        self.runtime.block_on(async {
            for node in &self.nodes {
                while node.dht().unwrap().stats().await.unwrap().nodes_v4 < enough {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
    }

    /// Asks a server that told it is ready for something: its status and its bytes.
    pub(crate) fn get(&self, ready: &Value, path: &str) -> (u16, Vec<u8>) {
        let client = client(ready);
        let request = Request::get(path)
            .header("host", format!("127.0.0.1:{}", client.port))
            .header("authorization", format!("Bearer {}", client.token))
            .body(Full::default())
            .unwrap();
        self.runtime.block_on(async {
            let answer = client.send(request).await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
        })
    }

    /// What a server says that has an answer.
    pub(crate) fn json(&self, ready: &Value, path: &str) -> Value {
        let (status, bytes) = self.get(ready, path);
        assert_eq!(status, 200, "{path}: {}", bytes.escape_ascii());
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Has a server do something that succeeds.
    pub(crate) fn ask(&self, ready: &Value, path: &str, body: &Value) -> Value {
        let client = client(ready);
        self.runtime.block_on(client.ask(Method::POST, path, Some(body.clone()))).unwrap()
    }

    /// A household with a home of its own.
    pub(crate) fn household(&self, name: &str) -> Household {
        let home = self.home.path().join(name);
        fs::create_dir_all(&home).unwrap();
        Household { home, door: self.door.clone(), authority: None }
    }
}

fn client(ready: &Value) -> Client {
    Client::of_launch(ready["url"].as_str().unwrap()).unwrap()
}

async fn node(resume: PathBuf, dht_bootstrap: Vec<String>) -> Session {
    fs::create_dir_all(&resume).unwrap();
    let network = Network {
        consent: false,
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        interface: None,
        dns: vec![],
        proxy: None,
        port_mapping: false,
        ip_filter: None,
        trackers: false,
        exchange: false,
        local_discovery: false,
        dht: true,
        dht_bootstrap: dht_bootstrap.clone(),
        transport: Transport::Both,
        encryption: Encryption::Prefer,
        local: true,
        down_rate_max: None,
        up_rate_max: None,
        sharing: app::config::Sharing::default(),
    };
    let mut config = session::config(&network, resume, NO_LIMITS).unwrap();
    // The first has nobody to enter through.
    config.dht = Some(DhtConfig { bootstrap: dht_bootstrap, limits: None });
    config.hash_workers = 1;
    session::open(config).await.unwrap()
}

/// One machine: a home folder, and commands in it.
pub(crate) struct Household {
    pub(crate) home: PathBuf,
    door: String,
    /// The certificate of whom it trusts to vouch for web servers, besides nobody.
    authority: Option<PathBuf>,
}

impl Household {
    /// One that trusts a web server's authority.
    pub(crate) fn trusting(self, authority: &Path) -> Self {
        Self { authority: Some(authority.to_owned()), ..self }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = kinora(&self.home);
        command.env("KINORA_NETWORK_DHT", "true").args(arguments).args([
            "--data-dir",
            "data",
            "--json",
        ]);
        command.envs(self.authority.iter().map(|path| ("SSL_CERT_FILE", path)));
        command
    }

    fn networked(&self, arguments: &[&str]) -> std::process::Command {
        self.networked_at("127.0.0.1:0", arguments)
    }

    fn networked_at(&self, listen: &str, arguments: &[&str]) -> std::process::Command {
        let mut command = self.command(arguments);
        command.args(["--listen", listen, "--dht-bootstrap", &self.door]);
        command
    }

    /// Runs to the end without a network; every line it printed, and its exit code.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
        Running::of(self.command(arguments)).end()
    }

    /// Runs to the end with another environment.
    pub(crate) fn run_with(
        &self,
        environment: &[(&str, &str)],
        arguments: &[&str],
    ) -> (Vec<Value>, Option<i32>) {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Running::of(command).end()
    }

    /// Runs to the end in the network.
    pub(crate) fn run_networked(&self, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
        Running::of(self.networked(arguments)).end()
    }

    /// Runs on in the network.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::of(self.networked(arguments))
    }

    /// Runs on in the network, behind an address of its own. All that it sends comes from there over uTP alone: of a TCP
    /// connection on loopback the system chooses where it comes from.
    pub(crate) fn start_at(&self, listen: &str, arguments: &[&str]) -> Running {
        let mut command = self.networked_at(listen, arguments);
        command.args(["--transport", "utp"]);
        Running::of(command)
    }

    /// A server in the network, and what it said when it was ready.
    pub(crate) fn serve(&self) -> (Running, Value) {
        ready(self.start(&SERVE))
    }

    /// Runs on without a network.
    pub(crate) fn start_alone(&self, arguments: &[&str]) -> Running {
        Running::of(self.command(arguments))
    }

    /// The one line of a command that must succeed.
    pub(crate) fn one(&self, arguments: &[&str]) -> Value {
        let (mut lines, code) = self.run(arguments);
        assert_eq!(code, Some(0), "{lines:?}");
        lines.pop().expect("a line")
    }

    /// Makes a channel with these films, and returns its address.
    pub(crate) fn create(&self, films: &[&str]) -> String {
        let contact = ["--contact", "mailto:rights@example.org"];
        let created = self.one(&[&["channel", "create", "Silent films"], &contact[..]].concat());
        self.add(films);
        created["address"].as_str().unwrap().to_owned()
    }

    /// Lets films wait to be published.
    pub(crate) fn add(&self, films: &[&str]) {
        write_catalogue(&self.home.join("films.json"), films);
        let added = self.one(&["channel", "add", "films.json"]);
        assert_eq!(added["titles"], films.len());
    }
}

/// A server that just started, and what it said when it was ready.
pub(crate) fn ready(mut server: Running) -> (Running, Value) {
    let ready = server.next();
    assert_eq!(ready["event"], "ready", "{ready}");
    (server, ready)
}

/// Ends a server in the way of a system that shuts down.
pub(crate) fn stop(server: Running) {
    server.signal("TERM");
    assert_eq!(server.end().1, Some(0));
}

/// A catalogue file of films with these names.
pub(crate) fn write_catalogue(path: &Path, films: &[&str]) {
    let film = |name: &&str| {
        let id = name.to_lowercase().replace(' ', "-");
        json!({
            "id": id, "kind": "film", "name": {"en": name}, "year": 1927, "licence": "CC-BY-4.0",
            "attribution": "Somebody", "source": "https://example.org/licence",
            "synopsis": {"en": "What it is about."},
            "releases": [{"id": format!("{id}-r"), "quality": "720p", "container": "mp4",
                "size_bytes": 1, "path": "a/b.mp4",
                "torrent": {"v1": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"}}],
        })
    };
    let titles: Vec<_> = films.iter().map(film).collect();
    let file = json!({"kinora_catalogue": 1, "id": "films", "revision": 1, "name": {"en": "Films"},
        "publisher": "Somebody", "titles": titles});
    fs::write(path, file.to_string()).unwrap();
}
