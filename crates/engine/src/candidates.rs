//! Whom might we call?

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{
    ConnId, Encryption, PeerSource, Time,
    calls::PER_HOST_MAX,
    hosts::{host, is_near, neighbourhood},
};

/// Addresses remembered per torrent.
const CANDIDATES_MAX: usize = 2_000;
/// Those of them that one kind of source has told: no tracker and no number of peers keeps out what others know.
const PER_SOURCE_MAX: usize = 1_000;
/// Those of them that one peer has told.
const PER_TELLER_MAX: usize = 200;
/// Those of them in one neighbourhood.
const PER_NEIGHBOURHOOD_MAX: usize = 32;
/// Strangers do not make us call ports below, where services of the system listen: logins, mail, the web. A lie would have
/// all of us knock there, and whoever is knocked at complains of us. Few honest peers listen there, and those can call us.
pub(crate) const PORT_MIN: u16 = 1024;
/// First pause after a failed call; doubles with each further one.
const RETRY_FIRST: Duration = Duration::from_secs(15);
/// Calls that may fail before an address is forgotten.
const FAILURES_MAX: u8 = 5;
/// Pause before calling somebody again who was connected.
const RETRY_KNOWN: Duration = Duration::from_secs(10);
/// Pause before calling somebody again who has everything, as we do: one of us may have changed its mind.
const RETRY_USELESS: Duration = Duration::from_secs(30 * 60);
/// The same once we lack something again: it was given up for room, or more is wanted.
const RETRY_RECALLED: Duration = Duration::from_secs(2);

/// Addresses that may be dialled, best first.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    known: BTreeMap<SocketAddr, Candidate>,
    ready: BTreeSet<(Rank, SocketAddr)>,
    waiting: BTreeSet<(Time, SocketAddr)>,
    hosts: BTreeMap<SocketAddr, usize>,
    neighbourhoods: BTreeMap<IpAddr, usize>,
    tellers: BTreeMap<Teller, usize>,
    /// Who had nothing for us, for we lacked nothing, and since when.
    useless: BTreeMap<SocketAddr, Time>,
}

/// Who told us of an address, and of several peers which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Teller {
    pub(crate) source: PeerSource,
    pub(crate) peer: Option<ConnId>,
}

impl From<PeerSource> for Teller {
    fn from(source: PeerSource) -> Self {
        Self { source, peer: None }
    }
}

/// Fewest failures first, then the most trusted source, then the greatest priority (BEP 40), or chance while it is
/// not known.
type Rank = (u8, PeerSource, u32);

#[derive(Debug, Clone, Copy)]
struct Candidate {
    teller: Teller,
    failures: u8,
    salt: u32,
    /// How often it was not understood: which of the manners is next.
    misunderstood: usize,
    /// Whether it is known to have everything.
    seed: bool,
    state: State,
}

/// How somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Plainly, with all that can be said in one write: the least round trips.
    Eager,
    /// Encrypted. What follows the handshake waits for the agreement anyway.
    Encrypted,
    /// Plainly, and nothing behind the handshake until the other's has come: aria2 hangs up on more.
    Terse,
}

impl Encryption {
    /// The manners in which we call, one after the other, as long as we are not understood.
    fn manners(self) -> &'static [Manner] {
        match self {
            Self::Off => &[Manner::Eager, Manner::Terse],
            Self::Prefer => &[Manner::Eager, Manner::Encrypted, Manner::Terse],
            Self::Require => &[Manner::Encrypted],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Waiting(Time),
    Busy,
}

impl Candidates {
    /// Somebody told us of an address.
    pub(crate) fn found(&mut self, addr: SocketAddr, teller: impl Into<Teller>, salt: u32) {
        let teller = teller.into();
        if addr.port() == 0 || addr.ip().is_unspecified() || addr.ip().is_multicast() {
            return;
        }
        let is_given = teller.source == PeerSource::Given;
        if self.known.contains_key(&addr) || self.known.len() >= CANDIDATES_MAX {
            return;
        }
        if !is_given && (addr.port() < PORT_MIN || !self.has_room(addr, teller)) {
            return;
        }
        let candidate = Candidate {
            teller,
            failures: 0,
            salt,
            misunderstood: 0,
            seed: false,
            state: State::Ready,
        };
        self.count(addr, teller);
        self.known.insert(addr, candidate);
        self.ready.insert((rank(&candidate), addr));
    }

    /// Whether a stranger may tell of one more like this.
    fn has_room(&self, addr: SocketAddr, teller: Teller) -> bool {
        let of_source = self.tellers.iter().filter(|(one, _)| one.source == teller.source);
        let neighbours = count_of(&self.neighbourhoods, &neighbourhood(addr));
        count_of(&self.hosts, &host(addr)) < PER_HOST_MAX
            && (neighbours < PER_NEIGHBOURHOOD_MAX || is_near(addr.ip()))
            && of_source.map(|(_, count)| count).sum::<usize>() < PER_SOURCE_MAX
            && (teller.peer.is_none() || count_of(&self.tellers, &teller) < PER_TELLER_MAX)
    }

    fn count(&mut self, addr: SocketAddr, teller: Teller) {
        *self.hosts.entry(host(addr)).or_default() += 1;
        *self.neighbourhoods.entry(neighbourhood(addr)).or_default() += 1;
        *self.tellers.entry(teller).or_default() += 1;
    }

    /// Whether an address was given by the user, and not learnt from strangers.
    pub(crate) fn is_given(&self, addr: SocketAddr) -> bool {
        let known = self.known.get(&addr);
        known.is_some_and(|candidate| candidate.teller.source == PeerSource::Given)
    }

    /// An address may not be called before then.
    pub(crate) fn wait(&mut self, addr: SocketAddr, until: Time) {
        self.shift(addr, State::Waiting(until));
    }

    /// Ties between addresses are broken in another way from now on.
    pub(crate) fn reorder(&mut self, mut salt: impl FnMut(SocketAddr) -> u32) {
        self.ready.clear();
        for (addr, candidate) in &mut self.known {
            candidate.salt = salt(*addr);
            if candidate.state == State::Ready {
                self.ready.insert((rank(candidate), *addr));
            }
        }
    }

    /// The best address to call now; it is busy until told otherwise.
    pub(crate) fn next(&mut self, now: Time) -> Option<SocketAddr> {
        while let Some(&(at, addr)) = self.waiting.first()
            && at <= now
        {
            self.shift(addr, State::Ready);
        }
        let &(_, addr) = self.ready.first()?;
        self.shift(addr, State::Busy);
        Some(addr)
    }

    /// When the next address may be called again, if none can be now.
    pub(crate) fn next_at(&self, now: Time) -> Option<Time> {
        if self.ready.is_empty() { self.waiting.first().map(|&(at, _)| at) } else { Some(now) }
    }

    /// Somebody with this address is connected, whoever called.
    pub(crate) fn connected(&mut self, addr: SocketAddr) {
        self.shift(addr, State::Busy);
    }

    /// A call failed.
    pub(crate) fn failed(&mut self, now: Time, addr: SocketAddr) {
        let Some(candidate) = self.known.get(&addr) else { return };
        let failures = candidate.failures + 1;
        if failures >= FAILURES_MAX {
            return self.forget(addr);
        }
        self.shift(addr, State::Busy);
        if let Some(candidate) = self.known.get_mut(&addr) {
            candidate.failures = failures;
        }
        self.shift(addr, State::Waiting(now + RETRY_FIRST * (1 << failures.min(10))));
    }

    /// What is known of who has everything, and who does not.
    pub(crate) fn note_seed(&mut self, addr: SocketAddr, seed: bool) {
        if let Some(candidate) = self.known.get_mut(&addr) {
            candidate.seed = seed;
        }
    }

    /// Whether an address is known to have everything.
    pub(crate) fn is_seed(&self, addr: SocketAddr) -> bool {
        self.known.get(&addr).is_some_and(|candidate| candidate.seed)
    }

    /// How an address is to be called.
    pub(crate) fn manner(&self, addr: SocketAddr, encryption: Encryption) -> Manner {
        let misunderstood = self.known.get(&addr).map_or(0, |candidate| candidate.misunderstood);
        let manners = encryption.manners();
        manners[misunderstood % manners.len()]
    }

    /// Somebody answered a call with nothing that could be understood: the next one is in another manner, and
    /// the second one made at once.
    pub(crate) fn misunderstood(&mut self, now: Time, addr: SocketAddr, encryption: Encryption) {
        let manners = encryption.manners().len();
        let Some(candidate) = self.known.get_mut(&addr) else { return };
        candidate.misunderstood = (candidate.misunderstood + 1) % manners;
        if candidate.misunderstood == 1 {
            return self.shift(addr, State::Ready);
        }
        self.failed(now, addr);
    }

    /// A connection ended in an ordinary way.
    pub(crate) fn left(&mut self, now: Time, addr: SocketAddr) {
        self.shift(addr, State::Waiting(now + RETRY_KNOWN));
    }

    /// Neither of us has anything for the other.
    pub(crate) fn useless(&mut self, now: Time, addr: SocketAddr) {
        self.shift(addr, State::Waiting(now + RETRY_USELESS));
        if self.known.contains_key(&addr) {
            self.useless.insert(addr, now);
        }
    }

    /// We lack something again: who had nothing for us may be called soon.
    pub(crate) fn recall(&mut self) {
        for (addr, since) in std::mem::take(&mut self.useless) {
            self.shift(addr, State::Waiting(since + RETRY_RECALLED));
        }
    }

    /// An address is of no use.
    pub(crate) fn forget(&mut self, addr: SocketAddr) {
        self.shift(addr, State::Busy);
        if let Some(gone) = self.known.remove(&addr) {
            count_down(&mut self.hosts, host(addr));
            count_down(&mut self.neighbourhoods, neighbourhood(addr));
            count_down(&mut self.tellers, gone.teller);
        }
    }

    /// Addresses known and not in use.
    pub(crate) fn idle(&self) -> usize {
        self.ready.len() + self.waiting.len()
    }

    fn shift(&mut self, addr: SocketAddr, state: State) {
        let Some(candidate) = self.known.get_mut(&addr) else { return };
        self.useless.remove(&addr);
        match candidate.state {
            State::Ready => self.ready.remove(&(rank(candidate), addr)),
            State::Waiting(at) => self.waiting.remove(&(at, addr)),
            State::Busy => false,
        };
        candidate.state = state;
        match state {
            State::Ready => self.ready.insert((rank(candidate), addr)),
            State::Waiting(at) => self.waiting.insert((at, addr)),
            State::Busy => false,
        };
    }
}

fn rank(candidate: &Candidate) -> Rank {
    (candidate.failures, candidate.teller.source, candidate.salt)
}

fn count_of<K: Ord>(counts: &BTreeMap<K, usize>, key: &K) -> usize {
    counts.get(key).copied().unwrap_or(0)
}

fn count_down<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([81, 2, 3, host], 6_000 + port))
    }

    fn told_by(peer: u64) -> Teller {
        Teller { source: PeerSource::Exchange, peer: Some(ConnId(peer)) }
    }

    /// An address with neither host nor neighbourhood in common with another number's.
    fn numbered(number: u32) -> SocketAddr {
        SocketAddr::from(((81_u32 << 24 | number << 8).to_be_bytes(), 6_881))
    }

    #[test]
    fn trusted_addresses_come_first_and_failed_ones_later() {
        let mut candidates = Candidates::default();
        candidates.found(addr(1, 1), PeerSource::Exchange, 0);
        candidates.found(addr(2, 1), PeerSource::Given, 9);
        assert_eq!(candidates.next(Time(0)), Some(addr(2, 1)));
        candidates.failed(Time(0), addr(2, 1));
        assert_eq!(candidates.next(Time(0)), Some(addr(1, 1)));
        assert_eq!(candidates.next(Time(0)), None);
        assert_eq!(candidates.next_at(Time(0)), Some(Time(30_000_000)));
        assert_eq!(candidates.next(Time(30_000_000)), Some(addr(2, 1)));
    }

    #[test]
    fn who_had_nothing_for_us_is_called_again_as_soon_as_we_lack_something() {
        let mut candidates = Candidates::default();
        candidates.found(addr(1, 1), PeerSource::Given, 0);
        candidates.found(addr(2, 1), PeerSource::Given, 0);
        while let Some(called) = candidates.next(Time(0)) {
            candidates.useless(Time(0), called);
        }
        assert_eq!(candidates.next_at(Time(0)), Some(Time(0) + RETRY_USELESS));
        candidates.connected(addr(2, 1));
        candidates.recall();
        assert_eq!(candidates.next_at(Time(0)), Some(Time(0) + RETRY_RECALLED));
        assert_eq!(candidates.next(Time(0) + RETRY_RECALLED), Some(addr(1, 1)));
        assert_eq!(candidates.next(Time(0) + RETRY_USELESS), None, "the other one is connected");
    }

    #[test]
    fn one_host_cannot_fill_the_list() {
        let mut candidates = Candidates::default();
        for port in 1..1000 {
            candidates.found(addr(1, port), PeerSource::Exchange, 0);
        }
        assert_eq!(candidates.idle(), PER_HOST_MAX);
        for host in 0..=255 {
            for port in 1..100 {
                candidates.found(addr(host, port), PeerSource::Tracker, 0);
            }
        }
        assert_eq!(candidates.idle(), PER_NEIGHBOURHOOD_MAX);
        for number in 0..10_000 {
            candidates.found(numbered(number), PeerSource::Given, 0);
        }
        assert_eq!(candidates.idle(), CANDIDATES_MAX);
    }

    #[test]
    fn hp_52_one_peer_fills_a_tenth_of_the_list_and_all_peers_together_half() {
        let mut candidates = Candidates::default();
        (0..5_000).for_each(|number| candidates.found(numbered(number), told_by(1), 0));
        assert_eq!(candidates.idle(), PER_TELLER_MAX);
        for peer in 2..50 {
            let numbers = peer * 1_000..(peer + 1) * 1_000;
            let told = numbers.map(|number| numbered(u32::try_from(number).expect("a small one")));
            told.for_each(|addr| candidates.found(addr, told_by(peer), 0));
        }
        assert_eq!(candidates.idle(), PER_SOURCE_MAX);
        while let Some(called) = candidates.next(Time(0)) {
            candidates.forget(called);
        }
        candidates.found(numbered(1), told_by(1), 0);
        assert_eq!(candidates.idle(), 1, "who was forgotten makes room");
    }

    #[test]
    fn hp_89_a_tracker_that_poisons_leaves_room_for_what_others_know() {
        let mut candidates = Candidates::default();
        (0..5_000).for_each(|number| candidates.found(numbered(number), PeerSource::Tracker, 0));
        (5_000..5_100).for_each(|number| candidates.found(numbered(number), told_by(1), 0));
        candidates.found(numbered(6_000), PeerSource::Given, 0);
        assert_eq!(candidates.idle(), PER_SOURCE_MAX + 100 + 1);
    }

    #[test]
    fn hp_97_the_addresses_of_one_network_of_ipv6_are_told_of_a_few_times() {
        let mut candidates = Candidates::default();
        let within = |network: u16, host: u16| {
            SocketAddr::from(([0x2001, 0xdb8, 1, network, host, 0, 0, 1], 6_881))
        };
        (0..1_000).for_each(|host| candidates.found(within(7, host), PeerSource::Dht, 0));
        assert_eq!(candidates.idle(), PER_HOST_MAX);
        (0..1_000).for_each(|network| candidates.found(within(network, 0), PeerSource::Dht, 0));
        assert_eq!(candidates.idle(), PER_NEIGHBOURHOOD_MAX);
    }

    #[test]
    fn hp_52_strangers_do_not_have_us_call_the_system_s_ports_and_the_user_may() {
        let mut candidates = Candidates::default();
        let at = |port| SocketAddr::from(([81, 2, 3, 4], port));
        for source in [PeerSource::Exchange, PeerSource::Dht, PeerSource::Tracker] {
            for port in [1, 22, 25, 443, 1023] {
                candidates.found(at(port), source, 0);
            }
        }
        assert_eq!(candidates.idle(), 0);
        candidates.found(at(443), PeerSource::Given, 0);
        candidates.found(at(1024), PeerSource::Dht, 0);
        assert_eq!(candidates.idle(), 2);
    }

    #[test]
    fn an_address_that_fails_again_and_again_is_forgotten() {
        let mut candidates = Candidates::default();
        candidates.found(addr(1, 1), PeerSource::Tracker, 0);
        let mut now = Time(0);
        for _ in 0..FAILURES_MAX {
            now = candidates.next_at(now).expect("still known").max(now);
            let tried = candidates.next(now).expect("ready");
            candidates.failed(now, tried);
        }
        assert_eq!((candidates.next_at(now), candidates.idle()), (None, 0));
    }

    #[test]
    fn who_does_not_understand_is_called_in_other_manners_once_at_once_and_then_later() {
        let mut candidates = Candidates::default();
        candidates.found(addr(1, 1), PeerSource::Tracker, 0);
        let mut manners = Vec::new();
        let mut now = Time(0);
        for _ in 0..4 {
            now = candidates.next_at(now).expect("still known").max(now);
            let called = candidates.next(now).expect("ready");
            manners.push((candidates.manner(called, Encryption::Prefer), now.0 / 1_000_000));
            candidates.misunderstood(now, called, Encryption::Prefer);
        }
        let (first, second, third) = (Manner::Eager, Manner::Encrypted, Manner::Terse);
        assert_eq!(manners, [(first, 0), (second, 0), (third, 30), (first, 90)]);
    }

    #[test]
    fn who_requires_encryption_has_no_other_manner() {
        let mut candidates = Candidates::default();
        candidates.found(addr(1, 1), PeerSource::Tracker, 0);
        for _ in 0..3 {
            assert_eq!(candidates.manner(addr(1, 1), Encryption::Require), Manner::Encrypted);
            candidates.misunderstood(Time(0), addr(1, 1), Encryption::Require);
            assert_eq!(candidates.next(Time(0)), None, "called again at once, for the same answer");
        }
    }
}
