//! Questions under way: whom we asked what, how long an answer may take, and whose answer counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use crate::{Id, Time, random::Random, search::SearchId};

/// After this nobody is waited for any more.
const PATIENCE: Duration = Duration::from_secs(6);
/// Bounds of the time after which an answer is late.
const LATE_MIN: Duration = Duration::from_millis(150);
const LATE_MAX: Duration = Duration::from_millis(1000);
/// Questions under way at one time. Pacing keeps far below it; it bounds the memory.
const PENDING_MAX: usize = 20_000;

/// Why we asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A step of a lookup.
    Walk(SearchId),
    /// Its end: an announce or a put.
    Store(SearchId),
    /// To see whether it is there.
    Check,
    /// To see whether it is there, as somebody says who is not of the DHT.
    Introduction,
}

/// A question under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    pub(crate) to: SocketAddr,
    /// Whom we expect there; `None` if we do not know.
    pub(crate) id: Option<Id>,
    pub(crate) purpose: Purpose,
    pub(crate) sent: Time,
    pub(crate) is_late: bool,
    alarm: Time,
}

/// What the time brought.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lapse {
    /// An answer is late; it still counts when it comes.
    Late(Pending),
    /// No answer will come.
    Dead(Pending),
}

#[derive(Debug, Default)]
pub(crate) struct Transactions {
    pending: BTreeMap<u32, Pending>,
    alarms: BTreeSet<(Time, u32)>,
    round_trip: RoundTrip,
}

impl Transactions {
    /// Names a new question; `None` if too many are under way.
    pub(crate) fn open(
        &mut self,
        to: SocketAddr,
        id: Option<Id>,
        purpose: Purpose,
        now: Time,
        random: &mut Random,
    ) -> Option<[u8; 4]> {
        if self.pending.len() >= PENDING_MAX {
            return None;
        }
        let name = u32::from_be_bytes(random.bytes());
        if self.pending.contains_key(&name) {
            return None;
        }
        let alarm = now + self.round_trip.late_after();
        let pending = Pending { to, id, purpose, sent: now, is_late: false, alarm };
        self.pending.insert(name, pending);
        self.alarms.insert((alarm, name));
        Some(name.to_be_bytes())
    }

    /// The question that a node answers. Only whoever was asked can answer it.
    pub(crate) fn close(&mut self, name: &[u8], from: SocketAddr, now: Time) -> Option<Pending> {
        let name = u32::from_be_bytes(name.try_into().ok()?);
        let pending = *self.pending.get(&name).filter(|pending| pending.to == from)?;
        self.pending.remove(&name);
        self.alarms.remove(&(pending.alarm, name));
        self.round_trip.learn(now.since(pending.sent));
        Some(pending)
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// What is due.
    pub(crate) fn lapse(&mut self, now: Time) -> Option<Lapse> {
        let (at, name) = *self.alarms.first()?;
        if at > now {
            return None;
        }
        self.alarms.pop_first();
        let pending = self.pending.get_mut(&name)?;
        if pending.is_late {
            return self.pending.remove(&name).map(Lapse::Dead);
        }
        pending.is_late = true;
        pending.alarm = pending.sent + PATIENCE;
        self.alarms.insert((pending.alarm, name));
        Some(Lapse::Late(*pending))
    }
}

/// How long answers take, smoothed as TCP does it (RFC 6298).
#[derive(Debug, Default)]
struct RoundTrip {
    known: Option<(Duration, Duration)>,
}

impl RoundTrip {
    fn learn(&mut self, took: Duration) {
        let Some((mean, deviation)) = self.known else {
            self.known = Some((took, took / 2));
            return;
        };
        let deviation = (deviation * 3 + mean.abs_diff(took)) / 4;
        self.known = Some(((mean * 7 + took) / 8, deviation));
    }

    fn late_after(&self) -> Duration {
        self.known
            .map_or(LATE_MAX, |(mean, deviation)| (mean + deviation * 3).clamp(LATE_MIN, LATE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(n: u8) -> SocketAddr {
        ([8, 8, 8, n], 1).into()
    }

    #[test]
    fn only_whoever_was_asked_can_answer_and_only_once() {
        let (mut all, mut random) = (Transactions::default(), Random::new([1; 32]));
        let name = all.open(addr(1), None, Purpose::Check, Time(0), &mut random).unwrap();
        assert!(all.close(&name, addr(2), Time(1)).is_none());
        assert!(all.close(&name[..3], addr(1), Time(1)).is_none());
        assert!(all.close(&name, ([8, 8, 8, 1], 2).into(), Time(1)).is_none());
        assert!(all.close(&name, addr(1), Time(1)).is_some());
        assert!(all.close(&name, addr(1), Time(1)).is_none());
        assert_eq!(all.deadline(), None);
    }

    #[test]
    fn an_answer_is_late_first_and_dead_later() {
        let (mut all, mut random) = (Transactions::default(), Random::new([1; 32]));
        all.open(addr(1), None, Purpose::Check, Time(0), &mut random).unwrap();
        assert!(all.lapse(Time(0)).is_none());
        let late = all.deadline().unwrap();
        assert!(matches!(all.lapse(late), Some(Lapse::Late(_))));
        let dead = all.deadline().unwrap();
        assert_eq!(dead, Time(0) + PATIENCE);
        assert!(matches!(all.lapse(dead), Some(Lapse::Dead(_))));
        assert!(all.lapse(dead + PATIENCE).is_none());
    }

    #[test]
    fn patience_follows_the_round_trips_that_are_seen() {
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.late_after(), LATE_MAX);
        (0..50).for_each(|_| round_trip.learn(Duration::from_millis(40)));
        assert_eq!(round_trip.late_after(), LATE_MIN);
        (0..50).for_each(|_| round_trip.learn(Duration::from_millis(400)));
        assert!(round_trip.late_after() >= Duration::from_millis(400));
    }
}
