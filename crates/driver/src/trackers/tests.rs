//! Trackers that answer, refuse, stay silent and send us elsewhere.

use engine::TorrentId;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use torrent::{Sha1Hash, tracker::MAX_PEERS};

use super::*;
use crate::{
    http::Purpose,
    loopback::{Answer, HttpServer, UdpTracker},
};

fn trackers(local: bool) -> Trackers {
    let sockets = Sockets::new(None);
    let http = HttpClient::new(&sockets, Purpose::Tracker, local, "test");
    Trackers::new(http, sockets, local, 6881)
}

fn announce(url: String) -> Announce {
    Announce {
        torrent: TorrentId(0),
        url,
        infohash: Sha1Hash([0xa5; 20]),
        event: AnnounceEvent::Started,
        peer_id: *b"-KN0000-abcdefghijkl",
        uploaded: 1,
        downloaded: 2,
        left: 3,
        wanted: 50,
    }
}

#[tokio::test]
async fn an_http_tracker_hears_who_we_are_and_its_peers_come_back() {
    let server = HttpServer::start(|asked| {
        assert!(asked.target.starts_with("/announce?passkey=k&info_hash=%A5"), "{}", asked.target);
        assert!(asked.target.contains("&port=6881&"));
        assert!(asked.target.contains("&event=started"));
        Answer::new(
            200,
            b"d8:completei4e10:incompletei5e8:intervali900e5:peers6:\x01\x02\x03\x04\x1a\xe110:tracker id2:ide",
        )
    })
    .await;
    let trackers = trackers(true);
    let what = announce(server.url("/announce?passkey=k"));
    let answer = trackers.announce(&what).await.unwrap();
    assert_eq!(answer.peers, ["1.2.3.4:6881".parse().unwrap()]);
    assert_eq!((answer.seeders, answer.leechers), (Some(4), Some(5)));
    trackers.announce(&what).await.unwrap();
    assert!(server.asked()[1].target.contains("&trackerid=id"));
}

#[tokio::test]
async fn what_a_tracker_says_no_with_is_told_from_garbage_and_silence() {
    let server = HttpServer::start(|asked| match asked.target.as_str() {
        path if path.starts_with("/no/") => Answer::new(403, "d14:failure reason6:go on!e"),
        path if path.starts_with("/long/") => Answer::new(200, vec![b'1'; 2 << 20]),
        path if path.starts_with("/html/") => Answer::new(200, "<html>"),
        _ => Answer::new(500, "d8:intervali900e5:peers0:e"),
    })
    .await;
    let trackers = trackers(true);
    for (path, expected) in [
        ("/html/announce", AnnounceFault::Garbled),
        ("/long/announce", AnnounceFault::Garbled),
        ("/broken/announce", AnnounceFault::Garbled),
        ("/html/other", AnnounceFault::Forbidden),
    ] {
        let answer = trackers.announce(&announce(server.url(path))).await;
        assert_eq!(answer.unwrap_err(), expected, "{path}");
    }
    let refused = trackers.announce(&announce(server.url("/no/announce"))).await.unwrap_err();
    assert!(matches!(refused, AnnounceFault::Refused(_)));
    let nobody = trackers.announce(&announce("http://127.0.0.1:9/announce".into())).await;
    assert_eq!(nobody.unwrap_err(), AnnounceFault::NotReached);
}

#[tokio::test]
async fn a_tracker_may_move_but_a_stranger_reaches_nothing_local() {
    let target = HttpServer::start(|_| Answer::new(200, "d8:intervali900e5:peers0:e")).await;
    let to = target.url("/b/announce?moved");
    let server = HttpServer::start(move |_| Answer::new(307, "").with("Location", &to)).await;
    let url = server.url("/announce");
    assert!(trackers(true).announce(&announce(url.clone())).await.is_ok());
    assert_eq!(target.asked()[0].target, "/b/announce?moved");
    let answer = trackers(false).announce(&announce(url)).await;
    assert_eq!(answer.unwrap_err(), AnnounceFault::Forbidden);
    assert_eq!((server.asked().len(), target.asked().len()), (1, 1));
}

#[tokio::test]
async fn a_udp_tracker_is_connected_to_once_for_several_announces() {
    let tracker = UdpTracker::start("127.0.0.1", vec![1, 2, 3, 4, 0x1a, 0xe1], 0).await;
    let trackers = trackers(true);
    for _ in 0..2 {
        let answer = trackers.announce(&announce(tracker.url())).await.unwrap();
        assert_eq!(answer.peers, ["1.2.3.4:6881".parse().unwrap()]);
        assert_eq!((answer.seeders, answer.leechers), (Some(7), Some(3)));
    }
    assert_eq!(tracker.answered(), (1, 2));
}

#[tokio::test]
async fn trackers_tell_how_many_take_part_over_http_and_udp() {
    let server = HttpServer::start(|asked| {
        assert!(asked.target.starts_with("/scrape?passkey=k&info_hash=%A5"), "{}", asked.target);
        assert_eq!(asked.target.matches("info_hash=").count(), 2);
        let one = [&b"20:"[..], &[0xa5; 20], b"d8:completei4e10:downloadedi9e10:incompletei5ee"];
        Answer::new(200, [&b"d5:filesd"[..], &one.concat(), b"ee"].concat())
    })
    .await;
    let (trackers, names) = (trackers(true), [Sha1Hash([0xa5; 20]), Sha1Hash([7; 20])]);
    let answer = trackers.scrape(&server.url("/announce?passkey=k"), &names).await.unwrap();
    let size =
        |seeds, leechers, completed| SwarmSize { seeds, leechers, completed: Some(completed) };
    assert_eq!(answer, [(names[0], size(4, 5, 9))], "of the other it knows nothing");
    let answer = trackers.scrape(&server.url("/other"), &names).await;
    assert_eq!(answer.unwrap_err(), AnnounceFault::Garbled, "it has no address for this");
    let tracker = UdpTracker::start("127.0.0.1", vec![], 0).await;
    let answer = trackers.scrape(&tracker.url(), &names).await.unwrap();
    assert_eq!(answer, [(names[0], size(0xa5, 0xa7, 0xa6)), (names[1], size(7, 9, 8))]);
    trackers.announce(&announce(tracker.url())).await.unwrap();
    assert_eq!(tracker.answered(), (1, 1), "the connection serves both");
}

#[tokio::test]
async fn a_udp_tracker_over_ipv6_gives_ipv6_peers() {
    let peer = [vec![0x20, 1, 0xd, 0xb8], vec![0; 11], vec![1, 0x1a, 0xe1]].concat();
    let tracker = UdpTracker::start("::1", peer, 0).await;
    let answer = trackers(true).announce(&announce(tracker.url())).await.unwrap();
    assert_eq!(answer.peers, ["[2001:db8::1]:6881".parse().unwrap()]);
}

#[tokio::test]
async fn lost_packets_are_sent_again() {
    let tracker = UdpTracker::start("127.0.0.1", vec![], 2).await;
    let mut trackers = trackers(true);
    trackers.udp.impatient();
    assert!(trackers.announce(&announce(tracker.url())).await.is_ok());
    let deaf = UdpTracker::start("127.0.0.1", vec![], usize::MAX).await;
    let answer = trackers.announce(&announce(deaf.url())).await;
    assert_eq!(answer.unwrap_err(), AnnounceFault::NotReached);
}

#[tokio::test]
async fn no_udp_packet_goes_where_the_policy_forbids() {
    let tracker = UdpTracker::start("127.0.0.1", vec![], 0).await;
    for url in [tracker.url(), format!("udp://localhost:{}", tracker.addr.port()), "udp://x".into()]
    {
        let answer = trackers(false).announce(&announce(url)).await;
        assert_eq!(answer.unwrap_err(), AnnounceFault::Forbidden);
    }
    assert_eq!(tracker.answered(), (0, 0));
}

#[tokio::test]
async fn a_tracker_whose_answer_drips_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/announce", listener.local_addr().unwrap());
    let dripping = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut trackers = trackers(true);
    trackers.patience = Duration::from_millis(300);
    let answer = trackers.announce(&announce(url)).await;
    assert_eq!(answer.unwrap_err(), AnnounceFault::NotReached);
    dripping.await.expect("it hears that nobody listens any more");
}

#[tokio::test]
async fn hp_87_answers_without_measure_and_redirects_in_circles_end() {
    let server = HttpServer::start(|asked| match asked.target.as_str() {
        path if path.starts_with("/circle/") => {
            Answer::new(302, "").with("Location", &asked.target)
        }
        path if path.starts_with("/peers/") => {
            let peers = b"\x01\x02\x03\x04\x1a\xe1".repeat(100_000);
            Answer::new(200, [&b"d8:intervali-1e5:peers600000:"[..], &peers, b"e"].concat())
        }
        path if path.starts_with("/html/") => {
            Answer::new(200, "d14:failure reason15:<b>no</b>\r\nmoree")
        }
        _ => Answer::new(200, vec![b'1'; 10 << 20]),
    })
    .await;
    let trackers = trackers(true);
    let asks = async |path| trackers.announce(&announce(server.url(path))).await;
    assert_eq!(asks("/long/announce").await.unwrap_err(), AnnounceFault::Garbled);
    assert_eq!(asks("/circle/announce").await.unwrap_err(), AnnounceFault::NotReached);
    let many = asks("/peers/announce").await.unwrap();
    assert_eq!((many.peers.len(), many.interval), (MAX_PEERS, Duration::from_secs(60)));
    let AnnounceFault::Refused(why) = asks("/html/announce").await.unwrap_err() else { panic!() };
    assert!(
        why.starts_with("<b>no</b>") && !why.contains(['\r', '\n']),
        "text, and one line: {why}"
    );
}

/// A stranger who guesses knows neither number; the tracker's own answer counts when it comes.
#[tokio::test]
async fn hp_88_forged_answers_of_a_udp_tracker_are_passed_over() {
    let tracker = UdpTracker::forged("127.0.0.1", vec![1, 2, 3, 4, 0x1a, 0xe1]).await;
    let answer = trackers(true).announce(&announce(tracker.url())).await.unwrap();
    assert_eq!(answer.peers, ["1.2.3.4:6881".parse().unwrap()]);
    assert_eq!(tracker.answered(), (1, 1), "it was asked once");
}
