//! How much a torrent may ask for: libtorrent's defaults or lower.

use crate::bencode;

/// Bytes of a metainfo file, piece layers included.
pub const METAINFO_LEN: usize = 32 << 20;

/// Bytes of an info dictionary.
pub const INFO_LEN: usize = 16 << 20;

/// Pieces of a torrent.
pub const PIECES: u32 = 1 << 21;

/// Bytes of a piece.
pub const PIECE_LEN: u32 = 256 << 20;

/// Bytes of the content, padding included.
pub const CONTENT_LEN: u64 = 1 << 48;

/// Files of a torrent, padding and links included.
pub const FILES: usize = 100_000;

/// Folders within folders.
pub const PATH_DEPTH: usize = 100;

/// Bytes of one name, before it is made safe and cut to what the system allows.
pub const NAME_LEN: usize = 4096;

/// Memory for the paths of all files: in a v2 tree many files may share one long way down.
pub const PATHS_LEN: usize = 32 << 20;

/// Trackers, web seeds and DHT nodes that are kept, each; further ones are dropped.
pub const TRACKERS: usize = 64;
/// See [`TRACKERS`].
pub const WEB_SEEDS: usize = 16;
/// See [`TRACKERS`].
pub const NODES: usize = 64;

/// Bytes of a URL; longer ones are dropped.
pub const URL_LEN: usize = 8 << 10;

/// Bytes of a remark; the rest is cut.
pub const REMARK_LEN: usize = 16 << 10;

/// Nesting and number of values. A file tree adds one level per folder.
pub(super) const BENCODE: bencode::Limits =
    bencode::Limits { bytes: METAINFO_LEN, depth: PATH_DEPTH + 8, tokens: 2_500_000 };
