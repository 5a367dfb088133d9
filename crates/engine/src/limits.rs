//! Token buckets: how many bytes may be asked for or sent now.

use std::time::Duration;

use crate::Time;

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
    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self { rate, level: BURST_BYTES_MIN, filled: Time(0) }
    }

    pub(crate) fn limit(&mut self, rate: Option<u64>) {
        self.rate = rate;
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
        Some(now + Duration::from_secs_f64(wait.clamp(0.001, 3600.0)))
    }

    fn fill(&mut self, now: Time) {
        let Some(rate) = self.rate else { return };
        let most = (rate as f64 * BURST).max(BURST_BYTES_MIN);
        let gained = now.since(self.filled).as_secs_f64() * rate as f64;
        self.level = (self.level + gained).min(most);
        self.filled = now;
    }
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
