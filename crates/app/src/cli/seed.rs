//! `kinora seed`: checks the files of a torrent and serves them.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use driver::{Ready, Source, Torrent};
use engine::Want;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use torrent::Metainfo;

use super::{
    Shared,
    delay::Delay,
    ending,
    network::NetworkArgs,
    output::{Output, printable, size},
    source,
    visit::{self, Visit},
};
use crate::failure::{Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  kinora seed film.torrent --from ~/Films
  kinora seed film.torrent --from ~/Films --listen 0.0.0.0:6881 --up-limit 2M

--from is the folder in which the torrent's file or folder lies. What is missing there is not fetched.";

/// How often the check's progress is shown.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// Check the files of torrents and serve them
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The torrent files
    #[arg(required = true)]
    torrent: Vec<String>,
    /// The folder in which their files lie
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Delay every byte sent, to play a distant peer
    #[arg(long, value_name = "MS", hide = true)]
    delay_ms: Option<u64>,
    /// End when standard input closes, as a helper of another program
    #[arg(long, hide = true)]
    until_input_ends: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs `kinora seed`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let offered = args.torrent.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    check_folder(&args.from)?;
    let scratch = tempfile::Builder::new().prefix("kinora-").tempdir();
    let scratch = scratch.map_err(|error| visit::denied(&std::env::temp_dir(), &error))?;
    let (delay, network) = delayed(&args).await?;
    let records = shared.data_dir.clone().unwrap_or_else(|| scratch.path().join("records"));
    let told_port = delay.as_ref().map(|delay| delay.address().port());
    let visit = Visit::begin(records, &network, told_port, shared).await?;
    let ended = tokio::select! {
        ended = serve(&visit, &args, offered, delay, output) => ended,
        ending = ending::asked(args.until_input_ends) => Ok(ending.code()),
    };
    visit.end(shared.data_dir.is_some()).await;
    ended
}

/// Checks all torrents, says so, and serves until the disk refuses.
async fn serve(
    visit: &Visit,
    args: &Args,
    offered: Vec<Arc<Metainfo>>,
    delay: Option<Delay>,
    output: Output,
) -> Result<ExitCode, Failure> {
    let several = offered.len() > 1;
    let mut torrents = Vec::new();
    let mut sum = Checked::default();
    for metainfo in offered {
        let source = Source::Metainfo(metainfo.clone());
        let torrent = visit.join(source, &args.from, Want::Nothing, true).await?;
        let ready = checked(&torrent, output).await?;
        if several && ready.have_bytes == 0 && total(&metainfo) > 0 {
            output.note(&format!("Nothing of {} is there.", printable(metainfo.info.name())));
        }
        sum.add(&ready, &metainfo);
        torrents.push(torrent);
    }
    if sum.have == 0 && sum.total > 0 {
        return Err(nothing_there(&args.from));
    }
    let inner = visit.local_addrs();
    let addresses = delay.as_ref().map_or_else(|| inner.to_vec(), |delay| vec![delay.address()]);
    if let (Some(delay), Some(&inner)) = (delay, inner.first()) {
        tokio::spawn(delay.relay(inner));
    }
    sum.say(torrents.len(), &addresses, output);
    let refusals = torrents.iter().map(|torrent| Box::pin(visit::disk_refuses(torrent)));
    Err(futures_util::future::select_all(refusals).await.0)
}

/// What the checks of all torrents found.
#[derive(Default)]
struct Checked {
    seconds: f64,
    have: u64,
    total: u64,
}

impl Checked {
    fn add(&mut self, ready: &Ready, metainfo: &Metainfo) {
        self.seconds += ready.checked.as_secs_f64();
        self.have += ready.have_bytes;
        self.total += total(metainfo);
    }

    fn say(&self, torrents: usize, addresses: &[SocketAddr], output: Output) {
        let Self { seconds, have, total } = self;
        let addresses: Vec<_> = addresses.iter().map(SocketAddr::to_string).collect();
        let object = json!({
            "event": "seeding", "checked_s": seconds, "torrents": torrents,
            "have": have, "total": total, "listen": addresses,
        });
        output.say(&object, || {
            let (have, all) = (size(*have), size(*total));
            format!("Seeding {torrents} torrent(s), {have} of {all}, at {}.", addresses.join(", "))
        });
    }
}

fn read(path: &str) -> Result<Arc<Metainfo>, Failure> {
    match source::parse(path)? {
        Source::Metainfo(metainfo) => Ok(metainfo),
        Source::Magnet(_) => Err(Failure::new(
            Exit::BadInput,
            "not_a_torrent",
            "A magnet link does not say what the files must be.",
            "Give the torrent file.",
        )),
    }
}

/// Waits for the check, showing how far it is.
async fn checked(torrent: &Torrent, output: Output) -> Result<Ready, Failure> {
    let bar = if output.is_watched() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("checking {bar:30} {percent:>3}%");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut ticks = tokio::time::interval(CHECK_INTERVAL);
    let showing = async {
        loop {
            ticks.tick().await;
            let (done, all) = torrent.checked();
            bar.set_length(u64::from(all.max(1)));
            bar.set_position(u64::from(done));
        }
    };
    let ready = tokio::select! {
        ready = torrent.ready() => ready.map_err(|error| visit::torrent_failed(&error)),
        failure = visit::disk_refuses(torrent) => Err(failure),
        never = showing => never,
    };
    bar.finish_and_clear();
    ready
}

/// The network flags, and the relay in front of the session if bytes are to be delayed.
async fn delayed(args: &Args) -> Result<(Option<Delay>, NetworkArgs), Failure> {
    let Some(delay) = args.delay_ms.map(Duration::from_millis) else {
        return Ok((None, args.network.clone()));
    };
    let address = args.network.listen.first().copied().unwrap_or(([127, 0, 0, 1], 0).into());
    let delay = Delay::listen(address, delay).await.map_err(|error| {
        Failure::new(
            Exit::BadInput,
            if error.kind() == io::ErrorKind::AddrInUse { "port_taken" } else { "cannot_listen" },
            format!("{address} cannot be listened on: {error}."),
            "Choose another port with --listen; port 0 picks a free one.",
        )
    })?;
    let mut network = args.network.clone();
    network.listen = vec![SocketAddr::new(address.ip(), 0)];
    Ok((Some(delay), network))
}

fn total(metainfo: &Metainfo) -> u64 {
    metainfo.info.files().iter().map(|file| file.length).sum()
}

fn check_folder(from: &Path) -> Result<(), Failure> {
    if from.is_dir() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::NotFound,
        "no_such_folder",
        format!("{} is no folder that can be read.", from.display()),
        "Give the folder in which the torrent's file or folder lies.",
    ))
}

fn nothing_there(from: &Path) -> Failure {
    Failure::new(
        Exit::NotFound,
        "nothing_to_seed",
        format!("Nothing of what the torrents describe is in {}.", from.display()),
        "Give the folder in which the file or folder lies, not the file itself.",
    )
}
