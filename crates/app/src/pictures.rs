//! Posters and backdrops: found, decoded, made anew by us, kept by hash, handed out under signed paths.
//!
//! Nobody ever sees the bytes that a publisher sent: every picture is decoded within limits and encoded again,
//! so a file that is also a program (SVG) or a trap for a browser's decoder goes no further.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use catalogue::{Art, Digest};
use media::image::{self, Size};
use tokio::sync::Semaphore;

use crate::http::{
    policy::Guard,
    problem::{Code, Problem},
    signed::Scope,
};

/// How long a picture's address stays the same.
const ADDRESS_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// Pictures decoded at one time.
const DECODERS: usize = 2;
/// What the kept pictures may take on disk, bytes.
const KEPT_LEN_MAX: u64 = 256 << 20;

/// Which picture of a title or an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The upright one, large.
    Poster,
    /// The upright one, for grids.
    PosterSmall,
    /// The wide one behind a title's page.
    Backdrop,
    /// The wide one of an episode.
    Still,
}

impl Which {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Poster, "poster"),
        (Self::PosterSmall, "poster-small"),
        (Self::Backdrop, "backdrop"),
        (Self::Still, "still"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(which, _)| *which == self).map_or("", |(_, word)| word)
    }

    /// Reads what [`Links`] signed: which picture, and of what.
    #[must_use]
    pub fn of_subject(subject: &str) -> Option<(Self, &str)> {
        let (word, id) = subject.split_once(':')?;
        let (which, _) = Self::ALL.iter().find(|(_, known)| *known == word)?;
        Some((*which, id))
    }

    fn size(self) -> Size {
        match self {
            Self::Poster => Size::POSTER,
            Self::PosterSmall => Size::POSTER_SMALL,
            Self::Backdrop => Size::BACKDROP,
            Self::Still => Size { width: 640, height: 360 },
        }
    }
}

/// Makes the signed addresses of pictures.
#[derive(Debug, Clone)]
pub struct Links(pub Arc<Guard>);

impl Links {
    /// The address of a picture of a title or episode.
    #[must_use]
    pub fn title(&self, id: &str, which: Which, now: SystemTime) -> String {
        let subject = format!("{}:{id}", which.word());
        format!("/image/{}", self.0.signer.sign(Scope::Image, &subject, now, ADDRESS_LIFETIME))
    }
}

/// The kept pictures.
#[derive(Debug)]
pub struct Pictures {
    folder: PathBuf,
    decoders: Semaphore,
}

impl Pictures {
    /// Pictures kept in `folder`. What was used longest ago goes first when they take too much.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        if let Err(error) = prune(&folder, KEPT_LEN_MAX) {
            tracing::warn!(%error, "old pictures could not be cleared away");
        }
        Self { folder, decoders: Semaphore::new(DECODERS) }
    }

    /// The WebP bytes of a catalogue's picture.
    ///
    /// # Errors
    /// [`Code::ImageUnknown`] if there is no such file or it is no picture we show.
    pub async fn of_catalogue(
        &self,
        picture: library::Picture,
        which: Which,
    ) -> Result<Bytes, Problem> {
        let (Some(folder), Art::File(path)) = (picture.folder, picture.art) else {
            return Err(Code::ImageUnknown.into());
        };
        let source = path.split('/').fold(folder, |folder, part| folder.join(part));
        self.made_anew(which, move || read(&source)).await
    }

    /// The WebP bytes of a picture that is known by its hash. It is asked for only if it was never shown here.
    ///
    /// # Errors
    /// What `source` says, or [`Code::ImageUnknown`] if it is no picture we show.
    pub async fn of_hash(
        &self,
        which: Which,
        hash: Digest<32>,
        source: impl Future<Output = Result<Vec<u8>, Problem>>,
    ) -> Result<Bytes, Problem> {
        let kept = self.folder.join(format!("{hash}-{}.webp", which.word()));
        if let Ok(bytes) = tokio::fs::read(&kept).await {
            return Ok(bytes.into());
        }
        let bytes = source.await?;
        self.decoded(move || make(&kept, &bytes, which)).await
    }

    /// The WebP bytes made of a picture's own bytes.
    ///
    /// # Errors
    /// [`Code::ImageUnknown`] if it is no picture we show.
    pub async fn made_anew(
        &self,
        which: Which,
        source: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Result<Bytes, Problem> {
        let folder = self.folder.clone();
        self.decoded(move || {
            let bytes =
                source().map_err(|error| Problem::from(Code::ImageUnknown).detail(error))?;
            let name = format!("{}-{}.webp", blake3::hash(&bytes).to_hex(), which.word());
            make(&folder.join(name), &bytes, which)
        })
        .await
    }

    async fn decoded(
        &self,
        work: impl FnOnce() -> Result<Bytes, Problem> + Send + 'static,
    ) -> Result<Bytes, Problem> {
        let _turn = self.decoders.acquire().await;
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Code::Internal.into()))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let len = fs::metadata(path)?.len();
    if len > image::LEN_MAX as u64 {
        return Err(io::Error::other("the picture is too large"));
    }
    fs::read(path)
}

fn make(kept: &Path, source: &[u8], which: Which) -> Result<Bytes, Problem> {
    if let Ok(bytes) = fs::read(kept) {
        return Ok(bytes.into());
    }
    let picture = image::poster(source, which.size())
        .map_err(|bad| Problem::from(Code::ImageUnknown).detail(bad))?;
    // A full disk costs the next viewer a second decoding, not this one the picture.
    if let Err(error) = keep(kept, &picture.webp) {
        tracing::warn!(%error, "a picture could not be kept");
    }
    Ok(picture.webp.into())
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("part");
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, path)
}

fn prune(folder: &Path, len_max: u64) -> io::Result<()> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        kept.push((about.modified()?, about.len(), entry.path()));
    }
    kept.sort_by_key(|(modified, ..)| std::cmp::Reverse(*modified));
    let mut total = 0;
    for (_, len, path) in kept {
        total += len;
        if total > len_max {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_one_picture_of_one_thing() {
        for (which, word) in Which::ALL {
            assert_eq!(Which::of_subject(&format!("{word}:a:b")), Some((which, "a:b")));
        }
        assert_eq!(Which::of_subject("poster"), None);
        assert_eq!(Which::of_subject("other:a"), None);
    }

    #[test]
    fn the_oldest_pictures_go_first() {
        let dir = tempfile::tempdir().unwrap();
        for (age, name) in [(30, "old"), (20, "middle"), (10, "new")] {
            let file = fs::File::create(dir.path().join(name)).unwrap();
            file.set_len(100).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        prune(dir.path(), 250).unwrap();
        assert!(!dir.path().join("old").exists());
        assert!(dir.path().join("middle").exists() && dir.path().join("new").exists());
    }
}
