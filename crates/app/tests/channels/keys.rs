//! Keys: brought back from words, locked anew, replaced, handed over.

use std::fs;

use serde_json::json;

use crate::network::{World, stop};

#[test]
fn a_lost_machine_is_replaced_by_the_words_on_paper() {
    let world = World::new(8);
    let [lost, follower, new] = ["lost", "follower", "new"].map(|name| world.household(name));
    let contact = ["--contact", "mailto:rights@example.org"];
    let created = lost.one(&[&["channel", "create", "Silent films"], &contact[..]].concat());
    let address = created["address"].as_str().unwrap();
    lost.one(&["channel", "rotate"]);
    lost.add(&["Metropolis", "The General"]);
    let mut publishing = lost.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    let mut staying = follower.start(&["follow", address, "--stay"]);
    assert_eq!(staying.next()["event"], "followed");
    assert_eq!(publishing.close_input(), Some(0));

    fs::write(new.home.join("words"), created["words"].as_str().unwrap()).unwrap();
    fs::write(new.home.join("secret"), "correct horse\n").unwrap();
    let restore = ["channel", "restore", "--words-file", "words", "--passphrase-file", "secret"];
    let (lines, code) = new.run_networked(&restore);
    assert_eq!(code, Some(0), "{lines:?}");
    let restored = &lines[0];
    assert_eq!((&restored["address"], &restored["version"]), (&json!(address), &json!(1)));
    assert_eq!(restored["name"], "Silent films");
    let (lines, code) = new.run_networked(&restore);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &json!("already_here")));

    new.add(&["Nosferatu"]);
    let mut publishing = new.start(&["channel", "publish", "--until-input-ends"]);
    let published = publishing.next();
    assert_eq!((&published["version"], &published["records"]), (&json!(2), &json!(3)));
    let late = world.household("late");
    let (followed, _) = late.run_networked(&["follow", address]);
    assert_eq!((&followed[0]["version"], &followed[0]["titles"]), (&json!(2), &json!(3)));
    assert_eq!(publishing.close_input(), Some(0));
    assert_eq!(new.run(&["channel", "rotate"]).1, Some(2), "the secret is locked");
    new.one(&["channel", "export", "--to", "out.json"]);
    let exported: serde_json::Value =
        serde_json::from_slice(&fs::read(new.home.join("out.json")).unwrap()).unwrap();
    let names = exported["titles"].as_array().unwrap().iter().map(|title| &title["name"]["en"]);
    assert_eq!(names.collect::<Vec<_>>(), ["Metropolis", "The General", "Nosferatu"]);
}

#[test]
fn a_secret_gets_another_passphrase_and_a_channel_another_root_key() {
    let world = World::new(1);
    let publisher = world.household("publisher");
    let address = publisher.create(&["Metropolis"]);
    for (name, text) in
        [("one", "correct horse\n"), ("two", "battery staple\n"), ("words", "abandon ability\n")]
    {
        fs::write(publisher.home.join(name), text).unwrap();
    }
    assert_eq!(publisher.one(&["channel", "lock", "--passphrase-file", "one"])["locked"], true);
    assert_eq!(publisher.run(&["channel", "lock", "--passphrase-file", "two"]).1, Some(2));
    let other = ["channel", "lock", "--old-passphrase-file", "one", "--passphrase-file", "two"];
    assert_eq!(publisher.one(&other)["event"], "locked");
    assert_eq!(publisher.run(&["channel", "rotate", "--passphrase-file", "one"]).1, Some(2));
    publisher.one(&["channel", "rotate", "--passphrase-file", "two"]);
    publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);

    let hand_over = ["channel", "hand-over", "--passphrase-file", "two"];
    let handed = publisher.one(&hand_over);
    assert_eq!(handed["from"], json!(address));
    let to = handed["to"].as_str().unwrap();
    assert_ne!(to, address);
    let shown = publisher.one(&["channel", "show", "--channel", to]);
    assert_eq!((&shown["name"], &shown["waiting"]["titles"]), (&json!("Silent films"), &json!(1)));
    let again = [&hand_over[..], &["--channel", &address]].concat();
    let (lines, code) = publisher.run(&again);
    assert_eq!((code, &lines[0]["code"]), (Some(5), &json!("handed_over")));

    let (lines, code) = publisher.run(&["channel", "restore", "--words-file", "words"]);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &json!("bad_words")));
}

#[test]
fn a_household_goes_with_a_channel_that_was_handed_over_and_keeps_its_own_name_for_it() {
    let world = World::new(8);
    let [publisher, viewer, stayer] =
        ["publisher", "viewer", "stayer"].map(|name| world.household(name));
    let from = publisher.create(&["Metropolis", "The General"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    assert_eq!(viewer.run_networked(&["follow", &from]).1, Some(0));
    viewer.one(&["channels", "name", &from, "Silent evenings"]);
    let mut staying = stayer.start(&["follow", &from, "--stay"]);
    assert_eq!(staying.next()["event"], "followed");
    let (server, _) = viewer.serve();
    assert_eq!(publishing.close_input(), Some(0));

    let handed = publisher.one(&["channel", "hand-over"]);
    let to = handed["to"].as_str().unwrap();
    let publish = ["channel", "publish", "--channel", to, "--until-input-ends"];
    let mut publishing = publisher.start(&publish);
    assert_eq!(publishing.next()["address"], to);
    let moved = staying.next();
    assert_eq!((&moved["event"], &moved["from"]), (&json!("moved"), &json!(from)), "{moved}");
    assert_eq!((&moved["address"], &moved["titles"]), (&json!(to), &json!(2)));
    let here = loop {
        let (mut lines, _) = viewer.run(&["channels"]);
        if lines.len() == 1 && lines[0]["address"] == to {
            break lines.remove(0);
        }
    };
    assert_eq!((&here["moved_from"], &here["titles"]), (&json!(from), &json!(2)));
    let named = || viewer.one(&["channels"])["petname"].clone();
    while named() != "Silent evenings" {}
    let again = viewer.one(&["follow", &from]);
    assert_eq!((&again["event"], &again["address"]), (&json!("followed"), &json!(to)));
    assert_eq!(publishing.close_input(), Some(0));
    stop(server);
}

#[test]
fn a_household_does_not_go_with_a_channel_to_a_key_that_it_blocked() {
    let world = World::new(8);
    let [publisher, viewer] = ["publisher", "viewer"].map(|name| world.household(name));
    let from = publisher.create(&["Metropolis"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    assert_eq!(viewer.run_networked(&["follow", &from]).1, Some(0));
    assert_eq!(publishing.close_input(), Some(0));
    let handed = publisher.one(&["channel", "hand-over"]);
    let to = handed["to"].as_str().unwrap();
    let blocked = json!([{"id": to.trim_start_matches("kinora:"), "name": ""}]).to_string();
    fs::write(viewer.home.join("data/blocked-channels.json"), blocked).unwrap();
    let (server, _) = viewer.serve();
    let publish = ["channel", "publish", "--channel", to, "--until-input-ends"];
    let mut publishing = publisher.start(&publish);
    assert_eq!(publishing.next()["address"], to);
    let told = || viewer.one(&["channels"]);
    let heard = loop {
        let heard = told();
        if heard["moved_to"] == to {
            break heard;
        }
    };
    assert_eq!((&heard["address"], &heard["followed"]), (&json!(from), &json!(true)));
    assert_eq!(told()["address"], json!(from), "it stays where it was");
    assert_eq!(publishing.close_input(), Some(0));
    stop(server);
}

#[test]
fn a_server_that_runs_brings_a_channel_back_replaces_its_keys_and_hands_it_over() {
    let world = World::new(8);
    let [lost, follower, new] = ["lost", "follower", "new"].map(|name| world.household(name));
    let contact = ["--contact", "mailto:rights@example.org"];
    let created = lost.one(&[&["channel", "create", "Silent films"], &contact[..]].concat());
    let address = created["address"].as_str().unwrap();
    lost.add(&["Metropolis", "The General"]);
    let mut publishing = lost.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    let mut staying = follower.start(&["follow", address, "--stay"]);
    assert_eq!(staying.next()["event"], "followed");
    assert_eq!(publishing.close_input(), Some(0));

    let (server, _) = new.serve();
    for (name, text) in [("one", "correct horse\n"), ("two", "battery staple\n")] {
        fs::write(new.home.join(name), text).unwrap();
    }
    fs::write(new.home.join("words"), created["words"].as_str().unwrap()).unwrap();
    let restore = ["channel", "restore", "--words-file", "words", "--passphrase-file", "one"];
    let restored = new.one(&restore);
    assert_eq!((&restored["address"], &restored["version"]), (&json!(address), &json!(1)));
    assert_eq!((&restored["name"], &restored["locked"]), (&json!("Silent films"), &json!(true)));
    let (lines, code) = new.run(&restore);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &json!("already_here")));

    let lock = ["channel", "lock", "--old-passphrase-file", "one", "--passphrase-file", "two"];
    assert_eq!(new.one(&lock)["locked"], true);
    new.one(&["channel", "rotate", "--passphrase-file", "two"]);
    let published = new.one(&["channel", "publish"]);
    assert_eq!((&published["version"], &published["records"]), (&json!(2), &json!(2)));
    assert_eq!(staying.next()["version"], 2);

    let handed = new.one(&["channel", "hand-over", "--passphrase-file", "two"]);
    assert_eq!(handed["from"], json!(address));
    let to = handed["to"].as_str().unwrap();
    new.one(&["channel", "publish", "--channel", to]);
    let moved = staying.next();
    assert_eq!((&moved["event"], &moved["address"]), (&json!("moved"), &json!(to)), "{moved}");
    stop(server);
}
