//! The extension protocol (BEP 10) and what is spoken through it.

mod exchange;
mod handshake;
mod metadata;
mod small;

use thiserror::Error;

pub use self::{
    exchange::{Exchange, ExchangePeer, PeerFlags},
    handshake::{ExtensionHandshake, ExtensionIds},
    metadata::{METADATA_PIECE_LEN, Metadata},
    small::{DontHave, Holepunch, HolepunchError, UploadOnly},
};
use crate::bencode::BadBencode;

/// A message of an extension that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadExtension {
    /// Not bencoding, or too much of it.
    #[error("damaged extension message: {0}")]
    Bencode(#[from] BadBencode),
    /// Something that must be there is missing or out of range.
    #[error("extension message without a proper `{0}`")]
    Field(&'static str),
    /// A message of fixed form has another length.
    #[error("extension message of {found} bytes")]
    Length {
        /// Its length.
        found: usize,
    },
}
