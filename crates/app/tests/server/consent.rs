//! Nobody is contacted before somebody agreed to sharing, and nobody after it was taken back.

use serde_json::json;

use super::{
    answers,
    playing::{introduce, until},
    support::{House, Seeder},
};
use app::http::listener::Limits;

/// A server where nobody agreed to anything yet.
async fn unasked() -> House {
    House::new(Limits::default(), |folder| {
        let mut flags = answers::catalogue(folder);
        flags.push(("network.consent", "false".to_owned()));
        flags
    })
    .await
}

impl House {
    async fn agree(&self, given: bool) -> super::support::Reply {
        self.ask("POST", "/api/v1/consent", Some(json!({"given": given}))).await
    }
}

#[tokio::test]
async fn before_consent_everything_that_would_meet_peers_is_refused_with_what_to_do() {
    let house = unasked().await;
    let lonely = "magnet:?xt=urn:btih:00112233445566778899aabbccddeeff00112233&dn=Lonely";
    for (path, body) in [
        ("/api/v1/play", json!({"item_id": "test.night"})),
        ("/api/v1/downloads", json!({"item_id": "test.night", "release_id": "test.night-480p"})),
        ("/api/v1/torrents", json!({"magnet": lonely})),
    ] {
        let reply = house.ask("POST", path, Some(body)).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "consent_needed"), "{path}");
        assert!(reply.json()["hint"].as_str().unwrap().contains("--consent"), "{path}");
    }
    assert!(house.server.cinema.swarm.session().is_err(), "there is nothing that could call");
    let network = house.ask("GET", "/api/v1/network", None).await.json();
    assert_eq!((&network["listen_port"], &network["torrents"]), (&json!(0), &json!(0)));
    let downloads = house.ask("GET", "/api/v1/downloads", None).await.json();
    assert_eq!(downloads, json!({"downloads": []}), "nothing was noted either");
    let settings = house.ask("GET", "/api/v1/settings", None).await.json();
    assert_eq!(settings["consent"]["given"], false);
    house.stop().await;
}

#[tokio::test]
async fn consent_opens_the_swarms_at_once_and_taking_it_back_closes_them() {
    let film = vec![7; 40_000];
    let text: &[u8] = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    let seeder = Seeder::new("Night", &[("night.mp4", &film), ("night.en.srt", text)]).await;
    let house = unasked().await;
    for _ in 0..2 {
        let settings = house.agree(true).await.json();
        assert_eq!(settings["consent"]["given"], true);
        assert!(settings["network"]["listen_port"].as_u64().unwrap() > 0);
        let wish = json!({"item_id": "test.night"});
        let playback = house.ask("POST", "/api/v1/play", Some(wish)).await.json();
        introduce(&house, &seeder).await;
        let path = playback["stream_url"].as_str().unwrap().to_owned();
        assert!(house.send("GET", &path, "", b"").await.body == film);
        let settings = house.agree(false).await.json();
        assert_eq!(settings["consent"]["given"], false);
        assert!(house.server.cinema.swarm.session().is_err());
        assert_eq!(house.send("GET", &path, "", b"").await.status, 404, "its address is closed");
    }
    house.agree(true).await;
    let title = "/api/v1/titles/test.night";
    let kept = until(&house, title, |title| title["releases"][0]["on_disk_bytes"] == 40_000).await;
    assert_eq!(kept["id"], "test.night", "what is on disk stays, and takes part again");
    house.stop().await;
    seeder.session.shutdown().await;
}

#[tokio::test]
async fn consent_is_remembered_and_a_wait_for_it_loses_no_download() {
    let film = vec![7; 40_000];
    let seeder = Seeder::new("Film", &[("film.mp4", &film)]).await;
    let folder = tempfile::tempdir().unwrap();
    let start = async |consent: &str| {
        let flags = vec![("network.consent", consent.to_owned())];
        let config = super::support::config(folder.path(), flags);
        let server = app::serve::Server::start(&config, Limits::default()).await.unwrap();
        House { server, folder: tempfile::tempdir().unwrap() }
    };
    let house = start("true").await;
    let id = house.ask("POST", "/api/v1/torrents", Some(json!({"magnet": seeder.magnet()}))).await;
    assert_eq!(id.status, 201);
    house.stop().await;
    let house = start("false").await;
    let waiting = house.ask("GET", "/api/v1/downloads", None).await.json();
    assert!(waiting["downloads"][0]["state"] != "failed", "{waiting}");
    house.agree(true).await;
    until(&house, "/api/v1/downloads", |all| all["downloads"][0]["state"] == "done").await;
    house.stop().await;
    let house = start("false").await;
    assert!(house.server.cinema.swarm.session().is_ok(), "it was agreed on the page");
    house.stop().await;
    seeder.session.shutdown().await;
}
