//! The same file in several torrents: what one of them has, the others take from the disk, not from the network.
//!
//! A file of a v2 or hybrid torrent has a name of its own, the root of its hash tree (BEP 52): two files with one
//! root and one length are the same, whatever their torrents are called. A sibling's blocks are read where they
//! lie, stored in the torrent that lacks them and judged there like those of a peer, so that a damaged disk
//! damages nothing else, and what one torrent gives up the other keeps. Peers and web seeds are not asked for them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use torrent::{Block, Geometry, Info, Piece, Sha256Hash};

use crate::{
    DiskFault, OpId, Output, TorrentId,
    bits::Bits,
    content::Content,
    context::{Context, Op},
    source::Source,
    torrent::Torrent,
};

/// Blocks that are being read for one torrent: 4 MiB.
const COPIES_MAX: usize = 256;
/// Blocks of a reader's window that are looked at for one turn.
const LOOK_MAX: usize = 64;
/// Places remembered of one file: a torrent may have the same file a million times.
const PLACES_MAX: usize = 8;
/// Other places of a file that a torrent knows.
const SIBLINGS_MAX: usize = 4;

/// What makes two files the same: the root of the hash tree, and the length in bytes.
type Identity = (Sha256Hash, u64);

/// Where every v2 file of all torrents lies.
#[derive(Debug, Default)]
pub(crate) struct Siblings(BTreeMap<Identity, BTreeSet<(TorrentId, usize)>>);

/// A file of one torrent that another one has too.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Its index in the torrent that was asked about.
    pub(crate) file: usize,
    /// The other torrent, and the file's index there.
    pub(crate) other: (TorrentId, usize),
}

impl Siblings {
    /// Takes in the files of a torrent; tells which of them are known from others.
    pub(crate) fn enter(&mut self, torrent: TorrentId, info: &Info) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (file, identity) in identities(info) {
            let places = self.0.entry(identity).or_default();
            let others = places.iter().filter(|(other, _)| *other != torrent);
            pairs.extend(others.take(SIBLINGS_MAX).map(|other| Pair { file, other: *other }));
            if places.len() < PLACES_MAX {
                places.insert((torrent, file));
            }
        }
        pairs
    }

    /// Forgets a torrent's files.
    pub(crate) fn leave(&mut self, torrent: TorrentId, info: &Info) {
        for (file, identity) in identities(info) {
            if let Some(places) = self.0.get_mut(&identity) {
                places.remove(&(torrent, file));
                if places.is_empty() {
                    self.0.remove(&identity);
                }
            }
        }
    }
}

/// The files that have a name of their own.
fn identities(info: &Info) -> impl Iterator<Item = (usize, Identity)> {
    let files = info.files().iter().enumerate();
    files.filter_map(|(file, described)| Some((file, (described.pieces_root?, described.length))))
}

/// What a torrent knows of the others that have files of its own.
#[derive(Debug, Default)]
pub(crate) struct Copying {
    /// By file, where else it lies: the torrent, and the content offset there.
    places: BTreeMap<usize, Vec<(TorrentId, u64)>>,
    /// Blocks that are being read there.
    under_way: BTreeMap<Block, OpId>,
    /// Torrents whose copy turned out to be wrong or unreadable.
    refused: BTreeSet<TorrentId>,
    /// What it had when the others were last told.
    pub(crate) told: u64,
    /// Whether what can be copied must be looked up anew.
    pub(crate) stale: bool,
}

impl Copying {
    /// Whether any file lies elsewhere too.
    pub(crate) fn concerns(&self) -> bool {
        !self.places.is_empty()
    }

    /// Whether there is anything to look at: most torrents have no sibling, and are asked this with every input.
    pub(crate) fn is_busy(&self) -> bool {
        self.concerns() || self.stale
    }

    /// A file was found in another torrent.
    pub(crate) fn found(&mut self, file: usize, other: TorrentId, offset: u64) {
        let places = self.places.entry(file).or_default();
        if places.len() < SIBLINGS_MAX && !places.contains(&(other, offset)) {
            places.push((other, offset));
            self.stale = true;
        }
    }

    /// The torrents that have files of this one.
    pub(crate) fn others(&self) -> BTreeSet<TorrentId> {
        self.places.values().flatten().map(|(other, _)| *other).collect()
    }

    fn forget(&mut self, other: TorrentId) {
        self.places.values_mut().for_each(|places| places.retain(|(one, _)| *one != other));
        self.places.retain(|_, places| !places.is_empty());
        self.stale = true;
    }

    fn places(&self, file: usize) -> impl Iterator<Item = (TorrentId, u64)> {
        let places = self.places.get(&file).into_iter().flatten().copied();
        places.filter(|(other, _)| !self.refused.contains(other))
    }
}

/// A block, and where it lies in another torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Copy {
    block: Block,
    other: TorrentId,
    piece: Piece,
    begin: u32,
    len: u32,
}

/// All torrents by name.
type Torrents = BTreeMap<TorrentId, Torrent>;

/// The pieces of a torrent that others can give whole.
pub(crate) fn copyable(torrents: &Torrents, torrent: &Torrent) -> Option<Bits> {
    let content = torrent.content.as_ref()?;
    let geometry = content.pieces.geometry();
    let mut bits = Bits::new(geometry.piece_count());
    for file in torrent.copying.places.keys() {
        let described = content.info().files().get(*file)?;
        let range = described.offset..described.offset + described.length;
        let there = |piece: &Piece| {
            let data = content.data_range(*piece);
            let within = data.start.saturating_sub(range.start)..data.end - range.start;
            let mut places = torrent.copying.places(*file);
            places.any(|(other, at)| has(torrents, other, at + within.start..at + within.end))
        };
        let pieces =
            geometry.pieces_in(&range).map(Piece).filter(|piece| !content.pieces.has(*piece));
        for piece in pieces.filter(there) {
            bits.insert(piece.0);
        }
    }
    Some(bits)
}

/// Whether a torrent has a content range, on disk and right.
fn has(torrents: &Torrents, torrent: TorrentId, range: std::ops::Range<u64>) -> bool {
    let content = torrents.get(&torrent).and_then(|torrent| torrent.content.as_ref());
    content.is_some_and(|content| {
        let mut pieces = content.pieces.geometry().pieces_in(&range);
        content.ready && pieces.all(|piece| content.pieces.has(Piece(piece)))
    })
}

/// What a torrent should take from others now.
pub(crate) fn due(torrents: &Torrents, torrent: &Torrent) -> Vec<Copy> {
    let room = COPIES_MAX.saturating_sub(torrent.copying.under_way.len());
    let Some(content) = torrent.content.as_ref().filter(|_| torrent.is_fetching()) else {
        return vec![];
    };
    // Half of the room at least, so that this is not looked at for every single block.
    if room < COPIES_MAX / 2 || !content.copies_any() {
        return vec![];
    }
    let urgent = torrent.streams.values().flat_map(|stream| stream.free.iter().take(LOOK_MAX));
    let urgent = urgent.copied().filter(|block| content.is_copyable(block.piece));
    let blocks = urgent.chain(content.copyable_blocks());
    let mut seen = BTreeSet::new();
    let fresh = blocks.filter(|block| content.pieces.is_free(*block) && seen.insert(*block));
    fresh.filter_map(|block| locate(torrents, torrent, content, block)).take(room).collect()
}

fn locate(torrents: &Torrents, torrent: &Torrent, content: &Content, block: Block) -> Option<Copy> {
    let start = content.pieces.geometry().block_range(block).start;
    let (file, within) = content.info().file_at(start)?;
    let len = content.data_len(block);
    let mut places = torrent.copying.places(file).map(|(other, at)| (other, at + within));
    let (other, at) = places.find(|(other, at)| {
        content.is_open_to(Source::Sibling(*other), block)
            && has(torrents, *other, *at..*at + u64::from(len))
    })?;
    let there = torrents.get(&other)?.content.as_ref()?.pieces.geometry();
    let (piece, begin) = place(there, at)?;
    Some(Copy { block, other, piece, begin, len })
}

fn place(geometry: &Geometry, at: u64) -> Option<(Piece, u32)> {
    let piece = geometry.piece_at(at);
    Some((piece, u32::try_from(at - geometry.piece_start(piece)).ok()?))
}

impl Torrent {
    /// Has a block read in another torrent.
    pub(crate) fn copy(&mut self, ctx: &mut Context, copy: Copy) {
        let Copy { block, other, piece, begin, len } = copy;
        let Some(content) = &mut self.content else { return };
        content.take(block);
        self.streams.values_mut().for_each(|stream| stream.asked(block));
        self.asked.entry(block).or_default().push(Source::Sibling(other));
        let op = ctx.begin(Op::Copy(self.id, block, other));
        self.copying.under_way.insert(block, op);
        ctx.put(Output::Load { op, torrent: other, piece, begin, len });
    }

    /// A block was read in another torrent.
    pub(crate) fn copied(
        &mut self,
        ctx: &mut Context,
        block: Block,
        other: TorrentId,
        result: Result<Bytes, DiskFault>,
    ) {
        self.copying.under_way.remove(&block);
        match result {
            Ok(bytes) => self.deliver(ctx, Source::Sibling(other), block, bytes),
            Err(_) => {
                self.release(Source::Sibling(other), block);
                self.refuse_sibling(other);
            }
        }
    }

    /// What another torrent has on disk is not what it should be: others are asked instead.
    pub(crate) fn refuse_sibling(&mut self, other: TorrentId) {
        self.copying.refused.insert(other);
        self.copying.stale = true;
        self.purge(Source::Sibling(other));
    }

    /// Another torrent is gone, and what was being read there with it.
    pub(crate) fn lose_sibling(&mut self, ctx: &mut Context, other: TorrentId) {
        let owned = self.owned_by(Source::Sibling(other));
        for block in owned {
            if let Some(op) = self.copying.under_way.remove(&block) {
                ctx.end(op);
            }
            self.release(Source::Sibling(other), block);
        }
        self.copying.forget(other);
        self.copying.refused.remove(&other);
    }

    /// Takes over what others can give whole; whether peers may have to be asked for pieces again.
    pub(crate) fn set_copyable(&mut self, ctx: &Context, bits: Bits) {
        self.copying.stale = false;
        let Some(content) = &mut self.content else { return };
        if content.set_copyable(bits) {
            self.rewindow(ctx);
        }
    }
}
