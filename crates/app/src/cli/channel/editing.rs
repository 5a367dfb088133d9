//! `kinora channel add` and `withdraw`: what waits for the next publish.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catalogue::{Catalogue, Withdrawal};
use channels::Own;
use serde_json::json;

use super::{
    super::{
        household::{Household, of_own},
        output::{Output, printable},
    },
    Which,
    film::FilmArgs,
    publishing::SharingArgs,
};
use crate::failure::{Exit, Failure};

/// What `add` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct AddArgs {
    /// A film (MP4, WebM, Matroska), or catalogue files; titles with known ids are changed
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) film: FilmArgs,
    #[command(flatten)]
    pub(super) sharing: SharingArgs,
}

/// What `withdraw` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct WithdrawArgs {
    /// The title's id, as the publisher wrote it or as followers see it
    pub(super) title: String,
    /// Why: licence, rights, wrong-file, malware, privacy or superseded
    #[arg(long)]
    pub(super) reason: String,
    /// One torrent of several: its v1 infohash, or the first 40 digits of its v2 one
    #[arg(long, value_name = "HEX")]
    pub(super) infohash: Option<String>,
    /// A note for viewers, in English
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    #[command(flatten)]
    pub(super) which: Which,
}

pub(super) fn add(
    args: &AddArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let mut draft = own.draft().map_err(|error| of_own(&error))?;
    let (mut added, mut dropped) = (0, Vec::new());
    for file in &args.files {
        let catalogue = read(file)?;
        for rejected in catalogue.rejected() {
            let id = rejected.id.clone().unwrap_or_else(|| format!("number {}", rejected.index));
            output.note(&format!("left out: {}: {}", printable(&id), rejected.why));
            dropped.push(json!({"id": id, "why": rejected.why.to_string()}));
        }
        added += catalogue.titles().len();
        draft.put(catalogue.titles().iter().cloned());
    }
    if added == 0 && !dropped.is_empty() {
        return Err(Failure::new(
            Exit::Refused,
            "no_valid_title",
            "No title has a recognised open licence, an attribution and a source.",
            "Complete the records; nothing was added.",
        ));
    }
    own.set_draft(&draft).map_err(|error| of_own(&error))?;
    let waiting = draft.titles.len();
    let object = json!({"event": "added", "titles": added, "dropped": dropped, "waiting": waiting});
    output.say(&object, || format!("{added} titles were added; {waiting} wait to be published."));
    Ok(ExitCode::SUCCESS)
}

/// A catalogue file cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be read: {error}.", path.display());
    Failure::new(Exit::NotFound, "catalogue_unreadable", message, "Check the path.")
}

fn read(path: &Path) -> Result<Catalogue, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    Catalogue::parse(&bytes).map_err(|error| {
        let message = format!("{} cannot be used: {error}.", path.display());
        Failure::new(Exit::BadInput, "catalogue_bad", message, "Correct the file.")
    })
}

pub(super) fn withdraw(
    args: WithdrawArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let withdrawal = withdrawal(&args)?;
    waits(&own, &withdrawal)?;
    tell_withdrawn(&args.title, output);
    Ok(ExitCode::SUCCESS)
}

/// Tells that a title is taken back.
pub(super) fn tell_withdrawn(id: &str, output: Output) {
    let object = json!({"event": "withdrawn", "id": id});
    output.say(&object, || "The title is taken back with the next publish, for ever.".to_owned());
}

fn withdrawal(args: &WithdrawArgs) -> Result<Withdrawal, Failure> {
    let mut record = json!({"id": args.title, "reason": args.reason.replace('-', "_")});
    if let Some(infohash) = &args.infohash {
        record["infohash"] = json!(infohash.to_ascii_lowercase());
    }
    if let Some(note) = &args.note {
        record["note"] = json!({"en": note});
    }
    serde_json::from_value(record).map_err(|error| {
        let message = format!("This cannot be taken back: {error}.");
        Failure::new(
            Exit::BadInput,
            "bad_withdrawal",
            message,
            "`kinora channel withdraw --help` lists the reasons.",
        )
    })
}

fn waits(own: &Own, withdrawal: &Withdrawal) -> Result<(), Failure> {
    let mut draft = own.draft().map_err(|error| of_own(&error))?;
    draft.withdraw(withdrawal.clone());
    own.set_draft(&draft).map_err(|error| of_own(&error))
}
