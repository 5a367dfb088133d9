//! The only seed of a crowd: each piece goes out once before any goes out twice (BEP 16), in playing order.
//!
//! An ordinary seed tells everybody that it has everything, and a crowd that begins to watch asks it for the
//! same first pieces again and again, while nobody else has the later ones. Here a peer is shown one piece at
//! a time: the one with the fewest copies outside, of those the first. It is shown the next one when somebody
//! else has that piece too, so that who passes on what it got is served sooner. The mode begins with a crowd
//! that has nobody else to ask, and ends for good when every piece has two copies outside: in a swarm that
//! has what it needs, hiding pieces only does harm.

use std::{collections::BTreeMap, time::Duration};

use torrent::{
    Piece,
    wire::{Message, extension::DontHave},
};

use crate::{
    ConnId, Time,
    agenda::Timer,
    bits::Bits,
    context::Context,
    order::Order,
    peer::{Early, Peer},
    picker::Rarity,
    torrent::Torrent,
};

/// Peers that lack something and have no other seed: this many are a crowd.
const CROWD: usize = 8;
/// With fewer guests than this the mode ends.
const GUESTS_MIN: usize = 4;
/// Copies outside that make a piece safe.
const COPIES: u32 = 2;
/// Pieces on their way at one time, at least.
const OPEN_MIN: usize = 4;
/// … and as many as the line carries in this time, in seconds: small pieces are through before the next is asked for.
const OPEN_SPAN_S: f64 = 1.0;
/// The upload rate while nothing is known about it, in bytes per second.
const RATE_UNKNOWN: u64 = 500_000;
/// A guest that does not ask for what it was shown loses its turn after this long, and so does one that asks for
/// no more of it because it gets the rest elsewhere.
const TAKE_PATIENCE: Duration = Duration::from_secs(3);
/// … and after this long others are shown something beside it.
const START_PATIENCE: Duration = Duration::from_millis(500);
/// How long a guest may pass a piece on before it gets another one anyway, in times the piece took.
const SPREAD_TIMES: u32 = 2;
/// Peers that know we have everything are told otherwise if that takes no more messages than this.
const UNLEARN_MAX: u32 = 1_000;

/// How a seed tells what it has.
#[derive(Debug, Default)]
pub(crate) enum Seeding {
    /// Everybody knows everything; may become the other.
    #[default]
    Open,
    /// Pieces are shown one by one.
    Super(SuperSeed),
    /// That is over: what the swarm needs is in it.
    Spread,
}

/// Whom we showed what.
#[derive(Debug)]
pub(crate) struct SuperSeed {
    guests: BTreeMap<ConnId, Guest>,
    /// Pieces without enough copies outside.
    needed: Bits,
    /// Pieces that somebody was given all of: not everybody tells us what we have ourselves.
    given: Bits,
}

#[derive(Debug)]
struct Guest {
    shown: Bits,
    turn: Turn,
    /// Since when it is in this turn.
    since: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// For a piece.
    Waits,
    /// It fetches a piece; this many bytes of it were read for it.
    Takes { piece: Piece, read: u32 },
    /// It has a piece that nobody else has, or gets the rest of it elsewhere.
    Spreads { piece: Piece },
    /// It was shown everything.
    Knows,
}

impl Seeding {
    fn active(&mut self) -> Option<&mut SuperSeed> {
        match self {
            Self::Super(mode) => Some(mode),
            Self::Open | Self::Spread => None,
        }
    }

    /// Whether a peer knows only what it was shown.
    pub(crate) fn is_guest(&self, conn: ConnId) -> bool {
        matches!(self, Self::Super(mode) if mode.guests.contains_key(&conn))
    }

    /// Whether newcomers are told that we have nothing.
    pub(crate) fn is_super(&self) -> bool {
        matches!(self, Self::Super(_))
    }

    /// Whether a peer may have a piece, as far as it was shown.
    pub(crate) fn shows(&self, conn: ConnId, piece: Piece) -> bool {
        match self {
            Self::Super(mode) => {
                mode.guests.get(&conn).is_none_or(|guest| guest.shown.has(piece.0))
            }
            Self::Open | Self::Spread => true,
        }
    }
}

impl SuperSeed {
    /// Who is next: who waits longest, else who has been passing a piece on for longest.
    fn next(&self, is_open: impl Fn(ConnId) -> bool) -> Option<ConnId> {
        let open = self.guests.iter().filter(|(conn, _)| is_open(**conn));
        let turns = open.filter_map(|(conn, guest)| match guest.turn {
            Turn::Waits => Some((0, guest.since, *conn)),
            Turn::Spreads { .. } => Some((1, guest.since, *conn)),
            Turn::Takes { .. } | Turn::Knows => None,
        });
        turns.min().map(|(.., conn)| conn)
    }

    /// Pieces on their way, as far as they keep the line busy.
    fn open(&self, now: Time, is_served: impl Fn(ConnId) -> bool) -> usize {
        let takes = |guest: &Guest| matches!(guest.turn, Turn::Takes { .. });
        let busy = |conn, guest: &Guest| guest.since + START_PATIENCE > now || is_served(conn);
        self.guests.iter().filter(|(conn, guest)| takes(guest) && busy(**conn, guest)).count()
    }

    /// The piece with the fewest copies outside and on their way there, the first of those.
    fn least(
        &self,
        conn: ConnId,
        holds: impl Fn(ConnId, Piece) -> bool,
        rarity: &Rarity,
    ) -> Option<Piece> {
        let guest = self.guests.get(&conn)?;
        let mut coming = BTreeMap::<u32, u32>::new();
        for (other, guest) in &self.guests {
            if let Turn::Takes { piece, .. } | Turn::Spreads { piece } = guest.turn
                && !holds(*other, piece)
            {
                *coming.entry(piece.0).or_default() += 1;
            }
        }
        let hidden = (0..guest.shown.len()).filter(|piece| !guest.shown.has(*piece));
        let fit = hidden.filter(|piece| !holds(conn, Piece(*piece)));
        let copies = |piece| {
            let outside = rarity.availability(piece).max(u32::from(self.given.has(piece)));
            outside + coming.get(&piece).copied().unwrap_or(0)
        };
        fit.min_by_key(|piece| (copies(*piece), *piece)).map(Piece)
    }

    fn set(&mut self, now: Time, conn: ConnId, turn: Turn) {
        if let Some(guest) = self.guests.get_mut(&conn) {
            guest.turn = turn;
            guest.since = now;
        }
    }
}

impl Torrent {
    /// Begins the mode when there is a crowd and nobody else to ask.
    pub(crate) fn consider_superseeding(&mut self, ctx: &mut Context) {
        let active = !self.rests() && ctx.order == Order::Kinora;
        let Some(content) = self.content.as_ref().filter(|_| active) else { return };
        let settled = |peer: &&Peer| matches!(peer.early, Early::Settled) || peer.interested;
        let others = self.peers.values().filter(|peer| peer.is_open() && !peer.is_seed());
        let others = others.filter(settled);
        let alone = content.pieces.have().is_full() && content.rarity.seeds() == 0;
        if !matches!(self.seeding, Seeding::Open) || !alone || others.count() < CROWD {
            return;
        }
        let count = content.pieces.geometry().piece_count();
        let copies = |piece: &u32| content.rarity.availability(*piece);
        if (0..count).all(|piece| copies(&piece) > 0) {
            return;
        }
        let mut needed = Bits::new(count);
        (0..count).filter(|piece| copies(piece) < COPIES).for_each(|piece| {
            needed.insert(piece);
        });
        self.seeding =
            Seeding::Super(SuperSeed { guests: BTreeMap::new(), needed, given: Bits::new(count) });
        if count <= UNLEARN_MAX {
            self.unlearn(ctx);
        }
        self.rechoke(ctx);
        self.show(ctx);
    }

    /// Peers that know we have everything are told that we have not, if they understand it.
    fn unlearn(&mut self, ctx: &Context) {
        for conn in self.open_conns() {
            let Some(peer) = self.peers.get_mut(&conn) else { continue };
            let id = peer.abilities.dont_have;
            if id == 0 || peer.is_seed() {
                continue;
            }
            self.choke(ctx, conn);
            let Some(content) = &self.content else { return };
            let Some(peer) = self.peers.get_mut(&conn) else { continue };
            let hidden = (0..content.pieces.geometry().piece_count()).map(Piece);
            let hidden: Vec<_> = hidden.filter(|piece| !peer.holdings.has(piece.0)).collect();
            for piece in hidden {
                peer.say(&Message::Extended { id, payload: DontHave(piece).to_bytes() });
            }
            peer.granted.clear();
            self.chores.speak.insert(conn);
            self.welcome(ctx, conn);
        }
    }

    /// A peer that was told nothing about what we have.
    pub(crate) fn welcome(&mut self, ctx: &Context, conn: ConnId) {
        let Some(content) = &self.content else { return };
        let shown = Bits::new(content.pieces.geometry().piece_count());
        if let Some(mode) = self.seeding.active() {
            mode.guests.insert(conn, Guest { shown, turn: Turn::Waits, since: ctx.now });
        }
    }

    /// A guest is gone.
    pub(crate) fn bid_farewell(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(mode) = self.seeding.active() else { return };
        if mode.guests.remove(&conn).is_some() && mode.guests.len() < GUESTS_MIN {
            return self.tell_everything(ctx);
        }
        self.show(ctx);
    }

    /// Shows pieces while there is room on the line.
    pub(crate) fn show(&mut self, ctx: &mut Context) {
        let most = self.open_max(ctx);
        while let Some((conn, piece)) = self.next_to_show(ctx.now, most) {
            let Some(mode) = self.seeding.active() else { return };
            let Some(piece) = piece else {
                mode.set(ctx.now, conn, Turn::Knows);
                continue;
            };
            mode.set(ctx.now, conn, Turn::Takes { piece, read: 0 });
            if let Some(guest) = mode.guests.get_mut(&conn) {
                guest.shown.insert(piece.0);
            }
            if let Some(peer) = self.peers.get_mut(&conn) {
                peer.say(&Message::Have(piece));
                self.chores.speak.insert(conn);
            }
            self.unchoke(ctx, conn);
        }
        self.plan_show(ctx);
    }

    fn next_to_show(&self, now: Time, most: usize) -> Option<(ConnId, Option<Piece>)> {
        let (Seeding::Super(mode), Some(content)) = (&self.seeding, &self.content) else {
            return None;
        };
        let is_open = |conn| self.peers.get(&conn).is_some_and(Peer::is_open);
        let is_served = |conn| self.peers.get(&conn).is_some_and(Peer::is_served);
        let conn = mode.next(is_open).filter(|_| mode.open(now, is_served) < most)?;
        let holds = |conn, piece: Piece| {
            self.peers.get(&conn).is_some_and(|peer| peer.holdings.has(piece.0))
        };
        Some((conn, mode.least(conn, holds, &content.rarity)))
    }

    /// How many pieces may be on their way at one time.
    fn open_max(&self, ctx: &Context) -> usize {
        let piece_len = self.content.as_ref().map_or(1, |content| content.piece_len());
        let span = self.super_rate(ctx) as f64 * OPEN_SPAN_S / f64::from(piece_len);
        OPEN_MIN.max(span.ceil() as usize)
    }

    fn super_rate(&self, ctx: &Context) -> u64 {
        let known = ctx.config.limits.up_rate_max.or(Some(self.up_peak).filter(|peak| *peak > 0));
        known.unwrap_or(RATE_UNKNOWN).max(1)
    }

    /// How long a guest may pass a piece on.
    fn spread_time(&self, ctx: &Context) -> Duration {
        let piece_len = self.content.as_ref().map_or(0, |content| content.piece_len());
        let took = self.open_max(ctx) as f64 * f64::from(piece_len) / self.super_rate(ctx) as f64;
        Duration::from_secs_f64(took) * SPREAD_TIMES
    }

    fn plan_show(&self, ctx: &mut Context) {
        let Seeding::Super(mode) = &self.seeding else { return };
        let spread = self.spread_time(ctx);
        let ends = mode.guests.values().filter_map(|guest| match guest.turn {
            Turn::Takes { .. } if guest.since + START_PATIENCE > ctx.now => {
                Some(guest.since + START_PATIENCE)
            }
            Turn::Takes { .. } => Some(guest.since + TAKE_PATIENCE),
            Turn::Spreads { .. } => Some(guest.since + spread),
            Turn::Waits | Turn::Knows => None,
        });
        if let Some(at) = ends.min() {
            ctx.agenda.set(Timer::Show(self.id), at.max(ctx.now + Duration::from_millis(10)));
        }
    }

    /// Turns that took too long are over.
    pub(crate) fn chase_guests(&mut self, ctx: &mut Context) {
        let spread = self.spread_time(ctx);
        let peers = &self.peers;
        let busy = |conn| peers.get(conn).is_some_and(Peer::is_served);
        let Some(mode) = self.seeding.active() else { return };
        for (conn, guest) in &mut mode.guests {
            let patience = match guest.turn {
                Turn::Takes { .. } if busy(conn) => {
                    guest.since = ctx.now;
                    continue;
                }
                Turn::Takes { .. } => TAKE_PATIENCE,
                Turn::Spreads { .. } => spread,
                Turn::Waits | Turn::Knows => continue,
            };
            if guest.since + patience <= ctx.now {
                guest.turn = match guest.turn {
                    Turn::Takes { piece, read } if read > 0 => Turn::Spreads { piece },
                    _ => Turn::Waits,
                };
                guest.since = ctx.now;
            }
        }
        self.show(ctx);
    }

    /// Bytes of a piece were read for a peer.
    pub(crate) fn gave(&mut self, ctx: &mut Context, conn: ConnId, piece: Piece, len: u32) {
        let Some(content) = &self.content else { return };
        let whole = content.pieces.geometry().piece_len(piece);
        let Some(mode) = self.seeding.active() else { return };
        let Some(guest) = mode.guests.get(&conn) else { return };
        let Turn::Takes { piece: taken, read } = guest.turn else { return };
        if taken != piece {
            return;
        }
        let read = read + len;
        if read < whole {
            return mode.set(ctx.now, conn, Turn::Takes { piece, read });
        }
        mode.given.insert(piece.0);
        mode.set(ctx.now, conn, Turn::Spreads { piece });
        self.show(ctx);
    }

    /// A peer has a piece: whoever passed it on gets another one, and if nothing is needed the mode is over.
    pub(crate) fn saw_copy(&mut self, ctx: &mut Context, conn: ConnId, piece: Piece) {
        let Some(content) = &self.content else { return };
        let copies = content.rarity.availability(piece.0);
        let Some(mode) = self.seeding.active() else { return };
        let taker = mode.guests.get(&conn).map(|guest| guest.turn);
        if matches!(taker, Some(Turn::Takes { piece: taken, .. }) if taken == piece) {
            mode.set(ctx.now, conn, Turn::Spreads { piece });
        }
        if copies < COPIES {
            return self.show(ctx);
        }
        mode.needed.remove(piece.0);
        let over = mode.needed.count() == 0;
        for guest in mode.guests.values_mut() {
            if guest.turn == (Turn::Spreads { piece }) {
                guest.turn = Turn::Waits;
                guest.since = ctx.now;
            }
        }
        if over {
            return self.tell_everything(ctx);
        }
        self.show(ctx);
    }

    /// Somebody else has everything: there is no need of the mode, now or later.
    pub(crate) fn end_superseeding(&mut self, ctx: &mut Context) {
        match self.seeding {
            Seeding::Super(_) => self.tell_everything(ctx),
            Seeding::Open | Seeding::Spread => self.seeding = Seeding::Spread,
        }
    }

    /// The mode is over for good: everybody learns of everything.
    fn tell_everything(&mut self, ctx: &mut Context) {
        let Seeding::Super(mode) = std::mem::replace(&mut self.seeding, Seeding::Spread) else {
            return;
        };
        ctx.agenda.clear(Timer::Show(self.id));
        for (conn, guest) in mode.guests {
            let Some(peer) = self.peers.get_mut(&conn) else { continue };
            for piece in (0..guest.shown.len()).filter(|piece| !guest.shown.has(*piece)) {
                if !peer.holdings.has(piece) {
                    peer.say(&Message::Have(Piece(piece)));
                }
            }
            self.chores.speak.insert(conn);
        }
        self.rechoke(ctx);
    }
}
