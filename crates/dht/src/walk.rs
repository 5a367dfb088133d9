//! One way towards a key: whom to ask next, and when the closest nodes are found (BEP 5).
//!
//! Liars name each other for ever, ever closer. So nodes that were introduced by somebody else, and whom these lead to, are
//! kept *apart*: the closest of them must have answered as well, whoever is closer. Where nobody lies both ways meet, and the
//! second one costs little more than its first questions.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
};

use crate::{Id, Node, reach::Neighbourhood, table::K};

/// Nodes that are asked at one time.
const ALPHA: usize = 5;
/// Nodes that are kept in mind: a stranger's list of nodes displaces none that is closer.
const CANDIDATES_MAX: usize = 64;
/// Questions of one walk. The way to a key among millions of nodes takes a third of them.
const QUERIES_MAX: usize = 96;

/// How a candidate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Fresh,
    Asked,
    /// Asked, and late: another one is asked meanwhile, and nobody waits for this one.
    Slow,
    Failed,
    Answered(Option<Vec<u8>>),
}

#[derive(Debug)]
struct Candidate {
    node: Node,
    /// How many answers led to it.
    hops: u32,
    state: State,
    /// Whether it is asked wherever it is: it lies beside a key around which strangers crowd.
    beside: bool,
    /// Whether it was introduced, or is named by one that was.
    apart: bool,
}

#[derive(Debug)]
pub(crate) struct Walk {
    target: Id,
    /// How many of the closest nodes must have answered.
    width: usize,
    /// By distance.
    candidates: BTreeMap<Id, Candidate>,
    /// Which candidate stands for its neighbourhood, among those apart and the others.
    neighbourhoods: BTreeMap<(bool, Neighbourhood), Id>,
    /// Ways in that have no known id.
    doors: VecDeque<SocketAddr>,
    waiting: usize,
    queries: usize,
    /// Questions that may be asked.
    most: usize,
    answers: usize,
}

/// Whom to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Node(Node),
    Door(SocketAddr),
}

impl Walk {
    pub(crate) fn new(target: Id, width: usize) -> Self {
        Self {
            target,
            width,
            candidates: BTreeMap::new(),
            neighbourhoods: BTreeMap::new(),
            doors: VecDeque::new(),
            waiting: 0,
            queries: 0,
            most: QUERIES_MAX,
            answers: 0,
        }
    }

    pub(crate) fn add_door(&mut self, addr: SocketAddr) {
        self.doors.push_back(addr);
    }

    /// Somebody told of a node, `hops` answers from our table: somebody of those `apart`, or of the others.
    pub(crate) fn add(&mut self, node: Node, hops: u32, apart: bool) {
        let distance = node.id.distance(&self.target);
        let near = (apart, Neighbourhood::of(node.addr));
        if self.neighbourhoods.contains_key(&near) {
            return;
        }
        if let Some(known) = self.candidates.get_mut(&distance) {
            if apart && known.node == node {
                known.apart = true;
                self.neighbourhoods.insert(near, distance);
            }
            return;
        }
        if self.candidates.len() >= CANDIDATES_MAX && !self.make_room(&distance, apart) {
            return;
        }
        self.neighbourhoods.insert(near, distance);
        let candidate = Candidate { node, hops, state: State::Fresh, beside: false, apart };
        self.candidates.insert(distance, candidate);
    }

    /// Whether a node was introduced, or is named by one that was.
    pub(crate) fn is_apart(&self, id: &Id) -> bool {
        self.candidates.get(&id.distance(&self.target)).is_some_and(|candidate| candidate.apart)
    }

    /// Asks all near nodes that are kept in mind, not only the closest.
    pub(crate) fn widen(&mut self) {
        self.width = CANDIDATES_MAX;
    }

    /// A node that is asked although others are closer.
    pub(crate) fn add_beside(&mut self, node: Node) {
        let distance = node.id.distance(&self.target);
        if let Some(known) = self.candidates.get_mut(&distance) {
            known.beside = true;
        } else {
            let near = (false, Neighbourhood::of(node.addr));
            if self.neighbourhoods.contains_key(&near) {
                return;
            }
            self.neighbourhoods.insert(near, distance);
            let state = State::Fresh;
            let candidate = Candidate { node, hops: 0, state, beside: true, apart: false };
            self.candidates.insert(distance, candidate);
        }
        self.most += 1;
    }

    /// The closest nodes that answered.
    pub(crate) fn nearest(&self, count: usize) -> Vec<Node> {
        let answered = |c: &&Candidate| matches!(c.state, State::Answered(_));
        self.candidates.values().filter(answered).map(|c| c.node).take(count).collect()
    }

    /// Forgets the farthest candidate that nobody was asked of, if it is farther than `distance`. Of those apart none
    /// goes for another one.
    fn make_room(&mut self, distance: &Id, apart: bool) -> bool {
        let fresh = |(_, candidate): &(&Id, &Candidate)| {
            matches!(candidate.state, State::Fresh | State::Failed)
                && !candidate.beside
                && (apart || !candidate.apart)
        };
        let Some((farthest, candidate)) = self.candidates.iter().rev().find(fresh) else {
            return false;
        };
        if farthest < distance {
            return false;
        }
        let (farthest, near) = (*farthest, Neighbourhood::of(candidate.node.addr));
        self.release(near, &farthest);
        self.candidates.remove(&farthest);
        true
    }

    fn release(&mut self, near: Neighbourhood, distance: &Id) {
        for near in [(false, near), (true, near)] {
            if self.neighbourhoods.get(&near) == Some(distance) {
                self.neighbourhoods.remove(&near);
            }
        }
    }

    /// Whom to ask now; nobody if enough are asked already, or nothing closer is to be had. Nodes that
    /// `busy` says must be spared for the moment are left for later.
    pub(crate) fn next(&mut self, busy: impl Fn(SocketAddr) -> bool) -> Option<Step> {
        if self.waiting >= ALPHA || self.queries >= self.most {
            return None;
        }
        if let Some(door) = self.doors.pop_front() {
            self.count_query();
            return Some(Step::Door(door));
        }
        let may = |c: &&Candidate| c.state == State::Fresh && !busy(c.node.addr);
        // Every second question is theirs who are apart: closer strangers without end leave something for them.
        let apart = self.closest_apart().find(may).filter(|_| self.queries % 2 == 1);
        let node = apart.or_else(|| self.window().find(may))?.node;
        self.set(&node.id, State::Asked);
        self.count_query();
        Some(Step::Node(node))
    }

    /// Whether somebody is left to ask, be it later.
    pub(crate) fn has_more(&self) -> bool {
        self.queries < self.most
            && (!self.doors.is_empty() || self.window().any(|c| c.state == State::Fresh))
    }

    /// Whether nobody is waited for and nobody left to ask.
    pub(crate) fn is_done(&self) -> bool {
        self.waiting == 0 && !self.has_more()
    }

    /// Whether an answer is waited for.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// Whether the walk ended because it was too long.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.queries >= self.most
    }

    pub(crate) fn answers(&self) -> usize {
        self.answers
    }

    pub(crate) fn queries(&self) -> usize {
        self.queries
    }

    pub(crate) fn hops(&self, id: &Id) -> u32 {
        self.candidates.get(&id.distance(&self.target)).map_or(0, |candidate| candidate.hops)
    }

    /// A node answered, with a token or without.
    pub(crate) fn answered(&mut self, id: &Id, token: Option<Vec<u8>>) {
        self.answers += 1;
        if self.state(id) == Some(&State::Asked) {
            self.waiting -= 1;
        }
        self.set(id, State::Answered(token));
    }

    /// A node is late.
    pub(crate) fn slow(&mut self, id: &Id) {
        if self.state(id) == Some(&State::Asked) {
            self.waiting -= 1;
            self.set(id, State::Slow);
        }
    }

    /// A node did not answer, or not as itself.
    pub(crate) fn failed(&mut self, id: &Id) {
        if self.state(id) == Some(&State::Asked) {
            self.waiting -= 1;
        }
        self.set(id, State::Failed);
        let distance = id.distance(&self.target);
        if let Some(near) = self.candidates.get(&distance).map(|c| Neighbourhood::of(c.node.addr)) {
            self.release(near, &distance);
        }
    }

    /// A way in is late, or silent: nobody waits for it any more.
    pub(crate) fn door_late(&mut self) {
        self.waiting -= 1;
    }

    /// A way in answered.
    pub(crate) fn door_answered(&mut self, was_late: bool) {
        self.waiting -= usize::from(!was_late);
        self.answers += 1;
    }

    /// The closest nodes that gave a token, with it. Nodes whose id does not fit their address are left out:
    /// whoever may choose its id may choose whose data it keeps (BEP 42).
    pub(crate) fn keepers(&self, count: usize) -> Vec<(Node, Vec<u8>)> {
        self.keepers_of(false).take(count).collect()
    }

    /// The nodes [beside](Self::add_beside) the key that gave a token, with it.
    pub(crate) fn keepers_beside(&self) -> Vec<(Node, Vec<u8>)> {
        self.keepers_of(true).collect()
    }

    fn keepers_of(&self, beside: bool) -> impl Iterator<Item = (Node, Vec<u8>)> {
        let candidates = self.candidates.values().filter(move |one| one.beside == beside);
        candidates.filter_map(|candidate| match &candidate.state {
            State::Answered(Some(token)) if candidate.node.is_fitting() => {
                Some((candidate.node, token.clone()))
            }
            _ => None,
        })
    }

    /// The closest candidates that are not silent, and those beside the key: those that must have answered in the end.
    fn window(&self) -> impl Iterator<Item = &Candidate> {
        let silent = |c: &&Candidate| !matches!(c.state, State::Failed | State::Slow);
        let (beside, near) = (|c: &&Candidate| c.beside, |c: &&Candidate| !c.beside);
        let candidates = || self.candidates.values().filter(silent);
        let near = candidates().filter(near).take(self.width);
        candidates().filter(beside).chain(near).chain(self.closest_apart())
    }

    /// The closest of those apart that are not silent.
    fn closest_apart(&self) -> impl Iterator<Item = &Candidate> {
        let silent = |c: &&Candidate| !matches!(c.state, State::Failed | State::Slow);
        self.candidates.values().filter(|c| c.apart).filter(silent).take(K)
    }

    fn count_query(&mut self) {
        self.waiting += 1;
        self.queries += 1;
    }

    fn state(&self, id: &Id) -> Option<&State> {
        self.candidates.get(&id.distance(&self.target)).map(|candidate| &candidate.state)
    }

    fn set(&mut self, id: &Id, state: State) {
        if let Some(candidate) = self.candidates.get_mut(&id.distance(&self.target)) {
            candidate.state = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(n: u8) -> Node {
        let mut id = [0; 20];
        id[0] = n;
        Node { id: Id(id), addr: ([11, n, 0, 1], 1).into() }
    }

    fn walk() -> Walk {
        Walk::new(Id([0; 20]), 8)
    }

    fn ask_all(walk: &mut Walk) -> Vec<Step> {
        std::iter::from_fn(|| walk.next(|_| false)).collect()
    }

    #[test]
    fn the_closest_are_asked_first_and_not_too_many_at_once() {
        let mut walk = walk();
        (1..=20).rev().for_each(|n| walk.add(node(n), 0, false));
        let asked = ask_all(&mut walk);
        assert_eq!(asked, (1..=5).map(|n| Step::Node(node(n))).collect::<Vec<_>>());
    }

    #[test]
    fn a_slow_node_holds_nobody_up_and_still_counts_when_it_answers() {
        let mut walk = walk();
        (1..=9).for_each(|n| walk.add(node(n), 0, false));
        ask_all(&mut walk);
        walk.slow(&node(1).id);
        assert_eq!(ask_all(&mut walk), [Step::Node(node(6))]);
        (2..=9).for_each(|n| {
            ask_all(&mut walk);
            walk.answered(&node(n).id, Some(vec![n]));
        });
        assert!(walk.is_done());
        walk.answered(&node(1).id, Some(vec![1]));
        assert!(!node(1).is_fitting() && walk.keepers(8).is_empty(), "ids do not fit");
    }

    #[test]
    fn a_walk_ends_when_the_closest_have_answered() {
        let mut walk = walk();
        (1..=30).for_each(|n| walk.add(node(n), 0, false));
        while !walk.is_done() {
            for step in ask_all(&mut walk) {
                let Step::Node(node) = step else { panic!("no doors here") };
                walk.answered(&node.id, None);
            }
        }
        assert_eq!(walk.queries(), 8);
    }

    #[test]
    fn endless_lists_of_closer_nodes_end() {
        let mut walk = Walk::new(Id([0; 20]), 8);
        let mut n: u32 = u32::MAX;
        let mut closer = || {
            n -= 1;
            let mut id = [0; 20];
            id[..4].copy_from_slice(&n.to_be_bytes());
            let [_, a, b, c] = n.to_be_bytes();
            Node { id: Id(id), addr: ([12, a, b, c], 1).into() }
        };
        (0..8).for_each(|_| walk.add(closer(), 0, false));
        while !walk.is_done() {
            for step in ask_all(&mut walk) {
                let Step::Node(node) = step else { panic!("no doors here") };
                walk.answered(&node.id, None);
                (0..500).for_each(|_| walk.add(closer(), 1, false));
            }
        }
        assert!(walk.queries() <= QUERIES_MAX && walk.candidates.len() <= CANDIDATES_MAX + 1);
    }

    #[test]
    fn one_neighbourhood_is_asked_once_until_it_fails() {
        let mut walk = walk();
        let a = Node { addr: "11.0.0.1:1".parse().unwrap(), ..node(1) };
        let b = Node { addr: "11.0.0.2:1".parse().unwrap(), ..node(2) };
        walk.add(a, 0, false);
        walk.add(b, 0, false);
        assert_eq!(ask_all(&mut walk), [Step::Node(a)]);
        walk.failed(&a.id);
        walk.add(b, 0, false);
        assert_eq!(ask_all(&mut walk), [Step::Node(b)]);
    }

    #[test]
    fn busy_nodes_are_left_for_later() {
        let mut walk = walk();
        walk.add(node(1), 0, false);
        assert_eq!(walk.next(|_| true), None);
        assert!(walk.has_more() && !walk.is_done());
        assert_eq!(walk.next(|_| false), Some(Step::Node(node(1))));
    }
}
