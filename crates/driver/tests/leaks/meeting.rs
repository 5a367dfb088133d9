//! Two whom nobody can call, each behind a firewall, and a third between them: does libtorrent meet us there (BEP 55)?

use std::{env, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use driver::{Add, Config, Session};
use engine::{Secret, Want};
use tokio::time::timeout;
use torrent::create::Version;

use crate::{
    interpreter::python,
    stage::{self, Scratch, Work},
    world::{FOLDER, ROLE, Talk, run, try_run},
};

/// Peers are exchanged once a minute, and calls that are not answered take their time.
const MEETING: Duration = Duration::from_secs(400);
const RELAY: [&str; 2] = ["81.1.0.1:7010", "82.1.0.1:7010"];

fn work() -> Work {
    Work::new(Version::V1, 64 << 10, &[300_000])
}

/// Three namespaces: ours, the one between with the firewalls, libtorrent's.
struct Middle {
    names: [String; 3],
    scratch: Scratch,
}

impl Middle {
    #[expect(clippy::print_stderr, reason = "a test that was left out says so")]
    fn new() -> Option<Self> {
        let id = std::process::id();
        let names = ["a", "r", "b"].map(|name| format!("kinora-meet-{name}-{id}"));
        let middle = Self { names, scratch: Scratch::new() };
        if !middle.names.iter().all(|name| try_run(&["ip", "netns", "add", name])) {
            eprintln!(
                "skipped: network namespaces cannot be made here; run as root on Linux with iproute2"
            );
            return None;
        }
        for name in &middle.names {
            run(&["ip", "-n", name, "link", "set", "lo", "up"]);
        }
        let [ours, between, theirs] = &middle.names;
        // Nothing goes past the firewalls.
        run(&["ip", "netns", "exec", between, "sysctl", "-qw", "net.ipv4.ip_forward=0"]);
        middle.link(ours, "left", "81.1.0");
        middle.link(theirs, "right", "82.1.0");
        Some(middle)
    }

    fn link(&self, namespace: &str, name: &str, net: &str) {
        let between = &self.names[1][..];
        run(&[
            "ip", "link", "add", name, "netns", namespace, "type", "veth", "peer", "name", name,
            "netns", between,
        ]);
        for (namespace, host) in [(between, "1"), (namespace, "2")] {
            let addr = format!("{net}.{host}/24");
            run(&["ip", "-n", namespace, "addr", "add", &addr, "dev", name]);
            run(&["ip", "-n", namespace, "link", "set", name, "up"]);
        }
        let way = format!("{net}.1");
        run(&["ip", "-n", namespace, "route", "add", "default", "via", &way]);
    }

    fn inside(&self, place: usize, command: &[&str]) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", &self.names[place]]).args(command);
        inside
    }

    /// A session of ours in a process of its own.
    fn session(&self, place: usize, role: &str) -> Talk {
        let this = env::current_exe().expect("this test");
        let this = this.to_str().expect("a path in UTF-8");
        let name = "meeting::plays_its_role_in_a_meeting";
        let mut command = self.inside(place, &[this, "--exact", name, "--ignored", "--nocapture"]);
        Talk::start(command.env(ROLE, role).env(FOLDER, self.scratch.path()))
    }

    fn firewall(&self) -> Talk {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/leaks/firewall.py");
        Talk::start(&mut self.inside(1, &["python3", script, "left", "right"]))
    }

    fn libtorrent(&self, python: &std::path::Path, work: &Work) -> Talk {
        let (files, torrent) = (self.scratch.path().join("theirs"), "work.torrent");
        let torrent = self.scratch.path().join(torrent);
        work.lay_out(&files);
        fs::write(&torrent, work.metainfo.to_bytes()).expect("a writable folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/leaks/target.py");
        let mut command = self.inside(2, &[]);
        command.arg(python).args(["-W", "ignore::DeprecationWarning", script, "82.1.0.2"]);
        Talk::start(command.arg(torrent).arg(files).arg(RELAY[1]))
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        for name in &self.names {
            try_run(&["ip", "netns", "del", name]);
        }
    }
}

#[tokio::test]
#[ignore = "a role in the test of a meeting, started by it"]
async fn plays_its_role_in_a_meeting() {
    let Ok(role) = env::var(ROLE) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).expect("a folder")).join(&role);
    match &role[..] {
        "relay" => relay(folder).await,
        _ => call(folder).await,
    }
}

fn config(folder: &std::path::Path, id: u8, listen: &str) -> Config {
    let mut config = stage::config(folder);
    (config.engine.seed, config.engine.secret) = (id.into(), Secret([id; 32]));
    config.engine.exchange_peers = true;
    config.listen = vec![listen.parse().expect("an address")];
    config
}

#[expect(clippy::print_stdout, reason = "this is how the roles speak with the test")]
fn say(word: &str) {
    println!("{word}");
}

/// Has nothing and wants nothing: it only knows both.
async fn relay(folder: PathBuf) {
    let session = Session::start(config(&folder, 1, "0.0.0.0:7010")).await.expect("a free port");
    let add = stage::add(&work().metainfo, folder.join("files"));
    let torrent = session.add(add).await.expect("it goes on");
    torrent.ready().await.expect("its storage opens");
    say("ready");
    std::future::pending::<()>().await;
}

/// Knows the relay alone, and wants everything.
async fn call(folder: PathBuf) {
    let session = Session::start(config(&folder, 2, "81.1.0.2:7012")).await.expect("a free port");
    let (work, root) = (work(), folder.join("files"));
    let peers = vec![RELAY[0].parse().expect("an address")];
    let add =
        Add { peers, want: Want::All, ..stage::add(&Arc::clone(&work.metainfo), root.clone()) };
    let torrent = session.add(add).await.expect("it goes on");
    timeout(MEETING, torrent.finished()).await.expect("they meet").expect("the disk works");
    work.expect_at(&root);
    say("fetched");
}

/// The relay has none of it, and neither can be called: what comes came through both firewalls at once.
#[test]
fn libtorrent_behind_a_firewall_is_met_through_a_third() {
    let Some(middle) = Middle::new() else { return };
    let Some(python) = python() else { return };
    let mut firewall = middle.firewall();
    firewall.wait_for("ready");
    let mut relay = middle.session(1, "relay");
    relay.wait_for("ready");
    let mut libtorrent = middle.libtorrent(&python, &work());
    libtorrent.wait_for("ready");
    let mut ours = middle.session(0, "ours");
    ours.wait_for("fetched");
    let counted: [u64; 3] = serde_json::from_str(&firewall.ask("tell")).expect("three numbers");
    assert!(counted.iter().all(|count| *count > 0), "let through, and turned away: {counted:?}");
}
