//! Followed channels take no more of the disk than they may, and what is here of them stays.

use catalogue::channel::Address;
use channels::{FollowError, NoRoom, State};

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
