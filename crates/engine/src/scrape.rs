//! How many take part in a torrent in which we do not? Trackers tell without an announce (BEP 48, 15).
//!
//! Who takes part hears it with each announce. Those who wait for a place are asked about: one question at a time,
//! each about as many torrents of one tracker as fit, so that ten thousand torrents cost a tracker no more than a
//! few hundred questions an hour. Who was paused by somebody is not asked about: that means no traffic at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use torrent::{InfoHashes, Sha1Hash};

use crate::{
    AnnounceFault, OpId, Output, Time, TorrentId, agenda::Timer, context::Context, input::Scraped,
    torrent::Torrent,
};

/// Names in one question: as many as a UDP packet and a URL take.
const NAMES_MAX: usize = 50;
/// Between two questions, to whomever.
const PACE: Duration = Duration::from_secs(10);
/// A torrent that has just been added waits for this: most are given a place, and most are not added alone.
const FIRST: Duration = Duration::from_secs(2);
/// How old numbers may get.
const AGAIN: Duration = Duration::from_secs(3600);
/// A tracker that does not answer, or cannot be asked this, is left alone for so long.
const REST: Duration = Duration::from_secs(6 * 3600);
/// Trackers that are remembered to be left alone.
const RESTING_MAX: usize = 256;
/// A question without an answer counts as failed after this.
const PATIENCE: Duration = Duration::from_secs(90);

/// How many take part in a torrent, as its trackers and the DHT tell. Each counts some of them twice and others not
/// at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SwarmSize {
    /// Peers that have everything.
    pub seeds: u32,
    /// Peers that do not.
    pub leechers: u32,
    /// How often it was fetched to the end, if anybody counts that.
    pub completed: Option<u32>,
}

/// What each tracker said last, under each name.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(String, Sha1Hash), SwarmSize>);

impl Counts {
    /// Somebody told numbers.
    pub(crate) fn told(&mut self, who: &str, name: Sha1Hash, size: SwarmSize) {
        let known = self.0.entry((who.to_owned(), name)).or_default();
        *known = SwarmSize { completed: size.completed.or(known.completed), ..size };
    }

    /// The greatest numbers: whoever knows fewer peers knows only some of them.
    pub(crate) fn greatest(&self) -> Option<SwarmSize> {
        self.0.values().copied().reduce(|one, two| SwarmSize {
            seeds: one.seeds.max(two.seeds),
            leechers: one.leechers.max(two.leechers),
            completed: one.completed.max(two.completed),
        })
    }
}

/// Who asks trackers about those who wait.
#[derive(Debug, Default)]
pub(crate) struct Scraper {
    pending: Option<Pending>,
    /// Until when a tracker is left alone.
    resting: BTreeMap<String, Time>,
}

#[derive(Debug)]
struct Pending {
    op: OpId,
    url: String,
    names: BTreeMap<Sha1Hash, TorrentId>,
    until: Time,
}

impl Scraper {
    /// Somebody waits from now on.
    pub(crate) fn soon(ctx: &mut Context) {
        if may_ask(ctx) {
            ctx.agenda.set_earlier(Timer::Scrape, ctx.now + FIRST);
        }
    }

    /// Asks the next question if its time has come.
    pub(crate) fn ask(&mut self, ctx: &mut Context, torrents: &mut BTreeMap<TorrentId, Torrent>) {
        if let Some(pending) = self.pending.take_if(|pending| pending.until <= ctx.now) {
            self.rest(ctx.now, pending.url);
        }
        self.resting.retain(|_, until| *until > ctx.now);
        let may = may_ask(ctx);
        if may && self.pending.is_none() {
            self.ask_one(ctx, torrents);
        }
        let answered = self.pending.as_ref().map(|pending| pending.until);
        match self.next(torrents).into_iter().chain(answered).min().filter(|_| may) {
            Some(at) => ctx.agenda.set(Timer::Scrape, at.max(ctx.now + PACE)),
            None => ctx.agenda.clear(Timer::Scrape),
        }
    }

    fn ask_one(&mut self, ctx: &mut Context, torrents: &mut BTreeMap<TorrentId, Torrent>) {
        let due = || torrents.values().filter(|one| one.is_asked_about() && one.scraped <= ctx.now);
        let Some(url) = due().find_map(|one| self.askable(one)).cloned() else { return };
        let mut names = BTreeMap::new();
        for one in due().filter(|one| one.trackers.iter().flatten().any(|other| *other == url)) {
            let of = both(&one.hashes);
            if names.len() + of.len() > NAMES_MAX {
                break;
            }
            names.extend(of.into_iter().map(|name| (name, one.id)));
        }
        for id in names.values().copied().collect::<BTreeSet<_>>() {
            if let Some(torrent) = torrents.get_mut(&id) {
                torrent.scraped = ctx.now + AGAIN;
            }
        }
        let op = ctx.name_op();
        ctx.put(Output::Scrape {
            op,
            url: url.clone(),
            infohashes: names.keys().copied().collect(),
        });
        self.pending = Some(Pending { op, url, names, until: ctx.now + PATIENCE });
    }

    /// The first tracker of a torrent that is not left alone.
    fn askable<'t>(&self, torrent: &'t Torrent) -> Option<&'t String> {
        torrent.trackers.iter().flatten().find(|url| !self.resting.contains_key(*url))
    }

    /// When somebody is to be asked again.
    fn next(&self, torrents: &BTreeMap<TorrentId, Torrent>) -> Option<Time> {
        let waiting = torrents.values().filter(|one| one.is_asked_about());
        let askable = waiting.filter(|one| self.askable(one).is_some());
        let rested = self.resting.values().copied().min();
        let next = askable.map(|one| one.scraped).min();
        next.or_else(|| rested.filter(|_| torrents.values().any(Torrent::is_asked_about)))
    }

    /// A tracker's answer.
    pub(crate) fn answered(
        &mut self,
        ctx: &mut Context,
        op: OpId,
        answer: Result<Vec<(Sha1Hash, Scraped)>, AnnounceFault>,
        torrents: &mut BTreeMap<TorrentId, Torrent>,
    ) {
        let Some(Pending { url, names, .. }) = self.pending.take_if(|pending| pending.op == op)
        else {
            return;
        };
        let Ok(answer) = answer else {
            self.rest(ctx.now, url);
            // Others may know of them.
            for torrent in names.values() {
                if let Some(torrent) = torrents.get_mut(torrent) {
                    torrent.scraped = ctx.now;
                }
            }
            ctx.agenda.set_earlier(Timer::Scrape, ctx.now + PACE);
            return;
        };
        for (name, scraped) in answer {
            let asked = names.get(&name).and_then(|torrent| torrents.get_mut(torrent));
            if let Some(torrent) = asked {
                let Scraped { seeds, leechers, completed } = scraped;
                let size = SwarmSize { seeds, leechers, completed: Some(completed) };
                torrent.swarm.told(&url, name, size);
            }
        }
    }

    fn rest(&mut self, now: Time, url: String) {
        if self.resting.len() >= RESTING_MAX {
            self.resting.pop_first();
        }
        self.resting.insert(url, now + REST);
    }
}

impl Torrent {
    /// Whether it waits, and somebody may know of it.
    fn is_asked_about(&self) -> bool {
        self.waits && !self.paused && !self.trackers.is_empty()
    }
}

/// Not where only what is watched may take part: somebody pays for each byte.
fn may_ask(ctx: &Context) -> bool {
    ctx.config.use_trackers && ctx.config.limits.active_max != Some(0)
}

/// The 20-byte names of a torrent.
fn both(names: &InfoHashes) -> Vec<Sha1Hash> {
    names.v1().into_iter().chain(names.v2().map(|v2| v2.truncated())).collect()
}
