//! Pictures beside a list on their way into the packs of a channel: by this program, or by the server that runs.
//!
//! A picture that is missing or bad costs its title that picture and is named in the report; addresses are not asked.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use catalogue::{Art, Title, exchange::Entry};
use channels::Own;
use serde_json::json;

use super::{
    lists::Listed,
    report::{NoPicture, Report},
    stopped_short,
};
use crate::{
    cli::{household::of_own, output::Output, served::Served},
    failure::Failure,
    packing::{self, Packed, Ready, Sort},
};

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// What is said of a path that leads elsewhere.
const OUTSIDE: &str = "it is no path below the folder of the list";

/// Who keeps what waits to be published.
pub(super) enum Shelf<'a> {
    /// This program.
    Own(&'a Own),
    /// The server that runs, under the path of the channel.
    Served(&'a Served, &'a str),
}

/// Why a picture is left out.
pub(super) struct Unusable {
    code: &'static str,
    why: String,
}

/// A title of the list with pictures beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pictured {
    /// Where it began in the list.
    pub(super) line: u64,
    /// Its place among the titles.
    pub(super) title: usize,
}

impl Shelf<'_> {
    /// Keeps a picture until its title is published. The inner error costs nothing but the picture.
    ///
    /// # Errors
    /// The disk or the server refuses.
    pub(super) async fn put(
        &self,
        sort: Sort,
        bytes: Vec<u8>,
    ) -> Result<Result<Packed, Unusable>, Failure> {
        match self {
            Self::Own(own) => match ready(sort, bytes).await? {
                Ok(ready) => keep(own, ready).map(Ok),
                Err(unusable) => Ok(Err(unusable)),
            },
            Self::Served(server, channel) => send(server, channel, sort, bytes).await,
        }
    }
}

/// Makes a picture anew, away from the threads that hear Ctrl-C.
pub(super) async fn ready(sort: Sort, bytes: Vec<u8>) -> Result<Result<Ready, Unusable>, Failure> {
    let made = tokio::task::spawn_blocking(move || sort.ready(bytes)).await;
    let made = made.map_err(|_| stopped_short())?;
    Ok(made.map_err(|problem| Unusable::bad(problem.detail.unwrap_or_default())))
}

/// Keeps a picture that was made anew.
pub(super) fn keep(own: &Own, ready: Ready) -> Result<Packed, Failure> {
    let hash = own.keep_thing(ready.kind, &ready.bytes).map_err(|error| of_own(&error))?;
    Ok(Packed::new(hash, ready.thumbhash))
}

async fn send(
    server: &Served,
    channel: &str,
    sort: Sort,
    bytes: Vec<u8>,
) -> Result<Result<Packed, Unusable>, Failure> {
    match server.pack(channel, sort.word(), bytes).await {
        Ok(answer) => {
            let text = |field: &str| answer[field].as_str().map(str::to_owned);
            let (sha256, thumbhash) = (text("sha256").unwrap_or_default(), text("thumbhash"));
            Ok(Ok(Packed { sha256, thumbhash }))
        }
        Err(failure) if failure.code == "image_bad" => Ok(Err(Unusable::bad(failure.message))),
        Err(failure) => Err(failure),
    }
}

impl Unusable {
    pub(super) fn bad(why: String) -> Self {
        Self { code: "bad", why }
    }

    pub(super) fn of_disk(error: &io::Error) -> Self {
        let code = if error.kind() == io::ErrorKind::NotFound { "missing" } else { "unreadable" };
        Self { code, why: error.to_string() }
    }

    /// Names it in the report.
    pub(super) fn tell(
        &self,
        report: &mut Report,
        (line, name): (u64, &str),
        (sort, written): (Sort, &str),
    ) {
        let (code, which, why) = (self.code, sort.word(), self.why.as_str());
        report.no_picture(&NoPicture { line, name, which, written, code, why });
    }
}

/// Names the pictures of an entry that cannot lie beside the list, but for those that were found in another way.
pub(super) fn tell_elsewhere(entry: &Entry, found: &[&str], report: &mut Report) {
    for one in entry.elsewhere.iter().filter(|one| !found.contains(&one.field)) {
        let (code, why) =
            if one.is_address { ("remote", packing::REMOTE) } else { ("outside", OUTSIDE) };
        let (name, written) = (&entry.name(), one.written.as_str());
        report.no_picture(&NoPicture {
            line: entry.line,
            name,
            which: one.field,
            written,
            code,
            why,
        });
    }
}

/// Whether a title names pictures beside the list.
pub(super) fn is_pictured(title: &Title) -> bool {
    let stills = title.seasons.iter().flat_map(|season| &season.episodes).map(|one| &one.still);
    let all = [&title.poster, &title.backdrop].into_iter().chain(stills);
    all.flatten().any(|art| matches!(art, Art::File(_)))
}

/// Puts the pictures of all titles on the shelf; the titles name them by their hashes then.
pub(super) async fn put_all(
    listed: &mut Listed,
    folder: &Path,
    shelf: &Shelf<'_>,
    output: Output,
) -> Result<(), Failure> {
    let pictured = std::mem::take(&mut listed.pictured);
    let (total, mut told) = (pictured.len(), Instant::now());
    for (done, one) in pictured.into_iter().enumerate() {
        put(listed, one, folder, shelf).await?;
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            let object =
                json!({"event": "progress", "pictured_titles": total, "pictured_done": done + 1});
            output.object(&object);
        }
    }
    Ok(())
}

async fn put(
    listed: &mut Listed,
    Pictured { line, title }: Pictured,
    folder: &Path,
    shelf: &Shelf<'_>,
) -> Result<(), Failure> {
    let Some(title) = listed.titles.get_mut(title) else { return Ok(()) };
    let name = title.name.pick(&[] as &[&str]).unwrap_or_default().to_owned();
    let mut catalogue = json!({"titles": [title]});
    let mut packed = BTreeMap::new();
    for (sort, path) in packing::beside(&mut catalogue) {
        let kept = match packing::read(folder, &path) {
            Ok(bytes) => shelf.put(sort, bytes).await?,
            Err(error) => Err(Unusable::of_disk(&error)),
        };
        match kept {
            Ok(kept) => drop(packed.insert((sort, path), kept)),
            Err(unusable) => unusable.tell(&mut listed.report, (line, &name), (sort, &path)),
        }
    }
    listed.pictures += packed.len();
    packing::replace(&mut catalogue, &packed);
    // It was a title before, and has hashes for paths now.
    let read = serde_json::from_value(catalogue["titles"][0].take());
    *title = read.map_err(|_| stopped_short())?;
    Ok(())
}

/// The pictures of a film that is taken in.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The upright one.
    pub(super) poster: Option<PathBuf>,
    /// The wide one.
    pub(super) backdrop: Option<PathBuf>,
}

/// Endings of the pictures that media centres keep beside films.
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

impl Beside {
    /// Those of a film: what its entry names below a folder, or what lies beside it under the names that media centres use.
    pub(super) fn of(film: &Path, entry: &mut Entry, folder: &Path) -> Self {
        let mut named = |field: &str| Some(packing::below(folder, &entry.take_picture(field)?));
        let (poster, backdrop) = (named("poster"), named("backdrop"));
        Self {
            poster: poster.or_else(|| beside(film, &["poster"])),
            backdrop: backdrop.or_else(|| beside(film, &["fanart", "backdrop"])),
        }
    }

    /// The fields of those that are there.
    pub(super) fn found(&self) -> Vec<&'static str> {
        let all = [("poster", &self.poster), ("backdrop", &self.backdrop)];
        all.into_iter().filter(|(_, path)| path.is_some()).map(|(field, _)| field).collect()
    }
}

/// The picture beside a film: `NAME-poster.jpg`, or `poster.jpg`.
fn beside(film: &Path, words: &[&str]) -> Option<PathBuf> {
    let stem = film.file_stem()?.to_str()?;
    let of_film = words.iter().map(|word| format!("{stem}-{word}"));
    let names = of_film.chain(words.iter().map(|word| (*word).to_owned()));
    let files = names.flat_map(|name| ENDINGS.map(|ending| format!("{name}.{ending}")));
    files.map(|file| film.with_file_name(file)).find(|path| path.is_file())
}
