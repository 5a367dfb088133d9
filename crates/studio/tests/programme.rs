//! What the studio makes is what it says: playable films, true torrents, a catalogue without rejects.

use std::{collections::BTreeSet, fs, process::Command};

use catalogue::Catalogue;
use studio::{Size, produce};
use torrent::Metainfo;

fn duration(file: &std::path::Path) -> f64 {
    let words = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
    let said = Command::new("ffprobe").args(words).arg(file).output().expect("ffprobe runs");
    String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number of seconds")
}

#[test]
fn the_small_programme_is_complete_and_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let told = std::sync::Mutex::new(Vec::new());
    let programme = produce(dir.path(), Size::Quick, &|step| {
        told.lock().unwrap().push(step.to_owned());
    })
    .unwrap();
    assert!(told.lock().unwrap().len() > programme.packages.len());
    for package in &programme.packages {
        let bytes = fs::read(programme.torrent(package)).unwrap();
        let metainfo = Metainfo::parse(&bytes).unwrap();
        assert_eq!(metainfo.info.name(), package.name);
        assert_eq!(metainfo.info.hashes().v2().is_some(), package.form() == "hybrid");
        for reel in &package.reels {
            let file = programme.file(package, reel);
            assert!((duration(&file) - f64::from(reel.seconds)).abs() < 0.5, "{}", file.display());
        }
    }

    let path = programme.write_catalogue(&["http://127.0.0.1:1/announce".to_owned()]).unwrap();
    let catalogue = Catalogue::parse(&fs::read(path).unwrap()).unwrap();
    assert_eq!(catalogue.rejected(), []);
    let releases: BTreeSet<&str> = catalogue
        .titles()
        .iter()
        .flat_map(|title| title.all_releases())
        .map(|release| &*release.id)
        .collect();
    assert_eq!(releases.len(), programme.packages.iter().map(|p| p.reels.len()).sum::<usize>());

    told.lock().unwrap().clear();
    produce(dir.path(), Size::Quick, &|step| told.lock().unwrap().push(step.to_owned())).unwrap();
    assert_eq!(*told.lock().unwrap(), [""; 0], "nothing is made twice");
}
