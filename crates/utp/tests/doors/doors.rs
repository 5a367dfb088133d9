//! One function for each door through which strangers' bytes come, with what must hold whatever they are.
//! The tests replay the corpus through them, and `fuzz/` feeds them what libFuzzer makes up.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use bytes::Bytes;
use utp::{Config, ConnId, Endpoint, Input, Limits, Output, Packet, Time};

/// Little, so that limits are reached.
const LIMITS: Limits = Limits {
    connections: 4,
    half_open: 3,
    receive_window: 10_000,
    received: 30_000,
    strays_per_second: 5,
    openings_per_second: 20,
    silence: Duration::from_secs(240),
};

/// A packet: what is read is written again, and read as the same.
pub(crate) fn utp_packet(bytes: &[u8]) {
    let Ok(packet) = Packet::parse(&Bytes::copy_from_slice(bytes)) else { return };
    assert!(packet.payload.len() + 20 <= bytes.len());
    let mut written = Vec::new();
    packet.encode(&mut written);
    assert_eq!(written.len(), packet.size());
    assert_eq!(Packet::parse(&written.into()), Ok(packet));
}

/// An endpoint with a connection of its own, fed with datagrams of strangers and of the one it called: its
/// tables stay within their limits, time goes on, and what it tells makes sense.
///
/// Each step is a byte for time and sender, one for the length, and so many bytes; the first of four datagrams
/// is made to fit the connection, or nothing would get past its ids.
pub(crate) fn utp_endpoint(bytes: &[u8]) {
    let mut endpoint = Endpoint::new(Config { seed: [7; 32], accepts: true, limits: LIMITS });
    let called: SocketAddr = ([81, 0, 0, 1], 1).into();
    let (mut now, mut known, mut syn) = (Time(0), BTreeSet::from([ConnId(0)]), None);
    endpoint.handle_input(now, Input::Connect(ConnId(0), called));
    endpoint.handle_input(now, Input::Send(ConnId(0), Bytes::from_static(&[1; 5_000])));
    let mut rest = bytes;
    while let [step, len, tail @ ..] = rest {
        let (datagram, tail) = tail.split_at(tail.len().min(usize::from(*len)));
        rest = tail;
        drain(&mut endpoint, &mut known, &mut syn);
        now = now + Duration::from_millis(u64::from(step >> 4) * u64::from(step >> 4));
        let from = ([81, 0, 0, 1 + (step & 3)], 1).into();
        let datagram =
            if step & 12 == 0 { fitted(datagram, syn.as_ref()) } else { datagram.to_vec() };
        endpoint.handle_input(now, Input::Datagram(from, datagram.into()));
        assert!(endpoint.connections() <= LIMITS.connections);
        assert!(endpoint.half_open() <= LIMITS.half_open);
        assert!(endpoint.deadline().is_none_or(|deadline| deadline > now), "nothing is due twice");
    }
    drain(&mut endpoint, &mut known, &mut syn);
}

/// A datagram with the id and the numbers of the connection that was called.
fn fitted(datagram: &[u8], syn: Option<&Packet>) -> Vec<u8> {
    let mut datagram = datagram.to_vec();
    if let (Some(syn), true) = (syn, datagram.len() >= 20) {
        datagram[0] = datagram[0] & 0xf0 | 1;
        datagram[2..4].copy_from_slice(&syn.connection.to_be_bytes());
        // Close to what was sent, and close to what would come.
        let ack = syn.seq.wrapping_add(u16::from(datagram[18] & 15));
        datagram[18..20].copy_from_slice(&ack.to_be_bytes());
        datagram[16] = 0;
    }
    datagram
}

fn drain(endpoint: &mut Endpoint, known: &mut BTreeSet<ConnId>, syn: &mut Option<Packet>) {
    while let Some(output) = endpoint.poll_output() {
        match output {
            Output::Send(_, packet) => {
                assert!(packet.size() <= 1_472, "a packet that no path carries");
                syn.get_or_insert(packet);
            }
            Output::Accepted(id, _) => assert!(known.insert(id), "an old name"),
            Output::Closed(id, _) => assert!(known.remove(&id), "an end is told once"),
            Output::Connected(id)
            | Output::Received(id, _)
            | Output::Sent(id, _)
            | Output::Finished(id) => {
                assert!(known.contains(&id), "nothing is told of what is over");
            }
        }
    }
}
