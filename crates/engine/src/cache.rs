//! What goes when the disk space set aside is used up: the pieces nobody used for longest.

use std::collections::{BTreeMap, BTreeSet};

use torrent::Piece;

use crate::{Time, TorrentId};

/// Complete pieces of torrents that are not pinned, by the time of their last use.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    by_age: BTreeSet<(Time, TorrentId, Piece)>,
    entries: BTreeMap<(TorrentId, Piece), (Time, u64)>,
    bytes: u64,
}

impl Cache {
    /// A piece was completed or read.
    pub(crate) fn used(&mut self, now: Time, torrent: TorrentId, piece: Piece, bytes: u64) {
        self.drop_piece(torrent, piece);
        self.by_age.insert((now, torrent, piece));
        self.entries.insert((torrent, piece), (now, bytes));
        self.bytes += bytes;
    }

    /// A piece is gone, or may not be evicted any more.
    pub(crate) fn drop_piece(&mut self, torrent: TorrentId, piece: Piece) {
        if let Some((at, bytes)) = self.entries.remove(&(torrent, piece)) {
            self.by_age.remove(&(at, torrent, piece));
            self.bytes -= bytes;
        }
    }

    /// A torrent is gone or pinned.
    pub(crate) fn drop_torrent(&mut self, torrent: TorrentId) {
        let range = (torrent, Piece(0))..=(torrent, Piece(u32::MAX));
        let pieces: Vec<_> = self.entries.range(range).map(|((_, piece), _)| *piece).collect();
        pieces.into_iter().for_each(|piece| self.drop_piece(torrent, piece));
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Pieces, longest unused first.
    pub(crate) fn oldest(&self) -> impl Iterator<Item = (TorrentId, Piece)> + '_ {
        self.by_age.iter().map(|&(_, torrent, piece)| (torrent, piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_is_first_to_go() {
        let mut cache = Cache::default();
        let torrent = TorrentId(1);
        for piece in 0..3 {
            cache.used(Time(u64::from(piece)), torrent, Piece(piece), 100);
        }
        cache.used(Time(9), torrent, Piece(0), 100);
        assert_eq!(cache.bytes(), 300);
        assert_eq!(cache.oldest().next(), Some((torrent, Piece(1))));
        cache.drop_piece(torrent, Piece(1));
        assert_eq!(cache.oldest().next(), Some((torrent, Piece(2))));
        cache.drop_torrent(torrent);
        assert_eq!((cache.bytes(), cache.oldest().next()), (0, None));
    }
}
