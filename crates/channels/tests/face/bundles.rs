//! A channel that comes in one file, as the starter channel does: no network is needed to begin.

use catalogue::channel::Address;
use channels::{BundleError, State};

use crate::{
    PATIENCE,
    stage::{Home, films, network, new_channel},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_in_one_file_is_followed_without_a_network_and_has_its_news_from_it() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let key = own.create(new_channel("Starter"), None).await.unwrap().key;
    let curated = catalogue::starter().unwrap();
    own.add(key, curated.titles().to_vec()).await.unwrap();
    let folder = publisher.channels.folder(key);
    assert!(channels::bundle(&folder).is_err(), "nothing was published yet");
    own.publish(Some(&publisher.session), key).await.unwrap();
    let bytes = channels::bundle(&folder).unwrap();
    assert_eq!(channels::key_of_bundle(&bytes).unwrap(), key);

    let viewer = Home::new(&network).await;
    let (kept, library) = (&viewer.channels, &viewer.library);
    assert_eq!(channels::take_in(kept, library, &bytes).unwrap(), key);
    assert_eq!(channels::take_in(kept, library, &bytes).unwrap(), key, "twice is once");
    let subscriptions = viewer.subscriptions();
    let channel = subscriptions.get(key).await.unwrap().unwrap();
    assert_eq!((channel.is_followed, channel.state), (true, State::Fresh));
    assert_eq!(channel.titles as usize, curated.titles().len());

    own.add(key, films(&["Metropolis"])).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    let update = subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((update.version, update.titles), (2, curated.titles().len() + 1));

    let late = Home::new(&network).await;
    let _keeping = viewer.keep();
    drop(publisher);
    let followed = late.subscriptions();
    let update =
        followed.follow(&late.session, &Address::new(key), PATIENCE, |_| {}).await.unwrap();
    assert_eq!(update.version, 2, "whoever began with the file keeps the channel alive");
    subscriptions.unfollow(Some(&viewer.session), key).await.unwrap();
    assert_eq!(subscriptions.list().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_which_anything_was_changed_is_refused_and_nothing_is_followed() {
    let network = network().await;
    let home = Home::new(&network).await;
    let own = home.publisher();
    let key = own.create(new_channel("Starter"), None).await.unwrap().key;
    own.add(key, films(&["Metropolis"])).await.unwrap();
    own.publish(None, key).await.unwrap();
    let bytes = channels::bundle(&home.channels.folder(key)).unwrap();
    let viewer = Home::new(&network).await;
    let take_in = |bytes: &[u8]| channels::take_in(&viewer.channels, &viewer.library, bytes);
    for at in (0..bytes.len()).step_by(61) {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(matches!(take_in(&other), Err(BundleError::Bad(_))), "byte {at}");
        assert!(matches!(take_in(&bytes[..at]), Err(BundleError::Bad(_))), "{at} bytes");
    }
    assert_eq!(viewer.subscriptions().list().await.unwrap(), []);
}
