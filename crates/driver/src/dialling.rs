//! How a peer is reached: TCP and uTP are tried against each other, and what worked is tried first next time.

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use engine::LostWhy;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    sockets::{SocketFault, Sockets},
    utp::{Stream, Utp},
};

/// How long the first way is tried before the second one is tried as well.
const HEAD_START: Duration = Duration::from_millis(150);
/// How long uTP is tried where TCP has failed already: mostly nobody is there.
const LAST_TRY: Duration = Duration::from_secs(3);
/// Addresses of which it is known that uTP reaches them.
const KNOWN_MAX: usize = 2_000;

/// A standing connection to a peer.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over UDP.
    Utp(Stream),
}

/// Whoever makes connections. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Dialler {
    sockets: Sockets,
    /// Whether local addresses may be reached.
    local: bool,
    tcp: bool,
    utp: Option<Utp>,
    known: Arc<Mutex<Known>>,
}

/// Addresses that were reached by uTP before TCP, the last ones of many.
#[derive(Debug, Default)]
struct Known {
    addrs: BTreeSet<SocketAddr>,
    order: VecDeque<SocketAddr>,
}

type Attempt<'a> = Pin<Box<dyn Future<Output = Result<Wire, LostWhy>> + Send + 'a>>;

impl Dialler {
    /// A dialler that uses TCP if `tcp` is set, and uTP if it is given.
    pub(crate) fn new(sockets: Sockets, local: bool, tcp: bool, utp: Option<Utp>) -> Self {
        Self { sockets, local, tcp, utp, known: Arc::default() }
    }

    /// Connects by whichever way is quicker.
    pub(crate) async fn dial(&self, addr: SocketAddr) -> Result<Wire, LostWhy> {
        self.sockets.ready().await;
        match &self.utp {
            Some(utp) if self.tcp => self.race(addr, utp).await,
            Some(utp) => self.by_utp(addr, utp).await,
            None => self.by_tcp(addr).await,
        }
    }

    /// Connects over uTP alone.
    pub(crate) async fn punch(&self, addr: SocketAddr) -> Result<Wire, LostWhy> {
        match &self.utp {
            Some(utp) => self.by_utp(addr, utp).await,
            None => Err(LostWhy::Forbidden),
        }
    }

    async fn race(&self, addr: SocketAddr, utp: &Utp) -> Result<Wire, LostWhy> {
        let (tcp, utp): (Attempt<'_>, Attempt<'_>) =
            (Box::pin(self.by_tcp(addr)), Box::pin(self.by_utp(addr, utp)));
        let is_known = self.known().addrs.contains(&addr);
        let reached = if is_known { race(utp, tcp).await } else { race(tcp, utp).await };
        if let Ok(wire) = &reached {
            self.known().note(addr, matches!(wire, Wire::Utp(_)));
        }
        reached
    }

    async fn by_tcp(&self, addr: SocketAddr) -> Result<Wire, LostWhy> {
        let reached = self.sockets.connect(addr, self.local).await;
        reached.map(Wire::Tcp).map_err(|fault| lost(&fault))
    }

    async fn by_utp(&self, addr: SocketAddr, utp: &Utp) -> Result<Wire, LostWhy> {
        self.sockets.check(addr, self.local).map_err(|fault| lost(&fault))?;
        utp.connect(addr).await.map(Wire::Utp)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn note(&mut self, addr: SocketAddr, by_utp: bool) {
        if !by_utp {
            self.addrs.remove(&addr);
        } else if self.addrs.insert(addr) {
            self.order.push_back(addr);
        }
        while self.order.len() > KNOWN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.addrs.remove(&oldest);
        }
    }
}

/// The first of two ways that succeeds; the second is given a try when the first has failed or takes long.
async fn race(first: Attempt<'_>, second: Attempt<'_>) -> Result<Wire, LostWhy> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    tokio::select! {
        reached = &mut first => return or_else(reached, second).await,
        () = sleep(HEAD_START) => {}
    }
    tokio::select! {
        reached = &mut first => or_else(reached, second).await,
        reached = &mut second => match reached {
            Ok(wire) => Ok(wire),
            Err(_) => first.await,
        },
    }
}

async fn or_else(
    reached: Result<Wire, LostWhy>,
    second: impl Future<Output = Result<Wire, LostWhy>>,
) -> Result<Wire, LostWhy> {
    match reached {
        Err(LostWhy::Forbidden) | Ok(_) => reached,
        // What the first way met is what there is to tell.
        Err(why) => timeout(LAST_TRY, second).await.ok().and_then(Result::ok).ok_or(why),
    }
}

fn lost(fault: &SocketFault) -> LostWhy {
    match fault {
        SocketFault::Forbidden => LostWhy::Forbidden,
        SocketFault::NotReached(_) => LostWhy::NotReached,
    }
}
