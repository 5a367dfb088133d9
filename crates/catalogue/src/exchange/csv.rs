//! Lists of films and episodes as spreadsheets write them (RFC 4180): one row each, the first row names the columns.
//!
//! A row that names a `series` is an episode of it; one of the kind `series` describes the series itself.
//! Rows come one by one from whatever is fed, so memory does not grow with the file. Columns stand in any order;
//! `,`, `;` and tabs separate them. Lists inside a cell are separated by `;` or `|`.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Value, json};

use super::{
    Dropped, Entry, Found, Part, RECORD_MAX, RECORDS_MAX, Unreadable,
    entry::{keyword, shortened, year},
    torrents::Carried,
};
use crate::gate::Rejection;

/// The most columns that a file may have.
const COLUMNS_MAX: usize = 256;

/// Reads rows from bytes that are fed.
pub struct Rows {
    reader: Reader,
    language: String,
    /// The columns' names in small letters; nothing before the first row.
    columns: Vec<String>,
    row: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    /// The row is too long to be kept; it is read to its end and dropped.
    overflow: bool,
    /// Line feeds that were read.
    lines: u64,
    /// The line in which the row began.
    began: Option<u64>,
    rows: u64,
}

/// The character that separates the cells of a file that begins like this.
#[must_use]
pub fn separator(head: &[u8]) -> u8 {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|one| count(*one)).unwrap_or(b',')
}

impl Rows {
    /// Rows whose cells are separated by this; texts are in this language unless a column says otherwise.
    #[must_use]
    pub fn new(separator: u8, language: &str) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(separator).build(),
            language: language.to_owned(),
            columns: Vec::new(),
            row: vec![0; RECORD_MAX],
            ends: vec![0; COLUMNS_MAX],
            filled: 0,
            ended: 0,
            overflow: false,
            lines: 0,
            began: None,
            rows: 0,
        }
    }

    /// Takes the next bytes of the file, and tells of every row that ends in them.
    ///
    /// # Errors
    /// The first row names no title, or there are too many rows.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        tell: &mut dyn FnMut(Found),
    ) -> Result<(), Unreadable> {
        loop {
            bytes = self.skip_line_ends(bytes);
            if bytes.is_empty() {
                return Ok(());
            }
            let used = self.step(bytes, tell)?;
            bytes = &bytes[used..];
        }
    }

    /// The file has ended; its last row needs no line end.
    ///
    /// # Errors
    /// As [`Self::feed`]; a file without any row has no columns.
    pub fn finish(mut self, tell: &mut dyn FnMut(Found)) -> Result<(), Unreadable> {
        self.step(&[], tell)?;
        if self.columns.is_empty() {
            return Err(no_columns(1));
        }
        Ok(())
    }

    /// Line ends between rows.
    fn skip_line_ends<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.began.is_some() {
            return bytes;
        }
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let skipped = bytes.iter().take_while(|byte| is_end(byte)).count();
        self.lines += line_feeds(&bytes[..skipped]);
        if skipped < bytes.len() {
            self.began = Some(self.lines + 1);
        }
        &bytes[skipped..]
    }

    /// Reads on until a row or the bytes end.
    fn step(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Found)) -> Result<usize, Unreadable> {
        let (row, ends) = (&mut self.row[self.filled..], &mut self.ends[self.ended..]);
        let (result, used, filled, ended) = self.reader.read_record(bytes, row, ends);
        self.lines += line_feeds(&bytes[..used]);
        (self.filled, self.ended) = (self.filled + filled, self.ended + ended);
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                self.overflow = true;
                (self.filled, self.ended) = (0, 0);
            }
            ReadRecordResult::Record => self.end_row(tell)?,
        }
        Ok(used)
    }

    fn end_row(&mut self, tell: &mut dyn FnMut(Found)) -> Result<(), Unreadable> {
        let line = self.began.take().unwrap_or(1);
        let (filled, ended) = (self.filled, self.ended);
        (self.filled, self.ended) = (0, 0);
        if self.columns.is_empty() {
            return self.name_columns(line, filled, ended);
        }
        self.rows += 1;
        if self.rows > RECORDS_MAX {
            return Err(Unreadable::TooMany);
        }
        if std::mem::take(&mut self.overflow) {
            let why =
                "the row is longer than 256 KiB or 256 cells; is a quotation mark not closed?";
            tell(Err(Dropped::malformed(line, why)));
            return Ok(());
        }
        tell(self.entry(line, filled, ended));
        Ok(())
    }

    fn name_columns(&mut self, line: u64, filled: usize, ended: usize) -> Result<(), Unreadable> {
        if self.overflow {
            return Err(no_columns(line));
        }
        let text = str::from_utf8(&self.row[..filled]).map_err(|_| Unreadable::Encoding)?;
        let plain = |name: &str| name.trim().to_lowercase().replace([' ', '-'], "_");
        self.columns = cells(text, &self.ends[..ended]).map(plain).collect();
        let has_name = self.columns.iter().any(|name| name == "title" || name == "name");
        if has_name { Ok(()) } else { Err(no_columns(line)) }
    }

    fn entry(&self, line: u64, filled: usize, ended: usize) -> Found {
        let text = str::from_utf8(&self.row[..filled])
            .map_err(|_| Dropped::malformed(line, "it is not written in UTF-8"))?;
        let mut row = Row::new(line, &self.language);
        for (column, cell) in self.columns.iter().zip(cells(text, &self.ends[..ended])) {
            row.take(column, cell.trim());
        }
        row.finish()
    }
}

fn no_columns(line: u64) -> Unreadable {
    let why = "the first row must name the columns, `title` among them".to_owned();
    Unreadable::Malformed { line, why }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The cells of a row, by where each ends.
fn cells<'a>(row: &'a str, ends: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| row.get(start..*end).unwrap_or_default())
}

/// One film or episode as its row says it.
struct Row<'a> {
    entry: Entry,
    language: &'a str,
    texts: Vec<(&'static str, &'a str)>,
    carried: Carried,
    series: Option<&'a str>,
    season: Option<u16>,
    episode: Option<u16>,
    wrong: Option<String>,
}

impl<'a> Row<'a> {
    fn new(line: u64, language: &'a str) -> Self {
        Self {
            entry: Entry::new(line),
            language,
            texts: Vec::new(),
            carried: Carried::default(),
            series: None,
            season: None,
            episode: None,
            wrong: None,
        }
    }

    fn take(&mut self, column: &str, cell: &'a str) {
        if cell.is_empty() {
            return;
        }
        match column {
            "title" | "name" => self.texts.push(("name", cell)),
            "synopsis" | "description" | "plot" => self.texts.push(("synopsis", cell)),
            "language" => self.language = cell,
            "id" | "original_language" | "licence_statement" | "attribution" | "content_rating" => {
                self.entry.set(column, cell.into());
            }
            "credit" => self.entry.set("attribution", cell.into()),
            "source" | "source_url" | "url" => self.entry.set("source", cell.into()),
            "licence" | "license" => self.entry.set_licence(cell),
            "kind" => self.entry.set("kind", cell.to_lowercase().into()),
            "year" | "date" | "date_published" => self.take_year(cell),
            "runtime_s" => self.take_number("runtime_s", cell, 1),
            "runtime" | "runtime_min" => self.take_number("runtime_s", cell, 60),
            "genre" | "genres" => {
                self.entry.set("genres", list(cell).filter_map(keyword).collect());
            }
            "country" | "countries" => {
                self.entry.set("countries", list(cell).map(str::to_uppercase).collect());
            }
            "imdb" | "wikidata" | "eidr" | "tmdb" => self.entry.add_id(column, cell),
            "director" | "directors" => self.take_people("director", cell),
            "writer" | "writers" => self.take_people("writer", cell),
            "cast" | "actors" => self.take_people("cast", cell),
            "music" => self.take_people("music", cell),
            "poster" => self.entry.set_picture("poster", cell),
            "backdrop" => self.entry.set_picture("backdrop", cell),
            "still" => self.entry.set_picture("still", cell),
            "series" => self.series = Some(cell),
            "season" => self.season = self.small(cell),
            "episode" => self.episode = self.small(cell),
            _ => self.take_release(column, cell),
        }
    }

    fn take_release(&mut self, column: &str, cell: &str) {
        let number = || cell.parse::<u64>().map_or(Value::Null, Value::from);
        match column {
            "magnet" => self.carried.magnet = Some(cell.to_owned()),
            "infohash" | "infohash_v1" => self.carried.v1 = Some(cell.to_owned()),
            "infohash_v2" => self.carried.v2 = Some(cell.to_owned()),
            "path" => self.carried.path = Some(cell.to_owned()),
            "size_bytes" | "size" => self.carried.set("size_bytes", number()),
            "width" | "height" => self.carried.set(column, number()),
            "release_id" => self.carried.set("id", cell.into()),
            "pieces_root" => self.carried.set(column, cell.to_ascii_lowercase().into()),
            "quality" | "container" | "video_codec" | "audio_codec" => {
                self.carried.set(column, keyword(cell).into());
            }
            "audio_languages" => self.carried.set(column, list(cell).collect()),
            "file" => match cell.replace('\\', "/").try_into() {
                Ok(path) => self.entry.file = Some(path),
                Err(why) => self.wrong = Some(format!("`file`: {why}")),
            },
            _ => {}
        }
    }

    fn take_year(&mut self, cell: &str) {
        match year(cell) {
            Some(year) => self.entry.set("year", year.into()),
            None => self.wrong = Some(format!("`{}` is no year", shortened(cell))),
        }
    }

    fn take_number(&mut self, field: &str, cell: &str, times: u64) {
        match cell.parse::<u32>() {
            Ok(number) => self.entry.set(field, u64::from(number).saturating_mul(times).into()),
            Err(_) => {
                self.wrong = Some(format!("`{}` is no number", shortened(cell)));
            }
        }
    }

    /// A number of a season or an episode.
    fn small(&mut self, cell: &str) -> Option<u16> {
        let number = cell.parse().ok();
        if number.is_none() {
            self.wrong = Some(format!("`{}` is no number", shortened(cell)));
        }
        number
    }

    /// What the row is of a series.
    fn part(&self) -> Result<Part, &'static str> {
        let is_series = self.entry.get("kind").is_some_and(|kind| kind == "series");
        let is_carried = self.carried.names_a_torrent() || self.entry.file.is_some();
        let name = self.texts.iter().find(|(field, _)| *field == "name").map(|(_, name)| *name);
        let key = |name: &str| name.to_lowercase();
        match (self.series, self.episode) {
            (Some(_), Some(_)) if name.is_none() => Err("an episode needs a `title`"),
            (Some(_), Some(_)) if !is_carried => Err("it names no torrent and no `file`"),
            (Some(series), Some(number)) => Ok(Part::Episode {
                key: key(series),
                name: json!({ self.language: series }),
                season: self.season.unwrap_or(1),
                number,
            }),
            (_, None) if is_series && is_carried => {
                Err("a series has its torrents and files in the rows of its episodes")
            }
            (series, None) if is_series => {
                Ok(Part::Series { key: key(series.or(name).unwrap_or_default()) })
            }
            (Some(_), None) => Err(
                "`episode` is missing: number it, or write `series` into `kind` if the row is about all of the series",
            ),
            (None, Some(_)) => {
                Err("`series` is missing: write there of which series it is an episode")
            }
            (None, None) if self.season.is_some() => {
                Err("`series` and `episode` are missing: of a film leave `season` empty as well")
            }
            (None, None) => Ok(Part::Title),
        }
    }

    fn take_people(&mut self, role: &str, cell: &str) {
        for name in list(cell) {
            self.entry.add_person(role, name);
        }
    }

    fn finish(mut self) -> Found {
        for (field, text) in &self.texts {
            self.entry.set_text(field, self.language, text);
        }
        let part = match (self.wrong.take(), self.part()) {
            (Some(wrong), _) => return Err(self.entry.dropped(Rejection::Malformed(wrong))),
            (None, Err(wrong)) => return Err(self.entry.lacks(wrong)),
            (None, Ok(part)) => part,
        };
        if self.entry.get("kind").is_none() {
            self.entry.set("kind", "film".into());
        }
        if self.carried.names_a_torrent() {
            match self.carried.release() {
                Ok(release) => self.entry.set("releases", json!([release])),
                Err(why) => return Err(self.entry.dropped(Rejection::Malformed(why))),
            }
        }
        if part == Part::Title {
            self.entry.settle_id();
        }
        self.entry.part = part;
        Ok(self.entry)
    }
}

fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '|']).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Title,Year,License,Attribution,Source,Infohash,Path,Genres\n";
    const ROW: &str = "Nosferatu,1922,CC-PDM-1.0,Murnau,https://example.org/n,dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c,a/b.mp4,horror; silent\n";

    const HASH: &str = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c";

    fn read(text: &[u8], chunk: usize) -> Result<Vec<Found>, Unreadable> {
        let mut rows = Rows::new(separator(text), "en");
        let mut found = Vec::new();
        for part in text.chunks(chunk) {
            rows.feed(part, &mut |one| found.push(one))?;
        }
        rows.finish(&mut |one| found.push(one))?;
        Ok(found)
    }

    #[test]
    fn a_row_is_a_title_however_the_bytes_come() {
        for chunk in [1, 7, 1000] {
            let found = read(format!("{HEAD}{ROW}").as_bytes(), chunk).unwrap();
            let title = found[0].as_ref().unwrap().admit().unwrap();
            assert_eq!((title.name.get("en"), title.year), (Some("Nosferatu"), Some(1922)));
            assert_eq!(title.genres.len(), 2);
            assert_eq!(&*title.releases[0].path, "a/b.mp4");
            assert_eq!(found.len(), 1);
        }
    }

    #[test]
    fn what_is_dropped_is_told_with_its_line_and_the_rest_goes_on() {
        let giant = "x".repeat(RECORD_MAX + 10);
        let text = format!(
            "{HEAD}\r\n\"two\nlines\",soon,CC0-1.0,a,https://e.org/,,,\r\n{giant},1,,,,,,\n{ROW}no,licence,,,,,,"
        );
        let found = read(text.as_bytes(), 4096).unwrap();
        let lines = found.iter().map(|one| match one {
            Ok(entry) => entry.line,
            Err(dropped) => dropped.line,
        });
        assert_eq!(lines.collect::<Vec<_>>(), [3, 5, 6, 7]);
        assert!(found[1].as_ref().unwrap_err().why.to_string().contains("256 KiB"));
        assert!(found[2].as_ref().unwrap().admit().is_ok());
    }

    #[test]
    fn other_encodings_and_files_without_columns_are_told_apart() {
        let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&[&[0xFF, 0xFE][..], &utf16].concat(), 100).is_err());
        let latin = [HEAD.as_bytes(), b"Caf\xE9,1922,,,,,,\n", ROW.as_bytes()].concat();
        let found = read(&latin, 100).unwrap();
        assert!(found[0].as_ref().unwrap_err().why.to_string().contains("UTF-8"));
        assert!(found[1].is_ok());
        assert!(matches!(read(b"", 1), Err(Unreadable::Malformed { .. })));
        assert!(matches!(read(b"a,b\n1,2\n", 1), Err(Unreadable::Malformed { line: 1, .. })));
    }

    #[test]
    fn rows_of_a_series_are_its_parts_and_what_they_lack_is_said() {
        let text = format!(
            "title,kind,series,season,episode,infohash,path,licence,attribution,source\n\
             Lessons,series,,,,,,CC-BY-4.0,Somebody,https://example.org/\n\
             One,,lessons,,1,{HASH},a.mp4,,,\n\
             ,,Lessons,1,2,{HASH},b.mp4,,,\n\
             Three,,Lessons,1,,{HASH},c.mp4,,,\n\
             Four,,,1,4,{HASH},d.mp4,,,\n\
             Five,,Lessons,one,5,{HASH},e.mp4,,,\n\
             Six,,Lessons,1,6,,,,,\n\
             Seven,series,,,,{HASH},f.mp4,,,\n"
        );
        let found = read(text.as_bytes(), 64).unwrap();
        let key = "lessons".to_owned();
        assert_eq!(found[0].as_ref().unwrap().part(), &Part::Series { key: key.clone() });
        let name = json!({"en": "lessons"});
        let one = Part::Episode { key, name, season: 1, number: 1 };
        assert_eq!(found[1].as_ref().unwrap().part(), &one);
        let wanted =
            ["`title`", "`kind`", "`series` is missing", "no number", "no torrent", "rows of its"];
        for (found, wanted) in found[2..].iter().zip(wanted) {
            let why = found.as_ref().unwrap_err().why.to_string();
            assert!(why.contains(wanted), "{why}");
        }
        assert_eq!(found.len(), 2 + wanted.len());
    }

    #[test]
    fn a_mark_in_front_and_other_separators_are_understood() {
        let text =
            format!("\u{FEFF}{}", format!("{HEAD}{ROW}").replace("; ", "|").replace(',', ";"));
        let found = read(text.as_bytes(), 100).unwrap();
        assert!(found[0].as_ref().unwrap().admit().is_ok(), "{found:?}");
    }
}
