//! Message Stream Encryption (MSE/PE): connections that do not look like BitTorrent to those in between.
//!
//! It hides what is spoken from observers; it proves nobody's identity. Each side sends a Diffie–Hellman
//! key and random padding, the caller proves that it knows the torrent's infohash, and both agree on how
//! the rest is sent: by RC4, or as it is. [`Initiator`] calls, [`Responder`] is called; each takes bytes
//! cut anywhere and ends with what was [`Agreed`]. A port that also speaks plainly tells the two apart by
//! [`Handshake::parse`](crate::wire::Handshake::parse): no key looks like the start of a plain handshake.
//!
//! The format is the one of the Vuze wiki, "Message Stream Encryption", that all programs share.

mod cipher;
mod inbox;
mod initiator;
mod key_exchange;
mod responder;
mod secret;

use bytes::Bytes;
use thiserror::Error;

pub use self::{
    cipher::Cipher, initiator::Initiator, key_exchange::KEY_LEN, responder::Responder,
    secret::lookup_key,
};
use crate::Sha1Hash;

/// The longest padding of each kind, in bytes.
pub const PADDING_MAX: usize = 512;
/// The verification constant: what is decrypted to this many zeros was encrypted with the right key.
const VERIFICATION: [u8; 8] = [0; 8];

/// Ways to send what follows the handshake, as `crypto_provide` and `crypto_select` name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Methods(u32);

impl Methods {
    /// As it is.
    pub const PLAINTEXT: Self = Self(0x01);
    /// Encrypted by RC4.
    pub const RC4: Self = Self(0x02);
    /// Either.
    pub const ANY: Self = Self(0x03);

    /// Whether all of these are among them.
    #[must_use]
    pub fn has(self, methods: Self) -> bool {
        self.0 & methods.0 == methods.0
    }

    /// The cheapest way that both sides accept: RC4 costs both of them for every byte.
    fn choose(self, offered: Self) -> Option<Self> {
        [Self::PLAINTEXT, Self::RC4].into_iter().find(|one| self.has(*one) && offered.has(*one))
    }
}

/// The random numbers of one handshake: the private key, and how it is padded.
#[derive(Clone)]
pub struct Draw([u8; Self::LEN]);

impl Draw {
    /// Random bytes that one handshake takes.
    pub const LEN: usize = PRIVATE_KEY_LEN + 2 + 2 + PADDING_MAX;

    /// From bytes that nobody can guess, used for one handshake only.
    #[must_use]
    pub fn new(random: [u8; Self::LEN]) -> Self {
        Self(random)
    }

    fn private_key(&self) -> [u8; PRIVATE_KEY_LEN] {
        let mut key = [0; PRIVATE_KEY_LEN];
        key.copy_from_slice(&self.0[..PRIVATE_KEY_LEN]);
        key
    }

    /// Padding that stands behind a public key: it must look like one.
    fn padding(&self) -> &[u8] {
        let len = self.length(PRIVATE_KEY_LEN);
        &self.0[PRIVATE_KEY_LEN + 4..][..len]
    }

    /// How much padding stands within what is encrypted.
    fn inner_padding(&self) -> usize {
        self.length(PRIVATE_KEY_LEN + 2)
    }

    fn length(&self, at: usize) -> usize {
        usize::from(u16::from_be_bytes([self.0[at], self.0[at + 1]])) % (PADDING_MAX + 1)
    }
}

/// Bits of the private key over 8: more would not make a 768-bit group stronger.
const PRIVATE_KEY_LEN: usize = 20;

/// What both sides have agreed on.
#[derive(Debug)]
pub struct Agreed {
    /// The torrent it is about, by the name the caller knows it under.
    pub name: Sha1Hash,
    /// How the rest is sent: one method.
    pub method: Methods,
    /// For bytes that come from now on.
    pub incoming: Cipher,
    /// For bytes that go from now on.
    pub outgoing: Cipher,
    /// What came behind the handshake, decrypted.
    pub received: Bytes,
}

/// Bytes that are no encrypted handshake, or one that cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadEncryption {
    /// The public key makes the secret a known one.
    #[error("the other side's public key is not a usable number")]
    Key,
    /// The padding is over, and nothing that was to follow came.
    #[error("the other side does not speak the encrypted handshake, or knows another torrent")]
    NoMark,
    /// The caller does not name a torrent that we know.
    #[error("the other side asks for a torrent that is not here")]
    UnknownTorrent,
    /// What follows the torrent's name was not encrypted with its key.
    #[error("the other side encrypts with another key")]
    Verification,
    /// Padding longer than allowed.
    #[error("the other side announces {0} bytes of padding; {PADDING_MAX} are allowed")]
    Padding(u16),
    /// No method that both accept, or the answer names none or several, or one that was not offered.
    #[error("the two sides accept no common method of encryption")]
    Method,
}

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draw")
    }
}
