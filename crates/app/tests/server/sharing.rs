//! Who shares on when nobody watches, as the settings say; and what takes part again after a restart.

use app::{http::listener::Limits, serve::Server};
use driver::Torrent;
use serde_json::{Value, json};

use super::{
    playing::{get, introduce, play, until},
    support::{House, Seeder, config},
};

const TEXT: &[u8] = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n";

/// A seeder of the film of the catalogue, and a house where somebody watched all of it and is gone.
async fn watched() -> (Seeder, House, Torrent) {
    let film = vec![7; 40_000];
    let seeder = Seeder::new("Night", &[("night.mp4", &film), ("night.en.srt", TEXT)]).await;
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    watch(&house, &seeder).await;
    let torrent = house.server.cinema.swarm.find(&seeder.metainfo.info.hashes()).unwrap();
    (seeder, house, torrent)
}

async fn watch(house: &House, seeder: &Seeder) {
    let body = json!({"item_id": "test.night"});
    let playback = house.ask("POST", "/api/v1/play", Some(body)).await.json();
    introduce(house, seeder).await;
    let path = playback["stream_url"].as_str().unwrap();
    assert_eq!(get(house, path, "").await.body.len(), 40_000);
    let id = playback["id"].as_str().unwrap();
    assert_eq!(house.ask("DELETE", &format!("/api/v1/playbacks/{id}"), None).await.status, 204);
}

async fn set(house: &House, sharing: Value) {
    let reply = house.ask("PATCH", "/api/v1/settings", Some(json!({"sharing": sharing}))).await;
    assert_eq!(reply.status, 200);
}

async fn rests(torrent: &Torrent) -> bool {
    torrent.stats().await.unwrap().paused
}

#[tokio::test]
async fn what_was_watched_is_shared_on_or_not_as_the_settings_say() {
    let (seeder, house, torrent) = watched().await;
    assert!(!rests(&torrent).await, "sharing on is the default");
    for (sharing, resting) in [
        (json!({"seed_after_watching": false}), true),
        (json!({"seed_after_watching": true}), false),
        (json!({"enabled": false}), true),
        (json!({"enabled": true}), false),
        (json!({"seed_ratio_max": 0.0}), true),
        (json!({"seed_ratio_max": 1.0}), false),
        (json!({"seed_ratio_max": null}), false),
    ] {
        set(&house, sharing.clone()).await;
        assert_eq!(rests(&torrent).await, resting, "{sharing}");
    }
    set(&house, json!({"seed_after_watching": false})).await;
    watch(&house, &seeder).await;
    assert!(rests(&torrent).await, "it played although it rested, and rests again");
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_download_is_shared_until_enough_was_given_in_all_runs_together() {
    let film = vec![7; 40_000];
    let seeder = Seeder::new("Film", &[("film.mp4", &film)]).await;
    let house = House::empty().await;
    play(&house, &seeder).await;
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    let playbacks = &house.server.cinema.playbacks;
    playbacks.end_all();
    let hashes = seeder.metainfo.info.hashes();
    let torrent = house.server.cinema.swarm.find(&hashes).unwrap();
    set(&house, json!({"seed_after_watching": false, "seed_ratio_max": 2.0})).await;
    assert!(!rests(&torrent).await, "what is kept is shared on");
    let name = hashes.v1().unwrap().to_string();
    let given = library::Traffic { given: 80_000, ..library::Traffic::default() };
    let note = move |library: &library::Library| library.add_traffic(vec![(name, given)]);
    assert!(house.server.cinema.library(note).await.is_ok());
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(rests(&torrent).await, "twice as much was given as taken");
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_torrent_of_which_nothing_is_left_leaves_and_can_be_started_again() {
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    let swarm = &house.server.cinema.swarm;
    let wish = || Some(json!({"item_id": "test.night"}));
    let playback = house.ask("POST", "/api/v1/play", wish()).await.json();
    let hashes = swarm.torrents()[0].hashes();
    swarm.torrents()[0].ready().await.unwrap();
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(swarm.find(&hashes).is_some(), "somebody watches it");
    let id = playback["id"].as_str().unwrap();
    house.ask("DELETE", &format!("/api/v1/playbacks/{id}"), None).await;
    assert!(swarm.find(&hashes).is_none(), "nobody watches it, and nothing of it is here");
    assert!(!swarm.folder(&hashes).exists());
    assert_eq!(house.ask("POST", "/api/v1/play", wish()).await.status, 200);
    let keep = json!({"item_id": "test.night", "release_id": "test.night-480p"});
    assert_eq!(house.ask("POST", "/api/v1/downloads", Some(keep)).await.status, 201);
    house.server.cinema.playbacks.end_all();
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(swarm.find(&hashes).is_some(), "a download waits for peers as long as it takes");
    house.stop().await;
}

#[tokio::test]
async fn what_is_on_disk_takes_part_again_after_a_restart_and_rests_if_it_is_to_rest() {
    let (seeder, house, torrent) = watched().await;
    drop(torrent); // It would keep the session.
    seeder.session.clone().shutdown().await;
    set(&house, json!({"seed_after_watching": false})).await;
    let House { server, folder } = house;
    server.stop().await;
    let catalogue = folder.path().join("catalogue.json").display().to_string();
    let flags = vec![("catalogue", catalogue)];
    let server = Server::start(&config(folder.path(), flags), Limits::default()).await.unwrap();
    let house = House { server, folder };
    let title = "/api/v1/titles/test.night";
    until(&house, title, |title| title["releases"][0]["on_disk_bytes"] == 40_000).await;
    let torrent = house.server.cinema.swarm.find(&seeder.metainfo.info.hashes()).unwrap();
    assert!(rests(&torrent).await);
    let body = json!({"item_id": "test.night"});
    let playback = house.ask("POST", "/api/v1/play", Some(body)).await.json();
    let film = get(&house, playback["stream_url"].as_str().unwrap(), "").await;
    assert_eq!(film.body.len(), 40_000, "it plays from disk, with nobody there");
    house.stop().await;
}

/// The catalogue of [`super::answers::catalogue_of`] with its film withdrawn.
async fn withdraw(house: &House) {
    let catalogue = json!({
        "kinora_catalogue": 1, "id": "test", "revision": 2, "name": {"en": "Test"},
        "publisher": "Tester", "titles": [], "withdrawn": [{"id": "long", "reason": "privacy"}],
    });
    let catalogue = catalogue::Catalogue::parse(catalogue.to_string().as_bytes()).unwrap();
    let import = move |library: &library::Library| library.import(catalogue, None);
    assert!(house.server.cinema.library(import).await.is_ok());
    assert!(house.server.cinema.review_sharing().await.is_ok());
}

/// A seeder of the film `test.long`, and a house that has it in its catalogue.
async fn listed() -> (Seeder, House) {
    let film = vec![7; 40_000];
    let seeder = Seeder::new("Long", &[("long.mp4", &film)]).await;
    let catalogue =
        |folder: &_| super::answers::catalogue_of(folder, &seeder.metainfo, "long.mp4", film.len());
    let house = House::new(Limits::default(), catalogue).await;
    (seeder, house)
}

/// The wish to keep that film.
fn keep() -> Value {
    json!({"item_id": "test.long", "release_id": "test.long-180p"})
}

#[tokio::test]
async fn what_was_withdrawn_is_neither_given_nor_fetched_and_plays_from_disk_if_it_is_whole() {
    let (seeder, house) = listed().await;
    let wish = json!({"item_id": "test.long"});
    let kept = house.ask("POST", "/api/v1/downloads", Some(keep())).await.json();
    introduce(&house, &seeder).await;
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    let hashes = seeder.metainfo.info.hashes();
    let torrent = house.server.cinema.swarm.find(&hashes).unwrap();
    assert!(!rests(&torrent).await, "what is kept is shared");
    withdraw(&house).await;
    assert!(rests(&torrent).await);
    let playback = house.ask("POST", "/api/v1/play", Some(wish.clone())).await.json();
    let path = playback["stream_url"].as_str().unwrap();
    assert_eq!(get(&house, path, "").await.body.len(), 40_000, "it stays its viewer's");
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(rests(&torrent).await, "nothing is given while it is watched");
    house.server.cinema.playbacks.end_all();
    drop(torrent);

    let id = kept["id"].as_str().unwrap();
    let gone = house.ask("DELETE", &format!("/api/v1/downloads/{id}"), None).await;
    assert_eq!(gone.status, 204);
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(house.server.cinema.swarm.find(&hashes).is_none(), "the cache keeps nothing of it");
    for (path, wish) in [("/api/v1/play", wish), ("/api/v1/downloads", keep())] {
        assert_eq!(house.ask("POST", path, Some(wish)).await.code(), "withdrawn");
    }
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_download_that_is_under_way_ends_when_its_title_is_withdrawn() {
    let (seeder, house) = listed().await;
    assert_eq!(house.ask("POST", "/api/v1/downloads", Some(keep())).await.status, 201);
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "fetching").await;
    withdraw(&house).await;
    let all = house.ask("GET", "/api/v1/downloads", None).await.json();
    assert_eq!(
        (&all["downloads"][0]["state"], &all["downloads"][0]["error"]["code"]),
        (&"failed".into(), &"withdrawn".into()),
        "{all}"
    );
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn no_channel_takes_away_what_a_viewer_handed_in() {
    let (seeder, house) = listed().await;
    play(&house, &seeder).await;
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    house.server.cinema.playbacks.end_all();
    let torrent = house.server.cinema.swarm.find(&seeder.metainfo.info.hashes()).unwrap();
    withdraw(&house).await;
    assert!(!rests(&torrent).await, "it is shared on");
    drop(torrent);
    house.stop().await;
    seeder.session.shutdown().await;
}
