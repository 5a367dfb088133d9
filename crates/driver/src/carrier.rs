//! The one task that owns the engine: hands it what happens and carries out what it asks, in order.
//!
//! It never waits for a disk, a peer or a server, and decides nothing: what would be decided here would
//! not be tested by the simulator.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    ops::Range,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use ::utp::{TARGET_USUAL, TARGET_WATCHING};
use engine::{
    AddTorrent, Announce, Ban, ConnId, Engine, Gossip, Input, LineSample, LostWhy, News, OpId,
    Output, StreamId, Time, TorrentId, TorrentStats, Whom,
};
use tokio::{
    sync::{
        broadcast,
        mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    task::AbortHandle,
    time::{Instant, Sleep, sleep_until},
};
use torrent::{Metainfo, Piece, Sha1Hash};

use crate::{
    checks::{Check, Checked, Checks},
    connections::{Connections, Event},
    dialling::Wire,
    disk::{Content, Disk, Job, Part},
    finders::Finders,
    http::HttpClient,
    resume::RecorderQueue,
    state::{Standing, TorrentState},
    trackers::{Order, Trackers},
    utp::Utp,
    web_seeds::{Fetch, description},
};

/// Blocks handed to the disk and not written yet, above which nothing more is taken from the network: a
/// disk that is slower than the network slows the network.
const UNWRITTEN_MAX: usize = 1024;
/// Inputs handled before outputs are carried out.
const BATCH: usize = 128;
/// How long announces of leaving may take when the session ends.
const FAREWELL: Duration = Duration::from_secs(3);
/// When nothing is due.
const FAR: Duration = Duration::from_secs(24 * 3600);

/// What a session asks of the task.
pub(crate) enum Command {
    /// Take part in a torrent.
    Add(Arc<TorrentState>, Box<AddTorrent>),
    /// A torrent that is known was added again.
    Merge(Box<AddTorrent>),
    /// Something for the engine.
    Input(Input),
    /// How a torrent is doing.
    Stats(TorrentId, oneshot::Sender<Option<TorrentStats>>),
    /// Where the internet sees us.
    PublicAddrs(oneshot::Sender<Vec<SocketAddr>>),
    /// All connections are lost: what they were bound to is gone.
    Cut,
    /// Make a torrent a meeting place, and hand over what goes on there.
    Meet(TorrentId, Sender<Gossip>),
    /// Leave all swarms; answered when they have heard of it, or have had time to.
    Leave(oneshot::Sender<()>),
}

/// The engine and everything it makes use of.
pub(crate) struct Carrier {
    pub(crate) engine: Engine,
    pub(crate) connections: Connections,
    pub(crate) disk: Arc<Disk>,
    pub(crate) recorder: RecorderQueue,
    pub(crate) trackers: Arc<Trackers>,
    pub(crate) web: HttpClient,
    pub(crate) news: broadcast::Sender<News>,
    pub(crate) finders: Finders,
    /// Where bans are written down.
    pub(crate) bans: UnboundedSender<Ban>,
    pub(crate) utp: Option<Utp>,
    /// Where disk threads and announces answer.
    pub(crate) answers: UnboundedSender<Input>,
    /// Where web fetches answer: it pushes back.
    pub(crate) events: Sender<Event>,
    pub(crate) check_workers: usize,
    pub(crate) checks: Arc<Checks>,
    pub(crate) work: Work,
}

/// What is under way.
pub(crate) struct Work {
    started: Instant,
    torrents: BTreeMap<TorrentId, Arc<TorrentState>>,
    fetches: BTreeMap<OpId, AbortHandle>,
    announcing: usize,
    announced: Order,
    unwritten: usize,
    /// Torrents with bytes that readers may wait for, since the last batch.
    grown: Vec<TorrentId>,
    /// Readers that are open.
    watching: BTreeSet<StreamId>,
    /// Who listens where peers meet.
    meetings: BTreeMap<TorrentId, Sender<Gossip>>,
    leaving: Option<(Instant, oneshot::Sender<()>)>,
}

/// Where the task hears of things.
pub(crate) struct Inboxes {
    pub(crate) commands: UnboundedReceiver<Command>,
    pub(crate) answers: UnboundedReceiver<Input>,
    pub(crate) events: Receiver<Event>,
}

impl Work {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            torrents: BTreeMap::new(),
            fetches: BTreeMap::new(),
            announcing: 0,
            announced: Order::default(),
            unwritten: 0,
            grown: Vec::new(),
            watching: BTreeSet::new(),
            meetings: BTreeMap::new(),
            leaving: None,
        }
    }

    fn now(&self) -> Time {
        Time(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// The queueing delay that uploads aim at.
    fn target(&self) -> Duration {
        if self.watching.is_empty() { TARGET_USUAL } else { TARGET_WATCHING }
    }
}

impl Carrier {
    /// Works until the session is gone or told to leave.
    pub(crate) async fn run(mut self, mut inboxes: Inboxes) {
        let (mut answers, mut events) = (Vec::new(), Vec::new());
        let alarm = sleep_until(self.alarm());
        tokio::pin!(alarm);
        loop {
            self.set(alarm.as_mut());
            tokio::select! {
                biased;
                command = inboxes.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                _ = inboxes.answers.recv_many(&mut answers, BATCH) => {
                    answers.drain(..).for_each(|answer| self.hear_answer(answer));
                }
                _ = inboxes.events.recv_many(&mut events, BATCH), if self.work.unwritten < UNWRITTEN_MAX => {
                    events.drain(..).for_each(|event| self.hear_event(event));
                }
                () = &mut alarm => self.hear(Input::DeadlinePassed),
            }
            self.carry_out();
            if self.may_leave() {
                return;
            }
        }
    }

    /// When to wake up if nothing happens.
    fn alarm(&self) -> Instant {
        let due =
            self.engine.deadline().map(|Time(due)| self.work.started + Duration::from_micros(due));
        let due = due.unwrap_or_else(|| Instant::now() + FAR);
        self.work.leaving.as_ref().map_or(due, |(until, _)| due.min(*until))
    }

    fn set(&self, alarm: Pin<&mut Sleep>) {
        let due = self.alarm();
        if self.engine.deadline().is_some() && alarm.deadline() == due {
            return;
        }
        alarm.reset(due);
    }

    /// Tells the engine.
    pub(crate) fn hear(&mut self, input: Input) {
        self.engine.handle_input(self.work.now(), input);
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Add(state, add) => {
                self.work.torrents.insert(state.id, state);
                self.hear(Input::Add(add));
            }
            Command::Merge(add) => {
                // It may have been removed meanwhile.
                if self.work.torrents.contains_key(&add.torrent) {
                    self.hear(Input::Add(add));
                }
            }
            Command::Input(input) => {
                if let Input::Remove(torrent) = input {
                    self.work.torrents.remove(&torrent);
                    self.work.meetings.remove(&torrent);
                }
                self.note_watching(&input);
                self.hear(input);
            }
            Command::Stats(torrent, answer) => {
                // Whoever asked has gone: nobody is to be told.
                answer.send(self.engine.torrent_stats(self.work.now(), torrent)).ok();
            }
            Command::PublicAddrs(answer) => {
                // As above.
                answer.send(self.engine.public_addrs().collect()).ok();
            }
            Command::Cut => self.cut(),
            Command::Meet(torrent, listener) => {
                self.work.meetings.insert(torrent, listener);
                self.hear(Input::Meet(torrent));
            }
            Command::Leave(done) => self.leave(done),
        }
    }

    /// While somebody watches, our uploads keep the household's queue short.
    fn note_watching(&mut self, input: &Input) {
        let watching = &mut self.work.watching;
        let did = !watching.is_empty();
        match input {
            Input::Open(open) => {
                watching.insert(open.stream);
                if let Some(state) = self.work.torrents.get(&open.torrent) {
                    state.hurry.notify_one();
                }
            }
            Input::Close(stream) => drop(watching.remove(stream)),
            _ => return,
        }
        let does = !watching.is_empty();
        if let Some(utp) = self.utp.as_ref().filter(|_| does != did) {
            utp.aim_at(self.work.target());
        }
    }

    fn cut(&mut self) {
        for conn in self.connections.all() {
            self.connections.close(conn);
            self.hear(Input::Lost(conn, LostWhy::Broken));
        }
    }

    fn leave(&mut self, done: oneshot::Sender<()>) {
        self.work.leaving = Some((Instant::now() + FAREWELL, done));
        for torrent in std::mem::take(&mut self.work.torrents).into_keys() {
            self.hear(Input::Remove(torrent));
        }
    }

    /// Whether the session is to end and every tracker that can be told has been.
    fn may_leave(&mut self) -> bool {
        let Some((until, done)) = self.work.leaving.take() else { return false };
        if self.work.announcing > 0 && Instant::now() < until {
            self.work.leaving = Some((until, done));
            return false;
        }
        done.send(()).ok();
        true
    }

    fn hear_answer(&mut self, answer: Input) {
        match &answer {
            Input::Stored(..) => self.work.unwritten -= 1,
            Input::Announced(_, answer) => {
                self.work.announcing -= 1;
                if let Some(ip) = answer.as_ref().ok().and_then(|answer| answer.external_ip) {
                    self.hear(Input::ExternalAddress(ip));
                }
            }
            _ => {}
        }
        self.hear(answer);
    }

    fn hear_event(&mut self, event: Event) {
        match event {
            Event::Accepted(wire, addr, permit) => {
                let by_utp = matches!(wire, Wire::Utp(_));
                let id = self.connections.accept(wire, permit);
                self.hear(Input::Accepted(id, addr));
                if by_utp {
                    self.hear(Input::OverDatagrams(id));
                }
            }
            Event::Input(Input::Line(sample)) => {
                let target = self.work.target();
                self.hear(Input::Line(LineSample { target, ..sample }));
            }
            Event::Input(input) if self.is_stale(&input) => {}
            Event::Input(input) => {
                self.note_end(&input);
                self.hear(input);
            }
        }
    }

    /// Whether an input comes from something that the engine has closed already.
    fn is_stale(&self, input: &Input) -> bool {
        match input {
            Input::Dialled(id)
            | Input::OverDatagrams(id)
            | Input::Received(id, _)
            | Input::Sent(id, _)
            | Input::Lost(id, _) => !self.connections.has(*id),
            Input::Fetched(op, _) | Input::FetchEnded(op, _) | Input::Described(op, _) => {
                !self.work.fetches.contains_key(op)
            }
            _ => false,
        }
    }

    fn note_end(&mut self, input: &Input) {
        match input {
            Input::Lost(id, _) => self.connections.close(*id),
            Input::FetchEnded(op, _) | Input::Described(op, _) => {
                drop(self.work.fetches.remove(op));
            }
            _ => {}
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.carry_out_one(output);
        }
        for torrent in std::mem::take(&mut self.work.grown) {
            if let Some(state) = self.work.torrents.get(&torrent) {
                state.verified.wake();
            }
        }
    }

    fn carry_out_one(&mut self, output: Output) {
        match output {
            Output::Dial(id, _, addr) => self.connections.dial(id, addr),
            Output::Punch(id, _, addr) => self.connections.punch(id, addr),
            Output::Send(id, bytes) => self.connections.send(id, bytes),
            Output::HangUp(id, _) => self.connections.close(id),
            Output::Announce(op, announce) => self.announce(op, announce),
            Output::Scrape { op, whom, infohashes } => self.scrape(op, whom, infohashes),
            Output::Fetch { op, torrent, url, range } => self.fetch(op, torrent, url, range),
            Output::Describe { op, url, len_max } => self.describe(op, url, len_max),
            Output::StopFetch(op) => {
                if let Some(fetch) = self.work.fetches.remove(&op) {
                    fetch.abort();
                }
            }
            Output::Prepare { torrent, metainfo, recheck } => {
                self.prepare(torrent, metainfo, recheck);
            }
            Output::Verified { torrent, range } => self.verified(torrent, range),
            Output::Complete { torrent, piece } => self.recorder.complete(torrent, piece),
            Output::Tell(news) => self.tell(news),
            Output::Store { op, torrent, block, bytes, leaf, soon } => {
                self.store(torrent, Part { op, block, bytes, leaf, soon });
            }
            Output::Hash { op, torrent, piece, soon } => {
                self.job(torrent, piece, |content| Job::Hash { op, content, piece, soon });
            }
            Output::Load { op, torrent, piece, begin, len } => {
                self.job(torrent, piece, |content| Job::Load { op, content, piece, begin, len });
            }
            Output::Evict { torrent, piece } => self.evict(torrent, piece),
            // It is written down for as long as this task lives.
            Output::Banned(ban) => drop(self.bans.send(ban)),
            Output::Gossip(torrent, gossip) => {
                if let Some(listener) = self.work.meetings.get(&torrent) {
                    // Too much at once, or nobody listens any more: it will be said again.
                    listener.try_send(gossip).ok();
                }
            }
        }
    }

    fn announce(&mut self, op: OpId, announce: Announce) {
        let (trackers, answers) = (Arc::clone(&self.trackers), self.answers.clone());
        let is_last = !self.work.torrents.contains_key(&announce.torrent);
        let mut turn = self.work.announced.turn(&announce, is_last);
        self.work.announcing += 1;
        tokio::spawn(async move {
            turn.comes().await;
            let answer = trackers.announce(&announce).await;
            // Nobody listens: the session has ended.
            answers.send(Input::Announced(op, answer)).ok();
        });
    }

    fn scrape(&self, op: OpId, whom: Whom, infohashes: Vec<Sha1Hash>) {
        let (trackers, finders) = (Arc::clone(&self.trackers), self.finders.clone());
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let answer = match whom {
                Whom::Tracker(url) => trackers.scrape(&url, &infohashes).await,
                Whom::Dht => finders.scrape(&infohashes).await,
            };
            // Nobody listens: the session has ended.
            answers.send(Input::Scraped(op, answer)).ok();
        });
    }

    fn fetch(&mut self, op: OpId, torrent: TorrentId, url: String, range: Range<u64>) {
        let metainfo = self.work.torrents.get(&torrent).and_then(|state| state.metainfo());
        let Some(metainfo) = metainfo else { return };
        let fetch = Fetch { op, metainfo, url, range, events: self.events.clone() };
        let task = tokio::spawn(fetch.run(self.web.clone()));
        self.work.fetches.insert(op, task.abort_handle());
    }

    fn describe(&mut self, op: OpId, url: String, len_max: u32) {
        let (web, events) = (self.web.clone(), self.events.clone());
        let task = tokio::spawn(async move {
            let given = description(&web, &url, len_max).await;
            // Nobody listens: the session is ending.
            events.send(Event::Input(Input::Described(op, given))).await.ok();
        });
        self.work.fetches.insert(op, task.abort_handle());
    }

    fn prepare(&self, torrent: TorrentId, metainfo: Arc<Metainfo>, recheck: bool) {
        let Some(state) = self.work.torrents.get(&torrent).map(Arc::clone) else { return };
        let content = self.disk.content(torrent, Arc::clone(&metainfo), state.root.clone());
        state.content.set(Arc::clone(&content)).ok();
        state.change(|standing| standing.metainfo = Some(metainfo));
        let (recorder, answers) = (self.recorder.clone(), self.answers.clone());
        let check =
            Check { state: Arc::clone(&state), content, recheck, workers: self.check_workers };
        let checks = Arc::clone(&self.checks);
        tokio::spawn(async move {
            let Some(Checked { opening, ready }) = check.run(&checks).await else { return };
            let prepared = opening.prepared.clone();
            recorder.open(opening);
            // Before anybody who waits for readiness asks what is there; the engine will say the same.
            state.mark(&prepared);
            state.change(|standing| standing.ready = Some(ready));
            // Nobody listens: the session has ended.
            answers.send(Input::Prepared(torrent, Ok(prepared))).ok();
        });
    }

    fn verified(&mut self, torrent: TorrentId, range: Range<u64>) {
        let Some(state) = self.work.torrents.get(&torrent) else { return };
        if state.verified.add(range) {
            self.recorder.changed(torrent);
        }
        if self.work.grown.last() != Some(&torrent) {
            self.work.grown.push(torrent);
        }
    }

    /// Hands the disk a job; not if the torrent was removed, which ends its operations.
    fn job(&self, torrent: TorrentId, piece: Piece, job: impl FnOnce(Arc<Content>) -> Job) -> bool {
        let content = self.work.torrents.get(&torrent).and_then(|state| state.content.get());
        let Some(content) = content.map(Arc::clone) else { return false };
        self.disk.queues().give(piece, job(content));
        true
    }

    fn store(&mut self, torrent: TorrentId, part: Part) {
        let block = part.block;
        let store = |content| Job::Store { content, part };
        if self.job(torrent, block.piece, store) {
            self.work.unwritten += 1;
        }
    }

    /// Readers lose the piece before anything else happens to it.
    fn evict(&self, torrent: TorrentId, piece: Piece) {
        self.job(torrent, piece, |content| {
            if let Some(state) = self.work.torrents.get(&torrent) {
                state.verified.evict(content.piece_range(piece));
            }
            Job::Evict { content, piece }
        });
    }

    fn tell(&self, news: News) {
        log(&news);
        match &news {
            News::Metadata(torrent, metainfo) => {
                // BEP 27: what a magnet link could not say.
                if metainfo.info.is_private() {
                    self.finders.leave(*torrent);
                }
                self.recorder.describe(*torrent, Arc::clone(metainfo));
                let metainfo = Some(Arc::clone(metainfo));
                self.change(*torrent, |standing| standing.metainfo = metainfo);
            }
            News::DhtNode(node) => self.finders.dht_node(*node),
            News::TakesPart(torrent) => self.follow(*torrent),
            News::Rests(torrent) => self.finders.leave(*torrent),
            News::Finished(torrent) => {
                self.change(*torrent, |standing| standing.finished = true);
                self.say_seeding(*torrent);
            }
            News::DiskFailed(torrent, fault) => {
                let fault = Some(*fault);
                self.change(*torrent, |standing| standing.fault = fault);
            }
            News::DescriptionRefused(torrent, why) => {
                let why = Some(why.clone());
                self.change(*torrent, |standing| standing.refused = why);
            }
            News::PeerJoined(torrent, ConnId(id), addr) if id % 2 == 0 => {
                self.recorder.peer(*torrent, *addr);
            }
            _ => {}
        }
        // Nobody listens at the moment.
        self.news.send(news).ok();
    }

    /// Looks for peers of a torrent wherever it may be named: of a private one, at its trackers alone (BEP 27).
    fn follow(&self, torrent: TorrentId) {
        let Some(state) = self.work.torrents.get(&torrent) else { return };
        let metainfo = state.metainfo();
        if !metainfo.as_ref().is_some_and(|metainfo| metainfo.info.is_private()) {
            // A description knows both names of a hybrid torrent, a magnet link perhaps one.
            let hashes = metainfo.map_or(state.hashes, |metainfo| metainfo.info.hashes());
            self.finders.follow(torrent, hashes);
            self.say_seeding(torrent);
        }
    }

    /// Who has all of a torrent counts as a seed in the DHT (BEP 33).
    fn say_seeding(&self, torrent: TorrentId) {
        let stats = self.engine.torrent_stats(self.work.now(), torrent);
        if stats.is_some_and(|stats| stats.complete) {
            self.finders.seeds(torrent);
        }
    }

    fn change(&self, torrent: TorrentId, how: impl FnOnce(&mut Standing)) {
        if let Some(state) = self.work.torrents.get(&torrent) {
            state.change(how);
        }
    }
}

/// News for the log. Addresses and strangers' words are for those who look closely.
fn log(news: &News) {
    match news {
        News::Bug(what) => tracing::error!(what, "a promise inside the engine was broken"),
        News::DiskFailed(torrent, fault) => {
            tracing::warn!(torrent = torrent.0, ?fault, "the disk refuses: the torrent is paused");
        }
        News::DescriptionRefused(torrent, why) => {
            tracing::warn!(torrent = torrent.0, %why, "the description is refused: the torrent is paused");
        }
        News::Metadata(torrent, _) => {
            tracing::info!(torrent = torrent.0, "the description came");
        }
        News::Finished(torrent) => {
            tracing::info!(torrent = torrent.0, "all that is wanted is there");
        }
        News::StallBegan(stream, why) => tracing::info!(stream = stream.0, ?why, "a reader waits"),
        News::StallEnded(stream, after) => {
            tracing::info!(stream = stream.0, ?after, "a reader goes on");
        }
        News::PieceWrong(torrent, piece) => {
            tracing::info!(torrent = torrent.0, piece = piece.0, "a piece was wrong");
        }
        News::TakesPart(..)
        | News::Rests(..)
        | News::PeerJoined(..)
        | News::PeerLeft(..)
        | News::PeerErred(..)
        | News::PeerLied(..)
        | News::DhtNode(_)
        | News::PeerSnubbed(..)
        | News::TrackerFailed(..)
        | News::WebSeedFailed(..) => tracing::debug!(?news),
    }
}
