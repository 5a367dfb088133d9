//! A channel outlives its publisher: whoever has it keeps it alive.

use std::fs;

use serde_json::{Value, json};

use crate::{
    conversions::until,
    films::{SAID, film, with_channel},
    mirrors::{card, plays},
    network::{World, stop},
};

/// The names that a search finds.
fn found(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["name"].as_str().unwrap()).collect()
}

/// A DHT of fifty, a publisher with a film and more titles, a follower who kept the film; then the publisher is gone.
#[test]
fn a_third_household_follows_searches_and_plays_from_the_second_alone() {
    let world = World::new(50);
    let (publisher, address) = with_channel(&world, "publisher");
    let path = publisher.home.join("ferry.mp4");
    if !film(&path) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    publisher.add(&["Metropolis", "The General"]);
    let add = ["channel", "add", "ferry.mp4", "--until-input-ends"];
    let mut publishing = publisher.start(&[&add[..], &SAID].concat());
    assert_eq!(publishing.next()["event"], "added");
    let published = publishing.next();
    assert_eq!((&published["event"], &published["version"]), (&"published".into(), &1.into()));
    assert_eq!(published["address"], *address);
    assert!(published["copies"].as_u64() >= Some(8), "{published}");

    let follower = world.household("follower");
    let (following, ready) = follower.serve();
    assert_eq!(follower.one(&["follow", &address])["titles"], 3);
    let ferry = card(&world, &ready, "ferry");
    keep(&world, &ready, &ferry);
    assert_eq!(publishing.close_input(), Some(0));

    let late = world.household("late");
    let (watching, ready) = late.serve();
    let followed = late.one(&["follow", &address]);
    assert_eq!((&followed["version"], &followed["titles"]), (&1.into(), &3.into()));
    assert_eq!(followed["name"], "Harbour films");
    let found = card(&world, &ready, "metropo");
    assert_eq!(
        (&found["name"], &found["licence"]["spdx"]),
        (&"Metropolis".into(), &"CC-BY-4.0".into())
    );
    assert_eq!(card(&world, &ready, "ferry")["id"], ferry["id"]);
    plays(&world, &ready, &fs::read(path).unwrap());
    stop(watching);
    stop(following);
    let channels = late.one(&["channels"]);
    assert_eq!((&channels["address"], &channels["titles"]), (&address.into(), &3.into()));
}

/// Keeps the one release of a title, until all of it is here.
fn keep(world: &World, ready: &Value, card: &Value) {
    let title = world.json(ready, &format!("/api/v1/titles/{}", card["id"].as_str().unwrap()));
    let wanted = json!({"item_id": card["id"], "release_id": title["releases"][0]["id"]});
    world.ask(ready, "/api/v1/downloads", &wanted);
    until(|| {
        let downloads = world.json(ready, "/api/v1/downloads");
        (downloads["downloads"][0]["state"] == "done").then_some(())
    });
}

#[test]
fn a_server_keeps_alive_what_its_household_follows() {
    let world = World::new(8);
    let [publisher, follower, late] =
        ["publisher", "follower", "late"].map(|name| world.household(name));
    let address = publisher.create(&["Metropolis", "The General"]);
    let mut publishing = publisher.start(&["channel", "publish", "--until-input-ends"]);
    assert_eq!(publishing.next()["event"], "published");
    assert_eq!(follower.run_networked(&["follow", &address]).1, Some(0));
    assert_eq!(publishing.close_input(), Some(0));

    let (server, _) = follower.serve();
    let (followed, code) = late.run_networked(&["follow", &address]);
    assert_eq!(code, Some(0), "{followed:?}");
    assert_eq!(found(&late.run(&["search", "general"]).0), ["The General"]);
    stop(server);
}
