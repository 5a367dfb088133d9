//! Fuzzes the door `channel_pack`.
#![no_main]

#[path = "../../crates/catalogue/tests/doors/doors.rs"]
#[expect(dead_code, reason = "the list of doors is for the tests")]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::channel_pack(bytes));
