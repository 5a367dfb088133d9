//! Films published by command: alone and beside a server, and what is refused.

use std::{fs, path::Path, process::Command};

use serde_json::json;

use crate::network::{Household, World, stop};

pub(crate) const SAID: [&str; 8] = [
    "--title",
    "Last Ferry",
    "--licence",
    "CC-BY-4.0",
    "--attribution",
    "Somebody",
    "--source",
    "https://example.org/last-ferry",
];

/// A film of two seconds, as ffmpeg makes it; false without ffmpeg.
pub(crate) fn film(path: &Path) -> bool {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=2"])
        .args(["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"])
        .arg(path)
        .status();
    made.is_ok_and(|made| made.success())
}

pub(crate) fn with_channel(world: &World, name: &str) -> (Household, String) {
    let household = world.household(name);
    let contact = ["--contact", "mailto:rights@example.org"];
    let created = household.one(&[&["channel", "create", "Harbour films"], &contact[..]].concat());
    let address = created["address"].as_str().unwrap().to_owned();
    (household, address)
}

#[test]
fn a_film_that_was_added_by_command_is_found_and_fetched_by_a_follower() {
    let world = World::new(8);
    let (publisher, address) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let add = ["channel", "add", "ferry.mp4", "--until-input-ends", "--year", "2026"];
    let mut adding = publisher.start(&[&add[..], &SAID].concat());
    let added = adding.next();
    assert_eq!((&added["event"], &added["titles"]), (&json!("added"), &json!(1)), "{added}");
    let published = adding.next();
    assert_eq!(
        (&published["event"], &published["version"]),
        (&json!("published"), &json!(1)),
        "{published}"
    );

    let follower = world.household("follower");
    let (followed, code) = follower.run_networked(&["follow", &address]);
    assert_eq!((code, &followed[0]["titles"]), (Some(0), &json!(1)), "{followed:?}");
    let found = follower.one(&["search", "ferry"]);
    assert_eq!((&found["name"], &found["licence"]), (&json!("Last Ferry"), &json!("CC-BY-4.0")));
    fetch(&follower, &added["infohash"], &published["listen"][0]);
    assert_eq!(adding.close_input(), Some(0));

    // What was published once is shared again with the next publish.
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    let published = publishing.next();
    fs::remove_dir_all(follower.home.join("out")).unwrap();
    fetch(&follower, &added["infohash"], &published["listen"][0]);
    assert_eq!(publishing.close_input(), Some(0));
}

/// Fetches a torrent from one peer, and expects a film in it.
fn fetch(household: &Household, infohash: &serde_json::Value, peer: &serde_json::Value) {
    let magnet = format!("magnet:?xt=urn:btih:{}", infohash.as_str().unwrap());
    let download =
        ["download", &magnet, "--to", "out", "--no-dht", "--listen", "127.0.0.1:0", "--peer"];
    let (lines, code) = household.run(&[&download[..], &[peer.as_str().unwrap()]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    assert!(household.home.join("out/film/film.mp4").is_file());
}

#[test]
fn a_running_server_publishes_the_film_and_goes_on_sharing_it() {
    let world = World::new(8);
    let publisher = world.household("publisher");
    let (server, _) = publisher.serve();
    let contact = ["--contact", "mailto:rights@example.org"];
    publisher.one(&[&["channel", "create", "Harbour films"], &contact[..]].concat());
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let (lines, code) = publisher.run(&[&["channel", "add", "ferry.mp4"], &SAID[..]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!((&lines[0]["event"], &lines[1]["version"]), (&json!("added"), &json!(1)));
    assert_eq!(publisher.one(&["search", "ferry"])["name"], "Last Ferry");
    stop(server);
}

#[test]
fn a_film_without_its_record_or_with_a_closed_licence_is_refused_and_leaves_nothing_behind() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    fs::write(publisher.home.join("notes.mp4"), "these are notes").unwrap();
    let failed = |arguments: &[&str], code: i32, word: &str| {
        let (lines, ended) = publisher.run(&[&["channel", "add"], arguments].concat());
        let line = lines.last().unwrap();
        assert_eq!((ended, line["code"].as_str()), (Some(code), Some(word)), "{line}");
        line["message"].as_str().unwrap().to_owned()
    };
    let message = failed(&["ferry.mp4", "--title", "Last Ferry"], 2, "film_undescribed");
    assert!(message.contains("--licence, --attribution, --source"), "{message}");
    let closed: Vec<_> =
        SAID.iter().map(|word| if *word == "CC-BY-4.0" { "proprietary" } else { word }).collect();
    failed(&[&["ferry.mp4"], &closed[..]].concat(), 5, "no_valid_title");
    failed(&[&["notes.mp4"], &SAID[..]].concat(), 2, "master_bad");
    failed(&[&["gone.mp4"], &SAID[..]].concat(), 3, "file_unreadable");
    failed(&[&["ferry.mp4", "notes.mp4"], &SAID[..]].concat(), 2, "one_film");
    let left = fs::read_dir(publisher.home.join("data/masters")).unwrap().count();
    assert_eq!(left, 0, "nothing stays of what was refused");
    assert_eq!(publisher.one(&["channel", "show"])["waiting"]["titles"], 0);
}
