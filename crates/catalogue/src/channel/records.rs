//! From a title to its records: one for itself, one for each of its episodes.

use super::record::{Core, Detail, Place, RecordId, Rights, Work};
use crate::title::{Episode, Release, SubtitleTrack, Title};

/// A title or episode as its publisher's segments have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// The record of [`super::Family::Titles`].
    pub core: Vec<u8>,
    /// The record of [`super::Family::Details`].
    pub detail: Vec<u8>,
}

/// All records of a title. A lower rank is shown earlier.
#[must_use]
pub fn records(title: &Title, rank: u64) -> Vec<Record> {
    let id = RecordId::of(&title.id);
    let core = Core {
        work: Work::Title(title.kind),
        name: title.name.clone(),
        original_language: title.original_language.clone(),
        year: title.year,
        runtime_s: title.runtime_s,
        rights: Some(Rights {
            licence: title.licence.clone(),
            attribution: title.attribution.clone(),
            source: title.source.clone(),
        }),
        genres: title.genres.clone(),
        releases: title.releases.clone(),
        thumbhash: title.thumbhash.clone(),
        content_rating: title.content_rating.clone(),
        rank,
    };
    let named = title.seasons.iter().filter(|season| !season.name.is_empty());
    let detail = Detail {
        synopsis: title.synopsis.clone(),
        people: title.people.clone(),
        countries: title.countries.clone(),
        ids: title.ids.clone(),
        subtitles: subtitles(&title.releases),
        poster: title.poster.clone(),
        backdrop: title.backdrop.clone(),
        still: None,
        season_names: named.map(|season| (season.number, season.name.clone())).collect(),
        licence_statement: title.licence_statement.clone(),
    };
    let own = Record { id, core: core.to_bytes(), detail: detail.to_bytes() };
    let episodes = title.episodes().map(|(season, episode)| of_episode(id, season, episode));
    [own].into_iter().chain(episodes).collect()
}

fn of_episode(series: RecordId, season: u16, episode: &Episode) -> Record {
    let core = Core {
        work: Work::Episode(Place { series, season, number: episode.number }),
        name: episode.name.clone(),
        original_language: None,
        year: None,
        runtime_s: episode.runtime_s,
        rights: None,
        genres: vec![],
        releases: episode.releases.clone(),
        thumbhash: None,
        content_rating: None,
        rank: 0,
    };
    let detail = Detail {
        synopsis: episode.synopsis.clone(),
        subtitles: subtitles(&episode.releases),
        still: episode.still.clone(),
        ..Detail::default()
    };
    let id = RecordId::of(&episode.id);
    Record { id, core: core.to_bytes(), detail: detail.to_bytes() }
}

fn subtitles(releases: &[Release]) -> Vec<(usize, SubtitleTrack)> {
    let of_release = |(place, release): (usize, &Release)| {
        let tracks: Vec<_> = release.subtitles.iter().map(|track| (place, track.clone())).collect();
        tracks
    };
    releases.iter().enumerate().flat_map(of_release).collect()
}
