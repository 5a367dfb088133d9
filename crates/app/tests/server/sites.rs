//! The sites of a household at the API: those of others that are not there, and own ones, made and published.

use std::fs;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::support::{House, Reply};

const ADDRESS: &str = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";

#[tokio::test]
async fn what_is_no_site_or_is_not_here_is_told_with_a_code() {
    let house = House::empty().await;
    let list = house.ask("GET", "/api/v1/sites", None).await.json();
    assert_eq!(list, json!({"sites": []}));
    let open = async |address: &str| {
        house.ask("POST", "/api/v1/sites", Some(json!({"address": address, "patience_s": 1}))).await
    };
    assert_eq!(open("nonsense").await.code(), "bad_address");
    let reply = open(ADDRESS).await;
    assert!(["dht_off", "consent_needed"].contains(&reply.code().as_str()), "{}", reply.code());
    for id in ["nonsense", &ADDRESS[7..], ".."] {
        let reply = house.ask("DELETE", &format!("/api/v1/sites/{id}"), None).await;
        assert_eq!(reply.status, 404, "{id}");
    }
    house.stop().await;
}

/// The objects of an answer that comes line by line.
fn lines(reply: &Reply) -> Vec<Value> {
    let text = String::from_utf8_lossy(&reply.body);
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What a browser gets at a port of this machine that asks for a page by this name.
async fn get(port: u16, name: &str, path: &str, headers: &str) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let asked =
        format!("GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n{headers}\r\n");
    line.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_tab_of_the_household_opens_for_a_press_alone() {
    let house = House::empty().await;
    let new = json!({"name": "Evenings", "contact": "mailto:rights@example.org"});
    let made = house.ask("POST", "/api/v1/own-sites", Some(new)).await.json();
    let id = made["site"]["id"].as_str().unwrap().to_owned();
    let pages = house.folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    fs::write(pages.join("index.html"), "<h1>Evenings</h1>").unwrap();
    let path = format!("/api/v1/own-sites/{id}/publish");
    house.ask("POST", &path, Some(json!({"folder": pages}))).await;
    let address = json!({"address": made["site"]["address"], "patience_s": 1});
    let opened = house.ask("POST", "/api/v1/sites", Some(address)).await.json();
    let (site, port) =
        opened["url"].as_str().unwrap()[7..].trim_end_matches('/').rsplit_once(':').unwrap();
    let port = port.parse().unwrap();
    let film = format!("?to=kinora%3A{}%2Eend", &ADDRESS[7..]);

    let leaving = get(port, site, &format!("/.leave{film}"), "Sec-Fetch-Dest: iframe\r\n").await;
    let button = format!("href=\"http://site.localhost:{port}/.home{film}\"");
    assert!(leaving.contains(&button), "{leaving}");
    let token = house.server.token.reveal().to_owned();
    assert!(!leaving.contains(&token), "scripts of the site can read this page");

    let tab = "Sec-Fetch-Dest: document\r\n";
    let (near, pressed) = ("Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-User: ?1\r\n");
    let home =
        async |headers: &str| get(port, "site.localhost", &format!("/.home{film}"), headers).await;
    let led = home(&format!("{tab}{near}{pressed}")).await;
    assert!(led.starts_with("HTTP/1.1 303"), "{led}");
    assert!(led.contains(&format!("/#token={token}&%2Ffollow%2Fkinora%253A")), "{led}");
    let far = "Sec-Fetch-Site: cross-site\r\n";
    for headers in [
        String::new(),
        tab.to_owned(),
        format!("{tab}{near}"),
        format!("{near}{pressed}"),
        format!("{tab}{far}{pressed}"),
        format!("Sec-Fetch-Dest: iframe\r\n{near}{pressed}"),
        format!("Sec-Fetch-Dest: empty\r\n{near}{pressed}"),
    ] {
        let refused = home(&headers).await;
        assert!(refused.starts_with("HTTP/1.1 403") && !refused.contains(&token), "{headers}");
    }
}

#[tokio::test]
async fn an_own_site_is_made_and_published_and_what_hinders_it_is_named() {
    let house = House::empty().await;
    let new =
        json!({"name": "Evenings", "contact": "mailto:rights@example.org", "passphrase": "x"});
    let made = house.ask("POST", "/api/v1/own-sites", Some(new)).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(made["words"].as_array().unwrap().len(), 24);
    assert_eq!((&made["site"]["version"], &made["site"]["folder"]), (&json!(0), &json!(null)));
    assert_eq!(
        (&made["site"]["locked"], &made["site"]["name"]),
        (&json!(true), &json!("Evenings"))
    );
    let id = made["site"]["id"].as_str().unwrap().to_owned();
    let listed = house.ask("GET", "/api/v1/own-sites", None).await.json();
    assert_eq!(listed, json!({"sites": [made["site"]]}));
    let nameless = json!({"name": " ", "contact": "mailto:rights@example.org"});
    let reply = house.ask("POST", "/api/v1/own-sites", Some(nameless)).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "bad_channel"));

    let pages = house.folder.path().join("pages");
    let path = format!("/api/v1/own-sites/{id}/publish");
    let publish = async |path: &str, body: Value| house.ask("POST", path, Some(body)).await;
    let whole = json!({"folder": pages});
    assert_eq!(publish(&path, json!({"folder": "pages"})).await.code(), "body_wrong");
    let others = format!("/api/v1/own-sites/{}/publish", &ADDRESS[7..]);
    assert_eq!(publish(&others, whole.clone()).await.code(), "not_ours");
    let last = async |body: Value| lines(&publish(&path, body).await).pop().unwrap();
    let refused = async |body: Value| {
        let failed = last(body).await;
        assert_eq!(
            (&failed["event"], &failed["problem"]["code"]),
            (&json!("failed"), &json!("site_unfit"))
        );
        let file = |one: &Value| (one["path"].clone(), one["code"].clone());
        failed["refused"].as_array().unwrap().iter().map(file).collect::<Vec<_>>()
    };
    assert_eq!(refused(whole.clone()).await[0].1, "unreadable");
    fs::create_dir(&pages).unwrap();
    assert_eq!(refused(whole.clone()).await, [(json!(""), json!("no_entry"))]);
    fs::write(pages.join("index.html"), "<h1>Evenings</h1>").unwrap();
    fs::write(pages.join("a.js"), "go()").unwrap();
    assert_eq!(refused(whole.clone()).await, [(json!("a.js"), json!("script"))]);
    let listed = house.ask("GET", "/api/v1/own-sites", None).await.json();
    assert_eq!(listed["sites"][0]["version"], 0, "nothing was published");

    let themed = |theme: Value| json!({"folder": pages, "theme": theme});
    assert_eq!(publish(&path, themed(json!({"palette": "pink"}))).await.code(), "body_wrong");
    let both = json!({"folder": pages, "scripts": true, "theme": {}});
    assert_eq!(publish(&path, both).await.code(), "body_wrong");
    let mut named = refused(themed(json!({}))).await;
    named.sort_by_key(|(path, _)| path.to_string());
    assert_eq!(named, [(json!("a.js"), json!("no_text")), (json!("index.html"), json!("no_text"))]);

    let told = lines(&publish(&path, json!({"folder": pages, "scripts": true})).await);
    let events: Vec<_> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["reading", "reading", "writing", "writing", "telling", "published"]);
    let published = told.last().unwrap();
    assert_eq!((&published["version"], &published["files"]), (&json!(1), &json!(2)));
    let own = house.ask("GET", "/api/v1/own-sites", None).await.json()["sites"][0].clone();
    assert_eq!(
        (&own["version"], &own["scripts"], &own["bytes"]),
        (&json!(1), &json!(true), &json!(21))
    );
    assert_eq!(own["folder"], pages.to_str().unwrap());
    let here = house.ask("GET", "/api/v1/sites", None).await.json();
    assert_eq!((&here["sites"][0]["id"], &here["sites"][0]["own"]), (&json!(id), &json!(true)));
    let address = json!({"address": own["address"], "patience_s": 1});
    let opened = house.ask("POST", "/api/v1/sites", Some(address)).await.json();
    assert!(opened["url"].as_str().unwrap().starts_with(&format!("http://{id}.site.localhost:")));
    let texts = house.folder.path().join("texts");
    fs::create_dir(&texts).unwrap();
    let texts_of = |theme: Value| json!({"folder": texts, "theme": theme});
    assert_eq!(refused(texts_of(json!({}))).await, [(json!(""), json!("no_first_text"))]);
    fs::write(texts.join("index.md"), "# Evenings").unwrap();
    let wished = json!({"palette": "sea", "typeface": "serif", "language": "fr"});
    assert_eq!(last(texts_of(wished.clone())).await["version"], 2);
    assert_eq!(last(texts_of(json!({"palette": "plum"}))).await["version"], 3);
    let own = house.ask("GET", "/api/v1/own-sites", None).await.json()["sites"][0].clone();
    let now = json!({"palette": "plum", "typeface": "serif", "language": "fr"});
    assert_eq!((&own["theme"], &own["scripts"]), (&now, &json!(false)), "the rest stays as it was");
    let forgotten = house.ask("DELETE", &format!("/api/v1/sites/{id}"), None).await;
    assert_eq!(forgotten.code(), "site_ours");
    house.stop().await;
}
