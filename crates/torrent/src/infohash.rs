//! The names of a torrent: hashes of its info dictionary (BEP 3, BEP 52).

use std::fmt;

/// A SHA-1 digest: a v1 infohash or the hash of a v1 piece.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha1Hash(pub [u8; 20]);

/// A SHA-256 digest: a v2 infohash, a pieces root or a node of a Merkle tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Hash(pub [u8; 32]);

/// The infohashes of one torrent; at least one of them is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InfoHashes {
    /// A v1 torrent.
    V1(Sha1Hash),
    /// A v2 torrent.
    V2(Sha256Hash),
    /// A hybrid torrent: the same info dictionary under both names.
    Hybrid(Sha1Hash, Sha256Hash),
}

impl InfoHashes {
    /// The v1 infohash, if the torrent has one.
    #[must_use]
    pub fn v1(&self) -> Option<Sha1Hash> {
        match *self {
            Self::V1(v1) | Self::Hybrid(v1, _) => Some(v1),
            Self::V2(_) => None,
        }
    }

    /// The v2 infohash, if the torrent has one.
    #[must_use]
    pub fn v2(&self) -> Option<Sha256Hash> {
        match *self {
            Self::V2(v2) | Self::Hybrid(_, v2) => Some(v2),
            Self::V1(_) => None,
        }
    }

    /// The 20 bytes used in handshakes and announces: v1 if there is one, else the v2 hash cut to 20 (BEP 52).
    #[must_use]
    pub fn wire(&self) -> Sha1Hash {
        match *self {
            Self::V1(v1) | Self::Hybrid(v1, _) => v1,
            Self::V2(v2) => v2.truncated(),
        }
    }

    /// The 20 bytes under which its swarms are found: of a hybrid torrent two, v1 first (BEP 52).
    pub fn names(&self) -> impl Iterator<Item = Sha1Hash> + use<> {
        self.v1().into_iter().chain(self.v2().map(|v2| v2.truncated()))
    }

    /// Whether a 20-byte infohash from a handshake names this torrent, under either of its names.
    #[must_use]
    pub fn matches_wire(&self, hash: &Sha1Hash) -> bool {
        self.v1().as_ref() == Some(hash)
            || self.v2().map(|v2| v2.truncated()).as_ref() == Some(hash)
    }
}

impl Sha256Hash {
    /// The first 20 bytes, as v2 swarms use them in handshakes, trackers and the DHT (BEP 52).
    #[must_use]
    pub fn truncated(&self) -> Sha1Hash {
        let mut cut = [0; 20];
        cut.copy_from_slice(&self.0[..20]);
        Sha1Hash(cut)
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for Sha1Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for Sha1Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}
