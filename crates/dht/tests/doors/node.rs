//! The node's door: any list of inputs, made of bytes, and what must hold whatever strangers and the program do.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
    time::Duration,
};

use dht::{
    AnnouncedPort, Command, Config, Dht, Family, Id, Input, Item, Limits, LookupId, MutableItem,
    News, Node, Output, SigningKey, Time, Value, Wanted,
};
use torrent::{
    bencode::{Document, Encoder, Limits as TextLimits, Mode, Value as Bencoded},
    hash::sha1,
};

/// Little, so that limits are reached.
const LIMITS: Limits = Limits {
    queries_per_second: 20,
    queries_per_node: 1,
    answers_per_source: 5,
    answer_bytes_per_second: 2_000,
    swarms_max: 3,
    peers_per_swarm_max: 6,
    items_max: 4,
    items_per_source_max: 2,
    lookups_max: 3,
};
/// What may be sent at once after a rest: queries, and bytes of answers.
const QUERIES_AT_ONCE: u64 = 10;
const ANSWERED_AT_ONCE: u64 = 4_000;
/// No datagram is longer, so that each goes through whole.
const DATAGRAM_MAX: usize = 1472;
/// A token is good for one to two of these spans.
const ROTATION: Duration = Duration::from_secs(5 * 60);
/// The span over which questions to one address are counted.
const WINDOW: Duration = Duration::from_secs(10);
/// Queries of one lookup in one family.
const WALK_MAX: usize = 96;
/// Peers that one lookup tells of.
const PEERS_MAX: usize = 4_000;
/// Questions of the node that the script may still answer.
const QUESTIONS_MAX: usize = 64;
/// How much time one list lets pass deadline by deadline; beyond it the node sleeps, or long lists would take seconds.
const AWAKE_MAX: Duration = Duration::from_secs(20 * 60);
const START: Time = Time(1_000_000_000);

/// Bytes that are used up.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> u8 {
        self.next().unwrap_or(0)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken.to_vec()
    }

    fn addr(&mut self) -> SocketAddr {
        addr(self.byte())
    }

    /// One of a few keys, so that they meet.
    fn key(&mut self) -> Id {
        Id([self.byte() % 8; 20])
    }

    fn item(&mut self) -> Item {
        let kind = self.byte();
        item(kind, self.byte())
    }
}

/// The address with a number: pairs are neighbours, a third is IPv6, and some are nobody's.
fn addr(number: u8) -> SocketAddr {
    let low = number & 1;
    match number {
        0..=159 => ([11, number >> 1, 0, 1 + low], 6881).into(),
        160..=239 => ([0x2600, 0, 0, u16::from(number >> 1), 0, 0, 0, u16::from(low)], 6881).into(),
        240..=243 => ([127, 0, 0, number], 6881).into(),
        244 => ([11, 0, 0, 9], 0).into(),
        245 => ([224, 0, 0, 1], 6881).into(),
        246 => ([0, 0, 0, 0], 6881).into(),
        247 => ([0, 0, 0, 0, 0, 0, 0, 1], 6881).into(),
        // IPv4 in the clothes of IPv6.
        248..=251 => ([0, 0, 0, 0, 0, 0xffff, 0x0b00 | u16::from(number & 3), 1], 6881).into(),
        252 => ([0xfe80, 0, 0, 0, 0, 0, 0, 1], 6881).into(),
        253 => ([10, 0, 0, 1], 6881).into(),
        254 => ([11, 0, 0, 1], 1).into(),
        255 => ([192, 168, 1, 1], 6881).into(),
    }
}

/// The node with a number. Every eighth has an id that does not fit its address.
fn node(number: u8) -> Node {
    let (addr, entropy) = (addr(number), Id([number; 20]));
    let id = if number % 8 == 7 { entropy } else { Id::for_address(addr.ip(), entropy) };
    Node { id, addr }
}

/// Who is where.
static NODES: LazyLock<BTreeMap<SocketAddr, Id>> =
    LazyLock::new(|| (0..=255).rev().map(node).map(|node| (node.addr, node.id)).collect());

/// One of a few items: the same key in many versions, two keys, and what has none.
fn item(kind: u8, number: u8) -> Item {
    let value = if kind & 8 == 0 { vec![number; 3] } else { vec![number; 900] };
    let value = Value::bytes(&value).expect("it is short enough");
    if kind & 1 == 0 {
        return Item::Immutable(value);
    }
    let key = SigningKey::from_bytes(&[kind & 2; 32]);
    let salt: &[u8] = if kind & 4 == 0 { b"" } else { b"salt" };
    let seq = if kind & 16 == 0 { i64::from(number) } else { i64::MAX - i64::from(number) };
    Item::Mutable(MutableItem::sign(&key, salt, seq, value).expect("its salt is short enough"))
}

/// A question of the node.
struct Question {
    to: SocketAddr,
    transaction: Vec<u8>,
}

/// What is known of a lookup of ours.
enum Looks {
    /// For peers; these were told.
    Peers(BTreeSet<SocketAddr>),
    /// For peers, again and again: it does not end by itself.
    Follows,
    /// For the item with this target; the newest version that was told, or that we have.
    Item(Id, Option<i64>),
    /// For something else.
    Else,
}

/// What a datagram of a stranger may be answered with.
struct Heard {
    from: SocketAddr,
    bytes: Vec<u8>,
    answered: bool,
}

/// A node, and what it said so far.
struct Stage {
    dht: Dht,
    families: Vec<Family>,
    local: bool,
    read_only: bool,
    now: Time,
    /// How much time has passed deadline by deadline.
    awake: Duration,
    questions: Vec<Question>,
    /// When each host was asked lately.
    asked: BTreeMap<IpAddr, Vec<Time>>,
    queries: u64,
    answered_bytes: u64,
    heard: Option<Heard>,
    /// Who answered a question of the node.
    met: BTreeSet<SocketAddr>,
    /// The tokens that it gave: to whom, when.
    tokens: Vec<(IpAddr, Vec<u8>, Time)>,
    /// Whoever announced itself with a good token.
    announced: BTreeSet<SocketAddr>,
    lookups: BTreeMap<LookupId, Looks>,
    next_lookup: u64,
}

/// Feeds a node what the bytes say: it does not panic, keeps its limits, and tells what is so.
///
/// # Panics
/// If it does not.
pub(crate) fn dht_inputs(bytes: &[u8]) {
    let mut script = Script(bytes);
    let mut stage = Stage::new(&mut script);
    while let Some(step) = script.next() {
        stage.step(step, &mut script);
        stage.check_tables();
    }
    stage.end();
}

impl Stage {
    fn new(script: &mut Script<'_>) -> Self {
        let kind = script.byte();
        let (v4, v6) = (kind & 3 != 1, kind & 3 != 2);
        let families = [(Family::V4, v4), (Family::V6, v6)];
        let families = families.into_iter().filter(|(_, is_in_use)| *is_in_use);
        let (local, read_only) = (kind & 4 != 0, kind & 8 != 0);
        let config = Config {
            seed: [9; 32],
            node_id: (kind & 16 != 0).then_some(Id([0x55; 20])),
            read_only,
            v4,
            v6,
            local_addresses: local,
            snapshot: (kind & 32 != 0).then(snapshot),
            limits: LIMITS,
        };
        let mut stage = Self {
            dht: Dht::new(config),
            families: families.map(|(family, _)| family).collect(),
            local,
            read_only,
            now: START,
            awake: Duration::ZERO,
            questions: vec![],
            asked: BTreeMap::new(),
            queries: 0,
            answered_bytes: 0,
            heard: None,
            met: BTreeSet::new(),
            tokens: vec![],
            announced: BTreeSet::new(),
            lookups: BTreeMap::new(),
            next_lookup: 1,
        };
        stage.feed(Input::DeadlinePassed);
        stage
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        match step % 16 {
            0 => self.hear(script.addr(), script.bytes()),
            1..=3 => self.ask(script),
            4..=7 => self.answer(script),
            8 => self.fault(script),
            9 => self.wait(Duration::from_millis(u64::from(script.byte()).pow(2))),
            10 => self.wait(Duration::from_secs(u64::from(script.byte()) * 4)),
            11 => self.sleep(Duration::from_secs(u64::from(script.byte()).pow(2))),
            12 => self.look(script),
            13 => self.follow(script),
            14 => self.cancel(script),
            _ => self.tell(script),
        }
    }

    fn feed(&mut self, input: Input<'_>) {
        self.dht.handle_input(self.now, input);
        let mut count = 0;
        while let Some(output) = self.dht.poll_output() {
            count += 1;
            assert!(count < 2_000, "outputs without end");
            self.take(output);
        }
        self.heard = None;
    }

    fn hear(&mut self, from: SocketAddr, bytes: Vec<u8>) {
        let canonical = SocketAddr::new(from.ip().to_canonical(), from.port());
        self.heard = Some(Heard { from: canonical, bytes: bytes.clone(), answered: false });
        self.feed(Input::Datagram(from, &bytes));
    }

    fn wait(&mut self, span: Duration) {
        self.awake += span;
        if self.awake <= AWAKE_MAX { self.pass(span) } else { self.sleep(span) }
    }

    /// The machine sleeps.
    fn sleep(&mut self, span: Duration) {
        self.now = self.now + span;
        self.feed(Input::DeadlinePassed);
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        let (mut steps, mut at_once) = (0, 0);
        while let Some(next) = self.dht.deadline().filter(|next| *next <= until) {
            at_once = if next > self.now { 0 } else { at_once + 1 };
            assert!(at_once < 20, "something is due again and again");
            self.now = self.now.max(next);
            self.feed(Input::DeadlinePassed);
            steps += 1;
            assert!(steps < 100_000, "deadlines without end");
        }
        self.now = until;
    }

    /// Whatever is under way comes to its end, though nobody says anything any more.
    fn end(&mut self) {
        self.pass(Duration::from_secs(180));
        let follows = |looks: &Looks| matches!(looks, Looks::Follows);
        assert!(self.lookups.values().all(follows), "a lookup without end");
    }

    /// A stranger asks.
    fn ask(&mut self, script: &mut Script<'_>) {
        let method = script.byte();
        let asker = node(script.byte());
        let flags = script.byte();
        let token = match flags & 3 {
            0 => self.tokens.iter().rev().find(|(ip, ..)| *ip == asker.addr.ip()),
            1 => self.tokens.last(),
            _ => None,
        };
        let token = token.map_or(vec![flags; 8], |(_, token, _)| token.clone());
        let mut out = Encoder::new();
        out.begin_dict().key("a").begin_dict();
        let name = match method % 8 {
            0 => {
                out.key("id").bytes(asker.id.0);
                "ping"
            }
            1 => {
                out.key("id").bytes(asker.id.0).key("target").bytes(script.key().0);
                write_want(&mut out, flags);
                "find_node"
            }
            2 => {
                out.key("id").bytes(asker.id.0).key("info_hash").bytes(script.key().0);
                if flags & 16 != 0 {
                    out.key("scrape").int(1);
                }
                write_want(&mut out, flags);
                "get_peers"
            }
            3 | 4 => {
                out.key("id").bytes(asker.id.0).key("implied_port").int((flags >> 4 & 1).into());
                out.key("info_hash").bytes(script.key().0);
                out.key("port").int(script.byte().into()).key("seed").int((flags >> 5 & 1).into());
                out.key("token").bytes(token);
                "announce_peer"
            }
            5 => {
                out.key("id").bytes(asker.id.0);
                if flags & 16 != 0 {
                    out.key("seq").int(script.byte().into());
                }
                out.key("target").bytes(script.item().target().0);
                write_want(&mut out, flags);
                "get"
            }
            6 => {
                if flags & 16 != 0 {
                    out.key("cas").int(script.byte().into());
                }
                out.key("id").bytes(asker.id.0);
                let item = script.item();
                if let Item::Mutable(item) = &item {
                    out.key("k").bytes(item.key()).key("salt").bytes(item.salt());
                    out.key("seq").int(item.seq().saturating_add((flags >> 5 & 1).into()));
                    out.key("sig").bytes(item.signature());
                }
                out.key("token").bytes(token).key("v").raw(item.value().raw());
                "put"
            }
            _ => {
                out.key("id").bytes(asker.id.0).key("target").bytes(script.key().0);
                write_want(&mut out, flags);
                "sample_infohashes"
            }
        };
        out.end().key("q").bytes(name);
        if flags & 64 != 0 {
            out.key("ro").int(1);
        }
        out.key("t").bytes(if flags & 128 == 0 { &b"aa"[..] } else { &[b'x'; 32] });
        out.key("y").bytes("q").end();
        self.hear(asker.addr, out.finish());
    }

    /// A node answers one of the latest questions, or somebody else does.
    fn answer(&mut self, script: &mut Script<'_>) {
        let flags = script.byte();
        let Some(question) = self.question(script.byte()) else { return };
        let (to, transaction) = (question.to, question.transaction.clone());
        let from = if flags & 15 == 15 { script.addr() } else { to };
        let id = if flags & 31 == 30 {
            script.key()
        } else {
            NODES.get(&to).copied().unwrap_or(Id([1; 20]))
        };
        let nodes: Vec<Node> = (0..script.byte() % 20).map(|_| node(script.byte())).collect();
        let mut out = Encoder::new();
        out.begin_dict();
        if flags & 32 != 0 {
            out.key("ip").bytes(compact(script.addr()));
        }
        out.key("r").begin_dict();
        let more = script.byte();
        if more & 1 != 0 {
            out.key("BFpe").bytes([script.byte(); 256]).key("BFsd").bytes([script.byte(); 256]);
        }
        out.key("id").bytes(id.0);
        if more & 2 != 0 {
            out.key("interval").int((script.byte() % 4).into());
        }
        let item = (more & 4 != 0).then(|| script.item());
        if let Some(Item::Mutable(item)) = &item {
            out.key("k").bytes(item.key());
        }
        let lists = [(Family::V4, "nodes"), (Family::V6, "nodes6")];
        for (family, name) in lists {
            let nodes = nodes.iter().filter(|node| Family::of(node.addr.ip()) == family);
            let list: Vec<u8> =
                nodes.flat_map(|n| [&n.id.0[..], &compact(n.addr)].concat()).collect();
            if !list.is_empty() {
                out.key(name).bytes(list);
            }
        }
        if more & 2 != 0 {
            out.key("num").int(script.byte().into()).key("samples").bytes([script.byte(); 60]);
        }
        if let Some(Item::Mutable(item)) = &item {
            out.key("seq").int(item.seq().saturating_add((more >> 6 & 1).into()));
            out.key("sig").bytes(item.signature());
        }
        if more & 8 != 0 {
            out.key("token").bytes([script.byte(); 4]);
        }
        if let Some(item) = &item {
            out.key("v").raw(item.value().raw());
        }
        if more & 16 != 0 {
            out.key("values").begin_list();
            for _ in 0..script.byte() % 20 {
                out.bytes(compact(script.addr()));
            }
            out.end();
        }
        out.end().key("t").bytes(transaction).key("y").bytes("r").end();
        if from == to && self.families.contains(&Family::of(from.ip())) {
            self.met.insert(from);
        }
        self.hear(from, out.finish());
    }

    fn fault(&mut self, script: &mut Script<'_>) {
        let code = [201, 203, 301, 302][usize::from(script.byte() % 4)];
        let Some(question) = self.question(script.byte()) else { return };
        let (to, transaction) = (question.to, question.transaction.clone());
        let mut out = Encoder::new();
        out.begin_dict().key("e").begin_list().int(code).bytes("no").end();
        out.key("t").bytes(transaction).key("y").bytes("e").end();
        self.hear(to, out.finish());
    }

    /// One of the latest questions, the latest one first.
    fn question(&self, number: u8) -> Option<&Question> {
        let number = usize::from(number) % self.questions.len().max(1);
        self.questions.iter().rev().nth(number)
    }

    /// The program looks for something.
    fn look(&mut self, script: &mut Script<'_>) {
        let (kind, lookup) = (script.byte(), LookupId(self.next_lookup));
        self.next_lookup += 1;
        let (command, looks) = match kind % 6 {
            0 | 1 => {
                let announce = (kind & 64 != 0).then_some(AnnouncedPort::At(7));
                let announce =
                    if kind & 128 == 0 { announce } else { Some(AnnouncedPort::Implied) };
                let command = Command::Peers { lookup, infohash: script.key(), announce };
                (command, Looks::Peers(BTreeSet::new()))
            }
            2 => {
                let item = script.item();
                let have = (kind & 64 != 0).then(|| script.byte().into());
                let (target, what) = match &item {
                    Item::Immutable(_) => (item.target(), Wanted::Immutable(item.target())),
                    Item::Mutable(one) => {
                        let (key, salt) = (*one.key(), one.salt().to_vec());
                        (item.target(), Wanted::Mutable { key, salt, have })
                    }
                };
                let have = have.filter(|_| matches!(item, Item::Mutable(_)));
                (Command::Get { lookup, what }, Looks::Item(target, have))
            }
            3 => {
                let item = script.item();
                let cas = (kind & 64 != 0).then(|| script.byte().into());
                let looks = Looks::Item(item.target(), item.seq());
                (Command::Put { lookup, item, cas, copies: script.byte().into() }, looks)
            }
            4 => (Command::Scrape { lookup, infohash: script.key() }, Looks::Else),
            _ => (Command::Sample { lookup, target: script.key() }, Looks::Else),
        };
        self.lookups.insert(lookup, looks);
        self.feed(Input::Command(command));
    }

    fn follow(&mut self, script: &mut Script<'_>) {
        // A few names, so that one is followed twice.
        let (kind, lookup) = (script.byte(), LookupId(1_000_000 + u64::from(script.byte() % 3)));
        let command = if kind & 1 == 0 {
            let announce = (kind & 2 != 0).then_some(AnnouncedPort::At(7));
            self.lookups.insert(lookup, Looks::Follows);
            Command::Follow { lookup, infohash: script.key(), announce }
        } else {
            Command::Seeds { lookup, all: kind & 2 != 0 }
        };
        self.feed(Input::Command(command));
    }

    fn cancel(&mut self, script: &mut Script<'_>) {
        let number = usize::from(script.byte()) % self.lookups.len().max(1);
        let Some(lookup) = self.lookups.keys().nth(number).copied() else { return };
        self.lookups.remove(&lookup);
        self.feed(Input::Command(Command::Cancel(lookup)));
    }

    fn tell(&mut self, script: &mut Script<'_>) {
        match script.byte() % 4 {
            0 => {
                let doors = (0..script.byte() % 9).map(|_| script.addr()).collect();
                self.feed(Input::Command(Command::Bootstrap(doors)));
            }
            1 => self.feed(Input::Command(Command::Node(script.addr()))),
            2 => self.feed(Input::ExternalAddress(script.addr().ip())),
            _ => check_snapshot(&self.dht.snapshot()),
        }
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Send(to, bytes) => self.sent(to, &bytes),
            Output::Peers { lookup, addrs } => self.found(lookup, addrs),
            Output::Item { lookup, item } => {
                let Some(Looks::Item(target, newest)) = self.lookups.get_mut(&lookup) else {
                    panic!("an item that nobody looks for");
                };
                assert_eq!(item.target(), *target);
                assert!(newest.is_none() || item.seq() > *newest, "only newer ones are told");
                *newest = item.seq();
            }
            Output::Sample { lookup, from, infohashes, interval, .. } => {
                assert!(self.lookups.contains_key(&lookup) && self.met.contains(&from));
                assert!(infohashes.len() <= 70 && interval <= Duration::from_secs(6 * 3600));
            }
            Output::Counted { lookup, seeds, leechers } => {
                assert!(self.lookups.contains_key(&lookup));
                assert!(seeds < 10_000 && leechers < 10_000, "more than filters can tell");
            }
            Output::Done { lookup, stats, .. } => {
                let looked = self.lookups.remove(&lookup).expect("an end is told once");
                assert!(!matches!(looked, Looks::Follows), "who is followed has no end");
                assert!(stats.queries <= WALK_MAX * 2 && stats.answers <= stats.queries);
                assert!(stats.stored <= 2 * 64, "{stats:?}");
            }
            Output::Tell(news) => assert_ne!(news, News::BadSnapshot, "it was a good one"),
            Output::Save(table) => check_snapshot(&table),
        }
    }

    fn found(&mut self, lookup: LookupId, addrs: Vec<SocketAddr>) {
        assert!(!addrs.is_empty() && addrs.iter().all(|peer| self.may_be_at(*peer)), "{addrs:?}");
        match self.lookups.get_mut(&lookup) {
            Some(Looks::Follows) => {}
            Some(Looks::Peers(told)) => {
                assert!(addrs.into_iter().all(|peer| told.insert(peer)), "each is told once");
                assert!(told.len() <= PEERS_MAX);
            }
            _ => panic!("peers that nobody looks for"),
        }
    }

    /// Whether a stranger's node or peer may be there; no address has two spellings.
    fn may_be_at(&self, addr: SocketAddr) -> bool {
        let is_local = match addr.ip() {
            IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
            IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local(),
        };
        let is_nobody = addr.ip().is_unspecified() || addr.ip().is_multicast();
        let is_plain = addr.ip().to_canonical() == addr.ip();
        is_plain && addr.port() != 0 && !is_nobody && (self.local || !is_local)
    }

    fn sent(&mut self, to: SocketAddr, bytes: &[u8]) {
        assert!(bytes.len() <= DATAGRAM_MAX, "{} bytes", bytes.len());
        assert!(self.may_be_at(to) && self.families.contains(&Family::of(to.ip())), "{to}");
        let document = Document::parse(bytes, Mode::Strict, &TextLimits::MESSAGE);
        let document = document.expect("what is sent is canonical");
        let root = document.root();
        if text(root, "y") == Some(b"q") {
            self.asked(to, root);
        } else {
            self.replied(to, bytes, root);
        }
    }

    fn asked(&mut self, to: SocketAddr, root: Bencoded<'_>) {
        self.queries += 1;
        let allowed = QUERIES_AT_ONCE + self.elapsed(LIMITS.queries_per_second);
        assert!(self.queries <= allowed, "{} questions of {allowed}", self.queries);
        assert_eq!(root.get(b"ro").is_some(), self.read_only);
        let [transaction, method] = ["t", "q"].map(|key| text(root, key).expect("it has both"));
        if method == b"announce_peer" || method == b"put" {
            assert!(self.met.contains(&to), "only who gave a token is given anything");
        } else {
            self.spare(to.ip());
        }
        let transaction = transaction.to_vec();
        if self.questions.len() >= QUESTIONS_MAX {
            self.questions.remove(0);
        }
        self.questions.push(Question { to, transaction });
    }

    /// Nobody is asked too often. Windows of ten seconds begin with a question: two of them touch at most.
    fn spare(&mut self, ip: IpAddr) {
        let asked = self.asked.entry(ip).or_default();
        asked.retain(|at| self.now.since(*at) < WINDOW);
        asked.push(self.now);
        let most = 2 * 10 * LIMITS.queries_per_node as usize;
        assert!(asked.len() <= most, "{ip} is asked {} times in ten seconds", asked.len());
    }

    fn replied(&mut self, to: SocketAddr, bytes: &[u8], root: Bencoded<'_>) {
        let heard = self.heard.as_mut().expect("only who asks is answered");
        assert!(!self.read_only && heard.from == to && !heard.answered, "one answer for each");
        heard.answered = true;
        let question = heard.bytes.clone();
        self.answered_bytes += bytes.len() as u64;
        let allowed = ANSWERED_AT_ONCE + self.elapsed(LIMITS.answer_bytes_per_second);
        assert!(self.answered_bytes <= allowed, "{} bytes of {allowed}", self.answered_bytes);
        self.check_amplification(to, &question, bytes, root);
        let asked = Document::parse(&question, Mode::Strict, &TextLimits::MESSAGE);
        let asked = asked.expect("nobody answers noise");
        assert_eq!(text(root, "t"), text(asked.root(), "t"));
        let Some(answer) = root.get(b"r") else {
            return self.refused(to, &question, asked.root(), root);
        };
        let arguments = asked.root().get(b"a").expect("it was understood");
        let method = text(asked.root(), "q").expect("it was understood");
        if let Some(token) = text(answer, "token") {
            self.tokens.push((to.ip(), token.to_vec(), self.now));
        }
        if matches!(method, b"announce_peer" | b"put") {
            let shown = text(arguments, "token").expect("it was understood");
            assert!(self.is_given(to.ip(), shown, ROTATION * 2), "a token of somebody else");
        }
        if method == b"announce_peer" {
            let implied = arguments.get(b"implied_port").and_then(|port| port.as_int());
            let port = arguments.get(b"port").and_then(|port| port.as_int());
            let port = if implied.unwrap_or(0) != 0 { to.port() } else { port.unwrap_or(0) as u16 };
            self.announced.insert(SocketAddr::new(to.ip(), port));
        }
        self.check_told(answer, arguments);
    }

    /// A refused announce had no good token, if it was understood at all.
    fn refused(&self, to: SocketAddr, question: &[u8], asked: Bencoded<'_>, root: Bencoded<'_>) {
        assert!(root.get(b"e").is_some_and(|fault| fault.as_list().is_some()));
        if text(asked, "q") != Some(b"announce_peer") || dht::rewritten(question).is_none() {
            return;
        }
        let shown = asked.get(b"a").and_then(|arguments| text(arguments, "token"));
        let shown = shown.expect("it was understood");
        assert!(!self.is_given(to.ip(), shown, ROTATION), "a good token is good");
    }

    fn is_given(&self, ip: IpAddr, shown: &[u8], within: Duration) -> bool {
        let fits = |(to, token, at): &(IpAddr, Vec<u8>, Time)| {
            *to == ip && token == shown && self.now.since(*at) < within
        };
        self.tokens.iter().rev().any(fits)
    }

    /// Who did not show that the address is its own gets four times what it sent at most, headers counted, or an
    /// item or a count.
    fn check_amplification(
        &self,
        to: SocketAddr,
        question: &[u8],
        bytes: &[u8],
        root: Bencoded<'_>,
    ) {
        let is_free = root
            .get(b"r")
            .is_some_and(|answer| answer.get(b"v").is_some() || answer.get(b"BFsd").is_some());
        if is_free || self.met.contains(&to) {
            return;
        }
        let headers = if to.is_ipv4() { 28 } else { 48 };
        let (asked, told) = (question.len() + headers, bytes.len() + headers);
        assert!(told <= 4 * asked, "{told} for {asked}");
    }

    /// What others are told is so, as far as strangers can make it so.
    fn check_told(&self, answer: Bencoded<'_>, arguments: Bencoded<'_>) {
        for (name, len) in [("nodes", 26), ("nodes6", 38)] {
            let list = text(answer, name).unwrap_or_default();
            assert!(list.len().is_multiple_of(len) && list.len() <= 8 * len);
            let met = |node: &[u8]| self.met.iter().any(|met| compact(*met) == node[20..]);
            assert!(list.chunks(len).all(met), "only who has answered is told of");
        }
        let peers: Vec<_> =
            answer.get(b"values").and_then(|v| v.as_list()).into_iter().flatten().collect();
        assert!(peers.len() <= LIMITS.peers_per_swarm_max);
        for peer in peers {
            let announced = |one: &SocketAddr| Some(&compact(*one)[..]) == peer.as_bytes();
            assert!(self.announced.iter().any(announced), "only who announced itself is told of");
        }
        let total = answer.get(b"num").and_then(|total| total.as_int()).unwrap_or(0);
        assert!(total <= LIMITS.swarms_max as i64);
        if let Some(value) = answer.get(b"v") {
            let target = text(arguments, "target").expect("it was asked for");
            let key = text(answer, "k");
            let is_its = key.is_some() || sha1(value.raw()).0 == target;
            assert!(is_its, "an item under another name");
        }
    }

    fn check_tables(&self) {
        for family in Family::ALL {
            let met = self.met.iter().filter(|met| Family::of(met.ip()) == family).count();
            assert!(self.dht.nodes(family) <= met, "only who answered is known");
        }
    }

    /// How much of a rate the time so far allows, rounded up.
    fn elapsed(&self, per_second: u32) -> u64 {
        // The node's first second is that of its birth: what is saved up by then is counted apart.
        let micros = u64::try_from(self.now.since(START).as_micros()).expect("a test is short");
        (micros * u64::from(per_second)).div_ceil(1_000_000) + 1
    }
}

fn text<'d>(dictionary: Bencoded<'d>, key: &str) -> Option<&'d [u8]> {
    dictionary.get(key.as_bytes()).and_then(|text| text.as_bytes())
}

fn write_want(out: &mut Encoder, flags: u8) {
    if flags & 12 == 0 {
        return;
    }
    out.key("want").begin_list();
    for (name, flag) in [("n4", 4), ("n6", 8)] {
        if flags & flag != 0 {
            out.bytes(name);
        }
    }
    out.end();
}

fn compact(addr: SocketAddr) -> Vec<u8> {
    let mut out = match addr.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    out.extend_from_slice(&addr.port().to_be_bytes());
    out
}

/// A table of an earlier run.
fn snapshot() -> Vec<u8> {
    let mut out = Encoder::new();
    out.begin_dict().key("id4").bytes([3; 20]).key("id6").bytes([4; 20]);
    for (name, numbers) in [("nodes4", 0..40_u8), ("nodes6", 160..180)] {
        let list = numbers.map(node).flat_map(|n| [&n.id.0[..], &compact(n.addr)].concat());
        out.key(name).bytes(list.collect::<Vec<u8>>());
    }
    out.key("version").int(1).end();
    out.finish()
}

/// What is kept for the next run is short and can be read then.
fn check_snapshot(table: &[u8]) {
    assert!(table.len() <= 64 * 1024);
    let mut dht = Dht::new(Config {
        seed: [1; 32],
        node_id: None,
        read_only: false,
        v4: true,
        v6: true,
        local_addresses: true,
        snapshot: Some(table.to_vec()),
        limits: LIMITS,
    });
    assert_eq!(dht.poll_output(), None);
}
