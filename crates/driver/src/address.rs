//! How far an address reaches: nobody, this household, or the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Who can be behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// No single host: unspecified, multicast, broadcast, reserved, or port 0.
    Nobody,
    /// This machine or a network of its owner: loopback, private, link-local, carrier-grade NAT. Cloud
    /// metadata services live here too.
    Local,
    /// A host on the public internet.
    Global,
}

impl Reach {
    /// Who can be behind `addr`.
    pub(crate) fn of(addr: SocketAddr) -> Self {
        if addr.port() == 0 {
            return Self::Nobody;
        }
        match addr.ip().to_canonical() {
            IpAddr::V4(ip) => of_v4(ip),
            IpAddr::V6(ip) => of_v6(ip),
        }
    }

    /// Whether a connection may be made, if local addresses are allowed or not.
    pub(crate) fn permitted(self, local: bool) -> bool {
        match self {
            Self::Nobody => false,
            Self::Local => local,
            Self::Global => true,
        }
    }
}

/// The IANA registry of special IPv4 addresses (RFC 6890), as far as it matters for dialling.
fn of_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (0 | 224..=255, ..) => Reach::Nobody,
        (10 | 127, ..) | (169, 254, _) | (192, 168, _) | (192, 0, 0) => Reach::Local,
        (172, 16..=31, _) | (100, 64..=127, _) | (198, 18..=19, _) => Reach::Local,
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Reach::Nobody,
        _ => Reach::Global,
    }
}

/// The IANA registry of special IPv6 addresses (RFC 6890, RFC 4291, RFC 4193). An IPv4 address inside an
/// IPv6 one (NAT64, 6to4, the old "compatible" form) counts as itself.
fn of_v6(ip: Ipv6Addr) -> Reach {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] | [0xff00..=0xffff, ..] | [0x2001, 0xdb8, ..] => Reach::Nobody,
        [0, 0, 0, 0, 0, 0, 0, 1] | [0xfe80..=0xfeff, ..] | [0xfc00..=0xfdff, ..] => Reach::Local,
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, _, _, _, _, high, low] => {
            of_v4(embedded_v4(high, low))
        }
        [0x2002, high, low, ..] => of_v4(embedded_v4(high, low)),
        _ => Reach::Global,
    }
}

fn embedded_v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(addr: &str) -> Reach {
        Reach::of(addr.parse().expect("an address"))
    }

    #[test]
    fn the_owners_networks_are_local_in_every_spelling() {
        for addr in [
            "127.0.0.1:80",
            "127.8.8.8:80",
            "10.0.0.1:80",
            "172.31.255.255:80",
            "192.168.1.1:80",
            "169.254.169.254:80",
            "100.64.0.1:80",
            "[::1]:80",
            "[fe80::1]:80",
            "[fec0::1]:80",
            "[fd00:ec2::254]:80",
            "[::ffff:127.0.0.1]:80",
            "[::ffff:169.254.169.254]:80",
            "[::127.0.0.1]:80",
            "[64:ff9b::10.0.0.1]:80",
            "[2002:7f00:1::]:80",
        ] {
            assert_eq!(reach(addr), Reach::Local, "{addr}");
        }
    }

    #[test]
    fn nobody_is_behind_port_zero_multicast_and_broadcast() {
        for addr in [
            "1.1.1.1:0",
            "0.0.0.0:80",
            "224.0.0.1:80",
            "255.255.255.255:80",
            "240.0.0.1:80",
            "203.0.113.9:80",
            "[::]:80",
            "[ff02::1]:80",
            "[::ffff:224.0.0.1]:80",
            "[2001:db8::1]:80",
        ] {
            assert_eq!(reach(addr), Reach::Nobody, "{addr}");
            assert!(!reach(addr).permitted(true));
        }
    }

    #[test]
    fn the_internet_is_global() {
        for addr in ["1.1.1.1:80", "172.32.0.1:80", "[2606:4700::1111]:443", "[2002:101:101::]:80"]
        {
            assert_eq!(reach(addr), Reach::Global, "{addr}");
        }
    }
}
