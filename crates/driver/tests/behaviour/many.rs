//! A session that knows many torrents: adding, listing and resuming them.

use std::{
    collections::BTreeSet,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use driver::{Add, Session, Torrent};
use engine::{Limits, Want};
use torrent::{
    Metainfo,
    create::{Builder, Version},
};

use crate::stage::{Party, Scratch, add, config, noise, soon};

/// Those of them that take part at one time.
const ACTIVE_MAX: usize = 5;
const LEN: usize = 40_000;
/// What may be open however many torrents there are: sockets, threads' own, files in use at this moment.
const DESCRIPTORS_MAX: usize = 100;

/// Small films, each another one.
fn films(count: usize) -> Vec<Arc<Metainfo>> {
    let bytes = noise(LEN, 1);
    let film = |number| {
        let mut builder = Builder::single_file(format!("film {number}.mkv"), LEN as u64);
        builder.version = Version::V1;
        let mut hashing = builder.start().expect("a good name");
        while hashing.next_file().is_some() {
            hashing.feed(&bytes).expect("as many bytes as it has");
        }
        Arc::new(hashing.finish().expect("a valid torrent"))
    };
    (0..count).map(film).collect()
}

async fn session(scratch: Scratch) -> Party {
    let mut config = config(scratch.path());
    config.engine.limits = Limits { active_max: Some(ACTIVE_MAX), ..Limits::NONE };
    let session = Session::start(config).await.expect("nobody else uses its folder");
    Party { session, scratch }
}

/// Adds all, and waits until it is known what is on disk.
async fn add_all(party: &Party, films: &[Arc<Metainfo>]) -> Vec<Torrent> {
    let mut all = Vec::new();
    for film in films {
        let add = Add { want: Want::All, ..add(film, party.root()) };
        all.push(party.session.add(add).await.expect("it goes on"));
    }
    for torrent in &all {
        torrent.ready().await.expect("its storage opens");
    }
    all
}

/// What a page that lists them asks.
async fn list(party: &Party) -> usize {
    let mut names = BTreeSet::new();
    for torrent in party.session.torrents() {
        torrent.stats().await.expect("it is known");
        names.insert(torrent.known_metainfo().expect("it is known").info.name().to_owned());
    }
    names.len()
}

/// How long things took, and what it cost.
struct Figures {
    adding: Duration,
    listing: Duration,
    ending: Duration,
    resuming: Duration,
    bytes_each: u64,
}

/// Adds so many, lists them, ends the session and begins it again.
async fn measure(count: usize) -> Figures {
    let (films, before, open_before) = (films(count), resident(), descriptors());
    let party = session(Scratch::new()).await;
    // One of them is there: a resumed session must know it without hashing.
    fs::create_dir_all(party.root()).expect("a writable folder");
    fs::write(party.root().join("film 0.mkv"), noise(LEN, 1)).expect("a writable folder");
    let (all, adding) = timed(add_all(&party, &films)).await;
    let bytes_each = resident().saturating_sub(before) / count as u64;
    let open = descriptors() - open_before;
    assert!(open < DESCRIPTORS_MAX, "{open} files and sockets are open for {count} torrents");
    let (listed, listing) = timed(list(&party)).await;
    assert_eq!((all.len(), listed), (count, count));
    let Party { session: first, scratch } = party;
    let ((), ending) = timed(first.shutdown()).await;
    drop(all);
    let party = session(scratch).await;
    let (all, resuming) = timed(add_all(&party, &films)).await;
    assert_eq!(list(&party).await, count);
    let ready = all[0].ready().await.expect("its storage is open");
    assert_eq!((ready.have_bytes, all[0].checked()), (LEN as u64, (0, 0)), "nothing was hashed");
    Figures { adding, listing, ending, resuming, bytes_each }
}

async fn timed<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (what.await, began.elapsed())
}

/// What this process has open; 0 where the system does not say.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Bytes of memory that this process uses; 0 where the system does not say.
fn resident() -> u64 {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_torrents_are_added_listed_and_resumed() {
    soon(measure(300)).await;
}

/// Not a test but a measurement: `cargo nextest run -p driver --run-ignored only -E 'binary(many)' --no-capture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, printed by scripts/figures"]
async fn ten_thousand_torrents() {
    let Figures { adding, listing, ending, resuming, bytes_each } = measure(10_000).await;
    println!(
        "adding_s={:.2} listing_s={:.3} ending_s={:.2} resuming_s={:.2} kib_each={:.1}",
        adding.as_secs_f64(),
        listing.as_secs_f64(),
        ending.as_secs_f64(),
        resuming.as_secs_f64(),
        bytes_each as f64 / 1024.0
    );
}
