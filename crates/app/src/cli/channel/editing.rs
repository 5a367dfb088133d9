//! `kinora channel add` and `withdraw`: what waits for the next publish.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catalogue::{Catalogue, Withdrawal, channel::Kind};
use channels::{Added, Own, TakenBack};
use serde_json::{Value, json};

use super::{
    super::{
        household::{Household, of_own},
        output::{Output, printable},
    },
    Which,
    film::FilmArgs,
    marking::{self, EntryArgs},
    publishing::SharingArgs,
};
use crate::{
    failure::{Exit, Failure},
    http::problem::{Code, Problem},
    packing::{self, Packed},
};

/// What `add` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct AddArgs {
    /// A film (MP4, WebM, Matroska), or catalogue files; titles with known ids are changed. For a filter: lists, a thing a
    /// line (infohash, address of a channel, or a title's id as followers see it), and after it an action and a reason
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) entries: EntryArgs,
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
    if own.kind() == Kind::Filter {
        return marking::add(&args.files, &args.entries, &own, output);
    }
    let (mut titles, mut dropped) = (Vec::new(), Vec::new());
    for file in &args.files {
        let catalogue = read(file, &own, output)?;
        for rejected in catalogue.rejected() {
            let id = rejected.id.clone().unwrap_or_else(|| format!("number {}", rejected.index));
            output.note(&format!("left out: {}: {}", printable(&id), rejected.why));
            dropped.push(json!({"id": id, "why": rejected.why.to_string()}));
        }
        titles.extend(catalogue.titles().iter().cloned());
    }
    let mut added = titles.len();
    if added == 0 && !dropped.is_empty() {
        return Err(Failure::new(
            Exit::Refused,
            "no_valid_title",
            "No title has a recognised open licence, an attribution and a source.",
            "Complete the records; nothing was added.",
        ));
    }
    let Added { waiting, taken_back } = own.add(titles).map_err(|error| of_own(&error))?;
    added -= taken_back.len();
    for id in &taken_back {
        output.note(&format!("left out: {}: {}", printable(id), TakenBack::WHY));
        dropped.push(json!({"id": id, "why": TakenBack::WHY}));
    }
    if added == 0 && !taken_back.is_empty() {
        let known = Problem::from(Code::TakenBack);
        return Err(Failure::new(Exit::Refused, known.code, known.title, known.hint));
    }
    let object = json!({"event": "added", "titles": added, "dropped": dropped, "waiting": waiting});
    output.say(&object, || format!("{added} titles were added; {waiting} wait to be published."));
    Ok(ExitCode::SUCCESS)
}

/// A catalogue file cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be read: {error}.", path.display());
    Failure::new(Exit::NotFound, "catalogue_unreadable", message, "Check the path.")
}

/// Reads a catalogue file. Pictures and subtitles beside it wait with its titles.
fn read(path: &Path, own: &Own, output: Output) -> Result<Catalogue, Failure> {
    let mut bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    if let Some(catalogue) = with_files(path, &bytes, own, output)? {
        bytes = catalogue.to_string().into_bytes();
    }
    Catalogue::parse(&bytes).map_err(|error| {
        let message = format!("{} cannot be used: {error}.", path.display());
        Failure::new(Exit::BadInput, "catalogue_bad", message, "Correct the file.")
    })
}

/// The catalogue with its files named by their hashes; nothing if it names none.
fn with_files(
    path: &Path,
    bytes: &[u8],
    own: &Own,
    output: Output,
) -> Result<Option<Value>, Failure> {
    let Ok(mut catalogue) = serde_json::from_slice::<Value>(bytes) else { return Ok(None) };
    let is_changed = without_remote(&mut catalogue, output);
    let files = packing::beside(&mut catalogue);
    if files.is_empty() {
        return Ok(is_changed.then_some(catalogue));
    }
    let mut packed = BTreeMap::new();
    for (sort, name) in files {
        let Some(bytes) = beside(path, &name, output) else { continue };
        match sort.ready(bytes) {
            Ok(ready) => {
                let hash = own.keep_thing(ready.kind, &ready.bytes);
                let hash = hash.map_err(|error| of_own(&error))?;
                packed.insert((sort, name), Packed::new(hash, ready.thumbhash));
            }
            Err(problem) => left_out(&name, problem.detail.as_deref(), output),
        }
    }
    packing::replace(&mut catalogue, &packed);
    Ok(Some(catalogue))
}

/// A file that a catalogue names; without it the title is still a title.
pub(super) fn beside(catalogue: &Path, name: &str, output: Output) -> Option<Vec<u8>> {
    let folder = catalogue.parent().unwrap_or(Path::new("."));
    let read = packing::read(folder, name);
    read.inspect_err(|error| left_out(name, Some(&error.to_string()), output)).ok()
}

/// Takes out pictures that are addresses, and tells of them. Says whether there were any.
pub(super) fn without_remote(catalogue: &mut Value, output: Output) -> bool {
    let remote = packing::take_remote(catalogue);
    remote.iter().for_each(|address| left_out(address, Some(packing::REMOTE), output));
    !remote.is_empty()
}

/// Tells that a picture or subtitle is not published.
pub(super) fn left_out(name: &str, why: Option<&str>, output: Output) {
    output.object(&json!({"event": "left_out", "file": name, "why": why}));
    output.note(&format!("left out: {}: {}", printable(name), printable(why.unwrap_or_default())));
}

pub(super) fn withdraw(
    args: WithdrawArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let withdrawal = withdrawal(&args)?;
    own.withdraw(vec![withdrawal]).map_err(|error| of_own(&error))?;
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
