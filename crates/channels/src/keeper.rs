//! Keeps all channels of a household alive while the program runs: seeds them, asks for news, puts items again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use catalogue::channel::Key;
use driver::Session;
use library::Library;
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use crate::{
    clock::Clock,
    fetch,
    folder::{Channels, Folder},
    follow::{FollowError, Update, hints, now_ms, take_pushed, update},
    keeping::{Keeping, Task},
    name_swarm::{self, Part, Pushed},
    own::keep_fresh,
    packs::sharing::{self, Holding},
    resolve,
};

/// How long a version may take to come before the next attempt.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How often it is looked whether channels came or went.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Channels that are worked on at one time: one whose files do not come holds nobody up.
const AT_ONCE: usize = 8;

/// Who keeps channels alive.
#[derive(Debug)]
pub struct Keeper {
    hands: Hands,
    channels: Channels,
    clock: Clock,
    timetable: BTreeMap<Key, Keeping>,
    /// Channels that are worked on, and the work.
    busy: BTreeSet<Key>,
    work: JoinSet<(Key, Outcome)>,
    /// Versions that peers told of while their channel was worked on.
    waiting: BTreeMap<Key, Pushed>,
    /// Where followers meet.
    swarms: BTreeMap<Key, Part>,
    pushed: (mpsc::UnboundedSender<Pushed>, mpsc::UnboundedReceiver<Pushed>),
}

/// What came of work on a channel.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// News was asked for.
    Polled,
    /// The items were put; so many nodes had them before.
    Put(usize),
    /// Nobody was there, or nobody took anything.
    Failed,
    /// What was pushed is here, or will be asked for at the next poll.
    Taken,
}

/// What the work on one channel makes use of.
#[derive(Debug, Clone)]
struct Hands {
    session: Session,
    library: Library,
    updates: mpsc::UnboundedSender<Update>,
    holding: Holding,
}

impl Keeper {
    /// A keeper of these channels, and the updates it will tell.
    #[must_use]
    pub fn new(
        session: Session,
        channels: Channels,
        library: Library,
    ) -> (Self, mpsc::UnboundedReceiver<Update>) {
        let (updates, told) = mpsc::unbounded_channel();
        let keeper = Self {
            hands: Hands { session, library, updates, holding: Holding::Opened },
            channels,
            clock: Clock::start(),
            timetable: BTreeMap::new(),
            busy: BTreeSet::new(),
            work: JoinSet::new(),
            waiting: BTreeMap::new(),
            swarms: BTreeMap::new(),
            pushed: mpsc::unbounded_channel(),
        };
        (keeper, told)
    }

    /// Holds all pictures and subtitles of its channels, and not only what was opened here.
    #[must_use]
    pub fn holding_all(mut self) -> Self {
        self.hands.holding = Holding::All;
        self
    }

    /// Works until it is dropped.
    pub async fn run(self) {
        let (session, channels) = (self.hands.session.clone(), self.channels.clone());
        tokio::select! {
            never = channels.learning().tend(&session) => match never {},
            () = self.keep() => {}
        }
    }

    async fn keep(mut self) {
        loop {
            self.meet().await;
            let wait = self.begin_due();
            tokio::select! {
                Some(done) = self.work.join_next() => {
                    // What panicked was told of by the runtime, and is not tried again.
                    if let Ok((key, outcome)) = done {
                        self.note(key, outcome);
                    }
                }
                Some(pushed) = self.pushed.1.recv() => self.take_pushed(pushed),
                () = sleep(wait) => {}
            }
        }
    }

    /// Begins what is due, and says how long to wait for what is due next.
    fn begin_due(&mut self) -> Duration {
        let (now, span) = (self.clock.now(), self.channels.learning().span());
        loop {
            let idle = self.timetable.iter().filter(|(key, _)| !self.busy.contains(*key));
            let next = idle
                .map(|(key, keeping)| (keeping.next(span), *key))
                .min_by_key(|((at, _), _)| *at)
                .filter(|_| self.busy.len() < AT_ONCE);
            let Some(((at, task), key)) = next else { return LOOK_EVERY };
            if at > now {
                return (at - now).min(LOOK_EVERY);
            }
            let (hands, folder) = (self.hands.clone(), self.channels.folder(key));
            self.busy.insert(key);
            self.work.spawn(async move { (key, hands.work(&folder, task).await) });
        }
    }

    /// A peer told of a version: it is fetched now, or as soon as its channel is free.
    fn take_pushed(&mut self, pushed: Pushed) {
        let folder = self.channels.folder(pushed.key);
        if !folder.is_followed() {
            return;
        }
        if !self.busy.insert(pushed.key) {
            self.waiting.insert(pushed.key, pushed);
            return;
        }
        let hands = self.hands.clone();
        self.work.spawn(async move {
            hands.take(&folder, &pushed).await;
            (pushed.key, Outcome::Taken)
        });
    }

    fn note(&mut self, key: Key, outcome: Outcome) {
        self.busy.remove(&key);
        let now = self.clock.now();
        if let Some(keeping) = self.timetable.get_mut(&key) {
            match outcome {
                Outcome::Taken => {}
                Outcome::Failed => keeping.failed(now),
                Outcome::Polled => {
                    keeping.polled(now, self.channels.looks().lately(&key, Instant::now()));
                }
                Outcome::Put(copies) => {
                    self.channels.folder(key).set_last_put(now);
                    keeping.put(now, copies, chance(&key, now_ms()));
                }
            }
        }
        if let Some(pushed) = self.waiting.remove(&key) {
            self.take_pushed(pushed);
        }
    }

    /// Takes up channels that are new and forgets those that are gone.
    async fn meet(&mut self) {
        let folders = match self.channels.kept() {
            Ok(folders) => folders,
            Err(error) => return tracing::warn!(%error, "the channels cannot be read"),
        };
        let is_there = |key: &Key| folders.iter().any(|folder| folder.key() == key);
        self.timetable.retain(|key, _| is_there(key));
        self.swarms.retain(|key, _| is_there(key));
        self.wake();
        for folder in folders {
            if self.timetable.contains_key(folder.key()) {
                continue;
            }
            if let Err(error) = fetch::seed(&self.hands.session, &folder).await {
                tracing::warn!(channel = %folder.key().short(), %error, "a channel is not seeded");
            }
            self.seed_packs(&folder).await;
            let chance = chance(folder.key(), now_ms());
            self.enter(&folder, chance);
            let keeping = Keeping::start(self.clock.now(), folder.last_put(), chance);
            self.timetable.insert(*folder.key(), keeping);
        }
    }

    /// Channels at which somebody looks have their news soon.
    fn wake(&mut self) {
        let (now, looks) = (self.clock.now(), self.channels.looks());
        for (key, keeping) in &mut self.timetable {
            if looks.lately(key, Instant::now()) {
                keeping.wake(now);
            }
        }
    }

    /// Gives to others what is here of the packs.
    async fn seed_packs(&self, folder: &Folder) {
        if let Err(error) = sharing::seed(&self.hands.session, folder, self.hands.holding).await {
            tracing::warn!(channel = %folder.key().short(), %error, "packs are not seeded");
        }
    }

    /// Meets the other followers of a channel.
    fn enter(&mut self, folder: &Folder, chance: u64) {
        let (session, pushed) = (&self.hands.session, self.pushed.0.clone());
        let peers = hints(folder).unwrap_or_default();
        let part = name_swarm::take_part(session, folder, peers, chance, pushed);
        self.swarms.insert(*folder.key(), part);
    }
}

impl Hands {
    async fn work(&self, folder: &Folder, task: Task) -> Outcome {
        match task {
            Task::Poll => {
                if folder.is_own() {
                    keep_fresh(&self.session, folder).await;
                }
                // An own channel has its news from its publisher.
                if folder.is_followed() { self.poll(folder).await } else { Outcome::Polled }
            }
            Task::Put => self.put(folder).await,
        }
    }

    async fn poll(&self, folder: &Folder) -> Outcome {
        let update = update(&self.session, folder, &self.library, PATIENCE, &|_| {}).await;
        if self.tell(folder, update) { Outcome::Polled } else { Outcome::Failed }
    }

    async fn take(&self, folder: &Folder, pushed: &Pushed) {
        let (session, library) = (&self.session, &self.library);
        let update = take_pushed(session, folder, library, &pushed.peers, PATIENCE).await;
        self.tell(folder, update);
    }

    /// Tells of an update. Says whether the network was there.
    fn tell(&self, folder: &Folder, update: Result<Update, FollowError>) -> bool {
        match update {
            Ok(update) => {
                self.hold(folder, update.is_new);
                // Whoever listened has gone.
                self.updates.send(update).ok();
                true
            }
            Err(error) => {
                let short = folder.key().short();
                tracing::info!(channel = %short, %error, "no news of a channel");
                !matches!(error, FollowError::NobodyThere)
            }
        }
    }

    /// A keeper has the packs of a new version as well.
    fn hold(&self, folder: &Folder, is_new: bool) {
        if !is_new || self.holding == Holding::Opened {
            return;
        }
        let (session, folder) = (self.session.clone(), folder.clone());
        tokio::spawn(async move {
            if let Err(error) = sharing::seed(&session, &folder, Holding::All).await {
                tracing::warn!(channel = %folder.key().short(), %error, "packs are not held");
            }
        });
    }

    /// Puts the items again.
    async fn put(&self, folder: &Folder) -> Outcome {
        let Some(dht) = self.session.dht() else { return Outcome::Failed };
        let put = resolve::put_again(dht, folder).await;
        put.ok().flatten().map_or(Outcome::Failed, Outcome::Put)
    }
}

/// A number that differs from channel to channel and from time to time; nobody needs to be unable to guess it.
pub(crate) fn chance(key: &Key, now_ms: u64) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ now_ms.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
