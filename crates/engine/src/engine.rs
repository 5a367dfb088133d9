//! The engine: every input finds its torrent, then the torrent's chores are done.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use torrent::{Sha1Hash, wire::Handshake};

use crate::{
    AddTorrent, Ban, Config, ConnId, HangUpWhy, Input, Limits, LostWhy, OpId, Output, StreamId,
    Time, TorrentId, TorrentStats,
    agenda::Timer,
    calls::STRANGERS_PER_HOST_MAX,
    context::{Context, Op},
    encryption::Opening,
    hosts::{host, is_near},
    order::Order,
    queue::{self, Queue},
    readers,
    scrape::Scraper,
    siblings::{self, Pair, Siblings},
    torrent::Torrent,
    turns::Turns,
};

/// Connections that have not said yet which torrent they are about.
const STRANGERS_MAX: usize = 256;
/// Pieces evicted on one occasion.
const EVICTIONS_MAX: usize = 64;

/// All torrents, their swarms and their readers; one owner, no locks.
#[derive(Debug)]
pub struct Engine {
    ctx: Context,
    torrents: BTreeMap<TorrentId, Torrent>,
    streams: BTreeMap<StreamId, TorrentId>,
    strangers: BTreeMap<ConnId, Stranger>,
    queue: Queue,
    scraper: Scraper,
    /// Where the same files lie.
    siblings: Siblings,
    /// Whether the quota is used up.
    disk_full: bool,
}

/// Somebody who connected and has not said which torrent they mean.
#[derive(Debug)]
struct Stranger {
    addr: SocketAddr,
    opening: Opening,
}

/// Nobody called for this long, although every connection has a timer that is due sooner: the machine slept.
const SLEEP: Duration = Duration::from_secs(150);

/// Whose chores are to be done.
enum Touched {
    Nobody,
    One(TorrentId),
    All,
}

impl Engine {
    /// An engine without torrents.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            ctx: Context::new(config),
            torrents: BTreeMap::new(),
            streams: BTreeMap::new(),
            strangers: BTreeMap::new(),
            queue: Queue::default(),
            scraper: Scraper::default(),
            siblings: Siblings::default(),
            disk_full: false,
        }
    }

    /// One that asks for pieces in another order than Kinora's, to be compared with it.
    #[must_use]
    pub fn with_order(config: Config, order: Order) -> Self {
        let mut engine = Self::new(config);
        engine.ctx.order = order;
        engine
    }

    /// Takes in one event and decides what follows from it.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        let slept = now.since(self.ctx.now) > SLEEP && self.ctx.now > Time(0);
        self.ctx.now = self.ctx.now.max(now);
        if slept {
            self.torrents.values_mut().for_each(|torrent| torrent.wake_up(now));
        }
        let touched = self.take_in(input);
        self.pass_deadlines();
        match touched {
            Touched::Nobody => (),
            Touched::One(id) => self.settle(id),
            Touched::All => self.settle_all(),
        }
        self.take_turns(Timer::Down, |ctx| &mut ctx.down);
        self.take_turns(Timer::Up, |ctx| &mut ctx.up);
        self.take_turns(Timer::Line, |ctx| &mut ctx.line.turns);
    }

    /// The next thing to do, if any is left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.ctx.pop()
    }

    /// When to call again with [`Input::DeadlinePassed`] if nothing happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.ctx.agenda.next()
    }

    /// Where the internet sees us, as far as others told us, with the port that we listen at; nothing if we do not.
    pub fn public_addrs(&self) -> impl Iterator<Item = SocketAddr> + use<> {
        let port = self.ctx.config.listen_port;
        let known = self.ctx.external.known().filter(move |_| port != 0);
        known.map(move |ip| SocketAddr::new(ip, port))
    }

    /// How a torrent is doing, for people; `None` if it is not known.
    #[must_use]
    pub fn torrent_stats(&self, now: Time, torrent: TorrentId) -> Option<TorrentStats> {
        self.torrents.get(&torrent).map(|torrent| torrent.stats(now))
    }

    fn take_in(&mut self, input: Input) -> Touched {
        match input {
            Input::Add(add) => self.add(*add),
            Input::Remove(id) => self.remove(id),
            Input::Want(id, want) => self.on(id, |ctx, torrent| {
                torrent.change_want(ctx, want);
                queue::soon(ctx);
            }),
            Input::Mirrors(id, mirrors) => {
                self.on(id, |ctx, torrent| torrent.use_mirrors(ctx, mirrors))
            }
            Input::Pause(id, paused) => self.on(id, |ctx, torrent| {
                torrent.pause(ctx, paused);
                queue::soon(ctx);
            }),
            Input::Rates(id, rates) => self.on(id, |_, torrent| torrent.limit(rates)),
            Input::Pin(id, pinned) => self.on(id, |ctx, torrent| torrent.pin(ctx, pinned)),
            Input::Meet(id) => self.on(id, |_, torrent| torrent.become_meeting()),
            Input::Gossip(id, conn, words) => self.on(id, |_, torrent| torrent.gossip(conn, words)),
            Input::Ban(id, conn) => self.on(id, |ctx, torrent| torrent.ban(ctx, conn)),
            Input::Banned(bans) => self.banned(bans),
            Input::Limits(limits) => self.limit(limits),
            Input::Open(open) => {
                self.streams.insert(open.stream, open.torrent);
                self.on(open.torrent, |ctx, torrent| {
                    torrent.rouse(ctx);
                    torrent.open(ctx, &open);
                })
            }
            Input::Read(id, position) => {
                self.on_stream(id, |ctx, torrent| torrent.read(ctx, id, position))
            }
            Input::Hint(id, ranges) => self.on(id, |ctx, torrent| torrent.hint(ctx, &ranges)),
            Input::MediaRate(id, rate) => self.on(id, |ctx, torrent| torrent.measure(ctx, rate)),
            Input::Close(id) => {
                let touched = self.on_stream(id, |ctx, torrent| torrent.close(ctx, id));
                self.streams.remove(&id);
                queue::soon(&mut self.ctx);
                touched
            }
            Input::Found { torrent: id, peers, source } => {
                self.on(id, |ctx, torrent| torrent.found(ctx, &peers, source))
            }
            Input::Accepted(conn, addr) => self.accepted(conn, addr),
            Input::ExternalAddress(ip) => self.seen_at(ip),
            Input::OverDatagrams(conn) => self.over_datagrams(conn),
            Input::Line(sample) => match self.ctx.line.measure(self.ctx.now, &sample) {
                true => Touched::All,
                false => Touched::Nobody,
            },
            Input::Received(conn, bytes) => self.received(conn, bytes),
            Input::Dialled(conn) => self.on_conn(conn, |ctx, torrent| torrent.dialled(ctx, conn)),
            Input::Sent(conn, bytes) => {
                self.on_conn(conn, |ctx, torrent| torrent.sent(ctx, conn, bytes))
            }
            Input::Lost(conn, why) => self.lost(conn, why),
            Input::Announced(op, result) => match self.ctx.end(op) {
                Some(Op::Announce(id, line)) => {
                    self.on(id, |ctx, torrent| torrent.announced(ctx, line, result))
                }
                _ => Touched::Nobody,
            },
            Input::Scraped(op, answer) => {
                self.scraper.answered(&mut self.ctx, op, answer, &mut self.torrents);
                Touched::Nobody
            }
            Input::Fetched(op, bytes) => match self.ctx.op(op) {
                Some(Op::Fetch(id, seed)) => {
                    self.on(id, |ctx, torrent| torrent.fetched(ctx, seed, &bytes))
                }
                _ => Touched::Nobody,
            },
            Input::FetchEnded(op, result) => match self.ctx.end(op) {
                Some(Op::Fetch(id, seed)) => {
                    self.on(id, |ctx, torrent| torrent.fetch_ended(ctx, seed, result))
                }
                _ => Touched::Nobody,
            },
            Input::Described(op, result) => match self.ctx.end(op) {
                Some(Op::Describe(id, seed)) => {
                    self.on(id, |ctx, torrent| torrent.described(ctx, seed, result))
                }
                _ => Touched::Nobody,
            },
            Input::Prepared(id, result) => self.on(id, |ctx, torrent| {
                torrent.prepared(ctx, result);
                queue::soon(ctx);
            }),
            Input::Stored(op, result) => match self.ctx.end(op) {
                Some(Op::Store(id, block)) => {
                    self.on(id, |ctx, torrent| torrent.stored(ctx, op, block, result))
                }
                _ => Touched::Nobody,
            },
            Input::Hashed(op, result) => match self.ctx.end(op) {
                Some(Op::Hash(id, piece)) => {
                    self.on(id, |ctx, torrent| torrent.hashed(ctx, op, piece, result))
                }
                Some(Op::Agree(id, piece)) => {
                    self.on(id, |ctx, torrent| torrent.compare_names(ctx, piece, result))
                }
                _ => Touched::Nobody,
            },
            Input::Loaded(op, result) => self.loaded(op, result),
            Input::DeadlinePassed => Touched::Nobody,
        }
    }

    fn on(&mut self, id: TorrentId, act: impl FnOnce(&mut Context, &mut Torrent)) -> Touched {
        let Some(torrent) = self.torrents.get_mut(&id) else { return Touched::Nobody };
        act(&mut self.ctx, torrent);
        Touched::One(id)
    }

    fn on_conn(&mut self, conn: ConnId, act: impl FnOnce(&mut Context, &mut Torrent)) -> Touched {
        match self.ctx.conns.get(&conn) {
            Some(id) => self.on(*id, act),
            None => Touched::Nobody,
        }
    }

    fn on_stream(&mut self, id: StreamId, act: impl FnOnce(&mut Context, &mut Torrent)) -> Touched {
        match self.streams.get(&id) {
            Some(id) => self.on(*id, act),
            None => Touched::Nobody,
        }
    }

    fn add(&mut self, add: AddTorrent) -> Touched {
        let id = add.torrent;
        if self.torrents.contains_key(&id) {
            return self.on(id, |ctx, torrent| torrent.merge(ctx, add));
        }
        let waits = !self.queue.admit(&mut self.ctx, id);
        if waits {
            Scraper::soon(&mut self.ctx);
        }
        let torrent = Torrent::new(&mut self.ctx, add, waits);
        self.torrents.insert(id, torrent);
        Touched::One(id)
    }

    fn remove(&mut self, id: TorrentId) -> Touched {
        if let Some(mut torrent) = self.torrents.remove(&id) {
            torrent.leave(&mut self.ctx);
            self.ctx.forget_torrent(id);
            self.part_siblings(&torrent);
            self.streams.retain(|_, owner| *owner != id);
            queue::soon(&mut self.ctx);
        }
        Touched::Nobody
    }

    fn banned(&mut self, bans: Vec<Ban>) -> Touched {
        let now = self.ctx.now;
        bans.into_iter().for_each(|ban| self.ctx.bans.enter(now, ban));
        Touched::Nobody
    }

    fn limit(&mut self, limits: Limits) -> Touched {
        self.ctx.config.limits = limits;
        self.ctx.down.limit(limits.down_rate_max);
        self.ctx.up.limit(limits.up_rate_max);
        self.review_queue();
        self.scraper.ask(&mut self.ctx, &mut self.torrents);
        self.keep_quota(None);
        self.wake_all();
        Touched::All
    }

    /// Every torrent looks for work.
    fn wake_all(&mut self) {
        for torrent in self.torrents.values_mut() {
            torrent.chores.all = true;
            torrent.chores.dial = true;
        }
    }

    fn accepted(&mut self, conn: ConnId, addr: SocketAddr) -> Touched {
        let full = self.ctx.conns.len() + self.strangers.len() >= self.ctx.config.connections_max
            || self.strangers.len() >= STRANGERS_MAX
            || self.strangers_from(addr) >= STRANGERS_PER_HOST_MAX
            || !self.ctx.calls.is_heard(self.ctx.now, addr);
        if full || self.ctx.is_banned(addr) {
            let why = if full { HangUpWhy::Full } else { HangUpWhy::Banned };
            self.ctx.put(Output::HangUp(conn, why));
            return Touched::Nobody;
        }
        self.strangers.insert(conn, Stranger { addr, opening: Opening::default() });
        let patience = self.ctx.now + self.ctx.config.handshake_patience;
        self.ctx.agenda.set(Timer::Handshake(conn), patience);
        Touched::Nobody
    }

    /// Callers of this host that have not said which torrent they mean. In a household many may share one.
    fn strangers_from(&self, addr: SocketAddr) -> usize {
        let same = |stranger: &&Stranger| host(stranger.addr) == host(addr);
        if is_near(addr.ip()) { 0 } else { self.strangers.values().filter(same).count() }
    }

    /// Whether a host holds half of all the places there are: the others are for others.
    fn is_everywhere(&self, addr: SocketAddr) -> bool {
        let from = self.torrents.values().map(|torrent| torrent.connections_from(addr));
        from.sum::<usize>() >= self.ctx.config.connections_max.div_ceil(2)
    }

    /// Somebody outside told us our address.
    fn seen_at(&mut self, ip: IpAddr) -> Touched {
        if self.ctx.external.told(ip) {
            for torrent in self.torrents.values_mut() {
                torrent.reorder_candidates(&mut self.ctx);
            }
        }
        Touched::Nobody
    }

    fn over_datagrams(&mut self, conn: ConnId) -> Touched {
        if self.strangers.contains_key(&conn) || self.ctx.conns.contains_key(&conn) {
            self.ctx.datagrams.insert(conn);
        }
        Touched::Nobody
    }

    fn received(&mut self, conn: ConnId, bytes: Bytes) -> Touched {
        if self.strangers.contains_key(&conn) {
            return self.introduce(conn, bytes);
        }
        self.on_conn(conn, |ctx, torrent| torrent.received(ctx, conn, bytes))
    }

    /// A stranger said something: once the handshake is complete, it belongs to a torrent.
    fn introduce(&mut self, conn: ConnId, bytes: Bytes) -> Touched {
        let Some(stranger) = self.strangers.get_mut(&conn) else { return Touched::Nobody };
        let torrents = self.torrents.values().map(|torrent| &torrent.hashes);
        let mut answer = BytesMut::new();
        let heard = stranger.opening.receive(&mut self.ctx, bytes, torrents, &mut answer);
        if !answer.is_empty() {
            self.ctx.put(Output::Send(conn, answer.freeze()));
        }
        match heard {
            Ok(Some(handshake)) => self.admit(conn, &handshake),
            Ok(None) => Touched::Nobody,
            Err(why) => self.turn_away(conn, why),
        }
    }

    fn admit(&mut self, conn: ConnId, handshake: &Handshake) -> Touched {
        let Some(Stranger { addr, opening }) = self.strangers.remove(&conn) else {
            return Touched::Nobody;
        };
        let Some(id) = self.torrent_of(&handshake.infohash, opening.name.as_ref()) else {
            return self.turn_away(conn, HangUpWhy::UnknownTorrent);
        };
        if self.is_everywhere(addr) {
            return self.turn_away(conn, HangUpWhy::Full);
        }
        self.on(id, |ctx, torrent| {
            torrent.accept(ctx, conn, addr, handshake, opening.transport);
            torrent.resume(ctx, conn, opening.framer);
        })
    }

    /// The torrent with this name, and with the other one by which a connection was encrypted.
    fn torrent_of(&self, name: &Sha1Hash, other: Option<&Sha1Hash>) -> Option<TorrentId> {
        let mut torrents = self.torrents.values();
        let named = |torrent: &&Torrent| {
            let mut names = [Some(name), other].into_iter().flatten();
            names.all(|name| torrent.hashes.matches_wire(name))
        };
        torrents.find(named).map(|torrent| torrent.id)
    }

    fn turn_away(&mut self, conn: ConnId, why: HangUpWhy) -> Touched {
        self.strangers.remove(&conn);
        self.ctx.forget_conn(conn);
        self.ctx.put(Output::HangUp(conn, why));
        Touched::Nobody
    }

    fn lost(&mut self, conn: ConnId, why: LostWhy) -> Touched {
        if self.strangers.remove(&conn).is_some() {
            self.ctx.forget_conn(conn);
            return Touched::Nobody;
        }
        self.on_conn(conn, |ctx, torrent| torrent.lost(ctx, conn, why))
    }

    fn loaded(&mut self, op: OpId, result: Result<Bytes, crate::DiskFault>) -> Touched {
        match self.ctx.end(op) {
            Some(Op::Load(id, conn, upload)) => {
                self.on(id, |ctx, torrent| torrent.loaded(ctx, conn, upload, result))
            }
            Some(Op::Compare(id, block)) => {
                self.on(id, |ctx, torrent| torrent.compared(ctx, block, result))
            }
            Some(Op::Copy(id, block, other)) => {
                self.on(id, |ctx, torrent| torrent.copied(ctx, block, other, result))
            }
            Some(Op::Leaf(id, block)) => self.on(id, |_, torrent| torrent.leaf_read(block, result)),
            Some(Op::Digest(id, block)) => {
                self.on(id, |ctx, torrent| torrent.digested(ctx, op, block, result))
            }
            _ => Touched::Nobody,
        }
    }

    /// Everything whose time has come.
    fn pass_deadlines(&mut self) {
        while let Some(timer) = self.ctx.agenda.due(self.ctx.now) {
            match self.pass(timer) {
                Touched::Nobody => (),
                Touched::One(id) => self.settle(id),
                Touched::All => self.settle_all(),
            }
        }
    }

    fn pass(&mut self, timer: Timer) -> Touched {
        match timer {
            Timer::Handshake(conn) if self.strangers.contains_key(&conn) => {
                self.turn_away(conn, HangUpWhy::HandshakeSlow)
            }
            Timer::Handshake(conn) => self.on_conn(conn, |ctx, torrent| {
                torrent.hang_up(ctx, conn, HangUpWhy::HandshakeSlow);
            }),
            Timer::Patience(conn) => {
                self.on_conn(conn, |ctx, torrent| torrent.lose_patience(ctx, conn))
            }
            Timer::Pulse(conn) => self.on_conn(conn, |ctx, torrent| torrent.pulse(ctx, conn)),
            Timer::Choke(id) => self.on(id, |ctx, torrent| torrent.rechoke(ctx)),
            Timer::Dial(id) => self.on(id, |_, torrent| torrent.chores.dial = true),
            Timer::Hedge(id) => self.on(id, |_, torrent| {
                torrent.chores.all = true;
                // The player's clock went on: more of its pieces may be urgent.
                torrent.chores.readers = true;
            }),
            Timer::Linger(id) => self.on(id, |_, torrent| torrent.linger_no_more()),
            Timer::Exchange(id) => self.on(id, |ctx, torrent| torrent.tell_of_peers(ctx)),
            Timer::Questions(id) => self.on(id, |ctx, torrent| {
                torrent.chase_metadata(ctx);
                torrent.chase_hashes(ctx);
                torrent.try_held(ctx);
            }),
            Timer::Announce(id) => self.on(id, |ctx, torrent| torrent.ask_trackers(ctx)),
            Timer::Left(id) => self.on(id, |ctx, torrent| {
                torrent.review_left(ctx);
            }),
            Timer::Show(id) => self.on(id, |ctx, torrent| torrent.chase_guests(ctx)),
            Timer::Web(id) => self.on(id, |ctx, torrent| torrent.wake_webs(ctx)),
            Timer::Queue => {
                self.review_queue();
                Touched::Nobody
            }
            Timer::Scrape => {
                self.scraper.ask(&mut self.ctx, &mut self.torrents);
                Touched::Nobody
            }
            // Turns are taken after every input.
            Timer::Down | Timer::Up | Timer::Line => Touched::Nobody,
            Timer::DownOf(id) => self.on(id, |_, torrent| torrent.chores.all = true),
            Timer::UpOf(id) => Touched::One(id),
        }
    }

    /// Looks who takes part; those for whom that changed have things to do at once.
    fn review_queue(&mut self) {
        let changed = self.queue.review(&mut self.ctx, &mut self.torrents);
        if !changed.is_empty() {
            Scraper::soon(&mut self.ctx);
        }
        changed.into_iter().for_each(|id| self.settle(id));
    }

    /// Those who wait for a limit that all torrents share take their turns while it is open.
    fn take_turns(&mut self, timer: Timer, of: fn(&mut Context) -> &mut Turns) {
        let mut done = BTreeSet::new();
        let now = self.ctx.now;
        loop {
            let torrents = &self.torrents;
            let is_short = |id| torrents.get(&id).is_some_and(|torrent| torrent.is_short(now));
            let Some(turn) = of(&mut self.ctx).begin(now, &done, is_short) else { break };
            done.insert(turn);
            if let Some(torrent) = self.torrents.get_mut(&turn.0) {
                torrent.chores.all |= timer == Timer::Down;
            }
            self.settle(turn.0);
            of(&mut self.ctx).end();
        }
        match of(&mut self.ctx).next(now) {
            Some(at) => self.ctx.agenda.set(timer, at),
            None => self.ctx.agenda.clear(timer),
        }
    }

    fn settle_all(&mut self) {
        let taking_part = self.torrents.values().filter(|torrent| !torrent.rests());
        let ids: Vec<TorrentId> = taking_part.map(|torrent| torrent.id).collect();
        ids.into_iter().for_each(|id| self.settle(id));
    }

    /// Does what an input made necessary.
    fn settle(&mut self, id: TorrentId) {
        let dials = self.ctx.dials;
        self.settle_siblings(id);
        let Some(torrent) = self.torrents.get_mut(&id) else { return };
        torrent.do_chores(&mut self.ctx);
        self.ctx.cache.begun(id, torrent.begun_bytes());
        if self.ctx.dials < dials {
            self.wake_dialers(id);
        }
        self.share_work(id);
        self.keep_quota(Some(id));
    }

    /// What another torrent has of the same files is taken from there, and what this one has got since is theirs.
    fn settle_siblings(&mut self, id: TorrentId) {
        let Some(torrent) = self.torrents.get_mut(&id) else { return };
        let fresh = std::mem::take(&mut torrent.chores.described);
        if !fresh && !torrent.copying.is_busy() {
            return;
        }
        if fresh {
            self.find_siblings(id);
            let others = self.torrents.get(&id).map(|torrent| torrent.copying.others());
            others.into_iter().flatten().for_each(|other| self.share_work(other));
        }
        self.tell_siblings(id);
        self.refresh_siblings(id);
        let Some(torrent) = self.torrents.get(&id).filter(|one| one.copying.concerns()) else {
            return;
        };
        let copies = siblings::due(&self.torrents, torrent);
        let Some(torrent) = self.torrents.get_mut(&id) else { return };
        copies.into_iter().for_each(|copy| torrent.copy(&mut self.ctx, copy));
    }

    /// Looks which files of a torrent lie in others too.
    fn find_siblings(&mut self, id: TorrentId) {
        let metainfo_of = |id| self.torrents.get(&id).and_then(Torrent::metainfo);
        let offset = |id, file: usize| {
            metainfo_of(id)?.info.files().get(file).map(|described| described.offset)
        };
        let Some(metainfo) = metainfo_of(id) else { return };
        let pairs = self.siblings.enter(id, &metainfo.info).into_iter();
        let placed = pairs.filter_map(|Pair { file, other: (other, there) }| {
            Some((file, offset(id, file)?, other, there, offset(other, there)?))
        });
        for (file, ours, other, there, theirs) in placed.collect::<Vec<_>>() {
            for (id, file, other, at) in [(id, file, other, theirs), (other, there, id, ours)] {
                if let Some(torrent) = self.torrents.get_mut(&id) {
                    torrent.copying.found(file, other, at);
                }
            }
        }
    }

    /// If what a torrent has changed, those with the same files look anew.
    fn tell_siblings(&mut self, id: TorrentId) {
        let Some(torrent) = self.torrents.get_mut(&id) else { return };
        let Some(content) = torrent.content.as_ref().filter(|_| torrent.copying.concerns()) else {
            return;
        };
        let changes = content.pieces.changes();
        if std::mem::replace(&mut torrent.copying.told, changes) == changes {
            return;
        }
        for other in torrent.copying.others() {
            if let Some(other) = self.torrents.get_mut(&other) {
                other.copying.stale = true;
            }
            self.settle(other);
        }
    }

    /// Tells those with the same files what is on its way to a torrent: they leave it that.
    fn share_work(&mut self, id: TorrentId) {
        let Some(torrent) = self.torrents.get_mut(&id).filter(|one| one.copying.concerns()) else {
            return;
        };
        let fetching = torrent.fetching();
        if torrent.copying.fetching == fetching {
            return;
        }
        torrent.copying.fetching = fetching;
        torrent.copying.others().into_iter().for_each(|other| self.leave_work(other));
    }

    /// A torrent leaves to others what is on its way to them, and fetches what is not any more.
    fn leave_work(&mut self, id: TorrentId) {
        let Some(torrent) = self.torrents.get(&id) else { return };
        let pieces = siblings::elsewhere(&self.torrents, torrent);
        let Some(torrent) = self.torrents.get_mut(&id) else { return };
        if torrent.leave_to_others(&mut self.ctx, &pieces) {
            self.settle(id);
        }
    }

    fn refresh_siblings(&mut self, id: TorrentId) {
        let Some(torrent) = self.torrents.get(&id).filter(|torrent| torrent.copying.stale) else {
            return;
        };
        let Some(bits) = siblings::copyable(&self.torrents, torrent) else { return };
        if let Some(torrent) = self.torrents.get_mut(&id) {
            torrent.set_copyable(&self.ctx, bits);
        }
    }

    /// A torrent is gone: what others were to take from it they get elsewhere.
    fn part_siblings(&mut self, gone: &Torrent) {
        if let Some(metainfo) = gone.metainfo() {
            self.siblings.leave(gone.id, &metainfo.info);
        }
        for other in gone.copying.others() {
            if let Some(torrent) = self.torrents.get_mut(&other) {
                torrent.lose_sibling(&mut self.ctx, gone.id);
            }
            self.leave_work(other);
            self.settle(other);
        }
    }

    /// A dial has ended: others may be waiting for their turn.
    fn wake_dialers(&mut self, but: TorrentId) {
        let others = self.torrents.iter_mut().filter(|(id, one)| **id != but && !one.rests());
        others.for_each(|(_, torrent)| torrent.dial(&mut self.ctx));
    }

    /// Evicts what was unused longest while more is kept than the quota allows, now that a torrent may have grown.
    fn keep_quota(&mut self, grown: Option<TorrentId>) {
        let Some(quota) = self.ctx.config.limits.cache_quota else { return };
        let mut shrunk = BTreeSet::new();
        for _ in 0..EVICTIONS_MAX {
            if self.ctx.cache.bytes() <= quota {
                break;
            }
            let (torrents, now) = (&self.torrents, self.ctx.now);
            let may = |id, piece| {
                torrents.get(&id).is_none_or(|torrent: &Torrent| torrent.may_evict(now, piece))
            };
            let Some((id, piece)) = readers::victim(&self.ctx, may) else { break };
            let Some(torrent) = self.torrents.get_mut(&id) else { break };
            torrent.evict(&mut self.ctx, piece);
            self.ctx.cache.begun(id, torrent.begun_bytes());
            shrunk.insert(id);
        }
        self.fill_disk(self.ctx.cache.bytes() > quota, grown);
        for id in shrunk {
            if let Some(torrent) = self.torrents.get_mut(&id) {
                torrent.do_chores(&mut self.ctx);
            }
            self.tell_siblings(id);
        }
    }

    /// Tells all torrents when the disk is full, or no more, and one that may not have been there in any case.
    fn fill_disk(&mut self, full: bool, newest: Option<TorrentId>) {
        if std::mem::replace(&mut self.disk_full, full) != full {
            self.torrents.values_mut().for_each(|torrent| torrent.fill_disk(full));
        } else if let Some(torrent) = newest.and_then(|id| self.torrents.get_mut(&id)) {
            torrent.fill_disk(full);
        }
    }
}

impl Torrent {
    /// Does what an input made necessary: windows first, then requests, calls, uploads, words.
    fn do_chores(&mut self, ctx: &mut Context) {
        if std::mem::take(&mut self.chores.readers) {
            self.slide(ctx);
            self.chores.readers = false;
        }
        self.fill(ctx);
        self.watch_stalls(ctx);
        if std::mem::take(&mut self.chores.dial) {
            self.dial(ctx);
        }
        self.serve(ctx);
        self.speak(ctx);
        self.note_giving(ctx.now);
    }
}
