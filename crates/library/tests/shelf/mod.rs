//! A small catalogue and an empty library for tests.
#![allow(dead_code, reason = "each test file uses its part")]

use catalogue::Catalogue;
use library::{Languages, Library};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A library in a folder of its own, which goes when the value goes.
pub(crate) struct Shelf {
    pub(crate) library: Library,
    pub(crate) folder: TempDir,
}

pub(crate) fn empty() -> Shelf {
    let folder = tempfile::tempdir().unwrap();
    Shelf { library: Library::open(folder.path()).unwrap(), folder }
}

/// A library with [`evening`] in it.
pub(crate) fn stocked() -> Shelf {
    let shelf = empty();
    shelf.library.import(evening(), None).unwrap();
    shelf
}

pub(crate) fn english() -> Languages {
    Languages::one("en")
}

pub(crate) fn catalogue(id: &str, titles: &[Value]) -> Catalogue {
    catalogue_with(id, titles, &[])
}

pub(crate) fn catalogue_with(id: &str, titles: &[Value], withdrawn: &[Value]) -> Catalogue {
    let file = json!({
        "kinora_catalogue": 1, "id": id, "revision": 1, "name": {"en": "A test"},
        "publisher": "Test publisher", "titles": titles, "withdrawn": withdrawn,
    });
    let catalogue = Catalogue::parse(file.to_string().as_bytes()).unwrap();
    assert_eq!(catalogue.rejected(), [], "the test's own records are in order");
    catalogue
}

pub(crate) fn release(id: &str, quality: &str, height: u32) -> Value {
    let mut v1 = [0_u8; 20];
    for (i, byte) in id.bytes().enumerate() {
        v1[i % 20] = v1[i % 20].wrapping_mul(31).wrapping_add(byte);
    }
    let v1: String = v1.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "id": id, "quality": quality, "height": height, "container": "mp4",
        "audio_languages": ["en"], "size_bytes": 1000, "torrent": {"v1": v1}, "path": "film.mp4",
        "subtitles": [{"language": "fr", "format": "srt", "path": "film.fr.srt"}],
    })
}

pub(crate) fn film(id: &str, name: &str) -> Value {
    json!({
        "id": id, "kind": "film", "name": {"en": name}, "licence": "CC-BY-4.0",
        "attribution": "Somebody", "source": "https://example.org/licence", "year": 2001,
        "genres": ["drama"], "releases": [release(&format!("{id}-r"), "1080p", 1080)],
    })
}

pub(crate) fn with(mut title: Value, field: &str, value: Value) -> Value {
    title[field] = value;
    title
}

pub(crate) fn series(id: &str, name: &str, episodes_of_seasons: &[(u16, u16)]) -> Value {
    let episode = |season: u16, number: u16| {
        let id = format!("{id}-s{season}e{number}");
        json!({"id": id, "number": number, "name": {"en": format!("Part {number}")},
            "releases": [release(&format!("{id}-r"), "720p", 720)]})
    };
    let seasons: Vec<_> = episodes_of_seasons
        .iter()
        .map(|&(season, count)| {
            let episodes: Vec<_> = (1..=count).map(|number| episode(season, number)).collect();
            json!({"number": season, "episodes": episodes})
        })
        .collect();
    let mut title = with(film(id, name), "kind", json!("series"));
    title["releases"] = json!([]);
    title["seasons"] = json!(seasons);
    title
}

/// Three films and a series of two seasons with a special.
pub(crate) fn evening() -> Catalogue {
    let harbour = with(film("harbour", "Harbour Lights"), "genres", json!(["drama", "comedy"]));
    let harbour = with(harbour, "name", json!({"en": "Harbour Lights", "fr": "Les Feux du port"}));
    let aurora =
        with(with(film("aurora", "Aurora"), "year", json!(1987)), "licence", json!("CC0-1.0"));
    let aurora = with(aurora, "name", json!({"en": "Aurora", "fr": "Zénith"}));
    let short = with(film("comet", "The Comet"), "kind", json!("short"));
    let lanterns = series("lanterns", "Lanterns", &[(0, 1), (1, 2), (2, 2)]);
    catalogue("evening", &[harbour, aurora, lanterns, short])
}
