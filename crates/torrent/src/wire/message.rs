//! The messages of peers, read and written (BEP 3, 6, 10, 52).

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;

use super::Limits;
use crate::{Block, Geometry, Piece, Sha256Hash};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Nothing to say, but still here.
    KeepAlive,
    /// Requests will not be answered.
    Choke,
    /// Requests will be answered.
    Unchoke,
    /// The other side has something we lack.
    Interested,
    /// It has not.
    NotInterested,
    /// A piece became available.
    Have(Piece),
    /// All available pieces, one bit each, the first in the highest bit.
    Bitfield(Bytes),
    /// Asks for a part of a piece.
    Request(Request),
    /// A part of a piece.
    Piece {
        /// The piece.
        piece: Piece,
        /// Where the part starts in it.
        begin: u32,
        /// The bytes.
        data: Bytes,
    },
    /// Takes a request back.
    Cancel(Request),
    /// The speaker's DHT node listens here (BEP 5).
    Port(u16),
    /// A piece worth fetching from the speaker (BEP 6).
    Suggest(Piece),
    /// Every piece is available (BEP 6).
    HaveAll,
    /// No piece is available (BEP 6).
    HaveNone,
    /// A request will not be answered (BEP 6).
    Reject(Request),
    /// A piece that is given even when choked (BEP 6).
    AllowedFast(Piece),
    /// A message of an extension, under the number that the receiver chose; 0 is the extension handshake (BEP 10).
    Extended {
        /// The number.
        id: u8,
        /// What the extension says.
        payload: Bytes,
    },
    /// Asks for hashes of a file's tree (BEP 52).
    HashRequest(HashRequest),
    /// Hashes of a file's tree: those asked for, then the uncles that prove them (BEP 52).
    Hashes {
        /// What they answer.
        request: HashRequest,
        /// The hashes of the base layer, then the uncles from below to above.
        hashes: Vec<Sha256Hash>,
    },
    /// Hashes will not be given (BEP 52).
    HashReject(HashRequest),
    /// A message of a kind that we do not know; to be ignored, and counted.
    Unknown(u8),
}

/// A part of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The piece.
    pub piece: Piece,
    /// Where the part starts in it.
    pub begin: u32,
    /// How many bytes.
    pub len: u32,
}

/// A part of one layer of a file's tree, with the uncles that prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashRequest {
    /// The file, by its root.
    pub pieces_root: Sha256Hash,
    /// The layer's height: 0 for the leaves.
    pub base_layer: u32,
    /// The first hash, counted in its layer; a multiple of `length`.
    pub index: u32,
    /// How many hashes; a power of two.
    pub length: u32,
    /// How many layers above the base the proof reaches.
    pub proof_layers: u32,
}

/// A message that breaks the protocol. The connection is of no use after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadMessage {
    /// A message announces more bytes than its kind may have.
    #[error("a message of kind {id} and {found} bytes; at most {allowed} are read")]
    TooLong {
        /// Its kind; 255 if the length alone is out of bounds.
        id: u8,
        /// Its length in bytes, its kind counted.
        found: u32,
        /// The limit.
        allowed: u32,
    },
    /// A message has another length than its kind says.
    #[error("a message of kind {id} with a length of {found} bytes")]
    Length {
        /// Its kind.
        id: u8,
        /// Its length in bytes, its kind counted.
        found: u32,
    },
    /// The connection does not begin with a handshake.
    #[error(transparent)]
    Handshake(#[from] super::BadHandshake),
}

impl Request {
    /// The request for a block. `None` for a block that does not exist.
    #[must_use]
    pub fn of(block: Block, geometry: &Geometry) -> Option<Self> {
        let len = geometry.block_len(block);
        let begin = block.index.checked_mul(crate::BLOCK_LEN)?;
        (len > 0).then_some(Self { piece: block.piece, begin, len })
    }
}

/// Kinds of messages.
pub(super) mod id {
    pub(in crate::wire) const CHOKE: u8 = 0;
    pub(in crate::wire) const UNCHOKE: u8 = 1;
    pub(in crate::wire) const INTERESTED: u8 = 2;
    pub(in crate::wire) const NOT_INTERESTED: u8 = 3;
    pub(in crate::wire) const HAVE: u8 = 4;
    pub(in crate::wire) const BITFIELD: u8 = 5;
    pub(in crate::wire) const REQUEST: u8 = 6;
    pub(in crate::wire) const PIECE: u8 = 7;
    pub(in crate::wire) const CANCEL: u8 = 8;
    pub(in crate::wire) const PORT: u8 = 9;
    pub(in crate::wire) const SUGGEST: u8 = 13;
    pub(in crate::wire) const HAVE_ALL: u8 = 14;
    pub(in crate::wire) const HAVE_NONE: u8 = 15;
    pub(in crate::wire) const REJECT: u8 = 16;
    pub(in crate::wire) const ALLOWED_FAST: u8 = 17;
    pub(in crate::wire) const EXTENDED: u8 = 20;
    pub(in crate::wire) const HASH_REQUEST: u8 = 21;
    pub(in crate::wire) const HASHES: u8 = 22;
    pub(in crate::wire) const HASH_REJECT: u8 = 23;
}

/// The bytes of a hash request after its kind.
const HASH_REQUEST_LEN: u32 = 48;

/// Whether a message of this kind may have this length, its kind counted: asked before its bytes have come.
pub(super) fn check_len(id: u8, len: u32, limits: &Limits) -> Result<(), BadMessage> {
    let exact = match id {
        id::CHOKE..=id::NOT_INTERESTED | id::HAVE_ALL | id::HAVE_NONE => Some(1),
        id::HAVE | id::SUGGEST | id::ALLOWED_FAST => Some(5),
        id::REQUEST | id::CANCEL | id::REJECT => Some(13),
        id::PORT => Some(3),
        id::HASH_REQUEST | id::HASH_REJECT => Some(1 + HASH_REQUEST_LEN),
        _ => None,
    };
    if exact.is_some_and(|exact| exact != len) {
        return Err(BadMessage::Length { id, found: len });
    }
    let (least, allowed) = match id {
        id::PIECE => (9, limits.block.saturating_add(9)),
        id::EXTENDED => (2, limits.extended),
        id::HASHES => (1 + HASH_REQUEST_LEN, limits.message),
        _ => (1, limits.message),
    };
    if len < least || (id == id::HASHES && !(len - least).is_multiple_of(32)) {
        return Err(BadMessage::Length { id, found: len });
    }
    if len > allowed {
        return Err(BadMessage::TooLong { id, found: len, allowed });
    }
    Ok(())
}

/// Reads one whole message, its length left out: its kind and what follows. No bytes are a keep-alive.
///
/// # Errors
/// The message's length does not fit its kind.
pub fn decode(mut body: Bytes, limits: &Limits) -> Result<Message, BadMessage> {
    let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let Some(&id) = body.first() else { return Ok(Message::KeepAlive) };
    check_len(id, len, limits)?;
    body.advance(1);
    Ok(read(id, body))
}

/// The length of `body` was checked: reading does not run out of bytes.
fn read(id: u8, mut body: Bytes) -> Message {
    match id {
        id::CHOKE => Message::Choke,
        id::UNCHOKE => Message::Unchoke,
        id::INTERESTED => Message::Interested,
        id::NOT_INTERESTED => Message::NotInterested,
        id::HAVE => Message::Have(Piece(body.get_u32())),
        id::BITFIELD => Message::Bitfield(body),
        id::REQUEST => Message::Request(read_request(body)),
        id::PIECE => {
            let (piece, begin) = (Piece(body.get_u32()), body.get_u32());
            Message::Piece { piece, begin, data: body }
        }
        id::CANCEL => Message::Cancel(read_request(body)),
        id::PORT => Message::Port(body.get_u16()),
        id::SUGGEST => Message::Suggest(Piece(body.get_u32())),
        id::HAVE_ALL => Message::HaveAll,
        id::HAVE_NONE => Message::HaveNone,
        id::REJECT => Message::Reject(read_request(body)),
        id::ALLOWED_FAST => Message::AllowedFast(Piece(body.get_u32())),
        id::EXTENDED => Message::Extended { id: body.get_u8(), payload: body },
        id::HASH_REQUEST => Message::HashRequest(read_hash_request(&mut body)),
        id::HASHES => {
            let request = read_hash_request(&mut body);
            let hashes = body.as_chunks::<32>().0.iter().copied().map(Sha256Hash).collect();
            Message::Hashes { request, hashes }
        }
        id::HASH_REJECT => Message::HashReject(read_hash_request(&mut body)),
        other => Message::Unknown(other),
    }
}

fn read_request(mut body: Bytes) -> Request {
    Request { piece: Piece(body.get_u32()), begin: body.get_u32(), len: body.get_u32() }
}

fn read_hash_request(body: &mut Bytes) -> HashRequest {
    let mut root = [0; 32];
    body.copy_to_slice(&mut root);
    HashRequest {
        pieces_root: Sha256Hash(root),
        base_layer: body.get_u32(),
        index: body.get_u32(),
        length: body.get_u32(),
        proof_layers: body.get_u32(),
    }
}

/// Writes a message, its length first. A message of an unknown kind is written without content.
pub fn encode(message: &Message, out: &mut BytesMut) {
    let start = out.len();
    out.put_u32(0);
    write(message, out);
    let len = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&len.to_be_bytes());
}

/// The bytes before a block's data, so that the data itself need not be copied behind them.
#[must_use]
pub fn piece_header(piece: Piece, begin: u32, len: u32) -> [u8; 13] {
    let mut out = [0; 13];
    out[..4].copy_from_slice(&len.saturating_add(9).to_be_bytes());
    out[4] = id::PIECE;
    out[5..9].copy_from_slice(&piece.0.to_be_bytes());
    out[9..].copy_from_slice(&begin.to_be_bytes());
    out
}

fn write(message: &Message, out: &mut BytesMut) {
    match message {
        Message::KeepAlive => {}
        Message::Choke => out.put_u8(id::CHOKE),
        Message::Unchoke => out.put_u8(id::UNCHOKE),
        Message::Interested => out.put_u8(id::INTERESTED),
        Message::NotInterested => out.put_u8(id::NOT_INTERESTED),
        Message::Have(piece) => write_piece(id::HAVE, *piece, out),
        Message::Bitfield(bits) => {
            out.put_u8(id::BITFIELD);
            out.put_slice(bits);
        }
        Message::Request(request) => write_request(id::REQUEST, request, out),
        Message::Piece { piece, begin, data } => {
            write_piece(id::PIECE, *piece, out);
            out.put_u32(*begin);
            out.put_slice(data);
        }
        Message::Cancel(request) => write_request(id::CANCEL, request, out),
        Message::Port(port) => {
            out.put_u8(id::PORT);
            out.put_u16(*port);
        }
        Message::Suggest(piece) => write_piece(id::SUGGEST, *piece, out),
        Message::HaveAll => out.put_u8(id::HAVE_ALL),
        Message::HaveNone => out.put_u8(id::HAVE_NONE),
        Message::Reject(request) => write_request(id::REJECT, request, out),
        Message::AllowedFast(piece) => write_piece(id::ALLOWED_FAST, *piece, out),
        Message::Extended { id, payload } => {
            out.put_slice(&[id::EXTENDED, *id]);
            out.put_slice(payload);
        }
        Message::HashRequest(request) => write_hash_request(id::HASH_REQUEST, request, out),
        Message::Hashes { request, hashes } => {
            write_hash_request(id::HASHES, request, out);
            hashes.iter().for_each(|hash| out.put_slice(&hash.0));
        }
        Message::HashReject(request) => write_hash_request(id::HASH_REJECT, request, out),
        Message::Unknown(id) => out.put_u8(*id),
    }
}

fn write_piece(id: u8, piece: Piece, out: &mut BytesMut) {
    out.put_u8(id);
    out.put_u32(piece.0);
}

fn write_request(id: u8, request: &Request, out: &mut BytesMut) {
    write_piece(id, request.piece, out);
    out.put_u32(request.begin);
    out.put_u32(request.len);
}

fn write_hash_request(id: u8, request: &HashRequest, out: &mut BytesMut) {
    out.put_u8(id);
    out.put_slice(&request.pieces_root.0);
    out.put_u32(request.base_layer);
    out.put_u32(request.index);
    out.put_u32(request.length);
    out.put_u32(request.proof_layers);
}
