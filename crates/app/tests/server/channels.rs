//! Channels through the API: read, followed, blocked, made and published. The network of these tests has no DHT.

use std::time::Duration;

use app::http::listener::Limits;
use serde_json::{Value, json};

use super::support::{House, PATIENCE};

const KEY: &str = "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";

fn address() -> String {
    format!("kinora:{KEY}?x.pe=127.0.0.1:9")
}

/// A channel, once it fits.
async fn channel_when(house: &House, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let looking = async {
        loop {
            let channel = house.ask("GET", &format!("/api/v1/channels/{id}"), None).await.json();
            if fits(&channel) {
                return channel;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it comes to that")
}

#[tokio::test]
async fn an_address_is_read_in_both_forms_and_nonsense_is_named() {
    let house = House::empty().await;
    let list = house.ask("GET", "/api/v1/channels", None).await.json();
    assert_eq!(list, json!({"channels": [], "blocked": []}));
    let read = |text: String| {
        let house = &house;
        async move { house.ask("GET", &format!("/api/v1/channel-address?text={text}"), None).await }
    };
    let plain = read(format!("kinora%3A{KEY}%3Fx.pe%3D127.0.0.1%3A9")).await.json();
    assert_eq!((&plain["id"], &plain["peers"]), (&json!(KEY), &json!(["127.0.0.1:9"])));
    assert_eq!((&plain["followed"], &plain["blocked"]), (&json!(false), &json!(false)));
    for nonsense in ["", "kinora:", "https://example.org/", "magnet:?xt=urn:btih:00", &KEY[1..]] {
        let reply = read(nonsense.replace([':', '/', '?', '='], "%20")).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "bad_address"), "{nonsense}");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_channel_that_does_not_come_says_why_until_it_is_taken_off_the_list() {
    let house = House::empty().await;
    let path = format!("/api/v1/channels/{KEY}");
    let body = json!({"address": address()});
    let begun = house.ask("POST", "/api/v1/channels", Some(body)).await;
    assert_eq!((begun.status, &begun.json()["state"]), (202, &json!("following")));
    let failed = channel_when(&house, KEY, |channel| channel["state"] == "failed").await;
    assert_eq!(failed["problem"]["code"], "dht_off");
    assert_eq!((&failed["followed"], &failed["progress"]), (&json!(false), &Value::Null));
    for said in ["sentence", "hint"] {
        assert!(failed[said].as_str().is_some_and(|words| words.len() > 10), "{failed}");
    }
    let list = house.ask("GET", "/api/v1/channels", None).await.json();
    assert_eq!(list["channels"][0]["id"], KEY);
    assert_eq!(house.ask("DELETE", &path, None).await.status, 204);
    let gone = house.ask("GET", &path, None).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "not_followed"));
    assert_eq!(house.ask("DELETE", &path, None).await.code(), "not_followed");
    assert_eq!(house.ask("POST", &format!("{path}/refresh"), None).await.code(), "not_followed");
    for bad in [json!({}), json!({"address": address(), "patience_s": 0}), json!({"address": 1})] {
        let reply = house.ask("POST", "/api/v1/channels", Some(bad)).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "body_wrong"));
    }
    house.stop().await;
}

#[tokio::test]
async fn nobody_is_asked_for_a_channel_before_somebody_agreed_to_sharing() {
    let house = House::new(Limits::default(), |_| vec![("network.consent", "false".into())]).await;
    let body = json!({"address": address()});
    let reply = house.ask("POST", "/api/v1/channels", Some(body)).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "consent_needed"));
    let list = house.ask("GET", "/api/v1/channels", None).await.json();
    assert_eq!(list["channels"], json!([]));
    house.stop().await;
}

#[tokio::test]
async fn a_blocked_channel_cannot_be_followed_until_it_is_unblocked() {
    let house = House::empty().await;
    let path = format!("/api/v1/channels/{KEY}/blocked");
    assert_eq!(house.ask("PUT", &path, None).await.status, 204);
    let list = house.ask("GET", "/api/v1/channels", None).await.json();
    assert_eq!(list["blocked"], json!([{"id": KEY, "name": ""}]));
    let body = json!({"address": address()});
    let reply = house.ask("POST", "/api/v1/channels", Some(body.clone())).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "channel_blocked"));
    assert_eq!(house.ask("DELETE", &path, None).await.status, 204);
    assert_eq!(house.ask("POST", "/api/v1/channels", Some(body)).await.status, 202);
    house.stop().await;
}

/// A catalogue with these films, each naming the same torrent.
fn films(names: &[&str]) -> Value {
    let film = |name: &&str| {
        let id = name.to_lowercase();
        json!({
            "id": id, "kind": "film", "name": {"en": name}, "licence": "CC-BY-4.0",
            "attribution": "Somebody", "source": "https://example.org/licence",
            "releases": [{"id": format!("{id}-r"), "quality": "720p", "container": "mp4",
                "size_bytes": 1, "path": "a.mp4",
                "torrent": {"v1": "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"}}],
        })
    };
    let titles: Vec<_> = names.iter().map(film).collect();
    json!({"kinora_catalogue": 1, "id": "films", "revision": 1, "name": {"en": "Films"},
        "publisher": "Somebody", "titles": titles})
}

/// An own channel with these films in its first version; its id.
async fn publish(house: &House, name: &str, names: &[&str]) -> String {
    let new = json!({"name": name, "contact": "mailto:rights@example.org"});
    let made = house.ask("POST", "/api/v1/own-channels", Some(new)).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let made = made.json();
    assert_eq!(made["words"].as_array().map(Vec::len), Some(24));
    let id = made["channel"]["id"].as_str().unwrap().to_owned();
    let own = format!("/api/v1/own-channels/{id}");
    let added = house.ask("POST", &format!("{own}/titles"), Some(films(names))).await.json();
    assert_eq!((&added["titles"], &added["waiting"]), (&json!(names.len()), &json!(names.len())));
    let published = house.ask("POST", &format!("{own}/publish"), None).await;
    assert_eq!(published.status, 200, "{}", published.json());
    let published = published.json();
    assert_eq!((&published["version"], &published["copies"]), (&json!(1), &json!(0)));
    id
}

#[tokio::test]
async fn an_own_channel_is_made_filled_published_and_shown_with_its_titles() {
    let house = House::empty().await;
    let id = publish(&house, "Silent films", &["Metropolis", "Nosferatu"]).await;
    let own = format!("/api/v1/own-channels/{id}");
    let channel = house.ask("GET", &format!("/api/v1/channels/{id}"), None).await.json();
    assert_eq!((&channel["own"], &channel["state"]), (&json!(true), &json!("fresh")));
    assert_eq!(channel["contact"], json!(["mailto:rights@example.org"]));
    let titles = house.ask("GET", &format!("/api/v1/titles?channel={id}"), None).await.json();
    assert_eq!((&titles["total"], &titles["titles"][0]["channel"]), (&json!(2), &json!(id)));
    let shelves = house.ask("GET", &format!("/api/v1/channels/{id}/shelves"), None).await.json();
    assert_eq!(shelves["rows"][0]["titles"].as_array().map(Vec::len), Some(2));
    assert!(shelves["rows"].as_array().unwrap().iter().all(|row| row["id"] != "series"));

    let withdrawal = json!({"id": "nosferatu", "reason": "rights"});
    let waiting = house.ask("POST", &format!("{own}/withdrawals"), Some(withdrawal)).await.json();
    assert_eq!(waiting["waiting_withdrawals"], 1);
    let added = house.ask("POST", &format!("{own}/titles"), Some(films(&["Aelita"]))).await;
    assert_eq!(added.status, 200);
    let draft = house.ask("GET", &format!("{own}/draft"), None).await.json();
    assert_eq!(draft["titles"], json!([{"id": "aelita", "name": "Aelita"}]));
    assert_eq!(house.ask("DELETE", &format!("{own}/draft/aelita"), None).await.status, 204);
    assert_eq!(house.ask("DELETE", &format!("{own}/draft/aelita"), None).await.status, 404);
    let second = house.ask("POST", &format!("{own}/publish"), None).await.json();
    assert_eq!((&second["version"], &second["records"]), (&json!(2), &json!(1)));
    let titles = house.ask("GET", &format!("/api/v1/titles?channel={id}"), None).await.json();
    assert_eq!(titles["total"], 1, "what was withdrawn has left the lists");
    let exported = house.ask("GET", &format!("{own}/catalogue"), None).await.json();
    assert_eq!(exported["titles"][0]["name"]["en"], "Metropolis");
    house.stop().await;
}

#[tokio::test]
async fn a_title_names_every_channel_that_has_its_torrent() {
    let house = House::empty().await;
    let one = publish(&house, "One", &["Metropolis"]).await;
    let other = publish(&house, "Other", &["Metropolis"]).await;
    let list = house.ask("GET", &format!("/api/v1/titles?channel={one}"), None).await.json();
    let id = list["titles"][0]["id"].as_str().unwrap();
    let title = house.ask("GET", &format!("/api/v1/titles/{id}"), None).await.json();
    let named = |at: usize| title["provenance"][at].clone();
    assert_eq!((&named(0)["channel"], &named(0)["name"]), (&json!(one), &json!("One")));
    assert_eq!((&named(1)["channel"], &named(1)["name"]), (&json!(other), &json!("Other")));
    assert_eq!(named(1)["title_id"], id.replace(&one, &other));
    house.stop().await;
}

#[tokio::test]
async fn what_no_channel_can_be_made_of_is_named() {
    let house = House::empty().await;
    for bad in [
        json!({"name": "Films", "contact": "nobody"}),
        json!({"name": " ", "contact": "mailto:rights@example.org"}),
        json!({"name": "Films", "contact": "mailto:a@example.org", "language": "no such tag"}),
    ] {
        let reply = house.ask("POST", "/api/v1/own-channels", Some(bad.clone())).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "bad_channel"), "{bad}");
    }
    let id = publish(&house, "Films", &["Metropolis"]).await;
    let own = format!("/api/v1/own-channels/{id}");
    let mut unlicensed = films(&["Other"]);
    unlicensed["titles"][0]["licence"] = json!("proprietary");
    for (path, body, code) in [
        ("titles", unlicensed, "no_valid_title"),
        ("titles", json!({"titles": []}), "catalogue_bad"),
        ("withdrawals", json!({"id": "metropolis", "reason": "mood"}), "bad_withdrawal"),
    ] {
        let reply = house.ask("POST", &format!("{own}/{path}"), Some(body)).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code), "{path}");
    }
    let foreign = format!("/api/v1/own-channels/{KEY}");
    for path in ["", "/draft", "/catalogue"] {
        let reply = house.ask("GET", &format!("{foreign}{path}"), None).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "not_ours"), "{path}");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_locked_secret_opens_with_its_passphrase_alone() {
    let house = House::empty().await;
    let new =
        json!({"name": "Films", "contact": "https://example.org/", "passphrase": "open sesame"});
    let made = house.ask("POST", "/api/v1/own-channels", Some(new)).await.json();
    assert_eq!(made["channel"]["locked"], true);
    let path = format!("/api/v1/own-channels/{}/rotate", made["channel"]["id"].as_str().unwrap());
    for wrong in [json!({}), json!({"passphrase": "open barley"})] {
        let reply = house.ask("POST", &path, Some(wrong)).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "passphrase"));
    }
    let right = json!({"passphrase": "open sesame"});
    let rotated = house.ask("POST", &path, Some(right)).await.json();
    assert_eq!(rotated["root_version"], 2);
    house.stop().await;
}
