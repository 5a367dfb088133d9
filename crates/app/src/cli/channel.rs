//! `kinora channel`: makes and publishes a signed catalogue.

mod doubles;
mod editing;
mod exporting;
mod film;
mod import;
mod keys;
mod making;
mod marking;
mod mirroring;
mod publishing;
mod serving;
mod showing;
mod vouching;

use std::{path::PathBuf, process::ExitCode};

use catalogue::channel::Key;
use channels::Own;
use clap::Subcommand;

pub(super) use self::{
    keys::{
        AfterHandOver, BackArgs, NOT_REACHED, OldPassphrase, Opens, Paper, Words, tell_handed_over,
        tell_locked, tell_removed, tell_restored, tell_rotated,
    },
    making::{CreateArgs, Kind, create_in, create_served},
};
use super::{
    Shared, follow,
    household::{Household, of_folder, of_own},
    output::Output,
    served::Served,
};
use crate::failure::{Exit, Failure};

const EXAMPLES: &str = "\
Examples:
  kinora channel create 'Silent films' --contact mailto:rights@example.org
  kinora channel add nosferatu.mp4 --title Nosferatu --year 1922 --licence CC-PDM-1.0 \
    --attribution 'F. W. Murnau' --source https://example.org/nosferatu
  kinora channel add films.json
  kinora channel import films.csv --licence CC-BY-4.0 --report left-out.csv
  kinora channel publish
  kinora channel create 'No malware' --kind filter --contact mailto:lists@example.org
  kinora channel add infohashes.txt --action block --reason malware
  kinora channel withdraw the-general --reason licence --note 'The author asked.'
  kinora channel vouch kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy --name 'Old trains'
  kinora channel claim example.org
  kinora channel show --json
  kinora channel restore --words-file words.txt --passphrase-file secret
  kinora channel export --to films.json
  kinora channel export --format json-ld --to films.jsonld
  kinora channel export --format stremio --http 127.0.0.1:7000
  kinora channel export --format mirror --to public/films
  kinora channel mirror https://example.org/films/";

/// Make and publish a channel: a signed catalogue that lives without a server
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Clone, Subcommand)]
enum Word {
    /// Make a channel and its keys; nobody knows of it until it is published
    Create(making::NewArgs),
    /// Replace the key that signs versions, because it may be stolen
    Rotate(keys::KeyArgs),
    /// Hand the channel over to its next root key, because the old one may be stolen
    HandOver(keys::KeyArgs),
    /// Bring a channel back from the 24 words on paper
    Restore(keys::RestoreArgs),
    /// Lock the channel's secret with another passphrase, or with none
    Lock(keys::LockArgs),
    /// Take the secret off this machine, once its 24 words were typed as they are on paper
    RemoveSecret(keys::RemoveArgs),
    /// Publish a film; or add titles of catalogue files, or what a filter leaves out, which wait until the next publish
    Add(Box<editing::AddArgs>),
    /// Add many titles at once: a CSV, JSON-LD or Media RSS file, or a folder of films with .nfo files
    Import(import::ImportArgs),
    /// Take entries off a filter again, from the next publish on
    Remove(marking::RemoveArgs),
    /// Take a title back for ever; its followers stop sharing it
    Withdraw(editing::WithdrawArgs),
    /// Sign what waits, tell the network, and share it until stopped
    Publish(publishing::PublishArgs),
    /// Name another channel to the followers of yours, from the next publish on
    Vouch(vouching::VouchArgs),
    /// Claim a domain, which then may vouch for the channel by a TXT record
    Claim(vouching::ClaimArgs),
    /// Name a web server that has a copy of the channel, take one off, or list them
    Mirror(mirroring::MirrorArgs),
    /// Show what a channel is and what waits
    Show(showing::ShowArgs),
    /// Write a channel's titles for other programs, or all of it for a web server
    Export(exporting::ExportArgs),
}

/// Which channel is meant.
#[derive(Debug, Clone, clap::Args)]
struct Which {
    /// The channel's address; may be left out if there is only one
    #[arg(long, value_name = "ADDRESS")]
    channel: Option<String>,
}

/// Where a passphrase is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Passphrase {
    /// A file whose first line is the passphrase of the secret
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Runs `kinora channel`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    if let Some(server) = Served::find(shared)? {
        return serving::run(args.word, shared, &server, output).await;
    }
    match args.word {
        Word::Create(args) => {
            let (args, what) = args.read();
            create_in(&Household::open(shared)?.channels, args, what, output)
        }
        Word::Rotate(args) => keys::rotate(&args, &Household::open(shared)?, output),
        Word::HandOver(args) => keys::hand_over(&args, &Household::open(shared)?, output),
        Word::Restore(args) => keys::restore(&args, shared, output).await,
        Word::Lock(args) => keys::lock(&args, &Household::open(shared)?, output),
        Word::RemoveSecret(args) => keys::remove(&args, &Household::open(shared)?, output),
        Word::Add(args) if args.film.is_meant(&args.files)? => {
            film::add(*args, shared, output).await
        }
        Word::Add(args) => editing::add(&args, &Household::open(shared)?, output),
        Word::Remove(args) => marking::remove(&args, &Household::open(shared)?, output),
        Word::Import(args) => import::import(&args, shared, output).await,
        Word::Withdraw(args) => editing::withdraw(args, &Household::open(shared)?, output),
        Word::Publish(args) => publishing::publish(args, shared, output).await,
        Word::Vouch(args) => vouching::vouch(&args, &Household::open(shared)?, output),
        Word::Claim(args) => vouching::claim(&args, &Household::open(shared)?, output),
        Word::Mirror(args) => mirroring::change(&args, &Household::open(shared)?, output),
        Word::Show(args) => showing::show(&args, &Household::open(shared)?, output),
        Word::Export(args) => exporting::export(&args, shared, output).await,
    }
}

impl Which {
    /// The own channel that is meant.
    fn own(&self, household: &Household) -> Result<Own, Failure> {
        let key = self.key(household)?;
        Own::open(household.channels.folder(key)).map_err(|error| of_own(&error))
    }

    fn key(&self, household: &Household) -> Result<Key, Failure> {
        if let Some(address) = &self.channel {
            return Ok(follow::parse(address)?.key);
        }
        let all = household.channels.all().map_err(|error| of_folder(&error))?;
        let own: Vec<_> = all.iter().filter(|folder| folder.is_own()).collect();
        match own[..] {
            [one] => Ok(*one.key()),
            [] => Err(of_own(&channels::OwnError::NotOurs)),
            _ => Err(several()),
        }
    }
}

fn several() -> Failure {
    Failure::new(
        Exit::BadInput,
        "which_channel",
        "There are several channels of yours here.",
        "Name one with --channel; `kinora channels` lists them.",
    )
}

impl Passphrase {
    pub(super) fn read(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.passphrase_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", path.display());
            Failure::new(Exit::NotFound, "passphrase", message, "Check the path of the passphrase.")
        })?;
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            let message = format!("{} has no passphrase in its first line.", path.display());
            return Err(Failure::new(Exit::BadInput, "passphrase", message, "Write one into it."));
        }
        Ok(Some(line.to_owned()))
    }
}
