//! Channels that followed channels name.

use catalogue::channel::{Address, Key};
use channels::{OwnError, Vouching};
use serde_json::json;

use crate::{
    PATIENCE,
    stage::{Home, films, network, new_channel},
};

fn vouching(key: Key, name: Option<&str>) -> Vouching {
    let name = name.map(|name| serde_json::from_value(json!({"en": name})).unwrap());
    Vouching { key, name, about: None, languages: vec!["en".to_owned().try_into().unwrap()] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_that_followed_ones_name_are_shown_with_who_does_and_followed_by_nobody() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let mut guides = vec![];
    for name in ["First guide", "Second guide"] {
        let key = own.create(new_channel(name), None).await.unwrap().key;
        own.add(key, films(&["Metropolis"])).await.unwrap();
        guides.push(key);
    }
    let (one, both) = (Key([1; 32]), Key([2; 32]));
    let refused = own.vouch(guides[0], vouching(one, None)).await;
    assert!(matches!(refused, Err(OwnError::Nameless)), "{refused:?}");
    let refused = own.vouch(guides[0], vouching(guides[0], Some("Me"))).await;
    assert!(matches!(refused, Err(OwnError::Itself)), "{refused:?}");
    assert_eq!(own.vouch(guides[0], vouching(one, Some("One"))).await.unwrap(), 1);
    assert_eq!(own.vouch(guides[0], vouching(both, Some("Both"))).await.unwrap(), 2);
    // What is known of a channel here need not be said.
    own.publish(Some(&publisher.session), guides[0]).await.unwrap();
    assert_eq!(own.vouch(guides[1], vouching(guides[0], None)).await.unwrap(), 1);
    assert_eq!(own.vouch(guides[1], vouching(both, Some("Others call it so"))).await.unwrap(), 2);
    own.publish(Some(&publisher.session), guides[1]).await.unwrap();

    let subscriptions = viewer.subscriptions();
    for guide in &guides {
        let address = Address::new(*guide);
        subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await.unwrap();
    }
    let found = subscriptions.recommended().await.unwrap();
    let (first, rest) = found.split_first().unwrap();
    assert_eq!((first.key, first.by.len(), rest.len()), (both, 2, 2));
    assert_eq!(first.languages.len(), 1);
    let of = |key: Key| found.iter().find(|found| found.key == key).unwrap();
    assert!(of(guides[0]).is_followed && !of(one).is_followed);
    assert_eq!(of(guides[0]).name.pick(&["en"]), Some("First guide"));
    assert_eq!(subscriptions.list().await.unwrap().len(), 2, "nothing is followed by itself");

    assert!(own.vouch_no_more(guides[0], both).await.unwrap());
    assert!(!own.vouch_no_more(guides[0], both).await.unwrap());
    own.publish(Some(&publisher.session), guides[0]).await.unwrap();
    subscriptions.refresh(&viewer.session, guides[0], PATIENCE, |_| {}).await.unwrap();
    let found = subscriptions.recommended().await.unwrap();
    assert!(found.iter().all(|found| found.by.len() == 1), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_with_nearly_the_name_of_a_followed_one_is_told_of_before_and_after_it_is_followed()
 {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let mut keys = vec![];
    for name in ["Silent films", "Silеnt fi1ms", "Sound films"] {
        let key = own.create(new_channel(name), None).await.unwrap().key;
        own.add(key, films(&["Metropolis"])).await.unwrap();
        keys.push(key);
    }
    let [known, other, guide] = [0, 1, 2].map(|at| keys[at]);
    own.vouch(guide, vouching(other, Some("SILENT FILMS"))).await.unwrap();
    for key in &keys {
        own.publish(Some(&publisher.session), *key).await.unwrap();
    }
    let subscriptions = viewer.subscriptions();
    let follow = async |key| {
        let address = Address::new(key);
        subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await.unwrap();
    };
    let resembles = async |key| {
        let channel = subscriptions.get(key).await.unwrap().unwrap();
        channel.resembles.map(|(key, _)| key)
    };
    follow(known).await;
    follow(guide).await;
    assert_eq!((resembles(known).await, resembles(guide).await), (None, None));
    let found = subscriptions.recommended().await.unwrap();
    assert_eq!(found[0].resembles.as_ref().map(|(key, _)| *key), Some(known));
    follow(other).await;
    assert_eq!((resembles(known).await, resembles(other).await), (Some(other), Some(known)));
    assert_eq!(resembles(guide).await, None);
}
