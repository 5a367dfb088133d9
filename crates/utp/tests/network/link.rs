//! A link in one direction: what happens to packets on their way.

use std::time::Duration;

use crate::world::Dice;

/// How often a machine may be busy with something else.
const LOOKS_EVERY: Duration = Duration::from_millis(150);

/// How a link is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// Bytes per second.
    pub(crate) rate: u64,
    /// How long a full queue takes to empty.
    pub(crate) buffer: Duration,
    /// How long light takes.
    pub(crate) delay: Duration,
    /// Packets lost, of one.
    pub(crate) loss: f64,
    /// Packets overtaken by others, of one.
    pub(crate) reordered: f64,
    /// Packets that come twice, of one.
    pub(crate) doubled: f64,
    /// The longest datagram; longer ones vanish without a word.
    pub(crate) longest: usize,
    /// For how long, of each `LOOKS_EVERY`, who is at its end has no time for what comes.
    pub(crate) busy: Duration,
    /// Until when the link is busy with what is queued, microseconds.
    pub(crate) busy_until: u64,
}

impl Link {
    /// A link of so many Mbit/s with a one-way delay in milliseconds, and nothing wrong with it.
    pub(crate) fn new(mbit_s: f64, delay_ms: u64) -> Self {
        Self {
            rate: (mbit_s * 125_000.0) as u64,
            buffer: Duration::from_millis(500),
            delay: Duration::from_millis(delay_ms),
            loss: 0.0,
            reordered: 0.0,
            doubled: 0.0,
            longest: 1_472,
            busy: Duration::ZERO,
            busy_until: 0,
        }
    }

    /// Takes a datagram at `now`: when it arrives, no, one or two times.
    pub(crate) fn carry(&mut self, now: u64, len: usize, dice: &mut Dice) -> Vec<u64> {
        let queued = self.queued(now);
        if len > self.longest || queued > self.buffer.as_micros() as u64 {
            return vec![];
        }
        // IP and UDP have headers, too.
        self.busy_until = self.busy_until.max(now) + (len as u64 + 28) * 1_000_000 / self.rate;
        if dice.happens(self.loss) {
            return vec![];
        }
        let overtaken = if dice.happens(self.reordered) { dice.below(30_000) } else { 0 };
        let at = self.taken(self.busy_until + self.delay.as_micros() as u64 + overtaken);
        if dice.happens(self.doubled) { vec![at, at + dice.below(50_000)] } else { vec![at] }
    }

    /// When what arrives is looked at.
    fn taken(&self, at: u64) -> u64 {
        let every = LOOKS_EVERY.as_micros() as u64;
        let ends = at - at % every + self.busy.as_micros() as u64;
        at.max(ends)
    }

    /// How long what is queued will take, microseconds.
    pub(crate) fn queued(&self, now: u64) -> u64 {
        self.busy_until.saturating_sub(now)
    }
}
