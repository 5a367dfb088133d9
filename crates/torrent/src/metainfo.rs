//! What is in a torrent: v1, v2 and hybrid (BEP 3, 47, 52), validated once.

use bytes::Bytes;

use crate::{Geometry, InfoHashes, Sha1Hash, Sha256Hash};

/// A torrent's description: what its infohash vouches for, and how to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// The validated info dictionary.
    pub info: Info,
    /// Trackers in tiers (BEP 12).
    pub trackers: Vec<Vec<String>>,
    /// Web seeds (BEP 19).
    pub web_seeds: Vec<String>,
    /// A remark by its maker; a stranger's text.
    pub comment: Option<String>,
    /// The program that made it; a stranger's text.
    pub created_by: Option<String>,
}

/// The info dictionary, which only its one constructor makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    raw: Bytes,
    hashes: InfoHashes,
    name: String,
    files: Vec<File>,
    geometry: Geometry,
    private: bool,
    piece_hashes: Vec<Sha1Hash>,
}

/// A file of a torrent. Padding is not a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Safe path below the download folder, the torrent's name not included for single-file torrents.
    pub path: Vec<String>,
    /// Its length in bytes.
    pub length: u64,
    /// Its place in the content.
    pub offset: u64,
    /// The root of its Merkle tree (v2, hybrid); `None` for empty files and v1.
    pub pieces_root: Option<Sha256Hash>,
}

impl Info {
    /// The exact bytes whose hash is the infohash.
    #[must_use]
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Its names.
    #[must_use]
    pub fn hashes(&self) -> InfoHashes {
        self.hashes
    }

    /// Its suggested name, made safe.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its files, in content order.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// How its content is cut.
    #[must_use]
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Whether only its trackers may tell of peers (BEP 27).
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// The SHA-1 of each piece; empty for v2-only torrents.
    #[must_use]
    pub fn piece_hashes(&self) -> &[Sha1Hash] {
        &self.piece_hashes
    }
}
