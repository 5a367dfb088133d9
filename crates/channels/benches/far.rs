//! How long a site and a channel take to come over a path of 20 Mbit/s and 40 ms there and back: a line of JSON for each
//! figure.
//!
//! `cargo bench -p channels --bench far [-- TITLES]`, as root on Linux, with `ip` and Python: publisher and visitor are
//! processes in two network namespaces, and `lab/wire.py` carries every packet between them, those of the DHT as well.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints and may stop")]

#[path = "../tests/face/stage.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod stage;

#[allow(dead_code, reason = "the other bench uses the rest")]
mod made;

use std::{
    fs,
    io::{BufRead, BufReader, Write, stdin, stdout},
    net::{IpAddr, SocketAddr},
    ops::ControlFlow,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use catalogue::channel::{Address, Key, Level};
use channels::{Stage, open_kept_site, publish_site, put_site, share_site, stay, visit_site};
use serde_json::json;

use crate::{
    made::{Random, films},
    stage::{Home, SEED, new_channel},
};

const MBIT: u32 = 20;
const RTT_MS: u32 = 40;
/// What a router in front of the line holds.
const QUEUE_MS: u32 = 200;
const PUBLISHER: [u8; 4] = [10, 99, 0, 1];
const VISITOR: [u8; 4] = [10, 99, 0, 2];
/// The site: its files and their bytes.
const FILES: usize = 100;
const FILE: usize = 20_000;
/// Visitors who come one after the other, and changes that the last of them waits for.
const VISITORS: usize = 7;
const CHANGES: usize = 5;
/// Time between two changes: visitors verify few signatures of one peer in a short time.
const PAUSE: Duration = Duration::from_secs(12);
const PATIENCE: Duration = Duration::from_secs(120);
/// What the processes at both ends are called with.
const ROLES: [&str; 2] = ["--give", "--come"];

/// Two namespaces and the path between them; they go with it.
struct Line {
    names: [String; 2],
    wire: Child,
}

impl Line {
    fn new() -> Option<Self> {
        let id = std::process::id();
        let names = ["give", "come"].map(|end| format!("kinora-far-{end}-{id}"));
        for name in &names {
            if !ip(&["netns", "add", name]) || !ip(&["-n", name, "link", "set", "lo", "up"]) {
                return None;
            }
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lab/wire.py");
        let shape = [MBIT, RTT_MS, 0, QUEUE_MS].map(|number| number.to_string());
        let mut command = Command::new("python3");
        let command = command.arg(script).args(&names).args(shape);
        let wire = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut line = Self { names, wire: wire.expect("Python is there") };
        line.is_up().then_some(line)
    }

    /// Waits until the path says that it carries, or ends without a word.
    fn is_up(&mut self) -> bool {
        let Some(out) = self.wire.stdout.as_mut() else { return false };
        BufReader::new(out).lines().next().is_some_and(|line| line.is_ok())
    }

    /// This program in a role of its own at one end.
    fn end(&self, place: usize, words: &[String]) -> End {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[place]]).arg(std::env::current_exe().unwrap());
        let command = command.arg(ROLES[place]).args(words).stdin(Stdio::piped());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        End { orders: process.stdin.take(), out, process }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.wire.stdin.take());
        self.wire.wait().ok();
        for name in &self.names {
            ip(&["netns", "del", name]);
        }
    }
}

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).status().is_ok_and(|status| status.success())
}

/// A process at one end: it is told a line and says a line.
struct End {
    process: Child,
    orders: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
}

impl End {
    fn hear(&mut self) -> Vec<String> {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "it ended");
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// As [`hear`](Self::hear), of numbers.
    fn figures(&mut self) -> Vec<f64> {
        self.hear().iter().map(|word| word.parse().unwrap()).collect()
    }

    fn ask(&mut self) -> Vec<String> {
        writeln!(self.orders.as_mut().unwrap(), "go").unwrap();
        self.hear()
    }

    fn end(mut self) {
        drop(self.orders.take());
        self.process.wait().unwrap();
    }
}

fn answer(words: &[String]) {
    println!("{}", words.join(" "));
    stdout().flush().unwrap();
}

/// Whether there is another order.
fn ordered() -> bool {
    stdin().read_line(&mut String::new()).unwrap() > 0
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()
}

fn anywhere(ip: [u8; 4]) -> SocketAddr {
    (IpAddr::from(ip), 0).into()
}

fn door(home: &Home) -> SocketAddr {
    home.session.dht().unwrap().local_addrs()[0]
}

/// Pages that do not pack, of which one is another with each version.
fn write_site(folder: &Path, number: u64) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("index.html"), "<img src=\"p01.png\">").unwrap();
    for file in 1..FILES {
        let mut random = Random(if file == 1 { number << 32 } else { file as u64 });
        let bytes: Vec<u8> = (0..FILE).map(|_| random.below(256) as u8).collect();
        fs::write(folder.join(format!("p{file:02}.png")), bytes).unwrap();
    }
}

/// The publisher: a site and a channel, and a change of the site with each order.
async fn give(titles: usize) {
    let node = Home::alone(anywhere(PUBLISHER), vec![]).await;
    let home = Home::alone(anywhere(PUBLISHER), vec![door(&node)]).await;
    let own = home.publisher();
    let key = own.create(new_channel("Many films"), None).await.unwrap().key;
    own.add(key, films(&mut Random(20_261_121), 0, titles)).await.unwrap();
    own.publish(Some(&home.session), key).await.unwrap();
    let site = own.create(new_channel("Evenings"), None).await.unwrap().key;
    let folder = home.place().join("pages");
    let publish = async |number| {
        write_site(&folder, number);
        let go_on = |_| ControlFlow::Continue(());
        let at = Level::Static;
        let began = now_ms();
        publish_site(&home.channels, site, folder.clone(), at, None, go_on).await.unwrap();
        put_site(&home.session, &home.channels, site).await.unwrap();
        began
    };
    publish(0).await;
    share_site(&home.session, &home.channels, site).await.unwrap();
    let (session, channels) = (home.session.clone(), home.channels.clone());
    tokio::spawn(async move { stay(&session, &channels, site, |_| {}).await });
    answer(&[key.to_string(), site.to_string(), door(&home).to_string()]);
    let mut number = 0;
    while tokio::task::block_in_place(ordered) {
        number += 1;
        answer(&[publish(number).await.to_string()]);
    }
}

/// Bytes that came over the path.
fn came() -> u64 {
    let counted = fs::read_to_string("/sys/class/net/wire/statistics/rx_bytes").unwrap();
    counted.trim().parse().unwrap()
}

async fn visitor(near: SocketAddr) -> Home {
    let home = Home::alone(anywhere(VISITOR), vec![near]).await;
    while home.session.dht().unwrap().stats().await.unwrap().nodes_v4 < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    home
}

/// Seconds that something takes, and the bytes that come meanwhile.
async fn timed<T>(work: impl Future<Output = T>) -> (T, [f64; 2]) {
    let (began, before) = (Instant::now(), came());
    let done = work.await;
    (done, [began.elapsed().as_secs_f64(), (came() - before) as f64])
}

fn said(figures: &[f64]) {
    answer(&figures.iter().map(f64::to_string).collect::<Vec<_>>());
}

/// Follows until there is something to see; the rest is not waited for.
async fn first_screen(home: &Home, key: Key) {
    let (shows, shown) = tokio::sync::oneshot::channel();
    let shows = Mutex::new(Some(shows));
    let tell = |stage| {
        if matches!(stage, Stage::Showing { .. })
            && let Some(shows) = shows.lock().unwrap().take()
        {
            shows.send(()).unwrap();
        }
    };
    let (subscriptions, address) = (home.subscriptions(), Address::new(key));
    let follow = subscriptions.follow(&home.session, &address, PATIENCE, tell);
    tokio::select! {
        shown = shown => shown.unwrap(),
        all = Box::pin(follow) => panic!("all of it before a first screen: {all:?}"),
    }
}

/// The visitor: a first screen, and a site that is opened, opened again, and stays open.
async fn come(words: &[String]) {
    let [key, site] = [0, 1].map(|at| Key::parse(&words[at]).unwrap());
    let near: SocketAddr = words[2].parse().unwrap();
    SEED.store(100, Ordering::Relaxed);
    for _ in 0..VISITORS {
        let home = visitor(near).await;
        let shown = timed(first_screen(&home, key)).await;
        said(&shown.1);
        home.session.shutdown().await;
    }
    let address = Address::new(site);
    for last in (0..VISITORS).rev() {
        let home = visitor(near).await;
        let visit = || visit_site(&home.session, &home.channels, &address, PATIENCE);
        let (visited, first) = timed(Box::pin(visit())).await;
        let pages = visited.unwrap();
        assert_eq!(pages.site.files.iter().count(), FILES);
        // What is here is shown, and a newer version is looked for behind it.
        let shown = async {
            let kept = open_kept_site(&home.channels, &address).unwrap();
            fs::read_to_string(kept.pages.join("index.html")).unwrap()
        };
        let (page, second) = timed(shown).await;
        assert!(page.contains("p01.png"));
        let (again, third) = timed(Box::pin(visit())).await;
        assert!(!again.unwrap().is_new);
        said(&[first, second, third].concat());
        if last == 0 {
            return wait_for_news(home, site).await;
        }
        home.session.shutdown().await;
    }
}

async fn wait_for_news(home: Home, site: Key) {
    let tell = |_: &channels::Visited| answer(&[now_ms().to_string()]);
    let work = stay(&home.session, &home.channels, site, tell);
    let met = async {
        home.meets_followers(site).await;
        answer(&["met".to_owned()]);
        std::future::pending::<()>().await;
    };
    tokio::join!(work, met);
}

fn say(name: &str, mut all: Vec<f64>, unit: &str, limit: f64) {
    all.sort_by(f64::total_cmp);
    let (middle, most) = (all[all.len() / 2], all[all.len() - 1]);
    let line = json!({"name": format!("channels.{name}"), "value": middle, "most": most, "unit": unit,
        "runs": all.len(), "target": format!("<={limit}"), "ok": most <= limit});
    println!("{line}");
}

fn measure(titles: usize) {
    let Some(path) = Line::new() else {
        println!("left out: network namespaces and /dev/net/tun want root on Linux");
        return;
    };
    let mut giver = path.end(0, &[titles.to_string()]);
    let ready = giver.hear();
    let mut comer = path.end(1, &ready);
    let column = |rows: &[Vec<f64>], at: usize| rows.iter().map(|row| row[at]).collect();
    let screens: Vec<_> = (0..VISITORS).map(|_| comer.figures()).collect();
    say("P6_s", column(&screens, 0), "s", 5.0);
    say("P6_bytes", column(&screens, 1), "B", 1e6);
    let sites: Vec<_> = (0..VISITORS).map(|_| comer.figures()).collect();
    say("S1_s", column(&sites, 0), "s", 3.0);
    say("S1_bytes", column(&sites, 1), "B", 3e6);
    say("S2_s", column(&sites, 2), "s", 0.3);
    say("S2_behind_s", column(&sites, 4), "s", 5.0);
    assert_eq!(comer.hear(), ["met"]);
    let changes = (0..CHANGES).map(|_| {
        std::thread::sleep(PAUSE);
        let began: f64 = giver.ask()[0].parse().unwrap();
        (comer.figures()[0] - began) / 1000.0
    });
    say("S3_s", changes.collect(), "s", 5.0);
    comer.process.kill().unwrap();
    comer.end();
    giver.end();
}

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let number = words.iter().find_map(|word| word.parse().ok()).unwrap_or(20_000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match words.split_first() {
        Some((role, _)) if role == ROLES[0] => runtime.block_on(Box::pin(give(number))),
        Some((role, rest)) if role == ROLES[1] => runtime.block_on(Box::pin(come(rest))),
        _ => measure(number),
    }
}
