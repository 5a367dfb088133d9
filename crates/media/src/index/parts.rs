//! The parts of a file that are at hand.

use std::{collections::BTreeMap, ops::Range};

use bytes::{Bytes, BytesMut};

/// Some bytes of a file, by their place. Parts that touch or overlap are joined.
#[derive(Debug, Clone)]
pub struct Parts {
    file_len: u64,
    parts: BTreeMap<u64, Bytes>,
    inserted: usize,
}

impl Parts {
    /// Nothing of a file of this length in bytes.
    #[must_use]
    pub fn new(file_len: u64) -> Self {
        Self { file_len, parts: BTreeMap::new(), inserted: 0 }
    }

    /// The file's length in bytes.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.file_len
    }

    /// Adds bytes at a file offset; what would lie beyond the file's end is cut.
    pub fn insert(&mut self, offset: u64, mut bytes: Bytes) {
        self.inserted += 1;
        let room = usize::try_from(self.file_len.saturating_sub(offset)).unwrap_or(usize::MAX);
        bytes.truncate(room);
        if bytes.is_empty() {
            return;
        }
        let (start, joined) = self.join_before(offset, bytes);
        let joined = self.join_after(start, joined);
        self.parts.insert(start, joined);
    }

    fn join_before(&self, offset: u64, bytes: Bytes) -> (u64, Bytes) {
        let before = self.parts.range(..=offset).next_back().map(|(&at, part)| (at, part.clone()));
        match before {
            Some((at, part)) if at + part.len() as u64 >= offset => {
                (at, overlay(&part, offset - at, &bytes))
            }
            _ => (offset, bytes),
        }
    }

    fn join_after(&mut self, start: u64, mut joined: Bytes) -> Bytes {
        while let Some((&at, _)) = self.parts.range(start..=start + joined.len() as u64).next() {
            let Some(part) = self.parts.remove(&at) else { break };
            let overlap = (start + joined.len() as u64 - at) as usize;
            if overlap < part.len() {
                joined = overlay(&joined, at - start, &part);
            }
        }
        joined
    }

    /// How often something was inserted.
    pub(super) fn count(&self) -> usize {
        self.inserted
    }

    /// A range, if all of it is at hand.
    #[must_use]
    pub fn read(&self, range: Range<u64>) -> Option<&[u8]> {
        let (&at, part) = self.parts.range(..=range.start).next_back()?;
        let start = usize::try_from(range.start - at).ok()?;
        let end = usize::try_from(range.end.checked_sub(at)?).ok()?;
        part.get(start..end)
    }

    /// What is at hand from an offset on without a gap; empty if nothing is.
    #[must_use]
    pub fn from(&self, offset: u64) -> &[u8] {
        let Some((&at, part)) = self.parts.range(..=offset).next_back() else { return &[] };
        usize::try_from(offset - at).ok().and_then(|skip| part.get(skip..)).unwrap_or(&[])
    }

    /// The pieces of a range that are not at hand, the file's end observed.
    pub(super) fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let end = range.end.min(self.file_len);
        let mut gaps = Vec::new();
        let mut at = range.start;
        while at < end {
            let known = self.from(at).len() as u64;
            if known == 0 {
                let next = self.parts.range(at..end).next().map_or(end, |(&start, _)| start);
                gaps.push(at..next);
                at = next;
            }
            at += known;
        }
        gaps
    }
}

/// `bytes` laid over `part` at an offset within or at the end of it.
fn overlay(part: &Bytes, at: u64, bytes: &Bytes) -> Bytes {
    let at = at as usize;
    if at == 0 && bytes.len() >= part.len() {
        return bytes.clone();
    }
    if at + bytes.len() <= part.len() {
        return part.clone();
    }
    let mut joined = BytesMut::with_capacity(at + bytes.len());
    joined.extend_from_slice(&part[..at]);
    joined.extend_from_slice(bytes);
    joined.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pieces: &[(u64, &'static [u8])]) -> Parts {
        let mut parts = Parts::new(100);
        pieces.iter().for_each(|&(at, bytes)| parts.insert(at, Bytes::from_static(bytes)));
        parts
    }

    #[test]
    fn parts_that_touch_are_read_as_one() {
        let parts = parts(&[(10, b"abc"), (16, b"xyz"), (13, b"def")]);
        assert_eq!(parts.read(10..19), Some(&b"abcdefxyz"[..]));
        assert_eq!(parts.read(9..12), None);
        assert_eq!(parts.read(10..20), None);
    }

    #[test]
    fn an_overlap_keeps_both_ends() {
        let parts = parts(&[(10, b"abcdef"), (12, b"cdefgh"), (8, b"..abc")]);
        assert_eq!(parts.read(8..18), Some(&b"..abcdefgh"[..]));
    }

    #[test]
    fn missing_names_the_gaps_and_ends_with_the_file() {
        let parts = parts(&[(10, b"abc"), (20, b"abc")]);
        assert_eq!(parts.missing(5..30), vec![5..10, 13..20, 23..30]);
        assert_eq!(parts.missing(90..200), vec![90..100]);
        assert_eq!(parts.missing(10..13), vec![]);
    }

    #[test]
    fn bytes_beyond_the_end_are_cut() {
        let parts = parts(&[(98, b"abcdef"), (200, b"x")]);
        assert_eq!(parts.from(98), b"ab");
    }
}
