//! The public scenarios: whole swarms under Kinora's order and under simpler ones, at a stated scale.
//!
//! A film of 1.2 GB at 4 Mbit/s in pieces of 2 MiB, lines of five classes, round trips of 60 ms in the
//! median, 40 neighbours from the tracker and at most 80 connections, one seed of 20 Mbit/s. Everybody stays as
//! long as the film is and 30 s more, or until they have it, if that is later: who fetches slowly would
//! otherwise give for longer.

use std::time::Duration;

use engine::{Order, Want};
use torrent::create::Version;

use crate::{
    network::Line,
    random::Random,
    scenario::{Scenario, Stay, Viewers},
};

/// Bytes of the film, and of a piece.
const FILM: (f64, f64) = (572.0, 2_097_152.0);
/// Bytes of media per second.
const RATE: f64 = 500_000.0;
/// Bytes per second of 1 Mbit/s.
const MBIT: f64 = 125_000.0;
/// Share of the viewers, and Mbit/s up and down.
const CLASSES: [(f64, f64, f64); 5] = [
    (0.1, 1.0, 10.0),
    (0.3, 5.0, 50.0),
    (0.3, 10.0, 100.0),
    (0.2, 20.0, 200.0),
    (0.1, 50.0, 500.0),
];
/// The seed's line, in Mbit/s.
const SEED_MBIT: f64 = 20.0;
/// One-way delay to the middle of the network: median in ms, and spread of its logarithm.
const DELAY: (f64, f64) = (15.0, 0.6);
/// Everybody stays this much longer than the film is.
const STAY_LONGER: Duration = Duration::from_secs(30);

/// By how much a scenario is smaller than it says. One means as it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Fewer viewers.
    pub swarm: f64,
    /// A shorter film; people come and go as much faster.
    pub film: f64,
    /// All rates: lines, the media, and the pieces with them.
    pub rate: f64,
}

impl Scale {
    /// As the scenarios are written.
    pub const FULL: Self = Self { swarm: 1.0, film: 1.0, rate: 1.0 };
    /// What one core simulates in half a minute. A block is a quarter of a second of media then, as 128 KiB
    /// blocks would be at the full rate.
    pub const SMALL: Self = Self { swarm: 4.0, film: 8.0, rate: 8.0 };
}

/// A public scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Public {
    /// Its id and name.
    pub name: &'static str,
    /// How people come.
    arrivals: Arrivals,
    /// What their uplinks are multiplied by.
    uplinks: f64,
    /// When it ends, in seconds.
    lasts_s: f64,
    /// Share of those who watch; the others download rarest first.
    pub watching: f64,
    /// Whether everybody leaves when they have everything.
    pub leaves_at_once: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Arrivals {
    /// So many per second, by chance.
    Poisson(f64),
    /// So many within so many seconds.
    Crowd(f64, f64),
}

/// P1 to P4.
pub const PUBLIC: [Public; 4] = [
    Public {
        name: "P1 steady rich",
        arrivals: Arrivals::Poisson(0.1),
        uplinks: 1.0,
        lasts_s: 9_000.0,
        watching: 1.0,
        leaves_at_once: false,
    },
    Public {
        name: "P2 steady tight",
        arrivals: Arrivals::Poisson(0.1),
        uplinks: 0.353,
        lasts_s: 9_000.0,
        watching: 1.0,
        leaves_at_once: false,
    },
    Public {
        name: "P3 flash crowd",
        arrivals: Arrivals::Crowd(200.0, 60.0),
        uplinks: 0.5,
        lasts_s: 9_000.0,
        watching: 1.0,
        leaves_at_once: false,
    },
    Public {
        name: "P4 bystanders",
        arrivals: Arrivals::Poisson(0.1),
        uplinks: 0.5,
        lasts_s: 7_200.0,
        watching: 0.3,
        leaves_at_once: true,
    },
];

impl Public {
    /// Whether it is a crowd on one seed, all of which is looked at.
    #[must_use]
    pub fn is_crowd(&self) -> bool {
        matches!(self.arrivals, Arrivals::Crowd(..))
    }

    /// The film's length in time, at this scale.
    #[must_use]
    pub fn film_s(scale: Scale) -> f64 {
        FILM.0 * FILM.1 / RATE / scale.film
    }

    /// When it ends at this scale, in seconds.
    #[must_use]
    pub fn lasts_s(&self, scale: Scale) -> f64 {
        self.lasts_s / scale.film
    }

    /// The evening: the same people come over the same lines whatever the order.
    #[must_use]
    pub fn scenario(&self, scale: Scale, seed: u64, order: Order) -> Scenario {
        let mut random = Random::new(seed.wrapping_mul(0x9e37_79b9).wrapping_add(7));
        let seed_line = self.line(SEED_MBIT, SEED_MBIT, scale, &mut random);
        let origin =
            Viewers { seed: true, watch: false, line: seed_line, ..Viewers::one(seed_line) };
        let mut viewers = vec![origin];
        for joins in self.joins(scale, &mut random) {
            viewers.push(self.viewer(joins, scale, order, &mut random));
        }
        Scenario {
            seed,
            version: Version::V1,
            content_len: (FILM.0 / scale.film).round() as u64 * (FILM.1 / scale.rate) as u64,
            piece_len: (FILM.1 / scale.rate) as u32,
            media_rate: (RATE / scale.rate) as u64,
            viewers,
            horizon: Duration::from_secs_f64(self.lasts_s(scale)),
            tracker_peers: 40,
            connections: 80,
            ..Scenario::alone(self.name)
        }
    }

    fn viewer(&self, joins: Duration, scale: Scale, order: Order, random: &mut Random) -> Viewers {
        let class = pick_class(random.fraction());
        let line = self.line(class.1 * self.uplinks, class.2, scale, random);
        let watch = random.fraction() < self.watching;
        let film = Duration::from_secs_f64(Self::film_s(scale));
        let stay = match self.leaves_at_once {
            true => Stay::UntilComplete(Duration::ZERO),
            false => Stay::UntilComplete(film + STAY_LONGER.div_f64(scale.film)),
        };
        let order = if watch { order } else { Order::RarestFirst };
        Viewers { joins, watch, stay, order, want: Want::All, ..Viewers::one(line) }
    }

    fn line(&self, up: f64, down: f64, scale: Scale, random: &mut Random) -> Line {
        let delay = DELAY.0 * (DELAY.1 * random.normal()).exp();
        Line {
            up: up * MBIT / scale.rate,
            down: down * MBIT / scale.rate,
            delay: Duration::from_secs_f64(delay / 1000.0),
        }
    }

    fn joins(&self, scale: Scale, random: &mut Random) -> Vec<Duration> {
        let mut joins = Vec::new();
        match self.arrivals {
            Arrivals::Crowd(count, within) => {
                let within = within / scale.film;
                let count = (count / scale.swarm).round() as usize;
                joins.extend((0..count).map(|_| random.fraction() * within));
            }
            Arrivals::Poisson(rate) => {
                let rate = rate * scale.film / scale.swarm;
                let mut at = random.exponential(1.0 / rate);
                while at < self.lasts_s(scale) {
                    joins.push(at);
                    at += random.exponential(1.0 / rate);
                }
            }
        }
        joins.sort_by(f64::total_cmp);
        joins.into_iter().map(Duration::from_secs_f64).collect()
    }
}

fn pick_class(chance: f64) -> (f64, f64, f64) {
    let mut sum = 0.0;
    let fits = |class: &&(f64, f64, f64)| {
        sum += class.0;
        chance < sum
    };
    *CLASSES.iter().find(fits).unwrap_or(&CLASSES[CLASSES.len() - 1])
}
