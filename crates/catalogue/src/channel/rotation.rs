//! One root key hands a channel over to the next, which it named by a hash before anybody could have stolen it.

use ed25519_dalek::SigningKey;

use super::{Key, pointer::commitment, sealed};
use crate::cbor::{BadCbor, Limits, Value};

/// What is signed starts with this, and the statement names itself by it.
const WORD: &[u8] = b"vod-rot/1\0";
const NAME: &str = "vod-rot/1";
/// The longest statement, bytes.
pub const ROTATION_MAX: usize = 512;

/// A statement, signed by both keys, that one root key follows another. It beats every item of the old key, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    old: Key,
    new: Key,
    root_version: u64,
    issued_ms: u64,
    signatures: [[u8; 64]; 2],
}

/// Why bytes are no handing over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRotation {
    /// Not well written.
    #[error("it is not well written: {0}")]
    Cbor(#[from] BadCbor),
    /// Not of its shape.
    #[error("it is no statement that a key follows another")]
    Form,
    /// One of the two keys did not sign it.
    #[error("not both keys signed it")]
    Signature,
}

impl Rotation {
    /// Signs it with both root keys.
    #[must_use]
    pub fn sign(old: &SigningKey, new: &SigningKey, root_version: u64, issued_ms: u64) -> Self {
        let public = |key: &SigningKey| Key(key.verifying_key().to_bytes());
        let (from, to) = (public(old), public(new));
        let payload = payload(&from, &to, root_version, issued_ms);
        let signatures = [old, new].map(|key| sealed::sign(key, WORD, &payload));
        Self { old: from, new: to, root_version, issued_ms, signatures }
    }

    /// The key whose channel it was.
    #[must_use]
    pub fn old(&self) -> &Key {
        &self.old
    }

    /// The key whose channel it is.
    #[must_use]
    pub fn new_key(&self) -> &Key {
        &self.new
    }

    /// When it was signed, milliseconds since 1970.
    #[must_use]
    pub fn issued_ms(&self) -> u64 {
        self.issued_ms
    }

    /// Whether the old key had named the new one by this hash.
    pub(crate) fn was_promised(&self, next: &[u8; 32]) -> bool {
        commitment(&self.new) == *next
    }

    /// The statement as it is passed on.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::Array(vec![
            Value::Text(NAME),
            Value::Bytes(&self.old.0),
            Value::Bytes(&self.new.0),
            Value::Unsigned(self.root_version),
            Value::Unsigned(self.issued_ms),
            Value::Bytes(&self.signatures[0]),
            Value::Bytes(&self.signatures[1]),
        ])
        .to_bytes()
    }

    /// Reads a statement that both keys signed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, BadRotation> {
        let limits = Limits { bytes: ROTATION_MAX, depth: 1, values: 8 };
        let parts = Value::read(bytes, limits)?.tuple::<7>().map_err(|_| BadRotation::Form)?;
        let rotation = Self::of(parts).map_err(|_| BadRotation::Form)?;
        let Self { old, new, root_version, issued_ms, signatures } = &rotation;
        let signed = [WORD, &payload(old, new, *root_version, *issued_ms)].concat();
        let fits = |(key, signature)| sealed::fits(key, &signed, signature);
        if [old, new].into_iter().zip(signatures).all(fits) {
            Ok(rotation)
        } else {
            Err(BadRotation::Signature)
        }
    }

    fn of(parts: [Value<'_>; 7]) -> Result<Self, &'static str> {
        let [name, old, new, root_version, issued_ms, by_old, by_new] = parts;
        if name.text()? != NAME {
            return Err("another kind of statement");
        }
        Ok(Self {
            old: Key(old.array_of()?),
            new: Key(new.array_of()?),
            root_version: root_version.unsigned()?,
            issued_ms: issued_ms.unsigned()?,
            signatures: [by_old.array_of()?, by_new.array_of()?],
        })
    }
}

/// Both keys, the root's version and the time, the numbers in eight bytes, high ones first.
fn payload(old: &Key, new: &Key, root_version: u64, issued_ms: u64) -> Vec<u8> {
    let numbers = [root_version.to_be_bytes(), issued_ms.to_be_bytes()].concat();
    [&old.0[..], &new.0, &numbers].concat()
}
