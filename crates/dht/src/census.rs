//! How many peers has a torrent, as far as the DHT knows? Each node keeps some of them, and many keep the same ones, so
//! that numbers cannot be added. Sets of addresses can, as Bloom filters (BEP 33).

use std::net::{IpAddr, SocketAddr};

use torrent::hash::sha1;

/// Bytes of a filter, and bits.
pub(crate) const LEN: usize = 256;
const BITS: usize = LEN * 8;

/// A set of addresses, of which only the size can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter(Box<[u8; LEN]>);

/// The peers of a torrent: those that have everything, and the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Census {
    pub(crate) seeds: Filter,
    pub(crate) leechers: Filter,
}

impl Default for Filter {
    fn default() -> Self {
        Self(Box::new([0; LEN]))
    }
}

impl Filter {
    /// One that somebody sent; `None` for what has another length.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(Box::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// Takes in an address. Its port is not counted: who lies costs addresses to lie with.
    pub(crate) fn insert(&mut self, ip: IpAddr) {
        let [a, b, c, d, ..] = match ip {
            IpAddr::V4(ip) => sha1(&ip.octets()),
            IpAddr::V6(ip) => sha1(&ip.octets()),
        }
        .0;
        for two in [[a, b], [c, d]] {
            let bit = usize::from(u16::from_le_bytes(two)) % BITS;
            self.0[bit / 8] |= 1 << (bit % 8);
        }
    }

    /// Takes in everybody of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&*other.0).for_each(|(ours, theirs)| *ours |= theirs);
    }

    /// About how many addresses it holds; some 9,000 at most can be told.
    pub(crate) fn size(&self) -> u32 {
        self.estimate().round() as u32
    }

    fn estimate(&self) -> f64 {
        let zeros: u32 = self.0.iter().map(|byte| byte.count_zeros()).sum();
        let zeros = f64::from(zeros).clamp(1.0, BITS as f64);
        (zeros / BITS as f64).ln() / (2.0 * (-1.0 / BITS as f64).ln_1p())
    }
}

impl Census {
    /// What a node answered. One that does not count tells some of the peers: they may be anything.
    pub(crate) fn hear(&mut self, told: Option<&Self>, peers: &[SocketAddr]) {
        match told {
            Some(told) => {
                self.seeds.join(&told.seeds);
                self.leechers.join(&told.leechers);
            }
            None => peers.iter().for_each(|peer| self.leechers.insert(peer.ip())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::Write,
        net::{Ipv4Addr, Ipv6Addr},
    };

    use super::*;

    /// The filter of BEP 33.
    const VECTOR: [&str; 8] = [
        "f6c3f5eaa07ffd91bde89f777f26fb2bff37bdb8fb2bbaa2fd3ddde7bacfff75",
        "ee7ccbaefe5eedb1fbfaff67f6abff5e43ddbca3fd9b9ffdf4ffd3e9dff12d1b",
        "df59db53dbe9fa5b7ff3b8fdfcde1afb8bedd7be2f3ee71ebbbfe93bcdeefe14",
        "8246c2bc5dbff7e7efdcf24fd8dc7adffd8fffdfddfff7a4bbeedf5cb95ce81f",
        "c7fcff1ff4ffffdfe5f7fdcbb7fd79b3fa1fc77bfe07fff905b7b7ffc7fefeff",
        "e0b8370bb0cd3f5b7f2bd93feb4386cfdd6f7fd5bfaf2e9ebffffeecd67adbf7",
        "c67f17efd5d75eba6ffeba7fff47a91eb1bfbb53e8abfb5762abe8ff237279bf",
        "efbfeef5ffc5febfdfe5adffadfee1fb737ffffbfd9f6aeffeee76b6fd8f72ef",
    ];

    fn v4(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    fn v6(last: u16) -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into()
    }

    #[test]
    fn the_vector_of_bep_33_comes_out() {
        let mut filter = Filter::default();
        (0..=255).for_each(|last| filter.insert(v4(last)));
        (0..=0x3e7).for_each(|last| filter.insert(v6(last)));
        let hex = filter.bytes().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes everything");
            hex
        });
        assert_eq!(hex, VECTOR.concat());
        assert!((filter.estimate() - 1_224.930_8).abs() < 0.001, "{}", filter.estimate());
        assert_eq!(filter.size(), 1225);
    }

    #[test]
    fn who_is_in_two_sets_counts_once_and_every_filter_has_a_size() {
        let (mut one, mut two) = (Filter::default(), Filter::default());
        assert_eq!(one.size(), 0);
        (0..100).for_each(|last| one.insert(v4(last)));
        (50..150).for_each(|last| two.insert(v4(last)));
        one.join(&two);
        assert!((140..=160).contains(&one.size()), "{}", one.size());
        let full = Filter::read(&[255; LEN]).expect("its length is right");
        assert!((7_000..10_000).contains(&full.size()), "{}", full.size());
        assert_eq!(Filter::read(&[0; 255]), None);
    }
}
