//! HP-86: a torrent with sources beyond number.

use std::{collections::BTreeSet, time::Duration};

use engine::{AddTorrent, FetchFault, Input, Output, Want};

use crate::stage::{Stage, TORRENT};

#[test]
fn hp_86_of_ten_thousand_web_seeds_sixteen_are_used() {
    let mut stage = Stage::leecher();
    stage.feed(Input::Add(Box::new(AddTorrent {
        torrent: TORRENT,
        hashes: stage.film.info.hashes(),
        metainfo: None,
        trackers: vec![],
        web_seeds: (0..10_000).map(|number| format!("http://host{number}.example/")).collect(),
        peers: vec![],
        want: Want::All,
        recheck: false,
    })));
    let mut used = BTreeSet::new();
    let mut looked = 0;
    for _ in 0..200 {
        while let Some(output) = stage.done.get(looked).cloned() {
            looked += 1;
            if let Output::Fetch { op, url, .. } = output {
                used.insert(url);
                stage.feed(Input::FetchEnded(op, Err(FetchFault::NotReached)));
            }
        }
        stage.pass(Duration::from_secs(60));
    }
    assert!((1..=16).contains(&used.len()), "{} web seeds", used.len());
}
