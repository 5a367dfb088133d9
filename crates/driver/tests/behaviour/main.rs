//! What sessions do over real sockets and disks, one subject a file.

#[path = "../../src/loopback.rs"]
#[allow(dead_code, reason = "the unit tests use the rest of it")]
mod loopback;
#[path = "../libtorrent/partner.rs"]
mod partner;
#[path = "../stage/mod.rs"]
mod stage;

mod discovery;
mod ip_filter;
mod many;
mod mirrors;
mod neighbours;
mod port_mapping;
mod proxy;
mod siblings;
mod storage;
mod swarm;
