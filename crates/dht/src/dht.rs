//! The owner of everything: takes inputs, gives outputs.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, SocketAddr},
};

use crate::{
    Config, Family, Id, Input, LookupId, News, Output, Time,
    follow::Follows,
    guard::{Budget, Sources},
    introduced::Introduced,
    items::Items,
    krpc::{BadMessage, Body, DATAGRAM_MAX, Message},
    peers::Peers,
    random::Random,
    reach::permitted,
    search::{Search, SearchId},
    side::Side,
    snapshot::{self, Remembered},
    token::Tokens,
    transactions::{Lapse, Transactions},
    upkeep::Upkeep,
};

/// A node of the DHT: finds what others know, keeps what they entrust to it.
///
/// It does no I/O and reads no clock: a driver feeds it [`Input`]s with the time they happened, carries out
/// the [`Output`]s and comes back at [`Dht::deadline`].
#[derive(Debug)]
pub struct Dht {
    pub(crate) config: Config,
    pub(crate) random: Random,
    pub(crate) sides: Vec<Side>,
    pub(crate) transactions: Transactions,
    pub(crate) searches: BTreeMap<SearchId, Search>,
    pub(crate) follows: Follows,
    pub(crate) names: BTreeMap<LookupId, SearchId>,
    pub(crate) next_search: u64,
    /// Lookups that wait until more may be sent.
    pub(crate) line: VecDeque<SearchId>,
    pub(crate) line_moves: Option<Time>,
    pub(crate) pace: Budget,
    /// What we send to each node.
    pub(crate) asked: Sources,
    /// What each source asks of us.
    pub(crate) askers: Sources,
    pub(crate) answering: Budget,
    pub(crate) tokens: Tokens,
    pub(crate) peers: Peers,
    pub(crate) items: Items,
    pub(crate) doors: Vec<SocketAddr>,
    /// Nodes that peers and torrents named.
    pub(crate) introduced: Introduced,
    pub(crate) upkeep: Upkeep,
    pub(crate) outputs: VecDeque<Output>,
}

impl Dht {
    /// A node that knows whoever its snapshot names.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut random = Random::new(config.seed);
        let limits = config.limits;
        let families = [(Family::V4, config.v4), (Family::V6, config.v6)];
        let families = families.into_iter().filter(|(_, wanted)| *wanted);
        let sides = families
            .map(|(family, _)| Side::new(family, config.node_id.unwrap_or_else(|| random.id())));
        let mut dht = Self {
            sides: sides.collect(),
            tokens: Tokens::new(&mut random),
            random,
            transactions: Transactions::default(),
            searches: BTreeMap::new(),
            follows: Follows::default(),
            names: BTreeMap::new(),
            next_search: 0,
            line: VecDeque::new(),
            line_moves: None,
            pace: Budget::new(limits.queries_per_second, (limits.queries_per_second / 4).max(10)),
            asked: Sources::new(limits.queries_per_node),
            askers: Sources::new(limits.answers_per_source),
            answering: Budget::new(
                limits.answer_bytes_per_second,
                limits.answer_bytes_per_second.saturating_mul(2),
            ),
            peers: Peers::new(&limits),
            items: Items::new(&limits),
            doors: Vec::new(),
            introduced: Introduced::default(),
            upkeep: Upkeep::default(),
            outputs: VecDeque::new(),
            config,
        };
        dht.restore();
        dht
    }

    /// Takes note of something that happened at `now`; times never go back.
    pub fn handle_input(&mut self, now: Time, input: Input<'_>) {
        match input {
            Input::Datagram(from, bytes) => self.hear(from, bytes, now),
            Input::Command(command) => self.obey(command, now),
            Input::DeadlinePassed => {}
            Input::ExternalAddress(ip) => self.trust_address(ip),
        }
        self.catch_up(now);
    }

    /// The next thing to carry out or to know.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back if nothing happens.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let upkeep = Some(self.upkeep.next);
        let times = [self.transactions.deadline(), self.line_moves, upkeep, self.follows.next()];
        times.into_iter().flatten().min()
    }

    /// Our id in a family, if it is in use.
    #[must_use]
    pub fn id(&self, family: Family) -> Option<Id> {
        self.side(family).map(|side| side.table.own())
    }

    /// How many nodes of a family are known and not silent.
    #[must_use]
    pub fn nodes(&self, family: Family) -> usize {
        self.side(family).map_or(0, |side| side.table.len())
    }

    /// The table, to be kept for the next run.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let remember = |side: &Side| {
            let nodes = side.table.nodes().collect();
            (side.family, Remembered { own: side.table.own(), nodes })
        };
        snapshot::write(&self.sides.iter().map(remember).collect::<Vec<_>>())
    }

    pub(crate) fn side(&self, family: Family) -> Option<&Side> {
        self.sides.iter().find(|side| side.family == family)
    }

    pub(crate) fn side_mut(&mut self, family: Family) -> Option<&mut Side> {
        self.sides.iter_mut().find(|side| side.family == family)
    }

    pub(crate) fn tell(&mut self, news: News) {
        self.outputs.push_back(Output::Tell(news));
    }

    /// Whether somebody else's node or peer may be at an address.
    pub(crate) fn may_be_at(&self, addr: SocketAddr) -> bool {
        permitted(addr, self.config.local_addresses)
            && self.sides.iter().all(|side| side.seen_as != Some(addr))
    }

    fn restore(&mut self) {
        let Some(bytes) = self.config.snapshot.take() else { return };
        let Some(families) = snapshot::read(&bytes) else { return self.tell(News::BadSnapshot) };
        for (family, remembered) in families {
            let own = self.config.node_id.unwrap_or(remembered.own);
            let nodes: Vec<_> =
                remembered.nodes.into_iter().filter(|node| self.may_be_at(node.addr)).collect();
            if let Some(side) = self.side_mut(family) {
                *side = Side::new(family, own);
                nodes.into_iter().for_each(|node| side.table.remembered(node));
            }
        }
    }

    fn trust_address(&mut self, ip: IpAddr) {
        let family = Family::of(ip);
        if let Some(side) = self.side_mut(family) {
            side.votes.decide(ip);
            self.take_address(family, ip);
        }
    }

    /// Our address in a family is known now.
    pub(crate) fn take_address(&mut self, family: Family, ip: IpAddr) {
        self.tell(News::ExternalAddress(ip));
        if self.config.node_id.is_some() {
            return;
        }
        let Some(side) = self.sides.iter_mut().find(|side| side.family == family) else { return };
        if side.take_fitting_id(ip, &mut self.random) {
            let id = side.table.own();
            side.entry.again = Time(0);
            self.tell(News::NewId { family, id });
        }
    }

    fn hear(&mut self, from: SocketAddr, bytes: &[u8], now: Time) {
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let is_ours = self.side(Family::of(from.ip())).is_some();
        if bytes.len() > DATAGRAM_MAX || !is_ours || !permitted(from, self.config.local_addresses) {
            return;
        }
        match Message::read(bytes) {
            Ok(Message { transaction, read_only, body: Body::Query(id, query), .. }) => {
                self.serve(from, bytes.len(), &transaction, (id, read_only), query, now);
            }
            Ok(Message { transaction, seen_as, body: Body::Answer(answer), .. }) => {
                self.hear_answer(from, &transaction, seen_as, &answer, now);
            }
            Ok(Message { transaction, body: Body::Fault(code), .. }) => {
                self.hear_fault(from, &transaction, code, now);
            }
            Err(BadMessage::Query(transaction, why)) => {
                self.refuse(from, &transaction, why, now);
            }
            Err(BadMessage::Noise) => {}
        }
    }

    /// Does what the time asks for.
    fn catch_up(&mut self, now: Time) {
        while let Some(lapse) = self.transactions.lapse(now) {
            match lapse {
                Lapse::Late(pending) => self.is_late(pending, now),
                Lapse::Dead(pending) => self.is_dead(pending, now),
            }
        }
        if self.upkeep.next <= now {
            self.keep_up(now);
        }
        self.follow_on(now);
        if self.line_moves.is_some_and(|at| at <= now) {
            self.move_line(now);
        }
    }
}
