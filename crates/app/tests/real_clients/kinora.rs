//! Kinora as a process, and any process that speaks in lines of JSON.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::content::Content;

/// Longer than this nothing here takes.
const PATIENCE: Duration = Duration::from_secs(100);

/// A process that prints facts as lines of JSON and ends when its input closes.
pub(crate) struct Talking {
    process: Child,
    said: Receiver<String>,
}

impl Talking {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the program can be started");
        let stdout = BufReader::new(process.stdout.take().expect("its output"));
        let (lines, said) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        Self { process, said }
    }

    /// Waits for an event and fails with what was said if it does not come.
    pub(crate) fn hears(&self, event: &str) -> Value {
        let mut before = Vec::new();
        while let Ok(line) = self.said.recv_timeout(PATIENCE) {
            let fact: Value = serde_json::from_str(&line).expect("a line of JSON");
            if fact["event"] == event {
                return fact;
            }
            assert!(fact["event"] != "error", "instead of `{event}`: {line}");
            before.push(line);
        }
        panic!("`{event}` was never said, only: {before:#?}");
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let pause = Duration::from_millis(20);
        for _ in 0..250 {
            if matches!(self.process.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::park_timeout(pause);
        }
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A running Kinora; it ends when dropped.
pub(crate) struct Kinora {
    process: Talking,
    _data: TempDir,
}

impl Kinora {
    /// Fetches everything from one peer.
    pub(crate) fn download(content: &Content, to: &Path, peer: SocketAddr) -> Self {
        Self::download_by(content, to, &from_peer(Some(peer)))
    }

    /// Fetches everything, with these words about the network.
    pub(crate) fn download_by(content: &Content, to: &Path, network: &[String]) -> Self {
        let mut download = command("download");
        download.arg(content.torrent()).arg("--to").arg(to);
        Self::start(download, network)
    }

    /// Streams one file from one peer.
    pub(crate) fn stream(content: &Content, file: usize, peer: SocketAddr) -> Self {
        Self::stream_by(content, file, &from_peer(Some(peer)))
    }

    /// Streams one file, with these words about the network.
    pub(crate) fn stream_by(content: &Content, file: usize, network: &[String]) -> Self {
        let mut stream = command("stream");
        stream.arg(content.torrent()).arg("--file").arg(file.to_string());
        Self::start(stream, network)
    }

    /// Serves what lies complete, and calls a peer if it is given one.
    pub(crate) fn seed(content: &Content, peer: Option<SocketAddr>) -> Self {
        Self::seed_by(content, &from_peer(peer))
    }

    /// Serves what lies complete, with these words about the network.
    pub(crate) fn seed_by(content: &Content, network: &[String]) -> Self {
        let mut seed = command("seed");
        seed.arg(content.torrent()).arg("--from").arg(content.seeds()).arg("--until-input-ends");
        Self::start(seed, network)
    }

    fn start(mut command: Command, network: &[String]) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test");
        command.args(["--listen", "127.0.0.1:0", "--no-dht", "--no-pex", "--no-lsd"]);
        command.args(["--no-port-mapping", "--json"]).args(network);
        command.arg("--data-dir").arg(data.path());
        Self { process: Talking::start(command), _data: data }
    }

    /// Waits for what it has to say.
    pub(crate) fn hears(&self, event: &str) -> Value {
        self.process.hears(event)
    }
}

/// Nobody is looked for; one peer may be named.
fn from_peer(peer: Option<SocketAddr>) -> Vec<String> {
    let named = peer.into_iter().flat_map(|peer| ["--peer".to_owned(), peer.to_string()]);
    named.chain(["--no-trackers".to_owned()]).collect()
}

/// The program under test.
pub(crate) fn command(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kinora"));
    command.arg(word);
    command
}

/// The body of a GET with an open-ended range.
pub(crate) fn get(url: &str, from: u64) -> Vec<u8> {
    let rest = url.strip_prefix("http://").expect("an HTTP address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nRange: bytes={from}-\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let status = String::from_utf8_lossy(&answer[..head]).lines().next().map(str::to_owned);
    assert!(status.is_some_and(|line| line.contains(" 206 ")), "a part was asked for");
    answer.split_off(head)
}
