//! Hostile peers over real sockets: what the engine's own tests show without a network holds with one in between.
//! Numbers are those of docs/hostile-peers.md.

#[path = "../stage/mod.rs"]
mod stage;

mod callers;
mod servers;
mod sources;
mod stranger;
