//! Strangers' bytes at every door: the corpus, and thousands of inputs made up.

mod doors;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*};

fn replay(name: &str, door: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).expect("every door has a corpus");
    let files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(!files.is_empty(), "{name} has a corpus");
    files.iter().for_each(|file| door(&fs::read(file).expect("it can be read")));
}

#[test]
fn the_corpus_of_packets_is_harmless() {
    replay("utp_packet", doors::utp_packet);
}

#[test]
fn the_corpus_of_meetings_is_harmless() {
    replay("utp_endpoint", doors::utp_endpoint);
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
