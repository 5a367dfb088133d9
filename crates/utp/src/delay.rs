//! How long packets wait in queues, from clocks that know nothing of each other (RFC 6817 §2.4, §3.4).
//!
//! A one-way delay is the difference of two clocks: its value says nothing, but the least value of the last
//! minutes is an empty path, and what is above it is a queue.

use std::{collections::VecDeque, time::Duration};

use crate::Time;

/// Minutes over which the least delay is remembered: a longer way replaces a shorter one after that.
const HISTORY: usize = 10;
/// What one entry of the history covers.
const STEP: Duration = Duration::from_secs(60);
/// Samples, at least, of which the least is the delay now: one packet that was held up alone is no queue.
const RECENT: u64 = 3;
/// More than clocks drift apart between two samples; a fall of the delay by more is a change of the path.
const DRIFT_MAX: i64 = 10_000;

/// The least of the last ten minutes, minute by minute.
#[derive(Debug, Default)]
pub(crate) struct Minima {
    minutes: VecDeque<i64>,
    next: Time,
}

impl Minima {
    /// Takes a sample note of; returns by how much the least fell.
    pub(crate) fn add(&mut self, now: Time, sample: i64) -> i64 {
        let before = self.least();
        match self.minutes.back_mut() {
            Some(minute) if now < self.next => *minute = sample.min(*minute),
            _ => self.begin(now, sample),
        }
        before.map_or(0, |before| (before - sample).max(0))
    }

    pub(crate) fn least(&self) -> Option<i64> {
        self.minutes.iter().min().copied()
    }

    fn begin(&mut self, now: Time, sample: i64) {
        self.next = now + STEP;
        self.minutes.push_back(sample);
        if self.minutes.len() > HISTORY {
            self.minutes.pop_front();
        }
    }

    fn shift(&mut self, by: i64) {
        self.minutes.iter_mut().for_each(|minute| *minute += by);
    }
}

/// Delays that come as differences of two clocks of 32 bits, made whole: they may wrap at any time.
#[derive(Debug, Default)]
struct Unwrapped {
    last: Option<(u32, i64)>,
}

impl Unwrapped {
    fn next(&mut self, sample: u32) -> i64 {
        let whole = match self.last {
            Some((last, whole)) => whole + i64::from(sample.wrapping_sub(last).cast_signed()),
            None => 0,
        };
        self.last = Some((sample, whole));
        whole
    }
}

/// The least of the last samples: those of a while, and never fewer than `RECENT`.
///
/// A machine that is busy takes what came in the meantime all at once, with one late look at the clock for hundreds of
/// packets. A queue is still there a moment later; they are not.
#[derive(Debug, Default)]
struct Recent {
    /// With their numbers and times: each less than those behind it, which are newer.
    samples: VecDeque<(u64, Time, i64)>,
    count: u64,
}

impl Recent {
    fn add(&mut self, now: Time, sample: i64, span: Duration) {
        self.count += 1;
        while self.samples.back().is_some_and(|(.., last)| *last >= sample) {
            self.samples.pop_back();
        }
        self.samples.push_back((self.count, now, sample));
        let is_old = |(number, at, _): &(u64, Time, i64)| {
            *number + RECENT <= self.count && *at + span <= now
        };
        while self.samples.front().is_some_and(is_old) {
            self.samples.pop_front();
        }
    }

    fn least(&self) -> Option<i64> {
        self.samples.front().map(|(.., sample)| *sample)
    }
}

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    ours: Minima,
    our_samples: Unwrapped,
    recent: Recent,
    theirs: Minima,
    their_samples: Unwrapped,
}

impl Delays {
    /// A packet from the other side took this long, in microseconds between its clock and ours. When that
    /// falls below all it was, the clocks drift: what our packets take rises as much, and is no queue.
    pub(crate) fn heard(&mut self, now: Time, delay: u32) {
        let whole = self.their_samples.next(delay);
        let fall = self.theirs.add(now, whole);
        if fall < DRIFT_MAX {
            self.ours.shift(fall);
        }
    }

    /// A packet of ours took this long, the other side says. `span` is for how long this says something about now:
    /// less than a round trip (RFC 6817 §2.4.2: `CURRENT_FILTER`).
    pub(crate) fn told(&mut self, now: Time, delay: u32, span: Duration) {
        let whole = self.our_samples.next(delay);
        self.ours.add(now, whole);
        self.recent.add(now, whole, span);
    }

    /// How long our packets wait in queues at the moment, if the other side ever said.
    pub(crate) fn queue(&self) -> Option<Duration> {
        let waiting = self.recent.least()? - self.ours.least()?;
        Some(Duration::from_micros(waiting.max(0).cast_unsigned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    fn told(delays: &mut Delays, at: u64, samples: &[u32]) -> Option<u64> {
        for sample in samples {
            delays.told(Time(at), *sample, Duration::ZERO);
        }
        delays.queue().map(|queue| queue.as_micros() as u64)
    }

    #[test]
    fn the_queue_is_what_is_above_the_least_delay_and_one_late_packet_is_none() {
        let mut delays = Delays::default();
        assert_eq!(delays.queue(), None);
        assert_eq!(told(&mut delays, 0, &[5_000, 1_000, 1_500]), Some(0));
        assert_eq!(told(&mut delays, 1, &[90_000, 1_200]), Some(200));
        assert_eq!(told(&mut delays, 2, &[90_000, 80_000, 70_000]), Some(69_000));
    }

    #[test]
    fn packets_that_a_busy_machine_took_late_are_no_queue_and_those_that_stay_late_are() {
        let (mut delays, span) = (Delays::default(), Duration::from_millis(50));
        let mut tell = |at: u64, sample: u32| {
            delays.told(Time(at * 1_000), sample, span);
            delays.queue().unwrap().as_millis()
        };
        assert_eq!(tell(0, 10_000), 0);
        for packet in 0..40 {
            assert_eq!(
                tell(packet, 50_000 - packet as u32),
                0,
                "40 ms of silence, and all of it at once"
            );
        }
        assert_eq!(tell(45, 12_000), 0);
        for late in 46..95 {
            assert_eq!(tell(late, 60_000), if late < 50 { 0 } else { 2 });
        }
        assert_eq!(tell(95, 60_000), 50, "that is a queue");
    }

    #[test]
    fn clocks_that_wrap_or_are_far_apart_change_nothing() {
        for start in [0_u32, u32::MAX - 500, 0x7fff_ff00, 0x8000_0000] {
            let mut delays = Delays::default();
            let samples = [1_000, 0, 40_000, 41_000, 42_000].map(|delay| start.wrapping_add(delay));
            assert_eq!(told(&mut delays, 0, &samples), Some(40_000), "from {start}");
        }
    }

    #[test]
    fn a_shorter_path_is_forgotten_after_ten_minutes() {
        let mut delays = Delays::default();
        told(&mut delays, 0, &[1_000]);
        for minute in 0..10 {
            assert_eq!(told(&mut delays, minute * MINUTE, &[9_000; 3]), Some(8_000));
        }
        assert_eq!(told(&mut delays, 10 * MINUTE, &[9_000; 3]), Some(0));
    }

    #[test]
    fn clocks_that_drift_apart_are_no_queue() {
        let mut delays = Delays::default();
        let mut worst = 0;
        // 100 parts per million for half an hour: 180 ms, which would silence us.
        for second in 0..1_800_u64 {
            let drift = u32::try_from(second * 100).unwrap();
            delays.heard(Time(second * 1_000_000), 700_000 - drift);
            worst = told(&mut delays, second * 1_000_000, &[20_000 + drift]).unwrap().max(worst);
        }
        assert!(worst <= 500, "{worst} us taken for a queue");
    }
}
