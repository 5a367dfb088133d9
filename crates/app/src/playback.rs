//! One film on one screen: from the chosen release to bytes that a player reads, and why it waits if it does.

use std::{
    collections::HashMap,
    net::IpAddr,
    ops::Range,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use driver::{Torrent, TorrentError};
use engine::{StallWhy, TorrentStats};
use media::index::{self, BadIndex, Index, Parts, Plan};

use crate::{
    http::problem::{Code, Problem},
    swarm::{FileName, Selected, Swarm},
};

/// How long the background goes on waiting for a torrent's description.
const DESCRIPTION_PATIENCE: Duration = Duration::from_secs(3600);
/// How much film after the resume point is asked for before the player asks.
const PRELOAD: Duration = Duration::from_secs(8);
/// A playback counts as under way once a player took this much, bytes.
const UNDER_WAY: u64 = 1 << 20;
/// Playbacks that are remembered; the one longest unused goes first.
const PLAYBACKS_MAX: usize = 64;
/// A film counts as watched for so long after its player or page asked last.
const WATCHED_FOR: Duration = Duration::from_secs(600);
/// Connections that one address may hold to one file.
const READERS_MAX: usize = 8;

/// A chosen film, from the moment somebody pressed play.
pub struct Playback {
    /// Its id.
    pub id: String,
    /// What is played: a film, an episode, or a download's file.
    pub item_id: String,
    /// The torrent.
    pub torrent: Torrent,
    /// Which of its files.
    pub file: FileName,
    selected: OnceLock<Selected>,
    /// `None` inside: the file has no index that we can read, and needs none to be played.
    index: OnceLock<Option<Arc<Index>>>,
    taken: AtomicU64,
    used: Mutex<Instant>,
}

/// Where a playback stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The torrent's description is being fetched.
    Metadata,
    /// Nobody is connected yet.
    Peers,
    /// The container's index is being fetched.
    Index,
    /// The first seconds of film are being fetched.
    Filling,
    /// The player has what it asks for.
    Ready,
    /// It ran, and waits.
    Stalled,
}

impl Playback {
    /// The file, once the torrent's description is known.
    #[must_use]
    pub fn selected(&self) -> Option<&Selected> {
        self.selected.get()
    }

    /// The file's index, once it is known.
    #[must_use]
    pub fn index(&self) -> Option<&Arc<Index>> {
        self.index.get().and_then(Option::as_ref)
    }

    /// Where it stands, given how its torrent does.
    #[must_use]
    pub fn stage(&self, stats: &TorrentStats) -> Stage {
        stage(&Standing {
            described: self.selected.get().is_some(),
            indexed: self.index.get().is_some(),
            under_way: self.taken.load(Ordering::Relaxed) >= UNDER_WAY,
            whole: self.selected().is_some_and(|file| file.on_disk_bytes() == file.length()),
            connected: stats.peers > 0 || stats.web_seeds > 0,
            stall: stats.stall,
        })
    }

    /// What it waits for, given how its torrent does. Until the torrent is described no reader waits in it: the
    /// playback itself waits for the description, or for somebody to ask for it.
    #[must_use]
    pub fn stall(&self, stats: &TorrentStats) -> Option<StallWhy> {
        let undescribed = || match stats.peers {
            0 => StallWhy::NoPeers,
            _ => StallWhy::Metadata,
        };
        stats.stall.or_else(|| self.selected().is_none().then(undescribed))
    }

    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the file, fetches its index by its exact place, and asks for the film around the resume point
    /// before the player does.
    async fn prepare(&self, swarm: &Swarm, resume: Duration) -> Result<(), Unprepared> {
        let selected = swarm
            .select(self.torrent.clone(), &self.file, DESCRIPTION_PATIENCE)
            .await
            .map_err(Unprepared::NotDescribed)?;
        let selected = self.selected.get_or_init(|| selected);
        self.torrent.hurry();
        self.torrent.ready().await?;
        let found = read_index(selected).await;
        let index = self.index.get_or_init(|| found.ok().map(Arc::new));
        let Some(index) = index else { return Ok(()) };
        if let Some(bits) = index.bit_rate() {
            self.torrent.media_rate(bits / 8);
        }
        self.torrent.hint(selected.file, &[around(index, resume)]);
        Ok(())
    }
}

struct Standing {
    described: bool,
    indexed: bool,
    under_way: bool,
    whole: bool,
    connected: bool,
    stall: Option<StallWhy>,
}

fn stage(standing: &Standing) -> Stage {
    match standing.stall {
        _ if !standing.described => Stage::Metadata,
        _ if standing.whole => Stage::Ready,
        _ if standing.under_way && standing.stall.is_none() => Stage::Ready,
        _ if standing.under_way => Stage::Stalled,
        _ if !standing.connected => Stage::Peers,
        _ if !standing.indexed => Stage::Index,
        Some(_) => Stage::Filling,
        None => Stage::Ready,
    }
}

/// From the key frame at or before a moment to the one that covers [`PRELOAD`] later.
fn around(index: &Index, moment: Duration) -> Range<u64> {
    let start = index.byte_range_for(moment);
    let end = index.byte_range_for(moment.saturating_add(PRELOAD)).end;
    start.start..end.max(start.end)
}

#[derive(Debug, thiserror::Error)]
enum Unprepared {
    #[error("the torrent's description did not come")]
    NotDescribed(Problem),
    #[error(transparent)]
    Torrent(#[from] TorrentError),
}

#[derive(Debug, thiserror::Error)]
enum NoIndex {
    #[error(transparent)]
    Bad(#[from] BadIndex),
    #[error(transparent)]
    Torrent(#[from] TorrentError),
    #[error("the film's bytes could not be read")]
    Unread,
}

async fn read_index(selected: &Selected) -> Result<Index, NoIndex> {
    let mut parts = Parts::new(selected.length());
    while let Plan::Need(ranges) = index::plan(&parts) {
        selected.torrent.hint(selected.file, &ranges);
        for range in ranges {
            let start = range.start;
            parts.insert(start, read_range(selected, range).await?);
        }
    }
    tokio::task::spawn_blocking(move || Index::parse(&parts))
        .await
        .map_err(|_| NoIndex::Unread)?
        .map_err(NoIndex::from)
}

async fn read_range(selected: &Selected, range: Range<u64>) -> Result<Bytes, NoIndex> {
    let mut reader = selected.torrent.open(selected.file, range.start, Some(range.end))?;
    let mut bytes = BytesMut::new();
    while let Some(more) = reader.next().await.map_err(|_| NoIndex::Unread)? {
        bytes.extend_from_slice(&more);
    }
    Ok(bytes.freeze())
}

/// Reads a small file of a torrent whole: a subtitle, a picture.
///
/// # Errors
/// [`Code::TooLarge`] for a longer file, [`Code::Late`] when it did not come in time.
pub async fn read_whole(
    selected: &Selected,
    len_max: usize,
    patience: Duration,
) -> Result<Bytes, Problem> {
    if selected.length() > len_max as u64 {
        return Err(Code::TooLarge.into());
    }
    match tokio::time::timeout(patience, read_range(selected, 0..selected.length())).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Problem::from(Code::Late).detail(error)),
        Err(_) => Err(Code::Late.into()),
    }
}

/// Everything that is being watched.
#[derive(Default)]
pub struct Playbacks {
    by_id: Mutex<HashMap<String, Arc<Playback>>>,
    readers: Arc<Mutex<HashMap<(IpAddr, String), usize>>>,
}

impl Playbacks {
    /// Begins a playback and prepares it in the background.
    pub fn begin(
        &self,
        swarm: &Swarm,
        item_id: String,
        torrent: Torrent,
        file: FileName,
        resume: Duration,
    ) -> Result<Arc<Playback>, Problem> {
        let playback = Arc::new(Playback {
            id: random_id()?,
            item_id,
            torrent,
            file,
            selected: OnceLock::new(),
            index: OnceLock::new(),
            taken: AtomicU64::new(0),
            used: Mutex::new(Instant::now()),
        });
        self.remember(playback.clone());
        let (preparing, swarm) = (Arc::downgrade(&playback), swarm.clone());
        tokio::spawn(async move {
            let Some(playback) = preparing.upgrade() else { return };
            if let Err(error) = playback.prepare(&swarm, resume).await {
                tracing::info!(%error, "a playback was not prepared");
            }
        });
        Ok(playback)
    }

    fn remember(&self, playback: Arc<Playback>) {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        if by_id.len() >= PLAYBACKS_MAX {
            let oldest = by_id.values().min_by_key(|one| one.used()).map(|one| one.id.clone());
            oldest.and_then(|id| by_id.remove(&id));
        }
        by_id.insert(playback.id.clone(), playback);
    }

    /// A playback by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Playback>> {
        let found = self.by_id.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        found.inspect(|playback| playback.touch())
    }

    /// Ends a playback.
    #[must_use]
    pub fn end(&self, id: &str) -> Option<Arc<Playback>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Ends all of them.
    pub fn end_all(&self) {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether somebody watches a file of this torrent: a player holds a connection to it, or its player or
    /// page asked a moment ago.
    #[must_use]
    pub fn is_watched(&self, torrent: &Torrent) -> bool {
        let hashes = torrent.hashes();
        let v1 = hashes.v1().map(|v1| v1.to_string());
        let v2 = hashes.v2().map(|v2| v2.to_string());
        let readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of =
            |file: &String| [&v1, &v2].into_iter().flatten().any(|one| file.starts_with(one));
        if readers.keys().any(|(_, file)| is_of(file)) {
            return true;
        }
        drop(readers);
        let is_fresh = |one: &Arc<Playback>| {
            one.torrent.id() == torrent.id() && one.used().elapsed() < WATCHED_FOR
        };
        self.all().iter().any(is_fresh)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Playback>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Notes that a player took bytes of a file.
    pub fn took(&self, torrent: &Torrent, bytes: u64) {
        let by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        for playback in by_id.values().filter(|playback| playback.torrent.id() == torrent.id()) {
            playback.taken.fetch_add(bytes, Ordering::Relaxed);
            playback.touch();
        }
    }

    /// A seat for one more connection to a file.
    ///
    /// # Errors
    /// [`Code::ReadersFull`] when this address holds too many of them.
    pub fn seat(&self, from: IpAddr, file: &str) -> Result<Seat, Problem> {
        let key = (from, file.to_owned());
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let held = readers.entry(key.clone()).or_default();
        if *held >= READERS_MAX {
            return Err(Problem::from(Code::ReadersFull).retry_after(Duration::from_secs(1)));
        }
        *held += 1;
        Ok(Seat { key, readers: self.readers.clone() })
    }
}

/// One connection's place at a file; given back when dropped.
pub struct Seat {
    key: (IpAddr, String),
    readers: Arc<Mutex<HashMap<(IpAddr, String), usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = readers.get_mut(&self.key) {
            *held -= 1;
            if *held == 0 {
                readers.remove(&self.key);
            }
        }
    }
}

/// 128 random bits in hexadecimal: nobody guesses another playback's id.
fn random_id() -> Result<String, Problem> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| Problem::from(Code::Internal).detail(error))?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use media::container::Container;

    use super::*;

    #[test]
    fn the_stage_says_what_is_waited_for() {
        let fresh = Standing {
            described: false,
            indexed: false,
            under_way: false,
            whole: false,
            connected: false,
            stall: Some(StallWhy::Metadata),
        };
        assert_eq!(stage(&fresh), Stage::Metadata);
        let alone = Standing { described: true, stall: Some(StallWhy::NoPeers), ..fresh };
        assert_eq!(stage(&alone), Stage::Peers);
        let connected = Standing { connected: true, stall: Some(StallWhy::Fetching), ..alone };
        assert_eq!(stage(&connected), Stage::Index);
        let indexed = Standing { indexed: true, ..connected };
        assert_eq!(stage(&indexed), Stage::Filling);
        assert_eq!(stage(&Standing { stall: None, ..indexed }), Stage::Ready);
        let running = Standing { under_way: true, ..indexed };
        assert_eq!(stage(&running), Stage::Stalled);
        assert_eq!(stage(&Standing { stall: None, ..running }), Stage::Ready);
        assert_eq!(stage(&Standing { connected: false, whole: true, ..indexed }), Stage::Ready);
    }

    #[test]
    fn the_preload_covers_the_resume_point_and_some_seconds_after() {
        let key_frames = (0..20)
            .map(|n| index::KeyFrame { time: Duration::from_secs(n * 2), offset: n * 1000 })
            .collect();
        let film = Index {
            container: Container::Mp4,
            duration: Some(Duration::from_secs(40)),
            tracks: Vec::new(),
            key_frames,
            file_len: 20_000,
        };
        assert_eq!(around(&film, Duration::from_secs(21)), 10_000..15_000);
        assert_eq!(around(&film, Duration::from_secs(39)), 19_000..20_000);
    }

    #[test]
    fn an_address_gets_eight_seats_at_one_file_and_gets_them_back() {
        let playbacks = Playbacks::default();
        let here: IpAddr = [127, 0, 0, 1].into();
        let mut seats: Vec<_> =
            (0..READERS_MAX).map(|_| playbacks.seat(here, "a").unwrap()).collect();
        assert!(playbacks.seat(here, "a").is_err());
        assert!(playbacks.seat(here, "b").is_ok());
        seats.pop();
        assert!(playbacks.seat(here, "a").is_ok());
        drop(seats);
        assert!(playbacks.readers.lock().unwrap().is_empty());
    }
}
