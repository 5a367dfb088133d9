//! Who sent what was wrong?
//!
//! A wrong piece from one sender names it. From several, each block's digest is kept with its sender, the
//! piece is fetched again from one source alone, and when it is right the digests are compared: whoever sent
//! another block gets a strike, and at the second one is banned. One source alone that sends a wrong piece
//! is banned at once, so every further failure names a liar. Whatever a banned source sent into pieces that
//! are not complete is fetched again; other wrong pieces wait for that before they are tried themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use bytes::Bytes;
use torrent::{Block, Piece, Sha256Hash, merkle};

use crate::{
    DiskFault, News, Output,
    context::{Context, Op},
    source::Source,
    torrent::Torrent,
};

/// Pieces whose senders are being told apart at one time.
const TRIALS_MAX: usize = 64;
/// Wrong versions of one piece that are remembered.
const VERSIONS_MAX: usize = 4;
/// Wrong blocks among others' right ones before a sender is banned: a single one may be an accident.
const STRIKES_MAX: u32 = 2;
/// Senders with strikes that are remembered.
const STRUCK_MAX: usize = 1_000;

/// Wrong pieces whose senders are not told apart yet.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    by_piece: BTreeMap<Piece, Trial>,
    /// Wrong pieces that wait for another trial to name liars.
    held: BTreeSet<Piece>,
    strikes: BTreeMap<SocketAddr, u32>,
}

#[derive(Debug, Default)]
struct Trial {
    versions: Vec<Version>,
    /// Digests of the right version, while they are read.
    right: Option<Version>,
    /// Digests that are still being read.
    awaited: usize,
}

/// The blocks of one wrong piece.
#[derive(Debug, Clone)]
struct Version {
    senders: Vec<Option<(Source, Option<SocketAddr>)>>,
    digests: Vec<Option<Sha256Hash>>,
}

impl Torrent {
    /// A piece as a whole is wrong.
    pub(crate) fn piece_wrong(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial_mut(piece) else { return };
        ctx.tell(News::PieceWrong(self.id, piece));
        self.waste.spend(content.metainfo.info.geometry().piece_len(piece));
        let senders: BTreeSet<Source> = partial.senders().iter().copied().flatten().collect();
        let digests = partial.leaves.clone();
        let known = digests
            .iter()
            .zip(partial.senders())
            .all(|(digest, sender)| digest.is_some() || sender.is_none());
        partial.checking = true;
        if let (1, Some(liar)) = (senders.len(), senders.first()) {
            self.fetch_again(piece, true);
            return self.punish(ctx, *liar);
        }
        if !content.trials.by_piece.is_empty() && !self.is_waited_for(piece) {
            if let Some(content) = &mut self.content {
                content.trials.held.insert(piece);
            }
            return;
        }
        let version = self.version(piece, digests);
        self.open_trial(ctx, piece, version, known);
    }

    /// Whether a player waits for a piece now.
    fn is_waited_for(&self, piece: Piece) -> bool {
        let content = self.content.as_ref();
        let at = |stream: &crate::stream::Stream| {
            content.and_then(|content| content.block_from(stream.position)).map(|block| block.piece)
        };
        self.streams.values().any(|stream| stream.waits() && at(stream) == Some(piece))
    }

    /// Wrong pieces that waited get a trial of their own, when nothing else is tried or a player waits.
    pub(crate) fn try_held(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let held: Vec<Piece> = content.trials.held.iter().copied().collect();
        for piece in held {
            let Some(content) = &mut self.content else { return };
            let idle = content.trials.by_piece.is_empty();
            if idle || self.is_waited_for(piece) {
                if let Some(content) = &mut self.content {
                    content.trials.held.remove(&piece);
                }
                self.piece_wrong(ctx, piece);
            }
        }
    }

    /// A source lied: what it sent into pieces that are not complete is fetched again.
    pub(crate) fn purge(&mut self, source: Source) {
        let Some(content) = &mut self.content else { return };
        let blocks = content.pieces.unproven_from(source);
        for block in &blocks {
            content.pieces.refuse(*block);
            if content.trials.held.remove(&block.piece)
                && let Some(partial) = content.pieces.partial_mut(block.piece)
            {
                partial.checking = false;
            }
        }
        self.waste.spend(torrent::BLOCK_LEN.saturating_mul(blocks.len() as u32));
        blocks.into_iter().for_each(|block| self.lack(block));
    }

    /// A piece was right: whoever helped with it has shown that it can.
    pub(crate) fn credit(&mut self, piece: Piece) {
        let Some(content) = &self.content else { return };
        let Some(partial) = content.pieces.partial(piece) else { return };
        let senders: BTreeSet<Source> = partial.senders().iter().copied().flatten().collect();
        for source in senders {
            if let Source::Peer(conn) = source
                && let Some(peer) = self.peers.get_mut(&conn)
            {
                peer.proven += 1;
            }
        }
    }

    fn version(&self, piece: Piece, digests: Vec<Option<Sha256Hash>>) -> Version {
        let partial = self.content.as_ref().and_then(|content| content.pieces.partial(piece));
        let senders = partial.map(|partial| partial.senders().to_vec()).unwrap_or_default();
        let named = senders.into_iter().map(|sender| Some((sender?, self.address(sender?))));
        Version { senders: named.collect(), digests }
    }

    fn address(&self, source: Source) -> Option<SocketAddr> {
        match source {
            Source::Peer(conn) => self.peers.get(&conn).map(|peer| peer.addr),
            Source::Web(_) => None,
        }
    }

    fn open_trial(&mut self, ctx: &mut Context, piece: Piece, version: Version, known: bool) {
        let Some(content) = &mut self.content else { return };
        let trials = &mut content.trials.by_piece;
        if trials.len() >= TRIALS_MAX && !trials.contains_key(&piece) {
            return self.fetch_again(piece, true);
        }
        let trial = trials.entry(piece).or_default();
        trial.versions.truncate(VERSIONS_MAX - 1);
        let blocks = version.blocks(piece);
        trial.versions.insert(0, version);
        if known {
            return self.fetch_again(piece, true);
        }
        trial.awaited = blocks.len();
        self.read_digests(ctx, &blocks);
    }

    fn read_digests(&mut self, ctx: &mut Context, blocks: &[Block]) {
        let Some(content) = &self.content else { return };
        for block in blocks {
            let op = ctx.begin(Op::Compare(self.id, *block));
            let begin = block.index * torrent::BLOCK_LEN;
            let len = content.pieces.geometry().block_len(*block);
            ctx.put(Output::Load { op, torrent: self.id, piece: block.piece, begin, len });
        }
    }

    /// A block of a wrong piece, or of its right version, was read.
    pub(crate) fn compared(
        &mut self,
        ctx: &mut Context,
        block: Block,
        result: Result<Bytes, DiskFault>,
    ) {
        let Some(content) = &mut self.content else { return };
        let Some(trial) = content.trials.by_piece.get_mut(&block.piece) else { return };
        let version = trial.right.as_mut().or_else(|| trial.versions.first_mut());
        let slot = version.and_then(|version| version.digests.get_mut(block.index as usize));
        if let (Some(slot), Ok(bytes)) = (slot, result) {
            *slot = Some(merkle::block_leaf(&bytes));
        }
        trial.awaited = trial.awaited.saturating_sub(1);
        match (trial.awaited, trial.right.is_some()) {
            (0, false) => self.fetch_again(block.piece, true),
            (0, true) => self.close_trial(ctx, block.piece),
            _ => (),
        }
    }

    /// Frees all blocks of a piece, for one source alone if there is one.
    fn fetch_again(&mut self, piece: Piece, alone: bool) {
        let sole = self.best_giver(piece, None).filter(|_| alone);
        let Some(content) = &mut self.content else { return };
        content.pieces.restart(piece, sole);
        let count = content.pieces.geometry().block_count(piece);
        let blocks = (0..count).map(|index| Block { piece, index });
        let free: Vec<Block> = blocks.filter(|block| content.pieces.is_free(*block)).collect();
        free.into_iter().for_each(|block| self.lack(block));
    }

    /// The fastest peer that gives a piece, of those that were right before if there are any.
    fn best_giver(&self, piece: Piece, but: Option<Source>) -> Option<Source> {
        let givers = self.peers.values().filter(|peer| !peer.snubbed && peer.gives(piece));
        let givers = givers.filter(|peer| Some(Source::Peer(peer.conn)) != but);
        let best = givers.max_by(|one, two| {
            let proven = (one.proven > 0).cmp(&(two.proven > 0));
            proven.then(one.pace.rate().total_cmp(&two.pace.rate()))
        });
        best.map(|peer| Source::Peer(peer.conn))
    }

    /// A source that was to decide alone does not deliver: another one shall.
    pub(crate) fn replace_sole(&mut self, source: Source) {
        let Some(content) = &self.content else { return };
        let waiting = content.pieces.partials().filter(|(_, partial)| partial.sole == Some(source));
        let waiting: Vec<Piece> = waiting.map(|(piece, _)| piece).collect();
        for piece in waiting {
            let sole = self.best_giver(piece, Some(source));
            let content = self.content.as_mut();
            if let Some(partial) = content.and_then(|content| content.pieces.partial_mut(piece)) {
                partial.sole = sole;
            }
            self.chores.all = true;
        }
    }

    /// A piece that was wrong before is right now: its digests tell who sent the wrong blocks.
    pub(crate) fn compare_right(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let known = content.leaves(piece).map(|leaves| leaves.iter().copied().map(Some).collect());
        let Some(trial) = content.trials.by_piece.get_mut(&piece) else { return };
        let Some(wrong) = trial.versions.first() else { return };
        let blocks = wrong.blocks(piece);
        let digests = known.clone().unwrap_or_else(|| vec![None; wrong.digests.len()]);
        trial.right = Some(Version { senders: Vec::new(), digests });
        trial.awaited = blocks.len();
        match known {
            Some(_) => self.close_trial(ctx, piece),
            None => self.read_digests(ctx, &blocks),
        }
    }

    fn close_trial(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let Some(trial) = content.trials.by_piece.remove(&piece) else { return };
        for (source, addr) in trial.liars() {
            match (source, addr) {
                (Source::Web(seed), _) => self.ban_web(ctx, seed),
                (Source::Peer(conn), Some(addr)) => self.strike(ctx, conn, addr),
                (Source::Peer(_), None) => (),
            }
        }
        self.try_held(ctx);
    }

    fn strike(&mut self, ctx: &mut Context, conn: crate::ConnId, addr: SocketAddr) {
        let Some(content) = &mut self.content else { return };
        let strikes = &mut content.trials.strikes;
        if strikes.len() >= STRUCK_MAX {
            strikes.pop_first();
        }
        let count = strikes.entry(addr).or_default();
        *count += 1;
        if *count < STRIKES_MAX {
            return;
        }
        strikes.remove(&addr);
        if self.peers.contains_key(&conn) {
            return self.ban(ctx, conn);
        }
        ctx.bans.ban(ctx.now, addr);
        self.candidates.forget(addr);
        ctx.tell(News::PeerLied(self.id, addr));
    }
}

impl Version {
    /// The blocks that somebody sent.
    fn blocks(&self, piece: Piece) -> Vec<Block> {
        let sent = self.senders.iter().enumerate().filter(|(_, sender)| sender.is_some());
        sent.map(|(index, _)| Block { piece, index: index as u32 }).collect()
    }
}

impl Trial {
    /// Senders of blocks that differ from the right ones, once for each block.
    fn liars(&self) -> Vec<(Source, Option<SocketAddr>)> {
        let Some(right) = &self.right else { return Vec::new() };
        let mut liars = Vec::new();
        for version in &self.versions {
            for ((sender, was), is) in
                version.senders.iter().zip(&version.digests).zip(&right.digests)
            {
                if let (Some(sender), Some(was), Some(is)) = (sender, was, is)
                    && was != is
                {
                    liars.push(*sender);
                }
            }
        }
        liars
    }
}
