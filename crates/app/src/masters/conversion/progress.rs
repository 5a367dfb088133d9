//! How far a conversion is, and when it will be done.

use std::time::Instant;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Masters, Work};

/// Nobody is told how long it takes before this part is done: a guess would be wild.
const GUESS_FROM: f64 = 0.02;

/// What is being done in a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversionStep {
    /// Another film is converted first.
    Waiting,
    /// How loud it is is being measured.
    Measuring,
    /// A quality is being made.
    Encoding,
    /// Small pictures for the time line are being made.
    Previews,
    /// Subtitles are taken out.
    Texts,
}

/// The parts of a conversion, one after the other.
pub(super) struct Course {
    masters: Masters,
    id: String,
    length_s: f64,
    begun: Instant,
    /// What part of the whole each is.
    parts: Vec<f64>,
    at: usize,
    /// The qualities that were made before, in an earlier run.
    kept: Vec<String>,
}

impl Course {
    pub(super) fn new(
        masters: Masters,
        id: String,
        length_s: f64,
        parts: Vec<f64>,
        kept: Vec<String>,
    ) -> Self {
        Self { masters, id, length_s, begun: Instant::now(), parts, at: 0, kept }
    }

    /// Begins the next part; what comes back hears how many seconds of the film are done.
    pub(super) fn begin(
        &mut self,
        step: ConversionStep,
        quality: Option<String>,
    ) -> impl Fn(f64) + use<> {
        let before: f64 = self.parts.iter().take(self.at).sum();
        let part = self.parts.get(self.at).copied().unwrap_or(0.0);
        self.at += 1;
        let (masters, id, begun) = (self.masters.clone(), self.id.clone(), self.begun);
        let kept = self.kept.clone();
        let length_s = self.length_s.max(f64::MIN_POSITIVE);
        let heard = move |at_s: f64| {
            let done = (before + part * (at_s / length_s).clamp(0.0, 1.0)).clamp(0.0, 1.0);
            let left_s = left(begun.elapsed().as_secs_f64(), done);
            let (quality, kept) = (quality.clone(), kept.clone());
            masters.go_on(&id, Work::Converting { step, quality, done, left_s, kept });
        };
        heard(0.0);
        heard
    }
}

/// How long the rest takes if it goes on as it went, seconds.
fn left(passed_s: f64, done: f64) -> Option<u64> {
    // Finite: `done` is far from 0.
    (done >= GUESS_FROM).then(|| (passed_s * (1.0 - done) / done).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_was_done() {
        assert_eq!(left(30.0, 0.25), Some(90));
        assert_eq!(left(30.0, 1.0), Some(0));
        assert_eq!(left(30.0, 0.001), None);
    }
}
