//! What holds on every path: all bytes arrive, in order, once, and both sides know the end.

use std::time::Duration;

use bytes::Bytes;
use utp::{ClosedWhy, ConnId, Input, Kind, Limits, Output, Packet};

use crate::{
    host::{Host, written},
    hostile::connected,
    link::Link,
    world::{Dice, World},
};

const SECOND: u64 = 1_000_000;

/// A path as nobody would want it.
fn bad_link(dice: &mut Dice) -> Link {
    let mut link = Link::new(0.5 + dice.below(300) as f64 / 10.0, dice.below(200));
    let rare = |dice: &mut Dice, most: u64| {
        if dice.happens(0.5) { dice.below(most) as f64 / 1_000.0 } else { 0.0 }
    };
    link.buffer = Duration::from_millis(20 + dice.below(1_000));
    link.loss = rare(dice, 100);
    link.reordered = rare(dice, 150);
    link.doubled = rare(dice, 50);
    // What a path must carry at least, up to more than Ethernet does.
    link.longest = 1_200 + dice.below(350) as usize;
    link
}

/// Two hosts with a connection between them, on a path made of a seed; each sends so many bytes.
fn meeting(seed: u64, sizes: (u64, u64)) -> World {
    let (mut world, mut dice) = (World::new(seed), Dice::new(seed));
    let drift = |dice: &mut Dice| dice.below(200) as i64 - 100;
    let (one, other) =
        ((dice.below(1 << 34), drift(&mut dice)), (dice.below(1 << 34), drift(&mut dice)));
    let one = world.host(Host::new(1, one.0, one.1, Limits::USUAL));
    let other = world.host(Host::new(2, other.0, other.1, Limits::USUAL));
    let (there, back) = (world.link(bad_link(&mut dice)), world.link(bad_link(&mut dice)));
    world.route(one, other, there, back);
    world.hosts[other].answer = sizes.1;
    world.connect(one, 0, other, sizes.0);
    world
}

#[test]
fn all_bytes_arrive_in_order_once_and_both_sides_know_the_end_on_every_path() {
    for seed in 0..150 {
        let mut dice = Dice::new(seed + 1_000);
        let sizes = (dice.below(400_000), if dice.happens(0.3) { 0 } else { dice.below(200_000) });
        let mut world = meeting(seed, sizes);
        let is_over = |world: &mut World| {
            let mut talks = world.hosts.iter().map(|host| host.talks.values().next());
            talks.all(|talk| talk.is_some_and(|talk| talk.closed.is_some()))
        };
        let events = world.run(900 * SECOND, is_over);
        let one = &world.hosts[0].talks[&ConnId(0)];
        // Whoever calls may call in vain where every tenth packet is lost both ways; nothing half done is left.
        if one.closed == Some(ClosedWhy::TimedOut)
            && one.received == 0
            && world.hosts[1].talks.is_empty()
        {
            continue;
        }
        let other =
            world.accepted(1).next().unwrap_or_else(|| panic!("seed {seed}: {:?}", one.closed));
        assert_eq!(
            (one.closed, other.closed),
            (Some(ClosedWhy::Done), Some(ClosedWhy::Done)),
            "seed {seed}"
        );
        assert_eq!((one.received, other.received), (sizes.1, sizes.0), "seed {seed}");
        let packets = (sizes.0 + sizes.1) / 1_000 + 100;
        assert!(events < packets * 40, "seed {seed}: {events} events for {packets} packets");
        world.run(world.now + 60 * SECOND, |_| false);
        let left = |host: usize| world.hosts[host].endpoint.connections();
        assert_eq!((left(0), left(1)), (0, 0), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut world = meeting(7, (300_000, 100_000));
        (world.run(60 * SECOND, |_| false), world.now)
    };
    assert_eq!(run(), run());
}

#[test]
fn a_path_that_swallows_long_packets_is_used_with_shorter_ones() {
    for (longest, good) in [(1_200, 1_200), (1_300, 1_276), (1_400, 1_376), (1_472, 1_472)] {
        let mut world = World::new(1);
        let (one, other) = (Host::new(1, 0, 0, Limits::USUAL), Host::new(2, 5, 0, Limits::USUAL));
        let (one, other) = (world.host(one), world.host(other));
        let there = world.link(Link { longest, ..Link::new(20.0, 20) });
        let back = world.link(Link { longest, ..Link::new(20.0, 20) });
        world.route(one, other, there, back);
        world.connect(one, 0, other, 3_000_000);
        world.run(20 * SECOND, |_| false);
        assert_eq!(
            world.accepted(other).next().map(|talk| talk.received),
            Some(3_000_000),
            "{longest}"
        );
        let found = world.longest[&there];
        assert!((good..=longest).contains(&found), "{longest}: packets of {found} bytes arrived");
    }
}

/// Two hosts on a good path, and the link there.
pub(crate) fn good_pair(limits: Limits) -> World {
    let mut world = World::new(3);
    let one = world.host(Host::new(1, 1 << 33, 0, limits));
    let other = world.host(Host::new(2, 77, 0, limits));
    let (there, back) = (world.link(Link::new(50.0, 10)), world.link(Link::new(50.0, 10)));
    world.route(one, other, there, back);
    world
}

#[test]
fn a_reader_that_takes_nothing_stops_the_sender_and_one_that_goes_on_gets_everything() {
    let limits = Limits { receive_window: 200_000, ..Limits::USUAL };
    let mut world = good_pair(limits);
    world.hosts[1].reads = false;
    world.connect(0, 0, 1, 2_000_000);
    world.run(10 * SECOND, |_| false);
    let received = world.accepted(1).next().unwrap().received;
    assert!((150_000..=230_000).contains(&received), "{received} bytes with nobody to take them");
    world.run(900 * SECOND, |world| {
        world.hosts[1].take(world.now, ConnId(1));
        world.handle(1, Input::DeadlinePassed);
        world.accepted(1).next().unwrap().closed.is_some()
    });
    assert_eq!(world.accepted(1).next().unwrap().received, 2_000_000);
}

#[test]
fn a_connection_nobody_answers_is_given_up_and_one_that_breaks_is_too() {
    let mut world = good_pair(Limits::USUAL);
    world.links[0].loss = 1.0;
    world.connect(0, 0, 1, 1_000);
    world.run(60 * SECOND, |_| false);
    assert_eq!(world.hosts[0].talks[&ConnId(0)].closed, Some(ClosedWhy::TimedOut));
    world.links[0].loss = 0.0;
    world.connect(0, 2, 1, 500_000_000);
    world.run(world.now + 5 * SECOND, |_| false);
    world.links[0].loss = 1.0;
    world.run(world.now + 400 * SECOND, |_| false);
    assert_eq!(world.hosts[0].talks[&ConnId(2)].closed, Some(ClosedWhy::TimedOut));
    assert_eq!(world.accepted(1).next().unwrap().closed, Some(ClosedWhy::Silent));
    assert_eq!(
        (world.hosts[0].endpoint.connections(), world.hosts[1].endpoint.connections()),
        (0, 0)
    );
}

#[test]
fn an_idle_connection_is_kept_and_the_path_used_twice_a_minute() {
    let mut world = good_pair(Limits::USUAL);
    world.hosts.iter_mut().for_each(|host| host.finishes = false);
    world.connect(0, 0, 1, 100);
    let events = world.run(1_000 * SECOND, |_| false);
    assert_eq!(world.hosts[0].endpoint.connections(), 1);
    assert!((60..300).contains(&events), "{events} events in a quarter of an hour");
}

#[test]
fn what_was_given_before_a_connection_is_forgotten_still_arrives() {
    let mut world = good_pair(Limits::USUAL);
    world.connect(0, 0, 1, 300_000);
    world.run(SECOND / 10, |_| false);
    world.handle(0, Input::Close(ConnId(0)));
    world.run(20 * SECOND, |_| false);
    let other = world.accepted(1).next().unwrap();
    assert!(other.finished && other.received == 300_000, "{} bytes", other.received);
    assert_eq!(world.hosts[0].endpoint.connections(), 0);
}

/// A packet as a stranger would write it.
pub(crate) fn forged(kind: Kind, connection: u16, seq: u16, ack: u16, payload: &[u8]) -> Bytes {
    let payload = Bytes::copy_from_slice(payload);
    let packet = Packet {
        kind,
        connection,
        sent_at: 1,
        delay: 0,
        window: 1 << 20,
        seq,
        ack,
        sack: None,
        padding: 0,
        payload,
    };
    let mut bytes = Vec::new();
    packet.encode(&mut bytes);
    bytes.into()
}

#[test]
fn first_packets_from_forged_addresses_cost_a_bounded_table_and_no_connection() {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    let mut answers = 0;
    for number in 0..100_000_u32 {
        let from =
            ([81, (number >> 8) as u8, number as u8, 1], 1000 + (number >> 16) as u16).into();
        host.handle(
            u64::from(number) * 100,
            Input::Datagram(from, forged(Kind::Syn, 7, 1, 0, b"")),
        );
        answers += host.carry_out(u64::from(number) * 100).len();
    }
    assert_eq!((host.endpoint.connections(), host.talks.len()), (0, 0));
    assert!(host.endpoint.half_open() <= Limits::USUAL.half_open);
    assert!(
        answers <= 11 * Limits::USUAL.openings_per_second as usize,
        "{answers} answers in 10 s"
    );
}

#[test]
fn who_never_heard_us_cannot_finish_a_connection() {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    let from = ([81, 2, 3, 4], 5000).into();
    host.handle(0, Input::Datagram(from, forged(Kind::Syn, 7, 1, 0, b"")));
    let answer = Packet::parse(&host.carry_out(0)[0].1).unwrap();
    assert_eq!((answer.kind, answer.connection, answer.ack), (Kind::State, 7, 1));
    for guess in (0..=u16::MAX).filter(|guess| *guess != answer.seq.wrapping_sub(1)) {
        host.handle(1, Input::Datagram(from, forged(Kind::Data, 8, 2, guess, b"x")));
        while host.endpoint.poll_output().is_some() {}
    }
    assert_eq!(host.endpoint.connections(), 0);
    let right = forged(Kind::Data, 8, 2, answer.seq.wrapping_sub(1), b"");
    host.handle(2, Input::Datagram(from, right));
    assert_eq!(host.endpoint.connections(), 1);
}

#[test]
fn packets_of_no_connection_are_answered_with_a_reset_and_not_too_often() {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    let from = ([81, 2, 3, 4], 5000).into();
    for _ in 0..10_000 {
        host.handle(0, Input::Datagram(from, forged(Kind::Data, 9, 77, 5, b"x")));
        host.handle(0, Input::Datagram(from, forged(Kind::Reset, 9, 77, 5, b"")));
    }
    let answers = host.carry_out(0);
    assert_eq!(answers.len(), Limits::USUAL.strays_per_second as usize);
    let reset = Packet::parse(&answers[0].1).unwrap();
    assert_eq!((reset.kind, reset.connection, reset.ack), (Kind::Reset, 9, 77));
}

/// A host that has called somebody who answered with number 500, and the number of its first packet.
pub(crate) fn called() -> (Host, std::net::SocketAddr, Packet) {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    let to: std::net::SocketAddr = ([81, 2, 3, 4], 5000).into();
    host.connect(0, ConnId(0), to, 60_000);
    let syn = Packet::parse(&host.carry_out(0)[0].1).expect("what we send is a packet");
    assert_eq!(syn.kind, Kind::Syn);
    host.handle(1, Input::Datagram(to, forged(Kind::State, syn.connection, 500, syn.seq, b"")));
    let sent = host.carry_out(1);
    assert!(sent.len() >= 10, "the first window leaves at once");
    (host, to, syn)
}

#[test]
fn what_was_not_sent_cannot_be_acknowledged() {
    let (mut host, to, syn) = called();
    for ahead in [11, 100, 20_000] {
        let ack = syn.seq.wrapping_add(ahead);
        host.handle(2, Input::Datagram(to, forged(Kind::State, syn.connection, 500, ack, b"")));
        assert!(host.endpoint.poll_output().is_none(), "{ahead} packets ahead");
    }
    let ack = syn.seq.wrapping_add(2);
    host.handle(3, Input::Datagram(to, forged(Kind::State, syn.connection, 500, ack, b"")));
    assert!(!host.carry_out(3).is_empty());
}

#[test]
fn only_who_knows_our_packets_can_reset() {
    let (mut host, to, syn) = called();
    let reset = |ack: u16| forged(Kind::Reset, syn.connection.wrapping_add(1), 9, ack, b"");
    for far in [20_000, 30_000, 40_000] {
        host.handle(2, Input::Datagram(to, reset(syn.seq.wrapping_add(far))));
        assert_eq!(host.endpoint.connections(), 1);
    }
    host.handle(3, Input::Datagram(to, reset(syn.seq.wrapping_add(3))));
    assert!(matches!(host.endpoint.poll_output(), Some(Output::Closed(_, ClosedWhy::Reset))));
}

#[test]
fn a_connection_to_whom_there_is_none_is_refused_at_once() {
    let mut world = good_pair(Limits { connections: 0, ..Limits::USUAL });
    world.hosts[0] = Host::new(1, 9, 0, Limits::USUAL);
    world.connect(0, 0, 1, 10);
    world.run(SECOND / 2, |_| false);
    assert_eq!(world.hosts[0].talks[&ConnId(0)].closed, Some(ClosedWhy::Reset));
}

#[test]
fn both_may_end_at_the_same_moment() {
    let mut world = good_pair(Limits::USUAL);
    world.hosts[1].answer = 5_000;
    world.connect(0, 0, 1, 5_000);
    world.run(15 * SECOND, |_| false);
    let ends = (world.hosts[0].talks[&ConnId(0)].closed, world.accepted(1).next().unwrap().closed);
    assert_eq!(ends, (Some(ClosedWhy::Done), Some(ClosedWhy::Done)));
    assert_eq!(
        (world.hosts[0].endpoint.connections(), world.hosts[1].endpoint.connections()),
        (0, 0)
    );
}

/// The end came before what was missing.
#[test]
fn what_fills_the_last_gap_is_acknowledged_although_the_connection_ends_with_it() {
    let (mut host, from, ours) = connected();
    let acked = ours.wrapping_add(1);
    host.handle(2, Input::Datagram(from, forged(Kind::Fin, 8, 4, acked, b"")));
    host.carry_out(2);
    host.handle(3, Input::Datagram(from, forged(Kind::Data, 8, 3, acked, &written(0, 4))));
    let said = host.carry_out(3);
    let said: Vec<_> = said.iter().map(|(_, bytes)| Packet::parse(bytes).unwrap().ack).collect();
    assert_eq!(said, [4]);
    assert_eq!(host.talks.values().next().unwrap().closed, Some(ClosedWhy::Done));
}
