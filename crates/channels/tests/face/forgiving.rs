//! A publisher's key that signed two things, and a follower who goes on because a person says so.

use catalogue::channel::{Key, Refused};
use channels::{FollowError, State};

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network},
};

impl Home {
    /// Shows this household another version with the number and time of the one it has.
    pub(crate) fn see_another(&self, publisher: &Self, key: Key) {
        let folder = self.channels.folder(key);
        let mut standing = folder.standing().unwrap();
        let mut says = standing.head().unwrap().clone();
        says.manifest = [7; 32];
        let other = says.sign(&publisher.online_key(key), &key, None).unwrap();
        assert_eq!(standing.offer_head(&other, u64::MAX), Err(Refused::Contradiction));
        folder.keep(&standing).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_stand_still_after_two_versions_until_a_person_says_so() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let key = publisher.published(films(&["Metropolis"])).await;
    follow(&viewer, key).await;
    viewer.see_another(&publisher, key);
    own.add(key, films(&["The General"])).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();

    let subscriptions = viewer.subscriptions();
    let refresh = async || {
        let update = subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
        (update.version, update.is_halted)
    };
    let state = async || subscriptions.get(key).await.unwrap().unwrap().state;
    assert_eq!((refresh().await, state().await), ((1, true), State::Equivocated));
    subscriptions.forgive(key).await.unwrap();
    assert_eq!(state().await, State::Fresh);
    assert_eq!((refresh().await, state().await), ((2, false), State::Fresh));
    let refused = subscriptions.forgive(Key([9; 32])).await;
    assert!(matches!(refused, Err(FollowError::NotFollowed)), "{refused:?}");
}
