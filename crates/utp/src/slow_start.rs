//! When a connection stops doubling: HyStart++ (RFC 9406), with the delay of the way there in place of the round trip.
//!
//! A queue is seen a round trip late, in which the window has doubled. Whoever waits until the queue is as long as it may be has
//! filled every buffer by then, and loses a round trip's worth of packets.

use std::time::Duration;

use crate::Time;

/// Above this part of the target a slow start ends at once, whatever the rounds say.
const TOO_MUCH: f64 = 0.75;
/// Acknowledgements into a round at which the queue is looked at: those of a burst's first packets meet only what earlier
/// rounds left behind (RFC 9406: `N_RTT_SAMPLE`).
const LOOK_AT: u32 = 8;
/// A queue is a delay of the least round trip's eighth within these bounds (RFC 9406: `MIN_RTT_THRESH`, `MAX_RTT_THRESH`).
const QUEUE: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(16));
/// Rounds in which an empty queue shows that the slow start ended for nothing (RFC 9406: `CSS_ROUNDS`).
const DOUBT: u32 = 5;

/// What an acknowledgement tells of the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// Payload bytes that arrived.
    pub(crate) bytes: usize,
    /// Payload bytes that were under way before.
    pub(crate) flying: usize,
    /// The delay that our packets meet, if the other side says.
    pub(crate) queue: Option<Duration>,
    /// The last transmission that arrived, and the one that will be next.
    pub(crate) transmissions: (u64, u64),
}

/// Whether a connection doubles, and what it knows of its rounds.
#[derive(Debug)]
pub(crate) struct SlowStart {
    phase: Phase,
    /// What is sent from this transmission on belongs to the next round.
    round_ends: u64,
    acknowledged: u32,
    since: Time,
    bytes: f64,
    /// What arrived in the last whole round, bytes per second.
    pace: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody knows what the path carries.
    Searching,
    /// Back to a window that the path carried a moment ago: the queue is that of others who share it.
    Returning,
    /// It ended; so many rounds are left in which it may turn out that it did for nothing.
    Doubted(u32),
    Over,
}

impl Default for SlowStart {
    fn default() -> Self {
        Self {
            phase: Phase::Searching,
            round_ends: 0,
            acknowledged: 0,
            since: Time(0),
            bytes: 0.0,
            pace: None,
        }
    }
}

impl SlowStart {
    /// Whether the window grows by all that arrives.
    pub(crate) fn doubles(&self) -> bool {
        matches!(self.phase, Phase::Searching | Phase::Returning)
    }

    /// Begins one into what nobody knows.
    pub(crate) fn search(&mut self) {
        self.phase = Phase::Searching;
    }

    /// Begins one that goes back to a window which the path carried a moment ago.
    pub(crate) fn return_to_it(&mut self) {
        self.phase = Phase::Returning;
    }

    pub(crate) fn end(&mut self) {
        self.phase = Phase::Over;
    }

    /// Something else made the window smaller: an empty queue says nothing now of why the slow start ended.
    pub(crate) fn trust(&mut self) {
        if matches!(self.phase, Phase::Doubted(_)) {
            self.end();
        }
    }

    /// Takes an acknowledgement note of. Where the path turns out to be full: what it carries, bytes per second.
    pub(crate) fn heard(
        &mut self,
        now: Time,
        heard: &Heard,
        queue: Duration,
        target: Duration,
        least: Duration,
    ) -> Option<f64> {
        self.count(now, heard);
        let is_looked_at = self.acknowledged == LOOK_AT;
        let is_queue = queue > (least / 8).clamp(QUEUE.0, QUEUE.1);
        match self.phase {
            Phase::Searching if queue > target.mul_f64(TOO_MUCH) || is_looked_at && is_queue => {
                self.phase = Phase::Doubted(DOUBT);
                return self.pace;
            }
            Phase::Returning if queue > target => self.end(),
            Phase::Doubted(_) if is_looked_at && !is_queue => self.search(),
            _ => {}
        }
        None
    }

    fn count(&mut self, now: Time, heard: &Heard) {
        let (newest, next) = heard.transmissions;
        if newest >= self.round_ends {
            let took = now.since(self.since).as_secs_f64();
            self.pace = (self.bytes > 0.0).then(|| self.bytes / took.max(1e-3));
            (self.round_ends, self.acknowledged) = (next, 0);
            (self.since, self.bytes) = (now, 0.0);
            self.phase = match self.phase {
                Phase::Doubted(0) => Phase::Over,
                Phase::Doubted(left) => Phase::Doubted(left - 1),
                phase => phase,
            };
        }
        self.acknowledged += 1;
        self.bytes += heard.bytes as f64;
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    const TARGET: Duration = Duration::from_millis(100);
    const LEAST: Duration = Duration::from_millis(100);

    /// Twenty acknowledgements of a kilobyte in 100 ms, all of which met `queue` milliseconds: what `heard` says first.
    fn round(slow_start: &mut SlowStart, number: u64, queue: impl Fn(u64) -> u64) -> Option<f64> {
        let mut full = None;
        for ack in 0..20 {
            let transmissions = (number * 20 + ack, (number + 1) * 20 + ack);
            let heard = Heard { bytes: 1_000, flying: 20_000, queue: None, transmissions };
            let (now, queue) = (number * 100_000 + ack * 5_000, Duration::from_millis(queue(ack)));
            full = full.or(slow_start.heard(Time(now), &heard, queue, TARGET, LEAST));
        }
        full
    }

    fn rounds(slow_start: &mut SlowStart, numbers: Range<u64>, queue: u64) {
        for number in numbers {
            round(slow_start, number, |_| queue);
        }
    }

    #[test]
    fn a_queue_that_a_rounds_first_packets_meet_ends_it_and_the_pace_of_the_path_is_known() {
        let mut slow_start = SlowStart::default();
        assert_eq!(round(&mut slow_start, 1, |_| 0), None);
        let burst = |ack: u64| ack.saturating_sub(8) * 3;
        assert_eq!(round(&mut slow_start, 2, burst), None, "a burst's own queue is none");
        let carried = round(&mut slow_start, 3, |_| 13).unwrap();
        assert!((carried - 200_000.0).abs() < 1.0, "{carried} bytes per second");
        assert!(!slow_start.doubles());
    }

    #[test]
    fn it_goes_on_when_the_queue_turns_out_to_be_none_and_only_for_a_while() {
        for (late, doubles) in [(0, true), (3, true), (6, false)] {
            let mut slow_start = SlowStart::default();
            rounds(&mut slow_start, 1..3, 0);
            rounds(&mut slow_start, 3..4 + late, 40);
            rounds(&mut slow_start, 4 + late..5 + late, 1);
            assert_eq!(slow_start.doubles(), doubles, "after {late} more rounds");
        }
    }

    #[test]
    fn who_goes_back_to_a_known_window_does_so_through_the_queue_of_others_up_to_the_target() {
        for (queue, doubles) in [(40, true), (99, true), (101, false)] {
            let mut slow_start = SlowStart::default();
            slow_start.return_to_it();
            rounds(&mut slow_start, 1..4, queue);
            assert_eq!(slow_start.doubles(), doubles, "{queue} ms");
        }
    }

    #[test]
    fn after_a_loss_an_empty_queue_says_nothing() {
        let mut slow_start = SlowStart::default();
        rounds(&mut slow_start, 1..3, 0);
        round(&mut slow_start, 3, |_| 40);
        slow_start.trust();
        round(&mut slow_start, 4, |_| 0);
        assert!(!slow_start.doubles());
    }
}
