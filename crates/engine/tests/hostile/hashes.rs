//! HP-41 and HP-54: torrents that contradict themselves, and peers that lie about hashes.

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, News, Output};
use torrent::{
    Info, Metainfo, Sha256Hash,
    create::Version,
    wire::{HashRequest, Message, Request},
};

use crate::stage::{PIECE_LEN, PIECES, Stage, film, film_of};

/// A question that somebody might ask.
fn question(base_layer: u32, index: u32, length: u32) -> HashRequest {
    let pieces_root = film(Version::V2).info.files()[0].pieces_root.expect("a v2 film");
    HashRequest { pieces_root, base_layer, index, length, proof_layers: 0 }
}

/// Somebody who has everything and lets us download.
fn giver(stage: &mut Stage) -> ConnId {
    let conn = stage.greet();
    stage.say(conn, &Message::HaveAll);
    stage.say(conn, &Message::Unchoke);
    conn
}

/// Questions about hashes that were put to somebody.
fn questions(stage: &Stage, conn: ConnId) -> Vec<HashRequest> {
    let said = stage.heard(conn).into_iter();
    said.filter_map(|message| match message {
        Message::HashRequest(request) => Some(request),
        _ => None,
    })
    .collect()
}

/// Answers every request for blocks with these bytes, until nothing is asked or the engine hangs up.
fn give_all(stage: &mut Stage, conn: ConnId, byte: impl Fn(u32) -> u8) {
    for at in 0..2 * PIECES as usize {
        let requests = stage.heard(conn).into_iter().filter_map(|message| match message {
            Message::Request(request) => Some(request),
            _ => None,
        });
        let Some(Request { piece, begin, len }) = requests.into_iter().nth(at) else { return };
        let data = Bytes::from(vec![byte(begin); len as usize]);
        stage.say(conn, &Message::Piece { piece, begin, data });
        stage.settle();
        if stage.hung_up(conn).is_some() {
            return;
        }
    }
}

/// A hybrid film whose v1 hashes are those of one content and whose v2 hashes are those of another.
fn torn(v1: u8, v2: u8) -> Metainfo {
    let (right, other) = (film_of(Version::Hybrid, v2), film_of(Version::Hybrid, v1));
    let mut raw = right.info.raw().to_vec();
    let pieces = |film: &Metainfo| -> Vec<u8> {
        film.info.piece_hashes().iter().flat_map(|hash| hash.0).collect()
    };
    let (mine, theirs) = (pieces(&right), pieces(&other));
    let at = raw.windows(mine.len()).position(|bytes| bytes == mine).expect("the hashes");
    raw[at..at + mine.len()].copy_from_slice(&theirs);
    let mut metainfo = Metainfo::new(Info::parse(raw.into()).expect("as good as the right one"));
    let layer = right.piece_layer(0).expect("a film of several pieces").to_vec();
    metainfo.add_piece_layer(0, layer).expect("the v2 half was left alone");
    metainfo
}

#[test]
fn hp_41_of_a_hybrid_torrent_that_contradicts_itself_only_what_sha_256_says_is_ever_readable() {
    let all = u64::from(PIECES * PIECE_LEN);
    for (given, verified) in [(7, all), (8, 0)] {
        let mut stage = Stage::fetching(torn(8, 7));
        let conn = giver(&mut stage);
        give_all(&mut stage, conn, |_| given);
        assert_eq!(stage.verified(), verified, "bytes {given}");
        assert_eq!(stage.hung_up(conn) == Some(HangUpWhy::Banned), verified == 0);
    }
}

#[test]
fn hp_54_messages_about_hashes_do_no_harm_where_there_are_none() {
    for mut stage in [Stage::seed(), Stage::leecher(), Stage::magnet(film(Version::V1))] {
        let conn = stage.greet();
        let odd = [(0, 0, 2), (40, 0, 2), (u32::MAX, u32::MAX, u32::MAX), (1, 7, 1 << 31)];
        for (base_layer, index, length) in odd {
            let request = question(base_layer, index, length);
            stage.say(conn, &Message::HashRequest(request));
            stage.say(conn, &Message::HashReject(request));
            let hashes = vec![Sha256Hash([1; 32]); 4];
            stage.say(conn, &Message::Hashes { request, hashes });
        }
        let refused = stage.heard(conn).into_iter();
        let refused = refused.filter(|message| matches!(message, Message::HashReject(_))).count();
        assert!(stage.hung_up(conn).is_some() || refused == odd.len(), "{refused} refusals");
        assert_eq!(stage.loads(), 0, "the disk was asked because of it");
    }
}

#[test]
fn hp_54_who_gives_wrong_leaves_is_banned_and_the_film_comes_from_others() {
    let lies: [fn(&mut Vec<Sha256Hash>); 3] =
        [|hashes| hashes[0].0[0] ^= 1, |hashes| hashes.truncate(1), |hashes| hashes.swap(0, 1)];
    for (at, lie) in lies.into_iter().enumerate() {
        let mut stage = Stage::fetching(film_with_two_kinds_of_blocks());
        stage.watch(0);
        let liar = giver(&mut stage);
        let honest = giver(&mut stage);
        let request = questions(&stage, liar)[0];
        let mut hashes = leaves();
        lie(&mut hashes);
        stage.say(liar, &Message::Hashes { request, hashes });
        assert_eq!(stage.hung_up(liar), Some(HangUpWhy::Banned), "lie {at}");
        give_all(&mut stage, honest, |begin| if begin == 0 { 1 } else { 2 });
        assert_eq!(stage.verified(), u64::from(PIECES * PIECE_LEN), "lie {at}");
    }
}

/// Pieces of two blocks that differ, so that the order of their hashes matters.
fn film_with_two_kinds_of_blocks() -> Metainfo {
    let len = u64::from(PIECES * PIECE_LEN);
    let mut builder = torrent::create::Builder::single_file("film.mkv", len);
    builder.version = Version::V2;
    builder.piece_len = Some(PIECE_LEN);
    let mut hashing = builder.start().expect("a good length");
    for _ in 0..PIECES {
        hashing.feed(&blocks()).expect("as many bytes as it has");
    }
    hashing.finish().expect("a valid torrent")
}

fn blocks() -> Vec<u8> {
    [[1; 16_384], [2; 16_384]].concat()
}

fn leaves() -> Vec<Sha256Hash> {
    blocks().chunks(16_384).map(torrent::merkle::block_leaf).collect()
}

#[test]
fn hp_54_hashes_nobody_asked_for_are_not_believed() {
    let mut stage = Stage::fetching(film_with_two_kinds_of_blocks());
    stage.watch(0);
    let asked = giver(&mut stage);
    let other = giver(&mut stage);
    let request = questions(&stage, asked)[0];
    stage.say(other, &Message::Hashes { request, hashes: vec![Sha256Hash([9; 32]); 2] });
    assert_eq!(stage.hung_up(asked), None, "another one's lie was taken for theirs");
    stage.say(asked, &Message::Hashes { request, hashes: leaves() });
    stage.say(asked, &Message::Hashes { request, hashes: vec![Sha256Hash([9; 32]); 2] });
    assert_eq!(stage.hung_up(asked), None, "the second answer to one question is passed over");
}

#[test]
fn hp_54_a_piece_layer_that_does_not_lead_to_the_root_is_refused() {
    let mut film = film_with_two_kinds_of_blocks();
    let layer = film.piece_layer(0).expect("several pieces").to_vec();
    film = Metainfo::new(film.info.clone());
    let mut stage = Stage::fetching(film);
    let liar = giver(&mut stage);
    let request = questions(&stage, liar)[0];
    assert!(request.base_layer > 0, "the layer is what is missing");
    let mut hashes = layer;
    hashes.resize(request.length as usize, torrent::merkle::PAD_LEAF);
    hashes[3].0[0] ^= 1;
    stage.say(liar, &Message::Hashes { request, hashes });
    assert_eq!(stage.hung_up(liar), Some(HangUpWhy::Banned));
    let known = |output: &Output| matches!(output, Output::Tell(News::Metadata(..)));
    assert!(!stage.done.iter().any(known), "a wrong layer was taken for the right one");
}

#[test]
fn hp_54_a_flood_of_questions_about_hashes_ends() {
    let mut stage = Stage::fetching(film(Version::V2));
    let conn = giver(&mut stage);
    let endured = stage.endures(conn, &Message::HashRequest(question(0, 0, 2)), 100_000);
    assert!(endured < 1_000, "{endured} questions");
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Flood));
    stage.feed(Input::DeadlinePassed);
}
