//! One connection: its two halves, its window, and the times at which something is due.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use bytes::Bytes;

use crate::{
    ClosedWhy, ConnId, Output, Time,
    config::Limits,
    delay::Delays,
    half_open::Opening,
    ledbat::Window,
    mtu::PathMtu,
    packet::{HEADER_LEN, Kind, Packet},
    receiving::{Arrival, Receiver},
    rtt::RoundTrip,
    sending::{Lost, Outgoing, Sender},
    seq::Seq,
    slow_start::Heard,
};

/// Packets that arrive before they are acknowledged, and how long one alone waits for that.
const ACK_EVERY: u32 = 2;
const ACK_DELAY: Duration = Duration::from_millis(20);
/// First packets sent in vain before nobody is there: 1, 2 and 4 s.
const OPENINGS_MAX: u32 = 3;
/// Times in a row that nothing came though something was due, before nobody is there any more: about 40 s.
const SILENCES_MAX: u32 = 6;
/// A window that others may take for closed, and news for them when there is as much again.
const LITTLE: usize = 64 * 1024;
/// How often the path is used, so that a router in between does not forget it.
const KEEP_ALIVE: Duration = Duration::from_secs(29);
/// How long what was given is still delivered after everybody here lost interest.
const LINGER: Duration = Duration::from_secs(10);
/// How long the other side's last packet is answered again after a connection ended: on a good path it may repeat it four
/// times, and on another as often, for it waits longer there.
const AFTERLIFE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(50));
/// The same as a multiple of how long an answer is waited for.
const AFTERLIFE_WAITS: u32 = 10;

/// The ids of a connection: a packet carries that of whoever receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) receive: u16,
    pub(crate) send: u16,
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnId,
    pub(crate) addr: SocketAddr,
    pub(crate) ids: Ids,
    state: State,
    sender: Sender,
    receiver: Receiver,
    window: Window,
    rtt: RoundTrip,
    delays: Delays,
    mtu: PathMtu,
    peer_window: usize,
    peer_window_max: usize,
    /// What the last packet from the other side took, for it to know.
    reply_delay: u32,
    /// Losses of transmissions before this one belong to a round that was answered.
    round_ends: u64,
    offered: usize,
    unacked: u32,
    due: Due,
    heard_at: Time,
    spoke_at: Time,
    silence: Duration,
    /// The first packet is to be sent, for the first time or again.
    asks: bool,
    told_finished: bool,
    /// Nobody here listens any more.
    is_forgotten: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The first packet, with this number, is not answered.
    Opening(Seq),
    Open,
    /// Both sides are done; the other may not know it.
    Done(Time),
    Gone,
}

/// When what is due.
#[derive(Debug, Default)]
struct Due {
    /// An acknowledgement.
    ack: Option<Time>,
    /// Giving up on answers.
    timeout: Option<Time>,
    /// A packet into a window that is said to be closed.
    push: Option<Time>,
    /// Forgetting what could not be delivered.
    linger: Option<Time>,
}

impl Connection {
    /// A connection that we ask for.
    pub(crate) fn open(
        now: Time,
        id: ConnId,
        addr: SocketAddr,
        ids: Ids,
        seq: Seq,
        limits: &Limits,
        target: Duration,
    ) -> Self {
        let (sender, receiver) =
            (Sender::new(seq.plus(1)), Receiver::new(Seq(1), limits.receive_window));
        let mut connection = Self::new(now, id, addr, ids, sender, receiver, limits, target);
        connection.state = State::Opening(seq);
        connection
    }

    /// A connection that a stranger asked for and that we agreed to.
    pub(crate) fn accept(
        now: Time,
        id: ConnId,
        addr: SocketAddr,
        ids: Ids,
        opening: Opening,
        limits: &Limits,
        target: Duration,
    ) -> Self {
        let receiver = Receiver::new(opening.theirs.plus(1), limits.receive_window);
        Self::new(now, id, addr, ids, Sender::new(opening.ours), receiver, limits, target)
    }

    #[expect(clippy::too_many_arguments, reason = "all that the two ways to begin differ in")]
    fn new(
        now: Time,
        id: ConnId,
        addr: SocketAddr,
        ids: Ids,
        sender: Sender,
        receiver: Receiver,
        limits: &Limits,
        target: Duration,
    ) -> Self {
        let mtu = PathMtu::new(addr.is_ipv4());
        Self {
            id,
            addr,
            ids,
            state: State::Open,
            sender,
            receiver,
            window: Window::new(target, mtu.good()),
            rtt: RoundTrip::default(),
            delays: Delays::default(),
            mtu,
            peer_window: 0,
            peer_window_max: 0,
            reply_delay: 0,
            round_ends: 0,
            offered: limits.receive_window,
            unacked: 0,
            due: Due::default(),
            heard_at: now,
            spoke_at: now,
            silence: limits.silence,
            asks: true,
            told_finished: false,
            is_forgotten: false,
        }
    }

    /// Whether there is nothing left of it.
    pub(crate) fn is_gone(&self) -> bool {
        self.state == State::Gone
    }

    /// Bytes that are held for it.
    pub(crate) fn held(&self) -> usize {
        self.receiver.held()
    }

    /// When it wants to be called if nothing happens.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let quiet = match self.state {
            State::Opening(_) => None,
            State::Open => Some((self.spoke_at + KEEP_ALIVE).min(self.heard_at + self.silence)),
            State::Done(until) => return Some(until),
            State::Gone => return None,
        };
        let Due { ack, timeout, push, linger } = self.due;
        [ack, timeout, push, linger, quiet].into_iter().flatten().min()
    }

    pub(crate) fn send(&mut self, bytes: Bytes) {
        self.sender.push(bytes);
    }

    pub(crate) fn took(&mut self, count: usize) {
        self.receiver.took(count);
    }

    pub(crate) fn finish(&mut self) {
        self.sender.finishing = true;
    }

    pub(crate) fn aim_at(&mut self, target: Duration) {
        self.window.aim_at(target);
    }

    /// Nobody here listens any more: what was given is delivered, if that can be done soon.
    pub(crate) fn forget(&mut self, now: Time) {
        self.is_forgotten = true;
        self.sender.finishing = true;
        self.due.linger = Some(now + LINGER);
        if matches!(self.state, State::Opening(_)) {
            self.state = State::Gone;
        }
    }

    /// A packet for this connection. `room` is what all connections may still hold.
    pub(crate) fn hear(
        &mut self,
        now: Time,
        packet: Packet,
        room: usize,
        out: &mut VecDeque<Output>,
    ) {
        if packet.kind == Kind::Reset {
            return self.hear_reset(&packet, out);
        }
        match self.state {
            State::Opening(seq) => self.hear_answer(now, seq, &packet, out),
            State::Open if packet.kind == Kind::Syn => self.due.ack = Some(now),
            State::Open if self.sender.newly_acked(Seq(packet.ack)).is_some() => {
                self.heard_at = now;
                self.measure(now, &packet);
                self.hear_ack(now, &packet);
                self.hear_payload(now, packet, room, out);
            }
            State::Done(_) if packet.kind != Kind::State => self.say(now, Kind::State, room, out),
            _ => {}
        }
    }

    /// Ends it if whoever says so knows what we sent.
    fn hear_reset(&mut self, packet: &Packet, out: &mut VecDeque<Output>) {
        let is_known = match self.state {
            State::Opening(seq) => Seq(packet.ack) == seq,
            // One that was sent for a packet without a number of its own repeats the next one.
            _ => [0, 1]
                .iter()
                .any(|less| self.sender.newly_acked(Seq(packet.ack).minus(*less)).is_some()),
        };
        if is_known {
            self.end(ClosedWhy::Reset, out);
        }
    }

    fn hear_answer(&mut self, now: Time, seq: Seq, packet: &Packet, out: &mut VecDeque<Output>) {
        if packet.kind != Kind::State || Seq(packet.ack) != seq {
            return;
        }
        self.state = State::Open;
        self.receiver = Receiver::new(Seq(packet.seq), self.receiver.window(usize::MAX));
        if !self.rtt.is_backed_off() {
            self.rtt.add(now, now.since(self.spoke_at));
        }
        self.rtt.answered();
        // They may have something to say before we have, and wait for a sign that we hear them.
        self.due = Due { ack: Some(now + ACK_DELAY), ..Due::default() };
        self.heard_at = now;
        self.measure(now, packet);
        self.hear_ack(now, packet);
        self.tell(Output::Connected(self.id), out);
    }

    /// What a packet says about the path.
    fn measure(&mut self, now: Time, packet: &Packet) {
        self.reply_delay = micros(now).wrapping_sub(packet.sent_at).max(1);
        self.delays.heard(now, self.reply_delay);
        // 0 is said by who knows nothing yet, and the largest positive number by some old programs.
        if packet.delay != 0 && packet.delay != 0x7fff_ffff {
            self.delays.told(now, packet.delay, self.rtt.least() / 2);
        }
    }

    fn hear_ack(&mut self, now: Time, packet: &Packet) {
        self.peer_window = packet.window as usize;
        self.peer_window_max = self.peer_window_max.max(self.peer_window);
        let flying = self.sender.flying();
        let acked = self.sender.acknowledge(now, packet, self.rtt.least());
        if let Some(rtt) = acked.rtt {
            self.rtt.add(now, rtt);
        }
        if acked.question {
            self.mtu.arrived();
            self.window.grow_segments(self.mtu.good());
        }
        if acked.packets > 0 {
            let (bytes, queue) = (acked.bytes, self.delays.queue());
            let transmissions = self.sender.transmissions();
            let heard = Heard { bytes, flying, queue, transmissions };
            self.window.acked(now, &heard, &self.rtt);
            self.due.timeout = Some(now + self.rtt.patience());
        }
        // Who has no room may be slow for as long as they say so.
        if acked.packets > 0 || self.peer_window < self.mtu.good() {
            self.rtt.answered();
        }
        let lost = self.sender.find_lost();
        self.hear_loss(&lost);
        if self.sender.is_quiet() {
            self.due.timeout = None;
        }
    }

    fn hear_loss(&mut self, lost: &Lost) {
        if lost.question {
            self.mtu.lost();
        }
        if lost.packets > 0 {
            let is_new = lost.newest >= self.round_ends;
            self.window.lost(lost.packets, is_new, self.delays.queue(), &self.rtt);
            if is_new {
                self.round_ends = self.sender.next_transmission();
            }
        }
    }

    fn hear_payload(&mut self, now: Time, packet: Packet, room: usize, out: &mut VecDeque<Output>) {
        if packet.kind == Kind::State {
            return self.settle(now, out);
        }
        let is_fin = packet.kind == Kind::Fin;
        match self.receiver.arrive(Seq(packet.seq), packet.payload, is_fin, room) {
            Arrival::Next => self.acknowledge_soon(now, is_fin),
            Arrival::Kept | Arrival::Again | Arrival::Refused => self.due.ack = Some(now),
        }
        while let Some(bytes) = self.receiver.next() {
            if self.is_forgotten {
                self.receiver.took(bytes.len());
            } else if !bytes.is_empty() {
                out.push_back(Output::Received(self.id, bytes));
            }
        }
        if self.receiver.is_done() && !std::mem::replace(&mut self.told_finished, true) {
            self.tell(Output::Finished(self.id), out);
        }
        self.settle(now, out);
    }

    fn acknowledge_soon(&mut self, now: Time, is_fin: bool) {
        self.unacked += 1;
        let is_due = self.unacked >= ACK_EVERY || is_fin || self.receiver.has_gap();
        let by = if is_due { now } else { now + ACK_DELAY };
        self.due.ack = Some(self.due.ack.map_or(by, |ack| ack.min(by)));
    }

    /// Sees whether both sides are done.
    fn settle(&mut self, now: Time, out: &mut VecDeque<Output>) {
        if self.state == State::Open && self.sender.is_done() && self.receiver.is_done() {
            self.tell(Output::Closed(self.id, ClosedWhy::Done), out);
            self.is_forgotten = true;
            let afterlife = self.rtt.patience() * AFTERLIFE_WAITS;
            self.state = State::Done(now + afterlife.clamp(AFTERLIFE.0, AFTERLIFE.1));
        }
    }

    /// What is due by now.
    pub(crate) fn catch_up(&mut self, now: Time, room: usize, out: &mut VecDeque<Output>) {
        if matches!(self.state, State::Done(until) if until <= now) {
            self.state = State::Gone;
        }
        if is_due(self.due.timeout, now) {
            self.time_out(now, out);
        }
        if self.state != State::Open {
            return;
        }
        if is_due(self.due.linger, now) || now >= self.heard_at + self.silence {
            self.say(now, Kind::Reset, room, out);
            return self.end(ClosedWhy::Silent, out);
        }
        if is_due(self.due.push, now) {
            self.due.push = None;
            self.peer_window = self.peer_window.max(self.mtu.good());
        }
        if now >= self.spoke_at + KEEP_ALIVE {
            self.say(now, Kind::State, room, out);
        }
    }

    fn time_out(&mut self, now: Time, out: &mut VecDeque<Output>) {
        self.due.timeout = None;
        let silences = self.rtt.back_off();
        let max = if matches!(self.state, State::Opening(_)) { OPENINGS_MAX } else { SILENCES_MAX };
        if silences > max {
            return self.end(ClosedWhy::TimedOut, out);
        }
        let lost = self.sender.lose_all();
        self.round_ends = self.sender.next_transmission();
        if lost.question {
            self.mtu.lost();
        }
        if lost.packets > 0 {
            self.window.timed_out();
        }
        self.due.timeout = Some(now + self.rtt.patience());
        self.asks = true;
    }

    /// Sends all that may be sent now.
    pub(crate) fn flush(&mut self, now: Time, room: usize, out: &mut VecDeque<Output>) {
        match self.state {
            State::Opening(seq) => self.ask(now, seq, room, out),
            State::Open => {
                self.transmit(now, room, out);
                self.offer(now, room);
                if is_due(self.due.ack, now) {
                    self.say(now, Kind::State, room, out);
                }
                self.settle(now, out);
            }
            // What filled the last gap ended the connection before it was acknowledged.
            State::Done(_) if self.due.ack.is_some() => self.say(now, Kind::State, room, out),
            State::Done(_) | State::Gone => {}
        }
    }

    /// Sends the first packet, again if it is time.
    fn ask(&mut self, now: Time, seq: Seq, room: usize, out: &mut VecDeque<Output>) {
        if std::mem::take(&mut self.asks) {
            let packet =
                Packet { connection: self.ids.receive, ..self.packet(now, Kind::Syn, seq, room) };
            self.put(now, packet, out);
            self.due.timeout = Some(now + self.rtt.patience());
        }
    }

    fn transmit(&mut self, now: Time, room: usize, out: &mut VecDeque<Output>) {
        if self.sender.is_quiet() && now.since(self.spoke_at) > self.rtt.patience() {
            self.window.rest();
        }
        while let Some(outgoing) = self.next(now) {
            self.window.sent();
            self.due.timeout.get_or_insert(now + self.rtt.patience());
            if outgoing.new_bytes > 0 {
                self.tell(Output::Sent(self.id, outgoing.new_bytes), out);
            }
            let packet = self.carry(now, outgoing, room);
            self.put(now, packet, out);
        }
        let is_shut = self.sender.is_quiet() && self.sender.is_waiting();
        if !is_shut {
            self.due.push = None;
        } else if self.due.push.is_none() {
            self.due.push = Some(now + self.rtt.patience());
        }
    }

    fn next(&mut self, now: Time) -> Option<Outgoing> {
        let window = self.window.bytes().min(self.peer_window);
        let payload_max = self.mtu.good() - HEADER_LEN;
        let mtu = &mut self.mtu;
        self.sender.next(now, window, payload_max, self.peer_window_max, || mtu.ask())
    }

    fn carry(&self, now: Time, outgoing: Outgoing, room: usize) -> Packet {
        let kind = if outgoing.is_fin { Kind::Fin } else { Kind::Data };
        let mut packet = self.packet(now, kind, outgoing.seq, room);
        packet.payload = outgoing.payload;
        if outgoing.is_question {
            packet.padding = self.mtu.question() - packet.size();
        }
        packet
    }

    /// Says that there is room again, if the other side knows of little.
    fn offer(&mut self, now: Time, room: usize) {
        let window = self.receiver.window(room);
        if self.offered < LITTLE && window >= self.offered + LITTLE && !self.told_finished {
            self.due.ack = Some(now);
        }
    }

    /// Sends a packet that carries nothing.
    fn say(&mut self, now: Time, kind: Kind, room: usize, out: &mut VecDeque<Output>) {
        let packet = self.packet(now, kind, self.sender.seq(), room);
        // It would make a packet with a payload longer than the path carries.
        let packet = Packet { sack: self.receiver.sack(), ..packet };
        self.put(now, packet, out);
    }

    fn packet(&self, now: Time, kind: Kind, seq: Seq, room: usize) -> Packet {
        Packet {
            kind,
            connection: self.ids.send,
            // 0 would say that it is not known.
            sent_at: micros(now).max(1),
            delay: self.reply_delay,
            window: u32::try_from(self.receiver.window(room)).unwrap_or(u32::MAX),
            seq: seq.0,
            ack: self.receiver.ack().0,
            sack: None,
            padding: 0,
            payload: Bytes::new(),
        }
    }

    /// A packet leaves, and everything that arrived is acknowledged by it, save what lies beyond a gap.
    fn put(&mut self, now: Time, packet: Packet, out: &mut VecDeque<Output>) {
        if packet.kind == Kind::State || !self.receiver.has_gap() {
            self.due.ack = None;
            self.unacked = 0;
        }
        self.offered = packet.window as usize;
        self.spoke_at = now;
        out.push_back(Output::Send(self.addr, packet));
    }

    fn end(&mut self, why: ClosedWhy, out: &mut VecDeque<Output>) {
        self.state = State::Gone;
        self.tell(Output::Closed(self.id, why), out);
    }

    fn tell(&self, output: Output, out: &mut VecDeque<Output>) {
        if !self.is_forgotten {
            out.push_back(output);
        }
    }
}

/// The clock on the wire, which wraps.
fn micros(now: Time) -> u32 {
    (now.0 & u64::from(u32::MAX)) as u32
}

fn is_due(due: Option<Time>, now: Time) -> bool {
    due.is_some_and(|due| due <= now)
}
