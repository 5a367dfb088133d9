//! What arrived: in order for whoever reads, and beyond gaps.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    packet::Sack,
    seq::{Row, Seq},
};

/// Packets beyond the next that are kept: as many as others send into a gap.
const SPAN_MAX: u64 = 4_096;
/// What keeping one packet costs besides its bytes.
const OVERHEAD: usize = 64;
/// Packets that one acknowledgement can name beyond a gap.
const SACK_BITS: u64 = 252 * 8;

/// The receiving half of a connection.
#[derive(Debug)]
pub(crate) struct Receiver {
    row: Row,
    /// The first packet that is not here.
    next: u64,
    beyond: BTreeMap<u64, Bytes>,
    beyond_bytes: usize,
    /// Bytes that were given away and not used yet.
    untaken: usize,
    fin: Option<u64>,
    window_max: usize,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is the next one.
    Next,
    /// It is kept until those before it come.
    Kept,
    /// It was here before.
    Again,
    /// There is no room for it, or nothing is to follow the last.
    Refused,
}

impl Receiver {
    /// A half whose first packet has the number `first`.
    pub(crate) fn new(first: Seq, window_max: usize) -> Self {
        Self {
            row: Row::starting_at(first),
            next: 0,
            beyond: BTreeMap::new(),
            beyond_bytes: 0,
            untaken: 0,
            fin: None,
            window_max,
        }
    }

    /// The number up to which everything is here.
    pub(crate) fn ack(&self) -> Seq {
        self.row.seq(self.next).minus(1)
    }

    /// Takes a packet. `room` is what all connections together may still hold beyond gaps.
    pub(crate) fn arrive(
        &mut self,
        seq: Seq,
        payload: Bytes,
        is_fin: bool,
        room: usize,
    ) -> Arrival {
        let Some(index) = self.row.index(seq, self.next).filter(|index| *index >= self.next) else {
            return Arrival::Again;
        };
        // What a last packet carries is not allowed (BEP 29), and dropped.
        let payload = if is_fin { Bytes::new() } else { payload };
        let cost = payload.len() + OVERHEAD;
        let is_after_end = self.fin.is_some_and(|fin| index > fin);
        let fits = index == self.next || (index < self.next + SPAN_MAX && cost <= room);
        // Who counts payload alone may send a little more than we offered.
        let is_too_much = self.held() + payload.len() > self.window_max + self.window_max / 8;
        if is_after_end || !fits || is_too_much {
            return Arrival::Refused;
        }
        if is_fin
            && self.fin.is_none()
            && self.beyond.last_key_value().is_none_or(|(last, _)| *last <= index)
        {
            self.fin = Some(index);
        }
        if self.beyond.contains_key(&index) {
            return Arrival::Again;
        }
        self.beyond_bytes += cost;
        self.beyond.insert(index, payload);
        if index == self.next { Arrival::Next } else { Arrival::Kept }
    }

    /// The next bytes in order, to be given away; empty for a packet without any.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        let payload = self.beyond.remove(&self.next)?;
        self.beyond_bytes -= payload.len() + OVERHEAD;
        self.untaken += payload.len();
        self.next += 1;
        Some(payload)
    }

    /// So many bytes were used.
    pub(crate) fn took(&mut self, count: usize) {
        self.untaken = self.untaken.saturating_sub(count);
    }

    /// Whether all that the other side sent is here.
    pub(crate) fn is_done(&self) -> bool {
        self.fin.is_some_and(|fin| fin < self.next)
    }

    /// Whether something is missing before what is here.
    pub(crate) fn has_gap(&self) -> bool {
        !self.beyond.is_empty()
    }

    /// Bytes that are held for a connection, or were given away and not used.
    pub(crate) fn held(&self) -> usize {
        self.beyond_bytes + self.untaken
    }

    /// Bytes that may come.
    pub(crate) fn window(&self, room: usize) -> usize {
        self.window_max.saturating_sub(self.held()).min(room)
    }

    /// What is here beyond a gap.
    pub(crate) fn sack(&self) -> Option<Sack> {
        let from = self.next + 1;
        let mut bits = Vec::new();
        for index in self.beyond.range(from..from + SACK_BITS).map(|(index, _)| index - from) {
            let byte = (index / 8) as usize;
            if byte >= bits.len() {
                bits.resize((byte + 1).next_multiple_of(4), 0_u8);
            }
            bits[byte] |= 1 << (index % 8);
        }
        Sack::new(bits.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 1 << 20;

    fn receiver() -> Receiver {
        Receiver::new(Seq(65_534), 100_000)
    }

    fn arrive(receiver: &mut Receiver, at: u16, bytes: &'static [u8]) -> Arrival {
        receiver.arrive(Seq(65_534).plus(at), Bytes::from_static(bytes), false, ROOM)
    }

    #[test]
    fn packets_are_put_in_order_across_the_end_of_the_numbers() {
        let mut receiver = receiver();
        assert_eq!(arrive(&mut receiver, 3, b"d"), Arrival::Kept);
        assert_eq!(arrive(&mut receiver, 1, b"b"), Arrival::Kept);
        assert_eq!(arrive(&mut receiver, 1, b"b"), Arrival::Again);
        assert_eq!(receiver.sack().unwrap().distances().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(receiver.next(), None);
        assert_eq!(arrive(&mut receiver, 0, b"a"), Arrival::Next);
        assert_eq!(
            [receiver.next(), receiver.next(), receiver.next()].map(|b| b.map(|b| b[0])),
            [Some(b'a'), Some(b'b'), None]
        );
        assert_eq!(arrive(&mut receiver, 0, b"a"), Arrival::Again);
        assert_eq!(receiver.ack(), Seq(65_535));
        assert_eq!(arrive(&mut receiver, 2, b"c"), Arrival::Next);
        assert_eq!(
            (receiver.next().is_some(), receiver.next().is_some(), receiver.sack()),
            (true, true, None)
        );
        assert_eq!(receiver.held(), 4);
        receiver.took(4);
        assert_eq!(receiver.held(), 0);
    }

    #[test]
    fn nothing_follows_the_last_packet() {
        let mut receiver = receiver();
        assert_eq!(receiver.arrive(Seq(65_535), Bytes::new(), true, ROOM), Arrival::Kept);
        assert_eq!(arrive(&mut receiver, 2, b"c"), Arrival::Refused);
        assert!(!receiver.is_done());
        arrive(&mut receiver, 0, b"a");
        while receiver.next().is_some() {}
        assert!(receiver.is_done());
    }

    #[test]
    fn what_is_far_ahead_or_has_no_room_is_refused() {
        let mut receiver = receiver();
        assert_eq!(arrive(&mut receiver, 5_000, b"x"), Arrival::Refused);
        assert_eq!(receiver.arrive(Seq(0), Bytes::from_static(b"x"), false, 10), Arrival::Refused);
        assert_eq!(receiver.window(10), 10);
        let many = Bytes::from(vec![0; 90_000]);
        assert_eq!(receiver.arrive(Seq(65_534), many, false, 0), Arrival::Next);
        receiver.next();
        assert_eq!(receiver.window(ROOM), 10_000);
    }
}
