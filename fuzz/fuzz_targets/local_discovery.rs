//! Fuzzes the door `local_discovery`.
#![no_main]

#[path = "../../crates/torrent/tests/doors/doors.rs"]
#[expect(dead_code, reason = "the other doors have targets of their own")]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::local_discovery(bytes));
