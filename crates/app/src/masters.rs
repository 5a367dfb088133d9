//! Films that somebody here publishes: taken in, looked at, made into torrents, and shared for as long as they are kept.
//!
//! Each has a folder of its own in the data folder: `master.json`, what is known; `files/film/`, the film as it came;
//! `files/film-QUALITY/`, what was made of it; `extras/`, what goes out beside every quality: pictures, subtitles,
//! chapters; `converting/`, what is not whole yet. Each folder in `files` that goes out becomes a torrent of its own, `NAME.torrent`: whoever downloads one
//! quality has a whole copy of its torrent.

mod conversion;
mod examine;
mod pictures;
mod publish;
mod store;
mod subtitles;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::discriminant,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catalogue::channel::Key;
use channels::There;
use serde::{Deserialize, Serialize};
use tokio::task::AbortHandle;
use torrent::{InfoHashes, Sha1Hash};
use utoipa::ToSchema;

pub use self::{
    conversion::{Choice, ConversionStep, DynamicRange, Offer, OfferedQuality, Quality},
    examine::Facts,
    publish::{Description, FilmRecord, Made, Named, admitted},
    store::Arriving,
    subtitles::{Given, Subtitle},
};
use crate::http::problem::{Code, Problem};

/// What a film's file is called in its torrent, before the dot; the folder of what was made of it begins so, too.
const FILM: &str = "film";
/// The list of small pictures for the time line, in a torrent.
pub const PREVIEWS: &str = "previews.vtt";
/// The list of chapters, in a torrent.
pub const CHAPTERS: &str = "chapters.vtt";

/// A film that somebody here publishes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Master {
    /// Its id, and the name of its folder.
    pub id: String,
    /// What its file was called.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// The folder of its file, and the name of its torrent if it goes out as it is.
    pub folder: String,
    /// Its length, bytes.
    pub length: u64,
    /// What is in it.
    pub facts: Facts,
    /// What was made of it, best first; if there is nothing, it goes out as it is.
    #[serde(default)]
    pub made: Vec<OutgoingFile>,
    /// Its subtitles.
    #[serde(default)]
    pub subtitles: Vec<Subtitle>,
    /// Preview of its poster, once it has one (thumbhash, base64).
    pub thumbhash: Option<String>,
    /// What it was taken in for, if it goes when that is cut off before it is published.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// What it became.
    pub published: Option<PublishedFilm>,
}

impl Master {
    /// The files that go out, best first.
    #[must_use]
    pub fn outgoing(&self) -> Vec<OutgoingFile> {
        if !self.made.is_empty() {
            return self.made.clone();
        }
        vec![OutgoingFile {
            quality: self.facts.quality(),
            folder: self.folder.clone(),
            file: self.file.clone(),
            length: self.length,
            facts: self.facts.clone(),
        }]
    }
}

/// What a film is taken in for, with the channel by the letters of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A list that is imported: the film stays as soon as its title waits.
    Import(String),
    /// A command that publishes it: nothing waits when that is cut off.
    Publish(String),
}

impl Purpose {
    /// The channel.
    #[must_use]
    pub fn channel(&self) -> Option<Key> {
        let (Self::Import(channel) | Self::Publish(channel)) = self;
        Key::parse(channel)
    }
}

/// A film in one quality, as it goes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutgoingFile {
    /// `720p`.
    pub quality: String,
    /// Its folder, which is the name of its torrent.
    pub folder: String,
    /// Its file.
    pub file: String,
    /// Its length, bytes.
    pub length: u64,
    /// What is in it.
    pub facts: Facts,
}

/// What a film became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedFilm {
    /// The channel, by the letters of its key.
    pub channel: String,
    /// The title's id in the channel.
    pub title: String,
    /// The episode's, if the title is a series and the film one of its episodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// The v1 infohash of its best quality.
    pub infohash: String,
    /// Every quality with its torrent, best first.
    #[serde(default)]
    pub releases: Vec<PublishedQuality>,
}

/// A quality of a published film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedQuality {
    /// `720p`.
    pub quality: String,
    /// The torrent's v1 infohash.
    pub infohash: String,
}

/// What is being done with a film.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Work {
    /// ffmpeg works on it.
    Converting {
        /// What is being done.
        step: ConversionStep,
        /// The quality that is being made.
        #[schema(required)]
        quality: Option<String>,
        /// How much of all is done, 0 to 1.
        done: f64,
        /// About how long the rest takes, seconds.
        #[schema(required)]
        left_s: Option<u64>,
        /// Qualities that were made before Kinora ended, and are not made again.
        kept: Vec<String>,
    },
    /// Its torrents are being made.
    Hashing {
        /// Bytes that were read.
        done_bytes: u64,
        /// Bytes to read.
        total_bytes: u64,
    },
    /// The channel is being signed and told.
    Publishing,
    /// It is not published, because its channel has the film already and nobody said what is meant then.
    There {
        /// The titles that have it.
        titles: Vec<FilmThere>,
    },
    /// It did not work.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// A title of a channel that has a film already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilmThere {
    /// Its id in the channel.
    pub title: String,
    /// What it is called.
    pub name: String,
    /// The episode that has the film, if the title is a series.
    #[schema(required)]
    pub episode: Option<String>,
    /// Whether it waits for the next version.
    pub waiting: bool,
}

impl From<There> for FilmThere {
    fn from(there: There) -> Self {
        let name = there.name.pick(&[] as &[&str]).unwrap_or_default().to_owned();
        let episode = there.episode.map(|episode| episode.to_string());
        Self { title: there.title.to_string(), name, episode, waiting: there.is_waiting }
    }
}

impl Work {
    /// Whether it ended, and something else may begin.
    fn is_over(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::There { .. })
    }

    /// A conversion that has not begun.
    fn waiting() -> Self {
        Self::Converting {
            step: ConversionStep::Waiting,
            quality: None,
            done: 0.0,
            left_s: None,
            kept: Vec::new(),
        }
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Masters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: store::Store,
    work: Mutex<BTreeMap<String, Work>>,
    /// Conversions that can be stopped.
    conversions: Mutex<BTreeMap<String, AbortHandle>>,
    /// Whose ffmpeg runs: one at a time.
    turn: tokio::sync::Mutex<()>,
    /// Held while what is known of a film changes.
    changing: Mutex<()>,
    /// The torrents of published films, by their names in swarms.
    carried: Mutex<BTreeSet<Sha1Hash>>,
    /// Who was seen with all of a torrent.
    copies: Mutex<BTreeMap<Sha1Hash, BTreeSet<IpAddr>>>,
}

impl Masters {
    /// What is being done with one.
    #[must_use]
    pub fn work(&self, id: &str) -> Option<Work> {
        lock(&self.0.work).get(id).cloned()
    }

    /// Starts a conversion that goes on by itself.
    fn begin_conversion(
        &self,
        id: &str,
        converting: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Problem> {
        // One lock for looking and noting: of two requests one is refused.
        let mut work = lock(&self.0.work);
        if work.get(id).is_some_and(|work| !work.is_over()) {
            return Err(Code::MasterBusy.into());
        }
        work.insert(id.to_owned(), Work::waiting());
        drop(work);
        let handle = tokio::spawn(converting).abort_handle();
        lock(&self.0.conversions).insert(id.to_owned(), handle);
        Ok(())
    }

    /// Stops a film's conversion, if there is one; nothing stays of it.
    pub fn stop_conversion(&self, id: &str) {
        if let Some(handle) = lock(&self.0.conversions).remove(id) {
            handle.abort();
        }
        let mut work = lock(&self.0.work);
        if work
            .get(id)
            .is_some_and(|work| work.is_over() || matches!(work, Work::Converting { .. }))
        {
            work.remove(id);
        }
        drop(work);
        if let Some(master) = self.get(id) {
            self.forget_unfinished(&master);
        }
    }

    /// Stops all conversions; they go on with the next start.
    pub fn rest(&self) {
        for handle in std::mem::take(&mut *lock(&self.0.conversions)).into_values() {
            handle.abort();
        }
    }

    /// How far something is; false if it was stopped meanwhile.
    fn go_on(&self, id: &str, further: Work) -> bool {
        let mut all = lock(&self.0.work);
        let goes_on = |work: &&mut Work| discriminant(*work) == discriminant(&further);
        let Some(work) = all.get_mut(id).filter(goes_on) else { return false };
        *work = further;
        true
    }

    /// Nothing is being done with it any more.
    pub(crate) fn end_work(&self, id: &str) {
        self.set_work(id, None);
    }

    fn set_work(&self, id: &str, work: Option<Work>) {
        match work {
            Some(work) => lock(&self.0.work).insert(id.to_owned(), work),
            None => lock(&self.0.work).remove(id),
        };
    }

    /// Whether a torrent is a film that is published here: its publisher shares it whatever the settings say.
    #[must_use]
    pub fn carry(&self, hashes: &InfoHashes) -> bool {
        lock(&self.0.carried).contains(&hashes.wire())
    }

    fn note(&self, hashes: &InfoHashes) {
        lock(&self.0.carried).insert(hashes.wire());
    }

    /// Notes that somebody has all of a torrent.
    pub fn saw_copy(&self, hashes: &InfoHashes, who: IpAddr) {
        lock(&self.0.copies).entry(hashes.wire()).or_default().insert(who);
    }

    /// How many others were seen with all of a torrent in this run. Those behind one address count once.
    #[must_use]
    pub fn copies(&self, infohash: &str) -> usize {
        let copies = lock(&self.0.copies);
        copies.iter().find(|(hash, _)| hash.to_string() == infohash).map_or(0, |(_, who)| who.len())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
