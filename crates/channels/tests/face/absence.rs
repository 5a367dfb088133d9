//! Somebody was away for a month: what does it cost to be up to date again?

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use catalogue::Title;
use channels::FollowError;
use serde_json::json;

use crate::{
    PATIENCE,
    packs::follow,
    stage::{Home, films, network, new_channel},
};

/// Titles of the channel, and how many of them change with each of so many versions.
const TITLES: usize = 20_000;
const EDITS: usize = 10;
const VERSIONS: usize = 720;
const SEED: u64 = 20_261_123;
/// What it may cost, bytes.
const COST_MAX: u64 = 4_000_000;

/// Chance that can be repeated (an LCG).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// So many words out of four thousand, of which the first are frequent.
    fn words(&mut self, count: usize) -> String {
        let word = |chance: &mut Self| {
            let most = 16 << chance.below(9);
            format!("w{:x}", chance.below(most) * 40_503 % 65_521)
        };
        (0..count).map(|_| word(self)).collect::<Vec<_>>().join(" ")
    }
}

/// Each says something else, and names another torrent.
fn edited(numbers: &[usize], chance: &mut Chance) -> Vec<Title> {
    let names: Vec<_> = numbers.iter().map(|number| format!("Film {number}")).collect();
    let mut titles = films(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for title in &mut titles {
        let count = 20 + chance.below(40);
        title.synopsis = serde_json::from_value(json!({"en": chance.words(count)})).unwrap();
        let hash: String = (0..20).map(|_| format!("{:02x}", chance.below(256))).collect();
        title.releases[0].torrent = serde_json::from_value(json!({"v1": hash})).unwrap();
    }
    titles
}

/// Bytes of everything that a household has fetched.
async fn fetched(home: &Home) -> u64 {
    let mut all = 0;
    for torrent in home.session.torrents() {
        all += torrent.stats().await.unwrap().downloaded;
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute: a channel of 20,000 titles and 720 versions of it"]
async fn a_month_of_changes_costs_whoever_was_away_less_than_four_megabytes() {
    let network = network().await;
    let (publisher, viewer) = (Home::new(&network).await, Home::new(&network).await);
    let (own, mut chance) = (publisher.publisher(), Chance(SEED));
    let key = own.create(new_channel("Many films"), None).await.unwrap().key;
    own.add(key, edited(&(0..TITLES).collect::<Vec<_>>(), &mut chance)).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    follow(&viewer, key).await;
    let before = viewer.channels.folder(key).standing().unwrap().head().unwrap().torrent;
    for _ in 0..VERSIONS {
        // A film changes once in a version.
        let mut numbers = BTreeSet::new();
        while numbers.len() < EDITS {
            numbers.insert(chance.below(TITLES));
        }
        let numbers: Vec<_> = numbers.into_iter().collect();
        own.add(key, edited(&numbers, &mut chance)).await.unwrap();
        own.publish(None, key).await.unwrap();
    }
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    // What was fetched before is not counted.
    viewer.session.find(&before).unwrap().remove(false).await.unwrap();
    let had = fetched(&viewer).await;
    let subscriptions = viewer.subscriptions();
    let update: Result<_, FollowError> =
        subscriptions.refresh(&viewer.session, key, PATIENCE * 10, |_| {}).await;
    assert!(update.unwrap().is_new);
    let cost = fetched(&viewer).await - had;
    let edits = VERSIONS * EDITS;
    let mut out = io::stderr();
    writeln!(out, "D2: seed {SEED}, {edits} edits of {TITLES} titles cost {cost} bytes").unwrap();
    assert!(cost <= COST_MAX, "{cost}");
}
