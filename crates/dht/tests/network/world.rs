//! A network of nodes in one process: virtual time, latency, loss, silence.

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    net::{IpAddr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use dht::{
    AnnouncedPort, Command, Config, Dht, DoneWhy, Family, Id, Input, Item, Limits, LookupId,
    LookupStats, News, Output, Time, Wanted,
};

/// Chance that can be repeated (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    #[allow(dead_code, reason = "the week of channels uses it")]
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).expect("63 bits") % end.max(1)
    }

    pub(crate) fn id(&mut self) -> Id {
        Id(std::array::from_fn(|_| u8::try_from(self.below(256)).expect("a byte")))
    }
}

/// Nodes that are there beside those that are simulated as a whole: they answer, and ask nothing.
pub(crate) trait Crowd {
    /// Time passes: nodes come and go.
    fn live(&mut self, until: Time);
    /// Where a node is.
    fn door(&mut self) -> SocketAddr;
    /// How long a datagram takes from there to the middle of the network, if a node was ever there.
    fn distance(&self, at: SocketAddr) -> Option<Duration>;
    /// What a node says to a datagram.
    fn answer(
        &mut self,
        at: SocketAddr,
        from: SocketAddr,
        bytes: &[u8],
        now: Time,
    ) -> Option<Vec<u8>>;
}

/// A place in the network.
pub(crate) type Place = usize;

struct Slot {
    /// `None` is silent for ever.
    node: Option<Dht>,
    id: Id,
    addr: SocketAddr,
    /// How long a datagram takes to the middle of the network.
    distance: Duration,
    wake: Option<Time>,
    /// Bytes that it sent and that reached it.
    traffic: u64,
}

enum Event {
    Arrives(SocketAddr, Vec<u8>),
    /// A datagram reaches a node of the crowd.
    Asks(SocketAddr, Vec<u8>),
    Wakes,
}

/// What a lookup found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) peers: Vec<SocketAddr>,
    pub(crate) items: Vec<Item>,
    pub(crate) infohashes: Vec<Id>,
    pub(crate) done: Option<(DoneWhy, LookupStats)>,
    /// Seeds and others.
    pub(crate) counted: Option<(u32, u32)>,
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) chance: Chance,
    pub(crate) sent: u64,
    family: Family,
    slots: Vec<Slot>,
    places: BTreeMap<SocketAddr, Place>,
    queue: BinaryHeap<Reverse<(Time, u64, Place)>>,
    events: BTreeMap<u64, Event>,
    next_event: u64,
    next_lookup: u64,
    found: BTreeMap<LookupId, Found>,
    crowd: Option<Rc<RefCell<dyn Crowd>>>,
}

impl World {
    fn empty(family: Family, seed: u64) -> Self {
        println!("seed {seed}");
        Self {
            now: Time(0),
            chance: Chance(seed),
            sent: 0,
            family,
            slots: Vec::new(),
            places: BTreeMap::new(),
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            next_event: 0,
            next_lookup: 0,
            found: BTreeMap::new(),
            crowd: None,
        }
    }

    /// Nobody but a crowd.
    #[allow(dead_code, reason = "the week of channels uses it")]
    pub(crate) fn among(crowd: Rc<RefCell<dyn Crowd>>, now: Time, seed: u64) -> Self {
        Self { now, crowd: Some(crowd), ..Self::empty(Family::V4, seed) }
    }

    /// A crowd comes to the nodes that are there.
    #[allow(dead_code, reason = "the week of channels has its crowd from the beginning")]
    pub(crate) fn invade(&mut self, crowd: Rc<RefCell<dyn Crowd>>) {
        self.crowd = Some(crowd);
    }

    /// Somebody outside says something to a node.
    #[allow(dead_code, reason = "the crowd of the week says nothing by itself")]
    pub(crate) fn hear(&mut self, place: Place, from: SocketAddr, bytes: Vec<u8>) {
        self.schedule(self.now, place, Event::Arrives(from, bytes));
    }

    /// The nodes that are alive and closest to a key.
    #[allow(dead_code, reason = "the week of channels crowds around no key")]
    pub(crate) fn closest(&self, target: Id, count: usize) -> Vec<Place> {
        let alive = (0..self.slots.len()).filter(|place| self.slots[*place].node.is_some());
        let mut alive: Vec<_> = alive.collect();
        alive.sort_by_key(|place| self.slots[*place].id.distance(&target));
        alive.truncate(count);
        alive
    }

    /// Where every node is that is alive, and its id.
    #[allow(dead_code, reason = "the week of channels knows its crowd")]
    pub(crate) fn everybody(&self) -> Vec<(SocketAddr, Id)> {
        let alive = self.slots.iter().filter(|slot| slot.node.is_some());
        alive.map(|slot| (slot.addr, slot.id)).collect()
    }

    /// Every node in a /24 of its own, or a /48.
    fn address(&self, place: Place) -> SocketAddr {
        let [_, more, high, low] = u32::try_from(place).expect("few nodes").to_be_bytes();
        let block = u16::from_be_bytes([high, low]);
        match self.family {
            Family::V4 => ([11 + more, high, low, 1], 6881).into(),
            Family::V6 => {
                let spread = block.wrapping_mul(40_503);
                ([0x2600 + u16::from(more), spread, block, block, 0, 0, 0, 1], 6881).into()
            }
        }
    }

    pub(crate) fn ip(&self, place: Place) -> IpAddr {
        self.address(place).ip()
    }

    /// `count` nodes that have entered one after the other and had a minute to get to know each other.
    pub(crate) fn grown(count: usize, seed: u64) -> Self {
        Self::grown_of(Family::V4, count, seed)
    }

    /// The same in either family of addresses.
    pub(crate) fn grown_of(family: Family, count: usize, seed: u64) -> Self {
        let mut world = Self::empty(family, seed);
        for _ in 0..count {
            world.join();
            world.run(Duration::from_millis(20));
        }
        world.run(Duration::from_secs(20));
        world
    }

    /// One more node, which knows three others, alive or not.
    pub(crate) fn join(&mut self) -> Place {
        let place = self.slots.len();
        self.join_through(|world| world.chance.below(place))
    }

    /// One more node, which knows three others that are alive.
    #[allow(dead_code, reason = "the week of channels uses it")]
    pub(crate) fn join_alive(&mut self) -> Place {
        self.join_through(Self::alive)
    }

    fn join_through(&mut self, door: impl Fn(&mut Self) -> Place) -> Place {
        let place = self.slots.len();
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(
            &u64::try_from(self.chance.below(usize::MAX)).expect("64 bits").to_be_bytes(),
        );
        let id = Id::for_address(self.ip(place), self.chance.id());
        let node = Dht::new(Config {
            seed,
            node_id: Some(id),
            read_only: false,
            v4: self.family == Family::V4,
            v6: self.family == Family::V6,
            local_addresses: false,
            snapshot: None,
            limits: Limits { answer_bytes_per_second: 32_000, ..Limits::USUAL },
        });
        let distance = Duration::from_millis(5 + u64::try_from(self.chance.below(60)).expect("ms"));
        let addr = self.address(place);
        self.places.insert(addr, place);
        let doors = match self.crowd.clone() {
            Some(crowd) => (0..3).map(|_| crowd.borrow_mut().door()).collect(),
            None => {
                let doors: Vec<_> = (0..3).filter(|_| place > 0).map(|_| door(self)).collect();
                doors.into_iter().map(|door| self.address(door)).collect()
            }
        };
        self.slots.push(Slot { node: Some(node), id, addr, distance, wake: None, traffic: 0 });
        self.command(place, Command::Bootstrap(doors));
        place
    }

    pub(crate) fn kill(&mut self, place: Place) {
        self.slots[place].node = None;
    }

    #[allow(dead_code, reason = "the week of channels uses it")]
    pub(crate) fn is_alive(&self, place: Place) -> bool {
        self.slots[place].node.is_some()
    }

    pub(crate) fn alive(&mut self) -> Place {
        loop {
            let place = self.chance.below(self.slots.len());
            if self.slots[place].node.is_some() {
                return place;
            }
        }
    }

    pub(crate) fn node(&self, place: Place) -> &Dht {
        self.slots[place].node.as_ref().expect("it is alive")
    }

    /// Bytes that a node sent and that reached it.
    #[allow(dead_code, reason = "the week of channels uses it")]
    pub(crate) fn traffic(&self, place: Place) -> u64 {
        self.slots[place].traffic
    }

    /// The round trip between two nodes, in the middle of all.
    pub(crate) fn round_trip(&self) -> Duration {
        let mut all: Vec<_> = self.slots.iter().map(|slot| slot.distance).collect();
        all.sort();
        all[all.len() / 2] * 4
    }

    pub(crate) fn peers(
        &mut self,
        place: Place,
        infohash: Id,
        announce: Option<AnnouncedPort>,
    ) -> LookupId {
        let lookup = self.name();
        self.command(place, Command::Peers { lookup, infohash, announce });
        lookup
    }

    /// A peer of a swarm says where another node is.
    #[allow(dead_code, reason = "the week of channels has no swarms")]
    pub(crate) fn introduce(&mut self, place: Place, other: Place) {
        let at = self.address(other);
        self.command(place, Command::Node(at));
    }

    /// Follows a torrent for ever.
    pub(crate) fn follow(&mut self, place: Place, infohash: Id) -> LookupId {
        let lookup = self.name();
        let announce = Some(AnnouncedPort::Implied);
        self.command(place, Command::Follow { lookup, infohash, announce });
        lookup
    }

    pub(crate) fn get(&mut self, place: Place, what: Wanted) -> LookupId {
        let lookup = self.name();
        self.command(place, Command::Get { lookup, what });
        lookup
    }

    pub(crate) fn put(&mut self, place: Place, item: Item, cas: Option<i64>) -> LookupId {
        self.put_copies(place, item, cas, 8)
    }

    pub(crate) fn put_copies(
        &mut self,
        place: Place,
        item: Item,
        cas: Option<i64>,
        copies: usize,
    ) -> LookupId {
        let lookup = self.name();
        self.command(place, Command::Put { lookup, item, cas, copies });
        lookup
    }

    pub(crate) fn sample(&mut self, place: Place, target: Id) -> LookupId {
        let lookup = self.name();
        self.command(place, Command::Sample { lookup, target });
        lookup
    }

    /// Counts the peers of a torrent.
    pub(crate) fn scrape(&mut self, place: Place, infohash: Id) -> LookupId {
        let lookup = self.name();
        self.command(place, Command::Scrape { lookup, infohash });
        lookup
    }

    /// Says whether a torrent that is followed is complete.
    pub(crate) fn seeds(&mut self, place: Place, lookup: LookupId, all: bool) {
        self.command(place, Command::Seeds { lookup, all });
    }

    pub(crate) fn found(&self, lookup: LookupId) -> &Found {
        &self.found[&lookup]
    }

    /// Runs until these lookups are done.
    pub(crate) fn finish(&mut self, lookups: &[LookupId]) {
        let horizon = self.now + Duration::from_secs(600);
        while lookups.iter().any(|lookup| self.found[lookup].done.is_none()) {
            assert!(self.now < horizon, "a lookup never ends");
            self.run(Duration::from_millis(250));
        }
    }

    pub(crate) fn run(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(Reverse((at, ..))) = self.queue.peek()
            && *at <= until
        {
            let Some(Reverse((at, event, place))) = self.queue.pop() else { break };
            self.now = at;
            let event = self.events.remove(&event).expect("it was scheduled");
            self.happen(place, event);
        }
        self.now = until;
        if let Some(crowd) = &self.crowd {
            crowd.borrow_mut().live(until);
        }
    }

    fn name(&mut self) -> LookupId {
        self.next_lookup += 1;
        self.found.insert(LookupId(self.next_lookup), Found::default());
        LookupId(self.next_lookup)
    }

    fn command(&mut self, place: Place, command: Command) {
        let now = self.now;
        let node = self.slots[place].node.as_mut().expect("it is alive");
        node.handle_input(now, Input::Command(command));
        self.settle(place);
    }

    fn happen(&mut self, place: Place, event: Event) {
        let now = self.now;
        let slot = &mut self.slots[place];
        let Some(node) = &mut slot.node else { return };
        match event {
            Event::Arrives(from, bytes) => {
                slot.traffic += bytes.len() as u64;
                node.handle_input(now, Input::Datagram(from, &bytes));
            }
            Event::Asks(to, bytes) => return self.ask_crowd(place, to, &bytes),
            Event::Wakes => {
                if slot.wake != Some(now) {
                    return;
                }
                slot.wake = None;
                node.handle_input(now, Input::DeadlinePassed);
            }
        }
        self.settle(place);
    }

    fn settle(&mut self, place: Place) {
        while let Some(output) = self.slots[place].node.as_mut().and_then(Dht::poll_output) {
            self.carry_out(place, output);
        }
        let due = self.slots[place].node.as_ref().and_then(Dht::deadline);
        let due = due.map(|due| due.max(self.now + Duration::from_micros(1)));
        let sooner = |due| self.slots[place].wake.is_none_or(|wake| due < wake);
        if let Some(due) = due.filter(|due| sooner(*due)) {
            self.slots[place].wake = Some(due);
            self.schedule(due, place, Event::Wakes);
        }
    }

    fn carry_out(&mut self, place: Place, output: Output) {
        match output {
            Output::Send(to, bytes) => self.send(place, to, bytes),
            Output::Peers { lookup, addrs } => self.at(lookup).peers.extend(addrs),
            Output::Item { lookup, item } => self.at(lookup).items.push(item),
            Output::Sample { lookup, infohashes, .. } => {
                self.at(lookup).infohashes.extend(infohashes);
            }
            Output::Counted { lookup, seeds, leechers } => {
                self.at(lookup).counted = Some((seeds, leechers));
            }
            Output::Done { lookup, why, stats } => self.at(lookup).done = Some((why, stats)),
            Output::Tell(News::Blocked(ip)) => panic!("{place} found {ip} to ask too much"),
            Output::Tell(_) | Output::Save(_) => {}
        }
    }

    fn at(&mut self, lookup: LookupId) -> &mut Found {
        self.found.get_mut(&lookup).expect("it was started")
    }

    /// One datagram in a hundred is lost.
    fn send(&mut self, from: Place, to: SocketAddr, bytes: Vec<u8>) {
        assert!(bytes.len() <= 1400, "a datagram of {} bytes", bytes.len());
        self.sent += 1;
        self.slots[from].traffic += bytes.len() as u64;
        let Some(place) = self.places.get(&to).copied() else {
            let Some(crowd) = &self.crowd else { return };
            let way = crowd.borrow().distance(to);
            return self.carry(from, way, from, Event::Asks(to, bytes));
        };
        let way = self.slots[place].node.as_ref().map(|_| self.slots[place].distance);
        self.carry(from, way, place, Event::Arrives(self.slots[from].addr, bytes));
    }

    /// A datagram of a node, or to it, is on its way; one to nowhere is not.
    fn carry(&mut self, from: Place, way: Option<Duration>, place: Place, event: Event) {
        let is_lost = self.chance.below(100) == 0;
        let Some(way) = way.filter(|_| !is_lost) else { return };
        let jitter = u64::try_from(self.chance.below(5_000)).expect("µs");
        let at = self.now + self.slots[from].distance + way + Duration::from_micros(jitter);
        self.schedule(at, place, event);
    }

    fn ask_crowd(&mut self, from: Place, to: SocketAddr, bytes: &[u8]) {
        let (Some(crowd), at) = (self.crowd.clone(), self.slots[from].addr) else { return };
        let answer = crowd.borrow_mut().answer(to, at, bytes, self.now);
        let Some(answer) = answer else { return };
        self.sent += 1;
        let way = crowd.borrow().distance(to);
        self.carry(from, way, from, Event::Arrives(to, answer));
    }

    fn schedule(&mut self, at: Time, place: Place, event: Event) {
        self.queue.push(Reverse((at, self.next_event, place)));
        self.events.insert(self.next_event, event);
        self.next_event += 1;
    }
}
