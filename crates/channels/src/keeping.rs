//! When a channel's items are put again, and when news is asked for. Pure: time and chance are given.
//!
//! Twenty copies of an item outlive two days almost surely and a week by a coin's toss: looking twice a day, and
//! putting only what has become rare, keeps a name alive with one follower.

use std::time::Duration;

/// How often copies are counted, give or take a quarter.
const COUNT_EVERY: Duration = Duration::from_secs(12 * 3600);
/// How long after the start, so that not all begin at once.
const FIRST: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(300));
/// Copies that are enough.
const COPIES_ENOUGH: usize = 12;
/// Copies that a put aims at.
pub(crate) const COPIES: usize = 20;
/// How often news is asked for while somebody looks, and otherwise.
const POLL_ACTIVE: Duration = Duration::from_secs(5 * 60);
const POLL_IDLE: Duration = Duration::from_secs(6 * 3600);
/// The first and the longest wait after a failure; each is twice the last one.
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));

/// What is due for a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Ask whether there is something newer.
    Poll,
    /// Count who has the items, and put them again where they are rare.
    Count,
}

/// The timetable of one channel. Times are since some beginning that the caller keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    poll: Duration,
    count: Duration,
    failures: u32,
}

impl Keeping {
    /// A timetable that starts now. `chance` is any number, different for each channel.
    #[must_use]
    pub fn start(now: Duration, chance: u64) -> Self {
        Self { poll: now, count: now + between(FIRST.0, FIRST.1, chance), failures: 0 }
    }

    /// When something is due.
    #[must_use]
    pub fn next(&self) -> (Duration, Task) {
        if self.poll <= self.count { (self.poll, Task::Poll) } else { (self.count, Task::Count) }
    }

    /// News was asked for.
    pub fn polled(&mut self, now: Duration, active: bool) {
        self.poll = now + if active { POLL_ACTIVE } else { POLL_IDLE };
    }

    /// Somebody looks at the channel: the next poll comes soon enough for them.
    pub fn wake(&mut self, now: Duration) {
        self.poll = self.poll.min(now + POLL_ACTIVE);
    }

    /// Copies were counted, and put again if they were few.
    pub fn counted(&mut self, now: Duration, chance: u64) {
        self.failures = 0;
        let quarter = COUNT_EVERY / 4;
        self.count = now + between(COUNT_EVERY - quarter, COUNT_EVERY + quarter, chance);
    }

    /// Nothing was found or taken: nobody is there, or we are not.
    pub fn failed(&mut self, now: Duration) {
        let wait = AGAIN.0.saturating_mul(1 << self.failures.min(10)).min(AGAIN.1);
        self.failures += 1;
        self.count = now + wait;
        self.poll = self.poll.max(now + wait);
    }

    /// Whether an item with so many copies is put again.
    #[must_use]
    pub fn is_rare(copies: usize) -> bool {
        copies < COPIES_ENOUGH
    }
}

fn between(low: Duration, high: Duration, chance: u64) -> Duration {
    let span = u64::try_from((high - low).as_millis()).unwrap_or(u64::MAX).max(1);
    low + Duration::from_millis(chance % span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_follower_asks_at_once_and_counts_soon_after() {
        for chance in 0..1000 {
            let keeping = Keeping::start(HOUR, chance * 997);
            assert_eq!(keeping.next(), (HOUR, Task::Poll));
            let first = keeping.count - HOUR;
            assert!((FIRST.0..=FIRST.1).contains(&first), "{first:?}");
        }
    }

    #[test]
    fn copies_are_counted_twice_a_day_for_ever() {
        let mut keeping = Keeping::start(Duration::ZERO, 5);
        let mut counts = 0;
        let mut now = Duration::ZERO;
        while now < 24 * 30 * HOUR {
            let (due, task) = keeping.next();
            now = due;
            match task {
                Task::Poll => keeping.polled(now, false),
                Task::Count => {
                    counts += 1;
                    keeping.counted(now, counts * 7919 * 1000);
                }
            }
        }
        assert!((48..=80).contains(&counts), "{counts} in thirty days");
    }

    #[test]
    fn after_failures_it_waits_longer_and_never_longer_than_an_hour() {
        let mut keeping = Keeping::start(Duration::ZERO, 0);
        let mut waits = vec![];
        for _ in 0..9 {
            keeping.failed(Duration::ZERO);
            waits.push(keeping.next().0.as_secs() / 60);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        keeping.counted(Duration::ZERO, 0);
        keeping.failed(Duration::ZERO);
        assert_eq!(keeping.count, AGAIN.0, "a success forgets the failures");
    }

    #[test]
    fn whoever_looks_gets_news_within_minutes() {
        let mut keeping = Keeping::start(Duration::ZERO, 0);
        keeping.polled(Duration::ZERO, false);
        keeping.wake(HOUR);
        assert_eq!(keeping.poll, HOUR + POLL_ACTIVE);
        keeping.polled(HOUR, true);
        assert_eq!(keeping.poll, HOUR + POLL_ACTIVE);
    }

    #[test]
    fn only_what_has_become_rare_is_put_again() {
        assert!(Keeping::is_rare(0) && Keeping::is_rare(11));
        assert!(!Keeping::is_rare(12) && !Keeping::is_rare(20));
    }
}
