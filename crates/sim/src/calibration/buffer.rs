//! Zhou, Chiu and Lui (2007): a live stream through a sliding buffer, the rarest chunk against the most urgent one.
//!
//! In every slot the source gives a new chunk to one peer by chance; everybody else asks one peer by chance for one
//! chunk that they lack and it has. Then all buffers shift. Published is how likely the last place of a buffer is
//! filled when it is played.

use std::fmt;

use crate::random::Random;

/// Which chunk is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// The newest, which is the rarest.
    Rarest,
    /// The one that is played first.
    Urgent,
    /// The rarest of so many new ones, else the one that is played first.
    Mixed(u32),
}

/// A swarm of such peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    peers: usize,
    /// Places of a buffer, at most 64.
    places: u32,
    taking: Taking,
}

impl Buffer {
    /// How far from the recursion a swarm of peers may be: it takes their buffers for independent of each other.
    pub const TOLERANCE: f64 = 0.015;

    /// What was published: the recursion's values, for 1,000 peers and 40 places, and at full size for others.
    #[must_use]
    pub fn published(full: bool) -> Vec<(Self, f64)> {
        let swarm = |peers, places, taking| Self { peers, places, taking };
        let mut all = vec![
            (swarm(1_000, 40, Taking::Rarest), 0.9666),
            (swarm(1_000, 40, Taking::Urgent), 0.8584),
            (swarm(1_000, 40, Taking::Mixed(10)), 0.9991),
        ];
        if full {
            all.extend([
                (swarm(10_000, 40, Taking::Rarest), 0.9625),
                (swarm(10_000, 40, Taking::Urgent), 0.7781),
                (swarm(1_000, 20, Taking::Rarest), 0.9005),
                (swarm(1_000, 20, Taking::Urgent), 0.6441),
            ]);
        }
        all
    }

    /// How many of the chunks that were due were there.
    #[must_use]
    pub fn continuity(&self, seed: u64) -> f64 {
        let mut random = Random::new(seed);
        let mut held = vec![0_u64; self.peers];
        let warm_up = 20 * self.places;
        let slots = warm_up + 400;
        let (mut played, mut due) = (0, 0);
        for slot in 0..slots {
            held.iter_mut().for_each(|chunks| *chunks = (*chunks << 1) & self.all());
            let lucky = random.below(self.peers);
            held[lucky] |= 1;
            let before = held.clone();
            // What is played in this slot comes too late.
            let still_due = self.all() >> 1;
            for peer in (0..self.peers).filter(|peer| *peer != lucky) {
                let other = random.below(self.peers);
                held[peer] |= self.take(before[other] & !before[peer] & still_due);
            }
            if slot >= warm_up {
                let last = 1 << (self.places - 1);
                played += before.iter().filter(|chunks| **chunks & last != 0).count();
                due += self.peers;
            }
        }
        played as f64 / due as f64
    }

    fn all(&self) -> u64 {
        u64::MAX >> (64 - self.places)
    }

    /// One of these chunks; bit 0 is the newest.
    fn take(&self, useful: u64) -> u64 {
        let newest = |chunks: u64| chunks & chunks.wrapping_neg();
        let oldest = |chunks: u64| 1_u64.checked_shl(63 - chunks.leading_zeros()).unwrap_or(0);
        match self.taking {
            _ if useful == 0 => 0,
            Taking::Rarest => newest(useful),
            Taking::Urgent => oldest(useful),
            Taking::Mixed(new) => match useful & ((1 << new) - 1) {
                0 => oldest(useful),
                young => newest(young),
            },
        }
    }
}

impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (peers, places) = (self.peers, self.places);
        match self.taking {
            Taking::Rarest => write!(f, "{peers} peers, {places} places, rarest first"),
            Taking::Urgent => write!(f, "{peers} peers, {places} places, most urgent first"),
            Taking::Mixed(new) => write!(f, "{peers} peers, {places} places, mixed at {new}"),
        }
    }
}
