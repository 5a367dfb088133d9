//! What does the demo show? Films, posters and torrents made on the spot.
//!
//! Everything is invented and drawn by the program itself, so that it may be shared and shown freely.
//! Frames come from scenes, ffmpeg encodes them, and what is already there is not made again.

mod art;
mod canvas;
mod fault;
mod film;
mod plan;
mod programme;
mod record;
mod scene;
mod shoot;
mod sound;
mod subtitle;
mod torrents;
mod typography;

pub use crate::{
    fault::Fault,
    plan::{Package, Reel, Size},
    shoot::produce,
};

use std::path::PathBuf;

/// What was made, and where it lies.
#[derive(Debug)]
pub struct Programme {
    /// The folder of everything below.
    pub folder: PathBuf,
    /// What a torrent each carries.
    pub packages: Vec<Package>,
    size: Size,
}

impl Programme {
    /// Where the contents of the torrents lie: the folder to seed from.
    #[must_use]
    pub fn content(&self) -> PathBuf {
        self.folder.join("content")
    }

    /// The `.torrent` file of a package.
    #[must_use]
    pub fn torrent(&self, package: &Package) -> PathBuf {
        self.folder.join("torrents").join(format!("{}.torrent", package.id))
    }

    /// The file of a reel, complete.
    #[must_use]
    pub fn file(&self, package: &Package, reel: &Reel) -> PathBuf {
        self.content().join(&package.name).join(&reel.path)
    }
}
