//! Finding peers in the local network (BEP 14): the announcement that goes to a multicast group, and when it goes.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use crate::{Sha1Hash, magnet::hex};

/// The IPv4 group, at [`PORT`].
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(239, 192, 152, 143);
/// The IPv6 group, at [`PORT`].
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff15, 0, 0, 0, 0, 0, 0xefc0, 0x988f);
/// Where the groups listen.
pub const PORT: u16 = 6771;
/// No datagram is longer, in bytes: it has to go through whole.
pub const DATAGRAM_MAX: usize = 1400;
/// Torrents that one announcement names at most: as many as fit.
pub const NAMES_MAX: usize = 20;

/// The line that an announcement begins with.
const METHOD: &str = "BT-SEARCH * HTTP/1.1";
/// Between two announcements of one torrent.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// Never more often than this, whoever asks.
const EVERY_MIN: Duration = Duration::from_secs(60);
/// How soon an announcement is tried again that the system did not send.
const EVERY_UNSAID: Duration = Duration::from_secs(10);
/// Longer words that tell senders apart are not read.
const COOKIE_MAX: usize = 64;

/// Announcements of one host that are looked at in a minute: as many as who takes part in a thousand torrents sends at once.
const HEARD_MAX: u32 = 60;
/// The period over which they are counted.
const HEARD_PERIOD: Duration = Duration::from_secs(60);
/// Hosts that are counted at one time; of more, those whose minute began first are forgotten.
const SENDERS_MAX: usize = 256;

/// Somebody takes part in torrents and can be reached at the datagram's address and this port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The TCP port, which is not 0.
    pub port: u16,
    /// The names of the torrents as on the wire.
    pub names: Vec<Sha1Hash>,
    /// A word by which the sender knows its own announcements.
    pub cookie: Option<String>,
}

impl Announcement {
    /// Reads a datagram. Torrents beyond [`NAMES_MAX`] and lines that say something else are skipped.
    #[must_use]
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(datagram.get(..datagram.len().min(DATAGRAM_MAX))?).ok()?;
        let mut lines = text.split("\r\n");
        if lines.next()? != METHOD {
            return None;
        }
        let mut read = Self { port: 0, names: Vec::new(), cookie: None };
        for line in lines {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "port" => read.port = value.parse().ok()?,
                "infohash" if read.names.len() < NAMES_MAX => {
                    read.names.extend(hex(value).map(Sha1Hash));
                }
                "cookie" if value.len() <= COOKIE_MAX => read.cookie = Some(value.to_owned()),
                _ => {}
            }
        }
        (read.port != 0 && !read.names.is_empty()).then_some(read)
    }

    /// The datagram for a group, which it names.
    #[must_use]
    pub fn to_bytes(&self, group: SocketAddr) -> Vec<u8> {
        let mut text = format!("{METHOD}\r\nHost: {group}\r\nPort: {}\r\n", self.port);
        for name in self.names.iter().take(NAMES_MAX) {
            text += &format!("Infohash: {name}\r\n");
        }
        if let Some(cookie) = &self.cookie {
            text += &format!("cookie: {cookie}\r\n");
        }
        text += "\r\n\r\n";
        text.into_bytes()
    }
}

/// When which torrents are announced. Times are spans since it was made.
#[derive(Debug, Default)]
pub struct Beacon {
    torrents: BTreeMap<Sha1Hash, Turn>,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    due: Duration,
    said: Option<Duration>,
}

impl Beacon {
    /// Announces a torrent from now on, at once for the first time.
    pub fn follow(&mut self, now: Duration, name: Sha1Hash) {
        self.torrents.entry(name).or_insert(Turn { due: now, said: None });
    }

    /// Announces it no more.
    pub fn leave(&mut self, name: &Sha1Hash) {
        self.torrents.remove(name);
    }

    /// When something is to be announced next.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.torrents.values().map(|turn| turn.due).min()
    }

    /// What is to be announced now, in one datagram; more may be due.
    pub fn take_due(&mut self, now: Duration) -> Vec<Sha1Hash> {
        let due = self.torrents.iter_mut().filter(|(_, turn)| turn.due <= now).take(NAMES_MAX);
        due.map(|(name, turn)| {
            *turn = Turn { due: now + EVERY, said: Some(now) };
            *name
        })
        .collect()
    }

    /// Nobody could be told of these: again soon.
    pub fn unsaid(&mut self, now: Duration, names: &[Sha1Hash]) {
        for name in names {
            if let Some(turn) = self.torrents.get_mut(name) {
                *turn = Turn { due: now + EVERY_UNSAID, said: None };
            }
        }
    }

    /// Somebody announced torrents: those of ours. It may be new here, so we tell of ourselves soon.
    pub fn heard(&mut self, now: Duration, names: &[Sha1Hash]) -> Vec<Sha1Hash> {
        let mut ours = Vec::new();
        for name in names {
            if let Some(turn) = self.torrents.get_mut(name) {
                let soonest = turn.said.map_or(now, |said| now.max(said + EVERY_MIN));
                turn.due = turn.due.min(soonest);
                ours.push(*name);
            }
        }
        ours
    }
}

/// Who announces how much. Times are spans since it was made.
#[derive(Debug, Default)]
pub struct Senders {
    /// Announcements of each host, and since when they are counted.
    heard: BTreeMap<IpAddr, (u32, Duration)>,
}

impl Senders {
    /// A host announced something; whether it is to be looked at.
    pub fn may_speak(&mut self, now: Duration, host: IpAddr) -> bool {
        let before = self.heard.get(&host).filter(|(_, since)| now < *since + HEARD_PERIOD);
        let (count, since) = before.copied().unwrap_or((0, now));
        if !self.heard.contains_key(&host) && self.heard.len() >= SENDERS_MAX {
            let first = self.heard.iter().min_by_key(|(_, (_, since))| *since);
            first.map(|(host, _)| *host).map(|host| self.heard.remove(&host));
        }
        self.heard.insert(host, (count.saturating_add(1), since));
        count < HEARD_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn names(count: u8) -> Vec<Sha1Hash> {
        (0..count).map(|number| Sha1Hash([number; 20])).collect()
    }

    #[test]
    fn the_announcement_of_the_specification_is_read_and_written() {
        let datagram = b"BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n\
            Infohash: 0123456789ABCDEF0123456789abcdef01234567\r\ncookie: me\r\n\r\n\r\n";
        let read = Announcement::parse(datagram).expect("an announcement");
        assert_eq!((read.port, read.names.len(), read.cookie.as_deref()), (6881, 1, Some("me")));
        assert_eq!(read.names[0].0[..4], [0x01, 0x23, 0x45, 0x67]);
        let written = read.to_bytes((GROUP_V4, PORT).into());
        let expected = String::from_utf8_lossy(datagram).replace("ABCDEF", "abcdef");
        assert_eq!(written, expected.as_bytes());
        assert_eq!(Announcement::parse(&written), Some(read));
    }

    #[test]
    fn as_many_torrents_as_an_announcement_names_fit_into_a_datagram() {
        let all = Announcement { port: 65_535, names: names(200), cookie: Some("c".repeat(64)) };
        let bytes = all.to_bytes((GROUP_V6, PORT).into());
        assert!(bytes.len() <= DATAGRAM_MAX, "{} bytes", bytes.len());
        assert_eq!(Announcement::parse(&bytes).expect("it is whole").names, names(20));
    }

    #[test]
    fn what_is_no_announcement_is_not_read() {
        for datagram in [
            &b""[..],
            b"M-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n",
            b"BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\n\r\n",
            b"BT-SEARCH * HTTP/1.1\r\nPort: 99999\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n",
            b"BT-SEARCH * HTTP/1.1\r\nInfohash: 0123456789abcdef0123456789abcdef01234567\r\n",
            b"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: 0123456789abcdef0123456789abcdef0123456\xc3\xa4\r\n",
            b"\xff\xfe",
        ] {
            assert_eq!(Announcement::parse(datagram), None, "{datagram:?}");
        }
    }

    #[test]
    fn a_torrent_is_announced_at_once_and_every_five_minutes() {
        let mut beacon = Beacon::default();
        beacon.follow(SECOND, names(1)[0]);
        assert_eq!(beacon.deadline(), Some(SECOND));
        assert_eq!(beacon.take_due(SECOND), names(1));
        assert_eq!(beacon.take_due(SECOND), []);
        assert_eq!(beacon.deadline(), Some(301 * SECOND));
        beacon.leave(&names(1)[0]);
        assert_eq!(beacon.deadline(), None);
    }

    #[test]
    fn what_could_not_be_said_is_said_soon() {
        let mut beacon = Beacon::default();
        names(2).into_iter().for_each(|name| beacon.follow(SECOND, name));
        let said = beacon.take_due(SECOND);
        beacon.leave(&said[0]);
        beacon.unsaid(SECOND, &said);
        assert_eq!((beacon.take_due(2 * SECOND), beacon.deadline()), (vec![], Some(11 * SECOND)));
        assert_eq!(beacon.take_due(11 * SECOND), said[1..]);
    }

    #[test]
    fn hp_96_a_newcomer_is_told_of_us_but_nobody_makes_us_speak_more_than_once_a_minute() {
        let mut beacon = Beacon::default();
        names(2).into_iter().for_each(|name| beacon.follow(SECOND, name));
        assert_eq!(beacon.take_due(SECOND), names(2));
        for second in 2..=60 {
            let heard = [names(1)[0], Sha1Hash([77; 20])];
            assert_eq!(beacon.heard(second * SECOND, &heard), names(1));
            assert_eq!(beacon.take_due(second * SECOND), [], "second {second}");
        }
        assert_eq!(beacon.take_due(61 * SECOND), names(1));
    }

    #[test]
    fn hp_96_who_floods_the_local_network_is_not_heard_for_the_rest_of_a_minute_and_others_are() {
        let mut senders = Senders::default();
        let host = |number: u8| IpAddr::from([192, 168, 1, number]);
        let heard = (0..10_000).filter(|_| senders.may_speak(SECOND, host(1))).count();
        assert_eq!(heard, HEARD_MAX as usize);
        assert!(senders.may_speak(SECOND, host(2)) && !senders.may_speak(60 * SECOND, host(1)));
        assert!(senders.may_speak(61 * SECOND, host(1)));
        for number in 0..10_000_u32 {
            senders.may_speak(62 * SECOND, Ipv4Addr::from_bits((10 << 24) + number).into());
        }
        assert_eq!(senders.heard.len(), SENDERS_MAX);
    }
}
