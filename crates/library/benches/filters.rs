//! How long a filter takes to be taken in and held against the titles of a library; prints a table, seed fixed.
//!
//! `cargo bench -p library --bench filters [-- TITLES ENTRIES]`: a hundredth of the titles is listed.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints and may stop")]

use std::time::{Duration, Instant};

use catalogue::{
    Catalogue, Title,
    channel::{Action, Key, Mark, Marked, Verdict},
};
use library::{FilterAbout, Languages, Library};
use serde_json::{Value, json};
use torrent::Sha1Hash;

const HIDE: Verdict = Verdict { action: Action::Hide, reason: None };

fn infohash(number: u32) -> [u8; 20] {
    std::array::from_fn(|at| number.to_be_bytes()[at % 4])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn catalogue(id: &str, titles: &[Value]) -> Catalogue {
    let file = json!({"kinora_catalogue": 1, "id": id, "revision": 1, "name": {"en": "Titles"},
        "publisher": "Somebody", "titles": titles});
    Catalogue::parse(file.to_string().as_bytes()).unwrap()
}

fn title(number: u32) -> Title {
    let (v1, v2) = (hex(&infohash(number)), format!("{number:064x}"));
    let film = json!({
        "id": format!("t{number:07}"), "kind": "film", "name": {"en": format!("Film {number}")},
        "year": 1900 + number % 126, "licence": "CC-BY-4.0", "attribution": "Somebody",
        "source": "https://example.org", "genres": ["drama"],
        "releases": [{"id": format!("r{number}"), "quality": "1080p", "container": "mp4",
            "size_bytes": 1, "torrent": {"v1": v1, "v2": v2}, "path": "f.mp4"}],
    });
    catalogue("one", &[film]).titles()[0].clone()
}

fn about(revision: u64) -> FilterAbout {
    let name = serde_json::from_value(json!({"en": "A list"})).unwrap();
    let (id, publisher) = ("a list".to_owned(), "Somebody".to_owned());
    FilterAbout { id, name, about: Default::default(), publisher, revision }
}

/// A filter with so many entries, of which those below `hits` are torrents of titles.
fn take_in(library: &Library, entries: u32, hits: u32) {
    let number = |entry: u32| if entry < hits { entry } else { entry | 1 << 31 };
    let marks = (0..entries).map(|entry| Marked::V1(Sha1Hash(infohash(number(entry)))).mark());
    let mut marks: Vec<Mark> = marks.collect();
    marks.sort_unstable();
    let mut taking = library.take_in_filter(about(1), true).unwrap();
    marks.into_iter().for_each(|mark| taking.put(mark, Some(HIDE)).unwrap());
    assert_eq!(taking.finish().unwrap(), u64::from(entries));
}

fn timed(what: &str, run: impl FnOnce()) -> Duration {
    let (start, worked) = (Instant::now(), processor_seconds());
    run();
    let (took, worked) = (start.elapsed(), processor_seconds() - worked);
    println!("| {what:<60} | {took:>9.2?} | {worked:>6.2} s |");
    took
}

/// What all threads of this process had of processors, seconds: on a busy machine it says more than the clock. Linux alone
/// knows.
fn processor_seconds() -> f64 {
    const TICK: f64 = 0.01;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    words.skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum::<f64>() * TICK
}

/// Bytes of this process in memory at most, since the last time that was asked; Linux alone knows.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(kib << 10)
}

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let titles = numbers.first().copied().unwrap_or(100_000);
    let entries = numbers.get(1).copied().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    let key = Key([7; 32]).to_string();
    println!("{titles} titles, {entries} entries, {} of them of titles", titles / 100);
    timed("taking the titles in", || {
        let mut taking = library.take_in(&catalogue(&key, &[]), true, &[]).unwrap();
        (0..titles).for_each(|number| taking.put(number.into(), &title(number)).unwrap());
        taking.finish().unwrap();
    });
    timed("taking the filter in, and holding it against the titles", || {
        take_in(&library, entries, titles / 100);
    });
    let before = most_memory().and_then(|_| most_memory());
    timed("holding it against the titles again, with nothing to change", || {
        library.take_in_filter(about(2), false).unwrap().finish().unwrap();
    });
    if let Some((before, after)) = before.zip(most_memory()) {
        println!("{} KiB more in memory for that", after.saturating_sub(before) >> 10);
    }
    timed("switching it off", || library.set_filter_applied("a list", false).unwrap());
    timed("switching it on", || library.set_filter_applied("a list", true).unwrap());
    timed("counting what it hides", || {
        let list = library.filters(&Languages::one("en")).unwrap().remove(0);
        assert_eq!(list.hides, u64::from(titles / 100));
    });
}
