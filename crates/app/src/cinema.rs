//! Everything that runs behind the API: the library, the torrents, the playbacks, the pictures, the news.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use catalogue::channel::Key;
use channels::{Channels, FollowError, Keeper, Packs, Publisher, Subscriptions, Update};
use driver::Session;
use engine::Limits;
use library::{Languages, Library, LibraryError, Settings};
use tokio::sync::{Mutex, RwLock, mpsc::UnboundedReceiver, watch};

use crate::{
    blocklist::Blocklist,
    config::Network,
    downloads::Running,
    events::{Event, Events},
    following::Errands,
    http::{
        policy::Guard,
        problem::{Code, Problem},
    },
    masters::Masters,
    petnames::Petnames,
    pictures::{Links, Pictures},
    playback::Playbacks,
    restoring::Restorations,
    session,
    sharing::Ledger,
    sites::Sites,
    swarm::Swarm,
    timetable::Moment,
};

/// A handle to all of it; clones are cheap.
#[derive(Clone)]
pub struct Cinema(Arc<Parts>);

/// What a cinema is made of.
pub struct Parts {
    library: Library,
    /// Torrents and their files.
    pub swarm: Swarm,
    /// What is being watched.
    pub playbacks: Playbacks,
    /// Posters and backdrops.
    pub pictures: Pictures,
    /// Addresses of pictures.
    pub links: Links,
    /// Token, lock and signer.
    pub guard: Arc<Guard>,
    /// News for the page.
    pub events: Events,
    /// Downloads that run.
    pub running: Running,
    /// Becomes true when the server stops.
    pub stopping: watch::Sender<bool>,
    /// The settings in force.
    pub settings: watch::Sender<Settings>,
    /// `http://127.0.0.1:PORT`, for players outside the browser.
    pub origin: String,
    /// Limits that the command line or the settings file set above the page's settings.
    pub fixed: Network,
    /// Where films are stored when the settings name no other place.
    pub own_media: PathBuf,
    /// The channels that reach this household.
    pub channels: Channels,
    /// Follows and leaves them.
    pub subscriptions: Subscriptions,
    /// Pictures and subtitles of channels.
    pub packs: Packs,
    /// Publishes our own.
    pub publisher: Publisher,
    /// Films that somebody here publishes.
    pub masters: Masters,
    /// Sites that are kept alive and shown.
    pub sites: Sites,
    /// What is being done with channels.
    pub errands: Errands,
    /// Channels that are brought back from their words.
    pub restorations: Restorations,
    /// What this household calls channels.
    pub petnames: Petnames,
    /// Channels that are not wanted here.
    pub blocklist: Blocklist,
    /// The folder of the session's resume records.
    pub resume: PathBuf,
    /// How long an answer waits for a torrent's description.
    pub metadata_patience: Duration,
    /// Traffic that the library knows already.
    pub ledger: Ledger,
    /// Held for reading from finding a torrent to saying what for, and for writing by whoever looks for torrents
    /// that nobody needs.
    pub claims: RwLock<()>,
    /// Held by whoever begins or ends a session.
    pub meeting: Mutex<()>,
}

impl Deref for Cinema {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What [`Cinema::new`] is given.
pub struct Founding {
    /// The opened library.
    pub library: Library,
    /// Torrents and their files.
    pub swarm: Swarm,
    /// Posters and backdrops.
    pub pictures: Pictures,
    /// Token, lock and signer.
    pub guard: Arc<Guard>,
    /// The settings as the library has them.
    pub settings: Settings,
    /// As [`Parts::origin`].
    pub origin: String,
    /// As [`Parts::fixed`].
    pub fixed: Network,
    /// As [`Parts::own_media`].
    pub own_media: PathBuf,
    /// As [`Parts::channels`].
    pub channels: Channels,
    /// As [`Parts::masters`].
    pub masters: Masters,
    /// As [`Parts::sites`].
    pub sites: Sites,
    /// As [`Parts::petnames`].
    pub petnames: Petnames,
    /// As [`Parts::blocklist`].
    pub blocklist: Blocklist,
    /// As [`Parts::resume`].
    pub resume: PathBuf,
    /// As [`Parts::metadata_patience`].
    pub metadata_patience: Duration,
}

/// What followed channels may take of the disk, bytes: whoever keeps all of them for others sets no limit.
pub(crate) fn channel_bytes(settings: &Settings, fixed: &Network) -> u64 {
    if fixed.sharing.keep_channels {
        return u64::MAX;
    }
    u64::from(settings.cache.channels_gib) << 30
}

impl Cinema {
    /// A cinema from its opened parts.
    #[must_use]
    pub fn new(founding: Founding) -> Self {
        let subscriptions = Subscriptions::new(founding.channels.clone(), founding.library.clone());
        let publisher = Publisher::new(founding.channels.clone());
        let packs = Packs::new(founding.channels.clone());
        founding.channels.allow(channel_bytes(&founding.settings, &founding.fixed));
        Self(Arc::new(Parts {
            library: founding.library,
            swarm: founding.swarm,
            playbacks: Playbacks::default(),
            pictures: founding.pictures,
            links: Links(founding.guard.clone()),
            guard: founding.guard,
            events: Events::default(),
            running: Running::default(),
            stopping: watch::Sender::new(false),
            settings: watch::Sender::new(founding.settings),
            origin: founding.origin,
            fixed: founding.fixed,
            own_media: founding.own_media,
            channels: founding.channels,
            subscriptions,
            packs,
            publisher,
            masters: founding.masters,
            sites: founding.sites,
            errands: Errands::default(),
            restorations: Restorations::default(),
            petnames: founding.petnames,
            blocklist: founding.blocklist,
            resume: founding.resume,
            metadata_patience: founding.metadata_patience,
            ledger: Ledger::default(),
            claims: RwLock::default(),
            meeting: Mutex::default(),
        }))
    }

    /// What does not keep it from ending.
    pub(crate) fn weak(&self) -> Weak<Parts> {
        Arc::downgrade(&self.0)
    }

    /// The cinema that is meant, if it has not ended.
    pub(crate) fn of(weak: &Weak<Parts>) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    /// The languages in which names are shown, best first.
    #[must_use]
    pub fn languages(&self) -> Languages {
        Languages::one(&self.settings.borrow().language)
    }

    /// Who keeps the channels alive in a session, and the news of them.
    pub(crate) fn keeper(&self, session: Session) -> (Keeper, UnboundedReceiver<Update>) {
        let (keeper, news) = Keeper::new(session, self.channels.clone(), self.library.clone());
        let keeper = if self.fixed.sharing.keep_channels { keeper.holding_all() } else { keeper };
        (keeper, news)
    }

    /// Takes the version of an own channel that was published last into the library.
    ///
    /// # Errors
    /// None was published, its files are damaged, or the library refuses.
    pub(crate) async fn show_own(&self, channel: Key) -> Result<(), FollowError> {
        self.publisher.show(channel, &self.library).await
    }

    /// Puts settings into force: limits, quota, who shares on, and where new films are stored.
    ///
    /// # Errors
    /// What the library says.
    pub async fn apply(&self, settings: Settings) -> Result<(), Problem> {
        self.swarm.store_in(settings.cache.path.clone().unwrap_or_else(|| self.own_media.clone()));
        self.channels.allow(channel_bytes(&settings, &self.fixed));
        self.settings.send_replace(settings);
        self.keep_limits().await;
        self.events.tell(Event::Settings);
        self.review_sharing().await
    }

    /// What holds now.
    pub(crate) fn limits(&self) -> Limits {
        session::limits(&self.settings.borrow(), &self.fixed, Moment::now())
    }

    /// Puts into force what holds now.
    pub(crate) async fn keep_limits(&self) {
        if let Ok(session) = self.swarm.session() {
            session.set_limits(self.limits()).await;
        }
    }

    /// Asks the library, or has it remember something, away from the threads that serve requests.
    ///
    /// # Errors
    /// What the library says, as a problem.
    pub async fn library<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Library) -> Result<T, LibraryError> + Send + 'static,
    ) -> Result<T, Problem> {
        let library = self.library.clone();
        match tokio::task::spawn_blocking(move || work(&library)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(problem(&error)),
            Err(_) => Err(Code::Internal.into()),
        }
    }
}

fn problem(error: &LibraryError) -> Problem {
    let code = match error {
        LibraryError::NotFound { what: "download", .. } => Code::DownloadUnknown,
        LibraryError::NotFound { what: "title", .. } => Code::TitleUnknown,
        LibraryError::NotFound { .. } => Code::ItemUnknown,
        LibraryError::Invalid(_) => Code::BodyWrong,
        LibraryError::DiskFull { .. } => Code::DiskFull,
        LibraryError::ReadOnly { .. } => Code::DiskDenied,
        LibraryError::Closed => Code::ShuttingDown,
        _ => Code::Internal,
    };
    if code == Code::Internal {
        tracing::error!(%error, "the library failed");
    }
    Problem::from(code).detail(error)
}
