//! What is to be sent, what is under way, and what was lost of it.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};

use crate::{
    Time,
    packet::{Kind, Packet, Sack},
    seq::{Row, Seq},
};

/// Packets under way beyond the last that was acknowledged: far from where numbers become ambiguous.
const SPAN_MAX: u64 = 8_192;
/// What others reckon for a packet when they decide how many to keep beyond a gap.
const RECKONED: u64 = 1_100;
/// Packets that arrived after another before it counts as lost, at first and at most.
const REORDERED_FIRST: u64 = 3;
const REORDERED_MAX: u64 = 300;
/// Acknowledgements of the same packet that mean the next one is lost, from whoever knows no selective ones.
const REPEATED: u8 = 3;
/// Packets under way that are not full: more wait for company, so that many small messages are few packets.
/// One would be Nagle's rule; requests of a viewer who waits must not.
const SMALL_MAX: usize = 4;
/// Acknowledgements that are older than the last one by more packets than this were not sent to us.
const STALE: i32 = 1_024;

/// The sending half of a connection.
#[derive(Debug)]
pub(crate) struct Sender {
    row: Row,
    /// The first packet that is not acknowledged, and those after it.
    base: u64,
    flight: VecDeque<Segment>,
    queue: VecDeque<Bytes>,
    queued: usize,
    /// Nothing follows what is queued.
    pub(crate) finishing: bool,
    fin: Option<u64>,
    /// Transmissions in their order: the number of each, and the packet.
    order: VecDeque<(u64, u64)>,
    next_transmission: u64,
    newest_arrived: Option<u64>,
    lost: BTreeSet<u64>,
    /// Payload bytes under way.
    flying: usize,
    small: usize,
    /// Packets that arrived though an earlier one did not yet.
    ahead: usize,
    reordered: u64,
    repeated: u8,
    /// What the last acknowledgement offered: one that offers something else is no repetition.
    peer_window: u32,
}

/// A packet that was sent.
#[derive(Debug)]
struct Segment {
    payload: Bytes,
    state: State,
    sent_at: Time,
    transmission: u64,
    times: u8,
    is_small: bool,
    is_question: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Flying,
    Lost,
    Arrived,
}

/// What an acknowledgement told.
#[derive(Debug, Default)]
pub(crate) struct Acked {
    /// Payload bytes that arrived.
    pub(crate) bytes: usize,
    /// Packets that arrived.
    pub(crate) packets: usize,
    /// How long the last packet that was sent once took, there and back.
    pub(crate) rtt: Option<Duration>,
    /// A packet that asked about the path arrived.
    pub(crate) question: bool,
    /// Nothing is left to be acknowledged that was not before.
    pub(crate) advanced: bool,
}

/// What was found to be lost.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// Packets, without those that asked about the path.
    pub(crate) packets: usize,
    /// The last transmission among them.
    pub(crate) newest: u64,
    /// A packet that asked about the path.
    pub(crate) question: bool,
}

/// A packet to send.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) seq: Seq,
    pub(crate) payload: Bytes,
    pub(crate) is_fin: bool,
    /// Bytes that leave for the first time.
    pub(crate) new_bytes: usize,
    /// Whether it asks about the path.
    pub(crate) is_question: bool,
}

impl Sender {
    /// A half whose first packet has the number `first`.
    pub(crate) fn new(first: Seq) -> Self {
        Self {
            row: Row::starting_at(first),
            base: 0,
            flight: VecDeque::new(),
            queue: VecDeque::new(),
            queued: 0,
            finishing: false,
            fin: None,
            order: VecDeque::new(),
            next_transmission: 1,
            newest_arrived: None,
            lost: BTreeSet::new(),
            flying: 0,
            small: 0,
            ahead: 0,
            reordered: REORDERED_FIRST,
            repeated: 0,
            peer_window: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() && !self.finishing {
            self.queued += bytes.len();
            self.queue.push_back(bytes);
        }
    }

    /// Payload bytes under way.
    pub(crate) fn flying(&self) -> usize {
        self.flying
    }

    /// Whether nothing is under way or known to be lost.
    pub(crate) fn is_quiet(&self) -> bool {
        self.flight.is_empty()
    }

    /// Whether something waits to be sent, again or for the first time.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.lost.is_empty() || self.queued > 0 || (self.finishing && self.fin.is_none())
    }

    /// Whether the other side knows that nothing follows.
    pub(crate) fn is_done(&self) -> bool {
        self.fin.is_some() && self.flight.is_empty()
    }

    /// The number that packets without a number of their own carry. Others expect none beyond the last.
    pub(crate) fn seq(&self) -> Seq {
        self.row.seq(self.fin.unwrap_or(self.base + self.flight.len() as u64))
    }

    /// Transmissions before this one were made already.
    pub(crate) fn next_transmission(&self) -> u64 {
        self.next_transmission
    }

    /// The last transmission that arrived, and the one that will be next.
    pub(crate) fn transmissions(&self) -> (u64, u64) {
        (self.newest_arrived.unwrap_or(0), self.next_transmission)
    }

    /// How many packets `ack` acknowledges beyond what was known; `None` if it cannot be meant for us, since
    /// it acknowledges what was never sent.
    pub(crate) fn newly_acked(&self, ack: Seq) -> Option<usize> {
        let newly = ack.after(self.row.seq(self.base)) + 1;
        let is_ours =
            newly >= -STALE && newly <= i32::try_from(self.flight.len()).unwrap_or(i32::MAX);
        is_ours.then(|| usize::try_from(newly).unwrap_or(0))
    }

    /// Takes note of an acknowledgement. `least` is the least round trip known.
    pub(crate) fn acknowledge(&mut self, now: Time, packet: &Packet, least: Duration) -> Acked {
        let (ack, mut acked) = (Seq(packet.ack), Acked::default());
        let newly = self.newly_acked(ack).unwrap_or(0);
        // The packet that `ack` names may be one before the row's first.
        let named = self.base.cast_signed() + i64::from(ack.after(self.row.seq(self.base)));
        for _ in 0..newly {
            self.arrive(now, self.base, least, &mut acked);
            self.flight.pop_front();
            self.base += 1;
            self.ahead -= 1;
        }
        acked.advanced = newly > 0;
        match &packet.sack {
            Some(sack) => self.acknowledge_beyond(now, named, sack, least, &mut acked),
            None => self.count_repeated(packet, newly),
        }
        if newly > 0 {
            self.repeated = 0;
        }
        acked
    }

    fn acknowledge_beyond(
        &mut self,
        now: Time,
        named: i64,
        sack: &Sack,
        least: Duration,
        acked: &mut Acked,
    ) {
        let end = self.base + self.flight.len() as u64;
        for distance in sack.distances() {
            match u64::try_from(named + distance.cast_signed()) {
                Ok(index) if index >= end => break,
                Ok(index) if index >= self.base => self.arrive(now, index, least, acked),
                _ => {}
            }
        }
    }

    fn count_repeated(&mut self, packet: &Packet, newly: usize) {
        let is_same = self.peer_window == packet.window && packet.kind == Kind::State;
        if newly == 0 && is_same && !self.flight.is_empty() {
            self.repeated = self.repeated.saturating_add(1);
        }
        self.peer_window = packet.window;
    }

    /// Packet `index` is there.
    fn arrive(&mut self, now: Time, index: u64, least: Duration, acked: &mut Acked) {
        let Some(segment) = self.flight.get_mut((index - self.base) as usize) else { return };
        let was = std::mem::replace(&mut segment.state, State::Arrived);
        if was == State::Arrived {
            return;
        }
        let took = now.since(segment.sent_at);
        let (len, transmission) = (segment.payload.len(), segment.transmission);
        // It was sent again, but what arrived is what was sent before.
        let is_early = segment.times > 1 && took < least.mul_f64(0.75);
        if segment.times == 1 {
            acked.rtt = Some(took);
        }
        acked.question |= segment.is_question;
        acked.bytes += len;
        acked.packets += 1;
        self.ahead += 1;
        self.small -= usize::from(segment.is_small);
        match was {
            State::Flying => self.flying -= len,
            _ => drop(self.lost.remove(&index)),
        }
        if was == State::Lost || is_early {
            self.reordered = (self.reordered * 2).min(REORDERED_MAX);
        } else {
            self.newest_arrived = self.newest_arrived.max(Some(transmission));
        }
    }

    /// Finds packets that were sent well before others that arrived (RFC 6675, counted in transmissions, so
    /// that one that was sent again is found as well).
    pub(crate) fn find_lost(&mut self) -> Lost {
        let mut lost = Lost::default();
        if self.repeated >= REPEATED {
            self.repeated = 0;
            self.lose(self.base, &mut lost);
        }
        let Some(newest) = self.newest_arrived else { return lost };
        // Where little is under way, no gap can be wide.
        let under_way = self.order.len() as u64;
        let gap = self.reordered.min((under_way / 2).max(REORDERED_FIRST));
        while let Some(&(transmission, index)) = self.order.front() {
            let is_current = self.is_flying(index, transmission);
            if is_current && transmission + gap > newest {
                break;
            }
            self.order.pop_front();
            if is_current {
                self.lose(index, &mut lost);
            }
        }
        lost
    }

    fn is_flying(&self, index: u64, transmission: u64) -> bool {
        let at = index.checked_sub(self.base).and_then(|at| self.flight.get(at as usize));
        at.is_some_and(|segment| {
            segment.state == State::Flying && segment.transmission == transmission
        })
    }

    fn lose(&mut self, index: u64, lost: &mut Lost) {
        let Some(segment) = self.flight.get_mut((index - self.base) as usize) else { return };
        if segment.state != State::Flying {
            return;
        }
        segment.state = State::Lost;
        self.flying -= segment.payload.len();
        self.lost.insert(index);
        lost.newest = lost.newest.max(segment.transmission);
        if std::mem::take(&mut segment.is_question) {
            lost.question = true;
        } else {
            lost.packets += 1;
        }
    }

    /// Nothing was heard for too long: all that is under way counts as lost.
    pub(crate) fn lose_all(&mut self) -> Lost {
        let mut lost = Lost::default();
        for index in self.base..self.base + self.flight.len() as u64 {
            self.lose(index, &mut lost);
        }
        self.order.clear();
        lost
    }

    /// The next packet, if one may leave: `window` bytes may be under way, `payload_max` in one packet, and
    /// `kept` packets are kept by the other side beyond a gap. `ask` makes a full packet a question.
    pub(crate) fn next(
        &mut self,
        now: Time,
        window: usize,
        payload_max: usize,
        peer_window_max: usize,
        ask: impl FnOnce() -> bool,
    ) -> Option<Outgoing> {
        if let Some(&index) = self.lost.first() {
            return self.repeat(now, index, window);
        }
        if self.queued == 0 {
            return self.finish(now);
        }
        let len = self.queued.min(payload_max);
        let is_small = len < payload_max;
        let waits = is_small && !self.finishing && self.small >= SMALL_MAX;
        if self.flying + len > window || waits || !self.has_numbers(peer_window_max) {
            return None;
        }
        let payload = self.cut(len);
        let is_question = !is_small && ask();
        self.append(now, payload.clone(), is_small, is_question);
        let seq = self.row.seq(self.base + self.flight.len() as u64 - 1);
        Some(Outgoing { seq, payload, is_fin: false, new_bytes: len, is_question })
    }

    /// Whether the other side would keep one more packet.
    fn has_numbers(&self, peer_window_max: usize) -> bool {
        let kept = (peer_window_max as u64 / RECKONED).clamp(16, SPAN_MAX);
        let has_gap = self.ahead > 0;
        (self.flight.len() as u64) < if has_gap { kept } else { SPAN_MAX }
    }

    fn repeat(&mut self, now: Time, index: u64, window: usize) -> Option<Outgoing> {
        let at = (index - self.base) as usize;
        let len = self.flight.get(at)?.payload.len();
        if self.flying > 0 && self.flying + len > window {
            return None;
        }
        self.lost.remove(&index);
        let transmission = self.transmit(index);
        let segment = self.flight.get_mut(at)?;
        segment.state = State::Flying;
        segment.sent_at = now;
        segment.transmission = transmission;
        segment.times = segment.times.saturating_add(1);
        let (payload, is_fin) = (segment.payload.clone(), self.fin == Some(index));
        self.flying += len;
        Some(Outgoing {
            seq: self.row.seq(index),
            payload,
            is_fin,
            new_bytes: 0,
            is_question: false,
        })
    }

    fn finish(&mut self, now: Time) -> Option<Outgoing> {
        if !self.finishing || self.fin.is_some() {
            return None;
        }
        let index = self.base + self.flight.len() as u64;
        self.append(now, Bytes::new(), false, false);
        self.fin = Some(index);
        let seq = self.row.seq(index);
        Some(Outgoing {
            seq,
            payload: Bytes::new(),
            is_fin: true,
            new_bytes: 0,
            is_question: false,
        })
    }

    fn append(&mut self, now: Time, payload: Bytes, is_small: bool, is_question: bool) {
        let transmission = self.transmit(self.base + self.flight.len() as u64);
        self.flying += payload.len();
        self.small += usize::from(is_small);
        let state = State::Flying;
        self.flight.push_back(Segment {
            payload,
            state,
            sent_at: now,
            transmission,
            times: 1,
            is_small,
            is_question,
        });
    }

    fn transmit(&mut self, index: u64) -> u64 {
        let transmission = self.next_transmission;
        self.next_transmission += 1;
        self.order.push_back((transmission, index));
        transmission
    }

    /// The next `len` bytes of the queue; copied only where they come from several messages.
    fn cut(&mut self, len: usize) -> Bytes {
        self.queued -= len;
        if let Some(first) = self.queue.front_mut()
            && first.len() > len
        {
            return first.split_to(len);
        }
        if self.queue.front().is_some_and(|first| first.len() == len) {
            return self.queue.pop_front().unwrap_or_default();
        }
        let mut joined = BytesMut::with_capacity(len);
        while joined.len() < len
            && let Some(first) = self.queue.front_mut()
        {
            let here = first.len().min(len - joined.len());
            joined.extend_from_slice(&first[..here]);
            first.advance(here);
            if first.is_empty() {
                self.queue.pop_front();
            }
        }
        joined.freeze()
    }
}
