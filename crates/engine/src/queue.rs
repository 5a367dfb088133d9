//! Who takes part and who waits, when only so many torrents may take part at one time.
//!
//! What somebody watches always takes part. The places that are left go to those who fetch, then to those who
//! give; in each class to who waited longest. A place is kept for a turn, and longer by who fetches and gets
//! something: else a torrent without sources would stop all behind it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    HangUpWhy, News, Time, TorrentId, agenda::Timer, content::Content, context::Context,
    torrent::Torrent,
};

/// How long a place is kept while others wait.
const TURN: Duration = Duration::from_secs(30 * 60);
/// Who was just added takes part for so long, beside those who have a place: somebody most likely waits for its description,
/// or is about to watch it.
const WELCOME: Duration = Duration::from_secs(60);
/// Torrents that are welcomed at one time.
const WELCOME_MAX: usize = 8;
/// Many things happen at once; who takes part is decided once for all of them.
const SOON: Duration = Duration::from_millis(100);
/// Bytes per second below which who fetches does not get anywhere.
const RATE_MIN: u64 = 1_000;

/// What a torrent would do if it took part, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Somebody reads it.
    Watched,
    /// It lacks something that is wanted.
    Fetching,
    /// It has what is wanted.
    Giving,
}

/// A torrent as the queue sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applicant {
    pub(crate) torrent: TorrentId,
    pub(crate) purpose: Purpose,
    /// Whether it takes part now.
    pub(crate) active: bool,
    /// Since when it takes part, or waits.
    pub(crate) since: Time,
    /// Whether it gets what it fetches.
    pub(crate) moves: bool,
}

/// Whether a place is kept, waited for, or had for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Keeps,
    Waits,
    HadItsTurn,
}

impl Applicant {
    fn claim(&self, now: Time) -> Claim {
        let progresses = self.purpose == Purpose::Fetching && self.moves;
        match self.active {
            true if progresses || now.since(self.since) < TURN => Claim::Keeps,
            true => Claim::HadItsTurn,
            false => Claim::Waits,
        }
    }
}

/// All who apply, the first in line first.
pub(crate) fn line(now: Time, mut applicants: Vec<Applicant>) -> Vec<Applicant> {
    applicants.sort_by_key(|one| (one.purpose, one.claim(now), one.since, one.torrent));
    applicants
}

/// Who takes part.
pub(crate) fn choose(now: Time, applicants: Vec<Applicant>, places: usize) -> BTreeSet<TorrentId> {
    let line = line(now, applicants).into_iter().enumerate();
    line.filter(|(at, one)| *at < places || one.purpose == Purpose::Watched)
        .map(|(_, one)| one.torrent)
        .collect()
}

/// When the choice has to be made again though nothing happened: the first turn to end while somebody waits.
fn next_turn(now: Time, applicants: &[Applicant]) -> Option<Time> {
    let waits = applicants.iter().any(|one| !one.active);
    let ends = applicants.iter().filter(|one| one.active && one.purpose != Purpose::Watched);
    let ends = ends.map(|one| (one.since + TURN).max(now + TURN / 10));
    ends.min().filter(|_| waits)
}

/// Who has a place, between two looks at all who apply: ten thousand may be added at once.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    taken: usize,
    welcomed: BTreeMap<TorrentId, Time>,
}

impl Queue {
    /// Whether a torrent that is added now takes part.
    pub(crate) fn admit(&mut self, ctx: &mut Context, torrent: TorrentId) -> bool {
        let Some(places) = ctx.config.limits.active_max else { return true };
        soon(ctx);
        self.welcomed.retain(|_, until| *until > ctx.now);
        if self.taken < places {
            self.taken += 1;
            return true;
        }
        let room = self.welcomed.len() < WELCOME_MAX;
        if room {
            self.welcomed.insert(torrent, ctx.now + WELCOME);
        }
        room
    }

    /// Looks again at who takes part; tells for whom that changed.
    pub(crate) fn review(
        &mut self,
        ctx: &mut Context,
        torrents: &mut BTreeMap<TorrentId, Torrent>,
    ) -> Vec<TorrentId> {
        let places = ctx.config.limits.active_max.unwrap_or(usize::MAX);
        self.welcomed.retain(|_, until| *until > ctx.now);
        let in_line = |one: &&Torrent| !one.paused && !self.welcomed.contains_key(&one.id);
        let applying = torrents.values().filter(in_line);
        let mut applicants: Vec<_> = applying.map(|one| one.applies(ctx.now)).collect();
        let chosen = choose(ctx.now, applicants.clone(), places);
        self.taken = chosen.len();
        let mut changed = Vec::new();
        for one in &mut applicants {
            let active = chosen.contains(&one.torrent);
            let moved = torrents.get_mut(&one.torrent).filter(|_| active != one.active);
            let Some(torrent) = moved else { continue };
            if active {
                torrent.take_part(ctx);
            } else {
                torrent.wait(ctx);
            }
            (one.active, one.since) = (active, ctx.now);
            changed.push(one.torrent);
        }
        let welcomed = self.welcomed.values().copied().min();
        match next_turn(ctx.now, &applicants).into_iter().chain(welcomed).min() {
            Some(at) => ctx.agenda.set(Timer::Queue, at),
            None => ctx.agenda.clear(Timer::Queue),
        }
        changed
    }
}

/// Something happened that may change who takes part.
pub(crate) fn soon(ctx: &mut Context) {
    if ctx.config.limits.active_max.is_some() {
        ctx.agenda.set_earlier(Timer::Queue, ctx.now + SOON);
    }
}

/// How long something went on.
#[derive(Debug, Default)]
pub(crate) struct Span {
    before: Duration,
    since: Option<Time>,
}

impl Span {
    fn note(&mut self, now: Time, goes_on: bool) {
        match self.since {
            None if goes_on => self.since = Some(now),
            Some(since) if !goes_on => {
                self.before += now.since(since);
                self.since = None;
            }
            _ => (),
        }
    }

    pub(crate) fn in_all(&self, now: Time) -> Duration {
        self.before + self.since.map_or(Duration::ZERO, |since| now.since(since))
    }
}

impl Torrent {
    /// Counts for how long it is there for others alone.
    pub(crate) fn note_giving(&mut self, now: Time) {
        let has_all = self.content.as_ref().is_some_and(|content| {
            content.ready && !content.lacks_anything() && content.pieces.have().count() > 0
        });
        let gives = has_all && !self.rests();
        self.giving.note(now, gives);
    }

    /// Whether it neither asks, gives nor calls: it was told to, or waits for a place.
    pub(crate) fn rests(&self) -> bool {
        self.paused || self.waits
    }

    fn applies(&self, now: Time) -> Applicant {
        let lacks = self.content.as_ref().is_none_or(Content::lacks_anything);
        let purpose = match () {
            () if self.streams.values().any(|stream| !stream.hint) => Purpose::Watched,
            () if lacks => Purpose::Fetching,
            () => Purpose::Giving,
        };
        Applicant {
            torrent: self.id,
            purpose,
            active: !self.waits,
            since: self.placed,
            moves: self.down.rate(now) >= RATE_MIN,
        }
    }

    /// It has a place.
    pub(crate) fn take_part(&mut self, ctx: &mut Context) {
        (self.waits, self.placed) = (false, ctx.now);
        if !self.paused {
            self.go_on(ctx);
        }
    }

    /// Somebody opened it to read: it takes part at once, and somebody else may have to wait soon.
    pub(crate) fn rouse(&mut self, ctx: &mut Context) {
        if self.waits {
            self.take_part(ctx);
        }
        soon(ctx);
    }

    /// Others have the places.
    fn wait(&mut self, ctx: &mut Context) {
        let rested = self.rests();
        (self.waits, self.placed) = (true, ctx.now);
        if !rested {
            self.rest(ctx);
        }
    }

    /// Somebody lets it rest, or go on.
    pub(crate) fn pause(&mut self, ctx: &mut Context, paused: bool) {
        if self.paused == paused {
            return;
        }
        let rested = self.rests();
        self.paused = paused;
        self.resumed_after = ctx.last_op();
        if !paused && ctx.config.limits.active_max.is_some() {
            // Others had its place meanwhile.
            (self.waits, self.placed) = (true, ctx.now);
        }
        match (rested, self.rests()) {
            (false, true) => self.rest(ctx),
            (true, false) => self.go_on(ctx),
            _ => (),
        }
    }

    fn go_on(&mut self, ctx: &mut Context) {
        ctx.tell(News::TakesPart(self.id));
        self.announcer.restart(ctx.now);
        self.set_timers(ctx);
        self.chores.all = true;
        self.chores.dial = true;
    }

    fn rest(&mut self, ctx: &mut Context) {
        self.leave(ctx);
        ctx.clear_timers(self.id);
        ctx.tell(News::Rests(self.id));
    }

    /// Says goodbye to trackers and hangs up on everybody.
    pub(crate) fn leave(&mut self, ctx: &mut Context) {
        self.lingers = false;
        for question in self.announcer.stop() {
            self.announce(ctx, question);
        }
        let conns: Vec<_> = self.peers.keys().copied().collect();
        for conn in conns {
            self.hang_up(ctx, conn, HangUpWhy::Removed);
        }
        for seed in 0..self.webs.len() {
            self.stop_web(ctx, seed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn waits(torrent: u32, purpose: Purpose, since: u64) -> Applicant {
        let (torrent, since) = (TorrentId(torrent), Time(since));
        Applicant { torrent, purpose, active: false, since, moves: false }
    }

    fn active(torrent: u32, purpose: Purpose) -> Applicant {
        Applicant { active: true, ..waits(torrent, purpose, 0) }
    }

    fn chosen(now: Time, applicants: &[Applicant], places: usize) -> Vec<u32> {
        choose(now, applicants.to_vec(), places).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn who_is_watched_goes_first_and_counts_even_beyond_the_limit() {
        let all = [
            active(1, Purpose::Fetching),
            waits(2, Purpose::Watched, 5),
            waits(3, Purpose::Watched, 6),
        ];
        assert_eq!(chosen(Time(9), &all, 3), [1, 2, 3]);
        assert_eq!(chosen(Time(9), &all, 2), [2, 3]);
        assert_eq!(chosen(Time(9), &all, 0), [2, 3]);
    }

    #[test]
    fn who_fetches_goes_before_who_gives_and_who_waited_longest_first() {
        let all = [
            active(1, Purpose::Giving),
            waits(2, Purpose::Fetching, 7),
            waits(3, Purpose::Fetching, 6),
        ];
        assert_eq!(chosen(Time(9), &all, 1), [3]);
        assert_eq!(chosen(Time(9), &all, 2), [2, 3]);
        assert_eq!(line(Time(9), all.to_vec())[1].torrent, TorrentId(2), "the next one");
    }

    #[test]
    fn a_place_is_kept_for_a_turn_and_then_goes_round() {
        let all = [active(1, Purpose::Giving), waits(2, Purpose::Giving, 5)];
        assert_eq!(chosen(Time(0) + 29 * MINUTE, &all, 1), [1]);
        assert_eq!(chosen(Time(0) + 30 * MINUTE, &all, 1), [2]);
        assert_eq!(next_turn(Time(0) + MINUTE, &all), Some(Time(0) + 30 * MINUTE));
    }

    #[test]
    fn who_gets_what_it_fetches_keeps_its_place_and_who_does_not_makes_room() {
        let late = Time(0) + 31 * MINUTE;
        let stuck = active(1, Purpose::Fetching);
        let moving = Applicant { moves: true, ..stuck };
        let other = waits(2, Purpose::Fetching, 5);
        assert_eq!(chosen(late, &[moving, other], 1), [1]);
        assert_eq!(chosen(late, &[stuck, other], 1), [2]);
    }

    #[test]
    fn where_nobody_waits_nothing_is_planned() {
        let all = [active(1, Purpose::Giving), active(2, Purpose::Fetching)];
        assert_eq!(next_turn(Time(0), &all), None);
        assert_eq!(chosen(Time(0) + 31 * MINUTE, &all, 2), [1, 2]);
    }

    /// Whoever has to wait gets a place in the end.
    #[test]
    fn everybody_has_a_turn() {
        let mut all: Vec<_> = (0..7).map(|id| waits(id, Purpose::Giving, 0)).collect();
        let mut had = BTreeSet::new();
        let mut now = Time(0);
        for _ in 0..4 {
            let chosen = choose(now, all.clone(), 2);
            for one in &mut all {
                let active = chosen.contains(&one.torrent);
                if active != one.active {
                    (one.active, one.since) = (active, now);
                }
            }
            had.extend(chosen);
            now = now + TURN;
        }
        assert_eq!(had.len(), 7);
    }
}
