//! How many bytes may be under way: LEDBAT (RFC 6817), with what practice has added to it.
//!
//! The window grows while the queue on the path is shorter than the target and shrinks when it is longer, so
//! whoever fills the queue (a call, a page, a TCP upload) is given way to. docs/transport.md has the model
//! and the numbers; what departs from the RFC is said here, where it is done.

use std::time::Duration;

use crate::{
    Time,
    rtt::RoundTrip,
    slow_start::{Heard, SlowStart},
};

/// What a connection begins with, in segments (RFC 6928).
const SEGMENTS_FIRST: f64 = 10.0;
/// What it is never denied (RFC 6817: `MIN_CWND`).
const SEGMENTS_MIN: f64 = 2.0;
/// More is never useful: no window of the other side is larger.
const WINDOW_MAX: f64 = (64 << 20) as f64;
/// Growth in bytes per round trip. Every client of uTP uses this; the RFC's one segment is half of it.
const GAIN: f64 = 3_000.0;
/// While the queue is nearly empty, growth by this part of the window per round trip: the way back on a long
/// and wide path would take minutes otherwise.
const GAIN_EMPTY: f64 = 1.0 / 16.0;
/// Packets of which one may be lost before losses mean that the path is full.
const SPORADIC: u32 = 200;
/// Losses that say nothing yet.
const FEW: u32 = 2;
/// Packets after which the memory of losses fades by half.
const LEDGER: u32 = 2_000;
/// How often, at least, we see to it that the queue is empty for a moment.
const DRAIN_EVERY: Duration = Duration::from_secs(10);
const DRAIN_EVERY_ROUNDS: u32 = 60;
/// What is left of the window for that: little enough that a queue is gone which is seven times as long as
/// the path.
const DRAINED: f64 = 0.125;
/// Below this part of the target a queue counts as empty.
const EMPTY: f64 = 0.125;

/// The congestion window of one connection.
#[derive(Debug)]
pub(crate) struct Window {
    bytes: f64,
    /// A slow start ends here.
    threshold: f64,
    slow_start: SlowStart,
    segment: f64,
    target: Duration,
    losses: Losses,
    drain: Drain,
}

/// What was lost of late, and what was made of it in this round.
#[derive(Debug, Default)]
struct Losses {
    sent: u32,
    lost: u32,
    /// The window before the losses of this round, until it was halved because of them.
    before: Option<f64>,
}

/// Empties the queue that may be ours from time to time: the least delay is only right if somebody sees it.
/// Whoever connects while others fill the queue takes it for an empty path otherwise, and takes everything.
#[derive(Debug, Default)]
struct Drain {
    next: Option<Time>,
    until: Option<(Time, f64)>,
    seen_empty: bool,
}

impl Window {
    pub(crate) fn new(target: Duration, datagram: usize) -> Self {
        let segment = datagram as f64;
        Self {
            bytes: SEGMENTS_FIRST * segment,
            threshold: WINDOW_MAX,
            slow_start: SlowStart::default(),
            segment,
            target,
            losses: Losses::default(),
            drain: Drain::default(),
        }
    }

    /// Bytes that may be under way.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes as usize
    }

    pub(crate) fn aim_at(&mut self, target: Duration) {
        self.target = target;
    }

    /// Packets have become longer.
    pub(crate) fn grow_segments(&mut self, datagram: usize) {
        self.segment = datagram as f64;
        self.clamp();
    }

    /// A packet has left.
    pub(crate) fn sent(&mut self) {
        self.losses.sent += 1;
        if self.losses.sent >= LEDGER {
            self.losses.sent /= 2;
            self.losses.lost /= 2;
        }
    }

    /// Something arrived.
    pub(crate) fn acked(&mut self, now: Time, heard: &Heard, rtt: &RoundTrip) {
        let delay = queued(heard.queue, rtt);
        let queue = delay.as_secs_f64() / self.target.as_secs_f64();
        self.drain.seen_empty |= queue < EMPTY;
        if self.drain(now, rtt) {
            return;
        }
        // A window that is not filled says nothing about the path (RFC 6817 §2.4.2: ALLOWED_INCREASE).
        let is_used = heard.flying as f64 + 2.0 * self.segment >= self.bytes;
        let full = self.slow_start.heard(now, heard, delay, self.target, rtt.least());
        if let Some(carried) = full {
            // What the path carries, and what the queue may be: the last doubling was too much.
            self.bytes = self.bytes.min(carried * (rtt.least() + self.target).as_secs_f64());
            self.clamp();
        }
        self.steer(heard.bytes as f64, queue, is_used);
        self.clamp();
    }

    fn steer(&mut self, acked: f64, queue: f64, is_used: bool) {
        if self.slow_start.doubles() && self.bytes >= self.threshold {
            self.slow_start.end();
        }
        if is_used {
            self.bytes += if self.slow_start.doubles() {
                acked
            } else {
                acked * self.gain(queue) / self.bytes
            };
        }
        // In proportion to the window (LEDBAT++): of two connections the larger one gives more back, until
        // they are equal.
        self.bytes -= acked * (queue - 1.0).clamp(0.0, 0.5);
    }

    /// Growth in bytes per round trip: the same for every window around the target, where equals are made.
    fn gain(&self, queue: f64) -> f64 {
        let is_over = (queue - 1.0).max(0.0);
        let way_back = self.bytes * GAIN_EMPTY * (1.0 - 2.0 * queue);
        way_back.max(GAIN * (1.0 - 2.0 * is_over).max(0.0))
    }

    /// Packets were lost; `is_new` if they left after the window was last made smaller.
    ///
    /// The RFC halves. Here a sporadic loss takes only what is queued, down to half: the window becomes what
    /// the path carries when it is empty. Radio and bad cables lose a packet now and then though nothing is
    /// full, and a queue is noticed by its delay.
    ///
    /// What is queued is what our packets met: the round trip holds the way back as well, and how busy both machines are.
    pub(crate) fn lost(
        &mut self,
        packets: usize,
        is_new: bool,
        queue: Option<Duration>,
        rtt: &RoundTrip,
    ) {
        self.losses.lost += u32::try_from(packets).unwrap_or(u32::MAX);
        let is_sporadic = self.losses.lost <= FEW + self.losses.sent / SPORADIC;
        if is_new {
            self.losses.before = Some(self.bytes);
        }
        if is_sporadic {
            if is_new {
                let (least, queue) = (rtt.least(), queued(queue, rtt));
                self.slow_start.trust();
                let empty = least.as_secs_f64() / (least + queue).as_secs_f64().max(1e-6);
                self.bytes *= empty.clamp(0.5, 1.0);
            }
        } else if let Some(before) = self.losses.before.take() {
            self.bytes = self.bytes.min(before / 2.0);
            self.end_slow_start();
        }
        self.clamp();
    }

    /// Nothing was heard for so long that everything may be lost.
    ///
    /// Of what the path carries only the first timeout tells: at the next ones hardly anything was under way (RFC 5681
    /// section 3.1).
    pub(crate) fn timed_out(&mut self) {
        if self.bytes > SEGMENTS_MIN * self.segment {
            self.threshold = self.bytes / 2.0;
        }
        self.bytes = 0.0;
        self.slow_start.search();
        self.drain.until = None;
        self.clamp();
    }

    /// Nothing was sent for a while: the path may have changed (RFC 2861).
    pub(crate) fn rest(&mut self) {
        let first = SEGMENTS_FIRST * self.segment;
        if self.bytes > first {
            self.threshold = self.bytes * 0.75;
            self.bytes = first;
            self.slow_start.search();
        }
    }

    fn end_slow_start(&mut self) {
        self.slow_start.end();
        self.threshold = self.bytes;
    }

    /// Whether the queue is being emptied now.
    fn drain(&mut self, now: Time, rtt: &RoundTrip) -> bool {
        if let Some((until, before)) = self.drain.until {
            if now < until {
                return true;
            }
            self.drain.until = None;
            self.threshold = before;
            self.slow_start.return_to_it();
        }
        let next = now + DRAIN_EVERY.max(rtt.mean() * DRAIN_EVERY_ROUNDS);
        if now < *self.drain.next.get_or_insert(next) {
            return false;
        }
        self.drain.next = Some(next);
        let is_needed = !std::mem::take(&mut self.drain.seen_empty) && !self.slow_start.doubles();
        if is_needed {
            // As long as what is under way needs to arrive, and one packet more to tell of it.
            self.drain.until = Some((now + rtt.mean() + rtt.least(), self.bytes));
            self.bytes *= DRAINED;
            self.clamp();
        }
        is_needed
    }

    fn clamp(&mut self) {
        self.bytes = self.bytes.clamp(SEGMENTS_MIN * self.segment, WINDOW_MAX);
    }
}

/// The delay that packets meet; if the other side never says, what the round trip is longer than it was.
fn queued(queue: Option<Duration>, rtt: &RoundTrip) -> Duration {
    queue.unwrap_or_else(|| rtt.mean().saturating_sub(rtt.least()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: usize = 1_000;

    fn window() -> (Window, RoundTrip) {
        let mut rtt = RoundTrip::default();
        rtt.add(Time(0), Duration::from_millis(100));
        (Window::new(Duration::from_millis(100), SEGMENT), rtt)
    }

    fn ms(queue: u64) -> Option<Duration> {
        Some(Duration::from_millis(queue))
    }

    fn heard(flying: usize, queue: u64) -> Heard {
        Heard { bytes: SEGMENT, flying, queue: ms(queue), transmissions: (0, 0) }
    }

    /// A window's worth of acknowledgements that met this queue.
    fn round(window: &mut Window, rtt: &RoundTrip, queue: u64) {
        let all = window.bytes();
        for _ in 0..all / SEGMENT {
            window.acked(Time(1), &heard(window.bytes(), queue), rtt);
        }
    }

    #[test]
    fn a_connection_doubles_until_the_queue_grows_and_then_walks() {
        let (mut window, rtt) = window();
        round(&mut window, &rtt, 0);
        assert_eq!(window.bytes(), 20 * SEGMENT);
        round(&mut window, &rtt, 80);
        let grown = window.bytes() - 20 * SEGMENT;
        assert!((2_500..=3_000).contains(&grown), "{grown} bytes in a round trip");
    }

    #[test]
    fn a_queue_above_the_target_takes_the_window_down_to_the_least() {
        let (mut window, rtt) = window();
        for _ in 0..20 {
            round(&mut window, &rtt, 300);
        }
        assert_eq!(window.bytes(), 2 * SEGMENT);
    }

    #[test]
    fn of_what_the_path_carries_only_the_first_of_several_timeouts_tells() {
        let (mut window, rtt) = window();
        (0..4).for_each(|_| round(&mut window, &rtt, 0));
        let carried = window.bytes();
        (0..3).for_each(|_| window.timed_out());
        assert_eq!(window.bytes(), 2 * SEGMENT);
        let rounds = (0..20).take_while(|_| {
            round(&mut window, &rtt, 0);
            window.bytes() < carried / 2
        });
        assert!(rounds.count() <= 6, "it doubles up to half of what it was");
    }

    #[test]
    fn a_window_that_is_not_filled_does_not_grow() {
        let (mut window, rtt) = window();
        let before = window.bytes();
        for _ in 0..100 {
            window.acked(Time(1), &heard(SEGMENT, 0), &rtt);
        }
        assert_eq!(window.bytes(), before);
    }

    #[test]
    fn one_loss_takes_what_is_queued_and_many_take_half() {
        let (mut window, mut rtt) = window();
        (0..200).for_each(|_| rtt.add(Time(0), Duration::from_millis(125)));
        let before = window.bytes();
        window.lost(1, true, ms(0), &rtt);
        assert_eq!(window.bytes(), before, "it is the way back that is slow");
        window.lost(1, true, ms(25), &rtt);
        assert!(window.bytes().abs_diff(before * 4 / 5) < 10, "{} of {before}", window.bytes());
        window.lost(5, false, ms(25), &rtt);
        assert_eq!(window.bytes(), before / 2);
        window.lost(5, false, ms(25), &rtt);
        assert_eq!(window.bytes(), before / 2, "once in a round trip");
    }
}
