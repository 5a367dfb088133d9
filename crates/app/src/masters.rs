//! Films that somebody here publishes: taken in, looked at, made into torrents, and shared for as long as they are kept.
//!
//! Each has a folder of its own in the data folder: `master.json`, what is known; `files/NAME/`, the torrent's files;
//! `film.torrent`, once it was made.

mod examine;
mod pictures;
mod publish;
mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use torrent::{InfoHashes, Sha1Hash};
use utoipa::ToSchema;

pub use self::{
    examine::Facts,
    publish::{Description, FilmRecord, Made},
    store::Arriving,
};
use crate::http::problem::Problem;

/// What a film's file is called in its torrent, before the dot.
const FILM: &str = "film";

/// A film that somebody here publishes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Master {
    /// Its id, and the name of its folder.
    pub id: String,
    /// What its file was called.
    pub name: String,
    /// The name of its file in the torrent.
    pub file: String,
    /// The name of the torrent.
    pub folder: String,
    /// Its length, bytes.
    pub length: u64,
    /// What is in it.
    pub facts: Facts,
    /// Preview of its poster, once it has one (thumbhash, base64).
    pub thumbhash: Option<String>,
    /// What it became.
    pub published: Option<PublishedFilm>,
}

/// What a film became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedFilm {
    /// The channel, by the letters of its key.
    pub channel: String,
    /// The title's id in the channel.
    pub title: String,
    /// The torrent's v1 infohash.
    pub infohash: String,
}

/// What is being done with a film.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Work {
    /// Its torrent is being made.
    Hashing {
        /// Bytes that were read.
        done_bytes: u64,
        /// Bytes to read.
        total_bytes: u64,
    },
    /// The channel is being signed and told.
    Publishing,
    /// It did not work.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Masters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: store::Store,
    work: Mutex<BTreeMap<String, Work>>,
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
