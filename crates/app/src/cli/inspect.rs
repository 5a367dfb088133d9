//! `kinora inspect`: what a torrent or magnet link says. Nothing is contacted and nothing is changed.

use std::{fmt::Write as _, process::ExitCode};

use driver::Source;
use serde_json::{Value, json};
use torrent::{InfoHashes, Magnet, Metainfo};

use super::{
    output::{Output, printable, size},
    source,
};
use crate::{failure::Failure, hosts::shown};

const EXAMPLES: &str = "\
Examples:
  kinora inspect film.torrent
  kinora inspect 'magnet:?xt=urn:btih:…' --json";

/// Show what a torrent or magnet link says; contacts nobody
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A torrent file or a magnet link
    #[arg(value_name = "TORRENT|MAGNET")]
    torrent: String,
}

/// Runs `kinora inspect`.
pub(super) fn run(args: &Args, output: Output) -> Result<ExitCode, Failure> {
    match source::parse(&args.torrent) {
        Ok(Source::Metainfo(metainfo)) => {
            output.say(&object(&metainfo), || sentences(&metainfo));
        }
        Ok(Source::Magnet(magnet)) => {
            output.say(&magnet_object(&magnet), || magnet_sentences(&magnet));
        }
        Err(failure) if output.is_json() => {
            output.object(&json!({"valid": false, "error": failure}));
            return Ok(ExitCode::from(&failure));
        }
        Err(failure) => return Err(failure),
    }
    Ok(ExitCode::SUCCESS)
}

fn object(metainfo: &Metainfo) -> Value {
    let info = &metainfo.info;
    let files: Vec<_> = info
        .files()
        .iter()
        .map(|file| {
            let root = file.pieces_root.map(|root| root.to_string());
            json!({"path": file.path, "length": file.length, "pieces_root": root})
        })
        .collect();
    let mut object = names(info.hashes());
    let more = json!({
        "valid": true,
        "name": info.name(),
        "piece_length": info.geometry().nominal_piece_len(),
        "length": info.files().iter().map(|file| file.length).sum::<u64>(),
        "files": files,
        "trackers": metainfo.trackers,
        "web_seeds": metainfo.web_seeds,
        "private": info.is_private(),
        "comment": metainfo.comment,
        "created_by": metainfo.created_by,
        "creation_date": metainfo.creation_date,
        "links_ignored": info.ignored_links(),
        "magnet": magnet_of(metainfo).to_string(),
    });
    extend(&mut object, more);
    object
}

fn magnet_object(magnet: &Magnet) -> Value {
    let peers = magnet.peers.iter().map(|peer| format!("{}:{}", peer.host, peer.port));
    let trackers: Vec<_> = magnet.trackers.iter().map(|tracker| [tracker]).collect();
    let mut object = names(magnet.hashes);
    let more = json!({
        "valid": true,
        "name": magnet.name,
        "piece_length": null,
        "length": magnet.exact_length,
        "files": [],
        "trackers": trackers,
        "web_seeds": magnet.web_seeds,
        "private": null,
        "peers": peers.collect::<Vec<_>>(),
        "sources": magnet.sources,
        "magnet": magnet.to_string(),
    });
    extend(&mut object, more);
    object
}

fn names(hashes: InfoHashes) -> Value {
    json!({
        "infohash_v1": hashes.v1().map(|hash| hash.to_string()),
        "infohash_v2": hashes.v2().map(|hash| hash.to_string()),
    })
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// The link under which others find it.
pub(super) fn magnet_of(metainfo: &Metainfo) -> Magnet {
    let mut magnet = Magnet::new(metainfo.info.hashes());
    magnet.name = Some(metainfo.info.name().to_owned());
    magnet.trackers = metainfo.trackers.iter().flatten().cloned().collect();
    magnet.web_seeds.clone_from(&metainfo.web_seeds);
    magnet
}

fn sentences(metainfo: &Metainfo) -> String {
    let info = &metainfo.info;
    let total = info.files().iter().map(|file| file.length).sum();
    let mut text = Lines::default();
    text.row("Name", info.name());
    text.hashes(info.hashes());
    text.row("Size", &format!("{} in {} file(s)", size(total), info.files().len()));
    text.row("Pieces", &size(u64::from(info.geometry().nominal_piece_len())));
    text.row("Private", if info.is_private() { "yes" } else { "no" });
    metainfo.trackers.iter().flatten().for_each(|tracker| text.row("Tracker", &shown(tracker)));
    metainfo.web_seeds.iter().for_each(|seed| text.row("Web seed", &shown(seed)));
    metainfo.comment.iter().for_each(|comment| text.row("Comment", comment));
    for (number, file) in info.files().iter().enumerate() {
        text.row(
            &format!("File {number}"),
            &format!("{} ({})", file.path.join("/"), size(file.length)),
        );
    }
    text.row("Magnet", &magnet_of(metainfo).to_string());
    text.0
}

fn magnet_sentences(magnet: &Magnet) -> String {
    let mut text = Lines::default();
    text.row("Name", magnet.name.as_deref().unwrap_or("(not said)"));
    text.hashes(magnet.hashes);
    magnet.exact_length.iter().for_each(|&length| text.row("Size", &size(length)));
    magnet.trackers.iter().for_each(|tracker| text.row("Tracker", &shown(tracker)));
    magnet.web_seeds.iter().for_each(|seed| text.row("Web seed", &shown(seed)));
    magnet.peers.iter().for_each(|peer| text.row("Peer", &format!("{}:{}", peer.host, peer.port)));
    text.0
}

/// Lines of a word and what it stands for.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn row(&mut self, word: &str, value: &str) {
        let separator = if self.0.is_empty() { "" } else { "\n" };
        write!(self.0, "{separator}{word:<10} {}", printable(value))
            .expect("writing to a String cannot fail");
    }

    fn hashes(&mut self, hashes: InfoHashes) {
        hashes.v1().iter().for_each(|hash| self.row("Hash v1", &hash.to_string()));
        hashes.v2().iter().for_each(|hash| self.row("Hash v2", &hash.to_string()));
    }
}
