//! Where a channel is found: its root key as text, and peers and web servers that may help on the way.

use std::{fmt, str::FromStr};

use torrent::PeerHint;

use super::{
    mirror::{MIRRORS_MAX, MirrorUrl},
    zbase32,
};
use crate::{place::Digest, text::Id};

/// The longest address that is read, bytes.
const MAX_LEN: usize = 4096;
/// Peers that an address may name; more are left out.
const MAX_PEERS: usize = 8;
/// How the key of a mutable torrent opens in a magnet link (BEP 46).
const BTPK: &str = "urn:btpk:";

/// An Ed25519 public key: a channel's root key, which is its name for ever, or one of its online keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

/// The address of a channel: `kinora:` and 52 letters of z-base-32, or `magnet:?xs=urn:btpk:` and 64 hexadecimal
/// digits (BEP 46); peers are named as in magnet links, `x.pe=HOST:PORT` (BEP 9), and so are mirrors, `ws=URL`. One of
/// its titles is named after a dot: `kinora:KEY.TITLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The root key.
    pub key: Key,
    /// The title that is meant, if it is not the whole channel.
    pub title: Option<Id>,
    /// Who may have the channel, or know the DHT.
    pub peers: Vec<PeerHint>,
    /// Web servers that have a copy of the channel, for whoever has nothing of it yet.
    pub mirrors: Vec<MirrorUrl>,
}

/// Why a text is no address of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Longer than any address is.
    #[error("the address is longer than {MAX_LEN} bytes")]
    TooLong,
    /// Neither of the two forms.
    #[error(
        "a channel's address is `kinora:` and 52 letters, or `magnet:?xs=urn:btpk:` and 64 digits"
    )]
    Form,
    /// The key is cut off, mistyped or in capitals.
    #[error("the key in the address is not written correctly; copy the whole address again")]
    Key,
    /// What stands after the key is no title's name.
    #[error("the title in the address is not written correctly; copy the whole address again")]
    Title,
}

impl Key {
    /// Reads the 52 letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        zbase32::decode(text).map(Self)
    }

    /// The first letters, to tell keys apart at a glance; they prove nothing.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(12);
        text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&zbase32::encode(&self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Address {
    /// An address with nothing but the key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key, title: None, peers: vec![], mirrors: vec![] }
    }

    /// The form that clients for mutable torrents know (BEP 46).
    #[must_use]
    pub fn magnet(&self) -> String {
        let hex: String = self.key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("magnet:?xs={BTPK}{hex}")
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        if text.len() > MAX_LEN {
            return Err(BadAddress::TooLong);
        }
        if let Some(parameters) = after_scheme(text, "magnet:?") {
            return of_magnet(parameters);
        }
        let rest = after_scheme(text, "kinora:").unwrap_or(text);
        let (key, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let key = key.strip_prefix("//").unwrap_or(key);
        let key = key.strip_suffix('/').unwrap_or(key);
        let (key, title) =
            key.split_once('.').map_or((key, None), |(key, title)| (key, Some(title)));
        // A film's title or a path is no mistyped key.
        let alphanumeric = key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if key.is_empty() || !alphanumeric || (rest.len() == text.len() && key.len() != 52) {
            return Err(BadAddress::Form);
        }
        let key = Key::parse(key).ok_or(BadAddress::Key)?;
        let title = title.map(|title| Id::try_from(title.to_owned())).transpose();
        let title = title.map_err(|_| BadAddress::Title)?;
        Ok(Self { key, title, peers: peers(parameters), mirrors: mirrors(parameters) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kinora:{}", self.key)?;
        if let Some(title) = &self.title {
            write!(f, ".{}", &**title)?;
        }
        let peers = self.peers.iter().map(|peer| format!("x.pe={peer}"));
        let mirrors = self.mirrors.iter().map(|mirror| format!("ws={}", escaped(mirror)));
        peers.chain(mirrors).enumerate().try_for_each(|(place, parameter)| {
            write!(f, "{}{parameter}", if place == 0 { '?' } else { '&' })
        })
    }
}

/// What follows a scheme, whose letters may be of any case (RFC 3986).
fn after_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let start = text.get(..scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

fn of_magnet(parameters: &str) -> Result<Address, BadAddress> {
    let mut sources = values(parameters, "xs").filter_map(|xs| after_scheme(xs, BTPK));
    let hex = sources.next().ok_or(BadAddress::Form)?;
    let key = Digest::try_from(hex.to_owned()).map_err(|_| BadAddress::Key)?;
    let (peers, mirrors) = (peers(parameters), mirrors(parameters));
    Ok(Address { key: Key(key.0), title: None, peers, mirrors })
}

fn peers(parameters: &str) -> Vec<PeerHint> {
    let decoded = |value: &str| {
        let colons = value.replace("%3A", ":").replace("%3a", ":");
        colons.replace("%5B", "[").replace("%5D", "]").replace("%5b", "[").replace("%5d", "]")
    };
    let hints = values(parameters, "x.pe").filter_map(|hint| PeerHint::parse(&decoded(hint)));
    hints.take(MAX_PEERS).collect()
}

fn mirrors(parameters: &str) -> Vec<MirrorUrl> {
    let read = |value: &str| MirrorUrl::try_from(unescaped(value)?).ok();
    values(parameters, "ws").filter_map(read).take(MIRRORS_MAX).collect()
}

/// What would end a parameter, or change when it is read, is escaped (RFC 3986).
fn escaped(url: &str) -> String {
    url.replace('%', "%25").replace('&', "%26").replace('+', "%2B")
}

fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..)?;
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn values<'a>(parameters: &'a str, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(key, _)| *key == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root key of the test vectors.
    const ROOT: &str = "tkrq8zmwb8a3m9k15csu3q17qmfgqnp9dskbrg9uq1rydpyxp7qy";
    const ROOT_HEX: &str = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";

    #[test]
    fn both_forms_name_the_same_channel() {
        let ours: Address = format!("kinora:{ROOT}").parse().unwrap();
        let magnet: Address = format!("magnet:?xs=urn:btpk:{ROOT_HEX}").parse().unwrap();
        assert_eq!(ours, magnet);
        assert_eq!(ours.to_string(), format!("kinora:{ROOT}"));
        assert_eq!(ours.magnet(), format!("magnet:?xs=urn:btpk:{ROOT_HEX}"));
        assert_eq!(ROOT.parse(), Ok(ours.clone()));
        assert_eq!(format!(" KINORA://{ROOT}/ ").parse(), Ok(ours));
    }

    #[test]
    fn a_title_is_named_after_its_channel() {
        let text = format!("kinora:{ROOT}.the-end-1927?x.pe=192.0.2.7:6881");
        let address: Address = text.parse().unwrap();
        assert_eq!(address.title.as_deref(), Some("the-end-1927"));
        assert_eq!(address.to_string(), text);
        assert_eq!(format!("{ROOT}.a").parse::<Address>().unwrap().title.as_deref(), Some("a"));
        for wrong in ["", "a b", "../a", "a/b", "%2e", &"a".repeat(500)] {
            let read = format!("kinora:{ROOT}.{wrong}").parse::<Address>();
            assert_eq!(read, Err(BadAddress::Title), "{wrong}");
        }
        assert_eq!("kinora:tkrq.a".parse::<Address>(), Err(BadAddress::Key));
    }

    #[test]
    fn peers_are_read_written_and_bounded() {
        let text = format!("kinora:{ROOT}?x.pe=192.0.2.7:6881&x.pe=[2001:db8::1]:1&x.pe=nonsense");
        let address: Address = text.parse().unwrap();
        assert_eq!(address.peers.len(), 2);
        assert_eq!(address.to_string().parse(), Ok(address));
        let escaped: Address = format!("kinora:{ROOT}?x.pe=%5B2001%3Adb8::1%5D:1").parse().unwrap();
        assert_eq!(escaped.peers[0].host, "2001:db8::1");
        let many = "&x.pe=a.example:1".repeat(100);
        let many: Address = format!("kinora:{ROOT}?{many}").parse().unwrap();
        assert_eq!(many.peers.len(), MAX_PEERS);
    }

    #[test]
    fn mirrors_are_read_written_and_bounded() {
        let text = format!(
            "kinora:{ROOT}?x.pe=192.0.2.7:6881&ws=https%3A%2F%2Fa.example%2Ffilms%2F&ws=http://b.example/"
        );
        let address: Address = text.parse().unwrap();
        assert_eq!(address.mirrors.len(), 1, "the other one is not over https");
        assert_eq!(&*address.mirrors[0], "https://a.example/films/");
        assert_eq!(address.to_string().parse(), Ok(address));
        let odd = MirrorUrl::of_person("https://a.example/a%20b&c+d=e").unwrap();
        let address = Address { mirrors: vec![odd], ..Address::new(Key([7; 32])) };
        assert_eq!(address.to_string().parse(), Ok(address));
        let many = "&ws=https://a.example/".repeat(100);
        let many: Address = format!("kinora:{ROOT}?{many}").parse().unwrap();
        assert_eq!(many.mirrors.len(), MIRRORS_MAX);
    }

    #[test]
    fn what_is_no_address_is_told_apart_from_what_is_mistyped() {
        let read = |text: &str| text.parse::<Address>();
        for nonsense in
            ["", "kinora:", "http://x.example", "magnet:?xt=urn:btih:00", "film.torrent"]
        {
            assert_eq!(read(nonsense), Err(BadAddress::Form), "{nonsense}");
        }
        for mistyped in [
            format!("kinora:{}", &ROOT[1..]),
            format!("kinora:{}z", &ROOT[..51]),
            format!("kinora:{}", ROOT.to_uppercase()),
            format!("magnet:?xs=urn:btpk:{}", &ROOT_HEX[1..]),
            format!("magnet:?xs=urn:btpk:+{}", &ROOT_HEX[1..]),
        ] {
            assert_eq!(read(&mistyped), Err(BadAddress::Key), "{mistyped}");
        }
        assert_eq!(read(&"x".repeat(5000)), Err(BadAddress::TooLong));
    }
}
