//! A set of small numbers that can be intersected with another one quickly.

use std::ops::Range;

/// A fixed range of numbers, each in or out, with one summary bit for every 64 of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    len: u32,
    count: u32,
    words: Vec<u64>,
    /// Bit `w % 64` of word `w / 64` says whether `words[w]` is not zero.
    summary: Vec<u64>,
}

impl Bits {
    /// None of the numbers `0..len`.
    #[must_use]
    pub fn new(len: u32) -> Self {
        let words = len.div_ceil(64) as usize;
        Self { len, count: 0, words: vec![0; words], summary: vec![0; words.div_ceil(64)] }
    }

    /// All of the numbers `0..len`.
    #[must_use]
    pub fn full(len: u32) -> Self {
        let mut bits = Self::new(len);
        (0..len).for_each(|at| {
            bits.insert(at);
        });
        bits
    }

    /// From a `bitfield` message (BEP 3): `None` if its length is wrong or a spare bit is set.
    #[must_use]
    pub fn from_wire(bytes: &[u8], len: u32) -> Option<Self> {
        if bytes.len() != len.div_ceil(8) as usize {
            return None;
        }
        let mut bits = Self::new(len);
        for (at, byte) in bytes.iter().enumerate() {
            let word = &mut bits.words[at / 8];
            *word |= u64::from(byte.reverse_bits()) << (8 * (at % 8));
        }
        let spare = bits.words.last().map_or(0, |last| match len % 64 {
            0 => 0,
            used => last >> used,
        });
        if spare != 0 {
            return None;
        }
        bits.recount();
        Some(bits)
    }

    /// As a `bitfield` message carries it (BEP 3).
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.len.div_ceil(8) as usize).map(u8::reverse_bits).collect()
    }

    /// From now on the numbers may be `0..len`, if those were fewer. Those that are in stay.
    pub fn grow(&mut self, len: u32) {
        if len > self.len {
            self.len = len;
            self.words.resize(len.div_ceil(64) as usize, 0);
            self.summary.resize(self.words.len().div_ceil(64), 0);
        }
    }

    /// How many numbers there could be.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the length is of the range, not of the set")]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// How many numbers are in.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether every number is in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.count == self.len
    }

    /// Whether `at` is in.
    #[must_use]
    pub fn has(&self, at: u32) -> bool {
        at < self.len && self.words[(at / 64) as usize] >> (at % 64) & 1 == 1
    }

    /// Puts `at` in; whether that changed anything.
    pub fn insert(&mut self, at: u32) -> bool {
        if at >= self.len || self.has(at) {
            return false;
        }
        let word = (at / 64) as usize;
        self.words[word] |= 1 << (at % 64);
        self.summary[word / 64] |= 1 << (word % 64);
        self.count += 1;
        true
    }

    /// Takes `at` out; whether that changed anything.
    pub fn remove(&mut self, at: u32) -> bool {
        if !self.has(at) {
            return false;
        }
        let word = (at / 64) as usize;
        self.words[word] &= !(1 << (at % 64));
        if self.words[word] == 0 {
            self.summary[word / 64] &= !(1 << (word % 64));
        }
        self.count -= 1;
        true
    }

    /// The numbers that are in, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = self.first(from..self.len)?;
            from = at + 1;
            Some(at)
        })
    }

    /// The first number of a range that is in.
    #[must_use]
    pub fn first(&self, range: Range<u32>) -> Option<u32> {
        self.scan(range, |word| self.words[word])
    }

    /// The first number of a range that is in both.
    #[must_use]
    pub fn first_common(&self, other: &Self, range: Range<u32>) -> Option<u32> {
        self.scan(range, |word| self.words[word] & other.words.get(word).copied().unwrap_or(0))
    }

    /// The first number of a range that is in `other` and not in this one.
    #[must_use]
    pub fn first_lacking(&self, other: &Self, range: Range<u32>) -> Option<u32> {
        other.scan(range, |word| other.words[word] & !self.words.get(word).copied().unwrap_or(0))
    }

    /// Walks the words that the summary says are not zero, as `masked` shows them.
    fn scan(&self, range: Range<u32>, masked: impl Fn(usize) -> u64) -> Option<u32> {
        let end = range.end.min(self.len);
        if range.start >= end {
            return None;
        }
        let (first, last) = ((range.start / 64) as usize, ((end - 1) / 64) as usize);
        let mut word = first;
        while let Some(at) = self.next_word(word).filter(|at| *at <= last) {
            let mut found = masked(at);
            if at == first {
                found &= u64::MAX << (range.start % 64);
            }
            if found != 0 {
                let number = at as u32 * 64 + found.trailing_zeros();
                return (number < end).then_some(number);
            }
            word = at + 1;
        }
        None
    }

    /// The first word at or after `from` that is not zero.
    fn next_word(&self, from: usize) -> Option<usize> {
        let mut block = from / 64;
        let mut found = self.summary.get(block)? & (u64::MAX << (from % 64));
        while found == 0 {
            block += 1;
            found = *self.summary.get(block)?;
        }
        Some(block * 64 + found.trailing_zeros() as usize)
    }

    fn recount(&mut self) {
        self.count = self.words.iter().map(|word| word.count_ones()).sum();
        for (at, word) in self.words.iter().enumerate() {
            if *word != 0 {
                self.summary[at / 64] |= 1 << (at % 64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitfield_goes_to_the_wire_and_back() {
        let mut bits = Bits::new(19);
        for at in [0, 7, 8, 18] {
            assert!(bits.insert(at));
        }
        assert_eq!(bits.to_wire(), [0b1000_0001, 0b1000_0000, 0b0010_0000]);
        assert_eq!(Bits::from_wire(&bits.to_wire(), 19), Some(bits));
    }

    #[test]
    fn a_bitfield_of_the_wrong_length_or_with_spare_bits_is_refused() {
        assert_eq!(Bits::from_wire(&[0, 0], 19), None);
        assert_eq!(Bits::from_wire(&[0, 0, 0, 0], 19), None);
        assert_eq!(Bits::from_wire(&[0, 0, 0b0001_0000], 19), None);
        assert!(Bits::from_wire(&[0, 0, 0b0010_0000], 19).is_some());
    }

    #[test]
    fn scanning_agrees_with_looking_at_each_number() {
        let mut random = crate::random::Random::new(1);
        for _ in 0..200 {
            let len = 1 + random.below(20_000);
            let (mut one, mut two) = (Bits::new(len), Bits::new(len));
            for _ in 0..random.below(40) {
                one.insert(random.below(len));
                two.insert(random.below(len));
            }
            let from = random.below(len);
            let range = from..from + random.below(len - from + 1);
            let common = range.clone().find(|at| one.has(*at) && two.has(*at));
            assert_eq!(one.first_common(&two, range.clone()), common);
            let lacking = range.clone().find(|at| !one.has(*at) && two.has(*at));
            assert_eq!(one.first_lacking(&two, range.clone()), lacking);
            assert_eq!(one.first(range.clone()), range.clone().find(|at| one.has(*at)));
        }
    }

    #[test]
    fn taking_out_undoes_putting_in() {
        let mut bits = Bits::full(200);
        assert!(bits.is_full());
        (0..200).for_each(|at| assert!(bits.remove(at)));
        assert_eq!(bits, Bits::new(200));
    }
}
