//! Items that the DHT keeps for whoever puts them there (BEP 44): what they are, where, and who signed them.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;
use torrent::{
    bencode::{Document, Encoder, Limits, Mode},
    hash::sha1,
};

use crate::Id;

/// Bytes of a value in its bencoded form, at most (BEP 44).
pub const VALUE_MAX: usize = 1000;
/// Bytes of a salt, at most (BEP 44).
pub const SALT_MAX: usize = 64;
/// What a stranger's value may be made of.
const LIMITS: Limits = Limits { bytes: VALUE_MAX, depth: 16, tokens: VALUE_MAX };

/// A value in its bencoded form, byte for byte as its author wrote it: that is what is hashed and signed.
/// It may be of any kind, a text or a dictionary (BEP 46) alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(Vec<u8>);

/// A value under its own hash: nobody can change it.
///
/// Or a value under a public key and a salt: the owner of the key can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Found by the SHA-1 of the value.
    Immutable(Value),
    /// Found by the SHA-1 of key and salt.
    Mutable(MutableItem),
}

/// A signed value. One that is held has a good signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutableItem {
    key: [u8; 32],
    salt: Vec<u8>,
    seq: i64,
    value: Value,
    signature: [u8; 64],
}

/// Why something is no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadItem {
    /// The value is longer than [`VALUE_MAX`].
    #[error("the value is longer than {VALUE_MAX} bytes")]
    TooLong,
    /// The salt is longer than [`SALT_MAX`].
    #[error("the salt is longer than {SALT_MAX} bytes")]
    SaltTooLong,
    /// The value is not bencoded, or not in the one canonical way.
    #[error("the value is not bencoded")]
    NotBencoded,
    /// The key did not sign this.
    #[error("the signature does not fit")]
    Signature,
}

impl Value {
    /// A bencoded value.
    ///
    /// # Errors
    /// It is not bencoded, or too long.
    pub fn bencoded(raw: &[u8]) -> Result<Self, BadItem> {
        if raw.len() > VALUE_MAX {
            return Err(BadItem::TooLong);
        }
        Document::parse(raw, Mode::Strict, &LIMITS).map_err(|_| BadItem::NotBencoded)?;
        Ok(Self(raw.to_vec()))
    }

    /// A text or other bytes, bencoded.
    ///
    /// # Errors
    /// It is too long.
    pub fn bytes(bytes: &[u8]) -> Result<Self, BadItem> {
        let mut out = Encoder::new();
        out.bytes(bytes);
        Self::bencoded(&out.finish())
    }

    /// The bencoded form.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.0
    }
}

impl MutableItem {
    /// Signs a value; a change needs a higher `seq`.
    ///
    /// # Errors
    /// The salt is too long.
    pub fn sign(key: &SigningKey, salt: &[u8], seq: i64, value: Value) -> Result<Self, BadItem> {
        let signed = signed_bytes(salt, seq, &value)?;
        let signature = key.sign(&signed).to_bytes();
        let key = key.verifying_key().to_bytes();
        Ok(Self { key, salt: salt.to_vec(), seq, value, signature })
    }

    /// A stranger's item.
    ///
    /// # Errors
    /// The signature does not fit (small-order keys and other spellings of a signature fit nothing), or
    /// the salt is too long.
    pub fn verify(
        key: [u8; 32],
        salt: &[u8],
        seq: i64,
        value: Value,
        signature: [u8; 64],
    ) -> Result<Self, BadItem> {
        let signed = signed_bytes(salt, seq, &value)?;
        VerifyingKey::from_bytes(&key)
            .and_then(|key| key.verify_strict(&signed, &Signature::from_bytes(&signature)))
            .map_err(|_| BadItem::Signature)?;
        Ok(Self { key, salt: salt.to_vec(), seq, value, signature })
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// What tells the items of one key apart; may be empty.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// The version: higher is newer.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// What was signed.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }
}

impl Item {
    /// Under which key the DHT keeps it.
    #[must_use]
    pub fn target(&self) -> Id {
        match self {
            Self::Immutable(value) => sha1(value.raw()).into(),
            Self::Mutable(item) => mutable_target(&item.key, &item.salt),
        }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        match self {
            Self::Immutable(value) => value,
            Self::Mutable(item) => &item.value,
        }
    }

    /// The version of a mutable item.
    #[must_use]
    pub fn seq(&self) -> Option<i64> {
        match self {
            Self::Immutable(_) => None,
            Self::Mutable(item) => Some(item.seq),
        }
    }
}

/// Where a mutable item is kept: the SHA-1 of its public key and salt.
#[must_use]
pub fn mutable_target(key: &[u8; 32], salt: &[u8]) -> Id {
    sha1(&[key.as_slice(), salt].concat()).into()
}

/// What is signed: pieces of a dictionary, without its ends (BEP 44).
fn signed_bytes(salt: &[u8], seq: i64, value: &Value) -> Result<Vec<u8>, BadItem> {
    if salt.len() > SALT_MAX {
        return Err(BadItem::SaltTooLong);
    }
    let mut out = Encoder::new();
    if !salt.is_empty() {
        out.bytes("salt").bytes(salt);
    }
    out.bytes("seq").int(seq).bytes("v").raw(value.raw());
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548";

    fn unhex<const N: usize>(digits: &str) -> [u8; N] {
        let byte = |at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).expect("digits");
        std::array::from_fn(byte)
    }

    #[test]
    fn vector_1_of_bep_44_a_mutable_item() {
        let signature = "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff\
                         1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01";
        let value = Value::bytes(b"Hello World!").unwrap();
        let item = MutableItem::verify(unhex(KEY), b"", 1, value, unhex(signature)).unwrap();
        let target = Item::Mutable(item).target();
        assert_eq!(target.to_string(), "4a533d47ec9c7d95b1ad75f576cffc641853b750");
    }

    #[test]
    fn vector_2_of_bep_44_a_mutable_item_with_a_salt() {
        let signature = "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d\
                         df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08";
        let value = Value::bytes(b"Hello World!").unwrap();
        let item = MutableItem::verify(unhex(KEY), b"foobar", 1, value, unhex(signature)).unwrap();
        let target = Item::Mutable(item).target();
        assert_eq!(target.to_string(), "411eba73b6f087ca51a3795d9c8c938d365e32c1");
    }

    #[test]
    fn vector_3_of_bep_44_an_immutable_item() {
        let item = Item::Immutable(Value::bytes(b"Hello World!").unwrap());
        assert_eq!(item.target().to_string(), "e5f96f6f38320f0f33959cb4d3d656452117aadb");
    }

    #[test]
    fn the_targets_of_bep_46() {
        let key = unhex("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e");
        let plain = mutable_target(&key, b"");
        assert_eq!(plain.to_string(), "cc3f9d90b572172053626f9980ce261a850d050b");
        let salted = mutable_target(&key, b"n");
        assert_eq!(salted.to_string(), "59ee7c2cb9b4f7eb1986ee2d18fd2fdb8a56554f");
    }

    /// A publisher's head: the value is a dictionary, which is signed as it is.
    #[test]
    fn a_dictionary_is_signed_as_it_stands() {
        let key = SigningKey::from_bytes(&[2; 32]);
        let salt = unhex::<20>("7668310034750f98bd59fcfc946da45aaabe933b");
        let mut value = Encoder::new();
        value.begin_dict().key("i2").bytes([0x22; 32]).key("ih").bytes([0x11; 20]);
        value.key("m").bytes([0x33; 32]).key("n").int(7).key("r").int(1);
        value.key("t").int(1_790_000_100_000).key("x").int(1_792_592_100_000).key("z").int(1).end();
        let value = Value::bencoded(&value.finish()).unwrap();
        assert_eq!(value.raw().len(), 160);
        let item = MutableItem::sign(&key, &salt, 1_790_000_100_000, value).unwrap();
        assert_eq!(
            *item.signature(),
            unhex::<64>(
                "2946a9817b5c684d219810b9e550dd7c7e08a65915613310821457553396ddd2\
                 656f4a35416434de030e0bb8507614e17e2bc30eff0eb03b8109459980cd2b02"
            )
        );
        let again = MutableItem::verify(
            *item.key(),
            &salt,
            item.seq(),
            item.value().clone(),
            *item.signature(),
        );
        assert_eq!(again.as_ref(), Ok(&item));
        let target = Item::Mutable(item).target();
        assert_eq!(target.to_string(), "bb8134131ef2b27e63a8a1c420103d795ab79b0f");
    }

    #[test]
    fn whatever_is_changed_the_signature_no_longer_fits() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let value = Value::bytes(b"one").unwrap();
        let item = MutableItem::sign(&key, b"s", 5, value.clone()).unwrap();
        let bad = Err(BadItem::Signature);
        let verify = |key, salt: &[u8], seq, value: &Value| {
            MutableItem::verify(key, salt, seq, value.clone(), *item.signature())
        };
        assert_eq!(verify(*item.key(), b"s", 5, &value), Ok(item.clone()));
        assert_eq!(verify(*item.key(), b"s", 6, &value), bad);
        assert_eq!(verify(*item.key(), b"t", 5, &value), bad);
        assert_eq!(verify(*item.key(), b"", 5, &value), bad);
        assert_eq!(verify(*item.key(), b"s", 5, &Value::bytes(b"two").unwrap()), bad);
        assert_eq!(verify([0; 32], b"s", 5, &value), bad, "a key of small order");
    }

    #[test]
    fn long_values_long_salts_and_what_is_not_bencoded_are_refused() {
        assert_eq!(Value::bytes(&[0; 996]).map(|value| value.raw().len()), Ok(1000));
        assert_eq!(Value::bytes(&[0; 997]), Err(BadItem::TooLong));
        assert_eq!(Value::bencoded(b"3:ab"), Err(BadItem::NotBencoded));
        assert_eq!(Value::bencoded(b"i1ei2e"), Err(BadItem::NotBencoded));
        let key = SigningKey::from_bytes(&[1; 32]);
        let value = Value::bytes(b"v").unwrap();
        assert_eq!(MutableItem::sign(&key, &[0; 65], 1, value), Err(BadItem::SaltTooLong));
    }
}
