//! Followed channels take no more of the disk than they may, and what is here of them stays.

use catalogue::channel::{Address, Key};
use channels::{FollowError, NoRoom, Opening, State};
use library::{Filter, Languages};
use serde_json::{Value, json};

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followed_channels_take_no_more_of_the_disk_than_they_may_and_lose_nothing() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let first = publisher.published(films(&["Metropolis", "Sunrise"])).await;
    follow(&viewer, first).await;
    let one = viewer.channels.followed_bytes().unwrap();
    assert!(one > 0);
    assert_eq!(publisher.channels.followed_bytes().unwrap(), 0, "what is ours counts for nothing");

    let second = publisher.published(films(&["The General"])).await;
    viewer.channels.allow(one);
    let address = Address::new(second);
    let refused = subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await;
    let Err(FollowError::NoRoom(NoRoom { needed, most })) = refused else { panic!("{refused:?}") };
    assert!(needed > one && most == one, "{needed} {most}");
    assert_eq!(subscriptions.get(second).await.unwrap(), None);
    assert_eq!(viewer.channels.followed_bytes().unwrap(), one);

    viewer.channels.allow(needed);
    follow(&viewer, second).await;
    assert_eq!(viewer.channels.followed_bytes().unwrap(), needed);
    own.add(second, films(&["The Circus", "Nosferatu"])).await.unwrap();
    own.publish(Some(&publisher.session), second).await.unwrap();
    let refresh = || subscriptions.refresh(&viewer.session, second, PATIENCE, |_| {});
    let refused = refresh().await;
    assert!(matches!(refused, Err(FollowError::NoRoom(_))), "{refused:?}");
    let here = async || {
        let channel = subscriptions.get(second).await.unwrap().unwrap();
        (channel.version, channel.titles, channel.state)
    };
    assert_eq!(here().await, (1, 1, State::NoRoom));
    // A limit that was lowered takes nothing away.
    viewer.channels.allow(1);
    assert_eq!(viewer.channels.followed_bytes().unwrap(), needed);
    viewer.channels.allow(u64::MAX);
    assert_eq!(refresh().await.unwrap().version, 2);
    assert_eq!(here().await, (2, 3, State::Fresh));
}

/// The names of a channel's titles that a viewer sees.
fn shown(viewer: &Home) -> Vec<String> {
    let titles = viewer.library.titles(&Filter::default(), &Languages::one("en")).unwrap().titles;
    let mut names: Vec<_> = titles.into_iter().map(|card| card.name).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_channel_without_room_takes_back_goes_and_its_keys_are_current() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let here = films(&["Metropolis", "Sunrise", "The General"]);
    let key = publisher.published(here.clone()).await;
    follow(&viewer, key).await;
    viewer.channels.allow(viewer.channels.followed_bytes().unwrap());
    let publish = async || own.publish(Some(&publisher.session), key).await.unwrap();
    let refused = async || {
        let refreshed = subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await;
        assert!(matches!(refreshed, Err(FollowError::NoRoom(_))), "{refreshed:?}");
        let channel = subscriptions.get(key).await.unwrap().unwrap();
        (channel.version, channel.state)
    };
    let withdraw = async |withdrawal: Value| {
        own.withdraw(key, serde_json::from_value(withdrawal).unwrap()).await.unwrap();
    };

    own.add(key, films(&["The Circus", "Nosferatu", "Faust"])).await.unwrap();
    publish().await;
    assert_eq!(refused().await, (1, State::NoRoom));
    assert_eq!(shown(&viewer), ["Metropolis", "Sunrise", "The General"]);

    // One goes with its title, and another with what is not here at all.
    withdraw(json!({"id": here[0].id, "reason": "rights"})).await;
    withdraw(json!({"id": "faust", "reason": "rights"})).await;
    publish().await;
    assert_eq!(refused().await, (1, State::NoRoom));
    assert_eq!(shown(&viewer), ["Sunrise", "The General"]);
    assert_eq!(refused().await, (1, State::NoRoom));
    assert_eq!(shown(&viewer), ["Sunrise", "The General"]);

    // A key that was replaced is known, and so is what is taken back under the new one.
    own.rotate(key, Opening::NOTHING).await.unwrap();
    withdraw(json!({"id": here[1].id, "reason": "licence"})).await;
    publish().await;
    assert_eq!(refused().await, (1, State::NoRoom));
    assert_eq!(viewer.channels.folder(key).standing().unwrap().root().unwrap().version, 2);
    assert_eq!(shown(&viewer), ["The General"]);

    viewer.channels.allow(u64::MAX);
    let fresh = subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((fresh.version, fresh.titles), (4, 3));
    assert_eq!(shown(&viewer), ["Nosferatu", "The Circus", "The General"]);
    assert_eq!(shown_again(&viewer, key).await, shown(&viewer));
}

/// What is seen when everything is taken in anew.
async fn shown_again(viewer: &Home, key: Key) -> Vec<String> {
    let subscriptions = viewer.subscriptions();
    std::fs::remove_file(viewer.place().join("channels").join(key.to_string()).join("ledger"))
        .unwrap();
    subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
    shown(viewer)
}
