//! Fuzzes the door `utp_packet`.
#![no_main]

#[path = "../../crates/utp/tests/doors/doors.rs"]
#[expect(dead_code, reason = "the other door has a target of its own")]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::utp_packet(bytes));
