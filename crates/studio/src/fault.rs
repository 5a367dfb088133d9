//! What can go wrong while the films are made, in words for people.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// Why a film, a picture or a torrent could not be made.
#[derive(Debug, Error)]
pub enum Fault {
    /// The encoder is not installed.
    #[error("ffmpeg, which encodes the films, is missing")]
    NoFfmpeg,
    /// No usable font.
    #[error("no font for the titles was found (looked for {wanted})")]
    NoFont {
        /// The file names that would have done.
        wanted: String,
    },
    /// A file or folder could not be read or written.
    #[error("{} cannot be used: {error}", path.display())]
    Disk {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// ffmpeg gave up.
    #[error("ffmpeg could not make {}: {said}", file.display())]
    Encode {
        /// The unfinished file.
        file: PathBuf,
        /// Its last words.
        said: String,
    },
    /// A picture could not be made.
    #[error("{} could not be drawn: {why}", file.display())]
    Picture {
        /// The picture.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A torrent could not be made.
    #[error("no torrent could be made of {}: {why}", content.display())]
    Torrent {
        /// What it was to carry.
        content: PathBuf,
        /// Why.
        why: String,
    },
}

impl Fault {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFfmpeg => {
                "Install it (Debian: apt-get install ffmpeg), or run scripts/setup demo."
            }
            Self::NoFont { .. } => {
                "Install one (Debian: apt-get install fonts-lato), or run scripts/setup demo."
            }
            Self::Disk { .. } => "Make room, or choose another folder with --dir.",
            Self::Encode { .. } | Self::Picture { .. } | Self::Torrent { .. } => {
                "Start again: what was complete is kept."
            }
        }
    }

    pub(crate) fn disk(path: &Path, error: io::Error) -> Self {
        Self::Disk { path: path.to_owned(), error }
    }

    pub(crate) fn picture(file: &Path, why: &str) -> Self {
        Self::Picture { file: file.to_owned(), why: why.to_owned() }
    }
}
