//! The household's router is asked to let peers in, and asked to end it: PCP, NAT-PMP and UPnP, played on loopback.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use driver::PortMappingConfig;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::stage::{Party, soon};

/// The port of PCP and NAT-PMP. Each test has a router of its own: all of 127.0.0.0/8 is this machine.
const PORT: u16 = 5351;
/// Where the routers say that the internet sees us.
const OUTSIDE: [u8; 4] = [81, 2, 3, 4];

/// What a router lets in, whenever that changes: the protocol's name and the port.
type Open = BTreeSet<(&'static str, u16)>;

struct Router {
    open: Mutex<Open>,
    tell: UnboundedSender<Open>,
}

impl Router {
    fn new() -> (Arc<Self>, UnboundedReceiver<Open>) {
        let (tell, told) = unbounded_channel();
        (Arc::new(Self { open: Mutex::default(), tell }), told)
    }

    fn set(&self, protocol: &'static str, port: u16, open: bool) {
        let mut all = self.open.lock().expect("nobody panics with it");
        if open {
            all.insert((protocol, port))
        } else {
            all.remove(&(protocol, port))
        };
        // The test may have ended.
        self.tell.send(all.clone()).ok();
    }
}

/// Waits until a router lets in exactly this.
async fn until(told: &mut UnboundedReceiver<Open>, wanted: &[(&'static str, u16)]) {
    let wanted: Open = wanted.iter().copied().collect();
    let waiting = async { while told.recv().await.expect("the router is there") != wanted {} };
    soon(waiting).await;
}

fn protocol(is_tcp: bool) -> &'static str {
    if is_tcp { "tcp" } else { "udp" }
}

fn word(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// A router that speaks NAT-PMP (RFC 6886), and PCP (RFC 6887) if it `knows_pcp`.
async fn pcp(at: Ipv4Addr, knows_pcp: bool) -> UnboundedReceiver<Open> {
    let socket = UdpSocket::bind((at, PORT)).await.expect("nobody else plays this router");
    let (router, told) = Router::new();
    tokio::spawn(async move {
        let mut room = [0; 1100];
        while let Ok((len, from)) = socket.recv_from(&mut room).await {
            let asked = &room[..len];
            let answer = match (asked[0], asked[1]) {
                (2, 1) if knows_pcp => answer_pcp(&router, asked),
                // The version is not known: RFC 6886, 3.5.
                (2, _) => vec![0, 0x81, 0, 1, 0, 0, 0, 9],
                (0, 0) => [&[0, 128, 0, 0, 0, 0, 0, 9][..], &OUTSIDE].concat(),
                (0, _) => answer_natpmp(&router, asked),
                _ => continue,
            };
            socket.send_to(&answer, from).await.ok();
        }
    });
    told
}

fn answer_pcp(router: &Router, asked: &[u8]) -> Vec<u8> {
    let port = word(asked, 40);
    router.set(protocol(asked[36] == 6), port, asked[4..8] != [0; 4]);
    let head = [2, 0x81, 0, 0, asked[4], asked[5], asked[6], asked[7], 0, 0, 0, 9];
    let ip = Ipv4Addr::from(OUTSIDE).to_ipv6_mapped().octets();
    [&head[..], &[0; 12], &asked[24..42], &port.to_be_bytes(), &ip].concat()
}

fn answer_natpmp(router: &Router, asked: &[u8]) -> Vec<u8> {
    let port = word(asked, 4);
    router.set(protocol(asked[1] == 2), port, asked[8..12] != [0; 4]);
    let head = [0, 128 + asked[1], 0, 0, 0, 0, 0, 9];
    [&head[..], &port.to_be_bytes(), &port.to_be_bytes(), &asked[8..12]].concat()
}

/// A router that speaks UPnP; where it is looked for.
async fn upnp(at: Ipv4Addr) -> (SocketAddr, UnboundedReceiver<Open>) {
    upnp_behind(at, &[]).await
}

/// The same, behind others that answer first: with the URLs of these pages, a path for one of its own.
async fn upnp_behind(at: Ipv4Addr, others: &[String]) -> (SocketAddr, UnboundedReceiver<Open>) {
    let search = UdpSocket::bind((at, 0)).await.expect("a free port");
    let listener = TcpListener::bind((at, 0)).await.expect("a free port");
    let (found_at, page) = (search.local_addr(), listener.local_addr());
    let (found_at, page) = (found_at.expect("it is bound"), page.expect("it is bound"));
    let (router, told) = Router::new();
    let own = |path: &str| format!("http://{page}{path}");
    let others = others.iter().map(|url| if url.starts_with('/') { own(url) } else { url.clone() });
    let pages: Vec<String> = others.chain([own("/root.xml")]).collect();
    tokio::spawn(async move {
        let mut room = [0; 1500];
        while let Ok((_, from)) = search.recv_from(&mut room).await {
            for page in &pages {
                let answer = format!("HTTP/1.1 200 OK\r\nLOCATION: {page}\r\n\r\n");
                search.send_to(answer.as_bytes(), from).await.ok();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let router = Arc::clone(&router);
            tokio::spawn(async move { serve(stream, &router).await });
        }
    });
    (found_at, told)
}

const SERVICE: &str = "urn:schemas-upnp-org:service:WANIPConnection:1";

async fn serve(stream: TcpStream, router: &Router) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut path, mut action, mut len) = (String::new(), String::new(), 0);
    let mut line = String::new();
    while stream.read_line(&mut line).await.ok()? > 2 {
        let lower = line.to_ascii_lowercase();
        if path.is_empty() {
            path = line.split(' ').nth(1)?.to_owned();
        } else if let Some(said) = lower.strip_prefix("content-length:") {
            len = said.trim().parse().ok()?;
        } else if lower.starts_with("soapaction:") {
            action = line.split('#').nth(1)?.trim().trim_end_matches('"').to_owned();
        }
        line.clear();
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body).await.ok()?;
    let answer = match &path[..] {
        "/root.xml" => root(),
        "/schema.xml" => schema(),
        "/bomb.xml" => bomb(),
        "/endless.xml" => return endless(stream).await,
        _ => act(router, &action, &String::from_utf8(body).ok()?),
    };
    let head =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", answer.len());
    stream.write_all((head + &answer).as_bytes()).await.ok()
}

/// Entities of entities, a billion in all, and one that lies elsewhere.
fn bomb() -> String {
    let levels = (1..10).map(|level| {
        let below = format!("&e{};", level - 1).repeat(10);
        format!("<!ENTITY e{level} \"{below}\">")
    });
    let levels: String = levels.collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE root [<!ENTITY e0 \"ha\">{levels}\
         <!ENTITY file SYSTEM \"file:///etc/passwd\">]><root><device>&e9;&file;</device></root>"
    )
}

/// A description without an end.
async fn endless(mut stream: BufReader<TcpStream>) -> Option<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<root>").await.ok()?;
    let more = b"<device>".repeat(8192);
    loop {
        stream.write_all(&more).await.ok()?;
    }
}

fn root() -> String {
    format!(
        "<root><device><deviceList><device><deviceList><device><serviceList><service>\
         <serviceType>{SERVICE}</serviceType><SCPDURL>/schema.xml</SCPDURL>\
         <controlURL>/control</controlURL></service></serviceList></device></deviceList>\
         </device></deviceList></device></root>"
    )
}

fn schema() -> String {
    let arguments = |names: &[&str]| -> String {
        names
            .iter()
            .map(|name| {
                format!("<argument><name>{name}</name><direction>in</direction></argument>")
            })
            .collect()
    };
    let add = arguments(&[
        "NewRemoteHost",
        "NewExternalPort",
        "NewProtocol",
        "NewInternalPort",
        "NewInternalClient",
        "NewEnabled",
        "NewPortMappingDescription",
        "NewLeaseDuration",
    ]);
    let delete = arguments(&["NewRemoteHost", "NewExternalPort", "NewProtocol"]);
    format!(
        "<scpd><actionList>\
         <action><name>AddPortMapping</name><argumentList>{add}</argumentList></action>\
         <action><name>DeletePortMapping</name><argumentList>{delete}</argumentList></action>\
         </actionList></scpd>"
    )
}

fn act(router: &Router, action: &str, body: &str) -> String {
    let value = |name: &str| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    let is_tcp = value("NewProtocol").as_deref() == Some("TCP");
    let port = value("NewExternalPort").and_then(|port| port.parse().ok());
    if let (Some(port), "AddPortMapping" | "DeletePortMapping") = (port, action) {
        router.set(protocol(is_tcp), port, action == "AddPortMapping");
    }
    let ip = Ipv4Addr::from(OUTSIDE);
    let told = if action == "GetExternalIPAddress" {
        format!("<NewExternalIPAddress>{ip}</NewExternalIPAddress>")
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <u:{action}Response xmlns:u=\"{SERVICE}\">{told}</u:{action}Response></s:Body></s:Envelope>"
    )
}

fn ask(gateway: Ipv4Addr, search: Option<SocketAddr>) -> Option<PortMappingConfig> {
    // Nobody listens at the other one: routers of this machine's network are none of a test's business.
    let nobody = SocketAddr::from((gateway, 9));
    Some(PortMappingConfig { gateway: Some(gateway), search: Some(search.unwrap_or(nobody)) })
}

async fn comes_and_goes(config: Option<PortMappingConfig>, mut told: UnboundedReceiver<Open>) {
    let party = Party::with(|set| set.port_mapping = config).await;
    let port = party.addr().port();
    until(&mut told, &[("tcp", port), ("udp", port)]).await;
    soon(party.session.shutdown()).await;
    until(&mut told, &[]).await;
}

#[tokio::test]
async fn a_router_that_speaks_pcp_lets_peers_in_until_the_session_ends() {
    let at = Ipv4Addr::new(127, 0, 51, 1);
    let told = pcp(at, true).await;
    comes_and_goes(ask(at, None), told).await;
}

#[tokio::test]
async fn a_router_that_speaks_nat_pmp_alone_lets_peers_in_until_the_session_ends() {
    let at = Ipv4Addr::new(127, 0, 51, 2);
    let told = pcp(at, false).await;
    comes_and_goes(ask(at, None), told).await;
}

#[tokio::test]
async fn a_router_that_speaks_upnp_lets_peers_in_until_the_session_ends() {
    let at = Ipv4Addr::new(127, 0, 51, 3);
    let (search, told) = upnp(at).await;
    comes_and_goes(ask(at, Some(search)), told).await;
}

/// What the libraries for it send could go another way.
#[tokio::test]
async fn no_router_is_asked_with_a_proxy_or_an_interface() {
    let at = Ipv4Addr::new(127, 0, 51, 4);
    let router = UdpSocket::bind((at, PORT)).await.expect("nobody else plays this router");
    let search = UdpSocket::bind((at, 0)).await.expect("a free port");
    let config = ask(at, search.local_addr().ok());
    let proxied = Party::with(|set| {
        set.port_mapping = config.clone();
        set.proxy = Some("socks5://127.0.0.1:9".parse().expect("a proxy's URL"));
    });
    soon(proxied.await.session.shutdown()).await;
    let bound = Party::with(|set| {
        set.port_mapping = config.clone();
        set.interface = Some("lo".into());
    });
    soon(bound.await.session.shutdown()).await;
    assert!(router.try_recv(&mut [0; 8]).is_err() && search.try_recv(&mut [0; 8]).is_err());
    // The witness is not blind.
    let party = Party::with(|set| set.port_mapping = config).await;
    soon(router.recv(&mut [0; 1100])).await.expect("a question");
    drop(party);
}

/// Whoever answers first in the household says what it likes: a description of a billion entities, one without an
/// end, one that lies with somebody else. The router behind them is asked all the same, and nobody else.
#[tokio::test]
async fn hp_90_to_93_descriptions_that_are_traps_are_passed_over() {
    let (at, elsewhere) = (Ipv4Addr::new(127, 0, 51, 5), Ipv4Addr::new(127, 0, 51, 6));
    let trap = TcpListener::bind((elsewhere, 0)).await.expect("a free port");
    let trapped = trap.local_addr().expect("it listens");
    let others = ["/bomb.xml".into(), "/endless.xml".into(), format!("http://{trapped}/root.xml")];
    let (search, told) = upnp_behind(at, &others).await;
    comes_and_goes(ask(at, Some(search)), told).await;
    // Nobody came before the witness itself.
    let witness = TcpStream::connect(trapped).await.expect("it listens");
    let (_, first) = trap.accept().await.expect("the witness");
    assert_eq!(first, witness.local_addr().expect("it is connected"));
}
