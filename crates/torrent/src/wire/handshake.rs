//! The first 68 bytes of a connection (BEP 3), and what its reserved bits say.

use thiserror::Error;

use crate::Sha1Hash;

/// How a handshake starts: the length of the protocol's name, and the name.
const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";

/// Who speaks, and about which torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake {
    /// What the speaker can do.
    pub reserved: Reserved,
    /// The torrent: its v1 infohash, or its v2 infohash cut to 20 bytes.
    pub infohash: Sha1Hash,
    /// The speaker's identity in this swarm.
    pub peer_id: [u8; 20],
}

/// The eight bytes of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reserved(pub [u8; 8]);

/// Bytes that do not start a connection of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the other side does not speak the BitTorrent protocol")]
pub struct BadHandshake;

impl Handshake {
    /// Its length in bytes.
    pub const LEN: usize = 68;

    /// Reads the start of a connection. `None` while more bytes are needed; a wrong start is told from at once.
    ///
    /// # Errors
    /// The bytes are no handshake, whatever follows.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, BadHandshake> {
        let known = bytes.len().min(PROTOCOL.len());
        if bytes[..known] != PROTOCOL[..known] {
            return Err(BadHandshake);
        }
        Ok(bytes.first_chunk().map(Self::read))
    }

    fn read(bytes: &[u8; Self::LEN]) -> Self {
        let (mut reserved, mut infohash, mut peer_id) = ([0; 8], [0; 20], [0; 20]);
        reserved.copy_from_slice(&bytes[20..28]);
        infohash.copy_from_slice(&bytes[28..48]);
        peer_id.copy_from_slice(&bytes[48..]);
        Self { reserved: Reserved(reserved), infohash: Sha1Hash(infohash), peer_id }
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..20].copy_from_slice(PROTOCOL);
        out[20..28].copy_from_slice(&self.reserved.0);
        out[28..48].copy_from_slice(&self.infohash.0);
        out[48..].copy_from_slice(&self.peer_id);
        out
    }
}

impl Reserved {
    /// Nothing but the core protocol.
    pub const NONE: Self = Self([0; 8]);

    /// Whether it speaks the extension protocol (BEP 10).
    #[must_use]
    pub fn extended(self) -> bool {
        self.0[5] & 0x10 != 0
    }

    /// Whether it has a DHT node (BEP 5).
    #[must_use]
    pub fn dht(self) -> bool {
        self.0[7] & 0x01 != 0
    }

    /// Whether it speaks the fast extension (BEP 6).
    #[must_use]
    pub fn fast(self) -> bool {
        self.0[7] & 0x04 != 0
    }

    /// Whether it would upgrade a v1 connection of a hybrid torrent to v2 (BEP 52).
    #[must_use]
    pub fn v2(self) -> bool {
        self.0[7] & 0x10 != 0
    }

    /// With the extension protocol.
    #[must_use]
    pub fn with_extended(mut self) -> Self {
        self.0[5] |= 0x10;
        self
    }

    /// With a DHT node.
    #[must_use]
    pub fn with_dht(mut self) -> Self {
        self.0[7] |= 0x01;
        self
    }

    /// With the fast extension.
    #[must_use]
    pub fn with_fast(mut self) -> Self {
        self.0[7] |= 0x04;
        self
    }

    /// With v2.
    #[must_use]
    pub fn with_v2(mut self) -> Self {
        self.0[7] |= 0x10;
        self
    }
}
