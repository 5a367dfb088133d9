//! When is which tracker asked, under which name?
//!
//! Every tier has its own turn: a viewer does not wait for the first tier to fail. Within a tier the order
//! is BEP 12's: shuffled once, the one that answered moves to the front. A hybrid torrent announces both of
//! its names, so that it meets v1 and v2 swarms (BEP 52).

use std::time::Duration;

use torrent::{InfoHashes, Sha1Hash};

use crate::{AnnounceEvent, Time, input::Announced, random::Random};

/// Trackers asked per torrent.
const TRACKERS_MAX: usize = 64;
/// Whatever a tracker says, it is asked no more and no less often than this.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));
/// First pause after all of a tier failed; doubles.
const BACKOFF_FIRST: Duration = Duration::from_secs(15);
/// Longest pause after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(1800);
/// An announce without an answer counts as failed after this.
const PATIENCE: Duration = Duration::from_secs(60);

/// All tiers of a torrent.
#[derive(Debug, Default)]
pub(crate) struct Announcer {
    lines: Vec<Line>,
}

/// One tier under one name.
#[derive(Debug)]
struct Line {
    name: Sha1Hash,
    /// In the order they are tried.
    trackers: Vec<String>,
    /// Which one is tried now.
    at: usize,
    next: Time,
    failures: u32,
    pending: bool,
    /// Whether the tier knows that we are there.
    started: bool,
    /// Whether it must still hear that we finished.
    completed: bool,
}

/// Which line asked: the handle an answer comes back with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineId(usize);

/// One question to a tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) line: LineId,
    pub(crate) url: String,
    pub(crate) name: Sha1Hash,
    pub(crate) event: AnnounceEvent,
}

impl Announcer {
    pub(crate) fn new(
        now: Time,
        names: &InfoHashes,
        tiers: &[Vec<String>],
        random: &mut Random,
    ) -> Self {
        let mut announcer = Self::default();
        announcer.add(now, names, tiers, random);
        announcer
    }

    /// Adds tiers; trackers that are known already are left out.
    pub(crate) fn add(
        &mut self,
        now: Time,
        names: &InfoHashes,
        tiers: &[Vec<String>],
        random: &mut Random,
    ) {
        for tier in tiers {
            let mut fresh: Vec<String> = Vec::new();
            for url in tier {
                let known = self.lines.iter().any(|line| line.trackers.contains(url));
                let room = self.trackers() + fresh.len() < TRACKERS_MAX;
                if !known && !fresh.contains(url) && room {
                    fresh.push(url.clone());
                }
            }
            random.shuffle(&mut fresh);
            for name in names.names().filter(|_| !fresh.is_empty()) {
                self.lines.push(Line::new(now, name, fresh.clone()));
            }
        }
    }

    /// A name became known later (the metainfo of a magnet link turned out to be hybrid).
    pub(crate) fn add_name(&mut self, now: Time, name: Sha1Hash) {
        if self.lines.iter().any(|line| line.name == name) {
            return;
        }
        let Some(first) = self.lines.first().map(|line| line.name) else { return };
        let fresh: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.name == first)
            .map(|line| Line::new(now, name, line.trackers.clone()))
            .collect();
        self.lines.extend(fresh);
    }

    /// Questions whose time has come.
    pub(crate) fn due(&mut self, now: Time) -> Vec<Question> {
        let lines = self.lines.iter_mut().enumerate();
        lines.filter_map(|(id, line)| line.due(now, LineId(id))).collect()
    }

    /// When the next question is due, or its answer overdue.
    pub(crate) fn next(&self) -> Option<Time> {
        self.lines.iter().map(|line| line.next).min()
    }

    /// Which tracker a line asks, under which name.
    pub(crate) fn asked(&self, id: LineId) -> Option<(&str, Sha1Hash)> {
        let line = self.lines.get(id.0)?;
        Some((line.trackers.get(line.at)?, line.name))
    }

    /// An answer; tells the URL that gave it.
    pub(crate) fn answered(&mut self, now: Time, id: LineId, answer: &Announced) {
        let Some(line) = self.lines.get_mut(id.0) else { return };
        let interval = answer.interval.clamp(INTERVAL.0, INTERVAL.1);
        line.trackers[..=line.at].rotate_right(1);
        line.at = 0;
        line.failures = 0;
        line.pending = false;
        line.started = true;
        line.next = now + interval;
        if line.completed {
            line.next = now;
        }
    }

    /// No answer, or a refusal; tells which tracker it was.
    pub(crate) fn failed(&mut self, now: Time, id: LineId) -> Option<String> {
        let line = self.lines.get_mut(id.0)?;
        let url = line.trackers.get(line.at).cloned();
        line.fail(now);
        url
    }

    /// Everything wanted is there: each tier hears it once (BEP 3).
    pub(crate) fn completed(&mut self, now: Time) {
        for line in self.lines.iter_mut().filter(|line| line.started) {
            line.completed = true;
            if !line.pending {
                line.next = now;
            }
        }
    }

    /// Farewells to all trackers that know us.
    pub(crate) fn stop(&mut self) -> Vec<Question> {
        let known = self.lines.iter_mut().enumerate().filter(|(_, line)| line.started);
        known
            .map(|(id, line)| {
                line.started = false;
                line.pending = false;
                line.question(LineId(id), AnnounceEvent::Stopped)
            })
            .collect()
    }

    /// Asks again at once after a pause.
    pub(crate) fn restart(&mut self, now: Time) {
        for line in &mut self.lines {
            line.next = now;
            line.failures = 0;
        }
    }

    fn trackers(&self) -> usize {
        self.lines.iter().map(|line| line.trackers.len()).sum()
    }
}

impl Line {
    fn new(now: Time, name: Sha1Hash, trackers: Vec<String>) -> Self {
        Self {
            name,
            trackers,
            at: 0,
            next: now,
            failures: 0,
            pending: false,
            started: false,
            completed: false,
        }
    }

    fn due(&mut self, now: Time, id: LineId) -> Option<Question> {
        if self.next > now {
            return None;
        }
        if self.pending {
            self.fail(now);
            if self.next > now {
                return None;
            }
        }
        let event = match (self.started, self.completed) {
            (false, _) => AnnounceEvent::Started,
            (true, true) => AnnounceEvent::Completed,
            (true, false) => AnnounceEvent::Regular,
        };
        self.completed = self.completed && event != AnnounceEvent::Completed;
        self.pending = true;
        self.next = now + PATIENCE;
        Some(self.question(id, event))
    }

    fn question(&self, line: LineId, event: AnnounceEvent) -> Question {
        let url = self.trackers.get(self.at).cloned().unwrap_or_default();
        Question { line, url, name: self.name, event }
    }

    /// The next one of the tier at once; after a whole round, a pause.
    fn fail(&mut self, now: Time) {
        self.pending = false;
        self.at += 1;
        self.next = now;
        if self.at >= self.trackers.len() {
            self.at = 0;
            self.failures += 1;
            let backoff = BACKOFF_FIRST * (1 << (self.failures - 1).min(10));
            self.next = now + backoff.min(BACKOFF_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use torrent::Sha256Hash;

    use super::*;

    fn tiers(tiers: &[&[&str]]) -> Vec<Vec<String>> {
        tiers.iter().map(|tier| tier.iter().map(|url| (*url).to_owned()).collect()).collect()
    }

    fn v1() -> InfoHashes {
        InfoHashes::V1(Sha1Hash([1; 20]))
    }

    fn answer(seconds: u64) -> Announced {
        Announced { interval: Duration::from_secs(seconds), ..Announced::default() }
    }

    #[test]
    fn hp_86_of_ten_thousand_trackers_sixty_four_are_asked() {
        let urls: Vec<Vec<String>> =
            (0..10_000).map(|number| vec![format!("http://host{number}.example/a")]).collect();
        let mut all = Announcer::new(Time(0), &v1(), &urls, &mut Random::new(3));
        assert_eq!(all.due(Time(0)).len(), TRACKERS_MAX);
        all.add(Time(0), &v1(), &tiers(&[&["http://one.more/a"]]), &mut Random::new(3));
        assert_eq!(all.lines.len(), TRACKERS_MAX);
    }

    #[test]
    fn the_next_tracker_of_a_tier_is_asked_when_one_fails_and_the_good_one_comes_first() {
        let mut random = Random::new(3);
        let mut all = Announcer::new(Time(0), &v1(), &tiers(&[&["a", "b"]]), &mut random);
        let first = all.due(Time(0)).remove(0);
        assert_eq!(first.event, AnnounceEvent::Started);
        assert_eq!(all.failed(Time(1), first.line), Some(first.url.clone()));
        let second = all.due(Time(1)).remove(0);
        assert_ne!(first.url, second.url);
        all.answered(Time(2), second.line, &answer(1800));
        assert_eq!(all.next(), Some(Time(2) + Duration::from_secs(1800)));
        let third = all.due(Time(2) + Duration::from_secs(1800)).remove(0);
        assert_eq!((third.url, third.event), (second.url, AnnounceEvent::Regular));
    }

    #[test]
    fn failures_wait_longer_and_longer_and_intervals_are_kept_sane() {
        let mut random = Random::new(3);
        let mut all = Announcer::new(Time(0), &v1(), &tiers(&[&["a"]]), &mut random);
        let mut now = Time(0);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let question = all.due(now).remove(0);
            all.failed(now, question.line);
            let next = all.next().expect("it is tried again");
            waits.push(next.since(now));
            now = next;
        }
        assert_eq!(waits[0], BACKOFF_FIRST);
        assert_eq!(waits[11], BACKOFF_MAX);
        let question = all.due(now).remove(0);
        all.answered(now, question.line, &answer(0));
        assert_eq!(all.next(), Some(now + INTERVAL.0));
    }

    #[test]
    fn a_hybrid_announces_both_names_to_every_tier() {
        let names = InfoHashes::Hybrid(Sha1Hash([1; 20]), Sha256Hash([2; 32]));
        let mut random = Random::new(3);
        let mut all =
            Announcer::new(Time(0), &names, &tiers(&[&["a"], &["b"], &["a"]]), &mut random);
        let asked: Vec<_> = all.due(Time(0)).into_iter().map(|q| (q.url, q.name.0[0])).collect();
        let want =
            [("a", 1), ("a", 2), ("b", 1), ("b", 2)].map(|(url, name)| (url.to_owned(), name));
        assert_eq!(asked, want);
    }

    #[test]
    fn completion_and_farewell_are_told_to_those_who_know_us() {
        let mut random = Random::new(3);
        let mut all = Announcer::new(Time(0), &v1(), &tiers(&[&["a"], &["b"]]), &mut random);
        let questions = all.due(Time(0));
        all.answered(Time(1), questions[0].line, &answer(1800));
        all.completed(Time(5));
        let events: Vec<_> = all.due(Time(5)).into_iter().map(|q| q.event).collect();
        assert_eq!(events, [AnnounceEvent::Completed]);
        let farewells: Vec<_> = all.stop().into_iter().map(|q| (q.url, q.event)).collect();
        assert_eq!(farewells, [("a".to_owned(), AnnounceEvent::Stopped)]);
    }

    #[test]
    fn a_silent_tracker_counts_as_failed() {
        let mut random = Random::new(3);
        let mut all = Announcer::new(Time(0), &v1(), &tiers(&[&["a", "b"]]), &mut random);
        let first = all.due(Time(0)).remove(0);
        let second = all.due(Time(0) + PATIENCE).remove(0);
        assert_ne!(first.url, second.url);
    }
}
