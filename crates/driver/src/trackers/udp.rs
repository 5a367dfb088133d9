//! Trackers over UDP (BEP 15): a connection number first, then the question, both repeated until answered.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
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

use crate::{
    relay::Line,
    sockets::{Server, Sockets},
};

/// How long an answer is waited for before the packet is sent again, each time. BEP 15 would wait 15 s
/// before the first repetition: a lost packet should not cost a viewer that much. In all it sends less.
const WAITS: [Duration; 3] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(30)];
/// How long a connection number is good for.
const NUMBER_LIFE: Duration = Duration::from_secs(60);
/// Connection numbers kept.
const NUMBERS_MAX: usize = 64;
/// The longest packet: 2,000 peers over IPv6 fit.
const PACKET_MAX: usize = 40 * 1024;

/// What came over IPv4, and over IPv6.
type Both<T> = (Result<T, AnnounceFault>, Result<T, AnnounceFault>);

/// Asks trackers over UDP.
pub(super) struct Udp {
    sockets: Sockets,
    local: bool,
    waits: [Duration; 3],
    /// Numbers that are good and not in use.
    numbers: Mutex<BTreeMap<Server, Number>>,
}

/// A tracker's permission to ask, and the socket it was given to.
struct Number {
    line: Line,
    connection: u64,
    since: Instant,
}

impl Udp {
    pub(super) fn new(sockets: Sockets, local: bool) -> Self {
        Self { sockets, local, waits: WAITS, numbers: Mutex::default() }
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
        let answer = self.exchange(&number.line, &packet, transaction, waits).await?;
        self.keep(server.clone(), number);
        Ok(answer)
    }

    async fn connect(&self, server: &Server, waits: &[Duration]) -> Result<Number, AnnounceFault> {
        let line = self.sockets.connect_udp(server, self.local).await?;
        let transaction = random();
        let packet = udp::connect(transaction);
        match self.exchange(&line, &packet, transaction, waits).await? {
            Answer::Connected { connection } => {
                Ok(Number { line, connection, since: Instant::now() })
            }
            _ => Err(AnnounceFault::Garbled),
        }
    }

    /// Sends a packet until its answer comes.
    async fn exchange(
        &self,
        line: &Line,
        packet: &[u8],
        transaction: u32,
        waits: &[Duration],
    ) -> Result<Answer, AnnounceFault> {
        for &wait in waits {
            let until = Instant::now() + wait;
            // Refused or unroutable: told at once by the system, and no better the next time.
            line.send(packet).await.map_err(|_| AnnounceFault::NotReached)?;
            if let Ok(answer) = timeout_at(until, answer(line, transaction)).await {
                return answer;
            }
        }
        Err(AnnounceFault::NotReached)
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

/// The answer to a transaction; other packets are not for us.
async fn answer(line: &Line, transaction: u32) -> Result<Answer, AnnounceFault> {
    loop {
        let received = line.receive(PACKET_MAX).await;
        let (packet, is_v6) = received.map_err(|_| AnnounceFault::NotReached)?;
        match udp::parse(&packet, transaction, is_v6) {
            Ok(answer) => return Ok(answer),
            Err(BadAnswer::Refused(why)) => return Err(AnnounceFault::Refused(why)),
            Err(_) => {}
        }
    }
}

/// A number that nobody can guess, so that nobody can answer in the tracker's place.
pub(super) fn random() -> u32 {
    getrandom::u32().expect("the system has random numbers")
}
