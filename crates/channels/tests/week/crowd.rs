//! Thousands of nodes of the DHT at the price of a few: each answers real datagrams from a table of its own and keeps what
//! is put, but asks nothing by itself. What a node would have learnt by asking is put into its table when somebody looks
//! at it: the dead leave when they would have been missed, others take the free places.
//!
//! Nodes live as long as the sessions that Stutzbach and Rejaie measured ("Understanding churn in peer-to-peer networks",
//! 2006): by a Weibull distribution with many short lives and a few very long ones.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use dht::{Id, Time, mutable_target};
use torrent::bencode::{Document, Encoder, Limits, Mode, Value};

use super::world::{Chance, Crowd};

/// Nodes that a bucket holds, from the root on: what libtorrent and we have.
const WIDE: [usize; 4] = [128, 64, 32, 16];
const K: usize = 8;
/// A node that is there for less is not known to others yet.
const KNOWN_AFTER: Duration = Duration::from_secs(60);
/// Nodes are asked again after a quarter of an hour: so long at most the dead are told of.
const MISSED_WITHIN: Duration = Duration::from_secs(14 * 60);
/// How often what is forgotten is let go.
const SWEPT_EVERY: Duration = Duration::from_secs(2 * 3600);
/// Of so many nodes of a hundred it is true that they keep items at all: Transmission's do not.
const KEEP_ITEMS: u64 = 70;
/// Lives that pass before anybody looks, so that the old and the young are mixed as they are in the end.
const WARMED_UP: u32 = 60;
const LIMITS: Limits = Limits { bytes: 1500, depth: 8, tokens: 200 };

/// How a node lives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives {
    /// Half of all lives are shorter.
    pub(crate) median: Duration,
    /// How long items are kept: for one of these by each node, whichever it is.
    pub(crate) keeps: &'static [Duration],
}

impl Lives {
    fn keeps(self, place: u32) -> Duration {
        let kinds = self.keeps.len() as u64;
        self.keeps[usize::try_from(mixed(u64::from(place) ^ 0x5EED) % kinds).expect("few kinds")]
    }

    /// The distribution's shape is a half: the mean is four times the median and a little more.
    fn draw(self, chance: &mut Chance) -> Duration {
        let part = (1 + chance.below(999_999)) as f64 / 1e6;
        let scale = self.median.as_secs_f64() / std::f64::consts::LN_2.powi(2);
        Duration::from_secs_f64((scale * part.ln().powi(2)).min(1e8))
    }
}

struct Member {
    id: Id,
    born: Time,
    dies: Time,
    /// Made when it is first asked.
    table: BTreeMap<usize, Bucket>,
}

#[derive(Default)]
struct Bucket {
    nodes: Vec<u32>,
    /// Until then it is as it was.
    until: Time,
}

/// An item as it came.
struct Stored {
    key: Vec<u8>,
    seq: i64,
    signature: Vec<u8>,
    value: Vec<u8>,
    put: Time,
}

pub(crate) struct Town {
    chance: Chance,
    lives: Lives,
    members: Vec<Member>,
    /// Those that live, by their ids.
    living: Vec<(Id, u32)>,
    deaths: BinaryHeap<Reverse<(Time, u32)>>,
    stored: BTreeMap<(u32, Id), Stored>,
    forgets: Time,
    pub(crate) now: Time,
    /// Nodes that died since it was warm.
    pub(crate) died: usize,
}

impl Town {
    pub(crate) fn new(count: usize, lives: Lives, seed: u64) -> Self {
        let mut town = Self {
            chance: Chance::new(seed),
            lives,
            members: vec![],
            living: vec![],
            deaths: BinaryHeap::new(),
            stored: BTreeMap::new(),
            forgets: Time(0),
            now: Time(0),
            died: 0,
        };
        (0..count).for_each(|_| town.birth());
        town.grow(Time(0) + lives.median * WARMED_UP);
        // The dead of the past are forgotten, so that places stay few.
        town.died = 0;
        town
    }

    fn birth(&mut self) {
        let place = u32::try_from(self.members.len()).expect("few nodes");
        let id = Id::for_address(address(place).ip(), self.chance.id());
        let (born, dies) = (self.now, self.now + self.lives.draw(&mut self.chance));
        self.members.push(Member { id, born, dies, table: BTreeMap::new() });
        let at = self.living.partition_point(|(other, _)| *other < id);
        self.living.insert(at, (id, place));
        self.deaths.push(Reverse((dies, place)));
    }

    /// Whoever dies is followed by another.
    fn grow(&mut self, until: Time) {
        while let Some(Reverse((at, place))) =
            self.deaths.peek().copied().filter(|Reverse((at, _))| *at <= until)
        {
            self.deaths.pop();
            self.now = at;
            let id = self.members[place as usize].id;
            self.members[place as usize].table.clear();
            if let Ok(at) = self.living.binary_search_by_key(&id, |(id, _)| *id) {
                self.living.remove(at);
            }
            self.died += 1;
            self.birth();
        }
        self.now = until;
    }

    pub(crate) fn count(&self) -> usize {
        self.living.len()
    }

    fn forget(&mut self) {
        if self.now >= self.forgets {
            self.forgets = self.now + SWEPT_EVERY;
            let (now, members, all) = (self.now, &self.members, self.lives);
            let lives = |place: u32| members[place as usize].dies > now;
            self.stored.retain(|(place, _), kept| {
                lives(*place) && now.since(kept.put) < all.keeps(*place)
            });
        }
    }

    /// Whether a node would still tell of another: it was there when it was last asked.
    fn tells_of(&self, place: u32, other: u32) -> bool {
        let member = &self.members[other as usize];
        let asked = mixed(u64::from(place) << 32 | u64::from(other)) % 1_000_000;
        let missed = MISSED_WITHIN.mul_f64(asked as f64 / 1e6);
        member.dies + missed > self.now && member.born + KNOWN_AFTER <= self.now
    }

    /// Brings a bucket up to date, unless that was done a moment ago.
    fn bucket(&mut self, place: u32, shared: usize) -> &[u32] {
        let bucket = self.members[place as usize].table.remove(&shared).unwrap_or_default();
        let is_new = bucket.until > self.now;
        let bucket = if is_new { bucket } else { self.renewed(place, shared, bucket.nodes) };
        &self.members[place as usize].table.entry(shared).or_insert(bucket).nodes
    }

    /// A bucket without those that are missed by now, and with others in their places.
    fn renewed(&mut self, place: u32, shared: usize, mut nodes: Vec<u32>) -> Bucket {
        nodes.retain(|other| self.tells_of(place, *other));
        let room = WIDE.get(shared).copied().unwrap_or(K);
        let own = self.members[place as usize].id;
        let start = self.living.partition_point(|(id, _)| *id < edge(own, shared, 0));
        let end = self.living.partition_point(|(id, _)| *id <= edge(own, shared, 0xFF));
        let is_all = end - start <= room;
        for turn in 0..if is_all { end - start } else { (room - nodes.len()) * 3 } {
            let at = if is_all { turn } else { self.chance.below(end - start) };
            let other = self.living[start + at].1;
            if nodes.len() < room && !nodes.contains(&other) && self.tells_of(place, other) {
                nodes.push(other);
            }
        }
        Bucket { nodes, until: self.now + KNOWN_AFTER }
    }

    /// The deepest bucket in which somebody is: a neighbour in the order of ids shares most bits.
    fn deepest(&self, place: u32) -> usize {
        let own = self.members[place as usize].id;
        let at = self.living.partition_point(|(id, _)| *id < own);
        let others = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
        let shared = others.filter_map(|at| Some(self.living.get(at)?.0.shared_bits(&own)));
        let kept = self.members[place as usize].table.last_key_value().map(|(shared, _)| *shared);
        shared.chain(kept).max().unwrap_or_default()
    }

    fn closest(&mut self, place: u32, target: &Id) -> Vec<u32> {
        let deepest = self.deepest(place);
        let home = self.members[place as usize].id.shared_bits(target).min(deepest);
        let mut found = self.bucket(place, home).to_vec();
        if found.len() < K {
            for deeper in home + 1..=deepest {
                found.extend_from_slice(self.bucket(place, deeper));
            }
        }
        for shallower in (0..home).rev() {
            if found.len() >= K {
                break;
            }
            found.extend_from_slice(self.bucket(place, shallower));
        }
        found.sort_by_cached_key(|other| self.members[*other as usize].id.distance(target));
        found.truncate(K);
        found
    }

    fn says(&mut self, place: u32, from: SocketAddr, query: Value<'_>) -> Option<Vec<u8>> {
        let transaction = query.get(b"t")?.as_bytes()?;
        let (method, arguments) = (query.get(b"q")?.as_bytes()?, query.get(b"a")?);
        let named = |name: &[u8]| Some(Id(arguments.get(name)?.as_bytes()?.try_into().ok()?));
        let token = token(place, from);
        let mut out = Encoder::new();
        out.begin_dict();
        if matches!(method, b"get" | b"put") && mixed(u64::from(place)) % 100 >= KEEP_ITEMS {
            out.key("e").begin_list().int(204).bytes("Method Unknown").end();
            out.key("t").bytes(transaction).key("y").bytes("e").end();
            return Some(out.finish());
        }
        let mut answer = Encoder::new();
        answer.begin_dict().key("id").bytes(self.members[place as usize].id.0);
        match method {
            b"put" => self.keep(place, arguments, &token)?,
            b"get" => {
                let target = named(b"target")?;
                let nodes = self.nodes(place, &target);
                let found = self.stored.get(&(place, target));
                let life = self.lives.keeps(place);
                let found = found.filter(|kept| self.now.since(kept.put) < life);
                if let Some(kept) = found {
                    answer.key("k").bytes(&kept.key).key("nodes").bytes(nodes);
                    answer.key("seq").int(kept.seq).key("sig").bytes(&kept.signature);
                    answer.key("token").bytes(token).key("v").raw(&kept.value);
                } else {
                    answer.key("nodes").bytes(nodes).key("token").bytes(token);
                }
            }
            b"find_node" => {
                answer.key("nodes").bytes(self.nodes(place, &named(b"target")?));
            }
            b"get_peers" => {
                let nodes = self.nodes(place, &named(b"info_hash")?);
                answer.key("nodes").bytes(nodes).key("token").bytes(token);
            }
            _ => {}
        }
        answer.end();
        let ip = compact(from);
        out.key("ip").bytes(ip).key("r").raw(&answer.finish());
        out.key("t").bytes(transaction).key("y").bytes("r").end();
        Some(out.finish())
    }

    fn nodes(&mut self, place: u32, target: &Id) -> Vec<u8> {
        let closest = self.closest(place, target).into_iter();
        let node =
            |one: u32| [&self.members[one as usize].id.0[..], &compact(address(one))].concat();
        closest.flat_map(node).collect()
    }

    /// Keeps an item, unless it has a newer one. Whoever gets it verifies it.
    fn keep(&mut self, place: u32, arguments: Value<'_>, token: &[u8]) -> Option<()> {
        let bytes = |name: &[u8]| arguments.get(name)?.as_bytes();
        if bytes(b"token")? != token {
            return None;
        }
        let key: [u8; 32] = bytes(b"k")?.try_into().ok()?;
        let seq = arguments.get(b"seq")?.as_int()?;
        let target = mutable_target(&key, bytes(b"salt").unwrap_or_default());
        if self.stored.get(&(place, target)).is_some_and(|kept| kept.seq > seq) {
            return None;
        }
        let (signature, value) = (bytes(b"sig")?.to_vec(), arguments.get(b"v")?.raw().to_vec());
        let stored = Stored { key: key.to_vec(), seq, signature, value, put: self.now };
        self.stored.insert((place, target), stored);
        Some(())
    }
}

impl Crowd for Town {
    fn live(&mut self, until: Time) {
        self.grow(until);
        self.forget();
    }

    fn door(&mut self) -> SocketAddr {
        address(self.living[self.chance.below(self.living.len())].1)
    }

    fn distance(&self, at: SocketAddr) -> Option<Duration> {
        let place = place(at).filter(|place| (*place as usize) < self.members.len())?;
        Some(Duration::from_millis(5 + mixed(place.into()) % 60))
    }

    fn answer(
        &mut self,
        at: SocketAddr,
        from: SocketAddr,
        bytes: &[u8],
        now: Time,
    ) -> Option<Vec<u8>> {
        self.now = self.now.max(now);
        let place = place(at).filter(|place| self.members[*place as usize].dies > now)?;
        let document = Document::parse(bytes, Mode::Strict, &LIMITS).ok()?;
        self.says(place, from, document.root())
    }
}

/// The first or the last id that shares exactly so many bits with another.
fn edge(own: Id, shared: usize, fill: u8) -> Id {
    let mut edge = [fill; 20];
    for bit in 0..=shared {
        let mask = 0x80 >> (bit % 8);
        let is_set = own.0[bit / 8] & mask != 0;
        if is_set == (bit < shared) { edge[bit / 8] |= mask } else { edge[bit / 8] &= !mask }
    }
    Id(edge)
}

/// Each in a /24 of its own, none where the nodes are that are simulated as a whole.
fn address(place: u32) -> SocketAddr {
    let [_, high, middle, low] = place.to_be_bytes();
    ([32 + high, middle, low, 1], 6881).into()
}

fn place(at: SocketAddr) -> Option<u32> {
    let IpAddr::V4(ip) = at.ip() else { return None };
    let [high, middle, low, _] = ip.octets();
    Some(u32::from_be_bytes([0, high.checked_sub(32)?, middle, low]))
}

fn compact(addr: SocketAddr) -> [u8; 6] {
    let IpAddr::V4(ip) = addr.ip() else { return [0; 6] };
    let ([a, b, c, d], [high, low]) = (ip.octets(), addr.port().to_be_bytes());
    [a, b, c, d, high, low]
}

fn token(place: u32, from: SocketAddr) -> [u8; 8] {
    let [a, b, c, d, ..] = compact(from);
    mixed(u64::from(place) << 32 | u64::from(u32::from_be_bytes([a, b, c, d]))).to_be_bytes()
}

/// A number that looks like chance and is always the same (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
