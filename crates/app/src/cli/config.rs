//! `kinora config`: the settings in force, and where each came from.

use std::process::ExitCode;

use serde_json::json;

use super::{Shared, output::Output};
use crate::{
    config::{KEYS, platform_file},
    failure::Failure,
};

const EXAMPLES: &str = "\
Examples:
  kinora config
  KINORA_SERVER_PORT=8080 kinora config --json
  kinora config --config ./kinora.toml

Flags win over the environment, the environment over the settings file, and that over the defaults.";

/// Show the settings in force and where each came from
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

/// Runs `kinora config`.
pub(super) fn run(shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let settings = shared.settings(&[])?;
    if let Some(file) = platform_file().filter(|_| shared.config.is_none()) {
        output.note(&format!("# settings file: {}", file.display()));
    }
    for entry in settings.entries() {
        let key = KEYS.iter().find(|key| key.name == entry.key);
        let (about, variable) = key.map(|key| (key.about, key.variable())).unwrap_or_default();
        let object = json!({
            "key": entry.key, "value": entry.shown(), "from": entry.from.to_string(),
            "about": about, "variable": variable,
        });
        output.say(&object, || format!("{} = {:?}  # {}", entry.key, entry.shown(), entry.from));
    }
    Ok(ExitCode::SUCCESS)
}
