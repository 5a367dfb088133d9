//! Mirrors: web servers that whoever publishes a torrent names, and that are asked for little until they prove themselves.
//!
//! A name proves nothing: somebody may name a server that has never heard of it, to have it flooded by those who
//! listen. So a mirror is asked for a torrent's description first, which is small and proven by the torrent's name, and
//! a host for one of these a minute at most. A mirror that gave a right one is a web seed like any other; one that gave
//! something wrong is not asked any more.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use torrent::Metainfo;

use crate::{
    FetchFault, Output, Time,
    agenda::Timer,
    context::{Context, Op},
    metadata::{METADATA_LEN_MAX, names_agree},
    torrent::{Torrent, WEB_SEEDS_MAX},
    web::{Asked, WebSeed},
};

/// How long a host is left in peace that was asked on behalf of a mirror without proof.
const PAUSE: Duration = Duration::from_secs(60);
/// How long one that gave something wrong is not asked.
const DISTRUST: Duration = Duration::from_secs(24 * 3600);
/// Mirrors that are remembered, and hosts.
const KNOWN_MAX: usize = 1_000;
/// Peers may take this long to give a description before a mirror is asked for it.
const PATIENCE: Duration = Duration::from_secs(4);

/// A server that does not have what is asked for.
const NOTHING_THERE: FetchFault = FetchFault::Status { status: 404, retry_after: None };

/// A web server that has a torrent, as whoever publishes it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// Its URL, by which it is known as the same in every torrent.
    pub base: String,
    /// The torrent's web seed there (BEP 19).
    pub files: String,
    /// Where the torrent's description is there: a metainfo file.
    pub description: String,
}

/// What is known of all mirrors.
#[derive(Debug, Default)]
pub(crate) struct Mirrors {
    /// When a host was asked last on behalf of a mirror without proof.
    asked: BTreeMap<String, Time>,
    /// Those that gave what proved right, and when they did last.
    proven: BTreeMap<String, Time>,
    /// Those that gave something wrong, and until when they are not asked.
    wrong: BTreeMap<String, Time>,
}

impl Mirrors {
    /// Whether it has given anything that proved right.
    pub(crate) fn is_proven(&self, base: &str) -> bool {
        self.proven.contains_key(base)
    }

    /// When it may be asked.
    pub(crate) fn opens(&self, now: Time, base: &str) -> Time {
        let trusted = self.wrong.get(base).copied().unwrap_or(now);
        let asked = self.asked.get(host(base)).filter(|_| !self.is_proven(base));
        trusted.max(asked.map_or(now, |asked| *asked + PAUSE)).max(now)
    }

    /// It is asked for something. Says whether it may be, and takes its turn if so.
    pub(crate) fn take_turn(&mut self, now: Time, base: &str) -> bool {
        if self.opens(now, base) > now {
            return false;
        }
        if !self.is_proven(base) {
            self.asked.retain(|_, asked| *asked + PAUSE > now);
            if self.asked.len() >= KNOWN_MAX {
                return false;
            }
            self.asked.insert(host(base).to_owned(), now);
        }
        true
    }

    /// What it gave was right.
    pub(crate) fn prove(&mut self, now: Time, base: &str) {
        self.proven.insert(base.to_owned(), now);
        forget_first(&mut self.proven);
    }

    /// What it gave was wrong, and nobody else had a hand in it.
    pub(crate) fn distrust(&mut self, now: Time, base: &str) {
        self.proven.remove(base);
        self.wrong.insert(base.to_owned(), now + DISTRUST);
        forget_first(&mut self.wrong);
    }
}

/// More than are remembered: the oldest goes.
fn forget_first(known: &mut BTreeMap<String, Time>) {
    if known.len() > KNOWN_MAX
        && let Some(first) = known.iter().min_by_key(|(_, at)| **at).map(|(base, _)| base.clone())
    {
        known.remove(&first);
    }
}

/// The host of a URL: ports of one host are one door.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    }
}

impl Torrent {
    /// Uses these mirrors from now on, and no others.
    pub(crate) fn use_mirrors(&mut self, ctx: &mut Context, mirrors: Vec<Mirror>) {
        for seed in 0..self.webs.len() {
            let named = self.webs.get(seed).and_then(|web| web.mirror.as_ref());
            if named.is_some_and(|mirror| !mirrors.contains(mirror)) {
                self.stop_web(ctx, seed);
                self.webs[seed].gone = true;
            }
        }
        for mirror in mirrors {
            let has_room = self.webs.len() < WEB_SEEDS_MAX;
            match self.webs.iter_mut().find(|web| web.url == mirror.files) {
                Some(web) => web.gone &= web.mirror.is_none(),
                None if has_room => self.webs.push(WebSeed::of_mirror(ctx.now, mirror)),
                None => (),
            }
        }
        self.await_description(ctx);
        self.chores.all = true;
    }

    /// Peers have some time to give the description.
    pub(crate) fn await_description(&self, ctx: &mut Context) {
        let has_mirrors = self.webs.iter().any(|web| web.mirror.is_some());
        if has_mirrors && self.content.is_none() && !self.rests() {
            ctx.agenda.set_earlier(Timer::Web(self.id), ctx.now + PATIENCE);
        }
    }

    /// Nobody gave the description yet: one mirror after the other is asked for it.
    pub(crate) fn ask_mirrors(&mut self, ctx: &mut Context) {
        if self.content.is_some() || self.rests() || self.webs.iter().any(WebSeed::is_asked) {
            return;
        }
        for seed in 0..self.webs.len() {
            let web = &self.webs[seed];
            if web.mirror.is_some() && web.is_idle(ctx.now) && self.ask_description(ctx, seed) {
                return;
            }
        }
    }

    /// Whether a web seed is a mirror of which nothing is to be asked but the description: it has no proof yet, or
    /// there are hashes that the blocks cannot be judged without and that no peer gave.
    pub(crate) fn is_for_description(&self, ctx: &Context, seed: usize) -> bool {
        let Some(mirror) = self.webs.get(seed).and_then(|web| web.mirror.as_ref()) else {
            return false;
        };
        !ctx.mirrors.is_proven(&mirror.base) || self.lacks_layers()
    }

    fn lacks_layers(&self) -> bool {
        self.content.as_ref().is_some_and(|content| {
            content.info().piece_hashes().is_empty()
                && content.metainfo.missing_piece_layers().next().is_some()
        })
    }

    /// Asks a mirror for the description. Says whether it could be asked.
    pub(crate) fn ask_description(&mut self, ctx: &mut Context, seed: usize) -> bool {
        let Some(web) = self.webs.get_mut(seed) else { return false };
        let Some(mirror) = &web.mirror else { return false };
        if !ctx.mirrors.take_turn(ctx.now, &mirror.base) {
            return false;
        }
        let url = mirror.description.clone();
        let op = ctx.begin(Op::Describe(self.id, seed));
        web.asked = Some(Asked { op, at: ctx.now });
        ctx.put(Output::Describe { op, url, len_max: METADATA_LEN_MAX });
        self.plan_web(ctx);
        true
    }

    /// A mirror gave the description, or does not.
    pub(crate) fn described(
        &mut self,
        ctx: &mut Context,
        seed: usize,
        result: Result<Bytes, FetchFault>,
    ) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        web.asked = None;
        let read = result.map(|bytes| Metainfo::parse(&bytes));
        match read {
            Ok(Ok(metainfo)) if names_agree(&self.hashes, &metainfo.info) => {
                self.described_right(ctx, seed, metainfo);
            }
            Ok(Ok(_)) => self.ban_web(ctx, seed),
            // Many servers answer with a page of their own where they have nothing.
            Ok(Err(_)) => self.rest_web(ctx, seed, NOTHING_THERE),
            Err(fault) => self.rest_web(ctx, seed, fault),
        }
        self.ask_mirrors(ctx);
        self.plan_web(ctx);
    }

    /// Of the description counts what the name proves: whom else it names as a meeting place is nobody's word.
    fn described_right(&mut self, ctx: &mut Context, seed: usize, metainfo: Metainfo) {
        let Some(web) = self.webs.get_mut(seed) else { return };
        web.faults = 0;
        if let Some(mirror) = &web.mirror {
            ctx.mirrors.prove(ctx.now, &mirror.base);
        }
        match &self.content {
            None => self.metadata_known(ctx, metainfo),
            Some(_) if self.lacks_layers() => self.add_layers(ctx, &metainfo),
            Some(_) => (),
        }
        if self.lacks_layers() {
            // It would give the same again.
            self.rest_web(ctx, seed, NOTHING_THERE);
        }
        self.chores.all = true;
    }

    fn add_layers(&mut self, ctx: &mut Context, given: &Metainfo) {
        let Some(content) = &mut self.content else { return };
        let missing: Vec<usize> = content.metainfo.missing_piece_layers().collect();
        let metainfo = Arc::make_mut(&mut content.metainfo);
        let mut added = false;
        for file in missing {
            let layer = given.piece_layer(file).map(<[_]>::to_vec);
            added |= layer.is_some_and(|layer| metainfo.add_piece_layer(file, layer).is_ok());
        }
        if added {
            self.layer_known(ctx);
        }
    }

    /// A mirror that does not answer is asked later.
    pub(crate) fn chase_description(&mut self, ctx: &mut Context, seed: usize) {
        let late = self.webs.get(seed).and_then(|web| web.asked.as_ref());
        if late.is_some_and(|asked| asked.is_late(ctx.now)) {
            self.stop_web(ctx, seed);
            self.rest_web(ctx, seed, FetchFault::Late);
        }
    }

    /// A mirror gave bytes that are not the torrent's.
    pub(crate) fn distrust_mirror(&self, ctx: &mut Context, seed: usize) {
        if let Some(mirror) = self.webs.get(seed).and_then(|web| web.mirror.as_ref()) {
            ctx.mirrors.distrust(ctx.now, &mirror.base);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    #[test]
    fn a_host_is_asked_once_a_minute_until_a_mirror_there_proves_itself() {
        let mut mirrors = Mirrors::default();
        let base = |number: u64| format!("https://victim.example:{}/{number}/", 443 + number % 9);
        let mut asked = Vec::new();
        for second in 0..600 {
            let now = Time(second * 1_000_000);
            let turns =
                (0..50).filter(|number| mirrors.take_turn(now, &base(second * 50 + number)));
            asked.extend(turns.map(|_| second));
        }
        assert_eq!(asked, (0..10).map(|minute| minute * 60).collect::<Vec<_>>());
        let (now, good) = (Time(10 * MINUTE), "https://victim.example/good/");
        assert!(mirrors.take_turn(now, good));
        mirrors.prove(now, good);
        assert!((0..50).all(|_| mirrors.take_turn(now, good)));
        assert!(!mirrors.take_turn(now, &base(0)), "its neighbours have proved nothing");
        assert!(mirrors.take_turn(now, "https://other.example/"), "another host");
    }

    #[test]
    fn what_gave_something_wrong_is_left_alone_for_a_day() {
        let (mut mirrors, base) = (Mirrors::default(), "https://a.example/");
        mirrors.prove(Time(0), base);
        mirrors.distrust(Time(0), base);
        assert!(!mirrors.is_proven(base));
        assert!(!mirrors.take_turn(Time(23 * 60 * MINUTE), base));
        assert!(mirrors.take_turn(Time(24 * 60 * MINUTE), base));
    }

    #[test]
    fn memory_is_bounded() {
        let mut mirrors = Mirrors::default();
        for number in 0..3 * KNOWN_MAX as u64 {
            let base = format!("https://host{number}.example/");
            mirrors.take_turn(Time(0), &base);
            mirrors.prove(Time(number), &base);
            mirrors.distrust(Time(number), &base);
        }
        for known in [&mirrors.asked, &mirrors.proven, &mirrors.wrong] {
            assert!(known.len() <= KNOWN_MAX);
        }
    }

    #[test]
    fn a_host_is_the_same_whatever_its_port_is() {
        for url in ["https://a.example/x", "https://a.example:444/", "https://a.example?y"] {
            assert_eq!(host(url), "a.example");
        }
        assert_eq!(host("https://[2001:db8::1]:9/"), "[2001:db8::1]");
    }
}
