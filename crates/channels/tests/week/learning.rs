//! A household that learns how long nodes remember, as the program does it.

use std::time::Duration;

use channels::{Errand, Memory, trial_item};
use dht::{Item, LookupId, LookupStats, MutableItem};

use super::world::{Place, World};

#[derive(Default)]
pub(crate) struct Learning {
    memory: Memory,
    doing: Option<Doing>,
}

enum Doing {
    Putting(LookupId, MutableItem),
    Asking(LookupId),
}

impl Learning {
    pub(crate) fn span(&self) -> Duration {
        self.memory.span()
    }

    /// A run begins; what was under way in the last one is lost.
    pub(crate) fn resume(&mut self, now: Duration, chance: u64) {
        self.doing = None;
        self.memory.resume(now, chance);
    }

    /// Does what is due, and says what a lookup took that is done.
    pub(crate) fn turn(
        &mut self,
        world: &mut World,
        place: Place,
        now: Duration,
    ) -> Option<LookupStats> {
        let Some(doing) = self.doing.take() else {
            self.begin(world, place, now);
            return None;
        };
        let (Doing::Putting(lookup, _) | Doing::Asking(lookup)) = &doing;
        let Some((_, stats)) = world.found(*lookup).done else {
            self.doing = Some(doing);
            return None;
        };
        match doing {
            Doing::Putting(_, item) => self.memory.put(now, &item, stats.stored),
            Doing::Asking(_) if stats.answers == 0 => self.memory.failed(now),
            Doing::Asking(_) => self.memory.asked(now, stats.copies),
        }
        Some(stats)
    }

    fn begin(&mut self, world: &mut World, place: Place, now: Duration) {
        let (due, errand) = self.memory.next();
        if due > now {
            return;
        }
        self.doing = Some(match errand {
            Errand::Ask(wanted) => Doing::Asking(world.get(place, wanted)),
            Errand::Put(copies) => {
                let mut secret = [0; 32];
                secret[..8].copy_from_slice(&world.chance.below(usize::MAX).to_be_bytes());
                let item = trial_item(secret);
                let put = Item::Mutable(item.clone());
                Doing::Putting(world.put_copies(place, put, None, copies), item)
            }
        });
    }
}
