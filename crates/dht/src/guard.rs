//! How much of us others may use: questions per source, bytes of answers in all, our own packets per second.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use crate::{Time, reach::is_local};

/// The span over which questions of one source are counted.
const WINDOW: Duration = Duration::from_secs(10);
/// How long a source that asks too much is not heard.
const BLOCK: Duration = Duration::from_secs(5 * 60);
/// Sources that are counted at one time; a flood from more of them is stopped by the limit on answers.
const SOURCES_MAX: usize = 4096;
/// Who asked no more than this in the window, and in the one before, is answered before those who did: a lookup asks a node
/// once or twice.
const FEW: u32 = 4;

/// One program at one place. Behind a public address everybody counts as one; on this machine and in its
/// networks ports tell programs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Source(IpAddr, u16);

impl Source {
    fn of(addr: SocketAddr) -> Self {
        let ip = addr.ip().to_canonical();
        Self(ip, if is_local(ip) { addr.port() } else { 0 })
    }
}

/// What one source did in the window.
#[derive(Debug, Clone, Copy)]
struct Use {
    since: Time,
    count: u32,
    /// What it did in the window before, if that ended just now.
    before: u32,
    blocked: Option<Time>,
}

/// What a source may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Welcome,
    /// From now on it is not heard for a while.
    Blocked,
    /// It is not heard still.
    Ignored,
}

/// Counts what each source does in ten seconds.
#[derive(Debug)]
pub(crate) struct Sources {
    most: u32,
    uses: BTreeMap<Source, Use>,
}

impl Sources {
    /// `per_second` on average over ten seconds.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { most: per_second.saturating_mul(10), uses: BTreeMap::new() }
    }

    /// A source asks. Too often, and it is blocked.
    pub(crate) fn hear(&mut self, addr: SocketAddr, now: Time) -> Verdict {
        let most = self.most;
        let Some(one) = self.entry(addr, now) else { return Verdict::Ignored };
        match one.blocked {
            Some(until) if now < until => return Verdict::Ignored,
            Some(_) => *one = Use { since: now, count: 0, before: 0, blocked: None },
            None => {}
        }
        one.count += 1;
        if one.count <= most {
            return Verdict::Welcome;
        }
        one.blocked = Some(now + BLOCK);
        Verdict::Blocked
    }

    /// Whether another one of ours may go there.
    pub(crate) fn has_room(&self, addr: SocketAddr, now: Time) -> bool {
        let fits = |one: &Use| now.since(one.since) >= WINDOW || one.count < self.most;
        self.uses.get(&Source::of(addr)).is_none_or(fits)
    }

    /// Whether a source asked only a few things lately.
    pub(crate) fn asked_little(&self, addr: SocketAddr) -> bool {
        self.uses.get(&Source::of(addr)).is_some_and(|one| one.count.max(one.before) <= FEW)
    }

    /// One of ours goes there.
    pub(crate) fn count(&mut self, addr: SocketAddr, now: Time) {
        if let Some(one) = self.entry(addr, now) {
            one.count += 1;
        }
    }

    fn entry(&mut self, addr: SocketAddr, now: Time) -> Option<&mut Use> {
        let source = Source::of(addr);
        if self.uses.len() >= SOURCES_MAX && !self.uses.contains_key(&source) {
            self.forget(now);
            if self.uses.len() >= SOURCES_MAX {
                return None;
            }
        }
        let fresh = Use { since: now, count: 0, before: 0, blocked: None };
        let one = self.uses.entry(source).or_insert(fresh);
        if one.blocked.is_none() && now.since(one.since) >= WINDOW {
            let before = if now.since(one.since) < WINDOW * 2 { one.count } else { 0 };
            *one = Use { before, ..fresh };
        }
        Some(one)
    }

    /// Forgets whoever was quiet for a window and is not blocked.
    pub(crate) fn forget(&mut self, now: Time) {
        self.uses.retain(|_, one| match one.blocked {
            Some(until) => now < until,
            None => now.since(one.since) < WINDOW,
        });
    }
}

/// A rate that may be saved up for a while.
#[derive(Debug)]
pub(crate) struct Budget {
    per_second: f64,
    most: f64,
    level: f64,
    filled: Time,
}

impl Budget {
    /// `per_second` on average, `burst` at once.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let most = f64::from(burst.max(1));
        Self { per_second: f64::from(per_second.max(1)), most, level: most, filled: Time(0) }
    }

    /// Takes `amount` if it is there.
    pub(crate) fn take(&mut self, amount: usize, now: Time) -> bool {
        self.take_above(0.0, amount, now)
    }

    /// The same, but leaves half of what can be saved up to others.
    pub(crate) fn take_of_the_upper_half(&mut self, amount: usize, now: Time) -> bool {
        self.take_above(self.most / 2.0, amount, now)
    }

    fn take_above(&mut self, left: f64, amount: usize, now: Time) -> bool {
        self.fill(now);
        let amount = amount as f64;
        let enough = self.level - left >= amount;
        if enough {
            self.level -= amount;
        }
        enough
    }

    /// Gives back what was taken and not used.
    pub(crate) fn give_back(&mut self, amount: usize) {
        self.level = (self.level + amount as f64).min(self.most);
    }

    /// When `amount` will be there.
    pub(crate) fn ready(&self, amount: usize) -> Time {
        let missing = (amount as f64 - self.level).max(0.0);
        self.filled + Duration::from_secs_f64((missing / self.per_second).clamp(0.001, 3600.0))
    }

    fn fill(&mut self, now: Time) {
        let gained = now.since(self.filled).as_secs_f64() * self.per_second;
        self.level = (self.level + gained).min(self.most);
        self.filled = self.filled.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time(ms * 1000)
    }

    #[test]
    fn a_source_that_floods_is_blocked_for_five_minutes_whatever_its_port() {
        let mut sources = Sources::new(5);
        let from = |port| SocketAddr::from(([8, 8, 8, 8], port));
        let heard = (0..50).all(|n| sources.hear(from(n), at(0)) == Verdict::Welcome);
        assert!(heard);
        assert_eq!(sources.hear(from(1), at(1)), Verdict::Blocked);
        assert_eq!(sources.hear(from(2), at(200_000)), Verdict::Ignored);
        assert_eq!(sources.hear(([8, 8, 8, 9], 1).into(), at(2)), Verdict::Welcome);
        assert_eq!(sources.hear(from(2), at(301_000)), Verdict::Welcome);
    }

    #[test]
    fn five_a_second_go_on_for_ever() {
        let mut sources = Sources::new(5);
        let from = ([8, 8, 8, 8], 1).into();
        assert!((0..2000).all(|n| sources.hear(from, at(n * 200)) == Verdict::Welcome));
    }

    #[test]
    fn a_million_sources_are_not_remembered() {
        let mut sources = Sources::new(5);
        for n in 0..20_000_u32 {
            sources.hear((n.to_be_bytes(), 1).into(), at(0));
        }
        assert!(sources.uses.len() <= SOURCES_MAX);
    }

    #[test]
    fn a_budget_lets_its_rate_through_and_says_when_there_is_more() {
        let mut budget = Budget::new(100, 10);
        let mut now = Time(0);
        let mut sent = 0;
        while now < at(10_000) {
            while budget.take(1, now) {
                sent += 1;
            }
            now = budget.ready(1);
        }
        assert!((1000..=1020).contains(&sent), "{sent}");
    }
}
