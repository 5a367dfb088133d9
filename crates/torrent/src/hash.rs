//! The two hash functions of BitTorrent, SHA-1 (BEP 3) and SHA-256 (BEP 52), and its checksum, CRC-32C (BEP 40, 42).

mod lanes;

use sha1::{Digest, Sha1};
use sha2::Sha256;

pub use self::lanes::{LANES, Sha1Lanes, sha1_side_by_side_pays, sha256_each};
use crate::{Sha1Hash, Sha256Hash};

/// The SHA-1 of some bytes.
#[must_use]
pub fn sha1(bytes: &[u8]) -> Sha1Hash {
    Sha1Hash(Sha1::digest(bytes).into())
}

/// The SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Sha256Hash {
    Sha256Hash(Sha256::digest(bytes).into())
}

/// CRC-32C (Castagnoli), bit by bit: it is asked for a few bytes at a time.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// The SHA-256 of two nodes of a Merkle tree: their parent.
#[must_use]
pub fn sha256_pair(left: &Sha256Hash, right: &Sha256Hash) -> Sha256Hash {
    let mut hasher = Sha256::new();
    hasher.update(left.0);
    hasher.update(right.0);
    Sha256Hash(hasher.finalize().into())
}

/// A SHA-1 that is fed bit by bit, for pieces that lie in several places.
#[derive(Debug, Clone, Default)]
pub struct Sha1Hasher(Sha1);

impl Sha1Hasher {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of everything given.
    #[must_use]
    pub fn finish(self) -> Sha1Hash {
        Sha1Hash(self.0.finalize().into())
    }
}

/// A SHA-256 that is fed bit by bit.
#[derive(Debug, Clone, Default)]
pub struct Sha256Hasher(Sha256);

impl Sha256Hasher {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of everything given.
    #[must_use]
    pub fn finish(self) -> Sha256Hash {
        Sha256Hash(self.0.finalize().into())
    }
}
