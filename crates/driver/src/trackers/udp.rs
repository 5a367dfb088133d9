//! Trackers over UDP (BEP 15): a connection number first, then the question, both repeated until answered.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::AnnounceFault;
use tokio::time::{Instant, timeout_at};
use torrent::{
    Sha1Hash,
    tracker::{
        Announce, Announced, BadAnswer, Scraped,
        udp::{self, Answer},
    },
};

use super::questions::{Call, Line, Shared};
use crate::sockets::{Server, SocketFault, Sockets};

/// How long an answer is waited for before the packet is sent again, each time. BEP 15 would wait 15 s
/// before the first repetition: a lost packet should not cost a viewer that much. In all it sends less.
const WAITS: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(30)];
/// How long a connection number is good for.
const NUMBER_LIFE: Duration = Duration::from_secs(60);
/// Connection numbers kept.
const NUMBERS_MAX: usize = 64;

/// What came over IPv4, and over IPv6.
type Both<T> = (Result<T, AnnounceFault>, Result<T, AnnounceFault>);

/// Asks trackers over UDP.
pub(super) struct Udp {
    sockets: Sockets,
    local: bool,
    /// The session's sockets, if it has any.
    shared: Option<Arc<Shared>>,
    waits: [Duration; 3],
    /// Numbers that are good and not in use.
    numbers: Mutex<BTreeMap<Server, Number>>,
}

/// A tracker's permission to ask, and the way by which it was given.
struct Number {
    line: Line,
    connection: u64,
    since: Instant,
}

impl Udp {
    pub(super) fn new(sockets: Sockets, local: bool, shared: Option<Shared>) -> Self {
        let shared = shared.map(Arc::new);
        Self { sockets, local, shared, waits: WAITS, numbers: Mutex::default() }
    }

    #[cfg(test)]
    pub(super) fn impatient(&mut self) {
        self.waits = [Duration::from_millis(50); 3];
    }

    /// Announces to the tracker at `host:port/path`, over IPv4 and IPv6 at the same time if it has both: each
    /// knows peers of its family only.
    pub(super) async fn announce(
        &self,
        url: &str,
        what: &Announce,
    ) -> Result<Announced, AnnounceFault> {
        let (authority, path) = split(url);
        let packet = |number, transaction| udp::announce(number, transaction, what, path);
        let meant = |answer| match answer {
            Answer::Announced(answer) => Some(answer),
            _ => None,
        };
        match self.ask_both(authority, packet, meant).await? {
            (Ok(mut v4), Ok(v6)) => {
                v4.peers.extend(v6.peers);
                Ok(v4)
            }
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
            (Err(AnnounceFault::NotReached), Err(why)) | (Err(why), Err(_)) => Err(why),
        }
    }

    /// What the tracker at `host:port/path` knows of torrents, in their order, over whichever family answers.
    pub(super) async fn scrape(
        &self,
        url: &str,
        torrents: &[Sha1Hash],
    ) -> Result<Vec<Scraped>, AnnounceFault> {
        let packet = |number, transaction| udp::scrape(number, transaction, torrents);
        let meant = |answer| match answer {
            Answer::Scraped(answer) => Some(answer),
            _ => None,
        };
        let (v4, v6) = self.ask_both(split(url).0, packet, meant).await?;
        v4.or(v6)
    }

    /// Asks over both families at the same time, as far as the tracker has them.
    async fn ask_both<T>(
        &self,
        authority: &str,
        packet: impl Fn(u64, u32) -> Vec<u8>,
        meant: impl Fn(Answer) -> Option<T>,
    ) -> Result<Both<T>, AnnounceFault> {
        let (host, port) = authority.rsplit_once(':').ok_or(AnnounceFault::Forbidden)?;
        let port = port.parse().map_err(|_| AnnounceFault::Forbidden)?;
        let found = self.sockets.servers(host, port, self.local).await?;
        let of = |v4: bool| found.iter().filter(|server| server.is_of(v4)).cloned().collect();
        Ok(tokio::join!(
            self.ask_in_turn(of(true), &packet, &meant),
            self.ask_in_turn(of(false), &packet, &meant)
        ))
    }

    /// Asks one address after the other until one is there. While there are others, none is waited for long.
    async fn ask_in_turn<T>(
        &self,
        servers: Vec<Server>,
        packet: &impl Fn(u64, u32) -> Vec<u8>,
        meant: &impl Fn(Answer) -> Option<T>,
    ) -> Result<T, AnnounceFault> {
        let last = servers.len().saturating_sub(1);
        for (at, server) in servers.iter().enumerate() {
            let waits = if at == last { &self.waits[..] } else { &self.waits[..1] };
            match self.ask(server, packet, waits).await {
                Err(AnnounceFault::NotReached) => {}
                answer => return answer.and_then(|one| meant(one).ok_or(AnnounceFault::Garbled)),
            }
        }
        Err(AnnounceFault::NotReached)
    }

    async fn ask(
        &self,
        server: &Server,
        packet: &impl Fn(u64, u32) -> Vec<u8>,
        waits: &[Duration],
    ) -> Result<Answer, AnnounceFault> {
        let number = match self.take(server) {
            Some(number) => number,
            None => self.connect(server, waits).await?,
        };
        let transaction = random();
        let packet = packet(number.connection, transaction);
        let (answer, _) = exchange(&number.line, &packet, transaction, waits).await?;
        self.keep(server.clone(), number);
        Ok(answer)
    }

    async fn connect(&self, server: &Server, waits: &[Duration]) -> Result<Number, AnnounceFault> {
        let line = self.line(server).await?;
        let transaction = random();
        let packet = udp::connect(transaction);
        match exchange(&line, &packet, transaction, waits).await? {
            (Answer::Connected { connection }, from) => {
                let line = self.led(line, from);
                Ok(Number { line, connection, since: Instant::now() })
            }
            _ => Err(AnnounceFault::Garbled),
        }
    }

    /// A way to a tracker that may be contacted.
    async fn line(&self, server: &Server) -> Result<Line, SocketFault> {
        if let Server::At(addr) = server {
            self.sockets.check(*addr, self.local)?;
        }
        match (&self.shared, server) {
            (Some(shared), _) if shared.reaches(server) => {
                Ok(Line::Shared(Arc::clone(shared), server.clone()))
            }
            (_, Server::At(addr)) => Ok(Line::Own(self.sockets.connect_udp(*addr).await?, *addr)),
            // The proxy would have to carry it.
            (_, Server::Named(..)) => Err(io::Error::from(io::ErrorKind::Unsupported).into()),
        }
    }

    /// The way to where a name led: its number is good there, and nobody else answers from there. One that may not be
    /// contacted by its address stays a name.
    fn led(&self, line: Line, from: SocketAddr) -> Line {
        match line {
            Line::Shared(shared, Server::Named(..)) if self.sockets.permits(from, self.local) => {
                Line::Shared(shared, Server::At(from))
            }
            line => line,
        }
    }

    fn take(&self, server: &Server) -> Option<Number> {
        let mut numbers = self.numbers();
        numbers.retain(|_, number| number.since.elapsed() < NUMBER_LIFE);
        numbers.remove(server)
    }

    fn keep(&self, server: Server, number: Number) {
        let mut numbers = self.numbers();
        if numbers.len() < NUMBERS_MAX {
            numbers.insert(server, number);
        }
    }

    fn numbers(&self) -> MutexGuard<'_, BTreeMap<Server, Number>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Host and port, and the path, of what follows the scheme.
fn split(url: &str) -> (&str, &str) {
    url.find(['/', '?']).map_or((url, ""), |at| url.split_at(at))
}

/// Sends a packet until its answer comes, and from where.
async fn exchange(
    line: &Line,
    packet: &[u8],
    transaction: u32,
    waits: &[Duration],
) -> Result<(Answer, SocketAddr), AnnounceFault> {
    let mut call = line.ask(transaction);
    for &wait in waits {
        let until = Instant::now() + wait;
        // Refused or unroutable: told at once by the system, and no better the next time.
        call.send(packet).await.map_err(|_| AnnounceFault::NotReached)?;
        if let Ok(answer) = timeout_at(until, answer(&mut call, transaction)).await {
            return answer;
        }
    }
    Err(AnnounceFault::NotReached)
}

/// The answer to a transaction; other packets are not for us.
async fn answer(
    call: &mut Call<'_>,
    transaction: u32,
) -> Result<(Answer, SocketAddr), AnnounceFault> {
    loop {
        let received = call.receive().await;
        let (from, packet) = received.map_err(|_| AnnounceFault::NotReached)?;
        match udp::parse(&packet, transaction, from.is_ipv6()) {
            Ok(answer) => return Ok((answer, from)),
            Err(BadAnswer::Refused(why)) => return Err(AnnounceFault::Refused(why)),
            Err(_) => {}
        }
    }
}

/// A number that nobody can guess, so that nobody can answer in the tracker's place.
pub(super) fn random() -> u32 {
    getrandom::u32().expect("the system has random numbers")
}
