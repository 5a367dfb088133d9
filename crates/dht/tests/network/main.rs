//! A thousand nodes in one process, a fifth of them dead, others coming and going: is what was told found again?

#![expect(clippy::print_stdout, reason = "the figures of a run")]

mod hostile;
mod world;

use std::time::Duration;

use dht::{
    AnnouncedPort, DoneWhy, Family, Id, Item, LookupId, MutableItem, SigningKey, Value, Wanted,
};

use world::{Place, World};

const NODES: usize = 1000;
const PORT: AnnouncedPort = AnnouncedPort::At(7000);

/// A network after a fifth of it fell silent.
fn wounded(nodes: usize, seed: u64) -> World {
    let mut world = World::grown(nodes, seed);
    for _ in 0..nodes / 5 {
        let place = world.alive();
        world.kill(place);
    }
    world
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

fn announce_all(world: &mut World, count: usize) -> Vec<(Id, Place)> {
    let swarms: Vec<_> = (0..count).map(|_| (world.chance.id(), world.alive())).collect();
    let lookups: Vec<_> =
        swarms.iter().map(|(key, place)| world.peers(*place, *key, Some(PORT))).collect();
    world.finish(&lookups);
    for lookup in lookups {
        let (why, stats) = world.found(lookup).done.expect("it is done");
        assert_eq!((why, stats.stored), (DoneWhy::Complete, stats.stored.max(6)), "{stats:?}");
    }
    swarms
}

#[test]
fn announced_peers_are_found_although_a_fifth_of_the_network_is_dead_and_the_rest_changes() {
    let mut world = wounded(NODES, 1);
    let known = |world: &mut World| {
        let place = world.alive();
        world.node(place).nodes(Family::V4)
    };
    let known: Vec<_> = (0..20).map(|_| known(&mut world)).collect();
    println!("nodes in twenty of the tables: {known:?}");
    let swarms = announce_all(&mut world, 300);
    // Churn: a tenth goes and is replaced while the lookups run.
    let mut lookups = Vec::new();
    for (at, (key, _)) in swarms.iter().enumerate() {
        if at % 3 == 0 {
            let place = world.alive();
            world.kill(place);
            world.join();
        }
        let seeker = world.alive();
        lookups.push((world.peers(seeker, *key, None), seeker));
        world.run(Duration::from_millis(100));
    }
    let (names, seekers): (Vec<_>, Vec<_>) = lookups.into_iter().unzip();
    // Whoever was killed meanwhile found nothing.
    let names: Vec<_> = names.into_iter().zip(seekers).collect();
    world.run(Duration::from_secs(30));
    let mut missed = 0;
    let (mut firsts, mut hops, mut queries, mut whole) = (vec![], vec![], vec![], vec![]);
    let mut counted = 0;
    let trip = world.round_trip().as_secs_f64();
    for ((name, _), (_, announcer)) in names.iter().zip(&swarms) {
        let found = world.found(*name);
        let Some((_, stats)) = found.done else { continue };
        counted += 1;
        if !found.peers.contains(&(world.ip(*announcer), 7000).into()) {
            missed += 1;
            continue;
        }
        firsts.push(stats.first_after.expect("a peer was found").as_secs_f64() / trip);
        whole.push(stats.took.as_secs_f64() / trip);
        hops.push(f64::from(stats.first_hops));
        queries.push(stats.queries as f64);
    }
    for all in [&mut firsts, &mut hops, &mut queries, &mut whole] {
        all.sort_by(f64::total_cmp);
    }
    println!("lookups {counted}, missed {missed}; one round trip {:.0} ms", trip * 1000.0);
    for (name, all) in [
        ("first peer, round trips", &firsts),
        ("hops", &hops),
        ("queries", &queries),
        ("whole, round trips", &whole),
    ] {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(all, percent));
        println!("{name}: p50 {p50:.2} p95 {p95:.2} p99 {p99:.2}");
    }
    assert!(counted > 280, "{counted}");
    assert!(missed * 100 <= counted, "{missed} of {counted} found nothing");
    assert!(percentile(&firsts, 50) <= 2.0);
}

/// BEP 32: a network of IPv6 nodes that know no other family, a fifth of them dead.
#[test]
fn peers_are_found_in_a_network_of_ipv6_nodes_alone() {
    let mut world = World::grown_of(Family::V6, 300, 6);
    for _ in 0..60 {
        let place = world.alive();
        world.kill(place);
    }
    let nodes = {
        let place = world.alive();
        let node = world.node(place);
        (node.nodes(Family::V4), node.nodes(Family::V6) > 20)
    };
    assert_eq!(nodes, (0, true));
    let swarms = announce_all(&mut world, 50);
    let mut missed = vec![];
    for (key, announcer) in swarms {
        let seeker = world.alive();
        let lookup = world.peers(seeker, key, None);
        world.finish(&[lookup]);
        let peer = (world.ip(announcer), 7000).into();
        if !world.found(lookup).peers.contains(&peer) {
            missed.push((seeker, announcer));
        }
    }
    // As in IPv4: one in a hundred lookups may come to nothing.
    assert!(missed.len() <= 1, "{missed:?}");
}

#[test]
fn hundreds_of_lookups_at_once_all_arrive_and_keep_to_the_pace() {
    let mut world = wounded(400, 2);
    let swarms = announce_all(&mut world, 300);
    let seeker = world.alive();
    let began = world.now;
    let lookups: Vec<LookupId> =
        swarms.iter().map(|(key, _)| world.peers(seeker, *key, None)).collect();
    world.finish(&lookups);
    let took = world.now.since(began);
    let found = lookups.iter().filter(|lookup| !world.found(**lookup).peers.is_empty()).count();
    let queries: usize =
        lookups.iter().filter_map(|lookup| world.found(*lookup).done).map(|(_, s)| s.queries).sum();
    let pace = queries as f64 / took.as_secs_f64();
    println!("300 at once: {found} found, {queries} queries in {took:.1?}, {pace:.0} a second");
    assert!(found * 100 >= swarms.len() * 99);
    assert!(pace <= 125.0);
}

#[test]
fn a_followed_torrent_stays_known_as_long_as_it_is_followed() {
    let mut world = World::grown(60, 5);
    let infohash = world.chance.id();
    let (one, other) = (world.alive(), world.alive());
    let (first, second) = (world.follow(one, infohash), world.follow(other, infohash));
    world.run(Duration::from_secs(2 * 3600));
    let port = 6881;
    assert!(world.found(first).peers.contains(&(world.ip(other), port).into()));
    assert!(world.found(second).peers.contains(&(world.ip(one), port).into()));
    let seeker = world.alive();
    let lookup = world.peers(seeker, infohash, None);
    world.finish(&[lookup]);
    assert!(world.found(lookup).peers.len() >= 2, "they were announced again");
    world.kill(one);
    world.kill(other);
    world.run(Duration::from_secs(3600));
    let lookup = world.peers(seeker, infohash, None);
    world.finish(&[lookup]);
    assert_eq!(world.found(lookup).peers, [], "whoever is gone is forgotten");
}

fn item(seq: i64, text: &str) -> MutableItem {
    let value = Value::bytes(text.as_bytes()).expect("a short text");
    MutableItem::sign(&SigningKey::from_bytes(&[5; 32]), b"salt", seq, value).expect("it fits")
}

fn wanted(have: Option<i64>) -> Wanted {
    Wanted::Mutable { key: *item(0, "").key(), salt: b"salt".to_vec(), have }
}

#[test]
fn items_are_kept_changed_and_found_by_the_rules_of_bep_44() {
    let mut world = wounded(300, 3);
    let put = |world: &mut World, item: &MutableItem, cas| {
        let place = world.alive();
        let lookup = world.put(place, Item::Mutable(item.clone()), cas);
        world.finish(&[lookup]);
        world.found(lookup).done.expect("it is done").1
    };
    let get = |world: &mut World, what| {
        let place = world.alive();
        let lookup = world.get(place, what);
        world.finish(&[lookup]);
        (world.found(lookup).items.clone(), world.found(lookup).done.expect("it is done").1)
    };
    assert!(put(&mut world, &item(1, "one"), None).stored >= 6);
    let (items, stats) = get(&mut world, wanted(None));
    assert_eq!(items, [Item::Mutable(item(1, "one"))]);
    assert!(stats.copies >= 6, "{stats:?}");

    assert!(put(&mut world, &item(2, "two"), Some(1)).stored >= 6);
    let (items, _) = get(&mut world, wanted(None));
    assert_eq!(items.last(), Some(&Item::Mutable(item(2, "two"))));

    let old = put(&mut world, &item(1, "one"), None);
    assert!(old.stored <= 2 && old.refused_seq >= 6, "{old:?}");
    let other = put(&mut world, &item(2, "another two"), None);
    assert!(other.refused_seq >= 6, "{other:?}");
    let unexpected = put(&mut world, &item(3, "three"), Some(1));
    assert!(unexpected.refused_cas >= 6, "{unexpected:?}");
    let again = put(&mut world, &item(2, "two"), None);
    assert!(again.stored >= 6, "whoever has it may keep it alive: {again:?}");

    let (items, stats) = get(&mut world, wanted(Some(2)));
    assert!(items.is_empty() && stats.copies >= 6, "{stats:?}");

    let value = Value::bytes(b"nobody changes this").expect("it is short");
    let fixed = Item::Immutable(value);
    let place = world.alive();
    let lookup = world.put(place, fixed.clone(), None);
    world.finish(&[lookup]);
    let (items, _) = get(&mut world, Wanted::Immutable(fixed.target()));
    assert_eq!(items, [fixed]);
}

#[test]
fn the_infohashes_around_a_key_can_be_sampled() {
    let mut world = World::grown(200, 4);
    let swarms = announce_all(&mut world, 50);
    let place = world.alive();
    let lookups: Vec<_> =
        swarms.iter().take(10).map(|(key, _)| world.sample(place, *key)).collect();
    world.finish(&lookups);
    let seen = lookups.iter().zip(&swarms);
    let seen = seen.filter(|(lookup, (key, _))| world.found(**lookup).infohashes.contains(key));
    assert!(seen.count() >= 9);
}

/// Nobody knows all of them, and nearly everybody who is asked knows some: whoever counts comes close.
#[test]
fn the_peers_of_a_torrent_are_counted_by_one_who_is_none_of_them() {
    let mut world = World::grown(200, 5);
    let infohash = Id([0x5c; 20]);
    for number in 0..60 {
        let place = world.alive();
        let lookup = world.follow(place, infohash);
        world.seeds(place, lookup, number % 3 == 0);
    }
    world.run(Duration::from_secs(60));
    let place = world.alive();
    let (lookup, empty) = (world.scrape(place, infohash), world.scrape(place, Id([0x77; 20])));
    world.finish(&[lookup, empty]);
    let (seeds, others) = world.found(lookup).counted.expect("somebody counted");
    assert!((8..=24).contains(&seeds) && (24..=48).contains(&others), "{seeds} and {others}");
    assert!(world.found(lookup).peers.is_empty(), "it asked for no peers");
    assert_eq!(world.found(empty).counted, Some((0, 0)));
}
