//! Hajek and Zhu (2010): the missing piece. Where peers leave as soon as they have everything, and the seed is slower
//! than they arrive, nearly all peers come to lack the same piece, and the swarm grows for ever.
//!
//! Peers come by chance with nothing, meet another one once a second by chance and get a useful piece from it by
//! chance; the seed meets one of them `seed_rate` times a second.

use std::fmt;

use crate::random::Random;

/// Pieces of the content.
const PIECES: u32 = 20;
/// Peers at the start, all of whom lack the first piece alone.
const CLUB: usize = 200;

/// A swarm to which one peer comes each second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MissingPiece {
    /// Pieces that the seed gives a second.
    seed_rate: f64,
    /// When it ends, in seconds.
    until_s: f64,
    /// Whether growth is measured, or how many peers there are in the end.
    growth: bool,
}

impl MissingPiece {
    /// The seed's rate, what was published of it, and what counts as the same: peers a second below the threshold,
    /// peers in the end above it.
    #[must_use]
    pub fn published(full: bool) -> Vec<(Self, String, (f64, f64))> {
        let until_s = if full { 3_000.0 } else { 600.0 };
        let grows = |seed_rate: f64| {
            let slope = 1.0 - seed_rate;
            let swarm = Self { seed_rate, until_s, growth: true };
            // The slope's own spread by chance, at the shorter time.
            let spread = 0.15 * slope + if full { 0.0 } else { 0.08 };
            (swarm, format!("{slope:.1} a second"), (slope - spread, slope + spread))
        };
        let stays = |seed_rate, published: &str| {
            let swarm = Self { seed_rate, until_s: 3_000.0, growth: false };
            (swarm, format!("{published} peers"), (10.0, 60.0))
        };
        vec![grows(0.5), grows(0.8), stays(1.3, "28 to 54"), stays(2.0, "21 to 24")]
    }

    /// What came out, in the terms of [`Self::published`]. Of a swarm that stays small, the mean of its last third.
    #[must_use]
    pub fn run(&self, seed: u64) -> f64 {
        let mut random = Random::new(seed);
        let all = (1_u32 << PIECES) - 1;
        let mut peers = vec![all & !1; CLUB];
        let (mut now, mut sum, mut counted) = (0.0, 0.0, 0.0);
        while now < self.until_s {
            let rate = 1.0 + self.seed_rate + peers.len() as f64;
            let span = random.exponential(1.0 / rate);
            now += span;
            if now > self.until_s * 2.0 / 3.0 {
                sum += span * peers.len() as f64;
                counted += span;
            }
            let event = random.fraction() * rate;
            if event < 1.0 {
                peers.push(0);
            } else if !peers.is_empty() {
                let from_seed = event < 1.0 + self.seed_rate;
                let giver = if from_seed { all } else { peers[random.below(peers.len())] };
                let taker = random.below(peers.len());
                peers[taker] |= one_of(&mut random, giver & !peers[taker]);
                if peers[taker] == all {
                    peers.swap_remove(taker);
                }
            }
        }
        match self.growth {
            true => (peers.len() as f64 - CLUB as f64) / self.until_s,
            false => sum / counted,
        }
    }
}

/// One of some pieces, each as likely as the others.
fn one_of(random: &mut Random, pieces: u32) -> u32 {
    let count = pieces.count_ones() as usize;
    let mut left = pieces;
    for _ in 0..random.below(count.max(1)) {
        left &= left - 1;
    }
    left & left.wrapping_neg()
}

impl fmt::Display for MissingPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.growth { "growth" } else { "peers in the end" };
        write!(f, "{what} with a seed of {} pieces a second", self.seed_rate)
    }
}
