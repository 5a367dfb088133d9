//! Three published results that a simulator of swarms must bring out before its own numbers are believed.
//!
//! Two of them are of models simpler than our engine, and are simulated as their authors wrote them: they check
//! chance and counting. The third is of whole programs, and is run with the engine in the simulated network; so is
//! the second one, once more, to see whether real programs do what the model says.

mod buffer;
mod missing_piece;
mod only_seed;

use std::fmt;

pub use self::{
    buffer::Buffer,
    missing_piece::MissingPiece,
    only_seed::{Growth, copies_to_second_seed},
};

/// A result as it was published, and what came out here.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Whose it is, and what was measured.
    pub what: String,
    /// As published.
    pub published: String,
    /// As it came out.
    pub here: f64,
    /// What would count as the same.
    pub accepted: (f64, f64),
}

impl Calibration {
    /// The head of the table.
    pub const TABLE_HEAD: &'static str =
        "| result | published | here | accepted | |\n|---|---|---|---|---|";

    /// Whether it came out as published.
    #[must_use]
    pub fn holds(&self) -> bool {
        (self.accepted.0..=self.accepted.1).contains(&self.here)
    }
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, published, here) = (&self.what, &self.published, self.here);
        let (low, high) = self.accepted;
        let verdict = if self.holds() { "holds" } else { "**missed**" };
        write!(f, "| {what} | {published} | {here:.3} | {low:.3} to {high:.3} | {verdict} |")
    }
}

/// All of them, at their full size or at one that takes seconds; tells each as soon as it is known.
pub fn calibrate(full: bool, mut tell: impl FnMut(Calibration)) {
    Buffer::published(full).into_iter().for_each(|(buffer, published)| {
        tell(Calibration {
            what: format!("Zhou, Chiu, Lui: continuity, {buffer}"),
            published: format!("{published:.4}"),
            here: buffer.continuity(1),
            accepted: (published - Buffer::TOLERANCE, published + Buffer::TOLERANCE),
        });
    });
    MissingPiece::published(full).into_iter().for_each(|(swarm, published, accepted)| {
        let here = swarm.run(1);
        tell(Calibration { what: format!("Hajek, Zhu: {swarm}"), published, here, accepted });
    });
    Growth::published(full).into_iter().for_each(|(swarm, published, accepted)| {
        let here = swarm.run(1);
        tell(Calibration {
            what: format!("the same with our engine: {swarm}"),
            published,
            here,
            accepted,
        });
    });
    for (shows_one_by_one, what, published, accepted) in [
        (false, "an ordinary seed", "1.5 to 2", (1.2, 2.5)),
        (true, "a seed that shows pieces one by one", "about 1.05", (1.0, 1.3)),
    ] {
        tell(Calibration {
            what: format!("BEP 16: copies sent until there is a second seed, {what}"),
            published: published.to_owned(),
            here: copies_to_second_seed(1, shows_one_by_one, full),
            accepted,
        });
    }
}
