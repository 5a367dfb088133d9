//! Series out of records that describe one episode each: rows of a spreadsheet, or the `.nfo` files of a folder.
//!
//! A series may have a record of its own; what that does not say is taken from the first episode that says it. Licence,
//! its statement and attribution are one for all: an episode that says another is left out. An episode that says none has
//! what its series says of itself, or what is said for the whole list, and never what another episode says. Each that
//! would not pass the gate is left out, and the others go on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use torrent::hash::sha256;

use super::{Dropped, Entry, RECORD_MAX, SERIES_MAX, entry::shortened};
use crate::gate::{self, Rejection};

/// What an episode's record says of itself.
const OF_EPISODE: [&str; 5] = ["name", "synopsis", "runtime_s", "still", "releases"];
/// What it says of its series, where the first who says it holds.
const OF_SERIES: [&str; 4] = ["original_language", "content_rating", "poster", "backdrop"];
/// What the gate asks for, and nobody but the series or the list says in another's place.
const CLAIMS: [(&str, Rejection); 3] = [
    ("licence", Rejection::NoLicence),
    ("attribution", Rejection::NoAttribution),
    ("source", Rejection::NoSource),
];
/// What is one for all of a series.
const ONE_FOR_ALL: [&str; 3] = ["licence", "licence_statement", "attribution"];
/// What all of them give together, and how much of it a title has.
const TOGETHER: [(&str, usize); 3] = [("genres", 16), ("countries", 32), ("people", 200)];
/// What the gate asks for of a title without releases.
const BARE: [&str; 7] =
    ["id", "kind", "name", "licence", "licence_statement", "attribution", "source"];
/// The limits of a title.
const SEASONS_MAX: usize = 200;
const EPISODES_MAX: usize = 2000;
const RELEASES_MAX: usize = 32;
/// The longest id that is made here, bytes.
const ID_MAX: usize = 54;
/// What an episode takes up in its series besides its own text, bytes at most.
const AROUND: usize = 64;

/// What an entry is of a series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Part {
    /// Nothing: it is a title by itself.
    #[default]
    Title,
    /// All of it.
    Series {
        /// What its episodes know it by.
        key: String,
    },
    /// An episode.
    Episode {
        /// What its series is known by.
        key: String,
        /// What the series is called, in one language, if the episode says it.
        name: Value,
        /// The season; 0 holds the specials.
        season: u16,
        /// Its number within the season.
        number: u16,
    },
}

/// A series as its records say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series<O> {
    /// All of it, in the shape of a record in a catalogue file. Episodes that wait have no releases yet.
    pub entry: Entry,
    /// The episodes that have a file and no torrent yet.
    pub waiting: Vec<Waiting<O>>,
}

/// An episode that has a file and no torrent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting<O> {
    /// The line that its record begins in.
    pub line: u64,
    /// Its id in the series.
    pub id: String,
    /// Where its record stood.
    pub origin: O,
}

/// What became of the records of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered<O> {
    /// The series, if any of its episodes can be used.
    pub series: Option<Series<O>>,
    /// The records that cannot, and where they stood.
    pub left_out: Vec<(O, Dropped)>,
}

/// Gathers the records of series, in whatever order they come. Each comes with where it stood.
#[derive(Debug)]
pub struct Gathering<O> {
    places: BTreeMap<String, usize>,
    series: Vec<Parts<O>>,
}

#[derive(Debug)]
struct Parts<O> {
    own: Option<(O, Entry)>,
    episodes: Vec<(O, Entry)>,
}

impl<O> Default for Gathering<O> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), series: Vec::new() }
    }
}

impl<O> Gathering<O> {
    /// Takes a record of a series.
    ///
    /// # Errors
    /// It is none, or the series has a record of its own already.
    pub fn take(&mut self, entry: Entry, origin: O) -> Result<(), Dropped> {
        let (key, is_own) = match &entry.part {
            Part::Title => return Err(entry.lacks("it is no part of a series")),
            Part::Series { key } => (key.clone(), true),
            Part::Episode { key, .. } => (key.clone(), false),
        };
        let place = *self.places.entry(key).or_insert(self.series.len());
        if place == self.series.len() {
            self.series.push(Parts { own: None, episodes: Vec::new() });
        }
        let parts = &mut self.series[place];
        match &parts.own {
            _ if !is_own => parts.episodes.push((origin, entry)),
            None => parts.own = Some((origin, entry)),
            Some((_, own)) => {
                let why = format!("line {} describes this series already; keep one", own.line);
                return Err(entry.lacks(&why));
            }
        }
        Ok(())
    }

    /// The series, in the order in which they were met. What none of a series' records says is taken from `assumed`.
    pub fn finish(self, assumed: &BTreeMap<String, String>) -> impl Iterator<Item = Gathered<O>> {
        self.series.into_iter().map(|parts| parts.gathered(assumed))
    }
}

impl<O> Parts<O> {
    fn gathered(self, assumed: &BTreeMap<String, String>) -> Gathered<O> {
        let (origin, entry) = self.own.unzip();
        let mut entry = entry.unwrap_or_else(|| named_by(&self.episodes));
        let held = claim(&mut entry, &self.episodes, assumed);
        let is_dated = entry.get("year").is_some();
        self.episodes.iter().for_each(|(_, episode)| inherit(&mut entry, episode, is_dated));
        entry.settle_series_id();
        let mut making = Making::new(entry, held);
        let (mut waiting, mut left_out) = (vec![], vec![]);
        for (origin, episode) in self.episodes {
            match making.add(&episode) {
                Ok(Added::Whole) => {}
                Ok(Added::Waits(id)) => waiting.push(Waiting { line: episode.line, id, origin }),
                Err(why) => left_out.push((origin, episode.dropped(why))),
            }
        }
        let series = making.finish();
        let series = match (series, origin) {
            (Ok(entry), _) => Some(Series { entry, waiting }),
            (Err(why), Some(origin)) => {
                left_out.push((origin, why));
                None
            }
            (Err(_), None) => None,
        };
        Gathered { series, left_out }
    }
}

/// A series without a record of its own is called what its first episode calls it.
fn named_by<O>(episodes: &[(O, Entry)]) -> Entry {
    let first = episodes.first().map(|(_, entry)| entry);
    let mut entry = Entry::new(first.map_or(1, |first| first.line));
    if let Some(Part::Episode { name, .. }) = first.map(|first| &first.part) {
        entry.set("name", name.clone());
    }
    entry
}

/// Settles under which licence the series is, whose it is and where that can be checked. Returns what of it holds for
/// episodes that do not say it: what the series says of itself, or the list for all that say nothing.
fn claim<O>(
    series: &mut Entry,
    episodes: &[(O, Entry)],
    assumed: &BTreeMap<String, String>,
) -> BTreeSet<&'static str> {
    for (field, _) in CLAIMS {
        let is_silent = |(_, episode): &(O, Entry)| episode.get(field).is_none();
        if let Some(value) = assumed.get(field).filter(|_| episodes.iter().any(is_silent)) {
            series.assume(&BTreeMap::from([(field.to_owned(), value.clone())]));
        }
    }
    let held = CLAIMS.into_iter().map(|(field, _)| field);
    held.filter(|field| series.get(field).is_some()).collect()
}

/// What an episode's record says of its series. One that is not dated itself began with its first episode.
fn inherit(series: &mut Entry, episode: &Entry, is_dated: bool) {
    for field in OF_SERIES.into_iter().chain(ONE_FOR_ALL).chain(["source"]) {
        if let (None, Some(value)) = (series.get(field), episode.get(field)) {
            series.set(field, value.clone());
        }
    }
    for (field, most) in TOGETHER {
        let mut all = series.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        for one in episode.get(field).and_then(Value::as_array).into_iter().flatten() {
            if all.len() < most && !all.contains(one) {
                all.push(one.clone());
            }
        }
        series.set(field, all.into());
    }
    let year = |entry: &Entry| entry.get("year").and_then(Value::as_u64);
    if let Some(own) = year(episode).filter(|_| !is_dated) {
        series.set("year", year(series).map_or(own, |known| known.min(own)).into());
    }
}

/// What became of an episode.
enum Added {
    /// It has its torrent.
    Whole,
    /// It has none yet, and this id.
    Waits(String),
}

/// A series that is being put together.
struct Making {
    entry: Entry,
    id: String,
    /// What holds for episodes that do not say it.
    held: BTreeSet<&'static str>,
    /// Names of seasons.
    names: BTreeMap<u16, Value>,
    seasons: BTreeMap<u16, BTreeMap<u16, Map<String, Value>>>,
    /// No more of the record than the gate asks for, to look at episodes with.
    bare: Map<String, Value>,
    /// Ids of episodes and of releases that are taken.
    items: BTreeSet<String>,
    releases: BTreeSet<String>,
    /// About how long its record is, bytes.
    length: usize,
}

impl Making {
    fn new(mut entry: Entry, held: BTreeSet<&'static str>) -> Self {
        entry.set("kind", "series".into());
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let names = entry.take("seasons");
        let names = names.as_ref().and_then(Value::as_array).into_iter().flatten();
        let names = names.filter_map(|season| {
            let number = season["number"].as_u64().and_then(|number| number.try_into().ok())?;
            Some((number, season["name"].clone()))
        });
        let names: BTreeMap<_, _> = names.collect();
        let needed =
            BARE.iter().filter_map(|field| Some(((*field).to_owned(), entry.get(field)?.clone())));
        let bare = needed.collect();
        let beside: usize = names.values().map(|name| name.to_string().len() + AROUND).sum();
        Self {
            length: Value::from(entry.record().clone()).to_string().len() + beside,
            items: BTreeSet::from([id.clone()]),
            releases: BTreeSet::new(),
            seasons: BTreeMap::new(),
            bare,
            entry,
            id,
            held,
            names,
        }
    }

    /// Adds an episode that passes the gate with its series.
    fn add(&mut self, episode: &Entry) -> Result<Added, Rejection> {
        let malformed = |why: String| Err(Rejection::Malformed(why));
        let Part::Episode { season, number, .. } = episode.part else {
            return malformed("it is no episode".to_owned());
        };
        self.agrees(episode)?;
        if self.entry.get("name").is_none() {
            return malformed(
                "nobody says what its series is called; say it where the series is described"
                    .to_owned(),
            );
        }
        let object = self.object(episode, season, number);
        let is_waiting = !object.contains_key("releases");
        self.check(&object, season, is_waiting)?;
        let length = Value::from(object.clone()).to_string().len() + AROUND;
        if length > RECORD_MAX || self.length + length > SERIES_MAX {
            return malformed(
                "it, or its series, is too long: an episode may have 256 KiB, a series 4 MiB"
                    .to_owned(),
            );
        }
        let known = self.seasons.get_mut(&season).and_then(|all| all.get_mut(&number));
        if let Some(known) = known {
            unite(known, &object, (season, number))?;
        } else {
            self.has_room(season)?;
            let id = object["id"].as_str().unwrap_or_default().to_owned();
            if !self.items.insert(id.clone()) {
                return Err(Rejection::DuplicateId(id));
            }
            self.seasons.entry(season).or_default().insert(number, object.clone());
        }
        let ids = object.get("releases").and_then(Value::as_array).into_iter().flatten();
        self.releases.extend(ids.filter_map(|one| one["id"].as_str().map(str::to_owned)));
        self.length += length;
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        Ok(if is_waiting { Added::Waits(id) } else { Added::Whole })
    }

    /// Nobody's licence or credit is replaced by that of others, and nobody gets that of others.
    fn agrees(&self, episode: &Entry) -> Result<(), Rejection> {
        for (field, why) in CLAIMS {
            if episode.get(field).is_none() && !self.held.contains(field) {
                return Err(why);
            }
        }
        let other = |field: &&&str| {
            episode.get(field).is_some_and(|own| Some(own) != self.entry.get(field))
        };
        let Some(field) = ONE_FOR_ALL.iter().find(other) else { return Ok(()) };
        let said = self.entry.get(field).and_then(Value::as_str).unwrap_or_default();
        let why = format!(
            "its {field} is not that of its series, `{}`; write the same, or give it a series of its own",
            shortened(said)
        );
        Err(Rejection::Malformed(why))
    }

    fn has_room(&self, season: u16) -> Result<(), Rejection> {
        let why = match self.seasons.get(&season) {
            None if self.seasons.len() >= SEASONS_MAX => "a series has at most 200 seasons",
            Some(all) if all.len() >= EPISODES_MAX => "a season has at most 2,000 episodes",
            _ => return Ok(()),
        };
        Err(Rejection::Malformed(why.to_owned()))
    }

    /// The episode as a record of the series has it, with ids that nothing else there has.
    fn object(&self, episode: &Entry, season: u16, number: u16) -> Map<String, Value> {
        let said = OF_EPISODE
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), episode.get(field)?.clone())));
        let mut object: Map<_, _> = said.collect();
        let place = format!("s{season:02}e{number:02}");
        let own = episode.get("id").cloned();
        let id = own.unwrap_or_else(|| fitting(format!("{}-{place}", self.id)).into());
        object.insert("id".to_owned(), id);
        object.insert("number".to_owned(), number.into());
        let releases = object.get_mut("releases").and_then(Value::as_array_mut);
        for release in releases.into_iter().flatten() {
            let id = release["id"].as_str().unwrap_or_default();
            // Two episodes in one file.
            if self.releases.contains(id) {
                release["id"] = fitting(format!("{id}-{place}")).into();
            }
        }
        object
    }

    /// Whether the series would pass the gate if it had this episode alone. All that is said of the series is looked at
    /// until it passed once.
    fn check(
        &self,
        object: &Map<String, Value>,
        season: u16,
        is_waiting: bool,
    ) -> Result<(), Rejection> {
        let mut object = object.clone();
        if is_waiting {
            object.insert("releases".to_owned(), json!([stand_in()]));
        }
        let whole = || self.entry.record().clone();
        let mut record = if self.seasons.is_empty() { whole() } else { self.bare.clone() };
        record.insert("seasons".to_owned(), json!([self.season(season, vec![object.into()])]));
        let title = gate::admit_text(&Value::from(record).to_string())?;
        let mut releases = title.all_releases().filter(|_| !is_waiting);
        match releases.find(|release| self.releases.contains(&*release.id)) {
            Some(release) => Err(Rejection::DuplicateId(release.id.to_string())),
            None => Ok(()),
        }
    }

    fn season(&self, number: u16, episodes: Vec<Value>) -> Value {
        let mut season = json!({"number": number, "episodes": episodes});
        if let Some(name) = self.names.get(&number) {
            season["name"] = name.clone();
        }
        season
    }

    /// The record of the series; why there is none, if none of its episodes can be used.
    fn finish(mut self) -> Result<Entry, Dropped> {
        let seasons = std::mem::take(&mut self.seasons).into_iter();
        let seasons: Vec<_> = seasons
            .map(|(number, all)| self.season(number, all.into_values().map(Value::from).collect()))
            .collect();
        if seasons.is_empty() {
            self.entry.check_claims()?;
            return Err(self
                .entry
                .lacks("no episode of it can be used; list its episodes as well"));
        }
        self.entry.set("seasons", seasons.into());
        Ok(self.entry)
    }
}

/// The same episode in one more quality; anything else of the same number is a mistake.
fn unite(
    known: &mut Map<String, Value>,
    object: &Map<String, Value>,
    (season, number): (u16, u16),
) -> Result<(), Rejection> {
    let more = object.get("releases").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_same = known.get("name") == object.get("name") && !more.is_empty();
    let releases = known.get_mut("releases").and_then(Value::as_array_mut);
    let why = match releases {
        Some(releases) if is_same && releases.len() + more.len() <= RELEASES_MAX => {
            releases.extend(more);
            return Ok(());
        }
        Some(_) if is_same => "an episode has at most 32 releases".to_owned(),
        _ => format!("season {season} has an episode {number} already; correct the number"),
    };
    Err(Rejection::Malformed(why))
}

/// A release in the place of one that is not made yet.
fn stand_in() -> Value {
    json!({
        "id": "waits", "quality": "unknown", "container": "mp4", "size_bytes": 0, "path": "waits",
        "torrent": {"v1": "0".repeat(40)},
    })
}

/// An id that leaves room for the name of a quality behind it.
fn fitting(id: String) -> String {
    if id.len() <= ID_MAX {
        return id;
    }
    let digest = sha256(id.as_bytes());
    digest.0[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";

    fn series(key: &str) -> Entry {
        let mut entry = Entry::new(1);
        entry.part = Part::Series { key: key.to_owned() };
        entry.set_text("name", "en", "Lessons");
        entry.set_licence("CC-BY-4.0");
        entry.set("attribution", "Somebody".into());
        entry.set("source", "https://example.org/".into());
        entry
    }

    fn episode(line: u64, (season, number): (u16, u16), name: &str) -> Entry {
        let mut entry = Entry::new(line);
        let key = "lessons".to_owned();
        entry.part = Part::Episode { key, name: json!({"en": "Lessons"}), season, number };
        entry.set_text("name", "en", name);
        let release = json!({"id": format!("r-{line}"), "quality": "480p", "container": "mp4",
            "size_bytes": 1, "path": "a.mp4", "torrent": {"v1": HASH}});
        entry.set("releases", json!([release]));
        entry
    }

    fn gathered(entries: Vec<Entry>) -> Gathered<u64> {
        let mut gathering = Gathering::default();
        for entry in entries {
            let line = entry.line;
            gathering.take(entry, line).unwrap();
        }
        gathering.finish(&BTreeMap::new()).next().unwrap()
    }

    #[test]
    fn episodes_are_sorted_into_seasons_and_inherit_what_their_series_says() {
        let mut guest = episode(4, (1, 2), "Two");
        guest.add_person("cast", "A guest");
        guest.set("year", 1931.into());
        let all =
            vec![episode(2, (2, 1), "Three"), guest, series("lessons"), episode(5, (1, 1), "One")];
        let Gathered { series, left_out } = gathered(all);
        assert_eq!(left_out, []);
        let title = series.unwrap().entry.admit().unwrap();
        let names: Vec<_> =
            title.episodes().map(|(at, one)| (at, one.number, one.name.get("en"))).collect();
        assert_eq!(names, [(1, 1, Some("One")), (1, 2, Some("Two")), (2, 1, Some("Three"))]);
        assert_eq!((title.year, title.people.len()), (Some(1931), 1));
        assert!(title.episodes().all(|(_, one)| one.id.starts_with(&*title.id)));
    }

    #[test]
    fn the_same_series_has_the_same_ids_whatever_else_is_listed() {
        let ids = |all| {
            let title = gathered(all).series.unwrap().entry.admit().unwrap();
            (title.id.clone(), title.episodes().last().unwrap().1.id.clone())
        };
        let alone = || {
            let mut entry = episode(7, (1, 2), "Two");
            entry.set_licence("CC-BY-4.0");
            entry.set("attribution", "Somebody".into());
            entry.set("source", "https://example.org/".into());
            entry
        };
        let more = vec![series("lessons"), episode(3, (1, 1), "One"), alone()];
        assert_eq!(ids(vec![alone()]), ids(more));
    }

    #[test]
    fn another_licence_or_credit_leaves_an_episode_out_and_the_others_in() {
        let mut other = episode(3, (1, 2), "Two");
        other.set_licence("CC0-1.0");
        let mut credit = episode(4, (1, 3), "Three");
        credit.set("attribution", "Somebody else".into());
        let all = vec![series("lessons"), episode(2, (1, 1), "One"), other, credit];
        let Gathered { series, left_out } = gathered(all);
        assert_eq!(series.unwrap().entry.admit().unwrap().episodes().count(), 1);
        let told: Vec<_> =
            left_out.iter().map(|(line, why)| (*line, why.why.to_string())).collect();
        assert_eq!(told.len(), 2);
        assert!(told[0].0 == 3 && told[0].1.contains("licence"), "{told:?}");
        assert!(told[1].0 == 4 && told[1].1.contains("attribution"), "{told:?}");
    }

    #[test]
    fn an_episode_without_a_licence_gets_that_of_its_series_or_list_and_of_no_other_episode() {
        let mut said = episode(2, (1, 1), "One");
        said.set_licence("CC0-1.0");
        for field in ["attribution", "source"] {
            said.set(field, "https://example.org/".into());
        }
        let outcome = |assumed: &[(&str, &str)]| {
            let mut gathering = Gathering::default();
            gathering.take(said.clone(), 2).unwrap();
            gathering.take(episode(3, (1, 2), "Two"), 3).unwrap();
            let assumed =
                assumed.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned()));
            let Gathered { series, left_out } =
                gathering.finish(&assumed.collect()).next().unwrap();
            let title = series.unwrap().entry.admit().unwrap();
            let left_out: Vec<u64> = left_out.iter().map(|(line, _)| *line).collect();
            (title.licence.spdx().to_owned(), left_out)
        };
        assert_eq!(outcome(&[]), ("CC0-1.0".to_owned(), vec![3]));
        let all = [
            ("licence", "CC-BY-4.0"),
            ("attribution", "https://example.org/"),
            ("source", "https://example.org/"),
        ];
        assert_eq!(outcome(&all), ("CC-BY-4.0".to_owned(), vec![2]));
    }

    #[test]
    fn one_number_is_one_episode_in_several_qualities_or_a_mistake() {
        let all = vec![
            series("lessons"),
            episode(2, (1, 1), "One"),
            episode(3, (1, 1), "One"),
            episode(4, (1, 1), "Another"),
        ];
        let Gathered { series, left_out } = gathered(all);
        let title = series.unwrap().entry.admit().unwrap();
        assert_eq!(title.episodes().map(|(_, one)| one.releases.len()).collect::<Vec<_>>(), [2]);
        let [(4, why)] = &left_out[..] else { panic!("{left_out:?}") };
        assert!(why.why.to_string().contains("correct the number"), "{why:?}");
    }

    #[test]
    fn two_episodes_in_one_file_have_releases_of_their_own() {
        let mut second = episode(2, (1, 2), "Two");
        second.line = 9;
        let all = vec![series("lessons"), episode(2, (1, 1), "One"), second];
        let title = gathered(all).series.unwrap().entry.admit().unwrap();
        let ids: BTreeSet<_> = title.all_releases().map(|release| release.id.clone()).collect();
        assert_eq!(ids.len(), 2);
    }

    #[test]
    fn what_is_wrong_with_one_episode_costs_that_and_what_is_wrong_with_all_the_series() {
        let mut long = episode(3, (1, 2), "Two");
        long.set_text("name", "en", &"x".repeat(400));
        let all = vec![series("lessons"), episode(2, (1, 1), "One"), long];
        let Gathered { series: made, left_out } = gathered(all);
        assert!(made.unwrap().entry.admit().is_ok());
        assert_eq!(left_out.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3]);
        let mut closed = series("lessons");
        closed.set("licence", "All rights reserved".into());
        let Gathered { series: made, left_out } = gathered(vec![closed, episode(2, (1, 1), "One")]);
        assert_eq!(made, None);
        assert_eq!(
            left_out.iter().map(|(_, one)| one.why.code()).collect::<Vec<_>>(),
            ["licence"; 2]
        );
        let Gathered { series: made, left_out } = gathered(vec![series("lessons")]);
        assert!(made.is_none() && left_out[0].1.why.to_string().contains("no episode"));
    }

    #[test]
    fn an_episode_with_a_file_waits_for_its_torrent() {
        let mut waits = episode(2, (0, 7), "Behind the scenes");
        waits.take("releases");
        let Series { entry, waiting } = gathered(vec![series("lessons"), waits]).series.unwrap();
        let episode = &entry.record()["seasons"][0]["episodes"][0];
        assert_eq!((&episode["id"], episode.get("releases")), (&json!(waiting[0].id), None));
        assert!(waiting[0].id.ends_with("-s00e07") && waiting[0].origin == 2, "{waiting:?}");
    }
}
