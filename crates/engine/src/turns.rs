//! Whose turn it is where torrents share a limit.
//!
//! While nobody waits, whoever asks takes. Once somebody does, blocks are taken in turns: first by torrents whose
//! viewers have little ahead, then, in equal parts, by all who want any. Equal parts are dealt by start-time fair
//! queueing (Goyal, Vin, Cheng 1996): the next turn is that of whoever had least since it began to wait.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Time, TorrentId, limits::Bucket};

/// For what a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    /// For what viewers need soon, before all others.
    First,
    /// For anything, an equal part.
    Fair,
}

/// A limit over all torrents, and who waits for it.
#[derive(Debug)]
pub(crate) struct Turns {
    bucket: Bucket,
    waiting: BTreeSet<TorrentId>,
    first: Shares,
    fair: Shares,
    current: Option<(TorrentId, Turn)>,
    /// Whether at least every other turn is a fair one.
    alternates: bool,
    last: Turn,
}

impl Turns {
    /// A limit in bytes per second under which whoever goes first may take everything.
    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self {
            bucket: Bucket::new(rate),
            waiting: BTreeSet::new(),
            first: Shares::default(),
            fair: Shares::default(),
            current: None,
            alternates: false,
            last: Turn::Fair,
        }
    }

    /// One under which whoever goes first leaves the others half.
    pub(crate) fn alternating(rate: Option<u64>) -> Self {
        Self { alternates: true, ..Self::new(rate) }
    }

    pub(crate) fn limit(&mut self, rate: Option<u64>) {
        self.bucket.limit(rate);
        if rate.is_none() {
            self.waiting.clear();
        }
    }

    /// The limit, in bytes per second.
    pub(crate) fn rate(&self) -> Option<u64> {
        self.bucket.rate()
    }

    /// Whether a torrent may take a block now. If not, it waits, and has a turn when it may.
    pub(crate) fn admits(&mut self, now: Time, id: TorrentId) -> bool {
        let has_turn = self.current.is_some_and(|(current, _)| current == id);
        let others_wait = self.waiting.iter().any(|other| *other != id);
        let admitted =
            self.rate().is_none() || ((has_turn || !others_wait) && self.bucket.is_open(now));
        if !admitted {
            self.wait(id);
        }
        admitted
    }

    /// Whether a torrent may take a block now, whoever else waits. If not, it has a turn when it may.
    pub(crate) fn passes(&mut self, now: Time, id: TorrentId) -> bool {
        let passes = self.rate().is_none() || self.bucket.is_open(now);
        if !passes {
            self.wait(id);
        }
        passes
    }

    fn wait(&mut self, id: TorrentId) {
        if self.waiting.insert(id) {
            self.fair.enter(id);
            self.first.enter(id);
        }
    }

    /// A torrent that was admitted takes this much.
    pub(crate) fn take(&mut self, id: TorrentId, bytes: u32) {
        if self.rate().is_none() {
            return;
        }
        self.bucket.take(bytes);
        match self.current {
            Some((current, Turn::First)) if current == id => self.first.charge(id, bytes),
            _ => self.fair.charge(id, bytes),
        }
        if self.waiting.is_empty() && self.current.is_none() {
            self.fair.pass(id);
        }
    }

    /// Gives back what was taken and not used.
    pub(crate) fn give_back(&mut self, bytes: u32) {
        self.bucket.give_back(bytes);
    }

    /// Begins the next turn, if anybody waits and the limit allows one. `done` are turns in which nothing was left to
    /// take, `is_short` whether a torrent's viewer has little ahead.
    pub(crate) fn begin(
        &mut self,
        now: Time,
        done: &BTreeSet<(TorrentId, Turn)>,
        is_short: impl Fn(TorrentId) -> bool,
    ) -> Option<(TorrentId, Turn)> {
        if self.waiting.is_empty() || !self.bucket.is_open(now) {
            return None;
        }
        let next = self.next_first(done, is_short).or_else(|| self.next_fair(done))?;
        let (id, turn) = next;
        match turn {
            Turn::First => self.first.pass(id),
            Turn::Fair => {
                self.fair.pass(id);
                // Who wants more says so.
                self.waiting.remove(&id);
            }
        }
        self.last = turn;
        self.current = Some(next);
        Some(next)
    }

    fn next_first(
        &self,
        done: &BTreeSet<(TorrentId, Turn)>,
        is_short: impl Fn(TorrentId) -> bool,
    ) -> Option<(TorrentId, Turn)> {
        let alone = self.waiting.len() == 1;
        if alone || (self.alternates && self.last == Turn::First) {
            return None;
        }
        let left = |id: &TorrentId| !done.contains(&(*id, Turn::First)) && is_short(*id);
        self.first.least(self.waiting.iter().copied().filter(left)).map(|id| (id, Turn::First))
    }

    fn next_fair(&self, done: &BTreeSet<(TorrentId, Turn)>) -> Option<(TorrentId, Turn)> {
        let left = |id: &TorrentId| !done.contains(&(*id, Turn::Fair));
        self.fair.least(self.waiting.iter().copied().filter(left)).map(|id| (id, Turn::Fair))
    }

    /// The turn is over.
    pub(crate) fn end(&mut self) {
        self.current = None;
    }

    /// Whether a torrent has its turn before all others, for what its viewers need soon.
    pub(crate) fn goes_first(&self, id: TorrentId) -> bool {
        self.current == Some((id, Turn::First))
    }

    /// When the next turn may begin, if anybody waits for it.
    pub(crate) fn next(&mut self, now: Time) -> Option<Time> {
        if self.waiting.is_empty() {
            return None;
        }
        Some(self.bucket.opens(now).unwrap_or(now + Bucket::PAUSE_MIN))
    }

    /// A torrent is gone.
    pub(crate) fn forget(&mut self, id: TorrentId) {
        self.waiting.remove(&id);
        self.first.forget(id);
        self.fair.forget(id);
    }
}

/// What each had. Whoever wants nothing for a while saves nothing up meanwhile.
#[derive(Debug, Default)]
struct Shares {
    had: BTreeMap<TorrentId, u64>,
    /// What whoever had the last turn had before it.
    clock: u64,
}

impl Shares {
    fn had(&self, id: TorrentId) -> u64 {
        self.had.get(&id).copied().unwrap_or(0).max(self.clock)
    }

    /// Somebody begins to wait.
    fn enter(&mut self, id: TorrentId) {
        self.had.insert(id, self.had(id));
    }

    fn charge(&mut self, id: TorrentId, bytes: u32) {
        self.had.insert(id, self.had(id) + u64::from(bytes));
    }

    /// It is the turn of somebody.
    fn pass(&mut self, id: TorrentId) {
        self.clock = self.had(id);
    }

    /// Whoever had least.
    fn least(&self, ids: impl Iterator<Item = TorrentId>) -> Option<TorrentId> {
        ids.min_by_key(|id| (self.had(*id), *id))
    }

    fn forget(&mut self, id: TorrentId) {
        self.had.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u32 = 16_384;
    /// One block in a second.
    const RATE: u64 = BLOCK as u64;

    /// Some torrents want all they can get, one of them with a viewer who has little ahead: how many blocks each has
    /// after a time.
    fn dealt(mut turns: Turns, torrents: u32, short: Option<u32>, blocks: u64) -> Vec<u64> {
        let mut had = vec![0; torrents as usize];
        let mut now = Time(0);
        while had.iter().sum::<u64>() < blocks {
            for id in 0..torrents {
                take_all(&mut turns, now, id, &mut had);
            }
            let is_short = |id: TorrentId| short == Some(id.0);
            while let Some((id, _)) = turns.begin(now, &BTreeSet::new(), is_short) {
                take_all(&mut turns, now, id.0, &mut had);
                turns.end();
            }
            now = turns.next(now).expect("they want more");
        }
        had
    }

    fn take_all(turns: &mut Turns, now: Time, id: u32, had: &mut [u64]) {
        while turns.admits(now, TorrentId(id)) {
            turns.take(TorrentId(id), BLOCK);
            had[id as usize] += 1;
        }
    }

    #[test]
    fn all_who_want_have_equal_parts() {
        let had = dealt(Turns::new(Some(RATE)), 5, None, 100);
        assert!(had.iter().all(|blocks| (19..=21).contains(blocks)), "{had:?}");
    }

    #[test]
    fn whose_viewer_has_little_ahead_goes_first_whatever_the_ids() {
        for short in 0..3 {
            let had = dealt(Turns::new(Some(RATE)), 3, Some(short), 100);
            assert!(had[short as usize] >= 98, "{had:?}");
        }
    }

    #[test]
    fn of_what_is_given_a_viewers_torrent_leaves_the_others_half() {
        let had = dealt(Turns::alternating(Some(RATE)), 3, Some(2), 120);
        assert!(had[2] >= 60 && had[0] >= 19 && had[1] >= 19, "{had:?}");
    }

    #[test]
    fn who_wanted_nothing_for_a_while_does_not_catch_up() {
        let mut turns = Turns::new(Some(RATE));
        let mut had = [0; 2];
        let mut now = Time(0);
        for _ in 0..100 {
            take_all(&mut turns, now, 0, &mut had);
            now = turns.next(now).expect("it wants more");
            turns.begin(now, &BTreeSet::new(), |_| false).expect("it waits");
            take_all(&mut turns, now, 0, &mut had);
            turns.end();
        }
        let late = dealt(turns, 2, None, 20);
        assert!((9..=11).contains(&late[0]) && (9..=11).contains(&late[1]), "{late:?}");
    }

    #[test]
    fn where_nothing_is_limited_nobody_waits() {
        let mut turns = Turns::new(None);
        for id in 0..3 {
            assert!(turns.admits(Time(0), TorrentId(id)));
            turns.take(TorrentId(id), u32::MAX);
        }
        assert_eq!(turns.next(Time(0)), None);
    }
}
