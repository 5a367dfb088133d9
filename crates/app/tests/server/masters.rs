//! Films that are taken in to be published: what is none is refused and leaves nothing behind.

use std::fs;

use serde_json::json;

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
