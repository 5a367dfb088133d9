//! Posters and subtitles of a channel: published with a catalogue file, shown to followers, given on by them.

use std::fs;

use serde_json::{Value, json};

use crate::network::{Household, World, stop, write_catalogue};

const PICTURE: &[u8] = include_bytes!("../../../../fuzz/corpus/picture/png");
const SUBTITLE: &str = "1\n00:00:01,000 --> 00:00:02,000\nGood night.\n";

/// A catalogue file of one film, with a poster and a subtitle beside it, and a poster that is none.
fn write_with_files(household: &Household) {
    let path = household.home.join("films.json");
    write_catalogue(&path, &["Metropolis", "The General"]);
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let film = &mut file["titles"][0];
    film["poster"] = json!({"file": "pictures/poster.png"});
    film["releases"][0]["subtitles"] = json!([
        {"language": "en", "format": "srt", "file": "en.srt"},
        {"language": "de", "format": "srt", "path": "a/de.srt"},
    ]);
    file["titles"][1]["poster"] = json!({"file": "drawing.svg"});
    fs::write(&path, file.to_string()).unwrap();
    fs::create_dir_all(household.home.join("pictures")).unwrap();
    fs::write(household.home.join("pictures/poster.png"), PICTURE).unwrap();
    fs::write(household.home.join("en.srt"), SUBTITLE).unwrap();
    fs::write(household.home.join("drawing.svg"), "<svg><script/></svg>").unwrap();
}

fn create(household: &Household) -> String {
    let contact = ["--contact", "mailto:rights@example.org"];
    let created = household.one(&[&["channel", "create", "Silent films"], &contact[..]].concat());
    created["address"].as_str().unwrap().to_owned()
}

/// The card of the film with these letters in its name.
fn card(world: &World, ready: &Value, name: &str) -> Value {
    let (status, found) = world.get(ready, &format!("/api/v1/search?q={name}&limit=1"));
    assert_eq!(status, 200);
    serde_json::from_slice::<Value>(&found).unwrap()["titles"][0].clone()
}

/// Asks until it is there: who gives a picture may be found later than the patience of one answer.
fn until_there(world: &World, ready: &Value, path: &str) -> Vec<u8> {
    loop {
        match world.get(ready, path) {
            (200, bytes) => return bytes,
            (504, _) => {}
            (status, bytes) => panic!("{status}: {}", bytes.escape_ascii()),
        }
    }
}

/// Expects a follower to show poster and subtitle.
fn shows_both(world: &World, ready: &Value) {
    let card = card(world, ready, "metropolis");
    assert!(card["thumbhash"].is_string(), "{card}");
    let poster = until_there(world, ready, card["poster_small"].as_str().unwrap());
    assert_eq!(&poster[8..12], b"WEBP");
    let asked = json!({"item_id": card["id"]});
    let playback = world.ask(ready, "/api/v1/play", &asked);
    let subtitles = playback["subtitles"].as_array().unwrap();
    assert_eq!(subtitles.len(), 2, "one in a pack and one in the torrent");
    let packed = subtitles.iter().find(|one| one["language"] == "en").unwrap();
    let text = until_there(world, ready, packed["url"].as_str().unwrap());
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("WEBVTT") && text.contains("Good night."), "{text}");
}

#[test]
fn poster_and_subtitle_of_a_channel_come_from_a_follower_when_the_publisher_is_gone() {
    let world = World::new(8);
    let households = ["publisher", "second", "third"].map(|name| world.household(name));
    let [publisher, second, third] = &households;
    let (publishing, ready) = publisher.serve();
    let address = create(publisher);
    write_with_files(publisher);
    assert_eq!(publisher.one(&["channel", "add", "films.json"])["titles"], 2);
    assert_eq!(publisher.one(&["channel", "publish"])["version"], 1);
    shows_both(&world, &ready);

    let (serving, ready) = second.serve();
    assert_eq!(second.one(&["follow", &address])["titles"], 2);
    shows_both(&world, &ready);
    assert_eq!(card(&world, &ready, "general")["poster"], Value::Null, "a drawing is no picture");
    stop(publishing);

    let (late, ready) = third.serve();
    assert_eq!(third.one(&["follow", &address])["titles"], 2);
    shows_both(&world, &ready);
    stop(serving);
    shows_both(&world, &ready);
    stop(late);
}

#[test]
fn files_beside_a_catalogue_are_packed_without_a_server_too() {
    let world = World::new(1);
    let publisher = world.household("publisher");
    create(&publisher);
    write_with_files(&publisher);
    let path = publisher.home.join("films.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let remote = "https://example.org/a.jpg";
    file["titles"][0]["backdrop"] = json!(remote);
    fs::write(&path, file.to_string()).unwrap();
    let (lines, code) = publisher.run(&["channel", "add", "films.json"]);
    assert_eq!((code, &lines.last().unwrap()["titles"]), (Some(0), &json!(2)), "{lines:?}");
    let left: Vec<_> = lines.iter().filter(|line| line["event"] == "left_out").collect();
    assert_eq!((left.len(), &left[0]["file"]), (2, &json!(remote)), "{lines:?}");
    publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    publisher.one(&["channel", "export", "--to", "out.json"]);
    let exported: Value =
        serde_json::from_slice(&fs::read(publisher.home.join("out.json")).unwrap()).unwrap();
    let film = &exported["titles"][0];
    assert_eq!(film["poster"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(film["releases"][0]["subtitles"][0]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(film["releases"][0]["subtitles"][1]["path"], "a/de.srt");
    assert_eq!(exported["titles"][1].get("poster"), None);
}
