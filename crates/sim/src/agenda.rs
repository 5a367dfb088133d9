//! What will happen, in the order in which it will.

use std::{cmp::Reverse, collections::BinaryHeap};

use engine::Time;

/// Events by time; those of one time in the order in which they were put in.
///
/// What is sorted are small keys: the events themselves, which carry whole inputs of an engine, stay where they are.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    order: BinaryHeap<Reverse<(Time, u64, usize)>>,
    events: Vec<Option<E>>,
    /// Places in `events` that are free again.
    free: Vec<usize>,
    count: u64,
}

impl<E> Agenda<E> {
    pub(crate) fn new() -> Self {
        Self { order: BinaryHeap::new(), events: Vec::new(), free: Vec::new(), count: 0 }
    }

    pub(crate) fn put(&mut self, at: Time, event: E) {
        let place = self.free.pop().unwrap_or(self.events.len());
        match self.events.get_mut(place) {
            Some(empty) => *empty = Some(event),
            None => self.events.push(Some(event)),
        }
        self.count += 1;
        self.order.push(Reverse((at, self.count, place)));
    }

    /// The next event, if it happens until then.
    pub(crate) fn pop(&mut self, until: Time) -> Option<(Time, E)> {
        let Reverse((at, ..)) = *self.order.peek()?;
        if at > until {
            return None;
        }
        let Reverse((_, _, place)) = self.order.pop()?;
        self.free.push(place);
        Some((at, self.events[place].take()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_at_one_time_happens_in_the_order_in_which_it_was_put_in() {
        let mut agenda = Agenda::new();
        for (at, event) in [(2, 'c'), (1, 'a'), (2, 'd'), (1, 'b'), (9, 'z')] {
            agenda.put(Time(at), event);
        }
        let mut seen = String::new();
        while let Some((at, event)) = agenda.pop(Time(5)) {
            seen.push(event);
            if event == 'a' {
                agenda.put(at, 'x');
            }
        }
        assert_eq!(seen, "abxcd");
        assert_eq!(agenda.pop(Time(9)), Some((Time(9), 'z')));
        assert_eq!(agenda.events.len(), 5, "places are used again");
    }
}
