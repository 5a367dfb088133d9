//! Channels that are brought back from their 24 words while the server runs: found, fetched, then made ours again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use catalogue::channel::{Address, Key};
use channels::{FollowError, Seed, Stage, Update};
use driver::Session;
use tokio::task::AbortHandle;

use crate::{
    api::channels::ChannelProgress,
    cinema::Cinema,
    events::Event,
    following::{Work, progress},
    http::problem::{Code, Problem},
};

/// How often a channel may have been handed over since its words were written down.
const HANDS_MAX: usize = 16;

/// How far bringing a channel back is.
#[derive(Debug, Clone)]
pub(crate) enum Restoring {
    /// It goes on.
    Pending(ChannelProgress),
    /// It is ours again.
    Done {
        /// Under which key it is now.
        key: Key,
        /// Whether the network was asked; if not, what was here already was taken.
        is_newest: bool,
    },
    /// It failed; the words are needed for another attempt.
    Failed(Problem),
}

/// The attempts of this run, by the key that the words have; one for each at most. Words are not kept here.
#[derive(Debug, Default)]
pub struct Restorations(Mutex<BTreeMap<Key, Entry>>);

#[derive(Debug)]
struct Entry {
    now: Restoring,
    /// Whether the channel was followed before: then it stays so.
    was_followed: bool,
    work: Work,
}

/// What somebody with the words on paper asks for.
pub(crate) struct Restore {
    /// What the words say.
    pub(crate) seed: Seed,
    /// Where the channel was when the words were written down, or is since.
    pub(crate) address: Address,
    /// Locks the secret on this disk.
    pub(crate) passphrase: Option<String>,
    /// How long the channel is looked for.
    pub(crate) patience: Duration,
}

impl Restorations {
    pub(crate) fn get(&self, key: &Key) -> Option<Restoring> {
        self.entries().get(key).map(|entry| entry.now.clone())
    }

    /// All of them, in the order of their keys.
    pub(crate) fn all(&self) -> Vec<(Key, Restoring)> {
        self.entries().iter().map(|(key, entry)| (*key, entry.now.clone())).collect()
    }

    /// Notes that one begins; says no if it goes on already.
    fn begin(&self, key: Key, was_followed: bool) -> bool {
        let mut entries = self.entries();
        if entries.get(&key).is_some_and(|entry| matches!(entry.now, Restoring::Pending(_))) {
            return false;
        }
        let now = Restoring::Pending(progress(&Stage::Searching));
        entries.insert(key, Entry { now, was_followed, work: Work::begin() });
        true
    }

    fn work(&self, key: &Key, task: AbortHandle) {
        if let Some(entry) = self.entries().get_mut(key) {
            entry.work.is_done_by(task);
        }
    }

    fn end(&self, key: &Key, outcome: Restoring) {
        if let Some(entry) = self.entries().get_mut(key) {
            entry.now = outcome;
            entry.work.end();
        }
    }

    /// Notes how far it is, and says whether the page should hear of it now.
    fn note(&self, key: &Key, now: ChannelProgress) -> bool {
        let mut entries = self.entries();
        let Some(Entry { now: Restoring::Pending(before), work, .. }) = entries.get_mut(key) else {
            return false;
        };
        work.note(before, now)
    }

    /// Stops and forgets it. Says whether the channel was followed before, if it went on.
    fn forget(&self, key: &Key) -> Option<bool> {
        let entry = self.entries().remove(key)?;
        matches!(entry.now, Restoring::Pending(_)).then_some(entry.was_followed)
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cinema {
    /// Begins to bring a channel back; an attempt that goes on already is left alone.
    ///
    /// # Errors
    /// It is ours already or blocked here, or nobody may be contacted.
    pub(crate) async fn restore_channel(&self, restore: Restore) -> Result<(), Problem> {
        let (key, session) = (restore.address.key, self.swarm.session()?);
        if self.blocklist.has(&key) {
            return Err(Code::ChannelBlocked.into());
        }
        let kept = self.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
        if kept.as_ref().is_some_and(|kept| kept.is_own) {
            return Err(Problem::from(&channels::OwnError::AlreadyHere));
        }
        if !self.restorations.begin(key, kept.is_some_and(|kept| kept.is_followed)) {
            return Ok(());
        }
        let cinema = self.clone();
        let task = tokio::spawn(async move {
            let outcome = cinema.bring_back(&session, restore).await;
            cinema.restorations.end(&key, outcome.unwrap_or_else(Restoring::Failed));
            cinema.events.tell(Event::Channels);
            cinema.events.tell(Event::Library);
        });
        self.restorations.work(&key, task.abort_handle());
        Ok(())
    }

    async fn bring_back(&self, session: &Session, restore: Restore) -> Result<Restoring, Problem> {
        let Restore { seed, address, passphrase, patience } = restore;
        let first = address.key;
        let tell = |stage: Stage| {
            if self.restorations.note(&first, progress(&stage)) {
                self.events.tell(Event::Channels);
            }
        };
        let (key, is_newest) = match self.newest(session, address, patience, &tell).await {
            Ok(update) => (update.key, true),
            Err(error) => (self.known_here(first).await.ok_or(Problem::from(&error))?, false),
        };
        let restored = self.publisher.restore(Some(session), key, seed, passphrase).await;
        restored.map_err(|error| Problem::from(&error))?;
        Ok(Restoring::Done { key, is_newest })
    }

    /// Follows a channel, and the keys that it was handed over to, to the last one.
    async fn newest(
        &self,
        session: &Session,
        mut address: Address,
        patience: Duration,
        tell: &(impl Fn(Stage) + Send + Sync),
    ) -> Result<Update, FollowError> {
        let mut hands = 0;
        loop {
            let update = self.subscriptions.follow(session, &address, patience, tell).await?;
            match update.successor {
                Some(next) if hands < HANDS_MAX => address = Address { key: next, ..address },
                _ => return Ok(update),
            }
            hands += 1;
        }
    }

    /// The channel, if a version of it is on this disk.
    async fn known_here(&self, key: Key) -> Option<Key> {
        let kept = self.subscriptions.get(key).await.ok().flatten()?;
        (kept.version > 0).then_some(key)
    }

    /// Gives up bringing a channel back; everything is as it was before.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) async fn stop_restoring(&self, key: Key) -> Result<(), Problem> {
        let was_followed = self.restorations.forget(&key);
        self.events.tell(Event::Channels);
        // It may have become ours just now, or nothing of it had come yet.
        let kept = self.subscriptions.get(key).await.map_err(|error| Problem::from(&error))?;
        match kept {
            Some(kept) if was_followed == Some(false) && kept.is_followed && !kept.is_own => {
                self.unfollow_channel(key).await
            }
            _ => Ok(()),
        }
    }
}
