//! Hosts, links between them, and time, which goes from one event to the next.

use std::{collections::BTreeMap, net::SocketAddr};

use bytes::Bytes;
use utp::{ConnId, Input};

use crate::{
    host::{Host, Talk},
    link::Link,
    reno::{PACKET, Reno},
};

/// Chance that can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn happens(&mut self, of_one: f64) -> bool {
        of_one > 0.0 && (self.next() >> 11) as f64 / (1_u64 << 53) as f64 <= of_one
    }
}

#[derive(Debug)]
enum Event {
    Datagram { to: usize, from: SocketAddr, bytes: Bytes },
    Wake(usize, u64),
    RenoArrived(usize, u64),
    RenoAcked(usize, u64),
    RenoLooks(usize, u64),
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) hosts: Vec<Host>,
    pub(crate) links: Vec<Link>,
    pub(crate) renos: Vec<Reno>,
    /// The longest datagram that each link carried.
    pub(crate) longest: BTreeMap<usize, usize>,
    /// The link from one host to another.
    routes: BTreeMap<(usize, usize), usize>,
    dice: Dice,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
    wakes: BTreeMap<usize, u64>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            now: 0,
            hosts: vec![],
            links: vec![],
            renos: vec![],
            longest: BTreeMap::new(),
            routes: BTreeMap::new(),
            dice: Dice::new(seed),
            events: BTreeMap::new(),
            next_event: 0,
            wakes: BTreeMap::new(),
        }
    }

    pub(crate) fn host(&mut self, host: Host) -> usize {
        self.hosts.push(host);
        self.hosts.len() - 1
    }

    pub(crate) fn link(&mut self, link: Link) -> usize {
        self.links.push(link);
        self.links.len() - 1
    }

    /// Packets between two hosts take these links.
    pub(crate) fn route(&mut self, from: usize, to: usize, there: usize, back: usize) {
        self.routes.insert((from, to), there);
        self.routes.insert((to, from), back);
    }

    pub(crate) fn connect(&mut self, from: usize, id: u64, to: usize, bytes: u64) {
        let addr = self.hosts[to].addr;
        self.hosts[from].connect(self.now, ConnId(id), addr, bytes);
        self.carry_out(from);
    }

    pub(crate) fn reno(&mut self, reno: Reno) -> usize {
        self.renos.push(reno);
        let number = self.renos.len() - 1;
        self.reno_sends(number);
        self.at(self.now + 1_000_000, Event::RenoLooks(number, 0));
        number
    }

    /// The connection of a host that has an odd name, which is that it accepted.
    pub(crate) fn accepted(&self, host: usize) -> impl Iterator<Item = &Talk> {
        self.hosts[host].talks.iter().filter(|(id, _)| id.0 % 2 == 1).map(|(_, talk)| talk)
    }

    /// Something happens to a host from outside.
    pub(crate) fn handle(&mut self, host: usize, input: Input) {
        let now = self.now;
        self.hosts[host].handle(now, input);
        self.carry_out(host);
    }

    /// Lets time pass, calling `each` every 10 ms of it; ends when that returns true. Returns the events there were.
    pub(crate) fn run(&mut self, until: u64, mut each: impl FnMut(&mut Self) -> bool) -> u64 {
        let (mut events, mut look) = (0, self.now);
        while self.now < until {
            if self.now >= look {
                look += 10_000;
                if each(self) {
                    break;
                }
            }
            let next = self.events.first_key_value().map(|((at, _), _)| *at);
            self.now = next.unwrap_or(until).min(look).min(until).max(self.now);
            while let Some(entry) = self.events.first_entry()
                && entry.key().0 <= self.now
            {
                let event = entry.remove();
                events += 1;
                self.happen(event);
            }
        }
        events
    }

    fn at(&mut self, time: u64, event: Event) {
        self.events.insert((time, self.next_event), event);
        self.next_event += 1;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Datagram { to, from, bytes } => self.handle(to, Input::Datagram(from, bytes)),
            Event::Wake(host, at) if self.wakes.get(&host) == Some(&at) => {
                self.wakes.remove(&host);
                self.handle(host, Input::DeadlinePassed);
            }
            // Another time was planned meanwhile.
            Event::Wake(..) => {}
            Event::RenoArrived(reno, packet) => {
                let back = self.renos[reno].links.1;
                for at in self.links[back].carry(self.now, 40, &mut self.dice) {
                    self.at(at, Event::RenoAcked(reno, packet));
                }
            }
            Event::RenoAcked(reno, packet) => {
                self.renos[reno].acked(packet);
                self.reno_sends(reno);
            }
            Event::RenoLooks(reno, delivered) => self.reno_looks(reno, delivered),
        }
    }

    fn reno_looks(&mut self, reno: usize, delivered: u64) {
        if self.renos[reno].delivered == delivered {
            self.renos[reno].timed_out();
            self.reno_sends(reno);
        }
        self.at(self.now + 1_000_000, Event::RenoLooks(reno, self.renos[reno].delivered));
    }

    fn reno_sends(&mut self, reno: usize) {
        while let Some(packet) = self.renos[reno].next(self.now) {
            let there = self.renos[reno].links.0;
            for at in self.links[there].carry(self.now, PACKET, &mut self.dice) {
                self.at(at, Event::RenoArrived(reno, packet));
            }
        }
    }

    fn carry_out(&mut self, host: usize) {
        let from = self.hosts[host].addr;
        for (to, bytes) in self.hosts[host].carry_out(self.now) {
            let Some(to) = self.hosts.iter().position(|host| host.addr == to) else { continue };
            let link = self.routes[&(host, to)];
            for at in self.links[link].carry(self.now, bytes.len(), &mut self.dice) {
                self.longest
                    .entry(link)
                    .and_modify(|longest| *longest = bytes.len().max(*longest))
                    .or_insert(bytes.len());
                self.at(at, Event::Datagram { to, from, bytes: bytes.clone() });
            }
        }
        self.plan_wake(host);
    }

    fn plan_wake(&mut self, host: usize) {
        let Some(deadline) = self.hosts[host].endpoint.deadline() else { return };
        let at = self.hosts[host].when(deadline, self.now);
        if self.wakes.get(&host).is_none_or(|planned| *planned > at) {
            self.wakes.insert(host, at);
            self.at(at, Event::Wake(host, at));
        }
    }
}
