//! The extension handshake: which extensions a peer speaks, and what it says of itself (BEP 10).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::Bytes;

use super::BadExtension;
use crate::{
    bencode::{Document, Encoder, Limits, Mode, Value},
    paths::is_unseen,
};

/// What a peer says of itself. Everything is optional, and everything is a stranger's word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtensionHandshake {
    /// The numbers under which it wants extensions' messages.
    pub ids: ExtensionIds,
    /// Its program's name, at most 64 characters, safe to show.
    pub client: Option<String>,
    /// The TCP port it listens on; never 0.
    pub port: Option<u16>,
    /// How many requests it keeps in its queue.
    pub request_queue: Option<u32>,
    /// The length of the info dictionary in bytes (BEP 9).
    pub metadata_size: Option<u32>,
    /// The receiver's address as it sees it (BEP 24).
    pub your_ip: Option<IpAddr>,
    /// Its own IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// Its own IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// Whether it fetches nothing (BEP 21).
    pub upload_only: bool,
}

/// The numbers that a peer gives the extensions we know; `None` for those it does not speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExtensionIds {
    /// `ut_metadata` (BEP 9).
    pub metadata: Option<u8>,
    /// `ut_pex` (BEP 11).
    pub exchange: Option<u8>,
    /// `lt_donthave` (BEP 54).
    pub dont_have: Option<u8>,
    /// `upload_only` (BEP 21).
    pub upload_only: Option<u8>,
    /// `ut_holepunch` (BEP 55).
    pub holepunch: Option<u8>,
    /// `kn_head`: news of a channel, where its followers meet (docs/channel-format.md).
    pub head: Option<u8>,
}

impl ExtensionIds {
    /// The numbers that we give them.
    pub const OURS: Self = Self {
        metadata: Some(1),
        exchange: Some(2),
        dont_have: Some(3),
        upload_only: Some(4),
        holepunch: Some(5),
        head: Some(6),
    };

    /// Names and numbers in the order of the names, as a dictionary wants them.
    fn entries(&self) -> [(&'static str, Option<u8>); 6] {
        [
            ("kn_head", self.head),
            ("lt_donthave", self.dont_have),
            ("upload_only", self.upload_only),
            ("ut_holepunch", self.holepunch),
            ("ut_metadata", self.metadata),
            ("ut_pex", self.exchange),
        ]
    }

    /// What a handshake says of the extensions: those it does not name stay as they are, 0 switches one off.
    fn update(&mut self, m: &Value<'_>) {
        for (name, number) in m.as_dict().into_iter().flatten() {
            let slot = match name {
                b"kn_head" => &mut self.head,
                b"lt_donthave" => &mut self.dont_have,
                b"upload_only" => &mut self.upload_only,
                b"ut_holepunch" => &mut self.holepunch,
                b"ut_metadata" => &mut self.metadata,
                b"ut_pex" => &mut self.exchange,
                _ => continue,
            };
            let number = number.as_int().and_then(|number| u8::try_from(number).ok());
            *slot = number.filter(|number| *number != 0);
        }
    }
}

impl ExtensionHandshake {
    /// Characters of a program's name that are kept.
    const CLIENT_LEN: usize = 64;

    /// Reads a handshake. Fields that are damaged or out of range count as missing.
    ///
    /// # Errors
    /// It is not a dictionary, or asks for too much.
    pub fn parse(payload: &[u8]) -> Result<Self, BadExtension> {
        Self::default().updated_by(payload)
    }

    /// What is known after a further handshake, which may name only what changed (BEP 10).
    ///
    /// # Errors
    /// It is not a dictionary, or asks for too much.
    pub fn updated_by(mut self, payload: &[u8]) -> Result<Self, BadExtension> {
        let document = Document::parse(payload, Mode::Lenient, &Limits::MESSAGE)?;
        let dict = document.root();
        let entries = dict.as_dict().ok_or(BadExtension::Field("handshake"))?;
        for (key, value) in entries {
            self.take(key, &value);
        }
        Ok(self)
    }

    /// The payload to send under the number 0.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Encoder::new();
        out.begin_dict();
        if let Some(ip) = self.ipv4 {
            out.key("ipv4").bytes(ip.octets());
        }
        if let Some(ip) = self.ipv6 {
            out.key("ipv6").bytes(ip.octets());
        }
        out.key("m").begin_dict();
        for (name, number) in self.ids.entries() {
            if let Some(number) = number {
                out.key(name).int(i64::from(number));
            }
        }
        out.end();
        self.write_numbers(&mut out);
        if self.upload_only {
            out.key("upload_only").int(1);
        }
        if let Some(client) = &self.client {
            out.key("v").bytes(client);
        }
        match self.your_ip {
            Some(IpAddr::V4(ip)) => out.key("yourip").bytes(ip.octets()),
            Some(IpAddr::V6(ip)) => out.key("yourip").bytes(ip.octets()),
            None => &mut out,
        };
        out.end();
        out.finish().into()
    }

    fn write_numbers(&self, out: &mut Encoder) {
        if let Some(size) = self.metadata_size {
            out.key("metadata_size").int(i64::from(size));
        }
        if let Some(port) = self.port {
            out.key("p").int(i64::from(port));
        }
        if let Some(queue) = self.request_queue {
            out.key("reqq").int(i64::from(queue));
        }
    }

    fn take(&mut self, key: &[u8], value: &Value<'_>) {
        match key {
            b"ipv4" => self.ipv4 = address(value).map(<[u8; 4]>::into),
            b"ipv6" => self.ipv6 = address(value).map(<[u8; 16]>::into),
            b"m" => self.ids.update(value),
            b"metadata_size" => self.metadata_size = number(value),
            b"p" => self.port = number(value),
            b"reqq" => self.request_queue = number(value),
            b"upload_only" => self.upload_only = value.as_int().is_some_and(|flag| flag != 0),
            b"v" => self.client = value.as_bytes().map(client),
            b"yourip" => self.your_ip = your_ip(value),
            _ => {}
        }
    }
}

/// A number above zero that fits.
fn number<N: TryFrom<i64> + PartialEq + From<u8>>(value: &Value<'_>) -> Option<N> {
    N::try_from(value.as_int()?).ok().filter(|number| *number != N::from(0))
}

fn address<const N: usize>(value: &Value<'_>) -> Option<[u8; N]> {
    value.as_bytes()?.try_into().ok()
}

fn your_ip(value: &Value<'_>) -> Option<IpAddr> {
    let v4 = address(value).map(|v4: [u8; 4]| IpAddr::from(v4));
    v4.or_else(|| address(value).map(|v6: [u8; 16]| IpAddr::from(v6)))
}

fn client(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(&name[..name.len().min(4 * ExtensionHandshake::CLIENT_LEN)]);
    text.chars().filter(|c| !is_unseen(*c)).take(ExtensionHandshake::CLIENT_LEN).collect()
}
