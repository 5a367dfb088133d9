//! Who sent what was wrong?
//!
//! A wrong piece from one sender names it. From several, the digest of each block is kept with its sender as
//! an *opinion*, and every block is fetched once more from somebody else; where two differ, from a third,
//! until each block has two equal opinions, then three, then four, because liars may agree. When the piece is
//! right, whoever was of another opinion gets a strike for each block, and at the second one is banned. If it
//! is still wrong, or there are too few sources, one source alone sends all of it: if that is wrong too, it lied and is banned at once, so every
//! further failure names a liar. In v2 nothing of this is needed where a peer tells the leaf hashes: a wrong piece is
//! *doubted* until they are here, and then each of its blocks is judged alone. Whatever a banned source sent into pieces that are not complete is fetched
//! again; other wrong pieces wait for that before they are tried themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use torrent::{BLOCK_LEN, Block, Piece, Sha256Hash, merkle};

use crate::{
    ConnId, DiskFault, HangUpWhy, News, Output, Time,
    agenda::Timer,
    context::{Context, Op},
    source::Source,
    torrent::Torrent,
};

/// Opinions on one block before one source alone is asked.
const OPINIONS_MAX: usize = 9;
/// Equal opinions that decide at first, and at most: liars may agree with each other.
const QUORUM: (usize, usize) = (2, 4);
/// Sources that must give a piece for opinions to be worth asking for.
const GIVERS_MIN: usize = 3;
/// Opinions that take longer than this give way to one source alone.
const VOTE_MAX: Duration = Duration::from_secs(10);
/// For so long a wrong piece waits for its leaf hashes.
const DOUBT_MAX: Duration = Duration::from_secs(6);
/// Wrong blocks among others' right ones before a sender is banned: a single one may be an accident.
const STRIKES_MAX: u32 = 2;
/// Senders that are gone and whose blocks were not judged yet, as far as they are remembered.
const GONE_MAX: usize = 1_000;

/// Wrong pieces whose senders are not told apart yet.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    by_piece: BTreeMap<Piece, Trial>,
    /// Wrong pieces that wait for another trial to name liars.
    held: BTreeSet<Piece>,
    /// Wrong pieces whose leaf hashes somebody was asked for, and since when.
    doubted: BTreeMap<Piece, Time>,
    /// Where those were who left before what they had sent was judged.
    gone: BTreeMap<ConnId, SocketAddr>,
}

#[derive(Debug)]
struct Trial {
    stage: Stage,
    /// Equal opinions that decide.
    quorum: usize,
    began: Time,
    /// On each block, the latest last.
    opinions: Vec<Vec<Opinion>>,
    /// Digests of the first version that are still being read.
    awaited: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The digests of the first version are read from disk.
    Reading,
    /// Every block is fetched from others.
    Voting,
    /// One source alone decides.
    Sole,
}

#[derive(Debug, Clone, Copy)]
struct Opinion {
    source: Source,
    addr: Option<SocketAddr>,
    digest: Sha256Hash,
}

impl Trials {
    /// Whether a source may be asked for a block: in a vote everybody has one opinion.
    pub(crate) fn allow(&self, source: Source, block: Block) -> bool {
        let trial = self.by_piece.get(&block.piece).filter(|trial| trial.stage == Stage::Voting);
        let opinions = trial.and_then(|trial| trial.opinions.get(block.index as usize));
        opinions.is_none_or(|opinions| opinions.iter().all(|opinion| opinion.source != source))
    }

    /// Somebody leaves whose blocks were not judged yet.
    pub(crate) fn remember(&mut self, conn: ConnId, addr: SocketAddr) {
        if self.gone.len() >= GONE_MAX {
            self.gone.pop_first();
        }
        self.gone.insert(conn, addr);
    }

    /// Whether the digests of a piece's blocks are wanted.
    pub(crate) fn is_tried(&self, piece: Piece) -> bool {
        self.by_piece.contains_key(&piece)
    }

    /// Whether a piece was wrong and has not been right since.
    pub(crate) fn is_doubted(&self, piece: Piece) -> bool {
        self.is_tried(piece) || self.held.contains(&piece) || self.doubted.contains_key(&piece)
    }

    /// Whether a wrong piece waited for something that has become needless.
    fn free(&mut self, piece: Piece) -> bool {
        self.held.remove(&piece) | self.doubted.remove(&piece).is_some()
    }
}

impl Trial {
    /// Blocks without enough equal opinions, and whether that is hopeless.
    fn undecided(&self) -> (Vec<u32>, bool) {
        let open = self.opinions.iter().zip(0..).filter(|(opinions, _)| {
            let last = opinions.last();
            last.is_some_and(|last| {
                opinions.iter().filter(|one| one.digest == last.digest).count() < self.quorum
            })
        });
        let open: Vec<(usize, u32)> =
            open.map(|(opinions, index)| (opinions.len(), index)).collect();
        let hopeless = open.iter().any(|(opinions, _)| *opinions >= OPINIONS_MAX);
        (open.into_iter().map(|(_, index)| index).collect(), hopeless)
    }
}

impl Torrent {
    /// A piece as a whole is wrong.
    pub(crate) fn piece_wrong(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial_mut(piece) else { return };
        ctx.tell(News::PieceWrong(self.id, piece));
        if partial.is_of_old() {
            // The disk may be what is wrong: nobody is blamed.
            return self.fetch_again(piece, false);
        }
        let senders: BTreeSet<Source> = partial.senders().iter().copied().flatten().collect();
        let stage = content.trials.by_piece.get(&piece).map(|trial| trial.stage);
        match (stage, senders.first().filter(|_| senders.len() == 1)) {
            (None | Some(Stage::Sole), Some(liar)) => {
                self.fetch_again(piece, stage.is_some());
                self.punish(ctx, *liar);
            }
            (None, None) => self.doubt(ctx, piece),
            (Some(Stage::Voting), _) => self.vote_again(piece),
            (Some(Stage::Reading | Stage::Sole), _) => self.ask_one(piece),
        }
    }

    /// Leaf hashes tell which blocks are wrong: somebody is asked for them, if anybody can be.
    fn doubt(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        content.trials.doubted.insert(piece, ctx.now);
        if let Some(partial) = content.pieces.partial_mut(piece) {
            partial.checking = true;
        }
        self.ask_leaves(ctx, piece);
        self.end_doubts(ctx);
    }

    /// Where nobody tells the leaf hashes, or not soon, liars are told apart by what others send.
    pub(crate) fn end_doubts(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let ends = |(piece, since): &(&Piece, &Time)| {
            **since + DOUBT_MAX <= ctx.now || !self.is_asked_about(**piece)
        };
        let ended = content.trials.doubted.iter().filter(ends).map(|(piece, _)| *piece);
        for piece in ended.collect::<Vec<_>>() {
            if let Some(content) = &mut self.content {
                content.trials.doubted.remove(&piece);
            }
            self.hold_or_try(ctx, piece);
        }
    }

    /// The leaf hashes of a piece are known: they say more than any number of opinions.
    pub(crate) fn name_liars(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &mut self.content else { return };
        let tried = content.trials.is_tried(piece);
        let right = content.leaves(piece).unwrap_or_default();
        let right = right.iter().copied().map(Some).collect();
        if (content.trials.free(piece) || tried)
            && let Some(partial) = content.pieces.partial_mut(piece)
        {
            (partial.checking, partial.sole) = (false, None);
        }
        self.close_trial(ctx, piece, right);
    }

    /// A wrong piece waits while another one is tried, unless a player waits for it.
    fn hold_or_try(&mut self, ctx: &mut Context, piece: Piece) {
        let waited_for = self.is_waited_for(piece);
        let Some(content) = &mut self.content else { return };
        let Some(partial) = content.pieces.partial_mut(piece) else { return };
        partial.checking = true;
        if !content.trials.by_piece.is_empty() && !waited_for {
            content.trials.held.insert(piece);
            return;
        }
        let count = partial.senders().len();
        let trial = Trial {
            stage: Stage::Reading,
            quorum: QUORUM.0,
            began: ctx.now,
            opinions: vec![Vec::new(); count],
            awaited: 0,
        };
        content.trials.by_piece.insert(piece, trial);
        self.read_opinions(ctx, piece);
    }

    /// The digests of what was wrong: known from storing, or read.
    fn read_opinions(&mut self, ctx: &mut Context, piece: Piece) {
        let Some(content) = &self.content else { return };
        let Some(partial) = content.pieces.partial(piece) else { return };
        let sent = partial.senders().iter().zip(0..).filter(|(sender, _)| sender.is_some());
        let blocks: Vec<Block> = sent.map(|(_, index)| Block { piece, index }).collect();
        let known: Vec<_> = partial.leaves.clone();
        let mut awaited = 0;
        for block in blocks {
            if let Some(digest) = known.get(block.index as usize).copied().flatten() {
                self.hear_opinion(block, digest);
                continue;
            }
            let Some(content) = &self.content else { return };
            awaited += 1;
            let op = ctx.begin(Op::Compare(self.id, block));
            let begin = block.index * BLOCK_LEN;
            let len = content.pieces.geometry().block_len(block);
            ctx.put(Output::Load { op, torrent: self.id, piece, begin, len });
        }
        if let Some(trial) = self.trial(piece) {
            trial.awaited = awaited;
        }
        if awaited == 0 {
            self.start_vote(ctx, piece);
        }
    }

    fn trial(&mut self, piece: Piece) -> Option<&mut Trial> {
        self.content.as_mut()?.trials.by_piece.get_mut(&piece)
    }

    /// A block of a wrong piece was read.
    pub(crate) fn compared(
        &mut self,
        ctx: &mut Context,
        block: Block,
        result: Result<Bytes, DiskFault>,
    ) {
        if let Ok(bytes) = result {
            self.hear_opinion(block, merkle::block_leaf(&bytes));
        }
        let Some(trial) = self.trial(block.piece) else { return };
        trial.awaited = trial.awaited.saturating_sub(1);
        if trial.awaited == 0 && trial.stage == Stage::Reading {
            self.start_vote(ctx, block.piece);
        }
    }

    /// What the sender of a stored block says it is.
    pub(crate) fn hear_opinion(&mut self, block: Block, digest: Sha256Hash) {
        let index = block.index as usize;
        let content = self.content.as_ref();
        let partial = content.and_then(|content| content.pieces.partial(block.piece));
        let Some(source) = partial.and_then(|partial| partial.senders().get(index).copied()?)
        else {
            return;
        };
        let addr = match source {
            Source::Peer(conn) => self.addr_of(conn),
            Source::Web(_) | Source::Sibling(_) => None,
        };
        let opinions = self.trial(block.piece).and_then(|trial| trial.opinions.get_mut(index));
        if let Some(opinions) = opinions {
            opinions.push(Opinion { source, addr, digest });
        }
    }

    fn start_vote(&mut self, ctx: &mut Context, piece: Piece) {
        let peers = self.peers.values().filter(|peer| !peer.snubbed && peer.gives(piece)).count();
        if peers + self.webs_in_use(ctx.now) < GIVERS_MIN {
            return self.ask_one(piece);
        }
        if let Some(trial) = self.trial(piece) {
            trial.stage = Stage::Voting;
        }
        self.fetch_again(piece, false);
        self.plan_vote(ctx);
    }

    /// Sees to it that a vote ends.
    fn plan_vote(&self, ctx: &mut Context) {
        let trials = self.content.iter().flat_map(|content| content.trials.by_piece.values());
        let votes = trials.filter(|trial| trial.stage == Stage::Voting);
        if let Some(began) = votes.map(|trial| trial.began).min() {
            ctx.agenda.set_earlier(Timer::Questions(self.id), began + VOTE_MAX);
        }
    }

    /// Enough opinions were equal, and wrong: more of them are needed.
    fn vote_again(&mut self, piece: Piece) {
        let Some(trial) = self.trial(piece) else { return };
        trial.quorum += 1;
        if trial.quorum > QUORUM.1 {
            return self.ask_one(piece);
        }
        self.fetch_again(piece, false);
    }

    /// All blocks of a piece under trial are stored: whether its hash may be judged.
    pub(crate) fn is_decided(&mut self, piece: Piece) -> bool {
        let Some(trial) = self.trial(piece) else { return true };
        if trial.stage != Stage::Voting {
            return true;
        }
        let (open, hopeless) = trial.undecided();
        if hopeless {
            self.ask_one(piece);
            return false;
        }
        for index in &open {
            let block = Block { piece, index: *index };
            if let Some(content) = &mut self.content {
                content.pieces.refuse(block);
            }
            self.waste.discard(BLOCK_LEN);
            self.lack(block);
        }
        open.is_empty()
    }

    /// One source alone decides.
    fn ask_one(&mut self, piece: Piece) {
        if let Some(trial) = self.trial(piece) {
            trial.stage = Stage::Sole;
        }
        self.fetch_again(piece, true);
    }

    /// Whether a player waits for a piece now.
    pub(crate) fn is_waited_for(&self, piece: Piece) -> bool {
        let content = self.content.as_ref();
        let at = |stream: &crate::stream::Stream| {
            content.and_then(|content| content.block_from(stream.position)).map(|block| block.piece)
        };
        self.streams.values().any(|stream| stream.waits() && at(stream) == Some(piece))
    }

    /// Wrong pieces that waited get a trial of their own, when nothing else is tried or a player waits.
    pub(crate) fn try_held(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let slow =
            content.trials.by_piece.iter().filter(|(_, trial)| {
                trial.stage == Stage::Voting && trial.began + VOTE_MAX <= ctx.now
            });
        let slow: Vec<Piece> = slow.map(|(piece, _)| *piece).collect();
        slow.into_iter().for_each(|piece| self.ask_one(piece));
        self.plan_vote(ctx);
        let Some(content) = &self.content else { return };
        let held: Vec<Piece> = content.trials.held.iter().copied().collect();
        for piece in held {
            let Some(content) = &mut self.content else { return };
            let idle = content.trials.by_piece.is_empty();
            if idle || self.is_waited_for(piece) {
                if let Some(content) = &mut self.content {
                    content.trials.held.remove(&piece);
                }
                self.hold_or_try(ctx, piece);
            }
        }
    }

    /// A source lied: what it sent into pieces that are not complete is fetched again.
    pub(crate) fn purge(&mut self, source: Source) {
        let Some(content) = &mut self.content else { return };
        let blocks = content.pieces.unproven_from(source);
        for block in &blocks {
            content.pieces.refuse(*block);
            if content.trials.free(block.piece)
                && let Some(partial) = content.pieces.partial_mut(block.piece)
            {
                partial.checking = false;
            }
        }
        self.waste.discard(BLOCK_LEN.saturating_mul(blocks.len() as u32));
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

    /// Frees all blocks of a piece, for one source alone if there is one.
    fn fetch_again(&mut self, piece: Piece, alone: bool) {
        let sole = self.best_giver(piece, None).filter(|_| alone);
        let Some(content) = &mut self.content else { return };
        self.waste.discard(content.pieces.geometry().piece_len(piece));
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

    /// What is right of a piece that was wrong before is known now: its digests tell who sent wrong blocks.
    pub(crate) fn close_trial(
        &mut self,
        ctx: &mut Context,
        piece: Piece,
        right: Vec<Option<Sha256Hash>>,
    ) {
        let Some(content) = &mut self.content else { return };
        let Some(trial) = content.trials.by_piece.remove(&piece) else { return };
        for (opinions, right) in trial.opinions.iter().zip(right) {
            let Some(right) = right else { continue };
            for opinion in opinions.iter().filter(|opinion| opinion.digest != right) {
                match (opinion.source, opinion.addr) {
                    (Source::Web(seed), _) => self.ban_web(ctx, seed),
                    (Source::Sibling(other), _) => self.refuse_sibling(other),
                    (Source::Peer(conn), Some(addr)) => self.strike(ctx, conn, addr),
                    (Source::Peer(_), None) => (),
                }
            }
        }
        self.try_held(ctx);
    }

    /// One wrong block may be an accident; a second one is not.
    fn strike(&mut self, ctx: &mut Context, conn: ConnId, addr: SocketAddr) {
        if ctx.is_banned(addr) {
            return;
        }
        if ctx.bans.strike(ctx.now, addr) >= STRIKES_MAX {
            return self.ban_sender(ctx, conn, addr);
        }
        ctx.tell(News::PeerErred(self.id, addr));
    }

    /// Where a sender is, or was when it left.
    fn addr_of(&self, conn: ConnId) -> Option<SocketAddr> {
        let here = self.peers.get(&conn).map(|peer| peer.addr);
        here.or_else(|| self.content.as_ref()?.trials.gone.get(&conn).copied())
    }

    /// Remembers where somebody was who leaves before all that they sent was judged.
    pub(crate) fn remember_sender(&mut self, conn: ConnId, addr: SocketAddr) {
        if let Some(content) = &mut self.content
            && content.pieces.has_unproven_from(Source::Peer(conn))
        {
            content.trials.remember(conn, addr);
        }
    }

    /// Bans whoever this is or was, and hangs up.
    pub(crate) fn ban(&mut self, ctx: &mut Context, conn: ConnId) {
        if let Some(addr) = self.addr_of(conn) {
            self.ban_sender(ctx, conn, addr);
        }
    }

    /// Bans a host: nothing unproven of it is kept, and whoever is connected from there goes.
    fn ban_sender(&mut self, ctx: &mut Context, conn: ConnId, addr: SocketAddr) {
        ctx.ban(addr);
        self.candidates.forget(addr);
        ctx.tell(News::PeerLied(self.id, addr));
        self.purge(Source::Peer(conn));
        let there = self.peers.values().filter(|peer| ctx.is_banned(peer.addr));
        for conn in there.map(|peer| peer.conn).collect::<Vec<_>>() {
            self.purge(Source::Peer(conn));
            self.hang_up(ctx, conn, HangUpWhy::Banned);
        }
    }
}
