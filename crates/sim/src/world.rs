//! Virtual time: what happens next, and to whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use engine::{Announced, ConnId, FetchFault, Input, LostWhy, News, OpId, Output, Time};

use crate::{
    agenda::Agenda,
    content::Content,
    fake::{Fake, FakeConn},
    network::{Line, Usage},
    ours::Ours,
    random::Random,
};

/// How long a tracker thinks.
const TRACKER_DELAY: Duration = Duration::from_millis(80);

/// Everybody, the lines between them, and what will happen.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) content: Arc<Content>,
    pub(crate) nodes: Vec<Node>,
    pipes: Vec<Pipe>,
    agenda: Agenda<Event>,
    by_addr: BTreeMap<SocketAddr, usize>,
    stopped: BTreeSet<(usize, OpId)>,
    random: Random,
    /// Peers a tracker tells of at one time.
    tracker_peers: usize,
}

/// Somebody.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) addr: SocketAddr,
    pub(crate) usage: Usage,
    pub(crate) kind: Kind,
    pub(crate) alive: bool,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Ours(Box<Ours>),
    Fake(Box<Fake>),
    Web(WebServer),
}

/// A web server with the film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WebServer {
    pub(crate) lies: bool,
    /// Every so many fetches fail.
    pub(crate) fails_every: Option<u32>,
    pub(crate) fetches: u32,
}

/// A connection.
#[derive(Debug)]
struct Pipe {
    ends: [End; 2],
    open: bool,
}

#[derive(Debug)]
struct End {
    node: usize,
    conn: ConnId,
    fake: FakeConn,
}

#[derive(Debug)]
enum Event {
    Join(usize),
    Leave(usize),
    /// Leaves now if it has everything, else as soon as it has.
    MayLeave(usize),
    Wake(usize),
    Play(usize),
    Feed(usize, Input),
    Connect {
        node: usize,
        conn: ConnId,
        addr: SocketAddr,
    },
    /// Bytes reach the near end of a node's line.
    Arrive {
        pipe: usize,
        side: usize,
        bytes: Bytes,
    },
    Deliver {
        pipe: usize,
        side: usize,
        bytes: Bytes,
    },
    Answer {
        pipe: usize,
        side: usize,
    },
    Closed {
        pipe: usize,
        side: usize,
    },
}

impl World {
    pub(crate) fn new(seed: u64, content: Arc<Content>, tracker_peers: usize) -> Self {
        Self {
            now: Time(0),
            content,
            nodes: Vec::new(),
            pipes: Vec::new(),
            agenda: Agenda::new(),
            by_addr: BTreeMap::new(),
            stopped: BTreeSet::new(),
            random: Random::new(seed),
            tracker_peers,
        }
    }

    /// Puts somebody into the world, from `joins` on and until `leaves`.
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        line: Line,
        joins: Time,
        leaves: Option<Time>,
    ) -> usize {
        let id = self.nodes.len();
        // Each in a neighbourhood of its own, as peers of a swarm are.
        let [a, b, c, _] = (id as u32 + 1).to_le_bytes();
        let addr = SocketAddr::from(([81, a, b, c], 6881));
        self.by_addr.insert(addr, id);
        self.nodes.push(Node { addr, usage: Usage::new(line), kind, alive: false });
        self.at(joins, Event::Join(id));
        if let Some(leaves) = leaves {
            self.at(leaves, Event::Leave(id));
        }
        id
    }

    /// Questions about hashes that peers who are not ours were asked.
    pub(crate) fn hash_requests(&self) -> u64 {
        self.pipes.iter().flat_map(|pipe| &pipe.ends).map(|end| end.fake.hash_requests).sum()
    }

    /// Feeds an engine at a time to come.
    pub(crate) fn feed_at(&mut self, at: Time, node: usize, input: Input) {
        self.at(at, Event::Feed(node, input));
    }

    /// From this time on somebody leaves when they have everything.
    pub(crate) fn may_leave(&mut self, at: Time, node: usize) {
        self.at(at, Event::MayLeave(node));
    }

    /// Lets things happen until a time, or until nothing is left or `done` says so.
    pub(crate) fn run(&mut self, until: Time, done: impl Fn(&Self) -> bool) {
        let mut steps = 0u64;
        while let Some((at, event)) = self.agenda.pop(until) {
            self.now = at;
            self.happen(event);
            steps += 1;
            if steps.is_multiple_of(256) && done(self) {
                return;
            }
        }
    }

    fn at(&mut self, at: Time, event: Event) {
        self.agenda.put(at.max(self.now), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Join(node) => {
                self.nodes[node].alive = true;
                self.play(node);
            }
            Event::Leave(node) => self.leave(node),
            Event::MayLeave(node) => self.leave_when_complete(node),
            Event::Wake(node) => self.wake(node),
            Event::Play(node) => self.play_on(node),
            Event::Feed(node, input) => self.feed(node, input),
            Event::Connect { node, conn, addr } => self.connect(node, conn, addr),
            Event::Arrive { pipe, side, bytes } => {
                let node = self.pipes[pipe].ends[side].node;
                let at = self.nodes[node].usage.receive(self.now, bytes.len());
                self.at(at, Event::Deliver { pipe, side, bytes });
            }
            Event::Deliver { pipe, side, bytes } => self.deliver(pipe, side, bytes),
            Event::Answer { pipe, side } => self.answer(pipe, side),
            Event::Closed { pipe, side } => self.closed(pipe, side),
        }
    }

    fn ours(&mut self, node: usize) -> Option<&mut Ours> {
        let node = &mut self.nodes[node];
        match &mut node.kind {
            Kind::Ours(ours) if node.alive => Some(ours),
            Kind::Ours(_) | Kind::Fake(_) | Kind::Web(_) => None,
        }
    }

    fn wake(&mut self, node: usize) {
        let now = self.now;
        let Some(ours) = self.ours(node) else { return };
        // An earlier call has replaced this one, and has planned the next: each would go on for ever else.
        if ours.wake != Some(now) {
            return;
        }
        ours.wake = None;
        if ours.deadline().is_some_and(|deadline| deadline <= now) {
            self.feed(node, Input::DeadlinePassed);
        } else {
            self.plan(node);
        }
    }

    /// The player wanted to be called now, unless it has been called since.
    fn play_on(&mut self, node: usize) {
        let now = self.now;
        let Some(ours) = self.ours(node) else { return };
        if ours.plays == Some(now) {
            ours.plays = None;
            self.play(node);
        }
    }

    /// Lets the player live, feeds what it does, and comes back when it wants to.
    fn play(&mut self, node: usize) {
        let now = self.now;
        let Some(ours) = self.ours(node) else { return };
        if ours.joined > now {
            return;
        }
        for input in ours.step_player(now) {
            self.feed_only(node, input);
        }
        let Some(ours) = self.ours(node) else { return };
        let next = ours.player.as_ref().and_then(|player| player.next(now));
        // One call at a time: each call of each block would else bring all those after it.
        if let Some(at) = next.filter(|at| ours.plays.is_none_or(|plays| *at < plays)) {
            ours.plays = Some(at);
            self.at(at, Event::Play(node));
        }
        self.plan(node);
    }

    fn feed(&mut self, node: usize, input: Input) {
        let had = matches!(input, Input::Stored(..) | Input::Hashed(..) | Input::Prepared(..));
        self.feed_only(node, input);
        if had {
            self.play(node);
        } else {
            self.plan(node);
        }
    }

    fn feed_only(&mut self, node: usize, input: Input) {
        let now = self.now;
        if let Input::Fetched(op, _) | Input::FetchEnded(op, _) = &input
            && self.stopped.contains(&(node, *op))
        {
            return;
        }
        let Some(ours) = self.ours(node) else { return };
        for output in ours.feed(now, input) {
            self.carry_out(node, output);
        }
    }

    /// Sees to it that an engine is called at its deadline.
    fn plan(&mut self, node: usize) {
        let Some(ours) = self.ours(node) else { return };
        let Some(deadline) = ours.deadline() else { return };
        if ours.wake.is_none_or(|wake| deadline < wake) {
            ours.wake = Some(deadline);
            self.at(deadline, Event::Wake(node));
        }
    }

    fn carry_out(&mut self, node: usize, output: Output) {
        match output {
            Output::Dial(conn, _, addr) => {
                let round_trip = self.by_addr.get(&addr).map(|other| 2 * self.delay(node, *other));
                let at = self.now + round_trip.unwrap_or(Duration::from_secs(3));
                self.at(at, Event::Connect { node, conn, addr });
            }
            Output::Send(conn, bytes) => self.send(node, conn, bytes),
            Output::HangUp(conn, why) => self.hang_up(node, conn, why),
            Output::Announce(op, _) => self.announce(node, op),
            Output::Fetch { op, url, range, .. } => self.fetch(node, op, &url, range),
            Output::StopFetch(op) => {
                self.stopped.insert((node, op));
            }
            Output::Verified { range, .. } => {
                if let Some(ours) = self.ours(node) {
                    ours.verified(range);
                }
            }
            Output::Tell(news) => self.told(node, news),
            Output::Complete { .. } => (),
            output => {
                let Some(ours) = self.ours(node) else { return };
                if let Some((after, input)) = ours.disk_answer(output) {
                    let at = self.now + after;
                    self.at(at, Event::Feed(node, input));
                }
            }
        }
    }

    fn told(&mut self, node: usize, news: News) {
        let now = self.now;
        let Some(ours) = self.ours(node) else { return };
        if matches!(news, News::Finished(_)) {
            ours.finished.get_or_insert(now);
            if ours.may_leave {
                self.at(now, Event::Leave(node));
                return;
            }
        }
        if !matches!(news, News::PeerJoined(..)) {
            ours.news.push(news);
        }
    }

    fn delay(&self, one: usize, two: usize) -> Duration {
        self.nodes[one].usage.line.delay + self.nodes[two].usage.line.delay
    }

    fn connect(&mut self, node: usize, conn: ConnId, addr: SocketAddr) {
        let there = self.by_addr.get(&addr).copied();
        let there = there.filter(|other| {
            let other = &self.nodes[*other];
            other.alive && !matches!(other.kind, Kind::Web(_))
        });
        let Some(other) = there else {
            return self.feed(node, Input::Lost(conn, LostWhy::NotReached));
        };
        let pipe = self.pipes.len();
        let from = self.nodes[node].addr;
        let theirs = match self.ours(other) {
            Some(ours) => {
                let theirs = ours.name_conn();
                ours.conns.insert(theirs, pipe);
                theirs
            }
            None => ConnId(1),
        };
        let end = |node, conn| End { node, conn, fake: FakeConn::default() };
        self.pipes.push(Pipe { ends: [end(node, conn), end(other, theirs)], open: true });
        if let Some(ours) = self.ours(node) {
            ours.conns.insert(conn, pipe);
        }
        self.feed(other, Input::Accepted(theirs, from));
        self.feed(node, Input::Dialled(conn));
    }

    fn send(&mut self, node: usize, conn: ConnId, bytes: Bytes) {
        let Some(pipe) = self.ours(node).and_then(|ours| ours.conns.get(&conn).copied()) else {
            return;
        };
        let side = usize::from(self.pipes[pipe].ends[0].node != node);
        self.transmit(pipe, side, bytes);
    }

    /// Sends bytes from one side of a connection; tells when the last one left.
    fn transmit(&mut self, pipe: usize, side: usize, mut bytes: Bytes) -> Time {
        let (from, conn) = (self.pipes[pipe].ends[side].node, self.pipes[pipe].ends[side].conn);
        let to = self.pipes[pipe].ends[1 - side].node;
        let delay = self.delay(from, to);
        let segment = self.nodes[from].usage.segment();
        let mut left = self.now;
        while !bytes.is_empty() {
            let part = bytes.split_to(bytes.len().min(segment));
            left = self.nodes[from].usage.send(self.now, part.len());
            if matches!(self.nodes[from].kind, Kind::Ours(_)) {
                self.at(left, Event::Feed(from, Input::Sent(conn, part.len())));
            }
            self.at(left + delay, Event::Arrive { pipe, side: 1 - side, bytes: part });
        }
        left
    }

    fn deliver(&mut self, pipe: usize, side: usize, bytes: Bytes) {
        let one = &mut self.pipes[pipe];
        let node = one.ends[side].node;
        if !one.open || !self.nodes[node].alive {
            return;
        }
        match &mut self.nodes[node].kind {
            Kind::Ours(_) => self.hear(pipe, side, bytes),
            Kind::Fake(fake) => {
                let stays = fake.received(&mut one.ends[side].fake, bytes);
                self.after_fake(pipe, side, stays);
            }
            Kind::Web(_) => (),
        }
    }

    /// An engine hears bytes, and who took them for blocks knows from whom.
    fn hear(&mut self, pipe: usize, side: usize, bytes: Bytes) {
        let ends = &self.pipes[pipe].ends;
        let (node, conn) = (ends[side].node, ends[side].conn);
        let speaker = self.nodes[ends[1 - side].node].addr;
        if let Some(ours) = self.ours(node) {
            ours.lies.speaker = Some(speaker);
        }
        self.feed(node, Input::Received(conn, bytes));
        if let Some(ours) = self.ours(node) {
            ours.lies.speaker = None;
        }
    }

    /// Sends what a fake peer said, and lets it answer the next request.
    fn after_fake(&mut self, pipe: usize, side: usize, stays: bool) {
        let node = self.pipes[pipe].ends[side].node;
        let fake = &mut self.pipes[pipe].ends[side].fake;
        let said = fake.out.split().freeze();
        let starts = !fake.busy && !fake.queue.is_empty();
        fake.busy |= starts;
        if !said.is_empty() {
            self.transmit(pipe, side, said);
        }
        if starts && let Kind::Fake(fake) = &self.nodes[node].kind {
            let at = self.now + fake.latency;
            self.at(at, Event::Answer { pipe, side });
        }
        if !stays {
            self.close(pipe, side);
        }
    }

    fn answer(&mut self, pipe: usize, side: usize) {
        let one = &mut self.pipes[pipe];
        let node = one.ends[side].node;
        if !one.open || !self.nodes[node].alive {
            return;
        }
        let Kind::Fake(fake) = &mut self.nodes[node].kind else { return };
        match fake.answer(&mut one.ends[side].fake) {
            Some((mut head, data)) => {
                head.extend_from_slice(&data);
                let left = self.transmit(pipe, side, head.freeze());
                self.at(left, Event::Answer { pipe, side });
            }
            None => one.ends[side].fake.busy = false,
        }
    }

    fn hang_up(&mut self, node: usize, conn: ConnId, why: engine::HangUpWhy) {
        let Some(ours) = self.ours(node) else { return };
        *ours.hang_ups.entry(why).or_default() += 1;
        if let Some(pipe) = ours.conns.remove(&conn) {
            let side = usize::from(self.pipes[pipe].ends[0].node != node);
            self.close(pipe, side);
        }
    }

    /// One side closes; the other one hears of it.
    fn close(&mut self, pipe: usize, side: usize) {
        if !std::mem::replace(&mut self.pipes[pipe].open, false) {
            return;
        }
        let ends = &self.pipes[pipe].ends;
        let at = self.now + self.delay(ends[0].node, ends[1].node);
        self.at(at, Event::Closed { pipe, side: 1 - side });
    }

    fn closed(&mut self, pipe: usize, side: usize) {
        let (node, conn) = (self.pipes[pipe].ends[side].node, self.pipes[pipe].ends[side].conn);
        if self.ours(node).and_then(|ours| ours.conns.remove(&conn)).is_some() {
            self.feed(node, Input::Lost(conn, LostWhy::Closed));
        }
    }

    fn leave_when_complete(&mut self, node: usize) {
        let Some(ours) = self.ours(node) else { return };
        ours.may_leave = true;
        if ours.finished.is_some() {
            self.leave(node);
        }
    }

    fn leave(&mut self, node: usize) {
        let now = self.now;
        if let Some(ours) = self.ours(node) {
            ours.left = Some(now);
            ours.settle_player(now);
        }
        self.nodes[node].alive = false;
        for pipe in 0..self.pipes.len() {
            if let Some(side) = self.pipes[pipe].ends.iter().position(|end| end.node == node) {
                self.close(pipe, side);
            }
        }
    }

    fn announce(&mut self, node: usize, op: OpId) {
        let mut peers: Vec<SocketAddr> = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(id, other)| *id != node && other.alive && !matches!(other.kind, Kind::Web(_)))
            .map(|(_, other)| other.addr)
            .collect();
        while peers.len() > self.tracker_peers {
            let at = (self.random.fraction() * peers.len() as f64) as usize;
            peers.swap_remove(at);
        }
        let lacks = |other: &Node| match &other.kind {
            Kind::Ours(ours) => ours.finished.is_none(),
            Kind::Fake(fake) => !fake.has.is_full(),
            Kind::Web(_) => false,
        };
        let alive = self.nodes.iter().filter(|other| other.alive);
        let peers_alive = alive.filter(|other| !matches!(other.kind, Kind::Web(_)));
        let (lacking, whole): (Vec<_>, Vec<_>) = peers_alive.partition(|other| lacks(other));
        let count = |nodes: Vec<&Node>| u32::try_from(nodes.len()).ok();
        let (leechers, seeders) = (count(lacking), count(whole));
        let interval = Duration::from_secs(1800);
        let answer = Announced { peers, interval, leechers, seeders, ..Announced::default() };
        let at = self.now + TRACKER_DELAY;
        self.at(at, Event::Feed(node, Input::Announced(op, Ok(answer))));
    }

    /// A web server answers with a range, in parts.
    fn fetch(&mut self, node: usize, op: OpId, url: &str, range: std::ops::Range<u64>) {
        let server = self.nodes.iter().position(|other| url == web_url(other.addr));
        let Some(server) = server else { return };
        let start = self.now + 2 * self.delay(node, server);
        let Kind::Web(web) = &mut self.nodes[server].kind else { return };
        web.fetches += 1;
        let lies = web.lies;
        if web.fails_every.is_some_and(|every| web.fetches.is_multiple_of(every)) {
            let fault = FetchFault::Status { status: 503, retry_after: None };
            return self.at(start, Event::Feed(node, Input::FetchEnded(op, Err(fault))));
        }
        let mut bytes = self.content.slice(range);
        let mut at = start;
        while !bytes.is_empty() {
            let mut part = bytes.split_to(bytes.len().min(16_384));
            if lies {
                part = part.iter().map(|byte| !byte).collect();
            }
            let left = self.nodes[server].usage.send(start, part.len());
            at = self.nodes[node].usage.receive(left, part.len());
            self.at(at, Event::Feed(node, Input::Fetched(op, part)));
        }
        self.at(at, Event::Feed(node, Input::FetchEnded(op, Ok(()))));
    }
}

/// Under which URL a web server's film is.
pub(crate) fn web_url(addr: SocketAddr) -> String {
    format!("http://{addr}/film.mp4")
}
