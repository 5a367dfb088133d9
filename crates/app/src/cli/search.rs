//! `kinora search`: finds titles in what is followed, without a network.

use std::process::ExitCode;

use library::{Card, Languages};
use serde_json::{Value, json};

use super::{
    Shared,
    household::{Household, of_library},
    output::{Output, printable},
    served::Served,
};
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  kinora search metropolis
  kinora search 'silent com' --limit 5 --json

Exit code 0 also when nothing is found: then there is no line.";

/// Search the titles of all followed channels, offline
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What to look for; the last word may be cut short
    #[arg(required = true)]
    words: Vec<String>,
    /// The most titles to show, up to 100
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

/// Runs `kinora search`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    if let Some(server) = Served::find(shared)? {
        for card in server.search(&args.words.join(" "), args.limit).await? {
            say_served(&card, output);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let household = Household::open(shared)?;
    let settings = household.library.settings().map_err(|error| of_library(&error))?;
    let languages = Languages::one(&settings.language);
    let found = household.library.search(&args.words.join(" "), args.limit, &languages);
    for card in found.map_err(|error| of_library(&error))?.titles {
        say(&card, output);
    }
    Ok(ExitCode::SUCCESS)
}

/// A card as the server tells it.
fn say_served(card: &Value, output: Output) {
    let id = card["id"].as_str().unwrap_or_default();
    let object = json!({
        "id": id, "name": card["name"], "kind": card["kind"], "year": card["year"],
        "licence": card["licence"]["spdx"], "genres": card["genres"],
        "channel": id.split_once('.').map(|(channel, _)| channel),
    });
    output.say(&object, || {
        let year = card["year"].as_u64().map(|year| format!(" ({year})")).unwrap_or_default();
        format!("{}{year}  {id}", printable(card["name"].as_str().unwrap_or_default()))
    });
}

fn say(card: &Card, output: Output) {
    let channel = card.id.split_once('.').map(|(channel, _)| channel);
    let object = json!({
        "id": card.id, "name": card.name, "kind": card.kind.as_str(), "year": card.year,
        "licence": card.licence.spdx(), "genres": card.genres, "channel": channel,
    });
    output.say(&object, || {
        let year = card.year.map(|year| format!(" ({year})")).unwrap_or_default();
        format!("{}{year}  {}", printable(&card.name), card.id)
    });
}
