//! A newer version ends the fetching of an older one: whoever told of it has it, and nobody may have the older one any more.

use std::net::SocketAddr;

use catalogue::channel::Standing;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use torrent::PeerHint;

use crate::{
    fetch::FetchError,
    folder::{Change, Folder, News},
    follow::FollowError,
};

/// A newer version than the one that is being fetched.
pub(crate) struct Newer {
    /// What was accepted.
    pub(crate) standing: Standing,
    /// Who has it.
    pub(crate) peers: Vec<PeerHint>,
}

/// Why a version is not fetched to its end.
pub(crate) enum Halt {
    /// There is a newer one.
    Newer(Box<Newer>),
    /// It does not come, or cannot be used.
    Failed(FollowError),
}

/// Looks out for a version newer than one.
pub(crate) struct Lookout<'a> {
    folder: &'a Folder,
    changes: Receiver<Change>,
    version: u64,
    /// Whether it was looked what was accepted already.
    has_looked: bool,
}

impl<'a> Lookout<'a> {
    pub(crate) fn new(folder: &'a Folder, version: u64) -> Self {
        Self { folder, changes: folder.changes(), version, has_looked: false }
    }

    /// Works, until a peer tells of a newer version.
    pub(crate) async fn work<T>(
        &mut self,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, Halt> {
        tokio::select! {
            done = work => done.map_err(|error| Halt::Failed(error.into())),
            newer = self.newer() => Err(Halt::Newer(Box::new(newer))),
        }
    }

    async fn newer(&mut self) -> Newer {
        loop {
            let peers = self.told_of().await;
            // What cannot be read is told of by whoever works with it.
            let Ok(standing) = self.folder.standing() else { continue };
            if standing.head().is_some_and(|head| head.version > self.version) {
                let hints = peers.iter().filter_map(|peer| PeerHint::parse(&peer.to_string()));
                return Newer { standing, peers: hints.collect() };
            }
        }
    }

    /// Waits until a peer tells of something newer than was known: who has it. The first time it may have done so before.
    async fn told_of(&mut self) -> Vec<SocketAddr> {
        if !std::mem::replace(&mut self.has_looked, true) {
            return vec![];
        }
        loop {
            match self.changes.recv().await {
                Ok(Change { key, news: News::Newer(peers) }) if key == *self.folder.key() => {
                    return peers.to_vec();
                }
                Ok(_) => {}
                // It may have been among what was missed.
                Err(RecvError::Lagged(_)) => return vec![],
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
