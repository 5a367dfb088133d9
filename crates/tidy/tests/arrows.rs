//! The table of crates in docs/architecture.md is the truth about who links whom.

use std::collections::{BTreeMap, BTreeSet};

use tidy::{closure, members, read};

/// A row of the table.
struct Row {
    kind: String,
    question: String,
    may_use: BTreeSet<String>,
}

fn table() -> BTreeMap<String, Row> {
    read("docs/architecture.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [name, kind, question, may_use, ..] = cells[..] else { return None };
            let row = Row {
                kind: kind.to_owned(),
                question: question.to_owned(),
                may_use: may_use
                    .split(", ")
                    .filter(|name| *name != "–")
                    .map(str::to_owned)
                    .collect(),
            };
            Some((name.trim_end_matches('`').to_owned(), row))
        })
        .collect()
}

#[test]
fn every_crate_has_its_row_and_no_row_lacks_its_crate() {
    let written: BTreeSet<String> = table().into_keys().collect();
    let real: BTreeSet<String> = members().into_keys().collect();
    assert_eq!(written, real, "docs/architecture.md and crates/ differ");
}

#[test]
fn every_crate_links_only_what_its_row_allows() {
    let table = table();
    for (name, member) in members() {
        let allowed = table.get(&name).map(|row| row.may_use.clone()).unwrap_or_default();
        let extra: Vec<_> = member.links.difference(&allowed).collect();
        assert!(
            extra.is_empty(),
            "{name} links {extra:?}, which docs/architecture.md does not allow"
        );
    }
}

#[test]
fn a_crate_asks_the_same_question_in_its_manifest_and_in_the_table() {
    for (name, row) in table() {
        assert_eq!(members()[&name].description, row.question, "{name}");
    }
}

#[test]
fn pure_crates_depend_on_exactly_what_is_written() {
    let mut written = BTreeMap::new();
    for line in read("crates/tidy/tests/pure.txt").lines().filter(|line| !line.starts_with('#')) {
        let (name, dependencies) = line.split_once(": ").expect("a line reads `crate: names`");
        written.insert(name.to_owned(), dependencies.split(' ').map(str::to_owned).collect());
    }
    let pure = table().into_iter().filter(|(_, row)| row.kind == "pure").map(|(name, _)| name);
    let real: BTreeMap<String, BTreeSet<String>> =
        pure.map(|name| (name.clone(), closure(&name))).collect();
    let as_written: Vec<String> = real
        .iter()
        .map(|(name, names)| {
            format!("{name}: {}", names.iter().cloned().collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(written, real, "crates/tidy/tests/pure.txt should read:\n{}", as_written.join("\n"));
}

#[test]
fn clocks_threads_and_unordered_maps_are_banned_in_pure_crates() {
    let bans = ["Instant::now", "SystemTime::now", "thread::spawn", "HashMap", "HashSet", "Mutex"];
    for (name, _) in
        table().into_iter().filter(|(_, row)| ["pure", "test"].contains(&row.kind.as_str()))
    {
        if name == "tidy" {
            continue;
        }
        let lints = read(&format!("crates/{name}/clippy.toml"));
        for ban in bans {
            assert!(lints.contains(ban), "crates/{name}/clippy.toml does not ban {ban}");
        }
    }
}
