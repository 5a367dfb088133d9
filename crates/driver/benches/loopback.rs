//! A gibibyte from one process to another on loopback, disks included: how fast it comes, what it costs either
//! of them, and how fast it is checked again beside the bare hash. Linux tells the CPU times.

#![expect(clippy::print_stdout, reason = "its table is what it is for")]

use std::{
    fs,
    hint::black_box,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Instant,
};

use driver::{Add, Session, Transport};
use torrent::{
    BLOCK_LEN, Metainfo,
    create::Version,
    hash::{self, LANES, Sha1Lanes},
    merkle,
};

#[path = "../tests/stage/mod.rs"]
mod stage;

use stage::{Party, Scratch, Work, add, config, noise, soon};

const GIB: usize = 1 << 30;
const BLOCK: usize = BLOCK_LEN as usize;
/// Rounds of each version, in turn; the medians are shown.
const ROUNDS: usize = 5;
/// Tells the process that gives where its film lies.
const FOLDER: &str = "KINORA_BENCH_FOLDER";

#[tokio::main]
async fn main() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return give(Path::new(&folder)).await;
    }
    // `-- v1 hybrid` measures these alone.
    let wanted: Vec<String> = std::env::args().skip(1).map(|word| word.to_lowercase()).collect();
    let versions = [Version::V1, Version::V2, Version::Hybrid].into_iter();
    let named = |version: &Version| wanted.contains(&format!("{version:?}").to_lowercase());
    let (named, all): (Vec<_>, Vec<_>) = versions.partition(named);
    let stages: Vec<_> =
        if named.is_empty() { all } else { named }.into_iter().map(Film::new).collect();
    let mut rows = vec![Vec::new(); stages.len()];
    for _ in 0..ROUNDS {
        for (film, rows) in stages.iter().zip(&mut rows) {
            rows.push(film.measure().await);
        }
    }
    println!(
        "| torrent | MB/s | CPU s per GiB, taking | giving | checked again, GB/s | bare hash, GB/s | side by side, GB/s |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (film, rows) in stages.iter().zip(&rows) {
        let cell = |column: usize| median(rows.iter().map(|row| row[column]).collect());
        let cells: Vec<String> = (0..6).map(|column| format!("{:.2}", cell(column))).collect();
        println!("| {:?} | {} |", film.version, cells.join(" | "));
    }
}

/// A film on disk, for whoever gives it.
struct Film {
    version: Version,
    scratch: Scratch,
    metainfo: Arc<Metainfo>,
}

impl Film {
    fn new(version: Version) -> Self {
        let (scratch, work) = (Scratch::new(), Work::new(version, 1 << 20, &[GIB]));
        work.lay_out(&files(scratch.path()));
        fs::write(scratch.path().join("torrent"), work.metainfo.to_bytes()).expect("a disk");
        Self { version, scratch, metainfo: work.metainfo }
    }

    /// One round: the columns of the table.
    async fn measure(&self) -> [f64; 6] {
        let mut giver = Giver::start(self.scratch.path());
        let taker = Party::with(|config| config.transport = Transport::Tcp).await;
        let (began, mine, its) = (Instant::now(), cpu_s("self"), cpu_s(&giver.name()));
        let torrent = taker.join(&self.metainfo, &[giver.addr]).await;
        soon(torrent.finished()).await.expect("the disk works");
        let rate = GIB as f64 / began.elapsed().as_secs_f64() / 1e6;
        let (mine, its) = (cpu_s("self") - mine, cpu_s(&giver.name()) - its);
        giver.stop();
        [rate, mine, its, self.check().await, self.bare(), self.side_by_side()]
    }

    /// The rate at which one worker checks all of it.
    async fn check(&self) -> f64 {
        let checker = Party::with(|config| config.hash_workers = 1).await;
        let add = Add { recheck: true, ..add(&self.metainfo, files(self.scratch.path())) };
        let torrent = checker.session.add(add).await.expect("the session goes on");
        let ready = soon(torrent.ready()).await.expect("its storage opens");
        assert_eq!(ready.have_bytes, GIB as u64, "all of it is right");
        GIB as f64 / ready.checked.as_secs_f64() / 1e9
    }

    /// The rate of one core that does nothing but hash what lies in memory, one message after the other.
    fn bare(&self) -> f64 {
        hashing(|bytes| match self.version {
            Version::V1 => bytes.chunks(1 << 20).for_each(|piece| {
                black_box(hash::sha1(piece));
            }),
            _ => bytes.chunks(BLOCK).for_each(|block| {
                black_box(merkle::block_leaf(block));
            }),
        })
    }

    /// The same, messages side by side.
    fn side_by_side(&self) -> f64 {
        hashing(|bytes| match self.version {
            Version::V1 => bytes.chunks(LANES << 20).for_each(|pieces| {
                let lanes = std::array::from_fn(|lane| &pieces[lane << 20..(lane + 1) << 20]);
                black_box(Sha1Lanes::new().finish(&lanes));
            }),
            _ => bytes.chunks(LANES * BLOCK).for_each(|blocks| {
                black_box(merkle::leaves(blocks));
            }),
        })
    }
}

/// The rate of hashing a quarter of a gibibyte, GB/s.
fn hashing(hash: impl Fn(&[u8])) -> f64 {
    let bytes = noise(GIB / 4, 1);
    let began = Instant::now();
    hash(&bytes);
    bytes.len() as f64 / began.elapsed().as_secs_f64() / 1e9
}

fn files(folder: &Path) -> PathBuf {
    folder.join("files")
}

/// The other process.
struct Giver {
    process: Child,
    addr: SocketAddr,
}

impl Giver {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program has a path"))
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let mut line = String::new();
        let said = process.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut line).expect("it says where it is");
        Self { process, addr: line.trim().parse().expect("an address") }
    }

    /// Its name in `/proc`.
    fn name(&self) -> String {
        self.process.id().to_string()
    }

    fn stop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("it ends when nobody speaks to it any more");
    }
}

/// Seeds the film in a folder until standard input closes.
async fn give(folder: &Path) {
    let bytes = fs::read(folder.join("torrent")).expect("it was written");
    let metainfo = Arc::new(Metainfo::parse(&bytes).expect("it is ours"));
    let records = Scratch::new();
    let mut config = config(records.path());
    // Whoever takes must not have the same identity.
    config.engine.seed = u64::from(std::process::id()) << 8;
    config.transport = Transport::Tcp;
    let session = Session::start(config).await.expect("loopback has free ports");
    let torrent = session.add(add(&metainfo, files(folder))).await.expect("the session goes on");
    torrent.ready().await.expect("its storage opens");
    println!("{}", session.local_addrs()[0]);
    let listen = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(listen).await.expect("it only reads").expect("it is a pipe");
}

/// CPU seconds of a process, in the kernel's and in its own name (proc(5), `stat`, in ticks of 10 ms).
fn cpu_s(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    let ticks = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
