//! What runs inside a namespace: a seed, or a viewer with everything switched on.

use std::{env, path::PathBuf, sync::Arc};

use driver::{Add, Config, DhtConfig, Session, Source, Transport};
use engine::{Secret, Want};
use torrent::{Metainfo, create::Version};

use crate::{
    stage::{self, Work, soon},
    world::{FOLDER, ROLE},
};

/// Two torrents: one for before the interface goes and one for after.
fn works() -> [Work; 2] {
    [
        Work::new(Version::Hybrid, 64 << 10, &[300_000]),
        Work::new(Version::V1, 64 << 10, &[200_000, 7]),
    ]
}

#[expect(clippy::print_stdout, reason = "this is how the roles speak with the test")]
fn say(word: impl std::fmt::Display) {
    println!("{word}");
}

#[tokio::test]
#[ignore = "a role in the tests of leaks, started by them"]
async fn plays_its_role() {
    // Run by itself it has no role to play.
    let Ok(role) = env::var(ROLE) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).expect("a folder")).join(&role);
    match &role[..] {
        "seed" => seed(folder).await,
        _ => view(&role, folder).await,
    }
}

fn config(folder: &std::path::Path, id: u8) -> Config {
    let mut config = stage::config(folder);
    (config.engine.seed, config.engine.secret) = (id.into(), Secret([id; 32]));
    config.listen = vec!["0.0.0.0:0".parse().expect("an address")];
    config.listen.push("[::]:0".parse().expect("an address"));
    config.dht = Some(DhtConfig::default());
    config
}

/// At one port over both families and both transports.
async fn seed(folder: PathBuf) {
    let mut config = config(&folder, 1);
    config.listen = vec!["45.1.1.3:7003".parse().expect("an address")];
    config.listen.push("[2600:45::3]:7003".parse().expect("an address"));
    let session = Session::start(config).await.expect("its address is there");
    for (work, name) in works().iter().zip(["first", "second"]) {
        let root = folder.join(name);
        work.lay_out(&root);
        let torrent = session.add(stage::add(&work.metainfo, root)).await.expect("it goes on");
        soon(torrent.ready()).await.expect("its files are there");
    }
    say(session.local_addrs()[0].port());
    std::future::pending::<()>().await;
}

async fn view(role: &str, folder: PathBuf) {
    let mut config = config(&folder, 2);
    config.local_discovery = true;
    config.engine.exchange_peers = true;
    config.interface = (role == "bound").then(|| "vpn".into());
    let proxy = match role {
        "proxied" => Some("socks5://45.1.1.9:1080"),
        "relayed" | "relayed-v6" => Some("socks5://45.1.1.9:1081"),
        _ => None,
    };
    config.proxy = proxy.map(|url| url.parse().expect("a proxy"));
    let port = env::var("KINORA_LEAKS_PEER").expect("a port");
    config.dht = Some(DhtConfig { bootstrap: vec![format!("dht.example:{port}")], limits: None });
    if role == "relayed-v6" {
        config.transport = Transport::Utp;
    }
    let session = Session::start(config).await.expect("the interface is there");
    let [first, second] = works();
    if role == "relayed-v6" {
        return fetch_over_ipv6(&session, &first, folder.join("first"), &port).await;
    }
    fetch(&session, &first, folder.join("first")).await;
    if role == "relayed" {
        joined(&session).await;
    }
    say("fetched");
    if role != "bound" {
        return;
    }
    until(&session, false).await;
    say("gone");
    // Everything that could leave is asked for: names, trackers, peers, the DHT.
    let fetching = fetch(&session, &second, folder.join("second"));
    let trying = async {
        let dht = session.dht().expect("it is on");
        let key = dht::Id([7; 20]);
        dht.peers(key, None).await.expect("it goes on");
        say("tried");
    };
    tokio::join!(fetching, trying);
    until(&session, true).await;
    say("fetched");
    say(session.local_addrs()[0].port());
    std::future::pending::<()>().await;
}

/// Waits until the session says that its interface is there, or gone.
async fn until(session: &Session, there: bool) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
    soon(async {
        while session.interface() != Some(("vpn", there)) {
            ticks.tick().await;
        }
    })
    .await;
}

/// Waits until somebody in the DHT has answered.
async fn joined(session: &Session) {
    let dht = session.dht().expect("the proxy carries datagrams");
    soon(async {
        while dht.stats().await.expect("it goes on").nodes_v4 == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn fetch(session: &Session, work: &Work, root: PathBuf) {
    let torrent = session.add(wanted(&work.metainfo, root.clone())).await.expect("it goes on");
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&root);
}

/// From the seed's IPv6 address alone, over uTP alone: TCP is not there to help out.
async fn fetch_over_ipv6(session: &Session, work: &Work, root: PathBuf, port: &str) {
    let peer = format!("[2600:45::3]:{port}").parse().expect("an address");
    let add =
        Add { want: Want::All, peers: vec![peer], ..stage::add(&work.metainfo, root.clone()) };
    let torrent = session.add(add).await.expect("it goes on");
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&root);
    say("fetched");
}

fn wanted(metainfo: &Arc<Metainfo>, root: PathBuf) -> Add {
    // Each is a tier of its own: the second is asked when the first has failed, so all are given to one torrent each.
    let trackers = ["udp://tracker.example:6969/announce", "http://tracker.example/announce"];
    Add {
        source: Source::Metainfo(Arc::clone(metainfo)),
        trackers: trackers.iter().map(|url| vec![(*url).to_owned()]).collect(),
        want: Want::All,
        ..stage::add(metainfo, root)
    }
}
