//! A31 of the threats: web servers that somebody names as mirrors to have them flooded, and mirrors that lie.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use engine::{AddTorrent, FetchFault, Input, Mirror, OpId, Output, TorrentId, Want};
use torrent::{
    InfoHashes, Metainfo, Sha1Hash,
    create::{Builder, Version},
};

use crate::stage::{Stage, TORRENT};

fn film(version: Version, name: &str, len: u64) -> Metainfo {
    let mut builder = Builder::single_file(name, len);
    builder.version = version;
    builder.piece_len = Some(32 << 10);
    let mut hashing = builder.start().expect("a valid torrent");
    assert!(hashing.next_file().is_some());
    hashing.feed(&vec![7; len as usize]).expect("as many bytes as it has");
    hashing.finish().expect("a valid torrent")
}

fn mirror(base: &str) -> Mirror {
    let (files, description) = (format!("{base}00/"), format!("{base}00.torrent"));
    Mirror { base: base.to_owned(), files, description }
}

/// What servers were asked for since the last look: the operation, where, and whether it was a description.
fn asked(stage: &mut Stage) -> Vec<(OpId, String, bool)> {
    let of = |output| match output {
        Output::Describe { op, url, .. } => Some((op, url, true)),
        Output::Fetch { op, url, .. } => Some((op, url, false)),
        _ => None,
    };
    std::mem::take(&mut stage.done).into_iter().filter_map(of).collect()
}

#[test]
fn a_host_that_is_named_as_a_mirror_is_asked_once_a_minute_by_all_torrents_together() {
    let mut stage = Stage::magnet(film(Version::V1, "film.mp4", 100_000));
    let bases: Vec<_> = (0..4).map(|place| format!("https://victim.example/{place}/")).collect();
    for number in 0..30 {
        let torrent = TorrentId(1_000 + number);
        stage.feed(Input::Add(Box::new(AddTorrent {
            torrent,
            hashes: InfoHashes::V1(Sha1Hash([u8::try_from(number).unwrap(); 20])),
            metainfo: None,
            trackers: vec![],
            web_seeds: vec![],
            peers: vec![],
            want: Want::All,
            recheck: false,
        })));
        stage.feed(Input::Mirrors(torrent, bases.iter().map(|base| mirror(base)).collect()));
    }
    let faults = [
        FetchFault::Status { status: 404, retry_after: None },
        FetchFault::Status { status: 503, retry_after: Some(Duration::from_secs(1)) },
        FetchFault::NotReached,
    ];
    let mut minutes = Vec::new();
    for minute in 0..120 {
        let mut count = 0;
        for _ in 0..60 {
            for (op, _, is_description) in asked(&mut stage) {
                assert!(is_description, "nothing else is asked for before that came");
                count += 1;
                stage.feed(Input::Described(op, Err(faults[minute % faults.len()])));
            }
            stage.pass(Duration::from_secs(1));
        }
        minutes.push(count);
    }
    assert!(minutes.iter().all(|count| *count <= 1), "{minutes:?}");
    assert!(minutes.iter().sum::<usize>() > 20, "{minutes:?}");
}

#[test]
fn peers_are_waited_for_and_a_right_description_makes_a_mirror_a_web_seed() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let film = film(version, "film.mp4", 100_000);
        let mut stage = Stage::magnet(film.clone());
        stage.feed(Input::Mirrors(TORRENT, vec![mirror("https://a.example/")]));
        stage.pass(Duration::from_secs(3));
        assert_eq!(asked(&mut stage), vec![], "peers may still give it");
        stage.pass(Duration::from_secs(2));
        let [(op, url, true)] = &asked(&mut stage)[..] else { panic!("one question") };
        assert_eq!(url, "https://a.example/00.torrent");
        stage.feed(Input::Described(*op, Ok(Bytes::from(film.to_bytes()))));
        stage.feed(Input::Prepared(TORRENT, Ok(engine::Prepared::default())));
        let [(_, url, false)] = &asked(&mut stage)[..] else { panic!("one fetch: {version:?}") };
        assert_eq!(url, "https://a.example/00/");
    }
}

#[test]
fn what_a_mirror_says_of_trackers_and_web_seeds_is_nobodys_word() {
    let film = film(Version::V1, "film.mp4", 100_000);
    let mut stage = Stage::magnet(film.clone());
    stage.feed(Input::Mirrors(TORRENT, vec![mirror("https://a.example/")]));
    stage.pass(Duration::from_secs(5));
    let [(op, _, _)] = &asked(&mut stage)[..] else { panic!("one question") };
    let mut told = film;
    told.trackers = vec![vec!["http://victim.example/announce".into()]];
    told.web_seeds = vec!["http://victim.example/".into()];
    told.nodes = vec![("victim.example".into(), 6881)];
    stage.feed(Input::Described(*op, Ok(Bytes::from(told.to_bytes()))));
    let known = stage.done.iter().find_map(|output| match output {
        Output::Prepare { metainfo, .. } => Some(Arc::clone(metainfo)),
        _ => None,
    });
    let known = known.expect("it is known");
    assert!(known.trackers.is_empty() && known.web_seeds.is_empty() && known.nodes.is_empty());
    stage.pass(Duration::from_secs(600));
    assert!(!format!("{:?}", stage.done).contains("victim"));
}

#[test]
fn a_mirror_with_another_torrent_is_left_alone_and_the_next_one_is_asked() {
    let film = film(Version::Hybrid, "film.mp4", 100_000);
    let other = self::film(Version::Hybrid, "other.mp4", 100_000);
    let mut stage = Stage::magnet(film.clone());
    let mirrors = vec![mirror("https://liar.example/"), mirror("https://good.example/")];
    stage.feed(Input::Mirrors(TORRENT, mirrors.clone()));
    stage.pass(Duration::from_secs(5));
    let [(op, url, true)] = &asked(&mut stage)[..] else { panic!("one question") };
    assert!(url.contains("liar"));
    stage.feed(Input::Described(*op, Ok(Bytes::from(other.to_bytes()))));
    let [(op, url, true)] = &asked(&mut stage)[..] else { panic!("one question") };
    assert!(url.contains("good"));
    stage.feed(Input::Described(*op, Ok(Bytes::from(film.to_bytes()))));
    stage.feed(Input::Prepared(TORRENT, Ok(engine::Prepared::default())));
    for _ in 0..20 {
        for (op, url, is_description) in asked(&mut stage) {
            assert!(url.contains("good") && !is_description, "{url}");
            stage.feed(Input::FetchEnded(op, Err(FetchFault::NotReached)));
        }
        // Whoever names it again does not make it better.
        stage.feed(Input::Mirrors(TORRENT, mirrors.clone()));
        stage.pass(Duration::from_secs(3600));
    }
}

#[test]
fn what_is_no_description_is_asked_for_seldom() {
    let film = film(Version::V1, "film.mp4", 100_000);
    let mut stage = Stage::magnet(film);
    stage.feed(Input::Mirrors(TORRENT, vec![mirror("https://a.example/")]));
    let mut count = 0;
    for _ in 0..24 * 60 {
        for (op, _, _) in asked(&mut stage) {
            count += 1;
            stage.feed(Input::Described(op, Ok(Bytes::from_static(b"<!doctype html>"))));
        }
        stage.pass(Duration::from_secs(60));
    }
    assert!((2..=8).contains(&count), "{count}");
}

#[test]
fn a_mirror_that_is_named_no_more_is_not_asked() {
    let film = film(Version::V1, "film.mp4", 100_000);
    let mut stage = Stage::magnet(film);
    stage.feed(Input::Mirrors(TORRENT, vec![mirror("https://a.example/")]));
    stage.feed(Input::Mirrors(TORRENT, vec![mirror("https://b.example/")]));
    stage.pass(Duration::from_secs(5));
    let [(_, url, true)] = &asked(&mut stage)[..] else { panic!("one question") };
    assert!(url.contains("//b."), "{url}");
}
