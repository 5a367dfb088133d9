//! Series in feeds: the words of podcasts for seasons and episodes.
//!
//! `itunes:season`, `itunes:episode`, `itunes:episodeType` and, of a feed, `itunes:type` are those of
//! <https://help.apple.com/itc/podcasts_connect/#/itcb54353390>, `podcast:season` and `podcast:episode` those of
//! <https://podcasting2.org/docs/podcast-namespace>. A feed whose type is `serial` is one series, called what the feed is
//! called. Our own feeds have many: each is a `kinora:series`, which its items name by its id.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::{
        Dropped, Entry, Found, Part, Unreadable,
        xml::{Element, Elements},
    },
    attribute, describing, group, licence, line, texts, translated, word,
};
use crate::title::{Episode, Season, Title};

/// A series of one of our own feeds.
pub(super) const SERIES: &str = "kinora:series";
/// What an item names its series by.
const SERIES_ID: &str = "kinora:series_id";
/// What is said of a feed itself and of each of its items alike.
const HEADER: [&str; 20] = [
    "title",
    "link",
    "description",
    "copyright",
    "itunes:type",
    "dc:title",
    "dc:rights",
    "dc:date",
    "dcterms:issued",
    "dcterms:license",
    "creativeCommons:license",
    "cc:license",
    "media:title",
    "media:description",
    "media:license",
    "media:copyright",
    "media:rating",
    "media:thumbnail",
    "kinora:licence",
    "kinora:licence_statement",
];
/// Where the header ends, and what has texts of its own in it.
const NO_HEADER: [&str; 5] = ["item", SERIES, "image", "textInput", "textinput"];
/// The most seasons whose names are kept.
const SEASONS_MAX: usize = 200;

/// A feed, as far as all of its items are concerned.
pub(super) struct Feed {
    /// What it says of itself before its first item.
    header: Element,
    line: u64,
    is_serial: bool,
    /// Whether it has an episode.
    is_series: bool,
    /// What seasons are called.
    seasons: BTreeMap<u16, String>,
}

impl Feed {
    /// Reads what stands before the first item, the first of each name.
    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let mut elements = Elements::new(text);
        let mut feed = Self {
            header: Element::default(),
            line: 1,
            is_serial: false,
            is_series: false,
            seasons: BTreeMap::new(),
        };
        let names: Vec<_> = HEADER.into_iter().chain(NO_HEADER).collect();
        while let Some((line, element)) = elements.next(&names)? {
            let Ok(element) = element else { continue };
            if element.name == "item" || element.name == SERIES {
                break;
            }
            let is_new = feed.header.all(&[&element.name]).next().is_none();
            if is_new && HEADER.contains(&&*element.name) {
                if feed.header.children.is_empty() {
                    feed.line = line;
                }
                feed.header.children.push(element);
            }
        }
        let kind = word(&feed.header, &["itunes:type"]);
        feed.is_serial = kind.eq_ignore_ascii_case("serial");
        Ok(feed)
    }

    /// What an item is of a series.
    pub(super) fn part(&mut self, item: &Element, language: &str) -> Result<Part, &'static str> {
        let own = word(item, &[SERIES_ID]);
        let names_number = !word(item, &EPISODE).is_empty();
        let season =
            number(item, &SEASON).map_err(|()| "its season is no whole number up to 65535")?;
        let kind = word(item, &["itunes:episodeType"]);
        let is_extra = ["trailer", "bonus"].iter().any(|one| kind.eq_ignore_ascii_case(one));
        // Trailers and extras have the numbers of the episodes that they belong to.
        if own.is_empty() && (!self.is_serial || (is_extra && season != Some(0))) {
            return Ok(Part::Title);
        }
        if !names_number {
            return Err("its feed is a series and it has no number; write <itunes:episode>");
        }
        let wrong = "its number is no whole number up to 65535";
        let number = number(item, &EPISODE).map_err(|()| wrong)?.ok_or(wrong)?;
        let season = season.unwrap_or(1);
        if !own.is_empty() {
            return Ok(Part::Episode { key: own.to_owned(), name: Value::Null, season, number });
        }
        self.is_series = true;
        self.note_season(item, season);
        let (key, name) = (String::new(), json!({ language: word(&self.header, &TITLE) }));
        Ok(Part::Episode { key, name, season, number })
    }

    fn note_season(&mut self, item: &Element, season: u16) {
        let named = item.all(&["podcast:season"]).find_map(|one| one.attribute("name"));
        if let Some(name) = named.filter(|name| !name.is_empty())
            && self.seasons.len() < SEASONS_MAX
        {
            self.seasons.entry(season).or_insert_with(|| name.to_owned());
        }
    }

    /// The series that the feed is, if it has an episode.
    pub(super) fn series(self, language: &str) -> Option<Entry> {
        if !self.is_series {
            return None;
        }
        let mut entry = describing(&self.header, self.line, language);
        let seasons = self.seasons.into_iter();
        let seasons: Vec<_> = seasons
            .map(|(number, name)| json!({"number": number, "name": {language: name}}))
            .collect();
        be_series(&mut entry, String::new(), seasons);
        Some(entry)
    }
}

/// What a feed is called.
const TITLE: [&str; 2] = ["title", "dc:title"];
/// Where the season of an item stands, and its number.
const SEASON: [&str; 2] = ["itunes:season", "podcast:season"];
const EPISODE: [&str; 2] = ["itunes:episode", "podcast:episode"];

fn number(item: &Element, names: &[&str]) -> Result<Option<u16>, ()> {
    match word(item, names) {
        "" => Ok(None),
        written => written.parse().map(Some).map_err(|_| ()),
    }
}

/// A series of one of our own feeds.
pub(super) fn series(element: &Element, line: u64, language: &str) -> Found {
    let mut entry = describing(element, line, language);
    let Some(id) = entry.get("id").and_then(Value::as_str).map(str::to_owned) else {
        return Err(Dropped::malformed(line, "a series of a feed has its id as <guid>"));
    };
    let seasons = element.all(&["kinora:season"]).filter_map(|season| {
        let number: u16 = season.attribute("number")?.parse().ok()?;
        Some(json!({"number": number, "name": texts(season, "kinora:name")}))
    });
    be_series(&mut entry, id, seasons.take(SEASONS_MAX).collect());
    Ok(entry)
}

fn be_series(entry: &mut Entry, key: String, seasons: Vec<Value>) {
    entry.set("kind", "series".into());
    entry.set("seasons", seasons.into());
    entry.part = Part::Series { key };
}

/// What a series says of itself has no place among its items: podcast programs would offer it to be played.
pub(super) fn element(lines: &[String], title: &Title) -> String {
    let seasons: String = title
        .seasons
        .iter()
        .filter(|season| !season.name.is_empty())
        .map(|season| {
            let number = attribute("number", &season.number.to_string());
            let names = season.name.iter();
            let names: String =
                names.map(|(language, text)| translated("kinora:name", language, text)).collect();
            format!("<kinora:season{number}>\n{names}</kinora:season>\n")
        })
        .collect();
    format!("<{SERIES}>\n{}{seasons}</{SERIES}>\n", lines.concat())
}

/// An episode as an item. Season 0 holds the specials, for which iTunes has no number.
pub(super) fn item(title: &Title, season: &Season, episode: &Episode) -> String {
    let name = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut lines = vec![
        line("guid", &episode.id).replacen("<guid>", "<guid isPermaLink=\"false\">", 1),
        line("title", &name(episode.name.pick(&[] as &[&str]))),
        line("link", &title.source),
        line(SERIES_ID, &title.id),
    ];
    let number = season.number.to_string();
    if season.number > 0 {
        lines.push(line("itunes:season", &number));
    }
    lines.push(line("itunes:episode", &episode.number.to_string()));
    let kind = if season.number > 0 { "full" } else { "bonus" };
    lines.push(line("itunes:episodeType", kind));
    let called = season.name.pick(&[] as &[&str]).map(|name| attribute("name", name));
    let called = called.unwrap_or_default();
    lines.push(format!("<podcast:season{called}>{number}</podcast:season>\n"));
    lines.push(line("podcast:episode", &episode.number.to_string()));
    lines.extend(episode.name.iter().map(|(tag, text)| translated("kinora:name", tag, text)));
    lines.extend(episode.synopsis.pick(&[] as &[&str]).map(|text| line("description", text)));
    let synopses = episode.synopsis.iter();
    lines.extend(synopses.map(|(tag, text)| translated("kinora:synopsis", tag, text)));
    lines.extend(episode.still.iter().map(|art| line("kinora:still", &json!(art).to_string())));
    lines.push(licence(title));
    lines.push(line("media:copyright", &title.attribution));
    lines.push(group(&episode.releases, episode.runtime_s));
    format!("<item>\n{}</item>\n", lines.concat())
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::exchange::{Gathered, Gathering};

    const HASH: &str = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";

    fn item(title: &str, number: u32, more: &str) -> String {
        format!(
            "<item><title>{title}</title><guid>https://example.org/{number}</guid>{more}\
             <enclosure type=\"application/x-bittorrent\" length=\"7\" \
             url=\"magnet:?xt=urn:btih:{HASH}&amp;dn={number}.mp4\"/></item>"
        )
    }

    fn feed(kind: &str, items: &[String]) -> String {
        format!(
            "<rss><channel><image><title>Logo</title></image><title>Harbour Stories</title>\
             <itunes:type>{kind}</itunes:type><link>https://example.org/</link>\
             <copyright>Somebody</copyright><unknown:word>1</unknown:word>\
             <creativeCommons:license>https://creativecommons.org/licenses/by/4.0/</creativeCommons:license>\
             <description>Ships.</description>{}</channel></rss>",
            items.concat()
        )
    }

    /// The titles by themselves, and what became of the series.
    fn read_all(text: &str) -> (Vec<Entry>, Vec<Gathered<()>>, Vec<Dropped>) {
        let (mut titles, mut series, mut dropped) = (vec![], Gathering::default(), vec![]);
        read(text.as_bytes(), "en", &mut |found| match found {
            Ok(entry) if *entry.part() == Part::Title => titles.push(entry),
            Ok(entry) => series.take(entry, ()).unwrap(),
            Err(why) => dropped.push(why),
        })
        .unwrap();
        (titles, series.finish(&BTreeMap::new()).collect(), dropped)
    }

    #[test]
    fn a_serial_feed_is_a_series_of_its_name_with_the_numbers_of_its_items() {
        let items = [
            item(
                "Two",
                2,
                "<podcast:season name=\"Spring\">2</podcast:season><podcast:episode>1</podcast:episode>",
            ),
            item(
                "One",
                1,
                "<itunes:season>1</itunes:season><itunes:episode>3</itunes:episode><itunes:episodeType>full</itunes:episodeType>",
            ),
            item("No season", 3, "<itunes:episode>4</itunes:episode>"),
            item(
                "Teaser",
                4,
                "<itunes:season>1</itunes:season><itunes:episode>3</itunes:episode><itunes:episodeType>Trailer</itunes:episodeType>",
            ),
            item("No number", 5, ""),
            item("Too many", 6, "<itunes:episode>70000</itunes:episode>"),
            item("Half", 7, "<podcast:episode>1.5</podcast:episode>"),
            "<item><title>No torrent</title><itunes:episode>9</itunes:episode></item>".to_owned(),
        ];
        let (titles, series, dropped) = read_all(&feed("Serial", &items));
        assert_eq!(titles.iter().map(Entry::name).collect::<Vec<_>>(), ["Teaser"]);
        assert_eq!(dropped.len(), 4, "{dropped:?}");
        let [Gathered { series: Some(series), left_out }] = &series[..] else {
            panic!("one series")
        };
        assert!(left_out.is_empty(), "{left_out:?}");
        let title = series.entry.admit().unwrap();
        assert_eq!(
            (title.name.get("en"), title.licence.spdx()),
            (Some("Harbour Stories"), "CC-BY-4.0")
        );
        assert_eq!(title.synopsis.get("en"), Some("Ships."));
        let numbers: Vec<_> = title.episodes().map(|(season, one)| (season, one.number)).collect();
        assert_eq!(numbers, [(1, 3), (1, 4), (2, 1)]);
        assert_eq!(title.seasons[1].name.get("en"), Some("Spring"));
    }

    #[test]
    fn numbers_in_a_feed_that_is_no_series_leave_its_items_films() {
        let numbered =
            item("One", 1, "<itunes:season>1</itunes:season><itunes:episode>3</itunes:episode>");
        for kind in ["episodic", "", "anything"] {
            let (titles, series, dropped) = read_all(&feed(kind, std::slice::from_ref(&numbered)));
            assert_eq!((titles.len(), series.len(), dropped.len()), (1, 0, 0), "{kind}");
        }
    }

    #[test]
    fn two_items_of_one_number_are_told_apart_from_one_in_two_qualities() {
        let number = "<itunes:episode>1</itunes:episode>";
        let (_, series, _) =
            read_all(&feed("serial", &[item("One", 1, number), item("Other", 2, number)]));
        assert_eq!(series[0].left_out.len(), 1);
    }
}
