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
    assert_eq!(plain["title"], Value::Null);
    let film = read(format!("kinora%3A{KEY}.the-end")).await.json();
    assert_eq!((&film["id"], &film["title"]), (&json!(KEY), &json!(format!("{KEY}.the-end"))));
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
    let body = json!({"address": address().replace('?', ".the-end?")});
    let begun = house.ask("POST", "/api/v1/channels", Some(body)).await;
    assert_eq!((begun.status, &begun.json()["state"]), (202, &json!("following")));
    assert_eq!(begun.json()["address"], address(), "all of the channel is followed");
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
    assert_eq!(house.ask("POST", &format!("{path}/forgiven"), None).await.code(), "not_followed");
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
pub(super) async fn publish(house: &House, name: &str, names: &[&str]) -> String {
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
async fn what_was_made_and_not_published_yet_is_shown_as_its_publisher_described_it() {
    let house = House::empty().await;
    for (is_filter, kind) in [(true, "filter"), (false, "catalogue")] {
        let new = json!({"name": "Evenings", "about": "For everybody.", "publisher": "Somebody",
            "contact": "mailto:rights@example.org", "filter": is_filter});
        let made = house.ask("POST", "/api/v1/own-channels", Some(new)).await.json();
        let path = format!("/api/v1/channels/{}", made["channel"]["id"].as_str().unwrap());
        let shown = house.ask("GET", &path, None).await.json();
        let expected = json!({
            "kind": kind, "name": "Evenings", "about": "For everybody.", "version": 0, "own": true,
            "contact": ["mailto:rights@example.org"], "state": "empty", "issued_at": null,
        });
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[field], value, "{field} of {shown}");
        }
    }
    house.stop().await;
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

#[tokio::test]
async fn words_are_read_before_anybody_is_asked_and_a_slip_of_the_pen_is_named() {
    let house = House::empty().await;
    let list = house.ask("GET", "/api/v1/recovery-words", None).await.json();
    assert_eq!(list["words"].as_array().map(Vec::len), Some(2048));
    let new = json!({"name": "Films", "contact": "https://example.org/"});
    let made = house.ask("POST", "/api/v1/own-channels", Some(new)).await.json();
    let words: Vec<_> =
        made["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let read = |words: String| {
        let house = &house;
        async move { house.ask("POST", "/api/v1/recovery-words", Some(json!({"words": words}))).await }
    };
    let right = read(format!("  {}\n", words.join(" \n").to_uppercase())).await.json();
    assert_eq!((&right["id"], &right["own"]), (&made["channel"]["id"], &json!(true)));
    let mut turned = words.clone();
    turned.rotate_left(1);
    let reply = read(turned.join(" ")).await;
    // One in 256 orders has a fitting check sum, and is another channel.
    assert!(reply.code() == "words_mixed" || reply.json()["id"] != right["id"]);
    for (bad, what) in [
        (words[..23].join(" "), "23"),
        (words.join(" ").replacen(words[4], "aband0n", 1), "number"),
    ] {
        let reply = read(bad).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "bad_words"));
        assert!(reply.json()["detail"].as_str().unwrap().contains(what), "{}", reply.json());
    }
    let again =
        house.ask("POST", "/api/v1/restorations", Some(json!({"words": words.join(" ")}))).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_here"));
    house.stop().await;
}

/// The words of a channel whose keys are on no machine: 32 times the byte 7.
const LOST: &str = "alpha deal scrub asthma idea logic bright thought alpha deal scrub asthma \
    idea logic bright thought alpha deal scrub asthma idea logic bright truly";

#[tokio::test]
async fn a_channel_that_cannot_be_brought_back_says_why_and_leaves_nothing() {
    let house = House::empty().await;
    let words = json!({"words": LOST, "passphrase": "open sesame"});
    let read =
        house.ask("POST", "/api/v1/recovery-words", Some(json!({"words": LOST}))).await.json();
    let id = read["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/restorations/{id}");
    assert_eq!(house.ask("GET", &path, None).await.status, 404);
    let begun = house.ask("POST", "/api/v1/restorations", Some(words.clone())).await;
    assert_eq!((begun.status, &begun.json()["id"]), (202, &json!(id)));
    let all = async || house.ask("GET", "/api/v1/restorations", None).await.json();
    assert_eq!(all().await["restorations"][0]["id"], json!(id), "for a page loaded anew");
    let looking = async {
        loop {
            let now = house.ask("GET", &path, None).await.json();
            if !now["problem"].is_null() {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let failed = tokio::time::timeout(PATIENCE, looking).await.expect("it fails");
    assert_eq!(
        (&failed["problem"]["code"], &failed["progress"]),
        (&json!("dht_off"), &Value::Null)
    );
    let list = house.ask("GET", "/api/v1/channels", None).await.json();
    assert_eq!(list["channels"], json!([]));
    let ended = all().await;
    assert_eq!(ended["restorations"], json!([failed]));
    assert!(!ended.to_string().contains("asthma"), "no word of the paper is kept");
    assert_eq!(house.ask("DELETE", &path, None).await.status, 204);
    assert_eq!(all().await["restorations"], json!([]));
    assert_eq!(house.ask("GET", &path, None).await.status, 404);
    let other = json!({"words": LOST, "address": address()});
    let reply = house.ask("POST", "/api/v1/restorations", Some(other)).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "other_words"));
    let blocked = format!("/api/v1/channels/{id}/blocked");
    assert_eq!(house.ask("PUT", &blocked, None).await.status, 204);
    let reply = house.ask("POST", "/api/v1/restorations", Some(words)).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "channel_blocked"));
    house.stop().await;
}

#[tokio::test]
async fn a_replaced_key_waits_for_the_next_version_and_a_channel_is_handed_over_once() {
    let house = House::empty().await;
    let id = publish(&house, "Films", &["Metropolis"]).await;
    let own = format!("/api/v1/own-channels/{id}");
    let rotated = house.ask("POST", &format!("{own}/rotate"), Some(json!({}))).await.json();
    assert_eq!((&rotated["root_version"], &rotated["key_unpublished"]), (&json!(2), &json!(true)));
    assert_eq!(house.ask("POST", &format!("{own}/publish"), None).await.status, 200);
    assert_eq!(house.ask("GET", &own, None).await.json()["key_unpublished"], false);

    let lock = format!("{own}/passphrase");
    let locked = house.ask("PUT", &lock, Some(json!({"new": "open sesame"}))).await.json();
    assert_eq!(locked["locked"], true);
    let wrong = json!({"old": "open barley", "new": "x"});
    assert_eq!(house.ask("PUT", &lock, Some(wrong)).await.code(), "passphrase");
    let hand_over = format!("{own}/hand-over");
    assert_eq!(house.ask("POST", &hand_over, Some(json!({}))).await.code(), "passphrase");
    let opened = json!({"passphrase": "open sesame"});
    let next = house.ask("POST", &hand_over, Some(opened.clone())).await.json();
    assert_eq!((&next["waiting_titles"], &next["locked"]), (&json!(1), &json!(true)));
    let before = house.ask("GET", &own, None).await.json();
    assert_eq!(before["successor"], next["address"]);
    let again = house.ask("POST", &hand_over, Some(opened)).await;
    assert_eq!((again.status, again.code().as_str()), (409, "handed_over"));

    let shown = house.ask("GET", &format!("/api/v1/channels/{id}"), None).await.json();
    assert_eq!(
        (&shown["state"], &shown["successor_blocked"]),
        (&json!("handed_over"), &json!(false))
    );
    let next_id = next["id"].as_str().unwrap();
    let path = format!("/api/v1/channels/{next_id}/blocked");
    assert_eq!(house.ask("PUT", &path, None).await.status, 204);
    let shown = house.ask("GET", &format!("/api/v1/channels/{id}"), None).await.json();
    assert_eq!(shown["successor_blocked"], true);
    assert!(shown["hint"].as_str().unwrap().starts_with("It is not followed there."), "{shown}");
    house.stop().await;
}

#[tokio::test]
async fn a_claimed_domain_says_which_record_it_needs_and_whether_followers_know_of_it() {
    let house = House::empty().await;
    let id = publish(&house, "Films", &["Metropolis"]).await;
    let path = format!("/api/v1/own-channels/{id}/domain");
    assert_eq!(house.ask("POST", &path, None).await.code(), "no_domain");
    let claim = |domain: Value| {
        let (house, path) = (&house, &path);
        async move { house.ask("PUT", path, Some(json!({"domain": domain}))).await }
    };
    assert_eq!(claim(json!("no domain")).await.code(), "domain_bad");
    let claimed = claim(json!("films.example.org")).await.json();
    let domain = &claimed["domain"];
    assert_eq!(domain["record_name"], "_kinora.films.example.org");
    assert!(domain["record"].as_str().unwrap().contains(&id), "{domain}");
    assert_eq!((&domain["published"], &domain["vouched_at"]), (&json!(false), &Value::Null));
    let own = format!("/api/v1/own-channels/{id}");
    assert_eq!(house.ask("POST", &format!("{own}/publish"), None).await.status, 200);
    assert_eq!(house.ask("GET", &own, None).await.json()["domain"]["published"], true);
    assert_eq!(claim(Value::Null).await.json()["domain"], Value::Null);
    house.stop().await;
}

#[tokio::test]
async fn the_channels_that_an_own_one_vouches_for_are_listed_and_told_with_the_next_version() {
    let house = House::empty().await;
    let id = publish(&house, "Films", &["Metropolis"]).await;
    let own = format!("/api/v1/own-channels/{id}");
    let listed = async || house.ask("GET", &format!("{own}/vouches"), None).await.json();
    assert_eq!(listed().await, json!({"channels": [], "unpublished": false}));
    let one = format!("{own}/vouches/{KEY}");
    let nameless = house.ask("PUT", &one, Some(json!({}))).await;
    assert_eq!(nameless.status, 422, "nothing of it is here");
    let said = json!({"name": "Night Mail", "about": "Trains.", "languages": ["en"]});
    assert_eq!(house.ask("PUT", &one, Some(said)).await.status, 200);
    let now = listed().await;
    assert_eq!((&now["channels"][0]["id"], &now["unpublished"]), (&json!(KEY), &json!(true)));
    assert_eq!(now["channels"][0]["name"], "Night Mail");
    assert_eq!(house.ask("POST", &format!("{own}/publish"), None).await.status, 200);
    assert_eq!(listed().await["unpublished"], false);
    assert_eq!(house.ask("DELETE", &one, None).await.status, 204);
    assert_eq!(listed().await, json!({"channels": [], "unpublished": true}));
    house.stop().await;
}
