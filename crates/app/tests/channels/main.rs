//! Channels between real processes, over a DHT of our own on loopback.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod beside_a_server;
mod bulk;
mod conversions;
mod copies;
mod discovery;
mod doubles;
mod exports;
mod films;
mod filters;
mod keys;
mod living_on;
mod mirrors;
mod network;
mod packs;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod program;
mod publishing;
mod sites;
mod static_host;
