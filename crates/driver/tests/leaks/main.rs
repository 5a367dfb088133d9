//! What leaves on which network interface, who is met behind firewalls, and how long a queue waits in front of a slow
//! line: sessions in network namespaces, with a witness who sees every packet.
//!
//! Root makes the namespaces; elsewhere the tests are left out and say so.
#![cfg(target_os = "linux")]

#[path = "../stage/mod.rs"]
mod stage;

#[path = "../../../torrent/tests/libtorrent/interpreter.rs"]
mod interpreter;

mod inside;
mod line;
mod meeting;
mod router;
mod world;

use self::world::{Seen, world};

/// Names, trackers of both kinds with two addresses each, the DHT, local discovery, TCP and uTP: all by the VPN, and
/// nothing by the way that the system would choose.
#[test]
fn with_an_interface_bound_every_packet_takes_it_and_none_leaves_when_it_goes() {
    let Some(mut world) = world() else { return };
    let mut viewer = world.viewer("bound");
    viewer.wait_for("fetched");
    let dht = format!(" 45.1.1.3 {}", world.peer_port);
    let (discovery, http, udp) = (" 239.192.152.143 6771", " 2600:45::2 80", " 45.1.1.2 6969");
    let seen =
        world.seen_by_vpn(&[" 45.1.1.53 53", http, udp, " 2600:45::2 6969", discovery, &dht]);
    assert!(seen.by_real.is_empty(), "left another way: {:?}", seen.by_real);

    world.drop_vpn();
    viewer.wait_for("gone");
    viewer.wait_for("tried");
    let seen = world.seen();
    assert!(seen.by_real.is_empty(), "left when the interface was gone: {:?}", seen.by_real);

    world.connect_vpn();
    viewer.wait_for("fetched");
    // It listens on the new interface, at the old port.
    let port = viewer.line().parse().unwrap();
    assert!(world.is_called("10.8.0.2", port));
    let seen = world.seen_by_vpn(&[discovery]);
    assert!(seen.by_real.is_empty(), "left when the interface was back: {:?}", seen.by_real);
    assert!(!world.is_called("81.2.3.2", port), "who calls by the other interface is let in");
}

/// The witness is not blind: unbound, the same session is seen on the other interface.
#[test]
fn without_an_interface_the_system_chooses_and_the_witness_sees_it() {
    let Some(mut world) = world() else { return };
    world.viewer("unbound").wait_for("fetched");
    let seen = world.seen();
    assert!(seen.by_real.iter().any(|packet| packet.ends_with(" 45.1.1.53 53")), "{seen:?}");
    assert!(seen.by_vpn.is_empty(), "{seen:?}");
}

#[test]
fn with_a_proxy_every_packet_is_between_us_and_the_proxy() {
    let Some(mut world) = world() else { return };
    world.viewer("proxied").wait_for("fetched");
    let seen = world.seen();
    expect_proxy_alone(&seen);
    let is_udp = |packet: &&String| packet.starts_with("udp ");
    assert_eq!(seen.by_real.iter().find(is_udp), None, "the proxy carries no datagrams");
}

/// One that carries datagrams, too: names, the tracker over UDP, the DHT and uTP go by way of its relay.
#[test]
fn with_a_proxy_that_carries_datagrams_they_are_between_us_and_the_proxy() {
    let Some(mut world) = world() else { return };
    world.viewer("relayed").wait_for("fetched");
    let seen = world.seen();
    expect_proxy_alone(&seen);
    let is_udp = |packet: &&String| packet.starts_with("udp ");
    assert!(seen.by_real.iter().any(|packet| is_udp(&packet)), "datagrams were sent: {seen:?}");
}

/// Peers at IPv6 addresses as well.
#[test]
fn with_such_a_proxy_ipv6_peers_are_met_over_udp_by_way_of_it_alone() {
    let Some(mut world) = world() else { return };
    world.viewer("relayed-v6").wait_for("fetched");
    expect_proxy_alone(&world.seen());
}

fn expect_proxy_alone(seen: &Seen) {
    let is_proxys = |packet: &&String| packet.split(' ').any(|word| word == "45.1.1.9");
    let others: Vec<_> = seen.by_real.iter().filter(|packet| !is_proxys(packet)).collect();
    assert!(others.is_empty(), "left beside the proxy: {others:?}");
    assert!(seen.by_vpn.is_empty(), "{seen:?}");
}
