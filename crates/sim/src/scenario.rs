//! An evening: who is there, what they have, how they behave, what the viewers do.

use std::{sync::Arc, time::Duration};

use engine::{AddTorrent, Config, Encryption, Engine, Input, Limits, Order, Secret, Time, Want};
use torrent::create::Version;

use crate::{
    content::Content,
    fake::{Behaviour, Fake, Has},
    network::Line,
    ours::{Ours, TORRENT},
    player::{Act, Player},
    random::Random,
    recording::Recording,
    report::Report,
    world::{Kind, WebServer, World, web_url},
};

/// One evening, given by numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it is called in tables.
    pub name: &'static str,
    /// Every random choice follows from this.
    pub seed: u64,
    /// v1, v2 or hybrid.
    pub version: Version,
    /// Whether viewers know the infohash alone.
    pub magnet: bool,
    /// Bytes of the film.
    pub content_len: u64,
    /// Bytes of a piece.
    pub piece_len: u32,
    /// Bytes of media per second.
    pub media_rate: u64,
    /// Whether the engines are told of it.
    pub tells_rate: bool,
    /// Nodes that run our engine.
    pub viewers: Vec<Viewers>,
    /// Peers of other kinds.
    pub crowds: Vec<Crowd>,
    /// Web servers with the film.
    pub web_seeds: Vec<Web>,
    /// Peers a tracker tells of at one time.
    pub tracker_peers: usize,
    /// Connections a viewer has at one time.
    pub connections: usize,
    /// When the evening is over.
    pub horizon: Duration,
    /// Whether the first viewer's engine is recorded.
    pub record: bool,
}

/// Nodes that run our engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Viewers {
    /// How many.
    pub count: usize,
    /// Their lines.
    pub line: Line,
    /// The first one comes after this time,
    pub joins: Duration,
    /// … and the others one after the other over this time.
    pub join_over: Duration,
    /// How long they stay.
    pub stay: Stay,
    /// In which order they ask for pieces.
    pub order: Order,
    /// Whether they have everything from the start.
    pub seed: bool,
    /// Whether they have everything but the first piece.
    pub lacks_first: bool,
    /// Whether they watch; else they only fetch.
    pub watch: bool,
    /// What they fetch beside what they watch.
    pub want: Want,
    /// Whether nothing but what is watched may take part, as on a line that is paid by the byte.
    pub metered: bool,
    /// What they do while they watch.
    pub script: Vec<(Duration, Act)>,
}

/// How long somebody stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stay {
    /// Until the evening is over.
    ToTheEnd,
    /// This long, and until they have everything if that takes longer.
    UntilComplete(Duration),
}

impl Viewers {
    /// One who watches from the start, wants nothing else and stays.
    #[must_use]
    pub fn one(line: Line) -> Self {
        Self {
            count: 1,
            line,
            joins: Duration::ZERO,
            join_over: Duration::ZERO,
            stay: Stay::ToTheEnd,
            order: Order::default(),
            seed: false,
            lacks_first: false,
            watch: true,
            want: Want::Nothing,
            metered: false,
            script: Vec::new(),
        }
    }
}

/// Peers that behave alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowd {
    /// How many.
    pub count: usize,
    /// How they behave.
    pub behaviour: Behaviour,
    /// What each of them has.
    pub has: Has,
    /// Their lines.
    pub line: Line,
    /// How long they think before they answer an idle connection.
    pub latency: Duration,
    /// When each leaves, one after the other from here on with this pause.
    pub leave: Option<(Duration, Duration)>,
}

/// A web server with the film.
#[derive(Debug, Clone, PartialEq)]
pub struct Web {
    /// Its line.
    pub line: Line,
    /// Whether its bytes are wrong.
    pub lies: bool,
    /// Every so many fetches fail.
    pub fails_every: Option<u32>,
}

impl Scenario {
    /// Lets the evening pass.
    #[must_use]
    pub fn run(&self) -> Report {
        let mut world = self.build();
        let all_done = |world: &World| {
            world.nodes.iter().all(|node| match &node.kind {
                Kind::Ours(ours) => {
                    let watched = ours.player.as_ref().is_none_or(Player::is_done);
                    let fetched = !ours.wants_all || ours.finished.is_some();
                    ours.complete || ours.left.is_some() || (watched && fetched)
                }
                Kind::Fake(_) | Kind::Web(_) => true,
            })
        };
        world.run(Time(0) + self.horizon, all_done);
        Report::of(self, world)
    }

    /// Lets it pass until the first of those who fetch has everything.
    pub(crate) fn run_until_somebody_has_all(&self) -> Report {
        let mut world = self.build();
        world.run(Time(0) + self.horizon, |world: &World| {
            world.nodes.iter().any(
                |node| matches!(&node.kind, Kind::Ours(ours) if ours.wants_all && ours.finished.is_some()),
            )
        });
        Report::of(self, world)
    }

    fn build(&self) -> World {
        let content =
            Arc::new(Content::new(self.seed, self.version, self.content_len, self.piece_len));
        let mut world = World::new(self.seed, Arc::clone(&content), self.tracker_peers);
        let mut random = Random::new(self.seed ^ 0x5eed);
        let mut web_seeds = Vec::new();
        for web in &self.web_seeds {
            let server = WebServer { lies: web.lies, fails_every: web.fails_every, fetches: 0 };
            let node = world.add(Kind::Web(server), web.line, Time(0), None);
            web_seeds.push(web_url(world.nodes[node].addr));
        }
        for crowd in &self.crowds {
            for at in 0..crowd.count {
                let seed = random.next();
                let fake = Fake::new(
                    Arc::clone(&content),
                    crowd.behaviour,
                    crowd.has,
                    crowd.latency,
                    seed,
                );
                let leaves = crowd.leave.map(|(first, pause)| Time(0) + first + pause * at as u32);
                world.add(Kind::Fake(Box::new(fake)), crowd.line, Time(0), leaves);
            }
        }
        for viewers in &self.viewers {
            for at in 0..viewers.count {
                let part = at as f64 / viewers.count as f64;
                let joins = Time(0) + viewers.joins + viewers.join_over.mul_f64(part);
                self.join(&mut world, viewers, joins, &web_seeds, random.next());
            }
        }
        world
    }

    fn join(
        &self,
        world: &mut World,
        viewers: &Viewers,
        joins: Time,
        web_seeds: &[String],
        seed: u64,
    ) {
        let content = Arc::clone(&world.content);
        let mut config = config(seed, viewers.line, self.connections);
        config.limits.active_max = viewers.metered.then_some(0);
        let engine = Engine::with_order(config.clone(), viewers.order);
        let mut ours = Ours::new(engine, Arc::clone(&content), joins);
        ours.complete = viewers.seed;
        ours.lacks_first = viewers.lacks_first;
        ours.wants_all = viewers.want == Want::All;
        if viewers.watch {
            let len = content.geometry().content_len();
            ours.player = Some(Player::new(joins, len, self.media_rate, viewers.script.clone()));
            ours.in_order = Some(Player::new(joins, len, self.media_rate, Vec::new()));
        }
        if self.record && world.nodes.iter().all(|node| !matches!(node.kind, Kind::Ours(_))) {
            ours.recording = Some(Recording::new(config));
        }
        let opens = if viewers.watch { ours.open(0) } else { Vec::new() };
        let node = world.add(Kind::Ours(Box::new(ours)), viewers.line, joins, None);
        if let Stay::UntilComplete(least) = viewers.stay {
            world.may_leave(joins + least, node);
        }
        let add = AddTorrent {
            torrent: TORRENT,
            hashes: content.metainfo.info.hashes(),
            metainfo: (!self.magnet || viewers.seed).then(|| Arc::clone(&content.metainfo)),
            trackers: vec![vec!["http://tracker/announce".to_owned()]],
            web_seeds: web_seeds.to_vec(),
            peers: Vec::new(),
            want: viewers.want.clone(),
            recheck: false,
        };
        world.feed_at(joins, node, Input::Add(Box::new(add)));
        if self.tells_rate {
            world.feed_at(joins, node, Input::MediaRate(TORRENT, self.media_rate));
        }
        for input in opens {
            world.feed_at(joins, node, input);
        }
    }
}

/// How every engine of the simulator is set up.
fn config(seed: u64, line: Line, connections: usize) -> Config {
    Config {
        seed,
        secret: Secret([7; 32]),
        // What the evenings ask of the scheduler does not depend on it, and they would take longer.
        encryption: Encryption::Off,
        client: *b"-KN0100-",
        client_name: "Kinora sim".to_owned(),
        listen_port: 6881,
        exchange_peers: true,
        dht_port: 0,
        punch: false,
        use_trackers: true,
        connections_max: 200,
        connections_per_torrent_max: connections,
        dials_max: 30,
        handshake_patience: Duration::from_secs(10),
        limits: Limits { up_rate_max: Some(line.up as u64), ..Limits::NONE },
    }
}
