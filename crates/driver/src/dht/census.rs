//! In which order, and how often, the DHT is asked how many peers a torrent has (BEP 33): one after the other, with
//! pauses, because each takes some dozens of questions.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use ::dht::{Id, LookupId};
use engine::TorrentId;
use tokio::time::Instant;
use torrent::{InfoHashes, Sha1Hash};

/// Between two counts.
const PAUSE: Duration = Duration::from_secs(10);
/// Names that wait; more are not counted now.
const WAITING_MAX: usize = 20_000;
/// When nothing is due.
const FAR: Duration = Duration::from_secs(24 * 3600);

/// Torrents whose peers are to be counted.
#[derive(Debug, Default)]
pub(super) struct Census {
    waiting: BTreeSet<(TorrentId, Sha1Hash)>,
    /// The order in which they came; those that wait no more are passed over.
    line: VecDeque<(TorrentId, Sha1Hash)>,
    under_way: Option<(LookupId, TorrentId, Sha1Hash)>,
    /// Not before.
    next: Option<Instant>,
}

impl Census {
    /// A torrent stands at the end of the line, under each of its names.
    pub(super) fn add(&mut self, torrent: TorrentId, hashes: InfoHashes) {
        let names = [hashes.v1(), hashes.v2().map(|v2| v2.truncated())];
        for name in names.into_iter().flatten().map(|name| (torrent, name)) {
            if self.line.len() < WAITING_MAX && self.waiting.insert(name) {
                self.line.push_back(name);
            }
        }
    }

    /// A torrent need not be counted any more.
    pub(super) fn remove(&mut self, torrent: TorrentId) {
        let names = (torrent, Sha1Hash([0; 20]))..=(torrent, Sha1Hash([u8::MAX; 20]));
        let names: Vec<_> = self.waiting.range(names).copied().collect();
        for name in names {
            self.waiting.remove(&name);
        }
    }

    /// When the next count may begin.
    pub(super) fn due(&self) -> Instant {
        let now = Instant::now();
        match self.under_way.is_none() && !self.waiting.is_empty() {
            true => self.next.unwrap_or(now),
            false => now + FAR,
        }
    }

    /// Begins the next count under this name of a lookup.
    pub(super) fn begin(&mut self, lookup: LookupId) -> Option<Id> {
        let (torrent, name) = loop {
            let first = self.line.pop_front()?;
            if self.waiting.remove(&first) {
                break first;
            }
        };
        self.under_way = Some((lookup, torrent, name));
        Some(name.into())
    }

    /// A count has ended: of what.
    pub(super) fn end(&mut self, lookup: LookupId) -> Option<(TorrentId, Sha1Hash)> {
        let (_, torrent, name) = self.under_way.take_if(|(one, ..)| *one == lookup)?;
        self.next = Some(Instant::now() + PAUSE);
        Some((torrent, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn torrents_are_counted_one_after_the_other_with_pauses() {
        let mut census = Census::default();
        let soon = |census: &Census| census.due() <= Instant::now();
        assert!(!soon(&census));
        for number in [1, 2, 1] {
            census.add(TorrentId(number), InfoHashes::V1(Sha1Hash([number as u8; 20])));
        }
        census.add(TorrentId(3), InfoHashes::V1(Sha1Hash([3; 20])));
        census.remove(TorrentId(3));
        assert!(soon(&census));
        assert_eq!(census.begin(LookupId(1)), Some(Id([1; 20])));
        assert!(!soon(&census), "one at a time");
        assert_eq!(census.end(LookupId(9)), None);
        assert_eq!(census.end(LookupId(1)), Some((TorrentId(1), Sha1Hash([1; 20]))));
        assert!(!soon(&census), "after a pause");
        assert_eq!(census.begin(LookupId(3)), Some(Id([2; 20])));
        census.end(LookupId(3));
        assert_eq!(census.begin(LookupId(5)), None);
    }
}
