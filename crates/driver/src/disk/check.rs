//! Comparing what is on disk with the torrent's hashes, on several threads.

use std::{
    io,
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use torrent::{BLOCK_LEN, Piece, Sha256Hash, hash, merkle};

use super::Content;

/// Bytes read at once: few enough to be hashed out of the processor's cache.
const READ_LEN: u64 = 128 * 1024;

/// How far a check is: read by whoever shows it, while it goes on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    done: AtomicU32,
    total: AtomicU32,
}

impl Progress {
    /// Pieces checked, and pieces to check.
    pub(crate) fn so_far(&self) -> (u32, u32) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// Which of `pieces` are on disk and right, in order. Pieces that lie in holes are not read: but for
/// pieces of zeros, which are right as they are, they cannot match.
pub(crate) fn check(
    content: &Content,
    pieces: &[Piece],
    workers: usize,
    progress: &Progress,
) -> Vec<Piece> {
    let next = AtomicU32::new(0);
    progress.total.store(u32::try_from(pieces.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
    let worker = || {
        let (mut right, mut bytes) = (Vec::new(), Vec::new());
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            // A piece that cannot be read is not there.
            if is_right(content, *piece, &mut bytes).unwrap_or(false) {
                right.push(*piece);
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
        right
    };
    let mut right = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    right.sort_unstable();
    right
}

fn is_right(content: &Content, piece: Piece, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let metainfo = content.metainfo();
    let range = content.piece_range(piece);
    if !content.may_hold(range.clone()) {
        return Ok(false);
    }
    match metainfo.expected_v2(piece) {
        Some(expected) => {
            let data_len = metainfo.info.geometry().data_len(piece);
            let data = range.start..range.start + u64::from(data_len);
            Ok(expected.is_met_by(&leaves(content, data, bytes)?))
        }
        None => {
            let mut sha1 = hash::Sha1Hasher::new();
            hash_on(content, range, bytes, &mut sha1)?;
            Ok(metainfo.info.piece_hashes().get(piece.0 as usize) == Some(&sha1.finish()))
        }
    }
}

/// Hashes a range of what is on disk, through `bytes`.
pub(super) fn hash_on(
    content: &Content,
    range: Range<u64>,
    bytes: &mut Vec<u8>,
    sha1: &mut hash::Sha1Hasher,
) -> io::Result<()> {
    for part in parts(range) {
        content.read_into(part, bytes)?;
        sha1.update(bytes);
    }
    Ok(())
}

fn leaves(
    content: &Content,
    range: Range<u64>,
    bytes: &mut Vec<u8>,
) -> io::Result<Vec<Sha256Hash>> {
    let mut leaves = Vec::new();
    for part in parts(range) {
        content.read_into(part, bytes)?;
        leaves.extend(bytes.chunks(BLOCK_LEN as usize).map(merkle::block_leaf));
    }
    Ok(leaves)
}

/// Cuts a range into parts of [`READ_LEN`].
fn parts(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    range.step_by(READ_LEN as usize).map(move |start| start..(start + READ_LEN).min(end))
}
