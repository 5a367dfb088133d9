//! A session: all torrents, their swarms and their storage, and the one way in for the rest of the program.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    net::SocketAddr,
    num::NonZeroU16,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use engine::{
    AddTorrent, Ban, Engine, Input, Limits, News, PeerSource, StreamId, TorrentId, TorrentStats,
    Want,
};
use tokio::{
    net::TcpListener,
    sync::{
        Semaphore, broadcast,
        mpsc::{self, UnboundedSender},
        oneshot,
    },
    task::AbortHandle,
    time::timeout,
};
use torrent::{
    InfoHashes, Magnet, Metainfo, PeerHint,
    ip_filter::{IpFilter, Read},
};

use crate::{
    bans::BanKeeper,
    carrier::{Carrier, Command, Inboxes, Work},
    checks::Checks,
    config::{Config, Transport},
    connections::{self, Connections, Event},
    datagrams::{Datagrams, Ears},
    dht::{self, Dht},
    dialling::Dialler,
    disk::Disk,
    errors::{AddError, Ended, StartError},
    finders::Finders,
    http::{HttpClient, Purpose},
    listening::Listening,
    names::NoTexts,
    neighbours::Neighbours,
    port_mapping::PortMappings,
    relay::Association,
    resume::{self, Record, Recorder},
    round_trips::RoundTrips,
    sockets::Sockets,
    state::TorrentState,
    torrents::Torrent,
    trackers::{self, Trackers},
    utp::{self, Utp},
};

/// Events of the network that wait for the engine's task. Each holds at most one read of a connection.
const EVENTS_MAX: usize = 64;
/// News that wait for a listener before the oldest are lost to it.
const NEWS_MAX: usize = 1024;
/// What was heard over UDP and waits for its task.
const HEARD_MAX: usize = 256;
/// Bytes of an IP filter that are read: several times the longest that is handed around.
const IP_FILTER_MAX: u64 = 256 << 20;
/// How long a proxy may take to say whether it carries datagrams. The session begins only then.
const RELAY_PATIENCE: Duration = Duration::from_secs(3);
/// How long syncing may take when the session ends. What is not synced then is hashed at the next start.
const SYNC_PATIENCE: Duration = Duration::from_secs(30);

/// All torrents together. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

/// What a session and its torrents share.
pub(crate) struct Inner {
    commands: UnboundedSender<Command>,
    torrents: Mutex<BTreeMap<TorrentId, Arc<TorrentState>>>,
    news: broadcast::Sender<News>,
    local_addrs: Vec<SocketAddr>,
    listeners: Vec<AbortHandle>,
    /// What the router was asked for, until the session ends.
    port_mappings: Mutex<Option<PortMappings>>,
    /// Writes down who is banned.
    bans: BanKeeper,
    /// Keeps an eye on the interface that everything is bound to.
    watch: Option<AbortHandle>,
    sockets: Sockets,
    local_peers: bool,
    finders: Finders,
    data_dir: PathBuf,
    next_torrent: AtomicU32,
    next_stream: AtomicU64,
    disk: Arc<Disk>,
    recorder: Recorder,
    /// Held as long as the session lives.
    _lock: File,
}

/// A torrent to take part in.
#[derive(Debug, Clone)]
pub struct Add {
    /// What it is.
    pub source: Source,
    /// The folder in which its files lie or will lie.
    pub root: PathBuf,
    /// Trackers besides its own, in tiers.
    pub trackers: Vec<Vec<String>>,
    /// Web seeds besides its own.
    pub web_seeds: Vec<String>,
    /// Peers to dial first.
    pub peers: Vec<SocketAddr>,
    /// What to fetch without a reader.
    pub want: Want,
    /// Do not trust the resume record, but hash what is on disk.
    pub recheck: bool,
}

/// What a torrent is known by.
#[derive(Debug, Clone)]
pub enum Source {
    /// Its description.
    Metainfo(Arc<Metainfo>),
    /// Its names; the description comes from peers.
    Magnet(Box<Magnet>),
}

impl Source {
    fn hashes(&self) -> InfoHashes {
        match self {
            Self::Metainfo(metainfo) => metainfo.info.hashes(),
            Self::Magnet(magnet) => magnet.hashes,
        }
    }
}

/// All that is known of a torrent when it is added: from its source, its record and whoever adds it.
struct Offer {
    metainfo: Option<Arc<Metainfo>>,
    trackers: Vec<Vec<String>>,
    web_seeds: Vec<String>,
    peers: Vec<SocketAddr>,
    /// Peers by name.
    named: Vec<PeerHint>,
}

impl Offer {
    fn new(add: &Add, record: &Record) -> Self {
        let mut offer = Self {
            metainfo: record.metainfo.clone(),
            trackers: add.trackers.clone(),
            web_seeds: add.web_seeds.clone(),
            peers: add.peers.iter().chain(&record.peers).copied().collect(),
            named: vec![],
        };
        match &add.source {
            Source::Metainfo(metainfo) => offer.metainfo = Some(Arc::clone(metainfo)),
            Source::Magnet(magnet) => offer.follow(magnet),
        }
        if let Some(metainfo) = &offer.metainfo {
            offer.trackers.extend(metainfo.trackers.iter().cloned());
            offer.web_seeds.extend(metainfo.web_seeds.iter().cloned());
        }
        offer
    }

    fn follow(&mut self, magnet: &Magnet) {
        self.trackers.extend(magnet.trackers.iter().map(|tracker| vec![tracker.clone()]));
        self.web_seeds.extend(magnet.web_seeds.iter().cloned());
        self.named.extend(magnet.peers.iter().cloned());
    }
}

/// How all torrents together are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionStats {
    /// Torrents that are known.
    pub torrents: u32,
    /// Connected peers.
    pub peers: u32,
    /// Payload bytes per second, 5 s average.
    pub down_rate: u64,
    /// Payload bytes per second, 5 s average.
    pub up_rate: u64,
    /// Payload bytes received by the torrents that are known.
    pub downloaded: u64,
    /// Payload bytes sent by the torrents that are known.
    pub uploaded: u64,
}

impl Session {
    /// Starts a session: opens its sockets, its threads and its task. Needs a tokio runtime.
    ///
    /// # Errors
    /// A port is taken, or the data folder cannot be used.
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        let lock = lock(&config.data_dir)?;
        let sockets = Sockets::new(config.interface.as_deref())
            .asking(&config.dns)
            .through(config.proxy.clone())
            .without(read_filter(config.ip_filter.as_deref())?);
        check_interface(&sockets)?;
        let relay = go_behind_proxy(&mut config, &sockets).await;
        config.engine.punch &= config.transport != Transport::Tcp && config.proxy.is_none();
        let Listening { tcp, datagrams, addrs: local_addrs } = match relay {
            Some(relay) => Listening::behind(relay, &config, &sockets)?,
            None => Listening::open(&config, &sockets)?,
        };
        if config.engine.listen_port == 0 {
            config.engine.listen_port = local_addrs.first().map_or(0, SocketAddr::port);
        }
        if config.dht.is_some() && config.proxy.is_none() {
            let place = datagrams.as_ref().and_then(|all| all.local_addrs().first().copied());
            config.engine.dht_port = place.map_or(0, |place| place.port());
        }
        let sockets = sockets.listening_at(&local_addrs);

        let (commands, command_box) = mpsc::unbounded_channel();
        let datagrams = datagrams.map(Arc::new);
        let (dht, ears) = start_dht(&config, &sockets, datagrams.as_ref(), &commands)?;
        let (utp, strangers, ears) = start_utp(&config, datagrams.as_ref(), ears)?;
        let neighbours = start_neighbours(&config, &sockets, &local_addrs, &commands)?;
        let asker = listen_to(datagrams, ears);
        let (answers, answer_box) = mpsc::unbounded_channel();
        let (events, event_box) = mpsc::channel(EVENTS_MAX);
        let (queue, inbox) = resume::queue();
        let disk = Disk::start(config.hash_workers, &answers, &queue);
        let disk = Arc::new(disk.map_err(StartError::Threads)?);
        let recorder = Recorder::start(queue, inbox, disk.queues().clone());
        let watch = watch_interface(&sockets, &commands);
        let (keeper, bans, banned) = BanKeeper::start(&config.data_dir);
        let port_mappings = map_ports(&config, &local_addrs, &commands, dht.clone());
        let inner = Arc::new(Inner {
            commands,
            torrents: Mutex::default(),
            news: broadcast::Sender::new(NEWS_MAX),
            local_addrs,
            listeners: spawn_listeners(&sockets, tcp, strangers, &config, &events),
            bans: keeper,
            watch,
            port_mappings: Mutex::new(port_mappings),
            finders: Finders { dht, neighbours },
            sockets,
            local_peers: config.address_policy.local_peers,
            data_dir: config.data_dir.clone(),
            next_torrent: AtomicU32::new(0),
            next_stream: AtomicU64::new(0),
            disk,
            recorder: recorder.map_err(StartError::Threads)?,
            _lock: lock,
        });
        let inboxes = Inboxes { commands: command_box, answers: answer_box, events: event_box };
        let mut carrier = carrier(config, &inner, utp, asker, answers, events, bans);
        carrier.hear(Input::Banned(banned));
        tokio::spawn(carrier.run(inboxes));
        Ok(Self(inner))
    }

    /// Where peers may reach us.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.0.local_addrs
    }

    /// Where the internet sees us, as others told us, who may lie. `None` behind a proxy, where nobody can call, and after the end.
    pub async fn public_addrs(&self) -> Option<Vec<SocketAddr>> {
        self.0.sockets.unproxied().ok()?;
        let (answer, addrs) = oneshot::channel();
        self.0.command(Command::PublicAddrs(answer)).ok()?;
        addrs.await.ok()
    }

    /// Takes part in a torrent. One that is known already is the same torrent: new peers, trackers and web seeds
    /// are used beside the known ones, and a description in place of asking for it.
    ///
    /// # Errors
    /// The session has ended, or the folder for the files is no path.
    pub async fn add(&self, add: Add) -> Result<Torrent, AddError> {
        let hashes = add.source.hashes();
        let root = std::path::absolute(&add.root).map_err(|_| AddError::Root)?;
        let record_path = resume::path(&self.0.data_dir, &hashes);
        let record = self.read_record(&hashes, record_path.clone()).await;
        let Offer { metainfo, trackers, web_seeds, peers, named } = Offer::new(&add, &record);
        let (state, known) = self.0.enter(hashes, |id| {
            TorrentState::new(id, hashes, root, record_path, record, metainfo.clone())
        });
        let torrent = state.id;
        let Add { want, recheck, .. } = add;
        let add =
            AddTorrent { torrent, hashes, metainfo, trackers, web_seeds, peers, want, recheck };
        self.0.command(match known {
            true => Command::Merge(Box::new(add)),
            false => Command::Add(Arc::clone(&state), Box::new(add)),
        })?;
        self.find_peers(torrent, named);
        Ok(Torrent::new(Arc::clone(&self.0), state))
    }

    /// Hands the engine's task a command.
    pub(crate) fn command(&self, command: Command) -> Result<(), Ended> {
        self.0.command(command)
    }

    /// The DHT, if the session takes part in it.
    #[must_use]
    pub fn dht(&self) -> Option<&Dht> {
        self.0.finders.dht.as_ref()
    }

    /// The TXT records of a name, for whoever asks what a domain says. The question leaves as everything does: over the
    /// interface that all is bound to, and by way of a proxy if there is one.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, NoTexts> {
        self.0.sockets.texts(name).await
    }

    /// The interface that all traffic is bound to, and whether it is there: while it is not, nothing leaves.
    #[must_use]
    pub fn interface(&self) -> Option<(&str, bool)> {
        let interface = self.0.sockets.interface()?;
        Some((interface.name(), interface.index().is_some()))
    }

    /// All torrents, in the order in which they were added.
    #[must_use]
    pub fn torrents(&self) -> Vec<Torrent> {
        let torrents = self.0.torrents();
        torrents
            .values()
            .map(|state| Torrent::new(Arc::clone(&self.0), Arc::clone(state)))
            .collect()
    }

    /// The torrent with one of these names.
    #[must_use]
    pub fn find(&self, hashes: &InfoHashes) -> Option<Torrent> {
        let state = same(&self.0.torrents(), hashes)?;
        Some(Torrent::new(Arc::clone(&self.0), state))
    }

    /// What happens from now on.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.subscribe()
    }

    /// Changes the limits.
    pub async fn set_limits(&self, limits: Limits) {
        // A session that has ended keeps within all limits.
        self.0.command(Command::Input(Input::Limits(limits))).ok();
    }

    /// How all torrents together are doing.
    pub async fn stats(&self) -> SessionStats {
        let ids: Vec<_> = self.0.torrents().keys().copied().collect();
        let mut all = SessionStats::default();
        for id in ids {
            if let Ok(Some(one)) = self.0.torrent_stats(id).await {
                all.torrents += 1;
                all.peers += one.peers;
                all.down_rate += one.down_rate;
                all.up_rate += one.up_rate;
                all.downloaded += one.downloaded;
                all.uploaded += one.uploaded;
            }
        }
        all
    }

    /// Ends the session: trackers are told, everything is synced and recorded. Takes 3 s for the trackers and
    /// 30 s for the disk at most.
    pub async fn shutdown(self) {
        self.0.listeners.iter().for_each(AbortHandle::abort);
        let mappings = self.0.port_mappings.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mappings) = mappings {
            mappings.stop().await;
        }
        let (done, has_left) = oneshot::channel();
        if self.0.command(Command::Leave(done)).is_ok() {
            has_left.await.ok();
        }
        if let Some(dht) = &self.0.finders.dht {
            dht.stop().await;
        }
        let torrents = std::mem::take(&mut *self.0.torrents());
        let sync = async {
            for state in torrents.values() {
                state.change(|standing| standing.removed = true);
            }
            // What was asked of the disk for one torrent is done when all is that was asked before.
            if let Some(last) = torrents.keys().next_back() {
                self.0.settle(*last).await;
            }
            let closing: Vec<_> =
                torrents.keys().map(|id| self.0.recorder.queue().close(*id)).collect();
            for closed in closing {
                closed.await;
            }
            self.0.bans.settle().await;
        };
        if timeout(SYNC_PATIENCE, sync).await.is_err() {
            tracing::warn!("the disk is slow to sync: torrents will be checked at the next start");
        }
    }

    async fn read_record(&self, hashes: &InfoHashes, path: PathBuf) -> Record {
        let hashes = *hashes;
        let read = tokio::task::spawn_blocking(move || Record::read(&path, &hashes));
        read.await.unwrap_or_default()
    }

    /// Finds the addresses of peers that a magnet link names, while everything else goes on.
    fn find_peers(&self, torrent: TorrentId, named: Vec<PeerHint>) {
        for PeerHint { host, port } in named {
            let inner = Arc::clone(&self.0);
            tokio::spawn(async move {
                let found = inner.sockets.resolve(&host, port, inner.local_peers).await;
                let source = PeerSource::Given;
                if let Ok(peers) = found {
                    inner.command(Command::Input(Input::Found { torrent, peers, source })).ok();
                }
            });
        }
    }
}

impl Inner {
    /// Hands the engine's task a command.
    pub(crate) fn command(&self, command: Command) -> Result<(), Ended> {
        self.commands.send(command).map_err(|_| Ended)
    }

    pub(crate) async fn torrent_stats(
        &self,
        torrent: TorrentId,
    ) -> Result<Option<TorrentStats>, Ended> {
        let (answer, stats) = oneshot::channel();
        self.command(Command::Stats(torrent, answer))?;
        stats.await.map_err(|_| Ended)
    }

    pub(crate) fn next_stream(&self) -> StreamId {
        StreamId(self.next_stream.fetch_add(1, Ordering::Relaxed))
    }

    /// Leaves a swarm and forgets its torrent.
    pub(crate) async fn forget(&self, state: &Arc<TorrentState>, delete: bool) -> io::Result<()> {
        self.torrents().remove(&state.id);
        self.finders.leave(state.id);
        // If the session has ended, what is on disk is removed all the same.
        self.command(Command::Input(Input::Remove(state.id))).ok();
        state.change(|standing| standing.removed = true);
        self.settle(state.id).await;
        self.recorder.queue().remove(state.id).await;
        let state = Arc::clone(state);
        let removed = tokio::task::spawn_blocking(move || remove_files(&state, delete));
        removed.await.map_err(io::Error::other)?
    }

    /// Waits until the disk has done what was asked for a torrent, space given back included.
    async fn settle(&self, torrent: TorrentId) {
        self.disk.queues().settle(torrent).await;
        self.recorder.queue().settle().await;
        self.disk.queues().settle(torrent).await;
    }

    /// The torrent of these names, made if there is none yet; true if there was.
    fn enter(
        &self,
        hashes: InfoHashes,
        make: impl FnOnce(TorrentId) -> TorrentState,
    ) -> (Arc<TorrentState>, bool) {
        let mut torrents = self.torrents();
        if let Some(known) = same(&torrents, &hashes) {
            return (known, true);
        }
        let id = TorrentId(self.next_torrent.fetch_add(1, Ordering::Relaxed));
        let state = Arc::new(make(id));
        torrents.insert(id, Arc::clone(&state));
        (state, false)
    }

    fn torrents(&self) -> MutexGuard<'_, BTreeMap<TorrentId, Arc<TorrentState>>> {
        self.torrents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("local_addrs", &self.local_addrs).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    /// Nobody is let in any more; the engine's task ends by itself when the last command is gone.
    fn drop(&mut self) {
        self.listeners.iter().chain(&self.watch).for_each(AbortHandle::abort);
    }
}

/// What the engine's task works with.
fn carrier(
    config: Config,
    inner: &Inner,
    utp: Option<Utp>,
    asker: Option<trackers::Shared>,
    answers: UnboundedSender<Input>,
    events: mpsc::Sender<Event>,
    bans: UnboundedSender<Ban>,
) -> Carrier {
    let (policy, sockets) = (config.address_policy, &inner.sockets);
    let client = |purpose, local| HttpClient::new(sockets, purpose, local, &config.user_agent);
    let trackers = Trackers::new(
        client(Purpose::Tracker, policy.local_trackers),
        sockets.clone(),
        policy.local_trackers,
        config.engine.listen_port,
        asker,
    );
    let by_tcp = config.transport != Transport::Utp;
    let dialler = Dialler::new(sockets.clone(), policy.local_peers, by_tcp, utp.clone());
    Carrier {
        connections: Connections::new(
            dialler,
            RoundTrips::start(sockets.clone(), events.clone()),
            events.clone(),
        ),
        utp,
        disk: Arc::clone(&inner.disk),
        recorder: inner.recorder.queue().clone(),
        trackers: Arc::new(trackers),
        web: client(Purpose::WebSeed, policy.local_web_seeds),
        news: inner.news.clone(),
        finders: inner.finders.clone(),
        bans,
        answers,
        events,
        check_workers: config.hash_workers,
        checks: Arc::new(Checks::new()),
        engine: Engine::new(config.engine),
        work: Work::new(),
    }
}

/// Reads the list of those who are not to be met. One that says nothing is not what was meant.
fn read_filter(path: Option<&Path>) -> Result<IpFilter, StartError> {
    let Some(path) = path else { return Ok(IpFilter::default()) };
    let unusable = |source| StartError::IpFilter { path: path.to_owned(), source };
    let list = File::open(path).map_err(unusable)?;
    let mut bytes = Vec::new();
    list.take(IP_FILTER_MAX).read_to_end(&mut bytes).map_err(unusable)?;
    let Read { filter, skipped } = IpFilter::parse(&bytes);
    if filter.is_empty() {
        let source = io::Error::new(io::ErrorKind::InvalidData, "it names no addresses");
        return Err(unusable(source));
    }
    tracing::info!(ranges = filter.len(), skipped, "a list of addresses is in force");
    Ok(filter)
}

/// With a proxy nobody can call, and without a relay of its nothing goes over UDP.
async fn go_behind_proxy(config: &mut Config, sockets: &Sockets) -> Option<Association> {
    config.proxy.as_ref()?;
    config.listen = Vec::new();
    let is_utp = config.transport != Transport::Tcp;
    let wanted = is_utp || config.dht.is_some() || config.engine.use_trackers;
    let asked = if wanted { timeout(RELAY_PATIENCE, sockets.associate()).await.ok() } else { None };
    let relay = asked.and_then(|asked| {
        asked.inspect_err(|why| tracing::info!(%why, "nothing is sent over UDP")).ok()
    });
    if relay.is_none() {
        (config.dht, config.transport) = (None, Transport::Tcp);
    }
    relay
}

/// Refuses to begin on an interface that is not there: a name may be wrong, and nobody would ever know.
fn check_interface(sockets: &Sockets) -> Result<(), StartError> {
    match sockets.interface() {
        Some(interface) if sockets.bound_to().is_none() => {
            Err(StartError::Interface { name: interface.name().to_owned() })
        }
        _ => Ok(()),
    }
}

/// When the interface goes, connections that were bound to it are lost, and are made again when it is back.
fn watch_interface(sockets: &Sockets, engine: &UnboundedSender<Command>) -> Option<AbortHandle> {
    let engine = engine.downgrade();
    let cut = move || {
        if let Some(engine) = engine.upgrade() {
            // The session has ended: there is nothing to cut.
            engine.send(Command::Cut).ok();
        }
    };
    sockets.interface().map(|interface| interface.watch(cut))
}

/// Asks the router to let peers in, if that is wanted and nothing can go another way by it.
fn map_ports(
    config: &Config,
    listens: &[SocketAddr],
    engine: &UnboundedSender<Command>,
    dht: Option<Dht>,
) -> Option<PortMappings> {
    let free = config.interface.is_none() && config.proxy.is_none();
    let wanted = config.port_mapping.clone().filter(|_| free)?;
    let v4 = listens.iter().find(|addr| addr.is_ipv4())?;
    let port = NonZeroU16::new(v4.port())?;
    let (seen, mut seen_at) = mpsc::unbounded_channel();
    let engine = engine.downgrade();
    tokio::spawn(async move {
        while let Some(ip) = seen_at.recv().await {
            if let Some(engine) = engine.upgrade() {
                // The session has ended: nobody needs to know.
                engine.send(Command::Input(Input::ExternalAddress(ip))).ok();
            }
            dht.iter().for_each(|dht| dht.seen_at(ip));
        }
    });
    Some(PortMappings::start(wanted, port, seen))
}

fn spawn_listeners(
    sockets: &Sockets,
    tcp: Vec<TcpListener>,
    utp: Option<utp::Accepted>,
    config: &Config,
    events: &mpsc::Sender<Event>,
) -> Vec<AbortHandle> {
    let permits = Arc::new(Semaphore::new(config.engine.connections_max));
    let listen =
        |one| connections::listen(one, sockets.clone(), Arc::clone(&permits), events.clone());
    let by_tcp = tcp.into_iter().map(|one| tokio::spawn(listen(one)).abort_handle());
    let listen = |all| connections::listen_utp(all, Arc::clone(&permits), events.clone());
    let by_utp = utp.map(|all| tokio::spawn(listen(all)).abort_handle());
    by_tcp.chain(by_utp).collect()
}

/// Makes sure that the data folder is there and ours alone.
fn lock(data_dir: &Path) -> Result<File, StartError> {
    let unusable = |source| StartError::DataDir { path: data_dir.to_owned(), source };
    fs::create_dir_all(data_dir).map_err(unusable)?;
    let file = File::create(data_dir.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StartError::DataDirInUse { path: data_dir.to_owned() })
        }
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Takes part in the DHT, if that is wanted.
fn start_dht(
    config: &Config,
    sockets: &Sockets,
    datagrams: Option<&Arc<Datagrams>>,
    engine: &UnboundedSender<Command>,
) -> Result<(Option<Dht>, Ears), StartError> {
    let (Some(wanted), Some(datagrams)) = (&config.dht, datagrams) else {
        return Ok((None, Ears::default()));
    };
    let setup = dht::Setup {
        config: wanted.clone(),
        sockets: sockets.clone(),
        local: config.address_policy.local_peers,
        port: config.engine.listen_port,
        table: config.data_dir.join("dht.table"),
        engine: engine.downgrade(),
    };
    let (ear, heard) = mpsc::channel(HEARD_MAX);
    let started = Dht::start(setup, Arc::clone(datagrams), heard);
    Ok((Some(started.map_err(StartError::Randomness)?), Ears { dht: Some(ear), ..Ears::default() }))
}

/// Looks around in the local network, if that is wanted and somebody there can call us.
fn start_neighbours(
    config: &Config,
    sockets: &Sockets,
    addrs: &[SocketAddr],
    engine: &UnboundedSender<Command>,
) -> Result<Option<Neighbours>, StartError> {
    if !config.local_discovery || addrs.is_empty() {
        return Ok(None);
    }
    let started = Neighbours::start(sockets, addrs, config.engine.listen_port, engine.downgrade());
    started.map(Some).map_err(StartError::Randomness)
}

/// Makes uTP connections possible, if they are wanted.
fn start_utp(
    config: &Config,
    datagrams: Option<&Arc<Datagrams>>,
    ears: Ears,
) -> Result<(Option<Utp>, Option<utp::Accepted>, Ears), StartError> {
    let Some(datagrams) = datagrams.filter(|_| config.transport != Transport::Tcp) else {
        return Ok((None, None, ears));
    };
    let (ear, heard) = mpsc::channel(HEARD_MAX);
    let accepts = !config.listen.is_empty();
    let started = Utp::start(Arc::clone(datagrams), heard, accepts);
    let (utp, strangers) = started.map_err(StartError::Randomness)?;
    Ok((Some(utp), Some(strangers), Ears { utp: Some(ear), ..ears }))
}

/// Hears what comes over UDP from now on, answers of trackers included: who asks them.
fn listen_to(datagrams: Option<Arc<Datagrams>>, ears: Ears) -> Option<trackers::Shared> {
    let datagrams = datagrams?;
    let (ear, heard) = mpsc::channel(HEARD_MAX);
    datagrams.listen(&Ears { trackers: Some(ear), ..ears });
    Some(trackers::Shared::start(datagrams, heard))
}

/// The torrent that has one of these names.
fn same(
    torrents: &BTreeMap<TorrentId, Arc<TorrentState>>,
    hashes: &InfoHashes,
) -> Option<Arc<TorrentState>> {
    let equal = |state: &&Arc<TorrentState>| {
        let (v1, v2) = (hashes.v1(), hashes.v2());
        (v1.is_some() && state.hashes.v1() == v1) || (v2.is_some() && state.hashes.v2() == v2)
    };
    torrents.values().find(equal).cloned()
}

/// Removes what is left of a torrent on disk: its record, and its files if they are to go.
fn remove_files(state: &TorrentState, files: bool) -> io::Result<()> {
    match fs::remove_file(&state.record_path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    match state.content.get() {
        Some(content) if files => content.delete(),
        Some(content) => {
            content.close();
            Ok(())
        }
        None => Ok(()),
    }
}
