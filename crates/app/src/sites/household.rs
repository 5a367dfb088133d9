//! The sites of a household while the server runs: each open one on a listener of its own, all of them kept alive for others.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use catalogue::channel::{Address, Key};
use channels::{Channels, Folder, FolderError, SiteError, Visited};
use driver::Session;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};
use torrent::InfoHashes;

use super::{Answer, Answers, Door, Home, Leading, Offer};
use crate::{
    folder_lock::FolderLock,
    http::problem::{Code, Problem},
};

/// How long the site that another one was handed over to is looked for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The part of the household's quota that sites of others may take.
const QUOTA_PART: u64 = 10;

/// All sites of a household; clones are cheap.
#[derive(Clone)]
pub struct Sites(Arc<Inner>);

struct Inner {
    root: PathBuf,
    home: Home,
    /// What scripts of sites may be told.
    offer: OnceLock<Offer>,
    channels: Channels,
    /// Held as long as this process works on them.
    lock: Mutex<Option<FolderLock>>,
    open: Mutex<BTreeMap<Key, Open>>,
    keeping: Mutex<BTreeMap<Key, Task>>,
    /// Questions for a newer version of what is shown meanwhile.
    looking: Mutex<BTreeMap<Key, Task>>,
}

/// How somebody wants to see a site.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// How long it is looked for.
    pub patience: Duration,
    /// Whether the newest version is waited for although one is here.
    pub is_newest: bool,
    /// What the household gives to others, bytes.
    pub quota: u64,
}

/// A site that browsers can see.
struct Open {
    door: Arc<Door>,
    _stop: watch::Sender<bool>,
    _serving: Task,
}

/// A task that ends with this.
struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The newest version of a site that could be had.
pub(super) struct Newest {
    visited: Visited,
    /// Whether the network was asked.
    pub(super) is_of_network: bool,
}

/// A site that is here.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The version that is here.
    pub visited: Visited,
    /// Whether its keys are here.
    pub is_own: bool,
    /// What a browser is sent to, if it is open.
    pub url: Option<String>,
    /// Of one that moved: what its visitor answered who was asked whether to go along.
    pub answer: Option<Answer>,
}

impl Kept {
    /// The bytes of all its pages.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.visited.site.files.iter().map(|(_, file)| file.length).sum()
    }
}

impl Sites {
    /// The sites below a folder, which is made if need be. `home` is the household's own page.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(root: &Path, home: Home) -> Result<Self, FolderError> {
        Ok(Self(Arc::new(Inner {
            root: root.to_owned(),
            home,
            offer: OnceLock::new(),
            channels: Channels::open(root)?,
            lock: Mutex::default(),
            open: Mutex::default(),
            keeping: Mutex::default(),
            looking: Mutex::default(),
        })))
    }

    /// From now on scripts of sites that are opened may ask this.
    pub fn offer(&self, offer: Offer) {
        self.0.offer.set(offer).ok();
    }

    /// Whether a torrent of the session is a site's.
    #[must_use]
    pub fn carry(&self, hashes: &InfoHashes) -> bool {
        self.0.channels.carry(hashes)
    }

    fn answers(&self) -> Answers {
        Answers::new(&self.0.root)
    }

    /// Notes whether whoever asks for a site goes along to where its publisher went on; without an answer they are asked
    /// again.
    ///
    /// # Errors
    /// [`Code::SiteUnknown`] if it is here and went on somewhere else or nowhere, or the disk refuses.
    pub fn answer(&self, key: Key, answer: Option<Answer>) -> Result<(), Problem> {
        self.hold()?;
        let here = channels::kept_site(&self.0.channels, key).ok();
        if let (Some(here), Some(Answer::Goes(next))) = (here, answer)
            && here.successor != Some(next)
        {
            return Err(Code::SiteUnknown.into());
        }
        let noted = self.answers().note(&key, answer);
        noted.map_err(|error| Problem::from(Code::DiskDenied).detail(error))
    }

    /// Takes updates of a site again whose key signed two different versions, because a person says so.
    ///
    /// # Errors
    /// [`Code::SiteUnknown`], its files are damaged, or the disk refuses.
    pub fn forgive(&self, key: Key) -> Result<Kept, Problem> {
        self.hold()?;
        channels::forgive_site(&self.0.channels, key).map_err(|error| problem(&error))?;
        let kept = self.get(key)?;
        self.renew(&kept.visited);
        Ok(kept)
    }

    pub(super) fn channels(&self) -> &Channels {
        &self.0.channels
    }

    /// Browsers that have a site open see this version from now on.
    pub(super) fn show_in_browsers(&self, visited: &Visited) {
        if let Some(open) = locked(&self.0.open).get(&visited.key) {
            open.door.show(visited.clone());
        }
    }

    /// Browsers that have a site open are told of its newest version.
    pub(super) fn renew(&self, visited: &Visited) {
        if let Some(open) = locked(&self.0.open).get(&visited.key) {
            open.door.renew(visited.clone());
        }
    }

    /// No command works on the sites meanwhile.
    pub(super) fn hold(&self) -> Result<(), Problem> {
        let mut lock = locked(&self.0.lock);
        if lock.is_none() {
            let taken = FolderLock::take(&self.0.root, "--data-dir");
            *lock = Some(taken.map_err(|why| Problem::from(Code::SitesBusy).detail(why.message))?);
        }
        Ok(())
    }

    fn folders(&self) -> Result<Vec<Folder>, Problem> {
        self.0.channels.all().map_err(|error| problem(&error.into()))
    }

    /// Those of which a version is here, in the order of their keys. One that is damaged is left out.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn all(&self) -> Result<Vec<Kept>, Problem> {
        let folders = self.folders()?;
        Ok(folders.iter().filter_map(|folder| self.get(*folder.key()).ok()).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Code::SiteUnknown`], or its files are damaged.
    pub fn get(&self, key: Key) -> Result<Kept, Problem> {
        let visited =
            channels::kept_site(&self.0.channels, key).map_err(|error| problem(&error))?;
        let is_own = self.0.channels.folder(key).is_own();
        let url = locked(&self.0.open).get(&key).map(|open| open.door.url());
        let answer = self.answers().of(&key);
        Ok(Kept { visited, is_own, url, answer })
    }

    /// Opens a site for the browsers of this machine: the version that is here at once, while a newer one is looked for, or
    /// the newest that can be had. Whoever said that they go along with a site that moved gets the one that it moved to.
    ///
    /// # Errors
    /// Why it cannot be shown.
    pub async fn open(
        &self,
        session: Result<Session, Problem>,
        address: &Address,
        opening: Opening,
    ) -> Result<Kept, Problem> {
        let goal = Address::new(self.answers().goal(address.key));
        if goal.key != address.key && !self.0.channels.folder(address.key).is_own() {
            let there = self.open_itself(session.clone(), &goal, opening).await;
            if there.is_ok() {
                return there;
            }
        }
        self.open_itself(session, address, opening).await
    }

    async fn open_itself(
        &self,
        session: Result<Session, Problem>,
        address: &Address,
        opening: Opening,
    ) -> Result<Kept, Problem> {
        self.hold()?;
        let here = if opening.is_newest {
            None
        } else {
            channels::open_kept_site(&self.0.channels, address).ok()
        };
        let is_here = here.is_some();
        let visited = match here {
            Some(here) => here,
            None => self.newest(&session, address, opening.patience).await?.visited,
        };
        let leading = session.as_ref().ok().map(|session| self.leading(session, opening.quota));
        self.show(visited, leading).await?;
        if let Ok(session) = session {
            self.keep(&session, address.key);
            if is_here {
                self.look(session, address, opening);
            } else {
                self.make_room(&session, address.key, opening.quota / QUOTA_PART).await?;
            }
        }
        self.get(address.key)
    }

    /// Looks for a newer version of a site that is shown meanwhile; whoever reads it is told.
    fn look(&self, session: Session, address: &Address, opening: Opening) {
        let (key, address) = (address.key, address.clone());
        let mut looking = locked(&self.0.looking);
        looking.retain(|_, task| !task.0.is_finished());
        if looking.contains_key(&key) || self.0.channels.folder(key).is_own() {
            return;
        }
        let sites = self.clone();
        let work = async move {
            let channels = &sites.0.channels;
            let found = channels::visit_site(&session, channels, &address, opening.patience).await;
            if let Err(error) = &found {
                tracing::info!(site = %key.short(), %error, "no newer version of a site was found");
            }
            // What became of it is known then, although no version came.
            let newest = found.or_else(|_| channels::kept_site(channels, key));
            newest.iter().for_each(|newest| sites.renew(newest));
            let room = sites.make_room(&session, key, opening.quota / QUOTA_PART).await;
            if let Err(problem) = room {
                tracing::warn!(site = %key.short(), ?problem, "sites were not forgotten");
            }
        };
        looking.insert(key, Task(tokio::spawn(work).abort_handle()));
    }

    pub(super) async fn newest(
        &self,
        session: &Result<Session, Problem>,
        address: &Address,
        patience: Duration,
    ) -> Result<Newest, Problem> {
        let kept = |visited| Newest { visited, is_of_network: false };
        let sites = &self.0.channels;
        let here = channels::kept_site(sites, address.key).map(kept);
        let error = match session {
            Err(problem) => problem.clone(),
            Ok(_) if here.is_ok() && self.0.channels.folder(address.key).is_own() => {
                return here.map_err(|error| problem(&error));
            }
            Ok(session) => match channels::visit_site(session, sites, address, patience).await {
                Ok(visited) => return Ok(Newest { visited, is_of_network: true }),
                Err(error) => problem(&error),
            },
        };
        here.map_err(|_| error)
    }

    /// Opens the site that another one was handed over to, when a visitor says so. What opens it holds no site open.
    fn leading(&self, session: &Session, quota: u64) -> Leading {
        let (sites, session) = (Arc::downgrade(&self.0), session.clone());
        Arc::new(move |key| {
            let (sites, session) = (sites.upgrade().map(Self), session.clone());
            Box::pin(async move {
                let address = Address::new(key);
                let opening = Opening { patience: PATIENCE, is_newest: false, quota };
                let opened = sites?.open(Ok(session), &address, opening).await;
                opened.ok()?.url
            })
        })
    }

    /// Serves a site on a port of its own, or this version where it is served already.
    async fn show(&self, visited: Visited, leading: Option<Leading>) -> Result<(), Problem> {
        let key = visited.key;
        if let Some(open) = locked(&self.0.open).get(&key) {
            open.door.show(visited);
            open.door.leads(leading);
            return Ok(());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.map_err(|error| Problem::from(Code::Internal).detail(error))?;
        let port = listener.local_addr().map_or(0, |address| address.port());
        let door = Door::new(visited, &self.0.root, port, Some(self.0.home.clone()))
            .map_err(|_| Code::NoRandomness)?;
        door.leads(leading);
        self.0.offer.get().cloned().into_iter().for_each(|offer| door.offers(offer));
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(Arc::clone(&door).serve(listener, stopped));
        let serving = Task(serving.abort_handle());
        locked(&self.0.open).insert(key, Open { door, _stop: stop, _serving: serving });
        Ok(())
    }

    /// Keeps all sites that are here alive in a session.
    ///
    /// # Errors
    /// The disk refuses, or a command works on them.
    pub fn keep_all(&self, session: &Session) -> Result<(), Problem> {
        let folders = self.folders()?;
        if folders.is_empty() {
            return Ok(());
        }
        self.hold()?;
        folders.iter().for_each(|folder| self.keep(session, *folder.key()));
        Ok(())
    }

    pub(super) fn keep(&self, session: &Session, key: Key) {
        let mut keeping = locked(&self.0.keeping);
        if keeping.contains_key(&key) {
            return;
        }
        let (sites, session) = (self.clone(), session.clone());
        let work = async move {
            if let Err(error) = channels::share_site(&session, &sites.0.channels, key).await {
                tracing::warn!(site = %key.short(), %error, "a site is not shared");
            }
            let renew = |visited: &Visited| sites.renew(visited);
            channels::stay(&session, &sites.0.channels, key, renew).await;
        };
        keeping.insert(key, Task(tokio::spawn(work).abort_handle()));
    }

    /// The session has gone: nothing is kept alive until there is another.
    pub fn rest(&self) {
        locked(&self.0.keeping).clear();
        locked(&self.0.looking).clear();
    }

    /// Forgets a site of others.
    ///
    /// # Errors
    /// [`Code::SiteOurs`], [`Code::SiteUnknown`], or the disk refuses.
    pub async fn forget(&self, session: Option<&Session>, key: Key) -> Result<(), Problem> {
        self.hold()?;
        if !self.0.channels.folder(key).is_own() {
            locked(&self.0.open).remove(&key);
            locked(&self.0.keeping).remove(&key);
            locked(&self.0.looking).remove(&key);
        }
        let forgotten = channels::forget_site(session, &self.0.channels, key).await;
        forgotten.map_err(|error| problem(&error))
    }

    /// Forgets those of others that were not opened for longest, until the rest fits.
    async fn make_room(&self, session: &Session, newest: Key, quota: u64) -> Result<(), Problem> {
        let mut others: Vec<_> = self.all()?.into_iter().filter(|kept| !kept.is_own).collect();
        others.sort_by_key(|kept| self.opened(kept.visited.key));
        let mut total: u64 = others.iter().map(Kept::bytes).sum();
        for kept in others {
            if total <= quota {
                break;
            }
            if kept.url.is_none() && kept.visited.key != newest {
                total -= kept.bytes();
                self.forget(Some(session), kept.visited.key).await?;
            }
        }
        Ok(())
    }

    /// When a site was opened last: every visit writes down how it was met.
    fn opened(&self, key: Key) -> SystemTime {
        let path = self.0.root.join(key.to_string()).join("followed.json");
        let written = std::fs::metadata(path).and_then(|about| about.modified());
        written.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn problem(error: &SiteError) -> Problem {
    let code = match error {
        SiteError::NoDht => Code::DhtOff,
        SiteError::NobodyThere => Code::DhtUnreachable,
        SiteError::Unknown => Code::SiteUnknown,
        SiteError::Ours => Code::SiteOurs,
        SiteError::Moved(next) => {
            return Problem::from(Code::SiteMoved).detail(Address::new(*next));
        }
        SiteError::Fetch(channels::FetchError::Nobody) => Code::SiteUnknown,
        SiteError::Folder(_) => Code::DiskDenied,
        SiteError::Fetch(_) | SiteError::Bad(_) | SiteError::OtherPage(_) => Code::SiteBad,
        SiteError::Own(error) => return error.into(),
        SiteError::Gather(_) | SiteError::Torrent(_) => Code::SiteUnfit,
        SiteError::NotAccepted => Code::NotNewest,
        SiteError::Stopped => Code::Late,
    };
    Problem::from(code).detail(error)
}
