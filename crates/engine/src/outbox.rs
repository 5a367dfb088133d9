//! What was given to a peer's connection and has not left, and how long that may last.

use std::time::Duration;

use crate::Time;

/// A peer that takes nothing for so long is hung up on, unless it says something meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// … and if it does, after this. A connection may take a new part only when the last 128 KiB have left, for which the
/// slowest of honest lines, of 1 kB/s, needs two minutes; who reads goes on asking.
const PATIENCE_MAX: Duration = Duration::from_secs(240);
/// Fewer bytes than this are nothing: a peer may open its window by one at a time.
const PROGRESS_MIN: usize = 1024;
/// More than this is kept for nobody. Blocks are read for no more than a mebibyte; the rest is what a peer made us say.
const HELD_MAX: usize = 4 << 20;
/// Where so much waits, nothing is answered that can be refused.
const FULL: usize = 1 << 20;

/// Bytes given to the driver for one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// Those that have not left.
    pub(crate) unsent: usize,
    /// When the peer last took as many as count.
    taken_at: Time,
    /// What it took since.
    taken: usize,
}

impl Outbox {
    pub(crate) fn new(now: Time) -> Self {
        Self { unsent: 0, taken_at: now, taken: 0 }
    }

    /// Bytes were given; whether nothing waited before them.
    pub(crate) fn gave(&mut self, now: Time, bytes: usize) -> bool {
        let is_first = self.unsent == 0;
        self.unsent += bytes;
        if is_first {
            self.progress(now);
        }
        is_first
    }

    /// Bytes left.
    pub(crate) fn left(&mut self, now: Time, bytes: usize) {
        self.unsent = self.unsent.saturating_sub(bytes);
        self.taken += bytes;
        if self.unsent == 0 || self.taken >= PROGRESS_MIN {
            self.progress(now);
        }
    }

    /// Time passed in which nothing could leave.
    pub(crate) fn progress(&mut self, now: Time) {
        (self.taken_at, self.taken) = (now, 0);
    }

    /// When patience with a peer ends that was heard last at this time; `None` while it lacks nothing.
    pub(crate) fn patience_ends(&self, heard: Time) -> Option<Time> {
        let ends = (heard + PATIENCE).clamp(self.taken_at + PATIENCE, self.taken_at + PATIENCE_MAX);
        (self.unsent > 0).then_some(ends)
    }

    /// Whether so much waits that what can be refused is.
    pub(crate) fn is_full(&self) -> bool {
        self.unsent >= FULL
    }

    /// Whether more waits than is kept for anybody.
    pub(crate) fn overflows(&self) -> bool {
        self.unsent > HELD_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time(seconds * 1_000_000)
    }

    #[test]
    fn hp_47_who_takes_nothing_has_a_minute_and_four_if_it_goes_on_talking() {
        let mut outbox = Outbox::new(at(0));
        assert_eq!(outbox.patience_ends(at(0)), None, "it lacks nothing");
        assert!(outbox.gave(at(10), 5_000) && !outbox.gave(at(11), 5_000));
        assert_eq!(outbox.patience_ends(at(5)), Some(at(70)));
        assert_eq!(outbox.patience_ends(at(30)), Some(at(90)));
        assert_eq!(outbox.patience_ends(at(300)), Some(at(250)));
        outbox.left(at(40), 5_000);
        assert_eq!(outbox.patience_ends(at(5)), Some(at(100)));
        outbox.left(at(41), 5_000);
        assert_eq!(outbox.patience_ends(at(5)), None);
    }

    #[test]
    fn hp_66_a_byte_now_and_then_is_nothing() {
        let mut outbox = Outbox::new(at(0));
        outbox.gave(at(0), 5_000);
        (1..60).for_each(|second| outbox.left(at(second), 1));
        assert_eq!(outbox.patience_ends(at(0)), Some(at(60)));
        outbox.left(at(59), PROGRESS_MIN);
        assert_eq!(outbox.patience_ends(at(0)), Some(at(119)));
    }
}
