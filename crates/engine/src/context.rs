//! What all torrents of an engine share: the clock, chance, limits, names and the queue of outputs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use torrent::{Block, Piece, wire};

use crate::{
    Config, ConnId, News, OpId, Output, Time, TorrentId,
    agenda::{Agenda, Timer},
    announce::LineId,
    bans::Bans,
    cache::Cache,
    calls::Calls,
    external::External,
    line::Line,
    mirrors::Mirrors,
    order::Order,
    random::{Random, Secrets},
    turns::Turns,
};

/// The surroundings of a decision.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) now: Time,
    pub(crate) config: Config,
    pub(crate) order: Order,
    pub(crate) random: Random,
    pub(crate) secrets: Secrets,
    pub(crate) agenda: Agenda,
    pub(crate) bans: Bans,
    pub(crate) calls: Calls,
    pub(crate) cache: Cache,
    pub(crate) mirrors: Mirrors,
    /// Limits over all torrents.
    pub(crate) down: Turns,
    pub(crate) up: Turns,
    /// The limit that the household's line sets by itself.
    pub(crate) line: Line,
    /// Dials under way, over all torrents.
    pub(crate) dials: usize,
    /// Connections, dials included.
    pub(crate) conns: BTreeMap<ConnId, TorrentId>,
    /// Where the internet sees us, as far as it is known.
    pub(crate) external: External,
    /// Those of them that go over uTP.
    pub(crate) datagrams: BTreeSet<ConnId>,
    outputs: VecDeque<Output>,
    ops: BTreeMap<OpId, Op>,
    ops_begun: u64,
    conns_dialled: u64,
}

/// What an operation was begun for, so that its answer finds its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Store(TorrentId, Block),
    Hash(TorrentId, Piece),
    /// The SHA-1 of a piece that SHA-256 found right, in a torrent that has both.
    Agree(TorrentId, Piece),
    /// Bytes for a peer. Reads are answered in any order.
    Load(TorrentId, ConnId, wire::Request),
    /// A block of a piece that was wrong, or of its right version.
    Compare(TorrentId, Block),
    /// A block of the first torrent that the second one has, read there.
    Copy(TorrentId, Block, TorrentId),
    /// A block whose leaf hash a peer wants to know.
    Leaf(TorrentId, Block),
    /// A block whose leaf hash we want to know, to judge its piece.
    Digest(TorrentId, Block),
    Announce(TorrentId, LineId),
    Fetch(TorrentId, usize),
    /// The description, from a mirror.
    Describe(TorrentId, usize),
}

impl Op {
    fn torrent(self) -> TorrentId {
        match self {
            Self::Store(torrent, _)
            | Self::Hash(torrent, _)
            | Self::Agree(torrent, _)
            | Self::Load(torrent, ..)
            | Self::Compare(torrent, _)
            | Self::Leaf(torrent, _)
            | Self::Digest(torrent, _)
            | Self::Copy(torrent, ..)
            | Self::Announce(torrent, _)
            | Self::Describe(torrent, _)
            | Self::Fetch(torrent, _) => torrent,
        }
    }
}

impl Context {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            now: Time(0),
            order: Order::default(),
            random: Random::new(config.seed),
            secrets: Secrets::new(config.secret.clone()),
            agenda: Agenda::default(),
            bans: Bans::default(),
            calls: Calls::default(),
            cache: Cache::default(),
            mirrors: Mirrors::default(),
            down: Turns::new(config.limits.down_rate_max),
            up: Turns::alternating(config.limits.up_rate_max),
            line: Line::new(),
            dials: 0,
            conns: BTreeMap::new(),
            external: External::default(),
            datagrams: BTreeSet::new(),
            outputs: VecDeque::new(),
            ops: BTreeMap::new(),
            ops_begun: 0,
            conns_dialled: 0,
            config,
        }
    }

    pub(crate) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn tell(&mut self, news: News) {
        self.put(Output::Tell(news));
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Names an operation.
    pub(crate) fn begin(&mut self, op: Op) -> OpId {
        let id = self.name_op();
        self.ops.insert(id, op);
        id
    }

    /// A name for an operation that is of no torrent: whoever asks for it remembers it.
    pub(crate) fn name_op(&mut self) -> OpId {
        self.ops_begun += 1;
        OpId(self.ops_begun)
    }

    /// An operation was answered; `None` if nobody waits for it any more.
    pub(crate) fn end(&mut self, id: OpId) -> Option<Op> {
        self.ops.remove(&id)
    }

    /// The operation that was named last.
    pub(crate) fn last_op(&self) -> OpId {
        OpId(self.ops_begun)
    }

    /// What an operation that goes on is for.
    pub(crate) fn op(&self, id: OpId) -> Option<Op> {
        self.ops.get(&id).copied()
    }

    /// Nobody waits for a torrent's operations any more.
    pub(crate) fn forget_torrent(&mut self, torrent: TorrentId) {
        self.ops.retain(|_, op| op.torrent() != torrent);
        self.cache.drop_torrent(torrent);
        self.down.forget(torrent);
        self.up.forget(torrent);
        self.line.turns.forget(torrent);
        self.clear_timers(torrent);
    }

    /// Nothing is due for a torrent any more.
    pub(crate) fn clear_timers(&mut self, torrent: TorrentId) {
        let timers = [
            Timer::Choke(torrent),
            Timer::Dial(torrent),
            Timer::Hedge(torrent),
            Timer::Linger(torrent),
            Timer::Exchange(torrent),
            Timer::Questions(torrent),
            Timer::Announce(torrent),
            Timer::Web(torrent),
            Timer::Show(torrent),
            Timer::Left(torrent),
            Timer::DownOf(torrent),
            Timer::UpOf(torrent),
        ];
        timers.into_iter().for_each(|timer| self.agenda.clear(timer));
    }

    /// Names a connection that we dial: even numbers are ours.
    pub(crate) fn name_conn(&mut self, torrent: TorrentId) -> ConnId {
        self.conns_dialled += 2;
        let conn = ConnId(self.conns_dialled);
        self.conns.insert(conn, torrent);
        conn
    }

    /// A connection is no more.
    pub(crate) fn forget_conn(&mut self, conn: ConnId) {
        self.conns.remove(&conn);
        self.datagrams.remove(&conn);
        let timers = [Timer::Handshake(conn), Timer::Patience(conn), Timer::Pulse(conn)];
        timers.into_iter().for_each(|timer| self.agenda.clear(timer));
    }
}

/// Which sources may have work to do, and what else to look at once an input is taken in.
#[derive(Debug, Default)]
pub(crate) struct Chores {
    /// Sources with room for more requests.
    pub(crate) sources: BTreeSet<crate::source::Source>,
    /// All sources: what is wanted has changed.
    pub(crate) all: bool,
    /// Peers whose upload queue may move.
    pub(crate) uploads: BTreeSet<ConnId>,
    /// Peers with bytes to send.
    pub(crate) speak: BTreeSet<ConnId>,
    /// Readers may be able to go on.
    pub(crate) readers: bool,
    /// Somebody may be dialled.
    pub(crate) dial: bool,
    /// What is in it became known: others may have the same files.
    pub(crate) described: bool,
}
