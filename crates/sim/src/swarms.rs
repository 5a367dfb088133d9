//! Random swarms in which three peers of ten mean harm, each made of its number: what must hold in every one.

use std::{fmt, ops::Range, time::Duration};

use torrent::create::Version;

use crate::{
    fake::{Behaviour, Has},
    network::Line,
    random::Random,
    scenario::{Crowd, Scenario},
};

/// All the ways in which peers of the simulator mean harm.
const HOSTILE: [Behaviour; 9] = [
    Behaviour::Silent,
    Behaviour::Lying(1.0),
    Behaviour::Lying(0.3),
    Behaviour::Lying(0.05),
    Behaviour::LyingAtTheEnd,
    Behaviour::Choking,
    Behaviour::Rejecting,
    Behaviour::Flapping(1),
    Behaviour::Flapping(3),
];
/// Peers of one swarm, the hostile ones among them.
const PEERS: (u64, u64) = (4, 20);

/// What became of many swarms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swarms {
    /// How many there were.
    pub swarms: u64,
    /// Peers in all, and the hostile ones of them.
    pub peers: usize,
    /// Those of them that mean harm.
    pub hostile: usize,
    /// Liars that got to send a wrong block.
    pub heard: usize,
    /// Those of them a wrong block of whom was taken, so that it could be judged.
    pub liars: usize,
    /// Those of them whose only wrong block was traced to them and forgiven; all others were banned.
    pub forgiven: usize,
    /// Swarms in which a wrong block was taken and not traced to its sender, or a second one: must be none.
    pub missed: Vec<u64>,
    /// Swarms in which the film did not arrive: must be none.
    pub unfinished: Vec<u64>,
    /// Swarms in which a reader was given wrong bytes: must be none.
    pub wrong: Vec<u64>,
    /// Swarms in which a peer that sent nothing wrong was blamed or banned: must be none.
    pub unjust: Vec<u64>,
    /// Swarms in which an engine told of a bug of its own: must be none.
    pub bugs: Vec<u64>,
}

impl Swarms {
    /// Lets the swarms with these numbers pass.
    #[must_use]
    pub fn run(numbers: Range<u64>) -> Self {
        let mut all = Self::default();
        for number in numbers {
            all.pass(number);
        }
        all
    }

    /// Whether everything held.
    #[must_use]
    pub fn hold(&self) -> bool {
        let bad = [&self.unfinished, &self.wrong, &self.unjust, &self.missed, &self.bugs];
        bad.iter().all(|bad| bad.is_empty())
    }

    fn pass(&mut self, number: u64) {
        let scenario = Scenario::one_of_many(number);
        let report = scenario.run();
        let hostile = scenario.crowds.iter().filter(|crowd| HOSTILE.contains(&crowd.behaviour));
        self.swarms += 1;
        self.peers += scenario.crowds.iter().map(|crowd| crowd.count).sum::<usize>();
        self.hostile += hostile.map(|crowd| crowd.count).sum::<usize>();
        self.heard += report.liars_heard;
        self.liars += report.liars_taken;
        self.forgiven += report.liars_forgiven;
        for (is_bad, list) in [
            (!report.all_done, &mut self.unfinished),
            (report.wrong_verified > 0, &mut self.wrong),
            (report.honest_blamed > 0, &mut self.unjust),
            (report.liars_missed > 0, &mut self.missed),
            (report.bugs > 0, &mut self.bugs),
        ] {
            if is_bad {
                list.push(number);
            }
        }
    }
}

impl fmt::Display for Swarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} swarms, {} peers, {} of them hostile",
            self.swarms, self.peers, self.hostile
        )?;
        let Self { heard, liars, forgiven, .. } = self;
        writeln!(
            f,
            "liars that sent a wrong block: {heard}, one that was taken: {liars}, no more than one: {forgiven}"
        )?;
        writeln!(f, "liars not found: {:?}", self.missed)?;
        writeln!(f, "film not there: {:?}", self.unfinished)?;
        writeln!(f, "wrong bytes readable: {:?}", self.wrong)?;
        writeln!(f, "honest peers blamed: {:?}", self.unjust)?;
        write!(f, "bugs: {:?}", self.bugs)
    }
}

impl Scenario {
    /// The swarm with this number: a short film, one viewer, three peers of ten hostile.
    #[must_use]
    pub fn one_of_many(number: u64) -> Self {
        let mut random = Random::new(Random::new(number).next());
        let count = PEERS.0 + random.next() % (PEERS.1 - PEERS.0 + 1);
        let hostile = (count * 3).div_ceil(10);
        let mut crowds = vec![peer(&mut random, Behaviour::Honest)];
        crowds[0].has = Has::All;
        for at in 1..count {
            let behaviour = match at <= hostile {
                true => HOSTILE[(random.next() % HOSTILE.len() as u64) as usize],
                false => Behaviour::Honest,
            };
            let mut crowd = peer(&mut random, behaviour);
            if random.fraction() < 0.2 {
                let leaves = Duration::from_millis(500 + random.next() % 20_000);
                crowd.leave = Some((leaves, Duration::ZERO));
            }
            crowds.push(crowd);
        }
        let versions = [Version::V1, Version::V2, Version::Hybrid];
        Self {
            seed: number,
            version: versions[(random.next() % 3) as usize],
            magnet: random.fraction() < 0.25,
            content_len: 400_000 + random.next() % 1_600_000,
            piece_len: 16_384 << (random.next() % 5),
            media_rate: 125_000,
            crowds,
            horizon: Duration::from_secs(1_200),
            ..Self::alone("one of many")
        }
    }
}

fn peer(random: &mut Random, behaviour: Behaviour) -> Crowd {
    let rate = [40e3, 100e3, 300e3, 1e6][(random.next() % 4) as usize];
    let delay = Duration::from_millis(random.next() % 80);
    Crowd {
        count: 1,
        behaviour,
        has: if random.fraction() < 0.6 { Has::All } else { Has::Part(0.5) },
        line: Line { up: rate, down: rate, delay },
        latency: Duration::from_millis(random.next() % 200),
        leave: None,
    }
}
