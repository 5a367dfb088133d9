//! Runs evenings and public scenarios and prints them as Markdown tables: `cargo run -p sim --release`.
//!
//! Words choose what is run by name, `calibration` the published results; `seeds=20` says how many seeds the public scenarios take, `orders=2` that only
//! the first two orders are compared, `full` that they are simulated at their full size, `figures` that what is
//! claimed of them is printed, a line of JSON each, `swarms=10000` that so many random swarms with three hostile
//! peers of ten pass instead, each made of its number; `from=7639` that they begin with that one; `starts` that the
//! first 256 KiB (`head=2560`: so many KiB) are waited for in the lab's uneven swarms, with other lines for each of the seeds.

use std::io::Write;

use torrent::create::Version;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.parse().ok());
    if let Some(swarms) = number("swarms=") {
        let first = number("from=").unwrap_or(0);
        return writeln!(out, "{}", sim::Swarms::run(first..first + swarms));
    }
    let seeds = number("seeds=").unwrap_or(2);
    if words.iter().any(|word| word == "starts") {
        return starts(&mut out, seeds, number("head=").unwrap_or(256) << 10, &words);
    }
    let orders = number("orders=").map_or(sim::ORDERS.len(), |orders: u64| orders as usize);
    let full = words.iter().any(|word| word == "full");
    let only_figures = words.iter().any(|word| word == "figures");
    let is_name =
        |word: &&String| !word.contains('=') && !matches!(word.as_str(), "full" | "figures");
    let names: Vec<&String> = words.iter().filter(is_name).collect();
    let chosen =
        |name: &str| names.is_empty() || names.iter().any(|word| name.contains(word.as_str()));
    let scale = if full { sim::Scale::FULL } else { sim::Scale::SMALL };
    if only_figures {
        for public in sim::PUBLIC.into_iter().filter(|one| chosen(one.name)) {
            for figure in sim::figures(public, scale, seeds) {
                writeln!(out, "{figure}").and_then(|()| out.flush())?;
            }
        }
        return Ok(());
    }
    if chosen("calibration") {
        writeln!(out, "{}", sim::Calibration::TABLE_HEAD)?;
        let mut last = Ok(());
        sim::calibrate(full || names.is_empty(), |one| {
            last = writeln!(out, "{one}").and_then(|()| out.flush());
        });
        last?;
    }
    let evenings: Vec<_> = sim::evenings().into_iter().filter(|one| chosen(one.name)).collect();
    if !evenings.is_empty() {
        writeln!(out, "{}", sim::Report::TABLE_HEAD)?;
    }
    for scenario in evenings {
        writeln!(out, "{}", scenario.run())?;
    }
    for public in sim::PUBLIC.into_iter().filter(|one| chosen(one.name)) {
        writeln!(out, "\n{}", sim::Row::TABLE_HEAD)?;
        let mut last = Ok(());
        let mut bound = 0.0;
        sim::compare(public, scale, seeds, orders, |row| {
            bound = row.bound_s();
            last = writeln!(out, "{row}").and_then(|()| out.flush());
        });
        last?;
        if public.is_crowd() {
            writeln!(out, "\ncapacity bound: {bound:.0} s")?;
        }
    }
    Ok(())
}

/// Of all versions, or of those that are among the words.
fn starts(out: &mut impl Write, seeds: u64, head: u64, words: &[String]) -> std::io::Result<()> {
    writeln!(out, "{}", sim::Starts::TABLE_HEAD)?;
    let versions = [("v1", Version::V1), ("v2", Version::V2), ("hybrid", Version::Hybrid)];
    let named = |(name, _): &(&str, Version)| words.iter().any(|word| word == name);
    let any = versions.iter().any(named);
    for (_, version) in versions.into_iter().filter(|one| !any || named(one)) {
        for swarm in sim::UNEVEN {
            let line = sim::Starts::run(swarm, version, 0..seeds, head);
            writeln!(out, "{line}").and_then(|()| out.flush())?;
        }
    }
    Ok(())
}
