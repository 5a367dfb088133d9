//! `kinora channel import`: many titles at once, out of a spreadsheet, a feed, JSON-LD, or a folder of films.
//!
//! Everything is read and checked first; then all of it waits for the next publish, or nothing does.

mod films;
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

use catalogue::Title;
use clap::ValueEnum;
use serde_json::{Value, json};

use self::{
    lists::{Listed, Reading},
    pictures::{Shelf, put_all},
    report::{LeftOut, Report},
};
use super::{
    super::{
        Shared, ending,
        household::{Household, of_own},
        output::Output,
        served::Served,
    },
    Which, serving,
};
use crate::failure::{Exit, Failure};

/// What `import` is given.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ImportArgs {
    /// A file (CSV, schema.org JSON-LD, Media RSS), or a folder of films with .nfo files
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
    /// A folder of films, each with an .nfo file beside it
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

    /// Where pictures are looked for.
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
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
    let own = args.which.own(&household)?;
    let mut listed = match read(args, output).await? {
        Ok(listed) => listed,
        Err(code) => return Ok(code),
    };
    let masters = household.masters()?;
    let mut taken = films::Taken::new(&masters, &own);
    let films = std::mem::take(&mut listed.films);
    let taking = async {
        taken.take_all(films, &mut listed, output).await?;
        put_all(&mut listed, args.folder(), &Shelf::Own(&own), output).await
    };
    let took = tokio::select! {
        took = taking => took,
        ending = ending::signal() => {
            taken.undo();
            return Ok(ending.code());
        }
    };
    let titles = listed.titles.len();
    let waiting = took.and_then(|()| {
        something(&listed)?;
        let mut draft = own.draft().map_err(|error| of_own(&error))?;
        draft.put(std::mem::take(&mut listed.titles));
        own.set_draft(&draft).map_err(|error| of_own(&error))?;
        Ok(draft.titles.len())
    });
    let waiting = waiting.inspect_err(|_| taken.undo())?;
    taken.settle()?;
    tell(listed, titles, json!(waiting), output)
}

/// Has a running server take the titles in.
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
    if !listed.films.is_empty() {
        return Err(Failure::new(
            Exit::BadInput,
            "server_running",
            "The list names films on this disk, which cannot be taken in while the server runs.",
            "Stop the server, import, and start it again; or add films one by one.",
        ));
    }
    something(&listed)?;
    let shelf = Shelf::Served(server, &channel);
    tokio::select! {
        put = put_all(&mut listed, args.folder(), &shelf, output) => put?,
        ending = ending::signal() => return Ok(ending.code()),
    }
    let answer = server.own(&format!("{channel}/titles"), Some(as_file(&listed.titles))).await?;
    let titles = listed.titles.len();
    tell(listed, titles, answer["waiting"].clone(), output)
}

/// Titles as the catalogue file that a server takes.
fn as_file(titles: &[Title]) -> Value {
    json!({
        "kinora_catalogue": 1, "id": "import", "revision": 1, "name": {"en": "import"},
        "publisher": "import", "titles": titles,
    })
}

/// A list without any title is a mistake and no import.
fn something(listed: &Listed) -> Result<(), Failure> {
    if !listed.titles.is_empty() || listed.known > 0 {
        return Ok(());
    }
    let left_out = listed.report.total();
    let message = format!("No title could be imported; {left_out} records were left out.");
    let hint = "Each title needs a recognised open licence, an attribution, a source and a torrent or film; \
                --report names every record, and --licence, --attribution, --source say it for all.";
    Err(Failure::new(Exit::Refused, "no_valid_title", message, hint))
}

fn tell(
    listed: Listed,
    titles: usize,
    waiting: Value,
    output: Output,
) -> Result<ExitCode, Failure> {
    let Listed { known, records, pictures, report, .. } = listed;
    let left_out = report.close()?;
    let total: u64 = left_out.records.values().sum();
    let LeftOut { records: why, pictures: no_picture } = left_out;
    let object = json!({
        "event": "imported", "records": records, "titles": titles, "already_here": known,
        "dropped": total, "dropped_why": why, "pictures": pictures,
        "pictures_left_out": no_picture, "waiting": waiting,
    });
    output.say(&object, || {
        let known = if known > 0 { format!(" {known} were here already.") } else { String::new() };
        let without: u64 = no_picture.values().sum();
        let pictures = match (pictures, without) {
            (0, 0) => String::new(),
            (with, 0) => format!(" {with} pictures go with them."),
            (with, without) => format!(" {with} pictures go with them, {without} were left out."),
        };
        format!("{titles} of {records} records were imported, {total} were left out.{known}{pictures} {waiting} titles wait to be published.")
    });
    Ok(ExitCode::SUCCESS)
}

/// A path of a list that cannot be read.
fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("{} cannot be read: {error}.", path.display());
    Failure::new(Exit::NotFound, "list_unreadable", message, "Check the path and its permissions.")
}
