//! Who is banned, from one session to the next.
//!
//! The list is short text, replaced whole whenever somebody is banned: a first line with the version, a line for each
//! host that says when its ban ends (seconds since 1970) and where it is, and a last line with a sum of it all. A list
//! that is damaged, foreign or too long bans nobody.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use engine::Ban;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::{JoinHandle, spawn_blocking},
};
use torrent::hash::sha256;

use crate::resume::replace;

/// The first line; the number is the version of the format.
const MAGIC: &str = "kinora bans 1";
/// What stands before the sum: the first 8 bytes of the SHA-256 of all lines before.
const SUM: &str = "sum ";
const SUM_LEN: usize = 8;
/// A longer file is none of ours.
const LEN_MAX: u64 = 512 * 1024;
/// Bans written down at one time.
const BATCH: usize = 256;

/// The hosts that are banned for wrong data and the file that says so, in the folder of a session's records
/// ([`crate::Config::data_dir`]). While no session runs the file may be removed: then nobody is banned any more.
#[must_use]
pub fn banned_hosts(data_dir: &Path) -> (usize, PathBuf) {
    let path = path(data_dir);
    let left = BanList::read(&path).left(SystemTime::now()).len();
    (left, path)
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("bans")
}

/// Writes bans down, for as long as anybody tells of some.
#[derive(Debug)]
pub(crate) struct BanKeeper(Mutex<Option<JoinHandle<()>>>);

impl BanKeeper {
    /// Starts with what an earlier session left: what is left of its bans, and where new ones are told.
    pub(crate) fn start(data_dir: &Path) -> (Self, UnboundedSender<Ban>, Vec<Ban>) {
        let path = path(data_dir);
        let list = BanList::read(&path);
        let left = list.left(SystemTime::now());
        let (bans, fresh) = mpsc::unbounded_channel();
        let task = tokio::spawn(keep(path, list, fresh));
        (Self(Mutex::new(Some(task))), bans, left)
    }

    /// Waits until all is written down, once nobody tells of bans any more.
    pub(crate) async fn settle(&self) {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // It fails only if the runtime ends, and everything with it.
            task.await.ok();
        }
    }
}

async fn keep(path: PathBuf, mut list: BanList, mut fresh: UnboundedReceiver<Ban>) {
    let mut bans = Vec::new();
    while fresh.recv_many(&mut bans, BATCH).await > 0 {
        let now = SystemTime::now();
        list.drop_ended(now);
        bans.drain(..).for_each(|ban| list.enter(now, ban));
        let (path, text) = (path.clone(), list.to_text());
        let written = spawn_blocking(move || replace(&path, text.as_bytes(), false)).await;
        if let Ok(Err(why)) = written {
            tracing::warn!(%why, "who is banned is not written down: the next start forgets it");
        }
    }
}

/// When the ban of each host ends, in seconds since 1970.
#[derive(Debug, Default, PartialEq, Eq)]
struct BanList(BTreeMap<SocketAddr, u64>);

impl BanList {
    fn read(path: &Path) -> Self {
        let is_bearable = fs::metadata(path).is_ok_and(|about| about.len() <= LEN_MAX);
        let text = if is_bearable { fs::read_to_string(path).ok() } else { None };
        text.and_then(|text| Self::from_text(&text)).unwrap_or_default()
    }

    /// What is left of the bans, the shortest first.
    fn left(&self, now: SystemTime) -> Vec<Ban> {
        let now = seconds(now);
        let left = |(host, end): (&SocketAddr, &u64)| {
            let left = end.checked_sub(now).filter(|left| *left > 0)?;
            Some(Ban { host: *host, left: Duration::from_secs(left) })
        };
        let mut bans: Vec<Ban> = self.0.iter().filter_map(left).collect();
        bans.sort_by_key(|ban| (ban.left, ban.host));
        bans.split_off(bans.len().saturating_sub(Ban::MAX))
    }

    fn enter(&mut self, now: SystemTime, Ban { host, left }: Ban) {
        self.0.insert(host, seconds(now).saturating_add(left.as_secs()));
        if self.0.len() > Ban::MAX {
            let first = self.0.iter().min_by_key(|(_, end)| **end).map(|(host, _)| *host);
            first.map(|host| self.0.remove(&host));
        }
    }

    fn drop_ended(&mut self, now: SystemTime) {
        self.0.retain(|_, end| *end > seconds(now));
    }

    fn to_text(&self) -> String {
        let hosts = self.0.iter().map(|(host, end)| format!("{end} {host}\n"));
        let lines = format!("{MAGIC}\n{}", hosts.collect::<String>());
        format!("{lines}{SUM}{}\n", sum(&lines))
    }

    fn from_text(text: &str) -> Option<Self> {
        let (lines, told) = text.strip_suffix('\n')?.rsplit_once(SUM)?;
        if told != sum(lines) {
            return None;
        }
        let mut lines = lines.lines();
        if lines.next()? != MAGIC {
            return None;
        }
        let host = |line: &str| {
            let (end, host) = line.split_once(' ')?;
            Some((host.parse().ok()?, end.parse().ok()?))
        };
        lines.map(host).collect::<Option<_>>().map(Self)
    }
}

fn sum(lines: &str) -> String {
    sha256(lines.as_bytes()).0[..SUM_LEN].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ban(host: &str, left: u64) -> Ban {
        Ban { host: host.parse().expect("an address"), left: Duration::from_secs(left) }
    }

    fn list() -> BanList {
        let mut list = BanList::default();
        list.enter(at(1_000), ban("198.51.100.9:0", 60));
        list.enter(at(1_000), ban("[2001:db8:0:7::]:0", 30));
        list
    }

    #[test]
    fn what_is_left_of_a_ban_is_what_the_next_session_learns() {
        let read = BanList::from_text(&list().to_text()).expect("our own text");
        assert_eq!(read, list());
        let both = [ban("[2001:db8:0:7::]:0", 20), ban("198.51.100.9:0", 50)];
        assert_eq!(read.left(at(1_010)), both);
        assert_eq!(read.left(at(1_030)), [ban("198.51.100.9:0", 30)]);
        assert_eq!(read.left(at(1_060)), []);
    }

    #[test]
    fn a_list_that_was_damaged_anywhere_bans_nobody() {
        let whole = list().to_text();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let read = String::from_utf8(bytes).ok().and_then(|text| BanList::from_text(&text));
            assert_eq!(read, None, "bit {bit}");
        }
        for cut in 0..whole.len() {
            assert_eq!(BanList::from_text(&whole[..cut]), None, "{cut} bytes");
        }
        let later = whole.replace("bans 1", "bans 2");
        assert_eq!(BanList::from_text(&later), None, "of a version to come");
    }

    #[test]
    fn the_list_is_bounded_and_those_whose_ban_ends_first_go_first() {
        let mut list = BanList::default();
        for host in 0..=u32::try_from(Ban::MAX).expect("a few thousand") {
            let host = SocketAddr::from((host.to_be_bytes(), 0));
            list.enter(at(u64::from(host.port())), Ban { host, left: Duration::from_secs(9) });
        }
        list.enter(at(0), ban("198.51.100.9:0", 60));
        assert_eq!(list.left(at(0)).len(), Ban::MAX);
        assert_eq!(list.left(at(10)), [ban("198.51.100.9:0", 50)]);
        assert!(list.to_text().len() < LEN_MAX as usize);
        let scratch = Scratch::new();
        let path = scratch.path().join("bans");
        fs::write(&path, vec![b'x'; LEN_MAX as usize + 1]).expect("a writable folder");
        assert_eq!(BanList::read(&path), BanList::default());
    }
}
