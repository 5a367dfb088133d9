//! Strangers' media at every door: the corpus, and inputs bent from it.

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

use doors::DOORS;

/// Lengths and kinds that lie.
const PARTS: &[&[u8]] = &[b"\0", b"\x7f", b"\x80", b"\xff", b"\xff\xff\xff\xff"];

#[test]
fn every_input_of_the_corpus_is_survived() {
    for (name, door) in DOORS {
        inputs::corpus(name).iter().for_each(|input| door(input));
    }
}

#[test]
fn bent_inputs_are_survived() {
    inputs::survive_bent(&DOORS, 1_000, PARTS);
}
