//! A server in a folder of its own, a plain HTTP client, and a seeding session.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use app::{config::Config, http::listener::Limits, serve::Server, session};
use driver::{Add, Session, Source};
use engine::Want;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use torrent::{Metainfo, create::Builder};

/// Nothing on loopback takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server and the folder it lives in.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

impl House {
    /// A server without films.
    pub(crate) async fn empty() -> Self {
        Self::new(Limits::default(), |_| Vec::new()).await
    }

    /// A server with what `prepare` puts into its folder and sets.
    pub(crate) async fn new(
        limits: Limits,
        prepare: impl FnOnce(&Path) -> Vec<(&'static str, String)>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = prepare(folder.path());
        let server = Server::start(&config(folder.path(), flags), limits).await.unwrap();
        Self { server, folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.server.port))
    }

    /// Asks with the token.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let token = format!("Authorization: Bearer {}\r\n", self.server.token.reveal());
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        self.send(method, path, &format!("{token}{kind}"), body.as_bytes()).await
    }

    /// Asks with these headers and nothing else.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
        let len = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Length: {len}\r\n{headers}\r\n",
            self.server.port
        );
        Reply::parse(&self.raw(&[head.as_bytes(), body].concat()).await)
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        // The server may refuse and close before it took everything.
        stream.write_all(bytes).await.ok();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "no end after {:?}", String::from_utf8_lossy(&answer));
        answer
    }

    /// Listens to the news until one of this type comes.
    pub(crate) async fn first_event(&self, kind: &str) -> Value {
        let mut stream = self.opened("/api/v1/events", true).await;
        let mut text = String::new();
        let mut buffer = [0; 4096];
        let listening = async {
            loop {
                let read = stream.read(&mut buffer).await.unwrap();
                assert!(read > 0, "the stream ended: {text}");
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
                let found = events
                    .filter_map(|data| serde_json::from_str::<Value>(data).ok())
                    .find(|event| event["type"] == kind);
                if let Some(event) = found {
                    return event;
                }
            }
        };
        timeout(PATIENCE, listening).await.expect("the event comes")
    }

    /// A connection that has asked for a path and has read nothing yet.
    pub(crate) async fn opened(&self, path: &str, with_token: bool) -> TcpStream {
        let token = self.server.token.reveal();
        let token =
            if with_token { format!("Authorization: Bearer {token}\r\n") } else { String::new() };
        let port = self.server.port;
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{token}\r\n");
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

/// The settings of a test server: loopback, any port, nothing of this machine's own settings.
pub(crate) fn config(folder: &Path, flags: Vec<(&'static str, String)>) -> Config {
    let file = folder.join("settings.toml");
    std::fs::write(&file, "").unwrap();
    let mut all = vec![
        ("data_dir", folder.join("data").display().to_string()),
        ("server.port", "0".to_owned()),
        ("starter", "false".to_owned()),
        ("network.listen", "127.0.0.1:0".to_owned()),
        ("network.local", "true".to_owned()),
        ("network.consent", "true".to_owned()),
    ];
    all.extend(flags);
    Config::load(Some(&file), &all).unwrap()
}

/// An answer taken apart.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
            panic!("no head in {:?}", String::from_utf8_lossy(bytes));
        });
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Self { status, headers, body: bytes[end + 4..].to_vec() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunk(&reply.body);
        }
        reply
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn unchunk(mut chunked: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = chunked.windows(2).position(|two| two == b"\r\n") {
        let len = usize::from_str_radix(std::str::from_utf8(&chunked[..end]).unwrap(), 16).unwrap();
        if len == 0 {
            break;
        }
        whole.extend_from_slice(&chunked[end + 2..end + 2 + len]);
        chunked = &chunked[end + 2 + len + 2..];
    }
    whole
}

/// Bytes that are the same at every run and nowhere repeat.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// A session that has everything of one torrent.
pub(crate) struct Seeder {
    pub(crate) session: Session,
    pub(crate) metainfo: Arc<Metainfo>,
    _folder: TempDir,
}

impl Seeder {
    /// Makes a hybrid torrent of a folder `name` with these files and seeds it.
    pub(crate) async fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metainfo = Arc::new(make(name, files));
        for (path, bytes) in files {
            let path = folder.path().join(name).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let session = start_session(folder.path()).await;
        let add = Add {
            source: Source::Metainfo(metainfo.clone()),
            root: folder.path().to_owned(),
            trackers: Vec::new(),
            web_seeds: Vec::new(),
            peers: Vec::new(),
            want: Want::Nothing,
            recheck: true,
        };
        let torrent = session.add(add).await.unwrap();
        let ready = timeout(PATIENCE, torrent.ready()).await.expect("the check ends").unwrap();
        let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert_eq!(ready.have_bytes, total as u64, "the seeder has everything");
        Self { session, metainfo, _folder: folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.session.local_addrs()[0]
    }

    /// A magnet link that names this seeder.
    pub(crate) fn magnet(&self) -> String {
        let v1 = self.metainfo.info.hashes().v1().unwrap();
        format!("magnet:?xt=urn:btih:{v1}&x.pe={}", self.address())
    }
}

async fn start_session(folder: &Path) -> Session {
    let flags = vec![("network.trackers", "false".into()), ("network.pex", "false".into())];
    let network = config(folder, flags).network();
    let limits =
        session::limits(&library::Settings::default(), &network, app::timetable::Moment::now());
    session::start(&network, folder.join(".records"), limits).await.unwrap()
}

pub(crate) fn make(name: &str, files: &[(&str, &[u8])]) -> Metainfo {
    let mut builder = Builder::folder(name);
    for (path, bytes) in files {
        builder.file(path.split('/').map(str::to_owned).collect(), bytes.len() as u64);
    }
    let mut hashing = builder.start().unwrap();
    while let Some((path, _)) = hashing.next_file() {
        let path = path.join("/");
        let (_, bytes) = files
            .iter()
            .find(|(known, _)| path == *known || path.ends_with(&format!("/{known}")))
            .unwrap_or_else(|| panic!("asked for {path}"));
        hashing.feed(bytes).unwrap();
    }
    hashing.finish().unwrap()
}
