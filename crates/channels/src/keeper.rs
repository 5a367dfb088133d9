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
    fetch,
    folder::{Channels, Folder},
    follow::{FollowError, Update, now_ms, update},
    keeping::{Keeping, Task},
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
    started: Instant,
    timetable: BTreeMap<Key, Keeping>,
    /// Channels that are worked on, and the work.
    busy: BTreeSet<Key>,
    work: JoinSet<(Key, Task, bool)>,
}

/// What the work on one channel makes use of.
#[derive(Debug, Clone)]
struct Hands {
    session: Session,
    library: Library,
    updates: mpsc::UnboundedSender<Update>,
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
            hands: Hands { session, library, updates },
            channels,
            started: Instant::now(),
            timetable: BTreeMap::new(),
            busy: BTreeSet::new(),
            work: JoinSet::new(),
        };
        (keeper, told)
    }

    /// Works until it is dropped.
    pub async fn run(mut self) {
        loop {
            self.meet().await;
            let wait = self.begin_due();
            tokio::select! {
                Some(done) = self.work.join_next() => {
                    // What panicked was told of by the runtime, and is not tried again.
                    if let Ok((key, task, succeeded)) = done {
                        self.note(key, task, succeeded);
                    }
                }
                () = sleep(wait) => {}
            }
        }
    }

    /// Begins what is due, and says how long to wait for what is due next.
    fn begin_due(&mut self) -> Duration {
        let now = self.started.elapsed();
        loop {
            let idle = self.timetable.iter().filter(|(key, _)| !self.busy.contains(*key));
            let next = idle
                .map(|(key, keeping)| (keeping.next(), *key))
                .min_by_key(|((at, _), _)| *at)
                .filter(|_| self.busy.len() < AT_ONCE);
            let Some(((at, task), key)) = next else { return LOOK_EVERY };
            if at > now {
                return (at - now).min(LOOK_EVERY);
            }
            let (hands, folder) = (self.hands.clone(), self.channels.folder(key));
            self.busy.insert(key);
            self.work.spawn(async move { (key, task, hands.work(&folder, task).await) });
        }
    }

    fn note(&mut self, key: Key, task: Task, succeeded: bool) {
        self.busy.remove(&key);
        let now = self.started.elapsed();
        let Some(keeping) = self.timetable.get_mut(&key) else { return };
        match task {
            _ if !succeeded => keeping.failed(now),
            Task::Poll => keeping.polled(now, true),
            Task::Count => keeping.counted(now, chance(&key, now_ms())),
        }
    }

    /// Takes up channels that are new and forgets those that are gone.
    async fn meet(&mut self) {
        let folders = match self.channels.all() {
            Ok(folders) => folders,
            Err(error) => return tracing::warn!(%error, "the channels cannot be read"),
        };
        self.timetable.retain(|key, _| folders.iter().any(|folder| folder.key() == key));
        for folder in folders {
            if self.timetable.contains_key(folder.key()) {
                continue;
            }
            if let Err(error) = fetch::seed(&self.hands.session, &folder).await {
                tracing::warn!(channel = %folder.key().short(), %error, "a channel is not seeded");
            }
            let keeping = Keeping::start(self.started.elapsed(), chance(folder.key(), now_ms()));
            self.timetable.insert(*folder.key(), keeping);
        }
    }
}

impl Hands {
    /// Whether the task was done.
    async fn work(&self, folder: &Folder, task: Task) -> bool {
        match task {
            Task::Poll if folder.is_followed() => self.poll(folder).await,
            // An own channel has its news from its publisher.
            Task::Poll => true,
            Task::Count => self.count(folder).await,
        }
    }

    async fn poll(&self, folder: &Folder) -> bool {
        match update(&self.session, folder, &self.library, PATIENCE, &|_| {}).await {
            Ok(update) => {
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

    /// Counts the copies of the items, and puts them again if they have become rare.
    async fn count(&self, folder: &Folder) -> bool {
        let Some(dht) = self.session.dht() else { return true };
        let _turn = folder.turns().take(*folder.key()).await;
        let Ok(resolved) = resolve::resolve(dht, folder, now_ms()).await else { return false };
        if Keeping::is_rare(resolved.copies) {
            return resolve::put_items(dht, &resolved.standing).await > 0;
        }
        true
    }
}

/// A number that differs from channel to channel and from time to time; nobody needs to be unable to guess it.
fn chance(key: &Key, now_ms: u64) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) ^ now_ms.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
