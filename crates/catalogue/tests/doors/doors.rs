//! One function for each door through which strangers' catalogues come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use catalogue::{Catalogue, Release, Title};
use serde_json::json;
use torrent::Magnet;

/// The name of a door and what stands behind it.
pub(crate) type Door = (&'static str, fn(&[u8]));

/// Every door.
pub(crate) const DOORS: [Door; 1] = [("catalogue", catalogue)];

/// A catalogue file: what is accepted names its licence, attribution and source, leads nowhere else, and reads back
/// as it was read.
pub(crate) fn catalogue(bytes: &[u8]) {
    let Ok(read) = Catalogue::parse(bytes) else { return };
    assert!(read.rejected().len() <= read.rejected_counts().values().sum());
    read.titles().iter().for_each(check_title);
    let again = json!({
        "kinora_catalogue": 1, "id": read.id(), "revision": read.revision(), "name": read.name(),
        "publisher": read.publisher(), "titles": read.titles(), "withdrawn": read.withdrawn(),
    });
    let again = Catalogue::parse(again.to_string().as_bytes()).expect("what we wrote ourselves");
    assert_eq!((again.titles(), again.withdrawn()), (read.titles(), read.withdrawn()));
    assert_eq!(again.rejected(), []);
}

fn check_title(title: &Title) {
    assert!(!title.licence.spdx().is_empty() && !title.attribution.trim().is_empty());
    assert!(title.source.starts_with("https://"));
    for (_, name) in title.name.iter() {
        assert!(!name.contains(char::is_control), "{name:?}");
    }
    title.all_releases().for_each(check_release);
}

fn check_release(release: &Release) {
    let subtitles = release.subtitles.iter().map(|track| &track.path);
    for path in [&release.path].into_iter().chain(&release.torrent.metainfo).chain(subtitles) {
        let is_name = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        assert!(path.split('/').all(is_name), "{:?}", &**path);
    }
    let link = release.torrent.magnet(&release.path);
    assert!(Magnet::parse(&link).is_ok(), "{link}");
}
