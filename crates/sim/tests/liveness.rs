//! Whatever peers do: if one honest source has a block, it arrives.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sim::{Behaviour, Crowd, Has, Line, Report, Scenario};
use torrent::create::Version;

/// Peers of one kind; they may leave one after the other.
fn crowd() -> impl Strategy<Value = Crowd> {
    let behaviour = prop::sample::select(vec![
        Behaviour::Honest,
        Behaviour::Silent,
        Behaviour::Lying(1.0),
        Behaviour::Lying(0.05),
        Behaviour::LyingAtTheEnd,
        Behaviour::Choking,
        Behaviour::Rejecting,
        Behaviour::Flapping(3),
    ]);
    let rate = prop::sample::select(vec![20e3, 60e3, 200e3, 1e6]);
    let leaves = prop::option::weighted(0.3, 500..20_000_u64);
    (1..4_usize, behaviour, any::<bool>(), rate, 0..80_u64, 0..200_u64, leaves).prop_map(
        |(count, behaviour, part, rate, delay, latency, leaves)| Crowd {
            count,
            behaviour,
            has: if part { Has::Part(0.5) } else { Has::All },
            line: Line { up: rate, down: rate, delay: Duration::from_millis(delay) },
            latency: Duration::from_millis(latency),
            leave: leaves.map(|first| (Duration::from_millis(first), Duration::from_millis(700))),
        },
    )
}

/// A short film, peers of any kind, and one honest source of everything.
fn evening() -> impl Strategy<Value = Scenario> {
    let version = prop::sample::select(vec![Version::V1, Version::V2, Version::Hybrid]);
    let crowds = prop::collection::vec(crowd(), 0..7);
    let shape = (version, any::<bool>(), 600_000..2_600_000_u64, 0..5_u32);
    (any::<u64>(), shape, crowds).prop_map(|(seed, shape, mut crowds)| {
        let (version, magnet, content_len, pieces) = shape;
        let delay = Duration::from_millis(40);
        crowds.push(Crowd {
            count: 1,
            behaviour: Behaviour::Honest,
            has: Has::All,
            line: Line { up: 100e3, down: 100e3, delay },
            latency: Duration::from_millis(20),
            leave: None,
        });
        Scenario {
            seed,
            version,
            magnet,
            content_len,
            piece_len: 16_384 << pieces,
            media_rate: 125_000,
            crowds,
            horizon: Duration::from_secs(900),
            ..Scenario::alone("random")
        }
    })
}

#[test]
fn whatever_peers_do_what_one_honest_source_has_arrives() {
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    // The same evenings every time: a failure is shown as the smallest one that fails.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(&evening(), |scenario| {
        let report = scenario.run();
        let why = || format!("{}\n{report}", Report::TABLE_HEAD);
        prop_assert!(report.all_done, "did not arrive: {}", why());
        prop_assert_eq!(report.wrong_verified, 0, "wrong bytes: {}", why());
        prop_assert_eq!(report.honest_banned, 0, "an honest peer was banned: {}", why());
        prop_assert_eq!(report.bugs, 0, "{}", why());
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
