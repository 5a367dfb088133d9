//! How fast one session fetches from another on loopback, disks included. Run by hand, in release mode.

mod stage;

use std::time::Instant;

use torrent::create::Version;

use self::stage::{Party, Work, soon};

const GIB: usize = 1 << 30;

/// The rate, in words.
async fn fetch_one_gib(version: Version) -> String {
    let work = Work::new(version, 1 << 20, &[GIB]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let start = Instant::now();
    let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.expect("the disk works");
    let took = start.elapsed();
    let rate = work.len() as f64 / took.as_secs_f64() / 1e6;
    format!("{version:?}: {rate:.0} MB/s ({took:?} for 1 GiB, seed and viewer in one process)")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo test --release -p driver --test speed -- --ignored --nocapture"]
async fn v1() {
    println!("{}", fetch_one_gib(Version::V1).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo test --release -p driver --test speed -- --ignored --nocapture"]
async fn v2() {
    println!("{}", fetch_one_gib(Version::V2).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo test --release -p driver --test speed -- --ignored --nocapture"]
async fn hybrid() {
    println!("{}", fetch_one_gib(Version::Hybrid).await);
}
