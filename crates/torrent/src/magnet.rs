//! Magnet links: a torrent by its names alone (BEP 9, 53, and `btmh` of BEP 52).

use std::{fmt, ops::RangeInclusive};

use thiserror::Error;

use crate::{InfoHashes, Sha1Hash, Sha256Hash, limits, percent};

/// A magnet link. What is not a hash is a stranger's text, and only so much of it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magnet {
    /// The torrent's names (`xt`).
    pub hashes: InfoHashes,
    /// What to call it until its metadata is known (`dn`).
    pub name: Option<String>,
    /// Trackers, each its own tier (`tr`).
    pub trackers: Vec<String>,
    /// Web seeds (`ws`).
    pub web_seeds: Vec<String>,
    /// Where the metainfo file or the content can be fetched (`xs`, `as`).
    pub sources: Vec<String>,
    /// Peers to begin with (`x.pe`).
    pub peers: Vec<PeerHint>,
    /// The files to fetch, as ranges of indices (`so`, BEP 53); empty for all.
    pub select_only: Vec<RangeInclusive<u32>>,
    /// The length of the content in bytes, as the link claims (`xl`).
    pub exact_length: Option<u64>,
}

/// A peer by host and port; the host may be a name, and is written without brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerHint {
    /// An IPv4 or IPv6 address or a host name.
    pub host: String,
    /// Never 0.
    pub port: u16,
}

/// A text that is not a usable magnet link.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadMagnet {
    /// It does not start with `magnet:?`.
    #[error("this is not a magnet link: it does not begin with `magnet:?`")]
    NotMagnet,
    /// It is too long.
    #[error("the magnet link is {found} characters long; at most {} are read", Magnet::MAX_LEN)]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// It has no `xt` of a kind we know.
    #[error("the magnet link names no torrent: it has no `xt=urn:btih:…` or `xt=urn:btmh:…`")]
    NoHash,
    /// A hash of the wrong length or with other characters than digits.
    #[error(
        "the magnet link is damaged: its torrent hash is not 40 hexadecimal or 32 base-32 digits (version 1), or 1220 and 64 hexadecimal digits (version 2)"
    )]
    BadHash,
    /// Two different hashes of the same version.
    #[error("the magnet link names two different torrents; open them one at a time")]
    TwoTorrents,
}

impl Magnet {
    /// Bytes of a link that is read.
    pub const MAX_LEN: usize = 8 << 10;
    /// Peers that are kept.
    const MAX_PEERS: usize = 64;
    /// Sources that are kept.
    const MAX_SOURCES: usize = 16;
    /// Ranges of files that are kept.
    const MAX_RANGES: usize = 256;
    /// Bytes of a name that are kept.
    const MAX_NAME: usize = 1024;

    /// A link that has nothing but the torrent's names.
    #[must_use]
    pub fn new(hashes: InfoHashes) -> Self {
        Self {
            hashes,
            name: None,
            trackers: vec![],
            web_seeds: vec![],
            sources: vec![],
            peers: vec![],
            select_only: vec![],
            exact_length: None,
        }
    }

    /// Reads a link. Parameters that are unknown, damaged or too many are left out; only a damaged hash is an error.
    ///
    /// # Errors
    /// Why it names no torrent.
    pub fn parse(link: &str) -> Result<Self, BadMagnet> {
        let link = link.trim();
        if link.len() > Self::MAX_LEN {
            return Err(BadMagnet::TooLong { found: link.len() });
        }
        let scheme = link.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("magnet:?"));
        let parameters = scheme.map(|_| &link[8..]).ok_or(BadMagnet::NotMagnet)?;
        let pairs = || parameters.split('&').filter_map(|pair| pair.split_once('='));
        let topics = pairs().filter(|(key, _)| bare(key) == "xt").map(|(_, value)| value);
        let mut magnet = Self::new(hashes(topics)?);
        for (key, value) in pairs() {
            magnet.take(&bare(key), percent::decode_text(value));
        }
        Ok(magnet)
    }

    /// Whether a file is to be fetched.
    #[must_use]
    pub fn selects(&self, file: u32) -> bool {
        self.select_only.is_empty() || self.select_only.iter().any(|range| range.contains(&file))
    }

    fn take(&mut self, key: &str, value: String) {
        match key {
            "dn" => self.name = Some(cut(value, Self::MAX_NAME)),
            "tr" => keep(&mut self.trackers, value, limits::TRACKERS),
            "ws" => keep(&mut self.web_seeds, value, limits::WEB_SEEDS),
            "xs" | "as" => keep(&mut self.sources, value, Self::MAX_SOURCES),
            "x.pe" => {
                if let Some(peer) = PeerHint::parse(&value) {
                    keep(&mut self.peers, peer, Self::MAX_PEERS);
                }
            }
            "so" => self.select_only = ranges(&value),
            "xl" => self.exact_length = value.parse().ok(),
            _ => {}
        }
    }
}

impl PeerHint {
    /// Reads `host:port`; an IPv6 address stands in brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        let host = match host.strip_prefix('[') {
            Some(inner) => {
                inner.strip_suffix(']').filter(|v6| v6.parse::<std::net::Ipv6Addr>().is_ok())?
            }
            None => Some(host).filter(|name| is_host(name))?,
        };
        Some(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for PeerHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Magnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v1 = self.hashes.v1().map(|hash| format!("xt=urn:btih:{hash}"));
        let v2 = self.hashes.v2().map(|hash| format!("xt=urn:btmh:1220{hash}"));
        let topics: Vec<String> = v1.into_iter().chain(v2).collect();
        write!(f, "magnet:?{}", topics.join("&"))?;
        if let Some(name) = &self.name {
            write!(f, "&dn={}", percent::encode(name.as_bytes(), b""))?;
        }
        if let Some(length) = self.exact_length {
            write!(f, "&xl={length}")?;
        }
        let lists = [("tr", &self.trackers), ("ws", &self.web_seeds), ("xs", &self.sources)];
        for (key, url) in
            lists.iter().flat_map(|(key, urls)| urls.iter().map(move |url| (key, url)))
        {
            write!(f, "&{key}={}", percent::encode(url.as_bytes(), b""))?;
        }
        for peer in &self.peers {
            write!(f, "&x.pe={}", percent::encode(peer.to_string().as_bytes(), b"[]:"))?;
        }
        if !self.select_only.is_empty() {
            let ranges: Vec<String> = self.select_only.iter().map(shown_range).collect();
            write!(f, "&so={}", ranges.join(","))?;
        }
        Ok(())
    }
}

/// A key without the number that tells repeated parameters apart (`tr.1`), in lower case.
fn bare(key: &str) -> String {
    let key = key.to_ascii_lowercase();
    match key.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => key,
    }
}

fn hashes<'a>(topics: impl Iterator<Item = &'a str>) -> Result<InfoHashes, BadMagnet> {
    let (mut v1, mut v2) = (None, None);
    for topic in topics {
        let topic = percent::decode_text(topic);
        if let Some(digits) = strip_prefix(&topic, "urn:btih:") {
            unite(&mut v1, Sha1Hash(v1_digits(digits).ok_or(BadMagnet::BadHash)?))?;
        } else if let Some(digits) = strip_prefix(&topic, "urn:btmh:") {
            unite(&mut v2, Sha256Hash(v2_digits(digits).ok_or(BadMagnet::BadHash)?))?;
        }
    }
    match (v1, v2) {
        (Some(v1), Some(v2)) => Ok(InfoHashes::Hybrid(v1, v2)),
        (Some(v1), None) => Ok(InfoHashes::V1(v1)),
        (None, Some(v2)) => Ok(InfoHashes::V2(v2)),
        (None, None) => Err(BadMagnet::NoHash),
    }
}

/// The same hash may stand twice; two different ones are two torrents.
fn unite<H: PartialEq>(known: &mut Option<H>, hash: H) -> Result<(), BadMagnet> {
    match known {
        Some(known) if *known != hash => Err(BadMagnet::TwoTorrents),
        _ => {
            *known = Some(hash);
            Ok(())
        }
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn v1_digits(digits: &str) -> Option<[u8; 20]> {
    if digits.len() == 32 { base32(digits) } else { hex(digits) }
}

/// A multihash: 0x12 for SHA-256, 0x20 for 32 bytes.
fn v2_digits(digits: &str) -> Option<[u8; 32]> {
    hex(strip_prefix(digits, "1220")?)
}

/// Bytes written as digits, two for each.
pub(crate) fn hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(percent::hex_byte).collect();
    bytes?.try_into().ok()
}

/// 32 digits of 5 bits each (RFC 4648, 6).
fn base32(digits: &str) -> Option<[u8; 20]> {
    let mut out = [0; 20];
    for (eight, five) in digits.as_bytes().chunks(8).zip(out.chunks_mut(5)) {
        let bits =
            eight.iter().try_fold(0_u64, |bits, digit| Some(bits << 5 | base32_digit(*digit)?))?;
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(out)
}

fn base32_digit(digit: u8) -> Option<u64> {
    match digit.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(u64::from(letter - b'A')),
        number @ b'2'..=b'7' => Some(u64::from(number - b'2') + 26),
        _ => None,
    }
}

fn is_host(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// Keeps a value that is new, if there is room.
fn keep<T: PartialEq>(list: &mut Vec<T>, value: T, most: usize) {
    if list.len() < most && !list.contains(&value) {
        list.push(value);
    }
}

/// The start of a text, cut between characters.
fn cut(mut text: String, most: usize) -> String {
    text.truncate(text.floor_char_boundary(most));
    text
}

/// `0,2,4-7`; damaged ranges are left out.
fn ranges(text: &str) -> Vec<RangeInclusive<u32>> {
    text.split(',').filter_map(range).take(Magnet::MAX_RANGES).collect()
}

fn range(text: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.parse().ok()?..=last.parse().ok()?;
    (!range.is_empty()).then_some(range)
}

fn shown_range(range: &RangeInclusive<u32>) -> String {
    let (first, last) = (range.start(), range.end());
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
