//! Whose turn it is with a channel: its files are worked on by one at a time, and whoever leaves waits for nobody.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use catalogue::channel::Key;
use tokio::sync::{Notify, OwnedMutexGuard};

/// A turn with one channel; it ends when this is dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

/// The turns of all channels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<BTreeMap<Key, Door>>>);

#[derive(Debug, Clone, Default)]
struct Door {
    turn: Arc<tokio::sync::Mutex<()>>,
    leave: Arc<Notify>,
    standing: Arc<Mutex<()>>,
}

impl Turns {
    fn door(&self, key: Key) -> Door {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.entry(key).or_default().clone()
    }

    /// Reads, changes and writes what was accepted, while nobody else does. That is quick, unlike a turn.
    pub(crate) fn with_standing<T>(&self, key: Key, change: impl FnOnce() -> T) -> T {
        let door = self.door(key);
        let _alone = door.standing.lock().unwrap_or_else(PoisonError::into_inner);
        change()
    }

    /// Waits for a turn.
    pub(crate) async fn take(&self, key: Key) -> Turn {
        self.door(key).turn.lock_owned().await
    }

    /// A turn, if nobody has one just now.
    pub(crate) fn try_take(&self, key: Key) -> Option<Turn> {
        self.door(key).turn.try_lock_owned().ok()
    }

    /// Works in turn, until somebody [leaves](Self::leave): then there is no outcome.
    pub(crate) async fn work<T>(&self, key: Key, work: impl Future<Output = T>) -> Option<T> {
        let door = self.door(key);
        let left = door.leave.notified();
        let in_turn = async {
            let _turn = door.turn.clone().lock_owned().await;
            work.await
        };
        tokio::select! {
            // Whoever left is asked first: a turn that came at the same moment is not begun.
            biased;
            () = left => None,
            outcome = in_turn => Some(outcome),
        }
    }

    /// Interrupts whatever [works](Self::work) on a channel, and takes the turn.
    pub(crate) async fn leave(&self, key: Key) -> Turn {
        let door = self.door(key);
        door.leave.notify_waiters();
        door.turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn whoever_leaves_interrupts_the_work_and_waits_for_nobody() {
        let (turns, key) = (Turns::default(), Key([1; 32]));
        let working = tokio::spawn({
            let turns = turns.clone();
            async move { turns.work(key, pending::<()>()).await }
        });
        while turns.door(key).turn.try_lock().is_ok() {
            tokio::task::yield_now().await;
        }
        let left = tokio::join!(turns.work(key, async {}), turns.leave(key)).0;
        assert_eq!(left, None, "who waits for a turn is interrupted as well");
        assert_eq!(working.await.unwrap(), None);
        assert_eq!(turns.work(key, async { 7 }).await, Some(7));
    }
}
