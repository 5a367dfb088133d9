//! What is this torrent (v1, v2, hybrid), and how do peers speak about it?
//!
//! Pure functions and values: no I/O, no clock, no async. A stranger's bytes become a value here or a
//! typed error, never a panic.

pub mod bencode;
mod compact;
pub mod create;
pub mod encryption;
mod geometry;
pub mod hash;
mod infohash;
pub mod ip_filter;
pub mod local_discovery;
mod magnet;
pub mod merkle;
mod metainfo;
pub mod paths;
pub mod peer_priority;
mod percent;
pub mod tracker;
pub mod web_seed;
pub mod wire;

pub use crate::{
    geometry::{BLOCK_LEN, Block, Geometry, Piece},
    infohash::{InfoHashes, Sha1Hash, Sha256Hash},
    magnet::{BadMagnet, Magnet, PeerHint},
    metainfo::{BadMetainfo, File, FileSlice, Info, Metainfo, V2Expected, Version, limits},
};
