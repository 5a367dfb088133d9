//! When a publisher may close: only when two other machines were seen with all of every quality.

use serde_json::{Value, json};

use crate::{
    conversions::{ffmpeg, until},
    films::with_channel,
    network::{Household, SERVE, World, ready, stop},
    program::Running,
};

/// Publishes a film in two qualities in the page's way, and returns the path of what is said of it.
fn publish(world: &World, ready: &Value, publisher: &Household, channel: &str) -> String {
    let path = publisher.home.join("ferry.mp4");
    let master = world.ask(ready, "/api/v1/masters", &json!({"path": path}));
    let film = format!("/api/v1/masters/{}", master["id"].as_str().unwrap());
    let chosen = json!({"qualities": ["180p", "144p"], "level_sound": false});
    world.ask(ready, &format!("{film}/conversion"), &chosen);
    let is_done = |master: &Value| {
        assert_ne!(master["work"]["stage"], "failed", "{master}");
        master["work"].is_null()
    };
    until(|| is_done(&world.json(ready, &film)).then_some(()));
    let record = json!({
        "name": "Last Ferry", "language": "en", "kind": "film", "licence": "CC-BY-4.0",
        "attribution": "Somebody", "source": "https://example.org/last-ferry", "agreed": true,
    });
    let body = json!({"channel": channel, "film": record});
    world.ask(ready, &format!("{film}/publish"), &body);
    until(|| {
        let master = world.json(ready, &film);
        (is_done(&master) && !master["published"].is_null()).then_some(())
    });
    film
}

/// A server that follows the channel and fetches every quality of its film.
fn copy(world: &World, name: &str, listen: &str, address: &str) -> Running {
    let household = world.household(name);
    let (server, ready) = ready(household.start_at(listen, &SERVE));
    assert_eq!(household.one(&["follow", address])["titles"], 1);
    let found = world.json(&ready, "/api/v1/search?q=ferry&limit=1");
    let id = found["titles"][0]["id"].as_str().unwrap().to_owned();
    let title = world.json(&ready, &format!("/api/v1/titles/{id}"));
    let releases = title["releases"].as_array().unwrap();
    assert_eq!(releases.len(), 2, "{title}");
    for release in releases {
        let wanted = json!({"item_id": id, "release_id": release["id"]});
        world.ask(&ready, "/api/v1/downloads", &wanted);
    }
    until(|| {
        let downloads = world.json(&ready, "/api/v1/downloads");
        let downloads = downloads["downloads"].as_array().unwrap();
        downloads.iter().all(|one| one["state"] == "done").then_some(())
    });
    server
}

#[test]
fn a_film_is_safe_to_close_when_two_other_machines_have_every_quality_and_not_before() {
    let world = World::new(8);
    let (publisher, address) = with_channel(&world, "publisher");
    let drawn = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=4", "-c:v", "mpeg4", "ferry.mp4"];
    if !ffmpeg(&publisher.home, &[&drawn]) {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
        return;
    }
    let (publishing, ready) = publisher.serve();
    let channel = address.trim_start_matches("kinora:");
    let film = publish(&world, &ready, &publisher, channel);
    let said = || {
        let master = world.json(&ready, &film);
        (master["copies"].as_u64().unwrap(), master["safe_to_close"] == true)
    };
    assert_eq!(said(), (0, false));
    let first = copy(&world, "first", "127.0.0.2:0", &address);
    assert_eq!(until(|| Some(said()).filter(|(copies, _)| *copies > 0)), (1, false));
    let second = copy(&world, "second", "127.0.0.3:0", &address);
    assert_eq!(until(|| Some(said()).filter(|(copies, _)| *copies > 1)), (2, true));
    [publishing, first, second].into_iter().for_each(stop);
}
