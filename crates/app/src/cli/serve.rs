//! `kinora serve`: the server and its page.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;

use super::{Shared, ending, network::NetworkArgs, output::Output};
use crate::{
    failure::Failure,
    http::listener::Limits,
    serve::{self, Server},
};

const EXAMPLES: &str = "\
Examples:
  kinora serve
  kinora serve --no-open --port 8080 --data-dir /media/kinora
  kinora serve --json --port 0 --up-limit 2M
  kinora serve --consent --no-open

Until somebody has agreed to sharing, on the page or with --consent, no peer is contacted.";

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
    /// Agree to sharing without being asked on the page, on a machine without a screen
    #[arg(long)]
    consent: bool,
    #[command(flatten)]
    network: NetworkArgs,
}

/// Runs `kinora serve`.
pub(super) async fn run(args: Args, shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    args.network.check()?;
    let mut flags = args.network.settings();
    flags.extend(args.port.map(|port| ("server.port", port.to_string())));
    flags.extend(args.catalogue.map(|file| ("catalogue", file.display().to_string())));
    flags.extend(args.consent.then(|| ("network.consent", "true".to_owned())));
    let config = shared.settings(&flags)?;
    let server = tokio::select! {
        server = Server::start(&config, Limits::default()) => server?,
        ending = ending::signal() => return Ok(ending.code()),
    };
    let ready = json!({
        "event": "ready", "url": server.url, "port": server.port, "token": server.token.reveal(),
    });
    output.say(&ready, || format!("Kinora is open: {}\nCtrl-C closes it.", server.url));
    if config.open_browser() && !args.no_open {
        serve::open_page(&server.url);
    }
    let ending = ending::signal().await;
    server.stop().await;
    Ok(ending.code())
}
