//! Fuzzes the door `tunnel_answer`.
#![no_main]

#[path = "../../crates/driver/tests/doors/proxy.rs"]
#[expect(dead_code, reason = "the other doors have targets of their own")]
mod proxy;
#[path = "../../crates/driver/src/proxy/socks.rs"]
#[expect(dead_code, reason = "what is said to a proxy is no door")]
mod socks;
#[path = "../../crates/driver/src/proxy/tunnel.rs"]
mod tunnel;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| proxy::tunnel_answer(bytes));
