//! The owner of all connections of one socket: takes inputs, gives outputs.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;

use crate::{
    ClosedWhy, Config, ConnId, Input, Output, TARGET_USUAL, Time,
    budget::Budget,
    connection::{Connection, Ids},
    half_open::{HalfOpen, Opening},
    packet::{Kind, Packet},
    random::Random,
    seq::Seq,
};

/// Bytes that a stranger who has not shown to hear us is told that we have room for.
const ROOM_FIRST: u32 = 256 * 1024;

/// One end of many connections: all that go through one UDP socket.
///
/// It does no I/O and reads no clock: its owner feeds it [`Input`]s with the time they happened, carries out the
/// [`Output`]s and comes back at [`Endpoint::deadline`].
#[derive(Debug)]
pub struct Endpoint {
    config: Config,
    random: Random,
    target: Duration,
    connections: BTreeMap<ConnId, Connection>,
    /// By the other side's address and the id that it puts on its packets.
    names: BTreeMap<(SocketAddr, u16), ConnId>,
    deadlines: BTreeSet<(Time, ConnId)>,
    half_open: HalfOpen,
    accepted: u64,
    /// What connections hold for their readers, and beyond gaps.
    held: usize,
    strays: Budget,
    openings: Budget,
    outputs: VecDeque<Output>,
}

/// What was known of a connection before something happened to it.
struct Before {
    deadline: Option<Time>,
    held: usize,
}

impl Endpoint {
    /// An end without connections.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            random: Random::new(config.seed),
            target: TARGET_USUAL,
            connections: BTreeMap::new(),
            names: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            half_open: HalfOpen::default(),
            accepted: 0,
            held: 0,
            strays: Budget::new(config.limits.strays_per_second),
            openings: Budget::new(config.limits.openings_per_second),
            outputs: VecDeque::new(),
            config,
        }
    }

    /// Takes note of something that happened at `now`; times never go back.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        match input {
            Input::Datagram(from, bytes) => self.hear(now, from, &bytes),
            Input::Connect(id, addr) => self.connect(now, id, addr),
            Input::Send(id, bytes) => self.with(now, id, |connection, _, _| connection.send(bytes)),
            Input::Took(id, count) => self.with(now, id, |connection, _, _| connection.took(count)),
            Input::Finish(id) => self.with(now, id, |connection, _, _| connection.finish()),
            Input::Close(id) => self.with(now, id, |connection, _, _| connection.forget(now)),
            Input::Target(target) => self.aim_at(target),
            Input::DeadlinePassed => {}
        }
        self.catch_up(now);
    }

    /// The next thing to carry out or to know.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back if nothing happens.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// How many connections there are, those that are being made or ended included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// How many strangers want to connect and have not shown that they hear us.
    #[must_use]
    pub fn half_open(&self) -> usize {
        self.half_open.len()
    }

    fn aim_at(&mut self, target: Duration) {
        self.target = target;
        self.connections.values_mut().for_each(|connection| connection.aim_at(target));
    }

    fn connect(&mut self, now: Time, id: ConnId, addr: SocketAddr) {
        let ids = self.ids(addr);
        let is_new = !self.connections.contains_key(&id);
        let Some(ids) = ids.filter(|_| is_new && !self.is_full()) else {
            return self.outputs.push_back(Output::Closed(id, ClosedWhy::Full));
        };
        let seq = Seq(self.random.draw());
        let limits = &self.config.limits;
        self.add(Connection::open(now, id, addr, ids, seq, limits, self.target));
        self.with(now, id, |_, _, _| {});
    }

    /// Ids that no other connection to this address has.
    fn ids(&mut self, addr: SocketAddr) -> Option<Ids> {
        let draws = (0..16).map(|_| self.random.draw()).collect::<Vec<_>>();
        let is_free = |receive: &u16| !self.names.contains_key(&(addr, *receive));
        let receive = draws.into_iter().find(is_free)?;
        Some(Ids { receive, send: receive.wrapping_add(1) })
    }

    fn hear(&mut self, now: Time, from: SocketAddr, bytes: &Bytes) {
        let Ok(packet) = Packet::parse(bytes) else { return };
        let name = (from, packet.connection);
        match packet.kind {
            Kind::Syn => self.hear_opening(now, from, &packet),
            // One that is about a connection which we have, or believe to have, carries our own words.
            Kind::Reset => self.hear_reset(now, from, packet),
            _ => match self.names.get(&name) {
                Some(id) => self.deliver(now, *id, packet),
                None => self.hear_stray(now, from, packet),
            },
        }
    }

    fn deliver(&mut self, now: Time, id: ConnId, packet: Packet) {
        self.with(now, id, |connection, room, out| connection.hear(now, packet, room, out));
    }

    /// Somebody wants to connect. What they use as their id, we put on our packets.
    fn hear_opening(&mut self, now: Time, from: SocketAddr, packet: &Packet) {
        let name = (from, packet.connection.wrapping_add(1));
        if let Some(id) = self.names.get(&name) {
            return self.deliver(now, *id, packet.clone());
        }
        if !self.config.accepts || self.is_full() {
            return self.reset(now, from, packet);
        }
        if !self.openings.spend(now) {
            return;
        }
        let (theirs, ours) = (Seq(packet.seq), Seq(self.random.draw()));
        let opening = self.half_open.open(now, name, theirs, ours, self.config.limits.half_open);
        let answer = answer(now, packet, opening);
        self.outputs.push_back(Output::Send(from, answer));
    }

    fn hear_reset(&mut self, now: Time, from: SocketAddr, packet: Packet) {
        // It names the connection by the id of either direction.
        let ids = [
            packet.connection,
            packet.connection.wrapping_sub(1),
            packet.connection.wrapping_add(1),
        ];
        let known = ids.iter().filter_map(|id| self.names.get(&(from, *id)));
        let named = |id: &&ConnId| {
            let ids = self.connections.get(id).map(|connection| connection.ids);
            ids.is_some_and(|ids| [ids.send, ids.receive].contains(&packet.connection))
        };
        if let Some(id) = known.copied().find(|id| named(&id)) {
            self.deliver(now, id, packet);
        }
    }

    /// A packet of no connection: the second one of a stranger, or none that we know of.
    fn hear_stray(&mut self, now: Time, from: SocketAddr, packet: Packet) {
        let Some(opening) = self.half_open.complete(from, &packet) else {
            return self.reset(now, from, &packet);
        };
        if self.is_full() {
            return self.reset(now, from, &packet);
        }
        let id = ConnId(self.accepted * 2 + 1);
        self.accepted += 1;
        let ids = Ids { receive: packet.connection, send: packet.connection.wrapping_sub(1) };
        let limits = &self.config.limits;
        self.add(Connection::accept(now, id, from, ids, opening, limits, self.target));
        self.outputs.push_back(Output::Accepted(id, from));
        self.deliver(now, id, packet);
    }

    /// Tells that there is no such connection, if not too many were told already.
    fn reset(&mut self, now: Time, to: SocketAddr, packet: &Packet) {
        if self.strays.spend(now) {
            let seq = self.random.draw();
            let reset = Packet { kind: Kind::Reset, ack: packet.seq, seq, ..bare(now, packet) };
            self.outputs.push_back(Output::Send(to, reset));
        }
    }

    fn is_full(&self) -> bool {
        self.connections.len() >= self.config.limits.connections
    }

    fn add(&mut self, connection: Connection) {
        self.names.insert((connection.addr, connection.ids.receive), connection.id);
        self.connections.insert(connection.id, connection);
    }

    fn catch_up(&mut self, now: Time) {
        while let Some((at, id)) = self.deadlines.first().copied()
            && at <= now
        {
            self.with(now, id, |_, _, _| {});
        }
    }

    /// Does something with a connection, and then all that follows from it.
    fn with(
        &mut self,
        now: Time,
        id: ConnId,
        what: impl FnOnce(&mut Connection, usize, &mut VecDeque<Output>),
    ) {
        let room = self.config.limits.received.saturating_sub(self.held);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let before = Before { deadline: connection.deadline(), held: connection.held() };
        let out = &mut self.outputs;
        what(connection, room, out);
        connection.catch_up(now, room, out);
        connection.flush(now, room, out);
        self.note(id, &before);
    }

    /// Keeps what is known of all connections together.
    fn note(&mut self, id: ConnId, before: &Before) {
        let Some(connection) = self.connections.get(&id) else { return };
        let is_gone = connection.is_gone();
        let after = if is_gone { 0 } else { connection.held() };
        self.held = self.held - before.held + after;
        if let Some(deadline) = before.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        if let Some(deadline) = connection.deadline() {
            self.deadlines.insert((deadline, id));
        }
        if is_gone {
            self.names.remove(&(connection.addr, connection.ids.receive));
            self.connections.remove(&id);
        }
    }
}

/// Agrees to a connection. The number is that of the first packet which will carry something.
fn answer(now: Time, packet: &Packet, opening: Opening) -> Packet {
    Packet {
        kind: Kind::State,
        window: ROOM_FIRST,
        seq: opening.ours.0,
        ack: opening.theirs.0,
        ..bare(now, packet)
    }
}

/// A packet back to where one came from.
fn bare(now: Time, packet: &Packet) -> Packet {
    let micros = (now.0 & u64::from(u32::MAX)) as u32;
    Packet {
        kind: Kind::State,
        connection: packet.connection,
        sent_at: micros.max(1),
        delay: micros.wrapping_sub(packet.sent_at).max(1),
        window: 0,
        seq: 0,
        ack: 0,
        sack: None,
        padding: 0,
        payload: Bytes::new(),
    }
}
