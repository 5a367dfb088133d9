//! A standing as bytes, to be kept on disk: what was accepted must outlive a power cut, or it was not accepted.

use std::collections::BTreeMap;

use dht::MutableItem;
use torrent::hash::sha256;

use super::{Contradiction, Floor, Held, Standing};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    channel::{
        Key,
        pointer::{BadPointer, Head, Root},
        rotation::Rotation,
    },
};

const LIMITS: Limits = Limits { bytes: 64 << 10, depth: 4, values: 4096 };
const FORMAT: u64 = 1;
/// The most keys whose floors are kept.
const FLOORS_MAX: usize = 256;
const CHECKSUM: usize = 32;

/// Bytes that were a standing once and are damaged. Whoever reads them must not begin anew: an old version could then
/// be passed off as the newest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what was known of the channel is damaged: {0}")]
pub struct Unreadable(String);

impl Standing {
    /// All of it, with a checksum at the end.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let floors = self.floors.iter().map(|(key, floor)| floor_value(key, floor)).collect();
        let rotation = self.rotation.as_ref().map(Rotation::to_bytes);
        let mut bytes = map_of([
            (1, Some(Value::Unsigned(FORMAT))),
            (2, Some(Value::Bytes(&self.key.0))),
            (3, self.root_item().map(item_value)),
            (4, self.head.as_ref().map(|head| item_value(&head.item))),
            (5, Some(Value::Array(floors))),
            (6, self.contradiction.as_ref().map(contradiction_value)),
            (7, rotation.as_deref().map(Value::Bytes)),
            (8, self.forgiven.as_deref().map(contradiction_value)),
        ])
        .to_bytes();
        let checksum = sha256(&bytes).0;
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// It is cut off, changed, or of a later program.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let damaged = |why: &str| Unreadable(why.to_owned());
        let at = bytes.len().checked_sub(CHECKSUM).ok_or_else(|| damaged("it is too short"))?;
        let (body, checksum) = bytes.split_at(at);
        if sha256(body).0 != *checksum {
            return Err(damaged("its checksum does not fit"));
        }
        Self::of(body).map_err(|why| Unreadable(why.to_string()))
    }

    fn of(body: &[u8]) -> Result<Self, BadShape> {
        let mut fields = Fields::of(Value::read(body, LIMITS)?)?;
        fields.required(1, |format| match format.unsigned()? {
            FORMAT => Ok(()),
            _ => Err("it was written by a later program"),
        })?;
        Ok(Self {
            key: Key(fields.required(2, Value::array_of)?),
            root: fields.optional(3, |item| held(item, Root::read))?,
            head: fields.optional(4, |item| held(item, Head::read))?,
            floors: fields.required(5, floors)?,
            contradiction: fields.optional(6, contradiction)?,
            rotation: fields.optional(7, |bytes| {
                Rotation::read(bytes.bytes()?).map_err(|why| why.to_string())
            })?,
            forgiven: fields.optional(8, contradiction)?.map(Box::new),
        })
    }
}

/// `[key, salt, seq, value, signature]`, as in BEP 44.
fn item_value(item: &MutableItem) -> Value<'_> {
    Value::Array(vec![
        Value::Bytes(item.key()),
        Value::Bytes(item.salt()),
        // Times and versions: an accepted one is not negative.
        Value::Unsigned(item.seq().unsigned_abs()),
        Value::Bytes(item.value().raw()),
        Value::Bytes(item.signature()),
    ])
}

fn item(value: Value<'_>) -> Result<MutableItem, String> {
    let [key, salt, seq, value, signature] = value.tuple()?;
    let value = dht::Value::bencoded(value.bytes()?).map_err(|why| why.to_string())?;
    let (key, signature) = (key.array_of()?, signature.array_of()?);
    MutableItem::verify(key, salt.bytes()?, seq.number()?, value, signature)
        .map_err(|why| why.to_string())
}

fn held<T>(
    value: Value<'_>,
    read: impl Fn(&MutableItem) -> Result<T, BadPointer>,
) -> Result<Held<T>, String> {
    let item = item(value)?;
    let says = read(&item).map_err(|why| why.to_string())?;
    Ok(Held { item, says })
}

fn contradiction_value(proof: &Contradiction) -> Value<'_> {
    let [first, second] = proof.items().map(item_value);
    Value::Array(vec![first, second, Value::Unsigned(proof.root_version)])
}

fn contradiction(value: Value<'_>) -> Result<Contradiction, String> {
    let [first, second, root_version] = value.tuple()?;
    Ok(Contradiction {
        first: item(first)?,
        second: item(second)?,
        root_version: root_version.unsigned()?,
    })
}

fn floor_value<'a>(key: &'a Key, floor: &'a Floor) -> Value<'a> {
    Value::Array(vec![
        Value::Bytes(&key.0),
        Value::Unsigned(floor.seq.unsigned_abs()),
        Value::Unsigned(floor.version),
        Value::Bytes(&floor.manifest),
    ])
}

fn floors(value: Value<'_>) -> Result<BTreeMap<Key, Floor>, String> {
    let floors = value.each(FLOORS_MAX, |floor| {
        let [key, seq, version, manifest] = floor.tuple()?;
        let floor = Floor {
            seq: seq.number()?,
            version: version.unsigned()?,
            manifest: manifest.array_of()?,
        };
        Ok::<_, &str>((Key(key.array_of()?), floor))
    })?;
    Ok(floors.into_iter().collect())
}
