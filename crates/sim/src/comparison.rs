//! The public scenarios as a table: the same swarm under each order, the mean over several seeds.

use std::{fmt, time::Duration};

use engine::Order;

use crate::{
    player::Seen,
    public::{Public, Scale},
    report::{Member, Report},
};

/// The orders that are compared, and what they are called.
pub const ORDERS: [(Order, &str); 5] = [
    (Order::RarestFirst, "rarest first"),
    (Order::Kinora, "**Kinora**"),
    (Order::WindowedRarestFirst, "windowed rarest first"),
    (Order::InOrder, "in order"),
    (Order::EarliestDeadline, "earliest deadline"),
];

/// What is measured of one run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measures {
    pub(crate) start_p50: f64,
    pub(crate) start_p95: f64,
    pub(crate) never_stalled: f64,
    pub(crate) rebuffer: f64,
    /// What it would have been had the same bytes come at the same times in order: no order of pieces could have
    /// avoided that.
    pub(crate) unavoidable: f64,
    pub(crate) fetched: f64,
    pub(crate) bystanders: f64,
    pub(crate) upload_use: f64,
    pub(crate) wasted: f64,
    pub(crate) fairness: f64,
    pub(crate) seed_copies: f64,
}

/// One line of the table: an order in a scenario, over several seeds.
#[derive(Debug)]
pub struct Row {
    scenario: &'static str,
    order: &'static str,
    runs: Vec<Measures>,
    /// The same swarm, seed by seed, under rarest first.
    rarest_first: Vec<Measures>,
    bound_s: f64,
}

/// Runs a scenario under the first so many orders with each seed; tells each line as soon as it is known.
pub fn compare(
    public: Public,
    scale: Scale,
    seeds: u64,
    orders: usize,
    mut tell: impl FnMut(&Row),
) {
    let mut rarest_first = Vec::new();
    for (order, name) in ORDERS.into_iter().take(orders) {
        let (runs, bound_s) = measure_all(public, scale, seeds, order);
        if order == Order::RarestFirst {
            rarest_first.clone_from(&runs);
        }
        let rarest_first = rarest_first.clone();
        tell(&Row { scenario: public.name, order: name, runs, rarest_first, bound_s });
    }
}

/// What each seed gave, and the capacity bound of the last one in seconds.
pub(crate) fn measure_all(
    public: Public,
    scale: Scale,
    seeds: u64,
    order: Order,
) -> (Vec<Measures>, f64) {
    let mut bound_s = 0.0;
    let mut runs = Vec::new();
    for seed in 1..=seeds {
        let report = public.scenario(scale, seed, order).run();
        bound_s = report.bound_s;
        runs.push(measure(public, scale, &report));
    }
    (runs, bound_s)
}

/// Those who came after the swarm was in its stride, and early enough to finish.
fn is_tested(public: Public, scale: Scale, member: &Member) -> bool {
    if public.is_crowd() {
        return true;
    }
    let film = Public::film_s(scale);
    let joined = member.joined.as_secs_f64();
    joined >= film && joined < public.lasts_s(scale) - 1.5 * film
}

fn measure(public: Public, scale: Scale, report: &Report) -> Measures {
    let tested = || report.members.iter().filter(|member| is_tested(public, scale, member));
    let watching = || tested().filter(|member| member.seen.is_some());
    let seen = || watching().filter_map(|member| Some((member, member.seen.as_ref()?)));
    let starts = sorted(seen().map(|(member, seen)| seconds(seen.start, member)).collect());
    let started = || seen().map(|(_, seen)| seen).filter(|seen| seen.start.is_some());
    let fetched = |watch: bool| {
        let those = tested().filter(move |member| member.seen.is_some() == watch);
        mean(those.map(|member| seconds(member.fetched, member)).collect())
    };
    let smooth = started().filter(|seen| seen.stalls == 0).count();
    let rates: Vec<f64> = watching().map(|member| 1.0 / seconds(member.fetched, member)).collect();
    Measures {
        start_p50: at_share(&starts, 0.5),
        start_p95: at_share(&starts, 0.95),
        never_stalled: smooth as f64 / started().count().max(1) as f64,
        rebuffer: rebuffer(watching().filter_map(|member| member.seen.as_ref())),
        unavoidable: rebuffer(watching().filter_map(|member| member.in_order.as_ref())),
        fetched: fetched(true),
        bystanders: fetched(false),
        upload_use: report.useful_use,
        wasted: report.waste(),
        fairness: jain(&rates),
        seed_copies: report.seed_copies,
    }
}

/// The part of their time that those who began to watch stood still.
fn rebuffer<'a>(seen: impl Iterator<Item = &'a Seen>) -> f64 {
    let started = seen.filter(|seen| seen.start.is_some());
    let (stalled, played) = started.fold((0.0, 0.0), |(stalled, played), seen| {
        (stalled + seen.stalled.as_secs_f64(), played + seen.played.as_secs_f64())
    });
    stalled / (stalled + played).max(1.0)
}

/// How long something took; who never got there has waited as long as they were there.
fn seconds(took: Option<Duration>, member: &Member) -> f64 {
    took.unwrap_or(member.stayed).as_secs_f64()
}

fn sorted(mut all: Vec<f64>) -> Vec<f64> {
    all.sort_by(f64::total_cmp);
    all
}

fn at_share(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

pub(crate) fn mean(all: Vec<f64>) -> f64 {
    let count = all.len() as f64;
    if all.is_empty() { f64::NAN } else { all.into_iter().sum::<f64>() / count }
}

/// Jain's index: 1 where all are served alike.
fn jain(rates: &[f64]) -> f64 {
    let sum: f64 = rates.iter().sum();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    if squares > 0.0 { sum * sum / (rates.len() as f64 * squares) } else { f64::NAN }
}

impl Row {
    /// The head of the table.
    pub const TABLE_HEAD: &'static str = "| scenario | order | start p50 s | start p95 s | never stalled | rebuffer % | of it unavoidable | completion s | × rarest first | bystanders × | upload use | wasted % | Jain | copies from the seed |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// The fluid bound on the mean completion, in seconds: bytes wanted by the bytes all lines carry.
    #[must_use]
    pub fn bound_s(&self) -> f64 {
        self.bound_s
    }

    /// The mean time until a viewer has everything, in seconds.
    #[must_use]
    pub fn completion_s(&self) -> f64 {
        mean(self.runs.iter().map(|run| run.fetched).collect())
    }

    fn cell(&self, decimals: usize, of: impl Fn(&Measures) -> f64) -> String {
        spread(&self.runs.iter().map(of).collect::<Vec<_>>(), decimals)
    }

    fn against(&self, of: impl Fn(&Measures) -> f64) -> String {
        let pairs = self.runs.iter().zip(&self.rarest_first);
        spread(&pairs.map(|(run, other)| of(run) / of(other)).collect::<Vec<_>>(), 2)
    }
}

/// The mean, and how far 95 % of means would lie from it (Student's t).
fn spread(values: &[f64], decimals: usize) -> String {
    /// For two to twenty values.
    const STUDENT: [f64; 19] = [
        12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13,
        2.12, 2.11, 2.10, 2.09,
    ];
    let count = values.len();
    let middle = mean(values.to_vec());
    if middle.is_nan() {
        return "–".to_owned();
    }
    let Some(factor) = count.checked_sub(2).map(|at| STUDENT.get(at).copied().unwrap_or(2.09))
    else {
        return format!("{middle:.decimals$}");
    };
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    let error = factor * (squares / (count as f64 - 1.0) / count as f64).sqrt();
    format!("{middle:.decimals$} ± {error:.decimals$}")
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.scenario,
            self.order,
            self.cell(1, |run| run.start_p50),
            self.cell(1, |run| run.start_p95),
            self.cell(2, |run| run.never_stalled),
            self.cell(2, |run| 100.0 * run.rebuffer),
            self.cell(2, |run| 100.0 * run.unavoidable),
            self.cell(0, |run| run.fetched),
            self.against(|run| run.fetched),
            self.against(|run| run.bystanders),
            self.cell(2, |run| run.upload_use),
            self.cell(2, |run| 100.0 * run.wasted),
            self.cell(2, |run| run.fairness),
            self.cell(2, |run| run.seed_copies),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PUBLIC;

    #[test]
    fn nobody_would_have_waited_longer_had_the_same_bytes_come_in_order() {
        let scale = Scale { swarm: 20.0, film: 64.0, rate: 8.0 };
        let report = PUBLIC[2].scenario(scale, 1, Order::RarestFirst).run();
        let both = report
            .members
            .iter()
            .filter_map(|one| Some((one.seen.as_ref()?, one.in_order.as_ref()?)));
        let mut sooner = 0;
        for (seen, in_order) in both {
            let (start, bound) =
                (seen.start.unwrap_or(Duration::MAX), in_order.start.unwrap_or(Duration::MAX));
            assert!(bound <= start, "seed 1: {bound:?} in order, {start:?} as it was");
            sooner += u32::from(bound < start);
        }
        assert!(sooner > 0, "rarest first came in order");
    }
}
