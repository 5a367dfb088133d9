//! What the passing of time asks for: entering, checking whom we know, filling the table, forgetting, saving.

use std::time::Duration;

use crate::{
    Dht, Family, Id, News, Output, Time,
    krpc::{Query, Want},
    search::SearchId,
    transactions::Purpose,
};

/// How often it is looked after the table: soon if there is something to do.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(5);
/// A node is asked again when it was left alone for this long.
const CHECK_AFTER: Duration = Duration::from_secs(14 * 60);
/// Nodes checked at one time.
const CHECKS: usize = 4;
/// With fewer nodes than this we are not in.
const FEW: usize = 8;
/// Buckets that are filled by lookups after entering: all that a small network has, and the wide ones.
const FILLED: usize = 8;
/// The pause after the first failure to enter, and the longest one.
const RETRY_MIN: Duration = Duration::from_secs(5);
const RETRY_MAX: Duration = Duration::from_secs(5 * 60);
/// How often old announces, items and counts are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How often the table is saved.
const SAVE_EVERY: Duration = Duration::from_secs(5 * 60);
/// How often the sample of infohashes changes (BEP 51).
const SAMPLE_EVERY: Duration = Duration::from_secs(3600);

/// What is due when.
#[derive(Debug)]
pub(crate) struct Upkeep {
    pub(crate) next: Time,
    /// When anybody answered us last.
    pub(crate) heard: Time,
    /// Where our sample of infohashes begins.
    pub(crate) sample_from: Id,
    sweep: Time,
    save: Time,
    sample: Time,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            next: Time(0),
            heard: Time(0),
            sample_from: Id([0; 20]),
            sweep: Time(0) + SWEEP_EVERY,
            save: Time(0) + SAVE_EVERY,
            sample: Time(0),
        }
    }
}

impl Upkeep {
    /// There is something to do.
    pub(crate) fn hurry(&mut self) {
        self.next = Time(0);
    }
}

impl Dht {
    pub(crate) fn keep_up(&mut self, now: Time) {
        for family in self.sides.iter().map(|side| side.family).collect::<Vec<_>>() {
            self.enter_or_fill(family, now);
            self.check_nodes(family, now);
        }
        self.sweep(now);
        let busy = self
            .sides
            .iter()
            .any(|side| side.has_prospects() || side.entry.fill < FILLED || side.table.len() < FEW);
        self.upkeep.next = now + if busy { SOON } else { LATER };
    }

    /// One of our own lookups has ended.
    pub(crate) fn own_ended(&mut self, id: SearchId, answers: usize, now: Time) {
        let entered = self.sides.iter_mut().find(|side| side.entry.search == Some(id));
        let Some(side) = entered else { return };
        let (family, nodes) = (side.family, side.table.len());
        side.entry.search = None;
        if answers > 0 {
            side.entry.failures = 0;
            side.entry.again = now + if nodes < FEW { RETRY_MIN } else { Duration::ZERO };
        } else {
            let pause = RETRY_MIN * 2_u32.saturating_pow(side.entry.failures.min(8));
            side.entry.again = now + pause.min(RETRY_MAX);
            side.entry.failures += 1;
        }
        if answers > 0 && !side.entry.is_told {
            side.entry.is_told = true;
            self.tell(News::Joined { family, nodes });
            self.follows.hurry(now);
        } else if answers == 0 {
            self.tell(News::NobodyThere { family });
        }
        self.upkeep.hurry();
    }

    /// Looks ourselves up when we know too few; then somebody at every distance, until the table is filled.
    fn enter_or_fill(&mut self, family: Family, now: Time) {
        let has_doors = self.doors.iter().any(|door| Family::of(door.ip()) == family);
        let Some(side) = self.side(family) else { return };
        let entry = &side.entry;
        if entry.search.is_some() || now < entry.again {
            return;
        }
        let own = side.table.own();
        let any = has_doors || !side.table.closest_usable(&own, 1).is_empty();
        let target = if !any {
            return;
        } else if side.table.len() < FEW || !entry.is_told {
            own
        } else if entry.fill < FILLED {
            own.sibling(entry.fill, self.random.id())
        } else {
            return;
        };
        let is_fill = target != own;
        let search = self.start_own(family, target, now);
        let is_under_way = self.searches.contains_key(&search);
        if let Some(side) = self.side_mut(family) {
            side.entry.fill += usize::from(is_fill);
            side.entry.search = is_under_way.then_some(search);
        }
    }

    /// Checks some of those that were not heard for long, and some that were only heard of.
    fn check_nodes(&mut self, family: Family, now: Time) {
        for _ in 0..CHECKS {
            let Some((node, alone, bucket)) = self.side(family).and_then(|s| s.table.oldest(now))
            else {
                break;
            };
            if alone < CHECK_AFTER || !self.pace.take(1, now) {
                break;
            }
            // The question fills the node's bucket as well.
            let entropy = self.random.id();
            let Some(side) = self.side_mut(family) else { break };
            side.table.touch(&node, now);
            let target = side.table.own().sibling(bucket, entropy);
            let query = Query::FindNode { target, want: Want::default() };
            self.ask(node.addr, Some(node.id), Purpose::Check, query, now);
        }
        for _ in 0..CHECKS {
            let prospect = self.side_mut(family).and_then(|side| side.next_prospect());
            let Some(node) = prospect else { break };
            if self.asked.has_room(node.addr, now) && self.pace.take(1, now) {
                self.ask(node.addr, Some(node.id), Purpose::Check, Query::Ping, now);
            }
        }
    }

    fn sweep(&mut self, now: Time) {
        if self.upkeep.sample <= now {
            self.upkeep.sample = now + SAMPLE_EVERY;
            self.upkeep.sample_from = self.random.id();
        }
        if self.upkeep.sweep <= now {
            self.upkeep.sweep = now + SWEEP_EVERY;
            self.peers.expire(now);
            self.items.expire(now);
            self.asked.forget(now);
            self.askers.forget(now);
        }
        if self.upkeep.save <= now {
            self.upkeep.save = now + SAVE_EVERY;
            if self.sides.iter().any(|side| side.table.len() > 0) {
                let snapshot = self.snapshot();
                self.outputs.push_back(Output::Save(snapshot));
            }
        }
    }
}
