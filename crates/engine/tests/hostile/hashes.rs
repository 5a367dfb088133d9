//! HP-41 and HP-54: torrents that contradict themselves, and peers that lie about hashes.

use bytes::Bytes;
use engine::{ConnId, HangUpWhy, Input, News, Output};
use torrent::{
    BadMetainfo, Info, Metainfo, Sha256Hash,
    create::{Builder, Version},
    merkle::{self, Tree},
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

/// What a torrent was refused for.
fn refused(stage: &Stage) -> Option<&BadMetainfo> {
    stage.done.iter().find_map(|output| match output {
        Output::Tell(News::DescriptionRefused(_, why)) => Some(why),
        _ => None,
    })
}

#[test]
fn hp_41_a_hybrid_torrent_that_contradicts_itself_is_stopped_with_its_first_piece_and_says_why() {
    let mut stage = Stage::fetching(torn(8, 7));
    let conn = giver(&mut stage);
    give_all(&mut stage, conn, |_| 7);
    assert_eq!(stage.verified(), u64::from(PIECE_LEN), "SHA-256 says what is right");
    assert!(matches!(refused(&stage), Some(BadMetainfo::HybridPiece { .. })));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Removed), "it told the truth");
}

#[test]
fn hp_41_what_only_the_sha_1_of_a_hybrid_torrent_says_is_never_readable() {
    let mut stage = Stage::fetching(torn(8, 7));
    let conn = giver(&mut stage);
    give_all(&mut stage, conn, |_| 8);
    assert_eq!((stage.verified(), refused(&stage)), (0, None));
    assert_eq!(stage.hung_up(conn), Some(HangUpWhy::Banned));
}

#[test]
fn hp_41_a_hybrid_torrent_whose_hashes_agree_is_fetched_to_its_end() {
    let mut stage = Stage::fetching(film(Version::Hybrid));
    let conn = giver(&mut stage);
    give_all(&mut stage, conn, |_| 7);
    assert_eq!((stage.verified(), refused(&stage)), (u64::from(PIECES * PIECE_LEN), None));
    let hashed = stage.done.iter().filter(|output| matches!(output, Output::Hash { .. })).count();
    assert!((1..PIECES as usize).contains(&hashed), "{hashed} of {PIECES} pieces are hashed twice");
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
    let mut builder = Builder::single_file("film.mkv", len);
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
    blocks().chunks(16_384).map(merkle::block_leaf).collect()
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
    hashes.resize(request.length as usize, merkle::PAD_LEAF);
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

/// Pieces of a film whose blocks all differ; no power of two, and the tree has several layers above them.
const UNEVEN: u32 = 41;
/// The height of the layer of its pieces, and of its root.
const PIECE_LAYER: u32 = 1;
const TOP: u32 = 7;

/// A film whose blocks all differ; its last piece has one block. With its tree.
fn uneven() -> (Metainfo, Tree) {
    let blocks: Vec<Vec<u8>> = (0..2 * UNEVEN - 1).map(|at| vec![at as u8; 16_384]).collect();
    let mut builder = Builder::single_file("film.mkv", blocks.len() as u64 * 16_384);
    builder.version = Version::V2;
    builder.piece_len = Some(PIECE_LEN);
    let mut hashing = builder.start().expect("a good length");
    blocks.iter().for_each(|block| hashing.feed(block).expect("as many bytes as it has"));
    let leaves = blocks.iter().map(|block| merkle::block_leaf(block)).collect();
    let film = hashing.finish().expect("a valid torrent");
    (film, Tree::new(leaves, 0, TOP).expect("as many leaves as fit"))
}

/// What a seed of the uneven film says to questions about hashes, its disk being read.
fn answers(stage: &mut Stage, requests: &[HashRequest]) -> Vec<Message> {
    let mut said = Vec::new();
    for requests in requests.chunks(64) {
        let conn = stage.greet();
        for request in requests {
            let before = stage.done.len();
            stage.say(conn, &Message::HashRequest(*request));
            read_disk(stage, before);
        }
        let heard = stage.heard(conn).into_iter();
        said.extend(
            heard.filter(|message| {
                matches!(message, Message::Hashes { .. } | Message::HashReject(_))
            }),
        );
    }
    said
}

fn read_disk(stage: &mut Stage, from: usize) {
    let loads = stage.done[from..].iter().filter_map(|output| match output {
        Output::Load { op, piece, begin, len, .. } => Some((*op, *piece, *begin, *len)),
        _ => None,
    });
    for (op, piece, begin, len) in loads.collect::<Vec<_>>() {
        let byte = (2 * piece.0 + begin / 16_384) as u8;
        stage.feed(Input::Loaded(op, Ok(vec![byte; len as usize].into())));
    }
}

#[test]
fn who_asks_for_hashes_with_a_proof_gets_one_that_leads_to_the_root() {
    let (film, tree) = uneven();
    let pieces_root = film.info.files()[0].pieces_root.expect("a v2 film");
    assert_eq!(tree.root(), pieces_root);
    // libtorrent asks for a piece's leaves with as many layers as it lacks and those of the piece itself.
    let leaves =
        (0..UNEVEN).flat_map(|piece| (0..TOP).map(move |layers| (0, 2 * piece, 2, layers)));
    let layers = [(0, 2), (2, 2), (40, 2), (0, 8), (32, 16), (0, 64)].into_iter();
    let layers = layers.flat_map(|(index, length)| {
        (0..TOP - PIECE_LAYER).map(move |layers| (PIECE_LAYER, index, length, layers))
    });
    let requests: Vec<_> = leaves
        .chain(layers)
        .map(|(base_layer, index, length, proof_layers)| HashRequest {
            pieces_root,
            base_layer,
            index,
            length,
            proof_layers,
        })
        .collect();
    let mut stage = Stage::seeding(film);
    let answers = answers(&mut stage, &requests);
    assert_eq!(answers.len(), requests.len());
    for (asked, answer) in requests.iter().zip(answers) {
        let Message::Hashes { request, hashes } = answer else { panic!("{asked:?} was refused") };
        let (height, at) = asked.anchor();
        let anchor = tree.node(height, at).expect("it is in the tree");
        assert_eq!(request, *asked);
        assert!(request.is_answered_by(&hashes, &anchor), "{asked:?}: {} hashes", hashes.len());
    }
}

#[test]
fn questions_about_hashes_that_no_tree_answers_are_refused() {
    let (film, _) = uneven();
    let pieces_root = film.info.files()[0].pieces_root.expect("a v2 film");
    let odd = [
        (0, 0, 2, TOP),
        (0, 0, 2, u32::MAX),
        (0, 1 << TOP, 2, 0),
        (0, 0, 1, 0),
        (0, 1, 2, 0),
        (0, 0, 3, 0),
        (PIECE_LAYER, 0, 64, TOP - PIECE_LAYER),
        (PIECE_LAYER, 0, 128, 0),
        (PIECE_LAYER + 1, 0, 2, 0),
        (u32::MAX, 0, 2, 0),
    ];
    let requests = odd.map(|(base_layer, index, length, proof_layers)| HashRequest {
        pieces_root,
        base_layer,
        index,
        length,
        proof_layers,
    });
    let mut stage = Stage::seeding(film);
    let refused = requests.map(Message::HashReject);
    assert_eq!(answers(&mut stage, &requests), refused);
    assert_eq!(stage.loads(), 0, "the disk was asked because of it");
}

#[test]
fn hp_54_leaves_with_something_added_or_left_out_are_refused() {
    let changes: [fn(&mut Vec<Sha256Hash>); 2] =
        [|hashes| hashes.push(merkle::PAD_LEAF), |hashes| hashes.clear()];
    for change in changes {
        let mut stage = Stage::fetching(film_with_two_kinds_of_blocks());
        stage.watch(0);
        let liar = giver(&mut stage);
        let request = questions(&stage, liar)[0];
        let mut hashes = leaves();
        change(&mut hashes);
        stage.say(liar, &Message::Hashes { request, hashes });
        assert_eq!(stage.hung_up(liar), Some(HangUpWhy::Banned));
    }
}
