//! Learns how long nodes of the DHT remember, for all channels of a folder: carries out what [`Memory`] asks for, and keeps
//! what it learnt.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use driver::{Dht, Session};
use tokio::time::sleep;

use crate::{
    clock::Clock,
    durable,
    follow::now_ms,
    memory::{Errand, Memory, trial_item},
};

/// The largest file of what is known, bytes.
const MOST: u64 = 4 << 10;
/// How long is slept at most: a machine that slept meanwhile is behind.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What is known of the memory of nodes, for everybody who keeps something alive.
#[derive(Debug, Clone)]
pub(crate) struct Learning {
    path: PathBuf,
    clock: Clock,
    memory: Arc<Mutex<Memory>>,
    /// Held by whoever carries out its errands.
    tending: Arc<tokio::sync::Mutex<()>>,
}

impl Learning {
    /// What an earlier run left in a file, if it did. A damaged one is a new beginning.
    pub(crate) fn open(path: &Path) -> Self {
        let clock = Clock::start();
        let bytes = durable::read(path, MOST).ok().flatten().unwrap_or_default();
        let memory = Arc::new(Mutex::new(Memory::read(&bytes, clock.now())));
        Self { path: path.to_owned(), clock, memory, tending: Arc::default() }
    }

    /// How long an item is remembered for certain.
    pub(crate) fn span(&self) -> Duration {
        self.memory().span()
    }

    /// Goes on learning until it is dropped. Of all that do, one works.
    pub(crate) async fn tend(&self, session: &Session) -> Infallible {
        let _turn = self.tending.lock().await;
        self.memory().resume(self.clock.now(), now_ms());
        loop {
            let (due, errand) = self.memory().next();
            let wait = due.saturating_sub(self.clock.now());
            if !wait.is_zero() {
                sleep(wait.min(LOOK_EVERY)).await;
                continue;
            }
            match session.dht() {
                Some(dht) => self.carry_out(dht, errand).await,
                None => self.memory().failed(self.clock.now()),
            }
            self.keep();
        }
    }

    async fn carry_out(&self, dht: &Dht, errand: Errand) {
        match errand {
            Errand::Put(copies) => self.put(dht, copies).await,
            Errand::Ask(wanted) => {
                let got = dht.get(wanted).await;
                let copies = got.ok().filter(|got| got.stats.answers > 0);
                let (now, mut memory) = (self.clock.now(), self.memory());
                match copies {
                    Some(got) => memory.asked(now, got.stats.copies),
                    None => memory.failed(now),
                }
            }
        }
    }

    async fn put(&self, dht: &Dht, copies: usize) {
        let mut secret = [0; 32];
        if getrandom::fill(&mut secret).is_err() {
            return self.memory().failed(self.clock.now());
        }
        let item = trial_item(secret);
        let got = dht.put(dht::Item::Mutable(item.clone()), None, copies).await;
        let stored = got.map_or(0, |got| got.stats.stored);
        self.memory().put(self.clock.now(), &item, stored);
    }

    /// Writes down what is known; without it the next run begins anew.
    fn keep(&self) {
        let bytes = self.memory().to_bytes();
        if let Err(error) = durable::write(&self.path, &bytes) {
            tracing::debug!(%error, "what was learnt of the memory of nodes is not kept");
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
