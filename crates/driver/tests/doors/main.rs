//! A resume record as a crash or a failing disk may leave it: the corpus, and thousands of inputs bent from it.

mod disk;
mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;
#[path = "../../src/resume/journal.rs"]
mod journal;

const DOOR: (&str, fn(&[u8])) = ("resume_record", doors::resume_record);

/// Kinds of entries, lengths that lie, addresses and numbers.
const PARTS: &[&[u8]] =
    &[b"\x01\0", b"\x04\x08", b"\x06\x0c1.2.3.4:5\n", b"\x07\x10", b"\xff\xff\xff\xff", b"\0"];

#[test]
fn every_input_of_the_corpus_is_survived() {
    inputs::corpus(DOOR.0).iter().for_each(|input| doors::resume_record(input));
}

#[test]
fn bent_inputs_are_survived() {
    inputs::survive_bent(&[DOOR], 10_000, PARTS);
}
