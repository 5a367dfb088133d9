//! The same file in several torrents: what one of them has, the others take from the disk, not from the network.
//!
//! A file of a v2 or hybrid torrent has a name of its own, the root of its hash tree (BEP 52): two files with one
//! root and one length are the same, whatever their torrents are called. A sibling's blocks are read where they
//! lie, stored in the torrent that lacks them and judged there like those of a peer, so that a damaged disk
//! damages nothing else, and what one torrent gives up the other keeps. Peers and web seeds are not asked for them.
//!
//! What one torrent is fetching just now the others leave to it, as long as it comes, and then take it from there:
//! two that fetch the same file share the work, piece by piece. What a player needs next is fetched all the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use torrent::{Block, Geometry, Info, Piece, Sha256Hash};

use crate::{
    DiskFault, OpId, Output, Time, TorrentId,
    agenda::Timer,
    bits::Bits,
    content::Content,
    context::{Context, Op},
    pieces::Partial,
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

/// A piece is left to another torrent for so many times as long as it should take there …
const COMES_WITHIN: f64 = 3.0;
/// … and no shorter or longer than this.
const LEFT_FOR: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

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
    /// Pieces that are on their way to it, as the others were last told.
    pub(crate) fetching: BTreeSet<Piece>,
    /// Pieces that are on their way to others, and until when they are left to them.
    left: BTreeMap<Piece, Time>,
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

/// The pieces of a torrent that are on their way to others, and for how long they may be left to them. Of two torrents
/// that fetch the same at the same moment the older one goes on.
pub(crate) fn elsewhere(torrents: &Torrents, torrent: &Torrent) -> BTreeMap<Piece, Duration> {
    let mut pieces = BTreeMap::new();
    let Some(content) = torrent.content.as_ref() else { return pieces };
    let geometry = content.pieces.geometry();
    for file in torrent.copying.places.keys() {
        let Some(described) = content.info().files().get(*file) else { continue };
        for (other, at) in torrent.copying.places(*file) {
            let Some(sibling) = torrents.get(&other) else { continue };
            let Some(theirs) = &sibling.content else { continue };
            let patience = sibling.patience_for_a_piece();
            for range in sibling.copying.fetching.iter().map(|piece| theirs.data_range(*piece)) {
                let range = range.start.max(at)..range.end.min(at + described.length);
                let ours = range.start.saturating_sub(at) + described.offset
                    ..range.end.saturating_sub(at) + described.offset;
                let ours = geometry.pieces_in(&ours).map(Piece);
                let comes = |piece: &Piece| {
                    let first = torrent.id < other && torrent.copying.fetching.contains(piece);
                    !first && !content.pieces.has(*piece)
                };
                pieces.extend(ours.filter(comes).map(|piece| (piece, patience)));
            }
        }
    }
    pieces
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

    /// The pieces that are on their way here: some of it was asked for, or all of it is there to be judged.
    pub(crate) fn fetching(&self) -> BTreeSet<Piece> {
        let Some(content) = self.content.as_ref().filter(|_| self.is_fetching()) else {
            return BTreeSet::new();
        };
        let comes = |(piece, partial): &(Piece, &Partial)| {
            let is_judged_next = partial.first_free().is_none()
                && !content.trials.is_doubted(*piece)
                && content.metainfo.expected_v2(*piece).is_some();
            is_judged_next || self.is_asked_for(*piece)
        };
        content.pieces.partials().filter(comes).map(|(piece, _)| piece).collect()
    }

    fn is_asked_for(&self, piece: Piece) -> bool {
        let blocks = Block { piece, index: 0 }..=Block { piece, index: u32::MAX };
        let mut owners = self.asked.range(blocks).flat_map(|(_, owners)| owners);
        owners.any(|owner| !matches!(owner, Source::Sibling(_)))
    }

    /// How long others wait for a piece that is on its way here.
    fn patience_for_a_piece(&self) -> Duration {
        let len = self.content.as_ref().map_or(0, Content::piece_len);
        let comes_in = f64::from(len) / self.supply().max(1.0);
        let (least, most) = LEFT_FOR;
        Duration::from_secs_f64((COMES_WITHIN * comes_in).min(most.as_secs_f64())).max(least)
    }

    /// Leaves to others what is on its way to them; whether there is something to ask for that was left to them before.
    pub(crate) fn leave_to_others(
        &mut self,
        ctx: &mut Context,
        pieces: &BTreeMap<Piece, Duration>,
    ) -> bool {
        let left = &mut self.copying.left;
        left.retain(|piece, _| pieces.contains_key(piece));
        for (piece, patience) in pieces {
            left.entry(*piece).or_insert(ctx.now + *patience);
        }
        self.review_left(ctx)
    }

    /// What others were left and did not get in time is fetched here as well; whether there is any.
    pub(crate) fn review_left(&mut self, ctx: &mut Context) -> bool {
        let left = self.copying.left.iter().filter(|(_, until)| **until > ctx.now);
        if let Some(next) = left.clone().map(|(_, until)| *until).min() {
            ctx.agenda.set(Timer::Left(self.id), next);
        }
        let left = left.map(|(piece, _)| *piece).collect();
        let back = self.content.as_mut().is_some_and(|content| content.leave_to_others(left));
        if back {
            self.rewindow(ctx);
        }
        back
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
