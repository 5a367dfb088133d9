//! The items we keep for others (BEP 44): who may replace what, and who gives way when there is no room.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

use crate::{
    Id, Item, Time,
    config::Limits,
    item::{BadItem, MutableItem, Value},
    krpc::{Put, Refusal},
};

/// How long an item is kept unless somebody puts it again (BEP 44).
const LIFE: Duration = Duration::from_secs(2 * 3600);
/// Addresses that are counted per item: more make it no dearer.
const KEEPERS_MAX: usize = 32;

#[derive(Debug)]
struct Kept {
    item: Item,
    /// Whoever put it lately. Many keep an item alive that many care for.
    keepers: BTreeSet<IpAddr>,
    put: Time,
    /// Whoever put it first: its quota is used.
    first: IpAddr,
}

#[derive(Debug)]
pub(crate) struct Items {
    kept: BTreeMap<Id, Kept>,
    most: usize,
    most_per_source: usize,
}

impl Items {
    pub(crate) fn new(limits: &Limits) -> Self {
        let (most, most_per_source) = (limits.items_max, limits.items_per_source_max);
        Self { kept: BTreeMap::new(), most, most_per_source }
    }

    pub(crate) fn get(&self, target: &Id) -> Option<&Item> {
        self.kept.get(target).map(|kept| &kept.item)
    }

    /// Somebody with a good token puts an item; `own` is our id.
    pub(crate) fn put(
        &mut self,
        put: Put,
        from: IpAddr,
        own: Id,
        now: Time,
    ) -> Result<(), Refusal> {
        let cas = put.cas;
        let item = read(put)?;
        let target = item.target();
        if let Some(kept) = self.kept.get_mut(&target) {
            check(&kept.item, &item, cas)?;
            if kept.keepers.len() < KEEPERS_MAX {
                kept.keepers.insert(from);
            }
            (kept.item, kept.put) = (item, now);
            return Ok(());
        }
        if self.kept.values().filter(|kept| kept.first == from).count() >= self.most_per_source {
            return Err(Refusal::Full);
        }
        if self.kept.len() >= self.most {
            self.make_room(&target, own)?;
        }
        let keepers = BTreeSet::from([from]);
        self.kept.insert(target, Kept { item, keepers, put: now, first: from });
        Ok(())
    }

    pub(crate) fn expire(&mut self, now: Time) {
        self.kept.retain(|_, kept| now.since(kept.put) < LIFE);
    }

    /// The item that fewest care for, the farthest from us of these, gives way to one that is nearer.
    fn make_room(&mut self, target: &Id, own: Id) -> Result<(), Refusal> {
        let worth = |(at, kept): (&Id, &Kept)| {
            (kept.keepers.len(), std::cmp::Reverse(at.distance(&own)), *at)
        };
        let Some(least) = self.kept.iter().map(worth).min() else { return Ok(()) };
        if (1, std::cmp::Reverse(target.distance(&own)), *target) < least {
            return Err(Refusal::Full);
        }
        self.kept.remove(&least.2);
        Ok(())
    }
}

/// Whether a new version may take the place of the one that is kept (BEP 44).
fn check(kept: &Item, new: &Item, cas: Option<i64>) -> Result<(), Refusal> {
    let (Item::Mutable(kept), Item::Mutable(new)) = (kept, new) else { return Ok(()) };
    if cas.is_some_and(|cas| cas != kept.seq()) {
        return Err(Refusal::Cas);
    }
    let same = new.seq() == kept.seq() && new.value() == kept.value();
    if same || new.seq() > kept.seq() { Ok(()) } else { Err(Refusal::Seq) }
}

fn read(put: Put) -> Result<Item, Refusal> {
    let value = Value::bencoded(&put.value).map_err(refusal)?;
    let Some(signed) = put.signed else { return Ok(Item::Immutable(value)) };
    let item = MutableItem::verify(signed.key, &signed.salt, signed.seq, value, signed.signature);
    item.map(Item::Mutable).map_err(refusal)
}

fn refusal(why: BadItem) -> Refusal {
    match why {
        BadItem::TooLong => Refusal::ValueTooLong,
        BadItem::SaltTooLong => Refusal::SaltTooLong,
        BadItem::NotBencoded => Refusal::Protocol,
        BadItem::Signature => Refusal::Signature,
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::krpc::Signed;

    fn signed(seq: i64, value: &str, cas: Option<i64>) -> Put {
        let key = SigningKey::from_bytes(&[9; 32]);
        let value = Value::bytes(value.as_bytes()).unwrap();
        let item = MutableItem::sign(&key, b"salt", seq, value).unwrap();
        Put {
            value: item.value().raw().to_vec(),
            signed: Some(Signed {
                key: *item.key(),
                salt: b"salt".to_vec(),
                seq,
                signature: *item.signature(),
            }),
            cas,
        }
    }

    fn immutable(text: &str) -> Put {
        Put {
            value: Value::bytes(text.as_bytes()).unwrap().raw().to_vec(),
            signed: None,
            cas: None,
        }
    }

    fn ip(n: u32) -> IpAddr {
        n.to_be_bytes().into()
    }

    fn items() -> Items {
        Items::new(&Limits::USUAL)
    }

    #[test]
    fn an_older_version_does_not_replace_a_newer_one() {
        let (mut items, own) = (items(), Id([0; 20]));
        let mut put = |put| items.put(put, ip(1), own, Time(0));
        assert_eq!(put(signed(5, "five", None)), Ok(()));
        assert_eq!(put(signed(4, "four", None)), Err(Refusal::Seq));
        assert_eq!(put(signed(5, "other", None)), Err(Refusal::Seq));
        assert_eq!(put(signed(5, "five", None)), Ok(()), "putting again keeps it alive");
        assert_eq!(put(signed(6, "six", Some(4))), Err(Refusal::Cas));
        assert_eq!(put(signed(6, "six", Some(5))), Ok(()));
    }

    #[test]
    fn long_values_long_salts_and_forged_signatures_are_refused() {
        let (mut items, own) = (items(), Id([0; 20]));
        let mut put = |put| items.put(put, ip(1), own, Time(0));
        let long = Put { value: [b"1100:".to_vec(), vec![b'x'; 1100]].concat(), ..immutable("") };
        assert_eq!(put(long), Err(Refusal::ValueTooLong));
        let change = |how: fn(&mut Signed)| {
            let mut put = signed(5, "five", None);
            put.signed.as_mut().map(how);
            put
        };
        assert_eq!(put(change(|signed| signed.seq = 6)), Err(Refusal::Signature));
        assert_eq!(put(change(|signed| signed.salt = vec![0; 65])), Err(Refusal::SaltTooLong));
        assert_eq!(put(change(|signed| signed.key = [0; 32])), Err(Refusal::Signature));
    }

    #[test]
    fn one_source_cannot_fill_the_store_and_many_cannot_overfill_it() {
        let (mut items, own) = (items(), Id([0; 20]));
        for n in 0..200 {
            items.put(immutable(&format!("a{n}")), ip(1), own, Time(0)).ok();
        }
        assert_eq!(items.kept.len(), Limits::USUAL.items_per_source_max);
        for n in 0..2000 {
            items.put(immutable(&format!("b{n}")), ip(1000 + n), own, Time(0)).ok();
        }
        assert_eq!(items.kept.len(), Limits::USUAL.items_max);
    }

    #[test]
    fn what_many_care_for_stays_and_what_nobody_puts_again_goes() {
        let (mut items, own) = (items(), Id([0; 20]));
        for n in 0..5 {
            items.put(signed(1, "loved", None), ip(n), own, Time(0)).unwrap();
        }
        for n in 0..2000 {
            items.put(immutable(&format!("{n}")), ip(1000 + n), own, Time(0)).ok();
        }
        let target = crate::mutable_target(&signed(1, "", None).signed.unwrap().key, b"salt");
        assert!(items.get(&target).is_some());
        items.expire(Time(0) + LIFE);
        assert!(items.kept.is_empty());
    }
}
