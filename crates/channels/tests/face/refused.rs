//! Versions that are signed as they should be and are no use to anybody: refused, and kept from others.

use std::{collections::BTreeMap, fs, sync::Arc};

use catalogue::channel::{
    Address, BadChannel, BadManifest, Head, Key, Kind, Manifest, head_torrent, manifest_hash,
    public,
};
use channels::{FetchError, FollowError, State};
use dht::{MutableItem, SigningKey};
use driver::{Add, Source};
use engine::Want;
use torrent::InfoHashes;

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network},
};

impl Home {
    /// The key that signs versions of an own channel.
    pub(crate) fn online_key(&self, key: Key) -> SigningKey {
        let path = self.place().join("channels").join(key.to_string()).join("own/online.key");
        SigningKey::from_bytes(&fs::read(path).unwrap().try_into().unwrap())
    }

    /// Signs a next version that differs from the last one in its manifest alone, whatever that says, and puts it where
    /// everybody finds it.
    pub(crate) async fn publish_as_it_is(
        &self,
        key: Key,
        change: impl FnOnce(&mut Manifest),
    ) -> InfoHashes {
        let (folder, signer) = (self.channels.folder(key), self.online_key(key));
        let place = self.place().join("channels").join(key.to_string());
        let heads = place.join("heads");
        let mut standing = folder.standing().unwrap();
        let last = standing.head().unwrap().clone();
        let old = heads.join(last.torrent.wire().to_string()).join("kinora-channel");
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(old).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            files.insert(name, fs::read(entry.path()).unwrap());
        }
        let mut manifest = folder.manifest().unwrap();
        manifest.version += 1;
        manifest.previous = manifest_hash(&files["m"]);
        change(&mut manifest);
        let sealed = manifest.seal(&signer);
        let hash = manifest_hash(&sealed);
        files.insert("m".to_owned(), sealed);
        let torrent = head_torrent(&files).unwrap().info.hashes();
        let new = heads.join(torrent.wire().to_string()).join("kinora-channel");
        fs::create_dir_all(&new).unwrap();
        for (name, bytes) in &files {
            fs::write(new.join(name), bytes).unwrap();
        }
        let head = Head { torrent, manifest: hash, version: manifest.version, ..last };
        let seq = standing.head_item().map(MutableItem::seq);
        let item = head.sign(&signer, standing.key(), seq).unwrap();
        assert_eq!(item.key(), &public(&signer).0);
        standing.offer_head(&item, head.issued_ms).unwrap();
        folder.keep(&standing).unwrap();
        fs::write(place.join("current"), torrent.wire().to_string()).unwrap();
        // Whoever publishes such things has a program that shares them.
        let source = Source::Metainfo(Arc::new(head_torrent(&files).unwrap()));
        let root = heads.join(torrent.wire().to_string());
        let (trackers, web_seeds, peers) = (vec![], vec![], vec![]);
        let add = Add { source, root, trackers, web_seeds, peers, want: Want::All, recheck: true };
        self.session.add(add).await.unwrap().finished().await.unwrap();
        channels::put(&self.session, &self.channels, key).await.unwrap();
        torrent
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_version_is_neither_here_nor_given_to_others_and_the_next_one_is_taken() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, subscriptions) = (publisher.publisher(), viewer.subscriptions());
    let key = publisher.published(films(&["Metropolis"])).await;
    follow(&viewer, key).await;
    let first = viewer.channels.folder(key).standing().unwrap().head().unwrap().torrent;

    let bad =
        publisher.publish_as_it_is(key, |manifest| manifest.tallies[0].commitment = [7; 32]).await;
    let refresh = || subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {});
    let refused = refresh().await;
    let why = BadChannel::Commitment;
    assert!(matches!(&refused, Err(FollowError::Bad(bad)) if *bad == why), "{refused:?}");
    let is_as_before = async || {
        let channel = subscriptions.get(key).await.unwrap().unwrap();
        assert_eq!((channel.version, channel.titles, channel.state), (1, 1, State::Refused));
        assert!(viewer.session.find(&bad).is_none(), "nobody gets it from here");
        assert!(viewer.session.find(&first).is_some());
        let heads = viewer.place().join("channels").join(key.to_string()).join("heads");
        let here: Vec<_> =
            fs::read_dir(heads).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(here, [first.wire().to_string().as_str()]);
    };
    is_as_before().await;
    let again = refresh().await;
    assert!(matches!(again, Err(FollowError::Refused)), "it is not fetched twice: {again:?}");
    is_as_before().await;

    own.add(key, films(&["The General"])).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    let update = refresh().await.unwrap();
    assert_eq!((update.version, update.titles), (3, 2));
    assert_eq!(subscriptions.get(key).await.unwrap().unwrap().state, State::Fresh);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_meets_a_channel_with_a_version_that_is_refused_keeps_nothing_of_it() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(films(&["Metropolis"])).await;
    // A first screen would be here before anything is refused.
    let change = |manifest: &mut Manifest| {
        manifest.tallies[0].commitment = [7; 32];
        manifest.shelves = None;
    };
    publisher.publish_as_it_is(key, change).await;
    let subscriptions = viewer.subscriptions();
    let address = Address::new(key);
    let followed = subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await;
    assert!(matches!(followed, Err(FollowError::Bad(_))), "{followed:?}");
    assert!(viewer.session.torrents().is_empty());
    assert_eq!(subscriptions.list().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_neither_a_catalogue_nor_a_filter_is_not_followed() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(films(&["Metropolis"])).await;
    let change = |manifest: &mut Manifest| {
        (manifest.kind, manifest.contact) = (Kind::Site, vec![]);
    };
    publisher.publish_as_it_is(key, change).await;
    let subscriptions = viewer.subscriptions();
    let address = Address::new(key);
    let followed = subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await;
    let is_refused =
        matches!(followed, Err(FollowError::Fetch(FetchError::Manifest(BadManifest::NotFollowed))));
    assert!(is_refused, "{followed:?}");
    assert!(viewer.session.torrents().is_empty());
    assert_eq!(subscriptions.list().await.unwrap(), []);
}
