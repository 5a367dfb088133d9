//! When a channel's items are put again, and when news is asked for. Pure: time and chance are given.
//!
//! Items are put before nodes forget them, whether others put them or not: nobody can see how old a copy is. How long nodes
//! remember is learnt by an item of our own ([`crate::memory`]); where they remember for days that is once a day. A put asks
//! on its way who has the item already, so copies are counted with it and need no lookup of their own.

use std::time::Duration;

use crate::memory::{LONGEST, SHORTEST};

/// How long after the start, so that not all begin at once and nodes are known.
const FIRST: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(240));
/// Fewer copies than this, of twenty, are less than what nodes are known to remember.
const COPIES_FEW: usize = 6;
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
    /// Put the items again.
    Put,
}

/// The timetable of one channel. Times are since some beginning that the caller keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    poll: Duration,
    /// Nothing is put before.
    ready: Duration,
    failures: u32,
    /// When news was last asked for, or could not be.
    asked: Option<Duration>,
    /// When the items were last put.
    put: Option<Duration>,
    /// How long the items of this channel may wait, whatever nodes remember of others.
    most: Duration,
    chance: u64,
}

impl Keeping {
    /// A timetable that starts now, of items that were put here at a time. `chance` is any number, different for each
    /// channel.
    #[must_use]
    pub fn start(now: Duration, put: Option<Duration>, chance: u64) -> Self {
        let ready = first(now, chance);
        // A clock that was set back is no reason to wait.
        let put = put.filter(|put| *put <= now);
        Self { poll: now, ready, failures: 0, asked: None, put, most: LONGEST, chance }
    }

    /// When something is due, if nodes remember items for so long.
    #[must_use]
    pub fn next(&self, span: Duration) -> (Duration, Task) {
        let put = self.due(span.min(self.most));
        if self.poll <= put { (self.poll, Task::Poll) } else { (put, Task::Put) }
    }

    /// Followers put at different times: the last quarter of the span is spread among them.
    fn due(&self, span: Duration) -> Duration {
        let wait = between(span * 3 / 4, span, self.chance);
        self.put.map_or(self.ready, |put| self.ready.max(put + wait))
    }

    /// News was asked for. `active` says whether somebody looks at the channel.
    pub fn polled(&mut self, now: Duration, active: bool) {
        self.asked = Some(now);
        self.poll = now + if active { POLL_ACTIVE } else { POLL_IDLE };
    }

    /// Somebody looks at the channel: they have its news now, if it was not asked for a few minutes ago.
    pub fn wake(&mut self, now: Duration) {
        let due = self.asked.map_or(now, |asked| now.max(asked + POLL_ACTIVE));
        self.poll = self.poll.min(due);
    }

    /// The items were put; so many nodes had them before. If those are few, nodes remember this channel for less than what
    /// is known of others.
    pub fn put(&mut self, now: Duration, copies: usize, chance: u64) {
        let age = self.put.map(|put| now.saturating_sub(put)).filter(|age| *age <= LONGEST);
        match age {
            Some(age) if copies < COPIES_FEW => self.most = (age / 2).max(SHORTEST),
            Some(_) => self.most = (self.most + self.most / 4).min(LONGEST),
            None => {}
        }
        (self.put, self.chance, self.failures) = (Some(now), chance, 0);
    }

    /// Nothing was found or taken: nobody is there, or we are not.
    pub fn failed(&mut self, now: Duration) {
        let wait = wait_after(self.failures);
        self.failures += 1;
        self.asked = Some(now);
        self.ready = now + wait;
        self.poll = self.poll.max(now + wait);
    }
}

/// When a run begins to put things.
pub(crate) fn first(now: Duration, chance: u64) -> Duration {
    now + between(FIRST.0, FIRST.1, chance)
}

/// How long to wait after a failure that others came before.
pub(crate) fn wait_after(failures: u32) -> Duration {
    AGAIN.0.saturating_mul(1 << failures.min(10)).min(AGAIN.1)
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
    fn a_follower_asks_at_once_and_puts_soon_after() {
        for chance in 0..1000 {
            let keeping = Keeping::start(HOUR, None, chance * 997);
            assert_eq!(keeping.next(LONGEST), (HOUR, Task::Poll));
            let first = keeping.due(LONGEST) - HOUR;
            assert!((FIRST.0..=FIRST.1).contains(&first), "{first:?}");
        }
    }

    #[test]
    fn whoever_starts_again_puts_nothing_before_its_time() {
        for chance in 0..1000 {
            let keeping = Keeping::start(30 * HOUR, Some(20 * HOUR), chance * 104_729_000);
            let due = keeping.due(LONGEST);
            assert!((38 * HOUR..44 * HOUR).contains(&due), "{due:?}");
            assert!(keeping.due(2 * HOUR) <= 30 * HOUR + FIRST.1, "it would be forgotten");
        }
        let early = Keeping::start(HOUR, Some(9 * HOUR), 0);
        assert_eq!(early.due(LONGEST), HOUR + FIRST.0, "the clock was set back");
    }

    #[test]
    fn after_failures_it_waits_longer_and_never_longer_than_an_hour() {
        let mut keeping = Keeping::start(Duration::ZERO, None, 0);
        let mut waits = vec![];
        for _ in 0..9 {
            keeping.failed(Duration::ZERO);
            waits.push(keeping.next(LONGEST).0.as_secs() / 60);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        keeping.put(Duration::ZERO, 20, 0);
        keeping.failed(Duration::ZERO);
        assert_eq!(keeping.ready, AGAIN.0, "a success forgets the failures");
    }

    #[test]
    fn whoever_looks_gets_news_at_once_and_then_every_few_minutes() {
        let mut keeping = Keeping::start(Duration::ZERO, None, 0);
        keeping.polled(Duration::ZERO, false);
        assert_eq!(keeping.poll, POLL_IDLE);
        keeping.wake(HOUR);
        assert_eq!(keeping.poll, HOUR);
        keeping.polled(HOUR, true);
        keeping.wake(HOUR);
        assert_eq!(keeping.poll, HOUR + POLL_ACTIVE);
        keeping.failed(HOUR + POLL_ACTIVE);
        keeping.wake(HOUR + POLL_ACTIVE);
        assert_eq!(keeping.poll, HOUR + POLL_ACTIVE + AGAIN.0, "but not while nobody is there");
    }

    /// The times of puts in a week, where nodes are thought to keep an item for so long, and keep it for another time.
    fn week(span: Duration, life: Duration) -> Vec<Duration> {
        let (mut keeping, mut puts) = (Keeping::start(Duration::ZERO, None, 0), vec![]);
        loop {
            let (now, task) = keeping.next(span);
            if now >= 24 * 7 * HOUR {
                return puts;
            }
            if task == Task::Poll {
                keeping.polled(now, false);
                continue;
            }
            let copies = puts.last().map_or(0, |put| if now - *put < life { 20 } else { 0 });
            puts.push(now);
            keeping.put(now, copies, puts.len() as u64 * 104_729 * 1000);
        }
    }

    #[test]
    fn where_nodes_remember_for_days_items_are_put_once_a_day() {
        let puts = week(LONGEST, 40 * HOUR);
        assert!((7..=10).contains(&puts.len()), "{puts:?}");
    }

    #[test]
    fn where_nodes_forget_items_they_are_put_before_they_are_forgotten() {
        let puts = week(2 * HOUR, 2 * HOUR);
        assert!(puts.len() <= 24 * 7 * 2 / 3, "{}", puts.len());
        assert!(puts.windows(2).all(|pair| pair[1] - pair[0] < 2 * HOUR), "{puts:?}");
    }

    #[test]
    fn a_channel_that_is_forgotten_sooner_than_others_is_put_sooner() {
        let puts = week(LONGEST, 5 * HOUR);
        let gaps: Vec<_> = puts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let lost = gaps.iter().filter(|gap| **gap >= 5 * HOUR).count();
        assert!(lost * 2 <= gaps.len(), "{lost} of {}", gaps.len());
        assert!(gaps.iter().all(|gap| *gap >= SHORTEST / 2));
    }
}
