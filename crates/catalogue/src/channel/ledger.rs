//! What a follower remembers of all records, so that a change costs it as much as the change and not as the channel:
//! the hash and the count of every bucket, and to which series each episode belongs.

use std::collections::BTreeMap;

use super::{
    commitment::{Live, bucket, root},
    record::RecordId,
    segment::Family,
};

const MAGIC: &[u8; 8] = b"KINLEDG2";
/// A bucket's number, hash and count.
const LINE: usize = 38;

/// What is remembered of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Which one; 0 for none.
    pub version: u64,
    /// Of each family the buckets that are not empty.
    families: BTreeMap<Family, BTreeMap<u16, Bucket>>,
    /// The series of each episode.
    pub(super) episodes: BTreeMap<RecordId, RecordId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bucket {
    hash: [u8; 32],
    records: u32,
}

impl Ledger {
    /// Notes what is in a bucket now.
    pub(super) fn set(&mut self, family: Family, number: u16, live: &[Live]) {
        let buckets = self.families.entry(family).or_default();
        let records = u32::try_from(live.len()).unwrap_or(u32::MAX);
        if records == 0 {
            buckets.remove(&number);
        } else {
            buckets.insert(number, Bucket { hash: bucket(live), records });
        }
    }

    /// How many records a family has, and the commitment to them.
    pub(super) fn tally(&self, family: Family) -> (u64, [u8; 32]) {
        let buckets = || self.families.get(&family).into_iter().flatten();
        let leaves: Vec<_> = buckets().map(|(number, one)| (*number, one.hash)).collect();
        (buckets().map(|(_, one)| u64::from(one.records)).sum(), root(&leaves))
    }

    /// The bytes at its beginning that say of which version it is.
    pub const HEAD: usize = MAGIC.len() + size_of::<u64>();

    /// Of which version a kept ledger is that begins with these bytes; nothing if it is none.
    #[must_use]
    pub fn version_in(head: &[u8; Self::HEAD]) -> Option<u64> {
        let version = head.strip_prefix(MAGIC)?.try_into().ok()?;
        Some(u64::from_be_bytes(version))
    }

    /// As it is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &self.version.to_be_bytes()].concat();
        for (family, buckets) in &self.families {
            bytes.push(family.number());
            bytes.extend((buckets.len() as u64).to_be_bytes());
            for (number, one) in buckets {
                bytes.extend(number.to_be_bytes());
                bytes.extend(one.hash);
                bytes.extend(one.records.to_be_bytes());
            }
        }
        bytes.push(0);
        self.episodes.iter().for_each(|(id, series)| bytes.extend([id.0, series.0].concat()));
        bytes
    }

    /// What was kept; `None` if it is not whole. Then everything is read anew.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (version, mut rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
        let mut ledger = Self { version: u64::from_be_bytes(*version), ..Self::default() };
        loop {
            let (number, behind) = rest.split_first()?;
            if *number == 0 {
                rest = behind;
                break;
            }
            let (count, behind) = behind.split_first_chunk()?;
            let length = usize::try_from(u64::from_be_bytes(*count)).ok()?.checked_mul(LINE)?;
            let (lines, behind) = behind.split_at_checked(length)?;
            let buckets = lines.as_chunks::<LINE>().0.iter().map(read_bucket).collect();
            ledger.families.insert(Family::of(u64::from(*number))?, buckets);
            rest = behind;
        }
        let (pairs, torn) = rest.as_chunks::<32>();
        let half = |pair: &[u8; 32], at: usize| RecordId(std::array::from_fn(|i| pair[at + i]));
        ledger.episodes = pairs.iter().map(|pair| (half(pair, 0), half(pair, 16))).collect();
        torn.is_empty().then_some(ledger)
    }
}

fn read_bucket(line: &[u8; LINE]) -> (u16, Bucket) {
    let bucket = Bucket {
        hash: std::array::from_fn(|at| line[2 + at]),
        records: u32::from_be_bytes(std::array::from_fn(|at| line[34 + at])),
    };
    (u16::from_be_bytes([line[0], line[1]]), bucket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::commitment::commitment;

    fn id(first: u8, last: u8) -> RecordId {
        RecordId(std::array::from_fn(|at| if at == 15 { last } else { first }))
    }

    fn ledger(live: &[Live]) -> Ledger {
        let mut ledger = Ledger { version: 7, ..Ledger::default() };
        for chunk in live.chunk_by(|a, b| a.0.0[..2] == b.0.0[..2]) {
            let number = u16::from_be_bytes([chunk[0].0.0[0], chunk[0].0.0[1]]);
            ledger.set(Family::Titles, number, chunk);
        }
        ledger
    }

    #[test]
    fn bucket_by_bucket_gives_the_commitment_to_everything() {
        let live: Vec<Live> = (0..60).map(|n: u8| (id(n / 3, n % 3), [n; 32])).collect();
        assert_eq!(ledger(&live).tally(Family::Titles), (60, commitment(&live)));
        assert_eq!(ledger(&live).tally(Family::Details), (0, commitment(&[])));
    }

    #[test]
    fn what_left_its_bucket_empty_is_forgotten() {
        let live: Vec<Live> = (0..60).map(|n: u8| (id(n / 3, n % 3), [n; 32])).collect();
        let mut less = ledger(&live);
        less.set(Family::Titles, u16::from_be_bytes([19, 19]), &[]);
        assert_eq!(less, ledger(&live[..57]));
        assert_eq!(less.tally(Family::Titles), (57, commitment(&live[..57])));
    }

    #[test]
    fn it_takes_as_much_room_as_what_there_is() {
        let live: Vec<Live> = (0..60).map(|n: u8| (id(n / 3, n % 3), [n; 32])).collect();
        assert_eq!(ledger(&live).to_bytes().len(), Ledger::HEAD + 1 + 8 + 20 * LINE + 1);
    }

    #[test]
    fn it_is_read_as_it_was_kept_and_a_torn_one_is_none() {
        let mut kept = ledger(&[(id(1, 1), [1; 32])]);
        kept.episodes.insert(id(2, 2), id(3, 3));
        let bytes = kept.to_bytes();
        assert_eq!(Ledger::read(&bytes).as_ref(), Some(&kept));
        assert_eq!(Ledger::version_in(bytes.first_chunk().unwrap()), Some(7));
        assert_eq!(Ledger::version_in(&[0; Ledger::HEAD]), None);
        assert_eq!(Ledger::read(&Ledger::default().to_bytes()), Some(Ledger::default()));
        for torn in [0, 7, 15, 16, 17, 24, 50, 63, 65, bytes.len() - 1] {
            assert_eq!(Ledger::read(&bytes[..torn]), None, "{torn} bytes");
        }
    }
}
