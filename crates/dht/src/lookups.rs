//! Lookups from the beginning to the end: started, taken a step further, told what they found, ended.

use std::{net::SocketAddr, time::Duration};

use crate::{
    Command, Dht, DoneWhy, Family, Id, Item, LookupId, LookupStats, Node, Output, Time,
    census::Census,
    krpc::{Answer, Want},
    search::{Around, Goal, Leg, Phase, Search, SearchId},
    transactions::{Pending, Purpose},
    walk::{Step, Walk},
};

/// Nodes of our table from which a walk starts.
const START: usize = 16;
/// Announces and puts of one lookup under way at one time.
const STORING_MAX: usize = 5;
/// When to look again whether nodes that were asked too much may be asked.
const SPARE: Duration = Duration::from_millis(250);
/// Ways in that one lookup tries.
const DOORS_MAX: usize = 8;
/// The codes with which a put is refused because of its version (BEP 44).
const REFUSED_CAS: i64 = 301;
const REFUSED_SEQ: i64 = 302;

/// What the next step of a lookup came to.
enum Stepped {
    /// A question was sent, or something was found out: there may be more to do.
    On,
    /// It waits for answers.
    Waits,
    /// No more may be sent at the moment.
    Paced,
}

impl Dht {
    pub(crate) fn obey(&mut self, command: Command, now: Time) {
        match command {
            Command::Peers { lookup, infohash, announce } => {
                self.start(lookup, Goal::Peers { announce }, infohash, now);
            }
            Command::Follow { lookup, infohash, announce } => {
                // A round under way for this name would end as a lookup that nobody started.
                self.cancel(lookup);
                self.follows.add(lookup, infohash, announce, now);
            }
            Command::Get { lookup, what } => {
                let target = what.target();
                self.start(lookup, Goal::Get { what }, target, now);
            }
            Command::Put { lookup, item, cas, copies } => {
                let target = item.target();
                self.start(lookup, Goal::Put { item, cas, copies }, target, now);
            }
            Command::Scrape { lookup, infohash } => {
                self.start(lookup, Goal::Scrape, infohash, now);
            }
            Command::Seeds { lookup, all } => self.follows.seeds(lookup, all),
            Command::Sample { lookup, target } => self.start(lookup, Goal::Sample, target, now),
            Command::Cancel(lookup) => self.cancel(lookup),
            Command::Bootstrap(doors) => self.add_doors(doors),
            Command::Node(addr) => self.add_node(addr, now),
        }
    }

    fn cancel(&mut self, lookup: LookupId) {
        let rounds = self.follows.remove(lookup);
        for search in rounds.into_iter().chain(self.names.remove(&lookup)) {
            self.searches.remove(&search);
        }
    }

    fn start(&mut self, lookup: LookupId, goal: Goal, target: Id, now: Time) {
        if self.names.len() >= self.config.limits.lookups_max || self.names.contains_key(&lookup) {
            let (why, stats) = (DoneWhy::TooMany, LookupStats::default());
            return self.outputs.push_back(Output::Done { lookup, why, stats });
        }
        let id = self.enter_all(Some(lookup), goal, target, now);
        self.names.insert(lookup, id);
        self.advance(id, now);
    }

    /// A lookup in all families; it is to be advanced next.
    pub(crate) fn enter_all(
        &mut self,
        lookup: Option<LookupId>,
        goal: Goal,
        target: Id,
        now: Time,
    ) -> SearchId {
        let families = self.sides.iter().map(|side| side.family).collect();
        let id = self.enter(Search::new(lookup, goal, target, now), families);
        self.tell_own_peers(id, now);
        id
    }

    /// A lookup of our own, of nodes.
    pub(crate) fn start_own(&mut self, family: Family, target: Id, now: Time) -> SearchId {
        let id = self.enter(Search::new(None, Goal::Nodes, target, now), vec![family]);
        self.advance(id, now);
        id
    }

    pub(crate) fn enter(&mut self, mut search: Search, families: Vec<Family>) -> SearchId {
        for family in families {
            let walk = self.walk(family, search.target, search.width());
            let (phase, around) = (Phase::Walking, Around::Unknown);
            search.legs.push(Leg { family, walk, phase, around });
        }
        let id = SearchId(self.next_search);
        self.next_search += 1;
        self.searches.insert(id, search);
        id
    }

    /// A way that starts at the nodes we know, or at the given ways in if we know too few.
    fn walk(&mut self, family: Family, target: Id, width: usize) -> Walk {
        let mut walk = Walk::new(target, width);
        let Some(side) = self.side(family) else { return walk };
        let known = side.table.closest_usable(&target, START);
        if known.len() < width {
            let doors = self.doors.iter().filter(|door| Family::of(door.ip()) == family);
            doors.take(DOORS_MAX).for_each(|door| walk.add_door(*door));
        }
        known.into_iter().for_each(|node| walk.add(node, 0, false));
        let introduced = self.introduced.some(family, &mut self.random);
        introduced.into_iter().for_each(|node| walk.add(node, 0, true));
        walk
    }

    /// Others may have announced themselves to us.
    fn tell_own_peers(&mut self, id: SearchId, now: Time) {
        let Some(search) = self.searches.get_mut(&id) else { return };
        if !matches!(search.goal, Goal::Peers { .. }) {
            return;
        }
        for family in Family::ALL {
            let peers = self.peers.some(&search.target, family, 50, now, &mut self.random);
            report_peers(search, peers, now, 0, &mut self.outputs);
        }
    }

    /// Sends what a lookup may send and ends it when it is over.
    pub(crate) fn advance(&mut self, id: SearchId, now: Time) {
        loop {
            match self.step(id, now) {
                Stepped::On => {}
                Stepped::Waits => break,
                Stepped::Paced => return self.queue(id, now),
            }
        }
        self.advance_begun(id, now);
        if self.searches.get(&id).is_some_and(Search::is_over) {
            self.end(id, now);
        }
    }

    fn step(&mut self, id: SearchId, now: Time) -> Stepped {
        let Some(mut search) = self.searches.remove(&id) else { return Stepped::Waits };
        let stepped = self.step_of(&mut search, id, now);
        self.searches.insert(id, search);
        stepped
    }

    fn step_of(&mut self, search: &mut Search, id: SearchId, now: Time) -> Stepped {
        if search.is_satisfied() {
            return Stepped::Waits;
        }
        let mut paced = false;
        for at in 0..search.legs.len() {
            let stepped = match search.legs[at].phase {
                Phase::Walking => self.step_walking(search, at, id, now),
                Phase::Storing(..) => self.step_storing(search, at, id, now),
                Phase::Over => Stepped::Waits,
            };
            match stepped {
                Stepped::On => return Stepped::On,
                Stepped::Paced => paced = true,
                Stepped::Waits => {}
            }
        }
        if paced { Stepped::Paced } else { Stepped::Waits }
    }

    fn step_walking(&mut self, search: &mut Search, at: usize, id: SearchId, now: Time) -> Stepped {
        let leg = &mut search.legs[at];
        if leg.walk.is_done() {
            if self.looks_around(search, at, id, now) {
                return Stepped::Waits;
            }
            search.legs[at].phase = Phase::Storing(search.keepers(&search.legs[at].walk));
            return Stepped::On;
        }
        if !leg.walk.has_more() {
            return Stepped::Waits;
        }
        if !self.pace.take(1, now) {
            return Stepped::Paced;
        }
        let Some(step) = leg.walk.next(|addr| !self.asked.has_room(addr, now)) else {
            self.pace.give_back(1);
            // Whoever is left was asked too often lately: somebody else's lookups wait meanwhile.
            return if leg.walk.is_waiting() { Stepped::Waits } else { Stepped::Paced };
        };
        self.take_step(search, at, id, step, now);
        Stepped::On
    }

    fn take_step(&mut self, search: &mut Search, at: usize, id: SearchId, step: Step, now: Time) {
        let (to, node) = match step {
            Step::Node(Node { id, addr }) => (addr, Some(id)),
            Step::Door(addr) => (addr, None),
        };
        let both = Want { v4: self.config.v4, v6: self.config.v6 };
        let want = if both.v4 && both.v6 { both } else { Want::default() };
        let query = search.question(want);
        if !self.ask(to, node, Purpose::Walk(id), query, now) {
            let walk = &mut search.legs[at].walk;
            match node {
                Some(node) => walk.failed(&node),
                None => walk.door_late(),
            }
        }
    }

    fn step_storing(&mut self, search: &mut Search, at: usize, id: SearchId, now: Time) -> Stepped {
        let Phase::Storing(storing) = &mut search.legs[at].phase else { return Stepped::Waits };
        if storing.left.is_empty() && storing.waiting == 0 {
            search.legs[at].phase = Phase::Over;
            return Stepped::On;
        }
        if storing.left.is_empty() || storing.waiting >= STORING_MAX {
            return Stepped::Waits;
        }
        if !self.pace.take(1, now) {
            return Stepped::Paced;
        }
        let Some((node, token)) = storing.left.pop_front() else { return Stepped::Waits };
        let asked = search.gift(token).is_some_and(|query| {
            self.ask(node.addr, Some(node.id), Purpose::Store(id), query, now)
        });
        if let Phase::Storing(storing) = &mut search.legs[at].phase {
            storing.waiting += usize::from(asked);
        }
        Stepped::On
    }

    /// Puts a lookup at the end of the line for packets that may be sent.
    fn queue(&mut self, id: SearchId, now: Time) {
        let Some(search) = self.searches.get_mut(&id) else { return };
        if !search.is_queued {
            search.is_queued = true;
            self.line.push_back(id);
        }
        self.set_line(now);
    }

    fn set_line(&mut self, now: Time) {
        let ready = self.pace.ready(1);
        self.line_moves = Some(if ready > now { ready } else { now + SPARE });
    }

    /// More may be sent: everybody in line gets a turn.
    pub(crate) fn move_line(&mut self, now: Time) {
        self.line_moves = None;
        for _ in 0..self.line.len() {
            let Some(id) = self.line.pop_front() else { return };
            if let Some(search) = self.searches.get_mut(&id) {
                search.is_queued = false;
            }
            self.advance(id, now);
            if self.pace.ready(1) > now {
                break;
            }
        }
        if !self.line.is_empty() && self.line_moves.is_none() {
            self.set_line(now);
        }
    }

    /// A node answered a step of a lookup.
    pub(crate) fn step_answered(
        &mut self,
        id: SearchId,
        pending: &Pending,
        answer: &Answer,
        now: Time,
    ) {
        let family = Family::of(pending.to.ip());
        let nodes = self.acceptable(answer.nodes_of(family), family);
        let peers: Vec<_> =
            answer.peers.iter().copied().filter(|peer| self.may_be_at(*peer)).collect();
        let Some(search) = self.searches.get_mut(&id) else { return };
        let Some(leg) = search.leg(family) else { return };
        let hops = leg.walk.hops(&answer.id) + 1;
        let is_apart = pending.id.is_some_and(|id| leg.walk.is_apart(&id));
        match pending.id {
            Some(id) => leg.walk.answered(&id, answer.token.clone()),
            None => leg.walk.door_answered(pending.is_late),
        }
        nodes.into_iter().for_each(|node| leg.walk.add(node, hops, is_apart));
        match search.goal {
            Goal::Peers { .. } => report_peers(search, peers, now, hops, &mut self.outputs),
            Goal::Get { .. } | Goal::Put { .. } => {
                let item = search.new_item(answer);
                report_item(search, item, now, hops, &mut self.outputs);
            }
            Goal::Sample => report_sample(search, pending.to, answer, now, hops, &mut self.outputs),
            Goal::Scrape => {
                let census = search.census.get_or_insert_default();
                census.hear(answer.census.as_ref(), &peers);
            }
            Goal::Nodes => {}
        }
        self.advance(id, now);
    }

    /// A node took an announce or a put, or refused it with a code.
    pub(crate) fn stored(
        &mut self,
        id: SearchId,
        pending: &Pending,
        refused: Option<i64>,
        now: Time,
    ) {
        let Some(search) = self.searches.get_mut(&id) else { return };
        match refused {
            None => search.stats.stored += 1,
            Some(REFUSED_CAS) => search.stats.refused_cas += 1,
            Some(REFUSED_SEQ) => search.stats.refused_seq += 1,
            Some(_) => {}
        }
        if !pending.is_late {
            self.stop_waiting(id, pending, false, now);
        }
    }

    /// A node answered an announce or a put, or is late with that; then the next closest takes its place.
    pub(crate) fn stop_waiting(
        &mut self,
        id: SearchId,
        pending: &Pending,
        is_late: bool,
        now: Time,
    ) {
        let leg = self.searches.get_mut(&id).and_then(|s| s.leg(Family::of(pending.to.ip())));
        if let Some(Leg { phase: Phase::Storing(storing), .. }) = leg {
            storing.waiting -= 1;
            if is_late {
                storing.left.extend(storing.spare.pop_front());
            }
        }
        self.advance(id, now);
    }

    fn end(&mut self, id: SearchId, now: Time) {
        let Some(search) = self.searches.remove(&id) else { return };
        let (why, stats) = search.outcome(now);
        match search.lookup {
            Some(lookup) if self.follows.ended(lookup, (why, stats), now, &mut self.random) => {}
            Some(lookup) => {
                self.names.remove(&lookup);
                if matches!(search.goal, Goal::Scrape) {
                    self.outputs.push_back(count(lookup, search.census.unwrap_or_default()));
                }
                self.outputs.push_back(Output::Done { lookup, why, stats });
            }
            None if search.parent.is_some() => self.looked_around(search, now),
            None => self.own_ended(id, stats.answers, now),
        }
    }

    fn add_doors(&mut self, doors: Vec<SocketAddr>) {
        for door in doors {
            let door = SocketAddr::new(door.ip().to_canonical(), door.port());
            if self.may_be_at(door) && !self.doors.contains(&door) && self.doors.len() < 64 {
                self.doors.push(door);
            }
        }
        self.upkeep.hurry();
        self.sides.iter_mut().for_each(|side| side.entry.again = Time(0));
    }

    /// Somebody says that its DHT listens there: one question tells (BEP 5, `port`). It is kept apart from those whom
    /// other nodes name.
    fn add_node(&mut self, addr: SocketAddr, now: Time) {
        let addr = SocketAddr::new(addr.ip().to_canonical(), addr.port());
        if self.may_be_at(addr) && self.asked.has_room(addr, now) && self.pace.take(1, now) {
            self.ask(addr, None, Purpose::Introduction, crate::krpc::Query::Ping, now);
        }
    }
}

fn count(lookup: LookupId, Census { seeds, leechers }: Census) -> Output {
    let (seeds, leechers) = (seeds.size(), leechers.size());
    Output::Counted { lookup, seeds, leechers }
}

type Outputs = std::collections::VecDeque<Output>;

fn report_peers(
    search: &mut Search,
    peers: Vec<SocketAddr>,
    now: Time,
    hops: u32,
    outputs: &mut Outputs,
) {
    let addrs = search.new_peers(peers);
    let Some(lookup) = search.lookup.filter(|_| !addrs.is_empty()) else { return };
    search.note_first(now, hops);
    outputs.push_back(Output::Peers { lookup, addrs });
}

fn report_item(
    search: &mut Search,
    item: Option<Item>,
    now: Time,
    hops: u32,
    outputs: &mut Outputs,
) {
    let (Some(lookup), Some(item)) = (search.lookup, item) else { return };
    search.note_first(now, hops);
    outputs.push_back(Output::Item { lookup, item });
}

fn report_sample(
    search: &mut Search,
    from: SocketAddr,
    answer: &Answer,
    now: Time,
    hops: u32,
    outputs: &mut Outputs,
) {
    let (Some(lookup), Some(sample)) = (search.lookup, &answer.sample) else { return };
    search.note_first(now, hops);
    outputs.push_back(Output::Sample {
        lookup,
        from,
        infohashes: sample.keys.clone(),
        total: sample.total,
        interval: Duration::from_secs(sample.interval.min(6 * 3600)),
    });
}
