//! One title or episode as a channel carries it: the core that grids, filters and searches need, and the detail of its
//! page. Both are maps with numbered fields; `docs/channel-format.cddl` has them all.

mod core_map;
mod detail;

use std::{collections::BTreeMap, fmt};

use torrent::hash::sha256;

use super::zbase32;
pub(super) use crate::text::Country;
use crate::{
    cbor::{BadShape, Limits},
    gate::Rejection,
    licence::Licence,
    place::HttpsUrl,
    text::{Id, Keyword, LanguageTag, Multilingual, Text},
    title::{Art, Kind, Person, Release, SubtitleTrack},
};

/// The largest core or detail, bytes.
pub const RECORD_MAX: usize = 64 << 10;
const LIMITS: Limits = Limits { bytes: RECORD_MAX, depth: 6, values: 16 << 10 };

/// The id of a title or episode in its channel, for ever: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 16]);

/// Which title an episode belongs to, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) series: RecordId,
    pub(crate) season: u16,
    pub(crate) number: u16,
}

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Title(Kind),
    Episode(Place),
}

/// What a grid, a filter and a search need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Core {
    pub(crate) work: Work,
    pub(crate) name: Multilingual<300>,
    pub(crate) original_language: Option<LanguageTag>,
    pub(crate) year: Option<u16>,
    pub(crate) runtime_s: Option<u32>,
    pub(crate) rights: Option<Rights>,
    pub(crate) genres: Vec<Keyword>,
    pub(crate) releases: Vec<Release>,
    pub(crate) thumbhash: Option<Text<48>>,
    pub(crate) content_rating: Option<Text<40>>,
    /// The publisher's order: what has a smaller number comes first.
    pub(crate) rank: u64,
}

/// Why everybody may share it. A title has them; an episode may have the same as its series by leaving them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) licence: Licence,
    pub(crate) attribution: Text<1000>,
    pub(crate) source: HttpsUrl,
}

/// What the title's page shows besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) synopsis: Multilingual<4000, true>,
    pub(crate) people: Vec<Person>,
    pub(crate) countries: Vec<Country>,
    pub(crate) ids: BTreeMap<Keyword, Text<100>>,
    /// Each with the place of its release in the core.
    pub(crate) subtitles: Vec<(usize, SubtitleTrack)>,
    pub(crate) poster: Option<Art>,
    pub(crate) backdrop: Option<Art>,
    pub(crate) still: Option<Art>,
    pub(crate) season_names: Vec<(u16, Multilingual<300>)>,
    pub(crate) licence_statement: Option<Text<4000, true>>,
}

impl RecordId {
    /// The id of a title that its publisher calls so: the bytes it spells in z-base-32, or else the start of a hash.
    #[must_use]
    pub fn of(id: &Id) -> Self {
        zbase32::decode(id).map_or_else(|| Self(digest(b"kinora-id/1\0", &[id.as_bytes()])), Self)
    }

    /// The id that titles and episodes have outside the channel's files.
    pub(crate) fn to_id(self) -> Result<Id, Rejection> {
        let text = zbase32::encode(&self.0);
        Id::try_from(text).map_err(|why| Rejection::Malformed(why.to_string()))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&zbase32::encode(&self.0))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first 16 bytes of a SHA-256 over a word and some parts.
pub(crate) fn digest(word: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let whole = sha256(&[word, &parts.concat()].concat()).0;
    std::array::from_fn(|at| whole[at])
}

/// Why a record is dropped, in the gate's words.
pub(crate) fn rejection(why: &BadShape) -> Rejection {
    Rejection::Malformed(why.to_string().chars().filter(|c| !c.is_control()).take(200).collect())
}
