//! Runs all evenings and prints them as a Markdown table: `cargo run -p sim --release`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", sim::Report::TABLE_HEAD)?;
    let only: Vec<String> = std::env::args().skip(1).collect();
    for scenario in sim::evenings() {
        if only.is_empty() || only.iter().any(|word| scenario.name.contains(word.as_str())) {
            writeln!(out, "{}", scenario.run())?;
        }
    }
    Ok(())
}
