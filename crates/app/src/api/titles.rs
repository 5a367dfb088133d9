//! The grid, its filters, and the page of one title.

use std::time::SystemTime;

use axum::extract::State;
use catalogue::channel::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Problems,
    card::{Card, Progress, cards},
    filters::FilteredBy,
};
use crate::{
    cinema::Cinema,
    http::{
        extract::{Json, Path, Query},
        problem::{Code, Problem},
    },
    pictures::{Links, Which},
};

/// A subtitle of a release.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Subtitle {
    /// Its id.
    id: String,
    /// Its language (BCP 47).
    language: String,
    /// What tells it from others of the same language.
    #[schema(required)]
    label: Option<String>,
    /// `srt`, `vtt` or `ass`.
    format: String,
}

/// A title or episode in one quality and language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Release {
    /// Its id.
    pub id: String,
    /// For people: `1080p`.
    quality: String,
    /// Picture width, pixels.
    #[schema(required)]
    width: Option<u32>,
    /// Picture height, pixels.
    #[schema(required)]
    height: Option<u32>,
    /// The container: `mp4`, `webm`, `matroska`.
    container: String,
    /// The video codec.
    #[schema(required)]
    video_codec: Option<String>,
    /// The audio codec.
    #[schema(required)]
    audio_codec: Option<String>,
    /// Languages spoken in it (BCP 47).
    audio_languages: Vec<String>,
    /// Size of the file, bytes.
    size_bytes: u64,
    /// How much of it is here and verified, bytes.
    on_disk_bytes: u64,
    /// The torrent's name in hexadecimal.
    infohash: String,
    /// A magnet link for others: the torrent's names, trackers and web seeds.
    magnet: String,
    /// Its subtitles.
    subtitles: Vec<Subtitle>,
}

impl Release {
    pub(super) fn new(release: library::Release, cinema: &Cinema) -> Self {
        let on_disk_bytes = cinema.swarm.on_disk(&release);
        let record = release.record;
        let text = |word: Option<catalogue::Keyword>| word.map(|word| word.to_string());
        Self {
            id: release.id,
            quality: record.quality.to_string(),
            width: record.width,
            height: record.height,
            container: record.container.to_string(),
            video_codec: text(record.video_codec),
            audio_codec: text(record.audio_codec),
            audio_languages: record.audio_languages.iter().map(ToString::to_string).collect(),
            size_bytes: record.size_bytes,
            on_disk_bytes,
            infohash: record.torrent.infohash(),
            magnet: record.torrent.magnet(record.path.rsplit('/').next().unwrap_or_default()),
            subtitles: release.subtitles.into_iter().map(Subtitle::from).collect(),
        }
    }
}

impl From<library::Subtitle> for Subtitle {
    fn from(subtitle: library::Subtitle) -> Self {
        Self {
            id: subtitle.id,
            language: subtitle.track.language.to_string(),
            label: subtitle.track.label.map(|label| label.to_string()),
            format: subtitle.track.format.to_string(),
        }
    }
}

/// An episode of a series.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Episode {
    /// Its id.
    id: String,
    /// The season's number; 0 for specials.
    season: u16,
    /// Its number within the season.
    number: u16,
    /// Its name.
    name: String,
    /// What it is about.
    #[schema(required)]
    synopsis: Option<String>,
    /// Running time, seconds.
    #[schema(required)]
    runtime_s: Option<u32>,
    /// Signed path of a wide picture from it.
    #[schema(required)]
    still: Option<String>,
    /// What can be played.
    releases: Vec<Release>,
    /// How far somebody is with it.
    #[schema(required)]
    progress: Option<Progress>,
    /// Whether it was watched.
    watched: bool,
}

/// A season of a series.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Season {
    /// Its number; 0 holds the specials.
    number: u16,
    /// Its own name.
    #[schema(required)]
    name: Option<String>,
    /// Its episodes, in order.
    episodes: Vec<Episode>,
}

/// Somebody who took part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Person {
    /// The name as credited.
    name: String,
    /// What they did.
    role: String,
}

/// A catalogue that names a title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Provenance {
    /// The 52 letters of the channel; none for a catalogue of this machine.
    #[schema(required)]
    channel: Option<String>,
    /// What the catalogue is called.
    name: String,
    /// Who publishes it, in their own words.
    publisher: String,
    /// The title's id in it.
    title_id: String,
}

impl From<library::Provenance> for Provenance {
    fn from(of: library::Provenance) -> Self {
        Self {
            channel: Key::parse(&of.source_id).map(|key| key.to_string()),
            name: of.source_name,
            publisher: of.publisher,
            title_id: of.title_id,
        }
    }
}

/// Everything that a title's page shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Title {
    #[serde(flatten)]
    card: Card,
    /// Its name in the language it was made in.
    #[schema(required)]
    original_name: Option<String>,
    /// What it is about.
    #[schema(required)]
    synopsis: Option<String>,
    /// Signed path of the wide picture.
    #[schema(required)]
    backdrop: Option<String>,
    /// Who made it.
    people: Vec<Person>,
    /// Where it was made (ISO 3166-1).
    countries: Vec<String>,
    /// The credit line that the licence asks for.
    attribution: String,
    /// Where the licence can be checked.
    source: String,
    /// Who published it.
    publisher: String,
    /// The catalogues that name it: its own first, then those with the same torrents.
    provenance: Vec<Provenance>,
    /// Whether its publisher took it back.
    withdrawn: bool,
    /// What filters in force say of it, what hides it first.
    filters: Vec<FilteredBy>,
    /// Whether somebody here wants to see it whatever they say.
    shown_anyway: bool,
    /// What can be played; empty for series.
    releases: Vec<Release>,
    /// Seasons of a series.
    seasons: Vec<Season>,
    /// Of a series, the episode to watch next.
    #[schema(required)]
    next_episode_id: Option<String>,
}

impl Title {
    fn new(
        detail: library::TitleDetail,
        provenance: Vec<library::Provenance>,
        cinema: &Cinema,
        now: SystemTime,
    ) -> Self {
        let backdrop = detail.backdrop.as_ref();
        let backdrop = backdrop.map(|_| cinema.links.title(&detail.card.id, Which::Backdrop, now));
        let season = |season| season_of(season, cinema, now);
        Self {
            card: Card::new(detail.card, &cinema.links, now),
            original_name: detail.original_name,
            synopsis: detail.synopsis,
            backdrop,
            people: detail.people.into_iter().map(Person::from).collect(),
            countries: detail.countries,
            attribution: detail.attribution,
            source: detail.source,
            publisher: detail.publisher,
            provenance: provenance.into_iter().map(Provenance::from).collect(),
            withdrawn: detail.withdrawn.is_some(),
            filters: detail.filters.into_iter().map(FilteredBy::from).collect(),
            shown_anyway: detail.shown_anyway,
            releases: releases(detail.releases, cinema),
            seasons: detail.seasons.into_iter().map(season).collect(),
            next_episode_id: detail.next_episode_id,
        }
    }
}

impl From<catalogue::Person> for Person {
    fn from(person: catalogue::Person) -> Self {
        Self { name: person.name.to_string(), role: person.role.to_string() }
    }
}

pub(super) fn releases(releases: Vec<library::Release>, cinema: &Cinema) -> Vec<Release> {
    releases.into_iter().map(|release| Release::new(release, cinema)).collect()
}

fn season_of(season: library::Season, cinema: &Cinema, now: SystemTime) -> Season {
    Season {
        number: season.number,
        name: season.name,
        episodes: season
            .episodes
            .into_iter()
            .map(|episode| episode_of(episode, cinema, &cinema.links, now))
            .collect(),
    }
}

fn episode_of(
    episode: library::Episode,
    cinema: &Cinema,
    links: &Links,
    now: SystemTime,
) -> Episode {
    Episode {
        still: episode.still.as_ref().map(|_| links.title(&episode.id, Which::Still, now)),
        releases: releases(episode.releases, cinema),
        progress: episode.progress.map(Progress::from),
        id: episode.id,
        season: episode.place.season,
        number: episode.place.number,
        name: episode.name,
        synopsis: episode.synopsis,
        runtime_s: episode.runtime_s,
        watched: episode.watched,
    }
}

/// The page of one title.
#[utoipa::path(get, path = "/api/v1/titles/{id}", tag = "titles",
    params(("id" = String, Path, description = "A title's id")),
    responses((status = 200, body = Title), Problems))]
pub(super) async fn title(
    State(cinema): State<Cinema>,
    Path(id): Path<String>,
) -> Result<Json<Title>, Problem> {
    let languages = cinema.languages();
    let found = cinema.library(move |library| {
        let detail = library.title(&id, &languages)?;
        Ok((detail, library.provenance(&id, &languages)?))
    });
    let (detail, provenance) = found.await?;
    let detail = detail.ok_or(Code::TitleUnknown)?;
    Ok(Json(Title::new(detail, provenance, &cinema, SystemTime::now())))
}

/// Which titles, in which order.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `film`, `series`, `short`, `concert`, `performance`, `lecture` or `newsreel`.
    kind: Option<String>,
    /// The 52 letters of a channel: only its titles.
    channel: Option<String>,
    /// A genre.
    genre: Option<String>,
    /// A language spoken in a release.
    language: Option<String>,
    /// A language of subtitles.
    subtitle: Option<String>,
    /// A licence (SPDX).
    licence: Option<String>,
    /// A quality, as `1080p`.
    quality: Option<String>,
    /// A decade, by its first year.
    decade: Option<u16>,
    /// Only favourites, or only others.
    favourite: Option<bool>,
    /// Only what was watched, or only what was not.
    watched: Option<bool>,
    /// The order.
    sort: Option<Sort>,
    /// How many, at most 500; 50 if not given.
    limit: Option<u32>,
    /// How many to skip.
    offset: Option<u32>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sort {
    /// As the publishers order them.
    Popular,
    /// By name.
    Name,
    /// Newest works first.
    Year,
    /// Last to come into the library first.
    Added,
}

impl From<Sort> for library::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Popular => Self::Popular,
            Sort::Name => Self::Name,
            Sort::Year => Self::Year,
            Sort::Added => Self::Added,
        }
    }
}

impl From<Wanted> for library::Filter {
    fn from(wanted: Wanted) -> Self {
        Self {
            kind: wanted.kind,
            source: wanted.channel,
            genre: wanted.genre,
            language: wanted.language,
            subtitle: wanted.subtitle,
            licence: wanted.licence,
            quality: wanted.quality,
            decade: wanted.decade,
            favourite: wanted.favourite,
            watched: wanted.watched,
            sort: wanted.sort.map(library::Sort::from).unwrap_or_default(),
            limit: wanted.limit.unwrap_or(0),
            offset: wanted.offset.unwrap_or(0),
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TitleList {
    /// How many titles match.
    total: u64,
    /// The cards of this page.
    titles: Vec<Card>,
}

/// The titles that pass a filter.
#[utoipa::path(get, path = "/api/v1/titles", tag = "titles", params(Wanted),
    responses((status = 200, body = TitleList), Problems))]
pub(super) async fn titles(
    State(cinema): State<Cinema>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<TitleList>, Problem> {
    let (filter, languages) = (wanted.into(), cinema.languages());
    let page = cinema.library(move |library| library.titles(&filter, &languages)).await?;
    let titles = cards(page.titles, &cinema.links);
    Ok(Json(TitleList { total: page.total, titles }))
}

/// A value that one can filter by, and how many titles have it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Facet {
    /// The value, as a filter takes it.
    value: String,
    /// How many titles have it.
    count: u64,
}

/// Everything that one can filter by, most frequent first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Facets {
    kinds: Vec<Facet>,
    genres: Vec<Facet>,
    languages: Vec<Facet>,
    subtitles: Vec<Facet>,
    licences: Vec<Facet>,
    qualities: Vec<Facet>,
    decades: Vec<Facet>,
}

/// What one can filter by.
#[utoipa::path(get, path = "/api/v1/facets", tag = "titles",
    responses((status = 200, body = Facets), Problems))]
pub(super) async fn facets(State(cinema): State<Cinema>) -> Result<Json<Facets>, Problem> {
    let found = cinema.library(library::Library::facets).await?;
    let list = |facets: Vec<library::Facet>| {
        facets.into_iter().map(|facet| Facet { value: facet.value, count: facet.count }).collect()
    };
    Ok(Json(Facets {
        kinds: list(found.kinds),
        genres: list(found.genres),
        languages: list(found.languages),
        subtitles: list(found.subtitles),
        licences: list(found.licences),
        qualities: list(found.qualities),
        decades: list(found.decades),
    }))
}
