//! What it comes to, in numbers. `cargo test -p utp --test network figures -- --nocapture` prints the tables.

#![expect(clippy::print_stdout, reason = "tables are for people")]

use std::time::Duration;

use utp::{Input, Limits, TARGET_USUAL, TARGET_WATCHING};

use crate::{host::Host, link::Link, reno::Reno, world::World};

const SECOND: u64 = 1_000_000;
const MUCH: u64 = 1 << 40;

/// Senders behind one link, each with its receiver; the way back is wide.
fn dumbbell(seed: u64, link: Link, senders: u8) -> World {
    let mut world = World::new(seed);
    let there = world.link(link);
    let back =
        world.link(Link { loss: link.loss, ..Link::new(1_000.0, link.delay.as_millis() as u64) });
    for number in 0..senders {
        let clock = seed * 7_777_777 + u64::from(number) * (1 << 31);
        let from = world.host(Host::new(number * 2 + 1, clock, 50, Limits::USUAL));
        let to = world.host(Host::new(number * 2 + 2, clock / 3, -50, Limits::USUAL));
        world.route(from, to, there, back);
    }
    world
}

/// Bytes that each sender's receiver has.
fn received(world: &World) -> Vec<u64> {
    let receivers = (1..world.hosts.len()).step_by(2);
    receivers.map(|host| world.accepted(host).map(|talk| talk.received).sum()).collect()
}

/// Runs for so many seconds: the mean queue of the first link in milliseconds.
fn run(world: &mut World, seconds: u64) -> f64 {
    let (mut sum, mut looks) = (0, 0);
    world.run(world.now + seconds * SECOND, |world| {
        sum += world.links[0].queued(world.now);
        looks += 1;
        false
    });
    sum as f64 / f64::from(looks) / 1_000.0
}

/// What part of a link payload took, which is at most 0.96 of it: headers are not payload.
fn used(bytes: u64, seconds: u64, link: &Link) -> f64 {
    bytes as f64 / seconds as f64 / link.rate as f64 / (1_452.0 / 1_500.0)
}

#[test]
fn a_long_path_that_loses_a_packet_now_and_then_is_filled() {
    println!("100 ms round trip, 0.01 % lost, queue of 200 ms; 20 s after the first 10");
    println!("{:>8} {:>6} {:>12} {:>6} {:>9}", "Mbit/s", "seed", "first 10 s", "then", "queue ms");
    for mbit_s in [2.0, 10.0, 50.0, 100.0] {
        for seed in 1..=3 {
            let link =
                Link { loss: 0.000_1, buffer: Duration::from_millis(200), ..Link::new(mbit_s, 50) };
            let mut world = dumbbell(seed, link, 1);
            world.connect(0, 0, 1, MUCH);
            run(&mut world, 10);
            let before = received(&world)[0];
            let first = used(before, 10, &link);
            let queue = run(&mut world, 20);
            let used = used(received(&world)[0] - before, 20, &link);
            println!("{mbit_s:>8} {seed:>6} {first:>12.3} {used:>6.3} {queue:>9.0}");
            assert!(first >= 0.85, "{mbit_s} Mbit/s, seed {seed}: {first} in the first 10 s");
            assert!(used >= 0.9, "{mbit_s} Mbit/s, seed {seed}: {used}");
        }
    }
}

/// For two seconds nothing arrives: there is more than one timeout, and no sign of a queue afterwards.
#[test]
fn a_path_that_carried_nothing_for_a_while_is_soon_filled_again() {
    println!(
        "100 Mbit/s, 100 ms round trip, 0.01 % lost, nothing arrives for a while: the ten seconds after it"
    );
    println!("{:>6} {:>6} {:>6} {:>9}", "away s", "seed", "used", "queue ms");
    for (away, least) in [(1, 0.75), (2, 0.65), (4, 0.45)] {
        for seed in 1..=4 {
            let buffer = Duration::from_millis(200);
            let link = Link { loss: 0.000_1, buffer, ..Link::new(100.0, 50) };
            let mut world = dumbbell(seed, link, 1);
            world.connect(0, 0, 1, MUCH);
            run(&mut world, 5);
            world.links[0].loss = 1.0;
            run(&mut world, away);
            world.links[0].loss = link.loss;
            let before = received(&world)[0];
            let queue = run(&mut world, 10);
            let used = used(received(&world)[0] - before, 10, &link);
            println!("{away:>6} {seed:>6} {used:>6.3} {queue:>9.0}");
            assert!(used >= least, "{away} s away, seed {seed}: {used}");
            assert!(queue <= TARGET_USUAL.as_millis() as f64, "a queue of {queue} ms");
        }
    }
}

#[test]
fn a_machine_that_is_busy_with_other_things_is_not_taken_for_a_full_path() {
    println!("100 ms round trip, 0.01 % lost, the receiver has no time for 40 ms of each 150");
    println!("{:>8} {:>6} {:>12} {:>6}", "Mbit/s", "seed", "first 10 s", "then");
    for mbit_s in [20.0, 100.0] {
        for seed in 1..=3 {
            let (buffer, busy) = (Duration::from_millis(200), Duration::from_millis(40));
            let link = Link { loss: 0.000_1, buffer, busy, ..Link::new(mbit_s, 50) };
            let mut world = dumbbell(seed, link, 1);
            world.connect(0, 0, 1, MUCH);
            run(&mut world, 10);
            let before = received(&world)[0];
            let first = used(before, 10, &link);
            run(&mut world, 20);
            let used = used(received(&world)[0] - before, 20, &link);
            println!("{mbit_s:>8} {seed:>6} {first:>12.3} {used:>6.3}");
            assert!(first >= 0.7, "{mbit_s} Mbit/s, seed {seed}: {first} in the first 10 s");
            assert!(used >= 0.85, "{mbit_s} Mbit/s, seed {seed}: {used}");
        }
    }
}

#[test]
fn the_queue_stays_near_the_target() {
    println!("one upload on a link with a queue of 1 s; 30 s after the first 10");
    println!("{:>8} {:>7} {:>7} {:>9} {:>6}", "Mbit/s", "rtt ms", "target", "queue ms", "used");
    for (mbit_s, rtt) in [(1.0, 40), (10.0, 20), (10.0, 100), (20.0, 60)] {
        for target in [TARGET_USUAL, TARGET_WATCHING] {
            let link = Link { buffer: Duration::from_secs(1), ..Link::new(mbit_s, rtt / 2) };
            let mut world = dumbbell(1, link, 1);
            world.handle(0, Input::Target(target));
            world.connect(0, 0, 1, MUCH);
            run(&mut world, 10);
            let before = received(&world)[0];
            let queue = run(&mut world, 30);
            let used = used(received(&world)[0] - before, 30, &link);
            println!("{mbit_s:>8} {rtt:>7} {:>7} {queue:>9.0} {used:>6.3}", target.as_millis());
            let target = target.as_millis() as f64;
            assert!(queue <= target * 1.5, "{mbit_s} Mbit/s: a queue of {queue} ms");
            assert!(used >= 0.85, "{mbit_s} Mbit/s: {used} used");
        }
    }
}

#[test]
fn who_only_knows_losses_is_given_way_to_and_what_it_leaves_is_taken() {
    println!(
        "10 Mbit/s, 40 ms; alone for 20 s, beside a loss-based upload for 40 s, alone again: parts of the link"
    );
    println!(
        "{:>9} {:>6} {:>6} {:>8} {:>6} {:>11}",
        "queue ms", "seed", "alone", "beside", "other", "20 s later"
    );
    for buffer in [150, 300, 1_000] {
        for seed in 1..=3 {
            let link = Link { buffer: Duration::from_millis(buffer), ..Link::new(10.0, 20) };
            let mut world = dumbbell(seed, link, 1);
            world.connect(0, 0, 1, MUCH);
            let part = |world: &mut World, seconds: u64| {
                let before = received(world)[0];
                run(world, seconds);
                used(received(world)[0] - before, seconds, &link)
            };
            part(&mut world, 10);
            let alone = part(&mut world, 10);
            let reno = world.reno(Reno::new((0, 1), world.now + 40 * SECOND));
            part(&mut world, 10);
            let before = world.renos[reno].delivered;
            let beside = part(&mut world, 30);
            let other = used(world.renos[reno].delivered - before, 30, &link);
            part(&mut world, 20);
            let again = part(&mut world, 10);
            println!("{buffer:>9} {seed:>6} {alone:>6.3} {beside:>8.3} {other:>6.3} {again:>11.3}");
            assert!(other >= 0.85 && beside <= 0.12, "{buffer} ms: {other} beside {beside}");
            assert!(alone >= 0.9 && again >= 0.9, "{buffer} ms: {alone} before, {again} after");
        }
    }
}

#[test]
fn two_uploads_become_equal_and_the_later_one_does_not_take_everything() {
    println!("two uploads on one link, the second 10 s later; 60 s from 120 s on");
    println!(
        "{:>8} {:>7} {:>6} {:>6} {:>7} {:>9}",
        "Mbit/s", "rtt ms", "first", "second", "Jain", "queue ms"
    );
    for (mbit_s, rtt) in [(5.0, 40), (10.0, 40), (10.0, 100), (20.0, 60)] {
        let link = Link { buffer: Duration::from_secs(1), ..Link::new(mbit_s, rtt / 2) };
        let mut world = dumbbell(1, link, 2);
        world.connect(0, 0, 1, MUCH);
        run(&mut world, 10);
        world.connect(2, 0, 3, MUCH);
        run(&mut world, 110);
        let before = received(&world);
        let queue = run(&mut world, 60);
        let parts: Vec<f64> = received(&world)
            .iter()
            .zip(before)
            .map(|(all, before)| used(all - before, 60, &link))
            .collect();
        let (sum, squares) =
            (parts.iter().sum::<f64>(), parts.iter().map(|part| part * part).sum::<f64>());
        let jain = sum * sum / (2.0 * squares);
        println!(
            "{mbit_s:>8} {rtt:>7} {:>6.3} {:>6.3} {jain:>7.3} {queue:>9.0}",
            parts[0], parts[1]
        );
        assert!(jain >= 0.99 && sum >= 0.9, "{mbit_s} Mbit/s: {parts:?}");
    }
}
