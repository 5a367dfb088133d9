//! Channels that this household does not want: a file of its own, since a blocked channel has no folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catalogue::channel::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::{Code, Problem};

/// Longer files are not ours, bytes.
const LEN_MAX: u64 = 16 << 20;

/// A channel that may not be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockedChannel {
    /// The 52 letters of its key.
    id: String,
    /// What it was called when it was blocked; may be empty.
    name: String,
}

/// The blocked channels, on disk and in memory.
#[derive(Debug, Clone)]
pub struct Blocklist {
    path: PathBuf,
    blocked: Arc<Mutex<Vec<BlockedChannel>>>,
}

impl Blocklist {
    /// Reads the list; a missing file is an empty list.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged: what was blocked must not come back unnoticed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => b"[]".to_vec(),
            Err(error) => return Err(error),
            Ok(found) if found.len() > LEN_MAX => return Err(io::Error::other("it is too long")),
            Ok(_) => fs::read(path)?,
        };
        let blocked = serde_json::from_slice(&bytes)?;
        Ok(Self { path: path.to_owned(), blocked: Arc::new(Mutex::new(blocked)) })
    }

    /// All of them, last blocked first.
    #[must_use]
    pub fn all(&self) -> Vec<BlockedChannel> {
        self.blocked().iter().rev().cloned().collect()
    }

    /// Whether a channel is among them.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        let id = key.to_string();
        self.blocked().iter().any(|blocked| blocked.id == id)
    }

    /// Blocks a channel; on disk when this returns.
    ///
    /// # Errors
    /// [`Code::DiskDenied`] when the disk refuses; then it is not blocked.
    pub async fn add(&self, key: &Key, name: String) -> Result<(), Problem> {
        let id = key.to_string();
        self.change(move |blocked| {
            blocked.retain(|known| known.id != id);
            blocked.push(BlockedChannel { id, name });
        })
        .await
    }

    /// Unblocks a channel.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn remove(&self, key: &Key) -> Result<(), Problem> {
        let id = key.to_string();
        self.change(move |blocked| blocked.retain(|known| known.id != id)).await
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut Vec<BlockedChannel>) + Send + 'static,
    ) -> Result<(), Problem> {
        let list = self.clone();
        let work = move || {
            let mut blocked = list.blocked();
            let mut next = blocked.clone();
            change(&mut next);
            write(&list.path, &next)?;
            *blocked = next;
            Ok::<_, io::Error>(())
        };
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)?;
        done.map_err(|error| Problem::from(Code::DiskDenied).detail(error))
    }

    fn blocked(&self) -> MutexGuard<'_, Vec<BlockedChannel>> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(path: &Path, blocked: &[BlockedChannel]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, &serde_json::to_vec_pretty(blocked)?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_blocked_stays_blocked_and_a_damaged_list_is_no_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blocked-channels.json");
        let list = Blocklist::open(&path).unwrap();
        let (one, other) = (Key([1; 32]), Key([2; 32]));
        list.add(&one, "One".to_owned()).await.unwrap();
        list.add(&other, String::new()).await.unwrap();
        list.add(&one, "One".to_owned()).await.unwrap();
        list.remove(&other).await.unwrap();
        let again = Blocklist::open(&path).unwrap();
        assert_eq!((again.has(&one), again.has(&other), again.all().len()), (true, false, 1));
        fs::write(&path, "[{").unwrap();
        assert!(Blocklist::open(&path).is_err());
    }
}
