//! A week without the publisher: nodes of the DHT come and go, followers come and go and put the channel's items again by
//! their timetable. Do those who ask for the channel meanwhile find it? Virtual time, real nodes, seeds printed; in large
//! networks the nodes that belong to nobody here are a [crowd](crowd).
//!
//! `make week` runs 10,000 nodes, 100 followers and a week; `make week ARGS='NODES=1000 FOLLOWERS=20 HOURS=48'` another one,
//! `KEEPS_MINUTES=40` one whose nodes forget sooner, and `KEEPS_MINUTES=0` one of nodes of all kinds.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::print_stdout, reason = "the figures of a run")]

#[path = "../../../dht/tests/network/world.rs"]
#[allow(dead_code, reason = "the tests of `dht` use the rest")]
mod world;

mod bars;
mod crowd;
mod learning;

use std::{cell::RefCell, rc::Rc, time::Duration};

use catalogue::channel::{Head, Key, Root, next_root, public, wanted_head, wanted_root};
use channels::{Keeping, Task};
use dht::{Item, LookupId, LookupStats, MutableItem, SigningKey, Wanted};
use torrent::{InfoHashes, Sha256Hash};

use crowd::{Lives, Town};
use learning::Learning;
use world::{Place, World};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// How finely followers are looked after.
const STEP: Duration = Duration::from_secs(10);
/// How often somebody new asks for the channel.
const ASK_EVERY: Duration = Duration::from_secs(600);
/// Copies that a put aims at.
const COPIES: usize = 20;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
struct Plan {
    nodes: usize,
    followers: usize,
    /// How long a follower is online and away, in the middle; nobody goes away if that is nothing.
    online: Duration,
    away: Duration,
    dht: Network,
    lasts: Duration,
    seed: u64,
}

/// The DHT in which a channel lives.
#[derive(Debug, Clone, Copy)]
enum Network {
    /// All nodes are simulated as a whole; so long they live, in the middle.
    Whole(Duration),
    /// Only those of followers and askers are; the others are a crowd.
    Crowd(Lives),
}

/// Nodes that keep to BEP 44, that forget sooner, that keep items for a month, and all of them among each other.
const TWO_HOURS: &[Duration] = &[HOUR.saturating_mul(2)];
const FORTY_MINUTES: &[Duration] = &[MINUTE.saturating_mul(40)];
const A_MONTH: &[Duration] = &[HOUR.saturating_mul(720)];
const OF_ALL_KINDS: &[Duration] = &[FORTY_MINUTES[0], TWO_HOURS[0], A_MONTH[0]];

/// The items of a channel.
struct Channel {
    key: Key,
    signer: Key,
    items: [MutableItem; 2],
}

fn channel() -> Channel {
    channel_of(0)
}

/// One of many.
fn channel_of(number: u8) -> Channel {
    let signing = |seed: u8| {
        let mut secret = [seed; 32];
        secret[0] = number;
        SigningKey::from_bytes(&secret)
    };
    let (key, signer) = (public(&signing(1)), public(&signing(2)));
    let (issued_ms, expires_ms) = (1_790_000_000_000, 1_800_000_000_000);
    let root = Root {
        version: 1,
        document: [5; 32],
        next: next_root(&public(&signing(3))),
        online: vec![signer],
        issued_ms,
        expires_ms,
        unlisted: false,
    };
    let head = Head {
        torrent: InfoHashes::V2(Sha256Hash([1; 32])),
        manifest: [4; 32],
        version: 1,
        root_version: 1,
        issued_ms,
        expires_ms,
    };
    let items = [root.sign(&signing(1), 0).unwrap(), head.sign(&signing(2), &key, None).unwrap()];
    Channel { key, signer, items }
}

impl Channel {
    fn wanted(&self) -> [Wanted; 2] {
        [wanted_root(&self.key, 0, None), wanted_head(&self.key, &self.signer, None)]
    }

    /// What whoever follows asks for: the slot after the root's as well.
    fn questions(&self) -> [Wanted; 3] {
        let [root, head] = self.wanted();
        [root, wanted_root(&self.key, 1, None), head]
    }
}

/// A household that follows the channel.
struct Follower {
    /// Its node, and the timetable of this run; nothing while it is away.
    run: Option<(Place, Keeping)>,
    came: Duration,
    /// When it comes or goes.
    turns: Duration,
    /// The items that are being put.
    putting: Option<[LookupId; 2]>,
    /// When it put them last, in any run.
    put: Option<Duration>,
    learning: Learning,
}

/// Somebody new who asks for the channel.
struct Asker {
    place: Place,
    /// When it knows enough nodes to ask.
    ready: Duration,
    lookups: Option<[LookupId; 2]>,
    /// Whether it came to ask and goes again.
    is_visitor: bool,
}

struct Week {
    plan: Plan,
    world: World,
    crowd: Option<Rc<RefCell<Town>>>,
    channel: Channel,
    followers: Vec<Follower>,
    began: dht::Time,
    puts: usize,
    asked: usize,
    found: usize,
    /// The longest time in which nobody found it.
    gap: Duration,
    last_found: Duration,
    asking: Vec<Asker>,
    /// Bytes of followers that are away again, both ways, and the time they were online.
    traffic: u64,
    online: Duration,
    /// Packets that keep the channel, and those by which is learnt how long nodes remember, in the second half.
    packets: usize,
    learning: usize,
    online_late: Duration,
}

impl Week {
    /// The publisher puts its items and is never seen again.
    fn begin(plan: Plan) -> Self {
        let (mut world, crowd) = match plan.dht {
            Network::Whole(_) => (World::grown(plan.nodes, plan.seed), None),
            Network::Crowd(lives) => {
                let town = Town::new(plan.nodes, lives, plan.seed);
                let (now, town) = (town.now, Rc::new(RefCell::new(town)));
                (World::among(town.clone(), now, plan.seed), Some(town))
            }
        };
        let channel = channel();
        let publisher = world.join_alive();
        world.run(MINUTE);
        let puts = channel.items.clone();
        let puts = puts.map(|item| world.put_copies(publisher, Item::Mutable(item), None, COPIES));
        world.finish(&puts);
        world.kill(publisher);
        let began = world.now;
        let followers = (0..plan.followers).map(|_| Follower {
            run: None,
            came: Duration::ZERO,
            turns: Duration::ZERO,
            putting: None,
            put: None,
            learning: Learning::default(),
        });
        let followers = followers.collect();
        Self {
            plan,
            world,
            crowd,
            channel,
            followers,
            began,
            puts: 0,
            asked: 0,
            found: 0,
            gap: Duration::ZERO,
            last_found: Duration::ZERO,
            asking: vec![],
            traffic: 0,
            online: Duration::ZERO,
            packets: 0,
            learning: 0,
            online_late: Duration::ZERO,
        }
    }

    fn now(&self) -> Duration {
        self.world.now.since(self.began)
    }

    fn run(mut self) -> Self {
        let mut next_ask = ASK_EVERY;
        let mut born = 0.0;
        while self.now() < self.plan.lasts {
            self.world.run(STEP);
            if let Network::Whole(life) = self.plan.dht {
                born += self.plan.nodes as f64 * STEP.as_secs_f64() / life.as_secs_f64();
            }
            while born >= 1.0 {
                born -= 1.0;
                self.replace_a_node();
            }
            for number in 0..self.followers.len() {
                self.turn(number);
                self.keep(number);
                self.learn(number);
            }
            self.hear();
            if self.now() >= next_ask {
                next_ask += ASK_EVERY;
                self.ask();
            }
        }
        self.gap = self.gap.max(self.now() - self.last_found);
        for number in 0..self.followers.len() {
            self.leave(number);
        }
        self
    }

    /// A follower goes away.
    fn leave(&mut self, number: usize) {
        let Some((place, _)) = self.followers[number].run.take() else { return };
        self.traffic += self.world.traffic(place);
        let (came, now) = (self.followers[number].came, self.now());
        self.online += now - came;
        self.online_late += now.saturating_sub(came.max(self.plan.lasts / 2));
        self.world.kill(place);
    }

    /// A node goes for ever, another one comes. Followers have their own times.
    fn replace_a_node(&mut self) {
        let place = self.world.alive();
        if !self.followers.iter().any(|one| one.run.is_some_and(|(own, _)| own == place)) {
            self.world.kill(place);
            self.world.join_alive();
        }
    }

    /// Half to one and a half times as long.
    fn about(&mut self, span: Duration) -> Duration {
        span / 2 + span * u32::try_from(self.world.chance.below(1000)).unwrap() / 1000
    }

    /// A household comes or goes when its time has come.
    fn turn(&mut self, number: usize) {
        let now = self.now();
        if now < self.followers[number].turns {
            return;
        }
        let (online, away) = (self.plan.online, self.plan.away);
        if self.followers[number].run.is_some() && !away.is_zero() {
            self.leave(number);
            self.followers[number].turns = now + self.about(away);
            self.followers[number].putting = None;
            return;
        }
        // At the beginning some are away.
        let span = if now <= STEP { online + away } else { online };
        let turns = now + self.about(span);
        let follower = &mut self.followers[number];
        follower.turns = turns;
        if follower.run.is_none() {
            let place = self.world.join_alive();
            let chance = self.world.chance.below(usize::MAX) as u64;
            let follower = &mut self.followers[number];
            follower.learning.resume(now, chance);
            follower.run = Some((place, Keeping::start(now, follower.put, chance)));
            self.followers[number].came = now;
        }
    }

    /// What a follower's timetable asks for.
    fn keep(&mut self, number: usize) {
        let now = self.now();
        let follower = &mut self.followers[number];
        let Some((place, mut keeping)) = follower.run else { return };
        if let Some(lookups) = follower.putting {
            let Some(stats) = done(&self.world, &lookups) else { return };
            follower.putting = None;
            let fewest = |of: fn(&LookupStats) -> usize| stats.iter().map(of).min().unwrap_or(0);
            if fewest(|stats| stats.stored.max(stats.copies)) > 0 {
                let chance = self.world.chance.below(usize::MAX) as u64;
                keeping.put(now, fewest(|stats| stats.copies), chance);
                follower.put = Some(now);
                self.puts += 1;
            } else {
                keeping.failed(now);
            }
            self.packets += self.counted(&stats);
        } else {
            match keeping.next(follower.learning.span()) {
                (due, Task::Poll) if due <= now => keeping.polled(now, false),
                (due, Task::Put) if due <= now => {
                    let items = self.channel.items.clone().map(Item::Mutable);
                    let put = |item| self.world.put_copies(place, item, None, COPIES);
                    follower.putting = Some(items.map(put));
                }
                _ => {}
            }
        }
        self.followers[number].run = Some((place, keeping));
    }

    /// What learning how long nodes remember asks for.
    fn learn(&mut self, number: usize) {
        let now = self.now();
        let Some((place, _)) = self.followers[number].run else { return };
        let stats = self.followers[number].learning.turn(&mut self.world, place, now);
        self.learning += stats.map_or(0, |stats| self.counted(&[stats]));
    }

    /// The packets of lookups in the second half; before, things are learnt.
    fn counted(&self, all: &[LookupStats]) -> usize {
        let is_late = self.now() >= self.plan.lasts / 2;
        all.iter().filter(|_| is_late).map(|stats| stats.queries + stats.stored).sum()
    }

    /// Somebody asks for the channel: a node that was there, or in a crowd one that just came.
    fn ask(&mut self) {
        let is_visitor = self.crowd.is_some();
        let place = if is_visitor { self.world.join_alive() } else { self.world.alive() };
        let ready = self.now() + if is_visitor { MINUTE } else { Duration::ZERO };
        self.asking.push(Asker { place, ready, lookups: None, is_visitor });
    }

    /// Counts the answers that came. An asker that went away meanwhile did not ask.
    fn hear(&mut self) {
        let now = self.now();
        for mut asker in std::mem::take(&mut self.asking) {
            if asker.lookups.is_none() && asker.ready <= now && self.world.is_alive(asker.place) {
                let wanted = self.channel.wanted();
                asker.lookups = Some(wanted.map(|what| self.world.get(asker.place, what)));
            }
            let is_done = |one: &LookupId| self.world.found(*one).done.is_some();
            let Some(lookups) = asker.lookups.filter(|all| all.iter().all(is_done)) else {
                self.asking.push(asker);
                continue;
            };
            self.asked += 1;
            if self.asked.is_multiple_of(144) {
                println!(
                    "{:.0} h: found {} times of {}",
                    now.as_secs_f64() / 3600.0,
                    self.found,
                    self.asked
                );
            }
            if lookups.iter().all(|one| !self.world.found(*one).items.is_empty()) {
                self.found += 1;
                self.gap = self.gap.max(now - self.last_found);
                self.last_found = now;
            }
            if asker.is_visitor {
                self.world.kill(asker.place);
            }
        }
        // What takes longer belongs to a node that is gone.
        let live = self.asking.len().saturating_sub(20);
        self.asking.drain(..live);
    }

    /// Packets for each follower in twelve hours online: to keep the channel, and to learn.
    fn packets(&self) -> [f64; 2] {
        let spans = (self.online_late.as_secs_f64() / 43200.0).max(1e-9);
        [self.packets, self.learning].map(|packets| packets as f64 / spans)
    }

    fn say(&self, name: &str) -> f64 {
        let availability = self.found as f64 / self.asked.max(1) as f64;
        println!(
            "{name}: {:?}: found {} of {} times ({:.2} %), longest gap {} min, found last after {:.1} h, {} puts, {} \
             datagrams",
            self.plan,
            self.found,
            self.asked,
            availability * 100.0,
            self.gap.as_secs() / 60,
            self.last_found.as_secs_f64() / 3600.0,
            self.puts,
            self.world.sent,
        );
        let online = self.online.as_secs_f64() / 86400.0;
        println!(
            "{name}: {:.1} puts and {:.1} MB for each follower and day online; nodes that died: {}",
            self.puts as f64 / online.max(1e-9),
            self.traffic as f64 / 1e6 / online.max(1e-9),
            self.replaced(),
        );
        let [packets, learning] = self.packets();
        println!(
            "{name}: {packets:.0} packets for each follower in 12 h online in the second half, and {learning:.0} to learn how \
             long nodes remember"
        );
        availability
    }

    /// How many nodes of a crowd died.
    fn replaced(&self) -> usize {
        self.crowd.as_ref().map_or(0, |town| town.borrow().died)
    }
}

/// A small one, for every run of the tests.
const SMALL: Plan = Plan {
    nodes: 40,
    followers: 6,
    online: HOUR.saturating_mul(2),
    away: HOUR.saturating_mul(2),
    dht: Network::Whole(HOUR.saturating_mul(20)),
    lasts: HOUR.saturating_mul(9),
    seed: 20_261_121,
};

#[test]
fn a_channel_is_found_while_its_followers_come_and_go_and_its_publisher_is_gone() {
    let week = Week::begin(SMALL).run();
    assert!(week.asked >= 40, "{}", week.asked);
    assert!(week.say("small") >= 0.9);
}

#[test]
fn one_follower_that_stays_is_enough_and_without_any_the_channel_is_forgotten() {
    let always = Plan { followers: 1, away: Duration::ZERO, ..SMALL };
    let one = Week::begin(always).run();
    assert!(one.say("one follower") >= 0.85);
    let none = Week::begin(Plan { followers: 0, ..SMALL }).run();
    assert!(none.say("nobody") < 0.4, "nodes forget after two hours");
}

/// Half of the nodes live for less than two hours.
const BRIEF: Lives = Lives { median: HOUR.saturating_mul(2), keeps: TWO_HOURS };

/// The same with a crowd of several hundreds.
const AMONG: Plan =
    Plan { nodes: 300, dht: Network::Crowd(BRIEF), lasts: HOUR.saturating_mul(6), ..SMALL };

#[test]
fn among_many_nodes_that_come_and_go_a_channel_is_found_as_well_and_is_not_without_followers() {
    let week = Week::begin(AMONG).run();
    assert_eq!(week.crowd.as_ref().unwrap().borrow().count(), AMONG.nodes);
    assert!(week.replaced() > AMONG.nodes / 2, "{}", week.replaced());
    assert!(week.asked >= 30, "{}", week.asked);
    assert!(week.say("among many") >= 0.8);
    let none = Week::begin(Plan { followers: 0, ..AMONG }).run();
    assert!(none.say("nobody among many") < 0.5, "nodes forget after two hours");
}

/// Households whose machines are always on, two days among some hundreds of nodes.
const ALWAYS: Plan =
    Plan { followers: 3, away: Duration::ZERO, lasts: HOUR.saturating_mul(72), ..AMONG };

/// How often it was found, and the packets of each follower in twelve hours.
fn kept_among(name: &str, plan: Plan, median: Duration, keeps: &'static [Duration]) -> (f64, f64) {
    let week = Week::begin(Plan { dht: Network::Crowd(Lives { median, keeps }), ..plan }).run();
    (week.say(name), week.packets().iter().sum())
}

#[test]
fn among_nodes_that_remember_a_channel_is_kept_with_sixty_packets_in_twelve_hours() {
    let (found, packets) = kept_among("remember", ALWAYS, 48 * HOUR, A_MONTH);
    assert!(found >= 0.99 && packets <= 60.0, "{found} {packets}");
}

#[test]
fn among_nodes_that_forget_within_two_hours_it_is_put_no_more_often_than_that() {
    let one = Plan { followers: 1, ..ALWAYS };
    let (found, packets) = kept_among("two hours", one, 48 * HOUR, TWO_HOURS);
    assert!(found >= 0.97 && packets <= 700.0, "{found} {packets}");
}

#[test]
fn among_nodes_that_forget_within_forty_minutes_and_of_all_kinds_it_is_found_as_well() {
    let one = Plan { followers: 1, ..ALWAYS };
    for (name, keeps) in [("forty minutes", FORTY_MINUTES), ("all kinds", OF_ALL_KINDS)] {
        let (found, packets) = kept_among(name, one, 48 * HOUR, keeps);
        assert!(found >= 0.97 && packets <= 2200.0, "{name}: {found} {packets}");
    }
}

#[test]
#[ignore = "some minutes: 10,000 nodes, 100 followers and a week unless the environment says otherwise"]
fn a_week_of_many_nodes_and_a_hundred_followers() {
    let count = |name, usual| usize::try_from(named(name, usual)).unwrap();
    let (nodes, followers) = (count("NODES", 10_000), count("FOLLOWERS", 100));
    let (online, away) = (HOUR * 4, HOUR * 8);
    let lasts = HOUR * named("HOURS", 24 * 7);
    let keeps = match named("KEEPS_MINUTES", 120) {
        0 => OF_ALL_KINDS,
        minutes => Vec::leak(vec![MINUTE * minutes]),
    };
    let dht = Network::Crowd(Lives { median: MINUTE * named("MEDIAN_MINUTES", 120), keeps });
    let plan = Plan { nodes, followers, online, away, lasts, dht, ..SMALL };
    assert!(Week::begin(plan).run().say("week") >= 0.95);
}

#[test]
#[ignore = "some minutes: fifty runs unless the environment says otherwise"]
fn with_one_visitor_left_and_all_nodes_replaced_three_times_a_new_one_finds_the_channel() {
    let (runs, nodes) = (named("RUNS", 50), named("NODES", 10_000));
    let nodes = usize::try_from(nodes).unwrap();
    let mut survived = 0;
    for run in 0..runs {
        let dht = Network::Crowd(BRIEF);
        let (followers, away, seed) = (1, Duration::ZERO, SMALL.seed + u64::from(run));
        // Three lives of the mean length, which is four medians and a little more.
        let lasts = HOUR * 26;
        let plan = Plan { nodes, followers, away, lasts, dht, seed, ..SMALL };
        let week = Week::begin(plan).run();
        week.say("one visitor");
        assert!(week.replaced() >= 3 * nodes, "{} died", week.replaced());
        let at_the_end = week.plan.lasts - week.last_found <= 2 * ASK_EVERY;
        survived += u32::from(at_the_end);
    }
    println!("L1: {survived} of {runs}");
    assert_eq!(survived, runs);
}

/// How lookups went, once all are done.
fn done(world: &World, lookups: &[LookupId; 2]) -> Option<[LookupStats; 2]> {
    let [one, other] = lookups.map(|one| world.found(one).done.map(|(_, stats)| stats));
    Some([one?, other?])
}

/// A number that the environment names.
fn named(name: &str, usual: u32) -> u32 {
    std::env::var(name).map_or(usual, |number| number.parse().expect("a number"))
}
