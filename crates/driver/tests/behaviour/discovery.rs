//! Finding bytes by other ways than a given peer: trackers over HTTP and UDP, and web seeds.

use std::{net::SocketAddr, time::Duration};

use driver::{Add, DhtConfig, Transport};
use engine::{News, Want};
use torrent::create::Version;

use crate::{
    loopback::{Answer, Asked, HttpServer, UdpTracker},
    stage::{Party, Work, soon},
};

/// A peer as trackers write it (BEP 23).
fn compact(addr: SocketAddr) -> Vec<u8> {
    let SocketAddr::V4(addr) = addr else { panic!("loopback is IPv4 here") };
    [&addr.ip().octets()[..], &addr.port().to_be_bytes()].concat()
}

#[tokio::test]
async fn an_http_tracker_brings_seed_and_viewer_together_and_hears_of_their_end() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[1_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    let peer = compact(seed.addr());
    let tracker = HttpServer::start(move |_| {
        let head = &b"d8:intervali900e5:peers6:"[..];
        Answer::new(200, [head, &peer, b"e"].concat())
    })
    .await;
    seed.seed(&work).await;
    let trackers = vec![vec![tracker.url("/announce")]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
    work.expect_at(&viewer.root());
    let port = viewer.addr().port();
    viewer.session.shutdown().await;
    let asked = tracker.asked();
    assert!(asked[0].target.contains("event=started"));
    let port = format!("port={port}&");
    assert!(asked.iter().all(|asked| asked.target.contains(&port)));
    assert!(asked.iter().any(|asked| asked.target.contains("event=stopped")), "{asked:?}");
}

#[tokio::test]
async fn a_udp_tracker_does_the_same() {
    let work = Work::new(Version::V1, 64 << 10, &[1_000_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    let tracker = UdpTracker::start("127.0.0.1", compact(seed.addr()), 0).await;
    seed.seed(&work).await;
    let trackers = vec![vec![tracker.url()]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
    viewer.session.shutdown().await;
    assert!(tracker.answered().1 >= 2, "started and stopped");
}

/// One open port serves TCP, uTP, the DHT and the questions to trackers, whatever a router in between makes of it.
#[tokio::test]
async fn a_udp_tracker_sees_us_at_the_port_where_peers_and_nodes_reach_us() {
    let work = Work::new(Version::V1, 64 << 10, &[300_000]);
    let (seed, viewer) = (
        Party::new().await,
        Party::with(|config| {
            config.listen =
                ["127.0.0.1:0", "[::1]:0"].map(|addr| addr.parse().expect("an address")).to_vec();
            config.dht = Some(DhtConfig { bootstrap: vec![], limits: None });
            config.transport = Transport::Utp;
        })
        .await,
    );
    let v4 = UdpTracker::start("127.0.0.1", compact(seed.addr()), 0).await;
    let v6 = UdpTracker::start("::1", vec![], 0).await;
    seed.seed(&work).await;
    let trackers = vec![vec![v6.url()], vec![v4.url()]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
    let at = viewer.session.local_addrs().to_vec();
    assert_eq!(viewer.session.dht().expect("it is on").local_addrs(), at);
    viewer.session.shutdown().await;
    for (tracker, at) in [(v4, at[0]), (v6, at[1])] {
        let callers = tracker.callers();
        assert!(callers.len() >= 3, "a connection, started and stopped: {callers:?}");
        assert!(callers.iter().all(|caller| *caller == at), "{callers:?}, and we are at {at}");
    }
}

#[tokio::test]
async fn a_udp_tracker_is_asked_although_nothing_else_goes_over_udp() {
    let work = Work::new(Version::V1, 64 << 10, &[300_000]);
    let seed = Party::new().await;
    let viewer = Party::with(|config| config.transport = Transport::Tcp).await;
    let tracker = UdpTracker::start("127.0.0.1", compact(seed.addr()), 0).await;
    seed.seed(&work).await;
    let trackers = vec![vec![tracker.url()]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
}

#[tokio::test]
async fn a_tracker_that_does_not_help_is_told_and_the_next_tier_asked() {
    let work = Work::new(Version::V1, 64 << 10, &[300_000]);
    let (seed, viewer) = (Party::new().await, Party::new().await);
    let broken = HttpServer::start(|_| Answer::new(200, "d14:failure reason8:no room!e")).await;
    let good = UdpTracker::start("127.0.0.1", compact(seed.addr()), 0).await;
    seed.seed(&work).await;
    let mut news = viewer.session.news();
    let trackers = vec![vec![broken.url("/announce")], vec![good.url()]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
    let failed = async {
        loop {
            if let News::TrackerFailed(_, url, why) = news.recv().await.expect("it goes on") {
                return (url, why);
            }
        }
    };
    let (url, why) = soon(failed).await;
    assert!(url == broken.url("/announce") && why.contains("no room!"), "{url}: {why}");
}

/// A web server with the files of a work.
fn serve(work: &Work) -> impl Fn(&Asked) -> Answer + use<> {
    let files = work.files.clone();
    move |asked| {
        let found = files.iter().find(|(name, _)| asked.target.ends_with(&format!("/{name}")));
        found.map_or(Answer::new(404, ""), |(_, bytes)| Answer::part(bytes, asked))
    }
}

#[tokio::test]
async fn web_seeds_alone_are_enough_for_every_version() {
    for version in [Version::V1, Version::V2, Version::Hybrid] {
        let work = Work::new(version, 64 << 10, &[2_000_000, 70_000, 1]);
        let (server, viewer) = (HttpServer::start(serve(&work)).await, Party::new().await);
        let web_seeds = vec![server.url("/films/")];
        let add = Add { web_seeds, want: Want::All, ..viewer.add(&work.metainfo) };
        let torrent = viewer.session.add(add).await.unwrap();
        soon(torrent.finished()).await.unwrap();
        work.expect_at(&viewer.root());
        assert!(server.connections() < server.asked().len(), "{version:?}: connections are reused");
    }
}

#[tokio::test]
async fn a_busy_web_seed_is_left_alone_for_as_long_as_it_says() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let files = serve(&work);
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = HttpServer::start(move |asked| {
        match first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            true => Answer::new(503, "").with("Retry-After", 1),
            false => files(asked),
        }
    })
    .await;
    let viewer = Party::new().await;
    let web_seeds = vec![server.url("/")];
    let add = Add { web_seeds, want: Want::All, ..viewer.add(&work.metainfo) };
    let began = std::time::Instant::now();
    let torrent = viewer.session.add(add).await.unwrap();
    soon(torrent.finished()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn strangers_cannot_make_us_call_local_services() {
    let work = Work::new(Version::V1, 64 << 10, &[500_000]);
    let inside = HttpServer::start(serve(&work)).await;
    let viewer = Party::with(|config| {
        config.address_policy.local_web_seeds = false;
        config.address_policy.local_trackers = false;
    })
    .await;
    let mut news = viewer.session.news();
    let add = Add {
        web_seeds: vec![inside.url("/")],
        trackers: vec![vec![inside.url("/announce")]],
        want: Want::All,
        ..viewer.add(&work.metainfo)
    };
    viewer.session.add(add).await.unwrap();
    let (mut web, mut tracker) = (false, false);
    while !(web && tracker) {
        match soon(news.recv()).await.expect("it goes on") {
            News::WebSeedFailed(..) => web = true,
            News::TrackerFailed(..) => tracker = true,
            _ => {}
        }
    }
    assert_eq!(inside.connections(), 0);
}
