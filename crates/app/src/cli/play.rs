//! `kinora play`: streams a film and opens a player with it.

use std::{
    process::{ExitCode, Stdio},
    time::Duration,
};

use clap::ValueEnum;
use media::player::{Player, Show};
use serde_json::json;
use tokio::process::{Child, Command};

use super::{
    Shared,
    ending::{self, Ending},
    output::Output,
    stream::{self, Streaming},
};
use crate::failure::{Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  kinora play film.torrent
  kinora play 'magnet:?xt=urn:btih:…' --player vlc
  kinora play series.torrent --file 3 --start 600";

/// Stream a film and open a player with it
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    stream: stream::Args,
    /// The player; the first that is installed if left out
    #[arg(long, value_enum)]
    player: Option<Choice>,
    /// Where to begin
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    start: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    Mpv,
    Vlc,
    Browser,
}

impl From<Choice> for Player {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Mpv => Self::Mpv,
            Choice::Vlc => Self::Vlc,
            Choice::Browser => Self::Browser,
        }
    }
}

/// Runs `kinora play`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let (player, program) = find(args.player.map(Player::from))?;
    let streaming = Streaming::start(&args.stream, shared).await?;
    let show = Show {
        url: streaming.url.clone(),
        title: None,
        start: Duration::from_secs(args.start),
        subtitles: Vec::new(),
    };
    let arguments = player.arguments(&show).map_err(|error| cannot_open(player, &error))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| cannot_open(player, &error))?;
    let event = json!({"event": "ready", "stream_url": show.url, "player": player.name()});
    output.say(&event, || format!("{} plays {}", player.name(), show.url));
    let ended = tokio::select! {
        ending = ended(player, &mut child) => Ok(ending.code()),
        failure = streaming.watch(output) => Err(failure),
    };
    streaming.stop().await;
    ended
}

/// Waits for the player to be closed. A browser's launcher ends at once, and its page is not ours to watch.
async fn ended(player: Player, child: &mut Child) -> Ending {
    if player == Player::Browser {
        return ending::signal().await;
    }
    tokio::select! {
        _ = child.wait() => Ending::PlayerClosed,
        ending = ending::signal() => ending,
    }
}

fn find(asked: Option<Player>) -> Result<(Player, std::path::PathBuf), Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = asked.map_or_else(|| Player::ALL.to_vec(), |one| vec![one]);
    let found = candidates.into_iter().find_map(|player| Some((player, player.find(&path)?)));
    found.ok_or_else(|| {
        let wanted = asked.map_or("No player", |player| match player {
            Player::Mpv => "mpv",
            Player::Vlc => "VLC",
            Player::Browser => "A browser",
        });
        Failure::new(
            Exit::NotFound,
            "player_missing",
            format!("{wanted} was not found on this machine."),
            "Install mpv (`apt install mpv`) or VLC, or use `kinora stream` with a player of your own.",
        )
    })
}

fn cannot_open(player: Player, error: &dyn std::error::Error) -> Failure {
    Failure::new(
        Exit::NotFound,
        "player_failed",
        format!("{} could not be opened: {error}.", player.name()),
        "Choose another one with --player.",
    )
}
