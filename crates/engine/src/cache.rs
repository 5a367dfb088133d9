//! What goes when the disk space set aside is used up: the pieces nobody used for longest.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use torrent::Piece;

use crate::{Time, TorrentId, bits::Bits};

/// Complete pieces of torrents that are not pinned, by the time of their last use.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    by_age: BTreeSet<(Time, TorrentId, Piece)>,
    ages: BTreeMap<(TorrentId, Piece), Time>,
    /// What was found on disk and not used since: a bit for each piece, for there may be ten thousand torrents.
    unused: BTreeMap<(Time, TorrentId), Bits>,
    found: BTreeMap<TorrentId, Time>,
    /// Bytes of each torrent, those of pieces that are not complete apart.
    bytes: BTreeMap<TorrentId, [u64; 2]>,
    bytes_all: u64,
}

impl Cache {
    /// These pieces are on disk, so many bytes, and nobody used them yet.
    pub(crate) fn found(&mut self, now: Time, torrent: TorrentId, pieces: Bits, bytes: u64) {
        self.drop_torrent(torrent);
        self.found.insert(torrent, now);
        self.unused.insert((now, torrent), pieces);
        self.count(torrent, |counts| counts[0] = bytes);
    }

    /// A piece was completed or read.
    pub(crate) fn used(&mut self, now: Time, torrent: TorrentId, piece: Piece, bytes: u64) {
        self.drop_piece(torrent, piece, bytes);
        self.by_age.insert((now, torrent, piece));
        self.ages.insert((torrent, piece), now);
        self.count(torrent, |counts| counts[0] += bytes);
    }

    /// A piece is gone, or may not be evicted any more.
    pub(crate) fn drop_piece(&mut self, torrent: TorrentId, piece: Piece, bytes: u64) {
        let unused = self.found.get(&torrent).and_then(|at| self.unused.get_mut(&(*at, torrent)));
        let was_unused = unused.is_some_and(|pieces| pieces.remove(piece.0));
        let was_used = self.ages.remove(&(torrent, piece)).map(|at| {
            self.by_age.remove(&(at, torrent, piece));
        });
        if was_unused || was_used.is_some() {
            self.count(torrent, |counts| counts[0] = counts[0].saturating_sub(bytes));
        }
    }

    /// A torrent is gone or pinned.
    pub(crate) fn drop_torrent(&mut self, torrent: TorrentId) {
        if let Some(at) = self.found.remove(&torrent) {
            self.unused.remove(&(at, torrent));
        }
        let range = (torrent, Piece(0))..=(torrent, Piece(u32::MAX));
        let used: Vec<_> = self.ages.range(range).map(|((_, piece), at)| (*at, *piece)).collect();
        for (at, piece) in used {
            self.ages.remove(&(torrent, piece));
            self.by_age.remove(&(at, torrent, piece));
        }
        self.count(torrent, |counts| *counts = [0, 0]);
    }

    /// A torrent has begun pieces of so many bytes now.
    pub(crate) fn begun(&mut self, torrent: TorrentId, bytes: u64) {
        self.count(torrent, |counts| counts[1] = bytes);
    }

    /// What counts against the quota.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes_all
    }

    /// Pieces, longest unused first.
    pub(crate) fn oldest(&self) -> impl Iterator<Item = (TorrentId, Piece)> + '_ {
        let unused = self.unused.iter().flat_map(|(&(at, torrent), pieces)| {
            pieces.iter().map(move |piece| (at, torrent, Piece(piece)))
        });
        let (mut unused, mut used) = (unused.peekable(), self.by_age.iter().copied().peekable());
        let older = move || match (unused.peek(), used.peek()) {
            (Some(one), Some(other)) if one.0 <= other.0 => unused.next(),
            (_, Some(_)) => used.next(),
            (_, None) => unused.next(),
        };
        iter::from_fn(older).map(|(_, torrent, piece)| (torrent, piece))
    }

    fn count(&mut self, torrent: TorrentId, change: impl FnOnce(&mut [u64; 2])) {
        let mut counts = self.bytes.remove(&torrent).unwrap_or_default();
        self.bytes_all -= counts.iter().sum::<u64>();
        change(&mut counts);
        self.bytes_all += counts.iter().sum::<u64>();
        if counts != [0, 0] {
            self.bytes.insert(torrent, counts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TorrentId = TorrentId(1);

    #[test]
    fn what_was_used_longest_ago_is_first_to_go() {
        let mut cache = Cache::default();
        for piece in 0..3 {
            cache.used(Time(u64::from(piece)), ONE, Piece(piece), 100);
        }
        cache.used(Time(9), ONE, Piece(0), 100);
        assert_eq!(cache.bytes(), 300);
        assert_eq!(cache.oldest().next(), Some((ONE, Piece(1))));
        cache.drop_piece(ONE, Piece(1), 100);
        assert_eq!(cache.oldest().next(), Some((ONE, Piece(2))));
        cache.begun(ONE, 50);
        cache.begun(ONE, 70);
        assert_eq!(cache.bytes(), 270);
        cache.drop_torrent(ONE);
        assert_eq!((cache.bytes(), cache.oldest().next()), (0, None));
    }

    #[test]
    fn what_was_found_on_disk_has_its_place_among_what_was_used() {
        let mut cache = Cache::default();
        let other = TorrentId(2);
        cache.used(Time(1), other, Piece(7), 10);
        cache.found(Time(5), ONE, Bits::full(3), 30);
        cache.used(Time(9), other, Piece(8), 10);
        cache.used(Time(9), ONE, Piece(1), 10);
        let pieces: Vec<_> = cache.oldest().map(|(torrent, piece)| (torrent.0, piece.0)).collect();
        assert_eq!(pieces, [(2, 7), (1, 0), (1, 2), (1, 1), (2, 8)]);
        assert_eq!(cache.bytes(), 50);
        cache.drop_piece(ONE, Piece(0), 10);
        cache.drop_piece(ONE, Piece(0), 10);
        assert_eq!(cache.bytes(), 40, "it goes once");
        cache.drop_torrent(ONE);
        assert_eq!(cache.bytes(), 20);
    }
}
