//! What a large channel costs its publisher and its followers: a line of JSON for each figure, seed fixed.
//!
//! `cargo bench -p channels --bench channel [-- TITLES]`
//!
//! With `publisher` after it, the titles are published alone, as many as `PORTION` says (all of them, if nothing) in one
//! version, by a process that does nothing else, so that its memory is the publisher's:
//! `cargo bench -p channels --bench channel -- 1000000 publisher 100000`
//!
//! With `added` after it, titles are added one by one to the channel when it is as large as that.
//!
//! With `follower` after it, a process that does nothing else follows the channel: its memory is a follower's.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints and may stop")]

#[path = "../tests/face/stage.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod stage;

#[path = "made/added.rs"]
mod added;
mod made;

use std::{
    fs,
    net::SocketAddr,
    process::Command,
    sync::{Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use catalogue::channel::{Accepted, Address, Family, Key, Standing};
use channels::{Channels, Own, Stage};
use dht::SigningKey;
use library::Languages;
use serde_json::json;

use crate::{
    made::{Random, film, films, parsed},
    stage::{Home, Network, SEED, network, new_channel},
};

/// Titles of one publish while the channel grows.
const PORTION: usize = 20_000;
const PATIENCE: Duration = Duration::from_secs(3600);
/// Publishes whose way to the followers is measured.
const PUSHES: usize = 8;
/// Time between two publishes: followers verify few signatures of one peer in a short time.
const PAUSE: Duration = Duration::from_secs(12);
const FOLLOWERS: usize = 3;

/// Bytes that this process had written to disks, MiB; only Linux tells.
fn written_mib() -> f64 {
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|bytes| bytes.parse::<f64>().ok()).unwrap_or(0.0) / f64::from(1 << 20)
}

fn say(name: &str, value: f64, unit: &str, limit: Option<f64>) {
    let target = limit.map(|limit| format!("<={limit}"));
    let ok = limit.is_none_or(|limit| value <= limit);
    let value = (value * 1000.0).round() / 1000.0;
    let line = json!({"name": format!("channels.{name}"), "value": value, "unit": unit,
        "target": target, "ok": ok});
    println!("{line}");
}

/// The most memory that this process ever had, MiB; only Linux tells.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// What all threads of this process had of processors, seconds; only Linux tells.
fn processor_s() -> f64 {
    const TICK: f64 = 0.01;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    words.skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum::<f64>() * TICK
}

fn folder_mib(path: &std::path::Path) -> f64 {
    fn bytes(path: &std::path::Path) -> u64 {
        let Ok(entries) = fs::read_dir(path) else {
            return fs::metadata(path).map_or(0, |found| found.len());
        };
        entries.filter_map(Result::ok).map(|entry| bytes(&entry.path())).sum()
    }
    bytes(path) as f64 / f64::from(1 << 20)
}

/// Publishes so many titles, portion by portion.
async fn grow(publisher: &Home, key: Key, random: &mut Random, titles: usize) {
    let own = publisher.publisher();
    let (mut first, mut last, mut all) = (0.0, 0.0, 0.0);
    for start in (0..titles).step_by(PORTION) {
        let portion = films(random, start, PORTION.min(titles - start));
        let count = portion.len() as f64;
        let began = Instant::now();
        own.add(key, portion).await.unwrap();
        own.publish(None, key).await.unwrap();
        let spent = began.elapsed().as_secs_f64();
        last = spent * 1e6 / count;
        first = if start == 0 { last } else { first };
        all += spent;
    }
    say("build_s", all, "s", None);
    say("added_title_first_us", first, "µs", None);
    say("added_title_last_us", last, "µs", None);
    say("build_peak_mib", peak_mib(), "MiB", Some(300.0));
    say("build_written_mib", written_mib(), "MiB", None);
    let files = publisher.place().join("channels").join(key.to_string());
    let files = folder_mib(&files.join("heads")) + folder_mib(&files.join("segments"));
    say("files_mib", files, "MiB", None);
    say_sizes(publisher, key);
}

/// What a follower of the current version has: what lists and searches are made of, and what pages show besides.
fn say_sizes(publisher: &Home, key: Key) {
    let manifest = publisher.channels.folder(key).manifest().unwrap();
    let of = |family| {
        let segments = manifest.segments.iter().filter(|one| one.family == family);
        segments.map(|one| one.file.length).sum::<u64>() as f64
    };
    say("titles_bytes", of(Family::Titles), "B", Some(130e6));
    say("details_bytes", of(Family::Details), "B", None);
}

/// Bytes of the files that a first screen is made of.
fn first_bytes(publisher: &Home, key: Key) -> u64 {
    let folder = publisher.channels.folder(key);
    let manifest = folder.manifest().unwrap();
    manifest.seal(&SigningKey::from_bytes(&[1; 32])).len() as u64
        + manifest.shelves.map_or(0, |file| file.length)
}

/// A new follower takes in all of it.
async fn follow(follower: &Home, key: Key, at: SocketAddr, titles: usize) {
    let address: Address = format!("{}?x.pe={at}", Address::new(key)).parse().unwrap();
    let began = Instant::now();
    let (importing, showing) = (Mutex::new(None), Mutex::new(None));
    let tell = |stage| match stage {
        Stage::Importing => *importing.lock().unwrap() = Some(began.elapsed()),
        Stage::Showing { titles } => *showing.lock().unwrap() = Some((began.elapsed(), titles)),
        _ => {}
    };
    let update =
        follower.subscriptions().follow(&follower.session, &address, PATIENCE, tell).await.unwrap();
    assert_eq!(update.titles, titles);
    let fetched = importing.into_inner().unwrap().unwrap_or_default();
    let (shown, cards) = showing.into_inner().unwrap().expect("a first screen");
    say("cold_open_s", shown.as_secs_f64(), "s", Some(5.0));
    say("cold_open_titles", cards as f64, "titles", None);
    say("fetch_s", fetched.as_secs_f64(), "s", None);
    say("import_s", (began.elapsed() - fetched).as_secs_f64(), "s", None);
    say(
        "import_us_each",
        (began.elapsed() - fetched).as_secs_f64() * 1e6 / titles as f64,
        "µs",
        Some(90.0),
    );
    say("follow_peak_mib", peak_mib(), "MiB", None);
    say("follow_processor_s", processor_s(), "s", None);
    say("follow_written_mib", written_mib(), "MiB", None);
}

/// Ten changed titles: what they cost a follower, and how long they take.
async fn change(publisher: &Home, follower: &Home, key: Key, random: &mut Random, titles: usize) {
    let own = publisher.publisher();
    let changed: Vec<_> = (0..10).map(|n| film(random, n * (titles / 10))).collect();
    own.add(key, parsed(&changed)).await.unwrap();
    let began = Instant::now();
    let published = own.publish(Some(&publisher.session), key).await.unwrap();
    say("ten_changed_publish_s", began.elapsed().as_secs_f64(), "s", Some(3.0));
    say("D1", published.new_bytes as f64, "B", Some(f64::from(24 << 10)));
    let began = Instant::now();
    let refresh = follower.subscriptions();
    let update = refresh.refresh(&follower.session, key, PATIENCE, |_| {}).await.unwrap();
    assert!(update.is_new);
    say("ten_changed_update_s", began.elapsed().as_secs_f64(), "s", None);
}

/// Heads older than what a follower has that it accepts: none may be.
fn roll_back(follower: &Home, key: Key, old: &Standing) {
    let mut standing = follower.channels.folder(key).standing().unwrap();
    let now = standing.head().unwrap().issued_ms;
    let item = old.head_item().unwrap();
    assert_ne!(Some(item), standing.head_item(), "the follower has a newer one");
    let accepted = u8::from(standing.offer_head(item, now) == Ok(Accepted::Newer));
    say("R1", accepted.into(), "rollbacks accepted", Some(0.0));
}

/// Households that can still follow when the publisher has gone and one follower is left.
async fn outlive(publisher: Home, follower: &Home, key: Key, network: &Network, titles: usize) {
    publisher.session.clone().shutdown().await;
    drop(publisher);
    let late = Home::new(network).await;
    let at = follower.session.local_addrs()[0];
    let address: Address = format!("{}?x.pe={at}", Address::new(key)).parse().unwrap();
    let update = late.subscriptions().follow(&late.session, &address, PATIENCE, |_| {}).await;
    let followed = u8::from(update.is_ok_and(|update| update.titles == titles));
    let line = json!({"name": "channels.L1", "value": followed, "unit": "followers", "target": ">=1",
        "ok": followed == 1});
    println!("{line}");
}

fn search(follower: &Home, random: &mut Random) {
    let languages = Languages::one("en");
    let time = |query: String| {
        let began = Instant::now();
        follower.library.search(&query, 20, &languages).unwrap();
        began.elapsed().as_secs_f64() * 1000.0
    };
    let mut all: Vec<_> = (0..200).map(|_| time(random.words(2))).collect();
    let mut prefix: Vec<_> =
        (0..200).map(|_| time(random.words(1).chars().take(3).collect())).collect();
    say("search_p95_ms", p95(&mut all), "ms", Some(150.0));
    say("search_prefix_p95_ms", p95(&mut prefix), "ms", Some(150.0));
}

fn p95(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 95 / 100).min(values.len() - 1)]
}

/// How long a version takes from its publisher to followers that are connected.
async fn push(random: &mut Random) {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let own = publisher.publisher();
    let key = own.create(new_channel("Bench"), None).await.unwrap().key;
    own.add(key, films(random, 0, 100)).await.unwrap();
    own.publish(Some(&publisher.session), key).await.unwrap();
    let _publishing = publisher.keep();
    let mut followers = vec![];
    for _ in 0..FOLLOWERS {
        let home = Home::new(&network).await;
        let address = Address::new(key);
        home.subscriptions().follow(&home.session, &address, PATIENCE, |_| {}).await.unwrap();
        let kept = home.keep();
        followers.push((home, kept));
    }
    for (home, _) in &followers {
        home.meets_followers(key).await;
    }
    let mut all = vec![];
    for number in 0..PUSHES {
        tokio::time::sleep(PAUSE).await;
        own.add(key, films(random, 1000 + number, 1)).await.unwrap();
        let began = Instant::now();
        let published = own.publish(Some(&publisher.session), key);
        let arrivals = async {
            let mut arrivals = vec![];
            for (_, kept) in &mut followers {
                kept.until_version(number as u64 + 2).await;
                arrivals.push(began.elapsed().as_secs_f64());
            }
            arrivals
        };
        let (published, arrivals) = tokio::join!(published, arrivals);
        published.unwrap();
        all.extend(arrivals);
    }
    say("P1", p95(&mut all), "s", Some(3.0));
}

/// What publishing costs a process that does nothing else: titles wait, and another run of this program publishes them.
fn publish_alone(random: &mut Random, titles: usize, portion: usize) {
    let place = tempfile::tempdir().unwrap();
    let channels = Channels::open(place.path()).unwrap();
    let (own, _) = Own::create(&channels, new_channel("Bench"), None).unwrap();
    let (mut all, mut most) = (0.0, 0.0_f64);
    for start in (0..titles).step_by(portion) {
        let end = titles.min(start + portion);
        for start in (start..end).step_by(PORTION) {
            own.add(films(random, start, PORTION.min(end - start))).unwrap();
        }
        let program = std::env::current_exe().unwrap();
        let arguments =
            [place.path().as_os_str().to_owned(), own.folder().key().to_string().into()];
        let run = Command::new(program).arg(ALONE).args(arguments).output().unwrap();
        assert!(run.status.success(), "{}", run.stderr.escape_ascii());
        let told: Vec<f64> = serde_json::from_slice(&run.stdout).unwrap();
        all += told[0];
        most = most.max(told[1]);
    }
    say("publisher_build_s", all, "s", None);
    say("publisher_peak_mib", most, "MiB", Some(300.0));
}

/// Publishes what waits, and prints the seconds and the most memory, MiB.
fn publish_here(place: &str, key: &str) {
    let channels = Channels::open(place.as_ref()).unwrap();
    let began = Instant::now();
    channels::publish(&channels, Key::parse(key).unwrap()).unwrap();
    println!("{}", json!([began.elapsed().as_secs_f64(), peak_mib()]));
}

/// What it costs a process that does nothing else to follow.
async fn followed_alone(titles: usize, mut random: Random) {
    let network = network().await;
    let publisher = Home::new(&network).await;
    let key = publisher.publisher().create(new_channel("Bench"), None).await.unwrap().key;
    grow(&publisher, key, &mut random, titles).await;
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    let program = std::env::current_exe().unwrap();
    let door = publisher.session.dht().unwrap().local_addrs()[0];
    let at = publisher.session.local_addrs()[0];
    let words = [key.to_string(), at.to_string(), door.to_string(), titles.to_string()];
    let mut run = tokio::process::Command::new(program).arg(FOLLOWS_ALONE).args(words).spawn();
    assert!(run.as_mut().unwrap().wait().await.unwrap().success());
}

/// Follows, and prints what it cost.
async fn follow_here(words: &[String]) {
    // The publisher's process has the others.
    SEED.store(100, Ordering::Relaxed);
    let home = Home::alone(([127, 0, 0, 1], 0).into(), vec![words[2].parse().unwrap()]).await;
    let (at, titles) = (words[1].parse().unwrap(), words[3].parse().unwrap());
    follow(&home, Key::parse(&words[0]).unwrap(), at, titles).await;
}

/// What a run is called with that publishes or follows and does nothing else.
const ALONE: &str = "--publish";
const FOLLOWS_ALONE: &str = "--follow";

fn main() {
    let words: Vec<_> = std::env::args().collect();
    if let [_, word, place, key, ..] = &words[..]
        && word == ALONE
    {
        return publish_here(place, key);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if words.get(1).is_some_and(|word| word == FOLLOWS_ALONE) {
        return runtime.block_on(Box::pin(follow_here(&words[2..])));
    }
    let mut numbers = words.iter().filter_map(|word| word.parse().ok());
    let titles = numbers.next().unwrap_or(20_000);
    let mut random = Random(20_261_121);
    if words.iter().any(|word| word == "publisher") {
        return publish_alone(&mut random, titles, numbers.next().unwrap_or(titles));
    }
    if words.iter().any(|word| word == "added") {
        return added::added(&mut random, titles);
    }
    if words.iter().any(|word| word == "follower") {
        return runtime.block_on(Box::pin(followed_alone(titles, random)));
    }
    runtime.block_on(Box::pin(measure(titles, random)));
}

async fn measure(titles: usize, mut random: Random) {
    push(&mut random).await;
    let network = network().await;
    let (publisher, follower) = (Home::new(&network).await, Home::new(&network).await);
    let own = publisher.publisher();
    let key = own.create(new_channel("Bench"), None).await.unwrap().key;
    grow(&publisher, key, &mut random, titles).await;
    channels::put(&publisher.session, &publisher.channels, key).await.unwrap();
    say("cold_open_bytes", first_bytes(&publisher, key) as f64, "B", Some(1e6));
    follow(&follower, key, publisher.session.local_addrs()[0], titles).await;
    let old = follower.channels.folder(key).standing().unwrap();
    change(&publisher, &follower, key, &mut random, titles).await;
    roll_back(&follower, key, &old);
    search(&follower, &mut random);
    outlive(publisher, &follower, key, &network, titles).await;
}
