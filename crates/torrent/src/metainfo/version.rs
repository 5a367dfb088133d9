//! The generations of the format.

use super::{BadMetainfo, entry};
use crate::bencode::{Kind, Value};

/// Which swarms a torrent can join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// Programs of all ages; pieces are verified whole (BEP 3).
    V1,
    /// Recent programs only; blocks are verified one by one (BEP 52).
    V2,
    /// Both at once.
    #[default]
    Hybrid,
}

impl Version {
    /// Whether it has a v1 infohash and the SHA-1 of pieces.
    #[must_use]
    pub fn has_v1(self) -> bool {
        self != Self::V2
    }

    /// Whether it has a v2 infohash and Merkle trees.
    #[must_use]
    pub fn has_v2(self) -> bool {
        self != Self::V1
    }

    /// What an info dictionary says it is. Half a v1 part beside a v2 part makes a hybrid, and a damaged one.
    pub(super) fn of(info: &Value<'_>) -> Result<Self, BadMetainfo> {
        let stated = entry::optional(info, "meta version", Kind::Integer)?;
        let listed = [b"pieces".as_slice(), b"files", b"length"];
        match stated.map(|version| version.as_int().unwrap_or(i64::MAX)) {
            None | Some(1) if info.get(b"file tree").is_some() => Err(BadMetainfo::TreeInV1),
            None | Some(1) => Ok(Self::V1),
            Some(2) if listed.iter().any(|key| info.get(key).is_some()) => Ok(Self::Hybrid),
            Some(2) => Ok(Self::V2),
            Some(found) => Err(BadMetainfo::Version { found }),
        }
    }
}
