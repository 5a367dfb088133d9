//! The command line from outside: its words, its JSON, its exit codes, and what it says to bad input.

#![expect(clippy::print_stdout, reason = "a test that is skipped says why")]

mod bad_input;
#[path = "../disk/mod.rs"]
mod disk;
mod interrupted;
mod program;
mod round_trip;
mod words;
