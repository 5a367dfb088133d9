//! `kinora stream`: one file of a torrent over local HTTP, for any player.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method, Response},
    response::IntoResponse as _,
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use driver::{Source, Torrent, TorrentError};
use engine::Want;
use media::container;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use tokio::{
    net::TcpListener,
    sync::{OnceCell, watch},
    task::JoinHandle,
};
use torrent::Metainfo;

use super::{
    Shared, ending,
    network::NetworkArgs,
    output::Output,
    prefetch,
    progress::{self, Patience},
    source,
    visit::{self, Visit},
};
use crate::{
    bytes::Served,
    failure::{Exit, Failure},
    http::{
        gate::{Gate, Hosts},
        listener::{self, Limits},
        problem::Code,
    },
};

const EXAMPLES: &str = "\
Examples:
  kinora stream film.torrent
  kinora stream 'magnet:?xt=urn:btih:…' --http 127.0.0.1:8080 --data-dir /tmp/film
  mpv \"$(kinora stream film.torrent --json | head -1 | jq -r .stream_url)\"

It ends when standard input closes, or on SIGTERM. Without --data-dir nothing is kept.";

/// Characters that stay as they are in the last part of the address.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Stream one file over local HTTP, for any player
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub(super) struct Args {
    /// A torrent file or a magnet link
    #[arg(value_name = "TORRENT|MAGNET")]
    torrent: String,
    /// The file's number, from 0; the longest film if left out
    #[arg(long, value_name = "N")]
    file: Option<usize>,
    /// Where to serve it; port 0 picks a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    http: SocketAddr,
    /// Give up if nothing has arrived after so long
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs `kinora stream`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let streaming = Streaming::start(&args, shared).await?;
    let url = streaming.url.clone();
    output.say(&json!({"event": "ready", "stream_url": url}), || url.clone());
    let ended = tokio::select! {
        ending = ending::signal_or_closed_input() => Ok(ending.code()),
        failure = streaming.watch(output) => Err(failure),
    };
    streaming.stop().await;
    ended
}

/// A file that is being served.
pub(super) struct Streaming {
    /// Where.
    pub(super) url: String,
    visit: Visit,
    torrent: Torrent,
    patience: Patience,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    prefetching: JoinHandle<()>,
    /// Removes what was fetched when nobody asked to keep it.
    _scratch: Option<tempfile::TempDir>,
}

impl Streaming {
    /// Joins the swarm and opens the door. A GET may be sent at once, and waits for its bytes.
    pub(super) async fn start(args: &Args, shared: &Shared) -> Result<Self, Failure> {
        let source = source::parse(&args.torrent)?;
        let name = check_file(&source, args.file)?;
        let listener = listen(args.http).await?;
        let address = listener.local_addr().unwrap_or(args.http);
        let (root, scratch) = folder(shared)?;
        let records = visit::records(&root, &source);
        let visit = Visit::begin(records, &args.network, None, shared).await?;
        let torrent = visit.join(source, &root, Want::Nothing, false).await?;
        let door = Arc::new(Door::new(torrent.clone(), args.file)?);
        let name = utf8_percent_encode(&name, NAME).to_string();
        let url = format!("http://{address}/stream/{}/{name}", door.word);
        let (stop, stopped) = watch::channel(false);
        let prefetching = tokio::spawn(door.clone().prefetch());
        let gate = Gate::new(
            Router::new().route("/stream/{word}/{name}", get(serve)).with_state(door),
            Hosts::new(address.port(), &[address.to_string()]),
        );
        let serving = listener::serve(vec![listener], gate, Limits::default(), stopped);
        Ok(Self {
            url,
            visit,
            torrent,
            patience: Patience::for_first(args.timeout.map(Duration::from_secs)),
            stop,
            serving: tokio::spawn(serving),
            prefetching,
            _scratch: scratch,
        })
    }

    /// Shows progress until it cannot go on.
    pub(super) async fn watch(&self, output: Output) -> Failure {
        progress::watch(&self.torrent, output, self.patience).await
    }

    /// Closes the door and leaves the swarm.
    pub(super) async fn stop(self) {
        self.prefetching.abort();
        self.stop.send_replace(true);
        // Requests that wait for bytes end with the session.
        self.visit.end(true).await;
        self.serving.await.ok();
    }
}

/// The folder for what is fetched: the one named, or one that goes with the command.
fn folder(shared: &Shared) -> Result<(PathBuf, Option<tempfile::TempDir>), Failure> {
    if let Some(named) = &shared.data_dir {
        std::fs::create_dir_all(named).map_err(|error| visit::denied(named, &error))?;
        return Ok((named.clone(), None));
    }
    let scratch = tempfile::Builder::new().prefix("kinora-").tempdir();
    let scratch = scratch.map_err(|error| visit::denied(&std::env::temp_dir(), &error))?;
    Ok((scratch.path().to_owned(), Some(scratch)))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let taken = error.kind() == std::io::ErrorKind::AddrInUse;
        Failure::new(
            Exit::BadInput,
            if taken { "port_taken" } else { "cannot_listen" },
            format!("{address} cannot be listened on: {error}."),
            "Choose another address with --http; port 0 picks a free one.",
        )
    })
}

/// Refuses a file number that the torrent does not have while that is known; returns the address's last part.
fn check_file(source: &Source, file: Option<usize>) -> Result<String, Failure> {
    match source {
        Source::Magnet(magnet) => {
            let name = magnet.name.as_deref().unwrap_or("film");
            Ok(torrent::paths::name(name, torrent::paths::Os::CURRENT))
        }
        Source::Metainfo(metainfo) => {
            let files = metainfo.info.files();
            let file = choose(metainfo, file);
            let chosen = files.get(file).and_then(|file| file.path.last());
            let missing = TorrentError::NoSuchFile { file, count: files.len() };
            chosen.cloned().ok_or_else(|| visit::torrent_failed(&missing))
        }
    }
}

/// The file asked for, or the longest film, or the longest file.
fn choose(metainfo: &Metainfo, asked: Option<usize>) -> usize {
    let files = metainfo.info.files();
    let is_film = |file: &torrent::File| {
        let container = file.path.last().and_then(|name| container::by_name(name));
        container.is_some_and(|container| !container.is_audio())
    };
    let longest = (0..files.len()).max_by_key(|&file| (is_film(&files[file]), files[file].length));
    asked.or(longest).unwrap_or(0)
}

/// What the one route knows.
struct Door {
    /// Makes the address impossible to guess for other pages and programs.
    word: String,
    torrent: Torrent,
    asked: Option<usize>,
    served: OnceCell<Served>,
}

impl Door {
    fn new(torrent: Torrent, asked: Option<usize>) -> Result<Self, Failure> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(visit::no_randomness)?;
        let word = BASE64_URL_SAFE_NO_PAD.encode(bits);
        Ok(Self { word, torrent, asked, served: OnceCell::new() })
    }

    async fn file(&self) -> Result<usize, TorrentError> {
        Ok(choose(&*self.torrent.metainfo().await?, self.asked))
    }

    async fn served(&self) -> Result<&Served, TorrentError> {
        let make = async || Served::new(self.torrent.clone(), self.file().await?).await;
        self.served.get_or_try_init(make).await
    }

    async fn prefetch(self: Arc<Self>) {
        if let Ok(file) = self.file().await {
            prefetch::index(self.torrent.clone(), file).await;
        }
    }
}

async fn serve(
    State(door): State<Arc<Door>>,
    Path((word, _name)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response<Body> {
    if !bool::from(word.as_bytes().ct_eq(door.word.as_bytes())) {
        return Code::PathUnknown.into_response();
    }
    match door.served().await {
        Ok(served) => served.answer(&method, &headers),
        Err(_) => Code::FileUnknown.into_response(),
    }
}
