//! One torrent: what its parts know together, and the inputs that concern it as a whole.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    ops::Range,
    sync::Arc,
};

use torrent::{Block, InfoHashes, Metainfo, Piece};

use crate::{
    AddTorrent, Announce, ConnId, DiskFault, News, OpId, Output, PeerSource, Prepared, StreamId,
    Time, TorrentId, Want,
    agenda::Timer,
    announce::{Announcer, LineId, Question},
    candidates::Candidates,
    content::Content,
    context::{Chores, Context, Op},
    estimate::Meter,
    givers::Givers,
    holepunch::Meetings,
    input::{AnnounceFault, Announced},
    limits::OwnLimits,
    metadata::MetadataFetch,
    peer::Peer,
    queue::{self, Span},
    scrape::{Counts, Scraped, SwarmSize, Whom},
    siblings::Copying,
    source::Source,
    stream::{Stream, sane_rate},
    superseed::Seeding,
    waste::Waste,
    web::WebSeed,
};

/// Web seeds used per torrent.
pub(crate) const WEB_SEEDS_MAX: usize = 16;
/// What we say is missing while we do not know how long the content is (BEP 9): one block.
const LEFT_UNKNOWN: u64 = 16 * 1024;
/// Peers we ask a tracker for.
const PEERS_WANTED: u32 = 80;

/// A torrent we take part in.
#[derive(Debug)]
pub(crate) struct Torrent {
    pub(crate) id: TorrentId,
    pub(crate) hashes: InfoHashes,
    pub(crate) peer_id: [u8; 20],
    pub(crate) trackers: Vec<Vec<String>>,
    pub(crate) want: Want,
    /// Somebody lets it rest.
    pub(crate) paused: bool,
    /// The last operation that was begun before somebody resumed.
    pub(crate) resumed_after: OpId,
    /// It waits for a place in the queue.
    pub(crate) waits: bool,
    /// Since when it has a place, or waits.
    pub(crate) placed: Time,
    pub(crate) pinned: bool,
    /// Whether the disk had no room for all of what is watched.
    pub(crate) cramped: bool,
    /// A reader left a moment ago: peers are not told yet that we want nothing.
    pub(crate) lingers: bool,
    pub(crate) recheck: bool,
    /// Whether peers meet here without any content.
    pub(crate) meets: bool,
    /// Whether the disk failed: nothing is fetched or given until told otherwise.
    pub(crate) finished: bool,
    pub(crate) seeding: Seeding,
    pub(crate) metadata: MetadataFetch,
    pub(crate) content: Option<Content>,

    pub(crate) peers: BTreeMap<ConnId, Peer>,
    pub(crate) givers: Givers,
    pub(crate) candidates: Candidates,
    pub(crate) meetings: Meetings,
    pub(crate) announcer: Announcer,
    pub(crate) webs: Vec<WebSeed>,
    /// Peers whose next upload is due, in turn.
    pub(crate) serving: VecDeque<ConnId>,

    pub(crate) streams: BTreeMap<StreamId, Stream>,
    pub(crate) media_rate: Option<u64>,
    /// Who was asked for each outstanding block.
    pub(crate) asked: BTreeMap<Block, Vec<Source>>,
    pub(crate) waste: Waste,
    pub(crate) down: Meter,
    pub(crate) up: Meter,
    pub(crate) up_peak: u64,
    pub(crate) limits: OwnLimits,
    /// For how long it lacked nothing and took part.
    pub(crate) giving: Span,
    /// Its files that other torrents have too.
    pub(crate) copying: Copying,
    /// How many take part, as others tell.
    pub(crate) swarm: Counts,
    /// When others may be asked how many, while it waits.
    pub(crate) scraped: Scraped,
    pub(crate) chores: Chores,
}

impl Torrent {
    pub(crate) fn new(ctx: &mut Context, add: AddTorrent, waits: bool) -> Self {
        let mut peer_id = [0; 20];
        peer_id[..8].copy_from_slice(&ctx.config.client);
        for byte in &mut peer_id[8..] {
            *byte = (ctx.random.next() >> 56) as u8;
        }
        let mut torrent = Self {
            id: add.torrent,
            hashes: add.hashes,
            peer_id,
            trackers: add.trackers,
            want: add.want,
            paused: false,
            resumed_after: OpId(0),
            waits,
            placed: ctx.now,
            pinned: false,
            cramped: false,
            lingers: false,
            recheck: add.recheck,
            meets: false,
            finished: false,
            seeding: Seeding::default(),
            metadata: MetadataFetch::default(),
            content: None,
            peers: BTreeMap::new(),
            givers: Givers::default(),
            candidates: Candidates::default(),
            meetings: Meetings::default(),
            announcer: Announcer::default(),
            webs: Vec::new(),
            serving: VecDeque::new(),
            streams: BTreeMap::new(),
            media_rate: None,
            asked: BTreeMap::new(),
            waste: Waste::new(),
            down: Meter::default(),
            up: Meter::default(),
            up_peak: 0,
            limits: OwnLimits::default(),
            giving: Span::default(),
            copying: Copying::default(),
            swarm: Counts::default(),
            scraped: Scraped::never(ctx.now),
            chores: Chores::default(),
        };
        let webs = add.web_seeds.into_iter().take(WEB_SEEDS_MAX);
        torrent.webs = webs.map(|url| WebSeed::new(ctx.now, url)).collect();
        torrent.begin(ctx, add.metainfo, &add.peers);
        torrent
    }

    fn begin(&mut self, ctx: &mut Context, metainfo: Option<Arc<Metainfo>>, peers: &[SocketAddr]) {
        if ctx.config.use_trackers {
            self.announcer = Announcer::new(ctx.now, &self.hashes, &self.trackers, &mut ctx.random);
        }
        if let Some(metainfo) = metainfo {
            self.know(ctx, Arc::clone(&metainfo));
            ctx.put(Output::Prepare { torrent: self.id, metainfo, recheck: self.recheck });
        }
        self.found(ctx, peers, PeerSource::Given);
        if !self.waits {
            ctx.tell(News::TakesPart(self.id));
            self.set_timers(ctx);
        }
    }

    /// What comes again and again while it takes part.
    pub(crate) fn set_timers(&mut self, ctx: &mut Context) {
        ctx.agenda.set(Timer::Choke(self.id), ctx.now + crate::choke::ROUND);
        ctx.agenda.set(Timer::Announce(self.id), ctx.now);
        self.tell_of_peers(ctx);
        self.await_description(ctx);
    }

    /// The same torrent was added again: what it brings is used beside what is known.
    pub(crate) fn merge(&mut self, ctx: &mut Context, add: AddTorrent) {
        if ctx.config.use_trackers {
            self.announcer.add(ctx.now, &self.hashes, &add.trackers, &mut ctx.random);
            ctx.agenda.set_earlier(Timer::Announce(self.id), ctx.now);
        }
        for url in add.web_seeds {
            if self.webs.len() < WEB_SEEDS_MAX && self.webs.iter().all(|web| web.url != url) {
                self.webs.push(WebSeed::new(ctx.now, url));
            }
        }
        self.found(ctx, &add.peers, PeerSource::Given);
        if let (Some(metainfo), None) = (add.metainfo, &self.content) {
            self.recheck |= add.recheck;
            self.learn(ctx, metainfo);
        }
        self.chores.all = true;
    }

    /// The description of what was added without one has come.
    pub(crate) fn learn(&mut self, ctx: &mut Context, metainfo: Arc<Metainfo>) {
        self.metadata = MetadataFetch::default();
        ctx.tell(News::Metadata(self.id, Arc::clone(&metainfo)));
        self.know(ctx, Arc::clone(&metainfo));
        if !self.rests() {
            // Of a hybrid torrent, a magnet link may have said one name of two: now it is looked for under both.
            ctx.tell(News::TakesPart(self.id));
        }
        ctx.put(Output::Prepare { torrent: self.id, metainfo, recheck: self.recheck });
    }

    /// The metainfo is known: what peers said before gets its meaning.
    pub(crate) fn know(&mut self, ctx: &mut Context, metainfo: Arc<Metainfo>) {
        self.hashes = metainfo.info.hashes();
        if let (Some(v2), true) = (self.hashes.v2(), ctx.config.use_trackers) {
            self.announcer.add_name(ctx.now, v2.truncated());
        }
        let mut content = Content::new(metainfo);
        self.waste.fit(content.pieces.geometry().content_len());
        content.want(&self.want, &[], &[]);
        self.content = Some(content);
        self.chores.described = true;
        let conns: Vec<ConnId> = self.peers.keys().copied().collect();
        for conn in conns {
            self.settle_early(ctx, conn);
        }
        ctx.agenda.set_earlier(Timer::Announce(self.id), ctx.now);
    }

    /// The storage is ready, or cannot be.
    pub(crate) fn prepared(&mut self, ctx: &mut Context, result: Result<Prepared, DiskFault>) {
        let prepared = match result {
            Ok(prepared) => prepared,
            Err(fault) => return self.disk_failed(ctx, fault),
        };
        let Some(content) = &mut self.content else { return };
        content.ready = true;
        for piece in prepared.pieces {
            if content.pieces.geometry().has(piece) && !content.pieces.has(piece) {
                content.complete(piece);
                let range = content.data_range(piece);
                ctx.put(Output::Verified { torrent: self.id, range });
            }
        }
        for block in prepared.blocks {
            if content.pieces.is_free(block) {
                content.take(block);
                content.pieces.verify(block);
                let start = content.pieces.geometry().block_range(block).start;
                let range = start..start + u64::from(content.data_len(block));
                ctx.put(Output::Verified { torrent: self.id, range });
            }
        }
        self.finished = content.is_finished() && self.want != Want::Nothing;
        self.enter_cache(ctx);
        if self.finished {
            ctx.tell(News::Finished(self.id));
        }
        self.rewindow(ctx);
        self.tell_all_we_have();
        ctx.agenda.set_earlier(Timer::Announce(self.id), ctx.now);
        self.chores.dial = true;
    }

    /// What we found on disk is news to those who connected while we looked.
    fn tell_all_we_have(&mut self) {
        let Some(content) = &self.content else { return };
        let have: Vec<Piece> = content.pieces.have().iter().map(Piece).collect();
        let conns: Vec<ConnId> =
            self.peers.values().filter(|peer| peer.is_told()).map(|peer| peer.conn).collect();
        for conn in conns {
            if let Some(peer) = self.peers.get_mut(&conn) {
                have.iter().for_each(|piece| peer.say(&torrent::wire::Message::Have(*piece)));
                self.chores.speak.insert(conn);
            }
            self.reconsider(conn);
        }
    }

    /// The disk does not take or give bytes: everything stops until somebody resumes.
    pub(crate) fn disk_failed(&mut self, ctx: &mut Context, fault: DiskFault) {
        ctx.tell(News::DiskFailed(self.id, fault));
        self.pause(ctx, true);
    }

    /// The disk failed in one operation. What was begun before the last resume says nothing about the disk of today.
    pub(crate) fn op_failed(&mut self, ctx: &mut Context, op: OpId, fault: DiskFault) {
        if op > self.resumed_after {
            self.disk_failed(ctx, fault);
        }
    }

    pub(crate) fn change_want(&mut self, ctx: &mut Context, want: Want) {
        self.want = want;
        self.finished = false;
        self.rewindow(ctx);
        self.check_finished(ctx);
    }

    pub(crate) fn pin(&mut self, ctx: &mut Context, pinned: bool) {
        self.pinned = pinned;
        self.enter_cache(ctx);
    }

    /// What it has may be evicted from now on, unless it is pinned.
    fn enter_cache(&self, ctx: &mut Context) {
        match &self.content {
            Some(content) if !self.pinned => {
                let (have, bytes) = (content.pieces.have().clone(), content.pieces.have_bytes());
                ctx.cache.found(ctx.now, self.id, have, bytes);
            }
            _ => ctx.cache.drop_torrent(self.id),
        }
    }

    /// Whether all that is to be fetched without a reader is there: told once.
    pub(crate) fn check_finished(&mut self, ctx: &mut Context) {
        let Some(content) = &self.content else { return };
        let done = content.ready && content.is_finished() && self.want != Want::Nothing;
        if done && !self.finished {
            self.finished = true;
            ctx.tell(News::Finished(self.id));
            queue::soon(ctx);
            if content.pieces.have().is_full() {
                self.announcer.completed(ctx.now);
                ctx.agenda.set_earlier(Timer::Announce(self.id), ctx.now);
            }
        }
    }

    /// Whether we have all there is: then we are a seed.
    pub(crate) fn is_complete(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.pieces.have().is_full())
    }

    /// The media's rate, in bytes per second.
    pub(crate) fn rate(&self) -> u64 {
        sane_rate(self.media_rate)
    }

    /// Whether somebody reads it.
    pub(crate) fn has_readers(&self) -> bool {
        !self.streams.is_empty()
    }

    /// The files' ranges that readers are in.
    pub(crate) fn read_ranges(&self) -> Vec<Range<u64>> {
        self.streams.values().map(|stream| stream.file.clone()).collect()
    }

    /// Of those, what is read to its end and has room on the disk: it is fetched whole, so that the swarm gets
    /// the pieces it has fewest of, and the rest is there when a line fails. Not where only what is watched may
    /// take part: somebody pays for each byte.
    pub(crate) fn watched_ranges(&self, ctx: &Context) -> Vec<Range<u64>> {
        let limits = &ctx.config.limits;
        if limits.active_max == Some(0) {
            return vec![];
        }
        let room = limits.cache_quota.filter(|_| !self.pinned).unwrap_or(u64::MAX);
        let watched = self.streams.values().filter(|stream| {
            let len = stream.file.end - stream.file.start;
            !stream.hint && !self.cramped && stream.end == stream.file.end && len <= room
        });
        watched.map(|stream| stream.file.clone()).collect()
    }

    /// Asks the trackers whose time has come.
    pub(crate) fn ask_trackers(&mut self, ctx: &mut Context) {
        // Until what lies on the disk is checked, a seed would call itself somebody who lacks everything, and be counted as
        // that until it is asked again.
        let checks = self.content.as_ref().is_some_and(|content| !content.ready);
        if self.rests() || checks {
            return;
        }
        for question in self.announcer.due(ctx.now) {
            self.announce(ctx, question);
        }
        if let Some(next) = self.announcer.next() {
            ctx.agenda.set(Timer::Announce(self.id), next);
        }
    }

    pub(crate) fn announce(&self, ctx: &mut Context, question: Question) {
        let op = ctx.begin(Op::Announce(self.id, question.line));
        let announce = Announce {
            torrent: self.id,
            url: question.url,
            infohash: question.name,
            event: question.event,
            peer_id: self.peer_id,
            uploaded: self.up.total,
            downloaded: self.down.total.saturating_sub(self.waste.total),
            left: self.left(),
            wanted: if self.is_complete() { 0 } else { PEERS_WANTED },
        };
        ctx.put(Output::Announce(op, announce));
    }

    /// Bytes of the whole content we do not have.
    fn left(&self) -> u64 {
        self.content.as_ref().map_or(LEFT_UNKNOWN, |content| {
            let padding: u64 =
                content.pieces.geometry().pads().iter().map(|pad| pad.end - pad.start).sum();
            let len = content.pieces.geometry().content_len();
            (len - padding.min(len)).saturating_sub(content.pieces.have_bytes())
        })
    }

    pub(crate) fn announced(
        &mut self,
        ctx: &mut Context,
        line: LineId,
        result: Result<Announced, AnnounceFault>,
    ) {
        match result {
            Ok(answer) => {
                self.note_size(line, &answer);
                self.announcer.answered(ctx.now, line, &answer);
                self.found(ctx, &answer.peers, PeerSource::Tracker);
                // The one who lacks something is most likely us.
                if answer.leechers.is_some_and(|leechers| leechers <= 1) {
                    self.found_seeds(&answer.peers);
                }
            }
            Err(fault) => {
                let why = match fault {
                    AnnounceFault::NotReached => "it could not be reached".to_owned(),
                    AnnounceFault::Refused(text) => text,
                    AnnounceFault::Garbled => "its answer makes no sense".to_owned(),
                    AnnounceFault::Forbidden => "the address policy forbids it".to_owned(),
                };
                if let Some(url) = self.announcer.failed(ctx.now, line) {
                    ctx.tell(News::TrackerFailed(self.id, url, why));
                }
            }
        }
        if let Some(next) = self.announcer.next().filter(|_| !self.rests()) {
            ctx.agenda.set(Timer::Announce(self.id), next);
        }
    }

    /// What a tracker says of the swarm with its answer.
    fn note_size(&mut self, line: LineId, answer: &Announced) {
        let Some((url, name)) = self.announcer.asked(line) else { return };
        if let (Some(seeds), Some(leechers)) = (answer.seeders, answer.leechers) {
            let who = Whom::Tracker(url.to_owned());
            self.swarm.told(who, name, SwarmSize { seeds, leechers, completed: None });
        }
    }

    /// What is in it, once that is known.
    pub(crate) fn metainfo(&self) -> Option<Arc<Metainfo>> {
        self.content.as_ref().map(|content| Arc::clone(&content.metainfo))
    }

    /// The conns of peers that are through their handshake.
    pub(crate) fn open_conns(&self) -> BTreeSet<ConnId> {
        self.peers.values().filter(|peer| peer.is_open()).map(|peer| peer.conn).collect()
    }
}
