//! HP-63 to HP-69: what peers that mean harm can do with uTP.

use bytes::Bytes;
use utp::{ConnId, Input, Kind, Limits, Output, Packet};

use crate::{
    host::Host,
    properties::{called, forged, good_pair},
};

const SECOND: u64 = 1_000_000;

/// A host that a stranger has connected to, the stranger, and the number that the host began with.
pub(crate) fn connected() -> (Host, std::net::SocketAddr, u16) {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    let from = ([81, 2, 3, 4], 5000).into();
    host.handle(0, Input::Datagram(from, forged(Kind::Syn, 7, 1, 0, b"")));
    let answer = Packet::parse(&host.carry_out(0)[0].1).expect("what we send is a packet");
    let ack = answer.seq.wrapping_sub(1);
    host.handle(1, Input::Datagram(from, forged(Kind::Data, 8, 2, ack, b"")));
    host.carry_out(1);
    assert_eq!(host.endpoint.connections(), 1);
    (host, from, ack)
}

#[test]
fn hp_63_a_forged_address_gets_one_short_answer_for_each_first_packet_and_no_payload() {
    let mut host = Host::new(1, 0, 0, Limits::USUAL);
    host.answer = 100_000;
    for number in 0..100_u8 {
        let from = ([81, 2, 3, number], 5000).into();
        let syn = forged(Kind::Syn, 7, 1, 0, b"");
        host.handle(0, Input::Datagram(from, syn.clone()));
        let answers = host.carry_out(0);
        assert!(answers.len() <= 1, "{} answers", answers.len());
        assert!(answers.iter().all(|(to, bytes)| *to == from && bytes.len() <= syn.len()));
    }
    let later = host.carry_out(60 * SECOND);
    assert!(later.is_empty() && host.talks.is_empty(), "somebody who was never heard is spoken to");
}

#[test]
fn hp_64_acknowledging_what_was_not_sent_brings_no_byte_more() {
    let (mut host, to, syn) = called();
    for ahead in 11..2_000 {
        let ack = syn.seq.wrapping_add(ahead);
        host.handle(2, Input::Datagram(to, forged(Kind::State, syn.connection, 500, ack, b"")));
    }
    assert!(host.carry_out(2).is_empty(), "acknowledgements of the future were believed");
}

#[test]
fn hp_65_whoever_says_that_nothing_is_ever_delayed_gets_no_more_than_its_window() {
    let (mut host, to, syn) = called();
    let mut sent = 10_u16;
    for round in 0..2_000_u64 {
        let ack = syn.seq.wrapping_add(sent);
        let now = 1_000 + round * 1_000;
        host.handle(now, Input::Datagram(to, forged(Kind::State, syn.connection, 500, ack, b"")));
        let packets = host.carry_out(now);
        let bytes: usize = packets.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes <= (1 << 20) + 1_500, "{bytes} bytes for a window of 1 MiB");
        sent = sent.wrapping_add(packets.len() as u16);
    }
}

#[test]
fn hp_66_a_window_of_nothing_stops_us_and_costs_a_packet_now_and_then() {
    let mut world = good_pair(Limits { receive_window: 4_000, ..Limits::USUAL });
    world.hosts[1].reads = false;
    world.connect(0, 0, 1, 2_000_000);
    world.run(10 * SECOND, |_| false);
    let events = world.run(world.now + 600 * SECOND, |_| false);
    assert!(events < 6_000, "{events} events in ten minutes with nobody who reads");
    let received = world.accepted(1).next().map_or(0, |talk| talk.received);
    assert!(received <= 8_000, "{received} bytes into a window of 4,000");
}

#[test]
fn hp_67_chains_of_extensions_end_with_the_datagram() {
    let (mut host, to, syn) = called();
    let good = forged(Kind::State, syn.connection, 500, syn.seq, b"");
    for (kind, body) in [(0x55, vec![0x55, 0]), (0x55, vec![0x55, 255]), (1, vec![1, 0])] {
        for times in [1, 2, 500, 700] {
            let mut bytes = good.to_vec();
            bytes[1] = kind;
            bytes.extend(body.repeat(times));
            assert!(Packet::parse(&Bytes::from(bytes.clone())).is_err(), "{kind} {times}");
            host.handle(2, Input::Datagram(to, bytes.into()));
        }
    }
    assert_eq!(host.endpoint.connections(), 1);
    assert!(host.endpoint.poll_output().is_none());
}

#[test]
fn hp_68_an_end_with_a_wrong_name_and_a_first_packet_again_change_nothing() {
    let (mut host, from, ack) = connected();
    for name in (0..=u16::MAX).filter(|name| *name != 7 && *name != 8).step_by(7) {
        for kind in [Kind::Fin, Kind::Reset] {
            host.handle(2, Input::Datagram(from, forged(kind, name, 3, ack, b"")));
        }
    }
    for _ in 0..100 {
        host.handle(3, Input::Datagram(from, forged(Kind::Syn, 7, 1, 0, b"")));
    }
    host.carry_out(3);
    assert_eq!((host.endpoint.connections(), host.talks.len()), (1, 1));
    assert!(host.talks.values().all(|talk| talk.closed.is_none() && !talk.finished));
}

#[test]
fn hp_69_packets_out_of_order_fill_no_more_than_the_window_and_numbers_may_wrap() {
    let (mut host, from, ack) = connected();
    let mut told = 0;
    for number in 0..100_000_u32 {
        // Everything but the next one, over and over, past the end of the numbers.
        let seq = (4 + number % 65_000) as u16;
        host.handle(4, Input::Datagram(from, forged(Kind::Data, 8, seq, ack, &[0; 1_000])));
        while let Some(output) = host.endpoint.poll_output() {
            told += usize::from(matches!(output, Output::Received(..)));
        }
    }
    assert_eq!(told, 0, "bytes were handed over before those in front of them");
    host.handle(5, Input::Datagram(from, forged(Kind::Data, 8, 3, ack, &[0; 1_000])));
    let mut kept = 0;
    while let Some(output) = host.endpoint.poll_output() {
        if let Output::Received(ConnId(_), bytes) = output {
            kept += bytes.len();
        }
    }
    let most = Limits::USUAL.receive_window + Limits::USUAL.receive_window / 8;
    assert!((1_000..=most).contains(&kept), "{kept} bytes were kept behind a gap");
}
