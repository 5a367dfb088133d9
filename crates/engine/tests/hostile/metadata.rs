//! HP-51: lies about what a magnet link means.

use std::time::Duration;

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, News, Output};
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
    let ids = ExtensionIds { metadata: Some(METADATA), ..ExtensionIds::default() };
    let metadata_size = u32::try_from(metadata_size).ok();
    let said = ExtensionHandshake { ids, metadata_size, ..ExtensionHandshake::default() };
    stage.say(conn, &Message::Extended { id: 0, payload: said.to_bytes() });
    conn
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
