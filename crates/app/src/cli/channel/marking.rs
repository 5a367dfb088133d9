//! `kinora channel add`, `remove` and `export` of a filter: what it marks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use catalogue::{
    WithdrawalReason,
    channel::{Action, FilterEntry, Verdict, entries_in},
};
use channels::{Folder, Own};
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::{
    super::{
        household::{Household, of_following, of_own},
        output::Output,
        served::Served,
        visit,
    },
    Which, editing, serving,
};
use crate::failure::{Exit, Failure};

/// What is said of the entries of a list.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Entries of a filter")]
pub(super) struct EntryArgs {
    /// What is asked for, where a line of the list says nothing else
    #[arg(long, value_name = "ACTION", default_value = "hide",
        value_parser = PossibleValuesParser::new(Action::ALL.map(Action::word)))]
    action: String,
    /// Why: licence, rights, wrong-file, malware, privacy or superseded
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
}

impl EntryArgs {
    fn verdict(&self) -> Result<Verdict, Failure> {
        let reason = self.reason.as_ref().map(|reason| {
            let known: Result<WithdrawalReason, _> =
                serde_json::from_value(json!(reason.replace('-', "_")));
            known.map_err(|error| bad(format!("The reason cannot be used: {error}.")))
        });
        let action = Action::by_word(&self.action).unwrap_or(Action::Hide);
        Ok(Verdict { action, reason: reason.transpose()? })
    }

    fn body(&self, list: &str, remove: bool) -> Value {
        let reason = self.reason.as_ref().map(|reason| reason.replace('-', "_"));
        json!({
            "list": list, "action": self.action.replace('-', "_"), "reason": reason, "remove": remove,
        })
    }
}

/// What `remove` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RemoveArgs {
    /// Lists of what is taken off, as `add` reads them; actions and reasons count for nothing
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    which: Which,
}

fn bad(message: String) -> Failure {
    Failure::new(
        Exit::BadInput,
        "entries_bad",
        message,
        "A line is an infohash, a channel's address or a title's id in a channel, then an action and a reason.",
    )
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| editing::unreadable(file, &error))
}

/// Puts what files list into a filter.
pub(super) fn add(
    files: &[PathBuf],
    entries: &EntryArgs,
    own: &Own,
    output: Output,
) -> Result<ExitCode, Failure> {
    let entries = listed(files, entries.verdict()?)?;
    let waiting = own.enter(&entries).map_err(|error| of_own(&error))?;
    tell(entries.len(), &json!(waiting), output);
    Ok(ExitCode::SUCCESS)
}

/// Takes what files list off a filter.
pub(super) fn remove(
    args: &RemoveArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let (own, usual) = (args.which.own(household)?, Verdict { action: Action::Hide, reason: None });
    let entries = listed(&args.files, usual)?;
    let waiting = own.take_off(&entries).map_err(|error| of_own(&error))?;
    tell(entries.len(), &json!(waiting), output);
    Ok(ExitCode::SUCCESS)
}

/// What all files list.
fn listed(files: &[PathBuf], usual: Verdict) -> Result<Vec<FilterEntry>, Failure> {
    let mut entries = vec![];
    for file in files {
        let read = entries_in(&read(file)?, usual);
        entries.extend(read.map_err(|why| bad(format!("{}: {why}.", file.display())))?);
    }
    Ok(entries)
}

fn tell(entries: usize, waiting: &Value, output: Output) {
    let object = json!({"event": "added", "entries": entries, "waiting": waiting});
    output.say(&object, || format!("{entries} entries were read; {waiting} wait to be published."));
}

/// Has a server do the same; `entries` is nothing for what is taken off.
pub(super) async fn mark_served(
    files: &[PathBuf],
    entries: Option<&EntryArgs>,
    path: &str,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let (mut count, mut waiting) = (0, json!(0));
    for file in files {
        let list = read(file)?;
        let body = match entries {
            Some(entries) => entries.body(&list, false),
            None => json!({"list": list, "remove": true}),
        };
        let answer = server.own(&format!("{path}/entries"), Some(body)).await?;
        count += usize::try_from(answer["entries"].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
        waiting = answer["waiting"].clone();
    }
    tell(count, &waiting, output);
    Ok(())
}

/// Has a server take what files list off a filter.
pub(super) async fn remove_served(
    args: &RemoveArgs,
    server: &Served,
    output: Output,
) -> Result<(), Failure> {
    let path = serving::chosen(&args.which, server).await?;
    mark_served(&args.files, None, &path, server, output).await
}

/// Writes the entries of a filter that is here, of our own with what is known of them.
pub(super) fn export(folder: &Folder, to: &Path, output: Output) -> Result<ExitCode, Failure> {
    if folder.is_own() {
        let own = Own::open(folder.clone()).map_err(|error| of_own(&error))?;
        let entries = own.entries().map_err(|error| of_own(&error))?;
        return write(&channels::list_of_entries(&entries), to, output);
    }
    let marks = channels::marks(folder).map_err(|error| of_following(&error))?;
    let list: String = marks.iter().map(|(mark, verdict)| mark.line(verdict) + "\n").collect();
    write(&list, to, output)
}

/// Writes the entries of a filter of a running server.
pub(super) async fn export_served(
    path: &str,
    to: &Path,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    let answer = server.own(&format!("{path}/entries"), None).await?;
    write(answer["list"].as_str().unwrap_or_default(), to, output)
}

fn write(list: &str, to: &Path, output: Output) -> Result<ExitCode, Failure> {
    fs::write(to, list).map_err(|error| visit::denied(to, &error))?;
    let entries = list.lines().count();
    let object = json!({"event": "exported", "entries": entries, "to": to});
    output.say(&object, || format!("{entries} entries are in {}.", to.display()));
    Ok(ExitCode::SUCCESS)
}
