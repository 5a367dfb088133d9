//! A channel on a web server: written as a folder of files, named to followers, and all that is left of it.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use serde_json::{Value, json};

use crate::{
    conversions::until,
    films::{SAID, film, with_channel},
    network::{Household, World, stop},
    static_host::StaticHost,
};

const PUBLISH: [&str; 6] = ["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"];

/// Every file below a folder, with its bytes and when it was written.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let written = fs::metadata(&path).unwrap().modified().unwrap();
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, (fs::read(&path).unwrap(), written));
            }
        }
    }
    found
}

fn export(household: &Household, more: &[&str]) -> Value {
    household.one(&[&["channel", "export", "--format", "mirror", "--to", "mirror"], more].concat())
}

/// The card of the one title with these letters in its name, once it is there.
pub(crate) fn card(world: &World, ready: &Value, letters: &str) -> Value {
    until(|| {
        let found = world.json(ready, &format!("/api/v1/search?q={letters}&limit=1"));
        Some(found["titles"][0].clone()).filter(|card| !card.is_null())
    })
}

/// Expects that a server shows the film with its poster, and plays all of it.
pub(crate) fn plays(world: &World, ready: &Value, film: &[u8]) {
    let card = card(world, ready, "ferry");
    let poster = card["poster_small"].as_str().expect("a poster").to_owned();
    let picture = until(|| Some(world.get(ready, &poster)).filter(|(status, _)| *status != 504));
    assert_eq!((picture.0, &picture.1[8..12]), (200, &b"WEBP"[..]));
    let playback = world.ask(ready, "/api/v1/play", &json!({"item_id": card["id"]}));
    let stream = playback["stream_url"].as_str().expect("an address").to_owned();
    let played = until(|| Some(world.get(ready, &stream)).filter(|(status, _)| *status != 504));
    assert_eq!((played.0, played.1 == film), (200, true), "{} bytes", played.1.len());
}

#[test]
fn a_channel_that_is_nowhere_but_on_a_web_server_is_followed_searched_and_played() {
    let world = World::new(8);
    let (publisher, address) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let host = StaticHost::of(&publisher.home.join("mirror"));
    let base = format!("{}/", host.url);
    publisher.add(&["Metropolis"]);
    publisher.one(&["channel", "mirror", &base]);
    let follower = world.household("follower").trusting(&host.authority);
    let (publishing, _) = publisher.serve();
    assert_eq!(publisher.one(&["channel", "publish"])["version"], 1);
    let (following, _) = follower.serve();
    assert_eq!(follower.one(&["follow", &address])["titles"], 1);
    stop(following);
    let (lines, code) = publisher.run(&[&["channel", "add", "ferry.mp4"], &SAID[..]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    let exported = export(&publisher, &[]);
    let missing = exported["missing"].as_array().unwrap().len();
    assert_eq!((&exported["version"], missing), (&json!(2), 1), "{exported}");
    stop(publishing);

    // Whoever knew the channel has its mirrors from the version before.
    let film = fs::read(publisher.home.join("ferry.mp4")).unwrap();
    let (following, ready) = follower.serve();
    plays(&world, &ready, &film);
    stop(following);

    // Whoever does not has one in the address.
    let late = world.household("late").trusting(&host.authority);
    let (following, ready) = late.serve();
    let with_mirror = publisher.one(&["channel", "mirror"])["address"].clone();
    assert_eq!(with_mirror, format!("{address}?ws={base}"));
    let followed = late.one(&["follow", with_mirror.as_str().unwrap()]);
    assert_eq!(followed["titles"], 2, "{followed}");
    plays(&world, &ready, &film);
    stop(following);
    assert!(host.asked().iter().all(|path| path.len() > 40), "nothing but torrents is asked for");
}

#[test]
fn a_mirror_is_written_once_and_says_what_is_missing_and_what_is_old() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let (lines, code) =
        publisher.run(&["channel", "export", "--format", "mirror", "--to", "mirror"]);
    assert_eq!((code, &lines[0]["code"]), (Some(3), &json!("not_published")), "{lines:?}");
    publisher.add(&["Metropolis"]);
    publisher.one(&PUBLISH);
    let first = export(&publisher, &[]);
    assert_eq!(
        (&first["torrents"], &first["added"], &first["version"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let missing =
        json!([{"title": "Metropolis", "torrent": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"}]);
    assert_eq!((&first["missing"], &first["old"]), (&missing, &json!([])));
    let mirror = publisher.home.join("mirror");
    let written = files(&mirror);
    assert!(written.keys().any(|name| name.ends_with("/kinora-channel/m")), "{:?}", written.keys());

    let again = export(&publisher, &[]);
    assert_eq!((&again["torrents"], &again["added"]), (&json!(1), &json!(0)));
    assert_eq!(files(&mirror), written, "nothing that is there is written again");

    fs::write(mirror.join("index.html"), "mine").unwrap();
    publisher.add(&["The General"]);
    publisher.one(&PUBLISH);
    let next = export(&publisher, &[]);
    assert_eq!((&next["added"], next["old"].as_array().unwrap().len()), (&json!(1), 2), "{next}");
    let both = files(&mirror);
    assert!(written.keys().all(|name| both.contains_key(name)), "nothing goes by itself");
    let cleared = export(&publisher, &["--delete-old"]);
    assert_eq!((&cleared["deleted"], &cleared["added"]), (&json!(true), &json!(0)));
    let left = files(&mirror);
    assert!(written.keys().all(|name| !left.contains_key(name)), "{:?}", left.keys());
    assert!(left.contains_key("index.html"), "what is somebody's own stays");
}

#[test]
fn films_on_a_mirror_are_those_that_are_whole_and_right_here() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    if !film(&publisher.home.join("ferry.mp4")) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let (server, _) = publisher.serve();
    let (lines, code) = publisher.run(&[&["channel", "add", "ferry.mp4"], &SAID[..]].concat());
    assert_eq!(code, Some(0), "{lines:?}");
    // While the server runs, and a second time without it.
    let made = export(&publisher, &[]);
    assert_eq!((&made["missing"], &made["torrents"]), (&json!([]), &json!(3)), "head, pack, film");
    stop(server);
    let mirror = publisher.home.join("mirror");
    let whole = files(&mirror);
    assert_eq!(export(&publisher, &[])["added"], 0);
    let name = lines[0]["infohash"].as_str().unwrap();
    let on_mirror = format!("{name}/film/film.mp4");
    assert!(whole[&on_mirror].0 == fs::read(publisher.home.join("ferry.mp4")).unwrap());
    // A film that was changed since is none any more.
    fs::remove_dir_all(&mirror).unwrap();
    let masters = publisher.home.join("data/masters");
    let kept = files(&masters).into_keys().find(|name| name.ends_with("film/film.mp4")).unwrap();
    let mut bytes = fs::read(masters.join(&kept)).unwrap();
    bytes[1000] ^= 1;
    fs::remove_file(masters.join(&kept)).unwrap();
    fs::write(masters.join(&kept), bytes).unwrap();
    let made = export(&publisher, &[]);
    assert_eq!(made["missing"], json!([{"title": "Last Ferry", "torrent": name}]), "{made}");
    assert!(files(&mirror).keys().all(|file| !file.contains(name)), "nothing of it is there");
}

#[test]
fn mirrors_are_named_listed_and_taken_off_with_a_server_and_without() {
    let world = World::new(1);
    let (publisher, _) = with_channel(&world, "publisher");
    let failed = |arguments: &[&str], code: i32, word: &str| {
        let (lines, ended) = publisher.run(&[&["channel", "mirror"], arguments].concat());
        let line = lines.last().unwrap();
        assert_eq!((ended, line["code"].as_str()), (Some(code), Some(word)), "{line}");
    };
    let change = |arguments: &[&str]| {
        publisher.one(&[&["channel", "mirror"], arguments].concat())["mirrors"].clone()
    };
    let entry = |number: u32, published: bool| json!({"url": format!("https://{number}.example/films/"), "published": published});
    for is_served in [false, true] {
        let server = is_served.then(|| publisher.serve().0);
        for wrong in ["http://a.example/", "a.example", "https://a.example/?x", "https://"] {
            failed(&[wrong], 2, "mirror_bad");
        }
        for number in 0..4 {
            change(&[&format!("https://{number}.example/films")]);
        }
        change(&["https://0.example/films/"]);
        failed(&["https://5.example/"], 2, "mirror_bad");
        let order = if is_served { [2, 3, 0, 1] } else { [0, 1, 2, 3] };
        let expected: Value =
            order.into_iter().map(|number| entry(number, is_served && number > 1)).collect();
        assert_eq!(change(&[]), expected);
        assert_eq!(publisher.one(&["channel", "show"])["mirrors"], expected);
        failed(&["https://5.example/", "--remove"], 3, "mirror_unknown");
        change(&["https://0.example/films/", "--remove"]);
        change(&["https://1.example/films", "--remove"]);
        match server {
            Some(server) => stop(server),
            None => drop(publisher.one(&PUBLISH)),
        }
    }
    assert_eq!(change(&[]), json!([entry(2, true), entry(3, true)]));
}
