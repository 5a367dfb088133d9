//! How long an answer takes, and how long to wait for one (RFC 6298).

use std::time::Duration;

use crate::{Time, delay::Minima};

/// How long the first answer is waited for.
const RTO_FIRST: Duration = Duration::from_secs(1);
/// Others may hold an acknowledgement back for a while.
const RTO_MIN: Duration = Duration::from_millis(500);
const RTO_MAX: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct RoundTrip {
    smoothed: Option<(Duration, Duration)>,
    minima: Minima,
    /// How often in a row nothing came.
    backed_off: u32,
}

impl RoundTrip {
    /// An answer to a packet that was sent once took this long.
    pub(crate) fn add(&mut self, now: Time, sample: Duration) {
        self.minima.add(now, i64::try_from(sample.as_micros()).unwrap_or(i64::MAX));
        self.smoothed = Some(match self.smoothed {
            Some((mean, spread)) => (
                mean.mul_f64(0.875) + sample.mul_f64(0.125),
                spread.mul_f64(0.75) + mean.abs_diff(sample).mul_f64(0.25),
            ),
            None => (sample, sample / 2),
        });
    }

    /// The mean of late.
    pub(crate) fn mean(&self) -> Duration {
        self.smoothed.map_or(RTO_FIRST, |(mean, _)| mean)
    }

    /// The least of late: an empty path.
    pub(crate) fn least(&self) -> Duration {
        self.minima.least().map_or(RTO_FIRST, |least| Duration::from_micros(least.unsigned_abs()))
    }

    /// How long to wait for an answer now.
    pub(crate) fn patience(&self) -> Duration {
        let patience =
            self.smoothed.map_or(RTO_FIRST, |(mean, spread)| (mean + spread * 4).max(RTO_MIN));
        patience.saturating_mul(1 << self.backed_off.min(8)).min(RTO_MAX)
    }

    /// None came: the next wait is twice as long. Returns how often in a row.
    pub(crate) fn back_off(&mut self) -> u32 {
        self.backed_off += 1;
        self.backed_off
    }

    /// Whether none came of late: what comes now may answer an earlier packet.
    pub(crate) fn is_backed_off(&self) -> bool {
        self.backed_off > 0
    }

    /// One came.
    pub(crate) fn answered(&mut self) {
        self.backed_off = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_follows_the_path_and_doubles_with_every_silence() {
        let mut rtt = RoundTrip::default();
        assert_eq!(rtt.patience(), RTO_FIRST);
        (0..100).for_each(|at| rtt.add(Time(at), Duration::from_millis(20)));
        assert_eq!((rtt.patience(), rtt.least()), (RTO_MIN, Duration::from_millis(20)));
        assert_eq!((rtt.back_off(), rtt.patience()), (1, RTO_MIN * 2));
        assert_eq!((0..20).map(|_| rtt.back_off()).last(), Some(21));
        assert_eq!(rtt.patience(), RTO_MAX);
        rtt.answered();
        assert_eq!(rtt.patience(), RTO_MIN);
        (0..100).for_each(|at| {
            rtt.add(Time(at), Duration::from_millis(if at % 2 == 0 { 200 } else { 800 }));
        });
        assert!(rtt.patience() > Duration::from_secs(1));
    }
}
