//! Bad input and bad circumstances: a sentence, a hint, the right exit code, nothing lost.

use std::{fs, net::TcpListener};

use app::folder_lock::FolderLock;
use torrent::{Metainfo, hash::sha1, paths::Os};

use crate::{
    disk::SmallDisk,
    program::{Film, Running, kinora, run},
};

/// The names of a link to a torrent that nobody has.
const NOBODY: &str = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_damaged_torrent_is_bad_input_for_every_word() {
    let film = Film::new(&[]);
    let mut bytes = fs::read(film.path("film.torrent")).expect("a torrent");
    bytes.truncate(bytes.len() / 2);
    fs::write(film.path("half.torrent"), bytes).expect("a file");
    for words in [
        &["inspect", "half.torrent"][..],
        &["download", "half.torrent", "--to", "here"],
        &["stream", "half.torrent"],
        &["seed", "half.torrent", "--from", "source"],
    ] {
        run(film.home(), words).assert_failed(2, "damaged");
    }
    assert!(!film.path("here").exists(), "nothing was begun");
}

#[test]
fn inspect_says_in_json_that_a_torrent_is_not_valid() {
    let home = home();
    fs::write(home.path().join("not.torrent"), "<html>").expect("a file");
    let shown = run(home.path(), &["inspect", "not.torrent", "--json"]);
    assert_eq!(shown.code, Some(2));
    let object = shown.last();
    assert_eq!(
        (&object["valid"], &object["error"]["code"]),
        (&false.into(), &"bad_torrent".into())
    );
    assert!(object["error"]["hint"].is_string() && object["error"]["message"].is_string());
    assert_eq!(shown.err, "");
}

#[test]
fn other_words_say_in_json_why_they_end() {
    let home = home();
    let ended = run(home.path(), &["download", "magnet:?dn=x", "--to", "here", "--json"]);
    assert_eq!((ended.code, ended.last()["code"].as_str()), (Some(2), Some("bad_magnet")));
}

/// A torrent of one file in a folder, by the names in it; the file holds `film`.
fn named(folder: &str, file: &str) -> Vec<u8> {
    let text = |text: &str| format!("{}:{text}", text.len());
    let mut torrent = format!(
        "d4:infod5:filesld6:lengthi4e4:pathl{}eee4:name{}12:piece lengthi16384e6:pieces20:",
        text(file),
        text(folder)
    )
    .into_bytes();
    torrent.extend(sha1(b"film").0);
    torrent.extend(b"ee");
    torrent
}

/// Names that have done harm elsewhere.
const HOSTILE: [&str; 7] =
    ["..", "/etc/passwd", "a/../../b", "\u{1b}[2Jx", "\u{202e}gpj.exe", "a\\..\\b", "."];

#[test]
fn hostile_names_never_leave_their_folder_or_reach_the_terminal() {
    let home = home();
    for (folder, file) in HOSTILE.iter().flat_map(|name| [(*name, "file"), ("folder", *name)]) {
        fs::write(home.path().join("t.torrent"), named(folder, file)).expect("a file");
        let shown = run(home.path(), &["inspect", "t.torrent"]);
        assert!(!shown.out.contains(['\u{1b}', '\u{202e}']), "{:?}", shown.out);
        assert!(!shown.err.contains(['\u{1b}', '\u{202e}']), "{:?}", shown.err);
        let object = run(home.path(), &["inspect", "t.torrent", "--json"]).last();
        let files = object["files"].as_array().cloned().unwrap_or_default();
        let names = files.iter().flat_map(|file| file["path"].as_array().expect("a path"));
        for name in names.map(|name| name.as_str().expect("a name")) {
            assert!(!matches!(name, "" | "." | "..") && !name.contains('/'), "{name:?}");
        }
    }
}

/// Every file below a folder.
fn files(below: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(below).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_film_with_hostile_names_is_stored_where_it_was_asked_for_and_nowhere_else() {
    for (folder, file) in [("..", "../../x.mp4"), ("/etc", "\u{1b}[2Jx.mp4"), ("a/../../b", "..")] {
        let home = home();
        let torrent = named(folder, file);
        let info = Metainfo::parse(&torrent).expect("harmless under other names").info;
        let place = info.file_path(0, Os::CURRENT).iter().collect::<std::path::PathBuf>();
        let source = home.path().join("source").join(&place);
        fs::create_dir_all(source.parent().expect("a folder")).expect("a folder");
        fs::write(&source, "film").expect("a file");
        fs::write(home.path().join("t.torrent"), torrent).expect("a file");
        let words = ["seed", "t.torrent", "--from", "source", "--listen", "127.0.0.1:0", "--json"];
        let mut seed = Running::start(home.path(), &words);
        let address = seed.next()["listen"][0].as_str().expect("an address").to_owned();
        // The seed has its source, and a folder for its records.
        let is_seeds = |path: &std::path::PathBuf| {
            let below = path.strip_prefix(home.path()).unwrap_or(path).to_string_lossy();
            below.starts_with("source") || below.starts_with("kinora-")
        };
        let elsewhere =
            || files(home.path()).into_iter().filter(|path| !is_seeds(path)).collect::<Vec<_>>();
        let before = elsewhere();
        let words = ["download", "t.torrent", "--to", "a/b/here", "--peer", &address];
        let ended = run(home.path(), &[&words[..], &["--timeout", "30"]].concat());
        assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
        assert!(!ended.out.contains('\u{1b}'), "{:?}", ended.out);
        let came = home.path().join("a/b/here").join(&place);
        assert_eq!(fs::read(&came).expect("the film"), b"film");
        let after: Vec<_> = elsewhere().into_iter().filter(|path| !before.contains(path)).collect();
        assert_eq!(after, [came], "one file more, and nothing elsewhere");
    }
}

#[test]
fn a_magnet_link_that_nobody_answers_ends_in_time() {
    let home = home();
    let dead = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = dead.local_addr().expect("an address").to_string();
    drop(dead);
    let words = ["download", NOBODY, "--to", "here", "--peer", &address, "--timeout", "1"];
    run(home.path(), &words).assert_failed(3, "Nobody");
    run(home.path(), &["download", NOBODY, "--to", "here", "--no-dht"])
        .assert_failed(3, "no tracker");
    let words = ["stream", NOBODY, "--peer", &address, "--timeout", "1", "--json"];
    let mut stream = Running::start(home.path(), &words);
    assert_eq!(stream.next()["event"], "ready", "a player may ask, and waits");
    let (said, code) = stream.end();
    assert_eq!((said.last().map(|last| &last["event"]), code), (Some(&"error".into()), Some(3)));
}

#[test]
fn a_tracker_that_is_down_ends_in_time() {
    let home = home();
    let magnet = format!("{NOBODY}&tr=http%3A%2F%2F127.0.0.1%3A9%2Fannounce");
    let words = ["download", &magnet, "--to", "here", "--local", "--timeout", "1"];
    run(home.path(), &words).assert_failed(3, "Nobody");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let film = Film::new(&[]);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let port = address.rsplit(':').next().expect("a port").to_owned();
    run(film.home(), &["seed", "film.torrent", "--from", "source", "--listen", &address])
        .assert_failed(2, &port);
    run(film.home(), &["stream", "film.torrent", "--http", &address]).assert_failed(2, &port);
}

#[test]
fn what_cannot_be_kept_is_refused_before_anything_is_contacted() {
    let film = Film::new(&[]);
    let both = ["--transport", "utp", "--proxy", "socks5://127.0.0.1:9"];
    for (flags, named) in [(&both[..], "utp"), (&["--proxy", "socks4://x"], "socks5://")] {
        let words = [&["download", "film.torrent", "--to", "here"], flags].concat();
        run(film.home(), &words).assert_failed(2, named);
    }
}

#[test]
fn files_that_are_not_there_are_not_found() {
    let film = Film::new(&[]);
    run(film.home(), &["inspect", "no.torrent"]).assert_failed(3, "no.torrent");
    run(film.home(), &["seed", "film.torrent", "--from", "no"]).assert_failed(3, "no folder");
    run(film.home(), &["create", "no", "--to", "x.torrent"]).assert_failed(3, "cannot be read");
    fs::create_dir(film.path("empty")).expect("a folder");
    run(film.home(), &["seed", "film.torrent", "--from", "empty"]).assert_failed(3, "empty");
    run(film.home(), &["stream", "film.torrent", "--file", "9"]).assert_failed(2, "--file");
}

#[test]
fn create_replaces_a_torrent_and_nothing_else() {
    let film = Film::new(&[]);
    let precious = film.path("precious.mp4");
    fs::write(&precious, "a film").expect("a file");
    run(film.home(), &["create", "source/film", "--to", "precious.mp4"])
        .assert_failed(2, "precious");
    assert_eq!(fs::read(precious).expect("it is there"), b"a film");
    run(film.home(), &["create", "source/film", "--to", "x.torrent", "--piece-length", "3"])
        .assert_failed(2, "16384");
    assert!(!film.path("x.torrent").exists());
}

#[test]
fn a_second_demo_is_told_where_the_first_one_is() {
    let home = home();
    let mut first = FolderLock::take(&home.path().join("demo"), "--dir").expect("the first one");
    first.announce("http://127.0.0.1:5466/#token=x").expect("room on the disk");
    let ended = run(home.path(), &["demo", "--quick", "--check", "--dir", "demo"]);
    ended.assert_failed(4, "Another Kinora is running with demo at http://127.0.0.1:5466/#token=x");
    assert!(ended.err.contains("--dir"), "{}", ended.err);
}

#[test]
fn missing_programs_are_named_with_what_to_install() {
    let film = Film::new(&[]);
    let demo = kinora(film.home()).args(["demo", "--check"]).env("PATH", "/nowhere").output();
    let demo = demo.expect("the program starts");
    assert_eq!(demo.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&demo.stderr).contains("ffmpeg"));
    let play = kinora(film.home()).args(["play", "film.torrent"]).env("PATH", "/nowhere").output();
    let play = play.expect("the program starts");
    assert_eq!(play.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&play.stderr).contains("apt install mpv"));
    let doctor = kinora(film.home()).args(["doctor", "--json"]).env("PATH", "/nowhere").output();
    let found = String::from_utf8(doctor.expect("the program starts").stdout).expect("text");
    let ffmpeg = found.lines().find(|line| line.contains("\"ffmpeg\"")).expect("a finding");
    assert!(ffmpeg.contains("\"ok\":false") && ffmpeg.contains("Install ffmpeg"), "{ffmpeg}");
}

#[test]
fn a_full_disk_ends_with_code_4_and_keeps_what_came() {
    let film = Film::new(&[]);
    let Some(_disk) = SmallDisk::mount(&film.path("small"), "size=1m") else { return };
    let (_seed, address) = film.seed();
    let words =
        ["download", "film.torrent", "--to", "small", "--peer", &address, "--timeout", "30"];
    run(film.home(), &words).assert_failed(4, "full");
    assert!(film.path("small/film").exists(), "what came is kept");
}

#[test]
fn a_disk_that_cannot_be_written_ends_with_code_4() {
    let film = Film::new(&[]);
    let Some(_disk) = SmallDisk::mount(&film.path("sealed"), "ro") else { return };
    let words = ["download", "film.torrent", "--to", "sealed", "--peer", "127.0.0.1:9"];
    run(film.home(), &words).assert_failed(4, "sealed");
    run(film.home(), &["create", "source/film", "--to", "sealed/x.torrent"])
        .assert_failed(4, "sealed");
}
