//! Following: a channel is resolved, fetched, checked as a whole, and its titles taken into the library.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use catalogue::{
    Catalogue,
    channel::{
        Address, BadChannel, BadSegment, Family, FirstScreen, Freshness, HEAD_NAME, Head, Key,
        Kind, Manifest, MirrorUrl, SegmentStore as _, Standing, Supplied, Where, assemble,
        swarm_name,
    },
};
use driver::{Dht, Session};
use library::{Library, LibraryError};
use tokio::time::timeout;
use torrent::{InfoHashes, PeerHint};

use crate::{
    fetch::{FetchError, Fetching},
    folder::{Channels, Folder, FolderError, Followed},
    import::{Heads, Imported, has_all_of, import, show_first},
    keeper::chance,
    moving,
    name_swarm::{self, Newcomer},
    newer::{Halt, Lookout, Newer},
    outgrown,
    packs::{self, sharing},
    resolve::{self, Resolved},
    room::{NoRoom, Unfit},
};

/// Followers that are asked for a version.
const FOLLOWERS_ASKED: usize = 16;

/// A channel as it is here now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The channel.
    pub key: Key,
    /// Its name, in its publisher's first language.
    pub name: String,
    /// The version that is here.
    pub version: u64,
    /// What is published in it.
    pub kind: Kind,
    /// Titles of it in the library; records, if nothing new came; of a filter, its entries.
    pub titles: usize,
    /// Records that were dropped just now, most for want of a licence.
    pub dropped: usize,
    /// Whether this version came just now.
    pub is_new: bool,
    /// Whether news is overdue.
    pub freshness: Freshness,
    /// Whether its publisher signed two different things.
    pub is_halted: bool,
    /// The key to which its publisher handed it over, as was promised.
    pub successor: Option<Key>,
}

/// How far following a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The network is asked for it.
    Searching,
    /// Its newest version is known.
    Found {
        /// Which one.
        version: u64,
    },
    /// Its files come.
    Fetching {
        /// Bytes of the files that are being fetched now and are here.
        done_bytes: u64,
        /// Their bytes in all; 0 while that is not known.
        wanted_bytes: u64,
        /// Connected peers.
        peers: u32,
    },
    /// The first titles are in the library, the others come.
    Showing {
        /// How many.
        titles: usize,
    },
    /// Its titles are checked and taken in.
    Importing,
}

/// Who is told how far it is.
pub(crate) type Tell<'a> = &'a (dyn Fn(Stage) + Send + Sync);

/// Why a channel is not here.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The session does not take part in the DHT.
    #[error("channels are found through the DHT, which is switched off")]
    NoDht,
    /// No node of the DHT answered.
    #[error("no node of the DHT answered; check the connection, or name one with --dht-bootstrap")]
    NobodyThere,
    /// Nodes answered and none knows the channel.
    #[error(
        "nobody knows this channel; check the address, or try when its publisher or a follower is online"
    )]
    Unknown,
    /// Its files do not come.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What is kept of it cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its files are not what its manifest says.
    #[error("the channel cannot be used: {0}")]
    Bad(#[from] BadChannel),
    /// Fewer titles were taken back than before.
    #[error("the channel cannot be used: it took withdrawals back")]
    WithdrawalsGone,
    /// Its newest version was found to be of no use before.
    #[error("the newest version of the channel was refused: it is not what its publisher signed")]
    Refused,
    /// It would take more of the disk than followed channels may.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The library refuses.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// It is not followed.
    #[error("this channel is not followed")]
    NotFollowed,
    /// Its publisher did not hand it over.
    #[error("its publisher did not hand this channel over to another key")]
    NotMoved,
}

impl FollowError {
    /// Whether a version is refused for good: what its publisher signed does not fit. A disk or a network may do better the
    /// next time, and a file with other bytes may be the disk's fault.
    fn is_lasting(&self) -> bool {
        match self {
            Self::Bad(BadChannel::OtherBytes | BadChannel::Segment(BadSegment::Unreadable)) => {
                false
            }
            Self::Bad(_) | Self::WithdrawalsGone => true,
            Self::Fetch(error) => error.is_publishers(),
            _ => false,
        }
    }
}

/// Now, milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Follows a channel from now on: waits until it is found and all of it is here.
///
/// # Errors
/// Why it is not here; it is not followed then, unless its first screen is here already.
pub(crate) async fn follow(
    session: &Session,
    channels: &Channels,
    library: &Library,
    address: &Address,
    patience: Duration,
    tell: Tell<'_>,
) -> Result<Update, FollowError> {
    let address = &moving::newest(channels, address)?;
    let folder = channels.folder(address.key);
    let work = async {
        let was_known = folder.is_followed() || folder.is_own();
        folder.make()?;
        let outcome = Box::pin(first(session, &folder, library, address, patience, tell)).await;
        if outcome.is_err() && !was_known && !folder.is_followed() {
            // The session must not take files for whole that go here.
            leave(Some(session), &folder).await;
            folder.remove()?;
        }
        outcome
    };
    folder.turns().work(address.key, work).await.unwrap_or(Err(FollowError::NotFollowed))
}

async fn first(
    session: &Session,
    folder: &Folder,
    library: &Library,
    address: &Address,
    patience: Duration,
    tell: Tell<'_>,
) -> Result<Update, FollowError> {
    tell(Stage::Searching);
    let dht = session.dht().ok_or(FollowError::NoDht)?;
    enter(dht, &address.peers);
    let resolved = Box::pin(searched(session, dht, folder, &address.peers, patience)).await?;
    if resolved.standing.head().is_none() {
        return Err(if resolved.heard { FollowError::Unknown } else { FollowError::NobodyThere });
    }
    let Address { peers, mirrors, .. } = address;
    let taking = Taking { session, folder, library, peers, mirrors, patience, tell };
    let update = taking.take(&resolved.standing).await?;
    taking.follow_from_now_on()?;
    Ok(update)
}

/// Asks the DHT until the channel is known; and those who follow it, if the DHT does not know it at once.
pub(crate) async fn searched(
    session: &Session,
    dht: &Dht,
    folder: &Folder,
    peers: &[PeerHint],
    patience: Duration,
) -> Result<Resolved, FolderError> {
    let now = now_ms();
    let first = resolve::resolve(dht, folder, now).await?;
    if first.standing.head().is_some() {
        return Ok(first);
    }
    let is_met = folder.is_followed() || folder.is_own() || folder.moved_to().is_some();
    if is_met {
        return resolve::resolve_within(dht, folder, now, patience).await;
    }
    let newcomer = Newcomer::enter(session, folder, peers, chance(folder.key(), now));
    let resolved = resolve::resolve_within(dht, folder, now, patience).await;
    newcomer.leave().await;
    resolved
}

/// Peers of a channel listen for the DHT at the same port, as a rule.
pub(crate) fn enter(dht: &Dht, peers: &[PeerHint]) {
    let addresses: Vec<SocketAddr> =
        peers.iter().filter_map(|peer| peer.to_string().parse().ok()).collect();
    if !addresses.is_empty() {
        // A session that has ended is noticed at the next question.
        dht.bootstrap(addresses).ok();
    }
}

/// Asks for news of a channel, and takes it in.
///
/// # Errors
/// Why it could not be asked for or taken in; what was here stays.
pub(crate) async fn update(
    session: &Session,
    folder: &Folder,
    library: &Library,
    patience: Duration,
    tell: Tell<'_>,
) -> Result<Update, FollowError> {
    let work = update_in_turn(session, folder, library, patience, tell);
    folder.turns().work(*folder.key(), work).await.unwrap_or(Err(FollowError::NotFollowed))
}

async fn update_in_turn(
    session: &Session,
    folder: &Folder,
    library: &Library,
    patience: Duration,
    tell: Tell<'_>,
) -> Result<Update, FollowError> {
    if let Some(handed_over) = moving::handed_over(folder, &folder.standing()?) {
        return Ok(handed_over);
    }
    tell(Stage::Searching);
    let dht = session.dht().ok_or(FollowError::NoDht)?;
    let peers = hints(folder)?;
    enter(dht, &peers);
    let resolved = resolve::resolve(dht, folder, now_ms()).await?;
    if !resolved.heard {
        return Err(FollowError::NobodyThere);
    }
    if let Some(unchanged) = unchanged(folder, library, &resolved.standing).await? {
        if resolved.copies > 0 {
            folder.set_last_seen(now_ms());
        }
        if resolved.news {
            // The version that is here was signed again.
            folder.tell_it_is_here();
        }
        return Ok(unchanged);
    }
    Taking { session, folder, library, peers: &peers, mirrors: &[], patience, tell }
        .take(&resolved.standing)
        .await
}

/// What is here, if that is the newest and was taken in to its end: then there is nothing to check or to take in again.
async fn unchanged(
    folder: &Folder,
    library: &Library,
    standing: &Standing,
) -> Result<Option<Update>, FollowError> {
    let (folder, library, standing) = (folder.clone(), library.clone(), standing.clone());
    let work = tokio::task::spawn_blocking(move || {
        let Some(head) = standing.head() else { return Ok(None) };
        if folder.has_refused(&head.torrent) {
            return Err(FollowError::Refused);
        }
        let is_here = folder.current() == Some(head.torrent.wire());
        let manifest = folder.manifest().filter(|one| is_here && one.version == head.version);
        let Some(manifest) = manifest else { return Ok(None) };
        let is_whole = has_all_of(&folder, &library, manifest.version)?;
        Ok(is_whole.then(|| as_it_is(&folder, &standing, Some(&manifest))))
    });
    work.await.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))
}

/// What is here of a channel, without anything new.
pub(crate) fn as_it_is(
    folder: &Folder,
    standing: &Standing,
    manifest: Option<&Manifest>,
) -> Update {
    let kind = manifest.map(|manifest| manifest.kind).unwrap_or_default();
    let tally = manifest.and_then(|manifest| manifest.tally(kind.main_family()));
    let name = manifest.and_then(|manifest| manifest.name.pick(&[] as &[&str]));
    Update {
        key: *folder.key(),
        name: name.unwrap_or_default().to_owned(),
        version: manifest.map_or(0, |manifest| manifest.version),
        kind,
        titles: tally.map_or(0, |tally| usize::try_from(tally.records).unwrap_or(usize::MAX)),
        dropped: 0,
        is_new: false,
        freshness: standing.freshness(now_ms()),
        is_halted: standing.contradiction().is_some(),
        successor: standing.rotation().map(|rotation| *rotation.new_key()),
    }
}

/// Takes in what was accepted from a peer; the DHT is not asked.
///
/// # Errors
/// Why it could not be taken in; what was here stays.
pub(crate) async fn take_pushed(
    session: &Session,
    folder: &Folder,
    library: &Library,
    peers: &[SocketAddr],
    patience: Duration,
) -> Result<Update, FollowError> {
    let work = async {
        let standing = folder.standing()?;
        if let Some(handed_over) = moving::handed_over(folder, &standing) {
            return Ok(handed_over);
        }
        if let Some(unchanged) = unchanged(folder, library, &standing).await? {
            folder.set_last_seen(now_ms());
            // The version that is here was signed again: others hear of it from us.
            folder.tell_it_is_here();
            return Ok(unchanged);
        }
        let named = peers.iter().filter_map(|peer| PeerHint::parse(&peer.to_string()));
        let peers: Vec<PeerHint> = named.chain(hints(folder)?).collect();
        let (peers, mirrors, tell) = (&peers, &[], &|_| {});
        let taking = Taking { session, folder, library, peers, mirrors, patience, tell };
        taking.take(&standing).await
    };
    folder.turns().work(*folder.key(), work).await.unwrap_or(Err(FollowError::NotFollowed))
}

pub(crate) fn hints(folder: &Folder) -> Result<Vec<PeerHint>, FolderError> {
    let followed = folder.followed()?.unwrap_or_default();
    Ok(followed.peers.iter().filter_map(|peer| PeerHint::parse(peer)).collect())
}

/// What a version is taken in with.
struct Taking<'a> {
    session: &'a Session,
    folder: &'a Folder,
    library: &'a Library,
    peers: &'a [PeerHint],
    /// Mirrors that its address named.
    mirrors: &'a [MirrorUrl],
    patience: Duration,
    tell: Tell<'a>,
}

impl Taking<'_> {
    /// Makes the version that the standing names the current one.
    async fn take(&self, standing: &Standing) -> Result<Update, FollowError> {
        let folder = self.folder;
        let before = folder.manifest();
        let named = standing.head().ok_or(FollowError::Unknown)?;
        let is_new = folder.current() != Some(named.torrent.wire());
        let (standing, manifest) = if is_new {
            Box::pin(self.fetch_newest(standing.clone())).await?
        } else {
            (self.tell)(Stage::Found { version: named.version });
            (standing.clone(), before.clone().ok_or(FollowError::Unknown)?)
        };
        let head = standing.head().ok_or(FollowError::Unknown)?;
        (self.tell)(Stage::Importing);
        let taken = match before {
            Some(before) if before.kind != manifest.kind => Err(BadChannel::OtherKind.into()),
            Some(before) if takes_withdrawals_back(&before, &manifest) => {
                Err(FollowError::WithdrawalsGone)
            }
            _ => Box::pin(self.taken_in(&head.torrent, &manifest)).await,
        };
        if let (Err(error), true) = (&taken, is_new) {
            self.refuse(&head.torrent, Some(&manifest), error).await?;
        }
        let Imported { titles, dropped } = taken?;
        if is_new {
            leave_old(self.session, folder, &head.torrent.wire()).await;
            sharing::leave_old(self.session, folder, Some(&manifest)).await;
            folder.sweep()?;
        }
        let here = as_it_is(folder, &standing, Some(&manifest));
        Ok(Update { titles, dropped, is_new, ..here })
    }

    /// Takes a version in. Segments that the disk keeps no longer as they came are fetched again.
    async fn taken_in(
        &self,
        head: &InfoHashes,
        manifest: &Manifest,
    ) -> Result<Imported, FollowError> {
        let (session, folder, tell) = (self.session, self.folder, self.tell);
        let taken = taken_in(folder, self.library, head, manifest).await;
        if !matches!(taken, Err(FollowError::Bad(BadChannel::OtherBytes))) {
            return taken;
        }
        let peers = [self.peers, &self.followers().await].concat();
        let fetching = Fetching { session, folder, peers: &peers, mirrors: self.mirrors, tell };
        match timeout(self.patience, fetching.mend(manifest)).await {
            Ok(Ok(true)) => taken_in(folder, self.library, head, manifest).await,
            Ok(Ok(false)) => taken,
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(FetchError::Nobody.into()),
        }
    }

    /// Fetches the version that a standing names; or the newest that a peer tells of before all of that one is here.
    async fn fetch_newest(
        &self,
        mut standing: Standing,
    ) -> Result<(Standing, Manifest), FollowError> {
        let mut peers = [self.peers, &self.followers().await].concat();
        loop {
            let (Some(head), Some(item)) = (standing.head(), standing.head_item()) else {
                return Err(FollowError::Unknown);
            };
            (self.tell)(Stage::Found { version: head.version });
            match self.fetch(head, &Key(*item.key()), &peers).await {
                Ok(manifest) => return Ok((standing, manifest)),
                Err(Halt::Failed(error)) => {
                    if matches!(error, FollowError::NoRoom(_)) {
                        outgrown::take_in(self.folder, self.library, &head.torrent).await;
                    }
                    self.refuse(&head.torrent, None, &error).await?;
                    return Err(error);
                }
                Err(Halt::Newer(newer)) => {
                    // What came of it stays on the disk until the newer one is here, which may have the same files.
                    if let Some(torrent) = self.session.find(&head.torrent) {
                        torrent.remove(false).await.ok();
                    }
                    peers.retain(|peer| !newer.peers.contains(peer));
                    let Newer { standing: now, peers: have_it } = *newer;
                    peers.splice(0..0, have_it);
                    peers.truncate(FOLLOWERS_ASKED);
                    standing = now;
                }
            }
        }
    }

    /// Fetches a version. Whoever has nothing of the channel yet is shown its first screen on the way.
    async fn fetch(&self, head: &Head, signer: &Key, peers: &[PeerHint]) -> Result<Manifest, Halt> {
        let (session, folder, tell) = (self.session, self.folder, self.tell);
        let mirrors = self.mirrors;
        let fetching = Fetching { session, folder, peers, mirrors, tell };
        let mut lookout = Lookout::new(folder, head.version);
        let work = async {
            let files = lookout.work(fetching.head(head)).await?;
            let manifest = lookout.work(fetching.manifest(&files, head, signer)).await?;
            if let Err(why) = self.has_room_for(&manifest).await {
                let taken_back = lookout.work(outgrown::fetch(&fetching, &files, &manifest)).await;
                return Err(match taken_back {
                    Err(Halt::Newer(newer)) => Halt::Newer(newer),
                    Ok(()) | Err(Halt::Failed(_)) => Halt::Failed(why),
                });
            }
            if folder.current().is_none()
                && let Some(shelves) = lookout.work(fetching.shelves(&files, &manifest)).await?
            {
                self.show(&manifest, shelves).await.map_err(Halt::Failed)?;
            }
            lookout.work(fetching.rest(&files, &manifest)).await?;
            Ok(manifest)
        };
        let late = |_| Err(Halt::Failed(FetchError::Nobody.into()));
        timeout(self.patience, work).await.unwrap_or_else(late)
    }

    /// Whether its files fit beside those of all other channels: nothing of them is fetched before.
    async fn has_room_for(&self, manifest: &Manifest) -> Result<(), FollowError> {
        let (folder, manifest) = (self.folder.clone(), manifest.clone());
        let fits = tokio::task::spawn_blocking(move || folder.has_room_for(&manifest)).await;
        match fits {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Unfit::NoRoom(why))) => Err(why.into()),
            Ok(Err(Unfit::Folder(error))) => Err(error.into()),
            Err(_) => Err(FolderError::Interrupted.into()),
        }
    }

    /// Shows the first screen before the rest is here. Whatever becomes of the rest, the channel is followed then.
    async fn show(&self, manifest: &Manifest, shelves: Vec<u8>) -> Result<(), FollowError> {
        let screen = FirstScreen::read(self.folder.key(), manifest, &shelves)?;
        if !self.folder.is_followed() {
            self.follow_from_now_on()?;
        }
        let posters = packs::posters(&screen);
        let (folder, library) = (self.folder.clone(), self.library.clone());
        let work = tokio::task::spawn_blocking(move || show_first(&folder, &library, screen));
        let titles = work.await.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))?;
        (self.tell)(Stage::Showing { titles });
        // They come while the rest does, or later: nobody waits for them.
        tokio::spawn(packs::early(self.session.clone(), self.folder.clone(), posters));
        Ok(())
    }

    /// Gives nothing of a version to others that is not what was signed. It is not asked for again if it never will be.
    async fn refuse(
        &self,
        head: &InfoHashes,
        manifest: Option<&Manifest>,
        why: &FollowError,
    ) -> Result<(), FollowError> {
        let is_lasting = why.is_lasting();
        if !is_lasting && !matches!(why, FollowError::Bad(_)) {
            return Ok(());
        }
        let (session, folder) = (self.session, self.folder);
        if is_lasting {
            folder.set_refused(head)?;
        }
        let kept = folder.manifest();
        let kept: BTreeSet<_> =
            kept.iter().flat_map(Manifest::files).map(|one| &one.place).collect();
        let files = manifest.into_iter().flat_map(Manifest::files);
        let segments = files.filter_map(|file| match &file.place {
            Where::Torrent(hashes) if !kept.contains(&file.place) => Some(hashes),
            _ => None,
        });
        for torrent in segments.chain([head]).filter_map(|hashes| session.find(hashes)) {
            torrent.remove(is_lasting).await.ok();
        }
        if is_lasting { Ok(folder.sweep()?) } else { Ok(()) }
    }

    fn follow_from_now_on(&self) -> Result<(), FolderError> {
        let peers = self.peers.iter().map(ToString::to_string).collect();
        let moved = self.folder.followed()?.and_then(|before| before.moved);
        self.folder.set_followed(&Followed { peers, moved })
    }

    /// Where followers of any version meet: one of them may have this one, whoever announces it in the DHT.
    async fn followers(&self) -> Vec<PeerHint> {
        let (Some(dht), true) = (self.session.dht(), self.peers.is_empty()) else { return vec![] };
        let name = swarm_name(self.folder.key());
        let found = dht.peers(dht::Id(name.0), None).await;
        let peers = found.map(|(peers, _)| peers).unwrap_or_default();
        let hints = peers.iter().filter_map(|peer| PeerHint::parse(&peer.to_string()));
        hints.take(FOLLOWERS_ASKED).collect()
    }
}

pub(crate) fn takes_withdrawals_back(before: &Manifest, now: &Manifest) -> bool {
    let records =
        |manifest: &Manifest| manifest.tally(Family::Withdrawals).map_or(0, |tally| tally.records);
    records(now) < records(before)
}

/// Checks a version, makes it the current one, and brings its titles in the library up to date. It is taken in by a
/// thread of its own.
async fn taken_in(
    folder: &Folder,
    library: &Library,
    head: &InfoHashes,
    manifest: &Manifest,
) -> Result<Imported, FollowError> {
    let (folder, library, manifest) = (folder.clone(), library.clone(), manifest.clone());
    let head = *head;
    let work = tokio::task::spawn_blocking(move || {
        let files = folder.head_root(&head).join(HEAD_NAME);
        let checked = || {
            if folder.current() != Some(head.wire()) {
                folder.set_current(&head)?;
            }
            folder.set_last_seen(now_ms());
            folder.tell_it_is_here();
            Ok(())
        };
        import(&folder, Heads::of(&files), &library, &manifest, checked)
    });
    work.await.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))
}

/// The catalogue of the version that is here.
///
/// # Errors
/// None is here, or its files are damaged.
pub fn catalogue(folder: &Folder) -> Result<Catalogue, FollowError> {
    let manifest = folder.manifest().ok_or(FollowError::Unknown)?;
    Ok(assembled(folder, folder.key(), &manifest)?)
}

/// The catalogue of the version whose files are on disk.
fn assembled(folder: &Folder, key: &Key, manifest: &Manifest) -> Result<Catalogue, BadChannel> {
    let files: Option<Vec<_>> =
        manifest.segments.iter().map(|segment| folder.segment(&segment.file)).collect();
    let files = files.ok_or(BadChannel::OtherBytes)?;
    let supplied: Vec<_> = manifest
        .segments
        .iter()
        .zip(&files)
        .map(|(described, bytes)| Supplied { described, bytes })
        .collect();
    assemble(key, manifest, &supplied)
}

/// Leaves the head torrents of earlier versions; nobody should find them any more.
pub(crate) async fn leave_old(session: &Session, folder: &Folder, current: &torrent::Sha1Hash) {
    for torrent in session.torrents() {
        let hashes = torrent.hashes();
        let root = folder.head_root(&hashes);
        if root.exists() && hashes.wire() != *current {
            // The files go with the sweep.
            torrent.remove(false).await.ok();
        }
    }
}

/// Ends following: titles leave the library, files go. An own channel stays on disk.
///
/// # Errors
/// It is not followed, or the disk refuses.
pub(crate) async fn unfollow(
    session: Option<&Session>,
    channels: &Channels,
    library: &Library,
    key: &Key,
) -> Result<(), FollowError> {
    let folder = channels.folder(*key);
    let _turn = folder.turns().leave(*key).await;
    if !folder.is_followed() {
        return Err(FollowError::NotFollowed);
    }
    leave(session, &folder).await;
    remove_titles(library, key).await?;
    if folder.is_own() {
        folder.forget_followed()?;
    } else {
        folder.remove()?;
    }
    moving::forget_before(session, channels, key).await
}

/// Shares nothing of a channel any more.
pub(crate) async fn leave(session: Option<&Session>, folder: &Folder) {
    if let Some(session) = session {
        leave_old(session, folder, &torrent::Sha1Hash([0; 20])).await;
        sharing::leave_old(session, folder, None).await;
        name_swarm::leave(session, folder.key()).await;
    }
}

/// Takes the titles of a channel out of the library, or the entries of a filter, if there are any.
pub(crate) async fn remove_titles(library: &Library, key: &Key) -> Result<(), FollowError> {
    let (library, id) = (library.clone(), key.to_string());
    let work = tokio::task::spawn_blocking(move || {
        for removed in [library.remove_source(&id), library.remove_filter(&id)] {
            match removed {
                Ok(()) | Err(LibraryError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    });
    work.await.unwrap_or(Err(FollowError::Library(LibraryError::Closed)))
}
