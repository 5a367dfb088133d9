//! The accept loop: HTTP/1.1, a patience for headers and for slow readers, caps on connections.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{body::Body, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Sleep, sleep, timeout},
};

use super::gate::Gate;

/// How patient and how generous the listener is.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a request's head may take, and how long an idle connection is kept.
    pub header_patience: Duration,
    /// A request's head may be this large, all headers together, bytes.
    pub head_max: usize,
    /// How long a body may take to arrive.
    pub body_patience: Duration,
    /// How long the other side may refuse to take bytes of an answer that is not [`Endless`].
    pub write_patience: Duration,
    /// Connections in all.
    pub connections_max: usize,
    /// Connections from one address.
    pub connections_per_address_max: usize,
    /// How long an answer waits for a torrent's description before it says that nobody has it yet.
    pub metadata_patience: Duration,
    /// How long requests under way may go on when the server stops.
    pub shutdown_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_patience: Duration::from_secs(10),
            head_max: 16 << 10,
            body_patience: Duration::from_secs(30),
            write_patience: Duration::from_secs(30),
            connections_max: 512,
            connections_per_address_max: 64,
            metadata_patience: Duration::from_secs(25),
            shutdown_patience: Duration::from_secs(3),
        }
    }
}

/// Marks an answer that the other side may leave lying for as long as it likes: a paused player reads
/// nothing and is not an attacker. The connection caps bound what that costs.
#[derive(Debug, Clone, Copy)]
pub struct Endless;

/// Serves until `stop` becomes true, then lets requests under way end.
pub async fn serve(
    listeners: Vec<TcpListener>,
    gate: Gate,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let graceful = Arc::new(GracefulShutdown::new());
    let door = Arc::new(Door::new(limits));
    let loops: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (gate, door, graceful) = (gate.clone(), door.clone(), graceful.clone());
            tokio::spawn(accept(listener, gate, door, graceful, stop.clone()))
        })
        .collect();
    for accepting in loops {
        if let Err(error) = accepting.await {
            tracing::error!(%error, "an accept loop ended badly");
        }
    }
    if let Some(graceful) = Arc::into_inner(graceful)
        && timeout(limits.shutdown_patience, graceful.shutdown()).await.is_err()
    {
        tracing::info!("connections that did not end in time were cut");
    }
}

async fn accept(
    listener: TcpListener,
    gate: Gate,
    door: Arc<Door>,
    graceful: Arc<GracefulShutdown>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stopped| *stopped) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(pass) = door.enter(peer.ip()) {
                    greet(stream, peer, pass, &gate, door.limits, &graceful);
                }
            }
            // Out of descriptors, most likely: others may close meanwhile.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn greet(
    stream: TcpStream,
    peer: SocketAddr,
    pass: Pass,
    gate: &Gate,
    limits: Limits,
    graceful: &GracefulShutdown,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let endless = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Patient::new(stream, limits.write_patience, endless.clone()));
    let gate = gate.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (gate, endless) = (gate.clone(), endless.clone());
        async move {
            let response: Response = gate.answer(peer, request.map(Body::new)).await;
            endless.store(response.extensions().get::<Endless>().is_some(), Ordering::Relaxed);
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_patience)
        .max_buf_size(limits.head_max)
        .serve_connection(io, service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
        drop(pass);
    });
}

/// Counts who is inside.
struct Door {
    limits: Limits,
    seats: Arc<Semaphore>,
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Door {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            seats: Arc::new(Semaphore::new(limits.connections_max)),
            inside: Arc::default(),
        }
    }

    fn enter(&self, from: IpAddr) -> Option<Pass> {
        let seat = self.seats.clone().try_acquire_owned().ok()?;
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let here = inside.entry(from).or_default();
        if *here >= self.limits.connections_per_address_max {
            return None;
        }
        *here += 1;
        drop(inside);
        Some(Pass { from, inside: self.inside.clone(), _seat: seat })
    }
}

/// A connection's place; gives it back when dropped.
struct Pass {
    from: IpAddr,
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _seat: OwnedSemaphorePermit,
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = inside.get_mut(&self.from) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.from);
            }
        }
    }
}

/// A stream whose writes fail when nothing was taken for too long.
struct Patient {
    stream: TcpStream,
    patience: Duration,
    endless: Arc<AtomicBool>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream, patience: Duration, endless: Arc<AtomicBool>) -> Self {
        Self { stream, patience, endless, waiting: None }
    }

    fn judge<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() || self.endless.load(Ordering::Relaxed) {
            self.waiting = None;
            return poll;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_counts_in_all_and_per_address_and_gives_places_back() {
        let limits =
            Limits { connections_max: 3, connections_per_address_max: 2, ..Limits::default() };
        let door = Door::new(limits);
        let [here, there] = [[127, 0, 0, 1], [127, 0, 0, 2]].map(IpAddr::from);
        let first = door.enter(here);
        let _second = door.enter(here).unwrap();
        assert!(first.is_some() && door.enter(here).is_none(), "two per address");
        let _third = door.enter(there).unwrap();
        assert!(door.enter([127, 0, 0, 3].into()).is_none(), "three in all");
        drop(first);
        assert!(door.enter(here).is_some());
        assert_eq!(
            door.inside.lock().unwrap().len(),
            2,
            "addresses without connections are forgotten"
        );
    }
}
