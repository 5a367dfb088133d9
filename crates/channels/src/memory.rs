//! How long the nodes of the DHT remember what is put. Pure: time and chance are given.
//!
//! A channel's items do not tell: others put the same ones, and no node says since when it has them. So a household puts an
//! item of its own, which nobody else knows of, and asks for it again when it is older and older. What it learns holds for
//! all of its channels and is kept for the next run.

use std::time::Duration;

use dht::{MutableItem, SigningKey, Value, Wanted};
use serde::{Deserialize, Serialize};

use crate::keeping::{first, wait_after};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// How old an item is when it is asked for. Nodes that keep to BEP 44 forget between the second and the third.
const AGES: [Duration; 6] = [
    MINUTE.saturating_mul(55),
    MINUTE.saturating_mul(110),
    HOUR.saturating_mul(4),
    HOUR.saturating_mul(8),
    HOUR.saturating_mul(16),
    LONGEST,
];
/// What is counted on where not even the first age is reached.
pub(crate) const SHORTEST: Duration = MINUTE.saturating_mul(30);
/// More is not counted on, however long nodes remember: other nodes come, and are closer.
pub(crate) const LONGEST: Duration = HOUR.saturating_mul(24);
/// How often the next longer age is tried where it was not reached.
const TRY_EVERY: Duration = HOUR.saturating_mul(24);
/// Copies that are made of the item: as many nodes as are asked for it.
const COPIES: usize = 8;
/// The one version that there is of it.
const SEQ: i64 = 1;

/// What a household knows about the memory of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    span: Duration,
    trial: Option<Trial>,
    /// When the next trial begins.
    begin: Duration,
    /// Whether less was remembered than before: then all ages are tried anew.
    is_in_doubt: bool,
    /// Nothing is done before, in this run.
    #[serde(skip)]
    ready: Duration,
    #[serde(skip)]
    failures: u32,
}

/// An item that was put and will be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trial {
    key: [u8; 32],
    put: Duration,
    stored: usize,
    /// How old it is when it is asked for next.
    ask: Duration,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Put an item of our own, as a [`trial_item`], to so many nodes.
    Put(usize),
    /// Count who still has it.
    Ask(Wanted),
}

/// An item that nobody else knows of. `secret` is random.
#[must_use]
pub fn trial_item(secret: [u8; 32]) -> MutableItem {
    let signing = SigningKey::from_bytes(&secret);
    let value = Value::bytes(signing.verifying_key().as_bytes()).expect("32 bytes are few");
    MutableItem::sign(&signing, b"", SEQ, value).expect("there is no salt")
}

impl Default for Memory {
    /// Nothing is known: what is put every hour, as BEP 44 wants it, is remembered that long.
    fn default() -> Self {
        let zero = Duration::ZERO;
        Self {
            span: AGES[0],
            trial: None,
            begin: zero,
            is_in_doubt: true,
            ready: zero,
            failures: 0,
        }
    }
}

impl Memory {
    /// What was kept of an earlier run. What makes no sense is left out.
    #[must_use]
    pub fn read(bytes: &[u8], now: Duration) -> Self {
        let mut memory: Self = serde_json::from_slice(bytes).unwrap_or_default();
        memory.span = memory.span.clamp(SHORTEST, LONGEST);
        memory.trial = memory.trial.filter(|trial| trial.put <= now && trial.ask <= LONGEST);
        memory.begin = memory.begin.min(now + TRY_EVERY);
        memory
    }

    /// What is kept for the next run.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers")
    }

    /// A run begins: nodes are to be known before anything is put or asked for. `chance` is any number.
    pub fn resume(&mut self, now: Duration, chance: u64) {
        (self.ready, self.failures) = (first(now, chance), 0);
    }

    /// How long an item is remembered for certain: half of those who were given one had it when it was so old.
    #[must_use]
    pub fn span(&self) -> Duration {
        self.span
    }

    /// What is due next, and when.
    #[must_use]
    pub fn next(&self) -> (Duration, Errand) {
        let (due, errand) = match &self.trial {
            None => (self.begin, Errand::Put(COPIES)),
            Some(trial) => {
                let wanted = Wanted::Mutable { key: trial.key, salt: vec![], have: Some(SEQ) };
                (trial.put + trial.ask, Errand::Ask(wanted))
            }
        };
        (due.max(self.ready), errand)
    }

    /// An item was put; so many nodes took it.
    pub fn put(&mut self, now: Duration, item: &MutableItem, stored: usize) {
        if stored == 0 {
            return self.failed(now);
        }
        let ask = if self.is_in_doubt { AGES[0] } else { self.span.max(AGES[0]) };
        self.trial = Some(Trial { key: *item.key(), put: now, stored, ask });
        self.failures = 0;
    }

    /// So many nodes of those that answered still have it.
    pub fn asked(&mut self, now: Duration, copies: usize) {
        let Some(trial) = self.trial.take() else { return };
        self.failures = 0;
        let age = now.saturating_sub(trial.put);
        if copies * 2 >= trial.stored {
            self.remembered(age, trial);
        } else {
            self.forgotten(now, &trial);
        }
    }

    /// Nobody answered.
    pub fn failed(&mut self, now: Duration) {
        self.ready = now + wait_after(self.failures);
        self.failures += 1;
    }

    fn remembered(&mut self, age: Duration, trial: Trial) {
        self.span = self.span.max(reached(age));
        self.begin = trial.put + age;
        let next = AGES.into_iter().find(|next| *next > age);
        self.is_in_doubt &= next.is_some();
        self.trial = next.map(|ask| Trial { ask, ..trial });
    }

    /// Whoever was away and asks late learns little from that, and tries again at once.
    fn forgotten(&mut self, now: Duration, trial: &Trial) {
        let age = now.saturating_sub(trial.put);
        let missed = reached(age);
        let below = AGES.into_iter().rfind(|known| *known < missed).unwrap_or(SHORTEST);
        self.is_in_doubt = below < self.span;
        self.span = self.span.min(below);
        let is_late = age > trial.ask + trial.ask / 4;
        self.begin = if self.is_in_doubt || is_late { now } else { trial.put + TRY_EVERY };
    }
}

/// The last of the ages that something has reached which was asked for at one of them.
fn reached(age: Duration) -> Duration {
    AGES.into_iter().rfind(|known| *known <= age).unwrap_or(AGES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a household knows after a while, when nodes remember for so long; and what that took, as puts and questions.
    fn learnt(
        memory: &mut Memory,
        from: Duration,
        until: Duration,
        life: Duration,
    ) -> (usize, usize) {
        let (mut puts, mut asks, mut put) = (0, 0, from);
        loop {
            let (due, errand) = memory.next();
            let now = due.max(from);
            if now >= until {
                return (puts, asks);
            }
            match errand {
                Errand::Put(copies) => {
                    (puts, put) = (puts + 1, now);
                    memory.put(now, &trial_item([1; 32]), copies);
                }
                Errand::Ask(_) => {
                    asks += 1;
                    memory.asked(now, if now - put < life { 7 } else { 0 });
                }
            }
        }
    }

    fn spans_after(days: u32, life: Duration) -> (Duration, usize, usize) {
        let mut memory = Memory::default();
        let (puts, asks) = learnt(&mut memory, HOUR, HOUR + days * 24 * HOUR, life);
        (memory.span(), puts, asks)
    }

    #[test]
    fn it_is_learnt_how_long_nodes_remember_with_few_questions() {
        for (life, span) in [
            (40 * MINUTE, SHORTEST),
            (100 * MINUTE, AGES[0]),
            (2 * HOUR, AGES[1]),
            (7 * HOUR, AGES[2]),
            (17 * HOUR, AGES[4]),
            (1000 * HOUR, LONGEST),
        ] {
            let (learnt, puts, asks) = spans_after(10, life);
            assert_eq!(learnt, span, "nodes that remember {life:?}");
            assert!(puts <= 12 && asks <= 26, "{puts} puts and {asks} questions in ten days");
        }
    }

    #[test]
    fn nobody_counts_on_more_than_was_seen() {
        let mut memory = Memory::default();
        assert_eq!(memory.span(), AGES[0]);
        learnt(&mut memory, Duration::ZERO, 5 * HOUR, 1000 * HOUR);
        assert_eq!(memory.span(), AGES[2]);
    }

    #[test]
    fn nodes_that_begin_to_forget_are_found_out_within_a_day_and_a_half() {
        let mut memory = Memory::default();
        learnt(&mut memory, Duration::ZERO, 72 * HOUR, 1000 * HOUR);
        assert_eq!(memory.span(), LONGEST);
        learnt(&mut memory, 72 * HOUR, 108 * HOUR, 2 * HOUR);
        assert_eq!(memory.span(), AGES[1]);
    }

    #[test]
    fn half_of_the_copies_are_enough() {
        for (copies, span) in [(4, AGES[0]), (3, SHORTEST)] {
            let mut memory = Memory::default();
            memory.put(Duration::ZERO, &trial_item([1; 32]), 8);
            memory.asked(AGES[0], copies);
            assert_eq!(memory.span(), span);
        }
    }

    #[test]
    fn whoever_was_away_for_weeks_learns_from_what_is_there_and_not_from_what_is_not() {
        for copies in [8, 0] {
            let mut memory = Memory::default();
            learnt(&mut memory, Duration::ZERO, 72 * HOUR, 1000 * HOUR);
            let known = memory.clone();
            let now = 40 * 24 * HOUR;
            memory.resume(now, 7);
            let (due, errand) = memory.next();
            assert!(due > now && matches!(errand, Errand::Ask(_)));
            memory.asked(due, copies);
            assert_eq!(memory.next(), (due, Errand::Put(COPIES)), "{copies}");
            let lost = AGES.iter().rev().nth(usize::from(copies == 0));
            assert_eq!(Some(&memory.span()), lost, "{known:?}");
        }
    }

    #[test]
    fn without_a_network_it_waits_longer_and_learns_nothing() {
        let mut memory = Memory::default();
        memory.put(Duration::ZERO, &trial_item([1; 32]), 0);
        assert_eq!(memory.next(), (MINUTE, Errand::Put(COPIES)));
        memory.failed(MINUTE);
        assert_eq!(memory.next().0, 3 * MINUTE);
        assert_eq!(memory.span(), AGES[0]);
    }

    #[test]
    fn what_was_learnt_is_there_in_the_next_run_and_what_is_damaged_is_not() {
        let mut memory = Memory::default();
        memory.put(HOUR, &trial_item([1; 32]), 8);
        memory.asked(HOUR + AGES[1], 8);
        assert_eq!(Memory::read(&memory.to_bytes(), 9 * HOUR), memory);
        assert_eq!(Memory::read(b"torn", HOUR), Memory::default());
        let early = Memory::read(&memory.to_bytes(), MINUTE);
        assert_eq!(early.next(), (HOUR + AGES[1], Errand::Put(COPIES)), "the clock was set back");
        memory.span = Duration::MAX;
        memory.begin = Duration::MAX;
        memory.trial = None;
        let read = Memory::read(&memory.to_bytes(), HOUR);
        assert_eq!((read.span(), read.next().0), (LONGEST, HOUR + TRY_EVERY));
    }
}
