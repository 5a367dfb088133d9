//! A seed behind a slow line with a long buffer in front: does the queue stay short although everything goes over TCP?

use std::{env, path::PathBuf, process::Command, time::Instant};

use bytes::BytesMut;
use driver::{Config, Session, Transport};
use engine::Secret;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use torrent::{
    BLOCK_LEN, Piece,
    create::Version,
    wire::{self, Framer, Handshake, Message, Request, Reserved},
};

use crate::{
    stage::{self, Scratch, Work, soon},
    world::{FOLDER, ROLE, Talk, run, try_run},
};

/// What the line carries, and what waits in front of it at most.
const MBIT: u32 = 8;
const BUFFER_MS: f64 = 1000.0;
/// About sixteen seconds of the line.
const LEN: usize = 16_000_000;
const PIECE_LEN: u32 = 256 << 10;
/// Blocks that are asked for at once, of which the seed takes as many.
const AHEAD: usize = 400;

fn work() -> Work {
    Work::new(Version::V1, PIECE_LEN, &[LEN])
}

/// Three namespaces: the seed's, that of the router with the line behind it, the viewer's.
struct Line {
    names: [String; 3],
    /// The networks before and behind the router.
    nets: [&'static str; 2],
    scratch: Scratch,
}

impl Line {
    #[expect(clippy::print_stderr, reason = "a test that was left out says so")]
    fn new(nets: [&'static str; 2]) -> Option<Self> {
        let id = std::process::id();
        let names = ["seed", "router", "view"].map(|name| format!("kinora-line-{name}-{id}"));
        let line = Self { names, nets, scratch: Scratch::new() };
        if !line.names.iter().all(|name| try_run(&["ip", "netns", "add", name])) {
            eprintln!(
                "skipped: network namespaces cannot be made here; run as root on Linux with iproute2"
            );
            return None;
        }
        line.link(0, "home", nets[0]);
        line.link(2, "line", nets[1]);
        let (rate, latency) = (format!("{MBIT}mbit"), format!("{BUFFER_MS}ms"));
        let router = &line.names[1];
        // One that fills the buffer, whatever is usual on this machine.
        let reno = "net.ipv4.tcp_congestion_control=reno";
        run(&["ip", "netns", "exec", &line.names[0], "sysctl", "-qw", reno]);
        run(&["ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
        run(&[
            "ip", "netns", "exec", router, "tc", "qdisc", "add", "dev", "line", "root", "tbf",
            "rate", &rate, "burst", "16k", "latency", &latency,
        ]);
        Some(line)
    }

    /// Connects one of them with the router.
    fn link(&self, place: usize, name: &str, net: &str) {
        let (namespace, router) = (&self.names[place][..], &self.names[1][..]);
        run(&[
            "ip", "link", "add", name, "netns", namespace, "type", "veth", "peer", "name", name,
            "netns", router,
        ]);
        for (namespace, host) in [(router, "1"), (namespace, "2")] {
            let addr = format!("{net}.{host}/24");
            run(&["ip", "-n", namespace, "addr", "add", &addr, "dev", name]);
            run(&["ip", "-n", namespace, "link", "set", name, "up"]);
        }
        run(&["ip", "-n", namespace, "route", "add", "default", "via", &format!("{net}.1")]);
    }

    /// A session in a process of its own.
    fn session(&self, place: usize, role: &str) -> Talk {
        let this = env::current_exe().expect("this test");
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[place]]).arg(this);
        let name = "line::plays_its_role_at_a_line";
        command.args(["--exact", name, "--ignored", "--nocapture"]);
        command.env(ROLE, role).env(FOLDER, self.scratch.path());
        Talk::start(command.env("KINORA_LINE_NET", self.nets[0]))
    }

    /// For how many milliseconds a packet waits that joins the queue now.
    fn queue_ms(&self) -> f64 {
        let told = Command::new("ip")
            .args([
                "netns",
                "exec",
                &self.names[1],
                "tc",
                "-s",
                "-j",
                "qdisc",
                "show",
                "dev",
                "line",
            ])
            .output()
            .expect("iproute2 starts");
        let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        let backlog = told[0]["backlog"].as_f64().expect("what waits, in bytes");
        backlog * 8.0 / f64::from(MBIT) / 1000.0
    }

    /// Has all of it fetched: the mean queue once the first part is over, and the part of the line that was used.
    fn fetch(&self) -> (f64, f64) {
        let mut seed = self.session(0, "seed");
        seed.wait_for("ready");
        let mut viewer = self.session(2, "viewer");
        viewer.wait_for("begins");
        let (began, mut queues) = (Instant::now(), vec![]);
        let ended = std::thread::spawn(move || {
            viewer.wait_for("fetched");
            began.elapsed()
        });
        while !ended.is_finished() {
            let queue = self.queue_ms();
            if began.elapsed().as_secs() >= 4 && !ended.is_finished() {
                queues.push(queue);
            }
        }
        let took = ended.join().expect("it is fetched").as_secs_f64();
        assert!(!queues.is_empty(), "it took {took} s");
        let used = LEN as f64 * 8.0 / 1e6 / f64::from(MBIT) / took;
        (queues.iter().sum::<f64>() / queues.len() as f64, used)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        for name in &self.names {
            try_run(&["ip", "netns", "del", name]);
        }
    }
}

#[tokio::test]
#[ignore = "a role in the tests of a line, started by them"]
async fn plays_its_role_at_a_line() {
    let Ok(role) = env::var(ROLE) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).expect("a folder")).join(&role);
    let seed = format!("{}.2:7020", env::var("KINORA_LINE_NET").expect("a network"));
    match &role[..] {
        "seed" => give(folder, &seed).await,
        _ => take(&seed).await,
    }
}

fn config(folder: &std::path::Path, id: u8, listen: &str) -> Config {
    let mut config = stage::config(folder);
    (config.engine.seed, config.engine.secret) = (id.into(), Secret([id; 32]));
    config.listen = vec![listen.parse().expect("an address")];
    config.transport = Transport::Tcp;
    config
}

#[expect(clippy::print_stdout, reason = "this is how the roles speak with the test")]
fn say(word: &str) {
    println!("{word}");
}

async fn give(folder: PathBuf, at: &str) {
    let session = Session::start(config(&folder, 1, at)).await.expect("its address is there");
    let (work, root) = (work(), folder.join("files"));
    work.lay_out(&root);
    let torrent = session.add(stage::add(&work.metainfo, root)).await.expect("it goes on");
    soon(torrent.ready()).await.expect("its files are there");
    say("ready");
    std::future::pending::<()>().await;
}

/// Asks for all of it as fast as it comes: our own viewers leave a queue short by what they ask for.
async fn take(seed: &str) {
    let work = work();
    let mut stream = TcpStream::connect(seed).await.expect("it listens");
    let infohash = work.metainfo.info.hashes().wire();
    let handshake = Handshake { reserved: Reserved::NONE, infohash, peer_id: [7; 20] };
    stream.write_all(&handshake.to_bytes()).await.expect("it stands");
    say("begins");
    send(&mut stream, &[Message::Interested]).await;
    let mut wanted = requests().into_iter();
    let (mut framer, mut greeted, mut missing) = (Framer::default(), false, requests().len());
    while missing > 0 {
        let mut bytes = BytesMut::with_capacity(64 << 10);
        assert!(stream.read_buf(&mut bytes).await.expect("it stands") > 0, "it hung up");
        framer.push(bytes.freeze());
        greeted = greeted || framer.handshake().expect("a handshake").is_some();
        while let Some(message) = greeted.then(|| framer.next().expect("messages")).flatten() {
            let more = match message {
                Message::Unchoke => AHEAD,
                Message::Piece { .. } => {
                    missing -= 1;
                    1
                }
                _ => 0,
            };
            let more: Vec<_> = wanted.by_ref().take(more).map(Message::Request).collect();
            send(&mut stream, &more).await;
        }
    }
    say("fetched");
}

fn requests() -> Vec<Request> {
    let blocks = 0..(LEN as u32).div_ceil(BLOCK_LEN);
    let request = |at: u32| {
        let (piece, begin) = (at * BLOCK_LEN / PIECE_LEN, at * BLOCK_LEN % PIECE_LEN);
        let len = BLOCK_LEN.min(LEN as u32 - at * BLOCK_LEN);
        Request { piece: Piece(piece), begin, len }
    };
    blocks.map(request).collect()
}

async fn send(stream: &mut TcpStream, messages: &[Message]) {
    let mut bytes = BytesMut::new();
    messages.iter().for_each(|message| wire::encode(message, &mut bytes));
    stream.write_all(&bytes).await.expect("it stands");
}

#[test]
fn uploads_over_tcp_leave_the_households_line_without_a_long_queue() {
    let Some(line) = Line::new(["81.3.0", "81.4.0"]) else { return };
    let (queue, used) = line.fetch();
    assert!(queue < BUFFER_MS / 4.0 && used > 0.7, "a queue of {queue:.0} ms, used {used:.2}");
}

/// The same line between two of one household: nobody else's packets wait behind it, and the system fills its buffer.
#[test]
fn within_a_household_uploads_are_as_fast_as_the_system_makes_them() {
    let Some(line) = Line::new(["10.3.0", "10.4.0"]) else { return };
    let (queue, used) = line.fetch();
    assert!(queue > BUFFER_MS / 2.0 && used > 0.7, "a queue of {queue:.0} ms, used {used:.2}");
}
