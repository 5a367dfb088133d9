//! With a proxy everything goes through it, and what it cannot carry does not go.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use driver::{Add, Config, DhtConfig, Proxy, Transport};
use engine::Want;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream, UdpSocket},
};
use torrent::create::Version;

use crate::stage::{Party, Work, soon};

/// Where somebody asked a proxy to lead, as the proxy was told.
type Asked = Arc<Mutex<Vec<String>>>;

/// What a proxy is asked for (RFC 1928).
const UDP_ASSOCIATE: u8 = 3;
/// What it notes when it is.
const RELAY: &str = "udp relay";

/// A SOCKS5 proxy for one login, on loopback, that carries no datagrams.
async fn socks() -> (SocketAddr, Asked) {
    socks_that(false).await
}

async fn socks_that(relays: bool) -> (SocketAddr, Asked) {
    serve(move |mut stream, asked| async move {
        let count = {
            let mut head = [0; 2];
            stream.read_exact(&mut head).await.ok()?;
            head[1]
        };
        let mut methods = vec![0; count.into()];
        stream.read_exact(&mut methods).await.ok()?;
        assert!(methods.contains(&2), "a login is offered");
        stream.write_all(&[5, 2]).await.ok()?;
        let login = [&[1, 2][..], b"me", &[6], b"secret"].concat();
        let mut given = vec![0; login.len()];
        stream.read_exact(&mut given).await.ok()?;
        assert_eq!(given, login);
        stream.write_all(&[1, 0]).await.ok()?;
        let mut request = [0; 4];
        stream.read_exact(&mut request).await.ok()?;
        let host = match request[3] {
            1 => {
                let mut ip = [0; 4];
                stream.read_exact(&mut ip).await.ok()?;
                SocketAddr::from((ip, 0)).ip().to_string()
            }
            _ => {
                let mut name = vec![0; stream.read_u8().await.ok()?.into()];
                stream.read_exact(&mut name).await.ok()?;
                String::from_utf8(name).ok()?
            }
        };
        let target = format!("{host}:{}", stream.read_u16().await.ok()?);
        if request[1] == UDP_ASSOCIATE && relays {
            return relay(stream, asked).await;
        }
        if request[1] == UDP_ASSOCIATE {
            stream.write_all(&[5, 7, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
            return None;
        }
        note(&asked, &target);
        let mut onward = TcpStream::connect(reached(&target)).await.ok()?;
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
        copy_bidirectional(&mut stream, &mut onward).await.ok()?;
        Some(())
    })
    .await
}

/// Carries datagrams for as long as the connection stands.
async fn relay(mut stream: TcpStream, asked: Asked) -> Option<()> {
    let inside = UdpSocket::bind("127.0.0.1:0").await.ok()?;
    let outside = UdpSocket::bind("127.0.0.1:0").await.ok()?;
    // Where this machine has no IPv6 it reaches none.
    let outside_v6 =
        UdpSocket::bind("[::1]:0").await.unwrap_or(UdpSocket::bind("127.0.0.1:0").await.ok()?);
    let port = inside.local_addr().ok()?.port();
    note(&asked, RELAY);
    // No address: it is where the proxy is.
    stream.write_all(&[&[5, 0, 0, 1, 0, 0, 0, 0][..], &port.to_be_bytes()].concat()).await.ok()?;
    let (mut out, mut end) = (vec![0; 4096], [0]);
    let (mut back, mut back_v6) = (vec![0; 4096], vec![0; 4096]);
    let mut client = None;
    loop {
        tokio::select! {
            sent = inside.recv_from(&mut out) => {
                let (len, from) = sent.ok()?;
                client = Some(from);
                let (target, rest) = opened(&out[..len])?;
                note(&asked, &format!("udp {target}"));
                let by = if target.starts_with('[') { &outside_v6 } else { &outside };
                // Nobody is there: it is lost.
                by.send_to(rest, reached(&target)).await.ok();
            }
            came = outside.recv_from(&mut back) => pass_back(&inside, client, came, &back).await?,
            came = outside_v6.recv_from(&mut back_v6) => pass_back(&inside, client, came, &back_v6).await?,
            _ = stream.read(&mut end) => return Some(()),
        }
    }
}

/// Passes on what came for the client, with the address of who sent it in front.
async fn pass_back(
    inside: &UdpSocket,
    client: Option<SocketAddr>,
    came: std::io::Result<(usize, SocketAddr)>,
    bytes: &[u8],
) -> Option<()> {
    let (Ok((len, from)), Some(client)) = (came, client) else { return Some(()) };
    let ip = match from {
        SocketAddr::V4(from) => [&[1][..], &from.ip().octets()].concat(),
        SocketAddr::V6(from) => [&[4][..], &from.ip().octets()].concat(),
    };
    let head = [&[0; 3][..], &ip, &from.port().to_be_bytes()].concat();
    inside.send_to(&[&head, &bytes[..len]].concat(), client).await.ok().map(drop)
}

/// Whom a datagram is for, and what is in it.
fn opened(datagram: &[u8]) -> Option<(String, &[u8])> {
    let (host, rest) = match datagram.get(3)? {
        1 => {
            let (ip, rest) = datagram[4..].split_first_chunk::<4>()?;
            (SocketAddr::from((*ip, 0)).ip().to_string(), rest)
        }
        4 => {
            let (ip, rest) = datagram[4..].split_first_chunk::<16>()?;
            (format!("[{}]", std::net::Ipv6Addr::from(*ip)), rest)
        }
        _ => {
            let (name, rest) = datagram[5..].split_at(datagram[4].into());
            (String::from_utf8(name.to_vec()).ok()?, rest)
        }
    };
    let (port, rest) = rest.split_first_chunk::<2>()?;
    Some((format!("{host}:{}", u16::from_be_bytes(*port)), rest))
}

/// An HTTP proxy, on loopback.
async fn http() -> (SocketAddr, Asked) {
    serve(|stream, asked| async move {
        let mut stream = BufReader::new(stream);
        let (mut line, mut target, mut login) = (String::new(), None, false);
        while stream.read_line(&mut line).await.ok()? > 2 {
            if let Some(rest) = line.strip_prefix("CONNECT ") {
                target = rest.split(' ').next().map(str::to_owned);
            }
            login |= line.trim_end().ends_with("Basic bWU6c2VjcmV0");
            line.clear();
        }
        assert!(login, "the login is sent");
        let target = target?;
        note(&asked, &target);
        let mut onward = TcpStream::connect(reached(&target)).await.ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        copy_bidirectional(&mut stream, &mut onward).await.ok()?;
        Some(())
    })
    .await
}

fn note(asked: &Asked, target: &str) {
    asked.lock().expect("nobody panics with it").push(target.to_owned());
}

/// What the proxy resolves a name to: everybody is on this machine.
fn reached(target: &str) -> String {
    target.replace("tracker.example", "127.0.0.1")
}

async fn serve<F>(
    mut answer: impl FnMut(TcpStream, Asked) -> F + Send + 'static,
) -> (SocketAddr, Asked)
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let (addr, asked) = (listener.local_addr().expect("it listens"), Asked::default());
    let told = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&asked)));
        }
    });
    (addr, told)
}

async fn behind(proxy: String) -> Party {
    behind_with(proxy, |_| {}).await
}

async fn behind_with(proxy: String, change: impl FnOnce(&mut Config)) -> Party {
    let proxy: Proxy = proxy.parse().expect("a proxy's URL");
    Party::with(|config| {
        config.proxy = Some(proxy);
        change(config);
    })
    .await
}

#[tokio::test]
async fn a_torrent_is_fetched_through_a_proxy_of_either_kind() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[1_000_000]);
    let seed = Party::new().await;
    seed.seed(&work).await;
    let ((socks, by_socks), (http, by_http)) = (socks().await, http().await);
    for (url, asked) in [
        (format!("socks5://me:secret@{socks}"), by_socks),
        (format!("http://me:secret@{http}"), by_http),
    ] {
        let viewer = behind(url).await;
        assert!(viewer.session.local_addrs().is_empty(), "nobody can call");
        assert!(viewer.session.dht().is_none());
        let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
        soon(torrent.finished()).await.unwrap();
        work.expect_at(&viewer.root());
        assert_eq!(asked.lock().unwrap()[0], seed.addr().to_string());
    }
}

/// A name is resolved by the proxy, and a tracker that speaks UDP hears nothing.
#[tokio::test]
async fn names_are_left_to_the_proxy_and_datagrams_are_not_sent() {
    let work = Work::new(Version::V1, 64 << 10, &[100_000]);
    let (proxy, asked) = socks().await;
    let tracker = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = tracker.local_addr().unwrap().port();
    let viewer = behind(format!("socks5h://me:secret@{proxy}")).await;
    let trackers = vec![
        vec![format!("udp://{}", silent.local_addr().unwrap())],
        vec![format!("http://tracker.example:{port}/announce")],
    ];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let _torrent = viewer.session.add(add).await.unwrap();
    let (mut stream, _) = soon(tracker.accept()).await.unwrap();
    let mut request = [0; 13];
    soon(stream.read_exact(&mut request)).await.unwrap();
    assert_eq!(&request, b"GET /announce");
    assert_eq!(*asked.lock().unwrap(), [format!("tracker.example:{port}")]);
    // The first tier was tried before the second one.
    assert!(silent.try_recv(&mut [0; 8]).is_err(), "a datagram left beside the proxy");
}

/// uTP, a tracker over UDP and the DHT, the last two by names that the proxy alone knows.
#[tokio::test]
async fn what_goes_over_udp_goes_by_way_of_a_proxy_that_carries_it() {
    let work = Work::new(Version::Hybrid, 64 << 10, &[1_000_000]);
    let seed = Party::with(|config| {
        config.transport = Transport::Utp;
        config.dht = Some(DhtConfig { bootstrap: vec![], limits: None });
    })
    .await;
    let _torrent = seed.seed(&work).await;
    let (proxy, asked) = socks_that(true).await;
    let port = seed.addr().port();
    let viewer = behind_with(format!("socks5://me:secret@{proxy}"), |config| {
        config.transport = Transport::Utp;
        let bootstrap = vec![format!("tracker.example:{port}")];
        config.dht = Some(DhtConfig { bootstrap, limits: None });
    })
    .await;
    assert!(viewer.session.local_addrs().is_empty(), "nobody can call");
    let tracker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = tracker.local_addr().unwrap().port();
    let trackers = vec![vec![format!("udp://tracker.example:{at}")]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(track(&tracker, seed.addr())).await;
    soon(torrent.finished()).await.unwrap();
    work.expect_at(&viewer.root());
    let dht = viewer.session.dht().expect("the proxy carries it");
    soon(async {
        while dht.stats().await.unwrap().nodes_v4 == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let asked = asked.lock().unwrap();
    for target in [format!("udp tracker.example:{at}"), format!("udp tracker.example:{port}")] {
        assert!(asked.contains(&target), "{target} in {asked:?}");
    }
    assert!(asked.contains(&format!("udp {}", seed.addr())), "the peer itself");
    assert!(asked.iter().all(|target| target.starts_with("udp ")), "nothing went over TCP");
    assert_eq!(asked.iter().filter(|target| *target == RELAY).count(), 1, "one serves all");
}

/// A name is the proxy's business; what it led to is who may answer from then on.
#[tokio::test]
async fn a_udp_tracker_is_asked_by_way_of_a_proxy_although_nothing_else_goes_over_udp() {
    let work = Work::new(Version::V1, 64 << 10, &[300_000]);
    let seed = Party::new().await;
    let _torrent = seed.seed(&work).await;
    let (proxy, asked) = socks_that(true).await;
    let viewer = behind_with(format!("socks5://me:secret@{proxy}"), |config| {
        config.transport = Transport::Tcp;
    })
    .await;
    let tracker = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = tracker.local_addr().unwrap();
    let trackers = vec![vec![format!("udp://tracker.example:{}", at.port())]];
    let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
    let torrent = viewer.session.add(add).await.unwrap();
    soon(track(&tracker, seed.addr())).await;
    soon(torrent.finished()).await.unwrap();
    let asked = asked.lock().unwrap();
    let named = format!("udp tracker.example:{}", at.port());
    assert_eq!(asked[..3], [RELAY.into(), named, format!("udp {at}")]);
}

/// Peers and nodes of the DHT at IPv6 addresses are reached by the same relay.
#[tokio::test]
async fn ipv6_addresses_are_reached_over_udp_by_way_of_a_proxy_that_carries_it() {
    if UdpSocket::bind("[::1]:0").await.is_err() {
        return eprintln!("skipped: this machine has no IPv6; `ip -6 address show lo` tells");
    }
    let work = Work::new(Version::Hybrid, 64 << 10, &[1_000_000]);
    let seed = Party::with(|config| {
        config.listen = vec!["[::1]:0".parse().expect("an address")];
        config.transport = Transport::Utp;
        config.dht = Some(DhtConfig { bootstrap: vec![], limits: None });
    })
    .await;
    let _torrent = seed.seed(&work).await;
    let (proxy, asked) = socks_that(true).await;
    let viewer = behind_with(format!("socks5://me:secret@{proxy}"), |config| {
        config.transport = Transport::Utp;
        config.dht = Some(DhtConfig { bootstrap: vec![seed.addr().to_string()], limits: None });
    })
    .await;
    let torrent = viewer.join(&work.metainfo, &[seed.addr()]).await;
    soon(torrent.finished()).await.unwrap();
    work.expect_at(&viewer.root());
    let dht = viewer.session.dht().expect("the proxy carries it");
    soon(async {
        while dht.stats().await.unwrap().nodes_v6 == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let asked = asked.lock().unwrap();
    let (first, others) = asked.split_first().expect("it was asked");
    assert_eq!(first, RELAY);
    assert!(others.iter().all(|target| *target == format!("udp {}", seed.addr())), "{asked:?}");
}

/// A tracker (BEP 15) that knows one peer: answers a connection and an announce.
async fn track(tracker: &UdpSocket, peer: SocketAddr) {
    let SocketAddr::V4(peer) = peer else { panic!("the peer has an IPv4 address") };
    let mut packet = [0; 2048];
    loop {
        let (len, from) = tracker.recv_from(&mut packet).await.expect("somebody asks");
        let transaction = &packet[12..16];
        if len == 16 {
            let answer = [&[0; 4], transaction, &[7; 8]].concat();
            tracker.send_to(&answer, from).await.expect("it can be answered");
            continue;
        }
        let head = [&[0, 0, 0, 1], transaction, &[0, 0, 7, 8], &[0, 0, 0, 0], &[0, 0, 0, 1]];
        let peer = [&peer.ip().octets()[..], &peer.port().to_be_bytes()].concat();
        let answer = [&head.concat()[..], &peer].concat();
        tracker.send_to(&answer, from).await.expect("it can be answered");
        return;
    }
}

/// A name server over TCP on loopback that answers every question with one text (RFC 1035).
async fn name_server(text: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Ok(len) = stream.read_u16().await {
                    let mut question = vec![0; len.into()];
                    stream.read_exact(&mut question).await.ok()?;
                    let end = 12 + question[12..].iter().position(|byte| *byte == 0)? + 5;
                    let head = [&question[..2], &[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]].concat();
                    let size = u8::try_from(text.len()).ok()?;
                    let record =
                        [&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, size + 1, size], text].concat();
                    let answer = [&head, &question[12..end], &record].concat();
                    stream.write_u16(u16::try_from(answer.len()).ok()?).await.ok()?;
                    stream.write_all(&answer).await.ok()?;
                }
                Some(())
            });
        }
    });
    addr
}

#[tokio::test]
async fn what_a_domain_says_is_asked_by_way_of_the_proxy_or_not_at_all() {
    let (proxy, asked) = socks().await;
    let url = format!("socks5://me:secret@{proxy}");
    let viewer = behind(url.clone()).await;
    let nobody = viewer.session.texts("_kinora.example.org").await;
    assert!(matches!(nobody, Err(driver::NoTexts::Proxied)), "{nobody:?}");
    assert_eq!(*asked.lock().unwrap(), [] as [String; 0]);
    let server = name_server(b"k=somebody").await;
    let viewer = behind_with(url, |config| config.dns = vec![server]).await;
    let texts = soon(viewer.session.texts("_kinora.example.org")).await.unwrap();
    assert_eq!(texts, ["k=somebody"]);
    let asked = asked.lock().unwrap();
    assert!(!asked.is_empty() && asked.iter().all(|one| *one == server.to_string()), "{asked:?}");
}
