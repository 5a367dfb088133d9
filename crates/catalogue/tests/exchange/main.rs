//! Lists in others' formats, written and read again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use catalogue::{
    Catalogue, Title,
    exchange::{
        Found, Gathering, Intake, Part,
        csv::{Rows, separator},
        json_ld, mrss, stremio,
    },
    starter,
};
use serde_json::json;

const HASH: &str = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";

/// The starter channel, and a series.
fn catalogue() -> Catalogue {
    let starter = starter().unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&starter.to_json()).unwrap();
    let release = |id: &str| {
        json!({"id": id, "quality": "480p", "container": "webm", "size_bytes": 9, "path": "s/e.webm",
            "audio_languages": ["de"], "torrent": {"v1": HASH},
            "subtitles": [{"language": "fr", "format": "vtt", "path": "s/e.fr.vtt", "label": "Français"}]})
    };
    file["titles"].as_array_mut().unwrap().push(json!({
        "id": "lessons", "kind": "series", "name": {"en": "Lessons <1>", "de": "Stunden & Tage"},
        "licence": "LicenseRef-publisher-own", "licence_statement": "Everybody may share it.",
        "attribution": "Somebody", "source": "https://example.org/?a=1&b=2",
        "ids": {"wikidata": "Q1"},
        "seasons": [{"number": 1, "episodes": [{"id": "e1", "number": 1, "name": {"en": "One"},
            "runtime_s": 61, "releases": [release("r1"), release("r2")]}]}],
    }));
    let episode = |id: &str, number: u16| {
        json!({"id": id, "number": number, "name": {"en": id, "de": "Zwei & drei"}, "synopsis": {"de": "Was\ngeschieht."},
            "still": {"sha256": "a".repeat(64)}, "releases": [release(&format!("r-{id}"))]})
    };
    file["titles"].as_array_mut().unwrap().push(json!({
        "id": "harbour", "kind": "series", "name": {"en": "Harbour"}, "synopsis": {"en": "Ships."},
        "licence": "CC-BY-4.0", "attribution": "Somebody", "source": "https://example.org/h",
        "year": 1926, "runtime_s": 1500, "genres": ["drama"], "countries": ["DE"], "original_language": "de",
        "people": [{"name": "Asta Nielsen", "role": "cast"}], "poster": {"sha256": "b".repeat(64)},
        "seasons": [
            {"number": 0, "episodes": [episode("special", 1)]},
            {"number": 2, "name": {"en": "Spring", "fr": "Printemps"}, "episodes": [episode("h1", 1), episode("h2", 7)]},
        ],
    }));
    file["titles"][0]["ids"] = json!({"imdb": "tt1254207"});
    for (at, kind) in ["concert", "performance", "lecture", "newsreel"].into_iter().enumerate() {
        file["titles"][at]["kind"] = kind.into();
    }
    Catalogue::parse(file.to_string().as_bytes()).unwrap()
}

/// A title without what an export leaves out: addresses of third parties, and the order of people.
fn bare(title: &Title) -> Title {
    let mut title = title.clone();
    title.people.sort_by(|one, other| (&*one.role, &*one.name).cmp(&(&*other.role, &*other.name)));
    let seasons = title.seasons.iter_mut().flat_map(|season| &mut season.episodes);
    let releases = seasons.flat_map(|episode| &mut episode.releases).chain(&mut title.releases);
    for release in releases {
        let torrent = &mut release.torrent;
        (torrent.trackers, torrent.web_seeds, torrent.sources) = (vec![], vec![], vec![]);
        torrent.metainfo = None;
    }
    title
}

/// What is read: titles first, then series whose episodes came one by one.
fn titles(read: impl FnOnce(&mut dyn FnMut(Found))) -> Vec<Title> {
    let (mut intake, mut titles) = (Intake::default(), Vec::new());
    let mut series = Gathering::default();
    read(&mut |found| match found.unwrap() {
        entry if *entry.part() == Part::Title => titles.push(bare(&intake.admit(&entry).unwrap())),
        entry => series.take(entry, ()).unwrap(),
    });
    for gathered in series.finish(&Default::default()) {
        assert!(gathered.left_out.is_empty(), "{:?}", gathered.left_out);
        titles.push(bare(&intake.admit(&gathered.series.unwrap().entry).unwrap()));
    }
    titles
}

#[test]
fn what_is_written_as_json_ld_comes_back_as_the_same_titles() {
    let catalogue = catalogue();
    let written = json_ld::write(&catalogue);
    let read = titles(|tell| json_ld::read(&written, "en", tell).unwrap());
    assert_eq!(read, catalogue.titles().iter().map(bare).collect::<Vec<_>>());
}

#[test]
fn what_is_written_as_a_feed_comes_back_as_the_same_titles_and_series() {
    let catalogue = catalogue();
    let written = mrss::write(&catalogue, "https://example.org/");
    let read = titles(|tell| mrss::read(&written, "en", tell).unwrap());
    assert_eq!(read, catalogue.titles().iter().map(bare).collect::<Vec<_>>());
    let text = String::from_utf8(written).unwrap();
    for said in [
        "<itunes:season>2</itunes:season>\n<itunes:episode>7</itunes:episode>\n<itunes:episodeType>full<",
        "<podcast:season name=\"Spring\">2</podcast:season>\n<podcast:episode>7</podcast:episode>",
        "<itunes:episodeType>bonus</itunes:episodeType>\n<podcast:season>0</podcast:season>",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn rows_of_a_series_become_what_is_exported_and_read_again() {
    let mut text = "title,kind,series,season,episode,synopsis,runtime,infohash,path,licence,attribution,source\n\
        Lessons,series,,,,All of them.,,,,CC-BY-4.0,Somebody,https://example.org/\n"
        .to_owned();
    // Longer than any film's record may be.
    for number in 1..=400 {
        let (season, number) = (1 + number / 200, 1 + number % 200);
        let plot = "What happens. ".repeat(60);
        let row = format!(
            "Part {number},,Lessons,{season},{number},{plot},24,{HASH},s{season}/{number}.mp4,,,\n"
        );
        text.push_str(&row);
    }
    let mut series = Gathering::default();
    let mut tell = |found: Found| series.take(found.unwrap(), ()).unwrap();
    let mut rows = Rows::new(b',', "en");
    rows.feed(text.as_bytes(), &mut tell).unwrap();
    rows.finish(&mut tell).unwrap();
    let gathered = series.finish(&Default::default()).next().unwrap();
    assert!(gathered.left_out.is_empty(), "{:?}", gathered.left_out.first());
    let made = gathered.series.unwrap().entry;
    assert_eq!(made.part(), &Part::Series { key: "lessons".to_owned() });
    let title = made.admit().unwrap();
    assert_eq!(title.episodes().count(), 400);
    assert_eq!(title.episodes().next().unwrap().1.runtime_s, Some(24 * 60));
    let mut file: serde_json::Value = serde_json::from_slice(&catalogue().to_json()).unwrap();
    file["titles"] = json!([title]);
    let catalogue = Catalogue::parse(file.to_string().as_bytes()).unwrap();
    let written = json_ld::write(&catalogue);
    assert_eq!(titles(|tell| json_ld::read(&written, "en", tell).unwrap()), [title]);
}

#[test]
fn a_hundred_thousand_rows_are_read_one_by_one() {
    let mut rows = Rows::new(separator(b"title,licence\n"), "en");
    let (mut intake, mut admitted, mut dropped) = (Intake::default(), 0, 0);
    let mut tell = |found: Found| match found.and_then(|entry| intake.admit(&entry)) {
        Ok(_) => admitted += 1,
        Err(_) => dropped += 1,
    };
    rows.feed(b"title,licence,attribution,source,infohash,path\n", &mut tell).unwrap();
    for number in 0..100_000 {
        let licence = if number % 10 == 0 { "proprietary" } else { "CC-BY-4.0" };
        let row =
            format!("Film {number},{licence},Somebody,https://example.org/,{number:040x},a.mp4\n");
        rows.feed(row.as_bytes(), &mut tell).unwrap();
    }
    rows.finish(&mut tell).unwrap();
    assert_eq!((admitted, dropped), (90_000, 10_000));
}

#[test]
fn an_add_on_has_a_page_a_description_and_streams_for_every_title() {
    let catalogue = catalogue();
    let manifest = stremio::manifest(&catalogue);
    assert_eq!(manifest["types"], json!(["movie", "series"]));
    for kind in ["movie", "series"] {
        let list = stremio::list(&catalogue, kind, None, 0);
        for meta in list["metas"].as_array().unwrap() {
            let id = meta["id"].as_str().unwrap();
            let whole = stremio::meta(&catalogue, kind, id).unwrap();
            assert_eq!(whole["meta"]["name"], meta["name"]);
            let playable = whole["meta"]["videos"][0]["id"].as_str().unwrap_or(id).to_owned();
            let streams = stremio::streams(&catalogue, &playable).unwrap();
            let hash = streams["streams"][0]["infoHash"].as_str().unwrap();
            assert_eq!(hash.len(), 40, "{playable}");
        }
    }
    let found = stremio::list(&catalogue, "series", Some("stunden"), 0);
    assert_eq!(found["metas"].as_array().unwrap().len(), 1);
    assert_eq!(stremio::list(&catalogue, "movie", None, 9999)["metas"], json!([]));
    for unknown in ["kinora:nothing", "tt0013442", "kinora:lessons:9:9", "::::"] {
        assert_eq!(stremio::streams(&catalogue, unknown), None);
        assert_eq!(stremio::meta(&catalogue, "movie", unknown), None);
    }
}
