//! Chance that can be repeated: every random choice follows from the seed or the secret in the configuration.

use torrent::{encryption::Draw, hash::Sha256Hasher};

use crate::Secret;

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast and good enough for choices nobody attacks.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let high = u64::from((self.next() >> 32) as u32);
        u32::try_from((high * u64::from(end)) >> 32).unwrap_or(0)
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(self.below(1 << 24)) / f64::from(1 << 24)
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = self.below(u32::try_from(at + 1).unwrap_or(u32::MAX)) as usize;
            all.swap(at, other);
        }
    }
}

/// What nobody may guess: SHA-256 of the secret and a counter. [`Random`] would not do, because whoever sees
/// one of its numbers knows the next.
#[derive(Debug)]
pub(crate) struct Secrets {
    secret: Secret,
    drawn: u64,
}

impl Secrets {
    pub(crate) fn new(secret: Secret) -> Self {
        Self { secret, drawn: 0 }
    }

    /// The random numbers of one encrypted handshake.
    pub(crate) fn draw(&mut self) -> Draw {
        let mut random = [0; Draw::LEN];
        for part in random.chunks_mut(32) {
            let bytes = self.next();
            part.copy_from_slice(&bytes[..part.len()]);
        }
        Draw::new(random)
    }

    fn next(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let mut hasher = Sha256Hasher::new();
        hasher.update(&self.secret.0);
        hasher.update(&self.drawn.to_be_bytes());
        hasher.finish().0
    }
}
