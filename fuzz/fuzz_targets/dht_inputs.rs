//! Fuzzes the door `dht_inputs`.
#![no_main]

#[path = "../../crates/dht/tests/doors/node.rs"]
mod node;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| node::dht_inputs(bytes));
