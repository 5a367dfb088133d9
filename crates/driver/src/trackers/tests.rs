//! Trackers that answer, refuse, stay silent and send us elsewhere.

use std::{net::SocketAddr, sync::Arc};

use engine::TorrentId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
    sync::mpsc::channel,
};
use torrent::{Sha1Hash, tracker::MAX_PEERS};

use super::*;
use crate::{
    datagrams::{Datagrams, Ears},
    http::Purpose,
    loopback::{Answer, HttpServer, UdpTracker},
};

/// Asks over UDP from sockets of its own.
fn trackers(local: bool) -> Trackers {
    asking(local, None)
}

fn asking(local: bool, shared: Option<Shared>) -> Trackers {
    let sockets = Sockets::new(None);
    let http = HttpClient::new(&sockets, Purpose::Tracker, local, "test");
    Trackers::new(http, sockets, local, 6881, shared)
}

/// Asks over sockets that others use as well, and where these are.
fn sharing(local: bool, at: &[&str]) -> (Trackers, Vec<SocketAddr>) {
    let at: Vec<_> = at.iter().map(|addr| addr.parse().expect("an address")).collect();
    // Whom uTP and the DHT may call is not asked here.
    let opened = Datagrams::open(Sockets::new(None), &at, false, true);
    let datagrams = Arc::new(opened.expect("loopback has free ports"));
    let (ear, heard) = channel(16);
    datagrams.listen(&Ears { trackers: Some(ear), ..Ears::default() });
    let addrs = datagrams.local_addrs();
    (asking(local, Some(Shared::start(datagrams, heard))), addrs)
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
async fn a_tracker_that_hears_one_question_on_a_connection_hears_the_next_one_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has free ports");
    let url = format!("http://{}/announce", listener.local_addr().expect("it is bound"));
    let tracker = async {
        let mut deaf = vec![];
        loop {
            let (mut conn, _) = listener.accept().await.expect("the test asks");
            let (mut asked, mut byte) = (vec![], [0]);
            while !asked.ends_with(b"\r\n\r\n") {
                conn.read_exact(&mut byte).await.expect("a whole request comes");
                asked.push(byte[0]);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nd8:intervali900e5:peers0:e";
            conn.write_all(answer).await.expect("the test listens");
            deaf.push(conn);
        }
    };
    let questions = async {
        let trackers = trackers(true);
        for _ in 0..2 {
            trackers.announce(&announce(url.clone())).await.expect("it is asked anew");
        }
    };
    tokio::select! {
        () = questions => {}
        () = tracker => {}
    }
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
    for trackers in [sharing(true, &["127.0.0.1:0"]).0, trackers(true)] {
        let tracker = UdpTracker::start("127.0.0.1", vec![1, 2, 3, 4, 0x1a, 0xe1], 0).await;
        for _ in 0..2 {
            let answer = trackers.announce(&announce(tracker.url())).await.unwrap();
            assert_eq!(answer.peers, ["1.2.3.4:6881".parse().unwrap()]);
            assert_eq!((answer.seeders, answer.leechers), (Some(7), Some(3)));
        }
        assert_eq!(tracker.answered(), (1, 2));
        assert_eq!(tracker.callers().len(), 3);
    }
}

/// Many ask at once and over both families; whose answer is whose, the numbers tell.
#[tokio::test]
async fn many_questions_over_one_socket_get_their_own_answers() {
    let (trackers, at) = sharing(true, &["127.0.0.1:0", "[::1]:0"]);
    let (trackers, mut asked) = (Arc::new(trackers), Vec::new());
    for number in 1..=20 {
        let one = UdpTracker::start("127.0.0.1", vec![1, 2, 3, number, 0x1a, 0xe1], 0).await;
        let peer = [vec![0x20, 1, 0xd, 0xb8], vec![0; 11], vec![number, 0x1a, 0xe1]].concat();
        let other = UdpTracker::start("::1", peer, 0).await;
        for (tracker, peer) in
            [(one, format!("1.2.3.{number}:6881")), (other, format!("[2001:db8::{number:x}]:6881"))]
        {
            let trackers = Arc::clone(&trackers);
            asked.push(tokio::spawn(async move {
                let answer = trackers.announce(&announce(tracker.url())).await.unwrap();
                assert_eq!(answer.peers, [peer.parse().unwrap()]);
                tracker.callers()
            }));
        }
    }
    for asked in asked {
        let callers = asked.await.unwrap();
        assert!(callers.iter().all(|caller| at.contains(caller)), "{callers:?} {at:?}");
    }
}

/// Who sees a question but is not the one who was asked.
#[tokio::test]
async fn an_answer_from_another_address_is_passed_over() {
    let tracker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let url = format!("udp://{}", tracker.local_addr().unwrap());
    let (trackers, _) = sharing(true, &["127.0.0.1:0"]);
    let answering = async {
        let mut packet = [0; 2048];
        let (_, from) = tracker.recv_from(&mut packet).await.unwrap();
        let connected = |number: u8| [&[0; 4], &packet[12..16], &[number; 8]].concat();
        stranger.send_to(&connected(6), from).await.unwrap();
        // Nor is that an answer: another number, and a packet of the DHT's.
        tracker.send_to(&[[0; 4], [9; 4], [6; 4], [6; 4]].concat(), from).await.unwrap();
        tracker.send_to(b"d1:ade", from).await.unwrap();
        tracker.send_to(&connected(7), from).await.unwrap();
        let (_, from) = tracker.recv_from(&mut packet).await.unwrap();
        assert_eq!(packet[..8], [7; 8], "the number is that of the tracker");
        let answer = |peer: [u8; 6]| {
            [&[0, 0, 0, 1], &packet[12..16], &[0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1], &peer].concat()
        };
        stranger.send_to(&answer([6, 6, 6, 6, 0, 80]), from).await.unwrap();
        tracker.send_to(&answer([1, 2, 3, 4, 0, 80]), from).await.unwrap();
    };
    let what = announce(url);
    let (answer, ()) = tokio::join!(trackers.announce(&what), answering);
    assert_eq!(answer.unwrap().peers, ["1.2.3.4:80".parse().unwrap()]);
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
    let ((shared, at), (no_v6, _)) = (sharing(true, &["[::1]:0"]), sharing(true, &["127.0.0.1:0"]));
    for trackers in [shared, no_v6, trackers(true)] {
        let answer = trackers.announce(&announce(tracker.url())).await.unwrap();
        assert_eq!(answer.peers, ["[2001:db8::1]:6881".parse().unwrap()]);
    }
    let callers = tracker.callers();
    assert_eq!(
        callers.iter().map(|one| *one == at[0]).collect::<Vec<_>>(),
        [true, true, false, false, false, false]
    );
}

#[tokio::test]
async fn lost_packets_are_sent_again() {
    for mut trackers in [sharing(true, &["127.0.0.1:0"]).0, trackers(true)] {
        let tracker = UdpTracker::start("127.0.0.1", vec![], 2).await;
        trackers.udp.impatient();
        assert!(trackers.announce(&announce(tracker.url())).await.is_ok());
        let deaf = UdpTracker::start("127.0.0.1", vec![], usize::MAX).await;
        let answer = trackers.announce(&announce(deaf.url())).await;
        assert_eq!(answer.unwrap_err(), AnnounceFault::NotReached);
        assert_eq!(deaf.callers().len(), 3, "once, and again twice");
    }
}

/// A network that is not there is told of by the system: nobody waits for an answer.
#[tokio::test]
async fn a_tracker_to_which_there_is_no_way_is_given_up_at_once() {
    let (trackers, _) = sharing(true, &["127.0.0.1:0"]);
    let began = std::time::Instant::now();
    // Nothing leaves this machine from its own address.
    let answer = trackers.announce(&announce("udp://192.88.99.1:80/announce".into())).await;
    assert_eq!(answer.unwrap_err(), AnnounceFault::NotReached);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn no_udp_packet_goes_where_the_policy_forbids() {
    let tracker = UdpTracker::start("127.0.0.1", vec![], 0).await;
    for url in [tracker.url(), format!("udp://localhost:{}", tracker.addr.port()), "udp://x".into()]
    {
        for trackers in [sharing(false, &["127.0.0.1:0"]).0, trackers(false)] {
            let answer = trackers.announce(&announce(url.clone())).await;
            assert_eq!(answer.unwrap_err(), AnnounceFault::Forbidden);
        }
    }
    assert_eq!(tracker.callers(), []);
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
