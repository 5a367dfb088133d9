//! Titles that are made up: a run sees the same ones as every other.

use catalogue::{Catalogue, Title};
use serde_json::{Value, json};

/// Titles that are made at one time: as JSON they take far more room than as titles.
const MADE: usize = 500;

/// A small random generator (SplitMix64), so that every run sees the same titles.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A rank of which small ones are much more frequent (log-uniform, close to Zipf's law).
    fn frequent(&mut self) -> u64 {
        let bits = self.below(16);
        self.below(2 << bits)
    }

    pub(crate) fn words(&mut self, count: u64) -> String {
        let words: Vec<_> = (0..count).map(|_| word(self.frequent())).collect();
        words.join(" ")
    }

    fn hex(&mut self, bytes: usize) -> String {
        let digits: String =
            (0..bytes.div_ceil(8)).map(|_| format!("{:016x}", self.next())).collect();
        digits[..bytes * 2].to_owned()
    }
}

fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "lo", "mi", "ren", "sta", "vor", "el", "dun", "fi", "gra", "ju", "lin", "mar", "pe",
        "ra", "sol",
    ];
    let mut left = rank + 16;
    let mut word = String::new();
    while left > 0 {
        word += SYLLABLES[usize::try_from(left % 16).unwrap()];
        left /= 16;
    }
    word
}

pub(crate) fn film(random: &mut Random, number: usize) -> Value {
    const GENRES: [&str; 6] = ["drama", "comedy", "animation", "documentary", "music", "war"];
    let genre = GENRES[usize::try_from(random.below(6)).unwrap()];
    let (name_words, text_words) = (1 + random.below(4), 20 + random.below(40));
    json!({
        "id": format!("title-{number}"), "kind": "film", "name": {"en": random.words(name_words)},
        "synopsis": {"en": random.words(text_words)}, "year": 1900 + random.below(120),
        "runtime_s": 600 + random.below(7000), "licence": "CC-BY-4.0",
        "attribution": random.words(2), "source": format!("https://example.org/{number}"),
        "genres": [genre], "people": [{"name": random.words(2), "role": "director"}],
        "releases": [{"id": format!("r-{number}"), "quality": "720p", "height": 720,
            "container": "mp4", "audio_languages": ["en"], "size_bytes": random.below(1 << 31),
            "path": "film.mp4", "torrent": {"v1": random.hex(20), "v2": random.hex(32)}}],
    })
}

pub(crate) fn parsed(titles: &[Value]) -> Vec<Title> {
    let file = json!({"kinora_catalogue": 1, "id": "bench", "revision": 1, "name": {"en": "Bench"},
        "publisher": "Somebody", "titles": titles});
    let catalogue = Catalogue::parse(file.to_string().as_bytes()).unwrap();
    assert_eq!(catalogue.titles().len(), titles.len(), "{:?}", catalogue.rejected());
    catalogue.titles().to_vec()
}

pub(crate) fn films(random: &mut Random, first: usize, count: usize) -> Vec<Title> {
    let mut titles = Vec::with_capacity(count);
    for start in (first..first + count).step_by(MADE) {
        let numbers = start..(start + MADE).min(first + count);
        titles.extend(parsed(&numbers.map(|number| film(random, number)).collect::<Vec<_>>()));
    }
    titles
}
