//! A record of a foreign file: what it says in the words of our own records, and where it stood.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Part, RECORD_MAX, SERIES_MAX, licences, torrents};
use crate::{
    catalogue::Ids,
    gate::{self, Rejection},
    place::RelativePath,
    title::Title,
};
use torrent::hash::sha256;

/// How long a record may be, and what is said of a longer one.
const RECORD_TOO_LONG: (usize, &str) = (RECORD_MAX, "it is longer than 256 KiB");
const SERIES_TOO_LONG: (usize, &str) = (SERIES_MAX, "it is longer than 4 MiB");

/// A record that may become a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The line it begins in, from 1.
    pub line: u64,
    /// In the shape of a record in a catalogue file, as far as it goes.
    record: Map<String, Value>,
    /// Whether its id is made of what it is called.
    is_id_made: bool,
    /// What it is of a series.
    pub(super) part: Part,
    /// The film's file, below the folder of the list, if it has no torrent yet.
    pub file: Option<RelativePath>,
    /// Pictures that it names and that cannot lie beside the list.
    pub elsewhere: Vec<Elsewhere>,
}

/// A picture that is not below the folder of the list. Addresses are never asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The field that names it: `poster`, `backdrop` or `still`.
    pub field: &'static str,
    /// What the list says, shortened; a stranger's text.
    pub written: String,
    /// Whether that is an address; if not, it is no path below the folder.
    pub is_address: bool,
}

/// A record that becomes no title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The line it begins in, from 1.
    pub line: u64,
    /// What it calls itself, shortened; a stranger's text.
    pub name: String,
    /// Why.
    pub why: Rejection,
}

/// What a reader hands on.
pub type Found = Result<Entry, Dropped>;

/// Why a file gives nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not in UTF-8.
    #[error("it is not written in UTF-8; save it as UTF-8")]
    Encoding,
    /// Over the limit of bytes.
    #[error("it is larger than {} MiB; split it", super::DOCUMENT_MAX >> 20)]
    TooLarge,
    /// Over the limit of records.
    #[error("it lists more than {} records; split it", super::RECORDS_MAX)]
    TooMany,
    /// It declares a document type, through which it could name entities.
    #[error(
        "it declares a document type, which is not read; remove the line that begins with <!DOCTYPE"
    )]
    DocumentType,
    /// Not of the format.
    #[error("line {line}: {why}")]
    Malformed {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

impl Entry {
    /// A record that says nothing yet.
    pub(super) fn new(line: u64) -> Self {
        Self {
            line,
            record: Map::new(),
            is_id_made: false,
            part: Part::Title,
            file: None,
            elsewhere: vec![],
        }
    }

    /// What it is of a series.
    #[must_use]
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Says to which series it belongs, if it is of one.
    pub fn belong_to(&mut self, series: &str) {
        if let Part::Series { key } | Part::Episode { key, .. } = &mut self.part {
            series.clone_into(key);
        }
    }

    /// Sets a field, unless it says nothing.
    pub(super) fn set(&mut self, field: &str, value: Value) {
        let says_nothing = match &value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !says_nothing {
            self.record.insert(field.to_owned(), value);
        }
    }

    /// Sets a text in one language.
    pub(super) fn set_text(&mut self, field: &str, language: &str, text: &str) {
        if !text.trim().is_empty() {
            self.set(field, json!({ language: text }));
        }
    }

    /// Names a picture, unless one is named already: a file below the folder of the list, or something that is not fetched.
    pub(super) fn set_picture(&mut self, field: &'static str, written: &str) {
        if written.trim().is_empty() || self.record.contains_key(field) {
            return;
        }
        match picture(field, written) {
            Ok(art) => {
                self.elsewhere.retain(|one| one.field != field);
                self.set(field, art);
            }
            Err(elsewhere) => self.elsewhere.push(elsewhere),
        }
    }

    /// Its picture is one of an episode.
    pub(super) fn be_episode(&mut self) {
        if let Some(picture) = self.record.remove("poster") {
            self.record.entry("still").or_insert(picture);
        }
        for one in self.elsewhere.iter_mut().filter(|one| one.field == "poster") {
            one.field = "still";
        }
    }

    /// Takes out the file of a picture that lies below the folder of the list.
    pub fn take_picture(&mut self, field: &str) -> Option<RelativePath> {
        let path = self.record.get(field)?.get("file")?.as_str()?.to_owned();
        self.record.remove(field);
        path.try_into().ok()
    }

    /// Names the file of a picture below the folder of the list, whatever was named before.
    pub fn put_picture(&mut self, field: &'static str, path: &RelativePath) {
        self.elsewhere.retain(|one| one.field != field);
        self.set(field, json!({"file": **path}));
    }

    /// Sets the licence, which may be written as an SPDX identifier or as the address of its text.
    pub(super) fn set_licence(&mut self, written: &str) {
        self.set("licence", licences::spdx(written).into());
    }

    /// Adds somebody who took part.
    pub(super) fn add_person(&mut self, role: &str, name: &str) {
        if name.trim().is_empty() {
            return;
        }
        let people = self.record.entry("people").or_insert_with(|| json!([]));
        if let Some(people) = people.as_array_mut() {
            people.push(json!({"name": name, "role": role}));
        }
    }

    /// Adds what another numbering calls it.
    pub(super) fn add_id(&mut self, numbering: &str, id: &str) {
        let Some(numbering) = keyword(numbering) else { return };
        let ids = self.record.entry("ids").or_insert_with(|| json!({}));
        if let Some(ids) = ids.as_object_mut() {
            ids.insert(numbering, id.trim().into());
        }
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.record.get(field)
    }

    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.record.remove(field)
    }

    /// What it says, in the shape of a record in a catalogue file.
    #[must_use]
    pub fn record(&self) -> &Map<String, Value> {
        &self.record
    }

    /// Its name, for people who look for it in the file.
    #[must_use]
    pub fn name(&self) -> String {
        let names = self.record.get("name").and_then(Value::as_object);
        let name = names.and_then(|names| names.values().next()).and_then(Value::as_str);
        let id = || self.record.get("id").and_then(Value::as_str);
        shortened(name.or_else(id).unwrap_or_default())
    }

    /// What every title needs and a list may say once for all: what the record says itself is stronger.
    pub fn assume(&mut self, fields: &BTreeMap<String, String>) {
        for (field, value) in fields {
            if self.record.contains_key(field) {
                continue;
            }
            match field.as_str() {
                "licence" => self.set_licence(value),
                _ => self.set(field, value.clone().into()),
            }
        }
    }

    /// Gives it an id of its own if it has none: the same for the same film, whatever its place in the list.
    pub(super) fn settle_id(&mut self) {
        if self.record.get("id").and_then(Value::as_str).is_some_and(|id| !id.is_empty()) {
            return;
        }
        let year = self.record.get("year").map(ToString::to_string).unwrap_or_default();
        let torrent = self.record.get("releases").map(torrents::first_hash).unwrap_or_default();
        let (name, of) = (self.name(), format!("\0{year}\0{torrent}"));
        self.make_id(&name, &of);
    }

    /// Gives a series an id of its own if it has none: the same whatever is said of it and whichever episodes are listed.
    pub(super) fn settle_series_id(&mut self) {
        if self.record.get("id").and_then(Value::as_str).is_none_or(str::is_empty) {
            self.make_id(&self.name(), "\0series");
        }
    }

    fn make_id(&mut self, name: &str, of: &str) {
        self.set("id", id_of(name, of).into());
        self.is_id_made = true;
    }

    /// Whether its id is its list's word, and not made of what it is called.
    #[must_use]
    pub fn has_own_id(&self) -> bool {
        !self.is_id_made
    }

    /// Whether its licence, attribution and source would pass the gate, before anything is done for it.
    ///
    /// # Errors
    /// What it lacks.
    pub fn check_claims(&self) -> Result<(), Dropped> {
        gate::claims(&self.record).map_err(|why| self.dropped(why))
    }

    /// The title, if it passes the gate that our own files pass.
    ///
    /// # Errors
    /// What it lacks.
    pub fn admit(&self) -> Result<Title, Dropped> {
        let json = Value::Object(self.record.clone()).to_string();
        let is_series = self.record.get("kind").is_some_and(|kind| kind == "series");
        let (most, why) = if is_series { SERIES_TOO_LONG } else { RECORD_TOO_LONG };
        if json.len() > most {
            return Err(self.dropped(Rejection::Malformed(why.to_owned())));
        }
        gate::admit_text(&json).map_err(|why| self.dropped(why))
    }

    /// It is dropped for a reason that lies outside of what it says.
    #[must_use]
    pub fn lacks(&self, why: &str) -> Dropped {
        self.dropped(Rejection::Malformed(shortened(why)))
    }

    pub(super) fn dropped(&self, why: Rejection) -> Dropped {
        Dropped { line: self.line, name: self.name(), why }
    }
}

/// The titles of one list so far: no id is taken twice.
#[derive(Debug, Default)]
pub struct Intake(Ids);

impl Intake {
    /// The title that an entry makes.
    ///
    /// # Errors
    /// What it lacks, or its ids are taken by an earlier one.
    pub fn admit(&mut self, entry: &Entry) -> Result<Title, Dropped> {
        self.claim(entry.admit()?).map_err(|why| entry.dropped(why))
    }

    /// A title of the list, if its ids are free.
    ///
    /// # Errors
    /// They are taken by an earlier one.
    pub fn claim(&mut self, title: Title) -> Result<Title, Rejection> {
        self.0.claim(0, title).map_err(|rejected| rejected.why)
    }
}

impl Dropped {
    pub(super) fn malformed(line: u64, why: impl ToString) -> Self {
        let why = Rejection::Malformed(shortened(&why.to_string()));
        Self { line, name: String::new(), why }
    }
}

impl From<Unreadable> for Dropped {
    /// A file with one record in it: what is wrong with the file is wrong with the record.
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Malformed { line, why } => Self::malformed(line, why),
            other => Self::malformed(1, other),
        }
    }
}

/// A picture as a record names it: by its path below the folder of the list.
pub(super) fn picture(field: &'static str, written: &str) -> Result<Value, Elsewhere> {
    let plain = written.trim().replace('\\', "/");
    let plain = plain.strip_prefix("./").unwrap_or(&plain);
    let is_address = plain.contains("://") || plain.starts_with("//") || plain.starts_with("data:");
    match RelativePath::try_from(plain.to_owned()) {
        Ok(path) if !is_address => Ok(json!({"file": *path})),
        _ => Err(Elsewhere { field, written: shortened(written), is_address }),
    }
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(120).collect()
}

/// An id of a name, and of what tells it from others of that name.
fn id_of(name: &str, of: &str) -> String {
    let digest = sha256(format!("{name}{of}").as_bytes());
    let hex: String = digest.0[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hex}", plain(name))
}

/// A name in the letters that an id may have.
fn plain(name: &str) -> String {
    let words = name.to_lowercase();
    let words: Vec<_> = words
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let short: String = words.join("-").chars().take(40).collect();
    if short.is_empty() { "film".to_owned() } else { short.trim_end_matches('-').to_owned() }
}

/// A genre, role or codec in the letters that keywords have; nothing if nothing is left.
pub(super) fn keyword(word: &str) -> Option<String> {
    let small = word.trim().to_lowercase();
    let joined: Vec<_> =
        small.split([' ', '/', '&', ',']).filter(|part| !part.is_empty()).collect();
    let plain: String = joined.join("-");
    let plain: String = plain
        .chars()
        .filter(|letter| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(*letter)
        })
        .take(40)
        .collect();
    (!plain.is_empty()).then_some(plain)
}

/// The first four digits of a date or a year.
pub(super) fn year(written: &str) -> Option<u16> {
    written.trim().get(..4)?.parse().ok()
}

/// The text of a file that must be UTF-8, without the mark that some programs put in front.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > super::DOCUMENT_MAX {
        return Err(Unreadable::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)
}

/// The line of a place in a text, from 1, for places that are asked for in rising order.
#[derive(Debug, Default)]
pub(super) struct Lines {
    at: usize,
    before: u64,
}

impl Lines {
    pub(super) fn line(&mut self, text: &[u8], place: usize) -> u64 {
        let place = place.clamp(self.at, text.len());
        let fresh = text[self.at..place].iter().filter(|byte| **byte == b'\n').count();
        (self.at, self.before) = (place, self.before + fresh as u64);
        self.before + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_film_has_the_same_id_wherever_it_stands() {
        let id = |line| {
            let mut entry = Entry::new(line);
            entry.set_text("name", "en", "Le Voyage dans la Lune!");
            entry.settle_id();
            entry.get("id").unwrap().as_str().unwrap().to_owned()
        };
        assert_eq!(id(1), id(2));
        assert!(id(1).starts_with("le-voyage-dans-la-lune-"), "{}", id(1));
    }

    #[test]
    fn a_picture_is_a_file_below_the_list_or_is_told_of() {
        let mut entry = Entry::new(1);
        let address = "https://example.org/a.jpg";
        for written in ["", address, "../a.jpg", "C:\\a.jpg", "/etc/a.jpg"] {
            entry.set_picture("poster", written);
        }
        let told: Vec<_> = entry.elsewhere.iter().map(|one| one.is_address).collect();
        assert_eq!(told, [true, false, false, false]);
        assert_eq!(entry.elsewhere[0].written, address);
        entry.set_picture("poster", ".\\art\\a.jpg");
        entry.set_picture("poster", "b.jpg");
        assert_eq!(
            (entry.get("poster"), &entry.elsewhere[..]),
            (Some(&json!({"file": "art/a.jpg"})), &[][..])
        );
        assert_eq!(entry.take_picture("poster").as_deref(), Some("art/a.jpg"));
        assert_eq!(entry.get("poster"), None);
    }

    #[test]
    fn words_become_keywords_or_nothing() {
        assert_eq!(keyword(" Sci-Fi & Fantasy "), Some("sci-fi-fantasy".to_owned()));
        assert_eq!(keyword("恐怖"), None);
        assert_eq!(year("1922-03-04"), Some(1922));
        assert_eq!(year("n/a"), None);
    }
}
