//! Keeps all channels of a household alive while the program runs: seeds them, asks for news, puts items again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use catalogue::channel::Key;
use driver::Session;
use library::Library;
use tokio::{sync::mpsc, time::sleep};

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

/// Who keeps channels alive.
#[derive(Debug)]
pub struct Keeper {
    session: Session,
    channels: Channels,
    library: Library,
    started: Instant,
    timetable: BTreeMap<Key, Keeping>,
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
        let timetable = BTreeMap::new();
        let started = Instant::now();
        (Self { session, channels, library, started, timetable, updates }, told)
    }

    /// Works until it is dropped.
    pub async fn run(mut self) {
        loop {
            self.meet().await;
            let now = self.started.elapsed();
            let due = self
                .timetable
                .iter()
                .map(|(key, keeping)| (keeping.next(), *key))
                .min_by_key(|((at, _), _)| *at);
            match due {
                Some(((at, task), key)) if at <= now => self.work(key, task).await,
                Some(((at, _), _)) => sleep((at - now).min(LOOK_EVERY)).await,
                None => sleep(LOOK_EVERY).await,
            }
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
            if let Err(error) = fetch::seed(&self.session, &folder).await {
                tracing::warn!(channel = %folder.key().short(), %error, "a channel is not seeded");
            }
            let keeping = Keeping::start(self.started.elapsed(), chance(folder.key(), now_ms()));
            self.timetable.insert(*folder.key(), keeping);
        }
    }

    async fn work(&mut self, key: Key, task: Task) {
        let folder = self.channels.folder(key);
        let succeeded = match task {
            Task::Poll if folder.is_followed() => self.poll(&folder).await,
            // An own channel has its news from its publisher.
            Task::Poll => true,
            Task::Count => self.count(&folder).await,
        };
        let now = self.started.elapsed();
        let Some(keeping) = self.timetable.get_mut(&key) else { return };
        match task {
            _ if !succeeded => keeping.failed(now),
            Task::Poll => keeping.polled(now, true),
            Task::Count => keeping.counted(now, chance(&key, now_ms())),
        }
    }

    async fn poll(&self, folder: &Folder) -> bool {
        match update(&self.session, folder, &self.library, PATIENCE).await {
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
