//! Feeds files to the hashing of a new torrent, so that the disk and two processors work together.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use thiserror::Error;
use torrent::{
    Metainfo,
    create::{CannotCreate, Half, Hashing},
};

/// Bytes read at once.
const CHUNK: usize = 4 << 20;
/// Chunks read ahead of the hashing.
const CHUNKS_MAX: usize = 4;
/// Fewer bytes are hashed sooner by one thread than it takes to start another.
const SHARED_FROM: usize = 256 << 10;

/// Why there is no torrent.
#[derive(Debug, Error)]
pub enum CannotHash {
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}", path = path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file changed meanwhile, or the torrent breaks the rules.
    #[error(transparent)]
    Cannot(#[from] CannotCreate),
}

/// Hashes all files below a root, or the one that the root is. `hashed` hears of every chunk and says whether to go on.
///
/// # Errors
/// Why there is no torrent; `None` when `hashed` said no.
pub fn hash(
    mut hashing: Hashing,
    root: &Path,
    hashed: &dyn Fn(u64) -> bool,
) -> Result<Option<Metainfo>, CannotHash> {
    let single = root.is_file();
    while let Some((path, length)) = hashing.next_file() {
        let path: PathBuf =
            if single { root.to_owned() } else { root.join(path.iter().collect::<PathBuf>()) };
        if !feed(&mut hashing, &path, length, hashed)? {
            return Ok(None);
        }
    }
    Ok(Some(hashing.finish()?))
}

/// A thread reads ahead and another takes half of a hybrid's work.
fn feed(
    hashing: &mut Hashing,
    path: &Path,
    length: u64,
    hashed: &dyn Fn(u64) -> bool,
) -> Result<bool, CannotHash> {
    let failed = |error| CannotHash::Unreadable { path: path.to_owned(), error };
    let file = File::open(path).map_err(failed)?;
    let (sender, chunks) = mpsc::sync_channel(CHUNKS_MAX);
    thread::scope(|scope| {
        scope.spawn(move || read(file, &sender));
        let mut fed = 0;
        for chunk in chunks {
            let chunk: Vec<u8> = chunk.map_err(failed)?;
            if chunk.len() < SHARED_FROM {
                hashing.feed(&chunk)?;
            } else {
                hashing.feed_with(&chunk, at_once)?;
            }
            fed += chunk.len() as u64;
            if !hashed(chunk.len() as u64) {
                return Ok(false);
            }
        }
        if fed == length {
            return Ok(true);
        }
        let path = path.display().to_string();
        Err(CannotCreate::Changed { path, expected: length }.into())
    })
}

fn at_once(one: Half<'_>, other: Half<'_>) {
    thread::scope(|scope| {
        scope.spawn(one);
        other();
    });
}

fn read(mut file: File, chunks: &mpsc::SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        match file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => return,
            Ok(_) if chunks.send(Ok(chunk)).is_ok() => {}
            // Nobody listens any more after a failure.
            Ok(_) => return,
            Err(error) => {
                chunks.send(Err(error)).ok();
                return;
            }
        }
    }
}
