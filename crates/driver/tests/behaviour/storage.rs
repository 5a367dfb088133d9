//! What is kept between sessions, what a crash costs, and what happens when the disk refuses.

#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::MetadataExt,
    process::{Child, Command, Stdio},
};

use driver::{Add, ReadError, Session, Source, StartError, TorrentError};
use engine::{DiskFault, Limits, Want};
use torrent::{Magnet, create::Version};

use crate::stage::{NO_LIMITS, Party, Scratch, Work, add, config, read_all, soon};

const VERSIONS: [Version; 3] = [Version::V1, Version::V2, Version::Hybrid];

/// Starts a session over in the same folders.
async fn restarted(scratch: Scratch) -> Party {
    let session = Session::start(config(scratch.path())).await.expect("the last one has ended");
    Party { session, scratch }
}

#[tokio::test]
async fn after_a_shutdown_nothing_is_hashed_and_nothing_fetched_again() {
    for version in VERSIONS {
        let work = Work::new(version, 64 << 10, &[2_000_000, 100_000]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.unwrap();
        drop(torrent);
        let Party { session, scratch } = viewer;
        soon(session.shutdown()).await;
        let viewer = restarted(scratch).await;
        let torrent = viewer.join(&work.metainfo, &[]).await;
        let ready = soon(torrent.ready()).await.unwrap();
        assert_eq!(ready.have_bytes, work.len(), "{version:?}");
        assert_eq!(torrent.checked(), (0, 0), "nothing is hashed");
        soon(torrent.finished()).await.unwrap();
    }
}

#[tokio::test]
async fn a_magnet_link_needs_no_peer_the_second_time() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let party = Party::new().await;
    party.seed(&work).await;
    let Party { session, scratch } = party;
    soon(session.shutdown()).await;
    let party = restarted(scratch).await;
    let magnet = Magnet::new(work.metainfo.info.hashes());
    let source = Source::Magnet(Box::new(magnet));
    let torrent = party.session.add(Add { source, ..party.add(&work.metainfo) }).await.unwrap();
    assert_eq!(soon(torrent.metainfo()).await.unwrap().info, work.metainfo.info);
    assert!(read_all(torrent.open(0, 0, None).unwrap()).await == work.files[0].1);
}

/// The piece layers of v2 come after the description; the record has both.
#[tokio::test]
async fn what_peers_told_of_a_magnet_links_torrent_is_whole_the_second_time() {
    for version in VERSIONS {
        let work = Work::new(version, 64 << 10, &[2_000_000, 100_000]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let magnet = || Magnet::new(work.metainfo.info.hashes());
        let by_link = |peers| Add {
            source: Source::Magnet(Box::new(magnet())),
            peers,
            want: Want::All,
            ..viewer.add(&work.metainfo)
        };
        let (first, again) = (by_link(vec![seed.addr()]), by_link(Vec::new()));
        soon(viewer.session.add(first).await.unwrap().finished()).await.unwrap();
        soon(viewer.session.shutdown()).await;
        let viewer = restarted(viewer.scratch).await;
        let torrent = viewer.session.add(again).await.unwrap();
        let metainfo = soon(torrent.metainfo()).await.unwrap();
        assert_eq!(metainfo.missing_piece_layers().count(), 0, "{version:?}");
        soon(torrent.finished()).await.unwrap();
    }
}

#[tokio::test]
async fn a_changed_byte_is_found_by_a_recheck_and_fetched_again() {
    for version in VERSIONS {
        let work = Work::new(version, 64 << 10, &[1_000_000]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        work.lay_out(&viewer.root());
        let path = work.path(&viewer.root(), "one.mkv");
        let mut bytes = fs::read(&path).unwrap();
        bytes[700_000] ^= 1;
        fs::write(&path, bytes).unwrap();
        let add = Add { recheck: true, ..viewer.add(&work.metainfo) };
        let add = Add { peers: vec![seed.addr()], want: Want::All, ..add };
        let torrent = viewer.session.add(add).await.unwrap();
        let ready = soon(torrent.ready()).await.unwrap();
        assert_eq!(ready.have_bytes, 1_000_000 - (64 << 10), "{version:?}");
        soon(torrent.finished()).await.unwrap();
        work.expect_at(&viewer.root());
        let downloaded = torrent.stats().await.unwrap().downloaded;
        assert!(downloaded < 200_000, "{downloaded} bytes for one piece");
    }
}

/// Not a test of its own: the process that `after_kill_9…` kills. It says when it holds half of the work.
#[tokio::test]
#[ignore = "run by another test"]
async fn a_process_to_be_killed() {
    let Ok(folder) = std::env::var("KINORA_TEST_FOLDER") else { return };
    let peer = std::env::var("KINORA_TEST_PEER").unwrap().parse().unwrap();
    let work = Work::new(Version::Hybrid, 64 << 10, &[24_000_000]);
    let folder = std::path::PathBuf::from(folder);
    let session = Session::start(config(&folder)).await.unwrap();
    let add =
        Add { want: Want::All, peers: vec![peer], ..add(&work.metainfo, folder.join("files")) };
    let torrent = session.add(add).await.unwrap();
    while torrent.stats().await.unwrap().have_bytes < work.len() / 2 {
        tokio::task::yield_now().await;
    }
    println!("half");
    std::io::stdout().flush().unwrap();
    std::future::pending::<()>().await;
}

fn start_victim(folder: &std::path::Path, peer: std::net::SocketAddr) -> Child {
    Command::new(std::env::current_exe().expect("this program has a path"))
        .args(["--ignored", "--exact", "--nocapture", "storage::a_process_to_be_killed"])
        .env("KINORA_TEST_FOLDER", folder)
        .env("KINORA_TEST_PEER", peer.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started")
}

#[tokio::test]
async fn after_kill_9_every_byte_that_is_given_is_right() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[24_000_000]);
    let seed = Party::with(|config| config.engine.limits.up_rate_max = Some(20_000_000)).await;
    seed.seed(&work).await;
    let scratch = Scratch::new();
    let folder = scratch.path().to_owned();
    let peer = seed.addr();
    let killed = tokio::task::spawn_blocking(move || {
        let mut victim = start_victim(&folder, peer);
        let out = BufReader::new(victim.stdout.take().unwrap());
        let half = out.lines().any(|line| line.unwrap().ends_with("half"));
        victim.kill().unwrap();
        victim.wait().unwrap();
        half
    });
    assert!(soon(killed).await.unwrap());
    let party = restarted(scratch).await;
    let torrent = party.join(&work.metainfo, &[seed.addr()]).await;
    let ready = soon(torrent.ready()).await.unwrap();
    assert!(ready.have_bytes >= work.len() / 3, "{} bytes were found again", ready.have_bytes);
    let disk = fs::read(work.path(&party.root(), "one.mkv")).unwrap();
    for range in torrent.on_disk(0) {
        let range = range.start as usize..range.end as usize;
        assert!(disk[range.clone()] == work.files[0].1[range]);
    }
    soon(torrent.finished()).await.unwrap();
    work.expect_at(&party.root());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_pauses_the_torrent_with_the_reason() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    // Root may write anywhere, but not make a folder where a file is.
    fs::write(viewer.root(), "in the way").unwrap();
    let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
    let why = soon(torrent.finished()).await;
    assert_eq!(why, Err(TorrentError::Disk(DiskFault::Broken)));
    let mut reader = torrent.open(0, 0, None).unwrap();
    assert_eq!(soon(reader.next()).await, Err(ReadError::Disk(DiskFault::Broken)));
    fs::remove_file(viewer.root()).unwrap();
    torrent.pause(false).await;
    soon(torrent.finished()).await.expect("it goes on when the reason is gone");
    work.expect_at(&viewer.root());
}

/// A file system of `kib` KiB at `at`; `None` where that needs rights we do not have.
fn mount(at: &std::path::Path, kib: u32, options: &str) -> Option<Mounted> {
    fs::create_dir_all(at).expect("a writable folder");
    let size = format!("size={kib}k{options}");
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
    mounted.ok()?.status.success().then(|| Mounted(at.to_owned()))
}

struct Mounted(std::path::PathBuf);

impl Mounted {
    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(done.is_ok_and(|status| status.success()));
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[tokio::test]
async fn a_full_disk_pauses_the_torrent_and_space_lets_it_go_on() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[4_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let Some(disk) = mount(&viewer.root(), 2_000, "") else {
        eprintln!("skipped: mounting a small file system needs root");
        return;
    };
    let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
    assert_eq!(soon(torrent.finished()).await, Err(TorrentError::Disk(DiskFault::Full)));
    disk.remount("size=8000k");
    let resumed = async {
        // Blocks that were on their way to the full disk may still fail after the first time.
        while torrent.finished().await.is_err() {
            torrent.pause(false).await;
        }
    };
    soon(resumed).await;
    work.expect_at(&viewer.root());
}

#[tokio::test]
async fn a_read_only_disk_serves_and_streams_and_refuses_to_be_written() {
    let work = Work::new(Version::V1, 64 << 10, &[1_000_000]);
    let (reader, viewer) = (Party::new().await, Party::new().await);
    let Some(disk) = mount(&reader.root(), 4_000, "") else {
        eprintln!("skipped: mounting a file system needs root");
        return;
    };
    work.lay_out(&reader.root());
    disk.remount("ro");
    let torrent = reader.join(&work.metainfo, &[]).await;
    assert_eq!(soon(torrent.ready()).await.unwrap().have_bytes, work.len());
    assert!(read_all(torrent.open(0, 0, None).unwrap()).await == work.files[0].1);
    let fetched = viewer.join(&work.metainfo, &[reader.addr()]).await;
    soon(fetched.finished()).await.expect("it is served");
    let other = Work::new(Version::V2, 64 << 10, &[300_000]);
    viewer.seed(&other).await;
    let refused = reader.join(&other.metainfo, &[viewer.addr()]).await;
    assert_eq!(soon(refused.finished()).await, Err(TorrentError::Disk(DiskFault::Denied)));
}

#[tokio::test]
async fn a_quota_is_kept_while_a_film_is_watched_to_its_end() {
    let quota = 2 << 20;
    let work = Work::new(Version::Hybrid, 64 << 10, &[8 << 20]);
    let seed = Party::new().await;
    let limits = Limits { cache_quota: Some(quota), ..NO_LIMITS };
    let viewer = Party::with(|config| config.engine.limits = limits).await;
    seed.seed(&work).await;
    let add = Add { peers: vec![seed.addr()], ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    let all = read_all(torrent.open(0, 0, None).unwrap()).await;
    assert!(all == work.files[0].1, "every byte was right, also those that are gone again");
    let kept: u64 = torrent.on_disk(0).iter().map(|part| part.end - part.start).sum();
    assert!(kept <= quota, "{kept} bytes verified");
    let Party { session, scratch } = viewer;
    soon(session.shutdown()).await;
    let taken =
        fs::metadata(work.path(&scratch.path().join("files"), "one.mkv")).unwrap().blocks() * 512;
    assert!(taken <= quota + (64 << 10), "{taken} bytes taken");
}

#[tokio::test]
async fn two_films_that_are_watched_at_once_share_the_quota_and_nothing_comes_again_and_again() {
    let (quota, len) = (5 << 20, 4_u64 << 20);
    let films = [32 << 10, 64 << 10].map(|piece| Work::new(Version::V1, piece, &[4 << 20]));
    let limits = Limits { cache_quota: Some(quota), ..NO_LIMITS };
    let viewer = Party::with(|config| config.engine.limits = limits).await;
    let mut players = Vec::new();
    for (folder, film) in ["first", "second"].into_iter().zip(&films) {
        let seed = Party::new().await;
        seed.seed(film).await;
        let (peers, root) = (vec![seed.addr()], viewer.root().join(folder));
        let add = Add { peers, root, ..viewer.add(&film.metainfo) };
        let torrent = viewer.session.add(add).await.unwrap();
        torrent.media_rate(1_000);
        let mut player = torrent.open(0, 0, None).unwrap();
        let begin = soon(player.next()).await.unwrap().unwrap().to_vec();
        players.push((seed, torrent, player, begin));
    }
    for (film, (_seed, torrent, player, mut begin)) in films.iter().zip(players) {
        begin.extend(read_all(player).await);
        assert!(begin == film.files[0].1);
        let stats = torrent.stats().await.unwrap();
        assert!(stats.downloaded <= 2 * len, "{} bytes came", stats.downloaded);
    }
}

#[tokio::test]
async fn a_session_says_why_it_does_not_start() {
    let party = Party::new().await;
    let in_use = Session::start(config(party.scratch.path())).await;
    assert!(matches!(in_use, Err(StartError::DataDirInUse { .. })));
    let scratch = Scratch::new();
    let mut taken = config(scratch.path());
    taken.listen = vec![party.addr()];
    let started = Session::start(taken).await.expect_err("the port is taken");
    assert!(matches!(started, StartError::PortTaken { addr } if addr == party.addr()));
    assert!(started.to_string().contains(&party.addr().to_string()));
    fs::write(scratch.path().join("file"), "").unwrap();
    let unusable = Session::start(config(&scratch.path().join("file"))).await;
    assert!(matches!(unusable, Err(StartError::DataDir { .. })));
}
