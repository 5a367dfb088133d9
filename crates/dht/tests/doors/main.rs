//! Strangers' bytes at every door: the corpus, and thousands of inputs bent from it.

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;
mod node;

use doors::DOORS;

/// What inputs are made of at some door or other.
const PARTS: &[&[u8]] = &[
    b"d", b"l", b"e", b"i1e", b"i-1e", b"0:", b"20:", b"1:t", b"1:y1:r", b"4:want", b"\xff", b"\0",
];

/// Steps: entering, answers with nodes and with everything, a lookup, a follow, seconds and minutes.
const STEPS: &[&[u8]] = &[
    b"\x0f\x00\x03\x02\x04\x06",
    b"\x04\x00\x00\x06\x10\x20\x30\x40\x50\x60\x08\x01",
    b"\x04\x20\x01\x02\xb0\x12\x09\x1c\x01\x05\x09\x02\x70\x72",
    b"\x0c\x40\x03",
    b"\x0d\x02\x00\x03",
    b"\x09\x40",
    b"\x0a\x40",
];

#[test]
fn every_input_of_the_corpus_is_survived() {
    for (name, door) in DOORS {
        inputs::corpus(name).iter().for_each(|input| door(input));
    }
}

#[test]
fn bent_inputs_are_survived() {
    inputs::survive_bent(&DOORS, 2_000, PARTS);
}

#[test]
fn the_corpus_of_inputs_is_harmless() {
    inputs::corpus("dht_inputs").iter().for_each(|input| node::dht_inputs(input));
}

#[test]
fn bent_inputs_are_survived_by_a_node() {
    inputs::survive_bent(&[("dht_inputs", node::dht_inputs)], 300, STEPS);
}
