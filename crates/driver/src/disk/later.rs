//! Pieces that are there and whose SHA-1 nobody waits for: they are hashed together, which takes the processor a quarter
//! of the time that they take it one by one (`torrent::hash::Sha1Lanes`), even though they are read again.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{OpId, TorrentId};
use torrent::{
    Piece, Sha1Hash,
    hash::{LANES, Sha1Hasher},
};

use super::{
    Content,
    check::{hash_on, sha1_together},
};

/// The longest that a piece waits for others: somebody may begin to watch it meanwhile.
const WAIT_MAX: Duration = Duration::from_millis(250);
/// They do not wait on when nothing has come for so long: the last ones of a download are known at once.
const QUIET: Duration = Duration::from_millis(50);
/// From so many on they are had sooner together, if the lanes of a vector stay empty in part.
const TOGETHER_MIN: usize = 4;

/// A piece that waits.
pub(super) struct Waiting {
    pub(super) op: OpId,
    pub(super) content: Arc<Content>,
    pub(super) piece: Piece,
}

impl Waiting {
    fn len(&self) -> u64 {
        let range = self.content.piece_range(self.piece);
        range.end - range.start
    }
}

/// The pieces that wait, all of one length.
#[derive(Default)]
pub(super) struct Later {
    pieces: Vec<Waiting>,
    /// When the first of them began to.
    since: Option<Instant>,
    /// What is read to be hashed goes through here.
    parts: [Vec<u8>; LANES],
}

impl Later {
    /// How long to wait for another job before they are hashed; `None` while nothing waits.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.since.map(|since| WAIT_MAX.saturating_sub(since.elapsed()).min(QUIET))
    }

    /// Whether they should be hashed before this one joins them.
    pub(super) fn is_full_for(&self, next: &Waiting) -> bool {
        self.pieces.first().is_some_and(|first| first.len() != next.len()) || self.is_due()
    }

    /// Whether they have waited enough, or are as many as are hashed together.
    pub(super) fn is_due(&self) -> bool {
        self.pieces.len() == LANES || self.since.is_some_and(|since| since.elapsed() >= WAIT_MAX)
    }

    pub(super) fn add(&mut self, piece: Waiting) {
        self.since.get_or_insert_with(Instant::now);
        self.pieces.push(piece);
    }

    pub(super) fn has(&self, (torrent, piece): (TorrentId, Piece)) -> bool {
        self.pieces.iter().any(|one| one.content.torrent() == torrent && one.piece == piece)
    }

    /// Hashes all that wait.
    pub(super) fn hash(&mut self) -> Vec<(Waiting, io::Result<Sha1Hash>)> {
        self.since = None;
        let pieces = std::mem::take(&mut self.pieces);
        if pieces.len() >= TOGETHER_MIN {
            let range = |one: &Waiting| one.content.piece_range(one.piece);
            let ranges: Vec<_> = pieces.iter().map(|one| (&*one.content, range(one))).collect();
            if let Ok(hashes) = sha1_together(&ranges, &mut self.parts) {
                return pieces.into_iter().zip(hashes.into_iter().map(Ok)).collect();
            }
        }
        // One that cannot be read says nothing of the others.
        let hashed = |one: Waiting| {
            let hash = alone(&one, &mut self.parts[0]);
            (one, hash)
        };
        pieces.into_iter().map(hashed).collect()
    }
}

fn alone(one: &Waiting, bytes: &mut Vec<u8>) -> io::Result<Sha1Hash> {
    let mut sha1 = Sha1Hasher::new();
    hash_on(&one.content, one.content.piece_range(one.piece), bytes, &mut sha1)?;
    Ok(sha1.finish())
}
