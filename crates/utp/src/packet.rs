//! Packets as they are on the wire (BEP 29).

use bytes::Bytes;

/// The fixed part of every packet, bytes.
pub(crate) const HEADER_LEN: usize = 20;
/// The version that all of the world speaks.
const VERSION: u8 = 1;
/// The extension that says which packets arrived beyond a gap.
const SACK: u8 = 1;
/// An extension that nobody knows and everybody skips: what makes a packet long that asks about the path.
const PADDING: u8 = 0x70;
/// An extension's own header, and with all it can hold.
const EXTENSION_MIN: usize = 2;
const EXTENSION_MAX: usize = EXTENSION_MIN + 255;

/// One packet, parsed or to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it does.
    pub kind: Kind,
    /// The connection's id in the direction of the receiver.
    pub connection: u16,
    /// When it was sent: microseconds of the sender's clock, which wraps.
    pub sent_at: u32,
    /// What the last packet from the other side took, in microseconds between two clocks; 0 is not known.
    pub delay: u32,
    /// Bytes that the sender has room for.
    pub window: u32,
    /// Its number.
    pub seq: u16,
    /// The number up to which everything arrived.
    pub ack: u16,
    /// What arrived beyond that.
    pub sack: Option<Sack>,
    /// Bytes that only make it long: 0, or 2 and more.
    pub padding: usize,
    /// What it carries.
    pub payload: Bytes,
}

/// What a packet does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Carries bytes.
    Data,
    /// Says that nothing follows.
    Fin,
    /// Acknowledges; has no number of its own.
    State,
    /// Ends a connection at once, or answers for one that does not exist.
    Reset,
    /// Begins one.
    Syn,
}

impl Kind {
    fn parse(number: u8) -> Option<Self> {
        [Self::Data, Self::Fin, Self::State, Self::Reset, Self::Syn]
            .get(usize::from(number))
            .copied()
    }
}

/// A set of packets beyond a gap: the lowest bit of the first byte is the second packet after `ack`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sack(Bytes);

impl Sack {
    /// A set from its bytes, 255 at most. BEP 29 wants a multiple of four; libtorrent sends any number.
    pub(crate) fn new(bits: Bytes) -> Option<Self> {
        let fits = !bits.is_empty() && u8::try_from(bits.len()).is_ok();
        fits.then_some(Self(bits))
    }

    /// The packets in it, in order, as distances from `ack`.
    pub fn distances(&self) -> impl Iterator<Item = u64> + '_ {
        let bits = self.0.iter().enumerate().flat_map(|(at, byte)| {
            (0..8).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| at as u64 * 8 + bit)
        });
        bits.map(|bit| bit + 2)
    }
}

/// Why bytes are no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPacket {
    /// Shorter than a header, or than its extensions say.
    #[error("a uTP packet ends too early")]
    Short,
    /// Another version, or none at all.
    #[error("not version 1 of uTP")]
    Version,
    /// A type that does not exist.
    #[error("a uTP packet of no known type")]
    Type,
    /// A selective acknowledgement of nothing.
    #[error("a uTP selective acknowledgement of nothing")]
    Sack,
}

impl Packet {
    /// Whether bytes look like uTP: what else shares our sockets looks otherwise (a dictionary opens with `d`,
    /// an answer of a tracker with a zero).
    #[must_use]
    pub fn is_likely(bytes: &[u8]) -> bool {
        bytes.len() >= HEADER_LEN
            && bytes[0] & 0x0f == VERSION
            && Kind::parse(bytes[0] >> 4).is_some()
    }

    /// Reads a datagram. Payload and extensions are not copied.
    ///
    /// # Errors
    /// It is no packet.
    pub fn parse(datagram: &Bytes) -> Result<Self, BadPacket> {
        let header = datagram.first_chunk::<HEADER_LEN>().ok_or(BadPacket::Short)?;
        if header[0] & 0x0f != VERSION {
            return Err(BadPacket::Version);
        }
        let kind = Kind::parse(header[0] >> 4).ok_or(BadPacket::Type)?;
        let (sack, payload) = extensions(header[1], datagram)?;
        let word = |at: usize| {
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let half = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        Ok(Self {
            kind,
            connection: half(2),
            sent_at: word(4),
            delay: word(8),
            window: word(12),
            seq: half(16),
            ack: half(18),
            sack,
            padding: 0,
            payload,
        })
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let sack = self.sack.as_ref().map_or(0, |Sack(bits)| EXTENSION_MIN + bits.len());
        HEADER_LEN + sack + self.padding + self.payload.len()
    }

    /// Appends it to a buffer.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let pads = if self.padding >= EXTENSION_MIN { PADDING } else { 0 };
        let first = if self.sack.is_some() { SACK } else { pads };
        out.reserve(self.size());
        out.extend([((self.kind as u8) << 4) | VERSION, first]);
        out.extend(self.connection.to_be_bytes());
        out.extend(self.sent_at.to_be_bytes());
        out.extend(self.delay.to_be_bytes());
        out.extend(self.window.to_be_bytes());
        out.extend(self.seq.to_be_bytes());
        out.extend(self.ack.to_be_bytes());
        if let Some(Sack(bits)) = &self.sack {
            out.extend([pads, bits.len() as u8]);
            out.extend(bits);
        }
        pad(out, self.padding);
        out.extend(&self.payload);
    }
}

/// Walks the extensions: the selective acknowledgement, if there is one, and what follows them all.
fn extensions(first: u8, datagram: &Bytes) -> Result<(Option<Sack>, Bytes), BadPacket> {
    let (mut kind, mut at, mut sack) = (first, HEADER_LEN, None);
    while kind != 0 {
        let [next, len] = *datagram[at..].first_chunk().ok_or(BadPacket::Short)?;
        let body = at + EXTENSION_MIN..at + EXTENSION_MIN + usize::from(len);
        if body.end > datagram.len() {
            return Err(BadPacket::Short);
        }
        at = body.end;
        if kind == SACK {
            sack = Some(Sack::new(datagram.slice(body)).ok_or(BadPacket::Sack)?);
        }
        kind = next;
    }
    Ok((sack, datagram.slice(at..)))
}

/// Appends extensions that mean nothing, `len` bytes of them with their headers.
fn pad(out: &mut Vec<u8>, mut len: usize) {
    while len >= EXTENSION_MIN {
        let rest = len.saturating_sub(EXTENSION_MAX);
        // One byte alone would be too few for an extension of its own.
        let here = if rest == 1 { EXTENSION_MAX - 1 } else { len - rest };
        len -= here;
        out.extend([if len == 0 { 0 } else { PADDING }, (here - EXTENSION_MIN) as u8]);
        out.resize(out.len() + here - EXTENSION_MIN, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet() -> Packet {
        Packet {
            kind: Kind::Data,
            connection: 0x1234,
            sent_at: 0xdead_beef,
            delay: 7,
            window: 1 << 20,
            seq: 65_535,
            ack: 2,
            sack: Sack::new(Bytes::from_static(&[0b1000_0001, 0, 0, 0b0000_0001])),
            padding: 0,
            payload: Bytes::from_static(b"bytes"),
        }
    }

    fn encoded(packet: &Packet) -> Bytes {
        let mut out = Vec::new();
        packet.encode(&mut out);
        out.into()
    }

    #[test]
    fn the_header_is_the_one_of_bep_29() {
        let bytes = encoded(&Packet { sack: None, ..packet() });
        assert_eq!(bytes[..4], [0x01, 0, 0x12, 0x34]);
        assert_eq!(bytes[4..8], [0xde, 0xad, 0xbe, 0xef]);
        assert_eq!(bytes[8..16], [0, 0, 0, 7, 0, 0x10, 0, 0]);
        assert_eq!(bytes[16..], *b"\xff\xff\0\x02bytes");
        assert_eq!(encoded(&Packet { kind: Kind::Syn, ..packet() })[0], 0x41);
    }

    #[test]
    fn what_is_encoded_is_read_again_whatever_the_padding() {
        for padding in [0, 2, 3, 256, 257, 258, 259, 300, 513, 514, 515, 1000] {
            let padded = Packet { padding, ..packet() };
            let bytes = encoded(&padded);
            assert_eq!(bytes.len(), padded.size(), "padding of {padding}");
            assert_eq!(Packet::parse(&bytes), Ok(packet()), "padding of {padding}");
            assert!(Packet::is_likely(&bytes));
        }
    }

    #[test]
    fn a_selective_acknowledgement_counts_from_the_second_packet() {
        let distances: Vec<_> = packet().sack.unwrap().distances().collect();
        assert_eq!(distances, [2, 9, 26]);
    }

    #[test]
    fn what_is_no_packet_is_told_apart() {
        let bytes = encoded(&packet());
        for len in 0..HEADER_LEN + 6 {
            assert_eq!(Packet::parse(&bytes.slice(..len)), Err(BadPacket::Short), "{len} bytes");
        }
        let with = |at: usize, byte: u8| {
            let mut bytes = bytes.to_vec();
            bytes[at] = byte;
            Packet::parse(&bytes.into())
        };
        assert_eq!(with(0, 0x02), Err(BadPacket::Version));
        assert_eq!(with(0, 0x51), Err(BadPacket::Type));
        assert!(with(21, 3).is_ok(), "libtorrent does that");
        assert_eq!(with(21, 0), Err(BadPacket::Sack));
        assert!(!Packet::is_likely(b"d1:ad2:id20:abcdefghij0123456789"));
        assert!(!Packet::is_likely(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
}
