//! The evenings that are printed and tested.

use std::time::Duration;

use engine::Want;
use torrent::create::Version;

use crate::{
    fake::{Behaviour, Has},
    network::Line,
    player::Act,
    scenario::{Crowd, Scenario, Viewers, Web},
};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * 1024;

/// All evenings, in the order of the table.
#[must_use]
pub fn evenings() -> Vec<Scenario> {
    vec![
        Scenario::quiet(),
        Scenario::uneven("uneven (B)", 0),
        Scenario::uneven("uneven and 3 silent (C)", 3),
        Scenario::forty_slow(),
        Scenario::thirty_thin_lines(),
        Scenario::eight_even_lines(),
        Scenario::one_far_seed(),
        Scenario::block_by_block(Version::V2),
        Scenario::block_by_block(Version::Hybrid),
        Scenario::leaving(),
        Scenario::lying(),
        Scenario::silent(),
        Scenario { version: Version::V2, name: "5 honest, 15 of no use, v2", ..Scenario::silent() },
        Scenario::ten_seeks(),
        Scenario::magnet(),
        Scenario::web_seed(),
        Scenario::crowd_on_one_seed(),
        Scenario::crowd_that_only_fetches(),
    ]
}

/// A line in bytes per second each way, with a one-way delay in milliseconds.
fn line(up: f64, down: f64, delay_ms: u64) -> Line {
    Line { up, down, delay: Duration::from_millis(delay_ms) }
}

fn seeds(count: usize, rate: f64, latency_ms: u64) -> Crowd {
    Crowd {
        count,
        behaviour: Behaviour::Honest,
        has: Has::All,
        line: line(rate, rate, 1),
        latency: Duration::from_millis(latency_ms),
        leave: None,
    }
}

fn viewer(script: Vec<(Duration, Act)>) -> Viewers {
    Viewers { script, ..Viewers::one(line(2.5e6, 12.5e6, 15)) }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Scenario {
    /// The ground all evenings start from: one viewer, nobody else, 40 MiB of 4 Mbit/s in 1 MiB pieces.
    #[must_use]
    pub fn alone(name: &'static str) -> Self {
        Self {
            name,
            seed: 1,
            version: Version::V1,
            magnet: false,
            content_len: 40 * MIB + 12_345,
            piece_len: MIB as u32,
            media_rate: 500_000,
            tells_rate: true,
            viewers: vec![viewer(vec![])],
            crowds: vec![],
            web_seeds: vec![],
            tracker_peers: 50,
            connections: 60,
            horizon: seconds(600),
            record: false,
        }
    }

    /// Twenty honest peers of 3 Mbit/s.
    #[must_use]
    pub fn quiet() -> Self {
        Self { crowds: vec![seeds(20, 375e3, 30)], ..Self::alone("20 honest peers") }
    }

    /// One peer of 2 MB/s, four of 150 kB/s, five of 20 kB/s, 4 MiB pieces, 100 ms.
    #[must_use]
    pub fn uneven(name: &'static str, silent: usize) -> Self {
        let mut crowds = vec![seeds(1, 2e6, 100), seeds(4, 150e3, 100), seeds(5, 20e3, 100)];
        crowds.push(Crowd { behaviour: Behaviour::Silent, ..seeds(silent, 1e6, 100) });
        let piece_len = 4 * MIB as u32;
        let viewers = vec![viewer(vec![(seconds(15), Act::Seek(0.8))])];
        Self { crowds, piece_len, viewers, content_len: 160 * MIB, ..Self::alone(name) }
    }

    /// Forty peers of 60 kB/s, 150 ms.
    #[must_use]
    pub fn forty_slow() -> Self {
        let viewers = vec![viewer(vec![(seconds(15), Act::Seek(0.8))])];
        Self {
            crowds: vec![seeds(40, 60e3, 150)],
            viewers,
            content_len: 160 * MIB,
            ..Self::alone("40 very slow (D)")
        }
    }

    /// Thirty peers of 300 kbit/s to 1 Mbit/s, 20 to 200 ms away: together 1.5 times the 8 Mbit/s of the film. A block
    /// takes a single line almost half a second.
    #[must_use]
    pub fn thirty_thin_lines() -> Self {
        let crowds = (0..30).map(|at| {
            let rate = if at % 5 == 0 { 100e3 } else { 37.5e3 };
            Crowd { line: line(rate, rate, 10 + at * 3), ..seeds(1, rate, 0) }
        });
        Self { crowds: crowds.collect(), ..Self::lab("30 thin lines") }
    }

    /// What the project's lab asks of programs: a film of 8 Mbit/s, and five seeks after a minute.
    fn lab(name: &'static str) -> Self {
        let places = [0.8, 0.35, 0.6, 0.92, 0.5];
        let script = places
            .iter()
            .enumerate()
            .map(|(at, place)| (seconds(60 + 12 * at as u64), Act::Seek(*place)));
        Self {
            content_len: 640 * MIB,
            media_rate: 1_000_000,
            viewers: vec![viewer(script.collect())],
            horizon: seconds(150),
            ..Self::alone(name)
        }
    }

    /// Eight peers of 4 Mbit/s, 40 ms, that carry four times the film.
    #[must_use]
    pub fn eight_even_lines() -> Self {
        let crowd = Crowd { line: line(500e3, 500e3, 5), ..seeds(8, 500e3, 0) };
        Self { crowds: vec![crowd], ..Self::lab("8 even lines") }
    }

    /// One seed of 100 Mbit/s, 80 ms away, with pieces of 2 MiB.
    #[must_use]
    pub fn one_far_seed() -> Self {
        let crowd = Crowd { line: line(12.5e6, 12.5e6, 25), ..seeds(1, 12.5e6, 0) };
        let piece_len = 2 * MIB as u32;
        Self { crowds: vec![crowd], piece_len, ..Self::lab("a far seed of 100 Mbit/s") }
    }

    /// The uneven swarm with content whose blocks are judged one by one.
    #[must_use]
    pub fn block_by_block(version: Version) -> Self {
        let name = match version {
            Version::V2 => "uneven (B), v2",
            Version::Hybrid => "uneven (B), hybrid",
            Version::V1 => "uneven (B), v1",
        };
        Self { version, ..Self::uneven(name, 0) }
    }

    /// Thirty peers that leave one after the other; the last five stay.
    #[must_use]
    pub fn leaving() -> Self {
        let leave = Some((seconds(3), Duration::from_millis(1500)));
        let crowds = vec![Crowd { leave, ..seeds(30, 200e3, 40) }, seeds(5, 200e3, 40)];
        Self { crowds, ..Self::alone("30 of 35 peers leave") }
    }

    /// Ten honest peers and five that send wrong bytes.
    #[must_use]
    pub fn lying() -> Self {
        let liars = |share| Crowd { behaviour: Behaviour::Lying(share), ..seeds(1, 375e3, 30) };
        let mut crowds = vec![seeds(10, 375e3, 30)];
        crowds.extend([1.0, 1.0, 0.5, 0.2, 0.1].map(liars));
        Self { crowds, ..Self::alone("10 honest, 5 lying") }
    }

    /// Five honest peers among fifteen that never answer, choke or reject.
    #[must_use]
    pub fn silent() -> Self {
        let odd = |behaviour| Crowd { behaviour, ..seeds(5, 375e3, 30) };
        let crowds = vec![
            seeds(5, 375e3, 30),
            odd(Behaviour::Silent),
            odd(Behaviour::Choking),
            odd(Behaviour::Rejecting),
        ];
        Self { crowds, ..Self::alone("5 honest, 15 of no use") }
    }

    /// A viewer who seeks ten times.
    #[must_use]
    pub fn ten_seeks() -> Self {
        let places = [0.8, 0.1, 0.5, 0.95, 0.3, 0.6, 0.2, 0.7, 0.4, 0.9];
        let script = places
            .iter()
            .enumerate()
            .map(|(at, place)| (seconds(4 * at as u64 + 4), Act::Seek(*place)));
        Self {
            content_len: 200 * MIB,
            viewers: vec![viewer(script.collect())],
            crowds: vec![seeds(20, 375e3, 30)],
            ..Self::alone("10 seeks")
        }
    }

    /// A magnet link and twenty peers.
    #[must_use]
    pub fn magnet() -> Self {
        Self { magnet: true, name: "magnet, 20 peers", piece_len: 64 * KIB as u32, ..Self::quiet() }
    }

    /// Three slow peers and a web seed that fails now and then.
    #[must_use]
    pub fn web_seed() -> Self {
        let web = Web { line: line(2e6, 2e6, 25), lies: false, fails_every: Some(7) };
        Self {
            crowds: vec![seeds(3, 60e3, 50)],
            web_seeds: vec![web],
            ..Self::alone("3 slow peers, a web seed")
        }
    }

    /// The same crowd fetching rarest first without watching: what the swarm loses to watching.
    #[must_use]
    pub fn crowd_that_only_fetches() -> Self {
        let mut scenario = Self::crowd_on_one_seed();
        scenario.name = "200 who only fetch, one seed";
        scenario.viewers[1].watch = false;
        scenario
    }

    /// Two hundred viewers come within a minute to one seed of 20 Mbit/s.
    #[must_use]
    pub fn crowd_on_one_seed() -> Self {
        let seed =
            Viewers { seed: true, watch: false, line: line(2.5e6, 2.5e6, 15), ..viewer(vec![]) };
        let crowd = Viewers {
            count: 200,
            line: line(850e3, 6e6, 15),
            join_over: seconds(60),
            want: Want::All,
            ..viewer(vec![])
        };
        Self {
            content_len: 8 * MIB,
            piece_len: 128 * KIB as u32,
            media_rate: 125_000,
            viewers: vec![seed, crowd],
            horizon: seconds(400),
            ..Self::alone("200 viewers, one seed")
        }
    }
}
