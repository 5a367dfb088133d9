//! Makes torrents: v1, v2 and hybrid, the same bytes for the same files every time (BEP 3, 27, 47, 52).
//!
//! Pure: the caller reads the files and feeds their bytes in the order that [`Hashing::next_file`] says.

mod dictionary;
mod hashing;

use thiserror::Error;

pub use self::hashing::{Half, Hashing};
pub use crate::metainfo::Version;
use crate::{BLOCK_LEN, BadMetainfo, limits};

/// What a torrent will be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// Hybrid unless said otherwise.
    pub version: Version,
    /// The length of pieces in bytes: a power of two from 16 KiB. [`piece_len_for`] chooses if it is `None`.
    pub piece_len: Option<u32>,
    /// Whether only its trackers may tell of peers (BEP 27).
    pub private: bool,
    /// Makes the infohash another one than that of the same files elsewhere.
    pub source: Option<String>,
    /// Trackers in tiers (BEP 12).
    pub trackers: Vec<Vec<String>>,
    /// Web seeds (BEP 19).
    pub web_seeds: Vec<String>,
    /// A remark.
    pub comment: Option<String>,
    /// The program that makes it.
    pub created_by: Option<String>,
    /// When it is made, in seconds since 1970. Left out, the file is the same every time.
    pub creation_date: Option<i64>,
    name: String,
    files: Vec<Source>,
    single: bool,
}

/// A file to put into a torrent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    /// Below the folder of the torrent; for a single file its name.
    path: Vec<String>,
    length: u64,
}

/// Why a torrent cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CannotCreate {
    /// A file or folder has a name that other computers cannot have.
    #[error("`{name}` cannot be the name of a file in a torrent; rename it")]
    Name {
        /// The name.
        name: String,
    },
    /// Two files on one path, or a file where a folder is.
    #[error("two things in the torrent are called `{path}`")]
    Clash {
        /// The path.
        path: String,
    },
    /// The chosen piece length is not allowed.
    #[error(
        "pieces of {found} bytes cannot be made; choose a power of two from 16384 to {}",
        limits::PIECE_LEN
    )]
    PieceLength {
        /// What was chosen.
        found: u32,
    },
    /// A file has not as many bytes as it had when the work began.
    #[error("`{path}` changed while it was read: it was {expected} bytes long; start again")]
    Changed {
        /// The path.
        path: String,
        /// Its length in bytes when it was added.
        expected: u64,
    },
    /// The result would not be a valid torrent: too many files or pieces, or no content.
    #[error("no torrent can be made of this: {0}")]
    Metainfo(#[from] BadMetainfo),
}

impl Builder {
    /// A torrent of one file without a folder.
    #[must_use]
    pub fn single_file(name: impl Into<String>, length: u64) -> Self {
        let name = name.into();
        let file = Source { path: vec![name.clone()], length };
        Self { single: true, files: vec![file], ..Self::folder(name) }
    }

    /// A torrent of a folder with files, which [`Self::file`] adds.
    #[must_use]
    pub fn folder(name: impl Into<String>) -> Self {
        Self {
            version: Version::default(),
            piece_len: None,
            private: false,
            source: None,
            trackers: vec![],
            web_seeds: vec![],
            comment: None,
            created_by: None,
            creation_date: None,
            name: name.into(),
            files: vec![],
            single: false,
        }
    }

    /// Adds a file by its path below the folder and its length in bytes. The order does not matter.
    pub fn file(&mut self, path: Vec<String>, length: u64) -> &mut Self {
        self.files.push(Source { path, length });
        self
    }

    /// Checks everything that can be checked before files are read.
    ///
    /// # Errors
    /// A name, a clash of names or a piece length that cannot be.
    pub fn start(mut self) -> Result<Hashing, CannotCreate> {
        self.files.sort();
        check_names(&self)?;
        check_clashes(&self.files)?;
        let total = self.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.length));
        let piece_len = self.piece_len.unwrap_or_else(|| piece_len_for(total));
        if !piece_len.is_power_of_two() || !(BLOCK_LEN..=limits::PIECE_LEN).contains(&piece_len) {
            return Err(CannotCreate::PieceLength { found: piece_len });
        }
        Ok(Hashing::new(self, piece_len))
    }
}

/// A piece length for a content of this many bytes: some 2,000 pieces, and at most 1 MiB as long as the
/// number of pieces allows it, since a viewer waits for whole pieces of v1.
#[must_use]
pub fn piece_len_for(content_len: u64) -> u32 {
    const MANY: u64 = 2048;
    let mut len = BLOCK_LEN;
    while len < 1 << 20 && content_len.div_ceil(u64::from(len)) > MANY {
        len *= 2;
    }
    // Padding may add a piece for each file: half of the limit leaves room for them.
    while len < limits::PIECE_LEN && content_len / u64::from(len) > u64::from(limits::PIECES / 2) {
        len *= 2;
    }
    len
}

fn check_names(builder: &Builder) -> Result<(), CannotCreate> {
    let names = builder.files.iter().flat_map(|file| &file.path);
    let bad = |name: &&String| {
        matches!(name.as_str(), "" | "." | "..")
            || name.contains(['/', '\0'])
            || name.len() > limits::NAME_LEN
    };
    if let Some(name) = std::iter::once(&builder.name).chain(names).find(bad) {
        return Err(CannotCreate::Name { name: name.clone() });
    }
    match builder.files.iter().any(|file| file.path.is_empty()) {
        true => Err(CannotCreate::Name { name: String::new() }),
        false => Ok(()),
    }
}

/// Sorted paths clash with a neighbour: two equal ones, or a file and what lies "in" it.
fn check_clashes(files: &[Source]) -> Result<(), CannotCreate> {
    match files.windows(2).find(|two| two[1].path.starts_with(&two[0].path)) {
        Some(two) => Err(CannotCreate::Clash { path: two[0].path.join("/") }),
        None => Ok(()),
    }
}
