//! Chance that can be repeated by us and guessed by nobody: SHA-256 of a secret seed and a counter.
//!
//! Transaction ids and tokens guard against answers and announces from forged addresses, so a generator
//! whose next number follows from the last ones will not do here.

use torrent::hash::sha256;

use crate::Id;

#[derive(Debug, Clone)]
pub(crate) struct Random {
    seed: [u8; 32],
    block: u64,
    ready: [u8; 32],
    used: usize,
}

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, block: 0, ready: [0; 32], used: 32 }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for byte in &mut out {
            *byte = self.byte();
        }
        out
    }

    pub(crate) fn id(&mut self) -> Id {
        Id(self.bytes())
    }

    /// A number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        let high = u128::from(u64::from_be_bytes(self.bytes()));
        usize::try_from((high * u128::from(end)) >> 64).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.ready.len() {
            self.refill();
        }
        self.used += 1;
        self.ready[self.used - 1]
    }

    fn refill(&mut self) {
        let mut input = [0; 40];
        input[..32].copy_from_slice(&self.seed);
        input[32..].copy_from_slice(&self.block.to_be_bytes());
        self.ready = sha256(&input).0;
        self.block += 1;
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_chance_and_another_seed_another() {
        let draw = |seed| Random::new([seed; 32]).bytes::<64>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_number_below_a_bound_is_below_it_and_reaches_every_value() {
        let mut random = Random::new([7; 32]);
        let drawn: std::collections::BTreeSet<_> = (0..200).map(|_| random.below(5)).collect();
        assert_eq!(drawn, (0..5).collect());
        assert_eq!(random.below(0), 0);
    }
}
