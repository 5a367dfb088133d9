//! A cold open: what a new follower sees before the channel itself is here.

use catalogue::{
    Title,
    channel::{Address, Key, Where},
};
use channels::{FollowError, Stage, State, Update};
use library::Languages;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};

use crate::{
    PATIENCE,
    stage::{Home, films, network},
};

/// Films with texts that cannot be packed, so that their details have a torrent of their own.
pub(crate) fn long_films(count: usize) -> Vec<Title> {
    let names: Vec<_> = (0..count).map(|number| format!("Film {number}")).collect();
    let mut films = films(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut state = 1_u64;
    let mut letter = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from_u32(0x4e00 + (state >> 52) as u32).unwrap()
    };
    for film in &mut films {
        let text: String = (0..3900).map(|_| letter()).collect();
        film.synopsis = serde_json::from_value(serde_json::json!({"en": text})).unwrap();
    }
    films
}

/// Stops sharing the torrents of large segments; what comes first is still there.
async fn withhold(publisher: &Home, key: Key) {
    let manifest = publisher.channels.folder(key).manifest().unwrap();
    let mut withheld = 0;
    for segment in &manifest.segments {
        let Where::Torrent(hashes) = segment.file.place else { continue };
        publisher.session.find(&hashes).expect("it is shared").remove(false).await.unwrap();
        withheld += 1;
    }
    assert!(withheld > 0, "the channel is too small for the test");
}

/// Titles in a library, at most a hundred.
fn titles(home: &Home) -> usize {
    home.library.search("film", 100, &Languages::one("en")).unwrap().titles.len()
}

/// A viewer that begins to follow a channel; it ends when this is dropped.
struct Follow {
    shown: UnboundedReceiver<usize>,
    work: JoinHandle<Result<Update, FollowError>>,
}

impl Follow {
    fn begin(viewer: &Home, key: Key) -> Self {
        let (subscriptions, session) = (viewer.subscriptions(), viewer.session.clone());
        let (told, shown) = unbounded_channel();
        let work = tokio::spawn(async move {
            let tell = move |stage| {
                if let Stage::Showing { titles } = stage {
                    told.send(titles).ok();
                }
            };
            subscriptions.follow(&session, &Address::new(key), PATIENCE, tell).await
        });
        Self { shown, work }
    }

    /// Waits for the first screen, and says how many titles it has.
    async fn first_screen(&mut self) -> usize {
        self.shown.recv().await.expect("the first screen comes")
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.work.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_titles_are_in_the_library_before_any_segment_is() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(long_films(300)).await;
    withhold(&publisher, key).await;

    let mut follow = Follow::begin(&viewer, key);
    let shown = follow.first_screen().await;
    assert!((24..300).contains(&shown), "{shown}");
    assert_eq!(titles(&viewer), shown);
    let home = viewer.library.home(&Languages::one("en")).unwrap();
    assert_eq!(home.rows[0].titles.len(), 24, "the first row is full");
    assert!(!follow.work.is_finished(), "the rest is still to come");

    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    assert_eq!((&mut follow.work).await.unwrap().unwrap().titles, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_whose_first_screen_came_is_followed_though_the_program_ends_before_the_rest() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let key = publisher.published(long_films(300)).await;
    withhold(&publisher, key).await;
    let mut follow = Follow::begin(&viewer, key);
    follow.first_screen().await;
    drop(follow);

    let subscriptions = viewer.subscriptions();
    let channel = subscriptions.get(key).await.unwrap().expect("it is followed");
    assert_eq!((channel.version, channel.state), (0, State::Empty));
    assert_eq!(channel.name.get("en"), Some("Silent films"));
    assert_eq!(channel.titles, titles(&viewer) as u64);
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    let update = subscriptions.refresh(&viewer.session, key, PATIENCE, |_| {}).await.unwrap();
    assert_eq!(update.titles, 300);
    subscriptions.unfollow(Some(&viewer.session), key).await.unwrap();
    assert_eq!(titles(&viewer), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_the_dht_does_not_know_is_found_where_its_followers_meet() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let key = publisher.created(films(&["Metropolis"])).await;
    // It is signed and shared, and its items are nowhere: somebody hides them.
    own.publish(None, key).await.unwrap();
    let wanted = catalogue::channel::wanted_root(&key, 0, None);
    let dht = viewer.session.dht().unwrap();
    let _publishing = publisher.keep();
    let (subscriptions, address) = (viewer.subscriptions(), Address::new(key));
    let update = subscriptions.follow(&viewer.session, &address, PATIENCE, |_| {}).await.unwrap();
    assert_eq!((update.version, update.titles), (1, 1));
    assert_eq!(dht.get(wanted).await.unwrap().item, None, "the DHT knew nothing all the time");
    let name = torrent::InfoHashes::V1(catalogue::channel::swarm_name(&key));
    assert!(viewer.session.find(&name).is_none(), "whoever keeps it enters anew");
}
