//! A channel is handed over to another key, and whoever follows it goes with it.

use catalogue::channel::{Address, Key};
use channels::{Opening, Own, State, Update};

use crate::{
    PATIENCE,
    stage::{Home, films, network},
};

/// Goes with a channel as soon as it is heard that it was handed over.
pub(crate) async fn goes_along(home: &Home, key: Key) -> Update {
    let mut kept = home.keep();
    loop {
        let update = kept.next().await;
        if update.key == key && update.successor.is_some() {
            return home
                .subscriptions()
                .move_on(&home.session, key, PATIENCE, |_| {})
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_go_with_a_channel_that_was_handed_over_and_tell_those_who_come_late() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let old = publisher.published(films(&["Metropolis", "The General"])).await;

    let follower = Home::new(&network).await;
    let subscriptions = follower.subscriptions();
    let (session, address) = (&follower.session, Address::new(old));
    subscriptions.follow(session, &address, PATIENCE, |_| {}).await.unwrap();
    assert!(subscriptions.move_on(session, old, PATIENCE, |_| {}).await.is_err(), "it stays");
    let title = own.titles(old).await.unwrap().titles()[0].id.clone();
    let id = |key: Key| format!("{key}.{}", &*title);
    follower.library.set_progress(&id(old), 60.0, 600.0).unwrap();
    follower.library.set_favourite(&id(old), true).unwrap();

    let channel = Own::open(publisher.channels.folder(old)).unwrap();
    let new = *channel.hand_over(&publisher.channels, &Opening::NOTHING).unwrap().folder().key();
    own.publish(Some(&publisher.session), new).await.unwrap();
    let publishing = publisher.keep();
    let moved = goes_along(&follower, old).await;
    assert_eq!((moved.key, moved.titles), (new, 2));
    drop(publishing);
    drop(publisher);

    let listed = subscriptions.list().await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((listed[0].key, listed[0].titles, listed[0].state), (new, 2, State::Fresh));
    assert_eq!(listed[0].moved.as_ref().unwrap().from, old.to_string());
    let progress = follower.library.progress(&id(new)).unwrap().unwrap();
    assert!((progress.position_s - 60.0).abs() < 1e-9);
    let english = library::Languages::one("en");
    let title = |key| follower.library.title(&id(key), &english).unwrap();
    assert!(title(new).unwrap().card.favourite && title(old).is_none());
    let before = subscriptions.get(old).await.unwrap().unwrap();
    assert_eq!((before.is_followed, before.state), (false, State::HandedOver { to: new }));
    let again = subscriptions.follow(session, &address, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((again.key, again.titles), (new, 2), "the old address leads to the new one");

    let _keeping = follower.keep();
    let late = Home::new(&network).await;
    late.subscriptions().follow(&late.session, &address, PATIENCE, |_| {}).await.unwrap();
    let moved = goes_along(&late, old).await;
    assert_eq!((moved.key, moved.titles), (new, 2), "the publisher is not needed for it");

    late.subscriptions().unfollow(Some(&late.session), new).await.unwrap();
    assert_eq!(late.subscriptions().get(old).await.unwrap(), None);
    assert_eq!(std::fs::read_dir(late.place().join("channels")).unwrap().count(), 0);
}
