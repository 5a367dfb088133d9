//! One work in several catalogues: shown once, with the releases of all, and without those of a catalogue that goes.

use library::{Filter, Library};
use serde_json::{Value, json};

use crate::shelf::{catalogue, catalogue_with, empty, english, film, release, series, with};

/// A film whose release is its own, with an id that others gave it.
fn known(id: &str, imdb: &str) -> Value {
    with(film(id, "Metropolis"), "ids", json!({"imdb": imdb}))
}

fn listed(library: &Library, filter: &Filter) -> Vec<String> {
    let page = library.titles(filter, &english()).unwrap();
    assert_eq!(page.total, page.titles.len() as u64, "what is counted is what is shown");
    page.titles.into_iter().map(|card| card.id).collect()
}

fn all(library: &Library) -> Vec<String> {
    listed(library, &Filter::default())
}

fn found(library: &Library) -> Vec<String> {
    let found = library.search("metropolis", 20, &english()).unwrap();
    found.titles.into_iter().map(|card| card.id).collect()
}

fn publishers(library: &Library, title: &str) -> Vec<String> {
    let found = library.provenance(title, &english()).unwrap();
    found.into_iter().map(|one| one.title_id).collect()
}

fn releases(library: &Library, title: &str) -> Vec<(String, String)> {
    let page = library.title(title, &english()).unwrap().unwrap();
    page.releases.into_iter().map(|release| (release.source_id, release.id)).collect()
}

fn pair(source: &str, release: &str) -> (String, String) {
    (source.to_owned(), format!("{source}.{release}"))
}

#[test]
fn a_work_of_two_catalogues_is_shown_once_with_the_releases_of_both() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt0017136")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "TT0017136")]), None).unwrap();
    assert_eq!(all(library), ["one.a"]);
    assert_eq!(found(library), ["one.a"]);
    assert_eq!(library.home(&english()).unwrap().rows[0].titles.len(), 1);
    let facets = library.facets().unwrap();
    assert_eq!((facets.genres[0].value.as_str(), facets.genres[0].count), ("drama", 1));
    assert_eq!(publishers(library, "one.a"), ["one.a", "two.b"]);
    assert_eq!(publishers(library, "two.b"), ["two.b", "one.a"]);
    assert_eq!(releases(library, "one.a"), [pair("one", "a-r"), pair("two", "b-r")]);
    let item = library.item("one.a", &english()).unwrap().unwrap();
    assert!(item.releases.iter().all(|release| release.item_id == "one.a"));
    assert_eq!(item.releases.len(), 2);
}

#[test]
fn the_same_file_is_the_same_work_and_another_file_of_its_torrent_is_not() {
    let shelf = empty();
    let library = &shelf.library;
    let v2 = |path: &str| {
        let mut release = release("r", "720p", 720);
        release["torrent"] = json!({"v2": "ab".repeat(32)});
        release["path"] = json!(path);
        json!([release])
    };
    let titled = |id: &str, path: &str| with(film(id, "Metropolis"), "releases", v2(path));
    library.import(catalogue("one", &[titled("a", "one.mkv")]), None).unwrap();
    library.import(catalogue("two", &[titled("b", "one.mkv")]), None).unwrap();
    library.import(catalogue("three", &[titled("c", "other.mkv")]), None).unwrap();
    assert_eq!(all(library), ["one.a", "three.c"]);
    assert_eq!(releases(library, "one.a"), [pair("one", "r")], "the same file is there once");
}

#[test]
fn the_same_bytes_in_two_torrents_are_the_same_work() {
    let shelf = empty();
    let library = &shelf.library;
    let titled = |id: &str, root: &str| {
        let mut release = release(id, "720p", 720);
        release["pieces_root"] = json!(root.repeat(32));
        with(film(id, "Metropolis"), "releases", json!([release]))
    };
    library.import(catalogue("one", &[titled("a", "5c")]), None).unwrap();
    library.import(catalogue("two", &[titled("b", "5c")]), None).unwrap();
    library.import(catalogue("three", &[titled("c", "5d")]), None).unwrap();
    assert_eq!(all(library), ["one.a", "three.c"]);
    assert_eq!(releases(library, "one.a"), [pair("one", "a"), pair("two", "b")]);
}

#[test]
fn leaving_one_channel_leaves_the_work_of_the_other() {
    let shelf = empty();
    let library = &shelf.library;
    for (source, id) in [("one", "a"), ("two", "b"), ("three", "c")] {
        library.import(catalogue(source, &[known(id, "tt1")]), None).unwrap();
    }
    library.remove_source("one").unwrap();
    assert_eq!(all(library), ["two.b"]);
    assert_eq!(found(library), ["two.b"]);
    assert_eq!(publishers(library, "two.b"), ["two.b", "three.c"]);
    assert_eq!(releases(library, "two.b"), [pair("two", "b-r"), pair("three", "c-r")]);
    library.remove_source("two").unwrap();
    assert_eq!(all(library), ["three.c"]);
    library.remove_source("three").unwrap();
    assert_eq!(all(library), [""; 0]);
}

#[test]
fn a_title_that_its_publisher_takes_back_is_shown_as_another_has_it() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "tt1")]), None).unwrap();
    let gone = json!({"id": "a", "reason": "rights"});
    library.import(catalogue_with("one", &[], &[gone]), None).unwrap();
    assert_eq!(all(library), ["two.b"]);
    assert_eq!(publishers(library, "two.b"), ["two.b"]);
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    assert_eq!(all(library).len(), 1);
    assert_eq!(publishers(library, "two.b"), ["two.b", "one.a"]);
}

#[test]
fn a_work_that_the_household_hides_is_hidden_whoever_publishes_it() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "tt1")]), None).unwrap();
    library.set_blocked("one.a", true).unwrap();
    assert_eq!(all(library), [""; 0]);
    assert_eq!(found(library), [""; 0]);
    library.set_blocked("one.a", false).unwrap();
    assert_eq!(all(library), ["one.a"]);
}

/// The ids of the works that are watched, that are favourites, and that are under way.
fn marked(library: &Library) -> [Vec<String>; 3] {
    let watched = Filter { watched: Some(true), ..Filter::default() };
    let liked = Filter { favourite: Some(true), ..Filter::default() };
    let going_on = library.home(&english()).unwrap().continue_watching;
    let going_on = going_on.into_iter().map(|card| card.id).collect();
    [listed(library, &watched), listed(library, &liked), going_on]
}

fn ids(of: [&[&str]; 3]) -> [Vec<String>; 3] {
    of.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn what_was_watched_and_liked_of_one_channel_is_so_in_every_other() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1"), known("other", "tt2")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "tt1")]), None).unwrap();
    library.set_favourite("two.b", true).unwrap();
    library.set_progress("two.b", 50.0, 100.0).unwrap();
    assert_eq!(marked(library), ids([&[], &["one.a"], &["one.a"]]));
    let card = |title: &str| library.title(title, &english()).unwrap().unwrap();
    let progress = |title: &str| library.progress(title).unwrap().map(|one| one.position_s);
    assert_eq!(
        (progress("one.a"), progress("two.b"), progress("one.other")),
        (Some(50.0), Some(50.0), None)
    );
    assert!(card("one.a").card.favourite && card("two.b").card.favourite);
    // Whoever goes on in the other channel goes on for both.
    library.set_progress("one.a", 95.0, 100.0).unwrap();
    assert_eq!(marked(library), ids([&["one.a"], &["one.a"], &[]]));
    let of_two =
        Filter { source: Some("two".to_owned()), watched: Some(true), ..Filter::default() };
    assert_eq!(listed(library, &of_two), ["two.b"]);

    // One that comes later, and one whose neighbour left.
    library.import(catalogue("three", &[known("c", "tt1")]), None).unwrap();
    assert!(card("three.c").card.watched && card("three.c").card.favourite);
    library.remove_source("one").unwrap();
    assert_eq!(marked(library), ids([&["two.b"], &["two.b"], &[]]));

    library.set_watched("three.c", false).unwrap();
    library.set_favourite("three.c", false).unwrap();
    assert_eq!(marked(library), ids([&[], &[], &[]]));
    assert_eq!(progress("two.b"), None);
}

#[test]
fn an_episode_that_was_watched_in_one_channel_is_watched_in_every_other() {
    let shelf = empty();
    let library = &shelf.library;
    for source in ["one", "two"] {
        let mut lanterns = series(&format!("{source}-s"), "Lanterns", &[(1, 3)]);
        lanterns["ids"] = json!({"wikidata": "Q1"});
        library.import(catalogue(source, &[lanterns]), None).unwrap();
    }
    let next = |title: &str| {
        let card = library.title(title, &english()).unwrap().unwrap().card;
        (card.next_episode.map(|next| next.number), card.watched)
    };
    library.set_watched("two.two-s-s1e1", true).unwrap();
    assert_eq!((next("one.one-s"), next("two.two-s")), ((Some(2), false), (Some(2), false)));
    library.set_progress("one.one-s-s1e2", 10.0, 100.0).unwrap();
    let item = library.item("two.two-s-s1e2", &english()).unwrap().unwrap();
    assert_eq!(item.progress.map(|one| one.position_s), Some(10.0));
    assert_eq!(marked(library), ids([&[], &[], &["one.one-s"]]));
    library.set_watched("two.two-s", true).unwrap();
    assert_eq!((next("one.one-s"), next("two.two-s")), ((None, true), (None, true)));
    assert_eq!(marked(library), ids([&["one.one-s"], &[], &[]]));
    library.set_watched("one.one-s-s1e3", false).unwrap();
    assert_eq!(next("two.two-s"), (Some(3), false));
}

#[test]
fn a_channels_own_list_has_all_of_its_titles() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "tt1"), known("c", "tt2")]), None).unwrap();
    let of = |source: &str| Filter { source: Some(source.to_owned()), ..Filter::default() };
    assert_eq!(listed(library, &of("two")), ["two.b", "two.c"]);
    assert_eq!(all(library), ["one.a", "two.c"]);
    let dramas = Filter {
        genre: Some("drama".to_owned()),
        kind: Some("film".to_owned()),
        ..Filter::default()
    };
    assert_eq!(listed(library, &dramas), ["one.a", "two.c"]);
}

#[test]
fn no_publisher_can_make_two_works_of_another_look_like_one() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1"), known("b", "tt2")]), None).unwrap();
    let liar = with(film("x", "Metropolis"), "ids", json!({"imdb": "tt1", "wikidata": "Q2"}));
    let liar = with(
        liar,
        "releases",
        json!([release("a-r", "1080p", 1080), release("b-r", "1080p", 1080)]),
    );
    library
        .import(
            catalogue(
                "two",
                &[liar.clone(), with(liar, "id", json!("y"))].map(|mut title| {
                    let id = title["id"].as_str().unwrap().to_owned();
                    title["releases"][0]["id"] = json!(format!("{id}-0"));
                    title["releases"][1]["id"] = json!(format!("{id}-1"));
                    title
                }),
            ),
            None,
        )
        .unwrap();
    let shown = all(library);
    assert!(
        shown.contains(&"one.a".to_owned()) && shown.contains(&"one.b".to_owned()),
        "{shown:?}"
    );
    assert_eq!(publishers(library, "one.b").len() + publishers(library, "one.a").len(), 4);
}

#[test]
fn titles_of_different_kinds_or_of_one_catalogue_are_never_one_work() {
    let shelf = empty();
    let library = &shelf.library;
    let short = with(known("c", "tt1"), "kind", json!("short"));
    library.import(catalogue("one", &[known("a", "tt1"), known("b", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[short]), None).unwrap();
    assert_eq!(all(library).len(), 3);
}

#[test]
fn what_one_catalogue_calls_a_film_and_another_a_concert_is_one_work() {
    let shelf = empty();
    let library = &shelf.library;
    let concert = with(known("b", "tt1"), "kind", json!("concert"));
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[concert]), None).unwrap();
    assert_eq!(all(library).len(), 1);
}

#[test]
fn a_changed_id_joins_and_parts() {
    let shelf = empty();
    let library = &shelf.library;
    library.import(catalogue("one", &[known("a", "tt1")]), None).unwrap();
    library.import(catalogue("two", &[known("b", "tt2")]), None).unwrap();
    assert_eq!(all(library).len(), 2);
    library.import(catalogue("two", &[known("b", "tt1")]), None).unwrap();
    assert_eq!(all(library), ["one.a"]);
    library.import(catalogue("one", &[known("a", "tt3")]), None).unwrap();
    assert_eq!(all(library).len(), 2);
}

#[test]
fn episodes_of_a_series_of_two_catalogues_have_the_releases_of_both() {
    let shelf = empty();
    let library = &shelf.library;
    for source in ["one", "two"] {
        let mut lanterns = series(&format!("{source}-s"), "Lanterns", &[(1, 2)]);
        lanterns["ids"] = json!({"wikidata": "Q1"});
        library.import(catalogue(source, &[lanterns]), None).unwrap();
    }
    let page = library.title("one.one-s", &english()).unwrap().unwrap();
    let sources = page.seasons[0].episodes[1].releases.iter().map(|one| one.source_id.clone());
    assert_eq!(sources.collect::<Vec<_>>(), ["one", "two"]);
    let item = library.item("one.one-s-s1e1", &english()).unwrap().unwrap();
    assert_eq!(item.releases.len(), 2);
}
