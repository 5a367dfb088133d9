//! Carries out what the uTP endpoint asks for: one task for all connections over the shared UDP sockets.
//!
//! A [`Stream`] is one connection. It holds at most what the other side was told there is room for, and the
//! engine's credit of what is to be sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ::utp::{ClosedWhy, Config, ConnId, Endpoint, Input, Limits, Output, Packet, Time};
use bytes::{Bytes, BytesMut};
use engine::LostWhy;
use tokio::{
    sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, Sleep, sleep_until},
};

use crate::datagrams::{Datagrams, Heard};

/// When nothing is due.
const FAR: Duration = Duration::from_secs(24 * 3600);
/// Asks that are heard before anything is sent: what is said in small pieces leaves together.
const BATCH: usize = 256;
/// Bytes of datagrams that are sent with one call.
const RUN_BYTES: usize = 60_000;

/// All uTP connections of a session. Cheap to clone; the task ends with the last of its handles and streams.
#[derive(Debug, Clone)]
pub(crate) struct Utp {
    asks: UnboundedSender<Ask>,
    next: Arc<AtomicU64>,
}

/// Strangers' connections.
pub(crate) type Accepted = UnboundedReceiver<(Stream, SocketAddr)>;

/// One connection. Dropping it closes it; what was sent is still delivered if that can be done soon.
#[derive(Debug)]
pub(crate) struct Stream {
    id: ConnId,
    asks: UnboundedSender<Ask>,
    happened: UnboundedReceiver<Happened>,
}

/// What a connection tells.
#[derive(Debug)]
pub(crate) enum Happened {
    /// It stands.
    Connected,
    /// Bytes came.
    Received(Bytes),
    /// So many bytes have left.
    Sent(usize),
    /// It is over.
    Ended(LostWhy),
}

/// What streams ask of the task.
#[derive(Debug)]
enum Ask {
    Connect(ConnId, SocketAddr, UnboundedSender<Happened>),
    Input(Input),
}

impl Utp {
    /// Starts the task. Needs a tokio runtime.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn start(
        datagrams: Arc<Datagrams>,
        heard: Receiver<Vec<Heard>>,
        accepts: bool,
    ) -> std::io::Result<(Self, Accepted)> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
        let (asks, ask_box) = unbounded_channel();
        let (accepted, strangers) = unbounded_channel();
        let task = Task {
            endpoint: Endpoint::new(Config { seed, accepts, limits: Limits::USUAL }),
            datagrams,
            started: Instant::now(),
            streams: BTreeMap::new(),
            asks: asks.downgrade(),
            accepted,
            round: Round::default(),
        };
        tokio::spawn(task.run(ask_box, heard));
        Ok((Self { asks, next: Arc::default() }, strangers))
    }

    /// Connects. Dropping the future gives up.
    pub(crate) async fn connect(&self, addr: SocketAddr) -> Result<Stream, LostWhy> {
        let id = ConnId(self.next.fetch_add(1, Ordering::Relaxed) * 2);
        let (tell, happened) = unbounded_channel();
        let mut stream = Stream { id, asks: self.asks.clone(), happened };
        // The session has ended: that it is over is heard next.
        self.asks.send(Ask::Connect(id, addr, tell)).ok();
        match stream.next().await {
            Happened::Connected => Ok(stream),
            _ => Err(LostWhy::NotReached),
        }
    }

    /// The queueing delay to aim at from now on.
    pub(crate) fn aim_at(&self, target: Duration) {
        // The session has ended: no queue is ours.
        self.asks.send(Ask::Input(Input::Target(target))).ok();
    }
}

impl Stream {
    /// Queues bytes; `Sent` tells when they have left.
    pub(crate) fn send(&self, bytes: Bytes) {
        self.ask(Input::Send(self.id, bytes));
    }

    /// So many bytes that came have been used.
    pub(crate) fn took(&self, count: usize) {
        self.ask(Input::Took(self.id, count));
    }

    /// The next thing that happens to it.
    pub(crate) async fn next(&mut self) -> Happened {
        self.happened.recv().await.unwrap_or(Happened::Ended(LostWhy::Closed))
    }

    fn ask(&self, input: Input) {
        // The session has ended: that it is over is heard next.
        self.asks.send(Ask::Input(input)).ok();
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.ask(Input::Close(self.id));
    }
}

/// The task that owns the endpoint.
struct Task {
    endpoint: Endpoint,
    datagrams: Arc<Datagrams>,
    started: Instant,
    streams: BTreeMap<ConnId, UnboundedSender<Happened>>,
    /// For streams that strangers begin; it does not keep the task alive.
    asks: tokio::sync::mpsc::WeakUnboundedSender<Ask>,
    accepted: UnboundedSender<(Stream, SocketAddr)>,
    round: Round,
}

/// What is carried out together.
#[derive(Debug, Default)]
struct Round {
    received: BTreeMap<ConnId, Vec<Bytes>>,
    sent: BTreeMap<ConnId, usize>,
    run: Run,
}

/// Datagrams to one address: all have the length of the first, the last may be shorter.
#[derive(Debug, Default)]
struct Run {
    to: Option<SocketAddr>,
    len: usize,
    bytes: Vec<u8>,
}

impl Run {
    fn takes(&self, to: SocketAddr, packet: &Packet) -> bool {
        let is_whole = self.len > 0 && self.bytes.len().is_multiple_of(self.len);
        let fits = packet.size() <= self.len && self.bytes.len() + packet.size() <= RUN_BYTES;
        self.to == Some(to) && is_whole && fits
    }

    fn add(&mut self, to: SocketAddr, packet: &Packet) {
        if self.bytes.is_empty() {
            (self.to, self.len) = (Some(to), packet.size());
        }
        packet.encode(&mut self.bytes);
    }

    fn leave(&mut self, datagrams: &Datagrams) {
        if let Some(to) = self.to.take() {
            datagrams.send_run(to, &self.bytes, self.len);
        }
        self.bytes.clear();
    }
}

impl Task {
    async fn run(mut self, mut asks: UnboundedReceiver<Ask>, mut heard: Receiver<Vec<Heard>>) {
        let alarm = sleep_until(Instant::now());
        tokio::pin!(alarm);
        let mut batch = Vec::new();
        loop {
            self.set(alarm.as_mut());
            tokio::select! {
                count = asks.recv_many(&mut batch, BATCH) => {
                    batch.drain(..).for_each(|ask| self.obey(ask));
                    if count == 0 {
                        return self.carry_out();
                    }
                }
                Some(heard) = heard.recv() => heard.into_iter().for_each(|heard| self.hear(heard)),
                () = &mut alarm => self.handle(Input::DeadlinePassed),
            }
            self.carry_out();
        }
    }

    fn now(&self) -> Time {
        Time(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    fn set(&self, alarm: Pin<&mut Sleep>) {
        let due =
            self.endpoint.deadline().map(|Time(due)| self.started + Duration::from_micros(due));
        let due = due.unwrap_or_else(|| Instant::now() + FAR);
        if alarm.deadline() != due || alarm.is_elapsed() {
            alarm.reset(due);
        }
    }

    fn handle(&mut self, input: Input) {
        let now = self.now();
        self.endpoint.handle_input(now, input);
    }

    fn hear(&mut self, (from, bytes): Heard) {
        self.handle(Input::Datagram(from, bytes));
    }

    fn obey(&mut self, ask: Ask) {
        match ask {
            Ask::Connect(id, addr, tell) => {
                self.streams.insert(id, tell);
                self.handle(Input::Connect(id, addr));
            }
            Ask::Input(input) => {
                if let Input::Close(id) = input {
                    self.streams.remove(&id);
                }
                self.handle(input);
            }
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            self.carry_out_one(output);
        }
        self.round.run.leave(&self.datagrams);
        for (id, count) in std::mem::take(&mut self.round.sent) {
            self.tell(id, Happened::Sent(count));
        }
        while let Some((id, _)) = self.round.received.first_key_value() {
            self.tell_received(*id);
        }
    }

    fn carry_out_one(&mut self, output: Output) {
        match output {
            Output::Send(to, packet) => {
                if !self.round.run.takes(to, &packet) {
                    self.round.run.leave(&self.datagrams);
                }
                self.round.run.add(to, &packet);
            }
            Output::Connected(id) => self.tell(id, Happened::Connected),
            Output::Accepted(id, addr) => self.accept(id, addr),
            Output::Received(id, bytes) => self.round.received.entry(id).or_default().push(bytes),
            Output::Sent(id, count) => *self.round.sent.entry(id).or_default() += count,
            Output::Finished(id) => self.end(id, LostWhy::Closed),
            Output::Closed(id, ClosedWhy::Done | ClosedWhy::Reset) => self.end(id, LostWhy::Closed),
            Output::Closed(id, _) => self.end(id, LostWhy::Broken),
        }
    }

    fn accept(&mut self, id: ConnId, addr: SocketAddr) {
        let Some(asks) = self.asks.upgrade() else { return };
        let (tell, happened) = unbounded_channel();
        self.streams.insert(id, tell);
        // Nobody is let in any more: the stream is dropped, which closes it.
        self.accepted.send((Stream { id, asks, happened }, addr)).ok();
    }

    /// Tells of what came as one piece.
    fn tell_received(&mut self, id: ConnId) {
        let mut parts = self.round.received.remove(&id).unwrap_or_default();
        let all = match &mut parts[..] {
            [] => return,
            [one] => std::mem::take(one),
            many => {
                let mut all = BytesMut::with_capacity(many.iter().map(Bytes::len).sum());
                many.iter().for_each(|part| all.extend_from_slice(part));
                all.freeze()
            }
        };
        self.tell(id, Happened::Received(all));
    }

    /// A peer that sends no more is of no use: that is an end.
    fn end(&mut self, id: ConnId, why: LostWhy) {
        self.tell_received(id);
        self.tell(id, Happened::Ended(why));
        self.streams.remove(&id);
    }

    fn tell(&self, id: ConnId, what: Happened) {
        if let Some(stream) = self.streams.get(&id) {
            // It has been dropped: that it is to be closed is heard next.
            stream.send(what).ok();
        }
    }
}
