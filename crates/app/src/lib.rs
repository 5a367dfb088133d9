//! The program `kinora` as a library, so that its tests reach what its commands do.

pub mod api;
pub mod blocklist;
pub mod bytes;
pub mod cinema;
pub mod cli;
pub mod config;
pub mod consent;
pub mod data_dir;
pub mod demo;
pub mod doctor;
pub mod downloads;
pub mod events;
pub mod failure;
pub mod folder_lock;
pub mod following;
pub mod hashing;
pub mod http;
pub mod jobs;
pub mod masters;
pub mod pictures;
pub mod playback;
pub mod serve;
pub mod session;
pub mod sharing;
pub mod sites;
pub mod swarm;
