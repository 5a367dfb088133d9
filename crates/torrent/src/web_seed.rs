//! Where a web seed has a file (BEP 19).

use crate::{Info, percent};

/// The URL of a file on a web seed: for a single file the seed's own URL, unless that is a folder; else the
/// names in the torrent behind it. `None` if there is no such file, the URL is no HTTP one, or the names
/// cannot stand in a URL.
#[must_use]
pub fn file_url(seed: &str, info: &Info, file: usize) -> Option<String> {
    let scheme = seed.split_once("://")?.0;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    info.files().get(file)?;
    if info.is_single_file() && !seed.ends_with('/') {
        return Some(seed.to_owned());
    }
    if seed.contains(['?', '#']) {
        return None;
    }
    let names = info.original_path(file);
    if names.iter().any(|name| matches!(name.as_str(), "" | "." | "..")) {
        return None;
    }
    let path: Vec<String> =
        names.iter().map(|name| percent::encode(name.as_bytes(), b"")).collect();
    let slash = if seed.ends_with('/') { "" } else { "/" };
    Some(format!("{seed}{slash}{}", path.join("/")))
}
