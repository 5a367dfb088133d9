//! So many a second and no more: what strangers can make us do.

use crate::Time;

/// A bucket that fills with time, for one second at most.
#[derive(Debug)]
pub(crate) struct Budget {
    per_second: u64,
    /// Millionths.
    left: u64,
    at: Time,
}

impl Budget {
    pub(crate) fn new(per_second: u32) -> Self {
        let per_second = u64::from(per_second);
        Self { per_second, left: per_second * 1_000_000, at: Time(0) }
    }

    /// Whether there is one left, which is used then.
    pub(crate) fn spend(&mut self, now: Time) -> bool {
        let micros = u64::try_from(now.since(self.at).as_micros()).unwrap_or(u64::MAX);
        let grown = self.left.saturating_add(micros.saturating_mul(self.per_second));
        self.left = grown.min(self.per_second * 1_000_000);
        self.at = now;
        let has = self.left >= 1_000_000;
        self.left -= if has { 1_000_000 } else { 0 };
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_and_grows_again() {
        let mut budget = Budget::new(10);
        let spent = |budget: &mut Budget, at| (0..100).filter(|_| budget.spend(Time(at))).count();
        assert_eq!(spent(&mut budget, 0), 10);
        assert_eq!(spent(&mut budget, 500_000), 5);
        assert_eq!(spent(&mut budget, 90_000_000), 10);
    }
}
