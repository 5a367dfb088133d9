//! What this household calls channels: names of its own, which no publisher can take. They stay on this machine.

use std::{collections::BTreeMap, io, path::Path};

use catalogue::{Text, channel::Key};

use crate::kept::Kept;

/// A name that a household gives: one line, at most 100 characters.
pub type Petname = Text<100>;

/// The names, by the 52 letters of the key; clones are cheap.
#[derive(Debug, Clone)]
pub struct Petnames(Kept<BTreeMap<String, Petname>>);

impl Petnames {
    /// Reads the names; a missing file has none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn open(path: &Path) -> io::Result<Self> {
        Kept::open(path).map(Self)
    }

    /// What a channel is called here, if it has a name of ours.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<String> {
        self.0.get().get(&key.to_string()).map(ToString::to_string)
    }

    /// Calls a channel something, or what its publisher calls it again; on disk when this returns.
    ///
    /// # Errors
    /// The disk refuses; then nothing changed. [`io::ErrorKind::AlreadyExists`] if another channel is called that: a
    /// name of ours means one channel.
    pub fn set(&self, key: &Key, name: Option<Petname>) -> io::Result<()> {
        let id = key.to_string();
        self.0.change(|names| {
            let Some(name) = name else {
                names.remove(&id);
                return Ok(());
            };
            let same = |other: &Petname| other.to_lowercase() == name.to_lowercase();
            if names.iter().any(|(other, called)| *other != id && same(called)) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            names.insert(id, name);
            Ok(())
        })
    }

    /// A name of ours goes with a channel that has another key now, unless that one has a name already.
    ///
    /// # Errors
    /// The disk refuses; then nothing changed.
    pub fn inherit(&self, from: &Key, to: &Key) -> io::Result<()> {
        if self.get(from).is_none() {
            return Ok(());
        }
        self.0.change(|names| {
            if let Some(name) = names.remove(&from.to_string()) {
                names.entry(to.to_string()).or_insert(name);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<Petname> {
        text.to_owned().try_into().ok()
    }

    #[test]
    fn a_name_stays_means_one_channel_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("petnames.json");
        let (one, other) = (Key([1; 32]), Key([2; 32]));
        let names = Petnames::open(&path).unwrap();
        names.set(&one, name("Aunt's films")).unwrap();
        let refused = names.set(&other, name("AUNT'S FILMS")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        let again = Petnames::open(&path).unwrap();
        assert_eq!(again.get(&one).as_deref(), Some("Aunt's films"));
        again.inherit(&one, &Key([3; 32])).unwrap();
        assert_eq!(
            (again.get(&one), again.get(&Key([3; 32])).as_deref()),
            (None, Some("Aunt's films"))
        );
        again.set(&Key([3; 32]), None).unwrap();
        again.set(&other, name("Aunt's films")).unwrap();
        assert_eq!(Petnames::open(&path).unwrap().get(&one), None);
        std::fs::write(&path, "torn").unwrap();
        assert!(Petnames::open(&path).is_err());
    }
}
