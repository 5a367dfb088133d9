//! A title as a grid shows it.

use std::time::SystemTime;

use catalogue::channel::Key;
use serde::Serialize;
use utoipa::ToSchema;

use crate::pictures::{Links, Which};

/// The licence that lets everybody share a title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Licence {
    /// SPDX identifier.
    spdx: String,
    /// Name for people.
    name: String,
    /// Where its text can be read.
    #[schema(required)]
    url: Option<String>,
}

impl From<&catalogue::Licence> for Licence {
    fn from(licence: &catalogue::Licence) -> Self {
        Self { spdx: licence.spdx().to_owned(), name: licence.name(), url: licence.url() }
    }
}

/// How far somebody watched.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Progress {
    /// The film or episode.
    item_id: String,
    /// Where they stopped, seconds.
    position_s: f64,
    /// How long it is, seconds.
    duration_s: f64,
    /// The watched part, 0 to 1.
    fraction: f64,
    /// When this was noted (RFC 3339).
    updated_at: String,
}

impl From<library::Progress> for Progress {
    fn from(progress: library::Progress) -> Self {
        Self {
            fraction: progress.fraction(),
            updated_at: progress.updated_at.to_string(),
            item_id: progress.item_id,
            position_s: progress.position_s,
            duration_s: progress.duration_s,
        }
    }
}

/// What sort of work a title is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A film of usual length.
    Film,
    /// A work in seasons and episodes.
    Series,
    /// A short film.
    Short,
    /// Music that was played to listeners.
    Concert,
    /// A play, a dance or an opera on a stage.
    Performance,
    /// Somebody explains something.
    Lecture,
    /// News as cinemas showed them.
    Newsreel,
}

impl From<catalogue::Kind> for Kind {
    fn from(kind: catalogue::Kind) -> Self {
        match kind {
            catalogue::Kind::Film => Self::Film,
            catalogue::Kind::Series => Self::Series,
            catalogue::Kind::Short => Self::Short,
            catalogue::Kind::Concert => Self::Concert,
            catalogue::Kind::Performance => Self::Performance,
            catalogue::Kind::Lecture => Self::Lecture,
            catalogue::Kind::Newsreel => Self::Newsreel,
        }
    }
}

/// A title as a grid shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Card {
    /// The title's id.
    pub id: String,
    /// Film, series or short.
    kind: Kind,
    /// Its name in the viewer's language.
    pub name: String,
    /// Year of first publication.
    #[schema(required)]
    year: Option<u16>,
    /// Running time, seconds.
    #[schema(required)]
    runtime_s: Option<u32>,
    /// Signed path of the upright picture, large.
    #[schema(required)]
    poster: Option<String>,
    /// Signed path of the upright picture, for grids.
    #[schema(required)]
    poster_small: Option<String>,
    /// Preview of the poster, base64.
    #[schema(required)]
    thumbhash: Option<String>,
    /// Genres.
    genres: Vec<String>,
    /// Its licence.
    licence: Licence,
    /// Languages spoken in it (BCP 47).
    audio_languages: Vec<String>,
    /// Languages of its subtitles (BCP 47).
    subtitle_languages: Vec<String>,
    /// Qualities, largest picture first.
    qualities: Vec<String>,
    /// Whether it is a favourite.
    favourite: bool,
    /// Whether it was watched; a series: all of it.
    watched: bool,
    /// How far; of a series, in the episode that is next.
    #[schema(required)]
    progress: Option<Progress>,
    /// Of a series, the episode that is next: `S1 E3`.
    #[schema(required)]
    next_label: Option<String>,
    /// The 52 letters of the channel that it came with; none for the catalogues of this machine.
    #[schema(required)]
    channel: Option<String>,
}

impl Card {
    /// The card with its pictures signed.
    pub(super) fn new(card: library::Card, links: &Links, now: SystemTime) -> Self {
        let poster = |which| card.poster.as_ref().map(|_| links.title(&card.id, which, now));
        let channel = card.id.split('.').next().and_then(Key::parse);
        Self {
            channel: channel.map(|key| key.to_string()),
            kind: card.kind.into(),
            poster: poster(Which::Poster),
            poster_small: poster(Which::PosterSmall),
            licence: (&card.licence).into(),
            next_label: card.next_episode.map(|episode| episode.to_string()),
            progress: card.progress.map(Progress::from),
            id: card.id,
            name: card.name,
            year: card.year,
            runtime_s: card.runtime_s,
            thumbhash: card.thumbhash,
            genres: card.genres,
            audio_languages: card.audio_languages,
            subtitle_languages: card.subtitle_languages,
            qualities: card.qualities,
            favourite: card.favourite,
            watched: card.watched,
        }
    }
}

pub(super) fn cards(cards: Vec<library::Card>, links: &Links) -> Vec<Card> {
    let now = SystemTime::now();
    cards.into_iter().map(|card| Card::new(card, links, now)).collect()
}
