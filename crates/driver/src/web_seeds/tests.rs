//! Web seeds that do as they should, and others.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::*;
use crate::{
    http::Purpose,
    loopback::{Answer, Asked, HttpServer},
    sample,
    sockets::Sockets,
};

fn client(local: bool) -> HttpClient {
    HttpClient::new(&Sockets::new(None), Purpose::WebSeed, local, "test")
}

/// What a fetch brings, and how it ends.
async fn fetch(
    metainfo: &Arc<Metainfo>,
    url: String,
    range: Range<u64>,
    http: &HttpClient,
) -> (Vec<u8>, Result<(), FetchFault>) {
    let (events, mut inbox) = mpsc::channel(4);
    let fetch = Fetch { op: OpId(5), metainfo: Arc::clone(metainfo), url, range, events };
    tokio::spawn(fetch.run(http.clone()));
    let mut all = Vec::new();
    loop {
        match inbox.recv().await {
            Some(Event::Input(Input::Fetched(OpId(5), bytes))) => all.extend_from_slice(&bytes),
            Some(Event::Input(Input::FetchEnded(OpId(5), ended))) => return (all, ended),
            _ => panic!("nothing else is told"),
        }
    }
}

/// Two files in a folder, served by ranges.
fn two_files() -> (Arc<Metainfo>, Vec<u8>) {
    let bytes = sample::noise(300_000, 1);
    let files: &[(&str, &[u8])] = &[("a b", &bytes[..100_000]), ("c", &bytes[100_000..])];
    (Arc::new(sample::v1(files, 65_536)), bytes)
}

fn serve_two(bytes: &[u8]) -> impl Fn(&Asked) -> Answer + use<> {
    let bytes = bytes.to_vec();
    move |asked| match asked.target.as_str() {
        "/x/sample/a%20b" => Answer::part(&bytes[..100_000], asked),
        "/x/sample/c" => Answer::part(&bytes[100_000..], asked),
        _ => Answer::new(404, ""),
    }
}

#[tokio::test]
async fn a_range_across_files_comes_joined_and_connections_are_used_again() {
    let (metainfo, bytes) = two_files();
    let server = HttpServer::start(serve_two(&bytes)).await;
    let http = client(true);
    for range in [0..300_000, 99_990..100_010, 150_000..150_001, 0..1] {
        let (got, ended) = fetch(&metainfo, server.url("/x/"), range.clone(), &http).await;
        assert_eq!(ended, Ok(()));
        assert!(got == bytes[range.start as usize..range.end as usize], "{range:?}");
    }
    // A request that follows at once may find the connection not quite free yet.
    assert_eq!(server.asked().len(), 6);
    assert!(server.connections() <= 2, "{}", server.connections());
}

#[tokio::test]
async fn a_whole_file_is_taken_only_where_its_beginning_was_asked_for() {
    let bytes = sample::noise(200_000, 2);
    let metainfo = Arc::new(sample::v2(&bytes, 65_536));
    let whole = bytes.clone();
    let server = HttpServer::start(move |_| Answer::new(200, whole.clone())).await;
    let http = client(true);
    let (got, ended) = fetch(&metainfo, server.url("/f"), 0..70_000, &http).await;
    assert!(ended == Ok(()) && got == bytes[..70_000]);
    let (got, ended) = fetch(&metainfo, server.url("/f"), 65_536..70_000, &http).await;
    assert_eq!((got.len(), ended), (0, Err(FetchFault::Unfit)));
}

#[tokio::test]
async fn servers_that_have_another_file_or_none_are_told_apart() {
    let bytes = sample::noise(200_000, 3);
    let metainfo = Arc::new(sample::v2(&bytes, 65_536));
    let part = bytes.clone();
    let server = HttpServer::start(move |asked| match asked.target.as_str() {
        "/long" => Answer::new(206, &part[..10]).with("Content-Range", "bytes 0-9/200001"),
        "/elsewhere" => Answer::new(206, &part[..10]).with("Content-Range", "bytes 1-10/200000"),
        "/unknown" => Answer::part(&part, asked).with("X", "y"),
        "/cut" => Answer::new(206, &part[..5]).with("Content-Range", "bytes 0-4/200000"),
        "/past" => Answer::new(416, ""),
        "/busy" => Answer::new(503, "").with("Retry-After", 7),
        "/later" => Answer::new(429, "").with("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"),
        _ => Answer::new(404, ""),
    })
    .await;
    let status = |status, retry_after| Err(FetchFault::Status { status, retry_after });
    for (path, expected) in [
        ("/long", Err(FetchFault::Unfit)),
        ("/elsewhere", Err(FetchFault::Unfit)),
        ("/unknown", Ok(())),
        ("/cut", Err(FetchFault::CutShort)),
        ("/past", Err(FetchFault::Unfit)),
        ("/busy", status(503, Some(Duration::from_secs(7)))),
        ("/later", status(429, None)),
        ("/none", status(404, None)),
    ] {
        let (_, ended) = fetch(&metainfo, server.url(path), 0..10, &client(true)).await;
        assert_eq!(ended, expected, "{path}");
    }
}

#[tokio::test]
async fn redirects_are_followed_but_not_in_circles() {
    let (metainfo, bytes) = two_files();
    let target = HttpServer::start(serve_two(&bytes)).await;
    let to = target.url("");
    let server = HttpServer::start(move |asked| match asked.target.strip_prefix("/moved") {
        Some(rest) => Answer::new(302, "gone").with("Location", format!("{to}/x{rest}")),
        None => Answer::new(301, "").with("Location", &asked.target),
    })
    .await;
    let (got, ended) = fetch(&metainfo, server.url("/moved/"), 0..300_000, &client(true)).await;
    assert!(ended == Ok(()) && got == bytes);
    let (_, ended) = fetch(&metainfo, server.url("/circle/"), 0..10, &client(true)).await;
    assert_eq!(ended, Err(FetchFault::NotReached));
}

#[tokio::test]
async fn a_local_server_is_never_asked_if_the_policy_forbids_it() {
    let (metainfo, bytes) = two_files();
    let server = HttpServer::start(serve_two(&bytes)).await;
    let SocketAddr::V4(addr) = server.addr else { panic!("loopback") };
    for url in [
        server.url("/x/"),
        format!("http://localhost:{}/x/", addr.port()),
        format!("http://[::ffff:127.0.0.1]:{}/x/", addr.port()),
        format!("http://2130706433:{}/x/", addr.port()),
    ] {
        let (_, ended) = fetch(&metainfo, url.clone(), 0..10, &client(false)).await;
        assert_eq!(ended, Err(FetchFault::Forbidden), "{url}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn hp_82_no_more_is_read_of_a_server_than_was_asked_for() {
    let bytes = sample::noise(200_000, 4);
    let metainfo = Arc::new(sample::v2(&bytes, 65_536));
    let server = HttpServer::start(|asked| {
        let endless = vec![7; 8 << 20];
        match asked.target.as_str() {
            "/longer" => Answer::new(206, endless).with("Content-Range", "bytes 0-9/200000"),
            "/all" => Answer::new(200, endless).with("Content-Length", 200_000),
            "/more" => Answer::new(200, endless),
            "/no-range" => Answer::new(206, endless),
            _ => Answer::new(206, endless).with("Content-Range", "bytes 9-0/-1"),
        }
    })
    .await;
    for (path, expected) in [
        ("/longer", (10, Ok(()))),
        ("/all", (10, Ok(()))),
        ("/more", (0, Err(FetchFault::Unfit))),
        ("/no-range", (0, Err(FetchFault::Unfit))),
        ("/nonsense", (0, Err(FetchFault::Unfit))),
    ] {
        let (got, ended) = fetch(&metainfo, server.url(path), 0..10, &client(true)).await;
        assert_eq!((got.len(), ended), expected, "{path}");
    }
}

/// We ask for the bytes as they are: what somebody packed is not unpacked, and is wrong.
#[tokio::test]
async fn hp_82_what_a_server_says_it_packed_is_not_unpacked() {
    let bytes = sample::noise(200_000, 5);
    let metainfo = Arc::new(sample::v2(&bytes, 65_536));
    let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let server = HttpServer::start(move |_| {
        let part = Answer::new(206, packed).with("Content-Range", "bytes 0-9/200000");
        part.with("Content-Encoding", "gzip")
    })
    .await;
    let (got, ended) = fetch(&metainfo, server.url("/f"), 0..10, &client(true)).await;
    assert_eq!((&got[..], ended), (&packed[..], Ok(())));
}
