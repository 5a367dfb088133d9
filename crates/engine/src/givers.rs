//! What do all peers that give us something do together?
//!
//! Each pick asks for it, so it is not counted anew for each: a peer's part is changed when the peer's is.

use std::collections::{BTreeMap, btree_map::Entry};

/// A peer's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// Bytes per second; nothing while the peer keeps us waiting.
    pub(crate) rate: u64,
    /// Its round trip, in microseconds.
    pub(crate) round_trip: u64,
}

/// The parts of all.
#[derive(Debug, Default)]
pub(crate) struct Givers {
    rate: u64,
    /// How many peers have each round trip.
    round_trips: BTreeMap<u64, u32>,
}

impl Givers {
    /// A peer's part is another one.
    pub(crate) fn change(&mut self, before: Option<Share>, after: Option<Share>) {
        if before == after {
            return;
        }
        self.rate -= before.map_or(0, |share| share.rate);
        self.rate += after.map_or(0, |share| share.rate);
        let (before, after) = (before.map(|one| one.round_trip), after.map(|one| one.round_trip));
        if before == after {
            return;
        }
        if let Some(old) = before
            && let Entry::Occupied(mut count) = self.round_trips.entry(old)
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        if let Some(new) = after {
            *self.round_trips.entry(new).or_default() += 1;
        }
    }

    /// What they deliver together, bytes per second.
    pub(crate) fn rate(&self) -> f64 {
        self.rate as f64
    }

    /// The longest round trip among them, in seconds.
    pub(crate) fn round_trip(&self) -> f64 {
        self.round_trips.last_key_value().map_or(0.0, |(longest, _)| *longest as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_change_and_go() {
        let mut givers = Givers::default();
        let share = |rate, round_trip| Some(Share { rate, round_trip });
        givers.change(None, share(100, 50_000));
        givers.change(None, share(10, 2_000_000));
        assert_eq!((givers.rate(), givers.round_trip()), (110.0, 2.0));
        givers.change(share(10, 2_000_000), share(0, 2_000_000));
        assert_eq!((givers.rate(), givers.round_trip()), (100.0, 2.0));
        givers.change(share(0, 2_000_000), None);
        givers.change(share(100, 50_000), share(200, 40_000));
        assert_eq!((givers.rate(), givers.round_trip()), (200.0, 0.04));
        givers.change(share(200, 40_000), None);
        assert_eq!((givers.rate(), givers.round_trip()), (0.0, 0.0));
    }
}
