//! The peers that announced themselves to us (BEP 5), within a quota and for a while.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{Family, Id, Time, census::Census, config::Limits, random::Random};

/// How long an announced peer is told to others; peers announce again every 15 to 30 minutes.
const LIFE: Duration = Duration::from_secs(45 * 60);
/// Ports of one address in one swarm: a few programs behind one router, not a forged crowd.
const PORTS_MAX: usize = 4;

/// The peers of a torrent, each with what it said last.
type Swarm = BTreeMap<SocketAddr, Announced>;

#[derive(Debug, Clone, Copy)]
struct Announced {
    at: Time,
    /// Whether it has everything (BEP 33).
    seed: bool,
}

/// Peers by infohash.
#[derive(Debug)]
pub(crate) struct Peers {
    swarms: BTreeMap<Id, Swarm>,
    swarms_max: usize,
    peers_max: usize,
}

impl Peers {
    pub(crate) fn new(limits: &Limits) -> Self {
        let (swarms_max, peers_max) = (limits.swarms_max, limits.peers_per_swarm_max);
        Self { swarms: BTreeMap::new(), swarms_max, peers_max }
    }

    /// A peer announced itself. When there is no room for another swarm, the smallest gives way.
    pub(crate) fn announce(&mut self, infohash: Id, peer: SocketAddr, seed: bool, now: Time) {
        if !self.swarms.contains_key(&infohash) && self.swarms.len() >= self.swarms_max {
            let smallest = self.swarms.iter().min_by_key(|(_, peers)| peers.len());
            let Some(smallest) = smallest.map(|(infohash, _)| *infohash) else { return };
            self.swarms.remove(&smallest);
        }
        let peers = self.swarms.entry(infohash).or_default();
        if !peers.contains_key(&peer) {
            make_room(peers, peer.ip(), self.peers_max);
        }
        peers.insert(peer, Announced { at: now, seed });
    }

    /// Up to `most` peers of a swarm, chosen by chance.
    pub(crate) fn some(
        &self,
        infohash: &Id,
        family: Family,
        most: usize,
        now: Time,
        random: &mut Random,
    ) -> Vec<SocketAddr> {
        let Some(swarm) = self.swarms.get(infohash) else { return Vec::new() };
        let fits = |(peer, said): &(&SocketAddr, &Announced)| {
            Family::of(peer.ip()) == family && now.since(said.at) < LIFE
        };
        let mut peers: Vec<_> = swarm.iter().filter(fits).map(|(peer, _)| *peer).collect();
        for at in 0..most.min(peers.len()) {
            let other = at + random.below(peers.len() - at);
            peers.swap(at, other);
        }
        peers.truncate(most);
        peers
    }

    /// The addresses of all peers of a swarm, as sets (BEP 33).
    pub(crate) fn census(&self, infohash: &Id, now: Time) -> Census {
        let mut census = Census::default();
        let peers = self.swarms.get(infohash).into_iter().flatten();
        for (peer, said) in peers.filter(|(_, said)| now.since(said.at) < LIFE) {
            let set = if said.seed { &mut census.seeds } else { &mut census.leechers };
            set.insert(peer.ip());
        }
        census
    }

    pub(crate) fn len(&self) -> usize {
        self.swarms.len()
    }

    /// Up to `most` infohashes from one place on. The place is chosen anew only now and then, so that
    /// asking again does not tell more (BEP 51).
    pub(crate) fn sample(&self, from: Id, most: usize) -> Vec<Id> {
        let wrapped = self.swarms.range(from..).chain(self.swarms.range(..from));
        wrapped.take(most).map(|(infohash, _)| *infohash).collect()
    }

    pub(crate) fn expire(&mut self, now: Time) {
        self.swarms.retain(|_, peers| {
            peers.retain(|_, said| now.since(said.at) < LIFE);
            !peers.is_empty()
        });
    }
}

/// Makes room for a peer: the oldest of its own address gives way first, then the oldest of all.
fn make_room(peers: &mut Swarm, ip: IpAddr, most: usize) {
    let same = |(peer, _): &(&SocketAddr, &Announced)| peer.ip() == ip;
    let crowded = peers.iter().filter(same).count() >= PORTS_MAX;
    let gone = if crowded {
        peers.iter().filter(same).min_by_key(|(_, said)| said.at)
    } else if peers.len() >= most {
        peers.iter().min_by_key(|(_, said)| said.at)
    } else {
        None
    };
    if let Some(gone) = gone.map(|(peer, _)| *peer) {
        peers.remove(&gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        Peers::new(&Limits::USUAL)
    }

    fn peer(n: u32) -> SocketAddr {
        (n.to_be_bytes(), 6881).into()
    }

    fn key(n: u32) -> Id {
        let mut id = [0; 20];
        id[..4].copy_from_slice(&n.to_be_bytes());
        Id(id)
    }

    #[test]
    fn a_flood_of_announces_is_held_within_the_quota() {
        let mut peers = peers();
        for n in 0..5_000 {
            peers.announce(key(n), peer(n), false, Time(n.into()));
        }
        assert_eq!(peers.len(), Limits::USUAL.swarms_max);
        for n in 0..1_000 {
            peers.announce(key(4_999), peer(n), false, Time(n.into()));
        }
        assert_eq!(peers.swarms[&key(4_999)].len(), Limits::USUAL.peers_per_swarm_max);
        for port in 1..100 {
            peers.announce(key(4_998), ([9, 9, 9, 9], port).into(), false, Time(port.into()));
        }
        assert_eq!(peers.swarms[&key(4_998)].len(), PORTS_MAX + 1);
    }

    #[test]
    fn a_peer_is_told_until_it_is_old_and_only_in_its_family() {
        let (mut peers, mut random) = (peers(), Random::new([0; 32]));
        peers.announce(key(1), peer(1), false, Time(0));
        peers.announce(key(1), "[2606:4700::1]:9".parse().unwrap(), false, Time(0));
        let told = |peers: &Peers, family, at, random: &mut Random| {
            peers.some(&key(1), family, 10, at, random).len()
        };
        assert_eq!(told(&peers, Family::V4, Time(0), &mut random), 1);
        assert_eq!(told(&peers, Family::V6, Time(0), &mut random), 1);
        assert_eq!(told(&peers, Family::V4, Time(0) + LIFE, &mut random), 0);
        peers.expire(Time(0) + LIFE);
        assert_eq!(peers.len(), 0);
    }
}
