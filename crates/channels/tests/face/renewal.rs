//! A publisher who has nothing new and is online: the newest version is signed again, and followers hear of it.

use std::time::{SystemTime, UNIX_EPOCH};

use catalogue::channel::{Head, Key, Standing};
use tokio::time::timeout;

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network},
};

const DAY_MS: u64 = 24 * 3600 * 1000;

impl Home {
    /// Makes the newest version of an own channel one that was signed so long ago.
    fn sign_in_the_past(&self, key: Key, ago_ms: u64) -> u64 {
        let folder = self.channels.folder(key);
        let now = folder.standing().unwrap();
        let head = now.head().unwrap().clone();
        let issued_ms = head.issued_ms - ago_ms;
        let head = Head { issued_ms, expires_ms: head.expires_ms - ago_ms, ..head };
        let mut before = Standing::new(key);
        before.offer_root(now.root_item().unwrap(), u64::MAX).unwrap();
        let item = head.sign(&self.online_key(key), &key, None).unwrap();
        before.offer_head(&item, u64::MAX).unwrap();
        folder.keep(&before).unwrap();
        issued_ms
    }

    fn signed_ms(&self, key: Key) -> u64 {
        self.channels.folder(key).standing().unwrap().head().unwrap().issued_ms
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_who_is_online_is_never_silent() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let key = publisher.created(films(&["Metropolis"])).await;
    own.publish(None, key).await.unwrap();
    let signed = publisher.sign_in_the_past(key, 29 * DAY_MS);
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    follow(&viewer, key).await;
    assert_eq!(viewer.signed_ms(key), signed);

    let _publishing = publisher.keep();
    let mut kept = viewer.keep();
    let heard = async {
        // The first of them may be from before.
        while viewer.signed_ms(key) == signed {
            kept.next().await;
        }
    };
    timeout(PATIENCE, heard).await.expect("followers hear of it");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    assert!(now - u128::from(viewer.signed_ms(key)) < u128::from(DAY_MS));
    let channel = viewer.subscriptions().get(key).await.unwrap().unwrap();
    assert_eq!((channel.version, channel.titles), (1, 1));
    assert!(viewer.channels.folder(key).standing().unwrap().contradiction().is_none());
}
