//! Visiting a site: it is found, fetched, checked, kept, and given to others from then on.

use std::{
    collections::BTreeMap,
    fs,
    future::pending,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use catalogue::channel::{
    Address, BadSite, Freshness, HEAD_NAME, Head, Key, MANIFEST_FILE, MirrorUrl, PagePath,
    ROOT_DOCUMENT_MAX, ROOT_FILE, Site, SiteFile, Standing, check_site_torrent, manifest_hash,
    page_place, site_torrent,
};
use driver::{Session, Source};
use engine::Want;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc,
    },
    time::{sleep, timeout},
};
use torrent::{Metainfo, PeerHint, create::CannotCreate};

use super::GatherError;
use crate::{
    clock::Clock,
    durable,
    fetch::{FetchError, Fetching},
    folder::{Change, Channels, Folder, FolderError, at},
    follow::{enter, hints, leave_old, now_ms, searched},
    keeper::chance,
    keeping::{Keeping, Task},
    name_swarm::{self, Pushed},
    own::{OwnError, keep_fresh},
    readers::Reader,
    resolve,
};

/// A site as it is here now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// The site.
    pub key: Key,
    /// What it has.
    pub site: Site,
    /// The folder that its pages lie in, by their paths.
    pub pages: PathBuf,
    /// Whether this version came just now.
    pub is_new: bool,
    /// Whether news is overdue.
    pub freshness: Freshness,
    /// Whether its publisher signed two different things.
    pub is_halted: bool,
    /// The key under which it goes on, since its publisher handed it over.
    pub successor: Option<Key>,
    /// Its pages stay where they are as long as this is there, although a newer version comes.
    _reader: Option<Reader>,
}

/// Why a site is not here, or not out.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The session does not take part in the DHT.
    #[error("sites are found through the DHT, which is switched off")]
    NoDht,
    /// No node of the DHT answered.
    #[error("no node of the DHT answered; check the connection, or name one with --dht-bootstrap")]
    NobodyThere,
    /// Nodes answered and none knows the site.
    #[error(
        "nobody knows this site; check the address, or try when its publisher or a visitor is online"
    )]
    Unknown,
    /// Its publisher handed it over, and nobody has the last version of it.
    #[error("its publisher handed this site over to a new address: {address}", address = Address::new(*.0))]
    Moved(Key),
    /// It is our own: its keys lie here.
    #[error("this site is yours: its keys lie on this machine, and it is not forgotten")]
    Ours,
    /// Its files do not come.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What is kept of it cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its document is not a site's: it may be a channel.
    #[error("what is published under this address is no site: {0}")]
    Bad(#[from] BadSite),
    /// A page is another one than was signed for.
    #[error("a page of the site is not the one that was signed for: {0}")]
    OtherPage(String),
    /// The publisher's side cannot be used.
    #[error(transparent)]
    Own(#[from] OwnError),
    /// The folder to publish is no site.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// Its torrent cannot be made.
    #[error("the torrent of the site cannot be made: {0}")]
    Torrent(#[from] CannotCreate),
    /// Whoever was told how far publishing it is did not want more.
    #[error("publishing was stopped; the version before is still the newest one")]
    Stopped,
    /// What was signed is not accepted: another machine has published since, or the clock went back.
    #[error("a newer version of this site is known; publish from the machine that has it")]
    NotAccepted,
}

/// Finds a site and makes its newest version the one that is here.
///
/// # Errors
/// Why it is not here. If an earlier version is, [`kept_site`] has it.
pub async fn visit_site(
    session: &Session,
    sites: &Channels,
    address: &Address,
    patience: Duration,
) -> Result<Visited, SiteError> {
    sites.looks().at(address.key, Instant::now());
    let folder = sites.folder(address.key);
    let was_known = folder.is_followed() || folder.is_own();
    folder.make()?;
    let outcome = first(session, &folder, address, patience).await;
    if outcome.is_err() && !was_known {
        folder.remove()?;
    }
    outcome
}

async fn first(
    session: &Session,
    folder: &Folder,
    address: &Address,
    patience: Duration,
) -> Result<Visited, SiteError> {
    let dht = session.dht().ok_or(SiteError::NoDht)?;
    enter(dht, &address.peers);
    let resolved = Box::pin(searched(session, dht, folder, &address.peers, patience)).await?;
    let successor = resolved.standing.rotation().map(|rotation| *rotation.new_key());
    if let (None, Some(next)) = (resolved.standing.head(), successor) {
        return Err(SiteError::Moved(next));
    }
    if resolved.standing.head().is_none() {
        return Err(if resolved.heard { SiteError::Unknown } else { SiteError::NobodyThere });
    }
    let standing = &resolved.standing;
    let taken = take(session, folder, (&address.peers, &address.mirrors), standing, patience).await;
    let visited = match (taken, successor) {
        (Err(SiteError::Fetch(FetchError::Nobody)), Some(next)) => {
            return Err(SiteError::Moved(next));
        }
        (taken, _) => taken?,
    };
    met(folder, address)?;
    Ok(visited)
}

/// Writes down that somebody visits a site, and by which address.
fn met(folder: &Folder, address: &Address) -> Result<(), FolderError> {
    let mut followed = folder.followed()?.unwrap_or_default();
    if !address.peers.is_empty() {
        followed.peers = address.peers.iter().map(ToString::to_string).collect();
    }
    folder.set_followed(&followed)
}

/// Visits the version of a site that is here, without asking anybody: [`visit_site`] looks for a newer one behind it.
///
/// # Errors
/// None is here, its files are damaged, or the disk refuses.
pub fn open_kept_site(sites: &Channels, address: &Address) -> Result<Visited, SiteError> {
    let folder = sites.folder(address.key);
    let visited = visited(&folder, false)?;
    sites.looks().at(address.key, Instant::now());
    if folder.is_followed() {
        met(&folder, address)?;
    }
    Ok(visited)
}

/// The version of a site that is here, whether the network can be reached or not.
///
/// # Errors
/// None is here, or its files are damaged.
pub fn kept_site(sites: &Channels, key: Key) -> Result<Visited, SiteError> {
    let folder = sites.folder(key);
    visited(&folder, false)
}

fn visited(folder: &Folder, is_new: bool) -> Result<Visited, SiteError> {
    let reader = folder.read_current();
    let (site, _) = kept(folder)?.ok_or(SiteError::Unknown)?;
    let standing = folder.standing()?;
    Ok(Visited {
        key: *folder.key(),
        pages: pages_of(folder).ok_or(SiteError::Unknown)?,
        site,
        is_new,
        freshness: standing.freshness(now_ms()),
        is_halted: standing.contradiction().is_some(),
        successor: standing.rotation().map(|rotation| *rotation.new_key()),
        _reader: reader,
    })
}

fn pages_of(folder: &Folder) -> Option<PathBuf> {
    let entry = page_place(&PagePath::entry());
    Some(folder.current_head()?.join(entry.first()?))
}

/// The document of the version that is here, and its hash.
pub(crate) fn kept(folder: &Folder) -> Result<Option<(Site, [u8; 32])>, SiteError> {
    let Some(head) = folder.current_head() else { return Ok(None) };
    let Some(sealed) = document(&head)? else { return Ok(None) };
    Ok(Some((Site::open(&sealed)?.1, manifest_hash(&sealed))))
}

fn document(head: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    let path = head.join(MANIFEST_FILE);
    durable::read(&path, Site::SEALED_MAX as u64).map_err(at(&path))
}

/// Makes the version that the standing names the current one.
async fn take(
    session: &Session,
    folder: &Folder,
    (peers, mirrors): (&[PeerHint], &[MirrorUrl]),
    standing: &Standing,
    patience: Duration,
) -> Result<Visited, SiteError> {
    let (Some(head), Some(item)) = (standing.head(), standing.head_item()) else {
        return Err(SiteError::Unknown);
    };
    let is_new = folder.current() != Some(head.torrent.wire());
    if is_new {
        let fetching = Fetching { session, folder, peers, mirrors, tell: &|_| {} };
        let fetched = timeout(patience, fetch(&fetching, head, &Key(*item.key()))).await;
        fetched.map_err(|_| FetchError::Nobody)??;
        folder.set_current(&head.torrent)?;
        leave_old(session, folder, &head.torrent.wire()).await;
        folder.sweep()?;
    } else {
        seed(session, folder).await?;
        // What somebody read of an earlier version when this one came may have been let go since.
        folder.sweep_heads()?;
    }
    folder.tell_it_is_here();
    visited(folder, is_new)
}

/// Fetches a version and checks every page of it.
async fn fetch(fetching: &Fetching<'_>, head: &Head, signer: &Key) -> Result<(), SiteError> {
    let root = fetching.folder.head_root(&head.torrent);
    let metainfo = match fetching.session.find(&head.torrent) {
        Some(torrent) => torrent.metainfo().await.map_err(FetchError::from)?,
        None => fetching.described(head.torrent, &root).await?,
    };
    check_site_torrent(&metainfo).map_err(FetchError::NotAHead)?;
    let files = root.join(HEAD_NAME);
    if fetching.session.find(&head.torrent).is_none() {
        reuse(fetching.folder, &metainfo, &files).map_err(at(&files))?;
    }
    let torrent = fetching.add(Source::Metainfo(metainfo), &root, Want::All, true).await?;
    fetching.finished(&torrent).await?;
    let (named, signer) = (head.clone(), *signer);
    let checked = tokio::task::spawn_blocking(move || check(&files, &named, &signer)).await;
    checked.unwrap_or(Err(SiteError::Folder(FolderError::Interrupted)))
}

/// Puts files of the last version where the new one has files of the same path and length. Should their bytes be
/// others, the torrent's hashes say so and they are fetched.
fn reuse(folder: &Folder, metainfo: &Metainfo, files: &Path) -> std::io::Result<()> {
    let Some(last) = folder.current_head() else { return Ok(()) };
    for file in metainfo.info.files() {
        let place =
            |base: &Path| file.path[1..].iter().fold(base.to_owned(), |at, part| at.join(part));
        let (old, new) = (place(&last), place(files));
        let is_same = fs::metadata(&old).is_ok_and(|old| old.len() == file.length);
        if is_same && !new.exists() {
            fs::create_dir_all(new.parent().unwrap_or(files))?;
            fs::copy(&old, &new)?;
        }
    }
    Ok(())
}

/// Whether the files of a version are what was signed for.
fn check(files: &Path, head: &Head, signer: &Key) -> Result<(), SiteError> {
    let sealed = document(files)?.ok_or(FetchError::NotAHead("it has no document"))?;
    if manifest_hash(&sealed) != head.manifest {
        return Err(FetchError::OtherManifest.into());
    }
    let (key, site) = Site::open(&sealed)?;
    if key != *signer || site.version != head.version {
        return Err(FetchError::OtherSigner.into());
    }
    for (path, file) in site.files.iter() {
        let place = page_place(path).iter().fold(files.to_owned(), |at, part| at.join(part));
        let bytes = durable::read(&place, file.length).map_err(at(&place))?;
        if bytes.map(|bytes| SiteFile::of(&bytes)) != Some(*file) {
            return Err(SiteError::OtherPage((**path).to_owned()));
        }
    }
    Ok(())
}

/// Gives the version that is here to others. Its torrent is made again from its files, which gives the same.
pub(super) async fn seed(session: &Session, folder: &Folder) -> Result<(), SiteError> {
    let Some(current) = folder.current_head() else { return Ok(()) };
    let place = current.clone();
    let made = tokio::task::spawn_blocking(move || torrent_of(&place)).await;
    let metainfo = made.unwrap_or(Err(SiteError::Folder(FolderError::Interrupted)))?;
    if session.find(&metainfo.info.hashes()).is_none() {
        let fetching = Fetching { session, folder, peers: &[], mirrors: &[], tell: &|_| {} };
        let root = current.parent().unwrap_or(&current).to_owned();
        fetching.add(Source::Metainfo(Arc::new(metainfo)), &root, Want::All, false).await?;
    }
    Ok(())
}

pub(crate) fn torrent_of(head: &Path) -> Result<Metainfo, SiteError> {
    let sealed = document(head)?.ok_or(SiteError::Unknown)?;
    let (_, site) = Site::open(&sealed)?;
    let path = head.join(ROOT_FILE);
    let root = durable::read(&path, 2 * ROOT_DOCUMENT_MAX as u64).map_err(at(&path))?;
    let mut pages = BTreeMap::new();
    for (path, file) in site.files.iter() {
        let place = page_place(path).iter().fold(head.to_owned(), |at, part| at.join(part));
        let bytes = durable::read(&place, file.length).map_err(at(&place))?;
        pages.insert(path.clone(), bytes.unwrap_or_default());
    }
    Ok(site_torrent(&sealed, &root.unwrap_or_default(), &pages)?)
}

/// Keeps a site up to date and alive for others, as long as it is polled: other visitors are met, who tell each other of
/// a new version, and the DHT is asked now and then. What came is told.
pub async fn stay(session: &Session, sites: &Channels, key: Key, tell: impl Fn(&Visited)) {
    let (folder, clock) = (sites.folder(key), Clock::start());
    let mut keeping = Keeping::start(clock.now(), folder.last_put(), now_ms());
    let is_visited = || sites.looks().lately(&key, Instant::now());
    // Whoever has just visited knows the newest version.
    keeping.polled(clock.now(), is_visited());
    let (pushed, mut news) = mpsc::unbounded_channel();
    let peers = hints(&folder).unwrap_or_default();
    let _part = name_swarm::take_part(session, &folder, peers, chance(&key, now_ms()), pushed);
    let mut told: Option<Pushed> = None;
    let (mut changes, mut is_handed_over) = (folder.changes(), was_handed_over(&folder));
    let mut learning = pin!(sites.learning().tend(session));
    loop {
        let doing = async {
            if let Some(pushed) = &told {
                return take_pushed(session, &folder, pushed).await;
            }
            let task = due(&keeping, sites, clock).await;
            work(session, &folder, task).await
        };
        let done = tokio::select! {
            // A newer version ends the fetching of an older one, which nobody may have any more.
            Some(newer) = news.recv() => {
                told = Some(newer);
                continue;
            }
            () = handed_over(&folder, &mut changes), if !is_handed_over => {
                is_handed_over = true;
                visited(&folder, false).iter().for_each(&tell);
                continue;
            }
            never = &mut learning => match never {},
            done = doing => done,
        };
        let (now, was_told) = (clock.now(), told.take().is_some());
        match done {
            Err(error) => {
                tracing::info!(site = %key.short(), %error, "no news of a site");
                if !was_told {
                    keeping.failed(now);
                }
            }
            Ok(Done::Put(copies)) => {
                folder.set_last_put(now);
                keeping.put(now, copies, now_ms());
            }
            Ok(Done::Polled(news)) => {
                news.iter().for_each(|visited| tell(visited));
                keeping.polled(now, is_visited());
            }
        }
    }
}

fn was_handed_over(folder: &Folder) -> bool {
    folder.standing().is_ok_and(|standing| standing.rotation().is_some())
}

/// Ends when it becomes known that the publisher handed the site over.
async fn handed_over(folder: &Folder, changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Err(RecvError::Closed) => return pending().await,
            Ok(change) if change.key != *folder.key() => {}
            // Whoever missed some looks as well.
            Ok(_) | Err(RecvError::Lagged(_)) if was_handed_over(folder) => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
        }
    }
}

/// What came of a task.
enum Done {
    /// The version that came, if a newer one did.
    Polled(Option<Box<Visited>>),
    /// The items were put; so many nodes had them before.
    Put(usize),
}

/// Fetches a version that peers told of, and have.
async fn take_pushed(
    session: &Session,
    folder: &Folder,
    pushed: &Pushed,
) -> Result<Done, SiteError> {
    if folder.is_own() {
        return Ok(Done::Polled(None));
    }
    let named = pushed.peers.iter().filter_map(|peer| PeerHint::parse(&peer.to_string()));
    let peers: Vec<PeerHint> = named.chain(hints(folder)?).collect();
    let visited = take(session, folder, (&peers, &[]), &folder.standing()?, PATIENCE).await?;
    Ok(Done::Polled(Some(Box::new(visited)).filter(|visited| visited.is_new)))
}

/// Waits for the next task. Meanwhile it may be learnt how long nodes remember.
async fn due(keeping: &Keeping, sites: &Channels, clock: Clock) -> Task {
    loop {
        let (due, task) = keeping.next(sites.learning().span());
        let wait = due.saturating_sub(clock.now());
        if wait.is_zero() {
            return task;
        }
        sleep(wait.min(LOOK_EVERY)).await;
    }
}

async fn work(session: &Session, folder: &Folder, task: Task) -> Result<Done, SiteError> {
    if task == Task::Poll && folder.is_own() {
        // Its news is made here, and a version that is being made is nobody's.
        keep_fresh(session, folder).await;
        return Ok(Done::Polled(None));
    }
    let dht = session.dht().ok_or(SiteError::NoDht)?;
    if task == Task::Put {
        let put = resolve::put_again(dht, folder).await?;
        return put.map(Done::Put).ok_or(SiteError::NobodyThere);
    }
    let resolved = resolve::resolve(dht, folder, now_ms()).await?;
    if !resolved.heard {
        return Err(SiteError::NobodyThere);
    }
    let visited = take(session, folder, (&[], &[]), &resolved.standing, PATIENCE).await?;
    Ok(Done::Polled(Some(Box::new(visited)).filter(|visited| visited.is_new)))
}

/// How long is slept at most before it is looked what is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long a version may take to come before the next attempt.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
