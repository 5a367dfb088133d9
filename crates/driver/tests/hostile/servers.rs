//! Trackers and web seeds that a stranger's torrent names.

use std::sync::{Arc, Mutex, PoisonError};

use driver::Add;
use engine::{News, Want};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use torrent::create::Version;

use crate::stage::{Party, Work, soon};

/// A server that answers every request with the same bytes and keeps what it was told.
struct Listening {
    at: std::net::SocketAddr,
    heard: Arc<Mutex<String>>,
}

impl Listening {
    async fn new(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let at = listener.local_addr().expect("it is bound");
        let heard = Arc::<Mutex<String>>::default();
        let told = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = vec![0; 8_192];
                let count = stream.read(&mut bytes).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                told.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        Self { at, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is told of a tracker or a web seed that does not help.
async fn told_of(party: &Party, add: Add) -> (String, String) {
    let mut news = party.session.news();
    party.session.add(add).await.expect("the session goes on");
    soon(async {
        loop {
            match news.recv().await.expect("it goes on") {
                News::TrackerFailed(_, url, why) | News::WebSeedFailed(_, url, why) => {
                    return (url, why);
                }
                _ => {}
            }
        }
    })
    .await
}

#[tokio::test]
async fn hp_84_a_login_in_a_url_is_told_to_nobody_else_after_a_redirect() {
    let work = Work::new(Version::V1, 32 << 10, &[100_000]);
    let other = Listening::new("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".into()).await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/else/announce\r\nContent-Length: 0\r\n\r\n",
        other.at
    );
    let first = Listening::new(moved).await;
    let viewer = Party::new().await;
    let url = format!("http://somebody:secret@{}/announce", first.at);
    let add = Add { trackers: vec![vec![url]], want: Want::All, ..viewer.add(&work.metainfo) };
    told_of(&viewer, add).await;
    let heard = other.heard().to_ascii_lowercase();
    assert!(heard.starts_with("get /else/announce"), "{heard}");
    assert!(!heard.contains("secret") && !heard.contains("authorization"), "{heard}");
    assert!(!heard.contains("somebody"), "{heard}");
}

/// `localhost` with a letter that looks like another one is nobody, and is not looked up.
#[tokio::test]
async fn hp_85_a_host_that_is_not_written_as_it_is_asked_for_is_followed_nowhere() {
    let work = Work::new(Version::V1, 32 << 10, &[100_000]);
    for scheme in ["http", "https", "udp"] {
        let url = format!("{scheme}://l\u{43e}calhost:9/announce");
        let viewer = Party::new().await;
        let trackers = vec![vec![url.clone()]];
        let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
        let (told, why) = told_of(&viewer, add).await;
        assert_eq!((told, why.as_str()), (url, "the address policy forbids it"));
    }
    let viewer = Party::new().await;
    let url = "http://l\u{43e}calhost:9/film".to_owned();
    let add = Add { web_seeds: vec![url.clone()], want: Want::All, ..viewer.add(&work.metainfo) };
    let (told, why) = told_of(&viewer, add).await;
    assert_eq!((told, why.as_str()), (url, "the address policy forbids it"));
}

#[tokio::test]
async fn hp_85_no_url_but_http_and_udp_is_followed() {
    let work = Work::new(Version::V1, 32 << 10, &[100_000]);
    for scheme in ["file:///etc/passwd", "ftp://a.example/", "gopher://a.example/", "unix:/run/x"] {
        let viewer = Party::new().await;
        let web_seeds = vec![scheme.to_owned()];
        let add = Add { web_seeds, want: Want::All, ..viewer.add(&work.metainfo) };
        let (url, _) = told_of(&viewer, add).await;
        assert_eq!(url, scheme);
        let viewer = Party::new().await;
        let trackers = vec![vec![scheme.to_owned()]];
        let add = Add { trackers, want: Want::All, ..viewer.add(&work.metainfo) };
        let (url, _) = told_of(&viewer, add).await;
        assert_eq!(url, scheme);
    }
}
