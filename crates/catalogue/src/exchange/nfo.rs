//! The `.nfo` files that media centres keep beside films: one `<movie>` in each.
//!
//! Media centres know no licences. The elements `<licence>` (or `<license>`), `<attribution>` and `<source>` may be added to
//! a file; what a file does not say may be said for all.

use serde_json::Value;

use super::{
    Dropped, Entry, Found, Unreadable,
    entry::{keyword, utf8, year},
    xml::{Element, Elements},
};

/// The largest file that is read, bytes.
pub const NFO_MAX: usize = super::RECORD_MAX;

/// Reads the one film that a file describes. Texts are in the given language.
///
/// # Errors
/// It is no XML in UTF-8, or describes no film.
pub fn read(bytes: &[u8], language: &str) -> Result<Found, Unreadable> {
    if bytes.len() > NFO_MAX {
        return Ok(Err(Dropped::malformed(1, "it is longer than 256 KiB")));
    }
    let text = utf8(bytes)?;
    let found = Elements::new(text).next(&["movie", "tvshow", "episodedetails"])?;
    let Some((line, element)) = found else {
        return Ok(Err(Dropped::malformed(1, "it describes no <movie>")));
    };
    Ok(element.map_err(|why| Dropped::malformed(line, why)).and_then(|element| {
        if element.name == "movie" {
            Ok(film(&element, line, language))
        } else {
            let why = "series are not read from .nfo files; write them as JSON-LD";
            Err(Dropped::malformed(line, why))
        }
    }))
}

fn film(movie: &Element, line: u64, language: &str) -> Entry {
    let mut entry = Entry::new(line);
    let text = |names: &[&str]| movie.text_of(names).unwrap_or_default();
    let list = |name: &'static str| movie.children.iter().filter(move |one| one.name == name);
    entry.set("kind", "film".into());
    entry.set_text("name", language, text(&["title", "originaltitle"]));
    entry.set_text("synopsis", language, text(&["plot", "outline"]));
    entry.set(
        "year",
        ["premiered", "releasedate", "year"].iter().find_map(|name| year(text(&[*name]))).into(),
    );
    let minutes =
        text(&["runtime"]).split(' ').next().and_then(|number| number.parse::<u32>().ok());
    entry.set("runtime_s", minutes.map(|minutes| u64::from(minutes) * 60).into());
    entry.set("content_rating", text(&["mpaa"]).into());
    entry.set_licence(text(&["licence", "license"]));
    entry.set("licence_statement", text(&["licence_statement"]).into());
    entry.set("attribution", text(&["attribution", "credit"]).into());
    entry.set("source", text(&["source"]).into());
    entry.set("genres", list("genre").filter_map(|one| keyword(&one.text)).collect());
    let countries = list("country").map(|one| one.text.trim()).filter(|code| code.len() == 2);
    entry.set("countries", countries.map(|code| Value::from(code.to_uppercase())).collect());
    for one in list("uniqueid").filter(|one| !one.text.trim().is_empty()) {
        entry.add_id(one.attribute("type").unwrap_or_default(), &one.text);
    }
    for (element, role) in [("director", "director"), ("credits", "writer")] {
        list(element).for_each(|one| entry.add_person(role, &one.text));
    }
    for actor in list("actor") {
        entry.add_person("cast", actor.text_of(&["name"]).unwrap_or_default());
    }
    for thumb in list("thumb").filter(|one| one.attribute("aspect").is_none_or(|of| of == "poster"))
    {
        entry.set_picture("poster", &thumb.text);
    }
    for thumb in list("fanart").flat_map(|one| one.all(&["thumb"])) {
        entry.set_picture("backdrop", &thumb.text);
    }
    entry.settle_id();
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    const NFO: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Nosferatu &amp; friends</title><plot>A vampire comes.</plot><runtime>94</runtime>
  <premiered>1922-03-04</premiered><genre>Horror</genre><country>DE</country><country>Germany</country>
  <uniqueid type="imdb" default="true">tt0013442</uniqueid>
  <director>F. W. Murnau</director><actor><name>Max Schreck</name><role>Orlok</role></actor>
  <licence>CC-PDM-1.0</licence><attribution>Murnau</attribution><source>https://example.org/n</source>
</movie>
https://www.example.org/title/tt0013442/"#;

    #[test]
    fn a_film_beside_its_file_says_what_it_is() {
        let entry = read(NFO.as_bytes(), "en").unwrap().unwrap();
        assert_eq!(entry.name(), "Nosferatu & friends");
        assert_eq!(entry.record()["runtime_s"], 5640);
        assert_eq!(entry.record()["people"].as_array().unwrap().len(), 2);
        assert_eq!(entry.record()["ids"]["imdb"], "tt0013442");
        assert!(entry.check_claims().is_ok());
    }

    #[test]
    fn bombs_other_encodings_and_other_things_are_refused() {
        let bomb = r#"<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><movie><title>&b;</title></movie>"#;
        assert_eq!(read(bomb.as_bytes(), "en"), Err(Unreadable::DocumentType));
        let external = r#"<movie><title>&secret;</title></movie>"#;
        assert!(
            read(external.as_bytes(), "en")
                .unwrap()
                .unwrap_err()
                .why
                .to_string()
                .contains("entity")
        );
        let latin = br#"<?xml version="1.0" encoding="ISO-8859-1"?><movie/>"#;
        assert_eq!(read(latin, "en"), Err(Unreadable::Encoding));
        assert_eq!(read(b"<movie>\xE9</movie>", "en"), Err(Unreadable::Encoding));
        let deep = format!("<movie>{}{}</movie>", "<a>".repeat(9000), "</a>".repeat(9000));
        assert!(read(deep.as_bytes(), "en").unwrap().is_err());
        assert!(read(b"<tvshow><title>x</title></tvshow>", "en").unwrap().is_err());
        assert!(read(b"plain words", "en").unwrap().is_err());
        assert!(read(b"<movie><title>x</movie>", "en").is_err());
    }
}
