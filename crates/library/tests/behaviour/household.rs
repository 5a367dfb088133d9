//! What people did: progress, marks, episodes in turn, settings and downloads.

use std::path::PathBuf;

use crate::shelf::{empty, english, stocked};
use library::{DownloadChange, DownloadState, Library, LibraryError, NewDownload, Settings, Theme};
use serde_json::json;
use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

fn next_of(library: &Library, series: &str) -> Option<String> {
    library.title(series, &english()).unwrap().unwrap().next_episode_id
}

fn under_way(library: &Library) -> Vec<String> {
    let home = library.home(&english()).unwrap();
    home.continue_watching.into_iter().map(|card| card.name).collect()
}

#[test]
fn a_thousand_items_keep_their_own_progress_over_a_restart() {
    let shelf = empty();
    for n in 0..1000_u32 {
        shelf.library.set_progress(&format!("x.{n}"), f64::from(n), 5000.0).unwrap();
    }
    drop(shelf.library);
    let library = Library::open(shelf.folder.path()).unwrap();
    for n in 0..1000_u32 {
        let progress = library.progress(&format!("x.{n}")).unwrap().unwrap();
        assert!((progress.position_s - f64::from(n)).abs() < 1e-9, "slot {n}");
    }
}

#[test]
fn what_is_under_way_is_listed_last_seen_first_and_can_be_dismissed() {
    let shelf = stocked();
    let library = &shelf.library;
    library.set_progress("evening.aurora", 10.0, 100.0).unwrap();
    library.set_progress("evening.harbour", 20.0, 100.0).unwrap();
    assert_eq!(under_way(library), ["Harbour Lights", "Aurora"]);
    library.set_progress("evening.aurora", 11.0, 100.0).unwrap();
    assert_eq!(under_way(library), ["Aurora", "Harbour Lights"]);
    library.clear_progress("evening.aurora").unwrap();
    assert_eq!(under_way(library), ["Harbour Lights"]);
}

#[test]
fn nine_tenths_count_as_watched_and_leave_the_row() {
    let shelf = stocked();
    let library = &shelf.library;
    let watched = || library.title("evening.aurora", &english()).unwrap().unwrap().card.watched;
    library.set_progress("evening.aurora", 89.9, 100.0).unwrap();
    assert!(!watched());
    library.set_progress("evening.aurora", 90.0, 100.0).unwrap();
    assert!(watched());
    assert_eq!(under_way(library), Vec::<String>::new());
    library.set_watched("evening.aurora", false).unwrap();
    assert!(!watched());
}

#[test]
fn a_film_seen_again_is_under_way_again() {
    let shelf = stocked();
    shelf.library.set_progress("evening.aurora", 99.0, 100.0).unwrap();
    shelf.library.set_progress("evening.aurora", 30.0, 100.0).unwrap();
    assert_eq!(under_way(&shelf.library), ["Aurora"]);
}

#[test]
fn episodes_come_in_turn_over_seasons_with_specials_last() {
    let shelf = stocked();
    let library = &shelf.library;
    let mut order = Vec::new();
    while let Some(next) = next_of(library, "evening.lanterns") {
        library.set_progress(&next, 100.0, 100.0).unwrap();
        order.push(next.trim_start_matches("evening.lanterns-").to_owned());
    }
    assert_eq!(order, ["s1e1", "s1e2", "s2e1", "s2e2", "s0e1"]);
    let page = library.title("evening.lanterns", &english()).unwrap().unwrap();
    assert!(page.card.watched && page.seasons.iter().all(|s| s.episodes.iter().all(|e| e.watched)));
}

#[test]
fn an_episode_under_way_is_next_and_so_is_the_one_after_the_last_seen() {
    let shelf = stocked();
    let library = &shelf.library;
    library.set_progress("evening.lanterns-s2e1", 50.0, 100.0).unwrap();
    assert_eq!(next_of(library, "evening.lanterns").unwrap(), "evening.lanterns-s2e1");
    let card = library.home(&english()).unwrap().continue_watching.remove(0);
    assert_eq!(card.next_episode.unwrap().to_string(), "S2 E1");
    assert!((card.progress.unwrap().fraction() - 0.5).abs() < 1e-9);
    library.set_progress("evening.lanterns-s2e1", 95.0, 100.0).unwrap();
    assert_eq!(next_of(library, "evening.lanterns").unwrap(), "evening.lanterns-s2e2");
}

#[test]
fn an_item_knows_the_one_after_it() {
    let shelf = stocked();
    let item = shelf.library.item("evening.lanterns-s1e2", &english()).unwrap().unwrap();
    assert_eq!(item.next_item_id.as_deref(), Some("evening.lanterns-s2e1"));
    assert_eq!(
        (item.title_id.as_str(), item.title_name.as_str()),
        ("evening.lanterns", "Lanterns")
    );
    assert_eq!(item.episode.unwrap().1, "Part 2");
    let series = shelf.library.item("evening.lanterns", &english()).unwrap().unwrap();
    assert_eq!(series.id, "evening.lanterns-s1e1");
}

#[test]
fn marking_a_series_marks_every_episode_and_back() {
    let shelf = stocked();
    shelf.library.set_watched("evening.lanterns", true).unwrap();
    assert_eq!(next_of(&shelf.library, "evening.lanterns"), None);
    shelf.library.set_watched("evening.lanterns", false).unwrap();
    assert_eq!(next_of(&shelf.library, "evening.lanterns").unwrap(), "evening.lanterns-s1e1");
}

#[test]
fn impossible_times_and_ids_are_refused_and_change_nothing() {
    let shelf = stocked();
    for (position, duration) in [(-1.0, 10.0), (f64::NAN, 10.0), (1.0, f64::INFINITY)] {
        let refused = shelf.library.set_progress("evening.aurora", position, duration);
        assert!(matches!(refused, Err(LibraryError::Invalid(_))));
    }
    assert!(shelf.library.set_favourite(&"x".repeat(301), true).is_err());
    assert_eq!(shelf.library.progress("evening.aurora").unwrap(), None);
}

#[test]
fn settings_start_with_defaults_and_change_in_parts() {
    let shelf = empty();
    let first = shelf.library.settings().unwrap();
    assert_eq!(first, Settings::default());
    assert_eq!(first.language, "", "the first page that is opened chooses");
    shelf
        .library
        .patch_settings(json!({"theme": "dark", "sharing": {"up_limit_kib": 500}}))
        .unwrap();
    let changed = shelf.library.settings().unwrap();
    assert_eq!((changed.theme, changed.sharing.up_limit_kib), (Theme::Dark, Some(500)));
    assert!(changed.sharing.enabled);
    let reset = shelf.library.patch_settings(json!({"sharing": {"up_limit_kib": null}})).unwrap();
    assert_eq!(reset.sharing.up_limit_kib, None);
}

#[test]
fn no_limit_can_be_chosen_where_the_default_has_one() {
    let shelf = empty();
    let settings =
        shelf.library.patch_settings(json!({"sharing": {"seed_ratio_max": null}})).unwrap();
    assert_eq!(settings.sharing.seed_ratio_max, None);
    assert_eq!(shelf.library.settings().unwrap().sharing.seed_ratio_max, None);
}

#[test]
fn settings_that_do_not_exist_or_fit_are_refused_by_name() {
    let shelf = empty();
    let refusal = |patch| shelf.library.patch_settings(patch).unwrap_err().to_string();
    assert!(refusal(json!({"sharing": {"speed": 1}})).contains("sharing.speed"));
    assert!(refusal(json!({"theme": "pink"})).contains("pink"));
    assert!(refusal(json!({"sharing": {"up_limit_kib": 0}})).contains("at least 1 KiB/s"));
    assert!(refusal(json!({"cache": {"path": "relative"}})).contains("absolute"));
    assert!(refusal(json!(7)).contains("settings"));
    assert_eq!(shelf.library.settings().unwrap(), Settings::default());
}

#[test]
fn consent_is_given_for_a_version_and_can_be_taken_back() {
    let shelf = empty();
    assert_eq!(shelf.library.consent().unwrap(), None);
    shelf.library.set_consent(Some(3)).unwrap();
    assert_eq!(shelf.library.consent().unwrap().unwrap().version, 3);
    shelf.library.set_consent(None).unwrap();
    assert_eq!(shelf.library.consent().unwrap(), None);
}

fn wanted(name: &str, byte: u8) -> NewDownload {
    NewDownload {
        item_id: Some("evening.aurora".to_owned()),
        release_id: None,
        name: name.to_owned(),
        hashes: InfoHashes::Hybrid(Sha1Hash([byte; 20]), Sha256Hash([byte; 32])),
        magnet: None,
        folder: PathBuf::from("/films"),
        files: vec![2],
        size_bytes: 1 << 40,
        pinned: false,
    }
}

#[test]
fn downloads_survive_a_restart_with_their_state() {
    let shelf = empty();
    let id = shelf.library.add_download(wanted("One", 1)).unwrap().id;
    let change = DownloadChange {
        state: Some(DownloadState::Failed),
        error: Some("disk full".to_owned()),
        done_bytes: Some(7),
        ..DownloadChange::default()
    };
    let changed = shelf.library.change_download(&id, change).unwrap();
    drop(shelf.library);
    let library = Library::open(shelf.folder.path()).unwrap();
    assert_eq!(library.downloads().unwrap(), std::slice::from_ref(&changed));
    assert_eq!((changed.error.as_deref(), changed.size_bytes), (Some("disk full"), 1 << 40));
    let resumed =
        DownloadChange { state: Some(DownloadState::Fetching), ..DownloadChange::default() };
    assert_eq!(library.change_download(&id, resumed).unwrap().error, None);
}

#[test]
fn the_same_torrent_asked_for_twice_is_one_download_and_ids_do_not_return() {
    let shelf = empty();
    let first = shelf.library.add_download(wanted("One", 1)).unwrap();
    assert_eq!(shelf.library.add_download(wanted("Again", 1)).unwrap(), first);
    shelf.library.remove_download(&first.id).unwrap();
    assert_ne!(shelf.library.add_download(wanted("Anew", 1)).unwrap().id, first.id);
    assert!(matches!(shelf.library.remove_download("77"), Err(LibraryError::NotFound { .. })));
    assert_eq!(shelf.library.download("no number").unwrap(), None);
}

#[test]
fn many_threads_write_at_once_and_nothing_is_lost() {
    let shelf = empty();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let library = shelf.library.clone();
            scope.spawn(move || {
                for n in 0..50 {
                    library.set_progress(&format!("x.{thread}-{n}"), 1.0, 10.0).unwrap();
                }
            });
        }
    });
    let there = (0..8).flat_map(|thread| (0..50).map(move |n| format!("x.{thread}-{n}")));
    assert!(there.into_iter().all(|id| shelf.library.progress(&id).unwrap().is_some()));
}

#[test]
fn what_people_did_goes_with_a_catalogue_that_has_another_id_now() {
    let shelf = stocked();
    let library = &shelf.library;
    let (old, new) = ("evening", "night");
    library.set_progress("evening.aurora", 10.0, 100.0).unwrap();
    library.set_progress("night.harbour", 20.0, 100.0).unwrap();
    library.set_progress("evening.harbour", 30.0, 100.0).unwrap();
    library.set_progress("evening2.aurora", 40.0, 100.0).unwrap();
    library.set_favourite("evening.aurora", true).unwrap();
    library.set_watched("evening.tides-1-1", true).unwrap();
    library.inherit(old, new).unwrap();
    let place = |id: &str| library.progress(id).unwrap().map(|one| one.position_s);
    assert_eq!([place("night.aurora"), place("night.harbour")], [Some(10.0), Some(30.0)]);
    assert_eq!([place("evening.aurora"), place("evening2.aurora")], [None, Some(40.0)]);
    library
        .import(crate::shelf::catalogue(new, &[crate::shelf::film("aurora", "Aurora")]), None)
        .unwrap();
    assert!(library.title("night.aurora", &english()).unwrap().unwrap().card.favourite);
    library.inherit(old, new).unwrap();
    assert_eq!(place("night.aurora"), Some(10.0), "twice is once");
    assert!(matches!(library.inherit("", new), Err(LibraryError::Invalid(_))));
}
