//! Who carries out what the engine asks?

mod address;
mod config;
mod http;
mod verified;
#[cfg(test)]
mod scratch;
mod sockets;

pub use crate::config::{AddressPolicy, Config};
