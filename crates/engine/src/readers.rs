//! Readers come, read on, jump and go; their windows decide what is urgent.

use std::{ops::Range, time::Duration};

use torrent::Piece;

use crate::{
    ConnId, News, OpenStream, Output, StallWhy, StreamId, Time, TorrentId,
    agenda::Timer,
    context::Context,
    stream::{STREAMS_MAX, Stream},
    torrent::Torrent,
};

/// Hinted ranges at one time.
const HINTS_MAX: usize = 16;
/// Bytes hinted at one time.
const HINT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Streams made from hints are named from here on, out of the driver's way.
const HINT_NAMES: u64 = 1 << 63;
/// How long after a reader left a torrent stays interested in what peers have.
const LINGERS: Duration = Duration::from_secs(10);
/// Pieces looked at for one eviction.
const EVICT_LOOK_MAX: usize = 256;

impl Torrent {
    /// A reader opened a part of the content.
    pub(crate) fn open(&mut self, ctx: &Context, open: &OpenStream) {
        if self.streams.len() >= STREAMS_MAX + HINTS_MAX {
            return;
        }
        self.cramped &= !self.streams.is_empty();
        self.streams.insert(open.stream, Stream::new(ctx.now, open));
        self.rewindow(ctx);
        self.cancel_for_seek();
    }

    /// A reader went on or jumped.
    pub(crate) fn read(&mut self, ctx: &mut Context, stream: StreamId, position: u64) {
        let Some(stream) = self.streams.get_mut(&stream) else { return };
        let before = stream.position;
        let jumped = stream.read(ctx.now, position);
        if jumped {
            self.rewindow(ctx);
            self.cancel_for_seek();
            return;
        }
        self.touch(ctx, before..position);
        self.slide(ctx);
    }

    /// Pieces that were read were used.
    fn touch(&self, ctx: &mut Context, range: Range<u64>) {
        let Some(content) = &self.content else { return };
        if self.pinned {
            return;
        }
        for piece in content.pieces.geometry().pieces_in(&range).map(Piece) {
            if content.pieces.has(piece) {
                let len = u64::from(content.pieces.geometry().data_len(piece));
                ctx.cache.used(ctx.now, self.id, piece, len);
            }
        }
    }

    /// A reader is gone, and with it its demand. Players seek by leaving and coming back elsewhere: who said in between
    /// that it wants nothing would be choked, and would lose its open requests and two round trips.
    pub(crate) fn close(&mut self, ctx: &mut Context, stream: StreamId) {
        if self.streams.remove(&stream).is_some() {
            if !self.rests() {
                self.lingers = true;
                ctx.agenda.set(Timer::Linger(self.id), ctx.now + LINGERS);
            }
            self.rewindow(ctx);
        }
    }

    /// Nobody came back.
    pub(crate) fn linger_no_more(&mut self) {
        self.lingers = false;
        self.reconsider_all();
    }

    fn reconsider_all(&mut self) {
        let conns: Vec<ConnId> = self.peers.keys().copied().collect();
        conns.into_iter().for_each(|conn| self.reconsider(conn));
    }

    /// Parts the player will certainly need soon.
    pub(crate) fn hint(&mut self, ctx: &Context, ranges: &[Range<u64>]) {
        let mut left = HINT_BYTES_MAX;
        self.streams.retain(|_, stream| !stream.hint);
        for (name, range) in ranges.iter().take(HINTS_MAX).enumerate() {
            let end = range.end.min(range.start.saturating_add(left));
            if range.start < end {
                left -= end - range.start;
                let stream = StreamId(HINT_NAMES + name as u64);
                self.streams.insert(stream, Stream::hinted(ctx.now, stream, range.start..end));
            }
        }
        self.rewindow(ctx);
    }

    /// The media's rate became known.
    pub(crate) fn measure(&mut self, ctx: &Context, rate: u64) {
        let before = self.rate();
        self.media_rate = Some(rate);
        let now = self.rate();
        self.streams.values_mut().for_each(|stream| stream.change_rate(ctx.now, before, now));
        self.rewindow(ctx);
    }

    /// Computes all windows anew: after anything but reading on.
    pub(crate) fn rewindow(&mut self, ctx: &Context) {
        let (read, watched) = (self.read_ranges(), self.watched_ranges(ctx));
        let rate = self.rate();
        let reach = self.reach(ctx.now);
        let Some(content) = &mut self.content else { return };
        if !content.ready {
            return;
        }
        content.want(&self.want, &read, &watched);
        for stream in self.streams.values_mut() {
            stream.advance(ctx.now, &content.pieces, rate);
            stream.extend(&content.pieces, reach.near);
            stream.offered = stream.mid(content.pieces.geometry(), 2 * reach.mid).end;
        }
        let windows: Vec<Range<u32>> = self
            .streams
            .values()
            .map(|stream| stream.mid(content.pieces.geometry(), 2 * reach.mid))
            .collect();
        content.offer(&windows);
        self.reconsider_all();
        self.chores.all = true;
        self.chores.dial = true;
        self.chores.readers = true;
    }

    /// Readers went on: their windows slide.
    pub(crate) fn slide(&mut self, ctx: &mut Context) {
        let rate = self.rate();
        let reach = self.reach(ctx.now);
        let Some(content) = &mut self.content else { return };
        if !content.ready {
            return;
        }
        for stream in self.streams.values_mut() {
            stream.advance(ctx.now, &content.pieces, rate);
            let before = stream.offered;
            let after = stream.mid(content.pieces.geometry(), 2 * reach.mid).end;
            let missing = (before..after).map(Piece).filter(|piece| !content.pieces.has(*piece));
            let missing: Vec<Piece> = missing.collect();
            let fresh = missing.into_iter().filter(|piece| content.offer_piece(*piece)).count();
            stream.offered = before.max(after);
            if stream.extend(&content.pieces, reach.near) || fresh > 0 {
                self.chores.all = true;
            }
        }
        self.streams.retain(|_, stream| !stream.hint || stream.ready < stream.end);
        self.ask_near_leaves(ctx);
        self.try_held(ctx);
        self.chores.readers = true;
    }

    /// Tells when readers begin to wait and when they go on.
    pub(crate) fn watch_stalls(&mut self, ctx: &mut Context) {
        let (rate, now) = (self.rate(), ctx.now);
        let waits_in_vain = |stream: &Stream| {
            !stream.hint
                && stream.stalled.is_none()
                && stream.waits()
                && stream.due(stream.position, rate) <= now
        };
        let why = self.streams.values().any(waits_in_vain).then(|| self.stall_why());
        for stream in self.streams.values_mut().filter(|stream| !stream.hint) {
            match (stream.stalled, why) {
                (None, Some(why)) if waits_in_vain(stream) => {
                    stream.stalled = Some((now, why));
                    ctx.tell(News::StallBegan(stream.id, why));
                }
                (Some((since, _)), _) if !stream.waits() => {
                    stream.stalled = None;
                    ctx.tell(News::StallEnded(stream.id, now.since(since)));
                }
                _ => (),
            }
        }
    }

    /// What a reader that waits now waits for.
    pub(crate) fn stall_why(&self) -> StallWhy {
        let Some(content) = &self.content else {
            return if self.open_conns().is_empty() {
                StallWhy::NoPeers
            } else {
                StallWhy::Metadata
            };
        };
        let open = || self.peers.values().filter(|peer| peer.is_open());
        let webs = self.webs.iter().any(|web| web.is_busy());
        let waiting = self.streams.values().find(|stream| stream.waits() && !stream.hint);
        let piece = waiting.and_then(|stream| content.block_from(stream.position));
        let holds = |block: torrent::Block| open().any(|peer| peer.holdings.has(block.piece.0));
        match () {
            () if !content.ready => StallWhy::Checking,
            () if webs => StallWhy::Fetching,
            () if open().next().is_none() => StallWhy::NoPeers,
            () if piece.is_some_and(|block| !holds(block)) => StallWhy::Missing,
            () if open().all(|peer| !peer.is_usable()) => StallWhy::Choked,
            () => StallWhy::Fetching,
        }
    }

    /// Whether a piece may go: nobody reads it soon and nobody wants it kept.
    pub(crate) fn may_evict(&self, now: Time, piece: Piece) -> bool {
        let Some(content) = &self.content else { return true };
        let reach = self.reach(now);
        let geometry = content.pieces.geometry();
        let read =
            self.streams.values().any(|stream| stream.mid(geometry, reach.mid).contains(&piece.0));
        !self.pinned && !content.is_chosen(piece) && !read
    }

    /// Gives a piece's space back.
    pub(crate) fn evict(&mut self, ctx: &mut Context, piece: Piece) {
        if !self.cramped && self.content.as_ref().is_some_and(|content| content.is_wanted(piece)) {
            self.cramped = true;
            self.rewindow(ctx);
        }
        let read = self.read_ranges();
        let Some(content) = &mut self.content else { return };
        let len = u64::from(content.pieces.geometry().data_len(piece));
        ctx.cache.drop_piece(self.id, piece, len);
        let reads =
            read.iter().any(|range| content.pieces.geometry().pieces_in(range).contains(&piece.0));
        content.forget(piece, reads);
        let geometry = content.pieces.geometry();
        self.streams.values_mut().for_each(|stream| stream.gave_up(geometry, piece));
        ctx.put(Output::Evict { torrent: self.id, piece });
        self.chores.dial = true;
        let payload = torrent::wire::extension::DontHave(piece).to_bytes();
        for peer in self.peers.values_mut().filter(|peer| peer.is_open()) {
            peer.granted.remove(&piece);
            if peer.abilities.dont_have != 0 {
                let id = peer.abilities.dont_have;
                peer.say(&torrent::wire::Message::Extended { id, payload: payload.clone() });
                self.chores.speak.insert(peer.conn);
            }
        }
    }

    /// Nothing more is begun where the disk is full; who is pinned does not count.
    pub(crate) fn fill_disk(&mut self, full: bool) {
        if let Some(content) = &mut self.content {
            content.full_disk = full && !self.pinned;
        }
    }

    /// Bytes of pieces that are not complete, at their full length.
    pub(crate) fn begun_bytes(&self) -> u64 {
        let Some(content) = self.content.as_ref().filter(|_| !self.pinned) else { return 0 };
        content.pieces.begun() as u64 * u64::from(content.piece_len())
    }
}

/// A piece to evict, the longest unused one that nobody needs.
pub(crate) fn victim(
    ctx: &Context,
    may_evict: impl Fn(TorrentId, Piece) -> bool,
) -> Option<(TorrentId, Piece)> {
    let oldest = ctx.cache.oldest().take(EVICT_LOOK_MAX);
    let mut free = oldest.filter(|(torrent, piece)| may_evict(*torrent, *piece));
    free.next()
}
