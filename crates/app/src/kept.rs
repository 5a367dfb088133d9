//! A small value that this household keeps in a file of its own: in memory, and on disk before a change is answered.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Serialize, de::DeserializeOwned};

/// Longer files are not ours, bytes.
const LEN_MAX: u64 = 16 << 20;

/// A value on disk, as JSON, and in memory; clones are cheap and are the same value.
#[derive(Debug, Clone)]
pub(crate) struct Kept<T> {
    path: PathBuf,
    value: Arc<Mutex<T>>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Kept<T> {
    /// Reads it; without a file it is the default.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged: what was kept must not be lost unnoticed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let value = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
            Err(error) => return Err(error),
            Ok(found) if found.len() > LEN_MAX => return Err(io::Error::other("it is too long")),
            Ok(_) => serde_json::from_slice(&fs::read(path)?)?,
        };
        Ok(Self { path: path.to_owned(), value: Arc::new(Mutex::new(value)) })
    }

    /// The value as it is.
    pub(crate) fn get(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it; on disk when this returns.
    ///
    /// # Errors
    /// The disk refuses, or the change itself does; then nothing changed.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T) -> io::Result<()>) -> io::Result<()> {
        let mut value = self.get();
        let mut next = value.clone();
        change(&mut next)?;
        self.write(&next)?;
        *value = next;
        Ok(())
    }

    fn write(&self, value: &T) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, &serde_json::to_vec_pretty(value)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}
