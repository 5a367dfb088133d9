//! Those who are called for a film and do not give it: an honest source beside them is enough.

use std::{
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use driver::{Add, Session, Source, TorrentError};
use engine::{News, Want};
use tokio::{net::TcpListener, sync::broadcast};
use torrent::{
    InfoHashes, Magnet, Piece,
    create::Version,
    hash::sha1,
    wire::{
        Message,
        extension::{ExtensionHandshake, ExtensionIds, Metadata},
    },
};

use crate::{
    stage::{Party, Work, config, soon},
    stranger::{Rogue, Stranger, handshake_for},
};

/// A viewer gets a work from an honest seed and one source that answers so; how many bytes of it were wrong.
async fn gets_it_beside(
    answer: impl Fn(&Message) -> Option<Vec<Message>> + Send + Sync + 'static,
) -> (u64, bool) {
    let work = Work::new(Version::V1, 32 << 10, &[1_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let rogue = Rogue::new(&work.metainfo, answer).await;
    let mut news = viewer.session.news();
    let torrent = viewer.join(&work.metainfo, &[rogue.addr]).await;
    // The rogue has its chance first.
    until(&mut news, |news| matches!(news, News::PeerJoined(..))).await;
    viewer.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.expect("the disk works");
    work.expect_at(&viewer.root());
    let mut lied = false;
    while let Ok(news) = news.try_recv() {
        lied |= matches!(news, News::PeerLied(_, addr) if addr == rogue.addr);
    }
    (torrent.stats().await.expect("it goes on").wrong, lied)
}

fn wrong_block(message: &Message) -> Option<Message> {
    let Message::Request(request) = message else { return None };
    let data = Bytes::from(vec![0xbd; request.len as usize]);
    Some(Message::Piece { piece: request.piece, begin: request.begin, data })
}

#[tokio::test]
async fn hp_18_who_claims_everything_and_sends_nothing_stops_no_film() {
    gets_it_beside(|_| Some(vec![])).await;
}

#[tokio::test]
async fn hp_25_who_is_wrong_now_and_then_spoils_nothing() {
    let count = AtomicUsize::new(0);
    gets_it_beside(move |said| {
        let is_wrong = count.fetch_add(1, Ordering::Relaxed).is_multiple_of(5);
        Some(wrong_block(said).filter(|_| is_wrong).into_iter().collect())
    })
    .await;
}

#[tokio::test]
async fn hp_30_blocks_nobody_asked_for_are_worth_nothing() {
    gets_it_beside(|_| {
        let data = Bytes::from(vec![1; 16 << 10]);
        let block = Message::Piece { piece: Piece(3), begin: 16 << 10, data };
        Some(vec![block; 8])
    })
    .await;
}

#[tokio::test]
async fn hp_33_who_leaves_at_the_first_request_leaves_nothing_stuck() {
    gets_it_beside(|said| (!matches!(said, Message::Request(_))).then(Vec::new)).await;
}

#[tokio::test]
async fn hp_35_who_rejects_everything_stops_no_film() {
    gets_it_beside(|said| match said {
        Message::Request(request) => Some(vec![Message::Reject(*request)]),
        _ => Some(vec![]),
    })
    .await;
}

#[tokio::test]
async fn hp_36_rejects_of_what_was_not_asked_stop_no_film() {
    gets_it_beside(|_| {
        let never = torrent::wire::Request { piece: Piece(2), begin: 5, len: 77 };
        Some(vec![Message::Reject(never); 40])
    })
    .await;
}

#[tokio::test]
async fn hp_37_choking_and_unchoking_in_turn_stops_no_film() {
    gets_it_beside(|_| Some((0..20).flat_map(|_| [Message::Choke, Message::Unchoke]).collect()))
        .await;
}

#[tokio::test]
async fn hp_39_allowing_every_piece_fast_stops_no_film() {
    gets_it_beside(|_| Some((0..31).map(|piece| Message::AllowedFast(Piece(piece))).collect()))
        .await;
}

/// Nine of ten lie, and do so in the same words: each block is right in the end.
#[tokio::test]
async fn hp_100_nine_liars_of_ten_spoil_nothing() {
    let work = Work::new(Version::V1, 32 << 10, &[600_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let mut rogues = Vec::new();
    for _ in 0..9 {
        let lies = |said: &Message| Some(wrong_block(said).into_iter().collect());
        rogues.push(Rogue::new(&Arc::clone(&work.metainfo), lies).await);
    }
    let peers: Vec<_> = rogues.iter().map(|rogue| rogue.addr).chain([seed.addr()]).collect();
    let torrent = viewer.join(&work.metainfo, &peers).await;
    soon(torrent.finished()).await.expect("the disk works");
    work.expect_at(&viewer.root());
}

/// The news until one of them is what is waited for.
async fn until(news: &mut broadcast::Receiver<News>, wanted: impl Fn(&News) -> bool) {
    soon(async { while !wanted(&news.recv().await.expect("it goes on")) {} }).await;
}

#[tokio::test]
async fn hp_28_who_lied_is_not_met_again_after_a_restart() {
    let work = Work::new(Version::V1, 32 << 10, &[1_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    seed.seed(&work).await;
    let rogue =
        Rogue::new(&work.metainfo, |said| Some(wrong_block(said).into_iter().collect())).await;
    let lied = |news: &News| matches!(news, News::PeerLied(_, addr) if *addr == rogue.addr);
    let mut news = viewer.session.news();
    viewer.join(&work.metainfo, &[rogue.addr]).await;
    until(&mut news, lied).await;
    let Party { session, scratch } = viewer;
    soon(session.shutdown()).await;
    let (banned, list) = driver::banned_hosts(&config(scratch.path()).data_dir);
    assert_eq!(banned, 1);

    let session = Session::start(config(scratch.path())).await.expect("the last one has ended");
    let viewer = Party { session, scratch };
    let mut news = viewer.session.news();
    viewer.join(&work.metainfo, &[rogue.addr]).await;
    let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.expect("the disk works");
    while let Ok(news) = news.try_recv() {
        let met = matches!(news, News::PeerJoined(_, _, addr) if addr == rogue.addr);
        assert!(!met, "it was met again");
    }

    // A list that says nothing is no reason not to start.
    drop(torrent);
    let Party { session, scratch } = viewer;
    soon(session.shutdown()).await;
    fs::write(list, "kinora bans 1\nnonsense\n").expect("a writable folder");
    let session = Session::start(config(scratch.path())).await.expect("it starts");
    let viewer = Party { session, scratch };
    let mut news = viewer.session.news();
    let root = viewer.scratch.path().join("elsewhere");
    let peers = vec![rogue.addr];
    let add = Add { root, peers, want: Want::All, ..viewer.add(&work.metainfo) };
    viewer.session.add(add).await.expect("it goes on");
    until(&mut news, lied).await;
}

/// Whoever is called gives the description that a magnet link names.
async fn describer(description: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.2:0").await.expect("a free port");
    let addr = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("it listens");
        let mut stranger = Stranger::over(stream);
        stranger.send(&handshake_for(sha1(&description), 100)).await;
        let ids = ExtensionIds { metadata: Some(9), ..ExtensionIds::default() };
        let total_size = description.len() as u32;
        let metadata_size = Some(total_size);
        let said = ExtensionHandshake { ids, metadata_size, ..ExtensionHandshake::default() };
        stranger.say(&Message::Extended { id: 0, payload: said.to_bytes() }).await;
        while let Some(message) = stranger.hear().await {
            let Message::Extended { id: 9, payload } = message else { continue };
            let Ok(Metadata::Request { piece }) = Metadata::parse(&payload) else { continue };
            let data = Bytes::copy_from_slice(&description);
            let said = Metadata::Data { piece, total_size, data };
            let id = ExtensionIds::OURS.metadata.expect("we take it");
            stranger.say(&Message::Extended { id, payload: said.to_bytes() }).await;
        }
    });
    addr
}

#[tokio::test]
async fn hp_51_a_description_that_nobody_can_use_is_told_of_and_not_waited_for() {
    let description = b"d6:lengthi1e4:name1:x12:piece lengthi0e6:pieces20:--------------------e";
    let viewer = Party::new().await;
    let magnet = Magnet::new(InfoHashes::V1(sha1(description)));
    let peer = describer(description.to_vec()).await;
    let any = Work::new(Version::V1, 32 << 10, &[1]);
    let source = Source::Magnet(Box::new(magnet));
    let add = Add { source, peers: vec![peer], want: Want::All, ..viewer.add(&any.metainfo) };
    let torrent = viewer.session.add(add).await.expect("a good name");
    let refused = soon(torrent.metainfo()).await;
    assert!(matches!(refused, Err(TorrentError::Description(_))), "{refused:?}");
}
