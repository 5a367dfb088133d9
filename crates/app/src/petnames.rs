//! What this household calls channels: names of its own, which no publisher can take. They stay on this machine.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catalogue::{Text, channel::Key};

/// Longer files are not ours, bytes.
const LEN_MAX: u64 = 16 << 20;

/// A name that a household gives: one line, at most 100 characters.
pub type Petname = Text<100>;

/// The names, on disk and in memory; clones are cheap.
#[derive(Debug, Clone)]
pub struct Petnames {
    path: PathBuf,
    names: Arc<Mutex<BTreeMap<String, Petname>>>,
}

impl Petnames {
    /// Reads the names; a missing file has none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => b"{}".to_vec(),
            Err(error) => return Err(error),
            Ok(found) if found.len() > LEN_MAX => return Err(io::Error::other("it is too long")),
            Ok(_) => fs::read(path)?,
        };
        let names = serde_json::from_slice(&bytes)?;
        Ok(Self { path: path.to_owned(), names: Arc::new(Mutex::new(names)) })
    }

    /// What a channel is called here, if it has a name of ours.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<String> {
        self.names().get(&key.to_string()).map(ToString::to_string)
    }

    /// Calls a channel something, or what its publisher calls it again; on disk when this returns.
    ///
    /// # Errors
    /// The disk refuses; then nothing changed. [`io::ErrorKind::AlreadyExists`] if another channel is called that: a
    /// name of ours means one channel.
    pub fn set(&self, key: &Key, name: Option<Petname>) -> io::Result<()> {
        let mut names = self.names();
        let mut next = names.clone();
        let id = key.to_string();
        match name {
            Some(name) => {
                let same = |other: &Petname| other.to_lowercase() == name.to_lowercase();
                if next.iter().any(|(other, called)| *other != id && same(called)) {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                next.insert(id, name);
            }
            None => drop(next.remove(&id)),
        }
        write(&self.path, &next)?;
        *names = next;
        Ok(())
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, Petname>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(path: &Path, names: &BTreeMap<String, Petname>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, names)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
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
        again.set(&one, None).unwrap();
        again.set(&other, name("Aunt's films")).unwrap();
        assert_eq!(Petnames::open(&path).unwrap().get(&one), None);
        fs::write(&path, "torn").unwrap();
        assert!(Petnames::open(&path).is_err());
    }
}
