//! HP-22 and HP-51: what is said before the description is known, and lies about it.

use std::time::Duration;

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, LostWhy, News, Output};
use torrent::{
    InfoHashes, Piece,
    create::Version,
    hash::sha1,
    wire::{
        Message,
        extension::{ExtensionHandshake, ExtensionIds, Metadata},
    },
};

use crate::stage::{PIECES, Stage, film, film_with};

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

/// A description whose hash is right and that nobody can mean.
#[test]
fn hp_51_a_description_that_is_a_trap_is_refused_although_its_hash_is_right() {
    let mut trap = b"d6:lengthi1e4:name1:x12:piece lengthi16384e6:pieces20:".to_vec();
    trap.extend([7; 20]);
    trap.extend(
        b"1:z".iter().chain(&b"l".repeat(200_000)).chain(&b"e".repeat(200_000)).chain(b"e"),
    );
    let hashes = InfoHashes::V1(sha1(&trap));
    let mut stage = Stage::knowing(hashes);
    let giver = knower(&mut stage, trap.len());
    for (piece, data) in trap.chunks(16_384).enumerate() {
        let data = Bytes::copy_from_slice(data);
        let said = Metadata::Data { piece: piece as u32, total_size: trap.len() as u32, data };
        stage.say(giver, &Message::Extended { id: OURS, payload: said.to_bytes() });
    }
    assert_eq!(stage.hung_up(giver), Some(HangUpWhy::Removed), "it told the truth");
    let refused = |output: &Output| matches!(output, Output::Tell(News::DescriptionRefused(..)));
    assert!(stage.done.iter().any(refused) && !is_known(&stage));
}

/// Each question is short and each answer is long.
#[test]
fn hp_47_who_asks_for_the_description_again_and_again_and_never_reads_is_given_a_mebibyte() {
    let mut stage = Stage::seeding(film_with(Version::V1, 7, 3_000));
    let raw_len = stage.film.info.raw().len();
    assert!(raw_len > 3 * 16_384, "{raw_len}");
    let conn = knower(&mut stage, raw_len);
    stage.deaf.insert(conn);
    let question = Metadata::Request { piece: 1 }.to_bytes();
    for _ in 0..10 {
        for _ in 0..390 {
            stage.say(conn, &Message::Extended { id: OURS, payload: question.clone() });
        }
        stage.pass(Duration::from_millis(5_100));
    }
    let sent: usize = stage
        .done
        .iter()
        .map(|output| match output {
            Output::Send(one, bytes) if *one == conn => bytes.len(),
            _ => 0,
        })
        .sum();
    assert!((1 << 20..1_300_000).contains(&sent), "{sent} bytes are kept for it");
}

#[test]
fn hp_22_pieces_announced_before_the_description_is_known_are_judged_by_it() {
    for (announced, why) in [(PIECES - 1, None), (PIECES, Some(HangUpWhy::Protocol))] {
        let mut stage = Stage::magnet(film(Version::V1));
        let conn = stage.greet();
        (0..=announced).for_each(|piece| stage.say(conn, &Message::Have(Piece(piece))));
        assert_eq!(stage.hung_up(conn), None, "nobody knows yet");
        tells_the_truth(&mut stage);
        assert_eq!(stage.hung_up(conn), why, "{announced}");
    }
}
