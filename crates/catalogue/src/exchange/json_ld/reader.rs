//! Entries out of schema.org JSON-LD.

use serde_json::{Value, json, value::RawValue};

use super::{
    super::{
        Dropped, Entry, Found, RECORD_MAX, RECORDS_MAX, SERIES_MAX, Unreadable,
        entry::{Lines, keyword, picture, utf8, year},
        torrents::Carried,
    },
    KINDS, OWN, ROLES, SUBTITLES, TYPES,
};
use crate::{gate::Rejection, title::Kind};

/// Where a list of works may stand in its wrapping.
const LISTS: [&str; 4] = ["dataFeedElement", "itemListElement", "@graph", "hasPart"];

/// Tells of every work in a JSON-LD file. Texts without a language are in the given one.
///
/// # Errors
/// It is no JSON in UTF-8, too large, or lists too many works.
pub fn read(bytes: &[u8], language: &str, tell: &mut dyn FnMut(Found)) -> Result<(), Unreadable> {
    let text = utf8(bytes)?;
    let works = works(text)?;
    if works.len() as u64 > RECORDS_MAX {
        return Err(Unreadable::TooMany);
    }
    let mut lines = Lines::default();
    for work in works {
        let place = work.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
        let line = lines.line(text.as_bytes(), place);
        tell(entry(work.get(), line, language));
    }
    Ok(())
}

fn works(text: &str) -> Result<Vec<&RawValue>, Unreadable> {
    let malformed = |error: serde_json::Error| Unreadable::Malformed {
        line: error.line() as u64,
        why: super::super::entry::shortened(&error.to_string()),
    };
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(malformed);
    }
    let whole: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(malformed)?;
    let list = LISTS.iter().filter_map(|name| whole.get(*name)).next();
    match list {
        Some(list) if list.get().starts_with('[') => {
            serde_json::from_str(list.get()).map_err(malformed)
        }
        Some(one) => Ok(vec![one]),
        None => serde_json::from_str(text).map(|one| vec![one]).map_err(malformed),
    }
}

fn entry(text: &str, line: u64, language: &str) -> Found {
    if text.len() > SERIES_MAX {
        return Err(Dropped::malformed(line, "it is longer than 4 MiB"));
    }
    let work: Value = serde_json::from_str(text).map_err(|why| Dropped::malformed(line, why))?;
    // Lists wrap their works.
    let work = if work["item"].is_object() { &work["item"] } else { &work };
    let mut entry = Entry::new(line);
    let kind = kind(work).ok_or_else(|| {
        Dropped::malformed(line, "it is neither Movie nor VideoObject nor TVSeries")
    })?;
    if kind != "series" && text.len() > RECORD_MAX {
        return Err(Dropped::malformed(line, "it is longer than 256 KiB"));
    }
    entry.set("kind", kind.into());
    describe(&mut entry, work, language);
    for person in people(work) {
        entry.add_person(&person.0, &person.1);
    }
    let releases = if kind == "series" { seasons(work, language) } else { releases(work, kind) };
    match releases {
        Ok(releases) => entry.set(if kind == "series" { "seasons" } else { "releases" }, releases),
        Err(why) => return Err(entry.dropped(Rejection::Malformed(why))),
    }
    entry.settle_id();
    Ok(entry)
}

/// What a work is; of the types of our own exports the name that we gave it counts.
fn kind(work: &Value) -> Option<&'static str> {
    if let Some(kind) = work[format!("{OWN}kind")].as_str().and_then(Kind::single) {
        return Some(kind.as_str());
    }
    let types = || each(&work["@type"]).filter_map(Value::as_str);
    if types().any(|one| one == "TVSeries") {
        return Some("series");
    }
    if !types().any(|one| ["Movie", "VideoObject"].contains(&one)) {
        return None;
    }
    let recorded = each(&work["recordedAt"]).flat_map(|event| each(&event["@type"]));
    let mut said = types().chain(recorded.filter_map(Value::as_str));
    let finer = said.find_map(|one| KINDS.iter().find(|(_, types)| types.contains(&one)));
    Some(finer.map_or(Kind::Film, |(kind, _)| *kind).as_str())
}

fn describe(entry: &mut Entry, work: &Value, language: &str) {
    let word = |name: &str| each(&work[name]).find_map(plain).unwrap_or_default();
    entry.set("id", identifier(work).into());
    entry.set("name", texts(&work["name"], language));
    let mut synopsis = ["abstract", "description"].iter().map(|name| texts(&work[*name], language));
    entry.set("synopsis", synopsis.find(|one| one != &json!({})).unwrap_or_default());
    entry.set("original_language", word("inLanguage").into());
    let dates = ["datePublished", "dateCreated", "copyrightYear"];
    entry.set("year", dates.iter().find_map(|name| year(&word(name))).into());
    entry.set("runtime_s", seconds(&word("duration")).into());
    entry.set_licence(&word("license"));
    entry.set("licence_statement", word("usageInfo").into());
    entry.set("attribution", word("creditText").into());
    let sources = ["acquireLicensePage", "isBasedOn", "url"].map(word);
    entry.set("source", sources.into_iter().find(|one| !one.is_empty()).into());
    entry.set("genres", each(&work["genre"]).filter_map(|one| keyword(&plain(one)?)).collect());
    entry.set("countries", each(&work["countryOfOrigin"]).filter_map(plain).collect());
    entry.set("content_rating", word("contentRating").into());
    for field in ["ids", "poster", "backdrop", "thumbhash"] {
        entry.set(field, work[format!("{OWN}{field}")].clone());
    }
    if let Some(image) = image(work) {
        entry.set_picture("poster", image);
    }
    for image in episodes(work).filter_map(image) {
        entry.elsewhere.extend(picture("still", image).err());
    }
}

/// The address or path of a work's picture.
fn image(work: &Value) -> Option<&str> {
    let all = each(&work["image"]).chain(each(&work["thumbnailUrl"]));
    all.flat_map(|one| [one, &one["contentUrl"], &one["url"]]).find_map(Value::as_str)
}

fn episodes(work: &Value) -> impl Iterator<Item = &Value> {
    each(&work["containsSeason"]).flat_map(|season| each(&season["episode"]))
}

fn identifier(work: &Value) -> Option<String> {
    let id = each(&work["identifier"]).find_map(plain)?;
    crate::text::Id::try_from(id.clone()).is_ok().then_some(id)
}

/// One value, or those of a list.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array().map(Vec::as_slice);
    list.unwrap_or(std::slice::from_ref(value)).iter()
}

/// A text, a number, or the name of a thing.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(thing) => {
            ["@value", "value", "name", "@id"].iter().find_map(|name| plain(thing.get(*name)?))
        }
        _ => None,
    }
}

fn texts(value: &Value, language: &str) -> Value {
    let of = |one: &Value| {
        let tag = one["@language"].as_str().unwrap_or(language).to_owned();
        Some((tag, Value::from(plain(one)?)))
    };
    Value::Object(each(value).filter_map(of).collect())
}

fn people(work: &Value) -> Vec<(String, String)> {
    let mut people = Vec::new();
    for (property, role) in ROLES {
        let named = each(&work[property]).filter_map(plain);
        people.extend(named.map(|name| (role.to_owned(), name)));
    }
    for one in each(&work["contributor"]) {
        let name = plain(if one["contributor"].is_null() { one } else { &one["contributor"] });
        let role =
            one["roleName"].as_str().and_then(keyword).unwrap_or_else(|| "contributor".to_owned());
        people.extend(name.map(|name| (role, name)));
    }
    people
}

fn releases(work: &Value, kind: &str) -> Result<Value, String> {
    let own = work["contentUrl"].is_string() && kind != "series";
    let encodings =
        ["encoding", "associatedMedia", "video"].iter().flat_map(|name| each(&work[*name]));
    let encodings = encodings.filter(|one| one.is_object()).chain(own.then_some(work));
    let releases: Result<Vec<_>, String> = encodings.filter_map(release).collect();
    releases.map(Value::from)
}

/// A file of a torrent; nothing if there is no torrent to it.
fn release(encoding: &Value) -> Option<Result<Value, String>> {
    let url = each(&encoding["contentUrl"])
        .find_map(Value::as_str)
        .filter(|url| url.starts_with("magnet:"))?;
    let word = |name: &str| each(&encoding[name]).find_map(plain);
    let own = |name: &str| encoding[format!("{OWN}{name}")].clone();
    let number = |name: &str| word(name).and_then(|text| text.trim().parse::<u64>().ok());
    let mut carried =
        Carried { magnet: Some(url.to_owned()), path: word("name"), ..Carried::default() };
    carried.set("id", identifier(encoding).into());
    carried.set("quality", word("videoQuality").and_then(|one| keyword(&one)).into());
    carried.set("size_bytes", number("contentSize").into());
    carried.set("width", number("width").into());
    carried.set("height", number("height").into());
    let media_type = word("encodingFormat").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let known = TYPES.iter().find(|(_, one)| *one == media_type);
    carried.set("container", known.map(|(container, _)| *container).into());
    for (field, name) in [
        ("container", "container"),
        ("video_codec", "videoCodec"),
        ("audio_codec", "audioCodec"),
        ("pieces_root", "piecesRoot"),
    ] {
        carried.set(field, own(name));
    }
    let languages = each(&encoding["inLanguage"]).filter_map(plain);
    carried.set("audio_languages", languages.collect());
    carried.set("subtitles", each(&encoding["caption"]).filter_map(subtitle).collect());
    Some(carried.release())
}

fn subtitle(caption: &Value) -> Option<Value> {
    let own = |name: &str| caption[format!("{OWN}{name}")].clone();
    let media_type = caption["encodingFormat"].as_str().unwrap_or_default();
    let known = SUBTITLES.iter().find(|(_, one)| *one == media_type).map(|(format, _)| *format);
    let places = ["path", "sha256"].into_iter();
    let (place, value) =
        places.map(|place| (place, own(place))).find(|(_, one)| one.is_string())?;
    let format = own("format").as_str().map(str::to_owned).or(known.map(str::to_owned))?;
    let mut track = json!({"language": caption["inLanguage"], "format": format, place: value});
    for (field, value) in [("role", own("role")), ("label", caption["name"].clone())] {
        if value.is_string() {
            track[field] = value;
        }
    }
    Some(track)
}

fn seasons(work: &Value, language: &str) -> Result<Value, String> {
    let seasons = each(&work["containsSeason"]).filter(|one| one.is_object());
    seasons.map(|one| season(one, language)).collect::<Result<Vec<_>, _>>().map(Value::from)
}

fn season(season: &Value, language: &str) -> Result<Value, String> {
    let episodes = each(&season["episode"]).filter(|one| one.is_object());
    let episodes: Result<Vec<_>, String> = episodes.map(|one| episode(one, language)).collect();
    let mut object = json!({"number": whole(&season["seasonNumber"]), "episodes": episodes?});
    let name = texts(&season["name"], language);
    if name != json!({}) {
        object["name"] = name;
    }
    Ok(object)
}

fn episode(episode: &Value, language: &str) -> Result<Value, String> {
    let releases = releases(episode, "episode")?;
    let id = identifier(episode)
        .unwrap_or_else(|| format!("e-{}", releases[0]["id"].as_str().unwrap_or_default()));
    let mut object = json!({
        "id": id, "number": whole(&episode["episodeNumber"]), "name": texts(&episode["name"], language),
        "synopsis": texts(&episode["abstract"], language), "releases": releases,
    });
    let duration = each(&episode["duration"]).find_map(plain).unwrap_or_default();
    if let Some(seconds) = seconds(&duration) {
        object["runtime_s"] = seconds.into();
    }
    let still = &episode[format!("{OWN}still")];
    let beside = || image(episode).and_then(|image| picture("still", image).ok());
    if let Some(still) = Some(still.clone()).filter(Value::is_object).or_else(beside) {
        object["still"] = still;
    }
    Ok(object)
}

/// A number that may be written as a text.
fn whole(value: &Value) -> Option<u64> {
    plain(value)?.trim().parse().ok()
}

/// An ISO 8601 duration in seconds, as far as hours.
fn seconds(duration: &str) -> Option<u64> {
    let time = duration.trim().strip_prefix("PT")?;
    let (mut total, mut digits) = (0_u64, String::new());
    for letter in time.chars().take(40) {
        let unit = match letter {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            _ => {
                digits.push(letter);
                continue;
            }
        };
        let number: f64 = std::mem::take(&mut digits).parse().ok()?;
        if !(0.0..=1e6).contains(&number) {
            return None;
        }
        total += (number * f64::from(unit)) as u64;
    }
    digits.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<Vec<Found>, Unreadable> {
        let mut found = Vec::new();
        read(text.as_bytes(), "en", &mut |one| found.push(one))?;
        Ok(found)
    }

    const FILM: &str = r#"{"@type": "Movie", "name": "Nosferatu", "datePublished": "1922-03-04",
        "license": "https://creativecommons.org/publicdomain/mark/1.0/", "creditText": "Murnau",
        "url": "https://example.org/n", "duration": "PT1H34M", "genre": ["Horror", "Silent Film"],
        "director": {"@type": "Person", "name": "F. W. Murnau"},
        "encoding": {"@type": "MediaObject", "encodingFormat": "video/mp4", "name": "a/b.mp4",
          "contentUrl": "magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&tr=http://victim.example/"}}"#;

    #[test]
    fn a_film_is_read_from_every_usual_wrapping_and_never_with_a_tracker() {
        for text in [
            FILM.to_owned(),
            format!("[{FILM}]"),
            format!(r#"{{"@context": "https://schema.org", "@graph": [{FILM}]}}"#),
            format!(
                r#"{{"@type": "ItemList", "itemListElement": [{{"@type": "ListItem", "item": {FILM}}}]}}"#
            ),
            format!(r#"{{"@type": "DataFeed", "dataFeedElement": [{FILM}]}}"#),
        ] {
            let found = read_all(&text).unwrap();
            let title = found[0].as_ref().unwrap().admit().unwrap();
            assert_eq!((title.licence.spdx(), title.year), ("CC-PDM-1.0", Some(1922)));
            assert_eq!((title.runtime_s, title.people.len()), (Some(5640), 1));
            assert_eq!(title.releases[0].torrent.trackers, []);
        }
    }

    #[test]
    fn what_a_film_was_recorded_at_says_what_kind_it_is() {
        let event =
            |kind: &str| format!(r#""@type": "VideoObject", "recordedAt": {{"@type": "{kind}"}}"#);
        for (said, kind) in [
            (event("MusicEvent"), "concert"),
            (event("DanceEvent"), "performance"),
            (event("SportsEvent"), "film"),
            (r#""@type": ["VideoObject", "LearningResource"]"#.to_owned(), "lecture"),
            (r#""@type": ["NewsArticle", "VideoObject"]"#.to_owned(), "newsreel"),
            (r#""@type": "Movie", "kinora:kind": "short""#.to_owned(), "short"),
            (r#""@type": "Movie", "kinora:kind": "hologram""#.to_owned(), "film"),
        ] {
            let text = FILM.replacen(r#""@type": "Movie""#, &said, 1);
            let entry = read_all(&text).unwrap().remove(0).unwrap();
            assert_eq!(entry.record()["kind"], kind, "{said}");
        }
    }

    #[test]
    fn pictures_are_files_beside_the_list_and_no_address_is_followed() {
        let film = |image: &str| {
            let film = FILM.replacen('{', &format!(r#"{{"image": {image}, "#), 1);
            read_all(&film).unwrap().remove(0).unwrap()
        };
        let beside = film(r#"[{"@type": "ImageObject", "contentUrl": "posters/n.jpg"}]"#);
        assert_eq!(beside.record()["poster"]["file"], "posters/n.jpg");
        let remote = film(r#""https://example.org/n.jpg""#);
        assert_eq!(remote.record().get("poster"), None);
        assert!(remote.elsewhere[0].is_address);
    }

    #[test]
    fn depth_size_and_what_is_no_work_cost_one_record_and_not_the_file() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let text = format!(
            "[{FILM},\n{{\"@type\": \"Movie\", \"name\": {deep}}},\n7,\n{{\"@type\": \"Recipe\"}}]"
        );
        let found = read_all(&text).unwrap();
        assert!(found[0].is_ok());
        for (at, line) in [(1, 7), (2, 8), (3, 9)] {
            assert_eq!(found[at].as_ref().unwrap_err().line, line);
        }
        assert!(matches!(read_all(&deep), Ok(found) if found[0].is_err()));
        assert!(matches!(
            read_all("{\"name\": \n nonsense}"),
            Err(Unreadable::Malformed { line: 2, .. })
        ));
        assert_eq!(read(b"\xFF\xFE{", "en", &mut |_| {}), Err(Unreadable::Encoding));
    }
}
