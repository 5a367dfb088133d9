//! The 160-bit keys of nodes, torrents and items, and how far they are from each other (BEP 5, BEP 42).

use std::{fmt, net::IpAddr};

use torrent::{Sha1Hash, hash::crc32c};

use crate::reach::is_local;

/// A node's id, an infohash or an item's target: a point in the one space of keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub [u8; 20]);

impl Id {
    /// How many bits a key has.
    pub const BITS: usize = 160;

    /// The exclusive or of two keys: the smaller, the closer.
    #[must_use]
    pub fn distance(&self, other: &Self) -> Self {
        let mut out = self.0;
        out.iter_mut().zip(other.0).for_each(|(a, b)| *a ^= b);
        Self(out)
    }

    /// How many leading bits two keys have in common, at most [`Self::BITS`].
    #[must_use]
    pub fn shared_bits(&self, other: &Self) -> usize {
        let distance = self.distance(other).0;
        let whole = distance.iter().take_while(|byte| **byte == 0).count();
        let rest = distance.get(whole).map_or(0, |byte| byte.leading_zeros() as usize);
        whole * 8 + rest
    }

    /// A key that has exactly `bits` leading bits in common with this one; the rest is taken from `entropy`.
    pub(crate) fn sibling(&self, bits: usize, entropy: Self) -> Self {
        let mut out = entropy.0;
        for bit in 0..=bits.min(Self::BITS - 1) {
            let mask = 0x80 >> (bit % 8);
            let own = self.0[bit / 8] & mask;
            let wanted = if bit == bits { !own & mask } else { own };
            out[bit / 8] = out[bit / 8] & !mask | wanted;
        }
        Self(out)
    }

    /// A node id that fits an external address (BEP 42); `entropy` fills what the address does not fix.
    #[must_use]
    pub fn for_address(ip: IpAddr, entropy: Self) -> Self {
        let mut out = entropy.0;
        let [a, b, c, _] = prefix(ip, out[19]).to_be_bytes();
        out[0] = a;
        out[1] = b;
        out[2] = c & 0xf8 | out[2] & 0x07;
        Self(out)
    }

    /// Whether a node at this address may have this id (BEP 42). Local addresses may have any.
    #[must_use]
    pub fn fits(&self, ip: IpAddr) -> bool {
        is_local(ip) || *self == Self::for_address(ip, *self)
    }
}

/// The hash of an address whose first 21 bits start the ids of its nodes.
fn prefix(ip: IpAddr, random: u8) -> u32 {
    let mut octets = [0; 8];
    let masks: &[u8] = match ip.to_canonical() {
        IpAddr::V4(ip) => {
            octets[..4].copy_from_slice(&ip.octets());
            &[0x03, 0x0f, 0x3f, 0xff]
        }
        IpAddr::V6(ip) => {
            octets.copy_from_slice(&ip.octets()[..8]);
            &[0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff]
        }
    };
    octets.iter_mut().zip(masks).for_each(|(octet, mask)| *octet &= mask);
    octets[0] |= (random & 7) << 5;
    crc32c(&octets[..masks.len()])
}

impl From<Sha1Hash> for Id {
    fn from(hash: Sha1Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Sha1Hash(self.0).fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Sha1Hash(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_bep_42_start_as_written_there() {
        let vectors = [
            ("124.31.75.21", 1, [0x5f, 0xbf, 0xbf]),
            ("21.75.31.124", 86, [0x5a, 0x3c, 0xe9]),
            ("65.23.51.170", 22, [0xa5, 0xd4, 0x32]),
            ("84.124.73.14", 65, [0x1b, 0x03, 0x21]),
            ("43.213.53.83", 90, [0xe5, 0x6f, 0x6c]),
        ];
        for (ip, random, start) in vectors {
            let ip: IpAddr = ip.parse().unwrap();
            let mut entropy = [0; 20];
            (entropy[2], entropy[19]) = (start[2] & 7, random);
            let id = Id::for_address(ip, Id(entropy));
            assert_eq!(id.0[..3], start, "{ip}");
            assert!(id.fits(ip));
            assert!(!id.fits("8.8.8.8".parse().unwrap()));
        }
    }

    #[test]
    fn an_address_of_either_family_has_ids_and_local_ones_have_all() {
        let ip = "2606:4700::1111".parse().unwrap();
        assert!(Id::for_address(ip, Id([0x5a; 20])).fits(ip));
        assert!(!Id([0x5a; 20]).fits(ip));
        assert!(Id([0x5a; 20]).fits("192.168.0.9".parse().unwrap()));
    }

    #[test]
    fn shared_bits_are_counted_across_bytes() {
        let own = Id([0xaa; 20]);
        assert_eq!(own.shared_bits(&own), Id::BITS);
        for bits in [0, 1, 7, 8, 9, 100, 159] {
            assert_eq!(own.shared_bits(&own.sibling(bits, Id([0x3c; 20]))), bits);
        }
    }
}
