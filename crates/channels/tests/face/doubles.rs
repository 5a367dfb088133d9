//! The same film twice in one channel: found by its file, by whoever comes later, and in series.

use catalogue::{
    Title,
    channel::{Key, RecordId},
};
use channels::{FilmAdded, IfThere, ListTitle, OwnError, Publisher};
use serde_json::json;

use crate::stage::{Home, films, new_channel};

/// A channel and whoever publishes in it; nobody else is needed.
async fn channel() -> (Home, Publisher, Key) {
    let home = Home::alone(crate::ANYWHERE, vec![]).await;
    let own = home.publisher();
    let key = own.create(new_channel("Films"), None).await.unwrap().key;
    (home, own, key)
}

/// A series whose episodes have the files with these numbers.
fn series(id: &str, name: &str, roots: &[u8]) -> Title {
    let episodes: Vec<_> = roots
        .iter()
        .enumerate()
        .map(|(at, root)| {
            json!({
                "id": format!("{id}-{at}"), "number": at + 1, "name": {"en": format!("Part {at}")},
                "releases": [{"id": format!("{id}-{at}-r"), "quality": "720p", "container": "mp4",
                    "size_bytes": 1, "path": format!("{id}/{at}.mp4"), "pieces_root": format!("{root:064x}"),
                    "torrent": {"v1": format!("{:040x}", u64::from(*root) * 1000 + id.len() as u64)}}],
            })
        })
        .collect();
    serde_json::from_value(json!({
        "id": id, "kind": "series", "name": {"en": name}, "licence": "CC-BY-4.0",
        "attribution": "Somebody", "source": "https://example.org/licence",
        "seasons": [{"number": 1, "episodes": episodes}],
    }))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_add_the_same_film_at_once_one_is_told() {
    let (_home, own, key) = channel().await;
    // All of them have one file.
    let adding = films(&["Metropolis", "Metropolis restored", "Metropolis again"]);
    let adding: Vec<_> = adding
        .into_iter()
        .map(|title| {
            let own = own.clone();
            tokio::spawn(async move { own.add_film(key, title, IfThere::Tell).await.unwrap() })
        })
        .collect();
    let mut told = vec![];
    for one in adding {
        if let FilmAdded::There(there) = one.await.unwrap() {
            told.push(there);
        }
    }
    assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    assert!(told.iter().flatten().all(|one| one.is_waiting && one.episode.is_none()));
    assert_eq!(own.get(key).await.unwrap().waiting_titles, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_is_known_when_it_waits_when_it_is_out_and_not_when_it_was_taken_back() {
    let (_home, own, key) = channel().await;
    let [first, second] = &films(&["Metropolis", "Sunrise"])[..] else { panic!("two") };
    own.add(key, vec![first.clone()]).await.unwrap();
    let tell = || own.add_film(key, second.clone(), IfThere::Tell);
    let told = |added: FilmAdded| match added {
        FilmAdded::There(there) => there.iter().map(|one| (one.title, one.is_waiting)).collect(),
        FilmAdded::Waits { .. } => vec![],
    };
    let id = RecordId::of(&first.id);
    assert_eq!(told(tell().await.unwrap()), [(id, true)]);
    own.publish(None, key).await.unwrap();
    assert_eq!(told(tell().await.unwrap()), [(id, false)]);

    // What waits in its place is put back if it cannot be published.
    let update = || own.add_film(key, second.clone(), IfThere::Update(id));
    let FilmAdded::Waits { id: now, before } = update().await.unwrap() else { panic!("it waits") };
    assert_eq!((RecordId::of(&now), &before), (id, &None));
    let FilmAdded::Waits { before, .. } = update().await.unwrap() else { panic!("it waits") };
    assert!(before.is_some());
    own.put_back(key, &now, None).await.unwrap();
    assert_eq!(own.get(key).await.unwrap().waiting_titles, 0);

    let withdrawal = json!({"id": first.id, "reason": "rights"});
    own.withdraw(key, serde_json::from_value(withdrawal).unwrap()).await.unwrap();
    assert!(matches!(update().await, Err(OwnError::NoSuchTitle)));
    assert_eq!(told(tell().await.unwrap()), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_that_is_called_otherwise_is_the_same_one_with_its_episodes() {
    let (_home, own, key) = channel().await;
    own.add(key, vec![series("harbour", "Harbour", &[1, 2])]).await.unwrap();
    own.publish(None, key).await.unwrap();
    let id = |text: &str| RecordId::of(&text.to_owned().try_into().unwrap());

    let mut episode = films(&["Part"]).remove(0);
    episode.releases[0].pieces_root = Some(format!("{:064x}", 2).try_into().unwrap());
    let FilmAdded::There(there) = own.add_film(key, episode.clone(), IfThere::Tell).await.unwrap()
    else {
        panic!("an episode has it")
    };
    assert_eq!((there[0].title, there[0].episode), (id("harbour"), Some(id("harbour-1"))));
    let update = own.add_film(key, episode, IfThere::Update(id("harbour"))).await;
    assert!(matches!(update, Err(OwnError::IsSeries)), "{update:?}");

    let renamed = series("the-harbour", "The Harbour", &[2, 3]);
    let listed = vec![ListTitle { title: renamed, has_own_id: false }];
    let added = own.add_list(key, listed).await.unwrap();
    assert_eq!((added.updated, added.renamed.len()), (1, 2));
    own.publish(None, key).await.unwrap();
    let titles = own.titles(key).await.unwrap();
    let [one] = titles.titles() else { panic!("one series") };
    assert_eq!((RecordId::of(&one.id), one.name.get("en")), (id("harbour"), Some("The Harbour")));
    let episodes: Vec<_> = one.episodes().map(|(_, one)| RecordId::of(&one.id)).collect();
    // The part with the known file is the same one, though it has another number now; the other one is gone.
    assert_eq!(episodes, [id("harbour-1"), id("the-harbour-1")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_episode_that_its_series_does_not_name_any_more_is_gone_and_one_that_moved_is_not() {
    let (_home, own, key) = channel().await;
    let publish = async |titles: Vec<Title>| {
        own.add(key, titles).await.unwrap();
        own.publish(None, key).await.unwrap();
    };
    let parts = async || {
        let titles = own.titles(key).await.unwrap();
        let mut parts: Vec<_> = titles
            .titles()
            .iter()
            .map(|one| (one.name.get("en").unwrap().to_owned(), one.episodes().count()))
            .collect();
        parts.sort();
        parts
    };
    publish(vec![series("harbour", "Harbour", &[1, 2, 3])]).await;
    publish(vec![series("harbour", "Harbour", &[1, 2])]).await;
    assert_eq!(parts().await, [("Harbour".to_owned(), 2)]);

    // Its second part goes to a series of its own, and stays there when the first is said again.
    let mut other = series("ships", "Ships", &[2]);
    other.seasons[0].episodes[0].id = "harbour-1".to_owned().try_into().unwrap();
    publish(vec![series("harbour", "Harbour", &[1]), other]).await;
    let moved = [("Harbour".to_owned(), 1), ("Ships".to_owned(), 1)];
    assert_eq!(parts().await, moved);
    publish(vec![series("harbour", "Harbour", &[1])]).await;
    assert_eq!(parts().await, moved);
}
