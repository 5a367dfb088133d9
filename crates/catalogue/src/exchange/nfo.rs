//! The `.nfo` files that media centres keep beside films and episodes: one `<movie>` or `<tvshow>` in a file, or an
//! `<episodedetails>` for each episode that the film beside it has.
//!
//! Media centres know no licences. The elements `<licence>` (or `<license>`), `<attribution>` and `<source>` may be added to
//! a file; what a file does not say may be said for all. `<kind>` may say that a film is a short, a concert or something else.

use serde_json::{Value, json};

use super::{
    Dropped, Entry, Found, Part, Unreadable,
    entry::{keyword, utf8, year},
    xml::{Element, Elements},
};
use crate::title::Kind;

/// The largest file that is read, bytes.
pub const NFO_MAX: usize = super::RECORD_MAX;

/// What a file describes. Of a season nothing is read: its name stands in the file of its series.
const SUBJECTS: [&str; 4] = ["movie", "tvshow", "episodedetails", "season"];

/// Tells of the film, the series or the episodes that a file describes. Texts are in the given language.
///
/// # Errors
/// It is no XML in UTF-8. What was told before stays.
pub fn read(bytes: &[u8], language: &str, tell: &mut dyn FnMut(Found)) -> Result<(), Unreadable> {
    if bytes.len() > NFO_MAX {
        tell(Err(Dropped::malformed(1, "it is longer than 256 KiB")));
        return Ok(());
    }
    let mut elements = Elements::new(utf8(bytes)?);
    let mut is_described = false;
    while let Some((line, element)) = elements.next(&SUBJECTS)? {
        is_described = true;
        let is_alone = element.as_ref().is_ok_and(|one| one.name != "episodedetails");
        match element {
            Ok(season) if season.name == "season" => {}
            Ok(element) => tell(entry(&element, line, language)),
            Err(why) => tell(Err(Dropped::malformed(line, why))),
        }
        if is_alone {
            break;
        }
    }
    if !is_described {
        let why = "it describes no <movie>, <tvshow> or <episodedetails>";
        tell(Err(Dropped::malformed(1, why)));
    }
    Ok(())
}

fn entry(element: &Element, line: u64, language: &str) -> Found {
    let mut entry = described(element, line, language);
    match &*element.name {
        "tvshow" => {
            entry.set("kind", "series".into());
            add_pictures(&mut entry, element);
            entry.set("seasons", season_names(element, language));
            entry.settle_id();
            entry.part = Part::Series { key: String::new() };
        }
        "episodedetails" => entry.part = episode(&mut entry, element)?,
        _ => {
            let kind = element.text_of(&["kind"]).and_then(Kind::single).unwrap_or(Kind::Film);
            entry.set("kind", kind.as_str().into());
            add_pictures(&mut entry, element);
            entry.settle_id();
        }
    }
    Ok(entry)
}

/// What is said of all of them alike.
fn described(element: &Element, line: u64, language: &str) -> Entry {
    let mut entry = Entry::new(line);
    let text = |names: &[&str]| element.text_of(names).unwrap_or_default();
    let list = |name: &'static str| element.children.iter().filter(move |one| one.name == name);
    entry.set_text("name", language, text(&["title", "originaltitle"]));
    entry.set_text("synopsis", language, text(&["plot", "outline"]));
    let dates = ["premiered", "releasedate", "aired", "year"];
    entry.set("year", dates.iter().find_map(|name| year(text(&[*name]))).into());
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
    entry
}

/// The pictures of a film or a series, those of single seasons left aside.
fn add_pictures(entry: &mut Entry, element: &Element) {
    let is_poster = |one: &&Element| {
        one.attribute("aspect").is_none_or(|of| of == "poster")
            && one.attribute("type").is_none_or(|of| of != "season")
    };
    for thumb in element.all(&["thumb"]).filter(is_poster) {
        entry.set_picture("poster", &thumb.text);
    }
    for thumb in element.all(&["fanart"]).flat_map(|one| one.all(&["thumb"])) {
        entry.set_picture("backdrop", &thumb.text);
    }
}

/// Seasons that have names of their own.
fn season_names(element: &Element, language: &str) -> Value {
    let named = element.all(&["namedseason"]).filter_map(|one| {
        let number: u16 = one.attribute("number")?.parse().ok()?;
        let name = one.text.trim();
        (!name.is_empty()).then(|| json!({"number": number, "name": {language: name}}))
    });
    named.collect()
}

/// Where an episode belongs.
fn episode(entry: &mut Entry, element: &Element) -> Result<Part, Dropped> {
    let number = |name: &str| {
        let number = element.text_of(&[name]).and_then(|text| text.parse::<u16>().ok());
        number.ok_or_else(|| entry.lacks(&format!("it has no number in <{name}>; write it there")))
    };
    let (season, number) = (number("season")?, number("episode")?);
    if entry.get("name").is_none() {
        return Err(entry.lacks("it has no <title>; write there what the episode is called"));
    }
    for thumb in element.all(&["thumb"]) {
        entry.set_picture("still", &thumb.text);
    }
    Ok(Part::Episode { key: String::new(), name: Value::Null, season, number })
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

    fn read_all(bytes: &[u8]) -> Result<Vec<Found>, Unreadable> {
        let mut found = Vec::new();
        read(bytes, "en", &mut |one| found.push(one)).map(|()| found)
    }

    #[test]
    fn a_film_beside_its_file_says_what_it_is() {
        let entry = read_all(NFO.as_bytes()).unwrap().remove(0).unwrap();
        assert_eq!(entry.name(), "Nosferatu & friends");
        assert_eq!(entry.record()["runtime_s"], 5640);
        assert_eq!(entry.record()["people"].as_array().unwrap().len(), 2);
        assert_eq!(entry.record()["ids"]["imdb"], "tt0013442");
        assert!(entry.check_claims().is_ok());
    }

    #[test]
    fn a_film_may_be_something_finer_and_is_a_film_by_any_other_word() {
        for (said, kind) in
            [("lecture", "lecture"), ("short", "short"), ("series", "film"), ("x", "film")]
        {
            let text = format!("<movie><title>Light</title><kind>{said}</kind></movie>");
            let entry = read_all(text.as_bytes()).unwrap().remove(0).unwrap();
            assert_eq!(entry.record()["kind"], kind, "{said}");
        }
    }

    #[test]
    fn bombs_other_encodings_and_other_things_are_refused() {
        let bomb = r#"<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><movie><title>&b;</title></movie>"#;
        assert_eq!(read_all(bomb.as_bytes()), Err(Unreadable::DocumentType));
        let why = |text: &str| read_all(text.as_bytes()).unwrap().remove(0).unwrap_err().why;
        assert!(why("<movie><title>&secret;</title></movie>").to_string().contains("entity"));
        let latin = br#"<?xml version="1.0" encoding="ISO-8859-1"?><movie/>"#;
        assert_eq!(read_all(latin), Err(Unreadable::Encoding));
        assert_eq!(read_all(b"<movie>\xE9</movie>"), Err(Unreadable::Encoding));
        let deep = format!("<movie>{}{}</movie>", "<a>".repeat(9000), "</a>".repeat(9000));
        assert!(why(&deep).to_string().contains("elements"));
        assert!(why("plain words").to_string().contains("<episodedetails>"));
        assert!(read_all(b"<movie><title>x</movie>").is_err());
        assert!(why(&"x".repeat(NFO_MAX + 1)).to_string().contains("256 KiB"));
    }

    #[test]
    fn a_series_and_every_episode_of_a_file_say_what_they_are() {
        let show = r#"<tvshow><title>Lessons</title><year>1931</year>
            <thumb aspect="poster" type="season" season="1">season.jpg</thumb>
            <thumb aspect="poster">poster.jpg</thumb><namedseason number="1">Spring</namedseason></tvshow>"#;
        let show = read_all(show.as_bytes()).unwrap().remove(0).unwrap();
        assert_eq!(show.part(), &Part::Series { key: String::new() });
        assert_eq!(show.record()["poster"]["file"], "poster.jpg");
        assert_eq!(show.record()["seasons"][0]["name"]["en"], "Spring");
        let two = "<episodedetails><title>One</title><season>1</season><episode>1</episode></episodedetails>\n\
            <episodedetails><title>Two</title><season>1</season><episode>02</episode></episodedetails>";
        let found = read_all(two.as_bytes()).unwrap();
        let places = found.iter().map(|one| match one.as_ref().unwrap().part() {
            Part::Episode { season, number, .. } => (*season, *number),
            other => panic!("{other:?}"),
        });
        assert_eq!(places.collect::<Vec<_>>(), [(1, 1), (1, 2)]);
        assert_eq!(read_all(b"<season><seasonnumber>1</seasonnumber></season>"), Ok(vec![]));
    }

    #[test]
    fn an_episode_without_number_or_title_says_what_to_write() {
        for (text, wanted) in [
            ("<title>x</title><episode>1</episode>", "<season>"),
            ("<title>x</title><season>1</season><episode>-1</episode>", "<episode>"),
            ("<title>x</title><season>1</season><episode>99999</episode>", "<episode>"),
            ("<season>1</season><episode>1</episode>", "<title>"),
        ] {
            let text = format!("<episodedetails>{text}</episodedetails>");
            let why = read_all(text.as_bytes()).unwrap().remove(0).unwrap_err().why.to_string();
            assert!(why.contains(wanted), "{why}");
        }
    }
}
