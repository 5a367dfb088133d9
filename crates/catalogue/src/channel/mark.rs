//! What a filter says of what: each thing by a hash alone, so that whoever has the list has no index of what is in it.

mod list;

use std::fmt;

use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

pub use self::list::{BadMarks, FilterEntry, entries_in};
use super::{
    Key,
    record::{RecordId, digest},
    withdrawal,
};
use crate::{
    cbor::{Fields, Limits, Value, map_of},
    text::Id,
    title::Title,
    withdrawal::WithdrawalReason,
};

/// What is hashed starts with this.
const WORD: &[u8] = b"kinora-filter/1\0";
/// A verdict is small: whatever is larger is none.
const LIMITS: Limits = Limits { bytes: 64, depth: 2, values: 16 };

/// The hash of something that filters may name: 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub [u8; 16]);

/// Something that filters may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// A torrent, by its v1 infohash.
    V1(Sha1Hash),
    /// A torrent, by its v2 infohash.
    V2(Sha256Hash),
    /// A title of a channel.
    Title(Key, RecordId),
    /// All titles of a channel.
    Channel(Key),
}

/// What a filter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The title's page says so.
    Warn,
    /// It is not shared.
    NoSeed,
    /// Lists and searches leave it out.
    Hide,
    /// It is hidden, not fetched and not shared.
    Block,
}

/// What a filter says of something that it marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What is to be done.
    pub action: Action,
    /// Why, if that is said.
    pub reason: Option<WithdrawalReason>,
}

impl Marked {
    /// Its mark.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(match self {
            Self::V1(v1) => digest(WORD, &[&[1], &v1.0]),
            Self::V2(v2) => digest(WORD, &[&[2], &v2.0]),
            Self::Title(key, id) => digest(WORD, &[&[3], &key.0, &id.0]),
            Self::Channel(key) => digest(WORD, &[&[4], &key.0]),
        })
    }

    /// A title by the id that it has on followers' machines: the letters of its channel, a dot, and its own id.
    fn of_title(text: &str) -> Option<Self> {
        let (key, id) = text.split_once('.')?;
        Some(Self::Title(Key::parse(key)?, RecordId::of(&Id::try_from(id.to_owned()).ok()?)))
    }
}

impl Mark {
    /// Every mark of a title of the catalogue with this id, sorted. A title that is of no channel has those of its torrents.
    #[must_use]
    pub fn all_of(source: &str, title: &Title) -> Vec<Self> {
        let key = Key::parse(source);
        let named = key.map(|key| {
            [Marked::Title(key, RecordId::of(&title.id)).mark(), Marked::Channel(key).mark()]
        });
        let torrents = title.all_releases().filter_map(|release| release.torrent.hashes());
        let torrents = torrents.flat_map(Self::of_torrent);
        let mut all: Vec<_> = named.into_iter().flatten().chain(torrents).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The marks of a torrent.
    pub fn of_torrent(hashes: InfoHashes) -> impl Iterator<Item = Self> {
        let v1 = hashes.v1().map(|v1| Marked::V1(v1).mark());
        [v1, hashes.v2().map(|v2| Marked::V2(v2).mark())].into_iter().flatten()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Action {
    /// All of them, the mildest first.
    pub const ALL: [Self; 4] = [Self::Warn, Self::NoSeed, Self::Hide, Self::Block];

    /// Its number in files.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Hide => 1,
            Self::Warn => 2,
            Self::NoSeed => 3,
            Self::Block => 4,
        }
    }

    /// The action that has a number, if it is known to this program.
    #[must_use]
    pub fn of(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|action| u64::from(action.number()) == number)
    }

    /// Its word in lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Warn => "warn",
            Self::NoSeed => "no-seed",
            Self::Block => "block",
        }
    }

    /// The action that has a word.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

impl Verdict {
    /// Its record.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        map_of([
            (1, Some(Value::Unsigned(self.action.number().into()))),
            (2, self.reason.map(|reason| Value::Unsigned(withdrawal::number(reason)))),
        ])
        .to_bytes()
    }

    /// Reads a verdict; nothing if there is none that this program knows. A reason that it does not know is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields::of(Value::read(bytes, LIMITS).ok()?).ok()?;
        let action = fields.required(1, Value::unsigned).ok()?;
        let reason = fields.optional(2, Value::unsigned).ok()?;
        let reason = reason.and_then(withdrawal::reason_of);
        Some(Self { action: Action::of(action)?, reason })
    }

    /// The number of its reason; 0 for none.
    #[must_use]
    pub fn reason_number(self) -> u64 {
        self.reason.map_or(0, withdrawal::number)
    }

    /// A verdict of these numbers, as [`Action::number`] and [`reason_number`](Self::reason_number) gave them.
    #[must_use]
    pub fn of(action: u64, reason: u64) -> Option<Self> {
        Some(Self { action: Action::of(action)?, reason: withdrawal::reason_of(reason) })
    }
}
