//! Channels written for other programs, and read back.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::network::{Household, World};

const PUBLISH: [&str; 6] = ["channel", "publish", "--once", "--no-dht", "--listen", "127.0.0.1:0"];

fn published(world: &World, name: &str) -> Household {
    let publisher = world.household(name);
    publisher.create(&["Metropolis", "The General", "Faust"]);
    publisher.one(&PUBLISH);
    publisher
}

/// The names and licences of what is published.
fn titles(household: &Household) -> Vec<(Value, Value, Value)> {
    household.one(&["channel", "export", "--to", "titles.json"]);
    let file = fs::read(household.home.join("titles.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let title = |one: &Value| {
        (one["name"].clone(), one["licence"].clone(), one["releases"][0]["torrent"]["v1"].clone())
    };
    let mut titles: Vec<_> = file["titles"].as_array().unwrap().iter().map(title).collect();
    titles.sort_by_key(|title| title.0.to_string());
    titles
}

#[test]
fn what_is_exported_is_imported_as_the_same_titles() {
    let world = World::new(1);
    let publisher = published(&world, "publisher");
    for (format, name) in [("json-ld", "films.jsonld"), ("mrss", "films.xml")] {
        let exported = publisher.one(&["channel", "export", "--format", format, "--to", name]);
        assert_eq!(exported["titles"], 3);
        let other = world.household(format);
        other.one(&["channel", "create", "Copies", "--contact", "mailto:rights@example.org"]);
        fs::copy(publisher.home.join(name), other.home.join(name)).unwrap();
        let imported = other.one(&["channel", "import", name]);
        assert_eq!((&imported["titles"], &imported["dropped"]), (&json!(3), &json!(0)));
        other.one(&PUBLISH);
        assert_eq!(titles(&other), titles(&publisher));
    }
    assert_eq!(publisher.run(&["channel", "export", "--format", "stremio"]).1, Some(2));
}

fn ask(port: u16, path: &str, host: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn an_add_on_gives_manifest_list_description_and_infohash_to_this_machine() {
    let world = World::new(1);
    let publisher = published(&world, "publisher");
    let export = ["channel", "export", "--format", "stremio", "--http", "127.0.0.1:0"];
    let mut serving = publisher.start_alone(&[&export[..], &["--until-input-ends"]].concat());
    let ready = serving.next();
    let url = ready["url"].as_str().unwrap();
    let port: u16 = url.split([':', '/']).find_map(|part| part.parse().ok()).unwrap();
    let host = format!("127.0.0.1:{port}");
    let get = |path: &str| -> Value {
        let (status, answer) = ask(port, path, &host);
        assert_eq!(status, 200, "{path}: {answer}");
        assert!(answer.to_lowercase().contains("access-control-allow-origin: *"), "{answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let manifest = get("/manifest.json");
    assert_eq!(manifest["resources"], json!(["catalog", "meta", "stream"]));
    let list = get("/catalog/movie/channel.json");
    assert_eq!(list["metas"].as_array().unwrap().len(), 3);
    let found = get("/catalog/movie/channel/search=metro&skip=0.json");
    let id = found["metas"][0]["id"].as_str().unwrap().replace(':', "%3A");
    assert_eq!(get(&format!("/meta/movie/{id}.json"))["meta"]["name"], "Metropolis");
    let streams = get(&format!("/stream/movie/{id}.json"));
    assert_eq!(streams["streams"][0]["infoHash"], "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c");
    assert_eq!(ask(port, "/meta/movie/kinora%3Anothing.json", &host).0, 404);
    assert_eq!(ask(port, "/manifest.json", "evil.test").0, 421, "another name leads nowhere");
    assert_eq!(serving.close_input(), Some(0));
    let (lines, code) =
        publisher.run(&["channel", "export", "--format", "stremio", "--http", "0.0.0.0:0"]);
    assert_eq!((code, &lines[0]["code"]), (Some(2), &json!("not_loopback")));
    lint(&manifest);
}

/// Has Stremio's own linter judge a manifest.
fn lint(manifest: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stremio");
    if !folder.join("node_modules").is_dir() {
        return;
    }
    let mut linter = Command::new("node");
    let linter = linter.arg(folder.join("lint.cjs")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut linter = linter.spawn().unwrap();
    linter.stdin.take().unwrap().write_all(manifest.to_string().as_bytes()).unwrap();
    let judged = linter.wait_with_output().unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}
