//! What the engine's task and the handles of a torrent share.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use engine::{DiskFault, Prepared, TorrentId};
use tokio::sync::{Notify, watch};
use torrent::{BadMetainfo, InfoHashes, Metainfo};

use crate::{
    disk::{Content, Progress},
    resume::Record,
    verified::Verified,
};

/// One torrent of a session.
#[derive(Debug)]
pub(crate) struct TorrentState {
    pub(crate) id: TorrentId,
    pub(crate) hashes: InfoHashes,
    /// Where its files lie.
    pub(crate) root: PathBuf,
    /// Where its resume record lies.
    pub(crate) record_path: PathBuf,
    pub(crate) verified: Arc<Verified>,
    /// How far the check at the start is.
    pub(crate) progress: Arc<Progress>,
    /// Rung when somebody waits for that check.
    pub(crate) hurry: Notify,
    /// Its bytes on disk, once the metainfo is known.
    pub(crate) content: OnceLock<Arc<Content>>,
    standing: watch::Sender<Standing>,
    /// What the record said; taken when the storage is opened.
    record: Mutex<Record>,
}

/// How a torrent stands; whoever waits for a change of it waits for this.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) metainfo: Option<Arc<Metainfo>>,
    pub(crate) ready: Option<Ready>,
    /// All that is wanted is there.
    pub(crate) finished: bool,
    /// The disk refuses; the torrent is paused.
    pub(crate) fault: Option<DiskFault>,
    /// Peers gave the description that its names mean, and nothing can be made of it; the torrent is paused.
    pub(crate) refused: Option<BadMetainfo>,
    pub(crate) removed: bool,
}

/// A torrent's storage is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready {
    /// How long it took to find out what is there.
    pub checked: Duration,
    /// Bytes on disk and right, padding not counted.
    pub have_bytes: u64,
}

impl TorrentState {
    pub(crate) fn new(
        id: TorrentId,
        hashes: InfoHashes,
        root: PathBuf,
        record_path: PathBuf,
        record: Record,
        metainfo: Option<Arc<Metainfo>>,
    ) -> Self {
        Self {
            id,
            hashes,
            root,
            record_path,
            verified: Arc::default(),
            progress: Arc::default(),
            hurry: Notify::new(),
            content: OnceLock::new(),
            standing: watch::Sender::new(Standing { metainfo, ..Standing::default() }),
            record: Mutex::new(record),
        }
    }

    /// How it stands now, and every change to come.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Its description, if it is known.
    pub(crate) fn metainfo(&self) -> Option<Arc<Metainfo>> {
        self.standing.borrow().metainfo.clone()
    }

    /// Changes how it stands and tells whoever waits.
    pub(crate) fn change(&self, how: impl FnOnce(&mut Standing)) {
        self.standing.send_modify(how);
        self.verified.wake();
    }

    /// Readers may have what was found when the storage was opened.
    pub(crate) fn mark(&self, prepared: &Prepared) {
        let Some(content) = self.content.get() else { return };
        let geometry = content.metainfo().info.geometry();
        prepared.pieces.iter().for_each(|piece| {
            self.verified.add(content.piece_range(*piece));
        });
        prepared.blocks.iter().for_each(|block| {
            self.verified.add(geometry.block_range(*block));
        });
        // The record begins with all this.
        self.verified.recording();
    }

    /// What the record said; nothing the second time.
    pub(crate) fn take_record(&self) -> Record {
        std::mem::take(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
