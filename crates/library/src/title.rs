//! A title's page, and the film or episode that a player asks for.

use std::path::PathBuf;

use catalogue::{Title, Withdrawal, channel::Action};
use rusqlite::{Connection, OptionalExtension, ToSql};
use torrent::InfoHashes;

use crate::{
    card::{Card, EpisodeNumber, Languages, Picture, Progress, card_of},
    error::LibraryError,
    filters::{self, FilteredBy},
    household::{self, progress_of},
    import::global_id,
    store::Library,
    works,
    writer::Failure,
};

/// Everything that a title's page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TitleDetail {
    /// What the grid shows too.
    pub card: Card,
    /// Its name in the language it was made in.
    pub original_name: Option<String>,
    /// What it is about, plain text.
    pub synopsis: Option<String>,
    /// Wide picture.
    pub backdrop: Option<Picture>,
    /// Who made it: name and role.
    pub people: Vec<catalogue::Person>,
    /// Where it was made (ISO 3166-1).
    pub countries: Vec<String>,
    /// For whom it is fit.
    pub content_rating: Option<String>,
    /// The credit line that the licence asks for.
    pub attribution: String,
    /// The publisher's permission in words, with a licence of their own.
    pub licence_statement: Option<String>,
    /// Where the licence can be checked (https).
    pub source: String,
    /// Who published it.
    pub publisher: String,
    /// Where rights questions go.
    pub contact: Option<String>,
    /// The catalogue it came with.
    pub source_id: String,
    /// Its publisher's withdrawal, if they took it back.
    pub withdrawn: Option<Withdrawal>,
    /// Whether it is hidden here.
    pub blocked: bool,
    /// What filters in force say of it, what hides it first.
    pub filters: Vec<FilteredBy>,
    /// Whether somebody here wants to see it whatever they say.
    pub shown_anyway: bool,
    /// What can be played; empty for series.
    pub releases: Vec<Release>,
    /// Seasons of a series.
    pub seasons: Vec<Season>,
    /// Of a series, the episode to watch next.
    pub next_episode_id: Option<String>,
}

impl TitleDetail {
    /// Whether a filter in force blocks it, and nobody here wants to see it all the same.
    #[must_use]
    pub fn is_blocked_by_a_filter(&self) -> bool {
        !self.shown_anyway && self.filters.iter().any(|filter| filter.action == Action::Block)
    }
}

/// A season of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// Its number; 0 holds the specials.
    pub number: u16,
    /// Its own name.
    pub name: Option<String>,
    /// Its episodes, in order.
    pub episodes: Vec<Episode>,
}

/// An episode of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    /// Its id, the same for ever.
    pub id: String,
    /// Its place.
    pub place: EpisodeNumber,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub synopsis: Option<String>,
    /// Running time, seconds.
    pub runtime_s: Option<u32>,
    /// A wide picture from it.
    pub still: Option<Picture>,
    /// What can be played.
    pub releases: Vec<Release>,
    /// How far somebody is with it.
    pub progress: Option<Progress>,
    /// Whether it was watched.
    pub watched: bool,
}

/// What can be played: a file of a torrent.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its id, the same for ever.
    pub id: String,
    /// The film or episode.
    pub item_id: String,
    /// The catalogue that has it; not always the title's own.
    pub source_id: String,
    /// The folder of its catalogue file, where `.torrent` files may lie.
    pub folder: Option<PathBuf>,
    /// The torrent's names.
    pub hashes: InfoHashes,
    /// The record as published: quality, codecs, size, torrent link, path.
    pub record: catalogue::Release,
    /// Its subtitles.
    pub subtitles: Vec<Subtitle>,
}

/// A subtitle of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitle {
    /// Its id: the release's, a dot and its number in the record.
    pub id: String,
    /// The record as published.
    pub track: catalogue::SubtitleTrack,
}

/// A film or an episode: what a player plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The title it belongs to; for films the same.
    pub title_id: String,
    /// The title's name.
    pub title_name: String,
    /// The episode's name and place, for series.
    pub episode: Option<(EpisodeNumber, String)>,
    /// Running time as published, seconds.
    pub runtime_s: Option<u32>,
    /// What can be played, best first.
    pub releases: Vec<Release>,
    /// Where to go on.
    pub progress: Option<Progress>,
    /// Whether it was watched.
    pub watched: bool,
    /// The episode after it.
    pub next_item_id: Option<String>,
}

impl Library {
    /// A title's page. Withdrawn and blocked titles have one too.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn title(
        &self,
        title_id: &str,
        languages: &Languages,
    ) -> Result<Option<TitleDetail>, LibraryError> {
        self.read(|db| {
            let Some(stored) = stored_title(db, "t.id = ?1", title_id)? else { return Ok(None) };
            let Some(card) = card_of(db, languages, stored.row)? else { return Ok(None) };
            let others = stored.others(db)?;
            let mut detail = stored.detail(db, languages, card)?;
            others.iter().for_each(|other| other.add_to(&mut detail));
            Ok(Some(detail))
        })
    }

    /// The film or episode with this id; for a series' id, its next episode.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn item(&self, item_id: &str, languages: &Languages) -> Result<Option<Item>, LibraryError> {
        let named = "t.id = ?1 OR t.title = (SELECT title FROM episodes WHERE id = ?1)";
        self.read(|db| {
            let Some(stored) = stored_title(db, named, item_id)? else { return Ok(None) };
            let others = stored.others(db)?;
            let Some(mut item) = stored.item(db, languages, item_id)? else { return Ok(None) };
            let place = item.episode.as_ref().map(|(place, _)| *place);
            others.iter().for_each(|other| other.add(&item.id, place, &mut item.releases));
            Ok(Some(item))
        })
    }
}

/// A title's record as the database keeps it.
struct StoredTitle {
    row: i64,
    id: String,
    record: Title,
    withdrawn: Option<Withdrawal>,
    source_id: String,
    publisher: String,
    contact: Option<String>,
    folder: Option<PathBuf>,
}

fn stored_title(
    db: &Connection,
    which: &str,
    parameter: impl ToSql,
) -> Result<Option<StoredTitle>, Failure> {
    let sql = format!(
        "SELECT t.title, t.id, t.record, t.withdrawn, s.id, s.publisher, s.contact, s.folder
         FROM titles t JOIN sources s USING (source) WHERE {which} LIMIT 1"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([parameter])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let withdrawn: Option<String> = row.get(3)?;
    Ok(Some(StoredTitle {
        row: row.get(0)?,
        id: row.get(1)?,
        record: serde_json::from_str(&row.get::<_, String>(2)?)?,
        withdrawn: withdrawn.map(|json| serde_json::from_str(&json)).transpose()?,
        source_id: row.get(4)?,
        publisher: row.get(5)?,
        contact: row.get(6)?,
        folder: row.get::<_, Option<String>>(7)?.map(PathBuf::from),
    }))
}

impl StoredTitle {
    /// The same work as other catalogues have it.
    fn others(&self, db: &Connection) -> Result<Vec<Self>, Failure> {
        let rows = works::of(db, self.row)?.into_iter().filter(|row| *row != self.row);
        let stored = rows.map(|row| stored_title(db, "t.title = ?1", row));
        stored.filter_map(Result::transpose).collect()
    }

    /// Adds what this catalogue has to a title's page.
    fn add_to(&self, detail: &mut TitleDetail) {
        self.add(&detail.card.id, None, &mut detail.releases);
        for episode in detail.seasons.iter_mut().flat_map(|season| &mut season.episodes) {
            self.add(&episode.id, Some(episode.place), &mut episode.releases);
        }
    }

    /// Adds the releases that this catalogue has of the film, or of the episode at this place, to those that are there.
    fn add(&self, item_id: &str, place: Option<EpisodeNumber>, releases: &mut Vec<Release>) {
        let own = match place {
            None => &self.record.releases,
            Some(place) => {
                let is_at = |(season, episode): &(u16, &catalogue::Episode)| {
                    (*season, episode.number) == (place.season, place.number)
                };
                let Some((_, episode)) = self.record.episodes().find(is_at) else { return };
                &episode.releases
            }
        };
        for release in self.releases(item_id, own) {
            let is_same = |known: &Release| {
                known.hashes == release.hashes && known.record.path == release.record.path
            };
            if !releases.iter().any(is_same) {
                releases.push(release);
            }
        }
    }

    fn detail(
        self,
        db: &Connection,
        languages: &Languages,
        card: Card,
    ) -> Result<TitleDetail, Failure> {
        let next = household::next_episode(db, self.row)?;
        let record = &self.record;
        Ok(TitleDetail {
            card,
            original_name: record.original_name().map(str::to_owned),
            synopsis: languages.pick(&record.synopsis),
            backdrop: self.picture(record.backdrop.as_ref()),
            people: record.people.clone(),
            countries: record.countries.iter().map(ToString::to_string).collect(),
            content_rating: record.content_rating.as_ref().map(ToString::to_string),
            attribution: record.attribution.to_string(),
            licence_statement: record.licence_statement.as_ref().map(ToString::to_string),
            source: (*record.source).to_owned(),
            blocked: household::is_blocked(db, &self.id)?,
            filters: filters::of_title(db, languages, self.row)?,
            shown_anyway: filters::is_shown_anyway(db, &self.id)?,
            releases: self.releases(&self.id, &record.releases),
            seasons: self.seasons(db, languages)?,
            next_episode_id: next.map(|next| next.id),
            publisher: self.publisher,
            contact: self.contact,
            source_id: self.source_id,
            withdrawn: self.withdrawn,
        })
    }

    fn seasons(&self, db: &Connection, languages: &Languages) -> Result<Vec<Season>, Failure> {
        let seasons = self.record.seasons.iter().map(|season| {
            let episodes = season.episodes.iter();
            Ok(Season {
                number: season.number,
                name: languages.pick(&season.name),
                episodes: episodes
                    .map(|episode| self.episode(db, languages, season.number, episode))
                    .collect::<Result<_, Failure>>()?,
            })
        });
        seasons.collect()
    }

    fn episode(
        &self,
        db: &Connection,
        languages: &Languages,
        season: u16,
        episode: &catalogue::Episode,
    ) -> Result<Episode, Failure> {
        let id = global_id(&self.source_id, &episode.id);
        Ok(Episode {
            place: EpisodeNumber { season, number: episode.number },
            name: languages.pick(&episode.name).unwrap_or_default(),
            synopsis: languages.pick(&episode.synopsis),
            runtime_s: episode.runtime_s,
            still: self.picture(episode.still.as_ref()),
            releases: self.releases(&id, &episode.releases),
            progress: progress_of(db, &id)?,
            watched: household::is_watched(db, &id)?,
            id,
        })
    }

    fn item(
        &self,
        db: &Connection,
        languages: &Languages,
        asked: &str,
    ) -> Result<Option<Item>, Failure> {
        let title_name = languages.pick(&self.record.name).unwrap_or_default();
        if self.record.seasons.is_empty() {
            return Ok(Some(Item {
                id: self.id.clone(),
                title_id: self.id.clone(),
                title_name,
                episode: None,
                runtime_s: self.record.runtime_s,
                releases: self.releases(&self.id, &self.record.releases),
                progress: progress_of(db, &self.id)?,
                watched: household::is_watched(db, &self.id)?,
                next_item_id: None,
            }));
        }
        let Some(id) = self.episode_meant(db, asked)? else { return Ok(None) };
        let episodes = self.record.episodes();
        let Some((season, record)) =
            episodes.into_iter().find(|(_, e)| global_id(&self.source_id, &e.id) == id)
        else {
            return Ok(None);
        };
        let episode = self.episode(db, languages, season, record)?;
        Ok(Some(Item {
            next_item_id: episode_after(db, &id)?,
            title_id: self.id.clone(),
            title_name,
            episode: Some((episode.place, episode.name)),
            runtime_s: episode.runtime_s.or(self.record.runtime_s),
            releases: episode.releases,
            progress: episode.progress,
            watched: episode.watched,
            id,
        }))
    }

    /// The episode itself; for the series' own id, the next one, or the first when all were watched.
    fn episode_meant(&self, db: &Connection, asked: &str) -> Result<Option<String>, Failure> {
        if asked != self.id {
            return Ok(Some(asked.to_owned()));
        }
        if let Some(next) = household::next_episode(db, self.row)? {
            return Ok(Some(next.id));
        }
        let first = "SELECT id FROM episodes WHERE title = ?1 ORDER BY ordinal LIMIT 1";
        Ok(db.prepare_cached(first)?.query_row([self.row], |row| row.get(0)).optional()?)
    }

    fn releases(&self, item_id: &str, records: &[catalogue::Release]) -> Vec<Release> {
        records.iter().filter_map(|record| self.release(item_id, record)).collect()
    }

    /// `None` never happens for records that passed the catalogue's check: they name an infohash.
    fn release(&self, item_id: &str, record: &catalogue::Release) -> Option<Release> {
        let id = global_id(&self.source_id, &record.id);
        let subtitles = record
            .subtitles
            .iter()
            .enumerate()
            .map(|(number, track)| Subtitle { id: format!("{id}.{number}"), track: track.clone() });
        Some(Release {
            item_id: item_id.to_owned(),
            source_id: self.source_id.clone(),
            folder: self.folder.clone(),
            hashes: record.torrent.hashes()?,
            subtitles: subtitles.collect(),
            record: record.clone(),
            id,
        })
    }

    fn picture(&self, art: Option<&catalogue::Art>) -> Option<Picture> {
        let (source_id, folder) = (self.source_id.clone(), self.folder.clone());
        art.map(|art| Picture { source_id, folder, art: art.clone() })
    }
}

fn episode_after(db: &Connection, id: &str) -> Result<Option<String>, Failure> {
    let sql = "SELECT later.id FROM episodes e JOIN episodes later USING (title)
               WHERE e.id = ?1 AND later.ordinal > e.ordinal ORDER BY later.ordinal LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
}
