//! Filters at the API: what they hide, block and ask not to share, and our own choice above them.

use app::http::listener::Limits;
use catalogue::channel::{Action, Mark, Verdict};
use library::{FilterAbout, Library, LibraryError};
use serde_json::{Value, json};
use torrent::InfoHashes;

use super::{
    channels::publish,
    playing::{get, introduce, until},
    support::{House, Seeder},
};

/// A filter of our own, published with this list; its id.
async fn publish_filter(house: &House, list: &str, action: &str) -> String {
    let new = json!({"name": "A list", "about": "What was reported.",
        "contact": "mailto:lists@example.org", "filter": true});
    let made = house.ask("POST", "/api/v1/own-channels", Some(new)).await.json();
    assert_eq!(made["channel"]["kind"], "filter", "{made}");
    let id = made["channel"]["id"].as_str().unwrap().to_owned();
    let entries = json!({"list": list, "action": action, "reason": "malware"});
    let path = format!("/api/v1/own-channels/{id}");
    let added = house.ask("POST", &format!("{path}/entries"), Some(entries)).await.json();
    assert_eq!(added, json!({"entries": 1, "waiting": 1}));
    let published = house.ask("POST", &format!("{path}/publish"), None).await.json();
    assert_eq!((&published["version"], &published["records"]), (&json!(1), &json!(1)));
    id
}

async fn total(house: &House) -> Value {
    house.ask("GET", "/api/v1/titles", None).await.json()["total"].clone()
}

#[tokio::test]
async fn a_filter_blocks_a_title_until_it_is_switched_off_or_somebody_wants_to_see_it() {
    let house = House::empty().await;
    let channel = publish(&house, "Silent films", &["Metropolis", "Sunrise"]).await;
    let titles = house.ask("GET", "/api/v1/titles", None).await.json()["titles"].clone();
    let title = titles.as_array().unwrap().iter().find(|one| one["name"] == "Metropolis").unwrap();
    let title = title["id"].as_str().unwrap().to_owned();
    let filter = publish_filter(&house, &title, "block").await;

    assert_eq!(total(&house).await, 1);
    let found = house.ask("GET", "/api/v1/search?q=metropolis", None).await.json();
    assert_eq!(found["titles"], json!([]));
    let page = house.ask("GET", &format!("/api/v1/titles/{title}"), None).await.json();
    let said = json!([{"channel": filter, "name": "A list", "note": "What was reported.",
        "action": "block", "reason": "malware"}]);
    assert_eq!((&page["filters"], &page["shown_anyway"]), (&said, &json!(false)));
    let play = || house.ask("POST", "/api/v1/play", Some(json!({"item_id": title})));
    let refused = play().await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "filtered"));

    let shown = house.ask("GET", &format!("/api/v1/channels/{filter}"), None).await.json();
    let state = json!({"entries": 1, "hides": 1, "warns": 0, "applied": true});
    assert_eq!((&shown["kind"], &shown["filter"]), (&json!("filter"), &state));
    let other = house.ask("GET", &format!("/api/v1/channels/{channel}"), None).await.json();
    assert_eq!((&other["kind"], &other["filter"]), (&json!("catalogue"), &Value::Null));

    let switch = format!("/api/v1/channels/{filter}/applied");
    assert_eq!(house.ask("DELETE", &switch, None).await.status, 204);
    assert_eq!((total(&house).await, play().await.status), (json!(2), 200));
    assert_eq!(house.ask("PUT", &switch, None).await.status, 204);
    assert_eq!(total(&house).await, 1);
    let anyway = format!("/api/v1/titles/{title}/shown-anyway");
    assert_eq!(house.ask("PUT", &anyway, None).await.status, 204);
    assert_eq!((total(&house).await, play().await.status), (json!(2), 200));
    assert_eq!(house.ask("DELETE", &anyway, None).await.status, 204);
    assert_eq!(total(&house).await, 1);
    let unknown = format!("/api/v1/channels/{channel}/applied");
    assert_eq!(house.ask("PUT", &unknown, None).await.code(), "not_followed");
    house.stop().await;
}

#[tokio::test]
async fn entries_of_a_filter_are_read_listed_and_taken_off_and_no_other_channel_has_any() {
    let house = House::empty().await;
    let channel = publish(&house, "Silent films", &["Metropolis"]).await;
    let filter = publish_filter(&house, &"11".repeat(20), "hide").await;
    let path = format!("/api/v1/own-channels/{filter}");
    let listed = house.ask("GET", &format!("{path}/entries"), None).await.json();
    let line = format!("{} hide malware\n", "11".repeat(20));
    assert_eq!(listed["list"], line);
    // What is exported and added again changes nothing.
    let notes =
        format!("{} warn # Metropolis # 1927\nmark:{} block\n", "22".repeat(20), "33".repeat(16));
    let put = async |list: &Value| {
        let body = json!({"list": list});
        house.ask("POST", &format!("{path}/entries"), Some(body)).await
    };
    put(&json!(notes)).await;
    let before = house.ask("GET", &format!("{path}/marks"), None).await.json();
    let list = house.ask("GET", &format!("{path}/entries"), None).await.json()["list"].clone();
    assert!(list.as_str().unwrap().contains(" # Metropolis # 1927\n"), "{list}");
    house
        .ask("POST", &format!("{path}/entries"), Some(json!({"list": list, "remove": true})))
        .await;
    put(&list).await;
    assert_eq!(house.ask("GET", &format!("{path}/marks"), None).await.json(), before);
    let off = json!({"list": notes, "remove": true});
    house.ask("POST", &format!("{path}/entries"), Some(off)).await;
    let off = json!({"list": line, "remove": true});
    let taken = house.ask("POST", &format!("{path}/entries"), Some(off)).await.json();
    assert_eq!(taken["waiting"], 1);
    house.ask("POST", &format!("{path}/publish"), None).await;
    let listed = house.ask("GET", &format!("{path}/entries"), None).await.json();
    assert_eq!(listed["list"], "");
    for (path, body, code) in [
        (format!("{path}/entries"), json!({"list": "nothing"}), "entries_bad"),
        (format!("{path}/entries"), json!({"list": "", "action": "burn"}), "body_wrong"),
        (
            format!("/api/v1/own-channels/{channel}/entries"),
            json!({"list": "11".repeat(20)}),
            "channel_kind_wrong",
        ),
    ] {
        let refused = house.ask("POST", &path, Some(body)).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, code));
    }
    house.stop().await;
}

#[tokio::test]
async fn what_an_entry_is_about_is_known_where_it_was_made_and_nowhere_else() {
    let house = House::empty().await;
    let hash = "11".repeat(20);
    let filter = publish_filter(&house, &format!("{hash} # Metropolis"), "hide").await;
    let path = format!("/api/v1/own-channels/{filter}");
    let listed =
        async |query: &str| house.ask("GET", &format!("{path}/marks{query}"), None).await.json();
    let mark = "mark:7311b5b911285e10caba72052082934c";
    let first = json!({"mark": mark, "thing": hash, "note": "Metropolis", "action": "hide",
        "reason": "malware", "state": "published"});
    assert_eq!(listed("").await, json!({"entries": [first], "total": 1, "unpublished": 0}));

    let send = async |body: Value| house.ask("POST", &format!("{path}/entries"), Some(body)).await;
    let address = format!("kinora:{filter}");
    send(json!({"list": format!("{address} # Another list\n{mark}"), "action": "warn"})).await;
    let now = listed("").await;
    let said =
        |at: usize| (now["entries"][at]["note"].clone(), now["entries"][at]["state"].clone());
    assert_eq!((now["unpublished"].clone(), now["total"].clone()), (json!(2), json!(2)));
    assert_eq!(said(0), (json!("Another list"), json!("new")));
    assert_eq!(said(1), (json!("Metropolis"), json!("changed")));
    assert_eq!(listed("?q=METRO").await["total"], 1);
    assert_eq!(listed("?q=another&offset=1").await["entries"], json!([]));

    send(json!({"list": format!("{address}\n{mark}"), "remove": true})).await;
    let now = listed("").await;
    assert_eq!((&now["total"], &now["entries"][0]["state"]), (&json!(1), &json!("removed")));
    house.ask("POST", &format!("{path}/publish"), None).await;
    assert_eq!(listed("").await, json!({"entries": [], "total": 0, "unpublished": 0}));
    // What was taken off is forgotten: entered by its hash again, nothing is known of it.
    send(json!({"list": mark})).await;
    assert_eq!(listed("").await["entries"][0]["thing"], Value::Null);
    let entries = house.ask("GET", &format!("{path}/entries"), None).await.json();
    assert_eq!(entries["list"], format!("{mark} hide\n"), "nothing more is known of it");

    send(json!({"list": format!("{hash} # Metropolis")})).await;
    let nothing = json!({"passphrase": null, "words": null});
    let heir = house.ask("POST", &format!("{path}/hand-over"), Some(nothing)).await.json();
    let heir = format!("/api/v1/own-channels/{}/marks", heir["id"].as_str().unwrap());
    let inherited = house.ask("GET", &heir, None).await.json();
    assert_eq!(inherited["entries"][0]["note"], "Metropolis", "{inherited}");
    house.stop().await;
}

/// Follows a filter that says this of a torrent, and looks at what is shared.
async fn filter(house: &House, torrent: InfoHashes, action: Action) {
    let text = json!({"en": "A list"});
    let about = FilterAbout {
        id: "a list".to_owned(),
        name: serde_json::from_value(text).unwrap(),
        about: Default::default(),
        publisher: "Somebody".to_owned(),
        revision: 1,
    };
    let take = move |library: &Library| {
        let mut taking = library.take_in_filter(about, true)?;
        for mark in Mark::of_torrent(torrent) {
            taking.put(mark, Some(Verdict { action, reason: None }))?;
        }
        taking.finish().map(drop)
    };
    let take = move |library: &Library| -> Result<(), LibraryError> { take(library) };
    assert!(house.server.cinema.library(take).await.is_ok());
    assert!(house.server.cinema.review_sharing().await.is_ok());
}

async fn rests(torrent: &driver::Torrent) -> bool {
    torrent.stats().await.unwrap().paused
}

static FILM: [u8; 40_000] = [7; 40_000];

/// A seeder of a film, and a house that keeps it as a download, which is in this state.
async fn kept(state: &str) -> (Seeder, House) {
    let seeder = Seeder::new("Long", &[("long.mp4", &FILM)]).await;
    let catalogue =
        |folder: &_| super::answers::catalogue_of(folder, &seeder.metainfo, "long.mp4", FILM.len());
    let house = House::new(Limits::default(), catalogue).await;
    let keep = json!({"item_id": "test.long", "release_id": "test.long-180p"});
    assert_eq!(house.ask("POST", "/api/v1/downloads", Some(keep)).await.status, 201);
    if state == "done" {
        introduce(&house, &seeder).await;
    }
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == state).await;
    (seeder, house)
}

#[tokio::test]
async fn what_a_filter_asks_not_to_share_is_fetched_and_plays_and_is_not_given() {
    let (seeder, house) = kept("done").await;
    let hashes = seeder.metainfo.info.hashes();
    let torrent = house.server.cinema.swarm.find(&hashes).unwrap();
    assert!(!rests(&torrent).await, "what is kept is shared");
    filter(&house, hashes, Action::NoSeed).await;
    assert!(rests(&torrent).await);
    let wish = json!({"item_id": "test.long"});
    let playback = house.ask("POST", "/api/v1/play", Some(wish)).await.json();
    let path = playback["stream_url"].as_str().unwrap();
    assert_eq!(get(&house, path, "").await.body.len(), FILM.len());
    filter(&house, hashes, Action::Warn).await;
    assert!(!rests(&torrent).await, "a warning asks for nothing");
    drop(torrent);
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn a_download_that_is_under_way_ends_when_a_filter_blocks_it_and_is_not_begun_again() {
    let (seeder, house) = kept("fetching").await;
    filter(&house, seeder.metainfo.info.hashes(), Action::Block).await;
    let all = house.ask("GET", "/api/v1/downloads", None).await.json();
    let first = &all["downloads"][0];
    assert_eq!((&first["state"], &first["error"]["code"]), (&json!("failed"), &json!("filtered")));
    let keep = json!({"item_id": "test.long", "release_id": "test.long-180p"});
    assert_eq!(house.ask("POST", "/api/v1/downloads", Some(keep)).await.code(), "filtered");
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn what_a_filter_blocks_and_is_whole_plays_from_disk_and_is_not_given() {
    let (seeder, house) = kept("done").await;
    let hashes = seeder.metainfo.info.hashes();
    filter(&house, hashes, Action::Block).await;
    let torrent = house.server.cinema.swarm.find(&hashes).unwrap();
    assert!(rests(&torrent).await);
    let wish = json!({"item_id": "test.long"});
    let playback = house.ask("POST", "/api/v1/play", Some(wish)).await.json();
    let path = playback["stream_url"].as_str().unwrap();
    assert_eq!(get(&house, path, "").await.body.len(), FILM.len(), "it stays its viewer's");
    assert!(house.server.cinema.review_sharing().await.is_ok());
    assert!(rests(&torrent).await, "nothing is given while it is watched");
    drop(torrent);
    house.stop().await;
    seeder.session.shutdown().await;
}
