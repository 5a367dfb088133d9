//! Search as you type, at the public door.

use std::sync::LazyLock;

use crate::shelf::{Shelf, catalogue, empty, english, film, with};
use library::{Found, Library};
use proptest::prelude::*;
use serde_json::json;

fn cinema() -> Shelf {
    let shelf = empty();
    let named = |id: &str, names| with(film(id, "-"), "name", names);
    let sintel = with(
        film("sintel", "Sintel"),
        "people",
        json!([{"name": "Colin Levy", "role": "director"}]),
    );
    let titles = [
        film("bunny", "Big Buck Bunny"),
        sintel,
        named("amelie", json!({"fr": "Le Fabuleux Destin d’Amélie", "en": "Amelie"})),
        named("solaris", json!({"ru": "Солярис", "en": "The Planet"})),
        named("cat", json!({"ja": "黒猫物語", "en": "Tale of a Dark One"})),
        film("bigger", "Bigger Than Life"),
        film("laundromat", "Cosmos Laundromat"),
    ];
    shelf.library.import(catalogue("cinema", &titles), None).unwrap();
    shelf
}

fn search(library: &Library, query: &str) -> Found {
    library.search(query, 20, &english()).unwrap()
}

fn ids(found: &Found) -> Vec<&str> {
    found.titles.iter().map(|card| card.id.trim_start_matches("cinema.")).collect()
}

#[test]
fn every_beginning_finds_its_title() {
    let shelf = cinema();
    for typed in ["b", "bi", "big", "big bu", "BIG buck bun", "  bunny  ", "bunny big"] {
        assert!(ids(&search(&shelf.library, typed)).contains(&"bunny"), "{typed:?}");
    }
}

#[test]
fn more_popular_titles_come_first() {
    let shelf = cinema();
    assert_eq!(ids(&search(&shelf.library, "big")), ["bunny", "bigger"]);
}

#[test]
fn a_finished_word_is_not_a_beginning() {
    let shelf = cinema();
    assert_eq!(ids(&search(&shelf.library, "big ")), ["bunny"]);
}

#[test]
fn accents_do_not_matter_in_either_direction() {
    let shelf = cinema();
    for typed in ["amelie", "Amélie", "ÂMÉLIE", "ame\u{301}lie"] {
        assert_eq!(ids(&search(&shelf.library, typed)), ["amelie"], "{typed:?}");
    }
}

#[test]
fn other_scripts_are_found_as_written_and_in_latin_letters() {
    let shelf = cinema();
    assert_eq!(ids(&search(&shelf.library, "соляр")), ["solaris"]);
    assert_eq!(ids(&search(&shelf.library, "soliaris")), ["solaris"]);
}

#[test]
fn cjk_is_found_by_any_run_of_characters_and_only_in_order() {
    let shelf = cinema();
    for typed in ["黒", "黒猫", "猫物", "物語"] {
        assert_eq!(ids(&search(&shelf.library, typed)), ["cat"], "{typed:?}");
    }
    assert_eq!(ids(&search(&shelf.library, "猫黒")), Vec::<&str>::new());
}

#[test]
fn people_are_found_after_names() {
    let shelf = cinema();
    assert_eq!(ids(&search(&shelf.library, "colin lev")), ["sintel"]);
}

#[test]
fn a_typing_error_is_forgiven_and_named() {
    let shelf = cinema();
    let cases = [
        ("sintle", "sintel", "sintel"),
        ("sontel", "sintel", "sintel"),
        ("snitel", "sintel", "sintel"),
        ("sintell", "sintel", "sintel"),
        ("buny", "bunny", "bunny"),
        ("big bukc bunny", "bunny", "big buck bunny"),
        ("cosmos laundrmoat", "laundromat", "cosmos laundromat"),
        ("laudnro", "laundromat", "laundromat"),
    ];
    for (typed, id, corrected) in cases {
        let found = search(&shelf.library, typed);
        assert_eq!(ids(&found).first(), Some(&id), "{typed:?}");
        assert_eq!(found.corrected.as_deref(), Some(corrected), "{typed:?}");
    }
}

#[test]
fn what_is_typed_right_is_not_corrected() {
    let shelf = cinema();
    assert_eq!(search(&shelf.library, "sintel").corrected, None);
    assert_eq!(search(&shelf.library, "zzzzzz"), Found::default());
}

#[test]
fn search_knows_a_catalogue_as_soon_as_it_is_taken_in() {
    let shelf = cinema();
    search(&shelf.library, "sintle");
    shelf.library.import(catalogue("late", &[film("dragon", "Wyvern")]), None).unwrap();
    assert_eq!(search(&shelf.library, "wyvrn").titles[0].id, "late.dragon");
}

#[test]
fn query_syntax_is_text() {
    let shelf = cinema();
    for typed in
        ["\"", "big AND NOT buck", "names:big", "big*", "^big", "NEAR(big bunny)", "{", "';--"]
    {
        search(&shelf.library, typed);
    }
    assert_eq!(ids(&search(&shelf.library, "\"big\" OR")), Vec::<&str>::new());
}

static CINEMA: LazyLock<Shelf> = LazyLock::new(cinema);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_query_is_an_error(query in any::<String>()) {
        prop_assert!(CINEMA.library.search(&query, 20, &english()).is_ok(), "{query:?}");
    }

    #[test]
    fn no_query_of_syntax_characters_is_an_error(query in r#"[\"*^:(){}+\-a-c '猫é\\;]{0,40}"#) {
        prop_assert!(CINEMA.library.search(&query, 20, &english()).is_ok(), "{query:?}");
    }
}
