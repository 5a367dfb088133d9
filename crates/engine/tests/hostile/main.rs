//! Peers that mean harm, one test for each case of the list in docs/hostile-peers.md.
//!
//! An engine is called by a peer that says whatever a test wants, in virtual time and without any socket.

mod gossip;
mod greetings;
mod hashes;
mod leaves;
mod liars;
mod messages;
mod metadata;
mod mirrors;
mod requests;
#[path = "../setting/mod.rs"]
mod setting;
mod sources;
mod stage;
