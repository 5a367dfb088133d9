//! The attacks on a local HTTP port that other programs of this kind fell to, as tables.

use std::time::{Duration, Instant};

use app::http::{listener::Limits, policy::Access};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::{House, PATIENCE, Reply};

const HOME: &str = "/api/v1/home";

impl House {
    /// A GET of the first page with the token and this Host header line (or none).
    async fn with_host(&self, target: &str, host: &str) -> Reply {
        let token = self.server.token.reveal();
        let head = format!(
            "GET {target} HTTP/1.1\r\n{host}Connection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        Reply::parse(&self.raw(head.as_bytes()).await)
    }

    /// One request line and headers as they are, with our Host and the token in front.
    async fn smuggle(&self, method: &str, rest: &str) -> Vec<u8> {
        let token = self.server.token.reveal();
        let port = self.server.port;
        let head = format!(
            "{method} {HOME} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n{rest}"
        );
        self.raw(head.as_bytes()).await
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused_before_any_route() {
    let house = House::empty().await;
    let port = house.server.port;
    for host in [
        "evil.test".to_owned(),
        format!("evil.test:{port}"),
        format!("127.0.0.1.nip.io:{port}"),
        format!("localhost.evil.test:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        format!("2130706433:{port}"),
        format!("127.1:{port}"),
        format!("[0:0:0:0:0:0:0:1]:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        "127.0.0.1".to_owned(),
        String::new(),
    ] {
        let reply = house.with_host(HOME, &format!("Host: {host}\r\n")).await;
        assert_eq!((reply.status, reply.code().as_str()), (421, "host_wrong"), "{host}");
    }
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let reply = house.with_host(HOME, &format!("Host: {host}:{port}\r\n")).await;
        assert_eq!(reply.status, 200, "{host}");
    }
    let ours = format!("Host: 127.0.0.1:{port}\r\n");
    for (target, host) in [
        (format!("http://evil.test{HOME}"), ours.clone()),
        (format!("http://127.0.0.1:{port}{HOME}"), ours.clone()),
        (HOME.to_owned(), format!("{ours}Host: evil.test\r\n")),
        (HOME.to_owned(), format!("{ours}{ours}")),
    ] {
        let reply = house.with_host(&target, &host).await;
        assert!(matches!(reply.status, 400 | 421), "{target} {host}: {}", reply.status);
    }
    house.stop().await;
}

#[tokio::test]
async fn no_route_answers_without_the_right_token() {
    let house = House::empty().await;
    let mut asked = 0;
    for route in house.server.routes.clone() {
        let path = route.path.replace(['{', '}'], "");
        for headers in ["", "Authorization: Bearer wrong\r\n", "Authorization: Basic Og==\r\n"] {
            let reply = house.send(route.method.as_str(), &path, headers, b"").await;
            let expected: &[u16] = match route.access {
                Access::Token => &[401],
                Access::Signed(_) => &[403],
                Access::Open => &[200],
            };
            assert!(expected.contains(&reply.status), "{} {path}: {}", route.method, reply.status);
            asked += 1;
        }
    }
    assert!(asked > 60, "the inventory lists every route: {asked}");
    house.stop().await;
}

#[tokio::test]
async fn no_answer_ever_lets_another_site_read() {
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let port = house.server.port;
    let origins = [
        "null".to_owned(),
        "https://evil.test".to_owned(),
        format!("http://localhost:{}", port ^ 1),
    ];
    for route in house.server.routes.clone() {
        let path = route.path.replace(['{', '}'], "");
        if path.ends_with("/events") {
            continue; // It has no end to wait for; what guards it is the same as for its neighbours.
        }
        for origin in &origins {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                let headers = format!(
                    "{token}Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n\
                     Access-Control-Request-Headers: authorization\r\n"
                );
                let reply = house.send(method, &path, &headers, b"").await;
                let opened =
                    reply.headers.iter().any(|(name, _)| name.starts_with("access-control"));
                assert!(!opened, "{method} {path} from {origin}");
                assert_eq!(reply.status, 403, "{method} {path} from {origin}");
            }
        }
    }
    house.stop().await;
}

#[tokio::test]
async fn a_form_an_image_or_a_beacon_changes_nothing() {
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let body = br#"{"theme":"dark"}"#;
    for (headers, status) in [
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: multipart/form-data; boundary=x\r\n", 415),
        ("Content-Type: text/plain\r\n", 415),
        ("", 415),
        ("Content-Type: application/json\r\nSec-Fetch-Site: cross-site\r\n", 403),
        ("Content-Type: application/json\r\nSec-Fetch-Site: same-site\r\n", 403),
        ("Content-Type: application/json\r\nOrigin: http://evil.test\r\n", 403),
    ] {
        let headers = format!("{token}{headers}");
        let reply = house.send("PATCH", "/api/v1/settings", &headers, body).await;
        assert_eq!(reply.status, status, "{headers}");
    }
    let headers =
        format!("{token}X-HTTP-Method-Override: DELETE\r\nSec-Fetch-Site: same-origin\r\n");
    assert_eq!(
        house.send("GET", "/api/v1/settings", &headers, b"").await.json()["theme"],
        "system"
    );
    house.stop().await;
}

#[tokio::test]
async fn a_get_changes_nothing() {
    let house = House::empty().await;
    let before = house.ask("GET", "/api/v1/settings", None).await.json();
    for route in house.server.routes.clone() {
        let path = route.path.replace(['{', '}'], "");
        if !path.ends_with("/events") {
            house.ask("GET", &path, None).await;
        }
    }
    assert_eq!(house.ask("GET", "/api/v1/settings", None).await.json(), before);
    assert_eq!(house.ask("GET", "/api/v1/downloads", None).await.json(), json!({"downloads": []}));
    assert_eq!(house.ask("GET", "/api/v1/blocked", None).await.json(), json!({"titles": []}));
    house.stop().await;
}

#[tokio::test]
async fn no_path_leaves_its_folder() {
    let house = House::empty().await;
    for path in [
        "/../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/etc/passwd",
        "/..%5c..%5cwindows/win.ini",
        "/..%2f..%2fetc/passwd",
        "/assets/..;/secret",
        "/%c0%ae%c0%ae/etc/passwd",
        "/index.html%00.png",
        "/C:/windows/win.ini",
        "/%5c%5cserver/share",
        "/proc/self/environ.txt",
        "/index.html.",
        "/index.html%20",
        "/api/v1/titles/..%2f..%2fsettings",
        "/stream/x/..%2f..%2fetc%2fpasswd",
    ] {
        let reply = house.ask("GET", path, None).await;
        assert!(matches!(reply.status, 403 | 404), "{path}: {}", reply.status);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{path}");
    }
    house.stop().await;
}

#[tokio::test]
async fn twenty_wrong_tokens_lock_the_address_and_the_headers_of_proxies_do_not_help() {
    let house = House::empty().await;
    for guess in 0..20 {
        let headers =
            format!("Authorization: Bearer guess-{guess}\r\nX-Forwarded-For: 10.0.0.{guess}\r\n");
        assert_eq!(house.send("GET", HOME, &headers, b"").await.status, 401);
    }
    let reply = house.send("GET", HOME, "Authorization: Bearer guess-20\r\n", b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "locked"));
    assert!(reply.header("retry-after").is_some());
    house.stop().await;
}

#[tokio::test]
async fn a_request_of_two_lengths_is_refused_and_what_follows_it_is_not_read() {
    let house = House::empty().await;
    let second = "GET /api/v1/settings HTTP/1.1\r\nHost: x\r\n\r\n";
    for rest in [
        format!("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{second}"),
        format!(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{second}"
        ),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{second}"),
        format!("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{second}"),
        format!("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{second}"),
        format!("Content-Length: 0\r\nContent-Length: 5\r\n\r\n{second}"),
        format!("Content-Length: +5\r\n\r\n{second}"),
        format!("Content-Length: 99999999999999999999\r\n\r\n{second}"),
        format!("X: a\r\n folded\r\n\r\n{second}"),
        format!("X y: a\r\n\r\n{second}"),
        format!("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{second}"),
    ] {
        let answer = house.smuggle("POST", &rest).await;
        let text = String::from_utf8_lossy(&answer);
        let status = Reply::parse(&answer).status;
        assert!(matches!(status, 400 | 411 | 413), "{rest:?}: {text}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "one answer to {rest:?}: {text}");
    }
    assert!(!house.raw(b"GET /\r\n\r\n").await.starts_with(b"HTTP/1.1 200"), "HTTP/0.9");
    house.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_held() {
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let json = format!("{token}Content-Type: application/json\r\n");
    let reply = house.send("PATCH", "/api/v1/settings", &json, &vec![b' '; 64 * 1024 + 1]).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "too_large"));
    let torrent =
        format!("{token}Content-Type: application/x-bittorrent\r\nContent-Length: 99999999\r\n");
    let head = format!(
        "POST /api/v1/torrents HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{torrent}\r\n",
        house.server.port
    );
    assert_eq!(Reply::parse(&house.raw(head.as_bytes()).await).status, 413);
    let headers: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    assert_eq!(house.send("GET", HOME, &headers, b"").await.status, 431);
    let long = format!("X: {}\r\n", "y".repeat(32 * 1024));
    assert_eq!(house.send("GET", HOME, &long, b"").await.status, 431);
    let deep = "[".repeat(10_000);
    let reply = house.send("PATCH", "/api/v1/settings", &json, deep.as_bytes()).await;
    assert_eq!(reply.status, 400);
    let many = format!("[{}0]", "0,".repeat(30_000));
    assert_eq!(house.send("PATCH", "/api/v1/settings", &json, many.as_bytes()).await.status, 422);
    house.stop().await;
}

#[tokio::test]
async fn a_slow_head_costs_the_connection() {
    let limits = Limits { header_patience: Duration::from_millis(200), ..Limits::default() };
    let house = House::new(limits, |_| Vec::new()).await;
    let start = Instant::now();
    let mut stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    assert!(start.elapsed() < Duration::from_secs(5), "closed after {:?}", start.elapsed());
    house.stop().await;
}

#[tokio::test]
async fn a_slow_body_is_refused_and_costs_the_connection() {
    let limits = Limits { body_patience: Duration::from_millis(200), ..Limits::default() };
    let house = House::new(limits, |_| Vec::new()).await;
    let head = "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"theme\"";
    let token = house.server.token.reveal();
    let port = house.server.port;
    let request = format!(
        "PATCH /api/v1/settings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n{head}"
    );
    let reply = Reply::parse(&house.raw(request.as_bytes()).await);
    assert_eq!((reply.status, reply.code().as_str()), (408, "too_slow"));
    house.stop().await;
}

/// Asks for one thing so often that the answers fill every buffer on the way, and reads none of them.
async fn asked_and_not_read(house: &House) -> tokio::net::TcpStream {
    let host = format!("Host: 127.0.0.1:{}\r\n", house.server.port);
    let request = format!("GET /api/v1/openapi.json HTTP/1.1\r\n{host}\r\n");
    let mut stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let asking = async {
        // It ends when the server closes, or takes no more requests.
        while stream.write_all(request.as_bytes()).await.is_ok() {}
    };
    tokio::time::timeout(PATIENCE, asking).await.ok();
    stream
}

#[tokio::test]
async fn whoever_reads_no_answer_loses_the_connection() {
    let limits = Limits { write_patience: Duration::from_millis(200), ..Limits::default() };
    let house = House::new(limits, |_| Vec::new()).await;
    let start = Instant::now();
    let _held = asked_and_not_read(&house).await;
    assert!(start.elapsed() < PATIENCE, "the server closed it");
    house.stop().await;
}

#[tokio::test]
async fn an_address_gets_so_many_connections_and_no_more() {
    let limits = Limits { connections_per_address_max: 3, ..Limits::default() };
    let house = House::new(limits, |_| Vec::new()).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(tokio::net::TcpStream::connect(house.address()).await.unwrap());
    }
    let mut refused = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let mut byte = [0];
    let end = refused.read(&mut byte).await;
    assert!(matches!(end, Ok(0) | Err(_)), "the fourth connection is closed at once");
    drop(held);
    house.stop().await;
}

#[tokio::test]
async fn search_takes_every_text_literally() {
    let house = House::empty().await;
    for query in [
        "%22",
        "NEAR(a,99999)",
        "a*%20OR%20b*",
        "name%3Aa",
        "%00",
        "%27%3B%20DROP%20TABLE%20titles%3B--",
    ] {
        let reply = house.ask("GET", &format!("/api/v1/search?q={query}"), None).await;
        assert_eq!(reply.status, 200, "{query}: {}", String::from_utf8_lossy(&reply.body));
        assert_eq!(reply.json()["titles"], json!([]), "{query}");
    }
    house.stop().await;
}

#[tokio::test]
async fn every_answer_carries_its_armour() {
    let house = House::empty().await;
    for path in ["/", HOME, "/api/v1/none", "/stream/x/y", "/assets/none.js"] {
        let reply = house.ask("GET", path, None).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        let page = matches!(path, "/" | "/assets/none.js");
        let expected = if page { "require-trusted-types-for 'script'" } else { "sandbox" };
        assert!(policy.contains(expected), "{path}: {policy}");
    }
    house.stop().await;
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let house = House::empty().await;
    let port = format!(":{:04X} ", house.server.port);
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(sockets) = std::fs::read_to_string(table) else { continue };
        for line in sockets.lines().filter(|line| line.contains(" 0A ")) {
            let local = line.split_whitespace().nth(1).unwrap_or_default();
            if format!("{local} ").contains(&port) {
                let loopback = local.starts_with("0100007F:")
                    || local.starts_with("00000000000000000000000001000000:");
                assert!(loopback, "{line}");
            }
        }
    }
    house.stop().await;
}
