//! Lists of addresses that are not to be met, in the forms that are handed around: eMule's `.dat`, PeerGuardian's
//! text (`.p2p`), and networks in CIDR notation.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Longer lines are none of a list's.
const LINE_MAX: usize = 1024;
/// Ranges kept: eight times the longest list that is handed around.
const RANGES_MAX: usize = 4_000_000;
/// In a `.dat` file, ranges of this level and above are let through.
const LEVEL_ALLOWED: u32 = 128;

/// Ranges of addresses. Looking one up takes the logarithm of their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpFilter {
    /// First and last, in order, none touching the next.
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

/// What a list came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// What is not to be met.
    pub filter: IpFilter,
    /// Lines that were neither ranges nor comments, and ranges beyond what is kept.
    pub skipped: usize,
}

impl IpFilter {
    /// Reads a list whose lines may be in any of the forms. A line that is in none is left out and counted: no list
    /// that is handed around is without one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Read {
        let mut read = Read::default();
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for line in bytes.split(|byte| *byte == b'\n') {
            match parse_line(line) {
                Line::Nothing => {}
                Line::Range(IpAddr::V4(first), IpAddr::V4(last)) if v4.len() < RANGES_MAX => {
                    v4.push((first.to_bits(), last.to_bits()));
                }
                Line::Range(IpAddr::V6(first), IpAddr::V6(last)) if v6.len() < RANGES_MAX => {
                    v6.push((first.to_bits(), last.to_bits()));
                }
                Line::Range(..) | Line::Strange => read.skipped += 1,
            }
        }
        read.filter = Self { v4: join(v4), v6: join(v6) };
        read
    }

    /// Whether an address is on the list. An IPv4 address written as IPv6 is itself.
    #[must_use]
    pub fn blocks(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(ip) => holds(&self.v4, ip.to_bits()),
            IpAddr::V6(ip) => holds(&self.v6, ip.to_bits()),
        }
    }

    /// Ranges, those that touch counted as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether nobody is on the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

enum Line {
    Nothing,
    Range(IpAddr, IpAddr),
    Strange,
}

fn parse_line(line: &[u8]) -> Line {
    if line.len() > LINE_MAX {
        return Line::Strange;
    }
    // Descriptions are in whatever charset; addresses are ASCII.
    let line = String::from_utf8_lossy(line);
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
        return Line::Nothing;
    }
    let range = network(line).map_or_else(|| dat(line), |range| Some(Some(range)));
    match range.or_else(|| described(line).map(Some)) {
        Some(Some((first, last))) => Line::Range(first, last),
        Some(None) => Line::Nothing,
        None => Line::Strange,
    }
}

/// `192.0.2.0/24`, or one address.
fn network(line: &str) -> Option<(IpAddr, IpAddr)> {
    let (host, bits) = line.split_once('/').map_or((line, None), |(host, bits)| (host, Some(bits)));
    let host = address(host)?;
    let width = if host.is_ipv4() { 32 } else { 128 };
    let bits: u32 = bits.map_or(Some(width), |bits| bits.trim().parse().ok())?;
    let free = width.checked_sub(bits)?;
    match host {
        IpAddr::V4(host) => {
            let mask = u32::MAX.checked_shr(width - free).unwrap_or(0);
            let first = host.to_bits() & !mask;
            Some((Ipv4Addr::from(first).into(), Ipv4Addr::from(first | mask).into()))
        }
        IpAddr::V6(host) => {
            let mask = u128::MAX.checked_shr(width - free).unwrap_or(0);
            let first = host.to_bits() & !mask;
            Some((Ipv6Addr::from(first).into(), Ipv6Addr::from(first | mask).into()))
        }
    }
}

/// `192.000.002.000 - 192.000.002.255 , 000 , description`; `Some(None)` is a range that is let through.
fn dat(line: &str) -> Option<Option<(IpAddr, IpAddr)>> {
    let mut parts = line.splitn(3, ',');
    let range = range(parts.next()?)?;
    match parts.next().map(|level| level.trim().parse::<u32>()) {
        Some(Ok(level)) => Some((level < LEVEL_ALLOWED).then_some(range)),
        Some(Err(_)) => None,
        None => Some(Some(range)),
    }
}

/// `description:192.0.2.0-192.0.2.255`, where the description has colons of its own, and IPv6 addresses too.
fn described(line: &str) -> Option<(IpAddr, IpAddr)> {
    let colons = line.match_indices(':').map(|(at, _)| &line[at + 1..]);
    colons.filter_map(range).next()
}

fn range(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (first, last) = text.rsplit_once('-')?;
    let (first, last) = (address(first)?, address(last)?);
    (first.is_ipv4() == last.is_ipv4() && first <= last).then_some((first, last))
}

/// An address; in IPv4, numbers may begin with zeros and are decimal all the same.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if text.contains(':') {
        return Ipv6Addr::from_str(text).ok().map(IpAddr::V6);
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| part.len() <= 3)?;
        *octet = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(IpAddr::V4(octets.into()))
}

/// The same addresses in as few ranges as possible, in order.
fn join<T: Copy + Ord>(mut ranges: Vec<(T, T)>) -> Vec<(T, T)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let overlaps = next.0 <= kept.1;
        if overlaps {
            kept.1 = kept.1.max(next.1);
        }
        overlaps
    });
    ranges.shrink_to_fit();
    ranges
}

fn holds<T: Copy + Ord>(ranges: &[(T, T)], ip: T) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= ip);
    after.checked_sub(1).is_some_and(|at| ip <= ranges[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn lists_in_every_form_are_read() {
        let list = "# a comment\r\n\
            // another\n\
            001.002.003.000 - 001.002.003.255 , 000 , Somebody, of somewhere\r\n\
            001.002.004.000 - 001.002.004.255 , 128 , let through\n\
            Some: body (2001):5.6.7.8-5.6.7.9\n\
            Six:2001:db8::5-2001:db8::7\n\
            10.9.0.0/16\n\
            2001:db8:1::/48\n\
            8.8.4.4\n\
            nonsense\n\
            9.9.9.9-9.9.9.1\n";
        let Read { filter, skipped } = IpFilter::parse(list.as_bytes());
        assert_eq!((filter.len(), skipped), (6, 2));
        for blocked in [
            "1.2.3.0",
            "1.2.3.255",
            "::ffff:1.2.3.4",
            "5.6.7.8",
            "5.6.7.9",
            "2001:db8::6",
            "10.9.255.255",
            "2001:db8:1:ffff::1",
            "8.8.4.4",
        ] {
            assert!(filter.blocks(ip(blocked)), "{blocked}");
        }
        for met in ["1.2.2.255", "1.2.4.0", "5.6.7.10", "2001:db8::8", "10.10.0.0", "8.8.4.5"] {
            assert!(!filter.blocks(ip(met)), "{met}");
        }
    }

    #[test]
    fn ranges_that_overlap_are_one_and_everything_can_be_blocked() {
        let filter = IpFilter::parse(b"1.0.0.0-1.0.0.9\n1.0.0.5-1.0.0.20\n1.0.0.7\n").filter;
        assert_eq!(filter.len(), 1);
        assert!(filter.blocks(ip("1.0.0.15")) && !filter.blocks(ip("1.0.0.21")));
        let all = IpFilter::parse(b"0.0.0.0/0\n::/0\n").filter;
        assert!(all.blocks(ip("255.255.255.255")) && all.blocks(ip("0.0.0.0")));
        assert!(all.blocks(ip("ffff::")) && !all.is_empty());
        assert!(!IpFilter::default().blocks(ip("1.1.1.1")));
    }

    #[test]
    fn networks_wider_than_their_addresses_and_lines_without_end_are_left_out() {
        let long = format!("{}:1.1.1.1-1.1.1.2", "x".repeat(LINE_MAX));
        for strange in
            ["1.2.3.4/33", "::/129", "1.2.3", "1.2.3.256", "1.2.3.0004", "+1.2.3.4", &long]
        {
            let read = IpFilter::parse(strange.as_bytes());
            assert_eq!((read.filter.len(), read.skipped), (0, 1), "{strange}");
        }
    }
}
