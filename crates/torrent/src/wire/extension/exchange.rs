//! `ut_pex`: peers tell each other of peers (BEP 11).

use std::net::SocketAddr;

use bytes::Bytes;

use super::BadExtension;
use crate::{
    bencode::{Document, Encoder, Limits, Mode, Value},
    compact,
};

/// Peers that came and went since the last message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// New ones, both families together.
    pub added: Vec<ExchangePeer>,
    /// Those that left.
    pub dropped: Vec<SocketAddr>,
}

/// A peer that a peer tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangePeer {
    /// Where it listens, as the sender says; the port is never 0.
    pub addr: SocketAddr,
    /// What the sender says of it.
    pub flags: PeerFlags,
}

/// What is said of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeerFlags(pub u8);

impl PeerFlags {
    /// Prefers encryption.
    pub const ENCRYPTION: u8 = 0x01;
    /// A seed, or it fetches nothing.
    pub const SEED: u8 = 0x02;
    /// Speaks uTP.
    pub const UTP: u8 = 0x04;
    /// Speaks the holepunch extension.
    pub const HOLEPUNCH: u8 = 0x08;
    /// The sender connected to it: it can be reached.
    pub const REACHABLE: u8 = 0x10;

    /// Whether all of these flags are set.
    #[must_use]
    pub fn has(self, flags: u8) -> bool {
        self.0 & flags == flags
    }
}

impl Exchange {
    /// Peers that are read from one message, of each family and for each way: the rest is left out (BEP 11
    /// allows 50; programs send more in their first message).
    pub const MAX_PEERS: usize = 200;

    /// Reads a message. Addresses without a port and missing flags are no error.
    ///
    /// # Errors
    /// It is not a dictionary, or asks for too much.
    pub fn parse(payload: &[u8]) -> Result<Self, BadExtension> {
        let document = Document::parse(payload, Mode::Lenient, &Limits::MESSAGE)?;
        let dict = document.root();
        dict.as_dict().ok_or(BadExtension::Field("pex"))?;
        let v4 = compact::read_v4(text(&dict, b"added")).zip(flags(&dict, b"added.f"));
        let v6 = compact::read_v6(text(&dict, b"added6")).zip(flags(&dict, b"added6.f"));
        let added = v4.take(Self::MAX_PEERS).chain(v6.take(Self::MAX_PEERS));
        let dropped4 = compact::read_v4(text(&dict, b"dropped")).take(Self::MAX_PEERS);
        let dropped6 = compact::read_v6(text(&dict, b"dropped6")).take(Self::MAX_PEERS);
        Ok(Self {
            added: added
                .filter(|(addr, _)| addr.port() != 0)
                .map(|(addr, flags)| ExchangePeer { addr, flags })
                .collect(),
            dropped: dropped4.chain(dropped6).filter(|addr| addr.port() != 0).collect(),
        })
    }

    /// The payload to send.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let (v4, v6): (Vec<&ExchangePeer>, Vec<&ExchangePeer>) =
            self.added.iter().partition(|peer| peer.addr.is_ipv4());
        let (gone4, gone6): (Vec<&SocketAddr>, Vec<&SocketAddr>) =
            self.dropped.iter().partition(|a| a.is_ipv4());
        let mut out = Encoder::new();
        out.begin_dict();
        out.key("added").bytes(compacted(v4.iter().map(|peer| &peer.addr)));
        out.key("added.f").bytes(v4.iter().map(|peer| peer.flags.0).collect::<Vec<_>>());
        out.key("added6").bytes(compacted(v6.iter().map(|peer| &peer.addr)));
        out.key("added6.f").bytes(v6.iter().map(|peer| peer.flags.0).collect::<Vec<_>>());
        out.key("dropped").bytes(compacted(gone4));
        out.key("dropped6").bytes(compacted(gone6));
        out.end();
        out.finish().into()
    }
}

fn text<'d>(dict: &Value<'d>, key: &[u8]) -> &'d [u8] {
    dict.get(key).and_then(|value| value.as_bytes()).unwrap_or_default()
}

/// One set of flags per peer, empty ones for those that have none.
fn flags<'d>(dict: &Value<'d>, key: &[u8]) -> impl Iterator<Item = PeerFlags> + use<'d> {
    text(dict, key).iter().copied().map(PeerFlags).chain(std::iter::repeat(PeerFlags::default()))
}

fn compacted<'a>(addresses: impl IntoIterator<Item = &'a SocketAddr>) -> Vec<u8> {
    let mut out = Vec::new();
    addresses.into_iter().for_each(|address| compact::write(address, &mut out));
    out
}
