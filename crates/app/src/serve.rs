//! The server: everything started in order, and everything stopped in order.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use catalogue::Catalogue;
use channels::Channels;
use library::{Library, LibraryError};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

use crate::{
    api,
    blocklist::Blocklist,
    cinema::{Cinema, Founding},
    config::{Config, DEFAULT_PORT},
    data_dir::DataDir,
    failure::{Exit, Failure},
    http::{
        gate::{Gate, Hosts},
        listener::{self, Limits},
        policy::{Guard, Route},
        problem::Problem,
        signed::Signer,
        token::{Lock, Token},
    },
    jobs,
    masters::Masters,
    offering,
    petnames::Petnames,
    pictures::Pictures,
    sites::{Home, Sites},
    starter,
    swarm::Swarm,
};

/// A running server.
pub struct Server {
    /// The page with its token: `http://127.0.0.1:PORT/#token=…`.
    pub url: String,
    /// The port of the page.
    pub port: u16,
    /// The token.
    pub token: Token,
    /// Every route of the API with what it demands.
    pub routes: Vec<Route>,
    /// What runs behind the API.
    pub cinema: Cinema,
    listening: JoinHandle<()>,
    jobs: JoinSet<()>,
    _data: DataDir,
}

impl Server {
    /// Starts everything: data folder, library, catalogues, session with peers, page.
    ///
    /// # Errors
    /// What stands in the way, with what to do next.
    pub async fn start(config: &Config, limits: Limits) -> Result<Self, Failure> {
        let mut data = DataDir::open(&config.data_dir()?)?;
        let token = data.token()?;
        let channels = open_channels(&data)?;
        let library = open_library(data.root(), channels.clone(), config).await?;
        let listeners = bind(config.port()).await?;
        let port =
            listeners.first().and_then(|one| one.local_addr().ok()).map_or(0, |at| at.port());
        let cinema = open_cinema(config, &data, (library, channels), token.clone(), port, limits)?;
        cinema.sites.offer(offering::offer(&cinema));
        cinema.importer().clear().await;
        if cinema.is_agreed().await.map_err(|problem| unread(&problem))? {
            cinema.meet().await?;
        }
        let (router, routes) = api::router(cinema.clone());
        let gate = Gate::new(router, Hosts::new(port, &config.names()));
        let stop = cinema.stopping.subscribe();
        let listening = tokio::spawn(listener::serve(listeners, gate, limits, stop));
        let url = format!("http://127.0.0.1:{port}/#token={}", token.reveal());
        data.announce(&url)?;
        let jobs = jobs::start(&cinema);
        Ok(Self { url, port, token, routes, cinema, listening, jobs, _data: data })
    }

    /// Stops in order: no new requests, no downloads, leave the swarms, close the library.
    pub async fn stop(mut self) {
        self.cinema.stopping.send_replace(true);
        self.cinema.masters.rest();
        if let Err(error) = self.listening.await {
            tracing::warn!(%error, "the listener ended badly");
        }
        self.jobs.shutdown().await;
        self.cinema.part().await;
    }
}

fn open_channels(data: &DataDir) -> Result<Channels, Failure> {
    Channels::open(&data.root().join("channels")).map_err(|error| {
        let hint = "Check the data folder's permissions and the disk.";
        Failure::new(Exit::Disk, "data_dir_denied", error.to_string(), hint)
    })
}

fn open_cinema(
    config: &Config,
    data: &DataDir,
    (library, channels): (Library, Channels),
    token: Token,
    port: u16,
    limits: Limits,
) -> Result<Cinema, Failure> {
    let fixed = config.network();
    let settings = library.settings().map_err(|error| library_failure(&error))?;
    let own_media = data.media();
    let media = settings.cache.path.clone().unwrap_or_else(|| own_media.clone());
    let blocklist = data.root().join("blocked-channels.json");
    let blocklist = Blocklist::open(&blocklist).map_err(|error| {
        let message = format!("{} cannot be read: {error}.", blocklist.display());
        let hint = "Bring the file back from a backup, or delete it: nothing is blocked then.";
        Failure::new(Exit::Disk, "data_dir_denied", message, hint)
    })?;
    let petnames = Petnames::open(&data.petnames()).map_err(|error| {
        let message = format!("{} cannot be read: {error}.", data.petnames().display());
        let hint =
            "Bring the file back from a backup, or delete it: channels lose your names then.";
        Failure::new(Exit::Disk, "data_dir_denied", message, hint)
    })?;
    let origin = format!("http://127.0.0.1:{port}");
    let home = Home { origin: origin.clone(), token: token.clone() };
    let sites = Sites::new(&data.root().join("sites"), home).map_err(|error| {
        let hint = "Check the data folder's permissions and the disk.";
        Failure::new(Exit::Disk, "data_dir_denied", error.to_string(), hint)
    })?;
    let masters = data.masters();
    let masters = Masters::open(&masters)
        .map_err(|error| crate::folder_lock::denied(&masters, &error, "--data-dir"))?;
    let signer = Signer::random().map_err(|error| no_randomness(&error))?;
    Ok(Cinema::new(Founding {
        library,
        swarm: Swarm::new(media, data.torrents(), fixed.sharing.each, channels.clone()),
        pictures: Pictures::new(data.images()),
        guard: Arc::new(Guard {
            token,
            lock: Lock::default(),
            signer,
            body_patience: limits.body_patience,
        }),
        settings,
        origin,
        fixed,
        own_media,
        channels,
        masters,
        sites,
        petnames,
        blocklist,
        resume: data.resume(),
        metadata_patience: limits.metadata_patience,
    }))
}

/// Opens the library and takes in the starter channel, unless it is not wanted, and the named catalogue.
async fn open_library(
    root: &Path,
    channels: Channels,
    config: &Config,
) -> Result<Library, Failure> {
    let (root, named, with_starter) = (root.to_owned(), config.catalogue(), config.starter());
    let channel = config.starter_channel();
    let open = move || {
        let library = Library::open(&root).map_err(|error| library_failure(&error))?;
        if with_starter {
            starter::offer(&root, &channels, &library, channel.as_deref())?;
        }
        if let Some(path) = named {
            import(&library, &path)?;
        }
        Ok(library)
    };
    tokio::task::spawn_blocking(open).await.unwrap_or_else(|error| {
        let message = format!("The library could not be opened: {error}.");
        Err(Failure::new(Exit::Disk, "library_failed", message, "Start Kinora again."))
    })
}

fn import(library: &Library, path: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::new(
            Exit::NotFound,
            "catalogue_unreadable",
            format!("The catalogue {} cannot be read: {error}.", path.display()),
            "Check the path and its permissions.",
        )
    })?;
    let parsed = Catalogue::parse(&bytes)
        .map_err(|error| bad_catalogue(&path.display().to_string(), &error))?;
    for (why, count) in parsed.rejected_counts() {
        tracing::warn!(why, count, "titles of the catalogue were dropped");
    }
    let folder = std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_owned));
    library.import(parsed, folder.as_deref()).map_err(|error| library_failure(&error))?;
    Ok(())
}

/// Loopback only. A port that was asked for is taken or refused; the usual one gives way to a free one.
async fn bind(asked: Option<u16>) -> Result<Vec<TcpListener>, Failure> {
    let first = match TcpListener::bind((Ipv4Addr::LOCALHOST, asked.unwrap_or(DEFAULT_PORT))).await
    {
        Err(error) if asked.is_none() && error.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
        }
        bound => bound,
    };
    let first = first.map_err(|error| port_taken(asked.unwrap_or(DEFAULT_PORT), &error))?;
    let port = first.local_addr().map_or(0, |address| address.port());
    let second = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    // A machine without IPv6 is served well by the first one.
    let second = TcpListener::bind(second).await.ok();
    Ok([Some(first), second].into_iter().flatten().collect())
}

fn port_taken(port: u16, error: &io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::AddrInUse { "port_taken" } else { "port_denied" };
    Failure::new(
        Exit::BadInput,
        code,
        format!("The port {port} on 127.0.0.1 cannot be used: {error}."),
        "Name another with --port, or --port 0 for any free one.",
    )
}

pub(crate) fn library_failure(error: &LibraryError) -> Failure {
    let code = match error {
        LibraryError::ReadOnly { .. } | LibraryError::CannotOpen { .. } => "data_dir_denied",
        LibraryError::DiskFull { .. } => "disk_full",
        LibraryError::Locked { .. } => "already_running",
        LibraryError::Damaged { .. } => "library_damaged",
        LibraryError::Newer { .. } => "library_newer",
        _ => "library_failed",
    };
    let hint = "Follow the advice above, or start with another folder: --data-dir.";
    Failure::new(Exit::Disk, code, error.to_string(), hint)
}

fn unread(problem: &Problem) -> Failure {
    let message = problem.detail.clone().unwrap_or_else(|| problem.title.to_owned());
    Failure::new(Exit::Disk, "library_failed", message, problem.hint)
}

pub(crate) fn bad_catalogue(name: &str, error: &catalogue::RejectedCatalogue) -> Failure {
    Failure::new(
        Exit::BadInput,
        "catalogue_bad",
        format!("The catalogue {name} cannot be used: {error}."),
        "Ask its publisher for a correct one.",
    )
}

fn no_randomness(error: &getrandom::Error) -> Failure {
    let message = format!("The operating system gives no random numbers: {error}.");
    Failure::new(Exit::NotFound, "no_randomness", message, "Restart the machine.")
}

/// Opens the page in the browser. The address is the only argument; nothing a stranger wrote is ever part of it.
pub fn open_page(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened = tokio::process::Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = opened {
        tracing::info!(%error, "no browser was opened");
    }
}
