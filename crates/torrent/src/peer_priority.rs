//! Which of two peers should be connected rather (BEP 40): a number that both ends of a connection compute alike and
//! nobody can choose, so that a swarm whose members are full is still well mixed.

use std::net::{IpAddr, SocketAddr};

use crate::hash::crc32c;

/// The priority of a connection between two addresses, the same from either end; the greater goes first. Addresses of
/// two families have the least.
#[must_use]
pub fn priority(one: SocketAddr, other: SocketAddr) -> u32 {
    match (one.ip().to_canonical(), other.ip().to_canonical()) {
        (a, b) if a == b => of(&one.port().to_be_bytes(), &other.port().to_be_bytes()),
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let (a, b) = (a.octets(), b.octets());
            // Who is near is told apart by more of the address.
            let kept = [2, 3, 4].into_iter().find(|kept| a[..*kept] != b[..*kept]).unwrap_or(4);
            of(&masked(a, kept), &masked(b, kept))
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let (a, b) = (a.octets(), b.octets());
            let kept = (6..=16).find(|kept| a[..*kept] != b[..*kept]).unwrap_or(16);
            of(&masked(a, kept), &masked(b, kept))
        }
        _ => 0,
    }
}

/// An address of which `kept` bytes count whole and every other bit of the rest.
fn masked<const LEN: usize>(mut octets: [u8; LEN], kept: usize) -> [u8; LEN] {
    octets.iter_mut().skip(kept).for_each(|octet| *octet &= 0x55);
    octets
}

fn of(one: &[u8], other: &[u8]) -> u32 {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    crc32c(&[first, second].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(one: &str, other: &str) -> u32 {
        let (one, other) = (one.parse().expect("an address"), other.parse().expect("an address"));
        assert_eq!(priority(one, other), priority(other, one));
        priority(one, other)
    }

    #[test]
    fn the_vectors_of_bep_40_hold() {
        assert_eq!(between("123.213.32.10:1", "98.76.54.32:2"), 0xec2d_7224);
        assert_eq!(between("123.213.32.10:1", "123.213.32.234:2"), 0x9956_8189);
    }

    #[test]
    fn ports_count_at_one_host_and_families_do_not_mix() {
        assert_ne!(between("1.2.3.4:1", "1.2.3.4:2"), between("1.2.3.4:1", "1.2.3.4:3"));
        assert_eq!(between("1.2.3.4:1", "[2606::1]:1"), 0);
        assert_ne!(between("[2606::1]:1", "[2607::1]:1"), 0);
    }
}
