//! How soon the first bytes are there in swarms with fast, slow and silent peers, pinned: who makes it slower hears of it.

use sim::{Starts, UNEVEN};
use torrent::create::Version;

/// Evenings of each swarm, with other lines each.
const SEEDS: u64 = 3;
/// What is waited for, in bytes.
const HEAD: u64 = 256 << 10;
/// A median may be later by this share: less is chance, for any change of the engine is another throw of the dice.
const TOLERANCE: f64 = 0.15;
/// Share of the bytes that may come twice: 0.0036, 0.0028 and none as they were measured.
const WASTE_MAX: f64 = 0.01;
/// The medians as they were measured, in seconds: swarm, v2, hybrid.
const MEASURED: [(&str, f64, f64); 3] =
    [("B", 0.615, 0.615), ("C", 0.645, 0.645), ("D", 0.761, 0.761)];

/// The same of v1 on thin lines, until 5 MB are there.
const THIN_MEASURED: f64 = 4.044;

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

#[expect(clippy::print_stdout, reason = "a failed evening shows its table")]
fn starts_as_measured(version: Version, measured: impl Fn(&(&str, f64, f64)) -> f64) {
    println!("{}", Starts::TABLE_HEAD);
    for (swarm, line) in UNEVEN.into_iter().zip(&MEASURED) {
        assert_eq!(swarm.name, line.0);
        let starts = Starts::run(swarm, version, 0..SEEDS, HEAD);
        let (took, wanted) = (median(starts.starts()), measured(line));
        println!("{starts} median {took:.3}, waste {:.4}", starts.waste());
        assert!(took <= wanted * (1.0 + TOLERANCE), "{}: {took:.3} s, not {wanted:.3}", line.0);
        assert!(starts.waste() <= WASTE_MAX, "{}: {:.4} came twice", line.0, starts.waste());
    }
}

#[test]
fn of_v2_films_the_first_quarter_of_a_megabyte_is_there_as_soon_as_it_was_measured() {
    starts_as_measured(Version::V2, |line| line.1);
}

#[test]
fn of_hybrid_films_the_first_quarter_of_a_megabyte_is_there_as_soon_as_it_was_measured() {
    starts_as_measured(Version::Hybrid, |line| line.2);
}

/// All lines are busy from the first moment: whatever comes twice comes in place of something else, and each round trip
/// counts. The lines carry 5 MB of v1, five whole pieces, in 3.5 s.
#[test]
#[expect(clippy::print_stdout, reason = "a failed evening shows its table")]
fn on_thin_lines_five_seconds_of_a_film_are_there_as_soon_as_it_was_measured() {
    let thin = UNEVEN.into_iter().find(|swarm| swarm.name == "S2").expect("there is one");
    let starts = Starts::run(thin, Version::V1, 0..SEEDS, 5_000_000);
    let took = median(starts.starts());
    println!("{}\n{starts} median {took:.3}, waste {:.4}", Starts::TABLE_HEAD, starts.waste());
    assert!(took <= THIN_MEASURED * 1.03, "{took:.3} s");
}
