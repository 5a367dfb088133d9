//! Channels that this household does not want: a file of its own, since a blocked channel has no folder.

use std::{io, path::Path};

use catalogue::channel::Key;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::problem::{Code, Problem},
    kept::Kept,
};

/// A channel that may not be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockedChannel {
    /// The 52 letters of its key.
    id: String,
    /// What it was called when it was blocked; may be empty.
    name: String,
}

/// The blocked channels, in the order in which they were blocked; clones are cheap.
#[derive(Debug, Clone)]
pub struct Blocklist(Kept<Vec<BlockedChannel>>);

impl Blocklist {
    /// Reads the list; a missing file is an empty list.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged: what was blocked must not come back unnoticed.
    pub fn open(path: &Path) -> io::Result<Self> {
        Kept::open(path).map(Self)
    }

    /// All of them, last blocked first.
    #[must_use]
    pub fn all(&self) -> Vec<BlockedChannel> {
        self.0.get().iter().rev().cloned().collect()
    }

    /// Whether a channel is among them.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        let id = key.to_string();
        self.0.get().iter().any(|blocked| blocked.id == id)
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
        let list = self.0.clone();
        let work = move || {
            list.change(|blocked| {
                change(blocked);
                Ok(())
            })
        };
        let done = tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal)?;
        done.map_err(|error| Problem::from(Code::DiskDenied).detail(error))
    }
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
        std::fs::write(&path, "[{").unwrap();
        assert!(Blocklist::open(&path).is_err());
    }
}
