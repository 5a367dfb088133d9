//! How peers speak: the handshake, the messages and their extensions (BEP 3, 6, 9, 10, 11, 21, 52, 54, 55).
//!
//! [`Framer`] takes a connection's bytes, cut anywhere, and gives messages; a block of content is a slice
//! of what was received wherever it lies in one part. [`encode`] writes messages.

mod allowed_fast;
pub mod extension;
mod framer;
mod handshake;
mod message;

pub use self::{
    allowed_fast::allowed_fast,
    framer::{Framer, Limits},
    handshake::{BadHandshake, Handshake, Reserved},
    message::{BadMessage, HashRequest, Message, Request, decode, encode, piece_header},
};
