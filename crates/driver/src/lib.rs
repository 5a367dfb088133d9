//! Who carries out what the engine asks?

mod address;
mod config;
mod connections;
mod disk;
mod http;
mod resume;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod scratch;
mod sockets;
mod verified;

pub use crate::config::{AddressPolicy, Config};
