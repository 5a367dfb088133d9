//! `kinora download`: fetches a torrent's files and verifies them.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use driver::{Source, Torrent, TorrentError};
use engine::Want;
use serde_json::json;

use super::{
    Shared, ending,
    network::NetworkArgs,
    output::{Output, printable, size},
    progress::{self, Patience},
    source,
    visit::{self, Visit},
};
use crate::failure::{Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  kinora download film.torrent --to ~/Films
  kinora download series.torrent --to . --file 0 --file 1
  kinora download 'magnet:?xt=urn:btih:…' --to . --timeout 120 --json
  kinora download 'magnet:?xt=urn:btih:…&so=0,2' --to .

A download that was stopped goes on where it stopped.";

/// Fetch a torrent's files and verify them
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A torrent file or a magnet link
    #[arg(value_name = "TORRENT|MAGNET")]
    torrent: String,
    /// The folder to put it in
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Only this file, by its number from 0 (repeatable)
    #[arg(long, value_name = "N")]
    file: Vec<usize>,
    /// Give up if nothing arrives for so long
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Check what is there already, whatever was recorded about it
    #[arg(long)]
    recheck: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs `kinora download`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    args.network.check()?;
    let source = source::parse(&args.torrent)?;
    check_files(&source, &args.file)?;
    check_somebody(&source, &args.network)?;
    std::fs::create_dir_all(&args.to).map_err(|error| visit::denied(&args.to, &error))?;
    let want = wanted(&source, &args.file);
    let records = visit::records(&args.to, &source);
    let visit = Visit::begin(records, &args.network, None, shared).await?;
    let torrent = visit.join(source, &args.to, want, args.recheck).await?;
    let patience = Patience::for_each(args.timeout.map(Duration::from_secs));
    let ended = tokio::select! {
        done = finished(&torrent) => done.map(End::Complete),
        ending = ending::signal() => Ok(End::Stopped(ending.code())),
        failure = progress::watch(&torrent, output, patience) => Err(failure),
    };
    // The record is for going on; a finished download needs none.
    visit.end(!matches!(ended, Ok(End::Complete(_)))).await;
    match ended? {
        End::Stopped(code) => Ok(code),
        End::Complete(complete) => {
            complete.say(&args.to, output);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// How a download ends well.
enum End {
    Complete(Complete),
    Stopped(ExitCode),
}

/// What has arrived.
struct Complete {
    name: String,
    bytes: u64,
    downloaded: u64,
    wasted: u64,
    wrong: u64,
}

impl Complete {
    fn say(&self, to: &Path, output: Output) {
        let Self { name, bytes, downloaded, wasted, wrong } = self;
        let object = json!({
            "event": "done", "name": name, "done": bytes, "total": bytes,
            "downloaded": downloaded, "wasted": wasted, "wrong": wrong,
        });
        output.say(&object, || {
            format!(
                "{} is complete in {}: {}, verified.",
                printable(name),
                to.display(),
                size(*bytes)
            )
        });
    }
}

async fn finished(torrent: &Torrent) -> Result<Complete, Failure> {
    let all = async {
        let metainfo = torrent.metainfo().await?;
        torrent.finished().await?;
        let stats = torrent.stats().await?;
        Ok(Complete {
            name: metainfo.info.name().to_owned(),
            bytes: stats.have_bytes,
            downloaded: stats.downloaded,
            wasted: stats.wasted,
            wrong: stats.wrong,
        })
    };
    all.await.map_err(|error| visit::torrent_failed(&error))
}

/// The files named, or those that the magnet link names, or all.
fn wanted(source: &Source, files: &[usize]) -> Want {
    match source {
        _ if !files.is_empty() => Want::Files(files.to_vec()),
        Source::Magnet(magnet) if !magnet.select_only.is_empty() => {
            Want::Selected(magnet.select_only.clone())
        }
        _ => Want::All,
    }
}

/// Refuses file numbers that the torrent does not have, while that is known.
fn check_files(source: &Source, files: &[usize]) -> Result<(), Failure> {
    let Source::Metainfo(metainfo) = source else { return Ok(()) };
    let count = metainfo.info.files().len();
    match files.iter().find(|&&file| file >= count) {
        Some(&file) => Err(visit::torrent_failed(&TorrentError::NoSuchFile { file, count })),
        None => Ok(()),
    }
}

/// Refuses to wait for ever when nobody can be asked and nobody can call.
fn check_somebody(source: &Source, network: &NetworkArgs) -> Result<(), Failure> {
    let trackers = !network.no_trackers;
    let asks = source::names_somebody(source, trackers)
        || (trackers && !network.tracker.is_empty())
        || !network.peer.is_empty()
        || !network.no_dht;
    if asks || !network.listen.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::NotFound,
        "no_peers",
        "Nobody can be asked for this: it names no tracker, no web seed and no peer.",
        "Name a peer with --peer, let the DHT be asked, or get a magnet link that names a tracker.",
    ))
}
