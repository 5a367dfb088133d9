//! The thread that keeps the resume records: syncs files, then says what is in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    net::SocketAddr,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use engine::{Prepared, TorrentId};
use tokio::sync::oneshot;
use torrent::{Block, Metainfo, Piece};

use super::{journal, journal::Entry, replace};
use crate::{
    disk::{Content, DiskQueues, Job},
    verified::Verified,
};

/// How long verified bytes may wait to be synced and recorded: what a crash can cost is hashing them again.
const INTERVAL: Duration = Duration::from_secs(10);
/// Good peers that are remembered per torrent.
const PEERS_MAX: usize = 64;

enum RecordJob {
    Open(Box<Opening>),
    Describe(TorrentId, Arc<Metainfo>),
    Complete(TorrentId, Piece),
    Changed(TorrentId),
    Evict(Struck),
    Peer(TorrentId, SocketAddr),
    Settle(oneshot::Sender<()>),
    Close(TorrentId, oneshot::Sender<()>),
    Remove(TorrentId, oneshot::Sender<()>),
    Stop,
}

/// A record to be kept from now on.
pub(crate) struct Opening {
    pub(crate) path: PathBuf,
    pub(crate) content: Arc<Content>,
    pub(crate) verified: Arc<Verified>,
    pub(crate) prepared: Prepared,
    pub(crate) peers: Vec<SocketAddr>,
    /// Whether an earlier record vouches for anything.
    pub(crate) vouched: bool,
}

/// Where the recorder is told what happened.
#[derive(Clone)]
pub(crate) struct RecorderQueue(Sender<RecordJob>);

impl RecorderQueue {
    /// Keep a torrent's record.
    pub(crate) fn open(&self, opening: Opening) {
        self.tell(RecordJob::Open(Box::new(opening)));
    }

    /// A torrent's description has become fuller: piece layers that a magnet link could not bring.
    pub(crate) fn describe(&self, torrent: TorrentId, metainfo: Arc<Metainfo>) {
        self.tell(RecordJob::Describe(torrent, metainfo));
    }

    /// A piece is complete and verified.
    pub(crate) fn complete(&self, torrent: TorrentId, piece: Piece) {
        self.tell(RecordJob::Complete(torrent, piece));
    }

    /// Some blocks were verified since the record was last written.
    pub(crate) fn changed(&self, torrent: TorrentId) {
        self.tell(RecordJob::Changed(torrent));
    }

    /// Strike a piece out, then have its space given back.
    pub(crate) fn evict(&self, content: Arc<Content>, piece: Piece, eviction: u64) {
        self.tell(RecordJob::Evict(Struck { content, piece, eviction }));
    }

    /// A peer that we dialled is good.
    pub(crate) fn peer(&self, torrent: TorrentId, addr: SocketAddr) {
        self.tell(RecordJob::Peer(torrent, addr));
    }

    /// Resolves when what was told so far is done; pieces struck out are then in the disk's queues.
    pub(crate) async fn settle(&self) {
        let (done, is_done) = oneshot::channel();
        self.tell(RecordJob::Settle(done));
        // The sender is dropped unused only by a recorder that has stopped.
        is_done.await.ok();
    }

    /// Sync all that is there and note how the files are left. Resolves when that is done.
    pub(crate) fn close(&self, torrent: TorrentId) -> impl Future<Output = ()> + use<> {
        let (done, is_done) = oneshot::channel();
        self.tell(RecordJob::Close(torrent, done));
        async move {
            is_done.await.ok();
        }
    }

    /// Forget a torrent. Resolves when that is done.
    pub(crate) async fn remove(&self, torrent: TorrentId) {
        let (done, is_done) = oneshot::channel();
        self.tell(RecordJob::Remove(torrent, done));
        is_done.await.ok();
    }

    fn tell(&self, job: RecordJob) {
        // The thread has ended only if the session is ending.
        self.0.send(job).ok();
    }
}

/// What the recorder was told and has not done yet.
pub(crate) struct RecorderInbox(Receiver<RecordJob>);

/// The queue to a recorder that is still to be started, and the queue's other end.
pub(crate) fn queue() -> (RecorderQueue, RecorderInbox) {
    let (queue, jobs) = mpsc::channel();
    (RecorderQueue(queue), RecorderInbox(jobs))
}

/// The thread. It ends when this is dropped, without a last word: what it did not say is checked again.
pub(crate) struct Recorder(RecorderQueue);

impl Recorder {
    /// Starts the thread, which hands back space through `disk`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(
        queue: RecorderQueue,
        RecorderInbox(jobs): RecorderInbox,
        disk: DiskQueues,
    ) -> io::Result<Self> {
        let keeper = Keeper { disk, kept: BTreeMap::new() };
        thread::Builder::new().name("kinora-record".into()).spawn(move || keeper.run(&jobs))?;
        Ok(Self(queue))
    }

    /// Where it is told what happened.
    pub(crate) fn queue(&self) -> &RecorderQueue {
        &self.0
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.0.tell(RecordJob::Stop);
    }
}

/// The thread's own state.
struct Keeper {
    disk: DiskQueues,
    kept: BTreeMap<TorrentId, Kept>,
}

/// A piece that is struck out; its space is given back once that is synced.
struct Struck {
    content: Arc<Content>,
    piece: Piece,
    eviction: u64,
}

/// Records that are closed together; each is open meanwhile.
const CLOSING_MAX: usize = 256;

impl Keeper {
    fn run(mut self, jobs: &Receiver<RecordJob>) {
        loop {
            let due = self.kept.values().filter_map(|kept| kept.due).min();
            let job = match due {
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => jobs.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match job {
                Err(RecvTimeoutError::Timeout) => self.sync_due(),
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(job) => {
                    if self.handle_all(std::iter::once(job).chain(jobs.try_iter())).is_break() {
                        return;
                    }
                }
            }
        }
    }

    /// Does all that waits; strikes several pieces out with one sync.
    fn handle_all(&mut self, jobs: impl Iterator<Item = RecordJob>) -> ControlFlow<()> {
        let (mut struck, mut closing) = (Vec::new(), Vec::new());
        for job in jobs {
            match job {
                RecordJob::Open(opening) => self.open(*opening),
                RecordJob::Describe(of, metainfo) => self.with(of, |kept| kept.describe(&metainfo)),
                RecordJob::Complete(of, piece) => self.with(of, |kept| kept.complete(piece)),
                RecordJob::Changed(of) => self.with(of, Kept::soon),
                RecordJob::Peer(of, addr) => self.with(of, |kept| kept.met(addr)),
                RecordJob::Evict(out) => {
                    self.with(out.content.torrent(), |kept| kept.strike(out.piece));
                    struck.push(out);
                }
                RecordJob::Settle(done) => {
                    self.give_back(std::mem::take(&mut struck));
                    // Whoever asked has gone: nobody is to be told.
                    done.send(()).ok();
                }
                RecordJob::Close(of, done) => {
                    closing.extend(self.kept.remove(&of).map(|kept| (kept, done)));
                    if closing.len() >= CLOSING_MAX {
                        close_all(std::mem::take(&mut closing));
                    }
                }
                RecordJob::Remove(of, done) => {
                    if let Some(mut kept) = self.kept.remove(&of) {
                        kept.remove();
                    }
                    done.send(()).ok();
                }
                RecordJob::Stop => return ControlFlow::Break(()),
            }
        }
        self.give_back(struck);
        close_all(closing);
        ControlFlow::Continue(())
    }

    fn open(&mut self, opening: Opening) {
        self.kept.insert(opening.content.torrent(), Kept::open(opening));
    }

    fn with(&mut self, torrent: TorrentId, change: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.kept.get_mut(&torrent) {
            change(kept);
        }
    }

    fn sync_due(&mut self) {
        let now = Instant::now();
        for kept in self.kept.values_mut().filter(|kept| kept.due.is_some_and(|due| due <= now)) {
            kept.sync();
        }
    }

    fn give_back(&mut self, struck: Vec<Struck>) {
        let torrents: BTreeSet<_> = struck.iter().map(|out| out.content.torrent()).collect();
        for torrent in torrents {
            self.with(torrent, Kept::settle);
        }
        for Struck { content, piece, eviction } in struck {
            self.disk.give(piece, Job::Punch { content, piece, eviction });
        }
    }
}

/// Notes how the files of torrents are left. All is written before the first is synced: the system has less to do.
fn close_all(mut closing: Vec<(Kept, oneshot::Sender<()>)>) {
    closing.iter_mut().for_each(|(kept, _)| kept.close());
    for (mut kept, done) in closing {
        if kept.vouches() {
            kept.settle();
        }
        done.send(()).ok();
    }
}

/// One record that is kept.
struct Kept {
    path: PathBuf,
    /// Whether anything can be said in it.
    live: bool,
    /// The record's file, open until what was said is synced: ten thousand torrents must not take ten thousand
    /// descriptors.
    file: Option<File>,
    content: Arc<Content>,
    verified: Arc<Verified>,
    /// Complete in the record.
    pieces: BTreeSet<Piece>,
    /// Complete, and not in the record yet.
    unsynced: BTreeSet<Piece>,
    /// Blocks in the record.
    blocks: BTreeSet<Block>,
    /// Good peers, the newest last.
    peers: Vec<SocketAddr>,
    /// When the next sync is due.
    due: Option<Instant>,
}

impl Kept {
    fn open(opening: Opening) -> Self {
        let Opening { path, content, verified, prepared, peers, vouched } = opening;
        let mut kept = Self {
            path,
            live: true,
            file: None,
            content,
            verified,
            pieces: prepared.pieces.into_iter().collect(),
            unsynced: BTreeSet::new(),
            blocks: prepared.blocks.into_iter().collect(),
            peers,
            due: None,
        };
        let synced = vouched || kept.vouches();
        if let Err(why) = kept.rewrite(synced) {
            kept.abandon(&why);
        }
        kept
    }

    /// Whether the record says of anything that it is on disk and right. One that does not need not survive a loss of
    /// power, and syncing is slow: nobody would wait for ten thousand of them.
    fn vouches(&self) -> bool {
        !(self.pieces.is_empty() && self.blocks.is_empty())
    }

    /// Writes the record in its shortest form. What was found by hashing may never have been synced.
    fn rewrite(&self, synced: bool) -> io::Result<()> {
        let geometry = self.content.metainfo().info.geometry();
        let blocks = self.blocks.iter().map(|block| geometry.block_range(*block));
        let pieces = self.pieces.iter().map(|piece| self.content.piece_range(*piece));
        self.content.sync(pieces.chain(blocks))?;
        let mut bytes = journal::MAGIC.to_vec();
        for entry in [
            Entry::Metainfo(self.content.metainfo().to_bytes()),
            Entry::Root(self.content.root().to_owned()),
            Entry::Pieces(self.pieces.iter().copied().collect()),
            Entry::Blocks(self.blocks.iter().copied().collect()),
            Entry::Peers(self.peers.clone()),
            Entry::Opened,
        ] {
            entry.encode(&mut bytes);
        }
        replace(&self.path, &bytes, synced)
    }

    /// The later description counts when the record is read.
    fn describe(&mut self, metainfo: &Metainfo) {
        self.say(&[Entry::Metainfo(metainfo.to_bytes())]);
        self.settle();
    }

    fn complete(&mut self, piece: Piece) {
        self.unsynced.insert(piece);
        self.soon();
    }

    fn soon(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + INTERVAL);
    }

    /// Remembers a peer, the newest last; it is recorded with the next pieces or at the end.
    fn met(&mut self, addr: SocketAddr) {
        self.peers.retain(|known| *known != addr);
        self.peers.push(addr);
        if self.peers.len() > PEERS_MAX {
            self.peers.remove(0);
        }
    }

    /// Strikes a piece out, not synced yet.
    fn strike(&mut self, piece: Piece) {
        self.unsynced.remove(&piece);
        self.blocks.retain(|block| block.piece != piece);
        if self.pieces.remove(&piece) {
            self.say(&[Entry::Gone(vec![piece])]);
        }
    }

    /// Syncs the files, then says what is in them.
    fn sync(&mut self) {
        self.due = None;
        // Asked before what is verified is read: what comes in between is said next time.
        self.verified.recording();
        let pieces = std::mem::take(&mut self.unsynced);
        let blocks = self.loose_blocks(&pieces);
        if !self.live || (pieces.is_empty() && blocks == self.blocks) {
            return;
        }
        if let Err(why) = self.sync_files(&pieces, &blocks) {
            return self.doubt(&why);
        }
        self.say(&[
            Entry::Pieces(pieces.iter().copied().collect()),
            Entry::Blocks(blocks.iter().copied().collect()),
            Entry::Peers(self.peers.clone()),
        ]);
        self.settle();
        self.pieces.extend(pieces);
        self.blocks = blocks;
    }

    /// The verified blocks that lie in no complete piece.
    fn loose_blocks(&self, new: &BTreeSet<Piece>) -> BTreeSet<Block> {
        let geometry = self.content.metainfo().info.geometry();
        let mut blocks = BTreeSet::new();
        for range in self.verified.within(0..geometry.content_len()) {
            for piece in geometry.pieces_in(&range).map(Piece) {
                if self.pieces.contains(&piece) || new.contains(&piece) {
                    continue;
                }
                let all = (0..geometry.block_count(piece)).map(|index| Block { piece, index });
                blocks.extend(all.filter(|block| {
                    let block = geometry.block_range(*block);
                    range.start <= block.start && block.end <= range.end
                }));
            }
        }
        blocks
    }

    fn sync_files(&self, pieces: &BTreeSet<Piece>, blocks: &BTreeSet<Block>) -> io::Result<()> {
        let geometry = self.content.metainfo().info.geometry();
        let pieces = pieces.iter().map(|piece| self.content.piece_range(*piece));
        let blocks = blocks.difference(&self.blocks).map(|block| geometry.block_range(*block));
        self.content.sync(pieces.chain(blocks))
    }

    /// Appends to the record, not synced yet.
    fn say(&mut self, entries: &[Entry]) {
        let mut bytes = Vec::new();
        entries.iter().for_each(|entry| entry.encode(&mut bytes));
        if let Err(why) = self.append(&bytes) {
            self.abandon(&why);
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.live {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(OpenOptions::new().append(true).open(&self.path)?);
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    /// Syncs the record.
    fn settle(&mut self) {
        let synced = self.file.take().map_or(Ok(()), |file| file.sync_data());
        if let Err(why) = synced {
            self.abandon(&why);
        }
    }

    /// Syncs everything and notes how the files are left, not synced yet.
    fn close(&mut self) {
        self.sync();
        self.say(&[Entry::Peers(self.peers.clone()), Entry::Closed(self.content.stamps())]);
    }

    fn remove(&mut self) {
        (self.live, self.file) = (false, None);
        if let Err(why) = fs::remove_file(&self.path) {
            tracing::debug!(%why, "a resume record was not removed");
        }
    }

    /// The disk failed to sync: what it kept in memory may be lost, so nothing counts until it is hashed.
    fn doubt(&mut self, why: &io::Error) {
        tracing::warn!(%why, "the disk does not sync: the torrent will be checked at the next start");
        self.say(&[Entry::Doubt]);
        self.settle();
        self.live = false;
    }

    /// The record cannot be written: without it the torrent is checked, with a stale one it would be wrong.
    fn abandon(&mut self, why: &io::Error) {
        tracing::warn!(%why, "a resume record cannot be written: its torrent will be checked at the next start");
        self.remove();
    }
}
