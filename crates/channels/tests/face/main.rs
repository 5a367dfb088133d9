//! What the rest of the program asks of channels while it runs: followed and own ones, over a DHT of three nodes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod absence;
mod bundles;
mod cold;
mod directories;
mod doubles;
mod floors;
mod forgiving;
mod heirs;
mod index;
mod moving;
mod packs;
mod refused;
mod renewal;
mod room;
mod rot;
mod sites;
mod stage;
mod updates;
mod waiting;

use std::time::Duration;

use catalogue::channel::Address;
use channels::{Opening, Stage, State};
use tokio::net::{TcpListener, UdpSocket};

use crate::stage::{ANYWHERE, Home, films, network, new_channel};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_is_made_published_followed_refreshed_and_left_while_the_program_runs() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let created = own.create(new_channel("Silent films"), None).await.unwrap();
    assert_eq!(created.words.split(' ').count(), 24);
    let added = own.add(created.key, films(&["Metropolis", "The General"])).await.unwrap();
    assert_eq!(added.waiting, 2);
    let published = own.publish(Some(&publisher.session), created.key).await.unwrap();
    assert_eq!((published.version, published.records), (1, 2));
    assert!(published.copies > 0, "nobody took it");

    let subscriptions = viewer.subscriptions();
    let stages = std::sync::Mutex::new(vec![]);
    let tell = |stage| stages.lock().unwrap().push(stage);
    let address = Address::new(created.key);
    let update = subscriptions.follow(&viewer.session, &address, PATIENCE, tell).await.unwrap();
    assert_eq!((update.version, update.titles), (1, 2));
    let stages = stages.into_inner().unwrap();
    assert_eq!(stages.first(), Some(&Stage::Searching));
    assert!(stages.contains(&Stage::Found { version: 1 }), "{stages:?}");
    assert_eq!(stages.last(), Some(&Stage::Importing));

    let listed = subscriptions.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    let channel = &listed[0];
    assert_eq!((channel.version, channel.titles, channel.state), (1, 2, State::Fresh));
    assert_eq!((channel.is_followed, channel.is_own), (true, false));
    assert!(channel.last_seen_ms.is_some());

    own.add(created.key, films(&["Nosferatu"])).await.unwrap();
    own.publish(Some(&publisher.session), created.key).await.unwrap();
    let refreshed =
        subscriptions.refresh(&viewer.session, created.key, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((refreshed.version, refreshed.titles, refreshed.is_new), (2, 3, true));
    let own_channel = own.get(created.key).await.unwrap();
    assert_eq!((own_channel.version, own_channel.waiting_titles), (2, 0));

    subscriptions.unfollow(Some(&viewer.session), created.key).await.unwrap();
    assert_eq!(subscriptions.list().await.unwrap(), []);
    assert!(viewer.session.torrents().is_empty(), "nothing of it is shared any more");
}

/// A port where nobody answers, and the one of the same number for TCP, which no other program takes meanwhile.
async fn deaf_door() -> (UdpSocket, TcpListener) {
    loop {
        let listener = TcpListener::bind(ANYWHERE).await.unwrap();
        if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()).await {
            return (socket, listener);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publication_that_nobody_heard_is_told_again_while_its_publisher_waits() {
    let (deaf, kept_free) = deaf_door().await;
    let door = deaf.local_addr().unwrap();
    let publisher = Home::alone(ANYWHERE, vec![door]).await;
    let own = publisher.publisher();
    let created = own.create(new_channel("Silent films"), None).await.unwrap();
    own.add(created.key, films(&["Metropolis"])).await.unwrap();
    let hearing = async {
        let (mut packet, question) = ([0; 2048], b"1:q3:get");
        loop {
            let length = deaf.recv(&mut packet).await.unwrap();
            if packet[..length].windows(question.len()).any(|part| part == question) {
                break;
            }
        }
        drop((deaf, kept_free));
        Home::alone(door, vec![]).await
    };
    let (published, _node) =
        tokio::join!(own.publish(Some(&publisher.session), created.key), hearing);
    assert_eq!(published.unwrap().copies, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_a_channel_interrupts_a_search_for_it() {
    let network = network().await;
    let home = Home::new(&network).await;
    let subscriptions = home.subscriptions();
    let key = catalogue::channel::Key([9; 32]);
    let (searching, mut told) = tokio::sync::mpsc::unbounded_channel();
    let follow = tokio::spawn({
        let (subscriptions, session) = (home.subscriptions(), home.session.clone());
        async move {
            let tell = |stage| searching.send(stage).unwrap();
            subscriptions.follow(&session, &Address::new(key), PATIENCE, tell).await
        }
    });
    assert_eq!(told.recv().await, Some(Stage::Searching));
    assert!(subscriptions.unfollow(Some(&home.session), key).await.is_err(), "not followed yet");
    assert!(follow.await.unwrap().is_err());
    assert_eq!(subscriptions.list().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_changed_and_the_secret_asks_for_its_passphrase() {
    let network = network().await;
    let home = Home::new(&network).await;
    let own = home.publisher();
    let secret = Some("correct horse".to_owned());
    let created = own.create(new_channel("Films"), secret.clone()).await.unwrap();
    let (first, second) = (films(&["Metropolis"]), films(&["The General"]));
    own.add(created.key, first.clone()).await.unwrap();
    assert_eq!(own.add(created.key, second).await.unwrap().waiting, 2);
    assert!(own.take_out_of_draft(created.key, &first[0].id).await.unwrap());
    assert!(!own.take_out_of_draft(created.key, &first[0].id).await.unwrap());
    assert_eq!(own.waiting(created.key, Some).await.unwrap().0.len(), 1);
    assert!(own.rotate(created.key, Opening::NOTHING).await.is_err());
    own.rotate(created.key, Opening::Passphrase(secret)).await.unwrap();
    let listed = own.list().await.unwrap();
    assert_eq!((listed.len(), listed[0].root_version, listed[0].is_locked), (1, 2, true));
    assert_eq!(own.publish(None, created.key).await.unwrap().copies, 0);
    assert_eq!(own.titles(created.key).await.unwrap().titles().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_reaches_a_connected_follower_without_asking_the_dht_and_is_passed_on() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let key = publisher.published(films(&["Metropolis"])).await;
    let _publishing = publisher.keep();
    let mut followers = vec![];
    for _ in 0..3 {
        let home = Home::new(&network).await;
        let address = Address::new(key);
        home.subscriptions().follow(&home.session, &address, PATIENCE, |_| {}).await.unwrap();
        let kept = home.keep();
        followers.push((home, kept));
    }
    for (home, _) in &followers {
        home.meets_followers(key).await;
    }
    let began = std::time::Instant::now();
    own.add(key, films(&["Nosferatu"])).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    for (_, kept) in &mut followers {
        let update = kept.until_version(2).await;
        assert_eq!(update.titles, 2);
    }
    // A poll comes after five minutes.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}
