//! `kinora demo`: a cinema on this machine alone, to look at or to be examined.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;
use studio::Size;

use super::{
    ending,
    output::{Output, error_line},
};
use crate::{
    demo::{Demo, Order, Outcome, Report},
    failure::{Exit, Failure},
    serve,
};

const EXAMPLES: &str = "\
Examples:
  kinora demo
  kinora demo --check
  kinora demo --quick --check --json

The films are made by ffmpeg when the demo runs for the first time, and kept.";

/// Show the program on a swarm of its own, without a network
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Watch several films without a screen, compare every byte and report
    #[arg(long)]
    check: bool,
    /// Fewer and shorter films, made in less than a minute
    #[arg(long)]
    quick: bool,
    /// Where the films are made and kept
    #[arg(long, value_name = "DIR", default_value = ".demo")]
    dir: PathBuf,
    /// The page's port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Do not open the page
    #[arg(long)]
    no_open: bool,
    /// Forget what was watched in an earlier demo
    #[arg(long)]
    fresh: bool,
}

/// Runs `kinora demo`.
pub(super) async fn run(args: Args, output: Output) -> Result<ExitCode, Failure> {
    let order = Order {
        dir: args.dir.clone(),
        size: if args.quick { Size::Quick } else { Size::Full },
        port: args.port,
        fresh: args.fresh || args.check,
        consent: args.check,
    };
    let opened = tokio::select! {
        opened = Demo::open(&order, |step| error_line(&format!("{step} …"))) => opened?,
        ending = ending::signal() => return Ok(ending.code()),
    };
    if args.check { examine(opened, output).await } else { show(opened, &args, output).await }
}

async fn show(mut demo: Demo, args: &Args, output: Output) -> Result<ExitCode, Failure> {
    let server = &demo.server;
    let ready = json!({
        "event": "ready", "url": server.url, "port": server.port, "token": server.token.reveal(),
    });
    output.say(&ready, || demo.introduction());
    if !args.no_open && !output.is_json() {
        serve::open_page(&demo.server.url);
    }
    let ended = tokio::select! {
        ending = ending::signal() => Ok(ending.code()),
        failure = demo.broken() => Err(failure),
    };
    demo.close().await;
    ended
}

async fn examine(demo: Demo, output: Output) -> Result<ExitCode, Failure> {
    error_line(&format!(
        "{:<26} {:<36} {:>8} {:>8} {:>6} {:>8}",
        "title", "kind", "start s", "seek s", "stalls", "MiB"
    ));
    let report = tokio::select! {
        report = demo.check(row) => Ok(report),
        ending = ending::signal() => Err(ending),
    };
    demo.close().await;
    match report {
        Ok(report) => conclude(&report, output),
        Err(ending) => Ok(ending.code()),
    }
}

fn row(outcome: &Outcome) {
    let Outcome { title, kind, start_s, seek_s, stalls, bytes, trouble } = outcome;
    let mib = *bytes as f64 / f64::from(1 << 20);
    let why = trouble.as_ref().map(|why| format!("  {why}")).unwrap_or_default();
    error_line(&format!(
        "{title:<26} {kind:<36} {start_s:>8.2} {seek_s:>8.2} {stalls:>6} {mib:>8.1}{why}"
    ));
}

fn conclude(report: &Report, output: Output) -> Result<ExitCode, Failure> {
    let Report { titles, start_s, seek_s, stalls, bytes_verified, ok } = report;
    let hundredths = |seconds: &f64| (seconds * 100.0).round() / 100.0;
    let object = json!({
        "event": "report", "titles": titles, "start_s": hundredths(start_s),
        "seek_s": hundredths(seek_s), "stalls": stalls, "bytes_verified": bytes_verified, "ok": ok,
    });
    // The line is the same for people: it is what the check is run for.
    output.say(&object, || object.to_string());
    if *ok {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::new(
        Exit::NotFound,
        "check_failed",
        "Not every film could be watched; the table above says which.",
        "Run the check again with KINORA_LOG=info for what went on.",
    ))
}
