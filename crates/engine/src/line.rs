//! How much may go over TCP before it waits in front of the household's line.
//!
//! uTP sees that queue by itself and gives way (docs/transport.md); the system's TCP fills it until packets are lost.
//! The queue shows in round trips: by as much are they longer than the shortest one. While that is more than the
//! target, less is sent than arrives, and while it is less, more.

use std::{collections::VecDeque, time::Duration};

use torrent::BLOCK_LEN;

use crate::{LineSample, Time, turns::Turns};

/// Measurements of which the least counts: a round trip may be long for other reasons than a queue.
const COUNTED: usize = 3;
/// How much more or less is sent than arrives, for a second of queue too little or too much.
const PULL: f64 = 1.0;
/// The least part of what arrives that is sent, however long the queue.
const LEAST: f64 = 0.5;
/// The least part of that for which new bytes are taken while the system holds others.
const LEAST_NEW: f64 = 0.1;
/// The part of what arrived before the queue became too long with which we go on when it is short again.
const RESUMED: f64 = 0.9;
/// How much more is sent than arrives for each second for which the queue has been nearly empty, and at most.
const PROBE: f64 = 0.05;
const PROBE_MAX: f64 = 0.5;
/// Over how long what arrives is averaged, in seconds.
const AVERAGED: f64 = 1.0;
/// The least rate, in bytes per second: it never comes to nothing.
const RATE_MIN: f64 = 16.0 * 1024.0;
/// How often the queue must have been nearly empty: who never sees that takes it for the path.
const EMPTY_EVERY: Duration = Duration::from_secs(30);
/// How long it is emptied.
const EMPTYING: Duration = Duration::from_millis(600);
/// After such a pause what arrived before tells nothing.
const PAUSE: Duration = Duration::from_secs(2);
/// After such a pause neither does the limit.
const FORGET: Duration = Duration::from_secs(60);

/// The limit on what crosses the line over TCP, if it is in force, and who waits for it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) turns: Turns,
    measured: Time,
    /// The last queues that were measured.
    queues: VecDeque<Duration>,
    /// Bytes per second that arrive.
    arrives: Option<f64>,
    /// The most of that since the queue has been too long: what the line carried before we gave way.
    full: Option<f64>,
    /// When the queue was last nearly empty, or was to be.
    emptied: Time,
    /// Since when it is.
    low: Option<Time>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            turns: Turns::alternating(None),
            measured: Time(0),
            queues: VecDeque::new(),
            arrives: None,
            full: None,
            emptied: Time(0),
            low: None,
        }
    }

    /// Takes in a measurement. True if the limit is gone: whoever waited for it may go on.
    pub(crate) fn measure(&mut self, now: Time, sample: &LineSample) -> bool {
        let Some(rise) = middle(&sample.rises) else { return false };
        let since = now.since(std::mem::replace(&mut self.measured, now));
        if since > PAUSE {
            self.begin(now);
            let forgets = since > FORGET && self.turns.rate().is_some();
            if forgets {
                self.turns.limit(None);
            }
            return forgets;
        }
        self.queues.push_back(rise);
        if self.queues.len() > COUNTED {
            self.queues.pop_front();
        }
        let is_emptied = self.turns.rate().is_some() && now.since(self.emptied) < EMPTYING;
        if is_emptied && self.arrives.is_some() {
            return false;
        }
        self.count(sample.arrived, since);
        self.steer(now, sample);
        false
    }

    /// Nothing is known of the line yet.
    fn begin(&mut self, now: Time) {
        self.queues.clear();
        self.arrives = None;
        (self.full, self.emptied, self.low) = (None, now, None);
    }

    fn count(&mut self, arrived: u64, since: Duration) {
        let since = since.as_secs_f64().max(0.001);
        let rate = arrived as f64 / since;
        let before = self.arrives.unwrap_or(rate);
        self.arrives = Some(before + (rate - before) * (since / AVERAGED).min(1.0));
    }

    fn steer(&mut self, now: Time, sample: &LineSample) {
        let Some(arrives) = self.arrives.filter(|rate| *rate > 0.0) else { return };
        if self.queues.len() < COUNTED {
            return;
        }
        let queue = self.queues.iter().min().copied().unwrap_or_default().as_secs_f64();
        // A block leaves at once, and half of it waits for the other half.
        let own = f64::from(BLOCK_LEN) / 2.0 / arrives.max(RATE_MIN);
        let target = sample.target.as_secs_f64() + own;
        let more = ((target - queue) * PULL).max(self.probe(now, queue < target / 4.0));
        let rate = arrives * (1.0 + more).max(LEAST);
        let resumed = self.resume(arrives, queue > target);
        let limit = match self.turns.rate() {
            None if queue <= target => return,
            Some(_) if now.since(self.emptied) >= EMPTY_EVERY => {
                self.emptied = now;
                arrives * LEAST
            }
            // Less was wanted than may go: that says nothing of the line.
            Some(limit) if queue <= target => rate.max(limit as f64).max(resumed),
            // What the system holds already goes first.
            _ => (rate - sample.unsent as f64 / AVERAGED).max(rate * LEAST_NEW),
        }
        .max(RATE_MIN);
        self.turns.limit(Some(limit as u64));
    }

    /// What to go back to when the queue is short again: nearly what the line carried when it became too long.
    fn resume(&mut self, arrives: f64, is_long: bool) -> f64 {
        if is_long {
            self.full = Some(self.full.map_or(arrives, |full| full.max(arrives)));
            return 0.0;
        }
        let Some(full) = self.full.take() else { return 0.0 };
        let resumed = full * RESUMED;
        self.arrives = self.arrives.map(|arrives| arrives.max(resumed));
        resumed
    }

    /// How much more to send than arrives to find out what the line carries.
    fn probe(&mut self, now: Time, is_low: bool) -> f64 {
        if !is_low {
            self.low = None;
            return -1.0;
        }
        self.emptied = now;
        let low = now.since(*self.low.get_or_insert(now)).as_secs_f64() + 1.0;
        (low * PROBE).min(PROBE_MAX)
    }
}

/// The one in the middle, the shorter of two: a path may have another queue, the line's is on most of them.
fn middle(rises: &[Duration]) -> Option<Duration> {
    let mut rises = rises.to_vec();
    rises.sort_unstable();
    rises.get(rises.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 0.01;
    const SEGMENT: f64 = 1448.0;
    /// What the system takes from us before it is on its way.
    const UNSENT: f64 = 256.0 * 1024.0;

    /// An upload by Reno: a window that grows by a segment each round trip and is halved when the queue is full.
    struct Upload {
        window: f64,
        threshold: f64,
        /// Bytes that wait in the system, and in front of the line.
        unsent: f64,
        queued: f64,
        smoothed: f64,
        arrived: f64,
        since_cut: f64,
    }

    impl Upload {
        fn new() -> Self {
            let (window, threshold) = (10.0 * SEGMENT, f64::INFINITY);
            let (unsent, queued, smoothed, arrived, since_cut) = (0.0, 0.0, 0.0, 0.0, 10.0);
            Self { window, threshold, unsent, queued, smoothed, arrived, since_cut }
        }

        /// Sends what the window allows.
        fn send(&mut self, round_trip: f64) {
            let sent = self.unsent.min(self.window / round_trip * STEP);
            self.unsent -= sent;
            self.queued += sent;
        }

        /// So much of it has crossed.
        fn cross(&mut self, bytes: f64, round_trip: f64, is_full: bool) {
            self.queued -= bytes;
            self.arrived += bytes;
            let weight = 1.0 - 0.875_f64.powf(bytes / SEGMENT / 2.0);
            self.smoothed += (round_trip - self.smoothed) * weight;
            self.since_cut += STEP;
            let is_used = self.unsent > 0.0;
            if is_full && self.since_cut > round_trip {
                self.window = (self.window / 2.0).max(2.0 * SEGMENT);
                (self.threshold, self.since_cut) = (self.window, 0.0);
            } else if is_used && self.window < self.threshold {
                self.window += bytes;
            } else if is_used {
                self.window += SEGMENT * bytes / self.window;
            }
        }
    }

    /// A line of so many bytes per second with a buffer in front, and what wants to cross it.
    struct World {
        now: f64,
        rate: f64,
        base: f64,
        buffer: f64,
        line: Line,
        target: Duration,
        ours: Vec<Upload>,
        other: Option<Upload>,
        /// Bytes per second that peers want of us.
        wanted: f64,
        tokens: f64,
        measured: f64,
        told: f64,
    }

    impl World {
        fn new(mbit: f64, base_ms: f64, target_ms: u32) -> Self {
            Self {
                now: 0.0,
                rate: mbit * 125_000.0,
                base: base_ms / 1000.0,
                buffer: 1.0,
                line: Line::new(),
                target: Duration::from_millis(target_ms.into()),
                ours: (0..4).map(|_| Upload::new()).collect(),
                other: None,
                wanted: f64::INFINITY,
                tokens: 0.0,
                measured: 0.0,
                told: 0.0,
            }
        }

        fn queue(&self) -> f64 {
            let all = self.ours.iter().chain(&self.other).map(|upload| upload.queued);
            all.sum::<f64>() / self.rate
        }

        fn step(&mut self) {
            self.now += STEP;
            let limit = self.line.turns.rate().map_or(f64::INFINITY, |rate| rate as f64);
            let most = self.wanted.min(limit);
            self.tokens = (self.tokens + most * STEP).min((most / 4.0).max(f64::from(BLOCK_LEN)));
            for upload in &mut self.ours {
                while self.tokens > 0.0 && upload.unsent < UNSENT {
                    upload.unsent += f64::from(BLOCK_LEN);
                    self.tokens -= f64::from(BLOCK_LEN);
                }
            }
            // Whoever waited longest is first.
            self.ours.rotate_left(1);
            let round_trip = self.base + self.queue();
            if let Some(other) = &mut self.other {
                other.unsent = UNSENT;
            }
            for upload in self.ours.iter_mut().chain(&mut self.other) {
                upload.send(round_trip);
            }
            let queue = self.queue();
            let crosses = (STEP / queue).min(1.0);
            for upload in self.ours.iter_mut().chain(&mut self.other) {
                let bytes = upload.queued * if queue > 0.0 { crosses } else { 0.0 };
                upload.cross(bytes, self.base + queue, queue > self.buffer);
            }
            if self.now - self.measured >= 0.2 {
                self.measure();
            }
        }

        fn measure(&mut self) {
            self.measured = self.now;
            let arrived: f64 = self.ours.iter().map(|upload| upload.arrived).sum();
            let rise =
                |upload: &Upload| Duration::from_secs_f64((upload.smoothed - self.base).max(0.0));
            let sample = LineSample {
                target: self.target,
                arrived: (arrived - self.told) as u64,
                unsent: self.ours.iter().map(|upload| upload.unsent as u64).sum(),
                rises: self.ours.iter().map(rise).collect(),
            };
            self.told = arrived;
            self.line.measure(Time((self.now * 1e6) as u64), &sample);
        }

        /// The mean queue in milliseconds, and the part of the line that is used by us, while some seconds pass.
        fn pass(&mut self, seconds: f64) -> (f64, f64) {
            let arrived = |world: &Self| world.ours.iter().map(|one| one.arrived).sum::<f64>();
            let (until, before) = (self.now + seconds, arrived(self));
            let (mut queues, mut steps) = (0.0, 0.0);
            while self.now < until {
                self.step();
                queues += self.queue() * 1000.0;
                steps += 1.0;
            }
            (queues / steps, (arrived(self) - before) / seconds / self.rate)
        }
    }

    #[test]
    fn the_queue_stays_near_the_target_and_the_line_is_used() {
        for mbit in [1.0, 5.0, 20.0, 100.0] {
            for base in [10.0, 40.0, 100.0] {
                for target in [100, 25] {
                    let mut world = World::new(mbit, base, target);
                    world.pass(30.0);
                    let (queue, used) = world.pass(90.0);
                    let told =
                        format!("{mbit} Mbit/s, {base} ms, {target} ms: {queue:.0} ms, {used:.3}");
                    let block = f64::from(BLOCK_LEN) / world.rate * 1000.0;
                    assert!(queue < f64::from(target) * 1.1 + block / 2.0, "{told}");
                    assert!(used > 0.97, "{told}");
                }
            }
        }
    }

    #[test]
    fn without_it_the_buffer_is_filled() {
        let mut world = World::new(10.0, 40.0, 100);
        world.target = Duration::from_secs(10);
        let (queue, used) = world.pass(60.0);
        assert!(queue > 500.0 && used > 0.9, "{queue} {used}");
        assert_eq!(world.line.turns.rate(), None);
    }

    #[test]
    fn who_fills_no_line_is_not_limited() {
        let mut world = World::new(10.0, 40.0, 25);
        world.wanted = world.rate / 3.0;
        let (_, used) = world.pass(60.0);
        assert_eq!(world.line.turns.rate(), None);
        assert!((0.32..0.34).contains(&used), "{used}");
    }

    #[test]
    fn another_upload_gets_most_of_the_line_and_we_have_it_back_when_it_ends() {
        let mut world = World::new(10.0, 40.0, 25);
        world.pass(30.0);
        world.other = Some(Upload::new());
        world.pass(20.0);
        let (_, used) = world.pass(60.0);
        assert!(used < 0.25, "{used}");
        assert!(world.line.turns.rate() >= Some(RATE_MIN as u64), "never nothing");
        world.other = None;
        world.pass(40.0);
        let (_, used) = world.pass(30.0);
        assert!(used > 0.8, "{used}");
    }

    #[test]
    fn a_path_with_a_queue_of_its_own_says_nothing_of_the_line() {
        let rises = [0, 3, 900].map(Duration::from_millis);
        assert_eq!(middle(&rises), Some(rises[1]));
        assert_eq!(middle(&rises[1..]), Some(rises[1]));
        assert_eq!(middle(&[]), None);
    }

    #[test]
    fn a_limit_is_forgotten_when_nothing_was_sent_for_long() {
        let mut line = Line::new();
        let full = LineSample {
            target: Duration::from_millis(100),
            arrived: 20_000,
            unsent: 0,
            rises: vec![Duration::from_millis(700)],
        };
        let mut now = Time(60_000_000);
        for _ in 0..10 {
            now = now + Duration::from_millis(200);
            assert!(!line.measure(now, &full));
        }
        let limit = line.turns.rate();
        assert!(limit.is_some_and(|rate| rate < 100_000), "{limit:?}");
        now = now + Duration::from_secs(30);
        assert!(!line.measure(now, &full));
        assert_eq!(line.turns.rate(), limit, "a pause changes nothing");
        now = now + Duration::from_secs(61);
        assert!(line.measure(now, &full));
        assert_eq!(line.turns.rate(), None);
    }
}
