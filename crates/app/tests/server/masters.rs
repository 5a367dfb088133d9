//! Films that are taken in to be published: what is none is refused and leaves nothing behind.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::{Value, json};

use super::support::House;

#[tokio::test]
async fn what_is_no_film_is_refused_and_leaves_nothing_behind() {
    let house = House::empty().await;
    let notes = house.folder.path().join("notes.mp4");
    fs::write(&notes, "these are notes").unwrap();
    let path = notes.display().to_string();
    for (path, code) in [
        (path.as_str(), "master_bad"),
        ("notes.mp4", "file_unreadable"),
        ("/no/such/film.mp4", "file_unreadable"),
        ("/dev/zero", "file_unreadable"),
        ("/", "file_unreadable"),
    ] {
        let reply = house.ask("POST", "/api/v1/masters", Some(json!({"path": path}))).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code), "{path}");
    }
    let token = house.server.token.reveal();
    let headers =
        format!("Authorization: Bearer {token}\r\nContent-Type: application/octet-stream\r\n");
    for bytes in [&b""[..], b"nonsense", &[0; 100_000]] {
        let sent = house.send("POST", "/api/v1/masters/file?name=a.mp4", &headers, bytes).await;
        assert_eq!((sent.status, sent.code().as_str()), (422, "master_bad"));
    }
    let list = house.ask("GET", "/api/v1/masters", None).await.json();
    assert_eq!(list, json!({"masters": []}));
    let left = fs::read_dir(house.folder.path().join("data/masters")).unwrap().count();
    assert_eq!(left, 0, "nothing stays of what was refused");
    house.stop().await;
}

#[tokio::test]
async fn a_film_cannot_be_sent_without_the_token() {
    let house = House::empty().await;
    let reply = house.send("POST", "/api/v1/masters/file?name=a.mp4", "", b"film").await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "token_missing"));
    house.stop().await;
}

#[tokio::test]
async fn a_film_that_is_not_there_is_not_found_whatever_is_asked_of_it() {
    let house = House::empty().await;
    for id in ["0123456789abcdef", "..", "%2e%2e%2ftoken", "a/b"] {
        for (method, rest) in [("GET", ""), ("DELETE", ""), ("GET", "/frames")] {
            let reply = house.ask(method, &format!("/api/v1/masters/{id}{rest}"), None).await;
            assert!([404, 405].contains(&reply.status), "{method} {id}{rest}: {}", reply.status);
        }
    }
    let licences = house.ask("GET", "/api/v1/licences", None).await.json();
    let named = licences["licences"].as_array().unwrap().iter();
    assert!(named.into_iter().any(|one| one["spdx"] == "CC-BY-4.0" && one["url"].is_string()));
    house.stop().await;
}

/// A film as ffmpeg makes it of these arguments; false without ffmpeg.
fn made(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y"]).args(arguments).current_dir(folder);
    let made = command.status().is_ok_and(|made| made.success());
    if !made {
        println!("skipped: ffmpeg is not installed (scripts/setup test)");
    }
    made
}

const PATTERN: [&str; 4] = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=4"];
const PLAIN: [&str; 6] = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "40"];

/// Takes in a film of the house's folder.
async fn taken(house: &House, name: &str) -> String {
    let path = house.folder.path().join(name).display().to_string();
    let reply = house.ask("POST", "/api/v1/masters", Some(json!({"path": path}))).await;
    assert_eq!(reply.status, 201, "{}", reply.code());
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Asks until the answer is as wanted; a test that hangs is ended by its runner.
async fn until(house: &House, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let now = house.ask("GET", path, None).await.json();
        if is_wanted(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_conversion_that_is_stopped_leaves_the_film_as_it_came() {
    let house = House::empty().await;
    let folder = house.folder.path();
    let short = [&PATTERN[..], &PLAIN, &["short.mp4"]].concat();
    // Twenty minutes, which nobody converts in the time of a request.
    let long = ["-stream_loop", "300", "-i", "short.mp4", "-c", "copy", "long.mp4"];
    if !(made(folder, &short) && made(folder, &long)) {
        return;
    }
    let id = taken(&house, "long.mp4").await;
    let path = format!("/api/v1/masters/{id}/conversion");
    let offer = house.ask("GET", &path, None).await.json();
    assert_eq!(offer["as_it_is"], true);
    let names: Vec<_> =
        offer["qualities"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["180p", "144p"]);
    let choice = json!({"qualities": ["180p"], "level_sound": true});
    let begun = house.ask("POST", &path, Some(choice.clone())).await;
    assert_eq!((begun.status, &begun.json()["work"]["stage"]), (202, &json!("converting")));
    let again = house.ask("POST", &path, Some(choice)).await;
    assert_eq!((again.status, again.code().as_str()), (409, "master_busy"));
    let film = format!("/api/v1/masters/{id}");
    let running = until(&house, &film, |master| master["work"]["step"] == "encoding").await;
    assert_eq!(running["work"]["quality"], "180p");
    let stopped = house.ask("DELETE", &path, None).await.json();
    assert_eq!((&stopped["work"], &stopped["converted"]), (&json!(null), &json!(false)));
    let left = folder.join("data/masters").join(&id);
    while fs::read_dir(&left).unwrap().count() > 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut names: Vec<_> =
        fs::read_dir(&left).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["files", "master.json"]);
    assert_eq!(house.ask("DELETE", &film, None).await.status, 204);
    house.stop().await;
}

#[tokio::test]
async fn a_converted_film_is_published_with_its_subtitles_and_its_time_line_is_shown() {
    let house = House::empty().await;
    let folder = house.folder.path();
    let chapters = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=4\ntitle=Harbour & sea\n";
    fs::write(folder.join("chapters.txt"), chapters).unwrap();
    let film =
        [&PATTERN[..], &["-i", "chapters.txt", "-map_chapters", "1"], &PLAIN, &["ferry.mkv"]];
    if !made(folder, &film.concat()) {
        return;
    }
    let id = taken(&house, "ferry.mkv").await;
    let at = |rest: &str| format!("/api/v1/masters/{id}{rest}");
    let token = house.server.token.reveal();
    let headers =
        format!("Authorization: Bearer {token}\r\nContent-Type: application/octet-stream\r\n");
    let text = b"1\n00:00:01,000 --> 00:00:02,000\nBonjour\n";
    for (name, language, code) in
        [("a.fr.srt", "", 200), ("a.srt", "&language=de", 200), ("a.srt", "&language=!", 422)]
    {
        let path = at(&format!("/subtitles?name={name}{language}"));
        let reply = house.send("PUT", &path, &headers, text).await;
        assert_eq!(reply.status, code, "{name}{language}");
    }
    let bad = house.send("PUT", &at("/subtitles?name=a.srt"), &headers, b"\x00\x01").await;
    assert_eq!((bad.status, bad.code().as_str()), (422, "subtitle_bad"));
    let left = house.ask("DELETE", &at("/subtitles/de.vtt"), None).await.json();
    assert_eq!(left["subtitles"].as_array().unwrap().len(), 1);
    for other in ["de.vtt", "..%2F..%2Fmaster.json"] {
        let gone = house.ask("DELETE", &at(&format!("/subtitles/{other}")), None).await;
        assert_eq!(gone.status, 404, "{other}");
    }

    let choice = json!({"qualities": ["180p", "144p"], "level_sound": true});
    house.ask("POST", &at("/conversion"), Some(choice)).await;
    let made = until(&house, &at(""), |master| master["work"]["stage"] != "converting").await;
    assert_eq!((&made["work"], &made["converted"]), (&json!(null), &json!(true)), "{made}");
    let channel =
        json!({"name": "Harbour films", "contact": "mailto:rights@example.org", "language": "en"});
    let channel = house.ask("POST", "/api/v1/own-channels", Some(channel)).await.json();
    let record = json!({
        "name": "Last Ferry", "language": "en", "kind": "short", "licence": "CC-BY-4.0",
        "attribution": "Somebody", "source": "https://example.org/ferry", "agreed": true,
    });
    let body = json!({"channel": channel["channel"]["id"], "film": record});
    let reply = house.ask("POST", &at("/publish"), Some(body)).await;
    assert_eq!(reply.status, 202, "{}", reply.code());
    let out = until(&house, &at(""), |master| !master["published"].is_null()).await;
    assert_eq!(out["published"]["releases"].as_array().unwrap().len(), 2);

    let found = house.ask("GET", "/api/v1/search?q=ferry", None).await.json();
    let title = found["titles"][0]["id"].as_str().unwrap();
    assert_eq!(found["titles"][0]["subtitle_languages"], json!(["fr"]));
    let playback = house.ask("POST", "/api/v1/play", Some(json!({"item_id": title}))).await.json();
    let subtitle = playback["subtitles"][0]["url"].as_str().unwrap();
    let subtitle = house.send("GET", subtitle, "", b"").await;
    assert!(String::from_utf8_lossy(&subtitle.body).contains("Bonjour"));
    let scenes = format!("/api/v1/playbacks/{}/scenes", playback["id"].as_str().unwrap());
    let scenes = house.ask("GET", &scenes, None).await.json();
    assert_eq!(scenes["chapters"], json!([{"start_s": 0.0, "name": "Harbour & sea"}]));
    assert_eq!(scenes["previews"].as_array().unwrap().len(), 2, "{scenes}");
    assert_eq!(
        scenes["previews"][1],
        json!({"start_s": 2.0, "end_s": 4.0, "sheet": 0, "x": 160, "y": 0, "width": 160, "height": 90})
    );
    let sheet = house.send("GET", scenes["sheets"][0].as_str().unwrap(), "", b"").await;
    assert_eq!((sheet.status, &sheet.body[8..12]), (200, &b"WEBP"[..]));
    house.stop().await;
}
