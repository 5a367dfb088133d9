//! One hash for everything that a family holds: who applied changes one by one can tell that nothing is missing.
//!
//! Records are sorted into 65,536 buckets by the first 16 bits of their ids; buckets are the leaves of a binary tree.

use torrent::hash::{Sha256Hasher, sha256};

use super::record::RecordId;

/// Levels of the tree above the buckets.
const DEPTH: u32 = 16;
/// Leaves and nodes are hashed apart, so that one cannot be passed off as the other (RFC 6962).
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// A record that is there, by the SHA-256 of its bytes.
pub type Live = (RecordId, [u8; 32]);

/// A bucket by its number, the first 16 bits of the ids in it.
pub(super) type Leaf = (u16, [u8; 32]);

/// The hash over all records, which must be sorted by id.
#[must_use]
pub fn commitment(live: &[Live]) -> [u8; 32] {
    let buckets = live.chunk_by(|(one, _), (other, _)| bucket_of(*one) == bucket_of(*other));
    root(&buckets.map(|live| (bucket_of(live[0].0), bucket(live))).collect::<Vec<_>>())
}

/// The number of the bucket that a record falls into.
pub(super) fn bucket_of(id: RecordId) -> u16 {
    u16::from_be_bytes([id.0[0], id.0[1]])
}

/// The root of the tree with these leaves, sorted by number. All others are empty.
pub(super) fn root(leaves: &[Leaf]) -> [u8; 32] {
    let mut empty = vec![bucket(&[])];
    for level in 0..DEPTH as usize {
        empty.push(node(&empty[level], &empty[level]));
    }
    subtree(leaves, DEPTH, &empty)
}

/// The hash of a tree of so many levels; empty ones are known beforehand.
fn subtree(leaves: &[Leaf], levels: u32, empty: &[[u8; 32]]) -> [u8; 32] {
    let Some((_, first)) = leaves.first() else { return empty[levels as usize] };
    let Some(below) = levels.checked_sub(1) else { return *first };
    let middle = leaves.partition_point(|(number, _)| number >> below & 1 == 0);
    let (left, right) = leaves.split_at(middle);
    node(&subtree(left, below, empty), &subtree(right, below, empty))
}

/// The hash of one bucket; its records must be sorted by id.
pub(super) fn bucket(live: &[Live]) -> [u8; 32] {
    let mut hasher = Sha256Hasher::new();
    hasher.update(&[LEAF]);
    for (id, record) in live {
        hasher.update(&id.0);
        hasher.update(record);
    }
    hasher.finish().0
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[NODE], &left[..], right].concat()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(seed: u8) -> Live {
        let hash = sha256(&[seed]).0;
        (RecordId(std::array::from_fn(|at| hash[at])), hash)
    }

    /// The whole tree, as its description reads.
    fn plain(live: &[Live]) -> [u8; 32] {
        let in_bucket = |number: u16| {
            let own = |(id, _): &&Live| id.0[..2] == number.to_be_bytes();
            bucket(&live.iter().filter(own).copied().collect::<Vec<_>>())
        };
        let mut row: Vec<_> = (0..=u16::MAX).map(in_bucket).collect();
        while row.len() > 1 {
            row = row.as_chunks().0.iter().map(|[left, right]| node(left, right)).collect();
        }
        row[0]
    }

    #[test]
    fn the_short_way_gives_what_the_whole_tree_gives() {
        let mut all: Vec<_> = (0..40).map(live).collect();
        all.push((RecordId([all[0].0.0[0]; 16]), [1; 32]));
        all.sort();
        assert_eq!(commitment(&all), plain(&all));
        assert_eq!(commitment(&[]), plain(&[]));
    }

    #[test]
    fn any_change_of_any_record_changes_it() {
        let mut all: Vec<_> = (0..20).map(live).collect();
        all.sort();
        let whole = commitment(&all);
        for at in 0..all.len() {
            let mut fewer = all.clone();
            fewer.remove(at);
            let mut other = all.clone();
            other[at].1[31] ^= 1;
            assert!(commitment(&fewer) != whole && commitment(&other) != whole);
        }
    }
}
