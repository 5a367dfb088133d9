//! Records whose texts would make the search index burst.

use std::fs;

use library::Library;
use serde_json::{Value, json};

use crate::shelf::{catalogue, empty, english, film, with};

/// Records of each kind.
const RECORDS: u32 = 12;
/// What one record may cost on disk beside its own text, bytes: each word stands in the index as it is and with its
/// beginnings.
const INDEX_MAX: u64 = 128 << 10;
/// What a text is made of, letter by letter.
type Letters = fn(&mut Chance) -> char;

/// Chance that can be repeated (an LCG).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as u32 % end
    }

    fn text(&mut self, length: usize, letters: Letters) -> String {
        (0..length).map(|_| letters(self)).collect()
    }
}

fn letter(chance: &mut Chance) -> char {
    char::from(b'a' + chance.below(26) as u8)
}

/// What makes much of little: one letter that stands for four words, words without end, countless words, and letters
/// that are words, each with words in Latin letters.
const KINDS: [(&str, Letters); 4] = [
    (
        "a ligature of 18 letters",
        |chance| if chance.below(30) == 0 { letter(chance) } else { '\u{FDFA}' },
    ),
    ("words without end", letter),
    ("countless words", |chance| if chance.below(4) == 0 { ' ' } else { letter(chance) }),
    ("letters that are words", |chance| {
        char::from_u32(0x4E00 + chance.below(0x5000)).unwrap_or('一')
    }),
];

/// A record with as many names and people as there may be, each as long as it may be.
fn worst(number: u32, letters: Letters, chance: &mut Chance) -> Value {
    let languages = (b'a'..=b'z').flat_map(|a| (b'a'..=b'z').map(move |b| [a, b])).take(64);
    let names: serde_json::Map<String, Value> = languages
        .map(|tag| (String::from_utf8_lossy(&tag).into_owned(), chance.text(300, letters).into()))
        .collect();
    let people: Vec<_> =
        (0..200).map(|_| json!({"name": chance.text(200, letters), "role": "cast"})).collect();
    with(with(film(&format!("worst-{number}"), "-"), "name", names.into()), "people", people.into())
}

/// Bytes of the whole library.
fn size(library: &Library) -> u64 {
    fs::metadata(library.backup().unwrap()).unwrap().len()
}

#[test]
fn the_worst_texts_within_the_limits_do_not_make_the_search_index_burst() {
    let mut chance = Chance(20_261_123);
    for (kind, letters) in KINDS {
        let shelf = empty();
        shelf
            .library
            .import(catalogue("others", &[film("bunny", "Big Buck Bunny")]), None)
            .unwrap();
        let before = size(&shelf.library);
        let records: Vec<_> =
            (0..RECORDS).map(|number| worst(number, letters, &mut chance)).collect();
        let taken = catalogue("worst", &records);
        let text: usize =
            taken.titles().iter().map(|one| serde_json::to_vec(one).unwrap().len()).sum();
        shelf.library.import(taken, None).unwrap();
        let cost = (size(&shelf.library) - before) / u64::from(RECORDS);
        let text = text as u64 / u64::from(RECORDS);
        println!("{kind}: {} KiB of text cost {} KiB", text >> 10, cost >> 10);
        assert!(cost <= 2 * text + INDEX_MAX, "{kind}: {text} bytes of text cost {cost}");
        let found = shelf.library.search("big buc", 20, &english()).unwrap();
        assert_eq!(found.titles[0].id, "others.bunny", "{kind}");
    }
}
