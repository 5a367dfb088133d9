//! Runs evenings and public scenarios and prints them as Markdown tables: `cargo run -p sim --release`.
//!
//! Words choose what is run by name; `seeds=20` says how many seeds the public scenarios take, `full` that they
//! are simulated at their full size, `figures` that what is claimed of them is printed, a line of JSON each.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seeds =
        words.iter().find_map(|word| word.strip_prefix("seeds=")?.parse().ok()).unwrap_or(2);
    let full = words.iter().any(|word| word == "full");
    let only_figures = words.iter().any(|word| word == "figures");
    let is_name = |word: &&String| {
        !word.starts_with("seeds=") && !matches!(word.as_str(), "full" | "figures")
    };
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
        sim::compare(public, scale, seeds, |row| {
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
