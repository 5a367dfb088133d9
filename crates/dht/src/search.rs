//! One lookup: what it wants, how far its ways in both families are, what it found.

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
};

use crate::{
    AnnouncedPort, DoneWhy, Family, Id, Item, LookupId, LookupStats, MutableItem, Node, Time,
    Wanted,
    census::Census,
    item::{Value, mutable_target},
    krpc::{Answer, Port, Put, Query, Signed, Want},
    table::K,
    walk::Walk,
};

/// Nodes that keep an announce (BEP 5).
const ANNOUNCES: usize = 8;
/// Nodes that may keep an item, at most: whatever the asker says, a network is not flooded.
const COPIES_MAX: usize = 32;
/// Peers one lookup remembers having told: a forged crowd ends here.
const PEERS_MAX: usize = 4000;

/// A lookup by the number we gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SearchId(pub(crate) u64);

/// What a lookup is for.
#[derive(Debug)]
pub(crate) enum Goal {
    /// The nodes themselves: to enter, and to know more of them.
    Nodes,
    Peers {
        announce: Option<AnnouncedPort>,
    },
    Get {
        what: Wanted,
    },
    Put {
        item: Item,
        cas: Option<i64>,
        copies: usize,
    },
    Sample,
    /// How many peers a torrent has (BEP 33).
    Scrape,
}

/// A lookup's way in one family.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) family: Family,
    pub(crate) walk: Walk,
    pub(crate) phase: Phase,
    pub(crate) around: Around,
}

/// Whether nodes elsewhere are asked as well, since strangers crowd around the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// The closest nodes are not found yet.
    Unknown,
    /// So many lookups of nodes elsewhere are waited for.
    Awaited(usize),
    /// They are known, or not needed.
    Known,
}

#[derive(Debug)]
pub(crate) enum Phase {
    Walking,
    /// The closest are found and told.
    Storing(Storing),
    Over,
}

/// The end of a way on which something is left with the closest nodes.
#[derive(Debug)]
pub(crate) struct Storing {
    /// Those that are still to be told, with their tokens.
    pub(crate) left: VecDeque<(Node, Vec<u8>)>,
    /// The next closest, for those that stay silent.
    pub(crate) spare: VecDeque<(Node, Vec<u8>)>,
    /// How many are waited for.
    pub(crate) waiting: usize,
}

#[derive(Debug)]
pub(crate) struct Search {
    /// The asker's name; ours have none.
    pub(crate) lookup: Option<LookupId>,
    pub(crate) goal: Goal,
    pub(crate) target: Id,
    pub(crate) legs: Vec<Leg>,
    pub(crate) stats: LookupStats,
    pub(crate) started: Time,
    /// Whether it waits in line for packets that may be sent.
    pub(crate) is_queued: bool,
    /// Whether we have all of the torrent that is announced.
    pub(crate) seeds: bool,
    /// The peers that were counted.
    pub(crate) census: Option<Census>,
    /// The lookup that asked for nodes elsewhere.
    pub(crate) parent: Option<SearchId>,
    /// Lookups of nodes elsewhere that are to be advanced next.
    pub(crate) begun: Vec<SearchId>,
    told: BTreeSet<SocketAddr>,
    newest: Option<Item>,
}

impl Search {
    pub(crate) fn new(lookup: Option<LookupId>, goal: Goal, target: Id, started: Time) -> Self {
        Self {
            lookup,
            goal,
            target,
            legs: Vec::new(),
            stats: LookupStats::default(),
            started,
            is_queued: false,
            seeds: false,
            census: None,
            parent: None,
            begun: Vec::new(),
            told: BTreeSet::new(),
            newest: None,
        }
    }

    /// How many of the closest nodes must have answered.
    pub(crate) fn width(&self) -> usize {
        match self.goal {
            Goal::Put { copies, .. } => copies.clamp(K, COPIES_MAX),
            _ => K,
        }
    }

    /// Whether nodes elsewhere are asked where strangers crowd around the key.
    pub(crate) fn is_worth_widening(&self) -> bool {
        matches!(self.goal, Goal::Peers { .. } | Goal::Get { .. } | Goal::Put { .. })
    }

    pub(crate) fn leg(&mut self, family: Family) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.family == family)
    }

    /// What is asked on the way.
    pub(crate) fn question(&self, want: Want) -> Query {
        let target = self.target;
        match &self.goal {
            Goal::Nodes => Query::FindNode { target, want },
            Goal::Peers { .. } | Goal::Scrape => Query::GetPeers {
                infohash: target,
                scrape: matches!(self.goal, Goal::Scrape),
                want: Want::default(),
            },
            Goal::Get { what } => {
                let seq = match what {
                    Wanted::Mutable { have, .. } => *have,
                    Wanted::Immutable(_) => None,
                };
                Query::Get { target, seq, want: Want::default() }
            }
            Goal::Put { item, .. } => Query::Get { target, seq: item.seq(), want: Want::default() },
            Goal::Sample => Query::Sample { target, want: Want::default() },
        }
    }

    /// Whom to tell at the end of a way: nobody, if this lookup only looks.
    pub(crate) fn keepers(&self, walk: &Walk) -> Storing {
        let count = match self.goal {
            Goal::Peers { announce: Some(_) } => ANNOUNCES,
            Goal::Put { copies, .. } => copies.min(COPIES_MAX),
            _ => 0,
        };
        let mut left = VecDeque::from(walk.keepers(count * 2));
        let spare = left.split_off(count.min(left.len()));
        if count > 0 {
            left.extend(walk.keepers_beside());
        }
        Storing { left, spare, waiting: 0 }
    }

    /// What the closest nodes are told.
    pub(crate) fn gift(&self, token: Vec<u8>) -> Option<Query> {
        match &self.goal {
            Goal::Peers { announce: Some(port) } => {
                let port = match port {
                    AnnouncedPort::Implied => Port::Implied,
                    AnnouncedPort::At(port) => Port::At(*port),
                };
                Some(Query::Announce { infohash: self.target, port, seed: self.seeds, token })
            }
            Goal::Put { item, cas, .. } => {
                Some(Query::Put { token, put: Box::new(put(item, *cas)) })
            }
            _ => None,
        }
    }

    /// The peers that were not found before.
    pub(crate) fn new_peers(&mut self, peers: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let room = PEERS_MAX.saturating_sub(self.told.len());
        let fresh: Vec<_> =
            peers.into_iter().filter(|peer| self.told.insert(*peer)).take(room).collect();
        self.stats.peers += fresh.len();
        fresh
    }

    /// The item in an answer, if it is valid and newer than what is known. Copies are counted.
    pub(crate) fn new_item(&mut self, answer: &Answer) -> Option<Item> {
        let known = self.known_seq();
        let (key, salt) = match &self.goal {
            Goal::Get { what: Wanted::Immutable(target) } => {
                return self.immutable(*target, answer.value.as_deref()?);
            }
            Goal::Get { what: Wanted::Mutable { key, salt, .. } } => (*key, salt.clone()),
            Goal::Put { item: Item::Mutable(item), .. } => (*item.key(), item.salt().to_vec()),
            _ => return None,
        };
        let seq = answer.seq?;
        if known.is_some_and(|known| seq <= known) {
            self.stats.copies += usize::from(known == Some(seq));
            return None;
        }
        let item = signed(key, &salt, seq, answer)?;
        self.stats.copies = 1;
        self.newest = Some(item.clone());
        Some(item)
    }

    /// The newest version of the wanted item that we know to be signed.
    fn known_seq(&self) -> Option<i64> {
        let ours = match &self.goal {
            Goal::Get { what: Wanted::Mutable { have, .. } } => *have,
            Goal::Put { item, .. } => item.seq(),
            _ => None,
        };
        self.newest.as_ref().and_then(Item::seq).max(ours)
    }

    fn immutable(&mut self, target: Id, value: &[u8]) -> Option<Item> {
        let item = Item::Immutable(Value::bencoded(value).ok()?);
        if item.target() != target {
            return None;
        }
        self.stats.copies += 1;
        self.newest.is_none().then(|| self.newest.insert(item).clone())
    }

    /// Whether what was found is all there is to find.
    pub(crate) fn is_satisfied(&self) -> bool {
        self.newest.is_some() && matches!(self.goal, Goal::Get { what: Wanted::Immutable(_) })
    }

    /// Something that was looked for was found, `hops` answers from our table.
    pub(crate) fn note_first(&mut self, now: Time, hops: u32) {
        if self.stats.first_after.is_none() {
            self.stats.first_after = Some(now.since(self.started));
            self.stats.first_hops = hops;
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_satisfied() || self.legs.iter().all(|leg| matches!(leg.phase, Phase::Over))
    }

    /// How it went and why it ended.
    pub(crate) fn outcome(&self, now: Time) -> (DoneWhy, LookupStats) {
        let mut stats = self.stats;
        stats.took = now.since(self.started);
        stats.queries = self.legs.iter().map(|leg| leg.walk.queries()).sum();
        stats.answers = self.legs.iter().map(|leg| leg.walk.answers()).sum();
        let why = if stats.queries == 0 {
            DoneWhy::NoNodes
        } else if stats.answers == 0 {
            DoneWhy::NoAnswers
        } else if self.legs.iter().any(|leg| leg.walk.is_cut_short()) {
            DoneWhy::CutShort
        } else {
            DoneWhy::Complete
        };
        (why, stats)
    }
}

impl Wanted {
    pub(crate) fn target(&self) -> Id {
        match self {
            Self::Immutable(target) => *target,
            Self::Mutable { key, salt, .. } => mutable_target(key, salt),
        }
    }
}

fn signed(key: [u8; 32], salt: &[u8], seq: i64, answer: &Answer) -> Option<Item> {
    let value = Value::bencoded(answer.value.as_deref()?).ok()?;
    let signature = answer.signature?;
    MutableItem::verify(key, salt, seq, value, signature).ok().map(Item::Mutable)
}

fn put(item: &Item, cas: Option<i64>) -> Put {
    let signed = match item {
        Item::Immutable(_) => None,
        Item::Mutable(item) => Some(Signed {
            key: *item.key(),
            salt: item.salt().to_vec(),
            seq: item.seq(),
            signature: *item.signature(),
        }),
    };
    Put { value: item.value().raw().to_vec(), signed, cas }
}
