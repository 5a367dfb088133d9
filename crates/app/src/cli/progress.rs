//! How far a torrent is: a moving bar for people, a line a second for scripts.

use std::time::{Duration, Instant};

use driver::Torrent;
use engine::{StallWhy, TorrentStats};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{
    output::{Output, size},
    visit,
};
use crate::failure::{Exit, Failure};

/// Scripts get no more than one line in this time.
const INTERVAL: Duration = Duration::from_secs(1);

/// Shows how a torrent is doing.
pub(super) struct Progress {
    output: Output,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(output: Output) -> Self {
        let bar =
            if output.is_watched() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { output, bar }
    }

    /// Shows one moment.
    pub(super) fn show(&self, stats: &TorrentStats) {
        self.output.object(&object(stats));
        self.bar.set_length(stats.wanted_bytes.max(1));
        self.bar.set_position(stats.have_bytes);
        self.bar.set_message(sentence(stats));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn object(stats: &TorrentStats) -> Value {
    json!({
        "event": "progress",
        "done": stats.have_bytes,
        "total": stats.wanted_bytes,
        "down_rate": stats.down_rate,
        "up_rate": stats.up_rate,
        "peers": stats.peers,
        "seeds": stats.seeds,
        "swarm": stats.swarm.map(|all| json!({"seeds": all.seeds, "leechers": all.leechers})),
        "downloaded": stats.downloaded,
        "uploaded": stats.uploaded,
        "wasted": stats.wasted,
        "wrong": stats.wrong,
        "waiting_for": stats.stall.map(reason),
    })
}

fn reason(stall: StallWhy) -> &'static str {
    match stall {
        StallWhy::Metadata => "metadata",
        StallWhy::Checking => "checking",
        StallWhy::NoPeers => "no_peers",
        StallWhy::Choked => "choked",
        StallWhy::Missing => "missing",
        StallWhy::Fetching => "fetching",
    }
}

fn sentence(stats: &TorrentStats) -> String {
    let rates = format!("↓ {}/s ↑ {}/s", size(stats.down_rate), size(stats.up_rate));
    match stats.peers {
        0 => format!("looking for peers ({} known)", stats.known_peers),
        1 => format!("{rates}, 1 peer"),
        peers => format!("{rates}, {peers} peers"),
    }
}

/// How long a torrent may give nothing before the command gives up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    limit: Option<Duration>,
    /// Whether the first byte ends the wait: a paused player asks for nothing.
    first_only: bool,
    seen: u64,
    since: Instant,
}

impl Patience {
    /// Until the first byte.
    pub(super) fn for_first(limit: Option<Duration>) -> Self {
        Self { limit, first_only: true, seen: 0, since: Instant::now() }
    }

    /// From each byte to the next one.
    pub(super) fn for_each(limit: Option<Duration>) -> Self {
        Self { first_only: false, ..Self::for_first(limit) }
    }

    /// Looks at one moment.
    ///
    /// # Errors
    /// Exit code 3 when the time is over.
    fn check(&mut self, stats: &TorrentStats) -> Result<(), Failure> {
        let now = stats.downloaded.max(stats.have_bytes);
        if now != self.seen {
            (self.seen, self.since) = (now, Instant::now());
        }
        let satisfied = self.first_only && self.seen > 0;
        match self.limit {
            Some(limit) if !satisfied && self.since.elapsed() >= limit => {
                Err(gave_up(stats, limit))
            }
            _ => Ok(()),
        }
    }
}

fn gave_up(stats: &TorrentStats, limit: Duration) -> Failure {
    let seconds = limit.as_secs();
    let (code, message) = match (stats.peers, stats.wanted_bytes) {
        (0, _) => ("no_peers", format!("Nobody who has this was reached in {seconds} s.")),
        (_, 0) => ("no_metadata", format!("No peer described this torrent in {seconds} s.")),
        _ => ("no_data", format!("Nothing arrived in {seconds} s.")),
    };
    let hint = "Try again later, give a longer --timeout, or name a peer with --peer.";
    Failure::new(Exit::NotFound, code, message, hint)
}

/// Shows a torrent's progress until patience or disk end it; never returns without a failure.
pub(super) async fn watch(torrent: &Torrent, output: Output, mut patience: Patience) -> Failure {
    let progress = Progress::new(output);
    let mut ticks = tokio::time::interval(INTERVAL);
    let showing = async {
        loop {
            ticks.tick().await;
            let stats = match torrent.stats().await {
                Ok(stats) => stats,
                Err(error) => return visit::torrent_failed(&error),
            };
            progress.show(&stats);
            if let Err(failure) = patience.check(&stats) {
                return failure;
            }
        }
    };
    tokio::select! {
        failure = showing => failure,
        failure = visit::disk_refuses(torrent) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_when_nothing_comes_and_not_after_the_first_byte() {
        let nothing = TorrentStats::default();
        let some = TorrentStats { downloaded: 1, ..TorrentStats::default() };
        let mut first = Patience::for_first(Some(Duration::ZERO));
        assert_eq!(first.check(&nothing).unwrap_err().code, "no_peers");
        assert!(first.check(&some).is_ok() && first.check(&some).is_ok());
        let mut each = Patience::for_each(Some(Duration::ZERO));
        assert_eq!(each.check(&some).unwrap_err().exit.code(), 3);
        assert!(Patience::for_each(None).check(&nothing).is_ok());
    }
}
