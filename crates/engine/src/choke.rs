//! Whom do we upload to?
//!
//! While we lack something: those who give us most (BEP 3's tit-for-tat), and a fifth of the slots to
//! anybody in turn. When we have everything: everybody in turn, each long enough to take a piece or more.

use std::time::Duration;

use crate::{ConnId, Time};

/// How often slots are given anew.
pub(crate) const ROUND: Duration = Duration::from_secs(10);
/// How long a slot given by chance, or by a seed, is kept.
const TURN: Duration = Duration::from_secs(30);
/// Slots, whatever the rate says.
const SLOTS: (usize, usize) = (4, 20);
/// Slots while the upload rate is not known.
const SLOTS_UNKNOWN: usize = 8;

/// A peer as choking sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimant {
    pub(crate) conn: ConnId,
    /// What it gives us, in bytes per second.
    pub(crate) gives: u64,
    /// Whether it has a slot, and since when; else since when it has none.
    pub(crate) unchoked: bool,
    pub(crate) since: Time,
}

/// Upload slots by the square-root rule: √(0.6·KB/s), between 4 and 20.
pub(crate) fn slots(up_rate: Option<u64>) -> usize {
    let Some(rate) = up_rate else { return SLOTS_UNKNOWN };
    let root = (0.6 * rate as f64 / 1000.0).sqrt() as usize;
    root.clamp(SLOTS.0, SLOTS.1)
}

/// Who of the interested peers has a slot from now on, in no particular order.
pub(crate) fn choose(
    now: Time,
    mut claimants: Vec<Claimant>,
    slots: usize,
    seeding: bool,
) -> Vec<ConnId> {
    if claimants.len() <= slots {
        return claimants.iter().map(|claimant| claimant.conn).collect();
    }
    let by_merit = if seeding { 0 } else { slots.saturating_sub((slots / 5).max(1)) };
    claimants.sort_by_key(|claimant| (std::cmp::Reverse(claimant.gives), claimant.conn));
    let generous =
        claimants.iter().take(by_merit).take_while(|claimant| claimant.gives > 0).count();
    let mut rest = claimants.split_off(generous);
    rest.sort_by_key(|claimant| turn(now, claimant));
    rest.truncate(slots - generous);
    claimants.iter().chain(&rest).map(|claimant| claimant.conn).collect()
}

/// Those whose turn is not over stay; then those who waited longest.
fn turn(now: Time, claimant: &Claimant) -> (u8, Time, ConnId) {
    let class = match claimant.unchoked {
        true if now.since(claimant.since) < TURN => 0,
        true => 2,
        false => 1,
    };
    (class, claimant.since, claimant.conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimants(count: u64) -> Vec<Claimant> {
        (0..count)
            .map(|at| Claimant {
                conn: ConnId(at),
                gives: at * 1000,
                unchoked: false,
                since: Time(at),
            })
            .collect()
    }

    #[test]
    fn most_slots_go_to_the_most_generous_and_some_to_those_who_waited() {
        let chosen = choose(Time(0), claimants(30), 10, false);
        let merit: Vec<_> = (22..30).rev().map(ConnId).collect();
        assert_eq!(chosen[..8], merit);
        assert_eq!(chosen[8..], [ConnId(0), ConnId(1)]);
    }

    #[test]
    fn where_there_are_no_slots_nobody_has_one() {
        assert_eq!(choose(Time(0), claimants(3), 0, false), []);
    }

    #[test]
    fn a_seed_gives_everybody_a_turn() {
        let mut all = claimants(30);
        let mut served = std::collections::BTreeSet::new();
        let mut now = Time(1_000_000);
        for _ in 0..40 {
            let chosen = choose(now, all.clone(), 4, true);
            assert_eq!(chosen.len(), 4);
            for claimant in &mut all {
                let unchoked = chosen.contains(&claimant.conn);
                if unchoked != claimant.unchoked {
                    (claimant.unchoked, claimant.since) = (unchoked, now);
                }
            }
            served.extend(chosen);
            now = now + ROUND;
        }
        assert_eq!(served.len(), 30);
    }

    #[test]
    fn slots_follow_the_square_root_of_the_rate() {
        assert_eq!(slots(None), 8);
        assert_eq!(slots(Some(10_000)), 4);
        assert_eq!(slots(Some(125_000)), 8);
        assert_eq!(slots(Some(100_000_000)), 20);
    }
}
