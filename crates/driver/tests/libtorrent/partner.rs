//! libtorrent in a process of its own.

#[path = "../../../torrent/tests/libtorrent/interpreter.rs"]
mod interpreter;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::stage::{Scratch, Work, soon};

/// A libtorrent; it ends when dropped.
pub(crate) struct Partner {
    process: Child,
    says: BufReader<ChildStdout>,
    home: Scratch,
}

impl Partner {
    /// One that takes part in a torrent over `transport` (tcp, utp) with this `encryption` (off, rc4, plaintext, both).
    /// It has everything or nothing, and calls `peer`: an address, or `local` for whom it hears in the local network.
    pub(crate) fn start(
        work: &Work,
        (transport, encryption): (&str, &str),
        has_all: bool,
        peer: Option<&str>,
    ) -> Option<Self> {
        let python = interpreter::python()?;
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
        command.args([transport, encryption]).arg(home.path().join("work.torrent")).arg(files);
        command.args(peer);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the interpreter starts");
        let says = BufReader::new(process.stdout.take().expect("its output"));
        Some(Self { process, says, home })
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

    /// Waits until it has everything: how it met whom it has it from.
    pub(crate) async fn fetched(mut self, work: &Work) -> String {
        let fetched = tokio::task::spawn_blocking(move || {
            let met = self.says("met ");
            self.says("done");
            (self, met)
        });
        let (partner, met) = soon(fetched).await.expect("it fetches everything");
        work.expect_at(&partner.home.path().join("files"));
        met
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}
