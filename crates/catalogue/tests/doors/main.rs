//! Strangers' bytes at every door: the corpus, and thousands of inputs bent from it.

mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;

use doors::DOORS;

/// What inputs are made of.
const PARTS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\"",
    b"null",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    "\u{202e}".as_bytes(),
    b"../",
    b"\\\\",
    b"CC-BY-4.0",
    b"http://",
    b"%00",
    b"\"withdrawn\":",
    b"\"licence\":",
];

#[test]
fn every_input_of_the_corpus_is_survived() {
    for (name, door) in DOORS {
        inputs::corpus(name).iter().for_each(|input| door(input));
    }
    doors::catalogue(catalogue::STARTER_FILE.as_bytes());
}

#[test]
fn bent_inputs_are_survived() {
    inputs::survive_bent(&DOORS, 20_000, PARTS);
}
