//! Stopped by the person or the system: the right exit code, and nothing that came is lost.
#![cfg(unix)]

use std::fs;

use crate::program::{Film, Running, run};

/// The words of a server that meets nobody and opens nothing.
const SERVE: [&str; 9] = [
    "serve",
    "--json",
    "--no-open",
    "--port",
    "0",
    "--data-dir",
    "data",
    "--listen",
    "127.0.0.1:0",
];

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let film = Film::new(&[]);
    let slow = ["seed", "film.torrent", "--from", "source", "--listen", "127.0.0.1:0", "--json"];
    let mut slow = Running::start(film.home(), &[&slow[..], &["--up-limit", "300"]].concat());
    let address = slow.next()["listen"][0].as_str().expect("an address").to_owned();
    let words = ["download", "film.torrent", "--to", "here", "--timeout", "30", "--json", "--peer"];
    let mut download = Running::start(film.home(), &[&words[..], &[&address]].concat());
    let is_under_way = |said: &serde_json::Value| said["done"].as_u64() > Some(100_000);
    while !is_under_way(&download.next()) {}
    download.signal("INT");
    let (_, code) = download.end();
    assert_eq!(code, Some(130));
    drop(slow);
    let (_seed, address) = film.seed();
    let done = run(film.home(), &[&words[..], &[&address]].concat());
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    let done = done.last();
    let total = done["total"].as_u64().expect("a number");
    assert!(done["downloaded"].as_u64().is_some_and(|new| new < total - 50_000), "{done}");
    let came = fs::read(film.path("here/film/a film.mp4")).expect("the film");
    assert!(came == fs::read(film.path("source/film/a film.mp4")).expect("the film"));
}

#[test]
fn every_word_that_runs_on_ends_with_130_when_interrupted_and_0_when_terminated() {
    let film = Film::new(&[]);
    let seed = ["seed", "film.torrent", "--from", "source", "--listen", "127.0.0.1:0", "--json"];
    let stream = ["stream", "film.torrent", "--json"];
    for words in [&SERVE[..], &seed, &stream] {
        for (signal, code) in [("INT", 130), ("TERM", 0)] {
            let mut running = Running::start(film.home(), words);
            running.next();
            running.signal(signal);
            assert_eq!(running.end().1, Some(code), "{} {signal}", words[0]);
        }
    }
}

#[test]
fn a_second_instance_is_told_where_the_first_one_is() {
    let film = Film::new(&[]);
    let mut first = Running::start(film.home(), &SERVE);
    let ready = first.next();
    let second = run(film.home(), &SERVE);
    assert_eq!(second.code, Some(4), "{}{}", second.out, second.err);
    let error = second.last();
    assert_eq!(error["code"], "already_running");
    let url = ready["url"].as_str().expect("an address");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(url)), "{error}");
    first.signal("TERM");
    assert_eq!(first.end().1, Some(0));
    let mut again = Running::start(film.home(), &SERVE);
    assert_eq!(again.next()["token"], ready["token"], "an open page goes on working");
}

#[test]
fn two_downloads_into_one_folder_do_not_spoil_each_other() {
    let film = Film::new(&[]);
    let (_seed, address) = film.seed();
    let words = ["download", "film.torrent", "--to", "here", "--timeout", "30", "--json"];
    let nobody = ["--peer", "127.0.0.1:9", "--down-limit", "1"];
    let first = Running::start(film.home(), &[&words[..], &nobody].concat());
    let lock = film.path("here/.kinora");
    while !lock.exists() {
        std::thread::yield_now();
    }
    let mut second = run(film.home(), &[&words[..], &["--peer", &address]].concat());
    while second.code == Some(0) {
        // The first one had not taken its lock yet when the second one was done.
        second = run(film.home(), &[&words[..], &["--peer", &address]].concat());
    }
    assert_eq!(second.code, Some(4), "{}{}", second.out, second.err);
    assert_eq!(second.last()["code"], "already_running");
    drop(first);
}
