//! `create` and `inspect` agree with each other, and with libtorrent where it is installed.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::program::{Film, run};

/// What libtorrent reads out of a torrent, in the shape of ours.
const READER: &str = "\
import json, sys, libtorrent as lt
info = lt.torrent_info(sys.argv[1])
hashes, files = info.info_hashes(), info.files()
paths = [i for i in range(files.num_files()) if not files.file_flags(i) & lt.file_storage.flag_pad_file]
print(json.dumps({
    'infohash_v1': str(hashes.v1) if hashes.has_v1() else None,
    'infohash_v2': str(hashes.v2) if hashes.has_v2() else None,
    'piece_length': info.piece_length(), 'private': info.priv(), 'name': info.name(),
    'files': [[files.file_path(i), files.file_size(i)] for i in paths],
    'trackers': [t.url for t in info.trackers()],
    'web_seeds': [s['url'] for s in info.web_seeds()],
}))
";

/// libtorrent's reading, or `None` with a printed reason where it is not installed.
fn libtorrent(home: &Path) -> Option<Value> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/python");
    let python = if venv.exists() { venv } else { "python3".into() };
    let read = Command::new(python).args(["-c", READER, "film.torrent"]).current_dir(home).output();
    match read {
        Ok(read) if read.status.success() => serde_json::from_slice(&read.stdout).ok(),
        _ => {
            println!("skipped: libtorrent for Python is not installed (scripts/setup test)");
            None
        }
    }
}

#[test]
fn every_form_of_torrent_is_read_back_as_it_was_made() {
    for form in ["--v1", "--v2", "--hybrid"] {
        let more = [form, "--tracker", "http://a.example/announce,http://b.example/announce"];
        let film = Film::new(&[&more[..], &["--private", "--comment", "é"]].concat());
        let shown = run(film.home(), &["inspect", "film.torrent", "--json"]).last();
        assert_eq!(shown["valid"], true);
        assert_eq!((&shown["private"], &shown["comment"]), (&true.into(), &"é".into()));
        assert_eq!(shown["trackers"][0].as_array().map(Vec::len), Some(2), "one tier");
        assert_eq!(shown["infohash_v1"].is_string(), form != "--v2");
        assert_eq!(shown["infohash_v2"].is_string(), form != "--v1");
        assert_eq!(shown["files"][0]["pieces_root"].is_string(), form != "--v1");
        assert!(shown["piece_length"].as_u64().is_some_and(|length| length <= 1 << 20));
    }
}

#[test]
fn libtorrent_reads_what_we_made_as_we_do() {
    for form in ["--v1", "--v2", "--hybrid"] {
        let web_seed = ["--web-seed", "http://a.example/film/"];
        let film = Film::new(&[&[form, "--tracker", "http://t.example/a"], &web_seed[..]].concat());
        let Some(theirs) = libtorrent(film.home()) else { return };
        let ours = run(film.home(), &["inspect", "film.torrent", "--json"]).last();
        for key in ["infohash_v1", "infohash_v2", "piece_length", "private", "name", "web_seeds"] {
            assert_eq!(ours[key], theirs[key], "{form} {key}");
        }
        assert_eq!(ours["trackers"][0], theirs["trackers"], "{form}");
        let files = ours["files"].as_array().expect("files").iter().map(|file| {
            let names = file["path"].as_array().expect("a path").iter();
            let path: Vec<_> = names.map(|name| name.as_str().expect("a name")).collect();
            (path.join("/"), file["length"].clone())
        });
        let listed = theirs["files"].as_array().expect("files").iter();
        let listed =
            listed.map(|file| (file[0].as_str().expect("a path").to_owned(), file[1].clone()));
        assert_eq!(files.collect::<Vec<_>>(), listed.collect::<Vec<_>>(), "{form}");
    }
}

#[test]
fn create_says_how_fast_it_read() {
    let film = Film::new(&[]);
    let words = ["create", "source/film", "--to", "film.torrent"];
    assert!(run(film.home(), &words).out.contains("MB/s"));
    let made = run(film.home(), &[&words[..], &["--json"]].concat()).last();
    assert!(made["bytes_per_s"].as_u64().is_some_and(|rate| rate > 0), "{made}");
}

#[test]
fn creating_twice_gives_the_same_bytes() {
    let film = Film::new(&[]);
    let first = std::fs::read(film.path("film.torrent")).expect("a torrent");
    assert_eq!(run(film.home(), &["create", "source/film", "--to", "film.torrent"]).code, Some(0));
    assert_eq!(std::fs::read(film.path("film.torrent")).expect("a torrent"), first);
}
