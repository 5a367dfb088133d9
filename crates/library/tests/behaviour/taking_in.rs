//! A catalogue taken in title by title: what changed changes, the rest is left alone.

use catalogue::{Catalogue, Id};
use library::Filter;
use serde_json::json;

use crate::shelf::{Shelf, catalogue_with, empty, english, film};

fn names(shelf: &Shelf) -> Vec<String> {
    let page = shelf.library.titles(&Filter::default(), &english()).unwrap();
    page.titles.into_iter().map(|card| card.name).collect()
}

fn take_in(shelf: &Shelf, catalogue: &Catalogue, is_whole: bool, gone: &[&str]) {
    let mut taking = shelf.library.take_in(catalogue, is_whole, catalogue.withdrawn()).unwrap();
    for (place, title) in catalogue.titles().iter().enumerate() {
        taking.put(place as u64 * 10 + 5 * u64::from(!is_whole), title).unwrap();
    }
    let gone: Vec<_> = gone.iter().map(|id| Id::try_from((*id).to_owned()).unwrap()).collect();
    taking.remove(&gone).unwrap();
    taking.finish().unwrap();
}

#[test]
fn only_what_is_named_changes_and_a_whole_one_leaves_nothing_else() {
    let shelf = empty();
    let all =
        [film("one", "One"), film("two", "Two"), film("three", "Three"), film("four", "Four")];
    take_in(&shelf, &catalogue_with("films", &all, &[]), true, &[]);
    assert_eq!(names(&shelf), ["One", "Two", "Three", "Four"]);
    let withdrawn = [json!({"id": "three", "reason": "licence"})];
    let change = catalogue_with("films", &[film("two", "Second")], &withdrawn);
    take_in(&shelf, &change, false, &["four", "nobody"]);
    assert_eq!(names(&shelf), ["One", "Second"]);
    take_in(&shelf, &catalogue_with("films", &[film("five", "Five")], &[]), true, &[]);
    assert_eq!(names(&shelf), ["Five"]);
}
