//! How many take part in a torrent in which we do not? Trackers tell without an announce (BEP 48, 15), and so does the
//! DHT (BEP 33).
//!
//! Who takes part hears it with each announce. Those who wait for a place are asked about: of trackers one question at
//! a time, each about as many torrents of one tracker as fit, so that ten thousand torrents cost a tracker no more than
//! a few hundred questions an hour; of the DHT one torrent at a time, for each takes some dozens of questions there.
//! Who was paused by somebody is not asked about: that means no traffic at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use torrent::Sha1Hash;

use crate::{
    AnnounceFault, OpId, Output, Time, TorrentId, agenda::Timer, context::Context, torrent::Torrent,
};

/// Names in one question: as many as a UDP packet and a URL take.
const NAMES_MAX: usize = 50;
/// Between two questions, to whomever.
const PACE: Duration = Duration::from_secs(10);
/// A torrent that has just been added waits for this: most are given a place, and most are not added alone.
const FIRST: Duration = Duration::from_secs(2);
/// How old numbers may get.
const AGAIN: Duration = Duration::from_secs(3600);
/// Who does not answer, or cannot be asked this, is left alone for so long.
const REST: Duration = Duration::from_secs(6 * 3600);
/// Trackers that are remembered to be left alone.
const RESTING_MAX: usize = 256;
/// A question without an answer counts as failed after this.
const PATIENCE: Duration = Duration::from_secs(90);

/// Who knows how many take part in a torrent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// The tracker at this URL, a stranger's text.
    Tracker(String),
    /// The nodes of the DHT.
    Dht,
}

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

/// What each of them said last, under each name.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(Whom, Sha1Hash), SwarmSize>);

impl Counts {
    /// Somebody told numbers.
    pub(crate) fn told(&mut self, who: Whom, name: Sha1Hash, size: SwarmSize) {
        let known = self.0.entry((who, name)).or_default();
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

/// When a torrent that waits may be asked about again: trackers, and the DHT.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scraped {
    trackers: Time,
    dht: Time,
}

impl Scraped {
    /// At once.
    pub(crate) fn never(now: Time) -> Self {
        Self { trackers: now, dht: now }
    }

    fn of(&mut self, whom: &Whom) -> &mut Time {
        match whom {
            Whom::Tracker(_) => &mut self.trackers,
            Whom::Dht => &mut self.dht,
        }
    }
}

/// Who asks about those who wait.
#[derive(Debug, Default)]
pub(crate) struct Scraper {
    /// One question to a tracker at most, and one to the DHT.
    pending: Vec<Pending>,
    /// Until when somebody is left alone.
    resting: BTreeMap<Whom, Time>,
}

#[derive(Debug)]
struct Pending {
    op: OpId,
    whom: Whom,
    names: BTreeMap<Sha1Hash, TorrentId>,
    until: Time,
}

type Torrents = BTreeMap<TorrentId, Torrent>;

impl Scraper {
    /// Somebody waits from now on.
    pub(crate) fn soon(ctx: &mut Context) {
        if may_ask(ctx) {
            ctx.agenda.set_earlier(Timer::Scrape, ctx.now + FIRST);
        }
    }

    /// Asks the next questions if their time has come.
    pub(crate) fn ask(&mut self, ctx: &mut Context, torrents: &mut Torrents) {
        for late in
            self.pending.extract_if(.., |pending| pending.until <= ctx.now).collect::<Vec<_>>()
        {
            self.rest(ctx.now, late.whom);
        }
        self.resting.retain(|_, until| *until > ctx.now);
        if !may_ask(ctx) {
            return ctx.agenda.clear(Timer::Scrape);
        }
        if !self.waits_for(|whom| *whom != Whom::Dht) {
            self.ask_tracker(ctx, torrents);
        }
        if !self.waits_for(|whom| *whom == Whom::Dht) {
            self.ask_dht(ctx, torrents);
        }
        match self.next(ctx, torrents) {
            Some(at) => ctx.agenda.set(Timer::Scrape, at.max(ctx.now + PACE)),
            None => ctx.agenda.clear(Timer::Scrape),
        }
    }

    fn waits_for(&self, which: impl Fn(&Whom) -> bool) -> bool {
        self.pending.iter().any(|pending| which(&pending.whom))
    }

    fn ask_tracker(&mut self, ctx: &mut Context, torrents: &mut Torrents) {
        let due =
            || torrents.values().filter(|one| one.is_waiting() && one.scraped.trackers <= ctx.now);
        let Some(url) = due().find_map(|one| self.askable(ctx, one)).cloned() else { return };
        let mut names = BTreeMap::new();
        for one in due().filter(|one| one.trackers.iter().flatten().any(|other| *other == url)) {
            let of: Vec<_> = one.hashes.names().collect();
            if names.len() + of.len() > NAMES_MAX {
                break;
            }
            names.extend(of.into_iter().map(|name| (name, one.id)));
        }
        self.put(ctx, Whom::Tracker(url), names, torrents);
    }

    /// The torrent that waited longest for its count.
    fn ask_dht(&mut self, ctx: &mut Context, torrents: &mut Torrents) {
        let countable = torrents.values().filter(|one| self.is_countable(one));
        let due = countable.filter(|one| one.scraped.dht <= ctx.now);
        let Some(one) = due.min_by_key(|one| (one.scraped.dht, one.id)) else { return };
        let names = one.hashes.names().map(|name| (name, one.id)).collect();
        self.put(ctx, Whom::Dht, names, torrents);
    }

    fn put(
        &mut self,
        ctx: &mut Context,
        whom: Whom,
        names: BTreeMap<Sha1Hash, TorrentId>,
        torrents: &mut Torrents,
    ) {
        set_due(&whom, &names, ctx.now + AGAIN, torrents);
        let (op, infohashes) = (ctx.name_op(), names.keys().copied().collect());
        ctx.put(Output::Scrape { op, whom: whom.clone(), infohashes });
        self.pending.push(Pending { op, whom, names, until: ctx.now + PATIENCE });
    }

    /// The first tracker of a torrent that is not left alone.
    fn askable<'t>(&self, ctx: &Context, torrent: &'t Torrent) -> Option<&'t String> {
        let mut trackers = torrent.trackers.iter().flatten().filter(|_| ctx.config.use_trackers);
        trackers.find(|url| !self.resting.contains_key(&Whom::Tracker((*url).clone())))
    }

    /// Whether the DHT may be asked about it: never where a torrent is private (BEP 27).
    fn is_countable(&self, torrent: &Torrent) -> bool {
        torrent.is_waiting() && !torrent.is_private() && !self.resting.contains_key(&Whom::Dht)
    }

    /// When somebody is to be asked again, or has not answered.
    fn next(&self, ctx: &Context, torrents: &Torrents) -> Option<Time> {
        let waiting = || torrents.values().filter(|one| one.is_waiting());
        waiting().next()?;
        let told = waiting().filter(|one| self.askable(ctx, one).is_some());
        let counted = waiting().filter(|one| self.is_countable(one));
        let due = told.map(|one| one.scraped.trackers).chain(counted.map(|one| one.scraped.dht));
        let late = self.pending.iter().map(|pending| pending.until);
        due.chain(late).chain(self.resting.values().copied()).min()
    }

    /// An answer.
    pub(crate) fn answered(
        &mut self,
        ctx: &mut Context,
        op: OpId,
        answer: Result<Vec<(Sha1Hash, SwarmSize)>, AnnounceFault>,
        torrents: &mut Torrents,
    ) {
        let Some(at) = self.pending.iter().position(|pending| pending.op == op) else { return };
        let Pending { whom, names, .. } = self.pending.swap_remove(at);
        let Ok(answer) = answer else {
            // Others may know of them.
            set_due(&whom, &names, ctx.now, torrents);
            self.rest(ctx.now, whom);
            return ctx.agenda.set_earlier(Timer::Scrape, ctx.now + PACE);
        };
        for (name, size) in answer {
            if let Some(torrent) = names.get(&name).and_then(|torrent| torrents.get_mut(torrent)) {
                torrent.swarm.told(whom.clone(), name, size);
            }
        }
    }

    fn rest(&mut self, now: Time, whom: Whom) {
        if self.resting.len() >= RESTING_MAX {
            self.resting.pop_first();
        }
        self.resting.insert(whom, now + REST);
    }
}

/// When all of these may be asked about again.
fn set_due(whom: &Whom, names: &BTreeMap<Sha1Hash, TorrentId>, at: Time, torrents: &mut Torrents) {
    for id in names.values().copied().collect::<BTreeSet<_>>() {
        if let Some(torrent) = torrents.get_mut(&id) {
            *torrent.scraped.of(whom) = at;
        }
    }
}

impl Torrent {
    /// Whether it waits for a place, and nobody told it to rest.
    fn is_waiting(&self) -> bool {
        self.waits && !self.paused
    }

    fn is_private(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.info().is_private())
    }
}

/// Not where only what is watched may take part: somebody pays for each byte.
fn may_ask(ctx: &Context) -> bool {
    ctx.config.limits.active_max != Some(0)
}
