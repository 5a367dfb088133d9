//! HP-51: lies about what a magnet link means.

use std::time::Duration;

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, LostWhy, News, Output};
use torrent::{
    create::Version,
    wire::{
        Message,
        extension::{ExtensionHandshake, ExtensionIds, Metadata},
    },
};

use crate::stage::{Stage, film};

const METADATA: u8 = 9;
const OURS: u8 = ExtensionIds::OURS.metadata.expect("we take it");

/// Somebody who says that the metadata is so long.
fn knower(stage: &mut Stage, metadata_size: usize) -> ConnId {
    let conn = stage.greet();
    claim(stage, conn, metadata_size);
    conn
}

/// Somebody says, perhaps once more, that the metadata is so long.
fn claim(stage: &mut Stage, conn: ConnId, metadata_size: usize) {
    let ids = ExtensionIds { metadata: Some(METADATA), ..ExtensionIds::default() };
    let metadata_size = u32::try_from(metadata_size).ok();
    let said = ExtensionHandshake { ids, metadata_size, ..ExtensionHandshake::default() };
    stage.say(conn, &Message::Extended { id: 0, payload: said.to_bytes() });
}

/// How often somebody was asked for the metadata.
fn asked(stage: &Stage, conn: ConnId) -> usize {
    let asks = |message: &Message| {
        matches!(message, Message::Extended { id: METADATA, payload }
            if matches!(Metadata::parse(payload), Ok(Metadata::Request { .. })))
    };
    stage.heard(conn).iter().filter(|message| asks(message)).count()
}

fn give(stage: &mut Stage, conn: ConnId, data: Bytes) {
    let total_size = data.len() as u32;
    let payload = Metadata::Data { piece: 0, total_size, data }.to_bytes();
    stage.say(conn, &Message::Extended { id: OURS, payload });
}

fn is_known(stage: &Stage) -> bool {
    stage.done.iter().any(|output| matches!(output, Output::Tell(News::Metadata(..))))
}

#[test]
fn hp_51_after_a_lie_who_says_nothing_does_not_keep_others_from_telling_the_truth() {
    let raw = film(Version::V1).info.raw().clone();
    let mut stage = Stage::magnet(film(Version::V1));
    let silent = knower(&mut stage, raw.len());
    let liar = knower(&mut stage, raw.len());
    let honest = knower(&mut stage, raw.len());
    for _ in 0..60 {
        stage.pass(Duration::from_secs(1));
        if asked(&stage, liar) > 0 && stage.hung_up(liar).is_none() {
            give(&mut stage, liar, vec![b'x'; raw.len()].into());
        } else if stage.hung_up(liar).is_some() && asked(&stage, honest) > 0 && !is_known(&stage) {
            give(&mut stage, honest, raw.clone());
        }
    }
    assert!(asked(&stage, silent) > 0, "nobody was waited for");
    assert_eq!(stage.hung_up(liar), Some(HangUpWhy::Banned));
    assert!(is_known(&stage), "the honest one was asked {} times", asked(&stage, honest));
}

#[test]
fn hp_51_no_length_that_somebody_claims_costs_more_than_one_question() {
    let raw = film(Version::V1).info.raw().clone();
    for claimed in [0, 1, raw.len() + 1, 31 << 20, u32::MAX as usize] {
        let mut stage = Stage::magnet(film(Version::V1));
        let liar = knower(&mut stage, claimed);
        assert!(asked(&stage, liar) <= 8, "{claimed}");
        give(&mut stage, liar, Bytes::from_static(b"xyz"));
        let honest = knower(&mut stage, raw.len());
        give(&mut stage, honest, raw.clone());
        assert!(is_known(&stage), "{claimed}");
    }
}

/// Somebody honest is asked at once and tells what is in it.
fn tells_the_truth(stage: &mut Stage) {
    let raw = film(Version::V1).info.raw().clone();
    let honest = knower(stage, raw.len());
    assert!(asked(stage, honest) > 0, "it was never asked");
    give(stage, honest, raw);
    assert!(is_known(stage));
}

#[test]
fn hp_51_who_claims_one_length_after_another_does_not_shut_others_out() {
    let raw = film(Version::V1).info.raw().len();
    for leaves in [false, true] {
        let mut stage = Stage::magnet(film(Version::V1));
        let liar = knower(&mut stage, raw + 1);
        (2..6).for_each(|more| claim(&mut stage, liar, raw + more));
        if leaves {
            stage.feed(Input::Lost(liar, LostWhy::Closed));
        }
        tells_the_truth(&mut stage);
    }
}

#[test]
fn hp_51_liars_about_the_length_shut_nobody_out_whether_they_stay_or_leave() {
    let raw = film(Version::V1).info.raw().len();
    for leave in [false, true] {
        let mut stage = Stage::magnet(film(Version::V1));
        let liars: Vec<_> = (1..=8).map(|more| knower(&mut stage, raw + more)).collect();
        for liar in liars.into_iter().filter(|_| leave) {
            stage.feed(Input::Lost(liar, LostWhy::Closed));
        }
        tells_the_truth(&mut stage);
    }
}

#[test]
fn hp_51_who_was_asked_for_another_length_may_still_tell_the_truth() {
    let raw = film(Version::V1).info.raw().clone();
    let mut stage = Stage::magnet(film(Version::V1));
    let peer = knower(&mut stage, raw.len() + 1);
    claim(&mut stage, peer, raw.len());
    assert!(asked(&stage, peer) > 1, "it was not asked again");
    give(&mut stage, peer, raw);
    assert!(is_known(&stage));
}
