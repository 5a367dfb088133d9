//! What is claimed of the public scenarios, as one line of JSON per claim: the value, what is wanted, whether it holds.

use std::fmt;

use Target::{AtLeast, AtMost};
use engine::Order;

use crate::{
    comparison::{Measures, mean, measure_all},
    public::{Public, Scale},
};

/// A number under its stable name.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// `sim.P1.start_p50_s` and the like.
    pub name: String,
    /// The mean over all seeds.
    pub value: f64,
    /// Its unit; `ratio` for what has none.
    pub unit: &'static str,
    /// What is wanted.
    pub target: Target,
    /// How many seeds it is the mean of; they are 1 and those after it.
    pub seeds: u64,
    scenario: &'static str,
}

/// A bound that a figure is to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

/// What is wanted of one scenario.
struct Wanted {
    scenario: &'static str,
    name: &'static str,
    unit: &'static str,
    target: Target,
    of: fn(&Outcome) -> f64,
}

/// The same people under our order and under rarest first.
struct Outcome {
    ours: Vec<Measures>,
    rarest_first: Vec<Measures>,
    bound_s: f64,
}

impl Outcome {
    fn mean(&self, of: impl Fn(&Measures) -> f64) -> f64 {
        mean(self.ours.iter().map(of).collect())
    }

    /// Seed by seed, by the same under rarest first.
    fn ratio(&self, of: impl Fn(&Measures) -> f64) -> f64 {
        let pairs = self.ours.iter().zip(&self.rarest_first);
        mean(pairs.map(|(ours, other)| of(ours) / of(other)).collect())
    }
}

const fn wanted(
    (scenario, name): (&'static str, &'static str),
    unit: &'static str,
    target: Target,
    of: fn(&Outcome) -> f64,
) -> Wanted {
    Wanted { scenario, name, unit, target, of }
}

/// Every claim; the limits are those of `docs/simulator.md`.
const WANTED: [Wanted; 14] = [
    wanted(("P1", "start_p50_s"), "s", AtMost(5.0), |o| o.mean(|m| m.start_p50)),
    wanted(("P1", "never_stalled"), "ratio", AtLeast(0.95), |o| o.mean(|m| m.never_stalled)),
    wanted(("P1", "rebuffer_ratio"), "ratio", AtMost(0.001), |o| o.mean(|m| m.rebuffer)),
    wanted(("P1", "completion_ratio"), "ratio", AtMost(1.02), |o| o.ratio(|m| m.fetched)),
    wanted(("P1", "wasted_ratio"), "ratio", AtMost(0.02), |o| o.mean(|m| m.wasted)),
    wanted(("P2", "start_p50_s"), "s", AtMost(8.0), |o| o.mean(|m| m.start_p50)),
    wanted(("P2", "rebuffer_ratio"), "ratio", AtMost(0.03), |o| o.mean(|m| m.rebuffer)),
    wanted(("P2", "completion_ratio"), "ratio", AtMost(1.05), |o| o.ratio(|m| m.fetched)),
    wanted(("P2", "wasted_ratio"), "ratio", AtMost(0.02), |o| o.mean(|m| m.wasted)),
    wanted(("P3", "completion_ratio"), "ratio", AtMost(1.03), |o| o.ratio(|m| m.fetched)),
    wanted(("P3", "completion_by_bound"), "ratio", AtMost(1.10), |o| {
        o.mean(|m| m.fetched) / o.bound_s
    }),
    wanted(("P3", "wasted_ratio"), "ratio", AtMost(0.02), |o| o.mean(|m| m.wasted)),
    wanted(("P4", "bystander_ratio"), "ratio", AtMost(1.02), |o| o.ratio(|m| m.bystanders)),
    wanted(("P4", "wasted_ratio"), "ratio", AtMost(0.02), |o| o.mean(|m| m.wasted)),
];

/// Runs a scenario under our order and under rarest first, and tells every figure that is claimed of it.
#[must_use]
pub fn figures(public: Public, scale: Scale, seeds: u64) -> Vec<Figure> {
    let (ours, bound_s) = measure_all(public, scale, seeds, Order::Kinora);
    let (rarest_first, _) = measure_all(public, scale, seeds, Order::RarestFirst);
    let outcome = Outcome { ours, rarest_first, bound_s };
    let claimed = WANTED.iter().filter(|wanted| public.name.starts_with(wanted.scenario));
    let figure = |wanted: &Wanted| Figure {
        name: format!("sim.{}.{}", wanted.scenario, wanted.name),
        value: (wanted.of)(&outcome),
        unit: wanted.unit,
        target: wanted.target,
        seeds,
        scenario: wanted.scenario,
    };
    claimed.map(figure).collect()
}

impl Figure {
    /// Whether it is as wanted.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        match self.target {
            AtMost(limit) => self.value <= limit,
            AtLeast(limit) => self.value >= limit,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "<={limit}"),
            Self::AtLeast(limit) => write!(f, ">={limit}"),
        }
    }
}

/// One line of JSON; nothing in it needs to be escaped.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, unit, target, seeds, scenario } = self;
        // JSON has no word for what was not measured, as nobody got that far.
        let value = if value.is_finite() { format!("{value:.4}") } else { "null".to_owned() };
        write!(
            f,
            "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"{unit}\",\"target\":\"{target}\",\"ok\":{},\
             \"seed\":1,\"seeds\":{seeds},\
             \"command\":\"cargo run --release -p sim -- figures {scenario} seeds={seeds}\"}}",
            self.is_kept()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PUBLIC;

    #[test]
    fn a_figure_is_a_line_of_json_with_its_target_and_its_command() {
        let figure = Figure {
            name: "sim.P1.completion_ratio".to_owned(),
            value: 1.018_04,
            unit: "ratio",
            target: AtMost(1.02),
            seeds: 2,
            scenario: "P1",
        };
        let line = figure.to_string();
        assert_eq!(
            line,
            r#"{"name":"sim.P1.completion_ratio","value":1.0180,"unit":"ratio","target":"<=1.02","ok":true,"seed":1,"seeds":2,"command":"cargo run --release -p sim -- figures P1 seeds=2"}"#
        );
        let missed = Figure { value: f64::NAN, ..figure };
        assert!(!missed.is_kept() && missed.to_string().contains("\"value\":null"));
    }

    #[test]
    fn every_public_scenario_has_figures_and_the_script_knows_their_names() {
        let script = include_str!("../../../scripts/figures");
        for wanted in &WANTED {
            let name = format!("\"sim.{}.{}\"", wanted.scenario, wanted.name);
            assert!(script.contains(&name), "scripts/figures does not list {name}");
        }
        for public in PUBLIC {
            assert!(WANTED.iter().any(|wanted| public.name.starts_with(wanted.scenario)));
        }
    }

    #[test]
    fn a_small_crowd_gives_the_figures_that_are_claimed_of_it() {
        let scale = Scale { swarm: 20.0, film: 64.0, rate: 8.0 };
        let names: Vec<_> = figures(PUBLIC[2], scale, 1).into_iter().map(|one| one.name).collect();
        let expected = ["completion_ratio", "completion_by_bound", "wasted_ratio"];
        assert_eq!(names, expected.map(|name| format!("sim.P3.{name}")));
    }
}
