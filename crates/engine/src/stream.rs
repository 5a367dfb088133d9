//! What does the player want next, and by when?
//!
//! A reader pulls bytes in bursts: browsers fill a buffer, then pause. Its *clock* therefore runs at the
//! media's rate from where it started, and a block's deadline follows from the clock, not from how far the
//! reader has read ahead.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use torrent::{Block, Geometry};

use crate::{StallWhy, StreamId, Time, input::OpenStream, pieces::Pieces};

/// Assumed until somebody knows the media's rate: 4 Mbit/s, in bytes per second.
pub(crate) const MEDIA_RATE_GUESS: u64 = 500_000;
/// Rates outside this are taken for mistakes, in bytes per second.
const MEDIA_RATE: Range<u64> = 8_000..50_000_000;
/// A waiting player's first bytes are fetched at any price: this much.
pub(crate) const BLOCKING_BYTES: u64 = 256 * 1024;
/// The near window is never smaller than this.
const NEAR_BYTES_MIN: u64 = 2 * BLOCKING_BYTES;
/// A reader this many seconds of media ahead of its clock is no player but a copy: it gets what supply gives.
const OUTRUN_S: f64 = 60.0;
/// A player with less than this ahead goes before other torrents where they share a limit, in seconds of media.
const AHEAD_MIN_S: f64 = 30.0;
/// Readers of one torrent.
pub(crate) const STREAMS_MAX: usize = 64;

/// How far ahead of a reader each class of urgency reaches, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Earliest deadline first.
    pub(crate) near: u64,
    /// Rarest first within the window.
    pub(crate) mid: u64,
    /// What a player needs sooner than this it may have to wait for: each block counts.
    pub(crate) soon: Duration,
}

impl Reach {
    /// `rate` is the media's, `supply` what the sources give in all, both in bytes per second.
    pub(crate) fn new(
        rate: u64,
        supply: f64,
        piece_len: u32,
        round_trip: f64,
        outrun: bool,
    ) -> Self {
        let rate = rate as f64;
        let piece_s = f64::from(piece_len) / supply.max(rate / 4.0);
        let near_s = (3.0 * (piece_s + round_trip)).clamp(5.0, 30.0);
        // Nothing is known about supply before anybody gives.
        let tight = if supply > 0.0 { (1.5 - supply / rate).clamp(0.0, 1.5) } else { 0.0 };
        let mid_s = (60.0 * (1.0 + 6.0 * tight)).clamp(60.0, 240.0);
        let copied = if outrun { supply } else { 0.0 };
        let near = (near_s * rate).max(2.0 * copied) as u64;
        let mid = (mid_s * rate).max(4.0 * copied) as u64;
        let soon = Duration::from_secs_f64(near_s);
        Self { near: near.max(NEAR_BYTES_MIN), mid: mid.max(2 * NEAR_BYTES_MIN), soon }
    }
}

/// The media's rate as deadlines use it.
pub(crate) fn sane_rate(rate: Option<u64>) -> u64 {
    rate.map_or(MEDIA_RATE_GUESS, |rate| rate.clamp(MEDIA_RATE.start, MEDIA_RATE.end))
}

/// How far ahead of a player its blocks go before those of other torrents, in bytes.
pub(crate) fn first_reach(rate: u64) -> u64 {
    (AHEAD_MIN_S * rate as f64) as u64
}

/// One reader.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    pub(crate) file: Range<u64>,
    /// Not a reader, but a part that one will need: all of it is urgent.
    pub(crate) hint: bool,
    pub(crate) position: u64,
    pub(crate) end: u64,
    /// The player is assumed to be at `from` at this time and to go on at the media's rate.
    start: Time,
    from: u64,
    /// Blocks of the near window nobody is asked for.
    pub(crate) free: BTreeSet<Block>,
    /// Blocks of the near window on their way.
    pub(crate) pending: BTreeSet<Block>,
    /// The near window is entered into the two sets up to here.
    entered: u64,
    /// Pieces before this one are on offer for the mid window.
    pub(crate) offered: u32,
    /// Content up to here is verified, counted from the position.
    pub(crate) ready: u64,
    /// Since when the player waits, and what it was told.
    pub(crate) stalled: Option<(Time, StallWhy)>,
}

impl Stream {
    pub(crate) fn new(now: Time, open: &OpenStream) -> Self {
        let end = open.end.min(open.file.end);
        let position = open.position.min(end);
        Self {
            id: open.stream,
            file: open.file.clone(),
            hint: false,
            position,
            end,
            start: now,
            from: position,
            free: BTreeSet::new(),
            pending: BTreeSet::new(),
            entered: position,
            offered: 0,
            ready: position,
            stalled: None,
        }
    }

    /// A part that a player will certainly need soon.
    pub(crate) fn hinted(now: Time, stream: StreamId, range: Range<u64>) -> Self {
        let open = OpenStream {
            stream,
            torrent: crate::TorrentId(0),
            file: range.clone(),
            position: range.start,
            end: range.end,
        };
        Self { hint: true, ..Self::new(now, &open) }
    }

    /// The reader is at `position` now; whether that was a jump.
    pub(crate) fn read(&mut self, now: Time, position: u64) -> bool {
        let position = position.min(self.end);
        let jumped = position < self.position || position > self.ready;
        self.position = position;
        if jumped {
            self.restart(now, position);
        }
        jumped
    }

    /// Starts the clock and the window anew.
    pub(crate) fn restart(&mut self, now: Time, position: u64) {
        self.start = now;
        self.from = position;
        self.ready = position;
        self.entered = position;
        self.free.clear();
        self.pending.clear();
    }

    /// When the player needs the byte at `offset`.
    pub(crate) fn due(&self, offset: u64, rate: u64) -> Time {
        if self.hint {
            return self.start;
        }
        let ahead = offset.saturating_sub(self.from) as f64 / rate as f64;
        self.start + Duration::from_secs_f64(ahead.min(1e6))
    }

    /// Whether the next byte is not there.
    pub(crate) fn waits(&self) -> bool {
        self.ready <= self.position && self.position < self.end
    }

    /// The media's rate changed: the player goes on from where it is.
    pub(crate) fn change_rate(&mut self, now: Time, before: u64, after: u64) {
        let played = now.since(self.start).as_secs_f64() * before as f64;
        let at = self.from.saturating_add(played as u64).min(self.ready.max(self.from));
        self.from = at;
        self.start = now;
        debug_assert!(after > 0, "rates are made sane");
    }

    /// Looks how far verified content reaches. Bytes that came late move the player's clock.
    pub(crate) fn advance(&mut self, now: Time, pieces: &Pieces, rate: u64) {
        let waited = self.waits();
        let ready = pieces.verified_until(self.ready.max(self.position), self.end);
        if waited && ready > self.position {
            let due = self.due(self.position, rate);
            self.start = self.start + now.since(due);
        }
        self.ready = ready;
    }

    /// Enters blocks into the near window up to `near` bytes ahead, in whole pieces: where there is no hash
    /// for each block, a reader gets nothing of a piece before it has all of it. Whether there were any.
    pub(crate) fn extend(&mut self, pieces: &Pieces, near: u64) -> bool {
        let near = if self.hint { u64::MAX } else { near };
        let geometry = pieces.geometry();
        let until = self.position.saturating_add(near).min(self.end);
        if self.entered >= until {
            return false;
        }
        // Up to the end of a piece, so that the window does not move with every byte read.
        let piece_len = u64::from(geometry.nominal_piece_len());
        let until = until.div_ceil(piece_len).saturating_mul(piece_len).min(self.end);
        let fresh = self.entered.max(self.position)..until;
        for index in geometry.pieces_in(&fresh) {
            let piece = torrent::Piece(index);
            if pieces.has(piece) {
                continue;
            }
            for block in (0..geometry.block_count(piece)).map(|index| Block { piece, index }) {
                if pieces.is_free(block) {
                    self.free.insert(block);
                } else if pieces.is_missing(block) {
                    self.pending.insert(block);
                }
            }
        }
        self.entered = until;
        true
    }

    /// A block of the window was asked for.
    pub(crate) fn asked(&mut self, block: Block) {
        if self.free.remove(&block) {
            self.pending.insert(block);
        }
    }

    /// A block of the window is free again.
    pub(crate) fn released(&mut self, block: Block) {
        if self.pending.remove(&block) {
            self.free.insert(block);
        }
    }

    /// A block came.
    pub(crate) fn arrived(&mut self, block: Block) {
        self.free.remove(&block);
        self.pending.remove(&block);
    }

    /// Something that had come must be fetched again.
    pub(crate) fn lacks(&mut self, geometry: &Geometry, block: Block) {
        let range = geometry.block_range(block);
        let piece = geometry.piece_start(block.piece)
            ..geometry.piece_start(block.piece) + u64::from(geometry.nominal_piece_len());
        if range.start < self.entered && piece.end > self.position {
            self.free.insert(block);
        }
    }

    /// A piece that had come was given up: what lies there is not ready any more, and will be entered again.
    pub(crate) fn gave_up(&mut self, geometry: &Geometry, piece: torrent::Piece) {
        let start = geometry.piece_start(piece);
        let end = start + u64::from(geometry.nominal_piece_len());
        if end > self.position {
            self.ready = self.ready.min(start.max(self.position));
            self.entered = self.entered.min(start.max(self.position));
        }
    }

    /// The near window's part that is not there yet, as pieces.
    pub(crate) fn near(&self, geometry: &Geometry) -> Range<u32> {
        geometry.pieces_in(&(self.ready..self.entered.max(self.ready)))
    }

    /// The mid window behind the near one, as pieces.
    pub(crate) fn mid(&self, geometry: &Geometry, reach: u64) -> Range<u32> {
        geometry.pieces_in(&(self.position..self.position.saturating_add(reach).min(self.end)))
    }

    /// Seconds of media that are verified ahead of the player's clock.
    pub(crate) fn buffered(&self, now: Time, rate: u64) -> f64 {
        let due = self.due(self.ready, rate);
        due.since(now).as_secs_f64()
    }

    /// Whether there is little ahead of the player: by its clock, and by what it has not read yet, for a player
    /// that pauses needs no more though its clock goes on.
    pub(crate) fn is_short(&self, now: Time, rate: u64) -> bool {
        if self.hint {
            return !self.free.is_empty();
        }
        let unread = self.ready.saturating_sub(self.position) as f64 / rate as f64;
        self.ready < self.end && self.buffered(now, rate).max(unread) < AHEAD_MIN_S
    }

    /// Whether the reader is so far ahead of its clock that it cannot be a player.
    pub(crate) fn outruns(&self, now: Time, rate: u64) -> bool {
        self.due(self.position, rate).since(now).as_secs_f64() > OUTRUN_S
    }

    /// Whether a block is among the first bytes that a waiting player waits for.
    pub(crate) fn is_blocking(&self, geometry: &Geometry, block: Block) -> bool {
        self.waits() && geometry.block_range(block).start < self.blocks_until()
    }

    /// Before which content offset all blocks are among those first bytes.
    pub(crate) fn blocks_until(&self) -> u64 {
        self.position.saturating_add(BLOCKING_BYTES)
    }
}
