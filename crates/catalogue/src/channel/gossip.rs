//! What followers of a channel tell each other where they meet: who has which version, and the signed items themselves.
//!
//! The messages of the extension `kn_head` (BEP 10), bencoded dictionaries. A message of a later program has a number
//! that is unknown here and is ignored.

use dht::{BadItem, MutableItem, Value};
use torrent::{
    Sha1Hash,
    bencode::{self, Document, Encoder, Mode},
    hash::sha256,
};

use super::{Key, ROTATION_MAX};

/// What is hashed before a root key for the name of the swarm in which its followers meet.
const SWARM: &[u8] = b"kinora-swarm/1\0";
/// The longest message, bytes.
const MESSAGE_MAX: usize = 2048;
const LIMITS: bencode::Limits =
    bencode::Limits { bytes: MESSAGE_MAX, depth: 8, tokens: MESSAGE_MAX };

/// Where the followers of a channel meet, for ever: no key that is replaced changes it, and it says nothing of the
/// channel to those who do not know its address.
#[must_use]
pub fn swarm_name(root: &Key) -> Sha1Hash {
    let hash = sha256(&[SWARM, &root.0].concat()).0;
    Sha1Hash(std::array::from_fn(|at| hash[at]))
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gossip {
    /// What somebody has.
    Have(Have),
    /// Somebody asks for this.
    Ask(Part),
    /// A signed item; nothing was verified yet.
    Item(Offered),
    /// A statement that another root key follows; nothing was verified yet.
    Rotation(Vec<u8>),
}

/// What somebody says to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Have {
    /// The `seq` of its head; 0 for none.
    pub seq: i64,
    /// The version of its root; 0 for none.
    pub root_version: u64,
    /// Whether it knows a root key that follows.
    pub rotation: bool,
    /// Whether it has a proof that the publisher signed two different things.
    pub proof: bool,
}

/// What one can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The root item.
    Root,
    /// The head item.
    Head,
    /// The statement that another root key follows.
    Rotation,
    /// The two items that contradict each other.
    Proof,
}

/// An item as a stranger gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    key: [u8; 32],
    salt: Vec<u8>,
    seq: i64,
    value: Value,
    signature: [u8; 64],
}

/// Why bytes are no message: no honest program sends such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadGossip {
    /// Not a dictionary, too long, or not in the one canonical way.
    #[error("it is no message of followers")]
    Form,
    /// A field is missing, or not what it must be.
    #[error("its field `{0}` is missing or wrong")]
    Field(&'static str),
}

impl Part {
    const ALL: [Self; 4] = [Self::Root, Self::Head, Self::Rotation, Self::Proof];

    fn number(self) -> i64 {
        match self {
            Self::Root => 0,
            Self::Head => 1,
            Self::Rotation => 3,
            Self::Proof => 4,
        }
    }
}

impl Offered {
    /// Whose item it says to be.
    #[must_use]
    pub fn key(&self) -> Key {
        Key(self.key)
    }

    /// Its version, as it says.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Whether it is, byte for byte, an item that is known and need not be verified again.
    #[must_use]
    pub fn is(&self, item: &MutableItem) -> bool {
        self.key == *item.key()
            && self.salt == item.salt()
            && self.seq == item.seq()
            && self.value == *item.value()
    }

    /// The item, if its signature fits. This costs what a signature costs.
    ///
    /// # Errors
    /// It does not fit.
    pub fn verify(self) -> Result<MutableItem, BadItem> {
        MutableItem::verify(self.key, &self.salt, self.seq, self.value, self.signature)
    }
}

impl From<&MutableItem> for Offered {
    fn from(item: &MutableItem) -> Self {
        Self {
            key: *item.key(),
            salt: item.salt().to_vec(),
            seq: item.seq(),
            value: item.value().clone(),
            signature: *item.signature(),
        }
    }
}

impl Gossip {
    /// The message as it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Encoder::new();
        out.begin_dict();
        match self {
            Self::Have(have) => write_have(&mut out, have),
            Self::Ask(part) => {
                out.key("mt").int(1).key("w").int(part.number());
            }
            Self::Item(item) => {
                out.key("k").bytes(item.key).key("mt").int(2);
                out.key("salt").bytes(&item.salt).key("seq").int(item.seq);
                out.key("sig").bytes(item.signature).key("v").raw(item.value.raw());
            }
            Self::Rotation(bytes) => {
                out.key("d").bytes(bytes).key("mt").int(3);
            }
        }
        out.end();
        out.finish()
    }

    /// Reads a message; `None` for one of a later program.
    ///
    /// # Errors
    /// It is none.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, BadGossip> {
        let document =
            Document::parse(bytes, Mode::Strict, &LIMITS).map_err(|_| BadGossip::Form)?;
        let root = document.root();
        root.as_dict().ok_or(BadGossip::Form)?;
        let fields = Fields(root);
        Ok(Some(match fields.int("mt")? {
            0 => Self::Have(fields.have()?),
            1 => {
                let number = fields.int("w")?;
                match Part::ALL.into_iter().find(|part| part.number() == number) {
                    Some(part) => Self::Ask(part),
                    None => return Ok(None),
                }
            }
            2 => Self::Item(fields.item()?),
            3 => Self::Rotation(fields.rotation()?),
            _ => return Ok(None),
        }))
    }
}

fn write_have(out: &mut Encoder, have: &Have) {
    if have.proof {
        out.key("e").int(1);
    }
    let version = i64::try_from(have.root_version).unwrap_or(i64::MAX);
    out.key("mt").int(0).key("n").int(version).key("q").int(have.seq);
    if have.rotation {
        out.key("x").int(1);
    }
}

/// The fields of a message.
struct Fields<'a>(bencode::Value<'a>);

impl Fields<'_> {
    fn int(&self, key: &'static str) -> Result<i64, BadGossip> {
        let value = self.0.get(key.as_bytes()).and_then(|value| value.as_int());
        value.ok_or(BadGossip::Field(key))
    }

    fn flag(&self, key: &'static str) -> Result<bool, BadGossip> {
        match self.0.get(key.as_bytes()) {
            None => Ok(false),
            Some(_) => self.int(key).map(|flag| flag != 0),
        }
    }

    fn bytes(&self, key: &'static str) -> Result<Vec<u8>, BadGossip> {
        let value = self.0.get(key.as_bytes());
        let bytes = value.and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
        bytes.ok_or(BadGossip::Field(key))
    }

    fn fixed<const LEN: usize>(&self, key: &'static str) -> Result<[u8; LEN], BadGossip> {
        self.bytes(key)?.try_into().map_err(|_| BadGossip::Field(key))
    }

    fn have(&self) -> Result<Have, BadGossip> {
        let seq = Some(self.int("q")?).filter(|seq| *seq >= 0).ok_or(BadGossip::Field("q"))?;
        let root_version = u64::try_from(self.int("n")?).map_err(|_| BadGossip::Field("n"))?;
        Ok(Have { seq, root_version, rotation: self.flag("x")?, proof: self.flag("e")? })
    }

    fn item(&self) -> Result<Offered, BadGossip> {
        let salt = Some(self.bytes("salt")?).filter(|salt| salt.len() <= dht::SALT_MAX);
        let value = self.0.get(b"v").ok_or(BadGossip::Field("v"))?;
        Ok(Offered {
            key: self.fixed("k")?,
            salt: salt.ok_or(BadGossip::Field("salt"))?,
            seq: self.int("seq")?,
            value: Value::bencoded(value.raw()).map_err(|_| BadGossip::Field("v"))?,
            signature: self.fixed("sig")?,
        })
    }

    fn rotation(&self) -> Result<Vec<u8>, BadGossip> {
        let bytes = Some(self.bytes("d")?).filter(|bytes| bytes.len() <= ROTATION_MAX);
        bytes.ok_or(BadGossip::Field("d"))
    }
}

#[cfg(test)]
mod tests {
    use dht::SigningKey;

    use super::*;

    fn item() -> MutableItem {
        let value = Value::bencoded(b"d1:ni7ee").unwrap();
        MutableItem::sign(&SigningKey::from_bytes(&[2; 32]), b"salt", 5, value).unwrap()
    }

    #[test]
    fn messages_are_read_as_they_were_written() {
        let full = Have { seq: 7, root_version: 2, rotation: true, proof: true };
        let messages = [
            Gossip::Have(Have::default()),
            Gossip::Have(full),
            Gossip::Item((&item()).into()),
            Gossip::Rotation(vec![1, 2, 3]),
        ];
        let asks = Part::ALL.map(Gossip::Ask);
        for message in messages.into_iter().chain(asks) {
            assert_eq!(Gossip::read(&message.to_bytes()), Ok(Some(message)));
        }
        assert_eq!(Gossip::Have(full).to_bytes(), b"d1:ei1e2:mti0e1:ni2e1:qi7e1:xi1ee");
        assert_eq!(Gossip::Ask(Part::Head).to_bytes(), b"d2:mti1e1:wi1ee");
    }

    #[test]
    fn an_item_is_verified_before_it_is_one() {
        let offered = Offered::from(&item());
        assert!(offered.is(&item()));
        assert_eq!(offered.clone().verify(), Ok(item()));
        let other = Offered { seq: 6, ..offered };
        assert!(!other.is(&item()));
        assert_eq!(other.verify(), Err(BadItem::Signature));
    }

    #[test]
    fn what_is_no_message_is_refused_and_what_is_new_is_ignored() {
        let long = [b"d1:d3000:".as_slice(), &[0; 3000], b"2:mti3ee"].concat();
        let refused = [
            (b"".as_slice(), BadGossip::Form),
            (b"le", BadGossip::Form),
            (b"d2:mti0e1:ni1e1:qi1eeX", BadGossip::Form),
            (b"d1:qi1e2:mti0ee", BadGossip::Form),
            (&long, BadGossip::Form),
            (b"d2:mti0e1:ni1ee", BadGossip::Field("q")),
            (b"d2:mti0e1:ni-1e1:qi1ee", BadGossip::Field("n")),
            (b"d2:mti2ee", BadGossip::Field("salt")),
            (b"de", BadGossip::Field("mt")),
        ];
        for (bytes, why) in refused {
            assert_eq!(Gossip::read(bytes), Err(why), "{}", bytes.escape_ascii());
        }
        assert_eq!(Gossip::read(b"d2:mti9ee"), Ok(None));
        assert_eq!(Gossip::read(b"d2:mti1e1:wi9ee"), Ok(None));
    }

    #[test]
    fn the_swarm_of_a_channel_has_a_name_of_its_own() {
        let key = Key(SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes());
        assert_eq!(swarm_name(&key).to_string(), "48857529b1e01d6406cb9a0590ecfc3797aaa78f");
        assert_ne!(swarm_name(&key), swarm_name(&Key([2; 32])));
    }
}
