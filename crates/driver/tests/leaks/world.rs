//! Two namespaces: ours with a real interface and a VPN, and the world behind both.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use serde_json::Value;

use crate::stage::{PATIENCE, Scratch};

/// The role of a process inside a namespace.
pub(crate) const ROLE: &str = "KINORA_LEAKS_ROLE";
/// Its folder.
pub(crate) const FOLDER: &str = "KINORA_LEAKS_FOLDER";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// All of it; what was made goes with it.
pub(crate) struct World {
    app: String,
    net: String,
    scratch: Scratch,
    witness: Option<Talk>,
    seed: Option<Talk>,
    pub(crate) peer_port: u16,
}

/// What was seen since it was last asked, as `PROTOCOL HOST PORT HOST PORT`.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) by_real: Vec<String>,
    pub(crate) by_vpn: Vec<String>,
}

/// A process that speaks in lines; it ends when dropped.
pub(crate) struct Talk {
    process: Child,
    says: BufReader<ChildStdout>,
    hears: ChildStdin,
}

/// A world, or `None` where none can be made.
#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
pub(crate) fn world() -> Option<World> {
    let id = format!("{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut world = World {
        app: format!("kinora-app-{id}"),
        net: format!("kinora-net-{id}"),
        scratch: Scratch::new(),
        witness: None,
        seed: None,
        peer_port: 0,
    };
    if !(try_run(&["ip", "netns", "add", &world.app])
        && try_run(&["ip", "netns", "add", &world.net]))
    {
        eprintln!(
            "skipped: network namespaces cannot be made here; run as root on Linux with iproute2"
        );
        return None;
    }
    world.connect();
    Some(world)
}

impl World {
    fn connect(&mut self) {
        let (app, net) = (self.app.clone(), self.net.clone());
        for namespace in [&app, &net] {
            run(&["ip", "-n", namespace, "link", "set", "lo", "up"]);
            // Answers come by the VPN from where the other way leads: that is right here.
            for scope in ["all", "default"] {
                let rule = format!("net.ipv4.conf.{scope}.rp_filter=0");
                run(&["ip", "netns", "exec", namespace, "sysctl", "-qw", &rule]);
            }
        }
        for rule in ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"] {
            // Only who forwards says of an address that nobody is there.
            run(&["ip", "netns", "exec", &net, "sysctl", "-qw", rule]);
        }
        for host in ["2", "3", "9", "53"] {
            run(&["ip", "-n", &net, "addr", "add", &format!("45.1.1.{host}/32"), "dev", "lo"]);
            let v6 = format!("2600:45::{host}/128");
            run(&["ip", "-n", &net, "addr", "add", &v6, "dev", "lo", "nodad"]);
        }
        run(&["ip", "-n", &net, "route", "add", "unreachable", "45.1.1.1/32"]);
        run(&["ip", "-n", &net, "route", "add", "unreachable", "2600:45::1/128"]);
        self.link("real", "81.2.3", "2600:1", "10");
        self.connect_vpn();
        let names = PathBuf::from("/etc/netns").join(&app);
        fs::create_dir_all(&names).expect("root writes there");
        fs::write(names.join("resolv.conf"), "nameserver 45.1.1.53\n").expect("root writes there");
        let mut seed = self.inside(&net, "seed");
        self.peer_port = seed.line().parse().expect("a port");
        self.seed = Some(seed);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/leaks/net.py");
        let mut witness = Command::new("ip");
        witness.args(["netns", "exec", &net, "python3", script, &self.peer_port.to_string()]);
        let mut witness = Talk::start(witness.args(["real", "vpn"]));
        witness.wait_for("ready");
        self.witness = Some(witness);
    }

    /// An interface of both namespaces, and a way to everywhere by it.
    fn link(&self, name: &str, v4: &str, v6: &str, metric: &str) {
        let (app, net) = (&self.app[..], &self.net[..]);
        run(&[
            "ip", "link", "add", name, "netns", app, "type", "veth", "peer", "name", name, "netns",
            net,
        ]);
        for (namespace, host) in [(net, "1"), (app, "2")] {
            run(&["ip", "-n", namespace, "link", "set", name, "up"]);
            let (v4, v6) = (format!("{v4}.{host}/24"), format!("{v6}::{host}/64"));
            run(&["ip", "-n", namespace, "addr", "add", &v4, "dev", name]);
            run(&["ip", "-n", namespace, "addr", "add", &v6, "dev", name, "nodad"]);
        }
        let ways = [("-4", format!("{v4}.1")), ("-6", format!("{v6}::1"))];
        for (family, way) in ways {
            run(&[
                "ip", family, "-n", app, "route", "add", "default", "via", &way, "dev", name,
                "metric", metric,
            ]);
        }
    }

    pub(crate) fn connect_vpn(&self) {
        self.link("vpn", "10.8.0", "2600:2", "20");
    }

    pub(crate) fn drop_vpn(&self) {
        run(&["ip", "-n", &self.app, "link", "del", "vpn"]);
    }

    /// A session that fetches, in a process of its own.
    pub(crate) fn viewer(&self, role: &str) -> Talk {
        self.inside(&self.app, role)
    }

    fn inside(&self, namespace: &str, role: &str) -> Talk {
        let this = env::current_exe().expect("this test");
        let mut command = Command::new("ip");
        command.args(["netns", "exec", namespace]).arg(this);
        command.args(["--exact", "inside::plays_its_role", "--ignored", "--nocapture"]);
        command.env(ROLE, role).env(FOLDER, self.scratch.path());
        command.env("KINORA_LEAKS_PEER", self.peer_port.to_string());
        Talk::start(&mut command)
    }

    /// Whether somebody in the world reaches a port.
    pub(crate) fn is_called(&self, host: &str, port: u16) -> bool {
        let call = format!("import socket; socket.create_connection(('{host}', {port}), 20)");
        try_run(&["ip", "netns", "exec", &self.net, "python3", "-c", &call])
    }

    /// What was seen since the last time.
    pub(crate) fn seen(&mut self) -> Seen {
        let witness = self.witness.as_mut().expect("it was started");
        let mut told: Value = serde_json::from_str(&witness.ask("tell")).expect("JSON");
        let mut of = |name: &str| serde_json::from_value(told[name].take()).expect("a list");
        Seen { by_real: of("real"), by_vpn: of("vpn") }
    }
}

impl World {
    /// What was seen until packets with all of these ends had taken the VPN.
    pub(crate) fn seen_by_vpn(&mut self, ends: &[&str]) -> Seen {
        let (began, mut all) = (Instant::now(), self.seen());
        let has = |all: &Seen, end: &&&str| all.by_vpn.iter().any(|packet| packet.ends_with(**end));
        while let Some(missing) = ends.iter().find(|end| !has(&all, end)) {
            assert!(began.elapsed() < PATIENCE, "{missing} was not seen: {all:?}");
            let more = self.seen();
            all.by_real.extend(more.by_real);
            all.by_vpn.extend(more.by_vpn);
        }
        all
    }
}

impl Drop for World {
    fn drop(&mut self) {
        (self.witness, self.seed) = (None, None);
        for namespace in [&self.app, &self.net] {
            try_run(&["ip", "netns", "del", namespace]);
        }
        fs::remove_dir_all(PathBuf::from("/etc/netns").join(&self.app)).ok();
    }
}

impl Talk {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("iproute2 and this test start");
        let says = BufReader::new(process.stdout.take().expect("its words"));
        let hears = process.stdin.take().expect("its ear");
        Self { process, says, hears }
    }

    /// The next line that is meant for us.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.says.read_line(&mut line).expect("text") > 0, "it ended");
            let line = line.trim();
            // The test runner inside speaks, too.
            let is_runners = line.is_empty()
                || line.starts_with("running ")
                || line.ends_with("has been running for over 60 seconds");
            if !is_runners {
                return without_name(line).to_owned();
            }
        }
    }

    /// Says something, and hears the answer.
    pub(crate) fn ask(&mut self, question: &str) -> String {
        writeln!(self.hears, "{question}").expect("it listens");
        self.line()
    }

    /// Waits for a word.
    pub(crate) fn wait_for(&mut self, word: &str) {
        let line = self.line();
        assert_eq!(line, word);
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub(crate) fn try_run(command: &[&str]) -> bool {
    let output = Command::new(command[0]).args(&command[1..]).output();
    output.is_ok_and(|output| output.status.success())
}

pub(crate) fn run(command: &[&str]) {
    assert!(try_run(command), "{command:?} failed");
}

/// A line without the name of the test that says it.
fn without_name(line: &str) -> &str {
    let named = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
    named.map_or(line, |(_, rest)| rest)
}
