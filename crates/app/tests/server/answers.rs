//! The shapes of answers: what the description says, and what the page counts on.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::support::{House, make};
use app::http::listener::Limits;
use torrent::Metainfo;

/// The description that the page's client is generated from.
const DESCRIPTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");

/// Six brown pixels (PNG).
#[rustfmt::skip]
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x08, 0x02, 0x00, 0x00, 0x00, 0x36, 0x88, 0x49,
    0xd6, 0x00, 0x00, 0x00, 0x10, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x70, 0x50, 0x00,
    0x22, 0x06, 0x14, 0x0a, 0x00, 0x39, 0x75, 0x05, 0x41, 0xea, 0x3b, 0x9f, 0xff, 0x00, 0x00, 0x00,
    0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// A catalogue with one film and one series of two episodes; the torrents hold `n` bytes of nothing.
pub(crate) fn catalogue(folder: &Path) -> Vec<(&'static str, String)> {
    let bytes = vec![7; 40_000];
    let metainfo = make(
        "Night",
        &[("night.mp4", &bytes), ("night.en.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")],
    );
    std::fs::write(folder.join("night.torrent"), metainfo.to_bytes()).unwrap();
    let v1 = metainfo.info.hashes().v1().unwrap().to_string();
    let release = |id: &str| {
        json!({
            "id": id, "quality": "480p", "width": 854, "height": 480, "container": "mp4",
            "video_codec": "h264", "audio_codec": "aac", "audio_languages": ["en"],
            "size_bytes": 40_000, "torrent": {"v1": v1, "metainfo": "night.torrent"}, "path": "night.mp4",
            "subtitles": [{"language": "en", "format": "srt", "path": "night.en.srt"}],
        })
    };
    let title = |id: &str, kind: &str, name: &str| {
        json!({
            "id": id, "kind": kind, "name": {"en": name}, "year": 2020, "runtime_s": 60,
            "licence": "CC-BY-4.0", "attribution": "© Somebody", "source": "https://example.org/",
            "genres": ["drama"], "synopsis": {"en": "<b>About</b>"},
        })
    };
    let mut film = title("night", "film", "The Night");
    std::fs::write(folder.join("night.png"), PICTURE).unwrap();
    film["poster"] = json!({"file": "night.png"});
    std::fs::write(
        folder.join("night.svg"),
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    )
    .unwrap();
    film["backdrop"] = json!({"file": "night.svg"});
    film["releases"] = json!([release("night-480p")]);
    let mut series = title("days", "series", "The Days");
    let episode = |n: u32| {
        json!({"id": format!("days-1-{n}"), "number": n, "name": {"en": format!("Day {n}")},
               "releases": [release(&format!("days-1-{n}-480p"))]})
    };
    series["seasons"] = json!([{"number": 1, "episodes": [episode(1), episode(2)]}]);
    let mut unlicensed = title("taken", "film", "Taken Away");
    unlicensed["licence"] = json!("All rights reserved");
    unlicensed["releases"] = json!([release("taken-480p")]);
    let catalogue = json!({
        "kinora_catalogue": 1, "id": "test", "revision": 1, "name": {"en": "Test"},
        "publisher": "Tester", "titles": [film, series, unlicensed],
    });
    let path = folder.join("catalogue.json");
    std::fs::write(&path, catalogue.to_string()).unwrap();
    vec![("catalogue", path.display().to_string())]
}

/// A catalogue with one film, `test.long`, that is a file of this torrent.
pub(crate) fn catalogue_of(
    folder: &Path,
    metainfo: &Metainfo,
    file: &str,
    len: usize,
) -> Vec<(&'static str, String)> {
    std::fs::write(folder.join("long.torrent"), metainfo.to_bytes()).unwrap();
    let v1 = metainfo.info.hashes().v1().unwrap().to_string();
    let release = json!({
        "id": "long-180p", "quality": "180p", "container": "mp4", "size_bytes": len,
        "torrent": {"v1": v1, "metainfo": "long.torrent"}, "path": file,
    });
    let film = json!({
        "id": "long", "kind": "film", "name": {"en": "Long"}, "licence": "CC0-1.0",
        "attribution": "Nobody", "source": "https://example.org/", "releases": [release],
    });
    let catalogue = json!({
        "kinora_catalogue": 1, "id": "test", "revision": 1, "name": {"en": "Test"},
        "publisher": "Tester", "titles": [film],
    });
    let path = folder.join("catalogue.json");
    std::fs::write(&path, catalogue.to_string()).unwrap();
    vec![("catalogue", path.display().to_string())]
}

async fn cinema() -> House {
    House::new(Limits::default(), catalogue).await
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_description_in_the_repository_is_the_one_of_this_code() {
    let description = app::api::description().unwrap();
    if std::env::var_os("KINORA_WRITE_DESCRIPTION").is_some() {
        std::fs::write(DESCRIPTION, &description).unwrap();
    }
    let kept = std::fs::read_to_string(DESCRIPTION).unwrap_or_default();
    assert!(
        kept == description,
        "run this test with KINORA_WRITE_DESCRIPTION=1 and commit web/openapi.json"
    );
}

#[tokio::test]
async fn the_description_is_served_and_names_every_route() {
    let house = House::empty().await;
    let served = house.send("GET", "/api/v1/openapi.json", "", b"").await.json();
    assert_eq!(served["openapi"].as_str().map(|version| &version[..4]), Some("3.1."));
    for route in &house.server.routes {
        let method = route.method.as_str().to_ascii_lowercase();
        let named = served["paths"][&route.path][&method].is_object();
        assert!(named || route.path.ends_with("openapi.json"), "{} {}", route.method, route.path);
    }
    house.stop().await;
}

#[tokio::test]
async fn a_card_and_a_title_have_the_fields_the_page_counts_on() {
    let house = cinema().await;
    let list = house.ask("GET", "/api/v1/titles?sort=name", None).await.json();
    assert_eq!(list["total"], 2, "what has no open licence is not there");
    let card = &list["titles"][1];
    assert_eq!(
        keys(card),
        [
            "audio_languages",
            "channel",
            "favourite",
            "genres",
            "id",
            "kind",
            "licence",
            "name",
            "next_label",
            "poster",
            "poster_small",
            "progress",
            "qualities",
            "runtime_s",
            "subtitle_languages",
            "thumbhash",
            "watched",
            "year",
        ]
    );
    assert_eq!(card["licence"]["spdx"], "CC-BY-4.0");
    let title = house.ask("GET", "/api/v1/titles/test.night", None).await.json();
    assert_eq!(title["synopsis"], "<b>About</b>", "a stranger's text is text");
    let release = &title["releases"][0];
    assert_eq!(release["quality"], "480p");
    assert_eq!(release["subtitles"][0]["language"], "en");
    let series = house.ask("GET", "/api/v1/titles/test.days", None).await.json();
    assert_eq!(series["seasons"][0]["episodes"][1]["name"], "Day 2");
    assert_eq!(series["next_episode_id"], series["seasons"][0]["episodes"][0]["id"]);
    let reply = house.ask("GET", "/api/v1/titles/none", None).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "title_unknown"));
    house.stop().await;
}

#[tokio::test]
async fn a_poster_is_made_anew_and_a_drawing_that_is_a_program_is_not_shown() {
    let house = cinema().await;
    let title = house.ask("GET", "/api/v1/titles/test.night", None).await.json();
    let poster = house.send("GET", title["poster_small"].as_str().unwrap(), "", b"").await;
    assert_eq!((poster.status, poster.header("content-type")), (200, Some("image/webp")));
    assert_eq!(&poster.body[8..12], b"WEBP");
    let backdrop = house.send("GET", title["backdrop"].as_str().unwrap(), "", b"").await;
    assert_eq!((backdrop.status, backdrop.code().as_str()), (404, "image_unknown"));
    let series = house.ask("GET", "/api/v1/titles/test.days", None).await.json();
    assert_eq!(series["poster"], Value::Null, "the page draws one");
    house.stop().await;
}

#[tokio::test]
async fn a_change_is_told_to_the_page_that_listens() {
    let house = Arc::new(cinema().await);
    let listening = tokio::spawn({
        let house = house.clone();
        async move { house.first_event("settings").await }
    });
    // The listener may not be there yet; a second change is as good as the first.
    let changing = async {
        loop {
            house.ask("PATCH", "/api/v1/settings", Some(json!({"theme": "dark"}))).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        heard = listening => assert_eq!(heard.unwrap()["type"], "settings"),
        () = changing => {}
    }
    Arc::into_inner(house).unwrap().stop().await;
}

#[tokio::test]
async fn favourites_progress_watched_and_blocks_are_remembered() {
    let house = cinema().await;
    let night = "/api/v1/titles/test.night";
    assert_eq!(house.ask("PUT", "/api/v1/favourites/test.night", None).await.status, 204);
    let position = json!({"position_s": 12.5, "duration_s": 60.0});
    assert_eq!(house.ask("PUT", "/api/v1/progress/test.night", Some(position)).await.status, 204);
    let title = house.ask("GET", night, None).await.json();
    assert_eq!(title["favourite"], true);
    assert_eq!(title["progress"]["position_s"], 12.5);
    let home = house.ask("GET", "/api/v1/home", None).await.json();
    assert_eq!(home["continue_watching"][0]["id"], "test.night");
    assert_eq!(house.ask("PUT", "/api/v1/watched/test.night", None).await.status, 204);
    assert_eq!(house.ask("GET", night, None).await.json()["watched"], true);
    assert_eq!(house.ask("PUT", "/api/v1/blocked/test.night", None).await.status, 204);
    let blocked = house.ask("GET", "/api/v1/blocked", None).await.json();
    assert_eq!(blocked, json!({"titles": [{"id": "test.night", "name": "The Night"}]}));
    let play = house.ask("POST", "/api/v1/play", Some(json!({"item_id": "test.night"}))).await;
    assert_eq!((play.status, play.code().as_str()), (403, "blocked"));
    assert_eq!(house.ask("DELETE", "/api/v1/blocked/test.night", None).await.status, 204);
    for bad in [json!({"position_s": -1.0, "duration_s": 60.0}), json!({"position_s": 1.0})] {
        let reply = house.ask("PUT", "/api/v1/progress/test.night", Some(bad)).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "body_wrong"));
    }
    house.stop().await;
}

#[tokio::test]
async fn settings_are_changed_in_part_and_nonsense_is_named() {
    let house = House::empty().await;
    let patch =
        json!({"theme": "dark", "sharing": {"up_limit_kib": 500}, "cache": {"quota_gib": 3}});
    let changed = house.ask("PATCH", "/api/v1/settings", Some(patch)).await.json();
    assert_eq!(changed["theme"], "dark");
    assert_eq!(changed["sharing"]["up_limit_kib"], 500);
    assert_eq!(changed["cache"]["quota_gib"], 3);
    let channels = (&changed["cache"]["channels_gib"], &changed["cache"]["channels_used_bytes"]);
    assert_eq!(channels, (&json!(10), &json!(0)));
    assert!(changed["network"]["listen_port"].as_u64().unwrap() > 0);
    for bad in [
        json!({"theme": "pink"}),
        json!({"sharing": {"up_limit_kib": 0}}),
        json!({"cache": {"path": "relative"}}),
        json!({"network": {"listen_port": 1}}),
        json!({"none": 1}),
        json!([]),
    ] {
        let reply = house.ask("PATCH", "/api/v1/settings", Some(bad.clone())).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "body_wrong"), "{bad}");
        assert!(!reply.json()["hint"].as_str().unwrap().is_empty());
    }
    let consent = house.ask("POST", "/api/v1/consent", Some(json!({"given": true}))).await.json();
    assert_eq!(consent["consent"]["given"], true);
    assert!(consent["consent"]["at"].as_str().is_some());
    assert_eq!(consent["theme"], "dark");
    house.stop().await;
}

#[tokio::test]
async fn what_somebody_hands_in_is_judged() {
    let house = House::empty().await;
    let token = format!("Authorization: Bearer {}\r\n", house.server.token.reveal());
    let torrent = format!("{token}Content-Type: application/x-bittorrent\r\n");
    for bad in [&b""[..], b"d4:infodee", b"<html>", &[0xff; 100]] {
        let reply = house.send("POST", "/api/v1/torrents", &torrent, bad).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "torrent_bad"));
    }
    for magnet in
        ["", "magnet:?", "http://evil.test/", "magnet:?xt=urn:btih:zz", "javascript:alert(1)"]
    {
        let reply = house.ask("POST", "/api/v1/torrents", Some(json!({"magnet": magnet}))).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "magnet_bad"), "{magnet}");
    }
    let lonely = "magnet:?xt=urn:btih:00112233445566778899aabbccddeeff00112233&dn=Lonely";
    let reply = house.ask("POST", "/api/v1/torrents", Some(json!({"magnet": lonely}))).await;
    assert_eq!(reply.status, 201);
    let download = reply.json();
    assert_eq!(download["name"], "Lonely");
    assert_eq!(download["files"], json!([]));
    let id = download["id"].as_str().unwrap();
    let paused =
        house.ask("PATCH", &format!("/api/v1/downloads/{id}"), Some(json!({"paused": true}))).await;
    assert_eq!(paused.json()["state"], "paused");
    let path = format!("/api/v1/downloads/{id}?delete_files=true");
    assert_eq!(house.ask("DELETE", &path, None).await.status, 204);
    assert_eq!(house.ask("DELETE", &path, None).await.status, 404);
    house.stop().await;
}

#[tokio::test]
async fn the_page_is_served_at_every_place_it_draws() {
    let house = House::empty().await;
    for place in ["/", "/settings", "/title/x"] {
        let reply = house.send("GET", place, "", b"").await;
        assert_eq!(reply.status, 200, "{place}");
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{place}");
    }
    assert_eq!(house.send("GET", "/assets/none.js", "", b"").await.status, 404);
    house.stop().await;
}
