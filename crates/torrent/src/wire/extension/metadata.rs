//! `ut_metadata`: the info dictionary from peers, in pieces of 16 KiB (BEP 9).

use bytes::{Bytes, BytesMut};

use super::BadExtension;
use crate::bencode::{Document, Encoder, Limits, Mode, Value};

/// The length of every piece of the metadata but the last, in bytes.
pub const METADATA_PIECE_LEN: u32 = 16 * 1024;

/// A message about the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metadata {
    /// Asks for a piece.
    Request {
        /// Its place.
        piece: u32,
    },
    /// A piece.
    Data {
        /// Its place.
        piece: u32,
        /// The length of the whole metadata in bytes, as the sender says.
        total_size: u32,
        /// The bytes.
        data: Bytes,
    },
    /// A piece will not be given.
    Reject {
        /// Its place.
        piece: u32,
    },
    /// A kind of message that the specification does not know yet; to be ignored.
    Unknown,
}

impl Metadata {
    /// Reads a message; the data of a piece is a slice of the payload.
    ///
    /// # Errors
    /// It is damaged, or a piece is longer than pieces are.
    pub fn parse(payload: &Bytes) -> Result<Self, BadExtension> {
        let document = Document::parse(payload, Mode::Lenient, &Limits::MESSAGE)?;
        let dict = document.root();
        let kind = dict.get(b"msg_type").and_then(|kind| kind.as_int());
        let kind = kind.ok_or(BadExtension::Field("msg_type"))?;
        let piece = number(&dict, b"piece").ok_or(BadExtension::Field("piece"))?;
        match kind {
            0 => Ok(Self::Request { piece }),
            1 => {
                let total_size = number(&dict, b"total_size");
                let total_size = total_size.ok_or(BadExtension::Field("total_size"))?;
                let data = payload.slice(dict.span().end..);
                if data.len() > METADATA_PIECE_LEN as usize {
                    return Err(BadExtension::Length { found: data.len() });
                }
                Ok(Self::Data { piece, total_size, data })
            }
            2 => Ok(Self::Reject { piece }),
            _ => Ok(Self::Unknown),
        }
    }

    /// The payload to send. [`Self::Unknown`] has none.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Request { piece } => head(0, *piece, None).into(),
            Self::Reject { piece } => head(2, *piece, None).into(),
            Self::Data { piece, total_size, data } => {
                let mut out = BytesMut::from(&head(1, *piece, Some(*total_size))[..]);
                out.extend_from_slice(data);
                out.freeze()
            }
            Self::Unknown => Bytes::new(),
        }
    }
}

fn number(dict: &Value<'_>, key: &[u8]) -> Option<u32> {
    u32::try_from(dict.get(key)?.as_int()?).ok()
}

fn head(kind: i64, piece: u32, total_size: Option<u32>) -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict().key("msg_type").int(kind).key("piece").int(i64::from(piece));
    if let Some(size) = total_size {
        out.key("total_size").int(i64::from(size));
    }
    out.end();
    out.finish()
}
