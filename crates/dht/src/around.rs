//! What a lookup does where strangers crowd around its key: it asks, and tells, nodes elsewhere as well.
//!
//! Whoever has forty addresses can have forty nodes closer to a key than all others, take what is put there and answer
//! nothing. But then there are more of them than there can be by chance. Whoever sees that asks those behind them, and goes
//! on to the places at which the key would be with one of its first bits turned; so does everybody else, and what one puts
//! there others find there.

use crate::{
    Dht, Family, Id, Time,
    search::{Around, Goal, Search, SearchId},
    table::K,
    walk::Walk,
};

/// The bits of a key that are turned: a place in the other half of all keys, one in the other quarter of its half, …
const TURNED: [usize; 3] = [0, 1, 2];
/// Nodes that are so many bits closer to a key than others are to us stand eight times as close together.
const CROWDED_BITS: usize = 3;

impl Dht {
    /// Whether nodes elsewhere are to be known before a way is at its end; they are looked for then.
    pub(crate) fn looks_around(
        &mut self,
        search: &mut Search,
        at: usize,
        id: SearchId,
        now: Time,
    ) -> bool {
        let leg = &search.legs[at];
        if leg.around != Around::Unknown {
            return leg.around != Around::Known;
        }
        let family = leg.family;
        let is_wanted =
            search.is_worth_widening() && self.is_crowded(family, &leg.walk, &search.target);
        if !is_wanted {
            search.legs[at].around = Around::Known;
            return false;
        }
        search.legs[at].walk.widen();
        for bit in TURNED {
            let place = search.target.sibling(bit, search.target);
            let mut nodes = Search::new(None, Goal::Nodes, place, now);
            nodes.parent = Some(id);
            let begun = self.enter(nodes, vec![family]);
            search.begun.push(begun);
        }
        search.legs[at].around = Around::Awaited(TURNED.len());
        true
    }

    /// Sends what the lookups of nodes elsewhere may send that were begun just now.
    pub(crate) fn advance_begun(&mut self, id: SearchId, now: Time) {
        let begun = self.searches.get_mut(&id).map(|search| std::mem::take(&mut search.begun));
        for one in begun.into_iter().flatten() {
            self.advance(one, now);
        }
    }

    /// Nodes elsewhere are known: they are asked what the others were asked.
    pub(crate) fn looked_around(&mut self, found: Search, now: Time) {
        let Some(id) = found.parent else { return };
        for leg in found.legs {
            let asked = self.searches.get_mut(&id).and_then(|search| search.leg(leg.family));
            let Some(asked) = asked else { continue };
            leg.walk.nearest(K).into_iter().for_each(|node| asked.walk.add_beside(node));
            asked.around = match asked.around {
                Around::Awaited(left) if left > 1 => Around::Awaited(left - 1),
                _ => Around::Known,
            };
        }
        self.advance(id, now);
    }

    /// Whether more nodes are close to a key than can be by chance. How close nodes stand is known around ourselves.
    fn is_crowded(&self, family: Family, walk: &Walk, target: &Id) -> bool {
        let Some(side) = self.side(family) else { return false };
        let own = side.table.own();
        let around_us = side.table.closest_usable(&own, K);
        let around_it = walk.nearest(K);
        let bits = |node: Option<&crate::Node>, key: &Id| Some(node?.id.shared_bits(key));
        let bits = bits(around_us.get(K - 1), &own).zip(bits(around_it.get(K - 1), target));
        bits.is_some_and(|(ours, theirs)| theirs >= ours + CROWDED_BITS)
    }
}
