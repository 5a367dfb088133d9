//! Whatever peers do: if one honest source has a block, it arrives. Random evenings, each from its seed.

use std::time::Duration;

use sim::{Behaviour, Crowd, Has, Line, Report, Scenario};
use torrent::create::Version;

/// SplitMix64, so that an evening follows from its number.
fn mix(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |end| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

fn evening(seed: u64) -> Scenario {
    let mut random = mix(seed);
    let odd = [
        Behaviour::Honest,
        Behaviour::Silent,
        Behaviour::Lying(1.0),
        Behaviour::Lying(0.05),
        Behaviour::Choking,
        Behaviour::Rejecting,
        Behaviour::Flapping(3),
    ];
    let mut crowds: Vec<Crowd> = (0..2 + random(6))
        .map(|_| {
            let rate = [20e3, 60e3, 200e3, 1e6][random(4) as usize];
            let leaves = Duration::from_millis(500 + random(20_000));
            Crowd {
                count: 1 + random(4) as usize,
                behaviour: odd[random(7) as usize],
                has: if random(2) == 0 { Has::All } else { Has::Part(0.5) },
                line: Line { up: rate, down: rate, delay: Duration::from_millis(random(80)) },
                latency: Duration::from_millis(random(200)),
                leave: (random(3) == 0).then_some((leaves, Duration::from_millis(700))),
            }
        })
        .collect();
    // The one honest source.
    let line = Line { up: 100e3, down: 100e3, delay: Duration::from_millis(40) };
    let latency = Duration::from_millis(20);
    crowds.push(Crowd {
        count: 1,
        behaviour: Behaviour::Honest,
        has: Has::All,
        line,
        latency,
        leave: None,
    });
    Scenario {
        seed,
        version: [Version::V1, Version::V2, Version::Hybrid][random(3) as usize],
        magnet: false,
        content_len: 600_000 + random(2_000_000),
        piece_len: 16_384 << random(5),
        media_rate: 125_000,
        crowds,
        horizon: Duration::from_secs(900),
        ..Scenario::alone("random")
    }
}

#[test]
fn whatever_peers_do_what_one_honest_source_has_arrives() {
    for seed in 0..100 {
        let scenario = evening(seed);
        let report = scenario.run();
        let why = || format!("seed {seed}\n{}\n{report}\n{scenario:#?}", Report::TABLE_HEAD);
        assert!(report.all_done, "did not arrive: {}", why());
        assert_eq!(report.wrong_verified, 0, "wrong bytes: {}", why());
        assert_eq!(report.honest_banned, 0, "an honest peer was banned: {}", why());
        assert_eq!(report.bugs, 0, "{}", why());
    }
}
