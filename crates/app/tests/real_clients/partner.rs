//! A BitTorrent program that is not ours, driven by `partner.py`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{content::Content, kinora::Talking};

/// A running partner; it ends when dropped.
pub(crate) struct Partner {
    process: Talking,
    port: u16,
}

impl Partner {
    /// A partner that has checked the content and serves it.
    pub(crate) fn seed(name: &str, content: &Content) -> Self {
        let mut seed = command(name, "seed");
        seed.arg(content.torrent()).arg(content.seeds());
        let partner = Self::start(seed);
        partner.hears("seeding");
        partner
    }

    /// A partner that fetches, from a peer that it is given or that calls it.
    pub(crate) fn download(
        name: &str,
        content: &Content,
        to: &Path,
        peer: Option<SocketAddr>,
    ) -> Self {
        let mut download = command(name, "download");
        download.arg(content.torrent()).arg(to).args(peer.map(|peer| peer.to_string()));
        Self::start(download)
    }

    fn start(command: Command) -> Self {
        let process = Talking::start(command);
        let port = process.hears("listening")["port"].as_u64().expect("a port");
        Self { process, port: port.try_into().expect("a port") }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Waits for what it has to say.
    pub(crate) fn hears(&self, event: &str) -> Value {
        self.process.hears(event)
    }
}

/// `partner.py` in the environment that `scripts/setup test` made.
pub(crate) fn command(name: &str, job: &str) -> Command {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python: PathBuf = here.join("../../.tools/venv/bin/python");
    assert!(python.exists(), "the partners are not installed: run scripts/setup test");
    let mut command = Command::new(python);
    command.args(["-W", "ignore::DeprecationWarning"]);
    command.arg(here.join("tests/real_clients/partner.py")).args([name, job]);
    command
}
