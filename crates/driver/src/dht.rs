//! Carries out what the DHT's node asks for: one task with its sockets, its alarm and its table on disk.

mod table;

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ::dht::{
    AnnouncedPort, Command, DoneWhy, Family, Id, Input, Item, Knock, Limits, LookupId, LookupStats,
    News, Output, Time, Wanted,
};
use engine::{PeerSource, TorrentId};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, Sleep, sleep_until, timeout},
};
use torrent::{InfoHashes, Sha1Hash};

use crate::{
    carrier,
    config::DhtConfig,
    datagrams::{Datagrams, Heard},
    errors::Ended,
    sockets::{Server, Sockets},
};

/// When nothing is due.
const FAR: Duration = Duration::from_secs(24 * 3600);
/// How long saving the table may take when the session ends.
const FAREWELL: Duration = Duration::from_secs(3);
/// How long names that did not resolve are left alone.
const RESOLVE_AGAIN: Duration = Duration::from_secs(60);

/// The DHT's node of a session, for whoever has something to find or to keep there. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dht(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    asks: mpsc::UnboundedSender<Ask>,
    next_lookup: AtomicU64,
    local_addrs: Vec<SocketAddr>,
}

/// What is known of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DhtStats {
    /// IPv4 nodes that are known.
    pub nodes_v4: usize,
    /// IPv6 nodes that are known.
    pub nodes_v6: usize,
}

/// What a lookup of an item came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Got {
    /// The newest item that was found, if any was.
    pub item: Option<Item>,
    /// Why the lookup ended.
    pub why: DoneWhy,
    /// How it went.
    pub stats: LookupStats,
}

/// What a session asks of the task.
enum Ask {
    Command(Command),
    /// A lookup whose findings go to whoever waits for its end.
    Lookup(Command, LookupId, oneshot::Sender<Findings>),
    Follow(TorrentId, InfoHashes),
    Leave(TorrentId),
    /// Whether nothing of a torrent is missing.
    Seeds(TorrentId, bool),
    SeenAt(IpAddr),
    Stats(oneshot::Sender<DhtStats>),
    Stop(oneshot::Sender<()>),
}

/// All that a lookup found.
#[derive(Debug)]
struct Findings {
    peers: Vec<SocketAddr>,
    infohashes: Vec<Id>,
    item: Option<Item>,
    counted: (u32, u32),
    why: DoneWhy,
    stats: LookupStats,
}

impl Dht {
    /// Starts a node: reads its table. Needs a tokio runtime.
    pub(crate) fn start(
        setup: Setup,
        datagrams: Arc<Datagrams>,
        heard: mpsc::Receiver<Heard>,
    ) -> std::io::Result<Self> {
        let (asks, ask_box) = mpsc::unbounded_channel();
        let handle =
            Handle { asks, next_lookup: AtomicU64::new(0), local_addrs: datagrams.local_addrs() };
        let handle = Arc::new(handle);
        let config = ::dht::Config {
            seed: random()?,
            node_id: None,
            read_only: setup.port == 0,
            v4: datagrams.has_v4(),
            v6: datagrams.has_v6(),
            local_addresses: setup.local,
            snapshot: table::read(&setup.table),
            limits: setup.config.limits.unwrap_or(Limits::USUAL),
        };
        let task = Task {
            node: ::dht::Dht::new(config),
            datagrams,
            setup,
            started: Instant::now(),
            waiting: BTreeMap::new(),
            followed: BTreeMap::new(),
            next_follow: 0,
            resolve: Instant::now(),
            resolved: mpsc::unbounded_channel(),
            knock: Knock::new(Id(random()?), random()?),
        };
        tokio::spawn(task.run(ask_box, heard));
        Ok(Self(handle))
    }

    /// Where the node's datagrams come and go.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.0.local_addrs
    }

    /// Tells of nodes through which the DHT may be entered.
    ///
    /// # Errors
    /// The session has ended.
    pub fn bootstrap(&self, nodes: Vec<SocketAddr>) -> Result<(), Ended> {
        self.ask(Ask::Command(Command::Bootstrap(nodes)))
    }

    /// Peers of a torrent; with a port, the closest nodes are told that we are one.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn peers(
        &self,
        infohash: Id,
        announce: Option<AnnouncedPort>,
    ) -> Result<(Vec<SocketAddr>, LookupStats), Ended> {
        let command = |lookup| Command::Peers { lookup, infohash, announce };
        let found = self.look_up(command).await?;
        Ok((found.peers, found.stats))
    }

    /// Finds an item (BEP 44).
    ///
    /// # Errors
    /// The session has ended.
    pub async fn get(&self, what: Wanted) -> Result<Got, Ended> {
        let found = self.look_up(|lookup| Command::Get { lookup, what }).await?;
        Ok(Got { item: found.item, why: found.why, stats: found.stats })
    }

    /// Gives an item to the closest nodes (BEP 44). A newer one that is met on the way is in the answer.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn put(&self, item: Item, cas: Option<i64>, copies: usize) -> Result<Got, Ended> {
        let put = |lookup| Command::Put { lookup, item, cas, copies };
        let found = self.look_up(put).await?;
        Ok(Got { item: found.item, why: found.why, stats: found.stats })
    }

    /// Infohashes that the nodes around a key have peers for (BEP 51).
    ///
    /// # Errors
    /// The session has ended.
    pub async fn sample(&self, target: Id) -> Result<Vec<Id>, Ended> {
        let found = self.look_up(|lookup| Command::Sample { lookup, target }).await?;
        Ok(found.infohashes)
    }

    /// About how many peers a torrent has: those that have everything, and the others (BEP 33).
    ///
    /// # Errors
    /// The session has ended.
    pub async fn scrape(&self, infohash: Id) -> Result<(u32, u32), Ended> {
        let found = self.look_up(|lookup| Command::Scrape { lookup, infohash }).await?;
        Ok(found.counted)
    }

    /// How many nodes are known.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn stats(&self) -> Result<DhtStats, Ended> {
        let (answer, stats) = oneshot::channel();
        self.ask(Ask::Stats(answer))?;
        stats.await.map_err(|_| Ended)
    }

    /// The household's router says where the internet sees us (BEP 42).
    pub(crate) fn seen_at(&self, ip: IpAddr) {
        // A session that has ended is seen nowhere.
        self.ask(Ask::SeenAt(ip)).ok();
    }

    /// A peer told of its node: one question tells whether it is there.
    pub(crate) fn node(&self, addr: SocketAddr) {
        // A session that has ended needs no nodes.
        self.ask(Ask::Command(Command::Node(addr))).ok();
    }

    /// Finds a torrent's peers for the engine from now on, and announces us.
    pub(crate) fn follow(&self, torrent: TorrentId, hashes: InfoHashes) {
        // A session that has ended follows nothing.
        self.ask(Ask::Follow(torrent, hashes)).ok();
    }

    /// Whether nothing of a torrent that is followed is missing: who counts peers wants to know (BEP 33).
    pub(crate) fn seeds(&self, torrent: TorrentId, all: bool) {
        self.ask(Ask::Seeds(torrent, all)).ok();
    }

    /// Ends that.
    pub(crate) fn leave(&self, torrent: TorrentId) {
        self.ask(Ask::Leave(torrent)).ok();
    }

    /// Saves the table and ends.
    pub(crate) async fn stop(&self) {
        let (done, has_stopped) = oneshot::channel();
        if self.ask(Ask::Stop(done)).is_ok() {
            timeout(FAREWELL, has_stopped).await.ok();
        }
    }

    async fn look_up(&self, command: impl FnOnce(LookupId) -> Command) -> Result<Findings, Ended> {
        // Even numbers; torrents that are followed have odd ones.
        let lookup = LookupId(self.0.next_lookup.fetch_add(2, Ordering::Relaxed));
        let (answer, findings) = oneshot::channel();
        self.ask(Ask::Lookup(command(lookup), lookup, answer))?;
        findings.await.map_err(|_| Ended)
    }

    fn ask(&self, ask: Ask) -> Result<(), Ended> {
        self.0.asks.send(ask).map_err(|_| Ended)
    }
}

/// What a node needs to know before it starts.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) config: DhtConfig,
    pub(crate) sockets: Sockets,
    /// Whether nodes and peers may be at local addresses.
    pub(crate) local: bool,
    /// Where peers reach us; 0 if they do not.
    pub(crate) port: u16,
    /// The file of the table.
    pub(crate) table: PathBuf,
    /// Where peers that are found go; it does not keep the session alive.
    pub(crate) engine: mpsc::WeakUnboundedSender<carrier::Command>,
}

/// A lookup that somebody waits for.
struct Waiting {
    answer: oneshot::Sender<Findings>,
    peers: Vec<SocketAddr>,
    infohashes: Vec<Id>,
    item: Option<Item>,
    counted: (u32, u32),
}

type Resolved = (mpsc::UnboundedSender<Vec<SocketAddr>>, mpsc::UnboundedReceiver<Vec<SocketAddr>>);

/// The task that owns the node.
struct Task {
    node: ::dht::Dht,
    datagrams: Arc<Datagrams>,
    setup: Setup,
    started: Instant,
    waiting: BTreeMap<LookupId, Waiting>,
    followed: BTreeMap<LookupId, (TorrentId, Sha1Hash)>,
    next_follow: u64,
    /// When the names of the ways in are resolved again.
    resolve: Instant,
    resolved: Resolved,
    /// What ways in are asked whose names a proxy resolves.
    knock: Knock,
}

impl Task {
    async fn run(
        mut self,
        mut asks: mpsc::UnboundedReceiver<Ask>,
        mut heard: mpsc::Receiver<Heard>,
    ) {
        let alarm = sleep_until(Instant::now());
        tokio::pin!(alarm);
        self.resolve_doors();
        loop {
            self.set(alarm.as_mut());
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(Ask::Stop(done)) => return self.stop(done).await,
                    Some(ask) => self.obey(ask),
                    None => return,
                },
                Some(doors) = self.resolved.1.recv() => self.command(Command::Bootstrap(doors)),
                Some((from, bytes)) = heard.recv() => self.hear_from(from, &bytes),
                () = &mut alarm => self.hear(Input::DeadlinePassed),
            }
            self.carry_out();
        }
    }

    fn now(&self) -> Time {
        Time(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    fn set(&self, alarm: Pin<&mut Sleep>) {
        let due = self.node.deadline().map(|Time(due)| self.started + Duration::from_micros(due));
        let due = due.unwrap_or_else(|| Instant::now() + FAR);
        if alarm.deadline() != due || alarm.is_elapsed() {
            alarm.reset(due);
        }
    }

    fn hear(&mut self, input: Input<'_>) {
        let now = self.now();
        self.node.handle_input(now, input);
    }

    fn hear_from(&mut self, from: SocketAddr, bytes: &[u8]) {
        if self.setup.sockets.proxied() && self.knock.is_answered_by(bytes) {
            return self.command(Command::Bootstrap(vec![from]));
        }
        self.hear(Input::Datagram(from, bytes));
    }

    fn command(&mut self, command: Command) {
        self.hear(Input::Command(command));
    }

    fn obey(&mut self, ask: Ask) {
        match ask {
            Ask::Command(command) => self.command(command),
            Ask::Lookup(command, lookup, answer) => {
                let waiting = Waiting {
                    answer,
                    peers: vec![],
                    infohashes: vec![],
                    item: None,
                    counted: (0, 0),
                };
                self.waiting.insert(lookup, waiting);
                self.command(command);
            }
            Ask::Follow(torrent, hashes) => self.follow(torrent, hashes),
            Ask::Leave(torrent) => self.leave(torrent),
            Ask::Seeds(torrent, all) => self.seeds(torrent, all),
            Ask::SeenAt(ip) => self.hear(Input::ExternalAddress(ip)),
            Ask::Stats(answer) => {
                let nodes = |family| self.node.nodes(family);
                let stats = DhtStats { nodes_v4: nodes(Family::V4), nodes_v6: nodes(Family::V6) };
                // Whoever asked has gone.
                answer.send(stats).ok();
            }
            // The loop ends before it comes here.
            Ask::Stop(_) => {}
        }
    }

    /// A hybrid torrent has peers under both of its names (BEP 52).
    fn follow(&mut self, torrent: TorrentId, hashes: InfoHashes) {
        let port = self.setup.port;
        let announce = (port != 0).then_some(AnnouncedPort::At(port));
        for name in hashes.names() {
            if self.followed.values().any(|one| *one == (torrent, name)) {
                continue;
            }
            let lookup = LookupId(self.next_follow * 2 + 1);
            self.next_follow += 1;
            self.followed.insert(lookup, (torrent, name));
            self.command(Command::Follow { lookup, infohash: name.into(), announce });
        }
    }

    fn seeds(&mut self, torrent: TorrentId, all: bool) {
        let is_it = |(_, one): &(&LookupId, &(TorrentId, Sha1Hash))| one.0 == torrent;
        let lookups: Vec<_> = self.followed.iter().filter(is_it).map(|(one, _)| *one).collect();
        for lookup in lookups {
            self.command(Command::Seeds { lookup, all });
        }
    }

    fn leave(&mut self, torrent: TorrentId) {
        let is_left = |(_, one): &(&LookupId, &(TorrentId, Sha1Hash))| one.0 == torrent;
        let left: Vec<_> =
            self.followed.iter().filter(is_left).map(|(lookup, _)| *lookup).collect();
        for lookup in left {
            self.followed.remove(&lookup);
            self.command(Command::Cancel(lookup));
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.node.poll_output() {
            self.carry_out_one(output);
        }
    }

    fn carry_out_one(&mut self, output: Output) {
        match output {
            Output::Send(to, bytes) => self.datagrams.send(to, &bytes),
            Output::Peers { lookup, addrs } => self.found(lookup, addrs),
            Output::Item { lookup, item } => {
                if let Some(waiting) = self.waiting.get_mut(&lookup) {
                    waiting.item = Some(item);
                }
            }
            Output::Sample { lookup, infohashes, .. } => {
                if let Some(waiting) = self.waiting.get_mut(&lookup) {
                    waiting.infohashes.extend(infohashes);
                }
            }
            Output::Counted { lookup, seeds, leechers } => {
                if let Some(waiting) = self.waiting.get_mut(&lookup) {
                    waiting.counted = (seeds, leechers);
                }
            }
            Output::Done { lookup, why, stats } => self.done(lookup, why, stats),
            Output::Tell(news) => self.tell(news),
            Output::Save(snapshot) => {
                let path = self.setup.table.clone();
                tokio::task::spawn_blocking(move || table::write(&path, &snapshot));
            }
        }
    }

    fn found(&mut self, lookup: LookupId, peers: Vec<SocketAddr>) {
        if let Some((torrent, _)) = self.followed.get(&lookup).copied() {
            let found = engine::Input::Found { torrent, peers, source: PeerSource::Dht };
            if let Some(engine) = self.setup.engine.upgrade() {
                // The session has ended: nobody needs peers.
                engine.send(carrier::Command::Input(found)).ok();
            }
        } else if let Some(waiting) = self.waiting.get_mut(&lookup) {
            waiting.peers.extend(peers);
        }
    }

    fn done(&mut self, lookup: LookupId, why: DoneWhy, stats: LookupStats) {
        tracing::debug!(?why, ?stats, "a lookup in the DHT has ended");
        let Some(waiting) = self.waiting.remove(&lookup) else { return };
        let Waiting { answer, peers, infohashes, item, counted } = waiting;
        // Whoever asked has gone.
        answer.send(Findings { peers, infohashes, item, counted, why, stats }).ok();
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Joined { family, nodes } => {
                tracing::info!(?family, nodes, "the DHT is entered");
            }
            News::NobodyThere { family } => {
                tracing::info!(?family, "nobody in the DHT answers");
                self.resolve_doors();
            }
            News::BadSnapshot => tracing::warn!("the DHT's table cannot be read: it starts anew"),
            News::ExternalAddress(ip) => self.seen_at(ip),
            News::NewId { .. } | News::Blocked(_) => {
                tracing::debug!(?news);
            }
        }
    }

    /// Most nodes see us there.
    fn seen_at(&self, ip: IpAddr) {
        if let Some(engine) = self.setup.engine.upgrade() {
            // The session has ended: nobody needs to know.
            engine.send(carrier::Command::Input(engine::Input::ExternalAddress(ip))).ok();
        }
    }

    /// Finds the addresses of the ways in, while everything else goes on.
    fn resolve_doors(&mut self) {
        if Instant::now() < self.resolve {
            return;
        }
        self.resolve = Instant::now() + RESOLVE_AGAIN;
        for door in &self.setup.config.bootstrap {
            let Some((host, port)) = split(door) else {
                tracing::warn!(door, "a way into the DHT is written HOST:PORT");
                continue;
            };
            if self.setup.sockets.proxied() {
                self.knock_at(door, host, port);
                continue;
            }
            let (sockets, local) = (self.setup.sockets.clone(), self.setup.local);
            let (host, resolved) = (host.to_owned(), self.resolved.0.clone());
            tokio::spawn(async move {
                match sockets.resolve(&host, port, local).await {
                    // The node has ended.
                    Ok(found) => drop(resolved.send(found)),
                    Err(why) => tracing::debug!(host, %why, "a way into the DHT is not found"),
                }
            });
        }
    }

    /// Knocks where the proxy finds a way in.
    fn knock_at(&self, door: &str, host: &str, port: u16) {
        let packet = self.knock.packet();
        // An address is no name that the proxy would have to look up.
        if let Ok(addr) = door.parse() {
            return self.datagrams.send(addr, &packet);
        }
        if let Err(why) = self.datagrams.ask(&Server::Named(host.to_owned(), port), &packet) {
            tracing::debug!(door, %why, "a way into the DHT is not found");
        }
    }

    async fn stop(self, done: oneshot::Sender<()>) {
        let (path, snapshot) = (self.setup.table, self.node.snapshot());
        let known = self.node.nodes(Family::V4) + self.node.nodes(Family::V6);
        if known > 0 {
            let saved = tokio::task::spawn_blocking(move || table::write(&path, &snapshot));
            saved.await.ok();
        }
        done.send(()).ok();
    }
}

/// Host and port of `HOST:PORT`.
fn split(door: &str) -> Option<(&str, u16)> {
    let (host, port) = door.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

fn random<const LEN: usize>() -> std::io::Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}
