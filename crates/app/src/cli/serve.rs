//! `kinora serve`: the server and its page.

use std::{path::PathBuf, process::ExitCode};

use super::{Shared, network::NetworkArgs, output::Output};
use crate::{
    failure::Failure,
    serve::{self, ServeOptions},
};

const EXAMPLES: &str = "\
Examples:
  kinora serve
  kinora serve --no-open --port 8080 --data-dir /media/kinora
  kinora serve --json --port 0 --up-limit 2M";

/// Start the server and open its page
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The page's port; 0 picks a free one
    #[arg(long)]
    port: Option<u16>,
    /// Do not open the page
    #[arg(long)]
    no_open: bool,
    /// A catalogue file to show beside the starter channel
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs `kinora serve`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    args.network.check()?;
    let mut flags = args.network.settings();
    flags.extend(args.port.map(|port| ("server.port", port.to_string())));
    flags.extend(args.catalogue.map(|file| ("catalogue", file.display().to_string())));
    let options = ServeOptions { json: output.is_json(), no_open: args.no_open };
    serve::run(options, &shared.settings(&flags)?).await?;
    Ok(ExitCode::SUCCESS)
}
