//! What is read and written, one format a file.

mod bencode;
mod create;
mod hash;
mod magnet;
mod merkle;
mod metainfo;
mod paths;
mod tracker;
mod wire;
