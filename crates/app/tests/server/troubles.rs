//! Bad circumstances behind the page: the right status, a sentence, and nothing that was confirmed is lost.

use std::time::Duration;

use app::{http::listener::Limits, serve::Server};
use serde_json::{Value, json};

use super::{
    disk::SmallDisk,
    playing::until,
    support::{House, Seeder, config, make, noise},
};

async fn hand_in(house: &House, seeder: &Seeder) -> String {
    let body = json!({"magnet": seeder.magnet()});
    let handed = house.ask("POST", "/api/v1/torrents", Some(body)).await;
    assert_eq!(handed.status, 201);
    handed.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_full_disk_fails_the_download_with_a_sentence_and_it_goes_on_when_there_is_room() {
    let film = noise(5, 3_000_000);
    let seeder = Seeder::new("Film", &[("film.mp4", film.as_slice())]).await;
    let house = House::empty().await;
    let place = house.folder.path().join("small");
    let Some(disk) = SmallDisk::mount(&place, "size=1m") else { return };
    let patch = json!({"cache": {"path": place}});
    assert_eq!(house.ask("PATCH", "/api/v1/settings", Some(patch)).await.status, 200);
    let id = hand_in(&house, &seeder).await;
    let failed = |all: &Value| all["downloads"][0]["state"] == "failed";
    let all = until(&house, "/api/v1/downloads", failed).await;
    let error = &all["downloads"][0]["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!("disk_full"), &json!(507)), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("space"));
    disk.change("size=16m");
    let go_on = Some(json!({"paused": false}));
    assert_eq!(house.ask("PATCH", &format!("/api/v1/downloads/{id}"), go_on).await.status, 200);
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_library_on_a_full_disk_says_so_and_keeps_what_it_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(_disk) = SmallDisk::mount(&data, "size=4m") else { return };
    let server = Server::start(&config(folder.path(), vec![]), Limits::default()).await.unwrap();
    let house = House { server, folder };
    let path = "/api/v1/progress/some.film";
    let at = |position: f64| Some(json!({"position_s": position, "duration_s": 60.0}));
    assert_eq!(house.ask("PUT", path, at(12.0)).await.status, 204);
    let filler = data.join("filler");
    // Until the disk takes no more: how much that is does not matter.
    std::fs::write(&filler, vec![0; 8 << 20]).unwrap_err();
    let refused = async {
        for n in 0..1000 {
            let reply = house.ask("PUT", path, at(f64::from(n) / 100.0)).await;
            if reply.status != 204 {
                return reply;
            }
        }
        panic!("a full disk took a thousand positions");
    };
    let refused = refused.await;
    assert_eq!((refused.status, refused.code().as_str()), (507, "disk_full"));
    assert_eq!(house.ask("GET", "/api/v1/home", None).await.status, 200, "reading goes on");
    std::fs::remove_file(filler).unwrap();
    assert_eq!(house.ask("PUT", path, at(20.0)).await.status, 204, "and writing, with room");
    house.stop().await;
}

#[tokio::test]
async fn a_sealed_disk_is_named_at_the_start_and_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let sealed = folder.path().join("sealed");
    let Some(_disk) = SmallDisk::mount(&sealed, "ro") else { return };
    let flags = vec![("data_dir", sealed.join("data").display().to_string())];
    let started = Server::start(&config(folder.path(), flags), Limits::default()).await;
    let Err(failure) = started else { panic!("it started") };
    assert_eq!((failure.code, failure.exit.code()), ("data_dir_denied", 4));
    let house = House::empty().await;
    let patch = json!({"cache": {"path": sealed.join("films")}});
    let reply = house.ask("PATCH", "/api/v1/settings", Some(patch)).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "body_wrong"));
    house.stop().await;
}

#[tokio::test]
async fn a_tracker_that_is_down_keeps_nobody_from_anything_and_the_page_says_why_it_waits() {
    let mut metainfo = make("Film", &[("film.mp4", &noise(6, 50_000))]);
    metainfo.trackers = vec![vec!["http://127.0.0.1:9/announce".to_owned()]];
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let headers = format!("{token}Content-Type: application/x-bittorrent\r\n");
    let handed = house.send("POST", "/api/v1/torrents", &headers, &metainfo.to_bytes()).await;
    let id = handed.json()["id"].as_str().unwrap().to_owned();
    let play = format!("/api/v1/torrents/{id}/play");
    let playback = house.ask("POST", &play, Some(json!({"file": 0}))).await.json();
    let state = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap());
    let waiting = until(&house, &state, |state| state["reason"] == "no_peers").await;
    assert_eq!(waiting["stage"], "peers");
    house.stop().await;
}

#[tokio::test]
async fn a_title_whose_torrent_nobody_has_waits_for_its_description_and_says_so() {
    let house = House::new(Limits::default(), |folder| {
        let flags = super::answers::catalogue(folder);
        std::fs::remove_file(folder.join("night.torrent")).unwrap();
        flags
    })
    .await;
    let wish = Some(json!({"item_id": "test.night"}));
    let playback = house.ask("POST", "/api/v1/play", wish).await.json();
    let state = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap());
    let waiting = house.ask("GET", &state, None).await.json();
    assert_eq!((&waiting["stage"], &waiting["size_bytes"]), (&json!("metadata"), &json!(0)));
    assert_eq!(waiting["reason"], "no_peers");
    house.stop().await;
}

#[tokio::test]
async fn a_description_that_does_not_come_in_time_is_said_so_to_page_and_player_and_goes_on_coming()
{
    let metadata_patience = Duration::from_millis(100);
    let limits = Limits { metadata_patience, ..Limits::default() };
    let film = noise(7, 50_000);
    let seeder = Seeder::new("Film", &[("film.mp4", film.as_slice())]).await;
    let house = House::new(limits, |folder| {
        let flags = super::answers::catalogue_of(folder, &seeder.metainfo, "film.mp4", film.len());
        std::fs::remove_file(folder.join("long.torrent")).unwrap();
        flags
    })
    .await;
    let v1 = seeder.metainfo.info.hashes().v1().unwrap().to_string();
    let lonely = Some(json!({"magnet": format!("magnet:?xt=urn:btih:{v1}")}));
    let handed = house.ask("POST", "/api/v1/torrents", lonely).await.json();
    let file = format!("/api/v1/torrents/{}/play", handed["id"].as_str().unwrap());
    let reply = house.ask("POST", &file, Some(json!({"file": 0}))).await;
    assert_eq!((reply.status, reply.code().as_str()), (504, "metadata_late"));
    assert!(reply.json()["hint"].as_str().unwrap().contains("try again"));
    let wish = Some(json!({"item_id": "test.long"}));
    let playback = house.ask("POST", "/api/v1/play", wish).await.json();
    let path = playback["stream_url"].as_str().unwrap();
    let reply = house.send("GET", path, "", b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (504, "metadata_late"));
    let state = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap());
    assert_eq!(house.ask("GET", &state, None).await.json()["stage"], "metadata");
    hand_in(&house, &seeder).await;
    until(&house, &state, |state| state["size_bytes"] == film.len()).await;
    assert!(house.send("GET", path, "", b"").await.body == film, "the same address plays now");
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn hostile_names_are_text_to_the_page_and_never_places_on_the_disk() {
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let headers = format!("{token}Content-Type: application/x-bittorrent\r\n");
    for name in ["..", "/etc/passwd", "a/../../b", "\u{1b}[2Jx.mp4", "\u{202e}gpj.exe", "<b>x.mp4"]
    {
        let text = |text: &str| format!("{}:{text}", text.len());
        let mut torrent = format!(
            "d4:infod5:filesld6:lengthi4e4:pathl{}eee4:name{}12:piece lengthi16384e6:pieces20:",
            text(name),
            text(name)
        )
        .into_bytes();
        torrent.extend([name.len() as u8; 20]);
        torrent.extend(b"ee");
        let handed = house.send("POST", "/api/v1/torrents", &headers, &torrent).await;
        assert!(matches!(handed.status, 201 | 422), "{name:?}: {}", handed.status);
    }
    let outside = [house.folder.path().join("passwd"), house.folder.path().join("b")];
    assert!(outside.iter().all(|path| !path.exists()));
    let inside = std::fs::read_dir(house.folder.path()).unwrap().flatten();
    let names: Vec<_> = inside.map(|entry| entry.file_name()).collect();
    assert!(names.iter().all(|name| name == "data" || name == "settings.toml"), "{names:?}");
    house.stop().await;
}
