//! A file of a channel of which parts are read: segments are larger than what is needed of them at one time.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use catalogue::channel::{Parts, SegmentBytes};
use torrent::hash::Sha256Hasher;

/// Bytes that are hashed at one time.
const HASHED: usize = 1 << 20;

/// A file of which parts are read.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    file: Arc<Mutex<File>>,
    path: Arc<PathBuf>,
    length: usize,
}

impl Part {
    pub(crate) fn open(path: &Path, length: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() != length {
            return Err(io::Error::other("the file has another length"));
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        Ok(Self { file: Arc::new(Mutex::new(file)), path: Arc::new(path.to_owned()), length })
    }

    fn read(&self, range: Range<usize>) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(range.start as u64))?;
        let mut bytes = vec![0; range.len()];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn hash(&self) -> io::Result<[u8; 32]> {
        let mut hasher = Sha256Hasher::new();
        for start in (0..self.length).step_by(HASHED) {
            hasher.update(&self.read(start..self.length.min(start + HASHED))?);
        }
        Ok(hasher.finish().0)
    }
}

impl SegmentBytes for Part {
    fn length(&self) -> usize {
        self.length
    }

    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        Parts::part(self, range)
    }
}

impl Parts for Part {
    fn length(&self) -> usize {
        self.length
    }

    fn part(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        // A range is no larger than the file, so no more memory is taken than there are bytes.
        if range.end > self.length || range.start > range.end {
            return None;
        }
        match self.read(range) {
            Ok(bytes) => Some(Cow::Owned(bytes)),
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "a segment cannot be read");
                None
            }
        }
    }
}
