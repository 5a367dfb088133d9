//! How followers of one channel pass its news on where they meet. Pure: time, chance and messages are given.
//!
//! Whoever hears of a newer version fetches it, gives its head to a few who lack it, and tells the others that it is
//! there: so whoever is told finds the files where the news came from.
//! A stranger can make us verify few signatures, and a signature that does not fit is the last thing it says.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use catalogue::channel::{Accepted, Gossip, Have, Key, Offered, Part, Refused, Rotation, Standing};
use dht::MutableItem;
use engine::ConnId;

/// Peers that are given what is new; the others are told that it is there.
const GIVEN: usize = 6;
/// The longest wait before news without files is passed on, so that not all do it at once.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// The same thing is not asked of the same peer sooner.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// Peers that are named to whoever fetches a version.
const WHO_HAS_MAX: usize = 8;
/// Peers that are remembered.
const NEIGHBOURS_MAX: usize = 256;
/// Signatures that a peer may have verified at once, and how often one more.
const VERIFIED: (u32, Duration) = (4, Duration::from_secs(10));
/// The same for all peers together.
const VERIFIED_ALL: (u32, Duration) = (200, Duration::from_millis(5));
/// Answers that a peer gets at once, and how often one more.
const ANSWERED: (u32, Duration) = (8, Duration::from_secs(5));

/// Everything that is said about one channel. Times are since some beginning that the caller keeps.
#[derive(Debug)]
pub(crate) struct Conversation {
    neighbours: BTreeMap<ConnId, Neighbour>,
    pass_on: Option<Duration>,
    verified: Budget,
    chance: u64,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The root key named this one to follow, and had promised another.
    Warn(Key),
    /// Say this to a peer.
    Say(ConnId, Gossip),
    /// A peer gave what no honest one would.
    Ban(ConnId),
}

#[derive(Debug)]
struct Neighbour {
    addr: SocketAddr,
    have: Have,
    asked: BTreeMap<Part, Duration>,
    verified: Budget,
    answered: Budget,
}

/// So many at once, and one more every so often.
#[derive(Debug, Clone, Copy)]
struct Budget {
    left: u32,
    most: u32,
    every: Duration,
    since: Duration,
}

impl Budget {
    fn new((most, every): (u32, Duration), now: Duration) -> Self {
        Self { left: most, most, every, since: now }
    }

    fn spend(&mut self, now: Duration) -> bool {
        let gained = now.saturating_sub(self.since).as_nanos() / self.every.as_nanos().max(1);
        let gained = u32::try_from(gained).unwrap_or(u32::MAX);
        self.since += self.every.saturating_mul(gained);
        self.left = self.left.saturating_add(gained).min(self.most);
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

/// What is held of a channel, as it is told to others.
pub(crate) fn have(standing: &Standing) -> Have {
    Have {
        seq: standing.head_item().map_or(0, MutableItem::seq),
        root_version: standing.root().map_or(0, |root| root.version),
        rotation: standing.rotation().is_some(),
        proof: standing.contradiction().is_some(),
    }
}

impl Conversation {
    /// Nobody is there yet. `chance` is any number, different for each follower.
    pub(crate) fn new(chance: u64, now: Duration) -> Self {
        let verified = Budget::new(VERIFIED_ALL, now);
        Self { neighbours: BTreeMap::new(), pass_on: None, verified, chance: chance | 1 }
    }

    /// Where those can be called who have what was accepted of a peer just now; that one comes first.
    pub(crate) fn who_has(&self, standing: &Standing, first: ConnId) -> Vec<SocketAddr> {
        let ours = have(standing);
        let others = self.neighbours.iter().filter(|(conn, _)| **conn != first);
        let others = others.map(|(_, one)| one).filter(|one| one.have.seq >= ours.seq);
        let first = self.neighbours.get(&first).into_iter();
        first.chain(others).map(|one| one.addr).take(WHO_HAS_MAX).collect()
    }

    /// A peer came.
    pub(crate) fn joined(
        &mut self,
        now: Duration,
        conn: ConnId,
        addr: SocketAddr,
        standing: &Standing,
    ) -> Vec<Deed> {
        if self.neighbours.len() >= NEIGHBOURS_MAX {
            self.neighbours.pop_first();
        }
        let neighbour = Neighbour {
            addr,
            have: Have::default(),
            asked: BTreeMap::new(),
            verified: Budget::new(VERIFIED, now),
            answered: Budget::new(ANSWERED, now),
        };
        self.neighbours.insert(conn, neighbour);
        vec![Deed::Say(conn, Gossip::Have(have(standing)))]
    }

    /// A peer is gone.
    pub(crate) fn left(&mut self, conn: ConnId) {
        self.neighbours.remove(&conn);
    }

    /// A peer said something. What is accepted of it changes the standing.
    pub(crate) fn heard(
        &mut self,
        now: Duration,
        now_ms: u64,
        conn: ConnId,
        words: &[u8],
        standing: &mut Standing,
    ) -> Vec<Deed> {
        if !self.neighbours.contains_key(&conn) {
            return vec![];
        }
        match Gossip::read(words) {
            Err(_) => vec![Deed::Ban(conn)],
            Ok(None) => vec![],
            Ok(Some(Gossip::Have(said))) => {
                self.note(conn, said);
                self.ask(now, conn, standing)
            }
            Ok(Some(Gossip::Ask(part))) => self.answer(now, conn, part, standing),
            Ok(Some(Gossip::Item(item))) => self.item(now, now_ms, conn, item, standing),
            Ok(Some(Gossip::Rotation(bytes))) => self.rotation(now, conn, &bytes, standing),
        }
    }

    /// A version is here, our own or one that was fetched: others may hear of it.
    pub(crate) fn news(&mut self, now: Duration) {
        self.pass_on = Some(now);
    }

    /// When something is to be passed on.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.pass_on
    }

    /// Passes on what is new, if its time has come.
    pub(crate) fn pass_on(&mut self, now: Duration, standing: &Standing) -> Vec<Deed> {
        if self.pass_on.is_none_or(|at| at > now) {
            return vec![];
        }
        self.pass_on = None;
        let ours = have(standing);
        let lacking = self.neighbours.iter().filter(|(_, one)| one.have != ours);
        let mut lacking: Vec<ConnId> = lacking.map(|(conn, _)| *conn).collect();
        let mut deeds = vec![];
        for _ in 0..GIVEN {
            if lacking.is_empty() {
                return deeds;
            }
            let conn = lacking.swap_remove(self.below(lacking.len()));
            deeds.extend(self.give(conn, standing));
        }
        deeds.extend(lacking.into_iter().map(|conn| Deed::Say(conn, Gossip::Have(ours))));
        deeds
    }

    /// Everything that a peer lacks.
    fn give(&mut self, conn: ConnId, standing: &Standing) -> Vec<Deed> {
        let (ours, Some(one)) = (have(standing), self.neighbours.get_mut(&conn)) else {
            return vec![];
        };
        let theirs = std::mem::replace(&mut one.have, ours);
        let mut parts = vec![];
        if theirs.root_version < ours.root_version {
            parts.push(Part::Root);
        }
        if theirs.seq < ours.seq {
            parts.push(Part::Head);
        }
        if ours.rotation && !theirs.rotation {
            parts.push(Part::Rotation);
        }
        if ours.proof && !theirs.proof {
            parts.push(Part::Proof);
        }
        parts
            .into_iter()
            .flat_map(|part| said(part, standing))
            .map(|one| Deed::Say(conn, one))
            .collect()
    }

    fn note(&mut self, conn: ConnId, said: Have) {
        let Some(one) = self.neighbours.get_mut(&conn) else { return };
        if said.seq > one.have.seq || said.root_version > one.have.root_version {
            one.asked.clear();
        }
        one.have = said;
    }

    /// Asks a peer for what it has and we do not. A head is of use once its root is known.
    fn ask(&mut self, now: Duration, conn: ConnId, standing: &Standing) -> Vec<Deed> {
        let (ours, Some(one)) = (have(standing), self.neighbours.get_mut(&conn)) else {
            return vec![];
        };
        let theirs = one.have;
        let newer_root = theirs.root_version > ours.root_version;
        let wanted = [
            (Part::Root, newer_root),
            (Part::Head, !newer_root && theirs.seq > ours.seq && !ours.proof),
            (Part::Rotation, theirs.rotation && !ours.rotation),
            (Part::Proof, theirs.proof && !ours.proof),
        ];
        let mut deeds = vec![];
        for (part, is_wanted) in wanted {
            let is_due = one.asked.get(&part).is_none_or(|at| *at + ASK_EVERY <= now);
            if is_wanted && is_due {
                one.asked.insert(part, now);
                deeds.push(Deed::Say(conn, Gossip::Ask(part)));
            }
        }
        deeds
    }

    fn answer(
        &mut self,
        now: Duration,
        conn: ConnId,
        part: Part,
        standing: &Standing,
    ) -> Vec<Deed> {
        let may = self.neighbours.get_mut(&conn).is_some_and(|one| one.answered.spend(now));
        if !may {
            return vec![];
        }
        said(part, standing).into_iter().map(|one| Deed::Say(conn, one)).collect()
    }

    fn item(
        &mut self,
        now: Duration,
        now_ms: u64,
        conn: ConnId,
        offered: Offered,
        standing: &mut Standing,
    ) -> Vec<Deed> {
        if !is_worth_verifying(&offered, standing) || !self.may_verify(now, conn) {
            return vec![];
        }
        let Ok(item) = offered.verify() else { return vec![Deed::Ban(conn)] };
        let had_proof = standing.contradiction().is_some();
        let is_root = *item.key() == standing.key().0;
        let outcome = if is_root {
            standing.offer_root(&item, now_ms)
        } else {
            standing.offer_head(&item, now_ms)
        };
        if let Err(why) = &outcome {
            tracing::debug!(channel = %standing.key().short(), %why, "a peer's item was not accepted");
        }
        let has_proof = standing.contradiction().is_some();
        match outcome {
            Ok(Accepted::Newer) if !is_root => self.accepted(now, conn, standing),
            Ok(Accepted::Newer) => self.accepted_at_once(now, conn, standing),
            Err(Refused::Contradiction) if has_proof && !had_proof => {
                self.accepted_at_once(now, conn, standing)
            }
            Err(Refused::RootNeeded) => vec![Deed::Say(conn, Gossip::Ask(Part::Root))],
            _ => vec![],
        }
    }

    fn rotation(
        &mut self,
        now: Duration,
        conn: ConnId,
        bytes: &[u8],
        standing: &mut Standing,
    ) -> Vec<Deed> {
        if standing.rotation().is_some() || !self.may_verify(now, conn) {
            return vec![];
        }
        let Ok(rotation) = Rotation::read(bytes) else { return vec![Deed::Ban(conn)] };
        match standing.offer_rotation(&rotation) {
            Ok(Accepted::Newer) => self.accepted_at_once(now, conn, standing),
            // Only the root key can sign that: it is known before a root is, and says nothing then.
            Err(Refused::NotPromised) if standing.root().is_some() => {
                vec![Deed::Warn(*rotation.new_key())]
            }
            _ => vec![],
        }
    }

    /// A peer brought something that needs no files: it is passed on in a moment.
    fn accepted_at_once(&mut self, now: Duration, conn: ConnId, standing: &Standing) -> Vec<Deed> {
        let pause = u64::try_from(PAUSE_MAX.as_millis()).unwrap_or(u64::MAX);
        let pause = Duration::from_millis(self.random() % pause);
        self.pass_on = Some(self.pass_on.map_or(now + pause, |at| at.min(now + pause)));
        self.accepted(now, conn, standing)
    }

    /// A peer brought something newer: what else it has is asked for now.
    fn accepted(&mut self, now: Duration, conn: ConnId, standing: &Standing) -> Vec<Deed> {
        let ours = have(standing);
        if let Some(one) = self.neighbours.get_mut(&conn) {
            one.asked.clear();
            one.have.seq = one.have.seq.max(ours.seq);
            one.have.root_version = one.have.root_version.max(ours.root_version);
        }
        self.ask(now, conn, standing)
    }

    fn may_verify(&mut self, now: Duration, conn: ConnId) -> bool {
        let one = self.neighbours.get_mut(&conn);
        one.is_some_and(|one| one.verified.spend(now)) && self.verified.spend(now)
    }

    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.random() % count).unwrap_or(0)
    }

    /// Chance enough for choosing among peers (xorshift64).
    fn random(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance
    }
}

/// What there is to say of a part.
fn said(part: Part, standing: &Standing) -> Vec<Gossip> {
    let item = |item: &MutableItem| Gossip::Item(item.into());
    match part {
        Part::Root => standing.root_item().map(item).into_iter().collect(),
        Part::Head => standing.head_item().map(item).into_iter().collect(),
        Part::Rotation => {
            let bytes = standing.rotation().map(Rotation::to_bytes);
            bytes.map(Gossip::Rotation).into_iter().collect()
        }
        Part::Proof => {
            let proof = standing.contradiction().map(|proof| proof.items().map(item));
            proof.into_iter().flatten().collect()
        }
    }
}

/// Whether an item could change anything: it is of this channel, and not what we have or older.
fn is_worth_verifying(offered: &Offered, standing: &Standing) -> bool {
    let key = offered.key();
    let held = if key == *standing.key() {
        standing.root_item()
    } else if standing.root().is_some_and(|root| root.online.contains(&key)) {
        standing.head_item().filter(|item| *item.key() == key.0)
    } else {
        return false;
    };
    held.is_none_or(|held| offered.seq() >= held.seq() && !offered.is(held))
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
