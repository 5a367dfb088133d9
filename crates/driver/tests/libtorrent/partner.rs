//! libtorrent in a process of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::stage::{Scratch, Work, soon};

/// A libtorrent; it ends when dropped.
pub(crate) struct Partner {
    process: Child,
    says: BufReader<ChildStdout>,
    home: Option<Scratch>,
}

/// The interpreter that has libtorrent, or `None` if it may be done without.
#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
fn python() -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/python");
    let python = env::var_os("KINORA_PYTHON").map_or(usual, PathBuf::from);
    if python.exists() {
        return Some(python);
    }
    let skip = env::var("KINORA_SKIP_REAL_CLIENTS").is_ok_and(|value| value == "1");
    assert!(skip, "{} does not exist: `make setup` installs libtorrent there", python.display());
    eprintln!("skipped: libtorrent is not there");
    None
}

impl Partner {
    /// One that takes part in a torrent, of which it has everything if it `has_all`, and calls `peer`: an
    /// address, or `local` for whom it hears in the local network.
    pub(crate) fn start(
        work: &Work,
        policy: &str,
        has_all: bool,
        peer: Option<&str>,
    ) -> Option<Self> {
        let python = python()?;
        let home = Scratch::new();
        let files = home.path().join("files");
        fs::create_dir_all(&files).expect("a writable folder");
        fs::write(home.path().join("work.torrent"), work.metainfo.to_bytes())
            .expect("it can be written");
        if has_all {
            work.lay_out(&files);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/libtorrent/partner.py");
        let mut command = Command::new(python);
        command.args(["-W", "ignore::DeprecationWarning"]).arg(script);
        command.args(["0", policy]).arg(home.path().join("work.torrent")).arg(files);
        command.args(peer);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the interpreter starts");
        let says = BufReader::new(process.stdout.take().expect("its output"));
        Some(Self { process, says, home: Some(home) })
    }

    /// What it says after a word that it must say next.
    pub(crate) fn says(&mut self, word: &str) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("its output can be read");
        let rest = line.strip_prefix(word);
        rest.unwrap_or_else(|| panic!("not `{word}` but `{line}`")).trim().to_owned()
    }

    /// Waits until it listens: where.
    pub(crate) async fn listening(mut self) -> (Self, SocketAddr) {
        let port = tokio::task::spawn_blocking(move || {
            let port = self.says("listening ");
            (self, port)
        });
        let (partner, port) = port.await.expect("it says where it listens");
        (partner, ([127, 0, 0, 1], port.parse().expect("a port")).into())
    }

    /// Waits until it has everything, and ends it: the folder that holds it.
    pub(crate) async fn fetched(mut self) -> Scratch {
        let fetched = tokio::task::spawn_blocking(move || {
            assert_eq!(self.says("met "), "utp");
            self.says("done");
            // It writes what it holds in memory before it ends.
            self.home.take().expect("nobody took it before")
        });
        soon(fetched).await.expect("it fetches everything")
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}
