//! From a click to bytes: films that play out of a swarm of one other program.

use std::time::Duration;

use app::http::listener::Limits;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::support::{House, PATIENCE, Reply, Seeder, noise};

/// Asks again and again until the answer is as wanted.
pub(crate) async fn until(house: &House, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let answer = house.ask("GET", path, None).await.json();
            if wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{path} never came"))
}

/// Hands in the seeder's magnet link and starts its first film.
pub(crate) async fn play(house: &House, seeder: &Seeder) -> Value {
    let body = json!({"magnet": seeder.magnet()});
    let download = house.ask("POST", "/api/v1/torrents", Some(body)).await;
    assert_eq!(download.status, 201, "{:?}", String::from_utf8_lossy(&download.body));
    let id = download.json()["id"].as_str().unwrap().to_owned();
    let listed = |all: &Value| !all["downloads"][0]["files"].as_array().unwrap().is_empty();
    let all = until(house, "/api/v1/downloads", listed).await;
    let files = all["downloads"][0]["files"].as_array().unwrap().clone();
    let film = files.iter().find(|file| file["playable"] == true).unwrap();
    let body = json!({"file": film["index"]});
    let playback = house.ask("POST", &format!("/api/v1/torrents/{id}/play"), Some(body)).await;
    assert_eq!(playback.status, 200, "{:?}", String::from_utf8_lossy(&playback.body));
    playback.json()
}

pub(crate) async fn get(house: &House, path: &str, headers: &str) -> Reply {
    house.send("GET", path, headers, b"").await
}

#[tokio::test]
async fn a_dropped_magnet_plays_and_every_byte_is_right() {
    let film = noise(1, 1_500_000);
    let text = "1\n00:00:01,000 --> 00:00:02,000\nBonjour à tous\n";
    let files = [("film.mp4", film.as_slice()), ("film.fr.srt", text.as_bytes())];
    let seeder = Seeder::new("Film", &files).await;
    let house = House::empty().await;
    let playback = play(&house, &seeder).await;
    assert_eq!(playback["mime"], "video/mp4");
    assert_eq!(playback["size_bytes"], film.len());
    let path = playback["stream_url"].as_str().unwrap();

    let part = get(&house, path, "Range: bytes=1000000-1099999\r\n").await;
    assert_eq!(part.status, 206);
    assert_eq!(part.header("content-range"), Some("bytes 1000000-1099999/1500000"));
    assert!(part.body == film[1_000_000..1_100_000], "the middle");
    let whole = get(&house, path, "").await;
    assert_eq!((whole.status, whole.header("content-length")), (200, Some("1500000")));
    assert!(whole.body == film, "the whole film");
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-type"), Some("video/mp4"));
    let tail = get(&house, path, "Range: bytes=-10\r\n").await;
    assert!(tail.status == 206 && tail.body == film[film.len() - 10..], "the last ten bytes");

    let subtitle = playback["subtitles"][0].clone();
    assert_eq!(subtitle["language"], "fr");
    let vtt = get(&house, subtitle["url"].as_str().unwrap(), "").await;
    assert_eq!(vtt.header("content-type"), Some("text/vtt; charset=utf-8"));
    let vtt = String::from_utf8(vtt.body).unwrap();
    assert!(vtt.starts_with("WEBVTT") && vtt.contains("Bonjour à tous"), "{vtt}");

    let id = playback["id"].as_str().unwrap();
    let state = house.ask("GET", &format!("/api/v1/playbacks/{id}"), None).await.json();
    assert_eq!((&state["stage"], &state["on_disk_bytes"]), (&json!("ready"), &json!(film.len())));
    assert_eq!(house.ask("DELETE", &format!("/api/v1/playbacks/{id}"), None).await.status, 204);
    let gone = house.ask("GET", &format!("/api/v1/playbacks/{id}"), None).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "playback_unknown"));
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn ranges_are_answered_as_rfc_9110_says_and_abuse_is_bounded() {
    let film = noise(2, 100_000);
    let seeder = Seeder::new("Film", &[("film.webm", film.as_slice())]).await;
    let house = House::empty().await;
    let playback = play(&house, &seeder).await;
    let path = playback["stream_url"].as_str().unwrap();
    let whole = get(&house, path, "").await;
    let etag = whole.header("etag").unwrap().to_owned();
    let many = format!("Range: bytes={}0-0\r\n", "0-1,".repeat(2000));
    for (headers, status, body) in [
        ("Range: bytes=0-0\r\n".to_owned(), 206, &film[..1]),
        ("Range: bytes=99999-\r\n".to_owned(), 206, &film[99_999..]),
        (format!("Range: bytes=5-9\r\nIf-Range: {etag}\r\n"), 206, &film[5..10]),
        ("Range: bytes=5-9\r\nIf-Range: \"other\"\r\n".to_owned(), 200, &film[..]),
        (format!("Range: bytes=5-9\r\nIf-Range: W/{etag}\r\n"), 200, &film[..]),
        ("Range: bytes=0-1,5-6\r\n".to_owned(), 200, &film[..]),
        (many, 200, &film[..]),
        ("Range: bytes=9-5\r\n".to_owned(), 200, &film[..]),
        ("Range: pages=1\r\n".to_owned(), 200, &film[..]),
    ] {
        let reply = get(&house, path, &headers).await;
        assert_eq!(reply.status, status, "{headers:.60}");
        assert!(reply.body == body, "{headers:.60}");
    }
    for range in ["bytes=100000-", "bytes=-0", "bytes=9223372036854775808-"] {
        let reply = get(&house, path, &format!("Range: {range}\r\n")).await;
        assert_eq!((reply.status, reply.code().as_str()), (416, "range_wrong"), "{range}");
        assert_eq!(reply.header("content-range"), Some("bytes */100000"), "{range}");
    }
    let head = house.send("HEAD", path, "Range: bytes=0-9\r\n", b"").await;
    assert_eq!((head.status, head.header("content-length")), (206, Some("10")));
    assert!(head.body.is_empty());
    assert_eq!(house.send("POST", path, "", b"").await.status, 405);
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_signed_path_opens_one_thing_only() {
    let film = noise(3, 20_000);
    let seeder = Seeder::new("Film", &[("film.mp4", film.as_slice())]).await;
    let house = House::empty().await;
    let playback = play(&house, &seeder).await;
    let path = playback["stream_url"].as_str().unwrap();
    let word = path.split('/').nth(2).unwrap();
    let mut changed = word.to_owned().into_bytes();
    changed[10] = if changed[10] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for bad in [
        format!("/image/{word}"),
        format!("/subtitle/{word}.vtt"),
        format!("/stream/{changed}/film.mp4"),
        "/stream/x/film.mp4".to_owned(),
        format!("/stream/{}/film.mp4", "A".repeat(2000)),
    ] {
        let reply = get(&house, &bad, "").await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "link_forged"), "{bad:.60}");
    }
    assert_eq!(get(&house, &format!("/stream/{word}/any-name"), "").await.status, 200);
    assert!(playback["external_url"].as_str().unwrap().ends_with(path));
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_title_of_the_catalogue_plays_and_goes_on_where_it_stopped() {
    let film = vec![7; 40_000];
    let text: &[u8] = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    let seeder = Seeder::new("Night", &[("night.mp4", &film), ("night.en.srt", text)]).await;
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    let position = json!({"position_s": 20.0, "duration_s": 60.0});
    house.ask("PUT", "/api/v1/progress/test.night", Some(position)).await;
    let body = json!({"item_id": "test.night", "can_play": ["h264", "aac"]});
    let playback = house.ask("POST", "/api/v1/play", Some(body)).await.json();
    assert_eq!(playback["resume_s"], 20.0);
    assert_eq!(playback["title"], "The Night");
    let hashes = seeder.metainfo.info.hashes();
    let torrent = house.server.cinema.swarm.find(&hashes).expect("it takes part");
    introduce(&house, &seeder).await;
    let path = playback["stream_url"].as_str().unwrap();
    assert!(get(&house, path, "").await.body == film, "the film");
    let vtt = get(&house, playback["subtitles"][0]["url"].as_str().unwrap(), "").await;
    assert!(String::from_utf8(vtt.body).unwrap().contains("Hello"));
    assert_eq!(torrent.on_disk(0).len() + torrent.on_disk(1).len(), 2);
    let title = house.ask("GET", "/api/v1/titles/test.night", None).await.json();
    assert_eq!(title["releases"][0]["on_disk_bytes"], 40_000);
    let unknown = json!({"item_id": "test.none"});
    let reply = house.ask("POST", "/api/v1/play", Some(unknown)).await;
    assert_eq!((reply.status, reply.code().as_str()), (404, "item_unknown"));
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_torrent_that_was_handed_in_is_fetched_whole_and_says_so() {
    let film = vec![7; 40_000];
    let text: &[u8] = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    let seeder = Seeder::new("Night", &[("night.mp4", &film), ("night.en.srt", text)]).await;
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    let body = json!({"magnet": seeder.magnet()});
    let handed = house.ask("POST", "/api/v1/torrents", Some(body)).await.json();
    let all =
        until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    let done = &all["downloads"][0];
    assert_eq!(done["id"], handed["id"]);
    assert_eq!(done["done_bytes"], film.len() + text.len());
    assert_eq!(done["pinned"], true);
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_film_without_peers_waits_says_why_and_holds_eight_connections_at_most() {
    let house = House::new(Limits::default(), super::answers::catalogue).await;
    let body = json!({"item_id": "test.night"});
    let playback = house.ask("POST", "/api/v1/play", Some(body)).await.json();
    let path = playback["stream_url"].as_str().unwrap();
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut stream = house.opened(path, false).await;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(
            &head, b"HTTP/1.1 200",
            "the head comes at once, the bytes when they are verified"
        );
        held.push(stream);
    }
    let ninth = get(&house, path, "").await;
    assert_eq!((ninth.status, ninth.code().as_str()), (429, "readers_full"));
    let state = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap());
    let waiting = until(&house, &state, |state| state["reason"] == "no_peers").await;
    assert_eq!((&waiting["stage"], &waiting["on_disk_bytes"]), (&json!("peers"), &json!(0)));
    drop(held);
    let freed = async {
        loop {
            let mut again = house.opened(path, false).await;
            let mut head = [0; 12];
            again.read_exact(&mut head).await.unwrap();
            if &head == b"HTTP/1.1 200" {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, freed).await.expect("a dropped connection gives its seat back");
    house.stop().await;
}

#[tokio::test]
async fn the_index_and_the_resume_point_come_before_the_player_asks() {
    let Some(film) = film_with_its_index_at_the_end() else {
        println!("skipped: ffmpeg is not installed");
        return;
    };
    let seeder = Seeder::new("Long", &[("long.mp4", film.as_slice())]).await;
    let house = House::new(Limits::default(), |folder| {
        super::answers::catalogue_of(folder, &seeder.metainfo, "long.mp4", film.len())
    })
    .await;
    let body = json!({"item_id": "test.long", "position_s": 30.0});
    let playback = house.ask("POST", "/api/v1/play", Some(body)).await.json();
    introduce(&house, &seeder).await;
    let state = format!("/api/v1/playbacks/{}", playback["id"].as_str().unwrap());
    let indexed = until(&house, &state, |state| {
        state["duration_s"].is_number()
            && covers(&state["on_disk"], 0.5)
            && covers(&state["on_disk"], 0.999)
    })
    .await;
    assert!((indexed["duration_s"].as_f64().unwrap() - 60.0).abs() < 1.0, "{indexed}");
    house.stop().await;
    seeder.session.shutdown().await;
}

/// Whether a part of the film is on disk that holds this place.
fn covers(on_disk: &Value, place: f64) -> bool {
    on_disk
        .as_array()
        .unwrap()
        .iter()
        .any(|part| part[0].as_f64().unwrap() <= place && place <= part[1].as_f64().unwrap())
}

/// A minute of film with a key frame each second; its index follows the pictures.
fn film_with_its_index_at_the_end() -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.mp4");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=60"])
        .args(["-c:v", "mpeg4", "-g", "10", "-b:v", "800k"])
        .arg(&path)
        .status()
        .ok()?;
    assert!(made.success(), "ffmpeg makes the film");
    Some(std::fs::read(path).unwrap())
}

/// Tells the server's session of the seeder: the catalogues of tests name no tracker.
pub(crate) async fn introduce(house: &House, seeder: &Seeder) {
    let add = driver::Add {
        source: driver::Source::Metainfo(seeder.metainfo.clone()),
        root: house.folder.path().to_owned(),
        trackers: Vec::new(),
        web_seeds: Vec::new(),
        peers: vec![seeder.address()],
        want: engine::Want::Nothing,
        recheck: false,
    };
    house.server.cinema.swarm.session().unwrap().add(add).await.unwrap();
}
