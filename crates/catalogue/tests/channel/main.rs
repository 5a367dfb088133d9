//! Channels at the public door: what is accepted of a publisher, what is refused and why, and that nothing panics.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod directories;
mod editions;
mod filters;
mod hostile;
mod packs;
mod pointers;
mod publisher;
mod reading;
mod segments;
mod shelves;
mod sites;
mod standing;
mod starter;
