//! Extensions whose messages have a fixed form: `lt_donthave` (BEP 54), `upload_only` (BEP 21), `ut_holepunch` (BEP 55).

use std::net::SocketAddr;

use bytes::Bytes;

use super::BadExtension;
use crate::{Piece, compact};

/// A piece is no longer available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DontHave(pub Piece);

impl DontHave {
    /// Reads a message.
    ///
    /// # Errors
    /// It has another length than 4 bytes.
    pub fn parse(payload: &[u8]) -> Result<Self, BadExtension> {
        let index =
            payload.try_into().map_err(|_| BadExtension::Length { found: payload.len() })?;
        Ok(Self(Piece(u32::from_be_bytes(index))))
    }

    /// The payload to send.
    #[must_use]
    pub fn to_bytes(self) -> Bytes {
        Bytes::copy_from_slice(&self.0.0.to_be_bytes())
    }
}

/// Whether the speaker fetches nothing from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadOnly(pub bool);

impl UploadOnly {
    /// Reads a message.
    ///
    /// # Errors
    /// It has another length than 1 byte.
    pub fn parse(payload: &[u8]) -> Result<Self, BadExtension> {
        match payload {
            [flag] => Ok(Self(*flag != 0)),
            other => Err(BadExtension::Length { found: other.len() }),
        }
    }

    /// The payload to send.
    #[must_use]
    pub fn to_bytes(self) -> Bytes {
        Bytes::copy_from_slice(&[u8::from(self.0)])
    }
}

/// Two peers behind address translators meet through a third (BEP 55).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holepunch {
    /// To the third: bring me together with this peer.
    Rendezvous(SocketAddr),
    /// From the third: connect to this peer now, it does the same.
    Connect(SocketAddr),
    /// From the third: it cannot be done.
    Error(SocketAddr, HolepunchError),
}

/// Why two peers cannot be brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolepunchError {
    /// The target's address is not one.
    NoSuchPeer,
    /// The third is not connected to it.
    NotConnected,
    /// It does not speak the extension.
    NoSupport,
    /// It is the sender itself.
    NoSelf,
    /// A reason that the specification does not know.
    Other(u32),
}

impl Holepunch {
    /// Reads a message: kind, family, address, port and error.
    ///
    /// # Errors
    /// It has another length than its family says, or an unknown kind or family.
    pub fn parse(payload: &[u8]) -> Result<Self, BadExtension> {
        let bad_len = BadExtension::Length { found: payload.len() };
        let [kind, family, rest @ ..] = payload else { return Err(bad_len) };
        let (address, error) = match family {
            0 => rest.split_at_checked(6).map(|(v4, rest)| (compact::read_v4(v4).next(), rest)),
            1 => rest.split_at_checked(18).map(|(v6, rest)| (compact::read_v6(v6).next(), rest)),
            _ => return Err(BadExtension::Field("addr_type")),
        }
        .ok_or(bad_len)?;
        let address = address.ok_or(bad_len)?;
        // The error is 0 and may be left out where there is none.
        let error = match *error {
            [] => 0,
            [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
            _ => return Err(bad_len),
        };
        match kind {
            0 => Ok(Self::Rendezvous(address)),
            1 => Ok(Self::Connect(address)),
            2 => Ok(Self::Error(address, HolepunchError::of(error))),
            _ => Err(BadExtension::Field("msg_type")),
        }
    }

    /// The payload to send.
    #[must_use]
    pub fn to_bytes(self) -> Bytes {
        let (kind, address, error) = match self {
            Self::Rendezvous(address) => (0, address, 0),
            Self::Connect(address) => (1, address, 0),
            Self::Error(address, error) => (2, address, error.code()),
        };
        let mut out = vec![kind, u8::from(address.is_ipv6())];
        compact::write(&address, &mut out);
        out.extend_from_slice(&error.to_be_bytes());
        out.into()
    }
}

impl HolepunchError {
    fn of(code: u32) -> Self {
        match code {
            1 => Self::NoSuchPeer,
            2 => Self::NotConnected,
            3 => Self::NoSupport,
            4 => Self::NoSelf,
            other => Self::Other(other),
        }
    }

    fn code(self) -> u32 {
        match self {
            Self::NoSuchPeer => 1,
            Self::NotConnected => 2,
            Self::NoSupport => 3,
            Self::NoSelf => 4,
            Self::Other(code) => code,
        }
    }
}
