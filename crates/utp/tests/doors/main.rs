//! Strangers' bytes at every door: the corpus, and thousands of inputs made up.

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

use proptest::{collection::vec, prelude::*};

#[test]
fn the_corpus_of_packets_is_harmless() {
    inputs::corpus("utp_packet").iter().for_each(|input| doors::utp_packet(input));
}

#[test]
fn the_corpus_of_meetings_is_harmless() {
    inputs::corpus("utp_endpoint").iter().for_each(|input| doors::utp_endpoint(input));
}

/// Bytes that begin as a packet does.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    let header = (0..5_u8, 0..3_u8, vec(any::<u8>(), 18..60));
    header.prop_map(|(kind, extension, rest)| [vec![kind << 4 | 1, extension], rest].concat())
}

/// Datagrams, each behind its step.
fn meeting() -> impl Strategy<Value = Vec<u8>> {
    let step = (any::<u8>(), packet());
    vec(step, 0..40).prop_map(|steps| {
        let one = |(step, packet): (u8, Vec<u8>)| [vec![step, packet.len() as u8], packet].concat();
        steps.into_iter().flat_map(one).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_packet_or_not(bytes in prop_oneof![packet(), vec(any::<u8>(), 0..200)]) {
        doors::utp_packet(&bytes);
    }

    #[test]
    fn any_datagrams_leave_an_endpoint_within_its_limits(bytes in meeting()) {
        doors::utp_endpoint(&bytes);
    }
}
