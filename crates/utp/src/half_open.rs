//! Strangers who want to connect and have not shown yet that they hear what we send to them.
//!
//! Anybody can write any address on the first packet. It costs an entry here and an answer as long as itself;
//! a connection comes of it when somebody repeats the number that was sent to that address.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use crate::{
    Time,
    packet::{Kind, Packet},
    seq::Seq,
};

/// Who has not answered by then, does not: longer than others repeat their first packet.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is remembered of a first packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    /// Its number.
    pub(crate) theirs: Seq,
    /// The number of our first packet.
    pub(crate) ours: Seq,
}

/// By where they come from, and the id that they will use.
type Key = (SocketAddr, u16);

#[derive(Debug, Default)]
pub(crate) struct HalfOpen {
    openings: BTreeMap<Key, Opening>,
    /// In the order in which they came; some may have become connections.
    order: VecDeque<(Time, Key)>,
}

impl HalfOpen {
    /// What is remembered of a first packet: of one that is repeated, what was remembered before. The oldest is
    /// forgotten if there are more than `max`.
    pub(crate) fn open(
        &mut self,
        now: Time,
        key: Key,
        theirs: Seq,
        ours: Seq,
        max: usize,
    ) -> Opening {
        self.forget_before(now - PATIENCE);
        if let Some(known) = self.openings.get(&key)
            && known.theirs == theirs
        {
            return *known;
        }
        while self.order.len() >= max {
            self.forget_oldest();
        }
        let opening = Opening { theirs, ours };
        self.openings.insert(key, opening);
        self.order.push_back((now, key));
        opening
    }

    /// The opening that a packet follows, if whoever sent it has heard our answer.
    pub(crate) fn complete(&mut self, from: SocketAddr, packet: &Packet) -> Option<Opening> {
        let key = (from, packet.connection);
        let opening = *self.openings.get(&key)?;
        let hears_us = Seq(packet.ack) == opening.ours.minus(1);
        let follows = matches!(packet.kind, Kind::Data | Kind::State | Kind::Fin);
        let is_near = (0..4_096).contains(&Seq(packet.seq).after(opening.theirs));
        if !hears_us || !follows || !is_near {
            return None;
        }
        self.openings.remove(&key)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.openings.len()
    }

    fn forget_before(&mut self, time: Time) {
        while self.order.front().is_some_and(|(at, _)| *at < time) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.openings.remove(&key);
        }
    }
}
