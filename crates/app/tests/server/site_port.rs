//! What the scripts of a site may ask, by way of the frame: titles of its publisher's channel, and nothing of the household.

use std::fs;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{channels::publish, support::House};

/// A site with scripts that is open in the browser of its publisher's household.
struct Open<'a> {
    house: &'a House,
    id: String,
    port: u16,
    /// What its frame proves itself with.
    token: String,
}

/// Sends a request to one of the two names of a site.
async fn send(port: u16, method: &str, name: &str, path: &str, body: &str) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    line.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = vec![];
    line.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

impl<'a> Open<'a> {
    /// A site of this level, published from a folder of its own, perhaps with a channel.
    async fn new(house: &'a House, scripts: bool, channel: Option<&str>) -> Self {
        let new = json!({"name": "Evenings", "contact": "mailto:rights@example.org"});
        let made = house.ask("POST", "/api/v1/own-sites", Some(new)).await.json();
        let id = made["site"]["id"].as_str().unwrap().to_owned();
        let pages = house.folder.path().join(&id);
        fs::create_dir(&pages).unwrap();
        fs::write(pages.join("index.html"), "<h1>Evenings</h1>").unwrap();
        let mut open = Self { house, id, port: 0, token: String::new() };
        assert_eq!(open.publish(scripts, channel).await["event"], "published");
        let address = json!({"address": made["site"]["address"], "patience_s": 1});
        let opened = house.ask("POST", "/api/v1/sites", Some(address)).await.json();
        let url = opened["url"].as_str().unwrap().trim_end_matches('/');
        open.port = url.rsplit_once(':').unwrap().1.parse().unwrap();
        let frame = open.frame("GET", "/", "").await;
        let token = frame.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next();
        open.token = token.unwrap().to_owned();
        open
    }

    async fn publish(&self, scripts: bool, channel: Option<&str>) -> Value {
        let path = format!("/api/v1/own-sites/{}/publish", self.id);
        let pages = self.house.folder.path().join(&self.id);
        let body = json!({"folder": pages, "scripts": scripts, "channel": channel});
        let reply = self.house.ask("POST", &path, Some(body)).await;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        serde_json::from_str(text.trim().lines().last().unwrap()).unwrap()
    }

    async fn frame(&self, method: &str, path: &str, body: &str) -> String {
        send(self.port, method, "site.localhost", path, body).await
    }

    async fn agree(&self, agreed: bool) {
        let body = format!("token={}&agree={}", self.token, u8::from(agreed));
        assert_eq!(status(&self.frame("POST", "/.scripts", &body).await), 303);
    }

    /// What comes of a question, or nothing if it is not even heard.
    async fn ask(&self, method: &str, params: &Value) -> Option<Value> {
        let question = json!({"method": method, "params": params}).to_string();
        let question =
            percent_encoding::utf8_percent_encode(&question, percent_encoding::NON_ALPHANUMERIC);
        let body = format!("token={}&ask={question}", self.token);
        let answer = self.frame("POST", "/.ask", &body).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status(&answer) == 200).then(|| serde_json::from_str(body).unwrap())
    }

    async fn names(&self, params: Value) -> Value {
        let told = self.ask("catalogue.query", &params).await.unwrap();
        let titles = told["result"]["titles"].as_array().unwrap_or_else(|| panic!("{told}"));
        titles.iter().map(|title| title["name"].clone()).collect()
    }
}

#[tokio::test]
async fn scripts_of_a_site_are_told_of_its_publishers_channel_alone() {
    let house = House::empty().await;
    let channel = publish(&house, "Silent films", &["Metropolis", "Nosferatu"]).await;
    publish(&house, "Nobody's business", &["Aelita", "Faust"]).await;
    let open = Open::new(&house, true, Some(&format!("kinora:{channel}"))).await;
    assert_eq!(open.ask("catalogue.query", &json!({})).await, None, "nobody agreed");
    open.agree(true).await;

    assert_eq!(open.names(json!({})).await, json!(["Metropolis", "Nosferatu"]));
    assert_eq!(open.names(json!({"text": "metro"})).await, json!(["Metropolis"]));
    assert_eq!(open.names(json!({"text": "aelita"})).await, json!([]));
    assert_eq!(open.names(json!({"limit": 1, "offset": 1})).await, json!(["Nosferatu"]));
    // What somebody here hides is nobody's business either.
    let all = open.ask("catalogue.query", &json!({})).await.unwrap()["result"]["titles"].clone();
    let [metropolis, nosferatu] = [0, 1].map(|place| all[place]["id"].as_str().unwrap());
    let hidden = format!("/api/v1/blocked/{channel}.{nosferatu}");
    assert_eq!(house.ask("PUT", &hidden, None).await.status, 204);
    assert_eq!(open.names(json!({})).await, json!(["Metropolis", "Nosferatu"]));

    let told = open.ask("title.get", &json!({"id": metropolis})).await.unwrap();
    let title = &told["result"];
    let address = format!("kinora:{channel}.{metropolis}");
    assert_eq!((&title["licence"], &title["address"]), (&json!("CC-BY-4.0"), &json!(address)));
    assert_eq!((&title["attribution"], &title["poster"]), (&json!("Somebody"), &Value::Null));
    let fields: Vec<_> = title.as_object().unwrap().keys().map(String::as_str).collect();
    for private in ["watched", "favourite", "progress", "added_at", "infohash", "releases"] {
        assert!(!fields.contains(&private), "{fields:?}");
    }
    let played = open.ask("play", &json!({"id": metropolis})).await.unwrap();
    assert_eq!(played, json!({"result": {"address": address}}));
    for id in ["metropolis", "aelita", "", &format!("../{metropolis}"), &address] {
        for method in ["title.get", "play"] {
            let told = open.ask(method, &json!({"id": id})).await;
            assert_eq!(told, Some(json!({"error": "title_unknown"})), "{method} {id}");
        }
    }
    for (method, params) in [
        ("downloads.add", json!({"id": "metropolis"})),
        ("catalogue.query", json!({"channel": "other"})),
        ("catalogue.query", json!({"text": "x".repeat(201)})),
        ("catalogue.query", json!("all")),
        ("title.get", json!({})),
    ] {
        let told = open.ask(method, &params).await;
        assert_eq!(told, Some(json!({"error": "bad_request"})), "{method} {params}");
    }
    let site = format!("{}.site.localhost", open.id);
    let poster = format!("/.poster/{metropolis}");
    let poster = send(open.port, "GET", &site, &poster, "").await;
    assert_eq!(status(&poster), 404, "it has none");

    // Who takes the agreement back is heard at once, whatever port is still held.
    open.agree(false).await;
    assert_eq!(open.ask("catalogue.query", &json!({})).await, None);
    house.stop().await;
}

#[tokio::test]
async fn whoever_is_not_the_frame_asks_nothing() {
    let house = House::empty().await;
    let channel = publish(&house, "Silent films", &["Metropolis"]).await;
    let open = Open::new(&house, true, Some(&format!("kinora:{channel}"))).await;
    open.agree(true).await;
    let query = "ask=%7B%22method%22%3A%22catalogue.query%22%2C%22params%22%3A%7B%7D%7D";
    let with_token = format!("token={}&{query}", open.token);
    assert_eq!(status(&open.frame("POST", "/.ask", &with_token).await), 200);
    for body in
        [query.to_owned(), format!("token=&{query}"), format!("token={}x&{query}", open.token)]
    {
        assert_eq!(status(&open.frame("POST", "/.ask", &body).await), 403, "{body}");
    }
    let large = format!("{with_token}&more={}", "x".repeat(5000));
    assert_eq!(status(&open.frame("POST", "/.ask", &large).await), 413);
    let site = format!("{}.site.localhost", open.id);
    assert_eq!(status(&send(open.port, "POST", &site, "/.ask", &with_token).await), 405);
    house.stop().await;
}

#[tokio::test]
async fn a_site_without_a_channel_or_without_scripts_is_told_nothing() {
    let house = House::empty().await;
    let channel = publish(&house, "Silent films", &["Metropolis"]).await;
    let address = format!("kinora:{channel}");

    let bare = Open::new(&house, true, None).await;
    bare.agree(true).await;
    let told = bare.ask("catalogue.query", &json!({})).await;
    assert_eq!(told, Some(json!({"error": "no_channel"})));
    let frame = bare.frame("GET", "/", "").await;
    assert!(frame.contains(" data-port=\""), "{frame}");

    let still = Open::new(&house, false, None).await;
    assert_eq!(still.ask("catalogue.query", &json!({})).await, None);
    assert!(!still.frame("GET", "/", "").await.contains("data-port"));
    let publish_still = format!("/api/v1/own-sites/{}/publish", still.id);
    let folder = house.folder.path().join(&still.id);
    let body = json!({"folder": folder, "channel": address});
    let refused = house.ask("POST", &publish_still, Some(body)).await;
    assert_eq!(refused.code(), "body_wrong");

    // A channel of others cannot be claimed.
    let others = "kinora:tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    let body =
        json!({"folder": house.folder.path().join(&bare.id), "scripts": true, "channel": others});
    let path = format!("/api/v1/own-sites/{}/publish", bare.id);
    assert_eq!(house.ask("POST", &path, Some(body)).await.code(), "not_ours");

    // Said once, it stays with the versions after it; the replaced key of a channel signs anew.
    let site = Open::new(&house, true, Some(&address)).await;
    let rotated = format!("/api/v1/own-channels/{channel}/rotate");
    assert_eq!(house.ask("POST", &rotated, Some(json!({}))).await.status, 200);
    site.agree(true).await;
    let stale = site.ask("catalogue.query", &json!({})).await;
    assert_eq!(
        stale,
        Some(json!({"error": "no_channel"})),
        "signed by a key that is none any more"
    );
    assert_eq!(site.publish(true, None).await["version"], 2);
    site.agree(true).await;
    assert_eq!(site.names(json!({})).await, json!(["Metropolis"]));
    house.stop().await;
}
