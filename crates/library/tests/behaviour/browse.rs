//! Titles as the grid, the first page and a title's page show them.

use crate::shelf::{
    Shelf, catalogue, catalogue_with, empty, english, film, release, series, stocked, with,
};
use catalogue::Kind;
use library::{Filter, Languages, Library, Sort};
use serde_json::{Value, json};
use torrent::InfoHashes;

fn names(library: &Library, filter: &Filter) -> Vec<String> {
    let page = library.titles(filter, &english()).unwrap();
    page.titles.into_iter().map(|card| card.name).collect()
}

#[test]
fn the_list_keeps_the_publishers_order_unless_asked_otherwise() {
    let shelf = stocked();
    let sorted = |sort| names(&shelf.library, &Filter { sort, ..Filter::default() });
    assert_eq!(sorted(Sort::Popular), ["Harbour Lights", "Aurora", "Lanterns", "The Comet"]);
    assert_eq!(sorted(Sort::Name), ["Aurora", "The Comet", "Harbour Lights", "Lanterns"]);
    assert_eq!(sorted(Sort::Year).last().unwrap(), "Aurora");
}

#[test]
fn names_come_in_the_viewers_language_and_sort_in_it() {
    let shelf = stocked();
    let by_name = Filter { sort: Sort::Name, ..Filter::default() };
    let page = shelf.library.titles(&by_name, &Languages::one("fr-CA")).unwrap();
    let names: Vec<_> = page.titles.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["The Comet", "Les Feux du port", "Lanterns", "Zénith"]);
}

#[test]
fn every_filter_narrows_the_list() {
    let shelf = stocked();
    let library = &shelf.library;
    library.set_favourite("evening.aurora", true).unwrap();
    library.set_watched("evening.comet", true).unwrap();
    let text = |value: &str| Some(value.to_owned());
    let cases: [(Filter, &[&str]); 11] = [
        (
            Filter { source: text("evening"), kind: text("series"), ..Filter::default() },
            &["Lanterns"],
        ),
        (Filter { source: text("morning"), ..Filter::default() }, &[]),
        (Filter { kind: text("series"), ..Filter::default() }, &["Lanterns"]),
        (Filter { genre: text("comedy"), ..Filter::default() }, &["Harbour Lights"]),
        (Filter { licence: text("CC0-1.0"), ..Filter::default() }, &["Aurora"]),
        (Filter { quality: text("720p"), ..Filter::default() }, &["Lanterns"]),
        (Filter { decade: Some(1980), ..Filter::default() }, &["Aurora"]),
        (Filter { favourite: Some(true), ..Filter::default() }, &["Aurora"]),
        (Filter { watched: Some(true), ..Filter::default() }, &["The Comet"]),
        (Filter { language: text("de"), ..Filter::default() }, &[]),
        (Filter { subtitle: text("fr"), decade: Some(1980), ..Filter::default() }, &["Aurora"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(names(library, &filter), expected, "{filter:?}");
    }
    assert_eq!(names(library, &Filter { watched: Some(false), ..Filter::default() }).len(), 3);
}

#[test]
fn pages_are_cut_from_the_whole_and_know_its_size() {
    let shelf = stocked();
    let filter = Filter { limit: 2, offset: 1, ..Filter::default() };
    let page = shelf.library.titles(&filter, &english()).unwrap();
    assert_eq!((page.total, page.titles.len()), (4, 2));
    assert_eq!(page.titles[0].name, "Aurora");
}

#[test]
fn facets_count_what_one_can_see() {
    let shelf = stocked();
    shelf.library.set_blocked("evening.harbour", true).unwrap();
    let facets = shelf.library.facets().unwrap();
    let plain = |facets: Vec<library::Facet>| {
        facets.into_iter().map(|facet| (facet.value, facet.count)).collect::<Vec<_>>()
    };
    assert_eq!(plain(facets.genres), [("drama".to_owned(), 3)]);
    assert_eq!(plain(facets.decades), [("2000".to_owned(), 2), ("1980".to_owned(), 1)]);
    assert_eq!(plain(facets.kinds).len(), 3);
    assert_eq!(facets.licences[0].value, "CC-BY-4.0");
}

#[test]
fn a_title_page_has_its_releases_with_global_ids_and_subtitles() {
    let shelf = stocked();
    let title = shelf.library.title("evening.harbour", &english()).unwrap().unwrap();
    assert_eq!(
        (title.publisher.as_str(), title.attribution.as_str()),
        ("Test publisher", "Somebody")
    );
    let release = &title.releases[0];
    assert_eq!(
        (release.id.as_str(), release.item_id.as_str()),
        ("evening.harbour-r", "evening.harbour")
    );
    assert_eq!(release.subtitles[0].id, "evening.harbour-r.0");
}

#[test]
fn an_unknown_title_is_none_and_not_an_error() {
    let shelf = stocked();
    assert_eq!(shelf.library.title("evening.nothing", &english()).unwrap(), None);
    assert_eq!(shelf.library.item("evening.nothing", &english()).unwrap(), None);
}

#[test]
fn a_second_import_replaces_what_the_first_brought_and_keeps_what_people_did() {
    let shelf = stocked();
    let library = &shelf.library;
    library.set_progress("evening.aurora", 60.0, 600.0).unwrap();
    library.set_favourite("evening.harbour", true).unwrap();
    let again = catalogue("evening", &[film("aurora", "Aurora Again"), film("new", "New")]);
    let done = library.import(again, None).unwrap();
    assert_eq!((done.added, done.changed, done.removed), (1, 1, 3));
    assert_eq!(names(library, &Filter::default()), ["Aurora Again", "New"]);
    let card = library.title("evening.aurora", &english()).unwrap().unwrap().card;
    assert!((card.progress.unwrap().fraction() - 0.1).abs() < 1e-9);
    library.import(crate::shelf::evening(), None).unwrap();
    assert!(library.title("evening.harbour", &english()).unwrap().unwrap().card.favourite);
}

#[test]
fn what_people_do_is_written_while_an_import_runs() {
    let shelf = empty();
    let films: Vec<_> = (0..1000).map(|n| film(&format!("f{n}"), &format!("Film {n}"))).collect();
    let many = catalogue("many", &films);
    let library = &shelf.library;
    std::thread::scope(|scope| {
        let importing = scope.spawn(|| library.import(many, None).unwrap());
        let mut written = 0;
        while !importing.is_finished() {
            library.set_progress("many.f1", f64::from(written), 9e8).unwrap();
            written += 1;
        }
        assert_eq!(importing.join().unwrap().added, 1000);
        assert!(written > 10, "an import in parts lets others write between them: {written}");
    });
    assert_eq!(library.titles(&Filter::default(), &english()).unwrap().total, 1000);
}

#[test]
fn the_same_import_twice_changes_nothing() {
    let shelf = stocked();
    let done = shelf.library.import(crate::shelf::evening(), None).unwrap();
    assert_eq!(done, library::Imported::default());
}

#[test]
fn two_catalogues_with_the_same_title_id_do_not_touch_each_other() {
    let shelf = stocked();
    shelf.library.import(catalogue("other", &[film("aurora", "Another Aurora")]), None).unwrap();
    let name = |id| shelf.library.title(id, &english()).unwrap().unwrap().card.name;
    assert_eq!(
        (name("evening.aurora"), name("other.aurora")),
        ("Aurora".into(), "Another Aurora".into())
    );
    shelf.library.remove_source("other").unwrap();
    assert_eq!(shelf.library.title("other.aurora", &english()).unwrap(), None);
    assert_eq!(shelf.library.sources(&english()).unwrap().len(), 1);
}

#[test]
fn a_withdrawn_title_leaves_the_lists_and_its_page_says_so() {
    let shelf = stocked();
    let withdrawal = json!({"id": "aurora", "reason": "rights", "note": {"en": "A claim"}});
    let without = catalogue_with("evening", &[film("harbour", "Harbour Lights")], &[withdrawal]);
    let done = shelf.library.import(without, None).unwrap();
    assert_eq!((done.withdrawn, done.removed), (1, 2));
    assert_eq!(names(&shelf.library, &Filter::default()), ["Harbour Lights"]);
    assert_eq!(shelf.library.search("aurora", 10, &english()).unwrap().titles, []);
    let page = shelf.library.title("evening.aurora", &english()).unwrap().unwrap();
    assert_eq!(page.withdrawn.unwrap().reason, catalogue::WithdrawalReason::Rights);
}

#[test]
fn a_torrent_is_taken_back_with_its_title_unless_another_catalogue_shows_it() {
    let shelf = empty();
    let (taken, kept) = (film("taken", "Taken"), film("kept", "Kept"));
    let all = catalogue_with("one", &[taken.clone(), kept.clone()], &[]);
    shelf.library.import(all, None).unwrap();
    let hashes = |id| shelf.library.title(id, &english()).unwrap().unwrap().releases[0].hashes;
    let (first, second) = (hashes("one.taken"), hashes("one.kept"));
    let are_taken_back = || taken_back(&shelf, [first, second]);
    assert_eq!(are_taken_back(), [false, false]);
    let withdrawal = json!({"id": "taken", "reason": "privacy"});
    let without = catalogue_with("one", std::slice::from_ref(&kept), &[withdrawal]);
    shelf.library.import(without, None).unwrap();
    assert_eq!(are_taken_back(), [true, false]);
    let mut same = film("other", "The same under another name");
    same["releases"][0]["torrent"] = taken["releases"][0]["torrent"].clone();
    shelf.library.import(catalogue_with("two", &[same], &[]), None).unwrap();
    assert_eq!(are_taken_back(), [false, false], "nobody takes back what another gives");
    shelf.library.remove_source("two").unwrap();
    assert_eq!(are_taken_back(), [true, false]);
}

fn taken_back<const N: usize>(shelf: &Shelf, torrents: [InfoHashes; N]) -> [bool; N] {
    let found = shelf.library.taken_back(&torrents).unwrap();
    torrents.map(|one| found.contains(&one))
}

#[test]
fn of_a_title_that_stays_what_it_lost_is_taken_back_if_the_title_ever_had_it() {
    let shelf = empty();
    let mut pair = film("pair", "Pair");
    let (bad, good) = (release("bad", "720p", 720), release("good", "480p", 480));
    pair["releases"] = json!([bad, good]);
    let tale = series("tale", "A tale", &[(1, 2)]);
    shelf.library.import(catalogue("one", &[pair.clone(), tale.clone()]), None).unwrap();
    shelf.library.import(catalogue("two", &[film("own", "Its own")]), None).unwrap();
    let (pairs, tales) = (torrents(&pair), torrents(&tale));
    let own = torrents(&film("own", "Its own"));
    let all = [pairs[0], pairs[1], tales[0], tales[1], own[0]];
    assert_eq!(taken_back(&shelf, all), [false; 5]);
    let names_of_others = json!(own[0].v1().unwrap().to_string());
    let withdrawn = [
        json!({"id": "pair", "reason": "wrong_file", "infohash": bad["torrent"]["v1"]}),
        json!({"id": "pair", "reason": "rights", "infohash": names_of_others}),
        json!({"id": "tale-s1e2", "reason": "privacy"}),
    ];
    let mut left = tale;
    left["seasons"][0]["episodes"].as_array_mut().unwrap().pop();
    shelf.library.import(catalogue_with("one", &[pair, left], &withdrawn), None).unwrap();
    shelf.library.remove_source("two").unwrap();
    assert_eq!(taken_back(&shelf, all), [true, false, false, true, false]);
}

/// The torrents of a title's record.
fn torrents(record: &Value) -> Vec<InfoHashes> {
    let title: catalogue::Title = serde_json::from_value(record.clone()).unwrap();
    title.all_releases().filter_map(|release| release.torrent.hashes()).collect()
}

#[test]
fn withdrawing_one_torrent_of_two_leaves_the_title_with_the_other() {
    let shelf = empty();
    let mut title = film("pair", "Pair");
    let (bad, good) = (release("bad", "720p", 720), release("good", "480p", 480));
    title["releases"] = json!([bad, good]);
    let withdrawal =
        json!({"id": "pair", "reason": "wrong_file", "infohash": bad["torrent"]["v1"]});
    shelf.library.import(catalogue_with("one", &[title], &[withdrawal]), None).unwrap();
    let page = shelf.library.title("one.pair", &english()).unwrap().unwrap();
    assert_eq!(page.withdrawn, None);
    let left: Vec<_> = page.releases.iter().map(|release| release.id.as_str()).collect();
    assert_eq!(left, ["one.good"]);
}

#[test]
fn a_blocked_title_is_only_in_the_list_of_blocked_titles() {
    let shelf = stocked();
    shelf.library.set_blocked("evening.aurora", true).unwrap();
    assert!(!names(&shelf.library, &Filter::default()).contains(&"Aurora".to_owned()));
    assert_eq!(shelf.library.search("aurora", 10, &english()).unwrap().titles, []);
    assert_eq!(shelf.library.blocked(&english()).unwrap()[0].id, "evening.aurora");
    shelf.library.set_blocked("evening.aurora", false).unwrap();
    assert_eq!(names(&shelf.library, &Filter::default()).len(), 4);
}

#[test]
fn the_first_page_has_rows_and_none_is_empty() {
    let shelf = stocked();
    let home = shelf.library.home(&english()).unwrap();
    let ids: Vec<_> = home.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["popular", "added", "series", "shorts", "genre-drama"]);
    assert_eq!(home.rows[4].label_args["genre"], "drama");
    assert!(home.rows.iter().all(|row| !row.titles.is_empty()));
    assert_eq!(home.continue_watching, []);
}

#[test]
fn the_first_page_has_a_row_of_each_kind_that_has_some_titles() {
    let shelf = empty();
    let title = |kind: &str, number: usize| {
        let record = film(&format!("{kind}{number}"), &format!("{kind} {number}"));
        with(record, "kind", json!(kind))
    };
    let (few, some) = (["concert", "performance"], ["lecture", "newsreel"]);
    let few = few.into_iter().flat_map(|kind| (0..2).map(move |at| title(kind, at)));
    let some = some.into_iter().flat_map(|kind| (0..3).map(move |at| title(kind, at)));
    let titles: Vec<_> = few.chain(some).collect();
    shelf.library.import(catalogue("one", &titles), None).unwrap();
    let rows = || {
        let home = shelf.library.home(&english()).unwrap();
        let of_kinds = home.rows.into_iter().skip_while(|row| row.id != "added").skip(1);
        of_kinds
            .filter(|row| row.label_key != "row-genre")
            .map(|row| (row.id, row.label_key, row.titles.iter().map(|card| card.kind).collect()))
            .collect::<Vec<(_, _, Vec<_>)>>()
    };
    let lectures = ("lectures".to_owned(), "row-lectures", vec![Kind::Lecture; 3]);
    let newsreels = ("newsreels".to_owned(), "row-newsreels", vec![Kind::Newsreel; 3]);
    assert_eq!(rows(), [lectures, newsreels.clone()]);
    shelf.library.set_blocked("one.lecture1", true).unwrap();
    assert_eq!(rows(), [newsreels]);
}

#[test]
fn pictures_and_torrent_files_know_their_folder() {
    let shelf = empty();
    let title = with(film("art", "Art"), "poster", json!({"file": "art/poster.png"}));
    let folder = shelf.folder.path().join("channel");
    shelf.library.import(catalogue("one", &[title]), Some(&folder)).unwrap();
    let page = shelf.library.title("one.art", &english()).unwrap().unwrap();
    assert_eq!(page.card.poster.unwrap().folder.as_deref(), Some(folder.as_path()));
    assert_eq!(page.releases[0].folder.as_deref(), Some(folder.as_path()));
}

#[test]
fn the_starter_channel_is_taken_in_whole() {
    let shelf = empty();
    let starter = catalogue::starter().unwrap();
    let titles = starter.titles().len();
    assert_eq!(shelf.library.import(starter, None).unwrap().added, titles);
    let sintel = shelf.library.item("starter.sintel", &english()).unwrap().unwrap();
    assert_eq!(
        sintel.releases[0].hashes.wire().to_string(),
        "08ada5a7a6183aae1e09d831df6748d566095a10"
    );
}

#[test]
fn a_title_is_known_to_come_from_every_catalogue_with_its_torrent() {
    let shelf = empty();
    for id in ["one", "other"] {
        shelf.library.import(catalogue(id, &[film("night", "Night")]), None).unwrap();
    }
    let named = || {
        let found = shelf.library.provenance("other.night", &english()).unwrap();
        found.into_iter().map(|one| one.title_id).collect::<Vec<_>>()
    };
    assert_eq!(named(), ["other.night", "one.night"]);
    shelf.library.set_blocked("one.night", true).unwrap();
    assert_eq!(named(), ["other.night"]);
}
