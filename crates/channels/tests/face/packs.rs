//! Pictures and subtitles in packs: fetched when they are asked for, given on by whoever opened them.

use catalogue::{
    Art, Digest, SubtitlePlace, SubtitleTrack, Title, Withdrawal,
    channel::{Address, Key, PackKind, PackRef, Where},
};
use channels::{PackError, Packs, Publisher};
use serde_json::json;

use crate::{
    PATIENCE,
    stage::{Home, Network, films, network, new_channel},
};

const PICTURE: PackKind = PackKind::Pictures;

/// Bytes that nothing else has: a picture, as far as packs are concerned.
pub(crate) fn picture(number: usize) -> Vec<u8> {
    (0..100_000_u32).flat_map(|at| (at ^ number as u32).to_le_bytes()).take(100_000).collect()
}

/// Lets a film wait whose poster are these bytes, and returns their hash.
pub(crate) async fn add(own: &Publisher, key: Key, name: &str, poster: &[u8]) -> [u8; 32] {
    let hash = own.keep_thing(key, PICTURE, poster.to_vec()).await.unwrap();
    let mut film = films(&[name]);
    film[0].poster = Some(Art::Sha256(Digest(hash)));
    own.add(key, film).await.unwrap();
    hash
}

async fn channel(publisher: &Home) -> Key {
    publisher.publisher().create(new_channel("Silent films"), None).await.unwrap().key
}

pub(crate) async fn follow(home: &Home, key: Key) {
    let address = Address::new(key);
    home.subscriptions().follow(&home.session, &address, PATIENCE, |_| {}).await.unwrap();
}

pub(crate) fn packs(home: &Home, key: Key) -> Vec<PackRef> {
    home.channels.folder(key).manifest().unwrap().packs
}

pub(crate) async fn get(home: &Home, key: Key, hash: [u8; 32]) -> Result<Vec<u8>, PackError> {
    let session = Some(&home.session);
    Packs::new(home.channels.clone()).get(session, key, PICTURE, hash, PATIENCE).await
}

/// What is on this disk.
pub(crate) async fn kept(home: &Home, key: Key, hash: [u8; 32]) -> Result<Vec<u8>, PackError> {
    Packs::new(home.channels.clone()).get(None, key, PICTURE, hash, PATIENCE).await
}

/// Bytes that a household has of the torrents of packs.
async fn held(home: &Home, packs: &[PackRef]) -> u64 {
    let mut held = 0;
    for pack in packs {
        let Where::Torrent(hashes) = pack.file.place else { continue };
        let Some(torrent) = home.session.find(&hashes) else { continue };
        held += torrent.stats().await.unwrap().have_bytes;
    }
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_comes_with_few_pieces_and_goes_on_from_whoever_opened_it() {
    let network = network().await;
    let (publisher, second) = (Home::new(&network).await, Home::new(&network).await);
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    let mut hashes = vec![];
    for number in 0..60 {
        hashes.push(add(&own, key, &format!("Film {number}"), &picture(number)).await);
    }
    own.publish(Some(&publisher.session), key).await.unwrap();
    let packs = packs(&publisher, key);
    assert_eq!((packs.len(), packs[0].things), (1, 60));
    assert_eq!(kept(&publisher, key, hashes[7]).await.unwrap(), picture(7));

    follow(&second, key).await;
    // The last ones are not on the first screen: nobody asked for them yet.
    assert!(matches!(kept(&second, key, [9; 32]).await, Err(PackError::Offline)));
    assert_eq!(get(&second, key, hashes[30]).await.unwrap(), picture(30));
    assert_eq!(kept(&second, key, hashes[30]).await.unwrap(), picture(30), "it stays");
    publisher.session.shutdown().await;

    let third = Home::new(&network).await;
    follow(&third, key).await;
    assert_eq!(get(&third, key, hashes[30]).await.unwrap(), picture(30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_large_pack_only_what_is_asked_for_is_fetched() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    // Subtitles come never early.
    let kind = PackKind::Subtitles;
    let mut film = films(&["Metropolis"]);
    for number in 0..60 {
        let hash = own.keep_thing(key, kind, picture(number)).await.unwrap();
        film[0].releases[0].subtitles.push(subtitle(number, hash));
    }
    own.add(key, film).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    follow(&viewer, key).await;

    let hash = track_hash(&publisher.publisher().titles(key).await.unwrap().titles()[0], 5);
    let viewers = Packs::new(viewer.channels.clone());
    let got = viewers.get(Some(&viewer.session), key, kind, hash, PATIENCE).await.unwrap();
    assert_eq!(got, picture(5));
    let fetched = held(&viewer, &packs(&viewer, key)).await;
    let whole = packs(&viewer, key)[0].file.length;
    assert!(fetched <= whole / 10, "{fetched} of {whole} bytes");
}

pub(crate) fn subtitle(number: usize, hash: [u8; 32]) -> SubtitleTrack {
    let track =
        json!({"language": "de", "label": format!("{number}"), "format": "srt", "path": "x"});
    let mut track: SubtitleTrack = serde_json::from_value(track).unwrap();
    track.place = SubtitlePlace::Sha256(Digest(hash));
    track
}

fn track_hash(title: &Title, number: usize) -> [u8; 32] {
    match &title.releases[0].subtitles[number].place {
        SubtitlePlace::Sha256(hash) => hash.0,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_new_pictures_make_a_new_pack() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    let first = add(&own, key, "Metropolis", &picture(1)).await;
    own.publish(None, key).await.unwrap();
    let before = packs(&publisher, key);

    let mut film = films(&["Metropolis"]);
    film[0].poster = Some(Art::Sha256(Digest(first)));
    film[0].year = Some(1928);
    own.add(key, film).await.unwrap();
    own.keep_thing(key, PICTURE, picture(1)).await.unwrap();
    let published = own.publish(None, key).await.unwrap();
    assert_eq!(packs(&publisher, key), before, "its picture is there already");
    assert!(published.new_bytes < 24 << 10, "{}", published.new_bytes);

    let second = add(&own, key, "The General", &picture(2)).await;
    let published = own.publish(None, key).await.unwrap();
    let after = packs(&publisher, key);
    assert_eq!((after.len(), &after[..1]), (2, &before[..]));
    assert_eq!(after[1].things, 1);
    assert!(published.new_bytes < 24 << 10, "{}", published.new_bytes);
    for (hash, number) in [(first, 1), (second, 2)] {
        assert_eq!(kept(&publisher, key, hash).await.unwrap(), picture(number));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_small_packs_become_one_and_what_was_opened_stays_and_is_given_on() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    let mut hashes = vec![];
    for number in 0..8 {
        hashes.push(add(&own, key, &format!("Film {number}"), &picture(number)).await);
        own.publish(None, key).await.unwrap();
    }
    assert_eq!(packs(&publisher, key).len(), 8);
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    follow(&viewer, key).await;
    assert_eq!(get(&viewer, key, hashes[3]).await.unwrap(), picture(3));

    let last = add(&own, key, "Film 8", &picture(8)).await;
    own.publish(Some(&publisher.session), key).await.unwrap();
    let mut sizes: Vec<_> = packs(&publisher, key).iter().map(|pack| pack.things).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 8]);
    until_version(&viewer, key, 9).await;
    assert_eq!(packs(&viewer, key), packs(&publisher, key));
    assert_eq!(kept(&viewer, key, hashes[3]).await.unwrap(), picture(3), "seen before");
    assert_eq!(get(&viewer, key, last).await.unwrap(), picture(8));
    only_named_are_left(&viewer, key).await;
    assert_eq!(kept(&viewer, key, hashes[3]).await.unwrap(), picture(3), "in the new pack");
    publisher.session.shutdown().await;
    let third = late(&network, key).await;
    assert_eq!(get(&third, key, hashes[3]).await.unwrap(), picture(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_picture_of_a_title_that_was_taken_back_leaves_the_packs() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    let gone = add(&own, key, "Metropolis", &picture(1)).await;
    let stays = add(&own, key, "The General", &picture(2)).await;
    own.publish(Some(&publisher.session), key).await.unwrap();
    let withdrawal: Withdrawal =
        serde_json::from_value(json!({"id": "metropolis", "reason": "rights"})).unwrap();
    own.withdraw(key, withdrawal).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    assert_eq!(packs(&publisher, key).iter().map(|pack| pack.things).sum::<u64>(), 1);
    assert!(kept(&publisher, key, gone).await.is_err());
    assert_eq!(kept(&publisher, key, stays).await.unwrap(), picture(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keeper_holds_what_nobody_asked_for() {
    let network = network().await;
    let (publisher, keeper) = (Home::new(&network).await, Home::new(&network).await);
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    let hash = add(&own, key, "Metropolis", &picture(1)).await;
    let other = own.keep_thing(key, PackKind::Subtitles, picture(2)).await.unwrap();
    let mut film = films(&["The General"]);
    film[0].releases[0].subtitles.push(subtitle(0, other));
    own.add(key, film).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    follow(&keeper, key).await;
    let _kept = keeper.keep_all();
    all_is_here(&keeper, &packs(&keeper, key)).await;
    publisher.session.shutdown().await;

    let third = late(&network, key).await;
    assert_eq!(get(&third, key, hash).await.unwrap(), picture(1));
    let packs = Packs::new(third.channels.clone());
    let kind = PackKind::Subtitles;
    let got = packs.get(Some(&third.session), key, kind, other, PATIENCE).await;
    assert_eq!(got.unwrap(), picture(2));
}

/// Asks for news until it is here: a node that is asked may be one that did not hear of it yet.
async fn until_version(home: &Home, key: Key, version: u64) {
    let subscriptions = home.subscriptions();
    let refresh = async || subscriptions.refresh(&home.session, key, PATIENCE, |_| {}).await;
    while refresh().await.unwrap().version < version {}
}

async fn late(network: &Network, key: Key) -> Home {
    let home = Home::new(network).await;
    follow(&home, key).await;
    home
}

/// Waits until nothing is left of packs that the version does not name.
async fn only_named_are_left(home: &Home, key: Key) {
    let folder = home.place().join("channels").join(key.to_string()).join("packs");
    let named = packs(home, key).len();
    while std::fs::read_dir(&folder).unwrap().count() > named {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Waits until a household has all of some packs.
pub(crate) async fn all_is_here(home: &Home, packs: &[PackRef]) {
    let all: u64 = packs.iter().map(|pack| pack.file.length).sum();
    while held(home, packs).await < all {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_pack_has_is_unknown_and_what_is_too_large_is_refused() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let (own, key) = (publisher.publisher(), channel(&publisher).await);
    own.add(key, films(&["Metropolis"])).await.unwrap();
    own.publish(None, key).await.unwrap();
    assert!(matches!(get(&publisher, key, [9; 32]).await, Err(PackError::Unknown)));
    for bytes in [vec![], vec![0; (2 << 20) + 1]] {
        assert!(own.keep_thing(key, PICTURE, bytes).await.is_err());
    }
}
