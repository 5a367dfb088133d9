//! How often may one host call us, and how often do we call one neighbourhood?
//!
//! Nothing here meets this household: what a translator or a container in front of us brings has one address of it.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{
    Time,
    hosts::{host, is_near, neighbourhood},
};

/// Connections of one torrent with one host. Two would do for a household; a provider's translator or a tunnel has many
/// honest ones behind one address, who would keep each other out.
pub(crate) const PER_HOST_MAX: usize = 4;
/// Callers of one host that have not said at one time which torrent they mean.
pub(crate) const STRANGERS_PER_HOST_MAX: usize = 16;
/// Calls that one host may make in a minute: more than who shares a whole catalogue with us has for it when it starts.
const CALLS_MAX: u32 = 120;
/// The period over which they are counted.
const CALLS_PERIOD: Duration = Duration::from_secs(60);
/// Hosts whose calls are counted at one time; of more, those whose minute began first are forgotten.
const HOSTS_MAX: usize = 2_000;

/// Between two calls of ours into one neighbourhood …
const STEP: Duration = Duration::from_secs(1);
/// … once there were so many without a pause.
const AT_ONCE: u32 = 4;
/// Neighbourhoods remembered beyond which those are forgotten that may be called again.
const NEIGHBOURHOODS_MAX: usize = 1_000;

/// Who called how often, and whom we called.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// Calls of each host, and since when they are counted.
    from: BTreeMap<SocketAddr, (u32, Time)>,
    /// When the calls into each neighbourhood will have been one a second.
    into: BTreeMap<IpAddr, Time>,
}

impl Calls {
    /// Somebody calls; whether they may.
    pub(crate) fn is_heard(&mut self, now: Time, addr: SocketAddr) -> bool {
        if is_near(addr.ip()) {
            return true;
        }
        let host = host(addr);
        let before = self.from.get(&host).filter(|(_, since)| now.since(*since) < CALLS_PERIOD);
        let (count, since) = before.copied().unwrap_or((0, now));
        if before.is_none() && self.from.len() >= HOSTS_MAX {
            self.make_room(now);
        }
        self.from.insert(host, (count.saturating_add(1), since));
        count < CALLS_MAX
    }

    fn make_room(&mut self, now: Time) {
        self.from.retain(|_, (_, since)| now.since(*since) < CALLS_PERIOD);
        if self.from.len() >= HOSTS_MAX {
            let first = self.from.iter().min_by_key(|(_, (_, since))| *since);
            first.map(|(host, _)| *host).map(|host| self.from.remove(&host));
        }
    }

    /// We want to call somebody: when that may be, if not now. Now it counts as done.
    pub(crate) fn wait(&mut self, now: Time, addr: SocketAddr) -> Option<Time> {
        if is_near(addr.ip()) {
            return None;
        }
        let there = neighbourhood(addr);
        let done = self.into.get(&there).copied().unwrap_or(now).max(now);
        let early = STEP * (AT_ONCE - 1);
        if done.since(now) > early {
            return Some(now + (done.since(now) - early));
        }
        if self.into.len() >= NEIGHBOURHOODS_MAX {
            self.into.retain(|_, done| *done > now);
        }
        self.into.insert(there, done + STEP);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn hp_57_a_host_is_heard_so_often_in_a_minute_and_others_as_ever() {
        let mut calls = Calls::default();
        let heard = |calls: &mut Calls, now, text| calls.is_heard(now, at(text));
        let count = (0..500).filter(|_| heard(&mut calls, Time(0), "[2001:db8::1]:9")).count();
        assert_eq!(count, CALLS_MAX as usize);
        assert!(!heard(&mut calls, Time(0) + 59 * SECOND, "[2001:db8::2]:9"), "the same network");
        assert!(heard(&mut calls, Time(0), "81.2.3.4:9"));
        assert!(heard(&mut calls, Time(0) + 60 * SECOND, "[2001:db8::1]:9"), "a minute later");
    }

    #[test]
    fn whoever_is_in_this_household_may_call_as_often_as_they_like() {
        let mut calls = Calls::default();
        assert!((0..500).all(|_| calls.is_heard(Time(0), at("172.17.0.1:9"))));
        assert!((0..500).all(|_| calls.wait(Time(0), at("192.168.1.7:9")).is_none()));
    }

    #[test]
    fn hp_57_calls_from_hosts_beyond_number_are_counted_in_a_bounded_table() {
        let mut calls = Calls::default();
        for number in 0..10_000_u32 {
            let ip = std::net::Ipv4Addr::from_bits((81 << 24) + number);
            assert!(calls.is_heard(Time(u64::from(number)), (ip, 9).into()));
        }
        assert_eq!(calls.from.len(), HOSTS_MAX);
    }

    #[test]
    fn hp_52_after_a_few_calls_into_a_neighbourhood_there_is_one_a_second() {
        let mut calls = Calls::default();
        let mut now = Time(0);
        let mut made = 0;
        for host in 0..200_u8 {
            match calls.wait(now, ([81, 2, 3, host], 6881).into()) {
                None => made += 1,
                Some(at) => now = at,
            }
        }
        let seconds = now.since(Time(0)).as_secs();
        assert_eq!(made, u64::from(AT_ONCE) + seconds);
        assert!(calls.wait(now, at("81.2.4.1:6881")).is_none(), "others are called meanwhile");
    }

    #[test]
    fn neighbourhoods_that_may_be_called_again_are_forgotten() {
        let mut calls = Calls::default();
        for number in 0..5_000_u32 {
            let ip = std::net::Ipv4Addr::from_bits((81 << 24) + (number << 8));
            let now = Time(0) + SECOND * number;
            assert_eq!(calls.wait(now, (ip, 9).into()), None);
        }
        assert!(calls.into.len() <= NEIGHBOURHOODS_MAX);
    }
}
