//! A torrent of a session, as the rest of the program handles it.

use std::{ops::Range, sync::Arc};

use engine::{DiskFault, Input, Mirror, OpenStream, Rates, TorrentId, TorrentStats, Want};
use torrent::{BadMetainfo, InfoHashes, Metainfo};

use crate::{
    carrier::Command,
    errors::Ended,
    reader::{Reader, said},
    session::Inner,
    state::{Ready, Standing, TorrentState},
};

/// A torrent that a session takes part in. Cheap to clone; dropping it changes nothing.
#[derive(Debug, Clone)]
pub struct Torrent {
    session: Arc<Inner>,
    state: Arc<TorrentState>,
}

/// Why a torrent does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TorrentError {
    /// What is in the torrent is not known yet.
    #[error("what is in the torrent is not known yet: wait until a peer has sent its description")]
    NoMetainfo,
    /// Whoever made the torrent described it so that nothing can be made of it: nobody has another description.
    #[error("{0}: look for the same elsewhere")]
    Description(BadMetainfo),
    /// The torrent has fewer files.
    #[error("the torrent has no file {file}: it has {count}, counted from 0")]
    NoSuchFile {
        /// The index that was asked for.
        file: usize,
        /// How many files there are.
        count: usize,
    },
    /// The range does not lie within the file.
    #[error("the range starts or ends behind the end of the file, which has {len} bytes")]
    BadRange {
        /// The file's length.
        len: u64,
    },
    /// The disk refuses.
    #[error("the disk {}: free space or choose another folder, then resume the torrent", said(*.0))]
    Disk(DiskFault),
    /// Files could not be deleted.
    #[error("the files were not all deleted: {0}")]
    Delete(String),
    /// The torrent was removed.
    #[error("the torrent was removed: add it again to go on")]
    Removed,
    /// The session has ended.
    #[error(transparent)]
    Ended(#[from] Ended),
}

impl Torrent {
    pub(crate) fn new(session: Arc<Inner>, state: Arc<TorrentState>) -> Self {
        Self { session, state }
    }

    /// Its name in this session; news speak of it by this name.
    #[must_use]
    pub fn id(&self) -> TorrentId {
        self.state.id
    }

    /// Its names in swarms.
    #[must_use]
    pub fn hashes(&self) -> InfoHashes {
        self.state.hashes
    }

    /// What is in it; waits for peers to say so if need be (BEP 9).
    ///
    /// # Errors
    /// The torrent was removed before, or what is in it is described in a way that nobody can use.
    pub async fn metainfo(&self) -> Result<Arc<Metainfo>, TorrentError> {
        self.until(|standing| match &standing.refused {
            Some(why) => Some(Err(TorrentError::Description(why.clone()))),
            None => standing.metainfo.clone().map(Ok),
        })
        .await?
    }

    /// What is in it, if that is known now.
    #[must_use]
    pub fn known_metainfo(&self) -> Option<Arc<Metainfo>> {
        self.state.metainfo()
    }

    /// Waits until it is known what is on disk.
    ///
    /// # Errors
    /// The torrent was removed before.
    pub async fn ready(&self) -> Result<Ready, TorrentError> {
        self.until(|standing| standing.ready).await
    }

    /// How far the check of what is on disk is: pieces done and pieces to do. Both are 0 before it starts and
    /// if nothing had to be checked.
    #[must_use]
    pub fn checked(&self) -> (u32, u32) {
        self.state.progress.so_far()
    }

    /// How it is doing.
    ///
    /// # Errors
    /// The torrent was removed, or the session has ended.
    pub async fn stats(&self) -> Result<TorrentStats, TorrentError> {
        self.session.torrent_stats(self.id()).await?.ok_or(TorrentError::Removed)
    }

    /// Opens a part of a file for reading: `start` to `end`, or to the end of the file.
    ///
    /// # Errors
    /// There is no such file or range, or what is in the torrent is not known yet.
    pub fn open(&self, file: usize, start: u64, end: Option<u64>) -> Result<Reader, TorrentError> {
        let metainfo = self.state.metainfo().ok_or(TorrentError::NoMetainfo)?;
        let described = file_of(&metainfo, file)?;
        let (len, offset) = (described.length, described.offset);
        let end = end.unwrap_or(len);
        if start > end || end > len {
            return Err(TorrentError::BadRange { len });
        }
        let stream = self.session.next_stream();
        self.session.command(Command::Input(Input::Open(OpenStream {
            stream,
            torrent: self.id(),
            file: offset..offset + len,
            position: offset + start,
            end: offset + end,
        })))?;
        let (session, state) = (Arc::clone(&self.session), Arc::clone(&self.state));
        Ok(Reader::new(session, state, stream, described, (start, end)))
    }

    /// Chooses what to fetch without a reader.
    pub async fn want(&self, want: Want) {
        self.state.change(|standing| standing.finished = false);
        self.tell(Input::Want(self.id(), want));
    }

    /// Checks what is on disk without waiting for the checks of other torrents: somebody waits for it.
    pub fn hurry(&self) {
        self.state.hurry.notify_one();
    }

    /// Limits what it takes and gives, beside the limits of all torrents together.
    pub async fn limit(&self, rates: Rates) {
        self.tell(Input::Rates(self.id(), rates));
    }

    /// Stops all traffic, or goes on, also after a fault of the disk.
    pub async fn pause(&self, pause: bool) {
        if !pause {
            self.state.change(|standing| (standing.fault, standing.refused) = (None, None));
        }
        self.tell(Input::Pause(self.id(), pause));
    }

    /// Uses these web servers as whoever publishes the torrent names them, in place of those before: for its description
    /// if peers do not give it soon, and for its files once they gave that or another.
    pub async fn mirror(&self, mirrors: Vec<Mirror>) {
        self.tell(Input::Mirrors(self.id(), mirrors));
    }

    /// Keeps its bytes whatever the quota says, or not.
    pub async fn pin(&self, pin: bool) {
        self.tell(Input::Pin(self.id(), pin));
    }

    /// Says which ranges of a file a player will certainly need soon, such as the container's index.
    pub fn hint(&self, file: usize, ranges: &[Range<u64>]) {
        let Some(metainfo) = self.state.metainfo() else { return };
        let Ok(file) = file_of(&metainfo, file) else { return };
        let place = |range: &Range<u64>| {
            file.offset + range.start.min(file.length)..file.offset + range.end.min(file.length)
        };
        let ranges = ranges.iter().map(place).filter(|range| !range.is_empty()).collect();
        self.session.command(Command::Input(Input::Hint(self.id(), ranges))).ok();
    }

    /// Says how many bytes of media a player needs per second.
    pub fn media_rate(&self, bytes_per_s: u64) {
        self.session.command(Command::Input(Input::MediaRate(self.id(), bytes_per_s))).ok();
    }

    /// The parts of a file that are on disk and verified, merged and in order. Empty for a file that is not
    /// known.
    #[must_use]
    pub fn on_disk(&self, file: usize) -> Vec<Range<u64>> {
        let Some(metainfo) = self.state.metainfo() else { return vec![] };
        let Ok(file) = file_of(&metainfo, file) else { return vec![] };
        let parts = self.state.verified.within(file.offset..file.offset + file.length);
        parts.into_iter().map(|part| part.start - file.offset..part.end - file.offset).collect()
    }

    /// Waits until all that is wanted is there.
    ///
    /// # Errors
    /// The disk refuses, the torrent contradicts itself, or it was removed before.
    pub async fn finished(&self) -> Result<(), TorrentError> {
        self.until(|standing| match (standing.fault, &standing.refused) {
            (Some(fault), _) => Some(Err(TorrentError::Disk(fault))),
            (None, Some(why)) => Some(Err(TorrentError::Description(why.clone()))),
            (None, None) => standing.finished.then_some(Ok(())),
        })
        .await?
    }

    /// Leaves the swarm and forgets the torrent; deletes its files if asked to.
    ///
    /// # Errors
    /// Files could not be deleted.
    pub async fn remove(self, delete_files: bool) -> Result<(), TorrentError> {
        self.session
            .forget(&self.state, delete_files)
            .await
            .map_err(|why| TorrentError::Delete(why.to_string()))
    }

    /// Waits until `answer` has one.
    async fn until<T>(&self, answer: impl Fn(&Standing) -> Option<T>) -> Result<T, TorrentError> {
        let mut standing = self.state.standing();
        let now = standing.wait_for(|now| now.removed || answer(now).is_some()).await;
        let now = now.map_err(|_| TorrentError::Removed)?;
        answer(&now).ok_or(TorrentError::Removed)
    }

    pub(crate) fn tell(&self, input: Input) {
        // The session has ended: what is told is true of a torrent that does nothing.
        self.session.command(Command::Input(input)).ok();
    }
}

fn file_of(metainfo: &Metainfo, file: usize) -> Result<&torrent::File, TorrentError> {
    let files = metainfo.info.files();
    files.get(file).ok_or(TorrentError::NoSuchFile { file, count: files.len() })
}
