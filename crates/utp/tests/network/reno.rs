//! A sender that knows losses only, as most of TCP did: grows until the queue overflows, then halves.

use std::collections::BTreeSet;

/// Bytes of its packets.
pub(crate) const PACKET: usize = 1_472;

/// The sender; its receiver acknowledges every packet.
#[derive(Debug)]
pub(crate) struct Reno {
    /// The way there and the way back.
    pub(crate) links: (usize, usize),
    pub(crate) stops_at: u64,
    window: f64,
    threshold: f64,
    next: u64,
    under_way: BTreeSet<u64>,
    /// Losses of packets before this one were answered.
    round: u64,
    pub(crate) delivered: u64,
}

impl Reno {
    pub(crate) fn new(links: (usize, usize), stops_at: u64) -> Self {
        let under_way = BTreeSet::new();
        Self {
            links,
            stops_at,
            window: 10.0,
            threshold: 1e9,
            next: 0,
            under_way,
            round: 0,
            delivered: 0,
        }
    }

    /// The next packet, if one may leave.
    pub(crate) fn next(&mut self, now: u64) -> Option<u64> {
        let may = (self.under_way.len() as f64) < self.window && now < self.stops_at;
        may.then(|| {
            self.next += 1;
            self.under_way.insert(self.next);
            self.next
        })
    }

    /// A packet was acknowledged; those sent well before it are lost.
    pub(crate) fn acked(&mut self, packet: u64) {
        if !self.under_way.remove(&packet) {
            return;
        }
        self.delivered += PACKET as u64;
        self.window += if self.window < self.threshold { 1.0 } else { 1.0 / self.window };
        let kept = self.under_way.split_off(&packet.saturating_sub(3));
        let lost = std::mem::replace(&mut self.under_way, kept);
        if lost.last().is_some_and(|last| *last >= self.round) {
            self.threshold = (self.window / 2.0).max(2.0);
            self.window = self.threshold;
            self.round = self.next;
        }
    }

    /// Nothing came for long: begins anew.
    pub(crate) fn timed_out(&mut self) {
        self.under_way.clear();
        self.threshold = (self.window / 2.0).max(2.0);
        self.window = 1.0;
    }
}
