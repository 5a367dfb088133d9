//! The publisher's commands, alone and with followers.

use std::fs;

use serde_json::Value;

use crate::network::{World, write_catalogue};

#[test]
fn a_change_reaches_a_follower_and_a_withdrawal_takes_a_title_away() {
    let world = World::new(8);
    let [publisher, follower] = ["publisher", "follower"].map(|name| world.household(name));
    let address = publisher.create(&["Metropolis", "The General"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["version"], 1);
    let (lines, code) = follower.run_networked(&["follow", &address]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(publishing.close_input(), Some(0));

    publisher.add(&["Nosferatu"]);
    publisher.one(&["channel", "withdraw", "metropolis", "--reason", "licence"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    let published = publishing.next();
    assert_eq!((&published["version"], &published["records"]), (&2.into(), &2.into()));
    let (followed, _) = follower.run_networked(&["follow", &address]);
    assert_eq!((&followed[0]["version"], &followed[0]["titles"]), (&2.into(), &2.into()));
    assert_eq!(follower.run(&["search", "metropolis"]).0, Vec::<Value>::new());
    assert_eq!(follower.run(&["search", "nosferatu"]).0.len(), 1);
    assert_eq!(publishing.close_input(), Some(0));

    // It cannot be added again by mistake.
    write_catalogue(&publisher.home.join("films.json"), &["Metropolis"]);
    let (lines, code) = publisher.run(&["channel", "add", "films.json"]);
    assert_eq!((code, &lines[0]["code"]), (Some(5), &"taken_back".into()), "{lines:?}");
    write_catalogue(&publisher.home.join("films.json"), &["Metropolis", "Sunrise"]);
    let added = publisher.one(&["channel", "add", "films.json"]);
    assert_eq!((&added["titles"], &added["waiting"]), (&1.into(), &1.into()));
    assert_eq!(added["dropped"][0]["id"], "metropolis");

    let named = follower.one(&["channels", "name", &address, "Grandmother's films"]);
    assert_eq!(named["event"], "named");
    assert_eq!(follower.one(&["channels"])["petname"], "Grandmother's films");
    assert_eq!(follower.one(&["channels", "name", &address])["petname"], "");
    assert_eq!(follower.one(&["channels"])["petname"], Value::Null);
    assert_eq!(follower.one(&["unfollow", &address])["event"], "unfollowed");
    assert_eq!(follower.run(&["search", "nosferatu"]).0, Vec::<Value>::new());
    assert_eq!(follower.run(&["channels"]).0, Vec::<Value>::new());
}

#[test]
fn a_channel_is_made_shown_and_exported_without_a_network() {
    let world = World::new(1);
    let publisher = world.household("publisher");
    fs::write(publisher.home.join("secret"), "correct horse\n").unwrap();
    let created = publisher.one(&[
        "channel",
        "create",
        "Films",
        "--contact",
        "https://example.org/rights",
        "--passphrase-file",
        "secret",
    ]);
    assert_eq!(created["words"].as_str().unwrap().split(' ').count(), 24);
    assert_eq!(created["locked"], true);
    publisher.add(&["Metropolis"]);
    let shown = publisher.one(&["channel", "show"]);
    assert_eq!((&shown["version"], &shown["waiting"]["titles"]), (&0.into(), &1.into()));
    let published =
        publisher.one(&["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"]);
    assert_eq!((&published["version"], &published["copies"]), (&1.into(), &0.into()));
    publisher.one(&["channel", "export", "--to", "out.json"]);
    let exported: Value =
        serde_json::from_slice(&fs::read(publisher.home.join("out.json")).unwrap()).unwrap();
    assert_eq!(exported["titles"][0]["name"]["en"], "Metropolis");
    let again = publisher.one(&["channel", "add", "out.json"]);
    assert_eq!(again["titles"], 1, "what was exported can be added");
    assert_eq!(publisher.run(&["channel", "rotate"]).1, Some(2), "the secret is locked");
    publisher.one(&["channel", "rotate", "--passphrase-file", "secret"]);
    assert_eq!(publisher.one(&["channel", "show"])["root_version"], 2);
}

#[test]
fn what_cannot_be_done_is_told_with_a_code_and_a_hint() {
    let world = World::new(1);
    let somebody = world.household("somebody");
    let failed = |arguments: &[&str], code: i32, word: &str| {
        let (lines, ended) = somebody.run(arguments);
        let line = lines.last().unwrap();
        assert_eq!((ended, line["code"].as_str()), (Some(code), Some(word)), "{line}");
        assert!(line["hint"].as_str().unwrap().len() > 10);
    };
    let address = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    failed(&["follow", "kinora:nonsense"], 2, "bad_address");
    failed(&["follow", address, "--no-dht", "--listen", "127.0.0.1:0"], 2, "dht_off");
    failed(&["unfollow", address], 3, "not_followed");
    failed(&["channel", "show"], 3, "not_ours");
    failed(&["channel", "create", "Films", "--contact", "nobody"], 2, "bad_channel");
    somebody.create(&["Metropolis"]);
    write_catalogue(&somebody.home.join("films.json"), &["Other"]);
    let text = fs::read_to_string(somebody.home.join("films.json")).unwrap();
    fs::write(somebody.home.join("films.json"), text.replace("CC-BY-4.0", "proprietary")).unwrap();
    failed(&["channel", "add", "films.json"], 5, "no_valid_title");
    failed(&["channel", "withdraw", "metropolis", "--reason", "mood"], 2, "bad_withdrawal");
}

#[test]
fn an_address_that_nobody_knows_is_not_followed() {
    let world = World::new(4);
    let somebody = world.household("somebody");
    let address = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    let (lines, code) = somebody.run_networked(&["follow", address, "--timeout", "3"]);
    assert_eq!((code, &lines[0]["code"]), (Some(3), &"channel_unknown".into()));
    assert_eq!(somebody.run(&["channels"]).0, Vec::<Value>::new());
}
