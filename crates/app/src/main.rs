//! The program `kinora`: configuration, commands, HTTP API, background jobs, wiring.

fn main() {}
