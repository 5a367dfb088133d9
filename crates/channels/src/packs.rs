//! Pictures and subtitles of channels: out of packs that are here, or piece by piece from whoever has them.
//!
//! | module | question |
//! |---|---|
//! | `here` | what of the packs is on this disk? |
//! | `inheriting` | how do they go with a channel that is handed over? |
//! | `making` | how does a publisher put things into packs? |
//! | `sharing` | how does one take part in their torrents? |

mod here;
pub(crate) mod inheriting;
pub(crate) mod making;
pub(crate) mod sharing;

use std::{ops::Range, time::Duration};

use catalogue::{
    Art, Title,
    channel::{
        BadPack, FirstScreen, Key, PACK_HEADER, PackHeader, PackKind, PackRef, PackSearch, Step,
    },
};
use driver::{ReadError, Session, Torrent, TorrentError};
use tokio::{task::JoinSet, time::timeout};
use torrent::hash::sha256;

use crate::{
    fetch::FetchError,
    folder::{Channels, Folder, FolderError},
};

/// How long the pictures of a first screen are waited for.
const EARLY_PATIENCE: Duration = Duration::from_secs(120);
/// Pictures of a first screen that are fetched before anybody asks for them.
const EARLY_MAX: usize = 48;
/// Of these, so many at one time.
const EARLY_AT_ONCE: usize = 8;

/// The pictures and subtitles of all channels. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Packs {
    channels: Channels,
}

/// Why a picture or subtitle is not here.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// No pack of the channel has it.
    #[error("no pack of the channel has it")]
    Unknown,
    /// Nobody who has it was found in time.
    #[error("nobody who has it was found in time; try again later")]
    Late,
    /// Nobody may be asked for it.
    #[error("it is not on this disk, and nobody may be asked for it")]
    Offline,
    /// A pack is not what its manifest says.
    #[error("a pack of the channel cannot be used: {0}")]
    Bad(#[from] BadPack),
    /// A pack has other bytes at its place.
    #[error("a pack of the channel has something else in its place")]
    OtherBytes,
    /// The pack's torrent cannot be opened.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The torrent was removed meanwhile.
    #[error(transparent)]
    Torrent(#[from] TorrentError),
    /// The disk refuses.
    #[error("the pack cannot be read: {0}")]
    Read(#[from] ReadError),
    /// What is kept of the channel cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Packs {
    /// Those of the channels below a folder.
    #[must_use]
    pub fn new(channels: Channels) -> Self {
        Self { channels }
    }

    /// A picture or subtitle by its hash: from this disk, or else only the pieces that have it from others.
    ///
    /// # Errors
    /// Why it is not here.
    pub async fn get(
        &self,
        session: Option<&Session>,
        key: Key,
        kind: PackKind,
        hash: [u8; 32],
        patience: Duration,
    ) -> Result<Vec<u8>, PackError> {
        get(&self.channels.folder(key), session, kind, hash, patience).await
    }
}

async fn get(
    folder: &Folder,
    session: Option<&Session>,
    kind: PackKind,
    hash: [u8; 32],
    patience: Duration,
) -> Result<Vec<u8>, PackError> {
    let (candidates, found) = look(folder, kind, hash).await?;
    if let Some(bytes) = found {
        return Ok(bytes);
    }
    if candidates.is_empty() {
        return Err(PackError::Unknown);
    }
    let session = session.ok_or(PackError::Offline)?;
    let asked = fetched(session, folder, candidates, hash);
    timeout(patience, asked).await.unwrap_or(Err(PackError::Late))
}

/// As [`get`], whatever is on this disk outside of the packs that the version names.
async fn get_from_others(
    session: &Session,
    folder: &Folder,
    kind: PackKind,
    hash: [u8; 32],
    patience: Duration,
) -> Result<Vec<u8>, PackError> {
    let (candidates, _) = look(folder, kind, hash).await?;
    let asked = fetched(session, folder, candidates, hash);
    timeout(patience, asked).await.unwrap_or(Err(PackError::Late))
}

/// What is on this disk, and the packs that may have it.
async fn look(
    folder: &Folder,
    kind: PackKind,
    hash: [u8; 32],
) -> Result<(Vec<PackRef>, Option<Vec<u8>>), PackError> {
    let folder = folder.clone();
    let work = tokio::task::spawn_blocking(move || {
        let candidates = candidates(&folder, kind, &hash);
        let found = here::find(&folder, &candidates, kind, &hash);
        (candidates, found)
    });
    work.await.map_err(|_| FolderError::Interrupted.into())
}

/// The packs that may have a thing, the largest first: most things are there.
fn candidates(folder: &Folder, kind: PackKind, hash: &[u8; 32]) -> Vec<PackRef> {
    let manifest = folder.manifest().or_else(|| folder.coming_manifest());
    let mut packs = manifest.map(|one| one.packs).unwrap_or_default();
    packs.retain(|pack| pack.kind == kind && pack.may_have(hash));
    packs.sort_by_key(|pack| std::cmp::Reverse(pack.things));
    packs
}

/// Asks all packs at once: one whose swarm is empty holds nobody up.
async fn fetched(
    session: &Session,
    folder: &Folder,
    candidates: Vec<PackRef>,
    hash: [u8; 32],
) -> Result<Vec<u8>, PackError> {
    let mut asked = JoinSet::new();
    for pack in candidates {
        let (session, folder) = (session.clone(), folder.clone());
        asked.spawn(async move { from_pack(&session, &folder, &pack, hash).await });
    }
    let mut outcome = Err(PackError::Unknown);
    while let Some(done) = asked.join_next().await {
        match done {
            Ok(Ok(Some(bytes))) => return Ok(bytes),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => outcome = Err(error),
            Err(_) => outcome = Err(FolderError::Interrupted.into()),
        }
    }
    outcome
}

/// A thing out of a pack of which only some pieces are fetched; nothing if it is not in it.
async fn from_pack(
    session: &Session,
    folder: &Folder,
    pack: &PackRef,
    hash: [u8; 32],
) -> Result<Option<Vec<u8>>, PackError> {
    let torrent = sharing::join(session, folder, pack).await?;
    let head = read(&torrent, 0..PACK_HEADER as u64).await?;
    let header = head.first_chunk().ok_or(BadPack::Magic)?;
    if PackHeader::read(header)? != pack.header() {
        return Err(BadPack::Other.into());
    }
    let mut search = PackSearch::new(pack.header(), hash);
    let mut wanted = search.wanted();
    let thing = loop {
        match search.take(&read(&torrent, wanted).await?)? {
            Step::Read(next) => wanted = next,
            Step::Found(thing) => break thing,
            Step::Missing => return Ok(None),
        }
    };
    let bytes = read(&torrent, thing.start..thing.end()).await?;
    if sha256(&bytes).0 == hash { Ok(Some(bytes)) } else { Err(PackError::OtherBytes) }
}

/// A part of a pack, fetched if it is not here. It is no longer than a thing or a part of an index may be.
async fn read(torrent: &Torrent, range: Range<u64>) -> Result<Vec<u8>, PackError> {
    let mut reader = torrent.open(0, range.start, Some(range.end))?;
    let mut bytes = vec![];
    while let Some(part) = reader.next().await? {
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The posters of a first screen, those of the first titles first.
pub(crate) fn posters(screen: &FirstScreen) -> Vec<[u8; 32]> {
    let mut titles: Vec<_> = screen.titles.iter().collect();
    titles.sort_by_key(|(rank, _)| *rank);
    let hash = |(_, title): &(u64, Title)| match title.poster {
        Some(Art::Sha256(hash)) => Some(hash.0),
        _ => None,
    };
    titles.into_iter().filter_map(hash).take(EARLY_MAX).collect()
}

/// Fetches pictures before anybody asks for them.
pub(crate) async fn early(session: Session, folder: Folder, hashes: Vec<[u8; 32]>) {
    let mut work = JoinSet::new();
    for hash in hashes {
        if work.len() >= EARLY_AT_ONCE {
            work.join_next().await;
        }
        let (session, folder) = (session.clone(), folder.clone());
        work.spawn(async move {
            let (kind, patience) = (PackKind::Pictures, EARLY_PATIENCE);
            if let Err(error) = get(&folder, Some(&session), kind, hash, patience).await {
                let short = folder.key().short();
                tracing::debug!(channel = %short, %error, "a poster did not come early");
            }
        });
    }
    while work.join_next().await.is_some() {}
}
