//! When a channel's items are put again, and when news is asked for. Pure: time and chance are given.
//!
//! Most nodes of the Mainline DHT keep items for days: looking twice a day, and putting only what has become rare, keeps a
//! name alive with one follower. Nodes that keep to BEP 44 forget an item after two hours. Whoever sees what it put
//! vanish that soon puts it every hour from then on, rare or not.

use std::time::Duration;

/// How often copies are counted, give or take a quarter.
const COUNT_EVERY: Duration = Duration::from_secs(12 * 3600);
/// When it is looked whether what was put is still there: later than a node may forget it (BEP 44: two hours).
const PROBE: Duration = Duration::from_secs(150 * 60);
/// How often an item is put among nodes that forget, give or take a quarter.
const PUT_EVERY: Duration = Duration::from_secs(50 * 60);
/// How long after the start, so that not all begin at once.
const FIRST: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(240));
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
    /// When news was last asked for, or could not be.
    asked: Option<Duration>,
    /// When the items were last put.
    put: Option<Duration>,
    /// Whether nodes forgot what was put.
    forgotten: bool,
}

impl Keeping {
    /// A timetable that starts now. `chance` is any number, different for each channel.
    #[must_use]
    pub fn start(now: Duration, chance: u64) -> Self {
        let count = now + between(FIRST.0, FIRST.1, chance);
        Self { poll: now, count, failures: 0, asked: None, put: None, forgotten: false }
    }

    /// When something is due.
    #[must_use]
    pub fn next(&self) -> (Duration, Task) {
        if self.poll <= self.count { (self.poll, Task::Poll) } else { (self.count, Task::Count) }
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

    /// So many copies were counted, and put again if [`Self::puts`] says so.
    pub fn counted(&mut self, now: Duration, copies: usize, chance: u64) {
        self.failures = 0;
        let soon = |put: Duration| now.saturating_sub(put) <= PROBE + PUT_EVERY;
        self.forgotten |= copies < COPIES_ENOUGH && self.put.is_some_and(soon);
        let every = match self.puts(copies) {
            _ if self.forgotten => PUT_EVERY,
            true => PROBE,
            false => COUNT_EVERY,
        };
        if self.puts(copies) {
            self.put = Some(now);
        }
        // What probes comes late rather than early.
        let early = if every == PROBE { Duration::ZERO } else { every / 4 };
        self.count = now + between(every - early, every + every / 4, chance);
    }

    /// Nothing was found or taken: nobody is there, or we are not.
    pub fn failed(&mut self, now: Duration) {
        let wait = AGAIN.0.saturating_mul(1 << self.failures.min(10)).min(AGAIN.1);
        self.failures += 1;
        self.asked = Some(now);
        self.count = now + wait;
        self.poll = self.poll.max(now + wait);
    }

    /// Whether an item with so many copies is put again.
    #[must_use]
    pub fn puts(&self, copies: usize) -> bool {
        copies < COPIES_ENOUGH || self.forgotten
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
                    keeping.counted(now, 20, counts * 7919 * 1000);
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
        keeping.counted(Duration::ZERO, 20, 0);
        keeping.failed(Duration::ZERO);
        assert_eq!(keeping.count, AGAIN.0, "a success forgets the failures");
    }

    #[test]
    fn whoever_looks_gets_news_at_once_and_then_every_few_minutes() {
        let mut keeping = Keeping::start(Duration::ZERO, 0);
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

    /// The times of counts and of puts in a week, in a network whose nodes keep an item for so long.
    fn week(life: Duration) -> (usize, Vec<Duration>) {
        let (mut keeping, mut counts, mut puts) = (Keeping::start(Duration::ZERO, 0), 0, vec![]);
        let mut now = Duration::ZERO;
        while now < 24 * 7 * HOUR {
            let (due, task) = keeping.next();
            now = due;
            if task == Task::Poll {
                keeping.polled(now, false);
                continue;
            }
            counts += 1;
            let copies = puts.last().map_or(0, |put| if now - *put < life { 20 } else { 0 });
            if keeping.puts(copies) {
                puts.push(now);
            }
            keeping.counted(now, copies, counts as u64 * 104_729 * 1000);
        }
        (counts, puts)
    }

    #[test]
    fn where_nodes_keep_items_only_what_has_become_rare_is_put_again() {
        let (counts, puts) = week(40 * HOUR);
        assert!(counts <= 24, "{counts} in a week");
        assert!(puts.len() <= 5, "{puts:?}");
    }

    #[test]
    fn where_nodes_forget_items_they_are_put_before_they_are_forgotten() {
        let (_, puts) = week(2 * HOUR);
        assert!(puts.len() >= 24 * 7 - 24, "{}", puts.len());
        let gaps = puts.windows(2).map(|pair| pair[1] - pair[0]);
        assert_eq!(gaps.filter(|gap| *gap >= 2 * HOUR).count(), 1, "it is learnt once: {puts:?}");
    }
}
