//! What a source is worth: its rate, its round trip, how much to ask of it, when a block would come.

use std::time::Duration;

use torrent::BLOCK_LEN;

use crate::Time;

/// Memory of the rate estimate: old bytes count half after about this long of being busy, in seconds.
const RATE_MEMORY_S: f64 = 2.0;
/// What a cold connection sends in its first round trip (RFC 6928), in bytes.
const INITIAL_WINDOW: f64 = 14_600.0;
/// A rate is not guessed below or above these before it is measured, in bytes per second.
const GUESS: (f64, f64) = (30_000.0, 400_000.0);
/// Round trip assumed before one was measured, in seconds.
const RTT_GUESS: f64 = 0.15;
/// How much more than a round trip's worth of requests is kept open, in seconds.
pub(crate) const QUEUE_SLACK: f64 = 0.1;
/// … and while every player has enough: what is queued is what a seek waits for.
pub(crate) const QUEUE_SLACK_CALM: f64 = 0.02;
/// Open requests to a source that has not delivered yet, where there are others and where it is alone.
const QUEUE_COLD: (u32, u32) = (2, 64);
/// How much a block lets the queue grow at most while it finds out what the line holds: fourfold per round trip.
const GROWTH_MAX: u32 = 3;
/// Open requests, whatever the rate.
pub(crate) const QUEUE_MAX: u32 = 500;
/// A measurement needs this many bytes before it replaces the guess.
const MEASURED_BYTES_MIN: f64 = 8_192.0;
/// … or this long of owing bytes: who gives a byte a second has shown what it is, in seconds.
const MEASURED_S_MIN: f64 = 2.0;
/// A source that lets a single request wait longer has a queue of its own: ours need not be as long, in seconds.
const WAIT_MAX: f64 = 0.6;
/// A round trip that brings this many times what the estimate says: the way has opened further since (the growth by which
/// BBR's startup tells that a pipe is not full, Cardwell et al. 2016).
const ROUND_GROWTH: f64 = 1.25;
/// … and so many round trips without that: it is full.
const ROUNDS_FLAT: u8 = 3;
/// What a round trip brings at least for that to count, in bytes: of less, a block more or less is chance.
const ROUND_BYTES_MIN: f64 = 65_536.0;
/// How much more is asked for while it opens: TCP sends twice as much with each round trip, if it is asked for.
const OPENING_GAIN: f64 = 2.0;
/// Silence longer than this many times the expected gap makes a source look slower.
const SILENCE_FACTOR: f64 = 2.0;

/// The pace of one source: a peer or a web seed.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Bytes and busy seconds, both fading.
    bytes: f64,
    seconds: f64,
    /// Round trip of the handshake, in seconds: no answer is faster.
    handshake: Option<f64>,
    /// Least time from a request to its answer, the block's own time on the line not counted, in seconds.
    rtt: Option<f64>,
    /// Ordinary time from a request to the first byte of its answer with nothing queued before it, in seconds. Beside
    /// the path it holds what the source takes to look: some look at their requests twice a second.
    wait: Option<f64>,
    /// Nothing has come since it was idle: the wait for the first byte says nothing about the rate.
    fresh: bool,
    /// Smoothed difference of answers from what was expected, in seconds.
    deviation: f64,
    /// While the queue grows to what the line holds; over when answers start to wait behind each other.
    slow_start: Option<u32>,
    /// While the TCP of a sender who is alone opens its window: what the rate was a few round trips ago says little of what
    /// it is. Where others give as well the line is theirs, too, and what is asked too much of one is asked twice.
    opening: Option<Opening>,
    /// It was asked for much at once, before anything was known of it, because nobody else was there.
    alone: bool,
    /// Bytes asked for and not come.
    pub(crate) in_flight: u64,
    /// The last time bytes came, or work was given to an idle source.
    progress: Time,
    /// The last time a whole block came, or work was given to an idle source.
    delivered: Time,
}

/// What came in the round trip that is under way, while each brings more than the one before it.
#[derive(Debug, Clone)]
struct Opening {
    began: Time,
    bytes: f64,
    /// Whether a round trip brought enough to count.
    has_grown: bool,
    /// Round trips since then that brought no more.
    flat: u8,
}

impl Opening {
    fn new(now: Time) -> Self {
        Self { began: now, bytes: 0.0, has_grown: false, flat: 0 }
    }
}

impl Pace {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            bytes: 0.0,
            seconds: 0.0,
            handshake: None,
            rtt: None,
            wait: None,
            fresh: true,
            deviation: 0.0,
            slow_start: Some(QUEUE_COLD.0),
            opening: None,
            alone: false,
            in_flight: 0,
            progress: now,
            delivered: now,
        }
    }

    /// A handshake was answered.
    pub(crate) fn greeted(&mut self, took: Duration) {
        self.handshake = Some(took.as_secs_f64().max(0.000_1));
    }

    /// A request was answered.
    pub(crate) fn answered(&mut self, took: Duration, bytes: u32) {
        let line = if self.is_measured() { f64::from(bytes) / self.rate() } else { 0.0 };
        let took = (took.as_secs_f64() - line).max(self.handshake.unwrap_or(0.000_1));
        self.rtt = Some(self.rtt.map_or(took, |rtt| rtt.min(took)));
    }

    /// The first byte of an answer came, with nothing queued before it.
    fn waited(&mut self, seconds: f64) {
        self.wait = Some(self.wait.map_or(seconds, |wait| wait + (seconds - wait) / 4.0));
    }

    /// How long a request alone waits for its answer, in seconds.
    fn wait(&self) -> f64 {
        self.wait.map_or(self.rtt(), |wait| wait.min(WAIT_MAX).max(self.rtt()))
    }

    pub(crate) fn asked(&mut self, now: Time, bytes: u32) {
        if self.in_flight == 0 {
            self.progress = now;
            self.delivered = now;
            self.fresh = true;
            if let Some(opening) = &mut self.opening {
                (opening.began, opening.bytes) = (now, 0.0);
            }
        }
        self.in_flight += u64::from(bytes);
    }

    /// A request was taken back, rejected or forgotten.
    pub(crate) fn released(&mut self, bytes: u32) {
        self.in_flight = self.in_flight.saturating_sub(u64::from(bytes));
    }

    /// Raw bytes came while requests were open: part of a block counts at once.
    pub(crate) fn flowed(&mut self, now: Time, bytes: usize) {
        if self.in_flight == 0 {
            return;
        }
        let (mut bytes, mut busy) = (bytes as f64, now.since(self.progress).as_secs_f64());
        if std::mem::take(&mut self.fresh) {
            let (waited, is_first) = (busy, self.bytes <= 0.0);
            // The first bytes of all: what they took beyond a round trip, but never faster than was guessed.
            bytes = bytes.min(INITIAL_WINDOW);
            busy = (busy - self.rtt()).max(bytes / self.rate());
            self.waited(waited);
            if !is_first {
                self.progress = now;
                return;
            }
        }
        let fade = RATE_MEMORY_S / (RATE_MEMORY_S + busy);
        self.bytes = self.bytes * fade + bytes;
        self.seconds = self.seconds * fade + busy;
        self.progress = now;
        self.open(now, bytes);
    }

    /// While each round trip brings more than the one before, the last one alone tells the rate.
    fn open(&mut self, now: Time, bytes: f64) {
        let (wait, rate) = (self.wait(), self.rate());
        let Some(opening) = &mut self.opening else { return };
        opening.bytes += bytes;
        let span = now.since(opening.began).as_secs_f64();
        if span < wait {
            return;
        }
        let came = opening.bytes;
        (opening.began, opening.bytes) = (now, 0.0);
        if came >= ROUND_BYTES_MIN && came > rate * span * ROUND_GROWTH {
            (opening.has_grown, opening.flat) = (true, 0);
            (self.bytes, self.seconds) = (came, span);
        } else if opening.has_grown {
            opening.flat += 1;
            if opening.flat >= ROUNDS_FLAT {
                self.opening = None;
            }
        }
    }

    /// A block came in full; `sent` is when it was asked for.
    pub(crate) fn arrived(&mut self, now: Time, bytes: u32, sent: Time) {
        let took = now.since(sent);
        let gap = now.since(self.delivered).as_secs_f64();
        self.delivered = now;
        self.answered(took, bytes);
        self.released(bytes);
        self.fresh = false;
        let took = took.as_secs_f64();
        // What was queued behind others waits longer than what was alone: if not, that one met a bad moment.
        if let Some(wait) = self.wait.filter(|wait| took < *wait) {
            self.wait = Some(wait + (took - wait) / 16.0);
        }
        let late = took - self.rtt();
        self.deviation += (late.abs() - self.deviation) / 8.0;
        if let Some(queue) = self.slow_start {
            let waits = took > 2.0 * self.wait() + QUEUE_SLACK;
            self.slow_start =
                (!waits && queue < QUEUE_MAX).then_some(queue + self.growth(queue, gap));
        }
    }

    /// By how many requests a block lets the queue grow: by what the line holds more than is asked for, as far as the
    /// time since the block before it tells.
    fn growth(&self, queue: u32, gap: f64) -> u32 {
        let holds = (self.wait() + QUEUE_SLACK) / gap.max(0.000_1);
        (holds as u32).saturating_sub(queue).min(GROWTH_MAX)
    }

    /// Least round trip, in seconds.
    pub(crate) fn rtt(&self) -> f64 {
        self.rtt.or(self.handshake).unwrap_or(RTT_GUESS)
    }

    /// Whether a block of it ever came.
    pub(crate) fn has_given(&self) -> bool {
        self.rtt.is_some()
    }

    /// Whether its rate was measured rather than guessed.
    pub(crate) fn is_measured(&self) -> bool {
        let long = self.bytes > 0.0 && self.seconds >= MEASURED_S_MIN;
        long || (self.bytes >= MEASURED_BYTES_MIN && self.seconds > 0.0)
    }

    /// Bytes per second while busy, in the past.
    pub(crate) fn rate(&self) -> f64 {
        if self.is_measured() {
            self.bytes / self.seconds.max(0.000_1)
        } else {
            (INITIAL_WINDOW / self.rtt()).clamp(GUESS.0, GUESS.1)
        }
    }

    /// Bytes per second to expect now: silence makes it fall.
    pub(crate) fn rate_now(&self, now: Time) -> f64 {
        let rate = self.rate();
        let silence = self.silence(now);
        let gap = self.gap();
        if silence < SILENCE_FACTOR * gap {
            return rate;
        }
        rate.min(f64::from(BLOCK_LEN) / silence)
    }

    /// How long it has owed bytes without sending any, in seconds.
    pub(crate) fn silence(&self, now: Time) -> f64 {
        if self.in_flight == 0 { 0.0 } else { now.since(self.progress).as_secs_f64() }
    }

    /// The longest ordinary pause before bytes come, in seconds.
    pub(crate) fn gap(&self) -> f64 {
        self.rtt() + f64::from(BLOCK_LEN).min(self.rate()) / self.rate()
    }

    /// When `bytes` asked for now would have come, behind what is in flight.
    pub(crate) fn eta(&self, now: Time, bytes: u32) -> Time {
        self.eta_behind(now, self.in_flight, bytes)
    }

    /// When `bytes` would have come with `ahead` bytes to come before them.
    pub(crate) fn eta_behind(&self, now: Time, ahead: u64, bytes: u32) -> Time {
        let rate = self.rate_now(now);
        let wait = self.rtt().max(ahead as f64 / rate) + f64::from(bytes) / rate;
        now + Duration::from_secs_f64(wait.min(3600.0))
    }

    /// When the last of `bytes` that were asked for should be here: the line carries them one after the other, and nothing
    /// is here sooner than a round trip and a block's own time after it was asked for at `sent`.
    pub(crate) fn arrives(&self, now: Time, bytes: u64, sent: Time) -> Time {
        let rate = self.rate_now(now);
        let span = |seconds: f64| Duration::from_secs_f64(seconds.min(3600.0));
        let flows = now + span(bytes as f64 / rate);
        flows.max(sent + span(self.rtt() + f64::from(BLOCK_LEN) / rate))
    }

    /// The time that passed says nothing: nobody could hear anything.
    pub(crate) fn woke(&mut self, now: Time) {
        self.progress = now;
        self.delivered = now;
    }

    /// How many bytes may be in flight: the rate over a round trip and a little (`slack`, in seconds), and one block. On a
    /// thin line that block alone takes longer than the slack; more than it would only fill the queue of somebody's router.
    fn window(&self, slack: f64) -> u64 {
        let block_s = f64::from(BLOCK_LEN) / self.rate();
        let span = self.wait() + (slack - block_s).max(QUEUE_SLACK_CALM);
        let opens = self.opening.as_ref().is_some_and(|opening| opening.has_grown);
        let gain = if opens { OPENING_GAIN } else { 1.0 };
        let held = self.rate() * span * gain + f64::from(BLOCK_LEN);
        let bytes = match self.slow_start.map(|queue| f64::from(queue) * f64::from(BLOCK_LEN)) {
            Some(queue) if opens => queue.max(held),
            Some(queue) => queue,
            None => held,
        };
        bytes.min(f64::from(QUEUE_MAX) * f64::from(BLOCK_LEN)) as u64
    }

    /// It is asked for the first time. Who is alone, while somebody watches, is asked for more at once: nobody else could
    /// bring it sooner, and TCP opens its window only as far as there is something to send.
    pub(crate) fn begin(&mut self, now: Time, is_alone: bool) {
        if self.rtt.is_none() && self.slow_start.is_some() {
            self.slow_start = Some(if is_alone { QUEUE_COLD.1 } else { QUEUE_COLD.0 });
            self.opening = is_alone.then(|| Opening::new(now));
            self.alone |= is_alone;
        }
    }

    /// Somebody else gives as well: from now on the queue is what its line was seen to hold. Tells whether more was asked
    /// of it until now because it was alone.
    pub(crate) fn has_company(&mut self) -> bool {
        let was_alone = std::mem::take(&mut self.alone);
        self.opening = None;
        if was_alone && self.slow_start.is_some() {
            self.slow_start = (!self.is_measured()).then_some(QUEUE_COLD.0);
        }
        was_alone
    }

    /// How many bytes more may be asked for now, with so many requests open at most, when the first `part` bytes of a
    /// block are here. On a thin line a block takes long: the next one is asked for when what is left of it takes no
    /// longer than the way there and back, so that a seek finds little queued before it.
    pub(crate) fn room(&self, blocks_max: u32, part: u64, slack: f64) -> u64 {
        let coming = self.in_flight.saturating_sub(part);
        let most = u64::from(blocks_max.clamp(1, QUEUE_MAX)) * u64::from(BLOCK_LEN);
        self.window(slack).saturating_sub(coming).min(most.saturating_sub(self.in_flight))
    }

    /// How long to wait for bytes before it counts as a broken promise.
    pub(crate) fn patience(&self) -> Duration {
        let expected = 4.0 * (self.gap() + 2.0 * self.deviation);
        Duration::from_secs_f64(expected.clamp(PATIENCE.0, PATIENCE.1))
    }

    /// When patience ends, if nothing comes, or no whole block.
    pub(crate) fn patience_ends(&self) -> Time {
        (self.progress + self.patience()).min(self.delivered + BLOCK_PATIENCE)
    }
}

/// Patience with a silent source is never shorter or longer than these, in seconds.
const PATIENCE: (f64, f64) = (3.0, 20.0);
/// A source that sends something now and then, but no whole block for this long, is silent all the same.
pub(crate) const BLOCK_PATIENCE: Duration = Duration::from_secs(60);

/// A byte counter with a rate for people: a five second average.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    pub(crate) total: u64,
    level: f64,
    at: Time,
}

/// Time constant of the average for people, in seconds.
const METER_MEMORY_S: f64 = 5.0;

impl Meter {
    pub(crate) fn count(&mut self, now: Time, bytes: u64) {
        self.total += bytes;
        self.level = self.faded(now) + bytes as f64;
        self.at = now;
    }

    /// Bytes per second.
    pub(crate) fn rate(&self, now: Time) -> u64 {
        (self.faded(now) / METER_MEMORY_S) as u64
    }

    fn faded(&self, now: Time) -> f64 {
        self.level * (-now.since(self.at).as_secs_f64() / METER_MEMORY_S).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that delivers blocks of 16 KiB at `rate` after `rtt` in packets of 1 KiB, asked as the window allows.
    fn run(rate: f64, rtt: f64, seconds: f64) -> (Pace, f64) {
        const PACKET: u32 = 1024;
        let mut pace = Pace::new(Time(0));
        pace.greeted(Duration::from_secs_f64(rtt));
        let mut queue = std::collections::VecDeque::new();
        let (mut now, mut free, mut got) = (0.0_f64, 0.0_f64, 0.0);
        let mut part = 0;
        while now < seconds {
            while pace.room(QUEUE_MAX, part.into(), QUEUE_SLACK) >= u64::from(BLOCK_LEN) {
                pace.asked(at(now), BLOCK_LEN);
                for _ in 0..BLOCK_LEN / PACKET {
                    free = free.max(now + rtt) + f64::from(PACKET) / rate;
                    queue.push_back((now, free));
                }
            }
            let (sent, comes) = queue.pop_front().expect("something is always asked for");
            now = comes;
            pace.flowed(at(now), PACKET as usize);
            part += PACKET;
            if part == BLOCK_LEN {
                part = 0;
                pace.arrived(at(now), BLOCK_LEN, at(sent));
            }
            got += f64::from(PACKET);
        }
        (pace, got / now)
    }

    fn at(seconds: f64) -> Time {
        Time((seconds * 1e6) as u64)
    }

    #[test]
    fn the_queue_grows_until_the_link_is_full_and_stays_short() {
        for (rate, rtt) in [(2e6, 0.1), (150e3, 0.1), (20e3, 0.1), (10e6, 0.02), (60e3, 0.15)] {
            let (pace, reached) = run(rate, rtt, 30.0);
            assert!(reached > 0.85 * rate, "{rate} B/s over {rtt} s: only {reached}");
            let queued = pace.window(QUEUE_SLACK) as f64 / rate;
            let block_s = f64::from(BLOCK_LEN) / rate;
            let slack = (QUEUE_SLACK - block_s).max(QUEUE_SLACK_CALM) + 0.02;
            let most = pace.rtt() + slack + 1.1 * block_s;
            assert!(queued <= most, "{rate} B/s over {rtt} s: {queued} s are queued");
        }
    }

    #[test]
    fn a_line_that_holds_far_more_than_is_asked_for_fills_fourfold_with_each_round_trip() {
        let (_, rate) = run(12.5e6, 0.08, 0.4);
        let blocks = rate * 0.4 / f64::from(BLOCK_LEN);
        // Twice as much with each brings 30.
        assert!(blocks > 80.0, "{blocks} blocks came");
    }

    /// A source alone whose TCP starts with ten segments and doubles them with each round trip until `rate` is reached:
    /// seconds from the first request until `wanted` bytes are here, and what the same sender needs that never waits for a
    /// request.
    fn open(rate: f64, rtt: f64, wanted: f64) -> (f64, f64) {
        const SEGMENT: f64 = 1460.0;
        let mut pace = Pace::new(Time(0));
        pace.greeted(Duration::from_secs_f64(rtt));
        pace.begin(Time(0), true);
        // When each request was made, and what of those that are here came until now.
        let mut asked: Vec<f64> = Vec::new();
        let (mut sent, mut best, mut window) = (0.0, 0.0_f64, INITIAL_WINDOW);
        let (mut came, mut free) = (0, rtt / 2.0);
        let ask = |pace: &mut Pace, asked: &mut Vec<f64>, now: f64| {
            while pace.room(QUEUE_MAX, 0, QUEUE_SLACK) >= u64::from(BLOCK_LEN) {
                pace.asked(at(now), BLOCK_LEN);
                asked.push(now);
            }
        };
        ask(&mut pace, &mut asked, 0.0);
        let (mut round, mut now, mut ideal) = (rtt / 2.0, 0.0, None);
        while now < 30.0 {
            // What the window lets go in this round trip, segment by segment, while there are requests for it.
            let (until, mut left) = (round + rtt, window.min(rate * rtt));
            best += left;
            if best >= wanted && ideal.is_none() {
                ideal = Some(until + rtt / 2.0 - (best - wanted) / rate);
            }
            free = free.max(round);
            while left > 0.0 && free < until {
                let heard = asked.iter().filter(|at| **at + rtt / 2.0 <= free).count() as f64;
                if heard * f64::from(BLOCK_LEN) < sent + SEGMENT {
                    free += 0.001;
                    continue;
                }
                (sent, left, free) = (sent + SEGMENT, left - SEGMENT, free + SEGMENT / rate);
                now = free + rtt / 2.0;
                pace.flowed(at(now), SEGMENT as usize);
                if sent >= f64::from(came + 1) * f64::from(BLOCK_LEN) {
                    pace.arrived(at(now), BLOCK_LEN, at(asked[came as usize]));
                    came += 1;
                }
                if sent >= wanted {
                    return (now, ideal.unwrap_or(now));
                }
                ask(&mut pace, &mut asked, now);
            }
            window = (window * 2.0).min(rate * rtt * 2.0);
            round = until;
        }
        panic!("{rate} {rtt}: {sent} of {wanted} bytes came");
    }

    #[test]
    fn a_sender_whose_tcp_opens_never_waits_for_requests() {
        for (rate, rtt) in [(12.5e6, 0.08), (6e6, 0.1), (2.5e6, 0.06), (12.5e6, 0.03)] {
            let (took, ideal) = open(rate, rtt, 3e6);
            assert!(took < ideal * 1.08, "{rate} B/s over {rtt} s: {took} s, {ideal} s at best");
        }
    }

    /// Transmission answers what was asked of it every half second, all at once, and its handshake at once.
    #[test]
    fn a_source_that_looks_at_its_requests_twice_a_second_is_asked_for_more_each_time() {
        let mut pace = Pace::new(Time(0));
        pace.greeted(Duration::from_micros(200));
        let (mut got, mut sent) = (0, 0.0);
        for pulse in 1..=60 {
            let blocks = pace.room(QUEUE_MAX, 0, QUEUE_SLACK) / u64::from(BLOCK_LEN);
            for _ in 0..blocks {
                pace.asked(at(sent), BLOCK_LEN);
            }
            let now = f64::from(pulse) * 0.5;
            for _ in 0..blocks.min(64) {
                pace.flowed(at(now), BLOCK_LEN as usize);
                pace.arrived(at(now), BLOCK_LEN, at(sent));
            }
            (got, sent) = (got + blocks.min(64), now);
            pace.released(BLOCK_LEN * u32::try_from(blocks.saturating_sub(64)).unwrap());
        }
        assert!(got > 55 * 64, "{got} of {} blocks", 60 * 64);
    }

    #[test]
    fn who_gives_a_byte_a_second_looks_as_slow_as_it_is_and_does_not_keep_our_patience() {
        let mut pace = Pace::new(Time(0));
        pace.asked(at(0.0), BLOCK_LEN);
        let mut ends = pace.patience_ends();
        let mut second = 0.0;
        while at(second) < ends && second < 100.0 {
            second += 1.0;
            pace.flowed(at(second), 1);
            ends = pace.patience_ends();
        }
        assert!(second <= 60.0, "{second} s of patience");
        assert!(pace.eta(at(5.0), BLOCK_LEN) > at(600.0));
    }

    #[test]
    fn silence_makes_a_source_look_slow() {
        let (pace, _) = run(2e6, 0.1, 5.0);
        let now = pace.progress;
        let mut silent = pace.clone();
        silent.asked(now, BLOCK_LEN);
        let soon = silent.eta(now, BLOCK_LEN).since(now);
        let later = now + Duration::from_secs(5);
        let late = silent.eta(later, BLOCK_LEN).since(later);
        assert!(late > 10 * soon, "{late:?} is not much later than {soon:?}");
    }

    #[test]
    fn the_meter_shows_the_rate_of_the_last_seconds() {
        let mut meter = Meter::default();
        for tenth in 0..300 {
            meter.count(Time(tenth * 100_000), 10_000);
        }
        let rate = meter.rate(Time(30_000_000));
        assert!((95_000..105_000).contains(&rate), "{rate}");
        assert!(meter.rate(Time(60_000_000)) < 1_000);
    }
}
