//! Followed channels while the server runs: looked for, shared, kept alive, and their news told to the page.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use catalogue::channel::{Address, BadManifest, Key};
use channels::{Keeper, Stage, Update};
use tokio::{sync::mpsc::UnboundedReceiver, task::AbortHandle};

use crate::{
    api::channels::{ChannelProgress, Step},
    cinema::Cinema,
    events::Event,
    http::problem::{Code, Problem},
};

/// Figures that change all the time are told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// How long what comes after a channel that was handed over is looked for at a time.
const MOVING_PATIENCE: Duration = Duration::from_secs(30 * 60);

/// What an errand is for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Follow,
    Refresh,
    /// Its publisher handed it over.
    Move,
}

/// Something that is being done with a channel, or how it failed.
#[derive(Debug, Clone)]
pub(crate) struct Errand {
    /// The address that was given, with its peers.
    pub(crate) address: Address,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It goes on.
    Pending(ChannelProgress),
    /// It failed; told until somebody tries again or takes it off the list.
    Failed(Problem),
}

/// The errands of this run; one for each channel at most.
#[derive(Debug, Default)]
pub struct Errands(Mutex<BTreeMap<Key, Entry>>);

#[derive(Debug)]
struct Entry {
    errand: Errand,
    work: Work,
}

/// What goes on with a channel meanwhile: its task, which ends when this is dropped, and when the page last heard of it.
#[derive(Debug)]
pub(crate) struct Work {
    told: Instant,
    task: Option<AbortHandle>,
}

impl Work {
    pub(crate) fn begin() -> Self {
        Self { told: Instant::now(), task: None }
    }

    pub(crate) fn is_done_by(&mut self, task: AbortHandle) {
        self.task = Some(task);
    }

    /// It is the task itself that says so, and it goes on to its end.
    pub(crate) fn end(&mut self) {
        self.task = None;
    }

    /// Notes how far it is, and says whether the page should hear of it now.
    pub(crate) fn note(&mut self, before: &mut ChannelProgress, now: ChannelProgress) -> bool {
        let is_due = before.step != now.step || self.told.elapsed() >= TELL_EVERY;
        *before = now;
        if is_due {
            self.told = Instant::now();
        }
        is_due
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Errands {
    pub(crate) fn all(&self) -> BTreeMap<Key, Errand> {
        self.entries().iter().map(|(key, entry)| (*key, entry.errand.clone())).collect()
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Errand> {
        self.entries().get(key).map(|entry| entry.errand.clone())
    }

    fn pending(&self, key: &Key) -> Option<Errand> {
        self.get(key).filter(|errand| matches!(errand.outcome, Outcome::Pending(_)))
    }

    fn begin(&self, address: Address) -> Errand {
        let outcome = Outcome::Pending(progress(&Stage::Searching));
        let errand = Errand { address, outcome };
        let entry = Entry { errand: errand.clone(), work: Work::begin() };
        self.entries().insert(errand.address.key, entry);
        errand
    }

    fn work(&self, key: &Key, task: AbortHandle) {
        // Already over: there is nothing left to stop.
        if let Some(entry) = self.entries().get_mut(key) {
            entry.work.is_done_by(task);
        }
    }

    /// Notes how far it is, and says whether the page should hear of it now.
    fn note(&self, key: &Key, now: ChannelProgress) -> bool {
        let mut entries = self.entries();
        let Some(Entry { errand, work }) = entries.get_mut(key) else { return false };
        let Outcome::Pending(before) = &mut errand.outcome else { return false };
        work.note(before, now)
    }

    fn end(&self, key: &Key, failed: Option<Problem>) {
        let mut entries = self.entries();
        let Some(mut entry) = entries.remove(key) else { return };
        entry.work.end();
        if let Some(problem) = failed {
            entry.errand.outcome = Outcome::Failed(problem);
            entries.insert(*key, entry);
        }
    }

    /// Stops and forgets it; says whether there was any.
    fn forget(&self, key: &Key) -> bool {
        self.entries().remove(key).is_some()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn progress(stage: &Stage) -> ChannelProgress {
    let at = |step| ChannelProgress { step, done_bytes: 0, wanted_bytes: 0, peers: 0 };
    match stage {
        Stage::Searching => at(Step::Searching),
        Stage::Found { .. } => at(Step::Found),
        Stage::Fetching { done_bytes, wanted_bytes, peers } => ChannelProgress {
            step: Step::Fetching,
            done_bytes: *done_bytes,
            wanted_bytes: *wanted_bytes,
            peers: *peers,
        },
        Stage::Showing { .. } => at(Step::Fetching),
        Stage::Importing => at(Step::Importing),
    }
}

impl Cinema {
    /// Begins to follow a channel; an attempt that goes on already is left alone.
    ///
    /// # Errors
    /// [`Code::ConsentNeeded`] while nobody may be contacted.
    pub(crate) fn follow_channel(
        &self,
        address: Address,
        patience: Duration,
    ) -> Result<Errand, Problem> {
        self.run_errand(address, patience, Purpose::Follow)
    }

    /// Asks for news of a followed channel.
    ///
    /// # Errors
    /// As [`follow_channel`](Self::follow_channel).
    pub(crate) fn refresh_channel(
        &self,
        address: Address,
        patience: Duration,
    ) -> Result<Errand, Problem> {
        self.run_errand(address, patience, Purpose::Refresh)
    }

    fn run_errand(
        &self,
        address: Address,
        patience: Duration,
        purpose: Purpose,
    ) -> Result<Errand, Problem> {
        let (key, session) = (address.key, self.swarm.session()?);
        if let Some(going) = self.errands.pending(&key) {
            return Ok(going);
        }
        let errand = self.errands.begin(address.clone());
        let cinema = self.clone();
        let task = tokio::spawn(async move {
            let heard = cinema.clone();
            let tell = move |stage: Stage| heard.hear(&key, &stage);
            let subscriptions = &cinema.subscriptions;
            let mut followed = match purpose {
                Purpose::Follow => subscriptions.follow(&session, &address, patience, &tell).await,
                Purpose::Refresh => subscriptions.refresh(&session, key, patience, &tell).await,
                Purpose::Move => subscriptions.move_on(&session, key, patience, &tell).await,
            };
            if let Ok(Update { successor: Some(next), .. }) = followed
                && cinema.may_follow(&next)
            {
                followed = subscriptions.move_on(&session, key, patience, &tell).await;
            }
            cinema.inherit_names().await;
            cinema.errands.end(&key, followed.err().map(|error| Problem::from(&error)));
            cinema.events.tell(Event::Channels);
            cinema.events.tell(Event::Library);
        });
        self.errands.work(&key, task.abort_handle());
        self.events.tell(Event::Channels);
        Ok(errand)
    }

    /// Goes with a channel whose publisher handed it over; says whether that began. An attempt that failed is made again
    /// with the next news of it.
    fn go_along(&self, update: &Update) -> bool {
        let next = update.successor.filter(|next| self.may_follow(next));
        let begun =
            next.map(|_| self.run_errand(Address::new(update.key), MOVING_PATIENCE, Purpose::Move));
        matches!(begun, Some(Ok(_)))
    }

    fn may_follow(&self, key: &Key) -> bool {
        !self.blocklist.has(key)
    }

    /// Names of ours go with channels that were handed over.
    async fn inherit_names(&self) {
        let Ok(kept) = self.subscriptions.list().await else { return };
        let petnames = self.petnames.clone();
        let inherit = move || {
            for channel in kept {
                let from = channel.moved.and_then(|moved| Key::parse(&moved.from));
                let Some(from) = from else { continue };
                if let Err(error) = petnames.inherit(&from, &channel.key) {
                    tracing::warn!(channel = %channel.key.short(), %error, "its name was not kept");
                }
            }
        };
        // What panicked was told of by the runtime.
        tokio::task::spawn_blocking(inherit).await.ok();
    }

    fn hear(&self, key: &Key, stage: &Stage) {
        if matches!(stage, Stage::Showing { .. }) {
            self.events.tell(Event::Library);
        }
        if self.errands.note(key, progress(stage)) {
            self.events.tell(Event::Channels);
        }
    }

    /// Takes updates again although the publisher signed two different things.
    ///
    /// # Errors
    /// [`Code::NotFollowed`], or what the disk says.
    pub(crate) async fn forgive_channel(&self, key: Key) -> Result<(), Problem> {
        self.subscriptions.forgive(key).await.map_err(|error| Problem::from(&error))?;
        self.events.tell(Event::Channels);
        Ok(())
    }

    /// Ends following, or the attempt to.
    ///
    /// # Errors
    /// [`Code::NotFollowed`], or what the disk says.
    pub(crate) async fn unfollow_channel(&self, key: Key) -> Result<(), Problem> {
        let was_tried = self.errands.forget(&key);
        let session = self.swarm.session().ok();
        match self.subscriptions.unfollow(session.as_ref(), key).await {
            Err(channels::FollowError::NotFollowed) if was_tried => {}
            ended => ended.map_err(|error| Problem::from(&error))?,
        }
        self.events.tell(Event::Channels);
        self.events.tell(Event::Library);
        Ok(())
    }
}

/// Works whenever there is a session, that is: once somebody agreed to sharing.
pub(crate) async fn keep_channels(cinema: Cinema) {
    cinema.inherit_names().await;
    let mut sessions = cinema.swarm.watch();
    loop {
        let Ok(session) = sessions.wait_for(Option::is_some).await.map(|session| session.clone())
        else {
            return;
        };
        let Some(session) = session else { continue };
        let (keeper, updates) = cinema.keeper(session);
        tokio::select! {
            () = Keeper::run(keeper) => {}
            () = tell(&cinema, updates) => {}
            // Gone, or another one already.
            _ = sessions.changed() => {}
        }
    }
}

async fn tell(cinema: &Cinema, mut updates: UnboundedReceiver<Update>) {
    while let Some(update) = updates.recv().await {
        if cinema.go_along(&update) {
            continue;
        }
        if update.is_new {
            cinema.events.tell(Event::Library);
        }
        cinema.events.tell(Event::Channels);
    }
}

impl From<&channels::FollowError> for Problem {
    fn from(error: &channels::FollowError) -> Self {
        use channels::FollowError;
        let code = match error {
            FollowError::NoDht => Code::DhtOff,
            FollowError::NobodyThere => Code::DhtUnreachable,
            FollowError::Unknown => Code::ChannelUnknown,
            FollowError::NotFollowed | FollowError::NotMoved => Code::NotFollowed,
            FollowError::Fetch(error) => of_fetching(error),
            FollowError::Folder(error) => of_folder(error),
            FollowError::NoRoom(_) => Code::ChannelsFull,
            FollowError::Library(_) => Code::Internal,
            FollowError::Bad(_) | FollowError::WithdrawalsGone | FollowError::Refused => {
                Code::ChannelBad
            }
        };
        Self::from(code).detail(error)
    }
}

fn of_folder(error: &channels::FolderError) -> Code {
    match error {
        channels::FolderError::Disk { .. } => Code::DiskDenied,
        channels::FolderError::Interrupted => Code::Late,
        channels::FolderError::Damaged { .. } => Code::ChannelDamaged,
    }
}

fn of_fetching(error: &channels::FetchError) -> Code {
    use channels::FetchError;
    match error {
        FetchError::Nobody => Code::ChannelUnreachable,
        FetchError::Folder(error) => of_folder(error),
        FetchError::Torrent(_) | FetchError::Add(_) => Code::TorrentFailed,
        FetchError::Manifest(BadManifest::NotFollowed) => Code::ChannelOtherKind,
        FetchError::NotAHead(_)
        | FetchError::OtherManifest
        | FetchError::Manifest(_)
        | FetchError::OtherSigner => Code::ChannelBad,
    }
}

impl From<&channels::OwnError> for Problem {
    fn from(error: &channels::OwnError) -> Self {
        use channels::{LockError, OwnError};
        let code = match error {
            OwnError::Folder(error) => of_folder(error),
            OwnError::Lock(LockError::PassphraseNeeded | LockError::WrongPassphrase) => {
                Code::PassphraseWrong
            }
            OwnError::Lock(_) | OwnError::Damaged { .. } => Code::ChannelDamaged,
            OwnError::AlreadyHere => Code::AlreadyHere,
            OwnError::OtherWords => Code::WordsOther,
            OwnError::HandedOver => Code::HandedOver,
            OwnError::Mirrors => Code::MirrorBad,
            OwnError::Itself | OwnError::Nameless | OwnError::Directory(_) => Code::BodyWrong,
            OwnError::OtherKind => Code::ChannelKindWrong,
            OwnError::NothingHere => Code::ChannelUnreachable,
            OwnError::NotOurs => Code::NotOurs,
            OwnError::SecretAway => Code::SecretAway,
            OwnError::ThingSize => Code::TooLarge,
            OwnError::ThingGone => Code::FileUnknown,
            OwnError::NoSuchTitle => Code::TitleUnknown,
            OwnError::IsSeries => Code::TitleIsSeries,
            OwnError::NoRandomness => Code::NoRandomness,
        };
        Self::from(code).detail(error)
    }
}

impl From<&channels::PublishError> for Problem {
    fn from(error: &channels::PublishError) -> Self {
        use channels::PublishError;
        let code = match error {
            PublishError::Own(error) => return error.into(),
            PublishError::Folder(error) => of_folder(error),
            PublishError::Seed(error) => of_fetching(error),
            PublishError::NotAccepted => Code::NotNewest,
            PublishError::Cannot(_) | PublishError::Torrent(_) => Code::ChannelDamaged,
        };
        Self::from(code).detail(error)
    }
}
