//! `kinora man`: a manual page for each command.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Command;

use super::visit;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Example:
  kinora man ~/.local/share/man/man1 && man kinora-stream";

/// Write the manual pages into a folder
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The folder
    dir: PathBuf,
}

/// Runs `kinora man`.
pub(super) fn run(args: &Args, command: Command) -> Result<ExitCode, Failure> {
    fs::create_dir_all(&args.dir)
        .and_then(|()| clap_mangen::generate_to(command, &args.dir))
        .map_err(|error| visit::denied(&args.dir, &error))?;
    Ok(ExitCode::SUCCESS)
}
