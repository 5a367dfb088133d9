//! A list of titles and films on its way into one of our channels: all of it waits for the next publish, or nothing stays.
//!
//! Films and pictures are read from this machine's disk. A command does it by itself, or has the server do it that runs;
//! what is told meanwhile is the same. Whoever stops listening to it stops the import.

mod films;
mod left;
mod pictures;
mod series;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use catalogue::{Id, Rejection, Title, channel::Key, exchange::Intake};
use channels::{ListAdded, ListTitle, Publisher, TakenBack};
use driver::Session;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::mpsc::Sender;
use utoipa::ToSchema;

use self::films::{Published, Taken};
use crate::{http::problem::Problem, masters::Masters};

/// What a list has that may become titles.
#[derive(Debug, Default)]
pub struct List {
    /// The folder below which the pictures of titles lie.
    pub folder: PathBuf,
    /// Titles that have their torrents.
    pub titles: Vec<ListedTitle>,
    /// Films that have none yet.
    pub films: Vec<ListedFilm>,
    /// Series with episodes that have none yet.
    pub series: Vec<ListedSeries>,
}

/// A title of a list.
#[derive(Debug, Clone)]
pub struct ListedTitle {
    /// The line that it begins in.
    pub line: u64,
    /// What is said of it; pictures may be files below the list's folder.
    pub title: Title,
    /// Whether the list gives it its id; another one is made of what it is called.
    pub has_own_id: bool,
}

/// A film of a list that lies on this machine and has no torrent yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedFilm {
    /// The line that its record begins in.
    pub line: u64,
    /// Its file, as a whole path.
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// What is said of it, in the shape of a catalogue's record without releases.
    #[schema(value_type = Object)]
    pub record: Map<String, Value>,
    /// The upright picture beside it, as a whole path.
    #[schema(value_type = Option<String>)]
    pub poster: Option<PathBuf>,
    /// The wide picture beside it, as a whole path.
    #[schema(value_type = Option<String>)]
    pub backdrop: Option<PathBuf>,
    /// Whether the list gives it its id; another one is made of what it is called.
    #[serde(default)]
    pub has_own_id: bool,
}

/// A series of a list of which episodes lie on this machine and have no torrents yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedSeries {
    /// The line that its record begins in.
    pub line: u64,
    /// What is said of it, in the shape of a catalogue's record; the episodes that lie here have no releases. Pictures may
    /// be files below the list's folder.
    #[schema(value_type = Object)]
    pub record: Map<String, Value>,
    /// The episodes that lie here.
    pub episodes: Vec<ListedEpisode>,
    /// Whether the list gives it its id; another one is made of what it is called.
    #[serde(default)]
    pub has_own_id: bool,
}

/// An episode of a list that lies on this machine and has no torrent yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedEpisode {
    /// The line that its record begins in.
    pub line: u64,
    /// Its id in the record of its series.
    pub id: String,
    /// Its file, as a whole path; that of several episodes may be the same.
    #[schema(value_type = String)]
    pub path: PathBuf,
}

/// What is told while a list is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum News {
    /// The torrent of a film is being made.
    Hashing {
        /// Bytes that were read.
        done_bytes: u64,
        /// Bytes to read.
        total_bytes: u64,
    },
    /// A film was dealt with.
    Films {
        /// How many were.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// Titles got their pictures.
    Pictures {
        /// How many did.
        done: usize,
        /// How many have any.
        total: usize,
    },
    /// A film, an episode or a title is left out.
    LeftOut {
        /// The line of its record.
        line: u64,
        /// Its file, or what it calls itself.
        name: String,
        /// A word for the reason.
        code: String,
        /// The reason.
        why: String,
    },
    /// A title goes without a picture.
    NoPicture(NoPicture),
    /// No picture was named for a film, and no frame could be taken out of it.
    NoPoster {
        /// The reason.
        why: String,
    },
}

/// Why a record becomes no title.
struct Refusal {
    code: &'static str,
    why: String,
}

impl From<Rejection> for Refusal {
    fn from(why: Rejection) -> Self {
        Self { code: why.code(), why: why.to_string() }
    }
}

impl Refusal {
    fn news(self, line: u64, name: String) -> News {
        News::LeftOut { line, name, code: self.code.to_owned(), why: self.why }
    }
}

/// A picture that a title goes without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoPicture {
    /// The line of its title.
    pub line: u64,
    /// What its title calls itself.
    pub name: String,
    /// Which one: `poster`, `backdrop` or `still`.
    pub picture: String,
    /// What the list says of it.
    pub file: String,
    /// A word for the reason.
    pub code: String,
    /// The reason.
    pub why: String,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    /// Titles that wait now because of it; with none, nothing was changed.
    pub titles: usize,
    /// Those of them whose film was in the channel already: they describe that title anew.
    pub updated: usize,
    /// Films that are published in this channel already.
    pub already_here: usize,
    /// Pictures that wait with the titles.
    pub pictures: usize,
    /// How many titles wait in all.
    pub waiting: usize,
}

/// Why an import does not go on.
enum Halt {
    /// Nobody listens any more.
    Stopped,
    /// It cannot.
    Failed(Problem),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Where lists go. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Importer {
    /// The films that are published here.
    pub masters: Masters,
    /// Our channels.
    pub publisher: Publisher,
    /// With whom films are shared as soon as they are in; without anybody from the next start on.
    pub session: Option<Session>,
}

impl Importer {
    /// Takes a list into a channel. If it cannot be taken in to its end, or nobody listens to the news any more, nothing
    /// of it stays, and the latter is answered with nothing.
    ///
    /// # Errors
    /// The disk refuses, or the channel is not ours. What is wrong with a film or a picture leaves out that alone.
    pub async fn import(
        &self,
        channel: Key,
        list: List,
        news: Sender<News>,
    ) -> Result<Option<Imported>, Problem> {
        let taken_back = self.publisher.taken_back(channel).await;
        let mut import = Import {
            taken_back: taken_back.map_err(|error| Problem::from(&error))?,
            importer: self.clone(),
            channel,
            news,
            intake: Intake::default(),
            titles: Vec::new(),
            films: Vec::new(),
            renamed: BTreeMap::new(),
            doubled: BTreeSet::new(),
            things: BTreeSet::new(),
            known: 0,
            pictures: 0,
            progress: (0, 0),
        };
        match import.carry_out(list).await {
            Ok(imported) if imported.titles > 0 => {
                import.settle().await;
                Ok(Some(imported))
            }
            halted => {
                import.undo().await;
                match halted {
                    Ok(imported) => Ok(Some(imported)),
                    Err(Halt::Stopped) => Ok(None),
                    Err(Halt::Failed(problem)) => Err(problem),
                }
            }
        }
    }
}

/// A list that is being taken in.
struct Import {
    importer: Importer,
    channel: Key,
    news: Sender<News>,
    /// What was taken back before.
    taken_back: TakenBack,
    /// The ids that are taken.
    intake: Intake,
    /// What will wait, each with its line.
    titles: Vec<(u64, ListTitle)>,
    /// Films that were taken in for them.
    films: Vec<Taken>,
    /// What titles and episodes are called in the channel, by what the list calls them.
    renamed: BTreeMap<Id, Id>,
    /// Titles that are left out because another one of the list has the same film.
    doubled: BTreeSet<Id>,
    /// Pictures that were made ready for them.
    things: BTreeSet<[u8; 32]>,
    known: usize,
    pictures: usize,
    /// How many films were dealt with, and how many there are.
    progress: (usize, usize),
}

impl Import {
    async fn carry_out(&mut self, list: List) -> Result<Imported, Halt> {
        self.take_titles(list.titles, &list.folder).await?;
        let of_series = list.series.iter().map(|series| series.episodes.len());
        self.progress = (0, list.films.len() + of_series.sum::<usize>());
        let published = if self.progress.1 > 0 { self.published() } else { Published::new() };
        self.take_films(list.films, &published).await?;
        self.take_series(list.series, &list.folder, &published).await?;
        let (titles, updated, waiting) = self.add().await?;
        let (already_here, pictures) = (self.known, self.pictures);
        Ok(Imported { titles, updated, already_here, pictures, waiting })
    }

    /// Lets all of it wait. Returns how many titles do because of it, how many of them were in the channel under another
    /// id, and how many wait in all.
    async fn add(&mut self) -> Result<(usize, usize, usize), Halt> {
        let (lines, titles): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.titles).into_iter().unzip();
        let (publisher, channel) = (self.importer.publisher.clone(), self.channel);
        if titles.is_empty() {
            let own = publisher.get(channel).await.map_err(|error| Problem::from(&error))?;
            return Ok((0, 0, own.waiting_titles));
        }
        let called = |one: &ListTitle| {
            let name = one.title.name.pick(&[] as &[&str]).unwrap_or_default();
            (one.title.id.clone(), name.to_owned())
        };
        let called: Vec<_> = lines.into_iter().zip(titles.iter().map(called)).collect();
        let added = publisher.add_list(channel, titles).await;
        let ListAdded { added, updated, renamed, doubled } =
            added.map_err(|error| Problem::from(&error))?;
        (self.renamed, self.doubled) = (renamed, doubled.into_iter().collect());
        let all = called.len();
        for (line, (id, name)) in called {
            if self.doubled.contains(&id) {
                let why = "another record of the list has the same film, which is in the channel";
                let refusal = Refusal { code: "film_twice", why: why.to_owned() };
                // It waits already, whoever listens.
                self.news.send(refusal.news(line, name)).await.ok();
            }
        }
        Ok((all - self.doubled.len(), updated, added.waiting))
    }

    /// A title, unless it was taken back or its ids are those of an earlier one.
    fn admit(&mut self, title: Title) -> Result<Title, Refusal> {
        if self.taken_back.has(&title.id) {
            return Err(Refusal { code: "taken_back", why: TakenBack::WHY.to_owned() });
        }
        self.intake.claim(title).map_err(Refusal::from)
    }

    async fn tell(&self, news: News) -> Result<(), Halt> {
        self.news.send(news).await.map_err(|_| Halt::Stopped)
    }

    /// Nothing of it stays: no film, and no picture but those that waited before.
    async fn undo(self) {
        for film in &self.films {
            self.importer.forget(&film.master.id);
        }
        let cleared = self.importer.publisher.let_go(self.channel, Some(self.things)).await;
        if let Err(error) = cleared {
            tracing::warn!(%error, "pictures that were not imported stay until the next start");
        }
    }
}

/// Whether it is not the film's fault, so that others would fare no better.
fn is_ours(problem: &Problem) -> bool {
    problem.status >= 500
}
