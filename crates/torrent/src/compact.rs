//! Addresses as trackers and peers write them: 6 bytes for IPv4, 18 for IPv6, port last (BEP 7, 11, 23).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// The IPv4 addresses in some bytes; a rest that is no whole address is left out.
pub(crate) fn read_v4(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    bytes.as_chunks::<6>().0.iter().map(|[a, b, c, d, high, low]| {
        (Ipv4Addr::new(*a, *b, *c, *d), u16::from_be_bytes([*high, *low])).into()
    })
}

/// The IPv6 addresses in some bytes; a rest that is no whole address is left out.
pub(crate) fn read_v6(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    bytes.as_chunks::<18>().0.iter().map(|chunk| {
        let [ip @ .., high, low] = chunk;
        (Ipv6Addr::from(*ip), u16::from_be_bytes([*high, *low])).into()
    })
}

/// Writes an address in the form of its family.
pub(crate) fn write(address: &SocketAddr, out: &mut Vec<u8>) {
    match address {
        SocketAddr::V4(v4) => out.extend_from_slice(&v4.ip().octets()),
        SocketAddr::V6(v6) => out.extend_from_slice(&v6.ip().octets()),
    }
    out.extend_from_slice(&address.port().to_be_bytes());
}
