//! Are the rules of the workspace kept? Reads the repository as its tests need it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A crate of ours, as its manifest describes it.
#[derive(Debug)]
pub struct Member {
    /// The question it answers.
    pub description: String,
    /// Our crates that it may link, from its manifest.
    pub links: BTreeSet<String>,
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// A file of the repository as text; empty if it is not text.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Every file that git tracks or would track, relative to the root.
///
/// # Panics
///
/// If git cannot be run here.
#[must_use]
pub fn files() -> Vec<String> {
    let words = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = output("git", &words);
    let there = |path: &&str| root().join(path).is_file();
    listed.lines().filter(there).map(str::to_owned).collect()
}

/// Our crates by name.
///
/// # Panics
///
/// If cargo cannot describe the workspace.
#[must_use]
pub fn members() -> BTreeMap<String, Member> {
    let words = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let said = output(env!("CARGO"), &words);
    let metadata: Value = serde_json::from_str(&said).expect("cargo writes JSON");
    let packages = list(&metadata["packages"]);
    let names: BTreeSet<String> = packages.iter().map(|package| text(&package["name"])).collect();
    packages.iter().map(|package| (text(&package["name"]), member(package, &names))).collect()
}

/// The names of every crate that goes into one of ours, by `cargo tree`.
///
/// # Panics
///
/// If cargo cannot resolve it.
#[must_use]
pub fn closure(of: &str) -> BTreeSet<String> {
    let words = ["tree", "-p", of, "-e", "normal", "--prefix", "none", "--offline"];
    let tree = output(env!("CARGO"), &words);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != of).map(str::to_owned).collect()
}

fn member(package: &Value, ours: &BTreeSet<String>) -> Member {
    let linked = list(&package["dependencies"])
        .iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]));
    Member {
        description: text(&package["description"]),
        links: linked.filter(|name| ours.contains(name)).collect(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn output(program: &str, words: &[&str]) -> String {
    let said = Command::new(program).args(words).current_dir(root()).output();
    let said = said.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
    assert!(said.status.success(), "{program}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).into_owned()
}
