//! What one more title costs the publisher of many.

use std::time::Instant;

use catalogue::{Title, channel::Key};
use channels::{Channels, FilmAdded, IfThere, ListTitle, Own, publish};
use serde_json::json;

use crate::{
    PORTION,
    made::{Random, film, films, parsed},
    new_channel, peak_mib, say,
};

/// Titles that are added one by one.
const ADDED: usize = 3;
/// The numbers of what is no film: after all of those.
const SERIES: usize = 100_000_000;

/// A channel of so many titles, to which some more are added, each as `kinora channel add` does it.
pub(crate) fn added(random: &mut Random, titles: usize) {
    let place = tempfile::tempdir().unwrap();
    let channels = Channels::open(place.path()).unwrap();
    let (own, _) = Own::create(&channels, new_channel("Bench"), None).unwrap();
    let key = *own.folder().key();
    let (mut last, series) = (vec![], series(random));
    for start in (0..titles).step_by(PORTION) {
        last = films(random, start, PORTION.min(titles - start));
        own.add(last.clone()).unwrap();
        publish(&channels, key).unwrap();
    }
    own.add(vec![series.clone()]).unwrap();
    publish(&channels, key).unwrap();
    say("built_peak_mib", peak_mib(), "MiB", None);
    for (turn, known) in last.iter().enumerate().take(ADDED + 1) {
        let name = |what: &str| format!("{what}_{}", if turn == 0 { "first" } else { "again" });
        let fresh = films(random, titles + turn, 1).remove(0);
        let before = Instant::now();
        let added = own.add_film(fresh, IfThere::Tell).unwrap();
        say(&name("added_film_s"), before.elapsed().as_secs_f64(), "s", None);
        assert!(matches!(added, FilmAdded::Waits { .. }), "{added:?}");
        told_of(&own, known, &name("refused_film_s"));
        published(&channels, key, &name("added_publish_s"));
        let listed = ListTitle { title: series.clone(), has_own_id: false };
        let before = Instant::now();
        own.add_list(vec![listed]).unwrap();
        say(&name("series_again_s"), before.elapsed().as_secs_f64(), "s", None);
        published(&channels, key, &name("series_publish_s"));
    }
    let index = place.path().join(key.to_string()).join("own").join("films.db");
    let bytes = index.metadata().map_or(0, |file| file.len());
    say("index_mib", bytes as f64 / f64::from(1 << 20), "MiB", None);
    say("added_peak_mib", peak_mib(), "MiB", None);
}

/// A film that the channel has is told of.
fn told_of(own: &Own, known: &Title, name: &str) {
    let mut other = films(&mut Random(7), 0, 1).remove(0);
    other.releases.clone_from(&known.releases);
    other.id = "another-title".to_owned().try_into().unwrap();
    let before = Instant::now();
    let there = own.add_film(other, IfThere::Tell).unwrap();
    say(name, before.elapsed().as_secs_f64(), "s", None);
    assert!(matches!(there, FilmAdded::There(there) if there.len() == 1));
}

fn published(channels: &Channels, key: Key, name: &str) {
    let before = Instant::now();
    publish(channels, key).unwrap();
    say(name, before.elapsed().as_secs_f64(), "s", None);
}

fn series(random: &mut Random) -> Title {
    let mut series = film(random, SERIES);
    let episodes: Vec<_> = (1..=20)
        .map(|number| {
            let film = film(random, SERIES + number);
            json!({"id": format!("episode-{number}"), "number": number, "name": film["name"],
                "releases": film["releases"]})
        })
        .collect();
    series["id"] = json!("series");
    series["kind"] = json!("series");
    series["releases"] = json!([]);
    series["seasons"] = json!([{"number": 1, "episodes": episodes}]);
    parsed(&[series]).remove(0)
}
