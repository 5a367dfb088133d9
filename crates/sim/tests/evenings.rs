//! Evenings that must go well, each in virtual time and from its seed.

use std::time::Duration;

use engine::{Order, Want};
use sim::{Act, Behaviour, PUBLIC, Public, Report, Scale, Scenario};
use torrent::create::Version;

/// Runs an evening and checks what must hold in every one of them.
#[expect(clippy::print_stdout, reason = "a failed evening shows its table")]
fn pass(scenario: &Scenario) -> Report {
    let report = scenario.run();
    println!("{}\n{report}", Report::TABLE_HEAD);
    assert_eq!(report.wrong_verified, 0, "wrong bytes were given to a reader");
    assert_eq!(report.honest_banned, 0, "an honest peer was banned");
    assert_eq!(report.bugs, 0, "the engine told of a bug");
    report
}

/// Whether it happened at all, and in less than so many milliseconds.
fn within(took: Option<Duration>, millis: u64) -> bool {
    took.is_some_and(|took| took < Duration::from_millis(millis))
}

#[test]
fn with_twenty_honest_peers_the_film_starts_within_a_second_and_never_stops() {
    let report = pass(&Scenario::quiet());
    assert!(report.all_done && report.stalls() == 0);
    assert!(within(report.start(1.0), 800));
    assert!(report.waste() < 0.02);
}

#[test]
fn what_is_watched_is_fetched_to_its_end_while_it_plays() {
    let horizon = Duration::from_secs(60);
    let film = Scenario { content_len: 160 << 20, horizon, ..Scenario::quiet() };
    let report = pass(&film);
    assert_eq!(report.stalls(), 0);
    assert!(report.downloaded >= film.content_len, "a minute of five was played");
    let mut metered = film;
    metered.viewers.iter_mut().for_each(|viewers| viewers.metered = true);
    let report = pass(&metered);
    assert_eq!(report.stalls(), 0);
    assert!(
        report.downloaded < metered.content_len / 4 * 3,
        "what was watched, and what comes soon"
    );
}

#[test]
fn one_fast_peer_among_slow_ones_is_found_and_used() {
    let report = pass(&Scenario::uneven("B", 0));
    assert!(report.all_done && report.stalls() == 0);
    assert!(within(report.start(1.0), 2_500), "4 MiB at 2.7 MB/s take 1.9 s");
    assert!(within(report.seek(1.0), 2_000));
    assert!(report.waste() < 0.02);
}

#[test]
fn silent_peers_cost_no_more_than_a_moment() {
    let report = pass(&Scenario::uneven("C", 3));
    assert!(report.all_done && report.stalls() == 0);
    assert!(within(report.start(1.0), 2_500) && within(report.seek(1.0), 3_000));
    assert_eq!(report.snubbed, 3);
}

#[test]
fn forty_very_slow_peers_together_are_fast_enough() {
    let report = pass(&Scenario::forty_slow());
    assert!(report.all_done && report.stalls() == 0);
    assert!(within(report.start(1.0), 2_000) && within(report.seek(1.0), 1_500));
}

#[test]
fn thirty_thin_lines_carry_a_film_and_seeks_take_little_longer_than_the_pieces() {
    let report = pass(&Scenario::thirty_thin_lines());
    assert_eq!(report.stalls(), 0);
    // 5 MB, and 2 MB from anywhere, touch one to six and two or three pieces of 1 MiB; all lines carry 1.5 MB/s.
    assert!(within(report.start(1.0), 4_800));
    assert!(within(report.seek(0.5), 2_500));
    assert!(report.waste() < 0.02);
}

#[test]
fn a_far_seed_is_asked_for_what_its_line_holds_after_a_few_round_trips() {
    let report = pass(&Scenario::one_far_seed());
    assert_eq!(report.stalls(), 0);
    assert!(
        within(report.start(1.0), 1_100),
        "5 MB at 12.5 MB/s, and four round trips of 80 ms: 0.72 s"
    );
}

#[test]
fn eight_even_lines_are_full_from_the_start_and_after_a_seek() {
    let report = pass(&Scenario::eight_even_lines());
    assert_eq!(report.stalls(), 0);
    assert!(within(report.start(1.0), 1_600) && within(report.seek(0.5), 700));
    assert!(report.waste() < 0.02);
}

#[test]
fn v2_and_hybrid_films_are_delivered_block_by_block_and_start_sooner_than_v1() {
    let whole = pass(&Scenario::uneven("B", 0));
    for version in [Version::V2, Version::Hybrid] {
        let by_block = pass(&Scenario::block_by_block(version));
        assert!(by_block.all_done && by_block.stalls() == 0);
        assert!(by_block.start(1.0).unwrap() < whole.start(1.0).unwrap());
        assert!(by_block.seek(1.0).unwrap() < whole.seek(1.0).unwrap() / 2);
    }
}

#[test]
fn the_first_blocks_do_not_wait_for_who_does_not_tell_their_hashes() {
    for version in [Version::V2, Version::Hybrid] {
        for silent in [0, 3] {
            // Five seconds of media are 256 KiB.
            let film = Scenario { version, media_rate: 52_429, ..Scenario::uneven("C", silent) };
            let report = pass(&film);
            assert!(within(report.start(1.0), 1_300), "a piece of v1 takes 2 s");
            assert!(within(report.seek(1.0), 800));
        }
    }
}

/// Who gives a leaf hash may have to read and hash its piece once more: it is asked for where somebody may have to wait.
#[test]
#[expect(clippy::print_stdout, reason = "what is asked is worth knowing")]
fn leaf_hashes_are_asked_for_where_a_player_may_have_to_wait_and_not_for_the_rest_of_the_film() {
    for version in [Version::V2, Version::Hybrid] {
        let film = Scenario::block_by_block(version);
        let watched = pass(&film);
        let mut fetched = film.clone();
        fetched.viewers.iter_mut().for_each(|viewers| viewers.watch = false);
        fetched.viewers.iter_mut().for_each(|viewers| viewers.want = Want::All);
        let fetched = pass(&fetched);
        let pieces = film.content_len.div_ceil(u64::from(film.piece_len));
        println!(
            "{version:?}: {} questions about {pieces} pieces while they are watched ({:.3} for each MiB), {} else",
            watched.hash_requests,
            watched.hash_requests_per_mib(),
            fetched.hash_requests,
        );
        assert!(watched.hash_requests > 0, "blocks of what is watched are judged alone");
        assert!(watched.hash_requests <= pieces / 3, "{} questions", watched.hash_requests);
        assert_eq!(fetched.hash_requests, 0, "nobody waits, and nobody lied");
    }
}

#[test]
fn peers_may_leave_one_after_the_other() {
    let report = pass(&Scenario::leaving());
    assert!(report.all_done && report.stalls() == 0);
}

#[test]
fn every_liar_is_found_and_nobody_else() {
    let report = pass(&Scenario::lying());
    assert!(report.all_done);
    assert_eq!(report.liars_found, 5);
    assert!(within(report.start(1.0), 6_000));
}

#[test]
fn a_liar_is_found_at_once_where_blocks_are_judged_alone() {
    let report = pass(&Scenario { version: Version::V2, ..Scenario::lying() });
    assert!(report.all_done && report.stalls() == 0);
    assert_eq!(report.liars_found, 5);
    assert!(within(report.start(1.0), 1_500));
    assert!(report.waste() < 0.02);
}

#[test]
fn one_honest_peer_among_nine_liars_is_enough() {
    let mut scenario = Scenario { horizon: Duration::from_secs(3000), ..Scenario::lying() };
    scenario.crowds.iter_mut().for_each(|crowd| crowd.count = 1);
    let liar = sim::Crowd { count: 9, ..scenario.crowds[1].clone() };
    scenario.crowds = vec![scenario.crowds[0].clone(), liar];
    scenario.content_len = 8 << 20;
    let report = pass(&scenario);
    assert!(report.all_done);
    assert_eq!(report.liars_found, 9);
}

#[test]
fn peers_that_choke_reject_or_say_nothing_do_not_stop_the_film() {
    let report = pass(&Scenario::silent());
    assert!(report.all_done && report.stalls() == 0);
}

#[test]
fn choking_and_unchoking_all_the_time_does_not_stop_the_film() {
    let mut scenario = Scenario::quiet();
    scenario.crowds[0].behaviour = Behaviour::Flapping(5);
    let report = pass(&scenario);
    assert!(report.all_done && report.stalls() == 0);
}

#[test]
fn a_viewer_who_seeks_ten_times_waits_a_moment_each_time() {
    let report = pass(&Scenario::ten_seeks());
    assert!(report.all_done);
    assert_eq!(report.viewers[0].seeks.len(), 10);
    assert!(within(report.seek(1.0), 600));
    assert!(report.waste() < 0.02);
}

#[test]
fn a_viewer_who_pauses_goes_on_at_once() {
    let mut scenario = Scenario::quiet();
    let pause = Act::Pause(Duration::from_secs(60));
    scenario.viewers[0].script = vec![(Duration::from_secs(5), pause)];
    let report = pass(&scenario);
    assert!(report.all_done && report.stalls() == 0);
}

#[test]
fn a_magnet_link_costs_two_round_trips_and_no_new_connection() {
    let with = pass(&Scenario::magnet());
    let without = pass(&Scenario { magnet: false, ..Scenario::magnet() });
    assert!(with.all_done && with.stalls() == 0);
    let (with, without) = (with.start(1.0).unwrap(), without.start(1.0).unwrap());
    assert!(with < without + Duration::from_millis(150), "{with:?} {without:?}");
}

#[test]
fn a_magnet_link_survives_liars_about_the_metadata() {
    let report = pass(&Scenario { magnet: true, ..Scenario::lying() });
    assert!(report.all_done);
    assert_eq!(report.liars_found, 5);
}

#[test]
fn a_magnet_link_of_a_v2_film_gets_its_piece_layers_from_peers() {
    // In pieces of 16 KiB the leaves are the layer.
    for piece_len in [16_384, Scenario::crowd_on_one_seed().piece_len] {
        let mut scenario = Scenario::crowd_on_one_seed();
        scenario.version = Version::V2;
        scenario.magnet = true;
        scenario.piece_len = piece_len;
        scenario.viewers[1].count = 3;
        let report = pass(&scenario);
        assert!(report.all_done, "pieces of {piece_len} bytes");
    }
}

#[test]
fn a_web_seed_carries_the_film_when_peers_are_slow() {
    let report = pass(&Scenario::web_seed());
    assert!(report.all_done && report.stalls() == 0);
    assert!(within(report.start(1.0), 2_500));
}

#[test]
fn a_web_seed_that_lies_is_left_and_the_peers_deliver() {
    let mut scenario = Scenario::quiet();
    scenario.web_seeds = Scenario::web_seed().web_seeds;
    scenario.web_seeds[0].lies = true;
    let report = pass(&scenario);
    assert!(report.all_done);
    assert!(within(report.start(1.0), 5_000));
}

#[test]
fn a_web_seed_alone_is_enough() {
    let report = pass(&Scenario { crowds: vec![], ..Scenario::web_seed() });
    assert!(report.all_done);
}

#[test]
fn two_hundred_viewers_live_from_one_seed() {
    let scenario = Scenario::crowd_on_one_seed();
    let report = pass(&scenario);
    assert!(report.all_done);
    // The first ones wait for pieces to go round: what they lose, everybody gains.
    assert!(within(report.start(0.5), 600) && within(report.start(0.95), 4_500));
    assert!(report.stalls() <= 20);
    let each = u64::try_from(report.viewers.len()).unwrap() * scenario.content_len;
    assert!(report.downloaded >= each, "everybody got everything");
    assert!(report.waste() <= 0.02, "{} came twice", report.waste());
    assert!(within(report.fetch(0.95), 13_000));
}

#[test]
fn a_flash_crowd_on_one_seed_has_the_film_at_the_capacity_bound() {
    let scale = Scale { swarm: 8.0, film: 8.0, rate: 8.0 };
    let crowd = PUBLIC.into_iter().find(Public::is_crowd).expect("there is one");
    for order in [Order::Kinora, Order::RarestFirst] {
        let report = crowd.scenario(scale, 1, order).run();
        let took: f64 =
            report.members.iter().map(|one| one.fetched.unwrap_or(one.stayed).as_secs_f64()).sum();
        let mean = took / report.members.len() as f64;
        assert!(
            mean < 1.10 * report.bound_s,
            "{order:?}: {mean} s; the bound is {} s",
            report.bound_s
        );
        assert!(report.waste() <= 0.02, "{order:?}: {} came twice", report.waste());
    }
}

#[test]
fn a_swarm_of_viewers_loses_little_against_one_that_only_fetches() {
    let fewer = |mut scenario: Scenario| {
        scenario.viewers[1].count = 60;
        pass(&scenario).fetch(1.0).expect("all finish")
    };
    let watching = fewer(Scenario::crowd_on_one_seed());
    let fetching = fewer(Scenario::crowd_that_only_fetches());
    assert!(watching < fetching.mul_f64(1.25), "{watching:?} against {fetching:?}");
}

#[test]
fn a_download_without_a_viewer_finishes_at_the_speed_of_the_swarm() {
    let mut scenario = Scenario::quiet();
    scenario.viewers[0].watch = false;
    scenario.viewers[0].want = Want::All;
    let report = pass(&scenario);
    assert!(report.all_done);
    let bound = scenario.content_len as f64 / (20.0 * 375e3);
    let took = report.fetch(1.0).unwrap().as_secs_f64();
    assert!(took < 1.15 * bound + 0.5, "{took} s; the bound is {bound} s");
}

#[test]
fn the_same_seed_gives_the_same_evening() {
    let once = Scenario::lying().run();
    let again = Scenario::lying().run();
    assert_eq!(once.to_string(), again.to_string());
    assert_eq!(once.viewers, again.viewers);
}

#[test]
fn a_recording_replays_to_the_same_outputs() {
    for scenario in [Scenario::lying(), Scenario::ten_seeks(), Scenario::web_seed()] {
        let recording = Scenario { record: true, ..scenario }.run().recording.expect("recorded");
        assert!(recording.inputs.len() > 1_000);
        assert!(recording.replay() == recording.outputs, "the replay decided otherwise");
    }
}
