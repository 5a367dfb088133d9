//! What is told of one catalogue alone: as its publisher has it, whatever else is here and whatever the household did.

use library::{Library, OFFERED_MAX, Wish};
use serde_json::json;

use crate::shelf::{catalogue, catalogue_with, empty, english, evening, film, with};

fn wish(text: &str) -> Wish {
    Wish { text: text.to_owned(), limit: 10, ..Wish::default() }
}

/// The ids of the titles that are told of, and how many there are.
fn told(library: &Library, wish: &Wish) -> (u64, Vec<String>) {
    let offers = library.offered("evening", wish, &english()).unwrap().unwrap();
    (offers.total, offers.titles.into_iter().map(|title| title.id).collect())
}

fn ids(total: u64, ids: &[&str]) -> (u64, Vec<String>) {
    (total, ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn titles_of_a_catalogue_are_found_by_words_kind_and_language_and_in_pages() {
    let shelf = empty();
    shelf.library.import(evening(), None).unwrap();
    let all = ids(4, &["harbour", "aurora", "lanterns", "comet"]);
    assert_eq!(told(&shelf.library, &wish("")), all);
    for (text, expected) in [
        ("HARBOUR lights", &["harbour"][..]),
        ("feux", &["harbour"]),
        ("zenith", &["aurora"]),
        ("the comet", &["comet"]),
        ("l", &["harbour", "lanterns"]),
        ("\" OR 1=1 --", &[]),
        ("%", &["harbour", "aurora", "lanterns", "comet"]),
    ] {
        let expected = ids(expected.len() as u64, expected);
        assert_eq!(told(&shelf.library, &wish(text)), expected, "{text}");
    }
    let kind = Wish { kind: Some("short".to_owned()), ..wish("") };
    assert_eq!(told(&shelf.library, &kind), ids(1, &["comet"]));
    let language = |tag: &str| Wish { language: Some(tag.to_owned()), ..wish("") };
    assert_eq!(told(&shelf.library, &language("en")), all);
    assert_eq!(told(&shelf.library, &language("de")), ids(0, &[]));
    let page = Wish { limit: 2, offset: 1, ..wish("") };
    assert_eq!(told(&shelf.library, &page), ids(4, &["aurora", "lanterns"]));
    let nobody = shelf.library.offered("other", &wish(""), &english()).unwrap();
    assert_eq!(nobody, None);
}

#[test]
fn nothing_of_other_catalogues_or_of_the_household_is_told() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(evening(), None).unwrap();
    let before = library.offered("evening", &wish(""), &english()).unwrap();
    let aurora = library.offered_title("evening", "aurora", &english()).unwrap();
    // The same work in another catalogue, which stands before it in lists, and titles that are nobody's business.
    let known = |id: &str| with(film(id, "Aurora"), "ids", json!({"imdb": "tt0017136"}));
    library.import(catalogue("other", &[known("b"), film("secret", "Aurora Two")]), None).unwrap();
    library.set_blocked("evening.aurora", true).unwrap();
    library.set_favourite("evening.comet", true).unwrap();
    assert_eq!(library.offered("evening", &wish(""), &english()).unwrap(), before);
    assert_eq!(told(library, &wish("aurora")), ids(1, &["aurora"]));
    assert_eq!(library.offered_title("evening", "aurora", &english()).unwrap(), aurora);
    assert_eq!(aurora.unwrap().1.attribution.to_string(), "Somebody");
    for other in ["secret", "other.secret", "", "aurora' OR '1'='1"] {
        assert_eq!(library.offered_title("evening", other, &english()).unwrap(), None, "{other}");
    }
}

#[test]
fn what_was_taken_back_is_not_told_and_no_answer_is_larger_than_it_may_be() {
    let shelf = empty();
    let films: Vec<_> = (0..120).map(|number| film(&format!("f{number}"), "A film")).collect();
    let back = json!({"id": "f0", "reason": "rights", "date": "2026-01-01"});
    shelf.library.import(catalogue_with("evening", &films, &[back]), None).unwrap();
    let all = Wish { limit: u32::MAX, ..wish("") };
    let (total, titles) = told(&shelf.library, &all);
    assert_eq!((total, titles.len()), (119, OFFERED_MAX as usize));
    assert!(!titles.contains(&"f0".to_owned()));
    assert_eq!(shelf.library.offered_title("evening", "f0", &english()).unwrap(), None);
    let beyond = Wish { offset: u32::MAX, ..all };
    assert_eq!(told(&shelf.library, &beyond), ids(119, &[]));
}
