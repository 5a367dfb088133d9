//! Who is connected: calling, being called, greeting, parting, and who has an upload slot.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use torrent::wire::{
    Handshake, Message, Reserved,
    extension::{ExtensionHandshake, ExtensionIds},
};

use crate::{
    ConnId, HangUpWhy, LostWhy, News, Output, PeerSource, Time,
    agenda::Timer,
    bits::Bits,
    calls::PER_HOST_MAX,
    candidates::{Manner, Teller},
    choke::{self, Claimant},
    context::Context,
    encryption::Transport,
    gossip::CALLED_MAX,
    hosts::{host, is_near},
    peer::{Peer, Stage},
    picker::Holdings,
    source::Source,
    stream::Stream,
    torrent::Torrent,
};

/// Requests we take from one peer at one time; more are refused (BEP 10 `reqq`).
pub(crate) const REQUESTS_TAKEN_MAX: usize = 500;
/// Peers asked with our first words beside which nobody is merely hoped for: what comes of all at once would fill our own
/// line with what is needed later.
const HOPED_MAX: usize = 32;
/// We say something at least this often.
const PULSE: Duration = Duration::from_secs(100);
/// A peer that says nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(240);
/// Pieces a new peer may fetch without an upload slot (BEP 6).
const GRANTED: usize = 5;
/// Share of the peak upload rate that counts as capacity while no limit is set: below it nothing is known.
const PEAK_KNOWN_MIN: u64 = 50_000;

/// Two connections that were opened within this time may have crossed each other on the way.
const AT_ONCE: Duration = Duration::from_secs(5);
/// Slots of those who know everything while pieces are shown to others one by one.
const SLOTS_BESIDE_GUESTS: usize = 1;

impl Torrent {
    /// Somebody told us of peers.
    pub(crate) fn found(
        &mut self,
        ctx: &mut Context,
        peers: &[SocketAddr],
        teller: impl Into<Teller>,
    ) {
        let teller = teller.into();
        let private = self.content.as_ref().is_some_and(|content| content.info().is_private());
        if private && !matches!(teller.source, PeerSource::Given | PeerSource::Tracker) {
            return;
        }
        for addr in peers {
            if !ctx.is_banned(*addr) {
                let salt = ctx.salt(*addr);
                self.candidates.found(*addr, teller, salt);
            }
        }
        self.chores.dial = true;
    }

    /// What somebody told us of peers that have everything.
    pub(crate) fn found_seeds<'a>(&mut self, seeds: impl IntoIterator<Item = &'a SocketAddr>) {
        seeds.into_iter().for_each(|seed| self.candidates.note_seed(*seed, true));
    }

    /// Calls as many as the limits allow.
    pub(crate) fn dial(&mut self, ctx: &mut Context) {
        if self.lacks_anything() {
            self.candidates.recall();
        }
        while self.wants_more_peers(ctx) {
            let Some(addr) = self.candidates.next(ctx.now) else { break };
            if ctx.is_banned(addr) || self.is_connected(addr) {
                continue;
            }
            if !self.candidates.is_given(addr)
                && let Some(at) = ctx.calls.wait(ctx.now, addr)
            {
                self.candidates.wait(addr, at);
                continue;
            }
            let conn = ctx.name_conn(self.id);
            ctx.dials += 1;
            self.peers.insert(conn, Peer::new(ctx.now, conn, addr, Stage::Dialling));
            ctx.agenda.set(Timer::Handshake(conn), ctx.now + ctx.config.handshake_patience);
            ctx.put(Output::Dial(conn, self.id, addr));
        }
        match self.candidates.next_at(ctx.now).filter(|_| !self.rests()) {
            Some(at) if at > ctx.now => ctx.agenda.set(Timer::Dial(self.id), at),
            Some(_) | None => ctx.agenda.clear(Timer::Dial(self.id)),
        }
    }

    pub(crate) fn wants_more_peers(&self, ctx: &Context) -> bool {
        !self.rests()
            && ctx.dials < ctx.config.dials_max
            && ctx.conns.len() < ctx.config.connections_max
            && self.peers.len() < self.peers_max(ctx)
    }

    /// Who lacks nothing but has something calls others too, for they may not be reachable themselves, and
    /// leaves them half of the room to call in. Who neither lacks nor has anything calls nobody.
    fn peers_max(&self, ctx: &Context) -> usize {
        let most = ctx.config.connections_per_torrent_max;
        if self.meets {
            return most.min(CALLED_MAX);
        }
        let has_something =
            self.content.as_ref().is_some_and(|content| content.pieces.have().count() > 0);
        match (self.lacks_anything(), has_something) {
            (true, _) => most,
            (false, true) => most.div_ceil(2),
            (false, false) => 0,
        }
    }

    /// Whether peers could give us anything we want.
    fn lacks_anything(&self) -> bool {
        self.content.as_ref().is_none_or(|content| !content.ready || content.lacks_anything())
    }

    pub(crate) fn is_connected(&self, addr: SocketAddr) -> bool {
        self.peers.values().any(|peer| peer.addr == addr || peer.listens == Some(addr))
    }

    /// A connection we asked for stands: everything that can be said goes out at once.
    pub(crate) fn dialled(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.stage != Stage::Dialling {
            return;
        }
        ctx.dials = ctx.dials.saturating_sub(1);
        peer.stage = Stage::Greeting;
        peer.opened = ctx.now;
        let manner = self.candidates.manner(peer.addr, ctx.config.encryption);
        peer.waits = manner == Manner::Terse;
        self.greet(ctx, conn, self.hashes.wire());
        if manner != Manner::Terse {
            self.introduce(ctx, conn, true);
        }
        match manner {
            Manner::Eager => self.be_bold(conn),
            Manner::Encrypted => self.encrypt(ctx, conn),
            Manner::Terse => (),
        }
        self.chores.dial = true;
    }

    /// A peer that is known to have everything is asked with our first words. One with a free slot gives it for our
    /// interest before it reads the requests: that saves a round trip. While somebody waits and nobody has given anything,
    /// everybody is taken for such a peer: nothing is lost but a few words if it is none.
    fn be_bold(&mut self, conn: ConnId) {
        let is_hoped = self.hopes();
        let Some(content) = self.content.as_mut().filter(|content| content.ready) else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if peer.interests && (is_hoped || self.candidates.is_seed(peer.addr)) {
            peer.bold = true;
            peer.holdings = Holdings::All;
            content.rarity.join(&peer.holdings);
            self.chores.sources.insert(Source::Peer(conn));
            self.count_share(conn);
        }
    }

    /// Whether a player waits for the first bytes that anybody gives, in a swarm of which nobody said that most lack
    /// something: in a crowd, those would keep from the few seeds what they cannot give.
    fn hopes(&self) -> bool {
        let waits = self.streams.values().any(Stream::waits);
        waits
            && self.peers.values().filter(|peer| peer.bold).count() < HOPED_MAX
            && self.swarm.greatest().is_none_or(|size| size.seeds >= size.leechers)
            && !self.peers.values().any(|peer| peer.pace.has_given())
            && !self.webs.iter().any(|web| web.pace.has_given())
    }

    /// Who was asked with our first words says nothing: others may be asked for it, and nothing is known of what it has.
    pub(crate) fn lose_hope(&mut self, conn: ConnId) {
        let Some(content) = &mut self.content else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.bold = false;
        content.rarity.leave(&peer.holdings);
        peer.holdings = Holdings::Some(Bits::new(content.pieces.geometry().piece_count()));
        let asked: Vec<_> = peer.requests.iter().map(|request| request.block).collect();
        asked.iter().for_each(|block| {
            peer.cancel(*block);
        });
        self.chores.speak.insert(conn);
        asked.into_iter().for_each(|block| self.release(Source::Peer(conn), block));
        self.count_share(conn);
    }

    /// What a peer was asked before it greeted us stands if it answers each request (BEP 6). Others drop what they cannot
    /// give yet without a word.
    fn be_bold_no_more(&mut self, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        if std::mem::take(&mut peer.bold) && !peer.abilities.fast {
            self.release_all(conn);
        }
    }

    /// What follows our handshake. `blind`: before the peer's has come.
    fn introduce(&mut self, ctx: &Context, conn: ConnId, blind: bool) {
        self.say_have(ctx, conn, blind);
        self.say_extended(ctx, conn);
        self.say_interested_early(conn);
    }

    /// A stranger called and named this torrent.
    pub(crate) fn accept(
        &mut self,
        ctx: &mut Context,
        conn: ConnId,
        addr: SocketAddr,
        handshake: &Handshake,
        transport: Transport,
    ) {
        if !self.rests() && self.peers.len() >= ctx.config.connections_per_torrent_max {
            let dispensable = self.dispensable(ctx, addr);
            dispensable.into_iter().for_each(|conn| self.hang_up(ctx, conn, HangUpWhy::Full));
        }
        let full = self.peers.len() >= ctx.config.connections_per_torrent_max;
        if self.rests() || full || self.connections_from(addr) >= PER_HOST_MAX {
            let why = if self.rests() { HangUpWhy::Removed } else { HangUpWhy::Full };
            ctx.put(Output::HangUp(conn, why));
            return ctx.forget_conn(conn);
        }
        let mut peer = Peer::new(ctx.now, conn, addr, Stage::Greeting);
        peer.transport = transport;
        self.peers.insert(conn, peer);
        ctx.conns.insert(conn, self.id);
        // A v1 caller that could do v2 is invited to: we answer with the v2 name (BEP 52).
        let upgrade = self.hashes.v2().filter(|_| handshake.reserved.v2());
        let name = upgrade.map_or(handshake.infohash, |v2| v2.truncated());
        self.greet(ctx, conn, name);
        self.greeted(ctx, conn, handshake);
        if self.peers.contains_key(&conn) {
            self.introduce(ctx, conn, false);
            self.grant_fast(conn);
        }
    }

    /// Standing connections with the host of an address. In a household many may share one.
    pub(crate) fn connections_from(&self, addr: SocketAddr) -> usize {
        let stands = |peer: &&Peer| peer.stage != Stage::Dialling && host(peer.addr) == host(addr);
        if is_near(addr.ip()) { 0 } else { self.peers.values().filter(stands).count() }
    }

    fn greet(&mut self, ctx: &mut Context, conn: ConnId, name: torrent::Sha1Hash) {
        let mut reserved = Reserved::NONE.with_extended().with_fast();
        if self.tells_dht(ctx).is_some() {
            reserved = reserved.with_dht();
        }
        if self.hashes.v2().is_some() {
            reserved = reserved.with_v2();
        }
        let handshake = Handshake { reserved, infohash: name, peer_id: self.peer_id };
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.out.extend_from_slice(&handshake.to_bytes());
            self.chores.speak.insert(conn);
            ctx.agenda.set_earlier(Timer::Pulse(conn), ctx.now + PULSE);
        }
    }

    fn say_extended(&mut self, ctx: &Context, conn: ConnId) {
        let (holepunch, head) = (self.punches(ctx), self.gossip_id());
        let ours = ExtensionIds { holepunch, head, ..ExtensionIds::OURS };
        let content = self.content.as_ref();
        let metadata = content.map(|content| content.info().raw().len());
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let private = content.is_some_and(|content| content.info().is_private());
        let exchange = ours.exchange.filter(|_| ctx.config.exchange_peers && !private);
        let handshake = ExtensionHandshake {
            ids: ExtensionIds { exchange, ..ours },
            client: Some(ctx.config.client_name.clone()),
            port: Some(ctx.config.listen_port).filter(|port| *port != 0),
            request_queue: u32::try_from(REQUESTS_TAKEN_MAX).ok(),
            metadata_size: metadata.and_then(|len| u32::try_from(len).ok()),
            your_ip: Some(peer.addr.ip()),
            upload_only: content.is_some_and(|content| content.pieces.have().is_full()),
            ..ExtensionHandshake::default()
        };
        peer.say(&Message::Extended { id: 0, payload: handshake.to_bytes() });
        self.chores.speak.insert(conn);
    }

    /// Says what we have. `blind`: before the peer said that it knows the fast extension.
    fn say_have(&mut self, ctx: &Context, conn: ConnId, blind: bool) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let fast = peer.abilities.fast && !blind;
        let hides = self.seeding.is_super();
        let message = match &self.content {
            None if fast => Some(Message::HaveNone),
            None => None,
            Some(content) => {
                let nothing = Bits::new(content.pieces.have().len());
                let have = if hides { &nothing } else { content.pieces.have() };
                match have.count() {
                    0 if fast => Some(Message::HaveNone),
                    count if count == have.len() && fast => Some(Message::HaveAll),
                    _ => Some(Message::Bitfield(Bytes::from(have.to_wire()))),
                }
            }
        };
        if let Some(message) = message {
            peer.say(&message);
            self.chores.speak.insert(conn);
        }
        if hides {
            self.welcome(ctx, conn);
        }
    }

    /// A peer whose pieces we do not know yet most likely has something for us: saying so now saves a
    /// round trip, because a peer with a free slot unchokes at once.
    fn say_interested_early(&mut self, conn: ConnId) {
        if self.is_complete() || self.rests() {
            return;
        }
        if let Some(peer) = self.peers.get_mut(&conn)
            && !peer.interests
        {
            peer.interests = true;
            peer.say(&Message::Interested);
            self.chores.speak.insert(conn);
        }
    }

    /// A peer's handshake came.
    pub(crate) fn greeted(&mut self, ctx: &mut Context, conn: ConnId, handshake: &Handshake) {
        if let Some(why) = self.objection(ctx, conn, handshake) {
            if why == HangUpWhy::Ourselves
                && let Some(peer) = self.peers.get(&conn)
            {
                self.candidates.forget(peer.addr);
            }
            return self.hang_up(ctx, conn, why);
        }
        self.drop_twin(ctx, conn, &handshake.peer_id);
        let v2 = self.hashes.v2().map(|v2| v2.truncated());
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.stage = Stage::Open;
        peer.id = handshake.peer_id;
        peer.heard = ctx.now;
        peer.abilities.fast = handshake.reserved.fast();
        peer.abilities.extended = handshake.reserved.extended();
        let called = peer.listens.is_some();
        // We answer a caller that can do v2 under the v2 name. Whom we called chooses: libtorrent says that it
        // can and keeps to v1 when an encrypted handshake named it.
        peer.abilities.v2 =
            Some(handshake.infohash) == v2 || (v2.is_some() && handshake.reserved.v2() && !called);
        if called {
            peer.pace.greeted(ctx.now.since(peer.opened));
        }
        let (addr, waited) = (peer.addr, std::mem::take(&mut peer.waits));
        ctx.agenda.clear(Timer::Handshake(conn));
        ctx.tell(News::PeerJoined(self.id, conn, addr));
        self.candidates.connected(addr);
        if waited {
            self.introduce(ctx, conn, false);
        } else if self.content.is_none() && peer.abilities.fast && called {
            peer.say(&Message::HaveNone);
            self.chores.speak.insert(conn);
        }
        self.tell_dht(ctx, conn, handshake.reserved);
        self.be_bold_no_more(conn);
        self.settle_early(ctx, conn);
        // Whom we called has been told what we have; a caller is told first (BEP 6).
        if self.peers.get(&conn).is_some_and(|peer| peer.listens.is_some()) {
            self.grant_fast(conn);
        }
    }

    /// A newer connection with the same peer stays.
    fn drop_twin(&mut self, ctx: &mut Context, conn: ConnId, id: &[u8; 20]) {
        let mut others = self.peers.values().filter(|peer| peer.conn != conn && peer.is_open());
        if let Some(twin) = others.find(|peer| peer.id == *id).map(|peer| peer.conn) {
            self.hang_up(ctx, twin, HangUpWhy::Twice);
        }
    }

    /// Why a peer may not stay.
    fn objection(&self, ctx: &Context, conn: ConnId, handshake: &Handshake) -> Option<HangUpWhy> {
        if !self.hashes.matches_wire(&handshake.infohash) {
            return Some(HangUpWhy::UnknownTorrent);
        }
        if handshake.peer_id == self.peer_id {
            return Some(HangUpWhy::Ourselves);
        }
        let mut others = self.peers.values().filter(|peer| peer.conn != conn && peer.is_open());
        let twin = others.find(|peer| peer.id == handshake.peer_id)?;
        (!self.gives_way(ctx, twin, conn)).then_some(HangUpWhy::Twice)
    }

    /// Whether a connection gives way to a newer one with the same peer. When both have called each other at one
    /// moment, both keep the call of the one whose id is greater, or neither would be left with any.
    fn gives_way(&self, ctx: &Context, twin: &Peer, conn: ConnId) -> bool {
        let Some(newer) = self.peers.get(&conn) else { return false };
        let at_once = ctx.now.since(twin.opened) < AT_ONCE;
        let crossed = twin.called != newer.called;
        let same_host = twin.addr.ip() == newer.addr.ip();
        let ours_counts = self.peer_id > twin.id;
        at_once && crossed && same_host && newer.called == ours_counts
    }

    /// A few pieces a peer may have before it gets a slot, so that it has something to trade (BEP 6).
    fn grant_fast(&mut self, conn: ConnId) {
        let content = self.content.as_ref().filter(|_| !self.seeding.is_super());
        let Some(content) = content else { return };
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let std::net::IpAddr::V4(ip) = peer.addr.ip() else { return };
        if !peer.abilities.fast {
            return;
        }
        let count = content.pieces.geometry().piece_count();
        for piece in torrent::wire::allowed_fast(ip, &self.hashes.wire(), count, GRANTED) {
            if content.pieces.has(piece) {
                peer.granted.insert(piece);
                peer.say(&Message::AllowedFast(piece));
                self.chores.speak.insert(conn);
            }
        }
    }

    /// A connection ended from outside, or a dial failed.
    pub(crate) fn lost(&mut self, ctx: &mut Context, conn: ConnId, why: LostWhy) {
        let Some(peer) = self.peers.get(&conn) else { return };
        let (addr, stage) = (peer.addr, peer.stage);
        let useless = peer.is_seed() && !self.lacks_anything();
        // aria2 greets before it finds that it cannot take what we said with our handshake.
        let cut_off = peer.silent && peer.listens == Some(addr);
        let told = if stage == Stage::Dialling { HangUpWhy::NotReached } else { HangUpWhy::Lost };
        self.part(ctx, conn, told);
        match (why, stage) {
            (LostWhy::Forbidden, _) => self.candidates.forget(addr),
            (_, Stage::Open) if useless => self.candidates.useless(ctx.now, addr),
            (_, Stage::Open) if cut_off => self.misunderstood(ctx, addr),
            (_, Stage::Open) => self.candidates.left(ctx.now, addr),
            (_, Stage::Greeting) => self.misunderstood(ctx, addr),
            (_, Stage::Dialling) => {
                self.candidates.failed(ctx.now, addr);
                self.ask_to_meet(ctx, addr);
            }
        }
    }

    /// Ends a connection from our side.
    pub(crate) fn hang_up(&mut self, ctx: &mut Context, conn: ConnId, why: HangUpWhy) {
        let Some(peer) = self.peers.get(&conn) else { return };
        let (addr, stage) = (peer.addr, peer.stage);
        self.speak_last(ctx, conn);
        ctx.put(Output::HangUp(conn, why));
        self.part(ctx, conn, why);
        match why {
            HangUpWhy::HandshakeSlow | HangUpWhy::Protocol if stage == Stage::Greeting => {
                self.misunderstood(ctx, addr);
            }
            HangUpWhy::HandshakeSlow | HangUpWhy::UnknownTorrent | HangUpWhy::Unencrypted => {
                self.candidates.failed(ctx.now, addr);
            }
            HangUpWhy::Protocol | HangUpWhy::Flood | HangUpWhy::Ourselves | HangUpWhy::Banned => {
                self.candidates.forget(addr);
            }
            HangUpWhy::Useless => self.candidates.useless(ctx.now, addr),
            HangUpWhy::Silent
            | HangUpWhy::Twice
            | HangUpWhy::Full
            | HangUpWhy::Removed
            | HangUpWhy::Lost
            | HangUpWhy::NotReached => self.candidates.left(ctx.now, addr),
        }
    }

    /// Whom we called did not answer with a handshake, or with nothing else.
    fn misunderstood(&mut self, ctx: &Context, addr: SocketAddr) {
        self.candidates.misunderstood(ctx.now, addr, ctx.config.encryption);
    }

    /// What was still to be said goes out before the line is cut.
    fn speak_last(&mut self, ctx: &mut Context, conn: ConnId) {
        if let Some(peer) = self.peers.get_mut(&conn)
            && peer.stage != Stage::Dialling
            && !peer.transport.is_calling()
            && !peer.out.is_empty()
        {
            let words = peer.out.split().freeze();
            ctx.put(Output::Send(conn, peer.transport.seal(words)));
        }
    }

    /// Forgets a connection and everything that hung on it.
    fn part(&mut self, ctx: &mut Context, conn: ConnId, why: HangUpWhy) {
        self.release_all(conn);
        let Some(peer) = self.peers.remove(&conn) else { return };
        self.givers.change(peer.share, None);
        self.remember_sender(conn, peer.addr);
        if peer.stage == Stage::Dialling {
            ctx.dials = ctx.dials.saturating_sub(1);
        } else {
            // Next time it is asked boldly, or no more.
            self.candidates.note_seed(peer.addr, peer.is_open() && peer.is_seed());
        }
        if peer.is_open() {
            ctx.tell(News::PeerLeft(self.id, conn, why));
        }
        self.ends_gossip(ctx, conn, peer.abilities.head);
        if let Some(content) = &mut self.content {
            content.rarity.leave(&peer.holdings);
            content.questions.left(conn);
        }
        self.replace_sole(Source::Peer(conn));
        self.metadata.left(conn);
        self.serving.retain(|waiting| *waiting != conn);
        ctx.forget_conn(conn);
        if !peer.choked_by || !peer.chokes {
            self.chores.all = true;
        }
        if !peer.chokes {
            self.fill_slots(ctx);
        }
        self.chores.dial = true;
        self.bid_farewell(ctx, conn);
        self.ask_metadata(ctx);
    }

    /// The machine slept: nobody was silent, for nobody could be heard.
    pub(crate) fn wake_up(&mut self, now: Time) {
        for peer in self.peers.values_mut() {
            peer.heard = now;
            peer.outbox.progress(now);
            peer.pace.woke(now);
        }
    }

    /// A connection was quiet for a while: say something, or give it up.
    pub(crate) fn pulse(&mut self, ctx: &mut Context, conn: ConnId) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let ends = peer.outbox.patience_ends(peer.heard);
        if peer.heard + SILENCE_MAX <= ctx.now || ends.is_some_and(|ends| ends <= ctx.now) {
            return self.hang_up(ctx, conn, HangUpWhy::Silent);
        }
        if peer.spoke + PULSE <= ctx.now && peer.is_open() {
            peer.say(&Message::KeepAlive);
            peer.spoke = ctx.now;
            self.chores.speak.insert(conn);
        }
        let next = if peer.is_open() { peer.spoke } else { ctx.now } + PULSE;
        ctx.agenda.set(Timer::Pulse(conn), ends.map_or(next, |ends| next.min(ends)));
    }

    /// Upload slots are given anew.
    pub(crate) fn rechoke(&mut self, ctx: &mut Context) {
        ctx.agenda.set(Timer::Choke(self.id), ctx.now + choke::ROUND);
        self.up_peak = self.up_peak.max(self.up.rate(ctx.now));
        self.consider_superseeding(ctx);
        let slots = self.slots(ctx);
        let claimants: Vec<Claimant> = self
            .peers
            .values()
            .filter(|peer| peer.is_open() && peer.interested)
            .filter(|peer| !self.seeding.is_guest(peer.conn))
            .map(|peer| claimant(ctx, peer))
            .collect();
        let chosen = choke::choose(ctx.now, claimants, slots, self.is_complete());
        let conns = self.open_conns();
        for conn in &conns {
            if !chosen.contains(conn) && !self.seeding.is_guest(*conn) {
                self.choke(ctx, *conn);
            }
        }
        chosen.into_iter().for_each(|conn| self.unchoke(ctx, conn));
    }

    /// A slot is free: the first who waits gets it without waiting for the next round.
    pub(crate) fn fill_slots(&mut self, ctx: &Context) {
        let plain = || self.peers.values().filter(|peer| !self.seeding.is_guest(peer.conn));
        let taken = plain().filter(|peer| !peer.chokes && peer.interested).count();
        let free = self.slots(ctx).saturating_sub(taken);
        if free == 0 || self.rests() {
            return;
        }
        let mut waiting: Vec<Claimant> = plain()
            .filter(|peer| peer.is_open() && peer.interested && peer.chokes)
            .map(|peer| claimant(ctx, peer))
            .collect();
        waiting.sort_by_key(|claimant| (std::cmp::Reverse(claimant.gives), claimant.since));
        waiting.truncate(free);
        waiting.into_iter().for_each(|claimant| self.unchoke(ctx, claimant.conn));
    }

    fn slots(&self, ctx: &Context) -> usize {
        if self.seeding.is_super() {
            return SLOTS_BESIDE_GUESTS;
        }
        if let Some(slots) = ctx.config.limits.upload_slots {
            return slots;
        }
        let measured = Some(self.up_peak).filter(|peak| *peak >= PEAK_KNOWN_MIN);
        let limits = [ctx.config.limits.up_rate_max, self.limits.up_rate_max()];
        choke::slots(limits.into_iter().flatten().min().or(measured))
    }

    pub(crate) fn unchoke(&mut self, ctx: &Context, conn: ConnId) {
        if let Some(peer) = self.peers.get_mut(&conn)
            && peer.chokes
        {
            peer.chokes = false;
            peer.slot_since = ctx.now;
            peer.say(&Message::Unchoke);
            self.chores.speak.insert(conn);
        }
    }

    pub(crate) fn choke(&mut self, ctx: &Context, conn: ConnId) {
        if let Some(peer) = self.peers.get_mut(&conn)
            && !peer.chokes
        {
            peer.chokes = true;
            peer.slot_since = ctx.now;
            peer.say(&Message::Choke);
            self.refuse_uploads(conn);
            self.chores.speak.insert(conn);
        }
    }
}

fn claimant(ctx: &Context, peer: &Peer) -> Claimant {
    Claimant {
        conn: peer.conn,
        gives: peer.down.rate(ctx.now),
        unchoked: !peer.chokes,
        since: peer.slot_since,
    }
}
