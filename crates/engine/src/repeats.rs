//! Does a peer ask for the same thing again and again?

use std::{collections::VecDeque, time::Duration};

use torrent::wire::Request;

use crate::Time;

/// Requests remembered: of a piece that came wrong from somebody else every block is asked for a second time.
const REMEMBERED: usize = 256;
/// How often one of them is answered …
const SAME_MAX: usize = 8;
/// … in this time.
const PERIOD: Duration = Duration::from_secs(60);
/// Questions in that time for what waits to be answered already. A choke takes back what was asked, and who has been given
/// some pieces in any case asks for these again: that is many at a time, but not without end.
const WAITING_MAX: u32 = 1_000;

/// What one peer was given last, and when.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    given: VecDeque<(Request, Time)>,
    /// Questions for what waits already, and since when they are counted.
    waiting: (u32, Time),
}

impl Repeats {
    /// Whether this was given so often in the last minute that it is refused.
    pub(crate) fn is_too_often(&self, now: Time, request: Request) -> bool {
        let same = |(given, at): &&(Request, Time)| *given == request && now.since(*at) < PERIOD;
        self.given.iter().filter(same).count() >= SAME_MAX
    }

    /// This is being given.
    pub(crate) fn give(&mut self, now: Time, request: Request) {
        if self.given.len() == REMEMBERED {
            self.given.pop_front();
        }
        self.given.push_back((request, now));
    }

    /// Something was asked for that waits already; whether that happened too often.
    pub(crate) fn waits(&mut self, now: Time) -> bool {
        let (count, since) = self.waiting;
        self.waiting = if now.since(since) < PERIOD { (count + 1, since) } else { (1, now) };
        self.waiting.0 > WAITING_MAX
    }
}

#[cfg(test)]
mod tests {
    use torrent::Piece;

    use super::*;

    fn request(piece: u32) -> Request {
        Request { piece: Piece(piece), begin: 0, len: 16_384 }
    }

    #[test]
    fn hp_43_a_block_is_given_a_few_times_a_minute_and_others_beside_it() {
        let mut repeats = Repeats::default();
        for _ in 0..SAME_MAX {
            assert!(!repeats.is_too_often(Time(0), request(1)));
            repeats.give(Time(0), request(1));
        }
        assert!(repeats.is_too_often(Time(0) + PERIOD / 2, request(1)));
        assert!(!repeats.is_too_often(Time(0) + PERIOD / 2, request(2)));
        assert!(!repeats.is_too_often(Time(0) + PERIOD, request(1)), "a minute later");
        (0..10_000).for_each(|piece| repeats.give(Time(0), request(piece)));
        assert_eq!(repeats.given.len(), REMEMBERED);
    }
}
