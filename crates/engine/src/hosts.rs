//! Which addresses are of one host, which of one neighbourhood, and which of this household?

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The host of an address, with port 0: whoever has one address of IPv6 has its whole /64. On this machine, where everybody
/// has one address, the port counts.
pub(crate) fn host(addr: SocketAddr) -> SocketAddr {
    match addr.ip().to_canonical() {
        ip if ip.is_loopback() => SocketAddr::new(ip, addr.port()),
        IpAddr::V6(ip) => SocketAddr::new(first_of(ip, 64), 0),
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), 0),
    }
}

/// The first address of the neighbourhood: a /24, or a /48 of IPv6, which one customer may have whole.
pub(crate) fn neighbourhood(addr: SocketAddr) -> IpAddr {
    match addr.ip().to_canonical() {
        IpAddr::V6(ip) => first_of(ip, 48),
        IpAddr::V4(ip) => std::net::Ipv4Addr::from_bits(ip.to_bits() & 0xffff_ff00).into(),
    }
}

fn first_of(ip: Ipv6Addr, prefix: u32) -> IpAddr {
    let rest = 128 - prefix;
    Ipv6Addr::from_bits(ip.to_bits() >> rest << rest).into()
}

/// Whether an address is of this machine or a network of its owner.
pub(crate) fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn addresses_of_a_household_are_told_apart() {
        let near = [
            "127.0.0.1",
            "192.168.1.7",
            "10.0.0.1",
            "169.254.1.1",
            "::ffff:10.0.0.1",
            "fd00::1",
            "fe80::1",
        ];
        for host in near {
            assert!(is_near(host.parse().expect("an address")), "{host}");
        }
        for host in ["8.8.8.8", "2001:4860::1", "172.32.0.1"] {
            assert!(!is_near(host.parse().expect("an address")), "{host}");
        }
    }

    #[test]
    fn hp_97_the_addresses_of_one_network_of_ipv6_are_one_host() {
        assert_eq!(host(addr("[2001:db8:0:7::1]:5")), host(addr("[2001:db8:0:7:ffff::9]:6")));
        assert_ne!(host(addr("[2001:db8:0:7::1]:5")), host(addr("[2001:db8:0:8::1]:5")));
        assert_eq!(host(addr("[::ffff:81.2.3.4]:5")), host(addr("81.2.3.4:6")));
        assert_ne!(host(addr("127.0.0.1:5")), host(addr("127.0.0.1:6")));
    }

    #[test]
    fn neighbours_share_a_slash_24_or_a_slash_48() {
        assert_eq!(neighbourhood(addr("81.2.3.4:5")), neighbourhood(addr("81.2.3.200:6")));
        assert_ne!(neighbourhood(addr("81.2.3.4:5")), neighbourhood(addr("81.2.4.4:5")));
        assert_eq!(
            neighbourhood(addr("[2001:db8:1:7::1]:5")),
            neighbourhood(addr("[2001:db8:1::]:5"))
        );
        assert_ne!(
            neighbourhood(addr("[2001:db8:1::]:5")),
            neighbourhood(addr("[2001:db8:2::]:5"))
        );
    }
}
