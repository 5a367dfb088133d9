//! Somebody who watches: fills a buffer, plays at the media's rate, pauses and seeks.

use std::{ops::Range, time::Duration};

use engine::Time;

/// Seconds of media a player wants before it starts, and after a stall.
const START_S: f64 = 5.0;
/// Seconds of media a player wants after a seek.
const SEEK_S: f64 = 2.0;
/// Seconds of media a player reads ahead, like a browser.
const AHEAD_S: f64 = 30.0;
/// The longest read.
const READ_MAX: u64 = 256 * 1024;

/// What a viewer does at a time counted from the first frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Jumps to a part of the film.
    Seek(f64),
    /// Stops playing for a while.
    Pause(Duration),
}

/// One viewer's player.
#[derive(Debug)]
pub(crate) struct Player {
    len: u64,
    rate: f64,
    /// Verified content, merged.
    verified: Vec<Range<u64>>,
    /// The next byte to be read.
    pub(crate) read: u64,
    /// Where the picture is, in bytes.
    head: f64,
    moved: Time,
    state: State,
    wanted_s: f64,
    script: Vec<(Duration, Act)>,
    first_frame: Option<Time>,
    pub(crate) seen: Seen,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Waits since then, for the reason that counts it.
    Waiting(Time, Wait),
    Playing,
    Paused(Time),
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Wait {
    Start,
    Seek,
    Stall,
}

/// What the viewer went through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// From pressing play to the first frame.
    pub start: Option<Duration>,
    /// From each seek to the picture.
    pub seeks: Vec<Duration>,
    /// How often the picture stood still.
    pub stalls: u32,
    /// How long, in all.
    pub stalled: Duration,
    /// How much of the film was shown.
    pub played: Duration,
    /// Whether the film was watched to its end.
    pub ended: bool,
}

/// What the player asks of the engine now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The reader is here now, having read on.
    Read(u64),
    /// The reader jumped: another connection begins here.
    Jump(u64),
}

impl Player {
    pub(crate) fn new(now: Time, len: u64, rate: u64, script: Vec<(Duration, Act)>) -> Self {
        Self {
            len,
            rate: rate as f64,
            verified: Vec::new(),
            read: 0,
            head: 0.0,
            moved: now,
            state: State::Waiting(now, Wait::Start),
            wanted_s: START_S,
            script,
            first_frame: None,
            seen: Seen::default(),
        }
    }

    /// The engine says that this is there.
    pub(crate) fn verified(&mut self, range: Range<u64>) {
        let at = self.verified.partition_point(|one| one.end < range.start);
        let mut merged = range;
        while let Some(next) = self.verified.get(at)
            && next.start <= merged.end
        {
            merged = merged.start.min(next.start)..merged.end.max(next.end);
            self.verified.remove(at);
        }
        self.verified.insert(at, merged);
    }

    /// Bytes that are there, wherever they lie.
    pub(crate) fn there(&self) -> u64 {
        self.verified.iter().map(|range| range.end - range.start).sum()
    }

    /// Lives on until now.
    pub(crate) fn step(&mut self, now: Time) -> Vec<Ask> {
        let mut asks = Vec::new();
        self.play(now);
        if let Some(target) = self.act(now) {
            asks.push(Ask::Jump(target));
        }
        let before = self.read;
        self.fill();
        self.resume(now);
        if self.read != before {
            asks.push(Ask::Read(self.read));
        }
        asks
    }

    /// When it wants to be called again if nothing comes.
    pub(crate) fn next(&self, now: Time) -> Option<Time> {
        let act = self.script.first().zip(self.first_frame).map(|(act, first)| first + act.0);
        let own = match self.state {
            State::Playing => {
                let left = (self.read as f64 - self.head).max(0.0) / self.rate;
                let refill = (left - AHEAD_S + 1.0).max(0.0);
                Some(
                    now + Duration::from_secs_f64(if refill > 0.0 {
                        refill
                    } else {
                        left.min(1.0)
                    }),
                )
            }
            State::Paused(until) => Some(until),
            State::Waiting(..) | State::Done => None,
        };
        act.into_iter().chain(own).min().map(|at| at.max(now + Duration::from_millis(1)))
    }

    /// It is over: what is going on is counted up to now.
    pub(crate) fn settle(&mut self, now: Time) {
        self.play(now);
        self.seen.played = Duration::from_secs_f64(self.head / self.rate);
        if let State::Waiting(since, Wait::Stall) = self.state {
            self.seen.stalls += 1;
            self.seen.stalled += now.since(since);
            self.state = State::Waiting(now, Wait::Start);
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The picture moves, until the buffer is empty.
    fn play(&mut self, now: Time) {
        let since = now.since(self.moved).as_secs_f64();
        self.moved = now;
        match self.state {
            State::Playing => {
                let room = (self.read as f64 - self.head).max(0.0);
                let wants = since * self.rate;
                self.head += wants.min(room);
                if self.head + 1.0 >= self.len as f64 {
                    self.state = State::Done;
                    self.seen.ended = true;
                } else if wants > room {
                    let late = Duration::from_secs_f64((wants - room) / self.rate);
                    self.state = State::Waiting(now - late, Wait::Stall);
                    self.wanted_s = START_S;
                }
            }
            State::Paused(until) if until <= now => self.state = State::Playing,
            State::Paused(_) | State::Waiting(..) | State::Done => (),
        }
    }

    fn act(&mut self, now: Time) -> Option<u64> {
        let (after, act) = *self.script.first()?;
        if self.first_frame? + after > now {
            return None;
        }
        self.script.remove(0);
        match act {
            Act::Pause(span) => {
                self.state = State::Paused(now + span);
                None
            }
            Act::Seek(part) => {
                let target = (self.len as f64 * part) as u64;
                self.read = target;
                self.head = target as f64;
                self.state = State::Waiting(now, Wait::Seek);
                self.wanted_s = SEEK_S;
                Some(target)
            }
        }
    }

    /// Reads what is verified, as far ahead as the buffer goes.
    fn fill(&mut self) {
        let full = (self.head + AHEAD_S * self.rate) as u64;
        while self.read < full.min(self.len) {
            let there = self.verified.iter().find(|range| range.contains(&self.read));
            let Some(there) = there else { return };
            self.read = there.end.min(self.read + READ_MAX).min(self.len);
        }
    }

    fn resume(&mut self, now: Time) {
        let State::Waiting(since, wait) = self.state else { return };
        let wanted = (self.head + self.wanted_s * self.rate).min(self.len as f64);
        if (self.read as f64) + 1.0 < wanted {
            return;
        }
        let waited = now.since(since);
        self.state = State::Playing;
        self.moved = now;
        match wait {
            Wait::Start => {
                self.seen.start = Some(waited);
                self.first_frame = Some(now);
            }
            Wait::Seek => self.seen.seeks.push(waited),
            Wait::Stall => {
                self.seen.stalls += 1;
                self.seen.stalled += waited;
            }
        }
    }
}
