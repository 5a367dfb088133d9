//! What a follower's library has after updates, whatever became of the files beside it.

use std::fs;

use catalogue::{Withdrawal, channel::Address};
use serde_json::json;

use channels::Stage;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network, new_channel},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_changes_what_changed_and_a_lost_ledger_costs_only_time() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let key = publisher.published(films(&["Metropolis", "The General", "Nosferatu"])).await;
    let address = Address::new(key);
    subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await.unwrap();
    let refresh = async || {
        own.publish(Some(&publisher.session), key).await.unwrap();
        subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap().titles
    };
    own.add(key, films(&["Sunrise"])).await.unwrap();
    assert_eq!(refresh().await, 4);
    let gone: Withdrawal =
        serde_json::from_value(json!({"id": "metropolis", "reason": "licence"})).unwrap();
    own.withdraw(key, gone).await.unwrap();
    assert_eq!(refresh().await, 3);

    let ledger = viewer.place().join("channels").join(key.to_string()).join("ledger");
    fs::write(&ledger, b"torn").unwrap();
    own.add(key, films(&["The Wind"])).await.unwrap();
    assert_eq!(refresh().await, 4);
    assert!(fs::read(&ledger).unwrap().starts_with(b"KINLEDG"), "it is written anew");
    viewer.library.remove_source(&key.to_string()).unwrap();
    own.add(key, films(&["The Circus"])).await.unwrap();
    assert_eq!(refresh().await, 5, "what the library lost comes back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_failed_or_was_cut_short_is_made_good_by_the_next_look() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let key = publisher.published(films(&["Metropolis", "The General"])).await;
    follow(&viewer, key).await;
    let refresh = || subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {});

    // The disk refuses at the end of an import: the titles may be here, or not.
    let ledger = viewer.place().join("channels").join(key.to_string()).join("ledger");
    let gone: Withdrawal =
        serde_json::from_value(json!({"id": "metropolis", "reason": "licence"})).unwrap();
    own.withdraw(key, gone).await.unwrap();
    own.add(key, films(&["Nosferatu", "Sunrise"])).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    fs::remove_file(&ledger).unwrap();
    fs::create_dir(&ledger).unwrap();
    let failed = refresh().await;
    assert!(failed.is_err(), "{failed:?}");
    fs::remove_dir(&ledger).unwrap();
    assert_eq!(refresh().await.unwrap().version, 2);
    let shown = async || subscriptions.get(key).await.unwrap().unwrap().titles;
    assert_eq!(shown().await, 3);

    // A program that is killed leaves a version that is here, and a library that says it has it and lacks titles of it.
    let header = channels::catalogue(&viewer.channels.folder(key)).unwrap();
    viewer.library.take_in(&header, true, &[]).unwrap().finish().unwrap();
    fs::remove_file(&ledger).unwrap();
    assert_eq!(shown().await, 0);
    refresh().await.unwrap();
    assert_eq!(shown().await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_folds_segments_itself_and_fetches_only_what_is_new() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let key = own.create(new_channel("Silent films"), None).await.unwrap().key;
    let names: Vec<_> = (0..400).map(|number| format!("Film {number}")).collect();
    let mut left = films(&names.iter().map(String::as_str).collect::<Vec<_>>());
    own.add(key, left.split_off(20)).await.unwrap();
    for film in left.split_off(4) {
        own.publish(None, key).await.unwrap();
        own.add(key, vec![film]).await.unwrap();
    }
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    let address = Address::new(key);
    let update = subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await.unwrap();
    assert_eq!(update.version, 16, "sixteen segments of one level");
    own.publish(Some(&publisher.session), key).await.unwrap();
    subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();

    let folder = viewer.channels.folder(key);
    let manifest = folder.manifest().unwrap();
    let folded: Vec<_> = manifest.segments.iter().filter(|one| one.level == 1).collect();
    assert_eq!(folded.len(), 2, "titles and details");
    let bytes: u64 = folded.iter().map(|one| one.file.length).sum();
    let head = folder.standing().unwrap().head().unwrap().torrent;
    let fetched = viewer.session.find(&head).unwrap().stats().await.unwrap().downloaded;
    assert!(fetched < bytes, "{fetched} bytes for {bytes} that were folded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_nobody_has_makes_way_for_a_newer_one_that_a_peer_tells_of() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let key = own.create(new_channel("Silent films"), None).await.unwrap().key;
    let publish = async |name: &str| {
        own.add(key, films(&[name])).await.unwrap();
        own.publish(Some(&publisher.session), key).await.unwrap().torrent
    };
    publish("Metropolis").await;
    follow(&viewer, key).await;

    // The DHT tells of a version of which there is nothing.
    let second = publish("The General").await;
    publisher.session.find(&second).unwrap().remove(false).await.unwrap();
    let (found, mut told) = mpsc::unbounded_channel();
    let subscriptions = viewer.subscriptions();
    let session = viewer.session.clone();
    let refreshing = tokio::spawn(async move {
        // Whoever waits for it would wait for longer than this test does.
        let tell = move |stage| {
            found.send(stage).ok();
        };
        subscriptions.refresh(&session, key, PATIENCE * 10, tell).await.unwrap()
    });
    while told.recv().await.unwrap() != (Stage::Found { version: 2 }) {}

    publish("Nosferatu").await;
    let (_publishing, _keeping) = (publisher.keep(), viewer.keep());
    let update = timeout(PATIENCE, refreshing).await.expect("the newer one comes").unwrap();
    assert_eq!((update.version, update.titles, update.is_new), (3, 3, true));
    assert!(viewer.session.find(&second).is_none(), "nobody is asked for the older one any more");
    let heads = viewer.place().join("channels").join(key.to_string()).join("heads");
    assert_eq!(fs::read_dir(heads).unwrap().count(), 1, "and nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_keeps_no_files_that_its_current_version_does_not_name() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let key = own.create(new_channel("Silent films"), None).await.unwrap().key;
    for name in ["Metropolis", "The General", "Nosferatu"] {
        own.add(key, films(&[name])).await.unwrap();
        own.publish(Some(&publisher.session), key).await.unwrap();
    }
    let folder = publisher.channels.folder(key);
    let current = folder.standing().unwrap().head().unwrap().torrent;
    let heads = publisher.place().join("channels").join(key.to_string()).join("heads");
    let left: Vec<_> = fs::read_dir(heads).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, [current.wire().to_string().as_str()]);
    assert_eq!(publisher.session.torrents().len(), 1, "nothing else of it is shared");
    assert!(folder.manifest().is_some(), "and that is whole");
}
