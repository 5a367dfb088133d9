//! When something must happen although nothing happened.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Time,
    id::{ConnId, TorrentId},
};

/// What a passing deadline is about. Each can be set once; setting it again moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A connection must have finished its handshake.
    Handshake(ConnId),
    /// A peer with open requests must have sent something.
    Patience(ConnId),
    /// A connection must say something, and must have heard something.
    Pulse(ConnId),
    /// A torrent chooses again whom to upload to.
    Choke(TorrentId),
    /// A torrent may dial again.
    Dial(TorrentId),
    /// The earliest expected arrival of a block that a player waits for has passed.
    Hedge(TorrentId),
    /// Nobody came back to a torrent that somebody read.
    Linger(TorrentId),
    /// A torrent tells its peers of others.
    Exchange(TorrentId),
    /// A piece of metadata or a set of hashes has not come.
    Questions(TorrentId),
    /// A tracker is due.
    Announce(TorrentId),
    /// A web seed may be tried again, or has been silent.
    Web(TorrentId),
    /// A turn of somebody who is shown one piece at a time is over.
    Show(TorrentId),
    /// What was left to another torrent has not come there.
    Left(TorrentId),
    /// A place among those who take part may go to another torrent.
    Queue,
    /// A tracker may be asked about those who wait.
    Scrape,
    /// Bytes may be asked for again under the download limit.
    Down,
    /// Bytes may be sent again under the upload limit.
    Up,
    /// Bytes may be sent again over TCP without a queue in front of the line.
    Line,
    /// A torrent may ask for bytes again under its own limit.
    DownOf(TorrentId),
    /// A torrent may send bytes again under its own limit.
    UpOf(TorrentId),
}

/// Timers in the order of their time.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    by_time: BTreeSet<(Time, Timer)>,
    by_timer: BTreeMap<Timer, Time>,
}

impl Agenda {
    pub(crate) fn set(&mut self, timer: Timer, at: Time) {
        self.clear(timer);
        self.by_time.insert((at, timer));
        self.by_timer.insert(timer, at);
    }

    /// Sets a timer unless it is set to go off sooner.
    pub(crate) fn set_earlier(&mut self, timer: Timer, at: Time) {
        if self.by_timer.get(&timer).is_none_or(|set| *set > at) {
            self.set(timer, at);
        }
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.by_timer.remove(&timer) {
            self.by_time.remove(&(at, timer));
        }
    }

    /// Takes out one timer whose time has come.
    pub(crate) fn due(&mut self, now: Time) -> Option<Timer> {
        let &(at, timer) = self.by_time.first()?;
        if at > now {
            return None;
        }
        self.clear(timer);
        Some(timer)
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.by_time.first().map(|&(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_is_set_again_goes_off_once() {
        let mut agenda = Agenda::default();
        agenda.set(Timer::Down, Time(5));
        agenda.set(Timer::Down, Time(9));
        agenda.set_earlier(Timer::Down, Time(11));
        assert_eq!(agenda.due(Time(8)), None);
        assert_eq!(agenda.next(), Some(Time(9)));
        assert_eq!(agenda.due(Time(9)), Some(Timer::Down));
        assert_eq!(agenda.due(Time(99)), None);
    }
}
