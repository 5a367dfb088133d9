//! How many bytes may be fetched twice for speed.

/// Share of received bytes that may be wasted.
const SHARE: f64 = 0.02;
/// The budget never grows beyond this, in bytes.
const BUDGET_MAX: f64 = 2.0 * 1024.0 * 1024.0;
/// The budget at the start, in bytes: enough to save one slow start.
const BUDGET_FIRST: f64 = 256.0 * 1024.0;
/// How far a waiting player may overdraw it, in bytes.
const OVERDRAFT: f64 = 384.0 * 1024.0;

/// A budget of wasted bytes. Second requests reserve; what a cancel saves is given back.
#[derive(Debug)]
pub(crate) struct Waste {
    level: f64,
    reserved: f64,
    pub(crate) total: u64,
}

impl Waste {
    pub(crate) fn new() -> Self {
        Self { level: BUDGET_FIRST, reserved: 0.0, total: 0 }
    }

    /// Useful bytes came.
    pub(crate) fn earn(&mut self, bytes: u32) {
        self.level = (self.level + SHARE * f64::from(bytes)).min(BUDGET_MAX);
    }

    /// Reserves a second copy of a block, if the budget allows.
    pub(crate) fn reserve(&mut self, bytes: u32, blocking: bool) -> bool {
        let floor = if blocking { -OVERDRAFT } else { 0.0 };
        let allowed = self.level - self.reserved - f64::from(bytes) >= floor;
        if allowed {
            self.reserved += f64::from(bytes);
        }
        allowed
    }

    /// A second copy is not needed any more: cancelled, or it was the one that came first.
    pub(crate) fn settle(&mut self, bytes: u32) {
        self.reserved = (self.reserved - f64::from(bytes)).max(0.0);
    }

    /// Bytes came that were of no use.
    pub(crate) fn spend(&mut self, bytes: u32) {
        self.level = (self.level - f64::from(bytes)).max(-2.0 * OVERDRAFT);
        self.total += u64::from(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_player_may_overdraw_and_nobody_else() {
        let mut waste = Waste::new();
        while waste.reserve(16_384, false) {}
        assert!(waste.reserve(16_384, true));
        while waste.reserve(16_384, true) {}
        assert!(!waste.reserve(16_384, true));
    }

    #[test]
    fn what_was_cancelled_costs_nothing() {
        let mut waste = Waste::new();
        for _ in 0..1000 {
            assert!(waste.reserve(16_384, false));
            waste.settle(16_384);
        }
        assert_eq!(waste.total, 0);
    }
}
