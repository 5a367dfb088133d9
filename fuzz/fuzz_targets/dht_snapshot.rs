//! Fuzzes the door `dht_snapshot`.
#![no_main]

#[path = "../../crates/dht/tests/doors/doors.rs"]
#[expect(dead_code, reason = "the other doors have targets of their own")]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::dht_snapshot(bytes));
