//! Which addresses can be a stranger's node, and which of them count as one neighbourhood.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Whether a node or peer may be at an address: never at none, on many hosts or at port 0, and in the
/// owner's own networks only if `local` says so.
pub(crate) fn permitted(addr: SocketAddr, local: bool) -> bool {
    addr.port() != 0 && !is_nobody(addr.ip()) && (local || !is_local(addr.ip()))
}

/// Loopback, private, link-local and shared networks (RFC 6890, RFC 4193).
pub(crate) fn is_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_local_v4(ip),
        IpAddr::V6(ip) => match ip.segments() {
            [0, 0, 0, 0, 0, 0, 0, 1] | [0xfe80..=0xfeff | 0xfc00..=0xfdff, ..] => true,
            [0x64, 0xff9b, _, _, _, _, high, low] | [0x2002, high, low, ..] => {
                is_local_v4(embedded(high, low))
            }
            _ => false,
        },
    }
}

fn is_local_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    matches!(
        (a, b, c),
        (10 | 127, ..)
            | (169, 254, _)
            | (192, 168, _)
            | (192, 0, 0)
            | (172, 16..=31, _)
            | (100, 64..=127, _)
            | (198, 18..=19, _)
    )
}

fn is_nobody(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => matches!(ip.octets(), [0 | 224..=255, ..]),
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_multicast() || is_example(ip),
    }
}

fn is_example(ip: Ipv6Addr) -> bool {
    matches!(ip.segments(), [0x2001, 0xdb8, ..])
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

/// One owner's addresses, as far as that can be told: a /24 (IPv4), a /64 (IPv6). Somebody who has one
/// of them easily has all, so one of each is enough in any list. In local networks every address counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Neighbourhood {
    V4([u8; 3]),
    V6([u8; 8]),
    Local(SocketAddr),
}

impl Neighbourhood {
    pub(crate) fn of(addr: SocketAddr) -> Self {
        if is_local(addr.ip()) {
            return Self::Local(addr);
        }
        match addr.ip().to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let mut prefix = [0; 8];
                prefix.copy_from_slice(&ip.octets()[..8]);
                Self::V6(prefix)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(addr: &str, local: bool) -> bool {
        permitted(addr.parse().unwrap(), local)
    }

    #[test]
    fn strangers_cannot_point_at_local_networks_nor_at_nobody() {
        for addr in ["127.0.0.1:1", "10.1.2.3:1", "192.168.1.1:80", "[::1]:9", "[fd00::1]:9"] {
            assert!(!allowed(addr, false), "{addr}");
            assert!(allowed(addr, true), "{addr}");
        }
        for addr in ["0.0.0.0:1", "224.0.0.1:5", "255.255.255.255:5", "8.8.8.8:0", "[ff02::1]:5"] {
            assert!(!allowed(addr, true), "{addr}");
        }
        assert!(allowed("8.8.8.8:1", false) && allowed("[2606:4700::1]:1", false));
    }

    #[test]
    fn a_neighbourhood_is_a_slash_24_or_a_slash_64_and_local_addresses_are_apart() {
        let of = |addr: &str| Neighbourhood::of(addr.parse().unwrap());
        assert_eq!(of("8.8.8.8:1"), of("8.8.8.9:2"));
        assert_ne!(of("8.8.8.8:1"), of("8.8.9.8:1"));
        assert_eq!(of("[2606:4700::1]:1"), of("[2606:4700::2]:1"));
        assert_ne!(of("127.0.0.1:1"), of("127.0.0.1:2"));
    }
}
