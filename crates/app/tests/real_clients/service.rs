//! Servers that are not ours: each with its settings in a folder and on a port of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// How often it is looked whether something has happened.
const PAUSE: Duration = Duration::from_millis(20);
/// How often at most: some ten seconds.
const LOOKS: usize = 500;

/// A folder and a port for a server that is about to start.
pub(crate) struct Place {
    folder: TempDir,
    port: u16,
}

/// A server that runs until it is dropped.
pub(crate) struct Service {
    process: Child,
    place: Place,
}

impl Place {
    /// A free one.
    pub(crate) fn free() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the server");
        // Some servers look into it as nobody.
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("a folder of ours");
        let found = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Self { folder, port: found.expect("a free port").port() }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The address on this machine.
    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Puts a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("room for settings");
    }

    /// Starts a server here, and waits until it accepts.
    pub(crate) fn serve(self, mut command: Command) -> Service {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.spawn().expect("run scripts/setup test: a server is missing");
        let service = Service { process, place: self };
        wait("the server accepts", || TcpStream::connect(service.place.address()).is_ok());
        service
    }
}

impl Service {
    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.place.address()
    }

    /// What it has written into a file of its folder.
    pub(crate) fn wrote(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // A server with children takes them along only if it is asked.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        for _ in 0..LOOKS {
            if asked.is_err() || !matches!(self.process.try_wait(), Ok(None)) {
                break;
            }
            thread::park_timeout(PAUSE);
        }
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A program that Debian may keep among those for administrators.
pub(crate) fn program(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(name);
    command.env("PATH", format!("{path}:/usr/sbin"));
    command
}

/// Waits until something is so.
pub(crate) fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        thread::park_timeout(PAUSE);
    }
    panic!("in vain: {what}");
}
