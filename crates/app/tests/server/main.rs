//! The server from outside: its door, its answers, and films that play out of a real swarm.

#![expect(clippy::print_stdout, reason = "a test that is skipped says why")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod channels;
mod consent;
#[path = "../disk/mod.rs"]
mod disk;
mod door;
mod downloads;
mod filters;
mod malformed;
mod masters;
mod playing;
mod sharing;
mod site_port;
mod sites;
mod starting;
mod support;
mod troubles;
