//! Filters that are followed: what they hide, of what they warn, what they ask for of torrents, and who is stronger.

use catalogue::{
    Multilingual, WithdrawalReason,
    channel::{Action, Key, Mark, Marked, RecordId, Verdict},
};
use library::{Facet, Filter, FilterAbout, Library, Ruling};
use serde_json::json;
use torrent::InfoHashes;

use crate::shelf::{Shelf, catalogue, empty, english, film, series};

const LIST: &str = "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";

/// Two channels: the first has three titles, and the second one of them in another torrent, under the same number.
fn shelf() -> (Shelf, [String; 2]) {
    let shelf = empty();
    let keys = [[1; 32], [2; 32]].map(|key| Key(key).to_string());
    let known = |id: &str, name: &str| {
        let mut film = film(id, name);
        film["ids"] = json!({"imdb": "tt0017136"});
        film
    };
    let first =
        [known("aurora", "Aurora"), film("comet", "Comet"), series("port", "Port", &[(1, 2)])];
    shelf.library.import(catalogue(&keys[0], &first), None).unwrap();
    let second = [known("dawn", "Aurora of another")];
    shelf.library.import(catalogue(&keys[1], &second), None).unwrap();
    (shelf, keys)
}

fn follow(library: &Library, id: &str, revision: u64, marks: &[(Mark, Option<Action>)]) {
    let text = |text: &str| serde_json::from_value(json!({"en": text})).unwrap();
    let about = FilterAbout {
        id: id.to_owned(),
        name: text("A list"),
        about: serde_json::from_value::<Multilingual<4000, true>>(json!({"en": "Why."})).unwrap(),
        publisher: "Somebody".to_owned(),
        revision,
    };
    let mut sorted = marks.to_vec();
    sorted.sort_unstable();
    let mut taking = library.take_in_filter(about, revision == 1).unwrap();
    for (mark, action) in sorted {
        let reason = Some(WithdrawalReason::Malware);
        taking.put(mark, action.map(|action| Verdict { action, reason })).unwrap();
    }
    taking.finish().unwrap();
}

fn hashes(library: &Library, id: &str) -> InfoHashes {
    library.item(id, &english()).unwrap().unwrap().releases[0].hashes
}

fn torrent(library: &Library, id: &str) -> Mark {
    Mark::of_torrent(hashes(library, id)).next().unwrap()
}

fn title(key: &str, id: &str) -> Mark {
    let id = id.to_owned().try_into().unwrap();
    Marked::Title(Key::parse(key).unwrap(), RecordId::of(&id)).mark()
}

fn channel(key: &str) -> Mark {
    Marked::Channel(Key::parse(key).unwrap()).mark()
}

/// What the grid has, with its count; and what search and facets say has to fit.
fn shown(library: &Library) -> Vec<String> {
    let page = library.titles(&Filter::default(), &english()).unwrap();
    let names: Vec<_> = page.titles.into_iter().map(|card| card.name).collect();
    assert_eq!(page.total, names.len() as u64);
    for name in ["Aurora", "Comet", "Port"] {
        let found = library.search(name, 10, &english()).unwrap().titles;
        let is_listed = names.iter().any(|one| one.starts_with(name));
        assert_eq!(found.iter().any(|card| card.name.starts_with(name)), is_listed, "{name}");
    }
    let dramas = vec![Facet { value: "drama".to_owned(), count: names.len() as u64 }];
    assert_eq!(library.facets().unwrap().genres, if names.is_empty() { vec![] } else { dramas });
    names
}

#[test]
fn hidden_titles_are_in_no_list_search_or_count_and_their_page_says_by_what() {
    let (shelf, [first, _]) = shelf();
    let library = &shelf.library;
    assert_eq!(shown(library), ["Aurora", "Comet", "Port"]);
    follow(library, LIST, 1, &[(torrent(library, &format!("{first}.comet")), Some(Action::Hide))]);
    assert_eq!(shown(library), ["Aurora", "Port"]);
    let list = library.filters(&english()).unwrap().remove(0);
    assert_eq!((list.entries, list.hides, list.warns, list.applied), (1, 1, 0, true));
    let page = library.title(&format!("{first}.comet"), &english()).unwrap().unwrap();
    let by = &page.filters[0];
    assert_eq!((by.id.as_str(), by.name.as_str(), by.action), (LIST, "A list", Action::Hide));
    assert_eq!((by.about.as_deref(), by.reason), (Some("Why."), Some(WithdrawalReason::Malware)));
    assert!(!page.is_blocked_by_a_filter());
    library.set_filter_applied(LIST, false).unwrap();
    assert_eq!(shown(library), ["Aurora", "Comet", "Port"]);
    assert_eq!(library.filters(&english()).unwrap()[0].hides, 1, "it would");
    library.set_filter_applied(LIST, true).unwrap();
    library.remove_filter(LIST).unwrap();
    assert_eq!(shown(library), ["Aurora", "Comet", "Port"]);
    assert!(library.set_filter_applied(LIST, true).is_err());
}

#[test]
fn a_warning_and_a_wish_not_to_share_leave_a_title_where_it_is() {
    let (shelf, [first, _]) = shelf();
    let (library, comet) = (&shelf.library, format!("{}.comet", shelf_key(1)));
    assert_eq!(first, shelf_key(1));
    let all =
        [(title(&first, "comet"), Some(Action::Warn)), (channel(&first), Some(Action::NoSeed))];
    follow(library, LIST, 1, &all);
    assert_eq!(shown(library), ["Aurora", "Comet", "Port"]);
    let said: Vec<_> = library
        .title(&comet, &english())
        .unwrap()
        .unwrap()
        .filters
        .iter()
        .map(|by| by.action)
        .collect();
    assert_eq!(said, [Action::Warn, Action::NoSeed]);
    let torrent = hashes(library, &comet);
    assert_eq!(library.ruled(&[torrent]).unwrap(), [(torrent, Ruling::NoSeed)].into());
    assert_eq!(library.filters(&english()).unwrap()[0].warns, 1);
}

fn shelf_key(number: u8) -> String {
    Key([number; 32]).to_string()
}

#[test]
fn a_blocked_torrent_is_ruled_out_unless_another_channel_shows_it_or_somebody_wants_it() {
    let (shelf, [first, second]) = shelf();
    let library = &shelf.library;
    let comet = format!("{first}.comet");
    let torrents = [hashes(library, &comet), hashes(library, &format!("{second}.dawn"))];
    assert_eq!(library.ruled(&torrents).unwrap(), [].into(), "nobody asks for anything");
    follow(library, LIST, 1, &[(channel(&first), Some(Action::Block))]);
    assert_eq!(library.ruled(&torrents).unwrap(), [(torrents[0], Ruling::Block)].into());
    assert!(library.title(&comet, &english()).unwrap().unwrap().is_blocked_by_a_filter());

    let mut same = film("other", "Comet under another name");
    same["releases"][0]["torrent"] = json!({"v1": torrents[0].v1().unwrap().to_string()});
    let third = shelf_key(3);
    library.import(catalogue(&third, &[same]), None).unwrap();
    assert_eq!(
        library.ruled(&torrents).unwrap(),
        [].into(),
        "the channel is blocked, not the film"
    );
    follow(library, LIST, 2, &[(torrent(library, &comet), Some(Action::Block))]);
    assert_eq!(library.ruled(&torrents).unwrap(), [(torrents[0], Ruling::Block)].into());
    library.set_shown_anyway(&comet, true).unwrap();
    assert_eq!(library.ruled(&torrents).unwrap(), [].into());
    assert!(!library.title(&comet, &english()).unwrap().unwrap().is_blocked_by_a_filter());
}

#[test]
fn our_own_choice_is_stronger_than_any_filter_and_a_change_of_it_holds_at_once() {
    let (shelf, [first, _]) = shelf();
    let (library, comet) = (&shelf.library, format!("{first}.comet"));
    follow(library, LIST, 1, &[(title(&first, "comet"), Some(Action::Hide))]);
    follow(library, &shelf_key(8), 1, &[(title(&first, "comet"), Some(Action::Block))]);
    assert_eq!(shown(library), ["Aurora", "Port"]);
    library.set_shown_anyway(&comet, true).unwrap();
    assert_eq!(shown(library), ["Aurora", "Comet", "Port"]);
    assert!(library.title(&comet, &english()).unwrap().unwrap().shown_anyway);
    library.set_blocked(&comet, true).unwrap();
    assert_eq!(shown(library), ["Aurora", "Port"], "to block is a choice of ours as well");
    library.set_blocked(&comet, false).unwrap();
    library.set_shown_anyway(&comet, false).unwrap();
    assert_eq!(shown(library), ["Aurora", "Port"]);
    library.remove_filter(LIST).unwrap();
    assert_eq!(shown(library), ["Aurora", "Port"], "the other one hides it still");
}

#[test]
fn a_filter_that_hides_a_channel_leaves_the_works_that_others_have() {
    let (shelf, [first, second]) = shelf();
    let library = &shelf.library;
    follow(library, LIST, 1, &[(channel(&first), Some(Action::Hide))]);
    assert_eq!(shown(library), ["Aurora of another"]);
    let page = library.title(&format!("{second}.dawn"), &english()).unwrap().unwrap();
    assert_eq!(page.releases.len(), 1, "nothing of what is hidden is in it");
    library.set_filter_applied(LIST, false).unwrap();
    assert_eq!(shown(library).len(), 3, "one work is shown once");
    let page = library.title(&format!("{second}.dawn"), &english()).unwrap().unwrap();
    assert_eq!(page.releases.len(), 2);
}

#[test]
fn a_title_that_comes_after_the_filter_is_held_against_it_and_so_is_one_that_changes() {
    let shelf = empty();
    let (library, first) = (&shelf.library, shelf_key(1));
    follow(library, LIST, 1, &[(title(&first, "comet"), Some(Action::Hide))]);
    library
        .import(catalogue(&first, &[film("comet", "Comet"), film("port", "Port")]), None)
        .unwrap();
    assert_eq!(shown(library), ["Port"]);
    let torrent = torrent(library, &format!("{first}.port"));
    follow(library, LIST, 2, &[(torrent, Some(Action::Hide)), (title(&first, "comet"), None)]);
    assert_eq!(shown(library), ["Comet"], "one was put in, the other taken off");
    assert_eq!(library.filters(&english()).unwrap()[0].entries, 1);
    let mut other = film("port", "Port");
    other["releases"][0]["torrent"] = json!({"v1": "5c".repeat(20)});
    library.import(catalogue(&first, &[film("comet", "Comet"), other]), None).unwrap();
    assert_eq!(shown(library), ["Comet", "Port"], "it has another torrent now");
}

#[test]
fn a_filter_taken_in_anew_has_what_came_last_and_nothing_else() {
    let (shelf, [first, _]) = shelf();
    let library = &shelf.library;
    let numbers = 0..5000_u32;
    let many: Vec<_> = numbers
        .map(|number| {
            let bytes = std::array::from_fn(|at| number.to_be_bytes()[at % 4]);
            (Marked::V1(torrent::Sha1Hash(bytes)).mark(), Some(Action::Hide))
        })
        .collect();
    follow(library, LIST, 1, &many);
    assert_eq!(library.held_of_filter(LIST).unwrap(), Some((1, 5000)));
    follow(library, LIST, 1, &[(title(&first, "comet"), Some(Action::Hide))]);
    assert_eq!(library.held_of_filter(LIST).unwrap(), Some((1, 1)));
    assert_eq!(shown(library), ["Aurora", "Port"]);
    follow(library, LIST, 1, &[]);
    assert_eq!((library.held_of_filter(LIST).unwrap(), shown(library).len()), (Some((1, 0)), 3));
}

#[test]
fn a_channel_that_was_handed_over_keeps_what_was_chosen() {
    let (shelf, [first, _]) = shelf();
    let library = &shelf.library;
    library.set_shown_anyway(&format!("{first}.comet"), true).unwrap();
    let heir = shelf_key(5);
    library.import(catalogue(&heir, &[film("comet", "Comet")]), None).unwrap();
    follow(library, LIST, 1, &[]);
    follow(library, &shelf_key(6), 1, &[(title(&heir, "comet"), Some(Action::Hide))]);
    library.set_filter_applied(LIST, false).unwrap();
    library.inherit(&first, &heir).unwrap();
    library.inherit(LIST, &shelf_key(6)).unwrap();
    let page = library.title(&format!("{heir}.comet"), &english()).unwrap().unwrap();
    assert!(page.shown_anyway);
    let applied: Vec<_> =
        library.filters(&english()).unwrap().iter().map(|one| one.applied).collect();
    assert_eq!(applied, [false, false], "what was switched off stays so");
}
