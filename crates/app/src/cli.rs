//! The words of the command line.
//!
//! Standard output is for results: with `--json` one object a line, without it sentences. Everything else, errors
//! and progress included, goes to standard error. Every command ends with an exit code of `docs/architecture.md`.

mod channel;
mod completions;
mod config;
mod create;
mod delay;
mod demo;
mod discovery;
mod doctor;
mod download;
mod ending;
mod follow;
mod household;
mod inspect;
mod loopback;
mod man;
mod mirrors;
mod network;
mod output;
mod play;
mod prefetch;
mod progress;
mod search;
mod seed;
mod serve;
mod served;
mod site;
mod source;
mod stream;
mod visit;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use self::output::Output;
use crate::{
    config::Config,
    failure::{Exit, Failure},
};

/// What is logged unless somebody says otherwise. What the painter of the demo's posters cannot fill tells a viewer nothing.
const LOGGED: &str = "warn,tiny_skia=error";
/// The environment variable that chooses what is logged, in the words of `tracing`.
const LOG_VARIABLE: &str = "KINORA_LOG";

const EXAMPLES: &str = "\
Examples:
  kinora
  kinora inspect film.torrent
  kinora play 'magnet:?xt=urn:btih:…'
  kinora download film.torrent --to ~/Films
  kinora create ~/Films/holiday.mp4 --to holiday.torrent
  kinora doctor

Exit codes: 0 done, 2 bad input, 3 not found or unreachable in time, 4 disk, 5 refused, 130 interrupted.";

/// Streaming cinema over BitTorrent.
#[derive(Debug, Parser)]
#[command(name = "kinora", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    /// Without a word it is `serve`.
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Args,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
struct Shared {
    /// Print one JSON object per line instead of sentences
    #[arg(long, global = true)]
    json: bool,
    /// The settings file, instead of the platform's
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for what is kept between runs
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Stream(stream::Args),
    Play(play::Args),
    Download(download::Args),
    Seed(seed::Args),
    Inspect(inspect::Args),
    Create(create::Args),
    Demo(demo::Args),
    Channel(channel::Args),
    Follow(follow::FollowArgs),
    Unfollow(follow::UnfollowArgs),
    Channels(follow::ChannelsArgs),
    Search(search::Args),
    Site(site::Args),
    Doctor(doctor::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Shared {
    /// The settings in force, with a command's own flags on top.
    fn settings(&self, flags: &[(&'static str, String)]) -> Result<Config, Failure> {
        let data_dir = self.data_dir.iter().map(|dir| ("data_dir", dir.display().to_string()));
        let flags: Vec<_> = flags.iter().cloned().chain(data_dir).collect();
        Config::load(self.config.as_deref(), &flags)
    }
}

/// Runs the command that was typed.
#[must_use]
pub fn run() -> ExitCode {
    let Cli { shared, command, serve } = Cli::parse();
    let command = command.unwrap_or(Command::Serve(serve));
    log();
    let output = Output::new(shared.json);
    match dispatch(command, &shared, output) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(&failure)
        }
    }
}

/// Logs warnings to standard error, or what the environment asks for.
fn log() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(LOGGED));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn dispatch(command: Command, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => block_on(serve::run(args, shared, output)),
        Command::Stream(args) => block_on(stream::run(args, shared, output)),
        Command::Play(args) => block_on(play::run(args, shared, output)),
        Command::Download(args) => block_on(download::run(args, shared, output)),
        Command::Seed(args) => block_on(seed::run(args, shared, output)),
        Command::Inspect(args) => inspect::run(&args, output),
        Command::Create(args) => create::run(args, output),
        Command::Demo(args) => block_on(demo::run(args, output)),
        Command::Channel(args) => block_on(channel::run(args, shared, output)),
        Command::Follow(args) => block_on(follow::follow(args, shared, output)),
        Command::Unfollow(args) => block_on(follow::unfollow(args, shared, output)),
        Command::Channels(args) => block_on(follow::channels(&args, shared, output)),
        Command::Search(args) => block_on(search::run(args, shared, output)),
        Command::Site(args) => block_on(site::run(args, shared, output)),
        Command::Doctor(_) => block_on(doctor::run(shared, output)),
        Command::Config(_) => config::run(shared, output),
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
    }
}

/// Runs a command that meets peers.
fn block_on(command: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(
            Exit::Disk,
            "no_threads",
            format!("The system gives no threads: {error}."),
            "Stop other programs, or raise the limit on processes.",
        )
    })?;
    let ended = runtime.block_on(async {
        ending::listen();
        command.await
    });
    // A blocking read of standard input must not keep a finished program.
    runtime.shutdown_background();
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_flag_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("kinora "), "{}", command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }
}
