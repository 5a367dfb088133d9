//! `kinora doctor`: what works on this machine, and what to do about the rest.

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    path::Path,
    process::ExitCode,
};

use serde_json::json;

use super::{
    Shared,
    output::{Output, size},
};
use crate::{
    config::{Config, DEFAULT_PORT},
    data_dir::resume_in,
    doctor::{Finding, existing, programs, writable},
    failure::{Exit, Failure},
};

const EXAMPLES: &str = "\
Examples:
  kinora doctor
  kinora doctor --data-dir /media/films --json";

/// Less free space than this is worth a word, in bytes: one film in good quality.
const FREE_MIN: u64 = 5 << 30;

/// Check this machine and say what to do
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

/// Runs `kinora doctor`; exit code 4 if the data folder cannot be used, without which nothing plays.
pub(super) async fn run(shared: &Shared, output: Output) -> Result<ExitCode, Failure> {
    let settings = shared.settings(&[])?;
    let folder = settings.data_dir()?;
    let folder_found = writable("data_dir", &folder).await;
    let usable = folder_found.ok;
    let mut findings = vec![folder_found, free_space(&folder), page_port(&settings)];
    findings.extend(settings.network().listen.into_iter().map(peer_port));
    findings.push(ipv6());
    findings.push(banned(&folder));
    findings.extend(programs());
    findings.iter().for_each(|finding| output.say(&json!(finding), || sentence(finding)));
    Ok(if usable { ExitCode::SUCCESS } else { Exit::Disk.code().into() })
}

fn sentence(finding: &Finding) -> String {
    let mark = if finding.ok { "ok" } else { "--" };
    let hint = finding.hint.iter().map(|hint| format!("\n     {hint}")).collect::<String>();
    format!("[{mark}] {}: {}{hint}", finding.id.replace('_', " "), finding.detail)
}

fn free_space(folder: &Path) -> Finding {
    const HINT: &str = "Free some space, or name a folder on another disk with --data-dir.";
    match fs4::available_space(existing(folder)) {
        Ok(free) if free >= FREE_MIN => Finding::good("free_space", size(free)),
        Ok(free) => Finding::bad("free_space", format!("only {}", size(free)), HINT),
        Err(error) => Finding::bad("free_space", format!("not known: {error}"), HINT),
    }
}

fn page_port(settings: &Config) -> Finding {
    let port = settings.port().unwrap_or(DEFAULT_PORT);
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Finding::good("page_port", format!("{port} is free")),
        Err(error) => Finding::bad(
            "page_port",
            format!("{port} cannot be used: {error}"),
            "Kinora may be running already; else choose another port with `kinora serve --port`.",
        ),
    }
}

fn peer_port(address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::good("peer_port", format!("{address} can be listened on")),
        Err(error) => Finding::bad(
            "peer_port",
            format!("{address} cannot be listened on: {error}"),
            "Choose another address with `network.listen` in the settings; films play without it, slower.",
        ),
    }
}

/// Whether there is a route to the IPv6 internet. Connecting a datagram socket sends nothing.
fn ipv6() -> Finding {
    let routed = UdpSocket::bind("[::]:0").and_then(|socket| socket.connect("[2001:db8::1]:9"));
    match routed {
        Ok(()) => Finding::good("ipv6", "there is a route"),
        Err(_) => Finding::bad(
            "ipv6",
            "there is no route",
            "Nothing needs to be done: IPv4 peers are reached.",
        ),
    }
}

/// Who is not met any more because they sent wrong data.
fn banned(folder: &Path) -> Finding {
    let (hosts, list) = driver::banned_hosts(&resume_in(folder));
    let detail = match hosts {
        0 => "nobody".to_owned(),
        _ => format!(
            "{hosts}, for a day each, because they sent wrong data; to forgive them stop Kinora and remove {}",
            list.display()
        ),
    };
    Finding::good("banned_hosts", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_found_and_told_with_what_to_do() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let finding = peer_port(held.local_addr().unwrap());
        assert!(!finding.ok && finding.hint.is_some(), "{finding:?}");
        drop(held);
        assert!(peer_port(([127, 0, 0, 1], 0).into()).ok);
    }

    #[test]
    fn every_finding_that_is_bad_says_what_to_do() {
        let bad = Finding::bad("free_space", "only 3 MiB", "Free some space.");
        assert!(sentence(&bad).contains("Free some space."), "{}", sentence(&bad));
        let not_made_yet = free_space(Path::new("/there/is/no/such/folder"));
        assert!(!not_made_yet.detail.contains("not known"), "{not_made_yet:?}");
    }
}
