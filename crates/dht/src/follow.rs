//! Torrents that are followed: their peers are looked for again and again, and told that we are one.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    AnnouncedPort, Dht, DoneWhy, Id, LookupId, LookupStats, Time,
    random::Random,
    search::{Goal, SearchId},
};

/// The pause after a round that found many peers; announces are kept for at least half an hour.
const AGAIN: Duration = Duration::from_secs(15 * 60);
/// The pause after a first round that found few; it doubles until it is [`AGAIN`]. Those few may have left, and
/// somebody may announce the torrent this very moment.
const SOON: Duration = Duration::from_secs(5);
/// Peers that are many.
const MANY: usize = 10;
/// The pause while no node is known: entering takes seconds.
const NO_NODES: Duration = Duration::from_secs(2);
/// By how many seconds rounds of equal pauses are kept apart.
const SPREAD: usize = 120;

/// A torrent that is followed.
#[derive(Debug)]
struct Follow {
    infohash: Id,
    announce: Option<AnnouncedPort>,
    /// Whether we have all of it.
    seeds: bool,
    /// The round that is under way.
    search: Option<SearchId>,
    pause: Duration,
}

/// All torrents that are followed, and when the next round of each is due.
#[derive(Debug, Default)]
pub(crate) struct Follows {
    all: BTreeMap<LookupId, Follow>,
    rounds: BTreeSet<(Time, LookupId)>,
}

impl Follows {
    pub(crate) fn add(
        &mut self,
        lookup: LookupId,
        infohash: Id,
        announce: Option<AnnouncedPort>,
        now: Time,
    ) {
        let follow = Follow { infohash, announce, seeds: false, search: None, pause: SOON };
        if self.all.insert(lookup, follow).is_none() {
            self.rounds.insert((now, lookup));
        }
    }

    /// Whether we have all of a torrent: said from the next round on.
    pub(crate) fn seeds(&mut self, lookup: LookupId, all: bool) {
        if let Some(follow) = self.all.get_mut(&lookup) {
            follow.seeds = all;
        }
    }

    /// Follows a torrent no more; the round that is to end with it.
    pub(crate) fn remove(&mut self, lookup: LookupId) -> Option<SearchId> {
        self.rounds.retain(|(_, other)| *other != lookup);
        self.all.remove(&lookup)?.search
    }

    /// When the next round is due.
    pub(crate) fn next(&self) -> Option<Time> {
        self.rounds.first().map(|(at, _)| *at)
    }

    /// A round has ended. False if the lookup is none of a followed torrent.
    pub(crate) fn ended(
        &mut self,
        lookup: LookupId,
        (why, stats): (DoneWhy, LookupStats),
        now: Time,
        random: &mut Random,
    ) -> bool {
        let Some(follow) = self.all.get_mut(&lookup) else { return false };
        follow.search = None;
        let spread = Duration::from_secs(random.below(SPREAD) as u64);
        let pause = match why {
            DoneWhy::NoNodes | DoneWhy::NoAnswers => NO_NODES,
            _ if stats.peers >= MANY => AGAIN + spread,
            _ => {
                let pause = follow.pause + spread.min(follow.pause / 4);
                follow.pause = (follow.pause * 2).min(AGAIN);
                pause
            }
        };
        self.rounds.insert((now + pause, lookup));
        true
    }

    /// Whoever waits for a round need not wait longer.
    pub(crate) fn hurry(&mut self, now: Time) {
        let waiting = std::mem::take(&mut self.rounds).into_iter();
        self.rounds = waiting.map(|(at, lookup)| (at.min(now), lookup)).collect();
    }
}

impl Dht {
    /// Starts the rounds that are due.
    pub(crate) fn follow_on(&mut self, now: Time) {
        while self.follows.next().is_some_and(|at| at <= now) {
            let Some((_, lookup)) = self.follows.rounds.pop_first() else { return };
            let Some(follow) = self.follows.all.get(&lookup) else { continue };
            let (goal, infohash) = (Goal::Peers { announce: follow.announce }, follow.infohash);
            let seeds = follow.seeds;
            let search = self.enter_all(Some(lookup), goal, infohash, now);
            if let Some(search) = self.searches.get_mut(&search) {
                search.seeds = seeds;
            }
            if let Some(follow) = self.follows.all.get_mut(&lookup) {
                follow.search = Some(search);
            }
            self.advance(search, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Command, Config, Input, Limits, Output};

    /// The pauses after rounds that each found this many peers.
    fn pauses(peers: usize, rounds: usize) -> Vec<Duration> {
        let (mut follows, mut random) = (Follows::default(), Random::new([7; 32]));
        let (lookup, mut now) = (LookupId(1), Time(0));
        follows.add(lookup, Id([1; 20]), None, now);
        let pause = |_| {
            follows.rounds.pop_first();
            let stats = LookupStats { peers, ..LookupStats::default() };
            assert!(follows.ended(lookup, (DoneWhy::Complete, stats), now, &mut random));
            let next = follows.next().expect("another round");
            let pause = next.since(now);
            now = next;
            pause
        };
        (0..rounds).map(pause).collect()
    }

    #[test]
    fn few_peers_are_looked_for_again_soon_and_then_less_and_less() {
        for peers in [0, 1, 9] {
            let pauses = pauses(peers, 12);
            assert!(pauses[0] < 2 * SOON, "{pauses:?}");
            assert!(pauses[..8].is_sorted(), "{pauses:?}");
            assert!(pauses.iter().all(|pause| *pause <= AGAIN + AGAIN / 4), "{pauses:?}");
            assert!(pauses[11] >= AGAIN, "{pauses:?}");
        }
    }

    /// Whether anything is told of a lookup that is followed, followed again while its round is under way, and
    /// then no more.
    #[test]
    fn who_is_followed_twice_and_then_no_more_has_no_end() {
        let mut dht = Dht::new(Config {
            seed: [7; 32],
            node_id: None,
            read_only: false,
            v4: true,
            v6: false,
            local_addresses: false,
            snapshot: None,
            limits: Limits::USUAL,
        });
        let (lookup, infohash, announce) = (LookupId(1), Id([1; 20]), None);
        let door = ([8, 8, 8, 8], 1).into();
        let follow = Command::Follow { lookup, infohash, announce };
        let commands = [Command::Bootstrap(vec![door]), follow.clone(), follow];
        for command in commands.into_iter().chain([Command::Cancel(lookup)]) {
            dht.handle_input(Time(0), Input::Command(command));
        }
        for second in 0..60 {
            dht.handle_input(Time(second * 1_000_000), Input::DeadlinePassed);
        }
        let mut outputs = std::iter::from_fn(|| dht.poll_output());
        assert!(!outputs.any(|output| matches!(output, Output::Done { .. })));
    }

    #[test]
    fn many_peers_are_looked_for_again_after_a_quarter_of_an_hour() {
        assert!(pauses(10, 3).iter().all(|pause| *pause >= AGAIN));
    }
}
