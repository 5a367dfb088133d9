//! Our questions, and what becomes of them: an answer, a fault, lateness, silence.

use std::net::SocketAddr;

use crate::{
    Dht, Family, Id, Node, Output, Time,
    krpc::{Answer, Message, Query},
    search::{Phase, SearchId},
    transactions::{Pending, Purpose},
};

/// After this long without an answer from anybody, silence says nothing about a node: the line is dead.
const DEAD_LINE: std::time::Duration = std::time::Duration::from_secs(20);

impl Dht {
    /// Sends a question. False if it could not be sent: too many are under way.
    pub(crate) fn ask(
        &mut self,
        to: SocketAddr,
        id: Option<Id>,
        purpose: Purpose,
        query: Query,
        now: Time,
    ) -> bool {
        let Some(own) = self.id(Family::of(to.ip())) else { return false };
        let opened = self.transactions.open(to, id, purpose, now, &mut self.random);
        let Some(transaction) = opened else { return false };
        let message = Message::query(&transaction, self.config.read_only, own, query);
        self.asked.count(to, now);
        self.outputs.push_back(Output::Send(to, message.write()));
        true
    }

    pub(crate) fn hear_answer(
        &mut self,
        from: SocketAddr,
        transaction: &[u8],
        seen_as: Option<SocketAddr>,
        answer: &Answer,
        now: Time,
    ) {
        let Some(pending) = self.transactions.close(transaction, from, now) else { return };
        let family = Family::of(from.ip());
        self.upkeep.heard = now;
        if self.id(family) == Some(answer.id) {
            return self.is_dead(pending, now);
        }
        if let Some(expected) = pending.id.filter(|expected| *expected != answer.id) {
            // Somebody else is there, or somebody who calls itself now this and now that.
            self.introduced.remove(&Node { id: expected, addr: from });
            if let Some(side) = self.side_mut(family) {
                side.table.failed(&Node { id: expected, addr: from });
            }
            return self.step_failed(pending, now);
        }
        self.meet(Node { id: answer.id, addr: from }, seen_as, now);
        self.hear_of_others(family, answer);
        match pending.purpose {
            Purpose::Walk(search) => self.step_answered(search, &pending, answer, now),
            Purpose::Store(search) => self.stored(search, &pending, None, now),
            Purpose::Introduction => self.is_introduced(Node { id: answer.id, addr: from }, now),
            Purpose::Check => {}
        }
    }

    /// Somebody who is not of the DHT named a node, and it answered.
    fn is_introduced(&mut self, node: Node, now: Time) {
        if self.introduced.add(node) {
            self.follows.hurry(now);
        }
    }

    pub(crate) fn hear_fault(
        &mut self,
        from: SocketAddr,
        transaction: &[u8],
        code: i64,
        now: Time,
    ) {
        let Some(pending) = self.transactions.close(transaction, from, now) else { return };
        self.upkeep.heard = now;
        match pending.purpose {
            Purpose::Store(search) => self.stored(search, &pending, Some(code), now),
            Purpose::Walk(_) | Purpose::Check | Purpose::Introduction => {
                self.step_failed(pending, now);
            }
        }
    }

    /// An answer is late: the lookup goes on without it for now.
    pub(crate) fn is_late(&mut self, pending: Pending, now: Time) {
        match pending.purpose {
            Purpose::Walk(search) => {
                self.with_walk(search, &pending, |walk| match pending.id {
                    Some(id) => walk.slow(&id),
                    None => walk.door_late(),
                });
                self.advance(search, now);
            }
            Purpose::Store(search) => self.stop_waiting(search, &pending, true, now),
            Purpose::Check | Purpose::Introduction => {}
        }
    }

    /// No answer came.
    pub(crate) fn is_dead(&mut self, pending: Pending, now: Time) {
        let line_is_dead = now.since(self.upkeep.heard) > DEAD_LINE;
        if let (Some(id), false) = (pending.id, line_is_dead) {
            let node = Node { id, addr: pending.to };
            self.introduced.remove(&node);
            if let Some(side) = self.side_mut(Family::of(pending.to.ip())) {
                side.table.failed(&node);
            }
        }
        self.step_failed(pending, now);
    }

    /// A node answered as itself.
    fn meet(&mut self, node: Node, seen_as: Option<SocketAddr>, now: Time) {
        let family = Family::of(node.addr.ip());
        let Some(side) = self.side_mut(family) else { return };
        side.table.answered(node, now);
        let seen_as = seen_as.filter(|seen| Family::of(seen.ip()) == family);
        if let Some(ip) = seen_as.and_then(|seen| side.vote(node.addr, seen)) {
            self.take_address(family, ip);
        }
    }

    /// Nodes of the other family are worth knowing: a walk in this one does not meet them (BEP 32).
    fn hear_of_others(&mut self, family: Family, answer: &Answer) {
        for other in Family::ALL.into_iter().filter(|other| *other != family) {
            for node in self.acceptable(answer.nodes_of(other), other) {
                if let Some(side) = self.side_mut(other) {
                    side.hear_of(node);
                }
            }
        }
    }

    /// The nodes of a list that can be nodes: not ourselves, not at addresses where nobody can be.
    pub(crate) fn acceptable(&self, nodes: &[Node], family: Family) -> Vec<Node> {
        let own = self.id(family);
        let fits = |node: &&Node| {
            own != Some(node.id)
                && Family::of(node.addr.ip()) == family
                && self.may_be_at(node.addr)
        };
        nodes.iter().filter(fits).copied().collect()
    }

    fn step_failed(&mut self, pending: Pending, now: Time) {
        let search = match pending.purpose {
            Purpose::Walk(search) => search,
            Purpose::Store(search) if !pending.is_late => {
                return self.stop_waiting(search, &pending, true, now);
            }
            Purpose::Store(_) | Purpose::Check | Purpose::Introduction => return,
        };
        self.with_walk(search, &pending, |walk| match pending.id {
            Some(id) => walk.failed(&id),
            None if pending.is_late => {}
            None => walk.door_late(),
        });
        self.advance(search, now);
    }

    pub(crate) fn with_walk(
        &mut self,
        search: SearchId,
        pending: &Pending,
        change: impl FnOnce(&mut crate::walk::Walk),
    ) {
        let leg = self.searches.get_mut(&search);
        let leg = leg.and_then(|search| search.leg(Family::of(pending.to.ip())));
        if let Some(leg) = leg.filter(|leg| matches!(leg.phase, Phase::Walking)) {
            change(&mut leg.walk);
        }
    }
}
