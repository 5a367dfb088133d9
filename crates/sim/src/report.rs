//! What an evening was like: one line of a table, and what tests look at.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    time::Duration,
};

use engine::{HangUpWhy, News, Time};

use crate::{
    player::Seen,
    recording::Recording,
    scenario::Scenario,
    world::{Kind, World},
};

/// One who came to fetch everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// When they came.
    pub joined: Duration,
    /// How long they stayed, or until the evening was over.
    pub stayed: Duration,
    /// How long it took until they had everything.
    pub fetched: Option<Duration>,
    /// What they saw, if they watched.
    pub seen: Option<Seen>,
    /// What they would have seen had the same bytes come at the same times in order.
    pub in_order: Option<Seen>,
}

/// Who sent wrong blocks, and who was blamed for it.
#[derive(Debug, Default)]
struct Blame {
    /// How many wrong blocks were stored of each.
    taken: BTreeMap<SocketAddr, u32>,
    named: BTreeSet<SocketAddr>,
    banned: BTreeSet<SocketAddr>,
}

/// The outcome of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The scenario's name.
    pub name: &'static str,
    /// Its seed: the same seed gives the same report.
    pub seed: u64,
    /// What each viewer went through.
    pub viewers: Vec<Seen>,
    /// Those who came, in turn.
    pub members: Vec<Member>,
    /// When each node that fetches everything had it, counted from when it came.
    pub fetched: Vec<Option<Duration>>,
    /// Payload bytes that came to our nodes.
    pub downloaded: u64,
    /// Payload bytes that our nodes gave.
    pub uploaded: u64,
    /// Payload bytes that came twice.
    pub wasted: u64,
    /// Payload bytes that were thrown away because they, or what they came with, were wrong.
    pub wrong: u64,
    /// Wrong bytes that liars sent: no less can be thrown away.
    pub lies: u64,
    /// Questions about hashes that peers who are not ours were asked: each may cost them a piece that they read and
    /// hash once more.
    pub hash_requests: u64,
    /// Bytes that left our nodes, of those that could have while they were there.
    pub upload_use: f64,
    /// Useful bytes that came, of those that lines could have carried up while their owners were there.
    pub useful_use: f64,
    /// The capacity bound: bytes wanted by the bytes that all lines carry up, in seconds.
    pub bound_s: f64,
    /// Bytes that the first seeds gave, in copies of the content.
    pub seed_copies: f64,
    /// Ranges given to readers that were not right on disk: must be 0.
    pub wrong_verified: u32,
    /// Liars that got to send a wrong block.
    pub liars_heard: usize,
    /// Those of them a wrong block of whom was stored: others' came too late to be looked at.
    pub liars_taken: usize,
    /// Of those, the ones to whom no wrong block was traced, or not the second one: must be 0.
    pub liars_missed: usize,
    /// Of those, the ones whose only wrong block was traced to them and forgiven.
    pub liars_forgiven: usize,
    /// Liars that were banned.
    pub liars_found: usize,
    /// Peers that sent nothing wrong and were blamed for a wrong block, or banned: must be 0.
    pub honest_blamed: usize,
    /// Honest peers that were banned: must be 0.
    pub honest_banned: usize,
    /// Peers that were snubbed.
    pub snubbed: usize,
    /// Bugs the engines told of: must be 0.
    pub bugs: usize,
    /// Why connections were ended by our nodes.
    pub hang_ups: Vec<(HangUpWhy, u32)>,
    /// The first viewer's engine, if it was recorded.
    pub recording: Option<Recording>,
    /// How long the evening was.
    pub lasted: Duration,
    /// Whether everybody saw or fetched everything before it was over.
    pub all_done: bool,
}

impl Report {
    pub(crate) fn of(scenario: &Scenario, world: World) -> Self {
        let mut report = Self::empty(scenario, world.now);
        report.hash_requests = world.hash_requests();
        let liars: BTreeSet<_> = world
            .nodes
            .iter()
            .filter(|node| match &node.kind {
                Kind::Fake(fake) => fake.behaviour.lies(),
                Kind::Web(web) => web.lies,
                Kind::Ours(_) => false,
            })
            .map(|node| node.addr)
            .collect();
        let (mut sent, mut could) = (0.0, 0.0);
        let mut blame = Blame::default();
        let mut useful = 0;
        for node in world.nodes {
            let mut ours = match node.kind {
                Kind::Ours(ours) => ours,
                Kind::Fake(fake) => {
                    report.lies += fake.lies;
                    report.liars_heard += usize::from(fake.lies > 0);
                    continue;
                }
                Kind::Web(_) => continue,
            };
            let stats = ours.stats(world.now);
            sent += node.usage.sent as f64;
            let gone = ours.left.unwrap_or(world.now);
            ours.settle_player(gone);
            could += node.usage.line.up * gone.since(ours.joined).as_secs_f64();
            useful += stats.downloaded - stats.wasted;
            if ours.complete {
                report.seed_copies += stats.uploaded as f64 / scenario.content_len as f64;
            }
            report.downloaded += stats.downloaded;
            report.uploaded += stats.uploaded;
            report.wasted += stats.wasted - stats.wrong;
            report.wrong += stats.wrong;
            report.wrong_verified += ours.wrong_verified;
            for (addr, count) in &ours.lies.senders {
                *blame.taken.entry(*addr).or_default() += count;
            }
            for news in &ours.news {
                match news {
                    News::PeerErred(_, addr) => {
                        blame.named.insert(*addr);
                    }
                    News::PeerLied(_, addr) => {
                        blame.named.insert(*addr);
                        blame.banned.insert(*addr);
                    }
                    News::PeerSnubbed(..) => report.snubbed += 1,
                    News::Bug(_) => report.bugs += 1,
                    _ => (),
                }
            }
            report.hang_ups.extend(ours.hang_ups.iter().map(|(why, count)| (*why, *count)));
            let fetches = ours.wants_all && !ours.complete;
            if fetches {
                report.fetched.push(ours.finished.map(|at| at.since(ours.joined)));
                report.all_done &= ours.finished.is_some();
                report.members.push(Member {
                    joined: ours.joined.since(Time(0)),
                    stayed: gone.since(ours.joined),
                    fetched: ours.finished.map(|at| at.since(ours.joined)),
                    seen: ours.player.as_ref().map(|player| player.seen.clone()),
                    in_order: ours.in_order.as_ref().map(|player| player.seen.clone()),
                });
            }
            if let Some(player) = ours.player {
                report.all_done &= player.seen.ended;
                report.viewers.push(player.seen);
            }
            report.recording = report.recording.or(ours.recording);
        }
        report.blame(&blame, &liars);
        report.upload_use = sent / could.max(1.0);
        report.useful_use = useful as f64 / could.max(1.0);
        report.bound_s = bound_s(scenario);
        report
    }

    fn blame(&mut self, blame: &Blame, liars: &BTreeSet<SocketAddr>) {
        let lied = || blame.taken.iter().filter(|(addr, _)| liars.contains(addr));
        let loose = || lied().filter(|(addr, _)| !blame.banned.contains(addr));
        let forgiven = |(addr, count): &(_, &u32)| **count == 1 && blame.named.contains(*addr);
        self.liars_taken = lied().count();
        self.liars_forgiven = loose().filter(forgiven).count();
        self.liars_missed = loose().count() - self.liars_forgiven;
        self.liars_found = blame.banned.intersection(liars).count();
        self.honest_banned = blame.banned.difference(liars).count();
        // Who lied about metadata alone sent no wrong block, and a damaged line is no lie.
        let guilty: BTreeSet<_> = blame.taken.keys().chain(liars).copied().collect();
        self.honest_blamed = blame.named.difference(&guilty).count();
    }

    fn empty(scenario: &Scenario, now: Time) -> Self {
        Self {
            name: scenario.name,
            seed: scenario.seed,
            viewers: Vec::new(),
            members: Vec::new(),
            useful_use: 0.0,
            bound_s: 0.0,
            seed_copies: 0.0,
            fetched: Vec::new(),
            downloaded: 0,
            uploaded: 0,
            wasted: 0,
            wrong: 0,
            lies: 0,
            hash_requests: 0,
            upload_use: 0.0,
            wrong_verified: 0,
            liars_heard: 0,
            liars_taken: 0,
            liars_missed: 0,
            liars_forgiven: 0,
            honest_blamed: 0,
            liars_found: 0,
            honest_banned: 0,
            snubbed: 0,
            bugs: 0,
            hang_ups: Vec::new(),
            recording: None,
            lasted: now.since(Time(0)),
            all_done: true,
        }
    }

    /// The delay that this share of the viewers did not exceed until the first frame.
    #[must_use]
    pub fn start(&self, share: f64) -> Option<Duration> {
        quantile(self.viewers.iter().map(|seen| seen.start).collect(), share)
    }

    /// The delay that this share of the seeks did not exceed.
    #[must_use]
    pub fn seek(&self, share: f64) -> Option<Duration> {
        let all = self.viewers.iter().flat_map(|seen| &seen.seeks);
        quantile(all.map(|seek| Some(*seek)).collect(), share)
    }

    /// When this share of those who fetch everything had it.
    #[must_use]
    pub fn fetch(&self, share: f64) -> Option<Duration> {
        quantile(self.fetched.clone(), share)
    }

    /// How often pictures stood still, over all viewers.
    #[must_use]
    pub fn stalls(&self) -> u32 {
        self.viewers.iter().map(|seen| seen.stalls).sum()
    }

    /// Share of received bytes that came twice.
    #[must_use]
    pub fn waste(&self) -> f64 {
        self.wasted as f64 / self.downloaded.max(1) as f64
    }

    /// Questions about hashes for each MiB that came.
    #[must_use]
    pub fn hash_requests_per_mib(&self) -> f64 {
        self.hash_requests as f64 * f64::from(1 << 20) / self.downloaded.max(1) as f64
    }

    /// What was thrown away and how much of that was lies, for the table.
    fn thrown_away(&self) -> String {
        let share = |bytes: u64| 100.0 * bytes as f64 / self.downloaded.max(1) as f64;
        match self.wrong {
            0 => "–".to_owned(),
            wrong => format!("{:.1} % ({:.1} %)", share(wrong), share(self.lies)),
        }
    }

    /// The head of the table that reports are lines of.
    pub const TABLE_HEAD: &'static str = "| scenario | seed | start p50 / p95 s | seek p50 / p95 s | stalls | stalled s | fetched p50 / p95 s | wasted | thrown away (lies) | upload use | liars found |\n|---|---|---|---|---|---|---|---|---|---|---|";
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let two = |one: Option<Duration>, two: Option<Duration>| match (one, two) {
            (Some(one), Some(two)) => {
                format!("{:.2} / {:.2}", one.as_secs_f64(), two.as_secs_f64())
            }
            _ => "–".to_owned(),
        };
        let stalled: Duration = self.viewers.iter().map(|seen| seen.stalled).sum();
        let stalled = stalled.as_secs_f64();
        write!(
            f,
            "| {} | {} | {} | {} | {} | {stalled:.1} | {} | {:.1} % | {} | {:.2} | {} |",
            self.name,
            self.seed,
            two(self.start(0.5), self.start(0.95)),
            two(self.seek(0.5), self.seek(0.95)),
            self.stalls(),
            two(self.fetch(0.5), self.fetch(0.95)),
            100.0 * self.waste(),
            self.thrown_away(),
            self.upload_use,
            self.liars_found,
        )
    }
}

/// `None` where it never came to that counts as longest.
fn quantile(mut all: Vec<Option<Duration>>, share: f64) -> Option<Duration> {
    all.sort_by_key(|one| one.unwrap_or(Duration::MAX));
    let at = ((all.len() as f64 - 1.0) * share).round() as usize;
    all.get(at).copied().flatten()
}

/// Bytes wanted by the bytes per second that all lines carry up together.
fn bound_s(scenario: &Scenario) -> f64 {
    let lines: f64 = scenario.viewers.iter().map(|some| some.count as f64 * some.line.up).sum();
    let wanted: usize =
        scenario.viewers.iter().filter(|some| !some.seed).map(|some| some.count).sum();
    wanted as f64 * scenario.content_len as f64 / lines.max(1.0)
}
