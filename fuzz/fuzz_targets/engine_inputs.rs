//! Fuzzes the door `engine_inputs`.
#![no_main]

#[path = "../../crates/engine/tests/doors/doors.rs"]
mod doors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doors::engine_inputs(bytes));
