//! `kinora completions`: what the shell needs to finish words.

use std::{io, process::ExitCode};

use clap::Command;
use clap_complete::Shell;

use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  kinora completions bash > ~/.local/share/bash-completion/completions/kinora
  kinora completions fish > ~/.config/fish/completions/kinora.fish";

/// Print the completions for a shell
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// Runs `kinora completions`.
pub(super) fn run(args: &Args, mut command: Command) -> Result<ExitCode, Failure> {
    clap_complete::generate(args.shell, &mut command, "kinora", &mut io::stdout());
    Ok(ExitCode::SUCCESS)
}
