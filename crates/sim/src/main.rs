//! Runs evenings and public scenarios and prints them as Markdown tables: `cargo run -p sim --release`.
//!
//! Words choose what is run by name; `seeds=20` says how many seeds the public scenarios take, `full` that they
//! are simulated at their full size.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seeds =
        words.iter().find_map(|word| word.strip_prefix("seeds=")?.parse().ok()).unwrap_or(2);
    let full = words.iter().any(|word| word == "full");
    let names: Vec<&String> =
        words.iter().filter(|word| !word.starts_with("seeds=") && *word != "full").collect();
    let chosen =
        |name: &str| names.is_empty() || names.iter().any(|word| name.contains(word.as_str()));
    let evenings: Vec<_> = sim::evenings().into_iter().filter(|one| chosen(one.name)).collect();
    if !evenings.is_empty() {
        writeln!(out, "{}", sim::Report::TABLE_HEAD)?;
    }
    for scenario in evenings {
        writeln!(out, "{}", scenario.run())?;
    }
    let scale = if full { sim::Scale::FULL } else { sim::Scale::SMALL };
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
