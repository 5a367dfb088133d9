//! Where others see us: an address counts when many who are not neighbours agree (BEP 42).

use std::{collections::BTreeMap, net::IpAddr, net::SocketAddr};

use crate::reach::Neighbourhood;

/// Neighbourhoods that must agree.
const QUORUM: usize = 6;
/// Votes that are kept; the oldest goes first.
const VOTES_MAX: usize = 24;

#[derive(Debug, Default)]
pub(crate) struct Votes {
    /// Oldest first, one per neighbourhood.
    cast: Vec<(Neighbourhood, IpAddr)>,
    elected: Option<IpAddr>,
}

impl Votes {
    /// Somebody says where it sees us. The result, if it changes.
    pub(crate) fn vote(&mut self, voter: SocketAddr, ip: IpAddr) -> Option<IpAddr> {
        let voter = Neighbourhood::of(voter);
        self.cast.retain(|(other, _)| *other != voter);
        if self.cast.len() >= VOTES_MAX {
            self.cast.remove(0);
        }
        self.cast.push((voter, ip));
        let winner = self.winner()?;
        (self.elected != Some(winner)).then(|| self.decide(winner))
    }

    /// Somebody who is trusted says it.
    pub(crate) fn decide(&mut self, ip: IpAddr) -> IpAddr {
        self.elected = Some(ip);
        ip
    }

    /// Whoever has a quorum and more than half of all votes.
    fn winner(&self) -> Option<IpAddr> {
        let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
        self.cast.iter().for_each(|(_, ip)| *counts.entry(*ip).or_default() += 1);
        let (ip, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        (count >= QUORUM && count * 2 > self.cast.len()).then_some(ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voter(n: u8) -> SocketAddr {
        ([11, n, 0, 1], 1).into()
    }

    #[test]
    fn many_must_agree_and_neighbours_count_once() {
        let mut votes = Votes::default();
        let (true_ip, lie) = (IpAddr::from([8, 8, 8, 8]), IpAddr::from([6, 6, 6, 6]));
        for n in 0..100 {
            assert_eq!(votes.vote(([66, 6, 6, n], 1).into(), lie), None);
        }
        assert!((0..5).all(|n| votes.vote(voter(n), true_ip).is_none()));
        assert_eq!(votes.vote(voter(5), true_ip), Some(true_ip));
        assert_eq!(votes.vote(voter(6), true_ip), None, "nothing new");
    }

    #[test]
    fn a_new_address_wins_when_the_old_votes_are_outnumbered() {
        let mut votes = Votes::default();
        let (old, new) = (IpAddr::from([8, 8, 8, 8]), IpAddr::from([9, 9, 9, 9]));
        assert_eq!((0..20).filter_map(|n| votes.vote(voter(n), old)).count(), 1);
        let changed = (20..60).filter_map(|n| votes.vote(voter(n), new)).collect::<Vec<_>>();
        assert_eq!(changed, [new]);
    }
}
