//! Nodes that somebody else than the DHT named: peers of a swarm (BEP 5, `port`), torrents (BEP 5, `nodes`).
//!
//! Where all first nodes lie, the table holds nobody but liars, who name each other for ever. A peer that a tracker or
//! another peer knows is none of theirs: what it leads to is kept apart from what they say.

use std::collections::VecDeque;

use crate::{Family, Node, random::Random, reach::Neighbourhood};

/// Nodes that are remembered.
const REMEMBERED_MAX: usize = 16;
/// Nodes of a family that a lookup starts from besides those of the table.
const STARTS: usize = 2;

/// Nodes that were introduced and answered, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Introduced(VecDeque<Node>);

impl Introduced {
    /// A node answered that was introduced to us. Says whether it is the first one.
    pub(crate) fn add(&mut self, node: Node) -> bool {
        let near = Neighbourhood::of(node.addr);
        self.0.retain(|known| Neighbourhood::of(known.addr) != near);
        if self.0.len() >= REMEMBERED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(node);
        self.0.len() == 1
    }

    /// A node is silent, or somebody else.
    pub(crate) fn remove(&mut self, node: &Node) {
        self.0.retain(|known| known != node);
    }

    /// Some of a family, by chance: nobody can be sure to be one of them.
    pub(crate) fn some(&self, family: Family, random: &mut Random) -> Vec<Node> {
        let all = self.0.iter().filter(|node| Family::of(node.addr.ip()) == family);
        let mut all: Vec<Node> = all.copied().collect();
        while all.len() > STARTS {
            all.swap_remove(random.below(all.len()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn node(number: u8, host: u8) -> Node {
        Node { id: Id([number; 20]), addr: ([11, number, 0, host], 1).into() }
    }

    #[test]
    fn few_are_remembered_one_of_each_neighbourhood_and_fewer_are_started_from() {
        let (mut introduced, mut random) = (Introduced::default(), Random::new([1; 32]));
        assert!(introduced.add(node(1, 1)));
        assert!(introduced.add(node(1, 2)), "it takes the place of its neighbour");
        assert_eq!(introduced.some(Family::V4, &mut random), [node(1, 2)]);
        assert!((2..100).all(|number| !introduced.add(node(number, 1))));
        assert_eq!(introduced.0.len(), REMEMBERED_MAX);
        assert_eq!(introduced.some(Family::V4, &mut random).len(), STARTS);
        assert!(introduced.some(Family::V6, &mut random).is_empty());
        introduced.remove(&node(99, 1));
        assert!(!introduced.0.contains(&node(99, 1)));
    }
}
