//! The DHT over real sockets on loopback: many nodes of ours, and some of libtorrent's among them.

mod libtorrent;
#[path = "../stage/mod.rs"]
mod stage;

use std::{net::SocketAddr, time::Duration};

use dht::{AnnouncedPort, Id, Item, Limits, MutableItem, SigningKey, Value, Wanted};
use driver::{Add, Dht, DhtConfig, Source};
use tokio::time::{sleep, timeout};
use torrent::{InfoHashes, Magnet, create::Version};

use crate::{
    libtorrent::Libtorrent,
    stage::{PATIENCE, Party, Work, soon},
};

/// Fast enough for a test on one machine.
const LIMITS: Limits = Limits {
    queries_per_second: 2_000,
    queries_per_node: 500,
    answers_per_source: 500,
    answer_bytes_per_second: 1_000_000,
    ..Limits::USUAL
};

async fn party(bootstrap: &[SocketAddr]) -> Party {
    let bootstrap = bootstrap.iter().map(ToString::to_string).collect();
    Party::with(|config| {
        config.hash_workers = 1;
        config.dht = Some(DhtConfig { bootstrap, limits: Some(LIMITS) });
    })
    .await
}

fn node(party: &Party) -> &Dht {
    party.session.dht().expect("it takes part in the DHT")
}

fn at(party: &Party) -> SocketAddr {
    node(party).local_addrs()[0]
}

/// Asks again and again until the answer is good.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

async fn knows(party: &Party, count: usize) {
    until("nodes are known", async || {
        let stats = node(party).stats().await.expect("it goes on");
        (stats.nodes_v4 >= count).then_some(())
    })
    .await;
}

/// So many nodes, all entered through the first.
async fn network(count: usize) -> Vec<Party> {
    let mut all = vec![party(&[]).await];
    for _ in 1..count {
        let entered = party(&[at(&all[0])]).await;
        all.push(entered);
    }
    for one in &all {
        knows(one, 8.min(count - 1)).await;
    }
    all
}

async fn find(party: &Party, infohash: Id, peer: SocketAddr) {
    until("the peer is found", async || {
        let (peers, _) = node(party).peers(infohash, None).await.expect("it goes on");
        peers.contains(&peer).then_some(())
    })
    .await;
}

fn key(n: u8) -> Id {
    Id([n; 20])
}

fn loopback(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torrent_travels_between_two_who_met_in_the_dht() {
    let all = network(20).await;
    let work = Work::new(Version::Hybrid, 16 * 1024, &[100_000]);
    all[3].seed(&work).await;
    let infohash = work.metainfo.info.hashes().wire().into();
    find(&all[9], infohash, all[3].addr()).await;
    let copy = all[12].join(&work.metainfo, &[]).await;
    soon(copy.finished()).await.expect("it has come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_magnet_link_with_one_name_of_a_hybrid_torrent_joins_both_its_swarms() {
    let all = network(8).await;
    let work = Work::new(Version::Hybrid, 16 * 1024, &[100_000]);
    all[3].seed(&work).await;
    let hashes = work.metainfo.info.hashes();
    let (v1, v2) = (hashes.v1().expect("a hybrid"), hashes.v2().expect("a hybrid"));
    let source = Source::Magnet(Box::new(Magnet::new(InfoHashes::V1(v1))));
    let add = Add { source, peers: vec![all[3].addr()], ..all[5].add(&work.metainfo) };
    let torrent = all[5].session.add(add).await.expect("it goes on");
    soon(torrent.metainfo()).await.expect("the seed sends it");
    find(&all[6], v1.into(), all[5].addr()).await;
    find(&all[6], v2.truncated().into(), all[5].addr()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_torrent_is_never_told_to_the_dht() {
    let all = network(4).await;
    let private = Work::told_of(Version::V1, 16 * 1024, &[10_000], |builder| {
        builder.private = true;
    });
    let open = Work::new(Version::V1, 16 * 1024, &[20_000]);
    all[1].seed(&private).await;
    all[1].seed(&open).await;
    let hash = |work: &Work| work.metainfo.info.hashes().wire().into();
    find(&all[2], hash(&open), all[1].addr()).await;
    let (peers, _) = node(&all[2]).peers(hash(&private), None).await.expect("it goes on");
    assert_eq!(peers, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_again_knows_the_others_from_its_table() {
    let all = network(4).await;
    let mut last = party(&[at(&all[0])]).await;
    knows(&last, 3).await;
    let scratch = std::mem::replace(&mut last.scratch, stage::Scratch::new());
    last.session.shutdown().await;
    let again = Party::with(|config| {
        config.data_dir = scratch.path().join("records");
        config.dht = Some(DhtConfig { bootstrap: vec![], limits: Some(LIMITS) });
    })
    .await;
    knows(&again, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libtorrent_and_we_find_each_others_peers_among_many_nodes() {
    let all = network(20).await;
    let Some(mut theirs) = Libtorrent::start() else { return };
    theirs.ask(&format!("enter {}", at(&all[0]).port()));
    theirs.ask(&format!("enter {}", at(&all[7]).port()));
    until("libtorrent enters", async || (theirs.ask("nodes").as_u64() >= Some(8)).then_some(()))
        .await;

    theirs.ask(&format!("announce {} 7001", hex(&[1; 20])));
    find(&all[5], key(1), loopback(7001)).await;

    let announce = Some(AnnouncedPort::At(7002));
    let (_, stats) = node(&all[11]).peers(key(2), announce).await.expect("it goes on");
    assert_eq!(stats.stored, 8);
    until("libtorrent finds our peer", async || {
        let peers = theirs.ask(&format!("peers {}", hex(&[2; 20])));
        let found = peers.as_array().is_some_and(|all| all.iter().any(|p| p == "127.0.0.1:7002"));
        found.then_some(())
    })
    .await;
}

/// There is nobody else: what one keeps, the other reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libtorrent_and_we_keep_and_read_each_others_items() {
    let Some(mut theirs) = Libtorrent::start() else { return };
    let port = u16::try_from(theirs.port).expect("a port");
    let ours = party(&[loopback(port)]).await;
    theirs.ask(&format!("enter {}", at(&ours).port()));
    knows(&ours, 1).await;

    let signing = SigningKey::from_bytes(&[7; 32]);
    let salt = b"head";
    let value = Value::bencoded(b"d2:ih20:aaaaaaaaaaaaaaaaaaaa1:ni3ee").expect("a dictionary");
    let item = MutableItem::sign(&signing, salt, 5, value).expect("a short salt");
    let put = node(&ours).put(Item::Mutable(item.clone()), None, 8).await.expect("it goes on");
    assert_eq!(put.stats.stored, 1, "libtorrent keeps a dictionary that we signed: {put:?}");
    let what = Wanted::Mutable { key: *item.key(), salt: salt.to_vec(), have: None };
    let got = node(&ours).get(what).await.expect("it goes on");
    assert_eq!(got.item, Some(Item::Mutable(item.clone())), "and gives it back as it was");

    // libtorrent asks others only, so another one has to keep it, too.
    let second = party(&[at(&ours), loopback(port)]).await;
    knows(&second, 2).await;
    let put = node(&second).put(Item::Mutable(item.clone()), None, 8).await.expect("it goes on");
    assert_eq!(put.stats.stored, 2, "{put:?}");
    let read = theirs.ask(&format!("get {} {}", hex(item.key()), hex(salt)));
    assert_eq!(read["seq"], 5);
    assert_eq!(read["value"]["ih"], "a".repeat(20));
    assert_eq!(read["value"]["n"], 3);

    let key = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
    let question = format!("put {} {} - hello", hex(&[8; 32]), hex(&key));
    assert!(theirs.ask(&question).as_u64() >= Some(1), "we keep what libtorrent signs");
    let again = theirs.ask(&format!("get {} -", hex(&key)));
    assert_eq!(again["value"], "hello", "{again}");
}

/// What libtorrent puts where it and others are the closest, we find and verify.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn we_read_what_libtorrent_puts_among_many_nodes() {
    let all = network(12).await;
    let Some(mut theirs) = Libtorrent::start() else { return };
    theirs.ask(&format!("enter {}", at(&all[0]).port()));
    until("libtorrent enters", async || (theirs.ask("nodes").as_u64() >= Some(6)).then_some(()))
        .await;
    let key = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    let kept = theirs.ask(&format!("put {} {} {} hello", hex(&[9; 32]), hex(&key), hex(b"s")));
    assert!(kept.as_u64() >= Some(6), "{kept}");
    let what = Wanted::Mutable { key, salt: b"s".to_vec(), have: None };
    let got = node(&all[4]).get(what).await.expect("it goes on");
    let value = got.item.as_ref().map(|item| item.value().raw());
    assert_eq!(value, Some(b"5:hello".as_slice()));
    assert!(got.stats.copies >= 6, "{got:?}");
}

/// Fifty, four of them libtorrent's: what any of them announces or keeps, the others of both kinds find.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_nodes_of_two_kinds_find_and_keep_for_each_other() {
    let Some(first) = Libtorrent::start() else { return };
    let all = network(46).await;
    let mut theirs = vec![first];
    theirs.extend((1..4).filter_map(|_| Libtorrent::start()));
    for (number, one) in theirs.iter_mut().enumerate() {
        for door in [number, number + 20] {
            one.ask(&format!("enter {}", at(&all[door]).port()));
        }
    }
    for one in &mut theirs {
        let entered = async || (one.ask("nodes").as_u64() >= Some(8)).then_some(());
        until("libtorrent enters", entered).await;
    }

    // One of theirs announces, one of ours does; both kinds find both.
    theirs[0].ask(&format!("announce {} 7001", hex(&[1; 20])));
    find(&all[30], key(1), loopback(7001)).await;
    let announce = Some(AnnouncedPort::At(7002));
    until("eight nodes keep our announce", async || {
        let (_, stats) = node(&all[11]).peers(key(1), announce).await.expect("it goes on");
        (stats.stored == 8).then_some(())
    })
    .await;
    for one in &mut theirs[1..] {
        until("libtorrent finds both peers", async || {
            let peers = one.ask(&format!("peers {}", hex(&[1; 20])));
            let has =
                |addr: &str| peers.as_array().is_some_and(|all| all.iter().any(|p| p == addr));
            (has("127.0.0.1:7001") && has("127.0.0.1:7002")).then_some(())
        })
        .await;
    }
    // They have one address, and count as one.
    until("somebody counts", async || {
        let (seeds, others) = node(&all[40]).scrape(key(1)).await.expect("it goes on");
        ((seeds, others) == (0, 1)).then_some(())
    })
    .await;

    // What one of ours puts, each of theirs reads; what one of theirs puts, we read.
    let signing = SigningKey::from_bytes(&[7; 32]);
    let value = Value::bencoded(b"5:hello").expect("a text");
    let item = MutableItem::sign(&signing, b"s", 5, value).expect("a short salt");
    until("eight nodes keep our item", async || {
        let put = node(&all[2]).put(Item::Mutable(item.clone()), None, 8).await;
        (put.expect("it goes on").stats.stored == 8).then_some(())
    })
    .await;
    for one in &mut theirs {
        until("libtorrent reads our item", async || {
            let read = one.ask(&format!("get {} {}", hex(item.key()), hex(b"s")));
            (read["value"] == "hello" && read["seq"] == 5).then_some(())
        })
        .await;
    }
    let key = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    let put = format!("put {} {} {} answer", hex(&[9; 32]), hex(&key), hex(b"t"));
    until("nodes keep libtorrent's item", async || {
        (theirs[3].ask(&put).as_u64() >= Some(6)).then_some(())
    })
    .await;
    for place in [5, 25, 45] {
        until("we read libtorrent's item", async || {
            let what = Wanted::Mutable { key, salt: b"t".to_vec(), have: None };
            let got = node(&all[place]).get(what).await.expect("it goes on");
            let value = got.item.as_ref().map(|item| item.value().raw());
            (value == Some(b"6:answer".as_slice())).then_some(())
        })
        .await;
    }
}

/// The filters of BEP 33 as libtorrent sends them, alone with us.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libtorrent_tells_how_many_peers_it_keeps() {
    let Some(mut theirs) = Libtorrent::start() else { return };
    let port = u16::try_from(theirs.port).expect("a port");
    let ours = party(&[loopback(port)]).await;
    theirs.ask(&format!("enter {}", at(&ours).port()));
    knows(&ours, 1).await;
    let announce = Some(AnnouncedPort::At(7002));
    let (_, stats) = node(&ours).peers(key(3), announce).await.expect("it goes on");
    assert_eq!(stats.stored, 1, "libtorrent keeps it");
    let counted = node(&ours).scrape(key(3)).await.expect("it goes on");
    assert_eq!(counted, (0, 1));
    assert_eq!(node(&ours).scrape(key(4)).await.expect("it goes on"), (0, 0));
}
