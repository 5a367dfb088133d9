//! Two sessions and more on loopback: every byte arrives, is verified, and is read as it comes.

use driver::{Add, ReadError, Source, TorrentError};
use engine::{HangUpWhy, News, Want};
use torrent::{Magnet, create::Version};

use crate::stage::{Party, Work, read_all, soon};

const VERSIONS: [Version; 3] = [Version::V1, Version::V2, Version::Hybrid];

#[tokio::test]
async fn every_version_is_downloaded_byte_for_byte() {
    for version in VERSIONS {
        let work = Work::new(version, 64 << 10, &[3_000_000, 40_000, 1, 777_777]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.expect("the disk works");
        work.expect_at(&viewer.root());
        let stats = torrent.stats().await.expect("it is known");
        assert_eq!(stats.have_bytes, work.len(), "{version:?}");
        let file = work.index("one.mkv");
        let on_disk = torrent.on_disk(file);
        assert!(on_disk.len() == 1 && on_disk[0] == (0..3_000_000));
    }
}

/// 1,600 questions about leaf hashes within a moment are not a flood while their blocks are fetched for a player.
#[tokio::test]
async fn who_fetches_many_pieces_at_once_may_ask_for_the_leaves_of_each() {
    let work = Work::new(Version::V2, 32 << 10, &[50 << 20]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    let mut news = seed.session.news();
    seed.seed(&work).await;
    let torrent = viewer.session.add(viewer.add(&work.metainfo)).await.expect("it goes on");
    // All of it is due within seconds.
    torrent.media_rate(50_000_000);
    let reader = torrent.open(0, 0, None).expect("it is known");
    viewer.join(&work.metainfo, &[seed.addr()]).await;
    assert!(read_all(reader).await == work.files[0].1);
    while let Ok(told) = news.try_recv() {
        let hung_up = matches!(told, News::PeerLeft(_, _, HangUpWhy::Flood));
        assert!(!hung_up, "{told:?}");
    }
}

#[tokio::test]
async fn a_reader_gets_the_file_while_it_is_fetched_and_nothing_else_is() {
    for version in VERSIONS {
        let work = Work::new(version, 256 << 10, &[4_000_000, 4_000_000]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let add = Add { peers: vec![seed.addr()], ..viewer.add(&work.metainfo) };
        let torrent = viewer.session.add(add).await.expect("the session goes on");
        let file = work.index("one.mkv");
        let all = read_all(torrent.open(file, 0, None).expect("it is known")).await;
        assert!(all == work.files[0].1, "{version:?}");
        let part = read_all(torrent.open(file, 1_234_567, Some(1_300_001)).unwrap()).await;
        assert!(part == work.files[0].1[1_234_567..1_300_001]);
        let other: u64 =
            torrent.on_disk(work.index("two.srt")).iter().map(|part| part.end - part.start).sum();
        assert!(other < 1_000_000, "{other} bytes that nobody reads");
    }
}

#[tokio::test]
async fn a_seek_is_served_before_what_lies_before_it() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[16_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let add = Add { peers: vec![seed.addr()], ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    let mut reader = torrent.open(0, 0, None).unwrap();
    soon(reader.next()).await.unwrap();
    drop(reader);
    let mut reader = torrent.open(0, 12_000_000, None).unwrap();
    let bytes = soon(reader.next()).await.unwrap().expect("it is not at the end");
    assert!(bytes == work.files[0].1[12_000_000..12_000_000 + bytes.len()]);
    assert_eq!(reader.position(), 12_000_000 + bytes.len() as u64);
}

#[tokio::test]
async fn several_readers_of_one_file_do_not_disturb_each_other() {
    let work = Work::new(Version::V1, 64 << 10, &[6_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let add = Add { peers: vec![seed.addr()], ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    let starts = [0, 1_000_000, 5_999_999, 6_000_000];
    let reads = starts.map(|start| {
        let reader = torrent.open(0, start, None).unwrap();
        tokio::spawn(read_all(reader))
    });
    for (start, read) in starts.into_iter().zip(reads) {
        assert!(read.await.unwrap() == work.files[0].1[start as usize..], "from {start}");
    }
}

#[tokio::test]
async fn a_magnet_link_with_a_peer_is_enough() {
    for version in VERSIONS {
        let work = Work::new(version, 64 << 10, &[2_000_000, 100_000]);
        let (seed, viewer) = (Party::new().await, Party::new().await);
        seed.seed(&work).await;
        let mut magnet = Magnet::new(work.metainfo.info.hashes());
        magnet.peers =
            vec![torrent::PeerHint { host: "localhost".into(), port: seed.addr().port() }];
        let link = magnet.to_string();
        let source = Source::Magnet(Box::new(Magnet::parse(&link).expect("our own link")));
        let add = Add { source, want: Want::All, ..viewer.add(&work.metainfo) };
        let torrent = viewer.session.add(add).await.unwrap();
        assert_eq!(torrent.open(0, 0, None).err(), Some(TorrentError::NoMetainfo));
        let metainfo = soon(torrent.metainfo()).await.expect("a peer sends it");
        assert_eq!(metainfo.info, work.metainfo.info);
        soon(torrent.finished()).await.expect("the disk works");
        work.expect_at(&viewer.root());
    }
}

#[tokio::test]
async fn viewers_serve_each_other() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[5_000_000]);
    let (seed, first, second) = (Party::new().await, Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let torrent = first.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.unwrap();
    seed.session.shutdown().await;
    let torrent = second.join(&work.metainfo, &[first.addr()]).await;
    soon(torrent.finished()).await.unwrap();
    work.expect_at(&second.root());
}

#[tokio::test]
async fn a_torrent_added_twice_is_one_torrent() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[500_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let once = viewer.join(&work.metainfo, &[]).await;
    let v1 = work.metainfo.info.hashes().v1().expect("a hybrid has it");
    let magnet = Magnet::new(torrent::InfoHashes::V1(v1));
    let source = Source::Magnet(Box::new(magnet));
    let add = Add { source, peers: vec![seed.addr()], ..viewer.add(&work.metainfo) };
    let again = viewer.session.add(add).await.unwrap();
    assert_eq!(once.id(), again.id());
    assert_eq!(viewer.session.torrents().len(), 1);
    soon(once.finished()).await.expect("the peer of the second time is dialled");
}

#[tokio::test]
async fn the_file_of_a_torrent_that_was_added_by_its_link_spares_asking_for_its_description() {
    let work = Work::told_of(Version::Hybrid, 64 << 10, &[500_000], |builder| {
        builder.web_seeds = vec!["http://127.0.0.1:9/".into()];
    });
    let viewer = Party::new().await;
    let source = Source::Magnet(Box::new(Magnet::new(work.metainfo.info.hashes())));
    let linked = viewer.session.add(Add { source, ..viewer.add(&work.metainfo) }).await.unwrap();
    assert!(linked.known_metainfo().is_none(), "nobody is there who could send it");
    viewer.session.add(viewer.add(&work.metainfo)).await.unwrap();
    let metainfo = soon(linked.metainfo()).await.expect("it was given");
    assert_eq!(metainfo.web_seeds, work.metainfo.web_seeds);
    soon(linked.ready()).await.expect("its storage opens");
}

#[tokio::test]
async fn a_removed_torrent_ends_its_readers_and_can_take_its_files_along() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let party = Party::new().await;
    let torrent = party.seed(&work).await;
    let other = Work::new(Version::V1, 64 << 10, &[400_000]);
    let root = party.scratch.path().join("other");
    let waiting = party.session.add(Add { root, ..party.add(&other.metainfo) }).await.unwrap();
    let mut reader = waiting.open(0, 0, None).unwrap();
    let read = tokio::spawn(async move { reader.next().await });
    waiting.clone().remove(false).await.unwrap();
    assert!(soon(read).await.unwrap() == Err(ReadError::Removed));
    assert_eq!(waiting.stats().await, Err(TorrentError::Removed));
    assert!(party.session.find(&work.metainfo.info.hashes()).is_some());
    torrent.remove(true).await.unwrap();
    assert!(!party.root().join("work").exists());
    assert!(party.session.find(&work.metainfo.info.hashes()).is_none());
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_reason() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let party = Party::new().await;
    let torrent = party.seed(&work).await;
    let no_file = torrent.open(7, 0, None).err();
    assert_eq!(no_file, Some(TorrentError::NoSuchFile { file: 7, count: 1 }));
    for (start, end) in [(500_001, None), (0, Some(500_001)), (9, Some(8))] {
        let bad = torrent.open(0, start, end).err();
        assert_eq!(bad, Some(TorrentError::BadRange { len: 500_000 }));
    }
}
