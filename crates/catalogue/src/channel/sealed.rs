//! Signed documents that prove themselves without the DHT: a manifest or root document from a mirror or a stick.
//!
//! `[1, key, payload, signature]` in CBOR; what is signed is a word for the kind of document, then the payload's
//! bytes as they stand.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::Key;
use crate::cbor::{BadCbor, Limits, Value};

/// Bytes that an envelope adds to its payload, at most.
pub(crate) const ENVELOPE: usize = 128;

/// Why bytes are not a signed document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    /// Not an envelope.
    #[error("it is not a signed document: {0}")]
    Cbor(#[from] BadCbor),
    /// Not of the envelope's shape.
    #[error("it is not a signed document of format 1")]
    Form,
    /// The key did not sign this.
    #[error("its signature does not fit")]
    Signature,
}

/// Whether a key signed a message; strict: small-order keys and other spellings of a signature fit nothing.
pub(crate) fn fits(key: &Key, message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
        .is_ok()
}

/// A signature over a word and a payload.
pub(crate) fn sign(key: &SigningKey, word: &[u8], payload: &[u8]) -> [u8; 64] {
    key.sign(&[word, payload].concat()).to_bytes()
}

/// Puts a payload into its envelope.
pub(crate) fn seal(key: &SigningKey, word: &[u8], payload: &[u8]) -> Vec<u8> {
    let signature = sign(key, word, payload);
    let public = key.verifying_key().to_bytes();
    Value::Array(vec![
        Value::Unsigned(1),
        Value::Bytes(&public),
        Value::Bytes(payload),
        Value::Bytes(&signature),
    ])
    .to_bytes()
}

/// The signer and the payload of an envelope whose signature fits.
pub(crate) fn open<'a>(
    bytes: &'a [u8],
    word: &[u8],
    payload_max: usize,
) -> Result<(Key, &'a [u8]), BadSeal> {
    let limits = Limits { bytes: payload_max + ENVELOPE, depth: 1, values: 5 };
    let parts = Value::read(bytes, limits)?.tuple::<4>().map_err(|_| BadSeal::Form)?;
    let [Value::Unsigned(1), key, payload, signature] = parts else { return Err(BadSeal::Form) };
    let read = || Ok::<_, &str>((Key(key.array_of()?), payload.bytes()?, signature.array_of()?));
    let (key, payload, signature) = read().map_err(|_| BadSeal::Form)?;
    if !fits(&key, &[word, payload].concat(), &signature) {
        return Err(BadSeal::Signature);
    }
    Ok((key, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_opens_for_its_own_word_and_no_other() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let sealed = seal(&key, b"word\0", b"payload");
        let opened = open(&sealed, b"word\0", 100);
        assert_eq!(opened, Ok((Key(key.verifying_key().to_bytes()), b"payload".as_slice())));
        assert_eq!(open(&sealed, b"other\0", 100), Err(BadSeal::Signature));
        assert_eq!(open(&[0x80], b"word\0", 100), Err(BadSeal::Form));
    }

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let sealed = seal(&key, b"word\0", b"payload");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&changed, b"word\0", 100).is_err(), "byte {at}");
        }
    }
}
