//! The main job on this machine alone: films made on the spot, a swarm of seeds, and the server that streams from it.

mod check;
mod share;
mod swarm;
mod tracker;
mod viewer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use studio::{Fault, Package, Programme, Size};
use torrent::Metainfo;

pub use self::check::{Outcome, Report};
use self::{swarm::Swarm, tracker::Tracker};
use crate::{
    config::Config,
    failure::{Exit, Failure},
    folder_lock::FolderLock,
    http::listener::Limits,
    serve::Server,
};

/// What is to be shown.
#[derive(Debug)]
pub struct Order {
    /// Where the films are made and kept.
    pub dir: PathBuf,
    /// All of it, or a small part that is made in less than a minute.
    pub size: Size,
    /// The page's port; 0 picks a free one.
    pub port: u16,
    /// Forget what was watched in an earlier demo.
    pub fresh: bool,
    /// Whether sharing is agreed to, as the page would ask.
    pub consent: bool,
}

/// Everything running.
pub struct Demo {
    /// The server, with the page's address.
    pub server: Server,
    programme: Programme,
    swarm: Swarm,
    tracker: Tracker,
    _lock: FolderLock,
}

impl Demo {
    /// Makes what is missing and starts everything, in a folder that no other demo uses meanwhile. `told` hears of every step, in words.
    ///
    /// # Errors
    /// What stands in the way, with what to do next.
    pub async fn open(order: &Order, told: fn(&str)) -> Result<Self, Failure> {
        let mut lock = FolderLock::take(&order.dir, "--dir")?;
        let programme = produce(order, told).await?;
        let tracker = Tracker::start().await.map_err(|error| not_started("tracker", &error))?;
        let run = programme.folder.join("run");
        let torrents = announce_to(&programme, &run, &tracker.url)?;
        let catalogue = programme
            .write_catalogue(std::slice::from_ref(&tracker.url))
            .map_err(|e| failure(&e))?;
        told("starting the seeds");
        let pace = swarm::Pace::of(&programme);
        let swarm = Swarm::start(&programme, &torrents, &run, pace).await?;
        tracker.hears_from(swarm.announcements(&programme)).await;
        let household = run.join("household");
        if order.fresh && household.exists() {
            fs::remove_dir_all(&household).map_err(|error| denied(&household, &error))?;
        }
        let config = configuration(order, &household, &catalogue)?;
        let server = Server::start(&config, Limits::default()).await?;
        lock.announce(&server.url)?;
        Ok(Self { server, programme, swarm, tracker, _lock: lock })
    }

    /// Watches several films as a player would and compares every byte.
    pub async fn check(&self, told: fn(&Outcome)) -> Report {
        check::run(&self.server, &self.programme, told).await
    }

    /// What to say to the person in front of the page.
    #[must_use]
    pub fn introduction(&self) -> String {
        format!(
            "A cinema on this machine is open:\n\n    {}\n\n\
             {} films and episodes come from {} seeds on loopback, each with a part of the data, uneven in \
             rate and delay.\nChoose a title, press play, seek anywhere; nothing leaves this machine.\n\
             Ctrl-C closes everything.",
            self.server.url,
            self.programme.packages.iter().map(|package| package.reels.len()).sum::<usize>(),
            self.swarm.seeds(),
        )
    }

    /// Ends if a seed ends, which none should.
    pub async fn broken(&mut self) -> Failure {
        self.swarm.broken().await
    }

    /// Stops the server, then its own seeds, then the tracker.
    pub async fn close(self) {
        self.server.stop().await;
        self.swarm.stop().await;
        self.tracker.stop();
    }
}

async fn produce(order: &Order, told: fn(&str)) -> Result<Programme, Failure> {
    let (dir, size) = (order.dir.clone(), order.size);
    let made = tokio::task::spawn_blocking(move || studio::produce(&dir, size, &told)).await;
    let made = made.map_err(|error| not_started("film maker", &io::Error::other(error)))?;
    let programme = made.map_err(|error| failure(&error))?;
    told("sharing the films out among the seeds");
    let shared = tokio::task::spawn_blocking(move || share::out(&programme).map(|()| programme));
    let shared =
        shared.await.map_err(|error| not_started("film maker", &io::Error::other(error)))?;
    shared.map_err(|(path, error)| denied(&path, &error))
}

/// Copies of the torrents that name this run's tracker.
fn announce_to(programme: &Programme, run: &Path, url: &str) -> Result<Vec<PathBuf>, Failure> {
    fs::create_dir_all(run).map_err(|error| denied(run, &error))?;
    programme.packages.iter().map(|package| announcing(programme, package, run, url)).collect()
}

fn announcing(
    programme: &Programme,
    package: &Package,
    run: &Path,
    url: &str,
) -> Result<PathBuf, Failure> {
    let mut metainfo = read_torrent(programme, package).map_err(|(path, e)| denied(&path, &e))?;
    metainfo.trackers = vec![vec![url.to_owned()]];
    let to = run.join(format!("{}.torrent", package.id));
    fs::write(&to, metainfo.to_bytes()).map_err(|error| denied(&to, &error))?;
    Ok(to)
}

fn read_torrent(
    programme: &Programme,
    package: &Package,
) -> Result<Metainfo, (PathBuf, io::Error)> {
    let path = programme.torrent(package);
    let read = fs::read(&path);
    read.and_then(|bytes| Metainfo::parse(&bytes).map_err(io::Error::other))
        .map_err(|error| (path, error))
}

fn configuration(order: &Order, household: &Path, catalogue: &Path) -> Result<Config, Failure> {
    let flags = [
        ("data_dir", household.display().to_string()),
        ("catalogue", catalogue.display().to_string()),
        ("starter", "false".to_owned()),
        ("server.port", order.port.to_string()),
        ("network.listen", "127.0.0.1:0".to_owned()),
        ("network.local", "true".to_owned()),
        ("network.consent", order.consent.to_string()),
    ];
    Config::load(None, &flags)
}

fn failure(fault: &Fault) -> Failure {
    let (exit, code) = match fault {
        Fault::NoFfmpeg => (Exit::NotFound, "ffmpeg_missing"),
        Fault::NoFont { .. } => (Exit::NotFound, "font_missing"),
        Fault::Disk { .. } => (Exit::Disk, "disk_denied"),
        Fault::Encode { .. } | Fault::Picture { .. } | Fault::Torrent { .. } => {
            (Exit::Disk, "film_not_made")
        }
    };
    Failure::new(exit, code, fault.to_string(), fault.hint())
}

fn denied(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Exit::Disk,
        "disk_denied",
        format!("{} cannot be used: {error}.", path.display()),
        "Make room, or choose another folder with --dir.",
    )
}

fn not_started(what: &str, error: &io::Error) -> Failure {
    Failure::new(
        Exit::NotFound,
        "demo_failed",
        format!("The demo's {what} could not be started: {error}."),
        "Start the demo again.",
    )
}
