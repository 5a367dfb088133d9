//! What should we ask, of whom, by when?
//!
//! Nothing here runs on a tick. A source gets work when it has room: a block came, it unchoked us, the
//! player moved, or the expected arrival of an urgent block has passed.

use std::{ops::Range, time::Duration};

use torrent::{BLOCK_LEN, Block, Piece};

use crate::{
    ConnId, Time,
    agenda::Timer,
    content::Content,
    context::Context,
    estimate::{QUEUE_SLACK, QUEUE_SLACK_CALM},
    order::Order,
    peer::Peer,
    source::Source,
    stream::{Reach, Stream, first_reach},
    torrent::Torrent,
    waste::Purpose,
};

/// So much before a player calms the rest, in seconds.
const CALM_S: f64 = 10.0;
/// Blocks of the near window looked at for one pick.
const LOOK_MAX: usize = 64;
/// Outstanding blocks looked at for one second copy: while a player waits, and else.
const LOOK_LATE: (usize, usize) = (32, 4);
/// Outstanding blocks looked at when nothing is left to ask for.
const LOOK_LAST: usize = 128;
/// A second copy must come this much sooner than the first one.
const HEDGE_GAIN: f64 = 1.3;
/// … and at least this much.
const HEDGE_GAIN_MIN: Duration = Duration::from_millis(20);
/// Where a piece is judged whole, copies of all its late blocks must gain this many times as long as they take from all lines.
const HEDGE_WORTH: f64 = 4.0;
/// A waiting player waits for others this long before a scarce source is spent on it.
const BLOCKING_PATIENCE: Duration = Duration::from_secs(1);
/// Copies of a block on their way: when a player waits for it, and else.
const COPIES_MAX: (usize, usize) = (3, 2);
/// Requests withdrawn for one seek.
const CANCELS_MAX: usize = 256;
/// How much later than the end of everything a source may bring a block.
const LAST_SLACK: Duration = Duration::from_millis(500);
/// The least pause between two looks at late blocks.
const HEDGE_PAUSE: Duration = Duration::from_millis(20);

/// Which outstanding blocks may get a second copy.
#[derive(Debug, Clone, Copy)]
enum Late {
    /// Those of the near windows that a reader needs before this content offset.
    Urgent { before: u64 },
    /// Any, when nothing is left to ask for.
    Any,
}

impl Torrent {
    /// Gives work to every source that may have room.
    pub(crate) fn fill(&mut self, ctx: &mut Context) {
        // In small swarms: looking at all peers is what counting spares.
        let is_counted = || self.peers.values().all(|peer| peer.share == peer.share_now());
        debug_assert!(self.peers.len() > 16 || is_counted(), "a peer's part has changed uncounted");
        let all = std::mem::take(&mut self.chores.all);
        let some = std::mem::take(&mut self.chores.sources);
        if !self.is_fetching() {
            return;
        }
        let sources = if all { self.by_eta(ctx.now) } else { some.into_iter().collect() };
        for source in sources {
            match source {
                Source::Peer(conn) => self.fill_peer(ctx, conn),
                Source::Web(seed) => self.fill_web(ctx, seed),
                Source::Sibling(_) => (),
            }
        }
        self.plan_hedge(ctx);
    }

    /// Whether blocks may be asked for at all.
    pub(crate) fn is_fetching(&self) -> bool {
        !self.rests() && self.content.as_ref().is_some_and(|content| content.ready)
    }

    /// Usable sources, the fastest first.
    fn by_eta(&self, now: Time) -> Vec<Source> {
        let peers = self.peers.values().filter(|peer| peer.is_usable());
        let peers = peers.map(|peer| (peer.eta(now), Source::Peer(peer.conn)));
        let webs = self.webs.iter().enumerate().filter(|(_, web)| web.is_idle(now));
        let webs = webs.map(|(at, web)| (web.pace.eta(now, BLOCK_LEN), Source::Web(at)));
        let mut all: Vec<_> = peers.chain(webs).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, source)| source).collect()
    }

    fn fill_peer(&mut self, ctx: &mut Context, conn: ConnId) {
        let slack = if self.is_calm(ctx.now) { QUEUE_SLACK_CALM } else { QUEUE_SLACK };
        let is_alone = self.peers.len() + self.webs.len() == 1 && !self.streams.is_empty();
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.pace.begin(ctx.now, is_alone);
        }
        while let Some(peer) = self.peers.get(&conn) {
            let idle = peer.requests.is_empty();
            if !peer.is_usable() || (peer.room(slack) < u64::from(BLOCK_LEN) && !idle) {
                return;
            }
            let snubbed = peer.snubbed;
            if !self.may_take(ctx) {
                return;
            }
            if snubbed {
                if idle {
                    self.probe(ctx, conn);
                }
                return;
            }
            let Some(choice) = self.pick(ctx, conn) else { return };
            self.ask(ctx, conn, choice);
        }
    }

    /// Whether somebody watches, and all who do have enough for a while.
    fn is_calm(&self, now: Time) -> bool {
        let rate = self.rate();
        let mut readers = self.streams.values().filter(|stream| !stream.hint).peekable();
        readers.peek().is_some() && readers.all(|stream| stream.buffered(now, rate) >= CALM_S)
    }

    /// Whether a viewer has so little ahead that this torrent goes before others.
    pub(crate) fn is_short(&self, now: Time) -> bool {
        let rate = self.rate();
        self.streams.values().any(|stream| stream.is_short(now, rate))
    }

    /// What this peer should give us next: what is late before what is not asked for, as far as a reader
    /// needs it sooner.
    fn pick(&mut self, ctx: &mut Context, conn: ConnId) -> Option<Block> {
        if ctx.order != Order::Kinora {
            return self.pick_simply(ctx, conn).or_else(|| self.pick_last(ctx.now, conn));
        }
        let peer = self.peers.get(&conn)?;
        let content = self.content.as_ref()?;
        let free = self.pick_urgent(ctx.now, peer, content);
        let first = ctx.down.goes_first(self.id);
        let before = free.map_or(u64::MAX, |block| content.unit_start(block));
        self.pick_second(ctx.now, conn, Late::Urgent { before })
            .or(free)
            .or_else(|| self.pick_background(ctx, conn))
            .or_else(|| if first { None } else { self.pick_last(ctx.now, conn) })
    }

    /// The free block of the near windows with the earliest deadline that this peer should take. A slower
    /// peer skips as far ahead as the others get while it delivers: it never holds what is needed first.
    fn pick_urgent(&self, now: Time, peer: &Peer, content: &Content) -> Option<Block> {
        let mine = peer.eta(now);
        let scarce = content.rarity.is_scarce(&peer.holdings);
        self.streams_by_due(content).into_iter().find_map(|stream| {
            let head = *stream.free.first()?;
            let best = self.best_eta(now, head.piece).unwrap_or(mine);
            if scarce && !self.may_spend_scarce(now, stream, content, head, best) {
                return None;
            }
            let behind = mine.since(best).as_secs_f64();
            let skip = (behind * self.supply()) as u64;
            let from = content.pieces.geometry().block_range(head).start.saturating_add(skip);
            let from = from.max(self.leaves_to_others(peer, stream, content, head));
            let mut blocks = stream.free.range(content.block_from(from)?..).take(LOOK_MAX);
            blocks.find(|block| content.may_ask(Source::Peer(peer.conn), peer, **block)).copied()
        })
    }

    /// Before which content offset a peer leaves all to others. Who has brought nothing yet is asked for one block of what
    /// a waiting player waits for, if there is somebody who is asked for nothing for each of the rest: a second block comes
    /// behind the first. Of v1 the whole piece is needed anyway.
    fn leaves_to_others(
        &self,
        peer: &Peer,
        stream: &Stream,
        content: &Content,
        head: Block,
    ) -> u64 {
        let geometry = content.pieces.geometry();
        let begins = !peer.pace.has_given() && !peer.requests.is_empty();
        if !begins || !content.hashes_leaves() || !stream.is_blocking(geometry, head) {
            return 0;
        }
        let blocking = stream.free.iter().take_while(|block| stream.is_blocking(geometry, **block));
        let idle = self.peers.values().filter(|other| other.may_begin_with(head.piece));
        if blocking.count() <= idle.count() { stream.blocks_until() } else { 0 }
    }

    /// A source that is one of the few holders of something we lack is not spent on what others can give,
    /// but for a deadline that is close, or a waiting player whom the others would let wait too long.
    fn may_spend_scarce(
        &self,
        now: Time,
        stream: &Stream,
        content: &Content,
        head: Block,
        best: Time,
    ) -> bool {
        let geometry = content.pieces.geometry();
        if !content.is_common(head.piece) {
            return true;
        }
        if stream.is_blocking(geometry, head) {
            let others = self.peers.values().filter(|peer| {
                !peer.snubbed && peer.gives(head.piece) && !content.rarity.is_scarce(&peer.holdings)
            });
            let others = others.map(|peer| peer.eta(now)).min();
            return others.is_none_or(|eta| eta > now + BLOCKING_PATIENCE);
        }
        let due = stream.due(geometry.block_range(head).start, self.rate());
        due.since(now) < 2 * best.since(now)
    }

    fn streams_by_due(&self, content: &Content) -> Vec<&Stream> {
        let rate = self.rate();
        let geometry = content.pieces.geometry();
        let mut streams: Vec<_> = self
            .streams
            .values()
            .filter_map(|stream| {
                let start = geometry.block_range(*stream.free.first()?).start;
                Some((stream.due(start, rate), stream))
            })
            .collect();
        streams.sort_by_key(|(due, stream)| (*due, stream.id));
        streams.into_iter().map(|(_, stream)| stream).collect()
    }

    /// When the best source of a piece would deliver one more block of it.
    pub(crate) fn best_eta(&self, now: Time, piece: Piece) -> Option<Time> {
        let peers = self.peers.values().filter(|peer| !peer.snubbed && peer.gives(piece));
        peers.map(|peer| peer.eta(now)).min()
    }

    /// What all sources that give us something deliver together, in bytes per second.
    pub(crate) fn supply(&self) -> f64 {
        let webs = self.webs.iter().filter(|web| web.is_busy());
        self.givers.rate() + webs.map(|web| web.pace.rate()).sum::<f64>()
    }

    /// Counts a peer's part anew, because it may be another one.
    pub(crate) fn count_share(&mut self, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let now = peer.share_now();
        self.givers.change(std::mem::replace(&mut peer.share, now), now);
    }

    /// When everything that is wanted without a reader is asked for: a second copy of anything. Where only
    /// readers want something there is no such end, for their windows move on.
    fn pick_last(&mut self, now: Time, conn: ConnId) -> Option<Block> {
        let ends = self
            .content
            .as_ref()
            .is_some_and(|content| content.wants_more() && !content.rarity.offers_any());
        if ends { self.pick_second(now, conn, Late::Any) } else { None }
    }

    /// A block that another source is late with: the one that is needed first, and of those the one that
    /// is expected last.
    fn pick_second(&mut self, now: Time, conn: ConnId, late: Late) -> Option<Block> {
        let peer = self.peers.get(&conn)?;
        let content = self.content.as_ref()?;
        let mine = peer.eta(now).since(now);
        let gain = mine.mul_f64(HEDGE_GAIN).max(mine + HEDGE_GAIN_MIN);
        let candidates = self.pending(late, content);
        let proven =
            content.hashes_leaves() && peer.pace.has_given() && self.waste.may_promise(BLOCK_LEN);
        let since = now - Duration::from_secs_f64(peer.pace.gap() * HEDGE_GAIN);
        let scarce = !candidates.is_empty() && content.rarity.is_scarce(&peer.holdings);
        let fit = candidates.into_iter().filter_map(|block| {
            let owners = self.asked.get(&block)?;
            if owners.contains(&Source::Peer(conn)) || owners.len() >= COPIES_MAX.0 {
                return None;
            }
            let (expected, blocking) = self.lateness(now, block, late)?;
            let promised = blocking && proven && self.is_only_promised(owners, block, since);
            let copies = if blocking { COPIES_MAX.0 } else { COPIES_MAX.1 };
            let common = content.is_common(block.piece);
            let fit = owners.len() < copies
                && !(scarce && common)
                && (promised || expected.since(now) > gain)
                && content.may_share(Source::Peer(conn), peer, block);
            let unit = match late {
                Late::Urgent { .. } => content.unit_start(block),
                Late::Any => 0,
            };
            let purpose = match late {
                Late::Any => Purpose::Last,
                Late::Urgent { .. } if expected.since(now) <= gain => Purpose::Promised,
                Late::Urgent { .. } if blocking => Purpose::Waiting,
                Late::Urgent { .. } => Purpose::Deadline,
            };
            fit.then_some((unit, std::cmp::Reverse(expected), block, purpose))
        });
        let mut fit: Vec<_> = fit.collect();
        fit.sort_unstable_by_key(|(unit, expected, block, _)| (*unit, *expected, *block));
        let (unit, std::cmp::Reverse(expected), block, purpose) = *fit.first()?;
        if matches!(late, Late::Urgent { .. }) && !content.hashes_leaves() {
            let copies = fit.iter().take_while(|(other, ..)| *other == unit).count();
            let cost = copies as f64 * f64::from(BLOCK_LEN) / self.supply().max(1.0);
            if expected.since(now).saturating_sub(mine).as_secs_f64() < HEDGE_WORTH * cost {
                return None;
            }
        }
        self.waste.reserve(BLOCK_LEN, purpose).then_some(block)
    }

    /// Whether whoever was asked for a block, no later than this, has not brought any yet, and little of this one: when it
    /// comes is a guess, and whoever brought one in less time is a better one.
    fn is_only_promised(&self, owners: &[Source], block: Block, since: Time) -> bool {
        owners.iter().all(|owner| match owner {
            Source::Peer(conn) => {
                self.peers.get(conn).is_some_and(|peer| peer.only_promises(block, since))
            }
            Source::Web(_) | Source::Sibling(_) => false,
        })
    }

    /// Outstanding blocks that may be late.
    fn pending(&self, late: Late, content: &Content) -> Vec<Block> {
        let Late::Urgent { before } = late else {
            return self.asked.keys().take(LOOK_LAST).copied().collect();
        };
        let each = self.streams.values().flat_map(|stream| {
            let look = if stream.waits() { LOOK_LATE.0 } else { LOOK_LATE.1 };
            stream.pending.iter().take(look)
        });
        each.filter(|block| content.unit_start(**block) < before).copied().collect()
    }

    /// When a block is expected, if that is too late, and whether a player waits for it.
    fn lateness(&self, now: Time, block: Block, late: Late) -> Option<(Time, bool)> {
        let expected = self.expected(now, block)?;
        if matches!(late, Late::Any) {
            return Some((expected, false));
        }
        let geometry = self.content.as_ref()?.pieces.geometry();
        let start = geometry.block_range(block).start;
        let holding = || self.streams.values().filter(|stream| stream.pending.contains(&block));
        let blocking = holding().any(|stream| stream.is_blocking(geometry, block));
        let due = holding().map(|stream| stream.due(start, self.rate())).min()?;
        (blocking || expected > due).then_some((expected, blocking))
    }

    /// When the first copy of an outstanding block should be here.
    fn expected(&self, now: Time, block: Block) -> Option<Time> {
        let owners = self.asked.get(&block)?.iter();
        owners.filter_map(|source| self.expected_from(now, *source, block)).min()
    }

    fn expected_from(&self, now: Time, source: Source, block: Block) -> Option<Time> {
        match source {
            Source::Peer(conn) => self.peers.get(&conn)?.expects(now, block),
            Source::Web(seed) => {
                let web = self.webs.get(seed)?;
                Some(web.pace.eta_behind(now, web.bytes_before(block), BLOCK_LEN))
            }
            Source::Sibling(_) => Some(now),
        }
    }

    /// Rarest first: in the window of a reader while its buffer is short, else anywhere, but for a turn before
    /// other torrents; pieces that are begun come first.
    fn pick_background(&self, ctx: &mut Context, conn: ConnId) -> Option<Block> {
        let peer = self.peers.get(&conn)?;
        let content = self.content.as_ref()?;
        if content.full_disk {
            return None;
        }
        let scarce = content.rarity.is_scarce(&peer.holdings);
        if let Some(block) = content.begun(peer, scarce) {
            return (!self.would_be_last(ctx.now, peer, content, block)).then_some(block);
        }
        let first = ctx.down.goes_first(self.id);
        if let Some(block) = self.pick_suggested(ctx.now, peer, content).filter(|_| !first) {
            return Some(block);
        }
        let window = self.mid_window(ctx, content, scarce);
        let pieces = content.pieces.geometry().piece_count();
        let start = ctx.random.below(pieces);
        let pick = |range: Range<u32>| {
            let len = range.end - range.start;
            let start = range.start + if len == 0 { 0 } else { start % len };
            content.rarity.pick(&peer.holdings, range, start).map(Piece)
        };
        let anywhere = || if content.wants_more() && !first { pick(0..pieces) } else { None };
        let piece = window.and_then(pick).or_else(anywhere)?;
        let block = content.first_free(piece)?;
        let fit = content.may_ask(Source::Peer(conn), peer, block)
            && !self.would_be_last(ctx.now, peer, content, block);
        fit.then_some(block)
    }

    /// A block of a piece that the peer suggested, where it is as rare as any: it is cheaper for the peer, and no
    /// worse for the swarm.
    fn pick_suggested(&self, now: Time, peer: &Peer, content: &Content) -> Option<Block> {
        if peer.suggested.is_empty() || !content.wants_more() {
            return None;
        }
        let pieces = content.pieces.geometry().piece_count();
        let rarest = content.rarity.pick(&peer.holdings, 0..pieces, 0)?;
        let as_rare = content.rarity.availability(rarest);
        let fits = |piece: &&Piece| {
            content.rarity.is_offered(piece.0)
                && peer.holdings.has(piece.0)
                && content.rarity.availability(piece.0) <= as_rare
        };
        let block = content.first_free(*peer.suggested.iter().find(fits)?)?;
        let fit = content.may_ask(Source::Peer(peer.conn), peer, block)
            && !self.would_be_last(now, peer, content, block);
        fit.then_some(block)
    }

    /// Whether a source would bring a block only when all others could have brought everything: it is not asked,
    /// for the download would wait for it alone, and a second copy would be wasted.
    fn would_be_last(&self, now: Time, peer: &Peer, content: &Content, block: Block) -> bool {
        let mine = peer.eta(now);
        let left = content.left_bytes() as f64;
        let ends = now + Duration::from_secs_f64((left / self.supply().max(1.0)).min(3600.0));
        if mine <= ends + LAST_SLACK {
            return false;
        }
        let others = self.peers.values().filter(|other| !other.snubbed && other.conn != peer.conn);
        let mut able = others.filter(|other| {
            other.gives(block.piece) && content.is_open_to(Source::Peer(other.conn), block)
        });
        able.any(|other| other.eta(now) <= ends + LAST_SLACK / 2)
    }

    /// The pieces to choose the rarest from for a reader, if it is to be served now.
    fn mid_window(&self, ctx: &mut Context, content: &Content, scarce: bool) -> Option<Range<u32>> {
        let rate = self.rate();
        let stream = self.streams.values().filter(|stream| !stream.hint).min_by(|one, two| {
            one.buffered(ctx.now, rate).total_cmp(&two.buffered(ctx.now, rate))
        })?;
        let reach = self.reach(ctx.now);
        let mid_s = reach.mid as f64 / rate as f64;
        let buffered = stream.buffered(ctx.now, rate);
        let chance = (2.0 - 2.0 * buffered / mid_s).clamp(0.0, 1.0);
        if ctx.random.fraction() >= chance {
            return None;
        }
        let reach = match () {
            () if ctx.down.goes_first(self.id) => reach.mid.min(first_reach(rate)),
            () if scarce => 2 * reach.mid,
            () => reach.mid,
        };
        Some(stream.mid(content.pieces.geometry(), reach))
    }

    /// How far the windows of readers reach now.
    pub(crate) fn reach(&self, now: Time) -> Reach {
        let piece_len = self.content.as_ref().map_or(BLOCK_LEN, Content::piece_len);
        let round_trip = self.givers.round_trip().min(2.0);
        let outrun = self.streams.values().any(|stream| stream.outruns(now, self.rate()));
        Reach::new(self.rate(), self.supply(), piece_len, round_trip, outrun)
    }

    /// Asks a peer for a block.
    fn ask(&mut self, ctx: &mut Context, conn: ConnId, block: Block) {
        // Before the block: an answer that came behind it would keep what others bring sooner from being judged.
        self.ask_leaves(ctx, block.piece);
        let Some(content) = &mut self.content else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let len = content.asked_len(block);
        content.take(block);
        self.streams.values_mut().for_each(|stream| stream.asked(block));
        self.asked.entry(block).or_default().push(Source::Peer(conn));
        peer.ask(ctx.now, block, len);
        ctx.agenda.set_earlier(Timer::Patience(conn), peer.patience_ends());
        self.chores.speak.insert(conn);
        self.takes(ctx, len);
    }

    /// Asks a snubbed peer for one block that stays free for everybody else.
    fn probe(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get(&conn) else { return };
        let urgent =
            self.streams.values().flat_map(|stream| stream.free.iter().rev().take(LOOK_MAX));
        let urgent = urgent.copied().find(|block| peer.gives(block.piece));
        let Some(block) = urgent.or_else(|| self.pick_background(ctx, conn)) else { return };
        let Some(content) = &self.content else { return };
        let len = content.asked_len(block);
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.ask(ctx.now, block, len);
            self.chores.speak.insert(conn);
        }
    }

    /// A source will not deliver a block it was asked for.
    pub(crate) fn release(&mut self, source: Source, block: Block) {
        let Some(owners) = self.asked.get_mut(&block) else { return };
        let before = owners.len();
        owners.retain(|owner| *owner != source);
        if owners.len() == before {
            return;
        }
        if !owners.is_empty() {
            self.waste.settle(BLOCK_LEN);
            return;
        }
        self.asked.remove(&block);
        let Some(content) = &mut self.content else { return };
        if content.release(block) {
            self.streams.values_mut().for_each(|stream| stream.released(block));
        }
        self.chores.all = true;
    }

    /// A peer's requests are all void: it choked us, was silent too long, or is gone.
    pub(crate) fn release_all(&mut self, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let requests: Vec<_> = peer.requests.drain(..).collect();
        for request in requests {
            peer.withdraw(request);
        }
        let owned: Vec<_> = self.owned_by(Source::Peer(conn));
        owned.into_iter().for_each(|block| self.release(Source::Peer(conn), block));
    }

    pub(crate) fn owned_by(&self, source: Source) -> Vec<Block> {
        let owned = self.asked.iter().filter(|(_, owners)| owners.contains(&source));
        owned.map(|(block, _)| *block).collect()
    }

    /// A peer owes us blocks and sends nothing: others get its blocks, it keeps one as a probe.
    pub(crate) fn lose_patience(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.requests.is_empty() || peer.snubbed {
            return;
        }
        let ends = peer.patience_ends();
        if ends > ctx.now {
            return ctx.agenda.set(Timer::Patience(conn), ends);
        }
        if peer.bold {
            return self.lose_hope(conn);
        }
        peer.snubbed = true;
        ctx.tell(crate::News::PeerSnubbed(self.id, conn));
        let asked: Vec<_> = peer.requests.iter().map(|request| request.block).collect();
        for block in asked.iter().skip(1) {
            peer.cancel(*block);
        }
        self.chores.speak.insert(conn);
        asked.into_iter().for_each(|block| self.release(Source::Peer(conn), block));
        self.count_share(conn);
        self.replace_sole(Source::Peer(conn));
        self.chores.all = true;
    }

    /// Somebody gives who did not before. Who was asked for much because nobody else was there keeps what it brings
    /// soon; the rest is for both of them.
    pub(crate) fn share_with(&mut self, newcomer: ConnId) {
        let others = self.peers.values_mut().filter(|peer| peer.conn != newcomer);
        let alone = others.filter_map(|peer| peer.pace.has_company().then_some(peer.conn));
        let alone: Vec<_> = alone.collect();
        self.take_back(|peer| alone.contains(&peer.conn), |_| true);
    }

    /// After a seek: long queues give up what nobody waits for.
    pub(crate) fn cancel_for_seek(&mut self) {
        let urgent: std::collections::BTreeSet<Block> =
            self.streams.values().flat_map(|stream| &stream.pending).copied().collect();
        self.take_back(|peer| peer.is_open(), |block| !urgent.contains(block));
    }

    /// Takes back, from some peers, up to [`CANCELS_MAX`] requests that still can be: others may ask for their blocks.
    fn take_back(&mut self, from: impl Fn(&Peer) -> bool, may_go: impl Fn(&Block) -> bool) {
        let mut taken = Vec::new();
        for peer in self.peers.values_mut().filter(|peer| from(peer)) {
            let left = CANCELS_MAX - taken.len();
            let blocks: Vec<_> = peer.revocable().filter(&may_go).take(left).collect();
            for block in blocks {
                peer.cancel(block);
                self.chores.speak.insert(peer.conn);
                taken.push((Source::Peer(peer.conn), block));
            }
        }
        taken.into_iter().for_each(|(source, block)| self.release(source, block));
    }

    /// Sets the timer for the first urgent block that will be late.
    fn plan_hedge(&self, ctx: &mut Context) {
        let late = self.streams.values().filter_map(|stream| {
            let first = *stream.pending.first()?;
            self.expected(ctx.now, first)
        });
        let dues =
            self.streams.values().filter(|stream| stream.waits() && stream.stalled.is_none());
        let dues = dues.map(|stream| stream.due(stream.position, self.rate()));
        match late.chain(dues).min() {
            Some(at) => ctx.agenda.set(Timer::Hedge(self.id), at.max(ctx.now + HEDGE_PAUSE)),
            None => ctx.agenda.clear(Timer::Hedge(self.id)),
        }
    }
}
