//! How fast one session fetches from another on loopback, disks included. Run by hand, in release mode.

mod stage;

use std::time::Instant;

use torrent::create::Version;

use self::stage::{Party, Work, soon};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test: cargo test --release -p driver --test speed -- --ignored --nocapture"]
async fn loopback() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let work = Work::new(version, 1 << 20, &[1 << 30]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let start = Instant::now();
        let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.expect("the disk works");
        let took = start.elapsed();
        let rate = work.len() as f64 / took.as_secs_f64() / 1e6;
        println!(
            "{version:?}: {rate:.0} MB/s ({took:?} for 1 GiB, seed and viewer in one process)"
        );
    }
}
