//! What is remembered of a torrent between sessions, so that a start costs a read and not a recheck.
//!
//! The rule: nothing is trusted that was not synced before the record said it. A piece is named in the
//! record only after the files it lies in were synced; a piece whose space is given back is struck out,
//! and that synced, before. So after `kill -9` or a loss of power the record is true, and whatever else
//! lies on disk is hashed before it counts.

mod journal;
mod prepare;
mod recorder;

use std::{
    collections::BTreeSet,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use torrent::{Block, InfoHashes, Metainfo, Piece};

use self::journal::Entry;
pub(crate) use self::{
    prepare::Survey,
    recorder::{Opening, Recorder, RecorderQueue, queue},
};
use crate::disk::Stamp;

/// What a record says when it is opened.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The torrent, if it was known.
    pub(crate) metainfo: Option<Arc<Metainfo>>,
    /// Peers that were good.
    pub(crate) peers: Vec<SocketAddr>,
    root: PathBuf,
    pieces: BTreeSet<Piece>,
    blocks: BTreeSet<Block>,
    /// How the files were left, if the session ended in good order.
    closed: Option<Vec<Option<Stamp>>>,
    /// Whether what it says of pieces and blocks counts.
    sound: bool,
}

impl Record {
    /// Reads the record of a torrent. A missing, damaged or foreign one says nothing: the torrent is checked.
    pub(crate) fn read(path: &Path, hashes: &InfoHashes) -> Self {
        let Ok(bytes) = fs::read(path) else { return Self::default() };
        let (entries, whole) = journal::decode(&bytes);
        let mut record = Self { sound: whole, ..Self::default() };
        entries.into_iter().for_each(|entry| record.apply(entry));
        record.metainfo = record.metainfo.filter(|metainfo| metainfo.info.hashes() == *hashes);
        if !record.sound || record.metainfo.is_none() {
            tracing::warn!("a resume record does not count: its torrent is checked");
            record.sound = false;
        }
        record
    }

    /// Whether it says of anything that it is on disk and right.
    pub(crate) fn vouches(&self) -> bool {
        !(self.pieces.is_empty() && self.blocks.is_empty())
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Metainfo(bytes) => self.metainfo = Metainfo::parse(&bytes).ok().map(Arc::new),
            Entry::Root(root) => self.root = root,
            Entry::Pieces(pieces) => self.pieces.extend(pieces),
            Entry::Blocks(blocks) => self.blocks = blocks.into_iter().collect(),
            Entry::Gone(pieces) => self.strike(&pieces.into_iter().collect()),
            Entry::Peers(peers) => self.peers = peers,
            Entry::Closed(stamps) => self.closed = Some(stamps),
            Entry::Opened => self.closed = None,
            Entry::Doubt => self.sound = false,
        }
    }

    fn strike(&mut self, gone: &BTreeSet<Piece>) {
        self.pieces.retain(|piece| !gone.contains(piece));
        self.blocks.retain(|block| !gone.contains(&block.piece));
    }
}

/// The record of a torrent, by the name it has in swarms.
pub(crate) fn path(data_dir: &Path, hashes: &InfoHashes) -> PathBuf {
    data_dir.join(format!("{}.resume", hashes.wire()))
}

/// Replaces a file's whole content, or leaves it as it was; after a loss of power only if it is `synced`.
pub(crate) fn replace(path: &Path, bytes: &[u8], synced: bool) -> io::Result<()> {
    use io::Write;

    let new = path.with_extension("new");
    let mut file = fs::File::create(&new)?;
    file.write_all(bytes)?;
    if synced {
        file.sync_all()?;
    }
    fs::rename(&new, path)?;
    if synced { sync_folder(path) } else { Ok(()) }
}

/// Makes a new name in a folder survive a loss of power, where folders can be synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
