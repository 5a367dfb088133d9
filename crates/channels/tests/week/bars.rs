//! What is promised of a channel in the DHT, measured in virtual time: how long a put takes, when a poll sees it, what keeping it
//! alive costs, and when somebody who was away for a month has brought it back.

use std::time::Duration;

use channels::{Keeping, Memory, Task};
use dht::{Item, LookupId, LookupStats};

use super::{
    COPIES, Channel, HOUR, MINUTE, channel_of,
    world::{Place, World},
};

const SECOND: Duration = Duration::from_secs(1);

fn percentile(mut all: Vec<Duration>, percent: usize) -> Duration {
    all.sort();
    all[(all.len() - 1) * percent / 100]
}

fn done(world: &World, lookup: LookupId) -> LookupStats {
    world.found(lookup).done.expect("it is done").1
}

/// Puts the items of a channel, as a publisher and its followers do.
fn put(world: &mut World, place: Place, channel: &Channel) -> [LookupStats; 2] {
    let items = channel.items.clone().map(Item::Mutable);
    let puts = items.map(|item| world.put_copies(place, item, None, COPIES));
    world.finish(&puts);
    puts.map(|one| done(world, one))
}

/// Asks for root and head as whoever follows does: for the root and what may come after it, then for the head.
fn resolve(world: &mut World, place: Place, channel: &Channel) -> [LookupStats; 3] {
    let [root, next, head] = channel.questions();
    let roots = [root, next].map(|what| world.get(place, what));
    world.finish(&roots);
    let head = world.get(place, head);
    world.finish(&[head]);
    let [root, next] = roots.map(|one| done(world, one));
    [root, next, done(world, head)]
}

fn copies([root, _, head]: &[LookupStats; 3]) -> usize {
    root.copies.min(head.copies)
}

/// How long puts of heads take, and what a link costs whoever comes with nothing else.
fn put_and_found(nodes: usize) {
    let mut world = World::grown(nodes, 31);
    let (mut took, mut cold, mut stored) = (vec![], vec![], vec![]);
    for number in 0..20 {
        let (channel, publisher, newcomer) = (channel_of(number), world.alive(), world.alive());
        let [_, head] = put(&mut world, publisher, &channel);
        stored.push(head.stored);
        took.push(head.took);
        let [root, _, head] = resolve(&mut world, newcomer, &channel);
        // The root's lookup ends before the head's begins.
        cold.push(root.took + head.first_after.expect("it was found"));
    }
    stored.sort_unstable();
    let [p50, p95] = [50, 95].map(|percent| percentile(took.clone(), percent));
    let trip = world.round_trip();
    println!(
        "P3, {nodes} nodes: p50 {p50:.2?}, p95 {p95:.2?}; one round trip {trip:.0?}; {stored:?} copies"
    );
    let [p50, cold_p95] = [50, 95].map(|percent| percentile(cold.clone(), percent));
    println!("P5, {nodes} nodes, the part of the DHT: p50 {p50:.2?}, p95 {cold_p95:.2?}");
    // One packet in a hundred is lost.
    assert!(stored[0] >= COPIES * 3 / 4 && p95 <= 20 * trip && cold_p95 <= 4 * SECOND);
}

#[test]
fn a_head_is_put_to_twenty_nodes_and_found_by_its_link_within_seconds() {
    put_and_found(200);
}

#[test]
#[ignore = "ten seconds: a thousand nodes"]
fn a_head_is_put_to_twenty_nodes_of_a_thousand_and_found_by_its_link_within_seconds() {
    put_and_found(1000);
}

/// How long a node that is long there waits for a head that was put, until it has it and until it has asked everybody.
fn warm_gets(nodes: usize) {
    let mut world = World::grown(nodes, 35);
    let channels: Vec<_> = (0..20).map(channel_of).collect();
    for channel in &channels {
        let publisher = world.alive();
        put(&mut world, publisher, channel);
    }
    for dead in [0, 30] {
        for _ in 0..nodes * dead / 100 {
            let place = world.alive();
            world.kill(place);
        }
        let (mut first, mut whole) = (vec![], vec![]);
        for channel in &channels {
            let [_, _, head] = channel.questions();
            let asker = world.alive();
            let lookup = world.get(asker, head);
            world.finish(&[lookup]);
            let stats = done(&world, lookup);
            first.push(stats.first_after.expect("it was found"));
            whole.push(stats.took);
        }
        let [p50, p95] = [50, 95].map(|percent| percentile(first.clone(), percent));
        let all = percentile(whole, 95);
        println!(
            "P4, {nodes} nodes, {dead} of 100 dead: first p50 {p50:.2?}, p95 {p95:.2?}; all p95 {all:.2?}; one round trip {:.0?}",
            world.round_trip()
        );
        let trip = world.round_trip();
        let most = if dead == 0 { [6 * trip, 18 * trip] } else { [SECOND, 5 * SECOND] };
        assert!(p95 <= most[0] && all <= most[1], "{p95:?} and {all:?}");
    }
}

#[test]
fn a_head_is_told_at_once_by_nodes_that_are_long_there() {
    warm_gets(200);
}

#[test]
#[ignore = "ten seconds: a thousand nodes"]
fn a_head_is_told_at_once_by_a_thousand_nodes_that_are_long_there() {
    warm_gets(1000);
}

#[test]
fn whoever_only_asks_the_dht_sees_a_version_with_the_next_question() {
    let mut world = World::grown(100, 32);
    let mut waited = vec![];
    for number in 0..8 {
        let (channel, publisher, follower) = (channel_of(number), world.alive(), world.alive());
        let now = world.now.since(dht::Time(0));
        let mut keeping = Keeping::start(now, Some(now), 0);
        keeping.polled(now, true);
        let (due, task) = keeping.next(Memory::default().span());
        assert_eq!(task, Task::Poll, "somebody looks");
        // Anywhere between two questions.
        let ahead = world.chance.below(290);
        world.run(Duration::from_secs(u64::try_from(ahead).unwrap()));
        let published = world.now;
        put(&mut world, publisher, &channel);
        let left = due.saturating_sub(world.now.since(dht::Time(0)));
        world.run(left);
        assert!(copies(&resolve(&mut world, follower, &channel)) > 0);
        waited.push(world.now.since(published));
    }
    let most = waited.iter().max().unwrap();
    println!("P2: p50 {:.1?}, most {most:.1?}", percentile(waited.clone(), 50));
    assert!(*most <= 5 * MINUTE + 3 * SECOND);
}

/// Nobody has put it for a month: nothing of it is left.
#[test]
fn the_only_one_who_has_a_channel_comes_back_and_it_is_found_within_five_minutes() {
    let mut world = World::grown(100, 33);
    let mut back = vec![];
    for number in 0..8 {
        let channel = channel_of(number);
        let (came, visitor) = (world.now, world.join_alive());
        let chance = world.chance.below(usize::MAX) as u64;
        let mut keeping = Keeping::start(Duration::ZERO, None, chance);
        loop {
            let (due, task) = keeping.next(Memory::default().span());
            world.run(due.saturating_sub(world.now.since(came)));
            if task == Task::Put {
                break;
            }
            assert_eq!(copies(&resolve(&mut world, visitor, &channel)), 0);
            keeping.polled(world.now.since(came), false);
        }
        put(&mut world, visitor, &channel);
        back.push(world.now.since(came));
        let asker = world.alive();
        assert!(copies(&resolve(&mut world, asker, &channel)) > 0);
    }
    let most = back.iter().max().unwrap();
    println!("L2: p50 {:.0?}, most {most:.0?}", percentile(back.clone(), 50));
    assert!(*most <= 5 * MINUTE);
}

/// Twelve hours, so many of them are looked at.
const HALF_DAYS: u32 = 60;

/// What a follower sends in half a day, once it knows that nodes keep items for days.
fn kept_alive(nodes: usize) {
    let mut world = World::grown(nodes, 34);
    let (mut puts, mut all) = (vec![], vec![]);
    for number in 0..20 {
        let (channel, publisher, follower) = (channel_of(number), world.alive(), world.alive());
        put(&mut world, publisher, &channel);
        let again = put(&mut world, follower, &channel);
        let put: usize = again.iter().map(|stats| stats.queries + stats.stored).sum();
        let copies = again.iter().map(|stats| stats.copies).min().unwrap_or(0);
        assert!(copies >= COPIES / 2, "a put sees who has it: {again:?}");
        let (mut keeping, mut packets) = (Keeping::start(Duration::ZERO, None, 0), 0);
        loop {
            let (now, task) = keeping.next(24 * HOUR);
            if now >= 24 * HOUR + HALF_DAYS * 12 * HOUR {
                break;
            }
            if task == Task::Poll {
                keeping.polled(now, false);
                continue;
            }
            packets += if now >= 24 * HOUR { put } else { 0 };
            keeping.put(now, copies, world.chance.below(usize::MAX) as u64);
        }
        puts.push(put);
        all.push(packets.div_ceil(HALF_DAYS as usize));
    }
    puts.sort_unstable();
    all.sort_unstable();
    println!(
        "L3, {nodes} nodes: {} to {} packets for a put; in 12 h {} to {}, p50 {}",
        puts[0], puts[19], all[0], all[19], all[10]
    );
    assert!(all[19] <= 60);
}

#[test]
fn a_name_is_kept_with_few_packets() {
    kept_alive(200);
}

#[test]
#[ignore = "ten seconds: a thousand nodes"]
fn a_name_is_kept_among_a_thousand_nodes_with_few_packets() {
    kept_alive(1000);
}
