//! How many bytes may be fetched twice for speed.

/// Share of received bytes that may be wasted.
const SHARE: f64 = 0.006;
/// The first budget and the overdraft are never more than this share of the content each.
const CONTENT_SHARE: f64 = 0.003;
/// Beyond all that, for the last blocks of a download: this share of the content. What was spent at the start
/// must not be missing at the end, where everything waits for the slowest source.
const LAST_SHARE: f64 = 0.005;
/// The budget never grows beyond this, in bytes.
const BUDGET_MAX: f64 = 2.0 * 1024.0 * 1024.0;
/// The budget at the start, in bytes: enough to save one slow start.
const BUDGET_FIRST: f64 = 256.0 * 1024.0;
/// How far a waiting player may overdraw it, in bytes.
const OVERDRAFT: f64 = 384.0 * 1024.0;

/// Beyond all that, for what a player waits for at the start, when nobody's rate is known: in bytes. As with the others, in a
/// short film it is less.
const FIRST: f64 = 256.0 * 1024.0;

/// What a second copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A deadline that would be missed.
    Deadline,
    /// A player that waits.
    Waiting,
    /// A player that waits for somebody who has brought nothing yet.
    Promised,
    /// The end of a download.
    Last,
}

/// A block.
const ONE: f64 = torrent::BLOCK_LEN as f64;

/// A budget of wasted bytes. Second requests reserve; what a cancel saves is given back.
#[derive(Debug)]
pub(crate) struct Waste {
    level: f64,
    reserved: f64,
    overdraft: f64,
    /// How much further than that the last blocks may go.
    last: f64,
    /// What is left for the first ones.
    first: f64,
    pub(crate) total: u64,
    /// Those of them that were thrown away because something was wrong with them.
    pub(crate) wrong: u64,
}

impl Waste {
    pub(crate) fn new() -> Self {
        let (level, first) = (BUDGET_FIRST, FIRST);
        Self { level, reserved: 0.0, overdraft: OVERDRAFT, last: 0.0, first, total: 0, wrong: 0 }
    }

    /// The length of the content became known: in a short film a few second copies are a large share.
    pub(crate) fn fit(&mut self, content_len: u64) {
        let most = CONTENT_SHARE * content_len as f64;
        self.level = self.level.min(most);
        // One block may come twice however short the film is: a player that waits must not wait for one source.
        self.overdraft = self.overdraft.min(most).max(ONE);
        self.first = self.first.min(most);
        self.last = (LAST_SHARE * content_len as f64).clamp(ONE, BUDGET_MAX);
    }

    /// Useful bytes came.
    pub(crate) fn earn(&mut self, bytes: u32) {
        self.level = (self.level + SHARE * f64::from(bytes)).min(BUDGET_MAX);
    }

    /// Reserves a second copy of a block, if the budget allows.
    pub(crate) fn reserve(&mut self, bytes: u32, purpose: Purpose) -> bool {
        let floor = match purpose {
            Purpose::Deadline => 0.0,
            Purpose::Waiting => -self.overdraft,
            Purpose::Promised if self.may_promise(bytes) => {
                // What it may cost is added, so that nothing is missing for what is late afterwards.
                self.first -= f64::from(bytes);
                self.level += f64::from(bytes);
                f64::NEG_INFINITY
            }
            Purpose::Promised => return false,
            Purpose::Last => -self.overdraft - self.last,
        };
        let allowed = self.level - self.reserved - f64::from(bytes) >= floor;
        if allowed {
            self.reserved += f64::from(bytes);
        }
        allowed
    }

    /// Whether the purse for what is only promised has so much left.
    pub(crate) fn may_promise(&self, bytes: u32) -> bool {
        self.first >= f64::from(bytes)
    }

    /// A second copy is not needed any more: cancelled, or it was the one that came first.
    pub(crate) fn settle(&mut self, bytes: u32) {
        self.reserved = (self.reserved - f64::from(bytes)).max(0.0);
    }

    /// Bytes came that were of no use.
    pub(crate) fn spend(&mut self, bytes: u32) {
        self.level = (self.level - f64::from(bytes)).max(-BUDGET_MAX);
        self.total += u64::from(bytes);
    }

    /// Bytes are thrown away because they, or what they came with, were wrong. No copy of ours was to blame.
    pub(crate) fn discard(&mut self, bytes: u32) {
        self.total += u64::from(bytes);
        self.wrong += u64::from(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_player_may_overdraw_and_nobody_else() {
        let mut waste = Waste::new();
        while waste.reserve(16_384, Purpose::Deadline) {}
        assert!(waste.reserve(16_384, Purpose::Waiting));
        while waste.reserve(16_384, Purpose::Waiting) {}
        assert!(!waste.reserve(16_384, Purpose::Waiting));
    }

    #[test]
    fn in_a_short_film_few_copies_are_allowed() {
        let mut waste = Waste::new();
        waste.fit(8 << 20);
        let copies = (0..).take_while(|_| waste.reserve(16_384, Purpose::Waiting)).count();
        assert!(copies <= 5, "{copies} blocks of 512 may come twice");
    }

    #[test]
    fn the_last_blocks_may_come_twice_whatever_was_spent_before() {
        let mut waste = Waste::new();
        waste.fit(100 << 20);
        while waste.reserve(16_384, Purpose::Waiting) {
            waste.settle(16_384);
            waste.spend(16_384);
        }
        let copies = (0..).take_while(|_| waste.reserve(16_384, Purpose::Last)).count();
        assert!((30..=34).contains(&copies), "{copies} blocks of 6,400");
    }

    #[test]
    fn what_is_only_promised_is_paid_from_a_purse_of_its_own() {
        let mut waste = Waste::new();
        waste.fit(1 << 30);
        let mut copies = 0;
        while waste.reserve(16_384, Purpose::Promised) {
            waste.settle(16_384);
            waste.spend(16_384);
            copies += 1;
        }
        assert_eq!(copies, 16, "as many as a waiting player waits for");
        let late = (0..).take_while(|_| waste.reserve(16_384, Purpose::Deadline)).count();
        assert_eq!(late, 16, "nothing is missing afterwards");
    }

    #[test]
    fn what_was_cancelled_costs_nothing() {
        let mut waste = Waste::new();
        for _ in 0..1000 {
            assert!(waste.reserve(16_384, Purpose::Deadline));
            waste.settle(16_384);
        }
        assert_eq!(waste.total, 0);
    }
}
