//! A household behind a router that translates addresses, with miniupnpd on it: does who calls the router's own address reach
//! us, as long as we run and no longer?

use std::{env, fs, path::PathBuf, process::Command};

use driver::{Add, Config, PortMappingConfig, Session, Transport};
use engine::{Secret, Want};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use torrent::create::Version;

use crate::{
    stage::{self, Scratch, Work, soon},
    world::{FOLDER, ROLE, Talk, run, try_run},
};

const PORT: u16 = 7013;
/// Where routers are asked by PCP and NAT-PMP (RFC 6887), and where they are looked for by UPnP.
const PCP: u16 = 5351;
const SSDP: u16 = 1900;
/// The router as the world sees it.
const OUTSIDE: &str = "81.2.3.4";
/// Lets out whoever asks, and in nobody but whom it is told of: as routers for households do.
const RULES: &str = r#"
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
    jump miniupnpd
  }
  chain miniupnpd {
  }
  chain prerouting {
    type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
  }
  chain prerouting_miniupnpd {
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    oifname "wan" masquerade
    jump postrouting_miniupnpd
  }
  chain postrouting_miniupnpd {
  }
}
"#;

fn work() -> Work {
    Work::new(Version::Hybrid, 64 << 10, &[300_000])
}

/// Three namespaces: the household, its router, the world.
struct Street {
    home: String,
    router: String,
    world: String,
    scratch: Scratch,
}

impl Street {
    #[expect(clippy::print_stderr, reason = "a test that was left out says so")]
    fn new(name: &str) -> Option<Self> {
        let of = |place| format!("kinora-{place}-{name}-{}", std::process::id());
        let street = Self {
            home: of("home"),
            router: of("router"),
            world: of("world"),
            scratch: Scratch::new(),
        };
        if !street.all().iter().all(|name| try_run(&["ip", "netns", "add", name])) {
            eprintln!(
                "skipped: network namespaces cannot be made here; run as root on Linux with iproute2"
            );
            return None;
        }
        let [home, router, world] = street.all();
        for name in street.all() {
            run(&["ip", "-n", name, "link", "set", "lo", "up"]);
        }
        link("lan", (home, "192.168.7.2"), (router, "192.168.7.1"));
        link("wan", (router, OUTSIDE), (world, "81.2.3.9"));
        run(&["ip", "-n", home, "route", "add", "default", "via", "192.168.7.1"]);
        run(&["ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
        let rules = street.file("rules", RULES);
        run(&["ip", "netns", "exec", router, "nft", "-f", &rules]);
        Some(street)
    }

    fn all(&self) -> [&str; 3] {
        [&self.home, &self.router, &self.world]
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.scratch.path().join(name);
        fs::write(&path, text).expect("a writable folder");
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn inside(namespace: &str, command: &[&str]) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", namespace]).args(command);
        inside
    }

    /// The daemon on the router, and what its firewall is told.
    fn daemon(&self, pcp: &str) -> [Talk; 2] {
        let changes = Talk::start(&mut Self::inside(&self.router, &["nft", "monitor", "rules"]));
        let pid = self.scratch.path().join("pid").display().to_string();
        let lines = [
            "ext_ifname=wan",
            "listening_ip=lan",
            "enable_upnp=yes",
            &format!("enable_natpmp={pcp}"),
            "secure_mode=yes",
            "allow 1024-65535 192.168.7.0/24 1024-65535",
            "deny 0-65535 0.0.0.0/0 0-65535",
        ];
        let config = self.file("miniupnpd.conf", &(lines.join("\n") + "\n"));
        let mut daemon =
            Self::inside(&self.router, &["miniupnpd", "-d", "-f", &config, "-P", &pid]);
        // It says what it does on the one, and nothing on the other.
        let log = fs::File::create(self.scratch.path().join("log")).expect("a writable folder");
        let daemon = Talk::start(daemon.stderr(log));
        // A household asks once when it comes, and then not for a while.
        self.wait_until_it_hears(if pcp == "yes" { PCP } else { SSDP });
        [daemon, changes]
    }

    /// Waits until somebody on the router listens on a port of UDP.
    fn wait_until_it_hears(&self, port: u16) {
        let filter = format!("sport = :{port}");
        let hears = || {
            let sockets = Self::inside(&self.router, &["ss", "-Hlun", &filter]).output();
            sockets.is_ok_and(|found| !found.stdout.is_empty())
        };
        assert!((0..2_000).any(|_| hears()), "nobody listens on {port}");
    }

    fn session(&self, namespace: &str, role: &str) -> Talk {
        let this = env::current_exe().expect("this test");
        let this = this.to_str().expect("a path in UTF-8");
        let name = "router::plays_its_role_in_a_street";
        let mut command =
            Self::inside(namespace, &[this, "--exact", name, "--ignored", "--nocapture"]);
        Talk::start(command.env(ROLE, role).env(FOLDER, self.scratch.path()))
    }

    /// Whether somebody in the world is let in.
    fn is_called(&self) -> bool {
        let call = format!("import socket; socket.create_connection(('{OUTSIDE}', {PORT}), 3)");
        try_run(&["ip", "netns", "exec", &self.world, "python3", "-c", &call])
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        for name in self.all() {
            try_run(&["ip", "netns", "del", name]);
        }
    }
}

fn link(name: &str, one: (&str, &str), other: (&str, &str)) {
    run(&[
        "ip", "link", "add", name, "netns", one.0, "type", "veth", "peer", "name", name, "netns",
        other.0,
    ]);
    for (namespace, host) in [one, other] {
        run(&["ip", "-n", namespace, "addr", "add", &format!("{host}/24"), "dev", name]);
        run(&["ip", "-n", namespace, "link", "set", name, "up"]);
    }
}

#[tokio::test]
#[ignore = "a role in the tests of a router, started by them"]
async fn plays_its_role_in_a_street() {
    let Ok(role) = env::var(ROLE) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).expect("a folder")).join(&role);
    match &role[..] {
        "household" => household(folder).await,
        "tcp" => fetch(folder, Transport::Tcp).await,
        _ => fetch(folder, Transport::Utp).await,
    }
}

fn config(folder: &std::path::Path, id: u8) -> Config {
    let mut config = stage::config(folder);
    (config.engine.seed, config.engine.secret) = (id.into(), Secret([id; 32]));
    config.listen = vec!["0.0.0.0:0".parse().expect("an address")];
    config
}

#[expect(clippy::print_stdout, reason = "this is how the roles speak with the test")]
fn say(word: &str) {
    println!("{word}");
}

/// Has everything, and asks its router to be called, until it is told to leave.
async fn household(folder: PathBuf) {
    let mut config = config(&folder, 1);
    config.listen = vec![([0, 0, 0, 0], PORT).into()];
    config.port_mapping = Some(PortMappingConfig::default());
    let session = Session::start(config).await.expect("a free port");
    let (work, root) = (work(), folder.join("files"));
    work.lay_out(&root);
    let torrent = session.add(stage::add(&work.metainfo, root)).await.expect("it goes on");
    soon(torrent.ready()).await.expect("its files are there");
    say("ready");
    let mut word = String::new();
    BufReader::new(tokio::io::stdin()).read_line(&mut word).await.expect("the test speaks");
    session.shutdown().await;
    say("left");
}

/// Knows the router's address alone.
async fn fetch(folder: PathBuf, transport: Transport) {
    let mut config = config(&folder, 2);
    config.transport = transport;
    let session = Session::start(config).await.expect("a free port");
    let (work, root) = (work(), folder.join("files"));
    let peers = vec![format!("{OUTSIDE}:{PORT}").parse().expect("an address")];
    let add = Add { peers, want: Want::All, ..stage::add(&work.metainfo, root.clone()) };
    let torrent = session.add(add).await.expect("it goes on");
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&root);
    say("fetched");
}

/// What the router says when it lets somebody in, or no longer, by TCP and by UDP.
fn wait_for_two(changes: &mut Talk, action: &str) {
    let mut seen = 0;
    while seen < 2 {
        let line = changes.line();
        seen += usize::from(line.starts_with(action) && line.contains("prerouting_miniupnpd"));
    }
}

fn a_router_lets_the_world_in(name: &str, pcp: &str) {
    let Some(street) = Street::new(name) else { return };
    let [_daemon, mut changes] = street.daemon(pcp);
    let mut household = street.session(&street.home, "household");
    household.wait_for("ready");
    wait_for_two(&mut changes, "add rule");
    for role in ["tcp", "utp"] {
        street.session(&street.world, role).wait_for("fetched");
    }
    assert_eq!(household.ask("leave"), "left");
    wait_for_two(&mut changes, "delete rule");
    assert!(!street.is_called(), "the router lets nobody in any more");
}

#[test]
fn miniupnpd_asked_by_pcp_lets_the_world_in_while_we_run() {
    a_router_lets_the_world_in("pcp", "yes");
}

#[test]
fn miniupnpd_asked_by_upnp_lets_the_world_in_while_we_run() {
    a_router_lets_the_world_in("upnp", "no");
}
