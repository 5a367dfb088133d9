//! Which piece should this source give us: the rarest of those we lack and it has.
//!
//! Pure: pieces that are offered lie in a bucket for each count of holders; picking walks the buckets from
//! the rarest and intersects with what the source has.

use std::ops::Range;

use crate::bits::Bits;

/// Buckets of holder counts; the last one holds everything more common.
const LEVELS: usize = 64;
/// Pieces with at most this many holders are scarce.
pub const SCARCE_MAX: u32 = 2;

/// What a source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holdings {
    /// Everything: one bit for a seed, however many pieces there are.
    All,
    /// These pieces.
    Some(Bits),
}

impl Holdings {
    /// Whether a piece is among them.
    #[must_use]
    pub fn has(&self, piece: u32) -> bool {
        match self {
            Self::All => true,
            Self::Some(bits) => bits.has(piece),
        }
    }

    /// The first piece of a range that is in a set and held.
    fn first_in(&self, set: &Bits, range: Range<u32>) -> Option<u32> {
        match self {
            Self::All => set.first(range),
            Self::Some(bits) => set.first_common(bits, range),
        }
    }
}

/// How many connected peers hold each piece, and which pieces are on offer to be picked.
#[derive(Debug)]
pub struct Rarity {
    pieces: u32,
    /// Peers that have everything; they are not counted per piece.
    seeds: u32,
    /// Other holders of each piece.
    holders: Vec<u16>,
    /// Pieces on offer, by holders. A bucket takes no memory before it is used.
    buckets: Vec<Option<Bits>>,
    /// Which buckets are not empty.
    filled: u64,
    offered: Bits,
    /// Pieces we lack and want, begun or not.
    lacked: Bits,
    /// Those of them with none, one and two holders that are not seeds.
    few: [Bits; SCARCE_MAX as usize + 1],
}

impl Rarity {
    /// Nobody holds anything and nothing is on offer.
    #[must_use]
    pub fn new(pieces: u32) -> Self {
        Self {
            pieces,
            seeds: 0,
            holders: vec![0; pieces as usize],
            buckets: vec![None; LEVELS],
            filled: 0,
            offered: Bits::new(pieces),
            lacked: Bits::new(pieces),
            few: std::array::from_fn(|_| Bits::new(pieces)),
        }
    }

    /// A peer came with these holdings.
    pub fn join(&mut self, holdings: &Holdings) {
        match holdings {
            Holdings::All => self.seeds += 1,
            Holdings::Some(bits) => bits.iter().for_each(|piece| self.gained(piece)),
        }
    }

    /// A peer left with these holdings.
    pub fn leave(&mut self, holdings: &Holdings) {
        match holdings {
            Holdings::All => self.seeds = self.seeds.saturating_sub(1),
            Holdings::Some(bits) => bits.iter().for_each(|piece| self.lost(piece)),
        }
    }

    /// A peer has one more piece.
    pub fn gained(&mut self, piece: u32) {
        self.shift(piece, |holders| holders.saturating_add(1));
    }

    /// A peer has one piece less.
    pub fn lost(&mut self, piece: u32) {
        self.shift(piece, |holders| holders.saturating_sub(1));
    }

    /// We lack a piece and want it, whether it can be picked or is begun.
    pub fn lack(&mut self, piece: u32) {
        if self.lacked.insert(piece) {
            self.count_few(piece);
        }
    }

    /// We have a piece, or do not want it.
    pub fn ignore(&mut self, piece: u32) {
        if self.lacked.remove(piece) {
            self.few.iter_mut().for_each(|few| {
                few.remove(piece);
            });
        }
    }

    fn count_few(&mut self, piece: u32) {
        let level = usize::from(self.holders[piece as usize]);
        for (at, few) in self.few.iter_mut().enumerate() {
            if at == level {
                few.insert(piece);
            } else {
                few.remove(piece);
            }
        }
    }

    /// A piece may be picked from now on.
    pub fn offer(&mut self, piece: u32) {
        if self.offered.insert(piece) {
            self.put(piece);
        }
    }

    /// A piece may not be picked any more.
    pub fn withdraw(&mut self, piece: u32) {
        if self.offered.remove(piece) {
            self.take(piece);
        }
    }

    /// Whether a piece is on offer.
    #[must_use]
    pub fn is_offered(&self, piece: u32) -> bool {
        self.offered.has(piece)
    }

    /// Whether any piece is on offer.
    #[must_use]
    pub fn offers_any(&self) -> bool {
        self.filled != 0
    }

    /// How many connected peers hold a piece.
    #[must_use]
    pub fn availability(&self, piece: u32) -> u32 {
        self.seeds + self.holders.get(piece as usize).map_or(0, |holders| u32::from(*holders))
    }

    /// How many connected peers hold everything.
    #[must_use]
    pub fn seeds(&self) -> u32 {
        self.seeds
    }

    /// Copies of the rarest piece among connected peers; walks all pieces.
    #[must_use]
    pub fn rarest(&self) -> u32 {
        self.seeds + self.holders.iter().min().map_or(0, |least| u32::from(*least))
    }

    /// The rarest piece on offer within a range that the source holds; `start` breaks ties, so that peers
    /// with the same view do not all pick the same piece.
    #[must_use]
    pub fn pick(&self, source: &Holdings, range: Range<u32>, start: u32) -> Option<u32> {
        let from = start.clamp(range.start, range.end);
        let mut left = self.filled;
        while left != 0 {
            let level = left.trailing_zeros() as usize;
            left &= left - 1;
            let bucket = self.buckets[level].as_ref()?;
            let found = source
                .first_in(bucket, from..range.end)
                .or_else(|| source.first_in(bucket, range.start..from));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Whether the source is one of the few holders of something we lack.
    #[must_use]
    pub fn is_scarce(&self, source: &Holdings) -> bool {
        let Some(others) = SCARCE_MAX.checked_sub(self.seeds) else { return false };
        let few = self.few.iter().take(others as usize + 1);
        few.filter(|few| few.count() > 0).any(|few| source.first_in(few, 0..self.pieces).is_some())
    }

    fn shift(&mut self, piece: u32, change: impl Fn(u16) -> u16) {
        if piece >= self.pieces {
            return;
        }
        let offered = self.offered.has(piece);
        if offered {
            self.take(piece);
        }
        let holders = &mut self.holders[piece as usize];
        *holders = change(*holders);
        if self.lacked.has(piece) {
            self.count_few(piece);
        }
        if offered {
            self.put(piece);
        }
    }

    fn level(&self, piece: u32) -> usize {
        usize::from(self.holders[piece as usize]).min(LEVELS - 1)
    }

    fn put(&mut self, piece: u32) {
        let level = self.level(piece);
        self.buckets[level].get_or_insert_with(|| Bits::new(self.pieces)).insert(piece);
        self.filled |= 1 << level;
    }

    fn take(&mut self, piece: u32) {
        let level = self.level(piece);
        let Some(bucket) = &mut self.buckets[level] else { return };
        bucket.remove(piece);
        if bucket.count() == 0 {
            self.filled &= !(1 << level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn some(pieces: &[u32]) -> Holdings {
        let mut bits = Bits::new(1000);
        pieces.iter().for_each(|piece| assert!(bits.insert(*piece)));
        Holdings::Some(bits)
    }

    #[test]
    fn the_rarest_piece_that_the_source_has_is_picked() {
        let mut rarity = Rarity::new(1000);
        (0..1000).for_each(|piece| rarity.offer(piece));
        rarity.join(&some(&[1, 2, 3]));
        rarity.join(&some(&[2, 3]));
        rarity.join(&some(&[3]));
        assert_eq!(rarity.pick(&some(&[2, 3]), 0..1000, 500), Some(2));
        rarity.withdraw(2);
        assert_eq!(rarity.pick(&some(&[2, 3]), 0..1000, 500), Some(3));
        assert_eq!(rarity.pick(&some(&[1, 2, 3]), 3..1000, 0), Some(3));
        assert_eq!(rarity.pick(&some(&[999]), 0..999, 0), None);
    }

    #[test]
    fn a_source_is_scarce_while_it_is_one_of_two_holders() {
        let mut rarity = Rarity::new(1000);
        rarity.lack(7);
        let source = some(&[7]);
        rarity.join(&source);
        assert!(rarity.is_scarce(&source));
        rarity.join(&Holdings::All);
        assert!(rarity.is_scarce(&source) && rarity.is_scarce(&Holdings::All));
        rarity.gained(7);
        assert!(!rarity.is_scarce(&source) && !rarity.is_scarce(&Holdings::All));
        rarity.leave(&Holdings::All);
        assert!(rarity.is_scarce(&source));
        rarity.ignore(7);
        assert!(!rarity.is_scarce(&source));
    }

    #[test]
    fn picking_agrees_with_looking_at_every_piece() {
        let mut random = Random::new(2);
        let mut rarity = Rarity::new(300);
        for _ in 0..4000 {
            let piece = random.below(300);
            match random.below(4) {
                0 => rarity.gained(piece),
                1 => rarity.lost(piece),
                2 => rarity.offer(piece),
                _ => rarity.withdraw(piece),
            }
            let mut bits = Bits::new(300);
            (0..5).for_each(|_| {
                bits.insert(random.below(300));
            });
            let least = bits
                .iter()
                .filter(|piece| rarity.is_offered(*piece))
                .map(|piece| rarity.availability(piece).min(63))
                .min();
            let picked = rarity.pick(&Holdings::Some(bits), 0..300, random.below(300));
            assert_eq!(picked.map(|piece| rarity.availability(piece).min(63)), least);
        }
    }
}
