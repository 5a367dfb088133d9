//! How long taking in, searching and browsing 100,000 titles takes; prints a table, seed fixed.
//!
//! `cargo bench -p library --bench search [-- TITLES]`
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints and may stop")]

use std::time::{Duration, Instant};

use catalogue::{Catalogue, Title};
use library::{Filter, Languages, Library, Sort};
use serde_json::json;

const SEED: u64 = 20_261_121;
const QUERIES: usize = 2_000;

/// A small random generator (SplitMix64), so that every run sees the same titles.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// A rank of which small ones are much more frequent (log-uniform, close to Zipf's law).
    fn frequent(&mut self, limit: usize) -> usize {
        let range = u32::try_from(limit).unwrap().ilog2() + 1;
        let bits = self.below(usize::try_from(range).unwrap());
        self.below(2 << bits).min(limit - 1)
    }
}

fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 24] = [
        "ka", "lo", "mi", "ren", "sta", "vor", "el", "dun", "fi", "gra", "hé", "ju", "lin", "mar",
        "nö", "pe", "qui", "ra", "sol", "ti", "ul", "wen", "xa", "zor",
    ];
    let mut left = rank + 24;
    let mut word = String::new();
    while left > 0 {
        word += SYLLABLES[left % 24];
        left /= 24;
    }
    word
}

fn name(random: &mut Random) -> String {
    let words: Vec<_> = (0..1 + random.below(4)).map(|_| word(random.frequent(60_000))).collect();
    words.join(" ")
}

fn title(random: &mut Random, n: usize) -> serde_json::Value {
    const GENRES: [&str; 8] =
        ["drama", "comedy", "animation", "documentary", "horror", "music", "family", "war"];
    json!({
        "id": format!("t{n:07}"), "kind": if n.is_multiple_of(4) { "short" } else { "film" },
        "name": {"en": name(random), "fr": name(random)},
        "year": 1900 + random.below(126), "licence": "CC-BY-4.0", "attribution": "Somebody",
        "source": "https://example.org", "genres": [GENRES[random.below(8)]],
        "people": [{"name": name(random), "role": "director"}],
        "releases": [{"id": format!("r{n}"), "quality": "1080p", "container": "mp4", "size_bytes": 1,
            "audio_languages": ["en"], "torrent": {"v1": format!("{n:040x}"), "v2": format!("{n:064x}")}, "path": "f.mp4"}],
    })
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("| {what:<42} | {:>9.2?} | {:>9.2?} | {:>9.2?} |", at(50), at(95), at(99));
}

fn timed(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn mistyped(random: &mut Random, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let place = random.below(letters.len());
    letters[place] = 'y';
    letters.into_iter().collect()
}

/// So many are made at one time: as JSON titles take far more room than in the library.
const PORTION: usize = 500;

/// The titles, each with its place in the publisher's order: they come in the order of their ids, as a channel's do.
fn titles(count: usize) -> impl Iterator<Item = (u64, Title)> {
    let mut random = Random(SEED);
    (0..count).step_by(PORTION).flat_map(move |first| {
        let numbers = first..(first + PORTION).min(count);
        let made: Vec<_> = numbers.map(|number| title(&mut random, number)).collect();
        let catalogue = catalogue(&made);
        assert_eq!(catalogue.titles().len(), made.len());
        let titles = catalogue.titles().to_vec().into_iter().enumerate();
        titles.map(move |(at, title)| (place(first + at, count), title))
    })
}

/// Neighbours among the ids are no neighbours among the places.
fn place(number: usize, count: usize) -> u64 {
    u64::try_from(number * 7_919 % count).unwrap()
}

fn catalogue(titles: &[serde_json::Value]) -> Catalogue {
    let file = json!({"kinora_catalogue": 1, "id": "bench", "revision": 1, "name": {"en": "Bench"},
        "publisher": "Bench", "titles": titles});
    Catalogue::parse(file.to_string().as_bytes()).unwrap()
}

fn import(library: &Library, count: usize) {
    let mut taking = library.take_in(&catalogue(&[]), true, &[]).unwrap();
    titles(count).for_each(|(place, title)| taking.put(place, &title).unwrap());
    taking.finish().unwrap();
}

/// A number of `/proc/self/…`, if this is Linux.
fn told(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let digits = value.and_then(|value| value.split_whitespace().next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

fn main() {
    let count = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    let english = Languages::one("en");
    println!("{count} titles, seed {SEED}");
    println!("making them {:.2?}", timed(|| titles(count).for_each(drop)));
    println!("first import, making included {:.2?}", timed(|| import(&library, count)));
    let (written, memory) = (told("io", "write_bytes: ") >> 20, told("status", "VmHWM:") >> 10);
    println!("{written} MiB written, {memory} MiB of memory at most");
    println!("import of the same {:.2?}", timed(|| import(&library, count)));
    let vocabulary = timed(|| drop(library.search("zzzzzzzzz", 20, &english).unwrap()));
    println!("first typo (vocabulary is read) {vocabulary:.2?}");

    println!("| {:<42} | {:>9} | {:>9} | {:>9} |", "", "p50", "p95", "p99");
    let mut random = Random(SEED ^ 1);
    let every = count.div_ceil(QUERIES);
    let names = titles(count).step_by(every).map(|(_, title)| title.name);
    let names: Vec<_> = names.map(|name| name.pick(&["en"]).unwrap().to_owned()).collect();
    let typing = names.iter().map(|name| {
        let typed: String = name.chars().take(2 + random.below(10)).collect();
        timed(|| drop(library.search(&typed, 20, &english).unwrap()))
    });
    report("search as you type, 20 hits", typing.collect());
    let typos = names.iter().map(|name| {
        let longest = name.split(' ').max_by_key(|word| word.len()).unwrap();
        let typed = name.replace(longest, &mistyped(&mut Random(SEED), longest));
        timed(|| drop(library.search(&typed, 20, &english).unwrap()))
    });
    report("search with a wrong letter", typos.collect());
    for genre in [None, Some("drama")] {
        let whose = genre.map_or("all".to_owned(), |genre| format!("one genre ({genre})"));
        for sort in [Sort::Popular, Sort::Name, Sort::Added, Sort::Year] {
            let genre = genre.map(str::to_owned);
            let filter = Filter { sort, genre, limit: 60, ..Filter::default() };
            let run = || timed(|| drop(library.titles(&filter, &english).unwrap()));
            report(&format!("grid of 60, {whose}, {sort:?}"), (0..50).map(|_| run()).collect());
        }
    }
    let filter = Filter { kind: Some("short".to_owned()), limit: 60, ..Filter::default() };
    let run = || timed(|| drop(library.titles(&filter, &english).unwrap()));
    report("grid of 60, one kind", (0..50).map(|_| run()).collect());
    let run = || timed(|| drop(library.home(&english).unwrap()));
    report("first page", (0..30).map(|_| run()).collect());
    let run = || timed(|| drop(library.facets().unwrap()));
    report("facets", (0..30).map(|_| run()).collect());
    let saved = (0..300)
        .map(|n| timed(|| drop(library.set_progress(&format!("x.{n}"), 1.0, 9.0).unwrap())));
    report("progress noted, durable", saved.collect());
    library.remove_source("bench").unwrap();
    let importing = {
        let library = library.clone();
        std::thread::spawn(move || import(&library, count))
    };
    let mut saved = Vec::new();
    while !importing.is_finished() {
        saved.push(timed(|| drop(library.set_progress("x.y", 1.0, 9.0).unwrap())));
        std::thread::sleep(Duration::from_millis(5));
    }
    importing.join().unwrap();
    report("the same during an import of everything", saved);
}
