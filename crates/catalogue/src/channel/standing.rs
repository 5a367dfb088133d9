//! What a follower holds of a channel and what it accepts: newer roots and heads, nothing older, nothing contradictory.
//!
//! Floors belong to keys. Each online key has its own, which never goes down; those of keys that the newest root names
//! count. So a stolen key that was raised to the highest version there is loses its floor with its right to sign.

mod record;

use std::collections::BTreeMap;

use dht::MutableItem;

pub use self::record::Unreadable;
use super::{
    Key,
    pointer::{BadPointer, Head, Root, head_salt, root_salt},
    rotation::Rotation,
};

/// How far ahead of our clock a signature may be, milliseconds.
const AHEAD_MAX_MS: u64 = 24 * 3600 * 1000;

/// An item with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held<T> {
    item: MutableItem,
    says: T,
}

/// The least that is accepted of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Floor {
    seq: i64,
    version: u64,
    manifest: [u8; 32],
}

/// Two items that one key signed for one place and one version: it speaks with two tongues, or two people have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    first: MutableItem,
    second: MutableItem,
    /// The version of the root that held then.
    root_version: u64,
}

/// A channel as its follower knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    key: Key,
    root: Option<Held<Root>>,
    head: Option<Held<Head>>,
    floors: BTreeMap<Key, Floor>,
    contradiction: Option<Contradiction>,
    /// What a person went on in spite of. It stays as a proof, and does not halt again when somebody tells of it again.
    forgiven: Option<Box<Contradiction>>,
    rotation: Option<Rotation>,
}

/// What an accepted offer brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Something newer than we had.
    Newer,
    /// What we have.
    Same,
}

/// Why an offer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Signed by another key than this channel's.
    #[error("it is signed by another key")]
    OtherKey,
    /// An item of another channel or for another purpose.
    #[error("it belongs to another place")]
    OtherPlace,
    /// It says nothing that can be understood.
    #[error("it cannot be read: {0}")]
    Bad(#[from] BadPointer),
    /// Its time is more than a day ahead of our clock.
    #[error("it is dated more than a day ahead; check this machine's clock")]
    Future,
    /// Older than what was accepted before.
    #[error("it is older than what is known")]
    Older,
    /// A newer signature over an older or another version: somebody goes back, or lost count.
    #[error("its signature is newer and its version is not")]
    Backwards,
    /// A root that names another successor than the first one did.
    #[error("it names another key to follow than was promised")]
    OtherSuccessor,
    /// No root is known yet.
    #[error("the root is not known yet")]
    NoRoot,
    /// The newest root does not let its key sign heads.
    #[error("its key may not sign for this channel, or no longer")]
    NotDelegated,
    /// Its publisher knows a newer root: that one comes first.
    #[error("a newer root must be fetched first")]
    RootNeeded,
    /// It contradicts what the same key signed before. Both are kept as a proof.
    #[error("the publisher signed two different versions")]
    Contradiction,
    /// The channel stands still because of a contradiction.
    #[error("updates stand still because the publisher signed two different versions")]
    Halted,
    /// The channel was handed over to another root key.
    #[error("the channel was handed over to another key")]
    HandedOver,
    /// A handing over to a key that was not promised, or before anything was.
    #[error("the next key was not promised before")]
    NotPromised,
}

/// Whether news of a channel is overdue. Nothing ends then: what is there stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Its publisher said so lately.
    Fresh,
    /// Nothing was heard since, milliseconds since 1970.
    SilentSince(u64),
}

impl Standing {
    /// A channel of which nothing is known but its root key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self {
            key,
            root: None,
            head: None,
            floors: BTreeMap::new(),
            contradiction: None,
            forgiven: None,
            rotation: None,
        }
    }

    /// Its root key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What its newest root says.
    #[must_use]
    pub fn root(&self) -> Option<&Root> {
        self.root.as_ref().map(|held| &held.says)
    }

    /// The newest root as it is passed on.
    #[must_use]
    pub fn root_item(&self) -> Option<&MutableItem> {
        self.root.as_ref().map(|held| &held.item)
    }

    /// What its newest head says.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref().map(|held| &held.says)
    }

    /// The newest head as it is passed on; none if its key may not sign any more.
    #[must_use]
    pub fn head_item(&self) -> Option<&MutableItem> {
        let item = self.head.as_ref().map(|held| &held.item)?;
        self.may_sign(&Key(*item.key())).then_some(item)
    }

    /// The slot in which its root lies; the next one is looked up as well.
    #[must_use]
    pub fn slot(&self) -> u8 {
        self.root_item().and_then(slot_of).unwrap_or(0)
    }

    /// Two things that its publisher signed and that cannot both be true.
    #[must_use]
    pub fn contradiction(&self) -> Option<&Contradiction> {
        self.contradiction.as_ref()
    }

    /// The handing over to the key that follows.
    #[must_use]
    pub fn rotation(&self) -> Option<&Rotation> {
        self.rotation.as_ref()
    }

    /// Whether news is overdue.
    #[must_use]
    pub fn freshness(&self, now_ms: u64) -> Freshness {
        match self.head() {
            Some(head) if now_ms > head.expires_ms => Freshness::SilentSince(head.issued_ms),
            _ => Freshness::Fresh,
        }
    }

    /// Goes on in spite of a contradiction, because a person says so: what was accepted before it stays the floor of what
    /// comes next.
    pub fn forgive(&mut self) {
        self.forgiven = self.contradiction.take().map(Box::new).or(self.forgiven.take());
    }

    /// A root item that somebody gave us; its signature fits.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn offer_root(&mut self, item: &MutableItem, now_ms: u64) -> Result<Accepted, Refused> {
        self.check_not_handed_over()?;
        if *item.key() != self.key.0 {
            return Err(Refused::OtherKey);
        }
        let slot = slot_of(item).ok_or(Refused::OtherPlace)?;
        let says = Root::read(item)?;
        check_time(item.seq(), says.issued_ms, now_ms)?;
        if let Some(have) = &self.root {
            if have.item == *item {
                return Ok(Accepted::Same);
            }
            let order = compare_roots(have, slot_of(&have.item).unwrap_or(0), item, slot, &says);
            if order == Err(Refused::Contradiction) {
                self.contradict(have.item.clone(), item.clone());
            }
            order?;
        }
        self.take_root(Held { item: item.clone(), says });
        Ok(Accepted::Newer)
    }

    fn take_root(&mut self, root: Held<Root>) {
        let after = root.says.version;
        self.contradiction.take_if(|proof| after > proof.root_version);
        self.root = Some(root);
    }

    /// A head item that somebody gave us; its signature fits.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn offer_head(&mut self, item: &MutableItem, now_ms: u64) -> Result<Accepted, Refused> {
        self.check_not_handed_over()?;
        let root_version = self.root().ok_or(Refused::NoRoot)?.version;
        if item.salt() != head_salt(&self.key) {
            return Err(Refused::OtherPlace);
        }
        let key = Key(*item.key());
        let says = Head::read(item)?;
        if says.root_version > root_version {
            return Err(Refused::RootNeeded);
        }
        if !self.may_sign(&key) {
            return Err(Refused::NotDelegated);
        }
        check_time(item.seq(), says.issued_ms, now_ms)?;
        if let Some(have) = self.head.as_ref().filter(|have| have.item.key() == item.key()) {
            if have.item.seq() == item.seq() && have.item.value() != item.value() {
                let first = have.item.clone();
                self.contradict(first, item.clone());
                return Err(Refused::Contradiction);
            }
            if have.item == *item {
                return Ok(Accepted::Same);
            }
        }
        if self.contradiction.is_some() {
            return Err(Refused::Halted);
        }
        self.check_floors(&key, item.seq(), &says)?;
        let floor = Floor { seq: item.seq(), version: says.version, manifest: says.manifest };
        self.floors.insert(key, floor);
        self.head = Some(Held { item: item.clone(), says });
        Ok(Accepted::Newer)
    }

    /// A statement that another root key follows ours; both signed it.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn offer_rotation(&mut self, rotation: &Rotation) -> Result<Accepted, Refused> {
        if self.rotation.as_ref() == Some(rotation) {
            return Ok(Accepted::Same);
        }
        if *rotation.old() != self.key {
            return Err(Refused::OtherKey);
        }
        // The promise of the first root that was seen: later ones had to repeat it.
        let promise = self.root().map(|root| root.next).ok_or(Refused::NotPromised)?;
        if !rotation.was_promised(&promise) {
            return Err(Refused::NotPromised);
        }
        self.check_not_handed_over()?;
        self.rotation = Some(rotation.clone());
        Ok(Accepted::Newer)
    }

    /// Takes over what is newer in another standing of the same channel, as if it had been offered item by item: both
    /// were checked against the clock before.
    pub fn merge(&mut self, other: &Self) {
        if other.key != self.key {
            return;
        }
        let proof = other.contradiction.iter().flat_map(Contradiction::items);
        let heads = other.head.iter().map(|held| &held.item);
        for item in other.root_item().into_iter().chain(proof).chain(heads) {
            // What is older, or known, changes nothing.
            if *item.key() == self.key.0 {
                self.offer_root(item, u64::MAX).ok();
            } else {
                self.offer_head(item, u64::MAX).ok();
            }
        }
        if let Some(rotation) = &other.rotation {
            self.offer_rotation(rotation).ok();
        }
    }

    fn check_not_handed_over(&self) -> Result<(), Refused> {
        if self.rotation.is_some() { Err(Refused::HandedOver) } else { Ok(()) }
    }

    fn may_sign(&self, key: &Key) -> bool {
        self.root().is_some_and(|root| root.online.contains(key))
    }

    /// The sequence must rise for its own key, the version for all keys that may sign.
    fn check_floors(&self, key: &Key, seq: i64, says: &Head) -> Result<(), Refused> {
        if self.floors.get(key).is_some_and(|floor| seq <= floor.seq) {
            return Err(Refused::Older);
        }
        let counted = self.floors.iter().filter(|(key, _)| self.may_sign(key));
        let highest = counted.map(|(_, floor)| floor).max_by_key(|floor| floor.version);
        let goes_back = |floor: &Floor| {
            says.version < floor.version
                || (says.version == floor.version && says.manifest != floor.manifest)
        };
        if highest.is_some_and(goes_back) { Err(Refused::Backwards) } else { Ok(()) }
    }

    fn contradict(&mut self, first: MutableItem, second: MutableItem) {
        if self.forgiven.as_ref().is_some_and(|known| known.first == first) {
            return;
        }
        let root_version = self.root().map_or(0, |root| root.version);
        self.contradiction.get_or_insert(Contradiction { first, second, root_version });
    }
}

impl Contradiction {
    /// What was signed, as it is shown to others: both verify by themselves.
    #[must_use]
    pub fn items(&self) -> [&MutableItem; 2] {
        [&self.first, &self.second]
    }
}

/// Whether a root is newer than the one that is held. In a higher slot the sequence starts again.
fn compare_roots(
    have: &Held<Root>,
    have_slot: u8,
    item: &MutableItem,
    slot: u8,
    says: &Root,
) -> Result<(), Refused> {
    let same_seq = slot == have_slot && item.seq() == have.item.seq();
    let same_version = says.version == have.says.version && *says != have.says;
    if (same_seq && item.value() != have.item.value()) || same_version {
        return Err(Refused::Contradiction);
    }
    if slot < have_slot || says.version < have.says.version {
        return Err(Refused::Older);
    }
    if slot == have_slot && item.seq() <= have.item.seq() {
        return Err(if says.version > have.says.version {
            Refused::Backwards
        } else {
            Refused::Older
        });
    }
    if says.next != have.says.next {
        return Err(Refused::OtherSuccessor);
    }
    Ok(())
}

/// Refuses what is dated too far ahead: nobody could ever sign something newer.
fn check_time(seq: i64, issued_ms: u64, now_ms: u64) -> Result<(), Refused> {
    let latest = now_ms.saturating_add(AHEAD_MAX_MS);
    let seq = u64::try_from(seq).map_err(|_| BadPointer::Field("seq"))?;
    if seq > latest || issued_ms > latest { Err(Refused::Future) } else { Ok(()) }
}

fn slot_of(item: &MutableItem) -> Option<u8> {
    let slot = *item.salt().last()?;
    (item.salt() == root_salt(slot)).then_some(slot)
}
