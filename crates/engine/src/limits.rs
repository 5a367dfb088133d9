//! Token buckets: how many bytes may be asked for or sent now, by all torrents and by each.

use std::time::Duration;

use crate::{
    ConnId, Rates, Time, agenda::Timer, context::Context, hosts::is_near, torrent::Torrent,
};

/// How much of a second a bucket may save up while nothing flows.
const BURST: f64 = 0.25;
/// A bucket never saves less than this. A block may overdraw it, and what a slow line has to carry at once delays
/// what we ask for ourselves.
const BURST_BYTES_MIN: f64 = 4.0 * 1024.0;

/// A limit on a rate. Taking is allowed while anything is left, and may overdraw by one block.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Option<u64>,
    level: f64,
    filled: Time,
}

impl Bucket {
    /// The least pause before it is looked at again.
    pub(crate) const PAUSE_MIN: Duration = Duration::from_millis(1);

    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self { rate, level: BURST_BYTES_MIN, filled: Time(0) }
    }

    pub(crate) fn limit(&mut self, rate: Option<u64>) {
        self.rate = rate;
    }

    /// The limit, in bytes per second.
    pub(crate) fn rate(&self) -> Option<u64> {
        self.rate
    }

    /// Whether anything may flow now.
    pub(crate) fn is_open(&mut self, now: Time) -> bool {
        self.fill(now);
        self.rate.is_none() || self.level > 0.0
    }

    pub(crate) fn take(&mut self, bytes: u32) {
        if self.rate.is_some() {
            self.level -= f64::from(bytes);
        }
    }

    /// Gives back what was taken and not used.
    pub(crate) fn give_back(&mut self, bytes: u32) {
        if self.rate.is_some() {
            self.level += f64::from(bytes);
        }
    }

    /// When it opens again; `None` if it is open.
    pub(crate) fn opens(&mut self, now: Time) -> Option<Time> {
        if self.is_open(now) {
            return None;
        }
        let rate = self.rate? as f64;
        let wait = (1.0 - self.level) / rate.max(1.0);
        Some(now + Duration::from_secs_f64(wait.min(3600.0)).max(Self::PAUSE_MIN))
    }

    fn fill(&mut self, now: Time) {
        let Some(rate) = self.rate else { return };
        let most = (rate as f64 * BURST).max(BURST_BYTES_MIN);
        let gained = now.since(self.filled).as_secs_f64() * rate as f64;
        self.level = (self.level + gained).min(most);
        self.filled = now;
    }
}

/// What one torrent may ask for and send, beside what all together may.
#[derive(Debug)]
pub(crate) struct OwnLimits {
    down: Bucket,
    up: Bucket,
}

impl Default for OwnLimits {
    fn default() -> Self {
        Self { down: Bucket::new(None), up: Bucket::new(None) }
    }
}

impl OwnLimits {
    /// Bytes per second that may be sent, if that is limited.
    pub(crate) fn up_rate_max(&self) -> Option<u64> {
        self.up.rate
    }
}

impl Torrent {
    /// It has other limits from now on.
    pub(crate) fn limit(&mut self, rates: Rates) {
        self.limits.down.limit(rates.down_max);
        self.limits.up.limit(rates.up_max);
        self.chores.all = true;
    }

    /// Whether bytes may be asked for now; if not, it looks again when they may.
    pub(crate) fn may_take(&mut self, ctx: &mut Context) -> bool {
        let opens = self.limits.down.opens(ctx.now);
        plan(ctx, Timer::DownOf(self.id), opens) && ctx.down.admits(ctx.now, self.id)
    }

    /// Whether bytes may be sent now; if not, it looks again when they may.
    pub(crate) fn may_give(&mut self, ctx: &mut Context) -> bool {
        let opens = self.limits.up.opens(ctx.now);
        plan(ctx, Timer::UpOf(self.id), opens) && ctx.up.admits(ctx.now, self.id)
    }

    pub(crate) fn takes(&mut self, ctx: &mut Context, bytes: u32) {
        ctx.down.take(self.id, bytes);
        self.limits.down.take(bytes);
    }

    /// Whether bytes may be sent to a peer now without waiting in front of the household's line; if not, the torrent looks
    /// again when they may.
    pub(crate) fn may_cross(&self, ctx: &mut Context, conn: ConnId) -> bool {
        if !self.crosses(ctx, conn) {
            return true;
        }
        let (now, line) = (ctx.now, &mut ctx.line.turns);
        // Under a limit that somebody set, whose turn it is has been settled.
        if ctx.up.rate().is_some() { line.passes(now, self.id) } else { line.admits(now, self.id) }
    }

    /// Whether a peer is reached over the household's line by TCP. uTP keeps the queue short by itself.
    fn crosses(&self, ctx: &Context, conn: ConnId) -> bool {
        let is_far = self.peers.get(&conn).is_some_and(|peer| !is_near(peer.addr.ip()));
        is_far && !ctx.datagrams.contains(&conn)
    }

    pub(crate) fn gives(&mut self, ctx: &mut Context, conn: ConnId, bytes: u32) {
        ctx.up.take(self.id, bytes);
        self.limits.up.take(bytes);
        if self.crosses(ctx, conn) {
            ctx.line.turns.take(self.id, bytes);
        }
    }

    /// Bytes per second that may be asked for, if that is limited.
    pub(crate) fn down_rate_max(&self, ctx: &Context) -> Option<u64> {
        ctx.down.rate().into_iter().chain(self.limits.down.rate()).min()
    }

    /// What was to be sent could not be read.
    pub(crate) fn gave_nothing(&mut self, ctx: &mut Context, conn: ConnId, bytes: u32) {
        ctx.up.give_back(bytes);
        self.limits.up.give_back(bytes);
        if self.crosses(ctx, conn) {
            ctx.line.turns.give_back(bytes);
        }
    }
}

/// Sets the timer of a limit that is closed; whether it is open.
fn plan(ctx: &mut Context, timer: Timer, opens: Option<Time>) -> bool {
    if let Some(opens) = opens {
        ctx.agenda.set_earlier(timer, opens);
    }
    opens.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_its_rate_through_and_no_more() {
        let mut bucket = Bucket::new(Some(100_000));
        let (mut now, mut passed) = (Time(0), 0u64);
        while now < Time(10_000_000) {
            while bucket.is_open(now) {
                bucket.take(16_384);
                passed += 16_384;
            }
            now = bucket.opens(now).expect("it is closed");
        }
        assert!((950_000..1_100_000).contains(&passed), "{passed}");
    }

    #[test]
    fn no_limit_is_always_open() {
        let mut bucket = Bucket::new(None);
        bucket.take(u32::MAX);
        assert!(bucket.is_open(Time(0)));
        assert_eq!(bucket.opens(Time(0)), None);
    }
}
