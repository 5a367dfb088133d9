//! Which qualities a film can be made in: never larger than it is, and each clearly smaller than the one before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Lines of a picture, and the highest rate for it in H.264, kbit/s.
const STEPS: [(u32, u32); 8] = [
    (2160, 16_000),
    (1440, 9_000),
    (1080, 5_000),
    (720, 2_800),
    (480, 1_400),
    (360, 800),
    (240, 450),
    (144, 250),
];
/// A step is offered if its picture is at most this part of the film's own, by area.
const CLEARLY_SMALLER: f64 = 0.7;
/// A picture that fills so much of a step on one side is called by the step's name.
const FILLED: f64 = 0.9;

/// A quality that a film can be made in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quality {
    /// `720p`.
    pub name: String,
    /// Picture width, pixels.
    pub width: u32,
    /// Picture height, pixels.
    pub height: u32,
    /// The highest rate of the picture, kbit/s.
    pub kbit: u32,
    /// Whether it is proposed.
    pub suggested: bool,
}

/// The qualities of a film whose picture has this size, best first. Upright films are measured by their shorter side.
pub(super) fn qualities(width: u32, height: u32) -> Vec<Quality> {
    if width < 2 || height < 2 {
        return Vec::new();
    }
    let holds = |step: &(u32, u32)| scale(width, height, step.0) >= 1.0;
    // The smallest step that holds the film; a larger film than all of them is made smaller.
    let own = STEPS.iter().rposition(holds).unwrap_or(0);
    let mut found: Vec<Quality> = Vec::new();
    for (lines, kbit) in STEPS.into_iter().skip(own) {
        let (to_width, to_height) = fitted(width, height, lines);
        let area = f64::from(to_width) * f64::from(to_height);
        let own_area =
            found.first().map(|best: &Quality| f64::from(best.width) * f64::from(best.height));
        if own_area.is_some_and(|own_area| area > own_area * CLEARLY_SMALLER) {
            continue;
        }
        let suggested = found.is_empty() || is_companion(STEPS[own].0, lines);
        found.push(Quality {
            name: name(to_width, to_height, lines),
            width: to_width,
            height: to_height,
            kbit,
            suggested,
        });
    }
    found
}

/// What is proposed beside a film's own quality: something for slow connections, and a step between.
fn is_companion(own: u32, lines: u32) -> bool {
    (lines == 480 && own >= 720) || (lines == 1080 && own >= 2160)
}

/// By how much a picture is made smaller to fit into a step, as wide as 16 to 9; 1 if it fits.
fn scale(width: u32, height: u32, lines: u32) -> f64 {
    let (long, short) = (f64::from(width.max(height)), f64::from(width.min(height)));
    let lines = f64::from(lines);
    // Two pixels more than 16 to 9: films of 854 by 480 are common.
    (lines / short).min((lines * 16.0 / 9.0 + 2.0) / long).min(1.0)
}

/// The size in a step, even on both sides as H.264 wants it.
fn fitted(width: u32, height: u32, lines: u32) -> (u32, u32) {
    let scale = scale(width, height, lines);
    let even = |side: u32| {
        let half = (f64::from(side) * scale / 2.0).floor();
        // Between 1 and half of a `u32`.
        2 * (half.max(1.0) as u32)
    };
    (even(width), even(height))
}

fn name(width: u32, height: u32, lines: u32) -> String {
    let (long, short) = (f64::from(width.max(height)), width.min(height));
    let step = f64::from(lines);
    let fills = f64::from(short) >= step * FILLED || long >= step * 16.0 / 9.0 * FILLED;
    format!("{}p", if fills { lines } else { short })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(width: u32, height: u32) -> Vec<String> {
        qualities(width, height).into_iter().map(|quality| quality.name).collect()
    }

    #[test]
    fn no_quality_is_larger_than_the_film() {
        for (width, height) in
            [(1920, 1080), (1920, 804), (720, 576), (608, 1080), (161, 91), (7680, 4320), (3, 900)]
        {
            let offered = qualities(width, height);
            assert!(!offered.is_empty());
            for quality in offered {
                assert!(quality.width <= width && quality.height <= height, "{quality:?}");
                assert!(quality.width % 2 == 0 && quality.height % 2 == 0, "{quality:?}");
            }
        }
    }

    #[test]
    fn qualities_have_the_names_that_people_know() {
        assert_eq!(names(1920, 1080), ["1080p", "720p", "480p", "360p", "240p", "144p"]);
        assert_eq!(names(1920, 804)[..2], ["1080p", "720p"]);
        assert_eq!(names(608, 1080)[..2], ["608p", "480p"], "upright");
        assert_eq!(names(720, 576)[0], "576p");
        assert_eq!(names(320, 180), ["180p", "144p"]);
        assert_eq!(names(160, 90), ["90p"]);
        assert_eq!(names(7680, 4320)[0], "2160p");
        assert_eq!(names(0, 0), Vec::<String>::new());
    }

    #[test]
    fn the_film_as_large_as_it_is_is_proposed_with_one_for_slow_connections() {
        let suggested = |width, height| -> Vec<String> {
            let all = qualities(width, height).into_iter();
            all.filter(|quality| quality.suggested).map(|quality| quality.name).collect()
        };
        assert_eq!(suggested(1920, 1080), ["1080p", "480p"]);
        assert_eq!(suggested(3840, 2160), ["2160p", "1080p", "480p"]);
        assert_eq!(suggested(640, 360), ["360p"]);
    }
}
