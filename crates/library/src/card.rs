//! A title as a grid shows it: what its publisher says, and how far this household is with it.

use std::{fmt, path::PathBuf};

use catalogue::{Art, Kind, Licence, Multilingual, Title};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::{household, time::Timestamp, writer::Failure};

/// The languages that the viewer reads, best first (BCP 47).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(pub Vec<String>);

impl Languages {
    /// One language.
    #[must_use]
    pub fn one(tag: &str) -> Self {
        Self(vec![tag.to_owned()])
    }

    pub(crate) fn pick<const MAX: usize, const PARAGRAPHS: bool>(
        &self,
        texts: &Multilingual<MAX, PARAGRAPHS>,
    ) -> Option<String> {
        texts.pick(&self.0).map(str::to_owned)
    }
}

/// A picture, and what its place is told from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The catalogue that names it.
    pub source_id: String,
    /// The folder of its catalogue file, if it has one.
    pub folder: Option<PathBuf>,
    /// Where it is.
    pub art: Art,
}

/// How far somebody watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The film or episode.
    pub item_id: String,
    /// Where they stopped, seconds.
    pub position_s: f64,
    /// How long it is, seconds.
    pub duration_s: f64,
    /// When this was noted.
    pub updated_at: Timestamp,
}

impl Progress {
    /// The watched part, 0 to 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.duration_s > 0.0 {
            (self.position_s / self.duration_s).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            item_id: row.get(0)?,
            position_s: seconds(row.get(1)?),
            duration_s: seconds(row.get(2)?),
            updated_at: row.get(3)?,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "no film lasts 2^53 ms")]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// The place of an episode in its series. Displays as `S1 E3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpisodeNumber {
    /// The season; 0 for specials.
    pub season: u16,
    /// The episode within it.
    pub number: u16,
}

impl fmt::Display for EpisodeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{} E{}", self.season, self.number)
    }
}

/// A title as a grid shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The title's id, the same for ever.
    pub id: String,
    /// Film, series or short.
    pub kind: Kind,
    /// Its name, in the best of the wanted languages.
    pub name: String,
    /// Year of first publication.
    pub year: Option<u16>,
    /// Running time, seconds.
    pub runtime_s: Option<u32>,
    /// Upright picture.
    pub poster: Option<Picture>,
    /// Preview of the poster, base64 (thumbhash).
    pub thumbhash: Option<String>,
    /// Genres.
    pub genres: Vec<String>,
    /// The licence that lets everybody share it.
    pub licence: Licence,
    /// Languages spoken in any of its releases.
    pub audio_languages: Vec<String>,
    /// Languages of subtitles of any of its releases.
    pub subtitle_languages: Vec<String>,
    /// Qualities of any of its releases, largest picture first.
    pub qualities: Vec<String>,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Whether it was watched, a series: all of it.
    pub watched: bool,
    /// How far: of a series, in the episode that is next.
    pub progress: Option<Progress>,
    /// Of a series, the episode that is next.
    pub next_episode: Option<EpisodeNumber>,
    /// When it came into the library.
    pub added_at: Timestamp,
}

/// The part of a card that its publisher decides, as the database keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredCard {
    pub(crate) kind: Kind,
    pub(crate) name: Multilingual<300>,
    pub(crate) year: Option<u16>,
    pub(crate) runtime_s: Option<u32>,
    pub(crate) poster: Option<Art>,
    thumbhash: Option<String>,
    pub(crate) genres: Vec<String>,
    pub(crate) licence: Licence,
    pub(crate) audio_languages: Vec<String>,
    pub(crate) subtitle_languages: Vec<String>,
    pub(crate) qualities: Vec<String>,
}

impl StoredCard {
    pub(crate) fn new(title: &Title) -> Self {
        let releases = || title.all_releases();
        let subtitles = || releases().flat_map(|release| &release.subtitles);
        let mut by_height: Vec<_> = releases().map(|r| (r.height, r.quality.to_string())).collect();
        by_height.sort_by(|a, b| b.cmp(a));
        Self {
            kind: title.kind,
            name: title.name.clone(),
            year: title.year,
            runtime_s: title.runtime_s,
            poster: title.poster.clone(),
            thumbhash: title.thumbhash.as_ref().map(ToString::to_string),
            genres: distinct(title.genres.iter().map(ToString::to_string)),
            licence: title.licence.clone(),
            audio_languages: distinct(
                releases().flat_map(|r| &r.audio_languages).map(ToString::to_string),
            ),
            subtitle_languages: distinct(subtitles().map(|s| s.language.to_string())),
            qualities: distinct(by_height.into_iter().map(|(_, quality)| quality)),
        }
    }
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// What a query selects of `titles AS t` joined with `sources AS s` to make cards of.
pub(crate) const CARD_COLUMNS: &str = "t.title, t.id, t.card, t.added_at, s.folder, s.id";

/// A selected row, before the household's part is added.
pub(crate) struct CardRow {
    pub(crate) title: i64,
    pub(crate) id: String,
    card: String,
    added_at: Timestamp,
    folder: Option<String>,
    source_id: String,
}

impl CardRow {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            title: row.get(0)?,
            id: row.get(1)?,
            card: row.get(2)?,
            added_at: row.get(3)?,
            folder: row.get(4)?,
            source_id: row.get(5)?,
        })
    }

    pub(crate) fn card(self, db: &Connection, languages: &Languages) -> Result<Card, Failure> {
        let stored: StoredCard = serde_json::from_str(&self.card)?;
        let (source_id, folder) = (self.source_id, self.folder.map(PathBuf::from));
        let standing = household::standing(db, self.title, &self.id, stored.kind)?;
        Ok(Card {
            kind: stored.kind,
            name: languages.pick(&stored.name).unwrap_or_default(),
            year: stored.year,
            runtime_s: stored.runtime_s,
            poster: stored.poster.map(|art| Picture { source_id, folder, art }),
            thumbhash: stored.thumbhash,
            genres: stored.genres,
            licence: stored.licence,
            audio_languages: stored.audio_languages,
            subtitle_languages: stored.subtitle_languages,
            qualities: stored.qualities,
            favourite: household::is_favourite(db, &self.id)?,
            watched: standing.watched,
            progress: standing.progress,
            next_episode: standing.next.map(|next| next.place),
            added_at: self.added_at,
            id: self.id,
        })
    }
}

/// The cards that a query selects; it names `titles AS t`, `sources AS s` and [`CARD_COLUMNS`].
pub(crate) fn cards(
    db: &Connection,
    languages: &Languages,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Card>, Failure> {
    let rows: Vec<_> = db
        .prepare_cached(sql)?
        .query_map(parameters, CardRow::from_row)?
        .collect::<Result<_, _>>()?;
    rows.into_iter().map(|row| row.card(db, languages)).collect()
}

/// The card of one title, if the library has it.
pub(crate) fn card_of(
    db: &Connection,
    languages: &Languages,
    title: i64,
) -> Result<Option<Card>, Failure> {
    let sql = format!(
        "SELECT {CARD_COLUMNS} FROM titles t JOIN sources s USING (source) WHERE t.title = ?1"
    );
    let row = db.prepare_cached(&sql)?.query_row([title], CardRow::from_row).optional()?;
    row.map(|row| row.card(db, languages)).transpose()
}
