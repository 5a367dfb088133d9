//! At which channels somebody looks: those have their news sooner.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use catalogue::channel::Key;

/// How long somebody counts as looking.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// When somebody looked at channels, or at all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Looks(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    one: BTreeMap<Key, Instant>,
    all: Option<Instant>,
}

impl Looks {
    /// Somebody looks at a channel.
    pub(crate) fn at(&self, key: Key, now: Instant) {
        let mut seen = self.seen();
        // Addresses that somebody only tried are not remembered for ever.
        seen.one.retain(|_, looked| is_lately(*looked, now));
        seen.one.insert(key, now);
    }

    /// Somebody looks through all of them.
    pub(crate) fn at_all(&self, now: Instant) {
        self.seen().all = Some(now);
    }

    /// Whether somebody looked at a channel lately.
    pub(crate) fn lately(&self, key: &Key, now: Instant) -> bool {
        let seen = self.seen();
        [seen.all, seen.one.get(key).copied()].into_iter().flatten().any(|at| is_lately(at, now))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_lately(looked: Instant, now: Instant) -> bool {
    now.saturating_duration_since(looked) < LASTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_one_or_at_all_lasts_for_a_while() {
        let (looks, start) = (Looks::default(), Instant::now());
        let (one, other) = (Key([1; 32]), Key([2; 32]));
        assert!(!looks.lately(&one, start));
        looks.at(one, start);
        assert!(looks.lately(&one, start + LASTS / 2));
        assert!(!looks.lately(&other, start));
        assert!(!looks.lately(&one, start + LASTS));
        looks.at_all(start + LASTS);
        assert!(looks.lately(&one, start + LASTS) && looks.lately(&other, start + LASTS));
        looks.at(other, start + LASTS * 2);
        assert_eq!(looks.seen().one.len(), 1, "what is long past is forgotten");
    }
}
