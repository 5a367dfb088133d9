//! `kinora channel import`: many titles at once, out of a spreadsheet, a feed, JSON-LD, or a folder of films and series.
//!
//! Everything is read and checked first; then all of it waits for the next publish, or nothing does.

mod lists;
mod pictures;
mod report;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use channels::Publisher;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use self::{
    lists::{Listed, Reading},
    report::{LeftOut, Report},
};
use super::{
    super::{Shared, ending, household::Household, output::Output, served::Served},
    Which, film, serving,
};
use crate::{
    failure::{Exit, Failure},
    importing::{Imported, Importer, List, ListedTitle, News},
};

/// News of an import that wait to be told.
const NEWS_WAITING: usize = 64;

/// What `import` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ImportArgs {
    /// A file (CSV, schema.org JSON-LD, Media RSS), or a folder of films and series with .nfo files
    path: PathBuf,
    /// What it is, if its name does not say so
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The language of texts that name none
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// The licence (SPDX) of all that name none: by naming it you say that you may share them
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// The credit line of all that have none
    #[arg(long, value_name = "TEXT")]
    attribution: Option<String>,
    /// Where the licence of all that say nothing can be checked: `https://…`
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// A file for every record that is left out, with its line and the reason (CSV)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// In what a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A spreadsheet whose first row names the columns
    Csv,
    /// schema.org in JSON-LD
    JsonLd,
    /// RSS with the elements of Media RSS
    Mrss,
    /// A folder of films and series, each film and episode with an .nfo file beside it
    Nfo,
}

impl ImportArgs {
    fn format(&self) -> Result<Format, Failure> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        if self.path.is_dir() {
            return Ok(Format::Nfo);
        }
        let ending = self.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Ok(Format::Csv),
            "json" | "jsonld" => Ok(Format::JsonLd),
            "xml" | "rss" | "mrss" => Ok(Format::Mrss),
            "nfo" => Ok(Format::Nfo),
            _ => Err(Failure::new(
                Exit::BadInput,
                "format_unknown",
                format!("{} does not say what it is.", self.path.display()),
                "Name it with --format: csv, json-ld, mrss or nfo.",
            )),
        }
    }

    /// What is said for all records.
    fn assumed(&self) -> BTreeMap<String, String> {
        let said = [
            ("licence", &self.licence),
            ("attribution", &self.attribution),
            ("source", &self.source),
        ];
        let said = said.into_iter().filter_map(|(field, value)| Some((field, value.clone()?)));
        said.map(|(field, value)| (field.to_owned(), value)).collect()
    }
}

/// Reads the whole list, away from the threads that hear Ctrl-C; none if it was stopped.
async fn read(args: &ImportArgs, output: Output) -> Result<Result<Listed, ExitCode>, Failure> {
    let stopped = Arc::new(AtomicBool::new(false));
    let reading = Reading {
        path: args.path.clone(),
        format: args.format()?,
        language: args.language.clone(),
        assumed: args.assumed(),
        stopped: stopped.clone(),
        output,
    };
    let report = Report::open(args.report.as_deref(), output)?;
    let mut work = tokio::task::spawn_blocking(move || reading.run(report));
    tokio::select! {
        listed = &mut work => listed.unwrap_or_else(|_| Err(stopped_short())).map(Ok),
        ending = ending::signal() => {
            // What is read is in memory alone: there is nothing to wait for.
            stopped.store(true, Ordering::Relaxed);
            Ok(Err(ending.code()))
        }
    }
}

fn stopped_short() -> Failure {
    let message = "The list could not be read to its end.";
    Failure::new(Exit::BadInput, "import_failed", message, "Nothing was imported; try again.")
}

/// Imports with no server running.
pub(super) async fn import(
    args: &ImportArgs,
    shared: &Shared,
    output: Output,
) -> Result<ExitCode, Failure> {
    let household = Household::open(shared)?;
    let channel = *args.which.own(&household)?.folder().key();
    let mut listed = match read(args, output).await? {
        Ok(listed) => listed,
        Err(code) => return Ok(code),
    };
    let masters = household.masters()?;
    let publisher = Publisher::new(household.channels.clone());
    let importer = Importer { masters, publisher, session: None };
    importer.clear().await;
    let (sender, mut news) = mpsc::channel(NEWS_WAITING);
    let list = std::mem::take(&mut listed.list);
    let mut work = std::pin::pin!(importer.import(channel, list, sender));
    let mut teller = Teller::new(&mut listed.report, output);
    let imported = loop {
        tokio::select! {
            biased;
            Some(one) = news.recv() => teller.tell(one),
            imported = &mut work => break imported,
            ending = ending::signal() => {
                news.close();
                // What was taken in goes again; an import that has just ended stays.
                match work.as_mut().await {
                    Ok(None) => return Ok(ending.code()),
                    imported => break imported,
                }
            }
        }
    };
    while let Ok(one) = news.try_recv() {
        teller.tell(one);
    }
    drop(teller);
    match imported.map_err(|problem| film::of(&problem))? {
        Some(imported) => tell(listed, imported, output),
        // Only whoever listens can end it.
        None => Err(stopped_short()),
    }
}

/// Has a running server take the list in.
pub(super) async fn import_served(
    args: &ImportArgs,
    server: &Served,
    output: Output,
) -> Result<ExitCode, Failure> {
    let channel = serving::chosen(&args.which, server).await?;
    let mut listed = match read(args, output).await? {
        Ok(listed) => listed,
        Err(code) => return Ok(code),
    };
    let body = as_request(std::mem::take(&mut listed.list));
    let mut teller = Teller::new(&mut listed.report, output);
    // The server gives up, and nothing stays, as soon as nobody listens.
    let imported = tokio::select! {
        imported = server.import(&channel, body, |one| teller.tell(one)) => imported,
        ending = ending::signal() => return Ok(ending.code()),
    };
    drop(teller);
    tell(listed, imported?, output)
}

/// A list as a server takes it.
fn as_request(list: List) -> Value {
    // A path that is not in UTF-8 is sent as well as it can be written; what it names is told to be missing.
    let path = |path: PathBuf| path.display().to_string();
    let titles = list.titles.into_iter();
    let titles = titles.map(|ListedTitle { line, title, has_own_id }| {
        json!({"line": line, "record": title, "has_own_id": has_own_id})
    });
    let films = list.films.into_iter().map(|film| {
        json!({
            "line": film.line, "path": path(film.path), "record": film.record,
            "poster": film.poster.map(path), "backdrop": film.backdrop.map(path),
            "has_own_id": film.has_own_id,
        })
    });
    let series = list.series.into_iter().map(|series| {
        let episodes = series.episodes.into_iter();
        let episodes =
            episodes.map(|one| json!({"line": one.line, "id": one.id, "path": path(one.path)}));
        json!({
            "line": series.line, "record": series.record,
            "episodes": episodes.collect::<Vec<_>>(), "has_own_id": series.has_own_id,
        })
    });
    json!({
        "folder": path(list.folder), "titles": titles.collect::<Vec<_>>(),
        "films": films.collect::<Vec<_>>(), "series": series.collect::<Vec<_>>(),
    })
}

/// Tells how far an import is, and notes what it leaves out.
struct Teller<'a> {
    report: &'a mut Report,
    bar: ProgressBar,
    output: Output,
}

impl<'a> Teller<'a> {
    fn new(report: &'a mut Report, output: Output) -> Self {
        Self { report, bar: film::bar(output), output }
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Hashing { done_bytes, total_bytes } => {
                self.bar.set_length(total_bytes);
                self.bar.set_position(done_bytes);
            }
            News::Films { done, total } => {
                let object = json!({"event": "progress", "films": total, "films_done": done});
                self.output.object(&object);
            }
            News::Pictures { done, total } => {
                let object =
                    json!({"event": "progress", "pictured_titles": total, "pictured_done": done});
                self.output.object(&object);
            }
            News::LeftOut { line, name, code, why } => {
                self.report.left_out(line, &name, &code, &why);
            }
            News::NoPicture(one) => self.report.no_picture(&one),
            News::NoPoster { why } => self.output.note(&film::no_poster(&why)),
        }
    }
}

impl Drop for Teller<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A list without any title is a mistake and no import.
fn nothing(left_out: u64) -> Failure {
    let message = format!("No title could be imported; {left_out} records were left out.");
    let hint = "Each title needs a recognised open licence, an attribution, a source and a torrent or film; \
                --report names every record, and --licence, --attribution, --source say it for all.";
    Failure::new(Exit::Refused, "no_valid_title", message, hint)
}

fn tell(listed: Listed, imported: Imported, output: Output) -> Result<ExitCode, Failure> {
    let Listed { records, report, .. } = listed;
    let Imported { titles, updated, already_here: known, pictures, waiting } = imported;
    let left_out = report.close()?;
    let total: u64 = left_out.records.values().sum();
    if titles == 0 && known == 0 {
        return Err(nothing(total));
    }
    let LeftOut { records: why, pictures: no_picture } = left_out;
    let object = json!({
        "event": "imported", "records": records, "titles": titles, "updated": updated,
        "already_here": known,
        "dropped": total, "dropped_why": why, "pictures": pictures,
        "pictures_left_out": no_picture, "waiting": waiting,
    });
    output.say(&object, || {
        let known = if known > 0 { format!(" {known} were here already.") } else { String::new() };
        let updated = match updated {
            0 => String::new(),
            some => format!(" {some} of them describe titles anew that have the same film."),
        };
        let without: u64 = no_picture.values().sum();
        let pictures = match (pictures, without) {
            (0, 0) => String::new(),
            (with, 0) => format!(" {with} pictures go with them."),
            (with, without) => format!(" {with} pictures go with them, {without} were left out."),
        };
        format!("{records} records gave {titles} titles, {total} were left out.{updated}{known}{pictures} {waiting} titles wait to be published.")
    });
    Ok(ExitCode::SUCCESS)
}

/// A path of a list that cannot be read.
fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("{} cannot be read: {error}.", path.display());
    Failure::new(Exit::NotFound, "list_unreadable", message, "Check the path and its permissions.")
}
