//! Every file says what it is, has a good name and a bearable length.

use tidy::{files, read};

/// Longer than this, a file has two subjects.
const MAX_LINES: usize = 800;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "common", "helpers", "manager", "core", "types", "misc"];

fn sources() -> impl Iterator<Item = String> {
    let folders = ["crates/", "web/src/", "web/tests/", "fuzz/"];
    files().into_iter().filter(move |file| folders.iter().any(|folder| file.starts_with(folder)))
}

#[test]
fn the_first_line_of_each_file_says_what_it_is() {
    let openings =
        [(".rs", "//! "), (".ts", "/"), (".svelte", "<!--"), (".css", "/*"), (".ftl", "#")];
    let silent: Vec<String> = sources()
        .filter(|file| !file.contains("/generated/") && !file.ends_with(".d.ts"))
        .filter(|file| {
            let opening = openings.iter().find(|(ending, _)| file.ends_with(ending));
            opening.is_some_and(|(_, opening)| !read(file).starts_with(opening))
        })
        .collect();
    assert!(silent.is_empty(), "these files do not say what they are: {silent:#?}");
}

#[test]
fn scripts_say_what_they_are_below_the_shebang() {
    for file in
        files().into_iter().filter(|file| file.starts_with("scripts/") || file.starts_with(".ci/"))
    {
        let script = read(&file);
        let line = script.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
        let openings = ["# ", "// ", "\"\"\""];
        let says = openings.iter().any(|opening| line.starts_with(opening));
        assert!(says, "{file} does not say what it is");
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for file in sources() {
        let parts = file.split('/').map(|part| part.split('.').next().unwrap_or_default());
        for part in parts {
            assert!(!EMPTY_NAMES.contains(&part), "{file}: say what is in it");
        }
    }
}

#[test]
fn no_file_is_longer_than_one_subject() {
    let generated = |file: &str| file.contains("/generated/") || file.ends_with(".d.ts");
    for file in sources().filter(|file| !generated(file)) {
        if [".rs", ".ts", ".svelte", ".css"].iter().any(|ending| file.ends_with(ending)) {
            let lines = read(&file).lines().count();
            assert!(lines <= MAX_LINES, "{file} has {lines} lines: two subjects?");
        }
    }
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // Written in two parts so that this file is not found itself.
    let places =
        [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Us", "ers/"]].map(|p| p.concat());
    for file in files().into_iter().filter(|file| !file.ends_with("package-lock.json")) {
        let text = read(&file);
        for place in &places {
            // `viewer` is nobody: the folder of an example.
            let real =
                |line: &&str| line.split(place).skip(1).any(|rest| !rest.starts_with("viewer"));
            let found = text.lines().find(real);
            assert!(found.is_none(), "{file} names {place}: {found:?}");
        }
    }
}

#[test]
fn nothing_unfinished_is_left_behind() {
    let marks =
        [["FIX", "ME"], ["XX", "X:"], ["HA", "CK:"], ["unimple", "mented!("]].map(|m| m.concat());
    for file in sources().filter(|file| !file.ends_with(".txt")) {
        let text = read(&file);
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{file} says {mark}");
        }
    }
}
