//! What a peer's bytes mean.

use bytes::Bytes;
use torrent::{
    BLOCK_LEN, Block, Piece,
    wire::{
        self, Framer, Message,
        extension::{DontHave, ExtensionHandshake, ExtensionIds, UploadOnly},
    },
};

use crate::{
    ConnId, HangUpWhy, News,
    bits::Bits,
    context::Context,
    peer::{Early, FAST_MAX, Stage},
    picker::Holdings,
    source::Source,
    torrent::Torrent,
};

/// Messages of unknown kinds before a peer is taken for something else.
const UNKNOWN_MAX: u32 = 100;
/// Blocks nobody asked for before a peer is hung up.
const UNSOLICITED_MAX: u32 = 3;
/// Refused requests in a row before a peer is hung up.
const REJECTS_MAX: u32 = 50;
/// Rejects of what a peer was never asked for before it is hung up.
const INVENTIONS_MAX: u32 = 3;
/// Weight of messages without payload in one period; beyond it is a flood.
const CHATTER_MAX: u32 = 20_000;
/// The period over which they are counted.
const CHATTER_PERIOD: std::time::Duration = std::time::Duration::from_secs(5);
/// Pieces given up in one go may be many, but not without end.
const CHATTER_MIDDLING: u32 = 10;
/// Messages that make us do work weigh this much.
pub(crate) const CHATTER_HEAVY: u32 = 50;

impl Torrent {
    /// Bytes from a peer, cut anywhere.
    pub(crate) fn received(&mut self, ctx: &mut Context, conn: ConnId, bytes: Bytes) {
        self.read_bytes(ctx, conn, bytes);
        self.count_share(conn);
    }

    fn read_bytes(&mut self, ctx: &mut Context, conn: ConnId, bytes: Bytes) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.heard = ctx.now;
        if peer.is_usable() && peer.is_open() {
            peer.pace.flowed(ctx.now, bytes.len());
        }
        let Some(bytes) = self.decrypt(ctx, conn, bytes) else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.framer.push(bytes);
        if peer.stage == Stage::Greeting {
            match peer.framer.handshake() {
                Ok(Some(handshake)) => self.greeted(ctx, conn, &handshake),
                Ok(None) => return,
                Err(_) => return self.hang_up(ctx, conn, HangUpWhy::Protocol),
            }
        }
        self.read_messages(ctx, conn);
    }

    /// What a stranger sent behind its handshake.
    pub(crate) fn resume(&mut self, ctx: &mut Context, conn: ConnId, framer: Framer) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.framer = framer;
            self.read_messages(ctx, conn);
            self.count_share(conn);
        }
    }

    fn read_messages(&mut self, ctx: &mut Context, conn: ConnId) {
        self.chores.sources.insert(Source::Peer(conn));
        while let Some(peer) = self.peers.get_mut(&conn) {
            match peer.framer.next() {
                Ok(Some(message)) => self.heard(ctx, conn, message),
                Ok(None) => break,
                Err(_) => return self.hang_up(ctx, conn, HangUpWhy::Protocol),
            }
        }
    }

    /// One message.
    fn heard(&mut self, ctx: &mut Context, conn: ConnId, message: Message) {
        if self.is_flood(ctx, conn, &message) {
            return self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.silent = false;
        }
        match message {
            Message::KeepAlive => (),
            Message::Port(port) => self.heard_dht(ctx, conn, port),
            Message::Suggest(piece) => self.suggested(conn, piece),
            Message::Choke => self.choked(ctx, conn),
            Message::Unchoke => self.unchoked(ctx, conn),
            Message::Interested => self.interested(ctx, conn, true),
            Message::NotInterested => self.interested(ctx, conn, false),
            Message::Have(piece) => self.has(ctx, conn, piece),
            Message::Bitfield(bits) => self.has_said(ctx, conn, Early::Bitfield(bits)),
            Message::HaveAll => self.has_said(ctx, conn, Early::All),
            Message::HaveNone => self.has_said(ctx, conn, Early::Haves([].into())),
            Message::Request(request) => self.requested(ctx, conn, request),
            Message::Cancel(request) => self.cancelled(conn, request),
            Message::Piece { piece, begin, data } => self.came(ctx, conn, piece, begin, data),
            Message::Reject(request) => self.rejected(ctx, conn, request),
            Message::AllowedFast(piece) => self.allowed(conn, piece),
            Message::Extended { id, payload } => self.extended(ctx, conn, id, &payload),
            Message::HashRequest(request) => self.hashes_requested(ctx, conn, request),
            Message::Hashes { request, hashes } => self.hashes_came(ctx, conn, &request, &hashes),
            Message::HashReject(request) => self.hashes_rejected(ctx, conn, &request),
            Message::Unknown(_) => self.unknown(ctx, conn),
        }
    }

    fn is_flood(&mut self, ctx: &Context, conn: ConnId, message: &Message) -> bool {
        let Some(peer) = self.peers.get_mut(&conn) else { return false };
        let weight = match message {
            Message::Piece { .. } | Message::Request(_) => return false,
            Message::Choke
            | Message::Unchoke
            | Message::Interested
            | Message::NotInterested
            | Message::Bitfield(_)
            | Message::HashRequest(_) => CHATTER_HEAVY,
            Message::Extended { id, .. } if Some(*id) == ExtensionIds::OURS.dont_have => {
                CHATTER_MIDDLING
            }
            Message::Extended { .. } => CHATTER_HEAVY,
            _ => 1,
        };
        if ctx.now.since(peer.offences.chatter_at) > CHATTER_PERIOD {
            peer.offences.chatter = 0;
            peer.offences.chatter_at = ctx.now;
        }
        peer.offences.chatter += weight;
        peer.offences.chatter > CHATTER_MAX
    }

    fn unknown(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.offences.unknown += 1;
        if peer.offences.unknown > UNKNOWN_MAX {
            self.hang_up(ctx, conn, HangUpWhy::Protocol);
        }
    }

    fn choked(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let teases = !std::mem::replace(&mut peer.choked_by, true) && peer.teases(ctx.now);
        if teases && !std::mem::replace(&mut peer.snubbed, true) {
            ctx.tell(News::PeerSnubbed(self.id, conn));
        }
        self.release_all(conn);
        self.replace_sole(Source::Peer(conn));
    }

    fn unchoked(&mut self, ctx: &Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let held = peer.framer.held();
        // What a peer that was asked boldly said before this is no part of a block.
        if std::mem::take(&mut peer.choked_by) && held > 0 {
            peer.pace.flowed(ctx.now, held);
        }
        self.chores.sources.insert(Source::Peer(conn));
        self.share_with(conn);
    }

    fn interested(&mut self, ctx: &Context, conn: ConnId, interested: bool) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.interested == interested {
            return;
        }
        peer.interested = interested;
        if peer.chokes {
            peer.slot_since = ctx.now;
        }
        self.fill_slots(ctx);
    }

    /// A peer says what it has: once and first, save that aria2 sends a new bitfield instead of many `have`s.
    fn has_said(&mut self, ctx: &mut Context, conn: ConnId, said: Early) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if !matches!((&peer.early, &said), (Early::Unsaid, _) | (_, Early::Bitfield(_))) {
            return self.hang_up(ctx, conn, HangUpWhy::Protocol);
        }
        peer.early = said;
        self.settle_early(ctx, conn);
    }

    /// Gives what a peer said its meaning, once the number of pieces is known.
    pub(crate) fn settle_early(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(content) = &mut self.content else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if !peer.is_open() {
            return;
        }
        let count = content.pieces.geometry().piece_count();
        let said = match std::mem::replace(&mut peer.early, Early::Settled) {
            Early::Unsaid => {
                peer.early = Early::Unsaid;
                Some(Holdings::Some(Bits::new(count)))
            }
            Early::All => Some(Holdings::All),
            Early::Bitfield(bytes) => Bits::from_wire(&bytes, count).map(Holdings::Some),
            Early::Haves(haves) => some(&haves, count),
            Early::Settled => return,
        };
        let Some(said) = said else { return self.hang_up(ctx, conn, HangUpWhy::Protocol) };
        content.rarity.leave(&peer.holdings);
        peer.holdings = match said {
            Holdings::Some(bits) if bits.is_full() => Holdings::All,
            said => said,
        };
        content.rarity.join(&peer.holdings);
        // What was asked of peers before they had spoken is judged by what those tell who can.
        if peer.abilities.v2 {
            self.ask_near_leaves(ctx);
        }
        self.reconsider(conn);
        self.part_if_useless(ctx, conn);
        self.consider_superseeding(ctx);
        self.show(ctx);
    }

    /// A peer has one more piece.
    fn has(&mut self, ctx: &mut Context, conn: ConnId, piece: Piece) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let Some(content) = &mut self.content else { return peer.announce_early(piece) };
        if !content.pieces.geometry().has(piece) {
            return self.hang_up(ctx, conn, HangUpWhy::Protocol);
        }
        peer.early = Early::Settled;
        let Holdings::Some(bits) = &mut peer.holdings else { return };
        if !bits.insert(piece.0) {
            return;
        }
        content.rarity.gained(piece.0);
        if bits.is_full() {
            content.rarity.leave(&peer.holdings);
            peer.holdings = Holdings::All;
            content.rarity.join(&peer.holdings);
        }
        self.saw_copy(ctx, conn, piece);
        self.reconsider(conn);
        self.part_if_useless(ctx, conn);
    }

    /// A peer gave a piece up.
    fn has_not(&mut self, conn: ConnId, piece: Piece) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let Some(content) = &mut self.content else { return };
        if !content.pieces.geometry().has(piece) {
            return;
        }
        if peer.holdings == Holdings::All {
            content.rarity.leave(&peer.holdings);
            peer.holdings = Holdings::Some(Bits::full(content.pieces.geometry().piece_count()));
            content.rarity.join(&peer.holdings);
        }
        if let Holdings::Some(bits) = &mut peer.holdings
            && bits.remove(piece.0)
        {
            content.rarity.lost(piece.0);
        }
        self.reconsider(conn);
    }

    /// Says whether the peer has anything for us, when that has changed.
    pub(crate) fn reconsider(&mut self, conn: ConnId) {
        let Some(content) = &self.content else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        // Most have something: what we said before we could know holds until we do.
        let unknown = !content.ready || matches!(peer.early, Early::Unsaid);
        if !peer.is_open() || (unknown && peer.interests) {
            return;
        }
        let interests = content.is_interesting(&peer.holdings);
        if interests != peer.interests && (interests || !self.lingers) {
            peer.interests = interests;
            let message = if interests { Message::Interested } else { Message::NotInterested };
            peer.say(&message);
            self.chores.speak.insert(conn);
        }
        self.chores.sources.insert(Source::Peer(conn));
    }

    /// Two who have everything have nothing to say to each other.
    pub(crate) fn part_if_useless(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get(&conn) else { return };
        if self.is_complete() && (peer.is_seed() || peer.abilities.upload_only) {
            if peer.is_seed() {
                self.end_superseeding(ctx);
            }
            self.hang_up(ctx, conn, HangUpWhy::Useless);
        }
    }

    fn allowed(&mut self, conn: ConnId, piece: Piece) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.allowed.len() < FAST_MAX {
            peer.allowed.insert(piece);
            self.chores.sources.insert(Source::Peer(conn));
        }
    }

    /// A peer would rather give this piece than another.
    fn suggested(&mut self, conn: ConnId, piece: Piece) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.suggested.retain(|other| *other != piece);
        peer.suggested.push_back(piece);
        if peer.suggested.len() > FAST_MAX {
            peer.suggested.pop_front();
        }
    }

    /// A peer will not answer a request.
    fn rejected(&mut self, ctx: &mut Context, conn: ConnId, request: wire::Request) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let block = Block { piece: request.piece, index: request.begin / BLOCK_LEN };
        if peer.forgive(block) {
            return;
        }
        // A cancel may cross the block on its way, and Transmission rejects what it has sent. But who was asked for
        // nothing of a piece has nothing to reject.
        if !peer.was_asked(block) {
            peer.offences.inventions += 1;
        }
        peer.offences.rejects += 1;
        if peer.offences.rejects > REJECTS_MAX || peer.offences.inventions > INVENTIONS_MAX {
            return self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
        if let Some(asked) = peer.settle(block) {
            peer.pace.released(asked.len);
            peer.allowed.remove(&block.piece);
            self.release(Source::Peer(conn), block);
        }
    }

    /// A block came.
    fn came(&mut self, ctx: &mut Context, conn: ConnId, piece: Piece, begin: u32, data: Bytes) {
        let block = Block { piece, index: begin / BLOCK_LEN };
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        self.down.count(ctx.now, u64::from(len));
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.down.count(ctx.now, u64::from(len));
        let asked = peer.settle(block);
        let is_first = asked.is_some() && !peer.pace.has_given();
        if let Some(asked) = &asked {
            peer.pace.arrived(ctx.now, asked.len, asked.sent);
        }
        let fits = begin.is_multiple_of(BLOCK_LEN)
            && self.content.as_ref().is_some_and(|content| content.is_block(block, len));
        if !fits || (asked.is_none() && !peer.forgive(block)) {
            return self.unsolicited(ctx, conn, asked.map(|asked| asked.block), len);
        }
        peer.gave();
        if std::mem::take(&mut peer.snubbed) {
            self.chores.all = true;
        }
        self.deliver(ctx, Source::Peer(conn), block, data);
        if is_first {
            self.ask_who_gives(ctx, conn);
        }
    }

    /// Bytes nobody asked for, or of the wrong length.
    fn unsolicited(&mut self, ctx: &mut Context, conn: ConnId, asked: Option<Block>, len: u32) {
        if let Some(block) = asked {
            self.release(Source::Peer(conn), block);
        }
        self.waste.spend(len);
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.offences.unsolicited += 1;
        if peer.offences.unsolicited > UNSOLICITED_MAX {
            self.hang_up(ctx, conn, HangUpWhy::Flood);
        }
    }

    fn extended(&mut self, ctx: &mut Context, conn: ConnId, id: u8, payload: &Bytes) {
        let ours = ExtensionIds::OURS;
        match Some(id) {
            Some(0) => self.extension_handshake(ctx, conn, payload),
            id if id == ours.metadata => self.heard_metadata(ctx, conn, payload),
            id if id == ours.exchange => self.heard_of(ctx, conn, payload),
            id if id == ours.holepunch => self.heard_holepunch(ctx, conn, payload),
            id if id == ours.dont_have => {
                if let Ok(DontHave(piece)) = DontHave::parse(payload) {
                    self.has_not(conn, piece);
                }
            }
            id if id.is_some() && id == self.gossip_id() => self.gossiped(ctx, conn, payload),
            id if id == ours.upload_only => {
                if let (Ok(UploadOnly(only)), Some(peer)) =
                    (UploadOnly::parse(payload), self.peers.get_mut(&conn))
                {
                    peer.abilities.upload_only = only;
                    self.part_if_useless(ctx, conn);
                }
            }
            _ => self.unknown(ctx, conn),
        }
    }

    fn extension_handshake(&mut self, ctx: &mut Context, conn: ConnId, payload: &[u8]) {
        let Ok(said) = ExtensionHandshake::parse(payload) else {
            return self.hang_up(ctx, conn, HangUpWhy::Protocol);
        };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let can = &mut peer.abilities;
        can.metadata = said.ids.metadata.unwrap_or(0);
        can.exchange = said.ids.exchange.unwrap_or(0);
        can.holepunch = said.ids.holepunch.unwrap_or(0);
        can.dont_have = said.ids.dont_have.unwrap_or(0);
        can.metadata_len = said.metadata_size.or(can.metadata_len);
        can.upload_only = said.upload_only;
        can.requests_max = said.request_queue.or(can.requests_max);
        if peer.listens.is_none()
            && let Some(port) = said.port
        {
            peer.listens = Some((peer.addr.ip(), port).into());
        }
        if self.meets {
            return self.may_gossip(ctx, conn, said.ids.head.unwrap_or(0));
        }
        self.ask_metadata(ctx);
        self.part_if_useless(ctx, conn);
    }

    /// A block came from a source that was asked for it: the other copies are called off.
    pub(crate) fn deliver(&mut self, ctx: &mut Context, source: Source, block: Block, data: Bytes) {
        let owners = self.asked.remove(&block).unwrap_or_default();
        for owner in owners.iter().filter(|owner| **owner != source) {
            self.call_off(*owner, block);
        }
        (1..owners.len()).for_each(|_| self.waste.settle(BLOCK_LEN));
        let Some(content) = &mut self.content else { return };
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        if !content.pieces.is_missing(block) || !content.is_open_to(source, block) {
            self.waste.spend(len);
            if content.release(block) {
                self.streams.values_mut().for_each(|stream| stream.released(block));
                self.chores.all = true;
            }
            return;
        }
        content.take(block);
        content.pieces.arrive(block, source);
        if !matches!(source, Source::Sibling(_)) {
            self.waste.earn(len);
        }
        self.streams.values_mut().for_each(|stream| stream.arrived(block));
        self.store(ctx, block, data);
    }

    /// A source need not send a block any more.
    fn call_off(&mut self, source: Source, block: Block) {
        if let Source::Peer(conn) = source
            && let Some(peer) = self.peers.get_mut(&conn)
            && peer.cancel(block)
        {
            self.chores.speak.insert(conn);
            self.chores.sources.insert(source);
        }
    }

    /// Tells of a promise of ours that was broken inside.
    pub(crate) fn bug(&self, ctx: &mut Context, what: &'static str) {
        debug_assert!(false, "{what}");
        ctx.tell(News::Bug(what));
    }
}

/// Pieces as holdings; `None` if one does not exist.
fn some(haves: &std::collections::BTreeSet<Piece>, count: u32) -> Option<Holdings> {
    let mut bits = Bits::new(count);
    let all = haves.iter().all(|piece| bits.insert(piece.0));
    all.then_some(Holdings::Some(bits))
}
