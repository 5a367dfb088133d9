//! Comparing what is on disk with the torrent's hashes, on several threads.

use std::{
    io,
    ops::Range,
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
    thread,
};

use torrent::{
    BLOCK_LEN, Piece, Sha1Hash, Sha256Hash,
    hash::{self, LANES, Sha1Lanes},
    merkle,
};

use super::Content;

/// Bytes read at once: few enough to be hashed out of the processor's cache, and blocks enough to be hashed side by side.
const READ_LEN: u64 = LANES as u64 * BLOCK_LEN as u64;
/// The same of each of several pieces: all of them together fit into the processor's cache.
const LANE_LEN: u64 = 32 * 1024;

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
    let next = AtomicUsize::new(0);
    let step = if content.is_hashed_together() { LANES } else { 1 };
    progress.total.store(u32::try_from(pieces.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
    let worker = || {
        let (mut right, mut parts) = (Vec::new(), Default::default());
        while let Some(group) = pieces.chunks(step).nth(next.fetch_add(1, Ordering::Relaxed)) {
            right.extend(right_of(content, group, &mut parts));
            progress.done.fetch_add(group.len() as u32, Ordering::Relaxed);
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

/// Those of some pieces that are right.
fn right_of(content: &Content, group: &[Piece], parts: &mut [Vec<u8>; LANES]) -> Vec<Piece> {
    if let Ok(pieces) = group.try_into()
        && let Ok(Some(right)) = are_right(content, pieces, parts)
    {
        return right;
    }
    // A piece that cannot be read is not there.
    let bytes = &mut parts[0];
    let is_right = |piece: &Piece| is_right(content, *piece, bytes).unwrap_or(false);
    group.iter().copied().filter(is_right).collect()
}

/// Those of v1 pieces that are right, hashed together; `None` if they are not of one length or lie in holes.
fn are_right(
    content: &Content,
    pieces: &[Piece; LANES],
    parts: &mut [Vec<u8>; LANES],
) -> io::Result<Option<Vec<Piece>>> {
    let ranges = pieces.map(|piece| content.piece_range(piece));
    let len = ranges[0].end - ranges[0].start;
    let fits =
        |range: &Range<u64>| range.end - range.start == len && content.may_hold(range.clone());
    if !ranges.iter().all(fits) {
        return Ok(None);
    }
    ranges.iter().for_each(|range| content.read_ahead(range.clone()));
    let hashes = sha1_together(&ranges.map(|range| (content, range)), parts)?;
    let expected = content.metainfo().info.piece_hashes();
    let found = pieces.iter().zip(hashes);
    let right = found.filter(|(piece, hash)| expected.get(piece.0 as usize) == Some(hash));
    Ok(Some(right.map(|(piece, _)| *piece).collect()))
}

/// The SHA-1 of some ranges of one length, not more than [`LANES`], of what is on disk.
pub(super) fn sha1_together(
    ranges: &[(&Content, Range<u64>)],
    parts: &mut [Vec<u8>; LANES],
) -> io::Result<Vec<Sha1Hash>> {
    let len = ranges.first().map_or(0, |(_, range)| range.end - range.start);
    let last = len.saturating_sub(1) / LANE_LEN * LANE_LEN;
    let mut hasher = Sha1Lanes::new();
    for at in (0..=last).step_by(LANE_LEN as usize) {
        for ((content, range), part) in ranges.iter().zip(&mut *parts) {
            let start = range.start + at;
            content.read_into(start..range.end.min(start + LANE_LEN), part)?;
        }
        let lanes = in_lanes(parts, ranges.len());
        if at == last {
            return Ok(hasher.finish(&lanes).into_iter().take(ranges.len()).collect());
        }
        hasher.update(&lanes);
    }
    Ok(vec![])
}

/// The first parts, and in the lanes that are left the first of them once more.
fn in_lanes(parts: &[Vec<u8>; LANES], count: usize) -> [&[u8]; LANES] {
    std::array::from_fn(|lane| &parts[if lane < count { lane } else { 0 }][..])
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
        leaves.extend(merkle::leaves(bytes));
    }
    Ok(leaves)
}

/// Cuts a range into parts of [`READ_LEN`].
fn parts(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let end = range.end;
    range.step_by(READ_LEN as usize).map(move |start| start..(start + READ_LEN).min(end))
}
