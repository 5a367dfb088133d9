//! Where things are: torrents, addresses and paths, checked for form and never followed here.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};
use torrent::{InfoHashes, Sha1Hash, Sha256Hash};

use crate::text::BadText;

const MAX_URL: usize = 2048;
const MAX_PATH: usize = 1024;

/// A digest written as small hexadecimal digits: 20 bytes for a v1 infohash, 32 for v2 and SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest<const N: usize>(pub [u8; N]);

impl<const N: usize> TryFrom<String> for Digest<N> {
    type Error = BadText;

    fn try_from(hex: String) -> Result<Self, BadText> {
        let wrong = BadText::Form("a hash is written as 40 or 64 hexadecimal digits");
        if hex.len() != 2 * N {
            return Err(wrong);
        }
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let (Some(high), Some(low)) = (nibble(pair[0]), nibble(pair[1])) else {
                return Err(wrong);
            };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl<const N: usize> fmt::Display for Digest<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> From<Digest<N>> for String {
    fn from(digest: Digest<N>) -> Self {
        digest.to_string()
    }
}

macro_rules! checked_url {
    ($(#[$doc:meta])* $name:ident, $schemes:expr, $form:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = BadText;

            fn try_from(raw: String) -> Result<Self, BadText> {
                if is_url(&raw, $schemes) { Ok(Self(raw)) } else { Err(BadText::Form($form)) }
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }
    };
}

checked_url!(
    /// The page where a claim can be checked; shown as a link, never fetched by the program itself.
    HttpsUrl,
    &["https://"],
    "an address here starts with https:// and has at most 2048 printable characters"
);

checked_url!(
    /// A tracker, a web seed or the place of a `.torrent` file.
    SwarmUrl,
    &["https://", "http://", "udp://"],
    "an address here starts with https://, http:// or udp:// and has at most 2048 printable characters"
);

fn is_url(raw: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| raw.strip_prefix(scheme));
    raw.len() <= MAX_URL
        && raw.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\\'))
        && rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#', ':']) && !rest.is_empty())
        && !rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or("").contains('@')
}

/// A path below some folder, its parts joined by `/`; it cannot leave that folder on any system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RelativePath(String);

impl TryFrom<String> for RelativePath {
    type Error = BadText;

    fn try_from(raw: String) -> Result<Self, BadText> {
        let safe = raw.len() <= MAX_PATH
            && !raw.chars().any(|c| c.is_control() || c == '\\')
            && raw.as_bytes().get(1) != Some(&b':')
            && raw.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if safe { Ok(Self(raw)) } else { Err(BadText::Form("a path stays below its folder")) }
    }
}

impl Deref for RelativePath {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// How to reach a torrent: its infohashes (at least one) and what helps to find peers and metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TorrentLink {
    /// The v1 infohash (BEP 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<Digest<20>>,
    /// The v2 infohash (BEP 52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v2: Option<Digest<32>>,
    /// Trackers, best first; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trackers: Vec<SwarmUrl>,
    /// Web seeds (BEP 19); at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub web_seeds: Vec<SwarmUrl>,
    /// Where the `.torrent` file can be fetched (`xs` of a magnet link); at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SwarmUrl>,
    /// The `.torrent` file that lies beside the catalogue file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metainfo: Option<RelativePath>,
}

impl TorrentLink {
    /// Its names in swarms; nothing without an infohash.
    #[must_use]
    pub fn hashes(&self) -> Option<InfoHashes> {
        match (self.v1.map(|v1| Sha1Hash(v1.0)), self.v2.map(|v2| Sha256Hash(v2.0))) {
            (Some(v1), Some(v2)) => Some(InfoHashes::Hybrid(v1, v2)),
            (Some(v1), None) => Some(InfoHashes::V1(v1)),
            (None, Some(v2)) => Some(InfoHashes::V2(v2)),
            (None, None) => None,
        }
    }

    /// The infohash for people and keys, in hexadecimal: v1 if there is one, else v2.
    #[must_use]
    pub fn infohash(&self) -> String {
        match (self.v1, self.v2) {
            (Some(v1), _) => v1.to_string(),
            (None, Some(v2)) => v2.to_string(),
            (None, None) => String::new(),
        }
    }

    /// A magnet link with everything known here (BEP 9, BEP 53 left out: the file is chosen by its path).
    #[must_use]
    pub fn magnet(&self, name: &str) -> String {
        let hashes = (self.v1.map(|v1| format!("xt=urn:btih:{v1}")).into_iter())
            .chain(self.v2.map(|v2| format!("xt=urn:btmh:1220{v2}")));
        let addresses = [("tr", &self.trackers), ("ws", &self.web_seeds), ("xs", &self.sources)]
            .into_iter()
            .flat_map(|(key, urls)| urls.iter().map(move |url| format!("{key}={}", escape(url))));
        let parts: Vec<_> =
            hashes.chain([format!("dn={}", escape(name))]).chain(addresses).collect();
        format!("magnet:?{}", parts.join("&"))
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.v1.is_none() && self.v2.is_none() {
            return Err("a torrent needs an infohash, `v1` or `v2`");
        }
        if self.trackers.len() > 32 || self.web_seeds.len() > 32 || self.sources.len() > 8 {
            return Err("a torrent lists at most 32 trackers, 32 web seeds and 8 sources");
        }
        Ok(())
    }
}

fn escape(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
