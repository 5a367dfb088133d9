//! The `TORRENT|MAGNET` that a command is given.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use driver::Source;
use torrent::{Magnet, Metainfo};

use crate::failure::{Exit, Failure};

/// The longest torrent file that is read, in bytes.
const LEN_MAX: u64 = 64 << 20;

/// Reads a magnet link, or the torrent file at a path.
///
/// # Errors
/// Exit code 2 for what is neither, 3 for a file that is not there.
pub(super) fn parse(text: &str) -> Result<Source, Failure> {
    if text.trim_start().to_ascii_lowercase().starts_with("magnet:") {
        let magnet = Magnet::parse(text).map_err(|error| {
            bad("bad_magnet", sentence(&error), "Copy the whole link again, in quotes.")
        })?;
        return Ok(Source::Magnet(Box::new(magnet)));
    }
    let bytes = read(Path::new(text))?;
    let metainfo = Metainfo::parse(&bytes).map_err(|error| {
        bad("bad_torrent", sentence(&error), "Download the torrent again from where you got it.")
    })?;
    Ok(Source::Metainfo(Arc::new(metainfo)))
}

/// An error's words as a sentence of their own.
fn sentence(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

fn bad(code: &'static str, message: String, hint: &str) -> Failure {
    Failure::new(Exit::BadInput, code, message, hint)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(
            if error.kind() == std::io::ErrorKind::NotFound {
                Exit::NotFound
            } else {
                Exit::BadInput
            },
            "unreadable",
            format!("{} cannot be read: {error}.", path.display()),
            "Give the path of a torrent file, or a magnet link in quotes.",
        )
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LEN_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LEN_MAX {
        return Err(bad(
            "bad_torrent",
            format!("{} is longer than any torrent.", path.display()),
            "Give the path of a torrent file, not of a film.",
        ));
    }
    Ok(bytes)
}

/// Whether something outside can be asked for it: a peer, a tracker or a web seed.
pub(super) fn names_somebody(source: &Source, trackers: bool) -> bool {
    match source {
        Source::Metainfo(metainfo) => {
            (trackers && !metainfo.trackers.is_empty()) || !metainfo.web_seeds.is_empty()
        }
        Source::Magnet(magnet) => {
            (trackers && !magnet.trackers.is_empty()) || !magnet.peers.is_empty()
        }
    }
}
