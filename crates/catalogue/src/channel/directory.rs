//! A directory: the channels that a channel's publisher vouches for, in one small file of the head torrent.
//!
//! Whoever follows the channel is shown them. Nobody follows any of them by that.

use super::{
    Key,
    manifest::{FileRef, Where},
    words::{read_texts, read_words, texts, words},
};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    text::{LanguageTag, Multilingual},
};

const NAME: &str = "kinora-directory/1";
/// The largest file of a directory, bytes.
pub const DIRECTORY_MAX: u64 = 256 << 10;
/// The most channels in one.
pub const LISTED_MAX: usize = 500;
/// The most languages that a channel is said to be in.
const LANGUAGES_MAX: usize = 16;
const LIMITS: Limits = Limits { bytes: 256 << 10, depth: 5, values: 64 << 10 };

/// A channel as another one's publisher describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its root key.
    pub key: Key,
    /// What it is called.
    pub name: Multilingual<300>,
    /// What it is about, plain text.
    pub about: Multilingual<1000, true>,
    /// The languages of its films.
    pub languages: Vec<LanguageTag>,
}

/// The channels that a publisher vouches for, none of them twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory(Vec<Listed>);

/// Why bytes are no directory, or why a channel has no place in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDirectory {
    /// Not of its shape.
    #[error("the list of channels is malformed: {0}")]
    Shape(#[from] BadShape),
    /// Something other than a directory.
    #[error("it is no list of channels")]
    Form,
    /// A channel is listed twice.
    #[error("the list names a channel twice")]
    Twice,
    /// There is no more room.
    #[error("a list has room for {LISTED_MAX} channels and 256 KiB")]
    Full,
}

impl Directory {
    /// The channels, in the publisher's order.
    #[must_use]
    pub fn channels(&self) -> &[Listed] {
        &self.0
    }

    /// Lists a channel, or describes one anew that is listed; it keeps its place then.
    ///
    /// # Errors
    /// There is no more room; nothing has changed then.
    pub fn put(&mut self, listed: Listed) -> Result<(), BadDirectory> {
        let mut next = self.clone();
        match next.0.iter_mut().find(|one| one.key == listed.key) {
            Some(one) => *one = listed,
            None => next.0.push(listed),
        }
        if next.0.len() > LISTED_MAX || next.to_bytes().len() as u64 > DIRECTORY_MAX {
            return Err(BadDirectory::Full);
        }
        *self = next;
        Ok(())
    }

    /// Lists a channel no longer. Says whether it was listed.
    pub fn remove(&mut self, key: &Key) -> bool {
        let before = self.0.len();
        self.0.retain(|one| one.key != *key);
        self.0.len() < before
    }

    /// The file; the same channels give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let listed = self.0.iter().map(Listed::value).collect();
        Value::Array(vec![Value::Text(NAME), Value::Array(listed)]).to_bytes()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, BadDirectory> {
        let value = Value::read(bytes, LIMITS).map_err(BadShape::from)?;
        let [name, listed] = value.tuple().map_err(|_| BadDirectory::Form)?;
        if name != Value::Text(NAME) {
            return Err(BadDirectory::Form);
        }
        let listed = listed.list(LISTED_MAX).map_err(|_| BadDirectory::Full)?;
        let listed: Vec<_> = listed.into_iter().map(Listed::of).collect::<Result<_, _>>()?;
        let mut keys: Vec<_> = listed.iter().map(|one| one.key).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() == listed.len() { Ok(Self(listed)) } else { Err(BadDirectory::Twice) }
    }
}

impl Listed {
    fn value(&self) -> Value<'_> {
        map_of([
            (1, Some(Value::Bytes(&self.key.0))),
            (2, texts(&self.name)),
            (3, texts(&self.about)),
            (4, words(self.languages.iter().map(|language| &**language))),
        ])
    }

    fn of(value: Value<'_>) -> Result<Self, BadShape> {
        let mut fields = Fields::of(value)?;
        let languages = |list| read_words(list, LANGUAGES_MAX);
        Ok(Self {
            key: Key(fields.required(1, Value::array_of)?),
            name: fields.required(2, read_texts)?,
            about: fields.optional(3, read_texts)?.unwrap_or_default(),
            languages: fields.optional(4, languages)?.unwrap_or_default(),
        })
    }
}

impl FileRef {
    /// Whether a file may be a channel's directory: small, and in the head torrent.
    pub(super) fn may_be_directory(&self) -> bool {
        matches!(self.place, Where::Head(_)) && self.length <= DIRECTORY_MAX
    }
}
