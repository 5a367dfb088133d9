//! What is this torrent (v1, v2, hybrid), and how do peers speak about it?
//!
//! Pure functions and values: no I/O, no clock, no async. A stranger's bytes become a value here or a
//! typed error, never a panic.

mod geometry;
mod infohash;
mod metainfo;

pub use crate::{
    geometry::{BLOCK_LEN, Block, Geometry, Piece},
    infohash::{InfoHashes, Sha1Hash, Sha256Hash},
    metainfo::{File, Info, Metainfo},
};
