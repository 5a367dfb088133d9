//! Which titles does a file in somebody else's format list, and how do others read ours?
//!
//! Readers turn foreign files into [`Entry`]s, one for each record, with the line it began in; what cannot become a title
//! is told as [`Dropped`]. Whether an entry is a title is decided by the same gate as for our own files. Nothing here
//! follows an address, expands an entity or reads a second file.

pub mod csv;
mod entry;
pub mod json_ld;
mod licences;
pub mod mrss;
pub mod nfo;
mod series;
pub mod stremio;
mod torrents;
mod xml;

pub use self::{
    entry::{Dropped, Elsewhere, Entry, Found, Intake, Unreadable},
    series::{Gathered, Gathering, Part, Series, Waiting},
};

/// The largest JSON-LD or MRSS file that is read, bytes. Rows of a CSV file come one by one and need no such limit.
pub const DOCUMENT_MAX: usize = 256 << 20;
/// The longest row or record, bytes.
pub const RECORD_MAX: usize = 256 << 10;
/// The longest series with all its episodes, bytes.
pub const SERIES_MAX: usize = 4 << 20;
/// The most records in one file.
pub const RECORDS_MAX: u64 = 200_000;
