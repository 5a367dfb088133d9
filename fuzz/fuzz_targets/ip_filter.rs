//! Fuzzes the door `ip_filter`.
#![no_main]

#[path = "../../crates/torrent/tests/doors/doors.rs"]
#[expect(dead_code, reason = "the other doors have targets of their own")]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::ip_filter(bytes));
