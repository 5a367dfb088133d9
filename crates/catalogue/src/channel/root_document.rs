//! The root document: what the root key says that does not fit into its item, for people more than for programs.

use ed25519_dalek::SigningKey;

use super::{
    Contact, Key, ONLINE_KEYS_MAX,
    sealed::{self, BadSeal},
    words::{read_texts, texts},
};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    text::Multilingual,
};

const WORD: &[u8] = b"vod-root/1\0";
const FORMAT: u64 = 1;
/// The largest root document, bytes, without its envelope.
pub const ROOT_DOCUMENT_MAX: usize = 16 << 10;
const LIMITS: Limits = Limits { bytes: ROOT_DOCUMENT_MAX, depth: 4, values: 1024 };

/// What the root key says of its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootDocument {
    /// The version of the root that names this document.
    pub version: u64,
    /// When it was signed, milliseconds since 1970.
    pub issued_ms: u64,
    /// What the channel is called, for whoever meets the key before any manifest.
    pub name: Multilingual<300>,
    /// Where its owner is reached, should the online keys be stolen.
    pub contact: Vec<Contact>,
    /// Keys that may sign heads.
    pub online: Vec<Key>,
    /// The hash of the root key that follows.
    pub next: [u8; 32],
}

/// Why bytes are no root document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRootDocument {
    /// Not a signed document.
    #[error(transparent)]
    Seal(#[from] BadSeal),
    /// A field is missing or wrong.
    #[error("the root document is malformed: {0}")]
    Shape(#[from] BadShape),
}

impl RootDocument {
    /// Signs it with the root key.
    #[must_use]
    pub fn seal(&self, key: &SigningKey) -> Vec<u8> {
        let contact = self.contact.iter().map(|contact| Value::Text(contact)).collect();
        let online = self.online.iter().map(|key| Value::Bytes(&key.0)).collect();
        let payload = map_of([
            (1, Some(Value::Unsigned(FORMAT))),
            (2, Some(Value::Unsigned(self.version))),
            (3, Some(Value::Unsigned(self.issued_ms))),
            (4, texts(&self.name)),
            (5, Some(Value::Array(contact))),
            (6, Some(Value::Array(online))),
            (7, Some(Value::Bytes(&self.next))),
        ]);
        sealed::seal(key, WORD, &payload.to_bytes())
    }

    /// Opens one, and says who signed it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(bytes: &[u8]) -> Result<(Key, Self), BadRootDocument> {
        let (key, payload) = sealed::open(bytes, WORD, ROOT_DOCUMENT_MAX)?;
        let value = Value::read(payload, LIMITS).map_err(BadShape::from)?;
        Ok((key, Self::of(Fields::of(value)?)?))
    }

    fn of(mut fields: Fields<'_>) -> Result<Self, BadShape> {
        fields.required(1, |format| match format.unsigned()? {
            FORMAT => Ok(()),
            _ => Err("it was written by a later program; update Kinora"),
        })?;
        Ok(Self {
            version: fields.required(2, Value::unsigned)?,
            issued_ms: fields.required(3, Value::unsigned)?,
            name: fields.optional(4, read_texts)?.unwrap_or_default(),
            contact: fields.required(5, |list| list.each(8, Value::checked))?,
            online: fields
                .required(6, |list| list.each(ONLINE_KEYS_MAX, |key| key.array_of().map(Key)))?,
            next: fields.required(7, Value::array_of)?,
        })
    }
}
