//! `kinora channel show`.

use std::{fmt::Display, process::ExitCode};

use catalogue::channel::{Address, Kind};
use serde_json::json;

use super::{
    super::{
        household::{Household, of_folder, of_own},
        mirrors,
        output::{Output, printable},
    },
    Which,
};
use crate::failure::Failure;

/// What `show` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) which: Which,
}

/// What waits, in words.
pub(super) fn waiting(is_filter: bool, titles: &impl Display, withdrawn: &impl Display) -> String {
    if is_filter {
        return format!("{titles} entries");
    }
    format!("{titles} titles and {withdrawn} withdrawals")
}

pub(super) fn show(
    args: &ShowArgs,
    household: &Household,
    output: Output,
) -> Result<ExitCode, Failure> {
    let own = args.which.own(household)?;
    let (titles, withdrawn) = own.count_waiting().map_err(|error| of_own(&error))?;
    let standing = own.folder().standing().map_err(|error| of_folder(&error))?;
    let manifest = own.folder().manifest();
    let version = manifest.as_ref().map_or(0, |manifest| manifest.version);
    let address = Address::new(*own.folder().key());
    let online: Vec<_> = standing.root().map(|root| root.online.clone()).unwrap_or_default();
    let online: Vec<_> = online.iter().map(ToString::to_string).collect();
    let named = mirrors::listed(&own);
    let object = json!({
        "event": "channel", "address": address.to_string(), "magnet": address.magnet(),
        "name": own.name(), "kind": own.kind(), "version": version,
        "root_version": standing.root().map(|root| root.version), "online_keys": online,
        "segments": manifest.as_ref().map_or(0, |manifest| manifest.segments.len()),
        "waiting": {"titles": titles, "withdrawn": withdrawn},
        "halted": standing.contradiction().is_some(),
        "mirrors": named,
    });
    output.say(&object, || {
        format!(
            "{}\n{address}\nVersion {version}; {} wait to be published.{}",
            printable(own.name()),
            waiting(own.kind() == Kind::Filter, &titles, &withdrawn),
            mirrors::lines(&named)
        )
    });
    Ok(ExitCode::SUCCESS)
}
