//! How long round trips of TCP connections take, while something is sent over them: what the engine knows of the queue in
//! front of the household's line.
//!
//! Linux tells. Elsewhere nothing is known, and TCP keeps to the limits that are set.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "nobody can be asked there"))]

#[cfg(target_os = "linux")]
mod diag;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::ConnId;
#[cfg(target_os = "linux")]
use engine::{Input, LineSample};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc::Sender},
    task::AbortHandle,
};

use crate::{address::Reach, connections::Event, sockets::Sockets};

/// How often the system is asked.
const EVERY: Duration = Duration::from_millis(200);
/// How often it is asked about a connection over which nothing is sent any more.
const AFTER: u8 = 10;
/// Bytes that are sent at once only by who gives pieces: what is said beside them tells nothing of the line.
const MUCH: usize = 4096;

/// Keeps an eye on connections. Dropping it ends that.
#[derive(Debug)]
pub(crate) struct RoundTrips {
    watched: Arc<Watched>,
    task: Option<AbortHandle>,
}

/// The connections, and word of bytes that are sent.
#[derive(Debug, Default)]
struct Watched {
    by_conn: Mutex<BTreeMap<ConnId, Watch>>,
    busy: Notify,
}

/// One of them.
#[derive(Debug)]
struct Watch {
    /// Ours, and the peer's.
    ends: (SocketAddr, SocketAddr),
    /// Measurements that are still to be made.
    left: u8,
    /// Bytes that had arrived when it was last asked.
    acked: Option<u64>,
}

/// What the system knows of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    smoothed: Duration,
    least: Duration,
    /// Bytes that have arrived.
    acked: u64,
    /// Bytes that wait in the system.
    unsent: u64,
}

/// A connection that is watched until this is dropped.
#[derive(Debug)]
pub(crate) struct Eye(Option<(Arc<Watched>, ConnId)>);

impl RoundTrips {
    /// Tells `events` what is measured. Needs a tokio runtime.
    pub(crate) fn start(sockets: Sockets, events: Sender<Event>) -> Self {
        let watched = Arc::<Watched>::default();
        let task = start(&watched, sockets, events);
        Self { watched, task }
    }

    /// Watches a connection. Within the household no line is crossed.
    pub(crate) fn watch(&self, conn: ConnId, stream: &TcpStream) -> Eye {
        let (Ok(ours), Ok(theirs)) = (stream.local_addr(), stream.peer_addr()) else {
            return Eye(None);
        };
        if self.task.is_none() || Reach::of(theirs) != Reach::Global {
            return Eye(None);
        }
        let watch = Watch { ends: (ours, theirs), left: 0, acked: None };
        self.watched.by_conn().insert(conn, watch);
        Eye(Some((Arc::clone(&self.watched), conn)))
    }
}

impl Drop for RoundTrips {
    fn drop(&mut self) {
        self.task.iter().for_each(AbortHandle::abort);
    }
}

impl Watched {
    fn by_conn(&self) -> MutexGuard<'_, BTreeMap<ConnId, Watch>> {
        self.by_conn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(target_os = "linux"))]
fn start(_: &Arc<Watched>, _: Sockets, _: Sender<Event>) -> Option<AbortHandle> {
    None
}

#[cfg(target_os = "linux")]
fn start(watched: &Arc<Watched>, sockets: Sockets, events: Sender<Event>) -> Option<AbortHandle> {
    let kernel = diag::Kernel::open();
    let kernel =
        kernel.inspect_err(|why| tracing::debug!(%why, "round trips are not known")).ok()?;
    let watched = Arc::clone(watched);
    let task = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if !watched.is_busy() {
                watched.busy.notified().await;
            }
            ticks.tick().await;
            let sample = watched.measure(&kernel, sockets.bound_to().unwrap_or(0));
            if !sample.rises.is_empty()
                && events.send(Event::Input(Input::Line(sample))).await.is_err()
            {
                return;
            }
        }
    });
    Some(task.abort_handle())
}

#[cfg(target_os = "linux")]
impl Watched {
    fn is_busy(&self) -> bool {
        self.by_conn().values().any(|watch| watch.left > 0)
    }

    /// What those say of whose bytes some have arrived since the last time.
    fn measure(&self, kernel: &diag::Kernel, interface: u32) -> LineSample {
        let mut sample = LineSample::default();
        for watch in self.by_conn().values_mut().filter(|watch| watch.left > 0) {
            watch.left -= 1;
            let Some(known) = kernel.ask(watch.ends, interface) else { continue };
            sample.unsent += known.unsent;
            let before = watch.acked.replace(known.acked).unwrap_or(known.acked);
            if known.acked > before {
                sample.arrived += known.acked - before;
                sample.rises.push(known.smoothed.saturating_sub(known.least));
            }
        }
        sample
    }
}

impl Eye {
    /// So many bytes were given to the system.
    pub(crate) fn sent(&self, count: usize) {
        if count >= MUCH
            && let Some((watched, conn)) = &self.0
            && let Some(watch) = watched.by_conn().get_mut(conn)
        {
            watch.left = AFTER;
            watched.busy.notify_one();
        }
    }
}

impl Drop for Eye {
    fn drop(&mut self) {
        if let Some((watched, conn)) = &self.0 {
            watched.by_conn().remove(conn);
        }
    }
}
