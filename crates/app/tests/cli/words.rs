//! What every word does when all is well.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use crate::program::{Film, Running, run};

#[test]
fn the_version_and_the_help_are_results() {
    let home = tempfile::tempdir().expect("a folder");
    let version = run(home.path(), &["--version"]);
    assert_eq!((version.code, version.out.starts_with("kinora ")), (Some(0), true));
    for word in
        ["stream", "play", "download", "seed", "inspect", "create", "serve", "demo", "doctor"]
    {
        let help = run(home.path(), &[word, "--help"]);
        assert_eq!(help.code, Some(0), "{word}: {}", help.err);
        assert!(help.out.contains("Example"), "{word}");
    }
}

#[test]
fn completions_and_manual_pages_are_made_of_the_same_words() {
    let home = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let made = run(home.path(), &["completions", shell]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        assert!(made.out.contains("inspect") && made.out.contains("piece-length"), "{shell}");
    }
    assert_eq!(run(home.path(), &["man", "pages"]).code, Some(0));
    let page = fs::read_to_string(home.path().join("pages/kinora-stream.1")).expect("a page");
    assert!(page.contains(".TH") && page.contains("\\-\\-http"));
}

#[test]
fn config_says_where_each_value_came_from() {
    let home = tempfile::tempdir().expect("a folder");
    fs::write(home.path().join("k.toml"), "[server]\nport = 1234\n").expect("a file");
    let shown = run(home.path(), &["config", "--config", "k.toml", "--json"]);
    let port = shown.objects().into_iter().find(|entry| entry["key"] == "server.port");
    let port = port.expect("the key");
    assert_eq!((&port["value"], &port["from"]), (&"1234".into(), &"k.toml".into()));
}

#[test]
fn config_shows_no_password() {
    let home = tempfile::tempdir().expect("a folder");
    let file = "[network]\nproxy = \"socks5://me:pass-word@127.0.0.1:1080\"\n";
    fs::write(home.path().join("k.toml"), file).expect("a file");
    for words in
        [&["config", "--config", "k.toml"][..], &["config", "--config", "k.toml", "--json"]]
    {
        let shown = run(home.path(), words);
        assert_eq!(shown.code, Some(0), "{}", shown.err);
        assert!(shown.out.contains("socks5://me:***@127.0.0.1:1080"), "{}", shown.out);
        assert!(!shown.out.contains("pass-word") && !shown.err.contains("pass-word"));
    }
}

#[test]
fn doctor_finds_a_folder_that_can_be_written() {
    let home = tempfile::tempdir().expect("a folder");
    let found = run(home.path(), &["doctor", "--data-dir", "data", "--json"]);
    assert_eq!(found.code, Some(0), "{}", found.out);
    let findings = found.objects();
    let of = |id: &str| findings.iter().find(|finding| finding["id"] == id).expect(id);
    assert_eq!(of("data_dir")["ok"], true);
    for finding in &findings {
        assert!(finding["ok"] == true || finding["hint"].is_string(), "{finding}");
    }
}

#[test]
fn a_folder_comes_over_whole() {
    let film = Film::new(&[]);
    let (_seed, address) = film.seed();
    let arguments = ["download", "film.torrent", "--to", "here", "--peer", &address, "--json"];
    let done = run(film.home(), &[&arguments[..], &["--timeout", "30"]].concat());
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert_eq!(done.last()["event"], "done");
    for name in ["a film.mp4", "b short.srt", "extras/c \u{e9}t\u{e9}.txt", "extras/empty"] {
        let ours = fs::read(film.path("here/film").join(name)).expect(name);
        assert_eq!(ours, fs::read(film.path("source/film").join(name)).expect(name), "{name}");
    }
    assert!(!film.path("here/.kinora").exists(), "nothing else stays behind");
}

#[test]
fn one_file_of_a_folder_comes_alone() {
    let film = Film::new(&[]);
    let (_seed, address) = film.seed();
    let arguments = ["download", "film.torrent", "--to", "here", "--file", "2", "--peer", &address];
    let done = run(film.home(), &[&arguments[..], &["--timeout", "30"]].concat());
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    let name = "extras/c \u{e9}t\u{e9}.txt";
    let ours = fs::read(film.path("here/film").join(name)).expect(name);
    assert_eq!(ours, fs::read(film.path("source/film").join(name)).expect(name));
}

/// The status and body of a GET with one more header.
fn get(url: &str, header: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").expect("an HTTP address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("somebody listens");
    let request =
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is read");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("headers") + 4;
    let status = String::from_utf8_lossy(&answer[9..12]).parse().expect("a status");
    (status, answer.split_off(end))
}

/// A film of two seconds, as ffmpeg makes it, and mpv told to show nothing and to write down what it does.
/// `None` with a printed reason where one of them is not installed.
fn film_for_mpv(film: &Film) -> Option<()> {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2"])
        .args(["-c:v", "mpeg4", "-y"])
        .arg(film.path("source/film/a film.mp4"))
        .status();
    if !made.is_ok_and(|made| made.success()) || Command::new("mpv").arg("-V").output().is_err() {
        println!("skipped: ffmpeg and mpv are not both installed (scripts/setup test)");
        return None;
    }
    let settings = film.path(".config/mpv");
    fs::create_dir_all(&settings).expect("a folder");
    let log = film.path("mpv.log");
    let text = format!("vo=null\nao=null\nuntimed=yes\nlog-file={}\n", log.display());
    fs::write(settings.join("mpv.conf"), text).expect("a file");
    let words = ["create", "source/film", "--to", "film.torrent"];
    assert_eq!(run(film.home(), &words).code, Some(0));
    Some(())
}

#[test]
fn mpv_plays_a_film_from_a_peer_to_its_end_and_kinora_ends_with_it() {
    let film = Film::new(&[]);
    let Some(()) = film_for_mpv(&film) else { return };
    let (_seed, address) = film.seed();
    let words = ["play", "film.torrent", "--player", "mpv", "--start", "1", "--peer", &address];
    let played = run(film.home(), &[&words[..], &["--timeout", "30", "--json"]].concat());
    assert_eq!(played.code, Some(0), "{}{}", played.out, played.err);
    let ready = &played.objects()[0];
    assert_eq!((&ready["event"], &ready["player"]), (&"ready".into(), &"mpv".into()));
    let log = fs::read_to_string(film.path("mpv.log")).expect("mpv writes down what it does");
    let url = ready["stream_url"].as_str().expect("an address");
    assert!(log.contains(url), "mpv was given the address: {log}");
    assert!(log.contains("finished playback, success"), "it came to the film's end: {log}");
    assert!(log.contains("320x180"), "it saw the pictures: {log}");
}

#[test]
fn a_magnet_link_that_names_files_brings_those_alone() {
    let film = Film::new(&[]);
    let (_seed, address) = film.seed();
    let magnet = run(film.home(), &["inspect", "film.torrent", "--json"]).last()["magnet"].clone();
    let magnet = format!("{}&x.pe={address}&so=1-1,77", magnet.as_str().expect("a link"));
    let ended = run(film.home(), &["download", &magnet, "--to", "here", "--timeout", "30"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let there = |name: &str| fs::read(film.path("here/film").join(name)).unwrap_or_default();
    let whole = |name: &str| fs::read(film.path("source/film").join(name)).expect("the source");
    assert_eq!(there("b short.srt"), whole("b short.srt"));
    assert_ne!(there("a film.mp4"), whole("a film.mp4"), "a film that nobody asked for");
}

#[test]
fn a_magnet_link_is_streamed_and_ends_with_its_input() {
    let film = Film::new(&[]);
    let (_seed, address) = film.seed();
    let magnet = run(film.home(), &["inspect", "film.torrent", "--json"]).last()["magnet"].clone();
    let magnet = format!("{}&x.pe={address}", magnet.as_str().expect("a link"));
    let mut stream = Running::start(film.home(), &["stream", &magnet, "--timeout", "30", "--json"]);
    let ready = stream.next();
    assert_eq!(ready["event"], "ready");
    let url = ready["stream_url"].as_str().expect("an address");
    let whole = fs::read(film.path("source/film/a film.mp4")).expect("the film");
    assert_eq!(get(url, "Accept: */*"), (200, whole.clone()));
    assert_eq!(
        get(url, "Range: bytes=1000000-1000009"),
        (206, whole[1_000_000..1_000_010].to_vec())
    );
    assert_eq!(get(url, "Range: bytes=-5"), (206, whole[whole.len() - 5..].to_vec()));
    assert_eq!(get(url, "Range: bytes=9000000-").0, 416);
    assert_eq!(get(&url.replace("/stream/", "/stream/x"), "Accept: */*").0, 404);
    assert_eq!(stream.close_input(), Some(0));
}
