//! How soon the first bytes are there where one peer is fast and the others are slow, very slow or silent: the swarms B,
//! C and D of the project's lab, and thirty thin lines as in S2, with other lines for each seed.

use std::{fmt, time::Duration};

use torrent::create::Version;

use crate::{
    Report,
    fake::{Behaviour, Has},
    network::Line,
    player::Act,
    random::Random,
    scenario::{Crowd, Scenario, Viewers},
};

/// The player of the simulator starts with so many seconds of media.
const START_S: u64 = 5;
/// Lines and ways differ from the lab's by so much either way.
const SPREAD: f64 = 0.25;
const MIB: u64 = 1024 * 1024;

/// A swarm of the lab.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uneven {
    /// Its letter.
    pub name: &'static str,
    /// What its lines carry, in bytes per second.
    rates: &'static [f64],
    /// There and back, in seconds.
    round_trip_s: f64,
    silent: usize,
    piece_len: u32,
}

const ONE_FAST: &[f64] = &[2e6, 150e3, 150e3, 150e3, 150e3, 20e3, 20e3, 20e3, 20e3, 20e3];

/// Thirty lines that carry 12 Mbit/s together.
const THIN: &[f64] = &[
    37.5e3, 78.8e3, 65e3, 37.5e3, 37.5e3, 37.5e3, 50.3e3, 68.9e3, 37.5e3, 37.5e3, 76.8e3, 37.5e3,
    64.8e3, 37.5e3, 37.5e3, 59e3, 37.5e3, 98.8e3, 89.3e3, 37.5e3, 37.5e3, 39e3, 97.4e3, 37.5e3,
    37.5e3, 37.5e3, 37.5e3, 37.5e3, 37.5e3, 37.5e3,
];

/// The swarms.
pub const UNEVEN: [Uneven; 4] = [
    Uneven { name: "B", rates: ONE_FAST, round_trip_s: 0.1, silent: 0, piece_len: 4 << 20 },
    Uneven { name: "C", rates: ONE_FAST, round_trip_s: 0.1, silent: 3, piece_len: 4 << 20 },
    Uneven { name: "D", rates: &[60e3; 40], round_trip_s: 0.15, silent: 0, piece_len: 1 << 20 },
    Uneven { name: "S2", rates: THIN, round_trip_s: 0.116, silent: 0, piece_len: 1 << 20 },
];

impl Uneven {
    /// One evening in it, of somebody who waits for so many bytes. With seed 0 the lines are the lab's.
    #[must_use]
    pub fn scenario(self, version: Version, seed: u64, head: u64) -> Scenario {
        let mut random = Random::new(seed);
        let mut about = |value: f64| match seed {
            0 => value,
            _ => value * (1.0 + SPREAD * (2.0 * random.fraction() - 1.0)),
        };
        let mut peer = |rate: f64, behaviour, has| Crowd {
            count: 1,
            behaviour,
            has,
            line: line(about(rate), about(self.round_trip_s)),
            latency: Duration::ZERO,
            leave: None,
        };
        let mut crowds: Vec<_> =
            self.rates.iter().map(|rate| peer(*rate, Behaviour::Honest, Has::All)).collect();
        crowds.extend((0..self.silent).map(|_| peer(1e6, Behaviour::Silent, Has::All)));
        // Somebody else lacks something: nobody is known to have everything.
        crowds.push(peer(1e6, Behaviour::Choking, Has::Part(0.0)));
        let mut random = Random::new(seed ^ 0x0de5);
        for at in (1..crowds.len()).rev() {
            crowds.swap(at, random.below(at + 1));
        }
        let script = vec![(Duration::from_secs(15), Act::Seek(0.5))];
        let viewer = Line { up: 2.5e6, down: 12.5e6, delay: Duration::from_micros(500) };
        Scenario {
            seed,
            version,
            piece_len: self.piece_len,
            content_len: 160 * MIB,
            media_rate: head / START_S + 1,
            tells_rate: false,
            crowds,
            viewers: vec![Viewers { script, ..Viewers::one(viewer) }],
            horizon: Duration::from_secs(22),
            ..Scenario::alone(self.name)
        }
    }
}

/// A line with a way there and back of so many seconds.
fn line(rate: f64, round_trip_s: f64) -> Line {
    Line { up: rate, down: rate, delay: Duration::from_secs_f64(round_trip_s / 2.0) }
}

/// What several evenings of one swarm were like.
#[derive(Debug, Clone)]
pub struct Starts {
    name: &'static str,
    version: Version,
    reports: Vec<Report>,
}

impl Starts {
    /// Lets them pass, one for each seed.
    #[must_use]
    pub fn run(swarm: Uneven, version: Version, seeds: std::ops::Range<u64>, head: u64) -> Self {
        let reports = seeds.map(|seed| swarm.scenario(version, seed, head).run()).collect();
        Self { name: swarm.name, version, reports }
    }

    /// Each evening's delay until they are there, in seconds; those that never came took a minute.
    #[must_use]
    pub fn starts(&self) -> Vec<f64> {
        self.reports.iter().map(|one| seconds(one.start(1.0))).collect()
    }

    /// Share of the bytes of all evenings that came twice.
    #[must_use]
    pub fn waste(&self) -> f64 {
        let sum = |of: fn(&Report) -> u64| self.reports.iter().map(of).sum::<u64>() as f64;
        sum(|one| one.wasted) / sum(|one| one.downloaded).max(1.0)
    }

    fn seeks(&self) -> Vec<f64> {
        self.reports.iter().map(|one| seconds(one.seek(1.0))).collect()
    }

    /// The head of the table that these are lines of.
    pub const TABLE_HEAD: &'static str = "| swarm | version | start: mean, most s | seek: mean, most s | wasted |\n|---|---|---|---|---|";
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let two = |all: &[f64]| {
            let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
            format!("{mean:.3}, {:.3}", all.iter().copied().fold(0.0, f64::max))
        };
        let (starts, seeks) = (two(&self.starts()), two(&self.seeks()));
        let waste = 100.0 * self.waste();
        write!(f, "| {} | {:?} | {starts} | {seeks} | {waste:.2} % |", self.name, self.version)
    }
}

fn seconds(took: Option<Duration>) -> f64 {
    took.map_or(60.0, |took| took.as_secs_f64())
}
