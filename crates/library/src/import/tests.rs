//! Imports of more titles than are put in order at one time.

use catalogue::{Catalogue, Title};
use serde_json::{Value, json};

use super::window::TITLES;
use crate::{Filter, Languages, Library};

fn library() -> (Library, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Library::open(folder.path()).unwrap(), folder)
}

fn catalogue(id: &str, titles: &[Value]) -> Catalogue {
    let file = json!({"kinora_catalogue": 1, "id": id, "revision": 1, "name": {"en": id},
        "publisher": "Somebody", "titles": titles});
    Catalogue::parse(file.to_string().as_bytes()).unwrap()
}

/// A film that is `Film number`.
fn film(number: usize) -> Value {
    json!({"id": format!("f{number}"), "kind": "film", "name": {"en": format!("Film {number}")},
        "licence": "CC-BY-4.0", "attribution": "Somebody", "source": "https://example.org",
        "ids": {"imdb": format!("tt{number:07}")},
        "releases": [{"id": format!("r{number}"), "quality": "1080p", "container": "mp4",
            "size_bytes": 1, "torrent": {"v1": format!("{number:040x}")}, "path": "f.mp4"}]})
}

fn films(numbers: impl Iterator<Item = usize>) -> Vec<Title> {
    catalogue("films", &numbers.map(film).collect::<Vec<_>>()).titles().to_vec()
}

fn listed(library: &Library) -> Vec<String> {
    let filter = Filter { limit: 500, ..Filter::default() };
    let page = library.titles(&filter, &Languages::one("en")).unwrap();
    page.titles.into_iter().map(|card| card.id).collect()
}

#[test]
fn titles_that_come_in_any_order_are_all_there_in_the_publishers() {
    let (library, _folder) = library();
    let count = TITLES * 3 + 5;
    let mut taking = library.take_in(&catalogue("many", &[]), true, &[]).unwrap();
    for (at, title) in films(0..count).iter().enumerate() {
        // Prime to how many there are: each place once.
        taking.put((at * 78 % count) as u64, title).unwrap();
    }
    assert_eq!(taking.finish().unwrap().added, count);
    let mut places: Vec<_> = (0..count).map(|at| (at * 78 % count, at)).collect();
    places.sort_unstable();
    let wanted: Vec<_> = places.iter().map(|(_, at)| format!("many.f{at}")).collect();
    assert_eq!(listed(&library), wanted);
    let found = library.search("film 100", 20, &Languages::one("en")).unwrap().titles;
    assert_eq!(found[0].id, "many.f100");
}

#[test]
fn works_of_an_import_that_was_cut_short_are_joined_by_the_next() {
    let (library, _folder) = library();
    library.import(catalogue("first", &[film(0)]), None).unwrap();
    let mut taking = library.take_in(&catalogue("second", &[]), true, &[]).unwrap();
    let titles = films(0..TITLES * 2);
    titles.iter().enumerate().for_each(|(at, title)| taking.put(at as u64, title).unwrap());
    drop(taking);
    library.import(catalogue("third", &[film(900)]), None).unwrap();
    let listed = listed(&library);
    assert!(listed.contains(&"second.f1".to_owned()), "a part of it is here: {listed:?}");
    let same = listed.iter().filter(|id| id.ends_with(".f0")).collect::<Vec<_>>();
    assert_eq!(same, ["first.f0"], "one work is shown once");
}
