//! The words of the command line.

use std::process::ExitCode;

/// Runs the command that was typed.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
