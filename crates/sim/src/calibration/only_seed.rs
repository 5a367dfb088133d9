//! Whole programs on one seed, in the simulated network: how much it sends until there is a second one (BEP 16), and
//! whether the swarm grows when it is too slow (Hajek and Zhu).

use std::{fmt, time::Duration};

use engine::{Order, Want};
use torrent::create::Version;

use crate::{
    network::Line,
    scenario::{Scenario, Stay, Viewers},
};

const DELAY: Duration = Duration::from_millis(20);
/// Bytes of a piece of the swarm that grows, one block; all its rates are counted in them.
const PIECE: u32 = 16_384;
/// Pieces of that content.
const PIECES: u64 = 20;
/// Those who have all but the first piece of it.
const CLUB: usize = 60;

/// How many copies of the content the only seed has sent when somebody else has all of it. A crowd comes within
/// a quarter of a minute; everybody's line is four times as quick as the seed's, so that it alone is waited for.
#[must_use]
pub fn copies_to_second_seed(seed: u64, shows_one_by_one: bool, full: bool) -> f64 {
    let order = if shows_one_by_one { Order::Kinora } else { Order::RarestFirst };
    let line = |up: f64| Line { up, down: 10.0 * up, delay: DELAY };
    let crowd = Viewers {
        count: if full { 200 } else { 60 },
        joins: Duration::from_secs(1),
        join_over: Duration::from_secs(15),
        order: Order::RarestFirst,
        watch: false,
        want: Want::All,
        ..Viewers::one(line(500_000.0))
    };
    let origin = Viewers { seed: true, watch: false, order, ..Viewers::one(line(125_000.0)) };
    let scenario = Scenario {
        seed,
        version: Version::V1,
        content_len: if full { 64 << 20 } else { 16 << 20 },
        piece_len: 128 * 1024,
        viewers: vec![origin, crowd],
        tracker_peers: 40,
        connections: 80,
        horizon: Duration::from_secs(7_200),
        ..Scenario::alone("one seed")
    };
    scenario.run_until_somebody_has_all().seed_copies
}

/// The swarm of Hajek and Zhu with our engine: everybody leaves when they have everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Pieces that the seed's line carries a second, while one peer a second comes.
    seed_rate: f64,
    until_s: f64,
}

impl Growth {
    /// As [`super::MissingPiece::published`]: growth in peers a second. Above the threshold it shrinks.
    #[must_use]
    pub fn published(full: bool) -> Vec<(Self, String, (f64, f64))> {
        let until_s = if full { 600.0 } else { 200.0 };
        vec![
            (Self { seed_rate: 0.5, until_s }, "0.5 a second".to_owned(), (0.35, 0.65)),
            (Self { seed_rate: 2.0, until_s }, "none".to_owned(), (-1.0, 0.05)),
        ]
    }

    /// By how much the swarm grew each second.
    #[must_use]
    pub fn run(&self, seed: u64) -> f64 {
        let line = |pieces: f64| {
            let up = pieces * f64::from(PIECE);
            Line { up, down: 20.0 * f64::from(PIECE), delay: DELAY }
        };
        let fetches = Viewers {
            watch: false,
            want: Want::All,
            order: Order::RarestFirst,
            stay: Stay::UntilComplete(Duration::ZERO),
            ..Viewers::one(line(1.0))
        };
        let origin = Viewers { seed: true, watch: false, ..Viewers::one(line(self.seed_rate)) };
        let club = Viewers { count: CLUB, lacks_first: true, ..fetches.clone() };
        let span = Duration::from_secs_f64(self.until_s);
        let newcomers = Viewers { count: self.until_s as usize, join_over: span, ..fetches };
        let scenario = Scenario {
            seed,
            version: Version::V1,
            content_len: PIECES * u64::from(PIECE),
            piece_len: PIECE,
            viewers: vec![origin, club, newcomers],
            tracker_peers: 40,
            connections: 80,
            horizon: span,
            ..Scenario::alone("a missing piece")
        };
        let report = scenario.run();
        let left = report.fetched.iter().filter(|fetched| fetched.is_some()).count();
        1.0 - left as f64 / self.until_s
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "growth with a seed of {} pieces a second", self.seed_rate)
    }
}
