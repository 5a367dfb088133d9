//! With whom do we have nothing to do any more, and for how long?
//!
//! A host that sent what is not the torrent's is banned for a day, also when the program is started anew meanwhile:
//! whoever carries out what the engine decides keeps its bans and hands them back. Longer would be unfair to who gets
//! the address next, or shares it.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use crate::{Output, Time, context::Context, hosts::host};

/// How long a liar stays banned.
const BAN: Duration = Duration::from_secs(24 * 3600);
/// How long a strike is remembered.
const STRIKE: Duration = Duration::from_secs(2 * 3600);
/// Hosts with strikes that are remembered.
const STRUCK_MAX: usize = 1_000;

/// A host that is banned, and for how long from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// The host, with port 0: of IPv6 the first address of its /64. On this machine, where everybody has one address,
    /// the port counts.
    pub host: SocketAddr,
    /// What is left of the ban.
    pub left: Duration,
}

impl Ban {
    /// Bans that are remembered; those that end first go first.
    pub const MAX: usize = 4_000;
}

/// Hosts that sent bad data.
#[derive(Debug, Default)]
pub(crate) struct Bans {
    /// When each ends.
    until: BTreeMap<SocketAddr, Time>,
    /// Wrong blocks of those who may have met with an accident, and when the last one came.
    struck: BTreeMap<SocketAddr, (u32, Time)>,
}

impl Bans {
    /// Bans whoever has this address; what is to be remembered of it.
    fn ban(&mut self, now: Time, addr: SocketAddr) -> Ban {
        let ban = Ban { host: host(addr), left: BAN };
        self.enter(now, ban);
        ban
    }

    /// Takes over a ban, of an earlier run it may be. None is longer than ours are.
    pub(crate) fn enter(&mut self, now: Time, Ban { host: addr, left }: Ban) {
        let addr = host(addr);
        let until = now + left.min(BAN);
        if self.until.get(&addr).is_some_and(|before| *before >= until) {
            return;
        }
        self.until.insert(addr, until);
        if self.until.len() > Ban::MAX {
            forget_first(&mut self.until, |until| *until);
        }
    }

    pub(crate) fn is_banned(&self, now: Time, addr: SocketAddr) -> bool {
        self.until.get(&host(addr)).is_some_and(|until| *until > now)
    }

    /// A wrong block came from there among right ones of others: how many there were. Who hangs up and calls again
    /// is who it was; after some time it is forgotten.
    pub(crate) fn strike(&mut self, now: Time, addr: SocketAddr) -> u32 {
        let before = self.struck.get(&host(addr)).filter(|(_, at)| *at + STRIKE > now);
        let count = before.map_or(0, |(count, _)| *count) + 1;
        self.struck.insert(host(addr), (count, now));
        if self.struck.len() > STRUCK_MAX {
            forget_first(&mut self.struck, |(_, at)| *at);
        }
        count
    }
}

fn forget_first<T>(all: &mut BTreeMap<SocketAddr, T>, at: impl Fn(&T) -> Time) {
    let first = all.iter().min_by_key(|(_, one)| at(one)).map(|(host, _)| *host);
    first.map(|host| all.remove(&host));
}

impl Context {
    pub(crate) fn is_banned(&self, addr: SocketAddr) -> bool {
        self.bans.is_banned(self.now, addr)
    }

    /// Bans whoever has this address, and has it remembered.
    pub(crate) fn ban(&mut self, addr: SocketAddr) {
        let ban = self.bans.ban(self.now, addr);
        self.put(Output::Banned(ban));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([81, 2, 3, host], port))
    }

    fn numbered(at: usize) -> SocketAddr {
        SocketAddr::from(([81, 3, (at >> 8) as u8, at as u8], 1))
    }

    #[test]
    fn a_ban_meets_the_host_and_ends() {
        let mut bans = Bans::default();
        assert_eq!(bans.ban(Time(0), addr(1, 1)), Ban { host: addr(1, 0), left: BAN });
        assert!(bans.is_banned(Time(1), addr(1, 2)) && !bans.is_banned(Time(1), addr(2, 1)));
        assert!(!bans.is_banned(Time(0) + BAN, addr(1, 1)));
        let six = |host: u16| SocketAddr::from(([0x2001, 0xdb8, 0, 7, 0, 0, 0, host], 5));
        let network = SocketAddr::from(([0x2001, 0xdb8, 0, 7, 0, 0, 0, 0], 0));
        assert_eq!(bans.ban(Time(0), six(1)).host, network);
        assert!(bans.is_banned(Time(1), six(2)));
        let mapped = "[::ffff:81.2.3.1]:9".parse().expect("an address");
        assert!(bans.is_banned(Time(1), mapped), "IPv4 in IPv6 is the same host");
    }

    #[test]
    fn on_this_machine_a_ban_meets_one_port() {
        let mut bans = Bans::default();
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(bans.ban(Time(0), local(1)).host, local(1));
        assert!(bans.is_banned(Time(1), local(1)) && !bans.is_banned(Time(1), local(2)));
    }

    #[test]
    fn a_ban_of_an_earlier_run_lasts_as_long_as_is_left_of_it_and_never_longer_than_ours() {
        let mut bans = Bans::default();
        let hour = Duration::from_secs(3600);
        bans.enter(Time(5), Ban { host: addr(1, 0), left: hour });
        assert!(bans.is_banned(Time(5), addr(1, 9)) && !bans.is_banned(Time(5) + hour, addr(1, 9)));
        bans.enter(Time(5), Ban { host: addr(2, 0), left: 1_000 * BAN });
        assert!(!bans.is_banned(Time(5) + BAN, addr(2, 9)), "the clock of the machine was wrong");
        bans.ban(Time(5), addr(3, 9));
        bans.enter(Time(5), Ban { host: addr(3, 0), left: hour });
        assert!(bans.is_banned(Time(5) + hour, addr(3, 9)), "the longer one counts");
        bans.enter(Time(5), Ban { host: addr(4, 0), left: Duration::ZERO });
        assert!(!bans.is_banned(Time(5), addr(4, 1)));
    }

    #[test]
    fn when_too_many_are_banned_those_are_forgotten_whose_ban_ends_first() {
        let mut bans = Bans::default();
        for at in 0..=Ban::MAX {
            bans.ban(Time(at as u64), numbered(at));
        }
        assert_eq!(bans.until.len(), Ban::MAX);
        let now = Time(Ban::MAX as u64);
        assert!(!bans.is_banned(now, numbered(0)) && bans.is_banned(now, numbered(1)));
    }

    #[test]
    fn strikes_are_counted_by_host_and_forgotten_in_time() {
        let mut bans = Bans::default();
        assert_eq!(bans.strike(Time(0), addr(1, 1)), 1);
        assert_eq!(bans.strike(Time(1), addr(2, 1)), 1);
        assert_eq!(bans.strike(Time(2), addr(1, 2)), 2);
        assert_eq!(bans.strike(Time(2) + STRIKE, addr(1, 1)), 1);
    }

    #[test]
    fn when_too_many_have_strikes_the_oldest_are_forgotten() {
        let mut bans = Bans::default();
        for at in 0..=STRUCK_MAX {
            bans.strike(Time(at as u64), numbered(at));
        }
        assert_eq!(bans.struck.len(), STRUCK_MAX);
        assert_eq!(bans.strike(Time(5_000), numbered(1)), 2);
        assert_eq!(bans.strike(Time(5_000), numbered(0)), 1);
    }
}
