//! A resume record as a crash or a failing disk may leave it, and what proxies say: the corpora, and thousands of
//! inputs bent from them.

mod disk;
mod doors;
#[path = "../../../../fuzz/inputs.rs"]
mod inputs;
#[path = "../../src/resume/journal.rs"]
mod journal;
mod proxy;
#[allow(dead_code, reason = "what is said to a proxy is no door")]
#[path = "../../src/proxy/socks.rs"]
mod socks;
#[path = "../../src/proxy/tunnel.rs"]
mod tunnel;

const DOORS: [inputs::Door; 4] = [
    ("resume_record", doors::resume_record),
    ("socks_reply", proxy::socks_reply),
    ("tunnel_answer", proxy::tunnel_answer),
    ("relay_header", proxy::relay_header),
];

/// Kinds of entries, lengths that lie, addresses and numbers; versions and kinds of addresses; ends of heads.
const PARTS: &[&[u8]] = &[
    b"\x01\0",
    b"\x04\x08",
    b"\x06\x0c1.2.3.4:5\n",
    b"\x07\x10",
    b"\xff\xff\xff\xff",
    b"\0",
    b"\x05\0\0\x01",
    b"\x05\0\0\x04",
    b"\x05\0\0\x03\x09",
    b"HTTP/1.1 200 ",
    b"\r\n\r\n",
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
