//! Reads a list from disk, record by record: titles that passed the gate, films that wait to be taken in, and a report.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use catalogue::exchange::{
    DOCUMENT_MAX, Dropped, Entry, Found, Gathered, Gathering, Intake, Part, Series, Unreadable,
    csv::{Rows, separator},
    json_ld, mrss, nfo,
};
use indicatif::ProgressBar;
use serde_json::json;

use super::{
    Format,
    pictures::{Beside, name_of_episode, name_of_series, tell_elsewhere},
    report::Report,
    unreadable,
};
use crate::{
    cli::output::Output,
    failure::{Exit, Failure},
    importing::{List, ListedEpisode, ListedFilm, ListedSeries, ListedTitle},
};

/// Bytes of a spreadsheet that are read at once.
const CHUNK: usize = 256 << 10;
/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Folders within folders that are looked into.
const DEPTH_MAX: usize = 16;
/// What describes a series, in its folder.
const SERIES_FILE: &str = "tvshow.nfo";
/// What films are called, best first.
const FILM_ENDINGS: [&str; 4] = ["mp4", "webm", "mkv", "m4v"];

/// What is read, and how.
pub(super) struct Reading {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) language: String,
    pub(super) assumed: BTreeMap<String, String>,
    pub(super) stopped: Arc<AtomicBool>,
    pub(super) output: Output,
}

/// What a list has.
pub(super) struct Listed {
    pub(super) list: List,
    pub(super) records: u64,
    pub(super) report: Report,
    intake: Intake,
}

/// Where a record of a series stood.
struct Origin {
    /// Its file, if each record has one.
    place: Option<PathBuf>,
    /// The film beside it, or the one that it names.
    film: Option<PathBuf>,
}

impl Reading {
    /// Where the list lies.
    fn folder(&self) -> &Path {
        if self.path.is_dir() {
            return &self.path;
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    /// Reads all of it.
    pub(super) fn run(&self, report: Report) -> Result<Listed, Failure> {
        let mut taking = Taking::new(self, report);
        let read = match self.format {
            Format::Csv => self.rows(&mut taking),
            Format::JsonLd => {
                let bytes = self.document()?;
                self.judged(json_ld::read(&bytes, &self.language, &mut |found| taking.take(found)))
            }
            Format::Mrss => {
                let bytes = self.document()?;
                self.judged(mrss::read(&bytes, &self.language, &mut |found| taking.take(found)))
            }
            Format::Nfo => self.descriptions(&mut taking),
        };
        taking.bar.finish_and_clear();
        read?;
        Ok(taking.finish())
    }

    fn judged(&self, read: Result<(), Unreadable>) -> Result<(), Failure> {
        read.map_err(|why| {
            let message = format!("{} cannot be used: {why}.", self.path.display());
            let hint = "Correct the file; nothing was imported.";
            Failure::new(Exit::BadInput, "list_bad", message, hint)
        })
    }

    fn document(&self) -> Result<Vec<u8>, Failure> {
        let denied = |error| unreadable(&self.path, &error);
        let file = File::open(&self.path).map_err(denied)?;
        let mut bytes = Vec::new();
        file.take(DOCUMENT_MAX as u64 + 1).read_to_end(&mut bytes).map_err(denied)?;
        Ok(bytes)
    }

    fn rows(&self, taking: &mut Taking<'_>) -> Result<(), Failure> {
        let denied = |error| unreadable(&self.path, &error);
        let mut file = File::open(&self.path).map_err(denied)?;
        let mut chunk = vec![0; CHUNK];
        let mut rows = None;
        loop {
            let read = file.read(&mut chunk).map_err(denied)?;
            if read == 0 || self.stopped.load(Ordering::Relaxed) {
                break;
            }
            let bytes = &chunk[..read];
            let rows = rows.get_or_insert_with(|| Rows::new(separator(bytes), &self.language));
            self.judged(rows.feed(bytes, &mut |found| taking.take(found)))?;
        }
        let rows = rows.unwrap_or_else(|| Rows::new(b',', &self.language));
        self.judged(rows.finish(&mut |found| taking.take(found)))
    }

    fn descriptions(&self, taking: &mut Taking<'_>) -> Result<(), Failure> {
        let mut files = Vec::new();
        if self.path.is_dir() {
            find(&self.path, 0, &mut files)?;
        } else if is_of_series(&self.path) {
            find(self.folder(), 0, &mut files)?;
        } else {
            files.push(self.path.clone());
        }
        files.sort();
        let series = files.iter().filter(|file| is_of_series(file));
        let series = series.filter_map(|file| file.parent()).map(Path::to_owned).collect();
        for file in files {
            if self.stopped.load(Ordering::Relaxed) {
                break;
            }
            let denied = |error| unreadable(&file, &error);
            let mut bytes = Vec::new();
            let limit = nfo::NFO_MAX as u64 + 1;
            File::open(&file)
                .map_err(denied)?
                .take(limit)
                .read_to_end(&mut bytes)
                .map_err(denied)?;
            let mut tell = |found: Found| taking.take_beside(&file, found, &series);
            if let Err(why) = nfo::read(&bytes, &self.language, &mut tell) {
                tell(Err(why.into()));
            }
        }
        Ok(())
    }
}

impl Listed {
    /// Takes an entry that is a title.
    fn admit(&mut self, entry: &Entry) -> Result<(), Dropped> {
        self.admit_title(entry)?;
        tell_elsewhere(entry, &[], &mut self.report);
        Ok(())
    }

    fn admit_title(&mut self, entry: &Entry) -> Result<(), Dropped> {
        let title = self.intake.admit(entry)?;
        self.list.titles.push(ListedTitle {
            line: entry.line,
            title,
            has_own_id: entry.has_own_id(),
        });
        Ok(())
    }

    /// Takes a series: a title if its episodes are, else its films wait to be taken in.
    fn take_series(&mut self, series: Series<Origin>) {
        if series.waiting.is_empty() {
            if let Err(dropped) = self.admit_title(&series.entry) {
                self.report.drop(None, &dropped);
            }
            return;
        }
        let (line, record) = (series.entry.line, series.entry.record().clone());
        let episodes = series.waiting.into_iter().filter_map(|one| {
            let path = whole(one.origin.film?);
            Some(ListedEpisode { line: one.line, id: one.id, path })
        });
        let (episodes, has_own_id) = (episodes.collect(), series.entry.has_own_id());
        self.list.series.push(ListedSeries { line, record, episodes, has_own_id });
    }

    /// Takes an entry whose film waits to be taken in; its pictures are below the folder.
    fn take(&mut self, path: PathBuf, mut entry: Entry, folder: &Path) {
        let pictures = Beside::of(&path, &mut entry, folder);
        tell_elsewhere(&entry, &pictures.found(), &mut self.report);
        let (line, record, has_own_id) = (entry.line, entry.record().clone(), entry.has_own_id());
        let Beside { poster, backdrop } = pictures;
        let (path, poster, backdrop) = (whole(path), poster.map(whole), backdrop.map(whole));
        let film = ListedFilm { line, path, record, poster, backdrop, has_own_id };
        self.list.films.push(film);
    }
}

/// Takes what a reader finds.
struct Taking<'a> {
    reading: &'a Reading,
    listed: Listed,
    series: Gathering<Origin>,
    told: Instant,
    bar: ProgressBar,
}

impl<'a> Taking<'a> {
    fn new(reading: &'a Reading, report: Report) -> Self {
        let bar = if reading.output.is_watched() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        let folder = reading.folder();
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let list = List { folder, ..List::default() };
        let listed = Listed { list, records: 0, report, intake: Intake::default() };
        Self { reading, listed, series: Gathering::default(), told: Instant::now(), bar }
    }

    fn take(&mut self, found: Found) {
        self.listed.records += 1;
        let admitted = found.and_then(|entry| match entry.part() {
            Part::Title => self.take_title(entry),
            _ => self.take_part(entry),
        });
        if let Err(dropped) = admitted {
            self.listed.report.drop(None, &dropped);
        }
        self.tell();
    }

    fn take_title(&mut self, mut entry: Entry) -> Result<(), Dropped> {
        entry.assume(&self.reading.assumed);
        let Some(file) = &entry.file else {
            return self.listed.admit(&entry);
        };
        entry.check_claims()?;
        let folder = self.reading.folder();
        let path = folder.join(&**file);
        self.listed.take(path, entry, folder);
        Ok(())
    }

    /// A record of a series in a list; pictures that it names lie below the list's folder.
    fn take_part(&mut self, mut entry: Entry) -> Result<(), Dropped> {
        let folder = self.reading.folder();
        let film = entry.file.as_ref().map(|file| folder.join(&**file));
        if let Some(film) = &film {
            name_of_episode(&mut entry, folder, film, folder);
        }
        tell_elsewhere(&entry, &[], &mut self.listed.report);
        self.series.take(entry, Origin { place: None, film })
    }

    /// A film, an episode or a series with its description beside it.
    fn take_beside(&mut self, nfo: &Path, found: Found, series: &BTreeSet<PathBuf>) {
        self.listed.records += 1;
        let taken = found.and_then(|entry| match entry.part() {
            Part::Title => self.take_film(nfo, entry),
            Part::Series { .. } => self.take_series(nfo, entry),
            Part::Episode { .. } => self.take_episode(nfo, entry, series),
        });
        if let Err(dropped) = taken {
            self.listed.report.drop(Some(nfo), &dropped);
        }
        self.tell();
    }

    fn take_film(&mut self, nfo: &Path, mut entry: Entry) -> Result<(), Dropped> {
        entry.assume(&self.reading.assumed);
        entry.check_claims()?;
        let path = film_of(nfo).ok_or_else(|| entry.lacks("no film lies beside it"))?;
        self.listed.take(path, entry, nfo.parent().unwrap_or(Path::new(".")));
        Ok(())
    }

    fn take_series(&mut self, nfo: &Path, mut entry: Entry) -> Result<(), Dropped> {
        let folder = nfo.parent().unwrap_or(Path::new("."));
        entry.belong_to(&folder.to_string_lossy());
        name_of_series(&mut entry, self.reading.folder(), nfo);
        tell_elsewhere(&entry, &[], &mut self.listed.report);
        self.series.take(entry, Origin { place: Some(nfo.to_owned()), film: None })
    }

    /// An episode belongs to the nearest folder that describes a series.
    fn take_episode(
        &mut self,
        nfo: &Path,
        mut entry: Entry,
        series: &BTreeSet<PathBuf>,
    ) -> Result<(), Dropped> {
        let mut folders = nfo.ancestors().skip(1);
        let folder = folders.find(|folder| series.contains(*folder)).ok_or_else(|| {
            entry.lacks("no tvshow.nfo lies in its folder or above; write one with the <title> of its series")
        })?;
        let film = film_of(nfo).ok_or_else(|| entry.lacks("no film lies beside it"))?;
        entry.belong_to(&folder.to_string_lossy());
        let beside = nfo.parent().unwrap_or(Path::new("."));
        name_of_episode(&mut entry, self.reading.folder(), &film, beside);
        tell_elsewhere(&entry, &[], &mut self.listed.report);
        self.series.take(entry, Origin { place: Some(nfo.to_owned()), film: Some(film) })
    }

    /// What was read, with its series put together.
    fn finish(self) -> Listed {
        let mut listed = self.listed;
        for Gathered { series, left_out } in self.series.finish(&self.reading.assumed) {
            for (origin, dropped) in &left_out {
                listed.report.drop(origin.place.as_deref(), dropped);
            }
            if let Some(series) = series {
                listed.take_series(series);
            }
        }
        listed
    }

    fn tell(&mut self) {
        if self.told.elapsed() < TELL_EVERY {
            return;
        }
        self.told = Instant::now();
        let Listed { records, list, report, .. } = &self.listed;
        let (titles, dropped) = (list.titles.len(), report.total());
        let object =
            json!({"event": "progress", "records": records, "titles": titles, "dropped": dropped});
        self.reading.output.object(&object);
        self.bar.set_message(format!("{records} records, {dropped} left out"));
        self.bar.tick();
    }
}

/// A whole path: whoever takes it in may work in another folder.
fn whole(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Whether a file is what describes the series of a folder.
fn is_of_series(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(SERIES_FILE))
}

/// The `.nfo` files below a folder. Links are not followed.
fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let denied = |error| unreadable(folder, &error);
    for entry in fs::read_dir(folder).map_err(denied)? {
        let entry = entry.map_err(denied)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(denied)?);
        if kind.is_dir() && depth < DEPTH_MAX {
            find(&path, depth + 1, files)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|one| one.eq_ignore_ascii_case("nfo"))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The film that a description lies beside: of the same name, or the only one there for `movie.nfo`.
fn film_of(nfo: &Path) -> Option<PathBuf> {
    let of_name =
        FILM_ENDINGS.iter().map(|ending| nfo.with_extension(ending)).find(|film| film.is_file());
    if of_name.is_some() || !nfo.file_name()?.eq_ignore_ascii_case("movie.nfo") {
        return of_name;
    }
    let is_film = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        FILM_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) && path.is_file()
    };
    let films = fs::read_dir(nfo.parent()?).ok()?.flatten().map(|entry| entry.path());
    let films: Vec<_> = films.filter(is_film).collect();
    if let [only] = &films[..] { Some(only.clone()) } else { None }
}
