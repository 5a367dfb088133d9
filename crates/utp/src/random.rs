//! Chance that can be repeated by us and guessed by nobody: SHA-256 of a secret seed and a counter.
//!
//! Connection ids and first sequence numbers are all that a forger who does not see our packets has to guess.

use sha2::{Digest, Sha256};

#[derive(Debug, Clone)]
pub(crate) struct Random {
    seed: [u8; 32],
    drawn: u64,
}

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    pub(crate) fn draw(&mut self) -> u16 {
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes());
        self.drawn += 1;
        let digest = digest.finalize();
        u16::from_be_bytes([digest[0], digest[1]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_chance_and_another_seed_another() {
        let draw = |seed| {
            let mut random = Random::new([seed; 32]);
            (0..32).map(|_| random.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
