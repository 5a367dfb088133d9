//! Why a torrent is refused: what was found and what is allowed.

use thiserror::Error;

use super::limits;
use crate::bencode::{BadBencode, Kind};

/// A torrent that is damaged, contradicts itself or asks for too much. Names in it were made safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadMetainfo {
    /// Not bencoding.
    #[error("this is not a torrent, or it is damaged: {0}")]
    Bencode(#[from] BadBencode),
    /// The info dictionary is too long.
    #[error(
        "the torrent's description is {found} bytes long; at most {} are read",
        limits::INFO_LEN
    )]
    InfoTooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// A value that must be there is not.
    #[error("the torrent is damaged: `{key}` is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of another kind than the format says.
    #[error("the torrent is damaged: `{key}` is {found} where {expected} belongs")]
    WrongKind {
        /// The key.
        key: &'static str,
        /// What is there.
        found: Kind,
        /// What belongs there.
        expected: Kind,
    },
    /// A key stands twice, and programs disagree on which one counts.
    #[error("the torrent is ambiguous: `{key}` stands in its description more than once")]
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// A v2 torrent's info dictionary is not in the canonical form, which BEP 52 demands.
    #[error("the torrent is damaged: its description is not in the one proper form: {0}")]
    NotCanonical(BadBencode),
    /// A version of the format that is not known.
    #[error("the torrent is of version {found}; versions 1 and 2 are known")]
    Version {
        /// What it says.
        found: i64,
    },
    /// A file tree in a torrent that does not say it is of version 2.
    #[error("the torrent is ambiguous: it has a file tree but does not say it is of version 2")]
    TreeInV1,
    /// A piece length that the version does not allow.
    #[error("the torrent's pieces are {found} bytes long; {allowed}")]
    PieceLength {
        /// What it says.
        found: i64,
        /// What the version allows, as words.
        allowed: &'static str,
    },
    /// More pieces than the limit.
    #[error("the torrent has {found} pieces; at most {} are read", limits::PIECES)]
    TooManyPieces {
        /// How many.
        found: u64,
    },
    /// The list of piece hashes does not fit the content.
    #[error("the torrent is damaged: {found} bytes of piece hashes where {expected} belong")]
    PieceHashes {
        /// Bytes of `pieces`.
        found: usize,
        /// 20 bytes for each piece of the content.
        expected: u64,
    },
    /// More files than the limit.
    #[error("the torrent has more than {} files", limits::FILES)]
    TooManyFiles,
    /// No file at all, or only padding and links.
    #[error("the torrent has no files with content")]
    NoFiles,
    /// A length below zero or beyond 64 bits, or a content that is too long.
    #[error("the torrent is {found} bytes long; 1 to {} are allowed", limits::CONTENT_LEN)]
    ContentLength {
        /// The length, as a text: it may not fit a number.
        found: String,
    },
    /// A file without a name, or a name that is no list of texts.
    #[error("the torrent is damaged: file {index} has no proper name")]
    FileName {
        /// Its place in the list.
        index: usize,
    },
    /// A name that is too long.
    #[error(
        "a name in the torrent is {found} bytes long; at most {} are allowed",
        limits::NAME_LEN
    )]
    NameTooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// A file too deep in folders.
    #[error("a file of the torrent lies more than {} folders deep", limits::PATH_DEPTH)]
    PathTooDeep,
    /// All paths together take too much.
    #[error("the paths of the torrent's files take more than {} bytes", limits::PATHS_LEN)]
    PathsTooLong,
    /// A node of the file tree that is neither a file nor a folder, or both.
    #[error("the torrent is damaged: `{path}` in its file tree is neither a file nor a folder")]
    TreeNode {
        /// The node's path.
        path: String,
    },
    /// A file with content has no usable root hash.
    #[error("the torrent is damaged: `{path}` has no proper root hash")]
    PiecesRoot {
        /// The file's path.
        path: String,
    },
    /// The two descriptions in a hybrid torrent differ.
    #[error(
        "the torrent contradicts itself: its version 1 and version 2 parts differ at file {index}"
    )]
    Hybrid {
        /// The first file that differs, counted without padding and links.
        index: usize,
    },
    /// The hashes of the two versions in a hybrid torrent are those of different contents.
    #[error(
        "the torrent contradicts itself: piece {piece} is right by its version 2 part and wrong by its version 1 part"
    )]
    HybridPiece {
        /// The first piece that was found so.
        piece: u32,
    },
    /// A file's piece layer has another length than its pieces or does not lead to its root.
    #[error("the torrent is damaged: the piece hashes of file {file} are wrong")]
    PieceLayer {
        /// The file's place in [`super::Info::files`].
        file: usize,
    },
}
