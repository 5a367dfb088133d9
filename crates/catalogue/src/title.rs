//! A title: a film of whatever kind or a series, with its releases, as one record of a catalogue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    licence::Licence,
    place::{Digest, HttpsUrl, RelativePath, TorrentLink},
    text::{Country, Id, Keyword, LanguageTag, Multilingual, Text},
};

/// The most numberings of one title.
pub(crate) const IDS_MAX: usize = 16;

/// What sort of work a title is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

impl Kind {
    /// All of them that are one film and no series.
    pub const SINGLE: [Self; 6] =
        [Self::Film, Self::Short, Self::Concert, Self::Performance, Self::Lecture, Self::Newsreel];

    /// The kind of one film that has this name.
    #[must_use]
    pub fn single(name: &str) -> Option<Self> {
        Self::SINGLE.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What it is for whoever tells films, series and shorts apart and nothing else.
    #[must_use]
    pub fn broad(self) -> Self {
        match self {
            Self::Concert | Self::Performance | Self::Lecture | Self::Newsreel => Self::Film,
            broad => broad,
        }
    }

    /// Its name in files, SQL and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Series => "series",
            Self::Short => "short",
            Self::Concert => "concert",
            Self::Performance => "performance",
            Self::Lecture => "lecture",
            Self::Newsreel => "newsreel",
        }
    }
}

/// A work that one can watch, with everything a grid, a filter, a search and its page need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// Stable within its catalogue, for ever.
    pub id: Id,
    /// Film, series, short or something finer.
    pub kind: Kind,
    /// Its name in each language; at least one.
    pub name: Multilingual<300>,
    /// The language it was made in; `zxx` for no speech.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_language: Option<LanguageTag>,
    /// What it is about, plain text.
    #[serde(default, skip_serializing_if = "Multilingual::is_empty")]
    pub synopsis: Multilingual<4000, true>,
    /// Year of first publication, 1870 to 2999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Running time, seconds; of a typical episode for a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_s: Option<u32>,
    /// The licence that lets everybody share it.
    pub licence: Licence,
    /// The publisher's permission in words; mandatory with `LicenseRef-publisher-own`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_statement: Option<Text<4000, true>>,
    /// The credit line that the licence asks for.
    pub attribution: Text<1000>,
    /// Where the licence can be checked.
    pub source: HttpsUrl,
    /// Genres, most fitting first; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<Keyword>,
    /// Who made it; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    /// Where it was made; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// For whom it is fit, in the publisher's words (`PG`, `12`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_rating: Option<Text<40>>,
    /// What others call it, at most 16: a number by the name of its numbering, such as `imdb` or `wikidata`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ids: BTreeMap<Keyword, Text<100>>,
    /// Upright picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<Art>,
    /// Wide picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backdrop: Option<Art>,
    /// A 25-byte preview of the poster in base64 (thumbhash).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<Text<48>>,
    /// What can be played, best first: at least one, but none for series; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// Seasons of a series; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seasons: Vec<Season>,
}

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name as credited.
    pub name: Text<200>,
    /// What they did: `director`, `writer`, `cast`, `music`…
    pub role: Keyword,
}

/// Where a picture is. The program decodes and re-encodes it before anybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Art {
    /// A file below the catalogue file's folder.
    File(RelativePath),
    /// A picture in an art pack of the channel, by the SHA-256 of its bytes.
    Sha256(Digest<32>),
    /// A picture that ships with the program.
    Asset(Keyword),
    /// A file in the torrent of the title's first release.
    InTorrent(RelativePath),
}

/// A season of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// Its number; 0 holds the specials.
    pub number: u16,
    /// Its name, if it has one of its own.
    #[serde(default, skip_serializing_if = "Multilingual::is_empty")]
    pub name: Multilingual<300>,
    /// Its episodes in order; at most 2,000.
    pub episodes: Vec<Episode>,
}

/// An episode of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Stable within its catalogue; titles and episodes share one set of ids.
    pub id: Id,
    /// Its number within the season.
    pub number: u16,
    /// Its name in each language.
    pub name: Multilingual<300>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Multilingual::is_empty")]
    pub synopsis: Multilingual<4000, true>,
    /// Running time, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_s: Option<u32>,
    /// A wide picture from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still: Option<Art>,
    /// What can be played, best first; 1 to 32.
    pub releases: Vec<Release>,
}

/// A title or episode in one quality and language: a file of a torrent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Stable within its catalogue.
    pub id: Id,
    /// For people: `1080p`, `480p`.
    pub quality: Keyword,
    /// Picture width, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Picture height, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The container: `mp4`, `webm`, `matroska`…
    pub container: Keyword,
    /// The video codec: `h264`, `vp9`, `av1`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<Keyword>,
    /// The audio codec: `aac`, `opus`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<Keyword>,
    /// Languages spoken in it; at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audio_languages: Vec<LanguageTag>,
    /// Size of the file, bytes.
    pub size_bytes: u64,
    /// The torrent that carries it.
    pub torrent: TorrentLink,
    /// The file in the torrent, as the info dictionary lists it (BEP 3): the parts of `path` joined by `/` in a
    /// multi-file torrent, `name` in a single-file one.
    pub path: RelativePath,
    /// The root of the file's hash tree, `pieces root` of BEP 52: the same bytes have the same one in every torrent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces_root: Option<Digest<32>>,
    /// Subtitles; at most 128.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtitles: Vec<SubtitleTrack>,
}

/// A subtitle file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubtitleTrack {
    /// Its language.
    pub language: LanguageTag,
    /// What tells it from others of the same language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text<100>>,
    /// `srt`, `vtt` or `ass`.
    pub format: Keyword,
    /// Whom it is for.
    #[serde(default)]
    pub role: SubtitleRole,
    /// Where the file is.
    #[serde(flatten)]
    pub place: SubtitlePlace,
}

/// Where a subtitle file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubtitlePlace {
    /// In the release's torrent, as [`Release::path`].
    #[serde(rename = "path")]
    InTorrent(RelativePath),
    /// Below the catalogue file's folder.
    File(RelativePath),
    /// In a subtitle pack of the channel, by the SHA-256 of its bytes.
    Sha256(Digest<32>),
}

/// Whom a subtitle is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubtitleRole {
    /// All speech.
    #[default]
    Full,
    /// Only what is foreign in the film itself.
    Forced,
    /// Speech and sounds, for the deaf and hard of hearing.
    Sdh,
}

impl Title {
    /// Every episode with its season's number, in order.
    pub fn episodes(&self) -> impl Iterator<Item = (u16, &Episode)> {
        self.seasons
            .iter()
            .flat_map(|season| season.episodes.iter().map(move |episode| (season.number, episode)))
    }

    /// Every release, of the title itself and of its episodes.
    pub fn all_releases(&self) -> impl Iterator<Item = &Release> {
        let of_episodes = self.episodes().flat_map(|(_, episode)| &episode.releases);
        self.releases.iter().chain(of_episodes)
    }

    /// Its name in the language it was made in.
    #[must_use]
    pub fn original_name(&self) -> Option<&str> {
        self.name.get(self.original_language.as_deref()?)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let fits = |len: usize, max: usize, what| if len > max { Err(what) } else { Ok(()) };
        fits(self.genres.len(), 16, "at most 16 genres")?;
        fits(self.people.len(), 200, "at most 200 people")?;
        fits(self.countries.len(), 32, "at most 32 countries")?;
        fits(self.ids.len(), IDS_MAX, "at most 16 ids")?;
        fits(self.seasons.len(), 200, "at most 200 seasons")?;
        self.seasons.iter().try_for_each(Season::check)?;
        if self.name.is_empty() {
            return Err("a title needs a name");
        }
        if self.year.is_some_and(|year| !(1870..3000).contains(&year)) {
            return Err("a year lies between 1870 and 2999");
        }
        if (self.kind == Kind::Series) != self.releases.is_empty() {
            return Err("a series has its releases in episodes, every other title has its own");
        }
        check_releases(&self.releases)
    }
}

impl Season {
    fn check(&self) -> Result<(), &'static str> {
        if self.episodes.is_empty() || self.episodes.len() > 2000 {
            return Err("a season has 1 to 2,000 episodes");
        }
        self.episodes.iter().try_for_each(|episode| {
            if episode.releases.is_empty() || episode.name.is_empty() {
                return Err("an episode needs a name and a release");
            }
            check_releases(&episode.releases)
        })
    }
}

fn check_releases(releases: &[Release]) -> Result<(), &'static str> {
    if releases.len() > 32 {
        return Err("at most 32 releases");
    }
    releases.iter().try_for_each(|release| {
        if release.subtitles.len() > 128 || release.audio_languages.len() > 64 {
            return Err("a release has at most 128 subtitles and 64 audio languages");
        }
        release.torrent.check()
    })
}
