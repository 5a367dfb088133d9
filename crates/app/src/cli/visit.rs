//! A session for one command: whom it meets, and how its failures are told.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use driver::{Add, AddError, Session, Source, Torrent, TorrentError};
use engine::{DiskFault, Limits, Rates, Want};
use tokio::time::{Instant, sleep};

use super::{Shared, network::NetworkArgs};
use crate::{
    failure::{Exit, Failure},
    session,
};

/// How long the DHT is waited for before it is said that nobody took an item yet, and how often it is asked.
const TAKING_PATIENCE: Duration = Duration::from_secs(30);
const TAKING_AGAIN: Duration = Duration::from_millis(500);

/// A session of a command's own.
pub(super) struct Visit {
    session: Session,
    records: PathBuf,
    network: NetworkArgs,
    /// Limits of each torrent.
    each: Rates,
}

impl Visit {
    /// Starts a session that keeps its resume records in a folder. Others are told `told_port` if it is not the
    /// one that is listened on.
    pub(super) async fn begin(
        records: PathBuf,
        network: &NetworkArgs,
        told_port: Option<u16>,
        shared: &Shared,
    ) -> Result<Self, Failure> {
        network.check()?;
        fs::create_dir_all(&records).map_err(|error| denied(&records, &error))?;
        let settings = shared.settings(&network.settings())?.network();
        let limits = Limits {
            down_rate_max: settings.down_rate_max,
            up_rate_max: settings.up_rate_max,
            ..Limits::NONE
        };
        let mut config = session::config(&settings, records.clone(), limits)?;
        // A peer on this machine or in its network is an ordinary peer here: the person named it, or its tracker.
        config.address_policy.local_peers = true;
        config.engine.listen_port = told_port.unwrap_or(config.engine.listen_port);
        let session = session::open(config).await?;
        Ok(Self { session, records, network: network.clone(), each: settings.sharing.each })
    }

    /// Takes part in a torrent whose files lie in `root`.
    pub(super) async fn join(
        &self,
        source: Source,
        root: &Path,
        want: Want,
        recheck: bool,
    ) -> Result<Torrent, Failure> {
        let trackers = self.network.tracker.iter().map(|url| vec![url.clone()]).collect();
        let (root, peers) = (root.to_owned(), self.network.peer.clone());
        let add = Add { source, root, trackers, web_seeds: Vec::new(), peers, want, recheck };
        let torrent = self.session.add(add).await.map_err(|error| cannot_add(&error))?;
        torrent.limit(self.each).await;
        Ok(torrent)
    }

    /// The session itself.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Where peers may reach us.
    pub(super) fn local_addrs(&self) -> &[std::net::SocketAddr] {
        self.session.local_addrs()
    }

    /// Puts signed items into the DHT until nodes take them, or the patience ends. Returns how many did.
    pub(super) async fn until_taken(
        &self,
        put: impl AsyncFn(&Session) -> Result<usize, Failure>,
    ) -> Result<usize, Failure> {
        let end = Instant::now() + TAKING_PATIENCE;
        loop {
            let copies = put(&self.session).await?;
            if copies > 0 || self.session.dht().is_none() || Instant::now() >= end {
                return Ok(copies);
            }
            sleep(TAKING_AGAIN).await;
        }
    }

    /// Leaves the swarms, syncs what came, and removes the records if nobody wants them.
    pub(super) async fn end(self, keep_records: bool) {
        self.session.shutdown().await;
        if !keep_records {
            fs::remove_dir_all(&self.records).ok();
            // The folder of records goes with its last record.
            self.records.parent().map(fs::remove_dir);
        }
    }
}

/// The folder of a torrent's resume record beside its files.
pub(super) fn records(root: &Path, source: &Source) -> PathBuf {
    let hashes = match source {
        Source::Metainfo(metainfo) => metainfo.info.hashes(),
        Source::Magnet(magnet) => magnet.hashes,
    };
    root.join(".kinora").join(hashes.wire().to_string())
}

/// The system's random source does not work.
pub(super) fn no_randomness(error: getrandom::Error) -> Failure {
    Failure::new(
        Exit::NotFound,
        "no_randomness",
        format!("The operating system gives no random numbers: {error}."),
        "Restart the machine.",
    )
}

/// A folder that a command needs cannot be used.
pub(super) fn denied(path: &Path, error: &io::Error) -> Failure {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    Failure::new(
        Exit::Disk,
        if full { "disk_full" } else { "disk_denied" },
        format!("{} cannot be written: {error}.", path.display()),
        if full {
            "Free some space or choose another folder."
        } else {
            "Choose a folder that you may write to."
        },
    )
}

/// Waits for the disk to refuse; for ever if it does not.
pub(super) async fn disk_refuses(torrent: &Torrent) -> Failure {
    match torrent.finished().await {
        Err(error) => torrent_failed(&error),
        Ok(()) => std::future::pending().await,
    }
}

fn cannot_add(error: &AddError) -> Failure {
    Failure::new(
        Exit::BadInput,
        "cannot_add",
        format!("The torrent cannot be opened: {error}."),
        "Choose another folder for its files.",
    )
}

/// Why a torrent does not go on.
pub(super) fn torrent_failed(error: &TorrentError) -> Failure {
    match error {
        TorrentError::Disk(fault) => disk_failed(*fault),
        TorrentError::Description(why) => Failure::new(
            Exit::BadInput,
            "torrent_bad",
            format!("The torrent cannot be used: {why}."),
            "Look for the same elsewhere: nobody has another description of this torrent.",
        ),
        TorrentError::NoSuchFile { count, .. } => Failure::new(
            Exit::BadInput,
            "no_such_file",
            format!("There is no such file: {error}."),
            format!("Choose one with --file, from 0 to {}.", count.saturating_sub(1)),
        ),
        TorrentError::NoMetainfo
        | TorrentError::BadRange { .. }
        | TorrentError::Delete(_)
        | TorrentError::Removed
        | TorrentError::Ended(_) => Failure::new(
            Exit::NotFound,
            "torrent_ended",
            format!("The torrent cannot go on: {error}."),
            "Start the command again.",
        ),
    }
}

fn disk_failed(fault: DiskFault) -> Failure {
    let (code, message, hint) = match fault {
        DiskFault::Full => (
            "disk_full",
            "The disk is full. What has arrived is kept.",
            "Free some space and start the command again: it goes on where it stopped.",
        ),
        DiskFault::Denied => (
            "disk_denied",
            "The files may not be written or read.",
            "Choose a folder that you may write to, or change its permissions.",
        ),
        DiskFault::Broken => (
            "disk_broken",
            "The disk does not take or give bytes.",
            "Check the disk and its cables, or choose a folder on another one.",
        ),
    };
    Failure::new(Exit::Disk, code, message, hint)
}
