//! Versions that somebody reads: their files stay until they are let go, although a newer version is the current one.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How often each folder of a version is held.
type Counts = BTreeMap<PathBuf, usize>;

/// All versions that somebody reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readers(Arc<Mutex<Counts>>);

impl Readers {
    /// Holds a version, which is named while nothing is removed.
    pub(crate) fn hold(&self, choose: impl FnOnce() -> Option<PathBuf>) -> Option<Reader> {
        let mut counts = self.counts();
        let folder = choose()?;
        *counts.entry(folder.clone()).or_default() += 1;
        Some(Reader { all: self.clone(), folder })
    }

    /// Removes versions, while none is begun to be held.
    pub(crate) fn removing<T>(&self, remove: impl FnOnce(&dyn Fn(&Path) -> bool) -> T) -> T {
        let counts = self.counts();
        remove(&|folder| counts.contains_key(folder))
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The files of a version stay as long as this or a copy of it is there.
pub(crate) struct Reader {
    all: Readers,
    folder: PathBuf,
}

impl Clone for Reader {
    fn clone(&self) -> Self {
        *self.all.counts().entry(self.folder.clone()).or_default() += 1;
        Self { all: self.all.clone(), folder: self.folder.clone() }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        let Some(count) = counts.get_mut(&self.folder) else { return };
        *count -= 1;
        if *count == 0 {
            counts.remove(&self.folder);
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(&self.folder).finish()
    }
}

impl PartialEq for Reader {
    fn eq(&self, other: &Self) -> bool {
        self.folder == other.folder
    }
}

impl Eq for Reader {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_held_until_its_last_reader_lets_it_go() {
        let (held, folder) = (Readers::default(), PathBuf::from("a"));
        let is_held = || held.removing(|is_held| is_held(&folder));
        assert!(held.hold(|| None).is_none());
        let first = held.hold(|| Some(folder.clone())).unwrap();
        let (second, third) = (first.clone(), held.hold(|| Some(folder.clone())).unwrap());
        assert_eq!(first, third);
        drop(first);
        drop(second);
        assert!(is_held());
        drop(third);
        assert!(!is_held());
    }
}
