//! The program `kinora` as a library, so that its tests reach what its commands do.

pub mod cli;
pub mod config;
pub mod data_dir;
pub mod failure;
pub mod http;
