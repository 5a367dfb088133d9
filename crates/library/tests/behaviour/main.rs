//! What a household asks of its library, one subject a file.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../shelf/mod.rs"]
mod shelf;

mod browse;
mod bursting;
mod durability;
mod files;
mod filters;
mod household;
mod offered;
mod search;
mod taking_in;
mod works;
