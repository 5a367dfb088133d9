//! Encrypted connections with libtorrent, which takes no others here: both directions, both methods, all kinds of
//! torrents.

#[path = "../stage/mod.rs"]
mod stage;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use engine::Encryption;
use torrent::create::Version;

use self::stage::{Party, Scratch, Work, soon};

/// libtorrent in a process of its own; it ends when dropped.
struct Partner {
    process: Child,
    says: BufReader<ChildStdout>,
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
    fn start(python: &Path, method: &str, home: &Path, peer: Option<SocketAddr>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/encryption/partner.py");
        let mut command = Command::new(python);
        command.args(["-W", "ignore::DeprecationWarning"]).arg(script).arg(method);
        command.arg(home.join("work.torrent")).arg(home.join("files"));
        command.args(peer.map(|peer| peer.to_string()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the interpreter starts");
        let says = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, says }
    }

    /// What it says after a word that it must say next.
    fn says(&mut self, word: &str) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("its output can be read");
        let rest = line.strip_prefix(word);
        rest.unwrap_or_else(|| panic!("not `{word}` but `{line}`")).trim().to_owned()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

/// A folder for libtorrent with the torrent in it.
fn home(work: &Work) -> Scratch {
    let home = Scratch::new();
    fs::create_dir_all(home.path().join("files")).expect("a writable folder");
    fs::write(home.path().join("work.torrent"), work.metainfo.to_bytes())
        .expect("it can be written");
    home
}

fn work(version: Version) -> Work {
    Work::new(version, 64 * 1024, &[2_000_003, 5, 700_001])
}

async fn listening(mut partner: Partner) -> (Partner, SocketAddr) {
    let (partner, port) = tokio::task::spawn_blocking(move || {
        let port = partner.says("listening ");
        (partner, port)
    })
    .await
    .expect("it says where it listens");
    (partner, ([127, 0, 0, 1], port.parse().expect("a port")).into())
}

/// Kinora calls libtorrent and fetches everything.
async fn downloads(version: Version, encryption: Encryption, method: &str, agreed: &str) {
    let Some(python) = python() else { return };
    let work = work(version);
    let party = Party::with(|config| config.engine.encryption = encryption).await;
    let home = home(&work);
    work.lay_out(&home.path().join("files"));
    let partner = Partner::start(&python, method, home.path(), None);
    let (mut partner, addr) = listening(partner).await;
    let torrent = party.join(&work.metainfo, &[addr]).await;
    soon(torrent.finished()).await.expect("everything arrives");
    work.expect_at(&party.root());
    assert_eq!(partner.says("met "), agreed);
}

/// libtorrent calls Kinora and fetches everything.
async fn seeds(version: Version, encryption: Encryption, method: &str, agreed: &str) {
    let Some(python) = python() else { return };
    let work = work(version);
    let party = Party::with(|config| config.engine.encryption = encryption).await;
    let _torrent = party.seed(&work).await;
    let home = home(&work);
    let partner = Partner::start(&python, method, home.path(), Some(party.addr()));
    let (mut partner, _) = listening(partner).await;
    let (said, ended) = tokio::task::spawn_blocking(move || {
        let said = partner.says("met ");
        partner.says("done");
        (said, partner)
    })
    .await
    .expect("it fetches everything");
    // It writes what it holds in memory before it ends.
    drop(ended);
    assert_eq!(said, agreed);
    work.expect_at(&home.path().join("files"));
}

const VERSIONS: [Version; 3] = [Version::V1, Version::Hybrid, Version::V2];

#[tokio::test]
async fn downloads_from_who_takes_rc4_alone() {
    for version in VERSIONS {
        downloads(version, Encryption::Prefer, "rc4", "rc4").await;
        downloads(version, Encryption::Require, "both", "rc4").await;
    }
}

#[tokio::test]
async fn downloads_from_who_wants_plaintext_after_the_handshake() {
    for version in VERSIONS {
        downloads(version, Encryption::Prefer, "plaintext", "plaintext").await;
    }
}

#[tokio::test]
async fn seeds_to_who_takes_rc4_alone() {
    for version in VERSIONS {
        seeds(version, Encryption::Prefer, "rc4", "rc4").await;
        seeds(version, Encryption::Require, "both", "rc4").await;
    }
}

#[tokio::test]
async fn seeds_to_who_wants_plaintext_after_the_handshake() {
    for version in VERSIONS {
        seeds(version, Encryption::Prefer, "plaintext", "plaintext").await;
        seeds(version, Encryption::Prefer, "both", "plaintext").await;
    }
}
