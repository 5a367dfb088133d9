//! Feeds of films: RSS 2.0 with the elements of Media RSS, and torrents as enclosures.
//!
//! A feed has one text in one language for each film; what it has no words for is written with the prefix `kinora`, so
//! that our own feeds come back whole.

mod serial;

use std::collections::BTreeMap;

use quick_xml::escape::escape;
use serde_json::{Value, json};

use self::serial::{Feed, SERIES};
use super::{
    Dropped, Entry, Found, Part, RECORDS_MAX, Unreadable,
    entry::{keyword, utf8, year},
    torrents::{Carried, magnet},
    xml::{Element, Elements},
};
use crate::{
    catalogue::Catalogue,
    gate::Rejection,
    title::{Kind, Release, Title},
};

/// The media type of a torrent.
const TORRENT: &str = "application/x-bittorrent";

/// Tells of every item of a feed. Texts without a language are in the given one.
///
/// # Errors
/// It is no XML in UTF-8, declares a document type, is too large, or lists too many items.
pub fn read(bytes: &[u8], language: &str, tell: &mut dyn FnMut(Found)) -> Result<(), Unreadable> {
    let text = utf8(bytes)?;
    let mut feed = Feed::read(text)?;
    let mut elements = Elements::new(text);
    let mut items = 0;
    while let Some((line, item)) = elements.next(&["item", SERIES])? {
        items += 1;
        if items > RECORDS_MAX {
            return Err(Unreadable::TooMany);
        }
        tell(
            item.map_err(|why| Dropped::malformed(line, why))
                .and_then(|item| entry(&item, line, language, &mut feed)),
        );
    }
    if let Some(series) = feed.series(language) {
        tell(Ok(series));
    }
    if items == 0 && !elements_are_a_feed(bytes) {
        return Err(Unreadable::Malformed { line: 1, why: "it is no RSS feed".to_owned() });
    }
    Ok(())
}

fn elements_are_a_feed(bytes: &[u8]) -> bool {
    let mut elements = Elements::new(utf8(bytes).unwrap_or_default());
    matches!(elements.next(&["rss", "rdf:RDF", "channel"]), Ok(Some(_)))
}

fn entry(item: &Element, line: u64, language: &str, feed: &mut Feed) -> Found {
    if item.name == SERIES {
        return serial::series(item, line, language);
    }
    let mut entry = describing(item, line, language);
    let part = feed.part(item, language).map_err(|why| entry.lacks(why))?;
    match releases(item, &media(item)) {
        Ok(releases) => entry.set("releases", releases),
        Err(why) => return Err(entry.dropped(Rejection::Malformed(why))),
    }
    match part {
        Part::Title => entry.settle_id(),
        _ if entry.get("releases").is_none() => {
            return Err(entry.lacks("it names no torrent"));
        }
        // The picture of an episode is one from it.
        _ => entry.be_episode(),
    }
    entry.part = part;
    Ok(entry)
}

/// What is said of an item, a feed or a series, whatever can be played.
fn describing(item: &Element, line: u64, language: &str) -> Entry {
    let mut entry = Entry::new(line);
    let media = media(item);
    describe(&mut entry, item, &media, language);
    claim(&mut entry, item, &media);
    for one in named(&media, "media:credit") {
        let role =
            one.attribute("role").and_then(keyword).unwrap_or_else(|| "contributor".to_owned());
        entry.add_person(if role == "actor" { "cast" } else { &role }, one.text.trim());
    }
    entry
}

/// Media elements stand in the item or in a group of it.
fn media(item: &Element) -> Vec<&Element> {
    let groups = [item].into_iter().chain(item.all(&["media:group"]));
    groups.flat_map(|group| &group.children).collect()
}

/// The text of the first of these elements that is there; empty without one.
fn word<'a>(item: &'a Element, names: &[&str]) -> &'a str {
    item.text_of(names).unwrap_or_default()
}

fn named<'a>(media: &[&'a Element], name: &str) -> impl Iterator<Item = &'a Element> {
    media.iter().copied().filter(move |one| one.name == name)
}

fn first<'a>(media: &[&'a Element], name: &str) -> &'a str {
    named(media, name).next().map_or("", |one| one.text.trim())
}

/// What the film is.
fn describe(entry: &mut Entry, item: &Element, media: &[&Element], language: &str) {
    let text = |names: &[&str]| word(item, names);
    let id = text(&["guid"]).to_owned();
    if crate::text::Id::try_from(id.clone()).is_ok() {
        entry.set("id", id.into());
    }
    let kind = text(&["kinora:kind"]);
    // A word of a later program is a film to this one.
    let kind = Kind::single(kind).unwrap_or(Kind::Film);
    entry.set("kind", kind.as_str().into());
    let language = match text(&["dc:language", "language"]) {
        "" => language,
        named => named,
    };
    let titles = [first(media, "media:title"), text(&["title", "dc:title"])];
    let synopses = [first(media, "media:description"), text(&["description"])];
    for (field, own, foreign) in
        [("name", "kinora:name", titles), ("synopsis", "kinora:synopsis", synopses)]
    {
        entry.set(field, texts(item, own));
        if entry.get(field).is_none() {
            let text = foreign.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            entry.set_text(field, language, text);
        }
    }
    entry.set("original_language", text(&["kinora:original_language"]).into());
    let dates = ["dcterms:issued", "dc:date"].map(|name| year(text(&[name])));
    entry.set("year", dates.into_iter().flatten().next().into());
    entry.set("content_rating", first(media, "media:rating").into());
    let genres = named(media, "media:category").filter_map(|one| keyword(&one.text));
    entry.set("genres", genres.collect());
    let countries = item.all(&["kinora:country"]).map(|one| Value::from(one.text.trim()));
    entry.set("countries", countries.collect());
    entry.set("thumbhash", text(&["kinora:thumbhash"]).into());
    for field in ["ids", "poster", "backdrop", "still"] {
        let art = text(&[&format!("kinora:{field}")]).to_owned();
        entry.set(field, serde_json::from_str(&art).unwrap_or_default());
    }
    for thumbnail in named(media, "media:thumbnail") {
        entry.set_picture("poster", thumbnail.attribute("url").unwrap_or_default());
    }
    let mut contents = named(media, "media:content");
    let seconds = contents.find_map(|one| one.attribute("duration")?.parse::<f64>().ok());
    let seconds = seconds.or_else(|| text(&["kinora:runtime_s"]).parse().ok());
    let seconds = seconds.filter(|seconds| (0.0..1e7).contains(seconds));
    entry.set("runtime_s", seconds.map(|seconds| seconds as u64).into());
}

/// Under which licence it is, whose it is, and where it comes from.
fn claim(entry: &mut Entry, item: &Element, media: &[&Element]) {
    let text = |names: &[&str]| word(item, names);
    let licence = named(media, "media:license").next();
    let address = licence.and_then(|one| one.attribute("href"));
    let licence = address.or(licence.map(|one| one.text.trim())).unwrap_or_default();
    let other = ["creativeCommons:license", "cc:license", "dcterms:license", "kinora:licence"];
    let other = other.map(|name| text(&[name])).into_iter().find(|one| !one.is_empty());
    entry.set_licence(if licence.is_empty() { other.unwrap_or_default() } else { licence });
    entry.set("licence_statement", text(&["kinora:licence_statement"]).into());
    let credit = [first(media, "media:copyright"), text(&["dc:rights", "copyright"])];
    entry.set("attribution", credit.into_iter().find(|one| !one.is_empty()).into());
    entry.set("source", text(&["link"]).into());
}

fn texts(item: &Element, name: &str) -> Value {
    let texts = item.children.iter().filter(|one| one.name == name);
    let of =
        |one: &Element| Some((one.attribute("xml:lang")?.to_owned(), Value::from(one.text.trim())));
    Value::Object(texts.filter_map(of).collect())
}

/// Files of torrents: what the media elements say, or the enclosure alone.
fn releases(item: &Element, media: &[&Element]) -> Result<Value, String> {
    let contents = media.iter().filter(|one| one.name == "media:content");
    let carried: Vec<_> = contents.filter_map(|one| content(one)).collect();
    let carried = if carried.is_empty() { enclosed(item, media) } else { carried };
    carried.iter().map(Carried::release).collect::<Result<Vec<_>, _>>().map(Value::from)
}

fn content(content: &Element) -> Option<Carried> {
    let url = content.attribute("url").filter(|url| url.starts_with("magnet:"));
    let link = content.all(&["media:peerLink"]).find_map(|one| one.attribute("href"));
    let magnet = url.or(link.filter(|url| url.starts_with("magnet:")))?;
    let own = |name: &str| content.attribute(&format!("kinora:{name}"));
    let mut carried = Carried {
        magnet: Some(magnet.to_owned()),
        path: own("path").map(str::to_owned),
        ..Carried::default()
    };
    let number = |name: &str| content.attribute(name).and_then(|text| text.parse::<u64>().ok());
    for (field, value) in [("size_bytes", "fileSize"), ("width", "width"), ("height", "height")] {
        carried.set(field, number(value).into());
    }
    for (field, name) in [("id", "id"), ("quality", "quality"), ("container", "container")] {
        carried.set(field, own(name).into());
    }
    for field in ["video_codec", "audio_codec", "pieces_root"] {
        carried.set(field, own(field).into());
    }
    let languages = own("audio_languages").or(content.attribute("lang")).unwrap_or_default();
    let languages: Vec<_> = languages.split(' ').filter(|one| !one.is_empty()).collect();
    carried.set("audio_languages", json!(languages));
    let subtitles = content.children.iter().filter(|one| one.name == "media:subTitle");
    let subtitles: Vec<Value> =
        subtitles.filter_map(|one| serde_json::from_str(&one.text).ok()).collect();
    carried.set("subtitles", json!(subtitles));
    Some(carried)
}

fn enclosed(item: &Element, media: &[&Element]) -> Vec<Carried> {
    let enclosures = item.all(&["enclosure"]).filter(|one| one.attribute("type") == Some(TORRENT));
    let links = media.iter().filter(|one| one.name == "media:peerLink").copied();
    let enclosures = enclosures.map(|one| (one.attribute("url"), one.attribute("length")));
    let all = enclosures.chain(links.map(|one| (one.attribute("href"), None)));
    let magnet = all
        .filter_map(|(url, length)| Some((url.filter(|url| url.starts_with("magnet:"))?, length)));
    let carried = magnet.take(1).map(|(url, length)| {
        let mut carried = Carried { magnet: Some(url.to_owned()), ..Carried::default() };
        carried.set("size_bytes", length.and_then(|text| text.parse::<u64>().ok()).into());
        carried
    });
    carried.collect()
}

/// A catalogue as a feed: a film or an episode each item.
#[must_use]
pub fn write(catalogue: &Catalogue, link: &str) -> Vec<u8> {
    let name = catalogue.name().pick(&[] as &[&str]).unwrap_or_default();
    let about = catalogue.about().pick(&[] as &[&str]).unwrap_or(name);
    let items: String = catalogue.titles().iter().map(items_of).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
         xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" xmlns:kinora=\"urn:kinora:\">\n<channel>\n{}{}{}{items}</channel>\n</rss>\n",
        line("title", name),
        line("link", link),
        line("description", about),
    )
    .into_bytes()
}

/// An element with a text in it.
fn line(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>\n", safe(text))
}

/// A text without what XML 1.0 cannot hold, escaped.
fn safe(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect();
    escape(plain.as_str()).replace('\n', "&#10;")
}

fn attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", safe(value))
}

fn translated(name: &str, language: &str, text: &str) -> String {
    format!("<{name}{}>{}</{name}>\n", attribute("xml:lang", language), safe(text))
}

/// The item of a film; a series and the items of its episodes.
fn items_of(title: &Title) -> String {
    let lines = about(title);
    if title.kind != Kind::Series {
        return format!(
            "<item>\n{}{}</item>\n",
            lines.concat(),
            group(&title.releases, title.runtime_s)
        );
    }
    let episodes = title.seasons.iter().flat_map(|season| {
        season.episodes.iter().map(move |episode| serial::item(title, season, episode))
    });
    [serial::element(&lines, title)].into_iter().chain(episodes).collect()
}

/// What is said of a title.
fn about(title: &Title) -> Vec<String> {
    let mut lines = vec![
        line("guid", &title.id).replacen("<guid>", "<guid isPermaLink=\"false\">", 1),
        line("title", title.name.pick(&[] as &[&str]).unwrap_or_default()),
        line("link", &title.source),
        line("kinora:kind", title.kind.as_str()),
    ];
    lines.extend(
        title.name.iter().map(|(language, text)| translated("kinora:name", language, text)),
    );
    if let Some(text) = title.synopsis.pick(&[] as &[&str]) {
        lines.push(line("description", text));
    }
    lines.extend(
        title.synopsis.iter().map(|(language, text)| translated("kinora:synopsis", language, text)),
    );
    let mut optional =
        |name: &str, text: Option<&str>| lines.extend(text.map(|text| line(name, text)));
    optional("kinora:original_language", title.original_language.as_deref());
    optional("dcterms:issued", title.year.map(|year| format!("{year:04}")).as_deref());
    optional("kinora:licence_statement", title.licence_statement.as_deref());
    optional("media:rating", title.content_rating.as_deref());
    optional("kinora:thumbhash", title.thumbhash.as_deref());
    if !title.ids.is_empty() {
        let ids: BTreeMap<_, _> = title.ids.iter().map(|(name, id)| (&**name, &**id)).collect();
        optional("kinora:ids", Some(&json!(ids).to_string()));
    }
    for (name, art) in [("kinora:poster", &title.poster), ("kinora:backdrop", &title.backdrop)] {
        optional(name, art.as_ref().map(|art| json!(art).to_string()).as_deref());
    }
    lines.push(licence(title));
    lines.push(line("media:copyright", &title.attribution));
    lines.extend(title.genres.iter().map(|genre| line("media:category", genre)));
    lines.extend(title.countries.iter().map(|country| line("kinora:country", country)));
    lines.extend(title.people.iter().map(|one| {
        let role = if &*one.role == "cast" { "actor" } else { &*one.role };
        format!("<media:credit{}>{}</media:credit>\n", attribute("role", role), safe(&one.name))
    }));
    if title.kind == Kind::Series {
        // Of a film it stands with what can be played.
        lines.extend(title.runtime_s.map(|seconds| line("kinora:runtime_s", &seconds.to_string())));
    }
    lines
}

/// What can be played of a film or an episode.
fn group(releases: &[Release], runtime_s: Option<u32>) -> String {
    let enclosure = releases.first().map(enclosure).unwrap_or_default();
    let contents: String =
        releases.iter().map(|release| content_line(release, runtime_s)).collect();
    format!("{enclosure}<media:group>\n{contents}</media:group>\n")
}

fn licence(title: &Title) -> String {
    let address = title.licence.url().map(|url| attribute("href", &url)).unwrap_or_default();
    let name = safe(title.licence.spdx());
    format!("<media:license type=\"text/html\"{address}>{name}</media:license>\n")
}

fn link(release: &Release) -> String {
    let torrent = &release.torrent;
    magnet(torrent.v1.map(|v1| v1.to_string()), torrent.v2.map(|v2| v2.to_string()))
}

fn enclosure(release: &Release) -> String {
    let (url, length) = (attribute("url", &link(release)), release.size_bytes);
    format!("<enclosure{url} length=\"{length}\" type=\"{TORRENT}\"/>\n")
}

fn content_line(release: &Release, runtime_s: Option<u32>) -> String {
    let number =
        |name: &str, value: Option<u32>| value.map(|value| attribute(name, &value.to_string()));
    let word = |name: &str, value: Option<&str>| value.map(|value| attribute(name, value));
    let languages: Vec<_> = release.audio_languages.iter().map(|one| &**one).collect();
    let languages = (!languages.is_empty()).then(|| languages.join(" "));
    let root = release.pieces_root.map(|root| root.to_string());
    let attributes = [
        word("url", Some(&link(release))),
        word("fileSize", Some(&release.size_bytes.to_string())),
        word("medium", Some("video")),
        number("duration", runtime_s),
        number("width", release.width),
        number("height", release.height),
        word("kinora:path", Some(&release.path)),
        word("kinora:id", Some(&release.id)),
        word("kinora:quality", Some(&release.quality)),
        word("kinora:container", Some(&release.container)),
        word("kinora:video_codec", release.video_codec.as_deref()),
        word("kinora:audio_codec", release.audio_codec.as_deref()),
        word("kinora:audio_languages", languages.as_deref()),
        word("kinora:pieces_root", root.as_deref()),
    ];
    let attributes: String = attributes.into_iter().flatten().collect();
    let subtitles =
        release.subtitles.iter().map(|track| line("media:subTitle", &json!(track).to_string()));
    let subtitles: String = subtitles.collect();
    let peers =
        format!("<media:peerLink type=\"{TORRENT}\"{}/>\n", attribute("href", &link(release)));
    format!("<media:content{attributes}>\n{peers}{subtitles}</media:content>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<Vec<Found>, Unreadable> {
        let mut found = Vec::new();
        read(text.as_bytes(), "en", &mut |one| found.push(one))?;
        Ok(found)
    }

    const ITEM: &str = r#"<item><title>Nosferatu</title><link>https://example.org/n</link>
<media:license href="https://creativecommons.org/publicdomain/mark/1.0/">PD</media:license>
<media:copyright>Murnau</media:copyright><media:credit role="actor">Max Schreck</media:credit>
<enclosure type="application/x-bittorrent" length="7"
  url="magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&amp;dn=nosferatu.mp4"/></item>"#;

    #[test]
    fn an_item_with_a_torrent_enclosure_is_a_film() {
        let found = read_all(&format!("<rss><channel>{ITEM}</channel></rss>")).unwrap();
        let title = found[0].as_ref().unwrap().admit().unwrap();
        assert_eq!(
            (title.licence.spdx(), &*title.releases[0].path),
            ("CC-PDM-1.0", "nosferatu.mp4")
        );
        assert_eq!(title.releases[0].size_bytes, 7);
    }

    #[test]
    fn a_kind_that_a_later_program_knows_is_a_film() {
        for (said, kind) in [("lecture", "lecture"), ("hologram", "film"), ("", "film")] {
            let item = format!("<item><kinora:kind>{said}</kinora:kind>");
            let item = ITEM.replacen("<item>", &item, 1);
            let found = read_all(&format!("<rss><channel>{item}</channel></rss>")).unwrap();
            assert_eq!(found[0].as_ref().unwrap().record()["kind"], kind, "{said}");
        }
    }

    #[test]
    fn one_bad_item_costs_itself_and_broken_xml_the_file() {
        let giant = format!("<item><title>{}</title></item>", "x".repeat(300 << 10));
        let entity = "<item><title>&bomb;</title></item>";
        let text = format!("<rss><channel>\n{entity}\n{giant}\n{ITEM}</channel></rss>");
        let found = read_all(&text).unwrap();
        assert_eq!(found[0].as_ref().unwrap_err().line, 2);
        assert_eq!(found[1].as_ref().unwrap_err().line, 3);
        assert!(found[2].as_ref().unwrap().admit().is_ok());
        assert!(matches!(read_all("<rss><item></rss>"), Err(Unreadable::Malformed { .. })));
        assert!(matches!(read_all("<html>words</html>"), Err(Unreadable::Malformed { .. })));
        let typed = format!("<!DOCTYPE rss [<!ENTITY bomb \"x\">]>{text}");
        assert_eq!(read_all(&typed), Err(Unreadable::DocumentType));
    }
}
