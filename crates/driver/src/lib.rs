//! Who carries out what the engine asks?
//!
//! The driver moves bytes between the engine and the world: sockets, trackers, web seeds, disks. It carries
//! out and never decides. A [`Session`] is all of it; a [`Torrent`] is one thing it takes part in; a
//! [`Reader`] gets the verified bytes of a file as they come.

mod address;
mod bans;
mod carrier;
mod checks;
mod config;
mod connections;
mod datagrams;
mod dht;
mod dialling;
mod disk;
mod errors;
mod finders;
mod http;
mod interface;
mod listening;
#[cfg(test)]
mod loopback;
mod meeting;
mod names;
mod neighbours;
mod port_mapping;
mod proxy;
mod reader;
mod relay;
mod resume;
mod round_trips;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod scratch;
mod session;
mod slabs;
mod sockets;
mod state;
mod torrents;
mod trackers;
mod utp;
mod verified;
mod web_seeds;

pub use crate::{
    bans::banned_hosts,
    config::{AddressPolicy, Config, DhtConfig, Transport},
    dht::{Dht, DhtStats, Got},
    errors::{AddError, Ended, StartError},
    meeting::Meeting,
    names::NoTexts,
    port_mapping::PortMappingConfig,
    proxy::{BadProxy, Proxy},
    reader::{ReadError, Reader},
    session::{Add, Session, SessionStats, Source},
    state::Ready,
    torrents::{Torrent, TorrentError},
};
