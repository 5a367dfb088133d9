//! Web seeds: sources that give ranges instead of blocks (BEP 19), in the same scheduler as peers.

use std::{collections::VecDeque, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use torrent::{BLOCK_LEN, Block, Piece};

use crate::{
    FetchFault, News, OpId, Output, Time,
    agenda::Timer,
    content::Content,
    context::{Context, Op},
    estimate::{BLOCK_PATIENCE, Pace},
    mirrors::Mirror,
    source::Source,
    torrent::Torrent,
};

/// The least a fetch asks for, as far as it is free.
const RUN_MIN: u64 = 256 * 1024;
/// The most a fetch asks for: a lost fetch loses no more.
const RUN_MAX: u64 = 4 * 1024 * 1024;
/// A fetch is as long as the server delivers in this many seconds.
const RUN_S: f64 = 1.0;
/// First pause after a fault; doubles.
const REST_FIRST: Duration = Duration::from_secs(5);
/// Longest pause after a fault.
const REST_MAX: Duration = Duration::from_secs(1800);
/// Faults in a row before a web seed is given up.
const FAULTS_MAX: u32 = 8;
/// A server may take this long before the first byte, and between bytes.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// All of a range must be here after this long, however its bytes trickle: what is not, others are asked for.
const FETCH_MAX: Duration = Duration::from_secs(300);
/// A mirror may take this long to give all of a description.
const DESCRIPTION_MAX: Duration = Duration::from_secs(60);

/// A web seed.
#[derive(Debug)]
pub(crate) struct WebSeed {
    pub(crate) url: String,
    pub(crate) pace: Pace,
    /// Whose word it is that it has anything; none if the torrent's own is.
    pub(crate) mirror: Option<Mirror>,
    /// The description is on its way.
    pub(crate) asked: Option<Asked>,
    fetch: Option<Fetch>,
    rests_until: Time,
    pub(crate) faults: u32,
    /// Given up for good.
    pub(crate) gone: bool,
}

/// A mirror was asked for the description.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) op: OpId,
    pub(crate) at: Time,
}

impl Asked {
    fn ends(&self) -> Time {
        self.at + DESCRIPTION_MAX
    }

    pub(crate) fn is_late(&self, now: Time) -> bool {
        self.ends() <= now
    }
}

/// A range on its way.
#[derive(Debug)]
struct Fetch {
    op: OpId,
    /// The content offset of the next byte that comes.
    at: u64,
    bytes: BytesMut,
    /// Blocks that are still to come, in order.
    blocks: VecDeque<Block>,
    sent: Time,
    /// The last time bytes came.
    heard: Time,
    /// The last time a whole block came.
    delivered: Time,
    first: bool,
}

impl Fetch {
    /// When it is cut off, if no more comes until then.
    fn ends(&self) -> Time {
        let silent = self.heard + SILENCE_MAX;
        silent.min(self.delivered + BLOCK_PATIENCE).min(self.sent + FETCH_MAX)
    }

    /// Whether any of its blocks came.
    fn has_given(&self) -> bool {
        !self.first
    }
}

impl WebSeed {
    pub(crate) fn new(now: Time, url: String) -> Self {
        Self {
            url,
            pace: Pace::new(now),
            mirror: None,
            asked: None,
            fetch: None,
            rests_until: now,
            faults: 0,
            gone: false,
        }
    }

    pub(crate) fn of_mirror(now: Time, mirror: Mirror) -> Self {
        Self { mirror: Some(mirror.clone()), ..Self::new(now, mirror.files) }
    }

    /// Whether it may be asked now.
    pub(crate) fn is_idle(&self, now: Time) -> bool {
        !self.gone && self.fetch.is_none() && self.asked.is_none() && self.rests_until <= now
    }

    /// Whether it was asked for the description and has not answered.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.fetch.is_some()
    }

    /// Bytes that come before a block, that block not counted.
    pub(crate) fn bytes_before(&self, block: Block) -> u64 {
        let blocks = self.fetch.iter().flat_map(|fetch| &fetch.blocks);
        blocks.take_while(|other| **other != block).count() as u64 * u64::from(BLOCK_LEN)
    }

    /// How much to ask for at one time. Under a limit no more than it lets through in that time: a longer run would
    /// shut out all other sources, and torrents, until it is paid for.
    fn run(&self, rate_max: Option<u64>) -> u64 {
        let run = ((self.pace.rate() * RUN_S) as u64).clamp(RUN_MIN, RUN_MAX);
        rate_max.map_or(run, |rate| run.min((rate as f64 * RUN_S) as u64))
    }
}

impl Torrent {
    /// Gives an idle web seed a range to fetch.
    pub(crate) fn fill_web(&mut self, ctx: &mut Context, seed: usize) {
        let Some(web) = self.webs.get(seed) else { return };
        if !web.is_idle(ctx.now) || !self.is_fetching() {
            return;
        }
        if !self.may_take(ctx) {
            return;
        }
        let blocks = self.pick_run(ctx, seed);
        if blocks.is_empty() {
            return;
        }
        if self.is_for_description(ctx, seed) {
            if !self.ask_description(ctx, seed) {
                self.plan_web(ctx);
            }
            return;
        }
        self.fetch(ctx, seed, blocks);
    }

    /// The run of free blocks that helps most.
    fn pick_run(&self, ctx: &mut Context, seed: usize) -> VecDeque<Block> {
        let (Some(web), Some(content)) = (self.webs.get(seed), &self.content) else {
            return VecDeque::new();
        };
        let first = self.first_urgent(ctx.now, seed, content).or_else(|| {
            if content.full_disk || ctx.down.goes_first(self.id) {
                return None;
            }
            let begun = content.pieces.open_ended().find_map(|(piece, partial)| {
                let block = Block { piece, index: partial.first_free()? };
                let free = !content.is_others(piece);
                (free && content.may_come_from(Source::Web(seed), block)).then_some(block)
            });
            begun.or_else(|| content.rarest_block(ctx.random.next() as u32))
        });
        first
            .map(|first| {
                content.run_from(Source::Web(seed), first, web.run(self.down_rate_max(ctx)))
            })
            .unwrap_or_default()
    }

    /// The first free block of a reader's window that this web seed would bring in time, behind what the
    /// faster sources bring before it could.
    fn first_urgent(&self, now: Time, seed: usize, content: &Content) -> Option<Block> {
        let web = self.webs.get(seed)?;
        self.streams.values().find_map(|stream| {
            let head = *stream.free.first()?;
            let mine = web.pace.eta(now, BLOCK_LEN);
            let best = self.best_eta(now, head.piece).unwrap_or(mine);
            let skip = (mine.since(best).as_secs_f64() * self.supply()) as u64;
            let start = content.pieces.geometry().block_range(head).start.saturating_add(skip);
            let from = content.block_from(start).unwrap_or(head);
            let mut free = stream.free.range(from..).chain(&stream.free);
            free.find(|block| content.may_come_from(Source::Web(seed), **block)).copied()
        })
    }

    fn fetch(&mut self, ctx: &mut Context, seed: usize, blocks: VecDeque<Block>) {
        let Some(content) = &mut self.content else { return };
        let geometry = content.pieces.geometry();
        let (Some(first), Some(last)) = (blocks.front(), blocks.back()) else { return };
        let range = geometry.block_range(*first).start..geometry.block_range(*last).end;
        let lens: Vec<u32> = blocks.iter().map(|block| geometry.block_len(*block)).collect();
        for block in &blocks {
            content.take(*block);
            self.streams.values_mut().for_each(|stream| stream.asked(*block));
            self.asked.entry(*block).or_default().push(Source::Web(seed));
        }
        let Some(web) = self.webs.get_mut(seed) else { return };
        lens.iter().for_each(|len| web.pace.asked(ctx.now, *len));
        let op = ctx.begin(Op::Fetch(self.id, seed));
        let piece = first.piece;
        web.fetch = Some(Fetch {
            op,
            at: range.start,
            bytes: BytesMut::new(),
            blocks,
            sent: ctx.now,
            heard: ctx.now,
            delivered: ctx.now,
            first: true,
        });
        ctx.agenda.set_earlier(Timer::Web(self.id), ctx.now + SILENCE_MAX);
        ctx.put(Output::Fetch { op, torrent: self.id, url: web.url.clone(), range });
        lens.into_iter().for_each(|len| self.takes(ctx, len));
        self.ask_leaves(ctx, piece);
    }

    /// Bytes of a range.
    pub(crate) fn fetched(&mut self, ctx: &mut Context, seed: usize, bytes: &Bytes) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        let Some(fetch) = &mut web.fetch else { return };
        fetch.heard = ctx.now;
        fetch.bytes.extend_from_slice(bytes);
        web.pace.flowed(ctx.now, bytes.len());
        self.down.count(ctx.now, bytes.len() as u64);
        while let Some((block, data)) = self.next_fetched(ctx.now, seed) {
            self.deliver(ctx, Source::Web(seed), block, data);
        }
    }

    /// The next block of a range, if all its bytes are there.
    fn next_fetched(&mut self, now: Time, seed: usize) -> Option<(Block, Bytes)> {
        let geometry = self.content.as_ref()?.pieces.geometry();
        let web = self.webs.get_mut(seed)?;
        let fetch = web.fetch.as_mut()?;
        let block = *fetch.blocks.front()?;
        let range = geometry.block_range(block);
        let gap = usize::try_from(range.start.saturating_sub(fetch.at)).ok()?;
        let skipped = gap.min(fetch.bytes.len());
        fetch.bytes.advance(skipped);
        fetch.at += skipped as u64;
        let len = (range.end - range.start) as usize;
        if skipped < gap || fetch.bytes.len() < len {
            return None;
        }
        let data = fetch.bytes.split_to(len).freeze();
        fetch.at = range.end;
        fetch.blocks.pop_front();
        fetch.delivered = now;
        if std::mem::take(&mut fetch.first) {
            web.pace.answered(now.since(fetch.sent), len as u32);
        }
        web.pace.released(len as u32);
        Some((block, data))
    }

    /// A range is complete, or will not come.
    pub(crate) fn fetch_ended(
        &mut self,
        ctx: &mut Context,
        seed: usize,
        result: Result<(), FetchFault>,
    ) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        let whole = web.fetch.as_ref().is_none_or(|fetch| fetch.blocks.is_empty());
        self.drop_fetch(seed);
        let Some(web) = self.webs.get_mut(seed) else { return };
        let fault = match result {
            Ok(()) if whole => {
                web.faults = 0;
                self.chores.sources.insert(Source::Web(seed));
                return;
            }
            Ok(()) => FetchFault::Unfit,
            Err(fault) => fault,
        };
        self.rest_web(ctx, seed, fault);
    }

    /// It does not help: it is asked later, or never again.
    pub(crate) fn rest_web(&mut self, ctx: &mut Context, seed: usize, fault: FetchFault) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        web.faults += 1;
        let rest = (REST_FIRST * (1 << (web.faults - 1).min(10))).min(REST_MAX);
        let (rest, why) = match fault {
            FetchFault::NotReached => (rest, "it could not be reached"),
            FetchFault::Late => (rest, "it gives too little in the time it has"),
            FetchFault::CutShort => (rest, "its answer ended in the middle"),
            FetchFault::Status { retry_after: Some(after), .. } => {
                (after.clamp(REST_FIRST, REST_MAX), "it asks us to come back later")
            }
            FetchFault::Status { status: 500.., .. } => (rest, "the server has a fault"),
            FetchFault::Status { .. } => (REST_MAX, "the server does not give the file"),
            FetchFault::Unfit => (Duration::MAX, "it cannot give parts of this file"),
            FetchFault::Forbidden => (Duration::MAX, "the address policy forbids it"),
        };
        web.gone = rest == Duration::MAX || web.faults >= FAULTS_MAX;
        web.rests_until = ctx.now + rest;
        ctx.tell(News::WebSeedFailed(self.id, web.url.clone(), why.to_owned()));
        self.plan_web(ctx);
    }

    /// A web seed gave wrong bytes.
    pub(crate) fn ban_web(&mut self, ctx: &mut Context, seed: usize) {
        self.stop_web(ctx, seed);
        self.purge(Source::Web(seed));
        self.distrust_mirror(ctx, seed);
        let Some(web) = self.webs.get_mut(seed) else { return };
        web.gone = true;
        let why = "its bytes are not the torrent's".to_owned();
        ctx.tell(News::WebSeedFailed(self.id, web.url.clone(), why));
    }

    /// Calls a fetch off.
    pub(crate) fn stop_web(&mut self, ctx: &mut Context, seed: usize) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        let asked = web.asked.take().map(|asked| asked.op);
        let fetched = web.fetch.as_ref().map(|fetch| fetch.op);
        for op in asked.into_iter().chain(fetched) {
            ctx.end(op);
            ctx.put(Output::StopFetch(op));
        }
        self.drop_fetch(seed);
    }

    /// What a fetch has not brought is free again.
    fn drop_fetch(&mut self, seed: usize) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        let Some(fetch) = web.fetch.take() else { return };
        web.pace.released(u32::MAX);
        for block in fetch.blocks {
            self.release(Source::Web(seed), block);
        }
    }

    /// A web seed was silent too long, or has rested enough.
    pub(crate) fn wake_webs(&mut self, ctx: &mut Context) {
        for seed in 0..self.webs.len() {
            let late = self.webs[seed].fetch.as_ref().filter(|fetch| fetch.ends() <= ctx.now);
            if let Some(fetch) = late {
                if fetch.has_given() {
                    // It is slow, but may be all there is: it is never given up for that.
                    self.webs[seed].faults = 0;
                }
                self.stop_web(ctx, seed);
                self.rest_web(ctx, seed, FetchFault::Late);
            }
            self.chase_description(ctx, seed);
            self.chores.sources.insert(Source::Web(seed));
        }
        self.ask_mirrors(ctx);
        self.plan_web(ctx);
    }

    pub(crate) fn plan_web(&self, ctx: &mut Context) {
        let turn = |web: &WebSeed| {
            let mirror = web.mirror.as_ref();
            mirror.map_or(ctx.now, |mirror| ctx.mirrors.opens(ctx.now, &mirror.base))
        };
        let next = self.webs.iter().filter(|web| !web.gone).filter_map(|web| {
            match (&web.fetch, &web.asked) {
                (Some(fetch), _) => Some(fetch.ends()),
                (None, Some(asked)) => Some(asked.ends()),
                (None, None) => Some(web.rests_until.max(turn(web))).filter(|at| *at > ctx.now),
            }
        });
        if let Some(at) = next.min() {
            ctx.agenda.set(Timer::Web(self.id), at);
        }
    }

    /// Web seeds that are of use now.
    pub(crate) fn webs_in_use(&self, now: Time) -> usize {
        self.webs.iter().filter(|web| !web.gone && web.rests_until <= now).count()
    }
}

impl Content {
    /// The first block of the rarest piece on offer.
    fn rarest_block(&self, start: u32) -> Option<Block> {
        let count = self.pieces.geometry().piece_count();
        let all = crate::picker::Holdings::All;
        let piece = self.rarity.pick(&all, 0..count, start % count.max(1))?;
        self.first_free(Piece(piece))
    }

    /// Free blocks one after the other, up to a length.
    fn run_from(&self, source: Source, first: Block, len: u64) -> VecDeque<Block> {
        let geometry = self.pieces.geometry();
        let end = geometry.block_range(first).start.saturating_add(len);
        let mut run = VecDeque::new();
        let mut next = Some(first);
        while let Some(block) = next {
            let begun = self.pieces.partial(block.piece).is_some() && !self.is_others(block.piece);
            let wanted = self.rarity.is_offered(block.piece.0) || begun || run.is_empty();
            let start = geometry.block_range(block).start;
            if start >= end
                || !wanted
                || !self.pieces.is_free(block)
                || !self.may_come_from(source, block)
            {
                break;
            }
            run.push_back(block);
            next = self.block_after(block);
        }
        run
    }

    fn block_after(&self, block: Block) -> Option<Block> {
        let geometry = self.pieces.geometry();
        if block.index + 1 < geometry.block_count(block.piece) {
            return Some(Block { index: block.index + 1, ..block });
        }
        let piece = Piece(block.piece.0 + 1);
        geometry.has(piece).then_some(Block { piece, index: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_as_long_as_the_server_delivers_in_a_second() {
        let mut web = WebSeed::new(Time(0), "http://example.org/".to_owned());
        assert!((RUN_MIN..=RUN_MAX).contains(&web.run(None)));
        web.pace.greeted(Duration::from_millis(50));
        web.pace.asked(Time(0), u32::MAX);
        for second in 0..5u64 {
            web.pace.flowed(Time(second * 1_000_000), 1_000_000);
        }
        assert!((900_000..1_100_000).contains(&web.run(None)), "{}", web.run(None));
        assert_eq!(web.run(Some(100_000)), 100_000);
    }
}
