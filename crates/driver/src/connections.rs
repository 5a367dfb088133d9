//! Connections to peers, over TCP or uTP: bytes in, bytes out, and word of their end.
//!
//! Both directions push back. Reading pauses while the engine's task has not taken what came before, so a
//! fast peer fills its own window and not our memory. Writing reports what left, and the engine gives no
//! more than its credit.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, IoSlice},
    mem,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use engine::{ConnId, Input, LostWhy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::AbortHandle,
};

use crate::{
    dialling::{Dialler, Wire},
    round_trips::{Eye, RoundTrips},
    slabs::Slabs,
    sockets::{Sockets, tune},
    utp::{Accepted, Happened, Stream},
};

/// Room for one read of a connection that brings little.
const READ_MIN: usize = 16 * 1024;
/// Room from which on a connection reads into slabs, which others use after it.
const READ_MUCH: usize = 64 * 1024;
/// Buffers given to one write.
const WRITE_SLICES: usize = 64;
/// How long accepting pauses when the system has no sockets left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What the network brings to the engine's task.
pub(crate) enum Event {
    /// Something for the engine.
    Input(Input),
    /// A stranger's connection, not named yet.
    Accepted(Wire, SocketAddr, OwnedSemaphorePermit),
}

/// All peer connections, owned by the engine's task. Dropping it closes them.
pub(crate) struct Connections {
    dialler: Dialler,
    events: Sender<Event>,
    slabs: Arc<Slabs>,
    round_trips: Arc<RoundTrips>,
    open: BTreeMap<ConnId, Connection>,
    accepted: u64,
}

/// What all connections share.
struct Means {
    slabs: Arc<Slabs>,
    round_trips: Arc<RoundTrips>,
}

/// One connection, standing or being made. Dropping it closes it.
struct Connection {
    outgoing: UnboundedSender<Bytes>,
    task: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connections {
    /// No connections; those made later report to `events`.
    pub(crate) fn new(dialler: Dialler, round_trips: RoundTrips, events: Sender<Event>) -> Self {
        let (slabs, round_trips) = (Arc::default(), Arc::new(round_trips));
        Self { dialler, events, slabs, round_trips, open: BTreeMap::new(), accepted: 0 }
    }

    /// Whether a connection is not closed.
    pub(crate) fn has(&self, id: ConnId) -> bool {
        self.open.contains_key(&id)
    }

    /// Connects; the answer is an event.
    pub(crate) fn dial(&mut self, id: ConnId, addr: SocketAddr) {
        let dialler = self.dialler.clone();
        self.reach(id, async move { dialler.dial(addr).await });
    }

    /// Connects over uTP alone; the answer is an event.
    pub(crate) fn punch(&mut self, id: ConnId, addr: SocketAddr) {
        let dialler = self.dialler.clone();
        self.reach(id, async move { dialler.punch(addr).await });
    }

    fn reach(
        &mut self,
        id: ConnId,
        reached: impl Future<Output = Result<Wire, LostWhy>> + Send + 'static,
    ) {
        let (outgoing, queue) = unbounded_channel();
        let (events, means) = (self.events.clone(), self.means());
        let task = tokio::spawn(async move {
            let why = match reached.await {
                Ok(wire) => {
                    tell(&events, Input::Dialled(id)).await;
                    if matches!(wire, Wire::Utp(_)) {
                        tell(&events, Input::OverDatagrams(id)).await;
                    }
                    run(id, wire, queue, &events, &means).await
                }
                Err(why) => why,
            };
            tell(&events, Input::Lost(id, why)).await;
        });
        self.open.insert(id, Connection { outgoing, task: task.abort_handle() });
    }

    fn means(&self) -> Means {
        Means { slabs: Arc::clone(&self.slabs), round_trips: Arc::clone(&self.round_trips) }
    }

    /// Names an accepted connection and starts it.
    pub(crate) fn accept(&mut self, wire: Wire, permit: OwnedSemaphorePermit) -> ConnId {
        let id = ConnId(self.accepted * 2 + 1);
        self.accepted += 1;
        let (outgoing, queue) = unbounded_channel();
        let (events, means) = (self.events.clone(), self.means());
        let task = tokio::spawn(async move {
            let why = run(id, wire, queue, &events, &means).await;
            drop(permit);
            tell(&events, Input::Lost(id, why)).await;
        });
        self.open.insert(id, Connection { outgoing, task: task.abort_handle() });
        id
    }

    /// Queues bytes for a connection.
    pub(crate) fn send(&self, id: ConnId, bytes: Bytes) {
        if let Some(connection) = self.open.get(&id) {
            // Its task has ended: `Lost` is on its way.
            connection.outgoing.send(bytes).ok();
        }
    }

    /// Every connection, standing or being made.
    pub(crate) fn all(&self) -> Vec<ConnId> {
        self.open.keys().copied().collect()
    }

    /// Closes a connection.
    pub(crate) fn close(&mut self, id: ConnId) {
        self.open.remove(&id);
    }
}

/// Accepts strangers on one address, at most as many at a time as there are permits; more are turned away. Where
/// the interface becomes another one, so does the socket.
pub(crate) async fn listen(
    mut listener: TcpListener,
    sockets: Sockets,
    permits: Arc<Semaphore>,
    events: Sender<Event>,
) {
    loop {
        let bound = sockets.bound_to();
        tokio::select! {
            () = accept_all(&listener, &sockets, &permits, &events) => return,
            () = sockets.is_bound_anew(bound) => {}
        }
        let Ok(addr) = listener.local_addr() else { return };
        listener = listen_again(&sockets, addr).await;
    }
}

async fn listen_again(sockets: &Sockets, addr: SocketAddr) -> TcpListener {
    loop {
        sockets.ready().await;
        match sockets.listen(addr) {
            Ok(listener) => return listener,
            // Its address may come a moment later than the interface.
            Err(why) => tracing::debug!(%why, "nobody is listened to again yet"),
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Where strangers come in, and how time passes there.
trait Door {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
    fn pause(&self, span: Duration) -> impl Future<Output = ()> + Send;
}

impl Door for TcpListener {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        Self::accept(self)
    }

    fn pause(&self, span: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(span)
    }
}

/// Accepts until nobody wants to know. Without descriptors whoever waits goes on waiting, and the system says so again at
/// once however often it is asked: it is asked five times a second.
async fn accept_all(
    door: &impl Door,
    sockets: &Sockets,
    permits: &Arc<Semaphore>,
    events: &Sender<Event>,
) {
    let mut told = false;
    loop {
        let accepted = door.accept().await;
        told &= accepted.is_err();
        match accepted {
            Ok((_, addr)) if sockets.blocks(addr.ip()) => {}
            Ok((stream, addr)) => {
                let Ok(permit) = Arc::clone(permits).try_acquire_owned() else { continue };
                if tune(&stream).is_ok()
                    && events.send(Event::Accepted(Wire::Tcp(stream), addr, permit)).await.is_err()
                {
                    return;
                }
            }
            Err(why) if is_of_one_connection(&why) => {}
            Err(why) => {
                if !mem::replace(&mut told, true) {
                    tracing::warn!(%why, "no connection can be accepted for now");
                }
                door.pause(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The same for strangers who come by uTP.
pub(crate) async fn listen_utp(
    mut strangers: Accepted,
    permits: Arc<Semaphore>,
    events: Sender<Event>,
) {
    while let Some((stream, addr)) = strangers.recv().await {
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
        if events.send(Event::Accepted(Wire::Utp(stream), addr, permit)).await.is_err() {
            return;
        }
    }
}

fn is_of_one_connection(why: &io::Error) -> bool {
    matches!(
        why.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

async fn tell(events: &Sender<Event>, input: Input) {
    // Nobody listens: the session is ending.
    events.send(Event::Input(input)).await.ok();
}

/// Moves bytes both ways until the connection ends.
async fn run(
    id: ConnId,
    wire: Wire,
    outgoing: UnboundedReceiver<Bytes>,
    events: &Sender<Event>,
    means: &Means,
) -> LostWhy {
    match wire {
        Wire::Tcp(stream) => run_tcp(id, stream, outgoing, events, means).await,
        Wire::Utp(stream) => run_utp(id, stream, outgoing, events).await,
    }
}

/// The endpoint's task reads and writes: here its words are passed on, and what was passed on makes room.
async fn run_utp(
    id: ConnId,
    mut stream: Stream,
    mut outgoing: UnboundedReceiver<Bytes>,
    events: &Sender<Event>,
) -> LostWhy {
    loop {
        tokio::select! {
            bytes = outgoing.recv() => match bytes {
                Some(bytes) => stream.send(bytes),
                None => return LostWhy::Closed,
            },
            happened = stream.next() => match happened {
                Happened::Connected => {}
                Happened::Sent(count) => tell(events, Input::Sent(id, count)).await,
                Happened::Ended(why) => return why,
                Happened::Received(bytes) => {
                    let count = bytes.len();
                    tell(events, Input::Received(id, bytes)).await;
                    stream.took(count);
                }
            },
        }
    }
}

async fn run_tcp(
    id: ConnId,
    mut stream: TcpStream,
    mut outgoing: UnboundedReceiver<Bytes>,
    events: &Sender<Event>,
    means: &Means,
) -> LostWhy {
    let eye = means.round_trips.watch(id, &stream);
    let (reader, writer) = stream.split();
    let ended = tokio::select! {
        ended = read(id, reader, events, &means.slabs) => ended,
        ended = write(id, writer, &mut outgoing, events, &eye) => ended,
    };
    match ended {
        Ok(()) => LostWhy::Closed,
        Err(_) => LostWhy::Broken,
    }
}

/// Reads until the peer closes. The buffer grows with what comes, so that an idle peer holds little.
async fn read(
    id: ConnId,
    mut reader: ReadHalf<'_>,
    events: &Sender<Event>,
    slabs: &Slabs,
) -> io::Result<()> {
    let (mut buffer, mut room, mut is_slab) = (BytesMut::new(), READ_MIN, false);
    loop {
        if buffer.capacity() < READ_MIN {
            if is_slab {
                slabs.put(mem::take(&mut buffer));
            }
            is_slab = room >= READ_MUCH;
            buffer = if is_slab { slabs.take() } else { BytesMut::with_capacity(room) };
        }
        let count = reader.read_buf(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        room = (count * 2).max(READ_MIN);
        tell(events, Input::Received(id, buffer.split().freeze())).await;
    }
}

/// Writes what is queued, many buffers at once, and reports what left.
async fn write(
    id: ConnId,
    mut writer: WriteHalf<'_>,
    outgoing: &mut UnboundedReceiver<Bytes>,
    events: &Sender<Event>,
    eye: &Eye,
) -> io::Result<()> {
    let mut queue = VecDeque::new();
    loop {
        if queue.is_empty() {
            let Some(bytes) = outgoing.recv().await else { return Ok(()) };
            queue.push_back(bytes);
        }
        while queue.len() < WRITE_SLICES
            && let Ok(bytes) = outgoing.try_recv()
        {
            queue.push_back(bytes);
        }
        let slices: Vec<_> = queue.iter().map(|bytes| IoSlice::new(bytes)).collect();
        let count = writer.write_vectored(&slices).await?;
        if count == 0 && !queue.iter().all(Bytes::is_empty) {
            return Err(io::ErrorKind::WriteZero.into());
        }
        take(&mut queue, count);
        eye.sent(count);
        tell(events, Input::Sent(id, count)).await;
    }
}

/// Drops the first `count` bytes of a queue, and what is empty then.
fn take(queue: &mut VecDeque<Bytes>, mut count: usize) {
    while let Some(first) = queue.front_mut() {
        let here = first.len().min(count);
        first.advance(here);
        count -= here;
        if !first.is_empty() {
            return;
        }
        queue.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    };

    use tokio::sync::mpsc::{Receiver, channel};

    use super::*;

    /// Connections by TCP alone.
    fn by_tcp(sockets: Sockets, local: bool, events: Sender<Event>) -> Connections {
        let round_trips = RoundTrips::start(sockets.clone(), events.clone());
        Connections::new(Dialler::new(sockets, local, true, None), round_trips, events)
    }

    async fn input(events: &mut Receiver<Event>) -> Input {
        match events.recv().await {
            Some(Event::Input(input)) => input,
            _ => panic!("an input was expected"),
        }
    }

    #[tokio::test]
    async fn bytes_cross_in_order_and_every_byte_sent_is_reported() {
        let sockets = Sockets::new(None);
        let listener = sockets.listen(([127, 0, 0, 1], 0).into()).unwrap();
        let addr = listener.local_addr().unwrap();
        let (events, mut inbox) = channel(4);
        let mut connections = by_tcp(sockets, true, events);
        let sent: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
        let id = ConnId(0);
        connections.dial(id, addr);
        let (mut peer, _) = listener.accept().await.unwrap();
        assert!(matches!(input(&mut inbox).await, Input::Dialled(ConnId(0))));
        for part in sent.chunks(10_007) {
            connections.send(id, Bytes::copy_from_slice(part));
        }
        let echo = tokio::spawn(async move {
            let (mut from, mut to) = peer.split();
            tokio::io::copy(&mut from, &mut to).await.ok();
        });
        let (mut reported, mut received) = (0, Vec::new());
        while received.len() < sent.len() || reported < sent.len() {
            match input(&mut inbox).await {
                Input::Sent(_, count) => reported += count,
                Input::Received(_, bytes) => received.extend_from_slice(&bytes),
                other => panic!("{other:?}"),
            }
        }
        assert!(received == sent && reported == sent.len());
        connections.close(id);
        assert!(!connections.has(id));
        echo.await.unwrap();
    }

    #[tokio::test]
    async fn the_end_of_a_connection_is_told_with_its_reason() {
        let sockets = Sockets::new(None);
        let listener = sockets.listen(([127, 0, 0, 1], 0).into()).unwrap();
        let addr = listener.local_addr().unwrap();
        let (events, mut inbox) = channel(4);
        let mut connections = by_tcp(sockets.clone(), true, events.clone());
        connections.dial(ConnId(0), addr);
        drop(listener.accept().await.unwrap());
        assert!(matches!(input(&mut inbox).await, Input::Dialled(_)));
        assert!(matches!(input(&mut inbox).await, Input::Lost(_, LostWhy::Closed)));
        drop(listener);
        connections.dial(ConnId(2), addr);
        assert!(matches!(input(&mut inbox).await, Input::Lost(ConnId(2), LostWhy::NotReached)));
        let mut connections = by_tcp(sockets, false, events);
        connections.dial(ConnId(4), addr);
        assert!(matches!(input(&mut inbox).await, Input::Lost(ConnId(4), LostWhy::Forbidden)));
    }

    /// A system without descriptors for a while, and a clock that only pauses move.
    struct Exhausted {
        listener: TcpListener,
        lasts: Duration,
        clock: Mutex<Duration>,
        asked: AtomicU32,
    }

    impl Door for Exhausted {
        async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if *self.clock.lock().unwrap() < self.lasts {
                return Err(io::Error::from_raw_os_error(24)); // EMFILE
            }
            self.listener.accept().await
        }

        async fn pause(&self, span: Duration) {
            *self.clock.lock().unwrap() += span;
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn hp_60_without_descriptors_the_system_is_asked_five_times_a_second_and_whoever_waited_comes_in()
     {
        let sockets = Sockets::new(None);
        let listener = sockets.listen(([127, 0, 0, 1], 0).into()).unwrap();
        let _waits = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let lasts = Duration::from_secs(3600);
        let (clock, asked) = (Mutex::default(), AtomicU32::new(0));
        let door = Exhausted { listener, lasts, clock, asked };
        let (events, mut inbox) = channel(4);
        let permits = Arc::new(Semaphore::new(1));
        tokio::select! {
            () = accept_all(&door, &sockets, &permits, &events) => panic!("it goes on"),
            event = inbox.recv() => assert!(matches!(event, Some(Event::Accepted(..)))),
        }
        // Once more for who waited, and once for the next one.
        assert!(door.asked.load(Ordering::Relaxed) <= 5 * 3600 + 2, "{:?}", door.asked);
        assert_eq!(*door.clock.lock().unwrap(), lasts, "nobody waits longer than that");
    }

    #[tokio::test]
    async fn strangers_beyond_the_permits_are_turned_away() {
        let sockets = Sockets::new(None);
        let listener = sockets.listen(([127, 0, 0, 1], 0).into()).unwrap();
        let addr = listener.local_addr().unwrap();
        let (events, mut inbox) = channel(4);
        let listening =
            tokio::spawn(listen(listener, sockets, Arc::new(Semaphore::new(1)), events));
        let _first = TcpStream::connect(addr).await.unwrap();
        let Some(Event::Accepted(_held, _, _permit)) = inbox.recv().await else { panic!() };
        let mut second = TcpStream::connect(addr).await.unwrap();
        assert_eq!(second.read(&mut [0]).await.unwrap_or(0), 0);
        listening.abort();
    }
}
