//! Whom we know: the routing table of one family (BEP 5), wide near the root so that a lookup starts close.
//!
//! Only nodes that answered us stand in it, one of each neighbourhood, those with fitting ids (BEP 42)
//! before others. Whoever finds no room waits in a replacement cache until somebody falls silent.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use crate::{Id, Node, Time, reach::Neighbourhood};

/// Nodes in a deep bucket, and in any answer (BEP 5).
pub(crate) const K: usize = 8;
/// Nodes in the buckets next to the root: half, a quarter, … of all nodes belong there, and every node known
/// there brings the first hop of a lookup closer to its target.
const WIDE: [usize; 4] = [128, 64, 32, 16];
/// A node that was not heard for this long is questionable (BEP 5).
const FRESH: Duration = Duration::from_secs(15 * 60);
/// A node in doubt is not asked again before this: who is silent hears little of us, be it the only one we know.
const DOUBT: Duration = Duration::from_secs(5);
/// A node that left this many queries in a row unanswered gives way.
const FAILURES_MAX: u8 = 2;

/// A node that answered us once.
#[derive(Debug, Clone)]
struct Contact {
    node: Node,
    /// When it last answered; `None` if it comes from a snapshot and has not yet.
    answered: Option<Time>,
    /// When it last answered or was asked, zero if never: the next one to be asked is the one this is longest ago for.
    touched: Time,
    failures: u8,
}

#[derive(Debug, Clone, Default)]
struct Bucket {
    live: Vec<Contact>,
    spare: Vec<Contact>,
}

#[derive(Debug)]
pub(crate) struct Table {
    own: Id,
    buckets: Vec<Bucket>,
    /// Where the live nodes are.
    places: BTreeMap<SocketAddr, Id>,
    neighbourhoods: BTreeSet<Neighbourhood>,
}

impl Contact {
    fn is_bad(&self) -> bool {
        self.failures >= FAILURES_MAX || (self.failures > 0 && self.answered.is_none())
    }

    /// Whether it has not answered yet, or not the last time.
    fn is_in_doubt(&self) -> bool {
        self.answered.is_none() || self.failures > 0
    }

    fn is_good(&self, now: Time) -> bool {
        self.failures == 0 && self.answered.is_some_and(|at| now.since(at) < FRESH)
    }

    /// The better of two nodes is the smaller.
    fn rank(&self) -> (bool, bool, u8) {
        (self.answered.is_none(), !self.node.is_fitting(), self.failures)
    }
}

impl Table {
    pub(crate) fn new(own: Id) -> Self {
        Self {
            own,
            buckets: vec![Bucket::default(); Id::BITS],
            places: BTreeMap::new(),
            neighbourhoods: BTreeSet::new(),
        }
    }

    pub(crate) fn own(&self) -> Id {
        self.own
    }

    /// The same nodes around another id of ours.
    pub(crate) fn renamed(&self, own: Id) -> Self {
        let mut renamed = Self::new(own);
        for contact in self.buckets.iter().flat_map(|bucket| &bucket.live) {
            renamed.enter(contact.clone());
        }
        renamed
    }

    /// How many nodes answered us and are not known to have gone.
    pub(crate) fn len(&self) -> usize {
        let known = |contact: &&Contact| contact.answered.is_some() && !contact.is_bad();
        self.buckets.iter().flat_map(|bucket| &bucket.live).filter(known).count()
    }

    /// Whether this very node at this very address answered us lately: nobody forges its address.
    pub(crate) fn is_proven(&self, node: &Node, now: Time) -> bool {
        self.find(&node.id).is_some_and(|contact| contact.node == *node && contact.is_good(now))
    }

    /// A node answered.
    pub(crate) fn answered(&mut self, node: Node, now: Time) {
        let Some(at) = self.bucket_of(&node.id) else { return };
        if let Some(contact) = self.buckets[at].live.iter_mut().find(|c| c.node.id == node.id) {
            if contact.node == node {
                *contact = Contact { node, answered: Some(now), touched: now, failures: 0 };
                return;
            }
            if !contact.is_bad() {
                return;
            }
            self.leave(&node.id);
        }
        self.enter(Contact { node, answered: Some(now), touched: now, failures: 0 });
    }

    /// A node that we knew in another life: it may help lookups, but is told to nobody before it answers.
    pub(crate) fn remembered(&mut self, node: Node) {
        if self.find(&node.id).is_none() {
            self.enter(Contact { node, answered: None, touched: Time(0), failures: 0 });
        }
    }

    /// A node left a query unanswered.
    pub(crate) fn failed(&mut self, node: &Node) {
        let Some(at) = self.bucket_of(&node.id) else { return };
        let bucket = &mut self.buckets[at];
        let Some(contact) = bucket.live.iter_mut().find(|contact| contact.node == *node) else {
            bucket.spare.retain(|contact| contact.node != *node);
            return;
        };
        contact.failures = contact.failures.saturating_add(1);
        if contact.is_bad() && (!bucket.spare.is_empty() || contact.answered.is_none()) {
            self.replace(node.id, at);
        }
    }

    /// Whether a node that was heard of but has not answered yet would find room.
    pub(crate) fn has_room_for(&self, node: &Node) -> bool {
        let Some(at) = self.bucket_of(&node.id) else { return false };
        let bucket = &self.buckets[at];
        !self.neighbourhoods.contains(&Neighbourhood::of(node.addr))
            && self.find(&node.id).is_none()
            && (bucket.live.len() < capacity(at) || bucket.spare.len() < K)
    }

    /// The nodes closest to a key that may be told to others.
    pub(crate) fn closest_good(&self, target: &Id, now: Time) -> Vec<Node> {
        self.closest(target, K, |contact| contact.is_good(now))
    }

    /// The nodes closest to a key from which a lookup may start.
    pub(crate) fn closest_usable(&self, target: &Id, count: usize) -> Vec<Node> {
        self.closest(target, count, |contact| !contact.is_bad())
    }

    /// The node that was left alone for longest, and for how long, with its bucket's number.
    pub(crate) fn oldest(&self, now: Time) -> Option<(Node, Duration, usize)> {
        let all = self.buckets.iter().enumerate();
        let all = all.flat_map(|(at, bucket)| bucket.live.iter().map(move |c| (at, c)));
        let (at, oldest) = all.min_by_key(|(_, contact)| contact.touched)?;
        let quiet = now.since(oldest.touched);
        let is_rested = quiet >= DOUBT || oldest.touched == Time(0);
        let alone = if oldest.is_in_doubt() && is_rested { Duration::MAX } else { quiet };
        Some((oldest.node, alone, at))
    }

    /// A node is asked: others come before it next time.
    pub(crate) fn touch(&mut self, node: &Node, now: Time) {
        let Some(at) = self.bucket_of(&node.id) else { return };
        if let Some(contact) = self.buckets[at].live.iter_mut().find(|c| c.node == *node) {
            contact.touched = now;
        }
    }

    /// Every node that answered us and is not known to have gone.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node> {
        let live = self.buckets.iter().rev().flat_map(|bucket| &bucket.live);
        live.filter(|contact| contact.answered.is_some() && !contact.is_bad()).map(|c| c.node)
    }

    fn closest(&self, target: &Id, count: usize, fits: impl Fn(&Contact) -> bool) -> Vec<Node> {
        let home = self.own.shared_bits(target).min(Id::BITS - 1);
        let mut found = Vec::new();
        let take = |range: std::ops::Range<usize>, found: &mut Vec<Node>| {
            let contacts = self.buckets[range].iter().flat_map(|bucket| &bucket.live);
            found.extend(contacts.filter(|contact| fits(contact)).map(|contact| contact.node));
        };
        // The target's own bucket is closest, then all deeper ones, then the shallower ones one by one.
        take(home..home + 1, &mut found);
        if found.len() < count {
            take(home + 1..Id::BITS, &mut found);
        }
        for at in (0..home).rev() {
            if found.len() >= count {
                break;
            }
            take(at..at + 1, &mut found);
        }
        found.sort_by_key(|node| node.id.distance(target));
        found.truncate(count);
        found
    }

    fn bucket_of(&self, id: &Id) -> Option<usize> {
        let shared = self.own.shared_bits(id);
        (shared < Id::BITS).then_some(shared)
    }

    fn find(&self, id: &Id) -> Option<&Contact> {
        let at = self.bucket_of(id)?;
        self.buckets[at].live.iter().find(|contact| contact.node.id == *id)
    }

    fn enter(&mut self, contact: Contact) {
        let Some(at) = self.bucket_of(&contact.node.id) else { return };
        if self.neighbourhoods.contains(&Neighbourhood::of(contact.node.addr)) {
            return self.succeed(contact);
        }
        if self.buckets[at].live.len() < capacity(at) {
            return self.admit(at, contact);
        }
        let worst = self.buckets[at].live.iter().max_by_key(|other| other.rank());
        match worst.map(|worst| (worst.rank(), worst.node.id)) {
            Some((rank, id)) if contact.rank() < rank => {
                self.leave(&id);
                self.admit(at, contact);
            }
            _ => self.keep_spare(at, contact),
        }
    }

    /// A node stands where another one stood: the newer one counts if the older one has gone.
    fn succeed(&mut self, contact: Contact) {
        let before = self.places.get(&contact.node.addr).copied();
        let gone = before.and_then(|id| self.find(&id)).is_some_and(|older| {
            older.failures > 0 || older.answered.is_none() && contact.answered.is_some()
        });
        if let Some(before) = before.filter(|_| gone) {
            self.leave(&before);
            self.enter(contact);
        }
    }

    fn admit(&mut self, at: usize, contact: Contact) {
        self.places.insert(contact.node.addr, contact.node.id);
        self.neighbourhoods.insert(Neighbourhood::of(contact.node.addr));
        self.buckets[at].spare.retain(|spare| spare.node.id != contact.node.id);
        self.buckets[at].live.push(contact);
    }

    fn keep_spare(&mut self, at: usize, contact: Contact) {
        let spare = &mut self.buckets[at].spare;
        spare.retain(|other| {
            other.node.id != contact.node.id && other.node.addr != contact.node.addr
        });
        if spare.len() >= K {
            spare.remove(0);
        }
        spare.push(contact);
    }

    fn leave(&mut self, id: &Id) {
        let Some(at) = self.bucket_of(id) else { return };
        let live = &mut self.buckets[at].live;
        let Some(place) = live.iter().position(|contact| contact.node.id == *id) else { return };
        let gone = live.swap_remove(place).node;
        self.places.remove(&gone.addr);
        self.neighbourhoods.remove(&Neighbourhood::of(gone.addr));
    }

    fn replace(&mut self, gone: Id, at: usize) {
        self.leave(&gone);
        while let Some(spare) = self.buckets[at].spare.pop() {
            if !self.neighbourhoods.contains(&Neighbourhood::of(spare.node.addr)) {
                return self.admit(at, spare);
            }
        }
    }
}

fn capacity(bucket: usize) -> usize {
    WIDE.get(bucket).copied().unwrap_or(K)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_000_000);

    fn node(id: Id, at: u16) -> Node {
        let [high, low] = at.to_be_bytes();
        Node { id, addr: ([11, high, low, 1], 6881).into() }
    }

    fn own() -> Id {
        Id([0; 20])
    }

    /// The `n`-th id that shares `bits` bits with ours.
    fn id(bits: usize, n: u8) -> Id {
        let mut entropy = Id([n; 20]);
        entropy.0[19] = n;
        own().sibling(bits, entropy)
    }

    #[test]
    fn a_bucket_is_as_wide_as_it_may_be_and_the_rest_waits() {
        let mut table = Table::new(own());
        for n in 0..20 {
            table.answered(node(id(10, n), n.into()), NOW);
        }
        assert_eq!(table.len(), K);
        let gone = table.closest_usable(&id(10, 0), 1)[0];
        table.failed(&gone);
        table.failed(&gone);
        assert_eq!(table.len(), K, "a spare node took the place");
        assert!(!table.closest_usable(&id(10, 0), K).contains(&gone));
    }

    #[test]
    fn one_neighbourhood_has_one_place_and_one_node_cannot_take_anothers() {
        let mut table = Table::new(own());
        table.answered(Node { id: id(1, 1), addr: "11.0.0.1:1".parse().unwrap() }, NOW);
        table.answered(Node { id: id(2, 2), addr: "11.0.0.2:1".parse().unwrap() }, NOW);
        assert_eq!(table.len(), 1);
        let thief = Node { id: id(1, 1), addr: "12.0.0.1:1".parse().unwrap() };
        table.answered(thief, NOW);
        assert!(!table.closest_usable(&id(1, 1), 8).contains(&thief));
    }

    #[test]
    fn a_node_with_a_fitting_id_takes_the_place_of_one_without() {
        let mut table = Table::new(own());
        for n in 0..8 {
            table.answered(node(id(10, n), n.into()), NOW);
        }
        let local = Node { id: id(10, 100), addr: "10.0.0.1:1".parse().unwrap() };
        table.answered(local, NOW);
        assert!(table.closest_usable(&local.id, 1).contains(&local));
        assert_eq!(table.len(), K);
    }

    #[test]
    fn only_nodes_that_answered_lately_are_told_to_others() {
        let mut table = Table::new(own());
        table.remembered(node(id(3, 1), 1));
        table.answered(node(id(3, 2), 2), NOW);
        assert_eq!(table.closest_good(&own(), NOW), [node(id(3, 2), 2)]);
        assert_eq!(table.closest_usable(&own(), 8).len(), 2);
        assert!(table.closest_good(&own(), NOW + FRESH).is_empty());
    }

    #[test]
    fn the_closest_nodes_are_those_of_a_full_scan() {
        let mut table = Table::new(Id([0x55; 20]));
        let mut random = crate::random::Random::new([1; 32]);
        for n in 0..600 {
            table.answered(node(random.id(), n), NOW);
        }
        let all: Vec<Node> = table.nodes().collect();
        for _ in 0..50 {
            let target = random.id();
            let mut expected = all.clone();
            expected.sort_by_key(|node| node.id.distance(&target));
            expected.truncate(20);
            assert_eq!(table.closest_usable(&target, 20), expected);
        }
    }

    #[test]
    fn a_remembered_node_that_does_not_answer_once_is_forgotten() {
        let mut table = Table::new(own());
        table.remembered(node(id(3, 1), 1));
        table.failed(&node(id(3, 1), 1));
        assert!(table.closest_usable(&own(), 8).is_empty());
    }
}
