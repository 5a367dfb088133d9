//! Strangers' bytes at every door: the corpus, and thousands of inputs bent from it.

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

use doors::DOORS;

/// What inputs are made of at some door or other.
const PARTS: &[&[u8]] = &[
    b"d",
    b"l",
    b"e",
    b"i1e",
    b"i-1e",
    b"0:",
    b"4:info",
    b"6:length",
    b"\xff\xff\xff\xff",
    b"\0\0\0\x01",
    b"\0\0\x40\x09\x07",
    b"magnet:?",
    b"&xt=urn:btih:",
    b"%2f",
    b"../",
    b"\n",
    b"CON",
    b"\xe2\x80\xae",
    b"9223372036854775808",
    b"\r\nInfohash: ",
    b"\0",
];

#[test]
fn every_input_of_the_corpus_is_survived() {
    for (name, door) in DOORS {
        inputs::corpus(name).iter().for_each(|input| door(input));
    }
}

#[test]
fn bent_inputs_are_survived() {
    inputs::survive_bent(&DOORS, 10_000, PARTS);
}
