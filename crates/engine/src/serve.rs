//! What we give: requests queue up, blocks are read when there is credit for them.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use torrent::wire::{self, Message};

use crate::{
    ConnId, DiskFault, HangUpWhy, Output,
    agenda::Timer,
    context::{Context, Op},
    swarm::REQUESTS_TAKEN_MAX,
    torrent::Torrent,
};

/// The longest part of a piece that is given in answer to one request.
const PART_LEN_MAX: u32 = 128 * 1024;
/// Requests out of order before a peer is taken for an attacker: for pieces that we gave up, too, which not everybody hears of.
const OFFENCES_MAX: u32 = 300;
/// Requests without a slot before it is. Those do not count that may have been on their way when the slot was taken.
const UNSLOTTED_MAX: u32 = 100;
/// How long they may be on their way.
const CROSSING: Duration = Duration::from_secs(30);
/// Bytes handed to the driver for one peer and not sent yet, with those being read: at least this.
const AHEAD_MIN: usize = 64 * 1024;
/// … at most this …
const AHEAD_MAX: usize = 1024 * 1024;
/// … and between, what it takes in about this part of a second.
const AHEAD_PART: u64 = 4;

impl Torrent {
    /// A peer asks for a part of a piece.
    pub(crate) fn requested(&mut self, ctx: &mut Context, conn: ConnId, request: wire::Request) {
        let Some(content) = &self.content else { return self.refuse(ctx, conn, request) };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let askable = content.pieces.geometry().askable_len(request.piece);
        let fits = (1..=PART_LEN_MAX).contains(&request.len)
            && request.begin < content.pieces.geometry().piece_len(request.piece)
            && request.begin.checked_add(request.len).is_some_and(|end| end <= askable);
        let shown = self.seeding.shows(conn, request.piece);
        let given = shown && (!peer.chokes || peer.granted.contains(&request.piece));
        let has = content.pieces.has(request.piece);
        if fits && has && shown && !given {
            return self.refuse_without_slot(ctx, conn, request);
        }
        if !fits || !given || !has || peer.uploads.len() >= REQUESTS_TAKEN_MAX {
            return self.refuse(ctx, conn, request);
        }
        if peer.uploads.contains(&request) || peer.loading.contains(&request) {
            if peer.repeats.waits(ctx.now) {
                self.hang_up(ctx, conn, HangUpWhy::Flood);
            }
        } else if peer.repeats.is_too_often(ctx.now, request) {
            self.refuse(ctx, conn, request);
        } else {
            peer.uploads.push_back(request);
            self.chores.uploads.insert(conn);
        }
    }

    /// A peer asks for what it would get if it had a slot.
    fn refuse_without_slot(&mut self, ctx: &mut Context, conn: ConnId, request: wire::Request) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.crossing > 0 && ctx.now.since(peer.slot_since) < CROSSING {
            peer.crossing -= 1;
            return self.reject(conn, request);
        }
        peer.offences.unslotted += 1;
        if peer.offences.unslotted > UNSLOTTED_MAX {
            return self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
        self.reject(conn, request);
    }

    fn refuse(&mut self, ctx: &mut Context, conn: ConnId, request: wire::Request) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.offences.requests += 1;
        if peer.offences.requests > OFFENCES_MAX {
            return self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
        self.reject(conn, request);
    }

    /// Says that a request will not be answered, to those who understand it (BEP 6).
    fn reject(&mut self, conn: ConnId, request: wire::Request) {
        let Some(peer) = self.peers.get_mut(&conn).filter(|peer| peer.abilities.fast) else {
            return;
        };
        peer.say(&Message::Reject(request));
        self.chores.speak.insert(conn);
    }

    /// A peer takes a request back.
    pub(crate) fn cancelled(&mut self, conn: ConnId, request: wire::Request) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let Some(at) = peer.uploads.iter().position(|upload| *upload == request) else { return };
        peer.uploads.remove(at);
        self.reject(conn, request);
    }

    /// A peer lost its slot: what it asked for will not come.
    pub(crate) fn refuse_uploads(&mut self, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let granted = std::mem::take(&mut peer.granted);
        let (keep, refused): (Vec<_>, Vec<_>) =
            peer.uploads.drain(..).partition(|upload| granted.contains(&upload.piece));
        peer.uploads = keep.into();
        peer.granted = granted;
        peer.crossing = REQUESTS_TAKEN_MAX;
        if peer.abilities.fast {
            refused.into_iter().for_each(|upload| peer.say(&Message::Reject(upload)));
            self.chores.speak.insert(conn);
        }
    }

    /// Reads blocks for peers whose credit allows it, one each in turn.
    pub(crate) fn serve(&mut self, ctx: &mut Context) {
        for conn in std::mem::take(&mut self.chores.uploads) {
            if !self.serving.contains(&conn) {
                self.serving.push_back(conn);
            }
        }
        let mut held = VecDeque::new();
        while let Some(conn) = self.serving.pop_front() {
            if !self.may_give(ctx) {
                self.serving.push_front(conn);
                break;
            }
            if !self.may_cross(ctx, conn) {
                held.push_back(conn);
            } else if self.load_next(ctx, conn) {
                self.serving.push_back(conn);
            }
        }
        held.append(&mut self.serving);
        self.serving = held;
    }

    /// Reads one block for a peer; whether it may get another one.
    fn load_next(&mut self, ctx: &mut Context, conn: ConnId) -> bool {
        let Some(content) = &self.content else { return false };
        let Some(peer) = self.peers.get_mut(&conn) else { return false };
        let reading: usize = peer.loading.iter().map(|upload| upload.len as usize).sum();
        let rate = usize::try_from(peer.up.rate(ctx.now) / AHEAD_PART).unwrap_or(AHEAD_MAX);
        if peer.outbox.unsent + reading >= rate.clamp(AHEAD_MIN, AHEAD_MAX) {
            return false;
        }
        let Some(upload) = peer.uploads.pop_front() else { return false };
        peer.loading.push_back(upload);
        peer.repeats.give(ctx.now, upload);
        let op = ctx.begin(Op::Load(self.id, conn, upload));
        let wire::Request { piece, begin, len } = upload;
        let len = len.min(content.pieces.geometry().piece_len(piece).saturating_sub(begin));
        self.gives(ctx, conn, upload.len);
        ctx.put(Output::Load { op, torrent: self.id, piece, begin, len });
        true
    }

    /// Bytes for a peer were read.
    pub(crate) fn loaded(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        upload: wire::Request,
        result: Result<Bytes, DiskFault>,
    ) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let Some(at) = peer.loading.iter().position(|loading| *loading == upload) else { return };
        peer.loading.remove(at);
        self.chores.uploads.insert(conn);
        let Ok(bytes) = result else {
            self.gave_nothing(ctx, conn, upload.len);
            return self.reject(conn, upload);
        };
        // The rest was asked for beyond the end of a file: padding that is not stored.
        let rest = (upload.len as usize).saturating_sub(bytes.len());
        let header = wire::piece_header(upload.piece, upload.begin, upload.len);
        peer.out.extend_from_slice(&header);
        peer.up.count(ctx.now, u64::from(upload.len));
        peer.offences.pay_back();
        self.up.count(ctx.now, u64::from(upload.len));
        self.speak_to(ctx, conn);
        for bytes in [bytes, Bytes::from(vec![0; rest])] {
            if let Some(peer) = self.peers.get_mut(&conn)
                && !bytes.is_empty()
            {
                let bytes = peer.transport.seal(bytes);
                self.send(ctx, conn, bytes);
            }
        }
        self.gave(ctx, conn, upload.piece, upload.len);
    }

    /// Bytes left for the socket.
    pub(crate) fn sent(&mut self, ctx: &Context, conn: ConnId, bytes: usize) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.outbox.left(ctx.now, bytes);
        if !peer.uploads.is_empty() {
            self.chores.uploads.insert(conn);
        }
    }

    /// Sends what was said, in one go for each peer.
    pub(crate) fn speak(&mut self, ctx: &mut Context) {
        for conn in std::mem::take(&mut self.chores.speak) {
            self.speak_to(ctx, conn);
            if self.peers.get(&conn).is_some_and(|peer| peer.outbox.overflows()) {
                self.hang_up(ctx, conn, HangUpWhy::Flood);
            }
        }
    }

    fn speak_to(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.out.is_empty() || peer.transport.is_calling() {
            return;
        }
        peer.spoke = ctx.now;
        let words = peer.out.split().freeze();
        let bytes = peer.transport.seal(words);
        self.send(ctx, conn, bytes);
    }

    /// Hands the driver bytes as they go to the wire.
    pub(crate) fn send(&mut self, ctx: &mut Context, conn: ConnId, bytes: Bytes) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            let is_first = peer.outbox.gave(ctx.now, bytes.len());
            if let Some(ends) = peer.outbox.patience_ends(peer.heard).filter(|_| is_first) {
                ctx.agenda.set_earlier(Timer::Pulse(conn), ends);
            }
            ctx.put(Output::Send(conn, bytes));
        }
    }
}
