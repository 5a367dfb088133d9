//! Which of a torrent's bytes are on disk and right: the only bytes that readers ever get.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Notify, futures::Notified};

/// The verified content ranges of one torrent, written by the engine's task and read by everybody.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    state: Mutex<State>,
    grown: Notify,
    /// Whether it changed since the record was last told.
    unrecorded: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    ranges: RangeSet,
    /// Counts what was taken back.
    evictions: u64,
}

/// Verified bytes that follow a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where they end.
    pub(crate) end: u64,
    /// The count of evictions at that time: bytes read while it stays the same are the verified ones.
    pub(crate) evictions: u64,
}

impl Verified {
    /// A range is on disk and right. True if nothing else had changed since the record was last told.
    pub(crate) fn add(&self, range: Range<u64>) -> bool {
        self.lock().ranges.add(range);
        !self.unrecorded.swap(true, Ordering::AcqRel)
    }

    /// A range is about to leave the disk.
    pub(crate) fn evict(&self, range: Range<u64>) {
        let mut state = self.lock();
        state.ranges.remove(range);
        state.evictions += 1;
    }

    /// Wakes everybody who waits for bytes.
    pub(crate) fn wake(&self) {
        self.grown.notify_waiters();
    }

    /// The bytes that are there from `position` on; `None` if the next one is not.
    pub(crate) fn run_from(&self, position: u64) -> Option<Run> {
        let state = self.lock();
        let end = state.ranges.end_of_run(position)?;
        Some(Run { end, evictions: state.evictions })
    }

    /// Resolves when woken after this call.
    pub(crate) fn woken(&self) -> Notified<'_> {
        self.grown.notified()
    }

    /// Whether nothing was taken back since a run was seen.
    pub(crate) fn still(&self, run: Run) -> bool {
        self.lock().evictions == run.evictions
    }

    /// The verified parts of a range, merged and in order.
    pub(crate) fn within(&self, range: Range<u64>) -> Vec<Range<u64>> {
        self.lock().ranges.within(range)
    }

    /// What is there now is about to be recorded.
    pub(crate) fn recording(&self) {
        self.unrecorded.store(false, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Disjoint ranges that do not touch: start to end.
#[derive(Debug, Default)]
struct RangeSet(BTreeMap<u64, u64>);

impl RangeSet {
    fn add(&mut self, mut range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        if let Some((&start, &end)) = self.0.range(..=range.start).next_back()
            && end >= range.start
        {
            range = start..end.max(range.end);
        }
        while let Some((&start, &end)) = self.0.range(range.start..=range.end).next() {
            self.0.remove(&start);
            range.end = range.end.max(end);
        }
        self.0.insert(range.start, range.end);
    }

    fn remove(&mut self, range: Range<u64>) {
        for part in self.within(range.clone()) {
            let Some((&start, &end)) = self.0.range(..=part.start).next_back() else { continue };
            self.0.remove(&start);
            if start < part.start {
                self.0.insert(start, part.start);
            }
            if part.end < end {
                self.0.insert(part.end, end);
            }
        }
    }

    fn end_of_run(&self, position: u64) -> Option<u64> {
        let (_, &end) = self.0.range(..=position).next_back()?;
        (end > position).then_some(end)
    }

    fn within(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let first =
            self.0.range(..=range.start).next_back().map_or(range.start, |(&start, _)| start);
        self.0
            .range(first..range.end.max(first))
            .map(|(&start, &end)| start.max(range.start)..end.min(range.end))
            .filter(|part| !part.is_empty())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_agree_with_a_plain_bitmap_whatever_is_added_and_removed() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        let (mut set, mut bitmap) = (RangeSet::default(), [false; 64]);
        for step in 0..5000 {
            let start = random(64);
            let range = start..start + random(65 - start);
            let add = random(2) == 0;
            if add {
                set.add(range.clone());
            } else {
                set.remove(range.clone());
            }
            bitmap[range.start as usize..range.end as usize].fill(add);
            let mut listed = [false; 64];
            for part in set.within(0..64) {
                listed[part.start as usize..part.end as usize].fill(true);
            }
            assert_eq!(listed, bitmap, "step {step}: {range:?} {add}");
            assert!(set.within(0..64).windows(2).all(|two| two[0].end < two[1].start), "merged");
            let end = bitmap[start.min(63) as usize..].iter().position(|set| !set);
            let run = set.end_of_run(start.min(63));
            let expected = start.min(63) + end.unwrap_or(64 - start.min(63) as usize) as u64;
            assert_eq!(run, (expected > start.min(63)).then_some(expected), "step {step}");
        }
    }

    #[test]
    fn a_run_read_before_an_eviction_does_not_count_after_it() {
        let verified = Verified::default();
        assert!(verified.add(0..10) && !verified.add(10..30));
        let run = verified.run_from(10).unwrap();
        assert!(run.end == 30 && verified.still(run));
        verified.evict(12..13);
        assert!(!verified.still(run));
        assert_eq!(verified.within(5..40), [5..12, 13..30]);
        assert_eq!(verified.run_from(12), None);
    }
}
