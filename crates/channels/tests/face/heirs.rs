//! Pictures, subtitles and withdrawals go with a channel: to its next root key, and back to a publisher who has the words
//! alone.

use catalogue::{
    Withdrawal,
    channel::{Key, PackKind},
};
use channels::{Opening, PackError, Packs, Seed};
use serde_json::json;

use crate::{
    PATIENCE,
    moving::goes_along,
    packs::{add, all_is_here, follow, get, kept, packs, picture, subtitle},
    stage::{Home, films, network, new_channel},
};

const SUBTITLES: PackKind = PackKind::Subtitles;

/// How many things the packs of a version have.
fn things(home: &Home, key: Key) -> u64 {
    packs(home, key).iter().map(|pack| pack.things).sum()
}

/// Lets a film wait that has a subtitle, and returns the subtitle's hash. Subtitles are never fetched early.
async fn add_with_subtitle(home: &Home, key: Key, name: &str, number: usize) -> [u8; 32] {
    let own = home.publisher();
    let hash = own.keep_thing(key, SUBTITLES, picture(number)).await.unwrap();
    let mut film = films(&[name]);
    film[0].releases[0].subtitles.push(subtitle(number, hash));
    own.add(key, film).await.unwrap();
    hash
}

/// A subtitle that is on this disk.
async fn kept_subtitle(home: &Home, key: Key, hash: [u8; 32]) -> Result<Vec<u8>, PackError> {
    Packs::new(home.channels.clone()).get(None, key, SUBTITLES, hash, PATIENCE).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_go_with_a_channel_that_is_handed_over() {
    let network = network().await;
    let (publisher, follower) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let old = own.create(new_channel("Silent films"), None).await.unwrap().key;
    let shown = add(&own, old, "Metropolis", &picture(1)).await;
    own.publish(Some(&publisher.session), old).await.unwrap();
    let before = packs(&publisher, old);
    follow(&follower, old).await;
    assert_eq!(get(&follower, old, shown).await.unwrap(), picture(1));

    let waiting = add(&own, old, "The General", &picture(2)).await;
    let new = own.hand_over(old, Opening::NOTHING).await.unwrap();
    own.publish(Some(&publisher.session), new).await.unwrap();
    let after = packs(&publisher, new);
    assert_eq!((after.len(), &after[..1]), (2, &before[..]), "the same torrent");
    for (hash, number) in [(shown, 1), (waiting, 2)] {
        assert_eq!(kept(&publisher, new, hash).await.unwrap(), picture(number));
    }

    let publishing = publisher.keep();
    assert_eq!(goes_along(&follower, old).await.key, new);
    drop(publishing);
    assert_eq!(kept(&follower, new, shown).await.unwrap(), picture(1), "seen before");
    publisher.session.shutdown().await;
    let _keeping = follower.keep();
    let late = Home::new(&network).await;
    follow(&late, new).await;
    assert_eq!(get(&late, new, shown).await.unwrap(), picture(1), "from whoever went along");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_was_handed_over_twice_has_its_pictures_and_not_what_was_taken_back() {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let first = own.create(new_channel("Silent films"), None).await.unwrap().key;
    let stays = add(&own, first, "Metropolis", &picture(1)).await;
    add(&own, first, "The General", &picture(2)).await;
    own.publish(None, first).await.unwrap();
    let withdrawal = json!({"id": "the-general", "reason": "rights"});
    let withdrawal: Withdrawal = serde_json::from_value(withdrawal).unwrap();
    own.withdraw(first, withdrawal).await.unwrap();

    let second = own.hand_over(first, Opening::NOTHING).await.unwrap();
    let third = own.hand_over(second, Opening::NOTHING).await.unwrap();
    own.publish(None, third).await.unwrap();
    let catalogue = own.titles(third).await.unwrap();
    let names: Vec<_> = catalogue.titles().iter().filter_map(|one| one.name.get("en")).collect();
    assert_eq!((names, things(&publisher, third)), (vec!["Metropolis"], 1));
    assert_eq!(kept(&publisher, third, stays).await.unwrap(), picture(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_stays_so_when_a_channel_is_handed_over() {
    let network = network().await;
    let (publisher, follower) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let first = publisher.created(films(&["Metropolis", "The General", "Sunrise"])).await;
    own.publish(None, first).await.unwrap();
    let withdraw = async |id: &str| {
        let withdrawal = json!({"id": id, "reason": "rights", "note": {"en": "It was not ours."}});
        own.withdraw(first, serde_json::from_value(withdrawal).unwrap()).await.unwrap();
    };
    withdraw("the-general").await;
    own.publish(None, first).await.unwrap();
    let told = own.titles(first).await.unwrap().withdrawn().to_vec();
    assert_eq!(told.len(), 1);
    withdraw("sunrise").await;

    // Through a key under which nothing was published, too.
    let second = own.hand_over(first, Opening::NOTHING).await.unwrap();
    let third = own.hand_over(second, Opening::NOTHING).await.unwrap();
    for key in [first, second, third] {
        let again = films(&["The General", "Sunrise", "Nosferatu"]);
        let ids: Vec<_> = again.iter().take(2).map(|title| title.id.clone()).collect();
        assert_eq!(own.add(key, again).await.unwrap().taken_back, ids);
    }
    own.publish(Some(&publisher.session), third).await.unwrap();
    let catalogue = own.titles(third).await.unwrap();
    let names = catalogue.titles().iter().filter_map(|one| one.name.get("en"));
    assert_eq!(names.collect::<Vec<_>>(), ["Metropolis", "Nosferatu"]);
    assert_eq!(catalogue.withdrawn().len(), 2);
    assert!(catalogue.withdrawn().contains(&told[0]), "with its reason and its note");
    let again = own.add(third, films(&["The General"])).await.unwrap();
    assert_eq!((again.waiting, again.taken_back.len()), (0, 1));

    // Whoever comes late hears of both, and keeps what they say.
    follow(&follower, third).await;
    let late = channels::catalogue(&follower.channels.folder(third)).unwrap();
    assert_eq!(late.withdrawn(), catalogue.withdrawn());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_was_brought_back_names_its_pictures_and_has_them_again() {
    let network = network().await;
    let (lost, again) = (Home::new(&network).await, Home::new(&network).await);
    let own = lost.publisher();
    let created = own.create(new_channel("Silent films"), None).await.unwrap();
    let (key, seed) = (created.key, Seed::from_words(&created.words).unwrap());
    let gone = add_with_subtitle(&lost, key, "Metropolis", 1).await;
    let stays = add_with_subtitle(&lost, key, "The General", 2).await;
    own.publish(Some(&lost.session), key).await.unwrap();
    let before = packs(&lost, key);
    follow(&again, key).await;

    let own = again.publisher();
    own.restore(None, key, seed, None).await.unwrap();
    let new = add_with_subtitle(&again, key, "Sunrise", 3).await;
    let withdrawal = json!({"id": "metropolis", "reason": "rights"});
    own.withdraw(key, serde_json::from_value(withdrawal).unwrap()).await.unwrap();
    own.publish(None, key).await.unwrap();
    assert!(packs(&again, key).contains(&before[0]), "nothing of it is here: it is named");
    assert!(matches!(kept_subtitle(&again, key, stays).await, Err(PackError::Offline)));

    channels::put(&again.session, &again.channels, key).await.unwrap();
    all_is_here(&again, &packs(&again, key)).await;
    own.add(key, films(&["Nosferatu"])).await.unwrap();
    own.publish(None, key).await.unwrap();
    assert_eq!(things(&again, key), 2, "what was taken back leaves when all of it is here");
    channels::put(&again.session, &again.channels, key).await.unwrap();
    assert!(kept_subtitle(&again, key, gone).await.is_err());
    for (hash, number) in [(stays, 2), (new, 3)] {
        assert_eq!(kept_subtitle(&again, key, hash).await.unwrap(), picture(number));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_words_fetches_the_pictures_while_somebody_has_them() {
    let network = network().await;
    let (lost, again) = (Home::new(&network).await, Home::new(&network).await);
    let own = lost.publisher();
    let created = own.create(new_channel("Silent films"), None).await.unwrap();
    let (key, seed) = (created.key, Seed::from_words(&created.words).unwrap());
    let hash = add_with_subtitle(&lost, key, "Metropolis", 1).await;
    own.publish(Some(&lost.session), key).await.unwrap();
    follow(&again, key).await;
    again.publisher().restore(Some(&again.session), key, seed, None).await.unwrap();
    all_is_here(&again, &packs(&again, key)).await;
    lost.session.shutdown().await;
    assert_eq!(kept_subtitle(&again, key, hash).await.unwrap(), picture(1));
}
