//! What we are in one family: an id, a table, an address that others see, nodes to get to know.

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
};

use crate::{Family, Id, Node, Time, random::Random, search::SearchId, table::Table, votes::Votes};

/// Nodes that may be checked soon; more are forgotten.
const PROSPECTS_MAX: usize = 64;

#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) family: Family,
    pub(crate) table: Table,
    pub(crate) votes: Votes,
    /// Where others see us, as far as they agree.
    pub(crate) seen_as: Option<SocketAddr>,
    /// Nodes that were heard of and may find room in the table once they have answered.
    prospects: VecDeque<Node>,
    pub(crate) entry: Entry,
}

/// How far entering the DHT is.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// The lookup of ourselves that is under way.
    pub(crate) search: Option<SearchId>,
    /// When it may be tried again.
    pub(crate) again: Time,
    /// How often it has failed in a row.
    pub(crate) failures: u32,
    /// Whether the world was told that we are in.
    pub(crate) is_told: bool,
    /// The next bucket that is to be filled by a lookup.
    pub(crate) fill: usize,
}

impl Side {
    pub(crate) fn new(family: Family, own: Id) -> Self {
        Self {
            family,
            table: Table::new(own),
            votes: Votes::default(),
            seen_as: None,
            prospects: VecDeque::new(),
            entry: Entry::default(),
        }
    }

    /// Somebody was heard of who may be worth knowing.
    pub(crate) fn hear_of(&mut self, node: Node) {
        let known = self.prospects.iter().any(|other| other.addr == node.addr);
        if !known && self.prospects.len() < PROSPECTS_MAX && self.table.has_room_for(&node) {
            self.prospects.push_back(node);
        }
    }

    pub(crate) fn next_prospect(&mut self) -> Option<Node> {
        loop {
            let node = self.prospects.pop_front()?;
            if self.table.has_room_for(&node) {
                return Some(node);
            }
        }
    }

    pub(crate) fn has_prospects(&self) -> bool {
        !self.prospects.is_empty()
    }

    /// Somebody says where it sees us. Our address, if that changes it.
    pub(crate) fn vote(&mut self, voter: SocketAddr, seen: SocketAddr) -> Option<IpAddr> {
        let elected = self.votes.vote(voter, seen.ip());
        if elected.is_some() || self.seen_as.is_some_and(|known| known.ip() == seen.ip()) {
            self.seen_as = Some(seen);
        }
        elected
    }

    /// Takes an id that fits an address, if ours does not. True if it changed.
    pub(crate) fn take_fitting_id(&mut self, ip: IpAddr, random: &mut Random) -> bool {
        if self.table.own().fits(ip) {
            return false;
        }
        self.table = self.table.renamed(Id::for_address(ip, random.id()));
        self.entry.fill = 0;
        true
    }
}
