//! The two signed items in the DHT that lead to a channel (BEP 44, BEP 46): root and head.
//!
//! The root item is signed by the root key, seldom: it names the online keys. The head item is signed by an online
//! key at every publish: it names the head torrent and its manifest. Both are bencoded dictionaries with sorted keys;
//! keys that are unknown here are covered by the signature and ignored.

use dht::{BadItem, MutableItem, SigningKey, Value, Wanted};
use torrent::{
    InfoHashes, Sha1Hash, Sha256Hash,
    bencode::{self, Document, Encoder, Mode},
    hash::sha256,
};

use super::Key;

/// The version of the format of both items.
const FORMAT: i64 = 1;
/// The most online keys that a root names.
pub const ONLINE_KEYS_MAX: usize = 4;
/// What is hashed before the key that will follow a root key.
const NEXT_ROOT: &[u8] = b"vod-next-root/1\0";
const LIMITS: bencode::Limits =
    bencode::Limits { bytes: dht::VALUE_MAX, depth: 4, tokens: dht::VALUE_MAX };

/// What a root key says: who may sign heads, and who will follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its version: 1 and up, one more each time.
    pub version: u64,
    /// The SHA-256 of the root document.
    pub document: [u8; 32],
    /// [`commitment`] of the key that follows, so that whoever steals this one cannot choose it.
    pub next: [u8; 32],
    /// Keys that may sign heads; at most [`ONLINE_KEYS_MAX`].
    pub online: Vec<Key>,
    /// When it was signed, milliseconds since 1970.
    pub issued_ms: u64,
    /// When news of it should have come, milliseconds since 1970. Nothing ends then.
    pub expires_ms: u64,
    /// Whether its swarm has a name that cannot be learned from the DHT's items.
    pub unlisted: bool,
}

/// What an online key says: which torrent and manifest are the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The head torrent.
    pub torrent: InfoHashes,
    /// The SHA-256 of the manifest's file.
    pub manifest: [u8; 32],
    /// The manifest's version.
    pub version: u64,
    /// The version of the root that its publisher had.
    pub root_version: u64,
    /// When it was signed, milliseconds since 1970.
    pub issued_ms: u64,
    /// When news of it should have come, milliseconds since 1970. Nothing ends then.
    pub expires_ms: u64,
}

/// Why a signed item is no root or head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPointer {
    /// It is not a dictionary.
    #[error("it is not a dictionary")]
    Form,
    /// It was written by a later program.
    #[error("it is of format {0}, this program reads format {FORMAT}; update Kinora")]
    Newer(i64),
    /// A field is missing, or not what it must be.
    #[error("its field `{0}` is missing or wrong")]
    Field(&'static str),
}

/// The hash by which a root key names the one that follows it.
#[must_use]
pub fn commitment(next: &Key) -> [u8; 32] {
    sha256(&[NEXT_ROOT, &next.0].concat()).0
}

/// What tells the root items of one key apart. There is a second slot for when the first cannot be raised any more.
#[must_use]
pub fn root_salt(slot: u8) -> Vec<u8> {
    [b"vr1\0".as_slice(), &[slot]].concat()
}

/// What tells the head items of one online key apart: a channel's start of a hash.
#[must_use]
pub fn head_salt(root: &Key) -> Vec<u8> {
    [b"vh1\0".as_slice(), &sha256(&root.0).0[..16]].concat()
}

/// Where to look for the root item of a channel.
#[must_use]
pub fn wanted_root(root: &Key, slot: u8, have: Option<i64>) -> Wanted {
    Wanted::Mutable { key: root.0, salt: root_salt(slot), have }
}

/// Where to look for the head item of a channel that an online key signs.
#[must_use]
pub fn wanted_head(root: &Key, online: &Key, have: Option<i64>) -> Wanted {
    Wanted::Mutable { key: online.0, salt: head_salt(root), have }
}

impl Root {
    /// Signs it with the root key.
    ///
    /// # Errors
    /// It does not fit an item.
    pub fn sign(&self, key: &SigningKey, slot: u8) -> Result<MutableItem, BadItem> {
        MutableItem::sign(key, &root_salt(slot), seq(self.issued_ms), self.value()?)
    }

    fn value(&self) -> Result<Value, BadItem> {
        let mut out = Encoder::new();
        out.begin_dict().key("c").bytes(self.next).key("m").bytes(self.document);
        out.key("n").int(seq(self.version)).key("o").begin_list();
        self.online.iter().for_each(|key| {
            out.bytes(key.0);
        });
        out.end().key("t").int(seq(self.issued_ms));
        if self.unlisted {
            out.key("u").int(1);
        }
        out.key("x").int(seq(self.expires_ms)).key("z").int(FORMAT).end();
        Value::bencoded(&out.finish())
    }

    /// Reads what a root item says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(item: &MutableItem) -> Result<Self, BadPointer> {
        let fields = Item::read(item)?;
        let fields = fields.root()?;
        let online = fields.keys("o")?;
        Ok(Self {
            version: fields.counter("n")?,
            document: fields.bytes("m")?,
            next: fields.bytes("c")?,
            online,
            issued_ms: fields.counter("t")?,
            expires_ms: fields.counter("x")?,
            unlisted: fields.0.get(b"u").and_then(|value| value.as_int()) == Some(1),
        })
    }
}

impl Head {
    /// Signs it with an online key. The item's `seq` is the time of signing, or one more than the last one's.
    ///
    /// # Errors
    /// It does not fit an item.
    pub fn sign(
        &self,
        key: &SigningKey,
        root: &Key,
        last_seq: Option<i64>,
    ) -> Result<MutableItem, BadItem> {
        let after_last = last_seq.map_or(0, |last| last.saturating_add(1));
        let seq = seq(self.issued_ms).max(after_last);
        MutableItem::sign(key, &head_salt(root), seq, self.value()?)
    }

    fn value(&self) -> Result<Value, BadItem> {
        let mut out = Encoder::new();
        out.begin_dict();
        if let Some(v2) = self.torrent.v2() {
            out.key("i2").bytes(v2.0);
        }
        out.key("ih").bytes(self.torrent.wire().0).key("m").bytes(self.manifest);
        out.key("n").int(seq(self.version)).key("r").int(seq(self.root_version));
        out.key("t").int(seq(self.issued_ms)).key("x").int(seq(self.expires_ms));
        out.key("z").int(FORMAT).end();
        Value::bencoded(&out.finish())
    }

    /// Reads what a head item says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(item: &MutableItem) -> Result<Self, BadPointer> {
        let fields = Item::read(item)?;
        let fields = fields.root()?;
        Ok(Self {
            torrent: fields.torrent()?,
            manifest: fields.bytes("m")?,
            version: fields.counter("n")?,
            root_version: fields.counter("r")?,
            issued_ms: fields.counter("t")?,
            expires_ms: fields.counter("x")?,
        })
    }
}

/// The text of an item. Times and versions are non-negative everywhere, so they fit one way and the other.
struct Item<'a>(Document<'a>);

struct Dictionary<'d>(bencode::Value<'d>);

impl<'a> Item<'a> {
    fn read(item: &'a MutableItem) -> Result<Self, BadPointer> {
        let parsed = Document::parse(item.value().raw(), Mode::Strict, &LIMITS);
        parsed.map(Self).map_err(|_| BadPointer::Form)
    }

    fn root(&self) -> Result<Dictionary<'_>, BadPointer> {
        let root = Dictionary(self.0.root());
        if root.0.as_dict().is_none() {
            return Err(BadPointer::Form);
        }
        match root.0.get(b"z").and_then(|format| format.as_int()) {
            Some(FORMAT) => Ok(root),
            Some(newer) if newer > FORMAT => Err(BadPointer::Newer(newer)),
            _ => Err(BadPointer::Field("z")),
        }
    }
}

impl Dictionary<'_> {
    fn counter(&self, name: &'static str) -> Result<u64, BadPointer> {
        let value = self.0.get(name.as_bytes()).and_then(|value| value.as_int());
        value.and_then(|value| value.try_into().ok()).ok_or(BadPointer::Field(name))
    }

    fn bytes<const N: usize>(&self, name: &'static str) -> Result<[u8; N], BadPointer> {
        self.optional(name)?.ok_or(BadPointer::Field(name))
    }

    fn optional<const N: usize>(&self, name: &'static str) -> Result<Option<[u8; N]>, BadPointer> {
        let Some(value) = self.0.get(name.as_bytes()) else { return Ok(None) };
        let bytes = value.as_bytes().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Some).ok_or(BadPointer::Field(name))
    }

    fn keys(&self, name: &'static str) -> Result<Vec<Key>, BadPointer> {
        let wrong = BadPointer::Field(name);
        let list = self.0.get(name.as_bytes()).ok_or(wrong)?;
        let keys = list.as_list().ok_or(wrong)?.map(|key| key.as_bytes()?.try_into().ok().map(Key));
        let keys: Vec<_> = keys.collect::<Option<_>>().ok_or(wrong)?;
        if (1..=ONLINE_KEYS_MAX).contains(&keys.len()) { Ok(keys) } else { Err(wrong) }
    }

    /// `ih` alone is a v1 infohash, or a v2 one cut short if it is the start of `i2` (BEP 46, BEP 52).
    fn torrent(&self) -> Result<InfoHashes, BadPointer> {
        let short = Sha1Hash(self.bytes("ih")?);
        Ok(match self.optional("i2")?.map(Sha256Hash) {
            None => InfoHashes::V1(short),
            Some(v2) if v2.truncated() == short => InfoHashes::V2(v2),
            Some(v2) => InfoHashes::Hybrid(short, v2),
        })
    }
}

/// A time or a version as an item holds it.
fn seq(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
